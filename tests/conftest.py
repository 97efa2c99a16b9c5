# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Common to all end-to-end tests: the built programs and the captures that they read.

GAPWATCH_BUILD names the build directory under test (default: build in the project's root), so that the
same tests run against the plain and the sanitized programs. GAPWATCH_CAPTURES names the collection of
real captures (default: ../shared/captures beside the project); tests that need it skip without it.
"""
import json
import os
import pathlib
import subprocess

import pytest

from support import browser, made_database as database
from support.server import Server

pytest_plugins = ["support.live", "support.claims"]

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("GAPWATCH_BUILD", ROOT / "build")).resolve()
CAPTURES = pathlib.Path(
    os.environ.get("GAPWATCH_CAPTURES", ROOT.parent / "shared" / "captures")
).resolve()
TIMEOUT_SECONDS = 300
DASHBOARD_FLOWS = 230
API_TESTS = ("test_api_", "test_readme_api", "test_dashboard")
# What these test is the same in a build with SANITIZE=1: scripts, texts, the order of sources, and memory
# without that of the sanitizers.
NOT_OF_C = (
    "test_readme", "test_manual", "test_structure", "test_live_memory", "test_install_deps", "test_quickstart"
)
# Kore loads the same module in both builds, as it has no sanitizer's runtime. Unit tests and fuzz_api run its code
# under the sanitizers; `gapwatch serve` does so in test_api_lifecycle and test_api_security.
OF_THE_MODULE = (
    "test_dashboard", "test_api_connections", "test_api_errors", "test_api_metrics", "test_api_now",
    "test_api_openapi", "test_api_reload", "test_api_routes", "test_api_stream"
)
PLAIN_ONLY = NOT_OF_C + OF_THE_MODULE


def is_sanitized():
    flags = BUILD / "flags"
    return flags.exists() and "-fsanitize" in flags.read_text()


def pytest_collection_modifyitems(config, items):
    """Skips the tests of the API in a build with API=0, which has no module to serve. Leaves out what the
    sanitizers do not see."""
    if is_sanitized():
        left_out = [item for item in items if item.path.name.startswith(PLAIN_ONLY)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if (BUILD / "gapwatch_api.so").exists():
        return
    for item in items:
        if item.path.name.startswith(API_TESTS):
            item.add_marker(pytest.mark.skip(reason="built without the API"))


class Gapwatch:
    """Runs the program under test."""

    program = BUILD / "gapwatch"
    frame_records = BUILD / "tests" / "frame_records"

    def run(self, *arguments, stdin=None, program=None, **options):
        """Returns the CompletedProcess (bytes) of one run; never raises for an exit code."""
        return subprocess.run(
            [program or self.program, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
            **options,
        )

    def analyze(self, *arguments, expect=0, stdin=None):
        """Returns the object that `analyze --json` prints."""
        done = self.run("analyze", "--json", *arguments, stdin=stdin)
        assert done.returncode == expect, done.stderr.decode(errors="replace")
        return json.loads(done.stdout)

    def records(self, path, *arguments):
        """Returns one dict for each frame of PATH: the record that the classifier made of it."""
        done = self.run(path, *arguments, program=self.frame_records)
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="session")
def gapwatch():
    assert Gapwatch.program.exists(), f"{Gapwatch.program} is not built: run make first"
    return Gapwatch()


@pytest.fixture(scope="session")
def captures():
    """The directory of real captures. Skips the test, with the reason, when it is missing."""
    if not (CAPTURES / "MANIFEST.tsv").exists():
        pytest.skip(f"no collection of real captures at {CAPTURES}")
    return CAPTURES


# --- the dashboard ---


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    browser.require()
    started = browser.start(tmp_path_factory.mktemp("chromium"))
    yield started
    started.quit()


@pytest.fixture(scope="session")
def dashboard_store(tmp_path_factory):
    made = tmp_path_factory.mktemp("dashboard") / "store.db"
    database.make(made, DASHBOARD_FLOWS)
    return made


@pytest.fixture(scope="session")
def dashboard_server(gapwatch, dashboard_store):
    with Server(gapwatch.program, "--db", dashboard_store) as running:
        yield running


@pytest.fixture(scope="session")
def truth(dashboard_store):
    opened = browser.Truth(dashboard_store)
    yield opened
    opened.database.close()


@pytest.fixture
def page(driver, dashboard_server):
    opened = browser.Page(driver, dashboard_server)
    opened.resize(1300, 1000)
    opened.prefer(prefers_color_scheme="light")
    opened.open()
    yield opened
    assert opened.complaints() == []
