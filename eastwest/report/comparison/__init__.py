"""The page of a comparison: one HTML file that opens anywhere, without a network, and says what differs and why."""

from __future__ import annotations

from eastwest.report.comparison.write import page_html

__all__ = ["page_html"]
