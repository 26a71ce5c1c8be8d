"""Text from files does no harm: scripts, quotes, formulas, marks of direction, control characters, 10,000 letters.

One small scenario carries such text wherever a scenario may hold words; everything that the program writes of it is
read back. The page and the figures have tests of their own.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import sqlite3
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import builder
import geopandas
import openpyxl
import pandas as pd
import pyogrio
import pytest
import yaml
from rich.cells import cell_len
from rich.console import Console

import eastwest as ew
from eastwest.analysis.compare import Comparison
from eastwest.cli import main
from eastwest.errors import InputError
from eastwest.formatting import text, words
from eastwest.report.terminal.write import print_comparison, print_report, print_targets
from eastwest.results.result import Result

SCRIPT = "<script>alert(1)</script>"
QUOTES = "\"quotes' & <b> </td>"
FORMULA = "=cmd|' /C calc'!A0"
FORMULAS = (FORMULA, "+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", "\uff1dcmd()", "'=1+1")
TURNED = "\u202egnp.exe\u2066x\u200f"
CONTROLS = "a\x00b\x1b[31mred\x07\x9b1m\r\nb"
MARKUP = "[bold red]x[/] | `y` [z](http://evil) {0} {name} %s"
ODD = "\u2028new\u2029\ufeff\ufffe\uffff𠮷"
TEXTS = (SCRIPT, QUOTES, *FORMULAS, TURNED, CONTROLS, MARKUP, ODD)
LONG = "長い name " * 2_500
NUMBER = re.compile(r"-?[0-9.]+(e[-+]?[0-9]+)?")

Capture = pytest.CaptureFixture[str]


def changes(shift: int = 0) -> dict[str, Any]:
    """Hostile text for every place that holds words; `shift` moves each text to another place."""
    count = iter(range(shift, 10_000))

    def some() -> str:
        return TEXTS[next(count) % len(TEXTS)]

    def names(**more: Any) -> dict[str, Any]:
        return {"name_en": some(), "name_zh": some(), "source": some(), **more}

    target: dict[str, Any] = {key: some() for key in ("topic", "metric", "unit", "scope", "places", "basis", "note")}
    target |= {"value": 1, "quality": "official"}
    return {
        "title": some(), "question": some(), "notes": LONG[:19_000] + some(),
        "hubs": {"h": names(side="west", quality="assumption")},
        "regions": {"coast": names(), "plateau": names(hub="h")},
        "sites": {"mesa": names(hub="h"), "metro_coast": names(), "metro_plateau": names()},
        "tasks": {"chat": names(sector=some(), growth_high_per_year=9), "train": names(sector=some())},
        "devices": {
            "alpha": {"name_en": some(), "vendor": some(), "source": some()},
            "beta": {"name_en": some(), "vendor": some(), "source": some()},
        },
        "policy_targets": {
            "t1": {**target, "period": "2027", "kind": "target", "source": some()},
            "t2": {**target, "period": some(), "kind": some(), "source": some()},
        },
        "demand": {"growth": "high"},
    }  # fmt: skip


@cache
def solved(shift: int = 0) -> Result:
    return ew.solve(builder.tiny(**changes(shift)), reliefs=2, growth_table=False)


@pytest.fixture(scope="module", params=range(0, len(TEXTS), 5))
def result(request: pytest.FixtureRequest) -> Result:
    """The same scenario with each text in other places."""
    return solved(request.param)


def is_clean(line: str) -> bool:
    """Nothing that moves, hides or turns letters."""
    return not any(unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp") for letter in line)


def unclean(said: str) -> list[str]:
    """Lines with letters that do harm."""
    return [line for line in said.split("\n") if not is_clean(line)]


def runs(cell: str) -> bool:
    """Whether a spreadsheet may run the text of a cell."""
    return bool(re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]", cell)) and not NUMBER.fullmatch(cell)


def check_csv(path: Path) -> None:
    """A valid CSV file, as wide as its header everywhere, without a cell that runs."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, strict=True))
    assert rows and {len(row) for row in rows} == {len(rows[0])}
    found = [cell for row in rows for cell in row if runs(cell)]
    assert not found, f"{path.name}: {found[:3]}"


