"""Charts: their figures are those of the results table, their axes have units, and hostile names do them no harm.

Every figure that is drawn is computed again from the results table with plain pandas, without `gather`.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
import synthetic
from builder import HUB, cut, tiny

import eastwest as ew
from eastwest.errors import InputError
from eastwest.formatting.colours import COSTS, KINDS, PALETTE, Colours
from eastwest.formatting.language import Language
from eastwest.formatting.words import limit_words
from eastwest.report.plot import capacity, cost, dispatch, flows, latency, order, prices, style, supply, utilisation
from eastwest.report.plot.chart import Chart, Subject
from eastwest.results.result import Result
from eastwest.scenario import load_scenario

SUPPLY = {
    "alpha_group": {
        str(year): {"origin": "domestic", "low": 0, "mid": units, "high": 0, "buyable": True}
        for year, units in ((2027, 40), (2028, 30))
    }
}


@pytest.fixture(scope="module")
def grown() -> Result:
    """Two years of the tiny country in which devices are bought, halls bind and work stays unserved."""
    scenario = tiny(
        **HUB,
        years=[2027, 2028],
        time=cut(8),
        finance={"discount_rate": 0.05},
        supply=SUPPLY,
        capacity={"*": {"hall_dense": {"*": {"mw": {"scale": 0.5}}}, "grid": {"*": {"mw": {"scale": 0.5}}}}},
        tasks={"*": {"growth_mid_per_year": 1.5}},
        site_power={"*": {"demand_charge_cny_per_kw_month": 40}},
    )
    return ew.solve(scenario, reliefs=5, growth_table=False)


def subject_of(result: Result, language: str = "en") -> Subject:
    return Subject(result.table, result.scenario, Language(language))


CHARTS: dict[str, Callable[[Subject], Chart]] = {
    "utilisation by device": utilisation.by_device,
    "utilisation by hour": utilisation.by_hour,
    "utilisation by limit": utilisation.by_limit,
    "cost by category": cost.by_category,
    "cost by site": cost.by_site,
    "cost by device": cost.by_device,
    "flows by region": flows.by_region,
    "flows by hub": flows.by_hub,
    "dispatch": lambda subject: dispatch.of_site(subject, "mesa"),
    "capacity, compute": capacity.compute,
    "capacity, power": capacity.power,
    "capacity of a year": lambda subject: capacity.compute(subject, subject.years[0]),
    "prices by limit": prices.by_limit,
    "prices by task": prices.by_task,
    "latency": latency.by_task,
    "supply": supply.by_device,
}
EVERY = pytest.mark.parametrize("name", CHARTS)


def rows(result: Result, quantity: str, **labels: object) -> pd.DataFrame:
    """Rows of the results table."""
    table = result.table[result.table["quantity"] == quantity]
    for label, value in labels.items():
        table = table[table[label] == value]
    return table


def total(result: Result, quantity: str, **labels: object) -> float:
    return float(rows(result, quantity, **labels)["value"].sum())


def labelled(trace: Any, name: str, value: str) -> dict[str, float]:
    """Names of a trace's axis -> its values, without gaps."""
    pairs = zip(trace[name], trace[value], strict=True)
    return {key: number for key, number in pairs if number is not None}


def cells(figure: go.Figure) -> dict[tuple[str, str], float]:
    """(row, column) -> value of a heat map, without gaps."""
    drawn = figure.data[0]
    found = {}
    for y, line in zip(drawn.y, drawn.z, strict=True):
        for x, value in zip(drawn.x, line, strict=True):
            if value is not None:
                found[y, x] = value
    return found


# Figures equal those of the results table


def test_utilisation_by_device(grown: Result) -> None:
    for year in (2027, 2028):
        expected = {}
        for row in rows(grown, "utilisation", year=year, item="device").itertuples():
            expected[row.site, row.device] = row.value
        names = {"mesa": "Mesa", "metro_coast": "Coast metro", "metro_plateau": "Plateau metro"}
        devices = dict(grown.scenario.tables["devices"][["device", "name_en"]].itertuples(index=False))
        drawn = grown.plot.utilisation(year)
        assert cells(drawn) == {(names[site], devices[device]): value for (site, device), value in expected.items()}
        assert len(expected) > 2


