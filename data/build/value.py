"""What users would pay: three tranches of every task's demand around its market value, and how far they may be off.

A demand curve of elasticity about -1 through the market value: 20 % of the demand is worth twice as much, 30 % half
(arc elasticity ln 0.2 / ln 4 = -1.2). The low and high cases move all values as the rent that they are multiples of.
"""

from __future__ import annotations

from common import Record, Tables, reference, short

RENT = "rent_per_bf16_pflops_hour"
TRANCHES = (("least_valued", 0.3, 0.5), ("middle", 0.5, 1.0), ("most_valued", 0.2, 2.0))
"""Name, share of the demand, value over the market value."""
SOURCE = (
    "Analyst: elasticity about -1, as tenfold volume at a tenth of the price (Volcano Engine, 2024); range: market "
    "rent of costs.csv, low and high over mid"
)


def value_tranches() -> list[Record]:
    rent = next(row for row in reference("costs") if row["item"] == RENT)
    low, high = (float(rent[f"value_{case}"]) / float(rent["value_mid"]) for case in ("low", "high"))
    return [
        {
            "tasks": "all",
            "tranche": tranche,
            "share": share,
            "multiple_low": round(multiple * low, 2),
            "multiple_mid": multiple,
            "multiple_high": round(multiple * high, 2),
            "source": short(SOURCE),
            "quality": "assumption",
        }
        for tranche, share, multiple in TRANCHES
    ]


def tables() -> Tables:
    return {"value_tranches": value_tranches()}
