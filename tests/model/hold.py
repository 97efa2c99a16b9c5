#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Compares the program with the model on random streams, and shrinks streams that differ.

    python3 tests/model/hold.py [--window N] [--seeds 1-50] [--streams N] [--length N] [--kind NAME]
                                [--fields A,B] [--no-shrink] build/gapwatch

A seed makes one capture of many flows, each with its own stream. For each flow that differs, the first
difference is printed with its seed and kind; for the first few, also the shortest stream found that still
differs, as lines of "milliseconds association number".
"""
import argparse
import itertools
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from model import analysis, compare
from model.frames import Frame, capture
from model.streams import EDGES, KINDS, interleaved, numbered_flow

FIELDS = (
    "total_lost_packets",
    "gaps_detected",
    "restarts",
    "rekeys",
    "duplicate_packets",
    "late_packets",
    "outlier_packets",
    "reordered_packets",
    "max_reorder_distance",
    "wraparounds",
    "skipped_numbers",
    "lost_network",
    "lost_undetermined",
    "first_sequence",
    "last_sequence",
    "min_gap",
    "max_gap",
    "loss_ratio",
    "packets_received",
)
SHRUNK = 3  # streams that are shrunk in a run
SHOWN = 60  # frames of a stream that are printed


def run_program(program, window, frames):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "held.pcap"
        path.write_bytes(capture(frames))
        done = subprocess.run(
            [program, "analyze", "--json", "--window", str(window), path],
            capture_output=True,
            check=False,
        )
    if done.returncode:
        sys.exit(f"{program} failed: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def without_source(report):
    """Names ESP flows without their source, for programs from before it was part of the id."""
    for entry in [*report["flows"], *report["gaps"]]:
        entry["flow_id"] = short_id(entry["flow_id"])
    return report


def short_id(flow_id):
    return re.sub(", src: [^ ]*", "", flow_id)


def difference(expected, actual, fields, untimed):
    """Returns a line with the first difference of two flows, or None."""
    (flow, gaps), (by_program, program_gaps) = expected, actual
    by_time = by_program.get("mixed_senders") and any(key[0] == flow["flow_id"] for key in untimed)
    lines = []
    for name in fields:
        if by_time and name in compare.BY_CAUSE:  # the time of a gap decides its cause
            continue
        if name in by_program and not compare.equal(flow[name], by_program[name]):
            lines.append(f"{name} {flow[name]} (model) {by_program[name]} (program)")
    if not lines and fields == FIELDS:
        pair = (compare.by_number(each, untimed, by_time) for each in (gaps, program_gaps))
        lines = compare.differences(*pair, "gaps")[:2]
    return "; ".join(lines) or None


def differing(program, window, frames, fields):
    """Returns {flow key: difference} of one capture."""
    expected = without_source(analysis.analyze(frames, window=window))
    untimed = {(short_id(flow_id), *rest) for flow_id, *rest in expected["untimed"]}
    ours = compare.by_flow(expected)
    theirs = compare.by_flow(without_source(run_program(program, window, frames)))
    found = {}
    for key in {frame.flow: None for frame in frames}:
        name = short_id(key.flow_id)
        if name not in theirs:
            found[key] = "the program has no such flow"
        elif key.protocol in ("macsec", "esp"):
            line = difference(ours[name], theirs[name], fields, untimed)
            if line:
                found[key] = line
    return found


def shrink(program, window, frames, fields):
    """Returns a part of FRAMES, all of one flow, that still differs."""
    piece = max(1, len(frames) // 2)
    while piece:
        candidates = [
            frames[:start] + frames[start + piece :] for start in range(0, len(frames), piece)
        ]
        candidates = [each for each in candidates if each]
        smaller = first_differing(program, window, candidates, fields)
        if smaller is not None:
            frames = smaller
            piece = min(piece, max(1, len(frames) // 2))
        else:
            piece //= 2
    return frames


def first_differing(program, window, candidates, fields, at_once=200):
    """Tries many streams as flows of one capture. Returns the first that differs."""
    for start in range(0, len(candidates), at_once):
        keys = [numbered_flow_like(candidates[0][0].flow, at) for at in range(at_once)]
        tried = candidates[start : start + at_once]
        every = [
            Frame(frame.time_ns, keys[at], frame.sequence, frame.association, frame.wire_length)
            for turn in itertools.zip_longest(*tried)
            for at, frame in enumerate(turn)
            if frame is not None
        ]
        found = differing(program, window, every, fields)
        for at, stream in enumerate(tried):
            if keys[at] in found:
                return stream
    return None


def numbered_flow_like(flow, number):
    if flow.protocol == "macsec":
        return type(flow)(0x0300000000000001 + (number << 16))
    return type(flow)(0x2000 + number)


def show(frames):
    for frame in frames[:SHOWN]:
        milliseconds = (frame.time_ns - frames[0].time_ns) / 1e6
        print(f"    {milliseconds:10.3f} {frame.association} {frame.sequence}")
    if len(frames) > SHOWN:
        print(f"    ... and {len(frames) - SHOWN} more")


def streams_of(seed, options):
    source = random.Random(f"hold {seed} {options.window}")
    kinds = {**KINDS, **EDGES}
    names = [options.kind] if options.kind else list(kinds)
    carried, kind_of = [], {}
    for number in range(options.streams):
        name = names[number % len(names)]
        key = numbered_flow(number, source)
        kind_of[key] = name
        carried.append((key, kinds[name](source, options.window, options.length)))
    return interleaved(source, carried, backwards=not options.forward), kind_of


def seeds(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--window", type=int, default=32)
    parser.add_argument("--seeds", type=seeds, default="1-10")
    parser.add_argument("--streams", type=int, default=2 * len({**KINDS, **EDGES}))
    parser.add_argument("--length", type=int, default=400, help="frames a stream, about")
    parser.add_argument("--kind", choices=[*KINDS, *EDGES])
    parser.add_argument("--fields", type=lambda text: text.split(","), default=FIELDS)
    parser.add_argument("--forward", action="store_true", help="no time goes back")
    parser.add_argument("--no-shrink", action="store_true")
    return parser.parse_args()


def main():
    options = parsed()
    streams, different, shrunk = 0, 0, 0
    for seed in options.seeds:
        frames, kind_of = streams_of(seed, options)
        found = differing(options.program, options.window, frames, options.fields)
        streams, different = streams + options.streams, different + len(found)
        for key, line in found.items():
            print(f"seed {seed}, window {options.window}, {kind_of[key]}, {key.flow_id}: {line}")
            if shrunk < SHRUNK and not options.no_shrink:
                shrunk += 1
                own = [frame for frame in frames if frame.flow == key]
                show_shrunk(options, own)
    print(f"{different} of {streams} streams differ")
    return 1 if different else 0


def show_shrunk(options, frames):
    alone = differing(options.program, options.window, frames, options.fields)
    if not alone:
        print("  alone in its capture it is equal")
        return
    least = shrink(options.program, options.window, frames, options.fields)
    for line in differing(options.program, options.window, least, options.fields).values():
        print(f"  {len(least)} of {len(frames)} frames: {line}")
    show(least)


if __name__ == "__main__":
    sys.exit(main())
