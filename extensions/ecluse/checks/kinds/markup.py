"""HTML read for its tables and text, and canonical HTML written from them.

Kept: headings, paragraphs, list items, preformatted text and tables, as plain text in fresh elements. Dropped:
attributes, scripts, styles, forms, links, pictures, comments, and elements that are hidden by an attribute;
what a style sheet hides is shown.

Worked example: pandas' `<table class="dataframe">` becomes a `<table>` of `<th>` and `<td>` with text only.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from lxml import etree
from lxml import html as lxml_html

from ecluse.checks.facts import Facts, Place, Sign, SignKind, Source
from ecluse.checks.limits import Limits
from ecluse.checks.pictures import Lettering
from ecluse.rules.finding import Finding

from . import Unreadable, raster
from .clean import clean, clean_line
from .delimited import check_size
from .grid import Grid, table_of
from .layout import read_text
from .merging import facts_of_table, merge

_UNSEEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SILENT = frozenset(
    {"script", "style", "template", "head", "svg", "math", "object", "iframe", "noscript", "select", "textarea"}
)
BLOCKS = frozenset(
    {
        "p",
        "div",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "li",
        "pre",
        "blockquote",
        "dt",
        "dd",
        "caption",
        "section",
        "article",
    }
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SHAPE = re.compile(r"\d+ rows? × \d+ columns?")
_SPAN = 100
_DATA = re.compile(r"data:image/(?:png|jpe?g);base64,", re.IGNORECASE)


Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class HtmlTable:
    """A table with its spans spread out: `heads` leading rows of `<th>` only, `stub` leading columns of `<th>`.

    `owners` are the cells that others reach over, by row and column, with the place of the cell that does.
    """

    grid: Grid
    heads: int
    stub: int
    frame: bool = False
    caption: str = ""
    owners: Mapping[Cell, Cell] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """A run of text and the element that it stands in."""

    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is in the page, as PNG bytes encoded anew; what its encoder found."""

    png: bytes
    notes: tuple[Finding, ...] = ()
    lettering: Lettering = field(default_factory=Lettering)


@dataclass(slots=True)
class Page:
    """What an HTML text shows, in order."""

    parts: list[HtmlTable | Block | Picture] = field(default_factory=list)
    pixels: int = 0
    fresh: bool = False
    """Whether a block began that has no text yet."""

    @property
    def tables(self) -> list[HtmlTable]:
        """The tables, in order."""
        return [p for p in self.parts if isinstance(p, HtmlTable)]


