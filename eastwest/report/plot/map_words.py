"""What a map says: hover texts (markup of Plotly's escaped), caption, names of scales. Kinds stand apart throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eastwest.formatting.words import figure, percent, with_unit
from eastwest.report.plot import order, style
from eastwest.report.plot.map_picture import Picture

if TYPE_CHECKING:
    from eastwest.scenario import Scenario


def measure(shown: Picture, name: str, kind: str) -> str:
    """What areas are shaded by, with its unit."""
    say, word = shown.subject.say, shown.subject.say.item(kind)
    if name == "demand":
        return say("Demand, {kind} [PFLOP/s]", kind=word)
    return say("Unserved share of demand, {kind} [%]", kind=word)


def widths(shown: Picture, bounds: Sequence[float]) -> list[str]:
    """What each width of lines stands for."""
    say = shown.subject.say
    texts = [say("up to {most} PFLOP/s", most=f"{bounds[0]:,.6g}")] if len(bounds) else []
    return texts + [say("to {most}", most=f"{most:,.6g}") for most in bounds[1:]]


def region(shown: Picture, key: str, year: int) -> str:
    """Demand of a region and what of it is unserved, kind by kind."""
    say = shown.subject.say
    lines = [f"<b>{style.shown(shown.subject.names.full('region', key))}</b>"]
    rows = shown.tables.provinces.rows(year=year, region=key).set_index("kind")
    for kind in order.kinds(rows.index):
        row = rows.loc[kind]
        demand = with_unit(row["demand"], "PFLOP/s")
        lines.append(say("{kind}: demand {demand}", kind=say.item(kind), demand=demand))
        if row["unserved"] > 0:
            lost = with_unit(row["unserved"], "PFLOP/s")
            lines[-1] += say(", unserved {amount} ({share})", amount=lost, share=percent(row["share"]))
    return "<br>".join(lines if len(rows) else [*lines, say("no demand in this run")])


def site(shown: Picture, key: str, year: int) -> str:
    """Power and halls of a site, then each kind of compute."""
    say, names, tables = shown.subject.say, shown.subject.names, shown.tables
    lines = [f"<b>{style.shown(names.full('site', key), 90)}</b>"]
    titles = {"grid": say("Grid connection, taken")}
    titles |= {"hall_dense": say("Dense hall"), "hall_standard": say("Standard hall")}
    for row in tables.sites.rows(year=year, site=key).to_dict(orient="records"):
        for asset, title in titles.items():
            used, capacity, share = (row[f"{asset}_{what}"] for what in ("used", "capacity", "share"))
            if np.isfinite(used):
                amounts = {"used": figure(used), "capacity": with_unit(capacity, "MW"), "share": percent(share)}
                lines.append(say("{title}: {used} of {capacity} ({share})", title=title, **amounts))
    rows = tables.compute.rows(year=year, site=key).set_index("kind")
    for kind in order.kinds(rows.index):
        served = rows.loc[kind, "served"]
        amounts = {"devices": figure(rows.loc[kind, "energised"]), "served": with_unit(served, "PFLOP/s")}
        lines.append(say("{kind}: {devices} devices, serves {served}", kind=say.item(kind), **amounts))
        if served > 0:
            own = tables.flows.rows(year=year, region=names.regions.get(key), site=key, kind=kind)["served"].sum()
            lines[-1] += say(", {share} of it to its own region", share=percent(own / served))
    return "<br>".join(lines if len(lines) > 1 else [*lines, say("no figures in this run")])


def flow(shown: Picture, route: Any) -> str:
    """Where from, where to, what, how much, how long; `route` is a row of `Picture.flows`."""
    say, names = shown.subject.say, shown.subject.names
    start, end = style.shown(names.said("region", route.region), 40), style.shown(names.said("site", route.site))
    pflops, share = with_unit(route.served, "PFLOP/s"), percent(route.share)
    return "<br>".join([
        f"<b>{start} → {end}</b>",
        style.shown(shown.group_label(route.group)),
        say("{amount}, {share} of the whole", amount=pflops, share=share),
        say("round trip {time}", time=with_unit(route.round_trip, "ms")),
    ])  # fmt: skip


def caption(shown: Picture, kind: str) -> str:
    """How to read the map, and which layer it shows."""
    say = shown.subject.say
    parts = [
        say("Circles are sites: area by the grid connection that is taken, colour by the fullest of grid and halls."),
        say(
            "Lines run from the region served to the site that serves it and bend to the left of their way; what a "
            "region's own sites serve has no line, nor have the smallest flows that together carry less than 2 % "
            "of what leaves its region. The run's tables hold all."
        ),
        say("Grey: no demand of this kind in this run.") if _has_gaps(shown, kind) else "",
        layer(shown),
    ]
    return " ".join(part for part in parts if part)


def _has_gaps(shown: Picture, kind: str) -> bool:
    rows = shown.tables.provinces.rows(kind=kind).dropna(subset="demand")
    asked = set(zip(rows["region"], rows["year"], strict=True))
    return any((region, year) not in asked for region in shown.rings for year in shown.subject.years)


def layer(shown: Picture) -> str:
    """Which layer of outlines is shown, and where it comes from."""
    say = shown.subject.say
    if not shown.rings:
        return say("No outlines: the scenario has no layer of regions.")
    said = getattr(shown.subject.scenario.settings, "geography", None)
    name = style.cut(said.layer, 80) if said and said.layer else "regions.geojson"
    source = style.cut(said.source, 200) if said and said.source else say("source not stated")
    return say("Outlines: {layer} ({source}).", layer=name, source=source)


def title(scenario: Scenario) -> str:
    """The heading of a picture that stands alone."""
    return style.cut(scenario.settings.title or scenario.name, 90)


def subtitle(shown: Picture, task: str, year: int) -> str:
    """Year and flows of a picture."""
    what = style.cut(shown.group_label(task), 80)
    return shown.subject.say("{year}, flows: {what}", year=year, what=what)
