"""Security tiers and sectors: what a tier does to a task, what it costs, and what the shipped tasks say.

`chats` is one region and two sites: its metro (0.8 CNY/kWh) and the cluster mesa elsewhere (0.4). 5 PFLOP/s of chat, of
the sector `office`, are served by 10 devices that draw 1 MW: 7.008 million CNY a year at home, 3.504 at mesa.
"""

from __future__ import annotations

import csv
from typing import Any

import pandas as pd
import pytest
from builder import TINY, optimum
from places import ROOT

import eastwest as ew
from eastwest.errors import InputError
from eastwest.model.data.tiers import with_tiers
from eastwest.results.sectors import by_sector
from eastwest.solving.solve import build

DATA = ROOT / "data"
HOME, AWAY = 7.008, 3.504


def chats(tiers: dict[str, str] | None = None, **changes: Any) -> ew.Scenario:
    alpha = {"rated_w": 100_000, "largest_group_devices": 8, "price_cny": None}
    return ew.load_scenario(TINY).with_(
        name="chats",
        tasks={"train": None, "chat": {"profile": "flat", "value_cny_per_peak_pflops_h": 1000, "sector": "office"}},
        devices={"beta": None, "alpha": alpha | changes.pop("alpha", {}), "idle_power": 0.5, "busy_power_other": 1.0},
        sites={"metro_plateau": None},
        commitments={"*": None},
        demand={"coast": {"chat": {"share": 0.5}}, "plateau": {"chat": {"share": 0}}, "tiers": tiers or {}},
        pue={"*": {"*": {"pue": 1}}},
        capacity={site: {"grid": {"*": {"mw": 5}}, "hall_dense": {"*": {"mw": 5}}} for site in ("metro_coast", "mesa")},
        network={"price_factor": 0, "corridor_limits": False},
        **changes,
    )


@pytest.mark.parametrize(
    ("tier", "cost"),
    [
        ("public", AWAY),
        ("province", HOME),
        ("city", HOME),
        ("government_cloud", HOME),
        ("two_sites_three_centres", HOME + AWAY),
    ],
)
def test_a_tier_costs_what_it_forbids(tier: str, cost: float) -> None:
    """At home instead of away: 3.504 more. Two sites: 10 more devices idle at half of 1 MW, 3.504 more again."""
    assert optimum(chats({"all": tier})).objective == pytest.approx(cost)


def test_the_government_cloud_runs_on_no_foreign_device() -> None:
    """5 PFLOP/s are left at the penalty of 1,000 / 0.5 CNY per delivered PFLOP/s h: 87.6 million."""
    foreign = {"origin": "foreign"}
    assert optimum(chats({"all": "province"}, alpha=foreign)).value("unserved") == pytest.approx(0)
    assert optimum(chats({"all": "government_cloud"}, alpha=foreign)).objective == pytest.approx(87.6)


def test_the_closest_name_counts() -> None:
    assert optimum(chats({"all": "city", "office": "public"})).objective == pytest.approx(AWAY)
    assert optimum(chats({"office": "public", "chat": "city"})).objective == pytest.approx(HOME)
    assert optimum(chats({"all": "public", "office": "province"})).objective == pytest.approx(HOME)


def test_a_stricter_tier_never_costs_less_and_an_open_one_never_more() -> None:
    cost = {tier: optimum(chats({"all": tier})).objective for tier in ("public", "province", "city")}
    assert cost["public"] <= cost["province"] + 1e-9 <= cost["city"] + 2e-9
    strict = {"all": "public", "office": "government_cloud"}
    assert optimum(chats(strict)).objective >= cost["province"] - 1e-9


def test_tables_of_the_scenario_stay_as_given() -> None:
    scenario = chats({"all": "city"})
    assert build(scenario).table("tasks")["residency"].tolist() == ["metro"]
    assert scenario.tables["tasks"]["residency"].tolist() == ["national"]


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match=r"demand\.tiers: received 'ofice'.*office"):
        chats({"ofice": "city"})


