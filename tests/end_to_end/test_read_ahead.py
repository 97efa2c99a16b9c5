# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Large files are read ahead by a thread, pipes are not: both give the same report."""
import random
import re

import pytest

from support.capture_file import (
    RAW,
    Packet,
    block,
    pcap_header,
    pcap_record,
    pcapng_interface,
    pcapng_packet,
    pcapng_section,
)
from support.files import failed, write
from support.small_capture import esp_packet

PACKETS = 8000  # 48 MB: a file of more than 32 MB is read ahead, in blocks of 1 MB
SEED = 60411
HEADS = {"pcap": pcap_header(RAW), "pcapng": pcapng_section() + pcapng_interface(RAW)}
RECORDS = {"pcap": pcap_record, "pcapng": pcapng_packet}
CUSTOM_BLOCK = 0x40000BAD


def records(container):
    """Records of all lengths, and one of the longest, with every hundredth packet lost on average."""
    source, made = random.Random(SEED), []
    for number in range(1, PACKETS + 1):
        length = 262000 if number == PACKETS - 500 else source.randrange(12000)
        if source.randrange(100) or number in (1, PACKETS):
            data = esp_packet(number) + source.randbytes(length)
            made.append(RECORDS[container](Packet(data, fraction=100 * number)))
    return made


def figures(found):
    summary = {key: value for key, value in found["summary"].items() if "per_second" not in key}
    return found["flows"], found["gaps"], summary, found["capture"]["packets"]


def check_same(gapwatch, path):
    found = gapwatch.analyze(path)
    with path.open("rb") as capture:
        assert figures(gapwatch.analyze("-", stdin=capture.read())) == figures(found)
    return found


@pytest.mark.parametrize("container", HEADS)
def test_same_as_of_a_pipe(container, gapwatch, tmp_path):
    listed = records(container)
    found = check_same(gapwatch, write(tmp_path, HEADS[container] + b"".join(listed)))
    assert found["capture"]["packets"] == len(listed)
    assert found["summary"]["total_lost_packets"] == PACKETS - len(listed)


@pytest.mark.parametrize("container", HEADS)
def test_place_of_the_damage_when_cut(container, gapwatch, tmp_path):
    listed = records(container)
    data, source = HEADS[container] + b"".join(listed), random.Random(SEED)
    for _ in range(4):
        whole = source.randrange(PACKETS * 3 // 4, len(listed))
        before = len(HEADS[container]) + sum(map(len, listed[:whole]))
        cut = data[: before + source.randrange(1, len(listed[whole]))]
        line, found = failed(gapwatch, write(tmp_path, cut))
        assert f"after packet {whole}, near byte {before}:" in re.sub(r"\s+", " ", line)
        assert found["capture"]["packets"] == whole


def test_a_pcapng_block_longer_than_what_is_read_ahead(gapwatch, tmp_path):
    """The rest of the file is read without the thread."""
    listed = records("pcapng")
    listed.insert(PACKETS * 3 // 4, block(CUSTOM_BLOCK, bytes(3 << 20)))
    found = check_same(gapwatch, write(tmp_path, HEADS["pcapng"] + b"".join(listed)))
    assert found["capture"]["packets"] == len(listed) - 1
