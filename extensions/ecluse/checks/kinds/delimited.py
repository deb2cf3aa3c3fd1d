r"""CSV and TSV: the dialect is read, the cells are kept as written, the file is written anew.

Kept: cells, as text in canonical Unicode. Dropped: the dialect, a byte order mark, invisible characters, digits that
no number of the machine can hold. Cells that a spreadsheet would run as a formula get a leading apostrophe.

Worked example: `région;n\\nNord;1 234` in Latin-1 becomes `région,n\\nNord,1 234` in UTF-8.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ecluse.checks.facts import Facts, Place, Source, Table, Text
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity

from . import Rebuilt, Unreadable
from .clean import clean_cell
from .grid import Grid, table_of
from .layout import read_text
from .merging import facts_of_table, merge
from .numbers import parse_cell

NAME = "csv"
_COMMENT = re.compile(r"#+ ?[^\W\d]")
_DELIMITERS = ",;\t|"
_MARKED_UP = (".md", ".markdown", ".rmd", ".qmd", ".tex", ".ltx", ".rst")
"""Names of texts whose tables are written with bars or signs of their own."""
_SAMPLE = 65536
_LEVELS = 3
"""Rows of headings that a frame seldom exceeds."""
_DIGITS = 18
"""Characters that the 17 digits of a double may take."""
_LONG_NUMBER = re.compile(r"([+-]?\d*\.\d{17,})([eE][+-]?\d+)?")
_FORMULA = "=+-@"
_REACHING = re.compile(r"[|!\"'\[\]{}@\\]|(?<![A-Za-z\d_.])\$?[A-Za-z]{1,3}\$?\d{1,7}(?![A-Za-z\d_(.])|^.=")
"""What a formula needs to reach another cell, file or program."""
_CALL = re.compile(r"([A-Za-z_.][\w.]*)\(")
_LOGARITHMS = frozenset({"log", "log2", "log10", "ln", "exp", "sqrt", "abs"})


@dataclass(frozen=True, slots=True)
class Document:
    """The cells, row by row, in canonical text. `neutralised` counts cells that began like a formula."""

    grid: Grid
    neutralised: int = 0


def sniff(head: bytes, name: str) -> bool:
    """Text whose first lines split into the same number of cells; or a name that says so."""
    if b"\0" in head[:4096] and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    if name.lower().endswith(_MARKED_UP):
        return False
    named = name.lower().endswith((".csv", ".tsv", ".tab"))
    text = decode(head, final=False)
    lines = [line for line in text.splitlines()[:20] if line.strip()]
    if len(head) >= 4096:  # the head is cut there, and its last line with it
        lines = lines[:-1] or lines
    if not lines:
        return False
    if named:
        return not text.lstrip().startswith(("<", "{", "%PDF"))
    if re.match(r"\s*(?:array\()?\[\s*\[", text):  # a printed array
        return False
    widths = [len(row) for row in csv.reader(lines, delimiter=_delimiter(text))] if "\r" not in text else []
    return len(widths) > 2 and min(widths) == max(widths) > 1  # two lines agree by chance


def decode(data: bytes, *, final: bool = True) -> str:
    """Text of bytes: by its byte order mark, else UTF-8, else Windows-1252 (French spreadsheets).

    Raises `Unreadable` for what is none of these.
    """
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            try:
                return data.decode(encoding, "strict" if final and encoding != "utf-16" else "replace")
            except UnicodeDecodeError:
                raise Unreadable(
                    "file-malformed", "The file says that it is UTF-8 and is not.", "Save it as UTF-8 text."
                ) from None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        if not final and error.start >= len(data) - 4:
            return data[: error.start].decode("utf-8")
    if b"\0" in data:
        if not final:
            return ""
        raise Unreadable("file-malformed", "The file is not text: it holds zero bytes.", "Save it as UTF-8 text.")
    return data.decode("cp1252", "replace")


def _delimiter(text: str) -> str:
    """The delimiter that splits the first lines most evenly."""
    lines = [line for line in text[:_SAMPLE].splitlines()[:50] if line.strip()]

    def score(delimiter: str) -> tuple[float, int, int]:
        widths = [len(r) for r in csv.reader(lines, delimiter=delimiter)]
        common = max(set(widths), key=widths.count, default=1)
        return (
            widths.count(common) / max(1, len(widths)) if common > 1 else 0.0,
            common,
            -_DELIMITERS.index(delimiter),
        )

    try:
        return max(_DELIMITERS, key=score)
    except csv.Error:
        return ","


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """The cells. Raises `Unreadable` past the limits."""
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    grid: Grid = []
    cells = 0
    csv.field_size_limit(max(1024, limits.text))
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)):
            grid.append(row if _is_plain(row) else [_cell(c) for c in row])
            cells += len(row)
            check_size(len(grid) - 1, len(row), cells, limits)
    except csv.Error as error:
        raise Unreadable("file-malformed", f"Not a CSV file: {error}.", "Write it again with pandas' to_csv.") from None
    while grid and not any(grid[-1]):
        grid.pop()
    if not grid:
        raise Unreadable("file-empty", "The file holds no cells.", "Leave it out of the request.")
    neutral = [[neutralise(c) for c in row] for row in grid]
    differ = [(x, y) for x, y in zip(grid, neutral, strict=True) if x != y]
    changed = sum(a != b for x, y in differ for a, b in zip(x, y, strict=True))
    return Document(neutral, changed)


def check_size(rows: int, columns: int, cells: int, limits: Limits) -> None:
    """Raise `Unreadable` where a table is larger than the policy allows."""
    if rows > limits.rows:
        raise Unreadable(
            "too-many-rows",
            f"The table has more than {limits.rows:,} rows.",
            "Release aggregates, not rows: group the data and count.",
        )
    if columns > limits.columns or cells > limits.cells:
        raise Unreadable(
            "too-many-cells",
            f"The table has more than {limits.columns:,} columns or {limits.cells:,} cells.",
            "Release fewer columns, or several smaller tables.",
        )


def _is_plain(row: list[str]) -> bool:
    """Whether all cells of a row stay as they are, as nearly all do."""
    line = "".join(row)
    plain = line.isascii() and line.isprintable() and max(map(len, row), default=0) <= _DIGITS
    return plain and (" " not in line or all(cell == cell.strip(" ") for cell in row))


def _cell(text: str) -> str:
    text = (
        clean_cell(text)
        if not text.isascii() or not text.isprintable() or text[:1] == " " or text[-1:] == " "
        else text
    )
    if len(text) > _DIGITS and (found := _LONG_NUMBER.fullmatch(text)):
        return repr(float(found[0]))
    return text


def neutralise(text: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe before `=`, `+`, `-`, `@`, unless words or a number follow."""
    if text[:1] in _FORMULA and text and isinstance(parse_cell(text), Text) and any(c.isalnum() for c in text):
        return text if _harmless(text) else "'" + text
    return text


