# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Runs the program on files that a test writes."""
import json

from support.capture_file import BIG, LITTLE, pcap, pcapng

CONTAINERS = {"pcap": pcap, "pcapng": pcapng}
ORDERS = {"little-endian": LITTLE, "big-endian": BIG}


def one_line(done):
    """Asserts that stderr is exactly one line. Returns it."""
    text = done.stderr.decode(errors="replace")
    assert text.count("\n") == 1 and text.endswith("\n"), text
    return text


def write(folder, data, name="capture.pcap"):
    path = folder / name
    path.write_bytes(data)
    return path


def failed(gapwatch, *arguments, **options):
    """Runs analyze --json, which must exit 1 with one line. Returns that line and the object."""
    done = gapwatch.run("analyze", "--json", *arguments, **options)
    assert done.returncode == 1, done.stderr
    return one_line(done), json.loads(done.stdout) if done.stdout else None
