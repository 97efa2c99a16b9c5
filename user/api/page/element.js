// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Elements of the page. Data only ever becomes text or an attribute of it, never markup.

export const byId = (id) => document.getElementById(id);

/** Writes TEXT into ELEMENT when it says something else: selections and focus stay. */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

/** Makes a TAG with PROPERTIES and, as its children, elements or texts. */
export function make(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    const { role, data, ...others } = properties;
    if (role) element.setAttribute("role", role);
    Object.assign(element.dataset, data);
    Object.assign(element, others);
    element.append(...children);
    return element;
}

/** Makes the options of SELECT these [value, text]; the one with VALUE is chosen. */
export function setOptions(select, options, value) {
    while (select.options.length > options.length) select.remove(select.options.length - 1);
    options.forEach(([each, text], i) => {
        const option = select.options[i] ?? select.appendChild(make("option"));
        option.value = each;
        setText(option, text);
    });
    if (select.value !== value) select.value = value;
}

/** As many rows in BODY as RECORDS; each is made by MAKE when it is new and filled by FILL. */
export function setRows(body, records, makeRow, fillRow) {
    while (body.rows.length > records.length) body.lastElementChild.remove();
    records.forEach((record, i) => {
        const row = body.rows[i] ?? body.appendChild(makeRow());
        fillRow(row, record);
    });
}
