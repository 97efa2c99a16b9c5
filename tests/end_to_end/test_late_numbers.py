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


def packets_of(numbers):
    times = (divmod(place * APART_US, 1_000_000) for place in range(len(numbers)))
    return [
        Packet(esp(number % 2**32), second=FIRST_SECOND + second, fraction=fraction)
        for number, (second, fraction) in zip(numbers, times)
    ]


@pytest.mark.parametrize("kind", (late_frames, queues, swapped))
@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_numbers_that_never_came_are_those_that_did_not_come_late(gapwatch, tmp_path, kind, seed):
    numbers = trace(random.Random(seed), kind, 4000)
    path, database = tmp_path / "trace.pcap", tmp_path / "trace.db"
    path.write_bytes(pcap(packets_of(numbers)))
    report = gapwatch.analyze(path, "--db", str(database), "--flush-interval", "1")
    never = set(range(numbers[0], max(numbers) + 1)) - set(numbers)
    told = f"{kind.__name__}, seed {seed}"
    assert sum(gap["gap_size"] - gap["late_after"] for gap in report["gaps"]) == len(never), told
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT first_number, last_number, late_after FROM sequence_gaps WHERE NOT withdrawn")
        stored = sorted(rows.fetchall())
    names = ("first_number", "last_number", "late_after")
    assert stored == sorted(tuple(int(gap[name]) for name in names) for gap in report["gaps"]), told
