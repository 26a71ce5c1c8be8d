"""What approval letters bind: new compute above a ceiling on PUE, and real-time work at hubs that are not for it.

In the first part nothing stands and only chat is asked for, 10 PFLOP/s on 20 new devices of 1 kW; the metros have hall
for 1 and 2 of them (5 % more by 2027 at the plateau's, which is 2.1), so that the hub's cluster mesa serves the rest.
"""

from __future__ import annotations

import pytest
from builder import HUB, NEW, Optimum, attempt, names_of_rules, optimum, tiny

import eastwest as ew

SMALL = {
    **NEW,
    "capacity": {
        "metro_coast": {"hall_dense": {"*": {"mw": 0.001}}},
        "metro_plateau": {"hall_dense": {"*": {"mw": 0.002}}},
    },
}


def new(**approval: object) -> ew.Scenario:
    return tiny(**HUB).with_(**SMALL).with_(approval=approval)


def test_without_letters_there_are_no_rows() -> None:
    found = optimum(new())
    assert not found.plan.rules
    assert found.value("bought", site="mesa") > 15 and found.value("unserved") == pytest.approx(0)


def test_no_new_compute_above_the_ceiling() -> None:
    """Mesa's PUE is 1.2 all year. Metros, at 1.5, stand under no letter and go on buying."""
    found = optimum(new(pue_ceilings={"h": 1.19}))
    assert found.value("bought", site="mesa") == pytest.approx(0)
    assert found.value("bought", site="metro_coast") == pytest.approx(1)
    assert found.value("unserved") == pytest.approx(10 - found.value("bought") / 2)
    assert found.row("pue_ceiling", site="mesa")["dual"] < 0, "a tolerated MW more costs less"
    assert names_of_rules(found.plan) == {"PUE ceiling for new compute": ["pue_ceiling"]}


def test_tolerated_power_is_rated_power_of_what_is_bought() -> None:
    """0.002 MW are 2 devices."""
    assert optimum(new(pue_ceilings={"h": 1.19}, pue_tolerated_mw=0.002)).value("bought", site="mesa") == pytest.approx(
        2
    )


@pytest.mark.parametrize("ceiling", [1.2, 1.25])
def test_a_cluster_at_or_below_the_ceiling_is_free(ceiling: float) -> None:
    found = optimum(new(pue_ceilings={"h": ceiling}))
    assert "pue_ceiling" not in found.plan.program.constraints
    assert found.objective == pytest.approx(optimum(new()).objective)


def test_seasons_count_by_their_days() -> None:
    """1.1 in spring and autumn, 1.3 in summer and winter: 1.2 on the mean day, by the days of seasons."""
    pue = {"mesa": {season: {"pue": value} for season, value in
                    (("winter", 1.3), ("spring", 1.1), ("summer", 1.3), ("autumn", 1.1))}}  # fmt: skip
    assert "pue_ceiling" in build_rows(new(pue_ceilings={"h": 1.199}).with_(pue=pue))
    assert "pue_ceiling" not in build_rows(new(pue_ceilings={"h": 1.201}).with_(pue=pue))


def build_rows(scenario: ew.Scenario) -> set[str]:
    return set(ew.build(scenario).program.constraints)


# Roles: the cluster alone has devices, 80 of them; 24 PFLOP/s of training and 10 of chat are asked for


def lone_hub(**approval: object) -> Optimum:
    """Training takes 60 of 80 devices at mesa (24 / 0.4), chat would take 20; nothing stands elsewhere."""
    stock = {"base": {site: {"*": {"*": {"devices": 0}}} for site in ("metro_coast", "metro_plateau")}}
    stock["base"]["mesa"] = {"*": {"*": {"devices": 90}}}
    halls = {"mesa": {"hall_dense": {"2020-01-01": {"mw": 0.2}}, "grid": {"2020-01-01": {"mw": 0.3}}}}
    scenario = tiny(**HUB).with_(stock=stock, capacity=halls, supply={"*": {"*": {"mid": 0}}})
    return optimum(
        scenario.with_(regions={"coast": {"hub": "k"}}, hubs={"k": {"name_en": "K", "side": "east"}}).with_(
            approval=approval
        )
    )


def test_a_hub_that_is_not_for_real_time_work_keeps_to_its_share() -> None:
    """chat <= 0.2 (chat + 24) is chat <= 6: 4 of 10 PFLOP/s stay unserved."""
    assert lone_hub().value("unserved") == pytest.approx(0)
    found = lone_hub(roles={"h": "not_real_time"}, real_time_share=0.2)
    assert found.value("serve", task="chat", site="mesa") == pytest.approx(6)
    assert found.value("unserved", task="chat") == pytest.approx(4)
    assert found.row("role", site="mesa", kind="intelligent")["dual"] < 0


def test_no_real_time_work_at_all_by_default() -> None:
    found = lone_hub(roles={"h": "not_real_time"})
    assert found.value("serve", task="chat", site="mesa") == pytest.approx(0)
    assert found.value("serve", task="train", site="mesa") == pytest.approx(24)


def test_work_that_may_wait_two_hours_is_not_real_time() -> None:
    """Chat that may wait 2 h is free to go anywhere, though no slice of 6 h can move it."""
    deferrable = tiny(**HUB).with_(tasks={"chat": {"window_h": 2}}, approval={"roles": {"h": "not_real_time"}})
    assert "role" not in build_rows(deferrable)


def test_a_hub_may_serve_another_hub_in_real_time() -> None:
    """Coast is of hub k, which h may serve: its 7.5 PFLOP/s are served, the plateau's 2.5 are not."""
    found = lone_hub(roles={"h": "not_real_time"}, real_time_for={"h": ["k"]})
    assert found.value("serve", task="chat", region="coast") == pytest.approx(7.5)
    assert found.value("unserved", task="chat", region="plateau") == pytest.approx(2.5)


def test_a_real_time_hub_bars_nothing() -> None:
    assert "role" not in build_rows(tiny(**HUB).with_(approval={"roles": {"h": "real_time"}}))


def test_roles_that_leave_no_plan() -> None:
    scenario = tiny(**HUB).with_(**SMALL).with_(approval={"pue_ceilings": {"h": 1.1}}, demand={"shortage": "forbidden"})
    assert attempt(scenario)[1].status == "infeasible"
    with pytest.raises(ew.NotOptimal) as caught:
        ew.solve(scenario)
    assert "PUE ceiling for new compute" in "\n".join(caught.value.lines)


def test_share_of_real_time_work_is_reported_without_a_rule() -> None:
    """Mesa receives 24 of training; chat stays at the metros, so nothing at the hub is real-time."""
    table = ew.solve(tiny(**HUB), reliefs=0, growth_table=False).table
    row = table[table["quantity"] == "real_time_share"]
    assert row["item"].tolist() == ["h"] and row["kind"].tolist() == ["intelligent"]
    assert row["value"].iloc[0] == pytest.approx(0, abs=1e-9)
