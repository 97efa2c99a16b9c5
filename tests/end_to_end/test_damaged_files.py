# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Capture files that are cut, damaged or absurd, and files with random damage."""
import gzip
import json
import random
import re
import struct

import pytest

from support.capture_file import (
    EN10MB,
    FILE_HEADER_BYTES,
    RAW,
    RECORD_HEADER_BYTES,
    Packet,
    pcap,
    pcap_header,
    pcap_record,
    pcapng_interface,
    pcapng_packet,
    pcapng_section,
)
from support.files import CONTAINERS, failed, one_line, write
from support.small_capture import LINK_TYPE, esp_packet, packets

MUTATIONS = 60
MUTATION_SEED = 8021


def pcap_boundaries(data):
    """Returns the offsets at which a pcap file of small_capture's packets may end."""
    size = RECORD_HEADER_BYTES + len(packets()[0].data)
    return list(range(FILE_HEADER_BYTES, len(data) + 1, size))


def pcapng_boundaries(data):
    """Returns the offsets after the interface block and after each packet block."""
    size = len(pcapng_packet(packets()[0]))
    return [len(data) - size * left for left in reversed(range(len(packets()) + 1))]


class TestCut:
    @pytest.mark.parametrize("container", CONTAINERS)
    def test_every_length(self, container, gapwatch, tmp_path):
        """Exit 0 only where a record ends; elsewhere the report of what was read, and one line with
        the place."""
        data = CONTAINERS[container](packets(), LINK_TYPE)
        ends = pcap_boundaries(data) if container == "pcap" else pcapng_boundaries(data)
        for length in range(1, len(data)):
            path = write(tmp_path, data[:length])
            complete = sum(end <= length for end in ends) - 1
            if length in ends or (container == "pcapng" and length == len(pcapng_section())):
                complete = max(complete, 0)  # a section without an interface has no packets
                assert gapwatch.analyze(path)["capture"]["packets"] == complete
                continue
            line, found = failed(gapwatch, path)
            assert str(path) in line
            assert complete < 0 or found["capture"]["packets"] == complete

    def test_the_line_names_packet_and_byte(self, gapwatch, tmp_path):
        """The third record starts at byte 112; it is the one that is cut."""
        data = pcap(packets(), LINK_TYPE)
        third = pcap_boundaries(data)[2]
        line, _ = failed(gapwatch, write(tmp_path, data[: third + 20]))
        numbers = [int(text) for text in re.findall(r"\b\d+\b", line.rsplit("capture.pcap", 1)[1])]
        assert third in numbers or third + 20 in numbers
        assert 2 in numbers or 3 in numbers

    def test_damaged_in_the_middle(self, gapwatch, tmp_path):
        """An impossible record header: its packet and those behind it are not read."""
        header = pcap_header(LINK_TYPE)
        records = [pcap_record(packet) for packet in packets()]
        absurd = struct.pack("<IIII", 0, 0, 0x7FFFFFFF, 0x7FFFFFFF)
        path = write(tmp_path, header + records[0] + records[1] + absurd + records[2])
        line, found = failed(gapwatch, path)
        assert found["capture"]["packets"] == 2
        assert found["flows"][0]["packets_received"] == 2
        assert str(path) in line

    def test_files_after_a_damaged_one(self, gapwatch, tmp_path):
        """Packets before the damage are in the report, whatever happens to the next file."""
        small = write(tmp_path, pcap(packets(), LINK_TYPE))
        cut = write(tmp_path, small.read_bytes()[:-1], "cut.pcap")
        line, found = failed(gapwatch, "-q", cut, small)
        assert "cut.pcap" in line
        assert found["capture"]["packets"] >= len(packets()) - 1


