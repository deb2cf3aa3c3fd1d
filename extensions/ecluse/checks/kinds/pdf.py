"""PDF: every page is drawn, and the drawings make a new PDF.

Kept: what a page shows, as pixels. Dropped: attachments, scripts, forms, links, metadata, objects off the page, text
that is not seen, exact coordinates. Drawing operations are counted, because a scatter in a PDF keeps each point.

Worked example: a matplotlib PDF with 1000 points becomes one page of pixels, with a sign of 1000 marks.
"""

import io
import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pikepdf
import pypdfium2

from ecluse.checks import pictures
from ecluse.checks.facts import Facts, Place, Source
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable, raster
from .clean import clean
from .layout import read_text
from .merging import merge
from .rows import Point, loose, strung
from .vector import drawing_facts, is_tick

NAME = "pdf"
_PIECE = 1 << 20
_DPI = 150
_PAGES = 60
_OPERATIONS = 500_000
_LONGEST_LINE = 20_000
_FEW_STROKES = 3
"""Like strokes of a page of text: rules of a heading. A drawing has more, a box plot with outliers hardly more."""
_TICKS = 2
"""Lines of bare numbers from which a page has an axis; one may be its own number."""
_MOST_TEXTS = 800
"""Pieces of text of a page whose places are looked at."""
_FIX = "Save figures as PNG and tables as CSV."
_DRAWS = frozenset({"f", "F", "f*", "S", "s", "B", "B*", "b", "b*"})
_PATH = frozenset({"m", "l", "c", "v", "y", "re", "h"})


