"""Where things are, how far apart, how long light takes, and which routes that leaves.

Pure functions on tables: nothing here knows a country, reads a file or keeps state. Frames have the columns of
`eastwest.schema.tables` (regions, sites, tasks, demand, corridors, round_trip); geometry is in EPSG:4326, degrees.

    distance_km   = length of the geodesic on the WGS84 ellipsoid (Karney 2013, doi:10.1007/s00190-012-0578-z)
    round_trip_ms = 2 x (route_factor x distance_km x fibre_us_per_km / 1000 + 2 ends x end_ms)   (model.md, 2)
    admissible    : round_trip_ms <= round_trip_limit_ms + extra_sla_ms, at a site where residency lets the data go
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod
from shapely.geometry import LineString, MultiLineString, Point
from shapely.geometry.base import BaseGeometry

from eastwest.errors import InputError, ModelError, nearest
from eastwest.schema.contract import Quality

CRS = "EPSG:4326"
BORDER_TOLERANCE_DEG = 0.05
"""A demand point so close outside its polygon is inside: simplified borders cut corners [degrees]."""
LIMIT_TOLERANCE_MS = 1e-9
"""A round trip that equals its limit up to rounding keeps it [ms]."""
FIRM = (Quality.official.value, Quality.published_estimate.value)
"""Qualities of a single published round trip that replace a computed one."""

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


# Points


def region_points(regions: pd.DataFrame, polygons: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Demand point of each region: `regions` (n rows) with its coordinates as used, `moved` and a Point `geometry`.

    A point further than 0.05 degrees outside the region's polygon is replaced by a point inside it
    (`representative_point`), marked `moved`, and latitude_deg / longitude_deg follow: pass the result on as `regions`.
    A region without a polygon, or a call without polygons, keeps its coordinates.
    """
    points = [Point(x, y) for x, y in zip(regions["longitude_deg"], regions["latitude_deg"], strict=True)]
    shapes = _shapes(polygons)
    used = [_inside(point, shapes.get(region)) for region, point in zip(regions["region"], points, strict=True)]
    table = regions.assign(
        latitude_deg=np.array([point.y for point in used], dtype=float),
        longitude_deg=np.array([point.x for point in used], dtype=float),
        moved=np.array([new is not old for new, old in zip(used, points, strict=True)], dtype=bool),
    )
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(used, index=table.index, crs=CRS))


def site_points(sites: pd.DataFrame) -> gpd.GeoDataFrame:
    """`sites` (n rows) with a Point `geometry`."""
    points = gpd.points_from_xy(sites["longitude_deg"], sites["latitude_deg"], crs=CRS)
    return gpd.GeoDataFrame(sites.copy(), geometry=points)


def _shapes(polygons: gpd.GeoDataFrame | None) -> dict[str, BaseGeometry]:
    """Valid polygon of each region in degrees; several rows of one region are merged."""
    if polygons is None or polygons.empty:
        return {}
    if polygons.crs is not None:
        polygons = polygons.to_crs(CRS)
    valid = shapely.make_valid(polygons.geometry.to_numpy())
    parts = pd.Series(valid, index=polygons["region"].to_numpy(), dtype=object)
    return {str(region): shapely.union_all(group.to_numpy()) for region, group in parts.groupby(level=0)}


def _inside(point: Point, shape: BaseGeometry | None) -> Point:
    """`point` itself if it lies in `shape` (or there is none), else a point that does. 180 E is 180 W."""
    if shape is None or shape.is_empty:
        return point
    turns = shapely.points([[point.x + turn, point.y] for turn in (0.0, 360.0, -360.0)])
    if shapely.distance(shape, turns).min() <= BORDER_TOLERANCE_DEG:
        return point
    return shape.representative_point()


# Distance and time


def geodesic_km(lon1: ArrayLike, lat1: ArrayLike, lon2: ArrayLike, lat2: ArrayLike) -> Floats:
    """Geodesic distance on WGS84 [km] between points in degrees; arguments broadcast as numpy arrays do.

    Source: Karney, Algorithms for geodesics, 2013, as in PROJ.
    """
    ends = np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in (lon1, lat1, lon2, lat2)))
    x1, y1, x2, y2 = (end.ravel() for end in ends)
    _, _, metres = Geod(ellps="WGS84").inv(x1, y1, x2, y2)
    return np.asarray(metres, dtype=float).reshape(ends[0].shape) / 1000.0


