"""The rule of joining: shared columns meet, more columns of the variables are summed, more of the rows broadcast."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from eastwest.errors import ModelError
from eastwest.lp.expression import Expression, Labels
from eastwest.lp.program import LinearProgram

SITES = pd.DataFrame({"site": ["a", "b"]})
HOURS = pd.DataFrame({"hour": [1, 2, 3]})
BOTH = SITES.merge(HOURS, how="cross")


def series(columns: list[str], values: dict[object, float]) -> pd.Series:
    """A coefficient labelled by one or more columns."""
    keys = [key if isinstance(key, tuple) else (key,) for key in values]
    return pd.Series(list(values.values()), index=pd.MultiIndex.from_tuples(keys, names=columns), dtype=float)


def dense(program: LinearProgram) -> np.ndarray:
    """A, spelled out."""
    matrix = program.matrix()
    out = np.zeros(program.shape)
    np.add.at(out, (matrix.row_of_entry(), matrix.index), matrix.value)
    return out


def rows_of(variables: pd.DataFrame, over: pd.DataFrame, shape: object = None) -> np.ndarray:
    """A of one group of variables in one group of constraints; `shape` turns the block into an expression."""
    program = LinearProgram()
    group = program.add_variables("x", variables, unit="1")
    left = shape(group) if callable(shape) else group.expression()
    program.add_constraints("r", over, left, "<=", 1.0, kind="definition", unit="1")
    return dense(program)


# The join rule


def test_equal_columns_meet_one_to_one_in_any_order() -> None:
    assert rows_of(SITES, SITES[::-1]).tolist() == [[0, 1], [1, 0]]


def test_more_columns_of_the_variables_are_summed() -> None:
    assert rows_of(BOTH, SITES).tolist() == [[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]]


def test_more_columns_of_the_rows_broadcast() -> None:
    assert rows_of(SITES, BOTH).tolist() == [[1, 0]] * 3 + [[0, 1]] * 3


def test_summed_and_broadcast_at_once() -> None:
    """x[site, year] in rows [site, hour]: both years in every hour of the site."""
    years = SITES.merge(pd.DataFrame({"year": [2027, 2028]}), how="cross")
    assert rows_of(years, BOTH).tolist() == [[1, 1, 0, 0]] * 3 + [[0, 0, 1, 1]] * 3


def test_no_column_in_common_joins_everything() -> None:
    assert rows_of(SITES, HOURS).tolist() == [[1, 1]] * 3


def test_variables_that_no_row_knows_drop_out() -> None:
    assert rows_of(SITES, pd.DataFrame({"site": ["b"]})).tolist() == [[0, 1]]


# Coefficients


def test_coefficient_is_a_number() -> None:
    assert rows_of(SITES, SITES, lambda x: 2 * x * 3).tolist() == [[6, 0], [0, 6]]
    assert rows_of(SITES, SITES, lambda x: -x).tolist() == [[-1, 0], [0, -1]]


def test_coefficient_labelled_by_a_column_of_the_variables_only() -> None:
    by_hour = series(["hour"], {1: 10, 2: 20, 3: 30})
    assert rows_of(BOTH, SITES, lambda x: x * by_hour).tolist() == [[10, 20, 30, 0, 0, 0], [0, 0, 0, 10, 20, 30]]


def test_coefficient_labelled_by_a_column_of_the_rows_only() -> None:
    by_hour = series(["hour"], {1: 10, 2: 20, 3: 30})
    assert rows_of(SITES, BOTH, lambda x: x * by_hour)[:, 0].tolist() == [10, 20, 30, 0, 0, 0]


def test_coefficient_labelled_by_columns_of_both() -> None:
    """x[site] in rows [hour], coefficient by (site, hour)."""
    by_both = series(["hour", "site"], {(h, s): h * (1 if s == "a" else 100) for h in (1, 2, 3) for s in "ab"})
    assert rows_of(SITES, HOURS, lambda x: x * by_both).tolist() == [[1, 100], [2, 200], [3, 300]]


def test_coefficients_multiply() -> None:
    by_site = series(["site"], {"a": 2, "b": 3})
    assert rows_of(SITES, SITES, lambda x: x * by_site * by_site * 10).tolist() == [[40, 0], [0, 90]]


def test_coefficient_may_know_more_labels_than_are_asked_for() -> None:
    assert rows_of(SITES, SITES, lambda x: x * series(["site"], {"c": 9, "b": 3, "a": 2})).tolist() == [[2, 0], [0, 3]]


def test_missing_label_of_a_coefficient_is_named() -> None:
    with pytest.raises(ModelError, match=r"constraints r, term x: no coefficient for site=b"):
        rows_of(SITES, SITES, lambda x: x * series(["site"], {"a": 2}))


def test_missing_label_does_not_matter_where_nothing_joins() -> None:
    assert rows_of(SITES, SITES[:1], lambda x: x * series(["site"], {"a": 2})).tolist() == [[2, 0]]


def test_empty_coefficient_is_a_missing_label() -> None:
    nothing = pd.Series([], index=pd.Index([], name="site", dtype=object), dtype=float)
    with pytest.raises(ModelError, match="no coefficient for site=a"):
        rows_of(SITES, SITES, lambda x: x * nothing)


def test_coefficient_by_a_column_that_nobody_carries_is_named() -> None:
    with pytest.raises(ModelError, match="labelled by 'moon', which neither the variables nor the rows carry"):
        rows_of(SITES, SITES, lambda x: x * series(["moon"], {"io": 2}))


def test_two_values_for_one_label_are_refused() -> None:
    twice = pd.Series([1.0, 2.0], index=pd.Index(["a", "a"], name="site"))
    with pytest.raises(ModelError, match=r"two values for one label \(site\)"):
        rows_of(SITES, SITES, lambda x: x * twice)


# label, rename, where


def test_label_adds_a_column_that_follows_from_others() -> None:
    hub = series(["site"], {"a": 0, "b": 0}).astype(object)
    hub.iloc[:] = ["north", "south"]
    hubs = pd.DataFrame({"hub": ["south", "north"]})
    assert rows_of(BOTH, hubs, lambda x: x.expression().label(hub=hub)).tolist() == [
        [0] * 3 + [1] * 3,
        [1] * 3 + [0] * 3,
    ]


def test_variables_that_a_label_does_not_know_drop_out() -> None:
    hub = pd.Series(["north"], index=pd.Index(["a"], name="site"))
    assert rows_of(SITES, pd.DataFrame({"hub": ["north"]}), lambda x: x.expression().label(hub=hub)).tolist() == [
        [1, 0]
    ]


def test_coefficient_may_carry_an_added_label() -> None:
    hub = pd.Series(["north", "south"], index=pd.Index(["a", "b"], name="site"))
    price = series(["hub"], {"north": 5, "south": 7})
    assert rows_of(SITES, SITES, lambda x: x.expression().label(hub=hub) * price).tolist() == [[5, 0], [0, 7]]


def test_rename_joins_a_column_under_another_name() -> None:
    """What was bought in `vintage` counts in the row of that `year`."""
    vintages = pd.DataFrame({"vintage": [2027, 2028]})
    years = pd.DataFrame({"year": [2028, 2027]})
    assert rows_of(vintages, years, lambda x: x.expression().rename(vintage="year")).tolist() == [[0, 1], [1, 0]]


def test_coefficient_may_carry_the_name_before_a_rename() -> None:
    """Own labels come first: with `hour` renamed away, a coefficient by hour means the variable's own hour."""
    by_hour = series(["hour"], {1: 10, 2: 20, 3: 30})
    rows = rows_of(BOTH, BOTH, lambda x: (x * by_hour).rename(hour="own_hour"))
    assert rows[:, :3].tolist() == [[10, 20, 30]] * 3 + [[0, 0, 0]] * 3


