# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""pcapng files: blocks, resolutions and interfaces of every kind, and what they say of their sensor's losses."""
import collections
import gzip
import json
import os
import pathlib
import shutil
import struct
import subprocess

import pytest

from conftest import CAPTURES
from support import small_capture
from support.capture_file import (
    BIG,
    EN10MB,
    FIRST_SECOND,
    LITTLE,
    NFLOG,
    RAW,
    Packet,
    block,
    option,
    options,
    pcap,
    pcapng_interface,
    pcapng_packet,
    pcapng_section,
)
from support.files import ORDERS, failed, one_line, write
from support.small_capture import LINK_TYPE, esp_packet, packets

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"
LONG = bool(os.environ.get("GAPWATCH_LONG"))
LOST = 50, 51, 52  # numbers that are missing in the files below


def numbered(first=1, last=200):
    """One frame a millisecond, without those of LOST."""
    return [
        Packet(esp_packet(number), fraction=1000 * number)
        for number in range(first, last + 1)
        if number not in LOST
    ]


def statistics(order=LITTLE, interface=0, **counts):
    """An interface statistics block."""
    codes = {"start": 2, "received": 4, "dropped": 5, "accepted": 6, "os_dropped": 7}
    listed = options([option(codes[name], struct.pack(order + "Q", value), order) for name, value in counts.items()])
    return block(5, struct.pack(order + "III", interface, 0, 0) + listed, order)


def causes(found):
    return [(gap["gap_size"], gap["cause"]) for gap in found["gaps"]]


