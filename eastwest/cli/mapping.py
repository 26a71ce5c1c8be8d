"""`eastwest map`."""

from __future__ import annotations

import argparse
from pathlib import Path

from eastwest.cli.streams import Streams
from eastwest.errors import InputError, nearest
from eastwest.formatting.atomic_write import write_bytes

FORMS = ("svg", "png", "html")


def draw_map(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run and draw its map in the form that the ending of the file names."""
    path: Path = arguments.output
    form = path.suffix.lower().removeprefix(".")
    if form not in FORMS:
        raise InputError(f"received '{path.name}', expected a file that ends in .svg, .png or .html", where="--output")
    from eastwest.results.run_folder import claim, read_summary

    read_summary(arguments.run)
    from eastwest.formatting.language import Language
    from eastwest.report.plot.chart import Subject
    from eastwest.results.result import Result

    streams.progress(f"reading {arguments.run}")
    result = Result.load(arguments.run)
    tasks = [str(task) for task in result.scenario.tables["tasks"]["task"]]
    if arguments.task is not None and arguments.task not in tasks:
        raise InputError(
            f"received '{arguments.task}', expected a task{nearest(arguments.task, tasks)}", where="--task"
        )
    subject = Subject(result.table, result.scenario, Language(arguments.lang))
    chosen = (arguments.year, arguments.kind, arguments.task, arguments.shade)
    if form == "html":
        from eastwest.report.page.map_page import page

        content = page(subject, *chosen).encode("utf-8")
    else:
        from eastwest.report.plot.map_static import static

        content = static(subject, form, *chosen)
    write_bytes(path, content)
    claim(path)
    streams.progress(f"written: {path}")
    return 0