def _harmless(text: str) -> bool:
    """Whether a cell that begins with a sign reaches no other file, program or cell, and calls logarithms only.

    `-log2(p)` of lifelines, `-2 log L`, `- Women (n = 5)` and `-16154.` are so; `-cmd|'/C calc'!A0` and `+A1` are not.
    """
    if text[0] not in "+-" or _REACHING.search(text):
        return False
    return all(name.lower() in _LOGARITHMS for name in _CALL.findall(text))


def blocks(grid: Grid) -> list[tuple[int, Grid]]:
    """Tables of one sheet that are parted by empty rows, each with the row where it starts."""
    found: list[tuple[int, Grid]] = []
    start, part = 0, Grid()
    for number, row in enumerate([*grid, []]):
        if any(c.strip() for c in row):
            if not part:
                start = number
            part.append(row)
        elif part:
            found.append((start, part))
            part = []
    return found


def _headed(parts: list[tuple[int, Grid]]) -> Iterator[tuple[int, Grid, int | None]]:
    """Tables, with how many rows are their header where that is known.

    Below a header of several levels pandas' `to_excel` leaves a line for the name of the index: blank without one.
    """
    above: tuple[int, Grid] | None = None
    for start, part in parts:
        if above is not None and _heads(above, start, part):
            yield above[0], [*above[1], *part], len(above[1])
            above = None
            continue
        if above is not None:
            yield *above, None
        above = (start, part)
    if above is not None:
        yield *above, None


def _heads(above: tuple[int, Grid], start: int, part: Grid) -> bool:
    """Whether a block is nothing but levels of headings, whose last names the last column of the next block."""
    first, rows = above
    last = max((n for row in part for n, cell in enumerate(row) if cell.strip()), default=0)
    ends = [max(n for n, cell in enumerate(row) if cell.strip()) for row in rows]
    blank = all(not row[0].strip() for row in rows)
    levels = 1 < len(rows) <= _LEVELS and start == first + len(rows) + 1
    return levels and blank and bool(part[0][0].strip()) and ends[-1] == last and len(set(rows[-1])) > 1


def tables_of(grid: Grid, where: str = "", place: Place | None = None, name: str = "") -> list[Table]:
    """The tables of a grid."""
    base = place or Place()
    found = []
    for start, part, heads in _headed(blocks(grid)):
        place_of = base.model_copy(update={"line": start})
        table = table_of(part, name=name, where=where, place=place_of, header_rows=heads)
        if table is not None:
            found.append(table)
    return found


def facts_of(tables: list[Table], *, frame: bool = False) -> Facts:
    """Facts of tables: themselves, their words and their signs."""
    return merge(*(facts_of_table(t, frame=frame) for t in tables))


def facts(document: Document) -> Facts:
    """One table per block of rows; lines of comments above, between and below them are text."""
    said = _comments(document.grid)
    tables = facts_of(tables_of([[] if n in said else row for n, row in enumerate(document.grid)]))
    text = "\n".join(line.lstrip("# ") for line in said.values())
    return merge(tables, read_text(text, "comments", source=Source.PROSE)) if said else tables


def _comments(grid: Grid) -> dict[int, str]:
    """Lines that begin with `#` and split otherwise than the table does; a heading `# patients` splits as it does."""
    marked = [n for n, row in enumerate(grid) if row and _COMMENT.match(row[0])]
    width = max((len(row) for n, row in enumerate(grid) if n not in marked), default=0)
    return {n: ", ".join(grid[n]) for n in marked if len(grid[n]) != width > 0}


def rebuild(document: Document) -> Rebuilt:
    r"""UTF-8, commas, `\\n`, quotes only where needed."""
    notes: tuple[Finding, ...] = ()
    if document.neutralised:
        notes = (
            Finding(
                rule="formula-neutralised",
                severity=Severity.NOTE,
                message=f"{document.neutralised} cells began like a formula and got an apostrophe.",
                fix="Write values, not formulas.",
            ),
        )
    return Rebuilt(write(document.grid), ".csv", notes)


def write(grid: Grid) -> bytes:
    """Cells as canonical CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerows(grid)
    return out.getvalue().encode()
