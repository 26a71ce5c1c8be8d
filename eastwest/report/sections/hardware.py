"""Liquid cooling, racks, software that comes late, energy quotas of metros, water: what is used of each limit."""

from __future__ import annotations

from dataclasses import replace

from eastwest.report.cells import named
from eastwest.report.lines import Line, country, lines_by, lines_open
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Open, Page, Section
from eastwest.results.dataset import AnyColumn, Column, Computed, Dataset, gather
from eastwest.schema.units import MONEY

MOST_SITES = 8
HALLS = (
    ("liquid", "liquid_cooling", "Liquid-cooled hall", "MW"),
    ("dense", "racks_dense", "Dense racks", "racks"),
    ("standard", "racks_standard", "Standard racks", "racks"),
)
ITEMS = ("liquid_cooling", "racks_dense", "racks_standard", "water")
RULE = "rows of the quantity at the site, at the sites of the region, or of the country"
ASKED = ("porting", "metro_quota", "water_cap")


def section(page: Page) -> Section | None:
    """The country by year, then what is capped by place; nothing where none of these limits is used."""
    subject, say, table = page.subject, page.subject.say, page.subject.table
    if not (table["item"].isin(ITEMS) | table["quantity"].isin(ASKED)).any():
        return None
    data, lines = country(subject, "hardware", "Hardware and water", _columns())
    porting = gather(table, "porting", "Devices waiting for software", ["year", "kind"],
                     {"devices": Column("Devices waiting for software", "porting", "devices")})  # fmt: skip
    water = gather(table, "water", "Water", ["year", "item"], {"water": Column("Water", "water", "m3")})
    caps = _capped(subject)
    kinds, items = order.kinds(set(porting.frame["kind"])), sorted(set(water.frame["item"]))
    not_ported = {kind: say("Devices waiting for software, {kind}", kind=say(kind)) for kind in kinds}
    taken = {item: say("Water, {what}", what=say.item(item)) for item in items}
    lines[-1:] = [*lines_by(porting, "kind", not_ported), *lines_by(water, "item", taken), lines[-1]]
    opens = [lines_open(subject, lines)]
    opens += [_lines(subject, cap, text) for text, cap in caps]
    return Section("hardware", say("Hardware, quotas and water"), opens=tuple(opens),
                   tables=(data, porting, water, *(cap for _, cap in caps)))  # fmt: skip


def _columns() -> dict[str, AnyColumn]:
    columns: dict[str, AnyColumn] = {}
    for key, item, words, unit in HALLS:
        columns[key] = Column(f"{words}, in place", "capacity", unit, {"item": item})
        columns[f"{key}_used"] = Column(f"{words}, used", "used", unit, {"item": item})
        columns[f"{key}_built"] = Column(f"{words}, converted", "built", unit, {"item": item})
    return {**columns, "water": Column("Cost of water", "cost", MONEY, {"item": "water"})}


def _capped(subject: Subject) -> list[tuple[str, Dataset]]:
    """What is taken of each energy quota and cap on water, by site, region or the country, and the cap."""
    say, table = subject.say, subject.table
    region = table["site"].map(subject.names.regions).fillna("")
    found = []
    for name, used, unit, title, text in (
        ("metro_quota", "grid_electricity", "MWh", "Energy quotas of metros",
         say("Energy quotas of metros: what is drawn from the grid, and the quota:")),
        ("water_cap", "water", "m3", "Caps on water", say("Caps on water: what is taken, and the cap:")),
    ):  # fmt: skip
        caps = table[table["quantity"] == name]
        columns: dict[str, AnyColumn] = {"cap": Column("At most", name, unit)}
        data = gather(table, name, title, ["year", "site", "region"], columns)
        taken = table[table["quantity"] == used].assign(own=region)
        for at, row in data.frame.iterrows():
            inside = taken["year"] == row["year"]
            if row["site"]:
                inside &= taken["site"] == row["site"]
            elif row["region"]:
                inside &= taken["own"] == row["region"]
            data.frame.loc[at, "taken"] = taken.loc[inside, "value"].sum()
        if len(caps):
            column = Computed(say("Taken"), unit, RULE, (Column(say("Taken"), used, unit),))
            found.append((text, replace(data, columns={**data.columns, "taken": column})))
    return found


def _lines(subject: Subject, data: Dataset, text: str) -> Open:
    """Two lines for each place that has a cap; those that use most of it first."""
    say, found = subject.say, []
    for (site, region), rows in data.frame.groupby(["site", "region"]):
        share = (rows["taken"] / rows["cap"].where(rows["cap"] > 0)).max()
        level, key = ("site", site) if site else ("region", region)
        where = named(subject, level, str(key), both=False) if key else say("The country")
        own = {"site": site, "region": region}
        pair = [Line(where, data, "taken", own), Line("  " + say("at most"), data, "cap", own)]
        found.append((-float(share), where, pair))
    lines = [line for *_, pair in sorted(found, key=lambda entry: entry[:2])[:MOST_SITES] for line in pair]
    return lines_open(subject, lines, text=text)
