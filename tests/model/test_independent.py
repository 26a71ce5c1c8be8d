"""The optimum equals that of `independent.py`: a second program, from the model contract, that merges nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

import independent
import pytest
from builder import attempt, costs, cut, optimum
from places import ROOT

from eastwest.scenario import Scenario, load_scenario

TINY = load_scenario(ROOT / "tests" / "tiny" / "tiny.yaml")
HERE = {"source": "invented for tests", "quality": "assumption"}
Changes = dict[str, Any]
STAY = {"mobility_intelligent_per_year": 0.3, "switching_cost_intelligent_cny_per_pflops_h": 7}
GREEN = {"green_certificate_cny_per_mwh": 500, "green_contract_premium_cny_per_mwh": 200}
ALL_GREEN: Changes = {"floor_share": 0.8, "floor_sites": "all"}


def tranche(share: float, multiple: float) -> Changes:
    """A row of value_tranches: so much of the market value, a third in the low, three times in the high case."""
    cases = {"multiple_low": multiple / 3, "multiple_mid": multiple, "multiple_high": 3 * multiple}
    return {"share": share} | cases | HERE


STANDBY: Changes = {"tasks": {"chat": {"redundancy": 1.5}, "near": {"redundancy": 1.2}, "batch": {"redundancy": 2.0}}}
RECENT: dict[str, Changes] = {
    "standby": STANDBY,
    "standby of one task in a profile": {"tasks": {"near": {"redundancy": 2.0}}},
    "everything energised": {
        "devices": {"energise": "all"},
        "facilities": {"build_limit_share": 9.0, "metro_dense_growth": None},
        "power": {"build_limit_share": 9.0},
    },
    "metros keep their families": {"devices": {"new_families_at_metros": False}},
    "work moves within surge, whichever device does it": {"devices": {"surge": 1.05, "beta": {"inference_use": 0.2}}},
}
"""Each of these costs something else than the rich scenario."""

FOREIGN_ALPHA: Changes = {"alpha": {"origin": "foreign"}, "beta": {"origin": "domestic"}}
SETTINGS: dict[str, Changes] = {
    "as it is": {},
    "half a year": {"time": cut(2)},
    "2 blocks a day": {"time": cut(8)},
    "hourly": {"time": cut(96)},
    "foreign ban": {"tasks": {"*": {"foreign_devices_allowed": False}}},
    "no corridor limits": {"network": {"corridor_limits": False}},
    "a tenth of the corridors": {"network": {"capacity_factor": 0.1}},
    "dear network": {"network": {"price_factor": 20.0}},
    "carbon price": {"green": {"carbon_price_cny_per_t": 500.0}},
    "carbon cap": {"green": {"carbon_cap_t": 130.0}},
    "customers stay": {"costs": costs(STAY)},
    "customers move": {"costs": costs(STAY, switching_cost_intelligent_cny_per_pflops_h=0.01)},
    "green floor": {"costs": costs(GREEN), "green": {**ALL_GREEN, "certificates": True}},
    "green contracts of a region": {
        "costs": costs(GREEN),
        "green": {**ALL_GREEN, "certificates": True, "contracts": True, "mean_draw": 0.9},
        "green_supply": {"plateau": {"mwh": 60, "year": 2025, "growth_per_year": 0.1, **HERE}},
    },
    "hub share": {"policy": {"hub_share_of_new_intelligent": 0.1}},
    "western share": {"policy": {"west_share_of_new_intelligent": 0.94}},
    "spending cap": {"policy": {"spending_cap_million_cny": 2.0}},
    "occupancy": {"policy": {"new_hall_occupancy": 0.65}},
    "metros frozen": {"facilities": {"metro_dense_growth": 0.0}},
    "metros uncapped": {"facilities": {"metro_dense_growth": None}},
    "much building": {"facilities": {"build_limit_share": 5.0}, "power": {"build_limit_share": 5.0}},
    "late": {"facilities": {"delay_months": 5.0, "lead_months": 15.0}, "power": {"delay_months": 4.0}},
    "high growth": {"demand": {"growth": "high"}},
    "low values": {"demand": {"tranche_values": "low"}},
    "high values": {"demand": {"tranche_values": "high"}},
    "one tranche a task": {"value_tranches": {"*": None}, "tasks": {"*": {"value_cny_per_peak_pflops_h": 500.0}}},
    "least served share of every task": {"demand": {"least_served_share": 0.3}},
    "least served share of a task and a sector": {
        "demand": {"least_served_share": {"train": 0.6, "lab": 0.7}},
        "value_tranches": {"lab": {"one": tranche(1.0, 2.0)}},
        "tasks": {"batch": {"sector": "lab"}, "deep": {"sector": "lab"}},
    },
    "shortage forbidden": {
        "demand": {"shortage": "forbidden"},
        "anchors": {"base": {"general": {"installed_pflops": 1.0}}},
        "facilities": {"build_limit_share": 9.0, "metro_dense_growth": None},
        "power": {"build_limit_share": 9.0},
        "devices": {"supply": "high"},
        "network": {"corridor_limits": False},
    },
    "supply in part": {
        "devices": {"supply": "high", "availability": 0.9, "*": {"energised_share": 0.7, "months_to_service": 7.0}}
    },
    "no surge": {"devices": {"surge": 1.0}},
    "little surge": {"devices": {"surge": 1.3}},
    "draw": {"devices": {"idle_power": 0.4, "busy_power_training": 0.9, "busy_power_other": 0.5}},
    "flat prices": {"power": {"time_of_use": False}},
    "preferential prices": {"power": {"prices": "preferential"}},
    "wide connection": {"power": {"headroom": 1.5, "diversity": 0.9}},
    "residual load": {"power": {"residual_load": True}},
    "tight SLA": {"latency": {"extra_sla_ms": -2.5}},
    "computed round trips": {"latency": {"use_published_round_trips": False, "route_factor": 3.0}},
    "demand point outside": {"regions": {"coast": {"longitude_deg": -12.0}}, "network": {"price_factor": 20.0}},
    "low costs": {"finance": {"costs": "low"}},
    "high costs": {"finance": {"costs": "high"}},
    "a year later": {"years": [2028]},
    "two years later": {"years": [2029], "policy": {"spending_cap_million_cny": 2.0}},
    "three years as one": {"years": [2027], "years_represented": [3], "finance": {"discount_rate": 0.06}},
    "two of them later": {
        "years": [2028],
        "years_represented": [2],
        "finance": {"discount_rate": 0.06},
        "devices": {"deliveries": "evenly", "*": {"months_to_service": 5.0, "lifetime_years": 2.0}},
    },
    "deliveries over the year": {
        "years": [2028],
        "devices": {
            "deliveries": "evenly",
            "alpha": {"energised_share": 0.7, "months_to_service": 7.0, "available_from": "2027-09-15"},
            "server2": {"months_to_service": 1.0, "lifetime_years": 1.5},
        },
    },
    "the anchor's year": {"years": [2026]},
    "one family": {"devices": {"families": ["alpha"]}},
    "unlike windows": {"tasks": {"batch": {"window_h": 6.0}, "train": {"window_h": 12.0}}},
    "an odd window": {"tasks": {"batch": {"window_h": 9.0}}},
    "a window of 16 h is 12 h": {"tasks": {"batch": {"window_h": 16.0}}},
    "5 blocks a day": {"time": cut(20)},
    "7 blocks a day": {"time": cut(28)},
    "windows as long as the longest block": {"time": cut(64), "tasks": {"batch": {"window_h": 2.5}}},
    "PUE of a year": {
        "demand": {"tranche_values": "high"},
        "pue": {"metro_coast": {"winter": {"pue": 1.1}, "summer": {"pue": 1.9}}},
    },
    "mixed origin in a pool": {"tasks": {"batch": {"foreign_devices_allowed": False}, "deep": {"window_h": 12.0}}},
    "domestic share": {
        "devices": {"beta": {"price_cny": 10_000.0}},
        "supply": {"beta_group": {"2027": {"mid": 40.0, "buyable": True}}},
        "procurement": {"domestic_share_of_new_intelligent": 0.9},
    },
    "tasks barred to foreign devices": {
        "devices": FOREIGN_ALPHA,
        "procurement": {"foreign_barred_tasks": ["chat", "batch"]},
    },
    "least installed": {"policy": {"least_installed_pflops": {"intelligent": 230.0}}},
    "public purchases": {
        "devices": FOREIGN_ALPHA,
        "procurement": {"publicly_funded_sites": {"mesa": 0.8, "metro_coast": 1.0}},
    },
    "public stock": {"procurement": {"publicly_funded_sites": {"metro_coast": 0.9}, "foreign_in_public_stock": "off"}},
    "PUE ceiling": {
        "sites": {"mesa": {"hub": "shore"}},
        "approval": {"pue_ceilings": {"shore": 1.1}, "pue_tolerated_mw": 0.003},
    },
    "role": {
        "sites": {"mesa": {"hub": "shore"}},
        "approval": {"roles": {"shore": "not_real_time"}, "real_time_share": 0.1},
    },
} | RECENT
"""What each case changes on the rich scenario."""


def rich() -> Scenario:
    """Tiny with scarcity, a second kind, tasks of every sort, time of use, demand charges, hubs and seasonal PUE."""
    day = {f"h{hour:02d}": 0.4 if hour < 8 else 1.7 if hour > 16 else 1.0 for hour in range(24)}
    late = {f"h{hour:02d}": value for hour, value in enumerate([1.0] * 8 + [1.12] * 10 + [0.8] * 6)}
    growth = {"growth_low_per_year": 0.0, "growth_mid_per_year": 0.1, "growth_high_per_year": 0.3}
    task = (
        {"name_en": "Task", "residency": "national", "criticality": 3, "foreign_devices_allowed": True} | growth | HERE
    )
    batch = task | {"workload": "train", "kind": "intelligent", "work": "inference", "round_trip_limit_ms": 100.0}
    batch |= {"gbps_per_peak_pflops": 0.02, "value_cny_per_peak_pflops_h": 30.0, "least_scale_up_devices": 1}
    general = batch | {"workload": "chat", "kind": "general", "work": "general", "gbps_per_peak_pflops": 2.0}
    general |= {"value_cny_per_peak_pflops_h": 900.0}
    server = {
        "name_en": "Server",
        "vendor": "S",
        "kind": "general",
        "hall_class": "standard",
        "largest_group_devices": 1,
    } | HERE
    supply = {"origin": "domestic", "low": 20.0, "mid": 120.0, "high": 900.0, "buyable": True} | HERE
    share = {"web": 0.8, "archive": 0.5, "near": 0.5, "batch": 0.7, "batch2": 0.2, "deep": 0.6}
    return TINY.with_(
        name="rich",
        demand={"kinds": ["intelligent", "general"]}
        | {"coast": {name: {"share": value} | HERE for name, value in share.items()}}
        | {"plateau": {name: {"share": round(1 - value, 6)} | HERE for name, value in share.items()}},
        anchors={
            "base": {
                "intelligent": {"installed_pflops": 220.0},
                "general": {"date": "2026-07-01", "installed_pflops": 4.2, "allocation": 0.6} | HERE,
            }
        },
        reference_use={"base": {"general": {"use": 0.3} | HERE}},
        profiles={"late": late | HERE},
        tasks={
            "chat": {"share": 0.15},
            "train": {"share": 0.35},
            "near": batch
            | {"share": 0.1, "window_h": 0.0, "profile": "day", "residency": "province", "round_trip_limit_ms": 8.5},
            "batch": batch | {"share": 0.2, "window_h": 12.0, "profile": "day", "criticality": 2},
            "batch2": batch | {"share": 0.1, "window_h": 12.5, "profile": "late"},
            "deep": batch
            | {"share": 0.1, "window_h": 24.0, "profile": "day", "residency": "metro", "work": "training"},
            "web": general
            | {
                "share": 0.7,
                "window_h": 0.0,
                "profile": "late",
                "round_trip_limit_ms": 8.5,
                "foreign_devices_allowed": False,
            },
            "archive": general | {"share": 0.3, "window_h": 8.0, "profile": "day"},
        },
        devices={
            "server": server
            | {"origin": "mixed", "peak_pflops": 0.01, "rated_w": 100.0, "price_cny": 8000.0, "price_basis": "device"}
            | {"lifetime_years": 6.0, "general_use": 0.3},
            "server2": server
            | {
                "origin": "foreign",
                "peak_pflops": 0.02,
                "rated_w": 150.0,
                "price_cny": 30000.0,
                "price_basis": "all_in",
            }
            | {"lifetime_years": 6.0, "general_use": 0.25},
        },
        supply={
            "alpha_group": dict.fromkeys(("2026", "2028"), supply) | {"2027": {"mid": 120.0, "high": 900.0}},
            "group2": {"2027": supply | {"origin": "foreign", "mid": 30.0}},
        },
        supply_map={
            "group2": {"server2": {"first_year": 2020, "last_year": 2040, "mix": 1.0, "devices_per_unit": 2.0} | HERE},
        },
        stock={
            "base": {
                "mesa": {
                    "server": {str(year): {"devices": 60.0, "live_share": 1.0} | HERE for year in (2020, 2021, 2023)}
                },
                "metro_coast": {"server": {"2022": {"devices": 60.0, "live_share": 1.0} | HERE}},
            }
        },
        commitments={
            "metro_coast": {"alpha": {"2027-05-01": {"devices": 10.0} | HERE, "2026-03-01": {"devices": 99.0} | HERE}}
        },
        hubs={"shore": {"name_en": "Shore", "side": "east"} | HERE},
        sites={"metro_coast": {"hub": "shore"}},
        tariffs={
            "tou": dict.fromkeys(("winter", "spring", "autumn"), day | HERE) | {"summer": day | {"h12": 3.0} | HERE}
        },
        site_power={
            "mesa": {"tariff": "tou", "demand_charge_cny_per_kw_month": 30.0},
            "metro_coast": {"tariff": "tou", "demand_charge_cny_per_kw_month": 40.0},
        },
        pue={"mesa": {"winter": {"pue": 1.1}, "summer": {"pue": 1.35}}},
        fixed_load={
            "mesa": {
                item: {"it_mw": 0.001, "reference_date": "2026-01-01", "growth_per_year": 0.1} | HERE
                for item in ("storage", "residual")
            }
        },
        network={"capacity_factor": 0.5},
        value_tranches={
            "all": {"low": tranche(0.3, 1.0), "middle": tranche(0.5, 4.0), "top": tranche(0.2, 12.0)},
            "batch": {"low": tranche(0.6, 0.7), "top": tranche(0.4, 2.5)},
        },
    )


RICH = rich()


def agree(scenario: Scenario) -> float | None:
    """Both programs have the same optimum, which is returned, or neither has any."""
    _, outcome = attempt(scenario)
    if outcome.status != "optimal":
        with pytest.raises(ArithmeticError):
            independent.cost(scenario)
        return None
    assert independent.cost(scenario) == pytest.approx(outcome.objective, rel=1e-6)
    return outcome.objective


@cache
def rich_cost() -> float:
    return optimum(RICH.with_(time=cut(24))).objective


@pytest.mark.parametrize("slices", [4, 8, 24])
def test_tiny(slices: int) -> None:
    assert agree(TINY.with_(time=cut(slices)))


@pytest.mark.parametrize("slices", [1, 4, 24])
def test_rich(slices: int) -> None:
    assert agree(RICH.with_(time=cut(slices)))


@pytest.mark.slow
@pytest.mark.parametrize("case", SETTINGS)
def test_rich_changed(case: str) -> None:
    found = agree(RICH.with_(time=cut(24)).with_(**SETTINGS[case]))
    if case in RECENT:
        assert found is not None
        assert found != pytest.approx(rich_cost(), rel=1e-6), "a case that changes nothing proves nothing"


def test_standby_off_is_no_redundancy() -> None:
    """With standby off the column says nothing; the cost is that of the rich scenario, also in the other program."""
    off = RICH.with_(time=cut(24), devices={"standby": False}).with_(**STANDBY)
    assert agree(off) == pytest.approx(rich_cost(), rel=1e-9)


def test_the_cases_matter() -> None:
    """Demand is short and devices are bought: a case in which nothing is scarce would prove nothing."""
    found = optimum(RICH.with_(time=cut(24)))
    assert found.value("bought") > 0 and found.value("unserved") > 0


@pytest.mark.slow
def test_national() -> None:
    assert agree(load_scenario(ROOT / "scenarios" / "national-2027.yaml").with_(time=cut(4)))


@pytest.mark.nightly
def test_national_by_the_hour() -> None:
    """At the scenario's own slices."""
    assert agree(load_scenario(ROOT / "scenarios" / "national-2027.yaml"))
