# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Cases of everything below IP: link types, VLAN tags, MPLS labels, PPPoE."""
import struct

from scapy.layers.l2 import ARP, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot3
from scapy.packet import Raw

from support import capture_file as link
from support.case import esp, macsec, untracked
from support.frames import (
    DESTINATION4,
    DESTINATION6,
    DESTINATION_MAC,
    ENCRYPTED,
    ES,
    ESP_BYTES,
    ETHERNET_BYTES,
    IPV4_BYTES,
    IPV6_BYTES,
    MPLS_BYTES,
    PAYLOAD,
    PPPOE_BYTES,
    SC,
    SECTAG_BYTES,
    SECTAG_SCI_BYTES,
    SECURE_DATA_AND_ICV,
    SOURCE4,
    SOURCE6,
    SOURCE_MAC,
    VLAN_BYTES,
    esp4,
    esp6,
    ethernet,
    mpls_labels,
    pppoe,
    sectag,
    vlan_tags,
)

SNAP_BYTES = 8
ESP4_BYTES, ESP6_BYTES = IPV4_BYTES + ESP_BYTES, IPV6_BYTES + ESP_BYTES
MAC = bytes.fromhex("02000000000a")
SCI = "0211223344550001"


def expect4(name, data, before, **more):
    """The usual ESP packet in IPv4, behind BEFORE bytes of other headers."""
    return esp(name, data, "00001001", (SOURCE4, DESTINATION4), 7, needs=before + ESP4_BYTES, **more)


def expect6(name, data, before, **more):
    return esp(name, data, "00001001", (SOURCE6, DESTINATION6), 7, needs=before + ESP6_BYTES, **more)


def both_families(name, head4, head6, link_type):
    """The usual packet behind the link header HEAD4 or HEAD6, for each IP version."""
    return [
        expect4(f"{name}, IPv4", head4 + bytes(esp4()), len(head4), link_type=link_type),
        expect6(f"{name}, IPv6", head6 + bytes(esp6()), len(head6), link_type=link_type),
    ]


def snap(code, payload, organisation=0):
    """Returns an IEEE 802.3 frame with LLC and SNAP in front of PAYLOAD."""
    head = Dot3(src=SOURCE_MAC, dst=DESTINATION_MAC) / LLC() / SNAP(OUI=organisation, code=code)
    return bytes(head / payload)


def ethernet_cases():
    ieee_802_3 = Dot3(src=SOURCE_MAC, dst=DESTINATION_MAC)
    return [
        expect4("Ethernet, IPv4", ethernet(esp4()), ETHERNET_BYTES),
        expect6("Ethernet, IPv6", ethernet(esp6()), ETHERNET_BYTES),
        untracked("Ethernet, ARP", ethernet(ARP()), "not_ip", needs=ETHERNET_BYTES),
        untracked("Ethernet, unknown EtherType", ethernet(bytes(60), 0x1234), "not_ip"),
        untracked("Ethernet, 802.3 length", bytes(ieee_802_3 / LLC() / Raw(bytes(40))), "not_ip"),
        expect4("Ethernet, LLC/SNAP", snap(0x0800, esp4()), ETHERNET_BYTES + SNAP_BYTES),
        expect4("Ethernet, 802.1H", snap(0x0800, esp4(), 0x0000F8), ETHERNET_BYTES + SNAP_BYTES),
        untracked("Ethernet, SNAP of Cisco", snap(0x2000, Raw(bytes(40)), 0x00000C), "not_ip"),
        untracked("Ethernet, PPPoE discovery", ethernet(bytes(46), 0x8863), "not_ip"),
    ]


def raw_ip_cases():
    return [
        *both_families("raw IP", b"", b"", link.RAW),
        expect4("link type IPv4", bytes(esp4()), 0, link_type=link.IPV4),
        expect6("link type IPv6", bytes(esp6()), 0, link_type=link.IPV6),
    ]


