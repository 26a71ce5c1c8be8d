"""What a plan decided for one of its years, as blocks of variables that are given when every hour is dispatched.

Given are routing, stock, halls, grid, plants, batteries, green contracts, training units and the devices held for
interactive work.
Floors on green power and carbon caps span the year: instead of them go the plan's shadow prices.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from eastwest.model.plan import Plan
from eastwest.results.result import Result
from eastwest.scenario import Scenario
from eastwest.solving.build import add_modules, make_clock, new_plan

_BUILT = {
    "hall_dense": ("built_hall", "asset"), "hall_standard": ("built_hall", "asset"), "grid": ("built_grid", None),
    "wind": ("built_plant", "technology"), "solar": ("built_plant", "technology"),
    "battery_power": ("built_battery_power", None), "battery_energy": ("built_battery_energy", None),
}  # fmt: skip
_PRICED = {
    "green_floor": "floor on green power", "contract": "green power contracted", "carbon": "carbon cap",
    "metro_quota": "energy quota of a metro", "water_site": "water cap", "water_region": "water cap",
    "water_nation": "water cap",
}  # fmt: skip


@dataclass(frozen=True)
class Decided:
    """Everything that a process needs to dispatch windows of the year."""

    scenario: Scenario
    year: int
    vintages: tuple[int, ...]
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
    table = result.table[(result.table["year"] == year) & (result.table["slice"] == "")]
    chosen = dict(iter(table.groupby("quantity")))
    empty = table.iloc[:0]

    def block(quantity: str, *columns: str) -> pd.DataFrame:
        return chosen.get(quantity, empty)[[*columns, "value"]].reset_index(drop=True)

    given = {
        "serve": block("served", "region", "task", "site", "year"),
        "energised": block("energised", "site", "device", "year"),
        "contracted": block("contracted", "site", "year"), "certificates": block("certificates", "site", "year"),
        "unserved": empty.assign(value=0.0)[["region", "task", "year", "value"]],
    }  # fmt: skip
    given["received"] = given["serve"].groupby(["task", "site", "year"], as_index=False)["value"].sum()
    units = block("training_units", "item", "site", "device", "year")
    given["training_unit"] = units.rename(columns={"item": "size"})
    held = block("held", "item", "site", "device", "year").rename(columns={"item": "group"})
    given["held"] = held.assign(work=held["group"].str.split("/").str[1])
    given |= _assets(result.table)
    given["peak"] = _peaks(result, year)
    vintages = tuple(each for each in scenario.settings.years if each <= year)
    base = add_modules(new_plan(scenario, (year,), vintages=vintages))
    penalty = base.penalty.astype(float)
    return Decided(scenario, year, vintages, given, _prices(base, chosen.get("shadow_price", empty)), penalty)


def _assets(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What was bought and built, by vintage."""
    bought = table[(table["quantity"] == "bought") & (table["slice"] == "")].rename(columns={"year": "vintage"})
    built = table[table["quantity"] == "built"].rename(columns={"year": "vintage"})
    found: dict[str, list[pd.DataFrame]] = {"bought": [bought[["site", "device", "vintage", "value"]]]}
    for item, (name, label) in _BUILT.items():
        rows = built[built["item"] == item]
        columns = ["site", *([label] if label else []), "vintage", "value"]
        found.setdefault(name, []).append(rows.assign(**({label: item} if label else {}))[columns])
    return {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}


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


def _prices(base: Plan, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Shadow prices of the rows that span the year, in million CNY per unit; rows without one are free."""
    prices = {}
    for name, limit in _PRICED.items():
        block = base.program.constraints.get(name)
        if block is None:
            continue
        keys = list(block.index.columns)
        known = rows[rows["item"] == limit].set_index(keys)["value"].astype(float)
        index = pd.MultiIndex.from_frame(block.index) if len(keys) > 1 else pd.Index(block.index[keys[0]])
        prices[name] = known.reindex(index, fill_value=0.0)
    return prices
