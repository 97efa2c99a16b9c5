# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The sensor's memory stays the same while flows come and go.

SOAK_SECONDS is the duration (default 20; `make soak` takes some minutes).
"""
import os
import pathlib
import re
import time

from support.live import METHODS, unless

SECONDS = float(os.environ.get("SOAK_SECONDS", 20))
KINDS = ("--macsec", "--esp", "--esp6", "--udp", "--tcp6")
FLOWS = 200  # new ones of each kind in a round
FRAMES = 4  # of each flow
MAX_FLOWS = 1500  # fewer than come within the idle timeout
DEPARTED = 1024  # that many of those that were idle stay in the report
BUFFER_MB = 4  # large enough for a round
SLACK_KB = 256
STORE_SECONDS = 150  # until the memory of the store for flows and pages has reached its limit


class Churn:
    """A sensor on a link, and frames of flows that are new in every round."""

    def __init__(self, link, method, *options):
        self.link, self.method = link, method
        bounds = ("--idle-timeout", 1, "--max-flows", MAX_FLOWS, "--buffer", BUFFER_MB)
        self.sensor = link.sensor(method, *bounds, *options)
        self.sent, self.sizes_kb = 0, []

    def own_kb(self):
        """Without the pages of rings, of which more are touched when the machine is busy."""
        status = pathlib.Path("/proc", str(self.sensor.pid), "status").read_text()
        return int(re.search(r"RssAnon:\s+(\d+) kB", status)[1])

    def round(self):
        flows = [word for kind in KINDS for word in (kind, FLOWS)]
        first = ("--first-flow", FLOWS * len(self.sizes_kb))
        packets = ("--packets", FLOWS * len(KINDS) * FRAMES)
        self.sent += self.link.generate(*flows, *packets, *first)["packets"]
        self.sizes_kb.append(self.own_kb())

    def check(self):
        report, rounds = self.sensor.stop(), len(self.sizes_kb)
        middle = max(self.sizes_kb[rounds // 3 : rounds * 2 // 3])
        assert max(self.sizes_kb[rounds * 2 // 3 :]) <= middle + SLACK_KB, self.method
        summary = report["summary"]
        assert summary["total_packets_received"] == self.sent, self.method
        assert summary["total_lost_packets"] == 0, self.method
        assert summary["total_flows"] == rounds * len(KINDS) * FLOWS, self.method
        assert len(report["flows"]) <= MAX_FLOWS + DEPARTED, self.method


def test_memory_stays_flat(watch, obstacle_to_bpf, tmp_path):
    """With every method at the same time; if there is enough time, with a database, too."""
    unless(obstacle_to_bpf)
    all_of_them = [Churn(watch(), method) for method in METHODS]
    if SECONDS >= STORE_SECONDS:
        database = ("--db", tmp_path / "flows.db", "--flush-interval", 1)
        all_of_them.append(Churn(watch(), "tc", *database))
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for churn in all_of_them:
            churn.round()
    for churn in all_of_them:
        churn.check()
