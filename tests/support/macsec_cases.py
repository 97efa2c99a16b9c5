# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Cases of every form of the MACsec SecTAG (IEEE 802.1AE-2018 clause 9)."""
from support.case import macsec, untracked
from support.frames import (
    ENCRYPTED,
    ES,
    ETHERNET_BYTES,
    SC,
    SCB,
    SECTAG_BYTES,
    SECTAG_SCI_BYTES,
    C,
    E,
    V,
    macsec_frame,
)

SCI = "0211223344550001"
# frames.SOURCE_MAC with the port that 9.5 defines for an end station, and for a single copy
# broadcast.
END_STATION, BROADCAST = "02000000000a0001", "02000000000a0000"

SHORT, LONG = ETHERNET_BYTES + SECTAG_BYTES, ETHERNET_BYTES + SECTAG_SCI_BYTES


def source_of_the_sci():
    """9.5: the source of the SCI."""
    return [
        macsec("SC", macsec_frame(SC | ENCRYPTED, 7, SCI), SCI, 0, 7, needs=LONG),
        macsec("ES", macsec_frame(ES | ENCRYPTED, 7), END_STATION, 0, 7, needs=SHORT),
        macsec("ES, SCB", macsec_frame(ES | SCB | ENCRYPTED, 7), BROADCAST, 0, 7, needs=SHORT),
        macsec(
            "no SCI in the frame",
            macsec_frame(ENCRYPTED, 7),
            END_STATION,
            0,
            7,
            implicit_sci=True,
            needs=SHORT,
        ),
        macsec("SCI of zeros", macsec_frame(SC | ENCRYPTED, 7, "00" * 8), "00" * 8, 0, 7),
        macsec("SCI of ones", macsec_frame(SC | ENCRYPTED, 7, "ff" * 8), "ff" * 8, 0, 7),
    ]


def association_numbers():
    return [
        macsec(f"AN {number}", macsec_frame(SC | ENCRYPTED | number, 7, SCI), SCI, number, 7)
        for number in range(4)
    ]


def packet_numbers():
    """XPN sends the low 32 bits of a 64-bit number (802.1AEbw), so 0 is legal."""
    return [
        macsec(f"PN {number}", macsec_frame(SC | ENCRYPTED, number, SCI), SCI, 0, number)
        for number in (0, 1, 0x7FFFFFFF, 0x80000000, 0x01020304, 0xFFFFFFFF)
    ]


def protection():
    """9.7: data may have integrity only (neither bit) or C without E, as well as E with C."""
    cases = [
        macsec("integrity only", macsec_frame(SC, 7, SCI), SCI, 0, 7),
        macsec("changed text, not encrypted", macsec_frame(SC | C, 7, SCI), SCI, 0, 7),
    ]
    for name, bits, sci in (("SC", SC, SCI), ("ES", ES, ""), ("neither", 0, "")):
        for number in (0, 3):
            frame = macsec_frame(bits | E | number, 7, sci)
            cases.append(untracked(f"for the KaY, {name}, AN {number}", frame, "kay"))
    return cases


def short_lengths():
    """9.7: SL is 1 to 47, or 0 for 48 and more."""
    return [
        macsec(
            f"SL {length}",
            macsec_frame(SC | ENCRYPTED, 7, SCI, short_length=length),
            SCI,
            0,
            7,
        )
        for length in (1, 2, 32, 46, 47)
    ]


def invalid():
    """9.12, for each value of the bits that do not matter."""
    frames = {
        "version 1": macsec_frame(V | SC | ENCRYPTED, 7, SCI),
        "version 1 of an end station": macsec_frame(V | ES | ENCRYPTED, 7),
        "version 1 and no SCI": macsec_frame(V | ENCRYPTED, 7),
        "ES with SC": macsec_frame(ES | SC | ENCRYPTED, 7, SCI),
        "SCB with SC": macsec_frame(SCB | SC | ENCRYPTED, 7, SCI),
        "ES and SCB with SC": macsec_frame(ES | SCB | SC | ENCRYPTED, 7, SCI),
        "SL bit 7": macsec_frame(SC | ENCRYPTED, 7, SCI, short_length=0x80),
        "SL bit 8": macsec_frame(SC | ENCRYPTED, 7, SCI, short_length=0x40),
        "SL both top bits": macsec_frame(SC | ENCRYPTED, 7, SCI, short_length=0xC5),
        "SL 64, no SCI": macsec_frame(ENCRYPTED, 7, short_length=64),
    }
    return [untracked(name, frame, "malformed") for name, frame in frames.items()]


def all_cases():
    return [
        *source_of_the_sci(),
        *association_numbers(),
        *packet_numbers(),
        *protection(),
        *short_lengths(),
        *invalid(),
    ]
