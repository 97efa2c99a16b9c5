# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The output of a live run: progress and the final report."""
import contextlib
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from support.numbered import FLOW, analyzed, esp, esp_run

PROGRESS = re.compile(
    r"\[(\d+\.\d)s\] Packets: (\d+), Gaps: (\d+), Flows: (\d+), Rate: (\d+) pps(, Dropped: (\d+))?"
)
WATCHES = "gapwatch: watching "
STOP_SECONDS = 60


class Run:
    """gapwatch capture as a user runs it: without --json, with a terminal or a pipe as standard
    error."""

    def __init__(self, link, *words, terminal=False):
        self.ours, theirs = pty.openpty() if terminal else os.pipe()
        command = link.near.command(link.program, "capture", *words)
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs
        )
        os.close(theirs)
        self.errors = b""

    def read(self, seconds):
        """Reads its output for SECONDS, or until it is closed."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.ours], [], [], left)[0]:
                return
            try:
                part = os.read(self.ours, 65536)
            except OSError:  # the terminal is closed
                part = b""
            if not part:
                return
            self.errors += part

    def await_saying(self, words, seconds=STOP_SECONDS):
        until = time.monotonic() + seconds
        while words not in self.errors.decode():
            assert time.monotonic() < until and self.process.poll() is None, self.errors
            self.read(0.05)

    def stop(self, number=signal.SIGINT):
        """Ends the run. Returns its standard output as lines."""
        self.process.send_signal(number)
        printed = self.process.communicate(timeout=STOP_SECONDS)[0].decode()
        self.read(1)
        assert self.process.returncode == 0, self.errors
        return printed.splitlines()

    def lines(self):
        return self.errors.decode().splitlines()

    def progress(self):
        return [PROGRESS.fullmatch(line) for line in self.lines() if line.startswith("[")]

    def close(self):
        self.process.kill()
        self.process.communicate()
        os.close(self.ours)


@pytest.fixture
def start(watched):
    """Starts a run on the near end of `watched`, and waits until it watches."""
    with contextlib.ExitStack() as runs:

        def started(*words, terminal=False, says=WATCHES):
            made = Run(watched, *words, terminal=terminal)
            runs.callback(made.close)
            if says:
                made.await_saying(says)
            return made

        yield started


# --- progress ---


def test_a_line_a_second_on_a_terminal(method, watched, start):
    run = start(watched.near.interface, method, terminal=True)
    watched.send([esp(number) for number in range(1, 101) if number % 10])
    run.read(2.5)
    watched.send(esp_run(101, 150))
    run.read(2)
    run.stop()
    shown = run.progress()
    assert None not in shown, run.lines()
    times = [float(found[1]) for found in shown]
    assert len(times) > 2
    assert min(after - before for before, after in zip(times, times[1:])) > 0.9
    assert [int(found[2]) for found in shown][-1] == 140
    assert (int(shown[-1][3]), int(shown[-1][4])) == (10, 1)
    assert shown[-1][6] is None
    assert sum(int(found[5]) for found in shown) > 0


def test_a_line_every_ten_seconds_elsewhere(watched, start, obstacle_to_bpf):
    run = start(watched.near.interface, "tc")
    watched.send(esp_run(1, 100))
    run.read(9)
    assert run.progress() == []
    run.await_saying("Packets: 100")
    run.stop()
    (shown,) = run.progress()
    assert shown and float(shown[1]) >= 9.9


def test_progress_tells_drops(bpf_method, watched, start):
    run = start("--buffer", "1", watched.near.interface, bpf_method, terminal=True)
    run.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 2, "--packets", 40_000)
    run.process.send_signal(signal.SIGCONT)
    run.await_saying(", Dropped: ")
    printed = run.stop()
    (dropped,) = {int(found[7]) for found in run.progress() if found[7]}
    assert f"Dropped by the sensor: {dropped} ({dropped} of them counted in their flows)" in printed


def test_quiet_is_silent(method, watched, start):
    run = start("--quiet", watched.near.interface, method, terminal=True, says=None)
    run.read(2.5)
    assert run.stop()[1] == "=== Analysis Complete ==="
    assert run.errors == b""


# --- the report ---


def test_text(method, watched, start):
    run = start(watched.near.interface, method)
    watched.send([esp(number) for number in range(1, 101) if number % 10])
    watched.send(esp_run(1, 3, spi=0x2002))
    watched.send([bytes(12) + b"\x88\xb5" + bytes(46)] * 2)
    time.sleep(0.2)
    printed = run.stop()
    assert printed[:3] == ["", "=== Analysis Complete ===", f"Interface: {watched.near.interface} ({method})"]
    assert re.fullmatch(r"Duration: \d+\.\d s", printed[3])
    assert printed[4:10] == [
        "Total packets processed: 95",
        "Protocols: ESP 93",
        "Not tracked: not IP 2",
        "Flows detected: 2",
        "Gaps detected: 9",
        "Lost packets: 9 (network 9, undetermined 0)",
    ]
    assert printed[11].split() == ["Flow", "Packets", "Bytes", "Gaps", "Lost", "Bandwidth"]
    rows = {line[: len(FLOW.format(0))]: line[len(FLOW.format(0)) :].split() for line in printed[12:]}
    assert rows[FLOW.format(0x1001)][:4] == ["90", str(90 * 74), "9", "9"]
    assert rows[FLOW.format(0x2002)][:4] == ["3", str(3 * 74), "0", "0"]
    assert len(rows) == 2


def test_text_of_nothing(method, watched, start):
    printed = start(watched.near.interface, method).stop()
    assert "Total packets processed: 0" in printed
    assert "Flows detected: 0" in printed


def test_text_of_many_flows_shows_the_worst(watched, start, obstacle_to_bpf):
    run = start(watched.near.interface, "tc")
    watched.generate("--esp", 60, "--packets", 6000)
    watched.send([esp(number, spi=0x9009) for number in (1, 2, 4)])
    printed = run.stop()
    assert FLOW.format(0x9009) in printed[11]
    assert printed[-1].startswith("11 flows with less loss, then fewer bytes, are left out")


def shape(value):
    """The names in VALUE without their values; the first element of a list stands for all."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_json_has_the_shape_of_a_file_report(method, watched, gapwatch, tmp_path):
    frames = [esp(number) for number in (1, 2, 4)]
    sensor = watched.sensor(method)
    watched.send(frames)
    found = sensor.stop()
    assert shape(found) == shape(analyzed(gapwatch, tmp_path, frames))
    assert found["capture"]["source"] == watched.near.interface
    assert found["capture"]["method"] == method


