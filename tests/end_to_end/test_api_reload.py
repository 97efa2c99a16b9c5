# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""SIGHUP: the server reads token, certificate and key again, without closing its port."""
import http.client
import os
import signal
import ssl
import subprocess

import pytest

from conftest import TIMEOUT_SECONDS
from support import made_database as database
from support.server import Server, insecure_tls, wait_for

PATH = "/api/v1/stats/summary"


def make_pair(folder, algorithm=("ec", "-pkeyopt", "ec_paramgen_curve:P-256")):
    """Makes a certificate and its key in FOLDER. Replaces them at once, as certbot does."""
    names = [folder / "cert.pem", folder / "key.pem"]
    new = [name.with_suffix(".new") for name in names]
    command = ["openssl", "req", "-x509", "-newkey", *algorithm, "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    command += ["-out", new[0], "-keyout", new[1]]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
    for made, name in zip(new, names):
        made.rename(name)
    return names


def shown_by(server):
    return ssl.get_server_certificate((server.host, server.port), timeout=TIMEOUT_SECONDS)


def open_stream(server, token):
    """The answer to a request for the stream, which has begun."""
    connection = http.client.HTTPSConnection(server.host, server.port, timeout=TIMEOUT_SECONDS, context=insecure_tls())
    connection.request("GET", "/api/v1/stream", headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200
    return answer


class Reloading(Server):
    """A server with a token, a certificate and two workers."""

    def __init__(self, gapwatch, store, folder, *options, tls=None):
        self.folder = folder
        super().__init__(gapwatch.program, "--db", store, "--workers", 2, *options, tls=tls)

    def status(self, token):
        return self.get(PATH, authorization=f"Bearer {token}").status

    def reload(self):
        """Sends SIGHUP. Returns the line that the server says to it."""
        self.process.send_signal(signal.SIGHUP)
        while True:
            line = self.process.stderr.readline().decode()
            assert line, "the server has ended"
            if "reload" in line:
                return line


@pytest.fixture
def server(gapwatch, tmp_path):
    store, token = tmp_path / "store.db", tmp_path / "token"
    database.make(store, 5)
    token.write_text("first\n")
    token.chmod(0o600)
    certificate, key = make_pair(tmp_path)
    options = ("--token-file", token, "--tls-cert", certificate, "--tls-key", key)
    with Reloading(gapwatch, store, tmp_path, *options, tls=insecure_tls()) as running:
        yield running


def test_token_and_certificate_are_read_again(server):
    """Also by a worker that is started afterwards."""
    before, workers = shown_by(server), server.workers()
    stream = open_stream(server, "first")
    (server.folder / "token").write_text("second\n")
    certificate, _ = make_pair(server.folder)
    line = server.reload()
    assert line == "gapwatch: reloaded: token, certificate and key; other options need a restart\n"
    after = certificate.read_text()
    assert after != before
    # Each worker takes them within a second or two; one may answer all requests until then.
    wait_for(lambda: {shown_by(server) for _ in range(8)} == {after})
    wait_for(lambda: [server.status("first") for _ in range(8)] == [401] * 8)
    stream.read()  # to its end
    assert server.workers() == workers
    os.kill(workers[0], signal.SIGKILL)  # the last one holds the keys for Kore
    wait_for(lambda: workers[0] not in server.workers() and len(server.workers()) == len(workers))
    wait_for(lambda: {shown_by(server) for _ in range(8)} == {after})
    wait_for(lambda: [server.status("second") for _ in range(8)] == [200] * 8)


def test_what_is_wrong_changes_nothing(server):
    before, token, key = shown_by(server), server.folder / "token", server.folder / "key.pem"
    for wrong in (lambda: token.write_text("\n"), token.unlink):
        wrong()
        assert server.reload().startswith("gapwatch: cannot reload, nothing is changed: ")
    token.write_text("second\n")
    make_pair(server.folder, ("ed25519",))
    assert "neither of RSA nor of EC" in server.reload()
    kept = key.read_bytes()
    make_pair(server.folder)
    key.write_bytes(kept)
    assert "holds no key of that certificate" in server.reload()
    assert shown_by(server) == before
    assert server.status("first") == 200


def test_without_any_of_them_it_says_so(gapwatch, tmp_path):
    store = tmp_path / "store.db"
    database.make(store, 5)
    with Reloading(gapwatch, store, tmp_path) as running:
        assert "nothing, as there is neither a token nor a certificate" in running.reload()
        assert running.get(PATH).status == 200