def test_what_is_installed_but_not_energised_is_no_gap_and_no_zero() -> None:
    base = synthetic.result()
    table = base.table[~base.table["quantity"].isin(["utilisation", "utilisation_peak"])]
    dark = pd.DataFrame([{"quantity": "installed", "unit": "devices", "value": 7.0, "year": 2027}])
    dark = dark.assign(site="metro_r1", device="card", kind="intelligent")
    lit = base.table[base.table["quantity"].isin(["utilisation"])]
    drawn = replace(base, table=pd.concat([table, dark, lit])).plot.utilisation()
    assert [list(line) for line in drawn.data[0].z] == [[0.8], [None]]
    crosses = drawn.data[1]
    assert (crosses.x, crosses.y, crosses.customdata) == (("Card 9",), ("Beijing metro",), (7.0,))


def test_utilisation_by_hour(grown: Result) -> None:
    loads = rows(grown, "grid_load", year=2028, site="mesa").set_index("slice")["value"]
    connection = total(grown, "capacity", year=2028, site="mesa", item="grid")
    drawn = grown.plot.utilisation(2028, by="hour").data[0]
    mesa = drawn.y.index("Mesa")
    assert drawn.x[:3] == ("winter 00:00", "winter 12:00", "spring 00:00") and len(drawn.x) == 8
    expected = [loads[name] for name in ("winter-00", "winter-12", "spring-00")]
    assert list(drawn.customdata[mesa][:3]) == expected
    assert list(drawn.z[mesa][:3]) == pytest.approx([load / connection for load in expected], rel=1e-12)


