# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch compare with senders that begin anew, on paths that are slow or delay some frames."""
import json
import random

import pytest

from support.capture_file import FIRST_SECOND, Packet, pcap
from support.simulated_path import MICROSECOND, MILLISECOND, SECOND, esp_bytes

HERE, THERE = (192, 0, 2, 1), (198, 51, 100, 2)
SAS = (2500, 800, 3000)


def timed(frames):
    packets = [Packet(data, second=FIRST_SECOND + t // SECOND, fraction=t % SECOND) for t, data in sorted(frames)]
    return pcap(packets, nanoseconds=True)


class Direction:
    """One direction of a tunnel, whose sender begins anew with number 1: what passes its first point, its second
    one, and what each SA should have."""

    def __init__(self, source, spi, addresses, delay, jitter):
        self.spi, self.addresses = spi, addresses
        self.first, self.second, self.truth = [], [], []
        now = 0
        for count in SAS:
            passed = lost = copies = 0
            for number in range(1, count + 1):
                now += source.randrange(200, 400) * MICROSECOND
                is_edge = number < 5 or number > count - 5
                is_lost, is_doubled = source.random() < 0.1 and not is_edge, source.random() < 0.02
                there = now + delay + (source.randrange(jitter) if source.random() < 0.2 and not is_edge else 0)
                self.first.append((now, self.frame(number)))
                if not is_lost:
                    self.second += [(there + copy * 300 * MICROSECOND, self.frame(number)) for copy in range(1 + is_doubled)]
                passed, lost, copies = passed + (not is_lost), lost + is_lost, copies + (is_doubled and not is_lost)
            self.truth.append((passed, lost, 0, copies))

    def frame(self, number):
        return esp_bytes(self.spi, number, *self.addresses)


def compare(gapwatch, folder, a, b):
    for name, frames in (("a", a), ("b", b)):
        (folder / f"{name}.pcap").write_bytes(timed(frames))
    done = gapwatch.run("compare", "--json", folder / "a.pcap", folder / "b.pcap")
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def figures(found, spi):
    names = ("passed_both", "lost_between", "missed_by_a", "duplicated_between")
    sas = [sa for sa in found["sas"] if f"0x{spi:08x}" in sa["flow_id"]]
    return [tuple(sa[name] for name in names) for sa in sorted(sas, key=lambda sa: sa["first_timestamp"])]


# The second path is slower there and back than any frame waits; the SAs of both sides have to be told apart for each way.
@pytest.mark.parametrize("delay, jitter", ((1, 20), (150, 2)))
@pytest.mark.parametrize("seed", range(2))
def test_frames_that_come_after_higher_numbers_of_the_next_sa(delay, jitter, seed, gapwatch, tmp_path):
    source = random.Random(seed)
    out = Direction(source, 0x1001, (HERE, THERE), delay * MILLISECOND, jitter * MILLISECOND)
    back = Direction(source, 0x2002, (THERE, HERE), delay * MILLISECOND, jitter * MILLISECOND)
    found = compare(gapwatch, tmp_path, out.first + back.second, out.second + back.first)
    assert (figures(found, 0x1001), figures(found, 0x2002)) == (out.truth, back.truth)
    assert found["clock_offset_bound_ms"] == delay


def test_delays_that_contradict_each_other_give_no_bound(gapwatch, tmp_path):
    """A missed a frame that was doubled, and saw its copy when B had the first: this delay is negative."""
    at_a, at_b = [], []
    for number in range(1, 301):
        now = number * MILLISECOND
        at_a += [(now, esp_bytes(0x1001, number, HERE, THERE)), (now + 10_000, esp_bytes(0x2002, number, THERE, HERE))]
        at_b += [(now + 10_000, esp_bytes(0x1001, number, HERE, THERE)), (now, esp_bytes(0x2002, number, THERE, HERE))]
    at_a[100] = (at_a[100][0] + 200_000, at_a[100][1])
    found = compare(gapwatch, tmp_path, at_a, at_b)
    assert found["summary"]["passed_both"] == 600
    assert found["clock_offset_estimate_ms"] is found["clock_offset_bound_ms"] is None
