# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Tells where two reports differ."""
import math

TOLERANCE = 1e-9


def equal(one, other):
    if isinstance(one, float) or isinstance(other, float):
        if one is None or other is None:
            return False
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    return type(one) is type(other) and one == other


def differences(expected, actual, where=""):
    """Returns one line a difference between two JSON values; fields may not be more or fewer."""
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
