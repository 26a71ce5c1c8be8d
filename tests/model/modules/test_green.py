"""Green power and carbon; every case starts from `one_place` (8,760 MWh a year, 7.008 million CNY, 0.5 t CO2/MWh); its
20 devices came after the anchor: rated 2 MW, at a mean draw of 0.5 and a PUE of 1 they count for 8,760 MWh too.

A certificate costs 5 CNY/MWh, contracted green power 25 CNY/MWh more than the grid's; the residual mix has 0.6 t/MWh.
"""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from builder import all_year, attempt, costs, cut, one_place, optimum
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import eastwest as ew
from eastwest.analysis.evaluation.evaluate import evaluate
from eastwest.errors import InputError
from eastwest.report.page import page_html
from eastwest.report.terminal.write import print_report
from eastwest.solving.solve import build

COSTS = costs(
    {
        "green_contract_premium_cny_per_mwh": 25,
        "green_certificate_cny_per_mwh": 5,
        "discount_rate_power": 0,
        "discount_rate_system": 0,
        "own_line_million_cny_per_mw": 0,
    }
)
ALL = {"floor_share": 0.8, "floor_sites": "all"}
MWH = 8760
SAID = {"source": "invented for tests", "quality": "assumption"}
OLD = {"stock": {"base": {"*": {"*": {"*": {"devices": 20}}}}}, "commitments": {"*": {"*": {"*": {"devices": 0}}}}}
"""The devices stood at the anchor instead."""


def place(green: dict[str, Any] | None = None, **changes: Any) -> ew.Scenario:
    residual = {"metro_coast": {"residual_co2_kg_per_kwh": 0.6} | changes.pop("site", {})}
    base = one_place(
        costs=COSTS, site_power=residual, stock={"base": {"*": {"*": {"*": {"devices": 0}}}}},
        commitments={"metro_coast": {"alpha": {"2026-12-01": {"devices": 20, **SAID}}}},
    )  # fmt: skip
    return base.with_(green={"mean_draw": 0.5, **(green or {})}, **changes)


def terminal(result: ew.Result) -> str:
    console = Console(width=120, file=StringIO())
    print_report(console, result)
    return console.file.getvalue()  # type: ignore[attr-defined]


def solar(mw: float) -> dict[str, Any]:
    """A plant that stands and gives its capacity all day."""
    plant = {"capex_million_cny_per_mw": 1, "om_million_cny_per_mw_year": 0, "life_years": 20, "lead_months": 6}
    return {
        "renewables": {"coast": {"solar": plant}},
        "renewable_profiles": {"coast": {"solar": all_year(1, 1)}},
        "capacity": {"metro_coast": {"solar": {"2020-01-01": {"mw": mw, "status": "existing"}}}},
        "sources": {"where": "all", "build_limit_share": 0},
    }


def three_years(green: dict[str, Any], **changes: Any) -> ew.Scenario:
    """20 devices of 2025 stand until mid-2030: the same 10 run in 2027, 2028 and 2029."""
    return place(green, years=[2027, 2028, 2029], **changes)


# The floor


def test_certificates_meet_the_floor_at_their_price() -> None:
    """0.8 x 8,760 MWh x 5 CNY = 0.03504 million; the CO2 stays, at the residual 0.6 t/MWh."""
    found = optimum(place({**ALL, "certificates": True, "carbon_price_cny_per_t": 100}))
    assert found.value("certificates") == pytest.approx(0.8 * MWH)
    assert found.cost("certificates") == pytest.approx(0.03504)
    assert found.cost("carbon") == pytest.approx(MWH * 0.6 * 100 / 1e6)


def test_contracts_meet_the_floor_at_their_premium_and_lower_the_carbon() -> None:
    """0.8 x 8,760 MWh x 25 CNY = 0.1752 million; only a fifth of the energy has CO2: 1,752 MWh x 0.6 t x 10 CNY."""
    found = optimum(place({**ALL, "contracts": True, "carbon_price_cny_per_t": 10}))
    assert found.value("contracted") == pytest.approx(0.8 * MWH)
    assert found.cost("contracted") == pytest.approx(0.1752)
    assert found.cost("carbon") == pytest.approx(0.2 * MWH * 0.6 * 10 / 1e6)
    assert found.row("green_floor")["dual"] == pytest.approx((25 - 0.6 * 10) / 1e6)


