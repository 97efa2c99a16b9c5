# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`auto` tries methods: when one does not work, it says so and takes the next."""
import errno
import json
import subprocess
import sys

import pytest

from support.numbered import esp_run

NO_SYS = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys && exec "$@"', "sh")
NO_TYPES = "there is no /sys/kernel/btf/vmlinux"
FORBIDDEN = "this system or container forbids it, though the capabilities are there"
# Sets a seccomp filter by which bpf(2) fails with the first argument, and runs the other arguments.
NO_BPF = """
import ctypes, os, struct, sys
rules = [(0x20, 0, 0, 0), (0x15, 0, 1, 321), (0x06, 0, 0, 0x50000 | int(sys.argv[1])), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
program = ctypes.create_string_buffer(struct.pack("HP", len(rules), ctypes.addressof(code)))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
    sys.exit(os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[2], sys.argv[2:])
"""


def test_without_sys_it_falls_back_and_says_why(watched, obstacle_to_bpf):
    """As in some containers, where the kernel's types are not known and BPF programs cannot be
    adapted to it."""
    sensor = watched.sensor("auto", prefix=NO_SYS)
    [passed] = [line for line in sensor.said().splitlines() if "passes over" in line]
    near = watched.near.interface
    assert passed.startswith(f"gapwatch: auto passes over tc for {near}: cannot load the BPF programs: {NO_TYPES}")
    assert f"gapwatch: auto chose af_packet for {near}: " in sensor.said()
    watched.send(esp_run(1, 10))
    report = sensor.stop()
    assert (report["capture"]["method"], report["capture"]["packets"]) == ("af_packet", 10)


def test_a_method_that_was_asked_for_is_refused(watched, bpf_method):
    sensor = watched.start(bpf_method, prefix=NO_SYS)
    assert sensor.process.wait(60) == 1
    assert sensor.said().startswith(f"gapwatch: cannot load the BPF programs: {NO_TYPES}")


def test_interfaces_says_what_works(watched, gapwatch, obstacle_to_bpf):
    command = watched.near.command(*NO_SYS, gapwatch.program, "interfaces", "--json")
    done = subprocess.run(command, capture_output=True, check=True)
    shown = {one["name"]: one for one in json.loads(done.stdout)["interfaces"]}
    near = shown[watched.near.interface]
    for method in ("xdp", "tc"):
        assert not near["methods"][method]["usable"]
        assert NO_TYPES in near["methods"][method]["reason"]
    assert near["auto"]["method"] == "af_packet"
    assert NO_TYPES in near["auto"]["reason"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOSYS])
def test_a_container_that_forbids_bpf(code, watched, gapwatch, obstacle_to_bpf):
    """Its filter of system calls answers with one of these. The reason is whole for each method."""
    prefix = (sys.executable, "-c", NO_BPF, str(code))
    command = watched.near.command(*prefix, gapwatch.program, "interfaces", "--json")
    done = subprocess.run(command, capture_output=True, check=True)
    shown = {one["name"]: one for one in json.loads(done.stdout)["interfaces"]}
    auto = shown[watched.near.interface]["auto"]
    assert auto["method"] == "af_packet"
    assert auto["reason"].count("; tc: ") == 1
    assert all(reason.endswith(FORBIDDEN) for reason in auto["reason"].split("; tc: "))
    sensor = watched.start("tc", prefix=prefix)
    assert sensor.process.wait(60) == 1
    assert FORBIDDEN in sensor.said()
