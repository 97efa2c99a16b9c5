# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Random streams: what senders send, what networks do to it, and what forgers add.

A stream knows which of its frames are genuine and to which SA they belong, so a receiver for each SA
tells what was lost. The same seed and window always give the same stream.
"""
import dataclasses

from model.channel import EPOCH, FARTHEST_RISE
from model.frames import EspFlow, Frame, MacsecFlow, PlainFlow

FIRST_NS = 1735689600 * 10**9  # 2025-01-01T00:00:00Z
ASSOCIATIONS = 4
REKEY_DUE = 0xC0000000  # where a MACsec sender asks for a new key
PLAIN_FRAMES = 9
LONG_OUTAGE = 99_000  # with what is lost around it, the longest that is loss at any pace
OUTAGES = (100, 1000, 5000, 60_000, LONG_OUTAGE)
SETTLED = 100  # frames in order at the start of a stream and after each change, so that all is clear


@dataclasses.dataclass(frozen=True)
class Sa:
    """One security association, as its sender knows it."""

    association: int
    starts_at_one: bool  # it came into use under watch, so numbers missing from 1 on are lost
    skips: bool = False  # it continues an earlier one far ahead, without loss in between


@dataclasses.dataclass(frozen=True)
class Sent:
    """One frame on the wire. Copies and forged frames are not genuine."""

    sa: Sa
    number: int
    genuine: bool = True


def lost(stream, window):
    """The definition of loss: genuine numbers that a receiver for each SA did not accept."""
    receivers = {}
    for frame in stream:
        if frame.genuine:
            receivers.setdefault(id(frame.sa), Receiver(frame.sa, window)).receive(frame.number)
    return sum(receiver.lost() for receiver in receivers.values())


class Receiver:
    def __init__(self, sa, window):
        self.sa, self.window = sa, window
        self.first = self.highest = None
        self.accepted = set()

    def receive(self, number):
        if self.highest is None:
            self.first = self.highest = number
        if number > self.highest - self.window:
            self.accepted.add(number)
            self.highest = max(self.highest, number)

    def lost(self):
        base = min(self.accepted) if self.sa.skips else self.first
        if self.sa.starts_at_one and base <= FARTHEST_RISE:
            base = 1
        counted = sum(1 for number in self.accepted if number >= base)
        return self.highest - base + 1 - counted


# What a sender does. Each function returns frames in the order of sending.


def run(sa, first, count):
    return [Sent(sa, first + step) for step in range(count)]


def first_number(random, window):
    """Returns the first number of a stream: 1, near a wraparound, near a limit, or any."""
    near = random.randint(-3 * window - 40, 40)
    limits = [EPOCH + near, 2**31 + near, REKEY_DUE + near]
    number = random.choice([1, 1, *limits, random.randrange(1, EPOCH)])
    return max(1, number)


class Sender:
    """Sends segments: continues, loses a stretch, restarts, changes the key."""

    def __init__(self, random, window, associations=True):
        self.random, self.window, self.associations = random, window, associations
        self.sa = Sa(random.randrange(ASSOCIATIONS) if associations else 0, False)
        self.next = first_number(random, window)
        self.used = ASSOCIATIONS if random.random() < 0.7 else 2  # ANs in turn

    def go_on(self, count):
        frames = run(self.sa, self.next, count)
        self.next += count
        return frames

    def outage(self, count):
        self.next += count
        return []

    def restart(self, first=1):
        self.sa, self.next = Sa(self.sa.association, False), first

    def rekey(self, first_lost=0):
        association = (self.sa.association + 1) % self.used
        self.sa, self.next = Sa(association, True), 1 + first_lost

    def fail_over(self, ahead):
        self.sa, self.next = Sa(self.sa.association, False, skips=True), self.next + ahead

    def change(self):
        """One of the changes that happen to a sender or its link."""
        choice = self.random.choice
        changes = [
            lambda: self.outage(choice([self.window, *OUTAGES])),
            lambda: self.restart(choice([1, 1, 2, 50])),
        ]
        if self.associations:
            changes += 2 * [lambda: self.rekey(choice([0, 0, 1, 10, 50, 60, 300]))]
        choice(changes)()


def segments(random, window, length, associations=True):
    sender = Sender(random, window, associations)
    count = random.randint(1, 4)
    stream = []
    for at in range(count):
        if at:
            sender.change()
        stream += sender.go_on(max(SETTLED, length // count))
    return stream


# What a network does. Each function takes frames and returns them reordered, or fewer of them.


def delayed(stream, delay):
    """Reorders the stream; DELAY says for each frame by how many places it is late."""
    places = [at + delay(at) for at in range(len(stream))]
    return [stream[at] for at in sorted(range(len(stream)), key=places.__getitem__)]


def lose(random, stream, window):
    share = random.choice([0.01, 0.1, 0.3])
    return [frame for frame in stream if random.random() >= share] or stream


def lose_bursts(random, stream, window):
    kept, at = [], 0
    while at < len(stream):
        sent = random.randint(20, 6 * window + 100)
        kept += stream[at : at + sent]
        at += sent + random.choice([1, 2, window - 1, window, window + 1, 3 * window])
    return kept


def priority_queue(random, stream, window):
    """A queue behind the encryptor, where some of the frames wait."""
    share = random.choice([0.02, 0.1, 0.3])
    longest = random.choice([4, window, 2 * window, 10 * window])
    return delayed(stream, lambda at: random.randint(0, longest) if random.random() < share else 0)


def class_queues(random, stream, window):
    """Strict priority of two classes on a link that is busy at times. The low class waits in a queue that may be
    full."""
    share, room = random.choice([0.05, 0.3, 0.7]), random.choice([10, window, 300, 1000])
    longest, at_once = random.choice([50, 400]), random.choice([1, 2, 100])
    result, waiting = [], []
    is_busy, until = False, 0
    for at, frame in enumerate(stream):
        if at >= until:
            is_busy, until = not is_busy, at + random.randint(1, longest)
        if random.random() >= share:
            result.append(frame)
        elif len(waiting) < room:
            waiting.append(frame)
        if not is_busy:
            result += waiting[:at_once]
            del waiting[:at_once]
    return result + waiting


def two_paths(random, stream, window):
    """Every second frame, or random ones, take a path with another delay."""
    behind = random.choice([2, window // 2, window, 2 * window, 100, 300, 900])
    odd = random.choice([lambda at: at % 2, lambda at: random.random() < 0.5])
    return delayed(stream, lambda at: behind + 0.5 if odd(at) else 0)


def swap_pairs(random, stream, window):
    """Two balanced links: the frames of every pair are swapped."""
    return delayed(stream, lambda at: 1.5 if at % 2 == 0 else 0)


def hold_back(random, stream, window):
    """Delivers blocks of frames together, delayed by more than the window."""
    result, at = [], 0
    while at < len(stream):
        held = at + random.randint(50, 4 * window + 100)
        after = held + random.choice([1, 2, 3, 5, window])
        end = after + random.randint(window, 3 * window)
        result += stream[at:held] + stream[after:end] + stream[held:after]
        at = end
    return result


def copies(random, stream, window):
    """A mirror: some frames come twice, the copy a while later."""
    share, longest = random.choice([0.05, 0.5, 1]), random.choice([1, window, 2 * window, 500])
    second = [(at, random.randint(0, longest) + 0.5) for at in range(len(stream))]
    placed = [(at + delay, stream[at]) for at, delay in second if random.random() < share]
    return inserted(stream, [(place, copy_of(frame)) for place, frame in placed])


def copy_of(frame):
    return dataclasses.replace(frame, genuine=False)


def inserted(stream, placed):
    """Inserts frames at places in the stream."""
    every = list(enumerate(stream)) + placed
    return [frame for _, frame in sorted(every, key=lambda each: each[0])]


# What a forger adds, or a mirror with a long delay.


def replay(random, stream, window):
    """Three old frames come again: recent ones, distant ones, or those of the SA before."""
    at = random.randrange(len(stream) // 2, len(stream))
    back = random.choice([100, 200, 1000, 30_000])
    start = max(0, at - back)
    old = [copy_of(frame) for frame in stream[start : start + 3]]
    return stream[:at] + old + stream[at:]


def forge_first(random, stream, window):
    """The first frame of the flow is forged."""
    return [forged(stream[0].sa.association, random.choice([1, 77, 2**31]))] + stream


def forge_association(random, stream, window):
    """One frame with another AN: among the first, or with a small PN later."""
    at = random.choice([0, 1, len(stream) // 2])
    association = (stream[at].sa.association + random.randint(1, 3)) % ASSOCIATIONS
    return stream[:at] + [forged(association, random.choice([1, 32, 40_000]))] + stream[at:]


def forge_ahead(random, stream, window):
    """Every 100 frames, one that is just ahead of the window."""
    placed = []
    for at in range(49, len(stream) - 1, 100):
        ahead = random.choice([window + 1, window + 1, window + 2, 2 * window])
        placed.append((at + 0.5, forged(stream[at].sa.association, stream[at].number + ahead)))
    return inserted(stream, placed)


def forge_stray(random, stream, window):
    at = random.randrange(1, len(stream))
    number = random.choice([50_000, stream[at].number + 50_000, random.randrange(EPOCH)])
    return stream[:at] + [forged(stream[at].sa.association, number)] + stream[at:]


def forged(association, number):
    return Sent(Sa(association, False), number, genuine=False)


# Whole streams of kinds that occur in networks.


def through(*troubles):
    """A kind of stream: a sender's frames, changed by these troubles."""

    def stream(random, window, length):
        frames = segments(random, window, length)
        for trouble in troubles:
            frames = trouble(random, frames, window)
        return frames

    return stream


