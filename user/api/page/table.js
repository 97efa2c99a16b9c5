// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Tables. A column is {title, kind: class of its cells, key: sort key, make: content of a new cell, fill:
// shows a record in a cell}; key, kind and make may be left out.

import { make, setRows } from "./element.js";

/** Fills the row HEADS; a column with a sort key gets a button that calls SORT with it. */
export function makeHeads(heads, columns, sort) {
    for (const { title, kind, key } of columns) {
        const cell = make("th", { role: "columnheader", scope: "col", className: kind ?? "" });
        if (key) {
            const button = make("button", { type: "button", data: { key } }, title);
            button.addEventListener("click", () => sort(key));
            cell.append(button);
        } else {
            cell.append(title);
            cell.classList.add("unsorted");
        }
        heads.append(cell);
    }
}

/** Marks in HEADS by which column the rows are sorted. */
export function showSort(heads, key, order) {
    for (const cell of heads.cells) {
        const sorted = key && cell.querySelector("button")?.dataset.key === key;
        if (sorted) cell.setAttribute("aria-sort", order === "asc" ? "ascending" : "descending");
        else cell.removeAttribute("aria-sort");
    }
}

/** Shows RECORDS as the rows of BODY. */
export function showRows(body, columns, records) {
    const makeRow = () =>
        make(
            "tr",
            { role: "row" },
            ...columns.map(({ title, kind, make: content }) =>
                make("td", { role: "cell", className: kind ?? "", data: { title } }, ...(content?.() ?? [])),
            ),
        );
    setRows(body, records, makeRow, (row, record) =>
        columns.forEach((column, i) => column.fill(row.cells[i], record)),
    );
}
