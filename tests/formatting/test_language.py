"""The Chinese catalogue: every text that a page can say has an entry, no entry is idle, and placeholders are kept.

Texts are read from the sources: literals given to `say` (also both sides of an `if`, and in templates), titles of
datasets and of their columns, and items that the model modules put into the results table.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from functools import cache

import builder
import pytest
import synthetic
from places import ROOT

import eastwest as ew
from eastwest.errors import InputError
from eastwest.formatting.language import CODES, PARTS, Language, _catalogue
from eastwest.formatting.words import limit_words, spaced
from eastwest.report.comparison.write import page_html as comparison_html
from eastwest.report.page import page_html
from eastwest.results.result import Result

PACKAGE = ROOT / "eastwest"
PLACES = ("plot", "report")
CHINESE = re.compile(r"[\u3400-\u9fff]")
SAME = re.compile(r"([^A-Za-z]|PUE|PFLOP/s|\{[a-z]+\})*")
"""Texts without a word of English: they may read the same in Chinese."""


IN_TEMPLATES = re.compile(r"""\bsay(?:\.markup)?\((?:"([^"]+)"|'([^']+)')""")


def texts(node: ast.expr) -> Iterator[str]:
    """Literal text, also of both sides of an `if` and of an `or`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from (*texts(node.body), *texts(node.orelse))
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from texts(value)


def says(function: ast.expr) -> bool:
    """Whether it is `say`, `subject.say` or `say.markup`; a session says errors, which stay English."""
    if isinstance(function, ast.Name):
        return function.id == "say"
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr == "markup":
        return says(function.value)
    return function.attr == "say" and not (isinstance(function.value, ast.Name) and function.value.id == "session")


TITLES = {"Column": 0, "Ratio": 0, "Quantile": 0, "Given": 0, "gather": 2, "Dataset": 1}
"""Calls that take a title, and where it stands."""


def said_in(source: str) -> Iterator[str]:
    """Every text of a module that `say` is given, at once or as the title of a dataset or column."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if says(node.func) and node.args:
            yield from texts(node.args[0])
        elif name in TITLES:
            given = node.args[TITLES[name] : TITLES[name] + 1]
            given += [keyword.value for keyword in node.keywords if keyword.arg == "title"]
            for title in given:
                yield from texts(title)


@cache
def said() -> dict[str, str]:
    """Every text that a page can say, and a file that says it."""
    found = {}
    for place in PLACES:
        for path in sorted((PACKAGE / place).rglob("*.py")):
            for text in said_in(path.read_text(encoding="utf-8")):
                found[text] = str(path.relative_to(ROOT))
        for path in sorted((PACKAGE / place).rglob("*.j2")):
            for text in re.findall(
                r"""\bsay(?:\.markup)?\((?:"([^"]+)"|'([^']+)')""", path.read_text(encoding="utf-8")
            ):
                found[text[0] or text[1]] = str(path.relative_to(ROOT))
    return {text: where for text, where in found.items() if text}


@cache
def constants() -> frozenset[str]:
    """Every text in the package and every key in its tables and scenarios, as it stands and as words."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 300:
                found.add(node.value)
    for path in [*(ROOT / "data").glob("*.csv"), *(ROOT / "scenarios").glob("*.yaml")]:
        found |= set(re.findall(r"[A-Za-z0-9_\-]+", path.read_text(encoding="utf-8")))
    found |= {path.stem for path in (ROOT / "data").glob("*.csv")}
    together = {word for text in found for word in (text, spaced(text), limit_words(text))}
    return frozenset(together | {part for text in together for part in re.split(r" waits for |: | \(|\)", text)})


CATALOGUE = dict(_catalogue("zh"))


def fields(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("place", PLACES)
def test_every_text_of_a_page_has_an_entry(place: str) -> None:
    ours = {text: where for text, where in said().items() if f"/{place}/" in where and text not in CATALOGUE}
    missing = {text: where for text, where in ours.items() if not SAME.fullmatch(text) and Language("zh")(text) == text}
    assert not missing, "\n".join(f"{where}: {text!r}" for text, where in missing.items())
    assert len(said()) > 300


def test_entries_are_chinese_with_the_same_placeholders() -> None:
    for text, chinese in CATALOGUE.items():
        assert fields(text) == fields(chinese), text
        assert chinese.strip(" ") and (CHINESE.search(chinese) or SAME.fullmatch(chinese)), text
        assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", chinese)


@cache
def shapes() -> tuple[re.Pattern[str], ...]:
    """What f-strings of the package can make: `What 1 MW more saves`; not those that could make anything."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
                if sum(letter.isalpha() for part in parts if part for letter in str(part)) >= 4:
                    found.add("".join(".+" if part is None else re.escape(str(part)) for part in parts))
    made = found | {shape.removesuffix(r"\ \[.+\]") for shape in found}
    return tuple(re.compile(shape) for shape in sorted(made) if re.search("[A-Za-z]{4}", shape))


