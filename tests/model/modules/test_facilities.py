"""Halls fill with energised devices; every case starts from `one_place` (10 devices of 0.1 MW in a dense hall of 5
MW).
"""

from __future__ import annotations

import pytest
from builder import attempt, one_place, optimum

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

NO_BUILDING = {"build_limit_share": 0}


def dense(mw: float) -> dict[str, object]:
    """An override: the dense hall that stands."""
    return {"metro_coast": {"hall_dense": {"*": {"mw": mw}}}}


def announced(mw: float, day: str) -> dict[str, object]:
    return {"metro_coast": {"hall_dense": {day: {"mw": mw, "status": "announced"}}}}


def test_slack_hall_has_no_price() -> None:
    """10 devices x 0.1 MW = 1 MW of 5."""
    row = optimum(one_place()).row("hall")
    assert (row["activity"], row["right"], row["dual"]) == (pytest.approx(1), pytest.approx(5), pytest.approx(0))


def test_binding_hall_leaves_devices_installed_but_not_energised() -> None:
    """0.5 MW take 5 of 20 devices: 2.5 of 5 PFLOP/s; one MW more would serve 5 and save 5 x 7.884 - 7.008 = 32.4
    million.
    """
    found = optimum(one_place(capacity=dense(0.5), facilities=NO_BUILDING | {"metro_dense_growth": None}))
    assert found.value("energised") == pytest.approx(5)
    assert found.value("unserved") == pytest.approx(2.5)
    assert found.row("hall")["dual"] == pytest.approx(-(5 * 900 * 8760 / 1e6 - 7.008))


def test_hall_may_be_built_within_its_limit_for_its_part_of_the_year() -> None:
    """Decided 1 July 2026, 12 months: in service, and paid, for 184 of 365 days. 0.2 x 0.5 MW = 0.1 MW, on average
    0.0504, for 0.1 x 30 x (0.13147 + 0.04) x 184 / 365 = 0.25932 million: 0.504 devices more, which is worth it."""
    found = optimum(one_place(capacity=dense(0.5), facilities={"metro_dense_growth": None}))
    assert found.value("built_hall", asset="hall_dense") == pytest.approx(0.1)
    assert found.value("energised") == pytest.approx(5 + 0.1 * 184 / 365 / 0.1)
    assert found.cost("halls") == pytest.approx(0.1 * 30 * (0.1 / (1 - 1.1**-15) + 0.04) * 184 / 365)


def test_nothing_is_built_that_comes_too_late() -> None:
    """18 months and a day after 1 July 2026 is past the end of 2027."""
    assert "built_hall" not in build(one_place(facilities={"lead_months": 18.1})).program.variables
    assert "built_hall" in build(one_place(facilities={"lead_months": 17})).program.variables


@pytest.mark.parametrize(("delay", "days"), [(0, 184), (3, 93), (6, 1), (7, 0)])
def test_announced_halls_count_from_their_date_and_delay(delay: float, days: int) -> None:
    """5 MW announced for 1 July 2027: 184 days of the year; 3 months of 30.4375 days later, 93."""
    scenario = one_place(capacity=announced(5, "2027-07-01"), facilities={"delay_months": delay})
    assert optimum(scenario).row("hall")["right"] == pytest.approx(5 + 5 * days / 365)


def test_existing_halls_are_not_delayed() -> None:
    assert optimum(one_place(facilities={"delay_months": 60})).row("hall")["right"] == pytest.approx(5)


@pytest.mark.parametrize(
    ("allowed", "growth", "cap"),
    [
        (False, 0.05, 0.5),
        (True, 0.0, 0.5),
        (True, 0.05, 0.5 * 1.05 ** (365 / 365.25)),
        (True, 0.1, 0.5 * 1.1 ** (365 / 365.25)),
    ],
)
def test_growth_of_metros_is_capped(allowed: bool, growth: float, cap: float) -> None:
    """0.5 MW stand on the day of decision, 5 MW more by the year's start: the cap, not the hall, binds; 0 where large
    centres are barred.
    """
    capacity = {
        "metro_coast": {"hall_dense": {"2020-01-01": {"mw": 0.5}, "2026-12-31": {"mw": 5, "status": "announced"}}}
    }
    found = optimum(
        one_place(
            capacity=capacity,
            facilities={"metro_dense_growth": growth},
            sites={"metro_coast": {"large_centres_allowed": allowed}},
        )
    )
    assert found.row("metro_growth")["right"] == pytest.approx(cap)
    assert found.value("energised") == pytest.approx(cap / 0.1)
    assert found.row("hall")["slack"] > 4


def test_uncapped_growth_leaves_the_hall_alone_to_bind() -> None:
    """metro_dense_growth none: all 10 devices."""
    capacity = {
        "metro_coast": {"hall_dense": {"2020-01-01": {"mw": 0.5}, "2026-12-31": {"mw": 5, "status": "announced"}}}
    }
    found = optimum(one_place(capacity=capacity, facilities={"metro_dense_growth": None}))
    assert found.value("energised") == pytest.approx(10)
    assert found.objective == pytest.approx(7.008)


