"""`eastwest validate`, `schema`, `new`, `data`, `version`: what can be said without solving."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from pathlib import Path

from eastwest.cli.streams import Streams
from eastwest.errors import InputError
from eastwest.formatting.atomic_write import write_text


def validate(arguments: argparse.Namespace, streams: Streams) -> int:
    """Check every file; one line for each that is right, the finding for each that is not."""
    from eastwest.scenario import load_scenario

    wrong, modules = 0, streams.modules(arguments.modules)
    for path in arguments.scenarios:
        if len(arguments.scenarios) > 1:
            streams.progress(f"checking {path}")
        try:
            scenario = load_scenario(path, modules=modules, allow_outside=arguments.allow_outside)
        except InputError as error:
            wrong += 1
            streams.say(str(error))
            continue
        tables = scenario.tables
        counts = ", ".join(f"{len(tables[name])} {name}" for name in ("regions", "sites", "tasks", "devices"))
        sys.stdout.write(f"{path}: valid ({counts}; years {', '.join(map(str, scenario.years))})\n")
    if wrong and len(arguments.scenarios) > 1:
        streams.say(f"{wrong} of {len(arguments.scenarios)} files are not valid")
    return 2 if wrong else 0


def schema(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print the JSON Schema."""
    from eastwest.scenario import json_schema

    sys.stdout.write(json.dumps(json_schema(streams.modules(arguments.modules)), indent=2, ensure_ascii=False) + "\n")
    return 0


def new(arguments: argparse.Namespace, streams: Streams) -> int:
    """Write the commented scenario."""
    from eastwest.scenario import new_scenario_text

    path: Path = arguments.file
    if path.suffix not in (".yaml", ".yml"):
        raise InputError("expected a name that ends in .yaml", where=str(path))
    write_text(path, new_scenario_text(streams.modules(arguments.modules)), replace=arguments.force)
    sys.stdout.write(f"{path} is written; next: eastwest validate {path}\n")
    return 0


def data(arguments: argparse.Namespace, streams: Streams) -> int:
    """List the tables, or show one."""
    if arguments.table is None:
        if arguments.csv:
            raise InputError("expected the name of a table, such as 'eastwest data supply --csv'", where="--csv")
        _list_tables(streams)
        return 0
    from eastwest.scenario import table_fields
    from eastwest.scenario.catalogue import package_tables

    fields = table_fields(arguments.table)
    frame = package_tables()[arguments.table]
    if arguments.csv:
        frame.to_csv(sys.stdout, index=False, lineterminator="\n")
        return 0
    from eastwest.report.terminal.tables import print_table

    print_table(streams.console(), arguments.table, frame, fields)
    return 0


def _list_tables(streams: Streams) -> None:
    streams.progress("reading the package's tables")
    from eastwest.report.terminal.tables import print_catalogue
    from eastwest.scenario import data_catalogue, quality_shares
    from eastwest.scenario.catalogue import package_tables

    tables = package_tables()
    print_catalogue(streams.console(), data_catalogue(tables), quality_shares(tables))


def version(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print versions, the package's own first."""
    from eastwest.results.versions import versions

    found = versions()
    lines = [f"eastwest {found.pop('eastwest', '(not installed)')}", f"python {platform.python_version()}"]
    sys.stdout.write("\n".join([*lines, *[f"{name} {number}" for name, number in found.items()]]) + "\n")
    return 0
