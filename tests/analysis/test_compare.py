"""Comparison: what differs in the inputs, then in the outcome, with percent and limits that began or ceased to bind."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import synthetic
from rich.cells import cell_len
from rich.console import Console

from eastwest.analysis.compare import compare
from eastwest.errors import InputError
from eastwest.report.terminal.write import print_comparison
from eastwest.results.result import Result


def other(base: Result, growth: str = "mid", **tables: Any) -> Result:
    """The same outcome of a scenario with other tables or another growth."""
    scenario: Any = base.scenario
    frames = {name: frame.copy() for name, frame in scenario.tables.items()} | tables
    settings = synthetic.Settings(title="Other", demand=synthetic.Demand(growth=growth))
    return replace(base, scenario=replace(scenario, name="other", tables=frames, settings=settings))


def table(name: str) -> pd.DataFrame:
    frame: pd.DataFrame = synthetic.Scenario().tables[name].copy()
    return frame


def lines(frame: pd.DataFrame) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in frame.to_numpy().tolist()]


def test_a_run_equals_itself() -> None:
    base = synthetic.result()
    comparison = compare(base, base)
    assert comparison.inputs.empty
    assert all(comparison.changed(name).empty for name in ("headline", "sites", "devices", "tasks"))
    assert set(comparison.limits["change"]) == {"binds in both"}
    assert comparison.names == ("synthetic (1)", "synthetic (2)")


def test_settings_and_cells_by_key() -> None:
    devices, sites = table("devices"), table("sites").iloc[:1]
    devices.loc[0, "price_cny"] = 0.0
    base = synthetic.result()
    comparison = compare(base, other(base, "high", devices=devices, sites=sites))
    assert lines(comparison.inputs) == [
        ["demand.growth", "mid", "high"],
        ["sites/metro_r1", "row", "(none)"],
        ["devices/card/price_cny", "1000", "0"],
    ]


def test_one_factor_on_many_cells_is_one_line() -> None:
    supply = table("supply")
    supply["mid"] *= 0.6
    base = synthetic.result()
    comparison = compare(base, other(base, supply=supply))
    assert lines(comparison.inputs) == [["supply/*/mid", "30 cells", "x0.6"]]
    assert len(comparison.cells) == 30
    assert lines(comparison.cells)[0] == ["supply/g00/2027/mid", "10", "6"]


def test_many_cells_without_one_factor_stay_apart() -> None:
    supply = table("supply")
    supply["mid"] += 1.0
    base = synthetic.result()
    assert len(compare(base, other(base, supply=supply)).inputs) == 30


def test_order_of_rows_and_source_do_not_differ() -> None:
    supply = table("supply").iloc[::-1].assign(source="elsewhere", quality="official")
    base = synthetic.result()
    assert compare(base, other(base, supply=supply)).inputs.empty


def test_outcome_has_difference_and_percent() -> None:
    base = synthetic.result()
    comparison = compare(base, synthetic.changed(base, "served", 0.5, site="guian"), names=["a", "b"])
    changed = comparison.changed("sites").set_index("kind")
    assert changed.loc["intelligent", ["a", "b", "difference", "percent"]].tolist() == [60.0, 30.0, -30.0, -50.0]
    assert set(changed["unit"]) == {"PFLOP/s"}
    tasks = comparison.changed("tasks").set_index("task")
    assert tasks.loc["chat", "difference"] == -30.0


def test_limits_that_cease_and_begin() -> None:
    base = synthetic.result()
    free = synthetic.changed(synthetic.changed(base, "shadow_price", 0.0), "relief", 0.0)
    assert compare(base, free).limits["change"].value_counts()["ceased to bind"] == 2
    assert compare(free, base).limits["change"].value_counts()["began to bind"] == 2
    priced = synthetic.changed(base, "relief", 0.0)
    assert compare(priced, free).limits["change"].tolist() == ["ceased to bind"], "a price alone binds too"
    assert "demand" not in set(compare(base, free).limits["item"])


def test_a_limit_is_one_row_with_price_and_saving_of_each_run() -> None:
    base = synthetic.result()
    row = compare(base, base, names=["a", "b"]).limits.set_index("item").loc["grid connection"]
    assert row[["a", "b", "saving a", "saving b"]].tolist() == [-3.2, -3.2, 3.1, 3.1]
    assert row["change"] == "binds in both" and row["unit"] == "million CNY/MW"


def test_reliefs_of_time_are_no_limits() -> None:
    years = synthetic.two_years()
    assert not compare(years, years).limits["unit"].str.endswith("/month").any()


def test_three_runs() -> None:
    base = synthetic.result()
    comparison = compare(base, synthetic.changed(base, "served", 2.0), base, names=["a", "b", "c"])
    assert {"difference b", "percent b", "difference c", "percent c"} <= set(comparison.sites)


@pytest.mark.parametrize(("count", "names"), [(1, None), (2, ["a"])])
def test_wrong_number(count: int, names: list[str] | None) -> None:
    with pytest.raises(InputError):
        compare(*[synthetic.result()] * count, names=names)


def test_markdown_and_csv(tmp_path: Path) -> None:
    base = synthetic.result()
    comparison = compare(base, synthetic.changed(base, "served", 0.5), names=["a|b", "=c"])
    text = comparison.to_markdown()
    assert text.index("Differences in inputs") < text.index("Headline figures") < text.index("By site")
    assert "a\\|b" in text
    comparison.to_csv(tmp_path / "x")
    assert {path.name for path in (tmp_path / "x").iterdir()} >= {"inputs.csv", "cells.csv", "sites.csv", "limits.csv"}
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError):
        comparison.to_csv(tmp_path / "file")


@pytest.mark.parametrize("count", [2, 3])
def test_printed_at_80_columns(count: int) -> None:
    base = synthetic.result()
    runs = [base, *[synthetic.changed(base, "served", 0.5), synthetic.changed(base, "cost", 1234567.0)][: count - 1]]
    stream = io.StringIO()
    print_comparison(Console(file=stream, width=80, force_terminal=False), compare(*runs))
    assert all(cell_len(line) <= 80 for line in stream.getvalue().splitlines())
    assert "What differs in the inputs" in stream.getvalue()
