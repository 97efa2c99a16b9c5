# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Every method finds the same in live frames as `analyze` in a file of them."""
import socket
import struct
import types

import pytest

from model.frames import macsec_frame
from support.link import entered
from support.numbered import HEAD, analyzed, esp, esp_run, findings, tagged

ETHERNET_BYTES = 14


def same_as_in_a_file(link, method, frames, gapwatch, folder):
    """Sends FRAMES past a sensor. Returns its report, which must equal that of a file of them."""
    sensor = link.sensor(method)
    link.send(frames)
    found = sensor.stop()
    assert findings(found) == findings(analyzed(gapwatch, folder, frames))
    return found


# --- what is seen ---

CONFIRMED_BY_THREE = ("wireguard", "openvpn", "dtls")  # one frame of them is UDP


def test_every_encapsulation(method, watch, gapwatch, tmp_path):
    """Frames are sent unpadded: a veth does not pad them to 60 octets, as a real cable would need.
    """
    pytest.importorskip("scapy", reason="scapy makes the frames: install python3-scapy")
    from support.capture_file import EN10MB
    from support.encapsulations import CASES

    cases = [case for case in CASES if case.link_type == EN10MB]
    frames = [case.data for case in cases if len(case.data) >= ETHERNET_BYTES]
    found = same_as_in_a_file(watch(mtu=9000), method, frames, gapwatch, tmp_path)
    unseen = {name for name, count in found["capture"]["counters"].items() if not count}
    assert unseen == {"truncated", *CONFIRMED_BY_THREE}


@pytest.mark.parametrize("octets", (2, 10, 25))
def test_frames_cut_short(octets, method, watched, gapwatch, tmp_path):
    """Cut behind the Ethernet header or in the headers behind it: malformed, not truncated, but counted."""
    frames = [esp(number)[: ETHERNET_BYTES + octets] for number in range(1, 11)]
    found = same_as_in_a_file(watched, method, frames, gapwatch, tmp_path)
    assert found["capture"]["counters"]["malformed"] == 10


def test_padding_of_short_frames(method, watched):
    """On a real cable a frame has 60 octets or more, and its padding counts as part of it."""
    inner = struct.pack(">HHHH", 1000, 2000, 8, 0)
    head = struct.pack(">BBHHHBBH", 0x45, 0, 28, 0, 0, 64, 17, 0) + bytes([192, 0, 2, 1, 192, 0, 2, 2])
    sensor = watched.sensor(method)
    watched.send([(HEAD + b"\x08\x00" + head + inner).ljust(60, b"\0")])
    (flow,) = sensor.stop()["flows"]
    assert flow["total_bytes"] == 60


def test_loss_reordering_duplicates_restarts(method, watched, gapwatch, tmp_path):
    numbers = [number for number in range(1, 2001) if number % 13]
    numbers[100:102] = reversed(numbers[100:102])
    numbers[200:200] = numbers[195:199]
    frames = [esp(number) for number in numbers] + esp_run(1, 100) + esp_run(70000, 70100)
    found = same_as_in_a_file(watched, method, frames, gapwatch, tmp_path)
    (flow,) = found["flows"]
    assert flow["reordered_packets"] and flow["duplicate_packets"] and flow["restarts"]
    assert found["summary"]["lost_by_cause"]["undetermined"] == 0


def test_the_generator_says_the_same(method, watched):
    """All kinds of frames at full speed, through a ring that has room for all of them."""
    kinds = ("macsec", "esp", "esp6", "tcp", "tcp6", "udp", "udp6")
    words = [word for kind in kinds for word in (f"--{kind}", 5)]
    sensor = watched.sensor(method, "--buffer", 256)
    sent = watched.generate(*words, "--packets", 200_000, "--lose", 50)
    found = sensor.stop()
    assert found["capture"]["packets"] == sent["packets"]
    assert found["capture"]["bytes"] == sent["bytes"]
    assert found["summary"]["total_flows"] == 35
    skipped = sum(kind["skipped"] for kind in sent["kinds"].values())
    assert found["summary"]["lost_by_cause"] == {"network": skipped, "undetermined": 0}
    assert found["capture"]["sensor_drops"] == 0


# --- headers that do not lie in the first octets ---


def deep_frame(sequence, of_each):
    """Returns a frame with four tags, PPPoE and IPv6 with eight extension headers before ESP. Each
    extension header is 8 * OF_EACH octets longer than the minimum of 8 (RFC 8200 4.6)."""
    inner = struct.pack(">II", 0x1001, sequence) + bytes(32)
    rest = bytes([of_each]) + bytes(6 + 8 * of_each)
    options = (b"\x3c" + rest) * 7 + b"\x32" + rest
    address = bytes.fromhex("20010db8000000000000000000000001")
    ip = struct.pack(">IHBB", 6 << 28, len(options + inner), 60, 64) + address * 2
    shim = b"\x88\x64\x11\x00\x00\x11" + struct.pack(">HH", 2 + len(ip + options + inner), 0x57)
    frame = tagged(HEAD + shim + ip + options + inner, 1, 2, 3, 4)
    assert frame.index(inner) == 12 + 4 * 4 + len(shim + ip) + 8 * (8 + 8 * of_each)
    return frame


