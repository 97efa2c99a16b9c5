# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Other TC programs beside the sensor's: it attaches in front of those that are there, and reports when
another one gets in front of it."""
import contextlib
import os
import socket

import pytest

from support import bpf
from support.link import entered, run
from support.numbered import esp_run

TAKEN = "has another TC program in front of ours"
FREE = "has no other TC program in front of ours any more"
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


def test_one_that_comes_behind_is_no_news(watched, obstacle_to_bpf):
    sensor = watched.sensor("tc")
    with other(watched, PROGRAMS["drops"]):
        watched.send(esp_run(1, 10))
        with pytest.raises(AssertionError):
            sensor.await_saying(TAKEN, 5)
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
