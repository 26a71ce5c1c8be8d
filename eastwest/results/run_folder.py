"""A run folder: written beside its place and renamed into it, so that it is whole or absent.

Everything but `summary.json` is the same bytes for the same input and versions: sorted, nine significant digits.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from eastwest.errors import InputError, ModelError, ReportError
from eastwest.formatting.text import guarded, plain
from eastwest.results.earlier_runs import of_now
from eastwest.results.versions import versions
from eastwest.schema import constraints_table
from eastwest.schema.module_section import ModuleSection, section_of, written
from eastwest.schema.results_table import COLUMNS, round_significant

if TYPE_CHECKING:
    import geopandas

    from eastwest.results.result import Result

FORMAT = "eastwest run"
EVALUATION = "eastwest evaluation"
EXPORT = "eastwest export"
FORMS = {FORMAT: "a run", EVALUATION: "an evaluation", EXPORT: "an export"}
"""What a folder is, by what it says of itself."""

FORMAT_VERSION = 3
READ_VERSIONS = (1, 2, 3)
"""Runs of version 1 have no constraints.parquet: what their limits are is not known. Rows of versions 1 and 2 do not
name their limit (`constraint`)."""
NEEDED = ("summary.json", "scenario.yaml", "results.parquet")
PAGE = "report.html"
CONSTRAINTS = "constraints.parquet"
ORIGINS = "origins.json"
SECTIONS = "sections.json"
COORDINATE_DECIMALS = 5


def write(result: Result, folder: Path) -> Path:
    """Write every file of the run, then put the folder in its place.

    ReportError where the page fails: the run then stands whole without it, and `eastwest report` writes it later.
    """
    with replaced_whole(folder) as aside:
        result.scenario.save(aside)
        _write_json(dict(sorted(result.scenario.origins.items())), aside / ORIGINS)
        write_table(result.table, aside / "results.parquet")
        if len(result.constraints):
            write_table(result.constraints, aside / CONSTRAINTS)
        if result.sections:
            _write_json([written(section) for section in result.sections], aside / SECTIONS)
        (aside / "csv").mkdir()
        for name, frame in result.views().items():
            write_csv(frame, aside / "csv" / f"{name}.csv")
        write_geojson(result.sites, aside / "sites.geojson")
        write_geojson(result.flows, aside / "flows.geojson")
        failure = _write_page(result, aside / PAGE)
        files = sorted({path.name for path in aside.iterdir()} | {"summary.json"})
        _write_json(summary(result, files), aside / "summary.json")
    if failure is not None:
        message = f"the run is written to {folder}, but its page is not"
        hint = f"'eastwest report {folder}' tries again"
        raise ReportError(f"{message} ({type(failure).__name__}: {failure}); {hint}") from failure
    return folder


def _write_page(result: Result, path: Path) -> Exception | None:
    """The page, or why there is none: hours of solving are worth more than a page."""
    from eastwest.report.page import page_html

    try:
        path.write_text(page_html(result), encoding="utf-8")
    except Exception as error:
        path.unlink(missing_ok=True)
        return error
    return None


def add_files(folder: Path, names: Collection[str]) -> None:
    """Say in the summary that these files belong to the run, so that a later run may replace the folder."""
    summary = read_summary(folder)
    files = sorted({*summary.get("files", []), *names})
    if files == summary.get("files"):
        return
    aside = folder / ".summary.json.partial"
    _write_json({**summary, "files": files}, aside)
    aside.replace(folder / "summary.json")


def claim(path: Path) -> None:
    """A file that was written into the folder of a run belongs to the run."""
    folder = path.resolve().parent
    if is_run_folder(folder):
        add_files(folder, [path.name])


def summary(result: Result, files: list[str]) -> dict[str, Any]:
    """What a run was: status, objective, certificate, timings, versions, and hashes of every input."""
    from eastwest.scenario.outside import describe

    scenario, quality = result.scenario, result.data_quality
    content = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION if len(result.constraints) else min(READ_VERSIONS),
        "name": scenario.name,
        "status": result.status,
        "objective_million_cny": float(result.objective),
        "certificate": dict(result.certificate),
        "timings_s": dict(result.timings),
        "solver": dict(result.solver),
        "versions": {"python": platform.python_version(), **versions()},
        "modules": [describe(module) for module in scenario.modules],
        "inputs_sha256": dict(sorted(scenario.inputs.items())),
        "data_quality": quality.set_index("table").to_dict(orient="index"),
        "messages": list(result.messages),
        "files": files,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    cleaned: dict[str, Any] = _plain(content)
    return cleaned


def read_summary(folder: Path) -> dict[str, Any]:
    """`summary.json` of a run folder, or an InputError that says what is missing."""
    if not folder.is_dir():
        raise InputError("is not a folder; expected the folder of a run", where=str(folder))
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise InputError(f"is not the folder of a run: it has no {', '.join(missing)}", where=str(folder))
    where = str(folder / "summary.json")
    content = _read_json(folder / "summary.json")
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f'is no summary of a run: expected "format": "{FORMAT}"', where=where)
    if content.get("format_version") not in READ_VERSIONS:
        received, read = content.get("format_version"), " and ".join(map(str, READ_VERSIONS))
        raise InputError(f"has format version {received}; this eastwest reads versions {read}", where=where)
    lacking = [
        key
        for key in ("status", "objective_million_cny", "certificate", "timings_s", "solver", "messages")
        if key not in content
    ]
    if lacking:
        raise InputError(f"lacks {', '.join(lacking)}", where=where)
    return content


def read_table(folder: Path) -> pd.DataFrame:
    """The results table of a run folder, runs of before as this version has them."""
    version = read_summary(folder)["format_version"]
    known = COLUMNS if version == FORMAT_VERSION else [column for column in COLUMNS if column != "constraint"]
    return of_now(_read_parquet(folder / "results.parquet", known), read_constraints(folder))


def read_constraints(folder: Path) -> pd.DataFrame:
    """What the groups of constraints of a run say of themselves; empty for runs of before they did."""
    path = folder / CONSTRAINTS
    return _read_parquet(path, constraints_table.COLUMNS) if path.is_file() else constraints_table.table([])


def read_origins(folder: Path) -> dict[str, str]:
    """Where each value of a run's scenario stood, by setting or `table/row/column`; empty for runs of before."""
    path = folder / ORIGINS
    content = _read_json(path) if path.is_file() else {}
    if not isinstance(content, dict) or not all(isinstance(place, str) for place in content.values()):
        raise InputError("expected a place (file and line) for each key", where=str(path))
    return content


