# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Writes capture files byte by byte: pcap and pcapng, in either byte order and time resolution.

Sources: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng, and the link-type list of tcpdump.org.
"""
import dataclasses
import struct

NULL, EN10MB, PPP, PPP_SERIAL = 0, 1, 9, 50
RAW, LOOP, LINUX_SLL, IPV4, IPV6, LINUX_SLL2 = 101, 108, 113, 228, 229, 276
C_HDLC, IEEE802_11, IEEE802_11_RADIO, MPLS, NFLOG, PKTAP = 104, 105, 127, 219, 239, 258
# LINKTYPE_RAW is 101 in files; 12 and 14 are the DLT_RAW of BSD systems, which some tools wrote.

LITTLE, BIG = "<", ">"
SNAPLEN = 262144
FIRST_SECOND = 1735689600  # 2025-01-01T00:00:00Z

MICROSECOND_MAGIC = 0xA1B2C3D4
NANOSECOND_MAGIC = 0xA1B23C4D
FILE_HEADER_BYTES, RECORD_HEADER_BYTES = 24, 16


@dataclasses.dataclass(frozen=True)
class Packet:
    """One packet: the captured bytes, the length on the wire, and the time."""

    data: bytes
    wire_length: int = -1
    second: int = FIRST_SECOND
    fraction: int = 0  # in the unit of the file: microseconds or nanoseconds

    @property
    def on_the_wire(self):
        return len(self.data) if self.wire_length < 0 else self.wire_length


def as_packets(frames):
    """Returns FRAMES as Packets. Frames that are plain bytes are one millisecond apart."""
    return [
        frame if isinstance(frame, Packet) else Packet(frame, fraction=1000 * (number % 1000))
        for number, frame in enumerate(frames)
    ]


def pcap_header(link_type=EN10MB, order=LITTLE, magic=MICROSECOND_MAGIC, snaplen=SNAPLEN):
    return struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snaplen, link_type)


def pcap_record(packet, order=LITTLE):
    header = struct.pack(
        order + "IIII", packet.second, packet.fraction, len(packet.data), packet.on_the_wire
    )
    return header + packet.data


def pcap(frames, link_type=EN10MB, order=LITTLE, nanoseconds=False):
    """Returns a pcap file of FRAMES (bytes or Packet)."""
    magic = NANOSECOND_MAGIC if nanoseconds else MICROSECOND_MAGIC
    records = (pcap_record(packet, order) for packet in as_packets(frames))
    return pcap_header(link_type, order, magic) + b"".join(records)


def block(kind, body, order=LITTLE):
    """A pcapng block."""
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + length + body + length


def option(code, value, order=LITTLE):
    """An option of a pcapng block."""
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def options(listed):
    """The options of a block, with their end."""
    return b"".join(listed) + bytes(4)


def pcapng_section(order=LITTLE):
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def pcapng_interface(link_type=EN10MB, order=LITTLE, nanoseconds=False, snaplen=SNAPLEN):
    options = b""
    if nanoseconds:  # if_tsresol: 10^-9
        options = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0)
    return block(1, struct.pack(order + "HHI", link_type, 0, snaplen) + options, order)


def pcapng_packet(packet, order=LITTLE, nanoseconds=False, interface=0):
    units = 10**9 if nanoseconds else 10**6
    ticks = packet.second * units + packet.fraction
    head = struct.pack(
        order + "IIIII",
        interface,
        ticks >> 32,
        ticks & 0xFFFFFFFF,
        len(packet.data),
        packet.on_the_wire,
    )
    return block(6, head + packet.data, order)


def pcapng(frames, link_type=EN10MB, order=LITTLE, nanoseconds=False):
    """Returns a pcapng file of FRAMES with one section and one interface."""
    packets = (pcapng_packet(packet, order, nanoseconds) for packet in as_packets(frames))
    head = pcapng_section(order) + pcapng_interface(link_type, order, nanoseconds)
    return head + b"".join(packets)