def terminal(show: Any, width: int = 80) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=width, force_terminal=False))
    return stream.getvalue()


def check_terminal(said: str, width: int = 80) -> None:
    assert unclean(said) == []
    assert all(cell_len(line) <= width for line in said.split("\n"))


# Words


@pytest.mark.parametrize("given", TEXTS)
def test_guarded_text_comes_back(given: str) -> None:
    assert text.unguarded(text.guarded(given)) == given
    assert not runs(text.guarded(given))
    assert is_clean(text.plain(given)) and words.plain is text.plain


def test_checks_find_what_they_look_for(tmp_path: Path) -> None:
    assert all(runs(formula) for formula in FORMULAS if formula != "'=1+1")
    assert not runs("-1.5e-07") and not runs("'=1") and not runs("a=b")
    assert not is_clean(TURNED) and not is_clean(CONTROLS) and is_clean("贵安 Gui'an")
    (tmp_path / "x.csv").write_text("a,b\n=1,2\n")
    with pytest.raises(AssertionError):
        check_csv(tmp_path / "x.csv")


# The run folder


def test_run_folder_is_valid_and_reads_back(result: Result, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    tables = sorted(folder.rglob("*.csv"))
    assert len(tables) > 30
    for path in tables:
        check_csv(path)
    for path in folder.rglob("*json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert len(geopandas.read_file(folder / "sites.geojson")) == 3
    back = Result.load(folder)
    for table, frame in result.scenario.tables.items():
        got = back.scenario.tables[table]
        for column in frame.columns:
            before = [cell.strip() if isinstance(cell, str) else cell for cell in frame[column].tolist()]
            assert str(got[column].tolist()) == str(before), f"{table}.{column}"
    assert back.scenario.settings == result.scenario.settings
    assert back.table.equals(result.table)


def test_saved_scenario_shows_what_is_there(result: Result, tmp_path: Path) -> None:
    shown = result.scenario.to_yaml()
    assert unclean(shown) == []
    assert yaml.safe_load(shown)["title"] == result.scenario.settings.title


# Exports


def test_workbook_holds_text_and_no_formula(result: Result, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(ew.export(result, tmp_path / "x.xlsx"))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 1000 and not any(cell.data_type == "f" or cell.hyperlink for cell in cells)
    said = [cell for cell in cells if isinstance(cell.value, str)]
    assert all(is_clean(cell.value) and len(cell.value) <= 32_767 for cell in said)
    assert all(cell.quotePrefix for cell in said if runs(cell.value))
    sites = result.scenario.tables["sites"]
    assert {text.plain(name) for name in sites["name_en"]} <= {cell.value for cell in said}


def test_geopackage_is_a_valid_database(result: Result, tmp_path: Path) -> None:
    path = ew.export(result, tmp_path / "x.gpkg")
    sites = pyogrio.read_dataframe(path, layer="sites").set_index("site")["name_en"]
    known = result.scenario.tables["sites"].set_index("site")["name_en"]
    assert sites.to_dict() == {site: text.plain(name) for site, name in known.items()}
    connection = sqlite3.connect(path)
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


def test_exported_folder_is_valid(result: Result, tmp_path: Path) -> None:
    folder = ew.export(result, tmp_path / "x")
    for path in folder.glob("*.csv"):
        check_csv(path)
    for path in folder.glob("*json"):
        json.loads(path.read_text(encoding="utf-8"))
    assert len(pd.read_parquet(folder / "results.parquet")) == len(result.table)
    for name in ("sites", "flows", "regions", "corridors"):
        assert len(geopandas.read_file(folder / f"{name}.geojson"))


# The terminal


@pytest.mark.parametrize("width", [80, 200])
def test_report_on_a_terminal(result: Result, width: int) -> None:
    said = terminal(lambda console: print_report(console, result, Path(f"runs/{TURNED}")), width)
    check_terminal(said, width)
    assert "serve" in said


def test_targets_on_a_terminal(result: Result) -> None:
    frame = ew.targets(result)
    said = terminal(lambda console: print_targets(console, FORMULA, frame, everything=True))
    check_terminal(said)
    assert FORMULA in said


@cache
def compared() -> Comparison:
    other = builder.tiny(**{**changes(3), "demand": {"growth": "mid"}})
    return ew.compare(solved(), ew.solve(other, reliefs=2, growth_table=False), names=[FORMULA, f"{SCRIPT}|{TURNED}"])


def test_comparison_on_a_terminal() -> None:
    said = terminal(lambda console: print_comparison(console, compared()), 200)
    assert unclean(said) == []


def test_comparison_as_markdown_and_csv(tmp_path: Path) -> None:
    said = compared().to_markdown()
    assert unclean(said) == []
    assert "<script" not in said and "<b>" not in said
    tables = [block for block in said.split("\n\n") if block.startswith("|")]
    for table in tables:
        bars = {len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in table.strip().split("\n")}
        assert len(bars) == 1, table[:300]
    for path in compared().to_csv(tmp_path / "x").glob("*.csv"):
        check_csv(path)


# The command line


def test_files_with_hostile_text_run_and_print(tmp_path: Path, capsys: Capture) -> None:
    shutil.copytree(builder.TINY.parent, tmp_path / "tiny")
    tree = yaml.safe_load((tmp_path / "tiny" / "tiny.yaml").read_text())
    tree |= {"title": TURNED, "question": SCRIPT, "notes": LONG[:19_000]}
    (tmp_path / "tiny" / "tiny.yaml").write_text(yaml.safe_dump(tree))
    path = tmp_path / "tiny" / "inputs" / "sites.csv"
    path.write_text(path.read_text().replace("Mesa cluster", '"a\x00b\x1b[31m ""q"", =x\r\nb\u202e"'))
    out = tmp_path / "run"
    scenario = str(tmp_path / "tiny" / "tiny.yaml")
    assert main(["run", scenario, "-o", str(out), "--no-growth-table", "--reliefs", "1"]) == 0
    said = capsys.readouterr()
    assert unclean(said.out) == [] and unclean(said.err) == []
    assert main(["run", scenario, "--print-scenario"]) == 0
    assert main(["compare", str(out), str(out)]) == 0
    assert main(["targets", str(out), "--all"]) == 0
    assert main(["validate", scenario]) == 0
    said = capsys.readouterr()
    assert unclean(said.out) == [] and unclean(said.err) == []


@pytest.mark.parametrize(
    ("change", "key", "most"),
    [
        ({"title": LONG}, "title", 200),
        ({"question": LONG}, "question", 2000),
        ({"notes": LONG * 2}, "notes", 20000),
        ({"regions": {"coast": {"name_en": LONG}}}, "regions/coast/name_en", 200),
        ({"regions": {"coast": {"name_zh": LONG}}}, "regions/coast/name_zh", 200),
        ({"sites": {"mesa": {"name_en": LONG}}}, "sites/mesa/name_en", 200),
        ({"devices": {"alpha": {"vendor": LONG}}}, "devices/alpha/vendor", 200),
        ({"tasks": {"chat": {"sector": LONG}}}, "tasks/chat/sector", 200),
        ({"regions": {"coast": {"source": LONG}}}, "regions/coast/source", 200),
    ],
)
def test_long_text_is_refused_in_a_short_sentence(change: dict[str, Any], key: str, most: int) -> None:
    with pytest.raises(InputError, match=f"at most {most} characters") as caught:
        builder.tiny(**change)
    assert caught.value.key == key
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("name", [SCRIPT, FORMULA, "../x", "a\x00b", "x" * 65, TURNED])
def test_names_of_scenarios_are_identifiers(name: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(yaml.safe_dump({"name": name}))
    with pytest.raises(InputError, match=r"letters, digits|control character"):
        ew.load_scenario(tmp_path / "x.yaml")


@pytest.mark.parametrize("name", [LONG, "\ud800"])
def test_names_of_polygons_are_short_text(name: str, tmp_path: Path) -> None:
    shutil.copytree(builder.TINY.parent, tmp_path / "tiny")
    path = tmp_path / "tiny" / "inputs" / "regions.geojson"
    document = json.loads(path.read_text())
    document["features"][0]["properties"]["name_en"] = name
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="at most 200 characters") as caught:
        ew.load_scenario(tmp_path / "tiny" / "tiny.yaml")
    assert len(str(caught.value)) < 400 and str(caught.value).isprintable()
