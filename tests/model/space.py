# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One sequence space: what becomes of each number of one security association."""
import dataclasses

from model.probation import Probation

FARTHEST_AHEAD = 65536


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


class Space:
    def __init__(self, window, counts, patience, baseline):
        self.window = window
        self.counts = counts
        self.patience = patience
        self.baseline = self.highest = baseline.sequence
        self.times = {self.baseline: baseline.time_ns}  # of all received, extended to 64 bits
        self.probation = Probation(window, counts)
        self.closed = self.baseline - window  # up to here whatever is in the window counts as seen

    def extend(self, sequence):
        distance = (sequence - self.highest) % 2**32
        if distance >= 2**31:
            distance -= 2**32
        return self.highest + distance

    def receive(self, arrival):
        """Returns the three arrivals in a row that must be believed now, or None."""
        number = self.extend(arrival.sequence)
        if self.highest - self.window < number <= self.highest + FARTHEST_AHEAD:
            self.probation.end()
            self.accept(arrival)
        elif not self.probation.take(arrival):
            self.hold(number, arrival)
        return self.probation.confirmed()

    def accept(self, arrival):
        """Takes a number that is in the window, or ahead and confirmed."""
        number = self.extend(arrival.sequence)
        if number in self.times or number <= self.closed:
            self.counts.duplicate_packets += 1
            return
        self.times[number] = arrival.time_ns
        if number < self.highest:
            distance = self.highest - number
            self.counts.reordered_packets += 1
            self.counts.max_reorder_distance = max(self.counts.max_reorder_distance, distance)
        else:
            self.counts.wraparounds += number // 2**32 - self.highest // 2**32
            self.highest = number

    def hold(self, number, arrival):
        """Takes a number that is far ahead, or back beyond the window, and not next in a row."""
        self.probation.end()
        if number > self.highest:
            self.probation.begin(arrival, "outlier_packets")
        elif self.is_late_at_once(number):
            self.counts.late_packets += 1
        else:
            self.probation.begin(arrival, "late_packets")

    def is_late_at_once(self, number):
        return (
            self.is_known_lost(number)
            and not self.is_below_lone_jump(number)
            and self.patience.lasts(self.highest)
        )

    def is_jump_ahead(self, arrival):
        """Would the sender have sent all numbers up to this one? Not over a wraparound."""
        return (
            self.extend(arrival.sequence) > self.highest
            and arrival.sequence > self.highest % 2**32
        )

    def is_below_lone_jump(self, number):
        jump = self.lone_jump()
        return jump is not None and jump[0] < number < jump[1]

    def was_left_by_lone_jump(self, arrivals):
        """Do they go on from before the jump: into its run, from no further back than a window?"""
        jump = self.lone_jump()
        if jump is None:
            return False
        first, last = (self.extend(arrivals[at].sequence) for at in (0, -1))
        return jump[0] - self.window < first and jump[0] < last < jump[1]

    def lone_jump(self):
        """Returns the numbers before and after a run that only the highest frame speaks for.

        All of the run is missing, it is the newest, and as long as the window or longer.
        None when there is no such run, or when it was given up as a whole (W is 1).
        """
        for before, after in self.missing_runs()[-1:]:
            if after == self.highest and after - before > self.window and not self.is_whole(after):
                return before, after
        return None

    def take_back(self):
        """Makes the lone frame that jumped an outlier, as if the highest were the one before it.

        What it has made lost before that stays so: nothing up to there is awaited any more.
        """
        before, after = self.lone_jump()
        del self.times[after]
        self.counts.outlier_packets += 1
        self.counts.wraparounds -= after // 2**32 - before // 2**32
        self.highest = self.closed = before

    def missing_runs(self):
        """Returns the received numbers before and after each run that is missing, in order."""
        numbers = sorted(number for number in self.times if number >= self.baseline)
        return [
            (before, after) for before, after in zip(numbers, numbers[1:]) if after - before > 1
        ]

    def is_given_up(self, number):
        return number <= max(self.highest - self.window, self.closed)

    def is_whole(self, after):
        """Is the missing run before the number AFTER a gap: all of it given up?"""
        return self.is_given_up(after - 1)

    def is_known_lost(self, number):
        """Is NUMBER in the run that was given up last, or in one that is being given up now?"""
        newest = []
        for before, after in self.missing_runs():
            if self.is_whole(after):
                newest = [(before, after)]
            elif self.is_given_up(before + 1):
                newest.append((before, after))  # only a part is, until the highest moves on
        return any(before < number < after for before, after in newest)
