# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The API: lists and details of a million flows, compared with a bare Kore handler of one SELECT.

wrk requests each of them in turn; medians are printed. Lists ask for another page each time, because
an answer is kept until the database changes, and a repeated request costs nothing.
"""
import contextlib
import dataclasses
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

from bench import api_queries, large_database
from bench.server import BUILD, WORKERS, free_port, get, running, serve

PROGRAMS = ("yardstick.so",)  # that it needs

RUN_SECONDS = 5
FLOWS, FEW_FLOWS = 1_000_000, 1_000
CONNECTIONS = 8
FLUSH_FLOWS, FLUSHES = 10_000, 20
LIST_SELECT = (
    "SELECT flow_id, protocol, implicit_sci, packets_received, total_bytes, gaps_detected, "
    "total_lost_packets, loss_ratio, unobserved_packets, duplicate_packets, reordered_packets, "
    "late_packets, outlier_packets, max_reorder_distance, wraparounds, restarts, rekeys, "
    "first_sequence, last_sequence, min_gap, max_gap, first_timestamp, last_timestamp, "
    "duration_seconds, bandwidth_mbps, min_inter_arrival_ms, max_inter_arrival_ms, "
    "avg_inter_arrival_ms, stddev_inter_arrival_ms FROM flows WHERE capture_id = 1 "
    "ORDER BY total_lost_packets DESC, total_bytes DESC LIMIT 100"
)
# A different URL each time, and more of them than the server keeps answers.
PAGES = """
local n = 0
request = function()
    n = n + 1
    return wrk.format("GET", "/api/v1/flows?offset=" .. n % 500)
end"""
DETAILS = """
local n = 0
request = function()
    n = n + 1
    return wrk.format("GET", string.format(
        "/api/v1/flows/MACsec%%20%%7B%%20sci:%%200x%x%%20%%7D", n % 5000 * 100))
