# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The dashboard in Chromium over time, with hostile data, and for all users."""
import sqlite3

import pytest

from support import browser, made_database as database
from support.server import Server, encode, wait_for


# --- alive ---


@pytest.fixture
def own(gapwatch, driver, tmp_path):
    """A database with one flow, its server, and the page."""
    store = tmp_path / "own.db"
    database.make(store, 3, captures=1)
    with Server(gapwatch.program, "--db", store) as running:
        opened = browser.Page(driver, running)
        opened.resize(1300, 1000)
        connection = sqlite3.connect(store, isolation_level=None)
        yield opened, connection, running
        connection.close()


NOW = "strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')"


def test_new_data_appear_by_themselves(own):
    page, connection, _ = own
    page.open()
    page.script("window.same = true")
    connection.execute("UPDATE captures SET lost_network = 987654")
    flow = page.ids()[2]
    connection.execute("UPDATE flows SET lost_network = 4321 WHERE flow_id = ?", (flow,))
    page.script("document.querySelectorAll('#flow-rows a')[2].focus()")
    wait_for(lambda: page.text("lost-network") == "987,654")
    assert page.rows()[0][:2] == [flow, "4,321"]
    assert page.focused("e.textContent") == flow
    assert page.script("return window.same")


def test_paused_it_asks_for_nothing(own):
    page, connection, _ = own
    page.open()
    page.click("#pause")
    before = page.text("total_flows")
    page.script("performance.clearResourceTimings()")
    connection.execute("UPDATE captures SET total_flows = 77")
    page.script("window.ticks = 0; window.counting = setInterval(() => window.ticks++, 1000)")
    wait_for(lambda: page.script("return window.ticks") >= 7)
    assert page.script("return performance.getEntriesByType('resource').length") == 0
    assert page.text("total_flows") == before
    assert page.text("status-text").startswith("Paused.")
    page.click("#pause")
    wait_for(lambda: page.text("total_flows") == "77")


def test_age_of_the_data_is_said(own):
    page, connection, _ = own
    page.open()
    assert page.state() == "old" and "nothing new for" in page.text("status-text")
    assert page.text("live").startswith("Old data")
    connection.execute(f"UPDATE captures SET updated = {NOW}")
    wait_for(lambda: page.state() == "running")
    assert page.text("status-text").startswith("Running, data ")
    connection.execute(f"UPDATE captures SET ended = {NOW}")
    wait_for(lambda: page.state() == "ended")
    assert page.text("status-text").startswith("Ended ")


def test_age_is_told_by_the_clock_of_the_server(own):
    """With a browser clock that is an hour ahead, new data is not shown as old."""
    page, connection, _ = own
    connection.execute(f"UPDATE captures SET updated = {NOW}")
    ahead = "const now = Date.now.bind(Date); Date.now = () => now() + 3600000"
    added = page.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": ahead})
    page.open()
    page.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)
    assert page.state() == "running"


def test_a_server_that_is_gone_and_comes_back(own, gapwatch):
    page, _, running = own
    page.open()
    flows = page.rows()
    running.stop()
    wait_for(page.notice)
    assert page.notice().startswith("The server does not answer. Shown is what it had at 20")
    assert page.rows() == flows and flows
    store = running.command[-1]
    with Server(gapwatch.program, "--db", store, port=running.port):
        wait_for(lambda: not page.notice())
        assert page.rows() == flows


def test_empty_database(gapwatch, driver, tmp_path):
    store = tmp_path / "empty.db"
    with database.create(store) as connection, Server(gapwatch.program, "--db", store) as running:
        page = browser.Page(driver, running)
        page.open()
        assert page.notice().startswith("There is no capture yet")
        assert page.text("total_flows") == "–"
        database.add_capture(connection, [], [])
        wait_for(lambda: not page.notice())
        assert page.text("total_flows") == "0"
        assert page.find("#flows-empty").text == "No flows yet."
        assert page.complaints() == []
    connection.close()


def test_far_down_a_long_list(gapwatch, driver, tmp_path):
    """Pages near the end, which the server reads from the end, have the rows that SQL counts from
    the start."""
    store, flows = tmp_path / "long.db", 12_013
    database.make(store, flows, captures=1)
    truth = browser.Truth(store)
    with Server(gapwatch.program, "--db", store) as running:
        page = browser.Page(driver, running)
        page.open()
        page.click("[aria-label='Last page']")
        for offset in (12_000, 11_950):
            expected = truth.ids(offset=offset)
            wait_for(lambda expected=expected: page.ids() == expected)
            page.click("[aria-label='Previous page']")
        page.open("#/?sort=flow_id&offset=6000")
        wait_for(lambda: page.ids() == truth.ids(order="flow_id", offset=6000))
        page.open("#/?offset=20000")
        assert page.ids() == [] and f"none of {flows:,}" in page.text("flow-pager")
    truth.database.close()


# --- safe ---

