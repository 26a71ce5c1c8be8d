"""What the model answers to metrics of the table `policy_targets`: the figure, and the setting that would enforce it.

SPEAKS is the one place that says which metrics the model has a figure for, and SILENT why it has none for others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from eastwest.results.figures import figure_of
from eastwest.schema.thresholds import LEAST_WORK

NAN = float("nan")


class View(NamedTuple):
    """A planning year of a run: rows, the scenario's tables, a target's sites, sizes of training units [devices]."""

    rows: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    sites: set[str]
    year: int
    sizes: Mapping[str, int]
    known: pd.DataFrame | None = None
    """the rows that `figure_of` reads, where they stand apart already"""

    def pick(self, quantity: str, **labels: str) -> pd.DataFrame:
        """Rows of a quantity at the sites, and of the country where the quantity has no site."""
        chosen = (self.rows["quantity"] == quantity) & (self.rows["site"].isin(self.sites) | (self.rows["site"] == ""))
        for column, value in labels.items():
            chosen &= self.rows[column] == value
        return self.rows[chosen]

    def sum(self, quantity: str, **labels: str) -> float:
        return float(self.pick(quantity, **labels)["value"].sum())

    def of(self, metric: str) -> float:
        return figure_of(self.rows if self.known is None else self.known, metric, self.sites)


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else NAN


# Figures, each in the model's unit


def _installed(view: View) -> float:
    return view.of("installed peak")


def _installed_share(view: View) -> float:
    return _over(_installed(view), _installed(view._replace(sites=set(view.tables["sites"]["site"]))))


def _allocated(view: View) -> float:
    rows = view.rows
    asked = rows[(rows["quantity"] == "reference_demand") & (rows["kind"] == "intelligent")]["value"].sum()
    return _over(float(asked), _installed(view))


def _share_of_new(view: View) -> float:
    rows = view.pick("share_of_new_peak", item="new: hub", kind="intelligent")
    return float(rows["value"].iloc[0]) if len(rows) else NAN


def _standard_halls(view: View) -> float:
    return _over(view.sum("used", item="hall_standard"), view.sum("capacity", item="hall_standard"))


def _green(view: View) -> float:
    """Green share of what sites meter; nothing where nothing green can be chosen."""
    shares = view.pick("green_share")
    shares = shares[shares["site"] != ""].set_index("site")["value"]
    if shares.empty:
        return NAN
    grid, own = (view.pick(name).groupby("site")["value"].sum() for name in ("grid_electricity", "own_electricity"))
    metered = grid.add(own, fill_value=0.0)
    return _over(float((shares.reindex(metered.index).fillna(0.0) * metered).sum()), float(metered.sum()))


def _green_of_new(view: View) -> float:
    """Green energy that sites claim over the energy of their new compute, of each site at most all of it."""
    claimed, new = (
        view.pick(name).groupby("site")["value"].sum() for name in ("green_claimed", "electricity_of_new_compute")
    )
    if view.pick("green_share").empty:
        return NAN
    return _over(float(claimed.reindex(new.index).fillna(0.0).clip(upper=new).sum()), float(new.sum()))


def _pue_of_new(view: View) -> float:
    """The highest PUE of a site where something is bought that enters service in the year."""
    bought = view.pick("bought_peak")
    places = set(bought.loc[bought["value"] > 0, "site"])
    return max((figure_of(view.rows, "PUE", {site}) for site in places), default=NAN)


def _one_way(view: View, chosen: Callable[[pd.DataFrame], pd.Series]) -> float:
    """The longest served route of those chosen, one way [ms]."""
    keys = ["region", "task", "site"]
    served = view.rows[(view.rows["quantity"] == "served") & (view.rows["value"] > LEAST_WORK)][keys]
    trips = view.rows[view.rows["quantity"] == "served_round_trip_ms"].merge(served, on=keys)
    regions = view.tables["regions"].set_index("region")["hub"]
    sites = view.tables["sites"].set_index("site")
    trips = trips.assign(
        from_hub=trips["region"].map(regions),
        to_hub=trips["site"].map(sites["hub"]),
        to=trips["site"].map(sites["kind"]),
    )
    found = trips.loc[chosen(trips).astype(bool), "value"]
    return float(found.max()) / 2 if len(found) else NAN


def _between_hubs(view: View) -> float:
    def chosen(t: pd.DataFrame) -> pd.Series:
        other: pd.Series = t["from_hub"].notna() & t["to_hub"].notna() & (t["from_hub"] != t["to_hub"])
        return other & (t["to"] == "cluster")

    return _one_way(view, chosen)


def _inside_hub(view: View) -> float:
    return _one_way(view, lambda t: (t["from_hub"] == t["to_hub"]) & (t["to"] == "cluster"))


def _real_time_to_sites(view: View) -> float:
    tasks = view.tables["tasks"]
    urgent = set(tasks.loc[tasks["window_h"].astype(float) < 2, "task"])
    return _one_way(view, lambda t: t["site"].isin(view.sites) & t["task"].isin(urgent))


def _training_units(view: View) -> float:
    """Units of at least 10,000 devices, where the run has large training units."""
    rows = view.rows[view.rows["quantity"] == "training_units"]
    if rows.empty:
        return NAN
    return float(rows.loc[rows["item"].map(view.sizes).astype(float) >= 10_000, "value"].sum())


def _cards(view: View) -> float:
    return view.sum("installed", kind="intelligent")


def _electricity(view: View) -> float:
    return view.of("electricity")


def _halls(view: View) -> float:
    return view.of("halls")


def _pue(view: View) -> float:
    return view.of("PUE")


# Settings that would enforce a target: value in the model's unit, year, and the hubs of its sites

Setting = Callable[[float, int, list[str]], dict[str, Any]]


def _set_hub_share(value: float, year: int, hubs: list[str]) -> dict[str, Any]:
    return {"policy": {"hub_share_of_new_intelligent": value}}


def _set_installed(value: float, year: int, hubs: list[str]) -> dict[str, Any]:
    return {"policy": {"least_installed_pflops": {"intelligent": {year: value}}}}


def _set_green(value: float, year: int, hubs: list[str]) -> dict[str, Any]:
    return {"green": {"floor_share": value, "floor_sites": "clusters", "contracts": True}}


def _set_ceiling(value: float, year: int, hubs: list[str]) -> dict[str, Any]:
    return {"approval": {"pue_ceilings": dict.fromkeys(hubs, value)}}


def _set_occupancy(value: float, year: int, hubs: list[str]) -> dict[str, Any]:
    return {"policy": {"new_hall_occupancy": value}}


@dataclass(frozen=True)
class Metric:
    """How the model answers a metric: words, the figure, which way is met, and what would enforce it."""

    words: str
    figure: Callable[[View], float]
    at_most: bool = False
    by_site: bool = False
    setting: Setting | None = None
    not_comparable: str = ""
    remark: str = ""
    lacks: str = "the run has no such figure"


PUE_DATA = "PUE is the site's own, of old and new halls: the rule keeps new compute away and lowers no PUE"
NEW_HALLS = "the rule holds for new halls, so it does not meet this alone"
TOTAL = "the target counts all compute, the run's figure is intelligent compute alone"

NO_GREEN = "green power is not modelled in this run: nothing green can be chosen"

SPEAKS: dict[str, Metric] = {
    "ai_compute": Metric("installed peak, intelligent", _installed),
    "ai_compute_idc": Metric("installed peak, intelligent (IDC)", _installed),
    "ai_compute_target": Metric("installed peak, intelligent", _installed, setting=_set_installed),
    "compute_target": Metric("compute of a place", _installed, not_comparable=TOTAL),
    "compute_and_racks_target": Metric("compute of a place", _installed, not_comparable=TOTAL),
    "ai_cloud_target": Metric(
        "AI compute in public clouds", _installed, not_comparable="the run does not tell public clouds from others"
    ),
    "accelerator_cards": Metric("accelerators installed", _cards),
    "ten_thousand_card_clusters": Metric(
        "training units of 10,000 devices", _training_units, lacks="the run decides no training units"
    ),
    "facility_utilisation": Metric("allocated over installed, intelligent", _allocated),
    "hub_share_of_new_compute_min": Metric(
        "hubs in new compute, intelligent", _share_of_new, setting=_set_hub_share,
        remark="for intelligent compute; the target adds kinds",
    ),
    "hub_compute_share_target": Metric(
        "hubs in installed peak, intelligent", _installed_share, remark="for intelligent compute; the target adds kinds"
    ),
    "green_power_share_new_dc_min": Metric(
        "green power of what is new", _green_of_new, setting=_set_green,
        remark="over the energy of compute since the anchor", lacks=NO_GREEN,
    ),
    "green_power_share_min": Metric(
        "green power", _green, setting=_set_green, remark="the rule holds for what is new at every cluster",
        lacks=NO_GREEN,
    ),
    "rack_utilisation": Metric("standard halls used", _standard_halls),
    "rack_utilisation_min": Metric("standard halls used", _standard_halls, setting=_set_occupancy, remark=NEW_HALLS),
    "western_dc_utilisation": Metric("standard halls used", _standard_halls, setting=_set_occupancy, remark=NEW_HALLS),
    "average_pue": Metric("mean PUE", _pue, at_most=True),
    "cluster_average_pue": Metric("mean PUE", _pue, at_most=True),
    "average_pue_max": Metric("mean PUE", _pue, at_most=True),
    "pue_max_east_and_chengyu": Metric(
        "PUE ceiling of the letter", _pue, at_most=True, by_site=True, setting=_set_ceiling, remark=PUE_DATA
    ),
    "pue_max_west": Metric(
        "PUE ceiling of the letter", _pue, at_most=True, by_site=True, setting=_set_ceiling, remark=PUE_DATA
    ),
    "new_large_dc_pue_max": Metric(
        "highest PUE where something is bought", _pue_of_new, at_most=True, setting=_set_ceiling, remark=PUE_DATA,
        lacks="nothing is bought",
    ),
    "new_hub_dc_pue_max": Metric(
        "highest PUE where something is bought", _pue_of_new, at_most=True, setting=_set_ceiling, remark=PUE_DATA,
        lacks="nothing is bought",
    ),
    "inter_hub_one_way_max": Metric("longest served route between hubs", _between_hubs, at_most=True),
    "inter_hub_one_way_achieved": Metric("longest served route between hubs", _between_hubs, at_most=True),
    "region_circle": Metric("longest served route inside a hub", _inside_hub, at_most=True),
    "dc_one_way_max": Metric("longest route of work that cannot wait", _real_time_to_sites, at_most=True),
    "city_dc_one_way_max": Metric("longest route of work that cannot wait", _real_time_to_sites, at_most=True),
    "nameplate_it_power": Metric("halls", _halls),
    "computing_centre_consumption": Metric("electricity", _electricity),
    "computing_centre_consumption_alt": Metric("electricity", _electricity),
    "shanxi_internet_data_service": Metric("electricity", _electricity),
}  # fmt: skip
"""Metric -> how the model answers it."""

KINDS, RACKS, INPUT = "it adds kinds of compute on an FP32 basis", "the model counts MW, not racks", "an input here"
OUTSIDE = "outside the model"
SILENT: dict[str, str] = {
    "total_compute": KINDS, "total_compute_ccid": KINDS, "total_compute_target": KINDS, "hub_total_compute": KINDS,
    "ai_share_target": KINDS, "ai_compute_target_implied": KINDS,
    "implied_annual_growth_ai_compute": "it follows from the target of 2030",
    "racks": RACKS, "racks_newly_built": RACKS, "racks_in_use": RACKS, "rack_share_jjj": RACKS, "rack_share_yrd": RACKS,
    "rack_share_other_six": RACKS, "central_west_share_of_facilities": "the model has no count of facilities",
    "min_new_pue": INPUT, "city_circle": INPUT, "ratio_to_theoretical_max": INPUT, "national_ets_average_price": INPUT,
    "national_average_factor": INPUT, "factor_excluding_traded_nonfossil": INPUT, "fossil_power_factor": INPUT,
    "wind_full_load_hours": INPUT, "solar_full_load_hours": INPUT,
    "national_green_dc_pue_max": "the model has no list of single centres",
    "computing_centre_share": "the model has no other consumers of electricity",
    "dc_share_2030_low": "the model has no other consumers of electricity",
    "dc_share_2030_high": "the model has no other consumers of electricity",
}  # fmt: skip
"""Why the model has no figure for a metric; for any other it lies outside."""
