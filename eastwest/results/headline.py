"""The figures that a planner reads first, each computed from rows of the results table and added to it.

Kinds of compute are never added: money is split by kind before it is divided by what the kind delivers.
"""

from __future__ import annotations

import pandas as pd

from eastwest.formatting.words import figure, percent, plain, spaced
from eastwest.model.clock import HOURS_PER_YEAR
from eastwest.schema import results_table
from eastwest.schema.units import MONEY

PENALTIES = ("unserved", "shed")
TRANSFERS = ("vouchers", "preferential_tariffs")
"""Items of an objective that counts users' money: no cost of the system."""
NOT_MODELLED = "not modelled"
RATIOS = ("mean_pue",)
"""Headline items without a unit that are no shares."""

TITLES = {
    "demand": "Demand",
    "delivered": "Delivered",
    "served_share": "Delivered, share of demand",
    "unserved": "Unserved",
    "installed_peak": "Installed peak",
    "energised_peak": "Energised peak",
    "bought_peak": "Bought peak",
    "reference_demand": "Allocated peak, as demanded",
    "objective": "Cost, penalties included",
    "cost_without_penalties": "Cost, without penalties",
    "cost_of_fixed_load": "of which fixed load",
    "cost_per_delivered": "Cost per delivered unit",
    "cost_per_delivered_with_existing_devices": "same, with standing devices",
    "system_cost_with_penalties": "Country's cost, penalties included",
    "user_cost_with_penalties": "Users' cost, penalties included",
    "user_cost": "Users' cost, without penalties",
    "user_cost_per_delivered": "Users' cost per delivered unit",
    "rent_after_vouchers": "Rent after vouchers",
    "rent_after_vouchers_per_delivered": "Rent after vouchers per delivered unit",
    "mean_round_trip": "Mean round trip",
    "device_utilisation": "Devices busy / energised",
    "hall_dense_utilisation": "Dense halls used",
    "hall_standard_utilisation": "Standard halls used 上架率",
    "grid_utilisation": "Grid connection taken",
    "west_share_served": "West, share of delivered",
    "new: west": "West, share of new peak",
    "bought: west": "West, share of what is bought",
    "electricity": "Electricity",
    "own_electricity": "Own wind and sun, used",
    "curtailed_share": "Own wind and sun, curtailed",
    "green_share": "Green power, share",
    "mean_load": "Mean load at the meter",
    "mean_pue": "Mean PUE",
    "carbon": "Carbon, operational",
}
"""Words for headline items, in the order in which they are printed; others follow under their own names."""


def headlines(table: pd.DataFrame, sites: pd.DataFrame) -> list[pd.DataFrame]:
    """Rows of quantity `headline` for each planning year; `table` is the results table so far."""
    parts = []
    for year, of_year in table[table["year"].isin(table.loc[table["quantity"] == "demand", "year"])].groupby("year"):
        found = [_services(of_year), _money(of_year), _power(of_year), _use(of_year, sites)]
        rows = pd.concat([part for part in found if len(part)], ignore_index=True).assign(year=year)
        parts += [results_table.rows("headline", unit, group) for unit, group in rows.groupby("unit", sort=True)]
    return parts


def _pick(table: pd.DataFrame, quantity: str, **labels: str) -> pd.DataFrame:
    chosen = table["quantity"] == quantity
    for column, value in labels.items():
        chosen &= table[column] == value
    return table[chosen]