def test_the_cheaper_of_the_two_is_taken() -> None:
    """Certificates at 5; with CO2 at 40 CNY/t contracts save 24 of their 25 and cost 1."""
    both = {**ALL, "contracts": True, "certificates": True}
    cheap, clean = optimum(place(both)), optimum(place({**both, "carbon_price_cny_per_t": 40}))
    assert (cheap.value("certificates"), cheap.value("contracted")) == (pytest.approx(7008), pytest.approx(0, abs=1e-6))
    assert (clean.value("certificates"), clean.value("contracted")) == (pytest.approx(0, abs=1e-6), pytest.approx(7008))


def test_contracts_beyond_the_floor_where_carbon_is_dear() -> None:
    """At 50 CNY/t a contract saves 30 and costs 25: all 8,760 MWh, 0.219 million, no CO2."""
    found = optimum(place({"contracts": True, "carbon_price_cny_per_t": 50}))
    assert found.value("contracted") == pytest.approx(MWH)
    assert found.objective == pytest.approx(7.008 + 0.219)


def test_the_limit_on_contracts_binds() -> None:
    """Half of the grid's energy: the floor of 80 % takes 30 % in certificates."""
    both = {**ALL, "contracts": True, "certificates": True, "contract_limit_share": 0.5, "carbon_price_cny_per_t": 50}
    found = optimum(place(both))
    assert found.value("contracted") == pytest.approx(0.5 * MWH)
    assert found.value("certificates") == pytest.approx(0.3 * MWH)
    assert found.row("contract")["slack"] == pytest.approx(0, abs=1e-6)
    assert found.row("contract")["dual"] == pytest.approx(-(30 - 25 + 5) / 1e6)


def test_a_limit_below_the_floor_leaves_no_plan() -> None:
    """Contracts of at most half of what is drawn, at most 1.5 MW with all devices on: 6,570 of 7,008 MWh. What is
    signed for stands, so no plan holds the floor, and the message names it."""
    half = place({**ALL, "contracts": True, "contract_limit_share": 0.5})
    assert attempt(half)[1].status == "infeasible"
    with pytest.raises(ew.NotOptimal) as caught:
        ew.solve(half)
    assert any("floor on green power" in line for line in caught.value.lines)


def test_what_stood_at_the_anchor_asks_for_nothing() -> None:
    assert optimum(place({**ALL, "certificates": True}, **OLD)).value("certificates") == pytest.approx(0, abs=1e-9)


def test_what_is_bought_counts() -> None:
    """Nothing stands: 10 devices are bought for 5 PFLOP/s, 1 MW rated, 0.5 MW drawn: 0.8 x 4,380 MWh."""
    nothing = {"commitments": {"*": {"*": {"*": {"devices": 0}}}}}
    found = optimum(place({**ALL, "certificates": True}, supply={"*": {"*": {"mid": 100}}}, **nothing))
    assert found.value("bought") == pytest.approx(10)
    assert found.value("certificates") == pytest.approx(0.8 * MWH / 2)


def test_the_part_of_the_year_in_use_counts() -> None:
    """In service from 1 July 2027: 184 of 365 days."""
    late = {
        "commitments": {"metro_coast": {"alpha": {"2026-12-01": {"devices": 0}, "2027-07-01": {"devices": 20, **SAID}}}}
    }
    found = optimum(place({**ALL, "certificates": True}, **late))
    assert found.value("certificates") == pytest.approx(0.8 * MWH * 184 / 365)


@pytest.mark.parametrize(("draw", "pue"), [(0.25, 1.0), (0.5, 1.3), (1.0, 1.0)])
def test_the_draw_and_the_pue_of_new_compute(draw: float, pue: float) -> None:
    """0.8 x 2 MW x mean draw x PUE x 8,760 h, whatever the meter says."""
    found = optimum(place({**ALL, "certificates": True, "mean_draw": draw}, pue={"*": {"*": {"pue": pue}}}))
    assert found.value("certificates") == pytest.approx(0.8 * 2 * draw * pue * MWH)


