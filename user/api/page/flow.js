// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// A flow's page: its figures, charts over time, and gaps.

import { FIRST_GAPS, changedAddress, scopeOf } from "./address.js";
import { TimeCharts, Timeline } from "./charts.js";
import { byId, make, setText } from "./element.js";
import { NONE, bandwidth, count, digits, fixed, many, percent, scaled, seconds, time, timestamp } from "./format.js";
import { networkLoss } from "./flows.js";
import { columns, getIntervals, stretch } from "./intervals.js";
import { Lineage } from "./lineage.js";
import { Pager } from "./pager.js";
import { associationWords, protocolLabel } from "./protocols.js";
import { Refused, flowPath, get } from "./server.js";
import { severity } from "./severity.js";
import { makeHeads, showRows } from "./table.js";

const PAGE = 50;
const SAS = 20; // newest SAs in the list
const MARKED = 1000; // gaps on the time line, as many as the API returns at once

const unit = (write, name) => (value) => (value === null ? write(value) : `${write(value)} ${name}`);
const milliseconds = unit((value) => fixed(value, 3), "ms");

const known = (value) => value ?? NONE;

const WINDOWS = [32, 64, 128, 256, 512, 1024, 2048, 4096];

const FIGURES = {
    Loss: [
        ["Lost packets", "lost_network", count],
        ["Undetermined", "lost_undetermined", count],
        ["Loss ratio", "loss_ratio", unit(percent, "%")],
        ["Gaps", "gaps_detected", count],
        ["Smallest gap", "min_gap", count],
        ["Largest gap", "max_gap", count],
        ["Missed by sensor", "unobserved_packets", count],
        ["Runs, to chance", "loss_run_ratio", (value) => fixed(value, 2)],
        ["View", "partial_view", (value) => (value ? "possibly partial" : "whole")],
    ],
    Traffic: [
        ["Protocol", "protocol", protocolLabel],
        ["Seen on", "interface", known],
        ["From", "source", known],
        ["From port", "source_port", digits],
        ["To", "destination", known],
        ["To port", "destination_port", digits],
        ["Packets", "packets_received", count],
        ["Bytes", "total_bytes", count],
        ["Bandwidth", "bandwidth_mbps", bandwidth],
        ["First", "first_timestamp", (value) => time(value, 6)],
        ["Last", "last_timestamp", (value) => time(value, 6)],
        ["Duration", "duration_seconds", unit((value) => fixed(value, 3), "s")],
        ["Carries", "esp_in_tcp", (value) => (value ? protocolLabel("esp") : NONE)],
        ["Silent since", "silent_since", (value) => time(value)],
    ],
    Order: [
        ["Duplicate", "duplicate_packets", count],
        ["Reordered", "reordered_packets", count],
        ["Furthest reordered", "max_reorder_distance", count],
        ["Late", "late_packets", count],
        ["Outliers", "outlier_packets", count],
    ],
    "Replay window": [
        ["Recommended", "recommended_window", digits],
        ["99 % behind by", "p99_reorder_distance", count],
        ...WINDOWS.map((window) => [`Refused at ${window}`, `refused_at_${window}`, count]),
    ],
    Sequence: [
        ["First number", "first_sequence", count],
        ["Last number", "last_sequence", count],
        ["Used", "sequence_used", unit(percent, "%")],
        ["Run out", "exhaustion_at", (value) => time(value)],
        ["Wraparounds", "wraparounds", count],
        ["Restarts", "restarts", count],
        ["Rekeys", "rekeys", count],
        ["Follows", "follows", known],
        ["How known", "follows_known", known],
        ["Skipped numbers", "skipped_numbers", count],
        ["Senders", "mixed_senders", (value) => (value ? "several on one SA" : "one")],
        ["SCI", "implicit_sci", (value) => (value ? "assumed" : "as in the frames")],
    ],
    "Between packets": [
        ["Least", "min_inter_arrival_ms", milliseconds],
        ["Most", "max_inter_arrival_ms", milliseconds],
        ["Mean", "avg_inter_arrival_ms", milliseconds],
        ["Standard dev.", "stddev_inter_arrival_ms", milliseconds],
    ],
};

const figure = (title, field, write) => ({
    title,
    kind: "figure",
    fill: (cell, gap) => setText(cell, write(gap[field])),
});

const SA_COLUMNS = [
    { ...figure("First", "first_timestamp", (value) => time(value)), kind: "time" },
    figure("SA", "generation", count),
    {
        title: "Association",
        kind: "figure",
        fill: (cell, sa) => setText(cell, associationWords(sa.flow_id, sa.association)),
    },
    figure("First number", "first_sequence", digits),
    figure("Last number", "last_sequence", digits),
    figure("Packets", "packets_received", count),
    figure("Lost", "lost_network", count),
    figure("Undet.", "lost_undetermined", count),
    figure("Loss %", "loss_ratio", percent),
    figure("Refused at 32", "refused_at_32", count),
    figure("Window", "recommended_window", digits),
    figure("Follows SA", "follows_generation", count),
];

const GAP_COLUMNS = [
    { ...figure("Time", "timestamp", (value) => time(value, 6)), kind: "time" },
    figure("Lost", "gap_size", count),
    figure("First lost", "expected_sequence", count),
    figure("Next received", "received_sequence", count),
    figure("Duration, ms", "duration_ms", (value) => fixed(value, 3)),
    {
        title: "Cause",
        kind: "cause",
        fill: (cell, gap) => {
            cell.dataset.cause = gap.withdrawn ? "withdrawn" : gap.cause;
            setText(cell, cell.dataset.cause);
        },
    },
];

/** The listed page of gaps, of the stretch that was picked in a chart or of all time, and the newest
 * gaps, for the time line. */
