// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Charts, drawn by dygraphs in the colours of the style sheet.

/* global Dygraph */

import { make, setText } from "./element.js";
import { NONE, count, fixed, scaled, seconds, time } from "./format.js";

const HEIGHT = 170; // of each chart, in pixels
const AXIS_WIDTH = 68;
const MARK_SIZE = 3;
const DAY = 86400e3; // ms

// The legend is made here: that of dygraphs writes style attributes, which the page forbids.
Dygraph.PLUGINS = [Dygraph.Plugins.Axes, Dygraph.Plugins.Grid];

const dark = matchMedia("(prefers-color-scheme: dark)");
const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const moment = (milliseconds, digits) => time(new Date(milliseconds).toISOString(), digits);

/** The ticks of the time axis; their labels have the date where it changes. */
function timeTicks(from, to, pixels, option, dygraph) {
    const ticks = Dygraph.dateTicker(from, to, pixels, option, dygraph);
    const step = ticks.length > 1 ? ticks[1].v - ticks[0].v : to - from;
    let day = "";
    return ticks.map(({ v }) => {
        const [date, clock] = moment(v, step < 1000 ? 3 : 0).split(" ");
        const isNew = date !== day;
        day = date;
        if (step >= DAY) return { v, label: date };
        const short = step < 60e3 ? clock : clock.slice(0, 5);
        return { v, label: isNew ? `${short}<br>${date}` : short };
    });
}

/** The ticks of a logarithmic axis from LOW to HIGH: powers of ten. */
function powersOfTen(low, high) {
    const ticks = [];
    for (let v = 1; v <= high; v *= 10) if (v >= low) ticks.push({ v, label: scaled(v, "") });
    return ticks;
}

/** A stepped line: a value is valid until the next one. */
const steps = (label, name, write) => ({
    label,
    name,
    write,
    style: () => ({ stepPlot: true, fillGraph: true, strokeWidth: 2, color: color(name) }),
});

/** A dashed stepped line without a filled area, for a second figure. */
const dashes = (label, name, write) => ({
    label,
    name,
    write,
    style: () => ({ stepPlot: true, strokeWidth: 2, strokePattern: [4, 3], color: color(name) }),
});

/** Single points. HOLLOW ones differ from others even without colours. */
const marks = (label, name, hollow, write = count) => ({
    label,
    name,
    write,
    style: () => ({
        strokeWidth: 0,
        drawPoints: true,
        pointSize: MARK_SIZE,
        color: color(name),
        drawPointCallback: (_, _name, canvas, x, y, edge, size) => {
            canvas.beginPath();
            canvas.fillStyle = hollow ? color("surface") : edge;
            canvas.strokeStyle = edge;
            canvas.lineWidth = 1.5;
            canvas.arc(x, y, size, 0, 2 * Math.PI);
            canvas.fill();
            canvas.stroke();
        },
    }),
});

/** A linear axis from 0 to a little above the highest value, at least to LEAST. */
const fromZero = (least, unit) => ({
    range: (high) => [0, Math.max(least, high * 1.08)],
    options: { axisLabelFormatter: (value) => scaled(value, unit) },
});

/** A logarithmic axis from below 1. */
const logarithmic = {
    range: (high) => [0.7, Math.max(10, high * 1.5)],
    options: { logscale: true, ticker: powersOfTen },
};

const highest = (values) => values.reduce((most, value) => Math.max(most, value ?? 0), 0);

/** A time that is pointed at in one chart of a group is shown in the others as well. */
const groups = new Map();

/** One chart in PARENT, with SERIES and its y AXIS, in the group named SYNC. */
class Chart {
    constructor(parent, { series, axis, sync, pick }) {
        this.series = series;
        this.axis = axis;
        this.plot = null;
        this.rows = null;
        this.title = make("p", { className: "chart-title" });
        this.legend = this.makeLegend();
        this.place = make("div", { className: "plot" });
        this.pointed = null; // the time that is pointed at
        this.place.addEventListener("click", () => {
            if (this.pointed !== null) pick?.(this.pointed / 1000);
        });
        this.box = make("div", { className: "chart", role: "img" }, this.place);
        parent.append(make("div", { className: "chart-head" }, this.title, this.legend), this.box);
        this.group = groups.get(sync) ?? groups.set(sync, []).get(sync);
        this.group.push(this);
        new ResizeObserver(() => (this.plot ? this.plot.resize() : this.draw())).observe(this.box);
        dark.addEventListener("change", () => this.restart());
    }

