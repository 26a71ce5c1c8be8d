"""Labelled frames that are read off the results table (see `eastwest.schema.results_table`).

A label that does not apply is an empty string there (year: 0). Views filter and widen rows, and sum rows of one unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.results.headline import TRANSFERS
from eastwest.schema.results_table import COLUMNS, assemble, round_significant

if TYPE_CHECKING:
    import geopandas

    from eastwest.results.result import Result

LABELS = tuple(COLUMNS[:-1])


COMPARED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "site": (
        (
            "capacity",
            "used",
            "installed_peak",
            "energised_peak",
            "bought_peak",
            "served",
            "cost",
            "electricity",
            "carbon",
        ),
        ("utilisation", "mean_round_trip_ms"),
    ),
    "device": (("installed", "energised", "bought", "busy"), ()),
    "task": (("demand", "served", "unserved", "cost"), ("mean_round_trip_ms",)),
}  # fmt: skip
"""What runs are compared by: amounts, which are added; shares and means, taken only where they stand for the whole."""


def results_table_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The results table in its one form: all columns, plain types, values rounded, sorted by every label."""
    unknown = sorted(set(rows.columns) - set(COLUMNS))
    if unknown or (len(rows) and "value" not in rows):
        raise ValueError(
            f"a results table has the columns {', '.join(COLUMNS)}; not {', '.join(unknown) or 'without value'}"
        )
    rows = rows.reindex(columns=COLUMNS)
    rows = rows.astype(dict.fromkeys(LABELS, object))
    return assemble([rows]) if len(rows) else rows.astype({"year": "int64", "value": "float64"})


def without_empty_labels(frame: pd.DataFrame, keep: Sequence[str] = ()) -> pd.DataFrame:
    """`frame` without the label columns that say nothing: empty text everywhere, or year 0 everywhere.

    A frame without rows keeps all of them.
    """
    labels = [column for column in frame.columns if column in LABELS and column not in keep]
    empty = [column for column in labels if len(frame) and frame[column].isin([0, ""]).all()]
    return frame.drop(columns=empty).reset_index(drop=True)


def select(table: pd.DataFrame, *quantities: str) -> pd.DataFrame:
    """Rows of these quantities, without the label columns that are empty in all of them."""
    rows = table[table["quantity"].isin(quantities)]
    keep = ("unit",) if len(quantities) == 1 else ("quantity", "unit")
    frame = without_empty_labels(rows, keep)
    return frame.drop(columns="quantity") if len(quantities) == 1 else frame


def utilisation(table: pd.DataFrame) -> pd.DataFrame:
    """How busy each thing is: mean, 95th percentile and peak side by side [1]."""
    names = {"utilisation": "mean", "utilisation_p95": "p95", "utilisation_peak": "peak"}
    rows = table[table["quantity"].isin(names)]
    labels = [column for column in LABELS if column not in ("quantity", "unit", "slice")]
    wide = rows.assign(measure=rows["quantity"].map(names)).pivot_table(
        index=labels, columns="measure", values="value", aggfunc="mean", observed=True
    )
    wide = wide.reindex(columns=[name for name in names.values() if name in wide.columns]).reset_index()
    wide.columns.name = None
    return without_empty_labels(wide, keep=("item",))


def served(table: pd.DataFrame) -> pd.DataFrame:
    """Who is served where [PFLOP/s of the kind], with the round trip of the route [ms]."""
    rows = table[table["quantity"] == "served"]
    frame = rows.rename(columns={"value": "pflops"})[["year", "region", "task", "site", "kind", "item", "pflops"]]
    trips = table[table["quantity"] == "served_round_trip_ms"].drop_duplicates(["region", "site"])
    frame = frame.merge(
        trips.rename(columns={"value": "round_trip_ms"})[["region", "site", "round_trip_ms"]],
        on=["region", "site"],
        how="left",
    )
    return without_empty_labels(frame, keep=("region", "task", "site", "kind"))


def devices(table: pd.DataFrame) -> pd.DataFrame:
    """Devices at each site: installed, energised, bought, busy [devices]; a column where nothing is has zeros."""
    names = ("installed", "energised", "bought", "busy")
    rows = table[table["quantity"].isin(names) & (table["slice"] == "")]
    wide = rows.pivot_table(index=["year", "site", "device"], columns="quantity", values="value", aggfunc="sum")
    wide = wide.reindex(columns=list(names)).astype(float).fillna(0.0).reset_index()
    wide.columns.name = None
    return without_empty_labels(wide, keep=("site", "device"))


def sectors(table: pd.DataFrame) -> pd.DataFrame:
    """One row per year, kind and sector; rates end in _pflops, round trips in _ms, shares have no unit."""
    rows = table[table["quantity"].str.startswith(("sector_", "attributed_"))]
    names = rows["quantity"].astype(object) + rows["unit"].map({"PFLOP/s": "_pflops"}).astype(object).fillna("")
    wide = rows.assign(name=names, sector=rows["item"]).pivot_table(
        index=["year", "kind", "sector"], columns="name", values="value", aggfunc="sum"
    )
    wide = wide[sorted(wide.columns, key=lambda name: (name.startswith("attributed"), name))].reset_index()
    wide.columns.name = None
    return wide


