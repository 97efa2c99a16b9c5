# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Other TC programs beside the sensor's: it attaches in front of those that are there, and reports when
another one gets in front of it."""
import contextlib
import os
import re
import socket
import sqlite3
import time

import pytest

from support import bpf
from support.descriptors import open_files
from support.link import entered, run
from support.numbered import esp_run

TAKEN = "has another program in front of ours"
FREE = "has no other program in front of ours any more"
DETACHED = "lost our program, which somebody has detached; attaching it again"
NOTICE_SECONDS = 10
LOOPBACK = 1  # index of the interface lo, in every namespace
DROPS = ("protocol", "all", "bpf", "da", "bytecode", f"1,6 0 0 {bpf.TC_DROP},")  # drops all
PROGRAMS = {
    "accepts": lambda: bpf.load(bpf.SCHED_CLS, bpf.TC_OK),
    "drops": lambda: bpf.load(bpf.SCHED_CLS, bpf.TC_DROP),
    "redirects": lambda: bpf.load_redirect(LOOPBACK),
}


@contextlib.contextmanager
def other(link, make, flags=0, hooks=(bpf.TCX_INGRESS,)):
    """Another program at the near end."""
    with contextlib.ExitStack() as descriptors:
        with entered(link.near.interface):
            index = socket.if_nametoindex(link.near.interface)
            for hook in hooks:
                descriptors.callback(os.close, program := make())
                descriptors.callback(os.close, bpf.attach(program, index, hook, flags))
        yield


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_that_was_there_before_hides_nothing(name, watched, obstacle_to_bpf):
    """The other program ends the chain, so that programs behind it see nothing."""
    with other(watched, PROGRAMS[name]):
        sensor = watched.sensor("tc")
        watched.send(esp_run(1, 10))
        assert sensor.stop()["capture"]["packets"] == 10
        assert TAKEN not in sensor.said()


def test_one_that_was_there_before_hides_nothing_that_goes_out(watched, obstacle_to_bpf):
    with other(watched, PROGRAMS["accepts"], hooks=[bpf.TCX_EGRESS]):
        sensor = watched.sensor("tc")
        watched.near.send(esp_run(1, 10))
        assert sensor.stop()["capture"]["packets"] == 10


@pytest.mark.parametrize("name", PROGRAMS)
def test_one_that_gets_in_front_is_told(name, watched, obstacle_to_bpf):
    sensor = watched.sensor("tc")
    watched.send(esp_run(1, 10))
    with other(watched, PROGRAMS[name], bpf.TCX_BEFORE):
        sensor.await_saying(TAKEN, NOTICE_SECONDS)
        watched.send(esp_run(11, 20))
    sensor.await_saying(FREE, NOTICE_SECONDS)
    watched.send(esp_run(21, 30))
    assert sensor.stop()["capture"]["packets"] == 20
    assert sensor.said().count(TAKEN) == sensor.said().count(FREE) == 1


def test_the_database_says_so_in_time(watched, obstacle_to_bpf, tmp_path):
    """So do the metrics, which are read from the database; the report says what was true at the end."""
    sensor = watched.sensor("tc", "--db", tmp_path / "found.db")
    with other(watched, PROGRAMS["drops"], bpf.TCX_BEFORE):
        until = time.monotonic() + NOTICE_SECONDS
        while not is_behind_other(tmp_path / "found.db"):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert sensor.stop()["capture"]["behind_other"]


def is_behind_other(path):
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT behind_other FROM captures").fetchone()[0]


def test_one_that_comes_behind_is_no_news(watched, obstacle_to_bpf):
    sensor = watched.sensor("tc")
    with other(watched, PROGRAMS["drops"]):
        watched.send(esp_run(1, 10))
        with pytest.raises(AssertionError):
            sensor.await_saying(TAKEN, 3)
    assert sensor.stop()["capture"]["packets"] == 10


@pytest.mark.parametrize("comes", ("before", "later"))
def test_a_filter_in_front_of_ours(comes, watched, gapwatch, obstacle_to_bpf):
    """On a (simulated) kernel without TCX. The filter takes every frame."""
    near = watched.near.interface
    add = ("tc", "-n", near, "filter", "add", "dev", near, "ingress", "pref", 7, *DROPS)
    prefix = (gapwatch.frame_records.with_name("without_tcx"),)
    run("tc", "-n", near, "qdisc", "add", "dev", near, "clsact")
    if comes == "before":
        run(*add)
    sensor = watched.sensor("tc", prefix=prefix)
    if comes == "later":
        run(*add)
    sensor.await_saying(TAKEN, NOTICE_SECONDS)
    run("tc", "-n", near, "filter", "del", "dev", near, "ingress", "pref", 7)
    sensor.await_saying(FREE, NOTICE_SECONDS)
    watched.send(esp_run(1, 10))
    assert sensor.stop()["capture"]["packets"] == 10


def test_filters_behind_tcx_are_no_news(watched, obstacle_to_bpf):
    near = watched.near.interface
    run("tc", "-n", near, "qdisc", "add", "dev", near, "clsact")
    run("tc", "-n", near, "filter", "add", "dev", near, "ingress", *DROPS)
    sensor = watched.sensor("tc")
    watched.send(esp_run(1, 10))
    assert sensor.stop()["capture"]["packets"] == 10
    assert TAKEN not in sensor.said()


def test_an_xdp_program_in_front_is_told(watched, obstacle_to_bpf):
    """An XDP program gets incoming frames before TC, and drops them."""
    sensor = watched.sensor("tc")
    watched.send(esp_run(1, 10))
    with entered(watched.near.interface):
        index = socket.if_nametoindex(watched.near.interface)
        with contextlib.ExitStack() as descriptors:
            descriptors.callback(os.close, program := bpf.load(bpf.XDP, bpf.XDP_DROP))
            descriptors.callback(os.close, bpf.attach(program, index, bpf.XDP_HOOK))
            sensor.await_saying(TAKEN, NOTICE_SECONDS)
            watched.send(esp_run(11, 20))
    sensor.await_saying(FREE, NOTICE_SECONDS)
    assert sensor.stop()["capture"]["packets"] == 10


# --- our program is detached ---


def detach_links(sensor):
    """Detaches the programs of SENSOR, as `bpftool link detach` does."""
    links = set(links_of(sensor.pid))
    assert links
    for number in links:
        run("bpftool", "link", "detach", "id", number)


def links_of(pid):
    """Returns the ids of the BPF links that the process PID holds."""
    for _, description in open_files(pid):
        yield from re.findall(r"^link_id:\s+(\d+)", description, re.M)


def check_attached_again(link, sensor):
    """Frames that came in between were not seen, so missing numbers are undetermined."""
    sensor.await_saying(DETACHED, NOTICE_SECONDS)
    link.send(esp_run(21, 30))
    found = sensor.stop()
    assert found["capture"]["packets"] == 20
    assert found["summary"]["lost_by_cause"] == {"network": 0, "undetermined": 10}
    assert sensor.said().count(DETACHED) == 1


def test_links_that_are_detached(bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    detach_links(sensor)
    watched.send(esp_run(11, 20))
    check_attached_again(watched, sensor)


@pytest.mark.parametrize("what", ("filter", "qdisc"))
def test_filters_that_are_removed(what, watched, gapwatch, obstacle_to_bpf):
    """The same with a filter, as on a kernel without TCX, which the test simulates."""
    near = watched.near.interface
    sensor = watched.sensor("tc", prefix=(gapwatch.frame_records.with_name("without_tcx"),))
    watched.send(esp_run(1, 10))
    where = ("ingress",) if what == "filter" else ("clsact",)
    run("tc", "-n", near, what, "del", "dev", near, *where)
    watched.send(esp_run(11, 20))
    check_attached_again(watched, sensor)
    assert "clsact" not in run("tc", "-n", near, "qdisc", "show", "dev", near)


def test_another_in_the_place_of_ours(watched, obstacle_to_bpf):
    """The sensor attaches again when the other program is gone."""
    sensor = watched.sensor("xdp")
    watched.send(esp_run(1, 10))
    with entered(watched.near.interface), contextlib.ExitStack() as descriptors:
        index = socket.if_nametoindex(watched.near.interface)
        descriptors.callback(os.close, program := bpf.load(bpf.XDP, bpf.XDP_PASS))
        detach_links(sensor)
        descriptors.callback(os.close, bpf.attach(program, index, bpf.XDP_HOOK))
        sensor.await_saying(DETACHED, NOTICE_SECONDS)
        watched.send(esp_run(11, 20))
    sensor.await_saying("is watched again", NOTICE_SECONDS)
    watched.send(esp_run(21, 30))
    found = sensor.stop()
    assert found["capture"]["packets"] == 20
    assert found["summary"]["lost_by_cause"] == {"network": 0, "undetermined": 10}
