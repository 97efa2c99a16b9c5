# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One channel: the associations of a flow, followed as a few positions, of which one is believed.
"""
import itertools

from model.position import NS, EPOCH, FIRST, FIRST_NUMBERS, JUMP, MEMORY, PLAIN, REKEY, RESTART, SEEN, STRAYS
from model.position import Counts, Position

FORGEABLE = 6  # the rank of a hypothesis of one or two numbers
FARTHEST_RISE = 65536  # maximum step of a hypothesis, and maximum first number of a new SA
STEP_GROWTH = 16  # and how much longer than the way so far the third may be
FEW = 8  # a hypothesis with fewer frames counts as forged when one of them comes again
NEEDED_RISING = 5  # the same when one was beyond the window of those before
NEEDED = {PLAIN: 3, SEEN: 64}  # consecutive distinct numbers after which a hypothesis is believed
HARDLY_LOSSY = 1024  # where it is so improbable that forged numbers were missing ones, those ahead are genuine
RAN_AHEAD = 4  # at most so many hypotheses speak for those that come after them
STALE_FEW = 16  # so many new numbers of the believed position end a hypothesis of one or two
STALE = 64  # new numbers of the believed position (and at least as many as it has) that end a hypothesis
HYPOTHESES, OF_SEEN = 8, 2  # of all, and of copies of one association
EARLIER = 3  # positions believed before that are kept, because they may go on
FIRM = 64  # new numbers that end the provisional state
FIRM_NS = 10 * 10**9  # time that ends it, too
CONTINUED_FROM = 64  # an association may continue above this number
SIDE_BY_SIDE = 64  # numbers of each of two positions that make mixed senders
RETURNED_OFTEN = 8  # undone changes that are believed again, which make them, too
AMONG = 64  # numbers of a restarted sender that came among those before it: at the end, a mirror's copies
SURELY_LOST = 100_000  # up to this many numbers are loss, whatever the time
CLOSE = 1024  # new numbers after which an earlier position is over


def clipped(lowest, stretches):
    """The parts of STRETCHES (first, last) from number LOWEST on."""
    return [(max(first, lowest), last) for first, last in stretches if last >= lowest]


def is_of_copies(position):
    return position.change is None and position.kind == SEEN


class Channel:
    def __init__(self, window, has_associations, starts_at_one=False):
        self.window = window
        self.has_associations = has_associations  # a new association starts at 1
        self.starts_at_one = starts_at_one
        self.main = None
        self.sure = False
        self.others = []  # hypotheses, and the last few positions believed before
        self.forgotten = Counts()
        self.returns = 0
        self.ran_ahead = 0  # hypotheses that were reached and did not come again, less those that did
        self.frames = 0
        self.mixed_since = None  # the latest frame by then
        self.latest = 0
        self.now = None

    # --- a frame ---

    def put(self, association, wire, time_ns):
        self.now = time_ns
        self.latest = max(self.latest, time_ns)
        if self.main is None:
            self.main = Position(association, wire, time_ns)
            self.main.change = FIRST
            return
        self.settle_in_time()
        self.frames += 1
        fits = self.main.fits(association, wire, self.window) or self.is_copy(association, wire)
        if fits and not self.is_behind_copies(self.main.near(wire)):
            self.go_on(self.main.near(wire), time_ns)
        else:
            self.put_elsewhere(association, wire)

    def is_copy(self, association, wire):
        """Whether it is a number that came before, in the window if one or two numbers ahead are forged."""
        main = self.main
        number = main.near(wire)
        return association == main.association and main.knows(number) and number > main.front() - self.window

    def is_behind_copies(self, number):
        """Whether NUMBER goes on from the position before, because the believed one has shown nothing
        but copies so far."""
        main = self.main
        return (
            main.provisional
            and main.copies_end is not None
            and number > main.copies_end
            and (number > main.front() + NEEDED[SEEN] or self.may_be_mirror(main))
        )

    def put_elsewhere(self, association, wire):
        fitting = self.fitting(association, wire)
        if fitting:
            self.feed(fitting[0], fitting[0].near(wire))
            return
        strayed = [p for p in self.hypotheses() if self.is_strayed(p, association, wire)]
        if strayed:
            self.drop_strays(strayed[0])
            self.feed(strayed[0], strayed[0].near(wire))
            return
        known = [self.main, *self.earlier(), *self.hypotheses()]
        remembering = [p for p in known if self.remembers(p, association, wire) and not self.is_forgeable(p, p.near(wire))]
        if remembering:
            self.remember(remembering[0], remembering[0].near(wire))
            return
        if any(self.is_before_founder(p, association, wire) for p in known):
            self.found(association, wire, SEEN)
            return
        rising = [p for p in self.hypotheses() if self.is_rise(p, association, wire)]
        if rising:
            p = max(rising, key=lambda p: p.highest)
            self.feed(p, p.near(wire))
        elif self.is_after_closed(association, wire):
            self.found(association, wire, SEEN)
        else:
            self.found(association, wire, PLAIN)

    @staticmethod
    def is_forgeable(p, number):
        """Whether P is a hypothesis of one or two numbers, and NUMBER is another. They may be forged, so that nothing
        is known about those between them."""
        return p.change is None and p.distinct < NEEDED[PLAIN] and not p.knows(number)

    def is_strayed(self, p, association, wire):
        """Whether all but the first number of P were stray ones: this one is near the first, and they are far from
        it."""
        away = p.near(wire) - p.founder
        return (
            p.kind == PLAIN
            and p.association == association
            and p.rose_after == 1
            and p.distinct <= p.if_forgotten.outliers
            and p.distinct < NEEDED_RISING
            and away != 0
            and -self.window < away <= self.window
        )

    def drop_strays(self, p):
        self.forgotten.outliers += p.if_forgotten.outliers - 1
        p.begin_with(p.founder, p.accepted[p.founder])
        p.if_forgotten.outliers = 1

    @staticmethod
    def is_late(p):
        """Whether the numbers of P, a hypothesis of copies, may be late ones of an older SA. One or two that came before
        may be copies of forged frames, and those that do not rise copies of late numbers. Until three others have come,
        late numbers do not speak for it."""
        return is_of_copies(p) and p.has_late and p.risen < NEEDED[PLAIN]

    def strength(self, p):
        """How many numbers speak for hypothesis P."""
        return p.risen if self.is_late(p) else p.distinct

    def is_after_closed(self, association, wire):
        """Whether it continues an SA that is over; to believe that takes more than three frames."""
        return any(
            p.closed
            and p.association == association != self.main.association
            and wire > CONTINUED_FROM
            and 0 < p.near(wire) - p.highest <= FARTHEST_RISE
            for p in self.earlier()
        )

    def fitting(self, association, wire):
        """The positions whose window it fits; of those believed before, only the newest, and only if the
        number has not arrived there."""
        fitting = [p for p in self.others if self.fits_other(p, association, wire)]
        fitting = [p for p in fitting if not self.is_of_newer(p, p.near(wire))]
        old = [p for p in fitting if p.change is not None]
        newest = [p for p in old[-1:] if not p.knows(p.near(wire))]
        left = [p for p in fitting if p in newest or p not in old]
        return sorted(left, key=lambda p: self.rank(p, p.near(wire)))

    def fits_other(self, p, association, wire):
        """A sender that began anew sent nothing below its first number."""
        number = p.near(wire)
        below = is_of_copies(p) and number // EPOCH < p.lowest // EPOCH
        if below or (self.is_forgeable(p, number) and self.is_left_alone(p, number)):
            return False
        return p.fits(association, wire, self.window)

    def is_left_alone(self, p, number):
        """Whether NUMBER does not support P, whose one or two numbers may be forged: P is old, and NUMBER comes behind
        an outage; an SA begins with NUMBER, which only a wraparound makes continue P; or P is of copies, no new number
        came since, and NUMBER does not go on from them."""
        if self.begins_behind_wrap(p, number):
            return True
        if p.kind == SEEN:
            return p.row > 0 and self.is_apart(p, number)
        return p.idle > STALE_FEW

    @staticmethod
    def is_apart(p, number):
        return not p.lowest - FEW <= number <= p.highest + FEW

    def is_of_newer(self, p, number):
        """Whether NUMBER belongs to a newer SA: the sender certainly restarted and has got as far; or NUMBER is
        above the numbers of a closed SA, and the association is used again, or NUMBER is one with which an SA
        starts, and would follow a wraparound."""
        if p.change is None:
            return False
        newer = list(itertools.takewhile(lambda each: each is not p, self.chain()))
        certain = [each for each in newer if not each.provisional]
        if p.left_by == RESTART and any(each.remembers(p.association, number % EPOCH) for each in certain):
            return True
        if not p.closed or number <= p.highest:
            return False
        wrapped = number // EPOCH > p.lowest // EPOCH
        return any(each.association == p.association for each in newer) or (
            wrapped and number % EPOCH <= CONTINUED_FROM
        )

    def rank(self, p, number):
        """While a change is provisional, what continues the position before comes first. Then what begins
        anew, then where it is new. What is over comes late, like a hypothesis of one or two numbers,
        which may be forged, the more if the believed position got a number since."""
        known = self.knows(p, number)
        if self.may_undo(p) and number > p.highest and not known:
            return -2
        if is_of_copies(p) and p.row == p.distinct >= NEEDED[PLAIN] and not self.is_late(p) and not known:
            return -1
        if p.change is None and p.distinct < NEEDED[PLAIN]:
            return FORGEABLE + (p.row == 0)
        if self.is_late(p):
            return FORGEABLE - 1
        return 4 * p.closed + 2 * known + is_of_copies(p)

    def may_undo(self, p):
        """Whether numbers of P may undo changes that are provisional. Where an SA ended ahead of P, P does not go on."""
        if p.change is None or p.closed or not self.main.provisional:
            return False
        newer = itertools.takewhile(lambda each: each is not p, self.chain())
        return p.left_by != JUMP or all(each.change == JUMP for each in newer)

    def knows(self, p, number):
        """Whether NUMBER arrived at P or at a position of the same SA, or waits there."""
        if p.knows(number):
            return True
        if p.change is None or p.left_by != JUMP:
            return False
        recalled = self.recalled(p.association, number % EPOCH)
        return any(number == waiting for waiting, _ in p.waiting) or (
            recalled is not None and recalled.knows(recalled.near(number % EPOCH))
        )

    def recalled(self, association, wire):
        """Returns the position, believed now or before, that remembers the number, or None."""
        known = [self.main, *self.earlier()]
        return next((p for p in known if self.remembers(p, association, wire)), None)

    def remembers(self, p, association, wire):
        """Whether P knows if the number came before. An SA has one memory, wherever its numbers came."""
        if not p.remembers(association, wire):
            return False
        return p.near(wire) > self.main.highest - MEMORY or p not in self.of_same_sa()

    def of_same_sa(self):
        """The positions that the believed one certainly continues."""
        newer = itertools.takewhile(lambda p: p.change == JUMP and not p.provisional, self.chain())
        return [p.before for p in newer]

    def break_row(self, p):
        """Counts as late what waits at P, because no row of numbers followed."""
        waiting, p.waiting, p.row, p.risen_in_row = p.waiting, [], 0, 0
        for number, _ in waiting:
            p.take_late(number)
            recalled = self.recalled(p.association, number % EPOCH)
            if number > p.highest and recalled is not None:
                recalled.seen.add(recalled.near(number % EPOCH))

    def is_before_founder(self, position, association, wire):
        return (
            position.change is not None
            and association == position.association
            and position.highest - MEMORY < position.near(wire) < position.start
            and not position.knows_about(position.near(wire))
        )

    def is_rise(self, position, association, wire):
        """Whether it continues a hypothesis that nothing contradicted, with much loss in between.
        """
        main = self.main
        return (
            position.kind == PLAIN
            and position.row == position.distinct
            and position.association == association
            and 0 < position.near(wire) - position.highest <= self.farthest_rise(position)
            and not (association == main.association and position.highest < main.highest)
            and not self.begins_behind_wrap(position, position.near(wire))
        )

    @staticmethod
    def begins_behind_wrap(position, number):
        """Whether only a wraparound makes one of the first numbers of an SA continue the position."""
        return number // EPOCH > position.highest // EPOCH and number % EPOCH <= FIRST_NUMBERS

    @staticmethod
    def farthest_rise(position):
        """How far ahead the next number may be. The second may be far from the first; later steps must be similar to
        those before."""
        if position.distinct == 1:
            return FARTHEST_RISE
        return min(FARTHEST_RISE, STEP_GROWTH * (position.highest - position.lowest))

    def remember(self, position, number):
        """Counts a number behind the window of a position that knows whether it came before."""
        if position.change is None:
            self.count_if_forgotten(position, number)
        if position.change is not None and self.is_ahead_of_newer(position, number):
            self.found(position.association, number % EPOCH, SEEN)
        elif not position.knows(number):
            position.take_late(number)
            self.note_reused(position, number)
        elif position.change is None:
            position.counts.duplicates += 1
        else:
            self.found(position.association, number % EPOCH, SEEN, position)

    def is_ahead_of_newer(self, position, number):
        """Whether POSITION is of an older SA, whose numbers the present one may have reached after an outage."""
        main = self.main
        return position is not main and position.association == main.association and number > main.highest

    # --- an association that is used again ---

    def note_reused(self, p, number):
        """NUMBER came late to P. If that is closed, it may be the first of a new SA."""
        if not p.closed or p.association == self.main.association or number > p.highest:
            return
        if self.main.distinct - p.noted_at > STALE or self.main.distinct < p.noted_at:
            p.noted = set()
        p.noted.add(number)
        p.noted_at = self.main.distinct

    def take_back_reused(self, p):
        """P begins a new SA: numbers that an old SA had lost, and that came just before its founder, are
        its own, and not late ones of the old SA."""
        for old in self.chain():
            since = self.main.distinct - old.noted_at
            if (
                old.association == p.association
                and p.kind == SEEN
                and p.founder <= old.highest
                and 0 <= since <= STALE + p.side_by_side
            ):
                lowest = p.founder
                for number in sorted(old.noted, reverse=True):
                    if number > min(p.highest, p.founder + self.window) or p.knows(number):
                        continue
                    if lowest - number > self.window or number <= p.highest - MEMORY:
                        break
                    p.add_before_founder(number)
                    old.counts.late -= 1
                    lowest = min(lowest, number)
                old.noted = set()

    # --- the believed position ---

    def went_to_restarted(self, number):
        """A sender that restarts in the window of its old numbers looks like copies until it is
        confirmed."""
        main = self.main
        if number > main.highest:
            return False
        given_up = main.given_up is not None and number <= main.given_up
        is_known = main.knows(number) or given_up
        restarted = [p for p in self.hypotheses() if self.is_restarted(p, number, is_known)]
        if restarted:
            self.feed(max(restarted, key=lambda p: p.row), number)
            return True
        if is_known and number <= main.front() - NEEDED[SEEN] and number % EPOCH <= FIRST_NUMBERS:
            self.found(main.association, number % EPOCH, SEEN, main)
            return True
        return False

    def is_restarted(self, p, number, is_known):
        """Whether NUMBER, at or below the highest of the believed position, belongs to P, a sender that restarted in
        its window. Where the believed position lost some, it takes a longer row of copies."""
        return (
            p.kind == SEEN
            and self.fits_other(p, self.main.association, number % EPOCH)
            and (not p.knows(number) or self.begins_elsewhere(p, number))
            and (is_known or (p.row and self.row_of(p) >= FEW and self.came_alone(p) and not self.is_late(p)))
        )

    def go_on(self, number, time_ns):
        if self.went_to_restarted(number):
            return
        main = self.main
        is_new = not main.knows(number)
        for p in self.ahead():
            if p.knows(number) and number >= p.lowest:
                p.came_again(number)
                if p.distinct < FEW or not p.accepted:
                    self.ran_ahead = max(0, self.ran_ahead - 1)
                    self.forget(p)
            elif is_new and number <= p.highest - self.window and p.highest > main.highest:
                p.refused.add(number)
        if not main.take(number, time_ns):
            return
        if main.provisional and main.change == RESTART:
            main.own += self.is_missed_at(main.before, number)
        self.pass_by()
        while reached := [p for p in self.ahead() if p.lowest <= main.highest - self.window]:
            if reached[0].distinct >= NEEDED[PLAIN] or self.ran_ahead_again(reached[0]):
                self.reach(reached[0])
            else:
                main.seen |= {number for number in reached[0].seen if number <= main.highest - self.window}
                self.forget(reached[0])
        if main.kind == SEEN and main.copies_end is not None and number <= main.copies_end:
            is_final = False  # it may be a copy
        else:
            main.news += 1
            is_final = True
        if is_final and main.before is not None and main.news == CLOSE:
            self.close_earlier()
        if is_final and main.provisional and main.news >= FIRM:
            self.settle(main)
        self.sure = self.sure or main.distinct >= NEEDED[PLAIN]
        self.notice_mixed_senders()

    def ahead(self):
        main = self.main
        return [
            p
            for p in self.hypotheses()
            if p.kind == PLAIN
            and p.ahead
            and p.association == main.association
            and p.founder > main.founder
        ]

    def pass_by(self):
        """Called when the believed position got a new number, and the others did not."""
        for p in list(self.others):
            self.break_row(p)
            p.idle += 1
            p.side_by_side += 1
            if p.change is None and p.idle > self.patience(p) and not self.awaits_reaching(p):
                self.forget(p)

    def is_near(self, p):
        """Whether P may be a faster path of the believed position's SA: it is ahead, within the memory."""
        return p.association == self.main.association and 0 < p.founder - self.main.highest <= MEMORY

    def ran_ahead_again(self, p):
        """Whether P, of one or two numbers, which the sender reached and which did not come again, was genuine. That a
        forged one is one of the missing numbers is the less probable, the fewer are missing. If more than two have not
        come again, all are forged only if all of them are."""
        main = self.main
        self.ran_ahead = min(self.ran_ahead + 1, RAN_AHEAD)
        first = max(main.lowest, main.highest - MEMORY + 1)
        known = range(first, main.highest - self.window + 1)
        missing = 1 + sum(number not in main.seen and number not in p.seen for number in known)
        speaking = self.ran_ahead if self.ran_ahead >= NEEDED[PLAIN] else 1
        return missing**speaking * HARDLY_LOSSY <= len(known) ** speaking

    def awaits_reaching(self, p):
        """Whether P may be a faster path: its numbers are known to be genuine once the believed position reaches them."""
        is_recent = self.now - p.newest_ns <= FIRM_NS
        return is_recent and p in self.ahead() and p.lowest - self.main.highest <= MEMORY

    def patience(self, p):
        """How many new numbers of the believed position a hypothesis outlasts without any."""
        strength = self.strength(p)
        return STALE_FEW if strength < NEEDED[PLAIN] else max(STALE, strength)

    def reach(self, p):
        """Handles a hypothesis ahead that was reached and whose numbers did not come again: it was
        genuine."""
        main = self.main
        self.others.remove(p)
        main.refuse(p.refused)
        main.untimed |= p.accepted.keys() | p.untimed
        main.seen |= p.seen
        p.give_twice(main)
        main.counts.add(p.counts)
        main.accepted = {**p.accepted, **main.accepted}
        main.unsure += clipped(main.highest + 1, p.unsure)
        main.highest = max(main.highest, p.highest)

    # --- the others ---

    def hypotheses(self):
        return [p for p in self.others if p.change is None]

    def earlier(self):
        return [p for p in self.others if p.change is not None]

    def feed(self, p, number):
        if p.change is None:
            self.feed_hypothesis(p, number)
        elif p.closed and p.left_by == JUMP:
            if p.knows(number):
                p.counts.duplicates += 1
            else:
                p.take_late(number)
                self.note_reused(p, number)
        elif p.closed:
            p.take(number, self.now)
        elif p.left_by in (REKEY, RESTART):  # the receiver of that SA still accepts them
            p.row += p.take(number, self.now)
        elif self.knows(p, number):
            p.counts.duplicates += 1
        elif p.given_up is not None and number <= p.given_up:
            p.take_late(number)
        else:
            p.waiting.append((number, self.now))
            p.row += 1
        if p.change is not None and p.row >= NEEDED[PLAIN] and p is not self.main:
            if self.is_slower(p):
                self.break_row(p)
            else:
                self.undo(p)

    def is_slower(self, p):
        """Whether P, which was left by a jump, is the slower path of its SA: the position ahead went on, too."""
        after = next(each for each in self.chain() if each.before is p)
        went_on = after.believed_as == JUMP or after.distinct >= FEW
        return p.left_by == JUMP and went_on and after.lowest - p.highest <= MEMORY

    def feed_hypothesis(self, p, number):
        if self.begins_elsewhere(p, number):
            self.begin_again(p, number)
            return
        p.own += p.kind == SEEN and self.is_missed_at(self.main, number)
        self.count_if_forgotten(p, number)
        p.idle = p.idle if self.is_late(p) else 0
        if number > p.highest + self.window:
            if not p.rose_after:
                p.rose_after, p.rose_to = p.distinct, number
            p.since_rise = 0
        in_order = p.distinct <= STRAYS or number > p.front()
        if not p.take(number, self.now):
            return
        p.in_order += in_order
        p.row += 1
        p.beside += 1
        p.since_rise += 1
        if p.kind == SEEN and not self.is_late(p):
            self.pass_by_few()
        if self.is_confirmed(p) and self.was_passed(p):
            self.reach(p)
        elif self.is_confirmed(p):
            self.believe(p)
        self.notice_mixed_senders()

    def was_passed(self, p):
        """Whether P began ahead of the believed position, which is ahead of it now: its numbers are late, and no
        restart."""
        main = self.main
        return (
            p in self.ahead()
            and main.distinct >= NEEDED[PLAIN]
            and p.highest <= main.highest
            and p.lowest > max(min(main.start, main.known_from), main.highest - MEMORY)
        )

    def begins_elsewhere(self, p, number):
        """Whether one or two copies came, and a sender that begins anew now does not go on from them.
        """
        return (
            p.kind == SEEN
            and p.row == 0
            and p.distinct + p.strays < NEEDED[PLAIN]
            and (self.is_apart(p, number) or p.knows(number))
        )

    def begin_again(self, p, number):
        """Makes a hypothesis of copies begin again with this number: the one or two that it had do not belong to
        it."""
        self.count_forgotten(p)
        p.strays += p.distinct
        p.begin_with(number, self.now)
        p.side_by_side = 0
        knowing = self.recalled(p.association, number % EPOCH)
        if knowing is not None and knowing.knows(knowing.near(number % EPOCH)):
            p.copies_end = knowing.highest
        self.count_if_forgotten(p, number)

    def pass_by_few(self):
        """Counts a copy against the hypotheses of one or two numbers, as a new number would."""
        for p in self.hypotheses():
            if p.kind == PLAIN and p.distinct < NEEDED[PLAIN]:
                p.idle += 1
                if p.idle > STALE_FEW:
                    self.forget(p)

    def is_confirmed(self, p):
        needed = NEEDED[p.kind if self.main.distinct >= NEEDED[PLAIN] else PLAIN]
        before = sum(q.distinct for q in self.first_copies(p))
        row = self.row_of(p) + before
        if row < needed or p.distinct + before < needed or not self.may_be_anew(p):
            return False
        return not p.rose_after or p.since_rise >= needed or p.row >= NEEDED_RISING

    def first_copies(self, p):
        """The hypotheses of copies that P continues behind a loss, if nothing contradicted them."""
        if p.kind != SEEN or not p.row == p.distinct >= NEEDED[PLAIN]:
            return []
        return [
            q
            for q in self.hypotheses()
            if q.kind == SEEN
            and q.association == p.association
            and q.row == q.distinct >= NEEDED[PLAIN]
            and not self.is_late(q)
            and 0 < p.lowest - q.highest <= FARTHEST_RISE
            and q.founded_at < p.founded_at
            and q.newest_ns <= p.founded_ns
        ]

    def may_be_anew(self, p):
        """Whether these are no copies: copies are mixed with the believed position's new numbers."""
        if p.kind == PLAIN:
            return True
        if p.association == self.main.association and p.copies_end is not None:
            if p.founder + self.window > p.copies_end and not self.came_alone(p):
                return False
        copies = p.risen if self.came_alone(p) else p.risen_in_row
        if self.is_in_any_order(p) or (p.has_late and copies < NEEDED[PLAIN]):
            return False
        return 2 * self.row_of(p) >= p.distinct

    @staticmethod
    def is_in_any_order(p):
        """Whether few numbers came above all but one or two of those before: a mirror delays copies at random. Of a
        sender's, half do over two paths, and most in a queue."""
        return 3 * p.in_order < p.distinct

    @staticmethod
    def is_missed_at(p, number):
        """Whether P remembers that NUMBER did not come."""
        return p.remembers(p.association, number % EPOCH) and not p.knows(number)

    def row_of(self, p):
        """Of copies, one or two new numbers elsewhere don't interrupt the row."""
        return p.distinct if p.kind == SEEN and self.came_alone(p) else p.row

    @staticmethod
    def came_alone(p):
        """Whether at most two new numbers of the believed position came since it was founded."""
        return p.row == p.distinct or p.side_by_side < NEEDED[PLAIN]

    @staticmethod
    def has_only_copies(p):
        return (
            p.kind == SEEN
            and p.copies_end is not None
            and p.highest <= p.copies_end
            and min(p.lowest % EPOCH, p.founder % EPOCH) > FIRST_NUMBERS
        )

    def may_be_mirror(self, p):
        """Whether P may be a mirror's copies of the position before. A mirror repeats nothing that this
        one missed."""
        return self.has_only_copies(p) and p.own < NEEDED[PLAIN]

    def found(self, association, wire, kind, knowing=None):
        number = self.extend(association, wire)
        p = Position(association, number, self.now, kind)
        p.copies_end = knowing.highest if knowing else None
        main = self.main
        p.waited_ns = max(0, self.now - main.newest_ns)
        p.founded_at = self.frames
        if association == main.association:
            p.lead = number - main.highest
            p.ahead = kind == PLAIN and p.lead > 0
        self.count_if_forgotten(p, number)
        self.add(p)

    def extend(self, association, wire):
        """Extends the number of a founder. A low number that would be far ahead is a sender's
        restart."""
        same = [p for p in [*self.earlier(), self.main] if p.association == association]
        if not same:
            return wire
        number = same[-1].near(wire)
        if wire <= FARTHEST_RISE < number - same[-1].highest and wire < same[-1].highest % EPOCH:
            number -= EPOCH
        return number

    def add(self, p):
        """Adds P and keeps the hypotheses with the most frames. A mirror's copies of one SA do not take the room of
        another that begins with numbers which came before."""
        known = self.hypotheses()
        seen = [each for each in known if each.kind == SEEN and each.association == p.association]
        if p.kind == SEEN and len(seen) >= OF_SEEN:
            self.forget(min(seen, key=self.row_of))
        elif len(known) >= HYPOTHESES:
            self.forget(min(known, key=self.strength))
        self.others.append(p)

    def count_if_forgotten(self, p, number):
        """Counts a hypothesis's frame for the case that the hypothesis is forgotten."""
        association, wire = p.association, number % EPOCH
        for known in [self.main, *self.earlier()]:
            if self.remembers(known, association, wire):
                if known.knows(known.near(wire)):
                    p.if_forgotten.duplicates += 1
                    rises = number > p.highest or p.risen == 0
                    p.risen += rises
                    p.risen_in_row += rises
                else:
                    p.if_forgotten.late += 1
                    known.seen.add(known.near(wire))
                    begins_anew = p.founder % EPOCH <= FIRST_NUMBERS and known.near(wire) < known.start
                    p.has_late = p.has_late or not begins_anew
                return
        if association == self.main.association and number <= self.main.highest:
            p.if_forgotten.late += 1
        else:
            p.if_forgotten.outliers += 1

    def forget(self, p):
        """Counts the frames of P at the newest SA of its association, if they came near one."""
        self.others.remove(p)
        self.count_forgotten(p)

    def count_forgotten(self, p):
        self.forgotten.outliers += p.if_forgotten.outliers
        p.if_forgotten.outliers = 0
        kept = [self.main, *reversed(self.earlier())]
        same = [each for each in kept if each.association == p.association]
        knowing = [each for each in [self.recalled(p.association, p.founder % EPOCH)] if each is not None]
        counts = [each.counts for each in [*knowing, *same]] + [self.forgotten]
        counts[0].add(p.if_forgotten)
        p.if_forgotten = Counts()

    # --- belief ---

    def believe(self, p):
        first = self.first_copies(p)
        self.others.remove(p)
        p.among = p.distinct - p.row
        if 0 < p.among < NEEDED[PLAIN] <= p.side_by_side:
            p.refused = set()  # one or two frames far ahead of the others may be forged
        p.row = 0
        p.believed_at = self.now
        if not self.sure:
            self.forgotten.outliers += self.main.counts.frames()
            if self.is_founder_alone(p):
                p.drop_founder()
                self.forgotten.outliers += 1
            self.sure = p.distinct >= STRAYS
            p.change = FIRST
        else:
            for q in first:
                self.believe(q)
            if p.believed_as and p.kind == PLAIN and not self.is_near(p):
                self.returns += 1
                if self.returns >= RETURNED_OFTEN:
                    self.mix()
            if self.is_old_association(p):
                self.undo(self.main.before)
            while before := self.in_between(p):
                if before[0].association == self.main.association and before[0].highest <= self.main.highest:
                    self.reach(before[0])
                    continue
                self.believe(before[0])
                p.refused = set()
            self.leave_main_for(p)
        if p.change == JUMP:
            self.forget_passed_over(p)
        self.main = p
        self.contradict_copies(p)
        self.forget_refused()
        for old in self.earlier()[:-EARLIER]:
            self.let_go(old)

    def is_founder_alone(self, p):
        """Whether the founder of P, with which a flow would begin, may be forged: the way to the next number is long,
        and much longer than all since then."""
        if p.rose_after != 1:
            return False
        after = min(number for number in p.accepted if number > p.founder)
        return after - p.founder > max(self.window, STEP_GROWTH * (p.highest - after))

    def contradict_copies(self, p):
        """P, a hypothesis of copies, is believed. Its numbers contradict other hypotheses of copies, as new numbers do."""
        for q in self.hypotheses():
            if p.kind == q.kind == SEEN and p.association == q.association:
                self.break_row(q)
                q.side_by_side += p.distinct

    def in_between(self, p):
        """The hypotheses that must be believed before P, which begins another SA: the end of the present SA, and the
        first part of the new one."""
        if p.association == self.main.association:
            return [q for q in self.hypotheses() if self.is_passed_over(q, p)]
        is_new = all(each.association != p.association for each in self.earlier())
        return [
            q
            for q in self.hypotheses()
            if self.was_right(q) or (is_new and self.is_earlier_part(q, p))
        ]

    def is_passed_over(self, q, p):
        """Whether Q, a faster path than the believed position, is a slower one than P."""
        return (
            p.highest > self.main.highest
            and q.distinct >= NEEDED[PLAIN]
            and self.awaits_reaching(q)
            and q.lowest < p.lowest
            and q.highest < p.highest
        )

    @staticmethod
    def is_earlier_part(q, p):
        return (
            q.kind == PLAIN
            and q.association == p.association
            and q.distinct >= NEEDED[PLAIN]
            and 0 < p.lowest - q.highest <= FARTHEST_RISE
        )

    def forget_passed_over(self, p):
        """P is believed. Hypotheses between it and the position before have too few numbers to be believed, and what
        comes there from now on is late. One that overlaps both is not followed either."""
        for q in self.hypotheses():
            is_between = q in self.ahead() and p.highest - MEMORY < q.lowest and q.highest <= p.highest
            overlaps = q.ahead and q.association == p.association and q.lowest <= self.main.highest
            if is_between or overlaps:
                self.forget(q)

    def was_right(self, p):
        """Whether P was believed before, and the believed position only got numbers below it since."""
        fresh = p.idle <= self.patience(p)
        return p.believed_as and fresh and p in self.ahead() and p.lowest > self.main.highest

    def leave_main_for(self, p):
        main = self.main
        p.before, p.provisional, p.news = main, True, 0
        p.before_ns = main.accepted.get(main.highest)
        if p.association != main.association:
            p.change = REKEY
            self.take_back_reused(p)
            over = [e for e in self.earlier() if e.closed and e.association == p.association]
            if over and self.goes_on(p, over[-1]):
                p.base = over[-1].highest + 1
            else:
                epoch = p.highest - p.highest % EPOCH
                if self.has_associations and p.lowest - epoch <= FARTHEST_RISE:
                    p.base = epoch + 1
        elif self.is_jump(p):
            p.change = JUMP
            p.start = min(main.highest + 1, p.highest - self.window + 1, p.lowest)
            p.base = min(main.highest + 1, p.lowest)
            p.inherit(main)
            if self.is_sender_jump(p):
                p.base = p.lowest
                p.skipped = p.lowest - main.highest - 1
            elif self.is_unsure_step(p):
                p.unsure.append((main.highest + 1, p.lowest - 1))
        else:
            p.change = RESTART
            if p.copies_end is not None:
                p.copies_end = main.highest
        p.best_rate = max(p.best_rate, main.best_rate)
        main.left_by, main.row = p.change, 0
        self.others.append(main)

    def is_jump(self, p):
        """Whether P goes on ahead of the believed position. A sender that restarted behind it may have passed it
        meanwhile."""
        restarted = p.believed_as == RESTART and p.founder <= self.main.highest
        return p.highest > self.main.highest and not restarted

    @staticmethod
    def goes_on(p, over):
        """Whether P begins behind the last number of OVER. One or two numbers below it may be forged."""
        among = [number for number in p.accepted if number <= over.highest and p.knows(number)]
        return (
            0 < p.founder - over.highest <= FARTHEST_RISE
            and p.founder % EPOCH > CONTINUED_FROM
            and len(among) < NEEDED[PLAIN]
        )

    def is_old_association(self, p):
        """Whether P continues where the SA before the believed one stopped."""
        main, before = self.main, self.main.before
        return (
            main.change == REKEY
            and before in self.others
            and not before.closed
            and p.association == before.association
            and p.association != main.association
            and 0 < p.founder - before.highest <= FARTHEST_RISE
            and p.founder % EPOCH > CONTINUED_FROM
        )

    def is_unsure_step(self, p):
        """Whether nobody can know if the numbers between the believed position and P were lost: another sender may have
        them, or they would be a sender's jump if one knew how long the step took."""
        is_large = p.lowest - self.main.highest > SURELY_LOST + 1
        return self.mixed_since is not None or (is_large and p.waited_ns == 0)

    def is_sender_jump(self, p):
        """Whether the step is larger than any sender could fill in the time that passed. That is unknown where none
        did, because the clock was set or its steps are large."""
        main = self.main
        step = p.lowest - main.highest
        duration = p.waited_ns
        if step <= SURELY_LOST + 1 or duration == 0:
            return False
        if step * NS > 2_000_000_000 * duration:
            return True
        return (
            step >= 1_000_000
            and main.best_rate > 0
            and step * NS > 1000 * main.best_rate * duration
        )

    def undo(self, q):
        """The position Q goes on: those that took over since become hypotheses again."""
        above, p = [], self.main
        while p is not q:
            above.append(p)
            p = p.before
        direct = above[-1]
        waiting, q.waiting, q.row = q.waiting, [], 0
        self.others = [p for p in self.others if p is not q and p not in above]
        self.main, q.left_by, q.closed, q.noted = q, None, False, set()
        self.forget_refused()
        for p in self.hypotheses():
            if p.association == q.association and p.founder <= q.highest:
                p.ahead = False
        for p in above:
            self.make_hypothesis(p, direct)
        for number, time_ns in waiting:
            if q.fits(q.association, number % EPOCH, self.window):
                self.go_on(number, time_ns)
            elif q.knows(number):  # it came again meanwhile
                q.counts.duplicates += 1
            else:
                q.take_late(number)

    def make_hypothesis(self, p, direct):
        p.counts.late += len(p.waiting)
        p.row, p.risen_in_row, p.waiting, p.given_up, p.told = 0, 0, [], None, set()
        inherited = p.inherited | (p.before.seen - p.accepted.keys() if p.change == JUMP else set())
        p.seen = {number for number in p.seen - inherited if number >= p.lowest}
        p.inherited = set()
        name = "late" if p.change == RESTART else "outliers"
        p.if_forgotten = Counts(
            **{"duplicates" if p.kind == SEEN else name: p.counts.frames()}
        )
        if p is not direct:
            p.refused = set()
        p.believed_as, p.change, p.before, p.left_by = p.change, None, None, None
        p.provisional, p.skipped = False, 0
        p.closed, p.beside, p.noted = False, 0, set()
        p.unsure = clipped(p.lowest, p.unsure)
        p.base = p.start = p.known_from = p.founder
        p.ahead = (
            p.kind == PLAIN
            and p.association == self.main.association
            and p.founder > self.main.highest
        )
        p.lead = p.founder - self.main.highest if p.association == self.main.association else None
        p.idle = p.side_by_side = 0
        self.add(p)
        if self.has_only_copies(p):
            self.forget(p)

    def forget_refused(self):
        """Drops `refused`, which is relative to the position that was believed then."""
        for p in self.hypotheses():
            p.refused = set()

    # --- the provisional state ---

    def chain(self):
        """The believed position and all before it, the newest first."""
        p = self.main
        while p is not None:
            yield p
            p = p.before

    def settle_in_time(self):
        for p in self.chain():
            if (
                p.before is not None
                and self.now - p.believed_at >= FIRM_NS
                and not self.has_only_copies(p)
            ):
                self.settle(p)

    def close_earlier(self):
        """Closes earlier positions once the believed one has got many numbers."""
        for p in list(self.chain())[1:]:
            p.give_up()
            p.closed = True
        self.returns = 0

    def settle(self, p):
        """Makes the change to P, and all changes before it, final."""
        if not p.provisional:
            return
        self.settle(p.before)
        if p.change == JUMP:
            p.before.refuse(p.refused)
            p.refused = set()
            p.before.given_up = p.before.highest  # the same SA: its receiver has moved on
            if p.skipped:
                p.before.give_up()
        if p.change == REKEY:  # frames of the old SA may still come, but do not undo the rekey
            for old in list(self.chain())[list(self.chain()).index(p) + 1 :]:
                old.closed = True
        p.provisional = False

    def let_go(self, old):
        """Removes a position that is too old: only the next position of its SA remembers which numbers came."""
        self.break_row(old)
        self.others.remove(old)
        for p in self.chain():
            if p.before is old:
                self.settle(p)
                if p.change == JUMP:
                    p.remember_for(old)

    def end(self):
        if self.main is None:
            return
        self.sure = self.sure or self.main.distinct >= 2
        while standing := [p for p in self.hypotheses() if self.stands_at_the_end(p)]:
            self.believe(standing[0])
        if self.ends_as_copies():
            before = self.main.before
            while before.provisional and self.may_be_mirror(before):
                before = before.before
            self.break_row(before)
            self.undo(before)
        for p in self.hypotheses():
            self.forget(p)
        for p in self.earlier():
            self.break_row(p)
        self.settle(self.main)

    def ends_as_copies(self):
        """Called after the last frame: whether the believed position consists of a mirror's copies. A rekey has no
        number of its own; a restart stops exactly where the position before did, and none is its own, or many came
        among new ones there."""
        p = self.main
        if (
            p.provisional
            and self.has_only_copies(p)
            and (p.change == REKEY or (self.may_be_mirror(p) and p.highest == p.copies_end))
        ):
            return True
        return (
            p.change == RESTART
            and p.among >= AMONG
            and p.before in self.others
            and p.highest == p.before.highest
        )

    def stands_at_the_end(self, p):
        """Whether nothing contradicted it, or it was believed before and the believed one only got numbers below it
        since. Two numbers must have come last: one frame more of any other kind contradicts them."""
        if p.kind == PLAIN and p.distinct >= 2 and p.row == p.distinct:
            return p.distinct >= NEEDED[PLAIN] or self.frames - p.founded_at < p.counts.frames()
        return self.was_right(p)

    # --- two senders ---

    def notice_mixed_senders(self):
        for p in self.hypotheses():
            if (
                p.kind == PLAIN
                and p.lead is not None
                and not 0 < p.lead <= MEMORY
                and p.beside >= SIDE_BY_SIDE
                and p.side_by_side >= SIDE_BY_SIDE
            ):
                self.mix()

    def mix(self):
        if self.mixed_since is None:
            self.mixed_since = self.latest