def test_where_keeps_the_chosen_variables() -> None:
    assert rows_of(BOTH, SITES, lambda x: x.expression().where(hour=2)).tolist() == [
        [0, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 0],
    ]
    assert rows_of(BOTH, SITES[:1], lambda x: x.expression().where(hour=[1, 3]).where(site="a")).tolist() == [
        [1, 0, 1, 0, 0, 0]
    ]


# Sums and constants


def test_terms_add_and_subtract() -> None:
    program = LinearProgram()
    x = program.add_variables("x", SITES, unit="1")
    y = program.add_variables("y", SITES, unit="1")
    program.add_constraints("r", SITES, x + y - 2 * x, "<=", 0.0, kind="definition", unit="1")
    assert dense(program).tolist() == [[-1, 0, 1, 0], [0, -1, 0, 1]]


def test_constants_move_to_the_right_hand_side_with_their_sign() -> None:
    """x + 3 <= y + 10  is  x - y <= 7; twice that doubles all."""
    program = LinearProgram()
    x = program.add_variables("x", SITES, unit="1")
    y = program.add_variables("y", SITES, unit="1")
    three, ten = series(["site"], {"a": 3, "b": 3}), series(["site"], {"a": 10, "b": 20})
    program.add_constraints(
        "r", SITES, x.expression().plus(three), "<=", y.expression().plus(ten), kind="definition", unit="1"
    )
    twice = program.add_constraints(
        "s", SITES, x.expression().plus(three) * 2, "<=", 2 * y.expression().plus(ten), kind="definition", unit="1"
    )
    assert program.constraints["r"].right_hand_side.tolist() == [7, 17]
    assert twice.right_hand_side.tolist() == [14, 34]


