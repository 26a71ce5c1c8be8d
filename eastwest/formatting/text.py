"""Text that came from files, made harmless: on a terminal, in a file of text, in a spreadsheet."""

from __future__ import annotations

import json
import re
import unicodedata

INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Kinds of letters that move, hide or turn what stands beside them, or that no file may hold."""

FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a text begins that a spreadsheet may run as a formula: also in the full width of Chinese keyboards."""

_FORMULA = re.compile(rf"\s*[{re.escape(''.join(FORMULA_STARTS))}]")
_GUARDED = re.compile(rf"'+{_FORMULA.pattern}")


def plain(text: object) -> str:
    """Text on one line without control characters, marks of direction or halves of letters, whatever a file held."""
    if isinstance(text, str) and text.isascii() and text.isprintable():
        return text
    return "".join(" " if _is_invisible(letter) else letter for letter in str(text))


def _is_invisible(letter: str) -> bool:
    return unicodedata.category(letter) in INVISIBLE or ord(letter) & 0xFFFE == 0xFFFE


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may run the text as a formula."""
    return _FORMULA.match(text) is not None


def guarded(text: str) -> str:
    """Text for a CSV file: with ' before it where a spreadsheet would run it as a formula."""
    return f"'{text}" if _FORMULA.match(text) or _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if _GUARDED.match(text) else text


def visible_json(value: object) -> str:
    """JSON in which letters that cannot be seen are written as numbers: what a reader sees is what is there."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
