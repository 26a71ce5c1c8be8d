"""Traffic, corridors at their busiest hour, and what distance costs; the tiny country, chat 0.2 and training 0.025
Gbit/s.
"""

from __future__ import annotations

import pytest
from builder import attempt, costs, cut, one_place, optimum, tiny
from pyproj import Geod

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build

KM = Geod(ellps="WGS84").inv(-8.5, 40.0, -4.5, 41.0)[2] / 1000
"""Coast to mesa, 355.6 km."""

NOTHING_AT_THE_COAST = {"stock": {"base": {"metro_coast": None}}, "supply": {"*": {"*": {"mid": 0}}}}


def corridor(name: str, capacity: float) -> dict[str, object]:
    return {name: {"capacity_gbps": capacity}}


def test_traffic_is_per_delivered_not_per_peak() -> None:
    """0.1 Gbit/s per peak PFLOP/s / reference use 0.5 = 0.2 per delivered; training 0.01 / 0.4 = 0.025."""
    found = optimum(tiny())
    assert found.value("serve", region="coast", task="train", site="mesa") == pytest.approx(12)
    assert found.value("flow", corridor="coast-mesa", profile="flat") == pytest.approx(12 * 0.025)


def test_price_has_a_part_for_distance_and_one_for_each_end() -> None:
    """coast to mesa: 12 x 0.025 Gbit/s x (355.6 / 1,000 x 100,000 + 2 x 20,000) CNY; plateau to mesa 111 km."""
    found = optimum(tiny())
    near = Geod(ellps="WGS84").inv(-4.5, 40.0, -4.5, 41.0)[2] / 1000
    expected = 12 * 0.025 * ((KM + near) / 1000 * 0.1 + 2 * 2 * 0.02)
    assert found.cost("network") == pytest.approx(expected)


def test_own_metro_costs_nothing_to_reach() -> None:
    assert optimum(one_place()).cost("network") == 0


def test_price_factor() -> None:
    assert optimum(tiny(network={"price_factor": 0})).cost("network") == 0
    here = tiny(tasks={"train": {"residency": "metro"}, "chat": {"residency": "metro"}})
    assert optimum(here).cost("network") == 0


def test_capacity_is_paid_for_the_peak_of_the_profile() -> None:
    """Chat from the coast to mesa only (no devices elsewhere), profile 0.5 / 1.5: 7.5 x 0.2 x 1.5 Gbit/s is bought."""
    scenario = tiny(**NOTHING_AT_THE_COAST, time=cut(8), demand={"plateau": None, "coast": {"train": None}})
    scenario = scenario.with_(stock={"base": {"metro_plateau": None}}, network={"corridor_limits": False})
    found = optimum(scenario)
    assert found.value("serve", site="mesa") == pytest.approx(7.5)
    assert found.cost("network") == pytest.approx(7.5 * 0.2 * 1.5 * (KM / 1000 * 0.1 + 0.04))


# Corridors: chat of the coast (7.5 PFLOP/s) can only go to mesa or plateau, training nowhere but home


def away(**changes: object) -> ew.Scenario:
    base = tiny(**NOTHING_AT_THE_COAST, tasks={"train": {"residency": "metro"}}, time=cut(8))
    return base.with_(**changes)


def test_slack_corridor_has_no_price() -> None:
    found = optimum(away())
    assert found.value("unserved", region="coast", task="chat") == pytest.approx(0)
    rows = found.solution.constraints("corridor")
    assert rows["dual"].abs().max() < 1e-9


def test_binding_corridor_at_the_busiest_block_of_the_day() -> None:
    """0.3 Gbit/s on each of two corridors: at 1.5 times the mean, 0.6 / (0.2 x 1.5) = 2 of 7.5 PFLOP/s."""
    found = optimum(away(corridors={"*": {"capacity_gbps": 0.3}}))
    assert found.value("serve", region="coast", task="chat") == pytest.approx(2)
    assert found.value("unserved", region="coast", task="chat") == pytest.approx(5.5)
    row = found.row("corridor", corridor="coast-mesa")
    assert (row["block"], row["slack"]) == ("block-1", pytest.approx(0)), (
        "only the afternoon has a row: the morning is below it"
    )
    assert row["dual"] < 0


