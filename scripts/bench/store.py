# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The store: a flush compared with a bare loop of the same upserts, and many gaps with a reader."""
import contextlib
import sqlite3
import statistics
import subprocess
import sys
import threading
import time

from bench.common import BUILD, TOOLS, at_most, busy_seconds, warn_when_busy

PROGRAMS = ("upserts", "flush", "gaps")  # of tests/bench that it needs

FLOWS = 100_000
ROUNDS = 4
GAPS_A_SECOND = 20_000
# A ring of 8 MB holds this many records of 64 octets; each gap takes two.
RING_RECORDS = (8 << 20) // 64
ORDERS = (
    "total_lost_packets DESC, total_bytes DESC",
    "total_bytes DESC",
    "bandwidth_mbps DESC",
    "last_timestamp DESC",
)


def fresh(directory):
    """The name of a database that does not exist."""
    path = directory / "results.db"
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return path


def run(name, *arguments):
    """The rows of numbers that a program prints."""
    done = subprocess.run(
        [TOOLS / name, *map(str, arguments)], stdout=subprocess.PIPE, text=True, check=True
    )
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def measure_flushes(directory, runs):
    """The seconds of each flush: (yardstick, ours, the part of collecting)."""
    schema = BUILD / "generated" / "store" / "database" / "schema.sql"
    bare, ours, collecting = [], [], []
    for number in range(runs):
        print(f"benchmark: flushes, run {number + 1} of {runs}", file=sys.stderr)
        bare += [row[0] for row in run("upserts", schema, fresh(directory), FLOWS, ROUNDS)]
        rows = run("flush", fresh(directory), FLOWS, ROUNDS)
        collecting += [collect for collect, _ in rows]
        ours += [collect + write for collect, write in rows]
    return tuple(map(statistics.median, (bare, ours, collecting)))


class Reader(threading.Thread):
    """Queries sorted lists of flows and the newest gaps, without a pause."""

    def __init__(self, path):
        super().__init__()
        self.path, self.seconds, self.is_done = path, [], False

    def run(self):
        queries = [f"SELECT * FROM flows WHERE capture_id = 1 ORDER BY {by}" for by in ORDERS]
        queries.append("SELECT * FROM sequence_gaps WHERE capture_id = 1 ORDER BY timestamp DESC")
        while not self.path.exists() and not self.is_done:
            time.sleep(0.01)
        with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as database:
            while not self.is_done:
                for query in queries:
                    self.ask(database, f"{query} LIMIT 100")

    def ask(self, database, query):
        began = time.monotonic()
        try:
            database.execute(query).fetchall()
        except sqlite3.OperationalError:  # the tables are not there yet
            time.sleep(0.01)
        else:
            self.seconds.append(time.monotonic() - began)
            time.sleep(0.002)


def measure_gaps(directory, seconds):
    """Returns the gaps found, the gaps in the database, and the reader's times."""
    print(f"benchmark: gaps, {seconds} s", file=sys.stderr)
    path = fresh(directory)
    reader = Reader(path)
    reader.start()
    try:
        ((records, gaps, pause),) = run("gaps", path, GAPS_A_SECOND, seconds)
    finally:
        reader.is_done = True
        reader.join()
    with contextlib.closing(sqlite3.connect(path)) as database:
        stored = database.execute("SELECT count(*), max(gaps_omitted) FROM sequence_gaps, captures")
        rows, omitted = stored.fetchone()
    if rows + omitted != gaps:
        sys.exit(f"benchmark: {gaps} gaps were found, {rows} + {omitted} are in the database")
    return records, gaps, pause, rows, reader.seconds


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    began, all_before, own_before = time.monotonic(), *busy_seconds()
    bare, ours, collecting = measure_flushes(directory, arguments.runs)
    records, gaps, pause, rows, times = measure_gaps(directory, arguments.seconds)
    all_after, own_after = busy_seconds()
    others = ((all_after - all_before) - (own_after - own_before)) / (time.monotonic() - began)

    print(f"SQLite {sqlite3.sqlite_version}; medians of {arguments.runs * ROUNDS} flushes each")
    print(f"bare loop of {FLOWS} upserts and interval rows (yardstick): {bare:.3f} s")
    print(f"a flush of {FLOWS} changed flows: {ours:.3f} s, {collecting:.4f} s of it collecting")
    print(
        f"{records:.0f} records, {gaps:.0f} gaps in {arguments.seconds} s: {rows} rows, "
        f"tracking {pause * 1000:.1f} ms late at most"
    )
    slowest = statistics.quantiles(times, n=100)[98] if len(times) > 1 else float("nan")
    print(f"{len(times)} queries of a reader meanwhile, p99 {slowest * 1000:.1f} ms")
    warn_when_busy(others)
    room = RING_RECORDS / (2 * GAPS_A_SECOND)
    return [
        at_most("bare loop's time", 1.5, ours / bare),
        (f"{FLOWS} changed flows in at most 1 s", f"{ours:.3f} s", ours <= 1),
        (
            f"no record lost at {GAPS_A_SECOND} gaps/s: late by less than a ring of 8 MB holds",
            f"{pause:.3f} of {room:.1f} s",
            pause < room,
        ),
        ("every one of these gaps in the database", f"{rows} of {gaps:.0f}", rows == gaps),
    ]
