# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Capture files of every kind: containers, compressed, piped, several, invalid, filtered."""
import dataclasses
import gzip
import json
import os
import re
import struct
import threading

import pytest

from support import small_capture
from support.capture_file import (
    BIG,
    EN10MB,
    FIRST_SECOND,
    IPV4,
    LITTLE,
    RAW,
    Packet,
    pcap,
    pcap_record,
    pcapng,
    pcapng_interface,
    pcapng_packet,
    pcapng_section,
)
from support.files import CONTAINERS, ORDERS, failed, one_line, write
from support.small_capture import LINK_TYPE, esp_packet, packets


@pytest.fixture
def small(tmp_path):
    return write(tmp_path, pcap(packets(), LINK_TYPE))


class TestContainers:
    @pytest.mark.parametrize("nanoseconds", (False, True), ids=("us", "ns"))
    @pytest.mark.parametrize("order", ORDERS)
    @pytest.mark.parametrize("container", CONTAINERS)
    def test_same_result(self, container, order, nanoseconds, gapwatch, tmp_path):
        make, fractions = CONTAINERS[container], (0, 100, 200, 123456)
        data = make(packets(fractions=fractions), LINK_TYPE, ORDERS[order], nanoseconds)
        found = gapwatch.analyze(write(tmp_path, data))
        small_capture.check(found)
        last = "000123456" if nanoseconds else "123456000"
        assert found["capture"]["link_type"] == "RAW"
        assert found["flows"][0]["first_timestamp"] == "2025-01-01T00:00:00.000000000Z"
        assert found["flows"][0]["last_timestamp"] == f"2025-01-01T00:00:00.{last}Z"

    def test_two_interfaces_of_one_link_type(self, gapwatch, tmp_path):
        data = pcapng_section() + 2 * pcapng_interface(IPV4)
        data += b"".join(
            pcapng_packet(packet, interface=number % 2)
            for number, packet in enumerate(packets())
        )
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))

    def test_two_sections(self, gapwatch, tmp_path):
        data = b"".join(pcapng(half, IPV4) for half in (packets()[:2], packets()[2:]))
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))

    def test_two_sections_of_two_byte_orders(self, gapwatch, tmp_path):
        halves = (packets()[:2], LITTLE), (packets()[2:], BIG)
        data = b"".join(pcapng(half, IPV4, order) for half, order in halves)
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))

    def test_interfaces_that_differ_in_link_type(self, gapwatch, tmp_path):
        data = pcapng_section() + pcapng_interface(LINK_TYPE) + pcapng_interface(EN10MB)
        for number, packet in enumerate(packets()):
            frame = bytes(12) + b"\x08\x00" + packet.data if number % 2 else packet.data
            data += pcapng_packet(dataclasses.replace(packet, data=frame), interface=number % 2)
        found = gapwatch.analyze(write(tmp_path, data))
        assert found["capture"]["link_type"] == "RAW, EN10MB"
        assert found["flows"][0]["packets_received"] == len(small_capture.SEQUENCES)
        assert [row["packets"] for row in found["capture"]["interfaces"]] == [2, 2]

    def test_name_without_a_suffix(self, gapwatch, tmp_path):
        path = write(tmp_path, pcap(packets(), LINK_TYPE), name="capture")
        small_capture.check(gapwatch.analyze(path))

    def test_source_is_the_name_given(self, gapwatch, small):
        found = gapwatch.analyze(small)
        assert found["capture"]["source"] == str(small)
        assert found["capture"]["method"] == "file"


class TestCompressed:
    @pytest.mark.parametrize("container", CONTAINERS)
    def test_one_member(self, container, gapwatch, tmp_path):
        data = gzip.compress(CONTAINERS[container](packets(), LINK_TYPE))
        small_capture.check(gapwatch.analyze(write(tmp_path, data, "a.gz")))

    def test_known_by_its_content(self, gapwatch, tmp_path):
        data = gzip.compress(pcap(packets(), LINK_TYPE))
        small_capture.check(gapwatch.analyze(write(tmp_path, data, "capture.pcap")))

    def test_several_members(self, gapwatch, tmp_path):
        """RFC 1952 2.2: members simply follow one another."""
        whole = pcap(packets(), LINK_TYPE)
        data = b"".join(gzip.compress(whole[at : at + 50]) for at in range(0, len(whole), 50))
        small_capture.check(gapwatch.analyze(write(tmp_path, data, "a.gz")))

    def test_cut_anywhere(self, gapwatch, tmp_path):
        data = gzip.compress(pcap(packets(), LINK_TYPE))
        for length in range(2, len(data)):
            _, found = failed(gapwatch, write(tmp_path, data[:length], "a.gz"))
            assert found is None or found["capture"]["packets"] <= len(packets())

    def test_wrong_checksum(self, gapwatch, tmp_path):
        data = bytearray(gzip.compress(pcap(packets(), LINK_TYPE)))
        data[-8] ^= 1
        failed(gapwatch, write(tmp_path, bytes(data), "a.gz"))

    def test_damaged_data_after_good_data(self, gapwatch, tmp_path):
        """Data before the damage is analysed and reported."""
        good = gzip.compress(pcap(packets(), LINK_TYPE))
        data = good + gzip.compress(pcap_record(packets()[0]))[:-9] + bytes(9)
        _, found = failed(gapwatch, write(tmp_path, data, "a.gz"))
        assert found["capture"]["packets"] >= len(packets())


