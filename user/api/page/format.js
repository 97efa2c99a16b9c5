// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Figures as text. Null and values that are no numbers become a dash.

export const NONE = "–";

const whole = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const significant = new Intl.NumberFormat("en-US", {
    minimumSignificantDigits: 3,
    maximumSignificantDigits: 3,
});
const PREFIXES = ["", "k", "M", "G", "T", "P", "E"];

const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** 1234567 becomes "1,234,567". */
export function count(value) {
    return isNumber(value) ? whole.format(value) : NONE;
}

/** A number that may be too large for JavaScript; it is a string then. */
export function digits(value) {
    return typeof value === "string" ? value.replace(/\B(?=(\d{3})+$)/g, ",") : count(value);
}

/** A number with DIGITS decimals, so that columns align. A small number is not shown as 0. */
export function fixed(value, digits) {
    if (!isNumber(value)) return NONE;
    const least = 10 ** -digits;
    if (value > 0 && value < least / 2) return `<${least.toFixed(digits)}`;
    return value.toLocaleString("en-US", {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    });
}

/** Three digits with a decimal prefix: 1234567 and "B" become "1.23 MB". */
export function scaled(value, unit) {
    if (!isNumber(value)) return NONE;
    let power = 0;
    while (Math.abs(value) >= 999.5 && power < PREFIXES.length - 1) {
        value /= 1000;
        power++;
    }
    const digits = power || value % 1 ? significant.format(value) : whole.format(value);
    return `${digits} ${PREFIXES[power]}${unit}`;
}

export function bandwidth(mbps) {
    return isNumber(mbps) ? scaled(mbps * 1e6, "b/s") : NONE;
}

/** A ratio of 0 to 1 in percent. */
export function percent(ratio) {
    return isNumber(ratio) ? fixed(ratio * 100, 3) : NONE;
}

/** "1 packet", "2,000 packets" */
export function many(value, one, more = `${one}s`) {
    return `${count(value)} ${value === 1 ? one : more}`;
}

/** Seconds since 1970 of an RFC 3339 time in UTC, or NaN. */
export function seconds(timestamp) {
    const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/.exec(timestamp ?? "");
    return parts ? Date.parse(`${parts[1]}Z`) / 1000 + Number(parts[2] ?? 0) : NaN;
}

/** A time with DIGITS decimals of the second; any other text is unchanged. */
export function time(timestamp, digits = 0) {
    if (Number.isNaN(seconds(timestamp))) return String(timestamp ?? NONE);
    const decimals = timestamp.slice(20, -1).padEnd(digits, "0").slice(0, digits);
    return timestamp.slice(0, 19).replace("T", " ") + (digits ? `.${decimals}` : "");
}

/** A time for the API, to the second, from seconds since 1970. */
export function timestamp(value) {
    return new Date(Math.floor(value) * 1000).toISOString().replace(".000", "");
}

const SPANS = [
    [86400, "d"],
    [3600, "h"],
    [60, "min"],
];

/** A duration in its largest unit, rounded down. */
export function span(length) {
    const [size, unit] = SPANS.find(([least]) => length >= least) ?? [1, "s"];
    return `${count(Math.floor(Math.max(0, length) / size))} ${unit}`;
}
