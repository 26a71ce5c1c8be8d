"""Exports: every number read back equals the view, units everywhere, same bytes twice, and nothing half written."""

from __future__ import annotations

import hashlib
import json
import math
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import builder
import geopandas
import openpyxl
import pandas as pd
import pyogrio
import pytest
import synthetic

import eastwest as ew
from eastwest.cli import main
from eastwest.errors import InputError, SolveError
from eastwest.report.export import excel, geopackage, meanings, sheets, write
from eastwest.results import run_folder, views
from eastwest.results.result import Result

SUFFIXES = {
    "_mw": "MW", "_ms": "ms", "_million_cny": "million CNY", "_pflops": "PFLOP/s", "_mwh": "MWh", "_t": "t CO2",
    "_gbps": "Gbit/s", "_devices": "devices", "_share": "1", "_deg": "degrees",
}  # fmt: skip
KINDS = ("general", "intelligent", "super")
WRITE = sheets.sheets
"""The sheets as the exports see them."""


@cache
def tiny() -> Result:
    """A small run with sectors, corridors, polygons and more demand than there can be devices for."""
    tasks = {"chat": {"sector": "finance", "growth_high_per_year": 9}, "train": {"sector": "industry"}}
    return ew.solve(builder.tiny(tasks=tasks, demand={"growth": "high"}), reliefs=2, growth_table=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny().save(tmp_path_factory.mktemp("run") / "tiny")


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ew.export(tiny(), tmp_path_factory.mktemp("book") / "tiny.xlsx")


def cells(page: Any) -> pd.DataFrame:
    """A sheet as a frame, without its row of units."""
    names, _, *rows = page.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=names, dtype=object)


def same(got: list[Any], expected: pd.Series) -> None:
    """Every cell as it was; empty where there was no figure or no text."""
    assert len(got) == len(expected)
    for cell, value in zip(got, expected.tolist(), strict=True):
        if value == "" or (isinstance(value, float) and math.isnan(value)) or value is None:
            assert cell is None
        else:
            assert cell == value


def hashes(path: Path) -> dict[str, str]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file()}


# Words and units of columns


@pytest.mark.parametrize("result", [tiny, synthetic.result, synthetic.two_years], ids=["tiny", "one year", "two years"])
def test_every_column_of_every_view_has_unit_and_words(result: Any) -> None:
    found = result()
    frames = {**found.views(), "results_table_of": found.table}
    assert set(found.views()) == set(meanings.VIEWS)
    for name, frame in frames.items():
        for column in frame.columns:
            unit, words = meanings.meaning(name, column)
            assert words and not words.endswith(".")
            assert unit or not pd.api.types.is_float_dtype(frame[column]), f"{name}.{column} has figures and no unit"


def test_every_column_that_a_site_can_have_has_its_unit() -> None:
    specs = views._site_columns(pd.DataFrame({"kind": KINDS}))
    names = [column for _, _, column in specs] + [f"utilisation_{kind}_devices" for kind in KINDS]
    assert len(names) > 40
    for name in names:
        unit, words = meanings.meaning("sites", name)
        assert "{" not in words
        if name.startswith("utilisation"):
            assert unit == "1"
        else:
            suffix = next(suffix for suffix in SUFFIXES if name.endswith(suffix))
            assert unit == SUFFIXES[suffix]


def test_suffix_and_unit_agree_and_every_entry_is_met() -> None:
    for name, (unit, _) in meanings.PLAIN.items():
        suffix = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)
        assert suffix is None or unit.startswith(SUFFIXES[suffix])
    with pytest.raises(KeyError, match="meanings"):
        meanings.meaning("sites", "strange_mw")
    own = {(sheet.name, str(column)) for sheet in WRITE(tiny()) for column in sheet.frame.columns}
    met = {column for _, column in own} | {column for layer in geopackage.layers(tiny()) for column in layer.frame}
    assert set(meanings.PLAIN) - met == set()


# Excel


def test_every_cell_of_the_workbook_equals_the_view(book: Path) -> None:
    read = openpyxl.load_workbook(book)
    frames = {**tiny().views(), "results_table_of": tiny().table}
    for sheet in WRITE(tiny()):
        page = read[sheet.title]
        got = cells(page)
        assert list(got.columns) == list(sheet.frame.columns)
        for column in frames.get(sheet.name, sheet.frame).columns.drop("geometry", errors="ignore"):
            same(got[column].tolist(), frames.get(sheet.name, sheet.frame)[column])
        units = [cell.value or "" for cell in page[2]]
        assert units == [{"1": "share (1)"}.get(unit, unit) for unit, _ in sheet.meanings.values()]
        assert page.freeze_panes == "A3"
        assert str(page.auto_filter.ref).startswith("A2:")


