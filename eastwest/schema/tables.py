"""The shared data tables, row by row: every column with its unit (in brackets), its range and what it refers to.

A table that belongs to one idea only stands in that idea's model module; these are the ones that several ideas read.
"""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from eastwest.errors import nearest
from eastwest.schema.contract import (
    SEASONS,
    TOLERANCE,
    Colour,
    Context,
    Finite,
    Identifier,
    Kind,
    Name,
    NonNegative,
    Positive,
    Row,
    Share,
    Tables,
    Work,
    wrong_row,
)
from eastwest.schema.tables_devices import (
    COLOUR,
    Anchor,
    Commitment,
    Device,
    ReferenceUse,
    Stock,
    Supply,
    SupplyMap,
)
from eastwest.schema.tables_energy import (
    Capacity,
    Delay,
    FixedLoad,
    HourlyProfile,
    Profile,
    Pue,
    Renewable,
    RenewableProfile,
    SitePower,
    Tariff,
    WeatherDay,
)

OptionalName = Annotated[str, Field(max_length=200)]
Tier = Literal["public", "province", "city", "government_cloud", "two_sites_three_centres"]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


def _sums_to_one(table: pd.DataFrame, by: str) -> None:
    total = table.groupby(by)["share"].sum()
    wrong = total[(total - 1).abs() > TOLERANCE]
    if len(wrong):
        bad = table[table[by] == wrong.index[0]].iloc[0]
        message = f"shares of {by} '{wrong.index[0]}' sum to {wrong.iloc[0]:.9g}, expected 1 within {TOLERANCE:g}"
        raise wrong_row(bad, message, "column share")


class Region(Row):
    key = ("region",)
    refers = {"hub": "hubs"}
    about = "Demand regions; the polygon of each is in regions.geojson under the same name"
    region: Identifier = Field(description="region, for China the adcode of the province")
    name_en: Name = Field(description="English name")
    name_zh: OptionalName = Field("", description="Chinese name")
    hub: Identifier | None = Field(None, description="national hub that the region belongs to")
    node: Identifier = Field(description="end of a network corridor that the region's traffic starts from")
    latitude_deg: Latitude = Field(description="demand point, inside the polygon [degrees north]")
    longitude_deg: Longitude = Field(description="demand point, inside the polygon [degrees east]")
    own_metro_round_trip_ms: Positive = Field(description="round trip to the region's own metro site [ms]")
    population_million: NonNegative = Field(description="population [million]")
    gdp_billion_cny: NonNegative = Field(description="gross product [billion CNY a year]")


class Hub(Row):
    key = ("hub",)
    about = "National hubs"
    may_be_empty = True
    hub: Identifier = Field(description="hub")
    name_en: Name = Field(description="English name")
    name_zh: OptionalName = Field("", description="Chinese name")
    side: Literal["east", "west"] = Field(description="side of the country")
    colour: Colour | None = Field(None, description=COLOUR)


class Site(Row):
    key = ("site",)
    about = "Places where devices stand: data-centre clusters, and one metro site per region for centres outside them"
    refers = {"region": "regions", "hub": "hubs"}
    site: Identifier = Field(description="site")
    name_en: Name = Field(description="English name")
    name_zh: OptionalName = Field("", description="Chinese name")
    kind: Literal["cluster", "metro"] = Field(description="cluster, or the rest of a region")
    region: Identifier = Field(description="region that the site stands in")
    hub: Identifier | None = Field(None, description="hub that the site counts for")
    node: Identifier = Field(description="end of a network corridor that the site hangs on")
    latitude_deg: Latitude = Field(description="[degrees north]")
    longitude_deg: Longitude = Field(description="[degrees east]")
    west: bool = Field(description="counts as West in western shares")
    resource_west: bool = Field(description="counts as resource-rich West (without Chengdu-Chongqing)")
    large_centres_allowed: bool = Field(description="false where the province bars new large centres")
    hall_capex_million_cny_per_mw: Positive = Field(description="new hall, per IT power [million CNY/MW]")
    grid_capex_million_cny_per_mw: Positive = Field(description="new grid connection [million CNY/MW]")
    colour: Colour | None = Field(None, description=COLOUR)

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """Every site has its power, and its PUE in every season."""
        lacking = table[~table["site"].isin(set(tables["site_power"]["site"]))]
        if len(lacking):
            site = lacking.iloc[0]
            raise wrong_row(site, f"site '{site['site']}' has no row in site_power", "sites")
        given = set(tables["pue"][["site", "season"]].itertuples(index=False, name=None))
        for _, site in table.iterrows():
            absent = [season for season in SEASONS if (site["site"], season) not in given]
            if absent:
                message = f"site '{site['site']}' has no row for {', '.join(absent)}; expected all four seasons"
                rows = tables["pue"][tables["pue"]["site"] == site["site"]]
                raise wrong_row(rows.iloc[0] if len(rows) else site, message, "pue")


