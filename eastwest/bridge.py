"""The same program as a PuLP problem: for CBC, GLPK and every other solver PuLP knows, and for notebooks that extend it."""

from __future__ import annotations

import re

import numpy as np
import pulp

from eastwest.errors import InputError
from eastwest.highs import Outcome
from eastwest.program import LinearProgram

SENSES = {"<=": pulp.LpConstraintLE, ">=": pulp.LpConstraintGE, "==": pulp.LpConstraintEQ}


def to_pulp(program: LinearProgram, name: str = "eastwest") -> pulp.LpProblem:
    """A minimisation with readable names, `serve_110000_chat_guian_2027`, in natural units and million CNY."""
    matrix = program.matrix()
    problem = pulp.LpProblem(_clean(name), pulp.LpMinimize)
    names = [_clean(name) for name in program.variable_names()]
    variables = [
        problem.add_variable(name, lowBound=_finite(low), upBound=_finite(high))
        for name, low, high in zip(names, matrix.lower, matrix.upper, strict=True)
    ]
    used = np.flatnonzero(matrix.cost)
    problem += pulp.LpAffineExpression([(variables[i], float(matrix.cost[i])) for i in used]), "cost_million_cny"
    row_names = [_clean(name) for name in program.row_names()]
    for rows in program.rows.values():
        for number in range(rows.offset, rows.offset + len(rows)):
            side = float(rows.right_hand_side[number - rows.offset])
            if not np.isfinite(side):
                continue
            part = slice(matrix.start[number], matrix.start[number + 1])
            entries = zip(matrix.index[part], matrix.value[part], strict=True)
            left = pulp.LpAffineExpression([(variables[i], float(value)) for i, value in entries])
            problem.addConstraint(pulp.LpConstraint(left, SENSES[rows.sense], row_names[number], side))
    return problem


def solver_named(name: str, time_limit_s: float | None) -> pulp.LpSolver:
    """A PuLP solver by its short name: cbc, glpk, highs_cmd, scip, gurobi, ..."""
    known = {available.lower(): available for available in pulp.listSolvers(onlyAvailable=True)}
    for alias in (name.lower(), f"{name.lower()}_cmd", f"pulp_{name.lower()}_cmd"):
        if alias in known:
            return pulp.getSolver(known[alias], msg=False, timeLimit=time_limit_s)
    offered = ", ".join(sorted({"highs", *(item.removeprefix("pulp_").removesuffix("_cmd") for item in known)}))
    raise InputError(f"received {name!r}; expected a solver that is installed: {offered}", key="solver")


def solve_with_pulp(program: LinearProgram, solver: pulp.LpSolver) -> Outcome:
    """Solve through PuLP; duals are zeros where the solver gives none (the certificate then shows it)."""
    matrix = program.matrix()
    problem = to_pulp(program)
    problem.solve(solver)
    words = {pulp.LpStatusInfeasible: "infeasible", pulp.LpStatusUnbounded: "unbounded", pulp.LpStatusNotSolved: "time limit"}
    nothing = np.zeros(0)
    optimal = problem.status == pulp.LpStatusOptimal and problem.sol_status == pulp.LpSolutionOptimal
    if not optimal:
        status = "time limit" if problem.status == pulp.LpStatusOptimal else words.get(problem.status, "unknown")
        return Outcome(status, float("nan"), nothing, nothing)
    by_name = {variable.name: variable for variable in problem.variables()}
    x = np.array([by_name[_clean(name)].varValue or 0.0 for name in program.variable_names()])
    duals = {name: constraint.pi for name, constraint in problem.constraints.items()}
    y = np.array([duals.get(_clean(name)) or 0.0 for name in program.row_names()])
    return Outcome("optimal", float(matrix.cost @ x), x, y)


def _clean(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")


def _finite(bound: float) -> float | None:
    return float(bound) if np.isfinite(bound) else None