def test_names_stand_beside_identifiers(book: Path) -> None:
    names = dict(zip(tiny().scenario.tables["sites"]["site"], tiny().scenario.tables["sites"]["name_en"], strict=True))
    served = cells(openpyxl.load_workbook(book)["Served"])
    assert list(served.columns[:7]) == ["year", "region", "region_name", "task", "task_name", "site", "site_name"]
    assert all(name.startswith(names[site]) for site, name in zip(served["site"], served["site_name"], strict=True))
    both = next(sheet for sheet in WRITE(synthetic.result()) if sheet.name == "served").frame
    assert {"Beijing 北京", "Guizhou 贵州"} == set(both["region_name"])


def test_the_first_sheet_says_what_a_reader_needs(book: Path) -> None:
    read = openpyxl.load_workbook(book)
    lines = [[cell or "" for cell in row] for row in read["Read me"].iter_rows(values_only=True)]
    said = {str(row[0]): str(row[1]) for row in reversed(lines)}
    assert read.sheetnames[0] == "Read me"
    assert (said["Run"], said["Status"]) == ("tiny", "optimal")
    assert said["Objective"] == f"{tiny().objective:,.9g} million CNY (penalties included)"
    assert said["Certificate"].startswith("holds")
    assert "negative" in said["Shadow prices"] and "never added" in said["Kinds"]
    assert "assumption" in said["Data"] and "regions.geojson" in said["Boundaries"]
    listed = {(row[0], row[1], row[2]) for row in lines}
    assert ("Served", "pflops", "PFLOP/s") in listed and ("Sites", "grid_capacity_mw", "MW") in listed
    for sheet in read.sheetnames[1:]:
        assert any(row[0] == sheet and row[3] for row in lines)


def test_numbers_look_like_what_they_are(book: Path) -> None:
    read = openpyxl.load_workbook(book)
    header = [cell.value for cell in read["Utilisation"][1]]
    assert read["Utilisation"].cell(3, header.index("peak") + 1).number_format == "0.0 %"
    assert read["Headline"].cell(3, 2).number_format == "0"
    formats = {cell.number_format for row in read["Results table"].iter_rows(min_row=3) for cell in row if cell.value}
    assert {"#,##0", "#,##0.00", "0.0000"} <= formats


def test_text_that_looks_like_a_formula_stays_text(tmp_path: Path) -> None:
    read = openpyxl.load_workbook(ew.export(synthetic.result(), tmp_path / "x.xlsx"))
    found = [cell for page in read for row in page.iter_rows() for cell in row if cell.value == "=Web"]
    assert found and all(cell.data_type == "s" and cell.quotePrefix for cell in found)
    with zipfile.ZipFile(tmp_path / "x.xlsx") as archive:
        pages = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert pages and not any(b"<f>" in page or b"<hyperlink" in page for page in pages)


