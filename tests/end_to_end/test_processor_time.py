# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What streams with much loss, or with many late frames, cost in processor time, and in room for the gaps of others."""
import random
import resource

from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import esp

COME, APART, PERIOD = 20, 2, 80  # of 80 numbers, 20 come: every second of the first 40


def numbers_of(frames):
    return [burst * PERIOD + place * APART + 1 for burst in range(frames // COME) for place in range(COME)]


def processor_time():
    """That of all children so far; the kernel divides it only roughly between user and system."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seconds_for(gapwatch, path, numbers):
    """The processor time of a report in text, of one flow with NUMBERS."""
    return seconds_for_frames(gapwatch, path, [esp(number) for number in numbers])


def seconds_for_frames(gapwatch, path, frames, pause_at=0):
    """The same of FRAMES; those from PAUSE_AT on come 11 seconds later."""
    path.write_bytes(
        pcap(
            Packet(frame, second=FIRST_SECOND + (11 if place >= pause_at else 0), fraction=place)
            for place, frame in enumerate(frames)
        )
    )
    before = processor_time()
    gapwatch.run("analyze", path)
    return processor_time() - before


def test_time_grows_with_the_frames_and_no_faster(gapwatch, tmp_path):
    """Missing numbers that were handed on at each step made four times the frames take 60 times as long."""
    few, many = numbers_of(4000), numbers_of(16000)
    shorter_s = seconds_for(gapwatch, tmp_path / "few.pcap", few)
    longer_s = seconds_for(gapwatch, tmp_path / "many.pcap", many)
    [flow] = gapwatch.analyze(tmp_path / "many.pcap")["flows"]
    assert flow["total_lost_packets"] == many[-1] - len(many)
    assert longer_s < 16 * shorter_s


def test_time_does_not_grow_with_the_numbers_that_are_lost_at_once(gapwatch, tmp_path):
    """Of 8,192 numbers one comes. To ask of each lost number whether it has come late made this take 30 times as long
    as where every second number comes."""
    dense_s = seconds_for(gapwatch, tmp_path / "dense.pcap", range(1, 200_000, 2))
    sparse_s = seconds_for(gapwatch, tmp_path / "sparse.pcap", range(1, 100_000 * 8192, 8192))
    [flow] = gapwatch.analyze(tmp_path / "sparse.pcap")["flows"]
    assert flow["total_lost_packets"] > 99_000 * 8191
    assert sparse_s < 6 * dense_s


def test_a_restart_asks_only_of_gaps_which_numbers_came_late(gapwatch, tmp_path):
    """Two senders, of which each looks like a restart of the other. Whether the last 4,096 numbers had come late was
    asked of each number then, and these frames took 50 times as long as as many in order."""
    numbers = [1]
    for turn in range(0, 40_000, 4):
        numbers += [*range(turn + 100_000, turn + 100_003), *range(turn + 2, turn + 6)]
    plain_s = seconds_for(gapwatch, tmp_path / "plain.pcap", range(1, len(numbers) + 1))
    turns_s = seconds_for(gapwatch, tmp_path / "turns.pcap", numbers)
    [flow] = gapwatch.analyze(tmp_path / "turns.pcap")["flows"]
    assert flow["mixed_senders"] is True
    assert turns_s < 12 * plain_s


def test_time_does_not_grow_with_the_distance_of_late_frames(gapwatch, tmp_path):
    """Every second frame comes over a slower path, into one of the gaps that the others left. To look at each gap in
    between made frames 3,900 numbers behind take 15 times as long as those 100 behind."""

    def apart(steps):
        return [number for step in range(100_000) for number in (2 * step + 1, 2 * (step - steps)) if number > 0]

    near_s = seconds_for(gapwatch, tmp_path / "near.pcap", apart(50))
    far_s = seconds_for(gapwatch, tmp_path / "far.pcap", apart(1950))
    [flow] = gapwatch.analyze(tmp_path / "far.pcap")["flows"]
    assert flow["late_packets"] == 100_000 - 1951
    assert far_s < 6 * near_s


def test_an_undo_does_not_look_at_the_gaps_of_other_flows(gapwatch, tmp_path):
    """A jump is final after ten seconds, and then the flow goes on where it was. To look through all gaps that another
    flow had meanwhile made a few flows that do so take as long as a million frames."""
    jumping, gaps = range(0x2000, 0x2000 + 400), 200_000
    jumps = [esp(number, spi) for spi in jumping for number in (1000, 1001, 1002, 1003, 9000, 9001, 9002)]
    others = [esp(2 * number + 1) for number in range(gaps)]
    undone = [esp(number, spi) for spi in jumping for number in range(1004, 1104)]
    path = tmp_path / "undone.pcap"
    without_s = seconds_for_frames(gapwatch, tmp_path / "others.pcap", jumps + others, len(jumps))
    with_s = seconds_for_frames(gapwatch, path, jumps + others + undone, len(jumps))
    assert gapwatch.analyze(path)["summary"]["total_lost_packets"] == gaps - 1
    assert with_s < 2 * without_s


def test_withdrawn_gaps_take_no_room_from_other_flows(gapwatch, tmp_path):
    """Three senders of one SA, of which each seems to go on where it was, so that the same gaps are withdrawn and come
    again, 22 for each frame. They filled the room for a million gaps, and nothing was left for the second flow."""
    chosen = random.Random(3)
    nexts, steps = [50_000, 3_000_000_000, 1000], [1, 1, 2]
    frames = []
    while len(frames) < 50_000:
        sender = chosen.randrange(3)
        for _ in range((8, 20, chosen.randrange(1, 64))[sender]):
            frames.append(esp(nexts[sender]))
            nexts[sender] += steps[sender]
    frames += [esp(number, 0x2002) for number in range(1000, 3000) if number % 20 != 7]
    path = tmp_path / "withdrawn.pcap"
    path.write_bytes(
        pcap(
            Packet(frame, second=FIRST_SECOND + place // 10_000, fraction=place % 10_000 * 100)
            for place, frame in enumerate(frames)
        )
    )
    report = gapwatch.analyze(path)
    [other] = [flow for flow in report["flows"] if "0x00002002" in flow["flow_id"]]
    assert report["capture"]["gaps_omitted"] == 0
    assert other["total_lost_packets"] == 100
    assert sum(gap["flow_id"] == other["flow_id"] for gap in report["gaps"]) == 100
