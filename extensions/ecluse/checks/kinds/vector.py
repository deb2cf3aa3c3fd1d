"""SVG: drawn marks are counted, the drawing becomes a PNG.

A vector drawing keeps every point at full precision, so it is never passed on as one. Before it is drawn, it is written
anew from an allow-list of elements and attributes: no scripts, no styles that load, no links, no pictures from files.

Worked example: a scatter of 1000 `<use>` marks becomes pixels, with a sign of 1000 marks.
"""

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import resvg_py
from lxml import etree

from ecluse.checks.captions import captions
from ecluse.checks.facts import Facts, Passage, Place, Sign, SignKind, Source, Value
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable, raster
from .clean import clean, clean_line
from .delimited import decode
from .layout import read_text
from .merging import merge
from .numbers import parse_cell
from .rows import Point, loose, strung

NAME = "svg"
_NS = "{http://www.w3.org/2000/svg}"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SPACES: Any = {None: _NS[1:-1], "xlink": _XLINK[1:-5]}
_ELEMENTS = frozenset(
    {
        "svg", "g", "defs", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan", "use",
        "clipPath", "linearGradient", "radialGradient", "stop", "marker", "symbol", "pattern", "mask",
    }
)  # fmt: skip
_MARKS = frozenset({"use", "circle", "ellipse", "rect", "path"})
_UNSAFE = re.compile(r"url\s*\(\s*['\"]?(?!#)|@import|javascript:|expression\(|data:|https?:|file:", re.IGNORECASE)
_FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")
_MOST_ELEMENTS = 200_000
_COORDINATE = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_FEW_MARKS = 30
_LONGEST_LINE = 100_000
_WIDTH = 1600
_FIX = "Save the figure as PNG (savefig('figure.png', dpi=150))."


@dataclass(frozen=True, slots=True)
class Document:
    """The drawing as pixels, its texts, and how many marks of one form it has at most."""

    picture: raster.Document
    texts: tuple[str, ...]
    marks: int
    elements: int


def sniff(head: bytes, name: str) -> bool:
    """An `<svg` element near the start, and no HTML around it."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"<") or b"<html" in start[:2000].lower():
        return False
    return b"<svg" in start[:8192] and (start.startswith((b"<?xml", b"<svg", b"<!")) or name.lower().endswith(".svg"))


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The drawing. Raises `Unreadable`."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=False, remove_pis=True
    )
    try:
        root = etree.fromstring(decode(data).encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("file-malformed", f"The SVG can't be read: {str(error)[:200]}.", _FIX) from None
    if root.tag != _NS + "svg":
        raise Unreadable("file-malformed", "Not an SVG drawing.", _FIX)
    if b"<!ENTITY" in data:
        raise Unreadable("file-malformed", "The SVG declares entities.", _FIX)
    texts = tuple(filter(None, (clean(str(e.text or "")) for e in root.iter(etree.Comment))))
    fresh, count = _copy(root, 0, limits)
    shown = tuple(filter(None, (clean_line("".join(map(str, e.itertext()))) for e in fresh.iter(_NS + "text"))))
    if shown and not any(Path(f).is_dir() for f in _FONTS):
        raise Unreadable("svg-text", "The drawing has text as text, and the checker has no fonts to draw it.", _FIX)
    return Document(_draw(fresh, limits, text=bool(shown)), (*shown, *texts), marks(fresh), count)


def _copy(node: etree._Element, depth: int, limits: Limits) -> tuple[etree._Element, int]:
    """An element with allow-listed children and attributes only; how many elements that makes."""
    if depth > limits.depth * 2:
        raise Unreadable("too-deep", "The SVG is nested too deeply.", _FIX)
    made = etree.Element(str(node.tag), nsmap=_SPACES if depth == 0 else None)
    for key, value in node.attrib.items():
        name = str(key)
        href = name in ("href", _XLINK)
        if (href and not str(value).startswith("#")) or name.lower().startswith("on") or _UNSAFE.search(str(value)):
            continue
        if href or not name.startswith("{"):
            made.set(name, str(value))
    made.text = node.text if made.tag in (_NS + "text", _NS + "tspan") else None
    total = 1
    for child in node:
        if isinstance(child.tag, str) and child.tag.startswith(_NS) and child.tag.removeprefix(_NS) in _ELEMENTS:
            copied, count = _copy(child, depth + 1, limits)
            copied.tail = child.tail if made.tag in (_NS + "text", _NS + "tspan") else None
            made.append(copied)
            total += count
        elif isinstance(child.tag, str) and child.tag == _NS + "style":
            made.append(_style(child))
        if total > _MOST_ELEMENTS:
            raise Unreadable("too-many-marks", f"The SVG has more than {_MOST_ELEMENTS:,} elements.", _FIX)
    return made, total


def _style(node: etree._Element) -> etree._Element:
    made = etree.Element(_NS + "style", type="text/css")
    text = str(node.text or "")
    made.text = "" if _UNSAFE.search(text) else text
    return made


def marks(root: etree._Element) -> int:
    """How often the commonest form is repeated: uses of one symbol, circles, or paths of one shape."""
    found: defaultdict[str, list[Point | None]] = defaultdict(list)
    moves, lines = 0, set[Point]()
    styled = any("transform" in str(style.text) for style in root.iter(_NS + "style"))
    for node in root.iter():
        tag = str(node.tag).removeprefix(_NS)
        parent = node.getparent()
        if tag not in _MARKS or (parent is not None and str(parent.tag).removeprefix(_NS) in ("defs", "clipPath")):
            continue
        if tag == "use":
            target = str(node.get(_XLINK) or node.get("href"))
            if not re.match(r"#(?:DejaVu|STIX|Cm|.*-[0-9a-f]{2,4}$)", target):  # glyphs of text are no marks
                found[f"use {target}"].append(_place(node, "x", "y", styled=styled))
        elif tag in ("circle", "ellipse"):
            found["circle"].append(_place(node, "cx", "cy", styled=styled))
        elif tag == "path":
            outline = re.sub(r"[-+0-9.eE,\s]+", "", str(node.get("d", "")))
            found[f"path {outline[:200]}"].append(_place(node, "d", styled=styled))
            moves = max(moves, outline.count("M") + outline.count("m"))
            if re.fullmatch("ML{3,}", outline) and _place(node, "d", styled=styled):
                numbers = [float(n) for n in _COORDINATE.findall(str(node.get("d", ""))[:_LONGEST_LINE])]
                lines |= strung(list(zip(numbers[::2], numbers[1::2], strict=False)))
    return max(moves, *(loose(points, frozenset(lines)) for points in found.values()), 0)


def _place(node: etree._Element, *names: str, styled: bool) -> Point | None:
    """The first two numbers of a mark's attributes; none where something moves it from there."""
    above = (node, *node.iterancestors())
    if styled or any("transform" in f"{e.get('style', '')}{' transform' if e.get('transform') else ''}" for e in above):
        return None
    numbers = _COORDINATE.findall(" ".join(str(node.get(name, "0"))[:100] for name in names))
    return (float(numbers[0]), float(numbers[1])) if len(numbers) > 1 else None


