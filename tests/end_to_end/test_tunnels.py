# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What is inside of tunnels is found, from files and live, in the kernel and outside of it.

GAPWATCH_LONG=1 mutates a million frames; GAPWATCH_SEED repeats a run.
"""
import os
import random

import pytest

pytest.importorskip("scapy", reason="scapy makes the frames: install python3-scapy")

from support import esp_in_tcp, mka, tunnels  # noqa: E402
from support.capture_file import Packet, pcap  # noqa: E402
from support.kernel import assert_agrees  # noqa: E402
from support.numbered import analyzed, findings  # noqa: E402
from support.tunnels import FRAME, TUNNELS  # noqa: E402

NUMBERS = 200
LOST = (50, 51, 120)
CAME = [number for number in range(1, NUMBERS + 1) if number not in LOST]
MUTATED = 1_000_000 if os.environ.get("GAPWATCH_LONG") else 20_000
NAMED = {tunnel.name: tunnel for tunnel in TUNNELS}


def stream(tunnel, family):
    """Frames of every kind that TUNNEL carries, of which LOST were lost before they came into it."""
    templates = [tunnels.Template(tunnel, kind, family) for kind in tunnels.kinds_in(tunnel)]
    pairs = [(number, template) for number in CAME for template in templates]
    return [template(number, own) for own, (number, template) in enumerate(pairs)]


def expected(tunnel, family):
    return {tunnels.flow_id(kind, family) for kind in tunnels.kinds_in(tunnel)}


def ways():
    return [(tunnel, family) for tunnel in TUNNELS for family in tunnel.families]


def write(folder, frames):
    path = folder / "tunnels.pcap"
    path.write_bytes(pcap(frames))
    return path


def assert_found(found, flows, times=1):
    """FOUND has FLOWS and nothing else, each with NUMBERS less LOST, TIMES over."""
    assert {flow["flow_id"] for flow in found["flows"]} == flows
    for flow in found["flows"]:
        assert flow["packets_received"] == times * len(CAME)
        assert (flow["total_lost_packets"], flow["lost_undetermined"]) == (len(LOST), 0)


# --- files ---


@pytest.mark.parametrize("tunnel, family", ways(), ids=lambda value: f"{value}")
def test_file(tunnel, family, gapwatch, tmp_path):
    found = gapwatch.analyze(write(tmp_path, stream(tunnel, family)))
    assert_found(found, expected(tunnel, family))
    counters = {name: count for name, count in found["capture"]["counters"].items() if count}
    assert not {"udp", "tcp", "other_ip", "not_ip"} & set(counters) and sum(counters.values()) == found["capture"]["packets"]
    assert found["capture"]["mirror_lost_packets"] == 0


def outcomes(gapwatch, folder, frames):
    return [record["outcome"] for record in gapwatch.records(write(folder, frames))]


def test_what_has_no_number_counts_as_the_outermost_ip_header(gapwatch, tmp_path):
    """Where there is no outer IP header, it counts as the only IP header."""
    frames = [tunnels.plain(tunnel, family) for tunnel, family in ways()]
    found = [record["flow_id"] for record in gapwatch.records(write(tmp_path, frames))]
    said = outcomes(gapwatch, tmp_path, frames)
    assert said == [tunnel.outer or "tcp" for tunnel, _ in ways()]
    for (tunnel, family), flow_id in zip(ways(), found):
        if tunnel.outer == "udp":
            assert (tunnels.OUTER4 if family == 4 else tunnels.OUTER6)[0] in flow_id


def all_tunnelled():
    """One ESP or MACsec frame in each tunnel."""
    frames = []
    for tunnel, family in ways():
        kind = tunnels.kinds_in(tunnel)[0]
        frames.append((tunnel, tunnel.wrap(tunnels.payload(kind, 7)[tunnel.carries], family, 1)))
    return frames


@pytest.mark.parametrize("cut", ("snapped", "short"))
def test_cuts(cut, gapwatch, tmp_path):
    """A frame that ends early, by the snap length or on the wire, belongs to no flow if it is very short, else to that
    of its outermost header, and if it is long enough, to that of what is inside; never to another."""
    for tunnel, frame in all_tunnelled():
        lengths = range(len(frame) + 1)
        whole = len(frame) if cut == "snapped" else -1
        packets = [Packet(frame[:length], wire_length=whole) for length in lengths]
        said = outcomes(gapwatch, tmp_path, packets)
        inside = said[-1]
        assert inside in ("esp", "macsec"), tunnel.name
        order = ["truncated" if cut == "snapped" else "malformed"]
        order += [outer for outer in (tunnel.outer,) if outer] + [inside]
        changes = [said[0]] + [after for before, after in zip(said, said[1:]) if after != before]
        assert changes == order or (cut == "short" and "not_ip" in changes), (tunnel.name, changes)
        flows = {record["flow_id"] for record in gapwatch.records(write(tmp_path, packets)) if record["outcome"] == inside}
        assert len(flows) == 1


# --- how deep ---


def nested(names, frame):
    """FRAME in the tunnels of NAMES, the first of which is the outermost."""
    for name in reversed(names):
        frame = NAMED[name].wrap(frame, 4, 1)
    return frame


BRIDGES = [tunnel.name for tunnel in TUNNELS if tunnel.carries == FRAME and tunnel.outer]


@pytest.mark.parametrize("outer", BRIDGES)
def test_two_deep(outer, gapwatch, tmp_path):
    frame = tunnels.payload("esp4", 7)[FRAME]
    two = [nested([outer, inner], frame) for inner in BRIDGES]
    assert outcomes(gapwatch, tmp_path, two) == ["esp"] * len(two)
    three = [nested([outer, inner, "VXLAN"], frame) for inner in BRIDGES]
    assert outcomes(gapwatch, tmp_path, three) == ["too_deep"] * len(three)


def test_pseudowires_are_no_tunnels(gapwatch, tmp_path):
    frame = tunnels.payload("esp4", 7)[FRAME]
    names = ["pseudowire", "VXLAN", "pseudowire, control word", "ERSPAN II"]
    frames = [nested(names, frame), nested(["pseudowire"] * 2, frame), nested(["pseudowire"] * 3, frame)]
    assert outcomes(gapwatch, tmp_path, frames) == ["esp", "esp", "too_deep"]


@pytest.mark.parametrize("name", ("pseudowire", "pseudowire, control word"))
def test_tags_in_pseudowires(name, gapwatch, tmp_path):
    """An EtherType behind a tag stands where one would be behind a control word."""
    frame = tunnels.payload("macsec", 7)[FRAME]
    tagged = [tunnels.tagged(frame, tag) for tag in (bytes.fromhex("81000014"), bytes.fromhex("88a8000a81000014"))]
    path = write(tmp_path, [NAMED[name].wrap(frame, 4, 0) for frame in (frame, *tagged)])
    found = [record["flow_id"] for record in gapwatch.records(path)]
    sci = "MACsec { sci: 0x0211223344550001"
    assert found == [f"{sci} }}", f"{sci}, vlan: 20 }}", f"{sci}, vlan: 10.20 }}"]


def test_bombs(gapwatch, tmp_path):
    """As many tunnels in each other as fit in a frame: each frame ends in one counter."""
    frame = tunnels.payload("esp4", 7)[FRAME]
    bombs = [nested([name] * 30, frame) for name in [*BRIDGES, "pseudowire", "all tags", "R tag"]]
    packet = tunnels.payload("esp4", 7)[tunnels.PACKET]
    for _ in range(200):
        packet = bytes(tunnels.IP(src="192.0.2.1", dst="192.0.2.2", proto=4) / tunnels.Raw(packet))
    bombs.append(tunnels.ethernet(packet, 0x0800))
    assert outcomes(gapwatch, tmp_path, bombs) == ["too_deep"] * len(bombs)


# --- --tunnels ---


@pytest.mark.parametrize("option", sorted({tunnel.option for tunnel in TUNNELS if tunnel.option}))
def test_one_alone(option, gapwatch, tmp_path):
    """--tunnels opens only the tunnels that it names; encapsulations that are no tunnels stay open."""
    chosen = [(tunnel, frame) for tunnel, frame in all_tunnelled() for _ in range(3)]
    found = gapwatch.analyze(write(tmp_path, [frame for _, frame in chosen]), "--tunnels", option)
    inside = sum(tunnel.option in (option, "") for tunnel, _ in chosen)
    counters = found["capture"]["counters"]
    assert counters["esp"] + counters["macsec"] == inside
    assert counters["udp"] + counters["other_ip"] + counters["ah"] == len(chosen) - inside


def test_none(gapwatch, tmp_path):
    path = write(tmp_path, stream(NAMED["VXLAN"], 4))
    found = gapwatch.analyze(path, "--tunnels", "none")
    assert [flow["protocol"] for flow in found["flows"]] == ["udp"]


# --- mirrors ---


def mirrored(wrap, lost_by_network=(), lost_by_mirror=(), numbers=range(1, 301)):
    """Frames of an ESP flow in a mirror that numbers what it is shown: the network lost some before
    the mirror, the mirror others on the way to the sensor."""
    frames, shown = [], 0xFFFFFFF0  # its numbers begin anew meanwhile
    for number in numbers:
        if number in lost_by_network:
            continue
        if number not in lost_by_mirror:
            frames.append(wrap(tunnels.payload("esp4", number)[FRAME], 4, shown & 0xFFFFFFFF))
        shown += 1
    return frames


def assert_mirror(found, network, undetermined):
    (flow,) = found["flows"]
    assert (flow["lost_network"], flow["lost_undetermined"]) == (network, undetermined)
    assert found["capture"]["mirror_lost_packets"] == undetermined
    assert all(gap["cause"] in ("network", "undetermined") for gap in found["gaps"])


@pytest.mark.parametrize("wrap", (tunnels.erspan_2, tunnels.erspan_3), ids=("II", "III"))
def test_what_the_mirror_lost_is_undetermined(wrap, gapwatch, tmp_path):
    frames = mirrored(wrap, lost_by_network=(50, 51), lost_by_mirror=(100, 101, 102, 200))
    assert_mirror(gapwatch.analyze(write(tmp_path, frames)), 2, 4)
    report = gapwatch.run("analyze", write(tmp_path, frames)).stdout.decode()
    assert "Lost by mirrors before the sensor: 4\n" in report


def test_late_frames_of_a_mirror_are_not_lost(gapwatch, tmp_path):
    frames = mirrored(tunnels.erspan_2)
    frames[100], frames[110] = frames[110], frames[100]
    assert_mirror(gapwatch.analyze(write(tmp_path, frames)), 0, 0)


def test_a_mirror_that_begins_anew_lost_nothing(gapwatch, tmp_path):
    frames = mirrored(tunnels.erspan_2, numbers=range(1, 151))
    frames += mirrored(tunnels.erspan_2, numbers=range(151, 301))
    assert_mirror(gapwatch.analyze(write(tmp_path, frames)), 0, 0)


def test_what_came_while_a_mirror_began_anew_is_undetermined(gapwatch, tmp_path):
    frames = mirrored(tunnels.erspan_2, lost_by_network=(20,), numbers=range(1, 151))
    frames += mirrored(tunnels.erspan_2, lost_by_network=(250,), numbers=range(171, 301))
    (flow,) = gapwatch.analyze(write(tmp_path, frames))["flows"]
    assert (flow["lost_network"], flow["lost_undetermined"]) == (2, 20)


def test_forged_frames_of_a_mirror_change_no_cause(gapwatch, tmp_path):
    frames = mirrored(tunnels.erspan_2, lost_by_network=range(100, 200))
    forged = [tunnels.erspan_2(tunnels.payload("esp4", 50)[FRAME], 4, number) for number in (40000, 40001)]
    assert_mirror(gapwatch.analyze(write(tmp_path, frames[:99] + forged + frames[99:])), 100, 0)


def test_what_a_mirror_lost_in_a_long_row_is_undetermined(gapwatch, tmp_path):
    frames = mirrored(tunnels.erspan_2, lost_by_mirror=range(100, 200))
    assert_mirror(gapwatch.analyze(write(tmp_path, frames)), 0, 100)
    assert_mirror(gapwatch.analyze(write(tmp_path, frames), "--window", 1), 0, 100)


def test_mirrors_are_told_apart(gapwatch, tmp_path):
    """By session: two with numbers of their own, one of which loses some."""
    one = mirrored(tunnels.erspan_2)
    other = mirrored(lambda *args: tunnels.erspan_2(*args, session=9), lost_by_mirror=(7, 8))
    frames = [frame for pair in zip(one, other) for frame in pair]
    found = gapwatch.analyze(write(tmp_path, frames))
    assert found["capture"]["mirror_lost_packets"] == 2


# --- live ---


def test_every_tunnel_live(method, watch, gapwatch, tmp_path):
    """By each method, the same as from a file of the same frames."""
    frames = [frame for tunnel, family in ways() for frame in stream(tunnel, family)]
    link = watch(mtu=9000)
    sensor = link.sensor(method, "--buffer", 256)
    link.send(frames)
    found = sensor.stop()
    assert findings(found) == findings(analyzed(gapwatch, tmp_path, frames))
    assert found["capture"]["sensor_drops"] == 0


def test_mirror_live(method, watched):
    sensor = watched.sensor(method)
    watched.send(mirrored(tunnels.erspan_2, (50, 51), (100, 101, 102, 200)))
    assert_mirror(sensor.stop(), 2, 4)


def mirrored_flows(count, numbers, lost_by_mirror):
    """COUNT flows in turn, in one mirror; it loses each flow's numbers LOST_BY_MIRROR."""
    payloads = [tunnels.payload("esp4", tunnels.NUMBER_MARK)[FRAME] for _ in range(count)]
    payloads = [frame.replace(b"\0\0\x10\x01", bytes([0, 1, flow, 0])) for flow, frame in enumerate(payloads)]
    templates = [tunnels.erspan_2(frame, 4, tunnels.OWN_MARK) for frame in payloads]
    frames, shown = [], 0
    for number in numbers:
        for template in templates:
            shown += 1
            if number not in lost_by_mirror:
                frame = tunnels.replaced(template, tunnels.NUMBER_MARK, number)
                frames.append(tunnels.replaced(frame, tunnels.OWN_MARK, shown))
    return frames


