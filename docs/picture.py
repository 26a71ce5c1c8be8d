"""Draw the README's picture from a stored run: `python docs/picture.py runs/h20-ban` writes docs/report.svg."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from rich.console import Console

import eastwest as ew
from eastwest.report import headline, limits
from eastwest.words import Names


def main(folder: str) -> None:
    result = ew.Result.load(folder)
    console = Console(record=True, width=84, file=io.StringIO(), force_terminal=True)
    names = Names(result.scenario)
    for part in (headline.scarcity(result), headline.headline(result), limits.reliefs(result, names)):
        for renderable in part:
            console.print(renderable)
    title = f"eastwest run scenarios/{result.scenario.name}.yaml"
    console.save_svg(str(Path(__file__).parent / "report.svg"), title=title)


if __name__ == "__main__":
    main(sys.argv[1])
