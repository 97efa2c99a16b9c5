# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""scripts/quickstart with stand-ins for the installation and the build."""
import os
import pathlib
import shutil
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "quickstart"
PARTS = {"BPF": "xdp and tc", "API": "serve", "SHIP": "ship"}


def add(path, body):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def quickstart(directory, *missing, **variables):
    """Runs the script where packages of the parts in MISSING, and of "all", cannot be had. Returns how
    it ended, and what it built."""
    root = directory / "project"
    (root / "scripts").mkdir(parents=True)
    shutil.copy(SCRIPT, root / "scripts")
    refuse = [f'[ "${part}" = 0 ] || {{ echo "E: no {part}"; exit 1; }}' for part in missing if part != "all"]
    add(root / "scripts" / "install-deps", "exit 1" if "all" in missing else "\n".join(refuse))
    add(directory / "bin" / "make", f'echo "$@" | tr " " "\\n" | grep = >{directory}/made; exit 0')
    add(root / "build" / "gapwatch", 'echo "report of $2"')
    path = f"{directory / 'bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        [root / "scripts" / "quickstart", "x.pcap"],
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    made = directory / "made"
    return done, made.read_text().split() if made.exists() else None


@pytest.mark.parametrize("missing", ((), ("BPF",), ("API",), ("SHIP",), ("BPF", "API")))
def test_builds_without_what_cannot_be_had_and_says_so(missing, tmp_path):
    done, made = quickstart(tmp_path, *missing)
    assert (done.returncode, done.stdout) == (0, "report of x.pcap\n"), done.stderr
    assert made == [f"{part}={int(part not in missing)}" for part in PARTS]
    for part, words in PARTS.items():
        assert (words in done.stderr) == (f"E: no {part}".removeprefix("E: ") in done.stderr) == (part in missing)


def test_parts_that_are_not_wanted_are_not_missed(tmp_path):
    done, made = quickstart(tmp_path, "BPF", BPF="0")
    assert (done.returncode, made) == (0, ["BPF=0", "API=1", "SHIP=1"])
    assert "xdp" not in done.stderr


def test_without_a_compiler_it_fails(tmp_path):
    done, made = quickstart(tmp_path, "all")
    assert (done.returncode, done.stdout, made) == (1, "", None)
