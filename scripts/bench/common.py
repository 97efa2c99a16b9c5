# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Common to all parts of the benchmark: running commands in turn, and printing results."""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build"
TOOLS = BUILD / "bench"
GAPWATCH = BUILD / "gapwatch"

# If other programs use more than this share of one processor, the figures are useless. Those of gapwatch
# suffer first, because it uses two processors.
QUIET_BELOW = 0.2


class Command:
    """A command and the figures of its runs."""

    def __init__(self, name, argv, packets):
        self.name, self.argv, self.packets = name, [str(word) for word in argv], packets
        self.walls, self.cpus, self.peaks = [], [], []

    def run(self, directory):
        report = directory / "measured"
        done = subprocess.run(
            [TOOLS / "measure", report, *self.argv],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"benchmark: {self.name}: {done.stderr.decode(errors='replace')}")
        wall, user, system, peak = report.read_text().split()
        self.walls.append(float(wall))
        self.cpus.append(float(user) + float(system))
        self.peaks.append(int(peak) * 1024)

    @property
    def wall(self):
        return statistics.median(self.walls)

    @property
    def cpu(self):
        return statistics.median(self.cpus)

    @property
    def peak(self):
        return max(self.peaks)


def generate(path, *options):
    """Makes a capture file, reads it once into the page cache, and returns a description of it."""
    done = subprocess.run(
        [TOOLS / "generate", *map(str, options), path], stdout=subprocess.PIPE, check=True
    )
    with path.open("rb") as capture:
        while capture.read(1 << 20):
            pass
    return json.loads(done.stdout)


def verify(name, expected, found):
    """Stops when the answer is wrong: speed counts only with the right answer."""
    wrong = {key: (expected[key], found[key]) for key in found if expected[key] != found[key]}
    if wrong:
        sys.exit(f"benchmark: {name}: (generated, gapwatch's answer) differ: {wrong}")
    print(f"{name}: gapwatch's answer is right: {found}")


def busy_seconds():
    """Seconds so far: (of all processors, of this program and its children)."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq = map(int, stat.readline().split()[1:8])
    own = os.times()
    return (
        (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK"),
        own.user + own.system + own.children_user + own.children_system,
    )


def rotate(commands, runs, directory):
    """Runs each command in turn, RUNS times. Returns the share of a processor that others used."""
    began, all_before, own_before = time.monotonic(), *busy_seconds()
    for run in range(runs):
        print(f"benchmark: run {run + 1} of {runs}", file=sys.stderr)
        for command in commands:
            command.run(directory)
    all_after, own_after = busy_seconds()
    others = (all_after - all_before) - (own_after - own_before)
    return others / (time.monotonic() - began)


def warn_when_busy(others):
    if others > QUIET_BELOW:
        print(f"BUSY MACHINE: others used {others:.0%} of a processor, the figures are unreliable")


def first_line(*argv):
    """The first line of output with a number in it, as programs print their version in different
    places."""
    done = subprocess.run(
        argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    lines = done.stdout.decode(errors="replace").splitlines()
    line = next((line for line in lines if any(map(str.isdigit, line))), "unknown version")
    return line.strip().split(". ")[0]


def print_table(commands, yardstick):
    heads = f"{'wall s':>8}{'min-max':>16}{'cpu s':>8}{'Mpps':>8}{'ratio':>8}{'peak MB':>9}"
    print(f"\n{'command (medians)':<38}{heads}")
    for command in commands:
        spread = f"{min(command.walls):.3f}-{max(command.walls):.3f}"
        rate = command.packets / command.wall / 1e6
        same_file = command.packets == yardstick.packets
        ratio = f"{command.wall / yardstick.wall:.2f}" if same_file else "-"
        print(
            f"{command.name:<38}{command.wall:>8.3f}{spread:>16}{command.cpu:>8.3f}"
            f"{rate:>8.2f}{ratio:>8}{command.peak / 1e6:>9.1f}"
        )


def print_promises(promises):
    print()
    for words, figure, kept in promises:
        print(f"{'kept' if kept else 'NOT KEPT':<9} {words}: {figure}")


def at_most(words, limit, figure):
    return f"at most {limit} times the {words}", f"{figure:.2f}", figure <= limit


def at_least(words, limit, figure):
    return f"at least {limit} times {words}", f"{figure:.1f}", figure >= limit


def below(words, limit, figure):
    return f"{words} under {limit} MB", f"{figure / 1e6:.1f} MB", figure < limit * 1e6
