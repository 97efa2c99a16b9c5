# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Several interfaces in one process: each is a separate capture, and none ends another."""
import contextlib
import json
import os
import random
import signal
import time

import pytest

from support.database import ask, assert_sound
from support.live import unless
from support.numbered import FLOW, esp, esp_run
from support.sensor import Sensor
from support.waiting import wait_until

MANY = 64  # the maximum
FEW = 8


def packets_by_interface(report):
    return {one["capture"]["source"]: one["capture"]["packets"] for one in report["captures"]}


def test_each_is_a_capture_of_its_own(legs, sense, method, tmp_path):
    """The same SA on both interfaces is two flows, in the report and in the database."""
    two, path = legs(2), tmp_path / "results.db"
    sensor = sense(two, method, "--db", path)
    two.send([(0, frame) for frame in esp_run(1, 10)] + [(1, frame) for frame in esp_run(6, 20)])
    report = sensor.stop()
    assert packets_by_interface(report) == dict(zip(two.interfaces, (10, 15)))
    for one in report["captures"]:
        assert set(one) == {"capture", "summary", "flows", "gaps"}
        assert one["capture"]["method"] == method
        assert [flow["flow_id"] for flow in one["flows"]] == [FLOW.format(0x1001)]
        assert one["summary"]["total_lost_packets"] == 0
    sql = "SELECT source, packets, ended IS NOT NULL, total_flows FROM captures ORDER BY source"
    assert ask(path, sql) == [(two.interfaces[0], 10, 1, 1), (two.interfaces[1], 15, 1, 1)]


def test_the_text_report_has_a_section_for_each(legs, gapwatch):
    two = legs(2)
    command = two.near.command(gapwatch.program, "capture", two.near.interface, "af_packet")
    ended = gapwatch.run("-s", "INT", "1", *command, program="timeout")
    text = ended.stdout.decode()
    assert text.count("=== Analysis Complete ===") == 1
    sections = [line for line in text.splitlines() if line.startswith("Interface: ")]
    assert sections == [f"Interface: {name} (af_packet)" for name in two.interfaces]


@pytest.mark.parametrize("by", ["-i", "configuration"])
def test_interfaces_as_options(by, legs, gapwatch, tmp_path):
    """Given one by one, or as a list in a configuration file."""
    two = legs(2)
    first, second = two.interfaces
    words = ["-i", first, "-i", second]
    if by == "configuration":
        (tmp_path / "config.json").write_text(json.dumps({"interfaces": [first, second]}))
        words = ["--config", tmp_path / "config.json"]
    command = two.near.command(gapwatch.program, "capture", "--json", *words, "af_packet")
    ended = gapwatch.run("-s", "INT", "1", *command, program="timeout")
    report = json.loads(ended.stdout)
    assert [one["capture"]["source"] for one in report["captures"]] == [first, second]


def test_one_that_is_not_there_leaves_the_others(legs, sense, method):
    two = legs(2)
    first, second = two.interfaces
    sensor = sense(two, method, count=2, interface=f"{first},nosuch0,{second}")
    two.send([(0, esp(1)), (1, esp(1)), (1, esp(2))])
    assert packets_by_interface(sensor.stop()) == {first: 1, second: 2}
    assert "nosuch0: there is no such interface" in sensor.said()


def test_the_report_of_several_is_a_list_though_one_is_left(legs, sense):
    one = legs(1)
    sensor = sense(one, "af_packet", interface=f"nosuch0,{one.interfaces[0]}")
    one.send([(0, esp(1))])
    assert packets_by_interface(sensor.stop()) == {one.interfaces[0]: 1}


def test_none_that_is_there(legs, gapwatch, method):
    one = legs(1)
    command = one.near.command(gapwatch.program, "capture", "nosuch0,nosuch1", method)
    done = gapwatch.run(*command[1:], program=command[0])
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().count("there is no such interface") == 2


def test_what_is_wrong_for_all_is_said_once(legs, gapwatch):
    two = legs(2)
    words = ("capture", "--filter", "no such", two.near.interface, "af_packet")
    command = two.near.command(gapwatch.program, *words)
    done = gapwatch.run(*command[1:], program=command[0])
    assert done.returncode == 2
    assert done.stderr.count(b"filter 'no such'") == 1


