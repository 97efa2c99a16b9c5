// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The tracked protocols, from the server's table.

import { get } from "./server.js";

let protocols = []; // in the order of the table

/** Requests the table, once. */
export async function loadProtocols() {
    if (!protocols.length) ({ protocols } = await get("/api/v1/protocols"));
}

/** A protocol's name for people. */
export function protocolLabel(name) {
    return protocols.find((protocol) => protocol.name === name)?.label ?? name;
}

/** The association of an SA of the flow with ID, by the protocol's own word; "": it has none. */
export function associationWords(id, association) {
    const word = protocols.find((protocol) => id.startsWith(`${protocol.label} {`))?.association;
    return word ? `${word} ${association}` : "";
}

/** The data attributes of an element that stands for a protocol: each protocol has a colour. */
export function protocolData(name) {
    const place = protocols.findIndex((protocol) => protocol.name === name);
    return { protocol: name, series: String(place + 1) };
}
