"""The flows of `examples/`, run for real: with a web server that they ask, and a PostgreSQL server of their own."""

from __future__ import annotations

import base64
import gzip
import json
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

import kapell
from acceptance.page import ROOT
from acceptance.processes import kapell as typed
from kapell.assembly.view import Execution
from kapell.sdk.ion import ion_rows
from plugins.jdbc import databases

EXAMPLES = sorted((ROOT / "examples").glob("*.yaml"))
PRODUCTS = [
    {"title": "Pen", "brand": "Nib", "price": 2.5},
    {"title": "Ink", "brand": "Nib", "price": 4.0},
    {"title": "Sand", "price": 1.0},
]
HEAD = (
    "VendorID,lpep_pickup_datetime,lpep_dropoff_datetime,store_and_fwd_flag,RatecodeID,PULocationID,DOLocationID,"
    "passenger_count,trip_distance,fare_amount,extra,mta_tax,tip_amount,tolls_amount,ehail_fee,improvement_surcharge,"
    "total_amount,payment_type,trip_type,congestion_surcharge"
)
TRIP = "2,{day} 00:10:16,{day} 00:16:32,N,1,97,49,2,.86,{fare},.5,.5,0,0,,.3,7.3,2,1,"
DAYS = ("2019-01-01", "2019-01-02", "2019-01-03")
TRIPS = [HEAD, *(TRIP.format(day=day, fare=6) for day in DAYS), TRIP.format(day=DAYS[2], fare=6)]
"""Three trips, of which the last stands there twice."""


