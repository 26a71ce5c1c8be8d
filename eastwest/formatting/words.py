"""Figures and names as a reader wants them: three digits, English beside Chinese, limits in words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd

from eastwest.formatting.text import plain as plain

if TYPE_CHECKING:
    from eastwest.scenario import Scenario

THINGS = {"grid": "grid connection", "hall_dense": "dense hall", "hall_standard": "standard hall"}
"""Assets in words."""

PER_UNIT = "million CNY/"
LEAST_MILLION = 0.1
"""Money per unit of a limit is told in CNY below so many million."""


def figure(value: float | None, digits: int = 3) -> str:
    """A number for people: three significant digits, thousands separated, no exponent; `-` where there is none."""
    if value is None or not math.isfinite(value):
        return "-"
    if value == 0:
        return "0"
    size = abs(value)
    if size >= 10 ** (digits - 1):
        return f"{value:,.0f}"
    if size < 1e-4:
        return f"{value:.1e}"
    decimals = digits - 1 - math.floor(math.log10(size))
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if size < 1 else text


def percent(value: float | None) -> str:
    """A share as a percentage, one decimal."""
    if value is None or not math.isfinite(value):
        return "-"
    return f"{100 * value:.1f} %"


def with_unit(value: float | None, unit: str) -> str:
    """A figure with its unit; shares become percentages, and less than 0.1 million CNY per unit becomes CNY."""
    if unit == "1":
        return percent(value)
    if unit.startswith(PER_UNIT) and value and abs(value) < LEAST_MILLION:
        return f"{figure(value * 1e6)} {unit.removeprefix('million ')}"
    return figure(value) if unit in ("", "-") else f"{figure(value)} {unit}"


def spaced(name: str) -> str:
    """An identifier as words."""
    return plain(name).replace("_", " ")


class Names:
    """English and Chinese names of what a scenario's tables identify."""

    def __init__(self, scenario: Scenario, language: str = "en") -> None:
        self.language = language
        self.english: dict[tuple[str, str], str] = {}
        self.chinese: dict[tuple[str, str], str] = {}
        for table, column in (
            ("regions", "region"), ("hubs", "hub"), ("sites", "site"), ("tasks", "task"), ("devices", "device"),
        ):  # fmt: skip
            self._read(scenario.tables.get(table), column)
        sites = scenario.tables.get("sites")
        self.regions: dict[str, str] = {} if sites is None else dict(zip(sites["site"], sites["region"], strict=True))
        """Region of each site."""

    def _read(self, frame: pd.DataFrame | None, column: str) -> None:
        if frame is None or column not in frame:
            return
        for target, source in ((self.english, "name_en"), (self.chinese, "name_zh")):
            if source in frame:
                pairs = zip(frame[column].map(str), frame[source], strict=True)
                target.update({(column, key): plain(name) for key, name in pairs if isinstance(name, str) and name})

    def short(self, column: str, key: str) -> str:
        """The English name, or the identifier."""
        return self.english.get((column, key), plain(key))

    def said(self, column: str, key: str) -> str:
        """The name in the language: the Chinese one in Chinese where there is one, else the English one."""
        chinese = self.chinese.get((column, key)) if self.language == "zh" else None
        return chinese or self.short(column, key)

    def full(self, column: str, key: str) -> str:
        """The English name with the Chinese one beside it, where there is one; in Chinese the Chinese one alone."""
        if self.language == "zh":
            return self.said(column, key)
        chinese = self.chinese.get((column, key), "")
        return f"{self.short(column, key)} {chinese}".strip()


def limit_words(item: str) -> str:
    """A limit in words: `hall: hall_dense` is a dense hall."""
    name, _, detail = item.partition(": ")
    if not detail:
        return THINGS.get(name, spaced(name))
    return (
        THINGS[detail]
        if name == "hall" and detail in THINGS
        else f"{spaced(name)} ({THINGS.get(detail, spaced(detail))})"
    )


def natural(items: Iterable[str]) -> list[str]:
    """Sorted as people sort: 0 %, 5 %, 10 %, uncapped."""

    def key(item: str) -> tuple[int, float, str]:
        number = re.match(r"\s*(-?\d+(?:\.\d+)?)", item)
        return (0, float(number.group(1)), item) if number else (1, 0.0, item)

    return sorted(items, key=key)
