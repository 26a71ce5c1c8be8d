"""Why there is no plan: an irreducible set of limits that conflict, and the least change that would cure it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from eastwest.lp.highs import Session
from eastwest.lp.program import Constraints, LinearProgram

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
    is_limit = np.concatenate([np.full(len(rows), rows.kind != "definition") for rows in program.constraints.values()])
    rows, columns, irreducible = session.conflict(is_limit, SECONDS)
    lines = []
    if rows:
        limits = [_named(program, row, names) for row in rows if is_limit[row]]
        bounded = [column for column in columns if np.isfinite(program.matrix().upper[column])]
        limits += [_bound(program, column) for column in bounded]
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


@dataclass(frozen=True)
class _Named:
    """A limit of the conflict: what it is called, itself in words, and whether it is what the plan is asked for."""

    name: str
    words: str
    asked: bool = False


def _grouped(limits: list[_Named]) -> list[str]:
    """One line each, or where they are many a count by name with its first; demand, which is always there, is last."""
    if len(limits) <= MOST_LINES:
        return [f"  - {limit.words}" for limit in limits]
    lines = []
    for asked, name in sorted({(limit.asked, limit.name) for limit in limits}):
        own = [limit.words for limit in limits if (limit.asked, limit.name) == (asked, name)]
        lines.append(f"  - {own[0]}" + (f", and {len(own) - 1} more of '{name}'" if len(own) > 1 else ""))
    return lines


def find_rows(program: LinearProgram, row: int) -> tuple[Constraints, int]:
    """Group and position in it of a row of the program."""
    for rows in program.constraints.values():
        if rows.offset <= row < rows.offset + len(rows):
            return rows, row - rows.offset
    raise IndexError(row)


def _named(program: LinearProgram, row: int, names: dict[str, dict[str, str]]) -> _Named:
    rows, at = find_rows(program, row)
    words = f"{limit_in_words(rows, at, names)}: {rows.sense} {rows.right_hand_side[at]:,.6g} {rows.unit}"
    return _Named(rows.limit or "", words, rows.kind == "demand")


def _change(program: LinearProgram, row: int, change: float, names: dict[str, dict[str, str]]) -> str:
    rows, at = find_rows(program, row)
    verb = "raise" if change > 0 else "lower"
    return f"{verb} {limit_in_words(rows, at, names)} by {abs(change):,.4g} {rows.unit}"


def _bound(program: LinearProgram, column: int) -> _Named:
    """The upper bound of a variable as a limit."""
    for group in program.variables.values():
        if group.offset <= column < group.offset + len(group):
            labels = ", ".join(str(value) for value in group.index.iloc[column - group.offset])
            most = f"at most {program.matrix().upper[column]:,.6g} {group.unit}"
            return _Named(group.name, f"{group.name} ({labels}) {most}")
    raise IndexError(column)
