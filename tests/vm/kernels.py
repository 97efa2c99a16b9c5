# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Debian's kernels, which apt fetches from this system's archive.

Each is unpacked once and kept. apt's own lists and settings are not changed.
"""
import re
import shutil
import subprocess

# Our name of the kernel, and the suites that may have it. The newest version among them is taken.
SUITES = {
    "5.10": ["bullseye"],
    "6.1": ["bookworm"],
    "6.12": ["trixie", "bookworm-backports"],
    "newest": ["sid", "trixie-backports"],
    "rt": ["trixie"],
}
# The kind of kernel; "cloud" is the smallest.
FLAVOURS = {"rt": "rt-amd64"}
FLAVOUR = "cloud-amd64"

LABELS = {
    "bullseye": "Debian 11",
    "bookworm": "Debian 12",
    "bookworm-backports": "backports of Debian 12",
    "trixie": "Debian 13",
    "trixie-backports": "backports of Debian 13",
    "sid": "Debian unstable",
}
SUITE = "suite"  # a file beside the unpacked kernel: where it is from
PARTS = r"linux-(?:image|binary|modules|base)-\S*{flavour}\S*"


class NotOffered(Exception):
    """The archive has no such kernel, or cannot be reached."""


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def archive():
    """The URL of apt's Debian archive."""
    targets = run("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(SITE)")
    for line in targets.splitlines():
        origin, label, site = line.split("|")
        if origin == label == "Debian":
            return site
    raise NotOffered("apt has no archive of Debian")


class Apt:
    """apt with one suite, and with separate lists."""

    def __init__(self, suite, directory, flavour):
        self.metapackage = f"linux-image-{flavour}"
        self.parts = re.compile(PARTS.format(flavour=flavour))
        for name in ("lists/partial", "cache/archives/partial"):
            (directory / name).mkdir(parents=True, exist_ok=True)
        sources = directory / "sources.list"
        sources.write_text(f"deb {archive()} {suite} main\n")
        self.options = [
            f"-oDir::Etc::SourceList={sources}",
            "-oDir::Etc::SourceParts=/dev/null",
            "-oDir::Etc::Preferences=/dev/null",
            "-oDir::Etc::PreferencesParts=/dev/null",
            f"-oDir::State::Lists={directory}/lists",
            f"-oDir::Cache={directory}/cache",
            "-oAPT::Architecture=amd64",
            "-oAPT::Sandbox::User=root",
            "-oAcquire::Languages=none",
            "-oAcquire::Retries=3",
            "-oDebug::NoLocking=1",
        ]
        self.directory = directory
        run("apt-get", *self.options, "--error-on=any", "update")

    def depends(self, package, version):
        """The kernel packages that PACKAGE depends on, as (name, version)."""
        said = run("apt-cache", *self.options, "show", f"{package}={version}")
        line = re.search(r"^Depends: (.*)$", said, re.MULTILINE)
        for name in self.parts.findall(line.group(1)) if line else []:
            exact = re.search(re.escape(name) + r" \(= ([^)]+)\)", line.group(1))
            yield name, exact.group(1) if exact else version

    def newest(self):
        """The version of the metapackage, or None."""
        said = run("apt-cache", *self.options, "madison", self.metapackage)
        return said.split("|")[1].strip() if said else None

    def unpack(self, version, target):
        """Unpacks all packages of the kernel that the metapackage of VERSION depends on."""
        waiting = list(self.depends(self.metapackage, version))
        done = set()
        while waiting:
            name, exact = waiting.pop()
            if name in done:
                continue
            done.add(name)
            run("apt-get", *self.options, "download", f"{name}={exact}", cwd=self.directory)
            waiting += self.depends(name, exact)
        for package in self.directory.glob("*.deb"):
            run("dpkg-deb", "-x", str(package), str(target))
            package.unlink()


def later(one, other):
    return subprocess.run(["dpkg", "--compare-versions", one, "gt", other], check=False).returncode == 0


def fetch(name, directory):
    """Returns the directory below DIRECTORY into which the kernel NAME is unpacked."""
    target = directory / name
    if (target / SUITE).exists():
        return target
    best = None
    work = directory / f"{name}.work"
    shutil.rmtree(work, ignore_errors=True)
    for suite in SUITES[name]:
        try:
            apt = Apt(suite, work / suite, FLAVOURS.get(name, FLAVOUR))
            version = apt.newest()
        except subprocess.CalledProcessError:
            continue
        if version and (best is None or later(version, best[1])):
            best = (apt, version, suite)
    if best is None:
        raise NotOffered(f"the archive offers no kernel {name} ({' or '.join(SUITES[name])})")
    shutil.rmtree(target, ignore_errors=True)
    best[0].unpack(best[1], work / "unpacked")
    (work / "unpacked" / SUITE).write_text(best[2])
    (work / "unpacked").rename(target)
    shutil.rmtree(work)
    return target


def suite_of(unpacked):
    """The suite that the kernel was taken from."""
    return (unpacked / SUITE).read_text()


def image(unpacked):
    """The path of the kernel image, wherever its package has it."""
    for pattern in ("boot/vmlinuz-*", "usr/lib/modules/*/vmlinuz", "lib/modules/*/vmlinuz"):
        for path in unpacked.glob(pattern):
            return path
    raise NotOffered(f"no kernel image in {unpacked}")


def modules(unpacked):
    """The directory of its modules, named for its release."""
    for pattern in ("lib/modules/*", "usr/lib/modules/*"):
        for path in unpacked.glob(pattern):
            if (path / "kernel").is_dir():
                return path
    raise NotOffered(f"no modules in {unpacked}")
