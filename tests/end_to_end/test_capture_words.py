# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The words of `capture IFACE[,IFACE...] [DB] [METHOD]`: a typo never creates a database."""
import os
import time
import types

import pytest

from support.capture_file import pcap
from support.database import value
from support.link import entered
from support.numbered import esp_run
from support.sensor import STOP_SECONDS
from support.small_capture import LINK_TYPE, packets

USAGE = 2
METHODS = "(xdp, tc, af_packet, pcap, auto)"
PROTOCOLS = "(macsec, esp, ah, wireguard, openvpn, dtls, tcp, udp)"

NO_FILES = "gapwatch writes no captures, so there is no"
NOT_A_COUNT = "--max-packets takes a whole number from 1 to 9223372036854775807, not 'x'"


def complaint(gapwatch, folder, *words):
    """Returns the error for WORDS, which are wrong. The program must create no file in FOLDER."""
    before = sorted(os.listdir(folder))
    done = gapwatch.run(*words, cwd=folder)
    assert (done.returncode, done.stdout) == (USAGE, b""), done.stderr
    assert sorted(os.listdir(folder)) == before
    text = done.stderr.decode()
    assert text.startswith("gapwatch: ") and text.count("\n") == 1, text
    return text[len("gapwatch: ") : -1]


def unknown(word, meant=""):
    return (
        f"'{word}' is no method {METHODS}, no protocol {PROTOCOLS} and no database "
        f"(the path of one has a slash or a dot: ./{word}){meant}"
    )


class TestWordsThatAreWrong:
    @pytest.mark.parametrize(
        "word, meant",
        (
            ("tpc", ": did you mean tc or tcp?"),
            ("tcx", ": did you mean tc or tcp?"),
            ("xpd", ": did you mean xdp?"),
            ("XDP", ": did you mean xdp?"),
            ("af-packet", ": did you mean af_packet?"),
            ("pacp", ": did you mean pcap?"),
            ("macsce", ": did you mean macsec?"),
            ("ebpf", ""),
            ("live", ""),
            ("TCX", ": did you mean tc or tcp?"),
            ("AfPacket", ": did you mean af_packet?"),
        ),
    )
    def test_unknown(self, word, meant, gapwatch, tmp_path):
        assert complaint(gapwatch, tmp_path, "capture", "lo", word) == unknown(word, meant)
        assert complaint(gapwatch, tmp_path, "capture", "lo", "./a.db", word, "tc") == unknown(word, meant)

    @pytest.mark.parametrize("word", ("lo", "lo,lo", "lo,none"))
    def test_another_interface(self, word, gapwatch, tmp_path):
        said = complaint(gapwatch, tmp_path, "capture", "eth99", word)
        assert said.startswith(f"'{word}' is an interface: several are joined by commas, as in eth99,{word}")

    def test_an_interface_with_a_dot(self, gapwatch, watched, tmp_path):
        """VLAN interfaces have such names."""
        name = f"{watched.near.interface[-9:]}.20"
        watched.near.run("ip", "link", "add", name, "type", "veth", "peer", "name", "other")
        with entered(watched.near.interface):
            said = complaint(gapwatch, tmp_path, "capture", watched.near.interface, name)
        assert said.startswith(f"'{name}' is an interface")

    @pytest.mark.parametrize(
        "words, said",
        (
            (["a.db", "b.db"], "there can be one database only, not both 'a.db' and 'b.db'"),
            (["--db", "a.db", "b/c"], "there can be one database only, not both 'a.db' and 'b/c'"),
            (["tc", "xdp"], "there can be one method only: 'xdp' is a second one"),
            (["--method", "tc", "tc"], "there can be one method only: 'tc' is a second one"),
            (["--protocols", "esp", "tcp"], "protocols are given before 'tcp': join them with commas, as in --protocols esp,tcp"),
        ),
    )
    def test_twice(self, words, said, gapwatch, tmp_path):
        assert complaint(gapwatch, tmp_path, "capture", "lo", *words) == said

    @pytest.mark.parametrize(
        "words, said",
        (
            (["live.db", "lo"], "'live.db' is no interface: that comes first, as in gapwatch capture lo live.db"),
            (["MACSEC", "lo"], "'MACSEC' is no interface: that comes first, as in gapwatch capture lo MACSEC"),
            (["tc", "live.db", "lo"], "'tc' is no interface: that comes first, as in gapwatch capture lo tc"),
            (["lo", ""], "one of the words behind the interfaces is empty"),
            (["lo", "lo.20"], "there is no interface 'lo.20' (a database of that name is ./lo.20)"),
            (["lo", "esp,tcpp"], f"--protocols takes names separated by commas {PROTOCOLS}, not 'tcpp': did you mean tcp?"),
            (["lo", "lo"], "the interface 'lo' is given twice (a database of that name is ./lo)"),
            (["./a.pcap"], "'./a.pcap' is no interface: a capture file is read by gapwatch analyze ./a.pcap"),
            (["lo", "MACSEC"], unknown("MACSEC", ": did you mean macsec?")),
            (["lo", "udp", "port", "4500"], "a filter is an option: --filter 'udp port 4500'"),
            (["lo", "pcap", "host", "192.0.2.1"], "a filter is an option: --filter 'host 192.0.2.1'"),
            (["lo", "esp and host 192.0.2.1"], "a filter is an option: --filter 'esp and host 192.0.2.1'"),
        ),
    )
    def test_what_was_meant(self, words, said, gapwatch, tmp_path):
        assert complaint(gapwatch, tmp_path, "capture", *words) == said

    @pytest.mark.parametrize(
        "words, said",
        (
            (["lo,lo"], "the interface 'lo' is given twice"),
            (["lo,"], "the name of an interface is empty: separate names by one comma"),
            ([""], "the name of an interface is empty: separate names by one comma"),
            (["-i", "lo", "-i", "lo"], "-i: the interface 'lo' is given twice"),
            (["lo,any"], "'any' stands for all interfaces: give it alone"),
            ([",".join(f"if{number}" for number in range(65))], "at most 64 interfaces can be watched"),
            (["x" * 64], f"too long for the name of an interface: '{'x' * 64}...'"),
        ),
    )
    def test_lists_of_interfaces(self, words, said, gapwatch, tmp_path):
        assert complaint(gapwatch, tmp_path, "capture", *words) == said


