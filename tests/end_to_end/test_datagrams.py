# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Datagrams of which not all is at hand: IP fragments, and several DTLS records in one."""
import struct

import pytest

from support.live import BPF_METHODS
from support.numbered import ADDRESSES, HEAD, analyzed

LOST = (20, 21, 40)
CAME = [number for number in range(1, 61) if number not in LOST]
FILL = bytes(1552)
PROTOCOLS = {
    "wireguard": (5000, 5001, lambda number: struct.pack("<IIQ", 4, 7, number) + FILL),
    "openvpn": (1194, 5001, lambda number: bytes((72, 0, 0, 5)) + struct.pack(">I", number) + FILL),
    "dtls": (5000, 5001, lambda number: dtls_record(number, len(FILL))),
    "esp": (4500, 4500, lambda number: struct.pack(">II", 0x12345678, number) + FILL),
}


def dtls_record(number, octets):
    return struct.pack(">BHHHIH", 23, 0xFEFD, 1, 0, number, octets) + bytes(octets)


def udp(source, destination, payload):
    return struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload


def ipv4(payload, at=0, more=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 1, more << 13 | at // 8, 64, 17, 0)
    return HEAD + b"\x08\x00" + head + ADDRESSES + payload


def fragments(datagram, octets):
    """Returns the packets of DATAGRAM with at most OCTETS of it in each."""
    starts = range(0, len(datagram), octets)
    return [ipv4(datagram[at : at + octets], at, int(at + octets < len(datagram))) for at in starts]


@pytest.mark.parametrize("octets", (1480, 1472, 1376, 1256))
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_first_fragments(protocol, octets, gapwatch, tmp_path):
    """A first fragment tells how long its datagram is, and belongs to the flow like a whole one."""
    source, destination, payload = PROTOCOLS[protocol]
    pieces = [fragments(udp(source, destination, payload(number)), octets) for number in CAME]
    found = analyzed(gapwatch, tmp_path, [piece for packet in pieces for piece in packet])
    (flow,) = found["flows"]
    assert flow["protocol"] == protocol
    assert (flow["packets_received"], flow["total_lost_packets"]) == (len(CAME), len(LOST))
    assert found["capture"]["counters"]["fragment"] == sum(map(len, pieces)) - len(CAME)


def datagrams(count, records, octets):
    """COUNT datagrams of as many DTLS RECORDS of OCTETS each; a third of the way on, one is lost."""
    made = []
    for first in range(0, count * records, records):
        payload = b"".join(dtls_record(first + more, octets) for more in range(records))
        made.append(ipv4(udp(5000, 5001, payload)))
    del made[count // 3]
    return made


@pytest.mark.parametrize("records, octets", ((2, 40), (3, 250), (16, 20), (20, 20)))
def test_several_dtls_records(records, octets, method, watched):
    """What could not be read is never the network's loss: with af_packet and pcap records that begin
    behind the octets that are copied, with all methods those after the sixteenth."""
    sensor = watched.sensor(method)
    watched.send(datagrams(60, records, octets))
    (flow,) = sensor.stop()["flows"]
    assert flow["protocol"] == "dtls"
    if records <= 16 and (method in BPF_METHODS or records * octets < 200):
        assert (flow["packets_received"], flow["lost_network"]) == (59 * records, records)
        assert (flow["lost_undetermined"], flow["merged_packets"]) == (0, 0)
    else:
        assert (flow["lost_network"], flow["merged_packets"] > 0) == (0, True)
