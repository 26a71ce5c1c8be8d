"""What may be built a year is a row with a price, not a bound: every group of variables of every module, and the price
beside a re-solve. The places are those of `builder.one_place` and of the golden text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from builder import costs, cut, one_place, optimum
from places import ROOT

import eastwest as ew
from eastwest.lp.highs import Session
from eastwest.lp.program import LinearProgram
from eastwest.solving.relief import limits, reliefs
from eastwest.solving.solve import build

PLANT = {"capex_million_cny_per_mw": 2, "om_million_cny_per_mw_year": 0.05, "life_years": 20, "lead_months": 6}
SUNNY: dict[str, Any] = {
    "sources": {"where": "all", "build_limit_share": 0.1},
    "costs": costs({"discount_rate_power": 0, "own_line_million_cny_per_mw": 0}),
    "renewables": {"coast": {"solar": {**PLANT, "capex_change_per_year": 0}}},
    "renewable_profiles": {
        "coast": {
            "solar": {
                season: {f"h{hour:02d}": 0.5 for hour in range(24)}
                for season in ("winter", "spring", "summer", "autumn")
            }
        }
    },
}
"""0.5 MW of sun may be built; 1 MW gives 0.5 MW always, saves 0.5 x 8,760 x 800 = 3.504 million, costs 0.15."""

EVERY_OPTION: dict[str, Any] = {
    "sources": {"where": "all"},
    "storage": {"where": "all"},
    "network": {"build_limit_share": 0.1},
    "cooling": {"liquid": True, "dense_design_kw_per_rack": 40, "standard_design_kw_per_rack": 8},
    "green": {"floor_share": 0.5, "contracts": True, "certificates": True},
    "training_units": {"tasks": ["frontier_pretraining"], "sizes": {"10k": 10000}},
    "users": {"objective": "users", "vouchers": ["all"]},
    "resilience": {"site_outages": ["guian"]},
    "time": cut(4),
}


def bounded(program: LinearProgram) -> dict[str, int]:
    """How many variables of each group have an upper bound that is not their fixed value; integers are no limits."""
    matrix = program.matrix()
    free = np.isfinite(matrix.upper) & (matrix.upper != matrix.lower)
    return {
        name: int(free[block.here].sum())
        for name, block in program.variables.items()
        if free[block.here].any() and not block.integer
    }


@pytest.mark.parametrize("changes", [{"time": cut(4)}, EVERY_OPTION], ids=["as it ships", "every option"])
def test_no_limit_hides_in_a_bound(changes: dict[str, Any]) -> None:
    scenario = ew.load_scenario(ROOT / "scenarios" / "national-2026-2030.yaml").with_(**changes)
    program = build(scenario).program
    assert bounded(program) == {}
    built = {name for name, block in program.variables.items() if "vintage" in block.index and name != "bought"}
    assert {f"{name}_limit" for name in built} <= set(program.constraints)
    assert len(built) == (7 if changes is EVERY_OPTION else len(built))


def test_rows_say_the_same_as_bounds() -> None:
    """The rows dropped and written as bounds instead: the optimum is the same to 1e-9."""
    for share in (0.1, 0.01):
        plan = build(one_place(**SUNNY).with_(sources={"build_limit_share": share}, power={"build_limit_share": 0.2}))
        matrix, program = plan.program.matrix(), plan.program
        upper, row_upper = matrix.upper.copy(), matrix.row_upper.copy()
        for name in ("built_plant", "built_hall", "built_grid"):
            rows = program.constraints[f"{name}_limit"]
            upper[program.variables[name].here], row_upper[rows.here] = rows.right_hand_side, np.inf
        bound = Session(replace(matrix, upper=upper, row_upper=row_upper)).run()
        assert bound.objective == pytest.approx(Session(matrix).run().objective, rel=1e-9)


def test_the_price_of_a_limit_on_building() -> None:
    """1 MW more of sun a year saves 3.504 - 0.15 = 3.354 million: in the shadow price, and in the relief that is
    solved for, which holds until the load of 1 MW is met by 2 MW of plants."""
    found = optimum(one_place(**SUNNY))
    assert found.value("built_plant") == pytest.approx(0.5)
    assert found.row("built_plant_limit")["dual"] == pytest.approx(-3.354)
    session = Session(found.plan.program.matrix())
    outcome = session.run("simplex")
    listed = reliefs(session, found.plan.program, outcome, 9, lambda text: None)
    (sun,) = [each for each in listed if each.limit.name == "new wind and solar plants a year"]
    assert sun.saving_per_unit == pytest.approx(3.354)
    assert sun.limit.labels == {"site": "metro_coast", "technology": "solar", "vintage": 2027}


def test_what_is_built_a_year_is_told_with_unit_and_words() -> None:
    result = ew.solve(one_place(**SUNNY))
    prices = result.table[result.table["quantity"] == "shadow_price"].set_index("item")
    told = prices.loc["new wind and solar plants a year: solar"]
    assert (told["site"], told["year"], told["unit"]) == ("metro_coast", 2027, "million CNY/MW")
    assert told["value"] == pytest.approx(-3.354)
    assert "new wind and solar plants a year" in result.messages[0]


def test_a_plan_that_may_not_build_enough_says_so() -> None:
    """0.5 MW of hall carry half the work, and shortage is forbidden: new halls are among what conflicts."""
    small = {"metro_coast": {"hall_dense": {"*": {"mw": 0.5}}}}
    asked = one_place(capacity=small, demand={"shortage": "forbidden"}, facilities={"metro_dense_growth": None})
    with pytest.raises(ew.NotOptimal) as caught:
        ew.solve(asked)
    assert any("new halls a year (" in line and "hall_dense" in line for line in caught.value.lines)


def test_every_limit_on_building_can_be_relieved() -> None:
    """Limits of building stand among what a planner can be given more of, each with its unit and its step."""
    scenario = ew.load_scenario(ROOT / "scenarios" / "national-2026-2030.yaml").with_(**EVERY_OPTION)
    known = {(limit.name, limit.unit, limit.step) for limit in limits(build(scenario).program)}
    assert known >= {
        ("new halls a year", "MW", 1.0), ("new grid connection a year", "MW", 1.0),
        ("new wind and solar plants a year", "MW", 1.0), ("new battery power a year", "MW", 1.0),
        ("new battery energy a year", "MWh", 1000.0), ("new corridor capacity a year", "Gbit/s", 1000.0),
        ("dense hall converted a year", "MW", 1.0),
    }  # fmt: skip
