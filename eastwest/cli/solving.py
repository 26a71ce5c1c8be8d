"""`eastwest run`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eastwest.cli.streams import Streams
from eastwest.errors import InputError, ReportError

if TYPE_CHECKING:
    from eastwest.results.result import Result
    from eastwest.scenario import Scenario

FOLDER = Path("runs")


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load, solve, check, write, report."""
    streams.progress(f"reading {arguments.scenario}")
    from eastwest.scenario import load_scenario

    modules = streams.modules(arguments.modules)
    scenario = load_scenario(arguments.scenario, modules=modules, allow_outside=arguments.allow_outside)
    scenario = with_options(scenario, arguments)
    if arguments.print_scenario:
        from eastwest.cli.printing import resolved_text

        sys.stdout.write(resolved_text(scenario))
        return 0
    folder = arguments.output or FOLDER / scenario.name
    check_writable(folder)

    from eastwest.report.terminal.write import print_report
    from eastwest.solving.solve import solve

    result = solve(
        scenario,
        progress=streams.progress,
        reliefs=arguments.reliefs,
        growth_table=not arguments.no_growth_table,
        rule_costs=True if arguments.rule_costs else None,
    )
    if not result.certified:
        streams.say(
            "the certificate of the solution does not hold: " + _figures(result.certificate) + "; nothing was written"
        )
        return 1
    streams.progress(f"writing {folder}")
    failure = _save(result, folder)
    streams.written = folder
    print_report(streams.console(), result, folder)
    if failure is not None:
        raise failure
    if not arguments.no_week:
        _week(result, streams)
    if arguments.open:
        from eastwest.cli.reporting import open_page

        open_page(folder / "report.html", streams)
    return 0


def _week(result: Result, streams: Streams) -> None:
    """What the tightest week of the last year sheds by the hour, beside what the plan promised."""
    from eastwest.analysis.evaluation.tightest_week import evaluate_tightest_week
    from eastwest.report.terminal.evaluation import print_week

    found = evaluate_tightest_week(result, progress=streams.progress)
    print_week(streams.console(), found)


def _save(result: Result, folder: Path) -> ReportError | None:
    """Write the run; a page that fails is told after the report, since the run itself stands."""
    try:
        result.save(folder)
    except ReportError as error:
        return error
    return None


def with_options(scenario: Scenario, arguments: argparse.Namespace) -> Scenario:
    """The scenario with what the command line changes, so that the saved one says what was run."""
    given = [(f"--set {text}", *split_change(text)) for text in arguments.changes]
    if arguments.slices is not None:
        given.append(("--slices", ["time"], {"method": "seasons", "slices": arguments.slices}))
    cut = {key: value for key in ("seasons", "blocks") if (value := getattr(arguments, key)) is not None}
    if cut or arguments.coarse:
        method = {"method": "seasons"} if cut else {}
        options = " ".join(f"--{key}" for key in (*cut, *(["coarse"] if arguments.coarse else [])))
        given.append((options, ["time"], {**method, **cut, **({"coarse": True} if arguments.coarse else {})}))
    if arguments.solver is not None:
        given.append(("--solver", ["solve", "solver"], arguments.solver))
    if arguments.foresight is not None:
        given.append(("--foresight", ["foresight"], arguments.foresight))
    if arguments.time_limit is not None:
        given.append(("--time-limit", ["solve", "time_limit_s"], arguments.time_limit))
    for option, path, value in given:
        change: Any = value
        for key in reversed(path):
            change = {key: change}
        try:
            scenario = scenario.with_(**change)
        except InputError as error:
            raise InputError(error.message, where=option, key=error.key) from error
    return scenario


def split_change(text: str) -> tuple[list[str], Any]:
    """`demand.growth=high` -> (["demand", "growth"], "high"); the value is read as YAML."""
    import yaml

    key, equals, value = text.partition("=")
    path = [part.strip() for part in key.split(".")]
    if not equals or not all(path):
        raise InputError(f"received '{text}', expected KEY=VALUE such as demand.growth=high", where="--set")
    try:
        return path, yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise InputError(f"'{value}' is no YAML value", where="--set", key=key) from error


def check_writable(folder: Path) -> None:
    """Say before solving, not after, that the run cannot be written."""
    from eastwest.results.run_folder import check_target

    check_target(folder.resolve())
    parent = folder.resolve().parent
    while not parent.exists():
        parent = parent.parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise InputError(f"cannot be written: no right to write in {parent}", where=str(folder))


def _figures(certificate: Any) -> str:
    return ", ".join(
        f"{key.replace('_', ' ')} {value:.1e}" for key, value in certificate.items() if isinstance(value, float)
    )
