# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Clients that end their side, and many that only wait."""
import contextlib
import socket

import pytest

from support import made_database as database
from support.server import Server

CONNECTIONS_MAX = 512  # of one worker
REQUEST = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def server(gapwatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("api-connections") / "store.db"
    database.make(path, 1000)
    with Server(gapwatch.program, "--db", path, "--workers", 1) as running:
        yield running
        assert len(running.workers()) == 1, "no worker died"


def everything_from(connection):
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    return answer


@pytest.mark.parametrize("path", ["/health", "/api/v1/flows?limit=1000"])
def test_who_ends_his_side_is_answered(path, server):
    """As `nc -N` does. The end may come together with the request, or behind it."""
    expected = server.get(path).body
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            connection.sendall(REQUEST % path.encode())
            connection.shutdown(socket.SHUT_WR)
            head, _, body = everything_from(connection).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert body == expected


def is_open(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionResetError:
        return False


def test_who_waits_longest_makes_room(server):
    """More clients than a worker takes send half a request and wait. Another one is answered before
    their time is over, when all would be closed."""
    with contextlib.ExitStack() as stack:
        waiting = []
        for _ in range(CONNECTIONS_MAX + 90):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=20)
            waiting.append(stack.enter_context(connection))
            connection.sendall(b"GET /hea")
        assert server.get("/health").status == 200
        still_open = [is_open(connection) for connection in waiting]
    assert not still_open[0]
    assert all(still_open[CONNECTIONS_MAX // 2 + 100 :])