def null_cases():
    """The address family in the byte order of the capturing host; in LOOP, in network order."""
    cases = []
    for order, words in (("<", "little-endian"), (">", "big-endian")):
        four = struct.pack(order + "I", 2)
        cases.append(
            expect4(f"NULL, {words}, AF_INET", four + bytes(esp4()), 4, link_type=link.NULL)
        )
        for family in (10, 24, 28, 30):
            six = struct.pack(order + "I", family) + bytes(esp6())
            name = f"NULL, {words}, AF_INET6 as {family}"
            cases.append(expect6(name, six, 4, link_type=link.NULL))
        other = struct.pack(order + "I", 7) + bytes(60)
        cases.append(
            untracked(f"NULL, {words}, OSI", other, "not_ip", link_type=link.NULL, needs=4)
        )
    for family in (10, 24, 28, 30):
        heads = struct.pack(">I", 2), struct.pack(">I", family)
        cases += both_families(f"LOOP, AF_INET6 as {family}", *heads, link.LOOP)
    return cases


def cooked(ether_type):
    return bytes(CookedLinux(pkttype=0, lladdrtype=1, lladdrlen=6, src=MAC, proto=ether_type))


def cooked2(ether_type):
    head = CookedLinuxV2(pkttype=0, lladdrtype=1, lladdrlen=6, src=MAC, proto=ether_type)
    head.ifindex = 3
    return bytes(head)


def left_tags_cases(name, head, more):
    """The header names the payload's EtherType, though VLAN tags are still in front of the payload."""
    length = len(head(0x0800))
    secure = sectag(SC | ENCRYPTED | 1, 9, SCI) + SECURE_DATA_AND_ICV
    tags = struct.pack(">HHHH", 6, 0x8100, 7, 0x88E5)
    return [
        expect4(
            f"{name}, IPv4 behind a tag that Linux left",
            head(0x0800) + struct.pack(">HH", 6, 0x0800) + bytes(esp4()),
            length + VLAN_BYTES,
            **more,
        ),
        expect4(
            f"{name}, IPv4 of 2048 octets: its length is no EtherType",
            head(0x0800) + bytes(esp4(len=0x0800)) + bytes(0x0800 - ESP4_BYTES - len(PAYLOAD)),
            length,
            **more,
        ),
        macsec(
            f"{name}, MACsec behind two tags that Linux left",
            head(0x88E5) + tags + secure,
            SCI,
            1,
            9,
            (6, 7),
            needs=length + 2 * VLAN_BYTES + SECTAG_SCI_BYTES,
            **more,
        ),
        macsec(
            f"{name}, MACsec behind the first tag and two that Linux left",
            head(0x88A8) + struct.pack(">HH", 5, 0x88E5) + tags + secure,
            SCI,
            1,
            9,
            (5, 6, 7),
            needs=length + 3 * VLAN_BYTES + SECTAG_SCI_BYTES,
            **more,
        ),
    ]


def cooked_cases():
    cases = []
    kinds = (("SLL", cooked, link.LINUX_SLL), ("SLL2", cooked2, link.LINUX_SLL2))
    for name, head, link_type in kinds:
        more = {"link_type": link_type}
        length = len(head(0x0800))
        with_sci = sectag(SC | ENCRYPTED | 1, 9, SCI) + SECURE_DATA_AND_ICV
        end_station = sectag(ES | ENCRYPTED, 9) + SECURE_DATA_AND_ICV
        tag = struct.pack(">HH", 5, 0x0800)
        cases += [
            *both_families(name, head(0x0800), head(0x86DD), link_type),
            expect4(
                f"{name}, VLAN",
                head(0x8100) + tag + bytes(esp4()),
                length + VLAN_BYTES,
                **more,
            ),
            *left_tags_cases(name, head, more),
            macsec(
                f"{name}, MACsec with SCI",
                head(0x88E5) + with_sci,
                SCI,
                1,
                9,
                needs=length + SECTAG_SCI_BYTES,
                **more,
            ),
            macsec(
                f"{name}, MACsec of an end station: the sender's address of the cooked header",
                head(0x88E5) + end_station,
                "02000000000a0001",
                0,
                9,
                needs=length + SECTAG_BYTES,
                **more,
            ),
            untracked(f"{name}, ARP", head(0x0806) + bytes(28), "not_ip", needs=length, **more),
            untracked(f"{name}, IEEE 802.2", head(0x0004) + bytes(60), "not_ip", **more),
            expect4(
                f"{name}, IEEE 802.2, SNAP",
                head(0x0004) + struct.pack(">IHH", 0xAAAA0300, 0, 0x0800) + bytes(esp4()),
                length + SNAP_BYTES,
                **more,
            ),
            untracked(f"{name}, a protocol that is no EtherType", head(0x000C) + bytes(60), "not_ip", **more),
        ]
    return cases


