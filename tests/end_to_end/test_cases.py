# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Captures of typical networks, each with its expected figures."""
import pathlib

import pytest

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"


@pytest.fixture
def analyze(gapwatch):
    """Analyses the case with this name."""
    if not CASES.exists():
        pytest.skip(f"the cases are not there: {CASES}")
    return lambda name, *options: gapwatch.analyze(CASES / name, *options)


def lost_by_flow(found):
    return {flow["flow_id"]: flow["total_lost_packets"] for flow in found["flows"]}


@pytest.mark.parametrize(
    "name, flows, packets, lost",
    (
        ("cilium-keyid-spi3/in.pcap", 3, 898, 2),
        ("shared-spi-many-sources/in.pcap", 3, 898, 2),
        ("shared-spi-many-sources/ten-nodes-no-loss.pcap", 10, 10_000, 0),
    ),
)
def test_senders_that_share_spi_and_destination(name, flows, packets, lost, analyze):
    found = analyze(name)
    assert [flow["protocol"] for flow in found["flows"]] == ["esp"] * flows
    assert sum(flow["packets_received"] for flow in found["flows"]) == packets
    assert found["summary"]["total_lost_packets"] == lost
    assert found["capture"]["counters"]["reserved_spi"] == 0


@pytest.mark.parametrize("name", ("loss-in-vlan20.pcap", "same-pn.pcap"))
def test_vlans_that_share_an_sci(name, analyze):
    found = analyze(f"macsec-two-vlans-same-sci/{name}")
    assert {flow_id.partition(", vlan")[2] for flow_id in lost_by_flow(found)} == {": 10 }", ": 20 }"}
    assert found["summary"]["total_lost_packets"] == 4
    for flow in found["flows"]:
        assert flow["outlier_packets"] == flow["duplicate_packets"] == 0
        if "vlan: 10 " in flow["flow_id"]:
            assert flow["total_lost_packets"] == 0


@pytest.mark.parametrize(
    "name",
    (
        "encap/erspan2.pcap",
        "encap/gre-ip.pcap",
        "encap/ipip.pcap",
        "encap/llc-snap.pcap",
        "encap/mpls-pw-cw.pcap",
        "encap/vxlan-4789.pcap",
        "dlt/nflog239.pcap",
    ),
)
def test_esp_inside_of_something_else(name, analyze):
    (flow,) = analyze(name)["flows"]
    assert flow["protocol"] == "esp"
    assert (flow["packets_received"], flow["total_lost_packets"]) == (197, 3)


@pytest.mark.parametrize(
    "name, options",
    (("globalprotect-4501", ("--esp-port", "4501")), ("sdwan-12346", ("--esp-port", "any"))),
)
def test_esp_on_other_ports(name, options, analyze):
    (flow,) = analyze(f"esp-udp-other-port/{name}.pcap", *options)["flows"]
    assert (flow["protocol"], flow["packets_received"], flow["total_lost_packets"]) == ("esp", 197, 3)
    (flow,) = analyze(f"esp-udp-other-port/{name}.pcap")["flows"]
    assert (flow["protocol"], flow["packets_received"]) == ("udp", 197)


def test_ah(analyze):
    (flow,) = analyze("encap/ah-only.pcap")["flows"]
    assert (flow["protocol"], flow["packets_received"], flow["total_lost_packets"]) == ("ah", 197, 3)


def test_wireguard_on_the_port_of_esp(analyze):
    (flow,) = analyze("port4500/wireguard.pcap")["flows"]
    assert (flow["protocol"], flow["packets_received"], flow["total_lost_packets"]) == ("wireguard", 198, 2)


def test_what_is_no_esp_on_its_port(analyze):
    found = analyze("port4500/rtp.pcap")
    assert {flow["protocol"] for flow in found["flows"]} == {"udp"}
    packets = sum(flow["packets_received"] for flow in found["flows"])
    assert packets == found["capture"]["counters"]["udp"] == found["capture"]["packets"]
