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
        [1, 9, 10, 2, 3, 4, 7, 11],
        last=11,
        gaps=[Gap(8, 9, 1, 1, 0), Gap(2, 7, 5, 6, 6)],
        counts={"late_packets": 3, "reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "While a gap is growing the newest whole one counts too.",
        [1, *upto(5, 9), 18, 19, 2, 3, 4, 10, 11, 12],
        last=19,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 18, 8, 6, 1)],
        counts={"late_packets": 6},
    ),
    Case(
        "Its first number is enough to make it growing.",
        [1, 5, 6, 2, 2, 7],
        last=7,
        gaps=[Gap(2, 5, 3, 1, 1)],
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

LONE_JUMPS = [
    Case(
        "A jump inside 65,536 is taken back when three in a row are in the run that it made.",
        [1, 2, 3, 1000, 4, 5, 6, 7],
        last=7,
        counts={"outlier_packets": 1},
    ),
    Case(
        "From the farthest number in the window too.",
        [1, 65537, 2, 3, 4],
        last=4,
        counts={"outlier_packets": 1},
    ),
    Case(
        "What the three leave out, before and between them, is missing.",
        [1, 2, 3, 1000, 9, 10, 13],
        last=13,
        gaps=[Gap(4, 9, 5, 4, 2), Gap(11, 13, 2, 6, 1)],
        counts={"outlier_packets": 1},
    ),
    Case(
        "What they leave out may still arrive.",
        [1, 2, 3, 1000, 5, 6, 7, 4],
        last=7,
        counts={
            "outlier_packets": 1,
            "reordered_packets": 1,
            "max_reorder_distance": 3,
        },
    ),
    Case(
        "Two in a row do not take it back.",
        [1, 2, 3, 1000, 4, 5, 1001],
        last=1001,
        gaps=[Gap(4, 1000, 996, 3, 1)],
        counts={"late_packets": 2},
    ),
    Case(
        "At the end of the stream two in a row are late.",
        [1, 1000, 2, 3],
        last=1000,
        gaps=[Gap(2, 1000, 998, 1, 1)],
        counts={"late_packets": 2},
    ),
    Case(
        "Three that are no row do not.",
        [1, 1000, 2, 10, 20, 1001],
        last=1001,
        gaps=[Gap(2, 1000, 998, 1, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "The row may begin anew; what came before it is late.",
        [1, 1000, 8, 2, 3, 4],
        last=4,
        counts={"late_packets": 1, "outlier_packets": 1},
    ),
    Case(
        "All three must be in the lost part of the run: here they just are.",
        [1, 8, 2, 3, 4],
        last=4,
        counts={"outlier_packets": 1},
    ),
    Case(
        "One that is still awaited is received in its place, and the jump stands.",
        [1, 7, 2, 3, 4],
        last=7,
        gaps=[Gap(5, 7, 2, 1, 0), Gap(2, 4, 2, 4, 4)],
        counts={"late_packets": 2, "reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "A run of W numbers is enough for a probation.",
        [1, 6, 2, 2, 7],
        last=7,
        gaps=[Gap(2, 6, 4, 1, 1)],
        counts={"late_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "The jump stands when a higher number came after it.",
        [1, 2, 1000, 1001, 3, 4, 5, 1002],
        last=1002,
        gaps=[Gap(3, 1000, 997, 2, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "It stands when a number of its run arrived.",
        [1, 1000, 998, 2, 3, 4, 1001],
        last=1001,
        gaps=[Gap(999, 1000, 1, 1, 0), Gap(2, 998, 996, 2, 2)],
        counts={"late_packets": 3, "reordered_packets": 1, "max_reorder_distance": 2},
    ),
    Case(
        "It stands when it was confirmed.",
        [1, 100000, 100001, 100002, 2, 3, 4, 100003],
        last=100003,
        gaps=[Gap(2, 100000, 99998, 1, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "It stands when it was confirmed by a frame W ahead of the one before.",
        [1, 100000, 100001, 100005, 2, 3, 4, 100006],
        last=100006,
        gaps=[Gap(2, 100000, 99998, 1, 1), Gap(100002, 100005, 3, 3, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "The frame that jumped may come twice: a duplicate is no other number.",
        [1, 1000, 1000, 2, 3, 4],
        last=4,
        counts={"outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "In between it ends the probation, as it is in the window.",
        [1, 1000, 2, 3, 1000, 4, 5, 6],
        last=6,
        gaps=[Gap(2, 4, 2, 5, 5)],
        counts={"late_packets": 2, "outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "One far ahead ends it as well, and changes nothing about the jump.",
        [1, 1000, 2, 3, 500000, 4, 5, 6],
        last=6,
        gaps=[Gap(2, 4, 2, 5, 5)],
        counts={"late_packets": 2, "outlier_packets": 2},
    ),
    Case(
        "The last candidate again is a duplicate here too.",
        [1, 1000, 2, 2, 3, 3, 4],
        last=4,
        counts={"outlier_packets": 1, "duplicate_packets": 2},
    ),
    Case(
        "A sender may be disturbed again.",
        [1, 1000, 2, 3, 4, 2000, 5, 6, 7],
        last=7,
        counts={"outlier_packets": 2},
    ),
    Case(
        "The number that jumped is received when its turn comes.",
        [1, 9, *upto(2, 10)],
        last=10,
        counts={"outlier_packets": 1},
    ),
    Case(
        "What the jump had made lost before the run stays lost.",
        [1, 3, 1000, 4, 5, 6],
        last=6,
        gaps=[Gap(2, 3, 1, 1, 1)],
        counts={"outlier_packets": 1},
    ),
    Case(
        "In the window it counts as seen.",
        [1, 3, 1000, 4, 5, 6, 2],
        window=8,
        last=6,
        gaps=[Gap(2, 3, 1, 1, 1)],
        counts={"outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "Below the window it is known to be lost.",
        [1, 3, 1000, *upto(4, 10), 2, 2, 11],
        last=11,
        gaps=[Gap(2, 3, 1, 1, 1)],
        counts={"outlier_packets": 1, "late_packets": 2},
    ),
    Case(
        "Before the baseline all numbers in the window count as seen then.",
        [10, 1000, 11, 12, 13, 9],
        window=8,
        last=13,
        counts={"outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "Frames of an older gap are late at once, and end the probation.",
        [1, *upto(5, 9), 1000, 10, 11, 3, 12, 1001],
        last=1001,
        gaps=[Gap(2, 5, 3, 1, 1), Gap(10, 1000, 990, 6, 1)],
        counts={"late_packets": 4},
    ),
    Case(
        "They may begin before the run: with a duplicate, as on a mirrored port.",
        [10, 11, 1000, 11, 12, 13, 14],
        last=14,
        counts={"outlier_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "Three in a row that begin a window before the run are a restart.",
        [97, 98, 99, 100, 5000, 96, 99, 102, 103],
        window=4,
        last=103,
        gaps=[
            Gap(101, 5000, 4899, 4, 1),
            Gap(97, 99, 2, 6, 1),
            Gap(100, 102, 2, 7, 1),
        ],
        counts={"restarts": 1},
    ),
    Case(
        "A wraparound that only the jump made is taken back.",
        [TOP - 9, 1000, TOP - 8, TOP - 7, TOP - 6],
        last=TOP - 6,
        counts={"outlier_packets": 1},
    ),
    Case(
        "The three may make it again.",
        [TOP, 1000, 0, 1, 2],
        last=2,
        counts={"outlier_packets": 1, "wraparounds": 1},
    ),
    Case(
        "On an association that is not the newest it is no rekey.",
        [(0, 1000), (1, 1), *on(0, 5000, 1001, 1002, 1003), (1, 2)],
        last=2,
        counts={"rekeys": 1, "outlier_packets": 1},
    ),
    Case(
        "A jump from the 0 before a new association's first number is one too.",
        [*on(0, 100), *on(1, 0, 1000, 1, 2, 3)],
        last=3,
        counts={"rekeys": 1, "outlier_packets": 1},
    ),
    Case(
        "The smallest window that can take a jump back is 2.",
        [1, 6, 2, 3, 4],
        window=2,
        last=4,
        counts={"outlier_packets": 1},
    ),
    Case(
        "With W = 1 the run is a gap at once, and its frames are late.",
        [1, 6, 2, 3, 4, 7],
        window=1,
        last=7,
        gaps=[Gap(2, 6, 4, 1, 1)],
        counts={"late_packets": 3},
    ),
]

# 1, then a gap of 2 to 1999 that no awaited number belongs to any more.
OVER_A_GAP = [1, *upto(2000, 2004)]
THE_GAP = Gap(2, 2000, 1998, 1, 1)

PATIENCE = [
    Case(
        "1,024 known to be lost are late at once; then three in a row are a restart.",
        [*OVER_A_GAP, *upto(2, 1025), 1026, 1027, 1028],
        last=1028,
        gaps=[THE_GAP],
        counts={"late_packets": 1024, "restarts": 1},
    ),
    Case(
        "Before that they are not.",
        [*OVER_A_GAP, *upto(2, 1025), 1026, 1027],
        last=2004,
        gaps=[THE_GAP],
        counts={"late_packets": 1026},
    ),
    Case(
        "They need not be different nor in order; what is held may then have duplicates.",
        [*OVER_A_GAP, *[700, 600] * 512, 5, 5, 5],
        last=2004,
        gaps=[THE_GAP],
        counts={"late_packets": 1025, "duplicate_packets": 2},
    ),
    Case(
        "Those that are in no row end each other and begin again.",
        [*OVER_A_GAP, *upto(2, 1025), 100, 200, 300, 301, 302],
        last=302,
        gaps=[THE_GAP],
        counts={"late_packets": 1026, "restarts": 1},
    ),
    Case(
        "The count starts anew when the highest number has moved on.",
        [*OVER_A_GAP, *upto(2, 1025), 2005, *upto(1026, 1999), 2006],
        last=2006,
        gaps=[THE_GAP],
        counts={"late_packets": 1998},
    ),
    Case(
        "A duplicate of the highest does not move it on.",
        [*OVER_A_GAP, *upto(2, 1025), 2004, 1026, 1027, 1028],
        last=1028,
        gaps=[THE_GAP],
        counts={"late_packets": 1024, "duplicate_packets": 1, "restarts": 1},
    ),
    Case(
        "On an association that is not the newest three in a row are then a rekey.",
        [*on(0, *OVER_A_GAP), (1, 1), *on(0, *upto(2, 1025), 1026, 1027, 1028)],
        last=1028,
        times_ms=[min(at, 900) for at in range(1034)],
        gaps=[THE_GAP, Gap(1, 1026, 1025, 900, 894)],
        counts={"late_packets": 1024, "rekeys": 2},
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
        "All four associations may be used, and each again.",
        [*on(2, 9), *on(3, 1), *on(0, 1), *on(1, 1), *on(2, 1, 2, 3), *on(3, 2)],
        last=3,
        counts={"rekeys": 4},
    ),
]

NEW_ASSOCIATIONS = [
    Case(
        "One number of at most W is a new association at once.",
        [*on(0, 100), *on(1, 4)],
        last=4,
        gaps=[Gap(1, 4, 3, 1, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "One of more than W is an outlier.",
        [*on(0, 100), *on(1, 5), *on(0, 101)],
        last=101,
        counts={"outlier_packets": 1},
    ),
    Case(
        "Three in a row confirm it, and the numbers from 1 to the first are missing.",
        [*on(0, 100), *on(1, 5, 6, 7)],
        last=7,
        gaps=[Gap(1, 5, 4, 1, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "They follow the window: those near the first may still arrive.",
        [*on(0, 100), *on(1, 5, 6, 7, 4)],
        last=7,
        gaps=[Gap(1, 4, 3, 4, 4)],
        counts={"rekeys": 1, "reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "What the three leave out is missing.",
        [*on(0, 100), *on(1, 5, 9, 13)],
        last=13,
        gaps=[Gap(1, 5, 4, 1, 1), Gap(6, 9, 3, 2, 1), Gap(10, 13, 3, 3, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "The end of the stream makes two in a row outliers.",
        [*on(0, 100), *on(1, 5, 6)],
        last=100,
        counts={"outlier_packets": 2},
    ),
    Case(
        "The last candidate again is a duplicate.",
        [*on(0, 100), *on(1, 5, 5, 6, 6, 7)],
        last=7,
        gaps=[Gap(1, 5, 4, 1, 1)],
        counts={"rekeys": 1, "duplicate_packets": 2},
    ),
    Case(
        "More than W ahead of the one before begins another probation.",
        [*on(0, 100), *on(1, 5, 6, 11, 12, 13)],
        last=13,
        gaps=[Gap(1, 11, 10, 3, 3)],
        counts={"rekeys": 1, "outlier_packets": 2},
    ),
    Case(
        "So does one before it.",
        [*on(0, 100), *on(1, 70, 71, 50, 51, 52)],
        last=52,
        gaps=[Gap(1, 50, 49, 3, 3)],
        counts={"rekeys": 1, "outlier_packets": 2},
    ),
    Case(
        "A number of at most W ends it and is the new association.",
        [*on(0, 100), *on(1, 5, 6, 3, 7)],
        last=7,
        gaps=[Gap(1, 3, 2, 3, 3), Gap(4, 7, 3, 4, 1)],
        counts={"rekeys": 1, "outlier_packets": 2},
    ),
    Case(
        "Even a 0 that would be the third in the row.",
        [*on(0, 100), *on(1, TOP - 1, TOP, 0)],
        last=0,
        counts={"rekeys": 1, "outlier_packets": 2},
    ),
    Case(
        "Frames of other associations do not end it; the frame before is that at the third.",
        [(0, 100), (1, 5), (0, 101), (1, 6), (0, 102), (1, 7)],
        last=7,
        gaps=[Gap(1, 5, 4, 1, 0)],
        counts={"rekeys": 1},
    ),
    Case(
        "Each association has its own.",
        [(0, 100), (1, 50), (2, 51), (1, 51), (2, 52), (3, 53), (1, 52), (3, 54)],
        last=52,
        gaps=[Gap(1, 50, 49, 1, 1)],
        counts={"rekeys": 1, "outlier_packets": 4},
    ),
    Case(
        "It may start at 65,536 at most.",
        [*on(0, 100), *on(1, 65536, 65537, 65538)],
        last=65538,
        gaps=[Gap(1, 65536, 65535, 1, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "Beyond that it is older than the capture and loses nothing.",
        [*on(0, 100), *on(1, 65537, 65538, 65539)],
        last=65539,
        counts={"rekeys": 1},
    ),
    Case(
        "Until then another one stays the newest: three in a row far back on it are a restart.",
        [*on(0, 1000), *on(1, 70000, 70001), *on(0, 5, 6, 7)],
        last=7,
        counts={"restarts": 1, "outlier_packets": 2},
    ),
]

USED_BEFORE = [
    Case(
        "Three in a row far back on another association are a rekey.",
        [*on(0, 1000), *on(1, 1, 2), *on(0, 1, 2, 3)],
        last=3,
        counts={"rekeys": 2},
    ),
    Case(
        "Far ahead on another association they are a rekey too, and no loss.",
        [*on(0, 1000), *on(1, 1), *on(0, 100000, 100001, 100002)],
        last=100002,
        counts={"rekeys": 2},
    ),
    Case(
        "So they are when the association was used up to where a rekey is due.",
        [*on(0, 0xC0000000), *on(1, 1), *on(0, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 2, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "Two far ahead are outliers.",
        [*on(0, 0xC0000000), *on(1, 1), *on(0, 1, 2), *on(1, 2)],
        last=2,
        counts={"rekeys": 1, "outlier_packets": 2},
    ),
    Case(
        "Up to 65,536 ahead a number is in the window of the old one.",
        [*on(0, 1000), *on(1, 1), *on(0, 66536, 66537, 66538)],
        last=1,
        gaps=[Gap(1001, 66536, 65535, 2, 2)],
        counts={"rekeys": 1},
    ),
    Case(
        "Such a rekey misses the numbers from 1 to its first.",
        [*on(0, 1000), *on(1, 1), *on(0, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 2, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "Such a rekey at 65,536 does too.",
        [*on(0, 1000000), *on(1, 1), *on(0, 65536, 65537, 65538)],
        last=65538,
        gaps=[Gap(1, 65536, 65535, 2, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "Such a rekey beyond 65,536 misses nothing.",
        [*on(0, 1000000), *on(1, 1), *on(0, 65537, 65538, 65539)],
        last=65539,
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
        "Probation goes by association: frames of another one do not end it.",
        [(0, 1000), (1, 1), (0, 1), (1, 2), (0, 2), (1, 3), (0, 3)],
        last=3,
        counts={"rekeys": 2},
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
        "A number up to 65,536 ahead may pass a wraparound.",
        [TOP, 65535],
        last=65535,
        gaps=[Gap(0, 65535, 65535, 1, 1)],
        counts={"wraparounds": 1},
    ),
    Case(
        "Three in a row that are further ahead and over a wraparound are a restart.",
        [TOP, 65536, 65537, 65538],
        last=65538,
        counts={"restarts": 1},
    ),
    Case(
        "A single one is an outlier.",
        [TOP, 65536, 0],
        last=0,
        counts={"outlier_packets": 1, "wraparounds": 1},
    ),
    Case(
        "A sender that begins anew at the number where a rekey is due is a restart.",
        [0xBFFFFFFE, 0xC0000000, 1, 2, 3],
        last=3,
        gaps=[Gap(0xBFFFFFFF, 0xC0000000, 1, 1, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "Its first number decides: a jump ahead may end behind a wraparound.",
        [TOP - 100000, TOP - 1, TOP, 0],
        last=0,
        gaps=[Gap(TOP - 99999, TOP - 1, 99998, 1, 1)],
        counts={"wraparounds": 1},
    ),
    Case(
        "After a wraparound the numbers on the wire are what counts.",
        [TOP, 5, 100000, 100001, 100002],
        last=100002,
        gaps=[Gap(0, 5, 5, 1, 1), Gap(6, 100000, 99994, 2, 1)],
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

CASES = [
    *WINDOW,
    *GAPS,
    *PROBATION,
    *HELD_BACK,
    *LONE_JUMPS,
    *PATIENCE,
    *ASSOCIATIONS,
    *NEW_ASSOCIATIONS,
    *USED_BEFORE,
    *WRAPAROUND,
    *ESP,
]