def test_a_year_of_hours_shows_the_busiest_days(grown: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(utilisation, "MOST_SLICES", 4)
    loads = rows(grown, "grid_load").assign(season=lambda t: t["slice"].str[:-3])
    national = loads.groupby(["year", "slice", "season"])["value"].sum().groupby("season").max()
    two = set(national.sort_values(ascending=False).index[:2])
    chart = utilisation.by_hour(subject_of(grown))
    assert {name[:-6] for name in chart.figure(2028).data[0].x} == two
    assert "highest load" in chart.caption


def test_utilisation_by_limit(grown: Result) -> None:
    found = cells(grown.plot.utilisation(2027, by="limit"))
    mean = rows(grown, "utilisation", year=2027, site="mesa").set_index("item")["value"]
    peak = rows(grown, "utilisation_peak", year=2027, site="mesa", item="grid")["value"].iloc[0]
    used, capacity = (
        rows(grown, name, year=2027, site="mesa").set_index("item")["value"] for name in ("used", "capacity")
    )
    assert found["Mesa", "grid connection<br>drawn, mean"] == mean["grid"]
    assert found["Mesa", "grid connection<br>drawn, peak"] == peak
    assert found["Mesa", "grid connection<br>taken"] == used["grid"] / capacity["grid"]
    assert found["Mesa", "dense hall"] == pytest.approx(mean["hall_dense"], rel=1e-8)


def test_cost_by_category(grown: Result) -> None:
    spent = rows(grown, "cost").groupby(["item", "year"])["value"].sum()
    drawn = {trace.name: labelled(trace, "x", "y") for trace in grown.plot.cost().data}
    assert "unserved" in drawn
    for item in ("energy", "devices", "unserved", "network"):
        expected = {str(year): value for year, value in spent[item].items()}
        assert drawn[item] == pytest.approx(expected, rel=1e-12), item
    sums = pd.DataFrame(drawn).fillna(0.0).sum(axis=1)
    assert sums["2028"] == pytest.approx(total(grown, "cost", year=2028), rel=1e-5)
    hatched = {trace.name for trace in grown.plot.cost().data if trace.marker.pattern.shape}
    assert hatched == {"unserved"} and grown.plot.cost().data[-1].name == "unserved"


def test_cost_of_one_year_has_a_bar_for_each_category() -> None:
    drawn = synthetic.result().plot.cost().data
    assert len(drawn) == 1
    assert labelled(drawn[0], "y", "x") == {"energy": 20.0, "unserved": 3.0}
    assert tuple(drawn[0].marker.pattern.shape) == ("", "/")


def test_money_between_users_and_others_is_no_cost() -> None:
    base = synthetic.result()
    paid = {"quantity": "cost", "unit": "million CNY", "year": 2027, "site": "guian", "value": -9.0, "item": "vouchers"}
    result = replace(base, table=pd.concat([base.table, pd.DataFrame([paid])]))
    for by in ("category", "site"):
        assert result.plot.cost(by=by).to_json() == base.plot.cost(by=by).to_json()


def test_cost_by_site(grown: Result) -> None:
    drawn = {trace.name: labelled(trace, "y", "x") for trace in grown.plot.cost(2028, by="site").data}
    assert drawn["energy"]["Mesa"] == pytest.approx(total(grown, "cost", year=2028, site="mesa", item="energy"))
    by_site = rows(grown, "cost", year=2028).groupby("site")["value"].sum().drop("")
    for site, name in (("mesa", "Mesa"), ("metro_coast", "Coast metro")):
        assert sum(bars.get(name, 0.0) for bars in drawn.values()) == pytest.approx(by_site[site], rel=1e-5)


def test_small_sites_are_drawn_together_and_listed_apart(grown: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "MOST_SITES", 1)
    chart = cost.by_site(subject_of(grown))
    by_site = rows(grown, "cost", year=2028).groupby("site")["value"].sum().drop("").sort_values()
    others = [labelled(trace, "y", "x").get("other sites (2)", 0.0) for trace in chart.figure(2028).data]
    assert sum(others) == pytest.approx(by_site.iloc[:2].sum(), rel=1e-5)
    listed = chart.dataset.rows(year=2028).groupby("site")["cost"].sum()
    assert listed.drop("").to_dict() == pytest.approx(by_site.to_dict(), rel=1e-12)


def test_cost_by_device(grown: Result) -> None:
    spent = rows(grown, "cost", year=2028, item="devices").groupby("device")["value"].sum()
    spent = spent[spent != 0]
    bars = grown.plot.cost(2028, by="device").data[0]
    assert list(bars.x) == sorted(spent, reverse=True) and len(spent)


def test_flows_by_region(grown: Result) -> None:
    served = rows(grown, "served", year=2027, kind="intelligent").copy()
    sites = grown.scenario.tables["sites"].set_index("site")
    names = dict(grown.scenario.tables["regions"][["region", "name_en"]].itertuples(index=False))
    expected: dict[tuple[str, str], float] = {}
    for row in served.itertuples():
        hub = sites["hub"].get(row.site)
        outside = "Hub" if isinstance(hub, str) else "outside hubs"
        place = "own province" if sites["region"][row.site] == row.region else outside
        key = names[row.region], place
        expected[key] = expected.get(key, 0.0) + row.value
    drawn = grown.plot.flows(2027, by="region").data[0]
    found = {
        (y, x): value
        for y, line in zip(drawn.y, drawn.customdata, strict=True)
        for x, value in zip(drawn.x, line, strict=True)
        if value is not None
    }
    assert found == pytest.approx({key: value for key, value in expected.items() if value > 0}, rel=1e-12)
    colours = cells(grown.plot.flows(2027, by="region"))
    assert {key: 10**value for key, value in colours.items()} == pytest.approx(found, rel=1e-9)


def test_flows_by_hub(grown: Result) -> None:
    links = grown.plot.flows(2027).data[0].link
    assert sum(links.value) == pytest.approx(total(grown, "served", year=2027, kind="intelligent"), rel=1e-12)
    labels = grown.plot.flows(2027).data[0].node.label
    into = sum(value for value, end in zip(links.value, links.target, strict=True) if labels[end] == "Hub")
    assert into == pytest.approx(total(grown, "served", year=2027, site="mesa"), rel=1e-12)


def test_kinds_are_never_added() -> None:
    """Guizhou's sites serve 60 PFLOP/s of chat (intelligent) and 20 of web (general)."""
    result = synthetic.result()
    assert sorted(result.plot.flows(kind="intelligent").data[0].link.value) == [30.0, 60.0]
    assert list(result.plot.flows(kind="general").data[0].link.value) == [20.0]
    panels = synthetic.two_years().plot.capacity()
    assert len({trace.xaxis for trace in panels.data}) == len({note.text for note in panels.layout.annotations})


def test_dispatch(grown: Result) -> None:
    drawn = {trace.name: trace for trace in grown.plot.dispatch("mesa", year=2028).data}
    slices = ("winter-00", "winter-12", "spring-00")
    for name, quantity in (
        ("Grid load", "grid_load"), ("IT load", "it_load"), ("Price of energy [CNY/MWh]", "energy_price"),
    ):  # fmt: skip
        values = rows(grown, quantity, year=2028, site="mesa").set_index("slice")["value"]
        assert list(drawn[name].y[:3]) == [values[one] for one in slices], name
    grid = total(grown, "capacity", year=2028, site="mesa", item="grid")
    assert set(drawn["Grid connection"].y) == {grid}
    assert drawn["Price of energy [CNY/MWh]"].yaxis == "y2"
    one = grown.plot.dispatch("mesa", "summer", 2027).data[0]
    loads = rows(grown, "grid_load", year=2027, site="mesa").set_index("slice")["value"]
    assert labelled(one, "x", "y") == {"00:00": loads["summer-00"], "12:00": loads["summer-12"]}


def test_dispatch_with_own_plants_and_a_battery() -> None:
    """What supplies the site stands above zero, what charges its battery below."""
    base, place = synthetic.result(), {"year": 2027, "site": "guian", "unit": "MW"}
    figures = [
        ("grid_load", "", (5.0, 6.0)), ("it_load", "", (4.0, 4.0)), ("own_output", "wind", (1.5, 0.5)),
        ("own_output", "solar", (0.0, 2.0)), ("charge", "", (0.0, 3.0)), ("discharge", "", (2.5, 0.0)),
    ]  # fmt: skip
    more = pd.DataFrame(
        {"quantity": quantity, "item": item, "slice": name, "value": value, **place}
        for quantity, item, values in figures
        for name, value in zip(("winter-00", "winter-12"), values, strict=True)
    )
    result = replace(base, table=pd.concat([base.table, more]))
    drawn = {trace.name: trace.y for trace in result.plot.dispatch("guian").data}
    assert drawn["own wind"] == (1.5, 0.5) and drawn["own solar"] == (0.0, 2.0)
    assert drawn["Battery discharge"] == (2.5, 0.0) and drawn["Battery charge"] == (0.0, -3.0)
    assert drawn["Grid connection"] == (50.0, 50.0)


def test_capacity(grown: Result) -> None:
    drawn = {trace.name: labelled(trace, "x", "y") for trace in grown.plot.capacity().data}
    measures = {"Installed": "installed_peak", "Energised": "energised_peak", "Bought in the year": "bought_peak"}
    for name, quantity in measures.items():
        expected = {str(year): total(grown, quantity, year=year, kind="intelligent") for year in (2027, 2028)}
        assert drawn[name] == pytest.approx(expected, rel=1e-12), name
    assert drawn["Bought in the year"]["2028"] > 0
    one = {trace.name: labelled(trace, "x", "y") for trace in grown.plot.capacity(2027).data}
    assert one["Installed"] == {"2027": drawn["Installed"]["2027"]}


def test_capacity_in_power(grown: Result) -> None:
    drawn = grown.plot.capacity(by="power").data
    items = [item for item in ("grid", "hall_dense", "hall_standard") if len(rows(grown, "capacity", item=item))]
    pairs = list(itertools.product(items, ("capacity", "used")))
    assert len(drawn) == len(pairs) >= 4
    for trace, (item, quantity) in zip(drawn, pairs, strict=True):
        expected = rows(grown, quantity, item=item).groupby("year")["value"].sum()
        assert labelled(trace, "x", "y") == {str(year): pytest.approx(value) for year, value in expected.items()}


def test_prices_by_limit(grown: Result) -> None:
    """Devices come by the thousand; the largest saving stands first, savings of nothing are left out."""
    steps = {"devices": 1000.0, "MW": 1.0, "month": 1.0}
    reliefs = rows(grown, "relief")
    savings = reliefs["value"] * reliefs["unit"].str.removeprefix("million CNY/").map(steps)
    expected = sorted((saving for saving in savings if saving > 0), reverse=True)
    bars = grown.plot.prices().data[0]
    assert list(bars.x) == pytest.approx(expected, rel=1e-12) and expected
    two = synthetic.result().plot.prices().data[0]
    steps_of_two = {"accelerator supply, Card 9 (+1,000 devices)": 50.0, "grid connection, Gui'an (+1 MW)": 3.1}
    assert labelled(two, "y", "x") == steps_of_two


def test_prices_by_task(grown: Result) -> None:
    found = prices.by_task(subject_of(grown)).dataset
    duals = rows(grown, "shadow_price", year=2027, item="demand").groupby("task")["value"]
    assert found.rows(year=2027).set_index("task")["most"].to_dict() == duals.max().to_dict()
    assert found.rows(year=2027).set_index("task")["least"].to_dict() == duals.min().to_dict()
    dots = [trace for trace in grown.plot.prices(2027, by="task").data if trace.mode == "markers"]
    assert sorted(itertools.chain(*(dot.x for dot in dots))) == sorted([*duals.max(), *duals.min()])


def percentile(pairs: list[tuple[float, float]], share: float) -> float:
    """The smallest value up to which a share of the weight lies; pairs of value and weight."""
    weight = share * sum(part for _, part in pairs)
    for value, part in sorted(pairs):
        weight -= part
        if weight <= 1e-9:
            return value
    raise AssertionError("no weight")


def test_latency(grown: Result) -> None:
    keys = ["region", "task", "site"]
    trips = rows(grown, "served_round_trip_ms", year=2027).set_index(keys)["value"]
    work = rows(grown, "served", year=2027).set_index(keys)["value"]
    drawn = {trace.name: trace for trace in grown.plot.latency(2027).data}
    tasks = grown.scenario.tables["tasks"].set_index("task")
    for task in work.groupby("task").sum().index:
        name = next(y for y in drawn["median"].y if y.startswith(tasks["name_en"][task]))
        pairs = [(trips[key], work[key]) for key in work.index if key[1] == task and work[key] > 0]
        at = {key: labelled(trace, "y", "x").get(name) for key, trace in drawn.items() if trace.mode == "markers"}
        assert at["median"] == percentile(pairs, 0.5)
        assert at["5th percentile"] == percentile(pairs, 0.05) and at["95th percentile"] == percentile(pairs, 0.95)
        assert at["longest"] == max(trip for trip, _ in pairs)
        assert at["mean"] == pytest.approx(sum(a * b for a, b in pairs) / sum(b for _, b in pairs), rel=1e-6)
        assert at["limit (SLA)"] == tasks["round_trip_limit_ms"][task]
        assert at["longest"] <= at["limit (SLA)"]


def test_latency_marks_the_limit_that_the_run_had() -> None:
    """A run that allows 5 ms more is drawn with 5 ms more, and says so."""
    result = ew.solve(tiny(latency={"extra_sla_ms": 5}), reliefs=0, growth_table=False)
    chart = latency.by_task(subject_of(result))
    limits = next(trace for trace in chart.figure().data if trace.name == "limit (SLA)").x
    assert sorted(limits) == sorted(chart.dataset.frame["limit"] + 5) and "5 ms more" in chart.caption


def test_supply(grown: Result) -> None:
    """40 and 30 units can be delivered; tiny's map takes units as devices and energises all of them."""
    allowed = {2027: 40.0, 2028: 30.0}
    frame = supply.by_device(subject_of(grown)).dataset.frame.set_index("year")
    assert frame["deliverable"].to_dict() == allowed
    assert frame["bought"].to_dict() == {year: total(grown, "bought", year=year) for year in allowed}
    used = grown.plot.supply(2028).data[1]
    assert list(used.x) == [pytest.approx(total(grown, "bought", year=2028) / 30)]
    assert 0 < used.x[0] < 1


def test_supply_of_a_run_that_was_stored_without_its_limits(grown: Result) -> None:
    older = replace(grown, table=grown.table[grown.table["quantity"] != "deliverable"])
    assert older.plot.supply(2027).to_json() == grown.plot.supply(2027).to_json()


# What every chart has to be


@EVERY
def test_figures_exist_for_every_year_and_are_the_same_again(grown: Result, name: str) -> None:
    chart, again = (CHARTS[name](subject_of(grown)) for _ in range(2))
    assert set(chart.figures) in ({0}, {2027, 2028})
    for year in (2027, 2028):
        assert chart.figure(year).to_json() == again.figure(year).to_json()
    assert chart.title and chart.caption
    assert chart.height >= max(figure.layout.height for figure in chart.figures.values())


def axes(figure: go.Figure) -> Iterator[Any]:
    layout = figure.layout
    return (layout[key] for key in layout if re.fullmatch(r"[xy]axis\d*", key) and layout[key].visible is not False)


@EVERY
def test_axes_name_their_unit(grown: Result, name: str) -> None:
    figure = CHARTS[name](subject_of(grown)).figure()
    if figure.data[0].type == "sankey":
        assert any("[PFLOP/s]" in note.text for note in figure.layout.annotations)
        return
    found = list(axes(figure))
    assert all(axis.title.text for axis in found)
    numbers = [axis.title.text for axis in found if axis.type not in ("category", "multicategory")]
    units = [figure.data[0].colorbar.title.text] if figure.data[0].type == "heatmap" else numbers
    assert units and all(re.search(r"\[[^\]]+\]$", unit) for unit in units), units


@EVERY
@pytest.mark.parametrize("language", ["en", "zh"])
def test_two_sites_and_one_year_are_enough(name: str, language: str) -> None:
    if name != "dispatch":
        chart = CHARTS[name](subject_of(synthetic.result(), language))
        assert chart.figure().to_json()


@EVERY
def test_a_run_without_such_figures_says_so(name: str) -> None:
    """Only demand is left of the run: nothing served, nothing built, nothing that costs."""
    base = synthetic.result()
    bare = replace(base, table=base.table[base.table["quantity"] == "demand"])
    if name == "dispatch":
        with pytest.raises(InputError, match="the run holds no grid load by hour"):
            bare.plot.dispatch("guian")
        return
    figure = CHARTS[name](subject_of(bare)).figure()
    assert not figure.data
    assert [note.text for note in figure.layout.annotations if len(note.text) > 10]


HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "<a href='javascript:x'>a</a>", "=cmd()",
    "%{customdata}", "\u202eevil", "x" * 10_000, "</div>&lt;b&gt;",
)  # fmt: skip