def test_long_text_is_cut_with_a_note(tmp_path: Path) -> None:
    base = synthetic.result()
    for letter, count in (("x", excel.MOST_LETTERS - 1), ("𠮷", excel.MOST_LETTERS // 2)):
        long, fits = letter * 40_000, letter * count
        assert excel._cell(fits) == fits
        cut = excel._cell(long)
        assert len(cut.encode("utf-16-le")) // 2 <= excel.MOST_LETTERS and cut.endswith("[cut: 40,000 letters]")
    found = replace(base, messages=("x" * 40_000,))
    read = openpyxl.load_workbook(ew.export(found, tmp_path / "x.xlsx"))
    lines = {row[0]: row[1] for row in read["Read me"].iter_rows(values_only=True)}
    assert len(lines["Message"]) == excel.MOST_LETTERS


def test_rows_beyond_the_limit_of_a_sheet_go_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = synthetic.result()
    monkeypatch.setattr(excel, "MOST_ROWS", 22)
    read = openpyxl.load_workbook(ew.export(found, tmp_path / "x.xlsx"))
    parts = [name for name in read.sheetnames if name.startswith("Results table")]
    assert parts == ["Results table", *(f"Results table {number}" for number in range(2, len(parts) + 1))]
    together = pd.concat([cells(read[name]) for name in parts], ignore_index=True)
    same(together["value"].tolist(), found.table["value"])
    said = [row for row in read["Read me"].iter_rows(values_only=True) if row[0] == "Results table 2"]
    assert f"part 2 of {len(parts)}" in said[0][3]


def test_sheet_names_are_legal() -> None:
    from xlsxwriter import Workbook

    writer = excel._Writer(Workbook(None, {"in_memory": True}))
    names = [writer.name(title) for title in ("a[b]:c*?/\\d", "'x'", "", "HISTORY", "y" * 40, "y" * 40, "Read me")]
    assert names[0] == "a b  c    d" and names[1] == "x" and names[2] == "Sheet" and names[3] == "HISTORY 2"
    assert len({name.lower() for name in names}) == len(names) and all(0 < len(name) <= 31 for name in names)
    writer.text._get_xf_index()


# GeoPackage


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ew.export(tiny(), tmp_path_factory.mktemp("gpkg") / "tiny.gpkg")


def test_layers_read_back_equal_the_views(package: Path) -> None:
    assert {name for name, _ in pyogrio.list_layers(package)} == {*meanings.LAYERS, "units", "about"}
    result = tiny()
    for name, frame in (("sites", result.sites), ("flows", result.flows)):
        got = geopandas.read_file(package, layer=name)
        assert got.crs == "EPSG:4326"
        assert len(got) == len(frame) > 0
        for column in frame.columns.drop("geometry"):
            read, held = (table[column].astype(object).fillna("").astype(str).tolist() for table in (got, frame))
            assert read == held
        assert got.geometry.union_all().equals_exact(frame.geometry.union_all(), 1e-9)


def test_regions_hold_demand_served_and_unserved_by_kind(package: Path) -> None:
    got = geopandas.read_file(package, layer="regions").set_index(["region", "year"])
    assert set(got.geometry.geom_type) == {"MultiPolygon"}
    table = tiny().table
    for quantity in ("demand", "served", "unserved"):
        rows = table[(table["quantity"] == quantity) & (table["kind"] == "intelligent")]
        expected = rows.groupby(["region", "year"])["value"].sum()
        for key, value in got[f"{quantity}_intelligent_pflops"].items():
            assert value == pytest.approx(expected.get(key, 0.0), rel=1e-12)
    assert got["unserved_intelligent_pflops"].sum() > 0


def test_nothing_asked_for_is_no_figure_and_not_a_zero() -> None:
    frame = geopackage.regions(synthetic.result()).set_index("region")
    assert math.isnan(frame.at["r2", "served_intelligent_pflops"])
    assert frame.at["r2", "unserved_general_pflops"] == 0
    assert set(frame.geometry.geom_type) == {"Point"}


def test_corridors_hold_capacity_and_use(package: Path) -> None:
    got = geopandas.read_file(package, layer="corridors").set_index(["corridor", "year"])
    table = tiny().table
    assert len(got)
    for quantity, column in (("capacity", "capacity_gbps"), ("used", "used_gbps")):
        rows = table[(table["quantity"] == quantity) & (table["corridor"] != "")]
        expected = rows.set_index(["corridor", "year"])["value"]
        assert got[column].to_dict() == expected.to_dict()


def test_every_column_of_a_layer_has_a_legal_name_and_a_unit(package: Path) -> None:
    units = pyogrio.read_dataframe(package, layer="units").set_index(["layer", "column"])
    for layer in meanings.LAYERS:
        fields = list(pyogrio.read_info(package, layer=layer)["fields"])
        assert all(field.isascii() and field.isidentifier() and len(field) <= 63 for field in fields)
        assert {(layer, field) for field in fields} <= set(units.index)
    assert units.at[("regions", "unserved_intelligent_pflops"), "unit"] == "PFLOP/s"
    about = pyogrio.read_dataframe(package, layer="about").set_index("name")["text"]
    assert "regions.geojson" in about["Boundaries"] and about["Run"] == "tiny"
    assert "regions.geojson" in pyogrio.read_info(package, layer="regions")["layer_metadata"]["DESCRIPTION"]


def test_gdal_is_left_as_it_was(package: Path) -> None:
    assert package.is_file() and pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_a_run_without_polygons_or_corridors_has_its_layers(tmp_path: Path) -> None:
    path = ew.export(synthetic.result(), tmp_path / "x.gpkg")
    assert len(geopandas.read_file(path, layer="regions")) == 2
    assert len(geopandas.read_file(path, layer="corridors")) == 0


# The folder


def test_folder_holds_every_view_and_says_what_each_column_is(tmp_path: Path) -> None:
    out = ew.export(tiny(), tmp_path / "out")
    package = json.loads((out / "datapackage.json").read_text())
    described = pd.read_csv(out / "columns.csv", keep_default_na=False).set_index(["file", "column"])
    for resource in package["resources"]:
        raw = (out / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{hashlib.sha256(raw).hexdigest()}" and resource["bytes"] == len(raw)
    tables = [resource for resource in package["resources"] if "schema" in resource]
    for resource in tables:
        path = out / resource["path"]
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, dtype={"region": str})
        assert list(frame.columns) == [field["name"] for field in resource["schema"]["fields"]]
        assert len(frame) == resource["rows"]
        for field in resource["schema"]["fields"]:
            assert described.at[(path.name, field["name"]), "unit"] == field.get("unit", "")
    for name, view in tiny().views().items():
        got = pd.read_csv(out / f"{name}.csv")
        for column in view.columns.drop("geometry", errors="ignore"):
            if pd.api.types.is_float_dtype(view[column]):
                assert got[column].to_numpy() == pytest.approx(view[column].to_numpy(float), rel=1e-8, nan_ok=True)
    assert pd.read_parquet(out / "results.parquet")["value"].tolist() == tiny().table["value"].tolist()
    for layer in meanings.LAYERS:
        assert len(geopandas.read_file(out / f"{layer}.geojson"))


def test_a_second_export_takes_the_place_of_the_first(tmp_path: Path) -> None:
    out = ew.export(tiny(), tmp_path / "out")
    (out / "columns.csv").write_text("spoilt")
    ew.export(tiny(), out)
    assert (out / "columns.csv").read_text().startswith("file,column,unit,description")


def test_foreign_folders_are_not_replaced(tmp_path: Path, folder: Path) -> None:
    before = hashes(folder)
    with pytest.raises(InputError, match="not the folder of an export"):
        ew.export(tiny(), folder)
    assert hashes(folder) == before
    out = ew.export(tiny(), tmp_path / "out")
    (out / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match=r"not part of an export \(mine\.txt\)"):
        ew.export(tiny(), out)
    assert (out / "mine.txt").read_text() == "mine"
    with pytest.raises(InputError, match="not the folder of a run"):
        run_folder.check_target(ew.export(tiny(), tmp_path / "other"))


# All formats


@pytest.mark.parametrize("name", ["x.xlsx", "x.gpkg", "x"])
def test_the_same_run_gives_the_same_bytes(name: str, tmp_path: Path, folder: Path) -> None:
    one = ew.export(Result.load(folder), tmp_path / "a" / name)
    other = ew.export(Result.load(folder), tmp_path / "b" / name)
    assert hashes(one) == hashes(other)
    assert hashes(one)


@pytest.mark.parametrize("name", ["x.csv", "x.xls", "run.2027", "x.xlxs"])
def test_an_unknown_ending_says_what_is_possible(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        ew.export(tiny(), tmp_path / name)
    assert all(word in str(caught.value) for word in (".xlsx", ".gpkg", "folder", Path(name).suffix))
    assert not list(tmp_path.iterdir())


def test_what_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "run.2027").mkdir()
    assert write.ending_of(tmp_path / "run.2027") == write.ending_of("a.b/") == write.ending_of("out") == ""
    assert write.ending_of("A.XLSX") == ".xlsx"
    (tmp_path / "x.xlsx").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        ew.export(tiny(), tmp_path / "x.xlsx")


@pytest.mark.parametrize("name", ["x.xlsx", "x.gpkg", "x"])
def test_a_failure_leaves_what_was_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = ew.export(tiny(), tmp_path / name)
    before = hashes(path)

    def breaks(result: Result) -> Iterator[Any]:
        yield from list(WRITE(result))[:2]
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sheets, "sheets", breaks)
    monkeypatch.setattr(sheets, "described", lambda *given: list(breaks(tiny())))
    monkeypatch.setattr(geopackage, "corridors", lambda result: next(iter(breaks(result))) and list(breaks(result)))
    with pytest.raises(InputError, match="No space left"):
        ew.export(tiny(), path)
    assert hashes(path) == before
    assert [item.name for item in tmp_path.iterdir()] == [name]


def test_only_a_certified_plan_is_exported(tmp_path: Path) -> None:
    for result in (replace(tiny(), status="time limit"), replace(tiny(), certificate={})):
        with pytest.raises(SolveError, match="certified plan"):
            ew.export(result, tmp_path / "x.xlsx")
    assert not list(tmp_path.iterdir())


# The command


@pytest.mark.parametrize("name", ["x.xlsx", "x.gpkg", "x/"])
def test_command_writes_and_says_so(name: str, tmp_path: Path, folder: Path, capsys: Any) -> None:
    assert main(["export", str(folder), f"{tmp_path}/{name}"]) == 0
    out = capsys.readouterr()
    assert out.out == "" and "written:" in out.err
    assert (tmp_path / name).exists()


def test_command_refuses_before_it_reads(tmp_path: Path, folder: Path, capsys: Any) -> None:
    assert main(["export", str(folder), str(tmp_path / "x.docx")]) == 2
    assert main(["export", str(tmp_path), str(tmp_path / "x.xlsx")]) == 2
    assert "'.docx'" in capsys.readouterr().err and not list(tmp_path.iterdir())
