# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Two hosts and a router between them, which drops some of the packets it forwards and counts them.

    with Routed() as network:
        network.router.watch("udp dport 4500")   # packets to count and drop, from left to right
        network.router.lose(20)                  # percent
        ...
        network.router.count("lost"), network.router.count("carried")

The three are network namespaces with no other traffic than that of the test. nftables in the router
counts: of the watched packets, `lost` were dropped and `carried` reached the right host; `datagrams`
counts all UDP that reached it, watched or not.
"""
import contextlib
import json
import os
import subprocess

from support.link import NO_IPV6, End, counter, entered, run

LEFT, RIGHT = "192.0.2.1", "198.51.100.1"
GATEWAYS = {LEFT: "192.0.2.254", RIGHT: "198.51.100.254"}
FORWARDING = "/proc/sys/net/ipv4/ip_forward"

RULES = """
table inet lossy {
    counter lost {}
    counter carried {}
    counter datagrams {}
    chain losing {}
    chain watched {
        jump losing
        counter name carried
    }
    chain forward {
        type filter hook forward priority filter
    }
    chain leaving {
        type filter hook postrouting priority filter
        oifname "right" meta l4proto udp counter name datagrams
    }
}
"""


class Router(End):
    def nft(self, rules):
        done = subprocess.run(
            self.command("nft", "-f", "-"), input=rules, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def watch(self, packets):
        """Counts, and may drop, packets to the right that match PACKETS, a match of nftables."""
        self.nft(f'add rule inet lossy forward iifname "left" {packets} jump watched')

    def lose(self, percent):
        """Drops this percentage of the watched packets, at random."""
        self.nft("flush chain inet lossy losing")
        if percent:
            chance = f"numgen random mod 100 < {percent}" if percent < 100 else ""
            self.nft(f"add rule inet lossy losing {chance} counter name lost drop")

    def count(self, name):
        """Returns the number of packets of the counter NAME."""
        shown = json.loads(self.run("nft", "-j", "list", "counter", "inet", "lossy", name))
        return next(item["counter"]["packets"] for item in shown["nftables"] if "counter" in item)


class Host(End):
    """One of the two hosts. Its interface has the same name as its namespace."""

    def __init__(self, name, address):
        super().__init__(name)
        self.address = address

    def ping(self, count, address):
        """Sends pings to ADDRESS, whether they are answered or not."""
        command = self.command("ping", "-q", "-c", count, "-i", "0.002", "-W", "0.2", address)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=False)

    def answers(self, address):
        command = self.command("ping", "-q", "-c", 1, "-W", 1, address)
        return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode == 0


class Routed:
    def __init__(self):
        number = next(counter)
        name = f"gwt{os.getpid()}"
        with contextlib.ExitStack() as undo:
            self.left = Host(f"{name}n{number}", LEFT)
            undo.callback(self.left.remove)
            self.right = Host(f"{name}f{number}", RIGHT)
            undo.callback(self.right.remove)
            self.router = Router(f"{name}r{number}")
            undo.callback(self.router.remove)
            self.join(self.left, "left")
            self.join(self.right, "right")
            with entered(self.router.interface), open(FORWARDING, "w", encoding="ascii") as switch:
                switch.write("1")
            self.router.nft(RULES)
            undo.pop_all()

    def join(self, host, name):
        """Makes a link between HOST and the router, where it is called NAME."""
        near, router = host.interface, self.router.interface
        for namespace in (near, router):
            with entered(namespace):
                NO_IPV6.write_text("1")
        veth = ["link", "add", near, "netns", near, "type", "veth"]
        run("ip", *veth, "peer", "name", name, "netns", router)
        for namespace, device, address in (
            (near, near, host.address),
            (router, name, GATEWAYS[host.address]),
        ):
            run("ip", "-n", namespace, "addr", "add", f"{address}/24", "dev", device)
            run("ip", "-n", namespace, "link", "set", device, "up")
            run("ip", "-n", namespace, "link", "set", "lo", "up")
        run("ip", "-n", near, "route", "add", "default", "via", GATEWAYS[host.address])

    def close(self):
        for end in (self.left, self.right, self.router):
            end.remove()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
