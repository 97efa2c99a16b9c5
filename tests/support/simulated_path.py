# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A path that two sensors watch, A in front and B behind, with what happened to every frame.

Frames are lost before A, missed by A's capture, lost between A and B, doubled on the way, delayed and
overtaken. B's clock is off. The captures of both sensors and the truth about each SA come out of it.
"""
import dataclasses
import math
import statistics
import struct

from model.frames import macsec_frame
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import HEAD

EPOCH = 2**32
MICROSECOND, MILLISECOND, SECOND = 10**3, 10**6, 10**9
LEAST_DELAY = 3 * MILLISECOND
# While a capture begins, it cannot be known whether a frame came before it or was lost. Nothing is lost then.
CALM = 60 * MILLISECOND


@dataclasses.dataclass
class Sa:
    """The frames that one sender protects with one key, and how many of its last are lost between A and B."""

    flow_id: str
    association: int
    first: int
    count: int
    tail: int
    begin: int = 0  # time of its first frame
    frames: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Sent:
    """A frame and its fate: the times at which it passed A and B; None: it did not."""

    number: int
    at_a: list = dataclasses.field(default_factory=list)
    at_b: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Rates:
    """How often a frame meets each fate."""

    lost_before: float = 0.01
    missed_by_a: float = 0.005
    lost_between: float = 0.02
    doubled_before: float = 0.002
    doubled_between: float = 0.005
    delayed: float = 0.03
    outage: float = 0.0  # of SAs whose first frames are all missed by A, or all lost between


def esp_bytes(spi, number, source, destination):
    inner = struct.pack(">II", spi, number % EPOCH) + bytes(16)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(inner), 0, 0, 64, 50, 0)
    return HEAD + b"\x08\x00" + head + bytes(source) + bytes(destination) + inner


def dotted(address):
    return ".".join(map(str, address))


class EspStream:
    """A tunnel's SAs in one direction: rekeyed with new SPIs, and restarted with the same one."""

    def __init__(self, random, source=(192, 0, 2, 1), destination=(198, 51, 100, 2)):
        self.random, self.source, self.destination = random, source, destination
        self.spi = random.randrange(256, EPOCH)

    def frame(self, sa, number):
        return esp_bytes(int(sa.flow_id[13:23], 16), number, self.source, self.destination)

    def sas(self, counts):
        restarts = self.random.randrange(1, len(counts))
        for place, count in enumerate(counts):
            if place and place != restarts:
                self.spi = self.random.randrange(256, EPOCH)
            flow_id = f"IPsec {{ spi: 0x{self.spi:08x}, dst: {dotted(self.destination)}, src: {dotted(self.source)} }}"
            first = EPOCH - self.random.randrange(500, 3000) if place == 0 else 1
            yield Sa(flow_id, 0, first, count, self.random.choice((0, 1, 7, 60)))


class MacsecStream:
    """A secure channel whose association numbers are used again after four SAs."""

    def __init__(self, random):
        self.random = random
        self.sci = random.randrange(2**64)

    def frame(self, sa, number):
        return macsec_frame(self.sci, sa.association, number % EPOCH, bytes(48))

    def sas(self, counts):
        for place, count in enumerate(counts):
            first = EPOCH - self.random.randrange(500, 3000) if place == 0 else 1
            tail = self.random.choice((0, 1, 7, 60))
            yield Sa(f"MACsec {{ sci: 0x{self.sci:016x} }}", place % 4, first, count, tail)


