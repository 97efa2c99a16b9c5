# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Cases of IPv4 and IPv6: their payloads, and where these start and end."""
from scapy.layers.inet import ICMP, IPOption
from scapy.layers.inet6 import (
    ICMPv6EchoRequest,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    Jumbo,
)
from scapy.layers.ipsec import AH
from scapy.packet import Raw

from support.case import Case, esp, tcp, udp, untracked
from support.frames import (
    DESTINATION4,
    DESTINATION6,
    ESP_BYTES,
    ETHERNET_BYTES,
    IPV4_BYTES,
    IPV6_BYTES,
    PAYLOAD,
    PORTS_BYTES,
    SOURCE4,
    SOURCE6,
    TCP_BYTES,
    UDP_BYTES,
    esp4,
    esp6,
    esp_bytes,
    esp_layer,
    ethernet,
    ipv4,
    ipv6,
    nat_traversal,
    tcp_layer,
    udp_layer,
)

ENDS4, ENDS6 = (SOURCE4, DESTINATION4), (SOURCE6, DESTINATION6)
AH_BYTES = 12  # without the ICV
AFTER4, AFTER6 = ETHERNET_BYTES + IPV4_BYTES, ETHERNET_BYTES + IPV6_BYTES
MINIMUM_ETHERNET = 60


def padded(frame):
    """Returns FRAME with a sender's padding. Its bytes would have a meaning if they were read."""
    return frame + bytes([0x11]) * (MINIMUM_ETHERNET - len(frame))


def frame4(payload, **fields):
    return ethernet(ipv4(payload, **fields))


def frame6(payload, **fields):
    return ethernet(ipv6(payload, **fields))


def expect4(name, data, header=IPV4_BYTES, **more):
    needs = ETHERNET_BYTES + header + ESP_BYTES
    return esp(name, data, "00001001", ENDS4, 7, needs=needs, **more)


def expect6(name, data, extensions=0, **more):
    needs = AFTER6 + extensions + ESP_BYTES
    return esp(name, data, "00001001", ENDS6, 7, needs=needs, **more)


def security_associations():
    ones = ethernet(esp4(0xFFFFFFFF, 0xFFFFFFFF))
    header = frame4(esp_layer(data=b""), proto=50)
    cases = [
        esp("SPI and sequence of ones", ones, "f" * 8, ENDS4, 0xFFFFFFFF),
        esp("sequence 0", ethernet(esp4(0x1001, 0)), "00001001", ENDS4, 0),
        esp("only the ESP header", header, "00001001", ENDS4, 7),
        untracked("SPI 0, IPv4", ethernet(esp4(0)), "reserved_spi"),
        untracked("SPI 0, IPv6", ethernet(esp6(0)), "reserved_spi"),
    ]
    for spi in (1, 255, 256):
        cases.append(esp(f"SPI {spi}, IPv4", ethernet(esp4(spi)), f"{spi:08x}", ENDS4, 7))
        cases.append(esp(f"SPI {spi}, IPv6", ethernet(esp6(spi)), f"{spi:08x}", ENDS6, 7))
    return cases


def senders():
    """The source belongs to the key, also for a multicast SA (RFC 4303 2.1)."""
    groups = (
        (esp4, DESTINATION4, (SOURCE4, "192.0.2.9")),
        (esp4, "239.1.2.3", (SOURCE4, "192.0.2.9")),
        (esp6, "ff0e::77", (SOURCE6, "2001:db8::9")),
    )
    cases = []
    for make, to, sources in groups:
        for source in sources:
            frame = ethernet(make(src=source, dst=to))
            cases.append(esp(f"to {to} from {source}", frame, "00001001", (source, to), 7))
    return cases


def addresses():
    """RFC 5952: the longest run of zero fields is shortened, the first of equal ones, never a
    single field."""
    texts = {
        "2001:db8:0:0:1:0:0:1": "2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1": "2001:db8:0:1:1:1:1:1",
        "2001:0:0:1:0:0:0:1": "2001:0:0:1::1",
        "2001:DB8::ABCD": "2001:db8::abcd",
        "2001:0db8::0001": "2001:db8::1",
        "::": "::",
        "::1": "::1",
        "fe80::": "fe80::",
    }
    return [
        esp(f"IPv6 address {full}", ethernet(esp6(dst=full)), "00001001", (SOURCE6, short), 7)
        for full, short in texts.items()
    ]