def ppp_cases():
    four, six, lcp = b"\x00\x21", b"\x00\x57", b"\xc0\x21"
    framed = b"\xff\x03"
    cases = []
    for name, link_type in (("PPP", link.PPP), ("PPP_SERIAL", link.PPP_SERIAL)):
        cases += both_families(f"{name}, ff03", framed + four, framed + six, link_type)
        cases.append(
            untracked(
                f"{name}, ff03, LCP",
                framed + lcp + bytes(20),
                "not_ip",
                needs=4,
                link_type=link_type,
            )
        )
    cases += both_families("PPP, no address and control", four, six, link.PPP)
    cases.append(
        untracked("PPP, LCP", lcp + bytes(20), "not_ip", link_type=link.PPP, needs=2)
    )
    return cases


def cisco_hdlc_cases():
    """RFC 1547 4.3.1."""
    unicast, multicast = bytes.fromhex("0f00"), bytes.fromhex("8f00")
    more = {"link_type": link.C_HDLC}
    return [
        *both_families("Cisco HDLC", unicast + b"\x08\x00", unicast + b"\x86\xdd", link.C_HDLC),
        expect4("Cisco HDLC, multicast", multicast + b"\x08\x00" + bytes(esp4()), 4, **more),
        untracked("Cisco HDLC, SLARP", multicast + b"\x80\x35" + bytes(18), "not_ip", needs=4, **more),
        untracked("Cisco HDLC, OSI", unicast + b"\x00\xfe" + bytes(40), "not_ip", **more),
        untracked("Cisco HDLC, another address", b"\xff\x03\x08\x00" + bytes(40), "not_ip", **more),
    ]


def mpls_link_cases():
    labels = struct.pack(">II", 16 << 12 | 64, 17 << 12 | 0x100 | 64)
    return both_families("link type MPLS", labels, labels, link.MPLS)


def nflog_field(kind, value):
    """A field of NFLOG; libpcap swaps length and type when the file is of another byte order."""
    return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)


def nflog_cases():
    def logged(family, ether_type, packet):
        fields = nflog_field(1, struct.pack(">HBB", ether_type, 0, 0)) + nflog_field(10, b"in\0")
        return bytes([family, 0, 0, 5]) + fields + nflog_field(9, packet)

    more = {"link_type": link.NFLOG}
    head = 4 + 8 + 8 + 4
    many = b"".join(nflog_field(10, b"x") for _ in range(30))
    return [
        expect4("NFLOG, IPv4", logged(2, 0, bytes(esp4())), head, **more),
        expect6("NFLOG, IPv6", logged(10, 0x86DD, bytes(esp6())), head, **more),
        expect6("NFLOG of a bridge", logged(7, 0x86DD, bytes(esp6())), head, **more),
        untracked("NFLOG, ARP", logged(7, 0x0806, bytes(28)), "not_ip", **more),
        untracked("NFLOG, version 1", b"\x02\x01" + bytes(40), "not_ip", needs=4, **more),
        untracked("NFLOG, a field shorter than itself", bytes([2, 0, 0, 5, 3, 0, 1, 0]) + bytes(9), "malformed", **more),
        untracked("NFLOG, 30 fields", bytes([2, 0, 0, 5]) + many, "too_deep", **more),
    ]


def pktap_cases():
    def tapped(dlt, kind=1, bytes_of_header=108):
        return struct.pack("<III", bytes_of_header, kind, dlt) + bytes(bytes_of_header - 12)

    more = {"link_type": link.PKTAP}
    null = struct.pack("<I", 2)
    return [
        expect4("PKTAP, Ethernet", tapped(1) + ethernet(esp4()), 108 + ETHERNET_BYTES, **more),
        expect6("PKTAP, raw IP", tapped(12) + bytes(esp6()), 108, **more),
        expect4("PKTAP, NULL", tapped(0) + null + bytes(esp4()), 112, **more),
        expect4("PKTAP, 802.11", tapped(105) + wireless(TO_DS, esp4()), 140, **more),
        expect4("PKTAP, radiotap", tapped(127) + struct.pack("<HHI", 0, 8, 0) + wireless(TO_DS, esp4()), 148, **more),
        untracked("PKTAP, Frame Relay", tapped(107) + bytes(40), "not_ip", needs=108, **more),
        untracked("PKTAP, no packet", tapped(1, 2) + bytes(40), "not_ip", needs=12, **more),
        untracked("PKTAP, header of 11 bytes", struct.pack("<III", 11, 1, 1) + bytes(40), "malformed", **more),
    ]


