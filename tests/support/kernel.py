# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Compares the classifier in the kernel with the one in user space, record by record."""
import os

import pytest

CANNOT_RUN = 77  # exit status of frame_records when it cannot load BPF programs


def assert_agrees(gapwatch, path):
    """Asserts that both ways of frame_records agree on PATH; skips where there is no BPF.

    Returns the number of records: 0 when the link type of the file is not supported.
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
