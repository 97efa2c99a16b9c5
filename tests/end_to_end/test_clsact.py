# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""TC programs attached with clsact: they end with their holder, and never disturb other programs.
"""
import contextlib
import json
import os
import pathlib
import signal

import pytest

from support.network import cannot_run, veth_pair
from support.programs import copy_for_anybody
from support.waiting import PATIENCE_SECONDS, wait_until

HOOKS = ("clsact/ingress", "clsact/egress")
GUARD_NAME = "gapwatch-guard"
CAP_NET_ADMIN = 1 << 12


@pytest.fixture
def network():
    with veth_pair() as inside:
        yield inside


@pytest.fixture
def hold(gapwatch, network):
    """Starts holders of the program; those left at the end of the test are ended."""
    program = gapwatch.frame_records.with_name("hold_clsact")
    if not program.exists():
        cannot_run("built without BPF")
    with contextlib.ExitStack() as started:

        def start(direction="both", interface="left"):
            holder = started.enter_context(network.start(program, interface, direction))
            started.callback(holder.kill)
            first = holder.stdout.readline()
            assert first, holder.stderr.read()
            holder.program, holder.guard = map(int, first.split())
            return holder

        yield start


def attached(network, interface="left"):
    """The TC hooks of INTERFACE that have a BPF program (classic BPF has no id), as {hook: id}."""
    hooks = json.loads(network.must("bpftool --json net"))[0]["tc"]
    ours = (hook for hook in hooks if hook["devname"] == interface and "id" in hook)
    return {hook["kind"]: hook["id"] for hook in ours}


def has_clsact(network, interface="left"):
    return "clsact" in network.must(f"tc qdisc show dev {interface}")


def filters(network, where):
    return network.must(f"tc filter show dev left {where}")


def is_gone(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def finish(holder):
    """Ends the holder. Returns its exit status, after checking that the guard ended first."""
    holder.stdin.close()
    status = holder.wait(PATIENCE_SECONDS)
    assert is_gone(holder.guard)
    return status


@pytest.mark.parametrize(
    "direction, hooks", (("in", HOOKS[:1]), ("out", HOOKS[1:]), ("both", HOOKS))
)
def test_clean_end(direction, hooks, network, hold):
    holder = hold(direction)
    assert attached(network) == dict.fromkeys(hooks, holder.program)
    assert "hold_clsact" in filters(network, "egress" if direction == "out" else "ingress")
    assert finish(holder) == 0
    assert not attached(network) and not has_clsact(network)


def test_killed(network, hold):
    holder = hold()
    assert len(attached(network)) == 2
    holder.kill()
    wait_until(lambda: is_gone(holder.guard))
    assert not attached(network) and not has_clsact(network)


def add_foreign(network, where):
    """Adds another program's filter: classic BPF that matches nothing."""
    arguments = f"filter add dev left {where} pref 7 protocol all bpf bytecode".split()
    done = network.run("tc", *arguments, "1,6 0 0 0,", "flowid", "1:1")
    assert done.returncode == 0, done.stderr


def foreign(network):
    """The listing of those filters at both hooks."""
    shown = (filters(network, where) for where in ("ingress", "egress"))
    return [[line for line in lines.splitlines() if " pref 7 " in line] for lines in shown]


@pytest.mark.parametrize("end", (finish, lambda holder: holder.kill()), ids=("clean", "killed"))
def test_filters_that_were_there_stay(end, network, hold):
    network.must("tc qdisc add dev left clsact")
    add_foreign(network, "ingress")
    add_foreign(network, "egress")
    before = foreign(network)
    holder = hold()
    assert all(before) and foreign(network) == before
    assert attached(network) == dict.fromkeys(HOOKS, holder.program)
    end(holder)
    wait_until(lambda: is_gone(holder.guard))
    assert foreign(network) == before and not attached(network)


@pytest.mark.parametrize("where", ("ingress", "egress"))
def test_a_filter_that_came_later_keeps_its_qdisc(where, network, hold):
    holder = hold()
    add_foreign(network, where)
    before = foreign(network)
    assert any(before)
    assert finish(holder) == 0
    assert foreign(network) == before and not attached(network)


def test_an_empty_clsact_of_others_stays(network, hold):
    network.must("tc qdisc add dev left clsact")
    assert finish(hold()) == 0
    assert has_clsact(network) and not attached(network)


