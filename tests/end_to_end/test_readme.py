# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The commands of README.md that need no network: each is run, and its output is the one shown."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT

README = (ROOT / "README.md").read_text()
# What needs an interface, root or a service manager is tested with the command itself.
ELSEWHERE = ("sudo ", "curl ", "sqlite3 ")


def commands():
    """Yields (command, lines shown below it) of all blocks."""
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *shown = part.splitlines()
            if not command.startswith(ELSEWHERE):
                yield command, shown


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    directory = tmp_path_factory.mktemp("readme")
    (directory / "gapwatch").symlink_to(BUILD / "gapwatch")
    for name in ("macsec_traffic.pcap", "before.pcap", "after.pcap"):
        shutil.copy(ROOT / "tests" / "captures" / "macsec_traffic.pcap", directory / name)
    return directory


@pytest.mark.parametrize("command, shown", commands())
def test_output_is_true(command, shown, place):
    """"..." stands for lines that are left out."""
    path = f"{place}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=place, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pattern = r"\n".join(r"(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in shown)
    assert re.fullmatch(rf"{pattern}\n*(?:.*\n)*" if shown[-1:] == ["..."] else rf"{pattern}\n", done.stdout)


def test_it_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) <= 220
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
    for page, section in re.findall(r"(gapwatch[\w.-]*)\((\d)\)", README):
        assert (ROOT / "user" / "manual" / f"{page}.{section}").exists(), page
