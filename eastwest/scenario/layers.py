"""One scenario file as a layer: settings, tables, overrides of rows; and the chain of files that `extends` makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from eastwest.errors import InputError, nearest
from eastwest.scenario.columns import columns
from eastwest.scenario.files import PACKAGE, Reader, package_folder
from eastwest.scenario.messages import shown, unknown
from eastwest.scenario.outside import section_of
from eastwest.scenario.renaming import with_new_names
from eastwest.scenario.settings import FILE_KEYS, Contracts, Settings, fields_of
from eastwest.scenario.yaml_source import MAX_BYTES, Node, merge, parse_yaml
from eastwest.schema.contract import Row

MAX_CHAIN = 10
POLYGONS = "polygons"
OUTLINES = "geography.regions"
"""The setting that names the file of polygons; the key `tables: polygons` means the same."""


@dataclass
class Layer:
    """What one scenario file says."""

    settings: Node
    rows: dict[str, Node] = field(default_factory=dict)
    """table -> overrides of its rows"""
    tables: dict[str, Node] = field(default_factory=dict)
    """table -> path of its file, relative to `folder`, or the word none"""
    file: dict[str, Node] = field(default_factory=dict)
    """name, extends, defaults"""
    folder: Path = Path()
    outlines_key: str = f"tables.{POLYGONS}"
    """the key that names the file of polygons"""


def split(document: Node, known: Contracts, folder: Path = Path()) -> Layer:
    """Sort the top-level keys."""
    layer = Layer(Node({}, document.where), folder=folder)
    rows, settings = known.tables, known.settings.model_fields
    for name, node in with_new_names(document).items():
        if name == "tables":
            layer.tables = _tables(node, rows)
        elif name in FILE_KEYS:
            layer.file[name] = node
        elif name in rows and name in settings:
            _both(layer, name, node, known)
        elif name in settings:
            layer.settings.value[name] = node
        elif name in rows:
            layer.rows[name] = node
        else:
            message = unknown(name, [*FILE_KEYS, *settings, *rows])
            if node.is_mapping:
                message += _of_no_module(known)
            raise InputError(message, where=node.where, key=name)
    _outlines(layer)
    return layer


def _of_no_module(known: Contracts) -> str:
    """Which module a section that is unknown may have been meant for."""
    if not known.modules:
        return "; a section of a module from outside needs it (--module FILE.py, or modules=[...])"
    given = ", ".join(map(section_of, known.modules))
    return f"; a module's section is called as its file, and the modules given are {given}"


def _outlines(layer: Layer) -> None:
    """The file that `geography: regions` names is a file like those of `tables`."""
    section = layer.settings.value.get("geography")
    if section is None or not section.is_mapping or "regions" not in section.value:
        return
    node: Node = section.value["regions"]
    rest = {key: inner for key, inner in section.items() if key != "regions"}
    layer.settings.value["geography"] = Node(rest, section.where)
    if node.value is None:
        return
    if not isinstance(node.value, str) or not node.value.strip():
        message = f"received {shown(node.plain())}, expected a GeoJSON file or none"
        raise InputError(message, where=node.where, key=OUTLINES)
    if POLYGONS in layer.tables:
        other = layer.tables[POLYGONS].where
        message = f"tables.{POLYGONS} ({other}) names a file of outlines as well; expected one of the two"
        raise InputError(message, where=node.where, key=OUTLINES)
    layer.tables[POLYGONS] = node
    layer.outlines_key = OUTLINES


def _tables(node: Node, rows: Mapping[str, type[Row]]) -> dict[str, Node]:
    if node.value is not None and not node.is_mapping:
        raise InputError(
            f"received {shown(node.plain())}, expected 'table: file.csv' or 'table: none'",
            where=node.where,
            key="tables",
        )
    known = [*rows, POLYGONS]
    for name, path in node.items():
        if name not in known:
            raise InputError(unknown(name, known, "table"), where=path.where, key=f"tables.{name}")
        if not isinstance(path.value, str) or not path.value.strip():
            raise InputError(
                f"received {shown(path.plain())}, expected a file or none", where=path.where, key=f"tables.{name}"
            )
    return dict(node.items())


def _both(layer: Layer, name: str, node: Node, known: Contracts) -> None:
    """A name that is a section and a table: keys that are settings are settings, every other key is a row."""
    if node.value is not None and not node.is_mapping:
        raise InputError(
            f"received {shown(node.plain())}, expected settings and rows of {name}", where=node.where, key=name
        )
    settings = fields_of(known.settings, (name,))
    chosen = {key: inner for key, inner in node.items() if key in settings}
    others = {key: inner for key, inner in node.items() if key not in settings}
    for key, inner in others.items():
        misspelt = nearest(key, settings) and not _may_be_row(inner, known.tables[name])
        if misspelt or (inner.value is not None and not inner.is_mapping):
            message = unknown(key, settings, "setting")
            if not nearest(key, settings):
                message += f"; '{name}' is a table as well: a row of it is given as columns and their values"
            raise InputError(message, where=inner.where, key=f"{name}.{key}")
    if chosen:
        layer.settings.value[name] = Node(chosen, node.where)
    if others:
        layer.rows[name] = Node(others, node.where)


def _may_be_row(node: Node, row: type[Row]) -> bool:
    """Whether what stands below the first key of a table could be rows: null, or anything near to a column."""
    inside = [node]
    for _ in row.key[1:]:
        inside = [below for each in inside for _, below in each.items()]
    names = [name for each in inside for name, _ in each.items()]
    return not names or any(name in columns(row) or nearest(name, columns(row)) for name in names)


def read_chain(path: Path, reader: Reader, known: Contracts) -> list[Layer]:
    """The file and everything that it extends, the deepest base first."""
    layers: list[Layer] = []
    seen: list[Path] = []
    asked: Node | None = None
    while True:
        where = asked.where if asked else None
        key = "extends" if asked else None
        real = path.resolve()
        if real in seen:
            loop = " -> ".join(reader.label(item) for item in [*seen[seen.index(real) :], real])
            raise InputError(f"the files extend each other in a circle: {loop}", where=where, key=key)
        if len(seen) >= MAX_CHAIN:
            raise InputError(f"the chain is longer than {MAX_CHAIN} files", where=where, key=key)
        seen.append(real)
        raw = reader.read(path, where, key, limit=MAX_BYTES)
        layer = split(parse_yaml(raw, reader.label(path)), known, real.parent)
        layers.insert(0, layer)
        asked = layer.file.get("extends")
        if asked is None or asked.value is None:
            return layers
        path = _base(asked, real.parent)


def _base(asked: Node, folder: Path) -> Path:
    text = asked.value
    if not isinstance(text, str) or not text.strip():
        message = f"received {shown(asked.plain())}, expected a file such as base.yaml, or package:national-2027"
        raise InputError(message, where=asked.where, key="extends")
    if text.startswith(PACKAGE):
        name = text.removeprefix(PACKAGE).removesuffix(".yaml")
        return package_folder("scenarios") / f"{name}.yaml"
    return folder / text


def merged_settings(layers: list[Layer]) -> Node:
    """Settings of the whole chain, key by key; the later file stands.

    What an earlier file says of its outlines is not said of those that a later file brings.
    """
    node = layers[0].settings
    for layer in layers[1:]:
        if POLYGONS in layer.tables:
            node = Node({name: inner for name, inner in node.items() if name != "geography"}, node.where)
        node = merge(node, layer.settings)
    return node


def last(layers: list[Layer], name: str) -> Node | None:
    """The last word of the chain on name or defaults."""
    found = [layer.file[name] for layer in layers if name in layer.file and layer.file[name].value is not None]
    return found[-1] if found else None


def default_origins(settings: Settings, node: Node, base: str = "default") -> dict[str, str]:
    """`devices.surge` -> `file:line` for what a file gives, `default` for the rest."""
    origins = {}
    for name in type(settings).model_fields:
        inner = fields_of(type(settings), (name,))
        for key in inner or [""]:
            path = (name, key) if key else (name,)
            found = node.find(path)
            given = _given(node, path)
            origins[".".join(path)] = found.where if given else base
    return origins


def _given(node: Node, path: tuple[str, ...]) -> bool:
    for step in path:
        if not node.is_mapping or step not in node.value:
            return False
        node = node.value[step]
    return True
