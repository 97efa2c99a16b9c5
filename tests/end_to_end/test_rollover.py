# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Events of rekeys: those that both directions make, and those that fail."""
import json
import struct

import pytest

from support.capture_file import FIRST_SECOND, Packet, pcap
from support.database import ask
from support.frames import ENCRYPTED, SC, sectag
from support.numbered import ADDRESSES, HEAD

SCIS = ("02000000000a0001", "02000000000b0001")
SPIS = ((0x1001, 0x1002), (0x2001, 0x2002))


def macsec(direction, sa, number):
    return HEAD + b"\x88\xe5" + sectag(SC | ENCRYPTED | sa, number, SCIS[direction]) + bytes(64)


def esp(direction, sa, number):
    addresses = ADDRESSES[4:] + ADDRESSES[:4] if direction else ADDRESSES
    payload = struct.pack(">II", SPIS[direction][sa], number) + bytes(32)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, 50, 0)
    return HEAD + b"\x08\x00" + head + addresses + payload


def run(direction, sa, start, end, first=1, apart=0.02):
    """The numbers from FIRST on of an SA from START to END, in seconds."""
    return [
        (start + apart * count, direction, sa, first + count)
        for count in range(round((end - start) / apart))
    ]


def both_ways(*parts):
    return sorted(sum(parts, []))


HEALTHY = both_ways(run(0, 0, 0, 70), run(0, 1, 70, 100), run(1, 0, 0, 71), run(1, 1, 71, 100))
ONE_SIDED = both_ways(run(0, 0, 0, 70), run(0, 1, 70, 100), run(1, 0, 0, 100))
STOPPED = both_ways(run(0, 0, 0, 70), run(0, 1, 70, 72), run(1, 0, 0, 71), run(1, 1, 71, 125))


@pytest.fixture(name="events")
def fixture_events(gapwatch, tmp_path):
    """Returns a function that analyses frames, and gives the kinds of events with the direction that
    they are about, and their details."""

    def events(make, frames):
        path, database = tmp_path / "frames.pcap", tmp_path / "results.db"
        packets = [
            Packet(make(*parts), second=FIRST_SECOND + int(time), fraction=int(time % 1 * 1e6))
            for time, *parts in frames
        ]
        path.write_bytes(pcap(packets))
        assert gapwatch.run("analyze", path, "--db", database).returncode == 0
        found = ask(database, "SELECT kind, flow_id, detail FROM events ORDER BY timestamp")
        backwards = (SCIS[1], f"0x{SPIS[1][0]:08x}", f"0x{SPIS[1][1]:08x}")
        return [
            (kind, int(any(name in flow for name in backwards)), json.loads(detail))
            for kind, flow, detail in found
        ]

    return events


@pytest.mark.parametrize("make", (macsec, esp))
@pytest.mark.parametrize(
    "frames, expected",
    (
        (HEALTHY, [("rekey", 0), ("rekey", 1)]),
        (ONE_SIDED, [("rekey", 0), ("one_sided", 0)]),
        (STOPPED, [("rekey", 0), ("rekey", 1), ("rollover_failed", 0)]),
    ),
    ids=("healthy", "one_sided", "stopped"),
)
def test_both_directions(make, frames, expected, events):
    found = events(make, frames)
    assert sorted(event[:2] for event in found) == sorted(expected)
    for kind, _, detail in found:
        if kind != "rekey":
            assert detail["other_direction"]


def test_the_old_sa_goes_on(events):
    frames = both_ways(run(0, 0, 0, 60, apart=0.05), run(0, 1, 20, 60))
    rekey, failed = events(macsec, frames)
    assert (rekey[0], failed[0]) == ("rekey", "rollover_failed")
    assert 6 < failed[2]["seconds_after"] < 7


@pytest.mark.parametrize("late", (5.9, 35))
def test_two_frames_of_the_old_sa_are_no_event(late, events):
    """Nor are copies, nor frames that were on their way."""
    old = run(0, 0, 0, 20)
    after = [(20 + late + 0.1 * count, 0, 0, number) for count, number in enumerate((1001, 1002, 1002, 1000, 999))]
    assert [event[0] for event in events(macsec, both_ways(old, run(0, 1, 20, 80), after))] == ["rekey"]


def test_two_forged_frames_each_way_are_no_event(events):
    forged = [(85, 1, 0, 99999), (85.5, 1, 0, 3551), (90, 0, 0, 3501), (90.5, 0, 0, 3502)]
    frames = both_ways(run(0, 0, 0, 70), run(0, 1, 70, 100), run(1, 0, 0, 70), forged)
    for make in (macsec, esp):
        found = [event[0] for event in events(make, frames)]
        assert set(found) <= {"rekey"}, found
