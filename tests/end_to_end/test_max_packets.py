# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`-c COUNT` ends after so many packets, as with tcpdump."""
import pytest

from support.capture_file import pcap
from support.numbered import esp_run
from support.sensor import STOP_SECONDS
from support.small_capture import LINK_TYPE, packets


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.pcap"
    path.write_bytes(pcap(packets(), LINK_TYPE))
    return path


@pytest.mark.parametrize("count", (1, 3, 4, 5, 2**62))
def test_of_a_file(count, gapwatch, small):
    found = gapwatch.analyze("-c", count, small)
    assert found["capture"]["packets"] == min(count, len(packets()))


def test_of_several_files(gapwatch, small):
    """The packets of all files count together."""
    found = gapwatch.analyze("-c", 6, small, small, small)
    assert found["capture"]["packets"] == 6


def test_of_a_damaged_file(gapwatch, tmp_path):
    """What comes behind the last packet does not matter."""
    path = tmp_path / "damaged.pcap"
    path.write_bytes(pcap(packets(), LINK_TYPE)[:-1])
    found = gapwatch.analyze("-c", len(packets()) - 1, path)
    assert found["capture"]["packets"] == len(packets()) - 1
    assert gapwatch.run("analyze", "-c", len(packets()), path).returncode == 1


def test_of_what_the_filter_takes(gapwatch, small):
    assert gapwatch.analyze("-c", 2, "--filter", "tcp", small)["capture"]["packets"] == 0
    assert gapwatch.analyze("-c", 2, "--filter", "esp", small)["capture"]["packets"] == 2


def test_by_each_method(method, watched):
    """Frames come faster than anybody looks, and exactly so many count."""
    sensor = watched.sensor(method, "-c", 7)
    watched.send(esp_run(1, 5) + esp_run(7, 100))
    assert sensor.process.wait(STOP_SECONDS) == 0
    found = sensor.report()
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"] == 7
    assert found["summary"]["total_lost_packets"] == 1


def test_with_several_workers(bpf_method, watched):
    sensor = watched.sensor(bpf_method, "-c", 1000, "--workers", 3)
    watched.generate("--esp", 100, "--packets", 3000)
    found = sensor.report()
    assert found["capture"]["packets"] == found["summary"]["total_packets_received"] == 1000


def test_of_several_interfaces(legs, sense, method):
    """Each ends after so many, the program with the last of them; merged, it is one capture."""
    two = legs(2)
    frames = [(leg, frame) for frame in esp_run(1, 50) for leg in (0, 1)]
    sensor = sense(two, method, "-c", 7)
    two.send(frames)
    assert [one["capture"]["packets"] for one in sensor.report()["captures"]] == [7, 7]
    sensor = sense(two, method, "-c", 7, "--merge", count=1)
    two.send(frames)
    assert sensor.report()["capture"]["packets"] == 7


@pytest.mark.parametrize("value", ("0", "-1", "ten", ""))
def test_wrong(value, gapwatch, small):
    done = gapwatch.run("analyze", "-c", value, small)
    assert done.returncode == 2 and b"--max-packets takes a whole number from 1" in done.stderr