class TestFilesThatAreNoDatabase:
    @pytest.mark.parametrize("words", (["lo", "./a.pcap"], ["lo", "--db", "a.pcap"]), ids=("operand", "option"))
    def test_is_said_before_a_method_is_chosen(self, words, gapwatch, tmp_path):
        path = tmp_path / "a.pcap"
        path.write_bytes(pcap([]))
        before = path.read_bytes()
        done = gapwatch.run("capture", *words, cwd=tmp_path)
        assert done.returncode == 1
        assert done.stderr.decode() == f"gapwatch: {words[-1]}: file is not a database\n"
        assert path.read_bytes() == before


class TestOptionsOfTcpdump:
    @pytest.mark.parametrize(
        "words, said",
        (
            (["capture", "-w", "out.pcap", "lo"], "gapwatch writes no captures: use tcpdump -w FILE"),
            (["analyze", "-w", "out.pcap", "in"], "gapwatch writes no captures: use tcpdump -w FILE"),
            (["-w", "out.pcap"], "gapwatch writes no captures: use tcpdump -w FILE"),
            (["capture", "-r", "in.pcap"], "-r reads a capture file: gapwatch analyze FILE"),
            (["-r", "in.pcap"], "-r reads a capture file: gapwatch analyze FILE"),
            (["analyze", "-i", "lo"], "-i watches an interface: gapwatch capture IFACE"),
            (["-i", "lo"], "-i watches an interface: gapwatch capture IFACE"),
            (["capture", "-D"], "-D lists interfaces: gapwatch interfaces"),
            (["capture", "-nn", "lo"], "-n is not needed: gapwatch never looks names up"),
            (["capture", "-s", "0", "lo"], "-s is not needed: gapwatch copies headers only"),
            (["-v"], "gapwatch prints no frames, so there is no -v: --json has all figures"),
            (["capture", "-X", "lo"], "gapwatch prints no frames, so there is no -X: --json has all figures"),
            (["capture", "-B", "4096", "lo"], "the buffer is an option in megabytes: --buffer MB"),
            (["capture", "-Q", "in", "lo"], "the direction is an option: --direction in, out or both"),
            (["capture", "-Z", "nobody", "lo"], "the user is an option: --user NAME"),
            (["capture", "-p", "lo"], "there is no -p: interfaces are always in promiscuous mode"),
            (["capture", "-j", "host", "lo"], "the clock is an option: --timestamp auto, hw or sw"),
            (["capture", "-F", "f", "lo"], 'a filter is an option: --filter "$(cat FILE)"'),
            (["capture", "-l", "lo"], "-l is not needed: progress is printed line by line"),
            (["capture", "-U", "lo"], f"{NO_FILES} -U: --flush-interval SECONDS says how often the database is written"),
            (["capture", "-G", "60", "lo"], f"{NO_FILES} -G: --retain DAYS limits the age of what the database has"),
            (["capture", "-C", "1", "lo"], f"{NO_FILES} -C: --max-db-size SIZE limits the database"),
            (["capture", "-W", "5", "lo"], f"{NO_FILES} -W: --max-db-size SIZE limits the database"),
            (["capture", "-y", "EN10MB", "lo"], "no such option: '-y'"),
            (["capture", "-c", "x", "lo"], f"-c: {NOT_A_COUNT}"),
            (["capture", "--max-packets", "x", "lo"], NOT_A_COUNT),
            (["capture", "-i", "lo,lo"], "-i: the interface 'lo' is given twice"),
            (["capture", "-c"], "option '-c' needs an argument"),
            (["serve", "-c", "3"], "option '-c' does not belong to this command but to gapwatch analyze"),
            (["--json"], "option '--json' belongs behind a command, as gapwatch analyze"),
            (["analyse", "x"], "no such command: 'analyse': did you mean analyze?"),
            (["captrue", "lo"], "no such command: 'captrue': did you mean capture?"),
            (["serve", "a.db"], "serve takes options only: did you mean --db a.db?"),
            (["analyze"], "no capture file given (see gapwatch analyze --help)"),
            (["/dev/null"], "no such command: '/dev/null': did you mean gapwatch analyze /dev/null?"),
            (["tcpdump"], "no such command: 'tcpdump' (see gapwatch --help)"),
        ),
    )
    def test_explained(self, words, said, gapwatch, tmp_path):
        assert complaint(gapwatch, tmp_path, *words) == said

    @pytest.mark.parametrize("is_there", (False, True), ids=("missing", "there"))
    def test_database_behind_files(self, is_there, gapwatch, tmp_path):
        path, database = tmp_path / "small.pcap", tmp_path / "out.db"
        path.write_bytes(pcap(packets(), LINK_TYPE))
        if is_there:
            gapwatch.analyze(path, "--db", database)
        done = gapwatch.run("analyze", path, database)
        said = f"gapwatch: '{database}' is no capture file: did you mean --db {database}?\n"
        assert (done.returncode, done.stdout, done.stderr.decode()) == (USAGE, b"", said)
        assert database.exists() == is_there

    def test_r_and_q(self, gapwatch, tmp_path):
        path = tmp_path / "small.pcap"
        path.write_bytes(pcap(packets(), LINK_TYPE))
        plain = gapwatch.run("analyze", path)
        for words in (["-r", path], ["-q", "-r", path], ["-qr", path], [f"-r{path}"], ["--read", path]):
            done = gapwatch.run("analyze", *words)
            assert (done.returncode, done.stdout, done.stderr) == (0, plain.stdout, b"")
        found = gapwatch.analyze(path, "-r", path)
        assert found["capture"]["packets"] == 2 * len(packets())

    @pytest.mark.parametrize("command", ("analyze", "capture", "interfaces"))
    @pytest.mark.parametrize("word", ("-h", "--help"))
    def test_help_is_that_of_the_command(self, word, command, gapwatch):
        done = gapwatch.run(command, word)
        text = done.stdout.decode()
        assert (done.returncode, done.stderr) == (0, b"")
        assert text.startswith(f"Usage:\n  gapwatch {command} [OPTION...]")
        assert "gapwatch serve" not in text and "--token-file" not in text
        assert ("--buffer" in text) == (command == "capture")
        assert ("--replace" in text) == (command == "analyze")


