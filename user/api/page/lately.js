// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// What happens now: the share that the network lost, how it changed, and the latest gaps and events.

import { FIRST_GAPS, changedAddress, scopeOf } from "./address.js";
import { setPlaces } from "./captures.js";
import { byId, make, setText } from "./element.js";
import { count, many, percent, span, time, timestamp } from "./format.js";
import { flowPath, get, serverNow } from "./server.js";
import { severity } from "./severity.js";
import { showRows, makeHeads } from "./table.js";

const LATELY = 300; // seconds
const HOUR = 3600;
const STEP = 60; // the loss of the last hour is looked at in minutes first
const SHOWN = 8; // of each list

const link = {
    make: () => [make("a"), make("small")],
    fill: (cell, row) => {
        setText(cell.lastChild, row.place && ` ${row.place}`);
        const address = changedAddress({ flow: row.flow_id ?? "", of: String(row.capture_id), ...FIRST_GAPS });
        cell.firstChild.hidden = !row.flow_id;
        if (cell.firstChild.getAttribute("href") !== address) cell.firstChild.href = address;
        setText(cell.firstChild, row.flow_id ?? "");
    },
};
const text = (write) => ({ fill: (cell, row) => setText(cell, write(row)) });

/** A time of today without its date. */
function short(value) {
    const [date, clock] = time(value).split(" ");
    return date === time(timestamp(serverNow())).split(" ")[0] ? clock : `${date} ${clock}`;
}

const when = { title: "Time", kind: "time", ...text((row) => short(row.timestamp)) };
const flow = { title: "Flow", ...link };
const GAPS = [
    when,
    flow,
    { title: "Lost", kind: "figure", ...text((gap) => count(gap.gap_size)) },
    {
        title: "Cause",
        kind: "cause",
        fill: (cell, gap) => {
            cell.dataset.cause = gap.withdrawn ? "withdrawn" : gap.cause;
            setText(cell, cell.dataset.cause);
        },
    },
];
const EVENTS = [when, flow, { title: "Event", ...text((event) => event.kind.replaceAll("_", " ")) }];

/** "as much as", "more than" or "less than" in the five minutes before. */
function moved(now, before) {
    if (before === null) return "";
    const words = `${percent(before)} % before`;
    if (now > before * 1.1) return `↑ ${words}`;
    if (now < before * 0.9) return `↓ ${words}`;
    return `→ ${words}`;
}

/** The first of INTERVALS, the oldest first, since which more than RATIO was lost: where the sum of the excess is least. */
function firstAbove(ratio, intervals) {
    let [sum, least, first] = [0, 0, intervals[0]];
    for (const interval of intervals) {
        if (sum <= least) [least, first] = [sum, interval];
        sum += interval.lost - ratio * (interval.lost + interval.packets);
    }
    return first;
}

/** Requests the first gap of the loss above RATIO that FLOW began in the minute from START or in the one before it. */
async function firstGap(flow, ratio, start) {
    const minute = Date.parse(start) / 1000;
    const until = timestamp(minute + STEP);
    const scope = { capture: flow.capture_id, until };
    const of = (kind, more) => get(`${flowPath(flow.flow_id)}/${kind}`, { ...scope, ...more });
    const { intervals } = await of("intervals", { since: timestamp(minute - STEP), limit: 2 * STEP });
    const first = firstAbove(ratio, intervals.reverse());
    const { gaps } = first ? await of("gaps", { since: first.timestamp, order: "asc", cause: "network", limit: SHOWN }) : { gaps: [] };
    return gaps.find((gap) => !gap.withdrawn);
}

/** Since when FLOW has lost packets as it does now: the time of the first gap, or about the minute it began in. */
async function lossBegan(flow) {
    const scope = { capture: flow.capture_id, since: timestamp(serverNow() - HOUR), step: STEP, limit: HOUR / STEP };
    const minutes = (await get(`${flowPath(flow.flow_id)}/intervals`, scope)).intervals;
    const little = flow.loss_ratio / 4;
    const before = minutes.findIndex(({ lost, packets }) => lost / (lost + packets || 1) < little);
    if (before === 0 || minutes.length === 0) return "";
    if (before < 0) return `since ${short(minutes.at(-1).timestamp)} or before`;
    const start = minutes[before - 1].timestamp;
    const gap = await firstGap(flow, little, start);
    return gap ? `since ${short(gap.timestamp)}` : `since about ${short(start)}`;
}

