# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch compare: captures of a simulated path, on which the fate of every frame is known, and its words.

GAPWATCH_LONG=1 tries more paths with fresh seeds; GAPWATCH_SEED repeats a run.
"""
import json
import math
import os
import pathlib
import random
import sqlite3
import threading

import pytest

from model.frames import macsec_frame
from support import tunnels
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.frames import dtls_record, ethernet, ipv4, udp_layer
from support.numbered import esp
from support.simulated_path import MICROSECOND, MILLISECOND, SECOND, EspStream, MacsecStream, Path, Rates, esp_bytes

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"
LONG = bool(os.environ.get("GAPWATCH_LONG"))
SEED = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))
PATHS = 20 if LONG else 3
LATE_FRAMES, CLOCK = 4000, 5 * SECOND
COUNTS = (9000, 5000, 3000, 2500, 4000, 1500)
FIGURES = (
    "passed_both",
    "lost_before_a",
    "lost_between",
    "lost_tail",
    "missed_by_a",
    "duplicated_between",
    "reordered_between",
)


@pytest.fixture
def compare(gapwatch):
    def run(*arguments, expect=0, stdin=None):
        done = gapwatch.run("compare", "--json", *arguments, stdin=stdin)
        assert done.returncode == expect, done.stderr.decode(errors="replace")
        return json.loads(done.stdout)

    return run


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def by_identity(found):
    """The SAs of a report as Path.truth() has them."""
    sas = {}
    for sa in sorted(found["sas"], key=lambda sa: sa["first_timestamp"]):
        sas.setdefault((sa["flow_id"], sa["association"]), []).append(sa)
    return sas


def assert_equal(found, truth, seed):
    sas = by_identity(found)
    assert set(sas) == set(truth), f"seed {seed}"
    for identity, expected in truth.items():
        assert len(sas[identity]) == len(expected), f"seed {seed}, {identity}"
        for got, right in zip(sas[identity], expected):
            assert {name: got[name] for name in FIGURES} == {name: right[name] for name in FIGURES}, (
                f"seed {seed}, {identity}"
            )
            assert sum(part["delay_ms"]["samples"] for part in got["over_time"]) == right["passed_both"]
            assert sum(part["lost_between"] for part in got["over_time"]) == right["lost_between"]
            assert got["delay_ms"] == pytest.approx(right["delay_ms"], rel=1e-12), f"seed {seed}, {identity}"


def assert_lineages_are_sums(found):
    for lineage in found["lineages"]:
        sas = [sa for sa in found["sas"] if sa["lineage"] == lineage["lineage"]]
        assert lineage["sas"] == len(sas)
        assert {name: lineage[name] for name in FIGURES} == {name: sum(sa[name] for sa in sas) for name in FIGURES}


@pytest.mark.parametrize("number", range(PATHS))
@pytest.mark.parametrize("late_frames, clock", ((0, 0), (LATE_FRAMES, CLOCK), (LATE_FRAMES, -CLOCK)))
def test_every_figure_of_every_sa(number, late_frames, clock, compare, tmp_path):
    seed = f"{SEED} {number} {late_frames} {clock}"
    source = random.Random(seed)
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    path = Path(source, streams, COUNTS, late_frames=late_frames, clock=clock)
    a = write(tmp_path, "a.pcap", path.capture("at_a"))
    b = write(tmp_path, "b.pcap", path.capture("at_b", late_frames))
    found = compare(a, b)
    assert_equal(found, path.truth(), seed)
    assert_lineages_are_sums(found)
    channels = [lineage["sas"] for lineage in found["lineages"] if lineage["lineage"].startswith("MACsec")]
    assert channels == [len(COUNTS)]


@pytest.mark.parametrize("seed", range(40 if LONG else 4))
def test_senders_that_begin_anew_during_an_outage(seed, compare, tmp_path):
    """One point does not see the first frames of some SAs, so that it cannot tell them from the SAs before."""
    source = random.Random(f"outage {seed}")
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    counts = (9000, *(source.randrange(700, 2500) for _ in range(5)))
    path = Path(source, streams, counts, Rates(outage=0.5), clock=source.choice((0, CLOCK, -CLOCK)))
    a = write(tmp_path, "a.pcap", path.capture("at_a"))
    b = write(tmp_path, "b.pcap", path.capture("at_b"))
    assert_equal(compare(a, b), path.truth(), seed)


@pytest.mark.parametrize("jitter", (30, 100, 500))
def test_a_sender_that_begins_anew_behind_a_slow_queue(jitter, compare, tmp_path):
    """A queue between A and B fills and drains, so that B sees the end of the first SA when A sees the next."""
    at_a, at_b, period = [], [], 4 * jitter * MILLISECOND
    for place in range(5500):
        number, now = 1 + place % 3000, place * 250 * MICROSECOND
        waiting = int(jitter * MILLISECOND * (1 + math.sin(2 * math.pi * now / period)) / 2)
        frame = esp(number)
        if place % 199 != 50:
            at_a.append((now, frame))
        if place % 50 != 20:
            at_b.append((now + 3 * MILLISECOND + waiting, frame))
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), write(tmp_path, "b.pcap", timed(at_b)))
    assert [(sa["passed_both"], sa["lost_between"], sa["missed_by_a"]) for sa in found["sas"]] == [
        (sum(place % 199 != 50 and place % 50 != 20 for place in sa), sum(place % 50 == 20 for place in sa if place % 199 != 50),
         sum(place % 199 == 50 for place in sa if place % 50 != 20))
        for sa in (range(3000), range(3000, 5500))
    ]


def test_two_taps(compare):
    folder = CASES / "two-taps-files"
    if not folder.exists():
        pytest.skip(f"the cases are not there: {CASES}")
    found = compare(folder / "tapA.pcap", folder / "tapB.pcap")
    [sa] = found["sas"]
    assert sa["lost_between"] == found["summary"]["lost_between"] == 50
    assert sa["lost_tail"] == 1
    assert sa["lost_before_a"] == sa["missed_by_a"] == 0
    assert sa["delay_ms"]["min"] == sa["delay_ms"]["p99"] == 20


# --- both directions, clocks ---

HERE, THERE = (192, 0, 2, 1), (198, 51, 100, 2)


def timed(frames):
    """A capture file of FRAMES, which are (nanoseconds, bytes)."""
    packets = [
        Packet(data, second=FIRST_SECOND + time // SECOND, fraction=time % SECOND) for time, data in sorted(frames)
    ]
    return pcap(packets, nanoseconds=True)


def two_ways(clock):
    """A tunnel in both directions: 8 ms from A to B, 3 ms back. Each way loses every 50th frame."""
    at_a, at_b = [], []
    for number in range(1, 1001):
        now, lost = number * MILLISECOND, number % 50 == 0
        out, back = esp_bytes(0x1001, number, HERE, THERE), esp_bytes(0x2002, number, THERE, HERE)
        at_a.append((now, out))
        at_b.append((now + clock, back))
        if not lost:
            at_b.append((now + clock + 8 * MILLISECOND, out))
            at_a.append((now + 3 * MILLISECOND, back))
    return timed(at_a), timed(at_b)


@pytest.mark.parametrize("clock", (0, 5 * SECOND))
def test_both_directions_bound_the_offset_of_the_clocks(clock, compare, tmp_path):
    a, b = two_ways(clock)
    found = compare(write(tmp_path, "a.pcap", a), write(tmp_path, "b.pcap", b))
    for sa in found["sas"]:
        assert sa["direction"] == ("a_to_b" if "0x00001001" in sa["flow_id"] else "b_to_a")
        assert (sa["lost_between"], sa["missed_by_a"], sa["lost_tail"]) == (20, 0, 1)
    assert found["clock_offset_bound_ms"] == 5.5
    estimate = found["clock_offset_estimate_ms"]
    assert estimate - 5.5 <= clock / MILLISECOND <= estimate + 5.5
    assert found["clock_offset_ms"] == clock / MILLISECOND + 8


def test_the_directions_when_a_clock_is_set(compare, tmp_path):
    """B's clock is set back by 2 s when both ways begin new SAs: most frames to B come later, the others before."""
    at_a, at_b = [], []
    for place in range(4000):
        now, number, is_later = place * MILLISECOND, place % 2000 + 1, place >= 2000
        out = esp_bytes(0x1001 + is_later, number, HERE, THERE)
        back = esp_bytes(0x2001 + is_later, number, THERE, HERE)
        if is_later or place % 4 == 0:
            at_a.append((now, out))
            at_b.append((now + 8 * MILLISECOND, out))
        if not is_later or place % 4 == 0:
            at_b.append((now, back))
            at_a.append((now + 3 * MILLISECOND, back))
    packets = []
    for time, data in sorted(at_b):
        second, rest = divmod(time - (2 * SECOND if time >= 2 * SECOND else 0), SECOND)
        packets.append(Packet(data, second=FIRST_SECOND + second, fraction=rest))
    b = write(tmp_path, "b.pcap", pcap(packets, nanoseconds=True))
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), b)
    directions = {sa["flow_id"].split()[3].strip(","): sa["direction"] for sa in found["sas"]}
    assert directions == {
        "0x00001001": "a_to_b", "0x00001002": "a_to_b", "0x00002001": "b_to_a", "0x00002002": "b_to_a"
    }


