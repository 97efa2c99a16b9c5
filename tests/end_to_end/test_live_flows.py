# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Flows of a live run: workers share them, and idle ones leave."""
import time

import pytest

from support.live import BPF_METHODS
from support.numbered import FLOW, esp, esp_run

KINDS = ("macsec", "esp", "esp6", "tcp", "tcp6", "udp", "udp6")
IDLE_SECONDS = 1  # the minimum of --idle-timeout


def lost(sent):
    return sum(kind["skipped"] for kind in sent["kinds"].values())


# --- several workers ---


@pytest.mark.parametrize("workers", [2, 3, 8])
def test_workers_share_the_flows(workers, bpf_method, watched):
    words = [word for kind in KINDS for word in (f"--{kind}", 10)]
    sensor = watched.sensor(bpf_method, "--workers", workers)
    sent = watched.generate(*words, "--packets", 70 * 200, "--lose", 20)
    found = sensor.stop()
    assert len(found["flows"]) == found["summary"]["total_flows"] == 70
    assert {flow["packets_received"] for flow in found["flows"]} == {200}
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"] == sent["packets"]
    assert found["capture"]["bytes"] == found["summary"]["total_bytes"] == sent["bytes"]
    assert found["summary"]["lost_by_cause"] == {"network": lost(sent), "undetermined": 0}
    assert found["capture"]["sensor_drops"] == 0


def test_workers_under_overload(bpf_method, watched):
    """Each worker has a ring of its own, and each ring overflows."""
    sensor = watched.sensor(bpf_method, "--workers", 3, "--buffer", 1)
    with sensor.stopped():
        sent = watched.generate("--esp", 30, "--macsec", 30, "--packets", 300_000, "--lose", 100)
    found = sensor.stop()
    assert len(found["flows"]) == 60
    assert {flow["packets_received"] for flow in found["flows"]} == {5000}
    assert min(flow["unobserved_packets"] for flow in found["flows"]) > 0
    assert found["summary"]["lost_by_cause"] == {"network": lost(sent), "undetermined": 0}
    assert found["summary"]["total_unobserved_packets"] == found["capture"]["sensor_drops"]
    assert found["summary"]["total_bytes"] == sent["bytes"]


# --- idle flows ---


def test_idle_flows_leave_and_come_back_as_new(method, watched):
    sensor = watched.sensor(method, "--idle-timeout", IDLE_SECONDS)
    watched.send([esp(number) for number in range(1, 11) if number != 5])
    time.sleep(2.5 * IDLE_SECONDS)
    watched.send(esp_run(21, 30))
    found = sensor.stop()
    (flow,) = found["flows"]
    assert flow["flow_id"] == FLOW.format(0x1001)
    assert (flow["first_sequence"], flow["packets_received"], flow["total_lost_packets"]) == (21, 10, 0)
    assert found["capture"]["flows_evicted"] == 1
    assert found["summary"]["total_flows"] == 2
    assert found["summary"]["total_packets_received"] == found["capture"]["packets"] == 19
    assert found["summary"]["total_lost_packets"] == 1
    assert found["summary"]["total_bytes"] == found["capture"]["bytes"] == 19 * 74


def test_flows_that_left_idle_are_in_the_report(method, watched):
    """A link that died is the one that users look for."""
    sensor = watched.sensor(method, "--idle-timeout", IDLE_SECONDS)
    watched.send([esp(number) for number in range(1, 11) if number not in (5, 6)])
    time.sleep(2.5 * IDLE_SECONDS)
    watched.send(esp_run(1, 5, 0x1002))
    found = sensor.stop()
    dead, alive = found["flows"]
    assert dead["flow_id"] == FLOW.format(0x1001) and alive["flow_id"] == FLOW.format(0x1002)
    assert (dead["packets_received"], dead["lost_network"], dead["last_sequence"]) == (8, 2, 10)
    assert found["capture"]["flows_evicted"] == 1
    assert found["summary"]["total_flows"] == 2


def test_flows_that_go_on_stay(method, watched):
    sensor = watched.sensor(method, "--idle-timeout", IDLE_SECONDS)
    for first in range(1, 100, 10):
        watched.send(esp_run(first, first + 8))
        time.sleep(IDLE_SECONDS / 4)
    found = sensor.stop()
    assert found["capture"]["flows_evicted"] == 0
    assert found["summary"]["total_lost_packets"] == 9


def test_a_sensor_that_stood_still_takes_no_flow_for_idle(method, watched):
    """The frames in its ring are old when it goes on, and newer ones of the same flows wait behind
    them."""
    buffer_mb = 1 if method in BPF_METHODS else 64  # BPF methods know what they missed
    sensor = watched.sensor(method, "--idle-timeout", IDLE_SECONDS, "--buffer", buffer_mb)
    with sensor.stopped():
        sent = watched.generate("--esp", 10, "--packets", 20_000, "--lose", 100)
        time.sleep(2 * IDLE_SECONDS)
    found = sensor.stop()
    assert found["capture"]["flows_evicted"] == 0
    assert {flow["packets_received"] for flow in found["flows"]} == {2000}
    assert found["summary"]["total_lost_packets"] == lost(sent)


@pytest.mark.parametrize("workers", [1, 2])
def test_max_flows_holds(workers, bpf_method, watched):
    sensor = watched.sensor(bpf_method, "--max-flows", 10, "--workers", workers)
    sent = watched.generate("--esp", 100, "--packets", 5000)
    found = sensor.stop()
    assert len(found["flows"]) <= 10
    assert found["capture"]["flows_evicted"] == found["summary"]["total_flows"] - len(found["flows"])
    assert found["summary"]["total_packets_received"] == sent["packets"]
    assert found["summary"]["total_bytes"] == sent["bytes"]