class TestTimes:
    def analyze(self, gapwatch, folder, times, make=pcap):
        frames = [
            Packet(esp_packet(number + 1), second=second, fraction=fraction)
            for number, (second, fraction) in enumerate(times)
        ]
        found = gapwatch.analyze(write(folder, make(frames, LINK_TYPE)))
        assert found["flows"][0]["packets_received"] == len(times)
        assert found["gaps"] == []
        return found["flows"][0]

    def test_not_in_order(self, gapwatch, tmp_path):
        """Packets are tracked in file order; first and last time are the earliest and the latest.
        """
        flow = self.analyze(gapwatch, tmp_path, [(30, 0), (10, 0), (20, 0), (40, 0)])
        assert flow["first_timestamp"] == "1970-01-01T00:00:10.000000000Z"
        assert flow["last_timestamp"] == "1970-01-01T00:00:40.000000000Z"
        assert flow["duration_seconds"] == 30
        assert flow["reordered_packets"] == 0

    def test_zero(self, gapwatch, tmp_path):
        flow = self.analyze(gapwatch, tmp_path, [(0, 0), (0, 0)])
        assert flow["first_timestamp"] == "1970-01-01T00:00:00.000000000Z"
        assert flow["duration_seconds"] == 0
        assert flow["bandwidth_mbps"] is None

    @pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
    def test_after_2038(self, make, gapwatch, tmp_path):
        """The seconds of a pcap file are 32 bits without a sign, until 2106."""
        flow = self.analyze(gapwatch, tmp_path, [(2**31, 5)], make)
        assert flow["first_timestamp"] == "2038-01-19T03:14:08.000005000Z"
        flow = self.analyze(gapwatch, tmp_path, [(2**32 - 2, 0), (2**32 - 1, 999999)], make)
        assert flow["last_timestamp"] == "2106-02-07T06:28:15.999999000Z"

    def test_more_microseconds_than_a_second_has(self, gapwatch, tmp_path):
        flow = self.analyze(gapwatch, tmp_path, [(0, 0), (5, 1500000), (7, 2**32 - 1)])
        for name in ("first_timestamp", "last_timestamp"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", flow[name])

    def test_end_of_what_pcapng_can_say(self, gapwatch, tmp_path):
        """64 bits of microseconds exceed any calendar, but must not stop the program."""
        block = bytearray(pcapng_packet(packets()[0]))
        for ticks in (b"\xff" * 8, b"\x7f" + b"\xff" * 7, b"\x00\x00\x00\x80" + bytes(4)):
            block[12:20] = ticks
            data = pcapng_section() + pcapng_interface(LINK_TYPE) + bytes(block)
            found = gapwatch.analyze(write(tmp_path, data))
            assert found["flows"][0]["packets_received"] == 1


class TestLengths:
    def test_frames_of_no_length(self, gapwatch, tmp_path):
        for link_type in (EN10MB, RAW):
            found = gapwatch.analyze(write(tmp_path, pcap([b"", b""], link_type)))
            assert found["capture"]["counters"]["malformed"] == 2
            assert found["capture"]["bytes"] == 0

    def test_nothing_captured(self, gapwatch, tmp_path):
        found = gapwatch.analyze(write(tmp_path, pcap([Packet(b"", wire_length=1500)], RAW)))
        assert found["capture"]["counters"]["truncated"] == 1
        assert found["capture"]["bytes"] == 1500

    def test_length_on_the_wire_of_four_gigabytes(self, gapwatch, tmp_path):
        frames = [Packet(esp_packet(number), wire_length=2**32 - 1) for number in (1, 2, 3)]
        found = gapwatch.analyze(write(tmp_path, pcap(frames, RAW)))
        assert found["capture"]["bytes"] == found["flows"][0]["total_bytes"] == 3 * (2**32 - 1)

    def test_more_captured_than_was_on_the_wire(self, gapwatch, tmp_path):
        """The two lengths contradict each other; reading must stay inside the frame."""
        frames = [Packet(esp_packet(1), wire_length=length) for length in range(28)]
        found = gapwatch.analyze(write(tmp_path, pcap(frames, RAW)))
        assert found["capture"]["packets"] == sum(found["capture"]["counters"].values()) == 28

    def test_largest_frame(self, gapwatch, tmp_path):
        large = esp_packet(1) + bytes(262144 - 28)
        found = gapwatch.analyze(write(tmp_path, pcap([large], RAW)))
        assert found["flows"][0]["total_bytes"] == 262144


def mutate(source, data):
    """Returns DATA with some random bytes changed, removed or inserted."""
    data = bytearray(data)
    for _ in range(source.randrange(1, 12)):
        at, length = source.randrange(len(data)), source.randrange(1, 9)
        change = source.randrange(3)
        if change == 0:
            data[at] = source.choice((0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)))
        elif change == 1:
            del data[at : at + length]
        else:
            data[at:at] = source.randbytes(length)
        data = data or bytearray(1)
    return bytes(data)


