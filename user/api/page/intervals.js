// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Figures of a capture or a flow over time, for the charts.

import { seconds, timestamp } from "./format.js";
import { get, serverNow } from "./server.js";

const POINTS = 240; // of a chart at most
const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 10800, 21600, 43200, 86400];

/** The ranges of a chart: this many of the last seconds; Infinity is all. */
export const RANGES = [
    ["900", "15 minutes"],
    ["", "1 hour"],
    ["21600", "6 hours"],
    ["86400", "1 day"],
    ["604800", "1 week"],
    ["all", "Whole capture"],
];
const USUAL_RANGE = 3600;
const USUAL_FLUSH = 5; // seconds

/** The part of CAPTURE in RANGE and the step to draw it with: {from, to, step}. */
export function stretch(capture, range) {
    const moment = (name, other) => {
        const value = seconds(capture[name]);
        return Number.isFinite(value) ? value : other;
    };
    const updated = moment("updated", serverNow());
    const to = capture.method === "file" || capture.ended ? moment("last_timestamp", updated) : updated;
    const length = range === "all" ? Infinity : Number(range) || USUAL_RANGE;
    const from = Math.max(Math.min(moment("first_timestamp", to), to), to - length);
    // Intervals are as long as the pause between two flushes, so a shorter step would be empty.
    const least = Math.max((to - from) / POINTS, capture.flush_interval || USUAL_FLUSH);
    const step = STEPS.find((each) => each >= least) ?? Math.ceil(least / 86400) * 86400;
    return { from: Math.floor(from / step) * step, to, step };
}

/** Requests the intervals at PATH in STRETCH, oldest first. */
export async function getIntervals(path, scope, place) {
    const since = timestamp(place.from);
    const answer = await get(path, { ...scope, since, step: place.step, limit: 1000 });
    const lengths = answer.intervals.map(({ duration_seconds: length }) => length);
    // Intervals of files, and old ones, are longer than the step; they are drawn as they are.
    place.step = Math.max(place.step, ...lengths);
    return answer.intervals.reverse();
}

/** Columns for a chart: times, and from each time on [bandwidth in b/s, packets lost by the network,
 * undetermined loss]. WATCHED are the intervals of the capture. If OF_IT has no such interval, there
 * was no traffic. Outside of WATCHED nothing is known, so the columns are null. */
export function columns(watched, ofIt, { step, to }) {
    const found = new Map(ofIt.map((interval) => [interval.timestamp, interval]));
    const times = [];
    const rates = [];
    const lost = [];
    const doubtful = [];
    const add = (time, rate, network, undetermined) => {
        times.push(time);
        rates.push(rate);
        lost.push(network);
        doubtful.push(undetermined);
    };
    let end = null;
    for (const interval of watched) {
        const part = found.get(interval.timestamp) ?? { bytes: 0, lost: 0, lost_undetermined: 0 };
        const start = seconds(interval.timestamp);
        if (end !== null && start > end) add(end, null, null, null);
        add(start, (part.bytes * 8) / interval.duration_seconds, part.lost, part.lost_undetermined);
        end = start + Math.max(step, interval.duration_seconds);
    }
    const last = Math.max(times.at(-1), Math.min(end, to));
    if (end !== null) add(last, rates.at(-1), lost.at(-1), doubtful.at(-1));
    return [times, rates, lost, doubtful];
}
