# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Giving up privileges, checked with the kernel's status of the process and its threads."""
import json
import os
import pwd
import subprocess

import pytest

from support.network import cannot_run
from support.programs import copy_for_anybody

BPF, PERFMON, NET_ADMIN, NET_RAW, FILES = 1, 2, 4, 8, 16
CAPABILITIES = {BPF: 39, PERFMON: 38, NET_ADMIN: 12, NET_RAW: 13, FILES: 1}  # capabilities(7)
SYS_ADMIN = 21
NOBODY = pwd.getpwnam("nobody")


@pytest.fixture
def drop(gapwatch):
    """Runs the tool. Returns its output or its error."""
    if os.geteuid() != 0:
        cannot_run("dropping privileges takes having some: not root")

    with copy_for_anybody(gapwatch.frame_records.with_name("drop_privileges")) as program:

        def run(keep, *user, before=()):
            done = subprocess.run(
                [*before, program, str(keep), *user], capture_output=True, text=True, check=False
            )
            assert done.returncode == 0 or done.stderr.count("\n") == 1, done.stderr
            return json.loads(done.stdout) if done.returncode == 0 else done.stderr

        yield run


def bits(keep):
    return sum(1 << number for privilege, number in CAPABILITIES.items() if keep & privilege)


def bounded(*names):
    """setpriv for a root user with only these capabilities."""
    return ["setpriv", "--bounding-set=-all," + ",".join(f"+{name}" for name in names)]


def assert_only(after, capabilities, bounding=0):
    """Asserts that process and thread have these capabilities and cannot get more."""
    for status in (after["process"], after["thread"]):
        sets = {name: int(status[f"Cap{name}"], 16) for name in ("Prm", "Eff", "Inh", "Amb", "Bnd")}
        expected = {"Prm": capabilities, "Eff": capabilities, "Inh": 0, "Amb": 0, "Bnd": bounding}
        assert sets == expected
        assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("keep", (0, BPF, NET_RAW, FILES, BPF | NET_ADMIN, BPF | PERFMON | NET_ADMIN))
def test_root_keeps_what_it_asked_for(keep, drop):
    after = drop(keep)
    assert (after["held_before"], after["held"]) == (sum(CAPABILITIES), keep)
    assert_only(after, bits(keep))


@pytest.mark.parametrize("user", ("nobody", str(NOBODY.pw_uid)))
@pytest.mark.parametrize("keep", (0, BPF | NET_ADMIN))
def test_another_user(keep, user, drop):
    after = drop(keep, user)
    assert_only(after, bits(keep))
    for status in (after["process"], after["thread"]):
        assert status["Uid"].split() == [str(NOBODY.pw_uid)] * 4
        assert status["Gid"].split() == [str(NOBODY.pw_gid)] * 4
        assert status["Groups"].split() == [
            str(group) for group in sorted(os.getgrouplist("nobody", NOBODY.pw_gid))
        ]


def test_another_user_needs_no_more_than_to_change_ids(drop):
    """The bounding set stays, but has no effect."""
    before = bounded("bpf", "net_admin", "setuid", "setgid")
    after = drop(BPF, "nobody", before=before)
    assert_only(after, bits(BPF), bounding=bits(BPF | NET_ADMIN) | 1 << 6 | 1 << 7)


def test_what_is_not_held_is_not_kept(drop):
    after = drop(BPF | NET_RAW, before=bounded("net_raw", "setpcap"))
    assert (after["held_before"], after["held"]) == (NET_RAW, NET_RAW)
    assert_only(after, bits(NET_RAW))


def test_sys_admin_stands_for_bpf(drop):
    after = drop(BPF, before=bounded("sys_admin", "net_admin", "setpcap"))
    assert after["held_before"] == BPF | PERFMON | NET_ADMIN
    assert_only(after, 1 << SYS_ADMIN)
    assert_only(drop(NET_ADMIN, before=bounded("sys_admin", "net_admin", "setpcap")), 1 << 12)


def test_ambient_capabilities_of_a_service(drop):
    """As systemd starts it with User= and AmbientCapabilities=."""
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    before = [*user, "--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw"]
    for keep in (NET_RAW, 0):
        after = drop(keep, before=[*bounded("net_raw", "setpcap", "setuid", "setgid"), *before])
        assert after["held_before"] == NET_RAW
        assert_only(after, bits(keep), int(after["process"]["CapBnd"], 16))


def test_in_a_user_namespace_bpf_is_not_to_be_had(drop):
    before = ["unshare", "--user", "--map-root-user"]
    if subprocess.run([*before, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no user namespaces here")
    assert drop(0, before=before)["held_before"] == NET_ADMIN | NET_RAW | FILES


@pytest.mark.parametrize(
    "user, before, reason",
    (
        ("no-such-user", (), "there is no user 'no-such-user'"),
        ("nobody", bounded("net_raw"), "cannot become user 'nobody': Operation not permitted"),
    ),
)
def test_refused(user, before, reason, drop):
    assert drop(NET_RAW, user, before=before) == f"gapwatch: {reason}\n"
