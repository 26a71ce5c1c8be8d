"""From scenario to result: build the program, choose the algorithm, solve, check, and say why limits bind."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from eastwest.errors import EastwestError
from eastwest.lp import integers
from eastwest.lp.certificate import certify
from eastwest.lp.highs import Outcome, Progress, Session
from eastwest.lp.pulp_bridge import solve_with_pulp, solver_named
from eastwest.lp.solution import Solution
from eastwest.model.data.pooling import pooling_relief
from eastwest.model.plan import Plan
from eastwest.model.version import MODEL_VERSION
from eastwest.results.accounts import user_accounts
from eastwest.results.headline import headlines
from eastwest.results.result import Result
from eastwest.results.sectors import by_sector
from eastwest.scenario import Scenario
from eastwest.schema import constraints_table, results_table
from eastwest.schema.module_section import ModuleSection
from eastwest.schema.thresholds import NOTHING
from eastwest.solving.build import build, last_year
from eastwest.solving.delays import delay_reliefs
from eastwest.solving.idle import blame, idle
from eastwest.solving.infeasibility import explain_infeasible, label_names
from eastwest.solving.myopic import NoPlanInYear, decide_year_by_year
from eastwest.solving.reduced_costs import alternatives
from eastwest.solving.reported import reported
from eastwest.solving.scarcity import first_line
from eastwest.solving.sensitivity import Sensitivity

log = logging.getLogger(__name__)

SIGN_RULE = (
    "A shadow price is the change of cost per unit more of the limit, in money of its year: "
    "negative means that more of it saves money."
)


class NotOptimal(EastwestError):
    """There is no plan: the status in words and what is to blame."""

    def __init__(self, status: str, lines: list[str]) -> None:
        self.status, self.lines = status, lines
        super().__init__(f"no plan: {status}")


def _silent(message: str) -> None:
    log.info(message)


def solve(
    scenario: Scenario,
    *,
    modules: Iterable[ModuleType] = (),
    solver: str | None = None,
    time_limit_s: float | None = None,
    progress: Progress = _silent,
    reliefs: int = 10,
    growth_table: bool = True,
    rule_costs: bool | None = None,
) -> Result:
    """Solve a scenario to a checked optimum.

    `modules` are model modules from outside the package, beside those that the scenario has already.
    `solver` is highs or any solver that PuLP knows; `reliefs` is the number of limits whose relief is re-solved;
    `growth_table` adds the western share against metro growth; `rule_costs` solves again without each rule of the
    planner, by default where `reliefs` are asked for on programs that are not too large. Raises NotOptimal when there
    is no plan.
    """
    started = time.perf_counter()
    scenario = scenario.with_modules(modules)
    solver = solver or scenario.settings.solve.solver
    if solver != "highs":
        solver_named(solver, None)
    limit = time_limit_s if time_limit_s is not None else scenario.settings.solve.time_limit_s
    given = _fixed_plan(scenario, progress, limit)
    progress("building the program")
    plan = build(scenario, given=given)
    built = time.perf_counter()
    search = _settle(plan, scenario, solver, limit, progress)
    matrix = plan.program.matrix()
    rows, columns = plan.program.shape
    progress(f"solving {rows:,} rows, {columns:,} variables, {len(matrix.value):,} entries with {solver}")
    session = Session(matrix, time_limit_s=limit, progress=progress)
    outcome = _first(plan, session, solver, limit, scenario)
    certificate = certify(matrix, outcome.x, outcome.y)
    solved = time.perf_counter()
    steps = Sensitivity(plan, session, outcome, certificate, progress, lambda: last_year(scenario))
    final = steps.break_ties()
    tied = time.perf_counter()
    extra = steps.price_ranges() + steps.relieve(reliefs)
    extra += steps.price_rules(rule_costs if reliefs or rule_costs else False)
    if reliefs:
        extra += delay_reliefs(plan, session, outcome, partial(_sooner, scenario, given), progress)
        extra += pooling_relief(plan, session, outcome, progress)
    extra += steps.growth() if growth_table else []
    progress("writing down the result")
    table, sections = _written(plan, Solution(plan.program, final.x, outcome.y), extra)
    checked = {**steps.certificate.to_dict(), **(search.to_dict(outcome.objective) if search else {})}
    timings = {"build_s": built - started, "solve_s": solved - built, "tie_break_s": tied - solved}
    timings["total_s"] = time.perf_counter() - started
    return Result(
        scenario=scenario, status="optimal", objective=outcome.objective, certificate=checked,
        timings=timings, solver=_about(solver, session, rows, columns, len(matrix.value)),
        messages=(f"{scenario.no_plan} {first_line(plan, outcome)}".strip(), *plan.warnings), table=table,
        constraints=declared(plan), sections=sections,
    )  # fmt: skip


def _written(
    plan: Plan, solution: Solution, extra: list[pd.DataFrame]
) -> tuple[pd.DataFrame, tuple[ModuleSection, ...]]:
    """The results table: what modules report, what waits and why, re-solves, and what is worked out of these rows;
    and the sections that modules declare.
    """
    rows, sections = reported(plan, solution)
    parts = [*rows, *_by_vintage(plan, solution), *shadow_prices(plan, solution), *idle(plan, solution)]
    parts += [*blame(plan, solution), *extra]
    table = results_table.assemble(parts)
    table = results_table.assemble([table, *user_accounts(table, plan), *by_sector(table, plan)])
    table = results_table.assemble([table, *headlines(table, plan.table("sites")), *alternatives(plan, solution)])
    return table, sections


def _fixed_plan(scenario: Scenario, progress: Progress, limit: float) -> dict[str, pd.DataFrame]:
    """What is built, where the years decide one by one; else nothing is given."""
    if scenario.settings.foresight == "perfect" or len(scenario.years) == 1:
        return {}
    try:
        return decide_year_by_year(scenario, progress, limit)
    except NoPlanInYear as error:
        raise NotOptimal(error.status, [str(error)]) from error


def _settle(
    plan: Plan, scenario: Scenario, solver: str, limit: float | None, progress: Progress
) -> integers.Search | None:
    """Whole numbers, where the program has any, are found first and stay as they are."""
    gap = scenario.settings.solve.mip_gap
    try:
        search = integers.settle(
            plan.program, list(plan.rules), solver=solver, time_limit_s=limit, gap=gap, progress=progress
        )
    except integers.NoIntegerPlan as error:
        raise NotOptimal(error.status, error.lines) from error
    if search is not None:
        plan.warnings += integers.warnings(plan.program, search, gap)
    return search


def _sooner(scenario: Scenario, given: dict[str, pd.DataFrame], months: Mapping[str, float]) -> Plan:
    return build(scenario, given=given, sooner_months=months)


def _first(plan: Plan, session: Session, solver: str, limit: float, scenario: Scenario) -> Outcome:
    """The optimum by the chosen solver; through PuLP the duals come from HiGHS where the solver gives none."""
    if solver == "highs":
        outcome = session.run()
    else:
        outcome = solve_with_pulp(plan.program, solver_named(solver, limit))
        if outcome.status == "optimal":
            own = session.run()
            if not np.any(outcome.y):
                outcome = Outcome(outcome.status, outcome.objective, outcome.x, own.y)
    if outcome.status == "optimal":
        return outcome
    lines: list[str] = []
    if outcome.status == "infeasible":
        if solver != "highs":
            session.run()
        lines = explain_infeasible(session, plan.program, label_names(dict(scenario.tables)))
    raise NotOptimal(outcome.status, lines)


def _about(solver: str, session: Session, rows: int, columns: int, entries: int) -> dict[str, Any]:
    """What made the result: solver, version of the model, and the size of the program."""
    size = {"rows": rows, "variables": columns, "entries": entries}
    return {"name": solver, "highs_version": session.highs.version(), "model_version": MODEL_VERSION, **size}


def report(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Result rows of every module, and the shadow price of every limit in money of its year."""
    return [*reported(plan, solution)[0], *_by_vintage(plan, solution), *shadow_prices(plan, solution)]


