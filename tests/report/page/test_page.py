"""The page of a run: every figure on it can be looked up in results.parquet, and nothing on it can reach out."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import math
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import builder
import pandas as pd
import pytest
import reading_pages
import synthetic

from eastwest.errors import ReportError
from eastwest.formatting.words import figure, with_unit
from eastwest.report.lines import LARGER
from eastwest.report.page import page_html
from eastwest.report.page.data import as_json
from eastwest.results.result import Result
from eastwest.solving.solve import solve

SIX_MB = 6_000_000


@pytest.fixture(scope="module")
def tiny_years() -> Result:
    """The tiny country in two years, solved, with demand that it cannot serve."""
    return reading_pages.scarce_years()


@pytest.fixture(scope="module", params=["synthetic", "two years", "tiny", "tiny years"])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tiny_years: Result) -> Path:
    """Folder of a saved run."""
    made = {
        "synthetic": synthetic.result,
        "two years": synthetic.two_years,
        "tiny": lambda: solve(builder.tiny(), reliefs=3, growth_table=False),
        "tiny years": lambda: tiny_years,
    }
    return made[request.param]().save(tmp_path_factory.mktemp("run") / "run")


# Every figure is one of results.parquet


def held(table: pd.DataFrame, source: dict[str, Any]) -> pd.DataFrame:
    """Rows of the results table that a column says it is made of."""
    quantities = source["quantity"] if isinstance(source["quantity"], list) else [source["quantity"]]
    rows = table[table["quantity"].isin(quantities)]
    if "how" in source and source["unit"]:
        rows = rows[rows["unit"] == (source["rows_unit"] or source["unit"])]
    for label, value in source["where"].items():
        rows = rows[rows[label].isin(value if isinstance(value, list) else [value])]
    return rows


def recomputed(table: pd.DataFrame, inputs: Path, data: dict[str, Any], key: str, row: list[Any]) -> float | None:
    """A cell by its column's own source, from the results table alone."""
    column = next(column for column in data["columns"] if column["key"] == key)
    source, labels = {**column["source"], "unit": column["unit"]}, dict(zip(data["labels"], row, strict=False))
    if source["from"] == "computed":  # by more than sums: its own tests say how
        return row[len(data["labels"]) + [each["key"] for each in data["columns"]].index(key)]
    if source["from"] == "difference":
        of, less = (recomputed(table, inputs, data, source[part], row) for part in ("of", "less"))
        return None if of is None or less is None else of - less
    if source["from"] == "ratio":
        above, below = (recomputed(table, inputs, data, source[part], row) for part in ("above", "below"))
        return None if above is None or not below else above / below
    if source["from"] == "given":
        known = pd.read_csv(inputs / f"{source['table']}.csv", dtype={source["label"]: str})
        found = known.loc[known[source["label"]] == labels[source["label"]], source["column"]]
        return float(found.iloc[0]) if len(found) and pd.notna(found.iloc[0]) else None
    rows = held(table, source)
    by = labels if source.get("by") is None else source["by"]
    for label in by:
        rows = rows[rows[label] == labels[label]]
    if source["from"] == "quantile":
        return weighted_quantile(table, rows, source)
    if rows.empty:
        return source["fill"]
    assert source["how"] != "only" or len(rows) == 1, (data["title"], key, labels)
    values = [value * source["factor"] for value in rows["value"]]
    return {"sum": math.fsum, "only": math.fsum, "max": max, "min": min}[source["how"]](values)


def weighted_quantile(table: pd.DataFrame, rows: pd.DataFrame, source: dict[str, Any]) -> float | None:
    keys = ["region", "task", "site", "year"]
    weights = held(table, {"quantity": source["weight"], "where": source["where"]}).groupby(keys)["value"].sum()
    pairs = [(value, weights.get(tuple(key), 0.0)) for *key, value in rows[[*keys, "value"]].itertuples(index=False)]
    pairs = sorted(pair for pair in pairs if pair[1] > 0)
    whole, reached = math.fsum(weight for _, weight in pairs), 0.0
    for value, weight in pairs:
        reached += weight
        if reached >= source["share"] * whole * (1 - 1e-12):
            return value
    return None


