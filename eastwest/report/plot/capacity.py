"""From announced to working: devices installed, energised and bought; halls and connections in place and used."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from eastwest.formatting.colours import MEASURES
from eastwest.report.plot import order, style
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.dataset import AnyColumn, Column, Dataset, Ratio, gather

HEIGHT = 400
ASSETS = ("grid", "hall_dense", "hall_standard")


def compute_data(subject: Subject) -> Dataset:
    """Dense peak installed, energised and bought by year and kind [PFLOP/s]."""
    columns: dict[str, AnyColumn] = {
        "installed": Column("Installed", "installed_peak", "PFLOP/s", fill=0.0),
        "energised": Column("Energised", "energised_peak", "PFLOP/s", fill=0.0),
        "bought": Column("Bought in the year", "bought_peak", "PFLOP/s", fill=0.0),
        "share": Ratio("energised over installed", "energised", "installed"),
    }
    return gather(subject.table, "capacity_compute", "Compute installed and energised", ["year", "kind"], columns)


def compute(subject: Subject, year: int | None = None) -> Chart:
    """Dense peak installed, energised and bought by kind [PFLOP/s]: over the planning years, or of one year."""
    say, data = subject.say, compute_data(subject)
    kinds = order.kinds(data.frame["kind"])
    found = _panels(subject, data, "kind", kinds, say("Dense peak [PFLOP/s]"), year)
    caption = say(
        "Dense peak of devices that stand (installed), that have power, hall and software (energised), and that are "
        "bought in the year [PFLOP/s]. Each kind of compute has a scale of its own; kinds are never added."
    )
    return Chart.once(subject, data, found, caption)


def power(subject: Subject, year: int | None = None) -> Chart:
    """Grid connections and halls in place and used [MW]: over the planning years, or of one year."""
    say, where = subject.say, {"item": ASSETS}
    columns = {"in place": Column("In place", "capacity", "MW", where), "used": Column("Taken", "used", "MW", where)}
    title = "Halls and connections in place and taken"
    data = gather(subject.table, "capacity_power", title, ["year", "item"], columns)
    items = [item for item in ASSETS if item in set(data.frame["item"])]
    found = _panels(subject, data, "item", items, say("Power [MW]"), year)
    caption = say(
        "Grid connections and halls of all sites together, in place and taken by what is energised [MW]. Connections "
        "count at the meter, by rated power, PUE and headroom; halls count rated IT power."
    )
    return Chart.once(subject, data, found, caption)


def _panels(subject: Subject, data: Dataset, label: str, keys: Sequence[str], y: str, year: int | None) -> go.Figure:
    """A panel for each key side by side: lines over years, bars for what is bought and where there is one year."""
    if not keys:
        return style.words(subject.say("The run holds no such capacity."))
    years, say = subject.years if year is None else [subject.year(year)], subject.say
    titles = [style.shown(say.item(key)) for key in keys]
    found = make_subplots(rows=1, cols=len(keys), subplot_titles=titles, horizontal_spacing=0.3 / len(keys))
    x = [str(year) for year in years]
    for place, key in enumerate(keys, 1):
        rows = data.frame[data.frame[label] == key].set_index("year").reindex(years)
        for name, column in ((name, column) for name, column in data.columns.items() if name in MEASURES):
            said, colour = say(column.title), MEASURES[name]
            hover = style.exact(
                [style.shown(f"{say.item(key)}, {year}: {said}") for year in x], rows[name], column.unit
            )
            drawn = {"x": x, "y": style.known(rows[name]), "name": said, "showlegend": place == 1, **hover}
            lines = len(years) > 1 and name != "bought"
            look = (
                {"mode": "lines+markers", "line": {"color": colour, "width": 3}} if lines else {"marker_color": colour}
            )
            trace = go.Scatter if lines else go.Bar
            found.add_trace(trace(drawn, legendgroup=name, **look), row=1, col=place)
    found.update_layout(style.base(HEIGHT), barmode="group", margin={"t": 76}, legend={"y": 1.12})
    found.update_xaxes(style.axis(say("Planning year")), type="category", showgrid=False)
    return found.update_yaxes(style.axis(y), rangemode="tozero")
