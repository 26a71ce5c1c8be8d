"""Routes exist where the round trip is within the service level and the data may go; distances of the tiny country by
hand.
"""

from __future__ import annotations

import pytest
from builder import optimum, tiny
from pyproj import Geod

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

ALL = {"metro_coast", "metro_plateau", "mesa"}


def sites(scenario: ew.Scenario, region: str, task: str) -> set[str]:
    """Where a demand may be served."""
    routes = build(scenario).routes
    return set(routes.loc[(routes["region"] == region) & (routes["task"] == task), "site"])


def test_round_trip_by_hand() -> None:
    """2 x (1.8 x d km x 4.9 us/km / 1,000 + 0.5 ms x 2 ends); own metro 2 ms. d(coast, mesa) by the geodesic."""
    plan = build(tiny(latency={"use_published_round_trips": False}))
    trips = plan.round_trips.set_index(["region", "site"])["round_trip_ms"]
    km = Geod(ellps="WGS84").inv(-8.5, 40.0, -4.5, 41.0)[2] / 1000
    assert trips["coast", "mesa"] == pytest.approx(2 * (1.8 * km * 4.9 / 1000 + 0.5 * 2))
    assert trips["coast", "metro_coast"] == 2
    assert trips["plateau", "mesa"] == pytest.approx(2 * (1.8 * 111.05 * 4.9 / 1000 + 1), abs=0.01)


def test_settings_enter_the_formula() -> None:
    plan = build(
        tiny(latency={"use_published_round_trips": False, "route_factor": 1, "fibre_us_per_km": 5, "end_ms": 0})
    )
    trips = plan.round_trips.set_index(["region", "site"])
    km = trips.loc[("coast", "mesa"), "distance_km"]
    assert trips.loc[("coast", "mesa"), "round_trip_ms"] == pytest.approx(2 * km * 5 / 1000)


def test_slack_within_the_limit_every_site_is_admissible() -> None:
    """Chat 10 ms: 2, 8 and 9 ms from the coast."""
    assert sites(tiny(), "coast", "chat") == ALL


@pytest.mark.parametrize(
    ("limit", "from_coast", "from_plateau"),
    [
        (9, ALL, ALL),
        (8.999, {"metro_coast", "metro_plateau"}, ALL),
        (7.999, {"metro_coast"}, {"metro_plateau", "mesa"}),
        (3.999, {"metro_coast"}, {"metro_plateau"}),
    ],
)
def test_binding_a_route_longer_than_the_limit_does_not_exist(
    limit: float, from_coast: set[str], from_plateau: set[str]
) -> None:
    scenario = tiny(tasks={"chat": {"round_trip_limit_ms": limit}})
    assert sites(scenario, "coast", "chat") == from_coast
    assert sites(scenario, "plateau", "chat") == from_plateau
    assert sites(scenario, "coast", "train") == ALL, "other tasks keep their routes"


@pytest.mark.parametrize(
    ("residency", "from_coast", "from_plateau"),
    [
        ("national", ALL, ALL),
        ("province", {"metro_coast"}, {"metro_plateau", "mesa"}),
        ("metro", {"metro_coast"}, {"metro_plateau"}),
    ],
)
def test_residency(residency: str, from_coast: set[str], from_plateau: set[str]) -> None:
    scenario = tiny(tasks={"train": {"residency": residency}})
    assert sites(scenario, "coast", "train") == from_coast
    assert sites(scenario, "plateau", "train") == from_plateau


def test_nothing_inadmissible_is_created() -> None:
    plan = build(tiny(tasks={"chat": {"residency": "metro"}}))
    served = plan.program.variables["serve"].index
    assert set(served.loc[served["task"] == "chat", "site"]) == {"metro_coast", "metro_plateau"}
    assert "latency" not in plan.program.constraints


def test_extra_sla_widens_and_narrows_the_routes() -> None:
    """Chat 10 - 1.5 = 8.5 ms leaves 2 and 8 ms; 5 + 4 = 9 ms lets mesa in again."""
    assert sites(tiny(latency={"extra_sla_ms": -1.5}), "coast", "chat") == {"metro_coast", "metro_plateau"}
    tight = tiny(tasks={"chat": {"round_trip_limit_ms": 5}})
    assert sites(tight, "coast", "chat") == {"metro_coast"}
    assert sites(tight.with_(latency={"extra_sla_ms": 4}), "coast", "chat") == ALL


def test_worth_of_milliseconds_is_a_second_solve() -> None:
    """No devices at the coast: its 7.5 PFLOP/s of chat can only go 8 ms away: served with 8 ms, unserved with 7."""
    away = tiny(
        stock={"base": {"metro_coast": None}},
        supply={"*": {"*": {"mid": 0}}},
        tasks={"chat": {"round_trip_limit_ms": 7}},
    )
    assert optimum(away).value("unserved", region="coast", task="chat") == pytest.approx(7.5)
    wider = away.with_(latency={"extra_sla_ms": 1})
    assert optimum(wider).value("serve", region="coast", task="chat", site="metro_plateau") == pytest.approx(7.5)


def test_moving_a_site_moves_its_latency() -> None:
    """Mesa moved to the coast's doorstep: from 9 ms to less than 3."""
    here = tiny(latency={"use_published_round_trips": False})
    moved = here.with_(sites={"mesa": {"latitude_deg": 40.0, "longitude_deg": -8.0}})
    trips = build(moved).round_trips.set_index(["region", "site"])["round_trip_ms"]
    assert trips["coast", "mesa"] < 3
    assert (
        trips["plateau", "mesa"]
        > build(here).round_trips.set_index(["region", "site"])["round_trip_ms"]["plateau", "mesa"]
    )


def test_single_published_figure_counts_only_when_firm() -> None:
    """One row left of the matrix: of quality assumption it is ignored, of quality official it stands."""
    rows = {"coast": {"metro_coast": None, "metro_plateau": None}, "plateau": None}
    loose = build(tiny(round_trip=rows)).round_trips.set_index(["region", "site"])
    assert loose.loc[("coast", "mesa"), "origin"] == "computed"
    firm = build(tiny(round_trip=rows | {"coast": rows["coast"] | {"mesa": {"quality": "official"}}}))  # type: ignore[operator]
    trip = firm.round_trips.set_index(["region", "site"]).loc[("coast", "mesa")]
    assert (trip["origin"], trip["round_trip_ms"]) == ("published", 9)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"latency": {"route_factor": 0.9}}, "latency.route_factor"),
        ({"latency": {"fibre_us_per_km": 0}}, "latency.fibre_us_per_km"),
        ({"latency": {"extra_sla": 1}}, "extra_sla_ms"),
        ({"tasks": {"chat": {"round_trip_limit_ms": -1}}}, "round_trip_limit_ms"),
        ({"tasks": {"chat": {"residency": "city"}}}, "residency"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(**changes)


def test_report_says_how_far_demand_may_go() -> None:
    """Chat within the metro (20 PFLOP/s of peak), training as far as the West (60)."""
    table = ew.solve(tiny(tasks={"chat": {"residency": "metro"}}), reliefs=0, growth_table=False).table
    movable = table[table["quantity"] == "movable"].set_index("item")["value"]
    assert movable.to_dict() == {"own metro only": pytest.approx(20), "as far as the West": pytest.approx(60)}
