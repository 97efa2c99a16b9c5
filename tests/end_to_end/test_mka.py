# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""MKA: what it says of a channel, and rollovers that fail."""
import json

import pytest

from model.frames import macsec_frame
from support import mka
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.database import ask
from support.numbered import analyzed

SERVER, OTHER = 0x0200000000010001, 0x0200000000020001
FLOW = f"MACsec {{ sci: 0x{OTHER:016x} }}"


def write(path, timed):
    """Writes frames given as (seconds, frame)."""
    packets = [
        Packet(frame, second=FIRST_SECOND + int(at), fraction=round(at % 1 * 1e6)) for at, frame in sorted(timed)
    ]
    path.write_bytes(pcap(packets))
    return path


def traffic(association, first, start, end, sci=OTHER, apart=0.1):
    """A frame every APART seconds."""
    count = round((end - start) / apart)
    return [(start + i * apart, macsec_frame(sci, association, first + i, bytes(60))) for i in range(count)]


def hello(at, an, key, *sets, **more):
    """The PDUs of both: the key server, and its peer, which uses the server's key."""
    use = mka.sak_use(SERVER, an, key, **more)
    server = mka.pdu(SERVER, use, *sets, is_server=True)
    return [(at + 0.01, server), (at + 0.02, mka.pdu(OTHER, use, priority=32))]


def rollover(then, is_settled=False):
    """A key on AN 0, then from second 10 on a new one for AN 1; what follows is THEN."""
    timed = traffic(0, 1, 0, 10)
    for at in range(0, 10, 2):
        timed += hello(at, 0, 1, is_settled=is_settled)
    for at in range(10, 30, 2):
        timed += hello(at, 0, 1, mka.distributed(1, 2), is_settled=is_settled)
    return timed + then


def events(gapwatch, folder, timed):
    path = write(folder / "mka.pcap", timed)
    database = folder / "mka.db"
    gapwatch.analyze(path, "--db", database)
    return ask(database, "SELECT flow_id, association FROM events WHERE kind = 'rollover_failed'")


def test_what_mka_says(gapwatch, tmp_path):
    timed = traffic(1, 1, 0, 4) + hello(1, 1, 7, mka.distributed(1, 7, "GCM-AES-256"), lowest=3, old=0)
    found = gapwatch.analyze(write(tmp_path / "mka.pcap", timed))
    (flow,) = found["flows"]
    assert flow["mka"] == {
        "key_server": False, "priority": 32, "latest_an": 1, "latest_tx": True, "latest_rx": True,
        "old_an": 0, "old_tx": True, "old_rx": True, "key_number": 7, "lowest_acceptable_pn": 3,
        "delay_protect": True, "cipher_suite": "GCM-AES-256", "xpn": False, "authenticated": False,
    }  # fmt: skip
    assert found["capture"]["counters"]["not_ip"] == 2


def test_untagged_beside_clear_tags(gapwatch, tmp_path):
    """PDUs without a VLAN tag tell of the port's channels with one that have no PDUs of their own."""
    timed = [(at, frame[:12] + b"\x81\x00\x00\x14" + frame[12:]) for at, frame in traffic(1, 1, 0, 4)]
    tagged = [(at, frame[:12] + b"\x81\x00\x00\x1e" + frame[12:])
              for at, frame in traffic(1, 1, 0, 4) + hello(1, 1, 9)]
    found = gapwatch.analyze(write(tmp_path / "mka.pcap", timed + tagged + hello(1, 1, 7)))
    keys = {flow["flow_id"]: flow["mka"]["key_number"] for flow in found["flows"]}
    assert keys == {FLOW.replace(" }", ", vlan: 20 }"): 7, FLOW.replace(" }", ", vlan: 30 }"): 9}


def test_a_settled_key(gapwatch, tmp_path):
    """The PDUs give the key in use as the old key, and no latest key."""
    timed = traffic(2, 1, 0, 4) + hello(1, 2, 7, mka.distributed(2, 7), lowest=3, is_settled=True)
    (flow,) = gapwatch.analyze(write(tmp_path / "mka.pcap", timed))["flows"]
    told = flow["mka"]
    assert (told["old_an"], told["old_tx"], told["latest_tx"]) == (2, True, False)
    assert (told["key_number"], told["lowest_acceptable_pn"], told["cipher_suite"]) == (7, 3, "GCM-AES-128")


def test_xpn(gapwatch, tmp_path):
    use = mka.sak_use(SERVER, 0, 1, lowest=5)
    timed = traffic(0, 1, 0, 2) + [(1, mka.pdu(OTHER, use, mka.xpn(3 << 32), mka.distributed(0, 1, "GCM-AES-XPN-256")))]
    (flow,) = gapwatch.analyze(write(tmp_path / "mka.pcap", timed))["flows"]
    assert (flow["mka"]["lowest_acceptable_pn"], flow["mka"]["xpn"]) == ((3 << 32) + 5, True)
    assert flow["sequence_used"] == pytest.approx(((3 << 32) + 20) / 2**64)