class Workload(Row):
    key = ("workload",)
    about = "Workloads as published, before they are split into tasks"
    workload: Identifier = Field(description="workload")
    name_en: Name = Field(description="English name")
    name_zh: OptionalName = Field("", description="Chinese name")
    share_intelligent: Share = Field(description="share of intelligent compute in 2025 [1]")
    share_general: Share = Field(description="share of general compute in 2025 [1]")
    share_super: Share = Field(description="share of supercomputing in 2025 [1]")


class Task(Row):
    key = ("task",)
    about = "Tasks: one workload (or one part of it) on one kind of compute"
    refers = {"workload": "workloads", "profile": "profiles"}
    task: Identifier = Field(description="task")
    workload: Identifier = Field(description="workload that it is part of")
    name_en: Name = Field(description="English name")
    name_zh: OptionalName = Field("", description="Chinese name")
    kind: Kind = Field(description="kind of compute")
    work: Work = Field(description="which use factor of a device applies")
    share: Share = Field(description="share of the kind's reference demand at the anchor; sums to 1 by kind [1]")
    growth_low_per_year: Finite = Field(description="growth a year, low [1]")
    growth_mid_per_year: Finite = Field(description="growth a year, mid [1]")
    growth_high_per_year: Finite = Field(description="growth a year, high [1]")
    round_trip_limit_ms: Positive = Field(description="SLA, network part only, last mile excluded [ms round trip]")
    residency: Literal["national", "province", "metro"] = Field(description="where the data may go")
    window_h: NonNegative = Field(description="how long the work may wait; under 2 it follows its profile [h]")
    profile: Identifier = Field(description="shape over the day of arrivals")
    gbps_per_peak_pflops: NonNegative = Field(description="traffic per dense-peak PFLOP/s [Gbit/s per PFLOP/s]")
    value_cny_per_peak_pflops_h: NonNegative = Field(
        description="what its users would pay, per dense-peak PFLOP/s h; see value_tranches [CNY]"
    )
    criticality: Annotated[int, Field(ge=1, le=5)] = Field(description="1 to 5 [1]")
    redundancy: Annotated[float, Field(ge=1, le=4)] = Field(
        1.0, description="devices energised per device that the work needs, standby included [1]"
    )
    foreign_devices_allowed: bool = Field(description="may run on foreign devices")
    least_scale_up_devices: Annotated[int, Field(ge=1)] = Field(description="devices that must work as one [devices]")
    sector: OptionalName = Field("", description="sector that the task belongs to; empty = general purpose")
    tier: Tier = Field("public", description="security tier, in accord with residency and devices allowed")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """The package's own shares sum to 1; a scenario that edits them may add or drop demand."""
        if context.shipped("demand") and context.shipped("tasks"):
            _sums_to_one(table, "kind")


class SectorShare(Row):
    key = ("task", "sector")
    about = "Whose general-purpose work it is: shares by sector, used to attribute figures in reports and nowhere else"
    refers = {"task": "tasks"}
    may_be_empty = True
    task: Identifier = Field(description="task that has no sector of its own")
    sector: Identifier = Field(description="sector")
    share: Share = Field(description="share of the task's work that is the sector's; the rest is nobody's [1]")


class Voucher(Row):
    key = ("voucher",)
    about = "Compute vouchers: a share of users' rent that somebody pays for them, where `users.vouchers` names the row"
    may_be_empty = True
    voucher: Identifier = Field(description="voucher")
    payer: Name = Field(description="who pays")
    regions: Name = Field("all", description="whose users may claim: all, or regions with spaces between them")
    tasks: Name = Field("all", description="for what: all, or tasks with spaces between them; only what has a rent")
    sites: Name = Field("all", description="where it must be rented: all, west, or sites with spaces between them")
    rate: Share = Field(description="share of the rent that is paid [1]")
    budget_million_cny: NonNegative | None = Field(
        None, description="most that is paid; empty = no limit [million CNY a year]"
    )
    cap_million_cny_per_region: NonNegative | None = Field(
        None, description="most that users of one region are paid; empty = no limit [million CNY a year]"
    )


class Demand(Row):
    key = ("region", "task")
    about = "Where demand comes from: each region's share of a task"
    refers = {"region": "regions", "task": "tasks"}
    region: Identifier = Field(description="region")
    task: Identifier = Field(description="task")
    share: Share = Field(description="share of the task's national demand; sums to 1 by task [1]")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """The package's own shares sum to 1, see `Task`."""
        if context.shipped("demand") and context.shipped("tasks"):
            _sums_to_one(table, "task")


