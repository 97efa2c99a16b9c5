# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Two sensors at both ends of a path with strongSwan, whose router loses some frames: what gapwatch
compare finds lost between their databases is what nftables dropped there, to the frame."""
import contextlib
import json
import shutil

import pytest

from support.live import unless
from support.peers import strongswan
from support.routed import Routed
from support.sensor import Sensor

REKEYS = 2
TAIL = 7  # frames at the very end, all of which are lost
TOOLS = ("nft", "swanctl", strongswan.CHARON)


@pytest.fixture
def network(obstacle_to_links):
    unless(obstacle_to_links)
    unless(next((f"there is no {tool}" for tool in TOOLS if not shutil.which(tool)), None))
    with Routed() as made:
        yield made


@pytest.fixture
def sensors(network, gapwatch, tmp_path):
    """A sensor at each end, which writes a database."""
    with contextlib.ExitStack() as ended:
        made = []
        for end, name in ((network.left, "a.db"), (network.right, "b.db")):
            made.append(Sensor(gapwatch.program, end, "af_packet", "--db", tmp_path / name))
            ended.callback(made[-1].close)
        for sensor in made:
            sensor.await_watching()
        yield made


def send_through_loss(network, tunnel):
    network.left.ping(5, tunnel.TARGET)
    network.router.lose(20)
    network.left.ping(150, tunnel.TARGET)
    network.router.lose(0)


def test_what_the_router_dropped_was_lost_between(network, sensors, gapwatch, tmp_path):
    with strongswan.tunnel(network, tmp_path) as tunnel:
        network.router.watch(tunnel.DATA)
        send_through_loss(network, tunnel)
        for _ in range(REKEYS):
            network.left.ping(3, tunnel.TARGET)
            tunnel.rekey()
            send_through_loss(network, tunnel)
        network.left.ping(3, tunnel.TARGET)
        network.router.lose(100)
        network.left.ping(TAIL, tunnel.TARGET)
        network.router.lose(0)
    for sensor in sensors:
        sensor.stop()
    done = gapwatch.run("compare", "--json", tmp_path / "a.db", tmp_path / "b.db")
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    there = [sa for sa in found["sas"] if sa["direction"] == "a_to_b"]
    back = [sa for sa in found["sas"] if sa["direction"] == "b_to_a"]
    assert len(there) == len(back) == REKEYS + 1, found
    assert sum(sa["lost_between"] for sa in there) == network.router.count("lost"), found
    assert sum(sa["passed_both"] for sa in there) == network.router.count("carried")
    assert max(sa["lost_tail"] for sa in there) >= TAIL
    for sa in found["sas"]:
        assert sa["lost_before_a"] == sa["missed_by_a"] == sa["lost_undetermined"] == 0, sa
        assert sa["delay_ms"]["samples"] > 0, sa
    assert sum(sa["lost_between"] for sa in back) == 0
    # Both sensors have the same clock.
    assert abs(found["clock_offset_estimate_ms"]) <= found["clock_offset_bound_ms"]