def check_figures(run: Path, most: int | None = None) -> int:
    """Compare every cell of every dataset of the page (or the first `most` rows of each); how many there were."""
    data, count = reading_pages.read(run / "report.html").data, 0
    table = pd.read_parquet(run / "results.parquet")
    text = [column for column in table.columns if column not in ("year", "value")]
    table[text] = table[text].astype(object)
    for name, dataset in data["datasets"].items():
        start = len(dataset["labels"])
        for row in dataset["rows"][:most]:
            for position, column in enumerate(dataset["columns"], start=start):
                expected = recomputed(table, run / "inputs", dataset, column["key"], row)
                cell = row[position]
                where = (name, column["key"], row[:start])
                if expected is None or not math.isfinite(expected):
                    assert cell is None, where
                else:
                    assert cell == pytest.approx(expected, rel=1e-9, abs=1e-12), where
                count += 1
    return count


def test_every_cell_can_be_recomputed_from_the_long_table(run: Path) -> None:
    assert check_figures(run) > 50


def test_a_changed_figure_is_found(run: Path, tmp_path: Path) -> None:
    """The check itself: another results.parquet does not fit the page."""
    table = pd.read_parquet(run / "results.parquet")
    table.loc[table["quantity"] == "cost", "value"] *= 1.001
    table.to_parquet(tmp_path / "results.parquet")
    (tmp_path / "report.html").write_bytes((run / "report.html").read_bytes())
    (tmp_path / "inputs").symlink_to(run / "inputs")
    with pytest.raises(AssertionError, match="cost"):
        check_figures(tmp_path)


