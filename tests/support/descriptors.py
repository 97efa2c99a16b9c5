# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What a process has open."""
import contextlib
import os
import pathlib


def open_files(pid):
    """Yields the file behind each descriptor of a process, and the kernel's text about it. Descriptors that are
    closed meanwhile are left out."""
    process = pathlib.Path(f"/proc/{pid}")
    for number in os.listdir(process / "fd"):
        with contextlib.suppress(FileNotFoundError):
            yield os.readlink(process / "fd" / number), (process / "fdinfo" / number).read_text()
