# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The database written by `analyze --db`, compared with the report and with the capture."""
import collections
import random
import re

import pytest

from conftest import ROOT
from model import compare
from model.frames import Frame, MacsecFlow, PlainFlow, capture
from model.streams import FIRST_NS, frames
from support import small_capture
from support.capture_file import Packet, pcap
from support.database import ask, assert_sound, dicts, fields, value
from support.small_capture import LINK_TYPE, esp_packet

FLOW_FIELDS = fields("flows")
GAP_FIELDS = fields("sequence_gaps")
SA_FIELDS = fields("sas")
SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
SECOND_NS = 10**9
FLUSH_SECONDS = 5


@pytest.fixture(name="database")
def fixture_database(tmp_path):
    return tmp_path / "results.db"


def write(tmp_path, frames_of_it, name="stream.pcap"):
    path = tmp_path / name
    path.write_bytes(capture(frames_of_it))
    return path


def assert_says_what_the_report_says(database, found, number=1):
    """Asserts that every figure of the JSON report is in the database, under the same name."""
    flows = dicts(database, FLOW_FIELDS, "flows", "flow_id", number)
    expected = sorted(found["flows"], key=lambda flow: flow["flow_id"])
    sas = [{"flow_id": flow["flow_id"], **sa} for flow in expected for sa in flow.pop("sas")]
    assert compare.differences(expected, flows) == []
    if not found["capture"]["flows_evicted"]:  # else the database knows of SAs before
        those = "(SELECT * FROM sas WHERE packets_received)"  # the others were undone
        rows = dicts(database, SA_FIELDS, those, "flow_id, generation DESC", number)
        assert compare.differences(sas, rows) == []
    order = "timestamp, flow_id, expected_sequence"
    keys = [name.strip() for name in order.split(",")]
    told = "(SELECT * FROM sequence_gaps WHERE NOT withdrawn)"
    gaps = dicts(database, GAP_FIELDS, told, order, number)
    expected = sorted(found["gaps"], key=lambda gap: [gap[key] for key in keys])
    assert compare.differences(expected, gaps) == []
    names = "total_flows total_packets_received total_bytes total_gaps_detected total_lost_packets \
        total_unobserved_packets max_gap_size first_timestamp last_timestamp".split()
    (totals,) = ask(database, f"SELECT {', '.join(names)} FROM captures WHERE id = ?", number)
    assert dict(zip(names, totals)) == {name: found["summary"][name] for name in names}
    counters = ask(
        database, "SELECT counter, packets FROM capture_counters WHERE capture_id = ?", number
    )
    assert dict(counters) == found["capture"]["counters"]
    names = "source, method, link_type, packets, bytes"
    ((*row, lost, ended),) = ask(
        database, f"SELECT {names}, lost_network, ended FROM captures WHERE id = ?", number
    )
    assert row == [found["capture"][name] for name in names.split(", ")]
    assert lost == found["summary"]["lost_by_cause"]["network"]
    assert ended


