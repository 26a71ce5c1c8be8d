"""Electricity at each site: price, time-of-use tariffs, carbon, and PUE by season."""

from __future__ import annotations

from functools import cache

from common import SEASON_DAYS, SEASON_MONTHS, Record, Tables, computed, number, reference, short, slug, weakest
from halls import paths
from regions import provinces
from sites import clusters, metros

TARIFF_OF_SITE = {
    "zhangjiakou": "jibei",
    "metro_130000": "hebei_south",
    "helingeer": "mengxi",
    "metro_150000": "mengxi",
}
CLASS_COLUMN = {"S": "effective_spike_x", "P": "effective_peak_x", "V": "effective_valley_x"}
CLASS_COLUMN |= {"D": "effective_deep_valley_x"}
FALLBACK = {"S": "P", "D": "V"}
# Hebei South against Jibei: benchmark 0.3644 for 0.3720 (x 1.12), T&D 0.1226 for 0.0925 (note in provinces.csv).
HEBEI_SOUTH_SURCHARGE = (0.3644 - 0.3720) * 1.12 + (0.1226 - 0.0925)
HOURS_A_YEAR = 8760
TIBET_NEIGHBOURS = ("510000", "630000")
# Annual mean temperature of the capital [C], analyst knowledge of the 1991-2020 normals, +/-1 C.
MEAN_TEMPERATURE_C = {
    "110000": 13,
    "120000": 13,
    "130000": 14,
    "140000": 10.5,
    "150000": 7.5,
    "210000": 8.5,
    "220000": 6.5,
    "230000": 5,
    "310000": 17.5,
    "320000": 16.5,
    "330000": 17.5,
    "340000": 16.5,
    "350000": 20.5,
    "360000": 18.5,
    "370000": 15,
    "410000": 15.5,
    "420000": 17.5,
    "430000": 18,
    "440000": 22.5,
    "450000": 22,
    "460000": 24.5,
    "500000": 18.5,
    "510000": 16.5,
    "520000": 15.5,
    "530000": 16,
    "540000": 8.5,
    "610000": 14.5,
    "620000": 10.5,
    "630000": 6,
    "640000": 9.5,
    "650000": 7.5,
}


def sites() -> list[Record]:
    return clusters() + metros()


def tariff_id(row: dict[str, str]) -> str:
    return slug(row["grid_area"].split("(")[0]) if row["grid_area"] != "Jibei (North Hebei)" else "jibei"


def months_of(text: str) -> set[int]:
    if "-" in text:
        first, last = text.split("-")
        return set(range(int(first), int(last) + 1))
    return {int(month) for month in text.split(";")}


def multiplier(row: dict[str, str], mark: str) -> float:
    """Effective multiplier on the all-in price of an hour class; spike falls back to peak, deep valley to valley."""
    if mark == "F":
        return 1.0
    value = number(row[CLASS_COLUMN[mark]])
    return value if value is not None else multiplier(row, FALLBACK[mark])


def season_means(rows: list[dict[str, str]]) -> dict[str, list[float]]:
    """Hourly multiplier of each season: mean over its three months; day-weighted mean of the year 1."""
    by_month = {month: row for row in rows for month in months_of(row["months"])}
    means = {
        season: [
            sum(multiplier(by_month[month], by_month[month]["class_24h"][hour]) for month in months) / 3
            for hour in range(24)
        ]
        for season, months in SEASON_MONTHS.items()
    }
    days = sum(SEASON_DAYS.values())
    mean = sum(SEASON_DAYS[season] * sum(hours) for season, hours in means.items()) / (24 * days)
    return {season: [round(value / mean, 6) for value in hours] for season, hours in means.items()}


def tariffs() -> list[Record]:
    grouped: dict[str, list[dict[str, str]]] = {}
    for row in reference("tariff_tou"):
        grouped.setdefault(tariff_id(row), []).append(row)
    out: list[Record] = []
    for name, rows in sorted(grouped.items()):
        quality = computed(*("assumption" if row["multiplier_quality"] == "assumption" else "derived" for row in rows))
        notice = rows[0]["source"].split(" (")[0]
        source = short(
            f"{notice}; effective multipliers on the all-in price, mean of the season's months, yearly mean 1"
        )
        out += [
            _hourly({"tariff": name, "season": season}, hours, source, quality)
            for season, hours in season_means(rows).items()
        ]
    flat = "No published time-of-use tariff in the references: flat"
    return out + [_hourly({"tariff": "flat", "season": s}, [1.0] * 24, flat, "assumption") for s in SEASON_MONTHS]


def _hourly(keys: Record, hours: list[float], source: str, quality: str) -> Record:
    return {**keys, **{f"h{hour:02d}": value for hour, value in enumerate(hours)}, "source": source, "quality": quality}


