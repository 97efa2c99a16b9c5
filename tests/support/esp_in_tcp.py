# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Frames of TCP that carries IKE and ESP (RFC 9329)."""
import struct

from support.numbered import ADDRESSES, HEAD

PREFIX = b"IKETCP"


def segment(payload, ports=(50000, 4500), sequence=1, options=b""):
    """A frame with a TCP segment (RFC 9293 3.1)."""
    words = 5 + len(options) // 4
    tcp = struct.pack(">HHIIBBHHH", *ports, sequence, 1, words << 4, 0x18, 1024, 0, 0) + options + payload
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + ADDRESSES
    return HEAD + b"\x08\x00" + ip + tcp


def message(octets):
    """A message of the stream, with its length (RFC 9329 3)."""
    return struct.pack(">H", 2 + len(octets)) + octets


def esp(number, spi=0xC0FFEE01, size=64):
    return message(struct.pack(">II", spi, number) + bytes(size))


def ike(length=None):
    body = bytes(40)
    return message(bytes(4) + bytes(16) + struct.pack(">BBBBII", 33, 0x20, 34, 8, 0, length or 28 + len(body)) + body)


def stream(*payloads, **more):
    return [segment(payload, **more) for payload in payloads]
