# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Reading the databases that the program writes."""
import contextlib
import sqlite3

from support.made_database import SCHEMA

NOT_TOLD = {"id", "capture_id", "flow", "earlier_sas", "sa_id", "withdrawn", "changed"}  # in reports
BOOLEANS = {"implicit_sci", "mixed_senders", "esp_in_tcp", "ended"}


def fields(table):
    """Returns the columns of TABLE in the store's schema that JSON reports have, in order."""
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA.read_text())
        names = database.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
    return [name for (name,) in names if name not in NOT_TOLD]


def ask(path, sql, *parameters):
    """Returns the rows of a query as tuples."""
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as database:
        return database.execute(sql, parameters).fetchall()


def value(path, sql, *parameters):
    """Returns the one value of a query."""
    ((only,),) = ask(path, sql, *parameters)
    return only


def dicts(path, fields, table, order, capture=1):
    """Returns rows as the JSON report has them, with booleans, which SQLite lacks."""
    sql = f"SELECT {', '.join(fields)} FROM {table} WHERE capture_id = ? ORDER BY {order}"
    rows = [dict(zip(fields, row)) for row in ask(path, sql, capture)]
    for row in rows:
        for name in BOOLEANS & row.keys():
            row[name] = bool(row[name])
    return rows


def assert_sound(path):
    """Asserts that the file is intact, that all references exist, and that totals are sums of the
    rows."""
    assert ask(path, "PRAGMA integrity_check") == [("ok",)]
    assert not ask(path, "PRAGMA foreign_key_check")
    totals = """
        SELECT id, total_flows, total_packets_received, total_bytes, total_gaps_detected,
               total_lost_packets FROM captures ORDER BY id"""
    sums = """
        SELECT captures.id, count(flows.id), coalesce(sum(packets_received), 0),
               coalesce(sum(flows.total_bytes), 0), coalesce(sum(gaps_detected), 0),
               coalesce(sum(flows.total_lost_packets), 0)
        FROM captures LEFT JOIN flows ON capture_id = captures.id
        GROUP BY captures.id ORDER BY captures.id"""
    assert ask(path, totals) == ask(path, sums)
    gaps = """
        SELECT id, total_gaps_detected - gaps_omitted FROM captures
        EXCEPT SELECT captures.id, count(sequence_gaps.id)
        FROM captures LEFT JOIN sequence_gaps ON capture_id = captures.id AND NOT withdrawn
        GROUP BY captures.id"""
    assert not ask(path, gaps)
    flows = """
        SELECT id FROM flows WHERE total_lost_packets != lost_network + lost_undetermined
        OR (lost_network, lost_undetermined, gaps_detected) IS NOT
           (SELECT sum(lost_network), sum(lost_undetermined), sum(gaps_detected) FROM sas
            WHERE flow = flows.id) AND first_sequence IS NOT NULL"""
    assert not ask(path, flows)
    sized = """
        SELECT sas.id FROM sas JOIN captures ON captures.id = sas.capture_id AND NOT gaps_omitted
        LEFT JOIN sequence_gaps ON sa_id = sas.id AND NOT withdrawn
        GROUP BY sas.id HAVING sas.total_lost_packets != coalesce(sum(gap_size), 0)"""
    assert not ask(path, sized)
    # SQLite rounds to milliseconds, possibly into the next second. The second in the text counts.
    timed = """
        SELECT i.id FROM capture_intervals AS i JOIN captures ON captures.id = i.capture_id
        AND NOT gaps_omitted LEFT JOIN sequence_gaps AS gap ON gap.capture_id = i.capture_id AND
        unixepoch(substr(gap.timestamp, 1, 19)) - unixepoch(i.timestamp)
        BETWEEN 0 AND i.duration_seconds - 1 AND NOT withdrawn
        GROUP BY i.id HAVING i.lost + i.lost_undetermined != coalesce(sum(gap_size), 0)"""
    assert not ask(path, timed)
    intervals = """
        SELECT id, total_packets_received, total_bytes, total_lost_packets FROM captures
        EXCEPT SELECT captures.id, coalesce(sum(i.packets), 0), coalesce(sum(i.bytes), 0),
               coalesce(sum(i.lost + i.lost_undetermined), 0)
        FROM captures LEFT JOIN capture_intervals AS i ON capture_id = captures.id
        GROUP BY captures.id"""
    assert not ask(path, intervals)
    # The end of a capture may change flows without a frame, so its interval may be empty.
    parts = """
        SELECT id, packets, bytes, lost, lost_undetermined FROM capture_intervals
        WHERE packets OR lost OR lost_undetermined
        EXCEPT SELECT interval, sum(packets), sum(bytes), sum(lost), sum(lost_undetermined)
        FROM interval_flows
        GROUP BY interval"""
    assert not ask(path, parts)
