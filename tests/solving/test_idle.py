"""What stands idle names the limit that keeps it so: also a limit of something that the model only defines.

The place is that of tests/builder.py: 10 devices draw 1 MW all year; 1 MW sounds like 3 W, and 2.4 W are permitted, so
that two of the ten devices stand still (tests/noise.py, an idea that the package does not know).
"""

from __future__ import annotations

from functools import cache

import noise
import pandas as pd
import pytest
from builder import one_place

import eastwest as ew
from eastwest.lp.expression import Expression
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.model.plan import Plan

LOUD = {"metro_coast": {"sound_w_per_mw": 3}, "cap_w": {"metro_coast": {2027: 2.4}}}


@cache
def loud() -> ew.Result:
    scenario = one_place().with_modules([noise]).with_(noise=LOUD)
    return ew.solve(scenario, reliefs=9, growth_table=False)


def rows(quantity: str, **labels: str) -> pd.DataFrame:
    table = loud().table
    found = table[table["quantity"] == quantity]
    for label, value in labels.items():
        found = found[found[label] == value]
    return found


def test_the_cap_is_told_and_never_the_definition() -> None:
    kinds = loud().constraints.set_index("constraint")
    assert kinds.loc[["noise_level", "noise_permit"], "kind"].tolist() == ["definition", "limit"]
    assert kinds.loc["noise_permit", ["module", "unit", "step"]].tolist() == ["noise", "W", 1.0]
    for quantity in ("shadow_price", "relief"):
        items = set(rows(quantity)["item"])
        assert "noise permit" in items
        assert not {item for item in items if item not in ("demand", "noise permit")}


def test_what_stands_waits_for_the_permit() -> None:
    """What the permit charges a device reaches it through the definition of sound."""
    (devices,) = rows("idle", unit="devices")["item"]
    assert devices == "waits for noise permit"
    assert set(rows("idle", unit="MW")["item"]) == {
        "dense hall waits for noise permit",
        "grid connection waits for noise permit",
    }
    assert rows("unserved_because")[["item", "value"]].to_numpy().tolist() == [["noise permit", 1.0]]


def test_the_charge_is_the_price_times_the_sound_of_one_device() -> None:
    """0.1 MW of one device sound like 0.3 W."""
    price = -rows("shadow_price", item="noise permit")["value"].item()
    assert rows("device_worth")["value"].item() == pytest.approx(price * 0.3, rel=1e-6)


def test_a_definition_of_what_an_hour_balances_is_followed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sound, measured at the meter: an energised device is charged for what it draws idle."""

    def metered(plan: Plan) -> Expression:
        return (plan.grid_energy * (plan.clock.weight / HOURS_PER_YEAR)).where(site=["metro_coast"]) * 3.0

    monkeypatch.setattr(noise, "_sound", metered)
    result = ew.solve(one_place().with_modules([noise]).with_(noise=LOUD), reliefs=0, growth_table=False)
    table = result.table.groupby(["quantity", "item"])["value"].sum()
    over = result.table.groupby("quantity")["value"].sum()
    draw = 0.1 * result.scenario.settings.devices.idle_power * over["electricity"] / over["it_electricity"]
    assert table["device_worth", "noise permit"] == pytest.approx(-table["shadow_price", "noise permit"] * 3 * draw)
    assert table["unserved_because", "noise permit"] == 1.0
