// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The first page: totals of a capture, charts over time, and flows.

import { changedAddress, scopeOf } from "./address.js";
import { runs } from "./captures.js";
import { TimeCharts } from "./charts.js";
import { byId, make, setText } from "./element.js";
import { bandwidth, count, many, scaled, timestamp } from "./format.js";
import { Flows, getFlows, getWorst } from "./flows.js";
import { columns, getIntervals, stretch } from "./intervals.js";
import { Lately } from "./lately.js";
import { Peers } from "./peers.js";
import { protocolData, protocolLabel } from "./protocols.js";
import { get } from "./server.js";
import { severity } from "./severity.js";

const INTERVALS = "/api/v1/intervals";

function showLoss(summary) {
    const { network, undetermined } = summary.lost_by_cause;
    setText(byId("lost-network"), count(network));
    setText(byId("lost-undetermined"), `and ${count(undetermined)} undetermined`);
    byId("lost-card").dataset.severity = severity(summary.loss_ratio);
}

function showSensor(summary, capture) {
    const unobserved = summary.total_unobserved_packets;
    setText(byId("drops"), count(capture.drops));
    setText(byId("total_unobserved_packets"), `${count(unobserved)} accounted to flows`);
    byId("drops-card").classList.toggle("doubtful", capture.drops > 0);
    setText(byId("evicted"), capture.flows_evicted ? `${count(capture.flows_evicted)} more left` : "");
}

function showTotals(summary, capture) {
    const others = capture.packets - summary.total_packets_received;
    const largest = summary.max_gap_size;
    setText(byId("total_flows"), count(summary.total_flows));
    setText(byId("total_packets_received"), count(summary.total_packets_received));
    setText(byId("packets-more"), others > 0 ? `and ${many(others, "other frame")}` : "");
    setText(byId("volume"), scaled(summary.total_bytes, "B"));
    setText(byId("total_bytes"), `${count(summary.total_bytes)} B`);
    setText(byId("avg_bandwidth_mbps"), bandwidth(summary.avg_bandwidth_mbps));
    setText(byId("total_gaps_detected"), count(summary.total_gaps_detected));
    setText(byId("max_gap_size"), largest === null ? "" : `largest ${many(largest, "packet")}`);
}

function showProtocols(distribution) {
    const protocols = Object.entries(distribution);
    const all = protocols.reduce((sum, [, packets]) => sum + packets, 0);
    const items = protocols.map(([protocol, packets]) => {
        const share = all ? ` ${((packets / all) * 100).toFixed(1)} %` : "";
        return make(
            "li",
            { data: protocolData(protocol) },
            `${protocolLabel(protocol)} `,
            make("b", {}, count(packets)),
            make("small", {}, share),
        );
    });
    const parts = protocols.map(([protocol, packets]) => {
        const part = make("span", { data: protocolData(protocol) });
        part.style.flexGrow = all ? packets / all : 0;
        return part;
    });
    byId("protocols").replaceChildren(...items);
    byId("share").replaceChildren(...parts);
}

/** Shows the gaps and events from BEGIN to END, in seconds since 1970. */
function pickStretch(begin, end) {
    location.hash = changedAddress({ from: timestamp(begin), to: timestamp(end) });
}

export class Overview {
    constructor() {
        this.charts = new TimeCharts(byId("overview-charts"), "overview", pickStretch);
        this.lately = new Lately();
        this.flows = new Flows();
        this.peers = new Peers();
    }

    /** Requests everything for this page about CAPTURE. Returns a function that shows it. */
    async load(capture, asked) {
        const place = stretch(capture, asked.range);
        const scope = scopeOf(asked);
        const isLive = runs(capture);
        const listed = getFlows(asked, isLive && asked.time !== "all");
        const worst = isLive ? getWorst(asked, listed) : null;
        const [summary, intervals, latest, showLately, showFlows, showPeers] = await Promise.all([
            get("/api/v1/stats/summary", scope),
            getIntervals(INTERVALS, scope, place),
            get(INTERVALS, { ...scope, limit: 1 }),
            this.lately.load(capture, asked, isLive, worst),
            this.flows.load(capture, asked, isLive, listed),
            this.peers.load(asked, isLive && asked.time !== "all"),
        ]);
        return () => {
            showTotals(summary, capture);
            showLoss(summary);
            showSensor(summary, capture);
            showProtocols(summary.protocol_distribution);
            this.showLatest(latest.intervals[0]);
            this.charts.show(columns(intervals, intervals, place), place);
            this.flows.showFilters(asked, Object.keys(summary.protocol_distribution));
            showLately(summary);
            showFlows();
            showPeers();
        };
    }

    showLatest(interval) {
        const { bytes, duration_seconds: length } = interval ?? {};
        const words = length > 0 ? `latest ${bandwidth((bytes * 8) / length / 1e6)}` : "";
        setText(byId("bandwidth-now"), words);
    }
}
