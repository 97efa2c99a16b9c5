// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The view is stored behind the # of the page's address, so that it can be bookmarked, shared and
// gone back to: #/?capture=2&sort=total_bytes, #/flow/ID?gaps=100

const FLOW = "/flow/";
const NOTHING = {
    capture: "",
    interface: "",
    range: "",
    from: "", // a stretch of time that was picked in a chart
    to: "",
    // the list of flows
    sort: "",
    order: "",
    protocol: "",
    min_lost: "",
    min_bandwidth_mbps: "",
    q: "",
    time: "", // the figures of flows: "" of the last minutes if the capture runs; "all"
    offset: "",
    after: "", // the cursor at which the page begins; offset then only tells its number
    comparison: "", // of two vantage points; "" is the newest
    compared: "", // offset in the list of its SAs
    compared_after: "",
    // a flow's page
    of: "", // its capture, when several are shown
    gaps: "",
    gaps_after: "",
};

/** Changes that show the first page of flows, of the SAs of a comparison, of the gaps of a flow. */
export const FIRST_FLOWS = { offset: "", after: "" };
export const FIRST_COMPARED = { compared: "", compared_after: "" };
export const FIRST_GAPS = { gaps: "", gaps_after: "" };

/** The view in the address: {flow, capture, sort, ...}, "" for what it does not contain. */
export function readAddress() {
    const [path, query = ""] = location.hash.slice(1).split(/\?(.*)/s);
    const said = Object.fromEntries(new URLSearchParams(query));
    let flow = "";
    try {
        flow = path.startsWith(FLOW) ? decodeURIComponent(path.slice(FLOW.length)) : "";
    } catch {
        // this page did not write such an id: the list is shown
    }
    return { ...NOTHING, ...said, flow };
}

/** The address of the view WHAT. */
export function addressOf(what) {
    const { flow, ...others } = what;
    const said = Object.entries(others).filter(([, value]) => value !== "");
    const query = new URLSearchParams(said).toString();
    return `#${flow ? FLOW + encodeURIComponent(flow) : "/"}${query && `?${query}`}`;
}

/** The address of the present view with CHANGES. */
export function changedAddress(changes) {
    return addressOf({ ...readAddress(), ...changes });
}

/** The parameters of the API for the captures that the view ASKED shows. */
export function scopeOf(asked) {
    if (asked.flow && asked.of) return { capture: asked.of };
    return { capture: asked.capture, interface: asked.capture ? "" : asked.interface };
}
