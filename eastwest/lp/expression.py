"""Linear expressions over tables: how a group of variables joins the rows of a constraint.

The one rule: a term joins a group of variables to rows on the columns they share. Where the variables have more columns
they are summed, where the rows have more the variable is broadcast. A coefficient is a number, or a series labelled by
any columns that the variables or the rows carry; the variables' own labels (also under the name before a `rename`) come
first. Joins work on integer codes, never on Python objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eastwest.errors import ModelError, nearest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Coefficient: TypeAlias = "float | pd.Series"
"""A number, or a series labelled by the names of its index."""


Group = TypeVar("Group")


class Groups(dict[str, Group]):
    """Groups of variables or of constraints by name: a name that none has is a ModelError with the nearest one."""

    def __missing__(self, name: str) -> Group:
        raise ModelError(f"no group is called {name!r}{nearest(name, self)}")


class Labels:
    """One integer code per label and column, shared by all tables of a program."""

    def __init__(self) -> None:
        self._known: dict[str, dict[object, int]] = {}

    def encode(self, column: str, values: pd.Index | pd.Series) -> Integers:
        """Codes of `values`; unknown labels get a new code."""
        known = self._known.setdefault(column, {})
        numbers, distinct = pd.factorize(np.asarray(values), use_na_sentinel=False)
        plain = (value if value is pd.NA or value == value else np.nan for value in distinct.tolist())
        own = np.array([known.setdefault(value, len(known)) for value in plain], dtype=np.int64)
        codes: Integers = own[numbers]
        return codes

    def encode_level(self, index: pd.Index, column: str) -> Integers:
        """Codes of one level of the labels of a series."""
        if not isinstance(index, pd.MultiIndex):
            return self.encode(column, index)
        number = index.names.index(column)
        codes: Integers = np.append(self.encode(column, index.levels[number]), -1)[index.codes[number]]
        return codes

    def decode(self, column: str, code: int) -> object:
        return list(self._known[column])[code] if code >= 0 else "(unknown)"

    def size(self, column: str) -> int:
        return len(self._known.get(column, ())) + 1

    def keys(self, codes: Mapping[str, Integers], columns: list[str], length: int) -> Integers:
        """One number per row that stands for the row's labels in `columns`; -1 where a label is unknown."""
        key = np.zeros(length, dtype=np.int64)
        unknown = np.zeros(length, dtype=bool)
        for column in columns:
            key = key * self.size(column) + codes[column]
            unknown |= codes[column] < 0
        key[unknown] = -1
        return key


@dataclass(frozen=True)
class Told:
    """Which rows of the results table tell the values of a group of variables, so that they can be given again.

    The rows of a quantity, with this `item`, or with a `label` of the group under `item`; a full-year evaluation is
    given what is told and decides the rest.
    """

    quantity: str
    item: str = ""
    label: str = ""

    @property
    def by_vintage(self) -> str:
        """The quantity of rows by the calendar year of each vintage; `quantity` adds up those of a planning year."""
        return f"{self.quantity}_by_vintage"


@dataclass(frozen=True, eq=False)
class Variables:
    """A group of variables: a table with one row per variable.

    `index` holds the labels (shape n x columns), `unit` the natural unit of every value, `offset` the position of the
    first variable in the program and `scale` what the solver's own unit is worth in natural units. With `integer` every
    value is a whole number.
    """

    name: str
    index: pd.DataFrame
    unit: str
    offset: int
    lower: Floats
    upper: Floats
    scale: float
    codes: Mapping[str, Integers]
    integer: bool = False
    told: Told | None = None

    def __len__(self) -> int:
        return len(self.index)

    def expression(self) -> Expression:
        return Expression((Term(self),))

    def __mul__(self, coefficient: Coefficient) -> Expression:
        return self.expression() * coefficient

    __rmul__ = __mul__

    def __neg__(self) -> Expression:
        return self.expression() * -1.0

    def __add__(self, other: Variables | Expression) -> Expression:
        return self.expression() + other

    def __sub__(self, other: Variables | Expression) -> Expression:
        return self.expression() - other

    def where(self, **labels: object) -> Expression:
        return self.expression().where(**labels)

    def label(self, **columns: pd.Series) -> Expression:
        return self.expression().label(**columns)

    @property
    def here(self) -> slice:
        """Its place among the variables of the program."""
        return slice(self.offset, self.offset + len(self))


@dataclass(frozen=True, eq=False)
class Term:
    """One group of variables with its coefficients.

    `labels` adds columns that follow from the group's own, `rename` gives a column another name before the join.
    """

    group: Variables
    coefficients: tuple[Coefficient, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, pd.Series] = field(default_factory=dict)
    chosen: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Expression:
    """A sum of terms and labelled constants."""

    terms: tuple[Term, ...] = ()
    constants: tuple[pd.Series, ...] = ()

    def __add__(self, other: Variables | Expression) -> Expression:
        more = other.expression() if isinstance(other, Variables) else other
        return Expression(self.terms + more.terms, self.constants + more.constants)

    def __sub__(self, other: Variables | Expression) -> Expression:
        more = other.expression() if isinstance(other, Variables) else other
        return self + more * -1.0

    def __mul__(self, coefficient: Coefficient) -> Expression:
        if self.constants and not isinstance(coefficient, (int, float)):
            raise ModelError("an expression with constants can only be multiplied by a number")
        terms = tuple(replace(term, coefficients=(*term.coefficients, coefficient)) for term in self.terms)
        return Expression(terms, tuple(constant * coefficient for constant in self.constants))

    __rmul__ = __mul__

    def plus(self, constant: pd.Series) -> Expression:
        """Add constants, labelled by the names of the index of `constant`."""
        return Expression(self.terms, (*self.constants, constant))

    def where(self, **labels: object) -> Expression:
        """Only the variables whose label in a column is one of those given."""
        return Expression(tuple(_choose(term, labels) for term in self.terms), self.constants)

    def rename(self, **names: str) -> Expression:
        """Join a column under another name: `rename(vintage="year")`."""
        return Expression(tuple(replace(term, rename={**term.rename, **names}) for term in self.terms), self.constants)

    def label(self, **columns: pd.Series) -> Expression:
        """Add columns that follow from others: `label(corridor=series by (region, site))`.

        Variables whose labels the series does not know drop out of every join on that column.
        """
        return Expression(
            tuple(replace(term, labels={**term.labels, **columns}) for term in self.terms), self.constants
        )


