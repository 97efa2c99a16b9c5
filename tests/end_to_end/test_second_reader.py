# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""tshark as a second reader: SCI, AN, PN, SPI and sequence number, frame by frame.

tshark also dissects inner headers, so a field may have several values; the first is that of the outermost
header, which gapwatch reads. Frames that gapwatch takes for MACsec or ESP are compared; their expected
number is known from how they were made.
"""
import random
import shutil
import subprocess

import pytest

pytest.importorskip("scapy", reason="scapy makes the frames: install python3-scapy")

from support import ip_cases, link_cases, macsec_cases  # noqa: E402
from support.capture_file import BIG, LITTLE, MPLS, pcap, pcapng  # noqa: E402
from support.frames import (  # noqa: E402
    ENCRYPTED,
    ES,
    SC,
    SCB,
    esp4,
    esp6,
    esp_bytes,
    ethernet,
    ipv4,
    macsec_frame,
    nat_traversal,
)

pytestmark = pytest.mark.skipif(
    not shutil.which("tshark"), reason="tshark is the second reader: install tshark"
)

FIELDS = (
    "frame.len",
    "frame.time_epoch",
    "eth.src",
    "sll.src.eth",
    "wlan.sa",
    "macsec.TCI",
    "macsec.AN",
    "macsec.PN",
    "macsec.SCI.system_identifier",
    "macsec.SCI.port_identifier",
    "ip.dst",
    "ipv6.dst",
    "esp.spi",
    "esp.sequence",
)
NO_REASSEMBLY = ("-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE")
# In the names of cases that tshark 4.0 does not dissect: Linux' own number for IPv6 behind a
# loopback header, ESP in an IPv6 packet with payload length 0, the VLAN tag 0x9200, Ethernet in a
# pseudowire (it guesses whether there is a control word), and the first fragment of an 802.11 frame.
UNREAD_BY_TSHARK = (
    "that Linux left",  # VLAN tags that the cooked header does not name
    "AF_INET6 as 10",
    "IPv6, payload length 0",
    "jumbogram",
    "VLAN 9200",
    "pseudowire",
    "802.11, first fragment",
)
UNREAD_LINK_TYPES = (MPLS,)  # files of this type are refused by tshark 4.0
SEED = 4303
RANDOM_FRAMES = 2000


def tshark(path):
    """Returns one dict for each frame: the first value of each field, "" for none."""
    fields = [argument for field in FIELDS for argument in ("-e", field)]
    done = subprocess.run(
        ["tshark", "-n", *NO_REASSEMBLY, "-r", path, "-T", "fields", "-E", "occurrence=f", *fields],
        capture_output=True,
        text=True,
        check=True,
    )
    return [dict(zip(FIELDS, line.split("\t"))) for line in done.stdout.splitlines()]


def number(text):
    return int(text, 0)


def sci_of(frame):
    """The SCI from tshark's fields; by 802.1AE-2018 9.5 where the frame has none."""
    if frame["macsec.SCI.system_identifier"]:
        mac, port = frame["macsec.SCI.system_identifier"], frame["macsec.SCI.port_identifier"]
        return mac.replace(":", "") + f"{number(port):04x}"
    tci = number(frame["macsec.TCI"]) << 2  # tshark shows the six bits above the AN as a number
    single_copy = tci & ES and tci & SCB
    source = frame["eth.src"] or frame["sll.src.eth"] or frame["wlan.sa"]
    return source.replace(":", "") + ("0000" if single_copy else "0001")


def check_macsec(frame, record):
    sci, _, _ = record["flow_id"].removesuffix(" }").partition(", vlan: ")
    assert sci == f"MACsec {{ sci: 0x{sci_of(frame)}"
    assert record["association"] == number(frame["macsec.AN"])
    assert record["sequence"] == number(frame["macsec.PN"])


def check_esp(frame, record):
    destination = frame["ip.dst"] or frame["ipv6.dst"]
    spi = number(frame["esp.spi"])
    assert record["flow_id"].startswith(f"IPsec {{ spi: 0x{spi:08x}, dst: {destination}, src: ")
    assert record["sequence"] == number(frame["esp.sequence"])


