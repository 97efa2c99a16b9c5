# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""No false flows: datagrams that are like WireGuard, OpenVPN, DTLS or ESP stay UDP.

GAPWATCH_LONG=1 makes 10 million datagrams of 10,000 pairs; GAPWATCH_SEED repeats a run.
"""
import os
import random

import pytest

from support import lookalikes
from support.capture_file import pcap
from support.frames import esp_bytes

IS_LONG = bool(os.environ.get("GAPWATCH_LONG"))
PAIRS, ROUNDS = (10_000, 1000) if IS_LONG else (4000, 40)
ROUNDS_A_FILE = 20 if IS_LONG else ROUNDS


def test_what_only_looks_alike_is_udp(gapwatch, tmp_path):
    seed = int(os.environ.get("GAPWATCH_SEED", random.randrange(2**32)))
    print("GAPWATCH_SEED", seed)
    made = lookalikes.pairs(PAIRS, random.Random(seed))
    for _ in range(ROUNDS // ROUNDS_A_FILE):
        path = tmp_path / "lookalikes.pcap"
        path.write_bytes(pcap([next(pair) for _ in range(ROUNDS_A_FILE) for pair in made]))
        found = gapwatch.analyze(path)
        numbered = [flow["flow_id"] for flow in found["flows"] if flow["protocol"] != "udp"]
        assert not numbered
        assert found["capture"]["counters"]["udp"] == found["capture"]["packets"] == PAIRS * ROUNDS_A_FILE


def test_public_captures(gapwatch, captures):
    """Of all captures, only those of these protocols have flows of them."""
    expected = {"ovpn.pcap": "openvpn", "wg.pcap": "wireguard", "emix.pcap": "dtls"}
    for path in sorted(captures.rglob("*.pcap*")):
        done = gapwatch.run("analyze", "--quiet", path)
        said = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith("Protocols:")]
        for name, label in (("openvpn", "OpenVPN"), ("wireguard", "WireGuard"), ("dtls", "DTLS")):
            assert any(label in line for line in said) == (expected.get(path.name) == name), path


@pytest.mark.parametrize("ports, words", [((40000, 4500), ()), ((4500, 4500), ()), ((1194, 5001), ("--esp-port", "5001"))])
@pytest.mark.parametrize("spi", (0x48000001, 0x4B001234, 0x4F00FFFF, 0x4C76706E, 0x4AFFFFFF))
def test_an_spi_that_looks_like_a_peer_of_openvpn(spi, ports, words, gapwatch, tmp_path):
    """Port 4500 is IPsec's (RFC 3948), and so is a port that the user names."""
    path = tmp_path / "esp.pcap"
    path.write_bytes(pcap([*lookalikes.frames((esp_bytes(spi, number) for number in range(1, 41)), 1, ports)]))
    found = gapwatch.analyze(path, *words)
    assert [flow["protocol"] for flow in found["flows"]] == ["esp"]
    assert found["flows"][0]["flow_id"].startswith(f"IPsec {{ spi: 0x{spi:08x}, ")
    assert found["flows"][0]["packets_received"] == 40
    assert found["capture"]["counters"]["openvpn"] == 0
