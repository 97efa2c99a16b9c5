# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Files as people have them: compressed, captured twice, still growing, and with a clock that was set."""
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import time

import pytest

from support import small_capture
from support.capture_file import (
    EN10MB,
    FIRST_SECOND,
    RAW,
    Packet,
    pcap,
    pcap_header,
    pcap_record,

    pcapng_interface,
    pcapng_packet,
    pcapng_section,
)
from support.descriptors import open_files
from support.files import CONTAINERS, failed, write
from support.small_capture import LINK_TYPE, esp_packet, packets

CASES = pathlib.Path(__file__).resolve().parents[3] / "shared" / "cases"
PACKERS = ("gzip", "zstd", "xz", "lz4", "bzip2")


def case(name):
    if not (CASES / name).exists():
        pytest.skip(f"the case is not there: {CASES / name}")
    return CASES / name


def packed(packer, data):
    if not shutil.which(packer):
        pytest.skip(f"install {packer}")
    options = ["-B4"] if packer == "lz4" else []  # blocks of 64 KB
    return subprocess.run([packer, "-c", *options], input=data, capture_output=True, check=True).stdout


@pytest.mark.parametrize("packer", PACKERS)
class TestCompressed:
    @pytest.mark.parametrize("container", CONTAINERS)
    def test_as_the_file_unpacked(self, container, packer, gapwatch, tmp_path):
        """The compression is recognised by the content, not by the name."""
        data = packed(packer, CONTAINERS[container](packets(), LINK_TYPE))
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))
        small_capture.check(gapwatch.analyze("-", stdin=data))

    def test_several_in_a_row(self, packer, gapwatch, tmp_path):
        whole = pcap(packets(), LINK_TYPE)
        data = b"".join(packed(packer, part) for part in (whole[:50], whole[50:]))
        small_capture.check(gapwatch.analyze(write(tmp_path, data)))

    def test_cut_gives_what_is_there(self, packer, gapwatch, tmp_path):
        source = random.Random(1)
        frames = [
            Packet(esp_packet(number) + source.randbytes(1200), fraction=number) for number in range(1, 2001)
        ]
        data = packed(packer, pcap(frames, RAW))
        line, found = failed(gapwatch, write(tmp_path, data[: len(data) * 3 // 4]))
        assert "compressed data" in line
        assert 700 < found["capture"]["packets"] < 1600
        assert found["gaps"] == []

    def test_damaged(self, packer, gapwatch, tmp_path):
        data = bytearray(packed(packer, pcap(packets(), LINK_TYPE)))
        for at in range(2, len(data), 5):
            damaged = bytes(data[:at]) + bytes([data[at] ^ 0x55]) + bytes(data[at + 1 :])
            assert gapwatch.run("analyze", write(tmp_path, damaged)).returncode in (0, 1)


@pytest.mark.parametrize("packer", ("zstd", "lz4"))
def test_frames_to_skip(packer, gapwatch, tmp_path):
    """Skippable frames (RFC 8878 3.1.2), which lz4 has, too. pzstd writes one at the beginning."""
    short, long = (struct.pack("<II", 0x184D2A50 + n, size) + bytes(size) for n, size in ((0, 4), (15, 200_000)))
    whole = pcap(packets(), LINK_TYPE)
    parts = [packed(packer, part) for part in (whole[:50], whole[50:])]
    data = short + long + parts[0] + short + parts[1] + long
    small_capture.check(gapwatch.analyze(write(tmp_path, data)))
    small_capture.check(gapwatch.analyze("-", stdin=data))
    for content in (short, long[:-1], short + whole, short * 3 + b"text"):
        line, _ = failed(gapwatch, write(tmp_path, content))
        assert "not a capture file" in line


def test_compressed_case(gapwatch):
    found = gapwatch.analyze(case("tail/whole.pcap.zst"))
    assert found["capture"]["packets"] == 197
    assert found["summary"]["total_lost_packets"] == 3


def twice(number, *, lost=0, copies=1, tag=True, at=0):
    """A frame, and its copies as a mirror has them, with another tag and hop count."""
    frame = esp_packet(number)
    other = frame[:8] + bytes([frame[8] - 1]) + frame[9:]
    second = bytes(12) + (b"\x81\x00\x00\x05" if tag else b"") + b"\x08\x00" + other
    made = [Packet(bytes(12) + b"\x08\x00" + frame, fraction=number * 1000)]
    made += [Packet(second, fraction=number * 1000 + at + 5)] * (0 if lost else copies)
    return made


class TestCopies:
    def analyze(self, gapwatch, tmp_path, frames, *options):
        found = gapwatch.analyze(write(tmp_path, pcap(frames, EN10MB)), *options)
        return found["capture"], found["flows"][0]

    @pytest.mark.parametrize("copies", (1, 2))
    def test_are_dropped_and_counted(self, copies, gapwatch, tmp_path):
        frames = [frame for number in range(1, 301) for frame in twice(number, copies=copies, lost=number % 100 == 0)]
        capture, flow = self.analyze(gapwatch, tmp_path, frames, "--dedup", "100ms")
        assert capture["packets"] == len(frames)
        assert capture["copies_dropped"] == flow["copies_dropped"] == 297 * copies
        assert flow["packets_received"] == 300
        assert flow["duplicate_packets"] == flow["total_lost_packets"] == 0
        assert flow["single_packets"] == 3

    def test_without_the_option(self, gapwatch, tmp_path):
        frames = [frame for number in range(1, 101) for frame in twice(number)]
        capture, flow = self.analyze(gapwatch, tmp_path, frames)
        assert (capture["copies_dropped"], flow["duplicate_packets"], flow["single_packets"]) == (0, 100, 0)

    def test_flow_that_came_once_has_no_singles(self, gapwatch, tmp_path):
        frames = [frame for number in range(1, 101) for frame in twice(number, lost=1)]
        _, flow = self.analyze(gapwatch, tmp_path, frames, "--dedup", "100ms")
        assert (flow["copies_dropped"], flow["single_packets"]) == (0, 0)

    def test_after_the_time_it_is_no_copy(self, gapwatch, tmp_path):
        frames = sorted((f for n in range(1, 51) for f in twice(n, at=3000)), key=lambda f: f.fraction)
        _, flow = self.analyze(gapwatch, tmp_path, frames, "--dedup", "2ms")
        assert (flow["copies_dropped"], flow["duplicate_packets"]) == (0, 50)
        _, flow = self.analyze(gapwatch, tmp_path, frames, "--dedup", "4ms")
        assert (flow["copies_dropped"], flow["duplicate_packets"]) == (50, 0)

    def test_other_octets_are_no_copy(self, gapwatch, tmp_path):
        """A number that comes again with another payload is a duplicate."""
        frames = []
        for number in range(1, 101):
            frame = bytearray(bytes(12) + b"\x08\x00" + esp_packet(number) + bytes(40))
            frame[17] += 40  # the length of the IP packet
            frames.append(Packet(bytes(frame), fraction=number * 1000))
            frames.append(Packet(bytes(frame[:-1]) + b"\1", fraction=number * 1000 + 5))
        _, flow = self.analyze(gapwatch, tmp_path, frames, "--dedup", "100ms")
        assert (flow["copies_dropped"], flow["duplicate_packets"]) == (0, 100)

    def test_from_two_files(self, gapwatch, tmp_path):
        frames = [twice(number) for number in range(1, 101)]
        taps = [
            write(tmp_path, pcap([pair[which] for pair in frames], EN10MB), f"{which}.pcap") for which in (0, 1)
        ]
        (flow,) = gapwatch.analyze("--merge", "--dedup", "1s", *taps)["flows"]
        assert (flow["packets_received"], flow["copies_dropped"], flow["single_packets"]) == (100, 100, 0)

    @pytest.mark.parametrize("time", ("0ms", "100", "ms", "-1s", "5000s", "1.5s"))
    def test_wrong_time(self, time, gapwatch):
        done = gapwatch.run("analyze", "x.pcap", f"--dedup={time}")
        assert done.returncode == 2 and b"--dedup takes a time" in done.stderr

    def test_case(self, gapwatch):
        found = gapwatch.analyze(case("span-twice/lost-between-copies.pcap"), "--dedup", "100ms")
        assert found["summary"]["total_lost_packets"] == 0
        assert found["flows"][0]["single_packets"] == 3
        text = gapwatch.run("analyze", case("span-twice/lost-between-copies.pcap"), "--dedup", "100ms").stdout
        assert b"Frames that came once where others came twice: 3\n" in text


def macsec(number, body, *, short=0, sci=True, tag=b"", behind=b""):
    """A MACsec frame with a SecTAG for a payload of SHORT octets, if that is less than 48."""
    sectag = bytes([0x2C if sci else 0x0C, short]) + struct.pack(">I", number)
    sectag += bytes.fromhex("3c00000000010001") if sci else b""
    return bytes.fromhex("0180c2000000 3c0000000001") + tag + b"\x88\xe5" + sectag + body + behind


class TestCopiesOfMacsec:
    """Copies as mirrors make them: what surrounds the payload differs from the original."""

    TAG = b"\x81\x00\x00\x05"

    @pytest.mark.parametrize("sci", (True, False))
    @pytest.mark.parametrize("short", (0, 20))
    @pytest.mark.parametrize("first_tag, tag", ((b"", b""), (b"", TAG), (TAG, b"")))
    @pytest.mark.parametrize("first_behind, behind", ((b"", b""), (b"", b"FCS4"), (b"FCS4", b"")))
    def test_differ_around_the_payload(
        self, first_behind, behind, first_tag, tag, short, sci, gapwatch, tmp_path
    ):
        """Of some frames only one copy came, either of the two; all frames belong to the same flow."""
        source = random.Random(1)
        frames = []
        for number in range(1, 101):
            body = source.randbytes(short + 16 if short else 70)
            pair = [
                macsec(number, body, short=short, sci=sci, tag=first_tag, behind=first_behind),
                macsec(number, body, short=short, sci=sci, tag=tag, behind=behind),
            ]
            pair = pair[:1] if number % 20 == 5 else pair[1:] if number % 20 == 10 else pair
            frames += [Packet(frame, fraction=1000 * number + n) for n, frame in enumerate(pair)]
        found = gapwatch.analyze("--dedup", "100ms", write(tmp_path, pcap(frames, EN10MB)))
        (flow,) = found["flows"]
        assert found["capture"]["copies_dropped"] == flow["copies_dropped"] == 90
        assert flow["packets_received"] == 100
        assert flow["total_lost_packets"] == flow["duplicate_packets"] == 0
        assert flow["single_packets"] == 10

    def test_padding(self, gapwatch, tmp_path):
        frames = []
        for number in range(1, 51):
            for behind in (b"", bytes(9)):
                frames.append(Packet(macsec(number, bytes(36), short=20, behind=behind), fraction=1000 * number))
        (flow,) = gapwatch.analyze("--dedup", "1ms", write(tmp_path, pcap(frames, EN10MB)))["flows"]
        assert (flow["copies_dropped"], flow["duplicate_packets"]) == (50, 0)

    def test_cut_by_the_snap_length(self, gapwatch, tmp_path):
        frames = []
        for number in range(1, 51):
            for tag in (b"", self.TAG):
                frame = macsec(number, bytes(200), tag=tag)
                frames.append(Packet(frame[:96], wire_length=len(frame), fraction=1000 * number))
        (flow,) = gapwatch.analyze("--dedup", "1ms", write(tmp_path, pcap(frames, EN10MB)))["flows"]
        assert (flow["copies_dropped"], flow["duplicate_packets"]) == (50, 0)

    @pytest.mark.parametrize("tag", (b"", TAG))
    def test_other_payload_is_no_copy(self, tag, gapwatch, tmp_path):
        frames = []
        for number in range(1, 51):
            frames.append(Packet(macsec(number, bytes(70)), fraction=1000 * number))
            frames.append(Packet(macsec(number, bytes(60) + b"1" + bytes(9), tag=tag), fraction=1000 * number + 5))
        found = gapwatch.analyze("--dedup", "100ms", write(tmp_path, pcap(frames, EN10MB)))
        assert found["capture"]["copies_dropped"] == 0
        assert len(found["flows"]) == (2 if tag else 1)


def assert_one_clock_step(gapwatch, names, seconds, *options):
    """The files NAMES have one flow in order, of SECONDS, during which the clock was set once."""
    done = gapwatch.run("analyze", "--json", *options, *names)
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    (flow,) = found["flows"]
    assert (flow["total_lost_packets"], flow["reordered_packets"]) == (0, 0)
    assert flow["duration_seconds"] == pytest.approx(seconds, abs=1)
    assert found["capture"]["clock_steps"] == 1


class TestClock:
    def analyze(self, gapwatch, tmp_path, seconds, make=pcap):
        frames = [
            Packet(esp_packet(number + 1), second=int(second), fraction=int(second % 1 * 10**6))
            for number, second in enumerate(seconds)
        ]
        found = gapwatch.analyze(write(tmp_path, make(frames, RAW)))
        return found["capture"]["clock_steps"], found["flows"][0]

    @pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
    def test_that_was_set(self, make, gapwatch, tmp_path):
        seconds = [*range(10), *range(FIRST_SECOND, FIRST_SECOND + 10)]
        steps, flow = self.analyze(gapwatch, tmp_path, seconds, make)
        assert steps == 1
        assert flow["duration_seconds"] == pytest.approx(18, abs=1)

    @pytest.mark.parametrize("absurd", (0, 2**31, FIRST_SECOND + 7200, FIRST_SECOND - 7200, 2**32 - 1))
    @pytest.mark.parametrize("place", (0, 1, 5, 4029, 4030, 4031, 9998))
    def test_one_absurd_time(self, place, absurd, gapwatch, tmp_path):
        """At any place in the file, also around the end of a batch."""
        seconds = [FIRST_SECOND + number / 1000 for number in range(9999)]
        seconds[place] = absurd
        steps, flow = self.analyze(gapwatch, tmp_path, seconds)
        if (place, absurd) in ((9998, FIRST_SECOND + 7200), (0, FIRST_SECOND - 7200)):
            return  # nothing shows that this was no pause
        assert steps == 1
        assert flow["duration_seconds"] == pytest.approx(9.998, abs=0.003)
        assert flow["first_timestamp"].startswith("2025-01-01T00:00:00.00")

    def test_a_pause_is_none(self, gapwatch, tmp_path):
        seconds = [FIRST_SECOND, FIRST_SECOND + 1, FIRST_SECOND + 7200, FIRST_SECOND + 7201]
        steps, flow = self.analyze(gapwatch, tmp_path, seconds)
        assert (steps, flow["duration_seconds"]) == (0, 7201)

    def test_between_two_files(self, gapwatch, tmp_path):
        """A clock that was never set is no earlier time."""
        parts = [Packet(esp_packet(n), second=n) for n in range(1, 11)], [
            Packet(esp_packet(n), second=FIRST_SECOND + n) for n in range(11, 21)
        ]
        names = [write(tmp_path, pcap(part, RAW), f"{number}.pcap") for number, part in enumerate(parts)]
        found = gapwatch.analyze(*names)
        assert found["capture"]["clock_steps"] == 1
        assert found["flows"][0]["duration_seconds"] == 18

    @pytest.mark.parametrize("options", ((), ("--merge",), ("--in-order",)))
    @pytest.mark.parametrize("absurd", (0, 2**31, 2**32 - 1, FIRST_SECOND + 20 * 86400))
    @pytest.mark.parametrize("which", (0, 1, 2))
    def test_absurd_first_time_of_a_file(self, which, absurd, options, gapwatch, tmp_path):
        """It changes neither the order of files nor that of frames."""
        names = []
        for number in range(3):
            seconds = [FIRST_SECOND + 10 * number + n for n in range(1, 11)]
            if number == which:
                seconds[0] = absurd
            frames = [Packet(esp_packet(10 * number + n + 1), second=s) for n, s in enumerate(seconds)]
            names.append(write(tmp_path, pcap(frames, RAW), f"{number}.pcap"))
        assert_one_clock_step(gapwatch, names, 29, *options)

    @pytest.mark.parametrize("options", ((), ("--merge",)))
    def test_host_that_started_without_a_clock_in_a_ring(self, options, gapwatch, tmp_path):
        """Its frames have times of 1970 until the clock is set; they come behind the file before."""
        seconds = [[FIRST_SECOND + n for n in range(10)], [*range(5), *range(FIRST_SECOND + 20, FIRST_SECOND + 25)]]
        names = []
        for number, part in enumerate(seconds):
            frames = [Packet(esp_packet(10 * number + n + 1), second=second) for n, second in enumerate(part)]
            names.append(write(tmp_path, pcap(frames, RAW), f"{number}.pcap"))
        assert_one_clock_step(gapwatch, names, 24, *options)

    @pytest.mark.parametrize("numbers", (500_000, 2_000_000))
    @pytest.mark.parametrize("step", (-500.5, -600, -86400, 40 * 86400))
    def test_outage_during_which_it_is_set(self, numbers, step, gapwatch, tmp_path):
        """How long the outage took is unknown then, so that it is no jump of a sender. Where the time behind it is
        made continuous, frames of other flows may come before the first number."""
        frames = []
        for first, second, spis in ((1, 0, (0x1001, 0x1002)), (numbers + 1001, 1 + numbers / 1000 + step, (0x1002, 0x1001))):
            for number in range(1000):
                at = FIRST_SECOND + second + number / 1000
                frames += [Packet(esp_packet(first + number, spi), second=int(at), fraction=int(at % 1 * 10**6)) for spi in spis]
        cause = "undetermined" if step > 0 or numbers / 1000 + step < 0 else "network"
        for flow in gapwatch.analyze(write(tmp_path, pcap(frames, RAW)))["flows"]:
            assert (flow[f"lost_{cause}"], flow["total_lost_packets"], flow["skipped_numbers"]) == (numbers, numbers, 0)

    def test_case(self, gapwatch):
        found = gapwatch.analyze(case("time/one-frame-2038.pcap"))
        assert found["capture"]["clock_steps"] == 1
        assert found["flows"][0]["duration_seconds"] < 60


class Following:
    """A run of analyze --follow, and a writer like tcpdump, in pieces that no record ends with."""

    def __init__(
        self, gapwatch, folder, name, *options, make_header=lambda: pcap_header(RAW), record=pcap_record, step=1
    ):
        self.folder, self.make_header, self.record = folder, make_header, record
        self.number, self.step, self.said = 0, step, b""
        self.begin(name)
        self.run = subprocess.Popen(
            [gapwatch.program, "analyze", "--json", "--follow", *options, folder / name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def begin(self, name):
        self.file = open(self.folder / name, "wb", buffering=0)
        self.file.write(self.make_header())

    def add(self, count):
        for _ in range(count):
            self.number += 1
            second, fraction = divmod(round(self.number * self.step * 10**6), 10**6)
            record = self.record(Packet(esp_packet(self.number), second=FIRST_SECOND + second, fraction=fraction))
            self.file.write(record[:9])
            self.file.write(record[9:])

    def wait_until_read(self):
        """Waits until the program has read the present file to its end, some seconds at most."""
        path, ends = self.folder / self.file.name, time.monotonic() + 20
        while time.monotonic() < ends and path.stat().st_size not in self.positions(path):
            time.sleep(0.05)

    def positions(self, path):
        """How far the program has read PATH, for each time that it has it open."""
        return [int(text.split()[1]) for name, text in open_files(self.run.pid) if name == str(path)]

    def end(self):
        """Returns all reports, after SIGINT."""
        self.run.send_signal(signal.SIGINT)
        printed, said = self.run.communicate(timeout=30)
        assert self.run.returncode == 0, said
        self.said = said
        reports, text = [], printed.decode().strip()
        while text:
            report, length = json.JSONDecoder().raw_decode(text)
            reports.append(report)
            text = text[length:].strip()
        return reports


class TestFollow:
    def packets_of(self, report):
        return report["capture"]["packets"], report["summary"]["total_lost_packets"]

    @pytest.mark.parametrize(
        "make_header, record",
        (
            (lambda: pcap_header(RAW), pcap_record),
            (lambda: pcapng_section() + pcapng_interface(RAW), pcapng_packet),
        ),
        ids=CONTAINERS,
    )
    def test_reports_as_it_grows(self, make_header, record, gapwatch, tmp_path):
        following = Following(gapwatch, tmp_path, "out", "--interval", "1", make_header=make_header, record=record)
        following.add(100)
        time.sleep(1.5)
        following.add(150)
        time.sleep(1.2)
        reports = [self.packets_of(report) for report in following.end()]
        assert (100, 0) in reports[:-1]
        assert reports[-1] == (250, 0)

    @pytest.mark.parametrize(
        "names",
        (
            ("out", "out1", "out2", "out3"),
            ("out0", "out1", "out0", "out1"),
            ("t_00001_20260101000000.pcap", "t_00002_20260101000010.pcap", "t_00003_20260101000020.pcap"),
        ),
        ids=("-C", "-C -W 2", "-G"),
    )
    def test_rotation(self, names, gapwatch, tmp_path):
        write(tmp_path, pcap([Packet(esp_packet(999), second=FIRST_SECOND - 99)], RAW), "other.pcap")
        following = Following(gapwatch, tmp_path, names[0])
        for name in names[1:]:
            following.add(50)
            time.sleep(0.7)
            following.file.close()
            following.begin(name)
        following.add(50)
        time.sleep(0.7)
        (report,) = following.end()
        assert self.packets_of(report) == (50 * len(names), 0)

    def test_same_name_again(self, gapwatch, tmp_path):
        """tcpdump -G without a time in the name writes over its file."""
        following = Following(gapwatch, tmp_path, "out.pcap")
        for _ in range(3):
            following.add(40)
            time.sleep(0.5)
            following.file.close()
            following.begin("out.pcap")
        following.add(40)
        time.sleep(0.5)
        assert self.packets_of(following.end()[-1]) == (160, 0)

    def test_another_capture_beside_it(self, gapwatch, tmp_path):
        """A file whose frames have the same times is no successor."""
        following = Following(gapwatch, tmp_path, "eth0.pcap")
        following.add(20)
        write(tmp_path, pcap([Packet(esp_packet(500), second=FIRST_SECOND + 5)], RAW), "eth1.pcap")
        time.sleep(0.7)
        following.add(20)
        time.sleep(0.3)
        assert self.packets_of(following.end()[-1]) == (40, 0)

    @pytest.mark.parametrize(
        "names, removed, lost",
        (
            ([f"out{number % 4}" for number in range(1, 10)], None, 50),  # a ring, around twice
            ([f"out{number}" for number in range(1, 6)], "out3", 10),
            (["out0"], None, 5),  # the same file again, before its end was read
            ([f"out{number}" for number in range(1, 200)], None, 0),  # all of them wait
        ),
        ids=("ring", "removed", "same", "many"),
    )
    def test_files_that_were_gone_before_they_were_read(self, names, removed, lost, gapwatch, tmp_path):
        following = Following(gapwatch, tmp_path, "out0")
        following.add(10)
        following.wait_until_read()
        following.run.send_signal(signal.SIGSTOP)
        if len(names) == 1:
            following.add(5)
        for name in names:
            following.file.close()
            following.begin(name)
            following.add(10)
        if removed:
            (tmp_path / removed).unlink()
        following.run.send_signal(signal.SIGCONT)
        following.wait_until_read()
        time.sleep(0.8)
        report = following.end()[-1]
        assert report["capture"]["packets"] == following.number - lost
        assert [(gap["gap_size"], gap["cause"]) for gap in report["gaps"]] == ([(lost, "undetermined")] if lost else [])
        assert (b"written over or removed" in following.said) == bool(lost)

    def test_small_files_of_a_fast_writer(self, gapwatch, tmp_path):
        """All frames are of the same 50 ms, and none is read twice."""
        following = Following(gapwatch, tmp_path, "out0", step=0.001)
        for number in range(1, 4):
            following.add(10)
            time.sleep(0.4)
            following.file.close()
            following.begin(f"out{number}")
        following.add(10)
        time.sleep(0.4)
        assert self.packets_of(following.end()[-1]) == (40, 0)

    def test_pipe(self, gapwatch, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        done = gapwatch.run("analyze", "--follow", tmp_path / "pipe")
        assert done.returncode == 2 and b"is a pipe" in done.stderr and done.stderr.count(b"\n") == 1

    @pytest.mark.parametrize("files", (["-"], ["a", "b"]))
    def test_needs_one_file(self, files, gapwatch):
        assert gapwatch.run("analyze", "--follow", *files).returncode == 2


def test_ring_case(gapwatch):
    folder = case("ring-out-of-order")
    found = gapwatch.analyze("-q", *(folder / f"r{number}.pcap" for number in (2, 1, 3)))
    assert found["summary"]["total_lost_packets"] == 0
    assert found["flows"][0]["restarts"] == 0
    text = gapwatch.run("analyze", folder).stdout.decode()
    assert text.index("r1.pcap") < text.index("r2.pcap") < text.index("r3.pcap")
