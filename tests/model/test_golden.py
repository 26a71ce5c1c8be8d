"""The program in words, block by block, against tests/golden/<block>.txt: a change of the model shows as a change of
text.

The scenario is the tiny country in two years with every rule switched on, at three slices of one mean day (8 h each);
every block that the model can build has a row. After a change that is meant: EASTWEST_WRITE_GOLDEN=1 pytest
tests/test_golden.py
"""

from __future__ import annotations

import os
import re
from functools import cache

import pytest
from builder import all_year, costs, cut, tiny
from places import PACKAGE, TESTS

from eastwest.lp.program import LinearProgram
from eastwest.solving.solve import build

GOLDEN = TESTS / "golden"
WRITE = bool(os.environ.get("EASTWEST_WRITE_GOLDEN"))


FIGURES = {
    "discount_rate_system": 0.05,
    "discount_rate_power": 0.05,
    "own_line_million_cny_per_mw": 0.3,
    "battery_power_million_cny_per_mw": 0.3,
    "battery_energy_million_cny_per_mwh": 0.4,
    "battery_life_years": 15,
    "battery_round_trip_efficiency": 0.81,
    "battery_om_share": 0.01,
    "green_contract_premium_cny_per_mwh": 25,
    "green_certificate_cny_per_mwh": 5,
    "corridor_million_cny_per_gbps_1000km": 1,
    "corridor_life_years": 7,
    "liquid_cooling_million_cny_per_mw": 3,
    "training_unit_tier_share": 0.05,
    "mobility_intelligent_per_year": 0.3,
    "switching_cost_intelligent_cny_per_pflops_h": 7,
}
TRANCHES = {
    name: {
        "share": share, "multiple_low": multiple, "multiple_mid": multiple, "multiple_high": multiple,
        "source": "invented for tests", "quality": "assumption",
    }
    for name, share, multiple in (("low", 0.3, 0.5), ("top", 0.7, 2.0))
}  # fmt: skip
INVENTED = {"source": "invented for tests", "quality": "assumption"}
WATER = {"cooling": "evaporative", "wue_l_per_kwh": 1.2, "price_cny_per_m3": 6}
SUN = {
    "capex_million_cny_per_mw": 3,
    "om_million_cny_per_mw_year": 0.05,
    "life_years": 25,
    "lead_months": 18,
}
CITY = {"payer": "City", "tasks": "chat", "rate": 0.3, "source": "invented for tests", "quality": "assumption"}


@cache
def program() -> LinearProgram:
    """Two years, 2027 and 2028; plants, batteries and the green floor at the cluster mesa, some of each stands."""
    stands = {"2020-01-01": {"mw": 0.01, "status": "existing"}}
    scenario = tiny(
        years=[2027, 2028],
        time=cut(3),
        tasks={"chat": {"redundancy": 1.2}},
        hubs={"h": {"name_en": "Hub", "side": "west"}},
        sites={"mesa": {"hub": "h"}},
        fixed_load={"mesa": {"storage": {"it_mw": 0.001, "reference_date": "2026-07-01", "growth_per_year": 0}}},
        site_power={"mesa": {"demand_charge_cny_per_kw_month": 40, "base_electricity_mwh": 10}},
        supply={"alpha_group": {"2028": {"origin": "domestic", "low": 30, "mid": 60, "high": 90, "buyable": True}}},
        devices={
            "carry_over": True,
            "alpha": {"origin": "foreign", "rack_kw": 50, "months_to_service": 6},
            "beta": {"origin": "domestic"},
        },
        cooling={"liquid": True, "dense_design_kw_per_rack": 60},
        power={"metro_quota_mwh": {"coast": 500}},
        water={
            **dict.fromkeys(("mesa", "metro_coast", "metro_plateau"), WATER),
            "charge": True,
            "cap_m3": {"mesa": 1000, "coast": {2028: 500}},
            "national_cap_m3": 2000,
        },
        green_supply={"plateau": {"mwh": 900, "year": 2027, "growth_per_year": 0.1, **INVENTED}},
        renewables={"plateau": {"solar": SUN}},
        renewable_profiles={"plateau": {"solar": all_year(0, 0.4)}},
        capacity={"mesa": {"solar": stands, "battery_power": stands, "battery_energy": stands}},
        costs=costs(FIGURES),
        demand={"least_served_share": {"chat": 0.1}},
        value_tranches={"all": TRANCHES},
        sources={"where": "clusters"},
        storage={"where": "clusters"},
        network={"build_limit_share": 0.5},
        events={
            "periods": {
                "storm": {
                    "season": "winter",
                    "days": 10,
                    "effects": [
                        {"sites": ["mesa"], "connection_factor": 0.5, "energy_price_factor": 2},
                        {"corridors": ["coast-plateau"], "corridor_factor": 0.5},
                    ],
                }
            }
        },
        green={
            "floor_share": 0.8,
            "contracts": True,
            "certificates": True,
            "grid_mix_share": 0.1,
            "carbon_price_cny_per_t": 100,
            "carbon_cap_t": {2028: 1000},
        },
        users={"objective": "users", "vouchers": ["city"], "rent_cny_per_peak_pflops_h": 10},
        vouchers={"city": {**CITY, "budget_million_cny": 0.01, "cap_million_cny_per_region": 0.005}},
        policy={
            "hub_share_of_new_intelligent": 0.6,
            "west_share_of_new_intelligent": 0.5,
            "new_hall_occupancy": 0.65,
            "spending_cap_million_cny": 100,
            "least_installed_pflops": {"intelligent": {2028: 60}},
        },
        approval={"pue_ceilings": {"h": 1.1}, "roles": {"h": "not_real_time"}, "real_time_share": 0.1},
        procurement={
            "domestic_share_of_new_intelligent": 0.7,
            "publicly_funded_sites": {"mesa": 0.5},
            "foreign_in_public_stock": "off",
        },
        training_units={
            "tasks": ["train"],
            "sizes": {"4": 4, "40": 40},
            "shares": {"40": 0.3},
            "least_units": {"4": {2028: 2}},
            "integer": True,
            "switch_ports": 4,
        },
    )
    return build(scenario).program


