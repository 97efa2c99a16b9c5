# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""When file descriptors or memory run out while a sensor starts, it reports exactly that."""
import os
import subprocess

import pytest

from support.sensor import WATCHES
from support.waiting import wait_until

STANDARD_STREAMS = 3


@pytest.mark.parametrize("more", (1, 2, 3, 5, 8, 13, 21))
def test_no_descriptor_is_left(more, method, watched):
    """MORE descriptors than the standard streams: too few, or enough."""
    sensor = watched.start(method, prefix=("prlimit", f"--nofile={STANDARD_STREAMS + more}"))
    wait_until(lambda: sensor.process.poll() is not None or WATCHES in sensor.said())
    if sensor.process.poll() is not None:
        assert sensor.process.returncode == 1
        assert "Too many open files" in sensor.said()


@pytest.mark.parametrize("megabytes", (20, 40, 60))
def test_no_memory_is_left(megabytes, method, watched, gapwatch):
    """Memory is too low for the BPF programs, the ring, or the threads."""
    limit = ("prlimit", f"--as={megabytes << 20}")
    if subprocess.run([*limit, gapwatch.program, "--version"], capture_output=True, check=False).returncode:
        return  # the program needs more to start, as with AddressSanitizer
    sensor = watched.start(method, prefix=limit)
    wait_until(lambda: sensor.process.poll() is not None or WATCHES in sensor.said())
    if sensor.process.poll() is not None:
        assert sensor.process.returncode == 1
        assert "Cannot allocate memory" in sensor.said() or "no memory" in sensor.said()


def test_auto_takes_what_fits_into_memory(watched):
    """Between the memory that the rings of a method need and that of its workers, too, `auto` goes on to
    the next: what works in some memory works in more."""
    works = []
    for megabytes in range(80, 121, 8):
        sensor = watched.start("auto", prefix=("prlimit", f"--as={megabytes << 20}"))
        wait_until(lambda sensor=sensor: sensor.process.poll() is not None or WATCHES in sensor.said())
        works.append(WATCHES in sensor.said())
        if works[-1]:
            sensor.stop()
        else:
            assert sensor.process.returncode != 2, sensor.said()
    assert works == sorted(works)


def test_closed_standard_streams_are_no_sockets(watched):
    """Otherwise the sensor's messages are written to the socket that has their number."""
    sensor = watched.start("af_packet", prefix=("sh", "-c", 'exec "$@" <&- 1>&- 2>/dev/null', "sh"))
    descriptors = f"/proc/{sensor.process.pid}/fd"
    executable = f"/proc/{sensor.process.pid}/exe"
    wait_until(lambda: "gapwatch" in os.readlink(executable) and len(os.listdir(descriptors)) > 3)
    assert [os.readlink(f"{descriptors}/{number}") for number in (0, 1)] == ["/dev/null"] * 2
