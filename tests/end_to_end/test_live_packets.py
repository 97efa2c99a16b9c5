# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Packet sockets and libpcap, live: they see what was on the wire, each frame once, and no more."""
import concurrent.futures
import fcntl
import ipaddress
import os
import signal
import socket
import struct
import time
import types

import pytest

from support.capture_file import EN10MB
from support.link import entered, run
from support.numbered import HEAD, analyzed, esp, findings, tagged
from support.sensor import Sensor
from support.transfer import send_over_tcp

METHODS = ("af_packet", "pcap")
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000  # Linux's numbers


@pytest.fixture(params=METHODS)
def packets(request):
    """Each method that classifies in user space."""
    return request.param


def refused(gapwatch, link, *words, prefix=()):
    """Runs capture at the near end, which must end at once. Returns its exit code and its line."""
    command = [*prefix, gapwatch.program, "capture", "--json", *words]
    done = gapwatch.run(*link.near.command(*command)[1:], program=link.near.command(*command)[0])
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1
    return done.returncode, done.stderr.decode()


# --- what is seen ---


def test_sees_what_a_file_of_the_same_frames_holds(packets, watch, gapwatch, tmp_path):
    """Every encapsulation, some with tags that the kernel removes from the frame."""
    pytest.importorskip("scapy", reason="scapy makes the frames: install python3-scapy")
    from support.encapsulations import CASES

    frames = [case.data for case in CASES if case.link_type == EN10MB and len(case.data) >= 14]
    link = watch(mtu=9000)
    sensor = link.sensor(packets)
    link.send(frames)
    assert findings(sensor.stop()) == findings(analyzed(gapwatch, tmp_path, frames))


def test_loss_is_the_same_as_in_a_file(packets, watched, gapwatch, tmp_path):
    frames = [esp(sequence) for sequence in range(1, 1001) if sequence % 7]
    sensor = watched.sensor(packets)
    watched.send(frames)
    found = sensor.stop()
    assert findings(found) == findings(analyzed(gapwatch, tmp_path, frames))
    assert found["summary"]["lost_by_cause"] == {"network": 142, "undetermined": 0}
    assert found["capture"]["sensor_drops"] == 0


@pytest.mark.parametrize("tags", range(6))
def test_a_stripped_tag_counts(tags, packets, watched):
    """Linux stores the first tag beside the frame. It counts as if it were in the frame, up to five
    tags."""
    frames = [tagged(esp(sequence), *range(10, 10 + tags)) for sequence in (1, 2, 4)]
    sensor = watched.sensor(packets)
    watched.send(frames)
    found = sensor.stop()
    assert found["capture"]["bytes"] == sum(map(len, frames))
    assert found["capture"]["counters"]["esp"] == (3 if tags <= 4 else 0)
    assert found["capture"]["counters"]["too_deep"] == (0 if tags <= 4 else 3)


def test_nothing_is_cut_before_a_payload(packets, watched):
    """Four tags, eight labels and PPPoE in front of IPv6 with extension headers."""
    labels = [struct.pack(">I", (16 + label) << 12 | (label == 7) << 8 | 64) for label in range(8)]
    inner = struct.pack(">II", 0x1001, 1) + bytes(32)
    options = bytes([50, 2]) + bytes(22)
    address = ipaddress.ip_address("2001:db8::1").packed
    ip = struct.pack(">IHBB", 6 << 28, len(options + inner), 60, 64) + address * 2
    shim = b"\x88\x64\x11\x00\x00\x11" + struct.pack(">HH", 2 + 32 + 40 + len(options + inner), 0x281)
    frame = tagged(HEAD + shim + b"".join(labels) + ip + options + inner, 1, 2, 3, 4)
    sensor = watched.sensor(packets)
    watched.send([frame])
    assert sensor.stop()["capture"]["counters"]["esp"] == 1


@pytest.mark.parametrize("direction, expected", [("in", 3), ("out", 2), ("both", 5)])
def test_direction(direction, expected, packets, watched):
    sensor = watched.sensor(packets, "--direction", direction)
    watched.near.send([esp(1), esp(2)])
    watched.send([esp(3), esp(4), esp(5)])
    assert sensor.stop()["capture"]["packets"] == expected


