# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""PDUs of MKA (IEEE 802.1X-2020 11.11) with the contents that a test gives. Their integrity check values are wrong."""
import struct

GROUP = bytes.fromhex("0180c2000003")
SUITES = {"GCM-AES-128": None, "GCM-AES-256": 2, "GCM-AES-XPN-128": 3, "GCM-AES-XPN-256": 4}


def parameter_set(kind, second, third, body):
    padding = bytes(-len(body) % 4)
    return struct.pack(">BBH", kind, second, third << 8 | len(body)) + body + padding


def member(sci):
    return struct.pack(">Q", sci) + b"mbr1"


def basic(sci, is_server, priority, number, identity):
    third = (0x80 if is_server else 0) | 0x60
    body = struct.pack(">Q", sci) + identity + struct.pack(">II", number, 0x0080C201) + b"name of the CAK!"
    return parameter_set(3, priority, third, body)


def sak_use(server, an, key, lowest=1, old=None, is_settled=False):
    """IS_SETTLED: the key is called the old one, as 802.1X-2020 12.4 has it once there is no other one."""
    second = an << 6 | 0x30 | (0 if old is None else old << 2 | 3)
    used = member(server) + struct.pack(">II", key, lowest & 0xFFFFFFFF)
    if is_settled:
        return parameter_set(3, an << 2 | 3, 0x10, bytes(20) + used)
    return parameter_set(3, second, 0x10, used + bytes(20))


def distributed(an, key, suite="GCM-AES-128"):
    number = SUITES[suite]
    cipher = b"" if number is None else struct.pack(">Q", 0x0080C20001000000 | number)
    return parameter_set(4, an << 6 | 0x10, 0, struct.pack(">I", key) + cipher + bytes(24))


def xpn(lowest, is_settled=False):
    uppers = (0, lowest >> 32) if is_settled else (lowest >> 32, 0)
    return parameter_set(8, 0, 0, struct.pack(">II", *uppers))


def pdu(sci, *sets, is_server=False, priority=16, number=1, identity=None):
    """A frame with a PDU of the member SCI, which has SETS behind the basic one."""
    body = basic(sci, is_server, priority, number, identity or member(sci)) + b"".join(sets) + parameter_set(255, 0, 0, bytes(16))
    return GROUP + struct.pack(">Q", sci)[:6] + struct.pack(">HBBH", 0x888E, 3, 5, len(body)) + body