def compare(gapwatch, path):
    """Compares both readers. Returns the number of equal frames for each protocol."""
    frames, records = tshark(path), gapwatch.records(path)
    assert len(frames) == len(records)
    agreed = {"macsec": 0, "esp": 0}
    for frame, record in zip(frames, records):
        assert record["wire_bytes"] == number(frame["frame.len"])
        seconds, _, fraction = frame["frame.time_epoch"].partition(".")
        assert int(record["timestamp_ns"]) == int(seconds) * 10**9 + int(fraction.ljust(9, "0"))
        check = {"macsec": check_macsec, "esp": check_esp}.get(record["outcome"])
        if check:
            check(frame, record)
            agreed[record["outcome"]] += 1
    return agreed


def random_macsec(source):
    kind = source.choice((SC, SC, ES, ES | SCB, 0)) | ENCRYPTED
    sci = source.randbytes(8).hex() if kind & SC else ""
    frame = macsec_frame(kind | source.randrange(4), source.getrandbits(32), sci)
    return frame[:6] + bytes([2]) + source.randbytes(5) + frame[12:]


def random_esp(source):
    spi, sequence = source.randrange(256, 2**32), source.getrandbits(32)
    last = source.randrange(1, 255)
    shapes = (
        lambda: esp4(spi, sequence, dst=f"198.51.100.{last}"),
        lambda: esp6(spi, sequence, dst=f"2001:db8::{last:x}:{last:x}"),
        lambda: ipv4(nat_traversal(esp_bytes(spi, sequence)), dst=f"203.0.113.{last}"),
    )
    return ethernet(source.choice(shapes)())


@pytest.fixture(scope="module")
def random_frames():
    source = random.Random(SEED)
    makers = random_macsec, random_esp
    return [source.choice(makers)(source) for _ in range(RANDOM_FRAMES)]


@pytest.mark.parametrize("container", (pcap, pcapng), ids=("pcap", "pcapng"))
@pytest.mark.parametrize("order", (LITTLE, BIG), ids=("little-endian", "big-endian"))
@pytest.mark.parametrize("nanoseconds", (False, True), ids=("microseconds", "nanoseconds"))
def test_random_frames(container, order, nanoseconds, gapwatch, random_frames, tmp_path):
    """All numbers, times and lengths, in every kind of file."""
    path = tmp_path / "random.capture"
    path.write_bytes(container(random_frames, order=order, nanoseconds=nanoseconds))
    agreed = compare(gapwatch, path)
    assert sum(agreed.values()) == RANDOM_FRAMES
    assert min(agreed.values()) > RANDOM_FRAMES // 3


@pytest.mark.parametrize("module", (link_cases, macsec_cases, ip_cases), ids=lambda m: m.__name__)
def test_encapsulations(module, gapwatch, tmp_path):
    """tshark agrees with the expectations made by hand, too, except for UNREAD_BY_TSHARK."""
    cases = [case for case in module.all_cases() if case.outcome in ("macsec", "esp")]
    cases = [case for case in cases if not any(name in case.name for name in UNREAD_BY_TSHARK)]
    for link_type in sorted({case.link_type for case in cases} - set(UNREAD_LINK_TYPES)):
        chosen = [case for case in cases if case.link_type == link_type]
        path = tmp_path / f"{link_type}.pcap"
        path.write_bytes(pcap([case.data for case in chosen], link_type))
        agreed = compare(gapwatch, path)
        assert sum(agreed.values()) == len(chosen)


def test_sample(gapwatch, request):
    """The capture that ships with the project has two secure channels."""
    sample = request.config.rootpath / "tests" / "captures" / "macsec_traffic.pcap"
    if not sample.exists():
        pytest.skip("the sample capture is not there: tests/make_sample_capture.py writes it")
    assert compare(gapwatch, sample) == {"macsec": 195, "esp": 0}