def test_every_figure_in_words_is_a_cell(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    datasets = page.data["datasets"]
    assert len(page.figures) > 10
    for value, place, text in page.figures:
        name, position, key = place.rsplit("/", 2)
        data = datasets[name]
        keys = [column["key"] for column in data["columns"]]
        cell = data["rows"][int(position)][len(data["labels"]) + keys.index(key)]
        labels = dict(zip(data["labels"], data["rows"][int(position)], strict=False))
        unit = data["columns"][keys.index(key)]["unit"] or labels["unit"]
        assert float(value) == cell, place
        assert text in ways(cell, unit), place


def ways(value: float, unit: str) -> set[str]:
    """How a figure may stand: with its unit, or without it where a head or a column has it, maybe a larger one."""
    larger = [1.0, 1e-3, *(step[1] for step in LARGER.get(unit, ()))]
    bare = {figure(value / factor) for factor in larger} | {figure(100 * value)}
    return {with_unit(value, unit), *bare, *(["0"] if abs(value) < 1e-6 else [])}


def test_figures_are_drawn_of_cells(run: Path) -> None:
    data = reading_pages.read(run / "report.html").data
    chart = data["figures"]["cost_by_category"]
    cells = {row[-1] for row in data["datasets"][chart["dataset"]]["rows"]}
    for drawn in chart["years"].values():
        for trace in drawn["data"]:
            values = trace["x" if trace.get("orientation") == "h" else "y"]
            assert values
            assert {value for value in values if value is not None} <= cells | {0.0}


# Nothing reaches out


def test_policy_lets_nothing_out_and_only_its_own_scripts_in(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    rules = dict(rule.strip().partition(" ")[::2] for rule in reading_pages.policy(page).split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}
    assert rules["img-src"] == "data: blob:"
    packed = page.script("page-library")
    scripts = [text for attributes, text in page.scripts if not attributes.get("type")]
    library = gzip.decompress(base64.b64decode(packed))
    hashes = {base64.b64encode(hashlib.sha256(text).digest()).decode() for text in (library, scripts[0].encode())}
    assert len(scripts) == 1
    assert {part.strip("'").removeprefix("sha256-") for part in rules["script-src"].split()} == hashes


def test_nothing_on_the_page_names_another_address(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    for tag, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on")], (tag, attributes)
        for key in ("src", "srcset", "action", "data", "poster"):
            assert key not in attributes, (tag, attributes)
        if tag in ("a", "link"):
            assert (attributes["href"] or "").startswith(("#", "data:,")), attributes
    assert not any(tag in ("iframe", "object", "embed", "base", "form") for tag, _ in page.tags)
    style = re.search(r"<style>(.*?)</style>", (run / "report.html").read_text(encoding="utf-8"), re.S)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_json_cannot_leave_its_element() -> None:
    text = as_json({"a": "</script><!--&\u2028\u2029", "b": float("nan"), "c": [float("inf"), 0.0]})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": "</script><!--&\u2028\u2029", "b": None, "c": [None, 0.0]}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_texts_stay_text(language: str) -> None:
    clean, page = (reading_pages.read(page_html(result, language))
                   for result in (synthetic.two_years(), reading_pages.harmful()))  # fmt: skip
    assert len(page.scripts) == len(clean.scripts) == 4
    allowed = {tag for tag, _ in clean.tags} | {"details", "summary"}
    assert {tag for tag, _ in page.tags} <= allowed
    for tag, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on")], (tag, attributes)
    assert "window.harmed=1" in page.text
    assert "\u202e" not in page.text
    assert "x" * 3001 not in page.text
    assert "49" not in re.findall(r"\{\{ 7 \* 7 \}\}|49", page.text)


# One file, the same bytes, not too large


def test_same_run_gives_the_same_bytes(tiny_years: Result) -> None:
    assert page_html(tiny_years) == page_html(replace(tiny_years, timings={"total_s": 123.0}))


def test_page_is_one_small_file(run: Path) -> None:
    assert (run / "report.html").stat().st_size < SIX_MB
    assert "report.html" in json.loads((run / "summary.json").read_text())["files"]


def test_language_is_told(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    assert next(attributes for tag, attributes in page.tags if tag == "html")["lang"] == "en"
    chinese = reading_pages.read(page_html(synthetic.result(), "zh"))
    assert next(attributes for tag, attributes in chinese.tags if tag == "html")["lang"] == "zh-Hans"
    assert "贵安" in chinese.text


def test_headings_follow_each_other(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later <= level + 1 for level, later in pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.tags if attributes.get("id")]
    assert len(ids) == len(set(ids))
    anchors = {(attributes["href"] or "")[1:] for tag, attributes in page.tags if tag == "a"}
    assert anchors <= set(ids)


def test_sections_stand_in_order(run: Path) -> None:
    page = reading_pages.read(run / "report.html")
    sections = [attributes["id"] for tag, attributes in page.tags if tag == "section"]
    order = ["answer", "headline", "target_path", "map", "use", "cost", "limits", "rules", "investment", "growth",
             "idle", "unserved", "latency", "supply", "targets", "events", "green", "payers", "sectors",
             "hardware", "training_units", "outages", "places", "metro_growth", "movable", "published", "data",
             "scenario", "provenance"]  # fmt: skip
    assert sections == [name for name in order if name in sections]
    assert {"answer", "headline", "limits", "idle", "unserved", "data", "scenario", "provenance"} <= set(sections)


# A page that fails does not take the run with it


def test_run_stands_without_its_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(result: Result, language: str = "en") -> str:
        raise KeyError("a chart")

    monkeypatch.setattr("eastwest.report.page.page_html", broken)
    folder = tmp_path / "run"
    with pytest.raises(ReportError, match="eastwest report"):
        synthetic.result().save(folder)
    names = {path.name for path in folder.iterdir()}
    assert "results.parquet" in names
    assert "report.html" not in names
    assert set(json.loads((folder / "summary.json").read_text())["files"]) == names
    monkeypatch.undo()
    synthetic.result().save(folder)
    assert (folder / "report.html").is_file()
