# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The dashboard in Chromium, against what SQL says of the database."""
import sqlite3

import pytest

from support import browser, made_database as database
from support.server import Server, encode, wait_for

FLOWS = 230
PAGE = 50
ENTER = "\ue007"
NUMBER_COLUMNS = {"total_lost_packets": 1, "total_bytes": 5, "bandwidth_mbps": 6}
SORTS = {
    "total_lost_packets": ("total_lost_packets DESC, total_bytes DESC, id", "total_lost_packets, total_bytes, id DESC"),
    "total_bytes": ("total_bytes DESC, id DESC", "total_bytes, id"),
    "bandwidth_mbps": ("bandwidth_mbps DESC, id DESC", "bandwidth_mbps, id"),
    "flow_id": ("flow_id", "flow_id DESC"),
}
USUAL = SORTS["total_lost_packets"][0]


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    browser.require()
    started = browser.start(tmp_path_factory.mktemp("chromium"))
    yield started
    started.quit()


class Truth:
    """What the newest capture of the database at PATH says."""

    def __init__(self, path):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.row_factory = sqlite3.Row

    def one(self, sql, *values):
        return self.database.execute(sql, values).fetchone()

    def ids(self, condition="1", order=USUAL, limit=PAGE, offset=0):
        newest = "capture_id = (SELECT max(id) FROM captures)"
        sql = f"SELECT flow_id FROM flows WHERE {newest} AND {condition} ORDER BY {order} LIMIT ? OFFSET ?"
        return [row[0] for row in self.database.execute(sql, (limit, offset))]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    made = tmp_path_factory.mktemp("dashboard") / "store.db"
    database.make(made, FLOWS)
    return made


@pytest.fixture(scope="module")
def server(gapwatch, path):
    with Server(gapwatch.program, "--db", path) as running:
        yield running


@pytest.fixture(scope="module")
def truth(path):
    opened = Truth(path)
    yield opened
    opened.database.close()


@pytest.fixture
def page(driver, server):
    opened = browser.Page(driver, server)
    opened.resize(1300, 1000)
    opened.prefer(prefers_color_scheme="light")
    opened.open()
    yield opened
    assert opened.complaints() == []


def with_commas(number):
    return f"{number:,}"


# --- the overview ---


def test_totals_are_those_of_the_database(page, truth):
    capture = truth.one("SELECT * FROM captures ORDER BY id DESC")
    for name in ("total_flows", "total_packets_received", "total_lost_packets", "total_gaps_detected", "drops"):
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
    for cause in ("network", "undetermined"):
        lost = "SELECT sum(gap_size) FROM sequence_gaps WHERE capture_id = ? AND cause = ?"
        assert page.text(f"lost-{cause}") == f"{truth.one(lost, capture['id'], cause)[0]:,} {cause}"


def test_packets_by_protocol(page, truth):
    shown = page.script("return [...document.querySelectorAll('#protocols li')].map(e => [e.dataset.protocol, e.querySelector('b').textContent])")
    sql = "SELECT sum(packets_received) FROM flows WHERE capture_id = 2 AND protocol = ?"
    assert shown == [[name, with_commas(truth.one(sql, name)[0])] for name in database.PROTOCOLS]


def test_another_capture(page, truth):
    page.script(
        "const s = document.getElementById('capture'); s.value = '1'; s.dispatchEvent(new Event('change'))"
    )
    first = truth.one("SELECT * FROM captures WHERE id = 1")
    wait_for(lambda: page.text("total_packets_received") == with_commas(first["total_packets_received"]))
    assert page.text("total_flows") == with_commas(first["total_flows"])
    assert "capture=1" in page.driver.current_url
    assert page.script("return document.querySelector('#flow-rows a').hash").endswith("?capture=1")


def chart_words(page, parent):
    return page.script(f"return [...document.querySelectorAll('#{parent} .chart')].map(e => e.ariaLabel)")


