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


def ethernet_cases():
    ieee_802_3 = Dot3(src=SOURCE_MAC, dst=DESTINATION_MAC)
    return [
        expect4("Ethernet, IPv4", ethernet(esp4()), ETHERNET_BYTES),
        expect6("Ethernet, IPv6", ethernet(esp6()), ETHERNET_BYTES),
        untracked("Ethernet, ARP", ethernet(ARP()), "not_ip", needs=ETHERNET_BYTES),
        untracked("Ethernet, unknown EtherType", ethernet(bytes(60), 0x1234), "not_ip"),
        untracked("Ethernet, 802.3 length", bytes(ieee_802_3 / LLC() / Raw(bytes(40))), "not_ip"),
        untracked(
            "Ethernet, LLC/SNAP is not followed",
            bytes(ieee_802_3 / LLC() / SNAP(code=0x0800) / esp4()),
            "not_ip",
        ),
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


def vlan_cases():
    tag_types = {0x8100: "802.1Q", 0x88A8: "802.1ad", 0x9100: "9100"}
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
    tagged = vlan_tags([0x8100], Raw(mpls_labels(2, esp4())[ETHERNET_BYTES:]))
    tagged = tagged[:16] + b"\x88\x47" + tagged[18:]
    return cases + [
        expect4("MPLS, EtherType 8848", mpls_labels(1, esp4(), 0x8848), 18),
        expect4("MPLS in VLAN", tagged, ETHERNET_BYTES + VLAN_BYTES + 2 * MPLS_BYTES),
        untracked("MPLS x9", mpls_labels(9, esp4()), "too_deep"),
        untracked("MPLS, pseudowire with control word", mpls_labels(1, pseudowire), "not_ip"),
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
        *vlan_cases(),
        *mpls_cases(),
        *pppoe_cases(),
    ]
