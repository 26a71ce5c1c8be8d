"""What a plan decided for one of its years, as blocks of variables that are given when every hour is dispatched.

Given is what groups of variables say that the results table tells: routing, stock, halls, grid, plants, batteries,
green contracts, training units, the devices held for interactive work. Limits of the year that hold anything else, as
floors on green power and caps on carbon or water, go with the plan's shadow prices instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.declaration import FOR_SALE
from eastwest.lp.expression import Told, Variables
from eastwest.lp.program import Constraints
from eastwest.model.plan import Plan
from eastwest.results.result import Result
from eastwest.scenario import Scenario
from eastwest.schema import results_table
from eastwest.solving.build import add_modules, make_clock, new_plan
from eastwest.solving.relief import PARTS_OF_THE_YEAR


@dataclass(frozen=True)
class Decided:
    """Everything that a process needs to dispatch windows of the year."""

    scenario: Scenario
    year: int
    given: dict[str, pd.DataFrame]
    prices: dict[str, pd.Series]
    penalty: pd.Series


def decided_in(result: Result, year: int) -> Decided:
    """What the plan decided for a year, as blocks of variables that are given."""
    changes = {
        "demand": {"shortage": "priced"}, "network": {"corridor_limits": False},
        "policy": dict.fromkeys(type(result.scenario.settings.policy).model_fields),
        "facilities": {"metro_dense_growth": None},
        "cooling": {"liquid": False, "dense_design_kw_per_rack": None, "standard_design_kw_per_rack": None},
        "approval": {"pue_ceilings": None, "roles": None}, "users": {"objective": "system"},
        "procurement": {"domestic_share_of_new_intelligent": None, "publicly_funded_sites": None},
        "training_units": {"shares": None, "least_units": None, "integer": False},
    }  # fmt: skip
    scenario = result.scenario.with_(**changes)
    base = add_modules(new_plan(scenario, (year,), of_one_year=True))
    table = result.table[result.table["slice"] == ""]
    told = [group for group in base.program.variables.values() if group.told is not None]
    given = {group.name: _given(group, table) for group in told}
    given[base.peaks.name] = _peaks(result, year)
    return Decided(scenario, year, given, _prices(base, table), base.penalty.astype(float))


def _given(group: Variables, table: pd.DataFrame) -> pd.DataFrame:
    """Labels and `value` of a group, as the results table tells them; what is zero is left out."""
    told = group.told or Told("")
    time = "vintage" if "vintage" in group.index else "year"
    quantity = told.by_vintage if time == "vintage" and (table["quantity"] == told.by_vintage).any() else told.quantity
    rows = table[(table["quantity"] == quantity) & (table["item"].isin([told.item]) | bool(told.label))]
    rows = rows.rename(columns={"year": time, **({"item": told.label} if told.label else {})})
    keys = [column for column in group.index if column in rows]
    total = rows.groupby(keys)["value"].sum().to_dict()
    value = pd.Series(group.index[keys].itertuples(index=False, name=None), index=group.index.index).map(total)
    return group.index.assign(value=value.astype(float).fillna(0.0))[value.fillna(0.0).astype(float) != 0.0]


def _peaks(result: Result, year: int) -> pd.DataFrame:
    """The plan's seasonal peaks [MW], which are paid already: site, year, season, least."""
    table = result.table
    load = table[(table["quantity"] == "grid_load") & (table["year"] == year)]
    clock = make_clock(result.scenario.settings, result.scenario.tables)
    group = load["slice"].map(clock.table.set_index("slice")["season"])
    peak = load.groupby([load["site"], group.rename("group")])["value"].max().rename("least").reset_index()
    members = [(name, season) for name, seasons in clock.groups.items() for season in seasons]
    joined = peak.merge(pd.DataFrame(members, columns=["group", "season"]), on="group")
    return joined.assign(year=year)[["site", "year", "season", "least"]]


def _prices(base: Plan, table: pd.DataFrame) -> dict[str, pd.Series]:
    """Shadow prices of what spans the year, in million CNY per unit; rows without one are free.

    Limits and rules of the year that hold anything which an evaluation decides anew are paid; those that hold decided
    variables alone hold already.
    """
    prices, matrix = {}, base.program.matrix()
    decided = np.zeros(len(matrix.lower), dtype=bool)
    for group in base.program.variables.values():
        decided[group.here] = group.told is not None
    free = np.bincount(matrix.row_of_entry(), ~decided[matrix.index], minlength=len(matrix.row_lower)) > 0
    for rows in base.program.constraints.values():
        if rows.kind in FOR_SALE and free[rows.here].any() and not set(PARTS_OF_THE_YEAR) & set(rows.index):
            prices[rows.name] = _price(rows, table[(table["quantity"] == "shadow_price")])
    return prices


def _price(rows: Constraints, prices: pd.DataFrame) -> pd.Series:
    """Shadow price of every row of a group, labelled by its labels."""
    wanted = rows.index.assign(item=results_table.items(str(rows.limit), rows.index, rows.index))
    keys = [column for column in wanted if column in prices]
    known = prices.groupby(keys)["value"].sum()
    value = pd.Series(wanted[keys].itertuples(index=False, name=None)).map(known.to_dict()).astype(float).fillna(0.0)
    labels = list(rows.index.columns)
    index = pd.MultiIndex.from_frame(rows.index) if len(labels) > 1 else pd.Index(rows.index[labels[0]])
    return pd.Series(value.to_numpy(), index=index)
