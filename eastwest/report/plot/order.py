"""In which order sites, devices, tasks and slices stand on every chart, and how they are called there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from eastwest.formatting.colours import KINDS
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.style import shown, unique
from eastwest.schema.contract import SEASONS

ENDINGS = (" cluster", "数据中心集群")
"""What every cluster is called besides its place."""


def sites(subject: Subject, present: Iterable[str]) -> list[str]:
    """Sites that are present: clusters by hub, then metros by hub, then those outside hubs."""
    table = subject.scenario.tables["sites"]
    ranked = hubs(subject, table["hub"].dropna())
    rank = table["hub"].map({hub: number for number, hub in enumerate(ranked)}).astype(float).fillna(len(ranked))
    listed = table.assign(rank=rank).sort_values(["kind", "rank"], kind="stable")["site"]
    return _those(listed, present)


def hubs(subject: Subject, present: Iterable[str]) -> list[str]:
    """Hubs that are present: of the East, then of the West."""
    table = subject.scenario.tables.get("hubs")
    listed = [] if table is None or table.empty else list(table.sort_values("side", kind="stable")["hub"])
    return _those(listed, present)


def devices(subject: Subject, present: Iterable[str]) -> list[str]:
    """Devices that are present by kind of compute, intelligent first."""
    table = subject.scenario.tables["devices"]
    rank = table["kind"].map({kind: number for number, kind in enumerate(KINDS)}).astype(float)
    return _those(table.assign(rank=rank).sort_values("rank", kind="stable")["device"], present)


def kinds(present: Iterable[str]) -> list[str]:
    """Kinds of compute that are present, intelligent first."""
    return _those(KINDS, present)


def regions(subject: Subject, present: Iterable[str]) -> list[str]:
    """Regions that are present, in the order of their table."""
    return _those(subject.scenario.tables["regions"]["region"], present)


def _those(listed: Iterable[str], present: Iterable[str]) -> list[str]:
    """What is listed and present; then what is present alone."""
    wanted = set(present)
    found = [key for key in listed if key in wanted]
    return found + sorted(wanted - set(found))


def clusters(subject: Subject, present: Iterable[str]) -> int:
    """How many of the sites are clusters."""
    table = subject.scenario.tables["sites"]
    return len(set(table.loc[table["kind"] == "cluster", "site"]) & set(present))


def labels(subject: Subject, label: str, keys: Iterable[str], most: int = 28) -> list[str]:
    """Short names for an axis, no two alike; "cluster" is left out, as sites are grouped by it."""
    if label == "item":
        return unique(shown(subject.say.item(key)) for key in keys)
    full = [subject.names.said(label, key) for key in keys]
    for ending in ENDINGS if label == "site" else ():
        full = [name.removesuffix(ending) for name in full]
    short = [shown(_without_brackets(name, most), most) for name in full]
    alike = {name for name, number in Counter(short).items() if number > 1}
    pairs = zip(full, short, strict=True)
    return unique(shown(_ends(name, most), most) if cut in alike else cut for name, cut in pairs)


def _without_brackets(name: str, most: int) -> str:
    """The name without what stands in brackets, where it is too long with it."""
    return re.sub(r" *\([^()]*\)", "", name) or name if len(name) > most else name


def _ends(name: str, most: int) -> str:
    """Both ends of a long name: what tells two of them apart often stands last."""
    return name if len(name) <= most else f"{name[: most // 2]}…{name[1 + most // 2 - most :]}"


def day_of(name: str) -> str:
    """What comes before the hour in the name of a slice: a season, an event or a day of the year."""
    return name.rpartition("-")[0]


def hour_of(name: str) -> str:
    """The hour of the day at which a slice begins."""
    return f"{name.rpartition('-')[2]}:00"


def slices(present: Iterable[str]) -> list[str]:
    """Slices in the order of the year: seasons from winter on, then days, then events, each by the hour."""

    def key(name: str) -> tuple[int, str, str]:
        day = day_of(name)
        first = day.split("-")[0]
        rank = SEASONS.index(first) if first in SEASONS else len(SEASONS)
        return rank, day, name

    return sorted(set(present), key=key)
