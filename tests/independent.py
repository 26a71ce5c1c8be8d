"""The one-year model once more, written from the model contract in plain loops: only the optimal cost comes out.

Nothing of the program is used but the loaded scenario (tables and settings), and nothing is merged: devices are
assigned task by task, every task has arrivals of its own in every window, every route its own variable.
`tests/test_independent.py` holds the program's optimum against it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from pyproj import Geod
from scipy.optimize import linprog
from scipy.sparse import csr_array
from shapely.geometry import Point

PUE_OF_MESA = 1.2
"""About the mean PUE of the one cluster; ceilings of cases are well below or above it [1]."""
SEASON_DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
WINDOW_LENGTHS = (24, 12, 8, 6, 4, 2)
USE = {"training": "training_use", "inference": "inference_use", "general": "general_use", "super": "super_use"}
GEOD = Geod(ellps="WGS84")
Terms = list[tuple[int, float]]


class Program:
    """Minimise cost over columns >= 0, subject to rows of type `<=` and `==`."""

    def __init__(self) -> None:
        self.cost: list[float] = []
        self.upper: list[float] = []
        self.rows: dict[str, list[tuple[Terms, float]]] = {"<=": [], "==": []}

    def column(self, cost: float = 0.0, upper: float = math.inf) -> int:
        self.cost.append(cost)
        self.upper.append(upper)
        return len(self.cost) - 1

    def row(self, terms: Iterable[tuple[int, float]], sense: str, right: float) -> None:
        terms = list(terms)
        if terms:
            self.rows[sense].append((terms, right))
        elif (sense == "<=" and right < -1e-9) or (sense == "==" and abs(right) > 1e-9):
            raise ArithmeticError("a row without variables cannot hold")

    def minimum(self) -> float:
        parts: dict[str, Any] = {}
        for sense, matrix, right in (("<=", "A_ub", "b_ub"), ("==", "A_eq", "b_eq")):
            rows = self.rows[sense]
            if rows:
                at = [(n, j, a) for n, (terms, _) in enumerate(rows) for j, a in terms]
                n, j, a = (np.array(part) for part in zip(*at, strict=True))
                parts[matrix] = csr_array((a.astype(float), (n, j)), shape=(len(rows), len(self.cost)))
                parts[right] = np.array([bound for _, bound in rows])
        bounds = np.column_stack([np.zeros(len(self.cost)), self.upper])
        large = len(self.cost) > 5_000
        found = linprog(self.cost, bounds=bounds, method="highs-ipm" if large else "highs", **parts)
        if found.status != 0:
            raise ArithmeticError(found.message)
        return float(found.fun)


class Clock:
    """Slices: seasons x blocks of the day; a half-year or a year where there are not four seasons."""

    def __init__(self, count: int, blocks: int) -> None:
        seasons = list(SEASON_DAYS)
        size = 4 // count
        self.seasons = [seasons[n : n + size] for n in range(0, 4, size)]
        edges = [round(24 * n / blocks) for n in range(blocks + 1)]
        self.blocks = list(pairwise(edges))
        self.slices = [(s, b) for s in range(count) for b in range(blocks)]
        self.hours = {(s, b): self.days(s) * (self.blocks[b][1] - self.blocks[b][0]) for s, b in self.slices}

    def days(self, season: int) -> int:
        return sum(SEASON_DAYS[name] for name in self.seasons[season])

    def seasonal(self, values: dict[str, float], season: int) -> float:
        return sum(values[name] * SEASON_DAYS[name] for name in self.seasons[season]) / self.days(season)

    def mean(self, hourly: list[float], block: int) -> float:
        first, last = self.blocks[block]
        return sum(hourly[first:last]) / (last - first)

    def windows(self, wait_h: float) -> list[list[int]]:
        """Tumbling windows of blocks from 00:00, of the longest listed length within the wait that the blocks can show.

        [] where that is no longer than the longest block: then work follows its profile.
        """
        starts = [first for first, _ in self.blocks]
        shown = (hours for hours in WINDOW_LENGTHS if all(edge in starts for edge in range(0, 24, hours)))
        length = next((hours for hours in shown if hours <= wait_h), 0)
        if length <= max(last - first for first, last in self.blocks):
            return []
        return [[n for n, first in enumerate(starts) if first // length == w] for w in range(24 // length)]


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, with None where a value is missing."""
    return [
        {k: None if v is None or v is pd.NA or v != v else v for k, v in row.items()}
        for row in frame.to_dict("records")
    ]


def hourly(row: dict[str, Any]) -> list[float]:
    return [float(row[f"h{n:02d}"]) for n in range(24)]


def annuity(rate: float, life: float) -> float:
    return rate / (1 - (1 + rate) ** -life) if rate else 1 / life


def part_of_year(day: date, year: int) -> float:
    """Share of the year after `day`."""
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return min(1.0, max(0.0, (date(year + 1, 1, 1) - day).days / length))


