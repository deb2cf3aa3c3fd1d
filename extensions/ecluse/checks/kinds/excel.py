"""Excel workbooks (xlsx, xlsm): visible values only, in a fresh workbook.

Kept: values of visible sheets, rows and columns; of formulas the value last computed; plain number formats. Dropped
and named: hidden and very hidden sheets, hidden rows and columns, comments, defined names, pivot caches, charts,
pictures, macros, links to other files, styles, document properties.

Worked example: a workbook with a very hidden sheet `raw` of 686 rows is rebuilt without it, and a note says so.
"""

import io
import math
import re
import warnings
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from ecluse.checks.facts import Facts, Passage, Place, Source
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable, archive
from .clean import clean_cell, clean_line
from .delimited import check_size, facts_of, neutralise, tables_of
from .merging import merge

NAME = "excel"
_ROW = re.compile(rb"<(?:\w+:)?row[\s>/]")
_FORMATS = frozenset({"General", "0", "0.0", "0.00", "0.000", "#,##0", "#,##0.00", "0%", "0.0%", "0.00%", "0.00E+00"})
_PARTS = (
    ("xl/pivotCache/", "a pivot cache (it keeps the rows behind a pivot table)"),
    ("xl/vbaProject", "macros"),
    ("xl/externalLinks/", "links to other workbooks"),
    ("xl/comments", "comments"),
    ("xl/threadedComments", "comments"),
    ("xl/charts/", "charts"),
    ("xl/media/", "pictures"),
    ("xl/embeddings/", "embedded files"),
    ("customXml/", "custom XML"),
    ("docProps/custom", "custom properties"),
    ("xl/connections", "data connections"),
    ("xl/queryTables", "queries"),
)
Cell = tuple[Any, str]
_FIX = "Save the table again with pandas' to_excel, or as CSV."


@dataclass(slots=True)
class Sheet:
    """A visible sheet: its title and its cells as (value, number format)."""

    title: str
    rows: list[list[Cell]]


@dataclass(slots=True)
class Document:
    """Visible sheets, and what else was there."""

    sheets: list[Sheet] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - known by its members
    """A zip that starts like an office file; `detect` looks into it."""
    return head.startswith(b"PK\x03\x04")


def claims(names: frozenset[str]) -> bool:
    """Whether a zip with these members is a workbook."""
    return "xl/workbook.xml" in names


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The visible values. Raises `Unreadable`."""
    parts = archive.members(data, limits, most=2000)
    document = Document(dropped=sorted({what for start, what in _PARTS if any(n.startswith(start) for n in parts)}))
    for part, content in parts.items():
        if part.startswith("xl/worksheets/"):
            check_size(len(_ROW.findall(content)) - 1, 0, 0, limits)
        if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:65536]:
            raise Unreadable("file-malformed", "The workbook declares entities.", _FIX)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), data_only=True, keep_links=False, keep_vba=False)
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        SyntaxError,
        IndexError,
    ) as error:
        raise Unreadable("file-malformed", f"The workbook can't be read ({type(error).__name__}).", _FIX) from None
    if book.defined_names:
        document.dropped.append("defined names")
    cells = 0
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            document.dropped.append("hidden sheets")
            continue
        rows = _rows(sheet, document, limits)
        cells += sum(len(r) for r in rows)
        check_size(0, 0, cells, limits)
        document.sheets.append(Sheet(_title(sheet.title, len(document.sheets)), rows))
    if not any(s.rows for s in document.sheets):
        raise Unreadable("file-empty", "The workbook shows no values.", _FIX)
    return document


def _title(title: str, number: int) -> str:
    return re.sub(r"[\\/*?:\[\]]", " ", clean_line(title)).strip(" '")[:31] or f"Sheet{number + 1}"


def _rows(sheet: Worksheet, document: Document, limits: Limits) -> list[list[Cell]]:
    """Cells of visible rows and columns, with empty rows and columns at the ends left out."""
    height, width = sheet.max_row or 0, sheet.max_column or 0
    check_size(height - 1, width, height * width, limits)
    columns = _hidden_columns(sheet, width)
    rows: list[list[Cell]] = []
    for row in sheet.iter_rows(min_row=1, max_row=height, max_col=width):
        dimension = sheet.row_dimensions.get(row[0].row or 0) if row else None
        if dimension is not None and (dimension.hidden or dimension.height == 0):
            document.dropped.append("hidden rows")
            continue
        shown = [c for c in row if c.column not in columns]
        hidden = {c.column for c in shown if c.value is not None and c.has_style and _unseen(c)}
        if hidden:
            document.dropped.append("cells whose style hides them")
        rows.append([(None, "General") if c.column in hidden else _value(c) for c in shown])
    if columns:
        document.dropped.append("hidden columns")
    while rows and all(v is None for v, _ in rows[-1]):
        rows.pop()
    used = max((max((i + 1 for i, (v, _) in enumerate(r) if v is not None), default=0) for r in rows), default=0)
    return [r[:used] for r in rows]


def _hidden_columns(sheet: Worksheet, width: int) -> set[int]:
    hidden: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden or dimension.width == 0:
            hidden.update(range(dimension.min or 1, min(dimension.max or 1, width) + 1))
    return hidden


def _unseen(cell: Any) -> bool:
    """Whether a cell's style hides its value: a format that prints nothing, or white on no fill."""
    if str(cell.number_format).strip() and not str(cell.number_format).strip("; "):
        return True
    color = cell.font.color if cell.font is not None else None
    white = color is not None and color.type == "rgb" and str(color.rgb)[-6:].upper() == "FFFFFF"
    return white and (cell.fill is None or cell.fill.fill_type is None)


