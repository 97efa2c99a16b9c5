# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""The answers of the API, compared with the figures from which the database was made."""
import contextlib
import datetime
import itertools
import json
import random

import pytest

from support import made_database as database
from support.server import Server, encode

FLOWS = 400
NULL_LAST = float("-inf")


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    path = tmp_path_factory.mktemp("api-routes") / "store.db"
    flows, gaps = database.make(path, FLOWS)
    return path, flows, gaps


@pytest.fixture(scope="module")
def server(gapwatch, truth):
    with Server(gapwatch.program, "--db", truth[0]) as running:
        yield running


def as_json(flow, capture=2):
    flags = {name: bool(flow[name]) for name in ("implicit_sci", "mixed_senders", "esp_in_tcp")}
    return {**flow, **flags, "capture_id": capture, "interface": "eth0"}


def test_health(server, gapwatch):
    version = gapwatch.run("--version").stdout.decode().split()[1]
    assert server.json("/health") == {"status": "ok", "version": version}


def seconds_of(timestamp):
    return datetime.datetime.fromisoformat(timestamp[:26] + "+00:00").timestamp()


def test_summary_adds_up(server, truth):
    _, flows, gaps = truth
    first = min(flow["first_timestamp"] for flow in flows)
    last = max(flow["last_timestamp"] for flow in flows)
    summary = server.api("stats/summary")
    bandwidth = summary.pop("avg_bandwidth_mbps")
    network = sum(gap[3] for gap in gaps if gap[6] == "network")
    numbered = sum(f["packets_received"] for f in flows if f["protocol"] in ("macsec", "esp"))
    assert summary.pop("loss_ratio") == pytest.approx(network / (network + numbered))
    total_bytes = sum(flow["total_bytes"] for flow in flows)
    assert bandwidth == pytest.approx(
        total_bytes * 8 / 1e6 / (seconds_of(last) - seconds_of(first)), rel=1e-6
    )
    assert summary == {
        "total_flows": len(flows),
        "total_packets_received": sum(flow["packets_received"] for flow in flows),
        "total_bytes": total_bytes,
        "total_gaps_detected": len(gaps),
        "total_lost_packets": sum(gap[3] for gap in gaps),
        "lost_network": sum(gap[3] for gap in gaps if gap[6] == "network"),
        "lost_undetermined": sum(gap[3] for gap in gaps if gap[6] == "undetermined"),
        "lost_by_cause": {
            cause: sum(gap[3] for gap in gaps if gap[6] == cause)
            for cause in ("network", "undetermined")
        },
        "total_unobserved_packets": sum(flow["unobserved_packets"] for flow in flows),
        "max_gap_size": max(gap[3] for gap in gaps),
        "protocol_distribution": {
            protocol["name"]: sum(f["packets_received"] for f in flows if f["protocol"] == protocol["name"])
            for protocol in server.json("/api/v1/protocols")["protocols"]
        },
        "first_timestamp": first,
        "last_timestamp": last,
    }


SORT_KEYS = {
    "total_lost_packets": lambda flow: (flow["total_lost_packets"], flow["total_bytes"]),
    "lost_network": lambda flow: (flow["lost_network"], flow["total_bytes"]),
    "lost": lambda flow: (flow["lost_network"], flow["total_bytes"]),
    "loss_ratio": lambda flow: NULL_LAST if flow["loss_ratio"] is None else flow["loss_ratio"],
    "last_timestamp": lambda flow: flow["last_timestamp"],
    "total_bytes": lambda flow: flow["total_bytes"],
    "bandwidth_mbps": lambda flow: flow["bandwidth_mbps"],
    "flow_id": lambda flow: flow["flow_id"],
}

FILTERS = {
    "protocol": lambda flow, value: flow["protocol"] == value,
    "min_bytes": lambda flow, value: flow["total_bytes"] >= value,
    "max_bytes": lambda flow, value: flow["total_bytes"] <= value,
    "min_bandwidth_mbps": lambda flow, value: flow["bandwidth_mbps"] >= value,
    "max_bandwidth_mbps": lambda flow, value: flow["bandwidth_mbps"] <= value,
    "min_lost": lambda flow, value: flow["total_lost_packets"] >= value,
}

