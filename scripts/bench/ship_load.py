# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The load of the benchmark of shipping; it runs in a network of its own.

    ship_load.py DIRECTORY SENSORS SAS SECONDS

A database stands for up to 100 sensors, with a capture for each, because a machine has no room for a
thousand processes that ship. Every 5 s each SA gets new figures, a part of the interval and a sample, and
one in a hundred a gap. Prints JSON.
"""
import contextlib
import json
import pathlib
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
import uuid

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
# pylint: disable=wrong-import-position
from support import made_database
from support.shipping import ClickHouse

PROGRAM = made_database.BUILD / "gapwatch"
SENSORS_A_DATABASE, FLUSH_SECONDS = 100, 5
TABLES = ("captures", "flows", "sas", "sequence_gaps", "capture_intervals", "interval_flows", "samples")

# What is written at :now, whose number is :change. SQLite's random() is even enough.
FLUSH = (
    "UPDATE store SET change = :change",
    "UPDATE captures SET updated = :now, last_timestamp = :now, flushes = flushes + 1, changed = :change",
    """UPDATE flows SET packets_received = packets_received + 500, total_bytes = total_bytes + 350000
       + abs(random()) % 100000, last_sequence = last_sequence + 500, last_timestamp = :now, changed = :change""",
    """UPDATE sas SET packets_received = packets_received + 500, last_sequence = last_sequence + 500,
       last_timestamp = :now, changed = :change""",
    """INSERT INTO capture_intervals SELECT NULL, id, :now, 5, 50000, 35000000 + abs(random()) % 1000000,
       abs(random()) % 9, 0, 50000, :change FROM captures""",
    """INSERT INTO interval_flows SELECT i.id, f.id, 490 + abs(random()) % 20, 350000 + abs(random()) % 50000,
       iif(abs(random()) % 50, 0, 1), 0, 490, :change
       FROM capture_intervals AS i JOIN flows AS f ON f.capture_id = i.capture_id WHERE i.changed = :change""",
    """INSERT OR IGNORE INTO samples SELECT id, :ns - abs(random()) % 5000000000,
       last_sequence - abs(random()) % 500, :change
       FROM sas""",
    """INSERT INTO sequence_gaps (capture_id, flow_id, expected_sequence, received_sequence, gap_size, timestamp,
       duration_ms, cause, sa_id, first_number, last_number, changed)
       SELECT capture_id, flow_id, last_sequence - 9, last_sequence - 8, 1, :now, 20.5, 'network', id,
       last_sequence - 9, last_sequence - 9, :change FROM sas WHERE abs(random()) % 100 = 0""",
)


def make(path, sensors, sas):
    """Makes a database of SENSORS with SAS each, without the indexes that only the API needs."""
    rng = random.Random(1)
    with contextlib.closing(made_database.create(path)) as database:
        database.execute("BEGIN")
        for number in range(sensors):
            flows = [made_database.make_flow(number * sas + i, "esp", rng) for i in range(sas)]
            made_database.add_capture(database, flows, [])
        for table in ("interval_flows", "capture_intervals", "events"):
            database.execute(f"DELETE FROM {table}")
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE name LIKE 'flows_by_%'").fetchall():
            database.execute(f"DROP INDEX {name}")
        database.execute("COMMIT")


def copies(first, count):
    """COUNT databases like FIRST, with UUIDs of their own."""
    for number in range(count):
        path = first.with_name(f"{number}.db")
        shutil.copy(first, path)
        with contextlib.closing(sqlite3.connect(path)) as database, database:
            database.execute("UPDATE store SET uuid = ?", (str(uuid.uuid4()),))
        yield path


class Store:
    """A database, and the process that ships it."""

    def __init__(self, path, server):
        self.path, self.change, self.committed, self.lags = path, 0, {}, []
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.execute("PRAGMA synchronous = normal")
        self.database.execute("PRAGMA cache_size = -50000")
        words = [PROGRAM, "ship", "--quiet", "--db", path, "--to", server.url("load"), "--auth-file", server.auth]
        self.process = subprocess.Popen(list(map(str, words)))

    def flush(self):
        self.change += 1
        now = time.time_ns()
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now // 10**9)) + f".{now % 10**9:09d}Z"
        self.database.execute("BEGIN")
        for sql in FLUSH:
            self.database.execute(sql, {"change": self.change, "now": text, "ns": now})
        self.database.execute("COMMIT")
        self.committed[self.change] = time.monotonic()

    def look(self):
        """Notes the lag of what was shipped completely since the last look."""
        for cursor in self.path.parent.glob(f"{self.path.name}.ship-*load-????????"):
            change = int(cursor.read_text().split("\nchange ")[1].split()[0])
            for done in [number for number in self.committed if number <= change]:
                self.lags.append(time.monotonic() - self.committed.pop(done))

    def rows(self):
        return {table: self.database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def network_octets():
    lines = pathlib.Path("/proc/net/dev").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.split()[0] == "lo:")


def run(stores, seconds):
    """Writes to all STORES in turn, each every FLUSH_SECONDS, for SECONDS. Ships the rest."""
    began, turn = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        stores[turn % len(stores)].flush()
        turn += 1
        while time.monotonic() - began < turn * FLUSH_SECONDS / len(stores):
            time.sleep(0.1)
            for store in stores:
                store.look()
    for store in stores:
        store.process.terminate()
    for store in stores:
        store.process.wait()
        store.look()
    return time.monotonic() - began, turn


def cpu_of(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def main():
    directory, sensors, sas, seconds = pathlib.Path(sys.argv[1]), *map(int, sys.argv[2:5])
    made = min(sensors, SENSORS_A_DATABASE)
    make(directory / "first.db", made, sas)
    with ClickHouse(directory / "clickhouse") as server:
        server.make(Gapwatch, "load")
        stores = [Store(path, server) for path in copies(directory / "first.db", sensors // made)]
        seconds, flushes = run(stores, seconds)
        wire, server_cpu = network_octets(), cpu_of(server.process.pid)
        ship_cpu = sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
        found, missing = {}, 0
        for table in TABLES:
            expected = sum(store.rows()[table] for store in stores)
            missing += expected - int(server.ask(f"SELECT count() FROM {table} FINAL", "load"))
            server.ask(f"OPTIMIZE TABLE {table} FINAL", "load")
            size = "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = "
            found[table] = list(map(int, server.ask(f"{size}'{table}'", "load").split()))
    rows = sum(found[table][0] for table in TABLES[3:])
    rows += flushes * made * (2 * sas + 1)  # flows, SAs and captures, which replace each other
    lags = [lag for store in stores for lag in store.lags]
    json.dump({"seconds": seconds, "rows": rows, "wire": wire, "ship_cpu": ship_cpu, "server_cpu": server_cpu,
               "tables": found, "missing": missing, "lags": [statistics.median(lags), max(lags)]}, sys.stdout)


class Gapwatch:
    """The program, as tests run it."""

    @staticmethod
    def run(*words):
        return subprocess.run([str(PROGRAM), *map(str, words)], stdout=subprocess.PIPE, check=True)


main()
