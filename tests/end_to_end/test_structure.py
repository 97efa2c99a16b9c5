# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The structure of the code is what CONTRIBUTING.md says: which folder uses which, and no circles."""
import re

from conftest import ROOT

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
LINE = re.compile(r"^    ([a-z/, ]+/) {2,}(\S.*)$", re.MULTILINE)
FOLDER = re.compile(r"([a-z]+)/")

# protocols.h has the protocols' rows and, only for classify/, the #include of their header files.
ALLOWED = {("", "protocol")}


def arrows(top):
    """Returns the pairs of folders of TOP of which the first includes a header of the second. A folder without a
    name is TOP itself."""
    found = set()
    for path in (ROOT / top).rglob("*.[ch]"):
        folder = path.relative_to(ROOT / top).parts[:-1]
        for name in INCLUDE.findall(path.read_text()):
            if (ROOT / top / name).is_file():
                target = name.split("/")[:-1]
                found.add((folder[0] if folder else "", target[0] if target else ""))
    return {(user, used) for user, used in found if user != used}


def without_circles(pairs):
    """Whether nothing remains when folders that use none of the rest are taken away one after the other."""
    while pairs:
        users = {user for user, _ in pairs}
        rest = {(user, used) for user, used in pairs if used in users}
        if rest == pairs:
            return False
        pairs = rest
    return True


def test_no_circle_in_the_program():
    pairs = arrows("user")
    assert len(pairs) > 50
    assert without_circles(pairs)


def test_no_circle_and_no_arrow_upwards_in_shared_headers():
    pairs = arrows("include") - ALLOWED
    assert ("classify", "protocol") in pairs and ("tunnel", "") in pairs
    assert without_circles(pairs)
    for path in (ROOT / "include").rglob("*.h"):
        names = INCLUDE.findall(path.read_text())
        assert all((ROOT / "include" / name).is_file() or name == "vmlinux.h" for name in names), path


def test_contributing_says_which_folder_uses_which():
    text = (ROOT / "CONTRIBUTING.md").read_text()
    block = text[text.index("What each of them uses") :].split("\n\n")[1] + "\n"
    said = {
        (user, used)
        for users, used_ones in LINE.findall(block)
        for user in FOLDER.findall(users)
        for used in FOLDER.findall(used_ones)
    }
    assert said == {(user, used) for user, used in arrows("user") if user and used != "base"}
