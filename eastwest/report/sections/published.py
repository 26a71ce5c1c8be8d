"""The model's figures beside published ones (table `published`), where both exist.

electricity = sum of rows `electricity`; mean load = electricity / 8,760 h; PUE = electricity / it_electricity; halls
and grid connection = sums of rows `capacity`; installed peak = sum of rows `installed_peak` of intelligent compute;
each over the sites of the place: a site, those of a hub or a region, or all for `national`. Other metrics are left out.

A published figure of a planning year, forecasts included, stands beside the model's figure of that year; an older one,
the last there is, beside the next planning year. What is published of a time after the last planning year is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

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
    rows = list(_lines(subject, chosen[near]))
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


def _lines(subject: Subject, published: pd.DataFrame) -> Iterator[list[str]]:
    """The cells of each published figure that the model has one for."""
    say, names = subject.say, subject.names.english
    known = subject.table[subject.table["quantity"].isin(QUANTITIES)]
    for row in published.to_dict(orient="records"):
        place, (metric, of), year = str(row["place"]), row["figure"], row["model_year"]
        unit, sites = PUBLISHED.get(str(row["unit"]).lower().split(" ")[0]), sites_of(subject.scenario.tables, place)
        model = figure_of(known[known["year"] == year], metric, sites) if unit and sites else float("nan")
        if unit is None or model != model:
            continue
        level = next((level for level in ("site", "hub", "region") if (level, place) in names), "site")
        where = say(place) if place == "national" else named(subject, level, place, both=False)
        title = say(metric) + (f" ({say(of)})" if of else "")
        model, value = model / unit.factor, float(row["value"])
        ratio = figure(model / value) if value else ""
        yield [title, where, clip(row["period"]), str(year), unit.written, figure(model), figure(value), ratio]
