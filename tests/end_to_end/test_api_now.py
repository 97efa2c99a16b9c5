# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What happens now: which captures are shown, figures of a time, pages while the sensor writes."""
import contextlib
import csv
import datetime
import io
import json
import random
import re
import time
import urllib.parse

import pytest

from support import made_database as database
from support.server import Server, encode

NOW_FORM = "%Y-%m-%dT%H:%M:%S.000000000Z"


def ago(seconds):
    """The time SECONDS ago, as the store writes it."""
    moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds)
    return moment.strftime(NOW_FORM)


def make_flows(count, first=0, protocol="macsec", **more):
    rng = random.Random(count)
    return [database.make_flow(first + i, protocol, rng) | more for i in range(count)]


def add(made, flows, **more):
    """Adds a capture that runs, unless MORE says otherwise."""
    row = {"updated": ago(0), "flush_interval": 5} | more
    return database.add_capture(made, flows, [], **row)


def flow_row(made, capture, flow_id):
    sql = "SELECT id FROM flows WHERE capture_id = ? AND flow_id = ?"
    return made.execute(sql, (capture, flow_id)).fetchone()[0]


def add_interval(made, capture, seconds_ago, parts):
    """Adds an interval with {flow id: (packets, lost, undetermined)}."""
    packets, lost, undetermined = map(sum, zip(*parts.values()))
    row = {"capture_id": capture, "timestamp": ago(seconds_ago), "duration_seconds": 5}
    row |= {"packets": packets, "bytes": 100 * packets, "lost": lost}
    row |= {"lost_undetermined": undetermined, "numbered_packets": packets}
    interval = database.insert(made, "capture_intervals", row)
    for flow_id, (its_packets, its_lost, its_undetermined) in parts.items():
        flow = flow_row(made, capture, flow_id)
        values = (interval, flow, its_packets, 100 * its_packets, its_lost, its_undetermined, its_packets)
        made.execute("INSERT INTO interval_flows VALUES (?, ?, ?, ?, ?, ?, ?, 0)", values)
        made.execute("UPDATE flows SET last_timestamp = max(last_timestamp, ?) WHERE id = ?",
                     (ago(seconds_ago), flow))


@pytest.fixture(name="made")
def fixture_made(tmp_path):
    with contextlib.closing(database.create(tmp_path / "store.db")) as connection:
        yield connection


@pytest.fixture(name="server")
def fixture_server(gapwatch, tmp_path, made):
    with Server(gapwatch.program, "--db", tmp_path / "store.db") as running:
        yield running


def ids(answer):
    return [flow["flow_id"] for flow in answer["flows"]]


def interfaces(server):
    """{(interface, method): capture_running} of /metrics."""
    text = server.get("/metrics").body.decode()
    form = r'^gapwatch_capture_running\{interface="([^"]*)",method="([^"]*)"\} (\d)$'
    return {(name, method): int(value) for name, method, value in re.findall(form, text, re.MULTILINE)}


