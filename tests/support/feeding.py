# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Feeds `analyze --db FILE -` frame by frame, as a sensor would, while a test reads the database.
"""
import contextlib
import sqlite3
import subprocess
import time

from support.capture_file import Packet, pcap_header, pcap_record
from support.database import value
from support.small_capture import LINK_TYPE, esp_packet
from support.waiting import PATIENCE_SECONDS, wait_until


class Feed:
    """A run of the program. Frames have the present time, and each flow loses every other frame."""

    def __init__(self, gapwatch, database, *options):
        command = [gapwatch.program, "analyze", "--db", database, "--flush-interval", "1", *options]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([*map(str, command), "-"], **pipes)
        self.process.stdin.write(pcap_header(LINK_TYPE))
        self.frames = 0
        self.rounds = 0

    def send(self, flows):
        """Sends a frame of each of FLOWS flows."""
        time_ns = time.time_ns()
        second, fraction = time_ns // 10**9, time_ns % 10**9 // 1000
        sequence = 1 + 2 * self.rounds
        frames = (esp_packet(sequence, spi=0x1000 + flow) for flow in range(flows))
        self.process.stdin.write(
            b"".join(pcap_record(Packet(frame, second=second, fraction=fraction)) for frame in frames)
        )
        self.process.stdin.flush()
        self.frames += flows
        self.rounds += 1

    def end(self):
        """Ends the input; returns the exit code and the lines of standard error."""
        self.process.stdin.close()
        said = self.process.stderr.read().decode()
        return self.process.wait(PATIENCE_SECONDS), said.splitlines()

    def kill(self):
        """Ends the program as kill -9 does."""
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)


@contextlib.contextmanager
def feeding(*arguments):
    """A Feed that is ended, however the test ends."""
    feed = Feed(*arguments)
    try:
        yield feed
    finally:
        feed.process.kill()
        feed.process.wait()
        with contextlib.suppress(OSError):
            feed.process.stdin.close()
        feed.process.stderr.close()


def wait_until_stored(database, frames, capture):
    """Waits until the row of CAPTURE shows that all FRAMES are in the database."""
    sql = "SELECT total_packets_received FROM captures WHERE id = ?"

    def is_stored():
        with contextlib.suppress(sqlite3.OperationalError, ValueError):  # no table or row yet
            return value(database, sql, capture) == frames
        return False

    wait_until(is_stored, f"a flush of {frames} frames")