def sensor_on(link, interface, method, *options):
    """Returns a sensor on another INTERFACE in the near end's namespace."""
    end = types.SimpleNamespace(interface=interface, command=link.near.command)
    link.sensors.append(Sensor(link.program, end, method, *options))
    link.sensors[-1].await_watching()
    return link.sensors[-1]


@pytest.mark.parametrize("direction", ["both", "in"])
def test_the_loopback_interface_shows_each_frame_once(direction, packets, watched):
    watched.near.run("ip", "link", "set", "lo", "up")
    sensor = sensor_on(watched, "lo", packets, "--direction", direction)
    with entered(watched.near.interface):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender:
        for _ in range(10):
            sender.sendto(bytes(100), ("127.0.0.1", 9))
    (flow,) = [flow for flow in sensor.stop()["flows"] if flow["protocol"] == "udp"]
    assert flow["packets_received"] == 10
    assert flow["total_bytes"] == 10 * (14 + 20 + 8 + 100)


def open_tunnel(name):
    """Returns the descriptor of a new TUN interface, whose packets have no link header."""
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return descriptor


@pytest.mark.skipif(not os.path.exists("/dev/net/tun"), reason="no TUN interfaces here")
@pytest.mark.parametrize("method, workers", [("af_packet", 1), ("af_packet", 2), ("pcap", 1)])
def test_an_interface_without_link_headers(method, workers, watched):
    with entered(watched.near.interface):
        tunnel = open_tunnel("tun0")
    try:
        watched.near.run("ip", "link", "set", "tun0", "up")
        sensor = sensor_on(watched, "tun0", method, "--workers", workers)
        for sequence in (1, 2, 4):
            os.write(tunnel, esp(sequence)[14:])
        found = sensor.stop()
    finally:
        os.close(tunnel)
    assert found["capture"]["link_type"] == "RAW"
    assert found["capture"]["counters"]["esp"] == 3
    assert found["summary"]["total_lost_packets"] == 1


def test_libpcaps_device_for_all_interfaces(watched):
    sensor = sensor_on(watched, "any", "pcap")
    watched.send([esp(1), esp(3)])
    found = sensor.stop()
    assert found["capture"]["link_type"].startswith("LINUX_SLL")
    assert (found["capture"]["counters"]["esp"], found["summary"]["total_lost_packets"]) == (2, 1)


# --- filters ---


def test_filter(packets, watched):
    frames = [esp(1), esp(2, spi=0x2002), esp(3)]
    sensor = watched.sensor(packets, "--filter", "ip[20:4] = 0x1001")
    watched.send(frames)
    assert sensor.stop()["capture"]["packets"] == 2


def test_a_filter_sees_stripped_tags(packets, watched):
    sensor = watched.sensor(packets, "--filter", "vlan 10 and ip proto 50", "--direction", "in")
    watched.near.send([tagged(esp(1), 10)])
    watched.send([tagged(esp(2), 10), tagged(esp(3), 11), esp(4)])
    (flow,) = sensor.stop()["flows"]
    assert (flow["packets_received"], flow["first_sequence"]) == (1, 2)


def test_a_wrong_filter_is_wrong_usage(packets, watched, gapwatch):
    code, line = refused(gapwatch, watched, "--filter", "no such thing", watched.near.interface, packets)
    assert code == 2
    assert "filter 'no such thing'" in line


# --- what is refused ---


def test_no_such_interface(packets, watched, gapwatch):
    code, line = refused(gapwatch, watched, "nosuch0", packets)
    assert (code, line) == (1, "gapwatch: nosuch0: there is no such interface\n")


def test_the_missing_capability_is_named(packets, watched, gapwatch):
    without = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    code, line = refused(gapwatch, watched, watched.near.interface, packets, prefix=without)
    assert code == 1
    assert "needs CAP_NET_RAW" in line