def elapsed(day: date, year: int) -> float:
    """Years from `day` to the middle of `year`."""
    return (date(year, 7, 1) - day).days / 365.25


def postponed(day: date, months: float) -> date:
    return day + timedelta(days=round(months * 365.25 / 12))


class Case:
    """The scenario in dictionaries, and every quantity that follows from data alone."""

    def __init__(self, scenario: Any) -> None:
        self.settings, self.polygons = scenario.settings, scenario.polygons
        (self.year,) = scenario.years
        (count,) = scenario.settings.years_represented or (1,)
        rate = scenario.settings.finance.discount_rate if count > 1 else 0.0
        self.weight = {self.year + n: (1 + rate) ** -n for n in range(count)}
        self.t = {name: records(frame) for name, frame in scenario.tables.items()}
        self.clock = Clock(scenario.settings.time.seasons, scenario.settings.time.blocks)
        self.costs = {row["item"]: float(row[scenario.settings.finance.costs]) for row in self.t["costs"]}
        self.regions = {row["region"]: row for row in self.t["regions"]}
        self.sites = {row["site"]: row for row in self.t["sites"]}
        families, kinds = scenario.settings.devices.families, scenario.settings.demand.kinds
        self.devices = {
            row["device"]: row
            for row in self.t["devices"]
            if row["kind"] in kinds and (families is None or row["device"] in families)
        }
        self.rated = {name: row["rated_w"] / 1e6 for name, row in self.devices.items()}
        anchors = [row for row in self.t["anchors"] if row["anchor"] == scenario.settings.demand.anchor]
        self.anchor = {row["kind"]: row for row in anchors}
        self.anchor_date: date = anchors[0]["date"]
        uses = [row for row in self.t["reference_use"] if row["anchor"] == scenario.settings.demand.anchor]
        self.reference_use = {row["work"]: row["use"] for row in uses}
        self.demand = self._demand()
        asked = {task for (_, task), much in self.demand.items() if much > 0}
        self.tasks = {row["task"]: row for row in self.t["tasks"] if row["task"] in asked}
        self.km, self.trip = self._distances()
        self.eligible = {task: self._eligible(row) for task, row in self.tasks.items()}
        self.routes = [
            (r, t, s) for r, t in self.demand if self.demand[r, t] > 0 for s in self.sites if self._admits(r, t, s)
        ]
        self.profile = {row["profile"]: self._shape(hourly(row)) for row in self.t["profiles"]}
        self.pue = {row["site"]: {} for row in self.t["pue"]}
        for row in self.t["pue"]:
            self.pue[row["site"]][row["season"]] = row["pue"]

    def mean(self, figure: Callable[[int], float]) -> float:
        """Over the calendar years that the year stands for, each by what a coin paid in it is worth in the first."""
        return sum(w * figure(year) for year, w in self.weight.items()) / sum(self.weight.values())

    def _demand(self, day: date | None = None) -> dict[tuple[str, str], float]:
        """Delivered demand by region and task [PFLOP/s]: installed x allocation x shares x growth x reference use."""
        out, d = {}, self.settings.demand
        for task in self.t["tasks"]:
            if task["kind"] not in d.kinds:
                continue
            total = (
                self.anchor[task["kind"]]["installed_pflops"] * self.anchor[task["kind"]]["allocation"] * task["share"]
            )
            growth = 1 + task[f"growth_{d.growth}_per_year"]
            if day is None:
                total *= self.mean(lambda year, growth=growth: growth ** elapsed(self.anchor_date, year))
            else:
                total *= growth ** ((day - self.anchor_date).days / 365.25)
            for row in self.t["demand"]:
                if row["task"] == task["task"] and total * row["share"] > 0:
                    allocated = total * row["share"] * self.reference_use[task["work"]]
                    out[row["region"], task["task"]] = allocated * self._level(task)
        return out

    def delivered(self, kind: str, day: date) -> float:
        """Delivered demand of a kind on a day [PFLOP/s]."""
        return sum(much for (_, task), much in self._demand(day).items() if self.tasks[task]["kind"] == kind)

    def _level(self, task: dict[str, Any]) -> float:
        """Amendment 1: an allocation covers the customer's busiest hour and standby; a mean covers nothing more."""
        if self.anchor[task["kind"]]["basis"] == "mean":
            return 1.0
        available = float(self.settings.devices.availability)
        if task["window_h"] >= 2:
            return available
        (shape,) = [hourly(row) for row in self.t["profiles"] if row["profile"] == task["profile"]]
        return available / (float(task["redundancy"]) * max(shape) / (sum(shape) / 24))

    def _place(self, region: dict[str, Any]) -> tuple[float, float]:
        """The demand point; one that lies clearly outside its polygon is replaced by a point inside."""
        point = Point(region["longitude_deg"], region["latitude_deg"])
        if self.polygons is not None:
            shapes = self.polygons[self.polygons["region"] == region["region"]].geometry
            if len(shapes) and shapes.union_all().distance(point) > 0.05:
                point = shapes.union_all().representative_point()
        return point.x, point.y

    def _distances(self) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
        """Geodesic distance [km] and round trip [ms] between regions and sites."""
        s, km, trip = self.settings.latency, {}, {}
        for r, region in self.regions.items():
            lon, lat = self._place(region)
            for name, site in self.sites.items():
                km[r, name] = GEOD.inv(lon, lat, site["longitude_deg"], site["latitude_deg"])[2] / 1000
                trip[r, name] = 2 * (s.route_factor * km[r, name] * s.fibre_us_per_km / 1000 + 2 * s.end_ms)
                if site["kind"] == "metro" and site["region"] == r:
                    trip[r, name] = region["own_metro_round_trip_ms"]
        if s.use_published_round_trips:
            given = {(row["region"], row["site"]): row for row in self.t["round_trip"]}
            for pair, row in given.items():
                if set(given) == set(trip) or row["quality"] in ("official", "published_estimate"):
                    trip[pair] = row["round_trip_ms"]
        return km, trip

    def _admits(self, region: str, task: str, site: str) -> bool:
        row, place = self.tasks[task], self.sites[site]
        home = place["region"] == region
        resident = {"national": True, "province": home, "metro": home and place["kind"] == "metro"}[row["residency"]]
        limit = row["round_trip_limit_ms"] + self.settings.latency.extra_sla_ms
        return resident and self.trip[region, site] <= limit + 1e-9

    def _foreign_allowed(self, task: dict[str, Any]) -> bool:
        barred = self.settings.procurement.foreign_barred_tasks
        return bool(task["foreign_devices_allowed"]) and task["task"] not in barred

    def _eligible(self, task: dict[str, Any]) -> list[str]:
        """Devices that may run a task: kind, use, origin, least scale-up size."""
        return [
            name
            for name, row in self.devices.items()
            if row["kind"] == task["kind"]
            and row[USE[task["work"]]]
            and (self._foreign_allowed(task) or row["origin"] != "foreign")
            and row["largest_group_devices"] >= task["least_scale_up_devices"]
        ]

    def _shape(self, values: list[float]) -> list[float]:
        """By block, over the mean of the day."""
        return [self.clock.mean(values, b) / (sum(values) / 24) for b in range(len(self.clock.blocks))]

    def standby(self, task: str) -> float:
        """Devices reserved for an interactive task per device that its work keeps busy."""
        return float(self.tasks[task]["redundancy"]) if self.settings.devices.standby else 1.0

    def for_sale(self, site: str, device: str, here: float) -> bool:
        """Whether a site may buy a device of which `here` stand there."""
        new = self.settings.devices.new_families_at_metros or self.sites[site]["kind"] != "metro"
        return new or here > 0

    def throughput(self, device: str, work: str) -> float:
        row = self.devices[device]
        return row["peak_pflops"] * row[USE[work]] * self.settings.devices.availability

    def busy_share(self, work: str) -> float:
        return (
            self.settings.devices.busy_power_training if work == "training" else self.settings.devices.busy_power_other
        )

    def mean_pue(self, site: str) -> float:
        return sum(self.pue[site][name] * days for name, days in SEASON_DAYS.items()) / 365

    def in_place(self, year: int) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
        """Devices by site and device without any decision, and those of them that were signed for after the anchor."""
        stock: dict[tuple[str, str], float] = defaultdict(float)
        signed: dict[tuple[str, str], float] = defaultdict(float)
        for row in self.t["stock"]:
            if row["anchor"] == self.settings.demand.anchor and row["device"] in self.devices:
                ends = row["vintage"] + 0.5 + self.devices[row["device"]]["lifetime_years"]
                left = min(1.0, max(0.0, ends - year)) if year > self.anchor_date.year else 1.0
                stock[row["site"], row["device"]] += row["devices"] * left
        for row in self.t["commitments"]:
            if row["device"] in self.devices and row["in_service"] > self.anchor_date:
                day, life = row["in_service"], self.devices[row["device"]]["lifetime_years"]
                start = day.year + 1 - part_of_year(day, day.year)
                share = max(0.0, min(start + life, year + 1) - max(start, year))
                signed[row["site"], row["device"]] += row["devices"] * share
        for pair, much in signed.items():
            stock[pair] += much
        return stock, signed

    def in_place_on_average(self) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], float]]:
        """The mean of both over the calendar years."""
        found = {year: self.in_place(year) for year in self.weight}
        stock, signed = (
            {pair: self.mean(lambda year: found[year][n].get(pair, 0.0)) for pair in found[self.year][n]}  # noqa: B023
            for n in (0, 1)
        )
        return stock, signed

    @property
    def vintages(self) -> range:
        """Every calendar year after the anchor's up to the last that is stood for."""
        return range(self.anchor_date.year + 1, max(self.weight) + 1)

    def paid(self, device: str, vintage: int) -> float:
        """Mean share of the calendar years that what was delivered in `vintage` is in service."""
        return self.mean(lambda year: self.paid_in(device, vintage, year))

    def paid_in(self, device: str, vintage: int, year: int) -> float:
        """Share of a year that what was delivered in `vintage` is in service: the mean over its deliveries.

        A delivery at t is in service from t + months until its life ends; what it gives to the year is piecewise
        linear in t, so that the trapezoids between its kinks are exact.
        """
        row = self.devices[device]
        sold = row["available_from"] or date(1900, 1, 1)
        first, last = vintage + 1 - part_of_year(sold, vintage), vintage + 1.0
        if first >= last:
            return 0.0
        wait, life = row["months_to_service"] / 12, row["lifetime_years"]

        def given(t: float) -> float:
            return max(0.0, min(t + wait + life, year + 1) - max(t + wait, year))

        if self.settings.devices.deliveries == "first_day":
            return given(first)
        kinks = [edge - wait - much for edge in (year, year + 1) for much in (0.0, life)]
        points = sorted({first, last, *(t for t in kinks if first < t < last)})
        area = sum((b - a) * (given(a) + given(b)) / 2 for a, b in pairwise(points))
        return area / (last - first)

    def supply(self, vintage: int) -> dict[str, float]:
        """Devices that can be delivered in a year; what came before is stock or signed for."""
        s, out = self.settings.devices, {}
        for name, row in self.devices.items():
            if row["price_cny"] is None:
                continue
            maps = [
                m for m in self.t["supply_map"] if m["device"] == name and m["first_year"] <= vintage <= m["last_year"]
            ]
            groups = {m["supply_group"]: m["mix"] * m["devices_per_unit"] for m in maps}
            rows = [u for u in self.t["supply"] if u["supply_group"] in groups and u["buyable"]]
            much = sum(u[s.supply] * groups[u["supply_group"]] for u in rows if u["year"] == vintage)
            much = math.inf if row["kind"] == "general" and not rows else much
            if much > 0 and self.paid(name, vintage) > 0:
                out[name] = much
        return out

    def fixed(self) -> dict[str, float]:
        """Fixed IT load by site [MW]."""
        out: dict[str, float] = defaultdict(float)
        for row in self.t["fixed_load"]:
            if row["item"] != "residual" or self.settings.power.residual_load:
                day, growth = row["reference_date"], 1 + row["growth_per_year"]
                out[row["site"]] += row["it_mw"] * self.mean(lambda year: growth ** elapsed(day, year))  # noqa: B023
        return out

    def capacity(self, asset: str, delay_months: float) -> dict[str, float]:
        """In service by site, yearly mean [MW]."""
        out: dict[str, float] = defaultdict(float)
        for row in self.t["capacity"]:
            if row["asset"] == asset:
                day = postponed(row["in_service"], delay_months) if row["status"] == "announced" else row["in_service"]
                out[row["site"]] += row["mw"] * self.mean(lambda year: part_of_year(day, year))  # noqa: B023
        return out

    def existing(self, asset: str) -> dict[str, float]:
        """In service by site on the day of decision [MW]."""
        out: dict[str, float] = defaultdict(float)
        for row in self.t["capacity"]:
            if row["asset"] == asset and row["in_service"] <= self.settings.facilities.decision_date:
                out[row["site"]] += row["mw"]
        return out

    def device_cost(self, device: str) -> float | None:
        """All-in price [million CNY]."""
        row = self.devices[device]
        if row["price_cny"] is None:
            return None
        extra = self.costs["server_share"] + self.costs["fabric_share"] if row["price_basis"] == "device" else 0.0
        return row["price_cny"] * (1 + extra) / 1e6

    def device_annual(self, device: str) -> float:
        life = self.devices[device]["lifetime_years"]
        return (self.device_cost(device) or 0.0) * (
            annuity(self.costs["discount_rate_devices"], life) + self.costs["it_om_share"]
        )

    def hall_annual(self, site: str) -> float:
        factor = annuity(self.costs["discount_rate_halls"], self.costs["hall_life_years"]) + self.costs["hall_om_share"]
        return self.sites[site]["hall_capex_million_cny_per_mw"] * factor

    def grid_annual(self, site: str) -> float:
        factor = annuity(self.costs["discount_rate_grid"], self.costs["grid_life_years"])
        return self.sites[site]["grid_capex_million_cny_per_mw"] * factor

    def tranches(self, task: str) -> list[tuple[float, float]]:
        """Share of the task's demand and what its users would pay [CNY per delivered PFLOP/s h], by tranche."""
        row, column = self.tasks[task], "multiple_" + self.settings.demand.tranche_values
        market = row["value_cny_per_peak_pflops_h"] / self.reference_use[row["work"]]
        for name in (task, row["sector"], "all"):
            found = [(own["share"], market * own[column]) for own in self.t["value_tranches"] if own["tasks"] == name]
            if found and name:
                return found
        return [(1.0, market)]

    def least_served(self, task: str) -> float:
        """Least served share of the task's demand [1]."""
        asked, row = self.settings.demand.least_served_share, self.tasks[task]
        if not isinstance(asked, dict):
            return float(asked)
        return float(next((asked[name] for name in (task, row["sector"], "all") if name and name in asked), 0.0))

    def traffic(self, task: str) -> float:
        """Mean Gbit/s per delivered PFLOP/s."""
        row = self.tasks[task]
        return row["gbps_per_peak_pflops"] / self.reference_use[row["work"]]

    def network_shape(self, task: str) -> list[float]:
        """Traffic over its mean by block of the day; work that may wait is flat."""
        row = self.tasks[task]
        if self.clock.windows(row["window_h"]):
            return [1.0] * len(self.clock.blocks)
        return self.profile[row["profile"]]

    def carriage(self, region: str, task: str, site: str) -> float:
        """Cost of a route [million CNY per PFLOP/s a year]; the way to the own metro costs nothing."""
        if self.sites[site]["kind"] == "metro" and self.sites[site]["region"] == region:
            return 0.0
        per_gbps = self.costs["network_cny_per_gbps_1000km_year"] * self.km[region, site] / 1000
        per_gbps += 2 * self.costs["network_end_cny_per_gbps_year"]
        return self.traffic(task) * max(self.network_shape(task)) * per_gbps * self.settings.network.price_factor / 1e6

    def energy_price(self, site: str) -> tuple[dict[tuple[int, int], float], float]:
        """Energy price by slice [million CNY/MWh] and demand charge [million CNY/MW a month]."""
        p = self.settings.power
        row = next(row for row in self.t["site_power"] if row["site"] == site)
        price, charge = row["price_cny_per_kwh"], row["demand_charge_cny_per_kw_month"]
        if p.prices == "preferential" and row["preferential_price_cny_per_kwh"] is not None:
            price = row["preferential_price_cny_per_kwh"]
        energy = price - charge / (p.demand_charge_load_factor * 730)
        rows = (
            {r["season"]: hourly(r) for r in self.t["tariffs"] if r["tariff"] == row["tariff"]} if p.time_of_use else {}
        )
        shape = {}
        for s, b in self.clock.slices:
            by_season = {name: self.clock.mean(hours, b) for name, hours in rows.items()}
            shape[s, b] = self.clock.seasonal(by_season, s) if rows else 1.0
        mean = sum(shape[at] * hours for at, hours in self.clock.hours.items()) / 8760
        return {at: energy * value / mean / 1e3 for at, value in shape.items()}, charge / 1e3


