# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The systemd units, and what the program tells the service manager."""
import base64
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess

import pytest

from conftest import BUILD, ROOT
from support import made_database
from support.shipping import Recorder
from support.server import free_port, wait_for

SENSOR, API, SHIP = "gapwatch@.service", "gapwatch-api.service", "gapwatch-ship@.service"
MOST = {SENSOR: 1.9, API: 2.0, SHIP: 2.0}  # exposure, by systemd-analyze security


@pytest.fixture(scope="module")
def units(tmp_path_factory):
    """A directory with the units, for the program under test; templates have an instance."""
    if not shutil.which("systemd-analyze"):
        words = "the units are not checked: systemd-analyze is missing"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
    directory = tmp_path_factory.mktemp("units")
    for unit in MOST:
        text = (ROOT / "user" / "system" / unit).read_text()
        text = text.replace("@PREFIX@/bin/gapwatch", str(BUILD / "gapwatch"))
        (directory / unit.replace("@", "@x")).write_text(text)
    return directory


def analyze(*arguments):
    command = ["systemd-analyze", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


@pytest.mark.parametrize("unit", MOST)
def test_unit_is_correct(unit, units):
    said, complaints = analyze("verify", "--man=no", units / unit.replace("@", "@x"))
    # Units of the system may have faults of their own.
    assert not [line for line in (said + complaints).splitlines() if "gapwatch" in line]


@pytest.mark.parametrize("unit", MOST)
def test_sandbox_is_tight(unit, units):
    said, _ = analyze("security", "--offline=yes", units / unit.replace("@", "@x"))
    exposure = float(re.search(r"exposure level for \S+: ([0-9.]+)", said)[1])
    assert exposure <= MOST[unit]


def calls_of(unit):
    """The system calls that the filters of UNIT allow, read as systemd reads them: one after the other."""
    listed, group = {}, None
    for line in analyze("syscall-filter")[0].splitlines():
        if line.startswith("@"):
            group = listed.setdefault(line.strip(), set())
        elif line.startswith("    ") and line.split()[0] != "#":
            group.add(line.strip())
    expand = lambda word: set().union(*map(expand, listed[word])) if word in listed else {word}
    allowed = set()
    for line in unit.read_text().splitlines():
        name, _, words = line.partition("=")
        if name == "SystemCallFilter":
            calls = set().union(*map(expand, words.lstrip("~").split()))
            allowed = allowed - calls if words.startswith("~") else allowed | calls
    return allowed


def test_the_sensor_may_do_what_its_methods_need(units):
    assert {"bpf", "capset", "prlimit64", "sched_setaffinity", "socket"} <= calls_of(units / "gapwatch@x.service")


def test_what_the_sensor_says_is_in_the_journal(units):
    """Without a target of its own, standard error goes where standard output goes."""
    assert "StandardError=journal" in (units / "gapwatch@x.service").read_text().splitlines()


class Manager:
    """A service manager: takes the messages of a program that it starts."""

    def __init__(self, directory):
        self.path = directory / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(30)
        self.process = None

    def start(self, *command, **variables):
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.path), **variables}
        self.process = subprocess.Popen(
            list(map(str, command)), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )

    def message(self):
        return self.socket.recv(4096).decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=60)
        return said

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path)
    yield made
    made.close()


def test_sensor_is_ready_when_it_sees_frames(manager, tmp_path):
    """A frame that comes after READY is counted; no progress goes to the log; the watchdog hears of it."""
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"interfaces": ["lo"], "method": "af_packet", "database": {"path": str(tmp_path / "x.db")}}))
    manager.start(BUILD / "gapwatch", "capture", "--config", path, WATCHDOG_USEC="400000")
    if manager.process.poll() is not None or os.geteuid() != 0:
        pytest.skip("capturing needs root")
    assert manager.message() == "READY=1\nSTATUS=watching lo"
    assert manager.message() == "WATCHDOG=1"
    assert manager.message() == "WATCHDOG=1"
    said = manager.stop()
    assert "watching lo" in said and "Packets:" not in said


def test_a_sensor_that_cannot_start_is_never_ready(manager):
    manager.start(BUILD / "gapwatch", "capture", "nosuch0", "af_packet")
    assert manager.process.wait(30) != 0
    manager.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        manager.message()


def test_ship_is_ready_and_reads_its_password_again(manager, tmp_path):
    """SIGHUP, as `systemctl reload` sends it, makes it read the file; a file without one changes nothing."""
    made_database.make(tmp_path / "x.db", flow_count=5)
    auth, path = tmp_path / "auth", tmp_path / "x.json"
    auth.write_text("name:old\n")
    auth.chmod(0o600)
    with Recorder(lambda number, _: 401 if number < 3 else 200) as server:
        made = {"database": {"path": str(tmp_path / "x.db")}, "to": server.url, "auth-file": str(auth)}
        path.write_text(json.dumps(made))
        manager.start(BUILD / "gapwatch", "ship", "--config", path, WATCHDOG_USEC="400000")
        assert manager.message() == "READY=1\nSTATUS=shipping"
        assert manager.message() == "WATCHDOG=1"
        for content, number in (("", 1), ("name:new\n", 2)):
            wait_for(lambda: len(server.inserts) >= number)
            auth.write_text(content)
            manager.process.send_signal(signal.SIGHUP)
        wait_for(lambda: len(server.rows["interval_flows"]))
        said = manager.stop()
    passwords = [base64.b64decode(headers["Authorization"].split()[1]) for _, headers in server.requests]
    assert passwords[:2] == [b"name:old"] * 2 and passwords[-1] == b"name:new"
    assert "is not NAME:PASSWORD; nothing was changed" in said


def test_server_is_ready_when_it_answers(manager, tmp_path):
    if not (BUILD / "gapwatch_api.so").exists():
        pytest.skip("built without the API")
    made_database.make(tmp_path / "x.db", flow_count=5)
    port = free_port()
    manager.start(BUILD / "gapwatch", "serve", "--db", tmp_path / "x.db", "--port", port, WATCHDOG_USEC="4000000")
    assert manager.message() == "READY=1"
    socket.create_connection(("127.0.0.1", port), 10).close()
    assert manager.message() == "WATCHDOG=1"
    manager.stop()


def test_a_worker_that_hangs_is_no_sign_of_life(manager, tmp_path):
    """The other one goes on, but may get no connections."""
    if not (BUILD / "gapwatch_api.so").exists():
        pytest.skip("built without the API")
    made_database.make(tmp_path / "x.db", flow_count=5)
    manager.start(BUILD / "gapwatch", "serve", "--db", tmp_path / "x.db", "--port", free_port(), WATCHDOG_USEC="4000000")
    assert [manager.message() for _ in range(2)] == ["READY=1", "WATCHDOG=1"]
    pid = manager.process.pid
    hangs = int(pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])
    os.kill(hangs, signal.SIGSTOP)
    manager.socket.settimeout(4)  # twice the time between two messages
    with pytest.raises(TimeoutError):
        for _ in range(5):
            manager.message()
    os.kill(hangs, signal.SIGCONT)
    assert manager.message() == "WATCHDOG=1"
