"""A small invented outcome: two regions, two sites, two tasks, so that tests can say what a report must show."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import yaml
from pydantic import BaseModel

from eastwest.results.result import Result
from eastwest.schema import constraints_table


class Demand(BaseModel):
    growth: str = "mid"
    anchor: str = "mid-2026"


class TrainingUnits(BaseModel):
    sizes: dict[str, int] = {}


class Settings(BaseModel):
    title: str = "A synthetic run"
    years: tuple[int, ...] = (2027,)
    demand: Demand = Demand()
    training_units: TrainingUnits = TrainingUnits()


def _tables() -> dict[str, pd.DataFrame]:
    regions = pd.DataFrame(
        [("r1", "Beijing", "北京", 39.9, 116.4, "a1"), ("r2", "Guizhou", "贵州", 26.6, 106.7, "a2")],
        columns=["region", "name_en", "name_zh", "latitude_deg", "longitude_deg", "hub"],
    )
    hubs = pd.DataFrame(
        [("a1", "Beijing hub", "北京枢纽", "east"), ("a2", "Guizhou hub", "贵州枢纽", "west")],
        columns=["hub", "name_en", "name_zh", "side"],
    )
    sites = pd.DataFrame(
        [
            ("guian", "Gui'an", "贵安", "cluster", "r2", "a2", True, 26.4, 106.6),
            ("metro_r1", "Beijing metro", "北京", "metro", "r1", None, False, 39.9, 116.4),
        ],
        columns=["site", "name_en", "name_zh", "kind", "region", "hub", "west", "latitude_deg", "longitude_deg"],
    )
    tasks = pd.DataFrame(
        [("chat", "Chat", "对话", "intelligent"), ("web", "=Web", "", "general")],
        columns=["task", "name_en", "name_zh", "kind"],
    )
    devices = pd.DataFrame(
        [("card", "Card 9", "intelligent", 1000.0)], columns=["device", "name_en", "kind", "price_cny"]
    )
    supply = pd.DataFrame(
        {"supply_group": [f"g{n:02d}" for n in range(30)], "year": 2027, "mid": [10.0 + n for n in range(30)]}
    )
    tables = {"regions": regions, "hubs": hubs, "sites": sites, "tasks": tasks, "devices": devices, "supply": supply}
    return {
        name: frame.assign(
            source="a source", quality=["official" if n % 2 else "assumption" for n in range(len(frame))]
        )
        for name, frame in tables.items()
    }


@dataclass(frozen=True)
class Scenario:
    """What a result needs of a scenario, without reading a file."""

    name: str = "synthetic"
    settings: Settings = field(default_factory=Settings)
    tables: Any = field(default_factory=_tables)
    polygons: None = None
    origins: Any = field(default_factory=dict)
    inputs: Any = field(default_factory=lambda: MappingProxyType({"synthetic.yaml": "0" * 64}))
    modules: tuple[Any, ...] = ()

    @property
    def years(self) -> tuple[int, ...]:
        return self.settings.years

    def save(self, folder: Path) -> None:
        (folder / "scenario.yaml").write_text(yaml.safe_dump({"name": self.name}))
        (folder / "inputs").mkdir()
        for name, frame in self.tables.items():
            frame.to_csv(folder / "inputs" / f"{name}.csv", index=False)


def _rows() -> list[dict[str, Any]]:
    chat, web = {"task": "chat", "kind": "intelligent"}, {"task": "web", "kind": "general"}
    west, east, card = {"site": "guian"}, {"site": "metro_r1"}, {"device": "card", "kind": "intelligent"}
    pflops, money, million = "PFLOP/s", "million CNY", "million CNY"
    rows: list[tuple[str, str, float, dict[str, Any]]] = [
        ("demand", pflops, 100.0, {"region": "r1", **chat}),
        ("demand", pflops, 20.0, {"region": "r2", **web}),
        ("served", pflops, 60.0, {"region": "r1", **chat, **west}),
        ("served", pflops, 30.0, {"region": "r1", **chat, **east}),
        ("served", pflops, 20.0, {"region": "r2", **web, **west}),
        ("unserved", pflops, 10.0, {"region": "r1", **chat}),
        ("unserved", pflops, 0.0, {"region": "r2", **web}),
        ("unserved_because", "1", 1.0, {**chat, "item": "grid connection"}),
        ("served_round_trip_ms", "ms", 40.123456789012, {"region": "r1", **chat, **west}),
        ("served_round_trip_ms", "ms", 2.0, {"region": "r1", **chat, **east}),
        ("served_round_trip_ms", "ms", 5.0, {"region": "r2", **web, **west}),
        ("mean_round_trip_ms", "ms", 40.1, {**west, "kind": "intelligent", "item": "by site"}),
        ("mean_round_trip_ms", "ms", 5.0, {**west, "kind": "general", "item": "by site"}),
        ("mean_round_trip_ms", "ms", 2.0, {**east, "kind": "intelligent", "item": "by site"}),
        ("capacity", "MW", 50.0, {**west, "item": "grid"}),
        ("capacity", "MW", 30.0, {**east, "item": "grid"}),
        ("used", "MW", 50.0, {**west, "item": "grid"}),
        ("used", "MW", 12.0, {**east, "item": "grid"}),
        ("installed", "devices", 6000.0, {**west, **card}),
        ("energised", "devices", 5000.0, {**west, **card}),
        ("busy", "devices", 4000.0, {**west, **card}),
        ("idle", "devices", 1000.0, {**west, "device": "card", "item": "waits for grid connection"}),
        ("utilisation", "1", 0.8, {**west, **card, "item": "device"}),
        ("utilisation_p95", "1", 0.9, {**west, **card, "item": "device"}),
        ("utilisation_peak", "1", 0.95, {**west, **card, "item": "device"}),
        ("cost", money, 12.5, {**west, "item": "energy"}),
        ("cost", money, 7.5, {**east, "item": "energy"}),
        ("cost", money, 3.0, {"region": "r1", "task": "chat", "item": "unserved"}),
        ("shadow_price", f"{million}/MW", -3.2, {**west, "item": "grid connection"}),
        ("shadow_price", f"{million}/PFLOP/s", 0.4, {"region": "r1", **chat, "item": "demand"}),
        ("relief", f"{million}/MW", 3.1, {**west, "item": "grid connection"}),
        ("relief_range", "MW", 40.0, {**west, "item": "grid connection"}),
        ("relief", f"{million}/devices", 0.05, {"device": "card", "item": "accelerator supply"}),
        ("relief_range", "devices", 20000.0, {"device": "card", "item": "accelerator supply"}),
        ("relief", f"{million}/MW", 0.0, {**east, "item": "hall: hall_dense"}),
        ("growth_table", "1", 0.7, {"item": "0 %", "kind": "west_share_new"}),
        ("growth_table", "1", 0.5, {"item": "10 %", "kind": "west_share_new"}),
        ("growth_table", "1", 0.6, {"item": "5 %", "kind": "west_share_new"}),
        ("growth_table", "1", 0.0, {"item": "uncapped", "kind": "west_share_new"}),
        ("growth_table", money, 20.0, {"item": "0 %", "kind": "cost"}),
        ("movable", pflops, 62.0, {"kind": "intelligent", "item": "beyond its province"}),
        ("movable", pflops, 38.0, {"kind": "intelligent", "item": "own metro only"}),
        ("headline", "1", 0.9, {"item": "served_share", "kind": "intelligent"}),
        ("headline", "1", 1.0, {"item": "served_share", "kind": "general"}),
        ("headline", million, 20.0, {"item": "cost_without_penalties", "year": 0}),
        ("headline", "TWh", 1.234, {"item": "electricity"}),
        ("headline", "1", 1.25, {"item": "mean_pue"}),
    ]
    return [
        {"quantity": q, "unit": unit, "value": value, "year": 2027, **labels, **of_limit(q, labels.get("item", ""))}
        for q, unit, value, labels in rows
    ]


def of_limit(quantity: str, item: str) -> dict[str, str]:
    """The group of constraints that a row speaks of."""
    return {"constraint": GROUPS[item]} if quantity in OF_A_LIMIT and item in GROUPS else {}


OF_A_LIMIT = ("shadow_price", "relief", "relief_range", "unserved_because")
GROUPS = {
    "demand": "demand", "grid connection": "connection", "accelerator supply": "supply", "hall: hall_dense": "hall",
    "hall: hall_standard": "hall",
}  # fmt: skip
ONCE = ("growth_table", "relief", "relief_range", "built", "price_range", "movable")
"""Quantities of the synthetic outcome that are not the same thing over again in a second year."""


def _later() -> list[dict[str, Any]]:
    """What a second year adds: three times the amounts, six times the unserved, and what only years can have."""
    shares = {"1", "ms"}
    again = [
        {**row, "year": 2028, "value": row["value"] * (1 if row["unit"] in shares else 6 if lost else 3)}
        for row in _rows()
        for lost in [row["quantity"] == "unserved"]
        if row["quantity"] not in ONCE
    ]
    west, east, card = {"site": "guian"}, {"site": "metro_r1"}, {"device": "card", "kind": "intelligent"}
    both: list[tuple[str, str, float, float, dict[str, Any]]] = [
        ("installed_peak", "PFLOP/s", 3.1e6, 4.2e6, {**west, "kind": "intelligent"}),
        ("energised_peak", "PFLOP/s", 2.48e6, 2.1e6, {**west, "kind": "intelligent"}),
        ("bought_peak", "PFLOP/s", 5e5, 1.25e6, {**west, "kind": "intelligent"}),
        ("bought_peak", "PFLOP/s", 0.0, 3.5e5, {**east, "kind": "intelligent"}),
        ("bought", "devices", 700.0, 900.0, {**west, **card}),
        ("bought", "devices", 0.0, 110.0, {**east, **card}),
        ("built", "MW", 120.0, 230.0, {**west, "item": "wind"}),
        ("built", "MW", 0.0, 41.0, {**east, "item": "wind"}),
        ("built", "Gbit/s", 17.0, 19.0, {"corridor": "a1-a2", "item": "corridor"}),
        ("installed_rated", "MW", 900.0, 1300.0, {**west, "item": "hall_standard"}),
        ("used", "MW", 730.0, 850.0, {**west, "item": "hall_standard"}),
        ("fixed_load", "MW", 31.0, 52.0, {**west, "item": "storage"}),
        ("idle", "million CNY", 61.0, 43.0, {**west, "device": "card", "item": "waits for grid connection"}),
        ("idle", "MW", 7.0, 8.0, {**east, "item": "dense hall waits for devices"}),
        ("idle", "million CNY", 2.5, 3.5, {**east, "item": "dense hall waits for devices"}),
        ("green_share", "1", 0.123, 0.456, {"item": "national"}),
        ("green_share", "1", 0.111, 0.777, west),
        ("own_electricity", "MWh", 3e6, 7e6, {**west, "item": "wind"}),
        ("curtailed", "MWh", 1e6, 0.5e6, {**west, "item": "wind"}),
        ("contracted", "MWh", 0.0, 2e6, west),
        ("carbon", "t CO2", 5.5e6, 6.5e6, west),
        ("electricity", "MWh", 100.0, 400.0, west),
        ("it_electricity", "MWh", 80.0, 300.0, west),
        ("growth_table", "1", float("nan"), 0.7, {"item": "0 %", "kind": "west_share_new"}),
        ("movable", "PFLOP/s", 62.0, 30.0, {"kind": "intelligent", "item": "beyond its province"}),
        ("movable", "PFLOP/s", 38.0, 90.0, {"kind": "intelligent", "item": "own metro only"}),
        ("relief", "million CNY/MW", float("nan"), 3.1, {**west, "item": "grid connection"}),
        ("relief_range", "MW", float("nan"), 40.0, {**west, "item": "grid connection"}),
        ("price_range", "CNY", 111.0, 222.0, {**west, "device": "card", "item": "plan changes below"}),
        ("price_range", "CNY", 333.0, 444.0, {**west, "device": "card", "item": "plan changes above"}),
    ]
    years = [
        {"quantity": q, "unit": unit, "value": value, "year": year, **labels, **of_limit(q, labels.get("item", ""))}
        for q, unit, first, second, labels in both
        for year, value in ((2027, first), (2028, second))
        if value == value
    ]
    month = "a month less of delay: halls"
    delays = [
        {"quantity": "relief", "unit": "million CNY/month", "value": 88.0, "item": month},
        {"quantity": "relief", "unit": "million CNY/month", "value": 55.0, "item": month, "site": "guian"},
    ]
    return again + years + delays


def two_years() -> Result:
    """An outcome of 2027 and 2028, with a national target and published figures of both years."""
    first = [row for row in _rows() if row["quantity"] not in ONCE]
    base = result(table=pd.DataFrame(first + _later()), objective=45678.0)
    anchors = pd.DataFrame(
        [("mid-2026", "intelligent", "2026-07-01", 2e6), ("other", "intelligent", "2026-07-01", 9e6)],
        columns=["anchor", "kind", "date", "installed_pflops"],
    )
    targets = pd.DataFrame(
        [
            ("t1", "target", "ai_compute_target", "national", "2030", 9800.0, "eflops", ""),
            ("t2", "target", "ai_compute_target", "Beijing", "2031", 1.0, "eflops", ""),
            ("t3", "target", "ai_compute_target", "national", "2028", 9.0, "eflops", ""),
            ("t4", "target", "racks", "national", "2028", 9.0, "pct", ""),
        ],
        columns=["target", "kind", "metric", "scope", "period", "value", "unit", "note"],
    )
    known = pd.DataFrame(
        [
            ("electricity_gwh", "national", "2025", 0.05, "GWh"),
            ("electricity_forecast_gwh", "national", "2028", 0.5, "GWh"),
            ("claim_electricity_forecast_gwh", "national", "2026-2030", 99.0, "GWh"),
            ("electricity_forecast_gwh", "national", "2030", 77.0, "GWh"),
        ],
        columns=["metric", "place", "period", "value", "unit"],
    )
    more = {"anchors": anchors, "policy_targets": targets, "published": known}
    tables = base.scenario.tables | {
        name: frame.assign(source="a source", quality="official") for name, frame in more.items()
    }
    settings = Settings(years=(2027, 2028))
    return replace(base, scenario=replace(base.scenario, tables=tables, settings=settings))  # type: ignore[type-var]


CERTIFICATE = {"primal_violation": 1e-12, "dual_violation": 2e-10, "relative_gap": 3e-9, "limit": 1e-6, "holds": True}


def constraints() -> pd.DataFrame:
    """What the limits of the table are."""
    known = {
        "demand": ("demand", "PFLOP/s", 1000.0, ""),
        "connection": ("grid connection", "MW", 1.0, "grid"),
        "supply": ("accelerator supply", "devices", 1000.0, ""),
        "hall": ("hall", "MW", 1.0, "hall_dense hall_standard"),
    }  # fmt: skip
    return constraints_table.table(
        [
            {"constraint": name, "limit": limit, "kind": "demand" if name == "demand" else "limit", "span": "year",
             "unit": unit, "step": step, "assets": assets}
            for name, (limit, unit, step, assets) in known.items()
        ]
    )  # fmt: skip


def result(**changes: Any) -> Result:
    """The synthetic outcome, with fields replaced."""
    base = Result(
        scenario=Scenario(),  # type: ignore[arg-type]
        status="optimal",
        objective=23.0,
        certificate=CERTIFICATE,
        timings={"build": 0.1, "solve": 1.5, "total": 1.7},
        solver={"name": "highs", "version": "1.15.1", "algorithm": "ipx"},
        messages=("Scarcity: the grid connection at Gui'an binds.", "A warning."),
        table=pd.DataFrame(_rows()),
        constraints=constraints(),
    )
    return replace(base, **changes)


def changed(base: Result, quantity: str, factor: float, **labels: str) -> Result:
    """The same outcome with the values of chosen rows multiplied."""
    table = base.table.copy()
    chosen = table["quantity"] == quantity
    for label, value in labels.items():
        chosen &= table[label] == value
    table.loc[chosen, "value"] *= factor
    return replace(base, table=table)
