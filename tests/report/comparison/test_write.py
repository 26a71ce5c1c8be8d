"""The page of a comparison: every figure stands in the runs' results.parquet; moves, waterfall, arrows, limits."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import builder
import pandas as pd
import pytest
import reading_pages
import synthetic
from reading_pages import HARM, LONG, policy
from rich.console import Console

from eastwest.analysis.compare import Comparison, compare
from eastwest.cli import main
from eastwest.errors import InputError
from eastwest.report.cells import text_of
from eastwest.report.comparison import outcomes as headline
from eastwest.report.comparison import write
from eastwest.report.comparison.moves import moved
from eastwest.report.comparison.runs import GONE, NEW, SUMMARY, UNSERVED
from eastwest.report.terminal.write import print_comparison
from eastwest.results.result import Result
from eastwest.solving.solve import solve

WORK = ["year", "kind", "region", "task"]


# Small comparisons: invented outcomes, and tiny scenarios solved


@cache
def solved(**changes: Any) -> Result:
    scenario = builder.tiny(
        **{key: dict(value) if isinstance(value, tuple) else value for key, value in changes.items()}
    )
    return solve(scenario, reliefs=3, growth_table=False)


@cache
def tiny_pair() -> Comparison:
    return compare(solved(), solved(demand=(("growth", "high"),)), names=["plain", "high"])


@cache
def three() -> Comparison:
    base = synthetic.result()
    others = (synthetic.changed(base, "served", 0.5, site="guian"), synthetic.changed(base, "cost", 2.0))
    return compare(base, *others, names=["a", "b", "c"])


@cache
def unequal() -> Comparison:
    """One year against two, and a site that the second run does not have."""
    later = synthetic.two_years()
    sites = later.scenario.tables["sites"]
    scenario = replace(
        later.scenario,
        tables={**later.scenario.tables, "sites": sites[sites["site"] != "metro_r1"].reset_index(drop=True)},
    )
    table = later.table[later.table["site"] != "metro_r1"]
    return compare(synthetic.result(), replace(later, scenario=scenario, table=table), names=["one", "two"])


COMPARISONS = {"tiny": tiny_pair, "three": three, "unequal": unequal}


@pytest.fixture(params=COMPARISONS)
def comparison(request: pytest.FixtureRequest) -> Comparison:
    return COMPARISONS[request.param]()


@cache
def page_of(name: str, language: str = "en") -> reading_pages.Reader:
    return reading_pages.read(COMPARISONS[name]().to_html(language))


def paragraphs(comparison: Comparison) -> list[str]:
    runs = write.runs_of(comparison)
    return [str(paragraph) for paragraph in write.sections(runs)[0].paragraphs]


# Every figure is one of the runs' results tables


def recomputed(comparison: Comparison, data: dict[str, Any], key: str, row: list[Any]) -> float | None:
    """A cell by its column's own source, from the runs' results tables alone."""
    column = next(column for column in data["columns"] if column["key"] == key)
    source, labels = column["source"], dict(zip(data["labels"], row, strict=False))
    if source["from"] == "difference":
        of, less = (recomputed(comparison, data, source[part], row) for part in ("of", "less"))
        if of is None or less is None or (source["relative"] and less == 0):
            return None
        return (of - less) / abs(less) if source["relative"] else of - less
    if source["from"] == "ratio":
        above, below = (recomputed(comparison, data, source[part], row) for part in ("above", "below"))
        return None if above is None or not below else above / below
    result = comparison.results[source["where"]["run"] - 1]
    quantities = source["quantity"] if isinstance(source["quantity"], list | tuple) else [source["quantity"]]
    if quantities == [SUMMARY]:
        return float(result.objective)
    rows = result.table[result.table["quantity"].isin(quantities)]
    for label, value in source["where"].items():
        if label != "run":
            rows = rows[rows[label].isin(value if isinstance(value, list | tuple) else [value])]
    for label, value in labels.items():
        if label != "state" and (source["by"] is None or label in source["by"]):
            rows = rows[rows[label] == value]
    if column["unit"]:
        rows = rows[rows["unit"] == (source["rows_unit"] or column["unit"])]
    assert source["how"] in ("sum", "max") or len(rows) <= 1
    if rows.empty:
        keys = [each["key"] for each in data["columns"]]
        cell = row[len(data["labels"]) + keys.index(key)]
        return 0.0 if cell == 0 else None
    values = [float(value) * float(source["factor"]) for value in rows["value"]]
    return max(values) if source["how"] == "max" else math.fsum(values)


def places(name: str, comparison: Comparison) -> list[tuple[str, dict[str, Any]]]:
    datasets = page_of(name).data["datasets"].items()
    return [(key, data) for key, data in datasets if not key.startswith(("moves", "inputs_counted", "limits_counted"))]


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_cell_can_be_recomputed_from_the_long_tables(name: str) -> None:
    comparison, count = COMPARISONS[name](), 0
    for key, data in places(name, comparison):
        for row in data["rows"]:
            for cell, column in zip(row[len(data["labels"]) :], data["columns"], strict=True):
                expected = recomputed(comparison, data, column["key"], row)
                where = (key, column["key"], row)
                assert (cell is None) == (expected is None), where
                assert expected is None or cell == pytest.approx(expected, rel=1e-9, abs=1e-9), where
                count += 1
    assert count > 80


@pytest.mark.parametrize("name", COMPARISONS)
def test_a_place_that_a_run_lacks_is_no_zero(name: str) -> None:
    """A zero without a row stands only where the run has the site, the task and the year."""
    comparison, gaps = COMPARISONS[name](), 0
    for key, data in places(name, comparison):
        for label in ("site", "device", "task"):
            if label not in data["labels"]:
                continue
            at = data["labels"].index(label)
            for number, result in enumerate(comparison.results, start=1):
                keys = [column["key"] for column in data["columns"]]
                if f"run_{number}" not in keys:
                    continue
                known = {"", *result.scenario.tables[f"{label}s"][label]}
                for row in data["rows"]:
                    if row[at] not in known:
                        assert row[len(data["labels"]) + keys.index(f"run_{number}")] is None, (key, row)
                        gaps += 1
    assert (gaps > 0) == (name == "unequal")


@pytest.mark.parametrize("name", COMPARISONS)
def test_every_figure_in_words_is_a_cell(name: str) -> None:
    page = page_of(name)
    datasets = page.data["datasets"]
    assert len(page.figures) > 20
    for value, place, text in page.figures:
        key, position, column = place.rsplit("/", 2)
        data = datasets[key]
        keys = [each["key"] for each in data["columns"]]
        assert float(value) == data["rows"][int(position)][len(data["labels"]) + keys.index(column)], place
        assert text.strip()


@pytest.mark.parametrize("name", COMPARISONS)
def test_paragraph_holds_no_figure_of_its_own(name: str) -> None:
    """Outside of `<data>` only years, names that hold digits, and how coarse a trial is."""
    comparison = COMPARISONS[name]()
    found = paragraphs(comparison)
    begun = [name for name in comparison.names[1:] if any(f"<strong>{name}</strong>" in text for text in found)]
    assert begun == list(comparison.names[1:])
    for paragraph in found:
        bare = re.sub(r"<data .*?</data>|\d+ of at least \d+ blocks", "", paragraph)
        assert not re.findall(r"\d+", re.sub(r"\b20\d\d\b", "", bare)), bare


def words(comparison: Comparison) -> list[str]:
    return [" ".join(re.sub("<[^>]*>", "", paragraph) for paragraph in paragraphs(comparison))]


def test_paragraph_says_what_the_tables_say() -> None:
    before, after = (result.table for result in tiny_pair().results)
    text = words(tiny_pair())[0]
    assert "1 setting (demand.growth)" in text
    cost = [table.loc[table["quantity"] == "cost", "value"].sum() for table in (before, after)]
    assert (
        f"costs {cost[1] - cost[0]:.3g}" in text.replace(",", "")
        or f"{cost[1] - cost[0]:,.0f} million CNY more" in text
    )
    for kind in ("intelligent", "general"):
        lost = [
            table[(table["quantity"] == "unserved") & (table["kind"] == kind)]["value"].sum()
            for table in (before, after)
        ]
        assert (f"Unserved {kind}" in text) == (lost[0] != lost[1])


# Who moved where


def rows(served: dict[str, float], unserved: float = 0.0, **labels: Any) -> pd.DataFrame:
    whole = {"year": 2027, "kind": "general", "region": "r1", "task": "web", **labels}
    records = [{**whole, "quantity": "served", "site": site, "value": value} for site, value in served.items()]
    records.append({**whole, "quantity": "unserved", "site": "", "value": unserved})
    return pd.DataFrame(records)


def pairs(found: pd.DataFrame) -> dict[tuple[str, str], float]:
    return {(start, end): value for start, end, value in found[["from", "to", "moved"]].itertuples(index=False)}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (({"a": 10.0, "b": 5.0}, 0.0), ({"a": 4.0, "b": 5.0, "c": 6.0}, 0.0), {("a", "c"): 6.0}),
        (
            ({"a": 10.0, "b": 5.0}, 0.0),
            ({"c": 9.0, "d": 6.0}, 0.0),
            {("a", "c"): 6.0, ("a", "d"): 4.0, ("b", "c"): 3.0, ("b", "d"): 2.0},
        ),
        (({"a": 10.0}, 0.0), ({"a": 7.0}, 3.0), {("a", UNSERVED): 3.0}),
        (({"a": 7.0}, 3.0), ({"a": 8.0, "b": 2.0}, 0.0), {(UNSERVED, "a"): 1.0, (UNSERVED, "b"): 2.0}),
        (({"a": 10.0}, 0.0), ({"a": 14.0}, 0.0), {(NEW, "a"): 4.0}),
        (({"a": 10.0}, 0.0), ({"a": 6.0}, 0.0), {("a", GONE): 4.0}),
        (({"a": 10.0}, 0.0), ({"b": 16.0}, 0.0), {("a", "b"): 10.0, (NEW, "b"): 6.0}),
        (({"a": 10.0}, 0.0), ({"a": 10.0}, 0.0), {}),
        (({"a": 10.0}, 0.0), ({"a": 10.000001, "b": 0.0}, 0.0), {}),
    ],
)
def test_moves_by_hand(before: Any, after: Any, expected: dict[tuple[str, str], float]) -> None:
    assert pairs(moved(rows(*before), rows(*after))) == pytest.approx(expected)


def test_work_of_one_region_or_task_does_not_stand_in_for_another() -> None:
    before = pd.concat([rows({"a": 5.0}), rows({"b": 5.0}, region="r2"), rows({"a": 1.0}, task="chat")])
    after = pd.concat([rows({"b": 5.0}), rows({"a": 5.0}, region="r2"), rows({"c": 1.0}, task="chat")])
    found = moved(before, after)
    assert [tuple(row) for row in found[["region", "task", "from", "to", "moved"]].itertuples(index=False)] == [
        ("r1", "chat", "a", "c", 1.0),
        ("r1", "web", "a", "b", 5.0),
        ("r2", "web", "b", "a", 5.0),
    ]


@pytest.mark.parametrize("name", COMPARISONS)
def test_moves_add_up_by_region_task_and_year(name: str) -> None:
    """What leaves and what arrives at each place is what the results tables differ by, and half of it."""
    comparison, data = COMPARISONS[name](), page_of(name).data["datasets"]
    first, seen = comparison.results[0].table, 0
    for number, result in enumerate(comparison.results[1:], start=2):
        found = data[f"moves_{number}"]
        moves = pd.DataFrame(found["rows"], columns=[*found["labels"], "moved"])
        years = set(first["year"]) & set(result.table["year"]) - {0}
        values = {}
        for side, table in (("before", first), ("after", result.table)):
            table = table[table["year"].isin(years) & table["quantity"].isin(["served", "unserved"])]
            node = table["site"].where(table["quantity"] == "served", UNSERVED)
            values[side] = table.assign(node=node).groupby([*WORK, "node"])["value"].sum()
        change = pd.DataFrame(values).fillna(0.0)
        change = (change["after"] - change["before"]).reset_index(name="change")
        for keys, group in change.groupby(WORK):
            mine = moves[(moves[WORK] == list(keys)).all(axis=1)]
            for node, difference in zip(group["node"], group["change"], strict=True):
                net = mine.loc[mine["to"] == node, "moved"].sum() - mine.loc[mine["from"] == node, "moved"].sum()
                assert net == pytest.approx(difference, abs=1e-5), (keys, node)
                assert not ((mine["to"] == node).any() and (mine["from"] == node).any())
                seen += 1
            grown = abs(group["change"].sum())
            assert mine["moved"].sum() == pytest.approx((group["change"].abs().sum() + grown) / 2, abs=1e-5)
    assert seen > 4


@pytest.mark.parametrize("name", COMPARISONS)
def test_sankey_draws_what_moved(name: str) -> None:
    data = page_of(name).data
    charts = {key: chart for key, chart in data["figures"].items() if key.startswith("moves_")}
    assert charts
    for key, chart in charts.items():
        found = data["datasets"][chart["dataset"]]
        assert {row[1] for row in found["rows"]} == {key.rsplit("_", 1)[1]}, "kinds are never added"
        for year, figure in chart["years"].items():
            total = math.fsum(row[-1] for row in found["rows"] if row[0] == int(year))
            drawn = [trace for trace in figure["data"] if trace["type"] == "sankey"]
            assert bool(drawn) == (total > 0)
            for trace in drawn:
                values = resolved(data, trace["link"]["value"])
                assert math.fsum(values) == pytest.approx(total, rel=1e-5)
                ends = [set(resolved(data, trace["link"][side])) for side in ("source", "target")]
                assert not ends[0] & ends[1], "a site that lost and gained stands on both sides"
                labels = resolved(data, trace["node"]["label"])
                assert ends[0] | ends[1] == set(range(len(labels)))
                assert not [label for label in labels if label.startswith("(")], "what is no site is named in words"


def resolved(data: dict[str, Any], value: Any) -> Any:
    return data["arrays"][value["$"]] if isinstance(value, dict) and "$" in value else value


# Cost


@pytest.mark.parametrize("name", COMPARISONS)
def test_waterfall_adds_up_to_the_difference_of_cost_rows(name: str) -> None:
    comparison, data = COMPARISONS[name](), page_of(name).data
    for number, result in enumerate(comparison.results[1:], start=2):
        for year, figure in data["figures"][f"cost_by_category_{number}"]["years"].items():
            (trace,) = figure["data"]
            paid = [table[(table["quantity"] == "cost") & (table["year"] == int(year))].groupby("item")["value"].sum()
                    for table in (comparison.results[0].table, result.table)]  # fmt: skip
            steps = (paid[1].sub(paid[0], fill_value=0.0)).to_list()
            drawn = resolved(data, trace["y"])
            assert trace["measure"] == [*["relative"] * (len(drawn) - 1), "total"]
            assert sorted(drawn[:-1]) == pytest.approx(sorted(step for step in steps if step), abs=1e-6)
            assert math.fsum(drawn[:-1]) == pytest.approx(paid[1].sum() - paid[0].sum(), abs=1e-6)
            assert [abs(step) for step in drawn[:-1]] == sorted((abs(step) for step in drawn[:-1]), reverse=True)
            assert all(
                text.startswith("+") == (step > 0) for text, step in zip(trace["text"], drawn[:-1], strict=False)
            )


def test_present_values_of_other_years_are_not_subtracted_in_words() -> None:
    (text,) = words(unequal())
    assert "of other years" in text
    assert "more (" not in text
    cost = next(section for section in write.sections(write.runs_of(unequal())) if section.name == "cost")
    assert any("2027, 2028" in str(paragraph) for paragraph in cost.paragraphs)


# Maps, and what sites serve more or less


@pytest.mark.parametrize("name", COMPARISONS)
def test_maps_have_the_same_scales(name: str) -> None:
    data = page_of(name).data
    found = {key: chart for key, chart in data["figures"].items() if key.startswith("map_")}
    assert len(found) == len(COMPARISONS[name]().names)
    scales = set()
    for chart in found.values():
        for figure in chart["years"].values():
            traces = [resolved(data, trace) for trace in figure["data"]]
            bars = {
                (trace["meta"]["layer"], trace["meta"].get("measure"), trace["marker"]["cmin"], trace["marker"]["cmax"])
                for trace in traces
                if "cmin" in trace.get("marker", {})
            }
            key = [trace["text"] for trace in traces if trace.get("meta", {}).get("layer") == "key"]
            scales.add((frozenset(bars), json.dumps(key)))
            assert bars
            tasks = {trace["meta"]["task"] for trace in traces if trace.get("meta", {}).get("layer") == "flows"}
            assert all(task.startswith("all: ") for task in tasks)
    assert len(scales) == 1


def test_bars_are_what_sites_serve_more_or_less() -> None:
    data = page_of("three").data
    (trace,) = data["figures"]["served_by_site_2_intelligent"]["years"]["2027"]["data"]
    assert dict(zip(trace["y"], trace["x"], strict=True)) == {"Gui'an": -30.0}
    assert trace["text"] == ["−30.0"]
    assert "served_by_site_3_intelligent" not in data["figures"], "the third run serves as the first"


# Arrows


@pytest.mark.parametrize(
    ("item", "way", "expected"),
    [
        ("cost_without_penalties", -1, "better"),
        ("objective", 1, "worse"),
        ("unserved", -1, "better"),
        ("unserved", 1, "worse"),
        ("served_share", 1, "better"),
        ("carbon", 1, "worse"),
        ("green_share", -1, "worse"),
        ("west_share_served", 1, "neither"),
        ("west_share_served", -1, "neither"),
        ("demand", 1, "neither"),
        ("device_utilisation", -1, "neither"),
        ("unserved", 0, "neither"),
    ],
)
def test_more_is_better_worse_or_neither(item: str, way: int, expected: str) -> None:
    assert headline.judged(item, way) == expected


@pytest.mark.parametrize(
    ("before", "after", "share", "expected"),
    [
        (100.0, 101.0, False, 1), (100.0, 99.0, False, -1), (100.0, 100.04, False, 0), (0.0, 1e-9, False, 1),
        (-2.0, -1.0, False, 1), (0.5, 0.51, True, 1), (0.0, 1e-4, True, 0), (0.0, 0.0, False, 0),
    ],
)  # fmt: skip
def test_direction(before: float, after: float, share: bool, expected: int) -> None:
    assert headline.direction(before, after, share=share) == expected


def test_arrows_stand_beside_their_figures() -> None:
    base = synthetic.result()
    more_expensive = synthetic.changed(base, "headline", 2.0, item="cost_without_penalties")
    other = synthetic.changed(more_expensive, "headline", 0.5, item="served_share")
    text = compare(base, other, names=["a", "b"]).to_html()
    cost = re.search(r"Cost, without penalties</th>.*?</tr>", text, re.S)
    assert cost is not None
    assert (
        '<span class="change worse"><span aria-hidden="true">▲</span> <span class="visually-hidden">more</span>'
        in cost[0]
    )
    assert "+100.0 %</data>, worse" in cost[0]
    share = re.search(r"Delivered, share of demand, intelligent</th>.*?</tr>", text, re.S)
    assert share is not None
    assert "▼" in share[0]
    assert "−45.0 points</data>, worse" in share[0]
    assert "Mean PUE</th>" not in text, "figures that are the same are left out of the open table"


def test_missing_figure_is_told_in_words() -> None:
    base = synthetic.result()
    other = replace(base, table=base.table[base.table["item"] != "mean_pue"])
    text = compare(base, other, names=["first one", "second one"]).to_html()
    row = re.search(r"Mean PUE</th>.*?</tr>", text, re.S)
    assert row is not None
    assert "not in second one" in row[0]
    assert "–" in row[0]


# Limits


def test_limits_began_and_ceased() -> None:
    base = synthetic.result()
    free = synthetic.changed(synthetic.changed(base, "shadow_price", 0.0), "relief", 0.0)
    for runs, state in (((base, free), "ceased to bind"), ((free, base), "began to bind")):
        page = reading_pages.read(compare(*runs, names=["a", "b"]).to_html()).data["datasets"]
        data = page["limits_2"]
        found = {(row[1], row[2]) for row in data["rows"]}
        assert found == {(state, "grid connection"), (state, "accelerator supply")}
        counted = page["limits_counted_2"]["rows"]
        assert sorted(counted) == [[2027, state, "accelerator supply", 1.0], [2027, state, "grid connection", 1.0]]


@cache
def scarcer() -> Comparison:
    """The tiny country, and with more demand than it can serve."""
    growth = {"demand": {"growth": "high"}, "tasks": {"chat": {"growth_high_per_year": 3.0}}}
    return compare(solved(), solve(builder.tiny(**growth), reliefs=3, growth_table=False), names=["plain", "scarce"])


@pytest.mark.parametrize("made", [scarcer, three])
def test_terminal_page_and_frame_list_the_same_limits(made: Callable[[], Comparison]) -> None:
    """One computation: the rows of the frame are those of the page, and the terminal draws the section of the page."""
    comparison = made()
    page = reading_pages.read(comparison.to_html())
    runs = write.runs_of(comparison)
    (section,) = [found for found in write.sections(runs) if found.name == "limits"]
    file = io.StringIO()
    print_comparison(Console(file=file, width=250), comparison)
    lines = [" ".join(line.split()) for line in file.getvalue().splitlines()]
    changes = [column for column in comparison.limits if str(column).startswith("change")]
    seen = 0
    for number, change in zip(runs.others, changes, strict=True):
        rows = page.data["datasets"][f"limits_{number}"]["rows"]
        for state in ("began to bind", "ceased to bind", "binds in both"):
            frame = comparison.limits[comparison.limits[change] == state]
            own = [(row[0], row[2], row[6]) for row in rows if row[1] == state]
            assert own == [tuple(row) for row in frame[["year", "item", "site"]].to_numpy().tolist()]
            seen += len(own)
    for block in section.opens:
        for row in block.rows:
            words = " ".join(text_of(cell).replace("–", "-") for cell in row)
            assert words in lines, words
    assert seen > 1


def test_limit_without_a_saving_of_its_own_has_a_gap_and_not_zero() -> None:
    base = synthetic.result()
    other = replace(base, table=base.table[base.table["quantity"] != "relief"])
    data = reading_pages.read(compare(base, other, names=["a", "b"]).to_html()).data["datasets"]["limits_2"]
    keys = [column["key"] for column in data["columns"]]
    grid = next(row for row in data["rows"] if row[2] == "grid connection")[len(data["labels"]) :]
    assert grid[keys.index("relief_1")] == pytest.approx(3.1)
    assert grid[keys.index("relief_2")] is None
    assert grid[keys.index("run_2")] == pytest.approx(-3.2)


# Inputs


def test_inputs_with_origins_and_long_lists_closed() -> None:
    base = synthetic.result()
    tables = {name: frame.copy() for name, frame in base.scenario.tables.items()}
    tables["supply"].loc[:19, "mid"] += 1.0
    places = {"tables/supply": "package:data/supply.csv", "supply/g00/2027/mid": "plan.yaml:7"}
    scenario = replace(base.scenario, tables=tables, origins=places)
    comparison = compare(base, replace(base, scenario=scenario), names=["a", "b"])
    runs = write.runs_of(comparison)
    section = write.sections(runs)[1]
    (block,) = [block for block in section.opens if "supply" in str(block.text)]
    assert str(block.text) == "Table supply: 12 of 20 lines; the list below has all."
    assert len(block.rows) == 12
    assert list(block.rows[0]) == ["supply/g00/2027/mid", "10", "11", "plan.yaml:7"]
    assert block.rows[1][-1] == "package:data/supply.csv"
    assert len(section.sheets[0].rows) == 20


def test_equal_runs_are_said_to_be_equal() -> None:
    base = synthetic.result()
    comparison = compare(base, base, names=["a", "b"])
    (text,) = words(comparison)
    assert "b has the same inputs as a." in text
    assert "costs the same" in text
    assert "No intelligent work moves" in text
    assert not any("▲" in str(row) for section in write.sections(write.runs_of(comparison))
                   for block in section.opens for row in block.rows)  # fmt: skip


# Runs that are not alike, and names that try to do harm


def test_years_and_sites_that_only_one_run_has() -> None:
    data = page_of("unequal").data
    assert data["years"] == [2027]
    for dataset in data["datasets"].values():
        if "year" in dataset["labels"]:
            assert {row[dataset["labels"].index("year")] for row in dataset["rows"]} <= {2027}


def test_no_year_in_common() -> None:
    base, later = synthetic.result(), synthetic.two_years()
    other = replace(later, table=later.table[later.table["year"].isin([0, 2028])])
    comparison = compare(base, other, names=["a", "b"])
    assert "no planning year in common" in words(comparison)[0]
    assert "no planning year in common" in comparison.to_html()


def test_hostile_names_stay_text() -> None:
    base = synthetic.result()
    names = [HARM[0], f"{HARM[1]}{HARM[4]}", LONG, LONG + "y", HARM[5], HARM[6]]
    runs = [base, *[synthetic.changed(base, "served", 0.5 + n / 10, site="guian") for n in range(5)]]
    text = compare(*runs, names=names).to_html()
    page, clean = reading_pages.read(text), page_of("three")
    assert len(page.scripts) == len(clean.scripts)
    assert {tag for tag, _ in page.tags} <= {tag for tag, _ in clean.tags} | {"details", "summary"}
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    assert "window.harmed=1" in page.text
    assert "\u202e" not in page.text
    assert "x" * 301 not in page.text
    titles = [column["title"] for column in page.data["datasets"]["headline"]["columns"][:6]]
    assert len(set(titles)) == len(runs), "long names that begin alike stay apart"
    assert "default-src 'none'" in policy(page)


def test_hostile_texts_of_scenarios_stay_text() -> None:
    harmful = reading_pages.harmful()
    page = reading_pages.read(compare(synthetic.two_years(), harmful, names=["a", "b"]).to_html())
    assert len(page.scripts) == len(page_of("three").scripts)
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    figures = json.dumps(page.data["figures"])
    assert "<script" not in figures


def test_one_name_twice_is_numbered() -> None:
    base = synthetic.result()
    page = reading_pages.read(compare(base, synthetic.changed(base, "cost", 2.0)).to_html())
    assert "synthetic (1)" in page.text
    assert "synthetic (2)" in page.text


# The file


def test_same_runs_give_the_same_bytes(tmp_path: Path) -> None:
    path = tiny_pair().save_html(tmp_path / "x.html")
    assert path.read_text(encoding="utf-8") == tiny_pair().to_html()


def test_language() -> None:
    page = page_of("three", "zh")
    assert next(attributes for tag, attributes in page.tags if tag == "html")["lang"] == "zh-Hans"
    assert "贵安" in page.text
    with pytest.raises(InputError):
        three().to_html("xx")


def test_command_writes_the_page_whole_or_not_at_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = synthetic.result()
    folders = [
        str(run.save(tmp_path / name)) for name, run in (("a", base), ("b", synthetic.changed(base, "cost", 2.0)))
    ]
    page = tmp_path / "compare.html"
    assert main(["compare", *folders, "--html", str(page)]) == 0
    kept = page.read_bytes()
    assert b"Comparison of runs" in kept
    assert main(["compare", folders[0], str(tmp_path / "none"), "--html", str(page)]) == 2
    assert page.read_bytes() == kept
    assert main(["compare", *folders, "--html", str(tmp_path)]) == 2
    assert main(["compare", *folders, "--html", str(page), "--lang", "zh"]) == 0
    assert b'lang="zh-Hans"' in page.read_bytes()
    assert "written" in capsys.readouterr().err


def test_runs_of_two_versions_of_the_model_are_said_first() -> None:
    """A run that names no version was made by the first one; trials say that they are no plan."""
    new = synthetic.result()
    new = replace(new, solver={**new.solver, "model_version": 2})
    old = replace(new, solver={})
    text = _terminal(compare(old, new, names=["old", "new"]))
    assert "new was made by version 2 of the model and old by version 1" in " ".join(text.split())
    assert text.index("version 2 of the model") < text.index("Headline")
    assert "version" not in _terminal(compare(new, new, names=["a", "b"])).partition("Headline")[0]


def _terminal(comparison: Comparison) -> str:
    stream = io.StringIO()
    print_comparison(Console(file=stream, width=200), comparison)
    return stream.getvalue()
