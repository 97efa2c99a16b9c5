# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Databases of schema version 1 are migrated to the newest version and keep their rows."""
import contextlib
import datetime
import re
import sqlite3

from conftest import ROOT
from support.database import ask, value

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
FIRST = ROOT / "tests" / "support" / "schema_1.sql"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TABLES = ("captures", "capture_counters", "flows", "sequence_gaps", "capture_intervals", "interval_flows")
FLOW = "IPsec { spi: 0x00001000, dst: 192.0.2.1 }"
NOW = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%S}.000000000Z"
NEW_OF_FLOWS = "lost_network, lost_undetermined, skipped_numbers, silent_since, mixed_senders, \
    partial_view, loss_run_ratio"
ROWS = f"""
    INSERT INTO captures (id, source, method, version, window, started, updated, ended,
        total_flows, total_packets_received, total_lost_packets, lost_network)
    VALUES (1, 'eth0', 'tc', '0.1.0', 32, '{NOW}', '{NOW}', '{NOW}', 1, 90, 10, 10);
    INSERT INTO capture_counters VALUES (1, 'esp', 90, 1);
    INSERT INTO flows VALUES (7, 1, '{FLOW}', 'esp', 0, 90, 9000, 1, 10, 0.1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        1, 100, 10, 10, '{NOW}', '{NOW}', 9, 1.5, 1, 2, 1.5, 0.25);
    INSERT INTO sequence_gaps VALUES (3, 1, '{FLOW}', 11, 21, 10, '{NOW}', 5, 'network');
    INSERT INTO capture_intervals VALUES (5, 1, '{NOW}', 5, 90, 9000, 10);
    INSERT INTO interval_flows VALUES (5, 7, 90, 9000, 10);"""


def made_by_version_1(path):
    """Makes a database of version 1. Returns its rows by table."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(FIRST.read_text() + ROWS)
    return {table: dump(path, table) for table in TABLES}


def columns(path, table):
    return [row[0] for row in ask(path, "SELECT name FROM pragma_table_info(?)", table)]


def dump(path, table):
    """The rows of TABLE that belong to capture 1, each as a dict."""
    names = columns(path, table)
    return [dict(zip(names, row)) for row in ask(path, f"SELECT * FROM {table}")]


def shape(path):
    """The schema, without regard to order and spacing."""
    tables = ask(path, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name")
    names = "name, type, \"notnull\", dflt_value, pk"
    found = {name: ask(path, f"SELECT {names} FROM pragma_table_info(?)", name) for (name,) in tables}
    indexes = ask(path, "SELECT name, sql FROM sqlite_schema WHERE type = 'index' ORDER BY name")
    return found, [(name, sql and " ".join(sql.split())) for name, sql in indexes]


def test_rows_of_version_1_stay_as_they_were(gapwatch, tmp_path):
    path = tmp_path / "old.db"
    before = made_by_version_1(path)
    gapwatch.analyze(SAMPLE, "--db", path)
    assert value(path, "PRAGMA user_version") == 2
    for table, rows in before.items():
        after = dump(path, table)
        for row in rows:
            assert any(row.items() <= kept.items() for kept in after), (table, row)
    new = ask(path, f"SELECT {NEW_OF_FLOWS} FROM flows WHERE id = 7")
    assert new == [(None,) * 7]
    assert ask(path, "SELECT sa_id, first_number, last_number, withdrawn FROM sequence_gaps WHERE id = 3") == [
        (None, None, None, 0)
    ]
    assert value(path, "SELECT lost_undetermined FROM capture_intervals WHERE id = 5") is None
    assert value(path, "SELECT count(*) FROM captures WHERE ended IS NOT NULL") == 2


def test_it_is_then_as_one_that_is_new(gapwatch, tmp_path):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    made_by_version_1(old)
    gapwatch.analyze(SAMPLE, "--db", old)
    gapwatch.analyze(SAMPLE, "--db", new)
    assert shape(old) == shape(new)
    assert ask(old, "PRAGMA integrity_check") == [("ok",)]
    assert not ask(old, "PRAGMA foreign_key_check")


def test_each_store_has_an_id_of_its_own(gapwatch, tmp_path):
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    made_by_version_1(old)
    ids = set()
    for path in (old, new, old, new):
        gapwatch.analyze(SAMPLE, "--db", path)
        (found,) = ask(path, "SELECT uuid FROM store")
        assert UUID.fullmatch(found[0])
        ids.add(found[0])
    assert len(ids) == 2
