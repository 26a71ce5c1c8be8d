"""What is left unserved: by task with the limits to blame, by what users would pay, by region, and over the years."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from eastwest.report.cells import named, parts_of
from eastwest.report.lines import Line, largest_first, lines_open
from eastwest.report.plot import order
from eastwest.report.plot.chart import Subject
from eastwest.report.section import Cell, Open, Page, Section
from eastwest.report.sections.listed import listed
from eastwest.results.dataset import AnyColumn, Column, Computed, Dataset, Ratio, gather

MOST_REGIONS = 8
MOST_LIMITS = 3
MOST_TRANCHES = 12
NOT_TRACED = "not traced"
SHOWN = ("unserved", "share")
RULE = (
    "shares of the limits to blame of each task, weighted by what the task lacks, over what the kind lacks; what is "
    "traced to no limit counts as not traced"
)


def section(page: Page) -> Section:
    """Three tables a year and two of all years; one sentence where all demand is served."""
    subject, say = page.subject, page.subject.say
    task, region = unserved_by(subject, "task"), unserved_by(subject, "region")
    tranche = unserved_by_tranche(subject)
    share = {"share": Column("Share of what the task lacks", "unserved_because", "1")}
    labels = ["year", "task", "kind", "item"]
    blame = gather(subject.table, "unserved_because", "Limits to blame for what is unserved", labels, share)
    kinds = blame_of_kinds(subject)
    several = len(subject.years) > 1 and (task.frame["unserved"] > 0).any()
    opens = _by_year(subject, task, kinds) if several else []
    for year in subject.years:
        if len(_rows(task, year)):
            opens += [_by_task(subject, task, blame, year)]
            opens += [_by_tranche(subject, tranche, year)] if len(_rows(tranche, year)) else []
            opens += [_by_region(subject, region, year)]
        else:
            opens.append(Open(say("{year}: all demand is served.", year=year), year=year))
    return Section(
        "unserved", say("What is left unserved, and why"), opens=tuple(opens),
        tables=(task, tranche, region, blame, kinds), year=_worst_year(task),
    )  # fmt: skip


def unserved_by(subject: Subject, label: str) -> Dataset:
    """Unserved demand by year, kind and task or region [PFLOP/s of the kind], and as a share of its demand."""
    columns: dict[str, AnyColumn] = {
        "unserved": Column("Unserved", "unserved", "PFLOP/s"),
        "demand": Column("Demand", "demand", "PFLOP/s"),
        "share": Ratio("Unserved, share of its demand", "unserved", "demand"),
    }
    title = {"task": "Unserved demand by task", "region": "Unserved demand by region"}[label]
    return gather(subject.table, f"unserved_by_{label}", title, ["year", label, "kind"], columns)


def unserved_by_tranche(subject: Subject) -> Dataset:
    """Unserved demand by year, task and tranche [PFLOP/s of the kind], as a share of it, and what it is worth."""
    columns: dict[str, AnyColumn] = {
        "unserved": Column("Unserved", "unserved", "PFLOP/s"),
        "demand": Column("Demand", "tranche_demand", "PFLOP/s"),
        "share": Ratio("Unserved, share of its demand", "unserved", "demand"),
        "value": Column("What users would pay", "tranche_value", "CNY/(PFLOP/s h)", by=("task", "kind", "item")),
    }
    labels = ["year", "task", "kind", "item"]
    data = gather(subject.table, "unserved_by_tranche", "Unserved demand by what users would pay", labels, columns)
    return data.but(data.frame.dropna(subset="value"))


def blame_of_kinds(subject: Subject) -> Dataset:
    """Share of each limit in what a kind of compute leaves unserved in a year [1]."""
    table, keys = subject.table, ["year", "kind", "task"]
    lost = table[(table["quantity"] == "unserved") & (table["value"] > 0)]
    lacking = lost.groupby(keys)["value"].sum().rename("lacking").reset_index()
    blame = table[table["quantity"] == "unserved_because"][[*keys, "item", "value"]]
    each = lacking.merge(blame, on=keys, how="left")
    each = each.assign(item=each["item"].fillna(NOT_TRACED), share=each["value"].fillna(1.0) * each["lacking"])
    found = each.groupby(["year", "kind", "item"], as_index=False)["share"].sum()
    whole = lacking.groupby(["year", "kind"])["lacking"].sum()
    found["share"] /= whole.reindex(pd.MultiIndex.from_frame(found[["year", "kind"]])).to_numpy()
    column = Computed("Share of what the kind leaves unserved", "1", RULE)
    return Dataset("blame_of_kinds", "Limits to blame, by kind of compute", ("year", "kind", "item"),
                   {"share": column}, found[found["share"] > 0].reset_index(drop=True))  # fmt: skip


def _worst_year(data: Dataset) -> int:
    """The year with the largest share of a kind's demand unserved: kinds are not added to find it."""
    sums = data.frame.groupby(["kind", "year"])[["unserved", "demand"]].sum()
    share = sums["unserved"] / sums["demand"].where(sums["demand"] > 0)
    return int(share.idxmax()[1]) if share.notna().any() and share.max() > 0 else 0