    makeLegend() {
        this.time = make("span", { className: "value" }, NONE);
        this.values = this.series.map(() => make("span", { className: "value" }, NONE));
        const items = this.series.map(({ label, name }, i) => {
            const item = make("span", {}, make("i"), `${label} `, this.values[i]);
            item.style.setProperty("--mark", `var(--${name})`);
            return item;
        });
        const legend = make("p", { className: "chart-legend" }, make("span", {}, this.time), ...items);
        legend.ariaHidden = "true"; // the label of the chart describes it in words
        return legend;
    }

    /** Shows the figures of the row that is pointed at, or dashes if ROW is null. */
    point(row) {
        const [at, ...values] = row === null ? [null] : this.rows[row];
        setText(this.time, at === null ? NONE : moment(at, 3));
        this.values.forEach((element, i) => setText(element, this.series[i].write(values[i])));
    }

    pointAll(at) {
        this.pointed = at === null ? null : this.rows[this.nearest(at)][0];
        for (const chart of this.group.filter(({ plot }) => plot)) {
            const row = at === null ? null : chart.nearest(at);
            chart.point(row);
            if (row === null) chart.plot.clearSelection();
            else if (chart !== this) chart.plot.setSelection(row);
        }
    }

    nearest(at) {
        const distance = (row) => Math.abs(this.rows[row][0] - at);
        return this.rows.reduce((best, _, row) => (distance(row) < distance(best) ? row : best), 0);
    }

    /** The options of dygraphs that change with the data. */
    content() {
        return { file: this.rows, dateWindow: this.extent, valueRange: this.axis.range(this.high) };
    }

    options() {
        return {
            ...this.content(),
            labels: ["Time", ...this.series.map(({ label }) => label)],
            series: Object.fromEntries(this.series.map(({ label, style }) => [label, style()])),
            labelsUTC: true,
            fillAlpha: 0.14,
            highlightCircleSize: MARK_SIZE,
            axisLineColor: color("line"),
            gridLineColor: color("line"),
            axisLabelFontSize: 11,
            xAxisHeight: 36,
            rightGap: 12,
            interactionModel: {},
            axes: {
                x: { ticker: timeTicks, axisLabelFormatter: () => "", pixelsPerLabel: 90, axisLabelWidth: 76, axisTickSize: 7 },
                y: { axisLabelWidth: AXIS_WIDTH, pixelsPerLabel: 34, ...this.axis.options },
            },
            highlightCallback: (_, at) => this.pointAll(at),
            unhighlightCallback: () => this.pointAll(null),
        };
    }

    draw() {
        if (!this.box.clientWidth || !this.rows) return;
        if (this.plot) {
            this.plot.updateOptions(this.content());
            return;
        }
        this.place.style.height = `${HEIGHT}px`;
        this.plot = new Dygraph(this.place, this.rows, this.options());
    }

    /** Draws the chart anew in the present colours. */
    restart() {
        this.plot?.destroy();
        this.plot = null;
        this.draw();
    }

    /** Shows COLUMNS, [times, values...], between FROM and TO; WORDS describe it for screen readers. */
    show([times, ...columns], from, to, title, words) {
        this.extent = [from * 1000, Math.max(to * 1000, from * 1000 + 1)];
        this.high = Math.max(...columns.map(highest));
        this.rows = times.map((at, i) => [at * 1000, ...columns.map((values) => values[i])]);
        if (times.length === 0) this.rows.push([this.extent[0], ...columns.map(() => null)]);
        setText(this.title, title);
        this.box.setAttribute("aria-label", words);
        this.draw();
    }
}

