"""Execute the notebooks of docs/notebooks and turn them into pages: `python docs/site/notebooks.py [FOLDER]`.

Two run at a time, each in a copy of the folder, so that nothing is left in the checkout. A cell that fails ends
the run with its traceback. Git holds no outputs; `--strip` takes them out of the notebooks that stand there.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NAMES = tuple(path.stem for path in sorted(FOLDER.glob("*.ipynb")))
PLOTLY_JSON = "application/vnd.plotly.v1+json"
SECONDS = 600
"""Most that one cell may take [s]."""


def execute(name: str, folder: Path) -> float:
    """Execute one notebook and write it, with its outputs, into a folder; return what it took [s]."""
    book = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as aside:
        work = Path(aside) / "notebooks"
        shutil.copytree(FOLDER, work, ignore=shutil.ignore_patterns("*.ipynb", "runs", ".*"))
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path, "PLOTLY_RENDERER": "plotly_mimetype", "IPYTHONDIR": aside}
        resources = {"metadata": {"path": str(work)}}
        quiet = ["--IPKernelApp.log_level=40"]  # each start of a kernel says that it is spoken to over TCP
        client = NotebookClient(
            book, timeout=SECONDS, kernel_name="python3", resources=resources, extra_arguments=quiet
        )
        client.execute(env=environment)
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(book, folder / f"{name}.ipynb")
    return time.perf_counter() - started


def execute_all(folder: Path) -> dict[str, float]:
    """Execute every notebook into a folder, two at a time; seconds by name [s]."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(NAMES, pool.map(lambda name: execute(name, folder), NAMES), strict=True))


def pages(folder: Path) -> dict[str, str]:
    """Executed notebooks as Markdown, by name."""
    return {name: page(nbformat.read(folder / f"{name}.ipynb", as_version=4), name) for name in NAMES}


def page(book: Any, name: str) -> str:
    """Prose and code as they stand, each output below its cell; figures are drawn by one plotly.js for the site."""
    parts = []
    for cell in book.cells:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.cell_type == "code":
            parts.append(_fenced(cell.source, "python"))
            parts += _outputs(cell.outputs)
    parts.append(f"[This notebook to download]({name}.ipynb)")
    if any('class="plot"' in part for part in parts):
        parts.append('<script src="../assets/javascripts/plotly.min.js"></script>\n' + _DRAW)
    return "\n\n".join(parts) + "\n"


_DRAW = """<script>
for (const place of document.querySelectorAll(".plot")) {
  const { data, layout } = JSON.parse(place.querySelector("script").textContent)
  Plotly.newPlot(place, data, layout, { responsive: true, displaylogo: false, displayModeBar: false })
}
</script>"""


def _outputs(outputs: list[Any]) -> list[str]:
    """Outputs as Markdown; what was printed bit by bit is one text."""
    parts: list[str] = []
    for printed, group in groupby(outputs, key=lambda output: output.output_type == "stream"):
        if printed:
            parts.append(_fenced("".join(output.text for output in group).rstrip("\n"), "text"))
        else:
            parts += [_output(output) for output in group]
    return parts


def _output(output: Any) -> str:
    """One output as Markdown: the richest form that a page can show."""
    data = output.data
    if PLOTLY_JSON in data:
        figure = json.dumps({key: data[PLOTLY_JSON][key] for key in ("data", "layout")}, sort_keys=True)
        inner = figure.replace("</", "<\\/")
        height = data[PLOTLY_JSON]["layout"].get("height", 450)
        return (
            f'<div class="plot" style="min-height: {height}px"><script type="application/json">{inner}</script></div>'
        )
    if "text/html" in data:
        return f'<div class="output">\n{data["text/html"]}\n</div>'
    if "image/svg+xml" in data:
        return f'<div class="output">\n{data["image/svg+xml"]}\n</div>'
    if "image/png" in data:
        words = html.escape(data.get("text/plain", "figure"))
        return f'<div class="output"><img alt="{words}" src="data:image/png;base64,{data["image/png"].strip()}"></div>'
    return _fenced(data["text/plain"], "text")


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def strip() -> None:
    """Take outputs, counts and what editors add out of the notebooks in git; cells keep their ids."""
    for name in NAMES:
        path = FOLDER / f"{name}.ipynb"
        book = nbformat.read(path, as_version=4)
        for cell in book.cells:
            cell.metadata = {}
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        book.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
        nbformat.write(book, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", default="build/notebooks", help="where executed notebooks are written")
    parser.add_argument("--only", choices=NAMES, help="execute one")
    parser.add_argument("--strip", action="store_true", help="take outputs out of the notebooks in git instead")
    asked = parser.parse_args()
    if asked.strip:
        strip()
        return
    folder = Path(asked.folder)
    taken = {asked.only: execute(asked.only, folder)} if asked.only else execute_all(folder)
    sys.stdout.write("".join(f"{name}: {seconds:.0f} s\n" for name, seconds in taken.items()))


if __name__ == "__main__":
    main()