def _value(cell: Any) -> Cell:
    """A value that can be written again: number, truth value, text or nothing."""
    value = cell.value
    if value is None or isinstance(value, bool):
        return value, "General"
    if isinstance(value, int | float):
        if isinstance(value, float) and not math.isfinite(value):
            return None, "General"
        style = str(cell.number_format)
        return value, style if style in _FORMATS else "General"
    if isinstance(value, date | time | timedelta):
        return _moment(value)
    text = neutralise(clean_cell(str(value)))
    return text or None, "General"


def _moment(value: date | time | timedelta) -> Cell:
    """A day or a second as a date, which is written as it is; a time or a duration as text."""
    if not isinstance(value, date):
        return value.isoformat() if isinstance(value, time) else str(value), "General"
    if isinstance(value, datetime) and value.time() != time():
        return value.replace(microsecond=0, tzinfo=None), "yyyy-mm-dd hh:mm:ss"
    return datetime(value.year, value.month, value.day), "yyyy-mm-dd"  # noqa: DTZ001 - the format has no zones


def _shown(cell: Cell) -> str:
    """A cell as text, percentages as they are seen."""
    value, style = cell
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat().replace("T00:00:00", "")
    if isinstance(value, int | float) and not isinstance(value, bool) and style.endswith("%"):
        return f"{round(value * 100, 10):.12g} %"
    return str(value)


def facts(document: Document) -> Facts:
    """The tables of every visible sheet."""
    found: list[Facts] = []
    for sheet in document.sheets:
        where = f"sheet {sheet.title!r}"
        grid = [[_shown(c) for c in row] for row in sheet.rows]
        found.append(facts_of(tables_of(grid, where, Place(sheet=sheet.title), sheet.title)))
        found.append(Facts(passages=(Passage(sheet.title, Source.NAME, where),)))
    return merge(*found)


def rebuild(document: Document) -> Rebuilt:
    """A fresh workbook of values."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for sheet in document.sheets:
        made = book.create_sheet(sheet.title)
        for number, row in enumerate(sheet.rows, 1):
            for column, (value, style) in enumerate(row, 1):
                if value is not None:
                    cell = made.cell(number, column, value)
                    cell.number_format = style
                    if isinstance(value, str):
                        cell.data_type = "s"
    book.properties.creator = ""
    book.properties.created = book.properties.modified = datetime(1980, 1, 1)  # noqa: DTZ001 - the format has no zones
    out = io.BytesIO()
    book.save(out)
    parts = archive.members(out.getvalue(), Limits(), most=2000)
    parts["docProps/core.xml"] = re.sub(
        rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", parts["docProps/core.xml"]
    )
    return Rebuilt(archive.write(parts), ".xlsx", tuple(left_out(document.dropped)))


def left_out(dropped: list[str]) -> list[Finding]:
    """Notes on what was left out, each once."""
    return [
        Finding(
            rule="left-out",
            severity=Severity.NOTE,
            message=f"Left out of the rebuilt file: {what}.",
            fix="Put what should be released into visible cells or text.",
        )
        for what in dict.fromkeys(dropped)
    ]
