"""The comparison in words: one paragraph for each further run, every figure of it in a dataset of the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from eastwest.analysis.compare import BEGAN, CEASED
from eastwest.formatting.words import with_unit
from eastwest.report.cells import clip, marked, named
from eastwest.report.comparison import limit_changes
from eastwest.report.comparison.headline_changes import SAME, direction
from eastwest.report.comparison.inputs import SETTINGS
from eastwest.report.comparison.moves import ARRIVED, BETWEEN
from eastwest.report.comparison.runs import GONE, MONEY, NEW, UNSERVED, Runs
from eastwest.report.section import Section
from eastwest.results.dataset import Dataset

MOST = 3
"""Tables, categories, moves and limits that a sentence names."""
FEW = 2
"""Places that a sentence on moves names."""
LITTLE = 0.05
"""Share of demand below which moved or new work is not told in detail [1]."""


@dataclass(frozen=True)
class Told:
    """The datasets that paragraphs take their figures from."""

    inputs: Dataset
    settings: Mapping[int, Sequence[str]]
    """keys of settings that differ, by run"""
    value: Dataset
    of_years: Dataset
    costs: Mapping[int, Dataset]
    headline: Dataset
    moves: Mapping[int, Mapping[str, Dataset]]
    sums: Mapping[int, Dataset]
    limits: Mapping[int, tuple[Dataset, Dataset]]
    sites: Dataset


def section(runs: Runs, told: Told) -> Section:
    """Three paragraphs for each further run: what differs and costs, what is served where, what binds."""
    say = runs.say
    paragraphs = []
    for number in runs.others:
        parts = [[_inputs(runs, told, number), *_cost(runs, told, number)]]
        if runs.years(number):
            parts += [[*_served(runs, told, number), *_moves(runs, told, number)], _limits(runs, told, number)]
        else:
            parts[0].append(say.markup("They have no planning year in common, so nothing else can be compared."))
        paragraphs += [Markup(" ").join(sentences) for sentences in parts if sentences]
    return Section("answer", say("In words"), tuple(paragraphs), tables=(told.inputs, *told.sums.values()))


def _listed(runs: Runs, parts: Sequence[Markup]) -> Markup:
    return Markup(runs.say(", ")).join(parts)


def _numbered(rows: pd.DataFrame) -> Iterator[tuple[int, pd.Series]]:
    """Rows of a dataset with their positions in it."""
    return zip((int(at) for at in rows.index), (row for _, row in rows.iterrows()), strict=True)


def _inputs(runs: Runs, told: Told, number: int) -> Markup:
    say = runs.say
    name = Markup("<strong>{}</strong>").format(runs.name(number))
    rows = told.inputs.frame[told.inputs.frame["run"] == runs.name(number)]
    parts = [_counted(runs, told, number, at, row) for at, row in _numbered(rows.head(MOST))]
    if not parts:
        return say.markup("{run} has the same inputs as {first}.", run=name, first=runs.name(1))
    more = say.markup(", and further tables") if len(rows) > MOST else Markup("")
    return say.markup(
        "{run} differs from {first} in {parts}{more}.",
        run=name,
        first=runs.name(1),
        parts=_listed(runs, parts),
        more=more,
    )


def _counted(runs: Runs, told: Told, number: int, position: int, row: pd.Series) -> Markup:
    """`2 settings (demand.growth, years)` or `8 cells of the table supply`."""
    say, n = runs.say, marked(told.inputs, position, "count")
    one = row["count"] == 1
    if row["table"] != SETTINGS:
        table = clip(row["table"])
        if one:
            return say.markup("{n} cell of the table {table}", n=n, table=table)
        return say.markup("{n} cells of the table {table}", n=n, table=table)
    words = say.markup("{n} setting", n=n) if one else say.markup("{n} settings", n=n)
    keys = told.settings[number]
    return Markup("{} ({})").format(words, say(", ").join(keys)) if len(keys) <= MOST else words


def _cost(runs: Runs, told: Told, number: int) -> list[Markup]:
    say, value = runs.say, told.value
    change = value.frame[f"difference_{number}"].iloc[0]
    figures = {
        "before": marked(value, 0, "run_1"),
        "after": marked(value, 0, f"run_{number}"),
        "difference": marked(value, 0, f"difference_{number}", with_unit(abs(float(change)), MONEY)),
        "percent": marked(value, 0, f"percent_{number}", sign=True),
    }
    if runs.years_of(1) != runs.years_of(number):
        first = say.markup(
            "Its present value, penalties included, is {after} and that of {first} {before}, but of other years: only "
            "costs of the same year can be compared.",
            first=runs.name(1),
            **figures,
        )
    else:
        before, after = (float(value.frame[key].iloc[0]) for key in ("run_1", f"run_{number}"))
        way = direction(before, after)
        first = (
            say.markup(
                "As present value with penalties it costs {difference} more ({percent}): {after} instead of {before}.",
                **figures,
            )
            if way > 0
            else say.markup(
                "As present value with penalties it costs {difference} less ({percent}): {after} instead of {before}.",
                **figures,
            )
            if way < 0
            else say.markup(
                "As present value with penalties it costs the same but for {difference}: {after} against {before}.",
                **figures,
            )
        )
    return [first, *_categories(runs, told, number)]


def _categories(runs: Runs, told: Told, number: int) -> list[Markup]:
    """The largest differences by category in the last shared year."""
    if not runs.years(number):
        return []
    say, data, year = runs.say, told.costs[number], runs.years(number)[-1]
    column = f"difference_{number}"
    rows = data.frame[(data.frame["year"] == year) & (data.frame[column] != 0)].head(MOST)
    total = abs(told.of_years.value("run_1", year=year)) * SAME
    rows = rows[rows[column].abs() > total]
    if rows.empty:
        return []
    parts = [
        say.markup(
            "{category} {difference}",
            category=say.item(str(row["item"])),
            difference=marked(data, at, column, sign=True),
        )
        for at, row in _numbered(rows)
    ]
    return [say.markup("The largest parts in {year}: {parts}.", year=year, parts=_listed(runs, parts))]


def _served(runs: Runs, told: Told, number: int) -> list[Markup]:
    """What changes in demand and unserved, a sentence for each kind."""
    say, data, year = runs.say, told.headline, runs.years(number)[-1]
    out = []
    for kind in runs.kinds:
        rows = {item: data.rows(item=item, kind=kind, year=year) for item in ("demand", "unserved", "served_share")}
        after = f"run_{number}"
        if any(len(frame) != 1 or frame[["run_1", after]].isna().to_numpy().any() for frame in rows.values()):
            continue
        places = {item: int(frame.index[0]) for item, frame in rows.items()}
        demand = rows["demand"].iloc[0]
        if direction(demand["run_1"], demand[after]) != 0:
            out.append(
                say.markup(
                    "In {year}, {kind} demand is {after} instead of {before} ({percent}).",
                    year=year,
                    kind=say(kind),
                    before=marked(data, places["demand"], "run_1"),
                    after=marked(data, places["demand"], after),
                    percent=marked(data, places["demand"], f"percent_{number}", sign=True),
                )
            )
        unserved = rows["unserved"].iloc[0]
        figures = {
            "year": year,
            "kind": say(kind),
            "before": marked(data, places["unserved"], "run_1"),
            "after": marked(data, places["unserved"], after),
            "share": marked(data, places["served_share"], after),
            "old": marked(data, places["served_share"], "run_1"),
        }
        way = direction(unserved["run_1"], unserved[after])
        if way == 0 and max(unserved["run_1"], unserved[after]) <= SAME * max(demand["run_1"], demand[after]):
            out.append(say.markup("All {kind} demand is served in {year}, as before.", kind=say(kind), year=year))
        elif way == 0:
            out.append(say.markup("Unserved {kind} demand in {year} stays at {after}.", **figures))
        elif way > 0:
            out.append(
                say.markup(
                    "Unserved {kind} demand in {year} grows from {before} to {after}: {share} is served instead of "
                    "{old}.", **figures,
                )
            )  # fmt: skip
        else:
            out.append(
                say.markup(
                    "Unserved {kind} demand in {year} falls from {before} to {after}: {share} is served instead of "
                    "{old}.", **figures,
                )
            )  # fmt: skip
    return out


def _moves(runs: Runs, told: Told, number: int) -> list[Markup]:
    """Which sites serve more and less in the last shared year, and the largest moves between them, by kind."""
    say, sums, year = runs.say, told.sums[number], runs.years(number)[-1]
    out = []
    for kind in runs.kinds:
        every = told.moves[number].get(kind)
        moved = sums.rows(year=year, kind=kind, sort=BETWEEN)
        figures = {"kind": say(kind), "year": year}
        if every is None or moved.empty:
            out.append(say.markup("No {kind} work moves from site to site.", **figures))
            continue
        figures["moved"] = marked(sums, int(moved.index[0]), "moved")
        demand = told.headline.value(f"run_{number}", item="demand", kind=kind, year=year)
        if float(moved["moved"].iloc[0]) < LITTLE * demand:
            out.append(say.markup("Of {kind} work only {moved} moves from site to site.", **figures))
            continue
        rows = every.frame[(every.frame["year"] == year) & ~every.frame["from"].isin([NEW, UNSERVED])]
        rows = rows[~rows["to"].isin([GONE, UNSERVED])].head(FEW)
        parts = _listed(runs, [_move(runs, every, at, row) for at, row in _numbered(rows)])
        out.append(
            say.markup(
                "{moved} of {kind} work moves from site to site in {year}, most {parts}.", parts=parts, **figures
            )
        )
        out += [*_arrivals(runs, told, number, kind), *_sites(runs, told, number, kind)]
    return out


def _sites(runs: Runs, told: Told, number: int, kind: str) -> list[Markup]:
    """What the sites with the largest changes serve more or less, all moves together."""
    data, column = told.sites, f"difference_{number}"
    rows = data.rows(quantity="served", kind=kind, year=runs.years(number)[-1])
    rows = rows[rows[column].notna()].sort_values(column, key=lambda change: -change.abs(), kind="stable").head(FEW)
    parts = [
        runs.say.markup("{site} {figure}", site=_site(runs, row["site"]), figure=marked(data, at, column, sign=True))
        for at, row in _numbered(rows)
    ]
    return (
        [
            runs.say.markup(
                "All moves of {kind} work together, sites change most by: {parts}.",
                kind=runs.say(kind),
                parts=_listed(runs, parts),
            )
        ]
        if parts
        else []
    )


def _arrivals(runs: Runs, told: Told, number: int, kind: str) -> list[Markup]:
    """Where new demand goes, the largest places first."""
    say, sums, year = runs.say, told.sums[number], runs.years(number)[-1]
    new = sums.rows(year=year, kind=kind, sort=ARRIVED)
    demand = told.headline.value(f"run_{number}", item="demand", kind=kind, year=year)
    if new.empty or not float(new["moved"].iloc[0]) > LITTLE * demand:
        return []
    every = told.moves[number][kind]
    rows = every.frame[(every.frame["year"] == year) & (every.frame["from"] == NEW)].head(FEW)
    parts = [
        say.markup("not served {figure}", figure=marked(every, at, "moved"))
        if row["to"] == UNSERVED
        else say.markup("{site} {figure}", site=_site(runs, row["to"]), figure=marked(every, at, "moved"))
        for at, row in _numbered(rows)
    ]
    return [
        say.markup(
            "New {kind} demand of {new} goes first of all to: {parts}.",
            kind=say(kind),
            new=marked(sums, int(new.index[0]), "moved"),
            parts=_listed(runs, parts),
        )
    ]


def _site(runs: Runs, site: str) -> str:
    return named(runs.subject, "site", site, both=False)


def _move(runs: Runs, data: Dataset, position: int, row: pd.Series) -> Markup:
    return runs.say.markup(
        "from {source} to {target} {figure}",
        source=_site(runs, row["from"]),
        target=_site(runs, row["to"]),
        figure=marked(data, position, "moved"),
    )


def _limits(runs: Runs, told: Told, number: int) -> list[Markup]:
    """How many limits began and ceased to bind in the last shared year, and the dearest that began to."""
    say, year = runs.say, runs.years(number)[-1]
    every, counted = told.limits[number]
    out = []
    for state in (BEGAN, CEASED):
        rows = counted.rows(year=year, state=state).head(MOST)
        parts = [
            say.markup("{limit} ({count})", limit=say.item(str(row["item"])), count=marked(counted, at, "limits"))
            for at, row in _numbered(rows)
        ]
        figures = {"year": year, "parts": _listed(runs, parts)}
        if state == BEGAN:
            if parts:
                out.append(say.markup("Limits that began to bind in {year}: {parts}.", **figures))
                out += _dearest(runs, every, number, year)
            else:
                out.append(say.markup("No limit began to bind in {year}.", year=year))
        elif parts:
            out.append(say.markup("Limits that ceased to bind: {parts}.", **figures))
    return out


def _dearest(runs: Runs, every: Dataset, number: int, year: int) -> list[Markup]:
    say = runs.say
    rows = every.rows(year=year, state=BEGAN)
    rows = rows[rows[f"run_{number}"] != 0]
    if rows.empty:
        return []
    position, row = int(rows.index[0]), rows.iloc[0]
    return [
        say.markup(
            "The dearest of them is {limit} ({where}), with a shadow price of {price}.",
            limit=say.item(str(row["item"])),
            where=limit_changes.where(runs, row),
            price=marked(every, position, f"run_{number}"),
        )
    ]
