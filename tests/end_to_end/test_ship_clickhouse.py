# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`gapwatch ship` to ClickHouse: with everything that goes wrong, the rows there are those of SQLite, and
the views say what SQLite and `gapwatch compare` say."""
import collections
import json
import random
import subprocess
import time

import pytest

from conftest import ROOT
from model.frames import capture
from model.streams import frames
from support.capture_file import Packet, pcap
from support.database import ask, value
from support.shipping import ClickHouse, Proxy, assert_same, require_clickhouse
from support.small_capture import LINK_TYPE, esp_packet
from support.waiting import PATIENCE_SECONDS

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
MANY_FLOWS = 3000


@pytest.fixture(scope="module", name="server")
def fixture_server(tmp_path_factory):
    require_clickhouse()
    with ClickHouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(name="target")
def fixture_target(server, gapwatch, request):
    """The name of a database with the tables, of the test's own."""
    name = request.node.name.split("[")[0]
    server.make(gapwatch, name)
    return name


def command(gapwatch, server, database, target, *options, port=None):
    words = ["ship", "--db", database, "--to", server.url(target, port), "--auth-file", server.auth]
    return [str(word) for word in (gapwatch.program, *words, *options)]


def ship(gapwatch, server, database, target, *options, port=None):
    words = command(gapwatch, server, database, target, "--once", *options, port=port)
    done = subprocess.run(words, capture_output=True, check=False, timeout=PATIENCE_SECONDS)
    assert done.returncode == 0, done.stderr


def shipped(server, target, sensor=None):
    """The rows of a table, as a function."""
    only = f" WHERE sensor = '{sensor}'" if sensor else ""
    return lambda table: server.rows(f"SELECT * FROM {table} FINAL{only}", target)


def analyzed(gapwatch, tmp_path, seed=5):
    database, stream = tmp_path / "results.db", tmp_path / "stream.pcap"
    stream.write_bytes(capture(frames(random.Random(seed), 32, 40, 500)))
    gapwatch.analyze("--db", database, SAMPLE)
    gapwatch.analyze("--db", database, stream)
    return database


def test_rows_are_equal(gapwatch, server, target, tmp_path):
    database = analyzed(gapwatch, tmp_path)
    ship(gapwatch, server, database, target)
    assert_same(database, shipped(server, target))
    assert value(database, "SELECT count(*) FROM events") == int(
        server.ask("SELECT count() FROM events FINAL", target)
    )


def many(tmp_path, seed):
    """A file with many flows, each with a gap, so that there are many batches."""
    path = tmp_path / f"many-{seed}.pcap"
    order = [(flow, number) for number in (1, 2, 4, 5) for flow in range(MANY_FLOWS)]
    packets = [
        Packet(esp_packet(number, spi=0x1000 * seed + flow), second=1735689600 + 10 * number,
               fraction=flow)
        for flow, number in order
    ]
    path.write_bytes(pcap(packets, LINK_TYPE))
    return path


def test_kills_and_a_proxy_that_loses_and_doubles(gapwatch, server, target, tmp_path):
    """kill -9 of either side, while a proxy loses requests and answers and sends requests twice."""
    database = tmp_path / "results.db"
    rng = random.Random(11)
    with Proxy(server.port) as proxy:
        for seed in range(1, 4):
            gapwatch.analyze("--db", database, many(tmp_path, seed))
            words = command(gapwatch, server, database, target, port=proxy.port)
            for victim in ("ship", "server"):
                process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
                time.sleep(rng.uniform(0.05, 1.5))
                if victim == "server":
                    server.kill()
                    time.sleep(0.2)
                process.kill()
                process.wait(PATIENCE_SECONDS)
                if victim == "server":
                    server.start()
        ship(gapwatch, server, database, target, port=proxy.port)
    assert proxy.requests > 10
    assert_same(database, shipped(server, target))


def test_a_batch_that_the_server_cannot_read(gapwatch, server, target, tmp_path):
    """A column of another type there: its rows are set aside, and the others arrive."""
    database = analyzed(gapwatch, tmp_path)
    server.ask("DROP TABLE sas", target)
    server.ask("CREATE TABLE sas (sensor Date) ENGINE = Log", target)
    ship(gapwatch, server, database, target)
    (aside,) = tmp_path.glob("*.refused")
    assert len(aside.read_text().splitlines()) == value(database, "SELECT count(*) FROM sas")
    flows = server.ask("SELECT count() FROM flows FINAL", target)
    assert int(flows) == value(database, "SELECT count(*) FROM flows")