class TestStandardInput:
    @pytest.mark.parametrize("container", CONTAINERS)
    def test_dash(self, container, gapwatch):
        data = CONTAINERS[container](packets(), LINK_TYPE)
        found = gapwatch.analyze("-", stdin=data)
        small_capture.check(found)
        assert found["capture"]["source"] == "-"

    def test_compressed(self, gapwatch):
        small_capture.check(gapwatch.analyze("-", stdin=gzip.compress(pcap(packets(), LINK_TYPE))))

    def test_empty(self, gapwatch):
        _, found = failed(gapwatch, "-", stdin=b"")
        assert found is None or found["capture"]["packets"] == 0

    def test_named_pipe(self, gapwatch, tmp_path):
        path = tmp_path / "pipe"
        os.mkfifo(path)
        data = pcap(packets(), LINK_TYPE)
        writer = threading.Thread(target=path.write_bytes, args=(data,), daemon=True)
        writer.start()
        small_capture.check(gapwatch.analyze(path))
        writer.join()


class TestSeveralFiles:
    def test_one_analysis_in_the_order_of_time(self, gapwatch, tmp_path):
        """The missing number lies between the two files, as in rotated captures."""
        first = write(tmp_path, pcap(packets()[:2], LINK_TYPE), "a.pcap")
        second = write(tmp_path, pcapng(packets()[2:], LINK_TYPE, BIG), "b.pcapng")
        found = gapwatch.analyze(first, second)
        small_capture.check(found)
        assert found["capture"]["source"] == f"{first}, {second}"
        assert found["capture"]["link_type"] == "RAW"

    def test_given_in_another_order(self, gapwatch, tmp_path):
        """They are read by time, and one line says so."""
        first = write(tmp_path, pcap(packets()[:2], LINK_TYPE), "b.pcap")
        second = write(tmp_path, pcap(packets()[2:], LINK_TYPE), "a.pcap")
        done = gapwatch.run("analyze", "--json", second, first)
        assert done.returncode == 0
        assert "--in-order" in one_line(done)
        found = json.loads(done.stdout)
        small_capture.check(found)
        assert found["capture"]["source"] == f"{first}, {second}"
        assert gapwatch.run("analyze", "-q", second, first).stderr == b""

    def test_file_without_a_frame_changes_no_order(self, gapwatch, tmp_path):
        empty = write(tmp_path, pcap([], LINK_TYPE), "a.pcap")
        full = write(tmp_path, pcap(packets(), LINK_TYPE), "b.pcap")
        done = gapwatch.run("analyze", "--json", empty, full)
        assert (done.returncode, done.stderr) == (0, b"")
        small_capture.check(json.loads(done.stdout))

    def test_in_the_order_given(self, gapwatch, tmp_path):
        """Then 4 comes first; 1 and 2 come late but within the window, and nothing is missing."""
        first = write(tmp_path, pcap(packets()[:2], LINK_TYPE), "a.pcap")
        second = write(tmp_path, pcap(packets()[2:], LINK_TYPE), "b.pcap")
        done = gapwatch.run("analyze", "--json", "--in-order", second, first)
        assert (done.returncode, done.stderr) == (0, b"")
        found = json.loads(done.stdout)
        assert found["flows"][0]["reordered_packets"] == 2
        assert found["gaps"] == []

    def test_overlap_is_said_and_merged(self, gapwatch, tmp_path):
        """Two taps of one link: each has every other frame."""
        frames = [Packet(esp_packet(number), fraction=1000 * number) for number in range(1, 401)]
        taps = [
            write(tmp_path, pcap(frames[0::2], LINK_TYPE), "a.pcap"),
            write(tmp_path, pcapng(frames[1::2], LINK_TYPE), "b.pcapng"),
        ]
        done = gapwatch.run("analyze", *taps)
        assert done.returncode == 0 and "overlap" in one_line(done)
        done = gapwatch.run("analyze", "--json", "--merge", *taps)
        assert (done.returncode, done.stderr) == (0, b"")
        (flow,) = json.loads(done.stdout)["flows"]
        assert flow["packets_received"] == 400
        assert flow["total_lost_packets"] == flow["reordered_packets"] == 0

    def test_hundreds_are_one_line(self, gapwatch, tmp_path):
        for number in range(300):
            frames = [Packet(esp_packet(number + 1), second=FIRST_SECOND + number)]
            write(tmp_path, pcap(frames, LINK_TYPE), f"ring.pcap{number}")
        names = sorted(tmp_path.iterdir())  # as a shell does: 10 comes before 2
        for arguments in ([*names], [tmp_path]):
            done = gapwatch.run("analyze", "--window", "4", *arguments)
            assert done.returncode == 0
            if len(arguments) > 1:
                assert "--in-order" in one_line(done)
            else:  # a directory gives no order
                assert done.stderr == b""
            text = done.stdout.decode()
            assert text.count("Analyzing packets") == 1 and "300 files" in text
            assert "Lost packets (due to gaps): 0\n" in text
        done = gapwatch.run("analyze", "--merge", tmp_path)
        assert (done.returncode, done.stderr) == (0, b"")

    def test_directory(self, gapwatch, tmp_path):
        """Only its capture files are read, whatever their names; a damaged one is reported."""
        write(tmp_path, pcap(packets()[:2], LINK_TYPE), "one")
        write(tmp_path, gzip.compress(pcap(packets()[2:], LINK_TYPE)), "two.log")
        write(tmp_path, b"notes", "notes.pcap")
        write(tmp_path, b"", "empty.pcap")
        (tmp_path / "more").mkdir()
        small_capture.check(gapwatch.analyze(tmp_path))
        write(tmp_path, pcap(packets(), 195), "zigbee.pcap")
        line, found = failed(gapwatch, tmp_path)
        assert "zigbee.pcap" in line and found["capture"]["packets"] == 4

    @pytest.mark.parametrize("options", ((), ("--merge",), ("--in-order",)))
    @pytest.mark.parametrize("damage", ("cut", "damaged", "no capture"))
    def test_what_cannot_be_read_is_not_the_networks_loss(self, damage, options, gapwatch, tmp_path):
        """10 numbers are missing in the first file; those behind its end, and between good files, may be in it."""
        frames = [Packet(esp_packet(number), second=FIRST_SECOND + number) for number in range(1, 121)]
        records = b"".join(map(pcap_record, frames[:50]))
        if damage == "damaged":
            records += pcap_record(frames[50]).replace(struct.pack("<II", 28, 28), b"\xff" * 8)
        else:
            records += pcap_record(frames[50])[:9]
        first = pcap([], LINK_TYPE)[:24] + records if damage != "no capture" else b"text"
        names = [
            write(tmp_path, pcap(frames[:50], LINK_TYPE), "0.pcap") if damage == "no capture" else None,
            write(tmp_path, first, "1.pcap"),
            write(tmp_path, pcap(frames[60:80], LINK_TYPE), "2.pcap"),
            write(tmp_path, pcap(frames[82:], LINK_TYPE), "3.pcap"),
        ]
        line, found = failed(gapwatch, *options, *filter(None, names))
        assert "1.pcap" in line
        causes = [(gap["gap_size"], gap["cause"]) for gap in found["gaps"]]
        assert causes == [(10, "undetermined"), (2, "undetermined" if damage == "no capture" else "network")]

    def test_link_types_that_differ(self, gapwatch, tmp_path):
        first = write(tmp_path, pcap(packets()[:2], RAW), "a.pcap")
        frames = [
            Packet(bytes(12) + b"\x08\x00" + packet.data, second=packet.second)
            for packet in packets()[2:]
        ]
        second = write(tmp_path, pcap(frames, EN10MB), "b.pcap")
        found = gapwatch.analyze(first, second)
        assert found["capture"]["link_type"] == "RAW, EN10MB"
        assert found["flows"][0]["packets_received"] == len(small_capture.SEQUENCES)

    def test_same_file_twice(self, gapwatch, small):
        found = gapwatch.analyze("-q", small, small)
        assert found["flows"][0]["duplicate_packets"] == len(small_capture.SEQUENCES)

    def test_standard_input_among_them(self, gapwatch, tmp_path):
        first = write(tmp_path, pcap(packets()[:2], LINK_TYPE))
        rest = pcap(packets()[2:], LINK_TYPE)
        small_capture.check(gapwatch.analyze(first, "-", stdin=rest))

    @pytest.mark.parametrize("position", (0, 1))
    def test_one_is_missing(self, position, gapwatch, small, tmp_path):
        names = [small, small]
        names[position] = tmp_path / "not there.pcap"
        done = gapwatch.run("analyze", "--json", *names)
        assert done.returncode == 1
        assert "not there.pcap" in one_line(done)


