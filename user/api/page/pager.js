// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// First, previous, next and last page of a list.

import { make, setText } from "./element.js";
import { count } from "./format.js";

/** A pager in NAV for pages of SIZE rows. GO is called with the offset of the chosen page and with the
 * cursor at which it begins, so that it does not shift while the sensor writes. GO gets ""
 * for a page whose cursor is not known; it begins at the offset. */
export class Pager {
    constructor(nav, size, go) {
        const button = (text, label, target) => {
            const made = make("button", { type: "button", ariaLabel: label }, text);
            // An unusable button is not disabled, because it would lose the focus.
            made.addEventListener("click", () => {
                if (made.ariaDisabled === "true") return;
                const offset = target();
                go(offset, this.cursors.get(offset) ?? "");
            });
            return made;
        };
        const lastOffset = () => Math.max(0, Math.ceil(this.total / size) - 1) * size;
        this.size = size;
        this.cursors = new Map(); // by offset
        this.nav = nav;
        this.where = make("span");
        this.back = [
            button("« First", "First page", () => 0),
            button("‹ Previous", "Previous page", () => Math.max(0, this.offset - size)),
        ];
        this.forth = [
            button("Next ›", "Next page", () => this.offset + size),
            button("Last »", "Last page", lastOffset),
        ];
        nav.append(...this.back, this.where, ...this.forth);
    }

    /** Shows that SHOWN rows from OFFSET on are displayed. LIST is the address of the list, ANSWERED the
     * answer of the server. */
    show(list, offset, shown, { total, total_is_exact: isExact, next: cursor }) {
        if (list !== this.list || offset === 0) this.cursors.clear();
        if (cursor) this.cursors.set(offset + shown, cursor);
        this.list = list;
        this.offset = offset;
        this.total = total;
        this.nav.hidden = total <= this.size && offset === 0;
        const range = shown ? `${count(offset + 1)}–${count(offset + shown)}` : "none";
        setText(this.where, `${range} of ${count(total)}${isExact ? "" : " and more"}`);
        for (const button of this.back) button.ariaDisabled = String(offset === 0);
        const [next, last] = this.forth;
        next.ariaDisabled = String(isExact ? offset + shown >= total : shown < this.size);
        last.ariaDisabled = String(!isExact || offset + shown >= total);
    }
}
