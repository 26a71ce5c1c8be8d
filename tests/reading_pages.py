"""Reads a page back as a browser would, without one; and results whose texts try to do harm."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import builder
import synthetic

from eastwest.results.result import Result
from eastwest.solving.solve import solve

HARM = (
    "<script>window.harmed=1</script>",
    '"><img src=x onerror=window.harmed=2>',
    "=cmd|' /C calc'!A0",
    "'; alert(1) //",
    "</script><script>window.harmed=3</script>",
    "\u202egnp.exe",
    "{{ 7 * 7 }} ${7} %s {0} &amp;",
    "<b>bold</b> <a href='javascript:alert(1)'>link</a>",
    "\u2028\u2029\x00\x1b[31m",
)
LONG = "x" * 10_000
WIDE = "很" * 10_000


class Reader(HTMLParser):
    """Elements that matter: scripts, `<data>` with its text, ids, and every attribute."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.figures: list[tuple[str, str, str]] = []
        """(value, data-from, text)"""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: dict[str, str | None] | None = None
        self._script = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "script":
            self._script = True
            self.scripts.append((found, ""))
        elif tag == "data":
            self._open = found
            self.figures.append((found["value"] or "", found["data-from"] or "", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = False
        elif tag == "data":
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._script:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = (attributes, text + data)
            return
        self.text += data
        if self._open is not None:
            value, place, text = self.figures[-1]
            self.figures[-1] = (value, place, text + data)

    @cached_property
    def data(self) -> dict[str, Any]:
        """The page's data, figures among them."""
        packed = gzip.decompress(base64.b64decode(self.script("page-figures")))
        return {**json.loads(self.script("page-data")), **json.loads(packed)}

    def script(self, identifier: str) -> str:
        """Text of the script element of this id."""
        return next(text for attributes, text in self.scripts if attributes.get("id") == identifier)


def read(page: str | Path) -> Reader:
    """A page from its text or its file."""
    return Reader(page.read_text(encoding="utf-8") if isinstance(page, Path) else page)


def scarce_years() -> Result:
    """The tiny country in two years, solved, with demand that it cannot serve."""
    growth = {"chat": {"growth_high_per_year": 3.0}}
    changes = {"demand": {"growth": "high"}, "tasks": growth, "finance": {"discount_rate": 0.08}}
    return solve(builder.tiny(years=[2027, 2028], **changes), reliefs=5, growth_table=False)


def harmful() -> Result:
    """The two synthetic years with texts that try to break out wherever a file can hold text."""
    base = synthetic.two_years()
    tables = {}
    for number, (name, frame) in enumerate(base.scenario.tables.items()):
        frame = frame.copy()
        for column in ("name_en", "name_zh", "source", "scope"):
            if column in frame:
                texts = [HARM[(number + n) % len(HARM)] for n in range(len(frame))]
                frame[column] = [
                    f"{old}{text}" if n else text
                    for n, (old, text) in enumerate(zip(frame[column], texts, strict=True))
                ]
        tables[name] = frame
    tables["sites"].loc[tables["sites"]["site"] == "metro_r1", ["name_en", "name_zh"]] = [LONG, WIDE]
    tables["tasks"].loc[tables["tasks"]["task"] == "chat", "name_en"] = HARM[0] + LONG
    table = base.table.copy()
    idle = table["quantity"] == "idle"
    table.loc[idle, "item"] = table.loc[idle, "item"] + HARM[1]
    table.loc[table["quantity"] == "cost", "item"] = HARM[4] + LONG
    settings = base.scenario.settings.model_copy(update={"title": HARM[0] + HARM[5]})
    scenario = replace(base.scenario, name=f"{HARM[4]}{HARM[2]}", tables=tables, settings=settings)  # type: ignore[type-var]
    scenario = replace(scenario, settings=_with(settings, question=HARM[1] + LONG, notes="\n\n".join([*HARM, LONG])))  # type: ignore[type-var]
    return replace(base, scenario=scenario, table=table, messages=(*HARM, LONG))


def _with(settings: Any, **texts: str) -> Any:
    class Told(type(settings)):  # type: ignore[misc]
        question: str = ""
        notes: str = ""

    return Told(**settings.model_dump(), **texts)


def policy(page: Reader) -> str:
    """The content security policy that a page states."""
    return next(attributes["content"] or "" for tag, attributes in page.tags
                if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy")  # fmt: skip