def hostile(text: str) -> Result:
    """The synthetic run, everything in it called the same bad name."""
    base = synthetic.two_years()
    tables = dict(base.scenario.tables)
    for name in ("regions", "hubs", "sites", "tasks", "devices"):
        tables[name] = tables[name].assign(name_en=text, name_zh=text)
    table = base.table.copy()
    table.loc[table["item"] == "energy", "item"] = text
    loads = {"quantity": "grid_load", "unit": "MW", "year": 2028, "site": "guian", "value": 3.0}
    more = pd.DataFrame([{**loads, "slice": f"{text[:50]}-00"}])
    scenario = replace(base.scenario, tables=tables)  # type: ignore[type-var]
    return replace(base, scenario=scenario, table=pd.concat([table, more]))


@pytest.mark.parametrize(("text", "language"), [*((text, "en") for text in HOSTILE), (HOSTILE[0], "zh")])
def test_hostile_names_do_no_harm(text: str, language: str) -> None:
    """The synthetic run, everything in it called the same bad name: no markup, no marks of direction, nothing long."""
    result = hostile(text)
    for name, chart in CHARTS.items():
        subject = subject_of(result, language)
        found = dispatch.of_site(subject, "guian") if name == "dispatch" else chart(subject)
        for part in texts(json.loads(found.figure(2028).to_json())):
            assert not re.search(r"<(?!br>|extra>|/extra>)", part), (name, part)
            assert "\u202e" not in part and len(part) < 400, (name, part)


