# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The dashboard in Chromium, compared with SQL on the database."""
import random
import pytest

from support import made_database as database
from support.browser import USUAL
from support.server import encode, wait_for

PAGE = 50
ENTER = "\ue007"
SORTS = {
    "lost_network": (USUAL, "lost_network, total_bytes, id"),
    "total_bytes": ("total_bytes DESC, id DESC", "total_bytes, id"),
    "bandwidth_mbps": ("bandwidth_mbps DESC, id DESC", "bandwidth_mbps, id"),
    "flow_id": ("flow_id", "flow_id DESC"),
}


def with_commas(number):
    return f"{number:,}"


# --- the overview ---


def test_totals_are_those_of_the_database(page, truth):
    capture = truth.one("SELECT * FROM captures ORDER BY id DESC")
    for name in ("total_flows", "total_packets_received", "total_gaps_detected", "drops"):
        assert page.text(name) == with_commas(capture[name]), name
    sums = truth.one(
        "SELECT sum(total_bytes) AS bytes, sum(unobserved_packets) AS unobserved FROM flows "
        "WHERE capture_id = ?",
        capture["id"],
    )
    (largest,) = truth.one("SELECT max(gap_size) FROM sequence_gaps WHERE capture_id = ?", capture["id"])
    assert page.text("total_bytes") == f"{sums['bytes']:,} B"
    assert page.text("max_gap_size") == f"largest {largest:,} packets"
    assert page.text("total_unobserved_packets").startswith(f"{sums['unobserved']:,} ")
    lost = "SELECT sum(gap_size) FROM sequence_gaps WHERE capture_id = ? AND cause = ?"
    assert page.text("lost-network") == f"{truth.one(lost, capture['id'], 'network')[0]:,}"
    beside = f"and {truth.one(lost, capture['id'], 'undetermined')[0]:,} undetermined"
    assert page.text("lost-undetermined") == beside


def test_packets_by_protocol(page, truth):
    shown = page.all("#protocols li", "[e.dataset.protocol, e.querySelector('b').textContent]")
    sql = "SELECT sum(packets_received) FROM flows WHERE capture_id = 2 AND protocol = ?"
    names = [name for name, _ in shown]
    assert set(names) > set(database.PROTOCOLS)
    assert shown == [[name, with_commas(truth.one(sql, name)[0] or 0)] for name in names]


def test_another_capture(page, truth):
    page.choose("capture", "1")
    first = truth.one("SELECT * FROM captures WHERE id = 1")
    wait_for(lambda: page.text("total_packets_received") == with_commas(first["total_packets_received"]))
    assert page.text("total_flows") == with_commas(first["total_flows"])
    assert "capture=1" in page.driver.current_url
    assert page.script("return document.querySelector('#flow-rows a').hash").endswith("?capture=1")


def test_charts_show_the_intervals(page, truth):
    """An hour in steps of 15 s, each of which is three intervals of the database."""
    page.open("#/?range=all")
    sql = "SELECT max(rate), max(lost), max(others) FROM (SELECT sum(bytes) * 8 / sum(duration_seconds) AS rate, "
    sql += "sum(lost) AS lost, sum(lost_undetermined) AS others FROM capture_intervals WHERE capture_id = 2 GROUP BY strftime('%s', timestamp) / 15)"
    rate, lost, others = truth.one(sql)
    bandwidth, losses = page.chart_words("overview-charts")
    assert bandwidth == f"Bandwidth, mean of 15 s; at most {rate / 1e6:.2f} Mb/s"
    assert losses == f"Lost packets in 15 s; at most {lost} and {others} undetermined"
    assert page.painted("#overview-charts .chart:last-child") > 500


# --- the list of flows ---