def site_figures(table: pd.DataFrame) -> pd.DataFrame:
    """One row per site and year: every figure that stands at a site, summed over tasks, regions and devices.

    Columns end in their unit. Sums are over rows of one unit; means and shares are taken as they stand. Devices busy is
    busy over energised, both summed over the devices of a kind.
    """
    rows = table[(table["site"] != "") & (table["slice"] == "") & (table["corridor"] == "")]
    rows = rows[~rows["item"].isin(TRANSFERS)]
    by_quantity = dict(tuple(rows.groupby("quantity")))
    specs = [spec for spec in _site_columns(rows) if spec[0] in by_quantity]
    parts = [_site_column(by_quantity[quantity], labels, column) for quantity, labels, column in specs]
    parts = [part for part in parts if len(part)]
    if not parts:
        return pd.DataFrame({"site": pd.Series(dtype="str")})
    wide = pd.concat(parts, axis=1).sort_index().reset_index()
    for kind in sorted(set(rows["kind"]) - {""}):
        if {f"busy_{kind}_devices", f"energised_{kind}_devices"} <= set(wide):
            stock = wide[f"energised_{kind}_devices"]
            wide[f"utilisation_{kind}_devices"] = round_significant(
                wide[f"busy_{kind}_devices"] / stock.where(stock > 0)
            )
    return without_empty_labels(wide, keep=("site",))


def _site_columns(rows: pd.DataFrame) -> list[tuple[str, dict[str, Any], str]]:
    """(quantity, further labels, column) of the figures of a site, in the order of the frame."""
    assets = ("grid", "hall_dense", "hall_standard")
    kinds = sorted(set(rows["kind"]) - {""})
    specs: list[tuple[str, dict[str, Any], str]] = []
    for quantity, word in (("capacity", "capacity"), ("used", "used")):
        specs += [(quantity, {"item": asset}, f"{asset}_{word}_mw") for asset in assets]
    for quantity in ("installed", "energised", "bought", "busy"):
        specs += [(quantity, {"kind": kind}, f"{quantity}_{kind}_devices") for kind in kinds]
    for quantity in ("installed_peak", "energised_peak", "allocated", "delivered", "served"):
        specs += [(quantity, {"kind": kind}, f"{quantity}_{kind}_pflops") for kind in kinds]
    specs += [("utilisation", {"item": asset, "device": ""}, f"utilisation_{asset}") for asset in assets]
    specs += [("mean_round_trip_ms", {"item": "by site", "kind": kind}, f"mean_round_trip_{kind}_ms") for kind in kinds]
    specs += [
        ("cost", {}, "cost_million_cny"),
        ("electricity", {}, "electricity_mwh"),
        ("carbon", {}, "carbon_t"),
    ]
    return specs


def _site_column(chosen: pd.DataFrame, labels: Mapping[str, Any], column: str) -> pd.Series:
    for label, value in labels.items():
        chosen = chosen[chosen[label] == value]
    return chosen.groupby(["year", "site"])["value"].sum().rename(column)


def sites_frame(result: Result) -> geopandas.GeoDataFrame:
    """Sites as points with their names and figures."""
    names = ["site", "name_en", "name_zh", "kind", "region", "hub", "west", "latitude_deg", "longitude_deg"]
    sites = result.scenario.tables["sites"]
    sites = sites[[name for name in names if name in sites]]
    frame = sites.merge(site_figures(result.table), on="site", how="left")
    keys = [name for name in ("site", "year") if name in frame]
    frame = frame.sort_values(keys, kind="stable", ignore_index=True)
    return _with_geometry(frame, lambda shapely: shapely.points(frame["longitude_deg"], frame["latitude_deg"]))


def flows_frame(result: Result) -> geopandas.GeoDataFrame:
    """Served routes as straight lines from the region's demand point to the site."""
    columns = ["latitude_deg", "longitude_deg"]
    frame = result.served
    frame = frame[frame["pflops"] > 0]
    frame = frame.merge(result.scenario.tables["regions"][["region", *columns]], on="region", how="left")
    sites = result.scenario.tables["sites"][["site", *columns]]
    frame = frame.merge(sites, on="site", how="left", suffixes=("", "_to"))
    ends = frame[["longitude_deg", "latitude_deg", "longitude_deg_to", "latitude_deg_to"]].to_numpy(dtype=float)
    frame = frame.drop(columns=[*columns, "latitude_deg_to", "longitude_deg_to"])
    return _with_geometry(frame, lambda shapely: shapely.linestrings(ends.reshape(-1, 2, 2)))


def _with_geometry(frame: pd.DataFrame, geometry: Callable[[Any], Any]) -> geopandas.GeoDataFrame:
    import geopandas
    import shapely

    return geopandas.GeoDataFrame(frame, geometry=geometry(shapely), crs="EPSG:4326")
