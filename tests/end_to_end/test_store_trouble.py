# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Databases that cannot or must not be written: one clear line, and nothing stored is lost.

GAPWATCH_LOCK_SECONDS is how long another program holds the write lock (default: 4).
"""
import contextlib
import os
import sqlite3
import subprocess
import time

import pytest

from conftest import ROOT
from support.capture_file import Packet, pcap
from support.database import ask, assert_sound, value
from support.feeding import feeding, wait_until_stored
from support.small_capture import LINK_TYPE, esp_packet

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
LOCK_SECONDS = float(os.environ.get("GAPWATCH_LOCK_SECONDS", "4"))
FLOWS = 500
FAILED = 1


def refused(gapwatch, database, *options):
    """Returns the one line that says why, without the file's name in front."""
    done = gapwatch.run("analyze", "--db", database, *options, SAMPLE)
    line = done.stderr.decode()
    assert (done.returncode, done.stdout) == (FAILED, b""), line
    assert line.startswith(f"gapwatch: {database}: ") and line.count("\n") == 1, line
    return line.removeprefix(f"gapwatch: {database}: ").rstrip("\n")


class TestRefused:
    def test_missing_directory(self, gapwatch, tmp_path):
        line = refused(gapwatch, tmp_path / "missing" / "results.db")
        assert line == "unable to open database file: No such file or directory"

    def test_directory(self, gapwatch, tmp_path):
        assert "unable to open" in refused(gapwatch, tmp_path)

    @pytest.mark.parametrize("size", (1, 100, 5000))
    def test_not_a_database(self, size, gapwatch, tmp_path):
        path = tmp_path / "notes.txt"
        path.write_bytes(b"x" * size)
        assert refused(gapwatch, path) == "file is not a database"
        assert path.read_bytes() == b"x" * size

    def altered(self, gapwatch, tmp_path, *pragmas):
        """A database of ours after PRAGMAS, and its bytes."""
        path = tmp_path / "results.db"
        gapwatch.analyze("--db", path, SAMPLE)
        with contextlib.closing(sqlite3.connect(path)) as database:
            for pragma in ("journal_mode = DELETE", *pragmas):
                database.execute(f"PRAGMA {pragma}")
        return path, path.read_bytes()

    def test_database_of_another_program(self, gapwatch, tmp_path):
        path = tmp_path / "other.db"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.executescript("CREATE TABLE captures (id INTEGER); PRAGMA user_version = 1")
        before = path.read_bytes()
        assert refused(gapwatch, path) == "a database of another program"
        assert path.read_bytes() == before

    def test_newer_schema(self, gapwatch, tmp_path):
        path, before = self.altered(gapwatch, tmp_path, "user_version = 99")
        assert "schema version 99 is newer than this gapwatch" in refused(gapwatch, path)
        assert path.read_bytes() == before

    def test_schema_too_old(self, gapwatch, tmp_path):
        """Version 1 is the first; a unit test covers the migration of older versions."""
        path, before = self.altered(gapwatch, tmp_path, "user_version = 0")
        assert "schema version 0 is too old" in refused(gapwatch, path)
        assert path.read_bytes() == before

    def test_empty_file(self, gapwatch, tmp_path):
        """An empty file is not a database yet, but can become one."""
        path = tmp_path / "results.db"
        path.touch()
        gapwatch.analyze("--db", path, SAMPLE)
        assert_sound(path)


