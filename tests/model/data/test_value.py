"""Laws of the tranches, on small random countries in which two tasks differ in what their users would pay alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from builder import Optimum, cut, optimum, tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from eastwest.lp.certificate import certify
from eastwest.model.data import value
from eastwest.solving.solve import build

RELATIVE = 1e-7
SAID = {"source": "invented for tests", "quality": "assumption"}
CHAT = tiny().tables["tasks"].set_index("task").loc["chat"].drop("name_zh").to_dict()
OTHER = {**CHAT, "share": 0.2, "value_cny_per_peak_pflops_h": 55}
SPREAD = {"coast": {"search": {"share": 0.6, **SAID}}, "plateau": {"search": {"share": 0.4, **SAID}}}


def test_energy_of_serving_by_hand() -> None:
    """alpha training at mesa, PUE 1.2: 0.001 MW x 0.8 x 1.2 x 400 CNY/MWh over 0.4 PFLOP/s = 0.96 CNY; half the
    availability, twice the energy; the cheapest place counts for the warning.
    """
    full, half = (build(tiny(devices={"availability": a})) for a in (1.0, 0.5))
    one, two = (value.energy_of_serving(plan).set_index(["task", "site", "device"])["cost"] for plan in (full, half))
    assert one["train", "mesa", "alpha"] == pytest.approx(0.001 * 0.8 * 1.2 * 400 / 0.4)
    assert two["train", "mesa", "alpha"] == pytest.approx(2 * one["train", "mesa", "alpha"])
    assert value.cheapest_energy(full)["train"] == pytest.approx(one["train"].min())


@st.composite
def curves(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """One to four tranches for each of three tasks, of any shares, 3 % and more apart in value."""
    found = {}
    for task in ("chat", "search", "train"):
        parts = draw(st.lists(st.integers(1, 9), min_size=1, max_size=4))
        steps = draw(st.lists(st.floats(1.03, 3), min_size=len(parts), max_size=len(parts)))
        multiple, rows = draw(st.floats(0.2, 2)), {}
        for number, (part, step) in enumerate(zip(parts, steps, strict=True)):
            multiple *= step
            each = dict.fromkeys(("multiple_low", "multiple_mid", "multiple_high"), multiple)
            rows[f"t{number}"] = {"share": part / sum(parts), **each, **SAID}
        found[task] = rows
    return found


def country(curve: dict[str, Any], stock: float, **changes: Any) -> Optimum:
    """The tiny country with a second kind of chat, so much of its stock, and a little supply."""
    devices = {"base": {"*": {"*": {"*": {"devices": {"scale": stock}}}}}}
    scenario = tiny(
        tasks={"search": OTHER}, demand=SPREAD, stock=devices, supply={"*": {"*": {"mid": 3}}},
        value_tranches=curve, time=cut(4),
    )  # fmt: skip
    return optimum(scenario.with_(**changes) if changes else scenario)


def tranches(found: Optimum) -> pd.DataFrame:
    """Region, task, tranche, size, left [PFLOP/s] and value."""
    own = value.demanded(found.plan).merge(value.tranches(found.plan), on=["task", "tranche"])
    left = found.table("unserved").rename(columns={"value": "left"})
    return own.merge(left, on=["region", "task", "tranche", "year"])


@settings(max_examples=25)
@given(curves(), st.floats(0, 1))
def test_tranches_are_served_in_the_order_of_their_value_where_they_compete(
    curve: dict[str, Any], stock: float
) -> None:
    """Within a task, and between two tasks of one region that the same devices serve at the same cost."""
    found = country(curve, stock)
    assert certify(found.plan.program.matrix(), found.outcome.x, found.outcome.y).holds
    each = tranches(found)
    assert (each["left"] <= each["size"] + 1e-7).all()
    for _, rows in each.assign(same=each["task"].replace("search", "chat")).groupby(["region", "same"]):
        for row in rows[rows["left"] > 1e-6].itertuples():
            cheaper = rows[rows["value"] < row.value * (1 - 1e-6)]
            assert (cheaper["left"] >= cheaper["size"] - 1e-6).all(), (row, cheaper)


@settings(max_examples=25)
@given(curves(), st.floats(0, 1))
def test_what_is_left_is_worth_no_more_than_serving_costs(curve: dict[str, Any], stock: float) -> None:
    """The price of demand: a tranche below it is left whole, one above it is served whole."""
    found = country(curve, stock)
    price = found.solution.constraints("demand").set_index(["region", "task"])["dual"]
    each = tranches(found).join(price, on=["region", "task"])
    each["worth"] = each["value"] * 8760 / 1e6
    below, above = each["worth"] < each["dual"] * (1 - 1e-5), each["worth"] > each["dual"] * (1 + 1e-5)
    assert (each.loc[below, "left"] >= each.loc[below, "size"] - 1e-6).all()
    assert (each.loc[above, "left"] <= 1e-6).all()


@settings(max_examples=15)
@given(curves(), st.floats(0, 1), st.sampled_from(["chat", "search", "train"]), st.floats(1, 5))
def test_a_dearer_tranche_never_lowers_the_objective(
    curve: dict[str, Any], stock: float, task: str, factor: float
) -> None:
    top = list(curve[task])[-1]
    dearer = {name: dict(rows) for name, rows in curve.items()}
    row = dearer[task][top]
    dearer[task][top] = {**row, "multiple_mid": row["multiple_mid"] * factor}
    assert country(dearer, stock).objective >= country(curve, stock).objective * (1 - RELATIVE)


@settings(max_examples=10)
@given(curves(), st.floats(0.2, 1), st.floats(0, 1))
def test_a_least_served_share_up_to_what_is_served_anyway_costs_nothing(
    curve: dict[str, Any], stock: float, part: float
) -> None:
    base = country(curve, stock)
    asked = base.table("serve", task="train")["value"].sum() + base.table("unserved", task="train")["value"].sum()
    share = part * base.value("serve", task="train") / asked
    found = country(curve, stock, demand={"least_served_share": {"train": share}})
    assert found.value("serve", task="train") >= share * asked * (1 - RELATIVE)
    assert found.objective == pytest.approx(base.objective, rel=1e-7)


@settings(max_examples=10)
@given(curves(), st.floats(0, 1))
def test_tranches_never_cost_more_than_one_at_their_mean_value(curve: dict[str, Any], stock: float) -> None:
    """Leaving the least valued part never costs more than leaving a part of one tranche at the mean value."""
    one = {}
    for task, rows in curve.items():
        mean = sum(row["share"] * row["multiple_mid"] for row in rows.values())
        each = dict.fromkeys(("multiple_low", "multiple_mid", "multiple_high"), mean)
        one[task] = {"mean": {"share": 1, **each, **SAID}}
    assert country(curve, stock).objective <= country(one, stock).objective * (1 + RELATIVE)
