"""Sites: ten clusters, and one metro site per region for the centres outside them."""

from __future__ import annotations

from colours import CLUSTERS, HUBS, quiet
from common import Record, Tables, number, reference
from regions import node_of, provinces

WEST = ("tianfu", "chongqing", "guian", "helingeer", "zhongwei", "qingyang")
RESOURCE_WEST = ("guian", "helingeer", "zhongwei", "qingyang")
BARRED = {
    "110000": "Beijing's catalogue of prohibited and restricted industries bars new large centres",
    "310000": "Shanghai limits new centres by an annual rack and energy quota",
}
EAST_METRO = ("110000", "120000", "310000", "320000", "330000", "350000", "370000", "440000", "460000")
WEST_METRO = ("150000", "450000", "520000", "530000", "540000", "610000", "620000", "630000", "640000", "650000")
NORTH_WHOLESALE = ("130000", "140000")
CAPEX = {"east": 38.0, "west": 22.0, "between": 27.0, "north": 24.0}
GRID_CAPEX = {"east": 1.6, "west": 0.9, "between": 1.2, "north": 1.2}


def area_of_cluster(site: str) -> str:
    if site in RESOURCE_WEST:
        return "west"
    return {"zhangjiakou": "north", "yrd_demo": "east"}.get(site, "between")


def area_of_metro(adcode: str) -> str:
    if adcode in EAST_METRO:
        return "east"
    if adcode in WEST_METRO:
        return "west"
    return "north" if adcode in NORTH_WHOLESALE else "between"


def _costs(area: str) -> Record:
    return {"hall_capex_million_cny_per_mw": CAPEX[area], "grid_capex_million_cny_per_mw": GRID_CAPEX[area]}


def clusters() -> list[Record]:
    return [
        {
            "site": row["id"],
            "name_en": row["name_en"],
            "name_zh": row["name_zh"],
            "kind": "cluster",
            "region": row["province_adcode"],
            "hub": row["hub_id"],
            "node": row["hub_id"],
            "latitude_deg": number(row["latitude_deg"]),
            "longitude_deg": number(row["longitude_deg"]),
            "west": row["id"] in WEST,
            "resource_west": row["id"] in RESOURCE_WEST,
            "large_centres_allowed": True,
            **_costs(area_of_cluster(row["id"])),
            "colour": CLUSTERS.get(row["id"], HUBS[row["hub_id"]]),
            "source": f"Place: NDRC approval letter; +/-10 km; capex by area class '{area_of_cluster(row['id'])}' "
            "(costs.csv: VNET 2025, analyst range)",
            "quality": "assumption",
        }
        for row in reference("clusters")
    ]


def metros() -> list[Record]:
    rows = []
    for row in provinces():
        adcode, area = row["adcode"], area_of_metro(row["adcode"])
        rule = BARRED.get(adcode, "large centres taken as allowed")
        rows.append(
            {
                "site": f"metro_{adcode}",
                "name_en": f"{row['name_en']} metro",
                "name_zh": f"{row['name_zh']}城市",
                "kind": "metro",
                "region": adcode,
                "hub": row["hub_id"] or None,
                "node": node_of(row),
                "latitude_deg": number(row["capital_latitude_deg"]),
                "longitude_deg": number(row["capital_longitude_deg"]),
                "west": False,
                "resource_west": False,
                "large_centres_allowed": adcode not in BARRED,
                **_costs(area),
                "colour": quiet(row["hub_id"]),
                "source": f"Point: capital; capex class '{area}' (costs.csv); {rule}",
                "quality": "assumption",
            }
        )
    return rows


def site_region() -> dict[str, str]:
    """Site -> region."""
    return {row["site"]: row["region"] for row in clusters() + metros()}


def tables() -> Tables:
    return {"sites": clusters() + metros()}
