# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Live sensors that write a database, also two at a time."""
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import time

from support.live import unless
from support.shipping import assert_same
from support.waiting import wait_until

PACKETS = 100_000
SAME_NAMES = (
    "flow_id",
    "protocol",
    "packets_received",
    "total_bytes",
    "gaps_detected",
    "total_lost_packets",
    "unobserved_packets",
    "first_timestamp",
    "last_timestamp",
    "first_sequence",
    "last_sequence",
)


def query(path, sql):
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql)]


def send(link):
    return link.generate(
        "--esp", 3, "--macsec", 2, "--udp", 1, "--packets", PACKETS, "--lose", 100
    )


def await_rows(path, sql, sensor):
    """Waits until the sensor has written the rows that SQL asks for."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert sensor.process.poll() is None, sensor.said()
        with contextlib.suppress(sqlite3.OperationalError):
            if rows := query(path, sql):
                return rows
        time.sleep(0.1)
    raise AssertionError(f"the sensor never wrote it: {sql}")


def test_the_database_says_what_the_report_says(watched, method, tmp_path):
    path = tmp_path / "results.db"
    sensor = watched.sensor(method, "--db", path)
    sent = send(watched)
    report = sensor.stop()
    rows = query(path, f"SELECT {', '.join(SAME_NAMES)} FROM flows ORDER BY flow_id")
    flows = sorted(report["flows"], key=lambda flow: flow["flow_id"])
    assert rows == [{name: flow[name] for name in SAME_NAMES} for flow in flows]
    assert len(rows) == 6
    skipped = sum(kind["skipped"] for name, kind in sent["kinds"].items() if name != "udp")
    [capture] = query(path, "SELECT * FROM captures")
    assert (capture["source"], capture["method"]) == (watched.near.interface, method)
    assert capture["ended"]
    assert capture["packets"] == capture["total_packets_received"] == PACKETS
    assert capture["total_lost_packets"] == report["summary"]["total_lost_packets"] == skipped
    [gaps] = query(path, "SELECT count(*) AS count, sum(gap_size) AS lost FROM sequence_gaps")
    assert gaps == {"count": len(report["gaps"]), "lost": skipped}
    [intervals] = query(path, "SELECT sum(packets) AS packets FROM flow_intervals")
    assert intervals["packets"] == PACKETS


def test_what_was_flushed_survives_a_kill(watched, bpf_method, tmp_path):
    path = tmp_path / "results.db"
    sensor = watched.sensor(bpf_method, "--flush-interval", 1, "--db", path)
    send(watched)
    await_rows(path, f"SELECT 1 FROM captures WHERE packets = {PACKETS}", sensor)
    sensor.process.send_signal(signal.SIGKILL)
    sensor.process.wait()
    assert query(path, "PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    [first] = query(path, "SELECT ended, packets FROM captures")
    assert first == {"ended": None, "packets": PACKETS}

    second = watched.sensor(bpf_method, "--db", path)
    send(watched)
    second.stop()
    assert [row["packets"] for row in query(path, "SELECT packets FROM captures")] == [PACKETS] * 2


def test_an_idle_flow_that_comes_back_continues_its_row(watched, bpf_method, tmp_path):
    path = tmp_path / "results.db"
    options = ("--idle-timeout", 1, "--flush-interval", 1, "--db", path)
    sensor = watched.sensor(bpf_method, *options)
    watched.generate("--esp", 1, "--packets", 1000)
    await_rows(path, "SELECT 1 FROM captures WHERE flows_evicted = 1", sensor)
    watched.generate("--esp", 1, "--packets", 500)
    report = sensor.stop()
    assert report["summary"]["total_packets_received"] == 1500
    [row] = query(path, "SELECT packets_received, total_lost_packets FROM flows")
    assert row == {"packets_received": 1500, "total_lost_packets": 0}


def test_two_sensors_say_so_and_share_a_database(watched, tmp_path):
    path = tmp_path / "results.db"
    first = watched.sensor("af_packet", "--db", path)
    second = watched.sensor("af_packet", "--db", path)
    said = f"another gapwatch (process {first.pid}) watches {watched.near.interface} already"
    assert said in second.said() and "another" not in first.said()
    send(watched)
    for sensor in (first, second):
        assert sensor.stop()["capture"]["packets"] == PACKETS
    assert [row["packets"] for row in query(path, "SELECT packets FROM captures")] == [PACKETS] * 2


def test_two_tc_sensors_each_count_everything(watched, obstacle_to_bpf):
    unless(obstacle_to_bpf)
    first, second = watched.sensor("tc"), watched.sensor("tc")
    send(watched)
    assert first.stop()["capture"]["packets"] == PACKETS
    assert second.stop()["capture"]["packets"] == PACKETS


def shipper_of(sensor):
    """The process that ships for SENSOR, or None."""
    children = pathlib.Path(f"/proc/{sensor.pid}/task/{sensor.pid}/children").read_text().split()
    return int(children[0]) if children else None


def test_a_capture_ships_what_it_writes(watched, tmp_path):
    """In a process of its own, which is started again when it is killed, and ships the rest at the end."""
    path, folder = tmp_path / "results.db", tmp_path / "rows"
    sensor = watched.sensor("af_packet", "--flush-interval", 1, "--db", path, "--ship", f"file:{folder}")
    wait_until(lambda: shipper_of(sensor), "it ships")
    first = shipper_of(sensor)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: shipper_of(sensor) not in (None, first), "it ships again")
    send(watched)
    sensor.stop()
    assert "shipping has ended; it is started again" in sensor.said()
    rows = [json.loads(line) for file in folder.iterdir() for line in file.read_text().splitlines()]
    assert_same(path, lambda table: [row for row in rows if row["table"] == table])


def await_open(sensor, path):
    """Waits until the sensor has opened the file PATH."""
    folder = pathlib.Path(f"/proc/{sensor.pid}/fd")

    def is_open():
        with contextlib.suppress(FileNotFoundError):
            return any(os.readlink(one) == str(path) for one in folder.iterdir())
        return False

    wait_until(is_open)


def test_a_signal_ends_the_wait_for_a_locked_database(watched, tmp_path):
    """A sensor that is told to stop while it starts ends before one that waits on."""
    path = tmp_path / "results.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE something (value)")
        other.execute("BEGIN EXCLUSIVE")
        sensors = [watched.start("af_packet", "--db", path) for _ in range(2)]
        for sensor in sensors:
            await_open(sensor, path)
        told, waiting = sensors
        told.process.send_signal(signal.SIGINT)
        assert told.process.wait() == 1
        assert "database is locked" in told.said()
        assert waiting.process.poll() is None
