"""Dated policy targets, and published figures that the reports set beside the model's own."""

from __future__ import annotations

from common import Record, Tables, number, reference, short, slug

MAX_UNIT = 60
NATIONAL = (
    ("electricity_twh", "2025", 166.0, "TWh", "1.6% of 10,368 TWh", "NEA; CCTV 2026-07 (pt074, pt075)", "derived"),
    ("electricity_metered_twh", "2025", 141.2, "TWh", "bottom-up, metered provinces", "power_notes.md", "derived"),
    (
        "electricity_twh",
        "2024",
        140.0,
        "TWh",
        "166 / 1.181; 166 also quoted",
        "pt076; S&P via Caixin 2025-03",
        "derived",
    ),
    ("mean_load_mw", "2025", 18951.0, "MW", "facility, 166 TWh case", "power_notes.md: 166.0 TWh / 8,760 h", "derived"),
    (
        "mean_load_metered_mw",
        "2025",
        16115.0,
        "MW",
        "facility, metered case",
        "power_notes.md: 3,085 + 13,030 MW",
        "derived",
    ),
    ("mean_it_load_mw", "2025", 13300.0, "MW", "IT, 166 TWh case", "power_notes.md", "derived"),
    ("hall_it_mw", "2025-06", 27125.0, "MW", "10.85 million racks x 2.5 kW", "MIIT 2025-08; derived", "derived"),
    (
        "grid_connection_mw",
        "2025-12",
        43100.0,
        "MW",
        "clusters 8.4 + provinces 34.8 GW",
        "power_notes.md",
        "assumption",
    ),
    ("pue", "2025-06", 1.42, "1", "national mean", "MIIT / CAICT 2025-08-23", "official"),
    ("racks", "2025-06", 10850000.0, "racks", "2.5 kW standard racks", "MIIT / CAICT 2025-08-23", "official"),
    ("occupancy_pct", "2024-03", 62.72, "%", "ten clusters, rack occupancy", "NDA 2024-07-22", "official"),
    ("ai_compute_pflops", "2025-06", 788000.0, "PFLOP/s FP16", "", "MIIT / CAICT 2025-08-23", "official"),
    ("ai_compute_pflops", "2025-12", 1590000.0, "PFLOP/s FP16", "over 1,590 EF", "MIIT at SCIO 2026-01-21", "official"),
    ("ai_compute_pflops", "2026-06", 2185000.0, "PFLOP/s FP16", "", "MIIT at SCIO 2026-07", "official"),
    ("ai_compute_target_pflops", "2030", 9800000.0, "PFLOP/s FP16", "target", "MIIT 15th FYP plan 2026-09", "official"),
    (
        "allocation_pct",
        "2026-06",
        71.4,
        "%",
        "utilisation of AI facilities",
        "People's Daily 2026-07",
        "published_estimate",
    ),
    ("hub_share_of_new_pct", "2025", 60.0, "%", "target, all kinds", "NDRC 2023 no. 1779", "official"),
    (
        "dc_power_demand_mw",
        "2024",
        20000.0,
        "MW",
        "facility",
        "BloombergNEF via AsianFin 2025-03",
        "published_estimate",
    ),
    ("dc_installed_capacity_mw", "2025", 32000.0, "MW", "", "Rystad 2026-04-28", "published_estimate"),
    (
        "electricity_forecast_twh",
        "2030",
        289.0,
        "TWh",
        "S&P growth gives about 420",
        "Rystad 2026-04-28",
        "published_estimate",
    ),
    ("grid_co2_kg_per_kwh", "2023", 0.5306, "kg CO2/kWh", "", "MEE+NBS 2025 no. 47", "official"),
    ("storage_eb", "2025-06", 1680.0, "EB", "", "MIIT / CAICT 2025-08-23", "official"),
)


PLACES = {
    "eight hubs": "hubs",
    "new DCs in hubs": "hubs",
    "ten clusters": "clusters",
    "hub clusters": "clusters",
    "between national hubs": "hubs",
    "regional computing network": "clusters",
    "city computing network": "metros",
    "between hub clusters": "clusters",
    "DCs in hub clusters": "clusters",
    "city DCs": "metros",
    "start zones of ten clusters": "clusters",
    "Zhangjiakou; YRD demo; Wuhu; Shaoguan": "shaoguan;wuhu;yrd_demo;zhangjiakou",
    "Qingyang": "qingyang",
    "hub nodes": "hubs",
    "western DCs": "west",
    "national green DC list": "national",
    "Shanxi": "140000",
    "Guizhou": "520000",
    "Sichuan": "510000",
    "Beijing": "110000",
    "Zhejiang": "330000",
    "Horinger cluster": "helingeer",
    "Ningxia": "640000",
    "Tianfu; Chongqing": "chongqing;tianfu",
    "Gui'an; Horinger; Zhongwei": "guian;helingeer;zhongwei",
}
"""Scope in the words of a source -> where the model judges it; of all others it judges nothing."""


