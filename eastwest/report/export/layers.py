"""Map layers of a run: sites, flows, regions and corridors, and a GeoPackage of them with the unit of every column.

The same run gives the same bytes with the same GDAL: the date that GDAL would write is set to a fixed one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from eastwest.formatting.words import Names, plain
from eastwest.report.export import sheets
from eastwest.report.export.columns import LAYERS, meaning

if TYPE_CHECKING:
    import geopandas

    from eastwest.results.result import Result

DATE = "2000-01-01T00:00:00Z"
"""What stands in the place of the clock in a GeoPackage."""

GEOMETRY = {"sites": "Point", "flows": "MultiLineString", "regions": "MultiPolygon", "corridors": "MultiLineString"}


def layers(result: Result) -> dict[str, geopandas.GeoDataFrame]:
    """Sites, flows, regions and corridors with their figures, text without control characters."""
    names = Names(result.scenario)
    flows = sheets.named(pd.DataFrame(result.flows), names)
    found = {
        "sites": result.sites,
        "flows": result.flows[[]].join(flows).set_geometry("geometry"),
        "regions": regions(result),
        "corridors": corridors(result),
    }
    return {name: _plain(frame) for name, frame in found.items()}


def regions(result: Result) -> geopandas.GeoDataFrame:
    """One row per region and year: demand, served and unserved by kind; points where there are no polygons.

    No figure where a region asks for nothing of a kind.
    """
    from eastwest.model.geography import region_points

    table, known = result.table, result.scenario.tables["regions"]
    demand = table[table["quantity"] == "demand"]
    index = pd.MultiIndex.from_product([sorted(set(demand["year"])), known["region"]], names=["year", "region"])
    figures = pd.DataFrame(index=index)
    for word in ("demand", "served", "unserved"):
        rows = table[(table["quantity"] == word) & (table["slice"] == "")]
        for kind in sorted(set(demand["kind"])):
            sums = rows[rows["kind"] == kind].groupby(["year", "region"])["value"].sum().reindex(index)
            asked = figures.get(f"demand_{kind}_pflops", sums).notna()
            figures[f"{word}_{kind}_pflops"] = sums.fillna(0.0).where(asked)
    frame = known[["region", "name_en", "name_zh"]].merge(figures.reset_index(), on="region", how="left")
    shapes = region_points(known).set_index("region").geometry
    if result.scenario.polygons is not None:
        drawn = result.scenario.polygons.set_index("region").geometry
        shapes = drawn.reindex(shapes.index).where(drawn.reindex(shapes.index).notna(), shapes)
    frame = frame.sort_values(["year", "region"], kind="stable", ignore_index=True)
    return _placed(frame, frame["region"].map(shapes))


def corridors(result: Result) -> geopandas.GeoDataFrame:
    """One row per corridor and year: capacity and use [Gbit/s], highest use as a share [1]."""
    from eastwest.model.geography import corridor_lines

    tables, table = result.scenario.tables, result.table
    known = tables.get("corridors")
    columns = {"capacity_gbps": "capacity", "used_gbps": "used", "utilisation_peak": "utilisation_peak"}
    if known is None or known.empty:
        return _placed(pd.DataFrame(columns=["corridor", "from_node", "to_node", "year", *columns]), [])
    lines = corridor_lines(known, tables["regions"], tables["sites"])[["corridor", "from_node", "to_node", "geometry"]]
    rows = table[(table["corridor"] != "") & (table["item"] == "corridor") & (table["slice"] == "")]
    by = ["corridor", "year"]
    wide = {name: rows[rows["quantity"] == quantity].groupby(by)["value"].sum() for name, quantity in columns.items()}
    frame = pd.DataFrame(lines).merge(pd.DataFrame(wide).reset_index(), on="corridor", how="inner")
    frame = frame.sort_values(["year", "corridor"], kind="stable", ignore_index=True)
    ordered = frame[["corridor", "from_node", "to_node", "year", *columns]]
    return _placed(ordered, frame["geometry"])


def units(found: dict[str, geopandas.GeoDataFrame]) -> pd.DataFrame:
    """Unit and words of every column of the layers: layer, column, unit, meaning."""
    rows = [
        (layer, column, *meaning(layer, column))
        for layer, frame in found.items()
        for column in frame.columns
        if column != "geometry"
    ]
    return pd.DataFrame(rows, columns=["layer", "column", "unit", "meaning"])


def write_geopackage(result: Result, path: Path, progress: Callable[[str], None]) -> None:
    """Four layers, a table of units and a table about the run."""
    import pyogrio

    found = layers(result)
    source = sheets.boundaries(result)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    try:
        for name, frame in found.items():
            progress(f"layer {name}: {len(frame):,} rows")
            kind, words = GEOMETRY[name], LAYERS[name]
            if name == "regions":
                words = f"{words}. Boundaries: {source}"
                kind = kind if result.scenario.polygons is not None else "Point"
            mixed = len(set(frame.geometry.geom_type.dropna()) - {kind.removeprefix("Multi"), kind})
            pyogrio.write_dataframe(
                frame, path, layer=name, driver="GPKG", append=False,
                geometry_type="Unknown" if mixed else kind, promote_to_multi=kind.startswith("Multi") and not mixed,
                layer_options={"DESCRIPTION": plain(words), "SPATIAL_INDEX": "YES"},
            )  # fmt: skip
        tables = {"units": units(found), "about": pd.DataFrame(sheets.about(result), columns=["name", "text"])}
        for name, frame in tables.items():
            pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=False)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _plain(frame: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """Text without control characters; nothing where a cell is empty."""
    out = frame.copy()
    for column in out.columns.drop("geometry"):
        if not pd.api.types.is_numeric_dtype(out[column]):
            out[column] = out[column].map(lambda cell: plain(cell) if isinstance(cell, str) else cell)
    return out


def _placed(frame: pd.DataFrame, geometry: object) -> geopandas.GeoDataFrame:
    import geopandas

    return geopandas.GeoDataFrame(frame, geometry=geopandas.GeoSeries(geometry, crs="EPSG:4326"))