class TestContents:
    def test_sample(self, gapwatch, database):
        found = gapwatch.analyze("--db", database, SAMPLE)
        assert_says_what_the_report_says(database, found)
        assert_sound(database)

    @pytest.mark.parametrize("seed", (1, 2))
    def test_random_streams(self, seed, gapwatch, database, tmp_path):
        path = write(tmp_path, frames(random.Random(seed), 32, 40, 500))
        found = gapwatch.analyze("--db", database, path)
        assert found["summary"]["total_gaps_detected"] > 100
        assert_says_what_the_report_says(database, found)
        assert_sound(database)

    def test_two_files_are_one_capture(self, gapwatch, database, tmp_path):
        one = write(tmp_path, frames(random.Random(3), 32, 10, 300), "one.pcap")
        two = write(tmp_path, frames(random.Random(4), 32, 10, 300), "two.pcap")
        found = gapwatch.analyze("--db", database, one, two)
        assert_says_what_the_report_says(database, found)
        assert value(database, "SELECT source FROM captures") == f"{one}, {two}"

    def test_nothing_to_keep(self, gapwatch, database, tmp_path):
        found = gapwatch.analyze("--db", database, write(tmp_path, []))
        assert_says_what_the_report_says(database, found)

    def test_the_report_is_the_same(self, gapwatch, database):
        with_it = gapwatch.run("analyze", "--db", database, SAMPLE)
        without = gapwatch.run("analyze", SAMPLE)
        assert (with_it.stdout, with_it.stderr) == (without.stdout, without.stderr)

    def test_a_damaged_file_is_kept_as_far_as_it_was_read(self, gapwatch, database, tmp_path):
        path = tmp_path / "cut.pcap"
        path.write_bytes(SAMPLE.read_bytes()[:-10])
        found = gapwatch.analyze("--db", database, path, expect=1)
        assert found["capture"]["packets"] == 194
        assert_says_what_the_report_says(database, found)

    def test_flows_that_leave_a_full_table_come_back_to_their_row(
        self, gapwatch, database, tmp_path
    ):
        """TCP and UDP flows have no numbers, so forgetting them must not change a figure."""
        flows = [PlainFlow("tcp", 1000 + number) for number in range(5)]
        rng = random.Random(5)
        time_ns, sent = FIRST_NS, []
        for _ in range(400):
            time_ns += rng.randrange(1, 2 * SECOND_NS)
            sent.append(Frame(time_ns, rng.choice(flows), wire_length=100 + rng.randrange(900)))
        path = write(tmp_path, sent)
        whole = gapwatch.analyze(path)
        gapwatch.analyze("--db", database, "--max-flows", "2", path)
        rows = dicts(database, FLOW_FIELDS, "flows", "flow_id")
        expected = sorted(whole["flows"], key=lambda flow: flow["flow_id"])
        assert all(not flow.pop("sas") for flow in expected)
        assert compare.differences(expected, rows) == []
        assert value(database, "SELECT flows_evicted FROM captures") > 100
        assert_sound(database)

    def test_gaps_of_flows_that_leave_and_come_back_stay_with_their_sas(
        self, gapwatch, database, tmp_path
    ):
        sent = frames(random.Random("leave and come back"), 32, 12, 300)
        gapwatch.analyze("--db", database, "--max-flows", "7", write(tmp_path, sent))
        assert value(database, "SELECT max(generation) FROM sas WHERE gaps_detected") > 10
        of_sas = ask(database, "SELECT id, gaps_detected, total_lost_packets FROM sas ORDER BY id")
        of_gaps = ask(
            database,
            "SELECT sas.id, count(gap_size), total(gap_size) FROM sas LEFT JOIN sequence_gaps ON "
            "sa_id = sas.id AND NOT withdrawn AND first_number >= first_sequence AND "
            "last_number < last_sequence GROUP BY sas.id ORDER BY sas.id",
        )
        assert of_gaps == of_sas
        assert_sound(database)

    def test_queries_of_the_documentation(self, gapwatch, database):
        gapwatch.analyze("--db", database, SAMPLE)
        rows = ask(database, "SELECT flow_id, packets_received, total_bytes FROM flows")
        assert sorted(rows) == [
            ("MACsec { sci: 0x0011223344550001 }", 100, 37392),
            ("MACsec { sci: 0xaabbccddeeff0001 }", 95, 36110),
        ]
        assert len(ask(database, "SELECT * FROM sequence_gaps LIMIT 5")) == 5

    def test_times_sort_and_are_read_by_sqlite(self, gapwatch, database):
        gapwatch.analyze("--db", database, SAMPLE)
        times = ask(
            database,
            """SELECT timestamp, unixepoch(timestamp) FROM sequence_gaps
               UNION SELECT last_timestamp, unixepoch(last_timestamp) FROM flows
               UNION SELECT timestamp, unixepoch(timestamp) FROM capture_intervals
               UNION SELECT started, unixepoch(started) FROM captures ORDER BY 1""",
        )
        seconds = [second for _, second in times]
        assert None not in seconds and seconds == sorted(seconds)
        pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"
        assert all(re.fullmatch(pattern, text) for text, _ in times)


