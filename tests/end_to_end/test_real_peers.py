# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Real peers in user space, with a router between them that loses some frames: gapwatch must report
exactly the frames that nftables dropped there, and count all others."""
import contextlib
import shutil
import time

import pytest

from support.live import BPF_METHODS, METHODS, unless
from support.peers import dtls, openvpn, strongswan, wireguard
from support.routed import RIGHT, Routed
from support.sensor import Sensor

REKEYS = 3
TOOLS = ("nft", "wg", "wireguard-go", "openvpn", "swanctl", strongswan.CHARON)


def is_to_the_right(flow):
    return f"dst: {RIGHT}" in flow["flow_id"] or f"-> {RIGHT}:" in flow["flow_id"]


def of_protocol(report, protocol):
    """Returns the flows from the left host to the right one."""
    return [flow for flow in report["flows"] if flow["protocol"] == protocol and is_to_the_right(flow)]


def total(flows, name):
    return sum(flow[name] for flow in flows)


@pytest.fixture
def network(obstacle_to_links):
    unless(obstacle_to_links)
    unless(next((f"there is no {tool}" for tool in TOOLS if not shutil.which(tool)), None))
    with Routed() as made:
        yield made


@pytest.fixture
def sensors(network, gapwatch, obstacle_to_bpf):
    """Starts a sensor of each method in front of the right host, before there is any traffic."""
    methods = [method for method in METHODS if not obstacle_to_bpf or method not in BPF_METHODS]
    with contextlib.ExitStack() as ended:
        made = []
        for method in methods:
            made.append(Sensor(gapwatch.program, network.right, method))
            ended.callback(made[-1].close)
        for sensor in made:
            sensor.await_watching()
        yield made


def ping_through_loss(network, tunnel):
    """Sends pings of which some are lost, but neither the first ones nor the last."""
    network.left.ping(5, tunnel.TARGET)
    network.router.lose(20)
    network.left.ping(100, tunnel.TARGET)
    network.router.lose(0)
    network.left.ping(5, tunnel.TARGET)


def test_strongswan_over_rekeys(network, sensors, tmp_path):
    with strongswan.tunnel(network, tmp_path) as tunnel:
        network.router.watch(tunnel.DATA)
        ping_through_loss(network, tunnel)
        for _ in range(REKEYS):
            tunnel.rekey()
            ping_through_loss(network, tunnel)
    lost, carried = network.router.count("lost"), network.router.count("carried")
    others = network.router.count("datagrams") - carried  # IKE
    assert lost > 0
    for sensor in sensors:
        report = sensor.stop()
        sas = of_protocol(report, "esp")
        assert len(sas) == REKEYS + 1, sensor.said()
        assert (total(sas, "total_lost_packets"), total(sas, "packets_received")) == (lost, carried)
        assert report["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}
        assert total(of_protocol(report, "udp"), "packets_received") == others


def check_protocol(network, sensors, protocol):
    """All data are in flows of PROTOCOL, which say exactly what was lost."""
    lost, carried = network.router.count("lost"), network.router.count("carried")
    assert lost > 0
    for sensor in sensors:
        report = sensor.stop()
        sas = of_protocol(report, protocol)
        assert (total(sas, "total_lost_packets"), total(sas, "packets_received")) == (lost, carried), sensor.said()
        assert report["summary"]["lost_by_cause"] == {"network": lost, "undetermined": 0}
        others = network.router.count("datagrams") - carried
        assert total(of_protocol(report, "udp"), "packets_received") == others


@pytest.mark.parametrize("port", (51820, 4500, 3478))
def test_wireguard(port, network, sensors, tmp_path):
    """On any port, also on that of ESP; each key is a flow of its own."""
    with wireguard.tunnel(network, tmp_path, port) as tunnel:
        network.router.watch(tunnel.DATA)
        ping_through_loss(network, tunnel)
        tunnel.rekey()
        ping_through_loss(network, tunnel)
    check_protocol(network, sensors, "wireguard")


def test_openvpn(network, sensors, tmp_path):
    with openvpn.tunnel(network, tmp_path) as tunnel:
        network.router.watch(tunnel.DATA)
        ping_through_loss(network, tunnel)
    check_protocol(network, sensors, "openvpn")


def test_dtls(network, sensors, tmp_path):
    """A datagram of the handshake may have several records, and each counts."""
    with dtls.tunnel(network, tmp_path) as tunnel:
        network.router.watch(tunnel.DATA)
        tunnel.send(10)
        network.router.lose(20)
        tunnel.send(100)
        network.router.lose(0)
        tunnel.send(10)
        time.sleep(0.2)
    lost, carried = network.router.count("lost"), network.router.count("carried")
    assert lost > 0
    for sensor in sensors:
        report = sensor.stop()
        (flow,) = of_protocol(report, "dtls")
        assert flow["total_lost_packets"] == flow["lost_network"] == lost, sensor.said()
        assert flow["packets_received"] >= carried
        assert not of_protocol(report, "udp")