def test_hardware_timestamps_that_there_are_not(packets, watched, gapwatch):
    code, line = refused(gapwatch, watched, "--timestamp", "hw", watched.near.interface, packets)
    assert code == 1
    assert "hardware timestamps" in line


def test_libpcap_has_one_worker(watched, gapwatch):
    code, line = refused(gapwatch, watched, "--workers", "2", watched.near.interface, "pcap")
    assert code == 2
    assert "--workers" in line


# --- merged segments ---


@pytest.mark.parametrize(
    "offloads",
    [{"gro": "on", "tso": "off", "gso": "off"}, {"gro": "on", "tso": "on"}],
    ids=["merged by the receiver", "not yet segmented by the sender"],
)
def test_merged_segments_count_as_they_were_on_the_wire(offloads, watch):
    link = watch(offloads=offloads)
    sensor, merged = link.sensor("af_packet"), link.sensor("pcap")
    there, back = send_over_tcp(link, 3_000_000)
    found = sensor.stop()
    flows = {flow["flow_id"].split(":")[0]: flow for flow in found["flows"]}
    sent, answered = flows["TCP { 192.0.2.2"], flows["TCP { 192.0.2.1"]
    assert sent["packets_received"] == there.segments
    assert abs(answered["packets_received"] - back.segments) <= 1  # except perhaps the last ACK
    # Each segment has an Ethernet, IPv4 and TCP header with 12 octets of options, except in the
    # handshake.
    assert sent["total_bytes"] == there.octets + there.segments * (14 + 20 + 20 + 12) + 8
    assert found["capture"]["packets"] == sum(flow["packets_received"] for flow in found["flows"])
    assert merged.stop()["capture"]["packets"] < there.segments  # libpcap does not report merging


# --- overload ---


def drop_some(link, sensor):
    """Makes the sensor lose frames of a flow with numbers 1 to 60500, of which 50 and 60300 are not
    sent."""
    numbers = [number for number in range(1, 60501) if number not in (50, 60300)]
    frames = [esp(number) for number in numbers]
    link.send(frames[:500])
    time.sleep(0.5)  # until the sensor is idle
    sensor.process.send_signal(signal.SIGSTOP)
    link.send(frames[500:60000])
    sensor.process.send_signal(signal.SIGCONT)
    time.sleep(1)  # until the ring is empty
    link.send(frames[60000:])  # few enough to fit
    return len(frames)


def test_what_the_sensor_drops_is_not_laid_to_the_network(packets, watched):
    sensor = watched.sensor(packets, "--buffer", 1)
    sent = drop_some(watched, sensor)
    found = sensor.stop()
    (flow,) = found["flows"]
    drops = found["capture"]["sensor_drops"]
    assert drops > 1000
    assert flow["packets_received"] + drops == sent
    assert found["summary"]["lost_by_cause"] == {"network": 2, "undetermined": drops}
    causes = {gap["expected_sequence"]: gap["cause"] for gap in found["gaps"]}
    assert (causes.pop(50), causes.pop(60300)) == ("network", "network")
    assert set(causes.values()) == {"undetermined"}
    assert (flow["lost_network"], flow["lost_undetermined"]) == (2, drops)
    assert flow["loss_ratio"] == pytest.approx(2 / (sent + 2 - drops))


@pytest.mark.parametrize("method, workers", [("af_packet", 1), ("af_packet", 2), ("pcap", 1)])
def test_stalls_while_frames_go_on(method, workers, watched):
    """What the sensor reads next is old then, and behind it come frames from after the drops."""
    flows = ("--esp", 3, "--macsec", 3, "--lose", 100)
    each = 150_000
    sensor = watched.sensor(method, "--buffer", 8, "--workers", workers)
    with concurrent.futures.ThreadPoolExecutor() as thread:
        sending = thread.submit(watched.generate, *flows, "--packets", 6 * each, "--rate", 400_000)
        while not sending.done():
            with sensor.stopped():
                time.sleep(0.5)
            time.sleep(0.3)
    time.sleep(1)  # for the ring to be empty: the last frames of each flow come through
    sent = [sending.result(), watched.generate(*flows, "--packets", 6 * 100, "--after", each)]
    found = sensor.stop()
    skipped = (each + 99) // 99 * 6
    drops, lost = found["capture"]["sensor_drops"], found["summary"]["lost_by_cause"]
    assert drops > 1000
    assert found["capture"]["packets"] + drops == sum(part["packets"] for part in sent)
    assert lost["network"] <= skipped
    assert lost["network"] + lost["undetermined"] == skipped + drops


