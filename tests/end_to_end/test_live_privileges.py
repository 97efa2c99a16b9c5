# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A sensor needs no more privileges than it must have, to start and while it runs."""
import pathlib
import pwd
import signal

import pytest

from support.link import PINS
from support.numbered import esp_run
from support.programs import copy_for_anybody

BITS = {"net_admin": 12, "net_raw": 13, "perfmon": 38, "bpf": 39}
NEEDS = {
    "xdp": ("bpf", "net_admin", "perfmon"),
    "tc": ("bpf", "net_admin", "perfmon"),
    "af_packet": ("net_raw",),
    "pcap": ("net_raw",),
}
KEEPS = {"xdp": (), "tc": (), "af_packet": (), "pcap": ("net_raw",)}
CASES = [(method, name) for method, names in NEEDS.items() for name in names]
STOP_SECONDS = 60
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def program(gapwatch):
    with copy_for_anybody(gapwatch.program) as copy:
        yield copy


def only(*names):
    """A root user with only these capabilities."""
    return ["setpriv", "--bounding-set=-all," + ",".join(f"+{name}" for name in names)]


def status(sensor):
    path = pathlib.Path(f"/proc/{sensor.pid}/status")
    return dict(line.split(":\t", 1) for line in path.read_text().splitlines())


def threads_have_no_more_than(sensor, names):
    """Asserts that the sensor's threads have exactly these capabilities and can get no others."""
    bits = sum(1 << BITS[name] for name in names)
    for path in pathlib.Path(f"/proc/{sensor.pid}/task").iterdir():
        of_thread = dict(line.split(":\t", 1) for line in (path / "status").read_text().splitlines())
        assert of_thread["NoNewPrivs"] == "1"
        assert int(of_thread["CapInh"], 16) == int(of_thread["CapAmb"], 16) == 0
        assert int(of_thread["CapEff"], 16) == int(of_thread["CapPrm"], 16) == bits


def unprivileged(*names):
    """The user nobody with these capabilities, as systemd gives them with AmbientCapabilities=."""
    given = ",".join(["-all", *(f"+{name}" for name in names)])
    user = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    return ["setpriv", *user, f"--inh-caps={given}", f"--ambient-caps={given}"]


def refused(link, program, method, prefix):
    """Starts a sensor, which must fail with one line. Returns the line."""
    sensor = link.start(method, program=program, prefix=prefix)
    assert sensor.process.wait(STOP_SECONDS) == 1
    assert sensor.said().count("\n") == 1
    return sensor.said()


# --- to start ---


@pytest.mark.parametrize("needing, name", CASES)
def test_each_missing_capability_is_named(needing, name, watched, program, obstacle_to_bpf):
    others = [other for other in BITS if other != name]
    line = refused(watched, program, needing, only(*others))
    assert line == f"gapwatch: the method {needing} needs CAP_{name.upper()}: use sudo\n"


def test_nobody_is_told_what_is_missing(method, watched, program):
    line = refused(watched, program, method, unprivileged())
    assert line == f"gapwatch: the method {method} needs CAP_{NEEDS[method][0].upper()}: use sudo\n"


def test_auto_tells_nobody_what_is_missing(watched, program, obstacle_to_bpf):
    line = refused(watched, program, "auto", unprivileged())
    missing = {name: f"{name}: CAP_{NEEDS[name][0].upper()} is missing" for name in NEEDS}
    reasons = "; ".join(missing[name] for name in NEEDS)
    assert line == f"gapwatch: {watched.near.interface}: {reasons}: use sudo\n"


def test_needs_no_more(method, watched, program):
    """In particular not CAP_SYS_ADMIN."""
    sensor = watched.sensor(method, program=program, prefix=only(*NEEDS[method]))
    watched.send(esp_run(1, 10))
    threads_have_no_more_than(sensor, KEEPS[method])
    assert sensor.stop()["capture"]["packets"] == 10
    assert not (PINS / watched.near.interface).exists()


def test_a_service_of_another_user_needs_no_more(method, watched, program):
    sensor = watched.sensor(method, program=program, prefix=unprivileged(*NEEDS[method]))
    watched.send(esp_run(1, 10))
    assert status(sensor)["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    threads_have_no_more_than(sensor, KEEPS[method])
    assert sensor.stop()["capture"]["packets"] == 10


# --- once it runs ---


@pytest.mark.parametrize("workers", [1, 2])
def test_root_keeps_but_what_is_needed(workers, method, watched):
    if (workers, method) == (2, "pcap"):
        pytest.skip("libpcap has one worker")
    sensor = watched.sensor(method, "--workers", workers)
    shares_sockets = method == "af_packet" and workers > 1  # made again when an interface comes back
    threads_have_no_more_than(sensor, ("net_raw",) if shares_sockets else KEEPS[method])
    assert int(status(sensor)["CapBnd"], 16) == 0


def test_another_user(method, watched):
    """Everything still works as nobody: overload, an interface that comes back, and the end."""
    sensor = watched.sensor(method, "--user", "nobody", "--buffer", 1)
    assert status(sensor)["Uid"].split() == [str(NOBODY.pw_uid)] * 4
    assert status(sensor)["Gid"].split() == [str(NOBODY.pw_gid)] * 4
    threads_have_no_more_than(sensor, KEEPS[method])
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 2, "--packets", 40_000)
    sensor.process.send_signal(signal.SIGCONT)
    watched.take_away()
    watched.make_anew()
    sensor.await_saying(f"{watched.near.interface} has come back and is watched again")
    watched.send(esp_run(1, 10, spi=0x9009))
    found = sensor.stop()
    (after,) = (flow for flow in found["flows"] if "0x00009009" in flow["flow_id"])
    assert after["packets_received"] == 10
    unseen = 0 if method in ("xdp", "tc") else found["capture"]["sensor_drops"]
    assert found["capture"]["packets"] + unseen == 40_010
    assert list((PINS / watched.near.interface).glob("*")) == []  # its directory belongs to root


def test_no_such_user(method, watched):
    sensor = watched.start(method, "--user", "no-such-user")
    assert sensor.process.wait(STOP_SECONDS) == 1
    assert sensor.said() == "gapwatch: there is no user 'no-such-user'\n"
    assert not (PINS / watched.near.interface).exists()
