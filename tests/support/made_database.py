# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Databases as the store writes them, made from its schema and from given figures.

    python3 tests/support/made_database.py FILE [FLOWS]
"""
import contextlib
import datetime
import os
import pathlib
import random
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GAPWATCH_BUILD", ROOT / "build"))
SCHEMA = BUILD / "generated" / "store" / "database" / "schema.sql"
START = datetime.datetime(2025, 3, 1, 12, 0, 0, tzinfo=datetime.timezone.utc)
INTERVAL_SECONDS = 5
DIGITS = 15  # of a number in reports and the API
PROTOCOLS = ("macsec", "esp", "tcp", "udp")
REASONS = ("not_ip", "other_ip", "fragment", "kay", "reserved_spi", "too_deep", "truncated")
REASONS += ("malformed",)
GAP_NAMES = ("flow_id", "expected_sequence", "received_sequence", "gap_size", "timestamp")
GAP_NAMES += ("duration_ms", "cause", "first_number", "last_number", "late_after")
SA_NAMES = """first_sequence last_sequence first_timestamp last_timestamp packets_received
    gaps_detected total_lost_packets lost_network lost_undetermined loss_ratio duplicate_packets
    reordered_packets late_packets skipped_numbers max_reorder_distance wraparounds min_gap
    max_gap""".split()


def timestamp(seconds):
    """The time SECONDS after the start, in the form that the store writes."""
    moment = START + datetime.timedelta(seconds=int(seconds))
    nanoseconds = round(seconds % 1 * 1e9)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds:09d}Z"


def flow_id(protocol, number):
    if protocol == "macsec":
        return f"MACsec {{ sci: 0x{0x0011223344550001 + (number << 16):016x} }}"
    if protocol == "esp":
        return f"IPsec {{ spi: 0x{0x1000 + number:08x}, dst: 192.0.2.{number % 250 + 1} }}"
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return f"{protocol.upper()} {{ {address}:{1024 + number % 60000} -> 192.0.2.1:443 }}"


def make_flow(number, protocol, rng):
    """A flow whose figures are consistent."""
    numbered = protocol in ("macsec", "esp")
    packets = rng.randint(2, 5000)
    gaps = rng.randint(0, 6) if numbered else 0
    sizes = [rng.randint(1, 20) for _ in range(gaps)]
    lost = sum(sizes)
    undetermined = sizes[0] if gaps and number % 4 == 0 else 0
    network = lost - undetermined
    total_bytes = packets * rng.randint(64, 1500)
    duration = rng.randint(1, 3_600_000_000) / 1e6
    mean = duration * 1000 / (packets - 1)
    figures = {
        "flow_id": flow_id(protocol, number),
        "protocol": protocol,
        "implicit_sci": int(protocol == "macsec" and number % 3 == 0),
        "packets_received": packets,
        "total_bytes": total_bytes,
        "gaps_detected": gaps,
        "total_lost_packets": lost,
        "loss_ratio": network / (network + packets) if numbered else None,
        "unobserved_packets": rng.randint(0, 3) if numbered else 0,
        "duplicate_packets": 0,
        "reordered_packets": rng.randint(0, 3) if numbered else 0,
        "late_packets": 0,
        "outlier_packets": 0,
        "max_reorder_distance": 0,
        "wraparounds": 0,
        "restarts": 0,
        "rekeys": 0,
        "first_sequence": 1 if numbered else None,
        "last_sequence": packets + lost if numbered else None,
        "min_gap": min(sizes, default=None),
        "max_gap": max(sizes, default=None),
        "first_timestamp": timestamp(0.25),
        "last_timestamp": timestamp(0.25 + duration),
        "duration_seconds": duration,
        "bandwidth_mbps": total_bytes * 8 / duration / 1e6,
        "min_inter_arrival_ms": mean / 2,
        "max_inter_arrival_ms": mean * 2,
        "avg_inter_arrival_ms": mean,
        "stddev_inter_arrival_ms": mean / 7,
        "lost_network": network,
        "lost_undetermined": undetermined,
        "skipped_numbers": 0,
        "silent_since": timestamp(0.25 + duration) if number % 10 == 9 else None,
        "mixed_senders": int(number % 50 == 49),
        "partial_view": None,
        "follows": None,
        "follows_known": None,
        "moved_to": None,
        "lineage": None,
        "loss_run_ratio": lost / gaps * packets / (lost + packets) if gaps else None,
        "merged_packets": 0,
        "copies_dropped": 0,
        "single_packets": 0,
        "mka": None,
        "esp_in_tcp": 0,
        "source": "192.0.2.1",
        "destination": None if protocol == "macsec" else "192.0.2.2",
        "source_port": None if numbered else 1024 + number,
        "destination_port": None if numbered else 443,
        **{f"refused_at_{32 << place}": number % 7 if numbered and place < 2 else 0 for place in range(8)},
        "p99_reorder_distance": 40 if numbered and number % 7 else None,
        "recommended_window": 128 if numbered else None,
        "sequence_used": (packets + lost) / 2**32 if numbered else None,
        "exhaustion_at": None,
    }
    return {
        name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
        for name, value in figures.items()
    }


def make_gaps(flow, rng):
    """Gaps whose sums are those in FLOW."""
    if not flow["gaps_detected"]:
        return []
    undetermined = [flow["lost_undetermined"]] if flow["lost_undetermined"] else []
    network = [1] * (flow["gaps_detected"] - len(undetermined))
    if network:
        network[-1] += flow["lost_network"] - len(network)
    sizes = undetermined + network
    causes = ["undetermined"] * len(undetermined) + ["network"] * len(network)
    gaps, expected = [], 10
    for size, cause in zip(sizes, causes):
        gap = (flow["flow_id"], expected, expected + size, size)
        when = timestamp(0.25 + rng.random() * flow["duration_seconds"])
        numbers = (expected, expected + size - 1, size // 3)
        gaps.append((*gap, when, rng.randint(1, 9000) / 1000, cause, *numbers))
        expected += size + 50
    return sorted(gaps, key=lambda gap: gap[4])


def insert(database, table, row):
    names = ", ".join(row)
    marks = ", ".join("?" * len(row))
    return database.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values())
    ).lastrowid


def capture_row(flows, gaps, more):
    """The row of a capture whose totals are those of FLOWS and GAPS."""
    by_cause = {
        cause: sum(gap[3] for gap in gaps if gap[6] == cause) for cause in ("network", "undetermined")
    }
    return {
        "source": "eth0",
        "method": "tc",
        "link_type": "EN10MB",
        "version": "0.1.0",
        "window": 32,
        "started": timestamp(0),
        "updated": timestamp(3600),
        "packets": sum(flow["packets_received"] for flow in flows) + 36,
        "bytes": sum(flow["total_bytes"] for flow in flows) + 3600,
        "drops": 7,
        "total_flows": len(flows),
        "total_packets_received": sum(flow["packets_received"] for flow in flows),
        "total_bytes": sum(flow["total_bytes"] for flow in flows),
        "total_gaps_detected": sum(flow["gaps_detected"] for flow in flows),
        "total_lost_packets": sum(flow["total_lost_packets"] for flow in flows),
        "lost_network": by_cause["network"],
        "lost_undetermined": by_cause["undetermined"],
        "total_unobserved_packets": sum(flow["unobserved_packets"] for flow in flows),
        "max_gap_size": max((gap[3] for gap in gaps), default=None),
        "first_timestamp": min((flow["first_timestamp"] for flow in flows), default=None),
        "last_timestamp": max((flow["last_timestamp"] for flow in flows), default=None),
        "ring_bytes": 8 << 20,
        "ring_used_bytes": 4096,
        "behind_other": 1,
        "flushes": 720,
        "flush_seconds": 7.5,
        "last_flush_seconds": 0.0125,
        **more,
    }


def add_intervals(database, capture, flow_rows):
    """An hour of the capture, and the first minute of its first flow."""
    for second in range(0, 3600, INTERVAL_SECONDS):
        values = (capture, timestamp(second), INTERVAL_SECONDS, 100 + second, 1000 * (100 + second))
        interval = database.execute(
            "INSERT INTO capture_intervals VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (*values, second % 3, second % 7, 50 + second),
        ).lastrowid
        if second < 60:
            values = (interval, flow_rows[0], 10, 1000, second % 2, second % 4, 10)
            database.execute("INSERT INTO interval_flows VALUES (?, ?, ?, ?, ?, ?, ?, 0)", values)


def add_sas(database, capture, flows, rows):
    """Adds the SA of each flow that has numbers. Returns their ids by flow."""
    ids = {}
    for flow, row in zip(flows, rows):
        if flow["first_sequence"] is None:
            continue
        sa = {name: flow[name] for name in SA_NAMES}
        more = {"capture_id": capture, "flow": row, "flow_id": flow["flow_id"], "association": 0}
        more |= {"generation": 0, "ended": 0}
        ids[flow["flow_id"]] = insert(database, "sas", more | sa)
    return ids


def add_events(database, capture, flows):
    """Adds a rekey of every tenth flow, and a step of the clock, which belongs to no flow."""
    for number, flow in enumerate(flows[::10]):
        insert(
            database,
            "events",
            {
                "capture_id": capture,
                "timestamp": timestamp(number),
                "kind": "sender_jump" if number % 2 else "rekey",
                "flow_id": flow["flow_id"],
                "association": number % 4,
                "detail": '{"skipped_numbers":%d}' % number if number % 2 else "{}",
            },
        )
    step = {"kind": "clock_step", "detail": '{"step_ns":-5}'}
    insert(database, "events", {"capture_id": capture, "timestamp": timestamp(7), **step})


def add_capture(database, flows, gaps, **more):
    """Adds a capture with FLOWS and GAPS; MORE goes into its row. Returns its id."""
    capture = insert(database, "captures", capture_row(flows, gaps, more))
    for protocol in PROTOCOLS:
        of_it = [flow for flow in flows if flow["protocol"] == protocol]
        values = (capture, protocol, sum(flow["packets_received"] for flow in of_it), len(of_it))
        database.execute("INSERT INTO capture_counters VALUES (?, ?, ?, ?)", values)
    for number, reason in enumerate(REASONS, 1):
        database.execute("INSERT INTO capture_counters VALUES (?, ?, ?, 0)", (capture, reason, number))
    rows = [insert(database, "flows", {"capture_id": capture, **flow}) for flow in flows]
    names = ", ".join(("capture_id", *GAP_NAMES))
    sas = add_sas(database, capture, flows, rows)
    database.executemany(
        f"INSERT INTO sequence_gaps ({names}, sa_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(capture, *gap, sas[gap[0]]) for gap in gaps],
    )
    if rows:
        add_intervals(database, capture, rows)
        add_events(database, capture, flows)
    return capture


def create(path, journal="wal"):
    """Returns an open, empty database with the store's schema."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute(f"PRAGMA journal_mode = {journal}")
    database.executescript(SCHEMA.read_text())
    return database


def make(path, flow_count=200, captures=2, seed=1, journal="wal"):
    """Makes a database with CAPTURES captures of FLOW_COUNT flows. Returns the flows and gaps of the
    newest one; the database is closed."""
    rng = random.Random(seed)
    with contextlib.closing(create(path, journal)) as database:
        database.execute("BEGIN")
        for number in range(captures):
            flows = [
                make_flow(i, rng.choice(PROTOCOLS), rng) for i in range(flow_count + number)
            ]
            gaps = [gap for flow in flows for gap in make_gaps(flow, rng)]
            add_capture(database, flows, gaps)
        database.execute("COMMIT")
    return flows, gaps


if __name__ == "__main__":
    make(sys.argv[1], *map(int, sys.argv[2:3]))
