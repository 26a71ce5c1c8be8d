"""The notebooks run as a user runs them, git holds them without outputs, and the site that shows them stands alone.

Every notebook is executed once; the site is built of those copies. What the site must not do is ask anything of the
network: neither by its pages and styles, nor when a browser opens it from a folder.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import nbformat
import pytest
from browsing import complaints, requests, wait
from places import ROOT
from selenium import webdriver

FOLDER = ROOT / "docs" / "notebooks"
BOOKS = sorted(FOLDER.glob("*.ipynb"))
NAMES = [path.stem for path in BOOKS]
EVERY = pytest.mark.parametrize("name", NAMES)
PLOTLY_JSON = "application/vnd.plotly.v1+json"
PLOTLY_JS = "plotly.min.js"
SECONDS = 600


def run(*command: str, **environment: str) -> str:
    """Run a command of this Python; what it wrote, once it ended well."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=SECONDS,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Execute a notebook, the first time that it is asked for; its path."""
    folder = tmp_path_factory.mktemp("notebooks")

    @cache
    def path_of(name: str) -> Path:
        run("docs/site/notebooks.py", str(folder), "--only", name)
        return folder / f"{name}.ipynb"

    return path_of


@pytest.fixture(scope="module")
def site(executed: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built strictly from the notebooks that were executed."""
    folder = tmp_path_factory.mktemp("site")
    books = {executed(name).parent for name in NAMES}.pop()
    # Material prints that it has a successor, from 2027 on; that is no fault of these pages.
    run(
        "-m", "mkdocs", "build", "--strict", "--quiet", "-f", "docs/site/mkdocs.yml", "-d", str(folder),
        EASTWEST_NOTEBOOKS=str(books), NO_MKDOCS_2_WARNING="1",
    )  # fmt: skip
    return folder


def test_five_notebooks_in_order() -> None:
    assert [name[:2] for name in NAMES] == ["1-", "2-", "3-", "4-", "5-"]


@EVERY
def test_git_holds_no_outputs(name: str) -> None:
    book = json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert all(cell["metadata"] == {} for cell in book["cells"])
    assert set(book["metadata"]) == {"kernelspec"}
    assert book["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in book["cells"]]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]+", ident) for ident in ids), "a cell is named by what it does"


@EVERY
def test_every_step_says_what_to_look_at(name: str) -> None:
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith(f"# {name[0]}. ")
    runs = "".join("c" if cell.cell_type == "code" else " " for cell in cells).split()
    assert max(map(len, runs)) <= 3, "more than three cells of code without a word"


@pytest.mark.slow
@EVERY
def test_notebook_runs(name: str, executed: Callable[[str], Path]) -> None:
    """Every cell ran, nothing was said on stderr (warnings would be), and there is a figure with something in it."""
    book = nbformat.read(executed(name), as_version=4)
    code = [cell for cell in book.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    assert not [output for output in outputs if output.output_type == "error"]
    figures = [output.data[PLOTLY_JSON] for output in outputs if PLOTLY_JSON in output.get("data", {})]
    assert figures
    assert all(figure["data"] for figure in figures)


class Page(HTMLParser):
    """What a page loads, where it leads, and which places it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.plots = 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ids |= {given[name] for name in ("id", "name") if name in given}
        self.plots += given.get("class") == "plot"
        if tag == "a":
            self.links += [given["href"]] if "href" in given else []
        else:
            self.loads += [given[name] for name in ("href", "src", "data", "poster", "srcset") if given.get(name)]
        self.loads += re.findall(r"url\(['\"]?([^'\")]+)", given.get("style", ""))


def leads_somewhere(site: Path, page: Path, link: str, pages: dict[Path, Page]) -> bool:
    path, anchor = urldefrag(link)
    target = (page.parent / unquote(path)).resolve() if path else page
    if not target.is_file() or not target.is_relative_to(site):
        return False
    return not anchor or target not in pages or unquote(anchor) in pages[target].ids


@pytest.mark.slow
def test_site_asks_nothing_of_the_network_and_every_link_leads_somewhere(site: Path) -> None:
    root = site.resolve()
    pages = {path: Page(path) for path in sorted(root.rglob("*.html"))}
    assert len(pages) > 15
    outside = re.compile(r"(?:[a-z]+:)?//", flags=re.IGNORECASE)
    for path, page in pages.items():
        assert not [each for each in page.loads if outside.match(each)], path
        if path.name == "404.html":
            continue  # a server shows it at any address: its links begin at the server's root
        inner = [each for each in (*page.links, *page.loads) if not re.match(r"[a-z]+:", each)]
        assert not [each for each in inner if not leads_somewhere(root, path, each, pages)], path
    for style in root.rglob("*.css"):
        fetched = re.findall(r"(?:url\(|@import)\s*['\"]?((?:https?:)?//[^'\")]+)", style.read_text(encoding="utf-8"))
        assert not fetched, style


@pytest.mark.slow
@EVERY
def test_site_shows_what_the_notebook_did(name: str, site: Path, executed: Callable[[str], Path]) -> None:
    outputs = [
        output for cell in nbformat.read(executed(name), as_version=4).cells for output in cell.get("outputs", [])
    ]
    page = Page(site / "notebooks" / f"{name}.html")
    assert page.plots == sum(PLOTLY_JSON in output.get("data", {}) for output in outputs)
    assert sum(each.endswith(PLOTLY_JS) for each in page.loads) == 1
    assert (site / "notebooks" / f"{name}.ipynb").read_bytes() == (FOLDER / f"{name}.ipynb").read_bytes()


@pytest.mark.slow
def test_site_opens_from_a_folder(site: Path, driver: webdriver.Chrome) -> None:
    """A browser without a network: figures are drawn, the search finds, the console is silent."""
    for name in NAMES:
        path = site / "notebooks" / f"{name}.html"
        driver.get(path.as_uri())
        plots = Page(path).plots
        count = "return [...document.querySelectorAll('.plot')].filter(each => each.querySelector('.main-svg')).length"
        wait(lambda count=count, plots=plots: driver.execute_script(count) == plots, f"figures in {name}", driver)
    driver.get((site / "index.html").as_uri())
    driver.execute_script(
        "const field = document.querySelector('[data-md-component=search-query]');"
        "field.focus(); field.value = 'curtailed'; field.dispatchEvent(new Event('input', {bubbles: true}));"
        "field.dispatchEvent(new KeyboardEvent('keyup', {bubbles: true}));"
    )
    hits = "return document.querySelectorAll('.md-search-result__link').length"
    wait(lambda: driver.execute_script(hits) > 0, "search results", driver)
    assert not complaints(driver)
    assert not [url for url in requests(driver) if not url.startswith("file:")]
