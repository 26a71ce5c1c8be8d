"""One window after the other solved, by every hour: what is free is deferrable work, batteries, curtailment, the grid's
energy and work that is shed at what its users would pay.

With so much given the program falls apart by site; each piece is solved and certified by itself. A peak above the
plan's own seasonal peak pays the demand charge once more. Corridors are not checked again by the hour.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd

from eastwest.analysis.evaluation.fixed_plan import FixedPlan
from eastwest.analysis.evaluation.windows import Window
from eastwest.errors import SolveError
from eastwest.lp.certificate import certify
from eastwest.lp.decomposition import fingerprint, fixed_values, pieces
from eastwest.lp.expression import Variables
from eastwest.lp.highs import Progress, Session
from eastwest.lp.solution import Solution
from eastwest.model.clock import DAYS_PER_YEAR
from eastwest.model.data.shedding import shed_by_task
from eastwest.model.plan import Plan
from eastwest.scenario import Scenario
from eastwest.schema.thresholds import LEAST_WORK
from eastwest.schema.units import MONEY
from eastwest.solving.build import add_modules, make_clock, new_plan

Records = list[dict[str, Any]]


def dispatch_all(
    fixed: FixedPlan, windows: Sequence[Window], processes: int, progress: Progress
) -> tuple[Records, Records]:
    """Solve every window, here or in several processes; rows of what happened, and the certificates."""
    if processes <= 1 or len(windows) == 1:
        return _gather((dispatch(fixed, window) for window in windows), len(windows), progress)
    with ProcessPoolExecutor(processes, get_context("spawn"), initializer=_start, initargs=(fixed,)) as pool:
        return _gather(pool.map(_dispatch, windows), len(windows), progress)


def _gather(found: Iterable[tuple[Records, Records]], count: int, progress: Progress) -> tuple[Records, Records]:
    records: Records = []
    certificates: Records = []
    for number, (rows, checks) in enumerate(found, 1):
        records += rows
        certificates += checks
        progress(f"dispatched window {number} of {count}")
    return records, certificates


_FIXED_PLAN: list[FixedPlan] = []
"""What a worker process knows of the plan, set once: sending it with every window would cost more than solving."""


def _start(fixed: FixedPlan) -> None:
    _FIXED_PLAN[:] = [fixed]


def _dispatch(window: Window) -> tuple[Records, Records]:
    return dispatch(_FIXED_PLAN[0], window)


def dispatch(fixed: FixedPlan, window: Window) -> tuple[Records, Records]:
    """Solve one window site by site; rows of what happened, and a certificate for each site."""
    if not window.sites:
        return [], []
    plan = _plan(fixed, window)
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


def _plan(fixed: FixedPlan, window: Window) -> Plan:
    scenario = fixed.scenario
    part = replace(scenario, tables=_of_sites(scenario, window.sites))
    window_clock = make_clock(scenario.settings, scenario.tables)
    plan = new_plan(
        part, (fixed.year,), clock=window.clock(), of_one_year=True, given=fixed.given,
        prices=fixed.prices, held=fixed.held, shed_value=fixed.worth, window_clock=window_clock,
    )  # fmt: skip
    return add_modules(plan)


def _of_sites(scenario: Scenario, sites: Collection[str]) -> dict[str, pd.DataFrame]:
    """The tables with what is of these sites, or of none: the contract of a table says which column names a site."""
    tables = dict(scenario.tables)
    for name, row in scenario.contracts.tables.items():
        columns = ["site"] if name == "sites" else [column for column, other in row.refers.items() if other == "sites"]
        for column in columns:
            own = tables[name][column]
            tables[name] = tables[name][own.isin(list(sites)) | own.isna()].reset_index(drop=True)
    return tables


def _record(plan: Plan, window: Window, x: np.ndarray) -> Records:
    """What a window did at each site."""
    solution = Solution(plan.program, x, np.zeros(len(plan.program.matrix().row_lower)))
    hours = plan.clock.weight
    found: list[tuple[str, str, str, pd.Series]] = []

    def energy(quantity: str, frame: pd.DataFrame, item: str = "") -> None:
        if len(frame):
            value = frame["value"] * frame["slice"].map(hours).astype(float)
            found.append((quantity, item, "MWh", value.groupby(frame["site"]).sum()))

    energy("grid_electricity", solution.variables(plan.grid_energy))
    if plan.own_output.terms:
        output = solution.variables(plan.own_output.terms[0].group)
        lost = output.assign(value=solution.constraints(plan.available_output)["slack"].to_numpy())
        for technology, rows in output.groupby("technology"):
            energy("own_electricity", rows, str(technology))
            energy("curtailed", lost.loc[rows.index], str(technology))
        if plan.discharge.terms:
            energy("discharged", solution.variables(plan.discharge.terms[0].group))
    for item in ("energy", "demand_charge"):
        cost = solution.cost(item)
        if item == "demand_charge" and len(cost):
            cost = _above_plan(plan, cost)
        if len(cost):
            found.append(("cost", item, MONEY, cost.groupby("site")["value"].sum()))
    found.append(("carbon", "", "t CO2", _carbon(plan, window, solution)))
    records = [
        {"window": window.number, "site": site, "quantity": quantity, "item": item, "unit": unit, "value": float(value)}
        for quantity, item, unit, values in found
        for site, value in values.items()
    ]
    shed = shed_by_task(plan, solution)
    for row in shed.itertuples():
        common = {"window": window.number, "site": row.site}
        if row.value > LEAST_WORK:
            records.append({**common, "quantity": "shed", "item": row.task, "unit": "PFLOP/s h", "value": row.value})
            records.append({**common, "quantity": "cost", "item": "shed", "unit": MONEY, "value": row.cost})
    return records


def _above_plan(plan: Plan, cost: pd.DataFrame) -> pd.DataFrame:
    """Demand charges on what a window draws above the plan's own peak, which the plan has paid."""
    group: Variables = plan.peaks
    least = plan.given[group.name].set_index(["site", "year", "season"])["least"].to_dict()
    price = plan.program.item_cost("demand_charge")[group.here]
    paid = {row: unit * least.get(row, 0.0)
            for row, unit in zip(group.index.itertuples(index=False, name=None), price, strict=True)}  # fmt: skip
    keys = cost[["site", "year", "season"]].itertuples(index=False, name=None)
    return cost.assign(value=[max(0.0, value - paid[key]) for value, key in zip(cost["value"], keys, strict=True)])


def _carbon(plan: Plan, window: Window, solution: Solution) -> pd.Series:
    """Tonnes of CO2 of the grid energy that is not contracted as green, by site."""
    grid = solution.variables(plan.grid_energy)
    energy = (grid["value"] * grid["slice"].map(plan.clock.weight).astype(float)).groupby(grid["site"]).sum()
    claimed = solution.variables(plan.contracted)
    contracted = claimed.set_index("site")["value"].astype(float) * (window.days / DAYS_PER_YEAR)
    factor = plan.grid_carbon.xs(plan.years[0], level="year")
    return energy.sub(contracted.reindex(energy.index, fill_value=0.0)) * factor.reindex(energy.index)