def test_no_entry_is_idle() -> None:
    known = set(said()) | constants() | {together for _, together in PARTS}
    idle = [text for text in CATALOGUE if text not in known and not any(shape.fullmatch(text) for shape in shapes())]
    assert not idle, idle


def test_texts_are_found_in_sources() -> None:
    source = """
say("a", x=1); subject.say("b"); say.markup("c"); session.say("no"); say(x)
page.subject.say("d" if x else "e"); Column("f", "demand"); gather(t, "no", "g", [], {}); say.item("no")
Dataset("no", title="h")
"""
    assert sorted(said_in(source)) == list("abcdefgh")


# What a run holds


@cache
def runs() -> tuple[Result, Result]:
    tasks = {"chat": {"sector": "finance", "growth_high_per_year": 9}, "train": {"sector": "government"}}
    scarce = builder.tiny(tasks=tasks, demand={"growth": "high"})
    plain = builder.tiny(tasks=tasks)
    return tuple(ew.solve(scenario, reliefs=2, growth_table=False) for scenario in (plain, scarce))  # type: ignore[return-value]


@pytest.mark.parametrize("result", [synthetic.result, synthetic.two_years, lambda: runs()[0], lambda: runs()[1]])
def test_items_of_a_run_are_said_in_chinese(result: object) -> None:
    table = result().table  # type: ignore[operator]
    shown = ("cost", "shadow_price", "relief", "idle", "capacity", "used", "built", "unserved_because", "headline")
    items = set(table.loc[table["quantity"].isin(shown), "item"]) - {""}
    say = Language("zh")
    left = [item for item in sorted(items) if not CHINESE.search(say.item(item))]
    assert items and not left


def test_texts_that_are_put_together() -> None:
    say = Language("zh")
    assert say.item("dense hall waits for grid connection") == "高密度机房等待电网接入容量"
    assert say.item("hall: hall_dense") == "高密度机房"
    assert say.item("corridor: block-3") == "网络通道（时段 3）"
    assert say("Shadow prices of limits [million CNY/MW]") == "约束的影子价格 [百万元/MW]"
    assert say.item("link-cut-04") == "断缆 04"
    for stranger in ("no such text (at all)", "a sentence, with a comma", "x-1", "n-1", "[x] [y]", "{n} strange"):
        assert say(stranger) == stranger
    assert Language("en").item("hall: hall_dense") == "dense hall"
    assert Language("en")("Shadow prices of limits [MW]") == "Shadow prices of limits [MW]"


def record(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the language is asked for from now on, and what it says."""
    asked: dict[str, str] = {}
    original = Language._said

    def listens(self: Language, text: str) -> str:
        found = original(self, text)
        if self.code == "zh":
            asked[text] = found
        return found

    monkeypatch.setattr(Language, "_said", listens)
    return asked


def test_whole_pages_are_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = record(monkeypatch)
    one, other = runs()
    for result in (one, other, synthetic.two_years()):
        assert CHINESE.search(page_html(result, "zh"))
    assert CHINESE.search(comparison_html(ew.compare(one, other, names=["one", "other"]), "zh"))
    words = re.compile(r"[A-Za-z]{3,}")
    own = {
        "",
        "one",
        "other",
        "tiny",
        "synthetic",
        "CNY",
        "EFLOP/s",
        "CNY/(PFLOP/s h)",
        "CNY/MW",
        "CNY/MWh",
        "CNY/Gbit/s",
        "PFLOP/s",
        "MWh",
        "TWh",
        "Mt CO2",
        "Gbit/s",
    }
    said_words = {text: found for text, found in asked.items() if text == found and words.search(text)}
    left = sorted(
        text for text in said_words if text not in own and not SAME.fullmatch(text) and not CHINESE.search(text)
    )
    assert len(asked) > 200 and not left, left


def test_an_unknown_language_is_an_error() -> None:
    with pytest.raises(InputError, match="received language 'cn', expected en or zh"):
        Language("cn")
    assert CODES == ("en", "zh")


def test_figures_stay_in_their_places() -> None:
    say = Language("zh")
    assert say("{n} rows", n=12) == "12 行"
    assert str(say.markup("{n} rows", n="<b>")) == "&lt;b&gt; 行"