def shadow_prices(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Rows of the shadow price of every limit, in money of its year."""
    parts = []
    for rows in plan.program.constraints.values():
        if rows.kind == "definition":
            continue
        table = solution.constraints(rows)
        binding = plan.in_money_of_year(table[np.abs(table["dual"]) > NOTHING], "dual")
        if binding.empty:
            continue
        told = binding.assign(item=results_table.items(str(rows.limit), binding, rows.index))
        parts.append(results_table.rows("shadow_price", f"million CNY/{rows.unit}", told, "dual", constraint=rows.name))
    return parts


def _by_vintage(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
    """Rows of what is bought and built by the calendar year in which it is, whether planned or not."""
    parts = []
    for group in plan.program.variables.values():
        if group.told is not None and "vintage" in group.index:
            found = solution.variables(group).rename(columns={"vintage": "year"})
            found = found[found["value"] > 0]
            item = found[group.told.label] if group.told.label else group.told.item
            parts.append(results_table.rows(group.told.by_vintage, group.unit, found.assign(item=item)))
    return parts


def declared(plan: Plan) -> pd.DataFrame:
    """What the groups of constraints say of themselves, one row each, as it travels with the run."""
    return constraints_table.table(
        [
            {
                "constraint": rows.name, "limit": rows.limit, "kind": rows.kind, "span": rows.declared.span,
                "unit": rows.unit, "step": rows.declared.step, "rule": rows.declared.rule,
                "setting": f"{rows.declared.module}.{rows.declared.setting}" if rows.declared.setting else "",
                "module": rows.declared.module, "assets": " ".join(rows.declared.assets),
            }
            for rows in plan.program.constraints.values()
        ]
    )  # fmt: skip


__all__ = ["SIGN_RULE", "NotOptimal", "build", "declared", "report", "solve"]
