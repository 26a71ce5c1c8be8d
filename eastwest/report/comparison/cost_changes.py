"""What the difference in cost is made of: a waterfall by category, and the present value apart from it."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go

from eastwest.report.cells import marked
from eastwest.report.comparison.runs import MONEY, SUMMARY, Runs, signed
from eastwest.report.plot import style
from eastwest.report.plot.chart import Chart
from eastwest.report.section import Section
from eastwest.results.dataset import Dataset

MOST_NARROW = 5
"""Categories that a phone is wide enough for."""
DEARER, CHEAPER, SUM = "#882255", "#44aa99", "#77aadd"
"""Colours of a waterfall; the sign in every bar's text says the same."""


def present_value(runs: Runs) -> Dataset:
    """Present value of each run, penalties included [million CNY]."""
    return runs.gather("present_value", runs.say("Present value, penalties included"), (), SUMMARY, MONEY, how="only")


def by_category(runs: Runs, number: int) -> Dataset:
    """Cost of the shared years by category, the largest difference of each year first [million CNY]."""
    say, name = runs.pair(number), f"cost_by_category_{number}"
    title = say("Cost by category, {run} and {first}")
    found = runs.gather(name, title, ("year", "item"), "cost", MONEY, pair=number)
    return runs.ranked(found.but(found.frame[found.frame[f"difference_{number}"] != 0]), number)


def of_years(runs: Runs) -> Dataset:
    """Cost of each shared year [million CNY]."""
    title = runs.say("Cost of the year, penalties included")
    return runs.gather("cost_of_years", title, ("year",), "cost", MONEY)


def section(runs: Runs, value: Dataset, years: Dataset, categories: Mapping[int, Dataset]) -> Section:
    """Present value in words, then a waterfall of each further run."""
    words = []
    for number in runs.others:
        say = runs.pair(number)
        figures = {
            "before": marked(value, 0, "run_1"),
            "after": marked(value, 0, f"run_{number}"),
            "difference": marked(value, 0, f"difference_{number}", sign=True),
        }
        alike = runs.years_of(number) == runs.years_of(1)
        words.append(
            say.markup(
                "Present value, penalties included: {first} {before}, {run} {after}, difference {difference}."
                if alike
                else "Present value, penalties included: {first} {before}, {run} {after}.",
                **figures,
            )
        )
        if not alike:
            years_of = [", ".join(map(str, runs.years_of(n))) for n in (1, number)]
            words.append(
                say.markup(
                    "{first} plans {before} and {run} plans {after}: their present values are not of the same years. "
                    "Yearly costs are compared in the years that both plan.",
                    before=years_of[0],
                    after=years_of[1],
                )
            )
    charts = tuple(_waterfall(runs, number, data, years) for number, data in categories.items() if runs.years(number))
    return Section("cost", runs.say("What the difference in cost is made of"), tuple(words), charts, (value, years))


def _waterfall(runs: Runs, number: int, data: Dataset, years: Dataset) -> Chart:
    """One bar a category, the largest difference first; the last bar is their sum [million CNY]."""
    figures = {}
    for year in runs.years(number):
        rows = data.frame[data.frame["year"] == year]
        names = [style.shown(runs.say.item(str(item))) for item in rows["item"]]
        steps = [float(f"{value:.9g}") for value in rows[f"difference_{number}"]]
        figures[year] = _bars(runs, names, steps, years.value(f"difference_{number}", year=year))
    say = runs.pair(number)
    caption = say(
        "What {run} pays in the year more (+) or less (-) than {first}, undiscounted, by category; the last bar is the "
        "difference of all costs. A category that a run has no cost of counts as zero there."
    )
    wide = len(data.frame) > 0 and bool(data.frame.groupby("year").size().max() > MOST_NARROW)
    return Chart(data.name, say("Cost, {run} less {first}, by category"), caption, data, figures, wide=wide)


def _bars(runs: Runs, names: list[str], steps: list[float], total: float) -> go.Figure:
    say = runs.say
    trace = go.Waterfall(
        x=[*names, say("Difference")],
        y=[*steps, 0.0],
        measure=[*["relative"] * len(steps), "total"],
        text=[signed(value) for value in [*steps, total]],
        textposition="outside",
        constraintext="none",
        cliponaxis=False,
        increasing={"marker": {"color": DEARER}},
        decreasing={"marker": {"color": CHEAPER}},
        totals={"marker": {"color": SUM}},
        connector={"line": {"color": "rgba(128,128,128,0.6)"}},
        hovertemplate="%{x}: %{text} " + MONEY + "<extra></extra>",
    )
    return style.figure(
        [trace], y=say("Difference in cost of the year [million CNY]"), xaxis_type="category", showlegend=False,
        margin={"l": 10, "r": 10, "t": 30, "b": 10},
    )  # fmt: skip
