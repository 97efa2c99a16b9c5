# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Lets several pytests share the test files: each runs those that it is the first to claim.

GAPWATCH_CLAIMS names the folder of claims, in which each claimed test file has an empty file of its name.
Without it, all tests run. A file is never split, as its tests share what its fixtures make.
"""
import os
import pathlib

import pytest

CLAIMS = os.environ.get("GAPWATCH_CLAIMS")

# They begin first, so that at the end no processor waits for the other.
LONG = {
    "test_compare.py", "test_kernel_classifier.py", "test_model.py", "test_properties.py", "test_readme_protocol.py",
    "test_ship_clickhouse.py"
}

own = set()


def claim(name):
    """Returns whether the file NAME is this process's to run."""
    if name not in own:
        try:
            pathlib.Path(CLAIMS, name).touch(exist_ok=False)
        except FileExistsError:
            return False
        own.add(name)
    return True


def pytest_collection_modifyitems(items):
    if CLAIMS:
        items.sort(key=lambda item: item.path.name not in LONG)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    """Passes over the tests of other processes."""
    return True if CLAIMS and not claim(item.path.name) else None
