# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""What the tests of the dashboard have in common: a browser, a database, a server, the page."""
import pytest

from support import browser, database
from support.server import Server

FLOWS = 230


@pytest.fixture(scope="session")
def driver(tmp_path_factory):
    browser.require()
    started = browser.start(tmp_path_factory.mktemp("chromium"))
    yield started
    started.quit()


@pytest.fixture(scope="session")
def dashboard_store(tmp_path_factory):
    made = tmp_path_factory.mktemp("dashboard") / "store.db"
    database.make(made, FLOWS)
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
