# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch compare: captures of a simulated path, on which the fate of every frame is known.

GAPWATCH_LONG=1 tries more paths with fresh seeds; GAPWATCH_SEED repeats a run.
"""
import json
import os
import pathlib
import random

import pytest

from support.simulated_path import SECOND, EspStream, MacsecStream, Path

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"
LONG = bool(os.environ.get("GAPWATCH_LONG"))
SEED = os.environ.get("GAPWATCH_SEED") or str(random.randrange(10**6))
PATHS = 20 if LONG else 3
LATE_FRAMES, CLOCK = 4000, 5 * SECOND
COUNTS = (9000, 5000, 3000, 2500, 4000, 1500)
FIGURES = (
    "passed_both",
    "lost_before_a",
    "lost_between",
    "lost_tail",
    "missed_by_a",
    "duplicated_between",
    "reordered_between",
)


@pytest.fixture
def compare(gapwatch):
    def run(*arguments, expect=0, stdin=None):
        done = gapwatch.run("compare", "--json", *arguments, stdin=stdin)
        assert done.returncode == expect, done.stderr.decode(errors="replace")
        return json.loads(done.stdout)

    return run


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


def by_identity(found):
    """The SAs of a report as Path.truth() has them."""
    sas = {}
    for sa in sorted(found["sas"], key=lambda sa: sa["first_timestamp"]):
        sas.setdefault((sa["flow_id"], sa["association"]), []).append(sa)
    return sas


def assert_equal(found, truth, seed):
    sas = by_identity(found)
    assert set(sas) == set(truth), f"seed {seed}"
    for identity, expected in truth.items():
        assert len(sas[identity]) == len(expected), f"seed {seed}, {identity}"
        for got, right in zip(sas[identity], expected):
            assert {name: got[name] for name in FIGURES} == {name: right[name] for name in FIGURES}, (
                f"seed {seed}, {identity}"
            )
            assert got["delay_ms"] == pytest.approx(right["delay_ms"], rel=1e-12), f"seed {seed}, {identity}"


@pytest.mark.parametrize("number", range(PATHS))
@pytest.mark.parametrize("late_frames, clock", ((0, 0), (LATE_FRAMES, CLOCK), (LATE_FRAMES, -CLOCK)))
def test_every_figure_of_every_sa(number, late_frames, clock, compare, tmp_path):
    seed = f"{SEED} {number} {late_frames} {clock}"
    source = random.Random(seed)
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    path = Path(source, streams, COUNTS, late_frames=late_frames, clock=clock)
    a = write(tmp_path, "a.pcap", path.capture("at_a"))
    b = write(tmp_path, "b.pcap", path.capture("at_b", late_frames))
    assert_equal(compare(a, b), path.truth(), seed)


def test_two_taps(compare):
    folder = CASES / "two-taps-files"
    if not folder.exists():
        pytest.skip(f"the cases are not there: {CASES}")
    found = compare(folder / "tapA.pcap", folder / "tapB.pcap")
    [sa] = found["sas"]
    assert sa["lost_between"] == found["summary"]["lost_between"] == 50
    assert sa["lost_tail"] == 1
    assert sa["lost_before_a"] == sa["missed_by_a"] == 0
    assert sa["delay_ms"]["min"] == sa["delay_ms"]["p99"] == 20
