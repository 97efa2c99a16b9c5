# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Segments that the kernel merged, or that the NIC will make, count as they are on the wire."""
import socket
import struct

import pytest

from support.link import entered
from support.transfer import send_over_tcp

SIZE = 3_000_000
ETHERNET_BYTES = 14
HEADER_BYTES = ETHERNET_BYTES + 20 + 20 + 12  # Ethernet, IPv4, TCP and the timestamps option
SOL_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104  # Linux's numbers

# The sender makes the segments itself and the receiver merges them; or they are never made.
MERGED = {"gro": "on", "tso": "off", "gso": "off"}
NOT_YET_MADE = {"gro": "on", "tso": "on", "gso": "on"}


def flow_from(found, address):
    (flow,) = (flow for flow in found["flows"] if f"TCP {{ {address}:" in flow["flow_id"])
    return flow


def gained(end, direction, before):
    """What the interface of END counted since BEFORE: (packets, octets)."""
    now = end.statistics()[direction]
    return tuple(now[name] - before[direction][name] for name in ("packets", "bytes"))


def with_headers(sent):
    """Octets on the wire for SENT; the SYN has 8 more octets of options."""
    return sent.octets + sent.segments * HEADER_BYTES + 8


def on_the_wire(counted, flow):
    """Whether the interface's COUNTED is what FLOW has. With GRO, a veth does not count Ethernet
    headers."""
    packets, octets = flow["packets_received"], flow["total_bytes"]
    return counted in ((packets, octets), (packets, octets - packets * ETHERNET_BYTES))


def test_merged_segments(watch, obstacle_to_bpf):
    """The sender's interface does not merge, so its counters show what was on the wire."""
    link = watch(offloads=MERGED)
    near, far = link.near.statistics(), link.far.statistics()
    sensor = link.sensor("tc")
    there, _ = send_over_tcp(link, SIZE)
    found = sensor.stop()
    sent, answered = flow_from(found, "192.0.2.2"), flow_from(found, "192.0.2.1")
    assert on_the_wire(gained(link.far, "tx", far), sent)
    assert on_the_wire(gained(link.near, "tx", near), answered)
    assert sent["packets_received"] == there.segments
    assert sent["total_bytes"] == with_headers(there)
    assert found["summary"]["total_flows"] == 2
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"]


def test_segments_not_yet_made(watch, obstacle_to_bpf):
    link = watch(offloads=NOT_YET_MADE)
    before = link.far.statistics()
    sensor = link.sensor("tc", "--direction", "in")
    there, _ = send_over_tcp(link, SIZE)
    (sent,) = sensor.stop()["flows"]
    assert gained(link.far, "tx", before)[0] < there.segments / 2
    assert sent["packets_received"] == there.segments
    assert sent["total_bytes"] == with_headers(there)


@pytest.mark.parametrize("datagrams, last", [(10, 1000), (10, 1), (2, 999)])
def test_udp_datagrams_not_yet_made(datagrams, last, watch, obstacle_to_bpf):
    """One send of several datagrams (UDP_SEGMENT), of which the last may be shorter."""
    link = watch(offloads=NOT_YET_MADE)
    near, _ = link.add_addresses()
    with entered(link.far.interface):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with entered(link.near.interface):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sensor = link.sensor("tc", "--direction", "in")
    with sender, listener:
        listener.bind((near, 0))
        listener.setsockopt(SOL_UDP, UDP_GRO, 1)
        sender.setsockopt(SOL_UDP, UDP_SEGMENT, 1000)
        sender.sendto(bytes(1000 * (datagrams - 1) + last), listener.getsockname())
        listener.settimeout(30)
        listener.recv(1 << 16)
    (flow,) = sensor.stop()["flows"]
    assert flow["packets_received"] == datagrams
    assert flow["total_bytes"] == datagrams * (ETHERNET_BYTES + 20 + 8) + 1000 * (datagrams - 1) + last


def datagrams_to(link, sends, to_port=4500):
    """Sends each element of SENDS, a list of datagrams of one length, as one frame."""
    near, _ = link.add_addresses()
    with entered(link.far.interface):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with entered(link.near.interface):
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender, listener:
        listener.bind((near, to_port))
        listener.setsockopt(SOL_UDP, UDP_GRO, 1)
        listener.settimeout(30)
        for datagrams in sends:
            sender.setsockopt(SOL_UDP, UDP_SEGMENT, len(datagrams[0]))
            sender.sendto(b"".join(datagrams), listener.getsockname())
            listener.recv(1 << 16)


