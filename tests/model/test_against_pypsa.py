"""The power side against PyPSA: the same two sites, put together there from the same figures, cost the same.

Each metro runs the work of its own region, flat over the day, so its load is known: devices x 0.1 MW x PUE. Left to
decide are own wind and solar, battery power and energy, and when to draw from the grid, under one cap on CO2.
PyPSA's network is written from the figures below and nothing of eastwest's program is read.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from builder import Optimum, costs, cut, optimum, tiny

pytestmark = [
    pytest.mark.slow,
    pytest.mark.peers("pypsa"),
    pytest.mark.filterwarnings("ignore:pandas infers the .str. dtype:FutureWarning"),  # PyPSA 1.4 on pandas 3
]

DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
SLICES = 15
EDGES = [round(24 * number / SLICES) for number in range(SLICES + 1)]
"""One mean day in 15 slices of 1 or 2 h."""

HOUR = np.arange(24)
SUN = np.clip(np.sin((HOUR - 5.5) / 13 * np.pi), 0, None)
EVENING = 1 + 0.6 * np.sin((HOUR - 12) / 24 * 2 * np.pi)
BRIGHT = {"winter": 0.3, "spring": 0.45, "summer": 0.5, "autumn": 0.35}
WINDY = {"winter": 0.3, "spring": 0.28, "summer": 0.12, "autumn": 0.22}

SITES = {
    "metro_coast": {
        "region": "coast", "devices": 15, "price": 0.8, "co2": 0.5, "grid": 9.0, "peaky": 1.0, "sun": 0.8, "wind": 0.9,
        "pue": {"winter": 1.2, "spring": 1.3, "summer": 1.5, "autumn": 1.3},
    },
    "metro_plateau": {
        "region": "plateau", "devices": 5, "price": 0.6, "co2": 0.25, "grid": 6.0, "peaky": 0.5, "sun": 1, "wind": 0.6,
        "pue": {"winter": 1.1, "spring": 1.15, "summer": 1.25, "autumn": 1.15},
    },
}  # fmt: skip
PLANTS = {"wind": {"capex": 9.0, "om": 0.1, "life": 20}, "solar": {"capex": 6.5, "om": 0.045, "life": 25}}
RATE, LINE, BATTERY_POWER, BATTERY_ENERGY, BATTERY_LIFE, BATTERY_OM, EFFICIENCY = 0.05, 0.3, 0.3, 1.5, 15, 0.015, 0.86
LIMIT = 1.5
"""New plant of a technology, and new battery power, over the grid connection."""

CARBON_CHANGE = -0.05


def tariff(site: dict[str, Any], season: str) -> np.ndarray:
    """Multipliers before they are scaled to a mean of 1."""
    return (1.2 if season == "summer" else 1.0) * (1 + site["peaky"] * (EVENING - 1))


def factor(site: dict[str, Any], technology: str, season: str) -> np.ndarray:
    """Output over capacity by hour."""
    if technology == "solar":
        return site["sun"] * BRIGHT[season] * SUN
    return site["wind"] * WINDY[season] * (1 - 0.2 * np.cos((HOUR - 14) / 24 * 2 * np.pi))


def columns(values: np.ndarray) -> dict[str, float]:
    return {f"h{hour:02d}": float(value) for hour, value in enumerate(values)}


@cache
def ours(cap: float | None, where: str = "all") -> Optimum:
    """eastwest's optimum of the case."""
    figures = {
        "discount_rate_power": RATE,
        "own_line_million_cny_per_mw": LINE,
        "battery_power_million_cny_per_mw": BATTERY_POWER,
        "battery_energy_million_cny_per_mwh": BATTERY_ENERGY,
        "battery_life_years": BATTERY_LIFE,
        "battery_round_trip_efficiency": EFFICIENCY,
        "battery_om_share": BATTERY_OM,
    }
    plant = {
        name: {
            "capex_million_cny_per_mw": row["capex"],
            "om_million_cny_per_mw_year": row["om"],
            "life_years": row["life"],
            "lead_months": 6,
        }
        for name, row in PLANTS.items()
    }
    scenario = tiny(
        time=cut(SLICES),
        sites={"mesa": None},
        tasks={"train": None, "chat": {"profile": "flat", "residency": "metro"}},
        devices={
            "beta": None,
            "alpha": {"rated_w": 100_000, "largest_group_devices": 8},
            "idle_power": 0.5,
            "busy_power_other": 1.0,
        },
        demand={"shortage": "forbidden"},
        supply={"*": {"*": {"mid": 0}}},
        capacity={
            name: {
                "grid": {"*": {"mw": site["grid"]}},
                "hall_dense": {"*": {"mw": 9}},
                "hall_standard": {"*": {"mw": 1}},
            }
            for name, site in SITES.items()
        },
        facilities={"build_limit_share": 0},
        power={"build_limit_share": 0},
        sources={"where": where, "build_limit_share": LIMIT},
        storage={"where": where, "build_limit_share": LIMIT, "most_hours": 8},
        pue={name: {season: {"pue": value} for season, value in site["pue"].items()} for name, site in SITES.items()},
        tariffs={site["region"]: {season: columns(tariff(site, season)) for season in DAYS} for site in SITES.values()},
        site_power={
            name: {
                "price_cny_per_kwh": site["price"],
                "demand_charge_cny_per_kw_month": 0,
                "tariff": site["region"],
                "grid_co2_kg_per_kwh": site["co2"],
            }
            for name, site in SITES.items()
        },
        renewables={site["region"]: plant for site in SITES.values()},
        renewable_profiles={
            site["region"]: {
                technology: {season: columns(factor(site, technology, season)) for season in DAYS}
                for technology in PLANTS
            }
            for site in SITES.values()
        },
        costs=costs(figures),
        green={"carbon_cap_t": cap, "grid_carbon_change_per_year": CARBON_CHANGE},
    )
    return optimum(scenario)