class TestCaptures:
    def test_a_file_never_takes_the_place_of_a_sensor(self, made, server):
        live = add(made, make_flows(3))
        add(made, make_flows(5), source="a.pcap", method="file", ended=ago(0))
        add(made, make_flows(7), source="b.pcap", method="file")
        assert server.api("flows")["total"] == 3
        assert {flow["capture_id"] for flow in server.api("flows")["flows"]} == {live}
        assert server.api("stats/summary")["total_flows"] == 3
        assert interfaces(server) == {("eth0", "tc"): 1}
        assert server.api("flows", interface="a.pcap")["total"] == 5

    def test_all_that_run_are_shown_together(self, made, server):
        add(made, make_flows(9), source="gone", ended=ago(9))
        one = add(made, make_flows(30), source="eth0")
        two = add(made, make_flows(40, first=100), source="eth1", method="xdp")
        found = server.api("flows", limit=1000)
        assert found["total"] == 70
        assert {(flow["capture_id"], flow["interface"]) for flow in found["flows"]} == {
            (one, "eth0"), (two, "eth1")
        }
        lost = [(flow["total_lost_packets"], flow["total_bytes"]) for flow in found["flows"]]
        assert lost == sorted(lost, reverse=True)
        summary = server.api("stats/summary")
        assert summary["total_packets_received"] == sum(f["packets_received"] for f in found["flows"])
        assert server.api("intervals", limit=1)["intervals"][0]["packets"] == 2 * 3695
        assert server.api("intervals", limit=1, step=60)["intervals"][0]["duration_seconds"] == 60
        assert interfaces(server) == {("gone", "tc"): 0, ("eth0", "tc"): 1, ("eth1", "xdp"): 1}
        assert server.api("flows", interface="eth1")["total"] == 40
        assert server.api("flows", capture=one)["total"] == 30
        assert server.json("/api/v1/flows?interface=eth9", 404)["error"] == "not_found"

    def test_a_flow_of_several_captures_is_a_choice(self, made, server):
        flows = make_flows(1)
        name = flows[0]["flow_id"]
        one, two = (add(made, flows, source=source) for source in ("eth0", "eth1"))
        said = server.json(f"/api/v1/flows/{encode(name)}", 300)
        assert [(c["flow_id"], c["capture_id"], c["interface"]) for c in said["choices"]] == [
            (name, two, "eth1"), (name, one, "eth0")
        ]
        assert server.json(f"/api/v1/flows/{encode(name)}?capture={one}")["capture_id"] == one
        assert server.json(f"/api/v1/flows/{encode(name)}?interface=eth1")["capture_id"] == two

    def test_a_killed_sensor_stops_running_without_a_write(self, made, server):
        add(made, make_flows(2), source="eth1")
        made.execute("UPDATE captures SET updated = ?", (ago(9),))
        assert interfaces(server) == {("eth1", "tc"): 1}
        before = server.get("/api/v1/flows").headers["etag"]
        deadline = time.monotonic() + 20
        while interfaces(server) != {("eth1", "tc"): 0}:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert server.get("/api/v1/flows").headers["etag"] != before

    def test_a_restarted_sensor_takes_the_place_of_the_killed_one(self, made, server):
        add(made, make_flows(2))
        add(made, make_flows(3))
        assert server.api("flows")["total"] == 3
        assert interfaces(server) == {("eth0", "tc"): 1}

    def test_files_are_shown_when_there_is_nothing_else(self, made, server):
        add(made, make_flows(4), source="a.pcap", method="file", ended=ago(0))
        assert server.api("flows")["total"] == 4
        assert interfaces(server) == {("a.pcap", "file"): 0}


SORTS = ("lost_network", "total_lost_packets", "total_bytes", "bandwidth_mbps", "flow_id", "loss_ratio",
         "last_timestamp", "lost")


def walk(server, path, key, **parameters):
    """All rows of a list, page by page."""
    rows, after = [], {}
    while True:
        page = server.api(path, **parameters, **after)
        rows += page[key]
        if not page["next"]:
            return rows
        after = {"after": page["next"]}


