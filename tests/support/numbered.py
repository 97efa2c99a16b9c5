# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Numbered frames made without scapy, and the figures that a live run and a file have in common."""
import struct

from support.capture_file import FIRST_SECOND, Packet, pcap

HEAD = bytes.fromhex("02000000000a 02000000000b")  # Ethernet: destination, source
ADDRESSES = bytes([192, 0, 2, 1, 198, 51, 100, 2])
FLOW = "IPsec {{ spi: 0x{:08x}, dst: 198.51.100.2, src: 192.0.2.1 }}"


def esp(sequence, spi=0x1001):
    """Returns a frame with an ESP packet in IPv4 (RFC 791 3.1, RFC 4303 2)."""
    inner = struct.pack(">II", spi, sequence) + bytes(32)
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inner), 0, 0, 64, 50, 0) + ADDRESSES
    return HEAD + b"\x08\x00" + ip + inner


def esp_run(first, last, spi=0x1001):
    """Returns the frames with the numbers FIRST to LAST."""
    return [esp(sequence, spi) for sequence in range(first, last + 1)]


def tagged(frame, *identifiers):
    """Returns FRAME with a VLAN tag (802.1Q clause 9) for each of IDENTIFIERS."""
    tags = b"".join(struct.pack(">HH", 0x8100, identifier) for identifier in identifiers)
    return frame[:12] + tags + frame[12:]


def without_times(value):
    """VALUE of a report without fields that depend on when frames came, at any depth."""
    of_time = ("timestamp", "duration", "bandwidth", "inter_arrival", "exhaustion_at")
    if isinstance(value, list):
        return [without_times(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_times(inner)
        for name, inner in value.items()
        if not any(word in name for word in of_time)
    }


# The figures that do not depend on when frames came.
COUNTED = (
    "packets_received",
    "total_bytes",
    "total_lost_packets",
    "lost_network",
    "lost_undetermined",
    "skipped_numbers",
    "duplicate_packets",
    "reordered_packets",
    "max_reorder_distance",
    "late_packets",
    "outlier_packets",
    "restarts",
    "rekeys",
    "wraparounds",
    "mixed_senders",
    "first_sequence",
    "last_sequence",
    "gaps_detected",
    "min_gap",
    "max_gap",
)


def counted(report):
    return {flow["flow_id"]: {name: flow[name] for name in COUNTED} for flow in report["flows"]}


def gaps_of(report):
    names = ("flow_id", "expected_sequence", "received_sequence", "gap_size", "cause")
    return sorted(tuple(gap[name] for name in names) for gap in report["gaps"])


def differing(found, expected):
    """Returns a line for each figure in which a flow of the two differs."""
    nothing = dict.fromkeys(COUNTED)
    return [
        f"{flow}: {name} {found.get(flow, nothing)[name]}, in the file {expected.get(flow, nothing)[name]}"
        for flow in sorted(found.keys() | expected.keys())
        for name in COUNTED
        if found.get(flow, nothing)[name] != expected.get(flow, nothing)[name]
    ]


def findings(report):
    """The figures of REPORT that do not depend on times or on the source of the frames."""
    capture = {name: report["capture"][name] for name in ("packets", "bytes", "counters", "link_type")}
    flows = {flow["flow_id"]: without_times(flow) for flow in report["flows"]}
    gaps = [without_times(gap) for gap in report["gaps"]]
    summary = without_times(report["summary"])
    return {"capture": capture, "flows": flows, "gaps": gaps, "summary": summary}


def analyzed(gapwatch, folder, frames, *options, apart_us=1000):
    """Analyses a file with FRAMES, one every APART_US microseconds, and returns the report."""
    path = folder / "same.pcap"
    times = (divmod(number * apart_us, 1_000_000) for number in range(len(frames)))
    packets = [
        Packet(frame, second=FIRST_SECOND + second, fraction=microsecond)
        for frame, (second, microsecond) in zip(frames, times)
    ]
    path.write_bytes(pcap(packets))
    return gapwatch.analyze(path, *options)
