"""Training clusters: blocks that stand for the work that needs them, blocks that what stands could form, and where."""

from __future__ import annotations

import pandas as pd

from eastwest.formatting.words import figure
from eastwest.report.cells import clip
from eastwest.report.lines import Line, country, lines_open
from eastwest.report.section import Cell, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, gather

METRIC = "ten_thousand_card_clusters"
MOST_PLACES = 10
BLOCKS = ("training_blocks", "blocks_possible", "blocks_in_place")


def section(page: Page) -> Section | None:
    """Blocks by size and year, the places with most of them, and the published count; nothing where blocks are off."""
    subject, say = page.subject, page.subject.say
    if not subject.table["quantity"].isin(BLOCKS).any():
        return None
    columns: dict[str, AnyColumn] = {
        "blocks": Column("Blocks", "training_blocks", "blocks", fill=0.0),
        "possible": Column("that energised devices could form", "blocks_possible", "blocks", fill=0.0),
        "in_place": Column("that stock and commitments could form", "blocks_in_place", "blocks", fill=0.0),
        "share": Column("Share of work done in blocks", "share_in_blocks", "1"),
    }
    data = gather(subject.table, "blocks", "Training blocks by size", ["year", "item"], columns)
    where = gather(subject.table, "blocks_by_site", "Training blocks by site", ["year", "item", "site", "device"],
                   {"blocks": Column("Blocks", "training_blocks", "blocks")})  # fmt: skip
    where = where.but(where.frame.sort_values(["year", "blocks"], ascending=[True, False], kind="stable"))
    cost = Column("Network of blocks", "cost", "million CNY", {"item": "block_network"})
    paid, network = country(subject, "block_network", "Network of training blocks", {"cost": cost})
    sizes = getattr(getattr(page.result.scenario.settings, "blocks", None), "sizes", {})
    lines = []
    for item in sorted(set(data.frame["item"]), key=lambda item: (sizes.get(item, 0), item)):
        size = say("Blocks of {n}", n=f"{sizes[item]:,}") if item in sizes else clip(item)
        for key, column in data.columns.items():
            title = f"{size}: {say(column.title)}" if key == "share" or item not in sizes else "  " + say(column.title)
            lines.append(Line(size if key == "blocks" else title, data, key, {"item": item}))
    note = say(
        "A block is so many devices of one type at one site, parts of blocks unless whole numbers were asked for. A "
        "metro site stands for all centres of its province outside the clusters, so what could form a block there may "
        "stand in several halls."
    )
    text = say("Where most blocks stand:")
    places = [listed(subject, where, say("Size"), year, most=MOST_PLACES, text=text) for year in subject.years]
    return Section(
        "blocks", say("Training clusters"), (note,), opens=(lines_open(subject, [*lines, *network]), *places),
        tables=(data, where, paid), closing=_published(page),
    )  # fmt: skip


def _published(page: Page) -> tuple[Cell, ...]:
    known = page.result.scenario.tables.get("policy_targets")
    rows = known[known["metric"] == METRIC] if known is not None else pd.DataFrame()
    return tuple(
        page.subject.say(
            "Published: {count} clusters of ten thousand cards and more, {period} ({source}). It counts clusters, not "
            "blocks: one of 30,000 cards counts once where it could form three blocks of 10,000; the cards need not be "
            "of one type; and it is what operators report as a cluster.",
            count=figure(float(row["value"])), period=clip(row["period"]), source=clip(row["source"]),
        )
        for row in rows.to_dict(orient="records")
    )  # fmt: skip
