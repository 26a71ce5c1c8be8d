"""`eastwest evaluate`."""

from __future__ import annotations

import argparse

from eastwest.cli.session import Session
from eastwest.cli.solving import FOLDER


def evaluate_run(arguments: argparse.Namespace, session: Session) -> int:
    """Load a run, dispatch its capacity by the hour, write and report."""
    from eastwest.results.run_folder import EVALUATION, check_target, read_summary

    read_summary(arguments.run)
    folder = arguments.output or FOLDER / f"{arguments.run.resolve().name}-{arguments.year}-evaluated"
    check_target(folder.resolve(), EVALUATION)
    from eastwest.analysis.evaluation.evaluate import evaluate
    from eastwest.report.terminal.evaluation import print_evaluation
    from eastwest.results.result import Result

    session.progress(f"reading {arguments.run}")
    result = Result.load(arguments.run, modules=session.modules(arguments.modules))
    found = evaluate(
        result, arguments.year, hours=arguments.hours, window_days=arguments.window_days,
        processes=arguments.processes, progress=session.progress,
    )  # fmt: skip
    if not found.certified:
        session.say("the certificate of a window does not hold; nothing was written")
        return 1
    found.save(folder)
    session.written = folder
    print_evaluation(session.console(), found, folder)
    return 0
