# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Every encapsulation: the classifier must find what was put into a frame.

scapy makes the frames. The expectations are worked out by hand from the standards, and none was copied
from the program's output.
"""
import collections

import pytest

pytest.importorskip("scapy", reason="scapy makes the frames: install python3-scapy")

from support import encapsulations  # noqa: E402
from support.capture_file import pcap  # noqa: E402
from support.encapsulations import CASES, LINK_TYPES, by_link_type  # noqa: E402

CUT_CASES = [case for case in CASES if case.needs]
PROTOCOLS = ("macsec", "esp", "ah", "tcp", "udp")


def capture(folder, link_type, packets):
    path = folder / f"link-{link_type}.pcap"
    path.write_bytes(pcap(packets, link_type))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("encapsulation")


@pytest.fixture(scope="module")
def records(gapwatch, folder):
    """The record of every case, by the case's name."""
    found = {}
    for link_type, cases in by_link_type(CASES).items():
        path = capture(folder, link_type, [case.data for case in cases])
        said = gapwatch.records(path)
        assert len(said) == len(cases)
        found.update({case.name: record for case, record in zip(cases, said)})
    return found


def test_names_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_frame(case, records):
    record = records[case.name]
    assert record["outcome"] == case.outcome
    assert record["wire_bytes"] == len(case.data)
    assert record["flow_id"] == case.flow_id
    assert record["candidate"] == bool(case.udp_flow)
    if case.outcome in PROTOCOLS:
        assert record["association"] == case.association
        assert record["implicit_sci"] == case.implicit_sci
    if case.sequence is not None:
        assert record["sequence"] == case.sequence


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_counters_add_up(link_type, gapwatch, folder):
    """analyze counts each frame once, under its outcome, with its length on the wire."""
    cases = by_link_type(CASES)[link_type]
    found = gapwatch.analyze(capture(folder, link_type, [case.data for case in cases]))
    counters = found["capture"]["counters"]
    expected = collections.Counter(case.alone[0] for case in cases)
    assert {name: count for name, count in counters.items() if count} == expected
    assert sum(counters.values()) == found["capture"]["packets"] == len(cases)
    assert found["capture"]["bytes"] == sum(len(case.data) for case in cases)


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_flows(link_type, gapwatch, folder):
    """analyze lists each flow once, under its protocol."""
    cases = by_link_type(CASES)[link_type]
    found = gapwatch.analyze(capture(folder, link_type, [case.data for case in cases]))
    flows = [(flow["protocol"], flow["flow_id"]) for flow in found["flows"]]
    named = {case.alone for case in cases if case.flow_id}
    assert len(set(flows)) == len(flows)
    assert set(flows) == named


def outcomes_of_cuts(gapwatch, folder, cut):
    """Returns {case name: [outcome when CUT to 0 bytes, to 1 byte, ...]}."""
    found = collections.defaultdict(list)
    for link_type, cases in by_link_type(CUT_CASES).items():
        packets = [(case, packet) for case in cases for packet in cut(case)]
        path = capture(folder, link_type, [packet for _, packet in packets])
        for (case, _), record in zip(packets, gapwatch.records(path), strict=True):
            found[case.name].append(record["outcome"])
    return found


@pytest.fixture(scope="module")
def snapped(gapwatch, folder):
    return outcomes_of_cuts(gapwatch, folder, encapsulations.snapped)


@pytest.fixture(scope="module")
def short(gapwatch, folder):
    return outcomes_of_cuts(gapwatch, folder, encapsulations.short)


@pytest.mark.parametrize("case", CUT_CASES, ids=lambda case: case.name)
def test_cut_by_the_snap_length(case, snapped):
    """Too few bytes captured: truncated, until the deciding bytes are there."""
    rest = len(case.data) + 1 - case.needs
    assert snapped[case.name] == ["truncated"] * case.needs + [case.outcome] * rest


@pytest.mark.parametrize("case", CUT_CASES, ids=lambda case: case.name)
def test_short_on_the_wire(case, short):
    """The same bytes as a frame that was really that short: malformed, never truncated."""
    assert short[case.name] == case.short_outcomes()


@pytest.mark.parametrize("link_type", LINK_TYPES)
def test_a_cut_never_makes_another_flow(link_type, gapwatch, folder):
    """A cut frame belongs to its own flow or to none: no address or number is invented."""
    cases = [case for case in by_link_type(CASES)[link_type]]
    packets = [(case, packet) for case in cases for packet in encapsulations.short(case)]
    path = capture(folder, link_type, [packet for _, packet in packets])
    for (case, packet), record in zip(packets, gapwatch.records(path), strict=True):
        if record["outcome"] == case.outcome:
            assert record["flow_id"] == case.flow_id, (case.name, len(packet.data))
