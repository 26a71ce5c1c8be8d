"""The answer in three sentences: which hub is full, of what, and what helps, on tables changed by hand."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import synthetic

from eastwest.formatting.language import Language
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Page
from eastwest.report.sections import story
from eastwest.results.result import Result

PRICES = {"hall: hall_dense": -2.0, "grid connection": -3.0}
"""Shadow prices at Gui'an [million CNY/MW]."""


def sentences(used: dict[str, float], prices: dict[str, float], *, reliefs: bool = True) -> list[str]:
    """The answer of the synthetic run with these uses of 100 MW at its one cluster, and these prices there."""
    base = synthetic.result()
    table = base.table[~base.table["quantity"].isin(["shadow_price", *([] if reliefs else ["relief"])])]
    table = table[~(table["quantity"].isin(["used", "capacity"]) & (table["site"] == "guian"))]
    whole = {"year": 2027, "site": "guian"}
    rows = [{**whole, "quantity": "capacity", "unit": "MW", "item": item, "value": 100.0} for item in used]
    rows += [{**whole, "quantity": "used", "unit": "MW", "item": item, "value": value} for item, value in used.items()]
    for item, value in prices.items():  # in two hours: prices of hours are added
        for hour in ("winter-00", "winter-12"):
            price = {"quantity": "shadow_price", "unit": "million CNY/MW", "item": item, "slice": hour}
            price |= synthetic.of_limit("shadow_price", item)
            rows.append({**whole, **price, "value": value / 2})
    result: Result = replace(base, table=pd.concat([table, pd.DataFrame(rows)], ignore_index=True))
    section = story.section(Page(result, Subject(result.table, result.scenario, Language("en"))))
    return [re.sub("<[^>]*>", "", str(paragraph)) for paragraph in section.paragraphs]


def test_halls_are_full() -> None:
    text = sentences({"hall_dense": 100.0, "grid": 66.0}, {"hall: hall_dense": -2.0})[1]
    assert text.startswith(
        "Guizhou hub 贵州枢纽 (Gui&#39;an 贵安) is full: 100 MW of 100 MW of its dense halls are taken"
    )
    assert "while 66.0 % of its grid connection is: it is the halls that stop more there" in text
    assert "one MW more of them would save 2.00 million CNY a year" in text


def test_the_grid_is_full() -> None:
    text = sentences({"hall_dense": 60.0, "grid": 100.0}, {"grid connection": -3.0})[1]
    assert "is full: 100 MW of 100 MW of its grid connection are taken, while 60.0 % of its dense halls are" in text
    assert "it is the grid that stops more there, and one MW more of it would save 3.00 million CNY a year" in text


def test_of_two_full_things_the_dearer_one_is_named() -> None:
    both = {"hall_dense": 100.0, "grid": 100.0}
    assert "it is the grid that stops more" in sentences(both, PRICES)[1]
    assert "it is the halls that stop more" in sentences(both, {**PRICES, "hall: hall_dense": -4.0})[1]
    assert "a MW more there would save nothing by itself" in sentences(both, {})[1]


def test_nothing_is_full() -> None:
    text = sentences({"hall_dense": 50.0, "grid": 40.0}, {})[1]
    assert text.startswith("No hub is full: the fullest is Guizhou hub") and "50.0 % of 100 MW" in text


def test_what_helps_is_not_guessed() -> None:
    assert "Nothing is scarce" in sentences({"hall_dense": 50.0}, {}, reliefs=False)[2]
    assert "none was solved again" in sentences({"hall_dense": 100.0}, {"hall: hall_dense": -2.0}, reliefs=False)[2]
    assert sentences({"hall_dense": 100.0}, PRICES)[2].startswith("What would help most: ")
