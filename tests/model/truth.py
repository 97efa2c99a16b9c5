#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Counts random streams whose loss the model gets wrong, compared with a receiver for each SA.

    python3 tests/model/truth.py [--windows 8,32,64] [--seeds 1-20] [--length N] [--kind NAME] [-v]
                                 [--sketch FILE]

FILE is a Python file with another Channel(window), put(association, number), figures(), to compare.
"""
import argparse
import collections
import importlib.util
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from model.channel import EPOCH, Channel
from model.flow import gaps
from model.position import REKEY, RESTART
from model.streams import FIRST_NS, KINDS, lost

MILLISECOND = 10**6


def loss_in_model(stream, window):
    """Returns the model's counts: lost, restarts, rekeys."""
    channel = Channel(window, has_associations=True)
    for at, frame in enumerate(stream):
        channel.put(frame.sa.association, frame.number % EPOCH, FIRST_NS + at * MILLISECOND)
    channel.end()
    chain = list(channel.chain())
    return (
        sum(after - before - 1 for before, after, *_ in gaps(channel)),
        sum(p.change == RESTART for p in chain),
        sum(p.change == REKEY for p in chain),
    )


def loss_in_sketch(sketch, stream, window):
    channel = sketch.Channel(window)
    for frame in stream:
        channel.put(frame.sa.association, frame.number)
    return channel.figures()


def loaded(path):
    spec = importlib.util.spec_from_file_location("sketch", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stream_of(kind, window, seed, length):
    return KINDS[kind](random.Random(f"truth {kind} {window} {seed}"), window, length)


def seeds(text):
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def numbers(text):
    return [int(each) for each in text.split(",")]


def parsed():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=numbers, default="8,32,64,256")
    parser.add_argument("--seeds", type=seeds, default="1-20")
    parser.add_argument("--length", type=int, default=1000)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--sketch", type=loaded)
    parser.add_argument("-v", "--verbose", action="store_true", help="print each wrong stream")
    return parser.parse_args()


def main():
    options = parsed()
    wrong, of_sketch, tried = collections.Counter(), collections.Counter(), 0
    for kind in [options.kind] if options.kind else KINDS:
        for window in options.windows:
            for seed in options.seeds:
                stream = stream_of(kind, window, seed, options.length)
                truth, found = lost(stream, window), loss_in_model(stream, window)
                tried += 1
                wrong[kind] += found[0] != truth
                if found[0] != truth and options.verbose:
                    print(f"{kind}, window {window}, seed {seed}: {truth} lost, model {found}")
                if options.sketch and kind != "failover":  # the sketch iterates over every number
                    by_sketch = loss_in_sketch(options.sketch, stream, window)
                    of_sketch[kind] += by_sketch[0] != truth
        print(f"{wrong[kind]:5} {of_sketch[kind]:5}  {kind}", flush=True)
    print(f"{wrong.total()} of {tried} streams wrong, {of_sketch.total()} in the sketch")


if __name__ == "__main__":
    main()
