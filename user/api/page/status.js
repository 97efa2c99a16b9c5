// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// The state of the data: how old they are, and whether the server answers.

import { byId, setText } from "./element.js";
import { seconds, span, time, timestamp } from "./format.js";
import { serverNow } from "./server.js";

const OLD_SECONDS = 20; // a sensor writes every 5 s

/** The state of CAPTURE: [state, text that changes all the time, text to announce]. */
function describe(capture) {
    const age = serverNow() - seconds(capture.updated);
    if (capture.ended) {
        const ago = span(serverNow() - seconds(capture.ended));
        return ["ended", `Ended ${ago} ago, ${time(capture.ended)}`, "The capture has ended."];
    }
    if (age > OLD_SECONDS)
        return [
            "old",
            `Old data: nothing new for ${span(age)}`,
            "Old data: the capture has not ended, but writes nothing new.",
        ];
    return ["running", `Running, data ${span(age)} old`, "The capture is running."];
}

export class Status {
    constructor() {
        this.capture = null;
        this.paused = false;
        setInterval(() => this.tick(), 1000);
    }

    tick() {
        if (!this.capture) return;
        const [state, words, announced] = describe(this.capture);
        byId("status").dataset.state = this.paused ? "paused" : state;
        setText(byId("status-text"), this.paused ? `Paused. ${words}` : words);
        setText(byId("live"), announced);
    }

    /** The server answered; this capture is shown, or none (null). */
    answered(capture) {
        this.capture = capture;
        this.since = serverNow();
        byId("notice").hidden = true;
        byId("main").classList.remove("blank", "stale");
        this.tick();
    }

    /** The view is outdated, because of MESSAGE. */
    failed(message) {
        const shown = this.since ? ` Shown is what it had at ${time(timestamp(this.since))}.` : "";
        setText(byId("notice"), `${message}${shown}`);
        byId("notice").hidden = false;
        byId("main").classList.toggle("stale", Boolean(this.since));
        if (!this.capture) {
            byId("status").dataset.state = "waiting";
            setText(byId("status-text"), "Waiting");
        }
    }
}