def swapped_then_change(random, window, length):
    """Pairs always swapped; then an outage, a restart, and a rekey that lost its first frames."""
    sender = Sender(random, window)
    stream = sender.go_on(length // 3)
    kind = random.choice(["outage", "restart", "rekey", "used again", "stray"])
    if kind == "outage":
        sender.outage(LONG_OUTAGE)
    elif kind == "restart":
        sender.restart()
    elif kind == "rekey":
        sender.rekey(first_lost=60)
    elif kind == "used again":
        sender.used = 2
        sender.rekey()
        stream += sender.go_on(length // 3)
        sender.rekey(first_lost=50)
    stream += sender.go_on(length // 3)
    stream = swap_pairs(random, stream, window)
    return forge_stray(random, stream, window) if kind == "stray" else stream


def rekeys_side_by_side(random, window, length):
    """Several rekeys during which both SAs send for a while."""
    sender = Sender(random, window)
    stream = sender.go_on(length // 4)
    for _ in range(3):
        old_sa, old_next = sender.sa, sender.next
        lingering = run(old_sa, old_next, random.choice([0, 1, 5, 30, 100]))
        sender.rekey(random.choice([0, 0, 3, 40]))
        fresh = sender.go_on(len(lingering))
        step = random.choice([1, 2, 3])
        for at in range(0, len(fresh), step):
            stream += lingering[at : at + step] + fresh[at : at + step]
        stream += sender.go_on(length // 4)
    return stream


def fail_over(random, window, length):
    """A gateway's failover: the other gateway continues far ahead."""
    sender = Sender(random, window)
    stream = sender.go_on(length // 2)
    sender.fail_over(2_000_000_000)
    return stream + sender.go_on(length // 2)


def troubled(random, window, length):
    """All troubles mixed."""
    stream = random.choice([segments, segments, swapped_then_change, rekeys_side_by_side])(
        random, window, length
    )
    losses = [lose, lose_bursts]
    orders = [priority_queue, class_queues, two_paths, swap_pairs, hold_back]
    extras = [copies, replay, forge_first, forge_association, forge_ahead, forge_stray]
    for troubles in (losses, orders, extras):
        if random.random() < 0.6:
            stream = random.choice(troubles)(random, stream, window)
    return stream


KINDS = {
    "in order": through(),
    "loss": through(lose),
    "bursts": through(lose_bursts),
    "priority queue": through(priority_queue),
    "priority queue with loss": through(lose, priority_queue),
    "queues of classes": through(class_queues),
    "queues of classes with loss": through(lose, class_queues),
    "two paths": through(two_paths),
    "two paths with loss": through(lose, two_paths),
    "swapped pairs, then a change": swapped_then_change,
    "held back": through(hold_back),
    "copies": through(copies),
    "copies of swapped pairs": through(swap_pairs, copies),
    "replay": through(replay),
    "first frame forged": through(forge_first),
    "association forged": through(forge_association),
    "ahead forged": through(forge_ahead),
    "one stray": through(forge_stray),
    "rekeys side by side": rekeys_side_by_side,
    "failover": fail_over,
    "troubled": troubled,
}


# Numbers at every limit, without a truth: only the model says what is right.


def at_the_edges(random, window, length):
    """Numbers on both sides of every limit of the rules, relative to the stream's present number.
    """
    limits = [0, 1, 2, window, 2 * window, -1, -window, -2 * window, 64, 4096, -4096]
    rare = [65536, 65537, 2**31, -(2**31), 70_000, -70_000, 500_000, -30_000]
    first = first_number(random, window)
    places = [first, 1, random.choice([window, 65536]), 65537]  # for each association
    in_use = random.choice([1, 1, 2, ASSOCIATIONS])
    straight, sudden = random.choice([0.5, 0.8, 0.95]), random.choice([0.05, 0.3])
    associations = [Sa(association, False) for association in range(ASSOCIATIONS)]
    stream, association = [Sent(associations[0], first)], 0
    while len(stream) < length:
        if random.random() < straight:
            number = places[association] + random.choice([1, 1, 1, 2, window])
        else:
            association = random.randrange(in_use)
            away = random.choice(rare if random.random() < sudden else limits)
            number = places[association] + away + random.choice([0, 0, 1, -1])
        if number > places[association] or random.random() < 0.2:
            places[association] = number
        stream += [Sent(associations[association], number)] * random.choice([1] * 9 + [2])
    return stream


def many_numbers(random, window, length):
    """A few numbers in any order: every number comes again and is near another."""
    spread = random.choice([window, 3 * window, 200, 10_000])
    in_use = random.choice([1, 1, 2])
    first = first_number(random, window)
    associations = [Sa(association, False) for association in range(ASSOCIATIONS)]
    stream, number = [], first
    while len(stream) < length:
        number = first + random.randrange(spread) if random.random() < 0.2 else number + 1
        stream.append(Sent(associations[random.randrange(in_use)], number))
    return stream


def restart_in_memory(random, window, length):
    """A sender restarts, with its first numbers lost, among the numbers that it sent before."""
    sender = Sender(random, window, associations=False)
    sender.next = random.choice([1, 1, 1000, EPOCH - length // 4])
    first = sender.next
    stream = sender.go_on(length // 2)
    sender.restart((first + random.randint(60, length // 3)) % EPOCH)
    stream += sender.go_on(random.choice([length // 8, length // 4, length // 2]))
    for trouble in (lose, swap_pairs, forge_stray):
        if random.random() < 0.3:
            stream = trouble(random, stream, window)
    return stream


def repeated_bursts(random, window, length):
    """A slow mirror: every burst comes again behind its last number, perhaps not all of it."""
    sender = Sender(random, window)
    stream, sent = [], sender.go_on(length // 4)
    sender.outage(random.choice([0, 0, window, *OUTAGES]))
    sent += sender.go_on(length // 4)
    if random.random() < 0.5:
        sent = lose(random, sent, window)
    burst, dropped = random.choice([60, 70, 100, 200]), random.choice([0, 0.01])
    for start in range(0, len(sent), burst):
        part = sent[start : start + burst]
        stream += part + [copy_of(frame) for frame in part if random.random() >= dropped]
    return stream[: random.choice([len(stream), -burst // 3])]


def used_again(random, window, length):
    """An association is used again, from numbers that its SA before had lost, and some of that one's late
    frames come in between."""
    stream, old = [], Sa(0, False)
    count = random.choice([length, 2 * length])
    begins = random.choice([1, 2, 10, 60])
    ratio = random.choice([0.05, 0.3, 0.6])
    hole = range(begins, begins + random.choice([0, 10, 90]))
    kept = {n for n in range(1, count) if random.random() >= ratio and n not in hole}
    stream += [Sent(old, n) for n in sorted(kept)]
    between = [Sent(Sa(1, False), n) for n in range(1, random.choice([70, 100, 1100]))]
    new = [Sent(Sa(0, False), n) for n in range(begins, begins + length // 2)]
    new = lose(random, new, window) if random.random() < 0.5 else new
    new = swap_pairs(random, new, window) if random.random() < 0.5 else new
    both = between[-random.choice([1, 5, 80]) :]
    stream += between[: -len(both)]
    after = both + new
    if random.random() < 0.5:  # both are in use for a while
        among = new[: len(both)]
        after = [frame for pair in zip(both, among) for frame in pair]
        after += both[len(among) :] + new[len(both) :]
    missed = [n for n in range(1, count) if n not in kept]
    for _ in range(random.choice([0, 1, 5, 20])):
        late = random.choice([begins + random.randrange(100), random.choice(missed)])
        after.insert(random.randrange(len(both) + 20), Sent(old, late))
    return stream + after


EDGES = {
    "at the edges": at_the_edges,
    "many numbers": many_numbers,
    "restart in the memory": restart_in_memory,
    "repeated bursts": repeated_bursts,
    "used again": used_again,
}


# Whole captures.


def clock(random, backwards):
    """Yields a capture's times: mostly forward, and with BACKWARDS sometimes unchanged or backward.
    """
    now_ns = FIRST_NS
    while True:
        yield now_ns
        if backwards and random.random() < 0.02:
            now_ns -= random.choice([0, random.randrange(10**8)])
        else:
            now_ns += random.choice([1, 1000, random.randrange(1, 10**7)])


def numbered_flow(number, random):
    if random.random() < 0.7:
        return MacsecFlow(0x0200000000000001 + (number << 16))
    return EspFlow(0x1000 + number)


def interleaved(random, carried, backwards=True, times=None):
    """Returns one capture's frames: the streams of several flows, interleaved."""
    turns = [at for at, (_, stream) in enumerate(carried) for _ in stream]
    random.shuffle(turns)
    waiting = [iter(stream) for _, stream in carried]
    result = []
    for at, time_ns in zip(turns, times or clock(random, backwards)):
        flow, sent = carried[at][0], next(waiting[at])
        association = sent.sa.association if flow.protocol == "macsec" else 0
        sequence = sent.number % EPOCH
        result.append(Frame(time_ns, flow, sequence, association, random.randint(80, 1514)))
    return result


TIDY = ("in order", "loss", "swapped pairs, then a change", "replay", "one stray")


def frames(random, window, flows, length, backwards=True, names=(*KINDS, *EDGES)):
    """Returns one capture's frames: FLOWS streams of about LENGTH, mixed with TCP and UDP."""
    kinds = [{**KINDS, **EDGES}[name] for name in names]
    carried = [
        (numbered_flow(number, random), kinds[number % len(kinds)](random, window, length))
        for number in range(flows)
    ]
    nothing = Sent(Sa(0, False), 0)
    carried += [(PlainFlow(name, 1024), [nothing] * PLAIN_FRAMES) for name in ("tcp", "udp")]
    return interleaved(random, carried, backwards)
