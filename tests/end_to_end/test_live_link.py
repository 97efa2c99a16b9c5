# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The base of live tests: a link carries only what was sent, and leaves nothing behind."""
import contextlib
import os
import socket
import subprocess

import pytest

from support.link import NAMESPACES, Link, entered, remove_leftovers
from support.live import unless

FRAME = bytes.fromhex("020000000001 020000000002 88b5") + bytes(46)
KINDS = ("macsec", "esp", "esp6", "esp-udp", "tcp", "tcp6", "udp", "udp6")


def test_only_what_was_sent_arrives(watch):
    link = watch(mtu=9000, queues=2, offloads={"gro": "on"})
    link.send([FRAME] * 1000)
    link.send([FRAME.ljust(9014)])
    assert link.near.statistics()["rx"]["packets"] == 1001
    assert link.near.statistics()["rx"]["bytes"] == 1000 * len(FRAME) + 9014
    assert link.near.statistics()["tx"]["packets"] == 0


def test_ends_reach_each_other(watched):
    _, far = watched.add_addresses()
    with entered(watched.far.interface):
        listener = socket.create_server((far, 0))
    with listener, entered(watched.near.interface):
        socket.create_connection(listener.getsockname(), timeout=10).close()


def own_namespaces():
    """Those of this process; others come and go."""
    return set(NAMESPACES.glob(f"gwt{os.getpid()}[!0-9]*"))


def test_a_failed_setup_leaves_nothing(watched):
    before = own_namespaces()
    assert NAMESPACES / watched.near.interface in before
    with pytest.raises(OSError, match="mtu"):
        Link(mtu=1)
    assert own_namespaces() == before


def test_leftovers_of_killed_runs_are_removed(watched):
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = f"gwt{ended.pid}n0"
    subprocess.run(["ip", "netns", "add", left], check=True)
    remove_leftovers()
    assert not (NAMESPACES / left).exists()
    assert (NAMESPACES / watched.near.interface).exists()


@contextlib.contextmanager
def captured(link, path, packets):
    """Writes the PACKETS that the near end receives within the context, with tcpdump."""
    command = ["tcpdump", "-Z", "root", "-i", link.near.interface, "-c", packets, "-s", 256]
    command += ["-w", path, "--immediate-mode"]  # each frame takes the snap length in the ring
    with subprocess.Popen(link.near.command(*command), stderr=subprocess.PIPE) as process:
        try:
            assert b"listening on" in process.stderr.readline()
            yield
            process.communicate(timeout=60)
        finally:
            process.kill()


@pytest.mark.parametrize("way", ((), ("--redirect",)), ids=("socket", "redirect"))
@pytest.mark.parametrize("kind", KINDS)
def test_generated_frames_are_what_it_says(kind, way, watch, obstacle_to_bpf, gapwatch, tmp_path):
    if way:
        unless(obstacle_to_bpf)
    link, path = watch(offloads={"gro": "on"}), tmp_path / "sent.pcap"
    with captured(link, path, 1000):
        sent = link.generate(f"--{kind}", 7, "--packets", 1000, "--lose", 10, *way)
    found = gapwatch.analyze(path)
    protocol = kind.rstrip("6").removesuffix("-udp")
    numbered = protocol in ("macsec", "esp")
    assert sent["kinds"][kind]["flows"] == found["summary"]["total_flows"] == 7
    assert sent["packets"] == found["capture"]["counters"][protocol] == 1000
    assert sent["bytes"] == found["summary"]["total_bytes"]
    # 6 flows of 143 frames and one of 142: numbers 10, 20, ... 150 are missing from each.
    assert sent["kinds"][kind]["skipped"] == (7 * 15 if numbered else 0)
    assert found["summary"]["total_lost_packets"] == sent["kinds"][kind]["skipped"]
