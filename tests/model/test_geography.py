"""Distances, round trips and admissible routes, by hand and against published figures."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely.geometry import MultiPolygon, box

from eastwest.errors import InputError
from eastwest.model import geography as geo

FIBRE = {"route_factor": 1.8, "fibre_us_per_km": 4.9, "end_ms": 0.5}
NO_PUBLISHED = pd.DataFrame({"region": [], "site": [], "round_trip_ms": [], "quality": []}).astype(
    {"round_trip_ms": float}
)


def make_regions(*rows: tuple[str, str, float, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["region", "node", "longitude_deg", "latitude_deg"])
    return table.assign(own_metro_round_trip_ms=2.0)


def make_sites(*rows: tuple[str, str, str, str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["site", "kind", "region", "node", "longitude_deg", "latitude_deg"])


REGIONS = make_regions(("coast", "sea", 120.0, 30.0), ("inland", "hill", 105.0, 30.0))
SITES = make_sites(
    ("coast-metro", "metro", "coast", "sea", 120.0, 30.0),
    ("inland-metro", "metro", "inland", "hill", 105.0, 30.0),
    ("valley", "cluster", "inland", "hill", 106.0, 31.0),
)
TASKS = pd.DataFrame(
    [
        ("control", 3.0, "metro"),
        ("records", 20.0, "province"),
        ("chat", 20.0, "national"),
        ("train", 200.0, "national"),
    ],
    columns=["task", "round_trip_limit_ms", "residency"],
)


def trips(
    regions: pd.DataFrame = REGIONS, sites: pd.DataFrame = SITES, published: pd.DataFrame = NO_PUBLISHED, **settings
):
    return geo.round_trips(regions, sites, published, **{**FIBRE, **settings})


def value(table: pd.DataFrame, column: str, **labels: str):
    for name, label in labels.items():
        table = table[table[name] == label]
    assert len(table) == 1
    return table[column].iloc[0]


# Distances


@pytest.mark.parametrize(
    ("name", "ends", "published_km"),
    [
        ("New York JFK - London LHR, GeodSolve manual", (-73.8, 40.6, -0.5, 51.6), 5551.7594),
        ("Wellington - Salamanca, geographiclib manual", (174.81, -41.32, -5.50, 40.96), 19959.679267),
    ],
)
def test_distance_is_the_published_one(name: str, ends: tuple[float, float, float, float], published_km: float) -> None:
    assert geo.geodesic_km(*ends) == pytest.approx(published_km, abs=1e-4), name


def test_distance_over_180_degrees_is_the_short_way() -> None:
    """2 degrees of the equator: 2 x pi x 6378.137 / 360 x 2 = 222.639 km."""
    assert geo.geodesic_km(179.0, 0.0, -179.0, 0.0) == pytest.approx(2 * np.pi * 6378.137 / 180, rel=1e-12)


def test_distances_broadcast_and_may_be_none() -> None:
    assert geo.geodesic_km(np.array([[0.0], [1.0]]), 0.0, np.array([0.0, 1.0, 2.0]), 0.0).shape == (2, 3)
    assert geo.geodesic_km([], [], [], []).shape == (0,)


# Points


def test_point_stays_within_border_tolerance_and_moves_beyond_it() -> None:
    polygons = gpd.GeoDataFrame({"region": ["a", "b", "c"]}, geometry=[box(0, 0, 1, 1)] * 3, crs="EPSG:4326")
    regions = make_regions(("a", "x", 0.5, 0.5), ("b", "x", 1.04, 0.5), ("c", "x", 1.06, 0.5), ("d", "x", 9.0, 9.0))
    points = geo.region_points(regions, polygons)
    assert list(points["moved"]) == [False, False, True, False]
    assert list(points["longitude_deg"][:2]) == [0.5, 1.04]
    assert polygons.geometry[2].contains(points.geometry[2])
    assert (points.geometry.x == points["longitude_deg"]).all()
    assert points.crs == "EPSG:4326"
    assert "moved" not in regions


def test_point_without_polygons_is_where_the_table_says() -> None:
    points = geo.region_points(REGIONS, None)
    assert not points["moved"].any()
    assert list(points.geometry.x) == [120.0, 105.0]
    assert list(geo.site_points(SITES).geometry.y) == [30.0, 30.0, 31.0]


def test_region_on_both_sides_of_180_degrees() -> None:
    shape = MultiPolygon([box(177, -19, 180, -16), box(-180, -19, -178, -16)])
    polygons = gpd.GeoDataFrame({"region": ["fiji"]}, geometry=[shape], crs="EPSG:4326")
    for longitude in (178.0, -179.0, 180.0, -180.0):
        assert not geo.region_points(make_regions(("fiji", "x", longitude, -17.0)), polygons)["moved"].any()


def test_polygons_in_another_projection_and_in_parts() -> None:
    polygons = gpd.GeoDataFrame({"region": ["a", "a"]}, geometry=[box(0, 0, 1, 1), box(2, 0, 3, 1)], crs="EPSG:4326")
    points = geo.region_points(make_regions(("a", "x", 2.5, 0.5)), polygons.to_crs("EPSG:3857"))
    assert not points["moved"].any()


# Round trips


def test_round_trip_by_hand() -> None:
    """1,000 km: 1.8 x 1000 x 4.9 / 1000 = 8.82 ms of fibre, 2 x 0.5 = 1 ms of ends, both ways 2 x 9.82 = 19.64 ms."""
    assert geo.fibre_round_trip_ms(1000.0, **FIBRE) == pytest.approx(19.64, rel=1e-12)
    table = trips()
    distance = value(table, "distance_km", region="coast", site="valley")
    assert distance == pytest.approx(geo.geodesic_km(120, 30, 106, 31))
    assert value(table, "round_trip_ms", region="coast", site="valley") == pytest.approx(
        2 * (1.8 * distance * 0.0049 + 1)
    )
    assert value(table, "origin", region="coast", site="valley") == "computed"


def test_only_the_metro_site_of_the_region_itself_has_the_own_metro_round_trip() -> None:
    table = trips()
    assert value(table, "round_trip_ms", region="coast", site="coast-metro") == 2.0
    assert value(table, "origin", region="inland", site="inland-metro") == "own metro"
    assert value(table, "origin", region="inland", site="valley") == "computed"
    assert value(table, "origin", region="coast", site="inland-metro") == "computed"


def test_moving_a_site_moves_its_round_trip_and_no_other() -> None:
    moved = SITES.assign(longitude_deg=SITES["longitude_deg"].mask(SITES["site"] == "valley", 116.0))
    before, after = trips(), trips(sites=moved)
    valley = before["site"] == "valley"
    assert value(after, "round_trip_ms", region="coast", site="valley") < value(
        before, "round_trip_ms", region="coast", site="valley"
    )
    pd.testing.assert_frame_equal(before[~valley], after[~valley])


def published(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["region", "site", "round_trip_ms", "quality"])


def test_published_pair_counts_by_its_quality() -> None:
    rows = published(
        ("coast", "valley", 7.0, "official"),
        ("coast", "coast-metro", 1.5, "published_estimate"),
        ("coast", "inland-metro", 9.0, "assumption"),
        ("inland", "valley", 9.0, "derived"),
    )
    table = trips(published=rows)
    assert value(table, "round_trip_ms", region="coast", site="valley") == 7.0
    assert value(table, "round_trip_ms", region="coast", site="coast-metro") == 1.5
    assert list(table["origin"]) == ["published", "computed", "published", "computed", "own metro", "computed"]
    assert set(trips(published=rows, use_published=False)["origin"]) == {"computed", "own metro"}


def test_complete_matrix_counts_whatever_its_quality() -> None:
    pairs = trips()[["region", "site"]].assign(round_trip_ms=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], quality="assumption")
    shuffled = pairs.sample(frac=1, random_state=1)
    table = trips(published=shuffled)
    assert list(table["round_trip_ms"]) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert set(table["origin"]) == {"published"}
    assert set(trips(published=shuffled.iloc[1:])["origin"]) == {"computed", "own metro"}


def test_same_pair_twice_is_an_error() -> None:
    rows = published(("coast", "valley", 7.0, "official"), ("coast", "valley", 8.0, "official"))
    with pytest.raises(InputError, match="two round trips for region coast and site valley"):
        trips(published=rows)


# Routes


def test_routes_by_sla_and_residency() -> None:
    """coast - inland is 1,447 km, 27.5 ms: too far for chat (20 ms), near enough for train (200 ms)."""
    table = geo.routes(trips(), TASKS, REGIONS, SITES)
    found = table.groupby(["region", "task"], sort=False)["site"].agg(list).to_dict()
    assert found == {
        ("coast", "control"): ["coast-metro"],
        ("coast", "records"): ["coast-metro"],
        ("coast", "chat"): ["coast-metro"],
        ("coast", "train"): ["coast-metro", "inland-metro", "valley"],
        ("inland", "control"): ["inland-metro"],
        ("inland", "records"): ["inland-metro", "valley"],
        ("inland", "chat"): ["inland-metro", "valley"],
        ("inland", "train"): ["coast-metro", "inland-metro", "valley"],
    }
    assert list(table.columns) == ["region", "task", "site", "round_trip_ms", "distance_km"]
    assert value(table, "round_trip_ms", region="coast", task="train", site="valley") == value(
        trips(), "round_trip_ms", region="coast", site="valley"
    )


def test_more_sla_adds_routes_and_less_takes_them() -> None:
    chat = TASKS[TASKS["task"] == "chat"]
    counts = [len(geo.routes(trips(), chat, REGIONS, SITES, extra_sla_ms=extra)) for extra in (-18.5, 0.0, 7.0, 30.0)]
    assert counts == [0, 3, 4, 6]


def test_limit_equal_to_the_round_trip_is_kept() -> None:
    exact = TASKS.assign(round_trip_limit_ms=2.0 - 1e-12)
    assert len(geo.routes(trips(), exact, REGIONS, SITES)) == 8
    assert geo.routes(trips(), TASKS.assign(round_trip_limit_ms=1.99), REGIONS, SITES).empty


def test_no_route_gives_an_empty_table_with_its_columns() -> None:
    columns = ["region", "task", "site", "round_trip_ms", "distance_km"]
    assert list(geo.routes(trips(), TASKS.assign(round_trip_limit_ms=0.1), REGIONS, SITES).columns) == columns
    assert list(geo.routes(trips(), TASKS.iloc[:0], REGIONS, SITES).columns) == columns
    assert list(geo.routes(trips(regions=REGIONS.iloc[:0]), TASKS, REGIONS.iloc[:0], SITES).columns) == columns


def test_national_size() -> None:
    """31 regions, 41 sites, 27 tasks: 34,317 combinations, all admissible."""
    regions = make_regions(*((f"r{i}", f"n{i}", 100.0 + i / 2, 30.0) for i in range(31)))
    metros = [(f"m{i}", "metro", f"r{i}", f"n{i}", 100.0 + i / 2, 30.0) for i in range(31)]
    sites = make_sites(*metros, *((f"c{i}", "cluster", f"r{i}", f"n{i}", 101.0 + i, 31.0) for i in range(10)))
    tasks = pd.DataFrame({"task": [f"t{i}" for i in range(27)], "round_trip_limit_ms": 50.0, "residency": "national"})
    matrix = trips(regions, sites)
    assert len(geo.routes(matrix, tasks, regions, sites)) == 31 * 41 * 27


# Demand that no site may serve


def demand(*rows: tuple[str, str, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["region", "task", "share"])


def missing(tasks: pd.DataFrame, wanted: pd.DataFrame, sites: pd.DataFrame = SITES) -> pd.DataFrame:
    matrix = trips(sites=sites)
    found = geo.routes(matrix, tasks, REGIONS, sites)
    return geo.unreachable(found, wanted, round_trips=matrix, tasks=tasks, sites=sites)


def test_unreachable_names_the_reason() -> None:
    sites = SITES[SITES["site"] != "coast-metro"]
    tasks = TASKS.assign(round_trip_limit_ms=[3.0, 20.0, 20.0, 200.0])
    wanted = demand(
        *(("coast", task, 0.5) for task in tasks["task"]), ("inland", "chat", 0.5), ("inland", "train", 0.0)
    )
    table = missing(tasks, wanted, sites).set_index("task")
    assert list(table.index) == ["control", "records", "chat"]
    assert list(table["reason"]) == ["residency", "residency", "latency"]
    assert table.loc["chat", "site"] == "valley"
    assert table.loc["chat", "round_trip_ms"] > table.loc["chat", "limit_ms"] == 20.0


def test_nothing_unreachable_and_no_demand() -> None:
    columns = ["region", "task", "share", "site", "round_trip_ms", "limit_ms", "residency", "reason"]
    for table in (missing(TASKS, demand(("coast", "chat", 1.0))), missing(TASKS, demand())):
        assert table.empty
        assert list(table.columns) == columns


def test_demand_without_share_or_of_another_kind_is_not_missing() -> None:
    tasks = TASKS.assign(round_trip_limit_ms=0.1)
    assert missing(tasks, demand(("coast", "chat", 0.0), ("coast", "weather", 1.0))).empty


# Corridors and lines

CORRIDORS = pd.DataFrame(
    [("sea-hill", "sea", "hill"), ("sea-moon", "sea", "moon")], columns=["corridor", "from_node", "to_node"]
)


def test_corridor_of_a_route_in_either_direction() -> None:
    reverse = CORRIDORS.rename(columns={"from_node": "to_node", "to_node": "from_node"})
    for corridors in (CORRIDORS, reverse):
        table = geo.node_pairs(REGIONS, SITES, corridors)
        assert value(table, "corridor", region="coast", site="valley") == "sea-hill"
        assert value(table, "corridor", region="inland", site="coast-metro") == "sea-hill"
        assert value(table, "corridor", region="inland", site="valley") is None


def test_pair_without_a_corridor_has_none_and_own_metro_has_no_length() -> None:
    table = geo.node_pairs(REGIONS, SITES, CORRIDORS.iloc[:0])
    assert list(table.columns) == ["region", "site", "corridor", "network_km"]
    assert table["corridor"].isna().all()
    away = make_sites(
        ("coast-metro", "metro", "coast", "sea", 121.0, 30.0), ("port", "cluster", "coast", "sea", 121.0, 30.0)
    )
    table = geo.node_pairs(REGIONS, away, CORRIDORS)
    assert value(table, "network_km", region="coast", site="coast-metro") == 0.0
    assert value(table, "network_km", region="coast", site="port") == pytest.approx(geo.geodesic_km(120, 30, 121, 30))


def test_two_corridors_between_two_nodes_are_an_error() -> None:
    twice = pd.DataFrame([("a", "sea", "hill"), ("b", "hill", "sea")], columns=["corridor", "from_node", "to_node"])
    with pytest.raises(InputError, match="corridors a and b both join hill and sea"):
        geo.node_pairs(REGIONS, SITES, twice)


def test_corridor_line_runs_between_cluster_sites() -> None:
    lines = geo.corridor_lines(CORRIDORS, REGIONS, SITES)
    assert list(lines.geometry[0].coords) == [(120.0, 30.0), (106.0, 31.0)]
    assert lines.geometry[1] is None
    assert lines.crs == "EPSG:4326"
    assert geo.corridor_lines(CORRIDORS.iloc[:0], REGIONS, SITES).empty


def test_node_without_a_site_lies_at_its_regions_and_180_degrees_is_no_gap() -> None:
    regions = make_regions(("a", "island", 179.0, 0.0), ("b", "island", -179.0, 0.0), ("c", "shore", 170.0, 0.0))
    corridors = pd.DataFrame([("x", "shore", "island")], columns=["corridor", "from_node", "to_node"])
    line = geo.corridor_lines(corridors, regions, SITES.iloc[:0]).geometry[0]
    assert list(line.coords) == [(170.0, 0.0), (180.0, 0.0)]


def test_corridor_lines_keep_columns_and_are_cut_at_180_degrees() -> None:
    regions = make_regions(("a", "x", 170.0, 10.0), ("b", "y", -170.0, 20.0), ("c", "z", 160.0, 10.0))
    corridors = pd.DataFrame({"from_node": "x", "to_node": ["y", "z"], "value": [1.0, 2.0]}, index=[5, 6])
    lines = geo.corridor_lines(corridors, regions, SITES.iloc[:0])
    assert list(lines["value"]) == [1.0, 2.0]
    parts = [list(part.coords) for part in lines.geometry.loc[5].geoms]
    assert parts == [[(170.0, 10.0), (180.0, 15.0)], [(-180.0, 15.0), (-170.0, 20.0)]]
    assert list(lines.geometry.loc[6].coords) == [(170.0, 10.0), (160.0, 10.0)]
