# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One flow: its channel, its gaps and its figures, with the names of the JSON report."""
import datetime
import statistics

from model.channel import EPOCH, NS, Channel
from model.position import JUMP, REKEY, RESTART

BORN_UNDER_WATCH_NS = 10 * NS  # an ESP SA first seen later than this starts at 1


def rfc3339(time_ns):
    second = datetime.datetime.fromtimestamp(time_ns // 10**9, datetime.timezone.utc)
    return f"{second:%Y-%m-%dT%H:%M:%S}.{time_ns % 10**9:09}Z"


def megabits_per_second(octets, nanoseconds):
    return octets * 8 * 1000 / nanoseconds if nanoseconds else None


class Flow:
    def __init__(self, key, window, first_ns, capture_first_ns):
        self.key = key
        self.window = window
        is_born = key.protocol == "esp" and first_ns - capture_first_ns >= BORN_UNDER_WATCH_NS
        self.channel = Channel(window, key.protocol == "macsec", starts_at_one=is_born)
        self.gaps = []
        self.untimed = []  # keys of gaps whose times are not exactly defined
        self.times = []
        self.total_bytes = 0

    def receive(self, frame):
        self.times.append(frame.time_ns)
        self.total_bytes += frame.wire_length
        if self.key.protocol in ("macsec", "esp"):
            self.channel.put(frame.association, frame.sequence, frame.time_ns)

    def end(self):
        self.channel.end()
        found = list(gaps(self.channel))
        self.gaps = [self.described(gap) for gap in found]
        untimed = set().union(*(p.untimed for p in self.channel.chain()))
        self.untimed = [
            gap_key(self.described(gap))
            for gap in found
            if any(gap[0] <= number <= gap[1] for number in untimed)
        ]

    def described(self, gap):
        before, after, start_ns, end_ns, is_unsure = gap
        mixed = self.channel.mixed_since
        is_certain = not is_unsure and (mixed is None or end_ns <= mixed)
        return {
            "flow_id": self.key.flow_id,
            "expected_sequence": (before + 1) % EPOCH,
            "received_sequence": after % EPOCH,
            "gap_size": after - before - 1,
            "timestamp": rfc3339(end_ns),
            "duration_ms": max(0, end_ns - start_ns) / 10**6,
            "cause": "network" if is_certain else "undetermined",
        }

    def figures(self):
        """Returns the flow's object in the report. The flow has ended."""
        seconds = (max(self.times) - min(self.times)) / 10**9
        return {
            "flow_id": self.key.flow_id,
            "protocol": self.key.protocol,
            "implicit_sci": False,
            "packets_received": len(self.times),
            "total_bytes": self.total_bytes,
            "unobserved_packets": 0,
            "merged_packets": 0,
            **counts(self.channel),
            **self.loss(),
            **ends(self.channel),
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
        network = sum(gap["gap_size"] for gap in self.gaps if gap["cause"] == "network")
        received = sum(p.counts.received for p in self.channel.chain())
        return {
            "gaps_detected": len(sizes),
            "total_lost_packets": sum(sizes),
            "lost_network": network,
            "lost_undetermined": sum(sizes) - network,
            "loss_ratio": network / (network + received) if received else None,
            "min_gap": min(sizes, default=None),
            "max_gap": max(sizes, default=None),
        }

    def inter_arrival(self):
        """Intervals since the latest time so far; an earlier frame has an interval of 0."""
        latest, intervals = self.times[0], []
        for time_ns in self.times[1:]:
            intervals.append(max(0, time_ns - latest))
            latest = max(latest, time_ns)
        figures = {"min": min, "max": max, "avg": statistics.mean, "stddev": statistics.pstdev}
        return {
            f"{name}_inter_arrival_ms": float(figure(intervals)) / 10**6 if intervals else None
            for name, figure in figures.items()
        }


def gap_key(gap):
    return gap["flow_id"], gap["expected_sequence"], gap["received_sequence"]


def counts(channel):
    """The counts of a flow over all of its positions and what was forgotten."""
    chain = list(channel.chain())
    every = [p.counts for p in chain] + [channel.forgotten]
    return {
        "duplicate_packets": sum(each.duplicates for each in every),
        "reordered_packets": sum(each.reordered for each in every),
        "late_packets": sum(each.late for each in every),
        "outlier_packets": sum(each.outliers for each in every),
        "max_reorder_distance": max((each.max_distance for each in every), default=0),
        "wraparounds": sum(wraparounds(p) for p in chain),
        "restarts": sum(p.change == RESTART for p in chain),
        "rekeys": sum(p.change == REKEY for p in chain),
        "skipped_numbers": sum(p.skipped for p in chain),
    }


def wraparounds(p):
    came_from = p.before.highest if p.change == JUMP else p.founder
    return p.highest // EPOCH - came_from // EPOCH


def ends(channel):
    """The first number that was believed, and the highest of the believed position."""
    chain = list(channel.chain())
    return {
        "first_sequence": chain[-1].founder % EPOCH if chain else None,
        "last_sequence": chain[0].highest % EPOCH if chain else None,
    }


def gaps(channel):
    """Yields (number before, number after, their times, whether nobody knows if they were lost) of each run of numbers
    that are missing."""
    for sa in sas(channel):
        base = sa[0].base
        if sa[0] is first_of(channel) and channel.starts_at_one and sa[0].lowest <= channel.window:
            base = 1
        accepted = {}
        for p in sa:
            accepted = {**p.accepted, **accepted}
        for first, last in stretches(sa, base):
            for gap in runs(first, last, accepted, sa[0].before_ns):
                yield *gap, is_unknown(sa, gap[0] + 1)


def is_unknown(sa, number):
    return any(first <= number <= last for p in sa for first, last in p.unsure)


def first_of(channel):
    return list(channel.chain())[-1]


def sas(channel):
    """Returns the positions of each SA, oldest first; positions joined by jumps are one SA."""
    found = []
    for p in reversed(list(channel.chain())):
        if p.change == JUMP:
            found[-1].append(p)
        else:
            found.append([p])
    return found


def stretches(sa, base):
    """Yields ranges (first, last) that runs of missing numbers do not cross: they end at skipped
    numbers, at gaps that were reported before the position went on, and where nobody knows what was lost."""
    for at, p in enumerate(sa):
        if p.skipped:
            base = p.base
        edges = {edge for first, last in p.unsure for edge in (first - 1, last)}
        for end in sorted(end for end in p.told | edges if base <= end < p.highest):
            yield base, end
            base = end + 1
        if at + 1 == len(sa) or sa[at + 1].skipped:
            yield base, p.highest


def runs(base, highest, accepted, time_ns):
    """The maximal runs of numbers between BASE and HIGHEST that are not ACCEPTED."""
    numbers = sorted(number for number in accepted if base <= number)
    time_ns = accepted.get(base - 1, time_ns)
    before = base - 1
    for after in numbers:
        if after > highest:
            break
        if after - before > 1:
            yield before, after, time_ns if time_ns is not None else accepted[after], accepted[after]
        before, time_ns = after, accepted[after]
    if before < highest:  # its last numbers were refused: the frame behind belongs to the next position
        after = min((number for number in numbers if number > highest), default=highest + 1)
        end_ns = accepted.get(after, time_ns)
        yield before, highest + 1, time_ns if time_ns is not None else end_ns, end_ns