class TestBlocks:
    @pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
    def test_obsolete_packets(self, order, gapwatch, tmp_path):
        data = pcapng_section(order) + pcapng_interface(LINK_TYPE, order)
        for packet in packets():
            ticks = packet.second * 10**6 + packet.fraction
            head = struct.pack(
                order + "HHIIII", 0, 0xFFFF, ticks >> 32, ticks & 0xFFFFFFFF, len(packet.data), len(packet.data)
            )
            data += block(2, head + packet.data, order)
        found = gapwatch.analyze(write(tmp_path, data))
        small_capture.check(found)
        assert found["capture"]["sensor_drops"] == 0

    @pytest.mark.parametrize("snaplen, captured", ((0, 28), (24, 24)))
    def test_simple_packets(self, snaplen, captured, gapwatch, tmp_path):
        """They are of the first interface, cut to its snap length, and have no time."""
        data = pcapng_section() + pcapng_interface(RAW, snaplen=snaplen)
        for packet in packets():
            data += block(3, struct.pack("<I", len(packet.data)) + packet.data[: captured])
        found = gapwatch.analyze(write(tmp_path, data))
        assert found["capture"]["packets"] == 4
        assert found["capture"]["counters"]["esp" if captured == 28 else "truncated"] == 4
        assert found["capture"]["clock_steps"] == 0

    def test_simple_packets_have_the_time_before_them(self, gapwatch, tmp_path):
        """At the beginning of a file they have the time of the first packet with one; a file without times keeps its
        place in the order given."""
        simple = [block(3, struct.pack("<I", 28) + esp_packet(number)) for number in range(1, 5)]
        timed = [pcapng_packet(Packet(esp_packet(number), second=FIRST_SECOND + number)) for number in range(1, 10)]
        head = pcapng_section() + pcapng_interface(RAW)
        mixed = write(tmp_path, head + b"".join((*simple[:2], *timed[2:6])), "mixed")
        alone = write(tmp_path, head + b"".join(simple), "alone")
        rest = write(tmp_path, head + b"".join(timed[4:]), "rest")
        for names, duration, timeless in (([mixed], 3, 2), ([alone, rest], 4, 4)):
            done = gapwatch.run("analyze", "--json", *names)
            assert f"{timeless} frames have no timestamp" in one_line(done)
            (flow,) = json.loads(done.stdout)["flows"]
            assert (flow["total_lost_packets"], flow["duration_seconds"]) == (0, duration)

    @pytest.mark.parametrize("kind", (6, 0xBAD))
    def test_length_without_the_padding(self, kind, gapwatch, tmp_path):
        """Wireshark reads it, too."""
        odd = struct.pack("<IIIIIII", kind, 61, 0, 0, 0, 29, 29) + esp_packet(3) + bytes(4) + struct.pack("<I", 61)
        data = pcapng_section() + pcapng_interface(RAW)
        data += odd.join(map(pcapng_packet, (Packet(esp_packet(2)), Packet(esp_packet(4)))))
        found = gapwatch.analyze(write(tmp_path, data))
        assert found["capture"]["packets"] == (3 if kind == 6 else 2)

    def test_unknown_blocks_are_skipped(self, gapwatch, tmp_path):
        other = block(0x0BAD, bytes(400)) + block(0x80000001, b"") + block(4, bytes(4)) + block(10, bytes(20))
        large = block(0x0BAD, bytes(20 << 20))
        data = pcapng_section() + other + pcapng_interface(LINK_TYPE) + large
        data += b"".join(other + pcapng_packet(packet) for packet in packets()) + other
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))
        small_capture.check(gapwatch.analyze("-", stdin=data))

    def test_version_that_nobody_knows(self, gapwatch, tmp_path):
        section = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 2, 0, -1))
        line, _ = failed(gapwatch, write(tmp_path, section + pcapng_interface(LINK_TYPE)))
        assert "version 2.0" in line

    @pytest.mark.parametrize(
        "broken",
        (
            struct.pack("<II", 6, 33) + bytes(25),
            struct.pack("<II", 6, 8) + bytes(4),
            pcapng_packet(packets()[0])[:-4] + bytes(4),
            pcapng_packet(packets()[0], interface=1),
            block(6, bytes(16)),
            block(6, struct.pack("<IIIII", 0, 0, 0, 99, 99) + bytes(40)),
        ),
        ids=("odd length", "short length", "other length behind", "no such interface", "cut", "longer than its block"),
    )
    def test_damage(self, broken, gapwatch, tmp_path):
        """The packets before the damage are reported, and so is its place."""
        good = pcapng_section() + pcapng_interface(LINK_TYPE) + b"".join(map(pcapng_packet, packets()))
        line, found = failed(gapwatch, write(tmp_path, good + broken))
        small_capture.check(found)
        assert f"near byte {len(good)}:" in line and "packet 4" in line