def shipped(table: str) -> pd.DataFrame:
    with (DATA / f"{table}.csv").open(encoding="utf-8") as handle:
        frame = pd.DataFrame(csv.DictReader(handle))
    return frame


def test_added_tiers_keep_the_metro_and_leave_general_servers_alone() -> None:
    tasks = shipped("tasks")
    tasks["redundancy"] = tasks["redundancy"].astype(float)
    tasks["foreign_devices_allowed"] = tasks["foreign_devices_allowed"] == "true"
    after = with_tiers(tasks, {"all": "two_sites_three_centres"}).set_index("task")
    assert after.at["finance", "residency"] == "metro"
    assert after.at["interactive_llm_inference", "residency"] == "province"
    assert after.at["interactive_llm_inference", "redundancy"] == 2
    assert after.at["general_cloud_web", "redundancy"] == 1
    assert with_tiers(tasks, {}).drop(columns="redundancy_at_anchor").equals(tasks)
    assert after["redundancy_at_anchor"].tolist() == tasks["redundancy"].tolist()


def test_shipped_tiers_agree_with_residency_and_devices() -> None:
    tasks = shipped("tasks")
    allowed = {
        "public": {"national"},
        "province": {"province"},
        "city": {"metro"},
        "government_cloud": {"province", "metro"},
        "two_sites_three_centres": {"province", "metro"},
    }
    for row in tasks.itertuples():
        assert row.residency in allowed[row.tier], row.task
    cloud = tasks[(tasks["tier"] == "government_cloud") & (tasks["kind"] == "intelligent")]
    assert len(cloud)
    assert set(cloud["foreign_devices_allowed"]) == {"false"}
    two = tasks[(tasks["tier"] == "two_sites_three_centres") & (tasks["kind"] == "intelligent")]
    assert (two["redundancy"].astype(float) >= 2).all()


def test_every_pilot_sector_has_tasks_of_its_own_and_a_part_of_general_work() -> None:
    tasks, shares = shipped("tasks"), shipped("sector_shares")
    sectors = {"government", "manufacturing", "healthcare", "transport", "finance", "energy"}
    assert set(tasks["sector"]) - {""} == sectors == set(shares["sector"])
    assert set(shares["task"]) <= set(tasks.loc[tasks["sector"] == "", "task"])
    assert (shares["share"].astype(float).groupby(shares["task"]).sum() <= 1).all()


def test_figures_by_sector() -> None:
    """All of chat is the office's own: served at mesa in the West, 9 ms away, nothing in its own region."""
    found = ew.solve(chats({"all": "public"}), reliefs=0, growth_table=False).sectors
    assert found["sector"].tolist() == ["office"]
    row = found.iloc[0]
    assert row["sector_demand_pflops"] == row["sector_served_pflops"] == pytest.approx(5)
    assert row["sector_share_in_west"] == pytest.approx(1)
    assert row["sector_share_in_own_region"] == pytest.approx(0)
    assert row["sector_mean_round_trip_ms"] > 5


def test_attributed_figures_share_out_and_are_apart() -> None:
    """train has no sector; a quarter of it is the office's: attributed, beside chat, which is its own."""
    scenario = ew.load_scenario(TINY).with_(
        tasks={"chat": {"sector": "office"}},
        sector_shares={"train": {"office": {"share": 0.25, "source": "invented for tests", "quality": "assumption"}}},
    )
    plan = build(scenario)
    result = ew.solve(scenario, reliefs=0, growth_table=False)
    parts = pd.concat(by_sector(result.table, plan))
    assert set(parts["item"]) == {"office", "public"}
    totals = result.table[result.table["quantity"] == "demand"].groupby("task")["value"].sum()
    assert parts.loc[parts["quantity"] == "sector_demand", "value"].sum() == pytest.approx(totals["chat"])
    assert parts.loc[parts["quantity"] == "attributed_demand", "value"].sum() == pytest.approx(totals["train"] / 4)


def test_no_sector_no_rows() -> None:
    assert by_sector(pd.DataFrame(), build(ew.load_scenario(TINY))) == []