class Adoption(Row):
    key = ("year",)
    about = "Dated adoption targets: share of those who use a technology by the end of a year"
    may_be_empty = True
    year: Annotated[int, Field(ge=2000, le=2100)] = Field(description="year, at its end")
    penetration: Annotated[float, Field(gt=0, lt=1)] = Field(description="share that has adopted [1]")


class Corridor(Row):
    key = ("corridor",)
    about = "Network corridors between nodes; a pair of nodes without a row has no limit"
    may_be_empty = True
    corridor: Identifier = Field(description="corridor")
    from_node: Identifier = Field(description="one end")
    to_node: Identifier = Field(description="other end")
    capacity_gbps: NonNegative = Field(description="capacity, both directions together [Gbit/s]")
    length_km: Positive = Field(description="geodesic length [km]")

    @classmethod
    def check(cls, table: pd.DataFrame, tables: Tables, context: Context) -> None:
        """A corridor joins two different nodes that regions or sites hang on, and is the only one that joins them."""
        nodes, pairs = {*tables["sites"]["node"], *tables["regions"]["node"]}, set()
        for _, row in table.iterrows():
            ends = row["from_node"], row["to_node"]
            if ends[0] == ends[1]:
                raise wrong_row(row, f"both ends are '{ends[1]}', expected two nodes", "column to_node")
            if frozenset(ends) in pairs:
                message = f"a second corridor joins {ends[0]} and {ends[1]}, expected one"
                raise wrong_row(row, message, f"corridors ({row['corridor']})")
            pairs.add(frozenset(ends))
            for column, node in zip(("from_node", "to_node"), ends, strict=True):
                if node not in nodes:
                    message = f"received '{node}', expected a node of regions or sites{nearest(node, sorted(nodes))}"
                    raise wrong_row(row, message, f"corridors, column {column}")


class RoundTrip(Row):
    key = ("region", "site")
    about = "Round trips that are published, or a complete matrix of one's own; they replace the computed ones"
    refers = {"region": "regions", "site": "sites"}
    may_be_empty = True
    region: Identifier = Field(description="region")
    site: Identifier = Field(description="site")
    round_trip_ms: Positive = Field(description="network part only [ms round trip]")


class Cost(Row):
    key = ("item",)
    about = "Cost and finance parameters with their ranges"
    item: Identifier = Field(description="item")
    low: Finite = Field(description="low case [unit]")
    mid: Finite = Field(description="mid case [unit]")
    high: Finite = Field(description="high case [unit]")
    unit: Name = Field(description="unit of the figures")


class PolicyTarget(Row):
    key = ("target",)
    about = "Dated national and local targets, requirements and statistics"
    may_be_empty = True
    target: Identifier = Field(description="target")
    topic: Name = Field(description="topic")
    metric: Name = Field(description="metric")
    value: Finite | None = Field(None, description="value [unit]")
    unit: Name = Field(description="unit of the value")
    period: Name = Field(description="date or year")
    scope: Name = Field(description="what it covers")
    places: str = Field(
        "",
        max_length=2000,
        description="where it is judged: national, hubs, clusters, metros, west, or sites, hubs and regions, with ; "
        "between them; empty: the scope, where it is one of these",
    )
    kind: Name = Field(description="actual, target, requirement or forecast")
    basis: str = Field("", max_length=64, description="how compute is counted where not as here, as FP32; else empty")
    note: str = Field("", max_length=2000, description="basis and caveat")


class Published(Row):
    key = ("metric", "place", "period")
    about = "Published figures that the reports set beside the model's own"
    may_be_empty = True
    metric: Identifier = Field(description="metric")
    place: Identifier = Field(description="site, region, hub or 'national'")
    period: Name = Field(description="year or date")
    value: Finite = Field(description="value [unit]")
    unit: Name = Field(description="unit")
    note: str = Field("", max_length=2000, description="scope and caveat")


TABLES: dict[str, type[Row]] = {
    "regions": Region,
    "hubs": Hub,
    "sites": Site,
    "site_power": SitePower,
    "tariffs": Tariff,
    "pue": Pue,
    "capacity": Capacity,
    "fixed_load": FixedLoad,
    "delays": Delay,
    "renewables": Renewable,
    "renewable_profiles": RenewableProfile,
    "weather_days": WeatherDay,
    "hourly": HourlyProfile,
    "workloads": Workload,
    "tasks": Task,
    "profiles": Profile,
    "sector_shares": SectorShare,
    "vouchers": Voucher,
    "demand": Demand,
    "adoption": Adoption,
    "anchors": Anchor,
    "reference_use": ReferenceUse,
    "devices": Device,
    "supply": Supply,
    "supply_map": SupplyMap,
    "stock": Stock,
    "commitments": Commitment,
    "corridors": Corridor,
    "round_trip": RoundTrip,
    "costs": Cost,
    "policy_targets": PolicyTarget,
    "published": Published,
}
