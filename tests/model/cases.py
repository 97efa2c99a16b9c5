# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The counting rules, one case for each, with figures worked out by hand.

Frame number i (from 0) of a case arrives i milliseconds after FIRST_NS unless the case gives its own
times. A frame is its sequence number, or a pair of association number and sequence number. Counters that
a case does not name are 0 in it, and min_gap and max_gap follow from its gaps.
"""
import dataclasses

from model.frames import EspFlow, Frame, MacsecFlow
from model.streams import FIRST_NS

WIRE_LENGTH = 128
TOP = 2**32 - 1


@dataclasses.dataclass(frozen=True)
class Gap:
    """A gap of a case. Its time is left out where a frame of it was accepted first and late
    afterwards."""

    expected: int
    received: int
    size: int
    time_ms: int = None
    duration_ms: float = None
    cause: str = "network"


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
    first: int = None  # first_sequence, if it is not the first frame's

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


def twice(first, last):
    return [number for number in upto(first, last) for _ in range(2)]


def mirrored(first, last, behind):
    """Each number with the copy of one that came before."""
    return [each for number in upto(first, last) for each in (number, number - behind)]


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
        "A missing number is lost when the highest is W ahead of it; it is late, once.",
        [1, 2, 4, 5, 6, 7, 3],
        last=7,
        gaps=[Gap(3, 4, 1, 2, 1)],
        counts={"late_packets": 1},
    ),
    Case(
        "The widest window awaits a number for 4,095 more.",
        [1, 2, 3, *upto(5, 4099), 4],
        window=4096,
        last=4099,
        counts={"reordered_packets": 1, "max_reorder_distance": 4095},
    ),
    Case("At the end of the stream what is awaited is lost.", [1, 2, 4], 4, [Gap(3, 4, 1, 2, 1)]),
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
        "The W-th number ahead is in the window.",
        [1, 2, 3, 7, 4, 5, 6],
        last=7,
        counts={"reordered_packets": 3, "max_reorder_distance": 3},
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

MEMORY = [
    Case(
        "A number that came and comes again behind the window is a duplicate.",
        [*upto(1, 10), 6, 11],
        last=11,
        counts={"duplicate_packets": 1},
    ),
    Case(
        "One that is late twice is late and then a duplicate.",
        [1, 2, *upto(4, 8), 3, 3, 9],
        last=9,
        gaps=[Gap(3, 4, 1, 2, 1)],
        counts={"late_packets": 1, "duplicate_packets": 1},
    ),
    Case(
        "The memory goes back 4,095 numbers.",
        [*upto(1, 4098), 3, 4099],
        last=4099,
        times_ms=[0] * 4100,
        counts={"duplicate_packets": 1},
    ),
    Case(
        "Behind the memory a number counts as late, whether it had come or not.",
        [*upto(1, 4098), 2, 4099],
        last=4099,
        times_ms=[0] * 4100,
        counts={"late_packets": 1},
    ),
    Case(
        "Sixty-three copies in a row are no restart.",
        [*upto(1, 100), *upto(10, 72), 101],
        last=101,
        counts={"duplicate_packets": 63},
    ),
    Case(
        "Sixty-four are: a sender that began anew.",
        [*upto(1, 100), *upto(10, 73)],
        last=73,
        counts={"restarts": 1},
    ),
    Case(
        "It may lose many at once before it reaches the last of its old numbers.",
        [*upto(1, 300), *upto(1, 100), *upto(150, 320)],
        last=320,
        gaps=[Gap(101, 150, 49, 400, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "An SA forgets numbers from before an outage, too: what comes again behind the memory began anew.",
        [*upto(1, 300), *upto(400, 5000), *upto(101, 400)],
        last=400,
        times_ms=[0] * 5201,
        gaps=[Gap(301, 400, 99, 0, 0)],
        counts={"restarts": 1},
    ),
]

AHEAD = [
    Case(
        "One frame further ahead than W is an outlier and loses nothing.",
        [1, 2, 3, 1000, 4],
        last=4,
        counts={"outlier_packets": 1},
    ),
    Case(
        "At the end of the stream too.",
        [1, 2, 3, 4, 1000],
        last=4,
        counts={"outlier_packets": 1},
    ),
    Case(
        "So are two between which the stream went on.",
        [1, 2, 3, 1000, 4, 1001, 5],
        last=5,
        counts={"outlier_packets": 2},
    ),
    Case(
        "Two that nothing contradicted are believed when the stream ends.",
        [1, 2, 3, 1000, 1001],
        last=1001,
        gaps=[Gap(4, 1000, 996, 3, 1)],
    ),
    Case(
        "Two are not when another frame came with them, though it is a copy.",
        [1, 2, 3, 1000, 1001, 3],
        last=3,
        counts={"outlier_packets": 2, "duplicate_packets": 1},
    ),
    Case(
        "Three distinct numbers without a new one here are a jump: the numbers between are lost.",
        [1, 2, 3, 1000, 1001, 1002],
        last=1002,
        gaps=[Gap(4, 1000, 996, 3, 1)],
    ),
    Case(
        "They may come in any order, and what they leave out may still arrive.",
        [1, 2, 3, 1002, 1000, 1003, 1001],
        last=1003,
        gaps=[Gap(4, 1000, 996, 4, 2)],
        counts={"reordered_packets": 2, "max_reorder_distance": 2},
    ),
    Case(
        "A copy of one of them makes them no more.",
        [1, 2, 3, 1000, 1001, 1001, 4],
        last=4,
        counts={"outlier_packets": 3},
    ),
    Case(
        "An old number that comes again does not contradict them.",
        [1, 2, 3, 1000, 1001, 3, 1002],
        last=1002,
        gaps=[Gap(4, 1000, 996, 3, 1)],
        counts={"duplicate_packets": 1},
    ),
    Case(
        "Steps of up to 65,536 are believed: a stream of which most is lost.",
        [1, 2, 3, 100, 200, 300],
        last=300,
        gaps=[Gap(4, 100, 96, 3, 1), Gap(101, 200, 99, 4, 1), Gap(201, 300, 99, 5, 1)],
    ),
    Case(
        "Frames ahead that the stream reaches were genuine: what came behind their window is late.",
        [1, 2, 3, 9, 4, 10, 5, 11, 6, 7, 8, 12, 13, 14],
        last=14,
        gaps=[Gap(4, 8, 4)],
        counts={"late_packets": 4},
    ),
    Case(
        "One or two of them may be forged: they are outliers.",
        [1, 2, 3, 9, *upto(4, 8), *upto(10, 14)],
        last=14,
        gaps=[Gap(9, 10, 1, 9, 1)],
        counts={"outlier_packets": 1},
    ),
    Case(
        "When its number comes again, it was forged.",
        [1, 2, 3, 9, *upto(4, 14)],
        last=14,
        counts={"outlier_packets": 1},
    ),
    Case(
        "When three of the position before come in a row, the jump is undone.",
        [1, 2, 3, 1000, 1001, 1002, 4, 5, 6, *upto(7, 80)],
        last=80,
        counts={"outlier_packets": 3},
    ),
    Case(
        "Fewer are late.",
        [1, 2, 3, 1000, 1001, 1002, 4, 5, 1003],
        last=1003,
        gaps=[Gap(4, 1000, 996, 3, 1)],
        counts={"late_packets": 2},
    ),
    Case(
        "A faster path that goes on after its jump was undone is believed, and the slower one is late.",
        [*upto(1, 10), 101, 102, 103, 11, 12, 13, 104, 105, 106, 14, 15, 16, *upto(107, 180)],
        last=180,
        gaps=[Gap(11, 101, 90)],
        counts={"late_packets": 6},
    ),
    Case(
        "A faster path with eight numbers is not undone.",
        [*upto(1, 10), *upto(101, 108), 11, 12, 13, 14, *upto(109, 180)],
        last=180,
        gaps=[Gap(11, 101, 90, 10, 1)],
        counts={"late_packets": 4},
    ),
    Case(
        "Two senders at a faster and a slower path's distance are one sender.",
        [
            *upto(1, 10),
            *[n for i in range(9) for n in (*upto(101 + 3 * i, 103 + 3 * i), *upto(11 + 3 * i, 13 + 3 * i))],
            *upto(128, 200),
        ],
        last=200,
        gaps=[Gap(11, 101, 90)],
        counts={"late_packets": 27},
    ),
    Case(
        "A path that is slower than the next is believed before that.",
        [*upto(1, 10), 101, 11, 102, 12, 103, 13, *upto(201, 280)],
        last=280,
        gaps=[Gap(11, 101, 90), Gap(104, 201, 97, 16, 2)],
        counts={"late_packets": 3},
    ),
    Case(
        "An SA knows what came before several jumps.",
        [n for jump in range(5) for n in upto(100 * jump + 1, 100 * jump + 10)]
        + [*upto(11, 90), 5, 411],
        last=411,
        gaps=[Gap(100 * jump + 11, 100 * jump + 101, 90, 10 * jump + 10, 1) for jump in range(4)],
        counts={"late_packets": 80, "duplicate_packets": 1},
    ),
    Case(
        "One frame of a faster path is genuine where no other number was lost.",
        [*upto(1, 1200), 1300, *upto(1201, 1299), *upto(1301, 1400)],
        last=1400,
        gaps=[Gap(1201, 1297, 96)],
        counts={"late_packets": 96},
        times_ms=[0] * 1400,
    ),
    Case(
        "Where numbers are lost, it may be forged.",
        [*upto(1, 600), *upto(605, 1200), 1300, *upto(1201, 1299), *upto(1301, 1400)],
        last=1400,
        gaps=[Gap(601, 605, 4), Gap(1300, 1301, 1)],
        counts={"outlier_packets": 1},
        times_ms=[0] * 1396,
    ),
]

STARTS = [
    Case(
        "One frame is believed while there is no other.",
        [7],
        last=7,
    ),
    Case(
        "A first frame that nothing follows is an outlier when three others agree.",
        [1, 40000, 40001, 40002],
        last=40002,
        first=40000,
        counts={"outlier_packets": 1},
    ),
    Case(
        "So are two.",
        [1, 2, 40000, 40001, 40002],
        last=40002,
        first=40000,
        counts={"outlier_packets": 2},
    ),
    Case(
        "A first frame on another association too.",
        [(1, 5), *on(0, 300, 301, 302)],
        last=302,
        first=300,
        counts={"outlier_packets": 1},
    ),
    Case(
        "A first frame and a second, both forged, do not make lost what is between them and the sender.",
        [1000, 5000, *upto(60_000, 60_003)],
        last=60_003,
        first=60_000,
        counts={"outlier_packets": 2},
    ),
    Case(
        "Nor where the second comes again, and the sender swaps its first frames and loses some.",
        [1000, 5000, 5000, 60_001, 60_000, 60_004, 60_005],
        last=60_005,
        first=60_001,
        gaps=[Gap(60_002, 60_004, 2, 5, 2)],
        counts={"outlier_packets": 2, "duplicate_packets": 1, "reordered_packets": 1, "max_reorder_distance": 1},
    ),
    Case(
        "A step that is like those behind it is loss.",
        [1, 100, 110, 115, 120, 125],
        last=125,
        first=100,
        gaps=[Gap(101, 110, 9, 2, 1), *[Gap(n + 1, n + 5, 4, at, 1) for n, at in ((110, 3), (115, 4), (120, 5))]],
        counts={"outlier_packets": 1},
    ),
    Case(
        "A first frame that is forged shortly ahead of the sender, too.",
        [32, *upto(1, 10), *upto(15, 20)],
        last=20,
        first=1,
        gaps=[Gap(11, 15, 4, 11, 1)],
        counts={"outlier_packets": 1},
    ),
    Case(
        "Three distinct numbers are the baseline.",
        [1, 2, 3, 40000, 40001, 40002],
        last=40002,
        gaps=[Gap(4, 40000, 39996, 3, 1)],
    ),
]

RESTARTS = [
    Case(
        "Three far back are a restart: a new baseline, and nothing lost.",
        [10000, 10001, 10002, 5, 6, 7, 8],
        last=8,
        counts={"restarts": 1},
    ),
    Case(
        "A restart loses what the SA before still awaited.",
        [10000, 10001, 10003, 5, 6, 7],
        last=7,
        gaps=[Gap(10002, 10003, 1, 2, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "After a restart what the three leave out is missing.",
        [10000, 10001, 10002, 5, 7, 9],
        last=9,
        gaps=[Gap(6, 7, 1, 4, 1), Gap(8, 9, 1, 5, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "A number before its first is no loss.",
        [10000, 10001, 10002, 5, 7, 6, 4],
        last=7,
        counts={"restarts": 1, "reordered_packets": 2, "max_reorder_distance": 3},
    ),
    Case(
        "Two far back and no third are late.",
        [10000, 10001, 10002, 5, 6, 10003],
        last=10003,
        counts={"late_packets": 2},
    ),
    Case(
        "Far ahead and far back stand side by side.",
        [10000, 10001, 10002, 5, 6, 100000, 100001, 10003],
        last=10003,
        counts={"late_packets": 2, "outlier_packets": 2},
    ),
    Case(
        "A restart may follow a restart.",
        [20000, 20001, 20002, 10000, 10001, 10002, 5, 6, 7],
        last=7,
        counts={"restarts": 2},
    ),
    Case(
        "A frame of the SA before that was delayed is received there.",
        [10000, 10001, 10003, 5, 6, 7, 10002, 8],
        last=8,
        counts={"restarts": 1, "reordered_packets": 1, "max_reorder_distance": 1},
    ),
    Case(
        "Three new ones of it in a row undo the restart.",
        [10000, 10001, 10002, 5, 6, 7, 10003, 10004, 10005, *upto(10006, 10080)],
        last=10080,
        counts={"late_packets": 3},
    ),
    Case(
        "Copies of a restarted sender's frames behind the last number before do not undo the restart.",
        [*upto(1, 49), *upto(51, 100), *upto(1, 59), *upto(61, 170), 101, 102, 103, 171],
        last=171,
        gaps=[Gap(50, 51, 1, 49, 1), Gap(60, 61, 1, 158, 1)],
        counts={"restarts": 1, "duplicate_packets": 3},
    ),
    Case(
        "Late frames of a restarted sender behind the last number before do not undo the restart.",
        [*upto(1, 49), *upto(51, 100), *upto(1, 100), *upto(104, 170), 101, 102, 103, 171],
        last=171,
        gaps=[Gap(50, 51, 1, 49, 1), Gap(101, 104, 3, 199, 1)],
        counts={"restarts": 1, "late_packets": 3},
    ),
    Case(
        "A sender whose restart copies undid is believed to have restarted again, though it passed its old numbers.",
        [*upto(1, 100), *upto(1, 49), *upto(51, 150), 101, 102, 103, *upto(151, 230)],
        last=230,
        gaps=[Gap(50, 51, 1, 149, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "A sender that restarted below the first number seen may lose more than 64 at once.",
        [*upto(5000, 5002), *upto(2000, 2063), 2133],
        last=2133,
        gaps=[Gap(2064, 2133, 69, 67, 1)],
        counts={"restarts": 1},
        window=80,
    ),
]

BEHIND_THE_WINDOW = [
    Case(
        "What comes from before the first number of a flow is late, no restart.",
        [*upto(5000, 5063), *upto(2000, 2099), 2050, 5064],
        last=5064,
        counts={"late_packets": 100, "duplicate_packets": 1},
    ),
    Case(
        "A block that comes back into a gap is late, no restart.",
        [1, 2, 3, *upto(7, 12), 4, 5, 6, 13],
        last=13,
        gaps=[Gap(4, 7, 3, 3, 1)],
        counts={"late_packets": 3},
    ),
    Case(
        "Blocks of several gaps in a row are late too.",
        [1, 2, 3, *upto(6, 9), *upto(12, 17), 4, 5, 10, 11, 18],
        last=18,
        gaps=[Gap(4, 6, 2, 3, 1), Gap(10, 12, 2, 7, 1)],
        counts={"late_packets": 4},
    ),
]

ASSOCIATIONS = [
    Case(
        "Three on another association are a rekey; one that starts at 1 loses nothing.",
        [*on(0, 100, 101, 102), *on(1, 1, 2, 3)],
        last=3,
        counts={"rekeys": 1},
    ),
    Case(
        "Numbers from 1 to its first are missing; the frame before is the highest of the old one.",
        [*on(0, 100, 101, 102), *on(1, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 3, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "They may still arrive in the window.",
        [*on(0, 100, 101, 102), *on(1, 3, 4, 5, 2)],
        last=5,
        gaps=[Gap(1, 2, 1, 6, 4)],
        counts={"rekeys": 1, "reordered_packets": 1, "max_reorder_distance": 3},
    ),
    Case(
        "One frame on another association is an outlier, whatever its number.",
        [*on(0, 100, 101, 102), *on(1, 1), *on(0, 103)],
        last=103,
        counts={"outlier_packets": 1},
    ),
    Case(
        "Two that nothing contradicted are believed when the stream ends.",
        [*on(0, 100, 101, 102), *on(1, 3, 4)],
        last=4,
        gaps=[Gap(1, 3, 2, 3, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "Frames of both may come in turn: three without a new one of the old are awaited.",
        [*on(0, 100, 101, 102), (1, 1), (0, 103), (1, 2), (0, 104), *on(1, 3, 4, 5)],
        last=5,
        counts={"rekeys": 1},
    ),
    Case(
        "Frames of the old association belong to it.",
        [*on(0, 100, 101, 102), *on(1, 1, 2, 3), (0, 104), (1, 4), (0, 105), (1, 5)],
        last=5,
        gaps=[Gap(103, 104, 1, 6, 4)],
        counts={"rekeys": 1},
    ),
    Case(
        "Numbers of two associations are no duplicates of each other.",
        [*on(0, 1, 2, 3), *on(1, 1, 2, 3)],
        last=3,
        counts={"rekeys": 1},
    ),
    Case(
        "A number below 1 in the window, which is forged, does not make those above it missing twice.",
        [*on(0, 100, 101, 102), *on(1, 6, 7, 8), (1, TOP - 10)],
        window=32,
        last=8,
        gaps=[Gap(1, 6, 5, 3, 1)],
        counts={"rekeys": 1, "reordered_packets": 1, "max_reorder_distance": 19},
    ),
    Case(
        "A rekey that began at 65,536 misses the numbers from 1 on.",
        [*on(0, 1, 2, 3), *on(1, 65536, 65537, 65538)],
        last=65538,
        gaps=[Gap(1, 65536, 65535, 3, 1)],
        counts={"rekeys": 1},
    ),
    Case(
        "Beyond that it is older than the capture and loses nothing.",
        [*on(0, 1, 2, 3), *on(1, 65537, 65538, 65539)],
        last=65539,
        counts={"rekeys": 1},
    ),
    Case(
        "An association that is used again is a new SA.",
        [*on(0, 10000, 10001, 10002), *on(1, 1, 2, 3), *on(0, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 6, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "So it is when its numbers are in the window of the old one: 64 of them in a row show it.",
        [*on(0, *upto(1, 100)), *on(1, *upto(1, 100)), *on(0, *upto(3, 80))],
        window=200,
        last=80,
        gaps=[Gap(1, 3, 2, 200, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "A mirror's copies of the SA in between do not hide it.",
        [*on(0, *upto(1, 100)), *on(1, *upto(1, 300)), *on(1, *upto(10, 29), *upto(100, 119))]
        + [each for n in range(1, 81, 8) for each in (*on(0, *upto(n, n + 7)), (1, 150 + n))],
        last=80,
        counts={"rekeys": 2, "duplicate_packets": 50},
    ),
    Case(
        "Copies of the old one in its window, fewer than 64, are duplicates.",
        [*on(0, *upto(1, 100)), *on(1, *upto(1, 100)), *on(0, *upto(3, 65)), *on(1, 101)],
        window=200,
        last=101,
        counts={"rekeys": 1, "duplicate_packets": 63},
    ),
    Case(
        "So it is when it had been used up to where a rekey is due.",
        [*on(0, *upto(0xC0000000, 0xC0000002)), *on(1, 1, 2, 3), *on(0, 3, 4, 5)],
        last=5,
        gaps=[Gap(1, 3, 2, 6, 1)],
        counts={"rekeys": 2},
    ),
    Case(
        "When the old association goes on, the rekey is undone.",
        [*on(0, 100, 101, 102), *on(1, 1, 2, 3), *on(0, *upto(103, 170))],
        last=170,
        counts={"outlier_packets": 3},
    ),
    Case(
        "When it goes on further ahead, what is between is lost.",
        [*on(0, 100, 101, 102), *on(1, 1, 2, 3), *on(0, *upto(203, 270))],
        last=270,
        gaps=[Gap(103, 203, 100, 6, 4)],
        counts={"outlier_packets": 3},
    ),
    Case(
        "A number below the first, before a new SA's others, hides no loss at its start.",
        [*upto(1, 10), *on(1, 4, TOP, 5)],
        last=5,
        window=8,
        gaps=[Gap(1, 4, 3, 10, 1)],
        counts={"rekeys": 1, "reordered_packets": 1, "max_reorder_distance": 5},
    ),
    Case(
        "An old SA takes nothing above its highest once its association is used again.",
        [*upto(1, 100), *on(1, *upto(1, 80)), *upto(1, 80), 120, *upto(81, 150)],
        last=150,
        window=32,
        counts={"rekeys": 2, "outlier_packets": 1},
    ),
    Case(
        "What came late before a rekey does not hide that the old SA had jumped.",
        [*upto(1, 10), *upto(15, 17), *upto(11, 13), *on(1, *upto(1, 10))],
        last=10,
        gaps=[Gap(11, 15, 4)],
        counts={"rekeys": 1, "late_packets": 3},
    ),
    Case(
        "Two SAs alternate until an outage: what came before it belongs to the new one.",
        [*upto(1, 10), (1, 1), 11, (1, 2), 12, (1, 3), 13, *on(1, 50, 51, 52)],
        last=52,
        gaps=[Gap(4, 50, 46)],
        counts={"rekeys": 1},
    ),
    Case(
        "One frame far ahead of a new SA's first does not take its place.",
        [*upto(1, 10), (1, 1), (1, 5000), *on(1, *upto(2, 20))],
        last=20,
        counts={"rekeys": 1, "outlier_packets": 1},
    ),
    Case(
        "Copies of the old SA's in one block do not bring it back.",
        [*upto(1, 300), *on(1, *upto(1, 20)), *upto(101, 300), *on(1, *upto(21, 100))],
        last=100,
        counts={"rekeys": 1, "duplicate_packets": 200},
    ),
    Case(
        "Nor at the end of the stream.",
        [*upto(1, 300), *on(1, *upto(1, 20)), *upto(101, 300)],
        last=20,
        counts={"rekeys": 1, "duplicate_packets": 200},
    ),
    Case(
        "Copies that a mirror delays at random after the last frame are no restart.",
        [*upto(1, 200), *(1 + 37 * step % 199 for step in range(1, 90))],
        last=200,
        window=256,
        counts={"duplicate_packets": 89},
    ),
    Case(
        "Nor when the sender goes on meanwhile.",
        [*upto(1, 300), *(1 + 37 * step % 299 for step in range(1, 120)), *upto(301, 310)],
        last=310,
        window=256,
        counts={"duplicate_packets": 119},
    ),
    Case(
        "Nor are those of a restarted sender another restart.",
        [*upto(1, 133), *twice(50, 99), 131, 99, *twice(100, 200)],
        last=200,
        window=32,
        counts={
            "restarts": 1,
            "duplicate_packets": 153,
            "reordered_packets": 31,
            "max_reorder_distance": 31,
        },
    ),
    Case(
        "A forged number does not take the room of a sender that begins anew, beside a mirror's copies.",
        [
            *upto(1, 100),
            *on(1, *upto(51, 100), *mirrored(101, 150, 50), *upto(2, 24), 2**32 - 1000, *upto(25, 101)),
        ],
        last=101,
        window=8,
        gaps=[Gap(1, 51, 50, 100, 1)],
        counts={"rekeys": 1, "restarts": 1, "duplicate_packets": 50, "late_packets": 1},
    ),
    Case(
        "A forged number ahead makes no restart of a mirror's copies, of which more are behind the window.",
        [*upto(1, 300), 420, *upto(190, 300)],
        last=420,
        window=128,
        gaps=[Gap(301, 420, 119)],
        counts={"duplicate_packets": 111},
    ),
    Case(
        "Nor of a sender's restart that looks like copies.",
        [*upto(1, 100), 220, *upto(50, 148)],
        last=220,
        window=128,
        gaps=[Gap(149, 220, 71)],
        counts={"duplicate_packets": 51, "reordered_packets": 48, "max_reorder_distance": 119},
    ),
    Case(
        "A sender restarts among its old numbers, the first 200 of the new ones lost.",
        [*upto(1, 1000), *upto(201, 300), *upto(311, 400)],
        last=400,
        window=32,
        gaps=[Gap(301, 311, 10)],
        counts={"restarts": 1},
    ),
    Case(
        "It goes on beyond its old numbers, of which it repeats some that were lost.",
        [*upto(1, 150), *upto(156, 300), *upto(101, 400)],
        last=400,
        window=32,
        gaps=[Gap(151, 156, 5)],
        counts={"restarts": 1},
    ),
    Case(
        "A hundred copies in a row are no restart where the stream goes on behind its last number.",
        [*upto(1, 300), *upto(101, 200), *upto(301, 400)],
        last=400,
        window=32,
        counts={"duplicate_packets": 100},
    ),
    Case(
        "Nor where the copies end with the last number, as every burst of a slow mirror does.",
        [*upto(1, 300), *upto(201, 300), *upto(301, 400), *upto(301, 400)],
        last=400,
        window=32,
        counts={"duplicate_packets": 200},
    ),
    Case(
        "A sender restarts in the window of its old numbers.",
        [*upto(1, 200), *upto(1, 90), *upto(101, 150)],
        last=150,
        window=4096,
        gaps=[Gap(91, 101, 10)],
        counts={"restarts": 1},
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
        "A jump may pass a wraparound up to 65,536 ahead.",
        [TOP - 2, TOP - 1, TOP, 65535, 65536, 65537],
        last=65537,
        gaps=[Gap(0, 65535, 65535, 3, 1)],
        counts={"wraparounds": 1},
    ),
    Case(
        "A low number further ahead is of a sender that began anew.",
        [TOP - 100000, TOP - 99999, TOP - 99998, 1, 2, 3],
        last=3,
        counts={"restarts": 1},
    ),
    Case(
        "A number from before the baseline and before 0 is no wraparound.",
        [1, TOP, 2],
        last=2,
        counts={"reordered_packets": 1, "max_reorder_distance": 2},
    ),
]

FORGED = [
    Case(
        "Two of three that are far apart may be forged: the first goes on.",
        [*upto(1, 5), 30, 500, 499, *upto(31, 110)],
        last=110,
        gaps=[Gap(6, 30, 24, 5, 1)],
        counts={"outlier_packets": 2},
    ),
    Case(
        "Also where the lower of the two comes last.",
        [*upto(1, 5), 30, 500, 490, *upto(31, 110)],
        last=110,
        gaps=[Gap(6, 30, 24, 5, 1)],
        counts={"outlier_packets": 2},
    ),
    Case(
        "A number forged just ahead of the end of an outage, long before it, hides no number.",
        [*upto(1, 20), 62, *upto(21, 40), *upto(60, 140)],
        last=140,
        gaps=[Gap(41, 60, 19, 41, 1)],
        counts={"outlier_packets": 1},
    ),
    Case(
        "Five in a row are believed however far apart they are.",
        [*upto(1, 5), 30, 60, 90, 120, 150],
        last=150,
        gaps=[Gap(*gap) for gap in ((6, 30, 24), (31, 60, 29), (61, 90, 29))]
        + [Gap(91, 120, 29), Gap(121, 150, 29)],
    ),
    Case(
        "A copy just before a sender begins anew does not belong to it.",
        [*upto(1, 128), 32, *upto(129, 133), *upto(50, 182)],
        last=182,
        counts={"duplicate_packets": 1, "restarts": 1},
        window=256,
    ),
    Case(
        "The first number, forged just before a sender begins anew, does not hide it.",
        [*upto(1, 198), 1, 199, 200, *upto(1, 100)],
        last=100,
        counts={"duplicate_packets": 1, "restarts": 1},
        window=256,
    ),
    Case(
        "Nor does a number from before a wraparound, forged behind the first ones of a rekey to old numbers.",
        [*upto(1, 70), *on(1, *upto(1, 70)), *upto(1, 66), TOP - 12],
        last=66,
        counts={"rekeys": 2, "reordered_packets": 1, "max_reorder_distance": 79},
        window=256,
    ),
    Case(
        "Two old numbers of a closed SA, forged, do not keep it from going on.",
        [*upto(1, 100), *on(1, *upto(1, 100)), 82, 83, *upto(301, 363), 364],
        last=100,
        counts={"rekeys": 1, "duplicate_packets": 2},
        gaps=[Gap(101, 301, 200)],
        window=256,
    ),
    Case(
        "Numbers of a new SA that the old one had are together also when the first two are swapped.",
        [*upto(1, 138), *on(1, *upto(1, 70)), 52, (1, 71), 51, 54, 53, *upto(55, 190)],
        last=190,
        counts={"rekeys": 2, "reordered_packets": 2, "max_reorder_distance": 1},
        gaps=[Gap(1, 51, 50)],
        window=32,
    ),
    Case(
        "A sender that begins anew sends nothing below its first number.",
        [*upto(1, 264), *upto(1, 50), TOP - 12, *upto(51, 150)],
        last=150,
        counts={"late_packets": 1, "restarts": 1},
        window=64,
    ),
    Case(
        "A number forged just ahead does not hide a sender that began anew, where numbers were lost before.",
        [*(n for n in range(1, 101) if n not in (80, 85, 90, 95)), *upto(30, 78), 110, *upto(79, 130)],
        last=130,
        counts={"restarts": 1},
        gaps=[Gap(80, 81, 1, 79, 1), Gap(85, 86, 1, 83, 1), Gap(90, 91, 1, 87, 1), Gap(95, 96, 1, 91, 1)]
        + [Gap(101, 110, 9, 145, 50)],
        window=32,
    ),
    Case(
        "A forged copy does not join copies that are elsewhere, so that a sender that begins anew is seen.",
        [*upto(1, 100), 32, *upto(96, 149), *upto(1, 100)],
        last=100,
        counts={"duplicate_packets": 6, "restarts": 1},
        window=256,
    ),
    Case(
        "Numbers beyond the memory do not join a forged copy: three of them are a sender that begins anew.",
        [*on(1, *upto(1, 4)), *upto(51, 150), *upto(99151, 99250), *upto(1, 36), 1, *upto(37, 100)],
        last=100,
        counts={"rekeys": 1, "restarts": 1, "late_packets": 51},
        gaps=[Gap(1, 51, 50, 4, 1), Gap(151, 99151, 99000, 104, 1)],
        window=256,
    ),
    Case(
        "A sender that begins anew does not join a number forged just below the wraparound.",
        [*upto(2**31, 2**31 + 91), TOP - 216, *upto(2**31 + 92, 2**31 + 99), *upto(1, 100)],
        last=100,
        counts={"restarts": 1, "outlier_packets": 1},
        window=256,
    ),
    Case(
        "Of two hypotheses of copies, a number belongs to the one that it goes on from.",
        [*upto(1, 100), *upto(1, 87), 96, 32, *upto(88, 100), *upto(2, 47), *upto(49, 100)],
        last=100,
        gaps=[Gap(48, 49, 1, 248, 1)],
        counts={"restarts": 2, "duplicate_packets": 2, "reordered_packets": 8, "max_reorder_distance": 8},
        window=64,
    ),
]

SENDER_JUMPS = [
    Case(
        "A step that no sender can have filled in the time is skipped, not lost.",
        [1, 2, 3, 2000000000, 2000000001, 2000000002],
        last=2000000002,
        counts={"skipped_numbers": 1999999996},
    ),
    Case(
        "100,000 ahead is loss.",
        [1, 2, 3, 100004, 100005, 100006],
        last=100006,
        gaps=[Gap(4, 100004, 100000, 3, 1)],
    ),
    Case(
        "A million in a millisecond is loss where no rate is known.",
        [1, 2, 3, 1000004, 1000005, 1000006],
        last=1000006,
        gaps=[Gap(4, 1000004, 1000000, 3, 1)],
    ),
    Case(
        "Where the clock was set back, nobody knows how long a step took: it is not skipped, but undetermined.",
        [1, 2, 3, 500004, 500005, 500006],
        last=500006,
        times_ms=[10, 11, 12, 5, 6, 7],
        gaps=[Gap(4, 500004, 500000, 5, 0, "undetermined")],
    ),
    Case(
        "So it is where the clock shows the same time before and behind a step of any size.",
        [1, 2, 3, 2000000000, 2000000001, 2000000002],
        last=2000000002,
        times_ms=[5, 5, 5, 5, 6, 7],
        gaps=[Gap(4, 2000000000, 1999999996, 5, 0, "undetermined")],
    ),
    Case(
        "100,000 ahead is loss there, too.",
        [1, 2, 3, 100004, 100005, 100006],
        last=100006,
        times_ms=[10, 11, 12, 5, 6, 7],
        gaps=[Gap(4, 100004, 100000, 5, 0)],
    ),
    Case(
        "A step that is undone and believed again is undetermined all the same.",
        [1, 2, 3, 500004, 500005, 500006, 4, 5, 6, 500007, 500008, 500009],
        last=500009,
        times_ms=[10, 11, 12, 5, 6, 7, 8, 9, 10, 11, 12, 13],
        gaps=[Gap(4, 7, 3), Gap(7, 500004, 499997, 5, 0, "undetermined")],
        counts={"late_packets": 3},
    ),
]

TWO_SENDERS = [
    Case(
        "When two senders are found, what lies between their numbers is undetermined.",
        [each for turn in range(10) for first in (1, 100000) for each in upto(first + 3 * turn, first + 3 * turn + 2)],
        last=100029,
        gaps=[Gap(4, 31, 27), Gap(31, 100000, 99969, 3, 0, "undetermined")],
        counts={"late_packets": 27},
    ),
]

USED_AGAIN = [
    Case(
        "Numbers that the old SA of an association had lost are the first of its new one.",
        [1, 2, 3, *upto(14, 200), *on(1, *upto(1, 70)), *upto(4, 103)],
        last=103,
        gaps=[Gap(4, 14, 10, 3, 1), Gap(1, 4, 3, 270, 11)],
        counts={"rekeys": 2},
    ),
    Case(
        "So are those that came just before the first number that the old SA had.",
        [*upto(1, 9), *upto(11, 200), *on(1, *upto(1, 70)), 10, 9, *upto(11, 103)],
        last=103,
        gaps=[Gap(10, 11, 1, 9, 1), Gap(1, 9, 8, 270, 2)],
        counts={"rekeys": 2},
    ),
    Case(
        "Late numbers of the old SA far from the first of the new one stay late.",
        [*upto(1, 99), *upto(101, 200), *on(1, *upto(1, 70)), 100, *upto(1, 90)],
        last=90,
        gaps=[Gap(100, 101, 1, 99, 1)],
        counts={"rekeys": 2, "late_packets": 1},
    ),
    Case(
        "So do those after which the SA in use went on.",
        [1, 2, *upto(4, 200), *on(1, *upto(1, 70)), 3, *on(1, *upto(71, 140)), *upto(4, 103)],
        last=103,
        gaps=[Gap(3, 4, 1, 2, 1), Gap(1, 4, 3, 340, 1)],
        counts={"rekeys": 2, "late_packets": 1},
    ),
]

OVER = [
    Case(
        "Numbers before the first one of an SA that is over are of the one in use, after an outage.",
        [*upto(5000, 5199), *upto(1, 1100), *upto(2000, 2100)],
        last=2100,
        gaps=[Gap(1101, 2000, 899)],
        counts={"restarts": 1},
    ),
    Case(
        "So are those of an association that is used again.",
        [*upto(2000, 2199), *on(1, *upto(1, 1100)), *upto(76, 400)],
        last=400,
        gaps=[Gap(1, 76, 75)],
        counts={"rekeys": 2},
    ),
]

RAN_AHEAD = [
    Case(
        "Where few are missing, the third number that ran ahead and does not come again was genuine, and so was what its"
        " receiver refused; the two before it may be forged.",
        [*upto(1, 19), 30, *upto(20, 29), *upto(31, 49), 60, *upto(50, 59), *upto(61, 79), 90, *upto(80, 89), *upto(91, 110)],
        last=110,
        gaps=[Gap(30, 31, 1, 30, 1), Gap(60, 61, 1, 60, 1), Gap(80, 87, 7)],
        counts={"outlier_packets": 2, "late_packets": 7},
    ),
    Case(
        "When one comes again, it was forged, and speaks for no other.",
        [
            *(number for ahead in (30, 60) for number in (*upto(ahead - 29, ahead - 11), ahead, *upto(ahead - 10, ahead - 1))),
            *(61, 62, 75, *upto(63, 79), 90, *upto(80, 89), *upto(91, 110)),
        ],
        last=110,
        gaps=[Gap(30, 31, 1, 30, 1), Gap(60, 61, 1, 60, 1), Gap(90, 91, 1, 91, 1)],
        counts={"outlier_packets": 4},
    ),
]

DIVIDED = [
    Case(
        "Copies that a loss divides are of one sender that began anew.",
        [*upto(101, 200), *upto(101, 140), *upto(150, 180)],
        last=180,
        gaps=[Gap(141, 150, 9, 140, 1)],
        counts={"restarts": 1},
    ),
    Case(
        "Copies that come among those of a sender that began anew do not continue them.",
        [*upto(1, 200), *upto(1, 31), *(number for step in range(50) for number in (32 + step, 151 + step)), *upto(82, 200)],
        last=200,
        counts={"restarts": 1, "duplicate_packets": 50},
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
        [10000, 10001, 10002, 1, 2, 3],
        last=3,
        counts={"restarts": 1},
        flow=EspFlow(0x1002),
    ),
    Case(
        "An SA that was there before the capture starts where it was first seen.",
        [3, 4, 5],
        last=5,
        flow=EspFlow(0x1003),
    ),
]

CASES = [
    *WINDOW,
    *GAPS,
    *MEMORY,
    *AHEAD,
    *STARTS,
    *RESTARTS,
    *BEHIND_THE_WINDOW,
    *ASSOCIATIONS,
    *WRAPAROUND,
    *FORGED,
    *SENDER_JUMPS,
    *TWO_SENDERS,
    *USED_AGAIN,
    *OVER,
    *RAN_AHEAD,
    *DIVIDED,
    *ESP,
]