def texts(value: Any) -> Iterator[str]:
    """Every text in a figure."""
    if isinstance(value, dict):
        for part in value.values():
            yield from texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from texts(part)
    elif isinstance(value, str):
        yield value


def test_names_that_are_alike_stay_apart() -> None:
    drawn = hostile("Same").plot.utilisation(2028, by="device").data[0]
    assert len(set(drawn.y)) == len(drawn.y)
    assert style.unique(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


# Colours


def test_a_device_has_one_colour_on_all_charts(grown: Result) -> None:
    colour = Colours(grown.scenario.tables).of("device", "alpha")
    bought = grown.plot.cost(2028, by="device").data[0]
    assert set(bought.marker.color) == {colour}
    assert set(grown.plot.supply(2027).data[1].marker.color) == {colour}


def test_costs_and_kinds_have_one_colour_on_all_charts(grown: Result) -> None:
    said = {limit_words(item): colour for item, colour in COSTS.items()}
    for figure in (grown.plot.cost(), grown.plot.cost(2028, by="site")):
        assert [trace.marker.color for trace in figure.data] == [said[trace.name] for trace in figure.data]
    medians = next(trace for trace in grown.plot.latency().data if trace.name == "median")
    assert medians.marker.color == KINDS["intelligent"]


def test_colours_of_tables_come_first_and_others_are_told_apart() -> None:
    sites = pd.DataFrame({"site": [f"s{n}" for n in range(len(PALETTE))], "kind": "metro", "colour": None})
    found = Colours({"sites": sites})
    assert len({found.of("site", site) for site in sites["site"]}) == len(PALETTE)
    sites.loc[3, "colour"] = "#123456"
    assert Colours({"sites": sites}).of("site", "s3") == "#123456"
    turned = Colours({"sites": sites.iloc[::-1]})
    assert turned.given == Colours({"sites": sites}).given


SEEN = {
    "by all cones": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "without red": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "without green": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "without blue": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
}
"""Linear RGB as the colour-blind see it (Machado, Oliveira, Fernandes 2009, severity 1)."""
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
WHITE = (0.9505, 1.0, 1.089)


def turned(matrix: Any, parts: list[float]) -> list[float]:
    return [sum(w * v for w, v in zip(line, parts, strict=True)) for line in matrix]


def lab(colour: str, seen: str = "by all cones") -> tuple[float, ...]:
    """CIE L*a*b* of an sRGB colour (D65)."""
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in shares]
    parts = [min(max(part, 0.0), 1.0) for part in turned(SEEN[seen], linear)]
    ratios = [value / white for value, white in zip(turned(XYZ, parts), WHITE, strict=True)]
    f = [value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116 for value in ratios]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


