# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One or two frames of any content, inserted anywhere into a stream, and what they may change.

A receiver may accept them where they are in its window, or where the sender is about to send such
numbers itself, so that nobody without the key can tell them from frames of the sender. They may
change what their acceptance changes, and nothing else.
"""
import dataclasses

from model.channel import EPOCH
from model.streams import KINDS, Sent, forged, lost

ORDERLY = (
    "in order",
    "loss",
    "bursts",
    "priority queue",
    "swapped pairs, then a change",
    "copies",
    "rekeys side by side",
)


SOON = 20  # frames: after so many, one or two frames ahead are forgotten


@dataclasses.dataclass(frozen=True)
class Insertion:
    kind: str
    window: int
    before: list  # the stream without the inserted frames
    after: list  # the stream with them
    placed: list  # (place, association, number on the wire)

    def allows(self, change):
        """Whether the loss may change by CHANGE: not further from 0 than by their acceptance. Each may
        be one of the numbers that were lost."""
        without = lost(self.before, self.window)
        streams = list(self.accepted_streams())
        changes = [lost(stream, self.window) - without for stream in streams] + [0]
        accepted = max(len(stream) - len(self.before) for stream in streams)
        return min(changes) - accepted <= change <= max(changes)

    def is_right(self, figures):
        """Whether FIGURES (lost, restarts, rekeys) of the stream with the frames are what the receivers say that
        accept none, one or both of them. Without them, the figure may have been wrong."""
        loss, *changed = figures
        right = any(loss == lost(stream, self.window) for stream in self.accepted_streams())
        return right and tuple(changed) == changes(self.before)

    def accepted_streams(self):
        """Yields the stream with none, one or both of them counted as genuine."""
        streams = [self.before]
        for place, association, wire in reversed(last_first(self.placed)):
            streams += [
                [*stream[:at], taken, *stream[at:]]
                for stream in streams
                for at in [place + len(stream) - len(self.before)]
                for taken in self.receivers(stream, at, association, wire)
            ]
        return streams

    def receivers(self, stream, place, association, wire):
        """The frame as accepted by each SA whose window it is in, or will be soon."""
        came = [frame.sa for frame in stream[:place] if frame.genuine]
        for sa, highest in highest_at(stream, place, association):
            distance = (wire - highest + EPOCH // 2) % EPOCH - EPOCH // 2
            soon = [frame.number for frame in stream[place : place + SOON] if frame.sa is sa]
            reached = max(soon, default=highest) + self.window - highest
            begins = bool(soon) and not any(each is sa for each in came)  # the SA's first number is in its window
            if -self.window - begins < distance <= max(self.window, reached):
                yield Sent(sa, highest + distance)

    def ends_the_stream(self):
        """Whether two frames are inserted behind the last one that goes on. By the rules two that
        agree are believed then."""
        if len(self.placed) < 2:
            return False
        first = [at for at, frame in enumerate(self.after) if frame in self.inserted()][-2]
        return not any(self.goes_on(at) for at in range(first + 1, len(self.after)))

    def inserted(self):
        return [forged(association, wire) for _, association, wire in self.placed]

    def goes_on(self, at):
        frame = self.after[at]
        return frame.genuine and not any(
            earlier.genuine and earlier.sa is frame.sa and earlier.number >= frame.number
            for earlier in self.after[:at]
        )


def changes(stream):
    """Returns how often the sender of STREAM restarts, and how often it changes the key."""
    sas = list({id(frame.sa): frame.sa for frame in stream if frame.genuine}.values())
    pairs = [pair for pair in zip(sas, sas[1:]) if not pair[1].skips]
    restarts = sum(before.association == after.association for before, after in pairs)
    return restarts, len(pairs) - restarts


def last_first(placed):
    """The order in which they are put in: each place is one of the stream without them."""
    return sorted(placed, reverse=True, key=lambda each: each[0])


def highest_at(stream, place, association):
    """Returns each SA of the association with its highest number so far, or its first."""
    highest = {}
    for at, frame in enumerate(stream):
        if frame.genuine and frame.sa.association == association:
            _, so_far = highest.get(id(frame.sa), (frame.sa, None))
            if so_far is None or at < place:
                highest[id(frame.sa)] = frame.sa, max(frame.number, so_far or frame.number)
    return list(highest.values())


def insertion(random, window, length):
    """Makes an insertion at a place that is difficult in some way."""
    kind = random.choice(ORDERLY)
    before = KINDS[kind](random, window, length)
    placed = [place_and_content(random, window, before)]
    if random.random() < 0.5:
        placed.append(second(random, window, before, placed[0]))
    after = list(before)
    for place, association, wire in last_first(placed):
        after.insert(place, forged(association, wire))
    return Insertion(kind, window, before, after, placed)


def place_and_content(random, window, stream):
    place = random.randint(0, len(stream))
    near = stream[min(place, len(stream) - 1)]
    other = random.choice(stream)
    away = random.choice([1, window, window + 1, 2 * window, 100, 1000, 4096, 30_000, 65_536, 10**6])
    number = random.choice(
        [1, 32, 40_000, 50_000, near.number + away, near.number - away, other.number]
        + [other.number + random.choice([-1, 1]) * window, random.randrange(EPOCH)]
    )
    association = near.sa.association if random.random() < 0.7 else random.randrange(4)
    return place, association, number % EPOCH


def second(random, window, stream, first):
    """A second frame, often one that supports the first."""
    place, association, number = first
    if random.random() < 0.5:
        return place_and_content(random, window, stream)
    later = min(len(stream), place + random.choice([0, 0, 1, 2, 60]))
    return later, association, (number + random.choice([-1, 0, 1, window])) % EPOCH
