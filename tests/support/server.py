# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A running `gapwatch serve`, and requests to it."""
import contextlib
import dataclasses
import http.client
import itertools
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.parse

START_SECONDS = 30
STOP_SECONDS = 30


# Below those that the kernel chooses, so that no other connection takes one before the server listens. Each
# process begins elsewhere, as several run at once.
ports = itertools.count(10_000 + os.getpid() * 997 % 20_000)


def free_port():
    for port in ports:
        with contextlib.suppress(OSError), socket.socket() as listener:
            listener.bind(("127.0.0.1", port))
            return port


@dataclasses.dataclass
class Response:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self):
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


def encode(flow_id):
    return urllib.parse.quote(flow_id, safe="")


def is_whole(answer):
    """Whether ANSWER is a complete response that leaves the connection open."""
    head, end, body = answer.partition(b"\r\n\r\n")
    if not end or b"connection: close" in head:
        return False
    length = re.search(rb"content-length: (\d+)", head)
    return len(body) >= int(length[1])


class Server:
    """`gapwatch serve` with OPTIONS on a free port, running within the context."""

    def __init__(self, program, *options, host="127.0.0.1", port=None, tls=None):
        self.port, self.host, self.tls = port or free_port(), host, tls
        self.command = [program, "serve", "--port", self.port, *options]
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            list(map(str, self.command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            self.wait_until_up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()

    def wait_until_up(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            assert self.process.poll() is None, self.process.stderr.read().decode()
            try:
                if self.get("/health").status == 200:
                    return
            except (OSError, http.client.HTTPException):
                pass
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.05)

    def connect(self):
        if self.tls:
            return http.client.HTTPSConnection(self.host, self.port, timeout=30, context=self.tls)
        return http.client.HTTPConnection(self.host, self.port, timeout=30)

    def get(self, path, method="GET", **headers):
        """HEADERS have _ for - in their names."""
        connection = self.connect()
        try:
            connection.request(
                method, path, headers={key.replace("_", "-"): value for key, value in headers.items()}
            )
            response = connection.getresponse()
            return Response(response.status, response.headers, response.read())
        finally:
            connection.close()

    def json(self, path, status=200, **headers):
        response = self.get(path, **headers)
        assert response.status == status, (path, response)
        return response.json()

    def api(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        return self.json(f"/api/v1/{path}" + (f"?{query}" if query else ""))

    def raw(self, octets):
        """The server's answer to OCTETS: everything until it closes the connection, or the one response
        after which it does not. The sending side stays open."""
        answer = b""
        with socket.create_connection((self.host, self.port), timeout=20) as connection:
            connection.sendall(octets)
            while not is_whole(answer) and (chunk := connection.recv(65536)):
                answer += chunk
        return answer

    def workers(self):
        """The process ids of Kore's workers."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(word) for word in children.read_text().split()]

    def stop(self, number=signal.SIGTERM):
        """Ends the server. Returns the exit status, stdout and stderr."""
        self.process.send_signal(number)
        printed, said = self.process.communicate(timeout=STOP_SECONDS)
        return self.process.returncode, printed, said


def is_running(pid):
    """Whether the process runs; a zombie does not."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=20):
    """Waits until CONDITION returns something true, and returns that."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.05)
    return result


def insecure_tls():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
