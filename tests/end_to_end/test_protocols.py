# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`--protocols`: only these are tracked; frames of others are counted."""
import struct

import pytest

from model.frames import macsec_frame
from support import frames, lookalikes
from support.capture_file import pcap
from support.numbered import ADDRESSES, HEAD, analyzed, esp_run, findings

NAMES = ("macsec", "esp", "tcp", "udp")
ESP_IN_UDP = 5  # frames
PREFIXES = {"macsec": "MACsec", "esp": "IPsec", "tcp": "TCP", "udp": "UDP"}


def ipv4(protocol, payload):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0)
    return HEAD + b"\x08\x00" + head + ADDRESSES + payload


def udp(source, destination, payload):
    return ipv4(17, struct.pack(">HHHH", source, destination, 8 + len(payload), 0) + payload)


def esp_in_udp(sequence, spi=0x2002):
    return udp(4500, 4500, struct.pack(">II", spi, sequence) + bytes(32))


def mixed():
    """Frames of every protocol, with a gap in each flow that has numbers; RTP on ESP's port is UDP."""
    frames = [macsec_frame(0x0200000000010001, 1, number, bytes(60)) for number in (1, 2, 4, 5)]
    frames += esp_run(1, 10) + esp_run(13, 20)
    frames += [esp_in_udp(number) for number in (1, 2, 3, 5, 6)]
    frames += [udp(4500, 9000, struct.pack(">II", 0x80E00000 + i * 7919, i * 99991)) for i in range(9)]
    frames += [udp(40000, 53, bytes(20)) for _ in range(5)]
    frames += [ipv4(6, struct.pack(">HHIIHHI", 40000, 443, 1, 1, 0x5010, 1024, 0)) for _ in range(7)]
    frames += [ipv4(89, bytes(20)), HEAD + b"\x88\xb5" + bytes(46)]
    return frames


def flows_of(found):
    return {flow["flow_id"]: flow for flow in findings(found)["flows"].values()}


def assert_selected(found, whole, names):
    """Checks that FOUND has the counters of WHOLE, and its flows whose protocol is among NAMES.

    When neither ESP nor UDP is tracked, ESP in UDP is not recognised.
    """
    counters = dict(whole["capture"]["counters"])
    if not {"esp", "udp"} & set(names):
        counters["esp"] -= ESP_IN_UDP
        counters["udp"] += ESP_IN_UDP
    assert found["capture"]["counters"] == counters
    assert found["capture"]["packets"] == whole["capture"]["packets"]
    assert found["capture"]["packets"] == sum(found["capture"]["counters"].values())
    prefixes = tuple(PREFIXES[name] + " " for name in names)
    expected = {name: flow for name, flow in flows_of(whole).items() if name.startswith(prefixes)}
    assert flows_of(found) == expected
    gaps = [gap for gap in findings(whole)["gaps"] if gap["flow_id"].startswith(prefixes)]
    assert findings(found)["gaps"] == gaps


@pytest.fixture(scope="module")
def whole(gapwatch, tmp_path_factory):
    found = analyzed(gapwatch, tmp_path_factory.mktemp("protocols"), mixed())
    assert {flow["flow_id"].split(" ")[0] for flow in found["flows"]} == set(PREFIXES.values())
    assert sum("IPsec" in flow["flow_id"] for flow in found["flows"]) == 2
    return found


@pytest.mark.parametrize(
    "names", (["macsec"], ["esp"], ["tcp"], ["udp"], ["macsec", "esp"], ["esp", "udp"], NAMES), ids=",".join
)
def test_of_a_file(names, whole, gapwatch, tmp_path):
    found = analyzed(gapwatch, tmp_path, mixed(), "--protocols", ",".join(names))
    assert_selected(found, whole, names)


@pytest.mark.parametrize("names", (["macsec", "esp"], ["udp"]), ids=",".join)
def test_by_each_method(names, method, watched, whole):
    """ESP in UDP is only recognised after several datagrams, so all possible ESP passes the selection."""
    sensor = watched.sensor(method, "--protocols", ",".join(names))
    watched.send(mixed())
    assert_selected(sensor.stop(), whole, names)


def test_all(whole, gapwatch, tmp_path):
    found = analyzed(gapwatch, tmp_path, mixed(), "--protocols", "all")
    assert findings(found) == findings(whole)


def test_the_text_report_says_so(whole, gapwatch, tmp_path):
    analyzed(gapwatch, tmp_path, mixed())
    done = gapwatch.run("analyze", "--protocols", "macsec,esp", tmp_path / "same.pcap")
    said = done.stdout.decode()
    assert "\nProtocols: MACsec 4, ESP 23\n" in said
    assert "\nNot tracked: TCP 7, UDP 14, not IP 1, other IP protocol 1\n" in said


def test_others_cost_no_record(bpf_method, watched):
    """While the program is stopped, far more TCP frames come than fit in the ring."""
    sensor = watched.sensor(bpf_method, "--protocols", "macsec,esp", "--buffer", "1")
    with sensor.stopped():
        sent = watched.generate("--tcp", 100, "--udp", 100, "--packets", 50_000)
    found = sensor.stop()
    assert found["capture"]["counters"]["tcp"] == sent["kinds"]["tcp"]["packets"]
    assert found["capture"]["counters"]["udp"] == sent["kinds"]["udp"]["packets"]
    assert found["capture"]["sensor_drops"] == 0 and not found["flows"]


@pytest.mark.parametrize(
    "value, refused",
    (
        ("", "''"),
        (",", "''"),
        ("esp,", "''"),
        ("ESP", "'ESP': did you mean esp?"),
        ("ipsec", "'ipsec'"),
        ("esp tcp", "'esp tcp'"),
        ("esp,,tcp", "''"),
        ("esp,malformed,x", "'malformed'"),
        ("esp,macsek", "'macsek': did you mean macsec?"),
        ("x" * 40, f"'{'x' * 40}'"),
    ),
)
def test_wrong(value, refused, gapwatch, tmp_path):
    done = gapwatch.run("analyze", "--protocols", value, tmp_path / "none")
    assert done.returncode == 2
    line = f"gapwatch: --protocols takes names separated by commas (macsec, esp, ah, wireguard, openvpn, dtls, tcp, udp), not {refused}\n"
    assert done.stderr.decode() == line


@pytest.mark.parametrize("kind, word", [("macsec", "AN"), ("dtls", "Epoch"), ("esp", None)])
def test_the_table_of_sas_names_the_association_as_its_protocol(kind, word, gapwatch, tmp_path):
    """And has none where the protocol has none."""
    path = tmp_path / "sas.pcap"
    numbers = range(1, 41)
    if kind == "macsec":
        sent = [bytes(frames.macsec_frame(0x2E, number, "0011223344550001")) for number in numbers]
    else:
        made = frames.esp_bytes if kind == "esp" else frames.dtls_record
        ports = (4500, 4500) if kind == "esp" else (4000, 4433)
        sent = lookalikes.frames((made(2, number) for number in numbers), 1, ports)
    path.write_bytes(pcap([*sent]))
    lines = gapwatch.run("analyze", "--sas", path).stdout.decode().partition("\nSAs:\n")[2].splitlines()
    heading = next(at for at, line in enumerate(lines) if line.split()[:1] == ["SA"])
    has_word = ["SA", word, "First"] if word else ["SA", "First", "number"]
    assert lines[heading].split()[:3] == has_word
    assert lines[heading + 1].split()[:4] == (["0", "2", "1", "40"] if word else ["0", "1", "40", "40"])
