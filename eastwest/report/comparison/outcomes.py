"""Tables of the runs side by side: headline figures with arrows, and what differs most by site, device and task."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from eastwest.formatting.words import figure, spaced
from eastwest.report.cells import LARGE, clip, mark, named
from eastwest.report.comparison.datasets import PLACES, Datasets
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Cell, Open, Section, heads
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import Dataset
from eastwest.results.headline import RATIOS, TITLES

BETTER, WORSE, NEITHER = "better", "worse", "neither"
COST = "objective"
MORE_IS_BETTER = ("delivered", "served_share", "green_share")
MORE_IS_WORSE = (
    "unserved", COST, "cost_without_penalties", "cost_of_fixed_load", "cost_per_delivered",
    "cost_per_delivered_with_existing_devices", "system_cost_with_penalties", "user_cost_with_penalties", "user_cost",
    "user_cost_per_delivered", "rent_after_vouchers", "rent_after_vouchers_per_delivered", "mean_round_trip",
    "curtailed_share", "mean_pue", "carbon",
)  # fmt: skip
"""Headline items; of all others (demand, peaks, the West's share, how busy things are) more is neither."""
SAME = 5e-4
"""Relative difference, or difference of shares, that one decimal of a per cent does not show [1]."""
MOST = 10
"""Rows that stand open for each place; the closed tables have all."""
OPEN = ("served", "unserved", "demand", "bought_peak", "bought", "used", "cost", "busy", "mean_round_trip_ms")
"""Quantities whose largest differences stand open."""


def _row(runs: Runs, data: Dataset, position: int, title: str) -> list[Cell]:
    """What a row is of, its figure in the first run, then in each further one with the change."""
    cells: list[Cell] = [title, _figure(data, position, 1)]
    for number in runs.others:
        cells += [_figure(data, position, number), change(runs, data, position, number)]
    return cells


def _figure(data: Dataset, position: int, number: int) -> Markup:
    column = f"run_{number}"
    is_ratio = _item(data, position) in RATIOS
    return mark(data, position, column, figure(data.figure(column, position)) if is_ratio else None)


def _item(data: Dataset, position: int) -> str:
    """The headline item of a row; costs have none."""
    return str(data.arrays["item"][position]) if "item" in data.labels else COST


def headline(found: Datasets) -> Section:
    """A table for each shared year: figures that differ, in every run, and the change of each further one."""
    runs, say = found.runs, found.runs.say
    headings = heads([say("Figure")], runs.beside(lambda number: (runs.name(number), say("Change"))))
    title = say("Present value, penalties included")
    rows = [_row(runs, found.value, 0, title), *_headline_rows(found, 0)]
    opens = [Open(say("All years together"), headings, rows)]
    for at, year in enumerate(found.cost.frame["year"]):
        title = say("Cost of the year, penalties included")
        rows = [_row(runs, found.cost, at, title), *_headline_rows(found, year)]
        opens.append(Open(say("Figures of {year} that differ", year=year), headings, rows, year))
    words = say(
        "▲ is more than in {first}, ▼ less, = the same to one decimal of a per cent. Beside the arrow stands whether "
        "that is better or worse; where nothing stands, more is neither. Shares differ in percentage points, and "
        "what was next to nothing by its amount. A dash: the run has no such figure. Figures that are the same in all "
        "runs are only in the closed table.",
        first=runs.name(1),
    )
    title, tables = say("Headline figures, and how they differ"), (found.headline, found.value, found.cost)
    return Section("headline", title, (words,), tables=tables, opens=tuple(opens))


def _headline_rows(found: Datasets, year: int) -> list[list[Cell]]:
    """Figures of a year (0: of all together) that differ."""
    runs, data, rows = found.runs, found.headline, []
    for row in data.rows(year=year).itertuples():
        title = runs.say(TITLES[row.item]) if row.item in TITLES else clip(spaced(str(row.item)))
        if any(_way(data, row.Index, number) != 0 for number in runs.others):
            words = f"{title}, {runs.say(str(row.kind))}" if row.kind else title
            rows.append(_row(runs, data, row.Index, words))
    return rows


def direction(before: float, after: float, *, share: bool = False) -> int:
    """1 for more, -1 for less, 0 for the same to one decimal of a per cent."""
    size = 1.0 if share else max(abs(before), abs(after))
    if abs(after - before) <= SAME * size:
        return 0
    return 1 if after > before else -1


def judged(item: str, way: int) -> str:
    """Whether more (1) or less (-1) of a headline item is better, worse or neither."""
    if way == 0 or item not in (*MORE_IS_BETTER, *MORE_IS_WORSE):
        return NEITHER
    return BETTER if (item in MORE_IS_BETTER) == (way > 0) else WORSE


def change(runs: Runs, data: Dataset, position: int, number: int) -> Markup:
    """Arrow, percentage, and better or worse in words, so that nothing hangs on colour."""
    say = runs.say
    if "year" not in data.labels and runs.years_of(number) != runs.years_of(1):
        return say.markup("of other years")
    way = _way(data, position, number)
    if way is None:
        lacking = number if data.frame["run_1"].notna().iloc[position] else 1
        return say.markup("not in {run}", run=runs.name(lacking))
    if way == 0:
        return Markup('<span class="change same"><span aria-hidden="true">=</span> {}</span>').format(say("the same"))
    arrow, word = ("▲", say("more")) if way > 0 else ("▼", say("less"))
    verdict = judged(_item(data, position), way)
    said = {BETTER: say("better"), WORSE: say("worse"), NEITHER: ""}[verdict]
    return Markup(
        '<span class="change {}"><span aria-hidden="true">{}</span> <span class="visually-hidden">{}</span> {}{}</span>'
    ).format(verdict, arrow, word, _difference(runs, data, position, number), f", {said}" if said else "")


def _is_share(data: Dataset, position: int) -> bool:
    return data.unit("run_1", position) == "1" and _item(data, position) not in RATIOS


def _way(data: Dataset, position: int, number: int) -> int | None:
    """The direction of a run from the first; None where one of them has no such figure."""
    before, after = (data.figure(key, position) for key in ("run_1", f"run_{number}"))
    if before != before or after != after:
        return None if before == before or after == after else 0
    return direction(before, after, share=_is_share(data, position))


def _difference(runs: Runs, data: Dataset, position: int, number: int) -> Markup:
    """Percent; of a share points, as a percentage of a percentage misleads; from next to zero the amount."""
    column = f"difference_{number}"
    if _is_share(data, position):
        points = f"{100 * data.figure(column, position):+.1f}".replace("-", "−")
        return mark(data, position, column, runs.say("{points} points", points=points))
    percent = f"percent_{number}"
    return mark(data, position, percent if abs(data.figure(percent, position)) < LARGE else column)


def places(found: Datasets) -> Section:
    """The largest differences of amounts by site, device and task."""
    runs, say, opens = found.runs, found.runs.say, []
    titles = {
        "site": say("By site, the largest differences"), "device": say("By device, the largest differences"),
        "task": say("By task, the largest differences"),
    }  # fmt: skip
    words = {"quantity": say("What"), "task": say("Task")}
    columns = runs.beside(lambda number: (f"run_{number}", f"difference_{number}"))
    for place, title in titles.items():
        data = found.amounts[place]
        rows = data.frame[data.frame["quantity"].isin(OPEN)].head(MOST)
        once = (place, "unit", *(["year"] if len(runs.all_years()) == 1 else ()))
        of = [label for label in data.labels if label not in once]
        rows = rows.assign(quantity=[", ".join(_words(runs, row[of])) for _, row in rows.iterrows()])
        block = listed(
            runs.subject, data, "", 0, rows=rows, labels=(place, "quantity"), columns=columns, words=words,
            names={"quantity": str}, text=title,
        )  # fmt: skip
        opens.append(block if block.rows else Open(say("{what}: none.", what=title)))
    note = say(
        "Differences are ranked by their size relative to the largest figure of the same quantity. A dash: the run has "
        "no such place or thing, which is not the same as zero. Rows that do not differ are left out."
    )
    tables = tuple(data for place in PLACES for data in (found.amounts[place], found.means.get(place)) if data)
    return Section("places", say("What differs by site, device and task"), (note,), tables=tables, opens=tuple(opens))


def _words(runs: Runs, labels: pd.Series) -> list[str]:
    """What a row of a place is of: served, intelligent."""
    return [named(runs.subject, str(label), str(key)) for label, key in labels.items() if key]