@pytest.mark.parametrize("at", (-1, 0.25, 4.05, 11.95))
@pytest.mark.parametrize("ahead, is_settled", ((1, False), (-5, True)))
def test_all_numbers_have_the_upper_half(ahead, is_settled, at, gapwatch, tmp_path):
    """Those of the SA, and those of gaps that were found before MKA told the upper half. MKA tells the sender's next
    number (AHEAD of the highest by 1), or one that was sent before."""
    first, lost = (3 << 32) + 2**32 - 60, (10, 30, 31, 90)
    timed = [
        (place / 10, macsec_frame(OTHER, 0, (first + place) % 2**32, bytes(60)))
        for place in range(120)
        if place not in lost
    ]
    lowest = first + max(int(at * 10), 0) + ahead
    use = mka.sak_use(SERVER, 0, 1, lowest=lowest, is_settled=is_settled)
    timed.append((at, mka.pdu(OTHER, use, mka.xpn(lowest, is_settled))))
    path, database = write(tmp_path / "mka.pcap", [(when + 2, frame) for when, frame in timed]), tmp_path / "mka.db"
    found = gapwatch.analyze(path, "--db", database)
    gaps = [(first + 10, first + 10), (first + 30, first + 31), (first + 90, first + 90)]
    assert ask(database, "SELECT first_sequence, last_sequence, wraparounds FROM sas") == [(first, first + 119, 1)]
    assert ask(database, "SELECT first_number, last_number FROM sequence_gaps ORDER BY first_number") == gaps
    (flow,) = found["flows"]
    assert flow["sequence_used"] == pytest.approx((first + 119) / 2**64)
    assert (flow["mka"]["lowest_acceptable_pn"], flow["mka"]["xpn"]) == (lowest, True)
    assert flow["first_sequence"] == first % 2**32


@pytest.mark.parametrize("suite, runs_out", (("GCM-AES-XPN-128", False), ("GCM-AES-128", True)))
def test_xpn_does_not_run_out(suite, runs_out, gapwatch, tmp_path):
    first = 2**32 - 100_000
    use = mka.pdu(OTHER, mka.sak_use(SERVER, 0, 1), mka.distributed(0, 1, suite))
    (flow,) = gapwatch.analyze(write(tmp_path / "mka.pcap", traffic(0, first, 0, 4) + [(1, use)]))["flows"]
    assert (flow["exhaustion_at"] is not None) == runs_out
    assert (flow["sequence_used"] > 0.9) == runs_out


@pytest.mark.parametrize(
    "then, failures",
    (
        (traffic(0, 101, 10, 12) + traffic(1, 1, 12, 30), 0),
        (traffic(0, 101, 10, 15), 1),
        (traffic(0, 101, 10, 30), 1),
        (traffic(0, 60, 10, 14) + traffic(1, 1, 14, 30), 0),
    ),
    ids=("rolls over", "both stop", "the old one goes on", "late frames of the old one"),
)
@pytest.mark.parametrize("is_settled", (False, True))
def test_rollover(is_settled, then, failures, gapwatch, tmp_path):
    assert events(gapwatch, tmp_path, rollover(then, is_settled)) == [(FLOW, 1)] * failures


@pytest.mark.parametrize("then, failures", ((traffic(0, 101, 10, 30), 1), (traffic(1, 1, 11, 30), 0)))
def test_a_second_key_agreement_on_the_port(then, failures, gapwatch, tmp_path):
    """With a fallback CAK a port takes part in two, and has other member ids in the second one."""
    second = [
        mka.pdu(sci, *sets, is_server=bool(sets), priority=77, identity=bytes([sci >> 16 & 0xFF]) + b"of fallback")
        for sci, sets in ((SERVER, [mka.distributed(3, 9)]), (OTHER, []))
    ]
    timed = rollover(then) + [(at + 0.1, frame) for at in range(0, 30, 2) for frame in second]
    timed += traffic(0, 1, 0, 30, SERVER)
    assert [event for event in events(gapwatch, tmp_path, timed) if event[0] == FLOW] == [(FLOW, 1)] * failures
    flows = {flow["flow_id"]: flow for flow in gapwatch.analyze(tmp_path / "mka.pcap")["flows"]}
    assert (flows[FLOW]["mka"]["latest_an"], flows[FLOW]["mka"]["priority"]) == (0, 32)


def test_one_failure_is_one_event(gapwatch, tmp_path):
    """The old AN goes on after the new key came, and also after the first frames with that key."""
    new = traffic(1, 1, 20, 40, apart=0.02)
    assert events(gapwatch, tmp_path, rollover(traffic(0, 101, 10, 40) + new)) == [(FLOW, 1)]


@pytest.mark.parametrize("apart", (0.02, 0.05))
def test_one_stop_is_one_event(apart, gapwatch, tmp_path):
    """Traffic stops after a rekey, while a second key waits and the other direction goes on."""
    timed = [pair for at in range(0, 8, 2) for pair in hello(at, 0, 1)]
    for at in range(10, 120, 2):
        timed += hello(at, 1, 2, mka.distributed(2, 3))
    timed += traffic(0, 1, 0, 8) + traffic(1, 1, 8, 13, apart=apart) + traffic(0, 1, 0, 120, SERVER)
    assert [flow for flow, _ in events(gapwatch, tmp_path, timed)].count(FLOW) == 1


def test_each_method_sees_the_same(method, watched, gapwatch, tmp_path):
    frames = [frame for _, frame in traffic(1, 1, 0, 2) + hello(1, 1, 7, mka.distributed(1, 7))]
    sensor = watched.sensor(method)
    watched.send(frames)
    found, told = sensor.stop(), analyzed(gapwatch, tmp_path, frames)
    assert [flow["mka"] for flow in found["flows"]] == [flow["mka"] for flow in told["flows"]]
    assert json.dumps(found["flows"][0]["mka"]).count("GCM-AES-128") == 1


def test_a_flood_of_pdus(gapwatch, tmp_path):
    """PDUs of more channels than are kept, and PDUs cut at every octet."""
    whole = hello(0, 1, 7, mka.distributed(1, 7), mka.xpn(1 << 32))[0][1]
    frames = [mka.pdu(0x0200000000000001 + (i << 16), mka.sak_use(SERVER, 1, i)) for i in range(3000)]
    frames += [whole[:length] for length in range(len(whole) + 1)]
    found = analyzed(gapwatch, tmp_path, frames)
    assert sum(found["capture"]["counters"].values()) == len(frames)
