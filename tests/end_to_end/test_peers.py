# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Sums for each pair of peers, in the report, the API and the dashboard: at a hub with three sites one sees which
site loses."""
import contextlib
import sqlite3
import struct

import pytest

from model.frames import macsec_frame
from support import browser
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import HEAD
from support.server import Server, wait_for
from support.simulated_path import dotted, esp_bytes

HUB = (198, 51, 100, 1)
SITES = [(192, 0, 2, 1), (192, 0, 2, 2), (192, 0, 2, 3)]
LOSSY = SITES[1]
REKEYS = 3
NUMBERS = 400  # of each SA
SCI = 0x0200000000010001


def udp():
    """A datagram without a sequence number."""
    head = struct.pack(">BBHHHBBH", 0x45, 0, 36, 0, 0, 64, 17, 0) + bytes(SITES[0]) + bytes(HUB)
    return HEAD + b"\x08\x00" + head + struct.pack(">HHHH", 5000, 6000, 16, 0) + bytes(8)


def frames():
    """The sites and the hub send to each other; each 20th frame of one site is lost."""
    for sa in range(REKEYS):
        for number in range(1, NUMBERS + 1):
            for place, site in enumerate(SITES):
                spi = 0x1000 + 0x100 * place + 2 * sa
                if site != LOSSY or number % 20:
                    yield esp_bytes(spi, number, site, HUB)
                yield esp_bytes(spi + 1, number, HUB, site)
            yield macsec_frame(SCI, 0, sa * NUMBERS + number, bytes(48))
            yield udp()


@pytest.fixture(scope="module")
def capture(tmp_path_factory):
    path = tmp_path_factory.mktemp("peers") / "hub.pcap"
    packets = [Packet(frame, second=FIRST_SECOND + i // 1000, fraction=i % 1000 * 1000) for i, frame in enumerate(frames())]
    path.write_bytes(pcap(packets))
    return path


@pytest.fixture(scope="module")
def server(gapwatch, capture):
    store = capture.with_name("store.db")
    done = gapwatch.run("analyze", "--quiet", capture, "--db", store)
    assert done.returncode == 0, done.stderr.decode()
    with Server(gapwatch.program, "--db", store) as running:
        yield running


def by_peers(answer):
    return {(pair["source"], pair["destination"]): pair for pair in answer["peers"]}


def test_the_api_tells_which_site_loses(server):
    answer = server.json("/api/v1/peers")
    assert (answer["count"], answer["total"], answer["total_is_exact"], answer["next"]) == (7, 7, True, None)
    worst = answer["peers"][0]
    lost = REKEYS * (NUMBERS // 20 - 1)  # what is lost behind the last frame of an SA is not seen
    assert (worst["source"], worst["destination"]) == (dotted(LOSSY), dotted(HUB))
    assert (worst["flows"], worst["lost_network"], worst["lost_undetermined"]) == (REKEYS, lost, 0)
    received = REKEYS * (NUMBERS - NUMBERS // 20)
    assert worst["packets_received"] == received
    assert worst["loss_ratio"] == pytest.approx(lost / (lost + received))
    assert {pair["total_lost_packets"] for pair in answer["peers"][1:]} == {0}
    channel = by_peers(answer)["02:00:00:00:00:01", None]
    assert (channel["flows"], channel["packets_received"]) == (1, REKEYS * NUMBERS)


def test_pages_and_times(server):
    everything = server.json("/api/v1/peers")["peers"]
    assert server.json("/api/v1/peers?limit=3&offset=2")["peers"] == everything[2:5]
    ever = by_peers(server.json("/api/v1/peers?since=2000-01-01T00:00:00Z"))
    for peers, pair in by_peers({"peers": everything}).items():
        assert ever[peers] == pair
    assert server.json("/api/v1/peers?since=2100-01-01T00:00:00Z")["peers"] == []


def test_the_index_is_used(capture, server):
    del server  # made the database
    asked = """EXPLAIN QUERY PLAN SELECT sum(lost_network) FROM flows WHERE capture_id = 1
    AND protocol NOT IN ('tcp', 'udp') GROUP BY source, destination"""
    with contextlib.closing(sqlite3.connect(capture.with_name("store.db"))) as database:
        [(*_, plan)] = database.execute(asked).fetchall()
    assert "flows_by_peers" in plan


def test_the_report_tells_which_site_loses(gapwatch, capture):
    assert b"Peers:" not in gapwatch.run("analyze", "--quiet", capture).stdout
    lines = gapwatch.run("analyze", "--quiet", "--peers", capture).stdout.decode().splitlines()
    begin = lines.index("Peers:")
    worst = lines[begin + 3].split()
    assert worst == ["57", "0", "4.762", "1140", "3", dotted(LOSSY), "->", dotted(HUB)]
    assert [line.split()[0] for line in lines[begin + 4 : begin + 10]] == ["0"] * 6
    assert lines[begin + 10] == ""


def test_the_dashboard_tells_which_site_loses(server, driver):
    page = browser.Page(driver, server)
    page.open()
    wait_for(lambda: page.rows("peers-rows"))
    assert page.rows("peers-rows")[0][:3] == [dotted(LOSSY), dotted(HUB), "57"]
    assert page.text("peers-note") == "Whole capture"
    assert page.complaints() == []
    page.resize(360, 740)
    wide = "return [...document.querySelectorAll('#peers, #peers-rows td')].filter(e => e.scrollWidth > e.clientWidth).length"
    assert page.script(wide) == 0
    broken = "return [...document.querySelectorAll('#peers-rows a')].filter(e => e.getClientRects().length > 1).length"
    assert page.script(broken) == 0
