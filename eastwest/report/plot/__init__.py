"""Charts of a result as Plotly figures, with the table behind each: `result.plot.cost()`, `result.plot.map()`."""

from __future__ import annotations

from eastwest.report.plot.chart import Chart, Subject
from eastwest.report.plot.plots import Plots

__all__ = ["Chart", "Plots", "Subject"]
