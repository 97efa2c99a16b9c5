# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The examples of gapwatch-serve(1) and gapwatch.conf(5), run unchanged except for the port."""
import contextlib
import json
import random
import re
import subprocess

import pytest

from conftest import TIMEOUT_SECONDS
from support import made_database as database, manual
from support.server import Server, wait_for

PAGE = "gapwatch-serve.1"
FLOW = "MACsec { sci: 0x0011223344550001 }"


def commands():
    """The examples of requests, one a line."""
    (block,) = [text for text in manual.examples(PAGE) if text.startswith("curl")]
    return block.splitlines()


@pytest.fixture(scope="module")
def server(gapwatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("readme-api") / "store.db"
    rng = random.Random(3)
    flows = [database.make_flow(n, p, rng) for n, p in enumerate(database.PROTOCOLS * 10)]
    flows[0] |= {"flow_id": FLOW, "bandwidth_mbps": 7.5, "gaps_detected": 2, "total_lost_packets": 2}
    gaps = [gap for flow in flows for gap in database.make_gaps(flow, rng)]
    with contextlib.closing(database.create(path)) as made:
        made.execute("BEGIN")
        database.add_capture(made, flows, gaps)
        made.execute("COMMIT")
    with Server(gapwatch.program, "--db", path) as running:
        yield running, flows, gaps


def run(command, port):
    done = subprocess.run(
        ["sh", "-c", command.replace(":3000", f":{port}")],
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert done.returncode == 0 and not done.stderr, (command, done)
    return done.stdout.decode()


def test_examples(server):
    running, flows, gaps = server
    summary, fast, lossy, one, its_gaps, number = [
        run(command, running.port) for command in commands()
    ]
    assert json.loads(summary)["total_flows"] == len(flows)
    expected = {flow["flow_id"] for flow in flows if flow["bandwidth_mbps"] >= 5}
    assert FLOW in expected and set(fast.splitlines()) == expected
    assert f'"flow_id": "{FLOW}"' in lossy
    assert json.loads(one)["flow_id"] == FLOW
    assert its_gaps.count('"expected_sequence"') == 2
    assert int(number) == len([gap for gap in gaps if gap[6] == "network"])


def test_the_table_has_each_route_and_parameter(server):
    described = server[0].json("/api/v1/openapi.json")
    rows = {path: text.partition("parameters:")[2] for path, text in manual.items(PAGE).items() if path[0] == "/"}
    assert rows.keys() | {"/"} == described["paths"].keys()
    for path, names in rows.items():
        references = described["paths"][path]["get"].get("parameters", [])
        expected = {reference["$ref"].rpartition("/")[2] for reference in references}
        assert set(re.findall(r"\\fB(\w+)\\fR", names)) == expected - {"flow_id"}, path


def test_the_configuration_is_taken(gapwatch, tmp_path):
    """It names a missing database, which is no error; its directory must exist."""
    (example,) = [text for text in manual.examples("gapwatch.conf.5") if text.startswith("{")]
    config = tmp_path / "config.json"
    config.write_text(example.replace("/var/lib/gapwatch", str(tmp_path)))
    with Server(gapwatch.program, "--config", config) as running:
        wait_for(lambda: len(running.workers()) == 4)
        assert running.get("/api/v1/flows").status == 503
