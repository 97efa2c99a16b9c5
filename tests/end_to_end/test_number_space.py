# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""How much of its number space an SA has used, and when it runs out: against times worked out by hand. The
list of SAs by flow and association."""
import calendar
import time

import pytest

from model.frames import macsec_frame
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import esp
from support.server import Server

SCI = 0x0200000000010001
FLOW = f"MACsec {{ sci: 0x{SCI:016x} }}"
FREE = 30_000_000  # numbers that are left at the start
DAY = 86400


def macsec(number, association=0):
    return macsec_frame(SCI, association, number, bytes(48))


def capture(frames, a_second):
    """FRAMES at an even rate."""
    packets = []
    for place, frame in enumerate(frames):
        second, rest = divmod(place, a_second)
        packets.append(Packet(frame, second=FIRST_SECOND + second, fraction=rest * 1_000_000 // a_second))
    return pcap(packets)


def seconds(timestamp):
    return calendar.timegm(time.strptime(timestamp[:19], "%Y-%m-%dT%H:%M:%S")) + float(timestamp[19:-1])


@pytest.mark.parametrize("frame", (macsec, esp))
def test_when_the_numbers_run_out(frame, gapwatch, tmp_path):
    """100 numbers a second for a minute: the rest lasts for FREE / 100 seconds, which is 3 days and a half."""
    numbers = range(2**32 - FREE - 6000, 2**32 - FREE)
    (tmp_path / "fast.pcap").write_bytes(capture(map(frame, numbers), 100))
    [flow] = gapwatch.analyze(tmp_path / "fast.pcap")["flows"]
    assert flow["sequence_used"] == pytest.approx(numbers[-1] / 2**32, rel=1e-9)
    left = seconds(flow["exhaustion_at"]) - seconds(flow["last_timestamp"])
    assert left == pytest.approx(FREE / 100, rel=0.02)
    assert 3 * DAY < left < 4 * DAY


def test_numbers_that_last_for_more_than_thirty_days(gapwatch, tmp_path):
    numbers = range(2**32 - 10 * FREE - 1000, 2**32 - 10 * FREE)
    (tmp_path / "slow.pcap").write_bytes(capture(map(macsec, numbers), 100))
    [flow] = gapwatch.analyze(tmp_path / "slow.pcap")["flows"]
    assert flow["sequence_used"] > 0.9
    assert flow["exhaustion_at"] is None  # it is in 34 days


def test_numbers_that_passed_their_end(gapwatch, tmp_path):
    """They have 64 bits, so there is no end in sight."""
    numbers = [number % 2**32 for number in range(2**32 - 500, 2**32 + 500)]
    (tmp_path / "long.pcap").write_bytes(capture(map(macsec, numbers), 100))
    [flow] = gapwatch.analyze(tmp_path / "long.pcap")["flows"]
    assert flow["exhaustion_at"] is None
    assert flow["sequence_used"] < 1e-6


def test_sas_of_a_flow_and_an_association(gapwatch, tmp_path):
    frames = [macsec(number, place % 4) for place in range(6) for number in range(1, 101)]
    frames = [frame for pair in zip(frames, (esp(number) for number in range(1, 601))) for frame in pair]
    (tmp_path / "sas.pcap").write_bytes(capture(frames, 1000))
    assert gapwatch.run("analyze", "-q", tmp_path / "sas.pcap", "--db", tmp_path / "sas.db").returncode == 0
    with Server(gapwatch.program, "--db", tmp_path / "sas.db") as server:

        def ask(**parameters):
            answer = server.api("sas", **parameters)
            assert answer["total"] == answer["count"] == len(answer["sas"])
            return [(sa["flow_id"][:6], sa["association"], sa["generation"]) for sa in answer["sas"]]

        of_macsec = [("MACsec", generation % 4, generation) for generation in range(6)]
        assert sorted(ask()) == [("IPsec ", 0, 0), *sorted(of_macsec)]
        assert sorted(ask(flow=FLOW), key=lambda sa: sa[2]) == of_macsec
        assert sorted(ask(flow=FLOW, association=1)) == [("MACsec", 1, 1), ("MACsec", 1, 5)]
        assert sorted(ask(association=0)) == [("IPsec ", 0, 0), ("MACsec", 0, 0), ("MACsec", 0, 4)]
        assert ask(flow=FLOW, association=7) == ask(flow="MACsec { sci: 0x1 }") == []