end"""


@dataclasses.dataclass
class Load:
    """The requests of wrk, and the results of its runs."""

    name: str
    port: int
    path: str
    script: str = ""
    rates: list = dataclasses.field(default_factory=list)
    p99s: list = dataclasses.field(default_factory=list)

    def run(self, directory, seconds):
        command = ["wrk", "--latency", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        if self.script:
            script = directory / "wrk.lua"
            script.write_text(self.script)
            command += ["-s", str(script)]
        command.append(f"http://127.0.0.1:{self.port}{self.path}")
        said = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode()
        if "Non-2xx" in said or "Socket errors" in said:
            sys.exit(f"benchmark: {self.name}: {said}")
        self.rates.append(float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]))
        number, unit = re.search(r"99%\s+([\d.]+)(us|ms|s)", said).groups()
        self.p99s.append(float(number) * {"us": 1e-6, "ms": 1e-3, "s": 1}[unit])

    @property
    def rate(self):
        return statistics.median(self.rates)

    @property
    def p99(self):
        return statistics.median(self.p99s)


def yardstick(directory, database, port):
    """The bare handler, with the settings that `gapwatch serve` gives Kore."""
    configuration = directory / "yardstick.conf"
    configuration.write_text(
        f"root {directory}\nworkers {WORKERS}\nworker_set_affinity 0\nworker_accept_threshold 1\n"
        f"pidfile {directory}/yardstick.pid\nload {BUILD}/bench/yardstick.so\n"
        f"server api {{\n bind 127.0.0.1 {port}\n tls no\n}}\n"
        "domain * {\n attach api\n route / print_rows\n}\n"
    )
    command = ["kore", "-f", "-q", "-n", "-r", "-c", configuration]
    settings = {"YARDSTICK_DATABASE": str(database), "YARDSTICK_SELECT": LIST_SELECT}
    return running(command, port, "/", env={**os.environ, **settings})


def rotate(directory, database, runs, seconds):
    ours, theirs = free_port(), free_port()
    loads = [
        Load("bare Kore handler, one SELECT (yardstick)", theirs, "/"),
        Load("flows, another page each time", ours, "", PAGES),
        Load("flows, the same page", ours, "/api/v1/flows"),
        Load("flows, filtered", ours, "/api/v1/flows?limit=10&min_bandwidth_mbps=5"),
        Load("one flow, another each time", ours, "", DETAILS),
        Load("summary", ours, "/api/v1/stats/summary"),
    ]
    with serve(database, ours), yardstick(directory, database, theirs):
        for run in range(runs):
            print(f"benchmark: API, run {run + 1} of {runs}", file=sys.stderr)
            for load in loads:
                load.run(directory, seconds)
    return loads


def summary_seconds(database):
    """Median time of a summary that is not kept: the file is touched before each request."""
    port = free_port()
    times = []
    with serve(database, port, 1):
        for _ in range(50):
            os.utime(database)
            began = time.perf_counter()
            get(port, "/api/v1/stats/summary")
            times.append(time.perf_counter() - began)
    return statistics.median(times)


def flush_seconds(writer):
    """Median time of a transaction that changes many flows, as a flush of the sensor does."""
    times = []
    for flush in range(FLUSHES):
        began = time.perf_counter()
        writer.execute("BEGIN IMMEDIATE")
        writer.execute(
            "UPDATE flows SET packets_received = packets_received + 1, total_bytes = total_bytes + "
            "64, bandwidth_mbps = bandwidth_mbps * 1.01 WHERE id BETWEEN ? AND ?",
            (flush * FLUSH_FLOWS, (flush + 1) * FLUSH_FLOWS - 1),
        )
        writer.execute("COMMIT")
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def flushes(database, directory):
    """Flush times: (without requests, while wrk loads one worker)."""
    port = free_port()
    load = Load("while it is written to", port, "", PAGES)
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as writer:
        writer.execute("PRAGMA synchronous = normal")
        alone = flush_seconds(writer)
        with serve(database, port, 1):
            reader = threading.Thread(target=load.run, args=(directory, 10))
            reader.start()
            time.sleep(1)
            loaded = flush_seconds(writer)
            reader.join()
    return alone, loaded


def print_table(loads):
    print(f"\n{'requests (medians)':<44}{'per s':>9}{'p99 ms':>9}{'ratio':>8}")
    for load in loads:
        ratio = load.rate / loads[0].rate
        print(f"{load.name:<44}{load.rate:>9.0f}{load.p99 * 1e3:>9.2f}{ratio:>8.2f}")


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    os.chmod(directory, 0o755)  # the server's workers are nobody
    large, small = directory / "large.db", directory / "small.db"
    large_database.make(large, FLOWS)
    large_database.make(small, FEW_FLOWS)
    loads = rotate(directory, large, arguments.runs, RUN_SECONDS)
    print_table(loads)
    _, pages, same, filtered, one, _ = loads
    growth = summary_seconds(large) / summary_seconds(small)
    alone, loaded = flushes(large, directory)
    print(f"a flush of {FLUSH_FLOWS} flows: {alone * 1e3:.1f} ms alone, {loaded * 1e3:.1f} ms read")
    slowest = max(load.p99 for load in (pages, same, filtered, one))
    return [
        (f"p99 of lists and details of {FLOWS} flows under 10 ms", f"{slowest * 1e3:.1f} ms",
         slowest < 0.01),
        ("lists at least half as fast as the bare handler", f"{pages.rate / loads[0].rate:.2f}",
         pages.rate >= loads[0].rate / 2),
        (f"a summary of {FLOWS} flows takes at most twice as long as of {FEW_FLOWS}",
         f"{growth:.2f}", growth <= 2),
        ("a flush takes at most twice as long while a reader asks for all it can",
         f"{loaded / alone:.2f}", loaded / alone <= 2),
        *api_queries.measure(directory, arguments),
    ]
