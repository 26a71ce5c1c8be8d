"""Metrics that model modules declare: what a target of the table `policy_targets` may be named after.

`Data.metrics` of a module names them. A stored run is judged without the module where the figure is a column; what a
function works out needs the module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pandas as pd

from eastwest.schema.columns import Column, column_of, plain
from eastwest.schema.results_table import COLUMNS

NAN = float("nan")
VALUE, YEAR, HUB, SITE = "{value}", "{year}", "{hub}", "{site}"
"""Stand in a metric's `setting` for the target's value in the metric's unit, its year, its hubs and its sites."""


class View(NamedTuple):
    """What a figure is worked out from: a planning year of a run, and the sites that a target is of."""

    rows: Mapping[str, pd.DataFrame]
    """quantity -> its rows of the results table that are of the year and of no single slice"""
    tables: Mapping[str, pd.DataFrame]
    """of the scenario"""
    sites: set[str]
    year: int
    settings: Any = None
    """the section of the module that declares the metric"""

    def all(self, quantity: str, **labels: object) -> pd.DataFrame:
        """Rows of a quantity anywhere, with these labels."""
        found = self.rows.get(quantity, _NOTHING)
        for label, value in labels.items():
            found = found[found[label].isin(value if isinstance(value, tuple) else (value,))]
        return found

    def pick(self, quantity: str, **labels: object) -> pd.DataFrame:
        """Those at the sites, and those of the country where the quantity has no site."""
        found = self.all(quantity, **labels)
        return found[found["site"].isin(self.sites | {""})]

    def figure(self, column: Column) -> float:
        """The figure of a column; not a number where there is no row."""
        quantities = (column.quantity,) if isinstance(column.quantity, str) else column.quantity
        parts = [self.pick(quantity, unit=column.rows_unit or column.unit, **column.where) for quantity in quantities]
        values = pd.concat([part["value"] for part in parts]).astype(float) * column.factor
        how = "sum" if column.how == "only" else column.how
        return float(getattr(values, how)()) if len(values) else NAN


_NOTHING = pd.DataFrame(columns=COLUMNS)


@dataclass(frozen=True)
class Metric:
    """A figure that targets are held against, and what would enforce one."""

    words: str
    unit: str
    """the figure's, a unit of the results table"""
    figure: Column | Callable[[View], float] | None
    """None where only a module that is not given can work it out"""
    over: Column | None = None
    """what the figure is a share of"""
    at_most: bool = False
    """whether a target is met from below"""
    by_site: bool = False
    """whether each site of a target is judged by itself"""
    setting: Mapping[str, Any] = field(default_factory=dict)
    """keys of the module's section that enforce a target: `{"cap_w": {SITE: {YEAR: VALUE}}}`; none if empty"""
    not_comparable: str = ""
    """why the figure is shown and not judged"""
    remark: str = ""
    lacks: str = "the run has no such figure"
    """why there is no figure where there is none"""

    def of(self, view: View) -> float:
        """The figure in its unit; not a number where there is none."""
        if self.figure is None:
            return NAN
        found = view.figure(self.figure) if isinstance(self.figure, Column) else self.figure(view)
        if self.over is None:
            return found
        below = view.figure(self.over)
        return found / below if below > 0 else NAN

    def enforcing(self, value: float, year: int, hubs: list[str], sites: list[str]) -> dict[str, Any]:
        """The setting filled with a target's value, year and places."""
        keys: dict[str, list[Any]] = {YEAR: [year], HUB: hubs, SITE: sites}

        def filled(part: Any) -> Any:
            if isinstance(part, Mapping):
                return {key: filled(inner) for name, inner in part.items() for key in keys.get(name, [name])}
            return value if part == VALUE else part

        found: dict[str, Any] = filled(self.setting)
        return found


def written(metric: Metric) -> dict[str, Any]:
    """A metric as JSON bears it; a figure that a function works out is left out."""
    columns = {"figure": metric.figure, "over": metric.over}
    kept = {name: plain(column) if isinstance(column, Column) else None for name, column in columns.items()}
    plainly = {key: value for key, value in metric.__dict__.items() if key not in columns}
    return {**plainly, **kept}


def metric_of(kept: Mapping[str, Any]) -> Metric:
    """The metric that `written` wrote."""
    columns: dict[str, Any] = {name: kept[name] and column_of(kept[name]) for name in ("figure", "over")}
    return Metric(**{**kept, **columns})
