# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The worked example of CONTRIBUTING.md: a new protocol needs a header and a row, a new figure a line; the test
builds both."""
import json
import re
import shutil
import struct
import subprocess

import pytest

from conftest import ROOT
from support import capture_file, frames, kernel
from support.database import ask
from support.server import Server

LOST = (5, 6, 20)
INDEX = 0x1234ABCD
PORT = 4242
HANDSHAKE, MESSAGE, TEST = 0, 1, 4
INCLUDE = '#include "protocol/esp.h"\n'
FIGURE = """
FIGURE(mean_frame_bytes, REAL, bytes, NEVER, (double)row->flow.bytes / (double)row->flow.packets,
       "the mean length of a frame")
"""
END_OF_TABLE = '\n#include "figures/done.h"'


def blocks():
    """Returns the header and the row as the page shows them."""
    section = (ROOT / "CONTRIBUTING.md").read_text().split("## Adding a protocol")[1]
    header, row = re.findall(r"```c\n(.*?)```", section, re.DOTALL)
    return header, row


def change(path, before, after):
    text = path.read_text()
    assert text.count(before) == 1, path
    path.write_text(text.replace(before, after))


def add_protocol(tree):
    header, row = blocks()
    (tree / "include/protocol/nebula.h").write_text(header)
    table = tree / "include/protocols.h"
    change(table, "    ROW(TCP,", row + "    ROW(TCP,")
    change(table, INCLUDE, INCLUDE + '#include "protocol/nebula.h"\n')


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """Builds a copy of the project with the new protocol and the new figure in it."""
    tree = tmp_path_factory.mktemp("project")
    for name in ("bpf", "include", "user", "vmlinux", "tests/tools"):
        shutil.copytree(ROOT / name, tree / name)
    shutil.copy(ROOT / "Makefile", tree)
    add_protocol(tree)
    change(tree / "user/figures/flow.def", END_OF_TABLE, FIGURE + END_OF_TABLE)
    # Compilers need half the time without -O2 and -g.
    command = ["make", "-C", tree, "SANITIZE=0", "WERROR=1", "CFLAGS=-O1", "all", "build/tests/frame_records"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return tree / "build"


def message(kind, number):
    return struct.pack(">BBHIQ", 0x10 | kind, 0, 0, INDEX, number) + bytes(32)


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    """Returns a handshake and thirty messages without the lost ones, one of them a test, as Nebula
    sends them."""
    data = [message(TEST if i == 9 else MESSAGE, i) for i in range(1, 31) if i not in LOST]
    packets = [frames.ipv4(frames.udp_layer(m, PORT, PORT)) for m in [message(HANDSHAKE, 1), *data]]
    path = tmp_path_factory.mktemp("capture") / "nebula.pcap"
    path.write_bytes(capture_file.pcap([bytes(frames.ethernet(bytes(p), 0x0800)) for p in packets]))
    return path


def test_finds_what_is_missing(build, capture, gapwatch):
    done = gapwatch.run("analyze", capture, program=build / "gapwatch")
    report = done.stdout.decode()
    assert done.returncode == 0, done.stderr
    assert "Protocols: Nebula 27, UDP 1\n" in report
    assert "Flow: Nebula { index: 0x1234abcd, dst: " in report
    assert "  Lost packets (due to gaps): 3\n" in report
    assert "Expected seq 5, received 7 (gap size: 2)" in report
    assert "Expected seq 20, received 21 (gap size: 1)" in report


def test_kernel_agrees(build, capture, gapwatch, monkeypatch):
    monkeypatch.setattr(gapwatch, "frame_records", build / "tests" / "frame_records")
    assert kernel.assert_agrees(gapwatch, capture) == 28


def test_everybody_knows_of_both(build, capture, gapwatch, tmp_path):
    """Checks the report, the database, the API, openapi.json and the alert rules."""
    path, program = tmp_path / "nebula.db", build / "gapwatch"
    done = gapwatch.run("analyze", "--json", "--db", path, capture, program=program)
    flow = json.loads(done.stdout)["flows"][0]
    (sa,) = flow.pop("sas")
    assert (sa["packets_received"], sa["total_lost_packets"]) == (27, 3)
    bytes_of_a_frame = flow["total_bytes"] / flow["packets_received"]
    assert (flow["protocol"], flow["mean_frame_bytes"]) == ("nebula", bytes_of_a_frame)
    assert ask(path, "SELECT mean_frame_bytes FROM flows WHERE protocol = 'nebula'") == [(bytes_of_a_frame,)]
    if not (build / "gapwatch_api.so").exists():
        return
    rules = (build / "generated" / "api" / "monitoring" / "alerts.yml").read_text()
    assert 'protocol=~"macsec|esp|ah|wireguard|openvpn|dtls|nebula"' in rules
    with Server(program, "--db", path) as server:
        (row,) = server.json("/api/v1/flows?protocol=nebula")["flows"]
        assert row == flow | {"capture_id": 1, "interface": row["interface"]}
        (row,) = [p for p in server.json("/api/v1/protocols")["protocols"] if p["name"] == "nebula"]
        assert row == {"name": "nebula", "label": "Nebula", "numbered": True, "association": None}
        described = server.json("/api/v1/openapi.json")["components"]
        assert "nebula" in described["parameters"]["protocol"]["schema"]["enum"]
        assert described["schemas"]["flow"]["properties"]["mean_frame_bytes"]["type"] == ["number", "null"]
