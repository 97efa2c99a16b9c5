// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Charts, drawn by uPlot in the colours of the style sheet.

/* global uPlot */

import { make, setText } from "./element.js";
import { NONE, count, scaled, time } from "./format.js";

const AXIS_WIDTH = 76;
const MARK_SIZE = 6;
const FONT = '11px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

const dark = matchMedia("(prefers-color-scheme: dark)");
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

const moment = (seconds, digits) => time(new Date(seconds * 1000).toISOString(), digits);

/** Labels of the time axis, STEP seconds apart; with the date where it changes. */
function timeLabels(_, splits, _axis, _space, step) {
    let day = "";
    return splits.map((seconds) => {
        const [date, clock] = moment(seconds, step < 1 ? 3 : 0).split(" ");
        const isNew = date !== day;
        day = date;
        if (step >= 86400) return date;
        const short = step < 60 ? clock : clock.slice(0, 5);
        return isNew ? `${short}\n${date}` : short;
    });
}

/** Labels of a logarithmic axis: only powers of ten. */
const decades = (_, splits) => splits.map((value) => (Number.isInteger(Math.log10(value)) ? value : null));

function axes(unit, logarithmic) {
    const filter = logarithmic ? decades : (_, splits) => splits;
    const common = {
        stroke: color("muted"),
        font: FONT,
        grid: { stroke: color("line"), width: 1 },
        ticks: { stroke: color("line"), width: 1, size: 4 },
    };
    const values = (_, splits) => splits.map((value) => (value === null ? "" : scaled(value, unit)));
    return [
        { ...common, size: 34, values: timeLabels },
        {
            ...common,
            size: AXIS_WIDTH,
            values,
            filter,
            grid: { ...common.grid, filter },
            ticks: { ...common.ticks, filter },
        },
    ];
}

const timeSeries = {
    label: "Time",
    value: (_, seconds) => (seconds === null ? NONE : moment(seconds, 3)),
};

/** A stepped line: a value is valid until the next one. */
function steps(label, colorName, unit) {
    return {
        label,
        stroke: color(colorName),
        fill: color(`${colorName}-fill`),
        width: 1.5,
        paths: uPlot.paths.stepped({ align: 1 }),
        points: { show: false },
        value: (_, value) => (unit === "" ? count(value) : scaled(value, unit)),
    };
}

/** A dashed stepped line without a filled area, for a second figure. */
function dashes(label, colorName) {
    const paths = uPlot.paths.stepped({ align: 1 });
    const line = { width: 1.5, dash: [4, 3], points: { show: false }, paths };
    return { ...line, label, stroke: color(colorName), value: (_, value) => count(value) };
}

/** Single points. HOLLOW ones differ from others even without colours. */
function marks(label, colorName, hollow) {
    return {
        label,
        stroke: color(colorName),
        paths: () => null,
        points: {
            show: true,
            size: MARK_SIZE,
            width: 1.5,
            stroke: color(colorName),
            fill: color(hollow ? "surface" : colorName),
        },
        value: (_, value) => count(value),
    };
}

/** The range from 0 to a little above the highest value, at least to LEAST. */
const fromZero = (least) => (_, low, high) => [0, Math.max(least, high * 1.08)];
const powersOfTen = (_, low, high) => [0.7, Math.max(10, high * 1.5)];

/** One chart in PARENT. */
class Chart {
    constructor(parent, { unit, height, series, scale, sync }) {
        this.box = make("div", { className: "chart" });
        this.title = make("p", { className: "chart-title" });
        this.plot = null;
        this.data = null;
        this.options = (width) => ({
            width,
            height,
            tzDate: utc,
            scales: { x: { range: () => this.extent }, y: scale },
            axes: axes(unit, scale.distr === 3),
            series: [timeSeries, ...series()],
            cursor: { sync: { key: sync }, drag: { x: false, y: false }, points: { size: MARK_SIZE } },
        });
        this.box.setAttribute("role", "img");
        parent.append(this.title, this.box);
        new ResizeObserver(() => this.resize(height)).observe(this.box);
        dark.addEventListener("change", () => this.restart());
    }

    resize(height) {
        const width = this.box.clientWidth;
        if (width && this.plot) this.plot.setSize({ width, height });
        else if (width) this.draw();
    }

    draw() {
        const width = this.box.clientWidth;
        if (!width || !this.data) return;
        if (this.plot) {
            this.plot.setData(this.data);
            return;
        }
        this.plot = new uPlot(this.options(width), this.data, this.box);
        this.plot.root.ariaHidden = "true"; // the label of the box describes it in words
    }

    /** Draws the chart anew in the present colours. */
    restart() {
        this.plot?.destroy();
        this.plot = null;
        this.draw();
    }

    /** Shows DATA, [times, values...], between FROM and TO; WORDS describe it for screen readers. */
    show(data, from, to, title, words) {
        this.extent = [from, Math.max(to, from + 0.001)];
        this.data = data;
        setText(this.title, title);
        this.box.setAttribute("aria-label", words);
        this.draw();
    }
}

const highest = (values) => values.reduce((most, value) => Math.max(most, value ?? 0), 0);

/** The two charts of both the overview and a flow's page. */
export class TimeCharts {
    constructor(parent, sync) {
        const common = { height: 170, sync };
        this.bandwidth = new Chart(parent, {
            ...common,
            unit: "b/s",
            scale: { range: fromZero(1000) },
            series: () => [steps("Bandwidth", "rate", "b/s")],
        });
        this.lost = new Chart(parent, {
            ...common,
            unit: "",
            scale: { range: fromZero(5) },
            series: () => [steps("Lost", "lost", ""), dashes("Undetermined", "undetermined")],
        });
    }

    show([times, rates, lost, doubtful], { from, to, step }) {
        const peak = scaled(highest(rates), "b/s");
        const worst = count(highest(lost));
        const others = highest(doubtful) ? ` and ${count(highest(doubtful))} undetermined` : "";
        const each = step < 60 ? `${step} s` : step < 3600 ? `${step / 60} min` : `${step / 3600} h`;
        const bandwidthTitle = `Bandwidth, mean of ${each}`;
        const lostTitle = `Lost packets in ${each}`;
        this.bandwidth.show([times, rates], from, to, bandwidthTitle, `${bandwidthTitle}; at most ${peak}`);
        this.lost.show([times, lost, doubtful], from, to, lostTitle, `${lostTitle}; at most ${worst}${others}`);
    }
}

/** Each gap of a flow at its time; its height is the number of lost packets. */
export class Timeline {
    constructor(parent, sync) {
        this.chart = new Chart(parent, {
            unit: "",
            height: 170,
            scale: { distr: 3, range: powersOfTen },
            series: () => [marks("Network", "lost", false), marks("Undetermined", "undetermined", true)],
            sync,
        });
    }

    show(times, network, undetermined, from, to) {
        const words = `${count(times.length)} gaps over time; the largest lost ${count(
            Math.max(highest(network), highest(undetermined)),
        )} packets. The table has them one by one.`;
        this.chart.show([times, network, undetermined], from, to, "Size of each gap, packets", words);
    }
}
