# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""A database that is deleted, moved or replaced while the program writes to it: this is noticed at the
next flush, said once, and the database is made anew.
"""
import contextlib
import os
import sqlite3

import pytest

from conftest import ROOT
from support.database import ask, assert_sound, value
from support.feeding import feeding, wait_until_stored
from support.waiting import wait_until

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
FLOWS = 50


def begin(feed, database, rounds=3):
    """Feeds the program until it has written ROUNDS frames of each flow."""
    for _ in range(rounds):
        feed.send(FLOWS)
    wait_until_stored(database, feed.frames, 1)


def wait_until_there(feed, database, capture=1):
    """Feeds on until the database has all frames again."""

    def is_there():
        feed.send(FLOWS)
        with contextlib.suppress(sqlite3.Error, ValueError):
            sql = "SELECT total_packets_received FROM captures WHERE id = ?"
            return value(database, sql, capture) > 3 * FLOWS
        return False

    wait_until(is_there, "the database is made anew")


def check(feed, database):
    """The new database is sound, with all frames since the capture began."""
    assert_sound(database)
    assert value(database, "SELECT max(id) FROM captures") >= 1
    sql = "SELECT total_packets_received FROM captures ORDER BY id DESC LIMIT 1"
    assert value(database, sql) == feed.frames
    per_flow = ask(database, "SELECT DISTINCT packets_received, gaps_detected FROM flows "
                   "WHERE capture_id = (SELECT max(id) FROM captures)")
    assert per_flow == [(feed.rounds, feed.rounds - 1)]


def remove(database):
    database.unlink()


def remove_with_log(database):
    for suffix in ("", "-wal", "-shm"):
        os.unlink(f"{database}{suffix}")


def move(database):
    database.rename(database.with_name("moved.db"))


def move_with_log(database):
    for suffix in ("", "-wal", "-shm"):
        os.rename(f"{database}{suffix}", f"{database.with_name('moved.db')}{suffix}")


@pytest.mark.parametrize("lose", (remove, remove_with_log, move, move_with_log))
def test_is_made_anew(lose, gapwatch, tmp_path):
    database = tmp_path / "results.db"
    with feeding(gapwatch, database) as feed:
        begin(feed, database)
        lose(database)
        wait_until_there(feed, database)
        code, lines = feed.end()
    assert code == 0
    assert lines == [f"gapwatch: {database}: deleted, moved or replaced; making it anew"]
    check(feed, database)
    moved = tmp_path / "moved.db"
    if moved.exists():
        assert ask(moved, "PRAGMA integrity_check") == [("ok",)]
        assert value(moved, "SELECT total_packets_received FROM captures") >= 3 * FLOWS


def test_another_database_in_its_place(gapwatch, tmp_path):
    """The capture goes on in the other one, beside what is in it. Nothing may read it before the program
    has removed the log of the one before, which SQLite would take for the log of this one."""
    database, other = tmp_path / "results.db", tmp_path / "other.db"
    gapwatch.analyze("--db", other, SAMPLE)
    before = ask(other, "SELECT * FROM flows ORDER BY id")
    with feeding(gapwatch, database) as feed:
        begin(feed, database)
        other.rename(database)
        feed.send(FLOWS)
        said = feed.process.stderr.readline()
        wait_until_there(feed, database, 2)
        code, lines = feed.end()
    assert (code, lines) == (0, []) and b"replaced" in said
    assert ask(database, "SELECT * FROM flows WHERE capture_id = 1 ORDER BY id") == before
    check(feed, database)


def test_a_link_that_leads_elsewhere(gapwatch, tmp_path):
    database, there, elsewhere = (tmp_path / name for name in ("link.db", "a.db", "b.db"))
    there.touch()
    database.symlink_to(there)
    with feeding(gapwatch, database) as feed:
        begin(feed, database)
        database.unlink()
        database.symlink_to(elsewhere)
        wait_until_there(feed, database)
        code, lines = feed.end()
    assert code == 0 and len(lines) == 1
    check(feed, elsewhere)
    assert ask(there, "PRAGMA integrity_check") == [("ok",)]


def await_word(feed, word):
    """Feeds on until the program writes WORD to standard error. Returns what it wrote."""
    os.set_blocking(feed.process.stderr.fileno(), False)
    said = b""

    def is_said():
        nonlocal said
        feed.send(FLOWS)
        said += feed.process.stderr.read() or b""
        return word in said

    wait_until(is_said, word.decode())
    os.set_blocking(feed.process.stderr.fileno(), True)
    return said.decode().splitlines()


@pytest.mark.parametrize("suffix", ("-wal", "-shm", ""))
def test_damage_is_said(suffix, gapwatch, tmp_path):
    """Others cannot read what is written after the log was deleted, or the database emptied. This is said once,
    and how it ends."""
    database = tmp_path / "results.db"
    with feeding(gapwatch, database) as feed:
        begin(feed, database)
        if suffix:
            os.unlink(f"{database}{suffix}")
        else:
            os.truncate(database, 0)
        lines = await_word(feed, b"delete it, then it is made anew\n")
        database.unlink()
        wait_until_there(feed, database)
        code, rest = feed.end()
    assert code == 0 and len(lines) == 1, lines
    assert rest == [f"gapwatch: {database}: deleted, moved or replaced; making it anew"]
    check(feed, database)


def test_no_database_in_its_place(gapwatch, tmp_path):
    """A file that is no database is not overwritten; the program goes on, and writes once that file is gone."""
    database, notes = tmp_path / "results.db", tmp_path / "notes.txt"
    notes.write_text("not a database\n" * 100)
    with feeding(gapwatch, database) as feed:
        begin(feed, database)
        notes.rename(database)
        lines = await_word(feed, b"cannot write")
        assert database.read_text() == "not a database\n" * 100
        database.unlink()
        wait_until_there(feed, database)
        code, rest = feed.end()
    lines += rest
    assert code == 0 and len(lines) == 3, lines
    assert "making it anew" in lines[0]
    assert "file is not a database" in lines[1] and lines[2].endswith("written again")
    check(feed, database)
