// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Elements of the page. Data becomes text or an attribute, never markup.

export const byId = (id) => document.getElementById(id);

/** Sets the text of ELEMENT if it differs from TEXT, so that selections and focus stay. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Makes a TAG with PROPERTIES and with elements or texts as children. */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    const { role, data, ...others } = properties;
    if (role) element.setAttribute("role", role);
    Object.assign(element.dataset, data);
    Object.assign(element, others);
    element.append(...children);
    return element;
}

/** Sets the options of SELECT, each [value, text], and chooses the one with VALUE. */
export function setOptions(select, options, value) {
    while (select.options.length > options.length) select.remove(select.options.length - 1);
    options.forEach(([each, text], i) => {
        const option = select.options[i] ?? select.appendChild(make("option"));
        option.value = each;
        setText(option, text);
    });
    if (select.value !== value) select.value = value;
}

/** Makes one row in BODY for each of RECORDS: MAKE makes a new row, FILL fills it. */
export function setRows(body, records, makeRow, fillRow) {
    while (body.rows.length > records.length) body.lastElementChild.remove();
    records.forEach((record, i) => {
        const row = body.rows[i] ?? body.appendChild(makeRow());
        fillRow(row, record);
    });
}
