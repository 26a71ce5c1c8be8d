"""Which package of eastwest imports which: counted from the source and drawn to docs/rooms.svg.

    python docs/rooms.py            # draws, and prints the counts
    python docs/rooms.py --list     # also every import between packages

A room is a first-level package. Imports under `if TYPE_CHECKING:` do not exist at run time and do not count. ACCESSORS
are the named imports that point up, inside a function that a user calls; no other import may.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

DOCS = Path(__file__).resolve().parent
PACKAGE = DOCS.parent / "eastwest"
PICTURE = DOCS / "rooms.svg"

ACCESSORS = {
    ("results.result", "report.plot"): "result.plot",
    ("results.run_folder", "report.page"): "result.save",
    ("analysis.compare", "report.comparison"): "comparison.to_html",
}
"""(module, what it imports) -> what a user calls: the only imports that point up."""


class Import(NamedTuple):
    """One import of something in this package: the names of both modules below eastwest, and the line."""

    source: str
    target: str
    line: int
    at_run_time: bool


def sources(folder: Path = PACKAGE) -> dict[str, str]:
    """Source of every module, by its name below eastwest ("model.plan"); a package has the name of its folder."""
    found = {}
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if not parts[0].startswith(("_data", "_scenarios")):
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text(encoding="utf-8")
    return found


def imports(name: str, every: dict[str, str]) -> Iterator[Import]:
    """Every import of module `name` that stays in the package, wherever it stands in the file."""
    tree = ast.parse(every[name])
    type_only = _type_only_lines(tree)
    is_package = name == "" or any(other.startswith(f"{name}.") for other in every)
    for node in ast.walk(tree):
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = ["eastwest", *name.split(".")] if name else ["eastwest"]
                up = node.level - 1 if is_package else node.level
                base = ".".join([*here[: len(here) - up], *([node.module] if node.module else [])])
            below = base.removeprefix("eastwest").lstrip(".")
            for alias in node.names:
                inner = f"{below}.{alias.name}".lstrip(".")
                targets.append(f"{base}.{alias.name}" if inner in every else base)
        for target in targets:
            if target == "eastwest" or target.startswith("eastwest."):
                yield Import(
                    name, target.removeprefix("eastwest").lstrip("."), node.lineno, node.lineno not in type_only
                )


def _type_only_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            for child in node.body:
                lines.update(range(child.lineno, (child.end_lineno or child.lineno) + 1))
    return lines


def room(name: str) -> str:
    """The first-level package of a module; modules that lie flat in eastwest have none."""
    first = name.split(".")[0]
    return first if first and (PACKAGE / first).is_dir() else ""


def arrows(every: dict[str, str]) -> dict[tuple[str, str], list[Import]]:
    """(room, room that it imports from) -> the imports at run time, accessors left out."""
    found: dict[tuple[str, str], list[Import]] = defaultdict(list)
    for name in every:
        for each in imports(name, every):
            pair = room(name), room(each.target)
            if each.at_run_time and all(pair) and pair[0] != pair[1] and (name, each.target) not in ACCESSORS:
                found[pair].append(each)
    return dict(sorted(found.items()))


def floors(pairs: set[tuple[str, str]], names: set[str]) -> dict[str, int]:
    """Floor of each room, 1 at the bottom: one above the highest room that it imports from; ValueError in a circle."""
    floor: dict[str, int] = {}

    def of(name: str, path: tuple[str, ...]) -> int:
        if name in path:
            raise ValueError("rooms import each other: " + " -> ".join([*path[path.index(name) :], name]))
        if name not in floor:
            floor[name] = 1 + max((of(below, (*path, name)) for above, below in pairs if above == name), default=0)
        return floor[name]

    for name in sorted(names):
        of(name, ())
    return floor


def svg(floor: dict[str, int], found: dict[tuple[str, str], list[Import]]) -> str:
    """The rooms floor by floor, the thickness of an arrow by the number of imports."""
    width, high, box = 980, 92, (150, 40)
    rows: dict[int, list[str]] = defaultdict(list)
    for name, number in sorted(floor.items()):
        rows[number].append(name)
    top = max(floor.values())
    place = {
        name: (width * (at + 1) / (len(names) + 1) + (36 if number % 2 else -36), 50 + high * (top - number))
        for number, names in rows.items()
        for at, name in enumerate(names)
    }
    height = 60 + high * top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif">',
        "<title>Rooms of eastwest and what they import</title>",
        "<style>.room{fill:#e8f0f7;stroke:#2b6ca3} text{font-size:15px}</style>",
        '<defs><marker id="head" markerWidth="7" markerHeight="7" refX="6" refY="3" orient="auto">'
        '<path d="M0,0 L6,3 L0,6 z" fill="#55606b"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, ((above, below), each) in enumerate(found.items()):
        (x1, y1), (x2, y2) = place[above], place[below]
        bend = (-1 if number % 2 else 1) * 26 * (floor[above] - floor[below] - 1)
        middle = f"{(x1 + x2) / 2 + bend:.0f},{(y1 + y2) / 2:.0f}"
        stroke = min(4.0, 0.8 + len(each) / 12)
        parts.append(
            f'<path d="M{x1:.0f},{y1 + box[1] / 2:.0f} Q{middle} {x2:.0f},{y2 - box[1] / 2 - 2:.0f}" fill="none" '
            f'stroke="#8a97a3" stroke-width="{stroke:.1f}" marker-end="url(#head)">'
            f"<title>{above} imports {below}: {len(each)}</title></path>"
        )
    for name, (x, y) in place.items():
        parts.append(
            f'<rect x="{x - box[0] / 2:.0f}" y="{y - box[1] / 2:.0f}" width="{box[0]}" height="{box[1]}" rx="6" '
            f'class="room"/><text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle">{name}</text>'
        )
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    every = sources()
    found = arrows(every)
    names = {room(name) for name in every} - {""}
    floor = floors(set(found), names)
    PICTURE.write_text(svg(floor, found), encoding="utf-8")
    print(f"{len(names)} rooms, {max(floor.values())} floors, {len(found)} arrows; {PICTURE.name} drawn")
    if "--list" in sys.argv[1:]:
        for (above, below), each in found.items():
            print(f"{above} -> {below}: " + ", ".join(f"{one.source}:{one.line}" for one in each))


if __name__ == "__main__":
    main()