def test_a_region_supplies_so_much_and_more_each_year() -> None:
    """5,000 MWh in 2025 and 10 % a year more: 730 days later 6,049.3. With CO2 at 50 CNY/t a contract saves 30 and
    costs 25, and spares a certificate of 5: one MWh more is worth 10 CNY."""
    supply = {"coast": {"mwh": 5000, "year": 2025, "growth_per_year": 0.1, **SAID}}
    both = {**ALL, "contracts": True, "certificates": True, "carbon_price_cny_per_t": 50}
    found = optimum(place(both, green_supply=supply))
    assert found.value("contracted") == pytest.approx(5000 * 1.1 ** (730 / 365.25))
    assert found.value("certificates") == pytest.approx(0.8 * MWH - found.value("contracted"))
    assert found.row("green_supply", region="coast", year=2027)["dual"] == pytest.approx(-10e-6)


SUN = {"renewable_profiles": {"coast": {"solar": all_year(0, 0.5)}}, "time": cut(8)}


def test_green_power_that_matches_by_the_hour() -> None:
    """The sun shines after noon: contracts for 4,380 MWh give 1 MW then, which is half of what new compute takes."""
    found = optimum(place({**ALL, "floor_share": 0.5, "contracts": True, "match": "hour"}, **SUN))
    assert found.value("contracted") == pytest.approx(4380)
    hours = found.table("green_matched").set_index("slice")["value"]
    assert [value for name, value in hours.items() if name.endswith("-12")] == pytest.approx([1] * 4)
    assert [value for name, value in hours.items() if name.endswith("-00")] == pytest.approx([0] * 4, abs=1e-9)


def test_more_than_the_sunny_hours_cannot_be_matched() -> None:
    """60 % over the year are 5,256 MWh of contracts; by the hour half is the most, and certificates do not count."""
    more = {**ALL, "floor_share": 0.6, "contracts": True, "certificates": True}
    year = optimum(place({**more, "certificates": False}, **SUN))
    assert year.value("contracted") == pytest.approx(0.6 * MWH)
    assert attempt(place({**more, "match": "hour"}, **SUN))[1].status == "infeasible"