@pytest.mark.parametrize("workers", (1, 4))
@pytest.mark.parametrize("given", ("xdp", "tc", "af_packet"))
def test_the_mirror_of_several_flows(given, workers, watched, obstacle_to_bpf):
    """What it lost concerns all of them, whichever worker they would have gone to."""
    sensor = watched.sensor(given, "--workers", workers)
    watched.send(mirrored_flows(8, range(1, 301), (100, 101)))
    found = sensor.stop()
    assert found["capture"]["mirror_lost_packets"] == 16
    assert [flow["lost_undetermined"] for flow in found["flows"]] == [2] * 8
    assert [flow["lost_network"] for flow in found["flows"]] == [0] * 8


@pytest.mark.parametrize("workers", (1, 4))
def test_a_mirror_while_the_sensor_stands_still(workers, bpf_method, watched):
    """The mirror's numbers go through the map of missed frames, as all others do."""
    frames = mirrored_flows(8, range(1, 6001), (3000, 3001))
    sensor = watched.sensor(bpf_method, "--buffer", 1, "--workers", workers)
    with sensor.stopped():
        watched.send(frames)
    found = sensor.stop()
    assert sum(flow["unobserved_packets"] for flow in found["flows"]) > 0
    assert found["capture"]["mirror_lost_packets"] == 16
    for flow in found["flows"]:
        assert flow["packets_received"] == 5998
        assert flow["total_lost_packets"] == 2


