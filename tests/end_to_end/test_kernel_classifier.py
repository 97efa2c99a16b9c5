# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The classifier is compiled twice: kernel and user space must agree on every frame."""
import pytest

from support.kernel import assert_agrees

SUFFIXES = {".pcap", ".cap", ".pcapng"}
ENOUGH_FRAMES = 10_000


def link_types():
    """The link types of the encapsulations; none without scapy, which makes the frames."""
    try:
        from support import encapsulations
    except ImportError:
        return []
    return encapsulations.LINK_TYPES


def test_sample(gapwatch, request):
    sample = request.config.rootpath / "tests" / "captures" / "macsec_traffic.pcap"
    assert assert_agrees(gapwatch, sample) == 195


@pytest.mark.parametrize("link_type", link_types())
def test_every_encapsulation_at_every_cut(link_type, gapwatch, tmp_path):
    """Whole, and cut at every byte by the snap length and on the wire."""
    from support import encapsulations

    path = tmp_path / "frames.pcap"
    written = encapsulations.write_with_cuts(path, link_type)
    assert assert_agrees(gapwatch, path) == written


def test_real_captures(gapwatch, captures):
    """Every frame of the collection."""
    paths = sorted(path for path in captures.rglob("*") if path.suffix in SUFFIXES)
    assert sum(assert_agrees(gapwatch, path) for path in paths) > ENOUGH_FRAMES
