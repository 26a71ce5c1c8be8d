"""What is asked of a run: year, site, task, region, and the rows of the results table that speak of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from eastwest.errors import InputError, nearest
from eastwest.formatting.words import Names
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.modules import finance, latency
from eastwest.schema import constraints_table
from eastwest.solving.build import new_plan

if TYPE_CHECKING:
    from eastwest.model.plan import Plan
    from eastwest.results.result import Result

PER_HOUR = 1e6 / HOURS_PER_YEAR
"""million CNY/PFLOP/s a year -> CNY/(PFLOP/s h)."""


@dataclass(frozen=True)
class Case:
    """A year of a run, and the site, task and region that are asked about; empty where none is named."""

    result: Result
    year: int
    site: str = ""
    task: str = ""
    region: str = ""

    @property
    def one_year(self) -> bool:
        """Whether the run plans one year, so that every figure is of a year."""
        return len(self.result.scenario.years) == 1

    @cached_property
    def names(self) -> Names:
        return Names(self.result.scenario)

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Rows of the year and of no year, without those by slice; shadow prices of limits, hours added."""
        table = self.result.table[self.result.table["year"].isin([0, self.year])]
        prices = table[table["quantity"] == "shadow_price"]
        meaning = self.result.meaning(prices["constraint"])
        prices = prices[meaning["for_sale"] | (meaning["kind"] == "demand")]
        labels = [column for column in table.columns if column not in ("slice", "constraint", "value")]
        sums = prices.groupby(labels, as_index=False, sort=False)
        prices = sums.agg(constraint=("constraint", "first"), value=("value", "sum"))
        others = table[(table["slice"] == "") & (table["quantity"] != "shadow_price")]
        return pd.concat([others, prices.assign(slice="")], ignore_index=True)

    @cached_property
    def plan(self) -> Plan:
        """The year's plan as far as data alone tell it: routes, costs, what may be bought. Nothing is solved."""
        scenario = self.result.scenario
        plan = new_plan(scenario, (self.year,), of_one_year=True)
        for module in (finance, latency):
            module.build(plan)
        return plan

    def of(self, quantity: str, **labels: str) -> pd.DataFrame:
        """Rows of a quantity with these labels; a label that is empty is not asked for."""
        rows = self.rows[self.rows["quantity"] == quantity]
        for label, value in labels.items():
            rows = rows[rows[label] == value] if value else rows
        return rows

    @cached_property
    def prices(self) -> pd.DataFrame:
        """Shadow prices of the year with what their limits declare: kind, unit (of the limit), step, for_sale, ..."""
        rows = self.of("shadow_price")
        meaning = self.result.meaning(rows["constraint"]).drop(columns="constraint")
        return rows.drop(columns=["unit", "kind"]).join(meaning)

    def of_asset(self, rows: pd.DataFrame, asset: str) -> pd.Series:
        """Which of some rows are of a limit that holds an asset; `devices` for devices installed."""
        return constraints_table.of_asset(rows, asset, self.result.constraints)

    def by(self, quantity: str, *labels: str, **chosen: str) -> pd.Series:
        """Sum of the rows of a quantity by labels."""
        total: pd.Series = self.of(quantity, **chosen).groupby(list(labels))["value"].sum()
        return total

    def name(self, label: str, key: str) -> str:
        return self.names.full(label, key)


def case_of(result: Result, year: int | None, site: str | None, workload: str | None, region: str | None) -> Case:
    """The case with every name resolved; InputError says which names there are."""
    years = sorted(result.scenario.years)
    chosen = years[-1] if year is None else year
    if chosen not in years:
        known = ", ".join(map(str, years))
        raise InputError(f"received {chosen}, expected a planning year of the run: {known}", key="--year")
    names = Names(result.scenario)
    asked = (("site", "--site", site), ("task", "--workload", workload), ("region", "--region", region))
    picked = {label: _pick(result, names, label, option, text) for label, option, text in asked}
    return Case(result, chosen, **picked)


def _pick(result: Result, names: Names, label: str, option: str, text: str | None) -> str:
    """The identifier that a text means: itself, or an English or Chinese name that begins with it alone."""
    if text is None:
        return ""
    known = [str(key) for key in result.scenario.tables[f"{label}s"][label]]
    if text in known:
        return text
    wanted = text.strip().lower()
    called = {key: (names.short(label, key).lower(), names.chinese.get((label, key), "")) for key in known}
    found = [key for key, both in called.items() if wanted in both]
    if not found and wanted:
        found = [key for key, both in called.items() if any(name.startswith(wanted) for name in both)]
    if len(found) == 1:
        return found[0]
    close = nearest(text, [*known, *(english for english, _ in called.values())])
    several = f"; it may mean {', '.join(found)}" if found else close
    raise InputError(f"received '{text}', expected a {label} of the run{several}", key=option)
