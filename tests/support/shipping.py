# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What `gapwatch ship` is tested against: a recording HTTP server, a proxy that loses and doubles, and
ClickHouse in a folder of its own."""
import contextlib
import gzip
import http.server
import json
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from support.server import free_port
from support.waiting import PATIENCE_SECONDS, wait_until

# The rows of each table as they are shipped, without `sensor` and `store`: its columns in SQLite, and
# what stands for the numbers of rows in other tables.
PARTS = """
    SELECT part.*, i.capture_id, f.flow_id, i.timestamp, i.duration_seconds
    FROM interval_flows AS part JOIN capture_intervals AS i ON i.id = part.interval
    JOIN flows AS f ON f.id = part.flow"""
SAMPLES = """
    SELECT t.*, s.capture_id, f.flow_id, s.association, s.generation
    FROM samples AS t JOIN sas AS s ON s.id = t.sa JOIN flows AS f ON f.id = s.flow"""
SOURCES = {
    "captures": ("captures", ("id",), ()),
    "flows": ("flows", ("capture_id", "flow_id"), ("id", "earlier_sas")),
    "sas": ("sas", ("capture_id", "flow_id", "generation"), ("flow",)),
    "sequence_gaps": ("sequence_gaps", ("capture_id", "flow_id", "timestamp", "id"), ()),
    "capture_intervals": ("capture_intervals", ("capture_id", "timestamp"), ("id",)),
    "interval_flows": (f"({PARTS})", ("capture_id", "flow_id", "timestamp"), ("interval", "flow")),
    "samples": (
        f"({SAMPLES})", ("capture_id", "flow_id", "generation", "timestamp_ns", "number"), ("sa",)
    ),
    "events": ("events", ("capture_id", "timestamp", "id"), ()),
}


def rows_of(path, table):
    """The rows of TABLE in the database at PATH, by their keys."""
    source, keys, left_out = SOURCES[table]
    with contextlib.closing(sqlite3.connect(path, timeout=60)) as database:
        database.row_factory = sqlite3.Row
        rows = [dict(row) for row in database.execute(f"SELECT * FROM {source}")]
    for row in rows:
        for name in left_out:
            del row[name]
    return {tuple(row[key] for key in keys): row for row in rows}


def by_key(table, rows):
    """ROWS of TABLE by their keys; of rows with equal keys the one with the last change stays."""
    keys = SOURCES[table][1]
    found = {}
    for row in rows:
        row = {name: value for name, value in row.items() if name not in ("table", "sensor", "store")}
        key = tuple(row[name] for name in keys)
        if table == "samples":  # above 2^53, a number is a text
            key = (*key[:-2], *map(int, key[-2:]))
        if key not in found or row["changed"] >= found[key]["changed"]:
            found[key] = row
    return found


def assert_same(path, shipped):
    """Asserts that SHIPPED, a function that returns the rows of a table, has the rows of the database."""
    for table in SOURCES:
        expected, found = rows_of(path, table), by_key(table, shipped(table))
        assert found.keys() == expected.keys(), table
        for key, row in expected.items():
            assert_equal(row, found[key])


def assert_equal(row, found):
    assert found.keys() == row.keys()
    for name, value in row.items():
        other = found[name]
        if isinstance(value, int) and isinstance(other, str):
            other = int(other)  # above 2^53, a number is a text
        if isinstance(value, float) or isinstance(other, float):
            # ClickHouse reads the last digit of a number inexactly.
            assert other == pytest.approx(value, rel=1e-12, abs=1e-300), name
        else:
            assert other == value, name


class Recorder:
    """An HTTP server that answers like ClickHouse and keeps what it gets, within the context.

    ANSWERS is a function of (number of the INSERT, table) that returns a status, "drop" (no answer, and
    nothing kept), "cut" (kept, and no answer), or a function that writes an answer to a file; then nothing
    was kept. It takes LIMIT octets at once.
    """

    def __init__(self, answers=lambda number, table: 200, version="18.16.1", tls=None, limit=1 << 30):
        self.answers, self.version = answers, version
        self.inserts, self.requests, self.rows = [], [], {table: [] for table in SOURCES}
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                recorder.requests.append((self.path, dict(self.headers)))
                self.reply(200, recorder.version.encode() + b"\n")

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                recorder.requests.append((self.path, dict(self.headers)))
                status = 413 if len(body) > limit else recorder.insert(self.path, body)
                if callable(status):
                    self.close_connection = True
                    with contextlib.suppress(OSError):
                        status(self.wfile)
                elif isinstance(status, str):
                    self.close_connection = True
                else:
                    self.reply(status, b"" if status == 200 else recorder.excuse(status))

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)

    @staticmethod
    def excuse(status):
        if status == 413:  # of a proxy in front
            return b"413 Request Entity Too Large"
        code = 27 if status == 400 else 252  # CANNOT_PARSE_INPUT..., TOO_MANY_PARTS
        return f"Code: {code}. DB::Exception: no\n".encode()

    def insert(self, path, body):
        parameters = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
        (query,) = parameters["query"]
        _, _, table, *form = query.split()
        assert form == ["FORMAT", "JSONEachRow"]
        self.inserts.append((table, parameters))
        status = self.answers(len(self.inserts), table)
        if status in (200, "cut"):
            lines = gzip.decompress(body).splitlines()
            assert 0 < len(lines) <= 10000
            self.rows[table] += [json.loads(line) for line in lines]
        return status

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/gapwatch"


class Proxy:
    """Passes connections on to PORT. By turns it loses a request, loses a reply, sends a request twice,
    and does nothing of that."""

    def __init__(self, port):
        self.target, self.requests = port, 0
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_GET(self):
                self.pass_on(None)

            def do_POST(self):
                self.pass_on(self.rfile.read(int(self.headers["Content-Length"])))

            def pass_on(self, body):
                recorder.requests += 1
                turn = recorder.requests % 4
                if turn == 1:
                    return
                status, answer = recorder.ask(self.path, body, self.headers)
                if turn == 2:
                    return
                if turn == 3:
                    status, answer = recorder.ask(self.path, body, self.headers)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]

    def ask(self, path, body, headers):
        kept = {k: v for k, v in headers.items() if k.lower() in ("content-encoding", "authorization")}
        request = urllib.request.Request(f"http://127.0.0.1:{self.target}{path}", body, kept)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            return 502, b"the server is away"

    __enter__, __exit__ = Recorder.__enter__, Recorder.__exit__


CONFIGURATION = """<yandex><logger><level>warning</level><log>{folder}/log</log>
<errorlog>{folder}/errors</errorlog></logger><http_port>{port}</http_port><tcp_port>{tcp}</tcp_port>
<listen_host>127.0.0.1</listen_host><path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path>
<users_config>{folder}/users.xml</users_config><default_profile>default</default_profile>
<default_database>default</default_database><mark_cache_size>67108864</mark_cache_size>
<timezone>UTC</timezone></yandex>"""
USERS = """<yandex><profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
<users><default><password>secret</password><networks><ip>127.0.0.1</ip></networks>
<profile>default</profile><quota>default</quota></default></users><quotas><default/></quotas></yandex>"""


class ClickHouse:
    """A server with its data in FOLDER, within the context."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.port, self.process = free_port(), None
        self.auth = self.folder / "auth"
        self.auth.write_text("default:secret\n")
        self.auth.chmod(0o600)
        names = {"folder": self.folder, "port": self.port, "tcp": free_port()}
        (self.folder / "config.xml").write_text(CONFIGURATION.format(**names))
        (self.folder / "users.xml").write_text(USERS)

    def start(self):
        command = ["clickhouse-server", f"--config-file={self.folder}/config.xml"]
        with open(self.folder / "said", "ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said, cwd=self.folder)
        wait_until(self.is_up, "ClickHouse answers")

    def is_up(self):
        assert self.process.poll() is None, (self.folder / "said").read_text()
        with contextlib.suppress(OSError):
            return self.ask("SELECT 1", "default").strip() == "1"
        return False

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def url(self, database, port=None):
        return f"http://127.0.0.1:{port or self.port}/{database}"

    def ask(self, sql, database):
        query = urllib.parse.urlencode(
            {"database": database, "user": "default", "password": "secret"}
            | {"output_format_json_quote_64bit_integers": 0}
        )
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/?{query}", sql.encode())
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{sql[:200]}: {error.read().decode()}") from error

    def rows(self, sql, database):
        lines = self.ask(f"{sql} FORMAT JSONEachRow", database).splitlines()
        return [json.loads(line) for line in lines]

    def make(self, gapwatch, database):
        """Makes DATABASE with the program's schema."""
        self.ask(f"CREATE DATABASE {database}", "default")
        for _ in range(2):  # it can be run again
            schema = gapwatch.run("ship", "--print-schema", "--plain").stdout.decode()
            for statement in schema.split(";\n"):
                if statement.strip():
                    self.ask(statement, database)


def require_clickhouse():
    if not shutil.which("clickhouse-server"):
        pytest.skip("clickhouse-server is not installed")
