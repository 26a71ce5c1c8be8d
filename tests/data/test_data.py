"""The data tables: contracts, keys, references, sums, halls against what stands in them, and an identical rebuild."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from places import ROOT
from shapely.geometry import Point, shape

from eastwest.scenario.settings import contracts

DATA = ROOT / "data"
BUILD = DATA / "build"
TABLES = contracts().tables
AVAILABILITY = 0.95
HEADROOM_GRID = 1.1 * 0.75
REGIONS = 31
RENEWABLE_REGIONS = 14
NOT_CARRIED = {"delays", "hourly"}  # for a scenario of one's own: no file, and the reader takes them as empty
CARRIED = [name for name in TABLES if name not in NOT_CARRIED]
DAYS = {"winter": 90, "spring": 92, "summer": 92, "autumn": 91}
SEASON_DAYS = {
    "winter": [*range(1, 60), *range(335, 366)],
    "spring": list(range(60, 152)),
    "summer": list(range(152, 244)),
    "autumn": list(range(244, 335)),
}
PLANTS = {"wind", "solar", "battery_power", "battery_energy"}
CLOUDY = {"310000", "320000", "330000", "340000", "440000", "500000", "510000", "520000"}

pytestmark = pytest.mark.skipif(not BUILD.is_dir(), reason="an installed wheel carries the tables, not the scripts")


def raw(table: str) -> list[dict[str, str]]:
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def rows(table: str) -> list[Any]:
    """Rows validated against their contract; an empty cell is None, or empty text where the column is text."""
    row = TABLES[table]
    text = {name for name, field in row.model_fields.items() if field.annotation is str}
    return [row(**{key: value or ("" if key in text else None) for key, value in one.items()}) for one in raw(table)]


def total(pairs: list[tuple[Any, float]]) -> dict[Any, float]:
    out: dict[Any, float] = defaultdict(float)
    for key, value in pairs:
        out[key] += value
    return out


@pytest.mark.parametrize("table", CARRIED)
def test_every_row_keeps_its_contract_and_its_key_is_its_own(table: str) -> None:
    columns = list(raw(table)[0])
    assert set(columns) == set(TABLES[table].model_fields)
    assert columns[-2:] == ["source", "quality"]
    keys = [tuple(getattr(row, name) for name in TABLES[table].key) for row in rows(table)]
    assert len(keys) == len(set(keys))
    assert all(len(row.source) <= 160 for row in rows(table))


@pytest.mark.parametrize(("table", "column"), [(name, column) for name in CARRIED for column in TABLES[name].refers])
def test_references_hold(table: str, column: str) -> None:
    target = TABLES[table].refers[column]
    known = {getattr(row, TABLES[target].key[0]) for row in rows(target)}
    assert {getattr(row, column) for row in rows(table)} - {None} <= known


def test_tables_and_tariffs_named_elsewhere_exist() -> None:
    nodes = {row.hub for row in rows("hubs")}
    assert {row.node for row in rows("regions")} | {row.node for row in rows("sites")} <= nodes
    assert {row.tariff for row in rows("site_power")} <= {row.tariff for row in rows("tariffs")}
    ends = {frozenset((row.from_node, row.to_node)) for row in rows("corridors")}
    assert len(ends) == len(nodes) * (len(nodes) - 1) / 2


def test_shares_sum_to_one() -> None:
    for share in total([(row.task, row.share) for row in rows("demand")]).values():
        assert share == pytest.approx(1, abs=1e-9)
    for share in total([(row.kind, row.share) for row in rows("tasks")]).values():
        assert share == pytest.approx(1, abs=1e-8)
    mix = [
        ((row.supply_group, year), row.mix)
        for row in rows("supply_map")
        for year in range(row.first_year, row.last_year + 1)
    ]
    for share in total(mix).values():
        assert share == pytest.approx(1, abs=1e-9)
    assert {row.supply_group for row in rows("supply")} == {row.supply_group for row in rows("supply_map")}


def test_profiles_and_tariffs_have_mean_one() -> None:
    for row in rows("profiles"):
        assert sum(row.hours()) == pytest.approx(24, abs=1e-6), row.profile
    for tariff, weighted in total(
        [(row.tariff, DAYS[row.season] * sum(row.hours())) for row in rows("tariffs")]
    ).items():
        assert weighted / (24 * 365) == pytest.approx(1, abs=1e-5), tariff


def test_pue_keeps_the_published_yearly_mean() -> None:
    mean = total([(row.site, DAYS[row.season] * row.pue / 365) for row in rows("pue")])
    for row in rows("published"):
        if row.metric == "pue" and row.place in mean:
            assert mean[row.place] == pytest.approx(row.value, abs=2e-4)


def test_stock_sums_to_its_anchor() -> None:
    devices = {row.device: row for row in rows("devices")}
    placed = total(
        [
            ((row.anchor, devices[row.device].kind), row.devices * devices[row.device].peak_pflops)
            for row in rows("stock")
        ]
    )
    anchors = {(row.anchor, row.kind): row.installed_pflops for row in rows("anchors")}
    assert set(placed) == set(anchors)
    for key, pflops in anchors.items():
        assert placed[key] == pytest.approx(pflops, rel=1e-6), key


def test_smuggled_supply_is_never_buyable_and_cases_are_in_order() -> None:
    for row in rows("supply"):
        assert row.low <= row.mid <= row.high
        assert row.buyable == (row.supply_group != "smuggled_hopper_blackwell")


def rated(anchor: str) -> dict[tuple[str, str], float]:
    """(site, hall asset) -> rated power of what stands at the anchor [MW]."""
    devices = {row.device: row for row in rows("devices")}
    return total(
        [
            ((row.site, f"hall_{devices[row.device].hall_class}"), row.devices * devices[row.device].rated_w / 1e6)
            for row in rows("stock")
            if row.anchor == anchor
        ]
    )


def capacity(until: date) -> dict[tuple[str, str], float]:
    return total([((row.site, row.asset), row.mw) for row in rows("capacity") if row.in_service <= until])


@pytest.mark.parametrize(("anchor", "until"), [("mean-2025", date(2025, 7, 1)), ("mid-2026", date(2026, 7, 1))])
def test_halls_and_connections_cover_what_stands(anchor: str, until: date) -> None:
    here, existing = capacity(until), rated(anchor)
    storage = {row.site: row.it_mw for row in rows("fixed_load") if row.item == "storage"}
    grown = 1.2 ** max(0.0, (until - date(2025, 6, 30)).days / 365)
    pue = {site: value / 4 for site, value in total([(row.site, row.pue) for row in rows("pue")]).items()}
    for site, it_mw in storage.items():
        standard = existing[site, "hall_standard"] + it_mw * grown
        dense = existing[site, "hall_dense"]
        assert dense <= here[site, "hall_dense"], site
        assert standard <= here[site, "hall_standard"], site
        assert HEADROOM_GRID * pue[site] * (standard + dense) <= here[site, "grid"], site


def test_commitments_fit_the_halls() -> None:
    devices = {row.device: row for row in rows("devices")}
    here, standing = capacity(date(2026, 10, 1)), rated("mid-2026")
    storage = {row.site: row.it_mw for row in rows("fixed_load") if row.item == "storage"}
    signed = total(
        [
            ((row.site, f"hall_{devices[row.device].hall_class}"), row.devices * devices[row.device].rated_w / 1e6)
            for row in rows("commitments")
        ]
    )
    for (site, hall), it_mw in signed.items():
        fixed = storage.get(site, 0.0) * 1.2**1.25 if hall == "hall_standard" else 0.0
        assert standing[site, hall] + it_mw + fixed <= here[site, hall], (site, hall)


def test_what_the_rest_of_the_anchors_year_delivers_enters_service_after_its_lag() -> None:
    """Delivered evenly over the second half of 2026, on average on 1 October."""
    devices = {row.device: row for row in rows("devices")}
    assert {devices[row.device].kind for row in rows("commitments")} == {"intelligent", "general"}
    for row in rows("commitments"):
        months = (row.in_service.year - 2026) * 12 + row.in_service.month - 10
        assert months == devices[row.device].months_to_service, row


def test_every_site_has_halls_a_connection_power_and_pue() -> None:
    sites = {row.site for row in rows("sites")}
    for table in ("capacity", "site_power", "pue", "fixed_load"):
        assert {row.site for row in rows(table)} == sites
    halls_and_grid = {"grid", "hall_standard", "hall_dense"}
    assert {row.asset for row in rows("capacity")} == halls_and_grid | PLANTS
    for site in sites:
        assert halls_and_grid <= {row.asset for row in rows("capacity") if row.site == site}, site
    assert min(capacity(date(2030, 12, 31)).values()) > 0


def reference(name: str) -> list[dict[str, str]]:
    with (DATA / "reference" / f"{name}.csv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, restkey="_rest"))


def cost(item: str) -> Any:
    return next(row for row in rows("costs") if row.item == item)


@pytest.mark.parametrize("table", sorted(NOT_CARRIED))
def test_tables_for_a_scenario_of_ones_own_have_no_file(table: str) -> None:
    assert TABLES[table].may_be_empty
    assert not (DATA / f"{table}.csv").exists()


def test_own_plants_have_a_cost_hours_and_weather() -> None:
    keys = {(row.region, row.technology) for row in rows("renewables")}
    assert len(keys) == 2 * RENEWABLE_REGIONS
    assert {(row.region, row.technology, row.season) for row in rows("renewable_profiles")} == {
        (*key, season) for key in keys for season in DAYS
    }
    assert {(row.region, row.technology, row.day) for row in rows("weather_days")} == {
        (*key, day) for key in keys for day in range(1, 366)
    }
    region = {row.site: row.region for row in rows("sites")}
    for row in rows("capacity"):
        if row.asset in ("wind", "solar"):
            assert (region[row.site], row.asset) in keys, row.site
    for row in reference("renewables"):
        made = next(one for one in rows("renewables") if (one.region, one.technology) == (row["adcode"], row["tech"]))
        assert made.capex_million_cny_per_mw == pytest.approx(float(row["capex_cny_per_kw"]) / 1000)
        assert made.om_million_cny_per_mw_year == pytest.approx(float(row["opex_cny_per_kw_year"]) / 1000)
        assert made.life_years == float(row["lifetime_years"])


def test_renewable_profiles_have_the_new_build_capacity_factor() -> None:
    mean = total(
        [
            ((row.region, row.technology), DAYS[row.season] * sum(row.hours()) / (24 * 365))
            for row in rows("renewable_profiles")
        ]
    )
    for row in reference("renewables"):
        assert mean[row["adcode"], row["tech"]] == pytest.approx(float(row["capacity_factor_new_build"]), abs=1e-6)
    assert max(max(row.hours()) for row in rows("renewable_profiles")) <= 0.98
    for row in rows("renewable_profiles"):
        if row.technology == "solar":
            assert row.h00 == row.h02 == row.h23 == 0, row.region


def weather() -> dict[tuple[str, str], np.ndarray]:
    """(region, technology) -> factor by day, 1 January first."""
    years: dict[tuple[str, str], dict[int, float]] = defaultdict(dict)
    for row in rows("weather_days"):
        years[row.region, row.technology][row.day] = row.factor
    return {key: np.array([year[day] for day in range(1, 366)]) for key, year in years.items()}


def test_weather_keeps_every_seasons_mean_and_never_exceeds_capacity() -> None:
    peak = {(row.region, row.technology, row.season): max(row.hours()) for row in rows("renewable_profiles")}
    for (region, technology), year in weather().items():
        assert year.min() >= 0.02
        for season, days in SEASON_DAYS.items():
            here = year[np.array(days) - 1]
            assert len(here) == DAYS[season]
            assert here.sum() == pytest.approx(len(here), abs=5e-7), (region, technology, season)
            assert here.max() * peak[region, technology, season] <= 1, (region, technology, season)


def skew(year: np.ndarray) -> float:
    return float(((year - year.mean()) ** 3).mean() / year.std() ** 3)


def test_weather_varies_as_its_script_says() -> None:
    for technology, lag, spread in (("wind", 0.6, {False: 0.5, True: 0.5}), ("solar", 0.4, {False: 0.25, True: 0.4})):
        years = {region: year for (region, kind), year in weather().items() if kind == technology}
        after = [np.corrcoef(year[:-1], year[1:])[0, 1] for year in years.values()]
        assert np.mean(after) == pytest.approx(lag, abs=0.05)
        for cloudy, expected in spread.items():
            varies = np.mean([year.std() for region, year in years.items() if (region in CLOUDY) == cloudy])
            assert varies == pytest.approx(expected, abs=0.05), (technology, cloudy)
        together = np.corrcoef(list(years.values()))
        assert 0.3 <= together[np.triu_indices(len(years), 1)].mean() <= 0.4
        assert all((skew(year) > 0) == (technology == "wind") for year in years.values())


def test_adoption_has_the_dated_targets() -> None:
    assert {row.year: row.penetration for row in rows("adoption")} == {2027: 0.7, 2030: 0.9}
    assert all(row.quality == "official" for row in rows("adoption"))


def test_base_electricity_sums_to_the_reconciled_total() -> None:
    assert sum(row.base_electricity_mwh for row in rows("site_power")) == pytest.approx(166e6, rel=1e-3)
    cluster = {row.site for row in rows("sites") if row.kind == "cluster"}
    here = sum(row.base_electricity_mwh for row in rows("site_power") if row.site in cluster)
    assert here == pytest.approx(27e6, rel=2e-3)
    assert all(row.base_electricity_mwh > 0 for row in rows("site_power"))


def test_residual_carbon_keeps_the_ratio_of_one_announcement() -> None:
    for row in rows("site_power"):
        assert row.residual_co2_kg_per_kwh == pytest.approx(row.grid_co2_kg_per_kwh * 0.6096 / 0.5306, abs=6e-5)


def test_own_plants_are_those_of_the_references() -> None:
    placed = {(row.site, row.asset, row.in_service): row for row in rows("capacity") if row.asset in PLANTS}
    existing = {key[:2]: row.mw for key, row in placed.items() if row.status == "existing"}
    assert existing == {
        ("helingeer", "wind"): 300,
        ("helingeer", "solar"): 60,
        ("helingeer", "battery_power"): 64.8,
        ("helingeer", "battery_energy"): 259.2,
        ("zhongwei", "solar"): 500,
    }
    facts = total(
        [
            (row["place_id"], float(row["value"]))
            for row in reference("power_facts")
            if row["metric"].startswith("dedicated_renewables")
        ]
    )
    for site, published in facts.items():
        here = sum(row.mw for (place, asset, _), row in placed.items() if place == site and asset in ("wind", "solar"))
        assert 0.4 * published < here <= published, site
    anchor = date(2026, 6, 30)
    for row in placed.values():
        assert (row.in_service <= anchor) == (row.status == "existing")
        assert row.quality == "assumption" or row.in_service < date(2026, 12, 1)


def test_a_battery_of_four_hours_costs_what_the_reference_says() -> None:
    power, energy = cost("battery_power_million_cny_per_mw"), cost("battery_energy_million_cny_per_mwh")
    known = next(row for row in reference("costs") if row["item"] == "storage_battery_4h")
    for case in ("low", "mid", "high"):
        per_mw = getattr(power, case) + 4 * getattr(energy, case)
        assert per_mw / 4 * 1000 == pytest.approx(float(known[f"value_{case}"]))
    assert power.mid == 0.3


def test_a_corridor_costs_over_its_life_what_its_use_costs_a_year() -> None:
    overnight, yearly = cost("corridor_million_cny_per_gbps_1000km"), cost("network_cny_per_gbps_1000km_year")
    rate, years = cost("discount_rate_grid").mid, cost("corridor_life_years").mid
    annuity = rate / (1 - (1 + rate) ** -years)
    for case in ("mid", "high"):
        assert getattr(overnight, case) * 1e6 * annuity == pytest.approx(getattr(yearly, case), rel=1e-4)


def test_cost_cases_of_the_models_items_are_in_order() -> None:
    for row in rows("costs"):
        assert row.low <= row.mid <= row.high, row.item


def test_grid_carbon_falls_as_from_2022_to_2023() -> None:
    row = cost("grid_co2_change_per_year")
    assert row.high == pytest.approx(0.5306 / 0.5366 - 1, abs=5e-4)
    assert row.low < row.mid < row.high < 0


def local_need(kind: str, residency: str, domestic: bool) -> dict[str, float]:
    """Region -> delivered demand at mid-2026 that may not leave, at the peak of interactive profiles [PFLOP/s]."""
    use = {row.work: row.use for row in rows("reference_use") if row.anchor == "mid-2026"}
    anchor = next(row for row in rows("anchors") if (row.anchor, row.kind) == ("mid-2026", kind))
    peak = {row.profile: max(row.hours()) for row in rows("profiles")}
    need = {}
    for row in rows("tasks"):
        if row.kind != kind or row.residency != residency or (domestic and row.foreign_devices_allowed):
            continue
        at_peak = peak[row.profile] if row.window_h < 2 else 1.0
        need[row.task] = row.share * anchor.installed_pflops * anchor.allocation * use[row.work] * at_peak
    return total([(row.region, row.share * need[row.task]) for row in rows("demand") if row.task in need])


def local_means(kind: str, only_metro: bool, domestic: bool) -> dict[str, float]:
    """Region -> what its sites can deliver of inference or general work at mid-2026 [PFLOP/s]."""
    devices = {row.device: row for row in rows("devices")}
    site = {row.site: row for row in rows("sites")}
    out = []
    for row in rows("stock"):
        device = devices[row.device]
        if row.anchor != "mid-2026" or device.kind != kind or (domestic and device.origin == "foreign"):
            continue
        if only_metro and site[row.site].kind != "metro":
            continue
        use = device.general_use if kind == "general" else device.inference_use
        out.append((site[row.site].region, row.devices * device.peak_pflops * use * AVAILABILITY))
    return total(out)


@pytest.mark.parametrize("kind", ["intelligent", "general"])
@pytest.mark.parametrize(("residency", "domestic"), [("metro", False), ("province", False), ("province", True)])
def test_every_region_can_serve_what_may_not_leave_it(kind: str, residency: str, domestic: bool) -> None:
    need = local_need(kind, residency, domestic)
    means = local_means(kind, residency == "metro", domestic)
    if residency == "province":
        first = local_need(kind, "metro", False)
        need = {region: value + (0.0 if domestic else first[region]) for region, value in need.items()}
    assert len(need) in (0, REGIONS)
    for region, value in need.items():
        assert value <= means[region], region


def test_polygons_name_the_regions_and_hold_their_points() -> None:
    document = json.loads((DATA / "regions.geojson").read_text(encoding="utf-8"))
    polygons = {feature["properties"]["region"]: shape(feature["geometry"]) for feature in document["features"]}
    assert set(polygons) == {row.region for row in rows("regions")}
    assert len(polygons) == REGIONS
    for row in rows("regions"):
        assert polygons[row.region].is_valid
        assert polygons[row.region].covers(Point(row.longitude_deg, row.latitude_deg)), row.name_en


def test_package_describes_the_files() -> None:
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    resources = {one["name"]: one for one in package["resources"]}
    assert set(resources) == {*CARRIED, "regions_polygons"}
    for name in CARRIED:
        table, one = raw(name), resources[name]
        assert [field["name"] for field in one["schema"]["fields"]] == list(table[0])
        assert one["rows"] == len(table) == sum(one["rows_by_quality"].values())
        assert one["schema"]["primaryKey"] == list(TABLES[name].key)
        for field in one["schema"]["fields"]:
            if "unit" in field:
                assert f"[{field['unit']}]" in field["description"]


def test_reference_files_are_all_kept() -> None:
    assert len(list((DATA / "reference").glob("*.csv"))) >= 16


@pytest.mark.slow
def test_rebuilding_gives_the_same_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(BUILD), "--out", str(tmp_path)], check=True, timeout=300)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted([*(f"{name}.csv" for name in CARRIED), "datapackage.json", "regions.geojson"])
    for name in made:
        assert (tmp_path / name).read_bytes() == (DATA / name).read_bytes(), f"{name}: run `python data/build`"
