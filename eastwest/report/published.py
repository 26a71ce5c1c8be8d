"""The model's figures beside published ones (table `published`), where both exist.

electricity = sum of rows `electricity`; mean load = electricity / 8,760 h; PUE = electricity / it_electricity; halls
and grid connection = sums of rows `capacity`; each over the sites of the place: a site, those of a hub or a region, or
all for `national`. Other metrics are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import RenderableType

from eastwest.report.layout import grid, heading, paragraph
from eastwest.report.words import Names, figure, plain

if TYPE_CHECKING:
    from eastwest.result import Result

HOURS_PER_YEAR = 8760
UNITS = {"mwh": 1.0, "gwh": 1e3, "twh": 1e6, "mw": 1.0, "gw": 1e3, "ratio": 1.0, "1": 1.0, "-": 1.0, "pflop/s": 1.0}
METRICS = {
    "electricity": "electricity",
    "electricity_metered": "electricity (metered case)",
    "average_load": "mean load",
    "mean_load": "mean load",
    "mean_load_metered": "mean load (metered case)",
    "mean_it_load": "mean IT load",
    "pue": "PUE",
    "hall_it": "halls",
    "grid_connection": "grid connection",
}
"""Metrics that the model has a figure for; a leading `dc_` or trailing `_twh`, `_gw`, ... is not looked at."""

AT_SITES = ("mean load",)
"""Figures that are shown for single places too; the others only for the country."""


def published(result: Result, names: Names) -> Iterator[RenderableType]:
    """One line for each published figure that the model has one for: the last that is not a forecast.

    Metro sites are shown only where the published figure is of the modelled year: they are many.
    """
    table = result.scenario.tables.get("published")
    years = sorted(set(result.table["year"]) - {0})
    if table is None or table.empty or not years:
        return
    past = table[table["period"].map(lambda period: str(period)[:4] <= str(years[-1]))]
    last = past.sort_values("period", kind="stable").drop_duplicates(["metric", "place"], keep="last").sort_index()
    metros = set(result.scenario.tables["sites"].query("kind == 'metro'")["site"])
    near = ~last["place"].isin(metros) | last["period"].map(lambda period: str(period)[:4] == str(years[0]))
    lines = [line for row in last[near].to_dict(orient="records") for line in _line(result, row, names)]
    if not lines:
        return
    yield heading("Modelled beside published")
    yield paragraph(f"Modelled: {', '.join(map(str, years))}. Published: the last figure up to then, see period.")
    view = grid(["figure", "place", "period", "unit", "model", "published", "ratio"], left=4)
    for line in lines:
        view.add_row(*line)
    yield view


def _line(result: Result, row: dict[str, Any], names: Names) -> list[list[str]]:
    """The cells of one published figure, or nothing where the model has none."""
    metric = str(row["metric"]).removeprefix("dc_")
    for unit in ("twh", "gwh", "mwh", "gw", "mw"):
        metric = metric.removesuffix(f"_{unit}")
    unit, place = str(row["unit"]), str(row["place"])
    factor, title = UNITS.get(unit.lower().split(" ")[0]), METRICS.get(metric, "")
    sites = _sites(result, place)
    if factor is None or not sites or not title or (place != "national" and title not in AT_SITES):
        return []
    model, known = _modelled(result.table, title.split(" (")[0], sites) / factor, float(row["value"])
    if model != model:
        return []
    level = next((level for level in ("site", "hub", "region") if (level, place) in names.english), "site")
    ratio = figure(model / known) if known else ""
    cells = [title, names.full(level, place), row["period"], "" if unit in ("1", "-") else unit]
    return [[*[plain(cell) for cell in cells], figure(model), figure(known), ratio]]


def _sites(result: Result, place: str) -> set[str]:
    sites = result.scenario.tables["sites"]
    if place == "national":
        return set(sites["site"])
    for column in ("site", "hub", "region"):
        if column in sites and (sites[column] == place).any():
            return set(sites.loc[sites[column] == place, "site"])
    return set()


def _modelled(table: pd.DataFrame, metric: str, sites: set[str]) -> float:
    """The model's figure in MWh, MW or 1; not a number where it has none."""
    rows = table[table["site"].isin(sites) & (table["slice"] == "")]
    facility = rows.loc[rows["quantity"] == "electricity", "value"].sum()
    it = rows.loc[rows["quantity"] == "it_electricity", "value"].sum()
    if it <= 0:
        return float("nan")
    capacity = rows[rows["quantity"] == "capacity"].groupby("item")["value"].sum()
    figures = {
        "electricity": facility,
        "mean load": facility / HOURS_PER_YEAR,
        "mean IT load": it / HOURS_PER_YEAR,
        "PUE": facility / it,
        "halls": capacity.get("hall_dense", 0.0) + capacity.get("hall_standard", 0.0),
        "grid connection": capacity.get("grid", float("nan")),
    }
    return float(figures[metric])