async function getGaps(path, asked) {
    const picked = asked.from && asked.to ? { since: asked.from, until: asked.to } : {};
    const list = { ...scopeOf(asked), ...picked };
    const begin = asked.gaps_after ? { after: asked.gaps_after } : { offset: asked.gaps };
    const page = await get(`${path}/gaps`, { ...list, limit: PAGE, ...begin });
    if (page.total <= PAGE && !asked.gaps && !asked.from) return { page, marked: page.gaps };
    const marked = await get(`${path}/gaps`, { ...scopeOf(asked), limit: MARKED, order: "desc" });
    return { page, marked: marked.gaps.reverse() };
}

/** Shows the gaps from BEGIN to END, in seconds since 1970. */
function pickStretch(begin, end) {
    location.hash = changedAddress({ from: timestamp(begin), to: timestamp(end), ...FIRST_GAPS });
}

export class Flow {
    constructor() {
        this.charts = new TimeCharts(byId("flow-charts"), "flow", pickStretch);
        this.timeline = new Timeline(byId("timeline"), "flow");
        this.lineage = new Lineage();
        this.values = new Map();
        makeHeads(byId("sa-heads"), SA_COLUMNS);
        makeHeads(byId("gap-heads"), GAP_COLUMNS);
        this.pager = new Pager(byId("gap-pager"), PAGE, (offset, after) => {
            location.hash = changedAddress({ gaps: offset ? String(offset) : "", gaps_after: after });
        });
        byId("flow-figures").append(...Object.entries(FIGURES).map((group) => this.makeGroup(...group)));
    }

    makeGroup(title, figures) {
        const list = make("dl");
        for (const [label, field] of figures) {
            const value = make("dd", { id: `flow-${field}` });
            this.values.set(field, value);
            list.append(make("div", {}, make("dt", {}, label), value));
        }
        return make("section", { className: "panel" }, make("h3", {}, title), list);
    }

    /** Shows the title of the page at once, before the server answers. */
    begin(asked) {
        const title = byId("flow-title");
        if (title.textContent !== asked.flow) {
            setText(title, asked.flow);
            byId("flow-missing").hidden = true;
            byId("flow-body").hidden = true;
        }
        byId("back").href = changedAddress({ flow: "", of: "", from: "", to: "", ...FIRST_GAPS });
    }

    /** Requests everything for this page. Returns a function that shows it. */
    async load(capture, asked) {
        const path = flowPath(asked.flow);
        const place = stretch(capture, asked.range);
        try {
            const [flow, watched, ofIt, sas, gaps] = await Promise.all([
                get(path, scopeOf(asked)),
                getIntervals("/api/v1/intervals", scopeOf(asked), place),
                getIntervals(`${path}/intervals`, scopeOf(asked), place),
                get(`${path}/sas`, { ...scopeOf(asked), limit: SAS }),
                getGaps(path, asked),
            ]);
            const showLineage = await this.lineage.load(flow, scopeOf(asked));
            return () => {
                this.show(asked, flow, columns(watched, ofIt, place), place, sas, gaps);
                showLineage();
            };
        } catch (error) {
            if (error instanceof Refused && error.status < 500) return () => this.showMissing(error);
            throw error;
        }
    }

    showMissing(error) {
        byId("flow-body").hidden = true;
        byId("flow-missing").hidden = false;
        setText(byId("flow-missing"), error.message);
    }

    show(asked, flow, drawn, place, sas, gaps) {
        byId("flow-missing").hidden = true;
        byId("flow-body").hidden = false;
        for (const [, field, write] of Object.values(FIGURES).flat())
            setText(this.values.get(field), write(flow[field]));
        setText(this.values.get("lost_network"), count(networkLoss(flow)));
        for (const field of ["lost_network", "loss_ratio"])
            this.values.get(field).dataset.severity = severity(flow.loss_ratio);
        this.charts.show(drawn, place);
        this.showSas(sas);
        this.showGaps(asked, flow, gaps);
    }

    showSas({ sas, total }) {
        byId("sas-panel").hidden = total === 0;
        setText(byId("sas-note"), total > sas.length ? `The newest ${count(sas.length)} of ${count(total)}.` : "");
        showRows(byId("sa-rows"), SA_COLUMNS, sas);
    }

    showGaps(asked, flow, { page, marked }) {
        const times = marked.map((gap) => seconds(gap.timestamp));
        const sizes = (cause) =>
            marked.map((gap) => (gap.cause === cause && !gap.withdrawn ? gap.gap_size : null));
        const more = marked.length === MARKED;
        const picked = asked.from && asked.to;
        const from = more ? times[0] : seconds(flow.first_timestamp);
        byId("timeline").hidden = marked.length === 0;
        this.timeline.show(times, sizes("network"), sizes("undetermined"), from, seconds(flow.last_timestamp));
        setText(byId("timeline-note"), more ? `The time line shows the newest ${count(marked.length)}.` : "");
        showRows(byId("gap-rows"), GAP_COLUMNS, page.gaps);
        byId("gaps").hidden = page.gaps.length === 0;
        byId("gaps-empty").hidden = page.total > 0;
        setText(byId("gaps-empty"), flow.first_sequence === null ? "No sequence numbers, no gaps." : "No gaps.");
        byId("gaps-all").hidden = !picked;
        byId("gaps-all").href = changedAddress({ from: "", to: "", ...FIRST_GAPS });
        if (picked) setText(byId("gaps-all"), `${time(asked.from)} to ${time(asked.to)}: show all`);
        this.pager.show(changedAddress(FIRST_GAPS), Number(asked.gaps), page.gaps.length, page);
    }
}