def painted(page, selector):
    """How many pixels of a chart are of the colour of loss."""
    return page.script(
        """
        const canvas = document.querySelector(arguments[0] + ' canvas');
        const wanted = getComputedStyle(document.documentElement).getPropertyValue('--lost').trim();
        const [r, g, b] = [1, 3, 5].map(i => parseInt(wanted.slice(i, i + 2), 16));
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let found = 0;
        for (let i = 0; i < pixels.length; i += 4)
            if (pixels[i] === r && pixels[i + 1] === g && pixels[i + 2] === b) found++;
        return found;
        """,
        selector,
    )


def test_charts_show_the_intervals(page, truth):
    """The hour, in steps of 15 s: each is three intervals of the database."""
    page.open("#/?range=all")
    sql = "SELECT max(rate), max(lost) FROM (SELECT sum(bytes) * 8 / sum(duration_seconds) AS rate, sum(lost) AS lost "
    sql += "FROM capture_intervals WHERE capture_id = 2 GROUP BY strftime('%s', timestamp) / 15)"
    rate, lost = truth.one(sql)
    bandwidth, losses = chart_words(page, "overview-charts")
    assert bandwidth == f"Bandwidth, mean of 15 s; at most {rate / 1e6:.2f} Mb/s"
    assert losses == f"Lost packets in 15 s; at most {lost}"
    assert painted(page, "#overview-charts .chart:last-child") > 500


# --- the list of flows ---


@pytest.mark.parametrize("key", SORTS)
def test_sorting(key, page, truth):
    """A click sorts by the column, another one the other way round."""
    page.open("#/?sort=" + ("flow_id" if key != "flow_id" else "total_bytes"))
    names = ("ascending", "descending") if key == "flow_id" else ("descending", "ascending")
    for order, name in zip(SORTS[key], names):
        page.click(f"[data-key={key}]")
        expected = truth.ids(order=order)
        wait_for(lambda expected=expected: page.ids() == expected)
        sorted_by = page.script("return [...document.querySelectorAll('#flow-heads [aria-sort]')].map(e => [e.firstChild.dataset.key, e.ariaSort])")
        assert sorted_by == [[key, name]]


def test_cells_are_those_of_the_flow(page, truth):
    for row in page.rows()[:10]:
        flow = truth.one("SELECT * FROM flows WHERE capture_id = 2 AND flow_id = ?", row[0])
        assert row[1] == with_commas(flow["total_lost_packets"])
        assert float(row[2]) == pytest.approx(flow["loss_ratio"] * 100, abs=0.0005)
        assert row[3:6] == [with_commas(flow[name]) for name in ("gaps_detected", "packets_received", "total_bytes")]
        assert row[6] == "<0.001" or float(row[6]) == pytest.approx(flow["bandwidth_mbps"], abs=0.0005)
        assert row[7] == flow["last_timestamp"][:19].replace("T", " ")


def shown_of(page, condition, truth):
    count = truth.one(f"SELECT count(*) FROM flows WHERE capture_id = 2 AND {condition}")[0]
    assert count > 0
    wait_for(lambda: page.ids() == truth.ids(condition))
    assert page.text("flow-pager").split(" of ")[1].startswith(f"{count:,}")


def test_filters_by_protocol_and_numbers(page, truth):
    page.script("const s = document.getElementById('protocol'); s.value = 'esp'; s.dispatchEvent(new Event('change', {bubbles: true}))")
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


def test_flow_by_its_id(page, truth):
    """With other zero padding, as the API finds it."""
    wanted = truth.ids("protocol = 'macsec'")[3]
    page.find("#id").send_keys(wanted.replace("0x00", "0x"))
    wait_for(lambda: page.ids() == [wanted])
    page.find("#id").send_keys("no more")
    wait_for(lambda: page.ids() == [])
    page.complaints()  # Chromium lists the 404