@pytest.mark.parametrize("seen", SEEN)
def test_shipped_clusters_are_told_apart(seen: str) -> None:
    """A difference of 10 in L*a*b* is plain to see."""
    sites = load_scenario("scenarios/national-2027.yaml").tables["sites"]
    loud = sites.loc[sites["kind"] == "cluster", "colour"]
    assert len(loud) == 10
    assert min(math.dist(lab(a, seen), lab(b, seen)) for a, b in itertools.combinations(loud, 2)) > 10


def test_shipped_metros_are_duller_than_clusters() -> None:
    sites = load_scenario("scenarios/national-2027.yaml").tables["sites"]
    strength = sites["colour"].map(lambda colour: math.hypot(*lab(colour)[1:])).groupby(sites["kind"])
    assert strength.max()["metro"] < strength.min()["cluster"]


def test_a_colour_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="colour"):
        tiny(sites={"mesa": {"colour": "red; background: url(x)"}})
    assert Colours(tiny(sites={"mesa": {"colour": "#0a0B0c"}}).tables).of("site", "mesa") == "#0a0B0c"


# Order and errors


def test_order_of_slices_is_that_of_the_year() -> None:
    names = ["autumn-00", "link-cut-12", "winter-12", "winter-00", "spring-08", "link-cut-00"]
    assert order.slices(names) == ["winter-00", "winter-12", "spring-08", "autumn-00", "link-cut-00", "link-cut-12"]
    assert order.slices(["day101-04", "day003-20", "day003-00"]) == ["day003-00", "day003-20", "day101-04"]


