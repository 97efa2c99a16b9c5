# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A database of very many flows, made by SQLite itself from the store's schema."""
import contextlib
import os
import pathlib
import sqlite3

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GAPWATCH_BUILD", ROOT / "build"))
SCHEMA = BUILD / "generated" / "store" / "database" / "schema.sql"
GAPS_OF_A_FLOW = 10_000  # of the first one, so that its gaps fill pages

# One flow in a hundred is MACsec, and one is ESP; these lose packets. abs(random()) % N is even
# enough here. The figures of a flow are consistent as far as queries use them.
FLOWS = """
WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < ? - 1),
figure AS MATERIALIZED (
    SELECT n, n % 100 AS kind, 2 + abs(random()) % 5000 AS packets,
           64 + abs(random()) % 1400 AS size, 1 + abs(random()) % 3600000000 AS duration_us,
           iif(n % 100 < 2, abs(random()) % 500, 0) AS lost
    FROM number)
INSERT INTO flows
    (capture_id, flow_id, protocol, implicit_sci, packets_received, total_bytes, gaps_detected,
     total_lost_packets, loss_ratio, unobserved_packets, duplicate_packets, reordered_packets,
     late_packets, outlier_packets, max_reorder_distance, wraparounds, restarts, rekeys,
     first_sequence, last_sequence, min_gap, max_gap, first_timestamp, last_timestamp,
     duration_seconds, bandwidth_mbps, min_inter_arrival_ms, max_inter_arrival_ms,
     avg_inter_arrival_ms, stddev_inter_arrival_ms, lost_network, lost_undetermined,
     skipped_numbers, mixed_senders)
SELECT 1,
       CASE kind WHEN 0 THEN printf('MACsec { sci: 0x%016x }', n)
                 WHEN 1 THEN printf('IPsec { spi: 0x%08x, dst: 192.0.2.1 }', 4096 + n)
                 ELSE printf('%s { 10.%d.%d.%d:%d -> 192.0.2.1:443 }', iif(kind < 70, 'TCP', 'UDP'),
                             n / 65536, n / 256 % 256, n % 256, 1024 + n % 60000) END,
       CASE kind WHEN 0 THEN 'macsec' WHEN 1 THEN 'esp' ELSE iif(kind < 70, 'tcp', 'udp') END,
       0, packets, packets * size, min(lost, 7), lost,
       iif(kind < 2, lost * 1.0 / (lost + packets), NULL), 0, 0, 0, 0, 0, 0, 0, 0, 0,
       iif(kind < 2, 1, NULL), iif(kind < 2, packets + lost, NULL), iif(lost, 1, NULL),
       iif(lost, lost, NULL), '2025-03-01T12:00:00.000000000Z', '2025-03-01T13:00:00.000000000Z',
       duration_us / 1e6, packets * size * 8.0 / duration_us, round(duration_us / 2e3 / packets, 6),
       round(duration_us / 5e2 / packets, 6), duration_us / 1e3 / (packets - 1),
       duration_us / 7e3 / packets, lost, 0, 0, 0
FROM figure"""

CAPTURE = """
INSERT INTO captures (source, method, version, window, started, updated)
VALUES ('eth0', 'tc', '0.1.0', 32, '2025-03-01T12:00:00.000000000Z',
        '2025-03-01T13:00:00.000000000Z')"""

TOTALS = """
UPDATE captures SET
    (total_flows, total_packets_received, total_bytes, total_gaps_detected, total_lost_packets,
     lost_network, packets, bytes, first_timestamp, last_timestamp)
    = (SELECT count(*), sum(packets_received), sum(total_bytes), sum(gaps_detected),
              sum(total_lost_packets), sum(total_lost_packets), sum(packets_received),
              sum(total_bytes), min(first_timestamp), max(last_timestamp) FROM flows)"""

COUNTERS = """
INSERT INTO capture_counters
SELECT 1, protocol, sum(packets_received), count(*) FROM flows GROUP BY protocol"""

GAPS = """
WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < ? - 1)
INSERT INTO sequence_gaps
    (capture_id, flow_id, expected_sequence, received_sequence, gap_size, timestamp, duration_ms,
     cause, first_number, last_number)
SELECT 1, (SELECT flow_id FROM flows WHERE id = 1), 10 * n, 10 * n + 3, 3,
       printf('2025-03-01T12:%02d:%02d.%09dZ', n / 60 % 60, n % 60, n), 1.5, 'network',
       10 * n, 10 * n + 2
FROM number"""


# The last hour up to now: intervals of 5 s, and in each the flows that lost something in it.
LIVE = """
UPDATE captures SET updated = strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 day') || '.000000000Z',
    flush_interval = 5;
WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 719)
INSERT INTO capture_intervals
    (capture_id, timestamp, duration_seconds, packets, bytes, lost, lost_undetermined, numbered_packets)
SELECT 1, strftime('%Y-%m-%dT%H:%M:%S', 'now', printf('-%d seconds', 3600 - 5 * n)) || '.000000000Z',
       5, 100000, 70000000, 4000, 100, 2000
FROM number;
WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < 2999999)
INSERT INTO sequence_gaps
    (capture_id, flow_id, expected_sequence, received_sequence, gap_size, timestamp, duration_ms,
     cause, first_number, last_number)
SELECT 1, printf('MACsec { sci: 0x%016x }', n % 10000 * 100), n, n + 1, 1,
       strftime('%Y-%m-%dT%H:%M:%S', 'now', printf('-%d seconds', 3600 - n / 834))
           || printf('.%09dZ', n % 834 * 1000000), 1.5,
       iif(n % 50, 'network', 'undetermined'), n, n
FROM number;
INSERT INTO interval_flows (interval, flow, packets, bytes, lost, lost_undetermined, numbered_packets)
SELECT whole.id, flows.id, 100, 70000, flows.id / 100 % 7 + 1, 0, 100
FROM capture_intervals AS whole CROSS JOIN flows
WHERE flows.protocol = 'macsec' AND flows.id / 100 % 20 = whole.id % 20;
UPDATE flows SET last_timestamp =
    strftime('%Y-%m-%dT%H:%M:%S', 'now', printf('-%d seconds', id % 3600)) || '.000000000Z';
"""


# Sorting anew is faster than keeping these sorted.
INDEXES = """
SELECT name, sql FROM sqlite_schema
WHERE type = 'index' AND name IN ('flows_by_time', 'gaps_by_flow', 'gaps_by_time', 'gaps_undetermined')"""


def make_live(path, flows, gaps=3_000_000):
    """Makes the database at PATH as of a sensor that runs, with GAPS gaps of its last hour."""
    make(path, flows)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA cache_size = -500000")
        indexes = database.execute(INDEXES).fetchall()
        for name, _ in indexes:
            database.execute(f"DROP INDEX {name}")
        live = LIVE.replace("n < 2999999", f"n < {gaps - 1}").replace("834", str(gaps // 3600 + 1))
        database.executescript(f"BEGIN; {live} COMMIT;")
        for _, sql in indexes:
            database.execute(sql)


def make(path, flows):
    """Makes the database at PATH. Returns the id of the flow that has gaps."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = wal")
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
        database.execute("BEGIN")
        database.execute(CAPTURE)
        database.execute(FLOWS, (flows,))
        database.execute(TOTALS)
        database.execute(COUNTERS)
        database.execute(GAPS, (GAPS_OF_A_FLOW,))
        database.execute("COMMIT")
        return database.execute("SELECT flow_id FROM flows WHERE id = 1").fetchone()[0]
