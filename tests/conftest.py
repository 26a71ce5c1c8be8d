"""Settings of all tests. Its place puts this folder on the path, so that every test may import `builder`.

Text is held by Python, which makes a thousand tiny programs three times as fast as on Arrow's arrays; the meaning is
the same. Tests that start a process of their own (command line, README, scenarios twice) run as users do, and all do
with EASTWEST_STRINGS=auto pytest, as `.ci/run` asks of those that read and write text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from selenium import webdriver

settings.register_profile(
    "same every time",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same every time")
pd.set_option("mode.string_storage", os.environ.get("EASTWEST_STRINGS", "python"))

LONGEST_FIRST = ("test_scenarios", "test_readme", "test_notebooks", "test_years", "test_solve", "test_independent")
"""Files of few and long tests: a core that got one of them last would work alone at the end."""


PEERS = "EASTWEST_PEERS"
"""Set where the packages of the extra `peers` must be there, as in the environment that `.ci/run` makes for them."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test marked `peers("package")` needs that package; it holds others back, so the extra `test` leaves it out."""
    for mark in item.iter_markers("peers"):
        missing = [name for name in mark.args if find_spec(name) is None]
        if missing:
            stop = pytest.fail if os.environ.get(PEERS) else pytest.skip
            stop(f"needs {', '.join(missing)}, in an environment of its own: pip install -e '.[test,peers]'")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with the longest tests first; the others as they are."""
    rank = {name: position for position, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """The one browser of this process."""
    import browsing

    with browsing.browser(tmp_path_factory.mktemp("browser")) as found:
        yield found


@pytest.fixture
def driver(chromium: webdriver.Chrome) -> webdriver.Chrome:
    """The browser as if it were new: an empty page in a wide, light window."""
    import browsing

    browsing.as_new(chromium)
    return chromium
