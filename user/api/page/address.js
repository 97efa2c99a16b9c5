// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// What the page shows is written behind the # of its address, so that it can be kept, sent, and
// gone back to: #/?capture=2&sort=total_bytes, #/flow/ID?gaps=100

const FLOW = "/flow/";
const NOTHING = {
    capture: "",
    range: "",
    // the list of flows
    sort: "",
    order: "",
    protocol: "",
    min_lost: "",
    min_bandwidth_mbps: "",
    id: "",
    offset: "",
    // a flow's page
    gaps: "",
};

/** What the address asks for: {flow, capture, sort, ...}, "" where it says nothing. */
export function readAddress() {
    const [path, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
    const said = Object.fromEntries(new URLSearchParams(query));
    let flow = "";
    try {
        flow = path.startsWith(FLOW) ? decodeURIComponent(path.slice(FLOW.length)) : "";
    } catch {
        // not an id that this page wrote: there is no such flow, and the list is shown
    }
    return { ...NOTHING, ...said, flow };
}

/** The address that asks for WHAT. */
export function addressOf(what) {
    const { flow, ...others } = what;
    const said = Object.entries(others).filter(([, value]) => value !== "");
    const query = new URLSearchParams(said).toString();
    return `#${flow ? FLOW + encodeURIComponent(flow) : "/"}${query && `?${query}`}`;
}

/** The same as now but for CHANGES. */
export function changedAddress(changes) {
    return addressOf({ ...readAddress(), ...changes });
}
