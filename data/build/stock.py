"""Dated national totals, the stock that adds up to them by site, device and vintage, and the fleet's use factors."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from common import Record, Tables, computed
from devices import devices
from placement import CLAIMS, intelligent_by_site, seed
from servers import server_peaks_by_site
from supply import DEVICE_OF_GROUP, published

ANCHOR_DATES = {"mean-2025": date(2025, 7, 1), "end-2025": date(2025, 12, 31), "mid-2026": date(2026, 6, 30)}
INTELLIGENT = {"mean-2025": 788_000.0, "end-2025": 1_590_000.0, "mid-2026": 2_185_000.0}
INTELLIGENT_SOURCE = {
    "mean-2025": ("MIIT/CAICT 2025-08: 788 EF FP16, mid-2025; allocation 0.70 assumed", 0.70, "assumption"),
    "end-2025": (
        "MIIT at SCIO 2026-01: over 1,590 EF FP16; allocation 0.70 assumed (0.714 half a year later)",
        0.70,
        "assumption",
    ),
    "mid-2026": (
        "MIIT at SCIO 2026-07: 2,185 EF FP16 (official); allocation 71.4% (People's Daily)",
        0.714,
        "published_estimate",
    ),
}
GENERAL_END_2024 = 190_000.0
GENERAL_GROWTH = 0.12
GENERAL_ALLOCATION = 0.58
YEARS_SINCE_2024 = {"mean-2025": 0.5, "end-2025": 1.0, "mid-2026": 1.5}
# Part of the year's supply delivered by the anchor date, by default and where the press says otherwise.
DELIVERED = {"mean-2025": {2025: 0.5}, "end-2025": {2025: 1.0}, "mid-2026": {2025: 1.0, 2026: 0.5}}
DELIVERED_2026_H1 = {"nv_h200": 0.0, "huawei_950": 0.25}  # H200: none by 2026-05-15; 950PR: volume in H2 2026 (Reuters)
DUST = 0.005
NEW_SERVER_SHARE = {"mean-2025": 0.05, "end-2025": 0.10, "mid-2026": 0.15}
SERVER_VINTAGES: dict[str, dict[str, dict[int, float]]] = {
    "cpu_server_2s": {
        "mean-2025": {2019: 0.1, 2020: 0.18, 2021: 0.18, 2022: 0.18, 2023: 0.18, 2024: 0.18},
        "end-2025": {2020: 0.2, 2021: 0.2, 2022: 0.2, 2023: 0.2, 2024: 0.2},
        "mid-2026": {2020: 0.1, 2021: 0.225, 2022: 0.225, 2023: 0.225, 2024: 0.225},
    },
    "cpu_server_new_2s": {"mean-2025": {2025: 1.0}, "end-2025": {2025: 1.0}, "mid-2026": {2025: 0.65, 2026: 0.35}},
}


def general_total(anchor: str) -> float:
    return float(GENERAL_END_2024 * (1 + GENERAL_GROWTH) ** YEARS_SINCE_2024[anchor])


def part_delivered(anchor: str, group: str, year: int) -> float:
    """Share of a year's supply delivered by the anchor date."""
    if year > ANCHOR_DATES[anchor].year:
        return 0.0
    if anchor == "mid-2026" and year == 2026:
        return DELIVERED_2026_H1.get(group, DELIVERED[anchor][year])
    return DELIVERED[anchor].get(year, 1.0)


@cache
def delivered(anchor: str) -> dict[tuple[str, int], float]:
    """(device, vintage) -> dense peak delivered by the anchor date [PFLOP/s]."""
    out: dict[tuple[str, int], float] = {}
    for row in published():
        group, year = row["group_id"], int(row["year"])
        pflops = float(row["mid"]) * float(row["bf16_tflops_per_unit"]) / 1000 * part_delivered(anchor, group, year)
        if pflops > 0:
            key = (DEVICE_OF_GROUP[group], year)
            out[key] = out.get(key, 0.0) + pflops
    return out


def live_share(anchor: str) -> float:
    """In use / delivered, one figure for every vintage of an anchor."""
    return INTELLIGENT[anchor] / sum(delivered(anchor).values())


