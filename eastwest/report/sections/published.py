"""The model's figures beside published ones (table `published`), where both exist.

electricity = sum of rows `electricity`; mean load = electricity / 8,760 h; PUE = electricity / it_electricity; halls
and grid connection = sums of rows `capacity`; installed peak = sum of rows `installed_peak` of intelligent compute;
each over the sites of the place: a site, those of a hub or a region, or all for `national`. Other metrics are left out.

A published figure of a planning year, forecasts included, stands beside the model's figure of that year; an older one,
the last there is, beside the next planning year. What is published of a time after the last planning year is left out.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from eastwest.formatting.words import figure
from eastwest.report.cells import clip, named
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Open, Page, Section, heads
from eastwest.results.figures import QUANTITIES, figure_of, sites_of
from eastwest.schema.units import PUBLISHED

METRICS = {
    "electricity": ("electricity", ""),
    "electricity_forecast": ("electricity", "forecast"),
    "electricity_metered": ("electricity", "metered case"),
    "average_load": ("mean load", ""),
    "mean_load": ("mean load", ""),
    "mean_load_metered": ("mean load", "metered case"),
    "power_demand": ("mean load", "power demand"),
    "power_demand_forecast": ("mean load", "power demand, forecast"),
    "mean_it_load": ("mean IT load", ""),
    "pue": ("PUE", ""),
    "hall_it": ("halls", ""),
    "installed_capacity": ("halls", "installed capacity"),
    "installed_capacity_forecast": ("halls", "installed capacity, forecast"),
    "grid_connection": ("grid connection", ""),
    "ai_compute": ("installed peak", "intelligent"),
}
"""Metric -> the model's figure (see `results.figures.figure_of`) and what the published one is of; leading `claim_`,
`dc_` and trailing `_twh`, ... are not looked at."""

AT_SITES = (("mean load", ""),)
"""Figures that are shown for single places too; the others only for the country."""


def section(page: Page) -> Section | None:
    """One line for each published figure that the model has one for.

    Metro sites are shown only where the published figure is of a planning year: they are many.
    """
    subject, say = page.subject, page.subject.say
    table = subject.scenario.tables.get("published")
    if table is None or table.empty or not subject.years:
        return None
    chosen = _chosen(table, subject.years)
    sites = subject.scenario.tables["sites"]
    metros = set(sites.loc[sites["kind"] == "metro", "site"])
    near = ~chosen["place"].isin(metros) | (chosen["published_year"] == chosen["model_year"])
    known = subject.table[subject.table["quantity"].isin(QUANTITIES)]
    by_year = {year: known[known["year"] == year] for year in subject.years}
    rows = [
        line
        for row in chosen[near].to_dict(orient="records")
        for line in _line(subject, by_year[row["model_year"]], {str(key): cell for key, cell in row.items()})
    ]
    if not rows:
        return None
    texts = [say("Figure"), say("Place"), say("Period"), say("Year of the run"), say("Unit")]
    block = Open("", heads(texts, [say("Run"), say("Published"), say("Ratio")]), rows, closed=True)
    note = say(
        "A published figure of a planning year, forecasts included, stands beside that year; an older one, the last "
        "there is, beside {year} or the next planning year.", year=subject.years[0],
    )  # fmt: skip
    return Section("published", say("Modelled beside published"), (note,), opens=(block,))


def _chosen(table: pd.DataFrame, years: list[int]) -> pd.DataFrame:
    """One row per figure, place and planning year beside which it stands, with figure, its own year and that year."""
    of = pd.to_numeric(table["period"].map(lambda period: str(period)[:4]), errors="coerce")
    model = of.map(lambda year: next((own for own in years if own >= year), 0))
    found = [_metric(str(metric), str(place)) for metric, place in zip(table["metric"], table["place"], strict=True)]
    rows = table.assign(figure=found, published_year=of, model_year=model)
    rows = rows[rows["figure"].notna() & (rows["model_year"] > 0) & ~_spans(rows["period"])]
    rows = rows.sort_values("period", key=lambda period: period.map(str), kind="stable")
    last = rows.drop_duplicates(["figure", "place", "model_year"], keep="last").sort_index()
    return last.sort_values("model_year", kind="stable")


def _spans(period: pd.Series) -> pd.Series:
    """Whether a period is several years, as 2026-2030: no figure of a year stands beside it."""
    return period.map(lambda text: len(str(text).partition("-")[2]) == 4)


def _metric(metric: str, place: str) -> tuple[str, str] | None:
    """The model's figure for a metric, or nothing where it has none at such a place; claims of the country."""
    if place == "national":
        metric = metric.removeprefix("claim_")
    metric = metric.removeprefix("dc_")
    for unit in ("twh", "gwh", "mwh", "gw", "mw", "pflops"):
        metric = metric.removesuffix(f"_{unit}")
    found = METRICS.get(metric)
    return found if place == "national" or found in AT_SITES else None


def _line(subject: Subject, table: pd.DataFrame, row: dict[str, Any]) -> list[list[str]]:
    """The cells of one published figure, or nothing where the model has none."""
    place, (metric, of) = str(row["place"]), row["figure"]
    known_unit = PUBLISHED.get(str(row["unit"]).lower().split(" ")[0])
    sites = sites_of(subject.scenario.tables, place)
    if known_unit is None or not sites:
        return []
    factor, _, shown = known_unit
    model, known = figure_of(table, metric, sites) / factor, float(row["value"])
    if model != model:
        return []
    names = subject.names.english
    level = next((level for level in ("site", "hub", "region") if (level, place) in names), "site")
    title = subject.say(metric) + (f" ({subject.say(of)})" if of else "")
    where = subject.say(place) if place == "national" else named(subject, level, place, both=False)
    cells = [title, where, clip(row["period"]), str(row["model_year"]), shown]
    return [[*cells, figure(model), figure(known), figure(model / known) if known else ""]]