VALUES = {
    "protocol": database.PROTOCOLS,
    "min_bytes": (0, 1, 500_000, 3_000_000, 10**12),
    "max_bytes": (0, 500_000, 3_000_000, 10**12),
    "min_bandwidth_mbps": (0, 0.001, 0.01, 0.5, 5, 1e9),
    "max_bandwidth_mbps": (0, 0.001, 0.01, 0.5, 5, 1e9),
    "min_lost": (0, 1, 20, 10**6),
}


def matching(flows, parameters):
    return [
        flow
        for flow in flows
        if all(FILTERS[name](flow, value) for name, value in parameters.items() if name in FILTERS)
    ]


def check_list(server, flows, **parameters):
    """Checks a whole list: each matching flow once, in the order of the sort key."""
    found = server.api("flows", limit=1000, **parameters)
    expected = matching(flows, parameters)
    assert found["total"] == found["count"] == len(found["flows"]) == len(expected), parameters
    by_id = {flow["flow_id"]: as_json(flow) for flow in expected}
    assert {flow["flow_id"]: flow for flow in found["flows"]} == by_id, parameters
    sort = parameters.get("sort", "total_lost_packets")
    order = parameters.get("order", "asc" if sort == "flow_id" else "desc")
    keys = [SORT_KEYS[sort](flow) for flow in found["flows"]]
    assert keys == sorted(keys, reverse=order == "desc"), parameters


@pytest.mark.parametrize("sort", (None, *SORT_KEYS))
@pytest.mark.parametrize("order", (None, "asc", "desc"))
def test_sorted(sort, order, server, truth):
    chosen = {"sort": sort, "order": order}
    check_list(server, truth[1], **{key: value for key, value in chosen.items() if value})


@pytest.mark.parametrize("name", FILTERS)
def test_one_filter(name, server, truth):
    for value, sort in itertools.product(VALUES[name], SORT_KEYS):
        check_list(server, truth[1], **{name: value, "sort": sort})


def test_filters_together(server, truth):
    rng = random.Random(5)
    for _ in range(120):
        names = rng.sample(sorted(FILTERS), rng.randint(2, len(FILTERS)))
        chosen = {name: rng.choice(VALUES[name]) for name in names}
        check_list(server, truth[1], **chosen, sort=rng.choice(sorted(SORT_KEYS)))


@pytest.mark.parametrize("sort", SORT_KEYS)
@pytest.mark.parametrize("more", ({}, {"protocol": "tcp"}, {"min_lost": 1}), ids=str)
def test_pages_are_the_list_in_pieces(sort, more, server):
    """Pages neither overlap nor leave out flows, though many have the same sort key (no loss at
    all)."""
    whole = server.api("flows", limit=1000, sort=sort, **more)
    pieces = []
    for offset in range(0, whole["total"] + 37, 37):
        page = server.api("flows", limit=37, offset=offset, sort=sort, **more)
        assert page["total"] == whole["total"] and page["count"] == len(page["flows"])
        pieces += page["flows"]
    assert pieces == whole["flows"]


def test_the_usual_page(server):
    page = server.api("flows")
    assert page["count"] == len(page["flows"]) == 100
    assert page["flows"] == server.api("flows", limit=100, offset=0)["flows"]


def test_beyond_the_end(server):
    nothing = {"count": 0, "total": FLOWS + 1, "total_is_exact": True, "next": None, "flows": []}
    assert server.api("flows", offset=10**15) == nothing


def test_each_flow_by_its_id(server, truth):
    for flow in truth[1][:40]:
        assert server.api(f"flows/{encode(flow['flow_id'])}") == as_json(flow)


