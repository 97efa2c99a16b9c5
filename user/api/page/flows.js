// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The list of flows: the server sorts, filters and pages it.

import { FIRST_FLOWS, FIRST_GAPS, changedAddress, readAddress, scopeOf } from "./address.js";
import { setPlaces } from "./captures.js";
import { byId, make, setOptions, setText } from "./element.js";
import { count, fixed, percent, time } from "./format.js";
import { Pager } from "./pager.js";
import { protocolData, protocolLabel } from "./protocols.js";
import { get } from "./server.js";
import { severity } from "./severity.js";
import { makeHeads, showRows, showSort } from "./table.js";

const FLOWS = "/api/v1/flows";
const PAGE = 50;
const FAR = 5000; // flows in front of a page that is read from the end of the list
const TYPING_MS = 300;
const USUAL_SORT = "lost_network";
const FILTERS = ["protocol", "min_lost", "min_bandwidth_mbps", "q"];
const LATELY = "-5m";

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
        make: () => [make("a"), make("small")],
        fill: (cell, flow) => {
            const [link, place] = cell.children;
            const of = flow.is_of_several ? String(flow.capture_id) : "";
            const address = changedAddress({ flow: flow.flow_id, of, ...FIRST_GAPS });
            Object.assign(cell.dataset, protocolData(flow.protocol));
            if (link.getAttribute("href") !== address) link.href = address;
            setText(link, flow.flow_id);
            link.title = flow.interface;
            setText(place, flow.place && ` ${flow.place}`);
        },
    },
    {
        ...figure("Lost", "lost_network", count, "lost_network"),
        fill: (cell, flow) => {
            setText(cell, count(networkLoss(flow)));
            cell.dataset.severity = severity(flow.loss_ratio);
        },
    },
    figure("Undet.", "lost_undetermined", count),
    {
        ...figure("Loss %", "loss_ratio", percent, "loss_ratio"),
        fill: (cell, flow) => {
            setText(cell, percent(flow.loss_ratio));
            cell.dataset.severity = severity(flow.loss_ratio);
        },
    },
    figure("Gaps", "gaps_detected", count),
    figure("Packets", "packets_received", count),
    figure("Bytes", "total_bytes", count, "total_bytes"),
    figure("Mb/s", "bandwidth_mbps", (value) => fixed(value, 3), "bandwidth_mbps"),
    {
        ...figure("Last seen", "last_timestamp", time, "last_timestamp"),
        fill: (cell, flow) => {
            setText(cell, `${time(flow.last_timestamp)}${flow.silent_since ? ", silent" : ""}`);
            cell.classList.toggle("doubtful", flow.silent_since !== null);
        },
    },
];

const usualOrder = (sort) => (sort === "flow_id" ? "asc" : "desc");

/** Requests a page of the list; with figures of the last minutes if IS_LATELY. The server skips all
 * rows in front of a page each time, so pages far down are read from the other end of the list. */
export async function getFlows(asked, isLately) {
    const { sort, order, protocol, min_lost, min_bandwidth_mbps, q, offset, after } = asked;
    const since = isLately ? LATELY : "";
    const list = { ...scopeOf(asked), since, sort: sort || USUAL_SORT, order, protocol, min_lost, min_bandwidth_mbps, q };
    if (after) return get(FLOWS, { ...list, after, limit: PAGE });
    if (offset < FAR) return get(FLOWS, { ...list, offset, limit: PAGE });
    const { total, total_is_exact: isExact } = await get(FLOWS, { ...list, limit: 1 });
    const behind = total - offset;
    if (!isExact || behind <= 0 || behind > offset) return get(FLOWS, { ...list, offset, limit: PAGE });
    const limit = Math.min(PAGE, behind);
    list.order = (order || usualOrder(list.sort)) === "asc" ? "desc" : "asc";
    const answer = await get(FLOWS, { ...list, offset: behind - limit, limit });
    return { ...answer, flows: answer.flows.reverse(), next: null };
}

/** Requests the flow that the network lost most packets of in the last minutes; LISTED is the request of
 * the list that the view ASKED shows, which mostly begins with it. */
export async function getWorst(asked, listed) {
    const isOther = FILTERS.some((name) => asked[name]) || asked.offset || asked.order || asked.time;
    const isListed = !isOther && (asked.sort || USUAL_SORT) === USUAL_SORT;
    const own = { ...scopeOf(asked), since: LATELY, sort: USUAL_SORT, limit: 1 };
    const { flows } = await (isListed ? listed : get(FLOWS, own));
    return flows[0]?.lost_network > 0 ? flows[0] : null;
}

export class Flows {
    constructor() {
        this.heads = byId("flow-heads");
        this.body = byId("flow-rows");
        this.pager = new Pager(byId("flow-pager"), PAGE, (offset, after) => {
            location.hash = changedAddress({ offset: offset ? String(offset) : "", after });
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
        location.hash = changedAddress({ sort: key, order: next, ...FIRST_FLOWS });
    }

    listenToFilters() {
        const form = byId("filters");
        byId("time").addEventListener("change", ({ target }) => {
            location.hash = changedAddress({ time: target.value, ...FIRST_FLOWS });
        });
        let typing;
        const apply = () => {
            const said = FILTERS.filter((name) => byId(name).checkValidity());
            const changes = Object.fromEntries(said.map((name) => [name, byId(name).value.trim()]));
            clearTimeout(typing);
            location.hash = changedAddress({ ...changes, ...FIRST_FLOWS });
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
        }
    }

    /** Waits for LISTED, the request of the list of CAPTURE. Returns a function that shows it. */
    async load(capture, asked, isLive, listed) {
        const isLately = isLive && asked.time !== "all";
        const answer = await listed;
        setPlaces(answer.flows, capture);
        return () => {
            const times = [["", "Last 5 minutes"], ["all", "Whole capture"]];
            setOptions(byId("time"), isLive ? times : times.slice(1), isLive ? asked.time : "all");
            this.show(asked, answer, isLately ? "No flow sent anything in this time." : "No flows yet.");
        };
    }

    show(asked, answer, none) {
        const { flows, total } = answer;
        const sort = asked.sort || USUAL_SORT;
        const focused = this.body.contains(document.activeElement) && document.activeElement.textContent;
        showSort(this.heads, sort, asked.order || usualOrder(sort));
        const isOfSeveral = new Set(flows.map(({ capture_id: id }) => id)).size > 1;
        for (const flow of flows) flow.is_of_several = isOfSeveral || asked.interface !== "";
        showRows(this.body, COLUMNS, flows);
        this.pager.show(changedAddress(FIRST_FLOWS), Number(asked.offset), flows.length, answer);
        const filtered = FILTERS.some((name) => asked[name]);
        setText(byId("flows-empty"), filtered ? "No flow matches." : none);
        byId("flows-empty").hidden = total > 0;
        if (focused && document.activeElement.textContent !== focused) this.focusFlow(focused);
    }

    /** Keeps the focus on its flow, even when its row has moved. */
    focusFlow(id) {
        const links = [...this.body.querySelectorAll("a")];
        links.find((link) => link.textContent === id)?.focus({ preventScroll: true });
    }
}
