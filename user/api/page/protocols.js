// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The protocols that are tracked, by name: the server has the table of them.

import { get } from "./server.js";

let protocols = []; // in the order of the table

/** Asks the server, once. */
export async function loadProtocols() {
    if (!protocols.length) ({ protocols } = await get("/api/v1/protocols"));
}

/** A protocol's name for people. */
export function protocolLabel(name) {
    return protocols.find((protocol) => protocol.name === name)?.label ?? name;
}

/** What an element that stands for a protocol is marked with: each protocol has a colour. */
export function protocolData(name) {
    const place = protocols.findIndex((protocol) => protocol.name === name);
    return { protocol: name, series: String(place + 1) };
}