class TestNoCapture:
    @pytest.mark.parametrize(
        "data",
        (b"", b"\n", b"not a capture file, just text\n" * 9, bytes(99), b"\x1f\x8b", b"\xff" * 64),
        ids=("empty", "newline", "text", "zeros", "gzip magic alone", "ones"),
    )
    def test_content(self, data, gapwatch, tmp_path):
        path = write(tmp_path, data)
        line, found = failed(gapwatch, path)
        assert str(path) in line
        assert found is None or found["capture"]["packets"] == 0

    def test_gzip_of_text(self, gapwatch, tmp_path):
        failed(gapwatch, write(tmp_path, gzip.compress(b"some text\n" * 100)))

    def test_missing(self, gapwatch, tmp_path):
        line, _ = failed(gapwatch, tmp_path / "missing.pcap")
        assert "missing.pcap" in line and "No such file" in line

    def test_directory(self, gapwatch, tmp_path):
        line, _ = failed(gapwatch, tmp_path)
        assert str(tmp_path) in line

    @pytest.mark.parametrize(
        "number, name", ((195, "IEEE802_15_4"), (189, "USB_LINUX"), (7, "ARCNET"))
    )
    def test_link_type_we_do_not_read(self, number, name, gapwatch, tmp_path):
        line, _ = failed(gapwatch, write(tmp_path, pcap([bytes(60)], number)))
        assert re.search(rf"\b{name}\b", line)

    def test_link_type_that_has_no_name(self, gapwatch, tmp_path):
        line, _ = failed(gapwatch, write(tmp_path, pcap([bytes(60)], 4242)))
        assert "4242" in line

    def test_no_packets_at_all(self, gapwatch, tmp_path):
        """An empty capture is a valid capture."""
        found = gapwatch.analyze(write(tmp_path, pcap([], LINK_TYPE)))
        assert found["capture"]["packets"] == 0
        assert found["flows"] == found["gaps"] == []
        summary = found["summary"]
        assert summary["total_flows"] == summary["total_packets_received"] == 0
        assert summary["max_gap_size"] is summary["avg_bandwidth_mbps"] is None
        assert summary["first_timestamp"] is summary["last_timestamp"] is None