def test_a_clock_that_is_set(compare, tmp_path):
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 2001)]
    seen = [(time + 4 * MILLISECOND + (70 * MILLISECOND if time > SECOND else 0), data) for time, data in sent]
    found = compare(write(tmp_path, "a.pcap", timed(sent)), write(tmp_path, "b.pcap", timed(seen)))
    [step] = found["sas"][0]["delay_steps"]
    assert step == {"timestamp": "2025-01-01T00:00:01.001000000Z", "step_ms": 70}
    slices = found["sas"][0]["over_time"]
    assert [part["timestamp"][17:22] for part in slices] == [f"{number / 10:05.2f}" for number in range(20)]
    assert [part["delay_ms"]["p99"] for part in slices] == [4] * 10 + [74] * 10


@pytest.mark.parametrize("step", (-2 * SECOND, 3600 * SECOND))
def test_losses_while_a_clock_is_set(step, gapwatch, compare, tmp_path):
    """B's clock is set in the middle: before and after, each number that is missing there was lost."""
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 8001)]
    seen = [frame for place, frame in enumerate(sent) if place % 50 != 7]
    set_at = 4 * SECOND
    packets = []
    for time, data in seen:
        second, rest = divmod(time + (step if time > set_at else 0), SECOND)
        packets.append(Packet(data, second=FIRST_SECOND + second, fraction=rest))
    files = [write(tmp_path, "a.pcap", timed(sent)), write(tmp_path, "b.pcap", pcap(packets, nanoseconds=True))]
    for file in files:
        assert gapwatch.run("analyze", "-q", file, "--db", file.with_suffix(".db")).returncode == 0
    for operands in (files, [file.with_suffix(".db") for file in files]):
        [sa] = compare(*operands)["sas"]
        assert (sa["lost_between"], sa["passed_both"], sa["missed_by_a"]) == (160, 7840, 0)


