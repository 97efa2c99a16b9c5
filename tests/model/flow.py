# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One flow: its spaces, its gaps and its figures, under the names of the JSON report."""
import collections
import dataclasses
import datetime
import statistics

from model.probation import Arrival, Patience, Probation
from model.space import FARTHEST_AHEAD, Counts, Space


def rfc3339(time_ns):
    second = datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.timezone.utc)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{time_ns % 10**9:09}Z"


def megabits_per_second(octets, nanoseconds):
    return octets * 8 * 1000 / nanoseconds if nanoseconds else None


class Flow:
    def __init__(self, key, window):
        self.key = key
        self.window = window
        self.counts = Counts()
        self.patience = Patience()
        self.spaces = {}  # by association number
        # Of the association numbers that have no space yet.
        self.newcomers = collections.defaultdict(lambda: Probation(window, self.counts))
        self.current = None  # the association number of the newest SA
        self.first_sequence = None
        self.gaps = []
        self.times = []
        self.total_bytes = 0

    def receive(self, frame):
        self.times.append(frame.time_ns)
        self.total_bytes += frame.wire_length
        if self.key.protocol in ("macsec", "esp"):
            self.count(frame.association, Arrival(frame.sequence, frame.time_ns))

    def count(self, association, arrival):
        if not self.spaces:
            self.first_sequence = arrival.sequence
            self.start_at(association, arrival)
        elif association not in self.spaces:
            self.introduce(association, arrival)
        else:
            in_a_row = self.spaces[association].receive(arrival)
            if in_a_row:
                self.believe(association, in_a_row)

    def start_at(self, association, arrival):
        """A plain baseline: nothing before it is missing."""
        self.spaces[association] = Space(self.window, self.counts, self.patience, arrival)
        self.current = association

    def introduce(self, association, arrival):
        """Takes a frame on an association without a space: one within W of 0 makes it at once."""
        probation = self.newcomers[association]
        if arrival.sequence <= self.window:
            probation.end()
            self.rekey(association, [arrival])
        elif not probation.take(arrival):
            probation.begin(arrival, "outlier_packets")
        in_a_row = probation.confirmed()
        if in_a_row:
            self.rekey(association, in_a_row)

    def believe(self, association, arrivals):
        """Finds what three frames in a row mean that were not where the numbers are."""
        space = self.spaces[association]
        if space.was_left_by_lone_jump(arrivals):
            space.take_back()
            self.go_on(association, arrivals)
        elif association != self.current:
            self.end_space(space)
            self.rekey(association, arrivals)
        elif space.is_jump_ahead(arrivals[0]):
            self.go_on(association, arrivals)
        else:
            self.end_space(space)
            self.restart(association, arrivals)

    def restart(self, association, arrivals):
        self.counts.restarts += 1
        self.start_at(association, arrivals[0])
        self.go_on(association, arrivals[1:])

    def rekey(self, association, arrivals):
        """A new SA starts at 1; one that is far beyond that is older than our watching.

        The frame before its first number is the highest of the SA that was the newest until then.
        """
        self.counts.rekeys += 1
        if 1 <= arrivals[0].sequence <= FARTHEST_AHEAD:
            old = self.spaces[self.current]
            self.start_at(association, Arrival(0, old.times[old.highest]))
        else:
            self.start_at(association, arrivals.pop(0))
        self.go_on(association, arrivals)

    def go_on(self, association, arrivals):
        for arrival in arrivals:
            self.spaces[association].accept(arrival)

    def end_space(self, space):
        space.probation.end()
        for before, after in space.missing_runs():
            self.gaps.append(
                {
                    "flow_id": self.key.flow_id,
                    "expected_sequence": (before + 1) % 2**32,
                    "received_sequence": after % 2**32,
                    "gap_size": after - before - 1,
                    "timestamp": rfc3339(space.times[after]),
                    "duration_ms": max(0, space.times[after] - space.times[before]) / 10**6,
                    "cause": "network",
                }
            )

    def end(self):
        for probation in self.newcomers.values():
            probation.end()
        for space in self.spaces.values():
            self.end_space(space)

    def figures(self):
        """Returns the flow's object of the report; the flow has ended."""
        seconds = (max(self.times) - min(self.times)) / 10**9
        return {
            "flow_id": self.key.flow_id,
            "protocol": self.key.protocol,
            "implicit_sci": False,
            "packets_received": len(self.times),
            "total_bytes": self.total_bytes,
            "unobserved_packets": 0,
            **dataclasses.asdict(self.counts),
            **self.loss(),
            "first_sequence": self.first_sequence,
            "last_sequence": self.spaces[self.current].highest % 2**32 if self.spaces else None,
            "first_timestamp": rfc3339(min(self.times)),
            "last_timestamp": rfc3339(max(self.times)),
            "duration_seconds": seconds,
            "bandwidth_mbps": megabits_per_second(
                self.total_bytes, max(self.times) - min(self.times)
            ),
            **self.inter_arrival(),
        }

    def loss(self):
        sizes = [gap["gap_size"] for gap in self.gaps]
        counts = self.counts
        uncounted = counts.duplicate_packets + counts.late_packets + counts.outlier_packets
        distinct = len(self.times) - uncounted
        return {
            "gaps_detected": len(sizes),
            "total_lost_packets": sum(sizes),
            "loss_ratio": sum(sizes) / (sum(sizes) + distinct) if self.spaces else None,
            "min_gap": min(sizes, default=None),
            "max_gap": max(sizes, default=None),
        }

    def inter_arrival(self):
        """Time since the latest frame so far; a frame from before that comes after no time."""
        latest, intervals = self.times[0], []
        for time_ns in self.times[1:]:
            intervals.append(max(0, time_ns - latest))
            latest = max(latest, time_ns)
        figures = {"min": min, "max": max, "avg": statistics.mean, "stddev": statistics.pstdev}
        return {
            f"{name}_inter_arrival_ms": float(figure(intervals)) / 10**6 if intervals else None
            for name, figure in figures.items()
        }
