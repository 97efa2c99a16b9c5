# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Waits for a condition."""
import time

PATIENCE_SECONDS = 120  # enough on a loaded machine


def wait_until(condition, what="it"):
    """Waits until the function CONDITION returns true. WHAT describes the condition."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what} did not happen in {PATIENCE_SECONDS} s"
        time.sleep(0.02)
