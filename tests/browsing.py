"""A headless Chromium on files of this machine, with the network off and everything that it says kept."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

WAIT_S = 90.0
WIDTH, HEIGHT = 1400, 900
NEEDED = "apt-get install chromium chromium-driver (or set CHROME_PATH and CHROMEDRIVER_PATH)"


def _program(variable: str, *names: str) -> str:
    found = os.environ.get(variable) or next((path for path in map(shutil.which, names) if path), None)
    assert found, f"these tests need {names[0]}: {NEEDED}"
    return found


@contextmanager
def browser(folder: Path) -> Iterator[webdriver.Chrome]:
    """A browser that reaches nothing but files, keeps its profile and downloads in `folder`."""
    options = webdriver.ChromeOptions()
    options.binary_location = _program("CHROME_PATH", "chromium", "chromium-browser", "google-chrome", "chrome")
    for argument in (
        "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync",
        "--disable-component-update", "--no-first-run", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={folder / 'profile'}", f"--window-size={WIDTH},{HEIGHT}",
    ):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = Service(_program("CHROMEDRIVER_PATH", "chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    try:
        driver.set_script_timeout(4 * WAIT_S)
        downloads = folder / "downloads"
        downloads.mkdir(exist_ok=True)
        say = driver.execute_cdp_cmd
        say("Network.enable", {})
        offline = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        say("Network.emulateNetworkConditions", offline)
        say("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(downloads)})
        yield driver
    finally:
        driver.quit()


def as_new(driver: webdriver.Chrome, *, width: int = WIDTH, dark: bool = False) -> None:
    """An empty page in a window of this width and scheme, all that was said before forgotten."""
    driver.get("about:blank")
    metrics = {"width": width, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": width < 600}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    requests(driver)
    complaints(driver)


def opened(driver: webdriver.Chrome, page: Path) -> None:
    """Open a page and wait until its charts are drawn."""
    driver.get(page.resolve().as_uri())
    wait(lambda: driver.execute_script("return document.documentElement.dataset.ready") == "all", "charts", driver)


def wait(done: Any, what: str, driver: webdriver.Chrome | None = None) -> None:
    """Until `done()` is true."""
    end = time.monotonic() + WAIT_S
    while not done():
        said = complaints(driver) if driver is not None and time.monotonic() > end else []
        assert time.monotonic() < end, f"no {what} within {WAIT_S:.0f} s; {said}"
        time.sleep(0.05)


def complaints(driver: webdriver.Chrome) -> list[str]:
    """Errors and warnings on the console since the last call."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def requests(driver: webdriver.Chrome) -> list[str]:
    """Addresses that the page asked for since the last call; data: and blob: stay inside it."""
    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return [url for url in found if not url.startswith(("data:", "blob:"))]


def screenshot(driver: webdriver.Chrome, path: Path) -> None:
    """The whole page as one picture."""
    size = driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
    clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 16_000), "scale": 1}
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(base64.b64decode(taken["data"]))


def screenshots(fallback: Path) -> Path:
    """Folder that pictures are kept in: EASTWEST_SCREENSHOTS, or one that vanishes with the test."""
    return Path(os.environ.get("EASTWEST_SCREENSHOTS") or fallback)


def accessibility_faults(driver: webdriver.Chrome) -> list[str]:
    """Serious and critical violations that axe-core finds; inside a chart, which is one image, it looks at nothing."""
    import axe_core_python

    source = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    driver.execute_script(source)
    run = (
        """const done = arguments[0]; axe.run({exclude: [[".plot > *"]]}, {resultTypes: ["violations"]}).then(done);"""
    )
    found = driver.execute_async_script(run)
    return [
        f"{fault['id']} ({fault['impact']}): {node['html'][:200]} {node['failureSummary'][:300]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:3]
    ]


def charts_of_silent(driver: webdriver.Chrome, page: Path) -> int:
    """Open a page with all that can be unfolded: no complaint, no request but itself, every chart drawn; how many."""
    requests(driver)
    opened(driver, page)
    for details in driver.find_elements(By.CSS_SELECTOR, "details"):
        driver.execute_script("arguments[0].open = true", details)
    assert complaints(driver) == []
    assert set(requests(driver)) == {page.resolve().as_uri()}
    charts = driver.find_elements(By.CSS_SELECTOR, "figure.chart")
    assert all(chart.find_elements(By.CSS_SELECTOR, ".main-svg") for chart in charts)
    assert driver.execute_script("return window.harmed") is None
    return len(charts)