@dataclass(slots=True)
class Document:
    """Pages: their pixels, their text, and how often the commonest form is drawn."""

    pixels: list[np.ndarray] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)
    lettering: list[pictures.Lettering] = field(default_factory=list)
    placed: list[pictures.Lettering] = field(default_factory=list)
    """The texts of each page with their places: what stands in rows and columns is a table."""


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - known by its magic
    """PDF's magic within the first KiB."""
    return b"%PDF-" in head[:1024]


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The pages. Raises `Unreadable`."""
    document = Document()
    document.marks = _marks(data, limits)
    try:
        book = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("file-malformed", f"The PDF can't be read: {str(error)[:200]}.", _FIX) from None
    try:
        if len(book) > _PAGES or len(book) == 0:
            raise Unreadable("too-many-pages", f"The PDF has {len(book)} pages; 1 to {_PAGES} are allowed.", _FIX)
        for number in range(len(book)):
            _page(book, number, document, limits)
    except pypdfium2.PdfiumError as error:
        raise Unreadable("file-malformed", f"A page can't be drawn: {str(error)[:200]}.", _FIX) from None
    finally:
        book.close()
    return document


def _page(book: "pypdfium2.PdfDocument", number: int, document: Document, limits: Limits) -> None:
    page = book[number]
    width, height = page.get_size()
    scale = _DPI / 72
    pixels = int(width * scale) * int(height * scale)
    used = sum(p.shape[0] * p.shape[1] for p in document.pixels)
    if not 0 < pixels <= limits.pixels or used + pixels > limits.pixels * 6:
        raise Unreadable("picture-too-large", "The PDF's pages are too large to draw.", _FIX)
    picture = page.render(scale=scale, may_draw_forms=False, draw_annots=False).to_pil().convert("RGB")
    array = np.asarray(picture, dtype=np.uint8)
    grey = (array[..., 0] == array[..., 1]).all() and (array[..., 1] == array[..., 2]).all()
    document.pixels.append(np.ascontiguousarray(array[..., 0] if grey else array))
    document.sizes.append((width, height))
    text = page.get_textpage()
    document.texts.append(clean(text.get_text_bounded()))
    document.placed.append(_placed(text, height))
    # Letters may be drawn as lines or pixels: a page of text alone is read from its text.
    drawn = document.marks[number] > _FEW_STROKES if number < len(document.marks) else True
    pictured = any(True for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=8))
    seen = drawn or pictured or not document.texts[-1].strip()
    document.lettering.append(pictures.read(document.pixels[-1]) if seen else pictures.Lettering())


def _placed(text: "pypdfium2.PdfTextpage", height: float) -> pictures.Lettering:
    """The texts of a page, each with its box in quarters of a point from the top left."""
    items = []
    for number in range(min(text.count_rects(), _MOST_TEXTS)):
        left, bottom, right, top = text.get_rect(number)
        said = clean(text.get_text_bounded(left, bottom, right, top)).strip()
        high, low, near, far = (round(4 * edge) for edge in (height - top, height - bottom, left, right))
        items.append(pictures.Item(said, 100.0, high, near, low, far, len(said) > 1 and low - high > 2 * (far - near)))
    return pictures.Lettering(tuple(sorted((i for i in items if i.text), key=lambda i: (i.top, i.left))))


def _check_streams(book: pikepdf.Pdf, limits: Limits) -> None:
    """Raise `Unreadable` where a packed stream is far longer than a page or a picture needs; nothing is kept of it."""
    for item in book.objects:
        if isinstance(item, pikepdf.Stream) and "/FlateDecode" in str(item.get("/Filter")):
            packed = zlib.decompressobj()
            try:
                packed.decompress(item.read_raw_bytes(), 1)
                rest, length = packed.unconsumed_tail, 0
                while rest and length <= limits.bytes * 8:
                    length += len(packed.decompress(rest, _PIECE))
                    rest = packed.unconsumed_tail
            except zlib.error:  # of another filter first, or broken: the reader says so
                continue
            if length > limits.bytes * 8:
                raise Unreadable("archive-bomb", "The PDF unpacks to far more than it holds.", _FIX)


def _marks(data: bytes, limits: Limits) -> list[int]:
    """Per page how often the commonest drawing operation with the commonest operand count is used."""
    found: list[int] = []
    try:
        with pikepdf.open(io.BytesIO(data)) as book:
            if book.is_encrypted:
                raise Unreadable("file-malformed", "The PDF is encrypted.", "Save it without a password.")
            _check_streams(book, limits)
            for page in list(book.pages)[: _PAGES + 1]:
                found.append(_repeats(page))  # noqa: PERF401 - a page that breaks is named by the error
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, AttributeError) as error:
        raise Unreadable("file-malformed", f"The PDF can't be read ({type(error).__name__}).", _FIX) from None
    return found


@dataclass(slots=True)
class _Pen:
    """What a page has drawn so far: the places of each form, the path that is begun, and where the pen stands."""

    forms: defaultdict[str, list[Point | None]] = field(default_factory=lambda: defaultdict(list))
    lines: set[Point] = field(default_factory=set)
    shape: list[str] = field(default_factory=list)
    path: list[Point] = field(default_factory=list)
    at: Point | None = (0.0, 0.0)
    kept: list[Point | None] = field(default_factory=list)

    def go(self, operator: str, operands: Any) -> None:
        """One operation of a content stream."""
        if operator == "Do":
            self.forms[f"Do {operands[0]}"].append(self.at)
        elif operator in _DRAWS:
            self._draw(operator)
        elif operator in _PATH:
            if len(self.path) < _LONGEST_LINE:
                self.path.append(_point(operands))
            self.shape.append(operator)
        elif operator == "n":  # a path that only clips
            self.shape, self.path = [], []
        else:
            self._move(operator, operands)

    def _draw(self, operator: str) -> None:
        one = self.at is not None and sum(part in ("m", "re") for part in self.shape) == 1
        start = self.path[0] if self.path else (0.0, 0.0)
        self.forms[f"{''.join(self.shape[:200])} {operator}"].append(_moved(self.at, start) if one else None)
        if operator == "S" and self.at is not None and set(self.shape[1:]) == {"l"}:
            self.lines |= strung([(self.at[0] + x, self.at[1] + y) for x, y in self.path])
        self.shape, self.path = [], []

    def _move(self, operator: str, operands: Any) -> None:
        if operator == "q":
            self.kept.append(self.at)
        elif operator == "Q" and self.kept:
            self.at = self.kept.pop()
        elif operator == "cm":
            matrix = [float(n) for n in operands]
            self.at = _moved(self.at, _point(matrix[4:])) if matrix[:4] == [1, 0, 0, 1] else None


def _repeats(page: pikepdf.Page) -> int:
    """How often the commonest form is drawn: one symbol, or paths of the same operations; axes and bars are none."""
    pen = _Pen()
    for number, item in enumerate(pikepdf.parse_content_stream(page)):
        if number > _OPERATIONS:
            raise Unreadable("too-many-marks", f"A page has more than {_OPERATIONS:,} operations.", _FIX)
        pen.go(str(item.operator), item.operands)
    return max((loose(points, frozenset(pen.lines)) for points in pen.forms.values()), default=0)


def _point(operands: Iterable[Any]) -> Point:
    """Where a path begins, or how far what follows is moved."""
    numbers = [float(n) for n in operands]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (0.0, 0.0)


def _moved(at: Point | None, by: Point) -> Point | None:
    """A place, moved; of what is turned or stretched the place is not known."""
    return None if at is None else (at[0] + by[0], at[1] + by[1])


def facts(document: Document) -> Facts:
    """Text of the pages with its tables and numbers; marks as signs."""
    found: list[Facts] = []
    for number, (text, marks) in enumerate(zip(document.texts, document.marks, strict=False)):
        where, place = f"page {number + 1}", Place(page=number)
        # Where a page draws, its axes are no results; a rule or the box around a table draws nothing.
        drawn = marks > _FEW_STROKES or (marks and sum(map(is_tick, text.split("\n"))) >= _TICKS)
        found.append(drawing_facts(text, marks, where, place) if drawn else read_text(text, where, place, Source.PROSE))
        found.append(document.lettering[number].facts(where, place))
        placed = document.placed[number].facts(where, place)
        # The words of a page of text are read above; of a drawing, what stands beside its marks counts too.
        found.append(
            Facts(tables=placed.tables, series=placed.series if marks else (), numbers=placed.numbers if marks else ())
        )
    return merge(*found)


def rebuild(document: Document) -> Rebuilt:
    """A PDF of pictures, nothing else in it."""
    book = pikepdf.new()
    for pixels, (width, height) in zip(document.pixels, document.sizes, strict=True):
        grey = pixels.ndim == 2  # height and width only
        image = pikepdf.Stream(book, pixels.tobytes())
        image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
        image.Width, image.Height, image.BitsPerComponent = pixels.shape[1], pixels.shape[0], 8
        image.ColorSpace = pikepdf.Name.DeviceGray if grey else pikepdf.Name.DeviceRGB
        content = pikepdf.Stream(book, f"{width:.2f} 0 0 {height:.2f} 0 0 cm /I Do".encode())
        page = pikepdf.Dictionary(
            Type=pikepdf.Name.Page,
            MediaBox=[0, 0, round(width, 2), round(height, 2)],
            Resources=pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=book.make_indirect(image))),
            Contents=book.make_indirect(content),
        )
        book.pages.append(pikepdf.Page(book.make_indirect(page)))
    out = io.BytesIO()
    book.save(out, compress_streams=True, recompress_flate=True, static_id=True, fix_metadata_version=False)
    note = Finding(
        rule="rasterised",
        severity=Severity.NOTE,
        message=f"The {len(document.pixels)} pages became pictures: a PDF keeps text and data that no page shows.",
        fix="Send tables as CSV and figures as PNG to keep them usable.",
    )
    unread = [n for lettering in document.lettering for n in raster.unread(lettering)]
    return Rebuilt(out.getvalue(), ".pdf", (note, *unread[:1]))
