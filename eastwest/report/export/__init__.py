"""A run as files for other programs: an Excel workbook, a GeoPackage, or a folder of CSV, Parquet and GeoJSON."""

from eastwest.report.export.write import ENDINGS, export

__all__ = ["ENDINGS", "export"]
