# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Programs for users that may not read the project's directory."""
import contextlib
import os
import shutil
import tempfile


@contextlib.contextmanager
def copy_for_anybody(program):
    """Returns the path of a copy of PROGRAM that every user can run."""
    with tempfile.TemporaryDirectory(prefix="gapwatch-") as directory:
        os.chmod(directory, 0o755)
        yield shutil.copy(program, directory)
