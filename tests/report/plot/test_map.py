"""The map of a run: it shows the results table, asks nothing of a network, and hostile names do no harm."""

from __future__ import annotations

import json
import re
import shutil
import struct
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import synthetic
from builder import TINY, tiny
from pyproj import Geod
from reading_pages import policy, read
from shapely.geometry import box

import eastwest as ew
from eastwest.cli import main
from eastwest.errors import InputError
from eastwest.formatting.colours import NO_DATA, NOTHING, SHADES, between
from eastwest.formatting.language import Language
from eastwest.formatting.words import with_unit
from eastwest.report.page import map_page
from eastwest.report.plot import map as maps
from eastwest.report.plot import map_layer, map_words
from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.map_picture import picture, short_labels
from eastwest.report.plot.map_static import static
from eastwest.results.result import Result
from eastwest.scenario import Scenario, load_scenario

LAYERS = {"shade", "flows", "sites", "key"}
HOSTILE = "<script>alert(1)</script> =cmd()\"'&$x_{$ \u202e" + "long " * 2000
Capture = pytest.CaptureFixture[str]


def polygons() -> gpd.GeoDataFrame:
    """Outlines of the two regions of the synthetic run."""
    shapes = [box(113, 36, 120, 43), box(103, 24, 110, 29)]
    return gpd.GeoDataFrame({"region": ["r1", "r2"]}, geometry=shapes, crs="EPSG:4326")


def outlined(result: Result, **tables: pd.DataFrame) -> Subject:
    """A synthetic run with outlines."""
    scenario: Any = replace(result.scenario, polygons=polygons())
    return Subject(result.table, replace(scenario, tables={**scenario.tables, **tables}), Language())


@cache
def subject() -> Subject:
    """Two years of it."""
    return outlined(synthetic.two_years())


@cache
def chart() -> Chart:
    """Its map."""
    return maps.chart(subject())


def traces(figure: Any, **meta: str) -> list[Any]:
    """Traces whose meta says this."""
    return [trace for trace in figure.data if all(trace.meta.get(key) == value for key, value in meta.items())]


def total(quantity: str, **labels: object) -> float:
    """Sum of rows of the results table."""
    rows = subject().table
    rows = rows[rows["quantity"] == quantity]
    for label, value in labels.items():
        rows = rows[rows[label] == value]
    return float(rows["value"].sum())


# Figures


@pytest.mark.parametrize("year", [2027, 2028])
def test_areas_are_shaded_by_the_long_table(year: int) -> None:
    figure = chart().figure(year)
    demand = {region: total("demand", region=region, kind="intelligent", year=year) for region in ("r1", "r2")}
    most = max(total("demand", region="r1", kind="intelligent", year=each) for each in (2027, 2028))
    found = [trace for trace in traces(figure, layer="shade", measure="demand") if trace.fill == "toself"]
    assert len(found) == 2 and demand["r2"] == 0
    expected = {"Beijing": between(SHADES["demand"], demand["r1"] / most), "Guizhou": NO_DATA}
    for name, colour in expected.items():
        assert [trace.fillcolor for trace in found if name in trace.text] == [colour]
    lost = total("unserved", region="r1", kind="intelligent", year=year) / demand["r1"]
    worst = max(
        total("unserved", region="r1", kind="intelligent", year=each)
        / total("demand", region="r1", kind="intelligent", year=each)
        for each in (2027, 2028)
    )
    shaded = [trace for trace in traces(figure, layer="shade", measure="unserved") if "Beijing" in (trace.text or "")]
    assert shaded[0].fillcolor == between(SHADES["unserved"], lost / worst)
    assert f"{100 * lost:.1f} %" in shaded[0].text
    bar = [trace for trace in traces(figure, layer="shade", measure="unserved") if trace.marker.showscale]
    assert bar[0].marker.cmax == pytest.approx(100 * worst) and "[%]" in bar[0].marker.colorbar.title.text


