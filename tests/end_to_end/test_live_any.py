# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`capture any`: all interfaces of the network namespace at once."""
import socket
import types

import pytest

from support.link import entered, run
from support.numbered import esp_run

DATAGRAMS = 7
VLAN_TAG = bytes((0x81, 0, 0, 5))


def everywhere(link):
    """All interfaces of the near end's namespace, in the form of an end that a sensor can watch."""
    return types.SimpleNamespace(interface="any", command=link.near.command)


def talk_to_oneself(link):
    """Sends datagrams over loopback, where each is seen going out and coming in."""
    run("ip", "-n", link.near.interface, "link", "set", "lo", "up")
    with entered(link.near.interface):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with listener:
        listener.bind(("127.0.0.1", 0))
        for _ in range(DATAGRAMS):
            listener.sendto(b"hello", listener.getsockname())


@pytest.mark.parametrize("method", ("af_packet", "pcap", "auto"))
def test_sees_every_interface_once(method, watched):
    sensor = watched.sensor(method, end=everywhere(watched))
    watched.send(esp_run(1, 10) + esp_run(13, 20))
    talk_to_oneself(watched)
    report = sensor.stop()
    assert report["capture"]["counters"]["esp"] == 18
    assert report["capture"]["counters"]["udp"] == DATAGRAMS
    assert report["summary"]["total_lost_packets"] == 2


def test_auto_says_why(watched, obstacle_to_bpf):
    sensor = watched.sensor("auto", end=everywhere(watched))
    assert "auto chose af_packet for any: xdp: it watches a single interface; tc: it" in sensor.said()
    sensor.stop()


def test_a_filter_takes_pcap(watched):
    sensor = watched.sensor("auto", "--filter", "proto 50", end=everywhere(watched))
    assert "auto chose pcap for any" in sensor.said()
    watched.send(esp_run(1, 10))
    talk_to_oneself(watched)
    assert sensor.stop()["capture"]["packets"] == 10


@pytest.mark.parametrize("bpf", ("xdp", "tc"))
def test_bpf_watches_one(bpf, watched, gapwatch):
    command = watched.near.command(gapwatch.program, "capture", "any", bpf)
    done = gapwatch.run(*command[1:], program=command[0])
    assert done.returncode == 2
    assert f"the method {bpf} cannot be used: it watches a single interface" in done.stderr.decode()


@pytest.mark.parametrize("method", ("af_packet", "pcap"))
def test_several_vlan_tags(method, watched):
    """Linux leaves all tags but the first in front of what pcap gets, and does not say so."""
    sensor = watched.sensor(method, end=everywhere(watched))
    frames = [frame[:12] + VLAN_TAG * 3 + frame[12:] for frame in esp_run(1, 10) + esp_run(13, 20)]
    watched.send(frames)
    report = sensor.stop()
    assert report["capture"]["counters"]["esp"] == 18
    assert report["summary"]["total_lost_packets"] == 2
