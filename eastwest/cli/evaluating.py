"""`eastwest evaluate`."""

from __future__ import annotations

import argparse

from eastwest.cli.solving import FOLDER
from eastwest.cli.streams import Streams


def evaluate_run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run, dispatch its capacity by the hour, write and report."""
    from eastwest.results.run_folder import EVALUATION, check_target, read_summary

    read_summary(arguments.run)
    folder = arguments.output or FOLDER / f"{arguments.run.resolve().name}-{arguments.year}-evaluated"
    check_target(folder.resolve(), EVALUATION)
    from eastwest.analysis.evaluation.evaluate import evaluate
    from eastwest.report.terminal.evaluation import print_evaluation
    from eastwest.results.result import Result

    streams.progress(f"reading {arguments.run}")
    result = Result.load(arguments.run, modules=streams.modules(arguments.modules))
    found = evaluate(
        result, arguments.year, hours=arguments.hours, window_days=arguments.window_days,
        processes=arguments.processes, progress=streams.progress,
    )  # fmt: skip
    if not found.certified:
        streams.say("the certificate of a window does not hold; nothing was written")
        return 1
    found.save(folder)
    streams.written = folder
    print_evaluation(streams.console(), found, folder)
    return 0