/** Requests when the flow WORST of CAPTURE began to lose packets. Returns a function that shows the flow. */
async function loadWorst(worst, capture) {
    const flow = await worst;
    if (flow) setPlaces([flow], capture);
    const began = flow && (await lossBegan(flow));
    return (late) => {
        const missed = late?.lost_undetermined > 0 ? `${many(late.lost_undetermined, "packet")} undetermined: the sensor or its mirror missed them` : "";
        byId("worst").hidden = !flow && !missed;
        setText(byId("worst-title"), flow ? "Loses most now:" : missed);
        setText(byId("worst-flow"), flow ? flow.flow_id : "");
        byId("worst-flow").href = flow ? changedAddress({ flow: flow.flow_id, of: String(flow.capture_id), ...FIRST_GAPS }) : "#/";
        setText(byId("worst-ratio"), flow ? `${percent(flow.loss_ratio)} %` : "");
        byId("worst-ratio").dataset.severity = severity(flow?.loss_ratio ?? null);
        const more = flow ? [["lost by the network", flow.place, began].filter(Boolean).join(" "), missed].filter(Boolean) : [];
        setText(byId("worst-more"), more.join("; "));
    };
}

export class Lately {
    constructor() {
        makeHeads(byId("latest-gap-heads"), GAPS);
        makeHeads(byId("latest-event-heads"), EVENTS);
    }

    /** Requests what happened in CAPTURE and the view ASKED; WORST is the request of the flow that loses most, or
     * null. Returns a function that shows it. */
    async load(capture, asked, isLive, worst) {
        const scope = scopeOf(asked);
        const now = serverNow();
        const at = (ago) => timestamp(now - ago);
        const picked = asked.from && asked.to ? { since: asked.from, until: asked.to } : {};
        const [late, before, gaps, events, showWorst] = await Promise.all([
            isLive ? get("/api/v1/stats/summary", { ...scope, since: at(LATELY) }) : null,
            isLive ? get("/api/v1/stats/summary", { ...scope, since: at(2 * LATELY), until: at(LATELY) }) : null,
            get("/api/v1/gaps", { ...scope, ...picked, limit: SHOWN }),
            get("/api/v1/events", { ...scope, ...picked, limit: SHOWN }),
            loadWorst(worst, capture),
        ]);
        setPlaces([...gaps.gaps, ...events.events], capture);
        return (summary) => {
            this.showShare(summary, late, before);
            showWorst(late);
            this.showLists(asked, gaps, events);
        };
    }

    showShare(summary, late, before) {
        const ratio = late ? late.loss_ratio : summary.loss_ratio;
        setText(byId("loss-title"), late ? "Lost in the last 5 minutes" : "Share lost");
        setText(byId("loss-ratio"), ratio === null ? "–" : `${percent(ratio)} %`);
        const words = late && ratio !== null ? moved(ratio, before.loss_ratio) : "";
        const packets = late ? `${count(late.lost_network)} packets` : "by the network";
        setText(byId("loss-moved"), words ? `${packets}, ${words}` : packets);
        byId("loss-card").dataset.severity = severity(ratio);
        setText(byId("loss-word"), severity(ratio) === "none" ? "" : severity(ratio));
    }

    showLists(asked, gaps, events) {
        const picked = asked.from && asked.to;
        const title = picked ? `from ${time(asked.from)} to ${time(asked.to)}` : "latest";
        setText(byId("latest-title"), `Gaps and events, ${title}`);
        byId("latest-all").hidden = !picked;
        byId("latest-all").href = changedAddress({ from: "", to: "" });
        showRows(byId("latest-gap-rows"), GAPS, gaps.gaps);
        showRows(byId("latest-event-rows"), EVENTS, events.events);
        for (const [name, rows] of [["gap", gaps.gaps], ["event", events.events]]) {
            byId(`latest-${name}s`).hidden = rows.length === 0;
            byId(`latest-${name}s-none`).hidden = rows.length > 0;
        }
        const newest = gaps.gaps[0];
        const age = newest ? serverNow() - Date.parse(newest.timestamp) / 1000 : NaN;
        setText(byId("last-gap"), newest && !picked ? `last ${span(age)} ago` : "");
    }
}