def fitted(start: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Matrix with the wanted row and column sums nearest to the start (iterative proportional fitting)."""
    matrix = start.copy()
    for _ in range(5000):
        matrix *= (rows / np.maximum(matrix.sum(axis=1), 1e-300))[:, None]
        matrix *= columns / matrix.sum(axis=0)
        if np.abs(matrix.sum(axis=1) - rows).max() < 1e-9 * rows.sum():
            return matrix
    raise ValueError("the families found at the sites cannot meet the site totals")


@cache
def accelerator_peaks(anchor: str) -> dict[tuple[str, str], float]:
    """(site, device) -> dense peak in use [PFLOP/s]; holdings under 0.5 % of their site are dropped and made up."""
    by_site = intelligent_by_site(anchor, INTELLIGENT[anchor])
    sites, live = list(by_site), live_share(anchor)
    totals: dict[str, float] = {}
    for (device, _), pflops in delivered(anchor).items():
        totals[device] = totals.get(device, 0.0) + pflops * live
    names = sorted(totals)
    rows = np.array([by_site[site] for site in sites])
    columns = np.array([totals[name] for name in names])
    start = np.array([[seed(name, site) for name in names] for site in sites]) * columns
    matrix = fitted(start, rows, columns)
    matrix = fitted(np.where(matrix < DUST * rows[:, None], 0.0, matrix), rows, columns)
    return {
        (site, name): float(matrix[i, j])
        for i, site in enumerate(sites)
        for j, name in enumerate(names)
        if matrix[i, j] > 0
    }


def accelerator_stock(anchor: str, peak: dict[str, float]) -> list[Record]:
    """Devices by site, device and vintage; every site has the national vintage mix of the family."""
    vintages = delivered(anchor)
    totals: dict[str, float] = {}
    for (device, _), pflops in vintages.items():
        totals[device] = totals.get(device, 0.0) + pflops
    rows = []
    for (site, device), pflops in accelerator_peaks(anchor).items():
        basis = (
            CLAIMS[site][1] if site in CLAIMS else "metros: national less clusters by 0.6 inference demand + 0.4 hall"
        )
        for year in sorted(year for name, year in vintages if name == device):
            rows.append(
                {
                    "anchor": anchor,
                    "site": site,
                    "device": device,
                    "vintage": year,
                    "devices": pflops / peak[device] * vintages[device, year] / totals[device],
                    "live_share": round(live_share(anchor), 6),
                    "source": basis,
                    "quality": "assumption",
                }
            )
    return rows


def server_stock(anchor: str, peak: dict[str, float]) -> list[Record]:
    rows = []
    new = NEW_SERVER_SHARE[anchor]
    share = {"cpu_server_2s": 1 - new, "cpu_server_new_2s": new}
    for site, pflops in server_peaks_by_site(general_total(anchor)).items():
        for device, by_year in SERVER_VINTAGES.items():
            for year, part in by_year[anchor].items():
                rows.append(
                    {
                        "anchor": anchor,
                        "site": site,
                        "device": device,
                        "vintage": year,
                        "devices": pflops * share[device] * part / peak[device],
                        "live_share": 1.0,
                        "source": "Clusters 62.7% of standard racks, metros 0.75 demand + 0.25 hall; "
                        "vintages even over 6 years",
                        "quality": "assumption",
                    }
                )
    return rows


def anchors() -> list[Record]:
    rows = []
    for anchor, day in ANCHOR_DATES.items():
        text, allocation, quality = INTELLIGENT_SOURCE[anchor]
        rows.append(
            {
                "anchor": anchor,
                "kind": "intelligent",
                "date": day,
                "installed_pflops": INTELLIGENT[anchor],
                "allocation": allocation,
                "basis": "busiest_hour",
                "source": text,
                "quality": quality,
            }
        )
        rows.append(
            {
                "anchor": anchor,
                "kind": "general",
                "date": day,
                "installed_pflops": round(general_total(anchor), 1),
                "allocation": GENERAL_ALLOCATION,
                "basis": "mean",
                "source": "FP32 280 - 90 EF at end-2024 (MIIT), +12% a year; allocation 0.58 = 0.95 / 1.6 less 2%",
                "quality": "assumption",
            }
        )
    return rows


def reference_use() -> list[Record]:
    """Stock-weighted mean use by anchor and work."""
    table = {row["device"]: row for row in devices()}
    rows = []
    for anchor in ANCHOR_DATES:
        peaks: dict[str, float] = {}
        for (_, device), pflops in accelerator_peaks(anchor).items():
            peaks[device] = peaks.get(device, 0.0) + pflops
        for work in ("training", "inference"):
            mean = sum(pflops * table[name][f"{work}_use"] for name, pflops in peaks.items()) / sum(peaks.values())
            rows.append(
                {
                    "anchor": anchor,
                    "work": work,
                    "use": round(mean, 6),
                    "quality": computed("assumption"),
                    "source": f"Mean of devices.{work}_use over the intelligent stock, by dense peak",
                }
            )
        rows.append(
            {
                "anchor": anchor,
                "work": "general",
                "use": 0.25,
                "quality": "assumption",
                "source": "Mean CPU utilisation of accelerators.csv (cpu_server_2s)",
            }
        )
    return rows


@cache
def stock() -> list[Record]:
    peak = {row["device"]: float(row["peak_pflops"]) for row in devices()}
    rows: list[Record] = []
    for anchor in ANCHOR_DATES:
        rows += accelerator_stock(anchor, peak) + server_stock(anchor, peak)
    return rows


def tables() -> Tables:
    return {"anchors": anchors(), "reference_use": reference_use(), "stock": stock()}
