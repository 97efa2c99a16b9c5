# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Real implementations of encrypting protocols, which run on the two hosts of support.routed.Routed.

Each module has a context manager tunnel(network, directory). It sets up a tunnel between the hosts, with
its files in DIRECTORY, and yields an object with

    DATA                 an nftables match for the packets with sequence numbers
    TARGET               the address that the left host reaches through the tunnel
    rekey()              negotiates new keys; when it returns, pings use them
"""
import contextlib
import subprocess
import time

READY_SECONDS = 30


@contextlib.contextmanager
def running(end, command, log, apart=False, stdin=subprocess.DEVNULL):
    """Runs COMMAND at END until the context ends, with output to LOG; APART: with its own /run."""
    alone = 'mount -t tmpfs none /run && exec "$@"'
    if apart:
        command = ["unshare", "--mount", "sh", "-c", alone, "sh", *command]
    with open(log, "wb") as said:
        process = subprocess.Popen(
            end.command(*command), stdin=stdin, stdout=said, stderr=said
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
