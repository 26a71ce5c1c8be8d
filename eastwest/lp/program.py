"""A linear program kept as tables: groups of variables, groups of constraints, and one objective made of named items.

minimise c x  subject to  row_lower <= A x <= row_upper,  lower <= x <= upper; all in natural units. Groups of variables
may be integer: the program is then a mixed-integer one until `fix_integers` sets them to the values that were found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from eastwest.errors import ModelError
from eastwest.lp.declaration import Declaration, Kind
from eastwest.lp.expression import (
    Coefficient,
    Expression,
    Floats,
    Groups,
    Integers,
    Joined,
    Labels,
    Told,
    Variables,
    join,
    look_up,
)

Sense = Literal["<=", ">=", "=="]


@dataclass(frozen=True, eq=False)
class Constraints:
    """A group of constraints: a table with one row per constraint, and what it says of itself."""

    name: str
    index: pd.DataFrame
    unit: str
    offset: int
    sense: Sense
    right_hand_side: Floats
    scale: float
    declared: Declaration

    def __len__(self) -> int:
        return len(self.index)

    @property
    def kind(self) -> Kind:
        return self.declared.kind

    @property
    def limit(self) -> str | None:
        """Its name in words for reports; definitions may have none."""
        return self.declared.limit

    @property
    def here(self) -> slice:
        """Its place among the constraints of the program."""
        return slice(self.offset, self.offset + len(self))

    @property
    def places(self) -> Integers:
        """The same as numbers."""
        return np.arange(self.offset, self.offset + len(self))


@dataclass(frozen=True, eq=False)
class Matrix:
    """The program as arrays in natural units: A by rows (start, index, value), bounds, costs, numbers of integers."""

    start: Integers
    index: Integers
    value: Floats
    row_lower: Floats
    row_upper: Floats
    lower: Floats
    upper: Floats
    cost: Floats
    row_scale: Floats
    column_scale: Floats
    integer: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def times(self, x: Floats) -> Floats:
        """A x."""
        return _summed(self.row_of_entry(), self.value * x[self.index], len(self.row_lower))

    def transposed_times(self, y: Floats) -> Floats:
        """A' y."""
        return _summed(self.index, self.value * y[self.row_of_entry()], len(self.lower))

    def row_of_entry(self) -> Integers:
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.start))