@pytest.fixture(name="small_disk")
def fixture_small_disk(tmp_path):
    """A file system of 4 MB. Skips where it cannot be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "gapwatch-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("needs root, to mount a small file system")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


class TestReadOnly:
    def test_file_system(self, gapwatch, small_disk):
        path = small_disk / "results.db"
        gapwatch.analyze("--db", path, SAMPLE)
        subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
        assert "Read-only file system" in refused(gapwatch, path)

    def test_file(self, gapwatch, tmp_path):
        """Even root may not write it."""
        path = tmp_path / "results.db"
        gapwatch.analyze("--db", path, SAMPLE)
        if subprocess.run(["chattr", "+i", path], check=False, capture_output=True).returncode:
            pytest.skip("this file system has no immutable files")
        try:
            assert "readonly" in refused(gapwatch, path)
        finally:
            subprocess.run(["chattr", "-i", path], check=True)
        assert_sound(path)


class TestFullDisk:
    def test_when_it_stays_full(self, gapwatch, small_disk, tmp_path):
        """The report is complete, stored rows stay, and a message says what could not be stored."""
        database = small_disk / "results.db"
        gapwatch.analyze("--db", database, SAMPLE)
        path = tmp_path / "gaps.pcap"
        frames = [Packet(esp_packet(1 + 2 * n), fraction=n) for n in range(60000)]
        path.write_bytes(pcap(frames, LINK_TYPE))
        done = gapwatch.run("analyze", "--db", database, path)
        lines = done.stderr.decode().splitlines()
        assert done.returncode == FAILED
        assert b"Gaps detected: 59999" in done.stdout
        assert "the last results are not in the database" in lines[-1] and "full" in lines[-1]
        assert len(lines) <= 2
        assert_sound(database)
        assert value(database, "SELECT total_packets_received FROM captures WHERE id = 1") == 195
        assert value(database, "SELECT ended FROM captures WHERE id = 2") is None

    def test_when_there_is_room_again(self, gapwatch, small_disk):
        database, ballast = small_disk / "results.db", small_disk / "ballast"
        with feeding(gapwatch, database) as feed:
            feed.send(FLOWS)
            wait_until_stored(database, feed.frames, 1)
            with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            said = b""
            os.set_blocking(feed.process.stderr.fileno(), False)
            while b"cannot write" not in said:
                feed.send(FLOWS)
                time.sleep(0.02)
                said += feed.process.stderr.read() or b""
            ballast.unlink()
            wait_until_stored(database, feed.frames, 1)
            os.set_blocking(feed.process.stderr.fileno(), True)
            code, lines = feed.end()
        assert code == 0
        assert said.count(b"\n") == 1 and b"full" in said
        assert len(lines) == 1 and lines[0].endswith("written again")
        assert value(database, "SELECT total_packets_received FROM captures") == feed.frames
        assert_sound(database)


class TestOthers:
    def test_write_lock(self, gapwatch, tmp_path):
        """The program reads on meanwhile, and writes everything afterwards."""
        database = tmp_path / "results.db"
        with feeding(gapwatch, database) as feed:
            feed.send(FLOWS)
            wait_until_stored(database, feed.frames, 1)
            with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                until = time.monotonic() + LOCK_SECONDS
                while time.monotonic() < until:
                    feed.send(FLOWS)  # blocks if the program does not read
                    time.sleep(0.1)
                assert value(database, "SELECT total_packets_received FROM captures") == FLOWS
                other.execute("COMMIT")
            code, lines = feed.end()
        assert code == 0
        assert len(lines) == 2, lines
        assert "database is locked" in lines[0]
        assert lines[1].endswith("written again")
        assert value(database, "SELECT total_packets_received FROM captures") == feed.frames
        assert value(database, "SELECT count(*) FROM sequence_gaps") == feed.frames - FLOWS
        assert_sound(database)

    def test_second_writer(self, gapwatch, tmp_path):
        """Each has its own capture. Where writing takes long, one may have to say that it waits for the other."""
        database = tmp_path / "results.db"
        waited = ["cannot write: database is locked; going on, and trying again", "written again"]
        with feeding(gapwatch, database) as one, feeding(gapwatch, database) as two:
            for _ in range(30):
                one.send(FLOWS)
                two.send(2 * FLOWS)
                time.sleep(0.1)
            for code, lines in (one.end(), two.end()):
                said = [line.removeprefix(f"gapwatch: {database}: ") for line in lines]
                assert (code, said) == (0, waited * (len(said) // 2))
        totals = ask(database, "SELECT total_packets_received FROM captures ORDER BY 1")
        assert totals == [(30 * FLOWS,), (60 * FLOWS,)]
        assert_sound(database)

    def test_a_reader_that_stays(self, gapwatch, tmp_path):
        """It keeps seeing the data from when it began, and blocks nothing."""
        database = tmp_path / "results.db"
        gapwatch.analyze("--db", database, SAMPLE)
        with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM captures").fetchone() == (1,)
            gapwatch.analyze("--db", database, SAMPLE)
            assert reader.execute("SELECT count(*) FROM captures").fetchone() == (1,)
        assert value(database, "SELECT count(*) FROM captures") == 2
