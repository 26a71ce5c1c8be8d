"""Words of pages and plots in another language: a catalogue from the English text, `translations/<code>.json`.

The English text is the key, so that code reads as the page does. A text without a translation stays English; a test
finds each. `{name}` in a text is filled after it is translated.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import copy
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

from eastwest.errors import InputError, nearest

CODES = ("en", "zh")
"""Languages that a page can be written in."""

PARTS = (
    (r"(?P<text>.+) \[(?P<unit>[^\[\]]+)\]", "{text} [{unit}]"),
    (r"CNY/(?P<unit>[A-Za-z].*)", "CNY/{unit}"),
    (r"(?P<what>.+) waits for (?P<limit>.+)", "{what} waits for {limit}"),
    (r"waits for (?P<limit>.+)", "waits for {limit}"),
    (r"(?P<limit>[^()]+) \((?P<detail>.+)\)", "{limit} ({detail})"),
    (r"(?P<one>[a-z0-9 -]+), (?P<other>[a-z0-9 -]+)", "{one}, {other}"),
    (r"(?P<name>[a-z]+(?:-[a-z]+)*)-(?P<number>[a-z0-9 ]+)", "{name} {number}"),
)
"""How texts are put together of others, and how they are in a language: limits with their detail, titles with their
unit, parts of the year, places of outages."""


class Language:
    """Says English texts in a language: `say("Cost")`, `say("{n} sites", n=10)`."""

    def __init__(self, code: str = "en") -> None:
        if code not in CODES:
            raise InputError(f"received language '{code}', expected {' or '.join(CODES)}{nearest(code, CODES)}")
        self.code = code
        self.values: Mapping[str, object] = {}
        self.catalogue: Mapping[str, str] = {} if code == "en" else _catalogue(code)

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, with `values` in the places of `{name}`."""
        said, values = self._said(text), {**self.values, **values}
        return said.format(**values) if values else said

    def markup(self, text: str, **values: object) -> Markup:
        """The same as HTML: text and plain values are escaped, Markup values stay."""
        return escape(self._said(text)).format(**{**self.values, **values})

    def filled(self, **values: object) -> Language:
        """The same language with values that stand in all its texts: of literal texts, as others may hold braces."""
        found = copy(self)
        found.values = {**self.values, **values}
        return found

    def item(self, item: str) -> str:
        """An item of the results table (`hall: hall_dense`, `dense hall waits for grid`) in words."""
        from eastwest.formatting.words import limit_words

        return self._said(limit_words(item))

    def _said(self, text: str) -> str:
        """The text, or its known parts where the whole is not in the catalogue: `dense hall waits for supply`."""
        if text in self.catalogue or not self.catalogue:
            return self.catalogue.get(text, text)
        for pattern, together in PARTS:
            match = re.fullmatch(pattern, text)
            if match:
                parts = {name: self._said(part) for name, part in match.groupdict().items()}
                if parts != match.groupdict():
                    return self.catalogue.get(together, together).format(**parts)
        return text


@cache
def _catalogue(code: str) -> Mapping[str, str]:
    text = resources.files("eastwest.formatting").joinpath("translations", f"{code}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found
