// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The interfaces that are captured now, as links: all together, or one of them.

import { FIRST_FLOWS, FIRST_GAPS, changedAddress } from "./address.js";
import { running } from "./captures.js";
import { byId, make, setText } from "./element.js";

/** Shows a link for each interface of CAPTURES that runs, when there are several. */
export function showTabs(captures, asked) {
    const names = [...new Set(running(captures).map(({ source }) => source))].sort();
    if (asked.interface && !names.includes(asked.interface)) names.push(asked.interface);
    const list = byId("interfaces");
    const choices = names.length > 1 || asked.interface ? ["", ...names] : [];
    list.hidden = choices.length === 0;
    while (list.children.length > choices.length) list.lastElementChild.remove();
    choices.forEach((name, i) => {
        const link = list.children[i] ?? list.appendChild(make("a"));
        link.href = changedAddress({ interface: name, capture: "", flow: "", of: "", ...FIRST_FLOWS, ...FIRST_GAPS });
        setText(link, name || "All interfaces");
        if (name === asked.interface && !asked.capture) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    });
}