def test_headers_outside_of_the_linear_part(method, watch, gapwatch, tmp_path):
    """What a tunnel carries may lie in the part of a packet that TC can read only after moving it."""
    link = watch(mtu=9000)
    sensor = link.sensor(method)
    frames = [frame + bytes(5000) for _, frame in all_tunnelled()]
    link.send(frames)
    found = sensor.stop()
    assert findings(found) == findings(analyzed(gapwatch, tmp_path, frames))


# --- the kernel's classifier ---


def mutate(frame, chance):
    """FRAME with some octets changed, and now and then cut."""
    octets = bytearray(frame)
    for _ in range(chance.choice((0, 1, 1, 2, 4, 16))):
        at = chance.randrange(min(len(octets), 160))
        octets[at] = chance.choice((octets[at] ^ 1 << chance.randrange(8), chance.randrange(256), 0, 255))
    if chance.random() < 0.1:
        del octets[chance.randrange(len(octets)) :]
    wire = len(octets) + chance.choice((0, 0, 0, 40))
    return Packet(bytes(octets), wire_length=wire)


def test_kernel_and_user_space_agree_on_mutated_frames(gapwatch, tmp_path):
    seed = int(os.environ.get("GAPWATCH_SEED", random.randrange(2**32)))
    print("GAPWATCH_SEED", seed)
    chance = random.Random(seed)
    originals = [frame for tunnel, family in ways() for frame in stream(tunnel, family)[:6]]
    originals += [nested([outer, inner], tunnels.payload("esp4", 7)[FRAME]) for outer in BRIDGES for inner in BRIDGES]
    originals += 5 * esp_in_tcp.stream(esp_in_tcp.PREFIX + esp_in_tcp.ike(), esp_in_tcp.ike(), esp_in_tcp.esp(7))
    originals += 5 * [mka.pdu(1, mka.sak_use(1, 1, 7), mka.distributed(1, 7, "GCM-AES-256"), mka.xpn(1 << 32))]
    for start in range(0, MUTATED, 20_000):
        frames = [mutate(chance.choice(originals), chance) for _ in range(20_000)]
        assert assert_agrees(gapwatch, write(tmp_path, frames)) == 20_000, start
