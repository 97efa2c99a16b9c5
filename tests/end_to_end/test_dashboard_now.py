# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The dashboard in Chromium: what happens now on several interfaces, and a page of another site."""
import contextlib
import datetime
import random
import time

import pytest

from support import browser
from support import made_database as database
from support.server import Server, wait_for

NOW = "%Y-%m-%dT%H:%M:%S.000000000Z"


def add_sensor(made, source, lost, start, lost_for=900):
    """A sensor on SOURCE that runs at the time START; its first flow loses LOST of 100 packets every 5 s, in the
    last LOST_FOR seconds. Its gaps come 2.5 s after their interval began."""

    def ago(seconds):
        moment = datetime.datetime.fromtimestamp(start - seconds, datetime.timezone.utc)
        return moment.strftime(NOW)

    rng = random.Random(1)
    flows = [database.make_flow(number, "macsec", rng) for number in range(20)]
    capture = database.add_capture(made, flows, [], source=source, updated=ago(-200), flush_interval=5,
                                   first_timestamp=ago(900), last_timestamp=ago(0))
    made.execute("DELETE FROM interval_flows")
    made.execute("DELETE FROM capture_intervals WHERE capture_id = ?", (capture,))
    ((flow, name),) = made.execute(
        "SELECT id, flow_id FROM flows WHERE capture_id = ? ORDER BY id LIMIT 1", (capture,)).fetchall()
    made.execute("UPDATE flows SET last_timestamp = ?, silent_since = NULL WHERE id = ?", (ago(0), flow))
    for seconds in range(0, 900, 5):
        row = {"capture_id": capture, "timestamp": ago(seconds), "duration_seconds": 5, "packets": 100,
               "bytes": 10000, "lost": lost if seconds <= lost_for else 0, "lost_undetermined": 0, "numbered_packets": 100}
        interval = database.insert(made, "capture_intervals", row)
        part = {name: row[name] for name in list(row)[3:]}
        database.insert(made, "interval_flows", {"interval": interval, "flow": flow, **part})
        gap = {"capture_id": capture, "flow_id": name, "expected_sequence": seconds, "gap_size": lost,
               "received_sequence": seconds + lost, "timestamp": ago(seconds - 2.5), "duration_ms": 1}
        if row["lost"]:
            database.insert(made, "sequence_gaps", {**gap, "cause": "network"})
    return name


@pytest.fixture(name="server", scope="module")
def fixture_server(gapwatch, tmp_path_factory):
    path = tmp_path_factory.mktemp("dashboard-now") / "store.db"
    start = time.time() // 5 * 5  # intervals begin at multiples of their length
    with contextlib.closing(database.create(path)) as made:
        add_sensor(made, "eth1", 0, start)
        add_sensor(made, "eth0", 50, start)
    with Server(gapwatch.program, "--db", path) as running:
        yield running


@pytest.fixture(name="shown")
def fixture_shown(driver, server):
    page = browser.Page(driver, server)
    page.open()
    yield page
    assert page.complaints() == []


def test_which_link_loses_and_how_bad(shown):
    assert shown.text("loss-ratio").startswith("20.")
    assert shown.text("loss-word") == "severe"
    assert "before" in shown.text("loss-moved")
    assert shown.script("return document.getElementById('loss-card').dataset.severity") == "severe"
    worst = shown.rows()[0]
    assert "33.333" in worst
    # This flow has lost for 15 minutes, and its first minute may be a part of one.
    assert (shown.text("worst-flow") + " on eth0", shown.text("worst-ratio")) == (worst[0], "33.333 %")
    assert shown.text("worst-more").startswith("lost by the network on eth0 since ")
    assert [row[1].endswith(" on eth0") for row in shown.rows("latest-gap-rows")] == [True] * 8


@pytest.mark.parametrize("lost_for", [65, 95, 130])
def test_since_when_is_the_time_of_the_first_gap(gapwatch, driver, tmp_path, lost_for):
    start = time.time() // 5 * 5
    with contextlib.closing(database.create(tmp_path / "store.db")) as made:
        add_sensor(made, "eth0", 50, start, lost_for)
    first = datetime.datetime.fromtimestamp(start - lost_for + 2.5, datetime.timezone.utc)
    with Server(gapwatch.program, "--db", tmp_path / "store.db") as running:
        page = browser.Page(driver, running)
        page.open()
        wait_for(lambda: " since " in page.text("worst-more"))
        # A day may end between the loss and now: the date stands before the time then.
        assert page.text("worst-more").endswith(first.strftime("%H:%M:%S"))
        assert page.text("worst-more").startswith("lost by the network since ")
        assert page.complaints() == []


def test_interfaces_are_tabs(shown):
    names = shown.all("#interfaces a", "e.textContent")
    assert names == ["All interfaces", "eth0", "eth1"]
    shown.click("#interfaces a:nth-child(3)")
    wait_for(lambda: shown.text("loss-ratio") == "0.000 %")
    assert "on eth" not in shown.rows()[0][0]
    assert not shown.find("#worst").is_displayed()
    assert shown.text("loss-word") == ""
    shown.click("#interfaces a:nth-child(2)")
    wait_for(lambda: shown.text("loss-ratio") == "33.333 %")


def test_a_click_on_a_chart_shows_the_gaps_of_that_time(shown):
    from selenium.webdriver.common.action_chains import ActionChains

    chart = shown.find("#overview-charts .plot")
    ActionChains(shown.driver).move_to_element(chart).click().perform()
    wait_for(lambda: " from " in shown.text("latest-title"))
    assert "from=" in shown.driver.current_url
    shown.click("#latest-all")
    wait_for(lambda: "latest" in shown.text("latest-title"))


def test_a_flow_of_several_captures_opens(shown):
    shown.click("#flow-rows a")
    wait_for(lambda: shown.text("flow-lost_network") not in ("", "–"))
    assert "of=" in shown.driver.current_url


def test_charts_say_how_long_their_values_are(shown):
    """Also while the capture is young: a value is never of less than a flush."""
    titles = shown.all("#overview-charts .chart-title", "e.textContent")
    assert titles == ["Bandwidth, mean of 5 s", "Lost packets in 5 s"]


def test_a_page_of_another_site_gets_nothing(server, tmp_path):
    """Its name leads to this machine (DNS rebinding)."""
    browser.require()
    driver = browser.start(tmp_path, "--host-resolver-rules=MAP evil.example 127.0.0.1")
    try:
        driver.get(f"http://evil.example:{server.port}/")
        assert "misdirected" in driver.page_source and "dashboard" not in driver.page_source
        code = "const done = arguments[0]; fetch('/api/v1/flows').then(async r => done([r.status, await r.text()]))"
        status, text = driver.execute_async_script(code)
        assert status == 421 and "flow_id" not in text
    finally:
        driver.quit()
