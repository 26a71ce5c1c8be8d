"""Devices that can be delivered by year and supply group, and the device that stands for each group."""

from __future__ import annotations

from common import Record, Tables, number, reference, short
from devices import peak_pflops, raw_devices

DEVICE_OF_GROUP = {
    "nv_a800_h800": "nv_h800",
    "nv_h20": "nv_h20",
    "nv_h200": "nv_h200",
    "nv_pcie_gddr": "nv_l20",
    "amd_mi308": "nv_h20",
    "smuggled_hopper_blackwell": "nv_h800",
    "huawei_910b": "ascend_910b",
    "huawei_910c": "ascend_910c",
    "huawei_950": "ascend_950pr",
    "huawei_960_970": "ascend_960",
    "cambricon": "mlu590",
    "thead_ppu": "thead_ppu_810e",
    "kunlunxin": "kunlun_p800",
    "hygon_dcu": "hygon_bw1000",
    "metax": "metax_c500",
    "moore_threads": "hygon_bw1000",
    "biren": "hygon_bw1000",
    "enflame": "enflame_s60",
    "other_domestic": "enflame_s60",
}
NOT_BUYABLE = ("smuggled_hopper_blackwell",)
LAST_PUBLISHED_YEAR = 2028
FUTURE_YEARS = (2029, 2030)
GROWTH = {"domestic": 0.20, "foreign": 0.0}
GROWTH_OF_GROUP = {"huawei_910c": -0.5, "huawei_950": 0.0, "huawei_960_970": 0.4, "nv_pcie_gddr": -0.3}
GROWTH_OF_GROUP |= {"smuggled_hopper_blackwell": -0.2}
CASES = ("low", "mid", "high")


def published() -> list[dict[str, str]]:
    return [row for row in reference("accelerator_supply") if row["record_type"] == "unit_series"]


def _row(row: dict[str, str], year: int, values: dict[str, float], source: str, quality: str) -> Record:
    low, mid, high = sorted(values[case] for case in CASES)
    return {
        "supply_group": row["group_id"],
        "year": year,
        "origin": row["origin"],
        "low": low,
        "mid": mid,
        "high": high,
        "buyable": row["group_id"] not in NOT_BUYABLE,
        "source": source,
        "quality": quality,
    }


def supply() -> list[Record]:
    out = []
    for row in published():
        values = {case: number(row[case]) or 0.0 for case in CASES}
        source = short(f"accelerator_supply.csv: {row['source']}; {row['basis']}")
        out.append(_row(row, int(row["year"]), values, source, row["quality"]))
        if int(row["year"]) == LAST_PUBLISHED_YEAR:
            growth = GROWTH_OF_GROUP.get(row["group_id"], GROWTH[row["origin"]])
            for year in FUTURE_YEARS:
                grown = {
                    case: float(round(value * (1 + growth) ** (year - LAST_PUBLISHED_YEAR)))
                    for case, value in values.items()
                }
                out.append(_row(row, year, grown, f"2028 figure grown {growth:+.0%} a year (assumption)", "assumption"))
    return sorted(out, key=lambda one: (one["supply_group"], one["year"]))


def devices_per_unit() -> dict[str, float]:
    """Devices that stand for one unit of a group, so that dense peak is kept."""
    peak = {row["device_id"]: peak_pflops(row) * 1000 for row in raw_devices()}
    tflops = {row["group_id"]: float(row["bf16_tflops_per_unit"]) for row in published()}
    return {group: tflops[group] / peak[device] for group, device in DEVICE_OF_GROUP.items()}


def supply_map() -> list[Record]:
    ratio = devices_per_unit()
    return [
        {
            "supply_group": group,
            "device": device,
            "first_year": 2023,
            "last_year": FUTURE_YEARS[-1],
            "mix": 1.0,
            "devices_per_unit": round(ratio[group], 6),
            "source": "Family that stands for the group; ratio = the group's BF16 TFLOPS per unit / the device's",
            "quality": "assumption",
        }
        for group, device in sorted(DEVICE_OF_GROUP.items())
    ]


def delivered_pflops() -> dict[tuple[str, int], dict[str, float]]:
    """(group, year) -> dense peak delivered in the mid case [PFLOP/s], and the device that carries it."""
    return {
        (row["group_id"], int(row["year"])): {
            "pflops": (number(row["mid"]) or 0.0) * float(row["bf16_tflops_per_unit"]) / 1000
        }
        for row in published()
    }


def tables() -> Tables:
    return {"supply": supply(), "supply_map": supply_map()}
