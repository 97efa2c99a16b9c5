# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""kill -9 at random moments: the database stays intact and has all but the last interval.

GAPWATCH_LONG=1 kills more often.
"""
import os
import random
import time

from support.database import ask, assert_sound, value
from support.feeding import feeding, wait_until_stored

KILLS = 20 if os.environ.get("GAPWATCH_LONG") else 8
FLOWS = 300
SEED = 1


def contents(database, captures):
    """All rows of the first CAPTURES captures."""
    queries = [
        "SELECT * FROM captures WHERE id <= ? ORDER BY id",
        "SELECT * FROM flows WHERE capture_id <= ? ORDER BY id",
        "SELECT * FROM sequence_gaps WHERE capture_id <= ? ORDER BY id",
        "SELECT * FROM capture_intervals WHERE capture_id <= ? ORDER BY id",
    ]
    return [ask(database, query, captures) for query in queries]


def run_and_kill(gapwatch, database, rng, capture):
    """Kills the program under load, after everything sent before a pause was stored."""
    with feeding(gapwatch, database) as feed:
        for _ in range(3):
            feed.send(FLOWS)
        wait_until_stored(database, feed.frames, capture)
        stored = feed.frames
        until = time.monotonic() + rng.uniform(0, 1.5)
        while time.monotonic() < until:
            feed.send(FLOWS)
            time.sleep(0.01)
        feed.kill()
    return stored, feed.frames


def test_nothing_but_the_last_interval_is_lost(gapwatch, tmp_path):
    database = tmp_path / "results.db"
    rng = random.Random(SEED)
    before = [[], [], [], []]
    for capture in range(1, KILLS + 1):
        stored, sent = run_and_kill(gapwatch, database, rng, capture)
        assert_sound(database)
        assert contents(database, capture - 1) == before
        sql = "SELECT total_packets_received FROM captures WHERE id = ?"
        assert stored <= value(database, sql, capture) <= sent
        assert value(database, "SELECT ended IS NULL FROM captures WHERE id = ?", capture)
        before = contents(database, capture)
    assert value(database, "SELECT count(*) FROM captures") == KILLS