def wireless(flags, packet, subtype=0, control=b"", fragment=0, ether_type=0x0800):
    """Returns an 802.11-2016 9.2 data frame. FLAGS are those of frame control's second octet."""
    addresses = bytes.fromhex("02000000000b 02000000000a 02000000000c")
    fourth = bytes.fromhex("02000000000d") if flags & 3 == 3 else b""
    head = bytes([0x08 | subtype << 4, flags]) + bytes(2) + addresses + bytes([fragment, 0])
    return head + fourth + control + struct.pack(">IHH", 0xAAAA0300, 0, ether_type) + bytes(packet)


TO_DS, FROM_DS, MORE, PROTECTED, HTC = 1, 2, 4, 0x40, 0x80
QOS_DATA, NO_DATA = 8, 4


def wireless_cases():
    more = {"link_type": link.IEEE802_11}
    end_station = sectag(ES | ENCRYPTED, 9) + SECURE_DATA_AND_ICV
    tap = struct.pack("<BBHI", 0, 0, 15, 2) + bytes(7)
    cases = [
        expect4("802.11, to the access point", wireless(TO_DS, esp4()), 32, **more),
        expect4("802.11, from the access point", wireless(FROM_DS, esp4()), 32, **more),
        expect4("802.11, between access points", wireless(TO_DS | FROM_DS, esp4()), 38, **more),
        expect4("802.11, QoS", wireless(TO_DS, esp4(), QOS_DATA, bytes(2)), 34, **more),
        expect4("802.11, QoS and HT", wireless(TO_DS | HTC, esp4(), QOS_DATA, bytes(6)), 38, **more),
        expect6("802.11, IPv6", wireless(TO_DS, esp6(), ether_type=0x86DD), 32, **more),
        expect4("802.11, first fragment", wireless(MORE, esp4()), 32, **more),
        untracked("802.11, later fragment", wireless(0, esp4(), fragment=1), "fragment", needs=24, **more),
        untracked("802.11, protected", wireless(PROTECTED, esp4()), "not_ip", needs=24, **more),
        untracked("802.11, no data", wireless(TO_DS, b"", NO_DATA), "not_ip", needs=24, **more),
        untracked("802.11, aggregate", wireless(0, esp4(), QOS_DATA, b"\x80\0"), "not_ip", needs=26, **more),
        untracked("802.11, beacon", b"\x80" + bytes(60), "not_ip", needs=24, **more),
    ]
    for name, flags, sender in (("to", TO_DS, "a"), ("from", FROM_DS, "c"), ("between", 3, "d")):
        frame = wireless(flags, end_station, ether_type=0x88E5)
        needs = len(frame) - len(end_station) + SECTAG_BYTES
        sci = f"02000000000{sender}0001"
        cases.append(macsec(f"802.11, MACsec, {name}", frame, sci, 0, 9, needs=needs, **more))
    return cases + [
        expect4("radiotap", tap + wireless(TO_DS, esp4()), 47, link_type=link.IEEE802_11_RADIO),
        expect4(
            "radiotap, aligned behind QoS",
            struct.pack("<HHII4xQB", 0, 25, 1 << 31 | 3, 0, 0, 0x20) + wireless(TO_DS, esp4(), QOS_DATA, bytes(4)),
            61,
            link_type=link.IEEE802_11_RADIO,
        ),
        expect4(
            "radiotap of eight antennas, aligned behind QoS",
            struct.pack("<HH10IB", 0, 45, 1 << 31 | 2, *[1 << 31 | 1 << 29] * 8, 0, 0x20)
            + wireless(TO_DS, esp4(), QOS_DATA, bytes(4)),
            81,
            link_type=link.IEEE802_11_RADIO,
        ),
        untracked("radiotap, version 1", b"\x01" + bytes(60), "malformed", needs=8, link_type=link.IEEE802_11_RADIO),
        untracked("radiotap of 7 bytes", struct.pack("<HHI", 0, 7, 0) + bytes(60), "malformed", link_type=link.IEEE802_11_RADIO),
    ]