def test_capacity_factor_scales_every_corridor() -> None:
    found = optimum(away(corridors={"*": {"capacity_gbps": 0.6}}, network={"capacity_factor": 0.5}))
    assert found.value("serve", region="coast", task="chat") == pytest.approx(2)


def test_corridors_may_be_unlimited() -> None:
    found = optimum(away(corridors={"*": {"capacity_gbps": 0}}, network={"corridor_limits": False}))
    assert found.value("unserved", region="coast", task="chat") == pytest.approx(0)
    assert "corridor" not in found.plan.program.constraints


def test_a_pair_without_a_corridor_has_no_limit() -> None:
    """No row for coast-mesa: all that does not fit to the plateau goes there."""
    found = optimum(away(corridors={"coast-mesa": None, "coast-plateau": {"capacity_gbps": 0}}))
    assert found.value("serve", region="coast", task="chat", site="mesa") == pytest.approx(7.5)


def test_both_directions_share_a_corridor() -> None:
    """coast-plateau carries what the coast sends west and what the plateau sends east."""
    program = build(tiny()).program
    row = program.constraints["traffic"].index
    at = program.constraints["traffic"].offset + int(
        row[(row["corridor"] == "coast-plateau") & (row["profile"] == "day")].index[0]
    )
    matrix = program.matrix()
    names = program.variable_names()
    held = {names[i] for i in matrix.index[matrix.start[at] : matrix.start[at + 1]]}
    assert {"serve[coast,chat,metro_plateau,2027]", "serve[plateau,chat,metro_coast,2027]"} < held


def test_profiles_that_peak_at_different_hours_are_not_added() -> None:
    """Training as a night shift (1.5 before noon) beside chat (1.5 after): two blocks, each with 0.5 of the other;
    neither row is left out.
    """
    night = {f"h{hour:02d}": 1.5 if hour < 12 else 0.5 for hour in range(24)}
    scenario = tiny(profiles={"night": night}, tasks={"train": {"profile": "night", "window_h": 0}}, time=cut(8))
    program = build(scenario).program
    rows = program.constraints["corridor"]
    assert rows.index.groupby("corridor").size().tolist() == [2, 2]
    matrix = program.matrix()
    values = [
        sorted(matrix.value[matrix.start[rows.offset + n] : matrix.start[rows.offset + n + 1]])
        for n in range(len(rows))
    ]
    assert values == [[0.5, 1.5]] * 4


def test_deferrable_work_loads_a_corridor_with_its_mean() -> None:
    """Training (window 24 h at 8 slices) has profile `mean`, 1 in every block."""
    program = build(tiny(time=cut(8), tasks={"train": {"profile": "day"}})).program
    assert set(program.variables["flow"].index["profile"]) == {"day", "mean"}
    assert len(program.constraints["corridor"]) == 2