@pytest.mark.parametrize(
    "asked, stored",
    (
        ("MACsec { sci: 0x1a }", "MACsec { sci: 0x000000000000001a }"),
        ("MACsec { sci: 0X00000000000000000000001A }", "MACsec { sci: 0x000000000000001a }"),
        ("IPsec { spi: 0x1A2b, dst: 192.0.2.1 }", "IPsec { spi: 0x00001a2b, dst: 192.0.2.1 }"),
        (
            "IPsec { spi: 0x0000000000001a2b, dst: 2001:DB8:0:0:0:0:0:1 }",
            "IPsec { spi: 0x00001a2b, dst: 2001:db8::1 }",
        ),
        (
            "IPsec { spi: 0x100, dst: 239.0.0.1, src: 192.0.2.9 }",
            "IPsec { spi: 0x00000100, dst: 239.0.0.1, src: 192.0.2.9 }",
        ),
        (
            "TCP { [2001:0db8::0001]:0443 -> [::1]:080 }",
            "TCP { [2001:db8::1]:443 -> [::1]:80 }",
        ),
        ("UDP  { 192.0.2.1:0053   -> 192.0.2.2:1 }", "UDP { 192.0.2.1:53 -> 192.0.2.2:1 }"),
        ("WireGuard { receiver: 0x7, dst: ::1 }", "WireGuard { receiver: 0x00000007, dst: ::1 }"),
    ),
)
def test_other_forms_of_an_id(asked, stored, gapwatch, tmp_path):
    """Zero padding, letter case and form of addresses may differ from the stored id (RFC 5952)."""
    path = tmp_path / "ids.db"
    flow = database.make_flow(1, "esp", random.Random(1)) | {"flow_id": stored}
    gaps = database.make_gaps(flow, random.Random(1))
    with database.create(path) as made:
        database.add_capture(made, [flow], gaps)
    made.close()
    with Server(gapwatch.program, "--db", path) as running:
        assert running.api(f"flows/{encode(asked)}") == as_json(flow, 1)
        assert running.api(f"flows/{encode(asked)}/gaps")["total"] == len(gaps)
        assert running.api(f"flows/{encode(asked)}/intervals")["total"] == 12
        assert running.api(f"flows/{encode(stored)}") == as_json(flow, 1)


def test_an_id_may_be_encoded_by_half(server, truth):
    flow = next(flow for flow in truth[1] if flow["protocol"] == "tcp")
    path = flow["flow_id"].replace(" ", "%20").replace(">", "%3e").replace("{", "%7B")
    assert server.api(f"flows/{path}") == as_json(flow)


def gap_json(gap):
    labels = {"capture_id": 2, "interface": "eth0"}
    return {**dict(zip(database.GAP_NAMES, gap)), "withdrawn": False, **labels}


def gaps_of(found):
    """The gaps of an answer, without their SAs."""
    gaps = [dict(gap) for gap in found["gaps"]]
    assert all(gap.pop("sa_id") > 0 for gap in gaps)
    return gaps


def test_gaps_of_a_flow(server, truth):
    _, flows, gaps = truth
    for flow in flows[:60]:
        of_it = [gap_json(gap) for gap in gaps if gap[0] == flow["flow_id"]]
        of_it.sort(key=lambda gap: gap["timestamp"])
        path = f"flows/{encode(flow['flow_id'])}/gaps"
        found = server.api(path)
        assert found["count"] == found["total"] == len(of_it) and gaps_of(found) == of_it
        assert gaps_of(server.api(path, limit=2, offset=1)) == of_it[1:3]


def newest_first(gaps):
    return sorted((gap_json(gap) for gap in gaps), key=lambda gap: gap["timestamp"], reverse=True)


def test_gaps_newest_first(server, truth):
    gaps = newest_first(truth[2])
    found = server.api("gaps", limit=1000)
    assert found["total"] == len(gaps) and gaps_of(found) == gaps[:1000]
    assert gaps_of(server.api("gaps", limit=10, offset=20)) == gaps[20:30]


@pytest.mark.parametrize("cause", ("network", "undetermined"))
def test_gaps_by_cause(cause, server, truth):
    gaps = [gap for gap in newest_first(truth[2]) if gap["cause"] == cause]
    found = server.api("gaps", limit=1000, cause=cause)
    assert found["total"] == len(gaps) and gaps_of(found) == gaps


def test_gaps_since_and_until(server, truth):
    """`since` is included, `until` is not; both may have any form of RFC 3339."""
    gaps = newest_first(truth[2])
    since, until = gaps[50]["timestamp"], gaps[10]["timestamp"]
    expected = [gap for gap in gaps if since <= gap["timestamp"] < until]
    assert len(expected) >= 39
    assert gaps_of(server.api("gaps", limit=1000, since=since, until=until)) == expected
    east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    moment = datetime.datetime.fromisoformat("2025-03-01T12:30:00+00:00").astimezone(east)
    later = [gap for gap in gaps if gap["timestamp"] >= "2025-03-01T12:30:00"]
    assert server.api("gaps", since=moment.isoformat())["total"] == len(later)
    assert server.api("gaps", since="2025-03-01t12:30:00.0z")["total"] == len(later)


