# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A receiver of RFC 4303 with a replay window, with sets instead of bitmaps, and random traces for it."""

# The copy of a frame that ran ahead looks like the genuine frame after a forged one, so there are no
# copies in traces of kinds in which single frames run ahead.

WINDOWS = (32, 64, 128, 256, 512, 1024, 2048, 4096)


def refused(numbers, window):
    """Returns the numbers of NUMBERS that a receiver with WINDOW refuses though they are no duplicates."""
    accepted, late, highest = set(), set(), 0
    for number in numbers:
        if number in accepted or number in late:
            continue
        if accepted and number <= highest - window:
            late.add(number)
            continue
        accepted.add(number)
        highest = max(highest, number)
    return late


def distances(numbers):
    """Returns how far below the highest number so far each reordered new number came."""
    seen, highest, found = set(), 0, []
    for number in numbers:
        if number not in seen and number < highest:
            found.append(highest - number)
        seen.add(number)
        highest = max(highest, number)
    return found


def percentile_99(values):
    """Returns the smallest of VALUES that at least 99 % of them do not exceed."""
    return sorted(values)[len(values) - len(values) // 100 - 1]


def arrivals(delayed):
    """Returns the numbers of DELAYED, pairs of (arrival, number), in order of arrival."""
    return [number for _, number in sorted(delayed, key=lambda pair: pair[0])]


def late_frames(random, numbers):
    """Some frames wait, each for itself, up to a limit that differs from trace to trace."""
    share, limit = random.choice((0.001, 0.02, 0.3)), random.choice((4, 40, 400, 3900))
    return [(place + (random.random() * limit if random.random() < share else 0), number)
            for place, number in enumerate(numbers)]


def queues(random, numbers):
    """A queue behind the encryptor holds frames back and then sends them all at once."""
    length = random.choice((5, 50, 500, 3500))
    delayed, until = [], -1
    for place, number in enumerate(numbers):
        if place > until and random.random() < 1 / (2 * length):
            until = place + random.randrange(1, length)
        held = place <= until and random.random() < 0.5
        delayed.append((until + place / 1e9 if held else place, number))
    return delayed


def two_paths(random, numbers):
    """Frames take one of two paths at random; one takes longer."""
    longer, share = random.choice((3, 20, 30, 300)), random.choice((0.1, 0.5, 0.9))
    return [(place + (longer if random.random() < share else 0), number) for place, number in enumerate(numbers)]


def swapped(random, numbers):
    """Each pair is swapped."""
    return [(place ^ 1, number) for place, number in enumerate(numbers)]


def jitter(random, numbers):
    """Each frame waits, up to a limit."""
    limit = random.choice((2, 10, 30, 100, 1000))
    return [(place + random.random() * limit, number) for place, number in enumerate(numbers)]


KINDS = (late_frames, queues, two_paths, swapped, jitter)


def trace(random, kind, length):
    """Returns about LENGTH numbers in order of arrival, some lost, some twice, reordered as KIND does."""
    loss, copies = random.choice((0, 0.01, 0.1)), random.choice((0, 0.01, 0.2)) if kind not in (two_paths, jitter) else 0
    first = random.choice((1, 1000, 2**32 - length // 2))
    sent = [number for number in range(first, first + length) if random.random() >= loss]
    delayed = kind(random, sent)
    delayed += [(place + random.random() * 30, number) for place, number in delayed if random.random() < copies]
    return arrivals(delayed)
