"""Versions of what shapes a result."""

from __future__ import annotations

from importlib import metadata

PACKAGES = ("eastwest", "highspy", "pulp", "numpy", "pandas", "pyarrow", "geopandas", "shapely", "pyproj", "pydantic")


def versions() -> dict[str, str]:
    """Version of each package that shapes a result; those that are not installed are left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found