class Pages(BaseHTTPRequestHandler):
    """The products as JSON, and any month's trips."""

    def do_GET(self) -> None:
        body = json.dumps({"products": PRODUCTS}).encode()
        if self.path.endswith(".csv.gz"):
            body = gzip.compress("\n".join([*TRIPS, ""]).encode())
        self.send_response_only(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def web() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def local() -> Iterator[kapell.Local]:
    """A kapell with all examples in it."""
    with kapell.Local() as local:
        local.apply(*(path.read_text() for path in EXAMPLES))
        yield local


def run(local: kapell.Local, example: str, **inputs: object) -> Execution:
    flow = yaml.safe_load((ROOT / "examples" / f"{example}.yaml").read_text())
    return local.settled(local.create(flow["namespace"], flow["id"], inputs))


def states(execution: Execution) -> dict[str, str]:
    return {run.task_id: run.state.value for run in execution.task_runs}


def said(local: kapell.Local, execution: Execution) -> list[str]:
    return [line.message for line in local.logs(execution.id)]


def test_kapell_check_has_nothing_to_say() -> None:
    checked = typed("check", "--strict", ROOT / "examples")
    assert (checked.returncode, checked.stdout) == (0, "")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_named_like_its_file_teaches_something_and_is_listed(path: Path) -> None:
    flow = yaml.safe_load(path.read_text())
    assert flow["id"] == path.stem
    assert flow["namespace"] in {"company.team", "tutorial"}
    assert len(flow["description"].split()) > 10
    assert f"](examples/{path.name})" in (ROOT / "README.md").read_text()


def test_hello_world_greets(local: kapell.Local) -> None:
    ended = run(local, "hello-world", name="Ada")
    assert ended.state == "SUCCESS"
    assert ended.labels.items() >= {"owner": "team", "stage": "example"}.items()
    assert {"Hello Ada!", "Bonjour Ada !", "ADA has 3 letters."} <= set(said(local, ended))


def test_inputs_come_as_the_types_that_they_have(local: kapell.Local) -> None:
    ended = run(local, "inputs")
    text = "2 medium with basil for Ada Lovelace, 31 Jan 2026"
    assert ended.outputs == {"order": {"number": "none", "text": text, "tags": ["new", "online"], "rest": 0.9}}
    assert "To London within 2700.0 seconds" in said(local, ended)


def test_what_an_order_needs_depends_on_its_other_inputs(local: kapell.Local) -> None:
    ended = run(local, "inputs", delivery=False, toppings=["olives", "garlic"])
    assert states(ended) == {"confirm": "SUCCESS", "where": "SUCCESS", "hold": "SUCCESS"}
    assert ended.task_outputs("confirm") == {"value": "2 medium with olives and garlic for Ada Lovelace, 31 Jan 2026"}


def test_inputs_out_of_their_bounds_are_refused(local: kapell.Local) -> None:
    with pytest.raises(kapell.KapellError, match="quantity"):
        run(local, "inputs", quantity=0)


def test_the_parent_gets_what_its_child_gives_back(local: kapell.Local) -> None:
    ended = run(local, "parent")
    assert (ended.state, ended.outputs) == ("SUCCESS", {"total": 6.0})
    child = local.execution(str(ended.task_outputs("pens")["executionId"]))
    assert child.labels["order"] == ended.id
    alone = typed("run", ROOT / "examples" / "parent.yaml", "--flows", ROOT / "examples")
    assert alone.returncode == 0


def test_for_each_has_an_output_for_each_value(local: kapell.Local) -> None:
    ended = run(local, "for-each", cities=["Bern", "Lima"])
    assert ended.task_outputs("first") == {"value": "4"}
    assert {"Bern has 4 letters", "Lima has 4 letters"} <= set(said(local, ended))


def test_loop_ends_when_it_has_found_what_it_wants(local: kapell.Local) -> None:
    ended = run(local, "loop")
    assert ended.task_outputs("found") == {"value": "2024"}
    assert ended.task_outputs("years")["terminatedIterations"] == {"SUCCESS": 2}


@pytest.mark.parametrize(("approved", "line"), [(True, "Approved. Enjoy"), (False, "Refused. Enjoy")])
def test_approval_waits_and_does_as_the_person_says(local: kapell.Local, approved: bool, line: str) -> None:
    id = local.create("company.team", "approval")
    assert local.wait(id, 20, states=["PAUSED"]).state == "PAUSED"
    local.resume(id, {"approved": approved, "reason": "Enjoy"})
    ended = local.settled(id)
    assert ended.state == "SUCCESS"
    assert said(local, ended)[-1] == line


def test_a_failure_is_tried_again_and_what_does_not_matter_is_a_warning(local: kapell.Local) -> None:
    ended = run(local, "failure")
    assert ended.state == "WARNING"
    assert states(ended) == {"unreliable": "SUCCESS", "optional": "WARNING", "done": "SUCCESS", "clean_up": "SUCCESS"}
    assert [line for line in said(local, ended) if line.startswith("try")] == ["try 1", "try 2", "try 3"]


def test_a_failure_that_stays_is_told_and_cleaned_up_after(local: kapell.Local) -> None:
    ended = run(local, "failure", works_at_try=4)
    assert ended.state == "FAILED"
    assert states(ended) == {"unreliable": "FAILED", "alert": "SUCCESS", "clean_up": "SUCCESS"}
    assert "tutorial.failure failed: Command failed with exit code 1" in said(local, ended)


def test_a_schedule_s_execution_is_for_its_date_and_has_its_inputs(local: kapell.Local) -> None:
    trigger = {"id": "green", "type": "io.kestra.plugin.core.trigger.Schedule", "variables": {"date": "2021-03-01"}}
    ended = local.settled(local.create("tutorial", "schedule", trigger=trigger))
    assert ended.labels["file"] == "green_tripdata_2021-03.csv"
    assert "green_tripdata_2021-03.csv is loaded here" in said(local, ended)
    by_hand = run(local, "schedule")
    assert re.fullmatch(r"yellow_tripdata_\d{4}-\d{2}\.csv", by_hand.labels["file"])


def test_the_data_pipeline_makes_a_table_of_an_answer(local: kapell.Local, web: str) -> None:
    pytest.importorskip("duckdb", reason="needs kapell[duckdb]")
    ended = run(local, "data-pipeline", url=f"{web}/products")
    assert ended.state == "SUCCESS"
    with local.runtime.files.open(str(ended.outputs["prices"])) as stored:
        found = [tuple(dict(row).values()) for row in ion_rows(stored)]
    assert found == [("Nib", 2, 3.25), ("none", 1, 1.0)]


def test_the_load_into_postgres_may_be_repeated(web: str, tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="needs kapell[postgres]")
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    secrets = tmp_path / "secrets"
    secrets.write_text(f"SECRET_POSTGRES_PASSWORD={base64.b64encode(databases.PASSWORD.encode()).decode()}\n")
    flow = ROOT / "examples" / "postgres-load.yaml"
    with databases.server() as url:
        given = ["-i", f"url={web}", "-i", f"database={url}", "-i", f"user={databases.USER}"]
        for month, rows in (("2019-01", 3), ("2019-01", 3), ("2019-02", 0)):
            done = typed("run", flow, *given, "-i", f"month={month}", "--env-file", secrets, "--json")
            assert done.returncode == 0, done.stderr
            ended = json.loads(done.stdout)
            assert ended["outputs"] == {"rows": rows}
            assert {"key": "file", "value": f"green_tripdata_{month}.csv"} in ended["labels"]