def _tibet_price(column: str, by_code: dict[str, dict[str, str]]) -> float:
    return sum(number(by_code[code][column]) or 0.0 for code in TIBET_NEIGHBOURS) / len(TIBET_NEIGHBOURS)


@cache
def residual_over_average() -> float:
    """National grid carbon without traded non-fossil power over the average, both of the same announcement."""
    value = {row["metric"]: float(row["value"]) for row in reference("policy_targets") if row["topic"] == "grid_co2"}
    return value["factor_excluding_traded_nonfossil"] / value["national_average_factor"]


def site_power() -> list[Record]:
    by_code = {row["adcode"]: row for row in provinces()}
    named = {slug(row["grid_area"]): tariff_id(row) for row in reference("tariff_tou")}
    rows = []
    for site in sites():
        province = by_code[site["region"]]
        path = paths()[site["site"]]
        tariff = TARIFF_OF_SITE.get(site["site"]) or named.get(slug(province["name_en"]), "flat")
        note, quality = "provinces.csv: benchmark x premium + T&D 110 kV + fees (derived)", "derived"
        price = number(province["industrial_price_large_cny_per_kwh"])
        charge = number(province["td_demand_charge_cny_per_kw_month"])
        carbon = number(province["grid_co2_kg_per_kwh_2023"])
        if price is None or charge is None or carbon is None:
            price = round(_tibet_price("industrial_price_large_cny_per_kwh", by_code), 3)
            charge = _tibet_price("td_demand_charge_cny_per_kw_month", by_code)
            carbon = number(province["regional_co2_kg_per_kwh_2023"])
            note, quality = (
                "No market price: mean of Sichuan and Qinghai; CO2 = Southwest factor",
                "assumption",
            )
        if site["site"] == "metro_130000":
            price = round(price + HEBEI_SOUTH_SURCHARGE, 3)
            note = "Jibei price, benchmark and T&D replaced by those of Hebei South (derived)"
        preferential = number(province["dc_preferential_price_cny_per_kwh"]) if site["kind"] == "cluster" else None
        if preferential is not None:
            note += f"; preferential: press, {province['dc_preferential_quality']}"
        rows.append(
            {
                "site": site["site"],
                "price_cny_per_kwh": price,
                "demand_charge_cny_per_kw_month": charge,
                "preferential_price_cny_per_kwh": preferential,
                "tariff": tariff,
                "grid_co2_kg_per_kwh": carbon,
                "residual_co2_kg_per_kwh": round(carbon * residual_over_average(), 4),
                "base_electricity_mwh": round(path.load_2025 * HOURS_A_YEAR, 1),
                "source": short(
                    f"{note}; CO2: MEE+NBS 2023 (residual x {residual_over_average():.3f}); base {path.load_2025:g} MW"
                    + ("; flat" if tariff == "flat" else "")
                ),
                "quality": weakest(quality, path.quality_load, *(["assumption"] if tariff == "flat" else [])),
            }
        )
    return rows


def fleet_pue() -> dict[str, tuple[float, str]]:
    """Site -> fleet PUE of 2025 and its quality."""
    clusters_ = {row["cluster_id"]: (float(row["pue_fleet_2025"]), "assumption") for row in reference("cluster_power")}
    metros_ = {f"metro_{row['adcode']}": (float(row["pue_2025"]), "assumption") for row in reference("metro_power")}
    return clusters_ | metros_


def mean_temperature() -> dict[str, float]:
    cluster = {row["id"]: float(row["annual_mean_temp_c"]) for row in reference("clusters")}
    return cluster | {f"metro_{code}": float(value) for code, value in MEAN_TEMPERATURE_C.items()}


def pue() -> list[Record]:
    """Fleet mean +/- a swing of 0.02 + 0.0025 per degree of annual mean temperature; the day-weighted mean is kept."""
    rows = []
    temperature, fleet = mean_temperature(), fleet_pue()
    for site in sites():
        mean, quality = fleet[site["site"]]
        swing = min(0.02 + 0.0025 * temperature[site["site"]], 0.4 * (mean - 1))
        shoulder = (
            -swing * (SEASON_DAYS["summer"] - SEASON_DAYS["winter"]) / (SEASON_DAYS["spring"] + SEASON_DAYS["autumn"])
        )
        shift = {"winter": -swing, "spring": shoulder, "summer": swing, "autumn": shoulder}
        rows += [
            {
                "site": site["site"],
                "season": season,
                "pue": round(mean + shift[season], 4),
                "source": f"Fleet PUE {mean:g} (2025) +/- (0.02 + 0.0025 x {temperature[site['site']]:g} C); "
                "warm-humid sites swing more; day-weighted mean kept",
                "quality": quality,
            }
            for season in SEASON_MONTHS
        ]
    return rows


def tables() -> Tables:
    return {"site_power": site_power(), "tariffs": tariffs(), "pue": pue()}
