# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""--on-event: a command reads gaps, events and changes of the interface while they happen."""
import json
import os
import signal
import sqlite3
import subprocess

from conftest import BUILD
from support.server import wait_for

METHOD = "af_packet"


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_command_gets_what_the_database_gets(watched, tmp_path):
    said, database = tmp_path / "said", tmp_path / "x.db"
    options = ("--db", database, "--flush-interval", 1, "--on-event", f"cat >>'{said}'")
    sensor = watched.sensor(METHOD, *options)
    watched.generate("--esp", 1, "--macsec", 1, "--packets", 2000, "--lose", 100)
    wait_for(lambda: any(line["type"] == "gap" for line in lines(said)))
    sensor.stop()
    told = lines(said)
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        gaps = [dict(row) for row in connection.execute("SELECT * FROM sequence_gaps ORDER BY id")]
        events = [dict(row) for row in connection.execute("SELECT * FROM events ORDER BY id")]
    interface = told[0]["interface"]
    assert [line["state"] for line in told if line["type"] == "state"] == ["watching", "ended"]
    for kind, rows in (("gap", gaps), ("event", events)):
        expected = [{"type": kind, **row, "interface": interface} for row in rows]
        assert [line for line in told if line["type"] == kind] == expected
    assert gaps


def test_the_last_lines_come_after_ctrl_c(watched, tmp_path):
    """The terminal sends SIGINT to the sensor's process group; the command is not in it."""
    said, database = tmp_path / "said", tmp_path / "x.db"
    hook = ("--db", database, "--flush-interval", 3600, "--on-event", f"cat >>'{said}'")
    sensor = watched.sensor(METHOD, *hook, prefix=("setsid",))
    watched.generate("--esp", 1, "--packets", 2000, "--lose", 100)
    os.killpg(sensor.pid, signal.SIGINT)
    assert sensor.report()["summary"]["total_lost_packets"] > 0
    assert {"gap", "state"} <= {line["type"] for line in lines(said)}
    assert any(line.get("state") == "ended" for line in lines(said))


def test_captures_before_are_not_told(watched, gapwatch, captures, tmp_path):
    said, database = tmp_path / "said", tmp_path / "x.db"
    gapwatch.run("analyze", "--db", database, captures / "macsec_traffic.pcap")
    watched.sensor(METHOD, "--db", database, "--on-event", f"cat >>'{said}'").stop()
    assert [line["type"] for line in lines(said)] == ["state", "state"]


def test_a_command_that_ends_or_hangs_holds_nothing_up(watched, tmp_path):
    for command in ("exit 3", "exec sleep 10"):
        sensor = watched.sensor(METHOD, "--db", tmp_path / "x.db", "--flush-interval", 1, "--on-event", command)
        watched.generate("--esp", 1, "--packets", 50000, "--lose", 10)
        report = sensor.stop(signal.SIGINT)
        assert sensor.process.returncode == 0, report


def test_it_needs_a_database():
    done = subprocess.run([BUILD / "gapwatch", "capture", "lo", "--on-event", "cat"], capture_output=True, check=False)
    assert done.returncode == 2 and b"--db" in done.stderr
