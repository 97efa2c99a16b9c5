#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Makes tests/captures/macsec_traffic.pcap: two stations talk over MACsec, and one loses frames.

Usage: make_sample_capture.py [FILE]. The output is always the same.

Secure channel 0x0011223344550001 sends numbers 1 to 100, which all arrive; of the 100 frames of
0xaabbccddeeff0001, those numbered 16, 32, 48, 64 and 80 are missing. That leaves 195 frames.
"""
import hashlib
import pathlib
import struct
import sys

from model.frames import ICV_BYTES, macsec_frame
from support import capture_file

DEFAULT = pathlib.Path(__file__).resolve().parent / "captures" / "macsec_traffic.pcap"
COMPLETE, LOSSY = 0x0011223344550001, 0xAABBCCDDEEFF0001
LOST = (16, 32, 48, 64, 80)
FRAMES = 100
ANSWER_AFTER_US = 3_700
# Encrypted bytes of a frame: TCP acknowledgements (SL is set for less than 48), web pages, full
# segments.
SECURE_DATA_BYTES = (42, 54, 278, 54, 1454, 42, 618, 54)


def ciphertext(label, count):
    """Returns COUNT bytes that look encrypted and are always the same for LABEL."""
    blocks = (hashlib.sha256(f"{label} {at}".encode()).digest() for at in range(count // 32 + 1))
    return b"".join(blocks)[:count]


def frame(sci, peer, number):
    count = SECURE_DATA_BYTES[(number + sci // 2**56) % len(SECURE_DATA_BYTES)]
    hidden = ciphertext(f"{sci:016x} {number}", count + ICV_BYTES)
    destination = struct.pack(">Q", peer)[:6]
    return macsec_frame(sci, 0, number, hidden[:count], hidden[count:], destination)


def packets():
    for number in range(1, FRAMES + 1):
        second = capture_file.FIRST_SECOND + number - 1
        jitter_us = ciphertext(f"jitter {number}", 1)[0]  # less than 256
        yield capture_file.Packet(
            frame(COMPLETE, LOSSY, number), second=second, fraction=jitter_us
        )
        if number not in LOST:
            yield capture_file.Packet(
                frame(LOSSY, COMPLETE, number), second=second, fraction=ANSWER_AFTER_US + jitter_us
            )


def sample():
    """Returns the bytes of the capture: pcap, little-endian, microseconds."""
    return capture_file.pcap(packets())


if __name__ == "__main__":
    pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else DEFAULT).write_bytes(sample())
