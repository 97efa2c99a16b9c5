# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One sequence space: what becomes of each number of one security association."""
import dataclasses

FARTHEST_AHEAD = 65536
CONFIRMED_BY = 3


@dataclasses.dataclass
class Counts:
    """What a flow counts over all of its spaces."""

    duplicate_packets: int = 0
    reordered_packets: int = 0
    late_packets: int = 0
    outlier_packets: int = 0
    max_reorder_distance: int = 0
    wraparounds: int = 0
    restarts: int = 0
    rekeys: int = 0


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A number on the wire and when it came."""

    sequence: int
    time_ns: int


class Space:
    def __init__(self, window, counts, baseline, time_ns):
        self.window = window
        self.counts = counts
        self.baseline = baseline
        self.highest = baseline
        self.times = {baseline: time_ns}  # of every number that was received, extended to 64 bits
        self.probation = []  # Arrivals that wait for a third

    def extend(self, sequence):
        distance = (sequence - self.highest) % 2**32
        if distance >= 2**31:
            distance -= 2**32
        return self.highest + distance

    def receive(self, arrival):
        """Returns the three arrivals that confirm that the numbers began again, or None."""
        number = self.extend(arrival.sequence)
        if self.highest - self.window < number <= self.highest + FARTHEST_AHEAD:
            self.end_probation()
            self.accept(number, arrival.time_ns)
            return None
        return self.hold(number, arrival)

    def accept(self, number, time_ns):
        """Takes a number that is in the window, or ahead and confirmed."""
        if number in self.times:
            self.counts.duplicate_packets += 1
            return
        self.times[number] = time_ns
        if number < self.highest:
            distance = self.highest - number
            self.counts.reordered_packets += 1
            self.counts.max_reorder_distance = max(self.counts.max_reorder_distance, distance)
        else:
            self.counts.wraparounds += number // 2**32 - self.highest // 2**32
            self.highest = number

    def hold(self, number, arrival):
        """Takes a number that is far ahead, or back beyond the window."""
        if self.probation:
            step = (arrival.sequence - self.probation[-1].sequence) % 2**32
            if step == 0:
                self.counts.duplicate_packets += 1
                return None
            if step <= self.window:
                self.probation.append(arrival)
                return self.confirm() if len(self.probation) == CONFIRMED_BY else None
            self.end_probation()
        if number < self.highest and self.is_known_lost(number):
            self.counts.late_packets += 1
        else:
            self.probation = [arrival]
        return None

    def is_ahead(self):
        """Is it ahead where the frames on probation began?"""
        return self.extend(self.probation[0].sequence) > self.highest

    def confirm(self):
        held, ahead = self.probation, self.is_ahead()
        self.probation = []
        if not ahead:
            return held
        for arrival in held:
            self.accept(self.extend(arrival.sequence), arrival.time_ns)
        return None

    def end_probation(self):
        if self.probation and self.is_ahead():
            self.counts.outlier_packets += len(self.probation)
        else:
            self.counts.late_packets += len(self.probation)
        self.probation = []

    def missing_runs(self):
        """Returns the received numbers before and after each run that is missing, in order."""
        numbers = sorted(number for number in self.times if number >= self.baseline)
        return [
            (before, after) for before, after in zip(numbers, numbers[1:]) if after - before > 1
        ]

    def is_known_lost(self, number):
        """Is NUMBER in the run that was given up last, or in one that is being given up now?"""
        newest = []
        for before, after in self.missing_runs():
            if self.highest - (after - 1) >= self.window:
                newest = [(before, after)]  # all of it is W or more below the highest
            elif self.highest - (before + 1) >= self.window:
                newest.append((before, after))  # only a part is, until the highest moves on
        return any(before < number < after for before, after in newest)
