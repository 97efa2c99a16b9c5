# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The first SIGINT or SIGTERM ends reading; the report is still printed."""
import array
import fcntl
import json
import os
import signal
import subprocess
import termios
import time

import pytest

from conftest import ROOT, TIMEOUT_SECONDS
from support.descriptors import open_files
from support.waiting import wait_until

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def wait_until_it_reads(process):
    """Waits until the pipe to PROCESS is empty, so that it waits for more."""
    left = array.array("i", [1])
    while left[0]:
        time.sleep(0.05)
        fcntl.ioctl(process.stdin, termios.FIONREAD, left)
    time.sleep(0.2)


def interrupt(gapwatch, number, fed, *options):
    """Gives the program the input FED and no more, then sends the signal. Returns its exit code and
    output."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([gapwatch.program, "analyze", *options, "-"], **pipes) as process:
        process.stdin.write(fed)
        process.stdin.flush()
        wait_until_it_reads(process)
        process.send_signal(number)
        printed, said = process.stdout.read(), process.stderr.read()
        return process.wait(TIMEOUT_SECONDS), printed, said


@pytest.mark.parametrize("number", SIGNALS)
def test_reports_what_was_read(number, gapwatch):
    """As in `tcpdump -w - | gapwatch analyze -` when tcpdump has nothing to write."""
    code, printed, said = interrupt(gapwatch, number, SAMPLE.read_bytes(), "--json")
    found = json.loads(printed)
    assert code == 0
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"] == 195
    assert said.count(b"\n") == 1 and b"interrupted" in said


def test_in_the_middle_of_a_packet(gapwatch):
    code, printed, _ = interrupt(gapwatch, signal.SIGINT, SAMPLE.read_bytes()[:-10], "--json")
    assert code == 0
    assert json.loads(printed)["capture"]["packets"] == 194


@pytest.mark.parametrize("number", SIGNALS)
def test_before_anything_came(number, gapwatch):
    """As in `tcpdump -w - | gapwatch analyze -` without traffic: tcpdump buffers even its header.
    """
    code, printed, said = interrupt(gapwatch, number, b"", "--json")
    assert code == 0
    assert json.loads(printed)["capture"]["packets"] == 0
    assert said.count(b"\n") == 1 and b"interrupted" in said


@pytest.mark.parametrize("number", SIGNALS)
def test_before_a_named_pipe_has_a_writer(number, gapwatch, tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    command = [gapwatch.program, "analyze", "--json", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: str(path) in " ".join(name for name, _ in open_files(process.pid)))
        process.send_signal(number)
        printed, said = process.communicate(timeout=TIMEOUT_SECONDS)
    assert process.returncode == 0 and b"interrupted" in said
    assert json.loads(printed)["capture"]["packets"] == 0


def test_an_ignored_signal_stays_ignored(gapwatch):
    """As in a script's background job, which Ctrl-C at the terminal must not reach."""
    ignored = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    capture = SAMPLE.read_bytes()
    command = [gapwatch.program, "analyze", "--json", "-"]
    with subprocess.Popen(command, **pipes, **ignored) as process:
        process.stdin.write(capture[:-500])
        process.stdin.flush()
        wait_until_it_reads(process)
        process.send_signal(signal.SIGINT)
        printed, said = process.communicate(capture[-500:], TIMEOUT_SECONDS)
    assert (process.returncode, said) == (0, b"")
    assert json.loads(printed)["capture"]["packets"] == 195
