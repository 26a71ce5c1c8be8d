"""The program under construction: the clock, money, and the few quantities through which model modules meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from eastwest.contract import HOURS, SEASONS, Contract
from eastwest.errors import InputError, ModelError
from eastwest.expression import Expression, Floats, Variables
from eastwest.program import LinearProgram

if TYPE_CHECKING:
    import geopandas as gpd
    import pulp

DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
"""Days of each season: December to February, March to May, June to August, September to November; 365 in all."""

HOURS_PER_YEAR = 8760
MONTHS_PER_YEAR = 12


class Time(Contract):
    """How the year is cut."""

    slices: int = Field(24, ge=1, le=96, description="time slices a year: seasons x blocks of the day")

    @field_validator("slices")
    @classmethod
    def _representable(cls, slices: int) -> int:
        if slices > 24 * _season_count(slices):
            raise ValueError("slices above 24 must be even, above 48 a multiple of 4 (4 seasons x up to 24 blocks)")
        return slices


def _season_count(slices: int) -> int:
    return next(count for count in (4, 2, 1) if slices % count == 0)


@dataclass(frozen=True, eq=False)
class Clock:
    """Time slices: `table` has slice, season, block, start_hour, hours (of the day) and weight [h a year].

    Blocks are chronological inside a representative day and weights sum to 8,760. Hours are local clock hours.
    """

    table: pd.DataFrame
    groups: Mapping[str, tuple[str, ...]]

    @property
    def slices(self) -> list[str]:
        return list(self.table["slice"])

    @property
    def weight(self) -> pd.Series:
        """Hours a year of each slice, labelled by slice."""
        return self.table.set_index("slice")["weight"].astype(float)

    def daily(self, hourly: Floats) -> Floats:
        """24 hourly values -> mean in each slice, shape (slices,)."""
        pairs = self.table[["start_hour", "hours"]].itertuples(index=False)
        return np.array([hourly[start : start + hours].mean() for start, hours in pairs])

    def seasonal(self, table: pd.DataFrame, key: str, columns: list[str]) -> pd.DataFrame:
        """Rows by (key, season) -> rows by (key, season group), days as weights; columns keep their names."""
        group_of = {season: group for group, members in self.groups.items() for season in members}
        days = table["season"].map(DAYS).to_numpy(float)
        weighted = table[columns].astype(float).mul(days, axis=0).assign(_days=days)
        total = weighted.groupby([table["season"].map(group_of), table[key]]).sum()
        return total[columns].div(total["_days"], axis=0).reset_index()

    def yearly(self, table: pd.DataFrame, key: str, column: str) -> pd.Series:
        """Rows by (key, season) -> day-weighted mean over the year, labelled by key."""
        days = table["season"].map(DAYS).astype(float)
        return (table[column].astype(float) * days).groupby(table[key]).sum() / days.groupby(table[key]).sum()

    def hourly(self, table: pd.DataFrame, key: str) -> pd.Series:
        """Rows by (key, season) with h00..h23 -> means labelled by (key, slice)."""
        by_group = self.seasonal(table, key, HOURS).set_index([key, "season"])
        parts = {}
        for (label, group), row in by_group.iterrows():
            parts[(label, group)] = self.daily(row.to_numpy(float))
        position = {(s, b): n for n, (s, b) in enumerate(zip(self.table["season"], self.table["block"], strict=True))}
        records = [
            (label, self.table["slice"].iat[at], parts[(label, season)][at])
            for label in by_group.index.get_level_values(0).unique()
            for (season, _), at in position.items()
        ]
        frame = pd.DataFrame(records, columns=[key, "slice", "value"])
        return frame.set_index([key, "slice"])["value"]


def make_clock(slices: int) -> Clock:
    """Cut the year into `slices`: 4 seasons where divisible by 4, else 2 half-years, else one mean day."""
    count = _season_count(slices)
    width = 4 // count
    groups = {
        "-".join(SEASONS[n : n + width]) if count < 4 else SEASONS[n]: SEASONS[n : n + width]
        for n in range(0, 4, width)
    }
    if count == 1:
        groups = {"year": SEASONS}
    blocks = slices // count
    edges = [round(24 * block / blocks) for block in range(blocks + 1)]
    records = [
        (f"{group}-{edges[block]:02d}", group, block, edges[block], edges[block + 1] - edges[block])
        for group in groups
        for block in range(blocks)
    ]
    table = pd.DataFrame(records, columns=["slice", "season", "block", "start_hour", "hours"])
    days = {group: sum(DAYS[season] for season in members) for group, members in groups.items()}
    table["weight"] = table["season"].map(days) * table["hours"]
    return Clock(table, groups)


class _Shared:
    """A quantity that one module writes and others read; there is no default, and it is written once."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, plan: Plan, owner: type) -> Any:
        if self.name not in plan.shared:
            raise ModelError(f"'{self.name}' is read before it is written: check the order of eastwest.model.MODULES")
        return plan.shared[self.name]

    def __set__(self, plan: Plan, value: Any) -> None:
        if self.name in plan.shared:
            raise ModelError(f"'{self.name}' is written twice")
        plan.shared[self.name] = value