def _frame(records: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(records, columns=["item", "unit", "kind", "value"])


def _services(table: pd.DataFrame) -> pd.DataFrame:
    records = []
    for kind, demand in _pick(table, "demand").groupby("kind")["value"].sum().items():
        served = _pick(table, "served", kind=str(kind))
        lost = _pick(table, "unserved", kind=str(kind))["value"].sum()
        trips = _pick(table, "served_round_trip_ms", kind=str(kind))["value"]
        rows = [
            ("demand", "PFLOP/s", demand), ("delivered", "PFLOP/s", served["value"].sum()),
            ("unserved", "PFLOP/s", lost), ("served_share", "1", 1 - lost / demand),
            ("reference_demand", "PFLOP/s", _pick(table, "reference_demand", kind=str(kind))["value"].sum()),
            ("installed_peak", "PFLOP/s", _pick(table, "installed_peak", kind=str(kind))["value"].sum()),
            ("energised_peak", "PFLOP/s", _pick(table, "energised_peak", kind=str(kind))["value"].sum()),
            ("bought_peak", "PFLOP/s", _pick(table, "bought_peak", kind=str(kind))["value"].sum()),
        ]  # fmt: skip
        if len(served) and served["value"].sum() > 0:
            mean = float((served["value"].to_numpy() * trips.to_numpy()).sum() / served["value"].sum())
            rows.append(("mean_round_trip", "ms", mean))
        records += [(name, unit, str(kind), float(value)) for name, unit, value in rows]
    return _frame(records)


def kinds_of(table: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Kind of compute by task and by device."""
    tasks = _pick(table, "demand").drop_duplicates("task").set_index("task")["kind"]
    return tasks, _pick(table, "installed").drop_duplicates("device").set_index("device")["kind"]


def cost_by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Cost of one year without penalties and transfers: site, kind, value [million CNY].

    What has no kind of its own at a site is spread by IT energy, and so is part of it `fixed load`; what has neither
    kind nor site is left out.
    """
    cost = table[(table["quantity"] == "cost") & ~table["item"].isin((*PENALTIES, *TRANSFERS))]
    tasks, devices = kinds_of(table)
    own = cost["kind"].astype(object).where(cost["kind"] != "")
    kind = own.fillna(cost["task"].map(tasks)).fillna(cost["device"].map(devices)).fillna("")
    common = by_it_energy(table, cost[kind == ""])
    return pd.concat([cost.assign(kind=kind)[kind != ""], common])[["site", "kind", "value"]]


def by_it_energy(table: pd.DataFrame, money: pd.DataFrame) -> pd.DataFrame:
    """Rows of money at sites spread over kinds of compute and fixed load by their IT energy there."""
    load = _pick(table, "it_electricity")
    share = load.assign(share=load["value"] / load.groupby("site")["value"].transform("sum"))
    spread = money.drop(columns="kind").merge(share[["site", "kind", "share"]], on="site")
    return spread.assign(value=spread["value"] * spread["share"]).drop(columns="share")


def _money(table: pd.DataFrame) -> pd.DataFrame:
    """Yearly cost by kind and per delivered PFLOP/s h: as decided, and with standing devices at replacement annuity."""
    cost = table[(table["quantity"] == "cost") & ~table["item"].isin((*PENALTIES, *TRANSFERS))]
    tasks, devices = kinds_of(table)
    each = cost_by_kind(table)
    by_kind = each.groupby("kind")["value"].sum()
    sunk = _pick(table, "replacement_cost")
    existing = sunk["value"].groupby(sunk["device"].map(devices).to_numpy()).sum()
    records = [("cost_without_penalties", MONEY, "", float(cost["value"].sum()))]
    if "fixed load" in by_kind:
        records.append(("cost_of_fixed_load", MONEY, "", float(by_kind["fixed load"])))
    for name in sorted(tasks.unique()):
        delivered = _pick(table, "served", kind=name)["value"].sum() * HOURS_PER_YEAR
        own = float(by_kind.get(name, 0.0))
        records.append(("cost_without_penalties", MONEY, name, own))
        if delivered > 0:
            records.append(("cost_per_delivered", "CNY/(PFLOP/s h)", name, own * 1e6 / delivered))
            whole = own + float(existing.get(name, 0.0))
            records.append(
                ("cost_per_delivered_with_existing_devices", "CNY/(PFLOP/s h)", name, whole * 1e6 / delivered)
            )
    return _frame(records)


def _power(table: pd.DataFrame) -> pd.DataFrame:
    facility, it = _pick(table, "electricity")["value"].sum(), _pick(table, "it_electricity")["value"].sum()
    carbon = _pick(table, "carbon")["value"].sum()
    green = _pick(table, "green_share", item="national")["value"]
    own, lost = (_pick(table, name)["value"].sum() for name in ("own_electricity", "curtailed"))
    records = [("green_share", "1", "", float(green.sum()))] if len(green) else []
    records += [
        ("electricity", "TWh", "", facility / 1e6),
        ("carbon", "Mt CO2", "", carbon / 1e6),
        ("mean_load", "GW", "", facility / HOURS_PER_YEAR / 1e3),
    ]
    if own + lost > 0:
        records += [("own_electricity", "TWh", "", own / 1e6), ("curtailed_share", "1", "", lost / (own + lost))]
    if it > 0:
        records.append(("mean_pue", "1", "", facility / it))
    return _frame(records)


def _use(table: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    records = []
    for kind, stock in _pick(table, "energised").groupby("kind")["value"].sum().items():
        busy = _pick(table, "busy", kind=str(kind))["value"].sum()
        if stock > 0:
            records.append(("device_utilisation", "1", str(kind), float(busy / stock)))
    for item in ("hall_dense", "hall_standard", "grid"):
        capacity, used = (
            _pick(table, "capacity", item=item)["value"].sum(),
            _pick(table, "used", item=item)["value"].sum(),
        )
        if capacity > 0:
            records.append((f"{item}_utilisation", "1", "", float(used / capacity)))
    west = sites.set_index("site")["west"].astype(bool)
    for kind, served in _pick(table, "served").groupby("kind"):
        inside = served["value"][served["site"].map(west).astype(bool)].sum()
        records.append(("west_share_served", "1", str(kind), float(inside / served["value"].sum())))
    return _frame(records)


def green_is_modelled(table: pd.DataFrame) -> bool:
    """Whether anything green could be chosen; where nothing could, a share of 0 % would be no answer."""
    return bool((table["quantity"] == "green_share").any())


def ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of headline figures in the order in which they are printed: by item, then all together, then by kind."""
    order = {item: position for position, item in enumerate(TITLES)}
    rank = {"": 0, "intelligent": 1}
    return rows.assign(
        order=rows["item"].map(lambda item: order.get(item, len(order))),
        rank=rows["kind"].map(lambda kind: rank.get(kind, 2)),
    ).sort_values(["order", "item", "unit", "rank", "kind", "year"], kind="stable")[list(rows)]  # fmt: skip


def headline_rows(table: pd.DataFrame) -> tuple[list[int], list[list[str]]]:
    """Years, and a row of texts for each item and kind: title, unit, the figure of each year."""
    years = sorted(set(table.loc[table["quantity"] == "headline", "year"]) - {0})
    rows = []
    for (item, unit, kind), part in ordered(table[table["quantity"] == "headline"]).groupby(
        ["item", "unit", "kind"], sort=False
    ):
        values = part.groupby("year")["value"].sum()
        show = percent if unit == "1" and item not in RATIOS else figure
        title = TITLES.get(str(item), spaced(str(item))) + (f", {spaced(str(kind))}" if kind else "")
        figures = [show(float(values[year])) if year in values else "" for year in years]
        rows.append([title, "" if unit in ("1", "-") else plain(unit), *figures])
    if rows and not green_is_modelled(table):
        rows.append([TITLES["green_share"], "", *([NOT_MODELLED] * len(years))])
    return years, rows
