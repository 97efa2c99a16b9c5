# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A sensor leaves no trace, however it ends: no program of its own, and no change to others or to
frames."""
import contextlib
import json
import os
import signal
import socket
import types

import pytest

from support import bpf
from support.link import entered, run
from support.numbered import esp, esp_run, tagged
from support.waiting import PATIENCE_SECONDS, wait_until

NOT_FOLLOWED = bytes.fromhex("02000000000a 02000000000b 88b5")
ETH_P_ALL = 3
HOOKS = (bpf.TCX_INGRESS, bpf.TCX_EGRESS)


def shown(link):
    """The output of `ip link` for the near end."""
    words = ("ip", "-j", "-d", "link", "show", link.near.interface)
    return json.loads(link.near.run(*words))[0]


def attached(link):
    """The ids of all programs attached at the near end, by hook."""
    found = {"xdp": [shown(link)["xdp"]["prog"]["id"]] if "xdp" in shown(link) else []}
    with entered(link.near.interface):
        index = socket.if_nametoindex(link.near.interface)
        found["in"], found["out"] = (bpf.attached(index, hook) for hook in HOOKS)
    return found


def counts(link):
    return {hook: len(programs) for hook, programs in attached(link).items()}


# --- its own end ---

NOTHING = {"xdp": 0, "in": 0, "out": 0}
ATTACHED = {"xdp": {"xdp": 1, "in": 0, "out": 0}, "tc": {"xdp": 0, "in": 1, "out": 1}}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_clean_end_leaves_nothing_attached(end, bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    assert counts(watched) == ATTACHED[bpf_method]
    sensor.stop(end)
    assert counts(watched) == NOTHING


def test_ctrl_c_comes_twice(method, watched):
    """As from a terminal and from the script that started the sensor, within half a second."""
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    with sensor.stopped():
        sensor.process.send_signal(signal.SIGTERM)
        sensor.process.send_signal(signal.SIGINT)
    assert sensor.report()["capture"]["packets"] == 10


def test_a_sensor_in_the_background_of_a_script_ends(watched):
    """There, SIGINT is ignored from the start."""
    sensor = watched.sensor("af_packet", prefix=("sh", "-c", 'trap "" INT; exec "$@"', "sh"))
    watched.send(esp_run(1, 10))
    assert sensor.stop(signal.SIGINT)["capture"]["packets"] == 10


def test_kill_leaves_nothing_attached(bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    assert counts(watched) == ATTACHED[bpf_method]
    sensor.process.kill()
    sensor.process.wait()
    wait_until(lambda: counts(watched) == NOTHING)


def test_kill_while_frames_come(bpf_method, watched):
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 10, "--packets", 50_000)
    sensor.process.kill()
    sensor.process.wait()
    wait_until(lambda: counts(watched) == NOTHING)
    sensor = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    assert sensor.stop()["capture"]["packets"] == 10


# --- others ---


@contextlib.contextmanager
def foreign(link, kind, returns, where):
    """Another program at the near end. Yields the descriptors of program and link."""
    with contextlib.ExitStack() as descriptors:
        program = bpf.load(kind, returns)
        descriptors.callback(os.close, program)
        with entered(link.near.interface):
            index = socket.if_nametoindex(link.near.interface)
            descriptors.callback(os.close, bpf.attach(program, index, where))
        yield


def test_an_xdp_program_of_others_stays_and_is_named(watched, gapwatch, obstacle_to_bpf):
    with foreign(watched, bpf.XDP, bpf.XDP_PASS, bpf.XDP_HOOK):
        (theirs,) = attached(watched)["xdp"]
        sensor = watched.start("xdp")
        assert sensor.process.wait(PATIENCE_SECONDS) == 1
        assert sensor.said().count("\n") == 1
        assert f"XDP program already (id {theirs})" in sensor.said()
        assert attached(watched) == {"xdp": [theirs], "in": [], "out": []}
        tc = watched.sensor("tc")
        watched.send(esp_run(1, 10))
        assert tc.stop()["capture"]["packets"] == 10
        assert attached(watched)["xdp"] == [theirs]


def test_xdp_below_a_device_that_has_a_program(watched, obstacle_to_bpf):
    """Linux refuses it, and `File exists` would not tell why."""
    near = watched.near
    run("ip", "-n", near.interface, "link", "add", "upper", "type", "bridge")
    run("ip", "-n", near.interface, "link", "set", near.interface, "master", "upper")
    run("ip", "-n", near.interface, "link", "set", "upper", "up")
    above = watched.sensor("xdp", end=types.SimpleNamespace(interface="upper", command=near.command))
    below = watched.start("xdp")
    assert below.process.wait(PATIENCE_SECONDS) == 1
    assert f"cannot attach to {near.interface}: a device on top of it has an XDP program" in below.said()
    above.stop()


def test_tcx_programs_of_others_stay(watched, obstacle_to_bpf):
    """One that was there before, and one that comes later."""
    with foreign(watched, bpf.SCHED_CLS, bpf.TCX_NEXT, bpf.TCX_INGRESS):
        (before,) = attached(watched)["in"]
        sensor = watched.sensor("tc")
        with foreign(watched, bpf.SCHED_CLS, bpf.TCX_NEXT, bpf.TCX_EGRESS):
            assert counts(watched) == {"xdp": 0, "in": 2, "out": 2}
            watched.send(esp_run(1, 10))
            watched.near.send(esp_run(11, 20))
            assert sensor.stop()["capture"]["packets"] == 20
            assert attached(watched)["in"] == [before]
            assert counts(watched) == {"xdp": 0, "in": 1, "out": 1}


def filters(link):
    return link.near.run("tc", "filter", "show", "dev", link.near.interface, "ingress")


def test_tc_filters_of_others_stay_and_still_work(watched, obstacle_to_bpf):
    """The other filter drops IPv4 (classic BPF: return TC_ACT_SHOT). The sensor sees these frames,
    the stack does not."""
    near = watched.near
    near.run("tc", "qdisc", "add", "dev", near.interface, "clsact")
    theirs = ["protocol", "ip", "pref", 7, "bpf", "da", "bytecode", "1,6 0 0 2,"]
    near.run("tc", "filter", "add", "dev", near.interface, "ingress", *theirs)
    before = filters(watched)
    assert "pref 7" in before
    sensor = watched.sensor("tc")
    with udp_sockets(watched) as (sender, listener):
        sender.sendto(bytes(100), listener.getsockname())
        near.await_received(1)
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.recv(200)
    assert sensor.stop()["capture"]["counters"]["udp"] == 1
    assert filters(watched) == before


# --- the frames ---


@contextlib.contextmanager
def udp_sockets(link):
    """A socket at the far end, and a listening one at the near end."""
    near, _ = link.add_addresses()
    with entered(link.near.interface):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with entered(link.far.interface):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with listener, sender:
        listener.bind((near, 0))
        listener.settimeout(PATIENCE_SECONDS)
        yield sender, listener


class Receiver:
    """A packet socket at the near end, which receives what the stack gets."""

    def __init__(self, tap):
        self.tap = tap

    def frames(self):
        received = []
        while True:
            try:
                received.append(self.tap.recv(1 << 16))
            except BlockingIOError:
                return received


@contextlib.contextmanager
def receiving(link):
    with entered(link.near.interface):
        tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    with tap:
        tap.bind((link.near.interface, ETH_P_ALL))
        tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        tap.setblocking(False)
        yield Receiver(tap)


def received(link, frames):
    with receiving(link) as receiver:
        link.send(frames)
        return receiver.frames()


def test_frames_pass_unchanged(bpf_method, watch):
    """Headers in one piece or not, tracked or not, valid or not."""
    link = watch(mtu=9000)
    frames = [*esp_run(1, 50), tagged(esp(51), 7), esp(52) + bytes(6000), NOT_FOLLOWED, esp(53)[:40]]
    frames += [tagged(esp(54), 1, 2, 3, 4, 5), NOT_FOLLOWED + os.urandom(8000)]
    without = received(link, frames)
    sensor = link.sensor(bpf_method)
    assert received(link, frames) == without
    assert sensor.stop()["capture"]["packets"] == len(frames)
    assert len(without) == len(frames)


def test_the_stack_gets_its_datagrams(bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    with udp_sockets(watched) as (sender, listener):
        for number in range(50):
            sender.sendto(bytes([number]) * 100, listener.getsockname())
        assert [listener.recv(200) for _ in range(50)] == [bytes([n]) * 100 for n in range(50)]
    (flow,) = sensor.stop()["flows"]
    assert flow["packets_received"] == 50


def test_frames_pass_while_the_sensor_stands_still(bpf_method, watched):
    """A full ring affects the sensor only."""
    frames = esp_run(1, 3000)
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 1, "--packets", 30_000)
    assert received(watched, frames) == frames
    sensor.process.send_signal(signal.SIGCONT)
    assert sensor.stop()["capture"]["packets"] == 33_000