def _by_year(subject: Subject, task: Dataset, kinds: Dataset) -> list[Open]:
    """What each task lacks, and which limits are to blame for what each kind lacks."""
    say, lines = subject.say, []
    for labels in largest_first(task, "unserved", ["task", "kind"]):
        if not task.rows(**labels)["unserved"].max() > 0:
            continue
        words = ", ".join(named(subject, label, str(key)) for label, key in labels.items())
        lines += [Line(words, task, "unserved", labels), Line("  " + say("share of its demand"), task, "share", labels)]
    blamed = [
        Line(", ".join(named(subject, label, str(labels[label])) for label in ("item", "kind")), kinds, "share", labels)
        for kind in order.kinds(set(kinds.frame["kind"]))
        for labels in largest_first(kinds.but(kinds.rows(kind=kind)), "share", ["item", "kind"])
    ]
    text = say("Limits to blame, share of what the kind leaves unserved in the year:")
    return [
        lines_open(subject, lines, first=say("Task, kind")),
        lines_open(subject, blamed, first=say("Limit, kind"), text=text),
    ]


def _rows(data: Dataset, year: int) -> pd.DataFrame:
    rows = data.rows(year=year)
    return rows[rows["unserved"] > 0].sort_values("unserved", ascending=False, kind="stable")


def _by_task(subject: Subject, data: Dataset, blame: Dataset, year: int) -> Open:
    say = subject.say
    words = {"task": say("Task"), "share": say("Share of its demand")}
    more = {say("Limits to blame"): lambda row: _blamed(subject, blame, row)}
    rows = _rows(data, year)
    return listed(subject, data, "", year, rows=rows, columns=SHOWN, words=words, more=more, most=len(rows))


def _blamed(subject: Subject, blame: Dataset, row: pd.Series) -> Cell:
    """The limits that carry most of what a task lacks, with their shares."""
    rows = blame.rows(year=row["year"], task=row["task"], kind=row["kind"])
    most = rows.sort_values("share", ascending=False, kind="stable").head(MOST_LIMITS)
    return Markup(", ").join(parts_of(subject, blame, most, "item", "share")) or subject.say(NOT_TRACED)


def _by_tranche(subject: Subject, data: Dataset, year: int) -> Open:
    """The least valued tranches first: where they compete they are the first to be left."""
    say, rows = subject.say, _rows(data, year).sort_values("value", kind="stable")
    words = {"task": say("Task"), "share": say("Share of the tranche")}
    count = len(rows)
    text = say("By what users would pay, the least valued of {count}:", count=count)
    text = text if count > MOST_TRANCHES else say("By what users would pay, the least valued first:")
    columns = (*SHOWN, "value")
    return listed(
        subject, data, say("Tranche"), year, rows=rows, columns=columns, words=words, most=MOST_TRANCHES, text=text
    )


def _by_region(subject: Subject, data: Dataset, year: int) -> Open:
    say, rows = subject.say, _rows(data, year)
    count, words = len(rows), {"share": say("Share of its demand")}
    text = say("By region, the largest of {count}:", count=count) if count > MOST_REGIONS else say("By region:")
    return listed(subject, data, "", year, rows=rows, columns=SHOWN, words=words, most=MOST_REGIONS, text=text)
