# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`gapwatch serve` from start to end, with databases that appear, disappear, are written and
locked."""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import time

import pytest

from conftest import TIMEOUT_SECONDS
from support import made_database as database
from support.descriptors import open_files
from support.server import STOP_SECONDS, Server, free_port, is_running, wait_for

DONE, FAILED, USAGE = 0, 1, 2


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("api-lifecycle") / "store.db"
    database.make(path, 30)
    return path


def refused(gapwatch, *options, code=FAILED, **more):
    """Asserts that serve does not start, with one line on stderr that says why. Returns that line.
    """
    done = gapwatch.run("serve", *options, **more)
    text = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b""), text
    assert text.count("\n") == 1 and text.startswith("gapwatch: "), text
    return text


class TestStart:
    def test_says_where_it_serves(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            code, printed, said = server.stop()
        assert (code, printed) == (DONE, b"")
        assert said.decode() == f"gapwatch: serving {store} on http://127.0.0.1:{server.port}/\n"

    def test_quiet(self, gapwatch, store):
        with Server(gapwatch.program, "--quiet", "--db", store) as server:
            assert server.stop() == (DONE, b"", b"")

    @pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
    def test_stops(self, number, gapwatch, store):
        with Server(gapwatch.program, "--quiet", "--db", store) as server:
            workers = server.workers()
            assert server.stop(number) == (DONE, b"", b"")
        assert workers and not any(map(is_running, workers))
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", server.port))

    def test_stops_when_its_workers_end_first(self, gapwatch, store):
        """A terminal and systemd send the signal to all processes, and a worker may be quicker."""
        with Server(gapwatch.program, "--quiet", "--db", store) as server:
            workers = server.workers()
            server.process.send_signal(signal.SIGSTOP)
            for pid in (server.process.pid, *workers):
                os.kill(pid, signal.SIGTERM)
            wait_for(lambda: not any(map(is_running, workers)))
            assert server.stop(signal.SIGCONT) == (DONE, b"", b"")

    @pytest.mark.parametrize("seconds", (0, 0.003, 0.01, 0.03))
    def test_stops_while_it_starts(self, seconds, gapwatch, store):
        """A worker that has just been started must not miss the signal."""
        command = (gapwatch.program, "serve", "--db", store, "--port", str(free_port()))
        with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE) as process:
            assert b"serving" in process.stderr.readline()
            time.sleep(seconds)
            process.terminate()
            try:
                assert process.wait(STOP_SECONDS) == DONE
            finally:
                process.kill()

    def test_nothing_outlives_a_kill(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            workers = server.workers()
            server.process.kill()
            wait_for(lambda: not any(map(is_running, workers)))

    def test_a_worker_that_dies_is_replaced(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store) as server:
            before = server.workers()
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            wait_for(lambda: len(server.workers()) == 2 and not set(before) & set(server.workers()))
            assert server.api("flows")["total"] == 31

    def test_leaves_no_file(self, gapwatch, store, tmp_path):
        before = set(os.listdir(store.parent))
        with Server(gapwatch.program, "--db", store) as server:
            server.api("flows")
        assert set(os.listdir(store.parent)) == before and not os.listdir(tmp_path)

    def test_workers(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--workers", 3) as server:
            assert len(server.workers()) == 3

    def test_installed(self, gapwatch, store, tmp_path):
        """bin/gapwatch finds lib/gapwatch/gapwatch_api.so, also through a symbolic link."""
        (tmp_path / "bin").mkdir()
        (tmp_path / "lib/gapwatch").mkdir(parents=True)
        shutil.copy(gapwatch.program, tmp_path / "bin")
        shutil.copy(gapwatch.program.parent / "gapwatch_api.so", tmp_path / "lib/gapwatch")
        (tmp_path / "link").symlink_to(tmp_path / "bin/gapwatch")
        with Server(tmp_path / "link", "--db", store) as server:
            assert server.api("flows")["total"] == 31

    def test_a_name_is_resolved(self, gapwatch, store):
        with Server(gapwatch.program, "--db", store, "--host", "localhost") as server:
            assert server.json("/health")["status"] == "ok"


class TestRefused:
    def test_no_database(self, gapwatch):
        assert "--db" in refused(gapwatch, code=USAGE)

    def test_an_operand(self, gapwatch, store):
        assert "'extra'" in refused(gapwatch, "--db", store, "extra", code=USAGE)

    @pytest.mark.parametrize("name", ("port", "workers", "metrics-top"))
    @pytest.mark.parametrize("value", ("", "x", "-1", "99999"))
    def test_numbers(self, name, value, gapwatch, store):
        assert f"--{name}" in refused(gapwatch, "--db", store, f"--{name}", value, code=USAGE)

    def test_port_taken(self, gapwatch, store):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            line = refused(gapwatch, "--db", store, "--port", port)
        assert str(port) in line and "in use" in line

    def test_no_such_host(self, gapwatch, store):
        assert "no.such.invalid" in refused(gapwatch, "--db", store, "--host", "no.such.invalid")

    def test_no_such_directory(self, gapwatch, tmp_path):
        assert "No such file" in refused(gapwatch, "--db", tmp_path / "no/store.db")
        assert "directory" in refused(gapwatch, "--db", f"{tmp_path}/")

    def test_no_kore(self, gapwatch, store, tmp_path):
        line = refused(gapwatch, "--db", store, env={**os.environ, "PATH": str(tmp_path)})
        assert "Kore is not installed" in line

    def test_no_module(self, gapwatch, store, tmp_path):
        program = shutil.copy(gapwatch.program, tmp_path)
        assert "gapwatch_api.so" in refused(gapwatch, "--db", store, program=program)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root runs as another user")
    @pytest.mark.parametrize("user", ("no-such-user", "root"))
    def test_user(self, user, gapwatch, store):
        assert "user" in refused(gapwatch, "--db", store, "--user", user)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
    def test_a_file_that_may_not_be_read(self, gapwatch, store, tmp_path):
        """Run as a user who is not root and cannot read the file."""
        tmp_path.chmod(0o755)
        copy = tmp_path / "store.db"
        shutil.copy(store, copy)
        copy.chmod(0o600)
        program = copy_program(gapwatch)
        try:
            line = refused(gapwatch, "--db", copy, program=program, user="nobody", extra_groups=[])
        finally:
            shutil.rmtree(program.parent)
        assert "Permission denied" in line and str(copy) in line

    def test_a_directory(self, gapwatch, tmp_path):
        assert "directory" in refused(gapwatch, "--db", tmp_path)

    def test_a_fifo(self, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        os.mkfifo(path)
        assert "no regular file" in refused(gapwatch, "--db", path)

    @pytest.mark.parametrize("content", (b"x", b"notes\n" * 1000))
    def test_a_text_file(self, content, gapwatch, tmp_path):
        path = tmp_path / "notes.txt"
        path.write_bytes(content)
        assert "not an SQLite database" in refused(gapwatch, "--db", path)

    def test_a_link_to_nothing(self, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        path.symlink_to(tmp_path / "missing.db")
        assert "symbolic link" in refused(gapwatch, "--db", path)


def copy_program(gapwatch):
    """Copies the program and its module to where every user can run them. The caller removes the
    directory."""
    place = pathlib.Path("/var/tmp") / f"gapwatch-{os.getpid()}"
    place.mkdir(mode=0o755)
    shutil.copy(gapwatch.program, place)
    shutil.copy(gapwatch.program.parent / "gapwatch_api.so", place)
    return place / "gapwatch"


class TestConfig:
    def write(self, tmp_path, content):
        path = tmp_path / "config.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def test_takes_the_place_of_options(self, gapwatch, store, tmp_path):
        port = free_port()
        config = {"database": {"path": str(store)}, "server": {"host": "127.0.0.1", "port": port}}
        path = self.write(tmp_path, {**config, "workers": 1, "quiet": True, "metrics-top": 3})
        with Server(gapwatch.program, "--config", path, port=port) as server:
            assert server.api("flows")["total"] == 31 and len(server.workers()) == 1
            metrics = server.get("/metrics").body.decode()
            assert metrics.count("gapwatch_flow_bytes_total{") == 3
            assert server.stop() == (DONE, b"", b"")

    def test_options_win(self, gapwatch, store, tmp_path):
        path = self.write(tmp_path, {"server": {"port": 1}, "db": "/no/such.db", "workers": 7})
        options = ("--config", path, "--db", store, "--workers", "1")
        with Server(gapwatch.program, *options) as server:
            assert server.api("flows")["total"] == 31 and len(server.workers()) == 1

    @pytest.mark.parametrize(
        "content, words",
        (
            ({"port": "3000"}, "port"),
            ({"server": {"prot": 1}}, "server.prot"),
            ({"servers": {"port": 1}}, "servers"),
            ({"server": 3000}, "server"),
            ({"server": {"port": 70000}}, "server.port"),
            ({"server": {"port": 3000.5}}, "server.port"),
            ({"database": {"path": ["a"]}}, "database.path"),
            ({"quiet": 1}, "quiet"),
            ({"allow-anonymous": "yes"}, "allow-anonymous"),
            ({"config": "other.json"}, "config"),
            ({"help": True}, "help"),
            ({"db": None}, "db"),
            ({"db": "x" * 9000}, "db"),
            ([], "object"),
            ("{", "JSON"),
            ("", "JSON"),
            ("{} {}", "JSON"),
            ("\0", "JSON"),
            (" " * 70000, "65536"),
        ),
        ids=lambda value: str(value)[:30],
    )
    def test_wrong(self, content, words, gapwatch, tmp_path):
        path = self.write(tmp_path, content)
        line = refused(gapwatch, "--config", path, code=FAILED if "65536" in words else USAGE)
        assert words in line and str(path) in line

    def test_unreadable(self, gapwatch, tmp_path):
        assert "No such file" in refused(gapwatch, "--config", tmp_path / "none.json")
        assert "directory" in refused(gapwatch, "--config", tmp_path)


def remove(path):
    for suffix in ("", "-wal", "-shm"):
        pathlib.Path(f"{path}{suffix}").unlink(missing_ok=True)


def holders(server, path):
    """The workers that have PATH open, even when it was removed."""
    return [
        pid
        for pid in server.workers()
        if any(name.removesuffix(" (deleted)").endswith(f"/{path.name}") for name, _ in open_files(pid))
    ]


class TestDatabase:
    """503 in JSON while there is nothing to read, and the answer as soon as there is."""

    def unavailable(self, server):
        response = server.get("/api/v1/flows")
        assert response.status == 503 and response.json()["error"] == "unavailable"
        assert response.headers["retry-after"] and response.headers["cache-control"] == "no-store"
        assert server.json("/health")["status"] == "ok" and server.get("/metrics").status == 503
        return response.json()["message"]

    def test_comes_later(self, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        with Server(gapwatch.program, "--db", path) as server:
            assert "No such file" in self.unavailable(server)
            path.write_bytes(b"")
            assert "version 0" in self.unavailable(server)
            path.unlink()
            with contextlib.closing(database.create(path)):
                assert "no capture" in self.unavailable(server)
                assert server.api("captures")["captures"] == []
            remove(path)
            database.make(path, 20)
            assert server.api("flows")["total"] == 21

    def test_behind_symbolic_links(self, gapwatch, tmp_path):
        """In another directory, which the workers cannot see."""
        there, here = tmp_path / "there", tmp_path / "here"
        there.mkdir()
        here.mkdir()
        database.make(there / "real.db", 20)
        (here / "second.db").symlink_to("../there/real.db")
        (here / "store.db").symlink_to(here / "second.db")
        with Server(gapwatch.program, "--db", here / "store.db") as server:
            assert server.api("flows")["total"] == 21

    def test_is_let_go_when_it_was_removed(self, gapwatch, tmp_path):
        """A new database of the same name would otherwise meet the locks of the old one's log."""
        path = tmp_path / "store.db"
        with contextlib.closing(database.create(path)) as writer:
            database.add_capture(writer, [], [])
            with Server(gapwatch.program, "--db", path) as server:
                assert server.api("flows")["total"] == 0
                assert holders(server, path)  # which one answers is for the kernel to say
                writer.close()
                path.unlink()
                wait_for(lambda: not holders(server, path))
                database.make(path, 20)
                assert server.api("flows")["total"] == 21

    def test_goes_and_another_comes(self, gapwatch, tmp_path):
        path, other = tmp_path / "store.db", tmp_path / "other.db"
        database.make(path, 20)
        database.make(other, 40)
        with Server(gapwatch.program, "--db", path) as server:
            assert server.api("flows")["total"] == 21
            before = server.get("/api/v1/flows").headers["etag"]
            os.rename(other, path)
            assert [server.api("flows")["total"] for _ in range(8)] == [41] * 8
            assert server.get("/api/v1/flows", If_None_Match=before).status == 200
            path.unlink()
            assert "No such file" in self.unavailable(server)
            for name in ("store.db", "store.db-wal", "store.db-journal"):
                os.mkfifo(tmp_path / name)  # without a writer: whoever opens it waits
                assert "not a regular file" in self.unavailable(server)
                (tmp_path / name).unlink()
                if not path.exists():
                    database.make(path, 20)

    @pytest.mark.parametrize(
        "content", (b"SQLite format 3\0", b"SQLite format 3\0 but no database at all" * 100)
    )
    def test_is_none(self, content, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        path.write_bytes(content)
        with Server(gapwatch.program, "--db", path) as server:
            self.unavailable(server)

    def test_is_damaged(self, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        database.make(path, 300)
        octets = bytearray(path.read_bytes())
        for place in range(8192, len(octets) - 64, 4096):
            octets[place : place + 64] = os.urandom(64)
        path.write_bytes(octets)
        with Server(gapwatch.program, "--db", path) as server:
            for route in ("flows", "gaps", "captures", "intervals", "stats/summary"):
                assert server.get(f"/api/v1/{route}").status in (200, 503)
            assert len(server.workers()) == 2

    @pytest.mark.parametrize("version", (0, 1, 77))
    def test_of_another_schema(self, version, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        database.make(path, 3)
        with contextlib.closing(sqlite3.connect(path)) as made:
            made.execute(f"PRAGMA user_version = {version}")
            made.commit()
        with Server(gapwatch.program, "--db", path) as server:
            assert f"version {version}" in self.unavailable(server)

    def test_locked(self, gapwatch, tmp_path):
        """In rollback journal mode a writer locks out readers."""
        path = tmp_path / "store.db"
        database.make(path, 20, journal="delete")
        with Server(gapwatch.program, "--db", path) as server:
            assert server.api("flows")["total"] == 21
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
                writer.execute("BEGIN EXCLUSIVE")
                response = server.get("/api/v1/flows?offset=1")
                assert response.status == 503 and "locked" in response.json()["message"]
                writer.execute("ROLLBACK")
            assert server.api("flows", offset=1)["total"] == 21

    @pytest.mark.parametrize("begun", ("before", "after"))
    def test_is_written_to(self, begun, gapwatch, tmp_path):
        """The next answer contains a writer's commit, whichever started first, also after the
        writer ended."""
        path = tmp_path / "store.db"
        database.make(path, 20)
        with contextlib.ExitStack() as stack:
            server = Server(gapwatch.program, "--db", path)
            if begun == "after":
                stack.enter_context(server)
                assert server.api("flows")["total"] == 21
            writer = stack.enter_context(
                contextlib.closing(sqlite3.connect(path, isolation_level=None))
            )
            writer.execute("UPDATE captures SET total_flows = 22")
            if begun == "before":
                stack.enter_context(server)
            tags = set()
            for total in range(100, 120):
                writer.execute("UPDATE captures SET total_flows = ?", (total,))
                responses = [server.get("/api/v1/flows") for _ in range(4)]
                assert [response.json()["total"] for response in responses] == [total] * 4
                tags.add(responses[0].headers["etag"])
            assert len(tags) == 20
            writer.execute("BEGIN IMMEDIATE")
            writer.execute("UPDATE captures SET total_flows = 500")
            assert server.api("flows", offset=3)["total"] == 119, "readers do not wait for a writer"
            writer.execute("COMMIT")
            writer.close()
            assert server.api("flows")["total"] == 500

    def test_its_writer_was_killed(self, gapwatch, tmp_path):
        """A killed writer leaves a log. A worker that cannot repair it answers from it."""
        path = tmp_path / "store.db"
        database.make(path, 20)
        script = (
            "import os, signal, sqlite3, sys\n"
            "made = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
            "made.execute('UPDATE captures SET total_flows = 999')\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        done = subprocess.run(
            ["/usr/bin/python3", "-c", script, path], check=False, timeout=TIMEOUT_SECONDS
        )
        assert done.returncode == -signal.SIGKILL
        assert pathlib.Path(f"{path}-wal").stat().st_size > 0
        with Server(gapwatch.program, "--db", path) as server:
            assert server.api("flows")["total"] == 999
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
                writer.execute("UPDATE captures SET total_flows = 1000")
                assert server.api("flows")["total"] == 1000
        with contextlib.closing(sqlite3.connect(path)) as reader:
            assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)

    def test_a_reader_never_blocks_a_checkpoint(self, gapwatch, tmp_path):
        path = tmp_path / "store.db"
        database.make(path, 20)
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("UPDATE captures SET total_flows = 30")
            with Server(gapwatch.program, "--db", path) as server:
                assert server.api("flows")["total"] == 30
                busy, log, done = writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                assert busy == 0 and log == done
                assert server.api("flows", offset=1)["total"] == 30