def vlan_cases():
    tag_types = {0x8100: "802.1Q", 0x88A8: "802.1ad", 0x9100: "9100", 0x9200: "9200"}
    cases = []
    for ether_type, name in tag_types.items():
        frame = vlan_tags([ether_type], esp4())
        cases.append(expect4(f"VLAN {name}", frame, ETHERNET_BYTES + VLAN_BYTES))
    for count in range(1, 5):
        stack = [0x88A8, 0x9100, 0x8100, 0x8100][:count]
        before = ETHERNET_BYTES + count * VLAN_BYTES
        cases.append(expect4(f"VLAN x{count}, IPv4", vlan_tags(stack, esp4()), before))
        cases.append(expect6(f"VLAN x{count}, IPv6", vlan_tags(stack, esp6()), before))
    five = vlan_tags([0x8100] * 5, esp4())
    inside = Raw(sectag(SC | ENCRYPTED | 2, 44, SCI) + SECURE_DATA_AND_ICV)
    frame = bytearray(vlan_tags([0x88A8, 0x8100], inside))
    frame[ETHERNET_BYTES + 6 : ETHERNET_BYTES + 8] = b"\x88\xe5"
    needs = ETHERNET_BYTES + 2 * VLAN_BYTES + SECTAG_SCI_BYTES
    priority = frame[:15] + b"\x00" + frame[16:]
    return cases + [
        untracked("VLAN x5", five, "too_deep"),
        macsec("VLAN x2, MACsec", bytes(frame), SCI, 2, 44, vlans=(10, 11), needs=needs),
        macsec("priority tag and VLAN, MACsec", bytes(priority), SCI, 2, 44, vlans=(11,), needs=needs),
        untracked("VLAN, ARP", vlan_tags([0x8100], ARP()), "not_ip", needs=18),
    ]


def mpls_cases():
    cases = []
    for count in range(1, 9):
        before = ETHERNET_BYTES + count * MPLS_BYTES
        cases.append(expect4(f"MPLS x{count}, IPv4", mpls_labels(count, esp4()), before))
        cases.append(expect6(f"MPLS x{count}, IPv6", mpls_labels(count, esp6()), before))
    pseudowire = Raw(bytes(4) + ethernet(esp4()))
    before = ETHERNET_BYTES + MPLS_BYTES + ETHERNET_BYTES
    tagged = vlan_tags([0x8100], Raw(mpls_labels(2, esp4())[ETHERNET_BYTES:]))
    tagged = tagged[:16] + b"\x88\x47" + tagged[18:]
    return cases + [
        expect4("MPLS, EtherType 8848", mpls_labels(1, esp4(), 0x8848), 18),
        expect4("MPLS in VLAN", tagged, ETHERNET_BYTES + VLAN_BYTES + 2 * MPLS_BYTES),
        untracked("MPLS x9", mpls_labels(9, esp4()), "too_deep"),
        expect4("MPLS, pseudowire", mpls_labels(1, Raw(ethernet(esp4()))), before),
        expect4("MPLS, pseudowire with control word", mpls_labels(1, pseudowire), before + 4),
        untracked("MPLS, pseudowire of ARP", mpls_labels(1, Raw(bytes(4) + ethernet(ARP()))), "not_ip"),
    ]


def pppoe_cases():
    before = ETHERNET_BYTES + PPPOE_BYTES
    tagged = vlan_tags([0x88A8, 0x8100], pppoe(esp6(), 0x57))
    offset = ETHERNET_BYTES + VLAN_BYTES + 2
    tagged = tagged[:offset] + b"\x88\x64" + tagged[offset + 2 :]
    return [
        expect4("PPPoE, IPv4", ethernet(pppoe(esp4(), 0x21), 0x8864), before),
        expect6("PPPoE, IPv6", ethernet(pppoe(esp6(), 0x57), 0x8864), before),
        expect6("PPPoE in two VLAN tags", tagged, before + 2 * VLAN_BYTES),
        untracked(
            "PPPoE, LCP", ethernet(pppoe(bytes(8), 0xC021), 0x8864), "not_ip", needs=before
        ),
    ]


def all_cases():
    return [
        *ethernet_cases(),
        *raw_ip_cases(),
        *null_cases(),
        *cooked_cases(),
        *ppp_cases(),
        *cisco_hdlc_cases(),
        *mpls_link_cases(),
        *nflog_cases(),
        *pktap_cases(),
        *wireless_cases(),
        *vlan_cases(),
        *mpls_cases(),
        *pppoe_cases(),
    ]