HOSTILE = (
    "<img src=x onerror=window.pwned=1>",
    "</a><script>window.pwned=1</script>",
    "javascript:window.pwned=1",
    "\"' onfocus=window.pwned=1 autofocus x='",
    "a/../../b?c#d&e=%2e%00+f",
    "${window.pwned=1}{{window.pwned=1}}",
    "\u202e\u0000\u2028" + "W" * 300,
)


@pytest.fixture
def hostile(gapwatch, driver, tmp_path):
    """A database with markup in all its texts."""
    store = tmp_path / "hostile.db"
    (flow,), _ = database.make(tmp_path / "other.db", 1, captures=1)
    flows = [flow | {"flow_id": text, "protocol": HOSTILE[0], "last_timestamp": HOSTILE[1]} for text in HOSTILE]
    with database.create(store) as connection:
        database.add_capture(connection, flows, [], source=HOSTILE[1], method=HOSTILE[3], started=HOSTILE[0])
    connection.close()
    with Server(gapwatch.program, "--db", store) as running:
        yield browser.Page(driver, running)


def test_hostile_text_stays_text(hostile):
    page = hostile
    page.open("#/?sort=flow_id")
    shown = page.ids()
    assert len(shown) == len(HOSTILE) and set(HOSTILE[:-1]) <= set(shown)
    assert HOSTILE[1] in page.script("return document.getElementById('capture').options[0].textContent")
    for text in HOSTILE[:-1]:
        page.open("#/flow/" + encode(text))
        wait_for(lambda: page.find("#flow-body").is_displayed() or page.find("#flow-missing").is_displayed())
        assert page.text("flow-title") == text
        assert page.text("flow-protocol") in (HOSTILE[0], "")
    assert page.script("return window.pwned ?? null") is None
    assert page.script("return document.querySelectorAll('img, script:not([src]), style').length") == 0
    assert not [words for words in page.complaints() if "Content Security Policy" in words]


def test_no_request_leaves_the_host(page, truth):
    page.open("#/flow/" + encode(truth.ids()[0]))
    page.open("#/")
    urls = page.script("return performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(urls) > 15 and all(url.startswith(page.origin + "/") for url in urls), urls
    policy = page.script("return fetch('/').then(answer => answer.headers.get('content-security-policy'))")
    assert "default-src 'none'" in policy and "unsafe" not in policy and "http" not in policy


def test_with_a_token(gapwatch, driver, dashboard_store, truth, tmp_path):
    """The browser sends the token with every request of the page, after it was entered once."""
    secret = "s3cret-of-the-dashboard-0123456789"
    (tmp_path / "token").write_text(secret)
    with Server(gapwatch.program, "--db", dashboard_store, "--token-file", tmp_path / "token") as running:
        page = browser.Page(driver, running)
        page.open(credentials=f"any:{secret}@")
        assert page.ids() == truth.ids()


# --- for everybody ---


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page, name, behind):
    """The contrast ratio of two colours of the style sheet, by WCAG 2.2."""
    code = "return getComputedStyle(document.documentElement).getPropertyValue(`--${arguments[0]}`).trim()"
    low, high = sorted(luminance(page.script(code, color)) for color in (name, behind))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_dark_and_light(scheme, page):
    page.prefer(prefers_color_scheme=scheme)
    ground = page.script("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in ground[4:-1].split(",")) / 3
    assert brightness > 200 if scheme == "light" else brightness < 60
    wait_for(lambda: page.painted("#overview-charts .chart:last-child") > 500)
    for name in ("ink", "muted", "link", "lost", "undetermined"):
        assert contrast(page, name, "surface") >= 4.5, name
    for name in ("focus", "edge", "rate", *(f"series-{number}" for number in range(1, 9))):
        assert contrast(page, name, "surface") >= 3, name


@pytest.mark.parametrize("width", (360, 600, 800, 1024))
def test_no_page_is_wider_than_the_screen(width, page, truth, hostile):
    page.resize(width, 740)
    addresses = [(page, "#/"), (page, "#/flow/" + encode(truth.ids()[0]))]
    addresses += [(hostile, "#/"), (hostile, "#/flow/" + encode(HOSTILE[1]))]
    for opened, address in addresses:
        opened.open(address)
        assert opened.script("return innerWidth") == width
        assert opened.script("const e = document.documentElement; return e.scrollWidth - e.clientWidth") == 0, address


def test_every_field_and_button_has_a_name(page):
    tree = page.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"button", "link", "combobox", "spinbutton", "searchbox", "table", "image"}
    named = [
        (node["role"]["value"], node.get("name", {}).get("value"))
        for node in tree
        if not node["ignored"] and node["role"]["value"] in roles
    ]
    assert {role for role, _ in named} >= roles - {"image"}
    assert [role for role, name in named if not name] == []


def test_nothing_moves_for_who_wants_it_still(own):
    page, connection, _ = own
    connection.execute(f"UPDATE captures SET updated = {NOW}")
    for preference, name in (("no-preference", "breathe"), ("reduce", "none")):
        page.prefer(prefers_reduced_motion=preference)
        page.open()
        assert page.script("return getComputedStyle(document.querySelector('.dot')).animationName") == name
