# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Comparisons that a database keeps, and lineages: in the API and in the dashboard."""
import json
import random

import pytest

from support import browser
from support.numbered import esp
from support.capture_file import FIRST_SECOND, Packet, pcap
from support.server import Server, encode, wait_for
from support.simulated_path import MILLISECOND, SECOND, EspStream, MacsecStream, Path, Rates

REPORTED = {"id", "comparison"} | {f"delay_{name}_ms" for name in ("min", "mean", "p50", "p95", "p99")}


def timed(frames):
    packets = [Packet(data, second=FIRST_SECOND + t // SECOND, fraction=t % SECOND) for t, data in sorted(frames)]
    return pcap(packets, nanoseconds=True)


def wide_panels(page):
    """The panels of PAGE whose content is wider than they are."""
    return list(filter(None, page.all(".panel", "e.scrollWidth > e.clientWidth && e.textContent")))


@pytest.fixture(scope="module")
def kept(gapwatch, tmp_path_factory):
    """A database with two comparisons, and the report of the second one."""
    folder = tmp_path_factory.mktemp("compared")
    source = random.Random("compared")
    streams = [EspStream(source), EspStream(source, (192, 0, 2, 7)), MacsecStream(source)]
    path = Path(source, streams, (2000, 1500, 1000), Rates(), clock=5 * SECOND)
    files = []
    for side in ("a", "b"):
        files.append(folder / f"{side}.pcap")
        files[-1].write_bytes(path.capture(f"at_{side}"))
    store = folder / "kept.db"
    for operands in (files[::-1], files):
        report = json.loads(gapwatch.run("compare", "--json", *operands, "--db", store).stdout)
    return store, report


@pytest.fixture(scope="module")
def server(gapwatch, kept):
    with Server(gapwatch.program, "--db", kept[0]) as running:
        yield running


def test_the_api_lists_comparisons(server, kept):
    report = kept[1]
    answer = server.json("/api/v1/comparisons")
    assert [comparison["id"] for comparison in answer["comparisons"]] == [2, 1]
    newest = answer["comparisons"][0]
    for name in ("clock_offset_ms", "clock_offset_estimate_ms", "clock_offset_bound_ms"):
        assert newest[name] == report[name]
    assert (newest["a"], newest["b"]) == (report["a"]["source"], report["b"]["source"])
    assert newest["ways"] == report["summary"]["ways"]
    assert newest["ways"]["a_to_b"]["lost_between"] == report["summary"]["lost_between"] > 0


def test_the_api_lists_their_sas(server, kept):
    expected = {(sa["flow_id"], sa["first_timestamp"]): sa for sa in kept[1]["sas"]}
    answer = server.json("/api/v1/comparisons/sas")
    found = answer["compared_sas"]
    assert answer["total"] == len(found) == len(expected) > 6
    assert [sa["lost_between"] for sa in found] == sorted((sa["lost_between"] for sa in found), reverse=True)
    for sa in found:
        right = expected[sa["flow_id"], sa["first_timestamp"]]
        for name in sa.keys() - REPORTED - {"delay_samples"}:
            assert sa[name] == right[name], name
        for name, value in right["delay_ms"].items():
            assert sa["delay_samples" if name == "samples" else f"delay_{name}_ms"] == value
    first = server.json("/api/v1/comparisons/sas?comparison=1")["compared_sas"]
    missed = {comparison["id"]: comparison["ways"]["a_to_b"]["missed_by_a"] for comparison in
              server.json("/api/v1/comparisons")["comparisons"]}
    assert sum(sa["missed_by_a"] for sa in first) == missed[1] != missed[2]
    assert server.json("/api/v1/comparisons/sas?comparison=3")["compared_sas"] == []
    page = server.json("/api/v1/comparisons/sas?limit=2")
    rest = server.json(f"/api/v1/comparisons/sas?after={page['next']}")
    assert page["compared_sas"] + rest["compared_sas"] == found


def test_the_api_has_delays_over_time(server, kept):
    for sa in server.json("/api/v1/comparisons/sas")["compared_sas"]:
        parts = server.json(f"/api/v1/comparisons/delays?compared_sa={sa['id']}")["compared_delays"]
        [right] = [
            each["over_time"]
            for each in kept[1]["sas"]
            if (each["flow_id"], each["first_timestamp"]) == (sa["flow_id"], sa["first_timestamp"])
        ]
        assert len(parts) == len(right) > 1
        for part, expected in zip(parts, right):
            assert (part["comparison"], part["delay_step_ms"]) == (2, None)
            assert (part["timestamp"], part["lost_between"]) == (expected["timestamp"], expected["lost_between"])
            for name, value in expected["delay_ms"].items():
                assert part["delay_samples" if name == "samples" else f"delay_{name}_ms"] == value
    newest = server.json("/api/v1/comparisons/delays")
    assert newest["total"] == sum(len(sa["over_time"]) for sa in kept[1]["sas"])
    assert server.json("/api/v1/comparisons/delays?comparison=3")["compared_delays"] == []
    of_newest = server.json("/api/v1/comparisons/sas")["compared_sas"][0]["id"]
    for comparison, is_there in ((2, True), (1, False)):
        query = f"comparison={comparison}&compared_sa={of_newest}"
        assert bool(server.json(f"/api/v1/comparisons/delays?{query}")["compared_delays"]) == is_there


def test_a_database_that_cannot_be_opened(gapwatch, kept):
    folder = kept[0].parent
    done = gapwatch.run("compare", "--json", folder / "a.pcap", folder / "b.pcap", "--db", folder / "none" / "kept.db")
    assert done.returncode == 1
    assert done.stderr.decode().count("none/kept.db: ") == 1


def words_of(sa):
    """The association of SA as the dashboard names it."""
    return f"AN {sa['association']}" if sa["flow_id"].startswith("MACsec") else ""


def test_the_dashboard_shows_where_it_was_lost(server, driver, kept):
    """The database has no capture, only comparisons."""
    page = browser.Page(driver, server)
    page.resize(1300, 1000)
    page.open()
    sums = kept[1]["summary"]["ways"]["a_to_b"]
    ratio = sums["lost_between"] / (sums["lost_between"] + sums["passed_both"])
    [way] = page.all("#compared-ways ol", "[...e.children].map(item => item.textContent)")
    assert way[::2] == ["Sender", f"A (missed {sums['missed_by_a']:,})", "B"]
    assert way[1] == f"{sums['lost_before_a']:,} lost"
    assert way[3] == f"{sums['lost_between']:,} lost ({100 * ratio:.3f} %)"
    assert "the shortest delay would be 0" in page.text("compared-clock")
    worst = max(kept[1]["sas"], key=lambda sa: sa["lost_between"])
    row = page.rows("compared-rows")[0]
    assert row[:2] + row[5:6] == [worst["flow_id"], words_of(worst), f"{worst['lost_between']:,}"]
    assert page.text("compared-delays-of").startswith(", ".join(filter(None, (worst["flow_id"], words_of(worst)))))
    [words] = page.chart_words("compared-delays")
    least = worst["delay_ms"]["min"]
    most = max(part["delay_ms"]["p99"] for part in worst["over_time"]) - least
    assert words.endswith(f"the 99th percentile is at most {most:.3f} ms")
    page.choose("comparison", "1")
    wait_for(lambda: page.text("compared-a") == "A: " + kept[1]["b"]["source"])
    ways = server.json("/api/v1/comparisons")["comparisons"][1]["ways"]
    [way] = page.all("#compared-ways ol", "[...e.children].map(item => item.textContent)")
    assert way[2] == f"A (missed {ways['a_to_b']['missed_by_a']:,})"
    assert page.complaints() == []


# --- lineages ---

LOST = (0, 4, 8)  # packets of each SA


@pytest.fixture(scope="module")
def rekeyed(gapwatch, tmp_path_factory):
    """A server for three SAs that take over from each other."""
    folder = tmp_path_factory.mktemp("lineage")
    frames = []
    for place, lost in enumerate(LOST):
        for number in range(1, 201):
            if not 100 <= number < 100 + lost:
                frames.append(((place * 20_000 + 100 * number) * MILLISECOND, esp(number, place + 1)))
    (folder / "rekeyed.pcap").write_bytes(timed(frames))
    assert gapwatch.run("analyze", "-q", folder / "rekeyed.pcap", "--db", folder / "store.db").returncode == 0
    with Server(gapwatch.program, "--db", folder / "store.db") as running:
        yield running


def test_the_sas_of_a_lineage(rekeyed):
    flows = rekeyed.json("/api/v1/flows?sort=flow_id")["flows"]
    assert {flow["lineage"] for flow in flows} == {flows[0]["flow_id"]}
    found = rekeyed.api("sas", lineage=flows[0]["flow_id"])["sas"]
    assert [sa["lost_network"] for sa in found] == list(LOST[::-1])
    [last] = rekeyed.api("sas", lineage=flows[0]["flow_id"], flow=flows[2]["flow_id"])["sas"]
    assert last["flow_id"] == flows[2]["flow_id"]
    assert rekeyed.api("sas", lineage=flows[2]["flow_id"])["sas"] == []


def test_the_dashboard_shows_a_lineage_over_time(rekeyed, driver):
    page = browser.Page(driver, rekeyed)
    page.resize(1300, 1000)
    page.open("#/flow/" + encode(rekeyed.json("/api/v1/flows")["flows"][0]["flow_id"]))
    words = "3 SAs, 2 rekeys, 12 packets lost of 600 packets"
    assert page.text("lineage-note") == words
    assert page.chart_words("lineage") == [f"Loss of the tunnel over time: {words}."]
    assert page.painted("#lineage") > 100
    assert wide_panels(page) == []
    assert page.complaints() == []
