# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""One table of figures: reports, databases, the API's description and the README tell the same."""
import json
import re

from conftest import BUILD, ROOT
from support.database import ask

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
TABLES = {"flow": "flows", "gap": "sequence_gaps", "sa": "sas", "event": "events", "capture": "captures"}
LINKS = {"capture_id", "flow", "earlier_sas"}  # of a row to others: no figures
STORED = {"sa_id", "withdrawn"}  # only the database knows them


def columns(path, table):
    return [name for (name,) in ask(path, "SELECT name FROM pragma_table_info(?)", table)]


def test_readme_has_the_tables_as_they_are(gapwatch):
    """`make readme` renews them."""
    readme = ROOT / "README.md"
    done = gapwatch.run(readme, program=BUILD / "generate")
    assert done.stdout.decode() == readme.read_text(), "run `make readme`"


def test_names_and_their_order_are_the_same_everywhere(gapwatch, tmp_path):
    path = tmp_path / "figures.db"
    report = gapwatch.analyze(SAMPLE, "--db", path)
    frame = BUILD / "generated" / "api" / "routes" / "openapi.json"
    schemas = json.loads(frame.read_text())["components"]["schemas"] if frame.exists() else {}
    for item, table in TABLES.items():
        figures = [name for name in columns(path, table) if name not in LINKS]
        described = list(schemas[item]["properties"]) if schemas else figures
        assert described == (figures if "id" in described else figures[1:]), item
    flows = columns(path, "flows")
    assert list(report["flows"][0]) == [name for name in flows[1:] if name not in LINKS]
    gaps = [name for name in columns(path, "sequence_gaps")[1:] if name not in LINKS | STORED]
    assert list(report["gaps"][0]) == gaps
    assert columns(path, "capture_intervals")[4:] == columns(path, "interval_flows")[2:]


def test_the_database_says_what_its_columns_are(gapwatch, tmp_path):
    path = tmp_path / "figures.db"
    gapwatch.analyze(SAMPLE, "--db", path)
    ((sql,),) = ask(path, "SELECT sql FROM sqlite_schema WHERE name = 'flows'")
    assert re.search(r"packets_received INTEGER NOT NULL .*-- all frames of the flow", sql)