@pytest.mark.parametrize("year", [2027, 2028])
def test_circles_are_sized_by_power_and_coloured_by_the_fullest(year: int) -> None:
    figure = chart().figure(year)
    area = {}
    for site, which in (("guian", "cluster"), ("metro_r1", "metro")):
        (trace,) = traces(figure, layer="sites", sites=which)
        power = total("used", site=site, item="grid", year=year)
        area[site] = trace.marker.size[0] ** 2 / power
        shares = []
        for asset in ("grid", "hall_dense", "hall_standard"):
            capacity = total("capacity", site=site, item=asset, year=year)
            shares += [total("used", site=site, item=asset, year=year) / capacity] if capacity else []
        assert trace.marker.color[0] == pytest.approx(100 * max(shares))
        assert (trace.marker.cmin, trace.marker.cmax) == (0, 100)
    assert area["guian"] == pytest.approx(area["metro_r1"], rel=0.02)


def test_site_without_figures_is_grey_and_says_so() -> None:
    table = subject().table
    bare = table[~(table["quantity"].isin(["used", "energised", "served"]) & (table["site"] == "metro_r1"))]
    figure = maps.chart(Subject(bare, subject().scenario, Language())).figure()
    (trace,) = traces(figure, layer="sites", sites="metro")
    assert list(trace.marker.color) == [NOTHING] and "no figures in this run" in trace.hovertext[0]
    sites = subject().scenario.tables["sites"]
    alone: Any = replace(synthetic.result(), scenario=subject().scenario)
    clusters = maps.chart(outlined(alone, sites=sites[sites["kind"] == "cluster"])).figure()
    assert [trace.marker.showscale for trace in traces(clusters, layer="sites")] == [True]


def test_flows_are_what_is_served_elsewhere() -> None:
    for year in (2027, 2028):
        figure = chart().figure(year)
        for task in ("chat", "all: intelligent"):
            (points,) = [trace for trace in traces(figure, layer="flows", task=task) if trace.mode == "markers"]
            served = total("served", region="r1", site="guian", kind="intelligent", year=year)
            whole = total("served", kind="intelligent", year=year)
            assert len(points.hovertext) == 1, "what its own metro serves has no line"
            for part in ("Beijing → Gui'an", with_unit(served, "PFLOP/s"), "40.1 ms", f"{100 * served / whole:.1f} %"):
                assert part in points.hovertext[0]
        (own,) = traces(figure, layer="sites", sites="metro")
        assert "intelligent" in own.hovertext[0] and "100.0 % of it to its own region" in own.hovertext[0]


def test_datasets_hold_every_flow_and_equal_the_long_table() -> None:
    provinces, flows, compute = chart().more
    table = subject().table
    served = table[table["quantity"] == "served"]
    labels = ["year", "kind", "task", "region", "site"]
    expected = served.groupby(labels)["value"].sum()
    pd.testing.assert_series_equal(flows.frame.set_index(labels)["served"], expected, check_names=False)
    for row in provinces.frame.to_dict(orient="records"):
        assert row["demand"] == total("demand", region=row["region"], kind=row["kind"], year=row["year"])
    for row in chart().dataset.frame.to_dict(orient="records"):
        assert row["grid_used"] == total("used", site=row["site"], item="grid", year=row["year"])
    assert set(compute.frame["kind"]) == {"intelligent", "general"}, "kinds stand apart"


def test_curves_run_from_the_region_to_the_site_and_two_directions_stay_apart() -> None:
    shown = picture(subject())
    (flow,) = shown.flows(2027, "chat").itertuples()
    x, y = map_layer.curve((flow.x, flow.y), (flow.x_to, flow.y_to))
    ends = shown.frame.points([116.4, 106.6], [39.9, 26.4])
    assert np.allclose([(x[0], y[0]), (x[-1], y[-1])], ends, atol=1.0)
    there, back = map_layer.middle((0, 0), (1000, 0)), map_layer.middle((1000, 0), (0, 0))
    assert there == (500, 180, 90.0) and back == (500, -180, -90.0)
    line = shapely.LineString(list(zip(*map_layer.curve((0, 0), (9000, 0)), strict=True)))
    t = np.linspace(0, 1, 500)[:, None]
    start, end = np.zeros(2), np.array([9000.0, 0.0])
    exact = (1 - t) ** 2 * start + 2 * t * (1 - t) * map_layer.control_point(start, end) + t**2 * end
    assert max(line.distance(shapely.Point(*point)) for point in exact) < map_layer.CORNER + 1


