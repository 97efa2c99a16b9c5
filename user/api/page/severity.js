// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// How bad a share of lost packets is. Colours follow it: see data-severity in the style sheets.

/** "none", "slight", "bad" or "severe". The limits are those of the alerts. */
export function severity(ratio) {
    if (!ratio) return "none";
    if (ratio <= 0.001) return "slight";
    return ratio <= 0.01 ? "bad" : "severe";
}
