// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Comparisons of two vantage points that the database keeps: where packets were lost on their way.

import { FIRST_COMPARED, changedAddress } from "./address.js";
import { DelayChart } from "./charts.js";
import { byId, make, setOptions, setText } from "./element.js";
import { count, fixed, percent, time } from "./format.js";
import { Pager } from "./pager.js";
import { associationWords } from "./protocols.js";
import { get } from "./server.js";
import { makeHeads, showRows } from "./table.js";

const CHOICES = 100; // newest comparisons in the list
const PAGE = 20;
const PARTS = 60; // of the time of an SA, each with its delays

const WAYS = {
    a_to_b: ["A", "B"],
    b_to_a: ["B", "A"],
};

const figure = (title, field, write) => ({
    title,
    kind: "figure",
    fill: (cell, sa) => setText(cell, write(sa[field])),
});
const number = (title, field) => figure(title, field, count);
const delay = (title, field) => figure(title, field, (value) => fixed(value, 3));

const COLUMNS = [
    {
        title: "Flow",
        kind: "id",
        fill: (cell, sa) => setText(cell, sa.is_mixed ? `${sa.flow_id} (mixed, not exact)` : sa.flow_id),
    },
    {
        title: "Association",
        kind: "figure",
        fill: (cell, sa) => setText(cell, associationWords(sa.flow_id, sa.association)),
    },
    { title: "Way", kind: "way-name", fill: (cell, sa) => setText(cell, WAYS[sa.direction].join(" → ")) },
    number("Passed both", "passed_both"),
    number("Lost before", "lost_before_a"),
    number("Lost between", "lost_between"),
    number("at the end", "lost_tail"),
    number("undet.", "lost_undetermined"),
    number("Missed", "missed_by_a"),
    number("Doubled", "duplicated_between"),
    number("Reordered", "reordered_between"),
    delay("Delay, ms", "delay_mean_ms"),
    delay("99 % below", "delay_p99_ms"),
];

/** An SA's flow and association. */
function nameOf({ flow_id: id, association }) {
    const words = associationWords(id, association);
    return words ? `${id}, ${words}` : id;
}

const point = (name) => make("li", { className: "point" }, name);

function leg(lost, words) {
    return make("li", { className: "leg", data: lost ? { lost } : {} }, words);
}

/** The way of the packets from the sender past both points, with SUMS of what was lost on it. */
function makeWay(direction, sums) {
    const [first, second] = WAYS[direction];
    const { lost_before_a: before, lost_between: between, lost_undetermined: doubtful, missed_by_a: missed } = sums;
    const ratio = percent(between / (between + sums.passed_both));
    const undetermined = doubtful ? `, of these ${count(doubtful)} undetermined` : "";
    const mixed = sums.sas_mixed ? `, not exact: ${count(sums.sas_mixed)} SAs are mixed` : "";
    const seen = missed ? `${first} (missed ${count(missed)})` : first;
    return make(
        "ol",
        { className: "way", ariaLabel: `From ${first} to ${second}` },
        point("Sender"),
        leg(before, `${count(before)} lost`),
        point(seen),
        leg(between, `${count(between)} lost (${ratio} %)${undetermined}${mixed}`),
        point(second),
    );
}

function clockWords({ clock_offset_ms: offset, clock_offset_estimate_ms: estimate, clock_offset_bound_ms: bound }) {
    const side = (value) => `${fixed(Math.abs(value), 3)} ms ${value < 0 ? "behind" : "ahead of"} A's`;
    if (estimate !== null) return `Clock of B: ${side(estimate)}, give or take ${fixed(bound, 3)} ms.`;
    if (offset !== null) return `Clock of B: unknown; were it ${side(offset)}, the shortest delay would be 0.`;
    return "";
}

export class Compared {
    constructor() {
        this.delays = new DelayChart(byId("compared-delays"));
        makeHeads(byId("compared-heads"), COLUMNS);
        byId("comparison").addEventListener("change", ({ target }) => {
            location.hash = changedAddress({ comparison: target.value, ...FIRST_COMPARED });
        });
        this.pager = new Pager(byId("compared-pager"), PAGE, (offset, after) => {
            location.hash = changedAddress({ compared: offset ? String(offset) : "", compared_after: after });
        });
    }

    /** Requests the comparison that the view ASKED shows. Returns a function that shows it. */
    async load(asked) {
        const { comparisons } = asked.flow ? { comparisons: [] } : await get("/api/v1/comparisons", { limit: CHOICES });
        const shown = comparisons.find(({ id }) => String(id) === asked.comparison) ?? comparisons[0];
        if (!shown)
            return () => {
                byId("compared").hidden = true;
            };
        const list = await get("/api/v1/comparisons/sas", {
            comparison: shown.id,
            limit: PAGE,
            ...(asked.compared_after ? { after: asked.compared_after } : { offset: asked.compared }),
        });
        const [worst] = list.compared_sas;
        const { compared_delays: delays } = worst
            ? await get("/api/v1/comparisons/delays", { compared_sa: worst.id, limit: PARTS })
            : { compared_delays: [] };
        return () => {
            this.show(asked, comparisons, shown, list);
            this.showDelays(worst, delays);
        };
    }

    /** Shows the DELAYS over time of SA, the first one of the list. */
    showDelays(sa, delays) {
        byId("compared-delays").hidden = delays.length === 0;
        if (delays.length === 0) return;
        const steps = delays.filter((part) => part.delay_step_ms !== null);
        const told = steps.map((part) => `${fixed(part.delay_step_ms, 3)} ms at ${time(part.timestamp)}`);
        const words = told.length ? ` All delays changed at once, about: ${told.join(", ")}.` : "";
        setText(byId("compared-delays-of"), `${nameOf(sa)} over time.${words}`);
        this.delays.show(delays, nameOf(sa), sa.last_timestamp);
    }

    show(asked, comparisons, shown, list) {
        const options = comparisons.map(({ id, made }) => [String(id), `${id}: made ${time(made)}`]);
        byId("compared").hidden = false;
        setOptions(byId("comparison"), options, String(shown.id));
        setText(byId("compared-a"), `A: ${shown.a}`);
        setText(byId("compared-b"), `B: ${shown.b}`);
        const seen = Object.keys(WAYS).filter((direction) => shown.ways[direction]);
        const ways = seen.map((direction) => makeWay(direction, shown.ways[direction]));
        byId("compared-ways").replaceChildren(...(ways.length ? ways : ["A and B saw no SA at the same time."]));
        setText(byId("compared-clock"), clockWords(shown));
        showRows(byId("compared-rows"), COLUMNS, list.compared_sas);
        byId("compared-sas").hidden = list.total === 0;
        this.pager.show(changedAddress(FIRST_COMPARED), Number(asked.compared), list.compared_sas.length, list);
    }
}
