"""Headline figures of the runs side by side, with arrows, percentages, and whether more of it is better or worse."""

from __future__ import annotations

from markupsafe import Markup

from eastwest.formatting.words import figure, spaced
from eastwest.report.cells import LARGE, clip, marked, row_of
from eastwest.report.comparison.runs import Runs
from eastwest.report.section import Cell, Open, Section
from eastwest.results.dataset import Dataset
from eastwest.results.headline import RATIOS, TITLES, ordered

BETTER, WORSE, NEITHER = "better", "worse", "neither"
MORE_IS_BETTER = ("delivered", "served_share", "green_share")
MORE_IS_WORSE = (
    "unserved", "objective", "cost_without_penalties", "cost_of_fixed_load", "cost_per_delivered",
    "cost_per_delivered_with_existing_devices", "system_cost_with_penalties", "user_cost_with_penalties", "user_cost",
    "user_cost_per_delivered", "rent_after_vouchers", "rent_after_vouchers_per_delivered", "mean_round_trip",
    "curtailed_share", "mean_pue", "carbon",
)  # fmt: skip
"""Headline items; of all others (demand, peaks, the West's share, how busy things are) more is neither."""
SAME = 5e-4
"""Relative difference, or difference of shares, that one decimal of a per cent does not show [1]."""
KEYS = ("item", "kind", "unit", "year")


def dataset(runs: Runs) -> Dataset:
    """Headline items of the shared years, in the order in which reports print them."""
    alike = all(runs.years_of(number) == runs.years_of(1) for number in runs.others)
    years = {"year": (*[0] * alike, *runs.all_years())}
    found = runs.dataset(
        "headline", runs.say("Headline figures"), KEYS, runs.comparison.headline, "headline", where=years, zero=False
    )
    frame = ordered(found.frame[found.frame["item"] != "scarcity"])
    return found.but(frame.sort_values("year", kind="stable"))


def section(runs: Runs, data: Dataset, value: Dataset, of_years: Dataset) -> Section:
    """A table for each shared year: figures that differ, in every run, and the change of each further one."""
    say = runs.say
    headings = runs.headings((say("Figure"),), say("Change"))
    rows = [_row(runs, value, 0, "objective", say("Present value, penalties included")), *_rows(runs, data, 0)]
    opens = [Open(say("All years together"), headings, rows)]
    for year in sorted(set(of_years.frame["year"])):
        at = row_of(of_years, year=year)
        rows = [_row(runs, of_years, at, "objective", say("Cost of the year, penalties included"))]
        rows += _rows(runs, data, year)
        opens.append(Open(say("Figures of {year} that differ", year=year), headings, rows, year))
    words = say(
        "▲ is more than in {first}, ▼ less, = the same to one decimal of a per cent. Beside the arrow stands whether "
        "that is better or worse; where nothing stands, more is neither. Shares differ in percentage points, and "
        "what was next to nothing by its amount. A dash: the run has no such figure. Figures that are the same in all "
        "runs are only in the closed table.",
        first=runs.name(1),
    )
    return Section("headline", say("Headline figures, and how they differ"), (words,), (), (data,), tuple(opens))


def _rows(runs: Runs, data: Dataset, year: int) -> list[list[Cell]]:
    """Figures of a year (0: of all together) that differ."""
    say, found = runs.say, []
    for position in data.frame.index[data.frame["year"] == year]:
        item, kind = str(data.frame["item"].iloc[position]), str(data.frame["kind"].iloc[position])
        title = say(TITLES[item]) if item in TITLES else clip(spaced(item))
        if any(_way(data, position, number, item) != 0 for number in runs.others):
            found.append(_row(runs, data, position, item, f"{title}, {say(kind)}" if kind else title))
    return found


def _row(runs: Runs, data: Dataset, position: int, item: str, title: str) -> list[Cell]:
    cells: list[Cell] = [title, _figure(data, position, 1, item)]
    for number in runs.others:
        cells += [_figure(data, position, number, item), change(runs, data, position, number, item)]
    return cells


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


def change(runs: Runs, data: Dataset, position: int, number: int, item: str) -> Markup:
    """Arrow, percentage, and better or worse in words, so that nothing hangs on colour."""
    say = runs.say
    if "year" not in data.labels and runs.years_of(number) != runs.years_of(1):
        return say.markup("of other years")
    way = _way(data, position, number, item)
    if way is None:
        lacking = number if data.frame["run_1"].notna().iloc[position] else 1
        return say.markup("not in {run}", run=runs.name(lacking))
    if way == 0:
        return Markup('<span class="change same"><span aria-hidden="true">=</span> {}</span>').format(say("the same"))
    arrow, word = ("▲", say("more")) if way > 0 else ("▼", say("less"))
    verdict = judged(item, way)
    said = {BETTER: say("better"), WORSE: say("worse"), NEITHER: ""}[verdict]
    return Markup(
        '<span class="change {}"><span aria-hidden="true">{}</span> <span class="visually-hidden">{}</span> {}{}</span>'
    ).format(verdict, arrow, word, _difference(runs, data, position, number, item), f", {said}" if said else "")


def _is_share(data: Dataset, position: int, item: str) -> bool:
    return data.unit("run_1", position) == "1" and item not in RATIOS


def _way(data: Dataset, position: int, number: int, item: str) -> int | None:
    """The direction of a run from the first; None where one of them has no such figure."""
    before, after = (data.figure(key, position) for key in ("run_1", f"run_{number}"))
    if before != before or after != after:
        return None if before == before or after == after else 0
    return direction(before, after, share=_is_share(data, position, item))


def _figure(data: Dataset, position: int, number: int, item: str) -> Markup:
    column = f"run_{number}"
    return marked(data, position, column, figure(data.figure(column, position)) if item in RATIOS else None)


def _difference(runs: Runs, data: Dataset, position: int, number: int, item: str) -> Markup:
    """Percent; of a share points, as a percentage of a percentage misleads; from next to zero the amount."""
    column = f"difference_{number}"
    if _is_share(data, position, item):
        points = f"{100 * data.figure(column, position):+.1f}".replace("-", "−")
        return marked(data, position, column, runs.say("{points} points", points=points))
    percent = f"percent_{number}"
    return marked(data, position, percent if abs(data.figure(percent, position)) < LARGE else column, sign=True)
