# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A capture small enough to be cut at every byte, and its expected figures."""
import struct

from support.capture_file import RAW, Packet

SOURCE, DESTINATION = bytes([192, 0, 2, 1]), bytes([198, 51, 100, 2])
FLOW_ID = "IPsec { spi: 0x00001001, dst: 198.51.100.2, src: 192.0.2.1 }"
SEQUENCES = (1, 2, 4, 5)
LOST = (3,)
LINK_TYPE = RAW


def esp_packet(sequence, spi=0x1001):
    """Returns the shortest IPv4 packet with an ESP header (RFC 791 3.1, RFC 4303 2)."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 50, 0) + SOURCE + DESTINATION
    return head + struct.pack(">II", spi, sequence)


def packets(second=1735689600, fractions=(0, 1, 2, 3)):
    """One packet for each of SEQUENCES, at FRACTIONS of a SECOND (in the file's resolution)."""
    return [
        Packet(esp_packet(sequence), second=second, fraction=fraction)
        for sequence, fraction in zip(SEQUENCES, fractions)
    ]


def check(found):
    """Asserts that FOUND, from analyze --json, has the figures of the capture."""
    assert found["capture"]["packets"] == len(SEQUENCES)
    assert found["capture"]["bytes"] == 28 * len(SEQUENCES)
    (flow,) = found["flows"]
    assert flow["flow_id"] == FLOW_ID
    assert flow["packets_received"] == len(SEQUENCES)
    assert flow["total_lost_packets"] == len(LOST)
    (gap,) = found["gaps"]
    assert (gap["expected_sequence"], gap["received_sequence"], gap["gap_size"]) == (3, 4, 1)