def test_smallest_flows_are_left_out_of_the_picture_only() -> None:
    base = synthetic.result().table
    extra = base[(base["quantity"] == "served") & (base["site"] == "guian") & (base["task"] == "chat")]
    small = extra.assign(region="r3", value=extra["value"] * 0.015)
    table = pd.concat([base, small], ignore_index=True)
    regions = synthetic.result().scenario.tables["regions"]
    third = regions[regions["region"] == "r1"].assign(region="r3", name_en="Third", latitude_deg=30.0)
    result = replace(synthetic.result(), table=table)
    found = maps.chart(outlined(result, regions=pd.concat([regions, third], ignore_index=True)))
    (points,) = [trace for trace in traces(found.figure(), layer="flows", task="chat") if trace.mode == "markers"]
    assert not any("Third" in text for text in points.hovertext) and "2 %" in found.caption
    assert "r3" in set(found.more[1].frame["region"])


# What a page relies on


def test_meta_says_what_every_trace_is() -> None:
    for figure in chart().figures.values():
        assert {trace.meta["layer"] for trace in figure.data} == LAYERS
        for layer, key in (("flows", "task"), ("shade", "measure")):
            found = traces(figure, layer=layer)
            assert all(trace.meta["label"] and trace.meta["kind"] for trace in found)
            seen = {trace.meta[key] for trace in found if trace.visible}
            assert len(seen) == 1, "one choice is seen"
            assert all(trace.visible == (trace.meta[key] in seen) for trace in found)
        tasks = [trace.meta["task"] for trace in traces(figure, layer="flows")]
        assert next(iter(dict.fromkeys(tasks))) == "all: intelligent" and "chat" in tasks


def test_outlines_are_the_same_lists_in_every_year() -> None:
    first, second = (
        [(trace.meta["measure"], trace.x, trace.y) for trace in traces(figure, layer="shade")]
        for figure in chart().figures.values()
    )
    assert first == second
    assert first[0][1:] == first[len(first) // 2][1:], "and in both measures"


def test_unserved_is_shown_first_where_anything_is() -> None:
    assert traces(chart().figure(), layer="shade", measure="unserved")[0].visible
    table = subject().table
    served = Subject(table[table["quantity"] != "unserved"], subject().scenario, Language())
    first = table[(table["quantity"] != "unserved") | (table["year"] == 2028)]
    for year, measure in ((2027, "demand"), (2028, "unserved")):
        figure = maps.chart(Subject(first, subject().scenario, Language()), years=(year,)).figure()
        assert traces(figure, layer="shade", measure=measure)[0].visible
    assert traces(maps.chart(served).figure(), layer="shade", measure="demand")[0].visible
    assert traces(maps.chart(subject(), shade="demand").figure(), layer="shade", measure="demand")[0].visible


def test_kind_and_task_choose_the_flows() -> None:
    figure = maps.chart(subject(), kind="general").figure()
    assert {trace.meta["kind"] for trace in figure.data if trace.meta["layer"] == "shade"} == {"general"}
    figure = maps.chart(subject(), task="chat").figure()
    assert {trace.meta["task"] for trace in traces(figure, layer="flows") if trace.visible} == {"chat"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "quantum"}, "kind: received 'quantum', expected a kind of compute of the run: intelligent, general"),
        ({"task": "chta"}, "task: received 'chta', expected a task of the run"),
        ({"shade": "blue"}, "shade: received 'blue', expected demand or unserved"),
    ],
)
def test_unknown_choices_are_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        maps.chart(subject(), **given)


def test_notebooks_get_menus_that_restyle_by_the_same_meta() -> None:
    scenario: Any = subject().scenario
    figure = replace(synthetic.two_years(), scenario=scenario).plot.map(2027)
    flows = [number for number, trace in enumerate(figure.data) if trace.meta["layer"] == "flows"]
    menu = figure.layout.updatemenus[0]
    for button in menu.buttons:
        shown, places = button.args
        assert list(places) == flows
        keys = {figure.data[place].meta["task"] for place, seen in zip(places, shown["visible"], strict=True) if seen}
        assert len(keys) == 1
    assert menu.buttons[menu.active].label == "All intelligent workloads"
    with pytest.raises(InputError, match="received year 2031"):
        replace(synthetic.two_years(), scenario=scenario).plot.map(2031)


