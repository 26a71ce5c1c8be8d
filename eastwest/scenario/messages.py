"""Pydantic's findings in the user's words: what was received, what was expected, and the nearest right name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from eastwest.errors import InputError, nearest

EXPECTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "date_type": "a date such as 2027-01-31",
    "date_parsing": "a date such as 2027-01-31",
    "date_from_datetime_parsing": "a date such as 2027-01-31",
    "tuple_type": "a list such as [a, b]",
    "list_type": "a list such as [a, b]",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "model_attributes_type": "keys and values",
    "string_pattern_mismatch": "an identifier of letters, digits, '_', '.' and '-' that begins with a letter or digit",
}
BOUNDS = {
    "greater_than": ("gt", "a number above {}"),
    "greater_than_equal": ("ge", "a number of at least {}"),
    "less_than": ("lt", "a number below {}"),
    "less_than_equal": ("le", "a number of at most {}"),
    "string_too_short": ("min_length", "text of at least {} character(s)"),
    "string_too_long": ("max_length", "text of at most {} characters"),
    "too_short": ("min_length", "at least {} item(s)"),
    "too_long": ("max_length", "at most {} item(s)"),
}
SHOWN = 5


def shown(value: Any) -> str:
    """A received value, short enough for one line."""
    if value is None:
        return "nothing"
    if isinstance(value, (dict, Mapping)):
        return "keys and values"
    if isinstance(value, bool):
        return str(value).lower()
    return short(f"'{value}'" if isinstance(value, str) else str(value))


def short(text: object, length: int = 70) -> str:
    """Text on one line, without control characters and not too long."""
    line = "".join(sign if sign.isprintable() else "?" for sign in " ".join(str(text).split()))
    return line if len(line) <= length else line[: length - 4] + " ..."


def expected(detail: Mapping[str, Any]) -> str:
    """What pydantic wanted in place of the value it names in `detail`."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in BOUNDS:
        name, phrase = BOUNDS[kind]
        return phrase.format(f"{context[name]:g}")
    if kind in ("literal_error", "enum"):
        return f"{context['expected']}{nearest(detail['input'], _choices(context['expected']))}"
    if kind == "string_type" and detail["input"] is not None:
        return "text (a number is text when it stands in quotes)"
    if kind in EXPECTED:
        return EXPECTED[kind]
    message: str = detail["msg"]
    return message[0].lower() + message[1:]


def received(detail: Mapping[str, Any], unit: str = "") -> str:
    """`received 'x', expected a number [ms]`."""
    value = shown(detail["input"])
    if detail["type"] in ("value_error", "assertion_error"):
        return f"received {value}: {detail['msg'].split(', ', 1)[-1]}"
    wanted = " or ".join(dict.fromkeys(expected(each) for each in detail.get("any_of", [detail])))
    return f"received {value}, expected {wanted}{f' [{unit}]' if unit else ''}"


def _choices(text: str) -> list[str]:
    return [part.strip().strip("'") for part in text.replace(" or ", ", ").split(",")]


def unknown(name: object, known: Iterable[str], what: str = "key") -> str:
    """`unknown key 'x'`, with the nearest right one, or all of them where they are few."""
    names = list(known)
    hint = nearest(name, names)
    if not hint and 0 < len(names) <= 12:
        hint = f"; expected one of {', '.join(names)}"
    return f"unknown {what} '{short(name)}'{hint}"


def _place(where: str | None) -> tuple[str, int]:
    file, _, line = (where or "").rpartition(":")
    return file, int(line) if line.isdigit() else 0


def combined(errors: list[InputError]) -> InputError:
    """One error that lists the first few, one to a line, in the order of the file."""
    errors = sorted(errors, key=lambda error: _place(error.where))
    first = errors[0]
    lines = [str(error) for error in errors[1:SHOWN]]
    if len(errors) > SHOWN:
        lines.append(f"... and {len(errors) - SHOWN} more")
    return InputError("\n".join([first.message, *lines]), where=first.where, key=first.key) if lines else first
