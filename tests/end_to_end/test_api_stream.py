# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""New gaps and events as server-sent events (/api/v1/stream)."""
import contextlib
import datetime
import json
import os
import random
import socket
import time

import pytest

from support import made_database as database
from support.descriptors import open_files
from support.server import Server, wait_for

STREAMS = 64  # that a worker serves at a time
BIG = 700_000  # octets of a value in a row of another program
PATH = "/api/v1/stream"


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000000000Z")


@pytest.fixture(name="made")
def fixture_made(tmp_path):
    """A database with a running capture, 1, and an analysed file, 2."""
    flows = [database.make_flow(0, "macsec", random.Random(1))]
    with contextlib.closing(database.create(tmp_path / "store.db")) as connection:
        database.add_capture(connection, flows, [], updated=now(), flush_interval=3600)
        database.add_capture(connection, flows, [], source="a.pcap", method="file", ended=now())
        connection.execute("DELETE FROM events")
        yield connection


@pytest.fixture(name="server")
def fixture_server(gapwatch, tmp_path, made):
    with Server(gapwatch.program, "--db", tmp_path / "store.db", "--workers", 1) as running:
        yield running


def add_gap(made, number, capture=1):
    flow = made.execute("SELECT flow_id FROM flows WHERE capture_id = ?", (capture,)).fetchone()[0]
    row = {"capture_id": capture, "flow_id": flow, "expected_sequence": number}
    row |= {"received_sequence": number + 1, "gap_size": 1, "timestamp": now(), "cause": "network"}
    row |= {"duration_ms": 1.5, "first_number": number, "last_number": number}
    return database.insert(made, "sequence_gaps", row)


def add_event(made, detail="{}", capture=1):
    row = {"capture_id": capture, "timestamp": now(), "kind": "rekey", "detail": detail}
    return database.insert(made, "events", row)


def count_sockets(server):
    """How many sockets the workers of SERVER have."""
    return sum(name.startswith("socket:") for pid in server.workers() for name, _ in open_files(pid))


class Stream:
    """A client of the stream."""

    def __init__(self, server, last_id=None, buffer=0):
        self.socket = socket.socket()
        self.socket.settimeout(30)
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((server.host, server.port))
        said = f"Last-Event-ID: {last_id}\r\n" if last_id else ""
        self.socket.sendall(f"GET {PATH} HTTP/1.1\r\nHost: localhost\r\n{said}\r\n".encode())
        self.lines = self.socket.makefile("rb")
        self.status = int(self.lines.readline().split()[1])
        self.headers = dict(line.lower().split(b": ", 1) for line in self.block())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()

    def block(self):
        """The lines up to an empty one."""
        lines = []
        while line := self.lines.readline().rstrip(b"\r\n"):
            lines.append(line)
        return lines

    def next(self):
        """The next event: its fields, with `data` as what its JSON says. Fails when none comes for a while,
        though comments do."""
        until = time.monotonic() + 60
        while set(lines := self.block()) <= {b":"}:
            assert time.monotonic() < until, "no event came"
        fields = dict(line.decode().split(": ", 1) for line in lines)
        return fields | {"data": json.loads(fields["data"])}


def test_new_gaps_and_events_come(made, server):
    """Those of files do not; nor do those that were there before."""
    add_gap(made, 1)
    with Stream(server) as stream:
        assert stream.headers[b"content-type"] == b"text/event-stream"
        add_gap(made, 2, capture=2)
        add_gap(made, 3)
        got = stream.next()
        assert (got["event"], got["data"]["capture_id"], got["data"]["interface"]) == ("gap", 1, "eth0")
        assert got["data"]["expected_sequence"] == 3
        add_event(made, capture=2)
        add_event(made, '{"to":\n\n{"a": 1}}')
        got = stream.next()
        assert (got["event"], got["data"]["kind"], got["data"]["detail"]) == ("event", "rekey", {"to": {"a": 1}})


def test_what_comes_right_after_the_head_is_not_missed(made, server):
    for number in range(5):
        with Stream(server) as stream:
            add_gap(made, number)
            assert stream.next()["data"]["expected_sequence"] == number


def test_a_client_goes_on_behind_the_last_id(made, server):
    """Also more rows than it gets at a time, and behind many of a file."""
    made.execute("BEGIN")
    for number in range(700):
        add_gap(made, number)
    made.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n LIMIT 30000) INSERT INTO "
        "sequence_gaps (capture_id, flow_id, expected_sequence, received_sequence, gap_size, timestamp, "
        "cause, duration_ms, first_number, last_number) SELECT 2, flow_id, n, n + 1, 1, first_timestamp, "
        "'network', 1.5, n, n FROM n, flows WHERE capture_id = 2")
    add_gap(made, 700)
    made.execute("COMMIT")
    with Stream(server, "3-0") as stream:
        got = [stream.next() for _ in range(698)]
    assert [event["data"]["expected_sequence"] for event in got] == list(range(3, 701))
    with Stream(server, got[-2]["id"]) as stream:
        assert stream.next()["data"]["expected_sequence"] == 700


def test_a_database_without_captures_or_without_tables(gapwatch, tmp_path):
    """A stream without captures stays open; where nothing can be read, none is promised."""
    database.create(tmp_path / "empty.db").close()
    with Server(gapwatch.program, "--db", tmp_path / "empty.db") as running, Stream(running) as stream:
        assert stream.status == 200
        (tmp_path / "empty.db").unlink()
        refused = running.get(PATH)
        assert (refused.status, refused.json()["error"]) == (503, "unavailable")


def test_clients_that_leave_make_room(server):
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(Stream(server)) for _ in range(STREAMS)]
        assert {stream.status for stream in streams} == {200}
        refused = server.get(PATH)
        assert (refused.status, refused.json()["error"]) == (503, "unavailable")
        assert server.get("/health").status == 200
        streams[7].__exit__()

        def has_room():
            with Stream(server) as stream:
                return stream.status == 200

        wait_for(has_room)


@pytest.mark.skipif("GAPWATCH_LONG" not in os.environ, reason="part of scripts/test --long")
def test_a_client_that_does_not_read_is_left(made, server):
    """Others get their events meanwhile, and the server keeps little of what was not read."""
    with Stream(server, "0-0", buffer=4096), Stream(server, "0-0") as fast:
        before = count_sockets(server)
        made.execute("PRAGMA foreign_keys = off")
        made.execute("BEGIN")
        for number in range(20):
            add_gap(made, number)
        made.execute("UPDATE sequence_gaps SET flow_id = printf('%.*c', ?, 'x')", (BIG,))
        made.execute("COMMIT")
        for _ in range(20):
            assert len(fast.next()["data"]["flow_id"]) == BIG
        add_gap(made, 99)
        assert fast.next()["data"]["expected_sequence"] == 99

        wait_for(lambda: count_sockets(server) < before, seconds=90)
