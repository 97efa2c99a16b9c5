# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Real implementations of encrypting protocols, as the two hosts of a support.routed.Routed.

Each module has a context manager tunnel(network, directory), which sets one up between the hosts, with
its files in DIRECTORY. What it yields has

    DATA                 which packets carry its numbers, as a match of nftables
    TARGET               what the left host reaches through it
    rekey()              has new keys agreed; pings go on through them when it returns
"""
import contextlib
import subprocess
import time

READY_SECONDS = 30


@contextlib.contextmanager
def running(end, command, log, apart=False):
    """COMMAND runs at END meanwhile, and writes to LOG; APART: with a /run of its own."""
    alone = 'mount -t tmpfs none /run && exec "$@"'
    if apart:
        command = ["unshare", "--mount", "sh", "-c", alone, "sh", *command]
    with open(log, "wb") as said:
        process = subprocess.Popen(
            end.command(*command), stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def await_ready(condition, what, log):
    until = time.monotonic() + READY_SECONDS
    while not condition():
        assert time.monotonic() < until, f"{what}: {log.read_text(errors='replace')}"
        time.sleep(0.05)
