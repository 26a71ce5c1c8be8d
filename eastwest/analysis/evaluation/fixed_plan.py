"""What a plan decided for one of its years, as groups of variables that are given when every hour is dispatched.

Given is what groups of variables say that the results table tells: routing, stock, halls, grid, plants, batteries,
green contracts, training units, the devices held for interactive work. Limits of the year that hold anything else, as
floors on green power and caps on carbon or water, go with the plan's shadow prices instead; limits and rules that hold
only what is given are left out. What no group can say of itself is asked of the scenario: work may be shed at its
penalty, the system pays, and corridors are not checked again by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.expression import Told, Variables
from eastwest.lp.program import Constraints
from eastwest.model.data import value
from eastwest.model.plan import Plan
from eastwest.results.result import Result
from eastwest.scenario import Scenario
from eastwest.schema import results_table
from eastwest.schema.constraints_table import for_sale
from eastwest.schema.thresholds import LEAST_WORK
from eastwest.solving.build import add_modules, make_clock, new_plan
from eastwest.solving.relief import TIME_LABELS


@dataclass(frozen=True)
class FixedPlan:
    """Everything that a process needs to dispatch windows of the year."""

    scenario: Scenario
    year: int
    given: dict[str, pd.DataFrame]
    prices: dict[str, pd.Series]
    held: frozenset[str]
    """groups of constraints that hold nothing but what is given"""
    worth: pd.DataFrame
    """task, tranche, part of what is served [1], value [CNY/(PFLOP/s h)]"""


def fixed_plan_of(result: Result, year: int) -> FixedPlan:
    """What the plan decided for a year, as groups of variables that are given."""
    demand = {"shortage": "priced", "least_served_share": 0.0}
    asked = {"demand": demand, "network": {"corridor_limits": False}, "users": {"objective": "system"}}
    scenario = result.scenario.with_(**asked)
    base = add_modules(new_plan(scenario, (year,), of_one_year=True))
    table = result.table[result.table["slice"] == ""]
    told = [group for group in base.program.variables.values() if group.told is not None]
    given = {group.name: _given(group, table) for group in told}
    given[base.peaks.name] = _peaks(result, year)
    prices, held = _prices(base, table)
    return FixedPlan(scenario, year, given, prices, held, _worth(base, given["unserved"]))


def _worth(base: Plan, unserved: pd.DataFrame) -> pd.DataFrame:
    """What is served by task and tranche, as parts of the task, and what it is worth.

    Sites serve several regions: the parts are the nation's, since no site knows whose work it does.
    """
    keys = ["task", "tranche"]
    size = value.demanded(base).groupby(keys)["size"].sum()
    left = unserved.groupby(keys)["value"].sum().reindex(size.index, fill_value=0.0)
    served = (size - left).clip(lower=0.0).rename("part").reset_index()
    served["part"] /= served.groupby("task")["part"].transform("sum")
    return served[served["part"] > LEAST_WORK].merge(value.tranches(base)[[*keys, "value"]], on=keys)


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


def _prices(base: Plan, table: pd.DataFrame) -> tuple[dict[str, pd.Series], frozenset[str]]:
    """Shadow prices of what spans the year, in million CNY per unit; rows without one are free. And what holds already.

    Limits and rules of the year that hold anything which an evaluation decides anew are paid; those that hold decided
    variables alone hold already.
    """
    prices, held, matrix = {}, set(), base.program.matrix()
    fixed = np.zeros(len(matrix.lower), dtype=bool)
    for group in base.program.variables.values():
        fixed[group.here] = group.told is not None
    free = np.bincount(matrix.row_of_entry(), ~fixed[matrix.index], minlength=len(matrix.row_lower)) > 0
    for rows in base.program.constraints.values():
        if not for_sale(rows.kind, rows.declared.span):
            continue
        if not free[rows.here].any():
            held.add(rows.name)
        elif not set(TIME_LABELS) & set(rows.index):
            prices[rows.name] = _price(rows, table[(table["quantity"] == "shadow_price")])
    return prices, frozenset(held)


def _price(rows: Constraints, prices: pd.DataFrame) -> pd.Series:
    """Shadow price of every row of a group, labelled by its labels."""
    wanted = rows.index.assign(item=results_table.items(str(rows.limit), rows.index, rows.index))
    keys = [column for column in wanted if column in prices]
    known = prices.groupby(keys)["value"].sum()
    value = pd.Series(wanted[keys].itertuples(index=False, name=None)).map(known.to_dict()).astype(float).fillna(0.0)
    labels = list(rows.index.columns)
    index = pd.MultiIndex.from_frame(rows.index) if len(labels) > 1 else pd.Index(rows.index[labels[0]])
    return pd.Series(value.to_numpy(), index=index)
