# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Finds the differences between two reports."""
import math

from model.flow import gap_key

TOLERANCE = 1e-9
TIMES_OF_A_GAP = ("timestamp", "duration_ms")
BY_CAUSE = ("lost_network", "lost_undetermined", "loss_ratio")
FIELDS_OF_A_GAP = ("expected_sequence", "received_sequence", "gap_size", "cause", *TIMES_OF_A_GAP)


def equal(one, other):
    if isinstance(one, str) or isinstance(other, str):  # "-" for a missing field
        return one == other
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return False
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(one) is type(other) and one == other


def differences(expected, actual, where=""):
    """Returns one line for each difference between two JSON values, missing fields included."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        names = sorted(expected.keys() | actual.keys())
        pairs = [(f".{name}", expected.get(name, "-"), actual.get(name, "-")) for name in names]
    elif isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        pairs = [(f"[{at}]", *pair) for at, pair in enumerate(zip(expected, actual))]
    elif equal(expected, actual):
        return []
    else:
        return [f"{where}: expected {expected}, got {actual}"]
    return [line for name, *pair in pairs for line in differences(*pair, where + name)]


def flow_differences(expected, actual):
    """Returns {flow id: lines} for two reports. Fields that only the program has are not compared.
    """
    ours, theirs = by_flow(expected), by_flow(actual)
    assert ours.keys() == theirs.keys(), ours.keys() ^ theirs.keys()
    found = {}
    for flow_id, (figures, gaps) in ours.items():
        told, told_gaps = theirs[flow_id]
        untimed = {key for key in expected["untimed"] if key[0] == flow_id}
        by_time = untimed and told.get("mixed_senders")
        if by_time:  # the time of a gap decides its cause
            figures = {name: each for name, each in figures.items() if name not in BY_CAUSE}
        lines = differences(figures, {name: told.get(name, "-") for name in figures})
        pair = (by_number(each, untimed, by_time) for each in (gaps, told_gaps))
        lines += differences(*pair, "gaps")
        if lines:
            found[flow_id] = lines
    return found


def by_flow(report):
    flows = {flow["flow_id"]: (flow, []) for flow in report["flows"]}
    for gap in report["gaps"]:
        if gap["flow_id"] in flows:  # an evicted flow is only in the summary
            flows[gap["flow_id"]][1].append(gap)
    return flows


def by_number(gaps, untimed, by_time=False):
    """Returns gaps in a definite order, without times where those are not defined, nor the cause
    where these decide it."""
    left_out = TIMES_OF_A_GAP + (("cause",) if by_time else ())
    return [
        {
            name: gap[name]
            for name in FIELDS_OF_A_GAP
            if not (name in left_out and gap_key(gap) in untimed)
        }
        for gap in sorted(gaps, key=gap_key_and_size)
    ]


def gap_key_and_size(gap):
    return gap_key(gap), gap["gap_size"], gap["timestamp"]