def test_views_of_one_sensor(gapwatch, server, target, tmp_path):
    database, now = tmp_path / "results.db", int(time.time()) - 60
    numbers = [n for n in range(1, 200) if n % 10]
    packets = [
        Packet(esp_packet(n + 0xC0000000 * (spi == 7000), spi=spi), second=now, fraction=n)
        for n in numbers
        for spi in (6000, 7000)
        if spi == 7000 or n % 10 > 3
    ]
    path = tmp_path / "now.pcap"
    path.write_bytes(pcap(packets, LINK_TYPE))
    gapwatch.analyze("--db", database, path)
    ship(gapwatch, server, database, target, "--sensor", "east")
    worst = server.rows("SELECT * FROM worst_links_now", target)
    expected = ask(
        database,
        "SELECT flow_id, sum(p.lost), sum(p.packets) FROM interval_flows AS p JOIN flows ON id = flow "
        "GROUP BY flow_id ORDER BY 2 DESC",
    )
    assert [(r["flow_id"], r["lost_packets"], r["received_packets"]) for r in worst] == expected
    assert worst[0]["loss_ratio"] == pytest.approx(
        worst[0]["lost_packets"] / (worst[0]["lost_packets"] + worst[0]["received_packets"])
    )
    hours = server.rows("SELECT * FROM loss_by_hour", target)
    ((lost, packets),) = ask(database, "SELECT sum(lost), sum(packets) FROM capture_intervals")
    assert sum(hour["lost_packets"] for hour in hours) == lost
    assert sum(hour["received_packets"] for hour in hours) == packets
    near = server.rows("SELECT * FROM near_exhaustion", target)
    assert not near or "0x00001b58" in near[0]["flow_id"]
    assert server.rows("SELECT * FROM silent_sensors", target) == []  # it has files only


def seen_at(tmp_path, name, arrived):
    """A file of what arrived at one place: (SPI, number)."""
    path = tmp_path / f"{name}.pcap"
    packets = [
        Packet(esp_packet(number, spi=spi), second=1735689600, fraction=place)
        for place, (spi, number) in enumerate(arrived)
    ]
    path.write_bytes(pcap(packets, LINK_TYPE))
    return path


def test_where_it_was_lost(gapwatch, server, target, tmp_path):
    """Two sensors on one path: the view says what really happened, and what `compare` says."""
    rng = random.Random(3)
    sent = [(spi, number) for number in range(1, 1500) for spi in (1001, 1002, 1003)]
    edges = {(spi, number) for spi in (1001, 1002, 1003) for number in (1, 2, 3, 4, 1495, 1496, 1497)}
    at_a = [f for f in sent if f in edges or rng.random() > 0.02]
    at_b = [f for f in at_a if f in edges or rng.random() > 0.05]
    at_b = [(spi, number) for spi, number in at_b if number < 1490 or spi != 1003]
    missed_by_a = {f for f in at_b if f not in edges and rng.random() < 0.01}
    at_a = [f for f in at_a if f not in missed_by_a]
    paths = {}
    for sensor, arrived in (("a", at_a), ("b", at_b)):
        paths[sensor] = seen_at(tmp_path, sensor, arrived)
        database = tmp_path / f"{sensor}.db"
        gapwatch.analyze("--db", database, paths[sensor])
        ship(gapwatch, server, database, target, "--sensor", sensor)
        assert_same(database, shipped(server, target, sensor))
    found = {
        row["flow_id"]: row
        for row in server.rows("SELECT * FROM lost_where WHERE sensor_a = 'a'", target)
    }
    a, b = set(at_a), set(at_b)
    highest = {side: collections.defaultdict(int) for side in "ab"}
    for side, arrived in (("a", a), ("b", b)):
        for spi, number in arrived:
            highest[side][spi] = max(number, highest[side][spi])
    for spi in (1001, 1002, 1003):
        (row,) = [row for flow, row in found.items() if f"0x{spi:08x}" in flow]
        both = range(1, highest["b"][spi])
        before = sum((spi, n) not in a and (spi, n) not in b for n in both)
        between = sum((spi, n) in a and (spi, n) not in b for n in both)
        behind = range(highest["b"][spi] + 1, highest["a"][spi] + 1)
        tail = sum((spi, n) in a for n in behind)
        before += sum((spi, n) not in a for n in behind)
        only_b = sum((spi, n) not in a and (spi, n) in b for n in both)
        assert row["lost_before_a"] == before
        assert row["lost_tail"] == tail
        assert row["lost_between"] == between + tail
        assert row["missed_by_a"] == only_b


def test_queries_of_the_dashboard(gapwatch, server, target, tmp_path):
    ship(gapwatch, server, analyzed(gapwatch, tmp_path), target, "--sensor", "east")
    dashboard = json.loads((ROOT / "user" / "ship" / "grafana.json").read_text())
    found = {}
    for panel in dashboard["panels"]:
        for query in panel["targets"]:
            sql = query["rawSql"].replace("${sensor:singlequote}", "'east'")
            sql = sql.replace("$__timeFilter(time)", "time >= toDateTime('2000-01-01 00:00:00')")
            assert "$" not in sql
            found[panel["title"]] = server.rows(sql, target)
    assert found["Lost by the network, by hour"] and found["Latest events"]
    (variable,) = [v for v in dashboard["templating"]["list"] if v["name"] == "sensor"]
    assert server.rows(variable["query"], target) == [{"sensor": "east"}]
