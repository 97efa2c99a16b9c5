// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The lineage of a flow: all SAs of its tunnel in this direction, as one line over time.

import { LineageChart } from "./charts.js";
import { byId, setText } from "./element.js";
import { count, many } from "./format.js";
import { get } from "./server.js";

const SAS = 1000; // as many as the API returns at once

const sum = (sas, name) => sas.reduce((total, sa) => total + sa[name], 0);

export class Lineage {
    constructor() {
        this.chart = new LineageChart(byId("lineage"));
    }

    /** Requests the SAs of the lineage of FLOW. Returns a function that shows them. */
    async load(flow, scope) {
        if (!flow.lineage) return () => this.show([], 0);
        const { sas, total } = await get("/api/v1/sas", { ...scope, lineage: flow.lineage, limit: SAS });
        sas.sort((a, b) => (a.first_timestamp < b.first_timestamp ? -1 : 1));
        return () => this.show(sas, total);
    }

    show(sas, total) {
        byId("lineage-panel").hidden = sas.length < 2;
        if (sas.length < 2) return;
        const newest = total > sas.length ? `the newest ${count(sas.length)} of ${count(total)}` : count(sas.length);
        const words = `${newest} SAs, ${many(sas.length - 1, "rekey")}, ${many(sum(sas, "lost_network"), "packet")} lost of ${many(sum(sas, "packets_received") + sum(sas, "lost_network"), "packet")}`;
        setText(byId("lineage-note"), words);
        this.chart.show(sas, `Loss of the tunnel over time: ${words}.`);
    }
}
