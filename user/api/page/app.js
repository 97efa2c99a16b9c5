// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The dashboard: loads the view in the address, shows it, and reloads it every few seconds.

import { FIRST_FLOWS, FIRST_GAPS, changedAddress, readAddress } from "./address.js";
import { shownOf, together } from "./captures.js";
import { Compared } from "./compared.js";
import { byId, setOptions, setText } from "./element.js";
import { time } from "./format.js";
import { Flow } from "./flow.js";
import { RANGES } from "./intervals.js";
import { Overview } from "./overview.js";
import { loadProtocols } from "./protocols.js";
import { NoAnswer, Refused, get } from "./server.js";
import { Status } from "./status.js";
import { showTabs } from "./tabs.js";

const REFRESH_MS = 5000;

const overview = new Overview();
const flow = new Flow();
const compared = new Compared();
const status = new Status();
let turn = 0; // counts requests: an answer that comes after a newer request is ignored
let next; // timer of the next reload

function showCaptures(captures, asked) {
    const words = ({ source, method, started }) => `${source}, ${method}, ${time(started)}`;
    const options = captures.map((capture) => [String(capture.id), `${capture.id}: ${words(capture)}`]);
    const shown = shownOf(captures, { capture: "", interface: asked.interface });
    const one = shown.length === 1 ? `Now: ${words(shown[0])}` : `Now: ${shown.length} captures`;
    setOptions(byId("capture"), [["", shown.length ? one : "None yet"], ...options], asked.capture);
    showTabs(captures, asked);
}

function showPage(asked) {
    byId("overview").hidden = Boolean(asked.flow);
    byId("flow").hidden = !asked.flow;
    document.title = asked.flow ? `${asked.flow} – gapwatch` : "gapwatch";
    for (const id of ["range", "flow-range"]) setOptions(byId(id), RANGES, asked.range);
    if (asked.flow) flow.begin(asked);
}

function explain(error) {
    if (error instanceof Refused) return `The server says: ${error.message}.`;
    if (error instanceof NoAnswer) return "The server does not answer.";
    console.error(error);
    return `This page cannot show the answer: ${error.message}.`;
}

function missing(asked) {
    if (asked.capture) return `There is no capture ${asked.capture}.`;
    if (asked.interface) return `There is no capture of ${asked.interface}.`;
    return "There is no capture yet; once a sensor has written one, it is shown.";
}

/** Loads and shows the view in the address. */
async function refresh() {
    const mine = ++turn;
    const asked = readAddress();
    try {
        await loadProtocols();
        const { captures } = await get("/api/v1/captures", { limit: 1000 });
        const showCompared = await compared.load(asked);
        const shown = shownOf(captures, asked.flow && asked.of ? { capture: asked.of } : asked);
        if (mine !== turn) return;
        showCaptures(captures, asked);
        showCompared();
        if (!shown.length) return status.failed(missing(asked));
        const capture = together(shown);
        const show = await (asked.flow ? flow : overview).load(capture, asked);
        if (mine !== turn) return;
        show();
        status.answered(capture);
    } catch (error) {
        if (mine !== turn) return;
        status.failed(explain(error));
    }
}

/** Reloads after a pause, counted from the last answer. */
async function run() {
    clearTimeout(next);
    const mine = turn + 1;
    await refresh();
    if (mine === turn && !status.paused && !document.hidden) next = setTimeout(run, REFRESH_MS);
}

/** Handles a new address: another page, or another part of this one. */
function navigate() {
    const asked = readAddress();
    const before = byId("flow").hidden ? "" : byId("flow-title").textContent;
    showPage(asked);
    if (asked.flow && asked.flow !== before) byId("flow-title").focus();
    if (!asked.flow && before) overview.flows.focusFlow(before);
    run();
}

function pause() {
    status.paused = !status.paused;
    byId("pause").ariaPressed = String(status.paused);
    setText(byId("pause"), status.paused ? "Resume" : "Pause");
    status.tick();
    if (status.paused) clearTimeout(next);
    else run();
}

function listen() {
    addEventListener("hashchange", navigate);
    document.addEventListener("visibilitychange", () => document.hidden || run());
    byId("pause").addEventListener("click", pause);
    byId("skip").addEventListener("click", (event) => {
        event.preventDefault(); // the address is used instead
        byId("main").focus();
    });
    byId("capture").addEventListener("change", ({ target }) => {
        location.hash = changedAddress({ capture: target.value, interface: "", of: "", ...FIRST_FLOWS, ...FIRST_GAPS });
    });
    for (const id of ["range", "flow-range"])
        byId(id).addEventListener("change", ({ target }) => {
            location.hash = changedAddress({ range: target.value, from: "", to: "" });
        });
}

async function showVersion() {
    setText(byId("version"), (await get("/health")).version);
}

listen();
showPage(readAddress());
run();
showVersion().catch(() => {});