def mixed_frames():
    """One frame of every encapsulation over Ethernet; without scapy, only the small capture."""
    try:
        from support import ip_cases, link_cases, macsec_cases
    except ImportError:
        return [bytes(12) + b"\x08\x00" + packet.data for packet in packets()]
    cases = [*link_cases.all_cases(), *macsec_cases.all_cases(), *ip_cases.all_cases()]
    return [case.data for case in cases if case.link_type == EN10MB]


class TestMutations:
    """Any bytes: no crash, exit 0 or 1, one line for a failure, and consistent counts."""

    def check(self, gapwatch, path):
        done = gapwatch.run("analyze", "--json", path)
        assert done.returncode in (0, 1), (done.returncode, done.stderr)
        if done.returncode == 1:
            one_line(done)
        else:
            assert done.stderr == b""
        if done.stdout:
            capture = json.loads(done.stdout)["capture"]
            assert sum(capture["counters"].values()) == capture["packets"]

    @pytest.mark.parametrize("container", CONTAINERS)
    def test_mixed_traffic(self, container, gapwatch, tmp_path):
        source = random.Random(MUTATION_SEED)
        frames = mixed_frames()
        for number in range(MUTATIONS):
            chosen = source.sample(frames, 4)
            data = mutate(source, CONTAINERS[container](chosen))
            self.check(gapwatch, write(tmp_path, data, f"{MUTATION_SEED}-{number}"))

    def test_compressed(self, gapwatch, tmp_path):
        source = random.Random(MUTATION_SEED + 1)
        whole = gzip.compress(pcap(packets(), LINK_TYPE))
        for number in range(MUTATIONS):
            self.check(gapwatch, write(tmp_path, mutate(source, whole), f"{number}.gz"))

    def test_sample(self, gapwatch, tmp_path, request):
        sample = request.config.rootpath / "tests" / "captures" / "macsec_traffic.pcap"
        if not sample.exists():
            pytest.skip("the sample capture is not there: tests/make_sample_capture.py writes it")
        source = random.Random(MUTATION_SEED + 2)
        for number in range(MUTATIONS):
            self.check(gapwatch, write(tmp_path, mutate(source, sample.read_bytes()), f"{number}"))

    def test_frames_of_random_bytes(self, gapwatch, tmp_path):
        """The file is intact, the frames are not: each ends in one counter, with exit 0."""
        source = random.Random(MUTATION_SEED + 3)
        sound = mixed_frames()
        for link_type in (0, 1, 9, 50, 101, 104, 105, 108, 113, 127, 219, 228, 229, 239, 258, 276):
            frames = [mutate(source, source.choice(sound)) for _ in range(300)]
            frames += [source.randbytes(source.randrange(120)) for _ in range(300)]
            found = gapwatch.analyze(write(tmp_path, pcap(frames, link_type), f"{link_type}.pcap"))
            assert found["capture"]["packets"] == len(frames)
            assert sum(found["capture"]["counters"].values()) == len(frames)