class Plan:
    """What model modules build into. All coupling between modules goes through the shared quantities below."""

    routes = _Shared()
    """Admissible routes: region, task, site, round_trip_ms, distance_km [DataFrame]."""
    served = _Shared()
    """Delivered compute by region, task, site, year [PFLOP/s, annual mean]."""
    energised = _Shared()
    """Devices that have power, hall and software, by site, device, year [devices]."""
    busy = _Shared()
    """Devices working, by site, device, work, year, slice [devices]."""
    bought = _Shared()
    """Devices bought, by site, device, year [devices]."""
    hall_capacity = _Shared()
    """Halls energised, by site, asset, year [MW IT]."""
    it_load = _Shared()
    """IT load by site, year, slice [MW]."""
    grid_energy = _Shared()
    """Power drawn from the grid by site, year, slice [MW at the meter]."""
    finance = _Shared()
    """Annuity factors and levelised costs that penalties and reports need."""

    def __init__(
        self,
        sections: Mapping[str, Contract],
        tables: Mapping[str, pd.DataFrame],
        years: tuple[int, ...],
        clock: Clock,
        polygons: gpd.GeoDataFrame | None = None,
    ) -> None:
        self.sections, self.tables, self.years, self.clock, self.polygons = sections, tables, years, clock, polygons
        self.program = LinearProgram()
        self.shared: dict[str, Any] = {}
        self.facts: dict[str, Any] = {}
        self.warnings: list[str] = []

    def settings(self, section: str) -> Any:
        """The settings of a section of the scenario (an instance of that module's `Data`)."""
        return self.sections[section]

    def table(self, name: str) -> pd.DataFrame:
        """A data table of the scenario."""
        return self.tables[name]

    def cost(self, item: str) -> float:
        """A figure of the cost table, in its unit, from the column that the scenario chose."""
        costs = self.tables["costs"].set_index("item")
        if item not in costs.index:
            raise InputError(
                f"the model needs the item '{item}', which the table does not have", where="table costs", key="item"
            )
        return float(costs.at[item, self.sections["finance"].costs])  # type: ignore[attr-defined]

    def variables(self, name: str, index: pd.DataFrame, **how: Any) -> Variables:
        """Add a block of variables, see `LinearProgram.add_variables`."""
        return self.program.add_variables(name, index, **how)

    def rows(
        self, name: str, over: pd.DataFrame, left: Variables | Expression, sense: Any, right: Any = 0.0, **how: Any
    ) -> None:
        """Add a block of constraints, see `LinearProgram.add_rows`."""
        left = left.expression() if isinstance(left, Variables) else left
        right = right.expression() if isinstance(right, Variables) else right
        self.program.add_rows(name, over, left, sense, right, **how)

    def charge(self, item: str, what: Variables | Expression) -> None:
        """Add a yearly cost [million CNY] to the objective, under an item that the report shows."""
        self.program.charge(item, what.expression() if isinstance(what, Variables) else what)

    def to_pulp(self) -> pulp.LpProblem:
        """The program as a PuLP problem with readable names, to be solved by any solver or extended by hand."""
        from eastwest.bridge import to_pulp

        return to_pulp(self.program)

    def slices(self) -> pd.DataFrame:
        """Table of slice and weight [h a year]."""
        return self.clock.table[["slice", "weight"]]


Fact = TypeVar("Fact", pd.DataFrame, pd.Series)


def once(function: Callable[[Plan], Fact]) -> Callable[[Plan], Fact]:
    """Compute once per plan; every caller gets a copy of its own."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(plan: Plan) -> Fact:
        if name not in plan.facts:
            plan.facts[name] = function(plan)
        found: Fact = plan.facts[name].copy()
        return found

    return remembered


def middle(year: int) -> date:
    """The day that stands for a year."""
    return date(year, 7, 1)


def years_between(first: date, last: date) -> float:
    """Time between two dates [years of 365.25 days]."""
    return (last - first).days / 365.25


def annuity(rate: float, life_years: float) -> float:
    """Yearly payment per unit of capital: r / (1 - (1 + r)^-n) [1/a]; 1/n at rate zero."""
    return rate / (1 - (1 + rate) ** -life_years) if rate > 0 else 1 / life_years


def share_of_year(in_service: date, year: int) -> float:
    """Share of `year` that something is in service which enters on `in_service` [1]."""
    start, end = date(year, 1, 1), date(year + 1, 1, 1)
    return min(1.0, max(0.0, (end - in_service).days / (end - start).days))


def later(day: date, months: float) -> date:
    """`day` plus a number of months of 30.4375 days."""
    from datetime import timedelta

    return day + timedelta(days=round(months * 30.4375))


def product(*frames: pd.DataFrame) -> pd.DataFrame:
    """All combinations of the rows of several tables."""
    result = frames[0]
    for frame in frames[1:]:
        result = result.merge(frame, how="cross")
    return result
