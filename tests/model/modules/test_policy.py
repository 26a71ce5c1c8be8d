"""Rules of a planner on what is new.

Nothing stands and only chat is asked for, 10 PFLOP/s on 20 new devices; left alone, each region is served at home.
"""

from __future__ import annotations

import pytest
from builder import HUB, NEW, attempt, one_place, optimum, tiny
from pyproj import Geod

import eastwest as ew
from eastwest.errors import InputError
from eastwest.solving.solve import build


def new(**changes: object) -> ew.Scenario:
    return tiny(**NEW).with_(**changes)


def km(from_longitude: float) -> float:
    return Geod(ellps="WGS84").inv(from_longitude, 40.0, -4.5, 41.0)[2] / 1000


def test_without_rules_there_are_no_rows() -> None:
    found = optimum(new())
    assert not {"hub_share", "west_share", "occupancy", "spending"} & set(found.plan.program.constraints)
    assert found.value("bought", site="metro_coast") == pytest.approx(15)
    assert found.value("bought", site="metro_plateau") == pytest.approx(5)


def test_binding_floor_on_hubs() -> None:
    """60 % of 20 devices must stand in the hub (mesa): 12. Each PFLOP/s is 2 devices x 0.7 kW x 8,760 h.

    First the plateau's 2.5 PFLOP/s move (energy 0.6 x 1.5 -> 0.4 x 1.2 CNY/kWh, network over 111 km), then 3.5 of the
    coast's.
    """
    found = optimum(new(**HUB, policy={"hub_share_of_new_intelligent": 0.6}))
    assert found.value("bought", site="mesa") == pytest.approx(12)
    assert found.value("bought") == pytest.approx(20)
    mwh = 2 * 0.0007 * 8760
    moved = 2.5 * (mwh * (480 - 900) / 1e6 + 0.2 * (km(-4.5) / 1000 * 0.1 + 0.04))
    moved += 3.5 * (mwh * (480 - 1200) / 1e6 + 0.2 * (km(-8.5) / 1000 * 0.1 + 0.04))
    assert found.objective - optimum(new()).objective == pytest.approx(moved)
    assert found.row("hub_share")["dual"] > 0, "a higher floor costs more"


def test_commitments_count_as_new() -> None:
    """10 devices committed in the hub: (10 + x) of (10 + 10) >= 60 % leaves x = 2 of the 10 that are bought."""
    found = optimum(
        new(
            **HUB,
            policy={"hub_share_of_new_intelligent": 0.6},
            commitments={"mesa": {"alpha": {"2026-10-01": {"devices": 10}}}},
        )
    )
    assert found.value("bought") == pytest.approx(10)
    assert found.value("bought", site="mesa") == pytest.approx(2)


def test_commitments_before_the_anchor_do_not() -> None:
    signed = {"mesa": {"alpha": {"2026-06-30": {"devices": 10}}}}
    found = optimum(new(**HUB, policy={"hub_share_of_new_intelligent": 0.6}, commitments=signed))
    assert found.value("bought", site="mesa") == pytest.approx(12)


def test_slack_floor() -> None:
    """25 % is in the West anyway (plateau): no price, the same cost."""
    found = optimum(new(policy={"west_share_of_new_intelligent": 0.25}))
    assert found.objective == pytest.approx(optimum(new()).objective)


def test_binding_floor_on_the_west() -> None:
    """Half of 20 devices in the West: 5 more than the plateau's own; metros count."""
    found = optimum(new(policy={"west_share_of_new_intelligent": 0.5}))
    assert found.value("bought", site="metro_coast") == pytest.approx(10)


def test_shares_are_of_peak_not_of_devices() -> None:
    """A second device of twice the peak would count twice: the coefficient of bought is peak x (in the hub - share)."""
    program = build(
        new(**HUB, policy={"hub_share_of_new_intelligent": 0.6}, devices={"alpha": {"peak_pflops": 2}})
    ).program
    row = program.constraints["hub_share"].offset
    matrix = program.matrix()
    part = slice(matrix.start[row], matrix.start[row + 1])
    names = program.variable_names()
    assert {
        names[i].split("[")[1].split(",")[0]: v for i, v in zip(matrix.index[part], matrix.value[part], strict=True)
    } == {
        "mesa": pytest.approx(0.8),
        "metro_coast": pytest.approx(-1.2),
        "metro_plateau": pytest.approx(-1.2),
    }


def test_impossible_floor() -> None:
    """10 devices committed outside the hub; even 5 more in it are 5 of 15, less than 60 %."""
    signed = {"metro_coast": {"alpha": {"2026-10-01": {"devices": 10}}}}
    scenario = new(
        **HUB, policy={"hub_share_of_new_intelligent": 0.6}, commitments=signed, supply={"*": {"*": {"mid": 5}}}
    )
    assert attempt(scenario)[1].status == "infeasible"


