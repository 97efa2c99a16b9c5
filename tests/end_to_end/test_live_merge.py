# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`capture a,b --merge`: an SA with frames on several interfaces is one flow, with exact loss."""
import random
import time

import pytest

from support.database import ask, assert_sound
from support.link import run
from support.live import BPF_METHODS, unless
from support.numbered import FLOW, analyzed, esp, esp_run, findings

FRAMES = 10_000
SEED = 1
BUFFERED = 12_000  # their records fill most of a ring of 1 MB
DROPPED = 30_000  # more than a ring of 1 MB holds


def lossy(moments):
    """Returns numbers 1 to FRAMES without 1 % of them, and how many are missing in between."""
    kept = [number for number in range(1, FRAMES + 1) if moments.random() >= 0.01]
    return kept, kept[-1] - kept[0] + 1 - len(kept)


def in_turns(numbers, legs):
    return [(turn % legs, esp(number)) for turn, number in enumerate(numbers)]


def test_each_alone_says_that_half_is_missing(legs, sense, method):
    """It also reports that it may not have seen every path."""
    two = legs(2)
    numbers, _ = lossy(random.Random(SEED))
    sensor = sense(two, method)
    two.send(in_turns(numbers, 2))
    for one in sensor.stop()["captures"]:
        (flow,) = one["flows"]
        assert FRAMES * 0.4 < flow["total_lost_packets"] < FRAMES * 0.6
        assert flow["partial_view"] == "possible"


