# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The same frames through the classifier in the kernel: record by record, it must say the same."""
import os

import pytest

CANNOT_RUN = 77  # exit status of frame_records where BPF programs cannot be loaded


def assert_agrees(gapwatch, path):
    """Holds both ways of frame_records against each other; skips where there is no BPF."""
    here = gapwatch.run(path, program=gapwatch.frame_records)
    there = gapwatch.run(path, "--kernel", program=gapwatch.frame_records)
    if there.returncode == CANNOT_RUN:
        reason = there.stderr.decode(errors="replace").strip()
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    assert there.returncode == here.returncode
    assert there.stdout.splitlines() == here.stdout.splitlines()
    return here
