"""Wind, solar and batteries built for the clusters themselves: what supplies, and what is announced with its date.

Published for a cluster in power_facts.csv with its size. Left out, as no size, place or user is published: self-built
wind of Zhongming (Zhangjiakou), the offshore supply of HiCloud (Shanghai), the province lists of Hebei, Inner Mongolia
and Ningxia for all industries; and the 160 MW of Xinjiang, which has no row in renewables.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from common import Record

UNDATED = date(2028, 7, 1)  # announced without a date: about two and a half years from the notice
HALF = 0.5  # of what has no date or no contract, as with the racks that are planned
HORINGER = "Inner Mongolia Energy Administration via Xinhua 2025-05-13, supplying; "
DATANG = "China Datang via pv magazine 2026-05-04: "
DATANG_WIND = DATANG + "wind, full connection planned September 2026"
DATANG_SOLAR = DATANG + "PV, direct supply since 2026-02-05"
PHASE_2 = "Zhongwei DRC notice 2026-02-12 (600 PV + 2,000 wind), no date: 2028-07-01 assumed, halved; "
QINGYANG = "Gansu Electric Power Investment via in-en 2026-01: 2,000 MW by aggregation, "
STAGE_1 = QINGYANG + "stage 1 from 2026-01; halved, date, 75:25 assumed"
STAGE_2 = QINGYANG + "stage 2; halved, date, 75:25 assumed"


@dataclass(frozen=True)
class Plant:
    site: str
    asset: str
    in_service: date
    mw: float
    status: str
    source: str
    quality: str


PLANTS = (
    Plant("helingeer", "wind", date(2025, 5, 13), 300.0, "existing", HORINGER + "300 of 360 MW", "official"),
    Plant("helingeer", "solar", date(2025, 5, 13), 60.0, "existing", HORINGER + "60 of 360 MW", "official"),
    Plant("helingeer", "battery_power", date(2025, 5, 13), 64.8, "existing", HORINGER + "64.8 MW, 4 h", "official"),
    Plant("helingeer", "battery_energy", date(2025, 5, 13), 259.2, "existing", HORINGER + "MWh", "official"),
    Plant("zhongwei", "wind", date(2026, 9, 30), 1500.0, "announced", DATANG_WIND, "published_estimate"),
    Plant("zhongwei", "wind", UNDATED, 2000.0 * HALF, "announced", PHASE_2 + "wind", "assumption"),
    Plant("zhongwei", "solar", date(2026, 2, 5), 500.0, "existing", DATANG_SOLAR, "published_estimate"),
    Plant("zhongwei", "solar", UNDATED, 600.0 * HALF, "announced", PHASE_2 + "solar", "assumption"),
    Plant("qingyang", "wind", date(2026, 12, 31), 750.0 * HALF, "announced", STAGE_1, "assumption"),
    Plant("qingyang", "wind", UNDATED, 750.0 * HALF, "announced", STAGE_2, "assumption"),
    Plant("qingyang", "solar", date(2026, 12, 31), 250.0 * HALF, "announced", STAGE_1, "assumption"),
    Plant("qingyang", "solar", UNDATED, 250.0 * HALF, "announced", STAGE_2, "assumption"),
)


def plants_of(site: str) -> list[Record]:
    return [vars(plant) for plant in PLANTS if plant.site == site]
