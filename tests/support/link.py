# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Two network namespaces joined by a veth pair, with no traffic except what a test sends.

The names of namespaces and interfaces contain the pid of the process that made them, so that leftovers
of a killed run can be told from those in use. Namespaces are entered with nsenter, because
`ip netns exec` mounts another /sys, without the BPF file system.
"""
import contextlib
import ctypes
import itertools
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time

BPF_FILES = pathlib.Path("/sys/fs/bpf")
PINS = BPF_FILES / "gapwatch"  # has a directory for each interface
NO_IPV6 = pathlib.Path("/proc/sys/net/ipv6/conf/all/disable_ipv6")  # of the current namespace
NAMESPACES = pathlib.Path("/run/netns")
NAME = re.compile(r"gwt(\d+)[nfr]\d+")
ARRIVAL_SECONDS = 30

counter = itertools.count()


def run(*argv):
    """Runs a system command, which must succeed. Returns its output."""
    done = subprocess.run([*map(str, argv)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise OSError(f"{' '.join(map(str, argv))}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def entered(namespace):
    """Moves this thread to NAMESPACE within the context. A socket opened there stays there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as home, open(NAMESPACES / namespace, "rb") as away:
        if libc.setns(away.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")
        try:
            yield
        finally:
            libc.setns(home.fileno(), 0)


def waiting_frames():
    """The number of frames in the backlogs of all processors."""
    with open("/proc/net/softnet_stat", encoding="ascii") as rows:
        return sum(int(row.split()[11], 16) for row in rows)


def remove(name):
    """Removes the namespace NAME and the pins for its interface. Never fails."""
    subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)
    shutil.rmtree(PINS / name, ignore_errors=True)


class End:
    """One end of a link: an interface in a network namespace of the same name."""

    def __init__(self, name):
        self.interface = name
        self.peer = None
        run("ip", "netns", "add", name)

    def remove(self):
        """Removes the namespace, its interfaces and their pins. Never fails."""
        remove(self.interface)

    def command(self, *argv):
        """Returns the command that runs ARGV here and ends with this process."""
        inside = f"--net={NAMESPACES / self.interface}"
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", inside, *map(str, argv)]

    def run(self, *argv):
        return run(*self.command(*argv))

    def set_up(self, mtu, offloads):
        with entered(self.interface):
            if NO_IPV6.exists():
                NO_IPV6.write_text("1")
        if offloads:
            words = [word for name, value in offloads.items() for word in (name, value)]
            self.run("ethtool", "-K", self.interface, *words)
        run("ip", "-n", self.interface, "link", "set", self.interface, "arp", "off", "mtu", mtu)
        run("ip", "-n", self.interface, "link", "set", self.interface, "up")

    def statistics(self):
        """The kernel's counters of the interface, by direction: {"rx": {"packets": ...}, ...}."""
        shown = run("ip", "-n", self.interface, "-j", "-s", "link", "show", self.interface)
        return json.loads(shown)[0]["stats64"]

    def address(self):
        """The interface's MAC address, as text."""
        shown = run("ip", "-n", self.interface, "-j", "link", "show", self.interface)
        return json.loads(shown)[0]["address"]

    def received(self):
        return self.statistics()["rx"]["packets"]

    def await_received(self, count):
        """Waits until the interface had exactly COUNT packets and the stack has processed them."""
        until = time.monotonic() + ARRIVAL_SECONDS
        while (received := self.received()) < count or waiting_frames():
            assert time.monotonic() < until, f"{count - received} frames did not arrive"
            time.sleep(0.005)
        assert received == count, f"{received - count} frames arrived that nobody sent"

    def send(self, frames):
        """Sends each of FRAMES (bytes) once, in this order, and waits until all have arrived."""
        before = self.peer.received()
        with entered(self.interface):
            sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        with sender:
            sender.bind((self.interface, 0))
            for frame in frames:
                sender.send(frame)
        self.peer.await_received(before + len(frames))

    def generate(self, program, *arguments):
        """Has PROGRAM (bench/send) send frames. Returns its report."""
        before = self.peer.received()
        sent = json.loads(self.run(program, *arguments, self.interface))
        self.peer.await_received(before + sent["packets"])
        return sent


class Link:
    """A veth pair: its end `near` is watched, its end `far` sends."""

    def __init__(self, mtu=1500, queues=1, offloads=None):
        """OFFLOADS are options of `ethtool -K` for both ends, such as {"gro": "on"}."""
        number = next(counter)
        near, far = (f"gwt{os.getpid()}{end}{number}" for end in "nf")
        of_each = ["numtxqueues", queues, "numrxqueues", queues]
        with contextlib.ExitStack() as undo:
            self.near = End(near)
            undo.callback(self.near.remove)
            self.far = End(far)
            undo.callback(self.far.remove)
            self.near.peer, self.far.peer = self.far, self.near
            veth = ["link", "add", near, "netns", near, *of_each, "type", "veth"]
            run("ip", *veth, "peer", "name", far, "netns", far, *of_each)
            for end in (self.near, self.far):
                end.set_up(mtu, offloads)
            undo.pop_all()

    def take_away(self):
        """Removes the interfaces of both ends."""
        run("ip", "-n", self.near.interface, "link", "del", self.near.interface)

    def make_anew(self):
        """Creates the removed interfaces again, with the same names."""
        near, far = self.near.interface, self.far.interface
        veth = ["link", "add", near, "netns", near, "type", "veth"]
        run("ip", *veth, "peer", "name", far, "netns", far)
        for end in (self.near, self.far):
            end.set_up(1500, None)

    def close(self):
        self.near.remove()
        self.far.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def add_addresses(self):
        """Gives both ends an IPv4 address and each the other's MAC. Returns (near's, far's)."""
        addresses = ("192.0.2.1", "192.0.2.2")
        ends = (self.near, self.far)
        for end, address in zip(ends, addresses):
            run("ip", "-n", end.interface, "addr", "add", f"{address}/24", "dev", end.interface)
        for end, address in zip(ends, reversed(addresses)):
            neighbour = [address, "lladdr", end.peer.address(), "nud", "permanent"]
            run("ip", "-n", end.interface, "neigh", "add", *neighbour, "dev", end.interface)
        return addresses


def remove_leftovers():
    """Removes the leftovers of killed runs."""
    for folder in (NAMESPACES, PINS):
        for path in folder.glob("gwt*") if folder.exists() else ():
            found = NAME.fullmatch(path.name)
            if found and not pathlib.Path("/proc", found[1]).exists():
                remove(path.name)


def why_no_links():
    """Returns why links cannot be made here, or None."""
    if os.geteuid() != 0:
        return "only root may make network namespaces"
    try:
        with Link():
            return None
    except OSError as error:
        return str(error)


def why_no_bpf():
    """Returns why BPF programs cannot be loaded and pinned here, or None. Mounts bpffs to find out.
    """
    probe = BPF_FILES / f"gwt{os.getpid()}"
    layout = ["type", "array", "key", 4, "value", 4, "entries", 1, "name", "probe"]
    try:
        if not os.path.ismount(BPF_FILES):
            run("mount", "-t", "bpf", "bpf", BPF_FILES)
        run("bpftool", "map", "create", probe, *layout)
        probe.unlink()
        return None
    except OSError as error:
        return str(error)
