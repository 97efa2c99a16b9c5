# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Pages of the manual, as their sources have them (mdoc)."""
import pathlib
import re

MANUAL = pathlib.Path(__file__).resolve().parents[2] / "user" / "manual"


def source(name):
    return (MANUAL / name).read_text()


def examples(name):
    """The literal blocks of the page NAME, as a reader sees them."""
    blocks = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", source(name), re.DOTALL | re.MULTILINE)
    return [re.sub(r"^\\&", "", block.replace("\\e", "\\"), flags=re.MULTILINE) for block in blocks]


def items(name):
    """The items of the page's lists that begin in bold type, as {item: text behind it}."""
    found = re.findall(r"^\.It \\fB(.*?)\\fR\n(.*?)(?=^\.)", source(name), re.DOTALL | re.MULTILINE)
    return dict(found)
