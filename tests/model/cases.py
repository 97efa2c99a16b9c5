# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The counting rules, one case a sentence, with figures worked out by hand.

Frame number i (from 0) of a case arrives i milliseconds after FIRST_NS unless the case gives its
own times. A frame is its sequence number, or a pair of association number and sequence number.
Counters that a case does not name are 0 in it, and min_gap and max_gap follow from its gaps.
"""
import dataclasses

from model.frames import EspFlow, Frame, MacsecFlow
from model.streams import FIRST_NS

WIRE_LENGTH = 128
TOP = 2**32 - 1


@dataclasses.dataclass(frozen=True)
class Gap:
    expected: int
    received: int
    size: int
    time_ms: int
    duration_ms: float


@dataclasses.dataclass(frozen=True)
class Case:
    rule: str
    numbers: list
    last: int  # last_sequence
    gaps: list = dataclasses.field(default_factory=list)
    counts: dict = dataclasses.field(default_factory=dict)
    window: int = 4
    times_ms: list = None
    flow: object = MacsecFlow(0x0200000000010001)

    def frames(self):
        times = self.times_ms or range(len(self.numbers))
        pairs = [each if isinstance(each, tuple) else (0, each) for each in self.numbers]
        return [
            Frame(FIRST_NS + time * 10**6, self.flow, sequence, association, WIRE_LENGTH)
            for time, (association, sequence) in zip(times, pairs)
        ]


def upto(first, last):
    return list(range(first, last + 1))


def on(association, *numbers):
    return [(association, number) for number in numbers]


WINDOW = [
    Case("Numbers in order lose nothing.", upto(1, 10), last=10),
    Case("The first frame is the baseline: nothing before it is missing.", [50, 51, 52], last=52),
    Case(
        "A missing number is still awaited while the highest is less than W ahead of it.",
        [1, 2, 4, 5, 6, 3],
        last=6,
        counts={"reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "A missing number is lost when the highest is W ahead of it.",
        [1, 2, 4, 5, 6, 7, 3],
        last=7,
        gaps=[Gap(3, 4, 1, 2, 1)],
        counts={"late_packets": 1},
    ),
    Case(
        "With W = 1 every number that is jumped over is lost at once.",
        [1, 3, 2, 4],
        window=1,
        last=4,
        gaps=[Gap(2, 3, 1, 1, 1)],
        counts={"late_packets": 1},
    ),
    Case(
        "The widest window awaits a number for 4,095 more.",
        [1, *upto(3, 4097), 2],
        window=4096,
        last=4097,
        counts={"reordered_packets": 1, "max_reorder_distance": 4095},
    ),
    Case(
        "The widest window gives a number up at 4,096.",
        [1, *upto(3, 4098), 2],
        window=4096,
        last=4098,
        gaps=[Gap(2, 3, 1, 1, 1)],
        counts={"late_packets": 1},
    ),
    Case("At the end of the stream what is awaited is lost.", [1, 2, 4], 4, [Gap(3, 4, 1, 2, 1)]),
    Case(
        "A number up to 65,536 ahead is in the window.",
        [1, 65537],
        last=65537,
        gaps=[Gap(2, 65537, 65535, 1, 1)],
    ),
    Case(
        "A single number further ahead is an outlier and loses nothing.",
        [1, 65538, 2],
        last=2,
        counts={"outlier_packets": 1},
    ),
    Case(
        "A number that was seen is a duplicate.",
        [1, 2, 3, 2, 3, 3],
        last=3,
        counts={"duplicate_packets": 3},
    ),
    Case(
        "A number before the baseline and in the window is reordered, and none between is missing.",
        [10, 11, 8, 8, 9],
        last=11,
        counts={"reordered_packets": 2, "max_reorder_distance": 3, "duplicate_packets": 1},
    ),
    Case(
        "The greatest of the distances is kept.",
        [1, 5, 4, 2, 3, 6],
        last=6,
        counts={"reordered_packets": 3, "max_reorder_distance": 3},
    ),
    Case(
        "A late number is counted as late alone, each time, and is still lost.",
        [1, 2, *upto(4, 8), 3, 3],
        last=8,
        gaps=[Gap(3, 4, 1, 2, 1)],
        counts={"late_packets": 2},
    ),
    Case(
        "A number that was received and comes again at or below highest - W is late, no duplicate.",
        [*upto(1, 10), 6, 11],
        last=11,
        counts={"late_packets": 1},
    ),
    Case(
        "One above highest - W is in the window.",
        [*upto(1, 10), 7, 11],
        last=11,
        counts={"duplicate_packets": 1},
    ),
]

GAPS = [
    Case("A gap is a whole run.", [1, 2, 6, 7], 7, [Gap(3, 6, 3, 2, 1)]),
    Case(
        "Each run is its own gap.",
        [1, 3, 6, 7],
        last=7,
        gaps=[Gap(2, 3, 1, 1, 1), Gap(4, 6, 2, 2, 1)],
    ),
    Case(
        "A reordered arrival splits a run, and its time bounds both halves.",
        [1, 6, 4, *upto(7, 20)],
        window=8,
        last=20,
        gaps=[Gap(5, 6, 1, 1, 0), Gap(2, 4, 2, 2, 2)],
        counts={"reordered_packets": 1, "max_reorder_distance": 2},
    ),
    Case(
        "A run that is lost in part grows until the number after it is settled.",
        [1, 10, 8],
        last=10,
        gaps=[Gap(9, 10, 1, 1, 0), Gap(2, 8, 6, 2, 2)],
        counts={"reordered_packets": 1, "max_reorder_distance": 2},
    ),
    Case(
        "A gap's time is the arrival of the frame after it, whatever came in between.",
        [1, 2, 4, 2, 5],
        last=5,
        times_ms=[10, 20, 50, 51, 52],
        gaps=[Gap(3, 4, 1, 50, 30)],
        counts={"duplicate_packets": 1},
    ),
    Case(
        "The duration of a gap is never negative.",
        [1, 2, 4],
        last=4,
        times_ms=[10, 20, 15],
        gaps=[Gap(3, 4, 1, 15, 0)],
    ),
]

PROBATION = [
    Case(
        "The third frame in a row confirms a jump ahead; the numbers jumped over are lost.",
        [1, 2, 100000, 100001, 100002],
        last=100002,
        gaps=[Gap(3, 100000, 99997, 2, 1)],
    ),
    Case(
        "Each may be W ahead of the one before, and what they leave out is missing.",
        [1, 100000, 100004, 100008],
        last=100008,
        gaps=[
            Gap(2, 100000, 99998, 1, 1),
            Gap(100001, 100004, 3, 2, 1),
            Gap(100005, 100008, 3, 3, 1),
        ],
    ),
    Case(
        "What a confirmed jump ahead left out near its end may still arrive.",
        [1, 100000, 100002, 100003, 100001, 99999],
        last=100003,
        gaps=[Gap(2, 100000, 99998, 1, 1)],
        counts={"reordered_packets": 1, "max_reorder_distance": 2, "late_packets": 1},
    ),
    Case(
        "More than W ahead of the one before ends the probation and begins another.",
        [1, 100000, 100005, 100009, 2],
        last=2,
        counts={"outlier_packets": 3},
    ),
    Case(
        "The probation that began later may be confirmed.",
        [1, 100000, 100005, 100009, 100013],
        last=100013,
        gaps=[
            Gap(2, 100005, 100003, 2, 2),
            Gap(100006, 100009, 3, 3, 1),
            Gap(100010, 100013, 3, 4, 1),
        ],
        counts={"outlier_packets": 1},
    ),
    Case(
        "The last candidate again is a duplicate that neither confirms nor ends.",
        [1, 100000, 100000, 100001, 100001, 100002],
        last=100002,
        gaps=[Gap(2, 100000, 99998, 1, 1)],
        counts={"duplicate_packets": 2},
    ),
    Case(
        "A candidate before the last one ends the probation and begins another.",
        [1, 100000, 100001, 100000, 2],
        last=2,
        counts={"outlier_packets": 3},
    ),
    Case(
        "A frame in the window ends the probation.",
        [1, 100000, 100001, 2, 100002],
        last=2,
        counts={"outlier_packets": 3},
    ),
    Case(
        "The end of the stream ends the probation.",
        [1, 100000, 100001],
        last=1,
        counts={"outlier_packets": 2},
    ),
    Case(
        "Three in a row far back are a restart: a new baseline, and nothing lost.",
        [1000, 1001, 5, 6, 7, 8],
        last=8,
        counts={"restarts": 1},
    ),
    Case(
        "A restart loses what the old space still awaited.",
        [1000, 1002, 5, 6, 7],
        last=7,
        gaps=[Gap(1001, 1002, 1, 1, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "After a restart what the three leave out is missing.",
        [1000, 5, 7, 9],
        last=9,
        gaps=[Gap(6, 7, 1, 2, 1), Gap(8, 9, 1, 3, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "Two far back and no third are late.",
        [1000, 5, 6, 1001],
        last=1001,
        counts={"late_packets": 2},
    ),
    Case(
        "Far ahead and far back end each other.",
        [1000, 5, 6, 100000, 100001, 7, 1001],
        last=1001,
        counts={"late_packets": 3, "outlier_packets": 2},
    ),
    Case(
        "A restart may follow a restart.",
        [1000, 500, 501, 502, 5, 6, 7],
        last=7,
        counts={"restarts": 2},
    ),
]

HELD_BACK = [
    Case(
        "A block that comes back into the newest gap is late, no restart.",
        [1, *upto(5, 10), 2, 3, 4, 11],
        last=11,
        gaps=[Gap(2, 5, 3, 1, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "The same while its gap is still growing.",
        [1, 10, 2, 3, 4, 7, 11],
        last=11,
        gaps=[Gap(8, 10, 2, 1, 0), Gap(2, 7, 5, 5, 5)],
        counts={"late_packets": 3, "reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "While a gap is growing the newest whole one counts too.",
        [1, *upto(5, 9), 18, 2, 3, 4, 10, 11, 12],
        last=18,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 18, 8, 6, 1)],
        counts={"late_packets": 6},
    ),
    Case(
        "Its first number is enough to make it growing.",
        [1, 6, 2, 2, 7],
        last=7,
        gaps=[Gap(2, 6, 4, 1, 1)],
        counts={"late_packets": 2},
    ),
    Case(
        "Its last number makes it whole, and then the one before it is not the newest.",
        [1, *upto(5, 9), *upto(13, 16), 2, 3, 4],
        last=4,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 13, 3, 6, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "One number less does not.",
        [1, *upto(5, 9), *upto(13, 15), 2, 3, 4],
        last=15,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 13, 3, 6, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "Only the newest gap: three in a row in an older one are a restart.",
        [1, *upto(5, 9), *upto(13, 17), 2, 3, 4],
        last=4,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 13, 3, 6, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "A restart may run through the newest gap when it began before it.",
        [10, 11, *upto(15, 20), 10, 12, 13],
        last=13,
        gaps=[Gap(12, 15, 3, 2, 1), Gap(11, 12, 1, 9, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "The last candidate again is a duplicate in the newest gap as well.",
        [10, 11, *upto(15, 20), 10, 12, 12, 13],
        last=13,
        gaps=[Gap(12, 15, 3, 2, 1), Gap(11, 12, 1, 9, 1)],
        counts={"restarts": 1, "duplicate_packets": 1},
    ),
    Case(
        "A frame of the newest gap that does not continue a probation ends it and begins none.",
        [10, 11, *upto(15, 20), 5, 12, 13, 14],
        last=20,
        gaps=[Gap(12, 15, 3, 2, 1)],
        counts={"late_packets": 4},
    ),
    Case(
        "It ends a probation ahead too.",
        [10, 11, *upto(15, 20), 100000, 100001, 12, 100002],
        last=20,
        gaps=[Gap(12, 15, 3, 2, 1)],
        counts={"late_packets": 1, "outlier_packets": 3},
    ),
    Case(
        "A restart forgets the gaps before it.",
        [20, *upto(24, 29), *upto(10, 30), 21, 22, 23],
        last=23,
        gaps=[Gap(21, 24, 3, 1, 1)],
        counts={"restarts": 2},
    ),
]

ASSOCIATIONS = [
    Case(
        "A new association that starts at 1 is a rekey and loses nothing.",
        [*on(0, 100, 101), *on(1, 1, 2)],
        last=2,
        counts={"rekeys": 1},
    ),
    Case(
        "Numbers from 1 to the first of a new association are missing.",
        [*on(0, 100, 101), *on(1, 3, 4)],
        last=4,
        gaps=[Gap(1, 3, 2, 2, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "The frame before them is the highest of the association that was in use.",
        [*on(0, 100, 102, 101, 500000), *on(1, 2)],
        last=2,
        gaps=[Gap(1, 2, 1, 4, 3)],
        counts={
            "rekeys": 1,
            "reordered_packets": 1,
            "max_reorder_distance": 1,
            "outlier_packets": 1,
        },
    ),
    Case(
        "It starts as if 0 had been received.",
        [*on(0, 100), *on(1, 1, 0)],
        last=1,
        counts={"rekeys": 1, "duplicate_packets": 1},
    ),
    Case(
        "One that really starts with 0 has no duplicate.",
        [*on(0, 100), *on(1, 0, 1)],
        last=1,
        counts={"rekeys": 1},
    ),
    Case(
        "They may still arrive in the window.",
        [*on(0, 100, 101), *on(1, 3, 1)],
        last=3,
        gaps=[Gap(2, 3, 1, 2, 0)],
        counts={"rekeys": 1, "reordered_packets": 1, "max_reorder_distance": 2},
    ),
    Case(
        "A new association may start at 65,536 at most.",
        [*on(0, 100), *on(1, 65536)],
        last=65536,
        gaps=[Gap(1, 65536, 65535, 1, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "Beyond that it is older than the capture and loses nothing.",
        [*on(0, 100), *on(1, 65537)],
        last=65537,
        counts={"rekeys": 1},
    ),
    Case(
        "Frames of the old association belong to it.",
        [(0, 100), (1, 1), (0, 101), (1, 2), (0, 103), (1, 3)],
        last=3,
        gaps=[Gap(102, 103, 1, 4, 2)],
        counts={"rekeys": 1},
    ),
    Case(
        "Numbers of two associations are no duplicates of each other.",
        [(0, 1), (1, 1), (0, 2), (1, 2)],
        last=2,
        counts={"rekeys": 1},
    ),
    Case(
        "Three in a row far back on the newest association are a restart.",
        [*on(0, 100), *on(1, *upto(1, 10), 1, 2, 3)],
        last=3,
        counts={"rekeys": 1, "restarts": 1},
    ),
    Case(
        "Three in a row far back on another association are a rekey.",
        [*on(0, 1000), *on(1, 1, 2), *on(0, 1, 2, 3)],
        last=3,
        counts={"rekeys": 2},
    ),
    Case(
        "Such a rekey misses the numbers from 1 to its first.",
        [*on(0, 1000), *on(1, 1), *on(0, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 2, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "Such a rekey beyond 65,536 misses nothing.",
        [*on(0, 1000000), *on(1, 1), *on(0, 70000, 70001, 70002)],
        last=70002,
        counts={"rekeys": 2},
    ),
    Case(
        "Such a rekey loses what the old space still awaited.",
        [*on(0, 1000, 1002), *on(1, 1), *on(0, 1, 2, 3)],
        last=3,
        gaps=[Gap(1001, 1002, 1, 1, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "A jump ahead on another association does not make it the newest.",
        [*on(0, 1000), *on(1, 1), *on(0, 100000, 100001, 100002)],
        last=1,
        gaps=[Gap(1001, 100000, 98999, 2, 2)],
        counts={"rekeys": 1},
    ),
    Case(
        "Probation goes by association: frames of another one do not end it.",
        [(0, 1000), (1, 1), (0, 1), (1, 2), (0, 2), (1, 3), (0, 3)],
        last=3,
        counts={"rekeys": 2},
    ),
    Case(
        "All four associations may be used, and each again.",
        [*on(2, 9), *on(3, 1), *on(0, 1), *on(1, 1), *on(2, 1, 2, 3), *on(3, 2)],
        last=3,
        counts={"rekeys": 4},
    ),
]

WRAPAROUND = [
    Case("A wraparound loses nothing.", [TOP - 1, TOP, 0, 1], 1, counts={"wraparounds": 1}),
    Case(
        "A gap may span a wraparound.",
        [TOP - 1, 2],
        last=2,
        gaps=[Gap(TOP, 2, 3, 1, 1)],
        counts={"wraparounds": 1},
    ),
    Case(
        "A frame from before a wraparound is reordered.",
        [TOP - 1, 0, TOP, 1],
        last=1,
        counts={"wraparounds": 1, "reordered_packets": 1, "max_reorder_distance": 1},
    ),
    Case(
        "A confirmed jump ahead may pass a wraparound.",
        [TOP - 255, 100000, 100001, 100002],
        last=100002,
        gaps=[Gap(TOP - 254, 100000, 100255, 1, 1)],
        counts={"wraparounds": 1},
    ),
    Case(
        "A restart is no wraparound.",
        [2000000000, 5, 6, 7],
        last=7,
        counts={"restarts": 1},
    ),
    Case(
        "A number from before the baseline and before 0 is no wraparound.",
        [1, TOP, 2],
        last=2,
        counts={"reordered_packets": 1, "max_reorder_distance": 2},
    ),
    Case(
        "A wraparound after the baseline of a restart counts.",
        [1000, TOP, 0, 1],
        last=1,
        counts={"restarts": 1, "wraparounds": 1},
    ),
    Case(
        "Less than half of the numbers away is ahead.",
        [5, 4 + 2**31, 4 + 2**31, 2 + 2**31, 3 + 2**31, 4 + 2**31],
        last=4 + 2**31,
        gaps=[Gap(6, 2 + 2**31, 2**31 - 4, 3, 3)],
        counts={"outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "Exactly half of the numbers away is back.",
        [5, 5 + 2**31, 6 + 2**31, 7 + 2**31],
        last=7 + 2**31,
        counts={"restarts": 1},
    ),
]

ESP = [
    Case("ESP loses as MACsec does.", [1, 3], 3, [Gap(2, 3, 1, 1, 1)], flow=EspFlow(0x1000)),
    Case(
        "ESP with extended numbers wraps.",
        [TOP, 0, 1],
        last=1,
        counts={"wraparounds": 1},
        flow=EspFlow(0x1001),
    ),
    Case(
        "An ESP sender restarts.",
        [1000, 1, 2, 3],
        last=3,
        counts={"restarts": 1},
        flow=EspFlow(0x1002),
    ),
]

CASES = [*WINDOW, *GAPS, *PROBATION, *HELD_BACK, *ASSOCIATIONS, *WRAPAROUND, *ESP]