def test_those_that_are_not_watched_are_named(legs, sense, obstacle_to_bpf):
    """The reason is the same for all of them, and is said once."""
    unless(obstacle_to_bpf)
    three = legs(3)
    sensor = sense(three, "tc", count=1, prefix=("prlimit", "--nofile=64:64"))
    three.send([(leg, esp(1)) for leg in range(3)])
    assert packets_by_interface(sensor.stop()) == {three.interfaces[0]: 1}
    assert sensor.said().count("Too many open files") == 1
    assert f"not watched: {three.interfaces[1]}, {three.interfaces[2]}\n" in sensor.said()


def test_one_that_cannot_be_started_is_named(legs, sense):
    """Of a user who may have three threads, the third interface finds no thread for its worker. The limit is
    of all processes of a user, so this user has no other ones."""
    three = legs(3)
    sensor = sense(three, "af_packet", "--user", "games", count=2, prefix=("prlimit", "--nproc=3:3"))
    three.send([(leg, esp(1)) for leg in range(3)])
    assert packets_by_interface(sensor.stop()) == dict.fromkeys(three.interfaces[:2], 1)
    assert f"not watched: {three.interfaces[2]}\n" in sensor.said()


def test_a_signal_while_interfaces_are_opened(legs, gapwatch, obstacle_to_bpf):
    """The rest is not opened: it would take many seconds."""
    unless(obstacle_to_bpf)
    many = legs(MANY)
    with contextlib.closing(Sensor(gapwatch.program, many.near, "auto")) as sensor:
        sensor.await_saying("auto chose")
        report, said = sensor.stop(), sensor.said()
    opened = len(report["captures"])
    assert 0 < opened < MANY
    assert f"not watched: {', '.join(many.interfaces[opened:])}\n" in said


def test_one_that_goes_away_leaves_the_others(legs, sense, method):
    two = legs(2)
    sensor = sense(two, method)
    two.send([(0, esp(1)), (1, esp(1))])
    two.remove_leg(0)
    sensor.await_saying(f"{two.interfaces[0]} has gone away")
    two.near.interfaces = two.interfaces[1:]
    two.send([(0, frame) for frame in esp_run(2, 10)])
    report = sensor.stop()
    assert [one["capture"]["packets"] for one in report["captures"]] == [1, 10]


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all(end, legs, sense, method):
    three = legs(3)
    sensor = sense(three, method)
    three.send([(leg, esp(number)) for number in range(1, 11) for leg in range(3)])
    report = sensor.stop(end)
    assert list(packets_by_interface(report).values()) == [10, 10, 10]


def test_many_interfaces(legs, sense, method, tmp_path):
    """Rings become smaller, and there are enough file descriptors. Loading 64 BPF programs takes ten
    seconds, so only `scripts/test --long` does it."""
    count = MANY if method == "af_packet" or os.environ.get("GAPWATCH_LONG") else FEW
    many, path = legs(count), tmp_path / "results.db"
    sensor = sense(many, method, "--db", path)
    many.send([(leg, esp(number)) for number in (1, 2, 4) for leg in range(count)])
    report = sensor.stop()
    assert packets_by_interface(report) == dict.fromkeys(many.interfaces, 3)
    assert {one["summary"]["total_lost_packets"] for one in report["captures"]} == {1}
    sql = "SELECT count(*), sum(packets), sum(total_lost_packets), count(ended) FROM captures"
    assert ask(path, sql) == [(count, 3 * count, count, count)]
    assert_sound(path)


def test_kill_leaves_the_database_whole(legs, sense, tmp_path):
    """Eight captures that write to one file are killed at a random moment."""
    eight, path = legs(8), tmp_path / "results.db"
    moments = random.Random(1)
    sql = "SELECT count(DISTINCT source), min(packets) FROM captures WHERE id > {}"
    for run in range(4):
        sensor = sense(eight, "af_packet", "--db", path, "--flush-interval", 1)
        eight.send([(leg, esp(number)) for number in range(1, 101) for leg in range(8)])
        wait_until(lambda: ask(path, sql.format(8 * run)) == [(8, 100)])  # pylint: disable=W0640
        until = time.monotonic() + moments.uniform(0, 1)
        while time.monotonic() < until:
            eight.send([(leg, esp(1, spi=0x2000 + moments.randrange(999))) for leg in range(8)])
        sensor.process.kill()
        sensor.process.wait()
        assert_sound(path)
    assert ask(path, "SELECT count(*), count(ended) FROM captures") == [(32, 0)]
