# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The sample capture: its content, and the exact report of it."""
import shutil
import subprocess

import pytest

import make_sample_capture as sample
from conftest import ROOT

CAPTURE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
COMPLETE_ID = "MACsec { sci: 0x0011223344550001 }"
LOSSY_ID = "MACsec { sci: 0xaabbccddeeff0001 }"
LOST = [16, 32, 48, 64, 80]
REPORT = """\
Analyzing packets from: macsec_traffic.pcap

Analysis Report:
================
Total packets processed: 195
Protocols: MACsec 195
Flows detected: 2

Flow: MACsec { sci: 0x0011223344550001 }
  Packets received: 100
  Gaps detected: 0
  Lost packets (due to gaps): 0
  Sequence range: 1 - 100

Flow: MACsec { sci: 0xaabbccddeeff0001 }
  Packets received: 95
  Gaps detected: 5
  Lost packets (due to gaps): 5
  Sequence range: 1 - 100
  Min gap size: 1
  Max gap size: 1

Gaps Detected:
==============
  Gap 1: Flow MACsec { sci: 0xaabbccddeeff0001 } - Expected seq 16, received 17 (gap size: 1)
  Gap 2: Flow MACsec { sci: 0xaabbccddeeff0001 } - Expected seq 32, received 33 (gap size: 1)
  Gap 3: Flow MACsec { sci: 0xaabbccddeeff0001 } - Expected seq 48, received 49 (gap size: 1)
  Gap 4: Flow MACsec { sci: 0xaabbccddeeff0001 } - Expected seq 64, received 65 (gap size: 1)
  Gap 5: Flow MACsec { sci: 0xaabbccddeeff0001 } - Expected seq 80, received 81 (gap size: 1)
"""


def sent():
    """Yields association, SCI and number of each frame that the sample should have."""
    for number in range(1, 101):
        yield 0, 0x0011223344550001, number
        if number not in LOST:
            yield 0, 0xAABBCCDDEEFF0001, number


def test_committed_file_is_what_the_script_makes():
    assert CAPTURE.read_bytes() == sample.sample(), "run tests/make_sample_capture.py"


def test_script_writes_the_file_it_is_told(tmp_path):
    script = ROOT / "tests" / "make_sample_capture.py"
    subprocess.run(["/usr/bin/python3", script, tmp_path / "a.pcap"], cwd=tmp_path, check=True)
    assert (tmp_path / "a.pcap").read_bytes() == CAPTURE.read_bytes()


def test_second_reader_finds_the_same_frames():
    tshark = shutil.which("tshark")
    if not tshark:
        pytest.skip("tshark is not installed")
    names = ("AN", "SCI.system_identifier", "SCI.port_identifier", "PN")
    fields = [word for name in names for word in ("-e", f"macsec.{name}")]
    done = subprocess.run(
        [tshark, "-r", CAPTURE, "-Y", "macsec.TCI.SC && macsec.ICV", "-T", "fields", *fields],
        capture_output=True,
        text=True,
        check=True,
    )
    read = [line.split("\t") for line in done.stdout.splitlines()]
    assert [
        (int(association, 0), int(system.replace(":", ""), 16) << 16 | int(port, 0), int(number, 0))
        for association, system, port, number in read
    ] == list(sent())


def report_lines(gapwatch):
    done = gapwatch.run("analyze", CAPTURE.name, cwd=CAPTURE.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


def test_report_to_the_letter(gapwatch):
    assert report_lines(gapwatch) == REPORT.splitlines()


def test_report_is_the_same_from_standard_input(gapwatch):
    done = gapwatch.run("analyze", "-", stdin=CAPTURE.read_bytes())
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[1:] == report_lines(gapwatch)[1:]


@pytest.fixture(name="report", scope="module")
def fixture_report(gapwatch):
    return gapwatch.analyze(CAPTURE)


def test_json_capture(report):
    counters = report["capture"]["counters"]
    assert {name: count for name, count in counters.items() if count} == {"macsec": 195}
    assert report["capture"] == {
        "counters": counters,
        "source": str(CAPTURE),
        "method": "file",
        "link_type": "EN10MB",
        "packets": 195,
        "bytes": sum(len(packet.data) for packet in sample.packets()),
        "sensor_drops": 0,
        "behind_other": False,
        "clock_steps": 0,
        "flows_evicted": 0,
        "gaps_omitted": 0,
        "copies_dropped": 0,
        "mirror_lost_packets": 0,
        "sas_omitted": 0,
    }


def test_json_flows(report):
    names = (
        "flow_id",
        "packets_received",
        "gaps_detected",
        "total_lost_packets",
        "loss_ratio",
        "first_sequence",
        "last_sequence",
        "min_gap",
        "max_gap",
    )
    assert [tuple(flow[name] for name in names) for flow in report["flows"]] == [
        (LOSSY_ID, 95, 5, 5, 0.05, 1, 100, 1, 1),
        (COMPLETE_ID, 100, 0, 0, 0, 1, 100, None, None),
    ]


def test_json_gaps(report):
    names = ("flow_id", "expected_sequence", "received_sequence", "gap_size", "cause")
    assert [tuple(gap[name] for name in names) for gap in report["gaps"]] == [
        (LOSSY_ID, number, number + 1, 1, "network") for number in LOST
    ]
    # The sender's frames are 1 s apart, except for jitter.
    assert all(1999.7 < gap["duration_ms"] < 2000.3 for gap in report["gaps"])


def test_json_summary(report):
    summary = report["summary"]
    assert summary["total_flows"] == 2
    assert summary["total_packets_received"] == 195
    assert summary["total_gaps_detected"] == 5
    assert summary["total_lost_packets"] == 5
    assert summary["lost_by_cause"] == {"network": 5, "undetermined": 0}
    assert summary["max_gap_size"] == 1
    counts = {name: count for name, count in summary["protocol_distribution"].items() if count}
    assert counts == {"macsec": 195}
    assert summary["first_timestamp"].startswith("2025-01-01T00:00:00.000")
    assert summary["last_timestamp"].startswith("2025-01-01T00:01:39.00")
