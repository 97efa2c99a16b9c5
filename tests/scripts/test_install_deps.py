# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""scripts/install-deps with stand-ins for the package managers: nothing is installed."""
import os
import pathlib
import shutil
import stat
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "install-deps"
SHELL_TOOLS = ("sh", "awk", "cat", "cut", "dirname", "env", "grep", "mkdir", "mktemp", "rm", "uname")
BPF_PACKAGES = {"clang", "llvm", "libbpf-dev", "libelf-dev", "bpftool"}
API_PACKAGES = {"kore", "libssl-dev", "libjs-dygraphs"}
SHIP_PACKAGES = {"libcurl4-openssl-dev"}


class System:
    """A PATH for the test, and a record of every call of apt-get and sudo."""

    def __init__(self, directory):
        self.bin = directory / "bin"
        self.calls = directory / "calls"
        self.bin.mkdir()
        for tool in SHELL_TOOLS:
            (self.bin / tool).symlink_to(shutil.which(tool))

    def add(self, name, body):
        program = self.bin / name
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)

    def add_debian(self, installed, root=True, apt_status=0):
        lines = " ".join(f"installed:{package}:" for package in installed)
        self.add("dpkg-query", f"printf '%s' {lines} ; exit 1")
        record = f'echo "$DEBIAN_FRONTEND apt-get $*" >>{self.calls}; echo from apt'
        self.add("apt-get", f"{record}; exit {apt_status}")
        self.add("id", f"echo {0 if root else 1000}")

    def run(self, *arguments, **variables):
        environment = {"PATH": str(self.bin), "TMPDIR": str(self.bin.parent), **variables}
        return subprocess.run(
            [SCRIPT, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def calls_made(self):
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def system(tmp_path):
    return System(tmp_path)


def packages(*groups, **variables):
    """The output of --list for GROUPS, as {package: group}."""
    done = subprocess.run(
        [SCRIPT, "--list", *groups],
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split()[1]: line.split()[0] for line in done.stdout.splitlines()}


def test_list_names_each_package_once_and_build_is_the_default():
    assert packages() == packages("build")
    assert BPF_PACKAGES | {"gcc", "make", "libpcap-dev"} <= packages().keys()
    assert packages("build", "test").keys() >= {"gcc", "python3-pytest", "tshark"}


def test_the_debian_package_is_built_with_the_same():
    """But for what each build of a package has."""
    control = (SCRIPT.parent / "debian" / "control").read_text()
    listed = control.split("Build-Depends:")[1].split("\nStandards-Version")[0]
    needed = {word.split("(")[0].strip() for word in listed.split(",")}
    assert needed - {"debhelper-compat"} == packages("build").keys() - {"gcc", "libc6-dev", "make"}


def test_without_bpf_its_packages_are_left_out():
    assert packages("build").keys() - packages("build", BPF="0").keys() == BPF_PACKAGES


def test_without_the_api_its_packages_are_left_out():
    """Nor are those of shipping needed, unless they are asked for."""
    everything = packages("build").keys()
    assert everything - packages("build", API="0", SHIP="1").keys() == API_PACKAGES
    assert everything - packages("build", API="0").keys() == API_PACKAGES | SHIP_PACKAGES
    neither = packages("build", API="0", BPF="0").keys()
    assert everything - neither == BPF_PACKAGES | API_PACKAGES | SHIP_PACKAGES


def test_nothing_missing_calls_no_package_manager(system):
    system.add_debian(packages("build", "test", "bench"))
    done = system.run("build", "test", "bench")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not system.calls_made()


def test_only_what_is_missing_is_installed_without_questions(system):
    system.add_debian(packages("build").keys() - {"zlib1g-dev", "libpcap-dev"})
    done = system.run()
    assert (done.returncode, done.stdout) == (0, "")
    update, install = system.calls_made()
    assert update.startswith("noninteractive apt-get ") and update.endswith(" update")
    assert install.endswith(" install --yes --no-install-recommends libpcap-dev zlib1g-dev")
    assert "from apt" not in done.stderr


def test_what_came_by_other_ways_than_a_package_is_there_too(system):
    system.add_debian(packages("build").keys() - {"make"})
    system.add("make", "")
    assert system.run().returncode == 0
    assert not system.calls_made()


def test_failure_shows_what_apt_said(system):
    system.add_debian([], apt_status=100)
    done = system.run()
    assert done.returncode == 1
    assert "from apt" in done.stderr and "BPF=0" in done.stderr and "API=0" in done.stderr


def test_sudo_is_used_by_others_than_root(system):
    system.add_debian(packages("build").keys() - {"make"}, root=False)
    system.add("sudo", f'echo sudo >>{system.calls}; exec "$@"')
    assert system.run().returncode == 0
    assert system.calls_made()[0::2] == ["sudo", "sudo"]


def test_neither_root_nor_sudo_says_what_to_run(system):
    system.add_debian(packages("build").keys() - {"make"}, root=False)
    done = system.run()
    assert done.returncode == 1
    assert "apt-get install make" in done.stderr
    assert not system.calls_made()


def test_without_apt_the_missing_are_listed_by_purpose(system):
    done = system.run("build", "test")
    assert (done.returncode, done.stdout) == (1, "")
    for words in ("C compiler", "libpcap headers", "clang with the BPF target", "shellcheck"):
        assert words in done.stderr


def test_on_other_systems_what_is_for_linux_is_left_out(system):
    (system.bin / "uname").unlink()
    system.add("uname", "echo FreeBSD")
    done = system.run("--list")
    assert done.returncode == 0 and "libpcap-dev" in done.stdout
    assert not {"libmnl-dev", "libcap-ng-dev"} & set(done.stdout.split())


def test_without_apt_nothing_missing_is_success(system):
    for tool in ("cc", "make"):
        system.add(tool, "")
    done = system.run("build", BPF="0", API="0")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_unknown_group_is_a_usage_error(system):
    done = system.run("moon")
    assert done.returncode == 2
    assert "moon" in done.stderr
