"""`result.plot`: the charts of a result by name, in notebooks and on the page alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from eastwest.errors import InputError, nearest
from eastwest.formatting.language import Language
from eastwest.report.plot import capacity, cost, dispatch, flows, latency, prices, supply, utilisation
from eastwest.report.plot import map as maps
from eastwest.report.plot.chart import Chart, Subject

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from eastwest.results.result import Result


class Plots:
    """Plotly figures of a result. Every axis names its unit; the same site or device has the same colour on all.

    `year` is a planning year of the run; without one, the last. InputError names what there is.
    """

    def __init__(self, result: Result, language: str = "en") -> None:
        self._subject = Subject(result.table, result.scenario, Language(language), result.constraints)

    def utilisation(self, year: int | None = None, *, by: str = "device") -> go.Figure:
        """How busy each site is, as a heat map from 0 to 100 %.

        `by="device"`: mean share of energised devices that are busy; `by="hour"`: grid load over grid connection in
        each time slice, the load itself [MW] when pointed at; `by="limit"`: mean and peak use of grid connection and
        halls.
        """
        charts = {"device": utilisation.by_device, "hour": utilisation.by_hour, "limit": utilisation.by_limit}
        return self._figure(by, charts, year)

    def cost(self, year: int | None = None, *, by: str = "category") -> go.Figure:
        """What the year pays [million CNY]; penalties are hatched, money between users and others is left out.

        `by="category"`: all planning years, `year` does not apply; `by="site"`: the largest sites, by category;
        `by="device"`: what is paid for devices that the plan buys.
        """
        return self._figure(by, {"category": cost.by_category, "site": cost.by_site, "device": cost.by_device}, year)

    def flows(self, year: int | None = None, kind: str = "intelligent", *, by: str = "hub") -> go.Figure:
        """Who serves whom [PFLOP/s of one kind of compute].

        `by="hub"`: Sankey from the hubs of the regions that ask to the hubs of the sites that serve; `by="region"`:
        heat map of regions and hubs, the own province apart.
        """
        return self._figure(by, {"hub": flows.by_hub, "region": flows.by_region}, year, kind)

    def dispatch(self, site: str, day: str | None = None, year: int | None = None) -> go.Figure:
        """A site by time slice: supply, IT load and connection [MW], price of energy [CNY/MWh].

        `day` keeps to one representative day: what comes before the hour in the name of its slices, such as a season,
        an event, or `day045`; without one, all of the year.
        """
        return dispatch.of_site(self._subject, site, day).figure(self._subject.year(year))

    def capacity(self, year: int | None = None, *, by: str = "compute") -> go.Figure:
        """From announced to working, over the planning years, or of one `year`.

        `by="compute"`: dense peak installed, energised and bought, a panel for each kind [PFLOP/s]; `by="power"`: grid
        connections and halls in place and used [MW].
        """
        return self._figure(by, {"compute": capacity.compute, "power": capacity.power}, year, year)

    def prices(self, year: int | None = None, *, by: str = "limit") -> go.Figure:
        """What binds.

        `by="limit"`: what one more step of each limit saves [million CNY], all years together, `year` does not apply;
        `by="task"`: what one more unit of demand would cost in the year [million CNY/PFLOP/s].
        """
        return self._figure(by, {"limit": prices.by_limit, "task": prices.by_task}, year)

    def latency(self, year: int | None = None, kind: str = "intelligent") -> go.Figure:
        """Round trip of served work by task of one kind, weighted by served PFLOP/s, beside its limit [ms]."""
        return latency.by_task(self._subject, kind).figure(self._subject.year(year))

    def supply(self, year: int | None = None) -> go.Figure:
        """Devices bought, and what can be delivered in the year [devices]."""
        return supply.by_device(self._subject).figure(self._subject.year(year))

    def map(
        self, year: int | None = None, kind: str | None = None, task: str | None = None, shade: str | None = None
    ) -> go.Figure:
        """Regions, sites and flows of a year (the last one), with menus for workload and shade.

        `kind` of compute shades regions (by demand in PFLOP/s, or by the share of it that is unserved: `shade`) and
        chooses the flows; `task` shows one task's. Circles are sites: area by MW from the grid at peak, colour by the
        fullest of grid and halls.
        """
        chosen = self._subject.year(year)
        return maps.with_menus(maps.chart(self._subject, kind, task, shade, years=(chosen,)).figure(chosen))

    def _figure(
        self, by: str, charts: Mapping[str, Callable[..., Chart]], year: int | None, *given: object
    ) -> go.Figure:
        """The figure of a year of the chart that `by` names, which is made of the subject and what else is given."""
        if by not in charts:
            message = f"received by '{by}', expected {' or '.join(charts)}{nearest(by, charts)}"
            raise InputError(message, key="by")
        return charts[by](self._subject, *given).figure(self._subject.year(year))
