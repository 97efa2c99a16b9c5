# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The live sensor as a process under test."""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time

START_SECONDS = 60
STOP_SECONDS = 300
WATCHES = "gapwatch: watching "  # starts the line after which every frame counts


class Sensor:
    """`gapwatch capture --json` at one END of a link, until stop() or close().

    PREFIX is a command that runs it, such as setpriv.
    """

    def __init__(self, program, end, method, *options, prefix=()):
        self.printed, self.complaints = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        command = [*prefix, program, "capture", "--json", *options, end.interface, method]
        self.process = subprocess.Popen(
            end.command(*command),
            stdin=subprocess.DEVNULL,
            stdout=self.printed,
            stderr=self.complaints,
        )

    @property
    def pid(self):
        return self.process.pid

    def said(self):
        """Everything that it wrote to standard error so far."""
        # The sensor shares the file's position for writing; pread() does not move it.
        descriptor = self.complaints.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")

    def await_saying(self, words, seconds=START_SECONDS, count=1):
        """Waits until WORDS are COUNT times on standard error. Returns everything written so far."""
        until = time.monotonic() + seconds
        while (found := self.said().count(words)) < count:
            assert self.process.poll() is None, f"the sensor has ended: {self.said()}"
            assert time.monotonic() < until, f"said {found} of {count} times: '{words}': {self.said()}"
            time.sleep(0.01)
        return self.said()

    def await_watching(self, seconds=START_SECONDS, count=1):
        """Waits until it watches COUNT interfaces."""
        return self.await_saying(WATCHES, seconds, count)

    @contextlib.contextmanager
    def stopped(self):
        """Stops the process within the context, so that frames arrive and are not read."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def report(self):
        """Returns the object that it printed, once it has ended with success."""
        code = self.process.wait(STOP_SECONDS)
        assert code == 0, f"exit code {code}: {self.said()}"
        self.printed.seek(0)
        return json.load(self.printed)

    def stop(self, number=signal.SIGINT):
        """Ends it as a user would. Returns its report."""
        self.process.send_signal(number)
        return self.report()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()  # works for a stopped process, too
        self.process.wait()
        self.printed.close()
        self.complaints.close()
