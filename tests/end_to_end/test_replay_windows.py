# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The advice on replay windows, against a receiver of RFC 4303 with sets (model/receiver.py).

GAPWATCH_LONG=1 tries 1,000 traces at each --window; GAPWATCH_SEED repeats a run.
"""
import os
import random

import pytest

from model.receiver import KINDS, WINDOWS, arrivals, distances, percentile_99, refused, trace
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import analyzed, esp, esp_run

LONG = bool(os.environ.get("GAPWATCH_LONG"))
SEED = int(os.environ.get("GAPWATCH_SEED") or random.randrange(10**6))
TRACES = 1000 if LONG else 150
NUMBERS = 4000 if LONG else 2500
PER_CAPTURE = 50
APART_US = 20


def capture_of(traces, shuffled):
    """Returns a capture file in which TRACES, one an SPI, come at the same time."""
    order = [place for place, numbers in enumerate(traces) for _ in numbers]
    shuffled.shuffle(order)
    following = [iter(numbers) for numbers in traces]
    packets = []
    for place, at in enumerate(order):
        second, fraction = divmod(place * APART_US, 1_000_000)
        frame = esp(next(following[at]) % 2**32, 0x1000 + at)
        packets.append(Packet(frame, second=FIRST_SECOND + second, fraction=fraction))
    return pcap(packets)


def by_spi(report):
    return {int(flow["flow_id"].split("spi: ")[1][:10], 16) - 0x1000: flow for flow in report["flows"]}


def advice(flow):
    return [flow[f"refused_at_{window}"] for window in WINDOWS]


def check(numbers, flow, told):
    assert advice(flow) == [len(refused(numbers, window)) for window in WINDOWS], told
    behind = distances(numbers)
    if behind:
        p99 = percentile_99(behind)
        assert p99 <= flow["p99_reorder_distance"] <= max(p99, p99 * 33 / 32), told
        enough = next(2**power for power in range(5, 17) if 2**power > max(behind))
        assert flow["recommended_window"] in (enough, 2 * enough), told
    else:
        assert (flow["p99_reorder_distance"], flow["recommended_window"]) == (None, 32), told


@pytest.mark.parametrize("window", (32, 1024) if LONG else (32,))
def test_refused_frames_are_those_of_a_receiver_with_that_window(gapwatch, tmp_path, window):
    for first in range(SEED, SEED + TRACES, PER_CAPTURE):
        seeds = range(first, first + PER_CAPTURE)
        traces = [trace(random.Random(seed), KINDS[seed % len(KINDS)], NUMBERS) for seed in seeds]
        path = tmp_path / "traces.pcap"
        path.write_bytes(capture_of(traces, random.Random(first)))
        flows = by_spi(gapwatch.analyze(path, "--window", str(window)))
        for place, seed in enumerate(seeds):
            told = f"GAPWATCH_SEED={seed} is {KINDS[seed % len(KINDS)].__name__}"
            check(traces[place], flows[place], told)
            sas = flows[place]["sas"]
            assert [sum(figures) for figures in zip(*map(advice, sas))] == advice(flows[place]), told


def jittered(seed):
    """Positions that were believed before are believed again when their first number is forgotten."""
    shuffled = random.Random(seed)
    return arrivals([(number + shuffled.random() * 300, number) for number in range(1, 6001)])


def with_faster_frames(seed):
    """More single frames run ahead than three before the stream reaches the first of them."""
    shuffled = random.Random(seed)
    return arrivals([(number - (500 if number > 600 and shuffled.random() < 0.02 else 0), number)
                     for number in range(1, 4001)])


def with_late_block(seed):
    """A block of frames looks like a restart until the stream goes on."""
    late = 50 * seed
    return [*range(late + 1, 2 * late + 1), *range(1, late + 1), *range(2 * late + 1, 4001)]


HARD = [(kind, seed) for kind in (jittered, with_faster_frames, with_late_block) for seed in (10, 11, 16)]


def test_streams_that_look_like_forged_frames_or_restarts(gapwatch, tmp_path):
    traces = [kind(seed) for kind, seed in HARD]
    path = tmp_path / "traces.pcap"
    path.write_bytes(capture_of(traces, random.Random(0)))
    flows = by_spi(gapwatch.analyze(path))
    for place, (kind, seed) in enumerate(HARD):
        check(traces[place], flows[place], f"{kind.__name__}({seed})")


def test_stray_numbers_ahead_refuse_nothing(gapwatch, tmp_path):
    """One or two forged frames do not move a receiver: it would find out that they are forged."""
    shuffled = random.Random(SEED)
    frames = esp_run(1, 20000)
    for place in sorted(shuffled.sample(range(100, 15000, 50), 60), reverse=True):
        frames.insert(place, esp(place + shuffled.randrange(40, 4000)))
    flow = analyzed(gapwatch, tmp_path, frames)["flows"][0]
    assert (advice(flow), flow["recommended_window"]) == ([0] * 8, 32), f"GAPWATCH_SEED={SEED}"


def test_a_burst_doubles_the_recommended_window(gapwatch, tmp_path):
    """A queue held back 20 frames for 100 others: it may hold them back a little longer next time."""
    burst = esp_run(1, 1000) + esp_run(1021, 1120) + esp_run(1001, 1020) + esp_run(1121, 2000)
    single = esp_run(1, 1000) + esp_run(1002, 1120) + [esp(1001)] + esp_run(1121, 2000)
    windows = [analyzed(gapwatch, tmp_path, frames)["flows"][0]["recommended_window"] for frames in (burst, single)]
    assert windows == [256, 128]


def test_a_sender_that_begins_anew_refuses_nothing(gapwatch, tmp_path):
    frames = esp_run(2000, 4000) + esp_run(1, 3000)
    flow = analyzed(gapwatch, tmp_path, frames)["flows"][0]
    assert (flow["restarts"], advice(flow)) == (1, [0] * 8)
