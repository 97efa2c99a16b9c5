# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One position: a place in number space where frames of one association arrive."""
import dataclasses
import heapq

EPOCH = 2**32  # numbers on the wire have 32 bits
NS = 10**9
MEMORY = 4096  # numbers for which a position remembers whether they came
FIRST_NUMBERS = 64  # an SA begins with one of these
STRAYS = 2  # so many numbers ahead of the others may be forged
ESTABLISHED = 64  # numbers of a position that is not just a stray frame or two
PLAIN, SEEN = "plain", "seen"  # a hypothesis of new numbers, and one of numbers that came before
FIRST, REKEY, JUMP, RESTART = "first", "rekey", "jump", "restart"  # why a position was believed


@dataclasses.dataclass
class Counts:
    """Counts of frames with sequence numbers."""

    received: int = 0
    duplicates: int = 0
    reordered: int = 0
    late: int = 0
    outliers: int = 0
    max_distance: int = 0

    def add(self, other):
        self.received += other.received
        self.duplicates += other.duplicates
        self.reordered += other.reordered
        self.late += other.late
        self.outliers += other.outliers
        self.max_distance = max(self.max_distance, other.max_distance)

    def frames(self):
        return self.received + self.duplicates + self.late + self.outliers


class Position:
    def __init__(self, association, number, time_ns, kind=PLAIN):
        self.association = association
        self.founder = self.lowest = self.highest = number
        self.founded_ns = time_ns
        self.accepted = {number: time_ns}  # numbers that a receiver here accepted, with their times
        self.seen = {number}  # all numbers that came here
        self.counts = Counts(received=1)
        self.distinct = self.row = 1
        self.second_ns = time_ns  # where the second began that is being counted
        self.in_second = 1  # new numbers in it
        self.best_rate = 0  # most new numbers in a full second
        self.newest_ns = time_ns  # when its last new number came
        self.untimed = set()  # refused after all, or ahead until it was reached: gaps there vary in time
        self.inherited = set()  # seen by the position before
        self.told = set()  # last numbers of gaps that were reported
        self.given_up = None  # up to here, missing numbers were reported as lost
        # As a hypothesis:
        self.kind = kind
        self.ahead = False  # of the believed position, on the same association
        self.lead = None  # the founder's distance ahead of it
        self.waited_ns = 0  # time between the believed position's last new number and the founder
        self.founded_at = 0  # number of frames of the channel by then
        self.copies_end = None  # highest number of the position where its numbers came before
        self.own = 0  # of its numbers, those that are no copies
        self.has_late = False  # an older SA had missed some of its numbers
        self.in_order = 1  # of copies: numbers that came above all but one or two of those before
        self.risen = 0  # of copies: those above all numbers before; the others may be copies of late ones
        self.risen_in_row = 0
        self.idle = 0  # new numbers of the believed position since the last frame here
        self.side_by_side = 0  # new numbers of the believed position since the founder
        self.beside = 0  # new numbers here since then
        self.rose_after = 0  # how many numbers it had when the next was beyond its window; 0: never
        self.rose_to = None  # that next number
        self.since_rise = 0  # new numbers since it last rose
        self.strays = 0  # numbers that it had, and that turned out not to belong here
        self.believed_as = None  # why it was believed before it became a hypothesis again
        self.closed = False  # an earlier one that is over, because many numbers came since
        self.refused = set()  # accepted by the believed position; a receiver here would have refused them
        self.if_forgotten = Counts()
        # For a position that is or was believed:
        self.change = None  # FIRST, REKEY, JUMP, RESTART
        self.before = None  # the position that it took over from
        self.base = number  # missing numbers count from here on
        self.start = number  # numbers are remembered from here on
        self.known_from = number  # or from here on, because positions of the SA before it are gone
        self.is_first = False  # the SA is the first of its flow
        self.before_ns = None  # time of that position's highest number
        self.skipped = 0
        self.unsure = []  # (first, last) of numbers of which nobody knows if they were lost
        self.believed_at = None
        self.among = 0  # numbers that came among new ones of the position before
        self.news = 0  # new numbers since it was believed
        self.provisional = False
        # For a position that is no longer believed:
        self.left_by = None  # the change by which the next position took over
        self.waiting = []  # (number, time) that came in a row since then
        self.noted = set()  # numbers that came late since it was closed, and may be of a new SA
        self.noted_at = 0  # new numbers of the believed position when the last of them came

    def begin_with(self, number, time_ns):
        """Makes a hypothesis one of this number alone."""
        self.founder = self.lowest = self.highest = self.base = self.start = self.known_from = number
        self.accepted, self.seen = {number: time_ns}, {number}
        self.founded_ns = time_ns
        self.counts = Counts(received=1)
        self.distinct = self.row = self.in_second = 1
        self.second_ns = self.newest_ns = time_ns
        self.best_rate = self.idle = self.beside = self.rose_after = self.since_rise = 0
        self.own = self.risen = self.risen_in_row = 0
        self.in_order = 1
        self.rose_to = None
        self.has_late = False
        self.refused, self.untimed = set(), set()

    def near(self, wire):
        """Extends a number of 32 bits by the nearest distance to the highest."""
        distance = (wire - self.highest) % EPOCH
        return self.highest + (distance if distance < EPOCH // 2 else distance - EPOCH)

    def front(self):
        """The highest number that came, but for one or two, which may be forged."""
        known = (number for number in self.seen if number > self.highest - MEMORY)
        return heapq.nlargest(STRAYS + 1, known)[-1]

    def fits(self, association, wire, window):
        distance = self.near(wire) - self.highest
        return association == self.association and -window < distance <= window

    def knows(self, number):
        """Whether NUMBER arrived here, if it is still remembered."""
        return number > self.highest - MEMORY and number in self.seen

    def remember_for(self, old):
        """OLD, an earlier position of this SA, is gone."""
        self.seen |= old.seen
        self.known_from = min(old.start, old.known_from)
        self.is_first = old.change == FIRST or old.is_first

    def knows_about(self, number):
        """Whether it is known if NUMBER came. What comes from before the first number of a flow is late, unless a sender
        that restarts begins there, or the position is over: then it is of a newer SA, which has got there."""
        if number >= min(self.start, self.known_from):
            return True
        is_first = (self.change == FIRST or self.is_first) and not self.closed
        return is_first and self.distinct >= ESTABLISHED and number % EPOCH > FIRST_NUMBERS

    def remembers(self, association, wire):
        """Whether this position knows if the number came before."""
        number = self.near(wire)
        return (
            association == self.association
            and self.highest - MEMORY < number <= self.highest
            and self.knows_about(number)
        )

    def take(self, number, time_ns):
        """Receives a number in the window, as a receiver here would. Returns whether it was
        accepted."""
        if self.knows(number):
            self.counts.duplicates += 1
            return False
        if self.given_up is not None and number <= self.given_up:
            self.take_late(number)
            return False
        self.seen.add(number)
        self.accepted[number] = self.newest_ns = time_ns
        self.counts.received += 1
        self.distinct += 1
        if number < self.highest:
            distance = self.highest - number
            self.counts.reordered += 1
            self.counts.max_distance = max(self.counts.max_distance, distance)
        self.highest = max(self.highest, number)
        self.lowest = min(self.lowest, number)
        self.count_second(time_ns)
        return True

    def drop_founder(self):
        """Leaves out the founder, before which nothing came, as if the position had begun where it rose first."""
        self.seen.discard(self.founder)
        del self.accepted[self.founder]
        self.counts.received -= 1
        self.distinct -= 1
        self.founder = self.base = self.start = self.known_from = self.rose_to
        self.lowest = min(self.accepted)

    def add_before_founder(self, number):
        """Adds a number that came before the founder, as if it had come with it."""
        self.seen.add(number)
        self.accepted[number] = self.founded_ns
        self.counts.received += 1
        self.distinct += 1
        self.in_second += 1
        self.lowest = min(self.lowest, number)

    def count_second(self, time_ns):
        """Counts a new number in the rate."""
        if time_ns >= self.second_ns + NS:
            self.best_rate = max(self.best_rate, self.in_second)
            self.second_ns = time_ns
            self.in_second = 0
        self.in_second += 1

    def take_late(self, number):
        self.counts.late += 1
        if number <= self.highest:
            self.seen.add(number)

    def refuse(self, numbers):
        """Makes accepted numbers late, as far as they are remembered."""
        for number in numbers:
            if number in self.accepted and number > self.highest - MEMORY:
                del self.accepted[number]
                self.untimed.add(number)
                self.counts.received -= 1
                self.counts.late += 1

    def came_again(self, number):
        """A number of this hypothesis came again at the believed position, which has it now."""
        self.seen.discard(number)
        self.untimed.add(number)
        if self.accepted.pop(number, None) is not None:
            self.counts.received -= 1
        else:
            self.counts.late -= 1
        self.counts.duplicates += 1

    def inherit(self, before):
        """Continues the SA of BEFORE: what arrived there counts as seen here."""
        self.give_twice(before)
        known = {n for n in before.seen - self.refused if n >= self.start}
        self.inherited = known - self.accepted.keys()
        self.untimed |= {n for n in known if n >= self.lowest}
        self.untimed |= {n for n in self.accepted if n <= before.highest}
        self.seen |= self.inherited

    def give_twice(self, other):
        """Counts numbers that both accepted once, at OTHER, and their second frames as duplicates."""
        for number in self.accepted.keys() & other.accepted.keys():
            del self.accepted[number]
            self.counts.received -= 1
            self.counts.duplicates += 1

    def give_up(self):
        """Reports all missing numbers up to the highest as lost."""
        self.given_up = self.highest
        self.told.add(self.highest)

