"""Accelerators and servers: peak, power, price, life and use factors."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from colours import of_devices
from common import Record, Tables, number, reference, short

LEFT_OUT = ("storage_server",)
ALL_IN = ("cloudmatrix_384", "ascend_910c", "cpu_server_2s", "cpu_server_new_2s")
SLOW_LINK_GB_S = 100.0
SERVER_PEAK_PFLOPS = {"cpu_server_2s": 0.008, "cpu_server_new_2s": 0.016}
NO_LIMIT_DEVICES = 100000
SLOW_LINK_GROUP = 8
PCIE_LIFE_YEARS = 4.0
CARDS_A_SERVER = 8
MOST_SERVERS_A_RACK = 4  # of 8 cards each, assumed
# From delivery to service, and the share that ever is (compute_notes.md, energised_gap): power, hall and ported
# software for accelerators (assumed); a server is racked within weeks (assumed).
MONTHS_TO_SERVICE = {"intelligent": 7.0, "general": 1.0}
ENERGISED_SHARE = {"intelligent": 0.7, "general": 1.0}
AIR_LIMIT_KW = 40.0  # costs.csv liquid_cooling_adder: cold plates are needed above about 40 kW a rack
CPU_SERVERS_A_RACK = 10  # assumed: 4.5 and 7.5 kW, inside a standard rack of 8 kW
# Sold as liquid-cooled systems. 384 cards in 12 compute racks (accelerators.csv, cloudmatrix_384); later ones assumed.
CARDS_A_LIQUID_RACK = {"ascend_910c": 32, "ascend_950dt": 64, "ascend_960": 64, "ascend_970": 64}
COMPUTE_RACKS_OF_SYSTEM = {"cloudmatrix_384": 12}


def raw_devices() -> list[dict[str, str]]:
    """Rows of accelerators.csv that carry a peak."""
    return [row for row in reference("accelerators") if row["device_id"] not in LEFT_OUT and peak_pflops(row) > 0]


def peak_pflops(row: dict[str, str]) -> float:
    if row["device_id"] in SERVER_PEAK_PFLOPS:
        return SERVER_PEAK_PFLOPS[row["device_id"]]
    return (number(row["bf16_fp16_dense_tflops"]) or 0.0) / 1000


def first_day(text: str) -> date | None:
    found = re.match(r"(\d{4})-(\d{2})", text)
    return date(int(found[1]), int(found[2]), 1) if found else None


def last_day(text: str) -> date | None:
    start = first_day(text)
    return start.replace(day=monthrange(start.year, start.month)[1]) if start else None


def rack_kw(row: dict[str, str]) -> float:
    """Power of a rack as the device is deployed [kW]: as many air-cooled servers as stay under the limit of air."""
    name, kw = row["device_id"], (number(row["server_power_w_per_device"]) or 0.0) / 1000
    if name in COMPUTE_RACKS_OF_SYSTEM:
        return round(kw / COMPUTE_RACKS_OF_SYSTEM[name], 1)
    if name in CARDS_A_LIQUID_RACK:
        return round(kw * CARDS_A_LIQUID_RACK[name], 1)
    if row["device_class"] == "server":
        return round(kw * CPU_SERVERS_A_RACK, 1)
    server = kw * CARDS_A_SERVER
    return round(server * min(MOST_SERVERS_A_RACK, int(AIR_LIMIT_KW / server)), 1)


def _device(row: dict[str, str]) -> Record:
    name, server = row["device_id"], row["device_class"] == "server"
    slow = not server and (number(row["interconnect_gb_s"]) or 0.0) < SLOW_LINK_GB_S
    basis = "all_in" if name in ALL_IN else "device"
    kind = "general" if server else "intelligent"
    group = 1 if server else (SLOW_LINK_GROUP if slow else NO_LIMIT_DEVICES)
    return {
        "device": name,
        "name_en": row["device"],
        "vendor": row["vendor"],
        "kind": kind,
        "origin": row["origin"],
        "hall_class": "standard" if server else "dense",
        "peak_pflops": peak_pflops(row),
        "rated_w": number(row["server_power_w_per_device"]),
        "memory_gb": number(row["memory_gb"]),
        "price_cny": number(row["unit_price_cny"]),
        "price_basis": basis,
        "lifetime_years": PCIE_LIFE_YEARS if slow else number(row["lifetime_years"]),
        "training_use": number(row["training_mfu"]),
        "inference_use": None if server else number(row["inference_blended_util_of_bf16_peak"]),
        "general_use": 0.25 if server else None,
        "super_use": None,
        "largest_group_devices": group,
        "rack_kw": rack_kw(row),
        "months_to_service": MONTHS_TO_SERVICE[kind],
        "energised_share": ENERGISED_SHARE[kind],
        "available_from": first_day(row["available_from"]),
        "available_until": last_day(row["available_until"]),
        "source": short(f"accelerators.csv: {row['source']}", 62)
        + f"; price {basis}, group {group} devices assumed"
        + ("; life 4 y as PCIe" if slow else "")
        + "; rack kW, lag, share energised assumed",
        "quality": row["quality"],
    }


def devices() -> list[Record]:
    rows = [_device(row) for row in raw_devices()]
    found = of_devices([(row["device"], row["vendor"]) for row in rows])
    return [row | {"colour": found[row["device"]]} for row in rows]


def tables() -> Tables:
    return {"devices": devices()}
