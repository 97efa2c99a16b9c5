# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`gapwatch ship`, against a server that records its requests, and to files."""
import base64
import concurrent.futures
import contextlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import sqlite3
import ssl
import subprocess
import time

import pytest

from conftest import ROOT
from model.frames import capture
from model.streams import frames
from support.database import value
from support.feeding import feeding, wait_until_stored
from support.shipping import Recorder, assert_same, by_key, rows_of
from support.waiting import PATIENCE_SECONDS, wait_until

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
FAILED, USAGE = 1, 2


@pytest.fixture(scope="module", name="made")
def fixture_made(gapwatch, tmp_path_factory):
    """A database of two captures, of the sample and of random streams with gaps and events."""
    folder = tmp_path_factory.mktemp("made")
    path, stream = folder / "results.db", folder / "stream.pcap"
    stream.write_bytes(capture(frames(random.Random(5), 32, 40, 500)))
    gapwatch.analyze("--db", path, SAMPLE)
    gapwatch.analyze("--db", path, stream)
    assert value(path, "SELECT count(*) FROM sequence_gaps") > 100
    return path


@pytest.fixture(name="database")
def fixture_database(made, tmp_path):
    """A copy of it."""
    return pathlib.Path(shutil.copy(made, tmp_path))


def ship(gapwatch, database, url, *options, code=0):
    done = gapwatch.run("ship", "--db", database, "--to", url, "--once", *options)
    assert (done.returncode, done.stdout) == (code, b""), done.stderr
    return done.stderr.decode()


def answer(status, body=b"", headers="", length=None):
    """A function that writes an answer to a file."""
    length = len(body) if length is None else length
    head = f"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{headers}\r\n".replace("\r\n\r\n", "\r\n")
    return lambda file: file.write(head.encode() + b"\r\n" + body)


@contextlib.contextmanager
def shipping(gapwatch, database, url, **how):
    """A process that ships until the end of the context. HOW is for Popen."""
    command = [gapwatch.program, "ship", "--db", database, "--to", url]
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, **how)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)
        process.stderr.close()