def fibre_round_trip_ms(
    distance_km: ArrayLike, *, route_factor: float, fibre_us_per_km: float, end_ms: float
) -> Floats:
    """Round trip [ms] over a geodesic distance [km]: there and back, fibre and both ends' equipment (model.md, 2)."""
    one_way_ms = route_factor * np.asarray(distance_km, dtype=float) * fibre_us_per_km / 1000.0 + 2.0 * end_ms
    return np.asarray(2.0 * one_way_ms)


def round_trips(
    regions: pd.DataFrame,
    sites: pd.DataFrame,
    published: pd.DataFrame,
    *,
    route_factor: float,
    fibre_us_per_km: float,
    end_ms: float,
    use_published: bool = True,
) -> pd.DataFrame:
    """Round trip between every region and every site, one row each, in the order of the tables.

    Columns region, site, distance_km [km], round_trip_ms [ms] and origin: "own metro" where the site is the metro site
    of the region itself (own_metro_round_trip_ms), else "computed" (`fibre_round_trip_ms`), and "published" where a
    row of `published` (region, site, round_trip_ms, quality) replaces either. ⚠ A single pair is replaced only by a
    row of quality official or published_estimate; a table with a row for every pair is the user's own matrix, and
    all of it counts.
    """
    pairs = _pairs(regions, sites)
    computed = fibre_round_trip_ms(
        pairs["distance_km"], route_factor=route_factor, fibre_us_per_km=fibre_us_per_km, end_ms=end_ms
    )
    own = np.repeat(regions["own_metro_round_trip_ms"].to_numpy(dtype=float), len(sites))
    is_own = pairs["own_metro"].to_numpy()
    round_trip, origin = np.where(is_own, own, computed), np.where(is_own, "own metro", "computed")
    if use_published and len(published):
        given = _given(pairs, published)
        round_trip = np.where(np.isnan(given), round_trip, given)
        origin = np.where(np.isnan(given), origin, "published")
    table = pairs[["region", "site", "distance_km"]]
    return table.assign(round_trip_ms=round_trip, origin=pd.Series(origin, dtype="str"))


def _given(pairs: pd.DataFrame, published: pd.DataFrame) -> Floats:
    """Published round trip of each pair [ms], NaN where none counts."""
    if published.duplicated(["region", "site"]).any():
        twice = published[published.duplicated(["region", "site"])].iloc[0]
        raise InputError(f"two round trips for region {twice['region']} and site {twice['site']}", key="round_trip")
    matched = pairs[["region", "site"]].merge(published, on=["region", "site"], how="left", sort=False)
    given = matched["round_trip_ms"].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(given).any():
        given = np.where(matched["quality"].astype("str").isin(FIRM).to_numpy(), given, np.nan)
    return np.asarray(given)