def sa_json(flow):
    names = database.SA_NAMES
    return {name: flow[name] for name in names} | {"flow_id": flow["flow_id"], "ended": False}


def test_sas(server, truth):
    expected = [sa_json(flow) for flow in truth[1] if flow["first_sequence"] is not None]
    found = server.api("sas", limit=1000)
    assert found["total"] == found["count"] == len(expected)
    for sa, known in zip(found["sas"], reversed(expected)):
        assert known.items() <= sa.items()
        assert sa["association"] == sa["generation"] == 0
    assert server.api("sas", limit=7, offset=20)["sas"] == found["sas"][20:27]
    for sa in found["sas"][:20]:
        of_it = server.api(f"flows/{encode(sa['flow_id'])}/sas")
        assert (of_it["total"], of_it["sas"]) == (1, [sa])


def test_numbers_beyond_2_53_are_strings(gapwatch, tmp_path):
    flow = database.make_flow(1, "macsec", random.Random(1))
    path = tmp_path / "store.db"
    with contextlib.closing(database.create(path)) as made:
        database.add_capture(made, [flow], [])
        made.execute("UPDATE sas SET first_sequence = 1 << 53, last_sequence = (1 << 53) + 1")
    with Server(gapwatch.program, "--db", path) as running:
        (sa,) = running.api("sas")["sas"]
    assert (sa["first_sequence"], sa["last_sequence"]) == (1 << 53, str((1 << 53) + 1))


ESP = "IPsec {{ spi: 0x000003e8, dst: {}, src: {} }}"
MACSEC = "MACsec {{ sci: 0x0000000000000a01{} }}"
STORED_IDS = (
    ESP.format("192.0.2.1", "192.0.2.7"),
    ESP.format("192.0.2.2", "192.0.2.7"),
    ESP.format("192.0.2.2", "192.0.2.8"),
    ESP.format("2001:db8::1", "2001:db8::7"),
    "IPsec { spi: 0x000003e9, dst: 192.0.2.1 }",
    MACSEC.format(""),
    MACSEC.format(", vlan: 20"),
    "MACsec { sci: 0x0000000000000b01, vlan: 10.20 }",
)
NAMED_BY = {
    "ipsec { SPI: 0X3E8, DST: 192.0.2.1, SRC: 192.0.2.7 }": 0,
    "IPsec { spi: 0x3e8, dst: 192.0.2.1 }": 0,
    "IPsec { spi: 0x3E8, dst: 192.0.2.2, src: 192.0.2.8 }": 2,
    "IPsec { spi: 0x03e8, dst: 2001:DB8:0::1 }": 3,
    "IPsec { spi: 0x3e9, dst: 192.0.2.1, src: 192.0.2.9 }": 4,
    "MACsec { sci: 0xA01 }": 5,
    "macsec { sci: 0xA01, vlan: 0020 }": 6,
    "MACsec { sci: 0x0b01 }": 7,
    "MACsec { sci: 0xB01, VLAN: 010.020 }": 7,
}


@pytest.fixture(scope="module", name="named")
def fixture_named(gapwatch, tmp_path_factory):
    """Serves flows with these ids."""
    path = tmp_path_factory.mktemp("api-named") / "store.db"
    rng = random.Random(7)
    flows = [database.make_flow(i, "esp", rng) | {"flow_id": name} for i, name in enumerate(STORED_IDS)]
    with contextlib.closing(database.create(path)) as made:
        database.add_capture(made, flows, [])
    with Server(gapwatch.program, "--db", path) as running:
        yield running


@pytest.mark.parametrize("asked", NAMED_BY)
def test_a_flow_is_found_by_what_names_it_alone(asked, named):
    expected = STORED_IDS[NAMED_BY[asked]]
    assert named.api(f"flows/{encode(asked)}")["flow_id"] == expected
    assert {sa["flow_id"] for sa in named.api(f"flows/{encode(asked)}/sas")["sas"]} == {expected}


@pytest.mark.parametrize("part", ("", "/gaps", "/sas", "/intervals"))
def test_a_name_of_several_flows_lists_them(part, named):
    asked = "IPsec { spi: 0x3e8, dst: 192.0.2.2 }"
    response = named.get(f"/api/v1/flows/{encode(asked)}{part}")
    assert response.status == 300
    said = json.loads(response.body)
    assert said["error"] == "ambiguous" and said["choices"] == [
        {"flow_id": name, "capture_id": 1, "interface": "eth0"} for name in STORED_IDS[1:3]
    ]


