# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""All flows together: the table, the flows that leave it, and the whole report."""
from model.flow import Flow, megabits_per_second, rfc3339

PROTOCOLS = ("macsec", "esp", "ah", "wireguard", "openvpn", "dtls", "tcp", "udp")


class Analysis:
    def __init__(self, window=32, max_flows=1_000_000):
        self.window = window
        self.max_flows = max_flows
        self.first_ns = None
        self.table = {}  # by key, the longest idle first
        self.evicted = []

    def receive(self, frame):
        if self.first_ns is None:
            self.first_ns = frame.time_ns
        flow = self.table.pop(frame.flow, None)
        if flow is None:
            if len(self.table) == self.max_flows:
                self.evicted.append(self.table.pop(next(iter(self.table))))
            flow = Flow(frame.flow, self.window, frame.time_ns, self.first_ns)
        flow.receive(frame)
        self.table[frame.flow] = flow

    def report(self):
        """Ends every flow. Returns the report, without the part about the capture file."""
        listed = list(self.table.values())
        known = self.evicted + listed
        for flow in known:
            flow.end()
        return {
            "summary": summary(known),
            "flows": sorted((flow.figures() for flow in listed), key=worst_first),
            "gaps": sorted((gap for flow in known for gap in flow.gaps), key=gap_order),
            "flows_evicted": len(self.evicted),
            "untimed": {key for flow in known for key in flow.untimed},
        }


def worst_first(figures):
    return -figures["total_lost_packets"], -figures["total_bytes"], figures["flow_id"]


def gap_order(gap):
    """Gaps are sorted by time; the other keys make the order of equal times definite."""
    return gap["timestamp"], gap["flow_id"], gap["expected_sequence"], gap["received_sequence"]


def lost_by_cause(flows):
    lost = {"network": 0, "undetermined": 0}
    for gap in (gap for flow in flows for gap in flow.gaps):
        lost[gap["cause"]] += gap["gap_size"]
    return lost


def summary(flows):
    sizes = [gap["gap_size"] for flow in flows for gap in flow.gaps]
    times = [time_ns for flow in flows for time_ns in flow.times]
    octets = sum(flow.total_bytes for flow in flows)
    return {
        "total_flows": len(flows),
        "total_packets_received": len(times),
        "total_bytes": octets,
        "total_gaps_detected": len(sizes),
        "total_lost_packets": sum(sizes),
        **{f"lost_{cause}": lost for cause, lost in lost_by_cause(flows).items()},
        "lost_by_cause": lost_by_cause(flows),
        "total_unobserved_packets": 0,
        "max_gap_size": max(sizes, default=None),
        "avg_bandwidth_mbps": megabits_per_second(octets, max(times) - min(times)),
        "protocol_distribution": {
            protocol: sum(len(flow.times) for flow in flows if flow.key.protocol == protocol)
            for protocol in PROTOCOLS
        },
        "first_timestamp": rfc3339(min(times)),
        "last_timestamp": rfc3339(max(times)),
    }


def analyze(frames, window=32, max_flows=1_000_000):
    analysis = Analysis(window, max_flows)
    for frame in frames:
        analysis.receive(frame)
    return analysis.report()
