# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What bpftool shows of a running sensor: names instead of offsets, and consistent figures."""
import json
import pathlib
import re
import signal
import types

import pytest

from support.descriptors import open_files
from support.link import PINS, run
from support.live import unless
from support.numbered import esp, esp_run

PROGRAM_NAMES = {"xdp": "gapwatch_xdp", "tc": "gapwatch_tc"}
KINDS = ("macsec", "esp", "tcp", "udp")


def bpftool(*words):
    """Returns bpftool's JSON output."""
    return json.loads(run("bpftool", "-j", *words))


def pin(link, name):
    return PINS / link.near.interface / name


def dumped(link, name):
    return bpftool("map", "dump", "pinned", pin(link, name))


def counters(link):
    """Sums of the map of counters over all processors: {outcome: {"packets": ..., "bytes": ...}}.
    """
    (entry,) = dumped(link, "counters")
    sums = {}
    for of_cpu in entry["formatted"]["values"]:
        for name, counter in of_cpu["value"].items():
            total = sums.setdefault(name, {"packets": 0, "bytes": 0})
            total["packets"] += counter["packets"]
            total["bytes"] += counter["bytes"]
    return sums


def state(link):
    """The global variables of the BPF programs."""
    (entry,) = dumped(link, "state")
    (section,) = [entry["formatted"]["value"]] if "formatted" in entry else [entry["value"]]
    (variables,) = section.values()
    return {name: value for variable in variables for name, value in variable["state"].items()}


