# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Every filter with every sort key, on a million flows and three million gaps: each request compared with
a bare SELECT of the rows that it answered with; and how long others wait meanwhile.
"""
import contextlib
import datetime
import json
import os
import sqlite3
import statistics
import sys
import threading
import time
import urllib.error
import urllib.parse

from bench import large_database
from bench.server import free_port, get, serve

SORTS = ("lost_network", "total_lost_packets", "loss_ratio", "total_bytes", "bandwidth_mbps",
         "last_timestamp", "flow_id")
FILTERS = {"": "", "protocol": "esp", "min_bytes": 3_000_000, "max_bytes": 200_000,
           "min_bandwidth_mbps": 5, "max_bandwidth_mbps": 0.001, "min_lost": 300, "since": "-5m"}
ALONE = [
    *(("gaps", {name: value}) for name, value in
      (("limit", 100), ("cause", "network"), ("cause", "undetermined"), ("since", "-5m"), ("until", "-30m"))),
    *(("intervals", {name: value}) for name, value in
      (("limit", 100), ("since", "-5m"), ("until", "-30m"), ("step", 60))),
]
PAGE = [
    ("captures", {"limit": 1000}), ("stats/summary", {}), ("stats/summary", {"since": "-5m"}),
    ("stats/summary", {"since": "-10m", "until": "-5m"}), ("gaps", {"limit": 8}), ("events", {"limit": 8}),
    ("flows", {"since": "-5m", "sort": "lost_network", "limit": 50}),
    ("flows", {"since": "-5m", "sort": "loss_ratio", "limit": 50}),
    ("intervals", {"since": "-1h", "step": 15, "limit": 1000}), ("flows", {"q": "0x64", "limit": 50}),
    ("flows", {"q": "0x64", "since": "-5m", "limit": 50}),
]
TABLES = {"flows": "flows", "gaps": "sequence_gaps", "events": "events", "captures": "captures",
          "intervals": "capture_intervals"}
FLOWS = 1_000_000
TIMES, CLIENTS, BUSY_SECONDS = 5, 8, 20
HARDEST = "flows?max_bandwidth_mbps=0.0001&min_lost=499&min_bytes=6000000&sort=total_bytes&since=-1h"


def request(port, path, parameters):
    """The time of a request, its status and its answer. Each has another URL, so that none is kept."""
    query = urllib.parse.urlencode(parameters)
    began = time.perf_counter()
    try:
        answer = get(port, f"/api/v1/{path}?{query}")
        status = 200
    except urllib.error.HTTPError as error:
        answer, status = error.read(), error.code
    return time.perf_counter() - began, status, answer


# What a user would ask SQLite for the same rows: by their ids, and where figures are those of a time,
# their sums over it; where no index serves a search, by a look at each id.
ROWS = "SELECT * FROM {table} WHERE id IN ({ids})"
SUMS = """
SELECT flow, sum(packets), sum(bytes), sum(lost), sum(lost_undetermined) FROM interval_flows
WHERE interval IN (SELECT id FROM capture_intervals WHERE timestamp >= '{since}' AND timestamp < '{until}')
AND flow IN ({ids}) GROUP BY flow"""
SEARCH = "SELECT * FROM flows WHERE flow_id LIKE '%{q}%'"
TOTALS = """
SELECT (SELECT count(*) FROM flows WHERE capture_id = 1 AND last_timestamp >= '{since}'),
    (SELECT count(*) FROM sequence_gaps WHERE capture_id = 1 AND timestamp >= '{since}' AND timestamp < '{until}'),
    (SELECT sum(packets) FROM capture_intervals WHERE timestamp >= '{since}' AND timestamp < '{until}')"""


def moment(said):
    """The time of `since` or `until` (-5m or -1h), in the form that the database has."""
    seconds = int(said[1:-1]) * {"m": 60, "h": 3600}[said[-1]]
    return datetime.datetime.fromtimestamp(time.time() - seconds, datetime.timezone.utc).isoformat()


def ids_of(database, table, rows):
    """The ids of the flows in ROWS. If ROWS are not flows, the ids of as many flows."""
    if table != "flows":
        return [row[0] for row in database.execute(f"SELECT id FROM {table} LIMIT {len(rows) or 1}")]
    found = "SELECT id FROM flows WHERE capture_id = ? AND flow_id = ?"
    return [database.execute(found, (row["capture_id"], row["flow_id"])).fetchone()[0] for row in rows]


def bare(path, route, parameters, answer):
    """The time of a SELECT of the same rows. It opens the database, as the request opens a connection."""
    table = TABLES.get(key := route.rpartition("/")[2], "captures")
    times = {name: moment(parameters.get(name, usual)) for name, usual in (("since", "-24h"), ("until", "-0m"))}
    form = SEARCH if "q" in parameters else ROWS
    if "since" in parameters and "q" not in parameters:
        form = {"flows": SUMS, "summary": TOTALS}.get(key, ROWS)
    with contextlib.closing(sqlite3.connect(path)) as database:
        ids = ids_of(database, table, json.loads(answer).get(key, ()))
    said = ", ".join(map(str, ids))
    sql = form.format(table=table, ids=said, q=parameters.get("q"), **times)
    began = time.perf_counter()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute(sql).fetchall()
    return time.perf_counter() - began


def combinations():
    """(path, parameters, whether there is a page after)."""
    for name, value in FILTERS.items():
        for sort in SORTS:
            yield "flows", {"sort": sort, "limit": 50, **({name: value} if name else {})}, True
    for path, parameters in ALONE + PAGE:
        yield path, parameters, False


def measure_one(port, database, path, parameters):
    """Medians of a request and of the SELECT, its status and `next`."""
    times, yards = [], []
    for number in range(TIMES):
        more = {"limit": parameters.get("limit", 100) - number} if "stats" not in path else {}
        seconds, status, answer = request(port, path, {**parameters, **more})
        if status != 200:
            return seconds, 0, status, None
        times.append(seconds)
        yards.append(bare(database, path, parameters, answer))
    return statistics.median(times), statistics.median(yards), status, json.loads(answer).get("next")


def print_row(path, parameters, seconds, yard, status):
    said = urllib.parse.urlencode({key: value for key, value in parameters.items() if key != "after"})
    said += "&after=..." if "after" in parameters else ""
    ratio = f"{seconds / yard:.1f}" if yard else "-"
    print(f"{path + '?' + said:<72}{status:>5}{seconds * 1e3:>9.1f}{yard * 1e3:>9.1f}{ratio:>8}")
    return seconds / yard if yard else float("inf")


def table(port, path):
    """Prints the table. Returns the worst ratio and how many were refused."""
    ratios, refused = [], 0
    print(f"{'request':<72}{'':>5}{'ms':>9}{'bare ms':>9}{'times':>8}")
    for route, parameters, has_pages in combinations():
        for _ in range(2 if has_pages else 1):
            seconds, yard, status, after = measure_one(port, path, route, parameters)
            refused += status != 200
            ratios.append(print_row(route, parameters, seconds, yard, status))
            if not after:
                break
            parameters = {**parameters, "after": after}
    return ratios, refused


def others_wait(port):
    """The times that /health and /metrics take while clients send the most expensive requests, and the times of these."""
    until, waits, hard = time.monotonic() + BUSY_SECONDS, [], []

    def ask():
        number = 0
        while time.monotonic() < until:
            number += 1
            path, _, query = HARDEST.partition("?")
            hard.append(request(port, path, dict(urllib.parse.parse_qsl(query)) | {"offset": number})[0])

    clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    while time.monotonic() < until:
        for path in ("/health", "/metrics"):
            began = time.perf_counter()
            get(port, path)
            waits.append(time.perf_counter() - began)
    for client in clients:
        client.join()
    return sorted(waits), hard


def measure(directory, _):
    """Measures in DIRECTORY; returns the promises."""
    os.chmod(directory, 0o755)
    path = directory / "live.db"
    print("benchmark: API, making three million gaps", file=sys.stderr)
    large_database.make_live(path, FLOWS)
    port = free_port()
    with serve(path, port):
        ratios, refused = table(port, path)
        waits, hard = others_wait(port)
    p99 = waits[int(len(waits) * 0.99)]
    print(f"{CLIENTS} clients with the hardest questions: {len(hard)} answers, the slowest in "
          f"{max(hard):.2f} s; /health and /metrics {len(waits)} times, the slowest in {waits[-1]:.2f} s")
    return [
        ("each filter with each sort, and the page, at most 20 times a bare SELECT",
         f"{max(ratios):.1f}, {sum(ratio > 20 for ratio in ratios)} of {len(ratios)} above",
         max(ratios) <= 20),
        ("none of them refused", f"{refused}", refused == 0),
        ("/health and /metrics under 2.5 s (99 %) with eight clients that ask the hardest",
         f"{p99:.2f} s", p99 <= 2.5),
    ]
