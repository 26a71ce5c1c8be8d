"""The answer in three sentences: what is served where and at what cost, which hub is full and why, what helps most."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from markupsafe import Markup

from eastwest.model.clock import FEWEST_BLOCKS
from eastwest.report.cells import figure_in, mark, named, place
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Page, Section
from eastwest.report.sections.limits import hubs_of, is_delay, relief_datasets, unit_of_limit
from eastwest.report.sections.shortage import NOT_TRACED, blame_of_kinds
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather
from eastwest.scenario.settings import NO_PLAN
from eastwest.schema import constraints_table
from eastwest.schema.thresholds import FULL
from eastwest.schema.units import MONEY

MOST_OTHERS = 4
ASSETS = ["hall_dense", "grid"]
NO_ITEM = "(none)"
"""An item that no row has."""
HEADLINE = {
    "served_share": ("Delivered, share of demand", "1"),
    "west_share_served": ("West, share of delivered", "1"),
    "mean_round_trip": ("Mean round trip", "ms"),
    "cost_per_delivered": ("Cost per delivered unit", "CNY/(PFLOP/s h)"),
    "cost_per_delivered_with_existing_devices": ("same, with standing devices", "CNY/(PFLOP/s h)"),
    "unserved": ("Unserved", "PFLOP/s"),
}


def section(page: Page) -> Section:
    """Three sentences with figures, of the last planning year; each figure is one of a dataset of the page."""
    subject, say = page.subject, page.subject.say
    year = subject.year(None)
    served, use = _served(subject, year), _use(page, year)
    sentences = (*trial(page), _what(subject, served, year), _full(subject, use), _help(page, relief_datasets(page)))
    return Section("answer", say("The answer"), sentences, tables=(served, use))


def trial(page: Page) -> tuple[str, ...]:
    """That it is no plan, first of all, where the day is cut too coarsely."""
    scenario = page.result.scenario
    if not getattr(scenario, "no_plan", ""):
        return ()
    return (page.subject.say(NO_PLAN, blocks=scenario.settings.time.blocks_of_the_day, least=FEWEST_BLOCKS),)


def _served(subject: Subject, year: int) -> Dataset:
    columns: dict[str, AnyColumn] = {
        item: Column(title, "headline", unit, {"item": item}, how="only") for item, (title, unit) in HEADLINE.items()
    }
    data = gather(subject.table, "answer_served", "What is served", ["kind"], columns, where={"year": year})
    rows = data.frame[data.frame["kind"] != ""]
    order = rows["kind"].map(lambda kind: (kind != "intelligent", kind)).sort_values().index
    return data.but(rows.loc[order])


def _use(page: Page, year: int) -> Dataset:
    """Dense halls and grid of each cluster (of each site where there is no cluster), and what a MW more saves."""
    subject = page.subject
    sites = subject.scenario.tables["sites"]
    clusters = tuple(sites.loc[sites["kind"] == "cluster", "site"]) or tuple(sites["site"])
    columns: dict[str, AnyColumn] = {}
    for item, title in (("hall_dense", "Dense halls"), ("grid", "Grid connection")):
        columns[f"{item}_used"] = Column(f"{title}, taken", "used", "MW", {"item": item})
        columns[f"{item}_capacity"] = Column(f"{title}, capacity", "capacity", "MW", {"item": item})
        columns[item] = Ratio(f"{title}, share taken", f"{item}_used", f"{item}_capacity")
    for item, words in (("hall_dense", "dense hall"), ("grid", "grid connection")):
        limits = {"item": _limits_of(page, item)}
        columns[f"{item}_saving"] = Column(
            f"Saving of the year by one MW more, {words}", "shadow_price", MONEY, limits, fill=0.0,
            factor=-1.0, rows_unit="million CNY/MW",
        )  # fmt: skip
    data = gather(
        subject.table, "answer_use", "How full the clusters are", ["site"], columns,
        where={"year": year, "site": clusters},
    )  # fmt: skip
    rows = data.frame[data.frame["hall_dense_capacity"] > 0]
    full = (rows[ASSETS] >= FULL).any(axis=1)
    worth = pd.concat([rows[f"{item}_saving"].where(rows[item] >= FULL, 0.0) for item in ASSETS], axis=1)
    rows = rows.assign(full=full, worth=worth.max(axis=1), fullest=rows[ASSETS].max(axis=1))
    keys = ["full", "worth", "fullest", "hall_dense_capacity"]
    return data.but(rows.sort_values(keys, ascending=False, kind="stable")[[*data.labels, *data.columns]])


def _limits_of(page: Page, asset: str) -> tuple[str, ...]:
    """Items of shadow prices whose right-hand side is the capacity of an asset; no item where none has a price."""
    table = page.subject.table
    rows = table.loc[table["quantity"] == "shadow_price", ["item", "constraint"]].drop_duplicates()
    found = rows.loc[constraints_table.of_asset(rows, asset, page.result.constraints), "item"]
    return tuple(sorted(set(found))) or (NO_ITEM,)


def _what(subject: Subject, data: Dataset, year: int) -> Markup:
    """What is served, kind by kind: kinds of compute are never added."""
    say = subject.say
    parts, blame = [], blame_of_kinds(subject)
    for kind in data.frame["kind"]:
        figures = {name: figure_in(data, name, kind=kind) for name in HEADLINE}
        parts.append(
            say.markup(
                "{served_share} of {kind} demand is served ({west_share_served} of what is served in the West, mean "
                "round trip {mean_round_trip}; {cost_per_delivered} for running it and for what is decided, "
                "{cost_per_delivered_with_existing_devices} with the replacement of what stands)",
                kind=named(subject, "kind", kind), **figures,
            )
        )  # fmt: skip
        limit = _blamed(subject, blame, kind, year)
        if data.value("unserved", kind=kind) > 0 and limit:
            parts[-1] += say.markup(
                ", {unserved} stay unserved, above all because of {limit}", unserved=figures["unserved"], limit=limit
            )
    return say.markup("In {year}, {parts}.", year=year, parts=Markup("; ").join(parts))


def _blamed(subject: Subject, blame: Dataset, kind: str, year: int) -> str:
    """The limit that carries most of what a kind leaves unserved."""
    rows = blame.rows(year=year, kind=kind)
    rows = rows[rows["item"] != NOT_TRACED].sort_values("share", ascending=False, kind="stable")
    return subject.say.item(str(rows["item"].iloc[0])) if len(rows) else ""


def _full(subject: Subject, data: Dataset) -> Markup:
    """The cluster whose dense halls are full where more would save most, else the fullest; and what is not to blame."""
    say, rows = subject.say, data.frame
    if rows.empty:
        return say.markup("No site has a hall for accelerators.")
    site, hubs = str(rows["site"].iloc[0]), hubs_of(subject)
    where = named(subject, "site", site)
    hub = hubs.get(site, "")
    place_of = say("{hub} ({site})", hub=named(subject, "hub", hub), site=where) if hub else where
    figures = {name: figure_in(data, name, site=site) for name in data.columns}
    full = list(rows.loc[(rows[ASSETS] >= FULL).any(axis=1), "site"])
    found = say.markup(_why_full(rows.iloc[0]), where=place_of, **figures)
    others = [named(subject, "site", str(other), both=False) for other in full[1:]]
    also = ", ".join(others[:MOST_OTHERS])
    if len(others) > MOST_OTHERS:
        also = say("{also} and {n} more", also=also, n=len(others) - MOST_OTHERS)
    return found + (say.markup(" Full too: {also}.", also=also) if also else Markup(""))


def _why_full(row: pd.Series) -> str:
    """Which of halls and grid stops more at a cluster: what is full, and of two the one that is worth more."""
    worth = {item: row[f"{item}_saving"] for item in ASSETS if row[item] >= FULL}
    if not worth:
        return (
            "No hub is full: the fullest is {where}, with {hall_dense} of {hall_dense_capacity} of its dense halls and "
            "{grid} of its grid connection taken."
        )
    item = max(worth, key=lambda name: worth[name])
    if worth[item] <= 0:
        return (
            "{where} is full ({hall_dense} of its dense halls and {grid} of its grid connection are taken), but a MW "
            "more there would save nothing by itself."
        )
    if item == "grid":
        return (
            "{where} is full: {grid_used} of {grid_capacity} of its grid connection are taken, while {hall_dense} of "
            "its dense halls are: it is the grid that stops more there, and one MW more of it would save {grid_saving} "
            "a year."
        )
    return (
        "{where} is full: {hall_dense_used} of {hall_dense_capacity} of its dense halls are taken, while {grid} of its "
        "grid connection is: it is the halls that stop more there, and one MW more of them would save "
        "{hall_dense_saving} a year."
    )


def _help(page: Page, datasets: Iterable[Dataset]) -> Markup:
    """The limit whose relief saves most, and the month of delay that does."""
    subject, say = page.subject, page.subject.say
    best: dict[bool, tuple[float, Dataset, pd.Series]] = {}
    for data in datasets:
        late = is_delay(data)
        for _, row in data.frame.iterrows():
            if row["step"] > 0 and (late not in best or row["step"] > best[late][0]):
                best[late] = (float(row["step"]), data, row)
    if not best and _priced(page):
        return say.markup("Limits carry prices, listed below, but none was solved again with more of it (--reliefs N).")
    if not best:
        return say.markup("Nothing is scarce: one more accelerator, MW of hall or MW of grid would save nothing.")
    parts = [_relief(subject, *best[late][1:]) for late in sorted(best)]
    of_all = " (all planning years together, in money of the year named, else of the first)"
    end = say(of_all if len(subject.years) > 1 else " (a year)")
    return say.markup("What would help most: {parts}{end}.", parts=Markup("; ").join(parts), end=end)


def _priced(page: Page) -> bool:
    """Whether any limit that could be relieved carries a price."""
    rows = page.subject.table[page.subject.table["quantity"] == "shadow_price"]
    return bool(page.result.meaning(rows["constraint"])["for_sale"].any())


def _relief(subject: Subject, data: Dataset, row: pd.Series) -> Markup:
    """A month less of delay, or a step more of a limit, and what it saves."""
    say, per, where = subject.say, unit_of_limit(data), place(subject, row)
    saving, what = mark(data, int(str(row.name)), "step"), say.item(row["item"])
    if is_delay(data):
        return say.markup("{what}{where} saves {saving}", what=what, where=_in_brackets(where), saving=saving)
    when = f", {row['year']}" if row["year"] and len(subject.years) > 1 else ""
    step = f"{subject.step(row['item'], per):,.6g}"
    return say.markup(
        "{step} {unit} more of {limit}{where} save {saving}", step=step, unit=say(per), limit=what,
        where=_in_brackets(where + when), saving=saving,
    )  # fmt: skip


def _in_brackets(text: str) -> str:
    return f" ({text.removeprefix(', ')})" if text else ""
