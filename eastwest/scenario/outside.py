"""Model modules from outside the package: what makes one, how it is read from a file, and who stands in for one.

A module is a Python module with `Data`, `build` and `report`; its section is called as its file. A stored run names its
outside modules; where one is not given, an absent one takes its place: everything of the run can be read, and nothing
be built.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import json
import sys
import warnings
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import starmap
from keyword import iskeyword
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import Field, create_model

from eastwest.errors import ChangedModule, InputError, nearest
from eastwest.scenario.columns import Kind, columns
from eastwest.scenario.faults import faults_of
from eastwest.scenario.messages import shown
from eastwest.schema.contract import Contract, Row
from eastwest.schema.metrics import Metric, metric_of, written

PACKAGE = "eastwest_outside"
"""First part of the name that a module read from a file has."""
ABSENT = "_absent"
"""Attribute of a module that stands in for one that is not given: what the run says of it."""
KINDS: dict[Kind, Any] = {"text": str, "number": float, "whole": int, "truth": bool, "date": date}

Modules = tuple[ModuleType, ...]
Description = dict[str, Any]
"""What a run keeps of a module: its section, name, file, settings and tables, in plain terms."""


def section_of(module: ModuleType) -> str:
    """The section of a scenario file that is the module's: the last word of its name."""
    return module.__name__.rsplit(".", 1)[-1]


def is_absent(module: ModuleType) -> bool:
    """Whether a module only stands in for one that is not given."""
    return hasattr(module, ABSENT)


def checked(modules: Iterable[ModuleType]) -> Modules:
    """The modules as a tuple; InputError where one is none."""
    found = tuple(modules)
    for module in found:
        message = _no_module(module) or next(filter(None, starmap(_no_table, module.Data.tables.items())), "")
        if message:
            raise InputError(message, where=getattr(module, "__file__", None), key="modules")
        with faults_of([module]):
            module.Data()
    sections = [section_of(module) for module in found]
    for section in {name for name in sections if sections.count(name) > 1}:
        raise InputError(f"two modules are called '{section}'; expected one of each name", key="modules")
    return found


def _no_module(module: Any) -> str:
    """Why it is no model module; empty where it is one."""
    name = getattr(module, "__name__", repr(module))
    lacking = [part for part in ("Data", "build", "report") if not hasattr(module, part)]
    if not isinstance(module, ModuleType) or lacking:
        what = f"'{name}' has no {', '.join(lacking)}" if lacking else f"received {type(module).__name__} '{name}'"
        return f"{what}; expected a Python module with Data, build and report"
    if not section_of(module).isidentifier() or iskeyword(section_of(module)):
        return f"received the name '{section_of(module)}', expected a Python identifier such as noise (noise.py)"
    if not (isinstance(module.Data, type) and issubclass(module.Data, Contract)):
        return f"Data of '{name}' is no class of settings; expected class Data(eastwest.schema.contract.Contract)"
    asked = [key for key, field in module.Data.model_fields.items() if field.is_required()]
    if asked:
        return f"Data of '{name}' asks for {', '.join(asked)}; expected a default for every setting"
    metrics = module.Data.metrics
    if not isinstance(metrics, dict) or not all(isinstance(metric, Metric) for metric in metrics.values()):
        return f"metrics of Data of '{name}' is {shown(metrics)}, expected name: Metric (of eastwest.schema.metrics)"
    rows = module.Data.tables
    if not isinstance(rows, dict) or not all(isinstance(row, type) and issubclass(row, Row) for row in rows.values()):
        return f"tables of Data of '{name}' is {shown(rows)}, expected name: class (of eastwest.schema.contract.Row)"
    return ""


def _no_table(table: str, row: type[Row]) -> str:
    """What is wrong with the contract of a table; empty where nothing is."""
    known, key = list(row.model_fields), row.key
    first = next((name for name in known if name not in Row.model_fields), "site")
    expected = f"expected a tuple of columns that identify a row, such as key = ('{first}',)"
    if not isinstance(key, tuple) or not key:
        return f"table {table}: received key = {key!r}, {expected}"
    for name in (*key, *row.refers):
        if name not in known:
            which = "key" if name in key else "refers"
            return f"table {table}: {which} names the column {name!r}, which the row lacks{nearest(name, known)}"
    return ""


def check_refers(module: ModuleType, known: Iterable[str]) -> None:
    """InputError where a table of the module refers to one that is not among `known`."""
    for table, row in module.Data.tables.items():
        for column, other in row.refers.items():
            if other not in known:
                message = f"table {table}: column {column} refers to the table '{other}', which no module brings"
                where = getattr(module, "__file__", None)
                raise InputError(message + nearest(other, known), where=where, key="modules")


def module_from_file(path: Path) -> ModuleType:
    """Run the code of a file and return it as a module; InputError where there is none, or where it fails."""
    if not path.is_file() or path.suffix != ".py":
        raise InputError("expected the Python file of a model module, such as noise.py", where=str(path))
    name = f"{PACKAGE}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise InputError("cannot be read as a Python module", where=str(path))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        with faults_of([module]):
            spec.loader.exec_module(module)
    except InputError:
        del sys.modules[name]
        raise
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"cannot be run ({type(error).__name__}: {error})", where=str(path)) from error
    return checked([module])[0]