def esp_payload(number, octets=400):
    return struct.pack(">II", 0x1001, number).ljust(octets, b"\x5a")


@pytest.mark.parametrize("octets", (60, 128, 400))
def test_numbers_of_merged_esp(octets, watch, method):
    """Each segment has its own number, not always consecutive; also when the merged datagram is no
    longer than others."""
    link = watch(offloads=NOT_YET_MADE)
    numbers = [number for number in range(1, 401) if number not in (100, 250, 251)]
    for first in range(30, 370, 10):
        numbers[first], numbers[first + 3] = numbers[first + 3], numbers[first]
    alone = [[esp_payload(number, octets)] for number in numbers[:10]]
    merged = [numbers[at : at + 20] for at in range(10, len(numbers), 20)]
    merged = [[esp_payload(number, octets) for number in sent] for sent in merged]
    sensor = link.sensor(method, "--direction", "in")
    datagrams_to(link, [*alone, *merged])
    found = sensor.stop()
    (flow,) = found["flows"]
    assert flow["protocol"] == "esp"
    assert flow["packets_received"] == len(numbers) == found["capture"]["counters"]["esp"]
    assert flow["total_bytes"] == len(numbers) * (ETHERNET_BYTES + 20 + 8 + octets)
    assert flow["total_lost_packets"] == 3 == found["summary"]["lost_by_cause"]["network"]
    assert flow["reordered_packets"] > 0


def wireguard_payload(number, octets=400):
    return struct.pack("<IIQ", 4, 0x1001, number).ljust(octets, b"\x5a")


def openvpn_payload(number, octets=401):
    return struct.pack(">II", 0x48000005, number).ljust(octets, b"\x5a")


def dtls_payload(number, octets=402):
    return struct.pack(">BHQH", 23, 0xFEFD, 1 << 48 | number, octets - 13).ljust(octets, b"\x5a")


def sent_merged(payload):
    """Returns 397 datagrams made by PAYLOAD, in lists of 20, and how many octets they have: three are
    missing, two are reordered, and the last one is shorter."""
    numbers = [number for number in range(1, 401) if number not in (100, 250, 251)]
    numbers[200], numbers[203] = numbers[203], numbers[200]
    sends = [[payload(number) for number in numbers[at : at + 20]] for at in range(0, len(numbers), 20)]
    sends[-1][-1] = payload(numbers[-1], 64)
    return sends, sum(len(datagram) for sent in sends for datagram in sent)


@pytest.mark.parametrize("payload", (wireguard_payload, openvpn_payload, dtls_payload))
def test_numbers_of_merged_datagrams(payload, watch, obstacle_to_bpf):
    """The first datagram, too, is one of many, and no part of it lies where programs read directly."""
    link = watch(offloads=NOT_YET_MADE)
    sends, octets = sent_merged(payload)
    sensor = link.sensor("tc", "--direction", "in")
    datagrams_to(link, sends, to_port=5555)
    found = sensor.stop()
    (flow,) = found["flows"]
    assert (flow["protocol"], flow["packets_received"]) == (payload.__name__.split("_")[0], 397)
    assert (flow["lost_network"], flow["lost_undetermined"], flow["merged_packets"]) == (3, 0, 0)
    assert flow["reordered_packets"] > 0
    assert flow["total_bytes"] == octets + 397 * (ETHERNET_BYTES + 20 + 8)
    assert found["capture"]["counters"][flow["protocol"]] == 397


@pytest.mark.parametrize("method", ("af_packet", "pcap"))
def test_merged_numbers_that_are_not_copied(method, watch):
    """They do not count as lost by the network."""
    link = watch(offloads=NOT_YET_MADE)
    sends, _ = sent_merged(wireguard_payload)
    sensor = link.sensor(method, "--direction", "in")
    datagrams_to(link, sends, to_port=5555)
    assert sensor.stop()["summary"]["lost_by_cause"]["network"] == 0


def test_more_segments_than_are_read(watch, obstacle_to_bpf):
    """The numbers of segments behind the 64th are unknown, so missing numbers may not be lost."""
    link = watch(offloads=NOT_YET_MADE)
    sensor = link.sensor("tc", "--direction", "in")
    sends = [range(1, 11), range(11, 111), range(111, 121)]
    datagrams_to(link, [[esp_payload(number, 100) for number in numbers] for numbers in sends])
    found = sensor.stop()
    assert found["flows"][0]["packets_received"] == 120
    assert found["flows"][0]["total_bytes"] == 120 * (ETHERNET_BYTES + 20 + 8 + 100)
    assert found["summary"]["lost_by_cause"]["network"] == 0