@cache
def resilient() -> LinearProgram:
    """What outages add, without what they leave as it is; of it the text holds the blocks that `program` lacks."""
    promises = {
        "site_outages": ["metro_coast"], "hub_outages": "all", "corridor_outages": ["coast-mesa"],
        "protected_tasks": ["chat"], "two_site_tasks": ["bank"], "pooling_share": 0.5,
    }  # fmt: skip
    bank = tiny().tables["tasks"].set_index("task").loc["chat"].drop("where", errors="ignore").to_dict()
    bank = {name: value for name, value in bank.items() if not str(name).startswith("_")}
    scenario = tiny(
        time=cut(3),
        hubs={"h": {"name_en": "Hub", "side": "west"}},
        sites={"mesa": {"hub": "h"}},
        tasks={"train": None, "bank": {**bank, "profile": "flat", "share": 0.1}},
        demand={"coast": {"bank": {"share": 1, "source": "invented", "quality": "assumption"}}, "plateau": None},
        corridors={"*": {"capacity_gbps": 1}},
        devices={"busy_power_other": 1.0},
        costs=costs({"green_contract_premium_cny_per_mwh": 25}),
        renewable_profiles={name: {"solar": all_year(0, 0.4)} for name in ("coast", "plateau")},
        green={"floor_share": 0.4, "floor_sites": "all", "contracts": True, "match": "hour"},
        resilience=promises,
    )
    return build(scenario).program


@cache
def blocks() -> dict[str, str]:
    """The text by block: objective, bounds and every group of constraints of `program`, then what `resilient` adds."""
    first = _texts(program())
    return {**{name: text for name, text in _texts(resilient()).items() if name not in first}, **first}


def every_program() -> tuple[LinearProgram, ...]:
    return program(), resilient()


def _texts(of: LinearProgram) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    name = ""
    for line in of.text():
        if not line.startswith(" "):
            name = "objective" if line.startswith("minimise") else line.split(" [")[0]
        found.setdefault(name, []).append(line)
    found["objective"][1:] = ["  " + term for term in re.split(r" (?=[+-])", found["objective"][1].strip())]
    return {name: "\n".join(lines) + "\n" for name, lines in found.items()}


def test_every_block_of_the_program_is_in_the_text() -> None:
    assert set(blocks()) == {"objective", "bounds", *(name for each in every_program() for name in each.constraints)}


def test_every_kind_of_row_of_the_model_is_in_the_scenario() -> None:
    """Names in `plan.constraints("name", ...)`, floors of policy and devices by block, read from the source."""
    source = "\n".join(path.read_text() for path in (PACKAGE / "model" / "modules").glob("*.py"))
    written = (r'plan\.constraints\(\s*"(\w+)"', r'_share_floor\(plan, "(\w+)"', r'_by_block\([^"]*"(\w+)"\)')
    names = {name for pattern in written for name in re.findall(pattern, source)}
    names |= {f"{name}_limit" for name in _built(source)}
    assert names
    assert names <= {name for each in every_program() for name in each.constraints}, (
        "give the golden scenario what it needs to build this block"
    )


def _built(source: str) -> set[str]:
    """Groups of variables whose yearly limit of building is a group of constraints beside them."""
    written = set(re.findall(r'build_within\(plan, f?"([\w{}]+)"', source))
    batteries = {f"built_battery_{what}" for what in ("power", "energy")}
    return written - {"built_{asset}"} | batteries


def test_every_golden_file_has_a_block() -> None:
    if WRITE:
        GOLDEN.mkdir(exist_ok=True)
        for path in GOLDEN.glob("*.txt"):
            path.unlink()
        for name, text in blocks().items():
            (GOLDEN / f"{name}.txt").write_text(text, encoding="utf-8")
    left = {path.stem for path in GOLDEN.glob("*.txt")} - set(blocks())
    assert not left, f"golden files of no block: {sorted(left)}"


@pytest.mark.parametrize("name", sorted({*(path.stem for path in GOLDEN.glob("*.txt"))}))
def test_golden_text(name: str) -> None:
    assert blocks().get(name, "") == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_every_block_has_a_golden_file() -> None:
    lacking = set(blocks()) - {path.stem for path in GOLDEN.glob("*.txt")}
    assert not lacking, f"blocks without a golden file: {sorted(lacking)}"


def test_every_block_of_variables_is_in_the_scenario() -> None:
    """Names in `plan.variables("name", ...)` of the model; shed work exists where a plan is evaluated only."""
    source = "\n".join(path.read_text() for path in (PACKAGE / "model" / "modules").glob("*.py"))
    names = set(re.findall(r'plan\.variables\(\s*"(\w+)"', source))
    names |= _built(source)
    assert len(names) > 15
    assert names <= {name for each in every_program() for name in each.variables}, (
        "give the golden scenario what it needs to build this block"
    )
