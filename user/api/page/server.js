// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
// Requests to the API.

const TIMEOUT_MS = 10000;

/** An answer of the server that is an error: its STATUS, a message, and CHOICES when a name was
 * ambiguous. */
export class Refused extends Error {
    constructor(status, { message, choices = [] }) {
        super(message);
        this.status = status;
        this.choices = choices;
    }
}

/** The server did not answer, or its answer could not be read. */
export class NoAnswer extends Error {}

let ahead = 0; // milliseconds that the server's clock is ahead of the browser's

/** The server's time in seconds since 1970; the browser's clock may differ. */
export function serverNow() {
    return (Date.now() + ahead) / 1000;
}

function readClock(response) {
    const date = Date.parse(response.headers.get("date"));
    if (Number.isFinite(date)) ahead = date - Date.now();
}

async function refusal(response) {
    try {
        return new Refused(response.status, await response.json());
    } catch {
        return new Refused(response.status, { message: `status ${response.status}` });
    }
}

/** Requests URL from the page's origin, which contains no name and password: fetch() refuses URLs with
 * these. The browser sends them in a header. */
async function ask(url) {
    const response = await fetch(location.origin + url, {
        signal: AbortSignal.timeout(TIMEOUT_MS),
        cache: "no-cache",
    });
    readClock(response);
    return response.ok ? await response.json() : refusal(response);
}

/** Requests PATH with the PARAMETERS that are not empty. Throws Refused or NoAnswer. */
export async function get(path, parameters = {}) {
    const said = Object.entries(parameters).filter(([, value]) => value !== "" && value != null);
    const query = new URLSearchParams(said).toString();
    let answer;
    try {
        answer = await ask(query ? `${path}?${query}` : path);
    } catch (error) {
        throw new NoAnswer(error.message, { cause: error });
    }
    if (answer instanceof Refused) throw answer;
    return answer;
}

/** The path of a flow in the API. */
export function flowPath(id) {
    return `/api/v1/flows/${encodeURIComponent(id)}`;
}
