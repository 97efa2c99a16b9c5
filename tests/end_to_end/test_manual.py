# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The manual pages and the completions for shells."""
import os
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT


def complete(*words):
    """Returns what bash completes the last of WORDS to."""
    script = BUILD / "generated/system/completion/gapwatch.bash"
    code = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gapwatch; echo "${COMPREPLY[@]}"'
    done = subprocess.run(["bash", "-c", code, script, *words], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_manual_is_that_of_the_program():
    """Each command has its page, with its options and no others; mandoc has no remarks."""
    if not shutil.which("mandoc"):
        words = "the manual is not checked: mandoc is missing"
        pytest.fail(words) if os.environ.get("CI") else pytest.skip(words)
    done = subprocess.run([ROOT / "scripts" / "check-manual", BUILD], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "words, expected",
    (
        (["ana"], {"analyze"}),
        (["capture", "--meth"], {"--method"}),
        (["capture", "--method", "a"], {"af_packet", "auto"}),
        (["analyze", "--protocols", "ma"], {"macsec"}),
        (["capture", "l"], {"lo"}),
    ),
)
def test_completion(words, expected):
    assert complete("gapwatch", *words) == expected