def ipv4_headers():
    four_bytes = IPOption(b"\x94\x04\x00\x00")  # router alert, RFC 2113
    forty_bytes = [four_bytes] * 10
    off_by_one = bytearray(ethernet(esp4()))
    off_by_one[ETHERNET_BYTES] = 0x44
    other_version = bytearray(ethernet(esp4()))
    other_version[ETHERNET_BYTES] = 0x65
    return [
        expect4("IPv4, 4 bytes of options", ethernet(esp4(options=[four_bytes])), header=24),
        expect4("IPv4, 40 bytes of options", ethernet(esp4(options=forty_bytes)), header=60),
        expect4("IPv4, total length 0: segmentation offload", ethernet(esp4(len=0))),
        expect4("IPv4, Ethernet padding", padded(frame4(esp_layer(data=b""), proto=50))),
        untracked("IPv4, header length of 4 words", bytes(off_by_one), "malformed"),
        untracked("IPv4 EtherType, version 6", bytes(other_version), "malformed"),
        untracked("IPv4, total length 19", ethernet(esp4(len=19)), "malformed"),
        untracked(
            "IPv4, total length that cuts the ESP header; padding is not data",
            padded(frame4(esp_bytes(data=b"")[:7], proto=50)),
            "malformed",
        ),
        untracked(
            "IPv4, total length that cuts the ports; padding is not data",
            padded(frame4(b"\x01\xbb\x01", proto=6)),
            "malformed",
        ),
    ]


def fragments():
    more4 = {"flags": "MF", "proto": 50}
    whole = bytes(esp_layer())
    first6 = IPv6ExtHdrFragment(nh=50, offset=0, m=1, id=9) / whole
    later6 = IPv6ExtHdrFragment(nh=50, offset=4, m=0, id=9) / whole
    atomic6 = IPv6ExtHdrFragment(nh=50, offset=0, m=0, id=9) / whole
    later_udp = frame4(Raw(PAYLOAD), proto=17, frag=1)
    return [
        expect4("IPv4, first fragment", frame4(whole, **more4)),
        expect4("IPv4, do not fragment", ethernet(esp4(flags="DF"))),
        untracked(
            "IPv4, middle fragment", frame4(whole, frag=4, **more4), "fragment", needs=AFTER4
        ),
        untracked("IPv4, last fragment", frame4(whole, frag=8191, proto=50), "fragment"),
        untracked("IPv4, later fragment of UDP", later_udp, "fragment"),
        untracked("IPv4, later fragment of ICMP", frame4(PAYLOAD, proto=1, frag=2), "fragment"),
        expect6("IPv6, first fragment", frame6(first6, nh=44), extensions=8),
        expect6("IPv6, fragment of one", frame6(atomic6, nh=44), extensions=8),
        untracked("IPv6, last fragment", frame6(later6, nh=44), "fragment", needs=AFTER6 + 8),
    ]


def chain(kinds, last=50):
    """Returns the extension headers KINDS, eight bytes each, ahead of an ESP packet."""
    makers = {
        0: lambda following: IPv6ExtHdrHopByHop(nh=following),
        43: lambda following: Raw(bytes([following, 0, 253, 0, 0, 0, 0, 0])),
        44: lambda following: IPv6ExtHdrFragment(nh=following, id=1),
        60: lambda following: IPv6ExtHdrDestOpt(nh=following),
    }
    layer = esp_layer()
    for kind, following in reversed(list(zip(kinds, [*kinds[1:], last]))):
        layer = makers[kind](following) / layer
    return frame6(layer, nh=kinds[0])


def ipv6_headers():
    routing = IPv6ExtHdrRouting(nh=50, type=0, segleft=1, addresses=["2001:db8::5"])
    jumbo = IPv6ExtHdrHopByHop(nh=50, options=[Jumbo(jumboplen=8 + ESP_BYTES + len(PAYLOAD))])
    other_version = bytearray(ethernet(esp6()))
    other_version[ETHERNET_BYTES] = 0x50
    cases = [
        expect6(f"IPv6, extension header {kind}", chain([kind]), extensions=8)
        for kind in (0, 43, 44, 60)
    ]
    return cases + [
        expect6("IPv6, routing header of 24 bytes", frame6(routing / esp_layer(), nh=43), 24),
        expect6("IPv6, all extension headers", chain([0, 60, 43, 44, 60]), 40),
        expect6("IPv6, 8 extension headers", chain([0] + [60] * 7), 64),
        untracked("IPv6, 9 extension headers", chain([0] + [60] * 8), "too_deep"),
        expect6("IPv6, payload length 0: segmentation offload", ethernet(esp6(plen=0))),
        expect6("IPv6, jumbogram", frame6(jumbo / esp_layer(), nh=0, plen=0), 8),
        untracked("IPv6 EtherType, version 5", bytes(other_version), "malformed"),
        untracked("IPv6, no next header", frame6(b"", nh=59), "other_ip", needs=AFTER6),
        untracked(
            "IPv6, payload length that cuts the ESP header; padding is not data",
            frame6(esp_bytes(), nh=50, plen=7),
            "malformed",
        ),
        untracked(
            "IPv6, payload length that cuts the extension header",
            frame6(bytes([50, 1]) + bytes(14) + esp_bytes(), nh=60, plen=8),
            "malformed",
        ),
    ]


def udp_flow(source, destination, ends):
    return "UDP { %s:%u -> %s:%u }" % (ends[0], source, ends[1], destination)


