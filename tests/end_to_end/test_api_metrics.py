# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""/metrics, checked with Prometheus' own tools; the alerts and the Grafana dashboard that we ship.
"""
import contextlib
import json
import random
import re
import sqlite3
import subprocess
import urllib.parse
import urllib.request

import pytest

from conftest import BUILD, ROOT, TIMEOUT_SECONDS
from support import made_database as database
from support.live import unless
from support.server import Server, free_port, wait_for

MONITORING = BUILD / "generated" / "api" / "monitoring"
NEAR_EXHAUSTION = 0xC0000000
SIZE = ("gapwatch_database_size_bytes", frozenset())


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = tmp_path_factory.mktemp("api-metrics") / "store.db"
    flows, gaps = database.make(path, 150)
    return path, flows, gaps


@pytest.fixture(scope="module")
def server(gapwatch, truth):
    with Server(gapwatch.program, "--db", truth[0]) as running:
        yield running


def promtool(*arguments, stdin=None):
    done = subprocess.run(
        ["promtool", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return done.returncode, (done.stdout + done.stderr).decode()


def parse(text):
    """{(name, frozenset of labels): value}"""
    series = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        name, labels, value = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line).groups()
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or "")
        key = (name, frozenset((k, v.replace('\\"', '"').replace("\\\\", "\\")) for k, v in pairs))
        assert key not in series, line
        series[key] = float(value)
    return series


def metrics(server):
    response = server.get("/metrics")
    assert response.status == 200
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    return parse(response.body.decode())


def labelled(name, **labels):
    """A series of the capture that made_database makes."""
    labels = {"interface": "eth0", "method": "tc"} | labels
    return (f"gapwatch_{name}", frozenset(labels.items()))


def test_promtool_is_silent(server):
    assert promtool("check", "metrics", stdin=server.get("/metrics").body) == (0, "")


def test_totals(server, truth):
    path, flows, gaps = truth
    found = metrics(server)
    for protocol in database.PROTOCOLS:
        of_it = [flow for flow in flows if flow["protocol"] == protocol]
        packets = sum(flow["packets_received"] for flow in of_it)
        assert found[labelled("packets_total", protocol=protocol)] == packets
        assert found[labelled("flows", protocol=protocol)] == len(of_it)
    for number, reason in enumerate(database.REASONS, 1):
        assert found[labelled("unfollowed_frames_total", reason=reason)] == number
    for cause in ("network", "undetermined"):
        lost = sum(gap[3] for gap in gaps if gap[6] == cause)
        assert found[labelled("lost_packets_total", cause=cause)] == lost
    assert found[labelled("gaps_total")] == len(gaps)
    assert found[labelled("bytes_total")] == sum(flow["total_bytes"] for flow in flows)
    assert found[labelled("sensor_drops_total")] == 7
    assert found[labelled("ring_size_bytes")] == 8 << 20
    assert found[labelled("ring_used_bytes")] == 4096
    assert found[labelled("behind_other")] == 1
    assert found[labelled("flushes_total")] == 720
    assert found[labelled("flush_seconds_total")] == 7.5
    assert found[labelled("last_flush_duration_seconds")] == 0.0125
    assert found[labelled("capture_running")] == 0  # it was killed long ago
    updated = database.START.timestamp() + 3600
    assert found[labelled("last_flush_timestamp_seconds")] == updated
    assert found[SIZE] == path.stat().st_size
    assert found[labelled("capture_info", version="0.1.0")] == 1


def flow_ids(found):
    return {dict(labels)["flow_id"] for name, labels in found if name.startswith("gapwatch_flow_")}


def test_the_worst_flows_and_no_others(server, truth):
    names = ("lost_network", "total_bytes")
    flows = sorted(truth[1], key=lambda flow: [flow[name] for name in names], reverse=True)
    found = metrics(server)
    assert flow_ids(found) == {flow["flow_id"] for flow in flows[:50]}
    for flow in flows[:50]:
        labels = {"flow_id": flow["flow_id"], "protocol": flow["protocol"]}
        assert found[labelled("flow_packets_total", **labels)] == flow["packets_received"]
        for cause in ("network", "undetermined"):
            lost = found[labelled("flow_lost_packets_total", cause=cause, **labels)]
            assert lost == flow[f"lost_{cause}"]
        assert found[labelled("flow_silent", **labels)] == (flow["silent_since"] is not None)
        ratio = found[labelled("flow_loss_ratio", **labels)]
        assert ratio == pytest.approx(flow["loss_ratio"])


@pytest.mark.parametrize("top", (0, 1, 1000))
def test_as_many_as_asked_for(top, gapwatch, truth):
    with Server(gapwatch.program, "--db", truth[0], "--metrics-top", top) as server:
        assert len(flow_ids(metrics(server))) == min(top, len(truth[1]))
        assert promtool("check", "metrics", stdin=server.get("/metrics").body) == (0, "")


def test_a_counter_never_falls(gapwatch, tmp_path):
    """Loss that was reported and then withdrawn stays in the counters."""
    path = tmp_path / "store.db"
    database.make(path, 40, captures=1)
    with Server(gapwatch.program, "--db", path) as server:
        before = metrics(server)
        with contextlib.closing(sqlite3.connect(path)) as made:
            ((number, name, size),) = made.execute(
                "SELECT id, flow_id, gap_size FROM sequence_gaps WHERE cause = 'network' LIMIT 1"
            ).fetchall()
            made.execute("UPDATE sequence_gaps SET withdrawn = 1 WHERE id = ?", (number,))
            made.execute("UPDATE captures SET lost_network = lost_network - ?, total_gaps_detected = "
                         "total_gaps_detected - 1", (size,))
            made.execute("UPDATE flows SET lost_network = lost_network - ?, gaps_detected = "
                         "gaps_detected - 1 WHERE flow_id = ?", (size, name))
            made.commit()
        after = metrics(server)
    for key, value in before.items():
        if key[0].endswith(("lost_packets_total", "gaps_total")):
            assert after[key] == value, key


def special_flow(number, **more):
    return database.make_flow(number, "macsec", random.Random(number)) | more


def test_numbers_that_run_out_come_first(gapwatch, tmp_path):
    """Such a flow comes first, however little it lost. A flow that has wrapped uses 64 bits and is
    not one."""
    quiet = {"total_lost_packets": 0, "lost_network": 0, "lost_undetermined": 0, "gaps_detected": 0}
    flows = [
        special_flow(number, total_lost_packets=number, lost_network=number) for number in range(1, 60)
    ]
    flows.append(special_flow(60, last_sequence=NEAR_EXHAUSTION, **quiet))
    flows.append(special_flow(61, last_sequence=NEAR_EXHAUSTION - 1, **quiet))
    flows.append(special_flow(62, last_sequence=0xFFFFFFFF, wraparounds=1, **quiet))
    with contextlib.closing(database.create(tmp_path / "store.db")) as made:
        database.add_capture(made, flows, [])
    with Server(gapwatch.program, "--db", tmp_path / "store.db", "--metrics-top", 5) as server:
        expected = {flows[59]["flow_id"], *(flow["flow_id"] for flow in flows[54:59])}
        assert flow_ids(metrics(server)) == expected


def test_hostile_labels(gapwatch, tmp_path):
    names = ['a"b', "a\\b", "a\nb", "\x01\x7f", "é😀", "} 1", 'x"} 1\ngapwatch_fake 1']
    flows = [special_flow(number, flow_id=name) for number, name in enumerate(names)]
    with contextlib.closing(database.create(tmp_path / "store.db")) as made:
        database.add_capture(made, flows, [], source='eth"0\n')
        made.execute("UPDATE flows SET flow_id = CAST(X'C0AFFF61' AS TEXT) WHERE id = 1")
    with Server(gapwatch.program, "--db", tmp_path / "store.db") as server:
        text = server.get("/metrics").body
        assert promtool("check", "metrics", stdin=text) == (0, "")
        found = flow_ids(parse(text.decode("utf-8")))
    assert found == {"???a", "a\\b", "a?b", "?\x7f", "é😀", "} 1", 'x"} 1?gapwatch_fake 1'}


def test_rules(tmp_path):
    code, said = promtool("check", "rules", MONITORING / "alerts.yml")
    assert code == 0 and "SUCCESS" in said, said
    tests = (ROOT / "tests/monitoring/alerts_test.yml").read_text()
    (tmp_path / "alerts_test.yml").write_text(tests.replace("ALERTS", str(MONITORING / "alerts.yml")))
    code, said = promtool("test", "rules", tmp_path / "alerts_test.yml")
    assert code == 0 and "SUCCESS" in said, said


def shipped_expressions():
    """The expressions of the dashboard and the alerts."""
    dashboard = json.loads((MONITORING / "grafana.json").read_text())
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$instance", ".*")
    rules = (MONITORING / "alerts.yml").read_text()
    for block in re.findall(r"expr: (?:\|\n)?((?:.|\n)*?)\n        (?:for|labels):", rules):
        yield block


def test_what_is_shipped_asks_for_what_is_there(server):
    names = {name for name, _ in metrics(server)}
    expressions = list(shipped_expressions())
    assert len(expressions) >= 18
    for expression in expressions:
        asked = set(re.findall(r"\bgapwatch_\w+", expression))
        assert asked <= names, expression
        assert asked or "up{" in expression, expression


def test_every_alert_is_tested():
    alerts = re.findall(r"alert: (\w+)", (MONITORING / "alerts.yml").read_text())
    tests = (ROOT / "tests/monitoring/alerts_test.yml").read_text()
    for alert in alerts:
        assert re.search(rf"alertname: {alert}\n        exp_alerts:", tests), alert


CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: gapwatch
    authorization: {{credentials_file: {token}}}
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


@contextlib.contextmanager
def prometheus(folder, port, token):
    """Runs Debian's Prometheus, which scrapes PORT. Yields a function that queries it."""
    own = free_port()
    config = folder / "prometheus.yml"
    rules = MONITORING / "alerts.yml"
    config.write_text(CONFIG.format(rules=rules, port=port, token=token))
    command = ["prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data"]
    command += [f"--web.listen-address=127.0.0.1:{own}", "--log.level=error"]

    def ask(path, **query):
        url = f"http://127.0.0.1:{own}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as response:
            answer = json.load(response)
        assert answer["status"] == "success", answer
        return answer["data"]

    def answers():
        with contextlib.suppress(OSError):
            return ask("query", query="up")["result"]
        assert process.poll() is None, "Prometheus does not run"
        return None

    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(answers, 60)
        yield ask
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