@pytest.mark.parametrize("key", SORTS)
def test_sorting(key, page, truth):
    """A click sorts by a column, and another click reverses the order."""
    page.open("#/?sort=" + ("flow_id" if key != "flow_id" else "total_bytes"))
    names = ("ascending", "descending") if key == "flow_id" else ("descending", "ascending")
    for order, name in zip(SORTS[key], names):
        page.click(f"[data-key={key}]")
        expected = truth.ids(order=order)
        wait_for(lambda expected=expected: page.ids() == expected)
        sorted_by = page.all("#flow-heads [aria-sort]", "[e.firstChild.dataset.key, e.ariaSort]")
        assert sorted_by == [[key, name]]


def test_cells_are_those_of_the_flow(page, truth):
    for row in page.rows()[:10]:
        flow = truth.one("SELECT * FROM flows WHERE capture_id = 2 AND flow_id = ?", row[0])
        assert row[1:3] == [with_commas(flow[name]) for name in ("lost_network", "lost_undetermined")]
        assert float(row[3]) == pytest.approx(flow["loss_ratio"] * 100, abs=0.0005)
        assert row[4:7] == [with_commas(flow[name]) for name in ("gaps_detected", "packets_received", "total_bytes")]
        assert row[7] == "<0.001" or float(row[7]) == pytest.approx(flow["bandwidth_mbps"], abs=0.0005)
        silent = ", silent" if flow["silent_since"] else ""
        assert row[8] == flow["last_timestamp"][:19].replace("T", " ") + silent


def shown_of(page, condition, truth):
    count = truth.one(f"SELECT count(*) FROM flows WHERE capture_id = 2 AND {condition}")[0]
    assert count > 0
    wait_for(lambda: page.ids() == truth.ids(condition))
    assert page.text("flow-pager").split(" of ")[1].startswith(f"{count:,}")


def test_filters_by_protocol_and_numbers(page, truth):
    page.choose("protocol", "esp")
    shown_of(page, "protocol = 'esp'", truth)
    page.find("#min_lost").send_keys("12")
    shown_of(page, "protocol = 'esp' AND total_lost_packets >= 12", truth)
    page.find("#min_bandwidth_mbps").send_keys("0.01", ENTER)
    shown_of(page, "protocol = 'esp' AND total_lost_packets >= 12 AND bandwidth_mbps >= 0.01", truth)
    page.driver.refresh()
    shown_of(page, "protocol = 'esp' AND total_lost_packets >= 12 AND bandwidth_mbps >= 0.01", truth)


def test_filter_that_matches_nothing_says_so(page):
    page.find("#min_lost").send_keys("1000000")
    wait_for(lambda: page.ids() == [])
    assert page.find("#flows-empty").text == "No flow matches."


def test_search(page, truth):
    """By a part of the id, a number in another form, an address or a prefix."""
    wanted = truth.ids("protocol = 'macsec'")[3]
    page.find("#q").send_keys(wanted[14:-2].upper().replace("0X00", "0x"))
    wait_for(lambda: page.ids() == [wanted])
    page.find("#q").clear()
    page.find("#q").send_keys("10.0.0.0/16")
    wait_for(lambda: page.ids() and all(" 10.0." in name for name in page.ids()))
    page.find("#q").send_keys("no more")
    wait_for(lambda: page.ids() == [])


