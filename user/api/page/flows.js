// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The list of flows: the server sorts, filters and pages it.

import { changedAddress, readAddress } from "./address.js";
import { byId, make, setOptions, setText } from "./element.js";
import { count, fixed, percent, time } from "./format.js";
import { Pager } from "./pager.js";
import { protocolData, protocolLabel } from "./protocols.js";
import { Refused, flowPath, get } from "./server.js";
import { makeHeads, showRows, showSort } from "./table.js";

const FLOWS = "/api/v1/flows";
const PAGE = 50;
const FAR = 5000; // flows
const TYPING_MS = 300;
const USUAL_SORT = "lost_network";
const FILTERS = ["protocol", "min_lost", "min_bandwidth_mbps", "id"];

const figure = (title, field, write, key) => ({
    title,
    key,
    kind: "figure",
    fill: (cell, flow) => setText(cell, write(flow[field])),
});

/** Packets lost by the network; rows of older databases have all lost packets only. */
export const networkLoss = (flow) => flow.lost_network ?? flow.total_lost_packets;

const COLUMNS = [
    {
        title: "Flow",
        key: "flow_id",
        kind: "flow-id",
        make: () => [make("a")],
        fill: (cell, flow) => {
            const link = cell.firstChild;
            const address = changedAddress({ flow: flow.flow_id, gaps: "" });
            Object.assign(cell.dataset, protocolData(flow.protocol));
            if (link.getAttribute("href") !== address) link.href = address;
            setText(link, flow.flow_id);
        },
    },
    {
        ...figure("Lost", "lost_network", count, "lost_network"),
        fill: (cell, flow) => setText(cell, count(networkLoss(flow))),
    },
    figure("Undet.", "lost_undetermined", count),
    figure("Loss %", "loss_ratio", percent),
    figure("Gaps", "gaps_detected", count),
    figure("Packets", "packets_received", count),
    figure("Bytes", "total_bytes", count, "total_bytes"),
    figure("Mb/s", "bandwidth_mbps", (value) => fixed(value, 3), "bandwidth_mbps"),
    {
        ...figure("Last seen", "last_timestamp"),
        fill: (cell, flow) => {
            setText(cell, `${time(flow.last_timestamp)}${flow.silent_since ? ", silent" : ""}`);
            cell.classList.toggle("doubtful", flow.silent_since !== null);
        },
    },
];

const usualOrder = (sort) => (sort === "flow_id" ? "asc" : "desc");

/** Requests a page of the list. The server skips all rows in front of a page each time, so pages far
 * down are read from the other end of the list. */
async function getPage({ capture, sort, order, protocol, min_lost, min_bandwidth_mbps, offset }) {
    const list = { capture, sort: sort || USUAL_SORT, order, protocol, min_lost, min_bandwidth_mbps };
    if (offset < FAR) return get(FLOWS, { ...list, offset, limit: PAGE });
    const { total } = await get(FLOWS, { ...list, limit: 1 });
    const behind = total - offset;
    if (behind <= 0 || behind > offset) return get(FLOWS, { ...list, offset, limit: PAGE });
    const limit = Math.min(PAGE, behind);
    list.order = (order || usualOrder(list.sort)) === "asc" ? "desc" : "asc";
    const answer = await get(FLOWS, { ...list, offset: behind - limit, limit });
    return { ...answer, flows: answer.flows.reverse() };
}

/** Requests one page, or the single flow whose id is in the address. */
async function getFlows(asked) {
    if (!asked.id) return getPage(asked);
    try {
        return { flows: [await get(flowPath(asked.id), { capture: asked.capture })], total: 1 };
    } catch (error) {
        if (error instanceof Refused && error.status < 500) return { flows: [], total: 0, why: error };
        throw error;
    }
}

export class Flows {
    constructor() {
        this.heads = byId("flow-heads");
        this.body = byId("flow-rows");
        this.pager = new Pager(byId("flow-pager"), PAGE, (offset) => {
            location.hash = changedAddress({ offset: offset ? String(offset) : "" });
        });
        makeHeads(this.heads, COLUMNS, (key) => this.sort(key));
        this.listenToFilters();
        this.body.addEventListener("click", (event) => {
            const link = event.target.closest("tr")?.querySelector("a");
            if (link && !event.target.closest("a") && getSelection().isCollapsed) link.click();
        });
    }

    /** Sorts by KEY; a second time, in the reverse order. */
    sort(key) {
        const { sort, order } = readAddress();
        const before = order || usualOrder(key);
        const again = (sort || USUAL_SORT) === key;
        const next = again ? (before === "asc" ? "desc" : "asc") : usualOrder(key);
        location.hash = changedAddress({ sort: key, order: next, offset: "" });
    }

    listenToFilters() {
        const form = byId("filters");
        let typing;
        const apply = () => {
            const said = FILTERS.filter((name) => byId(name).checkValidity());
            const changes = Object.fromEntries(said.map((name) => [name, byId(name).value.trim()]));
            clearTimeout(typing);
            location.hash = changedAddress({ ...changes, offset: "" });
        };
        form.addEventListener("input", () => {
            clearTimeout(typing);
            typing = setTimeout(apply, TYPING_MS);
        });
        form.addEventListener("change", apply);
        form.addEventListener("submit", (event) => {
            event.preventDefault();
            apply();
        });
    }

    /** Shows the filters of the address in their fields, except in the field with the focus. */
    showFilters(asked, protocols) {
        const choices = protocols.map((protocol) => [protocol, protocolLabel(protocol)]);
        setOptions(byId("protocol"), [["", "All"], ...choices], asked.protocol);
        for (const name of FILTERS) {
            const field = byId(name);
            if (field !== document.activeElement && field.value !== asked[name]) field.value = asked[name];
            if (name !== "id") field.disabled = asked.id !== "";
        }
    }

    async load(asked) {
        const answer = await getFlows(asked);
        return () => this.show(asked, answer);
    }

    show(asked, { flows, total, why }) {
        const sort = asked.sort || USUAL_SORT;
        const focused = this.body.contains(document.activeElement) && document.activeElement.textContent;
        showSort(this.heads, asked.id ? "" : sort, asked.order || usualOrder(sort));
        showRows(this.body, COLUMNS, flows);
        this.pager.show(asked.id ? 0 : Number(asked.offset), flows.length, total);
        const filtered = FILTERS.some((name) => asked[name]);
        const several = why?.choices.length ? `Several flows match: ${why.choices.join("; ")}` : "";
        setText(byId("flows-empty"), several || (filtered ? "No flow matches." : "No flows yet."));
        byId("flows-empty").hidden = total > 0;
        if (focused && document.activeElement.textContent !== focused) this.focusFlow(focused);
    }

    /** Keeps the focus on its flow, even when its row has moved. */
    focusFlow(id) {
        const links = [...this.body.querySelectorAll("a")];
        links.find((link) => link.textContent === id)?.focus({ preventScroll: true });
    }
}
