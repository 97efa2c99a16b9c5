# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Interfaces that are missing, down, removed, made again or renamed."""
import json
import signal
import socket
import time

import pytest

from support.link import entered, run
from support.numbered import esp, esp_run
from support.waiting import wait_until

LOOKS_EVERY_SECONDS = 1  # how often a sensor checks its interface


def set_link(link, *words):
    near = link.near.interface
    run("ip", "-n", near, "link", "set", near, *words)


def away_and_back(link, sensor):
    link.take_away()
    sensor.await_saying(f"{link.near.interface} has gone away; waiting for it to come back")
    link.make_anew()
    sensor.await_saying(f"{link.near.interface} has come back and is watched again")


def the_gap(found):
    (gap,) = found["gaps"]
    return gap["expected_sequence"], gap["received_sequence"], gap["cause"]


def test_no_such_interface(bpf_method, watched, gapwatch):
    command = watched.near.command(gapwatch.program, "capture", "nosuch0", bpf_method)
    done = gapwatch.run(*command[1:], program=command[0])
    assert done.returncode == 1
    assert done.stderr == b"gapwatch: nosuch0: there is no such interface\n"
    assert done.stdout == b""


def test_down_at_first(bpf_method, watched):
    set_link(watched, "down")
    sensor = watched.sensor(bpf_method)
    sensor.await_saying(f"{watched.near.interface} is down; still watching")
    set_link(watched, "up")
    sensor.await_saying(f"{watched.near.interface} is up\n")
    watched.send(esp_run(1, 10))
    assert sensor.stop()["capture"]["packets"] == 10


def test_down_and_up(bpf_method, watched):
    """Frames sent meanwhile never came in, and the cause is unknown."""
    sensor = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    set_link(watched, "down")
    sensor.await_saying(f"{watched.near.interface} is down; still watching")
    set_link(watched, "up")
    sensor.await_saying(f"{watched.near.interface} is up\n")
    watched.send(esp_run(21, 30))
    found = sensor.stop()
    assert the_gap(found) == (11, 21, "undetermined")
    assert found["capture"]["packets"] == 20


def test_down_and_up_at_once(method, watched):
    """The change is over before the sensor checks, but the kernel reported it."""
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    set_link(watched, "down")
    set_link(watched, "up")
    sensor.await_saying(f"{watched.near.interface} is down; still watching")
    sensor.await_saying(f"{watched.near.interface} is up\n")
    watched.send(esp_run(21, 30))
    found = sensor.stop()
    assert the_gap(found) == (11, 21, "undetermined")
    assert found["capture"]["packets"] == 20


def test_down_and_up_again_and_again(method, watched):
    """Within a second, in which an interface that was down counts as down."""
    sensor = watched.sensor(method)
    for first in range(1, 100, 20):
        watched.send(esp_run(first, first + 9))
        set_link(watched, "down")
        set_link(watched, "up")
    sensor.await_saying(f"{watched.near.interface} is up\n")
    watched.send(esp_run(101, 110))
    found = sensor.stop()
    assert found["capture"]["packets"] == 60
    assert found["summary"]["lost_by_cause"] == {"network": 0, "undetermined": 50}


def test_to_another_namespace_and_back(method, watched):
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    near, far = watched.near.interface, watched.far.interface
    set_link(watched, "netns", far)
    run("ip", "-n", far, "link", "set", near, "netns", near)
    set_link(watched, "up")
    wait_until(lambda: " is up\n" in sensor.said() or "is watched again" in sensor.said())
    watched.send(esp_run(21, 30))
    found = sensor.stop()
    assert found["capture"]["packets"] == 20
    assert found["summary"]["lost_by_cause"] == {"network": 0, "undetermined": 10}


@pytest.mark.parametrize("workers", [1, 3])
def test_away_and_back(workers, bpf_method, watched):
    sensor = watched.sensor(bpf_method, "--workers", workers)
    watched.send([*esp_run(1, 10), *esp_run(1, 10, spi=0x2002)])
    away_and_back(watched, sensor)
    watched.send([*esp_run(21, 30), *esp_run(21, 30, spi=0x2002)])
    watched.send([esp(32), esp(32, spi=0x2002)])
    found = sensor.stop()
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"] == 42
    assert found["summary"]["lost_by_cause"] == {"network": 2, "undetermined": 20}
    causes = {(gap["expected_sequence"], gap["cause"]) for gap in found["gaps"]}
    assert causes == {(11, "undetermined"), (31, "network")}


def test_gone_for_good(bpf_method, watched):
    """The report is printed, and nothing waits."""
    sensor = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    watched.take_away()
    sensor.await_saying("has gone away")
    assert sensor.stop()["capture"]["packets"] == 10


def test_renamed(bpf_method, watched):
    """It is still the same interface."""
    sensor = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    near, renamed = watched.near.interface, f"{watched.near.interface}r"
    set_link(watched, "name", renamed)
    try:
        time.sleep(1.5 * LOOKS_EVERY_SECONDS)
        run("ip", "-n", near, "link", "set", renamed, "up")
    finally:
        run("ip", "-n", near, "link", "set", renamed, "name", near)
    watched.send(esp_run(11, 20))
    found = sensor.stop()
    assert found["capture"]["packets"] == 20
    assert found["summary"]["total_lost_packets"] == 0


def test_down_and_up_under_another_name(method, watched):
    """The interface is followed, although the user gave its old name."""
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    near, renamed = watched.near.interface, f"{watched.near.interface}r"
    set_link(watched, "down")
    sensor.await_saying("is down; still watching")
    set_link(watched, "name", renamed)
    run("ip", "-n", near, "link", "set", renamed, "up")
    sensor.await_saying("is up")
    try:
        time.sleep(LOOKS_EVERY_SECONDS)
        with entered(watched.far.interface):
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with sender:
            sender.bind((watched.far.interface, 0))
            for frame in esp_run(11, 20):
                sender.send(frame)
        time.sleep(LOOKS_EVERY_SECONDS)
    finally:
        run("ip", "-n", near, "link", "set", renamed, "name", near)
    assert sensor.stop()["capture"]["packets"] == 20


def promiscuity(link):
    near = link.near.interface
    [shown] = json.loads(run("ip", "-n", near, "-j", "-d", "link", "show", near))
    return shown["promiscuity"]


def test_promiscuous_while_it_watches(method, watched):
    """Otherwise the NIC of a mirror port would drop frames addressed to others."""
    sensor = watched.sensor(method)
    assert promiscuity(watched) == 1
    sensor.process.kill()
    sensor.process.wait()
    assert promiscuity(watched) == 0


def test_frames_from_before_the_interface_went_away_are_read(method, watched):
    """Those that wait in the buffer while the sensor does not run; there are several batches of them."""
    sensor = watched.sensor(method)
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 2, "--packets", 20_000)
    watched.take_away()
    watched.make_anew()
    sensor.process.send_signal(signal.SIGCONT)
    sensor.await_saying(f"{watched.near.interface} has come back and is watched again")
    found = sensor.stop()
    assert found["capture"]["packets"] + found["capture"]["sensor_drops"] == 20_000
