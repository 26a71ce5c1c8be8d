"""Why there is no plan: an irreducible set of limits that conflict, and the least change that would cure it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eastwest.lp.highs import Session
from eastwest.lp.program import Constraints, LinearProgram
from eastwest.solving.relief import NOT_FOR_SALE

SECONDS = 60.0
MOST_LINES = 12


def limit_in_words(rows: Constraints, number: int, names: dict[str, dict[str, str]]) -> str:
    """`grid connection at Gui'an cluster, 2027`: the limit's name and its labels, with names for known labels."""
    labels = rows.index.iloc[number].to_dict()
    words = [names.get(str(column), {}).get(str(value), str(value)) for column, value in labels.items()]
    return f"{rows.limit or rows.name} ({', '.join(words)})" if words else str(rows.limit or rows.name)


def label_names(tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, str]]:
    """English names of regions, sites, tasks and devices, by label column."""
    known = {}
    for column, table in (("region", "regions"), ("site", "sites"), ("task", "tasks"), ("device", "devices")):
        if table in tables and "name_en" in tables[table]:
            known[column] = dict(zip(tables[table][column].astype(str), tables[table]["name_en"], strict=True))
    return known


def explain_infeasible(session: Session, program: LinearProgram, names: dict[str, dict[str, str]]) -> list[str]:
    """Lines of plain words; the conflict search stops after 60 seconds and says so."""
    is_limit = np.concatenate([np.full(len(block), _is_limit(block)) for block in program.constraints.values()])
    rows, columns, irreducible = session.conflict(is_limit, SECONDS)
    lines = []
    if rows:
        limits = [(find_rows(program, row)[0].limit or "", _row(program, row, names)) for row in rows if is_limit[row]]
        bounded = [column for column in columns if np.isfinite(program.matrix().upper[column])]
        limits += [(_column(program, column).split(" (")[0], _column(program, column)) for column in bounded]
        lines.append(
            f"These {len(limits)} limits conflict"
            + (", and would not if any one were dropped:" if irreducible else ":")
        )
        lines += _grouped(limits)
        lines.append("  What stands at each site, and how devices serve, is taken as given.")
        if not irreducible:
            lines.append(
                f"  (a set that conflicts, not known to be the smallest: the search stops after {SECONDS:.0f} s)"
            )
    change = Session(program.matrix()).least_change(is_limit)
    order = np.argsort(-np.abs(change / program.matrix().row_scale))
    places = [int(at) for at in order if abs(change[at]) > 1e-7 * program.matrix().row_scale[at]][:MOST_LINES]
    if places:
        lines.append("The least change that would cure it:")
        lines += [f"  - {_change(program, at, float(change[at]), names)}" for at in places]
    return lines or ["The solver found the limits to conflict, but could not say which."]


def _grouped(limits: list[tuple[str, str]]) -> list[str]:
    """One line each, or where they are many a count by name with its first; demand, which is always there, is last."""
    if len(limits) <= MOST_LINES:
        return [f"  - {words}" for _, words in limits]
    names = sorted({name for name, _ in limits}, key=lambda name: (name == "demand", name))
    lines = []
    for name in names:
        own = [words for other, words in limits if other == name]
        lines.append(f"  - {own[0]}" + (f", and {len(own) - 1} more of '{name}'" if len(own) > 1 else ""))
    return lines


def _is_limit(rows: Constraints) -> bool:
    """Demand and what can be relieved; the other rows are definitions, which no planner can change."""
    return rows.limit == "demand" or (rows.limit is not None and rows.limit not in NOT_FOR_SALE)


def find_rows(program: LinearProgram, row: int) -> tuple[Constraints, int]:
    """Block and position in it of a row of the program."""
    for rows in program.constraints.values():
        if rows.offset <= row < rows.offset + len(rows):
            return rows, row - rows.offset
    raise IndexError(row)


def _row(program: LinearProgram, row: int, names: dict[str, dict[str, str]]) -> str:
    rows, at = find_rows(program, row)
    return f"{limit_in_words(rows, at, names)}: {rows.sense} {rows.right_hand_side[at]:,.6g} {rows.unit}"


def _change(program: LinearProgram, row: int, change: float, names: dict[str, dict[str, str]]) -> str:
    rows, at = find_rows(program, row)
    verb = "raise" if change > 0 else "lower"
    return f"{verb} {limit_in_words(rows, at, names)} by {abs(change):,.4g} {rows.unit}"


def _column(program: LinearProgram, column: int) -> str:
    for block in program.variables.values():
        if block.offset <= column < block.offset + len(block):
            labels = ", ".join(str(value) for value in block.index.iloc[column - block.offset])
            return f"{block.name} ({labels}) at most {program.matrix().upper[column]:,.6g} {block.unit}"
    raise IndexError(column)
