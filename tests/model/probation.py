# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What is believed only of several frames: three in a row, or many that should be late."""
import dataclasses

CONFIRMED_BY = 3
LATE_AT_ONCE = 1024


@dataclasses.dataclass(frozen=True)
class Arrival:
    """A number on the wire and when it came."""

    sequence: int
    time_ns: int


class Probation:
    """Frames held back until a third in a row, each 1 to W ahead of the one before."""

    def __init__(self, window, counts):
        self.window = window
        self.counts = counts
        self.held = []
        self.unconfirmed = None  # the counter of what is held, should it end

    def begin(self, arrival, unconfirmed):
        self.end()
        self.held, self.unconfirmed = [arrival], unconfirmed

    def take(self, arrival):
        """Is it the last frame again, or the next in the row? Then it is taken."""
        if not self.held:
            return False
        step = (arrival.sequence - self.held[-1].sequence) % 2**32
        if step == 0:
            self.counts.duplicate_packets += 1
        elif step <= self.window:
            self.held.append(arrival)
        return step <= self.window

    def confirmed(self):
        """Hands the three in a row over, or returns None while they are fewer."""
        if len(self.held) < CONFIRMED_BY:
            return None
        held, self.held = self.held, []
        return held

    def end(self):
        if self.held:
            counted = getattr(self.counts, self.unconfirmed)
            setattr(self.counts, self.unconfirmed, counted + len(self.held))
        self.held = []


class Patience:
    """How many frames with a number known to be lost a flow calls late at once, in a row.

    The row is broken when the highest number is another than at the last of them.
    """

    def __init__(self):
        self.highest = None
        self.in_a_row = 0

    def lasts(self, highest):
        """Counts one such frame while the patience lasts; returns whether it does."""
        if highest != self.highest:
            self.highest, self.in_a_row = highest, 0
        if self.in_a_row == LATE_AT_ONCE:
            return False
        self.in_a_row += 1
        return True
