"""How a scenario or a result shows itself in Jupyter: a heading, facts, a table; legible on light and on dark pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup

LONGEST = 400
"""Letters of a text; what is longer is cut."""
BOX = "font-family:sans-serif;max-width:60em;border:1px solid #8888;border-radius:4px;padding:0.6em 1em;"
CELL = "text-align:left;padding:0.15em 1.2em 0.15em 0;border-top:1px solid #8884;vertical-align:top;"
NUMBER = CELL.replace("text-align:left", "text-align:right")
TABLE = Markup('<table style="border-collapse:collapse;background:none;color:inherit;margin:0.4em 0">')


def card(
    heading: str,
    facts: Iterable[tuple[str, str]],
    columns: Sequence[str] = (),
    rows: Iterable[Sequence[str]] = (),
) -> str:
    """HTML of a card; every text is escaped. Colours are those of the page around it, so that dark pages stay dark.

    The first column of the table is words, the others figures.
    """
    parts = [Markup('<div style="{}"><strong>{}</strong>').format(BOX, cut(heading))]
    listed = [(name, text) for name, text in facts if text]
    if listed:
        parts.append(TABLE)
        parts += [_row([name, text], "td", CELL) for name, text in listed]
        parts.append(Markup("</table>"))
    if columns:
        parts.append(TABLE)
        parts.append(_row(columns, "th", NUMBER))
        parts += [_row(row, "td", NUMBER) for row in rows]
        parts.append(Markup("</table>"))
    return str(Markup("").join([*parts, Markup("</div>")]))


def _row(cells: Sequence[str], tag: str, style: str) -> Markup:
    """A row of a table; its first cell is words."""
    one = Markup('<{0} style="{1}">{2}</{0}>')
    parts = [one.format(tag, style if number else CELL, cut(cell)) for number, cell in enumerate(cells)]
    return Markup('<tr style="background:none">{}</tr>').format(Markup("").join(parts))


def cut(text: str) -> str:
    """A text of bearable length on one line."""
    line = " ".join(str(text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
