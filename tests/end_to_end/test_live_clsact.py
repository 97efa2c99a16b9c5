# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Method tc on a (simulated) kernel without TCX: whole captures with clsact."""
import json
import pwd

import pytest

from support.link import run
from support.live import unless
from support.numbered import analyzed, esp, esp_run, findings
from support.waiting import wait_until

HOOKS = ["clsact/egress", "clsact/ingress"]
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def start(gapwatch, watched, obstacle_to_bpf):
    """Starts sensors on a plain link that attach with clsact."""
    unless(obstacle_to_bpf)
    prefix = (gapwatch.frame_records.with_name("without_tcx"),)
    return lambda *options: watched.sensor("tc", *options, prefix=prefix)


def attached(link):
    """The TC hooks of the near end that have a BPF program."""
    [shown] = json.loads(link.near.run("bpftool", "-j", "net"))
    near = (hook for hook in shown["tc"] if hook["devname"] == link.near.interface)
    return sorted(hook["kind"] for hook in near if "id" in hook)


def has_clsact(link):
    return "clsact" in link.near.run("tc", "qdisc", "show", "dev", link.near.interface)


def test_finds_what_is_in_a_file(start, watched, gapwatch, tmp_path):
    frames = [esp(number) for number in range(1, 2001) if number % 13]
    sensor = start()
    assert f"watching {watched.near.interface} with tc (clsact" in sensor.said()
    watched.send(frames)
    assert findings(sensor.stop()) == findings(analyzed(gapwatch, tmp_path, frames))


@pytest.mark.parametrize("direction, expected", [("in", 3), ("out", 2), ("both", 5)])
def test_direction(direction, expected, start, watched):
    sensor = start("--direction", direction)
    watched.near.send(esp_run(1, 2))
    watched.send(esp_run(3, 5))
    assert sensor.stop()["capture"]["packets"] == expected


def test_a_clean_end_leaves_nothing(start, watched):
    sensor = start()
    assert attached(watched) == HOOKS
    sensor.stop()
    assert not attached(watched) and not has_clsact(watched)


def test_kill_leaves_nothing(start, watched):
    sensor = start()
    sensor.process.kill()
    sensor.process.wait()
    wait_until(lambda: not attached(watched) and not has_clsact(watched))


def test_away_and_back(start, watched):
    """The sensor has no privilege left to attach anything, so its guard does."""
    sensor = start("--user", NOBODY.pw_name)
    watched.send(esp_run(1, 10))
    watched.take_away()
    sensor.await_saying("has gone away; waiting for it to come back")
    watched.make_anew()
    sensor.await_saying("has come back and is watched again")
    assert attached(watched) == HOOKS
    watched.send(esp_run(11, 20))
    assert sensor.stop()["capture"]["packets"] == 20
    assert not attached(watched) and not has_clsact(watched)


def test_the_filter_of_somebody_else_stays(start, watched):
    near = watched.near.interface
    run("tc", "-n", near, "qdisc", "add", "dev", near, "clsact")
    matching = ("protocol", "all", "bpf", "bytecode", "1,6 0 0 0,", "flowid", "1:1")  # matches nothing
    run("tc", "-n", near, "filter", "add", "dev", near, "ingress", "pref", 7, *matching)
    sensor = start()
    watched.send(esp_run(1, 10))
    assert sensor.stop()["capture"]["packets"] == 10
    assert "pref 7" in watched.near.run("tc", "filter", "show", "dev", near, "ingress")
    assert not attached(watched) and has_clsact(watched)


def test_loss_is_exact_under_overload(start, watched):
    sensor = start("--buffer", 1)
    with sensor.stopped():
        sent = watched.generate("--esp", 10, "--packets", 200_000, "--lose", 100)
    report = sensor.stop()
    assert report["summary"]["total_packets_received"] == sent["packets"]
    assert report["summary"]["total_unobserved_packets"] > 0
    skipped = sent["kinds"]["esp"]["skipped"]
    assert report["summary"]["lost_by_cause"] == {"network": skipped, "undetermined": 0}
