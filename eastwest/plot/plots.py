"""`result.plot`: the charts of a result by name, in notebooks and on the page alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eastwest.language import Language
from eastwest.plot import cost
from eastwest.plot.chart import Subject

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from eastwest.result import Result


class Plots:
    """Plotly figures of a result. Every axis names its unit; the same site or device has the same colour on all."""

    def __init__(self, result: Result, language: str = "en") -> None:
        self._subject = Subject(result.table, result.scenario, Language(language))

    def cost(self) -> go.Figure:
        """Cost by category, one bar a planning year [million CNY]."""
        return cost.by_category(self._subject).figure()