def test_a_side_that_stopped_earlier(compare, tmp_path):
    """A goes on for two seconds: that B saw nothing of it is no loss."""
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 5001)]
    seen = [(time + 4 * MILLISECOND, data) for time, data in sent[:3000] if time % (100 * MILLISECOND)]
    files = write(tmp_path, "a.pcap", timed(sent)), write(tmp_path, "b.pcap", timed(seen))
    assert compare(*files)["summary"]["lost_between"] == 29
    assert compare(*files[::-1])["summary"]["missed_by_a"] == 29


def test_flows_of_another_path(compare, tmp_path):
    sent = [(number * MILLISECOND, esp(number)) for number in range(1, 501)]
    others = [(time, esp_bytes(0x5005, 1 + time // MILLISECOND, (10, 0, 0, 1), (10, 0, 0, 2))) for time, _ in sent]
    found = compare(write(tmp_path, "a.pcap", timed(sent + others)), write(tmp_path, "b.pcap", timed(sent)))
    assert [sa["lost_between"] for sa in found["sas"]] == [0]
    assert found["summary"]["sas_only_at_a"] == 1


@pytest.mark.parametrize("is_database", (False, True))
def test_what_a_mirror_lost_is_undetermined(is_database, gapwatch, compare, tmp_path):
    """B watches through ERSPAN, whose numbers say that the mirror lost 100 and 200; the network lost 50."""
    sent, seen = [], []
    for number in range(1, 301):
        frame = tunnels.payload("esp4", number)[tunnels.FRAME]
        sent.append((number * MILLISECOND, frame))
        if number != 50:
            seen.append((number * MILLISECOND + 1000, tunnels.erspan_2(frame, 4, len(seen) + 1)))
    seen = [frame for frame in seen if frame[0] // MILLISECOND not in (100, 200)]
    files = [write(tmp_path, "a.pcap", timed(sent)), write(tmp_path, "b.pcap", timed(seen))]
    if is_database:
        assert gapwatch.run("analyze", "-q", files[1], "--db", tmp_path / "b.db").returncode == 0
        files[1] = tmp_path / "b.db"
    [sa] = compare(*files)["sas"]
    assert (sa["lost_between"], sa["lost_undetermined"]) == (3, 2)


# --- operands and results ---


@pytest.fixture
def pair(tmp_path):
    a, b = two_ways(0)
    return write(tmp_path, "a.pcap", a), write(tmp_path, "b.pcap", b)


def test_several_files_and_standard_input(compare, pair, tmp_path):
    whole = compare(*pair)
    sent = sorted((number * MILLISECOND, esp(number, 7)) for number in range(1, 101))
    first, second = write(tmp_path, "1.pcap", timed(sent[:50])), write(tmp_path, "2.pcap", timed(sent[50:]))
    seen = write(tmp_path, "3.pcap", timed([(time + 100, data) for time, data in sent]))
    assert compare(f"A={first},{second}", f"B={seen}")["sas"][0]["passed_both"] == 100
    assert compare("-", pair[1], stdin=pair[0].read_bytes())["sas"] == whole["sas"]


def test_a_pipe_with_a_name(compare, pair, tmp_path):
    """As `<(zcat a.pcap.gz)` of a shell: each of its octets can be read once."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(pair[0].read_bytes(),), daemon=True)
    writer.start()
    assert compare(pipe, pair[1])["sas"] == compare(*pair)["sas"]
    writer.join()


def test_the_text_report(gapwatch, pair):
    text = gapwatch.run("compare", *pair).stdout.decode()
    assert "A ---- 20 lost (2.00 %) ---> B" in text and "B ---- 20 lost (2.00 %) ---> A" in text
    assert "Clock of B: ahead of A's by 2.500 ms, give or take 5.500 ms" in text


def test_the_text_report_distinguishes_the_epochs_of_dtls(gapwatch, tmp_path):
    sent = [
        ((20 * epoch + number) * MILLISECOND, bytes(ethernet(ipv4(udp_layer(dtls_record(epoch, number), 5684, 7000)))))
        for epoch in (1, 2)
        for number in range(10)
    ]
    seen = [(time + 100, data) for time, data in sent]
    text = gapwatch.run("compare", write(tmp_path, "a", timed(sent)), write(tmp_path, "b", timed(seen))).stdout.decode()
    assert ", Epoch 1 (from A to B)" in text and ", Epoch 2 (from A to B)" in text


def test_a_comparison_is_kept(compare, pair, tmp_path):
    found = compare(*pair, "--db", tmp_path / "kept.db")
    database = sqlite3.connect(tmp_path / "kept.db")
    rows = database.execute("SELECT flow_id, direction, lost_between, delay_min_ms FROM compared_sas ORDER BY id")
    assert rows.fetchall() == [
        (sa["flow_id"], sa["direction"], sa["lost_between"], sa["delay_ms"]["min"]) for sa in found["sas"]
    ]
    assert database.execute("SELECT b, clock_offset_bound_ms FROM comparisons").fetchall() == [(str(pair[1]), 5.5)]
    database.close()


@pytest.mark.parametrize("operands", ((), ("x.pcap",), ("x", "y", "z"), ("-", "-"), ("A=", "y"), ("A=x,,z", "y")))
def test_wrong_usage(operands, gapwatch):
    done = gapwatch.run("compare", *operands)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"gapwatch: ")


def test_a_side_without_packets(gapwatch, pair, tmp_path):
    done = gapwatch.run("compare", pair[0], write(tmp_path, "empty.pcap", pcap([])))
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"empty.pcap: there are no packets" in done.stderr


def test_a_side_that_cannot_be_read(gapwatch, pair, tmp_path):
    for operands in ((pair[0], tmp_path / "none.pcap"), (write(tmp_path, "x.pcap", b"not a capture"), pair[1])):
        done = gapwatch.run("compare", *operands)
        assert (done.returncode, done.stdout) == (1, b"")


def test_an_association_number_that_each_side_saw_once(compare, tmp_path):
    """AN 0 is used again. A begins behind its first SA, and B ends before its second one: no SA in common."""
    sci, at_a, at_b = 0x0200000000010001, [], []
    for place in range(12_000):
        number, association = 1 + place % 2000, place // 2000 % 4
        now, frame = place * MILLISECOND, macsec_frame(sci, association, number, bytes(48))
        if now >= 2500 * MILLISECOND:
            at_a.append((now, frame))
        if now < 7500 * MILLISECOND and number % 100:
            at_b.append((now + 3 * MILLISECOND, frame))
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), write(tmp_path, "b.pcap", timed(at_b)))
    assert {sa["association"] for sa in found["sas"]} == {1, 2, 3}
    assert {sa["direction"] for sa in found["sas"]} == {"a_to_b"}
    assert found["clock_offset_ms"] == 3
    assert (found["summary"]["lost_between"], found["summary"]["missed_by_a"]) == (49, 0)


def test_a_late_frame_with_a_number_of_an_older_sa(compare, tmp_path):
    """AN 0 is used again. B lost a number of its first SA; that of the second SA comes late, behind the window."""
    sci, at_a, at_b = 0x0200000000010001, [], []
    for place, (association, number) in enumerate(
        [(0, n) for n in range(1, 2001)] + [(1, n) for n in range(1, 1001)] + [(0, n) for n in range(1, 3001)]
    ):
        now, frame = place * MILLISECOND, macsec_frame(sci, association, number, bytes(48))
        at_a.append((now, frame))
        if place != 1989:
            at_b.append((now + (63 if place == 4989 else 3) * MILLISECOND, frame))
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), write(tmp_path, "b.pcap", timed(sorted(at_b))))
    assert [(sa["association"], sa["passed_both"], sa["lost_between"], sa["reordered_between"]) for sa in found["sas"]] == [
        (0, 1999, 1, 0), (0, 3000, 0, 1), (1, 1000, 0, 0)
    ]


def test_the_first_frames_of_an_association_number_that_is_used_again(compare, tmp_path):
    """AN 0 is used again. Neither point sees the first 40 frames of that SA, and B misses three more."""
    sci, at_a, at_b = 0x0200000000010001, [], []
    for place, (association, number) in enumerate((an, number) for an in (0, 1, 0) for number in range(1, 1001)):
        now, frame = place * MILLISECOND, macsec_frame(sci, association, number, bytes(48))
        if 2000 <= place < 2040:
            continue
        at_a.append((now, frame))
        if not 2040 <= place < 2043:
            at_b.append((now + 3 * MILLISECOND, frame))
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), write(tmp_path, "b.pcap", timed(at_b)))
    assert [(sa["association"], sa["passed_both"], sa["lost_before_a"], sa["lost_between"]) for sa in found["sas"]] == [
        (0, 1000, 0, 0), (0, 957, 40, 3), (1, 1000, 0, 0)
    ]


def test_the_last_frames_of_an_sa_are_overtaken_when_the_next_has_begun(compare, tmp_path):
    """The first frame of the next SA comes to B before the last two of the SA before, which come in the wrong order."""
    at_a = [(place * MILLISECOND, esp(1 + place % 3000)) for place in range(5000)]
    late = {2998: 3300, 2999: 2200}  # microseconds
    at_b = [(now + (3000 + late.get(place, 0)) * MICROSECOND, frame) for place, (now, frame) in enumerate(at_a)]
    found = compare(write(tmp_path, "a.pcap", timed(at_a)), write(tmp_path, "b.pcap", timed(at_b)))
    assert [(sa["passed_both"], sa["reordered_between"]) for sa in found["sas"]] == [(3000, 1), (2000, 0)]


@pytest.mark.parametrize("clock", (0, 5 * SECOND))
def test_the_ends_of_a_link_though_a_capture_misses_more_than_was_lost(clock, compare, tmp_path):
    """MACsec in both directions; nothing is lost, and B's capture misses every 50th frame."""
    at_a, at_b = [], []
    for number in range(1, 1001):
        out, back = (macsec_frame(sci, 0, number, bytes(48)) for sci in (0x0200000000010001, 0x0200000000020001))
        now = number * MILLISECOND
        at_a += [(now, out), (now + 3 * MILLISECOND, back)]
        if number % 50:
            at_b += [(now + clock + 3 * MILLISECOND, out), (now + clock, back)]
    found = compare(write(tmp_path, "a.pcap", timed(sorted(at_a))), write(tmp_path, "b.pcap", timed(sorted(at_b))))
    assert [(sa["direction"], sa["lost_between"], sa["missed_by_a"]) for sa in found["sas"]] == [
        ("a_to_b", 20, 0), ("b_to_a", 0, 20)
    ]
