"""The map as SVG or PNG: the Plotly figure, drawn by matplotlib.

Text stays text in SVG, and equal runs give equal bytes. matplotlib is an extra: `pip install 'eastwest[map]'`.
"""

from __future__ import annotations

import io
from typing import Any

from eastwest.errors import InputError
from eastwest.formatting.language import Language
from eastwest.report.plot import map_words
from eastwest.report.plot.chart import Subject
from eastwest.report.plot.map import choice, figure_of
from eastwest.report.plot.map_picture import picture

FORMS = ("svg", "png")
CHINESE = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC", "Microsoft YaHei", "SimHei", "Heiti SC", "Droid Sans Fallback",
    "Arial Unicode MS",
)  # fmt: skip
"""Fonts with Chinese letters, the best first."""
LATIN = "DejaVu Sans"
"""Comes with matplotlib."""


def static(
    subject: Subject,
    form: str,
    year: int | None = None,
    kind: str | None = None,
    task: str | None = None,
    shade: str | None = None,
) -> bytes:
    """The map of a year (the last one) as `svg` or `png`; in English where no font has Chinese letters."""
    if form not in FORMS:
        raise InputError(f"received '{form}', expected {' or '.join(FORMS)}")
    try:
        import matplotlib as mpl
        from matplotlib.font_manager import fontManager

        from eastwest.report.plot.map_drawing import Drawing
    except ImportError:
        message = "a map as SVG or PNG is drawn by matplotlib, which is not installed: pip install 'eastwest[map]'"
        raise InputError(message) from None
    installed = {font.name for font in fontManager.ttflist}
    fonts = [name for name in CHINESE if name in installed][:1]
    if subject.say.code != "en" and not fonts:
        subject = Subject(subject.table, subject.scenario, Language())
    chosen, shown = subject.year(year), picture(subject)
    first = choice(shown, (chosen,), kind, task, shade)
    settings: Any = {"font.family": [*fonts, LATIN], "svg.fonttype": "none", "svg.hashsalt": "eastwest", "font.size": 9}
    with mpl.rc_context(settings):
        heading = map_words.title(subject.scenario), map_words.subtitle(shown, first[1], chosen)
        drawn = Drawing(figure_of(shown, chosen, *first), [*fonts, LATIN]).draw(*heading, map_words.layer(shown))
        file = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": "eastwest"}
        drawn.savefig(file, format=form, metadata=metadata)
    return file.getvalue()
