# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Peers that move while a sensor watches: the old and the new flow of an SA have the same worker."""
import struct

import pytest

from support.live import BPF_METHODS
from support.numbered import ADDRESSES, HEAD, analyzed, counted, differing, gaps_of

HERE, THERE = ADDRESSES[:4], ADDRESSES[4:]
SPIS = range(0x1001, 0x1001 + 12)
LOST = 2


def moved(number):
    return bytes([203, 0, 113, number])


def esp(spi, number, source, port=None):
    payload = struct.pack(">II", spi, number) + bytes(32)
    if port:
        payload = struct.pack(">HHHH", port, 4500, 8 + len(payload), 0) + payload
    head = (0x45, 0, 20 + len(payload), 0, 0, 64, 17 if port else 50, 0)
    return HEAD + b"\x08\x00" + struct.pack(">BBHHHBBH", *head) + source + THERE + payload


def frames(first, last, source_of, port):
    """The same numbers of each SPI, in turn."""
    return [
        esp(spi, number, source_of(at), port)
        for number in range(first, last + 1)
        for at, spi in enumerate(SPIS)
    ]


def wireguard(number):
    return struct.pack("<IIQ", 4, 0x77665544, number) + bytes(48)


def openvpn(number):
    return struct.pack(">II", 0x48000000, number) + bytes(60)


def datagram(payload, source, ports):
    udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    return HEAD + b"\x08\x00" + head + source + THERE + udp


@pytest.mark.parametrize("source", (HERE, moved(1)), ids=("port", "address"))
@pytest.mark.parametrize("payload, port", ((wireguard, 51820), (openvpn, 1194)), ids=("WireGuard", "OpenVPN"))
def test_a_peer_moves_to_and_fro(payload, port, source, method, watched):
    """Between two ports of a NAT, or two addresses. WireGuard's flows have no ports."""
    sensor = watched.sensor(method, "--workers", 1 if method == "pcap" else 3)
    for start in range(1, 601, 100):
        ends = (HERE, (40000, port)) if start % 200 == 1 else (source, (40007, port))
        watched.send([datagram(payload(number), *ends) for number in range(start, start + 100)])
    flows = sorted(sensor.stop()["flows"], key=lambda flow: flow["first_timestamp"])
    assert len(flows) == (1 if payload is wireguard and source == HERE else 2)
    assert sum(flow["packets_received"] for flow in flows) == 600
    assert [flow["total_lost_packets"] for flow in flows] == [0] * len(flows)
    assert [flow["follows"] for flow in flows[1:]] == [flows[0]["flow_id"]] * (len(flows) - 1)


@pytest.mark.parametrize("ports", ((None, None), (4500, 61234)), ids=("ESP", "in UDP"))
def test_each_peer_moves(ports, method, watched):
    workers = 3 if method in (*BPF_METHODS, "af_packet") else 1
    sensor = watched.sensor(method, "--workers", workers)
    watched.send(frames(1, 100, lambda at: HERE, ports[0]))
    watched.send(frames(101 + LOST, 300, moved, ports[1]))
    found = sensor.stop()
    flows = {flow["flow_id"]: flow for flow in found["flows"]}
    assert len(flows) == 2 * len(SPIS)
    for at, spi in enumerate(SPIS):
        old, new = (
            f"IPsec {{ spi: 0x{spi:08x}, dst: 198.51.100.2, src: {source} }}"
            for source in ("192.0.2.1", f"203.0.113.{at}")
        )
        assert flows[old]["moved_to"] == new
        assert (flows[new]["follows"], flows[new]["follows_known"]) == (old, "certain")
        assert flows[old]["lineage"] == flows[new]["lineage"] == old
        assert (flows[old]["lost_network"], flows[new]["lost_network"]) == (0, LOST)


STAY = 300


def fill():
    """More frames than have room in two rings of 1 MB, where each takes 72 octets or more."""
    return [esp(0x2001 + at % 16, at // 16 + 1, HERE) for at in range(48_000)]


def test_peers_move_while_the_sensor_stands_still(bpf_method, watched, gapwatch, tmp_path):
    """The rings are full, so their frames wait in the map of missed frames, in the order of the SA over
    all its flows. Each peer moves, moves on, and comes back; a few numbers are lost each time."""
    unread, later = fill(), []
    for at, source in enumerate((1, 2, 3, 1, 3)):
        first = 1 + at * (STAY + LOST)
        stays = frames(first, first + STAY - 1, lambda _, source=source: moved(source), None)
        if at < 4:
            unread += stays
        else:
            later = stays
    sensor = watched.sensor(bpf_method, "--buffer", 1, "--workers", 2)
    with sensor.stopped():
        watched.send(unread)
    watched.send(later)
    found = sensor.stop()
    expected = analyzed(gapwatch, tmp_path, unread + later, apart_us=10)
    assert found["summary"]["total_unobserved_packets"] > STAY * 4 * len(SPIS)
    assert found["summary"]["lost_by_cause"] == {"network": 4 * LOST * len(SPIS), "undetermined": 0}
    assert differing(counted(found), counted(expected)) == []
    assert gaps_of(found) == gaps_of(expected)


def test_senders_of_one_sa_while_the_sensor_stands_still(bpf_method, watched, gapwatch, tmp_path):
    """They have the same SPI and destination, and send in turns."""
    numbers = [number for number in range(1, 3501) if number % 7]
    sent = fill() + [esp(0x3001, number + at * 9999, moved(at)) for number in numbers for at in range(3)]
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    with sensor.stopped():
        watched.send(sent)
    found = sensor.stop()
    assert found["summary"]["total_unobserved_packets"] > 3 * len(numbers)
    expected = analyzed(gapwatch, tmp_path, sent, apart_us=10)
    assert differing(counted(found), counted(expected)) == []
