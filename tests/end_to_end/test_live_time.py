# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Times of frames: UTC, at the moment when the kernel saw them."""
import datetime
import time

import pytest

from support.numbered import esp, esp_run

NS_PER_SECOND = 10**9
CLOCK_UNCERTAINTY_NS = 1_000_000  # when two clocks are read in turn


def nanoseconds(timestamp):
    """Returns an RFC 3339 UTC timestamp as nanoseconds since 1970."""
    whole, fraction = timestamp.removesuffix("Z").split(".")
    assert timestamp.endswith("Z") and len(fraction) == 9
    second = datetime.datetime.fromisoformat(whole + "+00:00").timestamp()
    return int(second) * NS_PER_SECOND + int(fraction)


def sent_between(link, frames):
    """Sends FRAMES. Returns the time before and after, widened by the uncertainty of the clocks."""
    before = time.time_ns() - CLOCK_UNCERTAINTY_NS
    link.send(frames)
    return before, time.time_ns() + CLOCK_UNCERTAINTY_NS


def test_first_and_last(method, watched):
    sensor = watched.sensor(method)
    first = sent_between(watched, [esp(1)])
    watched.send(esp_run(2, 9))
    last = sent_between(watched, [esp(10)])
    found = sensor.stop()
    (flow,) = found["flows"]
    for figures in (flow, found["summary"]):
        assert first[0] <= nanoseconds(figures["first_timestamp"]) <= first[1]
        assert last[0] <= nanoseconds(figures["last_timestamp"]) <= last[1]


def test_time_between_frames(method, watched):
    """Frames one by one: the shortest, longest and mean interval lie where the sender saw them."""
    sensor = watched.sensor(method)
    sent = [sent_between(watched, [esp(number)]) for number in range(1, 11) if not time.sleep(0.02)]
    (flow,) = sensor.stop()["flows"]
    ms = lambda nanoseconds: nanoseconds / 1_000_000
    shortest = [ms(after[0] - before[1]) for before, after in zip(sent, sent[1:])]
    longest = [ms(after[1] - before[0]) for before, after in zip(sent, sent[1:])]
    assert min(shortest) <= flow["min_inter_arrival_ms"] <= min(longest)
    assert max(shortest) <= flow["max_inter_arrival_ms"] <= max(longest)
    assert sum(shortest) / 9 <= flow["avg_inter_arrival_ms"] <= sum(longest) / 9
    assert flow["duration_seconds"] * 1000 == pytest.approx(9 * flow["avg_inter_arrival_ms"])
    assert flow["stddev_inter_arrival_ms"] <= flow["max_inter_arrival_ms"]


def test_when_a_gap_was(method, watched):
    sensor = watched.sensor(method)
    before = sent_between(watched, [esp(1)])
    time.sleep(0.05)
    after = sent_between(watched, [esp(3)])
    (gap,) = sensor.stop()["gaps"]
    assert after[0] <= nanoseconds(gap["timestamp"]) <= after[1]
    assert (after[0] - before[1]) / 1e6 <= gap["duration_ms"] <= (after[1] - before[0]) / 1e6


def test_waiting_in_the_ring_takes_no_time(bpf_method, watched):
    """A frame has the time when it came, not when the sensor, which was stopped, read it."""
    sensor = watched.sensor(bpf_method)
    with sensor.stopped():
        sent = sent_between(watched, esp_run(1, 100))
        time.sleep(0.3)
    (flow,) = sensor.stop()["flows"]
    assert sent[0] <= nanoseconds(flow["first_timestamp"])
    assert nanoseconds(flow["last_timestamp"]) <= sent[1]


def test_missed_frames_have_times(bpf_method, watched):
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    with sensor.stopped():
        before = time.time_ns() - CLOCK_UNCERTAINTY_NS
        watched.generate("--esp", 1, "--packets", 40_000)
        after = time.time_ns() + CLOCK_UNCERTAINTY_NS
    (flow,) = sensor.stop()["flows"]
    assert flow["unobserved_packets"] > 0
    assert before <= nanoseconds(flow["first_timestamp"]) < nanoseconds(flow["last_timestamp"]) <= after
    mean_ms = flow["avg_inter_arrival_ms"]
    assert flow["duration_seconds"] * 1000 == pytest.approx(39_999 * mean_ms, rel=1e-3)


@pytest.mark.parametrize("timestamp", ["auto", "sw", "hw"])
def test_xdp_on_a_driver_without_stamps(timestamp, watched, obstacle_to_bpf):
    """veth supports XDP metadata but has no timestamps, so the kernel's clock is used."""
    sensor = watched.sensor("xdp", "--timestamp", timestamp)
    assert "native" in sensor.said()
    sent = sent_between(watched, esp_run(1, 10))
    (flow,) = sensor.stop()["flows"]
    assert flow["packets_received"] == 10
    assert sent[0] <= nanoseconds(flow["first_timestamp"])
    assert nanoseconds(flow["last_timestamp"]) <= sent[1]
