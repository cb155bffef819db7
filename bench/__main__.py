"""`python -m bench [NAME …] [--json] [--write]`: measure, print, compare with the budgets."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict

from bench.data import download, tables
from bench.figure import Calibration, Figure
from bench.latency import each10000, latency, loop10000, nested10, par1000, py40, seq100
from bench.machine import calibrate, description
from bench.memory import memory
from bench.place import ROOT, folder
from bench.start import start
from bench.text import check, render
from bench.throughput import throughput

BENCHES: dict[str, Callable[[], list[Figure]]] = {
    bench.__name__: bench
    for bench in (
        start,
        latency,
        throughput,
        seq100,
        par1000,
        each10000,
        loop10000,
        nested10,
        py40,
        render,
        check,
        memory,
        download,
        tables,
    )
}
HEADS = ["What", "Figure", "Budget", "Verdict", "× loop", "× fsync"]
RESULTS = ROOT / "bench" / "RESULTS.md"


def main(arguments: list[str]) -> int:
    """Exit status 0 when every budget is kept."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all when none is named")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--write", action="store_true", help="write bench/RESULTS.md, too")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in BENCHES]:
        parser.error(f"no such bench: {', '.join(unknown)}")
    with folder() as place:
        calibration = calibrate(place)
    figures: dict[str, list[Figure]] = {}
    for name in options.names or BENCHES:
        figures[name] = BENCHES[name]()
        if not options.json:
            print_bench(name, figures[name], calibration)
    if options.json:
        print(json.dumps(document(figures, calibration), indent=1, ensure_ascii=False))
    if options.write:
        RESULTS.write_text(page(figures, calibration), encoding="utf-8")
    return 0 if all(figure.met for each in figures.values() for figure in each) else 1


def print_bench(name: str, figures: list[Figure], calibration: Calibration) -> None:
    for figure in figures:
        what, value, budget, verdict, loops, fsyncs = figure.row(calibration)
        print(f"{name:<11}{what:<52}{value:>18}{budget:>20}  {verdict:<7}{loops:>9} loop{fsyncs:>9} fsync", flush=True)


def document(figures: dict[str, list[Figure]], calibration: Calibration) -> dict[str, object]:
    return {
        "machine": description(),
        "calibration": asdict(calibration),
        "benches": {name: [asdict(figure) | {"met": figure.met} for figure in each] for name, each in figures.items()},
    }


def page(figures: dict[str, list[Figure]], calibration: Calibration) -> str:
    """The results as a page; README.md tells what the columns mean."""
    lines = [
        "# Results",
        "",
        f"{time.strftime('%Y-%m-%d')}, {description()}. Calibration: loop {calibration.loop * 1000:.2f} ms, "
        f"fsync {calibration.fsync * 1000:.2f} ms. Written by `python -m bench --write`; "
        "[README](README.md) tells what is measured and how.",
        "",
        f"| Bench | {' | '.join(HEADS)} |",
        f"|---|{'---|' * len(HEADS)}",
        *(f"| {name} | {' | '.join(figure.row(calibration))} |" for name, each in figures.items() for figure in each),
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