def test_nothing_asks_a_network() -> None:
    for figure in chart().figures.values():
        text = figure.to_json()
        assert "http" not in text and all(trace.type == "scatter" for trace in figure.data)
        assert not {key for key in json.loads(text)["layout"] if key.startswith(("geo", "map"))}


def test_runs_side_by_side_share_their_scales() -> None:
    first = outlined(synthetic.result())
    alone, beside = (maps.chart(first, beside=others).figure() for others in ((), (subject(),)))
    key = traces(beside, layer="key")[0].text, traces(chart().figure(), layer="key")[0].text
    assert key[0] == key[1] != traces(alone, layer="key")[0].text


# Geometry


def test_projection_keeps_areas_and_fits_what_is_shown() -> None:
    frame = map_layer.frame(polygons(), [116.4], [39.9])
    rings = map_layer.outlines(polygons(), frame)
    for region, lon in (("r1", (113, 120, 36, 43)), ("r2", (103, 110, 24, 29))):
        west, east, south, north = lon
        dense = shapely.segmentize(box(west, south, east, north), 0.1)
        square_m = abs(Geod(ellps="WGS84").geometry_area_perimeter(dense)[0])
        drawn = shapely.Polygon(list(zip(*rings[region][0], strict=True))).area * frame.metres_per_unit**2
        assert drawn == pytest.approx(square_m, rel=0.01)
        assert min(rings[region][0][0]) >= 0 and max(rings[region][0][0]) <= frame.width
    assert max(frame.width, frame.height) == map_layer.UNITS


@pytest.mark.parametrize(
    ("places", "name"),
    [
        ([(80, 20), (130, 50)], "aea"), ([(-70, -55), (-50, -22)], "aea"), ([(9, -4), (30, 13)], "laea"),
        ([(-60, 60), (-20, 84)], "laea"), ([(-170, -40), (170, 70), (0, 0), (90, 0), (-90, 0)], "eqearth"),
    ],
)  # fmt: skip
def test_projection_suits_the_place(places: list[tuple[float, float]], name: str) -> None:
    longitudes, latitudes = np.array(places, dtype=float).T
    crs = map_layer.equal_area(longitudes, latitudes)
    assert f"+proj={name} " in crs.srs


def test_country_across_180_degrees_is_not_torn() -> None:
    shape = shapely.MultiPolygon([box(176, -20, 180, -15), box(-180, -20, -177, -15)])
    layer = gpd.GeoDataFrame({"region": ["fiji"]}, geometry=[shape], crs="EPSG:4326")
    frame = map_layer.frame(layer, [178.4, -178.0], [-18.1, -17.0])
    assert frame.metres_per_unit * map_layer.UNITS < 900_000
    west, east = frame.points([178.4, -178.0], [-18.1, -17.0])
    assert west[0] < east[0]
    assert len(map_layer.outlines(layer, frame)["fiji"]) == 1, "two parts that meet at 180 degrees are one"
    points = map_layer.frame(None, [178.4, -178.0], [-18.1, -17.0])
    assert points.metres_per_unit * map_layer.UNITS < 500_000


def test_one_point_has_a_map() -> None:
    frame = map_layer.frame(None, [10.0], [50.0])
    assert frame.points([10.0], [50.0])[0] == pytest.approx([frame.width / 2, frame.height / 2], abs=1)


def test_heavy_layers_are_simplified_with_common_borders_and_holes_stay() -> None:
    angle = np.linspace(0, 2 * np.pi, 40_000)[:-1]
    wave = 3 + 0.05 * np.sin(200 * angle)
    inner = shapely.Polygon(np.column_stack([110 + wave * np.cos(angle), 35 + wave * np.sin(angle)]))
    layer = gpd.GeoDataFrame(
        {"region": ["in", "out"]}, geometry=[inner, box(100, 28, 120, 42) - inner], crs="EPSG:4326"
    )
    frame = map_layer.frame(layer, [110], [35])
    rings = map_layer.outlines(layer, frame)
    assert sum(len(x) for every in rings.values() for x, _ in every) <= map_layer.MOST_POINTS
    assert list(rings) == ["out", "in"], "the large one lies under the small one"
    outer, hole = (shapely.LinearRing(list(zip(*ring, strict=True))) for ring in rings["out"])
    assert outer.is_ccw != hole.is_ccw
    assert set(zip(*rings["in"][0], strict=True)) == set(hole.coords)


