# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A sensor that cannot keep up says so, and never reports its own loss as loss of the network.

The sensor is stopped while frames are sent, so that the ring between kernel and program overflows however
fast the machine is. Each flow has the numbers from 1 on.
"""
import os
import signal

import pytest

from support.numbered import analyzed, esp

PACKETS = 2_000_000
FLOWS = 10
MANY_FLOWS = 10_000
EASY_RATE = 200_000  # frames a second that any machine can handle
LOSE_EVERY = 100
OVERLOADS = int(os.environ.get("GAPWATCH_OVERLOADS", 2))  # overloads of several workers
RING_MB = 8
RING_RECORDS = RING_MB * 2**20 // (64 + 8)  # of 64 octets, with the ring's own header


def overload(watched, sensor, *arguments):
    """Has frames sent while SENSOR is stopped. Returns (what was sent, the sensor's report)."""
    sensor.process.send_signal(signal.SIGSTOP)
    sent = watched.generate(*arguments)
    sensor.process.send_signal(signal.SIGCONT)
    return sent, sensor.stop()


def check_kind(sent, report, kind):
    """Asserts that every frame counts, and that the lost numbers are those that were skipped."""
    flows = [flow for flow in report["flows"] if flow["protocol"] == kind]
    assert len(flows) == sent["kinds"][kind]["flows"]
    assert sum(flow["packets_received"] for flow in flows) == sent["kinds"][kind]["packets"]
    assert sum(flow["total_bytes"] for flow in flows) == sent["kinds"][kind]["bytes"]
    assert sum(flow["total_lost_packets"] for flow in flows) == sent["kinds"][kind]["skipped"]
    return flows


def check_summary(sent, report):
    summary, capture = report["summary"], report["capture"]
    assert capture["packets"] == summary["total_packets_received"] == sent["packets"]
    assert summary["total_bytes"] == sent["bytes"]
    assert summary["lost_by_cause"] == {"network": summary["total_lost_packets"], "undetermined": 0}
    # While the sensor was stopped, no more records can have come through than the ring has room
    # for.
    assert summary["total_unobserved_packets"] >= sent["packets"] - RING_RECORDS
    assert summary["total_unobserved_packets"] < sent["packets"]


@pytest.mark.parametrize("lost", (False, True), ids=("nothing lost", "one in a hundred lost"))
def test_totals_and_loss_are_exact(lost, watched, bpf_method):
    sensor = watched.sensor(bpf_method, "--buffer", RING_MB)
    flows = ("--esp", FLOWS // 2, "--macsec", FLOWS // 2)
    loss = ("--lose", LOSE_EVERY) if lost else ()
    sent, report = overload(watched, sensor, *flows, "--packets", PACKETS, *loss)
    check_summary(sent, report)
    check_kind(sent, report, "esp")
    check_kind(sent, report, "macsec")
    each = PACKETS // FLOWS
    skipped = (each - 1) // (LOSE_EVERY - 1) if lost else 0
    for flow in report["flows"]:
        assert flow["packets_received"] == each
        assert flow["total_lost_packets"] == skipped
        assert (flow["first_sequence"], flow["last_sequence"]) == (1, each + skipped)
        assert flow["unobserved_packets"] > 0
        assert flow["restarts"] == flow["duplicate_packets"] == flow["late_packets"] == 0


def test_loss_before_and_after_the_overload_is_found(watched, bpf_method):
    """What the sensor missed joins with what it saw before and sees afterwards."""
    sensor = watched.sensor(bpf_method, "--buffer", RING_MB)
    flows = ("--esp", FLOWS, "--lose", LOSE_EVERY)
    parts = (2_000, 100_000, 2_000)  # frames of each flow; the second part is sent while it is stopped
    watched.generate(*flows, "--packets", FLOWS * parts[0])
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate(*flows, "--packets", FLOWS * parts[1], "--after", parts[0])
    sensor.process.send_signal(signal.SIGCONT)
    watched.generate(*flows, "--packets", FLOWS * parts[2], "--after", parts[0] + parts[1])
    report = sensor.stop()
    each = sum(parts)
    assert len(report["flows"]) == FLOWS
    for flow in report["flows"]:
        assert flow["packets_received"] == each
        assert flow["total_lost_packets"] == (each - 1) // (LOSE_EVERY - 1)
        assert flow["unobserved_packets"] > 0
        assert flow["restarts"] == flow["duplicate_packets"] == flow["late_packets"] == 0


def test_a_flood_of_others_does_not_blur_the_numbers(watched, bpf_method):
    """Records of TCP and UDP leave room in the ring for those of numbered frames, which all come
    through."""
    sensor = watched.sensor(bpf_method, "--buffer", RING_MB)
    flows = ("--esp", FLOWS, "--udp", 99 * FLOWS)
    load = ("--packets", PACKETS // 2, "--lose", LOSE_EVERY)
    sent, report = overload(watched, sensor, *flows, *load)
    check_summary(sent, report)
    check_kind(sent, report, "udp")
    for flow in check_kind(sent, report, "esp"):
        assert flow["unobserved_packets"] == 0


def test_late_and_duplicate_frames_blur_nothing(watched, bpf_method, gapwatch, tmp_path):
    """The loss is the same as for a sensor that had room for every frame."""
    numbers = [number for number in range(1, 60_001) if number % 17]
    for first in range(100, len(numbers) - 100, 40):
        numbers[first], numbers[first + 20] = numbers[first + 20], numbers[first]
    for first in range(150, len(numbers) - 100, 50):
        numbers[first + 1] = numbers[first]
    frames = [esp(number) for number in numbers]
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    watched.send(frames[:1000])
    with sensor.stopped():
        watched.send(frames[1000:-1000])
    watched.send(frames[-1000:])
    summary = sensor.stop()["summary"]
    expected = analyzed(gapwatch, tmp_path, frames)["summary"]
    assert summary["total_unobserved_packets"] > 0
    for name in ("total_packets_received", "total_bytes", "total_lost_packets"):
        assert summary[name] == expected[name]


def test_it_recovers_while_frames_go_on_coming(watched, bpf_method):
    """Once it runs again, the missed frames of many flows do not delay the records behind them."""
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    flows = ("--esp", MANY_FLOWS)
    with sensor.stopped():
        watched.generate(*flows, "--packets", 4 * MANY_FLOWS)
    after = 40 * MANY_FLOWS
    watched.generate(*flows, "--packets", after, "--after", 4, "--rate", EASY_RATE)
    report = sensor.stop()
    assert report["capture"]["packets"] == 4 * MANY_FLOWS + after
    assert report["summary"]["total_lost_packets"] == 0
    assert report["summary"]["total_unobserved_packets"] < 4 * MANY_FLOWS + after / 2


@pytest.mark.parametrize("run", range(OVERLOADS))
def test_workers_end_with_full_rings(run, watched, bpf_method):
    """No worker waits for entries that only another worker's ring can take."""
    sensor = watched.sensor(bpf_method, "--buffer", 1, "--workers", 2)
    flows = ("--esp", FLOWS, "--macsec", FLOWS, "--udp", FLOWS)
    with sensor.stopped():
        sent = watched.generate(*flows, "--packets", PACKETS // 10, "--lose", LOSE_EVERY)
        sensor.process.send_signal(signal.SIGINT)
    report = sensor.report()
    assert report["capture"]["packets"] == sent["packets"]
    for kind in ("esp", "macsec"):
        check_kind(sent, report, kind)
