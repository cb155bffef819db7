"""Data at scale: two gigabytes over HTTP, and a million rows from one format to the next.

Each task runs in a process of its own (`step.py`). Its memory is the process's peak above what lay in memory once the
libraries of its formats were imported.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from bench import flows
from bench.figure import Figure
from bench.place import ROOT, folder

MEGABYTE = 1e6
LARGE_BYTES = 2_000_000_000
ROWS = 1_000_000
FEW_ROWS = 100_000
"""Of which Excel's files are made: its library is slow, and a sheet ends at 1,048,576."""
BUDGET_MB = 150
ARROW = "pyarrow,pyarrow.parquet"
SERDES = "io.kestra.plugin.serdes"
JDBC = "io.kestra.plugin.jdbc"
TITLES = {
    "csv": "CSV",
    "ion": "Ion",
    "parquet": "Parquet",
    "json": "JSON",
    "avro": "Avro",
    "few": "Ion",
    "excel": "Excel",
}
STEPS = (
    ("csv", "ion", "csv.CsvToIon", ""),
    ("ion", "parquet", "parquet.IonToParquet", ARROW),
    ("parquet", "ion", "parquet.ParquetToIon", ARROW),
    ("ion", "csv", "csv.IonToCsv", ""),
    ("ion", "json", "json.IonToJson", ""),
    ("json", "ion", "json.JsonToIon", ""),
    ("ion", "avro", "avro.IonToAvro", "fastavro"),
    ("avro", "ion", "avro.AvroToIon", "fastavro"),
    ("few", "excel", "excel.IonToExcel", "openpyxl"),
    ("excel", "few", "excel.ExcelToIon", "openpyxl"),
)
QUERY = """
SELECT city, count(*) AS n, avg(amount::DOUBLE) AS mean, count(DISTINCT id) AS ids
FROM 'rows.parquet' GROUP BY city ORDER BY city
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What a task has taken, and given back."""

    seconds: float
    bytes: int
    outputs: Mapping[str, object]

    def figures(self, name: str, amount: float, unit: str) -> list[Figure]:
        """How quick it was, and how much memory it took."""
        return [
            Figure(name, amount / self.seconds, unit, seconds=self.seconds),
            Figure("its memory above the libraries", self.bytes / MEGABYTE, "MB", BUDGET_MB),
        ]


class Pages(BaseHTTPRequestHandler):
    """`/large`, which is long, and the files of a folder."""

    place: Path

    def do_GET(self) -> None:
        file = self.place / self.path[1:]
        size = LARGE_BYTES if self.path == "/large" else file.stat().st_size
        self.send_response_only(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        if self.path == "/large":
            piece = bytes(range(256)) * 4096
            for at in range(0, size, len(piece)):
                self.wfile.write(piece[: size - at])
        else:
            with file.open("rb") as rows:
                while piece := rows.read(1 << 20):
                    self.wfile.write(piece)


@contextmanager
def served(place: Path) -> Iterator[str]:
    """A web server for this folder."""
    handler = type("FolderPages", (Pages,), {"place": place})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def written(path: Path, rows: int) -> None:
    """So many rows of CSV: a number, a text with a quote now and then, a day, an amount, one of some cities."""
    cities = ("Paris", "Oslo", "Rome", "Lima", "Bern")
    with path.open("w") as file:
        file.write("id,name,day,amount,city\n")
        for number in range(rows):
            name = f'"Doe, ""J"" {number}"' if number % 10 == 0 else f"Jane Doe {number}"
            day, amount = f"2026-01-{number % 28 + 1:02d}", f"{number % 9973}.{number % 100:02d}"
            file.write(f"{number},{name},{day},{amount},{cities[number % 5]}\n")


def task(state: Path, name: str, type: str, libraries: str = "", **properties: object) -> Done:
    """Run it to its end and keep its file as `nsfile:///NAME`; raises `RuntimeError` when it fails."""
    source = flows.flow("step", json.dumps({"id": "step", "type": type, **properties}))
    command = [sys.executable, "-m", "bench.step", str(state), libraries, name]
    done = subprocess.run(command, input=source, capture_output=True, text=True, cwd=ROOT, timeout=600)
    if done.returncode:
        raise RuntimeError(f"{type}: {done.stderr}")
    return Done(**json.loads(done.stdout))


def download() -> list[Figure]:
    """Two gigabytes from a server on the same machine into internal storage."""
    with folder() as place, served(place) as url:
        done = task(place / "state", "large", "io.kestra.plugin.core.http.Download", "urllib3", uri=f"{url}/large")
    if done.outputs["length"] != LARGE_BYTES:
        raise RuntimeError(f"only {done.outputs['length']} bytes were stored")
    return done.figures("2 GB by http.Download", LARGE_BYTES / MEGABYTE, "MB per second")


def tables() -> list[Figure]:
    """CSV → Ion → Parquet → SQL, and the table in every other format and back."""
    figures: list[Figure] = []
    with folder() as place, served(place) as url:
        state = place / "state"
        for name, rows in (("csv", ROWS), ("few.csv", FEW_ROWS)):
            written(place / name, rows)
            task(state, name, "io.kestra.plugin.core.http.Download", uri=f"{url}/{name}")
        task(state, "few", f"{SERDES}.csv.CsvToIon", **{"from": "nsfile:///few.csv"})
        for source, target, type, libraries in STEPS:
            done = task(state, target, f"{SERDES}.{type}", libraries, **{"from": f"nsfile:///{source}"})
            name, rows = f"{TITLES[source]} → {TITLES[target]}", FEW_ROWS if "excel" in (source, target) else ROWS
            if done.outputs["size"] != rows:
                raise RuntimeError(f"{name}: {done.outputs['size']} rows")
            figures.extend(done.figures(name, rows, "rows per second"))
        for kind, name, libraries in (("duckdb", "DuckDB", "duckdb,pytz"), ("sqlite", "SQLite", "apsw")):
            done = inserted(place, kind, libraries)
            figures.extend(done.figures(f"Batch into {name}", FEW_ROWS, "rows per second"))
        figures.extend(queried(state).figures("DuckDB groups the Parquet file", ROWS, "rows per second"))
    return figures


def inserted(place: Path, kind: str, libraries: str) -> Done:
    """Inserts the fewer rows into a new table of a database in a file."""
    url, state = f"jdbc:{kind}:{place / kind}", place / "state"
    create = "CREATE TABLE t (id BIGINT, name TEXT, day DATE, amount DOUBLE PRECISION, city TEXT)"
    task(state, "made", f"{JDBC}.{kind}.Query", url=url, sql=create)
    done = task(state, "made", f"{JDBC}.{kind}.Batch", libraries, url=url, table="t", **{"from": "nsfile:///few"})
    if done.outputs["updatedCount"] != FEW_ROWS:
        raise RuntimeError(f"Batch into {kind}: {done.outputs['updatedCount']} rows")
    return done


def queried(state: Path) -> Done:
    """Groups and counts the rows of the Parquet file with DuckDB."""
    done = task(
        state,
        "found",
        f"{JDBC}.duckdb.Query",
        "duckdb,pytz",
        inputFiles={"rows.parquet": "nsfile:///parquet"},
        sql=QUERY,
        fetchType="FETCH",
    )
    rows = done.outputs["rows"]
    if not isinstance(rows, list) or sum(row["n"] for row in rows) != ROWS:
        raise RuntimeError(f"the query found {rows}")
    return done