def test_labels_do_not_overlap() -> None:
    points = np.array([[100.0, 100], [110, 104], [120, 98], [106, 112], [300, 300]])
    sizes, widths = np.array([20.0, 18, 16, 14, 30]), np.full(5, 70.0)
    sides = map_layer.label_sides(points, sizes, widths, 15.0)
    found = {name: (right, up) for name, right, up in map_layer.SIDES}
    boxes = [
        map_layer._label_box(point, size / 2, width, 15.0, *found[side])
        for point, size, width, side in zip(points, sizes, widths, sides, strict=True)
        if side
    ]
    assert len(boxes) >= 4 and sides[4] == "middle right"
    assert not any(map_layer._overlap(a, b) for at, a in enumerate(boxes) for b in boxes[at + 1 :])


def test_the_emptiest_corner_is_free_of_land_and_sites() -> None:
    frame = replace(map_layer.frame(None, [10.0], [50.0]), width=10_000, height=8_000)
    west = ([0, 4000, 4000, 0, 0], [0, 0, 8000, 8000, 0])
    site = np.array([[9000.0, 500.0]])
    assert map_layer.emptiest_corner(frame, [west], site, 2000, 2000) == (8000, 6000)
    assert map_layer.emptiest_corner(frame, [], np.empty((0, 2)), 2000, 2000) == (0, 0), "the lower left first"
    everything = ([0, 10_000, 10_000, 0, 0], [0, 0, 8000, 8000, 0])
    assert map_layer.emptiest_corner(frame, [everything], site, 2000, 2000) is None


def test_classes_halve_from_a_round_figure() -> None:
    assert map_layer.classes([41.0, 3]) == [2, 5, 10, 20, 50]
    assert map_layer.classes([50.0])[-1] == 50 and map_layer.classes([]) == []


def test_short_labels() -> None:
    names = {"a": "Gui'an cluster", "b": "Horinger (Helinge'er) cluster", "c": "Very Long Demonstration Zone cluster"}
    assert short_labels(names) == {"a": "Gui'an", "b": "Horinger", "c": "Very Long"}
    assert short_labels({"a": "张家口数据中心集群", "b": "贵安数据中心集群"}) == {"a": "张家口", "b": "贵安"}
    twins = short_labels({"a": "Demonstration park north", "b": "Demonstration park south"})
    assert len(set(twins.values())) == 2
    assert short_labels({"a": "Alone"}) == {"a": "Alone"}


# Without outlines, with hostile names


def test_without_polygons_points_remain() -> None:
    result = synthetic.result()
    found = maps.chart(Subject(result.table, result.scenario, Language()))
    assert not traces(found.figure(), layer="shade") and traces(found.figure(), layer="sites", sites="cluster")
    assert "No outlines" in found.caption
    assert b"</svg>" in static(Subject(result.table, result.scenario, Language()), "svg")
    page = read(map_page.page(Subject(result.table, result.scenario, Language())))
    layers = [trace["meta"]["layer"] for trace in page.data["figures"]["map"]["years"]["2027"]["data"]]
    assert "flows" in layers and "shade" not in layers


@cache
def hostile() -> Subject:
    """Every name is an attack."""
    result = synthetic.result()
    tables = {
        name: frame.assign(**{column: HOSTILE for column in ("name_en", "name_zh") if column in frame})
        for name, frame in result.scenario.tables.items()
    }
    settings = result.scenario.settings.model_copy(update={"title": HOSTILE})
    scenario: Any = replace(result.scenario, settings=settings)
    return outlined(replace(result, scenario=scenario), **tables)


