"""The page of a run: one HTML file that opens anywhere, without a network, and tells the story of the run."""

from __future__ import annotations

from eastwest.report.page.write import page_html

__all__ = ["page_html"]
