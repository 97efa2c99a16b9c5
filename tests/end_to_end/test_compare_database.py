# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch compare with databases: the same losses as with files, and delays from samples."""
import bisect
import json
import math
import os
import random
import sqlite3
import time

import pytest

from model.frames import macsec_frame
from support.numbered import esp
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.simulated_path import MILLISECOND, SECOND, EspStream, MacsecStream, Path, Rates

LOSSES = ("lost_before_a", "lost_between", "lost_tail", "missed_by_a", "reordered_between", "passed_both")
COUNTS = (9000, 5000, 3000, 2500)


class Sides:
    """Two captures, each as a file and as a database."""

    def __init__(self, gapwatch, folder, a, b):
        self.gapwatch = gapwatch
        self.files, self.stores = [], []
        for name, content in (("a", a), ("b", b)):
            file, store = folder / f"{name}.pcap", folder / f"{name}.db"
            file.write_bytes(content)
            done = gapwatch.run("analyze", "--quiet", file, "--db", store)
            assert done.returncode == 0, done.stderr.decode()
            self.files.append(file)
            self.stores.append(store)

    def compare(self, a, b, *options, expect=0):
        done = self.gapwatch.run("compare", "--json", a, b, *options)
        assert done.returncode == expect, done.stderr.decode()
        return json.loads(done.stdout) if expect == 0 else done.stderr.decode()


def timed(frames):
    packets = [Packet(data, second=FIRST_SECOND + t // SECOND, fraction=t % SECOND) for t, data in frames]
    return pcap(packets, nanoseconds=True)


def losses(found):
    """The losses of each SA, in the order of the report."""
    return [(sa["flow_id"], sa["association"], *(sa[name] for name in LOSSES)) for sa in found["sas"]]


@pytest.fixture(scope="module")
def lossy(gapwatch, tmp_path_factory):
    """A path with losses, rekeys and restarts, on which B's clock is 5 s ahead."""
    source = random.Random("databases")
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    path = Path(source, streams, COUNTS, Rates(doubled_before=0), clock=5 * SECOND)
    return Sides(gapwatch, tmp_path_factory.mktemp("lossy"), path.capture("at_a"), path.capture("at_b"))


def test_databases_give_the_losses_of_files(lossy):
    expected = lossy.compare(*lossy.files)
    found = lossy.compare(*lossy.stores)
    assert losses(found) == losses(expected)
    assert [sa["lineage"] for sa in found["sas"]] == [sa["lineage"] for sa in expected["sas"]]
    assert found["summary"]["duplicated_between"] == expected["summary"]["duplicated_between"]
    assert found["clock_offset_ms"] == pytest.approx(expected["clock_offset_ms"], abs=0.05)


@pytest.mark.parametrize("is_database", ((True, False), (False, True)))
def test_a_file_against_a_database(is_database, lossy):
    sides = [lossy.stores[i] if kind else lossy.files[i] for i, kind in enumerate(is_database)]
    assert losses(lossy.compare(*sides)) == losses(lossy.compare(*lossy.files))


def test_captures_are_chosen_by_number_or_source(lossy, tmp_path):
    name = str(lossy.files[0])
    newest = lossy.compare(*lossy.stores)
    other = tmp_path / "other.pcap"
    other.write_bytes(pcap([esp(number) for number in range(1, 50)]))
    store = tmp_path / "two.db"
    for file in (lossy.files[0], other):
        assert lossy.gapwatch.run("analyze", "--quiet", file, "--db", store).returncode == 0
    assert lossy.compare(store, lossy.stores[1])["summary"]["sas"] == 0
    for word in (f"{store}:1", f"{store}:{name}"):
        assert losses(lossy.compare(word, lossy.stores[1])) == losses(newest)
    assert "no capture 7" in lossy.compare(f"{store}:7", lossy.stores[1], expect=1)


def binomial(count, chance, least, most):
    """The probability that of COUNT draws, LEAST to MOST hit, each with CHANCE."""
    if not 0 < chance < 1:
        return float(least <= (count if chance else 0) <= most)
    return sum(
        math.exp(math.lgamma(count + 1) - math.lgamma(hits + 1) - math.lgamma(count - hits + 1)
                 + hits * math.log(chance) + (count - hits) * math.log(1 - chance))
        for hits in range(least, most + 1)
    )


# How long frames take, in milliseconds: a short tail, a long one, and a few frames that wait.
SPREADS = {
    "short": lambda source: 20 + source.expovariate(1),
    "long": lambda source: 20 + source.paretovariate(1.5),
    "few": lambda source: 20 + (180 if source.random() < 0.01 else 0),
}


@pytest.mark.parametrize("spread", SPREADS)
def test_delays_from_samples(spread, gapwatch, tmp_path):
    """The percentiles are those of as many frames drawn by chance, whatever the delays are."""
    seed = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))
    source = random.Random(seed)
    at_a, at_b = [], []
    for number in range(1, 20_001):
        sent = number * 2 * MILLISECOND
        at_a.append((sent, number))
        at_b.append((sent + int(SPREADS[spread](source) * MILLISECOND), number))
    delays = sorted(there - here for (here, _), (there, _) in zip(at_a, at_b))
    sides = Sides(gapwatch, tmp_path, *(timed((t, esp(n)) for t, n in sorted(side)) for side in (at_a, at_b)))
    [found] = sides.compare(*sides.stores)["sas"]
    samples = found["delay_ms"]["samples"]
    assert 150 < samples <= 420
    for percent in (50, 95, 99):
        told, rank = found["delay_ms"][f"p{percent}"] * MILLISECOND, math.ceil(samples * percent / 100)
        below = bisect.bisect_left(delays, told - 1) / len(delays)
        not_above = bisect.bisect_right(delays, told + 1) / len(delays)
        assert binomial(samples, not_above, rank, samples) > 1e-9, (seed, percent)
        assert binomial(samples, below, 0, rank - 1) > 1e-9, (seed, percent)