def test_merged_it_is_exact(legs, sense, method, gapwatch, tmp_path):
    """The report equals that of a file with the same frames."""
    two, path = legs(2), tmp_path / "results.db"
    numbers, lost = lossy(random.Random(SEED))
    frames = in_turns(numbers, 2)
    sensor = sense(two, method, "--merge", "--db", path, count=1)
    two.send(frames)
    report = sensor.stop()
    assert report["capture"]["source"] == ",".join(two.interfaces)
    assert report["capture"]["method"] == method
    assert report["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}
    assert findings(report) == findings(analyzed(gapwatch, tmp_path, [frame for _, frame in frames]))
    (flow,) = report["flows"]
    assert flow["flow_id"] == FLOW.format(0x1001)
    assert flow["partial_view"] is None
    assert_sound(path)
    sql = "SELECT source, packets, total_lost_packets FROM captures"
    assert ask(path, sql) == [(",".join(two.interfaces), len(frames), lost)]


@pytest.mark.parametrize("sharing", ["xdp", "tc", "af_packet"])
def test_workers_share_the_flows_of_all_legs(sharing, legs, sense, obstacle_to_bpf):
    """Frames of one flow reach the same worker from every leg."""
    unless(obstacle_to_bpf)
    two = legs(2)
    sensor = sense(two, sharing, "--merge", "--workers", 3, count=1)
    spis = range(0x1001, 0x1011)
    frames = [esp(number, spi) for number in range(1, 101) if number != 50 for spi in spis]
    two.send([(turn // 3 % 2, frame) for turn, frame in enumerate(frames)])
    flows = sensor.stop()["flows"]
    assert {flow["flow_id"] for flow in flows} == {FLOW.format(spi) for spi in spis}
    assert {(flow["packets_received"], flow["total_lost_packets"]) for flow in flows} == {(99, 1)}


def test_frames_that_pick_a_leg_at_random(legs, sense, method):
    """Each of four legs carries runs of random length; a fifth has no frames."""
    moments = random.Random(SEED)
    five = legs(5)
    numbers, lost = lossy(moments)
    sensor = sense(five, method, "--merge", count=1)
    leg, frames = 0, []
    for number in numbers:
        leg = moments.randrange(4) if moments.random() < 0.2 else leg
        frames.append((leg, esp(number)))
    five.send(frames)
    summary = sensor.stop()["summary"]
    assert summary["total_packets_received"] == len(numbers)
    assert summary["lost_by_cause"] == {"network": lost, "undetermined": 0}


def test_one_leg_goes_away_and_the_other_goes_on(legs, sense, method):
    """Numbers missing in that time are undetermined; those missing later are not."""
    two = legs(2)
    sensor = sense(two, method, "--merge", count=1)
    two.send(in_turns(range(1, 11), 2))
    two.remove_leg(1)
    sensor.await_saying(f"{two.interfaces[1]} has gone away")
    two.near.interfaces = two.interfaces[:1]
    two.send([(0, esp(number)) for number in range(11, 21)])
    await_calm()
    two.send([(0, esp(number)) for number in range(21, 41) if number != 30])
    report = sensor.stop()
    assert report["capture"]["packets"] == 39
    assert report["summary"]["lost_by_cause"] == {"network": 1, "undetermined": 0}


def await_calm():
    """Waits until later gaps are no longer undetermined because of what just happened to a leg."""
    time.sleep(1)


def test_one_leg_is_down_and_the_other_goes_on(legs, sense, method):
    """The leg that is down carries no frames, so none of its frames are missed."""
    two = legs(2)
    sensor = sense(two, method, "--merge", count=1)
    two.send(in_turns(range(1, 11), 2))
    run("ip", "-n", two.near.namespace, "link", "set", two.interfaces[1], "down")
    sensor.await_saying(f"{two.interfaces[1]} is down")
    await_calm()
    two.send([(0, esp(number)) for number in range(11, 31) if number != 20])
    assert sensor.stop()["summary"]["lost_by_cause"] == {"network": 1, "undetermined": 0}


def test_merged_on_a_kernel_without_tcx(legs, sense, gapwatch, obstacle_to_bpf):
    """There each interface has filters of its own, which all go away in the end."""
    unless(obstacle_to_bpf)
    two = legs(2)
    numbers, lost = lossy(random.Random(SEED))
    without_tcx = gapwatch.frame_records.with_name("without_tcx")
    sensor = sense(two, "tc", "--merge", count=1, prefix=(without_tcx,))
    assert "with tc (clsact" in sensor.said()
    two.send(in_turns(numbers, 2))
    assert sensor.stop()["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}
    for name in two.interfaces:
        assert "gapwatch" not in two.near.run("tc", "filter", "show", "dev", name, "ingress")


def test_all_legs_must_be_there(legs, gapwatch, method):
    """A capture of only one leg would report half as missing."""
    one = legs(1)
    words = ("capture", "--merge", f"{one.interfaces[0]},nosuch0", method)
    command = one.near.command(gapwatch.program, *words)
    done = gapwatch.run(*command[1:], program=command[0])
    assert done.returncode == 1
    assert done.stderr == b"gapwatch: nosuch0: there is no such interface\n"


def test_merging_one_interface_changes_nothing(legs, sense):
    one = legs(1)
    sensor = sense(one, "af_packet", "--merge")
    one.send([(0, frame) for frame in esp_run(1, 10)])
    assert sensor.stop()["capture"]["packets"] == 10


def test_auto_takes_one_method_for_all(legs, sense, obstacle_to_bpf):
    unless(obstacle_to_bpf)
    two = legs(2)
    sensor = sense(two, "auto", "--merge", count=1)
    two.send(in_turns(range(1, 11), 2))
    assert sensor.stop()["capture"]["packets"] == 10


def test_frames_wait_through_a_stall(legs, sense, method):
    """The sensor is stopped while one leg carries most frames: they are still ordered by time, even
    those that did not fit in the ring of xdp and tc."""
    two = legs(2)
    numbers, lost = lossy(random.Random(SEED))
    frames = [(0 if number % 50 else 1, esp(number)) for number in numbers]
    small = ["--buffer", 1] if method in BPF_METHODS else []
    sensor = sense(two, method, "--merge", *small, count=1)
    with sensor.stopped():
        two.send([(0, esp(1, spi=0x2002))] * BUFFERED)
        two.send(frames)
    report = sensor.stop()
    (flow,) = [one for one in report["flows"] if one["flow_id"] == FLOW.format(0x1001)]
    assert flow["packets_received"] == len(numbers)
    assert (report["summary"]["total_unobserved_packets"] > 0) == bool(small)
    assert report["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}


@pytest.mark.parametrize("dropping", ["af_packet", "pcap"])
def test_frames_that_the_kernel_dropped_are_not_lost_by_the_network(dropping, legs, sense):
    """Frames that one leg dropped during a stall are missing between those of the other."""
    two = legs(2)
    sensor = sense(two, dropping, "--merge", "--buffer", 1, count=1)
    two.send(in_turns(range(1, 101), 2))
    with sensor.stopped():
        two.send([(0 if number % 50 else 1, esp(number)) for number in range(101, DROPPED + 101)])
    two.send(in_turns(range(DROPPED + 101, DROPPED + 201), 2))
    report = sensor.stop()
    assert report["capture"]["sensor_drops"] > 0
    assert report["summary"]["lost_by_cause"]["network"] == 0
    (flow,) = report["flows"]
    # Late frames count as lost, too, and so do the two or fewer that came alone between drops.
    stray = flow["late_packets"] + flow["outlier_packets"]
    assert flow["total_lost_packets"] + flow["packets_received"] - stray == DROPPED + 200