def test_impossible_when_a_corridor_is_cut() -> None:
    scenario = away(
        corridors={"*": {"capacity_gbps": 0}},
        demand={"shortage": "forbidden"},
        tasks={"train": {"residency": "national"}},
    )
    assert attempt(scenario)[1].status == "infeasible"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"network": {"price_factor": -1}}, "network.price_factor"),
        ({"corridors": corridor("coast-mesa", -1)}, "capacity_gbps"),
        (
            {"corridors": {"loop": {"from_node": "mesa", "to_node": "mesa", "capacity_gbps": 1, "length_km": 1}}},
            "two nodes",
        ),
        ({"corridors": {"x": {"from_node": "mesa", "to_node": "moon", "capacity_gbps": 1, "length_km": 1}}}, "moon"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(**changes)


def test_two_corridors_between_two_nodes_are_refused() -> None:
    with pytest.raises(InputError, match=r"again.*second corridor joins mesa and coast"):
        tiny(corridors={"again": {"from_node": "mesa", "to_node": "coast", "capacity_gbps": 1, "length_km": 1}})


def test_report_of_a_corridor_by_hand() -> None:
    """0.3 Gbit/s, all of it used."""
    table = ew.solve(away(corridors={"*": {"capacity_gbps": 0.3}}), reliefs=0, growth_table=False).table
    here = table[(table["corridor"] == "coast-mesa") & (table["item"] == "corridor")].set_index("quantity")["value"]
    assert here.to_dict() == pytest.approx({"capacity": 0.3, "used": 0.3, "utilisation_peak": 1}, rel=1e-6)


# New capacity

FIBRE = costs({"corridor_million_cny_per_gbps_1000km": 1, "corridor_life_years": 7, "discount_rate_system": 0})
ANNUITY = 0.1 / (1 - 1.1**-7)


def thin(**changes: object) -> ew.Scenario:
    """0.3 Gbit/s on each of two corridors carry 2 of the coast's 7.5 PFLOP/s of chat (0.3 Gbit/s each at the busiest
    hour); half as much may be added a year."""
    base = away(corridors={"*": {"capacity_gbps": 0.3}}, network={"build_limit_share": 0.5}, costs=FIBRE)
    return base.with_(**changes) if changes else base


def test_corridors_may_be_built_within_their_limit_for_their_part_of_the_year() -> None:
    """0.15 Gbit/s each, from 1 July 2027: 0.0756 on average, so (0.3756 + 0.3756) / 0.3 = 2.504 PFLOP/s. 360 and 340 km
    at 1 million CNY per Gbit/s and 1,000 km: 0.15 x 0.7 x annuity(10 %, 7 years) x 184 / 365."""
    found = optimum(thin())
    half = 184 / 365
    assert found.table("built_corridor")["value"].tolist() == pytest.approx([0.15, 0.15])
    assert found.value("serve", region="coast", task="chat") == pytest.approx(2 * (0.3 + 0.15 * half) / 0.3)
    assert found.cost("corridors") == pytest.approx(0.15 * 0.7 * ANNUITY * half)
    assert found.row("corridor", corridor="coast-mesa")["slack"] == pytest.approx(0)


def test_the_limit_follows_the_capacity_factor() -> None:
    """0.6 Gbit/s at a factor of 0.5: again 0.15."""
    found = optimum(thin(corridors={"*": {"capacity_gbps": 0.6}}, network={"capacity_factor": 0.5}))
    assert found.table("built_corridor")["value"].tolist() == pytest.approx([0.15, 0.15])


def test_no_corridor_is_built_where_there_is_room_or_it_is_too_dear() -> None:
    """5 Gbit/s carry all; a PFLOP/s unserved costs 0.7 million, 0.3 Gbit/s x 0.34 x 0.2054 x 1,000 would cost 21."""
    assert optimum(thin(corridors={"*": {"capacity_gbps": 5}})).value("built_corridor") == pytest.approx(0, abs=1e-9)
    expensive = optimum(thin(costs={"corridor_million_cny_per_gbps_1000km": {"mid": 1000}}))
    assert expensive.value("built_corridor") == pytest.approx(0, abs=1e-9)
    assert expensive.value("serve", region="coast", task="chat") == pytest.approx(2)


def test_new_corridors_by_vintage_and_life() -> None:
    """Life 1: half of 2027 and the rest of it in 2028, beside the vintage of 2028."""
    scenario = thin(years=[2027, 2028], costs={"corridor_life_years": {"mid": 1}})
    found = optimum(scenario)
    half = 184 / 365
    for year, new in ((2027, 0.15 * half), (2028, 0.15 * (1 - half) + 0.15)):
        assert found.value("serve", region="coast", task="chat", year=year) == pytest.approx(2 * (0.3 + new) / 0.3)


def test_new_corridors_in_the_report() -> None:
    """Capacity 0.3756 Gbit/s, all used; 0.15 built; cost by corridor."""
    table = ew.solve(thin(), reliefs=0, growth_table=False).table
    here = table[(table["corridor"] == "coast-mesa") & (table["item"] == "corridor")].set_index("quantity")["value"]
    new = 0.3 + 0.15 * 184 / 365
    assert here.to_dict() == pytest.approx(
        {"capacity": new, "used": new, "utilisation_peak": 1, "built": 0.15, "built_by_vintage": 0.15}, rel=1e-6
    )
    cost = table[(table["quantity"] == "cost") & (table["item"] == "corridors")].set_index("corridor")["value"]
    assert cost["coast-mesa"] == pytest.approx(0.15 * 0.36 * ANNUITY * 184 / 365)
