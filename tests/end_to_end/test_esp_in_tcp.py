# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""ESP in TCP (RFC 9329) is recognised and shown; its numbers are not tracked."""
import struct

import pytest

from support.database import ask
from support.esp_in_tcp import PREFIX, esp, ike, message, segment, stream
from support.numbered import analyzed

FLOW = "TCP {{ 192.0.2.1:{} -> 198.51.100.2:{} }}"
CARRIES = {
    "prefix": stream(PREFIX + ike()[:20]),
    "ike": stream(bytes(5), ike()),
    "esp": stream(*(esp(number) for number in (7, 8, 10))),
    "with options": stream(*(esp(number) for number in (7, 8, 9)), options=bytes(12)),
    "several messages": stream(esp(1) + esp(2), esp(3) + esp(4), esp(5) + bytes(7)),
    "other direction": stream(esp(1), esp(2), esp(3), ports=(4500, 50000)),
    "swapped segments": stream(*(esp(number) for number in (2, 1, 4, 3))),
}
CARRIES_NOT = {
    "two messages": stream(esp(1), esp(2)),
    "the same again": stream(*[esp(1)] * 9),
    "SPIs that differ": stream(*(esp(number, spi=number) for number in range(1, 9))),
    "far numbers": stream(*(esp(number << 16) for number in range(1, 9))),
    "longer than the segment": stream(*(esp(number)[:-1] for number in range(1, 9))),
    "IKE of another length": stream(ike(1000)),
    "another port": stream(PREFIX + ike(), *(esp(number) for number in range(9)), ports=(50000, 443)),
    "DNS": stream(*(message(struct.pack(">HHHH", i * 7919 % 65536, 256, 1, 0) + bytes(30)) for i in range(99))),
    "handshake": [segment(b"", options=bytes(20))],
}


@pytest.mark.parametrize("frames", CARRIES.values(), ids=CARRIES)
def test_what_carries_esp(frames, gapwatch, tmp_path):
    (flow,) = analyzed(gapwatch, tmp_path, frames)["flows"]
    assert (flow["protocol"], flow["esp_in_tcp"]) == ("tcp", True)


@pytest.mark.parametrize("frames", CARRIES_NOT.values(), ids=CARRIES_NOT)
def test_what_does_not(frames, gapwatch, tmp_path):
    (flow,) = analyzed(gapwatch, tmp_path, frames)["flows"]
    assert (flow["protocol"], flow["esp_in_tcp"]) == ("tcp", False)


def test_port_of_the_user(gapwatch, tmp_path):
    frames = stream(esp(1), esp(2), esp(3), ports=(50000, 8443))
    (flow,) = analyzed(gapwatch, tmp_path, frames, "--esp-port", "8443")["flows"]
    assert flow["esp_in_tcp"]


def test_where_it_is_said(gapwatch, tmp_path):
    database = tmp_path / "results.db"
    found = analyzed(gapwatch, tmp_path, CARRIES["esp"], "--db", database)
    assert found["capture"]["counters"]["tcp"] == 3 and not found["gaps"]
    assert ask(database, "SELECT flow_id, esp_in_tcp FROM flows") == [(FLOW.format(50000, 4500), 1)]
    said = gapwatch.run("analyze", tmp_path / "same.pcap").stdout.decode()
    assert "  ESP in TCP (RFC 9329): its numbers are not tracked\n" in said


def test_each_method_says_it(method, watched):
    sensor = watched.sensor(method)
    watched.send(CARRIES["esp"] + CARRIES_NOT["another port"])
    flows = {flow["flow_id"]: flow["esp_in_tcp"] for flow in sensor.stop()["flows"]}
    assert flows == {FLOW.format(50000, 4500): True, FLOW.format(50000, 443): False}