def _draw(root: etree._Element, limits: Limits, *, text: bool) -> raster.Document:
    """The drawing as pixels on white, at most 1600 wide."""
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=etree.tostring(root, encoding="unicode"),
            background="#ffffff",
            dpi=96,
            width=_WIDTH,
            skip_system_fonts=not text,
            font_family="DejaVu Sans",
        )
    except (ValueError, RuntimeError, OverflowError, TypeError) as error:
        raise Unreadable("file-malformed", f"The SVG can't be drawn: {str(error)[:200]}.", _FIX) from None
    return raster.read(bytes(png), limits)


def facts(document: Document) -> Facts:
    """Texts as labels, and the marks as a sign."""
    written = drawing_facts("\n".join(document.texts), document.marks)
    return merge(written, document.picture.lettering.facts())


def is_tick(line: str) -> bool:
    """Whether a line is a part of an axis: numbers only, in equal steps, or one alone."""
    words = line.split()
    cells = [parse_cell(w) for w in words]
    numbers = [c.number for c in cells if isinstance(c, Value)]
    if not words or len(numbers) != len(words):
        return False
    steps = [b - a for a, b in pairwise(numbers)]
    return len(numbers) < 3 or max(steps) - min(steps) < 1e-6 * max(1.0, abs(steps[0]))  # two steps agree


def drawing_facts(text: str, count: int, where: str = "", place: Place | None = None) -> Facts:
    """Facts of a drawing: axes as labels, other texts with their numbers, and its marks where they are many."""
    base = place or Place()
    lines = text.split("\n")
    labels = "\n".join(line for line in lines if is_tick(line))
    words = "\n".join("" if is_tick(line) else line for line in lines)
    signs = (Sign(SignKind.MARKERS, where, base, rows=count),) if count > _FEW_MARKS else ()
    ticks = [Passage(labels, Source.LABEL, where, base)] if labels else []
    passages = (*ticks, *captions(words, where, base))
    return merge(read_text(words, where, base, Source.LABEL), Facts(passages=passages, signs=signs))


def rebuild(document: Document) -> Rebuilt:
    """A PNG of the drawing."""
    note = Finding(
        rule="rasterised",
        severity=Severity.NOTE,
        message=f"The drawing of {document.elements:,} elements became a picture: a vector drawing keeps exact data.",
        fix="Save the figure as PNG to choose its resolution yourself.",
    )
    return Rebuilt(raster.encode(document.picture.pixels), ".png", (note, *raster.unread(document.picture.lettering)))
