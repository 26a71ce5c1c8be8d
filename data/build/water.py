"""Water: how each site is cooled, what that takes for each kWh of IT, and what a cubic metre costs."""

from __future__ import annotations

from common import Record, Tables, computed, reference
from power import MEAN_TEMPERATURE_C
from sites import clusters, metros

COLD_C = 11.0  # assumed: below it the year is cold enough for closed loops and free air
# costs.csv names Ulanqab (Inner Mongolia: Horinger and the metro), Zhangjiakou and Gui'an.
NAMED = ("helingeer", "metro_150000", "zhangjiakou", "guian")
ITEMS = {"closed_loop": "wue_closed_loop_or_free_air", "evaporative": "wue_air_cooled_evaporative"}
PRICE = "industrial_water_price"


def water() -> list[Record]:
    costs = {row["item"]: row for row in reference("costs") if row["category"] == "water"}
    rows = []
    for site in clusters() + metros():
        named, degrees = site["site"] in NAMED, MEAN_TEMPERATURE_C[site["region"]]
        cooling = "closed_loop" if named or degrees < COLD_C else "evaporative"
        item = ITEMS[cooling]
        why = "named there" if named else f"mean temperature of the province {degrees:g} C, assumed"
        rows.append(
            {
                "site": site["site"],
                "cooling": cooling,
                "wue_l_per_kwh": float(costs[item]["value_mid"]),
                "price_cny_per_m3": float(costs[PRICE]["value_mid"]),
                "source": f"costs.csv {item} ({why}) and {PRICE} (of the west, for all)",
                "quality": computed("assumption", costs[item]["quality"], costs[PRICE]["quality"]),
            }
        )
    return rows


def tables() -> Tables:
    return {"water": water()}
