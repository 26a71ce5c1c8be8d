"""Training clusters: units that stand for the work that needs them, units that what stands could form, and where."""

from __future__ import annotations

import pandas as pd

from eastwest.formatting.words import figure
from eastwest.report.cells import clip
from eastwest.report.lines import Line, country, lines_open
from eastwest.report.section import Cell, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, gather
from eastwest.schema.units import MONEY

METRIC = "ten_thousand_card_clusters"
MOST_PLACES = 10
UNIT = "training units"
UNITS = ("training_units", "training_units_possible", "training_units_in_place")


def section(page: Page) -> Section | None:
    """Units by size and year, the places with most of them, and the published count; nothing where they are off."""
    subject, say = page.subject, page.subject.say
    if not subject.table["quantity"].isin(UNITS).any():
        return None
    data = gather(subject.table, "training_units", "Training units by size", ["year", "item"], {
        "units": Column("Training units", "training_units", UNIT, fill=0.0),
        "possible": Column("that energised devices could form", "training_units_possible", UNIT, fill=0.0),
        "in_place": Column("that stock and commitments could form", "training_units_in_place", UNIT, fill=0.0),
        "share": Column("Share of work done in units", "share_in_training_units", "1"),
    })  # fmt: skip
    one: dict[str, AnyColumn] = {"units": Column("Training units", "training_units", UNIT)}
    labels = ["year", "item", "site", "device"]
    where = gather(subject.table, "training_units_by_site", "Training units by site", labels, one)
    where = where.but(where.frame.sort_values(["year", "units"], ascending=[True, False], kind="stable"))
    cost = Column("Network of training units", "cost", MONEY, {"item": "training_unit_network"})
    paid, network = country(subject, "training_unit_network", "Network of training units", {"cost": cost})
    sizes = getattr(getattr(page.result.scenario.settings, "training_units", None), "sizes", {})
    lines = []
    for item in sorted(set(data.frame["item"]), key=lambda item: (sizes.get(item, 0), item)):
        size = say("Training units of {n}", n=f"{sizes[item]:,}") if item in sizes else clip(item)
        for key, column in data.columns.items():
            title = f"{size}: {say(column.title)}" if key == "share" or item not in sizes else "  " + say(column.title)
            lines.append(Line(size if key == "units" else title, data, key, {"item": item}))
    note = say(
        "A training unit is so many devices of one type at one site, parts of units unless integer numbers were asked "
        "for. A metro site stands for all centres of its province outside the clusters, so what could form a unit "
        "there may stand in several halls."
    )
    text = say("Where most training units stand:")
    places = [listed(subject, where, say("Size"), year, most=MOST_PLACES, text=text) for year in subject.years]
    return Section(
        "training_units", say("Training clusters"), (note,), opens=(lines_open(subject, [*lines, *network]), *places),
        tables=(data, where, paid), closing=_published(page),
    )  # fmt: skip


def _published(page: Page) -> tuple[Cell, ...]:
    known = page.result.scenario.tables.get("policy_targets")
    rows = known[known["metric"] == METRIC] if known is not None else pd.DataFrame()
    return tuple(
        page.subject.say(
            "Published: {count} clusters of ten thousand cards and more, {period} ({source}). It counts clusters, not "
            "training units: one of 30,000 cards counts once where it could form three units of 10,000; the cards need "
            "not be of one type; and it is what operators report as a cluster.",
            count=figure(float(row["value"])), period=clip(row["period"]), source=clip(row["source"]),
        )
        for row in rows.to_dict(orient="records")
    )  # fmt: skip
