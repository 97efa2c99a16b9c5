# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Gaps say how many of their numbers came late: the others never came."""
import random
import sqlite3

import pytest

from model.receiver import late_frames, queues, swapped, trace
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import esp

SEED = random.randrange(10**6)
APART_US = 2000  # so that the database is written to several times


def packets_of(numbers, step_s=0):
    """The clock is set by STEP_S in the middle."""
    packets = []
    for place, number in enumerate(numbers):
        second, fraction = divmod(place * APART_US, 1_000_000)
        second += step_s if place >= len(numbers) // 2 else 0
        packets.append(Packet(esp(number % 2**32), second=FIRST_SECOND + second, fraction=fraction))
    return packets


def never_came(numbers):
    return len(set(range(numbers[0], max(numbers) + 1)) - set(numbers))


def check(gapwatch, folder, packets, never, told):
    path, database = folder / "trace.pcap", folder / "trace.db"
    path.write_bytes(pcap(packets))
    report = gapwatch.analyze(path, "--db", str(database), "--flush-interval", "1")
    assert sum(gap["gap_size"] - gap["late_after"] for gap in report["gaps"]) == never, told
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT first_number, last_number, late_after FROM sequence_gaps WHERE NOT withdrawn")
        stored = sorted(rows.fetchall())
    names = ("first_number", "last_number", "late_after")
    assert stored == sorted(tuple(int(gap[name]) for name in names) for gap in report["gaps"]), told


@pytest.mark.parametrize("kind", (late_frames, queues, swapped))
@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_numbers_that_never_came_are_those_that_did_not_come_late(gapwatch, tmp_path, kind, seed):
    numbers = trace(random.Random(seed), kind, 4000)
    check(gapwatch, tmp_path, packets_of(numbers), never_came(numbers), f"{kind.__name__}, seed {seed}")


@pytest.mark.parametrize("seed", (149115, 710351, 710714, 720965))
def test_copies_of_late_numbers_speak_for_no_restart(gapwatch, tmp_path, seed):
    """A queue sends hundreds of frames late, and a mirror repeats every fifth."""
    numbers = trace(random.Random(seed), queues, 4000)
    path = tmp_path / "queue.pcap"
    path.write_bytes(pcap(packets_of(numbers)))
    [flow] = gapwatch.analyze(path)["flows"]
    assert (flow["restarts"], flow["total_lost_packets"] - flow["late_packets"]) == (0, never_came(numbers))


@pytest.mark.parametrize("step_s", (3600, -3600))
def test_late_numbers_while_the_clock_is_set(gapwatch, tmp_path, step_s):
    numbers = trace(random.Random(SEED), late_frames, 4000)
    check(gapwatch, tmp_path, packets_of(numbers, step_s), never_came(numbers), f"seed {SEED}")


def test_late_numbers_of_before_a_restart(gapwatch, tmp_path):
    """The sender restarts; three frames from before the restart come after its first hundred."""
    before = [number for number in range(1_000_000, 1_004_000) if number % 100]
    again = list(range(1, 3001))
    late = [1_003_300, 1_003_500, 1_003_700]
    never = never_came(before) - len(late)
    check(gapwatch, tmp_path, packets_of([*before, *again[:100], *late, *again[100:]]), never, "restart")


def test_numbers_that_follow_some_which_the_stream_has_passed_are_no_restart(gapwatch, tmp_path):
    """40 and 41 come early, the stream passes them, and then three come that are near these."""
    numbers = [*range(1, 21), 40, 21, 41, 22, 30, 38, 46, 34, 35, 36, *range(47, 121)]
    path = tmp_path / "passed.pcap"
    path.write_bytes(pcap(packets_of(numbers)))
    [flow] = gapwatch.analyze("--window", "8", path)["flows"]
    accepted = 3  # 34 to 36: two frames ahead are not enough to refuse them
    assert (flow["restarts"], flow["total_lost_packets"]) == (0, 22 - accepted)


@pytest.mark.parametrize("lost", (2, 40, 64))
def test_a_restart_that_lost_a_number_below_the_first_one_of_the_capture(gapwatch, tmp_path, lost):
    """The capture begins at number 900; the sender restarts with number 1. These are not late numbers of before 900."""
    numbers = [*range(900, 3000), *(number for number in range(1, 2500) if number != lost)]
    path = tmp_path / "restart.pcap"
    path.write_bytes(pcap(packets_of(numbers)))
    [flow] = gapwatch.analyze(path)["flows"]
    assert (flow["restarts"], flow["late_packets"], flow["duplicate_packets"], flow["total_lost_packets"]) == (1, 0, 0, 1)


@pytest.mark.parametrize("first, pause, forged", (
    (2000, 600, [2300]), (2000, 600, [2700]), (2000, 600, [2700, 2702]),
    (2, 460, [32]), (2, 460, [32, 34]), (2, 455, [14, 60]),
))
def test_frames_forged_ahead_of_a_slow_path_make_its_numbers_no_restart(gapwatch, tmp_path, first, pause, forged):
    """Every second frame is 450 frames late, and comes alone when the sender pauses. What was forged is theirs then."""
    numbers = []
    for step in range(pause + 450):
        numbers += [first + 1 + 2 * step] if step < pause else []
        numbers += [first + 2 * (step - 450)] if step >= 450 else []
    path = tmp_path / "paths.pcap"
    for sent in (numbers, [*numbers[:400], *forged, *numbers[400:]]):
        path.write_bytes(pcap(packets_of(sent)))
        [flow] = gapwatch.analyze(path)["flows"]
        assert (flow["restarts"], flow["duplicate_packets"]) == (0, len(sent) - len(numbers))
        assert sum(gap["gap_size"] - gap["late_after"] for gap in gapwatch.analyze(path)["gaps"]) == 0


@pytest.mark.parametrize("lost_each", (2, 3, 4))
@pytest.mark.parametrize("first", (61, 100, 200))
def test_numbers_of_a_restarted_sender_are_no_late_ones_of_before(gapwatch, tmp_path, first, lost_each):
    """Some of its first numbers were lost before. Until three others have come, they look like late ones."""
    before = [number for number in range(1, 401) if number % lost_each]
    path = tmp_path / "restarted.pcap"
    path.write_bytes(pcap(packets_of([*before, *range(first, first + 150)])))
    [flow] = gapwatch.analyze(path)["flows"]
    assert (flow["restarts"], flow["duplicate_packets"]) == (1, 0)
    assert flow["total_lost_packets"] == never_came(before)


@pytest.mark.parametrize("window", (32, 64, 256))
def test_numbers_between_two_forged_ones_are_not_late(gapwatch, tmp_path, window):
    """The forged ones are a window apart, and the stream goes on between them after an outage."""
    before, after = range(1000, 1240), range(1240 + window, 1240 + 4 * window)
    forged = [after[0] - 10, after[0] - 10 + window]
    path = tmp_path / "forged.pcap"
    for sent in ([*before, *after], [*before[:100], *forged, *before[100:], *after]):
        path.write_bytes(pcap(packets_of(sent)))
        [flow] = gapwatch.analyze(path, "--window", str(window))["flows"]
        assert (flow["total_lost_packets"], flow["late_packets"]) == (window, 0)
