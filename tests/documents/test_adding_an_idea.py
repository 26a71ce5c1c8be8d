"""docs/adding-an-idea.md shows the code as it is: each of its blocks is a part of the file that stands beside it."""

from __future__ import annotations

import re

import pytest
from places import ROOT

from eastwest.model.modules import MODULES

PAGE = (ROOT / "docs" / "adding-an-idea.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(.*?)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(("head", "text"), BLOCKS, ids=lambda value: value if len(value) < 60 else "text")
def test_a_block_is_part_of_its_file(head: str, text: str) -> None:
    words = head.split()
    assert len(words) == 2, f"a block says which file it is of: ```python path/of/the/file, not ```{head}"
    assert text in (ROOT / words[1]).read_text(encoding="utf-8")


def test_the_page_shows_the_whole_module() -> None:
    """Every import, function and class of water.py."""
    source = (ROOT / "eastwest" / "model" / "modules" / "water.py").read_text(encoding="utf-8")
    names = re.findall(r"^ *(?:def|class) (\w+)", source, flags=re.MULTILINE)
    shown = "".join(text for head, text in BLOCKS if head.endswith("modules/water.py"))
    assert not [name for name in names if f"def {name}(" not in shown and f"class {name}(" not in shown]
    imports = re.findall(r"^(?:from|import) (?!__future__).*", source, flags=re.MULTILINE)
    assert imports and not [line for line in imports if line not in shown]


def test_the_table_of_shared_quantities_is_that_of_the_plan() -> None:
    source = (ROOT / "eastwest" / "model" / "plan.py").read_text(encoding="utf-8")
    said = re.findall(r'^    (\w+) = SharedQuantity\(\)\n    """(.*)\."""$', source, flags=re.MULTILINE)
    assert len(said) == source.count("= SharedQuantity()")
    assert re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE, flags=re.MULTILINE) == said


def test_files_that_the_page_names_exist() -> None:
    named = re.findall(r"`((?:eastwest|data|docs|scenarios|tests)/[\w./-]+)`", PAGE)
    assert named
    assert not [name for name in named if not (ROOT / name).exists()]


def test_water_is_in_the_list() -> None:
    assert "eastwest.model.modules.water" in [module.__name__ for module in MODULES]
