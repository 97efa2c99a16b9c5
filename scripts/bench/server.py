# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Servers under measurement."""
import contextlib
import socket
import subprocess
import sys
import time
import urllib.request

from bench.common import ROOT

BUILD = ROOT / "build"
WORKERS = 2


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as response:
        return response.read()


@contextlib.contextmanager
def running(command, port, path, **more):
    """Runs COMMAND within the context, which begins when it answers."""
    process = subprocess.Popen(list(map(str, command)), stdout=sys.stderr, **more)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                get(port, path)
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


def serve(database, port, workers=WORKERS):
    command = [BUILD / "gapwatch", "serve", "--quiet", "--db", database, "--port", port]
    return running([*command, "--workers", workers], port, "/health")
