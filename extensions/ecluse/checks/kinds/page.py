"""HTML pages: tables, text and pictures written anew; saved interactive plots as a picture and a table, or refused.

Kept: headings, paragraphs, preformatted text, tables, PNG and JPEG pictures that are in the page. Dropped: everything
else, see `markup`. In a page with Plotly, Vega (Altair) or Bokeh charts the numbers that they draw stay, as a picture
and a table (`ecluse.checks.charts`). Where the data behind are single values, as they often are, it is refused, and
the finding says how many.

Worked example: a saved Plotly histogram of 1000 ages is refused: 1000 values behind the bars.
"""

import base64
import binascii
import re
import struct
from dataclasses import dataclass, field

from ecluse.checks import charts
from ecluse.checks.facts import Facts, Passage, Source
from ecluse.checks.limits import Limits

from . import Rebuilt, Unreadable, markup
from .clean import clean
from .delimited import decode
from .merging import merge

NAME = "html"
_PLOTS = (
    ("Plotly", re.compile(r"Plotly\.(?:newPlot|react|plot)\s*\(|plotly-graph-div|\"bdata\"\s*:")),
    ("Vega", re.compile(r"vegaEmbed\s*\(|vega\.github\.io/schema|\"\$schema\"\s*:\s*\"[^\"]*vega")),
    ("Bokeh", re.compile(r"Bokeh\.(?:embed|safely|Plot)|bk-root|\"root_ids\"\s*:|docs_json")),
    (
        "ECharts, Leaflet or D3",
        re.compile(r"echarts\.init|L\.(?:map|marker)\s*\(|d3\.select|Highcharts\.chart|new Chart\s*\("),
    ),
)
_START = re.compile(
    rb"<(!doctype html|html|head|body|table|div|h[1-6]|p|style|script|meta|!--"
    rb"|\?xml[^>]*>\s*<(!doctype html|html))"
)
_LIBRARY = 3_000_000
_KINDS = {"f8": "d", "f4": "f", "i1": "b", "i2": "h", "i4": "i", "u1": "B", "u2": "H", "u4": "I"}


@dataclass(frozen=True, slots=True)
class Document:
    """What the page shows."""

    page: markup.Page
    scripts: bool
    drawn: list[charts.Chart] = field(default_factory=list)


def sniff(head: bytes, name: str) -> bool:
    """A document type, or an HTML element at the start."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    element = _START.match(start)
    return element is not None or (start.startswith(b"<") and name.lower().endswith((".html", ".htm", ".xhtml")))


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """What the page shows. Raises `Unreadable` where it holds an interactive plot."""
    text = decode(data)
    for tool, pattern in _PLOTS:
        if pattern.search(text):
            found = charts.chart_in_page(text)
            if found:
                return Document(markup.parse(text, limits), scripts=False, drawn=found)
            held = values_in(text)
            raise Unreadable(
                "interactive-plot",
                f"The page holds a {tool} plot with {held:,} values behind it that anybody can read.",
                "Save the figure as PNG (fig.write_image, chart.save('x.png'), export_png).",
            )
    return Document(markup.parse(text, limits), "<script" in text.lower())


def values_in(text: str) -> int:
    """How many numbers and texts the data objects of a page hold, base64 arrays decoded."""
    total = 0
    for match in re.finditer(r"<script[^>]*>(.*?)</script>", text, re.DOTALL | re.IGNORECASE):
        body = match[1]
        if len(body) > _LIBRARY and "function" in body[:2000]:  # the library itself
            continue
        total += _values(body)
    return total or _values(text)


def _values(text: str) -> int:
    """Numbers and quoted texts in a script, and numbers within its base64 arrays."""
    found = 0
    for item in re.finditer(r'"dtype"\s*:\s*"(\w\d)"\s*,\s*"bdata"\s*:\s*"([^"]*)"', text):
        found += len(bdata(item[1], item[2].encode().decode("unicode_escape", "replace")))
    plain = re.sub(r'"[A-Za-z0-9+/=\\]{200,}"', '""', text)
    return found + len(re.findall(r"[\[,]\s*(?:-?\d[\d.eE+-]*|\"[^\"]{0,200}\")\s*(?=[,\]])", plain))


def bdata(kind: str, text: str) -> tuple[float, ...]:
    """Plotly's base64 arrays as numbers."""
    code = _KINDS.get(kind)
    try:
        raw = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return ()
    size = struct.calcsize(code) if code else 0
    return struct.unpack(f"<{len(raw) // size}{code}", raw[: len(raw) // size * size]) if code else ()


def facts(document: Document) -> Facts:
    """Tables, text with numbers."""
    found = markup.facts(document.page)
    shown = "\n".join(p.text for p in document.page.parts if isinstance(p, markup.Block))
    drawn = [c.facts(f"chart {n + 1}") for n, c in enumerate(document.drawn)]
    return merge(found, *drawn, Facts(passages=(Passage(clean(shown), Source.PROSE),)))


def rebuild(document: Document) -> Rebuilt:
    """A page of fresh elements."""
    notes = tuple(n for p in document.page.parts if isinstance(p, markup.Picture) for n in p.notes)
    if document.drawn:
        notes = (*notes, charts.note(document.drawn))
    page = markup.Page([*document.page.parts, *charts.parts(document.drawn)])
    return Rebuilt(written(page), ".html", notes)


def written(page: markup.Page) -> bytes:
    """A page as a file."""
    head = '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>Result</title></head><body>\n'
    return f"{head}{markup.render(page)}</body></html>\n".encode()