def test_headers_of_200_octets(method, watched, gapwatch, tmp_path):
    frames = [deep_frame(sequence, of_each=1) for sequence in (1, 2, 4)]
    assert 200 < len(frames[0]) - 40 < 256
    found = same_as_in_a_file(watched, method, frames, gapwatch, tmp_path)
    assert found["capture"]["counters"]["esp"] == 3


def test_headers_of_nearly_512_octets(bpf_method, watched, gapwatch, tmp_path):
    """Packet sockets and libpcap get 256 octets of a frame (README, Limits)."""
    frames = [deep_frame(sequence, of_each=5) for sequence in (1, 2, 4)]
    assert 460 < len(frames[0]) - 40 < 512
    found = same_as_in_a_file(watched, bpf_method, frames, gapwatch, tmp_path)
    assert found["capture"]["counters"]["esp"] == 3


@pytest.mark.parametrize("given, of_each", [("af_packet", 5), ("pcap", 5), ("tc", 8)])
def test_deeper_headers_are_truncated(given, of_each, watch, obstacle_to_bpf):
    """What TC may pull is limited, too. Such frames are counted, and never misread."""
    link = watch(mtu=9000)
    sensor = link.sensor(given)
    link.send([deep_frame(1, of_each) + bytes(5000)])
    assert sensor.stop()["capture"]["counters"]["truncated"] == 1


def test_headers_outside_of_the_linear_part(method, watch, gapwatch, tmp_path):
    """Of a frame of more than a page, a packet socket has only the Ethernet header in one piece."""
    frames = [frame + bytes(5000) for frame in (esp(1), deep_frame(2, 1), tagged(esp(4), 5))]
    found = same_as_in_a_file(watch(mtu=9000), method, frames, gapwatch, tmp_path)
    assert found["capture"]["counters"]["esp"] == 3


# --- direction ---


@pytest.mark.parametrize("direction, expected", [("in", 3), ("out", 2), ("both", 5)])
def test_direction_of_tc(direction, expected, watched, obstacle_to_bpf):
    sensor = watched.sensor("tc", "--direction", direction)
    watched.near.send(esp_run(1, 2))
    watched.send(esp_run(3, 5))
    (flow,) = sensor.stop()["flows"]
    first, last = {"in": (3, 5), "out": (1, 2), "both": (1, 5)}[direction]
    assert flow["packets_received"] == expected
    assert (flow["first_sequence"], flow["last_sequence"]) == (first, last)


@pytest.mark.parametrize("direction", ["in", "both"])
def test_xdp_sees_what_comes_in(direction, watched, obstacle_to_bpf):
    sensor = watched.sensor("xdp", "--direction", direction)
    assert "incoming frames only" in sensor.said()
    watched.near.send(esp_run(1, 2))
    watched.send(esp_run(3, 5))
    (flow,) = sensor.stop()["flows"]
    assert (flow["first_sequence"], flow["last_sequence"]) == (3, 5)


@pytest.mark.parametrize("direction", ["in", "out", "both"])
def test_loopback_shows_each_frame_once(direction, bpf_method, watched):
    if (bpf_method, direction) == ("xdp", "out"):
        pytest.skip("xdp sees no outgoing frames, and refuses to look for them")
    watched.near.run("ip", "link", "set", "lo", "up")
    loopback = types.SimpleNamespace(interface="lo", command=watched.near.command)
    sensor = watched.sensor(bpf_method, "--direction", direction, end=loopback)
    with entered(watched.near.interface):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        for _ in range(10):
            sender.sendto(bytes(100), ("127.0.0.1", 9))
    (flow,) = (flow for flow in sensor.stop()["flows"] if flow["protocol"] == "udp")
    assert flow["packets_received"] == 10
    assert flow["total_bytes"] == 10 * (ETHERNET_BYTES + 20 + 8 + 100)


def test_vlans_name_flows_as_in_a_file(method, watched, gapwatch, tmp_path):
    """Whether or not the kernel removed the first tag; VLAN 0 is no VLAN."""
    tags = ((), (0,), (20,), (0, 20), (10, 20))
    frames = [
        tagged(macsec_frame(0x0211223344550001, 0, number, bytes(60)), *identifiers)
        for number in (1, 2, 4)
        for identifiers in tags
    ]
    sensor = watched.sensor(method)
    watched.send(frames)
    found = sensor.stop()
    assert findings(found) == findings(analyzed(gapwatch, tmp_path, frames))
    named = {flow["flow_id"].partition("0001")[2]: flow["packets_received"] for flow in found["flows"]}
    assert named == {" }": 6, ", vlan: 20 }": 6, ", vlan: 10.20 }": 3}