def capture(link, *words):
    """Starts a sensor on the near end with exactly these WORDS, at least two, and returns it."""
    *first, last_but_one, last = words
    end = types.SimpleNamespace(interface=last_but_one, command=link.near.command)
    return link.start(last, *first, end=end)


class TestWordsThatAreRight:
    def test_the_old_order_with_a_protocol(self, watched, tmp_path):
        """The order is `capture IFACE PROTOCOL DB METHOD`."""
        store = tmp_path / "live.db"
        sensor = capture(watched, watched.near.interface, "esp", store, "pcap")
        sensor.await_watching()
        assert "gapwatch: 'esp' is taken as --protocols esp\n" in sensor.said()
        assert f"watching {watched.near.interface} with pcap" in sensor.said()
        watched.send(esp_run(1, 10) + esp_run(12, 13))
        assert sensor.stop()["summary"]["total_lost_packets"] == 1
        assert value(store, "SELECT packets_received FROM flows") == 12

    def test_any_order(self, watched, tmp_path):
        sensor = capture(watched, watched.near.interface, "pcap", tmp_path / "a", "esp,tcp")
        sensor.await_watching()
        assert "taken as --protocols esp,tcp" in sensor.said()
        sensor.stop()
        assert (tmp_path / "a").exists()

    def test_quiet_says_nothing(self, watched):
        sensor = capture(watched, "-q", "-c", "1", watched.near.interface, "esp", "pcap")
        until = time.monotonic() + STOP_SECONDS
        while sensor.process.poll() is None and time.monotonic() < until:
            watched.send(esp_run(1, 1))
            time.sleep(0.05)
        assert sensor.report()["capture"]["packets"] == 1 and sensor.said() == ""

    def test_an_existing_file_is_a_database(self, watched, tmp_path, monkeypatch):
        """The name of a method is never taken as a file, even if such a file exists."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "store").touch()
        (tmp_path / "pcap").touch()
        sensor = capture(watched, watched.near.interface, "store", "pcap")
        sensor.await_watching()
        watched.send(esp_run(1, 10))
        sensor.stop()
        assert value(tmp_path / "store", "SELECT packets_received FROM flows") == 10

    def test_i_names_the_interface(self, watched, tmp_path):
        """With -i, all operands are the other words."""
        sensor = capture(watched, f"-i{watched.near.interface}", tmp_path / "a.db", "pcap")
        sensor.await_watching()
        assert f"watching {watched.near.interface} with pcap" in sensor.said()
        sensor.stop()
        assert (tmp_path / "a.db").exists()