def test_pages_are_the_whole_list(page, truth):
    shown = page.ids()
    while page.all("[aria-label='Next page']", "e.ariaDisabled")[0] == "false":
        page.click("[aria-label='Next page']")
        expected = truth.ids(offset=len(shown))
        wait_for(lambda expected=expected: page.ids() == expected)
        shown += expected
    assert shown == truth.ids(limit=1000)
    page.click("[aria-label='First page']")
    wait_for(lambda: page.ids() == truth.ids())
    page.click("[aria-label='Last page']")
    wait_for(lambda: page.ids() == truth.ids(offset=len(shown) // PAGE * PAGE))


def test_a_page_does_not_shift_while_the_sensor_writes(page, truth):
    page.click("[aria-label='Next page']")
    expected = truth.ids(offset=PAGE)
    wait_for(lambda: page.ids() == expected)
    new = database.make_flow(10_000, "esp", random.Random(1)) | {"lost_network": 10**9}
    row = database.insert(truth.database, "flows", {"capture_id": 2, **new})
    try:
        page.driver.refresh()
        page.wait_until_shown()
        wait_for(lambda: page.ids() == expected)
        page.click("[aria-label='Previous page']")
        wait_for(lambda: page.ids()[0] == new["flow_id"])
    finally:
        truth.database.execute("DELETE FROM flows WHERE id = ?", (row,))


# --- a flow's page ---


def flow_is_shown(page, truth, flow_id):
    flow = truth.one("SELECT * FROM flows WHERE capture_id = 2 AND flow_id = ?", flow_id)
    wait_for(lambda: page.find("#flow-body").is_displayed())
    assert page.text("flow-title") == flow_id
    names = ("packets_received", "total_bytes", "lost_network", "gaps_detected", "min_gap", "max_gap")
    for name in (*names, "lost_undetermined", "reordered_packets", "first_sequence", "last_sequence", "unobserved_packets"):
        assert page.text(f"flow-{name}") == with_commas(flow[name]), name
    sql = "SELECT * FROM sequence_gaps WHERE capture_id = 2 AND flow_id = ? ORDER BY timestamp, id"
    gaps = [
        [
            gap["timestamp"][:26].replace("T", " "),
            *(with_commas(gap[name]) for name in ("gap_size", "expected_sequence", "received_sequence")),
            f"{gap['duration_ms']:.3f}",
            gap["cause"],
        ]
        for gap in truth.database.execute(sql, (flow_id,))
    ]
    assert page.rows("gap-rows") == gaps and gaps
    ((*_, packets, lost, others, _, _, _, _),) = page.rows("sa-rows")
    names = ("packets_received", "lost_network", "lost_undetermined")
    assert [packets, lost, others] == [with_commas(flow[name]) for name in names]
    largest = max(int(gap[1]) for gap in gaps)
    assert page.chart_words("timeline")[0].startswith(f"{len(gaps)} gaps over time; the largest lost {largest} ")


def test_flow_by_click(page, truth):
    """A click anywhere in the row; going back returns to the list as it was."""
    wanted = truth.ids()[2]
    page.click("#flow-rows tr:nth-child(3) td:nth-child(4)")
    flow_is_shown(page, truth, wanted)
    assert page.painted("#timeline") > 20
    page.driver.back()
    assert page.find("#overview").is_displayed() and not page.find("#flow").is_displayed()
    assert page.focused("e.textContent") == wanted


def test_flow_by_keyboard_alone(page, truth):
    wanted = truth.ids()[1]
    page.tab_to("e.id === 'skip'")
    assert page.focused("getComputedStyle(e).outlineStyle") == "solid"
    page.press(ENTER)
    assert page.focused("e.id") == "main"
    page.tab_to("e.dataset.key === 'total_bytes'")
    page.press(ENTER)
    wait_for(lambda: page.ids() == truth.ids(order=SORTS["total_bytes"][0]))
    assert page.focused("e.dataset.key") == "total_bytes"
    page.open()
    page.tab_to(f"e.textContent === '{wanted}'")
    assert page.focused("getComputedStyle(e).outlineStyle") == "solid"
    page.press(ENTER)
    flow_is_shown(page, truth, wanted)
    assert page.focused("e.id") == "flow-title"
    page.script("document.getElementById('back').focus()")
    page.press(ENTER)
    wait_for(lambda: page.focused("e.textContent") == wanted)


def test_flow_that_is_not_there(page):
    page.open("#/flow/" + encode("MACsec { sci: 0xdead }"))
    wait_for(lambda: page.find("#flow-missing").text == "the capture has no flow with this id")
    page.complaints()  # Chromium lists the 404
