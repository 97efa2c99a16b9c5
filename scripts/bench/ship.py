# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Shipping: flushes while the database is read, and the load of 1,000 sensors on this machine's ClickHouse."""
import json
import pathlib
import statistics
import subprocess
import sys
import threading

from bench.common import GAPWATCH
from bench.store import fresh, run

PROGRAMS = ("flush",)  # of tests/bench that it needs
SENSORS, SAS, SECONDS = 1000, 100, 120
FLOWS, ROUNDS = 20_000, 4


class Shipper(threading.Thread):
    """Ships a whole database again and again, which reads more than one process that continues."""

    def __init__(self, path):
        super().__init__()
        self.path, self.is_done, self.rows = path, False, 0

    def run(self):
        while not self.is_done:
            command = [GAPWATCH, "ship", "--once", "--db", self.path, "--to", "-"]
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
            self.rows += done.stdout.count(b"\n")


def measure_flushes(directory, runs):
    """The medians of the seconds of a flush: (alone, while its database is shipped)."""
    alone, shipped, rows = [], [], 0
    for number in range(runs):
        print(f"benchmark: flushes, run {number + 1} of {runs}", file=sys.stderr)
        alone += [collect + write for collect, write in run("flush", fresh(directory), FLOWS, ROUNDS)]
        path = fresh(directory)
        shipper = Shipper(path)
        shipper.start()
        try:
            shipped += [collect + write for collect, write in run("flush", path, FLOWS, ROUNDS)]
        finally:
            shipper.is_done = True
            shipper.join()
        rows += shipper.rows
    print(f"a flush of {FLOWS} flows: {statistics.median(alone):.3f} s alone, "
          f"{statistics.median(shipped):.3f} s while {rows} rows were read")
    return statistics.median(shipped) / statistics.median(alone)


def measure_load(directory):
    """The figures of ship_load.py."""
    load = pathlib.Path(__file__).with_name("ship_load.py")
    inside = 'ip link set lo up && exec "$@"'  # a network of its own, whose octets are counted
    command = ["unshare", "-n", "sh", "-c", inside, "-", sys.executable, load, directory]
    command += [SENSORS, SAS, SECONDS]
    done = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    ratio = measure_flushes(directory, arguments.runs)
    found = measure_load(directory)
    rows, seconds = found["rows"], found["seconds"]
    print(f"{rows} rows in {seconds:.0f} s, {rows / seconds:.0f} a second; "
          f"{found['wire'] / rows:.1f} octets a row on the wire, with TCP and IP")
    print(f"CPU a row: {found['ship_cpu'] / rows * 1e6:.2f} us in ship, "
          f"{found['server_cpu'] / rows * 1e6:.2f} us in the server")
    for table, (kept, octets) in sorted(found["tables"].items()):
        print(f"{table}: {kept} rows on disk, {octets / max(kept, 1):.1f} octets each")
    print("from a commit to the end of the pass with it: median {:.1f} s, at most {:.1f} s".format(*found["lags"]))
    return [
        ("a flush at most 10 % slower while its database is shipped", f"{ratio:.2f} times", ratio <= 1.1),
        ("every row has arrived", f"{found['missing']} are missing", found["missing"] == 0),
    ]
