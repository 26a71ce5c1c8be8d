"""What a map says: hover texts (markup of Plotly's escaped), caption, names of scales. Kinds stand apart throughout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from eastwest.formatting.words import figure, percent, plain, with_unit
from eastwest.report.plot import style
from eastwest.report.plot.map_picture import Circle, Flow, Group, Picture, kind_word

if TYPE_CHECKING:
    from eastwest.scenario import Scenario


def _clean(text: str, most: int) -> str:
    """A name on one line, no longer than a caption can bear; not escaped."""
    text = " ".join(plain(text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def measure(shown: Picture, name: str, kind: str) -> str:
    """What areas are shaded by, with its unit."""
    say, word = shown.subject.say, kind_word(shown.subject.say, kind)
    if name == "demand":
        return say("Demand, {kind} [PFLOP/s]", kind=word)
    return say("Unserved share of demand, {kind} [%]", kind=word)


def widths(shown: Picture, bounds: Sequence[float]) -> list[str]:
    """What each width of lines stands for."""
    say = shown.subject.say
    texts = [say("up to {most} PFLOP/s", most=f"{bounds[0]:,.6g}")] if len(bounds) else []
    return texts + [say("to {most}", most=f"{most:,.6g}") for most in bounds[1:]]


def sizes(shown: Picture) -> str:
    """What the area of circles stands for; two lines."""
    return shown.subject.say("Grid connection\ntaken")


def region(shown: Picture, key: str, year: int) -> str:
    """Demand of a region and what of it is unserved, kind by kind."""
    say, names = shown.subject.say, shown.subject.names
    lines = [f"<b>{style.shown(names.full('region', key))}</b>"]
    rows = shown.tables.region_rows.get((year, key), [])
    for row in rows:
        word, demand = kind_word(say, row["kind"]), with_unit(row["demand"], "PFLOP/s")
        lines.append(say("{kind}: demand {demand}", kind=word, demand=demand))
        if row["unserved"] > 0:
            lost = with_unit(row["unserved"], "PFLOP/s")
            lines[-1] += say(", unserved {amount} ({share})", amount=lost, share=percent(row["share"]))
    return "<br>".join(lines if rows else [*lines, say("no demand in this run")])


def site(shown: Picture, circle: Circle, year: int) -> str:
    """Power and halls of a site, then each kind of compute."""
    say, names, key = shown.subject.say, shown.subject.names, circle.site
    lines = [f"<b>{style.shown(names.full('site', key), 90)}</b>"]
    titles = {"grid": say("Grid connection, taken")}
    titles |= {"hall_dense": say("Dense hall"), "hall_standard": say("Standard hall")}
    for row in shown.tables.site_rows.get((year, key), []):
        for asset, title in titles.items():
            used, capacity, share = (row[f"{asset}_{what}"] for what in ("used", "capacity", "share"))
            if np.isfinite(used):
                amounts = {"used": figure(used), "capacity": with_unit(capacity, "MW"), "share": percent(share)}
                lines.append(say("{title}: {used} of {capacity} ({share})", title=title, **amounts))
    for row in shown.tables.compute_rows.get((year, key), []):
        amounts = {"devices": figure(row["energised"]), "served": with_unit(row["served"], "PFLOP/s")}
        lines.append(say("{kind}: {devices} devices, serves {served}", kind=kind_word(say, row["kind"]), **amounts))
        if row["served"] > 0:
            own = shown.tables.served_rows.get((year, names.regions.get(key), key, row["kind"]), [])
            share = sum(each["served"] for each in own) / row["served"]
            lines[-1] += say(", {share} of it to its own region", share=percent(share))
    return "<br>".join(lines if len(lines) > 1 else [*lines, say("no figures in this run")])


def flow(shown: Picture, group: Group, chosen: Flow) -> str:
    """Where from, where to, what, how much, how long."""
    say, names = shown.subject.say, shown.subject.names
    ends = [style.shown(names.said("region", chosen.region), 40), style.shown(names.said("site", chosen.site))]
    pflops, share = with_unit(chosen.pflops, "PFLOP/s"), percent(chosen.share)
    lines = [f"<b>{ends[0]} → {ends[1]}</b>", style.shown(group.label)]
    lines.append(say("{amount}, {share} of the whole", amount=pflops, share=share))
    lines.append(say("round trip {time}", time=with_unit(chosen.round_trip_ms, "ms")))
    return "<br>".join(lines)


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
    return any(
        not np.isfinite(shown.value("demand", kind, region, year)) for region in shown.rings for year in shown.years
    )


def layer(shown: Picture) -> str:
    """Which layer of outlines is shown, and where it comes from."""
    say = shown.subject.say
    if not shown.rings:
        return say("No outlines: the scenario has no layer of regions.")
    said = getattr(shown.subject.scenario.settings, "geography", None)
    name = _clean(said.layer, 80) if said and said.layer else "regions.geojson"
    source = _clean(said.source, 200) if said and said.source else say("source not stated")
    return say("Outlines: {layer} ({source}).", layer=name, source=source)


def title(scenario: Scenario) -> str:
    """The heading of a picture that stands alone."""
    return _clean(scenario.settings.title or scenario.name, 90)


def subtitle(shown: Picture, task: str, year: int) -> str:
    """Year and flows of a picture."""
    what = _clean(shown.group_label(task), 80)
    return shown.subject.say("{year}, flows: {what}", year=year, what=what)
