"""Verbs and options; every verb shows an example in its --help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Verb = Callable[[argparse.Namespace, Any], int]


def make_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = argparse.ArgumentParser(
        prog="eastwest",
        description="Where should a country's compute run? Plans in a scenario file, solved as one linear program.",
        epilog=_examples("eastwest run scenarios/national-2027.yaml", "eastwest run --help"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _common(parser, False)
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", title="verbs")
    for add in (
        _run, _report, _evaluate, _compare, _explain, _targets, _map, _export, _validate, _schema, _new, _data,
        _version,
    ):  # fmt: skip
        add(verbs)
    return parser


def _examples(*lines: str) -> str:
    return "example:\n" + "\n".join(f"  {line}" for line in lines)


def _common(parser: argparse.ArgumentParser, default: Any) -> None:
    parser.add_argument("--quiet", action="store_true", default=default, help="no progress on stderr")
    parser.add_argument("--debug", action="store_true", default=default, help="diagnostics and tracebacks on stderr")


def _verb(verbs: Any, name: str, act: str, about: str, *examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = verbs.add_parser(
        name,
        help=about,
        description=about[0].upper() + about[1:] + ".",
        epilog=_examples(*examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _common(parser, argparse.SUPPRESS)
    parser.set_defaults(act=_later(act))
    return parser


def _later(act: str) -> Verb:
    """The function of a verb, imported when it runs, so that --help stays quick."""

    def run(arguments: argparse.Namespace, streams: Any) -> int:
        from importlib import import_module

        module, name = act.split(".")
        code: int = getattr(import_module(f"eastwest.cli.{module}"), name)(arguments, streams)
        return code

    return run


def _modules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--module", action="append", default=[], type=Path, dest="modules", metavar="FILE.py",
        help="model module from outside the package: THE CODE OF THIS FILE IS RUN; repeatable",
    )  # fmt: skip


def _number(kind: type, least: float) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        value = kind(text)
        if not least <= value < float("inf"):
            raise argparse.ArgumentTypeError(f"received {text}, expected at least {least}")
        return value

    read.__name__ = "whole number" if kind is int else "number"
    return read


def _run(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "run",
        "solving.run",
        "solve a scenario, print the report, write the run folder",
        "eastwest run scenarios/national-2027.yaml",
        "eastwest run plan.yaml -o runs/less-supply --set devices.supply=low --blocks 12",
        "eastwest run plan.yaml --print-scenario > resolved.yaml",
    )
    parser.add_argument("scenario", type=Path, metavar="SCENARIO", help="scenario file (YAML)")
    parser.add_argument("-o", "--output", type=Path, metavar="DIR", help="run folder (runs/<name of the scenario>)")
    parser.add_argument(
        "--seasons", type=int, choices=(1, 2, 4), help="mean days of the year, in place of the scenario's"
    )
    parser.add_argument(
        "--blocks", type=_number(int, 1), metavar="N", help="blocks of the day, in place of the scenario's"
    )
    parser.add_argument(
        "--coarse", action="store_true", help="allow fewer than 6 blocks of the day, for a quick trial that is no plan"
    )
    parser.add_argument("--slices", type=_number(int, 1), metavar="N", help=argparse.SUPPRESS)  # before seasons, blocks
    parser.add_argument("--foresight", choices=("perfect", "myopic"), help="decide all years at once, or year by year")
    parser.add_argument("--solver", metavar="NAME", help="highs, or any solver that PuLP knows (cbc, glpk, ...)")
    parser.add_argument("--time-limit", type=_number(float, 0.001), metavar="S", help="seconds for the solver")
    parser.add_argument(
        "--reliefs", type=_number(int, 0), default=10, metavar="N", help="how many limits to relieve (10)"
    )
    parser.add_argument(
        "--rule-costs", action="store_true", help="solve again without each rule, on large programs too"
    )
    parser.add_argument("--no-growth-table", action="store_true", help="leave out western share against metro growth")
    parser.add_argument(
        "--set", action="append", default=[], dest="changes", metavar="KEY=VALUE",
        help="change a setting or a cell: demand.growth=high, devices.ascend_910c.price_cny=1; repeatable",
    )  # fmt: skip
    parser.add_argument("--allow-outside", action="store_true", help="read files outside the scenario's folder")
    parser.add_argument(
        "--print-scenario", action="store_true", help="print the resolved scenario with origins, and stop"
    )
    parser.add_argument("--no-week", action="store_true", help="leave out the tightest week by the hour")
    parser.add_argument("--open", action="store_true", help="show the page of the run in the browser")
    _modules(parser)


def _report(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "report",
        "reporting.report_run",
        "write the page of a stored run, again, without solving",
        "eastwest report runs/national-2027",
        "eastwest report runs/national-2027 --pdf -o national-2027.pdf",
        "eastwest report runs/national-2027 --lang zh --open",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument("--pdf", action="store_true", help="as PDF, printed by Chromium, Chrome or Edge")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the page (en)")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="file to write (RUN/report.html or .pdf)")
    parser.add_argument("--open", action="store_true", help="show it in the browser")


def _evaluate(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "evaluate",
        "evaluating.evaluate_run",
        "dispatch a plan's capacity in every hour of a year",
        "eastwest evaluate runs/national-2026-2030 --year 2028 --hours 8760",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder of the plan")
    parser.add_argument("--year", type=_number(int, 2000), required=True, help="planning year of the run")
    parser.add_argument("--hours", type=_number(int, 24), default=8760, metavar="N", help="from 1 January (8760)")
    parser.add_argument("--window-days", type=_number(int, 1), default=7, metavar="N", help="days at a time (7)")
    parser.add_argument("--processes", type=_number(int, 1), default=2, metavar="N", help="at the same time (2)")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="folder to write (runs/<run>-<year>-evaluated)"
    )
    _modules(parser)


def _compare(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "compare",
        "comparing.compare_runs",
        "show what differs between runs, in inputs and outcome",
        "eastwest compare runs/national-2027 runs/h20-ban",
        "eastwest compare runs/a runs/b runs/c --markdown difference.md --csv difference/",
        "eastwest compare runs/a runs/b runs/c --html compare.html",
    )
    parser.add_argument(
        "runs", nargs="+", type=Path, metavar="RUN", help="run folders; the first is compared with the others"
    )
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write it as Markdown")
    parser.add_argument("--csv", type=Path, metavar="DIR", help="also write every row as CSV files")
    parser.add_argument("--html", type=Path, metavar="FILE", help="also write it as a page that opens offline")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language of the page (en)")


def _explain(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "explain",
        "explaining.explain_run",
        "say why a plan allocates as it does: the next unit, what stops it, dearer alternatives",
        "eastwest explain runs/national-2027",
        "eastwest explain runs/national-2027 --site guian",
        "eastwest explain runs/national-2027 --workload interactive_llm_inference --region 440000",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument("--site", metavar="SITE", help="identifier or name of a site")
    parser.add_argument("--workload", metavar="TASK", help="identifier or name of a task")
    parser.add_argument("--region", metavar="REGION", help="identifier or name of a region")
    parser.add_argument("--year", type=_number(int, 2000), help="planning year of the run (the last)")
    parser.add_argument("--solve", action="store_true", help="solve again with one unit more, to see where it goes")
    _modules(parser)


def _targets(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "targets",
        "targeting.show_targets",
        "set dated targets beside a run's figures",
        "eastwest targets runs/national-2027",
        "eastwest targets runs/national-2027 --price pt028 pt029",
        "eastwest targets runs/national-2027 --json > targets.json",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument("--all", action="store_true", help="also list what the model does not speak to")
    parser.add_argument(
        "--price", nargs="*", metavar="TARGET",
        help="solve again with the setting that enforces each target named, or each that is missed",
    )  # fmt: skip
    parser.add_argument("--require", action="store_true", help="exit 1 when a target or requirement is missed")
    parser.add_argument("--json", action="store_true", help="print every row as JSON instead")
    _modules(parser)


def _map(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "map",
        "mapping.draw_map",
        "draw the map of a run: regions, sites, flows",
        "eastwest map runs/national-2027 -o map.svg",
        "eastwest map runs/national-2026-2030 -o map.png --year 2030 --shade unserved",
        "eastwest map runs/national-2026-2030 -o map.html --lang zh",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="file to write: svg, png, html"
    )
    parser.add_argument("--year", type=_number(int, 2000), help="planning year (the last; in HTML all, with a choice)")
    parser.add_argument("--kind", metavar="K", help="kind of compute that shades regions: intelligent, general, super")
    parser.add_argument("--task", metavar="T", help="flows of one task (all of the kind)")
    parser.add_argument("--shade", choices=("demand", "unserved"), help="what regions show (unserved where any is)")
    parser.add_argument("--lang", choices=("en", "zh"), default="en", help="language (en)")


def _export(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "export",
        "exporting.export_run",
        "write a run for Excel, for maps (GeoPackage), or as CSV, Parquet and GeoJSON",
        "eastwest export runs/national-2027 national-2027.xlsx",
        "eastwest export runs/national-2027 national-2027.gpkg",
        "eastwest export runs/national-2027 national-2027-files/",
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="run folder")
    parser.add_argument("output", metavar="OUT", help="file ending in .xlsx or .gpkg, or a folder")


def _validate(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "validate",
        "inspecting.validate",
        "check scenario files and their tables without solving",
        "eastwest validate scenarios/*.yaml",
        "eastwest validate plan.yaml --module noise.py",
    )
    parser.add_argument("scenarios", nargs="+", type=Path, metavar="FILE", help="scenario files (YAML)")
    parser.add_argument("--allow-outside", action="store_true", help="read files outside the scenario's folder")
    _modules(parser)


def _schema(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "schema",
        "inspecting.schema",
        "print the JSON Schema of a scenario file, for editors",
        "eastwest schema > scenario.schema.json",
    )
    _modules(parser)


def _new(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "new",
        "inspecting.new",
        "write a commented scenario to start from",
        "eastwest new my-plan.yaml",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="file to write")
    parser.add_argument("--force", action="store_true", help="replace the file if it exists")
    _modules(parser)


def _data(verbs: Any) -> None:
    parser = _verb(
        verbs,
        "data",
        "inspecting.data",
        "list the data tables: rows, units, sources, quality",
        "eastwest data",
        "eastwest data supply",
        "eastwest data supply --csv > supply.csv",
    )
    parser.add_argument("table", nargs="?", metavar="TABLE", help="one table: its fields, units, and sources")
    parser.add_argument("--csv", action="store_true", help="print the rows of the table as CSV")


def _version(verbs: Any) -> None:
    _verb(
        verbs,
        "version",
        "inspecting.version",
        "print the version of eastwest and of what shapes its results",
        "eastwest version",
    )
