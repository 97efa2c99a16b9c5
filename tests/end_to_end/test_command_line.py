# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The command line: options, exit codes, stdout and stderr, progress."""
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from support import small_capture
from support.capture_file import Packet, pcap, pcap_header, pcap_record
from support.small_capture import LINK_TYPE, packets

DONE, FAILED, USAGE = 0, 1, 2
LONG_FILE_PACKETS = 3_000_000
STOPS, RUN_SECONDS, STOPPED_SECONDS = 6, 0.015, 0.3


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    path = tmp_path_factory.mktemp("command-line") / "small.pcap"
    path.write_bytes(pcap(packets(), LINK_TYPE))
    return path


def assert_refused(done, code=USAGE):
    """Asserts one line on stderr and nothing on stdout. Returns that line."""
    text = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), text
    assert text.count("\n") == 1 and text.endswith("\n"), text
    return text


class TestHelp:
    @pytest.mark.parametrize("arguments", (["--help"], ["analyze", "--help"]))
    def test_help(self, arguments, gapwatch):
        done = gapwatch.run(*arguments)
        assert done.returncode == DONE and done.stderr == b""
        text = done.stdout.decode()
        assert "analyze" in text
        for option in ("--json", "--window", "--max-flows", "--filter", "--quiet", "--help"):
            assert option in text

    @pytest.mark.parametrize("option", ("--help", "-h"))
    def test_help_of_a_command_named_behind_the_option(self, option, gapwatch):
        assert gapwatch.run(option, "compare").stdout == gapwatch.run("compare", option).stdout != b""
        assert "did you mean compare?" in assert_refused(gapwatch.run(option, "compere"))

    def test_version(self, gapwatch):
        done = gapwatch.run("--version")
        assert done.returncode == DONE and done.stderr == b""
        first, *lines = done.stdout.decode().splitlines()
        assert re.fullmatch(r"gapwatch \d+\.\d+\.\d+\S*", first)
        for words in ("libpcap version ", "SQLite ", "zlib ", "capture: "):
            assert [line for line in lines if line.startswith(words)], words

    def test_help_wins_over_a_missing_file(self, gapwatch):
        assert gapwatch.run("analyze", "--json", "--help").returncode == DONE


class TestRefused:
    def test_no_command(self, gapwatch):
        assert_refused(gapwatch.run())

    @pytest.mark.parametrize("name", ("analyse", "", "--", "analyzer", "ANALYZE", "-"))
    def test_unknown_command(self, name, gapwatch, small):
        assert_refused(gapwatch.run(name, small))

    def test_no_file(self, gapwatch):
        assert_refused(gapwatch.run("analyze"))
        assert_refused(gapwatch.run("analyze", "--json"))

    @pytest.mark.parametrize("option", ("--jsno", "--no-such", "-Z", "--json=yes", "--quiet=1"))
    def test_unknown_option(self, option, gapwatch, small):
        line = assert_refused(gapwatch.run("analyze", option, small))
        assert option.split("=")[0].lstrip("-") in line

    @pytest.mark.parametrize("option", ("--window", "--max-flows", "--filter"))
    def test_missing_value(self, option, gapwatch, small):
        assert option in assert_refused(gapwatch.run("analyze", small, option))

    @pytest.mark.parametrize(
        "value", ("0", "4097", "x", "-1", "1e3", "", " ", "32 ", "3.5", "0x20", "9" * 30, "32x")
    )
    def test_window(self, value, gapwatch, small):
        line = assert_refused(gapwatch.run("analyze", "--window", value, small))
        assert "--window" in line
        assert "4096" in line, "the line says what would be right"

    @pytest.mark.parametrize("value", ("0", "-1", "x", "", "1e6", "9" * 30))
    def test_max_flows(self, value, gapwatch, small):
        assert "--max-flows" in assert_refused(
            gapwatch.run("analyze", "--max-flows", value, small)
        )

    def test_wrong_option_before_a_missing_file(self, gapwatch):
        """Usage is checked before files: exit 2, not 1."""
        assert_refused(gapwatch.run("analyze", "/no/such/file", "--window", "0"))


class TestAccepted:
    @pytest.mark.parametrize(
        "options",
        (
            ["--window", "1"],
            ["--window=4096"],
            ["--max-flows", "1"],
            ["--max-flows=1000000"],
            ["--window", "32", "--max-flows", "5", "--filter", "ip"],
        ),
        ids=" ".join,
    )
    def test_options(self, options, gapwatch, small):
        small_capture.check(gapwatch.analyze(*options, small))

    def test_options_after_the_file(self, gapwatch, small):
        done = gapwatch.run("analyze", small, "--json")
        assert done.returncode == DONE and done.stdout.startswith(b"{")

    def test_two_dashes_end_the_options(self, gapwatch, tmp_path):
        path = tmp_path / "--json"
        path.write_bytes(pcap(packets(), LINK_TYPE))
        done = gapwatch.run("analyze", "--", "--json", cwd=tmp_path)
        assert done.returncode == DONE and b"Flows detected: 1" in done.stdout

    def test_last_value_counts(self, gapwatch, small):
        small_capture.check(gapwatch.analyze("--window", "1", "--window", "32", small))


