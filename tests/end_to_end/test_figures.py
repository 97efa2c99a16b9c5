# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
"""Reports, databases, openapi.json and the README have the same figures, made from one table."""
import json
import re

from conftest import BUILD, ROOT
from support.database import ask

SAMPLE = ROOT / "tests" / "captures" / "macsec_traffic.pcap"
TABLES = {"flow": "flows", "gap": "sequence_gaps", "sa": "sas", "event": "events", "capture": "captures"}
LINKS = {"capture_id", "flow", "earlier_sas", "changed"}  # columns that are not figures
STORED = {"sa_id", "withdrawn"}  # only in the database and the API


LABELS = ("capture_id", "interface")  # of the capture that a row belongs to


def columns(path, table):
    return [name for (name,) in ask(path, "SELECT name FROM pragma_table_info(?)", table)]


def test_readme_tables_are_up_to_date(gapwatch):
    """`make readme` updates them."""
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
        described = [name for name in described if name not in LABELS]
        assert described == (figures if "id" in described else figures[1:]), item
    flows = columns(path, "flows")
    told = [name for name in flows[1:] if name not in LINKS]
    assert list(report["flows"][0]) == [*told, "sas"]
    sas = [name for name in columns(path, "sas")[1:] if name not in LINKS | {"flow_id"}]
    assert list(report["flows"][0]["sas"][0]) == sas
    gaps = [name for name in columns(path, "sequence_gaps")[1:] if name not in LINKS | STORED]
    assert list(report["gaps"][0]) == gaps
    assert columns(path, "capture_intervals")[4:] == columns(path, "interval_flows")[2:]


def test_schema_describes_its_columns(gapwatch, tmp_path):
    path = tmp_path / "figures.db"
    gapwatch.analyze(SAMPLE, "--db", path)
    ((sql,),) = ask(path, "SELECT sql FROM sqlite_schema WHERE name = 'flows'")
    assert re.search(r"packets_received INTEGER NOT NULL .*-- all frames of the flow", sql)
