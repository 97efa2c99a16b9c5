# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The queries of gapwatch.db(5), each on a capture with a known answer."""
import re

import pytest

from model.frames import SOURCE, EspFlow, Frame, MacsecFlow, capture
from support import manual
from support.database import ask

SECOND_NS = 10**9
HOUR_NS = 3600 * SECOND_NS
START_NS = 1735689600 * SECOND_NS  # 2025-01-01T00:00:00Z
LENGTH = 128

MACSEC = MacsecFlow(0x0011223344550001)
FIRST_SA, NEXT_SA, ELSEWHERE = EspFlow(0x1001), EspFlow(0x1002), EspFlow(0x1003, "203.0.113.9")


def queries():
    """The page's SQL by title."""
    found = (re.fullmatch(r"-- (.*?)\n(.*)", block, re.DOTALL) for block in manual.examples("gapwatch.db.5"))
    return dict(each.groups() for each in found if each)


def numbers_of(flow, start_ns, numbers, step_ns=SECOND_NS // 10, association=0):
    return [
        Frame(start_ns + at * step_ns, flow, number, association, LENGTH)
        for at, number in enumerate(numbers)
    ]


def frames():
    """Two hours: an SA of 100 frames that loses 1; its successor, which loses 7 in two gaps, one of them
    three seconds long; a MACsec channel that changes to another SA; and another SA."""
    later = START_NS + HOUR_NS
    interrupted = numbers_of(NEXT_SA, later, [1, 2, 4, 5])
    interrupted += numbers_of(NEXT_SA, later + 3 * SECOND_NS + 300_000_000, range(12, 62))
    sent = numbers_of(FIRST_SA, START_NS, [*range(1, 51), *range(52, 102)]) + interrupted
    sent += numbers_of(MACSEC, START_NS + 1, range(1, 101))
    sent += numbers_of(MACSEC, later + 1, range(1, 101), association=1)
    sent += numbers_of(ELSEWHERE, START_NS + 2, range(1, 11))
    return sorted(sent, key=lambda frame: frame.time_ns)


@pytest.fixture(name="answer", scope="module")
def fixture_answer(gapwatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    path = folder / "capture.pcap"
    path.write_bytes(capture(frames()))
    gapwatch.analyze("--db", folder / "results.db", path)
    found = queries()
    assert len(found) == 8
    return lambda title: ask(folder / "results.db", found[title])


def test_worst_flows(answer):
    rows = answer("The worst flows")
    assert rows[:2] == [
        (NEXT_SA.flow_id, 7, round(100 * 7 / 61, 3), 6),
        (FIRST_SA.flow_id, 1, round(100 * 1 / 101, 3), 1),
    ]
    assert [row[1] for row in rows[2:]] == [0, 0]


def test_which_site_loses(answer):
    """Both SAs of a tunnel count together."""
    first, *others = answer("Which site loses, over all rekeys")
    assert first == (SOURCE, FIRST_SA.destination, 2, 8, round(100 * 8 / (8 + 154), 3))
    assert sorted((row[1] or "", *row[2:]) for row in others) == [("", 1, 0, 0), (ELSEWHERE.destination, 1, 0, 0)]


def test_loss_by_hour(answer):
    assert answer("Loss by hour") == [("2025-01-01 00:00", 1, 1), ("2025-01-01 01:00", 2, 7)]


def test_interruptions(answer):
    assert answer("Interruptions: gaps longer than a second") == [
        ("2025-01-01T01:00:03.300000000Z", NEXT_SA.flow_id, 6, 3000.0)
    ]


def test_bandwidth_over_time(answer):
    rows = answer("Bandwidth over time")
    octets = sum(frame.wire_length for frame in frames())
    assert sum(mbps * 5e6 / 8 for _, mbps, _ in rows) == pytest.approx(octets, rel=0.05)
    assert sum(lost for _, _, lost in rows) == 8
    first_five_seconds = [f for f in frames() if f.time_ns < START_NS + 5 * SECOND_NS]
    expected = round(sum(f.wire_length for f in first_five_seconds) * 8 / 5 / 1e6, 3)
    assert rows[0][:2] == ("2025-01-01T00:00:00.000000000Z", expected)


def test_silent_flows(answer):
    """Silent for an hour and more: all flows but those that last to the end."""
    rows = answer("Flows that went silent, the latest first")
    assert [(row[0], *row[2:]) for row in rows] == [
        (FIRST_SA.flow_id, 100, 1),
        (ELSEWHERE.flow_id, 10, 0),
    ]


def test_sas_of_a_flow(answer):
    rows = answer("The SAs of a flow")
    assert sum(packets for *_, packets, _ in rows) == 200
    assert [row[-1] for row in rows] == [0] * len(rows)


def test_across_rekeys(answer):
    rows = answer(
        "One peer's SAs across rekeys: ESP takes a new SPI, a MACsec flow counts its own"
    )
    assert [(row[0], *row[3:]) for row in rows] == [
        (FIRST_SA.flow_id, 100, 1, 0),
        (MACSEC.flow_id, 200, 0, 1),
        (NEXT_SA.flow_id, 54, 7, 0),
    ]
