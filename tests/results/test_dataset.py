"""Datasets: figures gathered from rows of the results table, each case worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest

from eastwest.results.dataset import Column, Given, Quantile, Ratio, gather
from eastwest.schema import results_table


def table(*rows: tuple[str, str, float, dict[str, Any]]) -> pd.DataFrame:
    """Results table of (quantity, unit, value, labels)."""
    parts = [
        results_table.rows(quantity, unit, pd.DataFrame([{"value": value, **labels}]))
        for quantity, unit, value, labels in rows
    ]
    return results_table.assemble(parts)


A, B = {"year": 2027, "site": "a"}, {"year": 2027, "site": "b"}
LONG = table(
    ("cost", "million CNY", 3.0, {**A, "item": "energy"}),
    ("cost", "million CNY", 4.0, {**A, "item": "network"}),
    ("cost", "million CNY", 5.0, {**B, "item": "energy"}),
    ("cost", "million CNY", 50.0, {"year": 2028, "site": "b", "item": "energy"}),
    ("capacity", "MW", 10.0, {**A, "item": "grid"}),
    ("capacity", "MW", 0.0, {**B, "item": "grid"}),
    ("capacity", "Gbit/s", 77.0, {**A, "item": "grid"}),
)


def columns(**changes: Any) -> dict[str, Column]:
    """One column of cost, changed."""
    return {"cost": Column("Cost", "cost", "million CNY", **changes)}


def test_sums_by_labels() -> None:
    found = gather(LONG, "n", "t", ["year", "site"], columns())
    assert found.frame.to_dict("records") == [
        {"year": 2027, "site": "a", "cost": 7.0},
        {"year": 2027, "site": "b", "cost": 5.0},
        {"year": 2028, "site": "b", "cost": 50.0},
    ]
    assert found.value("cost", year=2027, site="a") == 7.0
    assert math.isnan(found.value("cost", year=2027, site="c"))
    assert (found.name, found.title, found.labels) == ("n", "t", ("year", "site"))


@pytest.mark.parametrize(("how", "expected"), [("sum", 7.0), ("max", 4.0), ("min", 3.0)])
def test_ways_of_gathering(how: str, expected: float) -> None:
    found = gather(LONG, "n", "t", ["site"], columns(how=how), where={"year": 2027, "site": "a"})
    assert found.frame["cost"].tolist() == [expected]


def test_only_refuses_several_rows() -> None:
    with pytest.raises(ValueError, match="several rows of cost for one row by year, site"):
        gather(LONG, "n", "t", ["year", "site"], columns(how="only"))
    alone = gather(LONG, "n", "t", ["year", "site", "item"], columns(how="only"))
    assert len(alone.frame) == 4


def test_unknown_way_is_refused() -> None:
    with pytest.raises(ValueError, match="received 'mean', expected one of sum, max, min, only"):
        gather(LONG, "n", "t", ["site"], columns(how="mean"))


def test_where_takes_values_and_lists_of_values() -> None:
    one = gather(LONG, "n", "t", ["site"], columns(where={"item": "energy"}), where={"year": 2027})
    assert one.frame["cost"].tolist() == [3.0, 5.0]
    several = gather(LONG, "n", "t", ["site"], columns(where={"item": ("energy", "network")}), where={"year": 2027})
    assert several.frame["cost"].tolist() == [7.0, 5.0]
    none = gather(LONG, "n", "t", ["site"], columns(where={"item": ()}))
    assert none.frame.empty and list(none.frame.columns) == ["site", "cost"]


def test_rows_of_other_units_are_left_out() -> None:
    found = gather(LONG, "n", "t", ["site"], {"mw": Column("Capacity", "capacity", "MW")})
    assert found.frame["mw"].tolist() == [10.0, 0.0]


def test_a_row_that_one_column_lacks_is_a_gap_or_the_fill() -> None:
    both = columns() | {"mw": Column("Capacity", "capacity", "MW", {"item": "grid"})}
    found = gather(LONG, "n", "t", ["year", "site"], both)
    assert found.frame["mw"].tolist()[:2] == [10.0, 0.0] and math.isnan(found.frame["mw"].iloc[2])
    both["mw"] = Column("Capacity", "capacity", "MW", {"item": "grid"}, fill=0.0)
    assert gather(LONG, "n", "t", ["year", "site"], both).frame["mw"].tolist() == [10.0, 0.0, 0.0]


def test_fewer_labels_are_repeated_over_the_others() -> None:
    both = columns() | {"mw": Column("Capacity", "capacity", "MW", {"item": "grid"}, by=("year", "site"))}
    found = gather(LONG, "n", "t", ["year", "site", "item"], both, where={"year": 2027})
    assert found.rows(site="a")["mw"].tolist() == [10.0, 10.0]
    whole = columns() | {"all": Column("All", "cost", "million CNY", by=("year",))}
    assert gather(LONG, "n", "t", ["year", "site"], whole).rows(year=2027)["all"].tolist() == [12.0, 12.0]


def test_ratio_has_a_gap_over_zero() -> None:
    both: dict[str, Any] = columns() | {"mw": Column("Capacity", "capacity", "MW", {"item": "grid"})}
    both["each"] = Ratio("Cost per MW", "cost", "mw", "million CNY/MW")
    found = gather(LONG, "n", "t", ["site"], both, where={"year": 2027})
    assert found.value("each", site="a") == 0.7
    assert math.isnan(found.value("each", site="b"))


def test_without_labels_there_is_one_row() -> None:
    assert gather(LONG, "n", "t", [], columns()).value("cost") == 62.0
    assert math.isnan(gather(LONG, "n", "t", [], columns(where={"item": "carbon"})).value("cost"))


def test_given_is_looked_up_in_a_table_of_the_scenario() -> None:
    sites = pd.DataFrame({"site": ["a"], "height_m": [1500]})
    both: dict[str, Any] = columns() | {"height": Given("Height", "sites", "height_m", "site", "m")}
    found = gather(LONG, "n", "t", ["site"], both, given={"sites": sites})
    assert found.value("height", site="a") == 1500.0
    assert math.isnan(found.value("height", site="b"))


def trips(*pairs: tuple[float, float]) -> pd.DataFrame:
    """Routes of one task: (round trip [ms], served [PFLOP/s]), from as many regions."""
    rows = []
    for number, (trip, served) in enumerate(pairs):
        labels = {"year": 2027, "region": f"r{number}", "task": "chat", "site": "a"}
        rows += [("trip", "ms", trip, labels), ("served", "PFLOP/s", served, labels)]
    return table(*rows)


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.05, 10.0), (0.2, 10.0), (0.21, 20.0), (0.5, 20.0), (0.51, 40.0), (0.95, 40.0), (1.0, 40.0)],
)
def test_quantile_is_the_smallest_figure_that_reaches_the_share_of_the_weight(share: float, expected: float) -> None:
    """Weights 2, 3 and 5 of 10 lie at 10, 20 and 40 ms: up to 10 ms 20 %, up to 20 ms 50 %, up to 40 ms all."""
    long = trips((40.0, 5.0), (10.0, 2.0), (20.0, 3.0), (90.0, 0.0))
    found = gather(long, "n", "t", ["year", "task"], {"q": Quantile("Q", "trip", "served", share, "ms")} | served())
    assert found.value("q", task="chat") == expected


def served() -> dict[str, Column]:
    """What quantiles are weighted by."""
    return {"served": Column("Served", "served", "PFLOP/s")}


def test_rows_can_be_chosen_and_put_in_another_order() -> None:
    found = gather(LONG, "n", "t", ["year", "site"], columns())
    turned = found.but(found.frame[found.frame["cost"] > 5].sort_values("cost", ascending=False))
    assert turned.frame["cost"].tolist() == [50.0, 7.0]
    assert turned.frame.index.tolist() == [0, 1]
    assert turned.columns == found.columns and turned.labels == found.labels
    assert len(found.frame) == 3
