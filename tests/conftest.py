"""Settings of all tests. Its place puts this folder on the path, so that every test may import `builder`."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "same every time",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("same every time")
