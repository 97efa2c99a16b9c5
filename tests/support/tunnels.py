# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Every tunnel around every numbered protocol, made by scapy wherever it can.

    for tunnel in TUNNELS:
        frame = tunnel.wrap(inner, family, number)

A tunnel carries Ethernet frames, IP packets, or what follows an IP header; INNER is what
payload(kind, number)[tunnel.carries] has. FAMILY is that of the outer IP header, 4 or 6.
"""
import dataclasses
import struct
import typing

from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III, ERSPAN_PlatformSpecific
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header, GTPPDUSessionContainer
from scapy.contrib.mpls import MPLS
from scapy.contrib.tzsp import TZSP, TZSPTagEnd, TZSPTagRawRSSIByte, TZSPTagPadding
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrSegmentRouting
from scapy.layers.ipsec import AH
from scapy.layers.l2 import GRE, LLC, SNAP, Dot1Q, Dot3
from scapy.layers.vxlan import VXLAN
from scapy.packet import Raw

from support.frames import (
    DESTINATION4,
    DESTINATION6,
    DESTINATION_MAC,
    ENCRYPTED,
    PAYLOAD,
    SC,
    SOURCE4,
    SOURCE6,
    SOURCE_MAC,
    ah_layer,
    dtls_record,
    esp4,
    esp6,
    esp_bytes,
    esp_layer,
    ethernet,
    ipv4,
    ipv6,
    macsec_frame,
    nat_traversal,
    openvpn_data,
    pppoe,
    udp_layer,
    wireguard_data,
)

OUTER4, OUTER6 = ("203.0.113.1", "203.0.113.2"), ("2001:db8:f::1", "2001:db8:f::2")
FRAME, PACKET, BEHIND_IP = "frame", "packet", "behind IP"
FAMILIES = (4, 6)


def over_ip(payload, family, protocol):
    source, destination = OUTER4 if family == 4 else OUTER6
    if family == 4:
        return ethernet(IP(src=source, dst=destination, proto=protocol) / Raw(bytes(payload)))
    return ethernet(IPv6(src=source, dst=destination, nh=protocol) / Raw(bytes(payload)))


def over_udp(payload, family, port, source_port=50000):
    payload = bytes(payload)
    datagram = UDP(sport=source_port, dport=port, len=8 + len(payload), chksum=0) / Raw(payload)
    return over_ip(datagram, family, 17)


def ether_type(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


def in_gre(packet, family, number, **fields):
    return over_ip(GRE(proto=ether_type(packet), **fields) / Raw(packet), family, 47)


def with_all_of_gre(packet, family, number):
    return in_gre(
        packet, family, number, chksum_present=1, key_present=1, key=9, seqnum_present=1, sequence_number=number
    )


def bridged_gre(frame, family, number, **fields):
    return over_ip(GRE(proto=0x6558, **fields) / Raw(frame), family, 47)


def labelled_gre(packet, family, number):
    return over_ip(GRE(proto=0x8847) / MPLS(label=17, s=1, ttl=9) / Raw(packet), family, 47)


def in_erspan(layers, kind, family, number):
    head = GRE(proto=kind, seqnum_present=int(number is not None), sequence_number=number)
    return over_ip(head / layers, family, 47)


def erspan_1(frame, family, number):
    return in_erspan(Raw(frame), 0x88BE, family, None)


def erspan_2(frame, family, number, session=5):
    return in_erspan(ERSPAN_II(ver=1, session_id=session, vlan=7) / Raw(frame), 0x88BE, family, number)


def erspan_3(frame, family, number):
    return in_erspan(ERSPAN_III(session_id=6) / Raw(frame), 0x22EB, family, number)


def erspan_3_with_platform(frame, family, number):
    layers = ERSPAN_III(session_id=6, o=1) / ERSPAN_PlatformSpecific() / Raw(frame)
    return in_erspan(layers, 0x22EB, family, number)


def erspan_3_of_packets(packet, family, number):
    return in_erspan(ERSPAN_III(session_id=6, ft=2) / Raw(packet), 0x22EB, family, number)


def in_vxlan(frame, family, number, port=4789, flags=0x08):
    return over_udp(VXLAN(flags=flags, vni=77) / Raw(frame), family, port)


def in_vxlan_gpe(packet, family, number):
    head = struct.pack(">BBBBI", 0x0C, 0, 0, 1 if packet[0] >> 4 == 4 else 2, 77 << 8)
    return over_udp(head + packet, family, 4789)


def in_geneve(inner, family, number, proto=0x6558, options=b""):
    head = struct.pack(">BBHI", len(options) // 4, 0, proto, 77 << 8) + options
    assert options or head == bytes(GENEVE(vni=77, proto=proto))
    return over_udp(head + inner, family, 6081)


def packets_in_geneve(packet, family, number):
    return in_geneve(packet, family, number, ether_type(packet), bytes(range(12)))


def in_gtp_u(packet, family, number):
    return over_udp(GTP_U_Header(teid=5, gtp_type=255, length=len(packet)) / Raw(packet), family, 2152)


def in_gtp_u_of_5g(packet, family, number):
    session = GTPPDUSessionContainer(type=0, QFI=3, ExtHdrLen=1)
    head = GTP_U_Header(teid=5, gtp_type=255, S=1, seq=number & 0xFFFF, E=1, next_ex=0x85)
    return over_udp(head / session / Raw(packet), family, 2152)


def in_tzsp(frame, family, number):
    return over_udp(TZSP(type=0, encapsulated_protocol=1) / TZSPTagEnd() / Raw(frame), family, 37008)


def in_tzsp_with_tags(frame, family, number):
    tags = TZSPTagPadding() / TZSPTagRawRSSIByte(raw_rssi=200) / TZSPTagEnd()
    return over_udp(TZSP(type=0, encapsulated_protocol=1) / tags / Raw(frame), family, 37008)


def wireless(frame):
    """Returns the 802.11 data frame (802.11-2016 9.2) of what the Ethernet FRAME carries."""
    head = b"\x88\x01" + bytes(2) + frame[:6] + frame[6:12] + frame[:6] + bytes(2) + b"\x00\x00"
    return head + bytes.fromhex("aaaa03000000") + frame[12:]


def wireless_in_tzsp(frame, family, number):
    head = TZSP(type=0, encapsulated_protocol=18) / TZSPTagEnd()
    return over_udp(bytes(head) + wireless(frame), family, 37008)


def ip_in_ip(packet, family, number):
    return over_ip(packet, family, 4 if packet[0] >> 4 == 4 else 41)


def segment_routed(inner, following):
    source, destination = OUTER6
    routing = IPv6ExtHdrSegmentRouting(addresses=["2001:db8:f::7", destination], segleft=1, nh=following)
    return ethernet(IPv6(src=source, dst=destination, nh=43) / routing / Raw(inner))


def srv6(packet, family, number):
    return segment_routed(packet, 4 if packet[0] >> 4 == 4 else 41)


def srv6_of_frames(frame, family, number):
    return segment_routed(frame, 143)


def bare_srv6_of_frames(frame, family, number):
    return over_ip(frame, 6, 143)


def behind_ah(payload, family, number, following=50):
    head = AH(nh=following, spi=0x3003, seq=number, icv=bytes(12), payloadlen=4)
    return over_ip(head / Raw(payload), family, 51)


def behind_labels(frame, count=2, word=b""):
    layer = Raw(word + frame)
    for left in range(count):
        layer = MPLS(label=20 + left, s=int(left == 0), ttl=9) / layer
    return ethernet(layer, 0x8847)


def pseudowire(frame, family, number):
    return behind_labels(frame)


def pseudowire_with_word(frame, family, number):
    return behind_labels(frame, word=struct.pack(">I", number & 0xFFFF))


def tagged(frame, tag):
    """Returns FRAME with TAG, which begins with its EtherType, in front of its own EtherType."""
    return frame[:12] + tag + frame[12:]


def behind_snap(frame, family, number):
    inner = frame[12:]
    head = Dot3(dst=DESTINATION_MAC, src=SOURCE_MAC) / LLC() / SNAP(code=struct.unpack(">H", inner[:2])[0])
    return bytes(head / Raw(inner[2:]))


def tag(hexadecimal):
    return lambda frame, family, number: tagged(frame, bytes.fromhex(hexadecimal))


def all_tags(frame, family, number):
    """An 802.1BR tag, priority tags, an R tag and a security group tag in a row."""
    for piece in ("8909 01 01 0001 000f", "f1c1 0000 0001", "8100 0000", "88a8 6000", "893f 000000000000"):
        frame = tagged(frame, bytes.fromhex(piece))
    return frame


def short_pppoe(packet, family, number):
    """PPPoE whose PPP protocol has one octet (RFC 1661 6.5)."""
    ppp = (b"\x21" if packet[0] >> 4 == 4 else b"\x57") + packet
    return ethernet(struct.pack(">BBHH", 0x11, 0, 17, len(ppp)) + ppp, 0x8864)


@dataclasses.dataclass(frozen=True)
class Tunnel:
    """OPTION is its name in --tunnels; "" when it is none. OUTER is what a frame counts as when
    nothing inside has a number, None: what is inside."""

    name: str
    wrap: typing.Callable
    carries: str
    option: str = ""
    outer: str = None
    families: tuple = FAMILIES
    is_numbered: bool = False

    def __str__(self):
        return self.name


def of_gre(name, wrap, carries, option="gre", is_numbered=False):
    return Tunnel(name, wrap, carries, option, "other_ip", is_numbered=is_numbered)


TUNNELS = [
    of_gre("GRE", in_gre, PACKET),
    of_gre("GRE with checksum, key, sequence", with_all_of_gre, PACKET, is_numbered=True),
    of_gre("GRE, Ethernet", bridged_gre, FRAME),
    of_gre("GRE, MPLS", labelled_gre, PACKET),
    of_gre("NVGRE", lambda *args: bridged_gre(*args, key_present=1, key=0x1234500), FRAME),
    of_gre("ERSPAN I", erspan_1, FRAME, "erspan"),
    of_gre("ERSPAN II", erspan_2, FRAME, "erspan", is_numbered=True),
    of_gre("ERSPAN III", erspan_3, FRAME, "erspan", is_numbered=True),
    of_gre("ERSPAN III, platform", erspan_3_with_platform, FRAME, "erspan", is_numbered=True),
    of_gre("ERSPAN III, IP", erspan_3_of_packets, PACKET, "erspan", is_numbered=True),
    Tunnel("VXLAN", in_vxlan, FRAME, "vxlan", "udp"),
    Tunnel("VXLAN of old Linux", lambda *args: in_vxlan(*args, port=8472), FRAME, "vxlan", "udp"),
    Tunnel("VXLAN, group policy", lambda *args: in_vxlan(*args, flags=0x88), FRAME, "vxlan", "udp"),
    Tunnel("VXLAN-GPE, IP", in_vxlan_gpe, PACKET, "vxlan", "udp"),
    Tunnel("GENEVE", in_geneve, FRAME, "geneve", "udp"),
    Tunnel("GENEVE, options, IP", packets_in_geneve, PACKET, "geneve", "udp"),
    Tunnel("GTP-U", in_gtp_u, PACKET, "gtp_u", "udp"),
    Tunnel("GTP-U of 5G", in_gtp_u_of_5g, PACKET, "gtp_u", "udp"),
    Tunnel("TZSP", in_tzsp, FRAME, "tzsp", "udp"),
    Tunnel("TZSP, tags", in_tzsp_with_tags, FRAME, "tzsp", "udp"),
    Tunnel("TZSP, 802.11", wireless_in_tzsp, FRAME, "tzsp", "udp"),
    Tunnel("IP in IP", ip_in_ip, PACKET, "ip_in_ip", "other_ip"),
    Tunnel("SRv6", srv6, PACKET, "ip_in_ip", "other_ip", families=(6,)),
    Tunnel("SRv6, Ethernet", srv6_of_frames, FRAME, "srv6", "other_ip", families=(6,)),
    Tunnel("SRv6, Ethernet, no SRH", bare_srv6_of_frames, FRAME, "srv6", "other_ip", families=(6,)),
    Tunnel("AH", behind_ah, BEHIND_IP, "ah", "ah"),
    Tunnel("pseudowire", pseudowire, FRAME, families=(4,)),
    Tunnel("pseudowire, control word", pseudowire_with_word, FRAME, families=(4,)),
    Tunnel("LLC/SNAP", behind_snap, FRAME, families=(4,)),
    Tunnel("security group tag", tag("8909 01 01 0001 000f"), FRAME, families=(4,)),
    Tunnel("VN tag", tag("8926 00000000"), FRAME, families=(4,)),
    Tunnel("802.1BR tag", tag("893f 000000000000"), FRAME, families=(4,)),
    Tunnel("R tag", tag("f1c1 0000 0001"), FRAME, families=(4,)),
    Tunnel("all tags", all_tags, FRAME, families=(4,)),
    Tunnel("PPPoE, short protocol", short_pppoe, PACKET, families=(4,)),
]


def payload(kind, number):
    """Returns {what a tunnel carries: the frame with NUMBER of a flow of KIND, as that}."""
    if kind == "macsec":
        return {FRAME: macsec_frame(SC | ENCRYPTED, number, "0211223344550001")}
    if kind == "behind IP":
        return {BEHIND_IP: bytes(esp_layer(0x1003, number))}
    packet = bytes(
        {
            "esp4": lambda: esp4(0x1001, number),
            "esp6": lambda: esp6(0x1002, number),
            "ah4": lambda: ipv4(ah_layer(0x4001, number), proto=51),
            "ah6": lambda: ipv6(ah_layer(0x4002, number), nh=51),
            "wireguard4": lambda: ipv4(udp_layer(wireguard_data(0x5001, number), 51820, 3478)),
            "wireguard6": lambda: ipv6(udp_layer(wireguard_data(0x5002, number), 2000, 51820)),
            "openvpn4": lambda: ipv4(udp_layer(openvpn_data(5, 3, number), 1194, 6000)),
            "openvpn6": lambda: ipv6(udp_layer(openvpn_data(0x76706E, 0, number), 6000, 1195)),
            "dtls4": lambda: ipv4(udp_layer(dtls_record(1, number), 5684, 7000)),
            "dtls6": lambda: ipv6(udp_layer(dtls_record(1, number, version=0xFEFF), 7000, 443)),
            "esp in udp4": lambda: ipv4(nat_traversal(esp_bytes(0x2001, number))),
            "esp in udp6": lambda: ipv6(nat_traversal(esp_bytes(0x2002, number))),
        }[kind]()
    )
    return {PACKET: packet, FRAME: ethernet(Raw(packet), ether_type(packet))}


KINDS = ("macsec", "esp4", "esp6", "esp in udp4", "esp in udp6", "behind IP")
KINDS += tuple(f"{name}{family}" for name in ("ah", "wireguard", "openvpn", "dtls") for family in FAMILIES)
PORTS = {"openvpn4": (1194, 6000), "openvpn6": (6000, 1195), "dtls4": (5684, 7000), "dtls6": (7000, 443)}
FORMS = {"ah": "AH {{ spi: 0x{:08x}, dst: {}, src: {} }}", "wireguard": "WireGuard {{ receiver: 0x{:08x}, dst: {}, src: {} }}"}
PEERS = {"openvpn4": "peer: 5, key: 3, ", "openvpn6": "peer: 7762030, key: 0, "}


def flow_with_ports(kind):
    source, destination = (SOURCE4, DESTINATION4) if kind[-1] == "4" else (f"[{SOURCE6}]", f"[{DESTINATION6}]")
    of_source, of_destination = PORTS[kind]
    name = "OpenVPN" if kind in PEERS else "DTLS"
    return f"{name} {{ {PEERS.get(kind, '')}{source}:{of_source} -> {destination}:{of_destination} }}"


def flow_id(kind, family):
    """The flow of frames of KIND; FAMILY is the outer one, which matters behind an IP header."""
    if kind == "macsec":
        return "MACsec { sci: 0x0211223344550001 }"
    if kind in PORTS:
        return flow_with_ports(kind)
    spi = {"esp4": 0x1001, "esp6": 0x1002, "esp in udp4": 0x2001, "esp in udp6": 0x2002, "behind IP": 0x1003}
    spi |= {"ah4": 0x4001, "ah6": 0x4002, "wireguard4": 0x5001, "wireguard6": 0x5002}
    ends = {"4": (SOURCE4, DESTINATION4), "6": (SOURCE6, DESTINATION6)}.get(kind[-1])
    source, destination = ends or (OUTER4 if family == 4 else OUTER6)
    form = FORMS.get(kind[:-1], "IPsec {{ spi: 0x{:08x}, dst: {}, src: {} }}")
    return form.format(spi[kind], destination, source)


def kinds_in(tunnel):
    """The kinds of frames that TUNNEL can carry."""
    return [kind for kind in KINDS if tunnel.carries in payload(kind, 1)]


# What numbers are written as in a template, to be found there.
NUMBER_MARK, OWN_MARK = 0x5AC3D2E1, 0x6B7C8D9E


def replaced(template, mark, number):
    """In both byte orders: WireGuard's is little-endian."""
    for order in "><":
        template = template.replace(struct.pack(order + "I", mark), struct.pack(order + "I", number & 0xFFFFFFFF))
    return template


class Template:
    """Frames of KIND in TUNNEL that differ in their numbers alone; scapy makes one of them."""

    def __init__(self, tunnel, kind, family):
        inner = payload(kind, NUMBER_MARK)[tunnel.carries]
        self.frame = tunnel.wrap(inner, family, OWN_MARK)

    def __call__(self, number, own_number):
        """Returns the frame with NUMBER in the tunnel's own frame OWN_NUMBER."""
        return replaced(replaced(self.frame, NUMBER_MARK, number), OWN_MARK, own_number)


def plain(tunnel, family):
    """A frame with a TCP segment in TUNNEL."""
    packet = bytes(ipv4(Raw(struct.pack(">HHIIHHI", 40000, 443, 1, 1, 0x5010, 99, 0) + PAYLOAD), proto=6))
    if tunnel.carries == BEHIND_IP:
        return behind_ah(packet[20:], family, 1, following=6)
    return tunnel.wrap(packet if tunnel.carries == PACKET else ethernet(Raw(packet), 0x0800), family, 1)