def _pairs(regions: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Every region with every site, region by region: region, site, distance_km, own_region, own_metro."""
    n_regions, n_sites = len(regions), len(sites)
    left, right = np.repeat(np.arange(n_regions), n_sites), np.tile(np.arange(n_sites), n_regions)
    lon1, lat1 = (regions[column].to_numpy(dtype=float)[left] for column in ("longitude_deg", "latitude_deg"))
    lon2, lat2 = (sites[column].to_numpy(dtype=float)[right] for column in ("longitude_deg", "latitude_deg"))
    table = pd.DataFrame(
        {
            "region": regions["region"].take(left).array,
            "site": sites["site"].take(right).array,
            "distance_km": geodesic_km(lon1, lat1, lon2, lat2),
        }
    )
    return _mark_own(table, sites)


def _mark_own(pairs: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """`pairs` (region, site, ...) with own_region (the site stands in the region) and own_metro (as its metro site)."""
    at = pd.Index(sites["site"]).get_indexer(pd.Index(pairs["site"]))
    if (at < 0).any():
        unknown = pairs["site"].iloc[int(np.flatnonzero(at < 0)[0])]
        raise ModelError(f"no site '{unknown}'{nearest(unknown, sites['site'])}")
    stands_in = sites["region"].to_numpy(dtype=object)[at]
    own_region = np.asarray(stands_in == pairs["region"].to_numpy(dtype=object), dtype=bool)
    is_metro = np.asarray(sites["kind"].to_numpy(dtype=object)[at] == "metro", dtype=bool)
    return pairs.assign(own_region=own_region, own_metro=own_region & is_metro)


# Routes


def routes(
    round_trips: pd.DataFrame,
    tasks: pd.DataFrame,
    regions: pd.DataFrame,
    sites: pd.DataFrame,
    *,
    extra_sla_ms: float = 0.0,
) -> pd.DataFrame:
    """Admissible routes: region, task, site, round_trip_ms [ms], distance_km [km], in the order of the tables.

    Admissible is a round trip of at most the task's round_trip_limit_ms + extra_sla_ms, at a site where residency
    lets the data go: national = any site, province = a site in the region, metro = the region's metro site.
    Nothing admissible gives an empty table with these columns.
    """
    pairs = _mark_own(round_trips, sites)
    limits = tasks["round_trip_limit_ms"].to_numpy(dtype=float) + extra_sla_ms + LIMIT_TOLERANCE_MS
    soon = pairs["round_trip_ms"].to_numpy(dtype=float)[:, None] <= limits[None, :]
    pair, task = np.nonzero(soon & _resident(pairs, tasks))
    region_at = pd.Index(regions["region"]).get_indexer(pd.Index(pairs["region"]))[pair]
    site_at = pd.Index(sites["site"]).get_indexer(pd.Index(pairs["site"]))[pair]
    order = np.lexsort((site_at, task, region_at))
    order = order[region_at[order] >= 0]
    pair, task = pair[order], task[order]
    return pd.DataFrame(
        {
            "region": pairs["region"].take(pair).array,
            "task": tasks["task"].take(task).array,
            "site": pairs["site"].take(pair).array,
            "round_trip_ms": pairs["round_trip_ms"].to_numpy(dtype=float)[pair],
            "distance_km": pairs["distance_km"].to_numpy(dtype=float)[pair],
        }
    )


def _resident(pairs: pd.DataFrame, tasks: pd.DataFrame) -> Bools:
    """Whether residency lets a task (columns) of a region go to a site (rows: `pairs` with own_region, own_metro)."""
    residency = tasks["residency"].to_numpy(dtype=object)
    national, province, metro = (np.asarray(residency == a, dtype=bool) for a in ("national", "province", "metro"))
    own_region, own_metro = pairs["own_region"].to_numpy(dtype=bool), pairs["own_metro"].to_numpy(dtype=bool)
    return np.asarray(
        national[None, :] | (province[None, :] & own_region[:, None]) | (metro[None, :] & own_metro[:, None])
    )


def unreachable(
    routes: pd.DataFrame,
    demand: pd.DataFrame,
    round_trips: pd.DataFrame,
    tasks: pd.DataFrame,
    sites: pd.DataFrame,
    *,
    extra_sla_ms: float = 0.0,
) -> pd.DataFrame:
    """Demand (rows of `demand` with share > 0) that no site may serve, and why: one row per region and task.

    Columns region, task, share [1], site, round_trip_ms [ms], limit_ms [ms], residency, reason. `site` is the nearest
    in time where residency lets the data go, and the reason is "latency"; where residency leaves no site at all,
    `site` is the nearest of any, and the reason is "residency". Tasks that `tasks` lacks are not modelled: left out.
    """
    wanted = demand.loc[demand["share"] > 0, ["region", "task", "share"]]
    wanted = wanted[wanted["task"].isin(tasks["task"])]
    served = pd.MultiIndex.from_frame(routes[["region", "task"]])
    missing = wanted[~pd.MultiIndex.from_frame(wanted[["region", "task"]]).isin(served)]
    pairs, limits = _mark_own(round_trips, sites), tasks.set_index("task")
    rows = []
    for region, task, share in missing.itertuples(index=False, name=None):
        row = limits.loc[task]
        near = pairs[pairs["region"] == region].sort_values("round_trip_ms", kind="stable")
        allowed = near[_resident(near, tasks[tasks["task"] == task])[:, 0]]
        reason, best = ("latency", allowed) if len(allowed) else ("residency", near)
        site, time = (best["site"].iloc[0], best["round_trip_ms"].iloc[0]) if len(best) else (None, np.nan)
        limit = row["round_trip_limit_ms"] + extra_sla_ms
        rows.append((region, task, share, site, time, limit, row["residency"], reason))
    columns = ["region", "task", "share", "site", "round_trip_ms", "limit_ms", "residency", "reason"]
    numbers = {"share": float, "round_trip_ms": float, "limit_ms": float}
    return pd.DataFrame(rows, columns=columns).astype(numbers)


# Corridors and lines


def node_pairs(regions: pd.DataFrame, sites: pd.DataFrame, corridors: pd.DataFrame) -> pd.DataFrame:
    """Corridor and length of every route, one row per region and site: region, site, corridor, network_km [km].

    `corridor` is the one between the node of the region and the node of the site, in either direction; None where they
    share a node or the pair has no corridor (no limit). network_km is the geodesic distance, 0 to the own metro site.
    """
    pairs = _pairs(regions, sites)
    ends = zip(corridors["corridor"], corridors["from_node"], corridors["to_node"], strict=True)
    named: dict[frozenset[str], str] = {}
    for corridor, one, other in ends:
        first = named.setdefault(frozenset((one, other)), corridor)
        if first != corridor:
            message = f"corridors {first} and {corridor} both join {one} and {other}; expected one"
            raise InputError(message, key="corridors")
    starts = np.repeat(regions["node"].to_numpy(dtype=object), len(sites))
    stops = np.tile(sites["node"].to_numpy(dtype=object), len(regions))
    used = [named.get(frozenset((a, b))) if a != b else None for a, b in zip(starts, stops, strict=True)]
    return pairs[["region", "site"]].assign(
        corridor=pd.Series(used, index=pairs.index, dtype=object),
        network_km=pairs["distance_km"].mask(pairs["own_metro"], 0.0),
    )


def corridor_lines(corridors: pd.DataFrame, regions: pd.DataFrame, sites: pd.DataFrame) -> gpd.GeoDataFrame:
    """`corridors` (n rows) with a line between their nodes; no geometry where a node is nowhere.

    A node lies at the mean of its cluster sites, else of its other sites, else of its regions.
    """
    places = [sites[sites["kind"] == "cluster"], sites, regions]
    nodes: dict[str, tuple[float, float]] = {}
    for table in places:
        for node, group in table.groupby("node"):
            nodes.setdefault(str(node), _mean_point(group))
    lines = [
        _line(*nodes[one], *nodes[other]) if one in nodes and other in nodes else None
        for one, other in zip(corridors["from_node"], corridors["to_node"], strict=True)
    ]
    return gpd.GeoDataFrame(corridors.copy(), geometry=gpd.GeoSeries(lines, index=corridors.index, crs=CRS))


def _mean_point(table: pd.DataFrame) -> tuple[float, float]:
    """Mean longitude and latitude [degrees]; longitudes as seen from the first, so that 179 E and 179 W meet at 180."""
    longitude, latitude = (table[column].to_numpy(dtype=float) for column in ("longitude_deg", "latitude_deg"))
    away = (longitude - longitude[0] + 180.0) % 360.0 - 180.0
    return _wrap(longitude[0] + float(away.mean())), float(latitude.mean())


def _wrap(longitude: float) -> float:
    """The same meridian between -180 and 180 degrees."""
    return longitude if -180.0 <= longitude <= 180.0 else (longitude + 180.0) % 360.0 - 180.0


def _line(lon1: float, lat1: float, lon2: float, lat2: float) -> LineString | MultiLineString:
    """Straight line on the map, the short way round; cut in two where it crosses 180 degrees (RFC 7946, 3.1.9)."""
    if abs(lon2 - lon1) <= 180.0:
        return LineString([(lon1, lat1), (lon2, lat2)])
    edge = 180.0 if lon1 > 0 else -180.0
    far = lon2 + 2.0 * edge
    share = (edge - lon1) / (far - lon1) if far != lon1 else 0.0
    middle = lat1 + share * (lat2 - lat1)
    return MultiLineString([[(lon1, lat1), (edge, middle)], [(-edge, middle), (lon2, lat2)]])
