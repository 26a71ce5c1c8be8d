"""What differs most by site, by device and by task; every row that differs is in the closed tables."""

from __future__ import annotations

from eastwest.formatting.words import spaced
from eastwest.report.cells import clip, marked, named
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Cell, Open, Section
from eastwest.results.dataset import Dataset
from eastwest.results.views import COMPARED
from eastwest.schema.thresholds import NEGLIGIBLE

MOST = 10
"""Rows that stand open for each; the closed tables have all."""
OPEN = ("served", "unserved", "demand", "bought_peak", "bought", "used", "cost", "busy", "mean_round_trip_ms")
"""Quantities whose largest differences stand open."""
OTHERS = ("site", "region", "task", "device", "corridor")
PLACES = {
    "site": ("site", "quantity", "item", "kind", "unit", "year"),
    "device": ("device", "quantity", "unit", "year"),
    "task": ("task", "quantity", "kind", "unit", "year"),
}
"""Labels of the rows that are compared."""


def datasets(runs: Runs) -> dict[str, list[Dataset]]:
    """Rows that differ, by site, device and task; amounts apart from shares and means."""
    say, years = runs.say, {"year": tuple(runs.all_years())}
    titles = {
        "site": (say("Amounts by site that differ"), say("Shares and means by site that differ")),
        "device": (say("Devices that differ"), ""),
        "task": (say("Amounts by task that differ"), say("Means by task that differ")),
    }
    comparison = runs.comparison
    frames = {"site": comparison.sites, "device": comparison.devices, "task": comparison.tasks}
    found = {}
    for place, labels in PLACES.items():
        amounts, means = COMPARED[place]
        title, title_of_means = titles[place]
        found[place] = [_ranked(runs, runs.dataset(f"by_{place}", title, labels, frames[place], amounts, where=years))]
        if means:
            where = {**years, **{label: "" for label in OTHERS if label not in labels}}
            data = runs.dataset(
                f"means_by_{place}", title_of_means, labels, frames[place], means, where=where, zero=False
            )
            found[place].append(_ranked(runs, data))
    return found


def _ranked(runs: Runs, data: Dataset) -> Dataset:
    """Rows that differ, the largest differences first, relative to the largest figure of their quantity and unit."""
    data = runs.changed(data)
    frame = data.frame
    values = frame[[f"run_{number}" for number in (1, *runs.others)]].fillna(0.0)
    apart = values.sub(values["run_1"], axis=0).abs().max(axis=1)
    largest = values.abs().max(axis=1).groupby([frame["quantity"], frame["unit"]]).transform("max")
    ranked = frame.assign(rank=-apart / largest.where(largest > 0, 1.0))
    return data.but(ranked.sort_values(["rank", *data.labels], kind="stable").drop(columns="rank"))


def section(runs: Runs, found: dict[str, list[Dataset]]) -> Section:
    """The largest differences of amounts by site, device and task."""
    say = runs.say
    titles = {
        "site": (say("By site, the largest differences"), say("Site")),
        "device": (say("By device, the largest differences"), say("Device")),
        "task": (say("By task, the largest differences"), say("Task")),
    }
    opens = tuple(_open(runs, place, found[place][0], *titles[place]) for place in PLACES)
    words = say(
        "Differences are ranked by their size relative to the largest figure of the same quantity. A dash: the run has "
        "no such place or thing, which is not the same as zero. Rows that do not differ are left out."
    )
    tables = tuple(data for parts in found.values() for data in parts)
    return Section("places", say("What differs by site, device and task"), (words,), (), tables, opens)


def _open(runs: Runs, place: str, data: Dataset, title: str, heading: str) -> Open:
    say = runs.say
    rows = data.frame.index[data.frame["quantity"].isin(OPEN)][:MOST]
    if not len(rows):
        return Open(say("{what}: none.", what=title))
    headings = runs.headings((heading, say("What")), say("Difference"))
    return Open(title, headings, [_row(runs, place, data, position) for position in rows])


def _row(runs: Runs, place: str, data: Dataset, position: int) -> list[Cell]:
    say, row = runs.say, data.frame.loc[position]
    words = [say(spaced(str(row["quantity"])))]
    words += [named(runs.subject, label, str(row[label])) for label in ("item", "kind") if row.get(label)]
    if len(runs.all_years()) > 1:
        words.append(str(row["year"]))
    cells: list[Cell] = [named(runs.subject, place, str(row[place])), clip(", ".join(words))]
    cells.append(marked(data, position, "run_1"))
    for number in runs.others:
        before, after = (float(row[key]) for key in ("run_1", f"run_{number}"))
        near = 0 < abs(after - before) <= NEGLIGIBLE * max(abs(before), abs(after))
        change = marked(data, position, f"difference_{number}", "≈ 0" if near else None, sign=True)
        cells += [marked(data, position, f"run_{number}"), change]
    return cells
