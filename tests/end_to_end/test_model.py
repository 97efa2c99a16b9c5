# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Compares the program's counting with an independent model, and both with worked examples."""
import dataclasses
import math
import os
import random
import statistics

import pytest

from model import analysis, cases, compare
from model.frames import Frame, PlainFlow, capture
from model.streams import FIRST_NS, TIDY, frames

# Window, streams in a capture, frames in a stream. 31 to 65 are around the word size of a bitmap.
CAPTURES = [
    (1, 100, 300),
    (2, 100, 300),
    (31, 60, 500),
    (32, 60, 500),
    (33, 60, 500),
    (63, 60, 600),
    (64, 60, 600),
    (65, 60, 600),
    (128, 40, 1000),
    (1000, 15, 5000),
    (4096, 9, 12000),
]
# GAPWATCH_LONG=1 tries a fresh seed, which is printed on failure; GAPWATCH_SEED repeats it.
SEEDS = (1, 2, "fresh") if os.environ.get("GAPWATCH_LONG") else (1, 2)
EVERY_KIND = 40  # enough streams to have some of every kind
SHOWN = 12
COUNTERS = (
    "gaps_detected",
    "total_lost_packets",
    "unobserved_packets",
    "duplicate_packets",
    "reordered_packets",
    "late_packets",
    "outlier_packets",
    "max_reorder_distance",
    "wraparounds",
    "restarts",
    "rekeys",
    "skipped_numbers",
)


SEED = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))


def in_model(given, **options):
    return analysis.analyze(given, **options)


@pytest.fixture(name="in_program")
def fixture_in_program(gapwatch, tmp_path):
    """Runs the program on frames. Returns its report in the model's form."""

    def run(given, window=32, max_flows=None, frames_in_a_file=10**6):
        paths = []
        for start in range(0, len(given), frames_in_a_file):
            paths.append(tmp_path / f"{start}.pcap")
            paths[-1].write_bytes(capture(given[start : start + frames_in_a_file]))
        limit = [] if max_flows is None else ["--max-flows", max_flows]
        report = gapwatch.analyze("--window", window, *limit, *paths)
        assert report["capture"]["packets"] == len(given)
        assert sum(report["capture"]["counters"].values()) == len(given)
        assert report["capture"]["bytes"] == sum(frame.wire_length for frame in given)
        assert report["capture"]["gaps_omitted"] == 0
        times = [gap["timestamp"] for gap in report["gaps"]]
        assert times == sorted(times), "gaps are not in the order of time"
        return {
            "summary": report["summary"],
            "flows": report["flows"],
            "gaps": sorted(report["gaps"], key=analysis.gap_order),
            "flows_evicted": report["capture"]["flows_evicted"],
        }

    return run


@pytest.fixture(name="count", params=["model", "program"])
def fixture_count(request):
    """The model, then the program: worked examples hold for both."""
    if request.param == "model":
        return in_model
    return request.getfixturevalue("in_program")


