# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The same frames through the classifier in the kernel: record by record, it must say the same."""
import os

import pytest

CANNOT_RUN = 77  # exit status of frame_records where BPF programs cannot be loaded


def assert_agrees(gapwatch, path):
    """Holds both ways of frame_records against each other; skips where there is no BPF.

    Returns how many records there were: none where the file has a link type that we do not read.
    """
    here = gapwatch.run(path, program=gapwatch.frame_records)
    there = gapwatch.run(path, "--kernel", program=gapwatch.frame_records)
    if there.returncode == CANNOT_RUN:
        reason = there.stderr.decode(errors="replace").strip()
        assert not os.environ.get("CI"), f"CI must be able to load BPF programs: {reason}"
        pytest.skip(f"no BPF here: {reason}")
    assert there.returncode == here.returncode
    assert there.stdout.splitlines() == here.stdout.splitlines()
    return len(here.stdout.splitlines())