@pytest.mark.parametrize("match", ["year", "hour"])
def test_a_floor_is_dispatched_at_its_price(match: str) -> None:
    """Ten days by the hour of a plan with own sun, contracts and a floor: nothing is shed, all sun is used."""
    green = {**ALL, "floor_share": 0.6, "contracts": True, "match": match}
    steady = solar(0.5) | {"renewable_profiles": {"coast": {"solar": all_year(1, 1)}}}
    result = ew.solve(place(green, **steady), reliefs=0, growth_table=False)
    found = evaluate(result, 2027, hours=240, processes=1).comparison.set_index("quantity")
    assert found.loc["penalty of shed", "evaluated"] == pytest.approx(0, abs=1e-6)
    assert found.loc["own electricity", "evaluated"] == pytest.approx(0.12, rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(share=st.floats(0, 0.5), less=st.floats(0, 1), draw=st.floats(0, 1))
def test_a_looser_floor_never_costs_more(share: float, less: float, draw: float) -> None:
    """Nor does a floor over the year cost more than the same floor by the hour, or a lower mean draw."""
    green = {**ALL, "contracts": True, "mean_draw": draw * 0.5}
    base = optimum(place({**green, "floor_share": share, "match": "hour"}, **SUN)).objective
    for looser in ({"floor_share": share * less, "match": "hour"}, {"floor_share": share},
                   {"floor_share": share, "match": "hour", "mean_draw": draw * 0.5 * less}):  # fmt: skip
        assert optimum(place({**green, **looser}, **SUN)).objective <= base + 1e-7 * (1 + base)


def test_own_plants_count_and_come_first() -> None:
    """0.5 MW of sun all day: 4,380 MWh of own power; certificates for 0.8 x 8,760 - 4,380 = 2,628 MWh."""
    found = optimum(place({**ALL, "certificates": True}, **solar(0.5)))
    assert found.value("certificates") == pytest.approx(2628)
    assert found.objective == pytest.approx(3.504 + 2628 * 5 / 1e6)


def test_the_counted_grid_mix() -> None:
    """30 % of the grid's energy counts by itself: certificates for half of 8,760 MWh."""
    found = optimum(place({**ALL, "certificates": True, "grid_mix_share": 0.3}))
    assert found.value("certificates") == pytest.approx(0.5 * MWH)


def test_the_floor_holds_for_clusters_unless_for_all() -> None:
    """A metro has no row by default; the same place as a cluster has."""
    floor = {"floor_share": 0.8, "certificates": True}
    assert "green_floor" not in build(place(floor)).program.constraints
    cluster = optimum(place(floor, sites={"metro_coast": {"kind": "cluster"}}))
    assert cluster.value("certificates") == pytest.approx(7008)


def test_the_floor_of_hubs_holds_for_their_metros_too() -> None:
    """A metro that counts for a hub has a row; one that counts for none has not."""
    floor = {"floor_share": 0.8, "floor_sites": "hubs", "certificates": True}
    assert "green_floor" not in build(place(floor)).program.constraints
    hub = {"hubs": {"h": {"name_en": "Hub", "side": "east"}}, "sites": {"metro_coast": {"hub": "h"}}}
    assert optimum(place(floor, **hub)).value("certificates") == pytest.approx(7008)


def test_the_floor_is_met_each_year_by_itself() -> None:
    """0.03504 million in each of three years, at 0 %."""
    found = optimum(three_years({**ALL, "certificates": True}))
    assert found.table("certificates")["value"].tolist() == pytest.approx([7008] * 3)
    assert found.cost("certificates") == pytest.approx(3 * 0.03504)


def test_a_floor_without_any_means_of_meeting_it_is_named() -> None:
    """Neither own plants nor contracts nor certificates, and 20 devices are signed for."""
    with pytest.raises(InputError, match="asks for green power at 'metro_coast' in 2027"):
        build(place(ALL))


# Carbon


@pytest.mark.parametrize(
    ("green", "factor"),
    [({}, 0.5), ({"certificates": True}, 0.5), ({"contracts": True}, 0.6), ({**ALL, "certificates": True}, 0.6)],
    ids=["nothing claimed", "certificates alone", "contracts", "floor"],
)
def test_the_residual_mix_counts_where_green_power_is_claimed(green: dict[str, Any], factor: float) -> None:
    """8,760 MWh x 0.5 or 0.6 t x 10 CNY (contracts at 25 are not worth 6)."""
    found = optimum(place({**green, "carbon_price_cny_per_t": 10}))
    assert found.cost("carbon") == pytest.approx(MWH * factor * 10 / 1e6)


def test_a_site_without_a_residual_mix_has_its_own() -> None:
    found = optimum(one_place(costs=COSTS, green={"contracts": True, "carbon_price_cny_per_t": 10}))
    assert found.cost("carbon") == pytest.approx(MWH * 0.5 * 10 / 1e6)


def test_grid_carbon_changes_from_2023_on() -> None:
    """-10 % a year: 0.5 x 0.9^4, 0.9^5, 0.9^6 in 2027, 2028, 2029, at 100 CNY/t and 0 %."""
    found = optimum(three_years({"grid_carbon_change_per_year": -0.1, "carbon_price_cny_per_t": 100}))
    tonnes = [MWH * 0.5 * 0.9**n for n in (4, 5, 6)]
    assert found.cost("carbon") == pytest.approx(sum(tonnes) * 100 / 1e6)


def test_a_cap_by_year_holds_in_its_years_alone() -> None:
    """4,380 t a year; 2,190 t in 2028 alone leave half of its work, 2.5 PFLOP/s, undone."""
    found = optimum(three_years({"carbon_cap_t": {2028: 2190}}))
    assert [found.value("unserved", year=year) for year in (2027, 2028, 2029)] == pytest.approx([0, 2.5, 0], abs=1e-9)
    assert found.solution.constraints("carbon")["year"].tolist() == [2028]


def test_one_cap_holds_in_every_year() -> None:
    found = optimum(three_years({"carbon_cap_t": 2190}))
    assert [found.value("unserved", year=year) for year in (2027, 2028, 2029)] == pytest.approx([2.5] * 3)


def test_contracts_meet_a_cap() -> None:
    """8,760 MWh x 0.6 t = 5,256 t; a cap of 2,190 t asks for (5,256 - 2,190) / 0.6 = 5,110 MWh at 25 CNY; the dual is
    25 / 0.6 CNY/t."""
    found = optimum(place({"contracts": True, "carbon_cap_t": 2190}))
    assert found.value("contracted") == pytest.approx(5110)
    assert found.objective == pytest.approx(7.008 + 5110 * 25 / 1e6)
    assert found.row("carbon")["dual"] == pytest.approx(-25 / 0.6 / 1e6)


def test_certificates_do_not_meet_a_cap() -> None:
    found = optimum(place({"certificates": True, "carbon_cap_t": 2190}))
    assert found.value("certificates") == pytest.approx(0, abs=1e-9)
    assert found.value("unserved") == pytest.approx(2.5)


def test_own_plants_meet_a_cap() -> None:
    """0.5 MW all day: 4,380 MWh from the grid x 0.5 t = 2,190 t."""
    assert optimum(place({"carbon_cap_t": 2190}, **solar(0.5))).value("unserved") == pytest.approx(0, abs=1e-9)


# The report and bad data


def test_report_by_hand() -> None:
    """Contracts for 80 %: 1,752 MWh x 0.6 t = 1,051.2 t, green share 0.8 at the site and in the country."""
    table = ew.solve(place({**ALL, "contracts": True}), reliefs=0, growth_table=False).table
    by = table[table["item"] != "national"].drop_duplicates("quantity").set_index("quantity")["value"]
    assert (by["carbon"], by["green_share"], by["contracted"]) == pytest.approx((1051.2, 0.8, 7008))
    national = table[(table["quantity"] == "green_share") & (table["item"] == "national")]["value"]
    assert national.tolist() == pytest.approx([0.8])
    assert (by["green_claimed"], by["electricity_of_new_compute"]) == pytest.approx((7008, MWH))


def test_no_share_is_told_where_nothing_green_can_be_chosen() -> None:
    """Not 0 %: headline, section and targets say that it is not modelled; contracts that nobody takes are 0 %."""
    plain = ew.solve(place(), reliefs=0, growth_table=False)
    assert not plain.table["quantity"].isin(["green_share", "green_claimed"]).any()
    assert "green_share" not in set(plain.table.loc[plain.table["quantity"] == "headline", "item"])
    for text in (terminal(plain), page_html(plain)):
        assert "not modelled" in text
    (line,) = [row for row in plain._repr_html_().split("<tr") if "Green power, share" in row]
    assert "not modelled" in line and "0 %" not in line
    chosen = ew.solve(place({"contracts": True}), reliefs=0, growth_table=False)
    shares = chosen.table[(chosen.table["quantity"] == "headline") & (chosen.table["item"] == "green_share")]
    assert shares["value"].tolist() == pytest.approx([0])
    assert "Green power is not modelled" not in page_html(chosen)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"green": {"floor_share": 1.2}}, "green.floor_share"),
        ({"green": {"floor_sites": "east"}}, "green.floor_sites"),
        ({"green": {"contract_limit_share": -0.1}}, "green.contract_limit_share"),
        ({"green": {"mean_draw": 1.1}}, "green.mean_draw"),
        ({"green": {**ALL, "contracts": True, "match": "hour"}}, "green.match.*metro_coast.*renewable_profiles.*coast"),
        ({"green_supply": {"shore": {"mwh": 1, "year": 2025, "growth_per_year": 0, **SAID}}}, "shore"),
        ({"green": {"carbon_cap_t": {2031: 5}}}, "received the year 2031, expected one of the planning years 2027"),
        ({"green": {"carbon_cap_t": {2027: -5}}}, "green.carbon_cap_t"),
        ({"green": {"grid_carbon_change_per_year": -1}}, "green.grid_carbon_change_per_year"),
        ({"site": {"residual_co2_kg_per_kwh": -0.1}}, "residual_co2_kg_per_kwh"),
    ],
)
def test_bad_data_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        place(**changes)


def test_a_lacking_price_is_named_where_it_is_needed() -> None:
    """Contracts need their premium; a plan without contracts does not."""
    lacking = place().with_(costs={"green_contract_premium_cny_per_mwh": None})
    build(lacking)
    with pytest.raises(InputError, match="green_contract_premium_cny_per_mwh"):
        build(lacking.with_(green={"contracts": True}))
