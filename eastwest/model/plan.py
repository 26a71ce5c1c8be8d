"""The program under construction: years, clock, money, and the few quantities through which model modules meet.

Money is present value of the first planning year: what is paid in a year counts `factor[year]` (see
`eastwest.model.periods`). An asset is decided by *vintage*, the calendar year in which it is delivered or enters
service, whether planned or not, and paid by an annuity in each planning year of its life, used or not, by the share of
the period that it is in service.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import cached_property, wraps
from types import ModuleType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np
import pandas as pd

from eastwest.errors import InputError, ModelError, nearest
from eastwest.lp.declaration import KINDS, Kind
from eastwest.lp.expression import Expression, Term, Variables
from eastwest.lp.program import Constraints, LinearProgram
from eastwest.model.clock import Clock
from eastwest.model.dates import middle
from eastwest.model.frames import bounds, tuples, with_year
from eastwest.model.periods import Periods
from eastwest.model.shared import SharedQuantity
from eastwest.schema import units
from eastwest.schema.contract import Contract

if TYPE_CHECKING:
    import geopandas as gpd
    import pulp


class Plan:
    """What model modules build into. All coupling between modules goes through the shared quantities below."""

    routes = SharedQuantity()
    """Admissible routes: region, task, site, round_trip_ms, distance_km [DataFrame]."""
    round_trips = SharedQuantity()
    """Round trip of every region and site: region, site, round_trip_ms, origin [DataFrame]."""
    node_pairs = SharedQuantity()
    """What joins a region and a site: region, site, network_km, corridor [DataFrame]."""
    served = SharedQuantity()
    """Delivered compute by region, task, site, year [PFLOP/s, annual mean]."""
    unserved = SharedQuantity()
    """Demand that is left, by region, task, tranche, year [PFLOP/s]; None where shortage is forbidden."""
    demand = SharedQuantity()
    """The constraints that ask for demand, by region, task, year; their right-hand side is delivered compute."""
    received = SharedQuantity()
    """What each site receives, by task, site, year [PFLOP/s]; None where there is no route."""
    service = SharedQuantity()
    """The constraints that define it: their duals are what one more PFLOP/s costs at a site."""
    windows = SharedQuantity()
    """Windows within which work may wait: group, slice, weight, window, share [DataFrame]; None without such work."""
    energised = SharedQuantity()
    """Devices that have power, hall and software, by site, device, year [devices]."""
    event_routes = SharedQuantity()
    """Work routed anew in event periods: groups of variables by region, task, site, year and slice or window [list]."""
    event_busy = SharedQuantity()
    """Devices working in event periods, by site, device, work, year, slice [devices]."""
    busy = SharedQuantity()
    """Devices working, by site, device, work, year, slice [devices]."""
    working = SharedQuantity()
    """Devices working, by group of tasks (see fleet.tasks), site, device, work, year, slice [devices]."""
    reserved = SharedQuantity()
    """Devices busy or standing by, by site, device, work, year, slice [devices]."""
    bought = SharedQuantity()
    """Devices bought, by site, device, vintage [devices]."""
    built_halls = SharedQuantity()
    """Halls that the program builds, by site, asset, vintage [MW IT]; None where none may be."""
    hall_capacity = SharedQuantity()
    """Halls energised, by site, asset, year [MW IT]."""
    it_load = SharedQuantity()
    """IT load by site, year, slice [MW]."""
    own_output = SharedQuantity()
    """Output of own wind and solar plants that is used, by site, technology, year, slice [MW]."""
    available_output = SharedQuantity()
    """The constraints that hold it to what the plants could give; slack is curtailed [MW]; None without."""
    discharge = SharedQuantity()
    """Batteries: discharge less charge, by site, year, slice [MW]."""
    grid_energy = SharedQuantity()
    """Power drawn from the grid by site, year, slice [MW at the meter]."""
    peaks = SharedQuantity()
    """Highest draw that is paid for, by site, year, season [MW]."""
    preferential_saving = SharedQuantity()
    """Industrial less preferential price of energy by site and slice [CNY/kWh]."""
    contracted = SharedQuantity()
    """Green energy contracted through the grid, by site, year [MWh a year]; None where it may not be."""
    certificates = SharedQuantity()
    """Green certificates bought, by site, year [MWh a year]; None where they may not be."""
    grid_carbon = SharedQuantity()
    """Carbon of energy from the grid by year and site [t CO2/MWh]."""
    grid_connection = SharedQuantity()
    """Grid connection in service, with what is built, by site, year [MW at the meter]."""
    corridor_capacity = SharedQuantity()
    """Capacity of corridors, with what is built, by corridor, year [Gbit/s]; None where corridors do not limit."""
    pooling = SharedQuantity()
    """The constraints that keep stock to its owner, by site, device, year [devices]; None where all stock is open."""
    finance = SharedQuantity()
    """Overnight and annual costs of assets."""

    modules: tuple[ModuleType, ...] = ()
    """What is built into it, in this order."""

    def __init__(
        self,
        sections: Mapping[str, Contract],
        tables: Mapping[str, pd.DataFrame],
        years: tuple[int, ...],
        clock: Clock,
        polygons: gpd.GeoDataFrame | None = None,
        *,
        spans: Mapping[int, tuple[int, ...]] | None = None,
        of_one_year: bool = False,
        snapshot: date | None = None,
        given: Mapping[str, pd.DataFrame] | None = None,
        prices: Mapping[str, pd.Series] | None = None,
        held: Collection[str] = (),
        shed_value: pd.DataFrame | None = None,
        window_clock: Clock | None = None,
        sooner_months: Mapping[str, float] | None = None,
        free_vintages: tuple[int, ...] = (),
    ) -> None:
        """`spans` are the calendar years that each planning year stands for, by default itself; `of_one_year` counts
        the money of one of them; `snapshot` shows that day: nothing of later dates, no growth, nothing built or bought;
        `given` fixes variables: group -> table of labels and `value`, but not those of `free_vintages`;
        `prices` replaces groups of constraints by their shadow prices [million CNY/a per unit], `held`
        names those that hold already and are left out; with `shed_value` (task, tranche, part of what is served [1],
        value [CNY/(PFLOP/s h)]) work may be shed by the hour; `window_clock` is the clock whose slices decide how long
        work may wait, by default the plan's own; `sooner_months` brings announced assets forward, by kind of asset.
        """
        self.sections, self.tables, self.years, self.clock, self.polygons = sections, tables, years, clock, polygons
        self.free_vintages, self.snapshot = free_vintages, snapshot
        self.sooner_months = dict(sooner_months or {})
        self.window_clock = clock if window_clock is None else window_clock
        spans = {year: (year,) for year in years} if spans is None else spans
        self.periods = Periods(spans, self._rate(spans), of_one_year=of_one_year)
        self.factor = self.periods.factor
        self.given, self.prices, self.shed_value = dict(given or {}), dict(prices or {}), shed_value
        self.held = frozenset(held)
        self.units = units.with_own(section.units for section in sections.values())
        self.program = LinearProgram()
        self._shared: dict[str, Any] = {}
        self._remembered: dict[Any, Any] = {}
        self.module = ""
        """Name of the model module that is building."""
        self.in_life: dict[str, pd.Series] = {}
        self.overnight = Expression()
        self.warnings: list[str] = []

    def _rate(self, spans: Mapping[int, tuple[int, ...]]) -> float:
        """What turns years into present value [1/a]; a single calendar year needs none."""
        if sum(map(len, spans.values())) == 1:
            return 0.0
        rate = self.sections["finance"].discount_rate  # type: ignore[attr-defined]
        return float(self.cost("discount_rate_system") if rate is None else rate)

    @cached_property
    def anchor_date(self) -> date:
        """Date of the anchor that stock and demand are tied to."""
        anchors, chosen = self.table("anchors"), self.settings("demand").anchor
        day: date = anchors.loc[anchors["anchor"] == chosen, "date"].iloc[0]
        return day

    @cached_property
    def vintages(self) -> tuple[int, ...]:
        """Every calendar year after the anchor's, up to the last one that a planning year stands for."""
        return tuple(range(self.anchor_date.year + 1, self.periods.last + 1))

    def day(self, year: int) -> date:
        """The day whose prices, growth and dates stand for a planning year: its middle, or that of a snapshot."""
        return middle(year) if self.snapshot is None else self.snapshot

    def settings(self, section: str) -> Any:
        """The settings of a section of the scenario (an instance of that module's `Data`)."""
        if section not in self.sections:
            raise ModelError(f"the scenario has no section '{section}'{nearest(section, self.sections)}")
        return self.sections[section]

    def table(self, name: str) -> pd.DataFrame:
        """A data table of the scenario."""
        if name not in self.tables:
            raise ModelError(f"the scenario has no table '{name}'{nearest(name, self.tables)}")
        return self.tables[name]

    def cost(self, item: str) -> float:
        """A figure of the cost table, in its unit, from the column that the scenario chose."""
        if item not in self._costs:
            raise InputError(
                f"the model needs the item '{item}', which the table does not have", where="table costs", key="item"
            )
        return self._costs[item]

    @cached_property
    def _costs(self) -> dict[str, float]:
        """Figures of the cost table by item, from the column that the scenario chose."""
        costs, column = self.tables["costs"], self.sections["finance"].costs  # type: ignore[attr-defined]
        return dict(tuples(costs, "item", column))

    def variables(self, name: str, index: pd.DataFrame, **how: Any) -> Variables:
        """Add a group of variables, see `LinearProgram.add_variables`; a group that is given is fixed or bounded below.

        It has `value` (fixed) or `least` (lower bound); labels that it lacks are zero, `free_vintages` stay free.
        """
        units.check(f"variables {name}", how.get("unit"), self.units)
        if name in self.given and len(index):
            given, keys = self.given[name], list(index.columns)
            column = "value" if "value" in given else "least"
            known = dict(zip(tuples(given[keys]), given[column].tolist(), strict=True))
            found = np.array([known.get(row, 0.0) for row in tuples(index)], dtype=float)
            free = index["vintage"].isin(self.free_vintages) if "vintage" in keys else index.index < 0
            for bound, default in (("lower", 0.0), ("upper", float("inf"))):
                if column == "value" or bound == "lower":
                    plain = bounds(how.get(bound, default), index)
                    how[bound] = plain.where(np.asarray(free), found)
        return self.program.add_variables(name, index, **how)

    def constraints(
        self,
        name: str,
        over: pd.DataFrame,
        left: Variables | Expression,
        sense: Any,
        right: Any = 0.0,
        *,
        kind: Kind | None = None,
        unit: str | None = None,
        **how: Any,
    ) -> Constraints | None:
        """Add a group of constraints that says what it is: its kind, and beside it what `Declaration` and
        `LinearProgram.add_constraints` take.

        ModelError without kind, or with a unit that is not known. Without `step`, relief is sold in the step of the
        unit. What a `rule` costs is found by solving without its groups. None where a full-year evaluation leaves it
        out or pays the plan's price.
        """
        if kind is None:
            raise ModelError(f"constraints {name}: say their kind, one of {', '.join(KINDS)}")
        unit = units.check(f"constraints {name}", unit, self.units)
        left = left.expression() if isinstance(left, Variables) else left
        right = right.expression() if isinstance(right, Variables) else right
        if name in self.held:
            return None
        if name in self.prices:
            difference = left - right if isinstance(right, Expression) else left
            for term in difference.terms:
                if (term.group.lower == term.group.upper).all():  # costs the same whatever is dispatched
                    continue
                price = bounds(self.prices[name] * -1.0, _labelled(term)[list(self.prices[name].index.names)])
                known = price[~price.index.duplicated()].fillna(0.0)
                self.charge("at_price_of_" + name, Expression((term,)) * known)
            return None
        how = {"step": self.units[unit], "module": self.module, **how}
        return self.program.add_constraints(name, over, left, sense, right, kind=kind, unit=unit, **how)

    @property
    def rules(self) -> dict[str, list[Constraints]]:
        """Rules that a planner sets, by the name that reports use -> the groups of constraints that hold them."""
        found: dict[str, list[Constraints]] = {}
        for rows in self.program.constraints.values():
            if rows.declared.rule is not None:
                found.setdefault(rows.declared.rule, []).append(rows)
        return found

    def charge(self, item: str, what: Variables | Expression) -> None:
        """Add what each year pays [million CNY a year], under an item that the report shows; groups carry `year`."""
        yearly = what.expression() if isinstance(what, Variables) else what
        self.program.charge(item, yearly * self.factor)

    def charge_assets(
        self, item: str, built: Variables, annual: pd.Series, overnight: pd.Series, in_life: pd.Series
    ) -> None:
        """Add the annual cost of assets by vintage under an item of their own, and their overnight cost to `overnight`.

        `annual` [million CNY a year per unit] and `overnight` [million CNY per unit] by labels of `built`; `in_life` is
        the share of each year that a vintage is in service [1], by (.., vintage, year).
        """
        weight = in_life * in_life.index.get_level_values("year").map(self.factor)
        keys = [name for name in in_life.index.names if name != "year"]
        self.in_life[item] = in_life
        self.overnight = self.overnight + built * overnight
        self.program.charge(item, built * annual * weight.groupby(level=keys).sum())

    def yearly_cost(self, item: str, cost: pd.DataFrame) -> pd.DataFrame:
        """Present value by labels (`value` [million CNY]) -> what each year pays, undiscounted, with `year`."""
        if item not in self.in_life:
            return cost.assign(value=cost["value"] / cost["year"].map(self.factor).astype(float))
        in_life = self.in_life[item]
        keys = [name for name in in_life.index.names if name != "year"]
        weight = in_life * in_life.index.get_level_values("year").map(self.factor)
        total = weight.groupby(level=keys).sum().rename("total").reset_index()
        spread = cost.merge(in_life.rename("alive").reset_index(), on=keys).merge(total[total["total"] > 0], on=keys)
        return spread.assign(value=spread["value"] * spread["alive"] / spread["total"]).drop(columns=["alive", "total"])

    def in_money_of_year(self, table: pd.DataFrame, column: str) -> pd.DataFrame:
        """Present value of figures by `year` or `vintage` -> money of that year, with `year`."""
        if not {"year", "vintage"} & set(table):
            return table
        value = pd.Series(1.0, index=table.index)
        if "vintage" in table:
            value = table["vintage"].map(self.periods.in_money_of, na_action="ignore").astype(float).fillna(1.0)
        if "year" in table:
            value = table["year"].map(self.factor).astype(float).fillna(value)
        return with_year(table.assign(**{column: table[column] / value}))

    def to_pulp(self) -> pulp.LpProblem:
        """The program as a PuLP problem with readable names, to be solved by any solver or extended by hand."""
        from eastwest.lp.pulp_bridge import to_pulp

        return to_pulp(self.program)

    def slices(self) -> pd.DataFrame:
        """Table of slice and weight [h a year]."""
        return self.clock.table[["slice", "weight"]]


def _labelled(term: Term) -> pd.DataFrame:
    """The labels of a term's variables, with those that follow from them."""
    index = term.group.index
    return index.assign(**{name: index[str(series.index.name)].map(series) for name, series in term.labels.items()})


Fact = TypeVar("Fact", pd.DataFrame, pd.Series)
Given = ParamSpec("Given")


def once(function: Callable[Concatenate[Plan, Given], Fact]) -> Callable[Concatenate[Plan, Given], Fact]:
    """Compute once per plan and further arguments; every caller gets a copy of its own."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembered(plan: Plan, /, *given: Given.args, **named: Given.kwargs) -> Fact:
        key = (name, *given, *named.items())
        if key not in plan._remembered:
            plan._remembered[key] = function(plan, *given, **named)
        found: Fact = plan._remembered[key].copy()
        return found

    return remembered
