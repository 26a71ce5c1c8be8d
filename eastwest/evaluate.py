"""What a plan is worth in a full year: its capacity and routing are fixed, every hour is dispatched, shed is allowed.

The year is cut into windows of some days (a week by default), each chronological by the hour. Given are routing, stock,
halls, grid, plants, batteries, green contracts and the devices held for interactive work; free are deferrable work,
batteries, curtailment, the grid's energy and work that is shed at its penalty. A peak above the plan's own seasonal
peak pays the demand charge once more. Floors on green power and carbon caps span the year: each window pays the plan's
shadow price for them, and the sums are checked at the end. Corridors are not checked again by the hour.
Windows of sites that neither weather nor an hourly year of their own touches repeat with the season and are solved
once.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eastwest.building import add_modules, make_clock, new_plan
from eastwest.certificate import certify
from eastwest.clock import DAYS_PER_YEAR, HOURS_PER_DAY, Clock, days_clock, season_of
from eastwest.errors import InputError, SolveError
from eastwest.highs import Progress, Session
from eastwest.pieces import fingerprint, fixed_values, pieces
from eastwest.plan import Plan
from eastwest.result import Result
from eastwest.run_folder import EVALUATION, replaced_whole, versions, write_csv
from eastwest.scenario import Scenario
from eastwest.shedding import shed_by_task
from eastwest.solution import Solution

LIMIT = 1e-6
"""Most that any figure of a window's certificate may be [1]."""

_BUILT = {
    "hall_dense": ("built_hall", "asset"), "hall_standard": ("built_hall", "asset"), "grid": ("built_grid", None),
    "wind": ("built_plant", "technology"), "solar": ("built_plant", "technology"),
    "battery_power": ("built_battery_power", None), "battery_energy": ("built_battery_energy", None),
}  # fmt: skip
_PRICED = {
    "green_floor": "floor on green power", "contract": "green power contracted", "carbon": "carbon cap",
}  # fmt: skip
_PLACES = ("sites", "stock", "commitments", "capacity", "fixed_load")


@dataclass(frozen=True)
class Window:
    """Days of the year that are dispatched together, for some sites."""

    number: int
    first_day: int
    days: int
    sites: tuple[str, ...]

    @property
    def seasons(self) -> tuple[str, ...]:
        return tuple(season_of(day) for day in range(self.first_day, self.first_day + self.days))