def test_two_holders(network, hold):
    """The first holder made the qdisc, ends first, and leaves the qdisc to the second."""
    first, second = hold("in"), hold("in")
    assert filters(network, "ingress").count("direct-action") == 2
    assert finish(first) == 0
    assert attached(network) == {HOOKS[0]: second.program}
    assert finish(second) == 0
    assert not attached(network)


def test_a_filter_in_the_place_of_ours_is_left(network, hold):
    """Another program removed our filter and put its own at the same priority and handle."""
    other, holder = hold("in", "right"), hold("in")
    network.must("tc filter del dev left ingress")
    pin = f"/sys/fs/bpf/{network.name}"
    network.must(f"bpftool prog pin id {other.program} {pin}")
    try:
        where = "dev left ingress pref 49152 handle 1 protocol all"
        network.must(f"tc filter add {where} bpf direct-action object-pinned {pin}")
    finally:
        os.unlink(pin)
    assert finish(holder) == 0
    assert attached(network) == {HOOKS[0]: other.program}


class TestReattach:
    """The holder has no privileges left, so the guard attaches the program."""

    def attach(self, holder, interface):
        holder.stdin.write(f"{interface}\n")
        holder.stdin.flush()
        return holder.stdout.readline().strip()

    def test_interface_comes_back(self, network, hold):
        holder = hold()
        network.must("ip link del left")
        assert "cannot attach" in self.attach(holder, "left")
        network.must("ip link add left type veth peer name right")
        assert self.attach(holder, "left") == "ok"
        assert attached(network) == dict.fromkeys(HOOKS, holder.program)
        assert finish(holder) == 0
        assert not attached(network) and not has_clsact(network)

    def test_moves_to_another(self, network, hold):
        holder = hold()
        assert self.attach(holder, "right") == "ok"
        assert not attached(network) and not has_clsact(network)
        assert attached(network, "right") == dict.fromkeys(HOOKS, holder.program)


class TestGuard:
    def test_it_holds_only_what_it_needs(self, network, hold):
        process = pathlib.Path("/proc", str(hold().guard))
        assert (process / "comm").read_text().strip() == GUARD_NAME
        status = dict(
            line.split(":\t", 1) for line in (process / "status").read_text().splitlines()
        )
        capabilities = {name: int(status[name], 16) for name in status if name.startswith("Cap")}
        assert capabilities == {
            "CapInh": 0,
            "CapPrm": CAP_NET_ADMIN,
            "CapEff": CAP_NET_ADMIN,
            "CapBnd": 0,
            "CapAmb": 0,
        }
        assert status["NoNewPrivs"] == "1"
        descriptors = sorted(os.readlink(entry) for entry in (process / "fd").iterdir())
        assert len(descriptors) == 2
        assert descriptors[0].startswith("anon_inode:bpf-prog")
        assert descriptors[1].startswith("socket:")

    @pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
    def test_signals_that_end_the_holder_do_not_end_it(self, number, network, hold):
        holder = hold()
        os.kill(holder.guard, number)
        assert len(attached(network)) == 2 and not is_gone(holder.guard)
        assert os.getsid(holder.guard) != os.getsid(holder.pid), "no terminal reaches it"
        assert finish(holder) == 0
        assert not attached(network)

    def test_killed_guard_is_told(self, network, hold):
        holder = hold()
        os.kill(holder.guard, signal.SIGKILL)
        assert finish(holder) == 1
        assert "tc filter show" in holder.stderr.read()


def test_no_such_interface(gapwatch, network, hold):
    del hold  # which skips without BPF
    done = network.run(gapwatch.frame_records.with_name("hold_clsact"), "missing", "both")
    assert done.returncode == 1 and "cannot attach a filter" in done.stderr


def test_refused_without_the_capability(gapwatch, network, hold):
    del hold
    bounds = ["setpriv", "--bounding-set=-all,+bpf,+sys_admin", "--inh-caps=-all"]
    with copy_for_anybody(gapwatch.frame_records.with_name("hold_clsact")) as program:
        done = network.run(*bounds, program, "left", "both")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "Operation not permitted" in done.stderr
    assert not attached(network) and not has_clsact(network)
