"""Supply of devices: what is bought in a year against what can be delivered in it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from eastwest.formatting.colours import NOTHING
from eastwest.formatting.words import figure
from eastwest.model.clock import seasons_clock
from eastwest.model.data import fleet
from eastwest.model.modules import SECTIONS
from eastwest.model.plan import Plan
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import AnyColumn, Column, Ratio, gather
from eastwest.schema import results_table

LIMIT = "deliverable"
NEEDED = ("anchors", "devices", "supply", "supply_map")


def by_device(subject: Subject) -> Chart:
    """Devices bought, and devices that can be delivered to enter service in the year [devices]."""
    say = subject.say
    columns: dict[str, AnyColumn] = {
        "bought": Column("Bought", "bought", "devices", fill=0.0),
        "deliverable": Column("Deliverable", LIMIT, "devices", how="only"),
        "used": Ratio("Bought, share of deliverable", "bought", "deliverable"),
    }
    title = "Supply used by device"
    data = gather(_with_limits(subject), "supply", title, ["year", "device"], columns)
    caption = say(
        "Devices that the plan buys, as a share of those that can be delivered and energised in the year [%]; the "
        "figures beside the bars are devices."
    )
    if getattr(getattr(subject.scenario.settings, "devices", None), "carry_over", False):
        caption += " " + say("What was left of earlier years may be bought later: a share may exceed 100 %.")
    return Chart.yearly(
        subject, data, _figure, caption, say("No devices can be bought in this year."),
        only=lambda rows: (rows["bought"] > 0) | (rows["deliverable"] > 0),
    )  # fmt: skip


def _with_limits(subject: Subject) -> pd.DataFrame:
    """The results table; for a run that was stored before it held the limits, with what the scenario's tables allow."""
    table, scenario = subject.table, subject.scenario
    if (table["quantity"] == LIMIT).any() or not set(NEEDED) <= set(scenario.tables):
        return table
    sections = {name: getattr(scenario.settings, name) for name in SECTIONS}
    plan = Plan(sections, dict(scenario.tables), scenario.years, seasons_clock(1, 1))
    supply = fleet.deliverable(plan).rename(columns={"vintage": "year", "devices": "value"})
    supply = supply[supply["year"].isin(plan.years) & np.isfinite(supply["value"].astype(float))]
    return pd.concat([table, results_table.rows(LIMIT, "devices", supply)], ignore_index=True)


def _figure(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say, devices = subject.say, order.devices(subject, rows["device"])
    rows, names = rows.set_index("device").loc[devices], order.labels(subject, "device", devices, 40)
    colours = [subject.colours.of("device", device) for device in devices]
    whole = [None if limit != limit else 1 for limit in rows["deliverable"]]
    traces = []
    for column, word, x, marker in (
        ("deliverable", say("deliverable"), whole, {"color": NOTHING, "opacity": 0.35}),
        ("bought", say("bought"), style.known(rows["used"]), {"color": colours}),
    ):
        hover = style.exact([f"{name}: {word}" for name in names], rows[column], "devices")
        traces.append(go.Bar(x=x, y=names, orientation="h", marker=marker, **hover))
    titles = {"x": say("Bought of deliverable [% of devices]"), "y": say("Device")}
    found = style.bar_chart(traces, names, 26, barmode="overlay", showlegend=False, **titles)
    found.update_xaxes(tickformat=".0%", rangemode="tozero")
    for name, bought, limit in zip(names, rows["bought"], rows["deliverable"], strict=True):
        amounts = {"bought": figure(bought), "limit": figure(limit)}
        text = say("{bought} of {limit}" if limit == limit else "{bought}, no limit", **amounts)
        found.add_annotation(text=text, x=1.0, xref="paper", y=name, xanchor="left", xshift=6, showarrow=False)
    return found.update_layout(margin={"r": 190})
