"""Settings of all tests. Its place puts this folder on the path, so that every test may import `builder`.

Text is held by Python, which makes a thousand tiny programs three times as fast as on Arrow's arrays; the meaning is
the same. Tests that start a process of their own (command line, README, scenarios twice) run as users do, and all do
with EASTWEST_STRINGS=auto pytest.
"""

from __future__ import annotations

import os

import pandas as pd
from hypothesis import HealthCheck, settings

settings.register_profile(
    "same every time",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same every time")
pd.set_option("mode.string_storage", os.environ.get("EASTWEST_STRINGS", "python"))
