"""The model's figures beside published ones (table `published`), where both exist.

electricity = sum of rows `electricity`; mean load = electricity / 8,760 h; PUE = electricity / it_electricity; halls
and grid connection = sums of rows `capacity`; installed peak = sum of rows `installed_peak` of intelligent compute;
each over the sites of the place: a site, those of a hub or a region, or all for `national`. Other metrics are left out.

A published figure of a planning year, forecasts included, stands beside the model's figure of that year; an older one,
the last there is, beside the next planning year. What is published of a time after the last planning year is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.console import RenderableType

from eastwest.formatting.words import Names, figure, plain
from eastwest.report.terminal.byyear import years_of
from eastwest.report.terminal.layout import grid, heading, paragraph
from eastwest.results.figures import figure_of, sites_of

if TYPE_CHECKING:
    from eastwest.results.result import Result

UNITS = {
    "mwh": (1.0, "MWh"), "gwh": (1e3, "GWh"), "twh": (1e6, "TWh"), "mw": (1.0, "MW"), "gw": (1e3, "GW"),
    "ratio": (1.0, ""), "1": (1.0, ""), "-": (1.0, ""), "pflop/s": (1.0, "PFLOP/s"),
}  # fmt: skip
"""How many of the model's units a published unit has, and how it is written."""

METRICS = {
    "electricity": "electricity",
    "electricity_forecast": "electricity (forecast)",
    "electricity_metered": "electricity (metered case)",
    "average_load": "mean load",
    "mean_load": "mean load",
    "mean_load_metered": "mean load (metered case)",
    "power_demand": "mean load (power demand)",
    "power_demand_forecast": "mean load (power demand, forecast)",
    "mean_it_load": "mean IT load",
    "pue": "PUE",
    "hall_it": "halls",
    "installed_capacity": "halls (installed capacity)",
    "installed_capacity_forecast": "halls (installed capacity, forecast)",
    "grid_connection": "grid connection",
    "ai_compute": "installed peak (intelligent)",
}
"""Metrics that the model has a figure for; leading `claim_`, `dc_` and trailing `_twh`, ... are not looked at."""

AT_SITES = ("mean load",)
"""Figures that are shown for single places too; the others only for the country."""


def published(result: Result, names: Names) -> Iterator[RenderableType]:
    """One line for each published figure that the model has one for.

    Metro sites are shown only where the published figure is of a planning year: they are many.
    """
    table = result.scenario.tables.get("published")
    years = years_of(result)
    if table is None or table.empty or not years:
        return
    chosen = _chosen(table, years)
    metros = set(result.scenario.tables["sites"].query("kind == 'metro'")["site"])
    near = ~chosen["place"].isin(metros) | (chosen["published_year"] == chosen["model_year"])
    by_year = dict(tuple(result.table.groupby("year")))
    several = len(years) > 1
    lines = [
        line
        for row in chosen[near].to_dict(orient="records")
        for line in _line(result, by_year[row["model_year"]], row, names, with_year=several)
    ]
    if not lines:
        return
    yield heading("Modelled beside published")
    if several:
        yield paragraph(
            "A published figure of a planning year, forecasts included, stands beside that year; an older one, the "
            f"last there is, beside {years[0]} or the next planning year: see model year and period."
        )
    else:
        yield paragraph(f"Modelled: {years[0]}. Published: the last figure up to then, see period.")
    year = ["model\nyear"] if several else []
    view = grid(["figure", "place", "period", *year, "unit", "model", "published", "ratio"], left=4 + len(year))
    for line in lines:
        view.add_row(*line)
    yield view


def _chosen(table: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """One row per figure, place and planning year beside which it stands, with title, its own year and that year."""
    of = pd.to_numeric(table["period"].map(lambda period: str(period)[:4]), errors="coerce")
    model = of.map(lambda year: next((own for own in years if own >= year), 0))
    titles = [_title(str(metric), str(place)) for metric, place in zip(table["metric"], table["place"], strict=True)]
    rows = table.assign(title=titles, published_year=of, model_year=model)
    rows = rows[(rows["title"] != "") & (rows["model_year"] > 0) & ~_spans(rows["period"])]
    rows = rows.sort_values("period", key=lambda period: period.map(str), kind="stable")
    last = rows.drop_duplicates(["title", "place", "model_year"], keep="last").sort_index()
    return last.sort_values("model_year", kind="stable")


def _spans(period: pd.Series) -> pd.Series:
    """Whether a period is several years, as 2026-2030: no figure of a year stands beside it."""
    return period.map(lambda text: len(str(text).partition("-")[2]) == 4)


def _title(metric: str, place: str) -> str:
    """The words of a metric, or nothing where the model has no figure for it at such a place; claims of the country."""
    if place == "national":
        metric = metric.removeprefix("claim_")
    metric = metric.removeprefix("dc_")
    for unit in ("twh", "gwh", "mwh", "gw", "mw", "pflops"):
        metric = metric.removesuffix(f"_{unit}")
    title = METRICS.get(metric, "")
    return title if place == "national" or title in AT_SITES else ""


def _line(
    result: Result, table: pd.DataFrame, row: dict[str, Any], names: Names, *, with_year: bool
) -> list[list[str]]:
    """The cells of one published figure, or nothing where the model has none."""
    unit, place, title = str(row["unit"]), str(row["place"]), str(row["title"])
    known_unit, sites = UNITS.get(unit.lower().split(" ")[0]), sites_of(result.scenario.tables, place)
    if known_unit is None or not sites:
        return []
    factor, shown = known_unit
    model, known = figure_of(table, title.split(" (")[0], sites) / factor, float(row["value"])
    if model != model:
        return []
    level = next((level for level in ("site", "hub", "region") if (level, place) in names.english), "site")
    ratio = figure(model / known) if known else ""
    year = [str(row["model_year"])] if with_year else []
    cells = [title, names.short(level, place), row["period"], *year, shown]
    return [[*[plain(cell) for cell in cells], figure(model), figure(known), ratio]]