def assert_same(expected, actual, about):
    """Asserts that every figure of the model is the program's. The program may have more."""
    found = [
        f"{flow_id}{line}"
        for flow_id, lines in compare.flow_differences(expected, actual).items()
        for line in lines
    ]
    told = {name: actual["summary"].get(name, "-") for name in expected["summary"]}
    found += compare.differences(expected["summary"], told, "summary")
    found += compare.differences(expected["flows_evicted"], actual["flows_evicted"], "evicted")
    more = [f"... and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    assert not found, "\n".join([f"{about}: model and program differ", *found[:SHOWN], *more])


def assert_reaches_every_counter(report, window):
    """Asserts that the streams cause everything that they should; otherwise comparing them proves
    nothing."""
    reached = {name for name in COUNTERS for flow in report["flows"] if flow[name]}
    never = {"unobserved_packets"}
    if window == 1:  # no number below the highest is in the window
        never |= {"reordered_packets", "max_reorder_distance"}
    assert set(COUNTERS) - reached == never


@pytest.mark.parametrize("window, streams, length", CAPTURES)
@pytest.mark.parametrize("seed", SEEDS)
def test_random_streams(in_program, seed, window, streams, length):
    seed = SEED if seed == "fresh" else seed
    given = frames(random.Random(f"{seed} {window}"), window, streams, length)
    expected, actual = in_model(given, window=window), in_program(given, window=window)
    about = f"seed {seed}, window {window}"
    if streams >= EVERY_KIND:
        assert_reaches_every_counter(expected, window)
    found = compare.flow_differences(expected, actual)
    shown = [f"{about}: {flow_id}{lines[0]}" for flow_id, lines in found.items()]
    assert not found, "\n".join(shown[:SHOWN])


@pytest.mark.parametrize("max_flows", [1, 2, 7, 30])
def test_random_streams_in_a_small_table(in_program, max_flows):
    given = [  # within 10 s, so no flow starts under watch
        dataclasses.replace(frame, time_ns=FIRST_NS + at * 1000)
        for at, frame in enumerate(
            frames(random.Random(f"table of {max_flows}"), 32, 40, 60, False, TIDY)
        )
    ]
    expected = in_model(given, max_flows=max_flows)
    assert expected["flows_evicted"] > max_flows
    assert_same(expected, in_program(given, max_flows=max_flows), f"{max_flows} flows")


def test_rotated_captures_are_one_stream(in_program):
    given = frames(random.Random("rotated"), 32, 20, 200, True, TIDY)
    actual = in_program(given, frames_in_a_file=len(given) // 5)
    assert_same(in_model(given), actual, "six files")


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.rule)
def test_counting_rule(count, case):
    given = case.frames()
    report = count(given, window=case.window)
    [flow] = report["flows"]
    sizes = [gap.size for gap in case.gaps]
    expected = {
        **dict.fromkeys(COUNTERS, 0),
        "flow_id": case.flow.flow_id,
        "packets_received": len(given),
        "total_bytes": len(given) * cases.WIRE_LENGTH,
        "gaps_detected": len(sizes),
        "total_lost_packets": sum(sizes),
        "min_gap": min(sizes, default=None),
        "max_gap": max(sizes, default=None),
        "first_sequence": given[0].sequence if case.first is None else case.first,
        "last_sequence": case.last,
        **case.counts,
    }
    assert {name: flow[name] for name in expected} == expected
    assert gap_numbers(report) == [(gap.expected, gap.received, gap.size) for gap in case.gaps]
    assert [told["cause"] for told in report["gaps"]] == [gap.cause for gap in case.gaps]
    for told, gap in zip(report["gaps"], case.gaps):
        if gap.time_ms is not None:
            assert told["timestamp"] == moment(gap.time_ms)
            assert told["duration_ms"] == gap.duration_ms


def gap_numbers(report):
    names = ("expected_sequence", "received_sequence", "gap_size")
    return [tuple(gap[name] for name in names) for gap in report["gaps"]]


def moment(milliseconds):
    assert milliseconds < 1000
    return f"2025-01-01T00:00:00.{milliseconds:03}000000Z"


def sent(flow, numbers, times_ms, wire_length=125):
    return [
        Frame(FIRST_NS + time * 10**6, flow, number, 0, wire_length)
        for number, time in zip(numbers, times_ms)
    ]


ONE = cases.MacsecFlow(0x0200000000010001)
TWO = cases.EspFlow(0x2000)
THREE = PlainFlow("udp", 5000)
NO_PACKETS = dict.fromkeys(analysis.PROTOCOLS, 0)


def test_loss_ratio_is_lost_over_lost_and_distinct(count):
    # Distinct: 1, 2, 4 to 8. A duplicate 8, a late 3 and an outlier are not distinct; 3 is lost.
    [flow] = count(sent(ONE, [1, 2, 4, 5, 6, 7, 8, 8, 3, 500000], range(10)), window=4)["flows"]
    assert flow["packets_received"] == 10
    assert flow["loss_ratio"] == 1 / 8


def test_a_jump_that_was_undone_is_not_distinct(count):
    # Distinct: 1 to 3, 5 to 80. 4 is lost; 1000 to 1002 are outliers.
    numbers = [1, 2, 3, 1000, 1001, 1002, *range(5, 81)]
    [flow] = count(sent(ONE, numbers, range(len(numbers))), window=4)["flows"]
    assert flow["outlier_packets"] == 3
    assert math.isclose(flow["loss_ratio"], 1 / 80)


def test_an_esp_sa_born_under_watch_starts_at_one(count):
    # 10 s after the capture's first frame, 1 and 2 are lost. Earlier, or from above W, none is.
    born, older, beyond = (cases.EspFlow(0x3000 + at) for at in range(3))
    given = sent(ONE, [1], [0]) + sent(older, [3, 4, 5], [9990, 9991, 9992])
    given += sent(born, [3, 4, 5], [10000, 10001, 10002])
    given += sent(beyond, [5, 6, 7], [10003, 10004, 10005])
    lost = {flow["flow_id"]: flow["total_lost_packets"] for flow in count(given, window=4)["flows"]}
    assert lost == {ONE.flow_id: 0, older.flow_id: 0, born.flow_id: 2, beyond.flow_id: 0}


def test_two_senders_on_one_sa_lose_nothing_that_is_certain(count):
    # Two senders alternate, 100,000 apart; after 64 numbers of each, 100 of the believed one are
    # missing.
    numbers = [number for at in range(1, 101) for number in (at, 100_000 + at)]
    numbers += [number for at in range(120, 180) for number in (at, 100_000 + at)]
    [flow] = count(sent(ONE, numbers, range(len(numbers))))["flows"]
    assert flow["total_lost_packets"] == 19
    assert (flow["lost_network"], flow["lost_undetermined"]) == (0, 19)
    assert flow["loss_ratio"] == 0


def test_one_packet_has_no_times_between(count):
    [flow] = count(sent(ONE, [7], [5]))["flows"]
    unknown = ("min", "max", "avg", "stddev")
    assert [flow[f"{name}_inter_arrival_ms"] for name in unknown] == [None] * 4
    assert flow["bandwidth_mbps"] is None
    assert flow["duration_seconds"] == 0
    assert flow["first_timestamp"] == flow["last_timestamp"] == moment(5)
    assert (flow["first_sequence"], flow["last_sequence"], flow["loss_ratio"]) == (7, 7, 0)


def test_packets_of_one_moment(count):
    report = count(sent(ONE, [1, 2, 3], [5, 5, 5]))
    [flow] = report["flows"]
    known = ("min", "max", "avg", "stddev")
    assert [flow[f"{name}_inter_arrival_ms"] for name in known] == [0] * 4
    assert flow["bandwidth_mbps"] is None
    assert report["summary"]["avg_bandwidth_mbps"] is None


def test_times_between_packets(count):
    # 20 is 10 before the latest time so far, and 35 is 5 after it.
    [flow] = count(sent(ONE, range(1, 7), [10, 11, 30, 20, 35, 40]))["flows"]
    intervals = [1, 19, 0, 5, 5]
    assert flow["min_inter_arrival_ms"] == 0
    assert flow["max_inter_arrival_ms"] == 19
    assert math.isclose(flow["avg_inter_arrival_ms"], 6)
    assert math.isclose(flow["stddev_inter_arrival_ms"], statistics.pstdev(intervals))


def test_first_and_last_time_are_the_earliest_and_latest(count):
    report = count(sent(ONE, range(1, 5), [30, 10, 50, 20]))
    [flow] = report["flows"]
    for figures in (flow, report["summary"]):
        assert figures["first_timestamp"] == moment(10)
        assert figures["last_timestamp"] == moment(50)
    assert math.isclose(flow["duration_seconds"], 0.04)
    assert math.isclose(flow["bandwidth_mbps"], 4 * 125 * 8 / 0.04 / 1e6)


def test_long_steady_flow_has_an_exact_deviation(count):
    # Intervals of a second, sometimes 1 us longer: sums of squares would lose this deviation.
    intervals = [10**9 + (1000 if at % 4 == 0 else 0) for at in range(1000)]
    times = [FIRST_NS + sum(intervals[:at]) for at in range(1001)]
    [flow] = count([Frame(time, ONE, at + 1) for at, time in enumerate(times)])["flows"]
    assert math.isclose(flow["avg_inter_arrival_ms"], 1000.00025, rel_tol=1e-9)
    assert math.isclose(flow["stddev_inter_arrival_ms"], 0.001 * math.sqrt(3) / 4, rel_tol=1e-6)


def test_deviation_of_less_than_a_nanosecond(count):
    [flow] = count([Frame(FIRST_NS + at, ONE, at + 1) for at in (0, 1, 1)])["flows"]
    assert math.isclose(flow["avg_inter_arrival_ms"], 0.5e-6)
    assert math.isclose(flow["stddev_inter_arrival_ms"], 0.5e-6)


def test_udp_and_tcp_have_no_sequence(count):
    for protocol in ("udp", "tcp"):
        [flow] = count(sent(PlainFlow(protocol, 5000), [0, 0], [1, 2]))["flows"]
        assert flow["flow_id"] == f"{protocol.upper()} {{ 192.0.2.1:5000 -> 198.51.100.1:443 }}"
        unknown = ("first_sequence", "last_sequence", "min_gap", "max_gap", "loss_ratio")
        assert [flow[name] for name in unknown] == [None] * 5
        assert [flow[name] for name in COUNTERS] == [0] * len(COUNTERS)
        assert math.isclose(flow["bandwidth_mbps"], 2)  # 250 bytes in 1 ms


def test_summary_adds_the_flows_up(count):
    given = sent(ONE, [1, 3, 7], [0, 10, 20]) + sent(TWO, [5, 7], [30, 40], 1000)
    given += sent(THREE, [0], [100], 225)
    assert count(given)["summary"] == {
        "total_flows": 3,
        "total_packets_received": 6,
        "total_bytes": 2600,
        "total_gaps_detected": 3,
        "total_lost_packets": 5,
        "lost_network": 5,
        "lost_undetermined": 0,
        "lost_by_cause": {"network": 5, "undetermined": 0},
        "total_unobserved_packets": 0,
        "max_gap_size": 3,
        "avg_bandwidth_mbps": 0.208,  # 2600 bytes in 0.1 s
        "protocol_distribution": NO_PACKETS | {"macsec": 3, "esp": 2, "udp": 1},
        "first_timestamp": moment(0),
        "last_timestamp": moment(100),
    }


def test_summary_without_gaps(count):
    summary = count(sent(ONE, [1, 2], [0, 1]))["summary"]
    assert summary["max_gap_size"] is None
    assert summary["total_gaps_detected"] == 0


def test_flows_go_by_lost_then_bytes_then_id(count):
    flows = [cases.MacsecFlow(number) for number in (0xD, 0xC, 0xB, 0xA)]
    given = sent(flows[0], [1, 3], [0, 1]) + sent(flows[1], [1, 4], [2, 3])
    given += sent(flows[2], [1], [4], 500) + sent(flows[3], [1], [5], 500)
    order = [flow["flow_id"] for flow in count(given)["flows"]]
    assert order == [f"MACsec {{ sci: 0x{number:016x} }}" for number in (0xC, 0xD, 0xA, 0xB)]


def test_gaps_go_by_time(count):
    given = sent(ONE, [1, 3, 5], [0, 30, 10]) + sent(TWO, [1, 3], [15, 20])
    assert [gap["timestamp"] for gap in count(given)["gaps"]] == [moment(at) for at in (10, 20, 30)]


def test_longest_idle_flow_leaves_a_full_table(count):
    # TWO has been idle longest when THREE comes, and is a new flow when it comes again; then ONE
    # is.
    given = sent(ONE, [1], [0]) + sent(TWO, [1, 3], [1, 2]) + sent(ONE, [2, 4], [3, 4])
    given += sent(THREE, [0], [5]) + sent(TWO, [9], [6]) + sent(THREE, [0], [7])
    report = count(given, max_flows=2)
    assert report["flows_evicted"] == 2
    assert [flow["flow_id"] for flow in report["flows"]] == [THREE.flow_id, TWO.flow_id]
    assert report["flows"][1]["packets_received"] == 1
    summary = report["summary"]
    assert summary["total_flows"] == 4
    assert summary["total_packets_received"] == 8
    assert summary["total_lost_packets"] == 2
    assert summary["protocol_distribution"] == NO_PACKETS | {"macsec": 3, "esp": 3, "udp": 2}
    assert summary["first_timestamp"] == moment(0)
    lost = [(gap["flow_id"], gap["expected_sequence"]) for gap in report["gaps"]]
    assert lost == [(TWO.flow_id, 2), (ONE.flow_id, 3)]


def test_table_of_one_flow(count):
    given = sent(ONE, [1], [0]) + sent(TWO, [1], [1]) + sent(ONE, [3], [2])
    report = count(given, max_flows=1)
    assert report["flows_evicted"] == 2
    assert report["summary"]["total_flows"] == 3
    assert report["summary"]["total_lost_packets"] == 0
    assert [flow["first_sequence"] for flow in report["flows"]] == [3]
