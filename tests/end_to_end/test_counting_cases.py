# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Captures of typical networks, each with its expected loss."""
import pathlib

import pytest

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"


@pytest.fixture
def analyze(gapwatch):
    """Analyses the case with this name."""
    if not CASES.exists():
        pytest.skip(f"the cases are not there: {CASES}")
    return lambda name, *options: gapwatch.analyze(*options, CASES / name)


@pytest.mark.parametrize("window, lost", ((32, 61), (1024, 0)))
def test_a_queue_holds_every_fifth_frame_back(window, lost, analyze):
    found = analyze("qos-min/held-back-every-5th.pcap", "--window", window)
    [flow] = found["flows"]
    assert flow["packets_received"] == 2000
    assert flow["total_lost_packets"] == flow["lost_network"] == lost
    assert flow["late_packets"] == lost
    assert (flow["restarts"], flow["rekeys"], flow["outlier_packets"]) == (0, 0, 0)
    assert sum(gap["gap_size"] for gap in found["gaps"]) == lost


def test_a_gateway_that_takes_over_goes_on_far_ahead(analyze):
    found = analyze("seq/ha-failover-jump-2e9.pcap")
    [flow] = found["flows"]
    assert flow["packets_received"] == 2000
    assert flow["skipped_numbers"] == 2_000_000_000
    assert flow["total_lost_packets"] == flow["gaps_detected"] == 0
    assert (flow["restarts"], flow["outlier_packets"]) == (0, 0)
    assert found["gaps"] == []


def test_one_frame_with_a_time_years_ahead(analyze):
    found = analyze("time/one-frame-2038.pcap")
    [flow] = found["flows"]
    assert found["capture"]["clock_steps"] == 1
    assert flow["packets_received"] == 3000
    assert flow["total_lost_packets"] == 0
    assert 25 < flow["duration_seconds"] < 35
    assert flow["bandwidth_mbps"] > 0.01
    assert flow["max_inter_arrival_ms"] < 1000
    for figures in (flow, found["summary"]):
        assert figures["first_timestamp"][:4] == figures["last_timestamp"][:4]
    assert found["summary"]["avg_bandwidth_mbps"] > 0.01
