"""Words of pages and plots in another language: a catalogue from the English text, `translations/<code>.json`.

The English text is the key, so that code reads as the page does. A text without a translation stays English; a test
finds each. `{name}` in a text is filled after it is translated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

from markupsafe import Markup, escape

from eastwest.errors import InputError, nearest

CODES = ("en", "zh")
"""Languages that a page can be written in."""


class Language:
    """Says English texts in a language: `say("Cost")`, `say("{n} sites", n=10)`."""

    def __init__(self, code: str = "en") -> None:
        if code not in CODES:
            raise InputError(f"received language '{code}', expected {' or '.join(CODES)}{nearest(code, CODES)}")
        self.code = code
        self.catalogue: Mapping[str, str] = {} if code == "en" else _catalogue(code)

    def __call__(self, text: str, **values: object) -> str:
        """The text in this language, with `values` in the places of `{name}`."""
        said = self.catalogue.get(text, text)
        return said.format(**values) if values else said

    def markup(self, text: str, **values: object) -> Markup:
        """The same as HTML: text and plain values are escaped, Markup values stay."""
        return escape(self.catalogue.get(text, text)).format(**values)

    def item(self, item: str) -> str:
        """An item of the long table (`hall: hall_dense`, `dense hall waits for grid`) in words."""
        from eastwest.words import limit_words

        words = limit_words(item)
        return self.catalogue.get(words, words)


@cache
def _catalogue(code: str) -> Mapping[str, str]:
    text = resources.files("eastwest").joinpath("translations", f"{code}.json").read_text(encoding="utf-8")
    found: dict[str, str] = json.loads(text)
    return found
