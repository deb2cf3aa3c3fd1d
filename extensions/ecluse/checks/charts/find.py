"""Charts found in a page, a JSON value or a notebook's output, each with its panels, words and canonical form.

Worked example: a page that Altair saved holds `var spec = {…}`: the object after the equals sign is its chart.
"""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ecluse.checks.captions import captions
from ecluse.checks.facts import Facts, Passage, Place, Source
from ecluse.checks.kinds import Unreadable, markup, raster
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.kinds.merging import merge
from ecluse.rules.finding import Finding, Severity

from . import bokeh, draw, panel, plotly, vega
from .panel import Panel

_STARTS = re.compile(
    r"Plotly\.(?:newPlot|react|plot)\s*\(|(?:[=(]|<script[^>]*application/(?:json|vnd\.bokehjs[^>]*)[^>]*>)\s*(?=['\"]?\{\s*\\?\")",
    re.IGNORECASE,
)
_MOST_STARTS, _MOST_CHARTS, _MOST_READ = 20_000, 30, 64_000_000
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class Chart:
    """A chart. `canonical` is its own format written anew, or nothing where that is not written."""

    tool: str
    panels: list[Panel]
    texts: list[str] = field(default_factory=list)
    canonical: dict[str, Any] | None = None

    def facts(self, where: str = "", place: Place | None = None) -> Facts:
        """Tables and words."""
        said = [t for p in self.panels for t in (p.title, *(c.name for c in p.columns))]
        words = "\n".join(dict.fromkeys(filter(None, said)))
        found = [
            panel.facts(p, where or f"chart {n + 1}", place)
            for n, p in enumerate(self.panels)
            if not panel.reference(p)
        ]
        spot = place or Place()
        labels = Facts(passages=(Passage(words, Source.LABEL, where, spot), *captions(words, where, spot)))
        return merge(*found, labels, read_text("\n".join(self.texts), where, place))

    def pictures(self) -> list[bytes]:
        """A PNG of each panel."""
        return [raster.encode(draw.draw(p)) for p in self.panels]


def chart_of(value: Any) -> Chart | None:
    """The chart that a JSON value is, or none. Raises `Unreadable` where its data may be of persons."""
    try:
        found = _chart(value)
        for one in found.panels if found else ():
            panel.check(one)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, RecursionError):
        raise Unreadable("interactive-plot", "The plot is of a form that is not read.", panel.FIX) from None
    return found


def _chart(value: Any) -> Chart | None:
    if vega.is_one(value):
        return Chart("Vega", vega.panels(value), vega.texts(value), vega.canonical(value))
    if plotly.is_one(value):
        panels, said = plotly.panels(value), plotly.texts(value)
        return Chart("Plotly", panels, said, plotly.canonical(panels, said))
    if bokeh.is_one(value):
        return Chart("Bokeh", bokeh.panels(value))
    return None


def chart_in_page(text: str) -> list[Chart]:
    """The charts that a page's scripts hold, in order. Raises `Unreadable`."""
    charts: list[Chart] = []
    over = tried = 0
    for number, start in enumerate(_STARTS.finditer(text)):
        if number > _MOST_STARTS or len(charts) > _MOST_CHARTS or tried > _MOST_READ:
            raise Unreadable("interactive-plot", "The page has too many plots.", panel.FIX)
        if start.start() < over:
            continue
        value, end = _plotly_call(text, start.end()) if "lotly" in start[0] else _object(text, start.end())
        tried += end - start.end()
        over = end if value is not None else over
        found = chart_of(value) if value is not None else None
        if found is not None:
            charts.append(found)
    return charts


def _object(text: str, at: int) -> tuple[Any, int]:
    """The JSON object at a place, also one written as a text; none, and how far it was tried."""
    at += len(text[at : at + 400]) - len(text[at : at + 400].lstrip())
    try:
        if text[at] == "'":
            close = re.compile(r"'(?:[^'\\]|\\.)*'").match(text, at)
            inner = close[0][1:-1].replace("\\'", "'").replace("\\\\", "\\") if close else ""
            return (json.loads(inner), close.end()) if close else (None, len(text))
        value, end = _DECODER.raw_decode(text, at)
        return (json.loads(value) if isinstance(value, str) and value.startswith("{") else value), end
    except json.JSONDecodeError as error:
        return None, at + max(0, error.pos - at) if error.doc is text else at
    except (ValueError, RecursionError, IndexError):
        return None, at


def _plotly_call(text: str, at: int) -> tuple[Any, int]:
    """The arguments of a call: the place on the page, traces, layout."""
    arguments: list[Any] = []
    for _ in range(3):
        value, end = _object(text, at)
        if value is None and not arguments:  # the id of an element, in single quotes
            found = re.compile(r"\s*'[^'\"]{0,200}'").match(text, at)
            value, end = ("", found.end()) if found else (None, at)
        if value is None:
            break
        arguments.append(value)
        comma = re.compile(r"\s*,\s*").match(text, end)
        if comma is None:
            at = end
            break
        at = comma.end()
    lists = [a for a in arguments if isinstance(a, list)]
    if not lists:
        return None, at
    layout = arguments[2] if len(arguments) > 2 and isinstance(arguments[2], dict) else {}  # third
    return {"data": lists[0], "layout": layout}, at


def note(charts: list[Chart], where: str = "", place: Place | None = None) -> Finding:
    """What became of an interactive chart."""
    return Finding(
        rule="chart-rebuilt",
        severity=Severity.NOTE,
        where=where,
        place=place or Place(),
        message=f"Interactive charts ({len(charts)}, {charts[0].tool}) were drawn anew from the numbers they show; "
        "hover data and unused columns are gone.",
        fix="Save the figure as PNG to choose how it looks.",
    )


def parts(charts: list[Chart]) -> Iterator[markup.Picture | markup.HtmlTable | markup.Block]:
    """Words, pictures and tables of charts, for a page."""
    for chart in charts:
        for one, png in zip(chart.panels, chart.pictures(), strict=True):
            yield markup.Picture(png)
            yield markup.HtmlTable(panel.grid_of(one), 1, 0, caption=one.title)
        titles = {p.title for p in chart.panels}
        yield from (markup.Block("p", t) for t in chart.texts if t not in titles)


def picture(charts: list[Chart]) -> bytes:
    """A PNG of all panels, one below the other."""
    return raster.encode(np.concatenate([draw.draw(p) for c in charts for p in c.panels][:12]))


def as_base64(png: bytes) -> str:
    """A PNG as notebooks hold it."""
    return base64.b64encode(png).decode()


__all__ = ["Chart", "as_base64", "chart_in_page", "chart_of", "note", "parts", "picture"]
