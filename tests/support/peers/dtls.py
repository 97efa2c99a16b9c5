# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""DTLS 1.2 of OpenSSL: s_server and s_client, which sends a datagram for each line of its input."""
import contextlib
import subprocess
import time

from support.peers import await_ready, running
from support.peers.openvpn import make_certificate

PORT = 4433


class Tunnel:
    DATA = f"udp dport {PORT}"

    def __init__(self, client, log):
        self.client = client
        self.log = log

    def send(self, count):
        """Sends COUNT lines, each in a datagram."""
        for number in range(count):
            self.client.stdin.write(b"%d\n" % number)
            self.client.stdin.flush()
            time.sleep(0.002)


@contextlib.contextmanager
def tunnel(network, directory):
    make_certificate(directory, "right")
    files = ("-cert", directory / "right.pem", "-key", directory / "right.key")
    serve = ("openssl", "s_server", "-dtls1_2", "-accept", PORT, *files)
    connect = ("openssl", "s_client", "-dtls1_2", "-connect", f"{network.right.address}:{PORT}", "-quiet")
    log = directory / "server.log"
    # The server ends when its input does.
    with running(network.right, [*map(str, serve)], log, stdin=subprocess.PIPE):
        await_ready(lambda: "ACCEPT" in log.read_text(), "no s_server", log)
        command = network.left.command(*map(str, connect))
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as client:
            await_ready(lambda: "CIPHER" in log.read_text(), "no handshake", log)
            try:
                yield Tunnel(client, log)
            finally:
                client.kill()
