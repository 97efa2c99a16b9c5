# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Streams whose loss is known, live: every method counts them as they were made, and as `analyze` does.
"""
import os
import random

import pytest

from support.known_streams import CASES, case_streams, interleaved, known_streams
from support.numbered import analyzed, counted, differing, gaps_of

BUFFER_MB = 256  # has room for all frames
PARTS = 4


def made(window):
    """Returns (all frames in one order, what is right: {flow id: (name, lost, restarts, rekeys)}, lost in all)."""
    streams, named = known_streams(window)
    right = {
        flow: (name, stream.lost, stream.restarts, stream.rekeys) for flow, (name, stream) in named.items()
    }
    lost = sum(stream.lost for _, stream in named.values())
    for frames, lost_there in case_streams(window).values() if CASES.exists() else ():
        streams.append(frames)
        lost += lost_there
    return interleaved(random.Random(10), streams), right, lost


def check(found, expected, right, lost):
    """The report of a sensor equals the file's, and each flow has what is RIGHT."""
    assert differing(counted(found), counted(expected)) == []
    assert gaps_of(found) == gaps_of(expected)
    assert found["capture"]["counters"] == expected["capture"]["counters"]
    told = {
        flow["flow_id"]: tuple(flow[name] for name in ("lost_network", "restarts", "rekeys"))
        for flow in found["flows"]
    }
    assert {name: told[flow] for flow, (name, *_) in right.items()} == {
        name: tuple(rest) for name, *rest in right.values()
    }
    assert found["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}


def test_known_streams(method, watched, gapwatch, tmp_path):
    frames, right, lost = made(window=32)
    sensor = watched.sensor(method, "--buffer", BUFFER_MB)
    watched.send(frames)
    check(sensor.stop(), analyzed(gapwatch, tmp_path, frames, apart_us=10), right, lost)


@pytest.mark.parametrize("window", (32, 2048) if os.environ.get("GAPWATCH_LONG") else (2048,))
def test_known_streams_past_a_sensor_that_stops(window, bpf_method, watched, gapwatch, tmp_path):
    """The ring has 1 MB: most frames reach the program through the map of missed frames."""
    frames, right, lost = made(window)
    sensor = watched.sensor(bpf_method, "--buffer", 1, "--window", window)
    size = len(frames) // PARTS + 1
    for first in range(0, len(frames), size):
        with sensor.stopped():
            watched.send(frames[first : first + size])
    found = sensor.stop()
    assert found["summary"]["total_unobserved_packets"] > len(frames) / 2
    check(found, analyzed(gapwatch, tmp_path, frames, "--window", window, apart_us=10), right, lost)
