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
from eastwest.report.export.meanings import LAYERS, PFLOPS, SHARE
from eastwest.report.export.sheets import Sheet
from eastwest.results.dataset import Column, gather

if TYPE_CHECKING:
    import geopandas

    from eastwest.results.result import Result

DATE = "2000-01-01T00:00:00Z"
"""What stands in the place of the clock in a GeoPackage."""

GEOMETRY = {"sites": "Point", "flows": "MultiLineString", "regions": "MultiPolygon", "corridors": "MultiLineString"}
WORK = {"demand": ("demand",), "served": ("served",), "unserved": ("unserved",)}
"""Figures of a region, and the quantities that each is the sum of."""
USE = {
    "capacity_gbps": ("capacity", "Gbit/s"), "used_gbps": ("used", "Gbit/s"),
    "utilisation_peak": ("utilisation_peak", SHARE),
}  # fmt: skip
"""Figures of a corridor, with the quantity and unit of each."""
TOTAL = {"slice": ""}


def layers(result: Result) -> list[Sheet]:
    """Sites, flows, regions and corridors with their figures, text without control characters."""
    flows = sheets.named(pd.DataFrame(result.flows), Names(result.scenario))
    found = {
        "sites": result.sites,
        "flows": result.flows[[]].join(flows).set_geometry("geometry"),
        "regions": regions(result),
        "corridors": corridors(result),
    }
    return [Sheet(name, f"map layer {name}", LAYERS[name], _plain(frame)) for name, frame in found.items()]


def regions(result: Result) -> geopandas.GeoDataFrame:
    """One row per region and year: demand, served and unserved by kind; points where there are no polygons.

    No figure where a region asks for nothing of a kind.
    """
    from eastwest.model.geography import region_points

    known, demand = result.scenario.tables["regions"], result.table[result.table["quantity"] == "demand"]
    kinds = sorted(set(demand["kind"]))
    columns = {
        f"{word}_{kind}_pflops": Column(word, quantities, PFLOPS, {"kind": kind, **TOTAL})
        for word, quantities in WORK.items()
        for kind in kinds
    }
    figures = gather(result.table, "regions", "", ["year", "region"], columns).frame
    for column, source in columns.items():
        asked = figures[f"demand_{source.where['kind']}_pflops"].notna()
        figures[column] = figures[column].fillna(0.0).where(asked)
    years = pd.DataFrame({"year": sorted(set(demand["year"]))})
    frame = years.merge(known[["region", "name_en", "name_zh"]], how="cross").merge(figures, how="left")
    shapes = region_points(known).set_index("region").geometry
    if result.scenario.polygons is not None:
        drawn = result.scenario.polygons.set_index("region").geometry.reindex(shapes.index)
        shapes = drawn.where(drawn.notna(), shapes)
    frame = frame.sort_values(["year", "region"], kind="stable", ignore_index=True)
    return _placed(frame, frame["region"].map(shapes))


def corridors(result: Result) -> geopandas.GeoDataFrame:
    """One row per corridor and year: capacity and use [Gbit/s], highest use as a share [1]."""
    from eastwest.model.geography import corridor_lines

    tables, own = result.scenario.tables, {"item": "corridor", **TOTAL}
    columns = {name: Column(name, quantity, unit, own) for name, (quantity, unit) in USE.items()}
    figures = gather(result.table, "corridors", "", ["year", "corridor"], columns).frame
    known = tables.get("corridors")
    ends = ["corridor", "from_node", "to_node"]
    if known is None or known.empty:
        return _placed(pd.DataFrame(columns=[*ends, "year", *columns]), [])
    lines = pd.DataFrame(corridor_lines(known, tables["regions"], tables["sites"])[[*ends, "geometry"]])
    frame = lines.merge(figures, on="corridor").sort_values(["year", "corridor"], kind="stable", ignore_index=True)
    return _placed(frame[[*ends, "year", *columns]], frame["geometry"])


def write_geopackage(result: Result, path: Path, progress: Callable[[str], None]) -> None:
    """Four layers, a table of units and a table about the run."""
    import pyogrio

    found = layers(result)
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": DATE})
    try:
        for layer in found:
            progress(f"layer {layer.name}: {len(layer.frame):,} rows")
            kind, words = GEOMETRY[layer.name], layer.words
            if layer.name == "regions":
                words = f"{words}. Boundaries: {sheets.boundaries(result)}"
                kind = kind if result.scenario.polygons is not None else "Point"
            mixed = len(set(layer.frame.geometry.geom_type.dropna()) - {kind.removeprefix("Multi"), kind})
            pyogrio.write_dataframe(
                layer.frame, path, layer=layer.name, driver="GPKG", append=False,
                geometry_type="Unknown" if mixed else kind, promote_to_multi=kind.startswith("Multi") and not mixed,
                layer_options={"DESCRIPTION": plain(words), "SPATIAL_INDEX": "YES"},
            )  # fmt: skip
        units = sheets.described({layer.name: layer for layer in found}, "layer", "meaning")
        tables = {"units": units, "about": pd.DataFrame(sheets.about(result), columns=["name", "text"])}
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
