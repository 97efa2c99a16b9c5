# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Watching an interface: gapwatch's methods compared with yardsticks and similar programs on one
veth."""
import collections
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time

from bench.common import ROOT, TOOLS, at_most, busy_seconds, first_line, warn_when_busy
from bench.watchers import Argus, Gapwatch, Nfpcapd, Softflowd, Tcpdump, Yardstick

sys.path.insert(0, str(ROOT / "tests"))
# pylint: disable=wrong-import-position
from support.link import Link, entered, remove_leftovers, why_no_bpf, why_no_links

PROGRAMS = ("send", "yardstick")  # of tests/bench that it needs

FLOWS = 12_000
FRAME_BYTES = 124
SECONDS = 2  # that a paced load lasts
MOST_PACKETS = 3_000_000
RATES = {"the most": None, "1 Mpps": 1_000_000, "300 kpps": 300_000}
HOST_SECONDS = 3
UDP_PAYLOAD = 22  # in a frame of 64 octets

NOTHING = "nothing attached"
METHODS = ("tc", "xdp", "af_packet", "pcap")
BPF_METHODS = ("tc", "xdp")


class Run:
    """The result of one load. Times are in nanoseconds for each frame that was sent."""

    def __init__(self, sent, start_ns=0, user_ns=0, dropped=0):
        self.packets = sent["packets"]
        self.pps = sent["packets"] / sent["seconds"]
        self.sending = sent["sending_seconds"] * 1e9 / sent["packets"]
        self.start_ms = start_ns / 1e6
        self.user = user_ns / sent["packets"]
        self.dropped = dropped / sent["packets"]


class Results:
    """The runs of every watcher at every rate."""

    def __init__(self):
        self.runs = collections.defaultdict(list)

    def add(self, name, rate, run):
        self.runs[name, rate].append(run)

    def median(self, name, rate, member):
        return statistics.median(getattr(run, member) for run in self.runs[name, rate])

    def kernel(self, name, rate):
        """What the watcher adds to a frame's kernel time, by round, because the machine's speed
        drifts."""
        pairs = zip(self.runs[name, rate], self.runs[NOTHING, rate])
        return statistics.median(run.sending - bare.sending for run, bare in pairs)

    def total(self, name, rate):
        return self.kernel(name, rate) + self.median(name, rate, "user")

    def most_dropped(self, name):
        return max(run.dropped for rate in RATES for run in self.runs[name, rate])


def yardsticks():
    return [Yardstick(f"{kind}_{method}") for kind in ("empty", "ring") for method in BPF_METHODS]


def watchers():
    own = [Gapwatch(method) for method in METHODS]
    return [*own, Tcpdump(), Softflowd(), Argus(), Nfpcapd()]


def fresh_link():
    """A new link. Frames that BPF redirects into a veth reach its peer only with GRO."""
    return Link(offloads={"gro": "on"})


@contextlib.contextmanager
def watched(watcher, directory):
    """A new link with WATCHER on it (None: nothing)."""
    with fresh_link() as link, tempfile.TemporaryDirectory(dir=directory) as own:
        with watcher.at(link, own) if watcher else contextlib.nullcontext():
            yield link


def send(link, rate, kinds):
    """Sends one load and returns its result; every frame has to arrive."""
    packets = rate * SECONDS if rate else MOST_PACKETS
    flows = [word for kind in kinds for word in (f"--{kind}", FLOWS // len(kinds))]
    command = ["taskset", "-c", 0, TOOLS / "send", "--redirect", *flows]
    command += ["--packets", packets, "--length", FRAME_BYTES]
    command += ["--rate", rate] if rate else []
    sent = json.loads(link.far.run(*command, link.far.interface))
    link.near.await_received(packets)
    return sent


def measure_one(watcher, rate, directory, kinds=("esp",)):
    with watched(watcher, directory) as link:
        if not watcher:
            return Run(send(link, rate, kinds))
        start_ns = watcher.cpu_ns()
        sent = send(link, rate, kinds)
        watcher.settle()
        user_ns = watcher.cpu_ns() - start_ns
        return Run(sent, start_ns, user_ns, watcher.dropped(sent["packets"]))


def measure_loads(directory, runs):
    results = Results()
    for number in range(runs):
        for words, rate in RATES.items():
            print(f"benchmark: {words}, run {number + 1} of {runs}", file=sys.stderr)
            for watcher in [None, *([] if rate else yardsticks()), *watchers()]:
                name = watcher.name if watcher else NOTHING
                results.add(name, words, measure_one(watcher, rate, directory))
    return results


def print_load(results, name, rate):
    kernel = f"+{results.kernel(name, rate):.0f}"
    total = f"{results.total(name, rate):.0f}"
    if name == NOTHING:
        kernel, total = f"{results.median(name, rate, 'sending'):.0f}", "-"
    print(
        f"{name:<34}{results.median(name, rate, 'pps') / 1e6:>7.2f}{kernel:>9}"
        f"{results.median(name, rate, 'user'):>7.0f}{total:>7}"
        f"{results.median(name, rate, 'dropped'):>10.2%}"
        f"{results.median(name, rate, 'start_ms'):>10.0f}"
    )


def print_loads(results):
    heads = f"{'Mpps':>7}{'kernel':>9}{'user':>7}{'total':>7}{'dropped':>10}{'start ms':>10}"
    for rate in RATES:
        print(f"\n{rate + ', ns a frame (medians)':<34}{heads}")
        for name in [name for name, at in results.runs if at == rate]:
            print_load(results, name, rate)
    print("kernel: with nothing attached, and what each adds to that; without the time to start")


def iperf(link, address, *options):
    """Runs iperf3 from the far to the near end. Returns its report."""
    server = ["taskset", "-c", 1, "iperf3", "-s", "-1", "--forceflush", "-B", address]
    client = ["taskset", "-c", 0, "iperf3", "-J", "-t", HOST_SECONDS, "-c", address, *options]
    with subprocess.Popen(link.near.command(*server), stdout=subprocess.PIPE) as serving:
        try:
            serving.stdout.readline()
            serving.stdout.readline()
            return json.loads(link.far.run(*client))["end"]
        finally:
            serving.kill()


def host_rates(watcher, directory):
    """(UDP packets a second, TCP bits a second) that the near end receives."""
    with watched(watcher, directory) as link:
        address, _ = link.add_addresses()
        udp = iperf(link, address, "-u", "-b", 0, "-l", UDP_PAYLOAD)["sum"]
        tcp = iperf(link, address)["sum_received"]
        return (udp["packets"] - udp["lost_packets"]) / udp["seconds"], tcp["bits_per_second"]


def measure_host(directory, runs):
    rates = collections.defaultdict(list)
    for number in range(runs):
        print(f"benchmark: cost to the host, run {number + 1} of {runs}", file=sys.stderr)
        for watcher in [None, *watchers()]:
            rates[watcher.name if watcher else NOTHING].append(host_rates(watcher, directory))
    return rates


def print_host(rates):
    print(f"\n{'what the host receives':<34}{'UDP':>8}{'TCP':>8}   of nothing attached")
    for name, pairs in rates.items():
        shares = [
            statistics.median(own[i] / bare[i] for own, bare in zip(pairs, rates[NOTHING]))
            for i in (0, 1)
        ]
        print(f"{name:<34}{shares[0]:>8.0%}{shares[1]:>8.0%}")


def at_most_ns(words, limit, figure):
    return f"{words} at most {limit} ns", f"{figure:.0f} ns", figure <= limit


def promises_of(results, method):
    """The promises about a BPF method."""
    own = f"gapwatch {method}"
    kernel = results.kernel(own, "the most") / results.kernel(f"ring_{method}", "the most")
    promises = [
        at_most(f"kernel side of a bare ring without wake-ups ({method})", 1.3, kernel),
        at_most_ns(f"user side at 1 Mpps ({method})", 100, results.median(own, "1 Mpps", "user")),
    ]
    limits = {
        "the most": {"tcpdump -w /dev/null": 0.6, "softflowd": 0.3},
        "300 kpps": {
            "tcpdump -w /dev/null": 0.75,
            "softflowd": 0.25,
            "argus": 0.125,
            "nfpcapd": 0.125,
        },
    }
    for rate, peers in limits.items():
        for peer, limit in peers.items():
            ratio = results.total(own, rate) / results.total(peer, rate)
            promises.append(at_most(f"total of {peer} at {rate} ({method})", limit, ratio))
    dropped = results.most_dropped(own)
    promises.append((f"no record lost at any load ({method})", f"{dropped:.2%}", dropped == 0))
    return promises


def print_versions():
    print(first_line("tcpdump", "--version"))
    print(first_line("softflowd", "-h"))
    print(first_line("argus", "-h"))
    print(first_line("nfpcapd", "-V"))
    print(first_line("iperf3", "--version"))


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    remove_leftovers()
    if reason := why_no_links() or why_no_bpf():
        print(f"not measured: {reason}")
        return []
    began, all_before, own_before = time.monotonic(), *busy_seconds()
    results = measure_loads(directory, arguments.runs)
    rates = measure_host(directory, arguments.runs)
    all_after, own_after = busy_seconds()
    others = (all_after - all_before) - (own_after - own_before)
    print_versions()
    print_loads(results)
    print_host(rates)
    warn_when_busy(others / (time.monotonic() - began))
    return [promise for method in BPF_METHODS for promise in promises_of(results, method)]
