# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""gapwatch interfaces, compared with `ip` and with what the kernel then allows."""
import contextlib
import json
import os
import platform
import re

import pytest

from support.network import namespace, veth_pair
from support.programs import copy_for_anybody

METHODS = ["xdp", "tc", "af_packet", "pcap"]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture
def network():
    with veth_pair() as inside:
        yield inside


@pytest.fixture(scope="module")
def assorted():
    """A namespace with interfaces of several kinds and states, as far as this kernel has them."""
    with namespace() as inside:
        inside.must("ip link add left type veth peer name right")
        inside.must("ip link set left up")
        for more in (
            "tuntap add dev tunnel mode tun",
            "link add br0 type bridge",
            "link add vx0 type vxlan id 7 dstport 4789 local 127.0.0.1",
            "link add mv0 link left type macvlan",
            "link add vlan7 link left type vlan id 7",
            "link add dummy0 type dummy",
        ):
            inside.run("ip", *more.split())
        inside.run("ip", "link", "set", "br0", "up", "mtu", "9000")
        yield inside


def listed(network, gapwatch, before=()):
    """The output of --json in NETWORK, as {name: interface}."""
    with copy_for_anybody(gapwatch.program) as program:
        done = network.run(*before, program, "interfaces", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return {interface["name"]: interface for interface in json.loads(done.stdout)["interfaces"]}


def shown_by_ip(network):
    """The same from `ip`, as {name: (kind, MTU, is Ethernet, is up, has a carrier)}."""
    links = {}
    for link in json.loads(network.must("ip -json -details link")):
        kind = link.get("linkinfo", {}).get("info_kind")
        kind = kind or ("loopback" if link["link_type"] == "loopback" else "physical")
        links[link["ifname"]] = (
            kind,
            link["mtu"],
            link["link_type"] in ("ether", "loopback"),
            "UP" in link["flags"],
            "LOWER_UP" in link["flags"],
        )
    return links


def test_facts_are_those_of_ip(assorted, gapwatch):
    expected = shown_by_ip(assorted)
    found = {
        name: (
            interface["kind"],
            interface["mtu"],
            interface["link_type"] == "Ethernet",
            interface["state"] != "down",
            interface["state"] == "up",
        )
        for name, interface in listed(assorted, gapwatch).items()
    }
    assert found == expected and len(found) >= 4


def test_states_and_drivers(assorted, gapwatch):
    interfaces = listed(assorted, gapwatch)
    assert interfaces["lo"]["state"] == "up" and interfaces["lo"]["driver"] is None
    assert interfaces["left"]["state"] == "no carrier"
    assert interfaces["right"]["state"] == "down"
    assert interfaces["left"]["driver"] == "veth"


def test_every_method_says_how_or_why_not(assorted, gapwatch):
    for interface in listed(assorted, gapwatch).values():
        assert list(interface["methods"]) == METHODS
        for method in interface["methods"].values():
            assert method["usable"] is (method["reason"] is None)
        auto = interface["auto"]
        assert interface["methods"][auto["method"]]["usable"] and auto["reason"]
        assert auto["method"] != "xdp", "nothing here is physical"


def test_raw_ip(assorted, gapwatch):
    tunnel = listed(assorted, gapwatch).get("tunnel") or pytest.skip("no tun devices here")
    assert tunnel["link_type"] == "raw IP"
    assert tunnel["methods"]["xdp"] == {"usable": False, "mode": None, "reason": "not Ethernet"}


@contextlib.contextmanager
def xdp_program(network, gapwatch):
    """The path of a pinned XDP program that passes everything."""
    pin = f"/sys/fs/bpf/{network.name}"
    network.must(f"bpftool prog load {gapwatch.program.parent}/bpf/classify.bpf.o {pin}")
    try:
        yield pin
    finally:
        os.unlink(pin)


def kernel_version():
    return tuple(map(int, re.findall(r"\d+", platform.release())[:2]))


def needs_bpf(gapwatch):
    if not (gapwatch.program.parent / "bpf").exists():
        pytest.skip("built without BPF")


@pytest.mark.parametrize("interface", ("left", "lo"))
def test_native_xdp_is_what_attaches_natively(interface, network, gapwatch):
    needs_bpf(gapwatch)
    mode = listed(network, gapwatch)[interface]["methods"]["xdp"]["mode"]
    with xdp_program(network, gapwatch) as pin:
        attach = f"net attach xdpdrv pinned {pin} dev {interface}"
        attaches = network.run("bpftool", *attach.split()).returncode == 0
    expected = "native" if attaches else "generic"
    assert mode == (expected if kernel_version() >= (6, 3) else "native or generic")


def test_tcx_is_there_since_linux_6_6(network, gapwatch):
    needs_bpf(gapwatch)
    mode = listed(network, gapwatch)["left"]["methods"]["tc"]["mode"]
    assert mode == ("tcx" if kernel_version() >= (6, 6) else "clsact")


def test_xdp_program_of_somebody_else(network, gapwatch):
    needs_bpf(gapwatch)
    with xdp_program(network, gapwatch) as pin:
        network.must(f"bpftool net attach xdpgeneric pinned {pin} dev left")
        number = json.loads(network.must("bpftool --json net"))[0]["xdp"][0]["id"]
    interfaces = listed(network, gapwatch)
    xdp = interfaces["left"]["methods"]["xdp"]
    assert (xdp["usable"], xdp["reason"]) == (False, f"XDP program {number} is attached already")
    assert interfaces["right"]["methods"]["xdp"]["usable"]


@pytest.mark.parametrize(
    "capabilities, method, reason",
    (
        ("bpf,perfmon,net_admin,net_raw", "tc", "xdp: would turn off GRO on a virtual device"),
        ("bpf,perfmon,net_admin", "tc", "xdp: would turn off GRO on a virtual device"),
        ("sys_admin,net_admin", "tc", "xdp: would turn off GRO on a virtual device"),
        ("bpf,perfmon,net_raw", "af_packet", "tc: CAP_NET_ADMIN is missing"),
        ("bpf,net_admin,net_raw", "af_packet", "tc: CAP_PERFMON is missing"),
        ("net_raw", "af_packet", "tc: CAP_BPF is missing"),
        ("net_admin", None, "af_packet: CAP_NET_RAW is missing; pcap: CAP_NET_RAW is missing"),
    ),
)
def test_auto_by_capabilities(capabilities, method, reason, network, gapwatch):
    needs_bpf(gapwatch)
    bounds = ",".join(f"+{name}" for name in capabilities.split(","))
    before = ["setpriv", f"--bounding-set=-all,{bounds}", "--inh-caps=-all"]
    auto = listed(network, gapwatch, before)["left"]["auto"]
    assert auto["method"] == method and reason in auto["reason"]


def test_anybody_may_list(network, gapwatch):
    interfaces = listed(network, gapwatch, NOBODY)
    assert interfaces.keys() == {"lo", "left", "right"}
    assert all(interface["auto"]["method"] is None for interface in interfaces.values())


class TestTable:
    def table(self, network, gapwatch, *arguments, before=()):
        done = network.run(*before, gapwatch.program, "interfaces", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    def test_columns_line_up(self, assorted, gapwatch):
        """The value below a heading is that interface's value."""
        heading, *rows = self.table(assorted, gapwatch)
        starts = [match.start() for match in re.finditer(r"\S+", heading)]
        interfaces = listed(assorted, gapwatch)
        assert heading.split() == "NAME STATE KIND DRIVER LINK XDP TC AF_PACKET PCAP AUTO".split()
        for row, interface in zip(rows, interfaces.values(), strict=True):
            ends = [*starts[1:], len(row)]
            cells = [row[start:end].strip() for start, end in zip(starts, ends)]
            auto, methods = interface["auto"], interface["methods"]
            assert cells == [
                interface["name"],
                interface["state"],
                interface["kind"],
                interface["driver"] or "-",
                interface["link_type"],
                *(self.cell(methods[method]) for method in METHODS),
                f"{auto['method']} ({auto['reason']})",
            ]

    def cell(self, method):
        return method["mode"] or ("yes" if method["usable"] else "no")

    def test_a_method_without_privileges_needs_sudo(self, network, gapwatch):
        heading, *rows = (line.split() for line in self.table(network, gapwatch, before=NOBODY))
        expected = {"XDP": "sudo", "TC": "sudo", "AF_PACKET": "sudo", "PCAP": "sudo"}
        if not (gapwatch.program.parent / "bpf").exists():
            expected["XDP"] = expected["TC"] = "no"
        for row in rows:
            assert {name: row[heading.index(name)] for name in expected} == expected

    def test_nothing_else_is_taken(self, gapwatch):
        for wrong in (["eth0"], ["--window", "3"], ["--quiet"]):
            done = gapwatch.run("interfaces", *wrong)
            assert (done.returncode, done.stdout) == (2, b"")
            assert done.stderr.count(b"\n") == 1
