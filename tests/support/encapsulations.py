# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""All cases of all encapsulations, and captures of them, whole and cut at every byte."""
import collections

from support import ip_cases, link_cases, macsec_cases
from support.capture_file import Packet, pcap

CASES = [*link_cases.all_cases(), *macsec_cases.all_cases(), *ip_cases.all_cases()]


def by_link_type(cases):
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case.link_type].append(case)
    return groups


LINK_TYPES = sorted(by_link_type(CASES))


def snapped(case):
    """Returns CASE captured to 0 bytes, to 1 byte, ...: the frame on the wire was longer."""
    lengths = range(len(case.data) + 1)
    return [Packet(case.data[:length], wire_length=len(case.data)) for length in lengths]


def short(case):
    """Returns CASE as frames that are 0 bytes long on the wire, 1 byte, ..."""
    return [Packet(case.data[:length]) for length in range(len(case.data) + 1)]


def write_with_cuts(path, link_type):
    """Writes every cut of every case of LINK_TYPE to PATH. Returns the number of packets."""
    cases = by_link_type(CASES)[link_type]
    packets = [packet for case in cases for packet in [*snapped(case), *short(case)]]
    path.write_bytes(pcap(packets, link_type))
    return len(packets)