def test_prometheus_reads_it_all_back(gapwatch, tmp_path):
    """Every series and every expression, with the token, while the database is being written."""
    path, token = tmp_path / "store.db", tmp_path / "token"
    database.make(path, 100)
    token.write_text("scrape-me\n")
    options = ("--db", path, "--token-file", token)
    with contextlib.closing(database.sqlite3.connect(path, isolation_level=None)) as writer:
        with Server(gapwatch.program, *options) as server:
            with prometheus(tmp_path, server.port, token) as ask:
                writer.execute("UPDATE captures SET drops = 4711")
                query = {"query": "gapwatch_sensor_drops_total == 4711"}
                wait_for(lambda: ask("query", **query)["result"], 60)
                text = server.get("/metrics", Authorization="Bearer scrape-me").body.decode()
                back = ask("query", query='{__name__=~"gapwatch_.*"}')["result"]
                for expression in shipped_expressions():
                    ask("query", query=expression)
                groups = ask("rules")["groups"]
    found = {}
    for series in back:
        labels = {k: v for k, v in series["metric"].items() if k not in ("instance", "job")}
        found[(labels.pop("__name__"), frozenset(labels.items()))] = float(series["value"][1])
    expected = parse(text)
    changing = {SIZE}  # its log is being written
    assert found.keys() == expected.keys()
    assert {key for key in found if found[key] != expected[key]} <= changing
    assert all(rule["health"] in ("ok", "unknown") for rule in groups[0]["rules"])


def test_a_live_sensor_is_scraped(gapwatch, tmp_path, watched, obstacle_to_bpf):
    """From the wire to Prometheus: the frames that were sent and those that were skipped."""
    unless(obstacle_to_bpf)
    path, token = tmp_path / "results.db", tmp_path / "token"
    token.write_text("scrape-me\n")
    sensor = watched.sensor("tc", "--flush-interval", 1, "--db", path)
    with Server(gapwatch.program, "--db", path, "--token-file", token) as server:
        with prometheus(tmp_path, server.port, token) as ask:
            # The last skipped number is behind the window, so it is lost at once.
            sent = watched.generate("--esp", 2, "--packets", 20100, "--lose", 100)["kinds"]["esp"]
            for query in (
                f'gapwatch_packets_total{{protocol="esp",method="tc"}} == {sent["packets"]}',
                f'gapwatch_lost_packets_total{{cause="network"}} == {sent["skipped"]}',
                "gapwatch_ring_size_bytes > 0",
            ):
                wait_for(lambda query=query: ask("query", query=query)["result"], 60)
    assert sensor.stop()["summary"]["total_lost_packets"] == sent["skipped"]