def annuity(life: float) -> float:
    return RATE / (1 - (1 + RATE) ** -life)


def mean_day(by_season: dict[str, np.ndarray]) -> np.ndarray:
    """Hours of the mean day of the year."""
    return sum(DAYS[season] * values for season, values in by_season.items()) / 365  # type: ignore[return-value]


def in_slices(hourly: np.ndarray) -> np.ndarray:
    return np.array([hourly[first:last].mean() for first, last in pairwise(EDGES)])


def theirs(cap: float | None, where: str = "all") -> Any:
    """The same case as a PyPSA network, optimised; money in thousand CNY."""
    import pypsa

    network = pypsa.Network()
    network.set_snapshots(range(SLICES))
    length = np.diff(EDGES).astype(float)
    network.snapshot_weightings["objective"] = 365 * length
    network.snapshot_weightings["generators"] = 365 * length
    network.snapshot_weightings["stores"] = length
    for carrier in ("wind", "solar", "battery", "AC"):
        network.add("Carrier", carrier)
    one_way = EFFICIENCY**0.5
    for name, site in SITES.items():
        network.add("Bus", name, carrier="AC")
        pue = sum(DAYS[season] * value for season, value in site["pue"].items()) / 365
        network.add("Load", f"{name} load", bus=name, p_set=site["devices"] * 0.1 * pue)
        raw = mean_day({season: tariff(site, season) for season in DAYS})
        network.add("Carrier", f"{name} grid", co2_emissions=site["co2"] * (1 + CARBON_CHANGE) ** 4)
        network.add(
            "Generator", f"{name} grid", bus=name, carrier=f"{name} grid", p_nom=site["grid"],
            marginal_cost=in_slices(raw) / raw.mean() * site["price"],
        )  # fmt: skip
        if where == "none":
            continue
        for technology, row in PLANTS.items():
            available = in_slices(mean_day({season: factor(site, technology, season) for season in DAYS}))
            network.add(
                "Generator", f"{name} {technology}", bus=name, carrier=technology, p_nom_extendable=True,
                p_nom_max=LIMIT * site["grid"], p_max_pu=available,
                capital_cost=1e3 * ((row["capex"] + LINE) * annuity(row["life"]) + row["om"]),
            )  # fmt: skip
        yearly = 1e3 * (annuity(BATTERY_LIFE) + BATTERY_OM)
        network.add("Bus", f"{name} battery", carrier="battery")
        network.add(
            "Link", f"{name} charge", bus0=name, bus1=f"{name} battery", carrier="battery", efficiency=one_way,
            p_nom_extendable=True, p_nom_max=LIMIT * site["grid"], capital_cost=BATTERY_POWER * yearly,
        )  # fmt: skip
        network.add(
            "Link", f"{name} discharge", bus0=f"{name} battery", bus1=name, carrier="battery", efficiency=one_way,
            p_nom_extendable=True,
        )  # fmt: skip
        network.add(
            "Store", f"{name} store", bus=f"{name} battery", carrier="battery", e_cyclic=True, e_nom_extendable=True,
            e_nom_max=8 * LIMIT * site["grid"], capital_cost=BATTERY_ENERGY * yearly,
        )  # fmt: skip
    if cap is not None:
        network.add(
            "GlobalConstraint",
            "co2",
            type="primary_energy",
            carrier_attribute="co2_emissions",
            sense="<=",
            constant=cap,
        )

    def same_power_both_ways(network: Any, snapshots: Any) -> None:
        """What a discharging link gives is measured behind its efficiency."""
        power = network.model["Link-p_nom"]
        dimension = power.dims[0]
        for name in SITES:
            pair = [power.sel({dimension: f"{name} {way}"}, drop=True) for way in ("charge", "discharge")]
            network.model.add_constraints(pair[0] - one_way * pair[1] == 0, name=f"power of {name}")

    more = {"extra_functionality": same_power_both_ways} if where == "all" else {}
    status, condition = network.optimize(
        solver_name="highs", log_to_console=False, include_objective_constant=False, **more
    )
    assert (status, condition) == ("ok", "optimal")
    return network


