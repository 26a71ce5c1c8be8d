"""The program under construction: years, clock, money, and the few quantities through which model modules meet.

Money is present value of the first planning year: what is paid in a year counts `factor[year]` = sum over the years
that it stands for of (1 + r)^-(year - first year). An asset is decided by *vintage* (the year it enters service) and
paid by an annuity in each modelled year of its life, used or not, by the share of the year that it is in service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from eastwest.model.frames import tuples, with_year
from eastwest.schema.contract import Contract
from eastwest.schema.units import STEPS

if TYPE_CHECKING:
    import geopandas as gpd
    import pulp


UNITS = f" (such as {', '.join(STEPS)})"


class _Shared:
    """A quantity that one module writes and others read; there is no default, and it is written once."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, plan: Plan, owner: type) -> Any:
        if self.name not in plan._shared:
            message = "is read before it is written: check the order of eastwest.model.modules.MODULES"
            raise ModelError(f"'{self.name}' {message}")
        return plan._shared[self.name]

    def __set__(self, plan: Plan, value: Any) -> None:
        if self.name in plan._shared:
            raise ModelError(f"'{self.name}' is written twice")
        plan._shared[self.name] = value


class Plan:
    """What model modules build into. All coupling between modules goes through the shared quantities below."""

    routes = _Shared()
    """Admissible routes: region, task, site, round_trip_ms, distance_km [DataFrame]."""
    round_trips = _Shared()
    """Round trip of every region and site: region, site, round_trip_ms, origin [DataFrame]."""
    node_pairs = _Shared()
    """What joins a region and a site: region, site, network_km, corridor [DataFrame]."""
    served = _Shared()
    """Delivered compute by region, task, site, year [PFLOP/s, annual mean]."""
    unserved = _Shared()
    """Demand that is left, by region, task, year [PFLOP/s]; None where shortage is forbidden."""
    penalty = _Shared()
    """What an unserved unit costs, labelled by task [CNY/(PFLOP/s h)]."""
    demand = _Shared()
    """The constraints that ask for demand, by region, task, year; their right-hand side is delivered compute."""
    received = _Shared()
    """What each site receives, by task, site, year [PFLOP/s]; None where there is no route."""
    service = _Shared()
    """The constraints that define it: their duals are what one more PFLOP/s costs at a site."""
    windows = _Shared()
    """Windows within which work may wait: group, slice, weight, window, share [DataFrame]; None without such work."""
    energised = _Shared()
    """Devices that have power, hall and software, by site, device, year [devices]."""
    event_routes = _Shared()
    """Work routed anew in event periods: groups of variables by region, task, site, year and slice or window [list]."""
    event_busy = _Shared()
    """Devices working in event periods, by site, device, work, year, slice [devices]."""
    busy = _Shared()
    """Devices working, by site, device, work, year, slice [devices]."""
    working = _Shared()
    """Devices working, by group of tasks (see fleet.tasks), site, device, work, year, slice [devices]."""
    reserved = _Shared()
    """Devices busy or standing by, by site, device, work, year, slice [devices]."""
    bought = _Shared()
    """Devices bought, by site, device, vintage [devices]."""
    built_halls = _Shared()
    """Halls that the program builds, by site, asset, vintage [MW IT]; None where none may be."""
    hall_capacity = _Shared()
    """Halls energised, by site, asset, year [MW IT]."""
    it_load = _Shared()
    """IT load by site, year, slice [MW]."""
    own_output = _Shared()
    """Output of own wind and solar plants that is used, by site, technology, year, slice [MW]."""
    available_output = _Shared()
    """The constraints that hold it to what the plants could give; slack is curtailed [MW]; None without."""
    discharge = _Shared()
    """Batteries: discharge less charge, by site, year, slice [MW]."""
    grid_energy = _Shared()
    """Power drawn from the grid by site, year, slice [MW at the meter]."""
    peaks = _Shared()
    """Highest draw that is paid for, by site, year, season [MW]."""
    preferential_saving = _Shared()
    """Industrial less preferential price of energy by site and slice [CNY/kWh]."""
    contracted = _Shared()
    """Green energy contracted through the grid, by site, year [MWh a year]; None where it may not be."""
    certificates = _Shared()
    """Green certificates bought, by site, year [MWh a year]; None where they may not be."""
    grid_carbon = _Shared()
    """Carbon of energy from the grid by year and site [t CO2/MWh]."""
    grid_connection = _Shared()
    """Grid connection in service, with what is built, by site, year [MW at the meter]."""
    corridor_capacity = _Shared()
    """Capacity of corridors, with what is built, by corridor, year [Gbit/s]; None where corridors do not limit."""
    pooling = _Shared()
    """The constraints that keep stock to its owner, by site, device, year [devices]; None where all stock is open."""
    finance = _Shared()
    """Annuity factors and levelised costs that penalties and reports need."""

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
        vintages: tuple[int, ...] | None = None,
        represented: tuple[int, ...] | None = None,
        snapshot: date | None = None,
        given: Mapping[str, pd.DataFrame] | None = None,
        prices: Mapping[str, pd.Series] | None = None,
        shed_penalty: pd.Series | None = None,
        window_clock: Clock | None = None,
        sooner_months: Mapping[str, float] | None = None,
        free_vintages: tuple[int, ...] = (),
    ) -> None:
        """`vintages` are the years in which assets enter service, by default the planning years; `represented` years
        each planning year stands for, by default one; with `snapshot` the year is as that day stands: nothing of later
        dates, no growth, nothing built or bought; `given` fixes variables: block -> table of labels and `value`,
        but not those of `free_vintages`;
        `prices` replaces blocks of rows by their shadow prices [million CNY a year per unit]; with `shed_penalty`
        [CNY/(PFLOP/s h) by task] work may be shed by the hour; `window_clock` is the clock whose slices decide how long
        work may wait, by default the plan's own; `sooner_months` brings announced assets forward, by kind of asset.
        """
        self.sections, self.tables, self.years, self.clock, self.polygons = sections, tables, years, clock, polygons
        self.free_vintages, self.snapshot = free_vintages, snapshot
        self.sooner_months = dict(sooner_months or {})
        self.window_clock = clock if window_clock is None else window_clock
        self.vintages = years if vintages is None else vintages
        self.factor = self._present_values((1,) * len(years) if represented is None else represented)
        self.given, self.prices, self.shed_penalty = dict(given or {}), dict(prices or {}), shed_penalty
        self.program = LinearProgram()
        self._shared: dict[str, Any] = {}
        self._remembered: dict[Any, Any] = {}
        self.module = ""
        """Name of the model module that is building."""
        self.in_life: dict[str, pd.Series] = {}
        self.overnight = Expression()
        self.warnings: list[str] = []

    def _present_values(self, represented: tuple[int, ...]) -> pd.Series:
        """Present value of 1 CNY paid in each year that a planning year stands for, in money of the first year."""
        first = self.years[0]
        if self.years == (first,) and represented == (1,):
            return pd.Series(1.0, index=pd.Index([first], name="year"))
        rate = self.sections["finance"].discount_rate  # type: ignore[attr-defined]
        rate = self.cost("discount_rate_system") if rate is None else rate
        parts = {
            year: sum((1 + rate) ** -(year + n - first) for n in range(count))
            for year, count in zip(self.years, represented, strict=True)
        }
        return pd.Series(parts, dtype=float).rename_axis("year")

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
        """Add a block of variables, see `LinearProgram.add_variables`; a block that is given is fixed or bounded below.

        It has `value` (fixed) or `least` (lower bound); labels that it lacks are zero, `free_vintages` stay free.
        """
        if "unit" not in how:
            raise ModelError(f"variables {name}: say their unit{UNITS}")
        if name in self.given and len(index):
            given, keys = self.given[name], list(index.columns)
            column = "value" if "value" in given else "least"
            known = dict(zip(tuples(given[keys]), given[column].tolist(), strict=True))
            found = np.array([known.get(row, 0.0) for row in tuples(index)], dtype=float)
            free = index["vintage"].isin(self.free_vintages) if "vintage" in keys else index.index < 0
            for bound, default in (("lower", 0.0), ("upper", float("inf"))):
                if column == "value" or bound == "lower":
                    plain = _bounds(how.get(bound, default), index)
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

        ModelError without kind or unit. Without `step`, relief is sold in the step of the unit. What a `rule` costs is
        found by solving without its groups. None where a full-year evaluation pays the plan's price instead.
        """
        if kind is None or unit is None:
            raise ModelError(f"constraints {name}: say their kind (one of {', '.join(KINDS)}) and their unit{UNITS}")
        left = left.expression() if isinstance(left, Variables) else left
        right = right.expression() if isinstance(right, Variables) else right
        if name in self.prices:
            difference = left - right if isinstance(right, Expression) else left
            for term in difference.terms:
                if (
                    term.block.lower == term.block.upper
                ).all():  # what is decided costs the same whatever is dispatched
                    continue
                price = _bounds(self.prices[name] * -1.0, _labelled(term)[list(self.prices[name].index.names)])
                known = price[~price.index.duplicated()].fillna(0.0)
                self.charge("at_price_of_" + name, Expression((term,)) * known)
            return None
        how = {"step": STEPS.get(unit, 1.0), "module": self.module, **how}
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
        """Add what each year pays [million CNY a year], under an item that the report shows; blocks carry `year`."""
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
        spread = cost.merge(in_life.rename("alive").reset_index(), on=keys).merge(total, on=keys)
        return spread.assign(value=spread["value"] * spread["alive"] / spread["total"]).drop(columns=["alive", "total"])

    def in_money_of_year(self, table: pd.DataFrame, column: str) -> pd.DataFrame:
        """Present value of figures by `year` or `vintage` -> money of that year, with `year`."""
        table = with_year(table)
        if "year" not in table:
            return table
        return table.assign(**{column: table[column] / table["year"].map(self.factor).fillna(1.0).astype(float)})

    def to_pulp(self) -> pulp.LpProblem:
        """The program as a PuLP problem with readable names, to be solved by any solver or extended by hand."""
        from eastwest.lp.pulp_bridge import to_pulp

        return to_pulp(self.program)

    def slices(self) -> pd.DataFrame:
        """Table of slice and weight [h a year]."""
        return self.clock.table[["slice", "weight"]]


def _labelled(term: Term) -> pd.DataFrame:
    """The labels of a term's variables, with those that follow from them."""
    index = term.block.index
    return index.assign(**{name: index[str(series.index.name)].map(series) for name, series in term.labels.items()})


def _bounds(bound: float | pd.Series, index: pd.DataFrame) -> pd.Series:
    """A number, or a labelled series, as a series labelled by all columns of `index`; unknown labels are gaps."""
    keys = pd.MultiIndex.from_frame(index) if index.shape[1] > 1 else pd.Index(index.iloc[:, 0])
    if not isinstance(bound, pd.Series):
        return pd.Series(float(bound), index=keys)
    own = pd.MultiIndex.from_frame(index[list(bound.index.names)])
    plain = own if own.nlevels > 1 else own.get_level_values(0)
    return pd.Series(pd.Series(plain.map(bound.to_dict()), dtype=float).to_numpy(), index=keys)


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