# --- signals ---


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_end_is_reported(number, method, watched):
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    assert sensor.stop(number)["capture"]["packets"] == 10


def test_hanging_up_is_survived(method, watched):
    sensor = watched.sensor(method)
    watched.send(esp_run(1, 10))
    sensor.process.send_signal(signal.SIGHUP)
    watched.send(esp_run(11, 20))
    assert sensor.stop()["capture"]["packets"] == 20


def test_a_second_signal_ends_at_once(watched, start, obstacle_to_bpf):
    """The report of the first signal blocks, because nobody reads it."""
    run = start("--json", watched.near.interface, "tc")
    watched.generate("--esp", 500, "--packets", 5000)
    run.process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        run.process.wait(2)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(STOP_SECONDS) == -signal.SIGINT


# --- wrong usage ---


@pytest.mark.parametrize(
    "words, complaint",
    [
        ([], "no interface given (see gapwatch capture --help)"),
        (["--direction", "up", "lo"], "--direction takes both|in|out, not 'up'"),
        (["--timestamp", "ptp", "lo"], "--timestamp takes auto|hw|sw, not 'ptp'"),
        (["--workers", "65", "lo"], "--workers takes a whole number from 1 to 64, not '65'"),
        (["--buffer", "0", "lo"], "--buffer takes a whole number from 1 to 1024, not '0'"),
        (["--idle-timeout", "0", "lo"], "--idle-timeout takes a whole number from 1 to 31536000, not '0'"),
        (["--no-such", "lo"], "no such option: '--no-such'"),
        (["--user"], "option '--user' needs an argument"),
    ],
)
def test_wrong_usage(words, complaint, gapwatch):
    done = gapwatch.run("capture", *words)
    assert done.returncode == 2
    assert done.stderr.decode() == f"gapwatch: {complaint}\n"
    assert done.stdout == b""


@pytest.mark.parametrize("option", ["--direction=in", "--workers=2", "--buffer=1", "--user=nobody"])
def test_options_of_capture_alone(option, gapwatch):
    done = gapwatch.run("analyze", option, "-")
    name = option.split("=")[0]
    assert done.returncode == 2
    assert done.stderr.decode() == (
        f"gapwatch: option '{name}' does not belong to this command but to gapwatch capture\n"
    )


@pytest.mark.parametrize(
    "words, method, reason",
    [
        (["--direction", "out"], "xdp", "sees incoming frames only"),
        (["--filter", "esp"], "xdp", "takes no filter"),
        (["--filter", "esp"], "tc", "takes no filter"),
        (["--timestamp", "hw"], "tc", "has no hardware timestamps"),
    ],
)
def test_what_a_method_cannot_do(words, method, reason, watched, obstacle_to_bpf):
    sensor = watched.start(method, *words)
    assert sensor.process.wait(STOP_SECONDS) == 2
    assert sensor.said().count("\n") == 1
    assert f"the method {method} cannot be used: it {reason}" in sensor.said()
