// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Pairs of peers: at a hub, they tell which site loses.

import { changedAddress, scopeOf } from "./address.js";
import { byId, make, setText } from "./element.js";
import { count, many, percent, time } from "./format.js";
import { Refused, get } from "./server.js";
import { severity } from "./severity.js";
import { makeHeads, showRows } from "./table.js";

const SHOWN = 12;
const LATELY = "-5m";

const figure = (title, write) => ({
    title,
    kind: "figure",
    fill: (cell, pair) => setText(cell, write(pair)),
});

/** A peer, as a link to its flows. */
const peer = (title, field) => ({
    title,
    make: () => [make("a")],
    fill: (cell, pair) => {
        const link = cell.firstChild;
        setText(link, pair[field] ?? "not known");
        if (pair[field]) link.href = changedAddress({ q: pair[field], offset: "", after: "" });
        else link.removeAttribute("href");
    },
});

const COLUMNS = [
    peer("From", "source"),
    peer("To", "destination"),
    {
        ...figure("Lost", (pair) => count(pair.lost_network)),
        fill: (cell, pair) => {
            setText(cell, count(pair.lost_network));
            cell.dataset.severity = severity(pair.loss_ratio);
        },
    },
    figure("Undet.", (pair) => count(pair.lost_undetermined)),
    figure("Loss %", (pair) => percent(pair.loss_ratio)),
    figure("Packets", (pair) => count(pair.packets_received)),
    figure("Flows", (pair) => count(pair.flows)),
    figure("Last seen", (pair) => time(pair.last_timestamp)),
];

/** The answer of the API, or null where it would take too long. */
async function ask(parameters) {
    try {
        return await get("/api/v1/peers", parameters);
    } catch (error) {
        if (error instanceof Refused && error.status === 503) return null;
        throw error;
    }
}

export class Peers {
    constructor() {
        makeHeads(byId("peers-heads"), COLUMNS);
    }

    /** Requests the pairs of the view ASKED, of the last minutes if IS_LATELY. Returns a function that shows them. */
    async load(asked, isLately) {
        const answer = await ask({ ...scopeOf(asked), since: isLately ? LATELY : "", limit: SHOWN });
        return () => {
            byId("peers").hidden = answer === null || answer.total < 2;
            if (answer === null) return;
            showRows(byId("peers-rows"), COLUMNS, answer.peers);
            const others = answer.total - answer.count;
            const more = others > 0 ? `; ${many(others, "pair")} with less loss` : "";
            setText(byId("peers-note"), `${isLately ? "Last 5 minutes" : "Whole capture"}${more}`);
        };
    }
}
