# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""OpenVPN in user space, between two peers that know each other's certificates, with AES-GCM."""
import contextlib
import pathlib
import subprocess

from support.link import run
from support.peers import await_ready, running

INNER = {"left": "10.84.0.1", "right": "10.84.0.2"}
ROLE = {"left": "--tls-client", "right": "--tls-server"}
PORT = 1194
CERTIFICATE = ("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
READY = "Initialization Sequence Completed"


class Tunnel:
    TARGET = INNER["right"]
    DATA = f"udp dport {PORT} @th,64,5 == 9"  # P_DATA_V2

    def __init__(self, network, directory):
        self.ends = {"left": network.left, "right": network.right}
        self.directory = directory
        self.fingerprints = {side: make_certificate(directory, side) for side in self.ends}

    def start(self, side, other):
        """Returns the context in which openvpn runs there."""
        of_files = ("--cert", self.directory / f"{side}.pem", "--key", self.directory / f"{side}.key")
        addresses = ("--ifconfig", INNER[side], INNER[other], "--remote", self.ends[other].address, PORT)
        trust = ("--peer-fingerprint", self.fingerprints[other], "--dh", "none")
        kind = ("--dev", "tun", "--proto", "udp", "--port", PORT, "--data-ciphers", "AES-256-GCM")
        words = ["openvpn", ROLE[side], *of_files, *addresses, *trust[: 4 if side == "right" else 2], *kind]
        return running(self.ends[side], [*map(str, words)], self.log(side))

    def log(self, side):
        return self.directory / f"{side}.log"

    def await_up(self):
        for side in self.ends:
            await_ready(lambda: READY in self.log(side).read_text(), "no openvpn", self.log(side))


def make_certificate(directory, side):
    """Makes the certificate of SIDE and its key; returns its fingerprint."""
    path = directory / f"{side}.pem"
    key = ("-noenc", "-keyout", directory / f"{side}.key")
    command = [*CERTIFICATE, *key, "-out", path, "-days", 2, "-subj", f"/CN={side}"]
    subprocess.run([*map(str, command)], capture_output=True, check=True)
    return run("openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256").strip().split("=")[1]


@contextlib.contextmanager
def tunnel(network, directory):
    made = Tunnel(network, pathlib.Path(directory))
    with made.start("right", "left"), made.start("left", "right"):
        made.await_up()
        yield made