def test_sas_without_a_common_sample(gapwatch, tmp_path):
    """B starts behind the wraparound, and so late that the samples of both are of different numbers."""
    sent = [(place * MILLISECOND // 5, esp((2**32 - 1500 + place) % 2**32)) for place in range(1, 4001)]
    seen = [(time + MILLISECOND, data) for place, (time, data) in enumerate(sent) if place >= 2500 and place % 100 != 7]
    sides = Sides(gapwatch, tmp_path, timed(sent), timed(seen))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert expected["summary"]["lost_between"] == 15
    assert losses(found) == losses(expected)


def test_a_first_frame_that_was_overtaken(gapwatch, tmp_path):
    """The first number of an SA comes to B behind the second one: it was not lost."""
    sent = [(place * MILLISECOND, esp(1 + place % 2000, 7 + place // 2000)) for place in range(4000)]
    seen = [(time + MILLISECOND + (1500000 if place == 2000 else 0), data) for place, (time, data) in enumerate(sent)]
    sides = Sides(gapwatch, tmp_path, timed(sent), timed(sorted(seen)))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert expected["summary"]["lost_between"] == 0
    assert losses(found) == losses(expected)


def as_live(store, ended_ns):
    """Makes STORE that of a live sensor, which ended at that time."""
    second, fraction = divmod(ended_ns, SECOND)
    ended = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(FIRST_SECOND + second)) + f".{fraction:09d}Z"
    with sqlite3.connect(store) as database:
        database.execute("UPDATE captures SET method = 'tc', started = first_timestamp, ended = ?", (ended,))


@pytest.mark.parametrize("busy", (True, False))
def test_a_sensor_that_ends_before_the_other(busy, gapwatch, tmp_path):
    """B's sensor ends before A's: what A saw later is not lost. What A saw while B watched and nothing came
    is lost."""
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 5001)]
    seen = [(t + 20_000, data) for t, data in sent[: 4500 if busy else 4000] if t // MILLISECOND % 100 != 7]
    sides = Sides(gapwatch, tmp_path, timed(sent), timed(seen))
    as_live(sides.stores[0], 5000 * MILLISECOND)
    as_live(sides.stores[1], 4510 * MILLISECOND if busy else 4600 * MILLISECOND)
    [found] = sides.compare(*sides.stores)["sas"]
    lost, tail = (45, 0) if busy else (40 + 600, 600)
    assert found["lost_between"] == pytest.approx(lost, abs=2)
    assert found["lost_tail"] == pytest.approx(tail, abs=2)
    assert (found["missed_by_a"], found["passed_both"]) == (0, len(seen))


def test_late_frames_are_not_lost(gapwatch, tmp_path):
    """Every 50th frame is 100 numbers late at B, behind its window, and every 70th is lost."""
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 3001)]
    seen = [
        (time + (100 * MILLISECOND if number % 50 == 0 else 0) + 1000, data)
        for number, (time, data) in enumerate(sent, 1)
        if number % 70
    ]
    sides = Sides(gapwatch, tmp_path, timed(sent), timed(sorted(seen)))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert expected["summary"]["lost_between"] == 3000 // 70
    overtaken = [number for number in range(50, 3000, 50) if number % 70]  # nothing overtakes the last
    assert expected["summary"]["reordered_between"] == len(overtaken)
    assert losses(found) == losses(expected)


def test_addresses_that_a_nat_changes(gapwatch, tmp_path):
    source = random.Random("nat")
    stream = EspStream(source, (10, 0, 0, 1))
    path = Path(source, [stream], (3000, 2000))
    a = path.capture("at_a")
    stream.source = (203, 0, 113, 9)
    sides = Sides(gapwatch, tmp_path, a, path.capture("at_b"))
    truth = sum(path.truth().values(), [])
    lost = sorted((sa["lost_before_a"], sa["lost_between"], sa["missed_by_a"]) for sa in truth)
    for pair in (sides.files, sides.stores):
        assert sides.compare(*pair)["summary"]["sas"] == 0
        found = sides.compare(*pair, "--match", "spi")["sas"]
        assert sorted((sa["lost_before_a"], sa["lost_between"], sa["missed_by_a"]) for sa in found) == lost


@pytest.mark.parametrize("late", ("A", "B"))
def test_a_sensor_that_begins_among_overtaken_frames(late, gapwatch, tmp_path):
    """Frames that passed B before it began are not lost, even those that overtook a frame that B saw. Another SA ended
    before that."""
    seed = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))
    source = random.Random(seed)
    apart, begin = MILLISECOND // 4, 750 * MILLISECOND
    at_a, at_b = [], []
    for place in range(5000):
        sent, is_calm = place * apart, abs(place * apart - begin) < 60 * MILLISECOND
        frame, draws = (1 + place % 2000, 7 + place // 2000), [source.random() for _ in range(2)]
        if draws[0] >= 0.01 or is_calm:
            at_a.append((sent, frame))
        if draws[1] >= 0.03 or is_calm:
            at_b.append((sent + 3 * MILLISECOND + source.randrange(20 * apart), frame))
    here, there = ([each for each in side if name != late or each[0] >= begin] for name, side in (("A", at_a), ("B", at_b)))
    start = min(each for each in (there if late == "B" else here))[1]
    a, b = {frame for _, frame in here}, {frame for _, frame in there}
    unseen = {frame for _, frame in (at_b if late == "B" else at_a)} - (b if late == "B" else a)
    span = {(1 + place % 2000, 7 + place // 2000) for place in range((start[1] - 7) * 2000 + start[0] - 1, 5000)}
    lost, missed = span & (a - b - unseen), span & (b - a - unseen)
    sides = Sides(gapwatch, tmp_path, *(timed((t, esp(*frame)) for t, frame in sorted(side)) for side in (here, there)))
    exact = sides.compare(*sides.files)["summary"]
    assert (exact["lost_between"], exact["missed_by_a"]) == (len(lost), len(missed)), seed
    found = sides.compare(*sides.stores)["summary"]
    assert abs(found["lost_between"] - len(lost)) <= 8, seed
    assert abs(found["missed_by_a"] - len(missed)) <= 8, seed


def test_an_sa_that_uses_the_numbers_of_another_one_again(gapwatch, tmp_path):
    """The sender restarts. B, whose clock is 5 s ahead, begins late and ends early: it saw the first SA alone. What was
    lost in front of both tells which one that is."""
    numbers = [*range(1, 8763), *range(1, 8613)]
    lost = [number % 97 == 13 if place < 8762 else number % 89 == 7 for place, number in enumerate(numbers)]
    sent = [((place + 5000 * (place >= 8762)) * MILLISECOND // 10, esp(number))
            for place, number in enumerate(numbers)]
    at_a = [frame for place, frame in enumerate(sent) if not lost[place]]
    at_b = [(time + 5 * SECOND + 3 * MILLISECOND, data) for place, (time, data) in enumerate(sent)
            if not lost[place] and 3967 <= place < 8762]
    sides = Sides(gapwatch, tmp_path, timed(at_a), timed(at_b))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert expected["summary"]["lost_between"] == 0
    assert losses(found) == losses(expected)


def test_sas_that_one_sensor_cannot_tell_apart(gapwatch, tmp_path):
    """The sender begins anew, and A misses the first frames then: what it sees are copies, and then higher numbers. Files
    of both tell the SAs apart, databases tell that they cannot."""
    sent = [(place * MILLISECOND // 5, esp(1 + place if place < 3000 else place - 2999)) for place in range(7000)]
    at_a = [frame for place, frame in enumerate(sent) if not 3000 <= place < 3300]
    at_b = [(time + MILLISECOND, data) for time, data in sent]
    sides = Sides(gapwatch, tmp_path, timed(at_a), timed(at_b))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert [(sa["passed_both"], sa["missed_by_a"], sa["is_mixed"]) for sa in expected["sas"]] == [(3000, 0, False), (3700, 300, False)]
    assert [sa["is_mixed"] for sa in found["sas"]] == [True, True]
    assert found["summary"]["sas_mixed"] == found["summary"]["ways"]["a_to_b"]["sas_mixed"] == 2
    kept = tmp_path / "kept.db"
    text = gapwatch.run("compare", *sides.stores, "--db", kept).stdout.decode()
    assert sqlite3.connect(kept).execute("SELECT is_mixed FROM compared_sas").fetchall() == [(1,), (1,)]
    assert "Perhaps not exact: 2 SAs" in text and text.count("Perhaps not exact: one side") == 2


def reused(sent, seen, folder, gapwatch):
    """The comparison of two databases, for frames as (milliseconds, association, number)."""
    sides = Sides(gapwatch, folder, *(
        timed((int(t * MILLISECOND), macsec_frame(1, an, number, bytes(48))) for t, an, number in side) for side in (sent, seen)))
    return sides.compare(*sides.files)["sas"], sides.compare(*sides.stores)["sas"]


def test_a_number_that_an_older_sa_of_that_association_had_lost(gapwatch, tmp_path):
    """The first number of an SA is one that the SA before it, of the same association, lost between A and B: B's sensor
    may take it for a late frame. Either the figures are exact, or the answer says that they are not."""
    sent = [(place, place // 1000 % 2, 1 + place % 1000) for place in range(3000)]
    seen = [(t + 2, an, number) for place, (t, an, number) in enumerate(sent) if place not in (500, 1700)]
    seen = [frame for frame in seen if not (frame[0] >= 2002 and frame[2] < 501)]
    expected, found = reused(sent, seen, tmp_path, gapwatch)
    assert [sa["lost_between"] for sa in expected] == [1, 500, 1]
    assert all(sa["is_mixed"] or sa[name] == exact[name] for exact, sa in zip(expected, found) for name in LOSSES)
    assert not found[2]["is_mixed"], "the other association has nothing to do with it"


def test_an_sa_whose_frames_look_like_copies_at_one_point(gapwatch, tmp_path):
    """B misses the first frames of an SA, and the rest has numbers that an older SA of that association had."""
    sent = [(place, place // 1000 % 2, 1 + place % 1000) for place in range(3000)]
    seen = [(t + 2, an, number) for t, an, number in sent if t < 2000 or number > 400]
    expected, found = reused(sent, seen, tmp_path, gapwatch)
    assert [sa["passed_both"] for sa in expected] == [1000, 600, 1000]
    assert [sa["is_mixed"] for sa in found] == [True, True, False]


def test_short_sas_whose_associations_come_again(gapwatch, tmp_path):
    """B begins 4,000 frames late, its clock 5 s behind. Each SA has few samples, which an older SA of its association has
    as well: the offset with which several SAs agree tells which one it is."""
    source = random.Random(1)
    frames = [(an, number) for an in (0, 1, 2, 3, 0, 1, 2) for number in range(1, source.randint(500, 3000))]
    sent = [(SECOND // MILLISECOND * 9 + place / 2, *frame) for place, frame in enumerate(frames)]
    expected, found = reused(sent, [(t + 12 - 5000, *frame) for t, *frame in sent[4000:]], tmp_path, gapwatch)
    assert len(expected) == 5
    for sas in (expected, found):
        assert [[sa[name] for name in ("association", *LOSSES[:-1])] for sa in sas] == [[an, 0, 0, 0, 0, 0] for an in (0, 1, 2, 2, 3)]
    assert [sa["passed_both"] for sa in found] == [sa["passed_both"] for sa in expected]


def test_frames_from_before_the_stretch_are_not_reordered_in_it(gapwatch, tmp_path):
    """The first frame that B sees had overtaken others."""
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 3001)]
    late = {1996: 8, 1998: 9}
    seen = [(t + (1 + late.get(number, 0)) * MILLISECOND, data) for number, (t, data) in enumerate(sent, 1)]
    sides = Sides(gapwatch, tmp_path, timed(sent), timed(frame for frame in sorted(seen) if frame[0] > 2000 * MILLISECOND))
    expected, found = sides.compare(*sides.files), sides.compare(*sides.stores)
    assert expected["summary"]["reordered_between"] == 0
    assert losses(found) == losses(expected)


def test_a_last_frame_that_one_point_alone_believes_to_be_stray(gapwatch, tmp_path):
    """As before, and the old SA lost its last number: the new one's last frame fits none of B's SAs. A's show its place."""
    sent = [(place, place // 1000 % 2, 1 + place % 1000) for place in range(3000)]
    seen = [(t + 2, an, number) for t, an, number in sent if t != 999 and (t < 2000 or number > 400)]
    expected, _ = reused(sent, seen, tmp_path, gapwatch)
    assert [(sa["lost_between"], sa["lost_tail"]) for sa in expected] == [(1, 1), (400, 0), (0, 0)]


@pytest.mark.parametrize("slow", (False, True))
def test_slow_frames_where_a_sender_begins_anew(slow, gapwatch, tmp_path):
    """Frames that take more than 50 ms longer than others may belong to either SA, and the answer says so."""
    sent = [(place, 0, 1 + place % 1000) for place in range(2000)]
    seen = [(t + 2 + (80 if slow and 950 <= t < 1010 else 0), *rest) for t, *rest in sent]
    expected, _ = reused(sent, sorted(seen), tmp_path, gapwatch)
    assert [(sa["passed_both"], sa["is_mixed"]) for sa in expected] == [(1000, slow)] * 2


def test_forged_counts_and_spans(gapwatch, tmp_path):
    """Counts below 0 are none, and sums of SAs with very many numbers end at the largest signed integer."""
    frames = timed((place * MILLISECOND, esp(1 + place % 500, 7 + place // 500)) for place in range(2000))
    sides = Sides(gapwatch, tmp_path, frames, frames)
    for store in sides.stores:
        with sqlite3.connect(store) as database:
            database.execute("PRAGMA ignore_check_constraints = 1")
            database.execute("UPDATE sas SET first_sequence = 0, last_sequence = ?", (2**62 - 1,))
    with sqlite3.connect(sides.stores[1]) as database:
        database.execute("PRAGMA ignore_check_constraints = 1")
        database.execute("UPDATE sas SET reordered_packets = -1, duplicate_packets = ?", (2**62,))
    found = sides.compare(*sides.stores, "--db", tmp_path / "kept.db")
    assert [int(sa["passed_both"]) for sa in found["sas"]] == [2**62] * 4
    assert [sa["reordered_between"] for sa in found["sas"]] == [0] * 4
    assert {int(found["summary"][name]) for name in ("passed_both", "duplicated_between")} == {2**63 - 1}