def read_sections(folder: Path) -> tuple[ModuleSection, ...]:
    """Sections of the report that the modules of a run declare; none where it has no such file."""
    path = folder / SECTIONS
    try:
        return tuple(map(section_of, _read_json(path))) if path.is_file() else ()
    except (KeyError, TypeError, ValueError, AttributeError, ModelError) as error:
        raise InputError(f"holds no sections of a report ({error})", where=str(path)) from error


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise InputError(f"cannot be read as JSON ({error})", where=str(path)) from error


def _write_json(content: Any, path: Path) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def written_by(summary: dict[str, Any]) -> str:
    """The version of eastwest that wrote a run, with the format of its folder."""
    version = summary.get("versions", {}).get("eastwest", "of a version that is not known")
    return f"eastwest {version} (format {summary.get('format_version')} of runs)"


def _read_parquet(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise InputError(f"cannot be read as Parquet ({error})", where=str(path)) from error
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise InputError(f"has no column {', '.join(missing)}", where=str(path))
    return table


def is_run_folder(folder: Path, form: str = FORMAT) -> bool:
    """Whether the folder says of itself that it is a run (or what `form` names)."""
    try:
        content = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return False
    return isinstance(content, dict) and content.get("format") == form


def check_target(folder: Path, form: str = FORMAT) -> None:
    """InputError unless `form` may be written here: nothing, an empty folder, or an earlier one and nothing else."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError("is a file; expected a folder to write to", where=str(folder))
    names = {path.name for path in folder.iterdir() if not path.name.startswith((".", "~"))}
    if not names and not any(folder.iterdir()):
        return
    if not is_run_folder(folder, form):
        raise InputError(f"exists and is not the folder of {FORMS[form]}; it is not replaced", where=str(folder))
    content = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    foreign = sorted(names - set(content.get("files", [])))
    if foreign:
        listed = ", ".join(foreign[:3])
        raise InputError(
            f"holds files that are not part of {FORMS[form]} ({listed}); move them or choose another folder",
            where=str(folder),
        )


@contextmanager
def replaced_whole(folder: Path, form: str = FORMAT) -> Iterator[Path]:
    """A fresh folder beside `folder` to write to; at the end it takes its place, on any error it vanishes."""
    folder = folder.resolve()
    check_target(folder, form)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".partial", dir=folder.parent))
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(folder)) from error
    try:
        yield aside
        mask = os.umask(0)
        os.umask(mask)
        aside.chmod(0o777 & ~mask)
        _swap(aside, folder, form)
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(folder)) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _swap(aside: Path, folder: Path, form: str) -> None:
    """Put `aside` in the place of `folder`; if that fails the old folder is put back."""
    if not folder.exists():
        aside.rename(folder)
        return
    check_target(folder, form)
    old = aside.with_name(aside.name.removesuffix(".partial") + ".old")
    folder.rename(old)
    try:
        aside.rename(folder)
    except BaseException:
        old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Parquet with every type and option stated: how pandas stores text depends on what was imported first."""
    import pyarrow as pa
    from pyarrow import parquet

    types = {"i": pa.int64(), "f": pa.float64()}
    schema = pa.schema([(column, types.get(table[column].dtype.kind, pa.string())) for column in table.columns])
    arrow = pa.Table.from_pandas(table, schema=schema, preserve_index=False).replace_schema_metadata(None)
    parquet.write_table(arrow, path, compression="zstd", use_dictionary=True)


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """CSV in which no text cell can be read as a formula, and geometry is left to the GeoJSON files."""
    flat = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    for column in flat.columns:
        if pd.api.types.is_float_dtype(flat[column]):
            flat[column] = round_significant(flat[column])
        elif not pd.api.types.is_numeric_dtype(flat[column]):
            flat[column] = flat[column].map({cell: _cell(cell) for cell in flat[column].unique()})
    flat.columns = pd.Index([_cell(column) for column in flat.columns], dtype=object)
    flat.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")


def _cell(cell: object) -> object:
    """A text on one line that no spreadsheet runs as a formula; anything else as it is."""
    return guarded(plain(cell)) if isinstance(cell, str) else cell


def write_geojson(frame: geopandas.GeoDataFrame, path: Path) -> None:
    """A FeatureCollection, one feature a line, coordinates to 1e-5 degrees (about a metre)."""
    properties = pd.DataFrame(frame.drop(columns="geometry"))
    lines = []
    for record, shape in zip(properties.to_dict(orient="records"), frame.geometry, strict=True):
        geometry = {"type": shape.geom_type, "coordinates": _rounded(shape.__geo_interface__["coordinates"])}
        feature = {"type": "Feature", "properties": _plain(record), "geometry": geometry}
        lines.append(json.dumps(feature, ensure_ascii=False, allow_nan=False))
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(lines) + "\n]}\n"
    path.write_text(text, encoding="utf-8")


def _rounded(coordinates: Any) -> Any:
    if isinstance(coordinates, int | float):
        return round(float(coordinates), COORDINATE_DECIMALS)
    return [_rounded(part) for part in coordinates]


def _plain(value: Any) -> Any:
    """`value` in types that JSON has; what is not a finite number becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return None if value is None or value is pd.NA else str(value)