def test_clusters_have_no_growth_cap() -> None:
    """The same place as a cluster: no row at all."""
    capacity = {
        "metro_coast": {"hall_dense": {"2020-01-01": {"mw": 0.5}, "2026-12-31": {"mw": 5, "status": "announced"}}}
    }
    found = optimum(one_place(capacity=capacity, sites={"metro_coast": {"kind": "cluster"}}))
    assert len(found.plan.program.constraints["metro_growth"]) == 0
    assert found.value("energised") == pytest.approx(10)


# Classes and fixed load: alpha in a standard hall

STANDARD = {
    "devices": {"alpha": {"hall_class": "standard"}},
    "capacity": {"metro_coast": {"hall_standard": {"*": {"mw": 2}}}},
    "facilities": NO_BUILDING,
}


def storage(mw: float, growth: float = 0.0) -> dict[str, object]:
    return {"metro_coast": {"storage": {"it_mw": mw, "reference_date": "2026-07-01", "growth_per_year": growth}}}


def test_classes_of_halls_are_apart() -> None:
    """Devices of the standard class stand in 2 MW of standard hall, however large the dense one is; no metro cap on
    them.
    """
    found = optimum(one_place(**STANDARD))
    row = found.row("hall")
    assert (row["asset"], row["right"]) == ("hall_standard", pytest.approx(2))
    assert len(found.plan.program.constraints["metro_growth"]) == 0


def test_fixed_load_takes_its_share_of_standard_halls() -> None:
    """2 MW of hall, 1.5 MW of storage: 0.5 MW left for 5 devices."""
    found = optimum(one_place(**STANDARD, fixed_load=storage(1.5)))
    assert found.value("energised") == pytest.approx(5)
    assert found.value("unserved") == pytest.approx(2.5)


def test_fixed_load_takes_nothing_of_dense_halls() -> None:
    """3 MW of storage: 7 of 10 MW are left of the standard hall, and all 5 MW of the dense one."""
    found = optimum(one_place(fixed_load=storage(3), facilities=NO_BUILDING))
    assert found.row("hall")["right"] == pytest.approx(5)
    both = optimum(one_place(fixed_load=storage(3)))
    assert both.row("hall", asset="hall_dense")["right"] == pytest.approx(5)
    assert both.row("hall", asset="hall_standard")["right"] == pytest.approx(7)


def test_fixed_load_needs_a_hall_even_where_no_device_of_the_class_may_stand() -> None:
    """11 MW of storage in a hall of 10 MW: 1 MW more is built (for 184 of 365 days), or the data are wrong."""
    more = {"facilities": {"build_limit_share": 9}, "capacity": {"metro_coast": {"grid": {"*": {"mw": 50}}}}}
    found = optimum(one_place(fixed_load=storage(11), **more))
    assert found.value("built_hall", asset="hall_standard") == pytest.approx(365 / 184)
    lacking = one_place(fixed_load=storage(11), **more).with_(facilities=NO_BUILDING)
    with pytest.raises(InputError, match=r"fixed load at 'metro_coast' exceeds its hall_standard by 1 MW in 2027"):
        build(lacking)


def test_report_of_a_hall_with_fixed_load_alone() -> None:
    """3 of 10 MW."""
    table = ew.solve(one_place(fixed_load=storage(3), facilities=NO_BUILDING), reliefs=0, growth_table=False).table
    hall = table[table["item"] == "hall_standard"].set_index("quantity")["value"]
    assert hall.to_dict() == pytest.approx({"capacity": 10, "used": 3, "utilisation": 0.3})


def test_fixed_load_grows() -> None:
    """1 MW growing 20 % over 365 / 365.25 years."""
    found = optimum(one_place(**STANDARD, fixed_load=storage(1, 0.2)))
    assert found.row("hall")["right"] == pytest.approx(2 - 1.2 ** (365 / 365.25))


def test_impossible_more_fixed_load_than_hall() -> None:
    assert attempt(one_place(**STANDARD, fixed_load=storage(2.5)))[1].status == "infeasible"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"facilities": {"metro_dense_growth": -0.1}}, "facilities.metro_dense_growth"),
        ({"facilities": {"decision_date": "soon"}}, "facilities.decision_date"),
        ({"facilities": {"metro_growth": 0.1}}, "did you mean"),
        ({"capacity": {"metro_coast": {"hall_dense": {"2020-01-01": {"mw": "large"}}}}}, "mw"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        one_place(**changes)


def test_report_of_halls_by_hand() -> None:
    """1 of 5 MW used, 2 MW installed, cap 5 MW."""
    table = ew.solve(one_place(), reliefs=0, growth_table=False).table
    hall = table[table["item"] == "hall_dense"].set_index("quantity")["value"]
    expected = {"capacity": 5, "used": 1, "utilisation": 0.2, "installed_rated": 2, "metro_cap": 5}
    assert hall.to_dict() == pytest.approx(expected)
