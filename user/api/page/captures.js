// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Which captures the page is about, as the server decides it: those asked for, else all that run,
// else the newest.

import { seconds } from "./format.js";
import { serverNow } from "./server.js";

const USUAL_FLUSH = 5; // seconds
const LEAST_SECONDS = 15;

/** Whether CAPTURE is being written. */
export function runs(capture) {
    const allowed = Math.max(LEAST_SECONDS, 3 * (capture.flush_interval || USUAL_FLUSH));
    const age = serverNow() - seconds(capture.updated);
    return capture.method !== "file" && !capture.ended && age <= allowed;
}

/** The newest of CAPTURES of each source and method, which are in descending order. */
function newestOfEach(captures) {
    const found = new Map();
    for (const capture of captures) {
        const key = `${capture.source}\n${capture.method}`;
        if (!found.has(key)) found.set(key, capture);
    }
    return [...found.values()];
}

/** The running ones of CAPTURES. */
export function running(captures) {
    return newestOfEach(captures.filter(runs));
}

/** Those of CAPTURES that the view ASKED shows; none if there is no such capture. */
export function shownOf(captures, asked) {
    if (asked.capture) return captures.filter(({ id }) => String(id) === asked.capture);
    const candidates = captures.filter(({ source }) => !asked.interface || source === asked.interface);
    const now = running(candidates);
    return now.length ? now : candidates.slice(0, 1);
}

const sum = (captures, name) => captures.reduce((total, capture) => total + (capture[name] ?? 0), 0);
const all = (captures, name) => captures.map((capture) => capture[name]).filter(Boolean).sort();

/** Sets `place` of each of RECORDS, rows of the API: "on eth0" where CAPTURE stands for several. */
export function setPlaces(records, capture) {
    for (const record of records) record.place = capture.is_several ? `on ${record.interface}` : "";
}

/** One record with the figures of all CAPTURES together. There is at least one. */
export function together(captures) {
    if (captures.length === 1) return captures[0];
    return {
        ...captures[0],
        is_several: true,
        packets: sum(captures, "packets"),
        drops: sum(captures, "drops"),
        flows_evicted: sum(captures, "flows_evicted"),
        flush_interval: Math.max(...captures.map(({ flush_interval: length }) => length)),
        updated: all(captures, "updated")[0],
        first_timestamp: all(captures, "first_timestamp")[0] ?? null,
        last_timestamp: all(captures, "last_timestamp").at(-1) ?? null,
    };
}
