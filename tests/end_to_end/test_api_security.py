# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Security: who may ask the server, and what its workers can do to the machine."""
import base64
import contextlib
import http.client
import os
import pathlib
import shutil
import socket
import ssl
import subprocess

import pytest

from conftest import TIMEOUT_SECONDS
from support import made_database as database
from support.descriptors import open_files
from support.server import Server, insecure_tls, wait_for

TOKEN = "correct-horse-battery-staple"
DATA_PATHS = ("/", "/api/v1/flows", "/api/v1/stats/summary", "/api/v1/openapi.json", "/metrics")
DATA_PATHS += ("/nothing",)
EVERYWHERE = "0.0.0.0"
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops rights")
CAP_DAC_READ_SEARCH = 1 << 2


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("api-security") / "store.db"
    database.make(path, 150)
    return path


@pytest.fixture
def open_store(store, tmp_path):
    """The store in a directory that everybody may read."""
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)
    return pathlib.Path(shutil.copy(store, tmp_path / "store.db"))


def token_file(tmp_path, content=f"{TOKEN}\n"):
    path = tmp_path / "token"
    path.write_text(content)
    path.chmod(0o600)
    return path


def listening(port):
    """The addresses on which PORT is open, as hexadecimal of /proc/net/tcp."""
    lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
    places = [line.split()[1].split(":") for line in lines if line.split()[3] == "0A"]
    return {address for address, number in places if int(number, 16) == port}