class TestPages:
    @pytest.mark.parametrize("order", ("asc", "desc"))
    def test_pages_follow_one_another(self, order, made, server):
        flows = [database.make_flow(i, protocol, random.Random(i))
                 for i in range(60) for protocol in ("tcp", "esp")]
        for flow in flows[:40]:
            flow["bandwidth_mbps"] = None
        add(made, flows[:70], source="eth0")
        add(made, flows[50:], source="eth1")
        for sort in SORTS:
            whole = server.api("flows", sort=sort, order=order, limit=1000)["flows"]
            assert len(whole) == 140
            assert walk(server, "flows", "flows", sort=sort, order=order, limit=17) == whole, sort

    def test_other_lists(self, made, server):
        flows = make_flows(40)
        gaps = [gap for flow in flows for gap in database.make_gaps(flow, random.Random(1))]
        for source in ("eth0", "eth1"):
            database.add_capture(made, flows, gaps, source=source, updated=ago(0))
        for path in ("gaps", "sas", "events", "captures", "intervals"):
            whole = server.api(path, limit=1000)[path]
            assert walk(server, path, path, limit=7)[:1000] == whole, path
        name = encode(gaps[0][0])
        for order in ("asc", "desc"):
            found = walk(server, f"flows/{name}/gaps", "gaps", limit=1, order=order, interface="eth0")
            times = [gap["timestamp"] for gap in found]
            assert times == sorted(times, reverse=order == "desc") and times

    def test_pages_do_not_shift_while_the_sensor_writes(self, made, server):
        add(made, make_flows(50))
        first = server.api("flows", limit=20)
        more = make_flows(30, first=500, total_lost_packets=10**6, lost_network=10**6)
        for flow in more:
            database.insert(made, "flows", {"capture_id": 1, **flow})
        second = server.api("flows", limit=100, after=first["next"])
        assert len(set(ids(first)) | set(ids(second))) == 50
        assert not set(ids(second)) & {flow["flow_id"] for flow in more}

    @pytest.mark.parametrize("after", ("x", "~", "1~2", "1~2~x", "1~2~3x", "~~", "a~b~c~"))
    def test_a_wrong_cursor(self, after, made, server):
        add(made, make_flows(1))
        assert server.get(f"/api/v1/flows?after={encode(after)}").status == 400

    def test_a_cursor_of_another_list_or_order_is_refused(self, made, server):
        flows = make_flows(4)
        gaps = [gap for flow in flows for gap in database.make_gaps(flow, random.Random(1))]
        capture = database.add_capture(made, flows, gaps, updated=ago(0))
        add_interval(made, capture, 20, {flow["flow_id"]: (9, 1, 0) for flow in flows})
        names = [f"flows/{encode(name)}/gaps" for name in sorted({gap[0] for gap in gaps})[:2]]
        lists = [("flows", {"sort": "lost"}), ("flows", {"sort": "flow_id"}), ("flows", {"sort": "last_timestamp"}),
                 ("flows", {"sort": "flow_id", "order": "desc"}), ("flows", {"sort": "flow_id", "since": "-5m"}),
                 ("gaps", {}), ("intervals", {}), *((name, {}) for name in names)]
        cursors = [server.api(path, limit=1, **more)["next"] for path, more in lists]
        assert all(cursors)
        for place, (path, more) in enumerate(lists):
            for number, after in enumerate(cursors):
                query = urllib.parse.urlencode({**more, "after": after})
                answer = server.get(f"/api/v1/{path}?{query}")
                assert answer.status == (200 if number == place else 400), (path, after)
                assert number == place or "after takes" in json.loads(answer.body)["message"]

    def test_a_total_that_is_not_exact_says_so(self, made, server):
        add(made, make_flows(1))
        made.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10500) "
            "INSERT INTO sequence_gaps (capture_id, flow_id, expected_sequence, received_sequence, "
            "gap_size, timestamp, duration_ms, cause) SELECT 1, flow_id, i, i + 1, 1, ?, 1, 'network' "
            "FROM n CROSS JOIN flows", (ago(0),))
        found = server.api("gaps", limit=1)
        assert (found["total"], found["total_is_exact"]) == (10000, False)
        found = server.api("gaps", limit=1000, offset=10000)
        assert (found["total"], found["count"], found["next"]) == (10500, 500, None)


SEARCHED = {
    "m": "MACsec { sci: 0x0011223344550001 }",
    "e": "IPsec { spi: 0x00001f90, dst: 192.0.2.10, src: 198.51.100.7 }",
    "6": "IPsec { spi: 0x0000abcd, dst: 2001:db8::1, src: 2001:db8:1::2 }",
    "t": "TCP { 192.0.2.1:443 -> 203.0.113.9:50443 }",
    "u": "UDP { [2001:db8::1]:4430 -> [2001:db8::2]:53 }",
}


