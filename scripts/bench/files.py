# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Reading capture files: gapwatch compared with a bare libpcap loop and similar programs."""
import json
import subprocess

from bench.common import (
    GAPWATCH,
    TOOLS,
    Command,
    at_least,
    at_most,
    below,
    first_line,
    generate,
    print_table,
    rotate,
    verify,
    warn_when_busy,
)

MANY_FLOWS = 1_000_000
# tshark is too slow for the whole capture. Its start-up time is measured separately and subtracted,
# so that scaling the figure up is fair to it.
PART = 100_000
START = 1_000
TSHARK_FIELDS = ("macsec.SCI.system_identifier", "macsec.PN", "esp.spi", "esp.sequence")

PROGRAMS = ("generate", "count", "measure")  # of tests/bench that it needs


def verify_mixed(path, truth):
    done = subprocess.run([GAPWATCH, "analyze", "--json", path], stdout=subprocess.PIPE, check=True)
    report = json.loads(done.stdout)
    verify(
        "mixed capture",
        truth,
        {
            "packets": report["summary"]["total_packets_received"],
            "bytes": report["summary"]["total_bytes"],
            "flows": report["summary"]["total_flows"],
            "lost": report["summary"]["total_lost_packets"],
            "reordered": sum(flow["reordered_packets"] for flow in report["flows"]),
        },
    )


def verify_many(path, truth):
    """Checks the text report, as the JSON of a million flows is too large for this."""
    done = subprocess.run([GAPWATCH, "analyze", path], stdout=subprocess.PIPE, check=True)
    words = dict(line.split(": ", 1) for line in done.stdout.decode().splitlines() if ": " in line)
    verify(
        "many flows",
        truth,
        {"packets": int(words["Total packets processed"]), "flows": int(words["Flows detected"])},
    )


def whole_file_commands(mixed, packets):
    peers = [
        ("libpcap loop, count only (yardstick)", [TOOLS / "count", mixed]),
        ("gapwatch analyze", [GAPWATCH, "analyze", mixed]),
        ("gapwatch analyze --json", [GAPWATCH, "analyze", "--json", mixed]),
        ("capinfos -c", ["capinfos", "-c", mixed]),
        ("tcpdump -r -w /dev/null", ["tcpdump", "-r", mixed, "-w", "/dev/null"]),
        ("softflowd -r", ["softflowd", "-c", "none", "-d", "-r", mixed]),
        ("argus -r -w /dev/null", ["argus", "-r", mixed, "-w", "/dev/null"]),
    ]
    return [Command(name, argv, packets) for name, argv in peers]


def as_pcapng(path):
    """Writes the same packets as pcapng, and reads them once into the page cache."""
    other = path.with_suffix(".pcapng")
    subprocess.run(["editcap", "-F", "pcapng", path, other], check=True)
    with other.open("rb") as capture:
        while capture.read(1 << 20):
            pass
    return other


def tshark(path, packets):
    fields = [word for field in TSHARK_FIELDS for word in ("-e", field)]
    argv = ["tshark", "-n", "-r", path, "-T", "fields", *fields]
    return Command(f"tshark -T fields, {packets} packets", argv, packets)


def without_start(command, start, packets):
    """The seconds that COMMAND would need for PACKETS without its start-up."""
    return (command.wall - start.wall) / (command.packets - start.packets) * packets


def print_versions():
    print(first_line("sh", "-c", "tcpdump --version 2>&1 | grep libpcap"))
    print(first_line("tcpdump", "--version"))
    print(first_line("softflowd", "-h"))
    print(first_line("argus", "-h"))
    print(first_line("tshark", "--version"))


def measure(directory, arguments):
    """Measures in DIRECTORY; returns the promises."""
    runs, packets = arguments.runs, arguments.packets
    mixed, many = directory / "mixed.pcap", directory / "many.pcap"
    part, start = directory / "part.pcap", directory / "start.pcap"
    part_packets = min(PART, packets)
    verify_mixed(mixed, generate(mixed, "--packets", packets))
    verify_many(many, generate(many, "--flows", MANY_FLOWS, "--packets", 2 * MANY_FLOWS))
    # With the same seed, these are the first packets of the mixed capture.
    generate(part, "--packets", part_packets)
    generate(start, "--packets", START)

    whole = whole_file_commands(mixed, packets)
    yardstick, gapwatch, *_, softflowd, argus = whole
    tshark_part, tshark_start = tshark(part, part_packets), tshark(start, START)
    other = Command("gapwatch analyze, pcapng", [GAPWATCH, "analyze", as_pcapng(mixed)], packets)
    flows = Command("gapwatch analyze, many flows", [GAPWATCH, "analyze", many], 2 * MANY_FLOWS)
    rows = [*whole, other, tshark_part, tshark_start, flows]
    others = rotate(rows, runs, directory)

    tshark_wall = without_start(tshark_part, tshark_start, packets)
    print_versions()
    print_table(rows, yardstick)
    print(f"tshark for {packets} packets, without its start: {tshark_wall:.1f} s (scaled)")
    print("argus sleeps up to a second at a time: below, its processor time counts")
    warn_when_busy(others)
    return [
        at_most("time of the libpcap loop", 1.0, gapwatch.wall / yardstick.wall),
        at_most("time of pcap for pcapng", 1.1, other.wall / gapwatch.wall),
        at_least("as fast as softflowd -r", 5, softflowd.wall / gapwatch.wall),
        at_least("as fast as argus -r", 10, argus.cpu / gapwatch.wall),
        at_least("as fast as tshark", 100, tshark_wall / gapwatch.wall),
        below("peak memory", 64, gapwatch.peak),
        below(f"peak memory with {MANY_FLOWS} flows", 450, flows.peak),
    ]
