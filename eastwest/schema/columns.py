"""What a column of figures is made of: rows of the results table, two other columns, or an input.

Datasets of reports, sections and metrics that model modules declare say their figures with these. `PLAIN` ones can be
written down and read back, so that a stored run needs no module to show what its modules declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

Where = Mapping[str, Any]
"""Label -> the value that rows must have, or a tuple of those that they may have."""

HOWS = ("sum", "max", "min", "only")


@dataclass(frozen=True)
class Column:
    """Figures gathered from rows of one quantity, in their unit."""

    title: str
    """English, a key of the catalogue of translations"""
    quantity: str | tuple[str, ...]
    """one, or those that the label `quantity` of the dataset tells apart"""
    unit: str
    """empty where the label `unit` of the dataset says it row by row"""
    where: Where = field(default_factory=dict)
    how: str = "sum"
    """sum, max, min; only = there is one row at most"""
    by: tuple[str, ...] | None = None
    """labels by which the rows are told apart where they have fewer than the dataset; None = all of the dataset's"""
    fill: float | None = None
    """the figure where there is no row; None leaves a gap"""
    factor: float = 1.0
    """what rows are multiplied by: a sign, or a step that a planner would ask for"""
    rows_unit: str = ""
    """unit of the rows, where it is not that of the column"""


@dataclass(frozen=True)
class Ratio:
    """One column over another, a gap where that is zero."""

    title: str
    above: str
    below: str
    unit: str = "1"


@dataclass(frozen=True)
class Difference:
    """One column less another of the same unit, a gap where either has one; `relative`: as a share of the other."""

    title: str
    of: str
    less: str
    unit: str
    relative: bool = False


@dataclass(frozen=True)
class Computed:
    """Figures made of `sources` by more than sums; `rule` says how, in English."""

    title: str
    unit: str
    rule: str
    sources: tuple[Column, ...] = ()


@dataclass(frozen=True)
class Quantile:
    """Smallest figure of a quantity up to which `share` of the weight lies, weights being rows of another quantity.

    Rows of both are matched on region, task, site and year.
    """

    title: str
    quantity: str
    weight: str
    share: float
    unit: str
    where: Where = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """An input, not a result: a column of one of the scenario's tables, looked up by one label."""

    title: str
    table: str
    column: str
    label: str
    unit: str


AnyColumn = Column | Ratio | Difference | Quantile | Given | Computed

PLAIN = {kind.__name__: kind for kind in (Column, Ratio, Difference)}


def plain(column: AnyColumn) -> dict[str, Any]:
    """A column as JSON bears it."""
    return {"is": type(column).__name__, **asdict(column)}


def column_of(written: Mapping[str, Any]) -> AnyColumn:
    """The column that `plain` wrote; ValueError, KeyError or TypeError where it is none."""
    given = dict(written)
    kind = PLAIN[given.pop("is")]
    if kind is Column:
        given["where"] = {label: tuple(value) if isinstance(value, list) else value
                          for label, value in given["where"].items()}  # fmt: skip
        for name in ("quantity", "by"):
            given[name] = tuple(given[name]) if isinstance(given[name], list) else given[name]
    made: AnyColumn = kind(**given)
    return made
