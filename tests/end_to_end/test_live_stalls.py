# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A sensor that stops and goes on at random finds what `analyze` finds in a file of the same frames.

The streams are those of the model: all that networks do and forgers add. The ring has 1 MB, so it
overflows many times, and most frames reach the program through the map of missed frames.
"""
import itertools
import os
import random
import time
import zlib

import pytest

from model import streams as model_streams
from model.frames import CAPTURED_BYTES
from support import streams
from support.numbered import analyzed, counted, differing, gaps_of

STALLS = int(os.environ.get("GAPWATCH_STALLS", 0))  # runs of each combination; 0: of a few
SEED = int(os.environ.get("GAPWATCH_STALLS_SEED", random.randrange(2**32)))
LENGTH = 4000  # frames of each stream, about
FLOWS = 2 * len(model_streams.KINDS)
APART_US = 20  # frames in the file: about as fast as they are sent
RING_RECORDS = 2**20 // (64 + 8)
WORKERS_MAX = 3
COMBINATIONS = tuple(itertools.product((1, 2, WORKERS_MAX), (32, 256, 2048)))  # workers, window
FEW = ((1, 2048), (2, 32), (WORKERS_MAX, 256))


def played(chance, window):
    """Returns streams of every kind, mixed, as the octets of frames: numbered over Ethernet and IP by
    the model, and some in UDP port 4500 and with VLAN tags."""
    numbered = model_streams.frames(chance, window, FLOWS, LENGTH, False, tuple(model_streams.KINDS))
    made = [frame.flow.start_of_frame(frame) for frame in numbered]
    others = streams.mixed(chance, LENGTH // 2)
    order = [0] * len(made) + [1] * len(others)
    chance.shuffle(order)
    following = (iter(made), iter(others))
    return [next(following[which]).ljust(CAPTURED_BYTES, b"\0") for which in order]


def parted(chance, whole):
    """Cuts frames into parts. The first part, and a share of the later ones, have more frames than all rings hold."""
    count = WORKERS_MAX * 2 * RING_RECORDS
    while whole:
        yield whole[:count]
        whole = whole[count:]
        count = chance.randrange(chance.choice([10, 1000, 20_000, 80_000])) + 1


def run_stalled(chance, watched, whole, *options):
    """Sends frames past a sensor that stops at random. Returns its report."""
    sensor = watched.sensor(*options)
    for at, part in enumerate(parted(chance, whole)):
        if at == 0 or chance.random() < 0.7:
            with sensor.stopped():
                watched.send(part)
        else:
            watched.send(part)
    return sensor.stop()


@pytest.fixture(autouse=True)
def no_outage_near_the_limit(monkeypatch):
    """More than 100,000 numbers are loss or a sender jump by the time that they take, and here frames
    come as fast as they can be sent. Outages with nothing between them are one: a stream has three."""
    monkeypatch.setattr(model_streams, "LONG_OUTAGE", 90_000)
    monkeypatch.setattr(model_streams, "OUTAGES", (100, 1000, 5000, 25_000))


@pytest.mark.parametrize("run", range(STALLS or 1))
@pytest.mark.parametrize("workers, window", COMBINATIONS if STALLS else FEW)
def test_stalls_change_nothing(workers, window, run, watched, bpf_method, gapwatch, tmp_path):
    seed = zlib.crc32(f"{SEED} {bpf_method} {workers} {window} {run}".encode())
    print("seed:", SEED)
    chance = random.Random(seed)
    whole = played(chance, window)
    found = run_stalled(
        chance, watched, whole, bpf_method, "--buffer", 1, "--workers", workers, "--window", window
    )
    expected = analyzed(gapwatch, tmp_path, whole, "--window", window, apart_us=APART_US)
    assert found["summary"]["total_unobserved_packets"] > RING_RECORDS
    assert found["summary"]["lost_by_cause"]["undetermined"] == expected["summary"]["lost_by_cause"]["undetermined"]
    assert differing(counted(found), counted(expected)) == []
    assert gaps_of(found) == gaps_of(expected)
    assert found["capture"]["counters"] == expected["capture"]["counters"]


FLOWS_MISSED = 70_000  # more than fit in the map of missed frames (include/maps.h)
EASY_RATE = 50_000  # also when other programs keep the processors busy


@pytest.mark.parametrize("method, workers", [("xdp", 1), ("tc", 2)])
def test_where_the_map_is_full_loss_is_undetermined(method, workers, watched, obstacle_to_bpf):
    """The sensor knows that it lost frames, but not which: none of them count as lost by the network."""
    flows = ("--esp", FLOWS_MISSED, "--lose", 3)
    sensor = watched.sensor(method, "--buffer", 1, "--workers", workers)
    sent = [watched.generate(*flows, "--packets", FLOWS_MISSED, "--rate", EASY_RATE)]
    with sensor.stopped():
        sent.append(watched.generate(*flows, "--packets", 3 * FLOWS_MISSED, "--after", 1))
    time.sleep(2)  # until the ring is empty, so that the last frame of each flow is seen
    sent.append(watched.generate(*flows, "--packets", FLOWS_MISSED, "--after", 4, "--rate", EASY_RATE))
    found = sensor.stop()
    frames = sum(part["packets"] for part in sent)
    truth = FLOWS_MISSED * 2  # numbers missing between a flow's first frame and its fifth
    lost = found["summary"]["lost_by_cause"]
    assert found["summary"]["total_flows"] == FLOWS_MISSED
    assert found["capture"]["packets"] == frames
    unknown = frames - found["summary"]["total_packets_received"]
    assert unknown > 0
    assert lost["network"] <= truth
    assert lost["network"] + lost["undetermined"] == truth + unknown