class TestOutput:
    def test_report_on_stdout_alone(self, gapwatch, small):
        done = gapwatch.run("analyze", small)
        assert (done.returncode, done.stderr) == (DONE, b"")
        assert done.stdout.startswith(b"Analyzing packets from: ")
        assert b"Total packets processed: 4\n" in done.stdout

    def test_quiet(self, gapwatch, small, tmp_path):
        """--quiet suppresses progress and remarks, but neither the report nor errors."""
        loud, quiet = (gapwatch.run("analyze", *more, small) for more in ([], ["--quiet"]))
        assert quiet.returncode == DONE and quiet.stderr == b""
        assert b"Total packets processed: 4\n" in quiet.stdout
        assert set(quiet.stdout.splitlines()) <= set(loud.stdout.splitlines())
        assert gapwatch.run("analyze", "--quiet", tmp_path / "missing").returncode == FAILED

    def test_same_input_same_output(self, gapwatch, small):
        runs = {gapwatch.run("analyze", "--json", small).stdout for _ in range(3)}
        assert len(runs) == 1

    @pytest.mark.parametrize("form", ([], ["--json"]), ids=("text", "json"))
    def test_full_device(self, form, gapwatch, small):
        """A report that cannot be written is an error."""
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [gapwatch.program, "analyze", *form, small],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        assert done.returncode == FAILED
        assert done.stderr.count(b"\n") == 1
        assert b"No space left" in done.stderr

    @pytest.mark.parametrize("form", ([], ["--json"]), ids=("text", "json"))
    def test_closed_pipe(self, form, gapwatch, tmp_path):
        """As with `| head -1`: the reader leaves early, which is not an error worth a message."""
        frames = [Packet(small_capture.esp_packet(1, spi=spi)) for spi in range(1000, 9000)]
        path = tmp_path / "many.pcap"
        path.write_bytes(pcap(frames, LINK_TYPE))
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [gapwatch.program, "analyze", *form, path],
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
        )
        os.close(writing)
        assert done.returncode == -signal.SIGPIPE
        assert done.stderr == b""

    def test_closed_stdout(self, gapwatch, small):
        """A closed stdout (`>&-`) is an error."""
        command = f'"{gapwatch.program}" analyze "{small}" >&-'
        done = subprocess.run(["sh", "-c", command], stderr=subprocess.PIPE, check=False)
        assert done.returncode == FAILED
        assert done.stderr.count(b"\n") == 1


@pytest.fixture(scope="module")
def long_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("progress") / "long.pcap"
    record = pcap_record(packets()[0])
    path.write_bytes(pcap_header(LINK_TYPE) + record * LONG_FILE_PACKETS)
    yield path
    path.unlink()


def read_terminal(terminal, seconds):
    """Returns what is written to a terminal until it is closed."""
    text, deadline = b"", time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.2)[0]:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # EIO: the last writer closed it
            break
        if not chunk:
            break
        text += chunk
    return text.decode()


def hold_up(process):
    """Stops PROCESS repeatedly, so that it takes a while on any machine."""
    for _ in range(STOPS):
        time.sleep(RUN_SECONDS)
        process.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        process.send_signal(signal.SIGCONT)


def run_on_a_terminal(command):
    """Runs COMMAND slowly, with a terminal as stderr.

    Returns its exit code, its stdout and what it wrote to the terminal.
    """
    terminal, other_side = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=other_side) as process:
        os.close(other_side)
        hold_up(process)
        shown = read_terminal(terminal, 120)
        report = process.stdout.read()
    os.close(terminal)
    return process.returncode, report, shown


class TestProgress:
    def test_on_a_terminal(self, gapwatch, long_file):
        code, report, shown = run_on_a_terminal([gapwatch.program, "analyze", long_file])
        assert code == DONE and f"processed: {LONG_FILE_PACKETS}\n".encode() in report
        assert re.search(r"\b\d{1,3} ?%", shown), shown
        assert re.search(r"\d[\d.,]* ?[kMG]?(pps|packets/s|[kMG]?i?B/s)", shown), shown
        assert re.search(r"left|ETA|remaining", shown), shown
        assert shown.endswith(("\n", "\r", "\x1b[K")), "the shell's prompt starts at the left edge"

    def test_quiet(self, gapwatch, long_file):
        command = [gapwatch.program, "analyze", "--quiet", long_file]
        assert run_on_a_terminal(command)[2] == ""

    def test_not_without_a_terminal(self, gapwatch, long_file):
        done = gapwatch.run("analyze", long_file)
        assert (done.returncode, done.stderr) == (DONE, b"")

    def test_short_file(self, gapwatch, small):
        """A file that is read at once shows no progress bar."""
        terminal, other_side = pty.openpty()
        command = [gapwatch.program, "analyze", small]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=other_side, check=True)
        os.close(other_side)
        assert read_terminal(terminal, 10) == ""
        os.close(terminal)
