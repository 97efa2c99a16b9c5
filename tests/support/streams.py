# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Random streams of numbered frames with loss, reordering, duplicates and restarts."""
from model.frames import ipv4_frame, macsec_frame
from support.numbered import esp, tagged


def numbers(random, count):
    """Returns about COUNT (association, number) in order of arrival."""
    association, number = 0, random.choice((1, 1000, 2**32 - 300))
    loss, copies, late = random.choice((0, 0.01, 0.2)), random.choice((0, 0.02)), random.choice((0, 3, 20, 200))
    arrivals = []
    for place in range(count):
        if random.random() < 2 / count:
            association, number = (association + random.choice((0, 1))) % 4, 1
        number = (number + 1) % 2**32
        if random.random() < loss:
            continue
        delay = random.randrange(late + 1) if random.random() < 0.1 else 0
        arrivals.append((place + delay, association, number))
        if random.random() < copies:
            arrivals.append((place + random.randrange(300), association, number))
    return [(association, number) for _, association, number in sorted(arrivals, key=lambda a: a[0])]


def macsec_stream(random, count, identity):
    frames = [macsec_frame(0x0200000000000001 + (identity << 16), *pair, bytes(48)) for pair in numbers(random, count)]
    return [tagged(frame, 20) for frame in frames] if identity % 2 else frames


def esp_stream(random, count, identity):
    return [esp(number, 0x1001 + identity) for _, number in numbers(random, count)]


def esp_in_udp_stream(random, count, identity):
    """ESP in UDP port 4500 (RFC 3948), with its own source address."""
    frames = []
    for _, number in numbers(random, count):
        payload = (0x5001 + identity).to_bytes(4, "big") + number.to_bytes(4, "big") + bytes(32)
        udp = b"\x11\x94\x11\x94" + (8 + len(payload)).to_bytes(2, "big") + bytes(2)
        wire_length = 14 + 20 + len(udp) + len(payload)
        frames.append(ipv4_frame(f"10.0.0.{identity}", "198.51.100.9", 17, udp + payload, wire_length))
    return frames


def plain_stream(random, count, identity):
    ports = (40000 + identity).to_bytes(2, "big") + b"\x00\x35\x00\x1c\x00\x00"
    return [ipv4_frame("192.0.2.1", "198.51.100.1", 17, ports + bytes(20), 62)] * count


def mixed(random, count):
    """Returns interleaved frames of several flows of each kind, about COUNT for each flow."""
    kinds = (macsec_stream, esp_stream, esp_in_udp_stream, plain_stream)
    streams = [kind(random, count, identity) for kind in kinds for identity in (1, 2, 3)]
    order = [place for place, stream in enumerate(streams) for _ in stream]
    random.shuffle(order)
    following = [iter(stream) for stream in streams]
    return [next(following[place]) for place in order]
