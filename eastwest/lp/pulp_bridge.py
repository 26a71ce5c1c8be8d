"""The same program as a PuLP problem: for CBC, GLPK and every other solver PuLP knows, and for notebooks."""

from __future__ import annotations

import math
import re
import warnings
from typing import Any

import numpy as np
import pulp

from eastwest.errors import InputError, SolveError
from eastwest.lp.highs import Outcome
from eastwest.lp.program import LinearProgram

SENSES = {"<=": pulp.LpConstraintLE, ">=": pulp.LpConstraintGE, "==": pulp.LpConstraintEQ}


def to_pulp(program: LinearProgram, name: str = "eastwest") -> pulp.LpProblem:
    """A minimisation with readable names, `serve_110000_chat_guian_2027`, in natural units and million CNY."""
    return _problem(program, name)[0]


def _problem(program: LinearProgram, name: str) -> tuple[pulp.LpProblem, list[pulp.LpVariable], list[str]]:
    """The problem, its variables in the program's order, and the names of its rows."""
    matrix = program.matrix()
    problem = pulp.LpProblem(_clean(name), pulp.LpMinimize)
    names = _distinct(program.variable_names())
    kinds = np.full(len(names), pulp.LpContinuous, dtype=object)
    kinds[matrix.integer] = pulp.LpInteger
    variables = [
        problem.add_variable(name, lowBound=_finite(low), upBound=_finite(high), cat=kind)
        for name, low, high, kind in zip(names, matrix.lower, matrix.upper, kinds, strict=True)
    ]
    used = np.flatnonzero(matrix.cost)
    problem += pulp.LpAffineExpression([(variables[i], float(matrix.cost[i])) for i in used]), "cost_million_cny"
    constraint_names = _distinct(program.constraint_names())
    for rows in program.constraints.values():
        for number in range(rows.offset, rows.offset + len(rows)):
            side = float(rows.right_hand_side[number - rows.offset])
            if not np.isfinite(side):
                continue
            part = slice(matrix.start[number], matrix.start[number + 1])
            entries = zip(matrix.index[part], matrix.value[part], strict=True)
            left = pulp.LpAffineExpression([(variables[i], float(value)) for i, value in entries])
            problem.addConstraint(pulp.LpConstraint(left, SENSES[rows.sense], constraint_names[number], side))
    return problem, variables, constraint_names


def solver_named(name: str, time_limit_s: float | None, mip_gap: float | None = None) -> pulp.LpSolver:
    """A PuLP solver by its short name: cbc, glpk, highs_cmd, scip, gurobi, ...; `mip_gap` is for whole numbers."""
    known = {available.lower(): available for available in pulp.listSolvers(onlyAvailable=True)}
    for alias in (name.lower(), f"{name.lower()}_cmd", f"pulp_{name.lower()}_cmd"):
        if alias in known:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 3.3 announces that CBC leaves its wheel
                limit = None if time_limit_s is None else math.ceil(time_limit_s)  # glpsol reads whole seconds only
                return pulp.getSolver(known[alias], msg=False, timeLimit=limit, **_gap(known[alias], mip_gap))
    offered = ", ".join(sorted({"highs", *(item.removeprefix("pulp_").removesuffix("_cmd") for item in known)}))
    raise InputError(f"received {name!r}; expected a solver that is installed: {offered}", key="solver")


def _gap(solver: str, mip_gap: float | None) -> dict[str, Any]:
    """The relative gap at which a search for whole numbers may end, as each solver wants it."""
    if mip_gap is None:
        return {}
    return {"options": ["--mipgap", f"{mip_gap:g}"]} if solver == "GLPK_CMD" else {"gapRel": mip_gap}


def solve_with_pulp(program: LinearProgram, solver: pulp.LpSolver) -> Outcome:
    """Solve through PuLP; duals are zeros where the solver gives none (the certificate then shows it)."""
    matrix = program.matrix()
    problem, variables, constraint_names = _problem(program, "eastwest")
    try:
        problem.solve(solver)
    except pulp.PulpSolverError as error:
        raise SolveError(f"{solver.name} could not be run: {error}") from error
    words = {
        pulp.LpStatusInfeasible: "infeasible",
        pulp.LpStatusUnbounded: "unbounded",
        pulp.LpStatusNotSolved: "time limit",
    }
    nothing = np.zeros(0)
    optimal = problem.status == pulp.LpStatusOptimal and problem.sol_status == pulp.LpSolutionOptimal
    if not optimal:
        status = "time limit" if problem.status == pulp.LpStatusOptimal else words.get(problem.status, "unknown")
        return Outcome(status, float("nan"), nothing, nothing)
    x = np.array([variable.varValue or 0.0 for variable in variables])
    constraints = [problem.get_constraint_by_name(name) for name in constraint_names]
    y = np.array([getattr(constraint, "pi", None) or 0.0 for constraint in constraints])
    return Outcome("optimal", float(matrix.cost @ x), x, y)


def _clean(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")


def _distinct(names: list[str]) -> list[str]:
    """Names that every solver can read; those that fall together get a number."""
    seen: dict[str, int] = {}
    out = []
    for name in map(_clean, names):
        count = seen[name] = seen.get(name, 0) + 1
        out.append(name if count == 1 else f"{name}__{count}")
    return out


def _finite(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None