class TestIntervals:
    def test_each_has_the_frames_of_its_time(self, gapwatch, database, tmp_path):
        """Though analysed at once, a file's intervals are those of its frames' times."""
        rng = random.Random(6)
        flows = [MacsecFlow(0x0200000000000001 + (number << 16)) for number in range(3)]
        expected, sent, numbers = collections.Counter(), [], collections.Counter()
        for step in range(3000):
            time_ns = FIRST_NS + step * SECOND_NS // 10 + rng.randrange(SECOND_NS // 10)
            flow = rng.choice(flows)
            numbers[flow] += 1
            sent.append(Frame(time_ns, flow, numbers[flow]))
            start = time_ns // SECOND_NS // FLUSH_SECONDS * FLUSH_SECONDS
            expected[flow.flow_id, start] += 1
        gapwatch.analyze("--db", database, write(tmp_path, sent))
        rows = ask(
            database,
            """SELECT flow_id, unixepoch(timestamp), packets FROM flow_intervals
               JOIN flows ON flows.id = flow""",
        )
        assert {(flow, start): packets for flow, start, packets in rows} == dict(expected)
        assert ask(database, "SELECT DISTINCT duration_seconds FROM capture_intervals") == [(5.0,)]

    def test_of_a_long_file_are_longer(self, gapwatch, database, tmp_path):
        """One frame a minute for a month: the number of intervals stays bounded."""
        flow = MacsecFlow(0x0200000000010001)
        minute = 60 * SECOND_NS
        sent = [Frame(FIRST_NS + n * minute, flow, 1 + n) for n in range(43200)]
        gapwatch.analyze("--db", database, write(tmp_path, sent))
        assert value(database, "SELECT count(*) FROM capture_intervals") < 6000
        assert_sound(database)

    def test_backward_times(self, gapwatch, database, tmp_path):
        flow = MacsecFlow(0x0200000000010001)
        step = 7 * SECOND_NS
        sent = [Frame(FIRST_NS + step * (n * 37 % 101), flow, 1 + n) for n in range(1000)]
        gapwatch.analyze("--db", database, write(tmp_path, sent))
        assert value(database, "SELECT sum(packets) FROM capture_intervals") == 1000
        assert_sound(database)


class TestAgain:
    def test_another_analysis_is_another_capture(self, gapwatch, database):
        first = gapwatch.analyze("--db", database, SAMPLE)
        second = gapwatch.analyze("--db", database, SAMPLE)
        assert_says_what_the_report_says(database, first, 1)
        assert_says_what_the_report_says(database, second, 2)
        assert_sound(database)

    def test_replace(self, gapwatch, database, tmp_path):
        """Only earlier captures of the same files are removed, once the new one is complete."""
        other = tmp_path / "other.pcap"
        other.write_bytes(pcap(small_capture.packets(), LINK_TYPE))
        for path in (SAMPLE, other, SAMPLE):
            gapwatch.analyze("--db", database, path)
        found = gapwatch.analyze("--db", database, "--replace", SAMPLE)
        assert ask(database, "SELECT id, source FROM captures ORDER BY id") == [
            (2, str(other)),
            (4, str(SAMPLE)),
        ]
        assert_says_what_the_report_says(database, found, 4)
        assert value(database, "SELECT count(*) FROM flows") == 3
        assert value(database, "SELECT count(*) FROM sequence_gaps") == 6
        assert_sound(database)

    def test_replace_what_is_not_there(self, gapwatch, database):
        found = gapwatch.analyze("--db", database, "--replace", SAMPLE)
        assert_says_what_the_report_says(database, found)


# Queries of the API. `?` is a capture's number or a flow's id.
LIST = "SELECT * FROM flows WHERE capture_id = ? {} ORDER BY {} LIMIT 100 OFFSET 200"
ORDERS = (
    "total_lost_packets DESC, total_bytes DESC",
    "total_bytes DESC",
    "total_bytes",
    "bandwidth_mbps DESC",
    "flow_id",
)
QUERIES = (
    *(LIST.format(where, order) for order in ORDERS for where in ("", "AND protocol = 'esp'")),
    "SELECT * FROM flows WHERE capture_id = ? AND flow_id = ?",
    """SELECT * FROM sequence_gaps WHERE capture_id = ? AND flow_id = ?
       ORDER BY timestamp LIMIT 100""",
    "SELECT * FROM sequence_gaps WHERE capture_id = ? ORDER BY timestamp DESC LIMIT 100",
    """SELECT * FROM sequence_gaps WHERE capture_id = ? AND timestamp >= ? AND timestamp < ?
       AND cause = 'network' ORDER BY timestamp DESC LIMIT 100""",
    "SELECT * FROM flow_intervals WHERE flow = ? ORDER BY timestamp",
    "SELECT * FROM capture_intervals WHERE capture_id = ? ORDER BY timestamp",
    "SELECT * FROM captures ORDER BY id DESC LIMIT 1",
    "SELECT * FROM capture_counters WHERE capture_id = ?",
)