class TestHttp:
    def test_rows_are_those_of_the_database(self, gapwatch, database):
        with Recorder() as server:
            said = ship(gapwatch, database, server.url, "--sensor", 'north "1"')
        assert said == f"gapwatch: shipping {database} to {server.url}\n"
        assert_same(database, server.rows.get)
        uuid = value(database, "SELECT uuid FROM store")
        for rows in server.rows.values():
            assert all((row["sensor"], row["store"]) == ('north "1"', uuid) for row in rows)
        for path, headers in server.requests[1:]:
            assert headers["Content-Encoding"] == "gzip" and "database=gapwatch" in path
            assert "insert_deduplication_token" not in path

    @pytest.mark.parametrize("octet, found", ((b"\1", "\1"), (b"\xff", "\ufffd"), (b'"', '"')))
    def test_a_long_name_of_odd_octets(self, octet, found, gapwatch, database):
        with Recorder() as server:
            ship(gapwatch, database, server.url, "--sensor", os.fsdecode(octet * 255))
        assert_same(database, server.rows.get)
        assert {row["sensor"] for row in server.rows["flows"]} == {found * 255}

    def test_a_name_that_may_not_be_in_json(self, gapwatch, database):
        with Recorder() as server:
            ship(gapwatch, database, server.url)
        assert {row["sensor"] for row in server.rows["flows"]} == {os.uname().nodename}

    def test_nothing_is_shipped_again(self, gapwatch, database):
        with Recorder() as server:
            ship(gapwatch, database, server.url)
            before = len(server.inserts)
            ship(gapwatch, database, server.url)
            assert len(server.inserts) == before
            gapwatch.analyze("--db", database, SAMPLE)
            ship(gapwatch, database, server.url)
            assert {row["capture_id"] for row in server.rows["flows"][-2:]} == {3}
            assert len(server.rows["flows"]) == value(database, "SELECT count(*) FROM flows")
        assert_same(database, server.rows.get)

    def test_a_part_of_the_samples(self, gapwatch, database):
        """Of the same numbers, wherever they were seen; the other tables are whole."""
        with Recorder() as server:
            ship(gapwatch, database, server.url, "--samples", 8)
            seen, kept = {True: set(), False: set()}, by_key("samples", server.rows["samples"])
            for key in rows_of(database, "samples"):
                seen[key in kept].add(key[-1] % 2**32)
            assert 0 < len(seen[True]) < len(seen[False]) and not seen[True] & seen[False]
            rows = len(server.rows["flows"])
        with Recorder() as server:
            ship(gapwatch, database, server.url, "--samples", 0)
        assert not server.rows["samples"] and len(server.rows["flows"]) == rows

    def test_another_target_has_its_own_cursor(self, gapwatch, database):
        for _ in range(2):
            with Recorder() as server:
                ship(gapwatch, database, server.url)
            assert_same(database, server.rows.get)

    def test_a_new_server_gets_tokens(self, gapwatch, database):
        with Recorder(version="24.8.1.2684") as server:
            ship(gapwatch, database, server.url)
        tokens = [parameters["insert_deduplication_token"] for _, parameters in server.inserts]
        assert len({token for (token,) in tokens}) == len(tokens)

    def test_a_batch_that_is_sent_again_has_the_same_token(self, gapwatch, database):
        answers = lambda number, table: "cut" if number == 2 else 200
        with Recorder(answers, version="24.8.1.2684") as server:
            ship(gapwatch, database, server.url)
        tokens = [parameters["insert_deduplication_token"] for _, parameters in server.inserts]
        assert tokens[1] == tokens[2]
        assert_same(database, server.rows.get)

    def test_a_server_with_troubles(self, gapwatch, database):
        """It is away, overloaded, and loses requests and answers: everything arrives."""
        troubles = {1: "drop", 2: 503, 3: "cut", 5: "cut", 7: 500, 8: "drop"}
        with Recorder(lambda number, table: troubles.get(number, 200)) as server:
            ship(gapwatch, database, server.url)
        assert_same(database, server.rows.get)

    def test_a_server_that_is_away(self, gapwatch, database):
        with Recorder() as server:
            pass
        said = ship(gapwatch, database, server.url, code=FAILED)
        assert "not everything was shipped" in said and "onnect" in said
        assert not list(database.parent.glob("*.refused"))

    def test_a_batch_that_is_refused(self, gapwatch, database):
        """It is set aside, and the rest goes on."""
        with Recorder(lambda number, table: 400 if table == "sas" else 200) as server:
            said = ship(gapwatch, database, server.url)
        (aside,) = database.parent.glob("*.sas.refused")
        assert str(aside) in said and "DB::Exception" in said
        refused = [json.loads(line) for line in aside.read_text().splitlines()]
        assert_same(database, lambda table: refused if table == "sas" else server.rows[table])

    def test_too_much_that_is_refused(self, gapwatch, database):
        """It waits, and the file stays as it is; so does all that comes later."""
        with Recorder(lambda number, table: 400 if table == "sas" else 200) as server:
            ship(gapwatch, database, server.url)
            (aside,) = database.parent.glob("*.sas.refused")
            aside.with_name(aside.name.removesuffix(".sas.refused")).unlink()
            server.rows = {table: [] for table in server.rows}
            os.truncate(aside, 64 << 20)
            said = ship(gapwatch, database, server.url, code=FAILED)
            assert "cannot be set aside" in said and "DB::Exception" in said
            assert aside.stat().st_size == 64 << 20 and not server.rows["events"]
            server.answers = lambda number, table: 200
            ship(gapwatch, database, server.url)
        assert_same(database, server.rows.get)

    def test_a_server_that_takes_small_requests_only(self, gapwatch, database):
        """Batches become smaller; a row that is too large by itself is set aside."""
        with Recorder(lambda number, table: 413 if table == "captures" else 200, limit=4000) as server:
            said = ship(gapwatch, database, server.url)
        assert "1 rows of captures were refused" in said and "413" in said
        (aside,) = database.parent.glob("*.refused")
        refused = [json.loads(line) for line in aside.read_text().splitlines()]
        assert_same(database, lambda table: refused if table == "captures" else server.rows[table])

    def test_answers_of_other_servers(self, gapwatch, database):
        """Nothing counts as delivered but an empty answer with status 200."""
        with Recorder() as other, Recorder() as server:
            answers = (
                answer("200 OK", b"\r\nCode: 252. DB::Exception: Too many parts\n"),
                answer("200 OK", b"<html>Log in to the network</html>"),
                answer("302 Found", headers=f"Location: {other.url}"),
                answer("400 Bad Request", b"The plain HTTP request was sent to HTTPS port"),
                answer("429 Too Many Requests", headers="Retry-After: 1"),
                answer("100 Continue"),
                answer("200 OK", b"cut", length=100),
            )
            server.answers = lambda n, _: 200 if n % 2 == 0 or n > 2 * len(answers) else answers[n // 2]
            began = time.monotonic()
            ship(gapwatch, database, server.url)
            assert time.monotonic() - began >= 1  # the server asked for it
        assert len(server.inserts) > 2 * len(answers) and not other.requests
        assert_same(database, server.rows.get)

    def test_an_endless_answer(self, gapwatch, database):
        """It is not read to its end."""
        sent = []

        def write(file):
            answer("500 Internal Server Error", length=100 << 20)(file)
            for _ in range(100):
                file.write(bytes(1 << 20))
                sent.append(1)

        with Recorder(lambda n, _: write if n == 1 else 200) as server:
            ship(gapwatch, database, server.url)
        assert 0 < len(sent) < 100
        assert_same(database, server.rows.get)

    def test_an_answer_that_is_cut(self, gapwatch, database):
        """Anywhere before its last octet; each batch is sent again."""
        whole = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 9\r\n\r\nCode: 252"
        cuts = random.Random(2).sample(range(len(whole)), 7)
        with Recorder() as server:
            server.answers = lambda n, _: (
                200 if n % 2 == 0 or n > 2 * len(cuts) else lambda file: file.write(whole[: cuts[n // 2]])
            )
            ship(gapwatch, database, server.url)
        assert len(server.inserts) > 2 * len(cuts)
        assert_same(database, server.rows.get)

    def test_password_from_a_file(self, gapwatch, database, tmp_path):
        auth = tmp_path / "auth"
        auth.write_text("name:pass word\n")
        auth.chmod(0o644)
        with Recorder() as server:
            said = ship(gapwatch, database, server.url, "--auth-file", auth)
        assert f"other users can read {auth}" in said
        expected = "Basic " + base64.b64encode(b"name:pass word").decode()
        assert all(headers["Authorization"] == expected for _, headers in server.requests)

    @pytest.mark.parametrize("line, word", ((b"a:b\0c\n", "zero"), (b"a:" + 600 * b"b", "long"), (b"a\nb:c", "NAME")))
    def test_passwords_that_cannot_be(self, line, word, gapwatch, database, tmp_path):
        (tmp_path / "auth").write_bytes(line)
        (tmp_path / "auth").chmod(0o600)
        with Recorder() as server:
            assert word in ship(gapwatch, database, server.url, "--auth-file", tmp_path / "auth", code=FAILED)
        assert not server.requests

    def test_tls_with_certificates(self, gapwatch, database, tmp_path):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
            + ["-nodes", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
            + ["-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
            check=True, capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
        context.load_verify_locations(tmp_path / "cert.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        with Recorder(tls=context) as server:
            url = server.url.replace("http:", "https:")
            ca = ("--tls-ca", tmp_path / "cert.pem")
            wrong = ((url, ()), (url, ca), (url.replace("127.0.0.1", "localhost"), ca))
            with concurrent.futures.ThreadPoolExecutor() as threads:
                said = list(threads.map(lambda way: ship(gapwatch, database, way[0], *way[1], code=FAILED), wrong))
            assert "certificate" in said[0] and "match" in said[2] and not server.requests
            ship(gapwatch, database, url, *ca, "--tls-cert", tmp_path / "cert.pem", "--tls-key",
                 tmp_path / "key.pem")
        assert_same(database, server.rows.get)


class TestKilled:
    def test_at_any_moment(self, gapwatch, database):
        """kill -9 after each INSERT, before or after the server has kept it."""
        with Recorder() as server:
            for number in range(1, 5):
                server.answers = lambda n, t, last=len(server.inserts) + number % 3: (
                    "cut" if n > last else 200
                )
                before = len(server.inserts)
                with shipping(gapwatch, database, server.url) as process:
                    wait_until(lambda: len(server.inserts) > before + number % 3)
                    process.kill()
            server.answers = lambda number, table: 200
            ship(gapwatch, database, server.url)
        assert_same(database, server.rows.get)


class TestGoesOn:
    def test_beside_the_program_that_writes(self, gapwatch, tmp_path):
        """Rows that change are shipped again, until it is told to end."""
        database = tmp_path / "results.db"
        with Recorder() as server, feeding(gapwatch, database) as feed:
            feed.send(20)
            wait_until_stored(database, feed.frames, 1)
            with shipping(gapwatch, database, server.url) as process:
                wait_until(lambda: server.rows["flows"])
                for _ in range(3):
                    feed.send(20)
                wait_until_stored(database, feed.frames, 1)
                assert feed.end() == (0, [])
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0
                assert process.stderr.read().decode().count("\n") == 1
        assert_same(database, server.rows.get)

    def test_a_server_that_comes_back(self, gapwatch, database):
        with Recorder(lambda number, table: 200 if number > 2 else 503) as server:
            with shipping(gapwatch, database, server.url) as process:
                done = rows_of(database, "interval_flows")
                wait_until(lambda: len(server.rows["interval_flows"]) >= len(done))
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0
                lines = process.stderr.read().decode().splitlines()
        assert "cannot ship: HTTP status 503" in lines[1] and lines[2].endswith("shipping again")
        assert_same(database, server.rows.get)

    def test_a_server_that_is_away_from_the_start(self, gapwatch, database):
        """The cursor exists before anything was shipped, so that retention keeps the rows that were not shipped."""
        with Recorder(lambda number, table: 503) as server, shipping(gapwatch, database, server.url):
            wait_until(lambda: server.inserts)
            (cursor,) = cursors(database)
            assert value(database, "SELECT uuid FROM store") in cursor.read_text()

    def test_a_database_that_comes_later(self, gapwatch, tmp_path):
        database = tmp_path / "results.db"
        with Recorder() as server, shipping(gapwatch, database, server.url) as process:
            assert process.stderr.readline() and b"cannot ship" in process.stderr.readline()
            gapwatch.analyze("--db", database, SAMPLE)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        assert_same(database, server.rows.get)

    def test_a_database_that_is_made_anew(self, gapwatch, database):
        """It has another UUID: it is shipped from its start."""
        with Recorder() as server:
            ship(gapwatch, database, server.url)
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(f"{database}{suffix}")
            gapwatch.analyze("--db", database, SAMPLE)
            uuid = value(database, "SELECT uuid FROM store")
            ship(gapwatch, database, server.url)
        assert_same(database, lambda table: [r for r in server.rows[table] if r["store"] == uuid])


def lines_in(folder):
    files = sorted(folder.glob("gapwatch-*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def cursors(database):
    return [path for path in database.parent.glob("*.ship-*") if path.suffix != ".new"]


def is_at_the_end(cursor):
    """Whether a pass over the whole database has ended."""
    return int(re.search(r"^change (\S+)$", cursor.read_text(), re.M)[1]) > 0


class TestFiles:
    def test_a_folder(self, gapwatch, database, tmp_path):
        folder = tmp_path / "rows"
        ship(gapwatch, database, f"file:{folder}")
        ship(gapwatch, database, f"file:{folder}")
        rows = lines_in(folder)
        assert_same(database, lambda table: [row for row in rows if row["table"] == table])
        assert len(rows) == sum(len(rows_of(database, table)) for table in
                                {row["table"] for row in rows})

    def test_folders_with_names_alike(self, gapwatch, database, tmp_path):
        """Each gets all rows, and its cursor is none of what is kept beside one."""
        names = ("a/b", "a-b", "a b.new", "a" * 200, "a" * 201)
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            ship(gapwatch, database, f"file:{tmp_path / name}")
            rows = lines_in(tmp_path / name)
            assert_same(database, lambda table: [row for row in rows if row["table"] == table])
        assert len(cursors(database)) == len(names)

    def test_other_names_of_a_folder(self, gapwatch, database, tmp_path):
        for name in ("rows", "rows/", "../" + tmp_path.name + "/./rows"):
            ship(gapwatch, database, f"file:{tmp_path}/{name}")
        assert len(cursors(database)) == len(list((tmp_path / "rows").iterdir())) == 1

    def test_a_full_disk(self, gapwatch, database, tmp_path):
        """What was written of a batch is taken back, and goes on in the same file when there is room."""
        folder = tmp_path / "rows"
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (40000, resource.RLIM_INFINITY))
        with shipping(gapwatch, database, f"file:{folder}", preexec_fn=limit, restore_signals=False) as process:
            assert process.stderr.readline() and b"too large" in process.stderr.readline().lower()
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
            assert b"shipping again" in process.stderr.readline()
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        rows = lines_in(folder)
        assert_same(database, lambda table: [row for row in rows if row["table"] == table])
        assert len(list(folder.iterdir())) == 1

    def test_a_file_that_was_removed(self, gapwatch, database, tmp_path):
        """Its reader took it: rows that come later go into the next one."""
        folder = tmp_path / "rows"
        with shipping(gapwatch, database, f"file:{folder}") as process:
            wait_until(lambda: any(is_at_the_end(path) for path in cursors(database)))
            for path in folder.iterdir():
                path.unlink()
            again = shutil.copy(SAMPLE, tmp_path / "again.pcap")
            gapwatch.analyze("--db", database, again)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_SECONDS) == 0
        (capture_row,) = [row for row in lines_in(folder) if row["table"] == "captures"]
        assert capture_row["source"] == str(again)

    def test_standard_output(self, gapwatch, database):
        done = gapwatch.run("ship", "--db", database, "--to", "-", "--once")
        assert (done.returncode, done.stderr) == (0, b"")
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert_same(database, lambda table: [row for row in rows if row["table"] == table])
        assert not list(database.parent.glob("*.ship-*"))

    def test_a_folder_that_cannot_be(self, gapwatch, database, tmp_path):
        (tmp_path / "file").touch()
        assert "no directory" in ship(gapwatch, database, f"file:{tmp_path}/file", code=FAILED)


class TestWords:
    @pytest.mark.parametrize(
        "options, words",
        (
            (("--to", "-"), "--db DB"),
            (("--db", "x.db"), "--to http"),
            (("--db", "x.db", "--to", "-", "extra"), "'extra'"),
            (("--db", "x.db", "--to", "-", "--sensor", ""), "name of a sensor"),
            (("--db", "x.db", "--to", "-", "--sensor", 256 * "x"), "name of a sensor"),
            (("--db", "x.db", "--to", "-", "--tls-key", "x"), "go together"),
        ),
    )
    def test_usage(self, options, words, gapwatch):
        done = gapwatch.run("ship", *options)
        assert done.returncode == USAGE and words in done.stderr.decode()

    @pytest.mark.parametrize(
        "url", ("ftp://host/x", "http://host", "http://host:8123/", "http://host:99999/x", "http://[::1/x", "file:", "http://host/a-b")
    )
    def test_targets(self, url, gapwatch, database):
        said = ship(gapwatch, database, url, code=USAGE)
        assert "DATABASE, " in said or "digits" in said
        captured = gapwatch.run("capture", "lo", "--db", database, "--ship", url)
        assert (captured.returncode, captured.stderr.decode()) == (USAGE, said)

    def test_a_password_in_the_address(self, gapwatch, database):
        said = ship(gapwatch, database, "http://name:secret@127.0.0.1:1/gapwatch", code=USAGE)
        assert "--auth-file" in said and "secret" not in said

    def test_a_database_of_another_version(self, gapwatch, database, tmp_path):
        with contextlib.closing(sqlite3.connect(database)) as opened:
            opened.execute("PRAGMA user_version = 7")
        said = ship(gapwatch, database, f"file:{tmp_path}/rows", code=FAILED)
        assert "schema version 7" in said

    @pytest.mark.parametrize("table, wrong", (("flows", "9e999"), ("sequence_gaps", "x'00ff'"), ("events", "'text'")))
    def test_keys_that_are_no_whole_numbers(self, table, wrong, gapwatch, database, tmp_path):
        """No position is behind such rows: the same ones would be written until the disk is full."""
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as opened:
            columns = ", ".join(name for _, name, *_ in opened.execute(f"PRAGMA table_info({table})"))
            opened.executescript(f"""
                PRAGMA foreign_keys = OFF; DROP VIEW flow_intervals;
                ALTER TABLE {table} RENAME TO strict;
                CREATE TABLE {table} ({columns}); INSERT INTO {table} SELECT * FROM strict; DROP TABLE strict;
                UPDATE {table} SET id = {wrong} WHERE rowid = (SELECT max(rowid) FROM {table});""")
        command = [gapwatch.program, "ship", "--once", "--db", database, "--to", f"file:{tmp_path}/rows"]
        done = subprocess.run(list(map(str, command)), stderr=subprocess.PIPE, timeout=60, check=False)
        said = done.stderr.decode()
        assert done.returncode == FAILED and said.count("\n") == 2, said
        assert f"table {table} has rows whose keys are no whole numbers" in said

    @pytest.mark.parametrize("uuid", ("", 'a","b":"', "\n"))
    def test_no_uuid(self, uuid, gapwatch, database, tmp_path):
        with contextlib.closing(sqlite3.connect(database)) as opened, opened:
            opened.execute("UPDATE store SET uuid = ?", (uuid,))
        assert "it has no UUID" in ship(gapwatch, database, f"file:{tmp_path}/rows", code=FAILED)

    def test_schema(self, gapwatch):
        modern = gapwatch.run("ship", "--print-schema").stdout.decode()
        plain = gapwatch.run("ship", "--print-schema", "--plain").stdout.decode()
        assert "DateTime64(9, 'UTC')" in modern and "LowCardinality" in modern and "TTL" in modern
        assert "ADD COLUMN IF NOT EXISTS loss_ratio" in modern
        for word in ("DateTime64", "LowCardinality", "TTL", "CODEC", "ALTER"):
            assert word not in plain
