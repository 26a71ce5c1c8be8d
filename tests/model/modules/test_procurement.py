"""Whose devices: nothing stands, chat asks for 10 PFLOP/s, and cheap foreign devices (beta, 0.25 PFLOP/s delivered of a
peak of 0.5) compete with domestic ones (alpha, 0.5 of 1). Whatever is bought has a peak of 20 PFLOP/s.
"""

from __future__ import annotations

from typing import Any

import pytest
from builder import attempt, names_of_rules, optimum, tiny

import eastwest as ew

NEW: dict[str, Any] = {
    "tasks": {"train": None},
    "stock": {"base": {"*": {"*": {"*": {"devices": 0}}}}},
    "commitments": {"*": {"*": {"*": {"devices": 0}}}},
    "devices": {"beta": {"price_cny": 10_000}},
    "supply": {"beta_group": {"2027": {"mid": 60, "buyable": True}}},
}


def new(**changes: Any) -> ew.Scenario:
    return tiny(**NEW).with_(**changes)


def test_without_rules_the_cheaper_is_bought() -> None:
    found = optimum(new())
    assert not found.plan.rules
    assert found.value("bought", device="beta") == pytest.approx(40)
    assert found.value("bought", device="alpha") == pytest.approx(0)


def test_floor_on_domestic_devices() -> None:
    """70 % of a peak of 20: 14 alpha; the other 6 PFLOP/s are 12 beta. In peak, not in devices."""
    found = optimum(new(procurement={"domestic_share_of_new_intelligent": 0.7}))
    assert found.value("bought", device="alpha") == pytest.approx(14)
    assert found.value("bought", device="beta") == pytest.approx(12)
    assert found.row("domestic_share")["dual"] > 0


def test_foreign_commitments_count_as_new() -> None:
    """10 beta are signed (5 PFLOP/s): of 5 + 15, 70 % are 14; so 14 alpha and 2 beta more."""
    signed = {"mesa": {"beta": {"2026-10-01": {"devices": 10, "source": "x", "quality": "assumption"}}}}
    found = optimum(new(commitments=signed, procurement={"domestic_share_of_new_intelligent": 0.7}))
    assert found.value("bought", device="alpha") == pytest.approx(14)
    assert found.value("bought", device="beta") == pytest.approx(2)


def test_floor_that_cannot_be_met() -> None:
    """All alpha that can be had, 5, over a signed foreign peak of 5 is half at most."""
    signed = {"mesa": {"beta": {"2026-10-01": {"devices": 10, "source": "x", "quality": "assumption"}}}}
    rule = {"procurement": {"domestic_share_of_new_intelligent": 0.7}, "supply": {"alpha_group": {"*": {"mid": 5}}}}
    assert attempt(new(commitments=signed, **rule))[1].status == "infeasible"


def test_task_barred_to_foreign_devices() -> None:
    """Chat runs on alpha alone; there is no row, so no price: the difference of two runs is the cost."""
    found = optimum(new(procurement={"foreign_barred_tasks": ["chat"]}))
    assert found.value("bought", device="alpha") == pytest.approx(20)
    assert found.value("bought", device="beta") == pytest.approx(0)
    assert not found.plan.rules
    assert found.objective > optimum(new()).objective


def test_a_barred_task_shares_no_group_with_one_that_is_free() -> None:
    alike = {"train": {"window_h": 0, "profile": "day", "work": "inference", "least_scale_up_devices": 1}}
    assert ew.build(tiny(tasks=alike)).program.variables["held"].index["group"].nunique() == 1
    barred = tiny(tasks=alike, procurement={"foreign_barred_tasks": ["train"]})
    groups = ew.build(barred).program.variables["held"].index
    assert groups["group"].nunique() == 2


def test_public_money_buys_no_foreign_devices() -> None:
    """All three sites publicly funded: 20 alpha."""
    sites = dict.fromkeys(("mesa", "metro_coast", "metro_plateau"), 1.0)
    found = optimum(new(procurement={"publicly_funded_sites": sites}))
    assert found.value("bought", device="beta") == pytest.approx(0)
    assert found.value("bought", device="alpha") == pytest.approx(20)
    assert found.solution.constraints("public_purchases")["dual"].min() < 0


def test_public_money_in_part() -> None:
    """60 % public at every site: 12 alpha and 8 PFLOP/s, that is 16, of beta."""
    sites = dict.fromkeys(("mesa", "metro_coast", "metro_plateau"), 0.6)
    found = optimum(new(procurement={"publicly_funded_sites": sites}))
    assert found.value("bought", device="alpha") == pytest.approx(12)
    assert found.value("bought", device="beta") == pytest.approx(16)


def test_standing_foreign_devices_may_be_switched_off() -> None:
    """20 beta stand at the coast's metro and serve 5 of its 7.5; as public stock that is off they serve nothing."""
    changes = {
        "stock": {"base": {"metro_coast": {"beta": {"*": {"devices": 20}}}}},
        "supply": {"*": {"*": {"mid": 0, "buyable": False}}},
    }
    public = {"publicly_funded_sites": {"metro_coast": 1.0}}
    kept, off = (
        optimum(new(**changes, procurement={**public, "foreign_in_public_stock": how})) for how in ("kept", "off")
    )
    assert kept.value("energised", device="beta") > 0
    assert kept.plan.rules == {}
    assert off.value("energised", device="beta") == pytest.approx(0)
    assert names_of_rules(off.plan) == {"no foreign devices for public money": ["public_stock"]}
    assert off.objective > kept.objective


def test_domestic_share_is_reported_without_a_rule() -> None:
    table = ew.solve(new(), reliefs=0, growth_table=False).table
    shares = table[table["quantity"] == "share_of_new_peak"].set_index("item")["value"]
    assert shares["bought: domestic"] == pytest.approx(0) and shares["new: domestic"] == pytest.approx(0)
