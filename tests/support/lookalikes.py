# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Datagrams of QUIC, RTP, DNS, games, bulk and random data that are like numbered protocols in some
octets, but are none of them. Each kind is a function that makes the payloads of one pair of ports."""
import struct

SIZES = (40, 64, 100, 160, 200)


def quic(chance):
    """Short headers (RFC 9000 17.3) with a connection id of 0 to 20 octets; the number is encrypted."""
    identifier = chance.randbytes(chance.choice((0, 0, 3, 4, 5, 6, 7, 8, 8, 8, 20)))
    while True:
        yield bytes([0x40 | chance.randrange(64)]) + identifier + chance.randbytes(chance.choice(SIZES))


def quic_handshake(chance):
    """Long headers (RFC 9000 17.2)."""
    identifiers = b"\x08" + chance.randbytes(8) + b"\x08" + chance.randbytes(8)
    while True:
        yield bytes([0xC0 | chance.randrange(48)]) + b"\0\0\0\1" + identifiers + chance.randbytes(200)


def rtp(chance):
    number, stamp = chance.randrange(65536), chance.randrange(2**32)
    source = chance.randbytes(4)
    kind = chance.randrange(128)
    while True:
        number, stamp = (number + 1) & 0xFFFF, (stamp + 160) & 0xFFFFFFFF
        yield struct.pack(">BBHI", 0x80, kind, number, stamp) + source + chance.randbytes(160)


def dns(chance):
    while True:
        name = bytes([8]) + bytes(chance.choices(range(97, 123), k=8)) + b"\3com\0\0\1\0\1"
        yield struct.pack(">HHHHHH", chance.randrange(65536), 0x0100, 1, 0, 0, 0) + name


def stun(chance):
    """Binding requests (RFC 8489)."""
    while True:
        yield b"\0\1\0\0\x21\x12\xa4\x42" + chance.randbytes(12)


def game(chance):
    """A type, a player, and a number that grows: like WireGuard, but of any length."""
    kind, player, tick = chance.choice((1, 2, 4, 4, 5)), chance.randrange(2**32), chance.randrange(1000)
    while True:
        tick += 1
        yield struct.pack("<IIQ", kind, player, tick) + chance.randbytes(chance.choice((21, 37, 50, 99)))


HEADS = (b"\x04\0\0\0", b"\x48\0\0\1", b"\x4c\0\1\0", b"\x17\xfe\xfd\0", b"\x16\xfe\xff\0", b"\x19\xfe\xfd\0")


def fractions(chance):
    """A fixed head, and numbers with floating point between 0 and 1: half of them share their upper 12 bits."""
    head = chance.choice(HEADS)
    while True:
        yield head + struct.pack(">dd", chance.random(), chance.random()) + chance.randbytes(48)


def telemetry(chance):
    """A fixed head, and numbers with floating point of any size."""
    head = chance.choice(HEADS)
    while True:
        values = (chance.uniform(-1, 1) * 10 ** chance.randrange(-6, 9) for _ in range(2))
        yield head + struct.pack(">dd", *values) + chance.randbytes(48)


def measured(chance):
    """A fixed head, and a value that stays near another, as that of a thermometer."""
    head, around, noise = chance.choice(HEADS), chance.uniform(1, 1000), chance.choice((0.01, 0.1, 1, 10))
    while True:
        yield head + struct.pack(">ff", around + chance.gauss(0, noise), chance.random()) + chance.randbytes(48)


def clock(chance):
    """A fixed head, and a time in some unit: in the place of the number, in either byte order."""
    head, order = chance.choice((*HEADS, b"\x12\x34\x56\x78")), chance.choice("<>")
    step, now = chance.choice((10, 16, 20, 33, 50, 160, 960, 1000, 3000)), chance.randrange(2**32)
    while True:
        now += step + chance.randrange(step // 8 + 1)
        yield head + struct.pack(order + "IQ", now & 0xFFFFFFFF, now) + chance.randbytes(48)


def clock_behind_an_index(chance):
    """The same behind a head and an index, like WireGuard."""
    head = struct.pack("<II", 4, chance.randrange(2**32))
    step, now = chance.choice((10, 16, 20, 33, 50, 160, 960, 1000, 3000)), chance.randrange(2**40)
    while True:
        now += step + chance.randrange(step // 8 + 1)
        yield head + struct.pack("<Q", now) + chance.randbytes(48)


def almost_wireguard(chance):
    """Type 4 and one index, but what stands in the place of the counter is random."""
    head = struct.pack("<II", 4, chance.randrange(2**32))
    while True:
        yield head + chance.randbytes(8 + 16 * chance.randrange(1, 8))


def almost_openvpn(chance):
    """Opcode 9 and one peer, but the cipher is CBC, which encrypts the number."""
    head = bytes([0x48 | chance.randrange(8)]) + struct.pack(">I", chance.randrange(100))[1:]
    while True:
        yield head + chance.randbytes(chance.choice(SIZES))


def dtls_1_3(chance):
    """The unified header of RFC 9147 4; the number is encrypted."""
    while True:
        data = chance.randbytes(chance.choice(SIZES))
        yield bytes([0x2C | chance.randrange(4)]) + chance.randbytes(2) + struct.pack(">H", len(data)) + data


def bulk(chance):
    while True:
        yield chance.randbytes(256)


def repeated(chance):
    """The same octets again and again."""
    data = chance.randbytes(4) * 32
    while True:
        yield data


def text(chance):
    """Lines of a log."""
    while True:
        yield b"%d of %d: hello\n" % (chance.randrange(10**6), chance.randrange(10**6))


def numbered_text(chance):
    """Lines that have a number or a time where ESP and OpenVPN have theirs."""
    line = chance.choice((b"12:%02d:%02d hello, world, this is a line\n", b"Log%3d%02d times it was said that\n", b"line%05d.%02d\n"))
    at = chance.randrange(50)
    while True:
        at += 1
        yield line % (at // 100 % 100, at % 100)


KINDS = (
    quic, quic, quic_handshake, rtp, dns, stun, game, fractions, telemetry, measured, clock, clock_behind_an_index,
    almost_wireguard, almost_openvpn, dtls_1_3, bulk, repeated, text, numbered_text,
)  # fmt: skip
PORTS = (53, 123, 443, 500, 1194, 2152, 3478, 4433, 4500, 4789, 5004, 5684, 6081, 8472, 27015, 37008, 51820)


def pairs(count, chance):
    """Returns COUNT generators of frames, each of a pair of addresses and ports of its own."""
    made = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        ports = (1024 + chance.randrange(60000), chance.choice((*PORTS, chance.randrange(1, 65536))))
        made.append(frames(kind(chance), number, ports if chance.random() < 0.5 else ports[::-1]))
    return made


def frames(payloads, number, ports):
    """Frames in Ethernet and IPv4 from an address with NUMBER in it."""
    addresses = bytes([10]) + struct.pack(">I", number)[1:] + bytes([198, 51, 100, number % 250 + 1])
    for payload in payloads:
        udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        yield bytes(12) + b"\x08\x00" + head + addresses + udp
