# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""`--config FILE`: all keys and forms; errors name the line."""
import json
import os
import threading
import time

import pytest

from support.capture_file import pcap
from support.database import value
from support.numbered import esp_run
from support.small_capture import LINK_TYPE, packets
from test_capture_words import capture

DONE, FAILED, USAGE = 0, 1, 2


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.pcap"
    path.write_bytes(pcap(packets(), LINK_TYPE))
    return path


def write(folder, content, name="config.json"):
    """Writes CONTENT (octets, text, or a value that becomes JSON) to a file and returns its path."""
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def complaint(gapwatch, path, *words, code=USAGE):
    """Returns the error for the file at PATH, from the line number on."""
    done = gapwatch.run(*(words or ("analyze", "none.pcap")), "--config", path)
    assert (done.returncode, done.stdout) == (code, b""), done.stderr
    text = done.stderr.decode(errors="replace")
    assert text.count("\n") == 1 and text.startswith("gapwatch: "), text
    return text[len("gapwatch: ") : -1].replace(str(path), "FILE")


class TestErrors:
    @pytest.mark.parametrize(
        "text, said",
        (
            ('{\n  "quiet": true,\n  "windw": 3\n}', "3: there is no key 'windw': did you mean window?"),
            ('{"db":\n\n"a.db",\n"db": "b.db"}', "4: db is given twice"),
            ('{"db": "a", "database": {"path": "b"}}', "1: database.path is given twice"),
            ('{"window": 0}', "1: window: --window takes a whole number from 1 to 4096, not '0'"),
            ('{"window": 3.5}', "1: window: --window takes a whole number from 1 to 4096, not '3.5'"),
            ('{"window": -1}', "1: window: --window takes a whole number from 1 to 4096, not '-1'"),
            ('{"window": "32"}', "1: window takes a whole number, without quotation marks"),
            ('{"window": null}', "1: window takes a whole number"),
            ('{"window": [32]}', "1: window takes a whole number"),
            ('{"window": {}}', "1: window takes a whole number"),
            ('{"json": 1}', "1: json takes true or false"),
            ('{"json": "true"}', "1: json takes true or false, without quotation marks"),
            ('{"filter": 5}', "1: filter takes a string in quotation marks"),
            ('{"filter": ["a"]}', "1: filter takes a string in quotation marks"),
            ('{"protocols": 5}', "1: protocols takes a string or a list of strings"),
            ('{"protocols": ["esp", 5]}', "1: protocols takes a string or a list of strings"),
            (
                '{"protocols":\n["esp",\n"tcpp",\n"udp"]\n}',
                "3: protocols: --protocols takes names separated by commas (macsec, esp, ah, wireguard, openvpn, dtls, "
                "tcp, udp), not 'tcpp': did you mean tcp?",
            ),
            (
                '{"esp-port": [4501,\n4502, 70000\n, 4503]}',
                "2: esp-port: --esp-port takes a port from 1 to 65535, or any, not '70000'",
            ),
            ('{"interfaces": ["lo",\n"eth0",\n"lo"\n]}', "3: interfaces: the interface 'lo' is given twice"),
            ('{"protocols": []}', "1: protocols takes a string or a list of strings"),
            ('{"protocols": ["esp",\n"isp"]}', "2: protocols: --protocols takes names separated by commas"),
            ('{"interfaces": ["a", "b", "a"]}', "1: interfaces: the interface 'a' is given twice"),
            ('{"interfaces": ["a", ""]}', "1: interfaces: the name of an interface is empty"),
            ('{"interface": "a",\n"interfaces": "b"}', "2: interfaces is given twice"),
            ('{"method": "ebpf"}', "1: method: --method takes xdp|tc|af_packet|pcap|auto, not 'ebpf'"),
            ('{"database": "a.db"}', "1: database takes an object: did you mean database.path?"),
            ('{"json": true,\n"server": 80}', "2: server takes an object: did you mean server.port?"),
            ('{"server": "::"}', "1: server takes an object: did you mean server.host?"),
            ('{"server": true}', "1: server takes an object"),
            ('{"database": {"pth": "a.db"}}', "1: there is no key 'database.pth'"),
            ('{"databases": {"path": "a.db"}}', "1: there is no key 'databases'"),
            ('{"max-db-size": 5}', "1: max-db-size: --max-db-size takes a size like 500M or 2G"),
            ('{"config": "other"}', "1: there is no key 'config'"),
            ('{"help": true}', "1: there is no key 'help'"),
            ('{"version": true}', "1: there is no key 'version'"),
            ('{"read": "file"}', "1: there is no key 'read'"),
            ('{"": 1}', "1: there is no key ''"),
        ),
    )
    def test_of_keys_and_values(self, text, said, gapwatch, tmp_path):
        found = complaint(gapwatch, write(tmp_path, text))
        assert found.startswith(f"FILE:{said}")

    @pytest.mark.parametrize(
        "content, said",
        (
            (b"", "1: not JSON: expected a JSON object, which starts with {"),
            (b"\n\n[]", "3: a configuration is one JSON object: { ... }"),
            (b'"text"', "1: a configuration is one JSON object: { ... }"),
            (b"window = 3\n", "1: not JSON: expected a string in quotation marks"),
            (b"{", "1: not JSON: expected a key in quotation marks"),
            (b'{"json" true}', "1: not JSON: expected a colon"),
            (b'{"json": true\n"quiet": true}', "2: not JSON: expected a comma or }"),
            (b'{"json": true,}', "1: not JSON: expected a key in quotation marks"),
            (b'{"protocols": ["esp" "tcp"]}', "1: not JSON: expected a comma or ]"),
            (b"{}\n{}", "2: not JSON: expected the end of the file behind the object"),
            (b"{} // all", "1: not JSON: JSON has no comments"),
            (b"{\n# all\n}", "2: not JSON: JSON has no comments"),
            (b'{"filter": "a\nb"}', "1: not JSON: a string contains a control character or an end of line"),
            (b'{"filter": "ab', "1: not JSON: a string has no closing quotation mark"),
            (b'{"filter": "\\x41"}', "1: not JSON: a string contains a wrong escape (\\)"),
            (b'{"filter": "\\ud800"}', "1: not JSON: a string contains a wrong escape (\\)"),
            (b'{"filter": "a\\u0000b"}', "1: not JSON: a string contains a wrong escape (\\)"),
            (b'{"filter": "a\0b"}', "1: not JSON: a string contains a control character or an end of line"),
            (b"\0", "1: not JSON: expected a string in quotation marks"),
            (b"{}\0", "1: not JSON: expected a string in quotation marks"),
            (b'{"window": 032}', "1: not JSON: wrong form of a number"),
            (b'{"window": 1e}', "1: not JSON: wrong form of a number"),
            (b'{"window": +1}', "1: not JSON: expected a string in quotation marks"),
            (b"\xff\xfe{\0}\0", "1: not JSON: expected a string in quotation marks"),
            (b'{"filter": "' + b"x" * 9000 + b'"}', "1: the value is too long"),
            (b'{"a": ' + b"[" * 10000, "1: there is no key 'a'"),
            (b'{"server": ' * 2000, "1: there is no key 'server.server'"),
        ),
        ids=lambda content: str(content)[:30],
    )
    def test_of_form(self, content, said, gapwatch, tmp_path):
        found = complaint(gapwatch, write(tmp_path, content))
        assert found.startswith(f"FILE:{said}")

    def test_all_values_are_too_long(self, gapwatch, tmp_path):
        path = write(tmp_path, {"filter": "x" * 8000, "user": "y" * 300, "db": "z"})
        assert complaint(gapwatch, path, "capture", "lo") == "FILE:1: user: together the values of this file are too long"

    @pytest.mark.parametrize("lines", (1, 1000))
    def test_a_huge_file(self, lines, gapwatch, tmp_path):
        path = write(tmp_path, (" " * (70_000 // lines) + "\n") * lines)
        assert complaint(gapwatch, path, code=FAILED) == "FILE is longer than 65536 bytes"

    def test_what_cannot_be_read(self, gapwatch, tmp_path):
        said = complaint(gapwatch, tmp_path / "none", code=FAILED)
        assert said == "cannot read FILE: No such file or directory"
        assert complaint(gapwatch, tmp_path, code=FAILED) == "cannot read FILE: Is a directory"
        assert complaint(gapwatch, "/dev/zero", code=FAILED) == "FILE is longer than 65536 bytes"

    def test_values_of_other_commands_are_checked(self, gapwatch, tmp_path, small):
        path = write(tmp_path, {"port": 70000})
        assert "--port takes a whole number from 1 to 65535" in complaint(gapwatch, path, "analyze", small)
        path = write(tmp_path, {"port": 3000, "interfaces": ["eth0"], "method": "tc", "json": True})
        assert gapwatch.run("analyze", small, "--config", path).returncode == DONE


class TestForms:
    @pytest.mark.parametrize(
        "content",
        (
            b'{"max-packets": 3}',
            b'\xef\xbb\xbf{"max-packets": 3}',
            b'{\r\n\t"max-packets"\r\n:\r\n3}\r\n',
            b'{"max-packet\\u0073": 3}',
            b'{"max-packets": 3, "json": false, "server": {}}',
        ),
        ids=str,
    )
    def test_is_json(self, content, gapwatch, tmp_path, small):
        config = write(tmp_path, content)
        assert gapwatch.analyze(small, "--config", config)["capture"]["packets"] == 3

    def test_a_named_pipe(self, gapwatch, tmp_path, small):
        path = tmp_path / "pipe"
        os.mkfifo(path)

        def write_slowly():
            with path.open("w") as pipe:
                pipe.write('{"js')
                pipe.flush()
                time.sleep(0.2)
                pipe.write('on": true}')

        writer = threading.Thread(target=write_slowly)
        writer.start()
        done = gapwatch.run("analyze", small, "--config", path)
        writer.join()
        assert done.returncode == DONE and done.stdout.startswith(b"{")

    def test_texts_with_escapes(self, gapwatch, tmp_path, small):
        name = 'a"b\\c\té€😀.db'
        config = write(tmp_path, json.dumps({"db": str(tmp_path / name)}))  # escapes all characters but ASCII
        assert gapwatch.run("analyze", small, "--config", config).returncode == DONE
        assert (tmp_path / name).exists()


class TestCapture:
    def test_all_that_a_service_needs(self, watched, tmp_path):
        store = tmp_path / "store.db"
        config = {
            "interfaces": [watched.near.interface],
            "method": "pcap",
            "database": {"path": str(store)},
            "protocols": ["macsec", "esp"],
            "window": 64,
            "max-packets": 20,
        }
        path = write(tmp_path, json.dumps(config, indent=4))
        sensor = capture(watched, "--config", path)
        sensor.await_watching()
        assert f"watching {watched.near.interface} with pcap" in sensor.said()
        watched.send(esp_run(1, 10) + esp_run(12, 40))
        found = sensor.report()
        assert found["capture"]["packets"] == 20 and found["summary"]["total_lost_packets"] == 1
        assert value(store, "SELECT packets_received FROM flows") == 20

    def test_the_command_line_wins(self, watched, tmp_path):
        """Interfaces on the command line replace the list of the file."""
        config = {"interfaces": "none0,none1", "method": "tc", "db": "/no/where.db", "quiet": True}
        path = write(tmp_path, config)
        sensor = capture(
            watched, "--config", path, "-c", 1, watched.near.interface, tmp_path / "a.db", "pcap"
        )
        until = time.monotonic() + 60
        while sensor.process.poll() is None and time.monotonic() < until:
            watched.send(esp_run(1, 1))
            time.sleep(0.05)
        assert sensor.report()["capture"]["method"] == "pcap" and sensor.said() == ""
        assert (tmp_path / "a.db").exists()

    def test_words_behind_the_interfaces_of_the_file(self, gapwatch, tmp_path):
        """The first operand is then not an interface: here it is a database, or an error."""
        path = write(tmp_path, {"interfaces": ["none0"], "method": "pcap"})
        done = gapwatch.run("capture", "--config", path, tmp_path / "a.db", "af_packet")
        assert (done.returncode, done.stderr) == (FAILED, b"gapwatch: none0: there is no such interface\n")
        done = gapwatch.run("capture", "--config", path, "none1", "af_packet")
        assert (done.returncode, done.stderr) == (FAILED, b"gapwatch: none1: there is no such interface\n")
