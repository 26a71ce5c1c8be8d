"""`eastwest export`."""

from __future__ import annotations

import argparse

from eastwest.cli.streams import Streams


def export_run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run and write it for other programs."""
    from eastwest.results.run_folder import claim, read_summary

    read_summary(arguments.run)
    from eastwest.report.export.write import ending_of, export

    ending_of(arguments.output)
    from eastwest.results.result import Result

    streams.progress(f"reading {arguments.run}")
    path = export(Result.load(arguments.run), arguments.output, progress=streams.progress)
    claim(path)
    streams.progress(f"written: {path}")
    return 0
