# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""SAs whose peer moves, as networks make them, and what one receiver loses of each.

An SA is one number space, wherever its frames come from. A peer has a new address, or a NAT binds anew, at
one moment; frames are reordered on the way to that place, on the way from it, or both.
"""
import dataclasses
import struct

from support.numbered import HEAD

EPOCH = 2**32
IN_ORDER = 10  # the first frames, none of which is lost, so that the first number is the lowest
CERTAIN = 64  # numbers from a new source that make a move certain
LONGEST_OUTAGE = 3000
SOON = 40  # numbers before a move at which an outage may begin


@dataclasses.dataclass(frozen=True)
class Place:
    """A source. HOST is the last octet of its address; PORT that of its datagrams, or 0: ESP without UDP."""

    host: int
    port: int = 0
    is_v6: bool = False

    def address(self, host):
        return bytes([0x20, 1, 0xD, 0xB8, *bytes(11), host]) if self.is_v6 else bytes([192, 0, 2, host])

    def frame(self, spi, number):
        payload = struct.pack(">II", spi, number % EPOCH) + bytes(32)
        if self.port:
            checksum = 0xFFFF if self.is_v6 else 0
            payload = struct.pack(">HHHH", self.port, 4500, 8 + len(payload), checksum) + payload
        protocol = 17 if self.port else 50
        ends = self.address(self.host) + self.address(255)
        if self.is_v6:
            return HEAD + b"\x86\xdd" + struct.pack(">IHBB", 0x60000000, len(payload), protocol, 64) + ends + payload
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
        return HEAD + b"\x08\x00" + head + ends + payload


FORGER = Place(9)


def places(random):
    """Returns some places of one peer: of one family, with or without UDP."""
    is_v6, in_udp = random.random() < 0.3, random.random() < 0.4
    count = random.randint(2, 4)
    return [Place(1 + at, 4500 + random.randrange(9000) * (at > 0) if in_udp else 0, is_v6) for at in range(count)]


def waiting(random, limit):
    """Returns a function that gives the time for which a frame waits, by its place: less than LIMIT."""
    return random.choice(
        (
            lambda at: 0,
            lambda at: 1.5 * (at % 2),
            lambda at: random.random() * limit,
            lambda at: (random.random() < 0.1) * 0.99 * limit,
        )
    )


def ways(random, window):
    """Returns how long frames wait on the way to the place where their source changes and on the way from it,
    together for at most half a window, and that limit."""
    limit = random.choice((4, min(40, window // 2), window // 2))
    kind = random.randrange(3)
    if kind == 2:
        return waiting(random, limit / 2), waiting(random, limit / 2), limit
    there = waiting(random, limit)
    return *((there, lambda at: 0) if kind else (lambda at: 0, there)), limit


def stays(random, count, shortest, where):
    """Returns where a peer is that moves COUNT times, and for how long."""
    way = [random.choice(where)]
    for _ in range(count):
        way.append(random.choice([place for place in where if place != way[-1]]))
    return [(place, random.randint(shortest, shortest + 300)) for place in way]


def outage(random, window, move):
    """Returns the times at which frames are lost, about those of a move; it begins shortly before the move or at
    it. It is shorter than the window or longer: of frames at its edge, the first ones look forged."""
    length = random.choice((0, 0, 1, 5, window // 4, min(3 * window, LONGEST_OUTAGE), LONGEST_OUTAGE))
    start = move - random.choice((0, 0, random.randint(0, min(length + 2, SOON))))
    return range(start, start + length)


def moving(random, window, count=None, where=None):
    """Returns the frames of one SA in the order in which they come, as pairs of a number and a place. Its peer
    moves COUNT times among places."""
    chance = random.choice((0, 0.01, 0.03, 0.1))
    copied = random.choice((0, 0, 0.02))
    until, away, limit = ways(random, window)
    first = random.choice((1, EPOCH - random.randrange(1, 1000), random.randrange(1, EPOCH)))
    frames, now, at_places, lost_times = [], 0, [], set()
    count = random.randint(1, 4) if count is None else count
    for place, length in stays(random, count, SOON + 2 * CERTAIN + 2 * limit, where or places(random)):
        out = outage(random, window, now) if now else ()
        lost_times.update(out)
        now = max(now, *out, 0) + length
        at_places.append((now, place))
    for at in range(now):
        in_order = at < IN_ORDER
        changes = at if in_order else at + until(at)
        place = next((place for end, place in at_places if changes < end), at_places[-1][1])
        if not in_order and (int(changes) in lost_times or random.random() < chance):
            continue
        comes = changes if in_order else changes + away(at)
        frames.append((comes, first + at, place))
        if random.random() < copied:
            frames.append((comes + random.random() * 6, first + at, place))
    return [(number, place) for _, number, place in sorted(frames, key=lambda frame: frame[0])]


def sending(random, window, place, first, count, start=0, apart=1):
    """Returns the frames of a sender that stays at PLACE, with the times at which they come."""
    _, away, _ = ways(random, window)
    chance = random.choice((0, 0.01, 0.1))
    return [
        (start + apart * (at if at < IN_ORDER else at + away(at)), first + at, place)
        for at in range(count)
        if at < IN_ORDER or random.random() >= chance
    ]


def two_senders(random, window):
    """Returns the frames of two senders with near numbers, as pairs of a number and a place; both go on until the
    end."""
    count, first = random.randint(400, 1200), random.randrange(1, EPOCH)
    start = random.randint(1, count // 2)
    ahead = random.choice((-random.randint(0, 500), random.randint(0, 50), random.randint(0, LONGEST_OUTAGE)))
    one = sending(random, window, Place(1), first, count)
    apart = random.choice((0.5, 1, 1.01, 2))
    other = sending(random, window, Place(2), first + start + ahead, count, start + 0.3, apart)
    end = min(one[-1][0], other[-1][0])
    return [(number, place) for time, number, place in sorted(one + other, key=lambda frame: frame[0]) if time <= end]


def with_forged(random, frames):
    """Returns FRAMES with three forged ones among them, from another source, whose numbers are near."""
    at, apart = random.randrange(20, len(frames) - 70), random.choice((1, 2, 5))
    number, forged = frames[at][0] + random.choice((-20, 0, 1, 5, 100, 1000)), list(frames)
    for each in range(3):
        forged.insert(at + each * apart, (number + each, FORGER))
    return forged


def lost(numbers, window):
    """Returns how many numbers a receiver did not accept, from its first to its highest."""
    accepted, highest = set(), None
    for number in numbers:
        if highest is None or number > highest - window:
            accepted.add(number)
            highest = number if highest is None else max(highest, number)
    return highest - min(accepted) + 1 - len(accepted)
