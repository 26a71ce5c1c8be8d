"""What MkDocs does not do by itself: pages that stand elsewhere in the repository, executed notebooks, search from file://.

Pages keep their place in the repository, and links between them work in both: a link, or a file that is named in
backticks, leads to its page here. Notebooks are executed when the site is built; EASTWEST_NOTEBOOKS names a folder of
executed ones instead (`python docs/site/notebooks.py FOLDER` makes it).
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from plotly.offline import get_plotlyjs

import eastwest as ew

SITE = Path(__file__).resolve().parent
ROOT = SITE.parents[1]
sys.path.insert(0, str(SITE))
import notebooks  # noqa: E402

ELSEWHERE = {
    "README.md": "start.md",
    "CHANGELOG.md": "changelog.md",
    "scenarios/README.md": "scenarios.md",
    "data/README.md": "tables.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""Pages of the site that stand outside docs/, by their path in the repository."""

WORKER = "assets/javascripts/iframe-worker.js"
PLOTLY = "assets/javascripts/plotly.min.js"
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)([^)#\s]+)")
NAMED = re.compile(r"(?<!\[)`((?:docs|scenarios|data|benchmarks)/[\w./-]+|CHANGELOG\.md|README\.md)`(?!\])")
FENCE = re.compile(r"^(```.*?^```$)", flags=re.MULTILINE | re.DOTALL)


def on_config(config: Any) -> Any:
    # The plugin `offline` takes a script of this name for its own, and then loads none from unpkg.com.
    config.extra["polyfills"] = [WORKER]
    return config


def on_files(files: Files, config: Any) -> Files:
    for name, page in ELSEWHERE.items():
        files.append(File.generated(config, page, content=(ROOT / name).read_text(encoding="utf-8")))
    files.append(File.generated(config, "api.md", content=_api()))
    for name, text in _notebook_pages().items():
        files.append(File.generated(config, f"notebooks/{name}.md", content=text))
    for name in ("site.css", "favicon.svg"):
        files.append(File.generated(config, name, content=(SITE / name).read_text(encoding="utf-8")))
    files.append(File.generated(config, PLOTLY, content=get_plotlyjs()))
    return files


def on_page_markdown(markdown: str, page: Any, files: Files, **_: Any) -> str:
    """Links that are right in the repository, made right on the site."""
    here = page.file.src_uri
    source = {there: name for name, there in ELSEWHERE.items()}.get(here, f"docs/{here}")

    def uri(path: str) -> str | None:
        there = ELSEWHERE.get(path, path.removeprefix("docs/") if path.startswith("docs/") else None)
        found = there is not None and files.get_file_from_path(there) is not None
        return posixpath.relpath(there, posixpath.dirname(here) or ".") if there is not None and found else None

    def linked(match: re.Match[str]) -> str:
        return uri(posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))) or match[1]

    def named(match: re.Match[str]) -> str:
        found = uri(match[1])
        return match[0] if found is None or found == here else f"[{match[0]}]({found})"

    parts = FENCE.split(markdown)
    return "".join(
        part if number % 2 else NAMED.sub(named, LINK.sub(linked, part)) for number, part in enumerate(parts)
    )


def on_post_build(config: Any) -> None:
    """A browser starts no worker from a file, but from text: so the one of the search stands in a script as text."""
    folder = Path(config["site_dir"])
    workers = sorted(folder.glob("assets/javascripts/workers/search.*.min.js"))
    text = json.dumps(workers[0].read_text(encoding="utf-8")).replace("</", "<\\/")
    (folder / WORKER).write_text(
        "if (location.protocol === 'file:') {\n"
        f"  const source = {text}\n"
        "  const Started = window.Worker\n"
        "  window.Worker = function () { return new Started(URL.createObjectURL(new Blob([source]))) }\n"
        "}\n",
        encoding="utf-8",
    )


def _notebook_pages() -> dict[str, str]:
    """Each notebook as Markdown, by its name."""
    given = os.environ.get("EASTWEST_NOTEBOOKS")
    if given:
        return notebooks.pages(Path(given))
    with tempfile.TemporaryDirectory() as folder:
        notebooks.execute_all(Path(folder))
        return notebooks.pages(Path(folder))


def _api() -> str:
    """The public names, each with its docstring."""
    objects = [getattr(ew, name) for name in ew.__all__ if not name.startswith("_")]
    parts = [f"::: {each.__module__}.{each.__qualname__}" for each in objects]
    return "\n\n".join(["# Python", "Everything that `import eastwest as ew` offers.", *parts]) + "\n"