class TestFilter:
    def test_selects(self, gapwatch, tmp_path):
        frames = [*packets(), Packet(esp_packet(9, spi=0x2002))]
        path = write(tmp_path, pcap(frames, LINK_TYPE))
        assert gapwatch.analyze(path)["summary"]["total_flows"] == 2
        small_capture.check(gapwatch.analyze("--filter", "ip[20:4] = 0x1001", path))

    def test_selects_nothing(self, gapwatch, small):
        found = gapwatch.analyze("--filter", "tcp", small)
        assert found["capture"]["packets"] == 0 and found["flows"] == []

    def test_with_an_equals_sign(self, gapwatch, small):
        small_capture.check(gapwatch.analyze("--filter=ip proto 50", small))

    @pytest.mark.parametrize("expression", ("not a filter (", "host", "ether host 1.2.3"))
    def test_wrong(self, expression, gapwatch, small):
        done = gapwatch.run("analyze", "--filter", expression, small)
        assert done.returncode in (1, 2)
        assert done.stdout == b""
        one_line(done)

    def test_means_the_same_in_each_file(self, gapwatch, tmp_path):
        """The expression is compiled for each file's link type."""
        first = write(tmp_path, pcap(packets()[:2], RAW), "a.pcap")
        frames = [Packet(bytes(12) + b"\x08\x00" + packet.data) for packet in packets()[2:]]
        second = write(tmp_path, pcap(frames, EN10MB), "b.pcap")
        found = gapwatch.analyze("--filter", "dst host 198.51.100.2", first, second)
        assert found["capture"]["packets"] == 4