class TestAddress:
    def test_loopback_unless_told_otherwise(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            assert listening(server.port) == {"0100007F"}

    @pytest.mark.parametrize("host", (EVERYWHERE, "::"))
    def test_another_needs_a_token(self, host, gapwatch, store):
        done = gapwatch.run("serve", "--db", store, "--host", host)
        said = done.stderr.decode()
        assert done.returncode == 2 and said.count("\n") == 1
        assert "--token-file" in said and "--allow-anonymous" in said

    def test_or_that_it_is_said_out_loud(self, gapwatch, store):
        options = ("--db", store, "--host", EVERYWHERE, "--allow-anonymous")
        with Server(gapwatch.program, *options) as server:
            assert listening(server.port) == {"00000000"}
            assert server.get("/api/v1/flows").status == 200

    @pytest.mark.parametrize("host", ("127.0.0.2", "::1"))
    def test_all_of_loopback_is_loopback(self, host, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--host", host, host=host) as server:
            assert server.get("/api/v1/flows").status == 200


class TestToken:
    @pytest.fixture
    def server(self, gapwatch, store, tmp_path):
        options = ("--db", store, "--host", EVERYWHERE, "--token-file", token_file(tmp_path))
        with Server(gapwatch.program, *options) as running:
            yield running

    def basic(self, text):
        return "Basic " + base64.b64encode(text.encode()).decode()

    def test_everything_but_health_needs_it(self, server):
        assert server.get("/health").status == 200
        for path in DATA_PATHS:
            for method in ("GET", "HEAD"):
                response = server.get(path, method)
                assert response.status == 401, path
                assert "Bearer" in response.headers["www-authenticate"]
            assert server.get(path).json()["error"] == "unauthorized"
            assert "etag" not in response.headers

    def test_the_right_one(self, server):
        for value in (f"Bearer {TOKEN}", f"bearer {TOKEN}", self.basic(f"anybody:{TOKEN}")):
            assert server.get("/api/v1/flows", Authorization=value).status == 200, value
            assert server.get("/nothing", Authorization=value).status == 404

    def test_a_wrong_one(self, server):
        wrong = ("", "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), TOKEN[1:], "\\0", TOKEN * 2)
        values = [f"Bearer {token}" for token in wrong if token]
        values += [self.basic(f"u:{token}") for token in wrong] + [self.basic(TOKEN)]
        values += [TOKEN, f"Token {TOKEN}", f"Bearer  {TOKEN}", "Basic", "Bearer", "Basic ====", "Basic"]
        for value in values:
            assert server.get("/api/v1/flows", Authorization=value).status == 401, value

    def test_its_file_is_not_open_in_a_worker(self, server, tmp_path):
        for pid in server.workers():
            assert not [name for name, _ in open_files(pid) if name.startswith(str(tmp_path / "token"))]

    def test_it_is_on_no_command_line_nor_in_an_environment(self, server):
        for pid in (server.process.pid, *server.workers()):
            for name in ("cmdline", "environ"):
                assert TOKEN.encode() not in pathlib.Path(f"/proc/{pid}/{name}").read_bytes()

    @pytest.mark.parametrize("content", ("", "\n", "two words\n", "t\x01\n", "x" * 257, "\nsecond\n"))
    def test_a_file_that_holds_none(self, content, gapwatch, store, tmp_path):
        path = token_file(tmp_path, content)
        done = gapwatch.run("serve", "--db", store, "--token-file", path)
        assert done.returncode == 1 and str(path) in done.stderr.decode()

    def test_a_file_that_is_not_there(self, gapwatch, store, tmp_path):
        done = gapwatch.run("serve", "--db", store, "--token-file", tmp_path / "none")
        assert done.returncode == 1 and "No such file" in done.stderr.decode()


def status_for(server, host):
    return server.raw(f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())[9:12].decode()


class TestRebinding:
    """A page of another site whose name leads to this machine must not read the API."""

    OTHERS = ("evil.example", "evil.example:3000", "localhost.evil.example", "192.168.0.1", "[::2]")
    OWN = ("localhost", "localhost:3000", "127.0.0.1", "127.8.8.8", "[::1]:3000", "LocalHost")

    def test_only_own_names_are_answered(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            assert {status_for(server, host) for host in self.OTHERS} == {"421"}
            assert {status_for(server, host) for host in self.OWN} == {"200"}

    def test_the_name_of_a_proxy(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--server-name", "gap.example") as server:
            assert status_for(server, "GAP.example:8080") == "200"
            assert status_for(server, "evil.example") == "421"

    def test_a_token_protects_by_itself(self, gapwatch, store, tmp_path):
        with Server(gapwatch.program, "--db", store, "--token-file", token_file(tmp_path)) as server:
            assert status_for(server, "evil.example") == "200"

    def test_anonymous_everywhere_is_the_choice_of_who_starts_it(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--host", EVERYWHERE, "--allow-anonymous") as server:
            assert status_for(server, "sensor.example") == "200"


def test_a_token_that_others_can_read_is_told_of(gapwatch, store, tmp_path):
    path = token_file(tmp_path)
    for mode, is_told in ((0o604, True), (0o640, False)):
        path.chmod(mode)
        with Server(gapwatch.program, "--db", store, "--token-file", path) as server:
            said = server.stop()[2].decode()
        assert (f"every user can read {path}" in said) == is_told


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    names = (folder / "cert.pem", folder / "key.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        + ["-out", names[0], "-keyout", names[1]],
        check=True,
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
    )
    return names


class TestTls:
    def options(self, store, certificate):
        return ("--db", store, "--tls-cert", certificate[0], "--tls-key", certificate[1])

    def test_https(self, gapwatch, store, certificate):
        trusting = ssl.create_default_context(cafile=certificate[0])
        options = self.options(store, certificate)
        with Server(gapwatch.program, *options, host="localhost", tls=trusting) as server:
            response = server.get("/api/v1/flows")
            assert response.status == 200 and len(response.json()["flows"]) == 100
            assert response.headers["strict-transport-security"] == "max-age=31536000"
            assert server.get("/health", "POST").status == 405
            server.tls = None
            with pytest.raises((OSError, http.client.HTTPException)):
                server.get("/health")
            code, _, said = server.stop()
        assert code == 0 and b" on https://" in said

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
    def test_old_versions_are_refused(self, gapwatch, store, certificate):
        with Server(gapwatch.program, *self.options(store, certificate), tls=insecure_tls()) as server:
            old = insecure_tls()
            old.set_ciphers("ALL:@SECLEVEL=0")
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
            with socket.create_connection((server.host, server.port)) as connection:
                with pytest.raises(OSError):
                    old.wrap_socket(connection)

    @pytest.mark.parametrize("seconds, header", (("0", None), ("600", "max-age=600")))
    def test_hsts_is_an_option(self, seconds, header, gapwatch, store, certificate):
        options = (*self.options(store, certificate), "--hsts", seconds)
        with Server(gapwatch.program, *options, tls=insecure_tls()) as server:
            assert server.get("/health").headers["strict-transport-security"] == header

    @pytest.mark.parametrize("cipher", ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"))
    def test_old_ciphers_are_refused(self, cipher, gapwatch, store, certificate):
        with Server(gapwatch.program, *self.options(store, certificate), tls=insecure_tls()) as server:
            old, modern = insecure_tls(), insecure_tls()
            old.set_ciphers(f"{cipher}:@SECLEVEL=0")
            modern.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
            old.maximum_version = modern.maximum_version = ssl.TLSVersion.TLSv1_2
            with socket.create_connection((server.host, server.port)) as connection:
                with pytest.raises(OSError):
                    old.wrap_socket(connection)
            with socket.create_connection((server.host, server.port)) as connection:
                modern.wrap_socket(connection).close()

    @pytest.mark.parametrize("algorithm", ("rsa:2048", "ec", "ed25519"))
    def test_a_key_of_another_certificate(self, algorithm, gapwatch, store, certificate, tmp_path):
        """Of the same type, and of others, which OpenSSL would not compare."""
        curve = ["-pkeyopt", "ec_paramgen_curve:P-256"] if algorithm == "ec" else []
        command = ["openssl", "req", "-x509", "-newkey", algorithm, *curve, "-nodes", "-subj", "/CN=x"]
        command += ["-out", tmp_path / "cert.pem", "-keyout", tmp_path / "key.pem"]
        subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
        done = gapwatch.run("serve", "--db", store, "--tls-cert", certificate[0], "--tls-key",
                            tmp_path / "key.pem")
        assert done.returncode == 1 and b"key.pem holds no key of that certificate" in done.stderr

    def test_a_key_that_others_can_read(self, gapwatch, store, certificate, tmp_path):
        key = pathlib.Path(shutil.copy(certificate[1], tmp_path / "key.pem"))
        for mode, words in ((0o644, "every user can read"), (0o640, "")):
            key.chmod(mode)
            options = self.options(store, (certificate[0], key))
            with Server(gapwatch.program, *options, tls=insecure_tls()) as server:
                said = server.stop()[2].decode()
            assert ("every user can read" in said) == bool(words), said

    def test_plain_http_has_no_hsts(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            assert "strict-transport-security" not in server.get("/health").headers

    @pytest.mark.parametrize("given", ("--tls-cert", "--tls-key"))
    def test_both_or_none(self, given, gapwatch, store, certificate):
        done = gapwatch.run("serve", "--db", store, given, certificate[0])
        assert done.returncode == 2 and b"together" in done.stderr

    def test_a_file_that_is_not_there(self, gapwatch, store, certificate, tmp_path):
        options = ("--tls-cert", certificate[0], "--tls-key", tmp_path / "none.pem")
        done = gapwatch.run("serve", "--db", store, *options)
        assert done.returncode == 1 and b"none.pem" in done.stderr

    @pytest.mark.parametrize("which", (0, 1))
    def test_a_file_that_is_none(self, which, gapwatch, store, certificate, tmp_path):
        wrong = tmp_path / "wrong.pem"
        wrong.write_text("not PEM\n")
        files = [*certificate]
        files[which] = wrong
        done = gapwatch.run("serve", "--db", store, "--tls-cert", files[0], "--tls-key", files[1])
        said = done.stderr.decode()
        assert done.returncode == 1 and "wrong.pem" in said and said.count("\n") == 1


class TestHeaders:
    PAGE_POLICY = {"default-src 'none'", "script-src 'self'", "style-src 'self'"}

    @pytest.fixture(scope="class")
    def server(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as running:
            yield running

    @pytest.mark.parametrize("path", (*DATA_PATHS, "/health", "/api/v1/flows?limit=0"))
    def test_sent_with_everything(self, path, server):
        headers = server.get(path).headers
        policy = {part.strip() for part in headers["content-security-policy"].split(";")}
        assert self.PAGE_POLICY < policy and "frame-ancestors 'none'" in policy
        assert not {word for part in policy for word in part.split() if word.startswith("'unsafe")}
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "kore" not in headers["server"].lower()

    def test_the_page_has_nothing_inline(self, server):
        page = server.get("/").body.decode()
        assert "<style" not in page and " style=" not in page and " on" not in page.split("<body")[0]
        assert "<script>" not in page and "http://" not in page and "https://" not in page

    def test_other_sites_may_not_read(self, server):
        response = server.get("/api/v1/flows", Origin="https://example.org")
        assert not [name for name in response.headers if name.startswith("access-control")]


class TestCors:
    ORIGIN = "https://dashboard.example.org"

    def test_one_site_may_read(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--cors-origin", self.ORIGIN) as server:
            response = server.get("/api/v1/flows", Origin=self.ORIGIN)
            assert response.headers["access-control-allow-origin"] == self.ORIGIN
            assert "origin" in response.headers["vary"]
            asked = {"Access_Control_Request_Method": "GET", "Origin": self.ORIGIN}
            preflight = server.get("/api/v1/flows", "OPTIONS", **asked)
            assert (preflight.status, preflight.body) == (204, b"")
            assert "GET" in preflight.headers["access-control-allow-methods"]
            assert "authorization" in preflight.headers["access-control-allow-headers"]
            assert "access-control-allow-credentials" not in preflight.headers
            assert server.get("/api/v1/flows", "POST").status == 405

    @pytest.mark.parametrize("origin", ("", "example.org", "https://a b", "https://a\nX: y", "null,*"))
    def test_wrong(self, origin, gapwatch, store):
        done = gapwatch.run("serve", "--db", store, "--cors-origin", origin)
        assert done.returncode == 2 and b"--cors-origin" in done.stderr


def status_of(pid):
    """The kernel's status of a worker that has entered its sandbox."""

    def status():
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    wait_for(lambda: status()["Seccomp"] == "2")
    return status()


PARENT_CAPABILITIES = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 18  # kill, setgid, setuid, chroot


class TestSandbox:
    @AS_ROOT
    def test_the_parent_keeps_what_it_needs_for_workers(self, gapwatch, open_store):
        with Server(gapwatch.program, "--db", open_store) as server:
            lines = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            status = dict(line.split(":\t", 1) for line in lines.splitlines() if ":\t" in line)
            assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == PARENT_CAPABILITIES
            victim = server.workers()[0]
            os.kill(victim, 9)
            wait_for(lambda: len(set(server.workers()) - {victim}) == 2)
            assert server.get("/api/v1/flows").status == 200

    def test_seccomp_and_no_new_rights(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            for pid in server.workers():
                status = status_of(pid)
                assert status["NoNewPrivs"] == "1"

    @AS_ROOT
    def test_workers_are_nobody_without_any_right(self, gapwatch, open_store):
        with Server(gapwatch.program, "--db", open_store) as server:
            assert server.get("/api/v1/flows").status == 200
            for pid in server.workers():
                status = status_of(pid)
                assert set(status["Uid"].split()) == {"65534"}
                assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0
                assert os.readlink(f"/proc/{pid}/root") == str(open_store.parent)

    @AS_ROOT
    def test_another_user(self, gapwatch, open_store):
        with Server(gapwatch.program, "--db", open_store, "--user", "daemon") as server:
            assert {status_of(pid)["Uid"].split()[1] for pid in server.workers()} == {"1"}

    @AS_ROOT
    @pytest.mark.parametrize("writer_is_there", (False, True))
    def test_of_what_only_root_may_read_nothing_but_reading_is_kept(
        self, writer_is_there, gapwatch, open_store
    ):
        open_store.parent.chmod(0o700)
        open_store.chmod(0o600)
        with contextlib.ExitStack() as stack:
            if writer_is_there:
                writer = database.sqlite3.connect(open_store)
                stack.enter_context(contextlib.closing(writer))
                writer.execute("UPDATE captures SET drops = 9")
                writer.commit()
            server = stack.enter_context(Server(gapwatch.program, "--db", open_store))
            assert server.api("flows")["total"] == 151
            for pid in server.workers():
                status = status_of(pid)
                assert set(status["Uid"].split()) == {"65534"}
                assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == CAP_DAC_READ_SEARCH
                assert int(status["CapInh"], 16) == 0

    def test_nothing_is_open_for_writing(self, gapwatch, store):
        """Except sockets, pipes, the terminal, and Kore's own files in memory."""
        with Server(gapwatch.program, "--db", store) as server:
            server.api("flows")
            for pid in server.workers():
                for target, description in open_files(pid):
                    flags = int(description.split("flags:")[1].split()[0], 8)
                    if target.startswith("/") and not target.startswith(("/memfd:", "/dev/")):
                        assert flags & os.O_ACCMODE == os.O_RDONLY, target

    def test_the_database_is_never_touched(self, gapwatch, open_store):
        """Nor is a file made beside it, even when its directory is writable."""
        open_store.parent.chmod(0o777)
        before = open_store.read_bytes(), open_store.stat().st_mtime_ns
        with Server(gapwatch.program, "--db", open_store) as server:
            for path in ("flows", "gaps", "captures", "intervals", "stats/summary"):
                assert server.get(f"/api/v1/{path}").status == 200
            assert os.listdir(open_store.parent) == [open_store.name]
        assert (open_store.read_bytes(), open_store.stat().st_mtime_ns) == before
        assert os.listdir(open_store.parent) == [open_store.name]
