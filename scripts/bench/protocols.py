# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What TCP and UDP frames cost that are not tracked: `--protocols macsec,esp` beside all protocols."""
import subprocess
import sys

from bench.common import (
    BUILD,
    GAPWATCH,
    TOOLS,
    Command,
    at_most,
    generate,
    print_table,
    rotate,
    warn_when_busy,
)
from bench.live import NOTHING, Results, measure_one, remove_leftovers, why_no_bpf, why_no_links
from bench.watchers import Gapwatch

PROGRAMS = ("bpf_cost", "generate", "measure", "send")  # of tests/bench that it needs

SELECTION = ("--protocols", "macsec,esp")
KINDS = ("tcp", "udp")  # that are sent
BPF_METHODS = ("tc", "xdp")
METHODS = (*BPF_METHODS, "af_packet", "pcap")
LOAD = "the most"


def program_costs(*options):
    """Nanoseconds that each BPF program takes for a frame: {program: {kind of frame: ns}}."""
    programs = [f"gapwatch_{method}" for method in BPF_METHODS]
    command = [TOOLS / "bpf_cost", *options, BUILD / "bpf" / "sensor.bpf.o", *programs]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    heads, *rows = done.stdout.splitlines()
    kinds = heads.split()[3:]  # behind "ns a run"
    costs = {name: map(int, row) for name, *row in map(str.split, rows)}
    return {name: dict(zip(kinds, row)) for name, row in costs.items()}


def measure_programs():
    whole, selected = program_costs(), program_costs("--numbered")
    promises = []
    heads = f"{'TCP':>8}{'not tracked':>13}{'UDP':>8}{'not tracked':>13}"
    print(f"\n{'the programs alone, ns a frame':<34}{heads}")
    for name, costs in whole.items():
        row = [cost for kind in ("TCP", "UDP") for cost in (costs[kind], selected[name][kind])]
        print(f"{name:<34}{row[0]:>8}{row[1]:>13}{row[2]:>8}{row[3]:>13}")
        ratio = max(row[1] / row[0], row[3] / row[2])
        promises.append(at_most(f"cost of a tracked frame ({name} alone)", 0.5, ratio))
    return promises


def measure_links(directory, runs):
    results = Results()
    watchers = [Gapwatch(method, *words) for method in METHODS for words in ((), SELECTION)]
    for number in range(runs):
        print(f"benchmark: links, run {number + 1} of {runs}", file=sys.stderr)
        for watcher in [None, *watchers]:
            name = watcher.name if watcher else NOTHING
            results.add(name, LOAD, measure_one(watcher, None, directory, KINDS))
    return results


def print_links(results):
    print(f"\n{'TCP and UDP on a link, ns a frame':<50}{'Mpps':>7}{'kernel':>9}{'user':>7}{'dropped':>10}")
    for name, _ in list(results.runs):
        kernel = results.median(name, LOAD, "sending") if name == NOTHING else results.kernel(name, LOAD)
        print(
            f"{name:<50}{results.median(name, LOAD, 'pps') / 1e6:>7.2f}"
            f"{kernel:>9.0f}{results.median(name, LOAD, 'user'):>7.0f}"
            f"{results.median(name, LOAD, 'dropped'):>10.2%}"
        )


def link_promises(results):
    promises = []
    for method in METHODS:
        names = f"gapwatch {method}", " ".join(["gapwatch", method, *SELECTION])
        whole, selected = (results.median(name, LOAD, "user") for name in names)
        promises.append(at_most(f"user side of tracked frames ({method})", 0.8, selected / whole))
    return promises


def measure_files(directory, arguments):
    """A file of which five frames in six are TCP and UDP."""
    mixed = directory / "mixed.pcap"
    generate(mixed, "--packets", arguments.packets)
    whole = Command("gapwatch analyze", [GAPWATCH, "analyze", mixed], arguments.packets)
    argv = [GAPWATCH, "analyze", *SELECTION, mixed]
    selected = Command("with --protocols macsec,esp", argv, arguments.packets)
    others = rotate([whole, selected], arguments.runs, directory)
    print_table([whole, selected], whole)
    warn_when_busy(others)
    return [at_most("processor time of tracking all (file)", 0.8, selected.cpu / whole.cpu)]


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    promises = measure_files(directory, arguments)
    remove_leftovers()
    if reason := why_no_links() or why_no_bpf():
        print(f"not measured: {reason}")
        return promises
    promises += measure_programs()
    results = measure_links(directory, arguments.runs)
    print_links(results)
    return promises + link_promises(results)
