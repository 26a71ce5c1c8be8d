"""A program with some of its variables fixed, taken apart: what stays free at one site, or in one year, is a program of
its own.

Fixed variables move to the right-hand sides, rows without a free variable fall away. That is exact: a row that holds
free variables of two parts is an error.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from eastwest.errors import ModelError
from eastwest.lp.expression import Floats, Integers
from eastwest.lp.program import LinearProgram, Matrix


def fixed_values(matrix: Matrix) -> Floats:
    """Values of the fixed variables, zero for the others."""
    return np.where(matrix.lower == matrix.upper, matrix.lower, 0.0)


def part_of_columns(program: LinearProgram, label: str) -> np.ndarray:
    """Site (or year) of every variable as text; empty for a group without the label."""
    parts = [
        group.index[label].astype(str).to_numpy(object) if label in group.index else np.full(len(group), "", object)
        for group in program.variables.values()
    ]
    return np.concatenate(parts)


def pieces(
    program: LinearProgram, label: str = "site", matrix: Matrix | None = None
) -> Iterator[tuple[str, Matrix, Integers]]:
    """Each part of the program by a label: its name, matrix, and the numbers of its variables.

    `matrix` stands for the program's own, with other bounds or costs.
    """
    matrix = program.matrix() if matrix is None else matrix
    free = matrix.lower < matrix.upper
    activity = matrix.times(fixed_values(matrix))
    names, of_column = np.unique(part_of_columns(program, label).astype(str), return_inverse=True)
    entry_row = matrix.row_of_entry()
    kept = np.flatnonzero(free[matrix.index])
    row, column = entry_row[kept], matrix.index[kept]
    part_of_row = np.full(len(matrix.row_lower), -1)
    part_of_row[row] = of_column[column]
    if (part_of_row[row] != of_column[column]).any():
        raise ModelError("a row holds free variables of two parts: the program does not fall apart")
    for number, name in enumerate(names):
        columns = np.flatnonzero(free & (of_column == number))
        rows = np.flatnonzero(part_of_row == number)
        if not len(columns):
            continue
        mine = kept[of_column[column] == number]
        start = np.concatenate([[0], np.cumsum(np.bincount(entry_row[mine], minlength=len(activity))[rows])])
        place = np.zeros(len(free), dtype=np.int64)
        place[columns] = np.arange(len(columns))
        yield str(name), Matrix(
            start.astype(np.int64), place[matrix.index[mine]], matrix.value[mine],
            matrix.row_lower[rows] - activity[rows], matrix.row_upper[rows] - activity[rows],
            matrix.lower[columns], matrix.upper[columns], matrix.cost[columns],
            matrix.row_scale[rows], matrix.column_scale[columns],
        ), columns  # fmt: skip


def fingerprint(matrix: Matrix) -> str:
    """The same for programs that are the same number by number."""
    digest = hashlib.sha256()
    for array in (matrix.start, matrix.index, matrix.value, matrix.row_lower, matrix.row_upper, matrix.lower,
                  matrix.upper, matrix.cost):  # fmt: skip
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
