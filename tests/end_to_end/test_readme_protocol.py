# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The README's worked example: a new protocol takes a header and a row, and works."""
import re
import shutil
import struct
import subprocess

import pytest

from conftest import ROOT
from support import capture_file, frames, kernel

LOST = (5, 6, 20)
RECEIVER = 0x1234ABCD


def blocks():
    """Returns the header and the row from the README."""
    section = (ROOT / "README.md").read_text().split("## Adding a protocol")[1]
    header, row = re.findall(r"```c\n(.*?)```", section, re.DOTALL)
    return header, row


def add_protocol(tree):
    header, row = blocks()
    (tree / "include/protocol/wireguard.h").write_text(header)
    table = tree / "include/protocols.h"
    table.write_text(table.read_text().replace("    ROW(TCP,", row + "    ROW(TCP,"))
    classify = tree / "include/classify.h"
    udp = '#include "protocol/udp.h"\n'
    classify.write_text(
        classify.read_text().replace(udp, udp + '#include "protocol/wireguard.h"\n')
    )


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds a copy of the project with the new protocol."""
    tree = tmp_path_factory.mktemp("project")
    for name in ("bpf", "include", "user", "vmlinux", "tests/tools"):
        shutil.copytree(ROOT / name, tree / name)
    shutil.copy(ROOT / "Makefile", tree)
    add_protocol(tree)
    command = ["make", "-C", tree, "SANITIZE=0", "WERROR=1", "all", "build/tests/frame_records"]
    command.append(f"UPLOT={ROOT / 'build' / 'npm' / 'node_modules' / 'uplot'}")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return tree / "build"


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """Thirty data messages without the lost ones, behind a handshake, as WireGuard sends them."""
    data = [
        struct.pack("<BxxxIQ", 4, RECEIVER, counter) + bytes(32)
        for counter in range(30)
        if counter not in LOST
    ]
    handshake = struct.pack("<BxxxI", 1, 7) + bytes(140)
    path = tmp_path_factory.mktemp("capture") / "wireguard.pcap"
    messages = [bytes(frames.ipv4(frames.udp_layer(m, 51820, 51820))) for m in [handshake, *data]]
    path.write_bytes(capture_file.pcap([bytes(frames.ethernet(m, 0x0800)) for m in messages]))
    return path


def test_finds_what_is_missing(build, capture, gapwatch):
    done = gapwatch.run("analyze", capture, program=build / "gapwatch")
    report = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "Protocols: WireGuard 27, UDP 1\n" in report
    assert "Flow: WireGuard { receiver: 0x1234abcd, dst: " in report
    assert "  Lost packets (due to gaps): 3\n" in report
    assert "Expected seq 5, received 7 (gap size: 2)" in report
    assert "Expected seq 20, received 21 (gap size: 1)" in report


def test_kernel_agrees(build, capture, gapwatch, monkeypatch):
    monkeypatch.setattr(gapwatch, "frame_records", build / "tests" / "frame_records")
    assert kernel.assert_agrees(gapwatch, capture) == 28
