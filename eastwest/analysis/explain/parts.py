"""What an explanation is made of, and the words that several of its kinds use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from eastwest.analysis.explain.case import Case
from eastwest.formatting.words import figure, limit_words, percent

PRICE = "CNY/(PFLOP/s h)"


@dataclass(frozen=True, eq=False)
class Explanation:
    """Sentences for people and the tables behind them; units stand in the names of columns, or in its `columns`."""

    title: str
    sentences: tuple[str, ...]
    tables: Mapping[str, pd.DataFrame]

    def and_also(self, sentences: Iterable[str], tables: Mapping[str, pd.DataFrame]) -> Explanation:
        """The same with more sentences and tables."""
        return Explanation(self.title, (*self.sentences, *sentences), {**self.tables, **tables})


def joined(words: Iterable[str]) -> str:
    """Words with commas between them."""
    return ", ".join(words)


def at_least(row: Mapping[str, object]) -> str:
    """Whether a figure is a lower bound, in words."""
    return "at least " if row["at_least"] else ""


def places(case: Case, frame: pd.DataFrame, most: int = 3) -> str:
    """`Gui'an cluster 贵安 63.0 %, Beijing metro 20.0 %`: the first sites of a table of what is served."""
    words = [f"{case.name('site', row['site'])} {percent(row['share'])}" for row in frame.head(most).to_dict("records")]
    more = len(frame) - most
    return ", ".join(words) + (f" and {more} more sites" if more > 0 else "")


def limit_sentence(case: Case, row: Mapping[str, object]) -> str:
    """One line of the chain: the limit, where, what relieving it saves."""
    what = limit_words(str(row["limit"]))
    if row["device"]:
        what += f" of {case.name('device', str(row['device']))}"
    if row["site"]:
        what += f" at {case.name('site', str(row['site']))}"
    step, unit = float(str(row["step"])), str(row["unit"])
    money = "million CNY a year" if case.one_year else f"million CNY in money of {case.year}, later years included"
    return f"{what}: {step:,.0f} {unit} {row['direction']} would save up to {figure(float(str(row['saving'])))} {money}"


def chain_sentences(case: Case, chain: pd.DataFrame, most: int = 3) -> list[str]:
    """What carries the price, the dearest first."""
    if chain.empty:
        return ["No limit on supply, halls, grid or rules carries a price here: energy, network and purchases do."]
    lines = [limit_sentence(case, row) for row in chain.head(most).to_dict("records")]
    return ["Limits in its price, the dearest first: " + "; ".join(lines) + "."]