def describe(module: ModuleType) -> Description:
    """What a run keeps of a module, so that it can be read without it."""
    if is_absent(module):
        kept: Description = getattr(module, ABSENT)
        return kept
    file = getattr(module, "__file__", None)
    code = hashlib.sha256(Path(file).read_bytes()).hexdigest() if file and Path(file).is_file() else None
    defaults = module.Data().model_dump(mode="json")
    fields = module.Data.model_fields
    return {
        "section": section_of(module),
        "module": module.__name__,
        "file": file,
        "sha256": code,
        "about": (module.Data.__doc__ or "").strip(),
        "settings": {name: [field.description or "", defaults[name]] for name, field in fields.items()},
        "tables": {name: _row_described(row) for name, row in module.Data.tables.items()},
        "metrics": {name: written(metric) for name, metric in module.Data.metrics.items()},
    }


def _row_described(row: type[Row]) -> Description:
    return {
        "key": list(row.key),
        "about": row.about,
        "refers": dict(row.refers),
        "columns": {
            column.name: [column.kind, column.optional, column.default == "", column.description]
            for column in columns(row).values()
            if column.name not in ("source", "quality")
        },
    }


def absent(description: Description) -> ModuleType:
    """A module that stands in for one that is not given: its settings and tables can be read, nothing be built."""
    section = description["section"]
    said = description["settings"].items()
    fields: dict[str, Any] = {name: (Any, Field(default, description=about)) for name, (about, default) in said}
    data: Any = create_model("Data", __base__=Contract, **fields)
    data.__doc__ = description["about"]
    data.tables = {name: _row_of(row) for name, row in description["tables"].items()}
    data.metrics = {name: metric_of(kept) for name, kept in description.get("metrics", {}).items()}

    def build(plan: Any) -> None:
        refuse_absent([module])

    module = ModuleType(section, data.__doc__)
    module.__dict__.update({"Data": data, "build": build, "report": build, ABSENT: description})
    return module


def refuse_absent(modules: Iterable[ModuleType]) -> None:
    """InputError for the first module that only stands in for one: nothing can be built with it."""
    for module in modules:
        if is_absent(module):
            raise InputError(missing([module], section_of(module)), key="modules")


def missing(modules: Iterable[ModuleType], section: str) -> str:
    """Which module is not given, in words."""
    file = next(getattr(module, ABSENT)["file"] for module in modules if section_of(module) == section)
    whose = f"'{section}' ({file})" if file else f"'{section}'"
    expected = f"--module {section}.py, or modules=[{section}] in Python"
    return f"the run was made with the module {whose}, which is not given; expected {expected}"


def _row_of(description: Description) -> type[Row]:
    fields: dict[str, Any] = {}
    for name, (kind, optional, blank, about) in description["columns"].items():
        annotation = KINDS[kind] | None if optional else KINDS[kind]
        default = "" if blank else None if optional else ...
        fields[name] = (annotation, Field(default, description=about))
    row: Any = create_model("Row", __base__=Row, **fields)
    row.key, row.about, row.may_be_empty = tuple(description["key"]), description["about"], True
    row.refers = description["refers"]
    found: type[Row] = row
    return found


def of_run(descriptions: Iterable[Description], given: Iterable[ModuleType], where: str) -> Modules:
    """The modules of a stored run: those that are given, and for each of the others one that stands in for it."""
    mine = {section_of(module): module for module in checked(given)}
    known = {description["section"]: description for description in descriptions}
    for section in mine:
        if section not in known:
            of = ", ".join(known) or "no module from outside"
            raise InputError(f"received the module '{section}'; the run was made with {of}", where=where, key="modules")
    for section in mine:
        warn_if_changed(known[section], mine[section])
    return tuple(mine.get(section) or absent(description) for section, description in known.items())


def warn_if_changed(made_with: Description, module: ModuleType) -> None:
    """Warn where the code of a module is not the code that the run was made with; both must be known."""
    before, now = made_with["sha256"], describe(module)["sha256"]
    if before and now and before != now:
        message = f"{module.__file__}: differs from the code that the run was made with (sha256 {before[:12]}..., now "
        warnings.warn(f"{message}{now[:12]}...); what is built again may not be its program", ChangedModule, 3)


def packed(module: ModuleType) -> str:
    """A module as text that another process can find it by."""
    description = describe(module)
    kept = description if is_absent(module) else {"module": description["module"], "file": description["file"]}
    return json.dumps({"absent": is_absent(module), **kept})


def unpacked(text: str) -> ModuleType:
    """The module that `packed` named: by its name where Python finds it, else from its file."""
    kept: Mapping[str, Any] = json.loads(text)
    if kept["absent"]:
        return absent(dict(kept))
    try:
        return importlib.import_module(kept["module"])
    except ImportError:
        if kept["file"] is None:
            message = f"the module '{kept['module']}' has no file, so that no other process can read it"
            raise InputError(message, key="modules") from None
        return module_from_file(Path(kept["file"]))
