# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch compare with databases that lack gaps: retention removed them, or the capture goes on, or it is an old one."""
import json
import sqlite3
import time

import pytest

from support.numbered import esp
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.simulated_path import MILLISECOND, SECOND

COUNT = 2999
FIGURES = ("lost_before_a", "lost_between", "missed_by_a", "passed_both")


def before_a(number):
    return number % 50 == 0


def between(number):
    return number % 70 == 0 and not before_a(number)


def missed(number):
    return number % 110 == 0 and not before_a(number) and not between(number)


def passing(since=1, until=COUNT, step=1):
    """The numbers that came at A and at B."""
    numbers = range(since, until + 1, step)
    return (
        [number for number in numbers if not before_a(number) and not missed(number)],
        [number for number in numbers if not before_a(number) and not between(number)],
    )


def truth(since, until=COUNT):
    numbers = range(since, until + 1)
    counts = [sum(map(kind, numbers)) for kind in (before_a, between, missed)]
    return (*counts, len(numbers) - sum(counts))


def save(gapwatch, path, frames):
    """Makes the database at PATH of a capture with these frames, given with their times."""
    packets = [Packet(data, second=FIRST_SECOND + at // SECOND, fraction=at % SECOND) for at, data in frames]
    path.with_suffix(".pcap").write_bytes(pcap(packets, nanoseconds=True))
    assert gapwatch.run("analyze", "--quiet", path.with_suffix(".pcap"), "--db", path).returncode == 0


def write(gapwatch, path, numbers, clock=0):
    """The database of a capture with these numbers, a millisecond apart."""
    save(gapwatch, path, [(number * MILLISECOND + clock, esp(number)) for number in numbers])
    return path


def compared(gapwatch, *sides):
    """The SAs of a comparison."""
    done = gapwatch.run("compare", "--json", *sides)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)["sas"]


def compare(gapwatch, *sides):
    [sa] = compared(gapwatch, *sides)
    return sa


def change(store, *statements):
    with sqlite3.connect(store) as database:
        for statement, *values in statements:
            database.execute(statement, values)


def utc(number):
    """About when NUMBER came."""
    second, part = divmod(number, 1000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(FIRST_SECOND + second)) + f".{part:03d}000000Z"


def forget(store, until):
    """Removes gaps and intervals as retention does."""
    change(
        store,
        ("DELETE FROM sequence_gaps WHERE timestamp < ?", utc(until)),
        ("DELETE FROM capture_intervals WHERE timestamp < ?", utc(until)),
    )


@pytest.fixture
def stores(gapwatch, tmp_path):
    at_a, at_b = passing()
    return write(gapwatch, tmp_path / "a.db", at_a), write(gapwatch, tmp_path / "b.db", at_b, 20 * MILLISECOND)


@pytest.mark.parametrize("forgetting", (0, 1), ids="AB")
def test_gaps_that_retention_removed(forgetting, gapwatch, stores):
    """An SA is compared from the first gap that is left; numbers in removed gaps are not taken to have come."""
    forget(stores[forgetting], 1530)
    with sqlite3.connect(stores[forgetting]) as database:
        [(first,)] = database.execute("SELECT min(first_number) FROM sequence_gaps")
    assert first > 1500
    for sides in (stores, [stores[i] if i == forgetting else stores[i].with_suffix(".pcap") for i in range(2)]):
        found = compare(gapwatch, *sides)
        assert tuple(found[name] for name in FIGURES) == truth(first)
        assert found["first_timestamp"] >= utc(1500)


def test_gaps_that_retention_removed_and_none_since(gapwatch, tmp_path):
    """An SA that lost nothing since then is compared from its first sample since then."""
    numbers = [number for number in range(1, COUNT) if number > 1000 or number % 50]
    seen = [number for number in numbers if number % 70]
    a, b = write(gapwatch, tmp_path / "a.db", numbers), write(gapwatch, tmp_path / "b.db", seen)
    change(a, ("DELETE FROM sequence_gaps",), ("UPDATE capture_intervals SET timestamp = ?", utc(1200)))
    with sqlite3.connect(a) as database:
        [(first,)] = database.execute("SELECT min(number) FROM samples WHERE timestamp_ns > ?", ((FIRST_SECOND * 1000 + 1200) * 10**6,))
    found = compare(gapwatch, a, b)
    lost = sum(number >= first and number % 70 == 0 for number in numbers)
    assert (found["lost_before_a"], found["lost_between"], found["missed_by_a"]) == (0, lost, 0)
    assert found["passed_both"] == sum(number >= first for number in seen)


def test_gaps_for_which_there_was_no_room(gapwatch, stores):
    """Which numbers they had is not known: the figures may not be exact."""
    assert not compare(gapwatch, *stores)["is_mixed"]
    change(stores[0], ("DELETE FROM sequence_gaps WHERE first_number = 500",), ("UPDATE captures SET gaps_omitted = 1",))
    assert compare(gapwatch, *stores)["is_mixed"]


@pytest.mark.parametrize("forgetting", (0, 1), ids="AB")
def test_sas_that_retention_removed(forgetting, gapwatch, tmp_path):
    """An SA that one database no longer has was not lost there. One that B never had was."""
    spis = range(7, 12)
    sent = [(number, spi) for spi in spis for number in range(1, 501)]
    stores = [tmp_path / "a.db", tmp_path / "b.db"]
    for store in stores:
        frames = [(MILLISECOND * place, esp(*frame)) for place, frame in enumerate(sent) if store == stores[0] or frame[1] != 9]
        save(gapwatch, store, frames)
        change(store, ("UPDATE sas SET ended = 1 WHERE flow_id NOT LIKE ?", "%0000000b%"))
    assert [sa["lost_between"] for sa in compared(gapwatch, *stores)] == [0, 0, 500, 0, 0]
    change(
        stores[forgetting],
        ("DELETE FROM sas WHERE flow_id LIKE ?", "%00000007%"),
        ("UPDATE capture_intervals SET timestamp = ?, packets = packets - 1", utc(900)),
    )
    assert [sa["lost_between"] for sa in compared(gapwatch, *stores)] == [0, 500, 0, 0]
    assert not any(sa["missed_by_a"] for sa in compared(gapwatch, *stores))


def test_a_file_that_grows(gapwatch, tmp_path):
    """Frames that B has not read yet are not lost, and numbers that may still come to either are not counted."""
    at_a, at_b = passing(until=2000)[0], passing(until=1980)[1]
    a, b = write(gapwatch, tmp_path / "a.db", at_a), write(gapwatch, tmp_path / "b.db", at_b)
    for store in (a, b):
        change(store, ("UPDATE captures SET ended = NULL",))
    change(b, ("UPDATE sas SET ended = 0",))
    found = compare(gapwatch, a, b)
    assert tuple(found[name] for name in FIGURES) == truth(1, 1980)
    assert found["lost_tail"] == 0
    # 1960 is lost in between, which B has not found out yet.
    change(
        b,
        ("DELETE FROM sequence_gaps WHERE first_number = 1960",),
        ("UPDATE sas SET total_lost_packets = total_lost_packets - 1, lost_network = lost_network - 1",),
    )
    found = compare(gapwatch, a, b)
    assert tuple(found[name] for name in FIGURES) == truth(1, 1980 - 32)


def test_a_capture_of_an_older_version(gapwatch, stores):
    """Version 1 of the schema had no SAs: this is said."""
    change(stores[0], ("DELETE FROM sas",), ("UPDATE captures SET flush_interval = 0",))
    done = gapwatch.run("compare", "--json", *stores)
    assert done.returncode == 1
    assert b"a.db: an older gapwatch wrote capture 1, without SAs" in done.stderr