def test_counters_have_names_and_agree_with_the_report(bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    words = [word for kind in KINDS for word in (f"--{kind}", 3)]
    sent = watched.generate(*words, "--packets", 5000)
    watched.send([b"\xff" * 12 + b"\x88\xb5" + bytes(46)] * 7)
    shown = counters(watched)
    found = sensor.stop()
    for kind in KINDS:
        assert shown[kind]["packets"] == sent["kinds"][kind]["packets"]
        assert shown[kind]["bytes"] == sent["kinds"][kind]["bytes"]
    assert shown["not_ip"] == {"packets": 7, "bytes": 7 * 60}
    packets = {name: counter["packets"] for name, counter in shown.items() if name != "none"}
    assert packets == found["capture"]["counters"]
    assert shown["none"]["packets"] == 0
    assert sum(counter["bytes"] for counter in shown.values()) == found["capture"]["bytes"]


def test_missed_frames_have_names(bpf_method, watched):
    """Frames for which a stopped sensor has no room are in the map, by flow, with numbers and
    times."""
    sensor = watched.sensor(bpf_method, "--buffer", 1)
    sensor.process.send_signal(signal.SIGSTOP)
    watched.generate("--esp", 2, "--packets", 40_000)
    entries = [entry["formatted"]["value"]["frames"] for entry in dumped(watched, "missed")]
    shown = state(watched)
    assert len(entries) == shown["missed_waiting"] == 2
    assert sum(missed["packets"] for missed in entries) == shown["missed_frames"] > 20_000
    for missed in entries:
        assert missed["run_count"] == 1
        assert missed["runs"][0]["first"] == 20_000 - missed["packets"] + 1
        assert missed["runs"][0]["count_and_association"] == missed["packets"] << 8
        assert missed["first_ns"] < missed["last_ns"]
    sensor.process.send_signal(signal.SIGCONT)
    found = sensor.stop()
    assert found["summary"]["total_unobserved_packets"] == shown["missed_frames"]


def test_an_idle_sensor_misses_nothing(bpf_method, watched):
    watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    assert dumped(watched, "missed") == []
    assert set(state(watched).values()) == {0}


def test_the_ring_is_shown(bpf_method, watched):
    watched.sensor(bpf_method, "--buffer", 8)
    shown = bpftool("map", "show", "pinned", pin(watched, "events"))
    assert (shown["type"], shown["name"]) == ("ringbuf", "events")
    assert shown["max_entries"] == 8 << 20


def held_by(pid):
    """The ids of the BPF programs that the process PID holds."""
    return {int(number) for _, text in open_files(pid) for number in re.findall(r"^prog_id:\s+(\d+)", text, re.M)}


def program_of(sensor, bpf_method):
    """bpftool's entry of the sensor's program; other programs may run beside it."""
    shown = bpftool("prog", "show", "name", PROGRAM_NAMES[bpf_method])
    programs = shown if isinstance(shown, list) else [shown]
    (program,) = (program for program in programs if program["id"] in held_by(sensor.pid))
    return program


def test_the_program_is_shown(bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    program = program_of(sensor, bpf_method)
    assert program["type"] == {"xdp": "xdp", "tc": "sched_cls"}[bpf_method]
    assert program["gpl_compatible"] is True
    names = {bpftool("map", "show", "id", number)["name"] for number in program["map_ids"]}
    assert {"counters", "events", "missed"} <= names


def test_two_links_are_shown_of_tc(watched, obstacle_to_bpf):
    sensor = watched.sensor("tc")
    program = program_of(sensor, "tc")
    links = [link for link in bpftool("link", "show") if link.get("prog_id") == program["id"]]
    assert len(links) == 2


@pytest.mark.parametrize("end", (signal.SIGINT, signal.SIGTERM))
def test_a_clean_end_leaves_no_pins(end, bpf_method, watched):
    sensor = watched.sensor(bpf_method)
    assert {path.name for path in pin(watched, "").iterdir()} == {
        "counters",
        "events",
        "missed",
        "missed_full",
        "missed_full",
        "state",
    }
    sensor.stop(end)
    assert not pin(watched, "").exists()


def test_pins_of_a_killed_sensor_are_taken_over(bpf_method, watched):
    killed = watched.sensor(bpf_method)
    watched.send(esp_run(1, 10))
    killed.close()
    assert counters(watched)["esp"]["packets"] == 10  # its counters can still be read
    sensor = watched.sensor(bpf_method)
    assert f"maps in {pin(watched, '')}" in sensor.said()
    assert counters(watched)["esp"]["packets"] == 0
    watched.send([esp(11)])
    assert counters(watched)["esp"]["packets"] == 1
    sensor.stop()
    assert not pin(watched, "").exists()


def test_pins_of_a_killed_sensor_go_when_any_gapwatch_starts(bpf_method, watched, gapwatch):
    watched.sensor(bpf_method).close()
    alive = watched.sensor(bpf_method, end=watched.far)
    assert not pin(watched, "").exists()
    assert gapwatch.run("--version").returncode == 0
    assert (PINS / watched.far.interface / "counters").exists()
    alive.close()
    assert gapwatch.run("--version").returncode == 0
    assert not (PINS / watched.far.interface).exists()


def test_one_name_in_two_namespaces(watch, bpf_method):
    """Both sensors have their maps pinned."""
    one, other = watch(), watch()
    name = one.near.interface
    run("ip", "-n", other.near.interface, "link", "add", name, "type", "veth")
    twin = types.SimpleNamespace(interface=name, command=other.near.command)
    first, second = one.sensor(bpf_method), other.sensor(bpf_method, end=twin)
    assert f"maps in {pin(one, '')})" in first.said()
    [path] = re.findall(r"maps in (\S+)\)", second.said())
    assert re.fullmatch(rf"{PINS}/{name}@\d+", path) and pathlib.Path(path, "counters").exists()
    second.stop()
    assert not pathlib.Path(path).exists()
    assert pin(one, "counters").exists()
    first.stop()


def test_a_second_sensor_leaves_the_pins_of_the_first(watched, obstacle_to_bpf):
    first = watched.sensor("tc")
    second = watched.sensor("tc")
    assert f"process {first.pid}" in second.said()
    assert "maps in" not in second.said()
    watched.send(esp_run(1, 10))
    assert second.stop()["capture"]["packets"] == 10
    assert counters(watched)["esp"]["packets"] == 10
    assert first.stop()["capture"]["packets"] == 10


def test_the_object_is_licensed(gapwatch, obstacle_to_bpf):
    """The kernel allows some helpers to GPL-compatible programs only; ours is also available as
    BSD."""
    path = gapwatch.program.parent / "bpf" / "sensor.bpf.o"
    assert "Dual BSD/GPL" in run("readelf", "-p", "license", path)


def test_the_benchmark_finds_what_it_selects(gapwatch, obstacle_to_bpf):
    """It looks for the variable of the protocols in the object by name."""
    unless(obstacle_to_bpf)
    build = gapwatch.program.parent
    costs = run(build / "bench" / "bpf_cost", "--numbered", build / "bpf" / "sensor.bpf.o", "gapwatch_tc")
    assert costs.splitlines()[1].startswith("gapwatch_tc")
