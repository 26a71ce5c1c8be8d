"""Small tables put together without merges: products, rows as tuples, figures by label, and what is found once."""

from __future__ import annotations

import builder
import numpy as np
import pandas as pd
import pytest

from eastwest.model.data.sites import existing, in_service, vintages
from eastwest.model.frames import labelled, product, tuples
from eastwest.model.plan import Plan, once
from eastwest.solving.build import build

LEFT = pd.DataFrame({"site": ["b", "a"], "mw": [1.5, 2.5]})
RIGHT = pd.DataFrame({"year": [2027, 2028, 2030]})


def test_product_has_every_pair_the_last_table_running_fastest() -> None:
    pd.testing.assert_frame_equal(product(LEFT, RIGHT), LEFT.merge(RIGHT, how="cross"))


def test_product_of_three_and_of_none() -> None:
    slices = pd.DataFrame({"slice": ["x", "y"]})
    expected = LEFT.merge(RIGHT, how="cross").merge(slices, how="cross")
    pd.testing.assert_frame_equal(product(LEFT, RIGHT, slices), expected)
    nothing = product(LEFT.iloc[:0], RIGHT)
    assert nothing.empty
    assert list(nothing.columns) == ["site", "mw", "year"]


def test_tuples_are_plain_values() -> None:
    assert tuples(LEFT) == [("b", 1.5), ("a", 2.5)]
    assert tuples(RIGHT.assign(site="a"), "site", "year") == [("a", 2027), ("a", 2028), ("a", 2030)]
    assert all(type(year) is int for (year,) in tuples(RIGHT))


def test_labelled_figures_keep_their_order_and_names() -> None:
    found = labelled({("b", 2028): 1.0, ("a", 2027): 2.0}, ["site", "year"])
    assert found.index.names == ["site", "year"]
    assert found.to_dict() == {("b", 2028): 1.0, ("a", 2027): 2.0}
    assert list(labelled({}, ["site", "year"]).index.names) == ["site", "year"]


def test_once_is_by_plan_and_arguments_and_nobody_changes_what_another_reads() -> None:
    asked: list[float] = []

    @once
    def doubled(plan: Plan, figure: float) -> pd.DataFrame:
        asked.append(figure)
        return pd.DataFrame({"value": [2 * figure]})

    plan = build(builder.one_place())
    first = doubled(plan, 1.0)
    first["value"] = 7.0
    assert doubled(plan, 1.0)["value"].tolist() == [2.0]
    assert doubled(plan, 3.0)["value"].tolist() == [6.0]
    assert asked == [1.0, 3.0]
    doubled(build(builder.one_place()), 1.0)
    assert asked == [1.0, 3.0, 1.0]


@pytest.mark.parametrize(("months", "share"), [(0.0, 0.5), (3.0, 0.25)])
def test_announced_capacity_counts_from_its_date_and_delay(months: float, share: float) -> None:
    """4 MW from 1 July 2027 are half of the year there; three months of 30.4 days later a quarter."""
    row = {"2027-07-01": {"mw": 4, "status": "announced"}}
    plan = build(builder.one_place(capacity={"metro_coast": {"hall_dense": row}}))
    found = in_service(plan, ("hall_dense",), months).set_index(["site", "asset", "year"])["mw"]
    assert found["metro_coast", "hall_dense", 2027] == pytest.approx(5 + 4 * share, abs=0.02)
    here = existing(plan, ("hall_dense",))
    assert here["mw"].tolist() == [5.0]
    assert np.issubdtype(vintages(plan, 12.0)["vintage"].dtype, np.integer)