class LinearProgram:
    """Variables and constraints as labelled tables. Names are unique; an empty or loose row is an error."""

    def __init__(self) -> None:
        self.labels = Labels()
        self.variables = Groups[Variables]()
        self.constraints = Groups[Constraints]()
        self.items: dict[str, list[Joined]] = {}
        self._entries: list[Joined] = []
        self._columns = self._count = 0
        self._matrix: Matrix | None = None

    def add_variables(
        self,
        name: str,
        index: pd.DataFrame,
        *,
        unit: str,
        lower: Coefficient = 0.0,
        upper: Coefficient = np.inf,
        scale: float = 1.0,
        integer: bool = False,
        told: Told | None = None,
    ) -> Variables:
        """A group with one variable per row of `index`; bounds are numbers or series labelled by its columns.

        `integer` makes them whole numbers, which keep their natural unit (scale 1).
        """
        if name in self.variables:
            raise ModelError(f"two groups of variables are called {name!r}")
        if integer and scale != 1:
            raise ModelError(f"variables {name}: whole numbers cannot be scaled")
        table = index.reset_index(drop=True)
        codes = self._codes(table, f"variables {name}")
        low, high = (self._constant(bound, codes, len(table), f"bound of {name}") for bound in (lower, upper))
        group = Variables(name, table, unit, self._columns, low, high, scale, codes, integer, told)
        self.variables[name] = group
        self._columns += len(table)
        self._matrix = None
        return group

    def add_constraints(
        self,
        name: str,
        over: pd.DataFrame,
        left: Expression,
        sense: Sense,
        right: Coefficient | Expression = 0.0,
        *,
        unit: str,
        kind: Kind,
        scale: float = 1.0,
        may_be_empty: bool = False,
        **declared: Any,
    ) -> Constraints:
        """One constraint per row of `over`: left (sense) right, both joined on the columns they share with `over`.

        `declared` is what the group says of itself beside its kind, see `Declaration`.
        """
        if name in self.constraints:
            raise ModelError(f"two groups of constraints are called {name!r}")
        declaration = Declaration(kind, **declared)
        declaration.check(name)
        self._refuse_other_meaning(name, declaration)
        index = over.reset_index(drop=True)
        if index.empty and not may_be_empty:
            raise ModelError(f"constraints {name}: the group is empty, so the limit would silently be missing")
        codes = self._codes(index, f"constraints {name}")
        constant = right if isinstance(right, (int, float, pd.Series)) else 0.0
        everything = left - right if isinstance(right, Expression) else left
        side = self._constant(constant, codes, len(index), f"right-hand side of {name}").copy()
        for series in everything.constants:
            side -= look_up(self.labels, series, codes, len(index), f"constant of {name}")
        joined = [join(self.labels, term, codes, len(index), f"constraints {name}") for term in everything.terms]
        self._refuse_loose_rows(name, index, joined)
        rows = Constraints(name, index, unit, self._count, sense, side, scale, declaration)
        self._entries += [Joined(entry.rows + self._count, entry.variables, entry.values) for entry in joined]
        self.constraints[name] = rows
        self._count += len(index)
        self._matrix = None
        return rows

    def _codes(self, table: pd.DataFrame, what: str) -> dict[str, Integers]:
        """Codes of the labels by column; no two rows may have the same."""
        codes = {str(column): self.labels.encode(str(column), table[column]) for column in table.columns}
        keys = np.sort(self.labels.keys(codes, list(codes), len(table)))
        if (keys[1:] == keys[:-1]).any():
            raise ModelError(f"{what}: labels occur twice")
        return codes

    def _refuse_other_meaning(self, name: str, declared: Declaration) -> None:
        """Groups that share their words are told and relieved together: they mean the same."""
        for other in self.constraints.values():
            both = other.declared.meaning, declared.meaning
            if declared.limit and other.limit == declared.limit and both[0] != both[1]:
                raise ModelError(f"constraints {name} and {other.name} are both '{declared.limit}', but {both}")

    def _refuse_loose_rows(self, name: str, index: pd.DataFrame, joined: list[Joined]) -> None:
        held = np.zeros(len(index), dtype=bool)
        for entry in joined:
            held[entry.rows] = True
        if not held.all():
            first = index.iloc[int(np.flatnonzero(~held)[0])].to_dict()
            raise ModelError(
                f"constraints {name}: no variable joins {int((~held).sum())} of {len(index)} rows, first {first}"
            )

    def charge(self, item: str, expression: Expression) -> None:
        """Add to the objective [million CNY] under a name; coefficients must be labelled by the variables alone."""
        if expression.constants:
            raise ModelError(f"cost {item}: an objective has no constants")
        for term in expression.terms:
            entry = join(self.labels, term, {}, 1, f"cost {item}")
            self.items.setdefault(item, []).append(entry)
        self._matrix = None

    def _constant(self, value: Coefficient, codes: Mapping[str, Integers], length: int, what: str) -> Floats:
        if isinstance(value, pd.Series):
            return look_up(self.labels, value, codes, length, what)
        return np.full(length, float(value))

    @property
    def shape(self) -> tuple[int, int]:
        """Constraints, variables."""
        return self._count, self._columns

    def matrix(self) -> Matrix:
        """The program as arrays, built once; entries that meet in one place are summed, zeros dropped."""
        if self._matrix is None:
            rows = np.concatenate([entry.rows for entry in self._entries] or [np.zeros(0, np.int64)])
            columns = np.concatenate([entry.variables for entry in self._entries] or [np.zeros(0, np.int64)])
            values = np.concatenate([entry.values for entry in self._entries] or [np.zeros(0)])
            key = rows * max(self._columns, 1) + columns
            order = np.argsort(key, kind="stable")
            place, first = np.unique(key[order], return_index=True)
            total = np.add.reduceat(values[order], first) if len(first) else np.zeros(0)
            place, total = place[total != 0], total[total != 0]
            start = np.zeros(self._count + 1, dtype=np.int64)
            np.cumsum(np.bincount(place // max(self._columns, 1), minlength=self._count), out=start[1:])
            self._matrix = Matrix(
                start, place % max(self._columns, 1), total, *self._bounds(), *self._scales(), self._integer_columns()
            )
        return self._matrix

    def loosen_fixed_rows(self, tolerance: float = 1e-6) -> None:
        """Rows that hold fixed variables alone take their own activity as bound, where they miss it by rounding only.

        `tolerance` is relative to the sum of the absolute entries times values of the row.
        """
        matrix = self.matrix()
        fixed = matrix.lower == matrix.upper
        value = np.where(fixed, matrix.lower, 0.0)
        row, count = matrix.row_of_entry(), len(matrix.row_lower)
        held = np.bincount(row, ~fixed[matrix.index], minlength=count) == 0
        activity = matrix.times(value)
        size = np.bincount(row, np.abs(matrix.value * value[matrix.index]), minlength=count)
        near = held & (np.maximum(matrix.row_lower - activity, activity - matrix.row_upper) <= tolerance * (1 + size))
        lower = np.where(near, np.minimum(matrix.row_lower, activity), matrix.row_lower)
        upper = np.where(near, np.maximum(matrix.row_upper, activity), matrix.row_upper)
        self._matrix = replace(matrix, row_lower=lower, row_upper=upper)

    def fix_integers(self, x: Floats) -> None:
        """Set every whole variable to its value in `x`, rounded: from here on the program is a linear one."""
        matrix = self.matrix()
        lower, upper = matrix.lower.copy(), matrix.upper.copy()
        lower[matrix.integer] = upper[matrix.integer] = np.round(x[matrix.integer])
        self._matrix = replace(matrix, lower=lower, upper=upper, integer=matrix.integer[:0])

    def _integer_columns(self) -> Integers:
        parts = [
            np.arange(group.offset, group.offset + len(group)) for group in self.variables.values() if group.integer
        ]
        return np.concatenate([*parts, np.zeros(0, np.int64)])

    def _bounds(self) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        sides = [(rows.sense, rows.right_hand_side) for rows in self.constraints.values()]
        low = [np.full(len(side), -np.inf) if sense == "<=" else side for sense, side in sides]
        high = [np.full(len(side), np.inf) if sense == ">=" else side for sense, side in sides]
        groups = list(self.variables.values())
        empty = np.zeros(0)
        return (
            np.concatenate([*low, empty]),
            np.concatenate([*high, empty]),
            np.concatenate([*(group.lower for group in groups), empty]),
            np.concatenate([*(group.upper for group in groups), empty]),
            sum((self.item_cost(item) for item in self.items), np.zeros(self._columns)),
        )

    def _scales(self) -> tuple[Floats, Floats]:
        rows = [np.full(len(rows), rows.scale) for rows in self.constraints.values()]
        columns = [np.full(len(group), group.scale) for group in self.variables.values()]
        return np.concatenate([*rows, np.zeros(0)]), np.concatenate([*columns, np.zeros(0)])

    def item_cost(self, item: str) -> Floats:
        """Cost of one item per variable [million CNY per natural unit], shape (variables,)."""
        total = np.zeros(self._columns)
        for entry in self.items[item]:
            np.add.at(total, entry.variables, entry.values)
        return total

    def value(self, expression: Expression, over: pd.DataFrame, x: Floats) -> pd.Series:
        """The expression's value at each row of `over` for the solution `x`, indexed like `over`."""
        codes = {str(column): self.labels.encode(str(column), over[column]) for column in over.columns}
        total = np.zeros(len(over))
        for term in expression.terms:
            entry = join(self.labels, term, codes, len(over), "value of an expression")
            total += np.bincount(entry.rows, entry.values * x[entry.variables], minlength=len(over))
        for series in expression.constants:
            total += look_up(self.labels, series, codes, len(over), "value of an expression")
        return pd.Series(total, index=over.index)

    def variable_names(self) -> list[str]:
        """Readable names, in order: `serve[110000,chat,guian,2027]`."""
        return [name for group in self.variables.values() for name in _names(group.name, group.index)]

    def constraint_names(self) -> list[str]:
        return [name for rows in self.constraints.values() for name in _names(rows.name, rows.index)]

    def text(self) -> Iterator[str]:
        """The program in words, line by line: objective, rows by block, bounds. For reading and for golden tests."""
        matrix, names = self.matrix(), self.variable_names()
        yield "minimise [million CNY]"
        yield "  " + _sum(matrix.cost[matrix.cost != 0], [names[i] for i in np.flatnonzero(matrix.cost)])
        for rows in self.constraints.values():
            yield f"{rows.name} [{rows.unit}]"
            for number, name in enumerate(_names(rows.name, rows.index)):
                part = slice(matrix.start[rows.offset + number], matrix.start[rows.offset + number + 1])
                left = _sum(matrix.value[part], [names[i] for i in matrix.index[part]])
                yield f"  {name}: {left} {rows.sense} {rows.right_hand_side[number]:.9g}"
        yield "bounds"
        integers = set(matrix.integer.tolist())
        for number, (name, low, high) in enumerate(zip(names, matrix.lower, matrix.upper, strict=True)):
            if low != 0 or high != np.inf or number in integers:
                yield f"  {low:.9g} <= {name} <= {high:.9g}" + ", a whole number" * (number in integers)


def _summed(places: Integers, values: Floats, length: int) -> Floats:
    return np.bincount(places, values, minlength=length).astype(np.float64)


def _names(group: str, index: pd.DataFrame) -> list[str]:
    if not len(index.columns):
        return [group] * len(index)
    joined = index.iloc[:, 0].astype(str)
    for column in index.columns[1:]:
        joined = joined + "," + index[column].astype(str)
    names: list[str] = (group + "[" + joined + "]").tolist()
    return names


def _sum(values: Floats, names: list[str]) -> str:
    return " ".join(f"{value:+.9g} {name}" for value, name in zip(values, names, strict=True)) or "0"
