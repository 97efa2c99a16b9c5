# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Peers that move, and SAs that take over from others: in reports, databases and the API.

GAPWATCH_LONG=1 lets more peers move; GAPWATCH_SEED chooses others.
"""
import json
import os
import random
import struct

import pytest

from support.capture_file import FIRST_SECOND, Packet, pcap
from support.database import ask, assert_sound, value
from support.numbered import ADDRESSES, HEAD
from support.server import Server

HERE, THERE, MOVED = ADDRESSES[:4], ADDRESSES[4:], bytes([203, 0, 113, 9])
SPI, NEXT_SPI = 0x1001, 0x2002
SA_FIELDS = "generation, follows, follows_generation, follows_known, lineage, ended"


def dotted(address):
    return ".".join(map(str, address))


def flow_id(spi=SPI, source=HERE, destination=THERE):
    return f"IPsec {{ spi: 0x{spi:08x}, dst: {dotted(destination)}, src: {dotted(source)} }}"


def esp(number, spi=SPI, source=HERE, destination=THERE, port=None):
    """Returns a frame with an ESP packet in IPv4, behind a NAT that uses PORT in UDP."""
    payload = struct.pack(">II", spi, number) + bytes(32)
    if port:
        payload = struct.pack(">HHHH", port, 4500, 8 + len(payload), 0) + payload
    head = (0x45, 0, 20 + len(payload), 0, 0, 64, 17 if port else 50, 0)
    return HEAD + b"\x08\x00" + struct.pack(">BBHHHBBH", *head) + source + destination + payload


def run(start, first, last, apart=0.01, **fields):
    """Returns the frames FIRST to LAST, from START on and APART seconds apart, with their times."""
    numbers = range(first, last + 1)
    return [(start + apart * (number - first), esp(number, **fields)) for number in numbers]


def in_file(timed):
    """Returns a capture file of frames with their times."""
    return pcap(
        Packet(frame, second=FIRST_SECOND + int(time), fraction=int(time % 1 * 1e6)) for time, frame in timed
    )


@pytest.fixture(name="analyze")
def fixture_analyze(gapwatch, tmp_path):
    """Returns a function that analyses frames with their times, and gives the flows by id. The
    database must say the same."""
    database = tmp_path / "results.db"

    def analyze(*parts, protocols="esp,udp", options=()):
        path = tmp_path / "frames.pcap"
        timed = sorted((part for part in sum(parts, [])), key=lambda frame: frame[0])
        path.write_bytes(in_file(timed))
        options = (*options, "--protocols", protocols, "--db", database, "--replace")
        found = gapwatch.analyze(path, *options)
        assert_sound(database)
        flows = {flow["flow_id"]: flow for flow in found["flows"]}
        for name, flow in flows.items():
            for figure in ("follows", "follows_known", "moved_to", "lineage", "silent_since"):
                sql = f"SELECT {figure} FROM flows WHERE flow_id = ?"
                assert value(database, sql, name) == flow[figure], (name, figure)
            sql = f"SELECT {SA_FIELDS} FROM sas WHERE flow_id = ? ORDER BY generation DESC"
            assert ask(database, sql, name) == [
                tuple(sa[field.strip()] for field in SA_FIELDS.split(",")) for sa in flow["sas"]
            ]
        return flows

    analyze.database = database
    return analyze


def events(database, kind):
    sql = "SELECT flow_id, detail FROM events WHERE kind = ? ORDER BY id"
    return [(name, json.loads(detail)) for name, detail in ask(database, sql, kind)]


@pytest.mark.parametrize("ports", ((None, None), (4500, 61234)), ids=("ESP", "in UDP"))
def test_a_peer_moves_and_comes_back(ports, analyze):
    old, new = ports
    flows = analyze(
        run(0, 1, 1000, port=old),
        run(20, 1004, 2000, source=MOVED, port=new),
        run(80, 2002, 3000, port=old),
    )
    here, there = flows[flow_id()], flows[flow_id(source=MOVED)]
    assert len(flows) == 2
    assert (there["follows"], there["follows_known"]) == (flow_id(), "certain")
    assert (here["follows"], here["follows_known"]) == (flow_id(source=MOVED), "certain")
    assert (here["moved_to"], there["moved_to"]) == (None, flow_id())
    assert here["lineage"] == there["lineage"] == flow_id()
    assert (here["total_lost_packets"], there["total_lost_packets"]) == (1, 3)
    assert here["silent_since"] is there["silent_since"] is None
    assert events(analyze.database, "moved") == [
        (flow_id(source=MOVED), {"follows": flow_id()}),
        (flow_id(), {"follows": flow_id(source=MOVED)}),
    ]
    assert events(analyze.database, "undone") == []


def wandering(source, spi, start):
    """An SA whose peer moves at random, also to where it was before. Returns its frames with their times,
    and the distinct numbers."""
    number = source.choice([1, 2**32 - source.randrange(1, 600), source.randrange(1, 2**32)])
    places = [bytes([192, 0, 2, at + 1]) for at in range(source.randint(2, 5))]
    chance, is_swapped = source.choice([0, 0.01, 0.05]), source.random() < 0.3
    place, sent = places[0], []
    for _ in range(source.randint(2, 7)):
        stretch = []
        for _ in range(source.randint(70, 200)):
            number += source.choice([1, 1, 2, 10]) if stretch and source.random() < chance else 0
            stretch.append(number)
            number += 1
        for at in range(5, len(stretch) - 6, 2) if is_swapped else ():
            stretch[at : at + 2] = stretch[at + 1], stretch[at]
        sent += [(each, place) for each in stretch]
        number += source.choice([0, 0, 1, 5, 100, 1000, 3000])
        place = source.choice([other for other in places if other != place])
    timed = [
        (start + at / 1000, esp(each % 2**32, spi, place)) for at, (each, place) in enumerate(sent)
    ]
    return timed, {each for each, _ in sent}


def test_wherever_a_peer_moves_the_loss_is_that_of_its_sa(analyze):
    seed = os.environ.get("GAPWATCH_SEED", "wandering")
    source = random.Random(seed)
    spis = range(0x1000, 0x1000 + (1000 if os.environ.get("GAPWATCH_LONG") else 60))
    made = {spi: wandering(source, spi, 3 * at) for at, spi in enumerate(spis)}
    flows = analyze(*(frames for frames, _ in made.values())).values()
    for spi, (_, numbers) in made.items():
        own = [flow for flow in flows if f"0x{spi:08x}" in flow["flow_id"]]
        lost = max(numbers) - min(numbers) + 1 - len(numbers)
        assert sum(flow["lost_network"] for flow in own) == lost, (seed, spi)
        assert len({flow["lineage"] for flow in own}) == 1, (seed, spi)
        assert sum(flow["moved_to"] is None for flow in own) == 1, (seed, spi)


def test_another_sender_with_this_spi_is_no_move(analyze):
    """Its numbers are near, but the first one goes on where it stopped."""
    flows = analyze(
        run(0, 1, 1000), run(10, 1004, 2000, source=MOVED), run(20, 1001, 3000, apart=0.005)
    )
    for flow in flows.values():
        assert flow["follows"] is flow["moved_to"] is flow["lineage"] is None
        assert flow["total_lost_packets"] == 0
    assert len(events(analyze.database, "undone")) == 1


def test_the_old_flow_of_a_rekey_is_not_silent(analyze):
    flows = analyze(run(0, 1, 1000), run(10, 1, 9000, spi=NEXT_SPI), run(0, 1, 100, spi=7777, destination=MOVED))
    old, new = flows[flow_id()], flows[flow_id(NEXT_SPI)]
    assert (new["follows"], new["follows_known"]) == (flow_id(), "probable")
    assert old["lineage"] == new["lineage"] == flow_id()
    assert old["follows"] is old["moved_to"] is old["silent_since"] is None
    assert [sa["ended"] for sa in (*old["sas"], *new["sas"])] == [True, False]
    assert flows[flow_id(7777, destination=MOVED)]["silent_since"]


def test_hosts_behind_one_nat_have_a_lineage_each(analyze):
    """Port 4500 is in --esp-port, too, where no frames have to agree."""
    for options in ((), ("--esp-port", "4500")):
        flows = analyze(
            run(0, 1, 1000, port=10001),
            run(10, 1, 1000, port=10001, spi=NEXT_SPI),
            run(3, 1, 1000, port=10002, spi=0x3003),
            run(14, 1, 1000, port=10003, spi=0x4004),
            options=options,
        )
        assert [flow["source_port"] for _, flow in sorted(flows.items())] == [10001, 10001, 10002, 10003]
        found = {name: flow["follows"] for name, flow in flows.items() if flow["follows"]}
        assert found == {flow_id(NEXT_SPI): flow_id()}


def test_a_lineage_goes_on_when_the_sensor_is_started_anew(gapwatch, tmp_path):
    """Twice, the second time after a rekey that no sensor saw."""
    store = tmp_path / "weeks.db"
    captures = (
        run(0, 1, 1000, spi=0x1000) + run(10, 1, 500, spi=0x1001),
        run(20, 600, 1000, spi=0x1001) + run(25, 1, 500, spi=0x1002),
        run(40, 600, 1000, spi=0x1002),
        run(60, 600, 1000, spi=0x1003),
    )
    for frames in captures:
        (tmp_path / "frames.pcap").write_bytes(in_file(frames))
        assert gapwatch.run("analyze", "-q", tmp_path / "frames.pcap", "--db", store).returncode == 0
    first = flow_id(0x1000)
    assert ask(store, "SELECT capture_id, flow_id, lineage FROM sas ORDER BY capture_id, flow_id") == [
        (1, first, first),
        (1, flow_id(0x1001), first),
        (2, flow_id(0x1001), first),
        (2, flow_id(0x1002), first),
        (3, flow_id(0x1002), first),
        (4, flow_id(0x1003), None),
    ]
    unequal = "SELECT count(*) FROM flows JOIN sas ON sas.flow = flows.id WHERE sas.lineage IS NOT flows.lineage"
    assert value(store, unequal) == 0


def ike(exchange_type, port, version=0x20):
    """Returns a frame with an IKE header (RFC 7296 3.1), behind the marker of RFC 3948 on port 4500."""
    payload = struct.pack(">QQBBBBII", 1, 2, 46, version, exchange_type, 8, 1, 28)
    payload = (bytes(4) if port == 4500 else b"") + payload
    datagram = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(datagram), 0, 0, 64, 17, 0)
    return HEAD + b"\x08\x00" + head + THERE + HERE + datagram


@pytest.mark.parametrize(
    "frame, known",
    (
        (ike(36, 500), "probable"),
        (ike(36, 4500), "probable"),
        (ike(37, 500), None),
        (ike(36, 501), None),
        (ike(36, 500, version=0x10), None),
        (ike(36, 500)[:55], None),
    ),
    ids=("500", "4500", "informational", "port", "IKEv1", "cut"),
)
def test_an_exchange_of_ike_allows_a_longer_pause(frame, known, analyze):
    flows = analyze(run(0, 1, 1000), [(35, frame)], run(40, 1, 1000, spi=NEXT_SPI))
    assert flows[flow_id(NEXT_SPI)]["follows_known"] == known
    assert any(name.startswith("UDP") for name in flows)


def test_ike_is_seen_when_only_esp_is_tracked(analyze):
    flows = analyze(
        run(0, 1, 1000), [(35, ike(36, 4500))], run(40, 1, 1000, spi=NEXT_SPI), protocols="esp"
    )
    assert len(flows) == 2
    assert flows[flow_id(NEXT_SPI)]["follows"] == flow_id()


def test_sas_of_each_processor_are_no_rekeys(analyze):
    """RFC 9611: several SAs between the same hosts. None is silent because it is idle."""
    flows = analyze(
        run(0, 1, 500, spi=0x1000),
        run(0.1, 1, 9000, spi=0x1001),
        run(5.2, 1, 500, spi=0x1002),
        run(10.3, 1, 200, spi=0x1003),
    )
    for flow in flows.values():
        assert flow["follows"] is flow["lineage"] is flow["silent_since"] is None
        assert not flow["sas"][0]["ended"]


def test_lineage_in_the_api(gapwatch, analyze):
    analyze(*(run(10 * k, 1, 1000, spi=0x1000 + k) for k in range(5)))
    with Server(gapwatch.program, "--db", analyze.database) as server:
        flows = server.api("flows")["flows"]
        sas = server.api("sas")["sas"]
    names = [flow_id(0x1000 + k) for k in range(5)]
    assert {flow["flow_id"]: flow["follows"] for flow in flows} == dict(zip(names, [None, *names]))
    assert {sa["lineage"] for sa in sas} == {names[0]}
    assert {sa["flow_id"]: sa["follows"] for sa in sas} == dict(zip(names, [None, *names]))
