# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`gapwatch ship` to ClickHouse: with everything that goes wrong, the rows there are those of SQLite, and
the views say what SQLite and `gapwatch compare` say."""
import contextlib
import json
import random
import re
import sqlite3
import subprocess
import time

import pytest

from conftest import ROOT
from model.frames import capture
from model.streams import frames
from support.capture_file import Packet, pcap
from support.database import ask, value
from support.shipping import ClickHouse, Proxy, assert_same, require_clickhouse
from support.simulated_path import MILLISECOND, SECOND, EspStream, MacsecStream, Path, Rates
from support.small_capture import LINK_TYPE, esp_packet
from support.waiting import PATIENCE_SECONDS

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
MANY_FLOWS = 1500


@pytest.fixture(scope="module", name="server")
def fixture_server(tmp_path_factory):
    require_clickhouse()
    with ClickHouse(tmp_path_factory.mktemp("clickhouse")) as server:
        yield server


@pytest.fixture(name="target")
def fixture_target(server, gapwatch, request):
    """The name of a database with the tables, of the test's own."""
    name = re.sub(r"\W", "_", request.node.name)
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
        for seed in range(1, 3):
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


def moment(now, ago):
    """The time AGO seconds before NOW as the database has it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now - ago)) + ".250000000Z"


def scatter(database, seed, now):
    """Makes the intervals, SAs and captures in DATABASE random, at times before NOW. The captures do not depend on
    how many intervals and SAs there are."""
    rng, of_captures = random.Random(seed), random.Random(f"captures of {seed}")
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        for (interval,) in db.execute("SELECT id FROM capture_intervals").fetchall():
            ago = rng.choice((rng.randrange(200), rng.randrange(400, 10000))) + interval / 64
            db.execute("UPDATE capture_intervals SET timestamp = ?, lost = ? WHERE id = ?",
                       (moment(now, ago)[:-10] + f"{interval:09}Z", rng.randrange(9), interval))
        db.execute("UPDATE interval_flows SET lost = abs(random()) % 9 * (flow % 3 > 0)")
        for (sa,) in db.execute("SELECT id FROM sas").fetchall():
            db.execute("UPDATE sas SET ended = ?, wraparounds = ?, last_sequence = ? WHERE id = ?",
                       (rng.random() < 0.2, rng.random() < 0.2,
                        rng.choice((0, 0xBFFFFFFF, 0xC0000000 + sa, 0xFFFFFFFF, 1 << 32)), sa))
        db.execute("UPDATE sas SET flow_id = 'WireGuard { ' || id WHERE id % 5 = 0")
        columns = [name for _, name, *_ in db.execute("PRAGMA table_info(captures)") if name != "id"]
        for _ in range(8):
            db.execute(f"INSERT INTO captures ({', '.join(columns)}) "
                       f"SELECT {', '.join(columns)} FROM captures WHERE id = 1")
        for (capture,) in db.execute("SELECT id FROM captures").fetchall():
            ago = of_captures.choice((of_captures.randrange(30), of_captures.randrange(100, 999)))
            db.execute("UPDATE captures SET method = ?, source = ?, updated = ?, ended = ? WHERE id = ?",
                       (of_captures.choice(("file", "tc", "tc")), of_captures.choice("ab"), moment(now, ago),
                        of_captures.choice((None, moment(now, ago))), capture))


WORST = """SELECT flow_id, sum(p.lost), sum(p.packets), sum(p.lost_undetermined) FROM interval_flows AS p
    JOIN capture_intervals AS i ON i.id = p.interval JOIN flows AS f ON f.id = flow
    WHERE i.timestamp > ? GROUP BY flow_id HAVING sum(p.lost)"""
HOURS = """SELECT replace(substr(timestamp, 1, 13), 'T', ' ') || ':00:00', sum(packets), sum(bytes), sum(lost),
    sum(lost_undetermined) FROM capture_intervals GROUP BY 1"""
NEAR = """SELECT flow_id, association, generation, last_sequence FROM sas WHERE NOT ended AND wraparounds = 0
    AND last_sequence BETWEEN 3221225472 AND 4294967295 AND flow_id NOT LIKE 'WireGuard%'"""
SILENT = """SELECT replace(substr(max(updated), 1, 19), 'T', ' ') FROM (SELECT max(id), updated, ended
    FROM captures WHERE method != 'file' GROUP BY source, method) WHERE ended IS NULL"""
VIEWS = {
    "worst_links_now": ("flow_id", "lost_packets", "received_packets", "undetermined"),
    "loss_by_hour": ("hour", "received_packets", "received_bytes", "lost_packets", "undetermined"),
    "near_exhaustion": ("flow_id", "association", "generation", "last_sequence"),
    "silent_sensors": ("newest",),
}


def test_views_of_each_sensor(gapwatch, server, target, tmp_path):
    """Of random databases of some sensors, views have exactly the rows that SQLite finds there."""
    expected, now = {view: [] for view in VIEWS}, int(time.time())
    for sensor in ("east", "north", "south", "west"):
        (tmp_path / sensor).mkdir()
        database = analyzed(gapwatch, tmp_path / sensor, sensor)
        scatter(database, sensor, now)
        ship(gapwatch, server, database, target, "--sensor", sensor)
        for view, sql, *parameters in (
            ("worst_links_now", WORST, moment(now, 300)), ("loss_by_hour", HOURS), ("near_exhaustion", NEAR)
        ):
            expected[view] += [(sensor, *row) for row in ask(database, sql, *parameters)]
        newest = value(database, SILENT)
        if newest and newest < moment(now, 60).replace("T", " "):
            expected["silent_sensors"].append((sensor, newest))
    for view, names in VIEWS.items():
        rows = server.rows(f"SELECT * FROM {view}", target)
        found = [tuple(row[name] for name in ("sensor", *names)) for row in rows]
        assert expected[view] and sorted(found) == sorted(expected[view]), view
        for row in rows:
            if "loss_ratio" in row:
                ratio = row["lost_packets"] / (row["lost_packets"] + row["received_packets"])
                assert row["loss_ratio"] == pytest.approx(ratio, nan_ok=True)


LOSSES = ("passed_both", "lost_before_a", "lost_between", "lost_tail", "lost_undetermined", "missed_by_a")
DELAYS = ("min", "mean", "p50", "p95", "p99")


# Seeds and how paths are made of them: all that may happen at once; no losses at all; frames that overtook
# the first one of an SA; and a sensor B that begins later, behind the end of the 32-bit numbers or among
# overtaken frames. Its clock is ahead or behind.
PATHS = {
    "where": {},
    "whole": {"rates": Rates(*6 * [0.0])},
    "overtaken": {"rates": Rates(delayed=0.3), "clock": -5 * SECOND},
    "late": {"late_frames": 1500, "clock": 3600 * SECOND},
    "later": {"late_frames": 2200, "rates": Rates(delayed=0.3), "clock": 20 * MILLISECOND},
}


@pytest.fixture(scope="module", name="compared", params=PATHS)
def fixture_compared(gapwatch, tmp_path_factory, request):
    """The databases of two sensors on one path, some minutes ago, and what `compare` says of them."""
    folder, source = tmp_path_factory.mktemp("compared"), random.Random(request.param)
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    how = {"rates": Rates(), "begin": int(time.time()) - 300, **PATHS[request.param]}
    path = Path(source, streams, (6000, 4000, 3500, 3000), **how)
    databases = []
    for side in ("a", "b"):
        (folder / f"{side}.pcap").write_bytes(path.capture(f"at_{side}", how.get("late_frames", 0) if side == "b" else 0))
        databases.append(folder / f"{side}.db")
        gapwatch.analyze("--db", databases[-1], folder / f"{side}.pcap")
    done = gapwatch.run("compare", "--json", *databases)
    assert done.returncode == 0, done.stderr
    return databases, json.loads(done.stdout)["sas"]


@pytest.fixture(name="of_both")
def fixture_of_both(gapwatch, server, target, compared):
    """The rows of a view of what both sensors shipped, in the order of flows and times."""
    for sensor, database in zip("ab", compared[0]):
        ship(gapwatch, server, database, target, "--sensor", sensor)
        assert_same(database, shipped(server, target, sensor))
    return lambda view: server.rows(
        f"SELECT * FROM {view} WHERE sensor_a = 'a' ORDER BY flow_id, association, since", target
    )


def test_where_it_was_lost(compared, of_both):
    """The view says what `compare` says of the two databases, for SAs that follow each other, too."""
    names = ("flow_id", "association", *LOSSES)
    found = [tuple(row[name] for name in names) for row in of_both("lost_where")]
    assert len(found) > 9
    assert sorted(found) == sorted(tuple(sa[name] for name in names) for sa in compared[1])


def test_delays(compared, of_both):
    """Percentiles of samples that both sensors took are those of `compare`."""
    found = of_both("delays_now")
    expected = sorted(compared[1], key=lambda sa: (sa["flow_id"], sa["association"], sa["first_timestamp"]))
    assert [row["samples"] for row in found] == [sa["delay_ms"]["samples"] for sa in expected]
    assert min(row["samples"] for row in found) > 0
    for row, sa in zip(found, expected):
        for name in DELAYS:
            assert row[f"delay_{name}_ms"] == pytest.approx(sa["delay_ms"][name], abs=1e-6)


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
