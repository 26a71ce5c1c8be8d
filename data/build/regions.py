"""Demand regions and national hubs, and the polygons of the regions."""

from __future__ import annotations

import json
from pathlib import Path

from colours import HUBS
from common import REFERENCE, Record, Tables, number, reference
from pyproj import Geod

GEOD = Geod(ellps="WGS84")
MUNICIPALITIES = ("110000", "120000", "310000", "500000")
ATTRIBUTION = "Simplified province outlines of the reference set, public domain; for planning, not for borders"
MAIN_CLUSTER = {
    "jjj": "zhangjiakou",
    "yrd": "yrd_demo",
    "gba": "shaoguan",
    "cy": "tianfu",
    "gz": "guian",
    "nm": "helingeer",
    "gs": "qingyang",
    "nx": "zhongwei",
}


def provinces() -> list[dict[str, str]]:
    return reference("provinces")


def hub_points() -> dict[str, tuple[float, float]]:
    """Hub -> latitude and longitude of its main cluster, which stands for the network node."""
    clusters = {row["id"]: row for row in reference("clusters")}
    return {
        hub: (float(clusters[site]["latitude_deg"]), float(clusters[site]["longitude_deg"]))
        for hub, site in MAIN_CLUSTER.items()
    }


def geodesic_km(a: tuple[float, float], b: tuple[float, float]) -> float:
    return float(GEOD.inv(a[1], a[0], b[1], b[0])[2]) / 1000.0


def node_of(province: dict[str, str]) -> str:
    """The hub of the province, or the nearest hub by geodesic distance of the capital."""
    if province["hub_id"]:
        return province["hub_id"]
    capital = (float(province["capital_latitude_deg"]), float(province["capital_longitude_deg"]))
    points = hub_points()
    return min(sorted(points), key=lambda hub: geodesic_km(capital, points[hub]))


def regions() -> list[Record]:
    rows = []
    for row in provinces():
        municipality = row["adcode"] in MUNICIPALITIES
        rows.append(
            {
                "region": row["adcode"],
                "name_en": row["name_en"],
                "name_zh": row["name_zh"],
                "hub": row["hub_id"] or None,
                "node": node_of(row),
                "latitude_deg": number(row["capital_latitude_deg"]),
                "longitude_deg": number(row["capital_longitude_deg"]),
                "own_metro_round_trip_ms": 2.0 if municipality else 5.0,
                "population_million": (number(row["population_10k_2024"]) or 0.0) / 100,
                "gdp_billion_cny": (number(row["gdp_100m_cny_2024"]) or 0.0) / 10,
                "source": "NBS 2024 population and GDP (official); point = capital; node = hub or nearest hub; "
                "own metro 2 ms city, 5 ms province (model.md)",
                "quality": "derived",
            }
        )
    return rows


def hubs() -> list[Record]:
    return [
        {
            "hub": row["id"],
            "name_en": row["name_en"],
            "name_zh": row["name_zh"],
            "side": row["side"],
            "colour": HUBS[row["id"]],
            "source": row["source"],
            "quality": row["quality"],
        }
        for row in reference("hubs")
    ]


def write_polygons(folder: Path) -> None:
    """regions.geojson: one polygon per region, named as in regions.csv."""
    raw = json.loads((REFERENCE / "provinces.geojson").read_text(encoding="utf-8"))
    names = {row["adcode"]: row for row in provinces()}
    features = []
    for feature in sorted(raw["features"], key=lambda one: one["properties"]["adcode"]):
        adcode = str(feature["properties"]["adcode"])
        properties = {"region": adcode, "name_en": names[adcode]["name_en"], "name_zh": names[adcode]["name_zh"]}
        features.append({"type": "Feature", "properties": properties, "geometry": feature["geometry"]})
    document = {"type": "FeatureCollection", "name": "regions", "attribution": ATTRIBUTION, "crs": raw["crs"]}
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    head = json.dumps(document, ensure_ascii=False)[:-1]
    (folder / "regions.geojson").write_text(f'{head}, "features": [\n{lines}\n]}}\n', encoding="utf-8")


def tables() -> Tables:
    return {"regions": regions(), "hubs": hubs()}