def test_constant_broadcasts_and_its_missing_label_is_named() -> None:
    program = LinearProgram()
    x = program.add_variables("x", SITES, unit="1")
    two = series(["site"], {"a": 2, "b": 4})
    assert (
        program.add_constraints(
            "r", BOTH, x.expression().plus(two), "==", 0.0, kind="definition", unit="1"
        ).right_hand_side.tolist()
        == [-2] * 3 + [-4] * 3
    )
    with pytest.raises(ModelError, match="constant of s: no coefficient for site=b"):
        program.add_constraints("s", BOTH, x.expression().plus(two[:1]), "==", 0.0, kind="definition", unit="1")


def test_expression_with_constants_is_not_multiplied_by_a_series() -> None:
    constant = Expression(constants=(series(["site"], {"a": 1, "b": 1}),))
    with pytest.raises(ModelError, match="only be multiplied by a number"):
        constant * series(["site"], {"a": 1, "b": 1})


def test_value_of_an_expression_joins_like_a_row() -> None:
    program = LinearProgram()
    x = program.add_variables("x", BOTH, unit="1")
    weight = series(["hour"], {1: 1, 2: 10, 3: 100})
    total = (x * weight).plus(series(["site"], {"a": 0.5, "b": 0.25}))
    values = program.value(total, SITES, np.arange(1.0, 7.0))
    assert values.tolist() == [1 + 20 + 300 + 0.5, 4 + 50 + 600 + 0.25]


# Labels


def test_labels_of_any_type_and_unknown_ones() -> None:
    labels = Labels()
    assert labels.encode("hour", pd.Series([3, 1, 3])).tolist() == [0, 1, 0]
    assert labels.encode("hour", pd.Series([1, 7])).tolist() == [1, 2]
    assert labels.encode("hour", pd.Index([7.0, 3.0])).tolist() == [2, 0]
    assert [labels.decode("hour", code) for code in (0, 1, -1)] == [3, 1, "(unknown)"]


def test_missing_labels_are_one_label() -> None:
    labels = Labels()
    assert labels.encode("hub", pd.Series(["a", float("nan")], dtype=object)).tolist() == [0, 1]
    assert labels.encode("hub", pd.Series([None, "a"], dtype="str")).tolist() == [1, 0]


def test_levels_are_coded_like_columns() -> None:
    labels = Labels()
    index = pd.MultiIndex.from_tuples([("b", 1), ("a", 2), ("b", 2)], names=["site", "year"])[1:]
    assert labels.encode("site", pd.Series(["b", "a"])).tolist() == [0, 1]
    assert labels.encode_level(index, "site").tolist() == [1, 0]
    assert labels.encode_level(pd.Index(["a", "b"], name="site"), "site").tolist() == [1, 0]
