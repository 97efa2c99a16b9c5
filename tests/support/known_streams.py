# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Streams as networks and forgers make them, each with what was lost in it. Each is a flow of its own, so
that one capture can hold all of them.

GAPWATCH_LONG=1 makes them ten times as long.
"""
import collections
import os
import pathlib
import random
import struct

from model.frames import macsec_frame
from support.capture_file import FILE_HEADER_BYTES, RECORD_HEADER_BYTES
from support.numbered import FLOW, esp

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"
LENGTH = 40_000 if os.environ.get("GAPWATCH_LONG") else 4000
FIRST = 50_001

# What a stream is: (association, number) in order of arrival; and what was lost, restarted, rekeyed.
Stream = collections.namedtuple("Stream", "arrivals, lost, restarts, rekeys", defaults=(0, 0))


def on(association, numbers):
    return [(association, number) for number in numbers]


def with_old(numbers, back):
    """Three numbers that are BACK behind come again while the others go on."""
    at = len(numbers) - 1000
    return [*numbers[:at], *numbers[at - back : at - back + 3], *numbers[at:]]


def swapped(numbers):
    """Neighbours come in the wrong order, for ever."""
    numbers = list(numbers)
    numbers[0::2], numbers[1::2] = numbers[1::2], numbers[0::2]
    return numbers


def late(numbers, by):
    """BY returns by how many places a number comes later."""
    places = {number: number + by(number) for number in numbers}
    return sorted(numbers, key=places.__getitem__)


def refused(numbers, window):
    """How many from the first to the highest a receiver did not accept, each of which was sent once."""
    first = highest = numbers[0]
    accepted = 0
    for number in numbers:
        accepted += number >= first and number > highest - window
        highest = max(highest, number)
    return highest - first + 1 - accepted


def priority_queue(sent=30_954, room=120):
    """A strict priority queue behind the encryptor: low classes wait while there is a burst, or are dropped."""
    chance = random.Random(8)
    waiting, arrived, is_burst = collections.deque(), [1], False
    for number in range(2, sent + 1):
        is_burst = chance.random() < 0.5 if number % 200 == 0 else is_burst
        if chance.random() < 0.7:
            arrived.append(number)
        elif len(waiting) < room:
            waiting.append(number)
        while waiting and not is_burst and chance.random() < 0.5:
            arrived.append(waiting.popleft())
    return arrived + list(waiting)


def copied(numbers, chance):
    """One in fifty comes again up to 500 places later."""
    arrivals = [(at, number) for at, number in enumerate(numbers)]
    arrivals += [
        (at + chance.randrange(1, 500), number) for at, number in arrivals if chance.random() < 0.02
    ]
    return [number for _, number in sorted(arrivals, key=lambda arrival: arrival[0])]


def with_strays_ahead(numbers, ahead):
    return [number for n in numbers for number in ((n, n + ahead) if n % 100 == 0 else (n,))]


def copied_over_rekeys():
    chance = random.Random(9)
    return [pair for an in range(3) for pair in on(an, copied(range(1, LENGTH // 4), chance))]


def esp_streams(window):
    """Returns {name: Stream} of flows without associations."""
    whole = range(FIRST, FIRST + LENGTH)
    queued, two_paths = priority_queue(), late(whole, lambda number: 900 * (number % 2))
    half = [*whole[: LENGTH // 2]]
    return {
        "priority queue": Stream(on(0, queued), refused(queued, window)),
        "every second 900 later": Stream(on(0, two_paths), refused(two_paths, window)),
        "1,000 back come again": Stream(on(0, with_old(whole, 1000)), 0),
        "30,000 back come again": Stream(on(0, with_old(range(1, 40_001), 30_000)), 0),
        "first frame with number 1": Stream(on(0, [1, *whole]), 0),
        "strays ahead": Stream(on(0, with_strays_ahead(whole, window + 1)), 0),
        "swapped": Stream(on(0, swapped(whole)), 0),
        "swapped, then an outage": Stream(
            on(0, swapped(half) + swapped(range(half[-1] + 99_001, half[-1] + 101_001))), 99_000
        ),
        "swapped, then a restart": Stream(on(0, swapped(half) + swapped(range(1, 1001))), 0, 1),
        "swapped, and a stray": Stream(
            on(0, swapped(half) + [half[-1] + 50_000] + swapped(whole[LENGTH // 2 :])), 0
        ),
        "two paths 200 apart": Stream(
            on(0, late(whole, lambda number: 200 * (number % 2))),
            refused(late(whole, lambda number: 200 * (number % 2)), window),
        ),
    }


def macsec_streams():
    """Returns {name: Stream} of flows with associations."""
    whole, half = range(1, LENGTH + 1), range(1, LENGTH // 2 + 1)
    return {
        "of the AN before": Stream(
            on(0, whole) + on(1, half) + on(0, whole[-1000:-997]) + on(1, whole[LENGTH // 2 :]), 0, 0, 1
        ),
        "first frame with another AN": Stream([(1, LENGTH)] + on(0, whole), 0),
        "unseen AN with PN 32": Stream(on(0, half) + [(2, 32)] + on(0, whole[LENGTH // 2 :]), 0),
        "swapped, then a rekey": Stream(on(0, swapped(half)) + on(1, swapped(range(61, 1061))), 60, 0, 1),
        "swapped, then an AN used again": Stream(
            on(0, swapped(half)) + on(1, swapped(half)) + on(0, swapped(range(51, 1051))), 50, 0, 2
        ),
        "copies and two rekeys": Stream(copied_over_rekeys(), 0, 0, 2),
    }


def case(name, changed=b"", to=b""):
    """Returns the frames of a pcap file of the cases, with an identity changed that another one has."""
    data, at, frames = (CASES / name).read_bytes(), FILE_HEADER_BYTES, []
    while at < len(data):
        (length,) = struct.unpack_from("<I", data, at + 8)
        at += RECORD_HEADER_BYTES
        frames.append(data[at : at + length].replace(changed, to) if changed else data[at : at + length])
        at += length
    return frames


def case_streams(window):
    """Returns {name: (frames, lost)} of captured cases."""
    return {
        "shared SPI": (case("shared-spi-many-sources/in.pcap"), 2),
        "Cilium": (case("cilium-keyid-spi3/in.pcap"), 2),
        "two VLANs": (case("macsec-two-vlans-same-sci/loss-in-vlan20.pcap"), 4),
        "held back": (case("qos-min/held-back-every-5th.pcap"), 61 if window < 1024 else 0),
        "failover": (case("seq/ha-failover-jump-2e9.pcap", b"\xc1\x23\x45\x67", b"\xc1\x23\x45\x68"), 0),
        "RTP": (case("port4500/rtp.pcap"), 0),
    }


def known_streams(window):
    """Returns (streams of frames, what is right of each named flow: {flow id: (name, Stream)})."""
    streams, right = [], {}
    for at, (name, stream) in enumerate(esp_streams(window).items()):
        streams.append([esp(number, 0x2001 + at) for _, number in stream.arrivals])
        right[FLOW.format(0x2001 + at)] = (name, stream)
    for at, (name, stream) in enumerate(macsec_streams().items()):
        sci = 0x0200000000010001 + (at << 16)
        streams.append([macsec_frame(sci, *pair, bytes(48)) for pair in stream.arrivals])
        right[f"MACsec {{ sci: 0x{sci:016x} }}"] = (name, stream)
    return streams, right


def interleaved(chance, streams):
    """Returns the frames of STREAMS as one, in a random order that keeps that of each."""
    order = [at for at, stream in enumerate(streams) for _ in stream]
    chance.shuffle(order)
    following = [iter(stream) for stream in streams]
    return [next(following[at]) for at in order]