def test_hostile_names_are_text_in_figures() -> None:
    for trace in maps.chart(hostile()).figure().data:
        for text in [trace.text, trace.hovertext, trace.name]:
            for one in [text] if isinstance(text, str) else text or ():
                assert "<script" not in one and "\u202e" not in one and len(one) < 700


def test_hostile_names_are_text_in_pages() -> None:
    text = map_page.page(hostile())
    assert text.count("<script") == 4 and "<script>alert" not in text
    for name in ("page-data", "page-figures", "page-library"):
        assert "<" not in read(text).script(name), "data cannot end the element it stands in"
    assert "\u202e" not in text and "\u202e" not in json.dumps(read(text).data, ensure_ascii=False)


def test_hostile_names_are_text_in_svg() -> None:
    text = static(hostile(), "svg").decode()
    tree = ElementTree.fromstring(text)
    assert "<script" not in text and not [node for node in tree.iter() if node.tag.endswith("script")]
    assert any("=cmd()" in (node.text or "") for node in tree.iter())
    assert static(hostile(), "png").startswith(b"\x89PNG")


# Files


def test_svg_has_text_scales_and_layer_and_the_same_bytes_twice() -> None:
    first, second = (static(subject(), "svg", 2028) for _ in range(2))
    assert first == second
    words = [node.text or "" for node in ElementTree.fromstring(first.decode()).iter() if node.tag.endswith("text")]
    for word in ("Gui'an", "Unserved share of demand, intelligent [%]", "Fullest of grid and halls, used [%]"):
        assert word in words
    assert any("PFLOP/s" in word for word in words) and any("MW" in word for word in words)
    assert any("Outlines: regions.geojson" in word for word in words)
    assert b"dc:date" not in first


def test_svg_draws_what_is_visible_of_the_figure() -> None:
    """Colours of areas and flows of the choice are there, those of the other measure are not."""
    text = static(subject(), "svg", 2028, task="chat", shade="demand").decode()
    figure = maps.chart(subject(), task="chat", shade="demand").figure(2028)
    drawn = {trace.fillcolor for trace in traces(figure, layer="shade") if trace.fill and trace.visible}
    hidden = {trace.fillcolor for trace in traces(figure, layer="shade") if trace.fill and not trace.visible} - drawn
    assert drawn and all(f"fill: {colour}" in text for colour in drawn)
    assert hidden and not any(f"fill: {colour}" in text for colour in hidden)
    (lines, *_) = [trace for trace in traces(figure, layer="flows", task="chat") if trace.visible]
    assert f"stroke: {lines.line.color}" in text


def test_png_is_1600_pixels_wide_and_the_same_twice() -> None:
    first, second = (static(subject(), "png") for _ in range(2))
    assert first == second and struct.unpack(">I", first[16:20]) == (1600,)


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=re.escape("pip install 'eastwest[map]'")):
        static(subject(), "svg")


def test_chinese_without_a_font_is_english_and_with_pages_chinese() -> None:
    chinese = Subject(subject().table, subject().scenario, Language("zh"))
    assert b"</svg>" in static(chinese, "svg")
    assert "贵安" in map_page.page(chinese)


def test_page_names_its_scripts_and_nothing_else_may_run() -> None:
    page = read(map_page.page(subject()))
    assert "default-src 'none'" in policy(page) and policy(page).count("sha256-") == 2
    assert "unsafe-inline'; img" in policy(page)
    buttons = [found["data-choose-year"] for tag, found in page.tags if tag == "button" and "data-choose-year" in found]
    assert buttons == ["2027", "2028"]
    drawn = page.data["figures"]["map"]["years"]
    assert set(drawn) == {"2027", "2028"}
    one = read(map_page.page(subject(), 2027))
    assert set(one.data["figures"]["map"]["years"]) == {"2027"} and one.data["years"] == [2027]
    tables = {"map_sites", "map_regions", "map_flows", "map_site_compute"}
    assert set(page.data["datasets"]) == tables, "every figure of the map can be looked up"


