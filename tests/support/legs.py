# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Several veth pairs between two network namespaces: the legs of a tap, the members of a bond.

    with Legs(2) as legs:
        legs.send([(0, frame), (1, another)])    # to the near end of the first, then of the second
"""
import contextlib
import json
import os
import socket
import subprocess
import time

from support.link import ARRIVAL_SECONDS, End, counter, entered, run, waiting_frames


class Near(End):
    """The near ends of all legs, as `gapwatch capture` takes them: names with commas between."""

    def __init__(self, name, interfaces):
        super().__init__(name)
        self.namespace = name
        self.interfaces = interfaces
        self.interface = ",".join(interfaces)

    def command(self, *argv):
        inside = f"--net=/run/netns/{self.namespace}"
        return ["setpriv", "--pdeathsig", "KILL", "nsenter", inside, *map(str, argv)]

    def remove(self):
        subprocess.run(["ip", "netns", "del", self.namespace], check=False)

    def received(self):
        """How many packets each interface received."""
        shown = json.loads(run("ip", "-n", self.namespace, "-j", "-s", "link", "show"))
        of_all = {one["ifname"]: one["stats64"]["rx"]["packets"] for one in shown}
        return [of_all[name] for name in self.interfaces]


def batch(namespace, lines):
    """Has ip(8) do LINES in NAMESPACE."""
    command = ["ip", "-n", namespace, "-batch", "-"]
    subprocess.run(command, input="\n".join(lines), text=True, check=True, capture_output=True)


class Legs:
    """COUNT veth pairs."""

    def __init__(self, count):
        number = next(counter)
        near, far = (f"gwt{os.getpid()}{end}{number}" for end in "nf")
        names = [f"w{os.getpid()}n{number}l{leg}" for leg in range(count)]
        with contextlib.ExitStack() as undo:
            self.far = End(far)
            undo.callback(self.far.remove)
            self.near = Near(near, names)
            undo.callback(self.near.remove)
            for namespace in (near, far):
                with entered(namespace):
                    for path in ("all", "default"):
                        self._refuse_ipv6(path)
            peers = [f"link add {name} type veth peer name {name} netns {far}" for name in names]
            ups = [f"link set {name} arp off up" for name in names]
            batch(near, peers + ups)
            batch(far, ups)
            undo.pop_all()

    @staticmethod
    def _refuse_ipv6(which):
        path = f"/proc/sys/net/ipv6/conf/{which}/disable_ipv6"
        with contextlib.suppress(FileNotFoundError), open(path, "w", encoding="ascii") as switch:
            switch.write("1")

    @property
    def interfaces(self):
        """The names of the near ends."""
        return self.near.interfaces

    def remove_leg(self, leg):
        """Takes both ends of LEG away."""
        run("ip", "-n", self.near.namespace, "link", "del", self.interfaces[leg])

    def send(self, frames):
        """Sends FRAMES, pairs of a leg's number and the frame, each once and in this order, and
        waits until all have arrived."""
        before = self.near.received()
        with entered(self.far.interface), contextlib.ExitStack() as open_sockets:
            senders = {}
            for leg in {leg for leg, _ in frames}:
                sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
                senders[leg] = open_sockets.enter_context(sender)
                sender.bind((self.interfaces[leg], 0))
            for leg, frame in frames:
                senders[leg].send(frame)
        wanted = [count + sum(leg == one for one, _ in frames) for leg, count in enumerate(before)]
        until = time.monotonic() + ARRIVAL_SECONDS
        while self.near.received() != wanted or waiting_frames():
            assert time.monotonic() < until, f"{self.near.received()} arrived, not {wanted}"
            time.sleep(0.005)

    def close(self):
        self.near.remove()
        self.far.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
