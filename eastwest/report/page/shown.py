"""Texts of files as a page may show them: on one line, no longer than a cell can be."""

from __future__ import annotations

from collections.abc import Iterable

from eastwest.formatting.words import figure, plain, spaced
from eastwest.report.plot.chart import Subject

NAMED = ("site", "region", "task", "device", "hub", "corridor", "from", "to")
"""Labels whose identifiers have names in the scenario's tables."""
MOST_LETTERS = 90
MOST_LETTERS_OF_TEXT = 3000


def clip(text: object, most: int = MOST_LETTERS) -> str:
    """On one line, without control characters and marks of direction, cut where it is too long."""
    clean = " ".join(plain(text).split())
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"


def prose(text: object) -> list[str]:
    """A longer text of a file as paragraphs; the lines of one are joined."""
    parts = [clip(part, MOST_LETTERS_OF_TEXT) for part in str(text).split("\n\n")]
    return [part for part in parts if part][:40]


def named(subject: Subject, label: str, key: str, *, both: bool = True) -> str:
    """An identifier of a label column as a reader knows it; `both` puts the Chinese name beside the English one."""
    if label in NAMED:
        return clip((subject.names.full if both else subject.names.said)(label, key))
    if label == "item":
        return clip(subject.say.item(key))
    return clip(subject.say(spaced(key)))


def place(
    subject: Subject, row: object, labels: Iterable[str] = ("site", "region", "corridor", "device", "task")
) -> str:
    """Where and of what a row of a dataset is: `Gui'an, Ascend 910C`."""
    found = [(label, getattr(row, label, "")) for label in labels]
    return ", ".join(named(subject, label, str(key), both=False) for label, key in found if key)


def amount(value: float, unit: str) -> str:
    """Three digits with the unit, in text that is no figure of a dataset."""
    return f"{figure(value)} {clip(unit)}".strip()
