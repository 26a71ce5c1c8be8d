"""Which files a scenario may read, what they are called in messages, and their hashes."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from eastwest.errors import InputError, nearest

MAX_TABLE_BYTES = 200_000_000
PACKAGE = "package:"


@cache
def package_folder(name: str) -> Path:
    """`data` or `scenarios` of the package: `eastwest/_<name>` in an installed wheel, `<repo>/<name>` in a checkout."""
    package = Path(__file__).resolve().parent.parent
    inside = package / f"_{name}"
    return (inside if inside.is_dir() else package.parent / name).resolve()


@dataclass
class Reader:
    """Reads files for one scenario: only below its own folder and the package's, unless `allow_outside`."""

    home: Path
    """resolved"""
    allow_outside: bool = False
    hashes: dict[str, str] = field(default_factory=dict)

    def read(self, path: Path, where: str | None = None, key: str | None = None, limit: int = MAX_TABLE_BYTES) -> bytes:
        """The bytes of the file, after every rule about paths."""
        name = self.label(path)
        try:
            real = path.resolve()
        except (OSError, RuntimeError) as error:
            raise InputError(f"cannot follow the path {path}: {error}", where=where, key=key) from None
        if not self.allow_outside and not self._inside(real):
            wanted = f"expected a file below the scenario's folder {self.home} (or allow files outside it)"
            raise InputError(f"'{name}' lies outside; {wanted}", where=where, key=key)
        if not real.is_file():
            folder = name.rpartition("/")[0]
            hint = nearest(name, [f"{folder}/{other}" if folder else other for other in _names(path.parent)])
            what = "is a folder, expected a file" if real.is_dir() else f"does not exist{hint}"
            raise InputError(f"the file '{name}' {what}", where=where, key=key)
        size = real.stat().st_size
        if size > limit:
            message = f"the file '{name}' has {size:,} bytes; at most {limit:,} are read"
            raise InputError(message, where=where or f"{name}:1", key=key)
        try:
            raw = real.read_bytes()
        except OSError as error:
            raise InputError(f"the file '{name}' cannot be read: {error.strerror}", where=where, key=key) from None
        self.hashes[name] = hashlib.sha256(raw).hexdigest()
        return raw

    def label(self, path: Path) -> str:
        """The file's name in messages and origins: the same on every machine where that can be."""
        real = path.resolve() if path.exists() else Path(os.path.abspath(path))
        known = {f"package:{name}/": package_folder(name) for name in ("data", "scenarios")}
        for prefix, folder in {"": self.home, **known}.items():
            if real.is_relative_to(folder):
                return prefix + real.relative_to(folder).as_posix()
        return Path(os.path.relpath(real, self.home)).as_posix()

    def _inside(self, real: Path) -> bool:
        folders = (self.home, package_folder("data"), package_folder("scenarios"))
        return any(real.is_relative_to(folder) for folder in folders)


def _names(folder: Path) -> list[str]:
    try:
        return sorted(item.name for item in folder.iterdir())
    except OSError:
        return []
