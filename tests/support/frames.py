# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The parts of test frames, made with scapy where it can make them."""
import struct

from scapy.contrib.mpls import MPLS
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.ipsec import ESP
from scapy.layers.l2 import Dot1Q, Ether
from scapy.layers.ppp import PPPoE
from scapy.packet import Raw

SOURCE_MAC, DESTINATION_MAC = "02:00:00:00:00:0a", "02:00:00:00:00:0b"
SOURCE4, DESTINATION4 = "192.0.2.1", "198.51.100.2"
SOURCE6, DESTINATION6 = "2001:db8::1", "2001:db8::2"

ETHERNET_BYTES, VLAN_BYTES, MPLS_BYTES, PPPOE_BYTES = 14, 4, 4, 8
IPV4_BYTES, IPV6_BYTES, ESP_BYTES, TCP_BYTES, UDP_BYTES = 20, 40, 8, 20, 8
PORTS_BYTES = 4  # a TCP or UDP flow needs only addresses and ports

PAYLOAD = bytes(range(64, 104))


def ethernet(payload, ether_type=None):
    """Returns PAYLOAD (a scapy layer or bytes) in an Ethernet frame."""
    head = Ether(src=SOURCE_MAC, dst=DESTINATION_MAC)
    if ether_type is not None:
        head.type = ether_type
    return bytes(head / payload)


def ethernet_head(ether_type):
    return ethernet(b"", ether_type)


def esp_layer(spi=0x1001, sequence=7, data=PAYLOAD):
    return ESP(spi=spi, seq=sequence, data=data)


def ipv4(payload, **fields):
    return IP(**{"src": SOURCE4, "dst": DESTINATION4, **fields}) / payload


def ipv6(payload, **fields):
    return IPv6(**{"src": SOURCE6, "dst": DESTINATION6, **fields}) / payload


def esp4(spi=0x1001, sequence=7, **fields):
    return ipv4(esp_layer(spi, sequence), proto=50, **fields)


def esp6(spi=0x1001, sequence=7, **fields):
    return ipv6(esp_layer(spi, sequence), nh=50, **fields)


def tcp_layer(source_port=40000, destination_port=443):
    return TCP(sport=source_port, dport=destination_port) / Raw(PAYLOAD)


def udp_layer(payload=PAYLOAD, source_port=40000, destination_port=53):
    """Returns a datagram with PAYLOAD unchanged, whatever scapy would make of the port."""
    length = UDP_BYTES + len(payload)
    return UDP(sport=source_port, dport=destination_port, len=length, chksum=0) / Raw(payload)


def nat_traversal(payload, source_port=4500, destination_port=4500):
    return udp_layer(payload, source_port, destination_port)


def esp_bytes(spi=0x1001, sequence=7, data=PAYLOAD):
    return struct.pack(">II", spi, sequence) + data


def ah_layer(spi, sequence, following=6):
    """AH (RFC 4302 2) with an ICV of 12 octets, and a TCP segment behind it."""
    head = struct.pack(">BBHII", following, 4, 0, spi, sequence) + bytes(12)
    return Raw(head + bytes(tcp_layer()))


def wireguard_data(receiver, counter, octets=64):
    """WireGuard transport data; OCTETS are those behind the header."""
    return struct.pack("<IIQ", 4, receiver, counter) + bytes(range(octets))


def wireguard_initiation(sender):
    return struct.pack("<II", 1, sender) + bytes(140)


def wireguard_response(sender, receiver):
    return struct.pack("<III", 2, sender, receiver) + bytes(80)


def openvpn_data(peer, key, number):
    """OpenVPN P_DATA_V2: opcode 9 and key, peer id, packet id, then tag and payload."""
    return struct.pack(">II", (9 << 3 | key) << 24 | peer, number) + bytes(range(80))


def dtls_record(epoch, number, octets=40, content=23, version=0xFEFD):
    """A record of DTLS (RFC 6347 4.1)."""
    return struct.pack(">BHHHIH", content, version, epoch, number >> 32, number & 0xFFFFFFFF, octets) + bytes(octets)


def vlan_tags(types, inner):
    """Returns an Ethernet frame with a tag for each EtherType of TYPES around INNER (a layer)."""
    layer = inner
    for number in reversed(range(len(types))):
        tag = Dot1Q(vlan=number + 10)
        if number + 1 < len(types):
            tag.type = types[number + 1]
        layer = tag / layer
    return ethernet(layer, types[0])


def mpls_labels(count, inner, ether_type=0x8847):
    """Returns an Ethernet frame with a stack of COUNT labels on INNER."""
    layer = inner
    for number in reversed(range(count)):
        layer = MPLS(label=16 + number, s=int(number == count - 1), ttl=64) / layer
    return ethernet(layer, ether_type)


def pppoe(inner, protocol):
    """Returns a PPPoE session packet that carries the PPP packet INNER."""
    ppp = struct.pack(">H", protocol) + bytes(inner)
    return PPPoE(sessionid=17, len=len(ppp)) / Raw(ppp)


# SecTAG, IEEE 802.1AE-2018 9.3 to 9.9: TCI and AN, SL, PN, and the SCI when SC is set.
V, ES, SC, SCB, E, C = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04
ENCRYPTED = E | C
SECTAG_BYTES, SECTAG_SCI_BYTES = 6, 14
SECURE_DATA_AND_ICV = bytes(range(48, 112)) + bytes(16)


def sectag(tci_an, packet_number, sci="", short_length=0):
    return struct.pack(">BBI", tci_an, short_length, packet_number) + bytes.fromhex(sci)


def macsec_frame(tci_an, packet_number, sci="", short_length=0):
    tag = sectag(tci_an, packet_number, sci, short_length)
    data = SECURE_DATA_AND_ICV
    if 0 < short_length < 48:
        data = bytes(short_length + 16)
    return ethernet(tag + data, 0x88E5)
