"""What results, analysis and reports say of tests/noise.py, an idea that none of them has heard of.

A permit of 2.4 W leaves 0.8 of 1 MW: one of 5 PFLOP/s is unserved, and devices stand still for want of a permit.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import noise
import pandas as pd
import pytest
from builder import one_place
from rich.console import Console

import eastwest as ew
from eastwest.lp.solution import Solution
from eastwest.model.plan import Plan
from eastwest.report.page import page_html
from eastwest.report.terminal.write import print_comparison, print_report
from eastwest.schema import results_table

PERMIT, LEVEL = "noise permit", "noise_level"


def scenario(cap: float, **changes: object) -> ew.Scenario:
    own = {"metro_coast": {"sound_w_per_mw": 3}, "cap_w": {"metro_coast": {2027: cap}}}
    return one_place().with_modules([noise]).with_(noise=own, **changes)


@cache
def capped() -> ew.Result:
    return ew.solve(scenario(2.4, name="capped"))


@cache
def loose() -> ew.Result:
    return ew.solve(scenario(3.3, name="loose"))


QUIET = {
    "quiet": {
        "topic": "noise", "metric": "most_sound", "value": 2.1, "unit": "W", "period": "2027", "scope": "metro_coast",
        "kind": "target",
    }
}  # fmt: skip


@cache
def aimed() -> ew.Result:
    """The permit of 2.4 W beside a target of 2.1 W."""
    return ew.solve(scenario(2.4, name="aimed", policy_targets=QUIET), reliefs=0, growth_table=False)


def rows(result: ew.Result, quantity: str) -> pd.DataFrame:
    return result.table[result.table["quantity"] == quantity]


def test_the_run_says_what_its_groups_are() -> None:
    frame = capped().constraints.set_index("constraint")
    assert frame.loc["noise_permit", ["limit", "kind", "span", "unit", "module"]].tolist() == [
        PERMIT, "limit", "year", "W", "noise",
    ]  # fmt: skip
    assert frame.loc["noise_level", ["limit", "kind", "module"]].tolist() == ["", "definition", "noise"]


def test_the_cap_is_sold_and_the_definition_never() -> None:
    """A watt more serves the fifth PFLOP/s, with 0.6 W of it; after that it saves nothing."""
    for quantity in ("shadow_price", "relief"):
        items = set(rows(capped(), quantity)["item"])
        assert PERMIT in items and not [item for item in items if "level" in item], quantity
    relief = rows(capped(), "relief").set_index("item").loc[PERMIT]
    assert relief["site"] == "metro_coast" and relief["unit"] == "million CNY/W"
    assert relief["value"] == pytest.approx(capped().objective - loose().objective)
    assert PERMIT not in set(rows(loose(), "relief")["item"]) | set(rows(loose(), "shadow_price")["item"])


def test_what_stands_still_waits_for_it() -> None:
    idle = rows(capped(), "idle")
    devices = idle[(idle["device"] == "alpha") & (idle["unit"] == "devices")]
    assert any(PERMIT in item for item in devices["item"]), devices["item"].tolist()
    assert not any(PERMIT in item for item in rows(loose(), "idle")["item"])


def test_it_is_to_blame_for_what_is_unserved() -> None:
    blame = rows(capped(), "unserved_because")
    assert blame["item"].tolist() == [PERMIT] and blame["value"].tolist() == [pytest.approx(1)]
    assert rows(loose(), "unserved_because").empty


def test_an_impossible_plan_names_it() -> None:
    with pytest.raises(ew.NotOptimal) as error:
        ew.solve(scenario(2.4, demand={"shortage": "forbidden"}))
    lines = "\n".join(error.value.lines)
    assert f"{PERMIT} (Coast metro, 2027): <= 2.4 W" in lines and LEVEL not in lines


def test_explain_names_it_at_its_site() -> None:
    found = ew.explain(capped(), site="metro_coast")
    assert any(PERMIT in sentence for sentence in found.sentences)


def test_explain_names_it_for_the_work_that_it_stops() -> None:
    found = ew.explain(capped(), workload="chat")
    assert PERMIT in found.tables["limits"]["limit"].tolist()


def test_terminal_and_page_tell_it() -> None:
    text = io.StringIO()
    print_report(Console(file=text, width=200), capped())
    for shown in (text.getvalue(), read(page_html(capped()))):
        assert f"1 W more of {PERMIT}" in " ".join(shown.split())
        assert "noise_level" not in shown and "noise level" not in shown


def read(page: str) -> str:
    """What a reader sees of a page."""
    shown = re.sub(r"<[^>]*>", " ", re.sub(r"(?s)<(script|style).*?</\1>", "", page))
    return re.sub(r"\s+(?=\.)", "", shown)


def told(result: ew.Result) -> str:
    text = io.StringIO()
    print_report(Console(file=text, width=200), result)
    return " ".join(text.getvalue().split())


def test_its_section_is_drawn_on_terminal_and_page() -> None:
    page = " ".join(read(page_html(capped())).split())
    for shown in (told(capped()), page):
        assert "Noise of fans Fans of the loudest site sound like 2.40 W." in shown
        assert "What fans sound like at each site, and what its permit allows:" in shown
        assert "Coast metro W 2.40" in shown and "at most W 2.40" in shown
    assert "Noise by site" in page and 'data-from="module_noise_sites/0/level"' in page_html(capped())


def test_a_stored_run_draws_its_section_without_the_module(tmp_path: Path) -> None:
    folder = capped().save(tmp_path / "run")
    again = ew.Result.load(folder)
    assert again.sections == capped().sections and again.scenario.modules != (noise,)
    assert "Fans of the loudest site sound like 2.40 W." in told(again)
    copy = again.save(tmp_path / "copy")
    assert (copy / "sections.json").read_bytes() == (folder / "sections.json").read_bytes()
    (folder / "sections.json").write_text('[{"title": "x"}]')
    with pytest.raises(ew.InputError, match=r"sections.json: holds no sections of a report"):
        ew.Result.load(folder)


def _module(**parts: object) -> ModuleType:
    made = ModuleType("noise")
    made.__dict__.update({"Data": noise.Data, "build": noise.build, "report": noise.report, **parts})
    return made


def test_a_module_without_a_section_gets_one() -> None:
    """A table for each of its quantities that no module of the package reports."""

    def rows_alone(plan: Plan, solution: Solution) -> list[pd.DataFrame]:
        level = solution.variables("noise_level")
        own = results_table.rows("noise_level", "W", level)
        return [own, results_table.rows("noise_of_hour", "W", level, slice="s1"), own.assign(quantity="carbon")]

    plain = scenario(2.4).with_modules([_module(report=rows_alone)])
    result = ew.solve(plain, reliefs=0, growth_table=False)
    (section,) = result.sections
    assert (section.title, section.module) == ("Noise", "noise")
    assert [(table.title, table.labels) for table in section.tables] == [("Noise level", ("site",))]
    assert "Noise level: Unit 2027" in told(result) and "Coast metro W 2.40" in told(result)


def test_the_comparison_tells_it() -> None:
    found = ew.compare(loose(), capped())
    assert found.inputs["key"].tolist() == ["noise.cap_w.metro_coast.2027"]
    assert found.origins[["loose", "capped"]].to_numpy().tolist() == [["with_()", "with_()"]]
    assert PERMIT in found.limits.to_string() and "level" not in found.limits.to_string()
    page = found.to_html()
    assert PERMIT in page and "noise.cap_w.metro_coast.2027" in page
    text = io.StringIO()
    print_comparison(Console(file=text, width=200), found)
    for shown in (read(page), text.getvalue()):
        words = " ".join(shown.split())
        assert re.search(r"Coast metro Sound 3.00( W)? 2.40( W)? −0.6", words), words
        assert re.search(r"Coast metro at most 3.30( W)? 2.40( W)? −0.9", words)
    alone = ew.compare(loose(), ew.solve(one_place().with_(name="none"), reliefs=0, growth_table=False)).to_html()
    assert "Noise of fans" in read(alone)


def test_a_target_of_it_is_judged_and_priced() -> None:
    """2.4 W are 0.3 too many; at 2.1 W another half PFLOP/s stays unserved."""
    row = ew.targets(aimed(), price=True).set_index("target").loc["quiet"]
    assert (row["what"], row["unit"], row["year"], row["status"]) == ("sound of a site", "W", 2027, "missed")
    assert row["figure"] == pytest.approx(2.4) and row["missed_by"] == pytest.approx(0.3)
    assert row["setting"] == "noise.cap_w: {metro_coast: {2027: 2.1}}"
    quiet = ew.solve(scenario(2.1), reliefs=0, growth_table=False)
    assert row["extra_cost_million_cny"] == pytest.approx(quiet.objective - aimed().objective)
    assert row["extra_cost_million_cny"] > 0 and "then 2.1 W in 2027, met" in row["remark"]


def test_a_target_in_another_unit_is_not_compared() -> None:
    other = {"quiet": {**QUIET["quiet"], "unit": "gwh"}}
    row = ew.targets(replace(aimed(), scenario=aimed().scenario.with_(policy_targets=other))).iloc[0]
    assert (row["status"], row["remark"]) == ("not comparable", "the target is in gwh, the run's figure in W")


def test_a_stored_run_is_judged_without_the_module(tmp_path: Path) -> None:
    """What rows tell needs no module; what a function works out says which one is missing."""
    read = ew.Result.load(aimed().save(tmp_path / "run"))
    pd.testing.assert_frame_equal(ew.targets(read), ew.targets(aimed()))
    metric = replace(noise.Data.metrics["most_sound"], figure=lambda view: view.pick("noise_level")["value"].max())
    data = type("Data", (noise.Data,), {"metrics": {"most_sound": metric}, "__module__": __name__})
    result = replace(aimed(), scenario=aimed().scenario.with_modules([_module(Data=data)]))
    assert ew.targets(result).iloc[0]["figure"] == pytest.approx(2.4)
    row = ew.targets(ew.Result.load(result.save(tmp_path / "other"))).iloc[0]
    assert row["status"] == "not modelled in this run"
    assert "the run was made with the module 'noise', which is not given" in row["remark"]


def test_the_page_shows_the_target() -> None:
    shown = " ".join(re.sub(r"<[^>]*>", " ", page_html(aimed())).split())
    assert "sound of a site, Coast metro" in shown and "missed by 0.3 W" in shown


def test_the_export_holds_it(tmp_path: Path) -> None:
    book = ew.export(capped(), tmp_path / "run.xlsx")
    sheets = pd.read_excel(book, sheet_name=None, header=None)
    cells = {name: set(frame.astype(str).to_numpy().ravel()) for name, frame in sheets.items()}
    assert any(PERMIT in found for found in cells.values())
    assert any("noise_level" in found for found in cells.values())
    assert {"Noise by site", "Noise of the country"} <= set(sheets)
    assert {"level", "permit", "W", "metro_coast", "2.4"} <= cells["Noise by site"]
    folder = ew.export(capped(), tmp_path / "out/")
    frame = pd.read_csv(folder / "module_noise_sites.csv")
    assert frame[["site", "level", "permit"]].to_numpy().tolist() == [["metro_coast", 2.4, 2.4]]
    columns = pd.read_csv(folder / "columns.csv").set_index(["file", "column"])
    assert columns.loc[("module_noise_sites.csv", "level"), ["unit", "description"]].tolist() == ["W", "Sound"]


def test_a_full_year_keeps_what_was_decided() -> None:
    """The routing is given, so every hour draws what it drew in the plan: 0.8 MW."""
    found = ew.evaluate(capped(), 2027, hours=48).comparison.set_index("quantity")
    assert found.at["grid electricity", "evaluated"] == pytest.approx(found.at["grid electricity", "planned"])
