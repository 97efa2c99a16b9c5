# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Fixtures for live tests: links, sensors on them, and frames sent over them.

    def test_counts(watched, method):
        sensor = watched.sensor(method)
        watched.send([frame, frame])
        assert sensor.stop()["capture"]["packets"] == 2
"""
import contextlib
import os

import pytest

from support.legs import Legs
from support.link import Link, remove_leftovers, why_no_bpf, why_no_links
from support.sensor import Sensor
from support.waiting import PATIENCE_SECONDS

METHODS = ("xdp", "tc", "af_packet", "pcap")
BPF_METHODS = ("xdp", "tc")


class WatchedLink(Link):
    """A link whose near end is watched by sensors. They end when the link is closed."""

    def __init__(self, gapwatch, **options):
        super().__init__(**options)
        self.program = gapwatch.program
        self.generator = gapwatch.program.parent / "bench" / "send"
        self.sensors = []

    def start(self, method, *options, end=None, program=None, prefix=()):
        """Returns a sensor that is still starting. PROGRAM is a copy of gapwatch, END an end or
        interface other than the near end."""
        options = [str(option) for option in options]
        program, end = program or self.program, end or self.near
        started = Sensor(program, end, method, *options, prefix=prefix)
        self.sensors.append(started)
        return started

    def sensor(self, method, *options, **more):
        """Returns a sensor that watches the near end."""
        sensor = self.start(method, *options, **more)
        sensor.await_watching()
        return sensor

    def send(self, frames):
        """Sends each of FRAMES (bytes) to the near end once, in this order."""
        self.far.send(frames)

    def generate(self, *arguments):
        """Has bench/send send frames to the near end. Returns its report."""
        return self.far.generate(self.generator, *arguments)

    def close(self):
        for sensor in self.sensors:
            sensor.close()
        super().close()


def unless(reason):
    """Skips the test if there is a REASON. In CI it fails, as CI must be able to run everything."""
    if reason:
        assert not os.environ.get("CI"), f"CI must be able to run live tests: {reason}"
        pytest.skip(f"no live tests here: {reason}")


@pytest.fixture(scope="session")
def obstacle_to_links():
    remove_leftovers()
    return why_no_links()


@pytest.fixture(scope="session")
def obstacle_to_bpf(obstacle_to_links):
    return obstacle_to_links or why_no_bpf()


@pytest.fixture
def watch(gapwatch, obstacle_to_links):
    """Makes links, with the options of support.link.Link."""
    unless(obstacle_to_links)
    with contextlib.ExitStack() as links:
        yield lambda **options: links.enter_context(WatchedLink(gapwatch, **options))


@pytest.fixture
def watched(watch):
    """A link without options."""
    return watch()


@pytest.fixture(params=METHODS)
def method(request, obstacle_to_bpf):
    """Each capture method."""
    if request.param in BPF_METHODS:
        unless(obstacle_to_bpf)
    return request.param


@pytest.fixture(params=BPF_METHODS)
def bpf_method(request, obstacle_to_bpf):
    """Each capture method that classifies in the kernel."""
    unless(obstacle_to_bpf)
    return request.param


# --- several interfaces ---


@pytest.fixture
def legs(obstacle_to_links):
    """Returns a function that makes a number of legs."""
    unless(obstacle_to_links)
    with contextlib.ExitStack() as made:
        yield lambda count: made.enter_context(Legs(count))


@pytest.fixture
def sense(gapwatch):
    """Starts a sensor on all near ends of some legs, or on those that INTERFACE names, and waits
    until it says COUNT times that it watches (default: for each leg). PREFIX is as for Sensor."""
    with contextlib.ExitStack() as sensors:

        def start(legs, method, *options, count=None, interface=None, prefix=()):
            end = legs.near
            end.interface = interface or ",".join(legs.interfaces)
            options = [str(option) for option in options]
            sensor = Sensor(gapwatch.program, end, method, *options, prefix=prefix)
            sensors.callback(sensor.close)
            sensor.await_watching(PATIENCE_SECONDS, count or len(legs.interfaces))
            return sensor

        yield start