def test_sites_stand_by_kind_and_hub() -> None:
    subject = subject_of(replace(synthetic.result(), scenario=load_scenario("scenarios/national-2027.yaml")))
    table = subject.scenario.tables["sites"]
    found = order.sites(subject, table["site"])
    kinds = table.set_index("site")["kind"]
    assert [kinds[site] for site in found] == ["cluster"] * 10 + ["metro"] * 31
    hubs = table.set_index("site")["hub"]
    for part in (found[:10], found[10:]):
        runs = [key for key, _ in itertools.groupby(str(hubs[site]) for site in part)]
        assert len(runs) == len(set(runs))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda plot: plot.utilisation(2031), "received year 2031, expected a planning year of the run: 2027, 2028"),
        (lambda plot: plot.utilisation(by="devices"), r"received by 'devices', .*did you mean 'device'"),
        (lambda plot: plot.cost(by="year"), "expected category or site or device"),
        (lambda plot: plot.flows(kind="inteligent"), "did you mean 'intelligent'"),
        (lambda plot: plot.dispatch("messa"), r"received site 'messa', .*mesa.*did you mean 'mesa'"),
        (lambda plot: plot.dispatch("mesa", "sumer"), r"received day 'sumer', .*winter.*did you mean 'summer'"),
        (lambda plot: plot.capacity(1999), "received year 1999"),
        (lambda plot: plot.latency(kind="super"), "expected one of the run: intelligent"),
    ],
)
def test_errors_name_what_there_is(grown: Result, call: Callable[[Any], Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(grown.plot)


def test_a_result_without_a_plan_has_no_charts() -> None:
    empty = synthetic.result(status="infeasible", table=synthetic.result().table.iloc[:0])
    with pytest.raises(InputError, match="without figures"):
        empty.plot.utilisation()


# Jupyter


def test_results_and_scenarios_show_themselves(grown: Result) -> None:
    shown = grown._repr_html_()
    served = 1 - total(grown, "unserved", year=2028) / total(grown, "demand", year=2028)
    assert f"{100 * served:.1f} %" in shown
    assert "optimal" in shown and "2027" in shown and "2028" in shown and "million CNY" in shown
    of_scenario = grown.scenario._repr_html_()
    assert "Two regions, two metros and a cluster" in of_scenario
    assert re.search(r"<td[^>]*>sites</td><td[^>]*>3</td>", of_scenario)


def test_cards_escape_what_files_hold(grown: Result) -> None:
    text = "<script>alert(1)</script>"
    scenario = grown.scenario.with_(name=text, title=text, question=text + "x" * 1000)
    shown = scenario._repr_html_() + replace(grown, scenario=scenario, messages=(text * 100,))._repr_html_()
    assert "<script" not in shown and "&lt;script&gt;" in shown
    assert max(len(line) for line in re.split(r"<[^>]*>", shown)) < 3000