def _choose(term: Term, labels: Mapping[str, object]) -> Term:
    chosen = np.ones(len(term.group), dtype=bool) if term.chosen is None else term.chosen
    for column, allowed in labels.items():
        values = [allowed] if isinstance(allowed, (str, int, float, bool)) else allowed
        chosen = chosen & term.group.index[column].isin(list(values)).to_numpy()  # type: ignore[call-overload]
    return replace(term, chosen=chosen)


@dataclass(frozen=True, eq=False)
class Joined:
    """Entries of a term in the rows it was joined to: row number, variable number in the program, coefficient."""

    rows: Integers
    variables: Integers
    values: Floats


def join(labels: Labels, term: Term, row_codes: Mapping[str, Integers], length: int, what: str) -> Joined:
    """Join one term to `length` rows that carry `row_codes`; `what` names the rows in errors."""
    codes, positions = _term_codes(labels, term)
    own = {name: array[positions] for name, array in term.group.codes.items()}
    shared = [column for column in codes if column in row_codes]
    variable_keys = labels.keys(codes, shared, len(positions))
    row_keys = labels.keys(row_codes, shared, length)
    rows, found = _matches(row_keys, variable_keys)
    values = np.ones(len(rows))
    for coefficient in term.coefficients:
        if isinstance(coefficient, pd.Series):
            here = {name: array[found] for name, array in {**codes, **own}.items()}
            here |= {name: array[rows] for name, array in row_codes.items() if name not in here}
            values *= look_up(labels, coefficient, here, len(rows), f"{what}, term {term.group.name}")
        else:
            values *= coefficient
    return Joined(rows, term.group.offset + positions[found], values)


def _term_codes(labels: Labels, term: Term) -> tuple[dict[str, Integers], Integers]:
    positions = np.arange(len(term.group), dtype=np.int64)
    if term.chosen is not None:
        positions = positions[term.chosen]
    own = {name: array[positions] for name, array in term.group.codes.items()}
    codes: dict[str, Integers] = {}
    for column, array in own.items():
        name = term.rename.get(column, column)
        codes[name] = array if name == column else labels.encode(name, term.group.index[column])[positions]
    for name, series in term.labels.items():
        at = _find(labels, series, own, len(positions), f"label {name} of {term.group.name}")
        codes[name] = np.where(at < 0, -1, labels.encode(name, pd.Index(series.to_numpy()))[at])
    return codes, positions


def _matches(row_keys: Integers, variable_keys: Integers) -> tuple[Integers, Integers]:
    """All pairs (row, variable) with equal, known keys."""
    order = np.argsort(variable_keys, kind="stable")
    ordered = variable_keys[order]
    first = np.searchsorted(ordered, row_keys, side="left")
    count = np.where(row_keys < 0, 0, np.searchsorted(ordered, row_keys, side="right") - first)
    rows = np.repeat(np.arange(len(row_keys), dtype=np.int64), count)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    return rows, order[np.repeat(first, count) + within]


def look_up(labels: Labels, series: pd.Series, codes: Mapping[str, Integers], length: int, what: str) -> Floats:
    """Values of a labelled series at rows that carry `codes`; a label that the series lacks is an error."""
    at = _find(labels, series, codes, length, what)
    if (at < 0).any():
        first = int(np.flatnonzero(at < 0)[0])
        at_fault = ", ".join(
            f"{name}={labels.decode(str(name), codes[str(name)][first])}" for name in series.index.names
        )
        raise ModelError(f"{what}: no coefficient for {at_fault}")
    values: Floats = series.to_numpy(dtype=float)[at]
    return values


def _find(labels: Labels, series: pd.Series, codes: Mapping[str, Integers], length: int, what: str) -> Integers:
    """Position in `series` of each row that carries `codes`; -1 where the series does not know its labels."""
    names = [str(name) for name in series.index.names]
    for name in names:
        if name not in codes:
            raise ModelError(f"{what}: labelled by {name!r}, which neither the variables nor the rows carry")
    if series.empty:
        return np.full(length, -1, dtype=np.int64)
    levels = {name: labels.encode_level(series.index, name) for name in names}
    own = labels.keys(levels, names, len(series))
    order = np.argsort(own, kind="stable")
    if (np.diff(own[order]) == 0).any():
        raise ModelError(f"{what}: two values for one label ({', '.join(names)})")
    wanted = labels.keys(codes, names, length)
    at = np.clip(np.searchsorted(own[order], wanted), 0, len(own) - 1)
    return np.where((own[order][at] == wanted) & (wanted >= 0), order[at], -1)
