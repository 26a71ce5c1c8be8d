"""Compute vouchers of cities: rate, budget and whose users may claim, from the rows `subsidy` of costs.csv.

Claims are by region of the model: the users of a city stand for those of its province, and the budget limits them. No
text says where the compute must stand, so it may stand anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from common import Record, Tables, reference, short, weakest

USUAL_RATE = 0.3  # where only a budget is published: the rate of Shanghai and Hangzhou


@dataclass(frozen=True)
class Scheme:
    """Where the figures of a city's scheme stand: the value of a row of costs.csv, or words in its note."""

    voucher: str
    payer: str
    place: str
    region: str
    rate_item: str | None = None
    budget_item: str | None = None
    budget_in_note: tuple[str, float] | None = None


SCHEMES = (
    Scheme("shanghai", "Shanghai", "Shanghai", "310000", "compute_voucher_rate_city", "compute_voucher_budget"),
    Scheme("shenzhen", "Shenzhen", "Shenzhen", "440000", "compute_voucher", None, ("500M CNY a year", 500.0)),
    Scheme("hangzhou", "Hangzhou", "Hangzhou", "330000", "compute_voucher", None, ("250M CNY a year", 250.0)),
    Scheme("chengdu", "Chengdu", "Chengdu", "510000", None, "compute_voucher_budget"),
    Scheme("shandong", "Shandong", "Shandong", "370000", None, "compute_voucher_budget"),
    Scheme("beijing_e_town", "Beijing E-Town", "Beijing (E-Town)", "110000", None, "compute_voucher_budget"),
)


def _row(item: str, place: str) -> dict[str, str]:
    return next(row for row in reference("costs") if row["item"] == item and row["region"] == place)


def _record(scheme: Scheme) -> Record:
    rate, budget, said, quality = USUAL_RATE, None, [], []
    if scheme.rate_item is None:
        quality.append("assumption")
        said.append("rate as Shanghai's, assumed")
    else:
        row = _row(scheme.rate_item, scheme.place)
        rate = float(row["value_mid"]) / 100
        quality.append(row["quality"])
    if scheme.budget_item is not None:
        row = _row(scheme.budget_item, scheme.place)
        budget = float(row["value_mid"])
        quality.append(row["quality"])
    elif scheme.budget_in_note is not None:
        words, budget = scheme.budget_in_note
        if words not in row["note"]:
            raise ValueError(f"costs.csv no longer says {words!r} of {scheme.place}")
    return {
        "voucher": scheme.voucher,
        "payer": scheme.payer,
        "regions": scheme.region,
        "tasks": "all",
        "sites": "all",
        "rate": round(rate, 6),
        "budget_million_cny": budget,
        "source": short("; ".join([f"costs.csv {scheme.place}: {row['source']}", *said])),
        "quality": weakest(*quality),
    }


def tables() -> Tables:
    return {"vouchers": [_record(scheme) for scheme in SCHEMES]}