# The command


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of a solved run whose scenario names its own layer."""
    folder = tmp_path_factory.mktemp("run")
    scenario = own_layer(tmp_path_factory.mktemp("scenario"))
    return ew.solve(scenario).save(folder / "mine")


def own_layer(folder: Path, text: str = "geography: {regions: mine.geojson, source: A survey}\n") -> Scenario:
    """The tiny country with its polygons given by `geography`."""
    shutil.copytree(TINY.parent, folder, dirs_exist_ok=True)
    (folder / "inputs" / "regions.geojson").rename(folder / "mine.geojson")
    lines = [line for line in (folder / "tiny.yaml").read_text().splitlines() if "polygons:" not in line]
    (folder / "tiny.yaml").write_text("\n".join(lines) + "\n" + text)
    return load_scenario(folder / "tiny.yaml")


@pytest.mark.parametrize("form", ["svg", "png", "html"])
def test_command_writes_each_form(run: Path, form: str, tmp_path: Path, capsys: Capture) -> None:
    target = tmp_path / f"map.{form}"
    assert main(["--quiet", "map", str(run), "-o", str(target), "--year", "2027", "--shade", "demand"]) == 0
    content = target.read_bytes()
    assert content and capsys.readouterr().err == ""
    if form != "png":
        assert b"A survey" in content and b"mine.geojson" in content


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "map.pdf"], "--output: received 'map.pdf', expected a file that ends in .svg, .png or .html"),
        (["-o", "map.svg", "--year", "2044"], "received year 2044, expected a planning year of the run: 2027"),
        (["-o", "map.html", "--task", "caht"], "--task: received 'caht', expected a task (did you mean 'chat'?)"),
        (["-o", "map.png", "--kind", "super"], "received 'super', expected a kind of compute of the run: intelligent"),
    ],
)
def test_command_refuses_and_leaves_files_alone(
    run: Path, options: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("map.svg", "map.html", "map.png", "map.pdf"):
        Path(name).write_text("earlier")
    assert main(["--quiet", "map", str(run), *options]) == 2
    assert said in capsys.readouterr().err
    assert {path.read_text() for path in tmp_path.iterdir()} == {"earlier"}


def test_command_without_a_run(tmp_path: Path, capsys: Capture) -> None:
    assert main(["map", str(tmp_path / "none"), "-o", str(tmp_path / "map.svg")]) == 2
    assert "is not a folder" in capsys.readouterr().err


# The layer


def test_own_layer_goes_through_the_run_folder(tmp_path: Path) -> None:
    scenario = own_layer(tmp_path)
    assert "mine.geojson" in scenario.inputs
    scenario.save(tmp_path / "saved")
    again = load_scenario(tmp_path / "saved" / "scenario.yaml")
    assert again.settings.geography == scenario.settings.geography
    assert (again.settings.geography.layer, again.settings.geography.source) == ("mine.geojson", "A survey")
    assert again.polygons is not None and again.polygons.equals(scenario.polygons)
    assert "inputs/regions.geojson" in again.inputs


def test_shipped_layer_says_its_source(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("extends: package:national-2027\n")
    geography = load_scenario(tmp_path / "plan.yaml").settings.geography
    assert (geography.layer, geography.source) == ("regions.geojson", "Natural Earth, simplified, public domain")


def test_source_is_said_of_its_own_layer_only(tmp_path: Path) -> None:
    own_layer(tmp_path)
    (tmp_path / "other.geojson").write_text((tmp_path / "mine.geojson").read_text())
    (tmp_path / "child.yaml").write_text("extends: tiny.yaml\ngeography: {regions: other.geojson}\n")
    child = load_scenario(tmp_path / "child.yaml")
    assert (child.settings.geography.layer, child.settings.geography.source) == ("other.geojson", "")
    assert "other.geojson (source not stated)" in map_words.layer(picture(_bare(child)))
    (tmp_path / "none.yaml").write_text("extends: tiny.yaml\ngeography: {regions: none}\n")
    assert load_scenario(tmp_path / "none.yaml").polygons is None


def _bare(scenario: Scenario) -> Subject:
    return Subject(synthetic.result().table, scenario, Language())


def test_layer_is_a_file_of_a_scenario_file() -> None:
    with pytest.raises(InputError, match=r"geography\.regions: names a file, which belongs in a scenario file"):
        tiny(geography={"regions": "mine.geojson"})
    assert tiny(geography={"source": "A survey"}).settings.geography.source == "A survey"
