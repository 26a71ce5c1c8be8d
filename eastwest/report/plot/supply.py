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
    figures = {year: _figure(subject, order.of_year(data.frame, year)) for year in subject.years}
    caption = say(
        "Devices that the plan buys, as a share of those that can be delivered and energised in the year [%]; the "
        "figures beside the bars are devices."
    )
    if getattr(getattr(subject.scenario.settings, "devices", None), "carry_over", False):
        caption += " " + say("What was left of earlier years may be bought later: a share may exceed 100 %.")
    height = max(figure.layout.height for figure in figures.values())
    return Chart("supply", say(data.title), caption, data, figures, True, height)


def _with_limits(subject: Subject) -> pd.DataFrame:
    """The results table; for a run that was stored before it held the limits, with what the scenario's tables allow."""
    table, scenario = subject.table, subject.scenario
    if (table["quantity"] == LIMIT).any() or not set(NEEDED) <= set(scenario.tables):
        return table
    sections = {name: getattr(scenario.settings, name) for name in SECTIONS}
    plan = Plan(sections, dict(scenario.tables), tuple(scenario.settings.years), seasons_clock(1))
    supply = fleet.deliverable(plan).rename(columns={"vintage": "year", "devices": "value"})
    supply = supply[supply["year"].isin(plan.years) & np.isfinite(supply["value"].astype(float))]
    return pd.concat([table, results_table.rows(LIMIT, "devices", supply)], ignore_index=True)


def _figure(subject: Subject, rows: pd.DataFrame) -> go.Figure:
    say = subject.say
    rows = rows[(rows["bought"] > 0) | (rows["deliverable"] > 0)]
    if rows.empty:
        return style.words(say("No devices can be bought in this year."))
    devices = order.devices(subject, rows["device"])
    rows = rows.set_index("device").loc[devices]
    names = order.labels(subject.names, "device", devices, 40)
    whole = go.Bar(
        x=[None if limit != limit else 1 for limit in rows["deliverable"]],
        y=names,
        orientation="h",
        marker={"color": NOTHING, "opacity": 0.35},
        **style.exact([f"{name}: {say('deliverable')}" for name in names], rows["deliverable"], "devices"),
    )
    used = go.Bar(
        x=style.known(rows["used"]),
        y=names,
        orientation="h",
        marker_color=[subject.colours.of("device", device) for device in devices],
        **style.exact([f"{name}: {say('bought')}" for name in names], rows["bought"], "devices"),
    )
    x = say("Bought of deliverable [% of devices]")
    found = style.figure([whole, used], x=x, y=say("Device"), barmode="overlay", showlegend=False)
    found.update_layout(height=style.HEAD + 26 * len(names))
    found.update_xaxes(style.SHARES)
    found.update_yaxes(style.rows_from_top())
    for name, bought, limit in zip(names, rows["bought"], rows["deliverable"], strict=True):
        text = (
            say("{bought} of {limit}", bought=figure(bought), limit=figure(limit))
            if limit == limit
            else say("{bought}, no limit", bought=figure(bought))
        )
        found.add_annotation(text=text, x=1.0, xref="paper", y=name, xanchor="left", xshift=6, showarrow=False)
    return found.update_layout(margin={"r": 190})
