# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Flows by name, their frames, and those frames as a capture file."""
import dataclasses
import ipaddress
import struct

from support import capture_file

CAPTURED_BYTES = 64  # enough for every header; the rest of a frame is not written
ICV_BYTES = 16
SHORT_SECURE_DATA = 48  # from this length on, SL is 0 (IEEE 802.1AE 9.7)
SOURCE = "192.0.2.1"


def macsec_frame(
    sci, association, number, secure_data, icv=bytes(ICV_BYTES), destination=b"\x02" * 6
):
    """Returns a whole MACsec frame with an explicit SCI, encrypted (802.1AE clause 9)."""
    tci = 0x20 | 0x08 | 0x04 | association  # SC, E, C
    short_length = len(secure_data) if len(secure_data) < SHORT_SECURE_DATA else 0
    source = struct.pack(">Q", sci)[:6]
    tag = struct.pack(">HBBIQ", 0x88E5, tci, short_length, number, sci)
    return destination + source + tag + secure_data + icv


def ipv4_frame(source, destination, protocol, payload, wire_length):
    """Returns the start of an Ethernet frame with IPv4 that has WIRE_LENGTH on the wire."""
    header = struct.pack(
        ">BBHHHBBH4s4s",
        0x45,
        0,
        wire_length - 14,
        0,
        0,
        64,
        protocol,
        0,
        ipaddress.IPv4Address(source).packed,
        ipaddress.IPv4Address(destination).packed,
    )
    return bytes.fromhex("020000000001 020000000002 0800") + header + payload


@dataclasses.dataclass(frozen=True)
class MacsecFlow:
    sci: int
    protocol = "macsec"

    @property
    def flow_id(self):
        return f"MACsec {{ sci: 0x{self.sci:016x} }}"

    def start_of_frame(self, frame):
        return macsec_frame(self.sci, frame.association, frame.sequence, bytes(SHORT_SECURE_DATA))


@dataclasses.dataclass(frozen=True)
class EspFlow:
    spi: int
    destination: str = "198.51.100.1"
    protocol = "esp"

    @property
    def flow_id(self):
        return f"IPsec {{ spi: 0x{self.spi:08x}, dst: {self.destination}, src: {SOURCE} }}"

    def start_of_frame(self, frame):
        esp = struct.pack(">II", self.spi, frame.sequence) + bytes(32)
        return ipv4_frame(SOURCE, self.destination, 50, esp, frame.wire_length)


@dataclasses.dataclass(frozen=True)
class PlainFlow:
    """TCP or UDP from one port of 192.0.2.1."""

    protocol: str
    source_port: int

    @property
    def flow_id(self):
        name = self.protocol.upper()
        return f"{name} {{ 192.0.2.1:{self.source_port} -> 198.51.100.1:443 }}"

    def start_of_frame(self, frame):
        ports = struct.pack(">HH", self.source_port, 443)
        if self.protocol == "tcp":
            payload, number = ports + struct.pack(">IIHHHH", 1, 1, 0x5010, 1024, 0, 0), 6
        else:
            payload, number = ports + struct.pack(">HH", frame.wire_length - 34, 0), 17
        return ipv4_frame("192.0.2.1", "198.51.100.1", number, payload, frame.wire_length)


@dataclasses.dataclass(frozen=True)
class Frame:
    """One frame as the model sees it. TCP and UDP have no sequence number."""

    time_ns: int
    flow: object
    sequence: int = 0
    association: int = 0
    wire_length: int = 128

    def packet(self):
        return capture_file.Packet(
            self.flow.start_of_frame(self)[:CAPTURED_BYTES],
            self.wire_length,
            self.time_ns // 10**9,
            self.time_ns % 10**9,
        )


def capture(frames):
    """Returns FRAMES as the bytes of a pcap file with nanoseconds."""
    return capture_file.pcap([frame.packet() for frame in frames], nanoseconds=True)
