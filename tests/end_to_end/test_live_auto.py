# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`auto` tries methods: when one does not work, it says so and takes the next."""
import json
import subprocess

from support.numbered import esp_run

NO_SYS = ("unshare", "-m", "sh", "-c", 'mount -t tmpfs none /sys && exec "$@"', "sh")
NO_TYPES = "there is no /sys/kernel/btf/vmlinux"


def test_without_sys_it_falls_back_and_says_why(watched, obstacle_to_bpf):
    """As in some containers, where the kernel's types are not known and BPF programs cannot be
    adapted to it."""
    sensor = watched.sensor("auto", prefix=NO_SYS)
    [passed] = [line for line in sensor.said().splitlines() if "passes over" in line]
    near = watched.near.interface
    assert passed.startswith(f"gapwatch: auto passes over tc for {near}: cannot load the BPF programs: ")
    assert NO_TYPES in passed
    assert f"gapwatch: auto chose af_packet for {near}: " in sensor.said()
    watched.send(esp_run(1, 10))
    report = sensor.stop()
    assert (report["capture"]["method"], report["capture"]["packets"]) == ("af_packet", 10)


def test_a_method_that_was_asked_for_is_refused(watched, bpf_method):
    sensor = watched.start(bpf_method, prefix=NO_SYS)
    assert sensor.process.wait(60) == 1
    assert sensor.said().startswith("gapwatch: cannot load the BPF programs: ")
    assert NO_TYPES in sensor.said()


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