class Path:
    """Sends the SAs of STREAMS past A and B."""

    def __init__(self, random, streams, counts, rates=Rates(), late_frames=0, clock=0, begin=FIRST_SECOND):
        self.random, self.rates, self.clock, self.begin = random, rates, clock, begin
        self.sas = [(stream, sa) for stream in streams for sa in stream.sas(counts)]
        self.calm_from, self.calm_until = -1, CALM
        for turn in range(2 if late_frames else 1):
            state = random.getstate()
            self._send(streams)
            if turn == 0 and late_frames:
                begin = sorted(time for _, sa in self.sas for sent in sa.frames for time in sent.at_b)[late_frames]
                self.calm_from, self.calm_until = begin - CALM, begin + CALM
                random.setstate(state)  # once more, with the same fates but for the calm
        self.start_b = self._arrivals("at_b")[late_frames][0]
        self.start_a = self._arrivals("at_a")[0][0]

    def _send(self, streams):
        for stream in streams:
            now = 0
            for _, sa in filter(lambda pair: pair[0] is stream, self.sas):
                sa.begin, sa.frames = now, []
                for place in range(sa.count):
                    now += self.random.randrange(100 * MICROSECOND, 400 * MICROSECOND)
                    is_tail = place >= sa.count - sa.tail
                    sa.frames.append(self._pass(sa.first + place, now, is_tail))
                self._have_outage(sa)

    def _have_outage(self, sa):
        """Takes away the first frames of SA, at A or between, if it is its turn."""
        if sa.first != 1 or not self.rates.outage or self.random.random() >= self.rates.outage:
            return
        side = self.random.choice(("at_a", "at_b"))
        for sent in sa.frames[: min(self.random.randrange(10, 800), sa.count - 500)]:
            setattr(sent, side, [])

    def _pass(self, number, now, is_tail):
        sent, chance, rates = Sent(number), self.random.random, self.rates
        draws = [chance() for _ in range(6)]
        jitter = self.random.randrange(2 * MILLISECOND) if draws[5] < rates.delayed else 0
        noise = self.random.randrange(50 * MICROSECOND)
        is_calm = self.calm_from < now < self.calm_until
        if is_calm:
            draws = [1.0] * 6
        if is_calm and self.calm_from < 0:
            jitter = 0  # the first frames of all: none overtakes the one that B sees first
        if draws[0] < rates.lost_before and not is_tail:
            return sent
        if draws[1] >= rates.missed_by_a or is_tail:
            sent.at_a = [now] * (2 if draws[2] < rates.doubled_before else 1)
        if draws[3] < rates.lost_between or (is_tail and not is_calm):
            return sent
        sent.at_b = [now + LEAST_DELAY + noise + jitter]
        if draws[4] < rates.doubled_between:
            sent.at_b.append(sent.at_b[0] + 500 * MICROSECOND)
        return sent

    def _arrivals(self, side):
        return sorted(
            (time, place, sent.number) for place, (_, sa) in enumerate(self.sas) for sent in sa.frames for time in getattr(sent, side)
        )

    def capture(self, side, skip=0):
        """The capture file of SIDE without its first SKIP frames."""
        packets = []
        for time, place, number in self._arrivals(side)[skip:]:
            stream, sa = self.sas[place]
            second, rest = divmod(time + (self.clock if side == "at_b" else 0), SECOND)
            packets.append(Packet(stream.frame(sa, number), second=self.begin + second, fraction=rest))
        return pcap(packets, nanoseconds=True)

    def truth(self):
        """The figures of each SA, by (flow id, association), in the order of time."""
        found = {}
        for _, sa in self.sas:
            figures = self._truth_of(sa)
            if figures:
                found.setdefault((sa.flow_id, sa.association), []).append(figures)
        return found

    def _start_of(self, sa):
        """The first number that both sensors could see."""
        at_b = [(time, sent.number) for sent in sa.frames for time in sent.at_b if time >= self.start_b]
        at_a = [(time, sent.number) for sent in sa.frames for time in sent.at_a]
        if sa.begin > self.start_a and sa.begin + LEAST_DELAY >= self.start_b:
            return sa.first
        return max(min(at_a)[1], min(at_b)[1]) if at_a and at_b else None

    def _truth_of(self, sa):
        start = self._start_of(sa)
        if start is None:
            return None
        sight = [
            (sent.number, sent.at_a, [time for time in sent.at_b if time >= self.start_b])
            for sent in sa.frames
            if sent.number >= start and not (sent.at_b and min(sent.at_b) < self.start_b)
        ]
        last = max(number for number, at_a, at_b in sight if at_a or at_b)
        sight = [each for each in sight if each[0] <= last]
        last_at_b = max(number for number, _, at_b in sight if at_b)
        delays = sorted(min(at_b) - min(at_a) + self.clock for _, at_a, at_b in sight if at_a and at_b)
        ahead_a, ahead_b = self._overtaken(sa, "at_a", 0), self._overtaken(sa, "at_b", self.start_b)
        return {
            "passed_both": len(delays),
            "lost_before_a": sum(not at_a and not at_b for _, at_a, at_b in sight),
            "lost_between": sum(bool(at_a) and not at_b for _, at_a, at_b in sight),
            "lost_tail": sum(bool(at_a) and number > last_at_b for number, at_a, _ in sight),
            "missed_by_a": sum(not at_a and bool(at_b) for _, at_a, at_b in sight),
            "duplicated_between": sum(max(0, len(at_b) - max(1, len(at_a))) for _, at_a, at_b in sight),
            "reordered_between": sum(number in ahead_b and number not in ahead_a for number, _, _ in sight),
            "delay_ms": {
                "min": delays[0] / MILLISECOND,
                "mean": statistics.fmean(delays) / MILLISECOND,
                **{f"p{part}": delays[math.ceil(len(delays) * part / 100) - 1] / MILLISECOND for part in (50, 95, 99)},
                "samples": len(delays),
            },
        }

    @staticmethod
    def _overtaken(sa, side, since):
        """The numbers that passed SIDE after a higher one."""
        highest, overtaken, seen = -1, set(), set()
        for time, number in sorted((time, sent.number) for sent in sa.frames for time in getattr(sent, side)):
            if time < since or number in seen:
                continue
            seen.add(number)
            if number < highest:
                overtaken.add(number)
            highest = max(highest, number)
        return overtaken
