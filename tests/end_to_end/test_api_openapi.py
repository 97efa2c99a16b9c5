# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""openapi.json compared with the server: exactly the same routes, parameters and fields."""
import contextlib
import random
import re

import jsonschema
import pytest

from conftest import ROOT
from support import made_database as database
from support.server import Server, encode

# For each parameter, a value that it accepts and one that it refuses.
RIGHT = {
    "limit": "7",
    "offset": "1",
    "capture": "1",
    "protocol": "esp",
    "min_bytes": "1",
    "max_bytes": "100000000",
    "min_bandwidth_mbps": "0.0001",
    "max_bandwidth_mbps": "1e3",
    "min_lost": "0",
    "sort": "flow_id",
    "order": "desc",
    "since": "2025-03-01T12:00:10Z",
    "until": "2025-03-01T12:59:00+00:00",
    "cause": "network",
    "kind": "rekey",
    "step": "30",
    "interface": "eth0",
    "q": "macsec",
    "flow": "IPsec { spi: 0x00001001, dst: 198.51.100.2, src: 192.0.2.1 }",
    "association": "0",
    "lineage": "IPsec { spi: 0x00001001, dst: 198.51.100.2, src: 192.0.2.1 }",
    "comparison": "1",
    "compared_sa": "1",
}


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    """Includes a flow of one packet and a capture without packets, so that every null occurs."""
    path = tmp_path_factory.mktemp("api-openapi") / "store.db"
    flows, _ = database.make(path, 120)
    lonely = database.make_flow(7, "tcp", random.Random(1)) | {"flow_id": "TCP { [::1]:1 -> [::1]:2 }"}
    nulls = ("bandwidth_mbps", "min_inter_arrival_ms", "max_inter_arrival_ms")
    nulls += ("avg_inter_arrival_ms", "stddev_inter_arrival_ms")
    lonely |= dict.fromkeys(nulls) | {"packets_received": 1, "duration_seconds": 0.0}
    with contextlib.closing(database.sqlite3.connect(path)) as made:
        database.add_capture(made, [], [], ended=database.timestamp(1))
        database.add_capture(made, [lonely], [])
        made.commit()
    return path, flows[0]["flow_id"], lonely["flow_id"]


@pytest.fixture(scope="module")
def server(gapwatch, truth):
    with Server(gapwatch.program, "--db", truth[0]) as running:
        yield running


@pytest.fixture(scope="module")
def document(server):
    return server.json("/api/v1/openapi.json")


def resolve(document, thing):
    while "$ref" in thing:
        place = document
        for word in thing["$ref"].removeprefix("#/").split("/"):
            place = place[word]
        thing = place
    return thing


def check(document, schema, value):
    whole = {**schema, "components": document["components"]}
    jsonschema.Draft202012Validator(whole).validate(value)


def operations(document):
    return [(path, item["get"]) for path, item in document["paths"].items()]


def parameters(document, operation):
    return [resolve(document, parameter) for parameter in operation.get("parameters", ())]


def fill(path, flow_id):
    return path.replace("{flow_id}", encode(flow_id))


def schema_of(operation, kind="application/json"):
    return operation["responses"]["200"]["content"][kind]["schema"]

STREAM = "/api/v1/stream"


def test_it_describes_the_routes_of_the_program(document):
    """The routes are those of the table in the source, plus the files."""
    source = (ROOT / "user/api/routes/routes.def").read_text()
    paths = set(re.findall(r'^ROUTE\("([^"]*)"', source, re.MULTILINE))
    assert len(paths) == 19
    assert set(document["paths"]) == paths | {"/", "/api/v1/openapi.json"}


def test_every_object_is_closed_and_described(document):
    for name, schema in document["components"]["schemas"].items():
        assert schema["additionalProperties"] is False, name
        if name == "summary":  # of a time it has fewer
            assert set(schema["required"]) < set(schema["properties"])
        else:
            assert set(schema["required"]) == set(schema["properties"]), name
        for field, kind in schema["properties"].items():
            assert kind.get("description") or "items" in kind or "const" in kind, (name, field)


def test_answers_are_as_described(document, server, truth):
    path, several, lonely = truth
    for route, operation in operations(document):
        if route == STREAM:
            continue  # its answer does not end
        content = operation["responses"]["200"]["content"]
        kind = next(iter(content))
        for flow_id, capture in ((several, "2"), (lonely, "4")):
            url = fill(route, flow_id)
            takes = {parameter["name"] for parameter in parameters(document, operation)}
            url += f"?capture={capture}" if "capture" in takes else ""
            response = server.get(url)
            assert response.status == 200, url
            assert response.headers["content-type"].split(";")[0] == kind
            if kind == "application/json":
                check(document, content[kind]["schema"], response.json())


def test_the_empty_capture(document, server):
    for route in ("stats/summary", "flows", "gaps", "events", "intervals"):
        operation = document["paths"][f"/api/v1/{route}"]["get"]
        check(document, schema_of(operation), server.json(f"/api/v1/{route}?capture=3"))


def test_each_parameter_is_taken_where_it_is_described_and_nowhere_else(document, server, truth):
    for route, operation in operations(document):
        if route in ("/", "/api/v1/openapi.json", STREAM):
            continue  # files, which take no parameters, and an answer that does not end
        described = {
            parameter["name"]: parameter["schema"]
            for parameter in parameters(document, operation)
            if parameter["in"] == "query" and parameter["name"] != "after"  # differs by route
        }
        assert described.keys() <= RIGHT.keys()
        url = fill(route, truth[1])
        capture = "&capture=1" if "capture" in described else ""
        for name, value in RIGHT.items():
            more = capture if name not in ("capture", "interface") else ""
            response = server.get(f"{url}?{name}={encode(value)}{more}")
            if name not in described:
                assert response.status == 400, (route, name)
            elif response.status == 404:  # there is no such flow in that capture
                assert "{flow_id}" in route or name == "flow"
            else:
                assert response.status == 200, (route, name, response)


def test_limits_and_choices_are_those_described(document, server):
    for name, parameter in document["components"]["parameters"].items():
        schema, route = parameter["schema"], None
        for path, operation in operations(document):
            if parameter in parameters(document, operation) and "{" not in path:
                route = path
        if not route:
            continue
        for value in (*schema.get("enum", ()), schema.get("minimum"), schema.get("maximum")):
            if value is not None and name != "capture":
                assert server.get(f"{route}?{name}={value}").status == 200, (name, value)
        wrong = [f"{schema['enum'][0]}x"] if "enum" in schema else []
        wrong += [schema["minimum"] - 1] if "minimum" in schema else []
        wrong += [schema["maximum"] + 1] if "maximum" in schema else []
        for value in wrong:
            assert server.get(f"{route}?{name}={value}").status == 400, (name, value)


def test_defaults_are_those_described(document, server):
    flows = document["paths"]["/api/v1/flows"]["get"]
    for parameter in parameters(document, flows):
        default = parameter["schema"].get("default")
        if default is not None:
            explicit = server.json(f"/api/v1/flows?capture=2&{parameter['name']}={default}")
            assert explicit == server.json("/api/v1/flows?capture=2"), parameter["name"]


def test_errors_are_as_described(document, server, truth):
    for route, operation in operations(document):
        if "400" in operation["responses"]:
            response = server.get(fill(route, truth[1]) + "?nonsense=1")
            assert response.status == 400, route
            error = resolve(document, operation["responses"]["400"])
            check(document, error["content"]["application/json"]["schema"], response.json())
        if "404" in operation["responses"]:
            assert server.get(fill(route, truth[1]) + "?capture=99").status == 404, route
