# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""strongSwan, whose ESP is in user space too (kernel-libipsec), and always in UDP 4500."""
import contextlib
import pathlib

from support.link import run
from support.peers import await_ready, running

CHARON = "/usr/lib/ipsec/charon"
INNER = {"left": "10.81.0.1", "right": "10.82.0.1"}

SETTINGS = """
charon {{
    load = random nonce openssl hmac kdf gcm aes kernel-libipsec kernel-netlink socket-default vici
    filelog {{
        stderr {{
            default = 1
        }}
    }}
    plugins {{
        vici {{
            socket = unix://{socket}
        }}
    }}
}}
swanctl {{
    load =
}}
"""

CONNECTION = """
connections {{
    peer {{
        version = 2
        local_addrs = {local}
        remote_addrs = {remote}
        proposals = aes256-sha256-ecp256
        rekey_time = 0
        local {{
            auth = psk
            id = {local}
        }}
        remote {{
            auth = psk
            id = {remote}
        }}
        children {{
            tunnel {{
                local_ts = {local_inner}/32
                remote_ts = {remote_inner}/32
                esp_proposals = aes256gcm16-ecp256
                rekey_time = 0
            }}
        }}
    }}
}}
secrets {{
    ike {{
        secret = "of the test"
    }}
}}
"""


class Tunnel:
    # IKE is in UDP 4500 too, behind four octets of zeros.
    DATA = "udp dport 4500 udp length > 16 @th,64,32 != 0"
    TARGET = INNER["right"]

    def __init__(self, network, directory):
        self.ends = {"left": network.left, "right": network.right}
        self.directory = directory

    def path(self, side, name):
        return self.directory / f"{side}.{name}"

    def swanctl(self, side, *arguments):
        """Returns what swanctl says, which must succeed."""
        settings = f"STRONGSWAN_CONF={self.path(side, 'settings')}"
        uri = ("--uri", f"unix://{self.path(side, 'socket')}")
        return self.ends[side].run("env", settings, "swanctl", *arguments, *uri)

    def write_settings(self, side, other):
        self.path(side, "settings").write_text(SETTINGS.format(socket=self.path(side, "socket")))
        ends = {"local": self.ends[side].address, "remote": self.ends[other].address}
        inner = {"local_inner": INNER[side], "remote_inner": INNER[other]}
        self.path(side, "connection").write_text(CONNECTION.format(**ends, **inner))

    def start(self, side):
        """Returns the context in which charon runs there."""
        end = self.ends[side]
        run("ip", "-n", end.interface, "addr", "add", f"{INNER[side]}/32", "dev", "lo")
        settings = f"STRONGSWAN_CONF={self.path(side, 'settings')}"
        return running(end, ["env", settings, CHARON], self.path(side, "log"), apart=True)

    def connect(self):
        for side in self.ends:
            await_ready(self.path(side, "socket").exists, "no charon", self.path(side, "log"))
            self.swanctl(side, "--load-all", "--file", self.path(side, "connection"))
        self.swanctl("left", "--initiate", "--child", "tunnel")

    def rekey(self):
        self.swanctl("left", "--rekey", "--child", "tunnel")
        await_ready(self.has_one_sa, "the old SA stays", self.path("left", "log"))

    def has_one_sa(self):
        return self.swanctl("left", "--list-sas", "--raw").count("state=INSTALLED") == 1


@contextlib.contextmanager
def tunnel(network, directory):
    made = Tunnel(network, pathlib.Path(directory))
    made.write_settings("left", "right")
    made.write_settings("right", "left")
    with made.start("left"), made.start("right"):
        made.connect()
        yield made