def test_search(made, server):
    """Alone, and among the flows of a time."""
    flows = make_flows(len(SEARCHED))
    add(made, [flow | {"flow_id": name} for flow, name in zip(flows, SEARCHED.values())])
    for q, found in (("192.0.2.1", "t"), ("2001:db8::/48", "6u"), (":443", "t"), ("0xABCD", "6"),
                     ("11223344", "m"), ("macsec", "m"), ("no such thing", ""), ("%", ""), ("{", "me6tu")):
        assert set(ids(server.api("flows", q=q))) == {SEARCHED[key] for key in found}, q
        assert server.api("flows", q=q)["total"] == len(found)
        assert server.api("flows", q=q, since="-5m")["total"] == 0


def test_csv(made, server):
    add(made, make_flows(20), source='eth0,"x"')
    answer = server.get("/api/v1/flows?limit=5", Accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "accept" in [word.strip() for word in answer.headers["vary"].split(",")]
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    flows = server.api("flows", limit=5)["flows"]
    assert [row["flow_id"] for row in rows] == [flow["flow_id"] for flow in flows]
    assert [row.keys() for row in rows] == [flow.keys() for flow in flows]
    assert {row["interface"] for row in rows} == {'eth0,"x"'}
    for path in ("gaps", "sas", "events", "captures", "intervals"):
        assert server.get(f"/api/v1/{path}", Accept="text/csv").headers["content-type"][:8] == "text/csv"
    for accept in ("application/json", "*/*", "text/html, */*;q=0.8", "application/json, text/csv;q=0.5"):
        assert server.get("/api/v1/flows", Accept=accept).headers["content-type"] == "application/json"


class TestTime:
    """Old losses of `old` are large; `now` loses half of its frames at this moment."""

    @pytest.fixture(name="capture")
    def fixture_capture(self, made):
        flows = make_flows(10, total_lost_packets=10**6, lost_network=10**6)
        capture = add(made, flows)
        self.old, self.now, self.quiet, self.doubtful = [flow["flow_id"] for flow in flows[:4]]
        add_interval(made, capture, 4000, {self.old: (1000, 900, 0)})
        add_interval(made, capture, 200, {self.now: (50, 50, 1), self.quiet: (900, 0, 0)})
        parts = {self.now: (30, 10, 0), self.quiet: (99, 1, 0), self.doubtful: (10, 0, 90)}
        add_interval(made, capture, 20, parts)
        return capture

    @pytest.mark.parametrize("sort, order", (
        ("lost", "now quiet doubtful"), ("lost_network", "now quiet doubtful"),
        ("total_lost_packets", "doubtful now quiet"), ("total_bytes", "quiet now doubtful"),
        ("bandwidth_mbps", "quiet now doubtful"), ("loss_ratio", "now quiet doubtful"),
    ))
    def test_sorted_by_what_happens_now(self, sort, order, capture, server):
        expected = [getattr(self, name) for name in order.split()]
        assert ids(server.api("flows", since="-5m", sort=sort)) == expected
        reverse = server.api("flows", since="-5m", sort=sort, order="asc")
        assert ids(reverse) == expected[::-1]
        assert ids({"flows": walk(server, "flows", "flows", since="-5m", sort=sort, limit=1)}) == expected

    def test_figures_are_of_the_time(self, capture, server):
        found = server.api("flows", since="-5m", sort="lost")
        assert found["total"] == 3
        flow = found["flows"][0]
        assert (flow["packets_received"], flow["total_bytes"]) == (80, 8000)
        assert (flow["lost_network"], flow["lost_undetermined"], flow["total_lost_packets"]) == (60, 1, 61)
        assert flow["loss_ratio"] == pytest.approx(60 / 140)
        assert (flow["capture_id"], flow["interface"]) == (capture, "eth0")
        assert server.api("flows", since="-1m", sort="lost")["flows"][0]["lost_network"] == 10
        assert ids(server.api("flows", since="-5m", min_lost=10)) == [self.doubtful, self.now]
        assert ids(server.api("flows", since=ago(5000), until=ago(3000), sort="lost"))[0] == self.old

    def test_summary_of_the_time(self, capture, server):
        summary = server.api("stats/summary", since="-5m")
        assert (summary["total_packets_received"], summary["lost_network"]) == (1089, 61)
        assert summary["loss_ratio"] == pytest.approx(61 / (61 + 1089))
        assert (summary["lost_undetermined"], summary["total_flows"]) == (91, 3)

    def test_gaps_of_the_time(self, made, capture, server):
        for seconds in (1000, 100, 10):
            gap = {"capture_id": capture, "flow_id": self.now, "expected_sequence": seconds}
            gap |= {"received_sequence": 0, "gap_size": 1, "timestamp": ago(seconds), "duration_ms": 1}
            database.insert(made, "sequence_gaps", gap | {"cause": "network"})
        for path in ("gaps", f"flows/{encode(self.now)}/gaps"):
            found = server.api(path, since="-5m")["gaps"]
            assert {gap["expected_sequence"] for gap in found} == {100, 10}

    @pytest.mark.parametrize("value", ("-5", "-m", "-5x", "5m", "-99999999999999999999s", "--5m", "-5mm"))
    def test_a_wrong_time(self, value, made, server):
        add(made, make_flows(1))
        assert server.get(f"/api/v1/flows?since={value}").status == 400


def series(server, name):
    text = server.get("/metrics").body.decode()
    found = {}
    for labels, value in re.findall(rf"^gapwatch_{name}\{{(.*)\}} (\S+)$", text, re.MULTILINE):
        said = dict(re.findall(r'(\w+)="([^"]*)"', labels))
        if said.get("cause", "network") == "network":
            found[said["flow_id"]] = float(value)
    return found


class TestSeries:
    """Which flows have metrics of their own, with --metrics-top 2."""

    @pytest.fixture(name="server")
    def fixture_server(self, gapwatch, tmp_path, made):
        options = ("--db", tmp_path / "store.db", "--metrics-top", 2)
        with Server(gapwatch.program, *options) as running:
            yield running

    @pytest.fixture(name="flows")
    def fixture_flows(self, made):
        """Two flows lost most long ago; the others lost nothing."""
        flows = make_flows(20, total_lost_packets=0, lost_network=0, lost_undetermined=0)
        for flow in flows[:2]:
            flow |= {"total_lost_packets": 10**6, "lost_network": 10**6}
        add(made, flows)
        return [flow["flow_id"] for flow in flows]

    def test_who_loses_now_is_in(self, made, flows, server):
        assert set(series(server, "flow_packets_total")) == set(flows[:2])
        add_interval(made, 1, 30, {flows[5]: (50, 50, 0), flows[6]: (9, 1, 0), flows[7]: (9, 0, 0)})
        assert set(series(server, "flow_packets_total")) == {*flows[:2], *flows[5:7]}
        assert series(server, "flow_recent_lost_packets")[flows[5]] == 50
        assert series(server, "flow_recent_loss_ratio")[flows[5]] == 0.5
        assert series(server, "flow_recent_loss_ratio")[flows[0]] == 0

    def test_it_stays_for_an_hour(self, made, flows, server):
        add_interval(made, 1, 3300, {flows[5]: (50, 50, 0)})
        add_interval(made, 1, 4800, {flows[6]: (50, 50, 0)})
        assert set(series(server, "flow_packets_total")) == {*flows[:2], flows[5]}

    def test_the_first_sample_does_not_hide_the_loss(self, made, flows, server):
        """A counter that begins with the loss would show no increase."""
        made.execute("UPDATE flows SET lost_network = 57 WHERE flow_id = ?", (flows[5],))
        made.execute("UPDATE flows SET lost_network = 57 WHERE flow_id = ?", (flows[6],))
        add_interval(made, 1, 700, {flows[6]: (50, 1, 0)})
        add_interval(made, 1, 1, {flows[5]: (50, 50, 0), flows[6]: (50, 50, 0)})
        shown = series(server, "flow_lost_packets_total")
        assert (shown[flows[5]], shown[flows[6]]) == (7, 57)
