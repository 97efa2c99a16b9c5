# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""SIGHUP: a sensor reads the interfaces of its configuration file again."""
import contextlib
import json
import signal
import types

import pytest

from support.database import ask
from support.numbered import esp_run
from support.sensor import Sensor


class Configured:
    """A sensor in the near namespace of LEGS, which watches what a configuration file names."""

    def __init__(self, gapwatch, legs, method, folder):
        self.path, self.legs = folder / "config.json", legs
        self.database = folder / "results.db"
        self.options = {"database": {"path": str(self.database)}}
        self.gapwatch, self.method = gapwatch, method
        self.sensor = None

    def write(self, *numbers):
        names = [self.legs.interfaces[number] for number in numbers]
        self.path.write_text(json.dumps(self.options | {"interfaces": names}))

    def start(self, *numbers):
        self.write(*numbers)
        # The configuration stands where the interface would.
        place = types.SimpleNamespace(command=self.legs.near.command, interface=f"--config={self.path}")
        self.sensor = Sensor(self.gapwatch.program, place, self.method)
        self.sensor.await_watching()

    def close(self):
        if self.sensor:
            self.sensor.close()

    def reload(self, words):
        self.sensor.process.send_signal(signal.SIGHUP)
        self.sensor.await_saying(words)

    def send(self, leg, numbers):
        self.legs.send([(leg, frame) for frame in esp_run(*numbers)])


@pytest.fixture
def configure(gapwatch, legs, tmp_path):
    with contextlib.ExitStack() as sensors:

        def made(count, method):
            configured = Configured(gapwatch, legs(count), method, tmp_path)
            sensors.callback(configured.close)
            return configured

        yield made


def packets(report):
    return [(one["capture"]["source"], one["capture"]["packets"]) for one in report["captures"]]


def test_interfaces_come_and_go(method, configure):
    """One stays and counts on, one goes, one comes, the one that went comes back."""
    configured = configure(3, method)
    zero, one, two = configured.legs.interfaces
    configured.start(0, 1)
    for leg in (0, 1, 2):
        configured.send(leg, (1, 10))
    configured.write(0, 2)
    configured.reload("reloaded: 1 interfaces added, 1 removed; other options need a restart")
    for leg in (0, 1, 2):
        configured.send(leg, (11, 20))
    configured.write(0, 1, 2)
    configured.reload("reloaded: 1 interfaces added, 0 removed")
    for leg in (0, 1, 2):
        configured.send(leg, (21, 30))
    assert packets(configured.sensor.stop()) == [(zero, 30), (one, 10), (two, 20), (one, 10)]
    sql = "SELECT source, packets, ended IS NOT NULL FROM captures ORDER BY id"
    assert ask(configured.database, sql) == [(zero, 30, 1), (one, 10, 1), (two, 20, 1), (one, 10, 1)]
    assert "already" not in configured.sensor.said()


def test_what_is_wrong_changes_nothing(configure):
    configured = configure(1, "af_packet")
    configured.start(0)
    configured.path.write_text("{")
    configured.reload("cannot reload, nothing is changed: ")
    configured.path.write_text(json.dumps({"interfaces": ["nosuch0"]}))
    configured.reload("reloaded: 0 interfaces added, 0 removed")
    configured.send(0, (1, 10))
    assert configured.sensor.stop()["capture"]["packets"] == 10
