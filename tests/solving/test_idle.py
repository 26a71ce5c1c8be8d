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
    """Two devices of 0.1 MW: what the permit charges one of them reaches it through draw and sound."""
    (devices,) = rows("idle", unit="devices")["item"]
    assert devices == "waits for noise permit"
    assert set(rows("idle", unit="MW")["item"]) == {
        "dense hall waits for noise permit",
        "grid connection waits for noise permit",
    }
    assert rows("unserved_because")[["item", "value"]].to_numpy().tolist() == [["noise permit", 1.0]]


def test_the_charge_is_the_price_times_the_sound_of_one_device() -> None:
    """An energised device draws what it draws idle, and what it draws busy is charged through its work."""
    price = -rows("shadow_price", item="noise permit")["value"].item()
    idle = loud().scenario.settings.devices.idle_power
    draw = 0.1 * idle * float(loud().table.query("quantity == 'electricity'")["value"].sum())
    draw /= float(loud().table.query("quantity == 'it_electricity'")["value"].sum())
    assert rows("device_worth")["value"].item() == pytest.approx(price * 3 * draw, rel=1e-6)
