"""Targets on a terminal: what is judged, what would meet what is missed, what is only compared, and the rest."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from rich.console import Console, RenderableType
from rich.text import Text

from eastwest.formatting.language import Language
from eastwest.formatting.words import plain
from eastwest.report.sections.targets import section_of
from eastwest.report.terminal.draw import draw
from eastwest.report.terminal.layout import print_parts


def print_targets(console: Console, name: str, table: pd.DataFrame, *, everything: bool = False) -> None:
    """Print every part; `everything` lists what the model does not speak to."""
    print_parts(console, render(name, table, everything=everything))


def render(name: str, table: pd.DataFrame, *, everything: bool = False) -> Iterator[RenderableType]:
    """Judged, beside what is known, what would meet what is missed, and what the model does not speak to."""
    yield Text(plain(name), style="bold")
    yield from draw(section_of(Language(), table, full=True, everything=everything))