class TestTimes:
    @pytest.mark.parametrize(
        "resolution, units",
        ((0, 1), (3, 10**3), (9, 10**9), (12, 10**12), (0x80 | 10, 2**10), (0x80 | 30, 2**30), (0x80 | 40, 2**40)),
    )
    @pytest.mark.parametrize("offset", (0, 1000, -1000))
    def test_resolutions_and_offsets(self, resolution, units, offset, gapwatch, tmp_path):
        listed = [option(9, bytes([resolution])), option(14, struct.pack("<q", offset))]
        data = pcapng_section() + block(1, struct.pack("<HHI", LINK_TYPE, 0, 0) + options(listed))
        for second in (0, 3):
            ticks = (2000 + second) * units + units // 2
            head = struct.pack("<IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, 28, 28)
            data += block(6, head + esp_packet(second + 1))
        (flow,) = gapwatch.analyze(write(tmp_path, data))["flows"]
        fraction = "500000000" if units > 1 else "000000000"
        minutes, seconds = divmod(2000 + offset, 60)
        assert flow["first_timestamp"] == f"1970-01-01T00:{minutes:02}:{seconds:02}.{fraction}Z"
        assert flow["duration_seconds"] == 3

    def test_interfaces_of_different_resolutions(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(RAW) + pcapng_interface(RAW, nanoseconds=True)
        for number in range(1, 9):
            fraction = number * 10**3 * (1000 if number % 2 else 1)
            packet = Packet(esp_packet(number), fraction=fraction)
            data += pcapng_packet(packet, nanoseconds=bool(number % 2), interface=number % 2)
        found = gapwatch.analyze(write(tmp_path, data))
        assert found["flows"][0]["duration_seconds"] == pytest.approx(0.007)


class TestInterfaces:
    def test_counters_of_each(self, gapwatch, tmp_path):
        names = [option(2, b"eth0"), option(2, b"any")]
        data = pcapng_section()
        for link_type, name in zip((EN10MB, 113), names):
            data += block(1, struct.pack("<HHI", link_type, 0, 0) + options([name]))
        for number in range(1, 11):
            link = bytes(12) + b"\x08\x00" if number % 3 else bytes(14) + b"\x08\x00"
            data += pcapng_packet(Packet(link + esp_packet(number), fraction=number), interface=int(not number % 3))
        found = gapwatch.analyze(write(tmp_path, data))
        rows = found["capture"]["interfaces"]
        assert [(row["interface"], row["name"], row["link_type"], row["packets"]) for row in rows] == [
            (0, "eth0", "EN10MB", 7),
            (1, "any", "LINUX_SLL", 3),
        ]
        assert [row["counters"]["esp"] for row in rows] == [7, 3]
        assert found["flows"][0]["packets_received"] == 10
        text = gapwatch.run("analyze", tmp_path / "capture.pcap").stdout.decode()
        assert "Interface 1 any (LINUX_SLL): 3 packets" in text

    def test_filter_is_compiled_for_each(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(EN10MB) + pcapng_interface(RAW)
        for number in range(1, 9):
            frame = esp_packet(number, spi=0x1001 + number // 5)
            link = b"" if number % 2 else bytes(12) + b"\x08\x00"
            data += pcapng_packet(Packet(link + frame), interface=number % 2)
        found = gapwatch.analyze("--filter", "ip[20:4] = 0x1001", write(tmp_path, data))
        assert found["capture"]["packets"] == 4
        assert [row["packets"] for row in found["capture"]["interfaces"]] == [2, 2]

    def test_one_that_is_not_supported(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(195) + pcapng_interface(RAW)
        data += pcapng_packet(Packet(bytes(40)), interface=0)
        data += b"".join(pcapng_packet(packet, interface=1) for packet in packets())
        done = gapwatch.run("analyze", "--json", write(tmp_path, data))
        assert done.returncode == 0
        assert "IEEE802_15_4" in one_line(done)
        found = gapwatch.analyze("-q", tmp_path / "capture.pcap")
        assert found["capture"]["packets"] == 5 and found["capture"]["counters"]["not_ip"] == 1
        small_capture.check(gapwatch.analyze("-q", "--filter", "esp", tmp_path / "capture.pcap"))

    def test_only_one_that_is_not_supported(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(195) + pcapng_packet(Packet(bytes(40)))
        line, _ = failed(gapwatch, write(tmp_path, data))
        assert "IEEE802_15_4" in line and "damaged" not in line

    def test_headers_in_the_other_byte_order(self, gapwatch, tmp_path):
        """netfilter's log has lengths in the byte order of the file."""
        frames = []
        for number in range(1, 5):
            packet = esp_packet(number)
            frames.append(struct.pack(">BBHHH", 2, 0, 0, 4 + len(packet), 9) + packet)
        for data in (
            pcap(frames, NFLOG, BIG),
            pcapng_section(BIG) + pcapng_interface(NFLOG, BIG)
            + b"".join(pcapng_packet(Packet(frame), BIG) for frame in frames),
        ):
            assert gapwatch.analyze(write(tmp_path, data))["capture"]["counters"]["esp"] == 4


class TestLossOfTheSensor:
    """Three numbers are missing; the file says who may have lost them."""

    def analyze(self, gapwatch, tmp_path, data):
        found = gapwatch.analyze(write(tmp_path, data))
        assert found["capture"]["packets"] == found["flows"][0]["packets_received"]
        return found

    def file(self, end, frames=None):
        frames = numbered() if frames is None else frames
        return pcapng_section() + pcapng_interface(RAW) + b"".join(map(pcapng_packet, frames)) + end

    @pytest.mark.parametrize(
        "counts, lost",
        (
            ({"dropped": 3}, 3),
            ({"os_dropped": 3}, 3),
            ({"accepted": 200}, 3),
            ({"accepted": 200, "os_dropped": 3}, 3),
            ({"dropped": 2, "os_dropped": 3}, 5),
            ({"dropped": 0}, 0),
            ({"received": 250, "accepted": 197}, 0),
        ),
    )
    def test_at_the_end(self, counts, lost, gapwatch, tmp_path):
        found = self.analyze(gapwatch, tmp_path, self.file(statistics(**counts)))
        assert found["capture"]["sensor_drops"] == lost
        assert found["capture"]["interfaces"][0]["sensor_drops"] == lost
        assert causes(found) == [(3, "undetermined" if lost else "network")]

    def test_compressed(self, gapwatch, tmp_path):
        found = self.analyze(gapwatch, tmp_path, gzip.compress(self.file(statistics(dropped=3))))
        assert causes(found) == [(3, "undetermined")]

    def test_report_says_how_many(self, gapwatch, tmp_path):
        path = write(tmp_path, self.file(statistics(dropped=3)))
        text = gapwatch.run("analyze", path).stdout.decode()
        assert "Lost by the sensor that wrote the capture: 3\n" in text
        assert "Lost packets (due to gaps): 0\n" in text

    @pytest.mark.parametrize("lossy", (0, 1))
    def test_only_gaps_between_the_statistics_that_differ(self, lossy, gapwatch, tmp_path):
        """Statistics after each half of a file, in which each half has lost numbers."""
        halves = numbered(1, 100), [
            Packet(packet.data, fraction=packet.fraction)
            for packet in (Packet(esp_packet(n), fraction=1000 * n) for n in range(101, 200) if n not in (150, 151))
        ]
        end = statistics(dropped=0 if lossy else 3), statistics(dropped=3)
        found = self.analyze(
            gapwatch, tmp_path, self.file(end[0], halves[0]) + b"".join(map(pcapng_packet, halves[1])) + end[1]
        )
        expected = ["network", "undetermined"] if lossy else ["undetermined", "network"]
        assert causes(found) == list(zip((3, 2), expected))
        assert found["capture"]["sensor_drops"] == 3

    @pytest.mark.parametrize(
        "blocks, lost, expected",
        (
            ((2, 0, 1), 3, ["undetermined"] * 3),  # it began anew, somewhere in the second part
            ((2, 2, 2), 2, ["undetermined", "network", "network"]),
            ((2**32 - 1, 1, 1), 2**32 + 1, ["undetermined", "undetermined", "network"]),
            ((2**64 - 1, 2**64 - 1, 5), 2**63 - 1, ["undetermined", "network", "undetermined"]),
        ),
    )
    def test_counters_that_begin_anew_or_overflow(self, blocks, lost, expected, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(RAW)
        for number, dropped in enumerate(blocks):
            numbers = [100 * number + n for n in range(1, 101) if n != 50]
            data += b"".join(pcapng_packet(Packet(esp_packet(n), fraction=1000 * n)) for n in numbers)
            data += statistics(dropped=dropped)
        found = self.analyze(gapwatch, tmp_path, data)
        assert causes(found) == [(1, cause) for cause in expected]
        assert int(found["capture"]["sensor_drops"]) == lost

    def test_packets_that_claim_to_be_behind_endless_losses(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(RAW)
        for number in range(1, 5):
            made = pcapng_packet(Packet(esp_packet(number), fraction=number))
            data += block(6, made[8:-4] + options([option(4, struct.pack("<Q", 2**64 - number))]))
        assert int(self.analyze(gapwatch, tmp_path, data)["capture"]["sensor_drops"]) == 2**63 - 1

    def test_statistics_in_the_middle(self, gapwatch, tmp_path):
        """Behind 5 MB, and without any at the end."""
        frames = [pcapng_packet(packet) for packet in numbered()]
        large = block(0x0BAD, bytes(5 << 20))
        data = pcapng_section() + pcapng_interface(RAW) + large + b"".join(frames[:60])
        found = self.analyze(gapwatch, tmp_path, data + statistics(dropped=3) + b"".join(frames[60:]) + large)
        assert causes(found) == [(3, "undetermined")]

    @pytest.mark.parametrize("ends", (b"", statistics(dropped=0)), ids=("no statistics", "no loss"))
    def test_statistics_in_the_middle_of_a_large_file(self, ends, gapwatch, tmp_path):
        """More than 64 MB behind the beginning of a file, whose end does not tell."""
        large = block(0x0BAD, bytes(65 << 20))
        rest = [Packet(esp_packet(n), fraction=1000 * n) for n in range(201, 300) if n != 250]
        data = self.file(large + statistics(dropped=3)) + self.file(ends, rest)
        path = write(tmp_path, data)
        done = gapwatch.run("analyze", "--json", "--db", str(tmp_path / "store.db"), path)
        assert (done.returncode, done.stderr) == (0, b"")
        for found in (json.loads(done.stdout), self.analyze(gapwatch, tmp_path, data)):
            assert causes(found) == [(3, "undetermined"), (1, "network")]
            assert found["capture"]["sensor_drops"] == 3
        text = gapwatch.run("analyze", path).stdout.decode()
        assert text.count("Analyzing packets") == 1

    def test_pipe_says_that_it_is_late(self, gapwatch):
        frames = [Packet(esp_packet(n), second=FIRST_SECOND + n) for n in range(1, 10000) if n != 50]
        done = gapwatch.run("analyze", "--json", "-", stdin=self.file(statistics(dropped=3), frames))
        assert "lost 3 frames, which a pipe" in one_line(done)
        assert causes(json.loads(done.stdout)) == [(1, "network")]

    def test_what_the_filter_accepted_in_a_ring(self, gapwatch, tmp_path):
        """The counter starts at the beginning of the capture, so it includes the packets of the earlier file."""
        start = struct.unpack("<Q", struct.pack("<II", *divmod(FIRST_SECOND * 10**6, 2**32)))[0]
        parts = (numbered(1, 100), 97), (numbered(101, 200), 197)
        names = [
            write(tmp_path, self.file(statistics(accepted=count, start=start), frames), f"{number}.pcapng")
            for number, (frames, count) in enumerate(parts)
        ]
        found = gapwatch.analyze(*names)
        assert (causes(found), found["capture"]["sensor_drops"]) == ([(3, "network")], 0)

    def test_sections_have_statistics_of_their_own(self, gapwatch, tmp_path):
        data = self.file(statistics(dropped=3), numbered(1, 100))
        rest = [Packet(esp_packet(n), fraction=1000 * n) for n in range(101, 200) if n not in (150, 151)]
        data += self.file(statistics(dropped=0), rest)
        found = self.analyze(gapwatch, tmp_path, data)
        assert causes(found) == [(3, "undetermined"), (2, "network")]

    @pytest.mark.parametrize("kind", ("enhanced", "obsolete"))
    def test_in_front_of_a_packet(self, kind, gapwatch, tmp_path):
        """Another gap, of 2, is not touched."""
        data = pcapng_section() + pcapng_interface(RAW)
        for packet in numbered():
            number = packet.fraction // 1000
            if number in (150, 151):
                continue
            ticks = packet.second * 10**6 + packet.fraction
            times = struct.pack("<IIII", ticks >> 32, ticks & 0xFFFFFFFF, 28, 28)
            lost = 3 if number == 53 else 0
            if kind == "obsolete":
                data += block(2, struct.pack("<HH", 0, lost) + times + packet.data)
            else:
                listed = options([option(4, struct.pack("<Q", lost))]) if lost else b""
                data += block(6, struct.pack("<I", 0) + times + packet.data + listed)
        for arguments, stdin in (([write(tmp_path, data)], None), (["-"], data)):
            found = gapwatch.analyze(*arguments, stdin=stdin)
            assert causes(found) == [(3, "undetermined"), (2, "network")]
            assert found["capture"]["sensor_drops"] == 3

    def test_both_ways_count_once(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(RAW)
        for packet in numbered():
            made = pcapng_packet(packet)
            if packet.fraction == 53000:
                made = block(6, made[8:-4] + options([option(4, struct.pack("<Q", 3))]))
            data += made
        found = self.analyze(gapwatch, tmp_path, data + statistics(dropped=3))
        assert found["capture"]["sensor_drops"] == 3

    def test_earlier_files_of_a_ring(self, gapwatch, tmp_path):
        """Only the last file has statistics, of the whole capture."""
        start = (FIRST_SECOND * 10**6).to_bytes(8, "little")
        start = struct.unpack("<Q", start[4:] + start[:4])[0]  # the upper half comes first
        first = write(tmp_path, self.file(b"", numbered(1, 100)), "1.pcapng")
        second = write(tmp_path, self.file(statistics(dropped=3, start=start), numbered(101, 200)), "2.pcapng")
        assert causes(gapwatch.analyze(first, second)) == [(3, "undetermined")]

    @pytest.mark.parametrize("second_lost", (3, 5))
    def test_each_file_of_a_ring_counts_from_its_beginning(self, second_lost, gapwatch, tmp_path):
        """What the first file has lost already touches no gap of the second."""
        start = (FIRST_SECOND * 10**6).to_bytes(8, "little")
        start = struct.unpack("<Q", start[4:] + start[:4])[0]
        rest = [Packet(esp_packet(n), fraction=1000 * n) for n in range(101, 200) if n not in (150, 151)]
        parts = (numbered(1, 100), 3), (rest, second_lost)
        names = [
            write(tmp_path, self.file(statistics(dropped=lost, start=start), frames), f"{number}.pcapng")
            for number, (frames, lost) in enumerate(parts)
        ]
        found = gapwatch.analyze("-q", *reversed(names))
        assert causes(found) == [(3, "undetermined"), (2, "network" if second_lost == 3 else "undetermined")]
        assert found["capture"]["sensor_drops"] == second_lost

    @pytest.mark.parametrize(
        "name, cause", (("isb-ifdrop-0", "network"), ("isb-ifdrop-3", "undetermined"), ("epb-dropcount-3", "undetermined"))
    )
    def test_cases(self, name, cause, gapwatch):
        path = CASES / "pcapng" / f"{name}.pcapng"
        if not path.exists():
            pytest.skip(f"the case is not there: {path}")
        found = gapwatch.analyze(path)
        assert causes(found) == [(3, cause)]
        assert found["capture"]["sensor_drops"] == (3 if cause == "undetermined" else 0)


class TestLossOfOneInterface:
    """Interfaces 0 and 1 have a flow each, of which number 50 is missing, and a third flow has frames of both."""

    SPIS = {0x1000: (0,), 0x2000: (1,), 0x3000: (0, 1)}

    def frames(self, number):
        """The blocks of the frames with NUMBER, each with its interface."""
        for spi, interfaces in self.SPIS.items():
            if number != 50:
                at = interfaces[number % len(interfaces)]
                yield at, Packet(esp_packet(number, spi), fraction=1000 * number + spi // 0x1000)

    def section(self, interfaces, end, lost_before=None):
        """The frames of INTERFACES in a section. LOST_BEFORE: the one whose first frame after the gap reports a loss."""
        data = pcapng_section() + b"".join(pcapng_interface(RAW) for _ in interfaces)
        for number in range(1, 101):
            for at, packet in self.frames(number):
                if at not in interfaces:
                    continue
                made = pcapng_packet(packet, interface=interfaces.index(at))
                if number == 51 and at == lost_before:
                    made = block(6, made[8:-4] + options([option(4, struct.pack("<Q", 1))]))
                data += made
        return data + end

    def causes(self, found):
        return {int(gap["flow_id"].split()[3][:-1], 16): gap["cause"] for gap in found["gaps"]}

    def expected(self, lossy):
        return {
            spi: "undetermined" if lossy in interfaces else "network" for spi, interfaces in self.SPIS.items()
        }

    @pytest.mark.parametrize("lossy", (0, 1))
    def test_statistics(self, lossy, gapwatch, tmp_path):
        end = statistics(interface=lossy, dropped=3) + statistics(interface=1 - lossy, dropped=0)
        found = gapwatch.analyze(write(tmp_path, self.section((0, 1), end)))
        assert self.causes(found) == self.expected(lossy)
        assert [row["sensor_drops"] for row in found["capture"]["interfaces"]] == [3 * (lossy == 0), 3 * (lossy == 1)]

    @pytest.mark.parametrize("lossy", (0, 1))
    def test_in_front_of_a_packet(self, lossy, gapwatch, tmp_path):
        found = gapwatch.analyze(write(tmp_path, self.section((0, 1), b"", lossy)))
        assert self.causes(found) == self.expected(lossy)

    @pytest.mark.parametrize("lossy", (0, 1))
    @pytest.mark.parametrize("other", ("pcapng", "pcap"))
    def test_files_that_are_merged(self, other, lossy, gapwatch, tmp_path):
        """The interface of each has number 0."""
        names = [write(tmp_path, self.section((lossy,), statistics(dropped=3)), "lossy")]
        if other == "pcapng":
            data = self.section((1 - lossy,), b"")
        else:
            data = pcap([packet for n in range(1, 101) for at, packet in self.frames(n) if at != lossy], RAW)
        names.append(write(tmp_path, data, "other"))
        for order in (names, names[::-1]):
            assert self.causes(gapwatch.analyze("--merge", *order)) == self.expected(lossy)

    def test_a_merged_file_that_is_cut(self, gapwatch, tmp_path):
        """The other tap has all its frames."""
        data = self.section((0,), b"")
        names = [
            write(tmp_path, data[: len(data) // 4 - 1], "cut"),
            write(tmp_path, self.section((1,), b""), "whole"),
        ]
        done = gapwatch.run("analyze", "--json", "--merge", *names)
        assert done.returncode == 1
        causes = self.causes(json.loads(done.stdout))
        assert (causes[0x2000], causes[0x3000]) == ("network", "undetermined")

    def test_more_interfaces_than_are_told_apart(self, gapwatch, tmp_path):
        """Interfaces that lost frames are told apart, as long as there are few of these."""
        data = pcapng_section() + b"".join(pcapng_interface(RAW) for _ in range(100))
        for n in range(1, 101):
            for at in range(100):
                if n != 50:
                    data += pcapng_packet(Packet(esp_packet(n, 0x1000 + at), fraction=1000 * n + at), interface=at)
        found = gapwatch.analyze(write(tmp_path, data + statistics(interface=99, dropped=1)))
        causes = self.causes(found)
        assert [causes[0x1000 + at] for at in range(100)] == ["network"] * 99 + ["undetermined"]


class TestRingOfSeveralInterfaces:
    """dumpcap writes the frames of several interfaces in turns: frame 1000 of one may stand behind frame 1200 of
    another, and the next file begins with older ones."""

    TURNS = ((1, 1, 300), (0, 1, 200), (1, 301, 400), (0, 201, 420), (1, 401, 600), (0, 421, 600))

    def files(self, tmp_path):
        """Files of about 150 frames each."""
        blocks = []
        for at, first, last in self.TURNS:
            for n in range(first, last + 1):
                if n != 250:
                    packet = Packet(esp_packet(n, 0x1000 + at), fraction=1000 * n + at)
                    blocks.append(pcapng_packet(packet, interface=at))
        head = pcapng_section() + pcapng_interface(RAW) * 2
        return [
            write(tmp_path, head + b"".join(blocks[150 * n : 150 * n + 150]), f"ring_{n:05}_20260101000000.pcapng")
            for n in range(len(blocks) // 150 + 1)
        ]

    def test_order(self, gapwatch, tmp_path):
        names = self.files(tmp_path)
        for order in (names, names[::-1], [tmp_path], names[::2] + names[1::2]):
            done = gapwatch.run("analyze", "--json", *order)
            found = json.loads(done.stdout)
            assert [gap["gap_size"] for gap in found["gaps"]] == [1, 1], order
            assert b"overlap" not in done.stderr
            assert (b"not as given" in done.stderr) == (order not in (names, [tmp_path]))

    def test_followed(self, gapwatch, tmp_path):
        """By dumpcap's numbers; the last frame ends it."""
        done = gapwatch.run("analyze", "--json", "--follow", "-c", 1198, self.files(tmp_path)[0])
        found = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (0, b"")
        assert [gap["gap_size"] for gap in found["gaps"]] == [1, 1]

    def test_part_that_is_missing(self, gapwatch, tmp_path):
        """On each interface the missing part lies between other times."""
        names = self.files(tmp_path)
        names[3].write_bytes(names[3].read_bytes()[:2000])
        done = gapwatch.run("analyze", "--json", *names)
        found = json.loads(done.stdout)
        assert done.returncode == 1
        assert {gap["cause"] for gap in found["gaps"] if gap["gap_size"] > 1} == {"undetermined"}
        assert found["summary"]["lost_network"] <= 2

    def test_others_overlap(self, gapwatch, tmp_path):
        """A file of another tap, whose interface has another name."""
        other = pcapng_section() + block(1, struct.pack("<HHI", RAW, 0, 0) + options([option(2, b"tap1")]))
        other += b"".join(pcapng_packet(Packet(esp_packet(n, 0x3000), fraction=1000 * n)) for n in range(100, 110))
        done = gapwatch.run("analyze", "--json", *self.files(tmp_path), write(tmp_path, other, "other"))
        assert b"overlap in time" in done.stderr


def pcapng_captures():
    found = CAPTURES.rglob("*") if CAPTURES.exists() else []
    return sorted(path for path in found if path.is_file() and path.open("rb").read(4) == b"\n\r\r\n")


def test_same_packets_as_tshark(gapwatch, captures):
    """By interface, in pcapng files of the collection that both read: all of them with GAPWATCH_LONG=1, else
    those with several interfaces and every fifth other."""
    if not shutil.which("tshark"):
        pytest.skip("tshark is the second reader: install tshark")
    compared = 0
    for number, path in enumerate(pcapng_captures()):
        done = gapwatch.run("analyze", "-q", "--json", path)
        if done.returncode:
            continue
        rows = json.loads(done.stdout)["capture"].get("interfaces", [])
        if len(rows) < 2 and number % 5 and not LONG:
            continue
        read = subprocess.run(
            ["tshark", "-n", "-r", path, "-T", "fields", "-e", "frame.interface_id"],
            capture_output=True,
            text=True,
            check=False,
        )
        if read.returncode:
            continue
        theirs = collections.Counter(line for line in read.stdout.split("\n") if line)
        mine = collections.Counter()
        for row in rows:
            mine[str(row["interface"])] += row["packets"]
        assert +mine == theirs, path
        compared += 1
    assert compared > (30 if LONG else 10)
