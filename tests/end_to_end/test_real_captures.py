# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Every capture of the collection: no crash, and the counts of other tools.

support/reference.py turns the collection's tables into gapwatch's expected figures. Each remaining
difference is a line of real_captures.tsv with its reason. A difference that is not listed fails, and so
does a listed one that is gone or has changed. Run as a program, this file prints the list of all present
differences, with the known reasons and a question mark for the others.
"""
import csv
import json
import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from conftest import CAPTURES, Gapwatch  # noqa: E402
from support import reference  # noqa: E402

LIST = pathlib.Path(__file__).with_name("real_captures.tsv")
LICENCE = "# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only"
COLUMNS = ("file", "field", "reference", "gapwatch", "reason")
COUNTERS = ("macsec", "esp", "tcp", "udp", "fragment")
FLOW_COUNTS = ("macsec", "esp", "tcp", "udp")


def read_list():
    """Returns {reason code: text} and {file: {field: (reference, gapwatch, reason code)}}."""
    reasons, listed = {}, {}
    with open(LIST, encoding="utf-8", newline="") as lines:
        for line in csv.reader(lines, delimiter="\t"):
            if line[0] == LICENCE:
                continue
            if line[0].startswith("# "):
                code, _, words = line[0].removeprefix("# ").partition(": ")
                reasons[code] = words
            elif line[0] != COLUMNS[0]:
                file, field, *rest = line
                listed.setdefault(file, {})[field] = tuple(rest)
    return reasons, listed


def all_files():
    if not (CAPTURES / "MANIFEST.tsv").exists():
        return []
    return sorted(line["file"] for line in reference.table(CAPTURES / "MANIFEST.tsv"))


@pytest.fixture(scope="module")
def tables(captures):
    return reference.load(captures)


@pytest.fixture(scope="module")
def listed():
    return read_list()[1]


def run(gapwatch, path):
    """Returns the exit code and the printed object (empty where there is none)."""
    done = gapwatch.run("analyze", "--json", "-q", path)
    assert done.returncode in (0, 1), done.stderr
    assert done.stderr.count(b"\n") == done.returncode, done.stderr
    found = json.loads(done.stdout) if done.stdout else {}
    if found:
        assert sum(found["capture"]["counters"].values()) == found["capture"]["packets"]
    return done.returncode, found


def expected(line, flows):
    counts = reference.counts(line, flows)
    if not reference.is_counted(line):
        counts = dict.fromkeys(counts, 0)
    return {"exit": 0 if reference.is_sound(line) else 1, **counts}


def measured(code, found):
    """The same fields, from gapwatch."""
    counters = found["capture"]["counters"] if found else {}
    protocols = [flow["protocol"] for flow in found.get("flows", [])]
    return {
        "exit": code,
        "packets": found["capture"]["packets"] if found else 0,
        **{name: counters.get(name, 0) for name in COUNTERS},
        **{f"{name} flows": protocols.count(name) for name in FLOW_COUNTS},
    }


def flow_figures(flows, found):
    """Yields (field, reference, gapwatch) for the flows that both know."""
    mine = {flow["flow_id"]: flow for flow in found.get("flows", [])}
    for flow_id, sas in reference.by_flow_id(flows).items():
        if flow_id in mine:
            for name, value in reference.sequence_figures(sas).items():
                yield f"{flow_id} {name}", value, mine[flow_id][name]


def differences(gapwatch, path, line, flows):
    """Returns {field: (reference, gapwatch)}, as text, for fields that differ."""
    code, found = run(gapwatch, path)
    theirs, mine = expected(line, flows), measured(code, found)
    compared = [(name, theirs[name], mine[name]) for name in theirs]
    if reference.is_counted(line):
        compared += flow_figures(flows, found)
    return {name: (str(a), str(b)) for name, a, b in compared if a != b}


@pytest.mark.parametrize("file", all_files())
def test_capture(file, gapwatch, captures, tables, listed):
    manifest, flows = tables
    found = differences(gapwatch, captures / file, manifest[file], flows[file])
    known = {field: line[:2] for field, line in listed.get(file, {}).items()}
    assert found == known


def test_every_difference_has_a_reason():
    reasons, listed = read_list()
    used = {line[2] for fields in listed.values() for line in fields.values()}
    assert used == set(reasons)
    assert all(len(words) > 40 for words in reasons.values())


def test_collection_is_there(captures):
    """Without the collection the tests above do not exist; this test shows that by being skipped.
    """
    missing = [file for file in all_files() if not (captures / file).exists()]
    assert all_files() and not missing


def print_list():
    """Prints the new list. A line keeps its reason as long as its field differs."""
    reasons, listed = read_list() if LIST.exists() else ({}, {})
    manifest, flows = reference.load(CAPTURES)
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator=os.linesep)
    writer.writerow([LICENCE])
    for code, words in reasons.items():
        writer.writerow([f"# {code}: {words}"])
    writer.writerow(COLUMNS)
    for file in all_files():
        found = differences(Gapwatch(), CAPTURES / file, manifest[file], flows[file])
        for field, values in found.items():
            reason = listed.get(file, {}).get(field, ("", "", "?"))[2]
            writer.writerow([file, field, *values, reason])


if __name__ == "__main__":
    print_list()
