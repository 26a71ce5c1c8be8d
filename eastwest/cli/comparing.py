"""`eastwest compare`."""

from __future__ import annotations

import argparse
from pathlib import Path

from eastwest.cli.streams import Streams
from eastwest.errors import InputError
from eastwest.formatting.atomic_write import write_text


def compare_runs(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load two or more runs and show what differs."""
    if len(arguments.runs) < 2:
        raise InputError(f"received one run ({arguments.runs[0]}); a comparison needs at least two")
    from eastwest.results.run_folder import read_summary

    for folder in arguments.runs:
        read_summary(folder)
    from eastwest.analysis.compare import compare
    from eastwest.report.terminal.write import print_comparison
    from eastwest.results.result import Result

    results = []
    for folder in arguments.runs:
        streams.progress(f"reading {folder}")
        results.append(Result.load(folder))
    comparison = compare(*results, names=_names(arguments.runs))
    print_comparison(streams.console(), comparison)
    if arguments.markdown is not None:
        write_text(arguments.markdown, comparison.to_markdown())
        streams.progress(f"written: {arguments.markdown}")
    if arguments.html is not None:
        write_text(arguments.html, comparison.to_html(arguments.lang))
        streams.progress(f"written: {arguments.html}")
    if arguments.csv is not None:
        comparison.to_csv(arguments.csv)
        streams.progress(f"written: {arguments.csv}")
    return 0


def _names(folders: list[Path]) -> list[str]:
    """The last part of each path, or the whole path where that is not enough to tell them apart."""
    short = [folder.resolve().name for folder in folders]
    return short if len(set(short)) == len(short) else [str(folder) for folder in folders]
