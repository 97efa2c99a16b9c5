# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Programs that watch an interface: gapwatch with each method, yardsticks and similar programs."""
import json
import pathlib
import re
import signal
import subprocess
import sys
import time

from bench.common import GAPWATCH, TOOLS

PROCESSOR = 1  # of all watchers; what is sent, and the kernel's work with it, is on processor 0
START_SECONDS = 30
STOP_SECONDS = 60
LOOK_SECONDS = 0.1
SETTLE_SECONDS = 10


class Watcher:
    """A program that watches the near end of a link. It runs within the context.

    ARGV is the command, in which IFACE and DIR stand for the interface and a directory of its own.
    It is ready once it has printed READY (None: a second after its start).
    """

    def __init__(self, name, argv, ready):
        self.name, self.argv, self.ready = name, [str(word) for word in argv], ready
        self.process = self.output = self.directory = None

    def at(self, link, directory):
        self.directory = pathlib.Path(directory)
        places = {"IFACE": link.near.interface, "DIR": str(directory)}
        words = [places.get(word, word.replace("DIR/", f"{directory}/")) for word in self.argv]
        pinned = ["taskset", "-c", PROCESSOR, *words]
        with (self.directory / "output").open("wb") as output:
            self.process = subprocess.Popen(
                link.near.command(*pinned),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return self

    def __enter__(self):
        until = time.monotonic() + (START_SECONDS if self.ready else 1)
        while not (self.ready and self.ready in self.said()) and time.monotonic() < until:
            if self.process.poll() is not None:
                sys.exit(f"benchmark: {self.name}: {self.said()}")
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def said(self):
        return (self.directory / "output").read_text(errors="replace")

    def cpu_ns(self):
        """Processor time that its threads used so far."""
        tasks = pathlib.Path("/proc", str(self.process.pid), "task").glob("*/schedstat")
        return sum(int(path.read_text().split()[0]) for path in tasks)

    def settle(self):
        """Waits until all frames are processed."""
        until = time.monotonic() + SETTLE_SECONDS
        before, now = self.cpu_ns() - 1e9, self.cpu_ns()
        while now - before > LOOK_SECONDS * 1e9 * 0.05 and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
            before, now = now, self.cpu_ns()

    def end(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(STOP_SECONDS)

    def dropped(self, sent):
        """Ends the program. Returns how many of the SENT packets it did not see, by its own
        figures."""
        raise NotImplementedError

    def number(self, pattern):
        found = re.search(pattern, self.said())
        if not found:
            sys.exit(f"benchmark: {self.name} prints no figure of what it saw: {self.said()}")
        return int(found[1])


class Gapwatch(Watcher):
    def __init__(self, method, *options):
        argv = [GAPWATCH, "capture", "--json", *options, "IFACE", method]
        super().__init__(" ".join(["gapwatch", method, *options]), argv, "gapwatch: watching")

    def dropped(self, sent):
        self.end()
        report, _ = json.JSONDecoder().raw_decode(self.said(), self.said().index("{"))
        if report["summary"]["lost_by_cause"]["network"]:
            sys.exit(f"benchmark: {self.name} reports frames lost by the network, which lost none")
        return report["capture"]["sensor_drops"]


class Yardstick(Watcher):
    """A BPF program of tests/bench/bpf/yardstick.bpf.c. EMPTY ones deliver nothing."""

    def __init__(self, program):
        super().__init__(program, [TOOLS / "yardstick", program, "IFACE"], "yardstick: watching")
        self.empty = program.startswith("empty")

    def dropped(self, sent):
        self.end()
        return 0 if self.empty else sent - self.number(r"(?m)^(\d+)$")


class Tcpdump(Watcher):
    def __init__(self):
        argv = ["tcpdump", "-i", "IFACE", "-w", "/dev/null"]
        super().__init__("tcpdump -w /dev/null", argv, "listening on")

    def dropped(self, sent):
        self.end()
        return sent - self.number(r"(\d+) packets captured")


class Softflowd(Watcher):
    """It answers on a socket. Frames still in its buffer are not dropped."""

    def __init__(self):
        argv = ["softflowd", "-d", "-c", "DIR/control", "-p", "DIR/pid", "-i", "IFACE"]
        super().__init__("softflowd", argv, "starting data collection")

    def dropped(self, sent):
        control = ["softflowctl", "-c", self.directory / "control", "statistics"]
        with (self.directory / "output").open("ab") as output:
            subprocess.run(control, stdout=output, check=True)
        self.end()
        return self.number(r"Packets dropped by libpcap: (\d+)")


class Argus(Watcher):
    """It prints no totals, so its records are added up."""

    def __init__(self):
        super().__init__("argus", ["argus", "-i", "IFACE", "-w", "DIR/records"], "is up")

    def dropped(self, sent):
        self.end()
        with (self.directory / "output").open("ab") as output:
            count = ["racount", "-r", self.directory / "records"]
            subprocess.run(count, stdout=output, stderr=output, check=True)
        return sent - self.number(r"(?m)^ *sum +\d+ +(\d+)")


class Nfpcapd(Watcher):
    def __init__(self):
        super().__init__("nfpcapd", ["nfpcapd", "-i", "IFACE", "-w", "DIR"], "Startup")

    def dropped(self, sent):
        self.end()
        return sent - self.number(r"Total: Processed: (\d+)")