@pytest.mark.parametrize("query", QUERIES)
def test_no_query_of_the_api_walks_or_sorts_a_table(query, gapwatch, database):
    gapwatch.analyze("--db", database, SAMPLE)
    parameters = range(query.count("?"))
    plan = [row[3] for row in ask(database, f"EXPLAIN QUERY PLAN {query}", *parameters)]
    assert not [step for step in plan if "TEMP B-TREE" in step], plan
    assert [step for step in plan if step.startswith("SCAN")] in ([], ["SCAN captures"]), plan


class TestOptions:
    @pytest.mark.parametrize(
        "options",
        (
            ["--retain", "0"],
            ["--retain", "x"],
            ["--flush-interval", "0"],
            ["--flush-interval", "3601"],
            ["--max-db-size", "1"],
            ["--max-db-size", "1023K"],
            ["--max-db-size", "10X"],
            ["--max-db-size", "G"],
            ["--max-db-size", "-1G"],
            ["--max-db-size", "99999999999T"],
            ["--replace"],
        ),
        ids=" ".join,
    )
    def test_refused(self, options, gapwatch):
        done = gapwatch.run("analyze", *options, SAMPLE)
        assert (done.returncode, done.stdout) == (2, b"")
        assert done.stderr.count(b"\n") == 1 and options[0].encode() in done.stderr

    def test_accepted(self, gapwatch, database):
        options = "--flush-interval 3600 --retain 36500 --max-db-size 1M".split()
        found = gapwatch.analyze("--db", database, *options, SAMPLE)
        assert_says_what_the_report_says(database, found)

    def test_flush_interval_is_that_of_the_intervals(self, gapwatch, database):
        gapwatch.analyze("--db", database, "--flush-interval", "10", SAMPLE)
        assert value(database, "SELECT count(*) FROM capture_intervals") == 10

    def test_size_is_kept(self, gapwatch, database, tmp_path):
        """One gap for each frame, more than fits: the totals are right, and the newest gaps are
        there."""
        path = tmp_path / "gaps.pcap"
        sent = [Packet(esp_packet(1 + 2 * n), fraction=n) for n in range(60000)]
        path.write_bytes(pcap(sent, LINK_TYPE))
        gapwatch.analyze("--db", database, "--max-db-size", "2M", path)
        assert value(database, "SELECT total_gaps_detected FROM captures") == 59999
        assert database.stat().st_size < 3 << 20
        assert value(database, "SELECT max(received_sequence) FROM sequence_gaps") == 119999
        assert ask(database, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("window", (1, 32, 4096))
def test_loss_is_in_the_interval_in_which_it_happened(window, gapwatch, tmp_path, database):
    """Even when it is found much later: one frame a second, and 40 numbers missing every minute."""
    flow, numbers = MacsecFlow(0x0011223344550001), []
    for minute in range(30):
        numbers += range(100 * minute, 100 * minute + 60)
        numbers[-1] = 100 * minute + 99  # the next minute continues from there
    numbers += range(3000, 3005)  # a single frame would not be believed
    sent = [Frame(FIRST_NS + at * SECOND_NS, flow, 1 + number) for at, number in enumerate(numbers)]
    gapwatch.analyze("--window", window, "--db", database, write(tmp_path, sent))
    assert_sound(database)
    rows = ask(database, "SELECT lost, lost_undetermined FROM capture_intervals ORDER BY timestamp")
    with_loss = [at for at, (lost, _) in enumerate(rows) if lost]
    step = 60 // FLUSH_SECONDS
    assert len(with_loss) == 30 and {later - at for at, later in zip(with_loss, with_loss[1:])} == {step}
    assert {lost for lost, _ in rows} == {0, 40} and {others for _, others in rows} == {0}
