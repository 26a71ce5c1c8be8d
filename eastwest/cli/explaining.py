"""`eastwest explain`."""

from __future__ import annotations

import argparse

from eastwest.cli.streams import Streams


def explain_run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run and say why it allocates as it does."""
    from eastwest.results.run_folder import read_summary

    read_summary(arguments.run)
    from eastwest.analysis.explain import explain
    from eastwest.report.terminal.explanation import print_explanation
    from eastwest.results.result import Result

    streams.progress(f"reading {arguments.run}")
    result = Result.load(arguments.run, modules=streams.modules(arguments.modules))
    found = explain(
        result, site=arguments.site, workload=arguments.workload, region=arguments.region, year=arguments.year,
        solve_again=arguments.solve, progress=streams.progress,
    )  # fmt: skip
    print_explanation(streams.console(), found, result.scenario)
    return 0