def parse(text: str, limits: Limits) -> Page:
    """What an HTML text shows. Raises `Unreadable` where it is too deep, too large or no HTML."""
    parser = lxml_html.HTMLParser(
        remove_comments=True, remove_pis=True, no_network=True, huge_tree=False, encoding="utf-8"
    )
    try:
        root = lxml_html.document_fromstring(text.encode() or b"<p></p>", parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise Unreadable("file-malformed", f"The HTML can't be read: {error}.", "Save the table as CSV.") from None
    page = Page()
    _walk(root, page, limits, "p", 0)
    return page


def _walk(node: etree._Element, page: Page, limits: Limits, tag: str, depth: int) -> None:
    """Collect blocks and tables below a node, depth first."""
    if depth > limits.depth * 5:
        raise Unreadable("too-deep", "The HTML is nested too deeply.", "Save the table as CSV.")
    name = node.tag if isinstance(node.tag, str) else ""
    if name in _SILENT or _hidden(node):
        return
    if name == "table":
        table = read_table(node, limits)
        if table is not None:
            page.parts.append(table)
        return
    if name == "img":
        _picture(str(node.get("src", "")), page, limits)
        return
    here = name if name in BLOCKS else tag
    page.fresh = page.fresh or name in BLOCKS
    _say(page, here, node.text, new=name in BLOCKS or name == "br")
    for child in node:
        _walk(child, page, limits, here, depth + 1)
        _say(
            page,
            here,
            child.tail,
            new=isinstance(child.tag, str) and (child.tag in BLOCKS or child.tag in ("br", "table")),
        )


def _hidden(node: etree._Element) -> bool:
    """Whether an element says itself that no reader sees it: what is not seen is no result."""
    closed = node.tag == "dialog" and node.get("open") is None
    return closed or node.get("hidden") is not None or _UNSEEN.search(str(node.get("style", ""))) is not None


def _picture(source: str, page: Page, limits: Limits) -> None:
    """Keep a picture that is in the page itself; others are not loaded."""
    match = _DATA.match(source)
    if match is None:
        return
    try:
        data = base64.b64decode("".join(source[match.end() :].split()), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("file-malformed", "A picture in the HTML is not base64.", "Save the page again.") from None
    found = raster.read(data, limits)
    page.pixels += found.pixels.shape[0] * found.pixels.shape[1]
    if page.pixels > limits.pixels * 4:
        raise Unreadable("picture-too-large", "The pictures are too large together.", "Use a lower dpi.")
    made = raster.rebuild(found)
    page.parts.append(Picture(made.data, made.notes, found.lettering))


_NOTED = re.compile(r"\d\s*\|\s*[^\d\s+\-\u2212]{1,3}\s*$")
"""A note's mark behind a number, `97<sup>a</sup>`, which is no part of it; the 2 of a square metre is."""


def _say(page: Page, tag: str, text: str | None, *, new: bool) -> None:
    """Add text to the page, as a new block or at the end of the last one."""
    if not text or not text.strip():
        return
    plain = clean(text) if tag == "pre" else clean_line(text)
    last = page.parts[-1] if page.parts else None
    new, page.fresh = new or page.fresh, False
    if not new and isinstance(last, Block) and last.tag == tag:
        page.parts[-1] = Block(tag, f"{last.text}{'' if tag == 'pre' else ' '}{plain}")
    else:
        page.parts.append(Block(tag, plain))


def _text(node: etree._Element) -> str:
    """The text below a node, without what is silent."""
    out = [node.text or ""]
    for child in node:
        name = child.tag if isinstance(child.tag, str) else ""
        if name and name not in _SILENT and not _hidden(child):
            said = _text(child)
            apart = name in BLOCKS or name == "br" or (name == "sup" and _NOTED.search(f"{''.join(out)}|{said}"))
            out.append(f" {said}" if apart else said)
        out.append(child.tail or "")
    return "".join(out)


def read_table(node: etree._Element, limits: Limits) -> HtmlTable | None:
    """A table's cells with row and column spans spread out, or none where it is empty."""
    rows = [r for r in node.iter("tr") if next(r.iterancestors("table")) is node]
    grid: Grid = []
    heads: list[bool] = []
    stubs: list[int] = []
    pending: dict[int, tuple[int, str, Cell]] = {}
    owners: dict[Cell, Cell] = {}
    cells = 0
    for row in rows:
        line: list[str] = []
        tags: list[str] = []
        for cell in [c for c in row if c.tag in ("td", "th")]:
            _carry(line, tags, pending, owners, len(grid))
            text = clean_line(_text(cell))
            across, down = _span(cell, "colspan", _SPAN), _span(cell, "rowspan", limits.rows)
            owner = (len(grid), len(line))
            for offset in range(across):
                if down > 1:
                    pending[len(line)] = (down - 1, text, owner)
                if offset:
                    owners[len(grid), len(line)] = owner
                line.append(text if not offset or cell.tag == "th" else "")
                tags.append(str(cell.tag))
        _carry(line, tags, pending, owners, len(grid))
        cells += len(line)
        check_size(len(grid) - 5, len(line), cells, limits)
        parent = row.getparent()
        in_head = parent is not None and parent.tag == "thead"
        heads.append(in_head or (bool(tags) and all(t == "th" for t in tags)))
        stubs.append(next((i for i, t in enumerate(tags) if t != "th"), len(tags)))
        grid.append(line)
    if not any(any(line) for line in grid):
        return None
    count = next(
        (i for i, h in enumerate(heads) if not h), min(len(heads), 1)
    )  # a table of headings has one row of them
    body = stubs[count:]
    caption = next((clean_line(_text(c)) for c in node if c.tag == "caption"), "")
    frame = "dataframe" in str(node.get("class", "")).split()
    stub = min(body, default=0)
    return HtmlTable(grid, count, 0 if stub >= len(grid[0]) else stub, frame, caption, owners)


def _carry(
    line: list[str], tags: list[str], pending: dict[int, tuple[int, str, Cell]], owners: dict[Cell, Cell], row: int
) -> None:
    """Cells that rows above stretch down to here."""
    while len(line) in pending:
        left, text, owner = pending.pop(len(line))
        if left > 1:
            pending[len(line)] = (left - 1, text, owner)
        owners[row, len(line)] = owner
        line.append(text)
        tags.append("th")


def _span(cell: etree._Element, name: str, most: int) -> int:
    raw = str(cell.get(name, "1"))
    return max(1, min(int(raw), most)) if raw.isdecimal() and len(raw) < 7 else 1  # digits of a span


def facts(page: Page, where: str = "", place: Place | None = None) -> Facts:
    """Tables, and the other text with its numbers."""
    base = place or Place()
    parts: list[Facts] = []
    for number, item in enumerate(page.parts):
        if isinstance(item, Block):
            found = read_text(item.text, where, base, Source.OUTPUT)
            parts.append(found)
            continue
        if isinstance(item, Picture):
            parts.append(item.lettering.facts(where, base))
            continue
        table = table_of(
            fold(item),
            name=item.caption,
            where=where or f"table {page.tables.index(item) + 1}",
            place=base,
            header_rows=(1 if item.heads else None),
            stub=item.stub or None,
            index=item.frame,
        )
        if table is None:
            continue
        parts.append(facts_of_table(table, frame=item.frame))
        after = page.parts[number + 1] if number + 1 < len(page.parts) else None
        if isinstance(after, Block) and _SHAPE.match(after.text):
            rows, columns = (int(n) for n in re.findall(r"\d+", after.text)[:2])
            parts.append(
                Facts(signs=(Sign(SignKind.SHAPE, where, base, rows=rows, columns=columns, text=after.text[:100]),))
            )
    return merge(*parts)


def fold(item: HtmlTable) -> Grid:
    """The grid with its header rows folded into one: labels joined by ` / `, an index's name put over the index."""
    if item.heads < 2:  # one header row needs no folding
        return item.grid
    width = max(len(r) for r in item.grid)
    heads = [(r + [""] * width)[:width] for r in item.grid[: item.heads]]
    line = [" / ".join(dict.fromkeys(filter(None, (row[c] for row in heads)))) for c in range(width)]
    return [line, *item.grid[item.heads :]]


def render(page: Page) -> str:
    """Canonical HTML: fresh elements around escaped text."""
    out: list[str] = []
    for item in page.parts:
        if isinstance(item, Block):
            tag = item.tag if item.tag in _HEADINGS or item.tag in ("p", "pre") else "p"
            out.append(f"<{tag}>{escape(item.text)}</{tag}>")
        elif isinstance(item, Picture):
            out.append(f'<p><img alt="" src="data:image/png;base64,{base64.b64encode(item.png).decode()}"></p>')
        else:
            out.append(render_table(item))
    return "\n".join(out) + "\n"


def render_table(item: HtmlTable) -> str:
    """A table with header cells and text only."""
    lines = ["<table>"]
    if item.caption:
        lines.append(f"<caption>{escape(item.caption)}</caption>")
    ends: dict[Cell, Cell] = {}
    owners = {cell: owner for cell, owner in item.owners.items() if (owner[0] < item.heads) is (cell[0] < item.heads)}
    for (row, column), owner in owners.items():
        last = ends.get(owner, owner)
        ends[owner] = (max(last[0], row), max(last[1], column))
    for part, numbers in (("thead", range(item.heads)), ("tbody", range(item.heads, len(item.grid)))):
        if numbers:
            lines.append(f"<{part}>")
            for row in numbers:
                cells = [
                    f"<{t}{_reach((row, column), ends)}>{escape(text)}</{t}>"
                    for column, text in enumerate(item.grid[row])
                    for t in ["th" if part == "thead" or column < item.stub else "td"]
                    if (row, column) not in owners
                ]
                lines.append("<tr>" + "".join(cells) + "</tr>")
            lines.append(f"</{part}>")
    return "\n".join([*lines, "</table>"])


def _reach(cell: Cell, ends: Mapping[Cell, Cell]) -> str:
    """The attributes of a cell that reaches over others."""
    down, across = (end - start + 1 for start, end in zip(cell, ends.get(cell, cell), strict=True))
    return (f' colspan="{across}"' if across > 1 else "") + (f' rowspan="{down}"' if down > 1 else "")