/** A LENGTH in seconds in its largest unit: "5 s", "1.5 min", "2 h". */
function duration(length) {
    const [size, unit] = length < 60 ? [1, "s"] : length < 3600 ? [60, "min"] : [3600, "h"];
    return `${Number((length / size).toFixed(1))} ${unit}`;
}

/** The two charts of both the overview and a flow's page. */
export class TimeCharts {
    /** PICK is called with the begin and the end of a stretch that is clicked on. */
    constructor(parent, sync, pick) {
        const whole = (at) => pick(at, at + this.step);
        this.bandwidth = new Chart(parent, {
            sync,
            pick: whole,
            axis: fromZero(1000, "b/s"),
            series: [steps("Bandwidth", "rate", (value) => scaled(value, "b/s"))],
        });
        this.lost = new Chart(parent, {
            sync,
            pick: whole,
            axis: fromZero(5, ""),
            series: [steps("Network", "lost", count), dashes("Undetermined", "undetermined", count)],
        });
    }

    show([times, rates, lost, doubtful], { from, to, step }) {
        const peak = scaled(highest(rates), "b/s");
        const worst = count(highest(lost));
        const others = highest(doubtful) ? ` and ${count(highest(doubtful))} undetermined` : "";
        const each = duration(step);
        this.step = step;
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
            sync,
            axis: logarithmic,
            series: [marks("Network", "lost", false), marks("Undetermined", "undetermined", true)],
        });
    }

    show(times, network, undetermined, from, to) {
        const words = `${count(times.length)} gaps over time; the largest lost ${count(
            Math.max(highest(network), highest(undetermined)),
        )} packets. The table has them one by one.`;
        this.chart.show([times, network, undetermined], from, to, "Size of each gap, packets", words);
    }
}

/** The loss of each SA of a lineage, as one line; a mark stands where an SA took over. */
export class LineageChart {
    constructor(parent) {
        this.chart = new Chart(parent, {
            sync: "lineage",
            axis: fromZero(0.1, "%"),
            series: [
                steps("Lost by the network, % of each SA", "lost", (value) => fixed(value, 3)),
                marks("Rekey", "series-1", true, (value) => (value === null ? NONE : "here")),
            ],
        });
    }

    /** SAS are rows of the API, the earliest first. */
    show(sas, words) {
        const times = sas.map((sa) => seconds(sa.first_timestamp));
        const ratios = sas.map((sa) => (sa.loss_ratio ?? 0) * 100);
        const rekeys = ratios.map((ratio, i) => (i ? ratio : null));
        const end = Math.max(...sas.map((sa) => seconds(sa.last_timestamp)));
        const columns = [[...times, end], [...ratios, ratios.at(-1)], [...rekeys, null]];
        this.chart.show(columns, times[0], end, "Loss over time", words);
    }
}

/** The delays of a compared SA over time, less the smallest one, so that they are right although the clocks differ. */
export class DelayChart {
    constructor(parent) {
        const write = (value) => fixed(value, 3);
        this.chart = new Chart(parent, {
            sync: "compared",
            axis: fromZero(0.01, "ms"),
            series: [steps("Mean", "rate", write), dashes("99 % below", "undetermined", write)],
        });
    }

    /** DELAYS are rows of the API, of the SA that is called NAME and ended at END. */
    show(delays, name, end) {
        const least = Math.min(...delays.map((part) => part.delay_min_ms));
        const times = delays.map((part) => seconds(part.timestamp));
        const above = (field) => delays.map((part) => part[field] - least);
        const [mean, most] = [above("delay_mean_ms"), above("delay_p99_ms")];
        const columns = [[...times, seconds(end)], [...mean, mean.at(-1)], [...most, most.at(-1)]];
        const words = `Delay of ${name} above its smallest one: the 99th percentile is at most ${fixed(highest(most), 3)} ms`;
        this.chart.show(columns, times[0], seconds(end), "Delay above the smallest, ms", words);
    }
}
