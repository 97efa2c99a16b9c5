# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Databases that somebody else made: nothing in them is executed, and nothing in them ends a process or
takes much memory.
"""
import contextlib
import pathlib
import random
import re
import sqlite3

import pytest

from conftest import ROOT
from support import made_database
from support.server import Server

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
ROUTES = ("captures", "flows", "gaps", "intervals", "sas", "events", "stats/summary", "protocols")
TABLES = ("captures", "capture_counters", "flows", "sas", "sequence_gaps", "capture_intervals",
          "interval_flows", "events")
MEMORY_KB = 100_000


@contextlib.contextmanager
def altered(path):
    """A connection to a new database with rows, to alter anything in it."""
    made_database.make(path, 20)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        yield database


def loosen(database):
    """Makes all tables again without types, keys and checks, so that a column takes any value."""
    database.execute("PRAGMA foreign_keys = OFF")
    database.execute("DROP VIEW flow_intervals")
    for table in TABLES:
        database.execute(f"CREATE TABLE copy AS SELECT * FROM {table}")
        database.execute(f"DROP TABLE {table}")
        database.execute(f"ALTER TABLE copy RENAME TO {table}")


def ask_everything(server):
    """Requests all routes. Asserts that each request is answered, and that no worker died."""
    workers = server.workers()
    flow = made_database.flow_id("esp", 1).replace(" ", "%20")
    for route in (*ROUTES, f"flows/{flow}", f"flows/{flow}/gaps", f"flows/{flow}/intervals"):
        assert server.get(f"/api/v1/{route}").status in (200, 404, 500, 503), route
    assert server.get("/metrics").status in (200, 503)
    assert server.get("/health").status == 200
    assert server.workers() == workers
    return workers


VALUES = ("NULL", "-1", "1e300", "'text'", "x'00ff'", "9223372036854775807")


def test_any_value_in_any_column(gapwatch, tmp_path):
    path = tmp_path / "store.db"
    with altered(path) as database, Server(gapwatch.program, "--db", path) as server:
        loosen(database)
        for value in VALUES:
            for table in TABLES:
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                for column in columns:
                    if column not in ("id", "capture_id", "flow", "interval"):
                        database.execute(f"UPDATE {table} SET {column} = {value}")
            ask_everything(server)


OF_ANY_SUM = ("flows?since=2020-01-01T00:00:00Z&sort=loss_ratio", "intervals?step=60", "stats/summary",
              "stats/summary?since=2020-01-01T00:00:00Z", "peers", "peers?since=2020-01-01T00:00:00Z")


@pytest.mark.parametrize("value", (2**63 - 1, -(2**63)))
def test_sums_that_exceed_64_bits(value, gapwatch, tmp_path):
    path = tmp_path / "store.db"
    with altered(path) as database:
        database.execute("PRAGMA ignore_check_constraints = ON")
        for table in TABLES:
            for row in database.execute(f"PRAGMA table_info({table})").fetchall():
                if row[2] == "INTEGER" and row[1] not in ("id", "capture_id", "flow", "interval"):
                    database.execute(f"UPDATE {table} SET {row[1]} = ?", (value,))
    with Server(gapwatch.program, "--db", path) as server:
        for route in OF_ANY_SUM:
            response = server.get(f"/api/v1/{route}")
            assert response.status == 200, (route, response.body)
        assert server.get("/metrics").status == 200


def test_a_value_of_200_mb(gapwatch, tmp_path):
    path = tmp_path / "store.db"
    with altered(path) as database:
        database.execute("UPDATE captures SET source = ?", ("x" * 200_000_000,))
    with Server(gapwatch.program, "--db", path) as server:
        for pid in ask_everything(server):
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            assert int(re.search(r"VmHWM:\s+(\d+)", status)[1]) < MEMORY_KB
    done = gapwatch.run("analyze", "--db", path, SAMPLE)
    assert done.returncode == 0, done.stderr


def test_triggers_do_not_run(gapwatch, tmp_path):
    path = tmp_path / "store.db"
    with altered(path) as database:
        for table in TABLES:
            for event in ("INSERT", "UPDATE", "DELETE"):
                database.execute(f"CREATE TRIGGER {table}_{event} AFTER {event} ON {table} "
                                 "BEGIN DELETE FROM flows; DELETE FROM store; END")
    done = gapwatch.run("analyze", "--db", path, "--retain", "36500", SAMPLE)
    assert (done.returncode, done.stderr) == (0, b"")
    with contextlib.closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM store").fetchone() == (1,)
        assert database.execute("SELECT count(*) FROM flows").fetchone()[0] > 20


@pytest.mark.parametrize("table", TABLES)
def test_a_view_in_the_place_of_a_table(table, gapwatch, tmp_path):
    """It could compute for ever. The program says that it cannot write, and answers 503."""
    path = tmp_path / "store.db"
    with altered(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DROP VIEW flow_intervals")
        columns = ", ".join(f"1 AS {row[1]}" for row in database.execute(f"PRAGMA table_info({table})"))
        database.execute(f"DROP TABLE {table}")
        database.execute(
            f"CREATE VIEW {table} AS WITH RECURSIVE endless (n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM endless) SELECT {columns} FROM endless"
        )
    done = gapwatch.run("analyze", "--db", path, SAMPLE)
    assert done.returncode == 1 and b"view" in done.stderr
    if table in ("flows", "capture_intervals"):
        with Server(gapwatch.program, "--db", path) as server:
            ask_everything(server)


def test_a_log_and_an_index_of_others(gapwatch, tmp_path):
    """SQLite would wait for a writer that mends the index, and the worker could answer nobody."""
    path = tmp_path / "store.db"
    made_database.make(path, 20)
    noise = random.Random(1)
    for suffix, size in (("-wal", 100_000), ("-shm", 32768)):
        path.with_name(f"{path.name}{suffix}").write_bytes(noise.randbytes(size))
    with Server(gapwatch.program, "--db", path, "--workers", "1") as server:
        assert server.get("/api/v1/flows").status == 503
        assert server.get("/health").status == 200