@pytest.mark.parametrize("asked", ("IPsec", "IPsec {", "MACsec { sci: 0xa01, vlan: 2 }"))
def test_what_names_no_flow_is_not_found(asked, named):
    assert named.get(f"/api/v1/flows/{encode(asked)}").status == 404


def test_intervals(server):
    found = server.api("intervals", limit=3)
    assert found["total"] == 720 and found["count"] == 3
    assert found["intervals"][0] == {
        "timestamp": database.timestamp(3595),
        "duration_seconds": 5,
        "packets": 3695,
        "bytes": 3695000,
        "lost": 3595 % 3,
        "lost_undetermined": 3595 % 7,
        "numbered_packets": 3645,
    }
    times = [interval["timestamp"] for interval in found["intervals"]]
    assert times == sorted(times, reverse=True)


def test_intervals_put_together(server):
    whole = server.api("intervals", limit=1000)["intervals"]
    minutes = server.api("intervals", step=60)
    assert minutes["total"] == minutes["count"] == 60
    for minute in minutes["intervals"]:
        parts = [part for part in whole if part["timestamp"][:16] == minute["timestamp"][:16]]
        assert len(parts) == 12 and minute["timestamp"][16:] == ":00.000000000Z"
        for name in ("duration_seconds", "packets", "bytes", "lost", "lost_undetermined"):
            assert minute[name] == sum(part[name] for part in parts)


def test_intervals_of_a_flow(server, truth):
    path = f"flows/{encode(truth[1][0]['flow_id'])}/intervals"
    found = server.api(path, since=database.timestamp(10), until=database.timestamp(30))
    times = [database.timestamp(second) for second in (25, 20, 15, 10)]
    assert [interval["timestamp"] for interval in found["intervals"]] == times
    assert server.api(f"flows/{encode(truth[1][1]['flow_id'])}/intervals")["total"] == 0


def test_captures_newest_first(server):
    found = server.api("captures")
    assert found["count"] == found["total"] == 2
    assert [capture["id"] for capture in found["captures"]] == [2, 1]
    assert found["captures"][0]["total_flows"] == FLOWS + 1
    assert found["captures"][0]["updated"] == database.timestamp(3600)
    assert server.api("captures", limit=1, offset=1)["captures"] == found["captures"][1:]


def test_an_older_capture_when_asked_for(server):
    assert server.api("flows", capture=1)["total"] == FLOWS
    assert server.api("flows", capture=2)["total"] == FLOWS + 1
    assert server.api("stats/summary", capture=1)["total_flows"] == FLOWS
    older = {flow["flow_id"] for flow in server.api("flows", capture=1, limit=1000)["flows"]}
    newer = {flow["flow_id"] for flow in server.api("flows", limit=1000)["flows"]}
    name = min(older - newer)
    assert server.json(f"/api/v1/flows/{encode(name)}?capture=1")["flow_id"] == name
    assert server.json(f"/api/v1/flows/{encode(name)}", 404)["error"] == "not_found"


def test_events_newest_first(server, truth):
    flows = truth[1][::10]
    found = server.api("events", limit=1000)
    assert found["total"] == found["count"] == len(flows) + 1
    times = [event["timestamp"] for event in found["events"]]
    assert times == sorted(times, reverse=True)
    assert server.api("events", limit=2, offset=3)["events"] == found["events"][3:5]
    assert {event["flow_id"] for event in found["events"]} - {None} == {flow["flow_id"] for flow in flows}


def test_events_by_kind_and_time(server, truth):
    everything = server.api("events", limit=1000)["events"]
    jumps = server.api("events", kind="sender_jump", limit=1000)
    assert jumps["events"] == [event for event in everything if event["kind"] == "sender_jump"]
    assert jumps["events"][-1]["detail"] == {"skipped_numbers": 1}
    (step,) = server.api("events", kind="clock_step")["events"]
    assert (step["flow_id"], step["association"], step["detail"]) == (None, None, {"step_ns": -5})
    since, until = database.timestamp(3), database.timestamp(6)
    some = server.api("events", since=since, until=until)["events"]
    assert some == [event for event in everything if since <= event["timestamp"] < until] != []