def test_a_floor_on_hubs_where_there_are_none_stops_all_buying() -> None:
    found = optimum(new(policy={"hub_share_of_new_intelligent": 0.6}))
    assert found.value("bought") == pytest.approx(0)
    assert found.value("unserved") == pytest.approx(10)


@pytest.mark.parametrize(("cap", "bought"), [(10, 20), (1.5, 15), (0.5, 5), (0, 0)])
def test_spending_cap(cap: float, bought: float) -> None:
    """0.1 million CNY a device: 0.5 million buy 5; each serves 0.5 PFLOP/s."""
    found = optimum(new(policy={"spending_cap_million_cny": cap}))
    assert found.value("bought") == pytest.approx(bought)
    assert found.value("unserved") == pytest.approx(10 - bought / 2)
    assert (found.row("spending")["dual"] < -1e-9) == (bought < 20)


def test_spending_counts_halls_and_connections_overnight() -> None:
    """0.5 MW of hall take 5 devices; 0.1 MW x 30 = 3 million is over a cap of 2.9, and 2.9 / 30 MW is built."""
    capacity = {"metro_coast": {"hall_dense": {"*": {"mw": 0.5}}}}
    found = optimum(
        one_place(capacity=capacity, facilities={"metro_dense_growth": None}, policy={"spending_cap_million_cny": 2.9})
    )
    assert found.value("built_hall") == pytest.approx(2.9 / 30)
    grid = {"metro_coast": {"grid": {"*": {"mw": 0.4}}}}
    found = optimum(one_place(capacity=grid, policy={"spending_cap_million_cny": 0.03}))
    assert found.value("built_grid") == pytest.approx(0.03 / 1.5)


def test_occupancy_binds_new_standard_halls() -> None:
    """Rated power of standard devices >= 65 % of what is built; dense halls do not count."""
    standard = {
        "devices": {"alpha": {"hall_class": "standard"}},
        "capacity": {"metro_coast": {"hall_standard": {"*": {"mw": 0.5}}}},
    }
    found = optimum(one_place(**standard, policy={"new_hall_occupancy": 0.65}))
    row = found.row("occupancy")
    built = found.value("built_hall", asset="hall_standard")
    assert built == pytest.approx(0.1)
    assert row["activity"] == pytest.approx(0.5 + 0.1 * 184 / 365 - 0.65 * 0.1)
    assert list(found.plan.program.constraints["occupancy"].index.columns) == ["site", "year"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"policy": {"hub_share_of_new_intelligent": 60}}, "policy.hub_share_of_new_intelligent"),
        ({"policy": {"spending_cap_million_cny": -1}}, "policy.spending_cap_million_cny"),
        ({"policy": {"hub_share": 0.6}}, "hub_share_of_new_intelligent"),
        ({"sites": {"mesa": {"hub": "nowhere"}}}, "nowhere"),
    ],
)
def test_bad_data_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tiny(**changes)


def test_report_of_shares_by_hand() -> None:
    """12 of 20 new devices in the hub, which is the only cluster; 12 of 20 in the West (the plateau buys none)."""
    table = ew.solve(new(**HUB, policy={"hub_share_of_new_intelligent": 0.6}), reliefs=0, growth_table=False).table
    shares = table[table["quantity"] == "share_of_new_peak"].set_index("item")["value"]
    assert shares["bought: hub"] == pytest.approx(0.6)
    assert shares["new: cluster"] == pytest.approx(0.6)
    peak = table[table["quantity"] == "new_peak"].set_index("item")["value"]
    assert peak["new"] == pytest.approx(20)


# Several years


def years(**changes: object) -> ew.Scenario:
    """2027 and 2028 at 0 %; 20 devices are needed in each, 40 can be bought in each."""
    more = {"alpha_group": {"2028": {"origin": "domestic", "low": 40, "mid": 40, "high": 40, "buyable": True}}}
    return new(years=[2027, 2028], finance={"discount_rate": 0}, supply=more).with_(**changes)


def test_a_floor_holds_for_what_is_in_service_each_year() -> None:
    """60 % of 20 in the hub: 12 in both years, of what was bought in 2027 (life 5) and nothing more."""
    found = optimum(years(**HUB, policy={"hub_share_of_new_intelligent": 0.6}))
    assert found.value("bought", site="mesa", vintage=2027) == pytest.approx(12)
    assert found.value("bought", vintage=2028) == pytest.approx(0, abs=1e-9)
    rows = found.solution.constraints("hub_share")
    assert rows["year"].tolist() == [2027, 2028] and rows["slack"].to_numpy() == pytest.approx(0, abs=1e-9)


