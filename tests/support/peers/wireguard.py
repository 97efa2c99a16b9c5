# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""WireGuard in user space: wireguard-go, set up by wg."""
import contextlib
import pathlib
import subprocess

from support.link import run
from support.peers import await_ready, running

INNER = {"left": "10.83.0.1", "right": "10.83.0.2"}
DEVICE = "wg0"
# Both look for the socket at a fixed place, which is another folder for each host.
AT_SOCKET = 'mkdir -p /run/wireguard && mount --bind "$0" /run/wireguard && exec "$@"'


class Tunnel:
    TARGET = INNER["right"]

    def __init__(self, network, directory, port):
        self.ends = {"left": network.left, "right": network.right}
        self.directory = directory
        self.port = port
        self.DATA = f"udp dport {port} @th,64,32 == 0x04000000"  # type 4, transport data
        self.keys = {side: make_keys(directory / f"{side}.key") for side in self.ends}

    def at_socket(self, side, *argv):
        folder = self.directory / side
        folder.mkdir(exist_ok=True)
        return ["unshare", "--mount", "sh", "-c", AT_SOCKET, folder, *argv]

    def wg(self, side, *arguments):
        return self.ends[side].run(*self.at_socket(side, "wg", *arguments))

    def start(self, side):
        """Returns the context in which wireguard-go runs there."""
        command = self.at_socket(side, "wireguard-go", "--foreground", DEVICE)
        return running(self.ends[side], command, self.directory / f"{side}.log")

    def set_up(self, side, other):
        namespace = self.ends[side].interface
        socket = self.directory / side / f"{DEVICE}.sock"
        await_ready(socket.exists, "no wireguard-go", self.directory / f"{side}.log")
        key = self.directory / f"{side}.key"
        self.wg(side, "set", DEVICE, "listen-port", self.port, "private-key", key)
        self.add_peer(side, other)
        run("ip", "-n", namespace, "addr", "add", f"{INNER[side]}/24", "dev", DEVICE)
        run("ip", "-n", namespace, "link", "set", DEVICE, "up")

    def add_peer(self, side, other):
        where = ("endpoint", f"{self.ends[other].address}:{self.port}")
        inside = ("allowed-ips", f"{INNER[other]}/32")
        self.wg(side, "set", DEVICE, "peer", self.keys[other], *where, *inside)

    def rekey(self):
        """The left host forgets what they agreed on, and begins anew with the next frame."""
        self.wg("left", "set", DEVICE, "peer", self.keys["right"], "remove")
        self.add_peer("left", "right")


def make_keys(path):
    """Writes a private key to PATH, and returns the public one."""
    path.write_text(run("wg", "genkey"))
    with open(path, encoding="ascii") as private:
        made = subprocess.run(["wg", "pubkey"], stdin=private, capture_output=True, text=True, check=True)
    return made.stdout.strip()


@contextlib.contextmanager
def tunnel(network, directory, port=51820):
    made = Tunnel(network, pathlib.Path(directory), port)
    with made.start("left"), made.start("right"):
        made.set_up("left", "right")
        made.set_up("right", "left")
        yield made
