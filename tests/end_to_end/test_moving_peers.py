# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Loss of SAs whose peer moves while frames are reordered and lost, against one receiver for each SA.

GAPWATCH_LONG=1 tries more SAs; GAPWATCH_SEED chooses others.
"""
import collections
import os
import random

import pytest

from model import moving
from model.moving import FORGER, Place
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.database import ask

SEED = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))
COUNT = 500 if os.environ.get("GAPWATCH_LONG") else 60
WINDOWS = (32, 64, 256, 1024)
HERE, THERE = Place(1), Place(2)


@pytest.fixture(name="analyze")
def fixture_analyze(gapwatch, tmp_path):
    """Returns a function that analyses streams by SPI, two at a time, and gives the flows of each SPI."""

    def analyze(streams, window):
        timed = [
            (at // 2 * 20 + place / 200, source.frame(spi, number))
            for at, (spi, stream) in enumerate(streams.items())
            for place, (number, source) in enumerate(stream)
        ]
        timed.sort(key=lambda frame: frame[0])
        path, database = tmp_path / "moving.pcap", tmp_path / "moving.db"
        path.write_bytes(
            pcap(Packet(frame, second=FIRST_SECOND + int(time), fraction=int(time % 1 * 1e6)) for time, frame in timed)
        )
        options = ("--window", window, "--protocols", "esp,udp", "--db", database, "--replace")
        found = gapwatch.analyze(path, *options)
        expect_agreement(found, database)
        flows = collections.defaultdict(list)
        for flow in found["flows"]:
            flows[int(flow["flow_id"].partition("spi: ")[2][:10], 16)].append(flow)
        return flows

    return analyze


def expect_agreement(found, database):
    """The loss by cause, in the list of gaps, in SAs and in intervals is that of each flow."""
    gaps = collections.Counter()
    for gap in found["gaps"]:
        gaps[gap["flow_id"], gap["cause"]] += gap["gap_size"]
    in_intervals = "SELECT flow_id, sum(lost) FROM flow_intervals JOIN flows ON flows.id = flow GROUP BY 1"
    by_interval = dict(ask(database, in_intervals))
    for flow in found["flows"]:
        name, lost = flow["flow_id"], flow["total_lost_packets"]
        assert name.startswith("IPsec"), "each datagram is ESP"
        assert (gaps[name, "network"], gaps[name, "undetermined"]) == (flow["lost_network"], flow["lost_undetermined"])
        assert sum(sa["total_lost_packets"] for sa in flow["sas"]) == by_interval[name] == lost
        assert not (flow["moved_to"] and flow["silent_since"])


def made(kind, window, seed=SEED):
    """Returns random streams by SPI; each two SAs between the same hosts are alike."""
    return {0x1000 + at: kind(random.Random(f"{seed} {window} {at // 2}"), window) for at in range(COUNT)}


def total_lost(flows):
    return sum(flow["total_lost_packets"] for flow in flows)


@pytest.mark.parametrize("window", WINDOWS)
def test_an_sa_is_one_receiver_wherever_its_peer_is(window, analyze):
    streams = made(moving.moving, window)
    found = analyze(streams, window)
    for spi, stream in streams.items():
        flows = found[spi]
        assert total_lost(flows) == moving.lost([number for number, _ in stream], window), (SEED, spi)
        assert len({flow["lineage"] for flow in flows}) == 1, (SEED, spi)
        (last,) = [flow for flow in flows if not flow["moved_to"]]
        assert last["source"].endswith(f"{stream[-1][1].host}"), (SEED, spi)
        copies = sum(flow["duplicate_packets"] for flow in flows)
        assert len(stream) - copies == len({number for number, _ in stream}), (SEED, spi)


@pytest.mark.parametrize("window", WINDOWS)
def test_two_senders_are_never_one_sa(window, analyze):
    streams = made(moving.two_senders, window)
    found = analyze(streams, window)
    for spi, stream in streams.items():
        for flow in found[spi]:
            own = [number for number, source in stream if flow["source"].endswith(f".{source.host}")]
            assert flow["total_lost_packets"] == moving.lost(own, window), (SEED, spi)
            assert flow["moved_to"] is flow["follows"] is None, (SEED, spi)


@pytest.mark.parametrize("window", WINDOWS)
def test_three_forged_frames_are_no_move(window, analyze):
    """The streams are always the same: of others, 2 in 1,000 have the forged frames just when the first three come from
    the new source, and either may be the peer's."""

    def forged(source, window):
        places = [Place(each) for each in range(1, 4)]
        return moving.with_forged(source, moving.moving(source, window, source.randint(0, 3), places))

    streams = made(forged, window, os.environ.get("GAPWATCH_SEED", "forged"))
    found = analyze(streams, window)
    for spi, stream in streams.items():
        own = [flow for flow in found[spi] if not flow["source"].endswith(f".{FORGER.host}")]
        genuine = [number for number, source in stream if source != FORGER]
        assert total_lost(own) == moving.lost(genuine, window), (SEED, spi)
        assert all(flow["moved_to"] is None for flow in found[spi] if flow not in own), (SEED, spi)


