# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A peer of WireGuard, OpenVPN or DTLS is one lineage, or one flow, over many keys."""
import random
import struct

from support.numbered import HEAD, analyzed

HERE, THERE, MOVED = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2]), bytes([10, 0, 1, 7])
KEYS, NUMBERS, LOST = 30, 200, 50


def datagram(source, destination, ports, payload):
    udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
    return HEAD + b"\x08\x00" + head + source + destination + udp


def wireguard(move_at=None):
    """Both directions, with retransmitted handshakes; HERE moves within the key MOVE_AT."""
    chance = random.Random(1)
    at, port, frames = HERE, 51820, []

    def there(*values, octets, form="<II"):
        return datagram(at, THERE, (port, 51820), struct.pack(form, *values) + bytes(octets))

    def back(*values, octets, form="<II"):
        return datagram(THERE, at, (51820, port), struct.pack(form, *values) + bytes(octets))

    for key in range(KEYS):
        for _ in range(1 + key % 3):
            ours = chance.getrandbits(32)
            frames.append(there(1, ours, octets=140))
        for _ in range(1 + key % 2):
            theirs = chance.getrandbits(32)
            frames.append(back(2, theirs, ours, octets=80, form="<III"))
        for number in range(NUMBERS):
            if key == move_at and number == NUMBERS // 2:
                at, port = MOVED, 40000
            frames.append(there(4, theirs, number, octets=48, form="<IIQ"))
            frames += [back(4, ours, number, octets=48, form="<IIQ")] if number != LOST else []
    return frames


def openvpn():
    keys = [0, *(1 + at % 7 for at in range(KEYS - 1))]  # key ids go round from 1 to 7
    return [
        datagram(HERE, THERE, (40000, 1194), struct.pack(">II", (9 << 3 | key) << 24 | 5, number) + bytes(60))
        for key in keys
        for number in range(1, NUMBERS + 1)
        if number != LOST
    ]


def dtls(epochs, kind=23, connection=b""):
    head = ">BHHHI"
    return [
        datagram(
            HERE,
            THERE,
            (40000, 4433),
            struct.pack(head, kind, 0xFEFD, epoch, 0, number) + connection + struct.pack(">H", 50) + bytes(50),
        )
        for epoch in epochs
        for number in range(NUMBERS)
        if number != LOST
    ]


def test_wireguard_peers_are_one_lineage_each_way(gapwatch, tmp_path):
    flows = analyzed(gapwatch, tmp_path, wireguard())["flows"]
    data = [flow for flow in flows if flow["protocol"] == "wireguard"]
    assert len(data) == 2 * KEYS and len({flow["lineage"] for flow in data}) == 2
    assert sum(flow["total_lost_packets"] for flow in data) == KEYS
    assert sum(flow["follows"] is None for flow in data) == 2


def test_wireguard_that_shares_its_ports(gapwatch, tmp_path):
    """Mesh networks probe paths with datagrams of their own on WireGuard's ports, ahead of a handshake."""
    ends = (HERE, THERE, (51820, 51820)), (THERE, HERE, (51820, 51820))
    probes = [datagram(*ends[number % 2], b"probe of a path" + bytes(60)) for number in range(10)]
    frames = [frame for number, frame in enumerate(wireguard()) for frame in (probes if number % 50 == 0 else []) + [frame]]
    flows = analyzed(gapwatch, tmp_path, frames)["flows"]
    data = [flow for flow in flows if flow["protocol"] == "wireguard"]
    assert len(data) == 2 * KEYS and len({flow["lineage"] for flow in data}) == 2
    assert sum(flow["total_lost_packets"] for flow in data) == KEYS
    assert sum(flow["packets_received"] for flow in data) == KEYS * (2 * NUMBERS - 1)


def test_a_wireguard_peer_that_moves(gapwatch, tmp_path):
    """What it sends, and what is sent to it, stay one lineage each, and no number is lost in between."""
    flows = analyzed(gapwatch, tmp_path, wireguard(move_at=KEYS // 2))["flows"]
    data = [flow for flow in flows if flow["protocol"] == "wireguard"]
    for flows in ([flow for flow in data if flow[end] == "10.0.0.2"] for end in ("source", "destination")):
        assert len(flows) == KEYS + 1 and len({flow["lineage"] for flow in flows}) == 1
        assert sum(flow["moved_to"] is not None for flow in flows) == 1
    assert sum(flow["total_lost_packets"] for flow in data) == KEYS


def test_an_index_that_two_peers_have(gapwatch, tmp_path):
    """Two peers of one sender that picked the same index, side by side, are two lineages."""
    frames = []
    for number in range(NUMBERS):
        for peer in (HERE, MOVED):
            data = struct.pack("<IIQ", 4, 0xABCD1234, number) + bytes(48)
            frames.append(datagram(THERE, peer, (51820, 51820), data))
    flows = analyzed(gapwatch, tmp_path, frames)["flows"]
    assert len(flows) == 2 and all(flow["lineage"] is None for flow in flows)
    assert not any(flow["moved_to"] or flow["total_lost_packets"] for flow in flows)


def test_the_keys_of_an_openvpn_peer_are_one_lineage(gapwatch, tmp_path):
    flows = analyzed(gapwatch, tmp_path, openvpn())["flows"]
    assert len(flows) == 8 and len({flow["lineage"] for flow in flows}) == 1
    assert sum(flow["total_lost_packets"] for flow in flows) == KEYS
    assert sum(flow["restarts"] for flow in flows) == KEYS - 8


def test_epochs_of_dtls_are_rekeys(gapwatch, tmp_path):
    (flow,) = analyzed(gapwatch, tmp_path, dtls(range(1, 6)))["flows"]
    assert (flow["protocol"], flow["rekeys"], flow["total_lost_packets"]) == ("dtls", 4, 5)


def test_dtls_with_connection_ids(gapwatch, tmp_path):
    for size in (1, 8, 20):
        frames = dtls([1], kind=25, connection=bytes(range(size)))
        (flow,) = analyzed(gapwatch, tmp_path, frames)["flows"]
        assert (flow["protocol"], flow["packets_received"], flow["total_lost_packets"]) == ("dtls", NUMBERS - 1, 1)