def test_pages_are_the_whole_list(page, truth):
    shown = page.ids()
    while page.script("return document.querySelector('[aria-label=\"Next page\"]').ariaDisabled") == "false":
        page.click("[aria-label='Next page']")
        expected = truth.ids(offset=len(shown))
        wait_for(lambda expected=expected: page.ids() == expected)
        shown += expected
    assert shown == truth.ids(limit=1000)
    page.click("[aria-label='First page']")
    wait_for(lambda: page.ids() == truth.ids())
    page.click("[aria-label='Last page']")
    wait_for(lambda: page.ids() == truth.ids(offset=len(shown) // PAGE * PAGE))


# --- a flow's page ---


def flow_is_shown(page, truth, flow_id):
    flow = truth.one("SELECT * FROM flows WHERE capture_id = 2 AND flow_id = ?", flow_id)
    wait_for(lambda: page.find("#flow-body").is_displayed())
    assert page.text("flow-title") == flow_id
    names = ("packets_received", "total_bytes", "total_lost_packets", "gaps_detected", "min_gap", "max_gap")
    for name in (*names, "reordered_packets", "first_sequence", "last_sequence", "unobserved_packets"):
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
    largest = max(int(gap[1]) for gap in gaps)
    assert chart_words(page, "timeline")[0].startswith(f"{len(gaps)} gaps over time; the largest lost {largest} ")


def test_flow_by_click(page, truth):
    """Anywhere in the row; going back leads to where one was."""
    wanted = truth.ids()[2]
    page.click("#flow-rows tr:nth-child(3) td:nth-child(4)")
    flow_is_shown(page, truth, wanted)
    assert painted(page, "#timeline") > 20
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


# --- alive ---


@pytest.fixture
def own(gapwatch, driver, tmp_path):
    """A database of its own with one flow, its server, and the page."""
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
    connection.execute("UPDATE captures SET total_lost_packets = 987654")
    flow = page.ids()[2]
    connection.execute("UPDATE flows SET total_lost_packets = 4321 WHERE flow_id = ?", (flow,))
    page.script("document.querySelectorAll('#flow-rows a')[2].focus()")
    wait_for(lambda: page.text("total_lost_packets") == "987,654")
    assert page.rows()[0][:2] == [flow, "4,321"]
    assert page.focused("e.textContent") == flow
    assert page.script("return window.same")


def test_paused_it_asks_for_nothing(own):
    page, connection, _ = own
    page.open()
    page.click("#pause")
    before = page.script("performance.clearResourceTimings(); return document.getElementById('total_flows').textContent")
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
    """A browser whose clock is an hour ahead does not call new data old."""
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
    """A database in which somebody wrote markup wherever text can be."""
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


def test_with_a_token(gapwatch, driver, path, truth, tmp_path):
    """The browser sends it with every request of the page, once it was told."""
    secret = "s3cret-of-the-dashboard-0123456789"
    (tmp_path / "token").write_text(secret)
    with Server(gapwatch.program, "--db", path, "--token-file", tmp_path / "token") as running:
        page = browser.Page(driver, running)
        page.open(credentials=f"any:{secret}@")
        assert page.ids() == truth.ids()


# --- for everybody ---


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(page, name, behind):
    """The contrast ratio of two colours of the style sheet, WCAG 2.2."""
    code = "return arguments[0].map(name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim())"
    low, high = sorted(luminance(color) for color in page.script(code, [name, behind]))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_dark_and_light(scheme, page):
    page.prefer(prefers_color_scheme=scheme)
    ground = page.script("return getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in ground[4:-1].split(",")) / 3
    assert brightness > 200 if scheme == "light" else brightness < 60
    wait_for(lambda: painted(page, "#overview-charts .chart:last-child") > 500)
    for name in ("ink", "muted", "link", "lost", "undetermined"):
        assert contrast(page, name, "surface") >= 4.5, name
    for name in ("focus", "edge", "rate", "macsec", "esp", "tcp", "udp"):
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