def cost(scenario: Any) -> float:
    """Optimal cost of the year [million CNY]."""
    case, lp = Case(scenario), Program()
    s, clock = scenario.settings, case.clock
    stock, signed = case.in_place_on_average()
    supply, fixed = {v: case.supply(v) for v in case.vintages}, case.fixed()
    stood = {v: case.in_place(v)[0] for v in case.vintages}

    # Devices: energised <= in place + bought (= where everything must be energised); deliveries <= supply.
    # `bought` is what of the deliveries is in service, the mean of the year; every delivery is paid.
    energised: dict[tuple[str, str], int] = {}
    bought: dict[tuple[str, str], int] = {}
    delivered: dict[tuple[str, str, int], int] = {}
    for site in case.sites:
        for device in case.devices:
            here = stock.get((site, device), 0.0)
            years = [v for v in supply if device in supply[v]]
            years = [v for v in years if case.for_sale(site, device, stood[v].get((site, device), 0.0))]
            if here > 0 or years:
                energised[site, device] = lp.column()
                terms = [(energised[site, device], 1.0)]
                if years:
                    bought[site, device] = lp.column()
                    parts = [(bought[site, device], 1.0)]
                    for v in years:
                        share = case.paid(device, v)
                        delivered[site, device, v] = lp.column(case.device_annual(device) * share)
                        parts.append((delivered[site, device, v], -share * case.devices[device]["energised_share"]))
                    lp.row(parts, "==", 0.0)
                    terms.append((bought[site, device], -1.0))
                lp.row(terms, "==" if s.devices.energise == "all" else "<=", here)
    for v, of_year in supply.items():
        for device, much in of_year.items():
            if math.isfinite(much):
                lp.row([(c, 1.0) for (_, d, y), c in delivered.items() if (d, y) == (device, v)], "<=", much)

    # Demand: served + what is left of each tranche = delivered demand; traffic of each route is paid.
    serve = {route: lp.column(case.carriage(*route)) for route in case.routes}
    by_demand, by_site, by_task = defaultdict(list), defaultdict(list), defaultdict(list)
    for (region, task, site), column in serve.items():
        by_demand[region, task].append((column, 1.0))
        by_site[task, site].append((column, 1.0))
        by_task[task].append((region, site, column))
    for (region, task), much in case.demand.items():
        terms = list(by_demand[region, task])
        if s.demand.shortage == "priced":
            terms += [(lp.column(worth * 8760 / 1e6, share * much), 1.0) for share, worth in case.tranches(task)]
        lp.row(terms, "==", much)
    for task in case.tasks:
        least = case.least_served(task) * sum(much for (_, name), much in case.demand.items() if name == task)
        if least > 0:
            lp.row([(column, -1.0) for _, _, column in by_task[task]], "<=", -least)

    # Balance, task by task. working[site, device, work][slice] is busy, reserved[site, device, slice] also stands by.
    working: dict[tuple[str, str, str], dict[tuple[int, int], Terms]] = defaultdict(lambda: defaultdict(list))
    reserved: dict[tuple[str, str, tuple[int, int]], Terms] = defaultdict(list)
    surges: dict[Hashable, Terms] = defaultdict(list)
    for (task, site), served in by_site.items():
        row, devices = case.tasks[task], [d for d in case.eligible[task] if (site, d) in energised]
        windows, shape, work = clock.windows(row["window_h"]), case.profile[row["profile"]], row["work"]
        rate = {d: case.throughput(d, work) for d in devices}
        if not windows:
            assigned = {d: lp.column() for d in devices}
            lp.row(served + [(assigned[d], -rate[d]) for d in devices], "==", 0.0)
            for d in devices:
                for season, block in clock.slices:
                    working[site, d, work][season, block].append((assigned[d], shape[block]))
                    reserved[site, d, (season, block)].append((assigned[d], shape[block] * case.standby(task)))
            continue
        pool = (str(windows), work, frozenset(case.eligible[task]))
        for season in range(len(clock.seasons)):
            for window in windows:
                hours = {b: clock.hours[season, b] for b in window}
                length = sum(hours.values())
                arrives = sum(shape[b] * h for b, h in hours.items()) / length
                run = {(d, b): lp.column() for d in devices for b in window}
                does = [(run[d, b], -rate[d] * hours[b] / length) for d, b in run]
                lp.row([(column, arrives) for column, _ in served] + does, "==", 0.0)
                for b in window:
                    at = (season, b)
                    surges[pool, site, at] += [(run[d, b], rate[d]) for d in devices]
                    surges[pool, site, at] += [(column, -s.devices.surge * arrives) for column, _ in served]
                    for d in devices:
                        working[site, d, work][at].append((run[d, b], 1.0))
                        reserved[site, d, at].append((run[d, b], 1.0))
    for terms in surges.values():
        lp.row(terms, "<=", 0.0)

    # Hours: reserved <= energised; the meter draws PUE x IT load, paid by the hour and on the seasonal peak.
    for (site, d, _), terms in reserved.items():
        lp.row([*terms, (energised[site, d], -1.0)], "<=", 0.0)
    adds = defaultdict(list)
    for (site, d, work), by_slice in working.items():
        extra = (case.busy_share(work) - s.devices.idle_power) * case.rated[d]
        for at, terms in by_slice.items():
            adds[site, at] += [(column, share * extra) for column, share in terms]
    carbon: Terms = []
    draw: dict[tuple[str, tuple[int, int]], int] = {}
    peak: dict[tuple[str, int], int] = {}
    for site in case.sites:
        devices = [d for d in case.devices if (site, d) in energised]
        if not devices and not fixed.get(site):
            continue
        price, charge = case.energy_price(site)
        co2 = next(row["grid_co2_kg_per_kwh"] for row in case.t["site_power"] if row["site"] == site)
        for season in range(len(clock.seasons)):
            peak[site, season] = lp.column(charge * 12 / len(clock.seasons))
        for season, block in clock.slices:
            at, hours = (season, block), clock.hours[season, block]
            pue = clock.seasonal(case.pue[site], season)
            draw[site, at] = lp.column(hours * (price[at] + co2 * s.green.carbon_price_cny_per_t / 1e6))
            idle = [(energised[site, d], s.devices.idle_power * case.rated[d]) for d in devices]
            terms = [(j, a * pue) for j, a in idle + adds[site, at]]
            lp.row([*terms, (draw[site, at], -1.0)], "==", -pue * fixed.get(site, 0.0))
            lp.row([(draw[site, at], 1.0), (peak[site, season], -1.0)], "<=", 0.0)
            carbon.append((draw[site, at], co2 * hours))
    if s.green.carbon_cap_t is not None:
        lp.row([(j, a / 1e3) for j, a in carbon], "<=", s.green.carbon_cap_t / 1e3)

    # Green power (amendment 7): floor x rated power since the anchor x mean draw x PUE x 8,760 h <= what is claimed.
    contracts: dict[str, Terms] = defaultdict(list)
    for site, place in case.sites.items():
        mine = [(j, clock.hours[at]) for (where, at), j in draw.items() if where == site]
        claims: Terms = []
        if s.green.contracts and mine:
            contracted = lp.column(case.costs["green_contract_premium_cny_per_mwh"] / 1e6)
            claims.append((contracted, -1.0))
            contracts[place["region"]].append((contracted, 1.0))
            lp.row([(contracted, 1.0), *((j, -h * s.green.contract_limit_share) for j, h in mine)], "<=", 0.0)
        if s.green.certificates and mine:
            claims.append((lp.column(case.costs["green_certificate_cny_per_mwh"] / 1e6), -1.0))
        held = {"all": True, "hubs": place["hub"] is not None, "clusters": place["kind"] == "cluster"}
        if s.green.floor_share is not None and held[s.green.floor_sites]:
            each = s.green.floor_share * s.green.mean_draw * case.mean_pue(site) * 8760
            new = [(j, each * case.rated[d]) for (where, d), j in bought.items() if where == site]
            given = sum(much * each * case.rated[d] for (where, d), much in signed.items() if where == site)
            lp.row([*new, *claims], "<=", -given)
    for row in case.t["green_supply"]:
        days = (date(case.year, 7, 1) - date(row["year"], 7, 1)).days
        lp.row(contracts[row["region"]], "<=", row["mwh"] * (1 + row["growth_per_year"]) ** (days / 365.25))

    # Halls and connections: what stands and is announced, what is built, and what they carry.
    built: dict[tuple[str, str], list[int]] = defaultdict(list)
    spending: dict[int, Terms] = {v: [] for v in case.vintages}
    for (_, device, v), column in delivered.items():
        spending[v].append((column, case.device_cost(device) or 0.0))
    build_rules = {"grid": s.power, "hall_standard": s.facilities, "hall_dense": s.facilities}
    for asset, rule in build_rules.items():
        ready = postponed(s.facilities.decision_date, rule.lead_months)
        capacity, limits = case.capacity(asset, rule.delay_months), case.existing(asset)
        for site, place in case.sites.items():
            limit, extra = limits.get(site, 0.0) * rule.build_limit_share, []
            for v in case.vintages if limit > 0 else ():
                share = case.mean(lambda year: part_of_year(max(ready, date(v, 1, 1)), year))  # noqa: B023
                if ready.year > v or share == 0:
                    continue
                grid = asset == "grid"
                annual = case.grid_annual(site) if grid else case.hall_annual(site)
                column = lp.column(annual * share, limit)
                built[site, asset].append(column)
                extra.append((column, -share))
                once = place["grid_capex_million_cny_per_mw" if grid else "hall_capex_million_cny_per_mw"]
                spending[v].append((column, once))
            devices = [d for d in case.devices if (site, d) in energised]
            if asset == "grid":
                factor = s.power.headroom * case.mean_pue(site) * s.power.diversity
                carries = [(energised[site, d], factor * case.rated[d]) for d in devices]
                if carries or fixed.get(site):
                    lp.row(carries + extra, "<=", capacity[site] - factor * fixed.get(site, 0.0))
                for at in clock.slices:
                    if (site, at) in draw:
                        lp.row([(draw[site, at], 1.0), *extra], "<=", capacity[site])
                continue
            inside = [d for d in devices if "hall_" + case.devices[d]["hall_class"] == asset]
            carries = [(energised[site, d], case.rated[d]) for d in inside]
            load = fixed.get(site, 0.0) if asset == "hall_standard" else 0.0
            if carries or load:
                lp.row(carries + extra, "<=", capacity[site] - load)
            growth = s.facilities.metro_dense_growth
            if asset == "hall_dense" and place["kind"] == "metro" and growth is not None and carries:
                rate = growth if place["large_centres_allowed"] else 0.0
                since = s.facilities.decision_date
                factor = case.mean(lambda year: (1 + rate) ** max(0.0, elapsed(since, year)))  # noqa: B023
                lp.row(carries, "<=", limits.get(site, 0.0) * factor)
            share = s.policy.new_hall_occupancy
            if asset == "hall_standard" and share is not None and extra:
                lp.row([(j, -a) for j, a in carries] + [(j, share) for j in built[site, asset]], "<=", load)

    # Corridors at the busiest block of the day.
    if s.network.corridor_limits:
        for corridor in case.t["corridors"]:
            ends = {corridor["from_node"], corridor["to_node"]}
            for block in range(len(clock.blocks)):
                terms = [
                    (column, case.traffic(task) * case.network_shape(task)[block])
                    for task, routes in by_task.items()
                    for region, site, column in routes
                    if {case.regions[region]["node"], case.sites[site]["node"]} == ends
                ]
                lp.row(terms, "<=", corridor["capacity_gbps"] * s.network.capacity_factor)

    # Customers stay (amendment 5): stock x allocation x mean over the kind's tasks of reference use x level.
    if s.inertia.customers_stay is not False and case.year > case.anchor_date.year:
        for kind in {row["kind"] for row in case.tasks.values()}:
            known = [f"mobility_{kind}_per_year", f"switching_cost_{kind}_cny_per_pflops_h"]
            if not set(known) <= set(case.costs):
                continue
            mobility, price = (case.costs[item] for item in known)
            rows = [row for row in case.tasks.values() if row["kind"] == kind]
            done = [row["share"] * case.reference_use[row["work"]] * case._level(row) for row in rows]
            mean = sum(done) / sum(row["share"] for row in rows)
            then, now = (case.delivered(kind, at) for at in (case.anchor_date, date(case.year, 7, 1)))
            left = (1 - mobility) ** elapsed(case.anchor_date, case.year) * min(1.0, now / then)
            for place in case.sites:
                stays = (
                    left
                    * mean
                    * case.anchor[kind]["allocation"]
                    * sum(
                        row["devices"] * case.devices[row["device"]]["peak_pflops"]
                        for row in case.t["stock"]
                        if row["anchor"] == s.demand.anchor
                        and row["site"] == place
                        and case.devices.get(row["device"], {}).get("kind") == kind
                    )
                )
                if stays > 1e-9:
                    here = [
                        (column, -1.0)
                        for (_, task, at), column in serve.items()
                        if at == place and case.tasks[task]["kind"] == kind
                    ]
                    lp.row([*here, (lp.column(price * 8760 / 1e6), -1.0)], "<=", -stays)

    # Rules of the planner.
    for share, counts in (
        (s.policy.hub_share_of_new_intelligent, "hub"),
        (s.policy.west_share_of_new_intelligent, "west"),
    ):
        if share is not None:
            new, given = [], 0.0
            for site, d in {**bought, **signed}:
                if case.devices[d]["kind"] == "intelligent":
                    weight = ((1.0 if case.sites[site][counts] else 0.0) - share) * case.devices[d]["peak_pflops"]
                    given += weight * signed.get((site, d), 0.0)
                    if (site, d) in bought:
                        new.append((bought[site, d], -weight))
            lp.row(new, "<=", given)
    domestic = s.procurement.domestic_share_of_new_intelligent
    peak = {d: row["peak_pflops"] for d, row in case.devices.items()}
    if domestic is not None:
        new, given = [], 0.0
        for site, d in {**bought, **signed}:
            if case.devices[d]["kind"] == "intelligent":
                weight = ((1.0 if case.devices[d]["origin"] != "foreign" else 0.0) - domestic) * peak[d]
                given += weight * signed.get((site, d), 0.0)
                new += [(bought[site, d], -weight)] if (site, d) in bought else []
        lp.row(new, "<=", given)
    for kind, least in (s.policy.least_installed_pflops or {}).items():
        existing = sum(much * peak[d] for (_, d), much in stock.items() if case.devices[d]["kind"] == kind)
        lp.row(
            [(c, -peak[d]) for (_, d), c in bought.items() if case.devices[d]["kind"] == kind], "<=", existing - least
        )
    for place, share in (s.procurement.publicly_funded_sites or {}).items():
        blocks = [bought, energised] if s.procurement.foreign_in_public_stock == "off" else [bought]
        for block in blocks:
            terms = [
                (column, peak[d] * ((case.devices[d]["origin"] == "foreign") - (1 - share)))
                for (site, d), column in block.items()
                if site == place and case.devices[d]["kind"] == "intelligent"
            ]
            lp.row(terms, "<=", 0.0)
    for place, row in case.sites.items():
        if row["kind"] == "cluster" and (s.approval.pue_ceilings or {}).get(row["hub"], 9.0) < PUE_OF_MESA:
            terms = [(c, case.devices[d]["rated_w"] / 1e6) for (site, d), c in bought.items() if site == place]
            lp.row(terms, "<=", s.approval.pue_tolerated_mw)
        if row["kind"] == "cluster" and (s.approval.roles or {}).get(row["hub"]) == "not_real_time":
            for kind in {task["kind"] for task in case.tasks.values()}:
                terms = [
                    (column, (case.tasks[task]["window_h"] < 2) - s.approval.real_time_share)
                    for (_, task, site), column in serve.items()
                    if site == place and case.tasks[task]["kind"] == kind
                ]
                lp.row(terms, "<=", 0.0)
    if s.policy.spending_cap_million_cny is not None:
        for terms in spending.values():
            lp.row(terms, "<=", s.policy.spending_cap_million_cny)
    return lp.minimum() * sum(case.weight.values())
