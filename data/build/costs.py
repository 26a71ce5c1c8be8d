"""Cost and finance parameters: the items that the model reads, then everything else of costs.csv that may be of use."""

from __future__ import annotations

from common import Record, Tables, number, reference, short, slug

PASSED_ON = (
    "fx",
    "dc_capex",
    "opex",
    "land",
    "grid",
    "lead_time",
    "backup",
    "renewables",
    "water",
    "power_price",
    "subsidy",
    "compute_rent",
)
MAPPED = ("server_non_accelerator_share", "cluster_network_adder", "dc_fixed_om", "it_om", "liquid_cooling_adder")
ROUTE_KM = 1500.0
MONTHS = 12.0


def _raw(item: str, region: str | None = None, year: str | None = None) -> dict[str, str]:
    rows = [row for row in reference("costs") if row["item"] == item]
    rows = [row for row in rows if region in (None, row["region"]) and year in (None, row["base_year"])]
    return rows[0]


def _cost(item: str, values: tuple[float, float, float], unit: str, source: str, quality: str) -> Record:
    low, mid, high = values
    return {
        "item": item,
        "low": low,
        "mid": mid,
        "high": high,
        "unit": unit,
        "source": short(source),
        "quality": quality,
    }


def _scaled(item: str, row: dict[str, str], factor: float, unit: str) -> Record:
    low, mid, high = (round((number(row[f"value_{case}"]) or 0.0) * factor, 9) for case in ("low", "mid", "high"))
    return _cost(item, (low, mid, high), unit, f"costs.csv {row['item']}: {row['source']}", row["quality"])


def model_items() -> list[Record]:
    pct = 0.01
    carriers, all_assets = "state carriers", "all"
    return [
        _scaled("server_share", _raw("server_non_accelerator_share"), pct, "1, of device price"),
        _scaled("fabric_share", _raw("cluster_network_adder"), pct, "1, of device price"),
        _scaled("it_om_share", _raw("it_om"), pct, "1/a, of IT capex"),
        _scaled("hall_om_share", _raw("dc_fixed_om"), pct, "1/a, of hall capex"),
        _scaled("discount_rate_halls", _raw("discount_rate_real", carriers), pct, "1/a, real"),
        _scaled("discount_rate_grid", _raw("discount_rate_real", carriers), pct, "1/a, real"),
        _scaled("discount_rate_private_operators", _raw("discount_rate_real", "private operators"), pct, "1/a, real"),
        _scaled("discount_rate_devices", _raw("discount_rate_accelerators", all_assets), pct, "1/a, real"),
        _scaled("hall_life_years", _raw("dc_building_life", all_assets), 1.0, "a"),
        _cost(
            "grid_life_years",
            (25.0, 30.0, 40.0),
            "a",
            "Usual life of substations and lines; no reference",
            "assumption",
        ),
        _scaled("liquid_cooling_million_cny_per_mw", _raw("liquid_cooling_adder"), 1.0, "million CNY/MW IT"),
    ]


def network_items() -> list[Record]:
    """Resource cost of lighting spare 400G waves over about 1,500 km: half by distance, half at the ends."""
    rows = [row for row in reference("network") if row["item"] == "incremental_transport_cost_annualised"]
    low, mid, high = (float(rows[0][name]) * MONTHS for name in ("value_low", "value", "value_high"))
    text = "network.csv: {0} of 600 CNY/Gbps/month (300-1,500) incremental 400G over 1,500 km; split assumed"
    per_km = tuple(round(value / 2 / (ROUTE_KM / 1000), 3) for value in (low, mid, high))
    per_end = tuple(round(value / 4, 3) for value in (low, mid, high))
    return [
        _cost(
            "network_cny_per_gbps_1000km_year",
            (per_km[0], per_km[1], per_km[2]),
            "CNY/(Gbit/s 1000 km a)",
            text.format("distance half"),
            "assumption",
        ),
        _cost(
            "network_end_cny_per_gbps_year",
            (per_end[0], per_end[1], per_end[2]),
            "CNY/(Gbit/s a), each of two ends",
            text.format("a quarter for each end"),
            "assumption",
        ),
    ]


def carbon_items() -> list[Record]:
    """carbon_price_<year> for 2025 to 2030; 2027 and 2029 are midway between their neighbours."""
    known = {int(row["base_year"]): row for row in reference("costs") if row["item"].startswith("china_ets_price")}
    unit = "CNY/t CO2"
    out = []
    for year in range(2025, 2031):
        if year in known:
            out.append(_scaled(f"carbon_price_{year}", known[year], 1.0, unit))
            continue
        around = [known[year - 1], known[year + 1]]
        low, mid, high = (sum(float(row[f"value_{case}"]) for row in around) / 2 for case in ("low", "mid", "high"))
        out.append(
            _cost(f"carbon_price_{year}", (low, mid, high), unit, f"Mean of {year - 1} and {year + 1}", "assumption")
        )
    certificate = _cost(
        "green_certificate_cny_per_mwh",
        (1.0, 5.0, 30.0),
        "CNY/MWh",
        "Green certificates traded at a few CNY in 2024-25; analyst knowledge, not in the references",
        "assumption",
    )
    return [*out, certificate]


def other_items() -> list[Record]:
    """The rest of costs.csv as it stands; a repeated item gets its region, then its year, as a suffix."""
    rows = [row for row in reference("costs") if row["category"] in PASSED_ON and row["item"] not in MAPPED]
    names = [row["item"] for row in rows]
    out: list[Record] = []
    for row in rows:
        name = slug(row["item"])
        if names.count(row["item"]) > 1:
            name = f"{name}_{slug(row['region'])}"[:58].rstrip("_")
        if name in {one["item"] for one in out}:
            name = f"{name}_{row['base_year']}"
        out.append(_scaled(name, row, 1.0, row["unit"]))
    return out


def tables() -> Tables:
    return {"costs": model_items() + network_items() + carbon_items() + other_items()}
