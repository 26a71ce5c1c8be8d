"""`eastwest report`: the page of a stored run, again, without solving."""

from __future__ import annotations

import argparse
import webbrowser
from pathlib import Path

from eastwest.cli.streams import Streams
from eastwest.formatting.atomic_write import write_bytes


def report_run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Load a run and write its page, as HTML or as PDF."""
    from eastwest.results.run_folder import claim, read_summary

    folder: Path = arguments.run
    read_summary(folder)
    from eastwest.report.page import page_html
    from eastwest.report.page.pdf import browser, pdf_of
    from eastwest.results.result import Result

    program = browser() if arguments.pdf else ""
    language = arguments.lang
    suffix = ".pdf" if arguments.pdf else ".html"
    name = "report" + ("" if language == "en" else f".{language}") + suffix
    path: Path = arguments.output or folder / name
    streams.progress(f"reading {folder}")
    result = Result.load(folder)
    streams.progress(f"writing {path}")
    html = page_html(result, language)
    write_bytes(path, pdf_of(html, program) if arguments.pdf else html.encode("utf-8"))
    claim(path)
    streams.progress(f"written: {path}")
    if arguments.open:
        open_page(path, streams)
    return 0


def open_page(path: Path, streams: Streams) -> None:
    """Show a page in the browser; without one, say where it is."""
    address = path.resolve().as_uri()
    try:
        shown = webbrowser.open(address)
    except webbrowser.Error:
        shown = False
    if not shown:
        streams.say(f"no browser could be started; the page is {address}")