def at(place, *numbers):
    return [(number, place) for number in numbers]


BEFORE, AFTER = at(HERE, *range(1, 96)), at(THERE, *range(112, 300))
CASES = {
    # The first frames at the new address: 101, 104 and 107 are lost.
    "reordered at first": (
        at(HERE, *range(96, 101)) + at(THERE, 105, 102, 103, 110, 106, 109, 108, 111) + AFTER,
        {HERE: 0, THERE: 3},
    ),
    # Frames that were sent from the old address come last; 98 is lost.
    "old frames come later": (
        at(HERE, 96, 100) + at(THERE, 101, 103) + at(HERE, 97) + at(THERE, 102) + at(HERE, 99)
        + at(THERE, *range(104, 112)) + AFTER,
        {HERE: 1, THERE: 0},
    ),
    # The NAT binds anew after frames were reordered, so 96, 98 and 102 come from the new port; 97 and 105 are lost.
    "reordered before the source changes": (
        at(HERE, 99, 100, 101, 103) + at(THERE, 96, 98, 102, 104, *range(106, 112)) + AFTER,
        {HERE: 1, THERE: 1},
    ),
    # It comes back at 300; 298 is late and 301 lost.
    "it comes back, reordered": (
        at(HERE, *range(96, 101)) + at(THERE, *range(101, 112)) + AFTER[:-4]
        + at(HERE, 300, 302) + at(THERE, 297, 299) + at(HERE, 303) + at(THERE, 296, 298) + at(HERE, *range(304, 400)),
        {HERE: 1, THERE: 0},
    ),
    # Each number twice, also across the move.
    "copies": (
        at(HERE, 96, 96, 98, 100, 100) + at(THERE, 101) + at(HERE, 98, 97) + at(THERE, 102, 101)
        + at(HERE, 97, 99, 100, 99) + at(THERE, *range(103, 112)) + AFTER,
        {HERE: 0, THERE: 0},
    ),
}


@pytest.mark.parametrize("ports", ((0, 0), (4500, 61234)), ids=("ESP", "in UDP"))
@pytest.mark.parametrize("name", CASES)
def test_frames_reordered_about_a_move(name, ports, analyze):
    stream, lost = CASES[name]
    there = {HERE: Place(1, ports[0]), THERE: Place(2, ports[1])}
    flows = analyze({0x1001: [(number, there[place]) for number, place in BEFORE + stream]}, 32)[0x1001]
    found = {flow["source"]: flow["total_lost_packets"] for flow in flows}
    assert found == {f"192.0.2.{place.host}": count for place, count in lost.items()}
    assert len({flow["lineage"] for flow in flows}) == 1


def far(place, first, last):
    return at(place, *range(first, last))


MOVED = far(HERE, 1, 201) + far(THERE, 201, 2201)
# Streams of one peer, some of them with forged frames, and all that is lost of them.
ALTOGETHER = {
    "two frames behind an outage, and a move with another one": (
        at(HERE, *(number for number in range(1, 1001) if number % 10)) + at(HERE, 1051, 1052)
        + far(THERE, 1053, 2001) + far(HERE, 2101, 3001),
        250,
    ),
    "frames of before that come again": (
        far(HERE, 1, 4) + at(HERE, 40, 41) + far(THERE, 42, 106) + far(HERE, 106, 170) + far(HERE, 200, 203)
        + far(HERE, 10, 13),
        66,
    ),
    "it comes back after a long outage": (
        far(HERE, 1, 201) + far(THERE, 201, 20201) + far(HERE, 25201, 25401),
        5000,
    ),
    "two forged at the old address": (
        MOVED + at(HERE, 900000) + far(THERE, 2201, 2211) + at(HERE, 900001) + far(THERE, 2211, 20201),
        0,
    ),
    "two forged at the address that it left again": (
        MOVED + far(HERE, 2201, 2211) + at(THERE, 900000) + far(HERE, 2211, 2231) + at(THERE, 900001)
        + far(HERE, 2231, 20201),
        0,
    ),
    "a copy of the last frame comes from the new address": (
        far(HERE, 1, 201) + at(THERE, 200) + far(THERE, 201, 20201) + far(HERE, 20201, 20401),
        0,
    ),
    "it begins anew at the new address": (far(HERE, 1, 1001) + far(THERE, 1051, 2001) + far(THERE, 1, 501), 50),
    "it begins anew at the old address": (
        far(HERE, 1, 30001) + far(THERE, 30001, 30301) + at(HERE, *(n for n in range(1, 25001) if n % 10)),
        2499,
    ),
}


@pytest.mark.parametrize("name", ALTOGETHER)
def test_a_peer_that_moves_and_more(name, analyze):
    stream, lost = ALTOGETHER[name]
    assert total_lost(analyze({0x1001: stream}, 32)[0x1001]) == lost