def test_a_floor_forgets_what_has_retired() -> None:
    """Life 1: 20 devices are bought anew each year, 12 of them in the hub each time."""
    found = optimum(
        years(**HUB, policy={"hub_share_of_new_intelligent": 0.6}, devices={"alpha": {"lifetime_years": 1}})
    )
    for year in (2027, 2028):
        assert found.value("bought", vintage=year) == pytest.approx(20)
        assert found.value("bought", site="mesa", vintage=year) == pytest.approx(12)


@pytest.mark.parametrize("cap", [{2027: 1.5}, {2027: 1.5, 2028: 0.2}])
def test_spending_caps_by_year(cap: dict[int, float]) -> None:
    """15 devices in 2027; the other 5 in 2028, or 2 of them where 0.2 million is all."""
    found = optimum(years(policy={"spending_cap_million_cny": cap}))
    assert found.value("bought", vintage=2027) == pytest.approx(15)
    assert found.value("bought", vintage=2028) == pytest.approx(2 if 2028 in cap else 5)
    assert found.solution.constraints("spending")["vintage"].tolist() == list(cap)


def filled(**changes: object) -> ew.Scenario:
    """20 standard devices of 0.1 MW stand in 0.5 MW of hall, of which 5 fit; 0.1 MW may be built a year."""
    standard = {
        "devices": {"alpha": {"hall_class": "standard", "lifetime_years": 9}},
        "capacity": {"metro_coast": {"hall_standard": {"*": {"mw": 0.5}}}},
        "costs": {"discount_rate_system": {"low": 0, "mid": 0, "high": 0, "unit": "1"}},
    }
    return one_place(**standard, years=[2027, 2028], policy={"new_hall_occupancy": 0.65}).with_(**changes)


def test_occupancy_counts_new_halls_of_the_years_before() -> None:
    """2028: 0.7 MW of devices against 0.65 x (0.1 + 0.1)."""
    row = optimum(filled()).row("occupancy", year=2028)
    assert row["activity"] - row["right"] == pytest.approx(0.7 - 0.65 * 0.2)


def test_occupancy_asks_nothing_of_halls_that_do_not_stand_yet() -> None:
    """2027: what enters in 2028 is not there: 0.5504 MW of devices against 0.65 x 0.1."""
    row = optimum(filled()).row("occupancy", year=2027)
    assert row["activity"] - row["right"] == pytest.approx(0.5 + 0.1 * 184 / 365 - 0.65 * 0.1)


# A target of installed compute


def test_target_of_installed_compute_buys_what_is_lacking() -> None:
    """20 devices of 1 PFLOP/s are needed, 25 are asked for: 5 more are bought and stand idle."""
    found = optimum(new(policy={"least_installed_pflops": {"intelligent": 25}}))
    assert found.value("bought") == pytest.approx(25)
    assert found.row("least_installed", kind="intelligent")["dual"] > 0


def test_target_counts_what_stands() -> None:
    """8 devices committed count: 12 more make 20, which chat needs anyway, so the target has no price."""
    signed = {"mesa": {"alpha": {"2026-10-01": {"devices": 8}}}}
    found = optimum(new(commitments=signed, policy={"least_installed_pflops": {"intelligent": {2027: 20}}}))
    assert found.row("least_installed")["right"] == pytest.approx(12)
    assert found.value("bought") == pytest.approx(12)
    assert found.objective == pytest.approx(optimum(new(commitments=signed)).objective)


def test_target_beyond_supply_is_named() -> None:
    """40 devices can be delivered, 50 PFLOP/s are asked for."""
    with pytest.raises(ew.NotOptimal) as caught:
        ew.solve(new(policy={"least_installed_pflops": {"intelligent": 50}}))
    said = "\n".join(caught.value.lines)
    assert "least installed compute, beyond what stands (intelligent, 2027): >= 50 PFLOP/s" in said
    assert "accelerator supply" in said


def test_target_where_nothing_can_be_bought() -> None:
    stock = {"base": {"mesa": {"alpha": {"2025": {"devices": 2}}}}}
    rule = {"least_installed_pflops": {"intelligent": 5}}
    scenario = new(stock=stock, supply={"*": {"*": {"mid": 0}}}, policy=rule)
    with pytest.raises(InputError, match=r"least_installed_pflops.intelligent.* 3 PFLOP/s are lacking in 2027"):
        build(scenario)


def test_target_by_year_counts_the_part_of_a_year() -> None:
    """Devices enter in mid-2027: half a year each in 2027, so 20 PFLOP/s of yearly mean take 40 devices."""
    found = optimum(
        new(policy={"least_installed_pflops": {"intelligent": 20}}, devices={"alpha": {"months_to_service": 6}})
    )
    assert found.value("bought") == pytest.approx(40)
