# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Bad requests: each gets the right status and an error in JSON that names the mistake, never a
500."""
import gzip
import json
import random
import string

import pytest

from support import made_database as database
from support.server import Server, encode

CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "content_too_large",
    414: "uri_too_long",
    421: "misdirected",
    431: "headers_too_large",
    505: "http_version_not_supported",
}


@pytest.fixture(scope="module")
def server(gapwatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("api-errors") / "store.db"
    flows, _ = database.make(path, 150)
    with Server(gapwatch.program, "--db", path) as running:
        running.flow = encode(flows[0]["flow_id"])
        yield running
        assert running.process.poll() is None
        assert len(running.workers()) == 2, "no worker died"


def check_error(response, status, *words):
    assert response.status == status, response
    error = response.json()
    assert error.keys() == {"error", "message"} and error["error"] == CODES[status]
    for word in words:
        assert word in error["message"], error


WHOLE = ("0x10", "1e3", "-1", "+1", " 1", "1 ", "", "abc", "1.5", "9" * 30, "1;2", "١")
WRONG = {
    "limit": (*WHOLE, "0", "1001"),
    "offset": WHOLE,
    "capture": (*WHOLE, "0"),
    "min_bytes": WHOLE,
    "max_bytes": WHOLE,
    "min_lost": WHOLE,
    "min_bandwidth_mbps": ("", "x", "-1", "nan", "inf", "0x1p3", "1e999", "1,5", " 1", "1 "),
    "max_bandwidth_mbps": ("-0.5", "NaN", "Infinity", "5mbps"),
    "protocol": ("", "MACSEC", "icmp", "tcp ", "tcp' OR '1'='1", "%"),
    "sort": ("", "id", "packets_received", "total_bytes DESC", "flow_id;--"),
    "order": ("", "up", "ASC", "asc,desc"),
}
WRONG_TIMES = ("", "now", "2025", "2025-03-01", "2025-03-01T12:00:00", "2025-02-30T00:00:00Z")
WRONG_TIMES += ("2025-03-01T24:00:00Z", "2025-03-01T12:00:00+0100", "1969-12-31T23:59:59Z")
WRONG_TIMES += ("2025-03-01T12:00:00.Z", "2025-03-01T12:00:00Zx", "-025-03-01T12:00:00Z")


class TestParameters:
    @pytest.mark.parametrize("name", WRONG)
    def test_a_wrong_value_is_named(self, name, server):
        for value in WRONG[name]:
            response = server.get(f"/api/v1/flows?limit=5&{name}={encode(value)}".replace(
                "limit=5&limit", "limit"))
            check_error(response, 400, name)

    @pytest.mark.parametrize("name", ("since", "until"))
    def test_wrong_times(self, name, server):
        for value in WRONG_TIMES:
            check_error(server.get(f"/api/v1/gaps?{name}={encode(value)}"), 400, name)

    @pytest.mark.parametrize("value", ("", "sensor", "Network", "network,undetermined"))
    def test_wrong_causes(self, value, server):
        check_error(server.get(f"/api/v1/gaps?cause={encode(value)}"), 400, "cause")

    @pytest.mark.parametrize("value", ("0", "-5", "1.5", "99999999999"))
    def test_wrong_steps(self, value, server):
        check_error(server.get(f"/api/v1/intervals?step={value}"), 400, "step")

    @pytest.mark.parametrize(
        "path, name",
        (
            ("flows", "lmit"),
            ("flows", "cause"),
            ("gaps", "sort"),
            ("captures", "capture"),
            ("stats/summary", "limit"),
            ("flows/{}", "offset"),
            ("flows/{}/gaps", "protocol"),
            ("flows", "a%00b"),
            ("flows", "x" * 300),
        ),
    )
    def test_an_unknown_one_is_named(self, path, name, server):
        response = server.get(f"/api/v1/{path.format(server.flow)}?{name}=1")
        check_error(response, 400, name if len(name) < 10 and "%" not in name else "name")

    def test_twice(self, server):
        check_error(server.get("/api/v1/flows?limit=5&limit=6"), 400, "limit")
        check_error(server.get("/api/v1/flows?limit=5&%6cimit=6"), 400, "limit")

    def test_without_a_value(self, server):
        check_error(server.get("/api/v1/flows?limit"), 400, "limit")

    @pytest.mark.parametrize("value", ("%", "%1", "%zz", "%00", "5%"))
    def test_encoding(self, value, server):
        check_error(server.get(f"/api/v1/flows?limit={value}"), 400, "limit")

    def test_what_is_allowed(self, server):
        """Empty parameters, encoded names and values, and a plus as a space."""
        assert server.json("/api/v1/flows?&&%6Cimit=%35&")["count"] == 5
        assert server.json("/api/v1/flows?")["count"] == 100
        since = "/api/v1/gaps?since=2025-03-01+12:00:00Z"
        assert server.json(since)["total"] == server.json("/api/v1/gaps")["total"]

    def test_health_takes_none(self, server):
        check_error(server.get("/health?x=1"), 400, "x")


class TestPaths:
    @pytest.mark.parametrize(
        "path",
        ("/nothing", "/api", "/api/v1", "/api/v1/", "/api/v2/flows", "/api/v1/flows/", "//")
        + ("/health/", "/Health", "/api/v1/flows/x/y", "/api/v1/flows/x/gaps/", "/../etc/passwd")
        + ("/api/v1/../v1/flows", "/%2e%2e/", "/api/v1/flows%2f", "/index.html.gz", "/page/"),
    )
    def test_unknown(self, path, server):
        check_error(server.get(path), 404)

    @pytest.mark.parametrize(
        "name",
        ("x", "MACsec { sci: 0x1 }", "' OR '1'='1", "TCP { 1 -> 2 }", "é", "😀", "%25", "\n", "0x")
        + ("[" * 100, ":" * 100, "0x" + "f" * 17, "[]:1", "]:1", "[::1]:", "MACsec { sci: 0x"),
    )
    def test_no_such_flow(self, name, server):
        check_error(server.get(f"/api/v1/flows/{encode(name)}"), 404)
        check_error(server.get(f"/api/v1/flows/{encode(name)}/gaps"), 404)
        check_error(server.get(f"/api/v1/flows/{encode(name)}/intervals"), 404)

    @pytest.mark.parametrize("name", ("%", "%2", "%zz", "%00", "a%00b", "x" * 200))
    def test_wrong_encoding_or_length(self, name, server):
        check_error(server.get(f"/api/v1/flows/{name}"), 400, "flow_id")

    def test_no_such_capture(self, server):
        for path in ("flows", "gaps", "stats/summary", "intervals", f"flows/{server.flow}"):
            check_error(server.get(f"/api/v1/{path}?capture=77"), 404, "77")


class TestMethods:
    @pytest.mark.parametrize("method", ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"))
    @pytest.mark.parametrize("path", ("/", "/health", "/api/v1/flows", "/metrics", "/nothing"))
    def test_not_allowed(self, method, path, server):
        response = server.get(path, method)
        if method != "HEAD":
            check_error(response, 405)
        assert response.headers["allow"] == "GET, HEAD"

    def test_with_a_body(self, server):
        request = b"POST /api/v1/flows HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}"
        assert server.raw(request).startswith(b"HTTP/1.1 405 ")

    @pytest.mark.parametrize(
        "path",
        ("/", "/health", "/api/v1/flows", "/api/v1/openapi.json", "/metrics", "/nothing")
        + ("/api/v1/flows?limit=0",),
    )
    def test_head_is_get_without_the_body(self, path, server):
        full, head = server.get(path), server.get(path, "HEAD")
        assert head.status == full.status and head.body == b""
        assert dict(head.headers) == dict(full.headers)


def request(line="GET /health HTTP/1.1", *headers, host=b"Host: localhost\r\n"):
    lines = "".join(f"{header}\r\n" for header in headers).encode("latin-1")
    return line.encode("latin-1") + b"\r\n" + host + lines + b"\r\n"


MALFORMED = {
    "no version": (400, request("GET /health")),
    "four words": (400, request("GET /health HTTP/1.1 x")),
    "two spaces": (400, request("GET  /health HTTP/1.1")),
    "no slash": (400, request("GET health HTTP/1.1")),
    "no method": (400, request(" /health HTTP/1.1")),
    "method of no characters": (400, request("G(T /health HTTP/1.1")),
    "lower-case method": (405, request("get /health HTTP/1.1")),
    "octets above ASCII in the URL": (400, request("GET /h\xe9 HTTP/1.1")),
    "control character in the URL": (400, request("GET /\x01 HTTP/1.1")),
    "octet of zero": (400, request("GET /\0 HTTP/1.1")),
    "no host": (400, request(host=b"")),
    "two hosts": (400, request(host=b"Host: a\r\nHost: b\r\n")),
    "long host": (400, request(host=b"Host: " + b"a" * 300 + b"\r\n")),
    "host of another site": (421, request(host=b"Host: evil.example\r\n")),
    "URL of another site": (421, request("GET http://evil.example/health HTTP/1.1")),
    "header without colon": (400, request("GET /health HTTP/1.1", "nonsense")),
    "control character in a header": (400, request("GET /health HTTP/1.1", "X: a\x01b")),
    "space before the colon": (400, request("GET /health HTTP/1.1", "X : y")),
    "folded header": (400, request("GET /health HTTP/1.1", "X: y", " z")),
    "a body": (413, request("GET /health HTTP/1.1", "Content-Length: 5") + b"hello"),
    "a chunked body": (413, request("GET /health HTTP/1.1", "Transfer-Encoding: chunked")),
    "HTTP/2.0": (505, request("GET /health HTTP/2.0")),
    "HTTP/0.9": (505, request("GET /health HTTP/0.9")),
    "another protocol": (400, request("GET /health SIP/2.0")),
    "long URL": (414, request(f"GET /{'x' * 1950} HTTP/1.1")),
    "long URL, as Kore sees it": (414, request(f"GET /{'x' * 2500} HTTP/1.1")),
    "long header": (431, request("GET /health HTTP/1.1", "X: " + "y" * 33000)),
    "headers without end": (431, b"GET /health HTTP/1.1\r\n" + b"X: y\r\n" * 6000),
    "many headers": (431, request("GET /health HTTP/1.1", *["X: y"] * 257)),
    "TLS": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n"),
}


class TestMalformed:
    @pytest.mark.parametrize("name", MALFORMED)
    def test_refused(self, name, server):
        status, octets = MALFORMED[name]
        answer = server.raw(octets)
        head, _, body = answer.partition(b"\r\n\r\n")
        assert head.startswith(f"HTTP/1.1 {status} ".encode()), answer
        assert json.loads(body)["error"] == CODES[status]
        assert f"content-length: {len(body)}".encode() in head
        assert b"content-type: application/json" in head and b"nosniff" in head

    @pytest.mark.parametrize(
        "octets",
        (
            request("GET /health HTTP/1.0"),
            request().replace(b"\r\n", b"\n"),
            request("GET /health HTTP/1.1", "Content-Length: 0"),
            request("GET /health HTTP/1.1", *["X-A: y"] * 255),
            request(host=b"hOsT:127.0.0.1\r\n"),
            request("GET http://localhost/health HTTP/1.1"),
            request("GET /health HTTP/1.1", "X-Empty:", "X: a\tb", "X: \xff\xfe", "Hostile: x"),
            request("GET /health HTTP/1.1", *[f"X-{i}: {'y' * 400}" for i in range(64)]),
            request("GET /health HTTP/1.0", host=b""),
        ),
        ids=("HTTP 1.0", "bare LF", "empty body", "as many headers as may be", "host in any case",
             "absolute URL", "values", "big headers", "HTTP 1.0 without host"),
    )
    def test_taken(self, octets, server):
        assert server.raw(octets).startswith((b"HTTP/1.1 200 ", b"HTTP/1.0 200 "))

    def test_requests_sent_ahead_are_not_mixed_up(self, server):
        """The connection is closed after the first answer, so that the client sends the second
        request again."""
        answer = server.raw(request() + request("GET /nothing HTTP/1.1"))
        assert answer.startswith(b"HTTP/1.1 200 ") and answer.count(b"HTTP/1.1") == 1
        assert b"connection: close" in answer

    def test_in_pieces(self, server):
        connection = server.connect()
        connection.connect()
        for octet in request():
            connection.sock.send(bytes([octet]))
        assert connection.sock.recv(100).startswith(b"HTTP/1.1 200 ")
        connection.close()

    def test_a_connection_serves_many_requests(self, server):
        """Each request is checked before Kore parses it."""
        connection = server.connect()
        for _ in range(5):
            connection.request("GET", "/api/v1/flows?limit=3")
            assert len(json.loads(connection.getresponse().read())["flows"]) == 3
        kept = connection.sock
        connection.request("POST", "/health", body=b"x")
        response = connection.getresponse()
        assert response.status == 405 and response.headers["connection"] == "close"
        assert json.loads(response.read())["error"] == "method_not_allowed" and kept
        connection.close()

    def test_noise(self, server):
        rng = random.Random(11)
        parts = ["GET ", "/api/v1/", "flows", " HTTP/1.1", "\r\n", "Host: x", "?", "&", "=", "%", "{"]
        parts += [":", "\n", "limit", "0x", "\0", "\xff", "/", *string.printable]
        for _ in range(300):
            octets = "".join(rng.choices(parts, k=rng.randint(1, 60))).encode("latin-1")
            answer = server.raw(octets + b"\r\n\r\n")
            assert not answer.startswith(b"HTTP/1.1 5") or b" 505 " in answer[:20], (octets, answer)


class TestConditional:
    @pytest.mark.parametrize(
        "path", ("/", "/api/v1/openapi.json", "/api/v1/flows", "/api/v1/stats/summary")
    )
    def test_the_same_is_not_sent_again(self, path, server):
        first = server.get(path)
        etag = first.headers["etag"]
        for value in (etag, etag.removeprefix("W/"), f'"other", {etag}', "*"):
            for method in ("GET", "HEAD"):
                again = server.get(path, method, If_None_Match=value)
                assert (again.status, again.body) == (304, b""), value
                assert again.headers["etag"] == etag
                assert "content-length" not in again.headers
        assert server.get(path, If_None_Match='W/"0000000000000000"').body == first.body

    def test_every_worker_has_the_same_one(self, server):
        tags = {server.get("/api/v1/flows").headers["etag"] for _ in range(20)}
        assert len(tags) == 1

    def test_an_error_has_none(self, server):
        response = server.get("/api/v1/flows/none", If_None_Match="*")
        assert response.status == 404 and "etag" not in response.headers
        assert response.headers["cache-control"] == "no-store"


class TestGzip:
    @pytest.mark.parametrize("path", ("/api/v1/flows", "/metrics", "/api/v1/openapi.json"))
    def test_when_asked_for(self, path, server):
        plain = server.get(path)
        for value in ("gzip", "deflate, gzip;q=0.5", "GZIP", "x-gzip", "*", "br;q=1.0, *;q=0.1"):
            packed = server.get(path, Accept_Encoding=value)
            assert packed.headers["content-encoding"] == "gzip", value
            assert gzip.decompress(packed.body) == plain.body
            assert len(packed.body) < len(plain.body) / 2
            assert packed.headers["vary"] == "accept, accept-encoding"
            assert packed.headers["etag"] == plain.headers["etag"]

    @pytest.mark.parametrize(
        "value", ("identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "br", "notgzip", "gzip;q=0, *", ",")
    )
    def test_when_not(self, value, server):
        response = server.get("/api/v1/flows", Accept_Encoding=value)
        assert "content-encoding" not in response.headers
        assert response.json()["count"] == 100

    def test_head(self, server):
        head = server.get("/api/v1/flows", "HEAD", Accept_Encoding="gzip")
        full = server.get("/api/v1/flows", Accept_Encoding="gzip")
        assert head.headers["content-length"] == str(len(full.body))
