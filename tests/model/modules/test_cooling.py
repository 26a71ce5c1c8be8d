"""Racks and liquid cooling; every case starts from `one_place`: 10 devices alpha of 0.1 MW serve 5 PFLOP/s.

Here the devices stand in racks of 50 kW, above the 40 kW that air cools. A conversion costs 3 million CNY/MW, paid at
10 % over 15 years and 4 % a year for upkeep: 3 x (0.131474 + 0.04) = 0.514421 million CNY/MW a year.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builder import attempt, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.lp.highs import Session
from eastwest.solving.infeasibility import explain_infeasible, label_names
from eastwest.solving.solve import build

ANNUAL = 3 * (0.1 / (1 - 1.1**-15) + 0.04)
NEW: dict[str, Any] = {"stock": {"base": {"metro_coast": {"alpha": None}}}}
"""Nothing stands: all 10 devices are bought."""


def place(cooling: dict[str, Any] | None = None, rack_kw: float | None = 50, **changes: Any) -> ew.Scenario:
    costs = {"liquid_cooling_million_cny_per_mw": {"low": 3, "mid": 3, "high": 3, "unit": "1"}}
    device = {"rated_w": 100_000} | ({} if rack_kw is None else {"rack_kw": rack_kw})
    return one_place(costs=costs, devices={"alpha": device}, cooling={"liquid": True} | (cooling or {}), **changes)


def slopes(scenario: ew.Scenario, group: str, delta: float) -> tuple[float, float, float]:
    """Change of cost per unit when the one row of a block is loosened and tightened by `delta`, and its dual."""
    plan = build(scenario)
    matrix, rows = plan.program.matrix(), plan.program.constraints[group]
    assert len(rows) == 1
    found = []
    for shift in (delta, -delta, 0.0):
        upper = matrix.row_upper.copy()
        upper[rows.offset] += shift
        outcome = Session(replace(matrix, row_upper=upper)).run()
        assert outcome.status == "optimal"
        found.append(outcome)
    more, less, now = found
    dual = float(now.y[rows.offset])
    return (more.objective - now.objective) / delta, (now.objective - less.objective) / delta, dual


# Liquid cooling


def test_off_by_default() -> None:
    plan = build(one_place(devices={"alpha": {"rack_kw": 50}}))
    assert not {"liquid", "liquid_hall", "racks_dense"} & set(plan.program.constraints)


def test_what_stands_is_cooled_already() -> None:
    """20 devices stand: 2 MW, of which a fifth of the hall (1 MW) and 1 MW more are cooled; 1 MW is used."""
    found = optimum(place())
    assert found.objective == pytest.approx(7.008)
    assert found.row("liquid")["slack"] == pytest.approx(1)
    assert found.row("liquid")["dual"] == pytest.approx(0)
    assert found.value("converted") == pytest.approx(0)


def test_what_stands_is_cooled_at_most_to_the_size_of_the_hall() -> None:
    """Hall 1 MW, 2 MW stand: 1 MW is cooled, nothing is left to convert."""
    found = optimum(place(capacity={"metro_coast": {"hall_dense": {"*": {"mw": 1}}}}))
    assert found.row("liquid")["slack"] == pytest.approx(0)
    assert found.row("liquid_hall")["right"] == pytest.approx(0)


def test_new_devices_take_the_cooled_share_and_convert_the_rest() -> None:
    """Share 0.1 of 5 MW: 0.5 MW; the other 0.5 MW are converted for 0.5 x 0.514421 = 0.257210 million CNY a year."""
    found, free = optimum(place({"liquid_share_of_dense": 0.1}, **NEW)), optimum(place({"liquid": False}, **NEW))
    assert found.value("converted") == pytest.approx(0.5)
    assert found.cost("liquid_cooling") == pytest.approx(0.257210, rel=1e-5)
    assert found.objective == pytest.approx(free.objective + 0.5 * ANNUAL)
    assert found.row("liquid")["dual"] == pytest.approx(-ANNUAL)


def test_price_of_cooling_lies_between_the_slopes() -> None:
    more, less, dual = slopes(place({"liquid_share_of_dense": 0.1}, **NEW), "liquid", 0.01)
    assert more == pytest.approx(dual, rel=1e-4) and less == pytest.approx(dual, rel=1e-4)
    assert dual == pytest.approx(-ANNUAL)
    none = place({"liquid_share_of_dense": 0.1, "conversion_limit_share": 0}, **NEW)
    more, less, dual = slopes(none, "liquid", 0.01)
    assert more == pytest.approx(dual, rel=1e-4) and less == pytest.approx(dual, rel=1e-4)
    assert dual < -ANNUAL


def test_conversions_within_their_yearly_limit() -> None:
    """0.5 MW cooled and 0.04 x 5 = 0.2 MW converted carry 7 devices: 3.5 of 5 PFLOP/s."""
    found = optimum(place({"liquid_share_of_dense": 0.1, "conversion_limit_share": 0.04}, **NEW))
    assert found.value("converted") == pytest.approx(0.2)
    assert found.value("serve") == pytest.approx(3.5)


def test_conversions_that_come_too_late_are_none() -> None:
    """18 months from mid-2026 is 2028: only the share of 0.5 MW serves 2027."""
    found = optimum(place({"liquid_share_of_dense": 0.1, "conversion_lead_months": 18.5}, **NEW))
    assert "converted" not in found.plan.program.variables
    assert found.value("serve") == pytest.approx(2.5)


def test_no_more_is_converted_than_there_is_hall() -> None:
    """Hall 0.8 MW: 0.16 MW cooled and 0.64 MW converted, 8 devices, 4 PFLOP/s."""
    small = {"capacity": {"metro_coast": {"hall_dense": {"*": {"mw": 0.8}}}}}
    found = optimum(place({"conversion_limit_share": 2}, facilities={"build_limit_share": 0}, **NEW, **small))
    assert found.value("converted") == pytest.approx(0.64)
    assert found.row("liquid_hall")["slack"] == pytest.approx(0, abs=1e-9)
    assert found.value("serve") == pytest.approx(4)


@pytest.mark.parametrize(("rack", "limit"), [(None, 40), (40, 40), (50, 60)])
def test_air_cools_up_to_its_limit(rack: float | None, limit: float) -> None:
    found = optimum(place({"liquid_share_of_dense": 0, "air_limit_kw_per_rack": limit}, rack, **NEW))
    assert found.value("serve") == pytest.approx(5)
    assert found.cost("liquid_cooling") == 0


def test_a_rule_of_cooling_never_pays() -> None:
    costs = [
        optimum(place({"liquid_share_of_dense": share, "conversion_limit_share": 0.05}, **NEW)).objective
        for share in (0.0, 0.05, 0.1, 0.2)
    ]
    assert costs == sorted(costs, reverse=True)
    assert optimum(place({"liquid": False}, **NEW)).objective <= costs[-1] + 1e-9


def test_impossible_names_the_cooling() -> None:
    scenario = place({"liquid_share_of_dense": 0, "conversion_limit_share": 0}, demand={"shortage": "forbidden"}, **NEW)
    plan, outcome = attempt(scenario)
    assert outcome.status == "infeasible"
    lines = explain_infeasible(Session(plan.program.matrix()), plan.program, label_names(scenario.tables))
    assert any("liquid cooling" in line for line in lines)


@pytest.mark.parametrize(
    ("cooling", "key"),
    [
        ({"air_limit_kw_per_rack": 0}, "cooling.air_limit_kw_per_rack"),
        ({"liquid_share_of_dense": 1.1}, "cooling.liquid_share_of_dense"),
        ({"dense_design_kw_per_rack": -1}, "cooling.dense_design_kw_per_rack"),
    ],
)
def test_bad_data_is_named(cooling: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError, match=key):
        place(cooling)


def test_a_cost_that_is_missing_is_named() -> None:
    scenario = one_place(devices={"alpha": {"rack_kw": 50}}, cooling={"liquid": True})
    with pytest.raises(InputError, match="liquid_cooling_million_cny_per_mw"):
        build(scenario)


# Racks


def racks(design: float | None, rack_kw: float | None = 50, hall: float = 5, **changes: Any) -> ew.Scenario:
    cooling = {"liquid": False, "dense_design_kw_per_rack": design}
    capacity = {"metro_coast": {"hall_dense": {"*": {"mw": hall}}}}
    return place(cooling, rack_kw, capacity=capacity, facilities={"build_limit_share": 0}, **changes)


def test_thin_racks_fill_the_floor_before_the_power() -> None:
    """A hall of 1.5 MW laid out for 100 kW has 15 racks; a device takes 2 of 50 kW: 7.5 of 10 run, 3.75 PFLOP/s."""
    found = optimum(racks(100, hall=1.5))
    row = found.row("racks_dense")
    assert (row["right"], row["slack"]) == (pytest.approx(15), pytest.approx(0, abs=1e-9))
    assert found.value("serve") == pytest.approx(3.75)
    assert found.row("hall", asset="hall_dense")["slack"] == pytest.approx(0.75)


def test_price_of_a_rack_lies_between_the_slopes() -> None:
    more, less, dual = slopes(racks(100, hall=1.5), "racks_dense", 0.1)
    assert more == pytest.approx(dual, rel=1e-4) and less == pytest.approx(dual, rel=1e-4)
    assert dual < 0


@pytest.mark.parametrize("rack_kw", [None, 100, 200])
def test_racks_as_laid_out_or_denser_leave_power_to_bind(rack_kw: float | None) -> None:
    """1.5 MW carry 15 devices, 10 are needed; without a figure a device fills a rack of the design."""
    found = optimum(racks(100, rack_kw, hall=1.5))
    assert found.objective == pytest.approx(7.008)


def test_fixed_load_stands_in_racks_of_the_design() -> None:
    """Standard hall 10 MW at 8 kW: 1,250 racks; 4 MW of storage take 500, a device of 4 kW racks takes 25."""
    scenario = place(
        {"liquid": False, "standard_design_kw_per_rack": 8},
        rack_kw=4,
        fixed_load={"metro_coast": {"storage": {"it_mw": 4, "reference_date": "2027-07-01", "growth_per_year": 0}}},
    ).with_(devices={"alpha": {"hall_class": "standard"}}, capacity={"metro_coast": {"grid": {"*": {"mw": 20}}}})
    found = optimum(scenario)
    row = found.row("racks_standard")
    assert row["right"] == pytest.approx(1250 - 500)
    assert row["activity"] == pytest.approx(25 * 10)


# Report


def test_report_of_cooling_and_racks() -> None:
    scenario = place({"liquid_share_of_dense": 0.1, "dense_design_kw_per_rack": 100}, **NEW)
    table = ew.solve(scenario, reliefs=3, growth_table=False).table
    rows = table[table["item"].isin(["liquid_cooling", "racks_dense"])]
    known = {(row.quantity, row.item, row.unit): row.value for row in rows.itertuples()}
    assert known["capacity", "liquid_cooling", "MW"] == pytest.approx(1)
    assert known["used", "liquid_cooling", "MW"] == pytest.approx(1)
    assert known["built", "liquid_cooling", "MW"] == pytest.approx(0.5)
    assert known["cost", "liquid_cooling", "million CNY"] == pytest.approx(0.5 * ANNUAL)
    assert known["capacity", "racks_dense", "racks"] == pytest.approx(50)
    assert known["used", "racks_dense", "racks"] == pytest.approx(20)
    assert np.isclose(table.loc[table["quantity"] == "cost", "value"].sum(), optimum(scenario).objective)


def test_a_plan_with_cooling_is_dispatched() -> None:
    """Halls are as the plan built them; what cools them is not decided again."""
    result = ew.solve(place({"liquid_share_of_dense": 0.1}, **NEW), reliefs=0, growth_table=False)
    found = ew.evaluate(result, 2027, hours=24, processes=1)
    assert found.windows.loc[found.windows["quantity"] == "shed", "value"].sum() == pytest.approx(0)