def policy_targets() -> list[Record]:
    return [
        {
            "target": row["id"],
            "topic": row["topic"],
            "metric": row["metric"],
            "value": number(row["value"]),
            "unit": row["unit"] or "none",
            "period": row["period"],
            "scope": row["scope"],
            "places": PLACES.get(row["scope"], row["scope"] if row["scope"] in ("national", "hubs") else ""),
            "kind": row["kind"],
            "basis": "FP32" if "FP32" in row["basis_note"] else "",
            "note": row["basis_note"],
            "source": short(row["source"]),
            "quality": row["quality"],
        }
        for row in reference("policy_targets")
    ]


def _fact(
    metric: str, place: str, period: str, value: float, unit: str, note: str, source: str, quality: str
) -> Record:
    return {
        "metric": metric,
        "place": place,
        "period": period,
        "value": value,
        "unit": unit[:MAX_UNIT],
        "note": note,
        "source": short(source),
        "quality": quality,
    }


def national() -> list[Record]:
    return [
        _fact(metric, "national", period, value, unit, note, source, quality)
        for metric, period, value, unit, note, source, quality in NATIONAL
    ]


def reconciled() -> list[Record]:
    """Load, electricity, hall, connection and PUE of 2025 by site, from the two reconciled power files."""
    out = []
    sources = [
        (row["cluster_id"], row, "racks_standard_implied_2025_mid", "pue_fleet_2025", "cluster_power.csv")
        for row in reference("cluster_power")
    ]
    sources += [
        (f"metro_{row['adcode']}", row, "racks_standard_outside_2025", "pue_2025", "metro_power.csv")
        for row in reference("metro_power")
    ]
    for site, row, racks, pue, source in sources:
        columns = [
            (
                "average_load_mw",
                "2025",
                "average_load_mw_2025_mid",
                "MW",
                "quality_load",
                "facility, calendar mean; sums to 166 TWh",
            ),
            ("electricity_gwh", "2025", "electricity_gwh_2025_mid", "GWh", "quality_load", "sums to 166 TWh"),
            (
                "average_load_metered_mw",
                "2025",
                "average_load_metered_basis_mw_2025",
                "MW",
                "quality_load",
                "sums to 141 TWh",
            ),
            ("hall_it_mw", "2025-06", "hall_it_mw_2025_mid", "MW", "quality_hall", "IT nameplate at 2.5 kW a rack"),
            ("racks", "2025-06", racks, "racks", "quality_hall", "standard racks of 2.5 kW"),
            ("grid_connection_mw", "2025-12", "grid_connection_mw_2025_mid", "MW", "quality_grid", "firm, facility"),
            ("pue", "2025", pue, "1", "quality", "fleet mean"),
        ]
        for metric, period, column, unit, grade, note in columns:
            value = number(row.get(column))
            if value is not None:
                out.append(_fact(metric, site, period, value, unit, note, f"{source}: {row['source']}", row[grade]))
    return out


def claimed() -> list[Record]:
    """Figures of clusters and provinces as published, each under the place that its scope names."""
    province = {row["id"]: row["province_adcode"] for row in reference("clusters")}
    out = []
    for row in reference("cluster_capacity_facts"):
        place = province.get(row["cluster_id"], "") if row["scope"] == "province" else row["cluster_id"]
        if row["scope"] in ("province", "cluster", "city", "national"):
            out.append((row["metric"], "national" if place == "all_ten" else place, row, row["note"], row["scope"]))
    for row in reference("power_facts"):
        if row["scope"] in ("cluster", "city", "province", "national"):
            place = province.get(row["place_id"], row["place_id"]) if row["scope"] == "province" else row["place_id"]
            out.append(
                (
                    row["metric"],
                    "national" if place == "CN" else place,
                    row,
                    f"{row['place']}; {row['note']}",
                    row["scope"],
                )
            )
    return [
        _fact(
            slug(f"claim_{metric}"),
            place,
            row["as_of"],
            float(row["value"]),
            row["unit"],
            f"{scope} scope; {note}",
            row["source"],
            row["quality"],
        )
        for metric, place, row, note, scope in out
        if place and number(row["value"]) is not None and row["as_of"]
    ]


def published() -> list[Record]:
    """All of them; the first figure of a metric, place and period stays, a rival gets a numbered metric."""
    seen: dict[tuple[str, str, str], int] = {}
    out = []
    for row in [*national(), *reconciled(), *claimed()]:
        key = (row["metric"], row["place"], row["period"])
        seen[key] = seen.get(key, 0) + 1
        out.append(row if seen[key] == 1 else {**row, "metric": f"{row['metric']}_{seen[key]}"})
    return out


def tables() -> Tables:
    return {"policy_targets": policy_targets(), "published": published()}