def nat_traversal_cases():
    """RFC 3948: datagrams that may be ESP, if others confirm it, and others on the port, which are
    UDP."""
    flow4 = f"{SOURCE4}:4500", f"{DESTINATION4}:4500"
    payload, spi = esp_bytes(0x2002), "00002002"
    inside4, inside6 = AFTER4 + UDP_BYTES, AFTER6 + UDP_BYTES
    ike = bytes(4) + bytes(28)
    cases = [
        esp(
            f"ESP in UDP, ports {source} to {destination}",
            frame4(nat_traversal(payload, source, destination)),
            spi,
            ENDS4,
            7,
            needs=inside4 + ESP_BYTES,
            udp_from=inside4,
            udp_flow=udp_flow(source, destination, ENDS4),
        )
        for source, destination in ((4500, 4500), (4500, 1024), (1024, 4500))
    ] + [
        esp(
            "ESP in UDP over IPv6",
            frame6(nat_traversal(payload)),
            spi,
            ENDS6,
            7,
            needs=inside6 + ESP_BYTES,
            udp_from=inside6,
            udp_flow=udp_flow(4500, 4500, [f"[{address}]" for address in ENDS6]),
        ),
        udp("IKE marker", frame4(nat_traversal(ike)), *flow4),
        udp("keepalive", frame4(nat_traversal(b"\xff")), *flow4),
        udp("keepalive, Ethernet padding", padded(frame4(nat_traversal(b"\xff"))), *flow4),
        udp("no payload, Ethernet padding", padded(frame4(nat_traversal(b""))), *flow4),
    ]
    together = {"udp_flow": udp_flow(4500, 4500, ENDS4)}
    for number in (2, 254):
        frame = frame4(nat_traversal(esp_bytes(number, 8)))
        cases.append(esp(f"SPI {number} in UDP", frame, f"{number:08x}", ENDS4, 8, **together))
    return cases


def ports_at(offset, header):
    """Of a header of HEADER bytes, only the ports, the first four bytes at OFFSET, must be
    captured."""
    return {"needs": offset + PORTS_BYTES, "shortest": offset + header}


def transport():
    ends4 = f"{SOURCE4}:40000", f"{DESTINATION4}:443"
    ends6 = f"[{SOURCE6}]:40000", f"[{DESTINATION6}]:443"
    name4, name6 = f"{DESTINATION4}:53", f"[{DESTINATION6}]:53"
    extension = IPv6ExtHdrDestOpt(nh=6) / tcp_layer()
    first = frame4(bytes(tcp_layer())[:8], proto=6, flags="MF")
    return [
        tcp("TCP, IPv4", frame4(tcp_layer()), *ends4, **ports_at(AFTER4, TCP_BYTES)),
        tcp("TCP, IPv6", frame6(tcp_layer()), *ends6, **ports_at(AFTER6, TCP_BYTES)),
        tcp(
            "TCP behind destination options",
            frame6(extension, nh=60),
            *ends6,
            **ports_at(AFTER6 + 8, TCP_BYTES),
        ),
        tcp("TCP, first fragment of 8 bytes", first, *ends4),
        udp("UDP, IPv4", frame4(udp_layer()), ends4[0], name4, **ports_at(AFTER4, UDP_BYTES)),
        udp("UDP, IPv6", frame6(udp_layer()), ends6[0], name6, **ports_at(AFTER6, UDP_BYTES)),
        udp("UDP, no payload", padded(frame4(udp_layer(b""))), ends4[0], name4),
        udp(
            "UDP, ports 0 and 65535",
            frame4(udp_layer(PAYLOAD, 0, 65535)),
            f"{SOURCE4}:0",
            f"{DESTINATION4}:65535",
        ),
    ]


def ah(name, data, ends, needs):
    """A frame with AH in front of TCP."""
    source, destination = ends
    flow_id = f"AH {{ spi: 0x00002001, dst: {destination}, src: {source} }}"
    return Case(name, data, "ah", flow_id, 0, 3, needs=needs)


def other_protocols():
    icmp6 = ICMPv6EchoRequest(data=PAYLOAD)
    authentication = AH(nh=6, spi=0x2001, seq=3, icv=bytes(12), payloadlen=4)
    quoting = ICMP(type=3, code=4) / esp4()
    return [
        untracked("ICMP", frame4(ICMP() / PAYLOAD), "other_ip", needs=AFTER4),
        untracked("ICMP that quotes an ESP packet", frame4(quoting), "other_ip"),
        untracked("ICMPv6", frame6(icmp6), "other_ip", needs=AFTER6),
        ah("AH, IPv4", frame4(authentication / tcp_layer(), proto=51), (SOURCE4, DESTINATION4), AFTER4 + AH_BYTES),
        ah("AH, IPv6", frame6(authentication / tcp_layer(), nh=51), (SOURCE6, DESTINATION6), AFTER6 + AH_BYTES),
        untracked("AH, SPI 0", frame4(AH(nh=6, spi=0, seq=3, icv=bytes(12), payloadlen=4) / tcp_layer(), proto=51), "other_ip"),
        untracked("SCTP", frame4(PAYLOAD, proto=132), "other_ip"),
    ]


def all_cases():
    return [
        *security_associations(),
        *senders(),
        *addresses(),
        *ipv4_headers(),
        *fragments(),
        *ipv6_headers(),
        *nat_traversal_cases(),
        *transport(),
        *other_protocols(),
    ]