# --- an interface that comes and goes ---


def undetermined_gap(found):
    """Asserts that the numbers 11 to 20 are missing, with any cause."""
    (gap,) = found["gaps"]
    assert (gap["expected_sequence"], gap["received_sequence"]) == (11, 21)
    assert gap["cause"] == "undetermined"
    assert found["capture"]["packets"] == 20


@pytest.mark.parametrize("method, workers", [("af_packet", 1), ("af_packet", 2), ("pcap", 1)])
def test_an_interface_that_is_made_anew(method, workers, watched):
    near = watched.near.interface
    sensor = watched.sensor(method, "--workers", workers)
    watched.send([esp(sequence) for sequence in range(1, 11)])
    time.sleep(0.1)
    watched.take_away()
    sensor.await_saying(f"{near} has gone away")
    watched.make_anew()
    sensor.await_saying(f"{near} has come back")
    time.sleep(1.5)  # until every worker has noticed that it is back and up
    watched.send([esp(sequence) for sequence in range(21, 31)])
    undetermined_gap(sensor.stop())


def test_an_interface_that_goes_down_and_up(packets, watched):
    near = watched.near.interface
    sensor = watched.sensor(packets)
    watched.send([esp(sequence) for sequence in range(1, 11)])
    run("ip", "-n", near, "link", "set", near, "down")
    sensor.await_saying(f"{near} is down")
    run("ip", "-n", near, "link", "set", near, "up")
    sensor.await_saying(f"{near} is up\n")
    watched.send([esp(sequence) for sequence in range(21, 31)])
    undetermined_gap(sensor.stop())


def test_an_interface_that_is_down_at_first(packets, watched):
    near = watched.near.interface
    run("ip", "-n", near, "link", "set", near, "down")
    sensor = watched.sensor(packets)
    run("ip", "-n", near, "link", "set", near, "up")
    sensor.await_saying(f"{near} is up\n")
    watched.send([esp(1), esp(2)])
    assert sensor.stop()["capture"]["packets"] == 2


# --- several workers ---


def in_udp(sequence):
    """Returns esp() in UDP port 4500 (RFC 3948)."""
    frame = esp(sequence)
    udp = struct.pack(">HHHH", 4500, 4500, len(frame) - 34 + 8, 0)
    head = frame[:16] + struct.pack(">H", len(frame) - 14 + 8) + frame[18:23] + b"\x11" + frame[24:34]
    return head + udp + frame[34:]


def fragmented(frame):
    """Returns the IPv4 frame FRAME as a first fragment (RFC 791 3.1: MF is set)."""
    return frame[:20] + b"\x20\x00" + frame[22:]


@pytest.mark.parametrize("workers", [2, 3])
def test_every_flow_stays_with_one_worker(workers, watched):
    """Also in UDP port 4500, as first fragments or whole, as the kernel may see them."""
    kinds = ("macsec", "esp", "esp6", "tcp", "tcp6", "udp", "udp6")
    words = [word for kind in kinds for word in (f"--{kind}", 10)]
    forms = (in_udp, lambda sequence: fragmented(in_udp(sequence)))
    sensor = watched.sensor("af_packet", "--workers", workers)
    sent = watched.generate(*words, "--packets", 70 * 100, "--lose", 10)
    watched.send([forms[sequence % 2](sequence) for sequence in range(1, 101)])
    found = sensor.stop()
    assert len(found["flows"]) == 71
    assert {flow["packets_received"] for flow in found["flows"]} == {100}
    skipped = sum(kind["skipped"] for kind in sent["kinds"].values())
    assert found["summary"]["total_lost_packets"] == skipped > 0
    assert found["capture"]["packets"] == sent["packets"] + 100