@dataclass(frozen=True)
class Job:
    """Everything that a process needs to dispatch windows."""

    scenario: Scenario
    year: int
    given: dict[str, pd.DataFrame]
    prices: dict[str, pd.Series]
    penalty: pd.Series


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A plan's capacity dispatched by the hour."""

    name: str
    year: int
    hours: int
    windows: pd.DataFrame
    """window, first_day, days, site, quantity, item, unit, value: what each window did at each site"""
    certificates: pd.DataFrame
    """window, site and the figures of each certificate [1]"""
    comparison: pd.DataFrame
    """quantity, unit, planned, evaluated: the representative days' promise beside the full year"""
    kinds: Mapping[str, str]
    """kind of compute of each task"""

    @property
    def certified(self) -> bool:
        figures = self.certificates[["primal_violation", "dual_violation", "relative_gap"]]
        return bool((figures.to_numpy(float) <= LIMIT).all())

    def save(self, folder: str | Path) -> Path:
        """Write summary.json, windows.csv, certificates.csv and comparison.csv; the folder is whole or absent."""
        folder = Path(folder)
        frames = {"windows": self.windows, "certificates": self.certificates, "comparison": self.comparison}
        summary = {
            "format": EVALUATION, "format_version": 1, "name": self.name, "year": self.year, "hours": self.hours,
            "certified": self.certified, "versions": versions(),
            "files": sorted(["summary.json", *(f"{name}.csv" for name in frames)]),
        }  # fmt: skip
        with replaced_whole(folder, EVALUATION) as aside:
            for name, frame in frames.items():
                write_csv(frame, aside / f"{name}.csv")
            (aside / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        return folder


def evaluate(
    result: Result, year: int, *, hours: int = 8760, window_days: int = 7, processes: int = 2,
    progress: Progress = lambda message: None,
) -> Evaluation:  # fmt: skip
    """Dispatch a plan's capacity in the first `hours` of `year`, hour by hour.

    Raises InputError for a year that was not planned, or hours that are no whole days of one year.
    """
    scenario = result.scenario
    if year not in scenario.settings.years:
        listed = ", ".join(str(each) for each in scenario.settings.years)
        raise InputError(f"received {year}, expected a planning year of the run: {listed}", key="year")
    if hours % HOURS_PER_DAY or not 0 < hours <= DAYS_PER_YEAR * HOURS_PER_DAY:
        raise InputError(f"received {hours}, expected a multiple of 24 up to 8,760", key="hours")
    if not 0 < window_days <= DAYS_PER_YEAR:
        raise InputError(f"received {window_days}, expected 1 to {DAYS_PER_YEAR} days", key="window_days")
    job = prepare(result, year)
    chosen = list(_windows(job.scenario, hours // HOURS_PER_DAY, window_days))
    records, certificates = _dispatch_all(job, chosen, processes, progress)
    windows = _spread(pd.DataFrame(records), chosen)
    kinds = scenario.tables["tasks"].set_index("task")["kind"].to_dict()
    comparison = _compare(result, year, hours, windows)
    return Evaluation(scenario.name, year, hours, windows, pd.DataFrame(certificates), comparison, kinds)


def prepare(result: Result, year: int) -> Job:
    """What the plan decided for a year, as blocks of variables that are given."""
    changes = {
        "demand": {"shortage": "priced"}, "network": {"corridor_limits": False},
        "policy": dict.fromkeys(type(result.scenario.settings.policy).model_fields),
        "facilities": {"metro_dense_growth": None},
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
    held = block("held", "item", "site", "device", "year").rename(columns={"item": "group"})
    given["held"] = held.assign(work=held["group"].str.split("/").str[1])
    given |= _assets(result.table)
    given["peak"] = _peaks(result, year)
    base = add_modules(new_plan(scenario, (year,), vintages=_vintages(scenario, year)))
    penalty = base.facts["penalty"].set_index("task")["value"].astype(float)
    return Job(scenario, year, given, _prices(base, chosen.get("shadow_price", empty)), penalty)


def _vintages(scenario: Scenario, year: int) -> tuple[int, ...]:
    return tuple(each for each in scenario.settings.years if each <= year)


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
        block = base.program.rows.get(name)
        if block is None:
            continue
        keys = list(block.index.columns)
        known = rows[rows["item"] == limit].set_index(keys)["value"].astype(float)
        index = pd.MultiIndex.from_frame(block.index) if len(keys) > 1 else pd.Index(block.index[keys[0]])
        prices[name] = known.reindex(index, fill_value=0.0)
    return prices


def _windows(scenario: Scenario, days: int, window_days: int) -> Iterator[Window]:
    """Windows in order; the last takes the days that are left where they are less than half a window."""
    sites = tuple(scenario.tables["sites"]["site"])
    moved = _weathered(scenario)
    seen: set[tuple[str, ...]] = set()
    starts = list(range(1, days + 1, window_days))
    if len(starts) > 1 and days - starts[-1] + 1 < window_days / 2:
        starts.pop()
    for number, (first, after) in enumerate(zip(starts, [*starts[1:], days + 1], strict=True), 1):
        window = Window(number, first, after - first, sites)
        if window.seasons in seen:
            window = Window(number, first, after - first, tuple(site for site in sites if site in moved))
        seen.add(window.seasons)
        yield window


def _weathered(scenario: Scenario) -> set[str]:
    """Sites whose days differ within a season: own plants where there is weather, or an hourly year of their own."""
    settings, tables = scenario.settings, scenario.tables
    own = set(tables["hourly"]["site"])
    if settings.sources.where == "none" or not len(tables["weather_days"]):
        return own
    sites = tables["sites"]
    inside = sites["region"].isin(tables["renewables"]["region"])
    if settings.sources.where == "clusters":
        inside &= sites["kind"] == "cluster"
    return own | set(sites.loc[inside, "site"])


def _clock(window: Window) -> Clock:
    clock = days_clock([window.first_day], [1.0], window.days, 1)
    return Clock(clock.table, clock.groups, dict.fromkeys(clock.groups, 3.0))


def _dispatch_all(
    job: Job, windows: Sequence[Window], processes: int, progress: Progress
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    records: list[dict[str, Any]] = []
    certificates: list[dict[str, Any]] = []
    if processes <= 1 or len(windows) == 1:
        found = (dispatch(job, window) for window in windows)
        return _gather(found, len(windows), records, certificates, progress)
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(job,)) as pool:
        return _gather(pool.map(_dispatch, windows), len(windows), records, certificates, progress)


def _gather(
    found: Any, count: int, records: list[dict[str, Any]], certificates: list[dict[str, Any]], progress: Progress
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    for number, (rows, checks) in enumerate(found, 1):
        records += rows
        certificates += checks
        progress(f"dispatched window {number} of {count}")
    return records, certificates


_JOB: list[Job] = []
"""The job of a worker process, set once when it starts: sending it with every window would cost more than solving."""


def _start(job: Job) -> None:
    _JOB[:] = [job]


def _dispatch(window: Window) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return dispatch(_JOB[0], window)


def dispatch(job: Job, window: Window) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Solve one window site by site; rows of what happened, and a certificate for each site."""
    if not window.sites:
        return [], []
    plan = _plan(job, window)
    matrix = plan.program.matrix()
    x = fixed_values(matrix)
    known: dict[str, Any] = {}
    checks = []
    for site, part, columns in pieces(plan.program):
        key = fingerprint(part)
        if key not in known:
            outcome = Session(part, threads=1).run()
            if outcome.status != "optimal":
                raise SolveError(f"window {window.number} (day {window.first_day}) at {site} is {outcome.status}")
            known[key] = outcome.x, certify(part, outcome.x, outcome.y).to_dict()
        x[columns] = known[key][0]
        checks.append({"window": window.number, "site": site, **known[key][1]})
    return _record(plan, window, x), checks


def _plan(job: Job, window: Window) -> Plan:
    scenario = job.scenario
    tables = dict(scenario.tables)
    for name in _PLACES:
        tables[name] = tables[name][tables[name]["site"].isin(window.sites)].reset_index(drop=True)
    part = replace(scenario, tables=tables)
    window_clock = make_clock(scenario.settings, scenario.tables)
    vintages = _vintages(scenario, job.year)
    plan = new_plan(
        part, (job.year,), clock=_clock(window), vintages=vintages, given=job.given, prices=job.prices,
        shed_penalty=job.penalty, window_clock=window_clock,
    )  # fmt: skip
    return add_modules(plan)


def _record(plan: Plan, window: Window, x: np.ndarray) -> list[dict[str, Any]]:
    """What a window did at each site."""
    solution = Solution(plan.program, x, np.zeros(len(plan.program.matrix().row_lower)))
    hours = plan.clock.weight
    found: list[tuple[str, str, str, pd.Series]] = []

    def energy(quantity: str, frame: pd.DataFrame, item: str = "") -> None:
        if len(frame):
            value = frame["value"] * frame["slice"].map(hours).astype(float)
            found.append((quantity, item, "MWh", value.groupby(frame["site"]).sum()))

    energy("grid_electricity", solution.variables("grid_energy"))
    output = solution.variables("own_output")
    if len(output):
        lost = output.assign(value=solution.rows("output")["slack"].to_numpy())
        for technology, rows in output.groupby("technology"):
            energy("own_electricity", rows, str(technology))
            energy("curtailed", lost.loc[rows.index], str(technology))
        energy("discharged", solution.variables("discharge"))
    for item in ("energy", "demand_charge"):
        cost = solution.cost(item)
        if item == "demand_charge" and len(cost):
            cost = _above_plan(plan, cost)
        if len(cost):
            found.append(("cost", item, "million CNY", cost.groupby("site")["value"].sum()))
    found.append(("carbon", "", "t CO2", _carbon(plan, window, solution)))
    records = [
        {"window": window.number, "site": site, "quantity": quantity, "item": item, "unit": unit, "value": float(value)}
        for quantity, item, unit, values in found
        for site, value in values.items()
    ]
    windows = plan.facts.get("windows")
    shed = shed_by_task(plan, {name: solution.variables(name) for name in ("shed", "shed_work")}, windows)
    penalty = plan.shed_penalty if plan.shed_penalty is not None else pd.Series(dtype=float)
    for row in shed.itertuples():
        common = {"window": window.number, "site": row.site}
        if row.value > 1e-6:
            records.append({**common, "quantity": "shed", "item": row.task, "unit": "PFLOP/s h", "value": row.value})
            paid = row.value * float(penalty[row.task]) / 1e6
            records.append({**common, "quantity": "cost", "item": "shed", "unit": "million CNY", "value": paid})
    return records


def _above_plan(plan: Plan, cost: pd.DataFrame) -> pd.DataFrame:
    """Demand charges on what a window draws above the plan's own peak, which the plan has paid."""
    least = plan.given["peak"].set_index(["site", "year", "season"])["least"].to_dict()
    block = plan.program.variables["peak"]
    price = plan.program.item_cost("demand_charge")[block.offset : block.offset + len(block)]
    paid = {row: unit * least.get(row, 0.0)
            for row, unit in zip(block.index.itertuples(index=False, name=None), price, strict=True)}  # fmt: skip
    keys = cost[["site", "year", "season"]].itertuples(index=False, name=None)
    return cost.assign(value=[max(0.0, value - paid[key]) for value, key in zip(cost["value"], keys, strict=True)])


def _carbon(plan: Plan, window: Window, solution: Solution) -> pd.Series:
    """Tonnes of CO2 of the grid energy that is not contracted as green, by site."""
    grid = solution.variables("grid_energy")
    energy = (grid["value"] * grid["slice"].map(plan.clock.weight)).groupby(grid["site"]).sum()
    contracted = plan.given["contracted"].set_index("site")["value"] * (window.days / DAYS_PER_YEAR)
    factor = plan.facts["grid_carbon"].xs(plan.years[0], level="year")
    return energy.sub(contracted.reindex(energy.index, fill_value=0.0)) * factor.reindex(energy.index)


def _spread(records: pd.DataFrame, windows: Sequence[Window]) -> pd.DataFrame:
    """Rows of every window and site: windows that were not solved for a site repeat the one of the same seasons."""
    parts = []
    solved: dict[tuple[str, ...], Window] = {}
    for window in windows:
        model = solved.setdefault(window.seasons, window)
        own = records[records["window"] == window.number]
        parts.append(own)
        others = set(model.sites) - set(window.sites)
        repeated = records[(records["window"] == model.number) & records["site"].isin(others)]
        parts.append(repeated.assign(window=window.number))
    table = pd.concat(parts, ignore_index=True)
    places = pd.DataFrame([(w.number, w.first_day, w.days) for w in windows], columns=["window", "first_day", "days"])
    return table.merge(places, on="window").sort_values(["window", "site", "quantity", "item"], ignore_index=True)


def _compare(result: Result, year: int, hours: int, windows: pd.DataFrame) -> pd.DataFrame:
    """What the representative days promised, for so many hours, beside what every hour did."""
    table = result.table[(result.table["year"] == year) & (result.table["slice"] == "")]
    share = hours / (DAYS_PER_YEAR * HOURS_PER_DAY)

    def planned(quantity: str, item: str | None = None) -> float:
        return _total(table, quantity, item) * share

    def found(quantity: str, item: str | None = None) -> float:
        return _total(windows, quantity, item)

    records = [
        (quantity.replace("_", " "), "GWh", planned(quantity) / 1e3, found(quantity) / 1e3)
        for quantity in ("grid_electricity", "own_electricity", "curtailed")
    ]
    claimed = planned("contracted") + planned("certificates")
    greens = [
        (of("own_electricity") + claimed) / max(of("own_electricity") + of("grid_electricity"), 1e-9)
        for of in (planned, found)
    ]
    records += [
        ("green share", "1", greens[0], greens[1]),
        ("carbon", "kt CO2", planned("carbon") / 1e3, found("carbon") / 1e3),
        ("cost of energy", "million CNY", planned("cost", "energy"), found("cost", "energy")),
        ("demand charge above the plan's peaks", "million CNY", 0.0, _highest_charge(windows)),
    ]
    kinds = result.scenario.tables["tasks"].set_index("task")["kind"]
    shed = windows[windows["quantity"] == "shed"]
    work = (table[table["quantity"] == "served"].groupby("kind")["value"].sum() * hours).items()
    for kind, volume in work:
        lost = float(shed.loc[shed["item"].map(kinds) == kind, "value"].sum())
        records.append((f"shed, {kind}", "PFLOP/s h", 0.0, lost))
        records.append((f"shed, {kind}, of what is routed", "1", 0.0, lost / volume if volume > 0 else 0.0))
    records.append(("penalty of shed", "million CNY", 0.0, found("cost", "shed")))
    return pd.DataFrame(records, columns=["quantity", "unit", "planned", "evaluated"])


def _total(rows: pd.DataFrame, quantity: str, item: str | None) -> float:
    rows = rows[rows["quantity"] == quantity]
    return float(rows["value"].sum() if item is None else rows.loc[rows["item"] == item, "value"].sum())


def _highest_charge(windows: pd.DataFrame) -> float:
    """A peak is paid once a season: of the windows of a season the highest counts."""
    rows = windows[(windows["quantity"] == "cost") & (windows["item"] == "demand_charge")]
    if rows.empty:
        return 0.0
    season = rows["first_day"].map(season_of)
    return float(rows.groupby([rows["site"], season])["value"].max().sum())
