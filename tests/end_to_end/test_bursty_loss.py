# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A link that loses long bursts: each step ahead is believed before the one before it is final."""
import resource

from support.capture_file import FIRST_SECOND, Packet, pcap
from support.numbered import esp

COME, APART, PERIOD = 20, 2, 80  # of 80 numbers, 20 come: every second of the first 40


def numbers_of(frames):
    return [burst * PERIOD + place * APART + 1 for burst in range(frames // COME) for place in range(COME)]


def processor_time():
    """That of all children so far; the kernel divides it only roughly between user and system."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def analyzed(gapwatch, path, numbers):
    """Returns the report and the processor time, in seconds."""
    path.write_bytes(pcap([Packet(esp(number), second=FIRST_SECOND, fraction=place) for place, number in enumerate(numbers)]))
    before = processor_time()
    report = gapwatch.analyze(path)
    return report, processor_time() - before


def test_time_grows_with_the_frames_and_no_faster(gapwatch, tmp_path):
    """Missing numbers that were handed on at each step made four times the frames take 60 times as long."""
    few, many = numbers_of(4000), numbers_of(16000)
    _, shorter_s = analyzed(gapwatch, tmp_path / "few.pcap", few)
    report, longer_s = analyzed(gapwatch, tmp_path / "many.pcap", many)
    assert report["flows"][0]["total_lost_packets"] == many[-1] - len(many)
    assert longer_s < 16 * shorter_s
