"""A resolved scenario as one text that runs as it is: every setting with its origin, every table row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from eastwest.formatting.text import plain, visible_json

if TYPE_CHECKING:
    from eastwest.scenario import Scenario
    from eastwest.schema.contract import Row

HEAD = """\
# {name}, fully resolved: every value but the polygons of regions is given here.
# After '#': where the value comes from. Rows of tables carry source and quality; changed cells stand below their table.
"""


def resolved_text(scenario: Scenario) -> str:
    """YAML of everything: settings, then tables as rows by key."""
    origins = scenario.origins
    lines = [HEAD.format(name=scenario.name), f"name: {scenario.name}", "defaults: none"]
    settings = scenario.settings.model_dump(mode="json")
    contracts = scenario.contracts.tables
    for key, value in settings.items():
        if isinstance(value, dict):
            lines += [f"{key}:"]
            lines += [
                f"  {name}: {visible_json(inner)}{_origin(origins.get(f'{key}.{name}', ''))}"
                for name, inner in value.items()
            ]
            lines += _rows(scenario, key, contracts[key]) if key in contracts else []
        else:
            lines.append(f"{key}: {visible_json(value)}{_origin(origins.get(key, ''))}")
    for name, contract in contracts.items():
        if name not in settings and len(scenario.tables[name]):
            lines += [f"{name}:", *_rows(scenario, name, contract)]
    return "\n".join(lines) + "\n"


def _rows(scenario: Scenario, name: str, contract: type[Row]) -> list[str]:
    """Rows of a table, nested by their key columns, cells in one line."""
    origins = scenario.origins
    lines = [f"  # table {name}: {_one_line(origins.get(f'tables/{name}', ''))}"]
    open_path: list[str] = []
    for record in scenario.tables[name].to_dict(orient="records"):
        path = [str(record[key]) for key in contract.key]
        same = 0
        while same < len(path) - 1 and same < len(open_path) and path[same] == open_path[same]:
            same += 1
        for depth in range(same, len(path) - 1):
            lines.append(f"{'  ' * (depth + 1)}{visible_json(path[depth])}:")
        open_path = path[:-1]
        cells = {str(key): _cell(value) for key, value in record.items() if key not in contract.key}
        inside = ", ".join(f"{key}: {visible_json(value)}" for key, value in cells.items() if value is not None)
        lines.append(f"{'  ' * len(path)}{visible_json(path[-1])}: {{{inside}}}")
    changed = [key for key in origins if key.startswith(f"{name}/")]
    return lines + [f"  # {key}{_origin(origins[key])}" for key in sorted(changed)]


def _cell(value: Any) -> Any:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return None
    return value.isoformat() if hasattr(value, "isoformat") else value.item() if hasattr(value, "item") else value


def _origin(origin: str) -> str:
    return f"  # {_one_line(origin)}" if origin else ""


def _one_line(text: str) -> str:
    return " ".join(plain(text).split())