def free_emissions() -> float:
    """CO2 of the case without own plants and batteries [t]."""
    rows = ours(None, "none").table("grid_energy").groupby("site")["value"].mean()
    return sum(float(rows[name]) * 8760 * site["co2"] * (1 + CARBON_CHANGE) ** 4 for name, site in SITES.items())


def test_without_choices_both_pay_the_same_bill() -> None:
    """Load alone: energy at time-of-use prices."""
    assert theirs(None, "none").objective / 1e3 == pytest.approx(ours(None, "none").objective, rel=1e-6)


@pytest.mark.parametrize("share", [None, 0.05, 0.02])
def test_the_same_optimum(share: float | None) -> None:
    """Without a cap, and with caps at 5 % and 2 % of the CO2 of the grid alone: the same cost to one in a million, the
    same plants and batteries, the same price of CO2."""
    cap = None if share is None else share * free_emissions()
    found, network = ours(cap), theirs(cap)
    assert network.objective / 1e3 == pytest.approx(found.objective, rel=1e-6)
    for name in SITES:
        for technology in PLANTS:
            built = network.generators.at[f"{name} {technology}", "p_nom_opt"]
            assert found.value("built_plant", site=name, technology=technology) == pytest.approx(built, abs=1e-3)
        power, energy = network.links.at[f"{name} charge", "p_nom_opt"], network.stores.at[f"{name} store", "e_nom_opt"]
        assert found.value("built_battery_power", site=name) == pytest.approx(power, abs=1e-3)
        assert found.value("built_battery_energy", site=name) == pytest.approx(energy, abs=1e-3)
    if cap is not None:
        price = -network.global_constraints.at["co2", "mu"] / 1e3
        assert price > 0
        assert found.row("carbon")["dual"] == pytest.approx(-price, rel=1e-4)


def test_the_case_is_not_trivial() -> None:
    """Plants and a battery at both sites, of no round number of hours; wind and solar; a cap that binds and costs."""
    found = ours(0.02 * free_emissions())
    plants = found.table("built_plant")
    assert (plants.groupby("site")["value"].sum() > 0.1).all() and (
        plants.groupby("technology")["value"].sum() > 0.1
    ).all()
    assert (found.table("built_battery_power")["value"] > 0.1).all()
    ratio = found.table("built_battery_energy")["value"] / found.table("built_battery_power")["value"]
    assert ((ratio % 1).between(1e-3, 1 - 1e-3)).all()
    assert found.row("carbon")["slack"] == pytest.approx(0, abs=1e-3)
    assert found.objective > ours(None).objective * 1.01
