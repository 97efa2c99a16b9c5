# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Method tc: segments that the kernel merged, or has yet to make, count as they were on the wire."""
import socket

import pytest

from support.link import entered
from support.transfer import send_over_tcp

SIZE = 3_000_000
ETHERNET_BYTES = 14
HEADER_BYTES = ETHERNET_BYTES + 20 + 20 + 12  # Ethernet, IPv4, TCP and the time stamps option
SOL_UDP, UDP_SEGMENT, UDP_GRO = 17, 103, 104  # of Linux

# The sender makes the segments itself, and the receiver merges them; or nobody ever makes them.
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
    """Octets on the wire of what was SENT; the SYN has 8 octets of options more."""
    return sent.octets + sent.segments * HEADER_BYTES + 8


def on_the_wire(counted, flow):
    """Whether an interface COUNTED what FLOW has. That of veth with GRO leaves out Ethernet headers."""
    packets, octets = flow["packets_received"], flow["total_bytes"]
    return counted in ((packets, octets), (packets, octets - packets * ETHERNET_BYTES))


def test_merged_segments(watch, obstacle_to_bpf):
    """What the sender's interface counted is what was on the wire, for it merges nothing."""
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
    """One send of several datagrams (UDP_SEGMENT), the last of which may be shorter."""
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
