# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Waiting for what something else brings about."""
import time

PATIENCE_SECONDS = 120  # on a machine that does other things, too


def wait_until(condition, what="it"):
    """Waits until CONDITION, a function, is true: WHAT happened."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what} did not happen in {PATIENCE_SECONDS} s"
        time.sleep(0.02)
