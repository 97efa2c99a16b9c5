# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Network namespaces that a test makes, and that are removed however it ends."""
import contextlib
import itertools
import os
import subprocess

import pytest

_numbers = itertools.count()


def cannot_run(reason):
    """Skips the test, or fails it in CI, which must be able to run everything."""
    assert not os.environ.get("CI"), f"CI must be able to run this: {reason}"
    pytest.skip(reason)


class Namespace:
    def __init__(self, name):
        self.name = name
        self.enter = ["nsenter", f"--net=/run/netns/{name}"]

    def run(self, *command, **options):
        """Returns the CompletedProcess (text) of a command in the namespace; never raises."""
        return subprocess.run(
            [*self.enter, *map(str, command)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    def must(self, command):
        """Runs COMMAND, split at spaces, in the namespace. It must succeed. Returns its output."""
        done = self.run(*command.split())
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def start(self, *command, **options):
        """Returns the Popen of COMMAND in the namespace, with text pipes as its standard streams.
        """
        pipes = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
        return subprocess.Popen(
            [*self.enter, *map(str, command)], text=True, **{**pipes, **options}
        )


@contextlib.contextmanager
def namespace():
    """An empty network namespace with loopback up."""
    if os.geteuid() != 0:
        cannot_run("network namespaces take root")
    name = f"gapwatch-{os.getpid()}-{next(_numbers)}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        cannot_run(f"no network namespaces here: {made.stderr.strip()}")
    try:
        inside = Namespace(name)
        inside.must("ip link set lo up")
        yield inside
    finally:
        subprocess.run(["ip", "netns", "del", name], check=True)


@contextlib.contextmanager
def veth_pair():
    """A namespace with both ends of a veth pair, left and right, up."""
    with namespace() as inside:
        inside.must("ip link add left type veth peer name right")
        inside.must("ip link set left up")
        inside.must("ip link set right up")
        yield inside
