# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Looking into the databases that the program writes."""
import contextlib
import sqlite3

FLOW_FIELDS = (
    "flow_id protocol implicit_sci packets_received total_bytes gaps_detected total_lost_packets "
    "loss_ratio unobserved_packets duplicate_packets reordered_packets late_packets "
    "outlier_packets max_reorder_distance wraparounds restarts rekeys first_sequence "
    "last_sequence min_gap max_gap first_timestamp last_timestamp duration_seconds "
    "bandwidth_mbps min_inter_arrival_ms max_inter_arrival_ms avg_inter_arrival_ms "
    "stddev_inter_arrival_ms"
).split()
GAP_FIELDS = (
    "flow_id expected_sequence received_sequence gap_size timestamp duration_ms cause"
).split()


def ask(path, sql, *parameters):
    """Returns the rows of a query as tuples."""
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as database:
        return database.execute(sql, parameters).fetchall()


def value(path, sql, *parameters):
    """Returns the one value of a query."""
    ((only,),) = ask(path, sql, *parameters)
    return only


def dicts(path, fields, table, order, capture=1):
    """Returns rows as the JSON report has them: SQLite has no booleans."""
    sql = f"SELECT {', '.join(fields)} FROM {table} WHERE capture_id = ? ORDER BY {order}"
    rows = [dict(zip(fields, row)) for row in ask(path, sql, capture)]
    for row in rows:
        if "implicit_sci" in row:
            row["implicit_sci"] = bool(row["implicit_sci"])
    return rows


def assert_sound(path):
    """The file is whole, no row points to nowhere, and the totals are those of the rows."""
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
        FROM captures LEFT JOIN sequence_gaps ON capture_id = captures.id GROUP BY captures.id"""
    assert not ask(path, gaps)
    intervals = """
        SELECT id, total_packets_received, total_bytes, total_lost_packets FROM captures
        EXCEPT SELECT captures.id, coalesce(sum(i.packets), 0), coalesce(sum(i.bytes), 0),
               coalesce(sum(i.lost), 0)
        FROM captures LEFT JOIN capture_intervals AS i ON capture_id = captures.id
        GROUP BY captures.id"""
    assert not ask(path, intervals)
    parts = """
        SELECT id, packets, bytes, lost FROM capture_intervals
        EXCEPT SELECT interval, sum(packets), sum(bytes), sum(lost) FROM interval_flows
        GROUP BY interval"""
    assert not ask(path, parts)
