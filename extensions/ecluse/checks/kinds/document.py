"""Word documents (docx): paragraphs and tables, in a fresh document.

Kept: the text of paragraphs and headings, tables, PNG and JPEG pictures (encoded anew). Dropped: deleted and hidden
text, comments, footers, tracked changes, fields, embedded files, macros, custom XML, properties.

Worked example: a paragraph with a tracked deletion of "n = 4" is rebuilt without these words.
"""

import posixpath
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

from ecluse.checks.facts import Facts, Place, Source
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding

from . import Rebuilt, Unreadable, archive, raster
from .clean import clean_cell
from .delimited import check_size, facts_of, tables_of
from .excel import left_out
from .grid import Grid
from .layout import read_text
from .merging import merge

NAME = "docx"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_SKIPPED = frozenset(
    {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}commentReference", f"{_W}pPr"}
)
_PARTS = (
    ("word/comments", "comments"),
    ("word/footnotes", "footnotes"),
    ("word/endnotes", "endnotes"),
    ("word/header", "headers"),
    ("word/footer", "footers"),
    ("word/embeddings/", "embedded files"),
    ("word/vbaProject", "macros"),
    ("word/charts/", "charts"),
    ("customXml/", "custom XML"),
    ("docProps/custom", "custom properties"),
)
_FIX = "Save it as docx again from a word processor, or as Markdown."
_EMU = 9525
_WIDEST = 5_700_000
_UNREADABLE = 6
"""Three points, in half points."""
_GROUNDS = (
    f"rPr/{_W}shd",
    f"rPr/{_W}highlight",
    f"pPr/{_W}shd",
    f"tcPr/{_W}shd",
    f"trPr/{_W}shd",
    f"tblPr/{_W}shd",
    f"tblPr/{_W}tblStyle",
)


Spans = dict[tuple[int, int], tuple[int, str]]
"""By row and column: how many columns a cell takes, and whether it begins or goes on a cell of several rows."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, or a heading of some level (1 to 6)."""

    text: str
    level: int = 0


@dataclass(slots=True)
class Document:
    """Paragraphs, tables and pictures in order, and what else was there."""

    parts: list[Paragraph | Grid | raster.Document] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    cells: int = 0
    spans: dict[int, Spans] = field(default_factory=dict)
    """Merged cells of the tables, by their position among the parts."""


def claims(names: frozenset[str]) -> bool:
    """Whether a zip with these members is a Word document."""
    return "word/document.xml" in names


def sniff(head: bytes, name: str) -> bool:  # noqa: ARG001 - known by its members
    """A zip; `detect` looks into it."""
    return head.startswith(b"PK\x03\x04")


def _xml(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("file-malformed", f"The document can't be read: {str(error)[:200]}.", _FIX) from None
    if b"<!DOCTYPE" in data[:4096]:
        raise Unreadable("file-malformed", "The document declares a document type.", _FIX)
    return root


def read(data: bytes, limits: Limits, name: str = "") -> Document:  # noqa: ARG001 - one interface
    """Paragraphs, tables and pictures. Raises `Unreadable`."""
    parts = archive.members(data, limits, most=2000)
    document = Document(dropped=sorted({what for start, what in _PARTS if any(n.startswith(start) for n in parts)}))
    body = _xml(parts.get("word/document.xml", b"")).find(f"{_W}body")
    if body is None:
        raise Unreadable("file-malformed", "The document has no body.", _FIX)
    pictures = _pictures(parts)
    for node in body.iter(f"{_W}p", f"{_W}tbl"):
        above = {a.tag for a in node.iterancestors()}
        if above & _SKIPPED or (f"{_W}tbl" in above and node.tag == f"{_W}p"):
            continue
        if node.tag == f"{_W}tbl":  # one within a cell comes behind the table that it stands in
            grid, spans = _table(node, document, limits)
            document.spans[len(document.parts)] = spans
            document.parts.append(grid)
        else:
            _paragraph(node, document, pictures, limits)
    if not document.parts:
        raise Unreadable("file-empty", "The document shows nothing.", "Leave it out of the request.")
    return document


def _pictures(parts: dict[str, bytes]) -> dict[str, bytes]:
    """Embedded pictures by relationship id."""
    if "word/_rels/document.xml.rels" not in parts:
        return {}
    found: dict[str, bytes] = {}
    for node in _xml(parts["word/_rels/document.xml.rels"]):
        target = posixpath.normpath(posixpath.join("word", str(node.get("Target", ""))))
        if node.get("TargetMode") != "External" and target in parts and raster.sniff(parts[target][:16], target):
            found[str(node.get("Id"))] = parts[target]
    return found


def _paragraph(node: etree._Element, document: Document, pictures: dict[str, bytes], limits: Limits) -> None:
    text = _text(node)
    style = node.find(f"{_W}pPr/{_W}pStyle")
    name = str(style.get(f"{_W}val", "")) if style is not None else ""
    digits = "".join(c for c in name if c.isdigit())
    level = min(int(digits or 1), 6) if name.lower().startswith(("heading", "titre", "title")) else 0
    if text:
        document.parts.append(Paragraph(text, level))
    for blip in node.iter(f"{_A}blip"):
        found = pictures.get(str(blip.get(f"{_R}embed")))
        if found is None:
            document.dropped.append("pictures that are not PNG or JPEG")
        else:
            document.parts.append(raster.read(found, limits))


def _text(node: etree._Element) -> str:
    """Text that is seen below a node: no deletions, no hidden runs, no field codes."""
    out: list[str] = []

    def walk(at: etree._Element) -> None:
        inner = at.tag == f"{_W}tbl" and at is not node
        if at.tag in _SKIPPED or inner or (at.tag == f"{_W}r" and _hidden(at)):
            return
        if at.tag == f"{_W}t":
            out.append((at.text or "").replace("\n", " "))
        elif at.tag in (f"{_W}br", f"{_W}cr"):
            out.append("\n")
        elif at.tag == f"{_W}tab" or (at.tag == f"{_W}p" and out):  # the first paragraph begins the text
            out.append(" ")
        for child in at:
            walk(child)

    walk(node)
    return "\n".join(clean_cell(line) for line in "".join(out).split("\n")).rstrip().lstrip("\n")


def _hidden(run: etree._Element) -> bool:
    """Whether a run is marked hidden, is smaller than anybody reads, or is white on no ground of its own."""
    mark = run.find(f"{_W}rPr/{_W}vanish")
    if mark is not None and mark.get(f"{_W}val", "true") not in ("0", "false"):
        return True
    size, color = run.find(f"{_W}rPr/{_W}sz"), run.find(f"{_W}rPr/{_W}color")
    half_points = str(size.get(f"{_W}val", "")) if size is not None else ""
    if half_points.isdecimal() and int(half_points) <= _UNREADABLE:
        return True
    white = color is not None and str(color.get(f"{_W}val", "")).upper() == "FFFFFF"
    return white and not any(_ground(a) for a in (run, *run.iterancestors()))


def _ground(node: etree._Element) -> bool:
    """Whether a run, paragraph, cell or table has a ground of its own."""
    return any(node.find(f"{_W}{path}") is not None for path in _GROUNDS)


def _table(node: etree._Element, document: Document, limits: Limits) -> tuple[Grid, Spans]:
    """The texts of the cells, blank where another cell reaches, and which do. What such a cell holds nobody sees."""
    grid: Grid = []
    spans: Spans = {}
    for row in node.iterchildren(f"{_W}tr"):
        line: list[str] = []
        for cell in row.iterchildren(f"{_W}tc"):
            span, down = cell.find(f"{_W}tcPr/{_W}gridSpan"), cell.find(f"{_W}tcPr/{_W}vMerge")
            raw = str(span.get(f"{_W}val", "1")) if span is not None else "1"
            width = max(min(int(raw), 100), 1) if raw.isdecimal() and len(raw) < 5 else 1  # digits
            merge = "" if down is None else "restart" if down.get(f"{_W}val") == "restart" else "continue"
            merge = "restart" if merge and (len(grid), len(line)) not in _below(spans) else merge
            if width > 1 or merge:
                spans[len(grid), len(line)] = (width, merge)
            line += ["" if merge == "continue" else _text(cell).replace("\n", " "), *[""] * (width - 1)]
        grid.append(line)
        document.cells += len(line)
        check_size(len(grid) - 1, len(line), document.cells, limits)
    return grid, spans


def _below(spans: Spans) -> set[tuple[int, int]]:
    """Places below cells that may go on: only there does one hide what it holds."""
    return {(row + 1, column) for (row, column), (_, merge) in spans.items() if merge}


def facts(document: Document) -> Facts:
    """Tables, and the paragraphs' numbers and words."""
    found: list[Facts] = []
    number = 0
    said: list[str] = []
    for part in (*document.parts, None):
        if isinstance(part, Paragraph):
            said.append(part.text)
            continue
        if said:
            found.append(read_text("\n".join(said), "", Place(), Source.PROSE))
            said = []
        if part is None:
            break
        if isinstance(part, list):
            number += 1
            found.append(facts_of(tables_of(part, f"table {number}", Place())))
        else:
            found.append(part.lettering.facts())
    return merge(*found)


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="png" ContentType="image/png"/>'
    '<Override PartName="/word/document.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATION = (
    '<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" '
    'Target="{to}"/>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{all}</Relationships>'
)
_SPACES = (
    f'xmlns:w="{_W[1:-1]}" xmlns:r="{_R[1:-1]}" xmlns:a="{_A[1:-1]}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)


def rebuild(document: Document) -> Rebuilt:
    """A fresh docx of the same paragraphs, tables and pictures."""
    body: list[str] = []
    parts: dict[str, bytes] = {}
    relations: list[str] = []
    notes: list[Finding] = []
    for position, part in enumerate(document.parts):
        if isinstance(part, Paragraph):
            style = f'<w:pPr><w:outlineLvl w:val="{part.level - 1}"/></w:pPr>' if part.level else ""
            bold = "<w:rPr><w:b/></w:rPr>" if part.level else ""
            body.append(f"<w:p>{style}{_run(part.text, bold)}</w:p>")
        elif isinstance(part, list):
            body.append(_table_xml(part, document.spans.get(position, {})))
        else:
            number = len(relations) + 1
            made = raster.rebuild(part)
            notes += made.notes
            parts[f"word/media/image{number}.png"] = made.data
            relations.append(_RELATION.format(id=f"rId{number}", kind="image", to=f"media/image{number}.png"))
            body.append(_picture_xml(part, number))
    start = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><w:document {_SPACES}>'
    text = f"{start}<w:body>{''.join(body)}</w:body></w:document>"
    members = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": _RELATIONS.format(
            all=_RELATION.format(id="rId1", kind="officeDocument", to="word/document.xml")
        ).encode(),
        "word/document.xml": text.encode(),
        "word/_rels/document.xml.rels": _RELATIONS.format(all="".join(relations)).encode(),
        **parts,
    }
    return Rebuilt(archive.write(members), ".docx", (*left_out(document.dropped), *notes))


def _run(text: str, properties: str = "") -> str:
    said = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r>{properties}{said}</w:r>"


def _cells_xml(row: list[str], number: int, spans: Spans) -> str:
    out, column = [], 0
    while column < len(row):
        width, merge = spans.get((number, column), (1, ""))
        wide = f'<w:gridSpan w:val="{width}"/>' if width > 1 else ""
        down = f'<w:vMerge w:val="{merge}"/>' if merge else ""
        out.append(f"<w:tc><w:tcPr>{wide}{down}</w:tcPr><w:p>{_run(row[column])}</w:p></w:tc>")
        column += width
    return "".join(out)


def _table_xml(grid: Grid, spans: Spans) -> str:
    rows = [_cells_xml(row, number, spans) for number, row in enumerate(grid) if row]
    border = "".join(
        f'<w:{s} w:val="single" w:sz="4"/>' for s in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    columns = "<w:gridCol/>" * max((len(r) for r in grid), default=1)
    lines = "".join(f"<w:tr>{row}</w:tr>" for row in rows)
    head = f"<w:tblPr><w:tblBorders>{border}</w:tblBorders></w:tblPr><w:tblGrid>{columns}</w:tblGrid>"
    return f"<w:tbl>{head}{lines}</w:tbl><w:p/>"


def _picture_xml(picture: raster.Document, number: int) -> str:
    height, width = (n * _EMU for n in picture.pixels.shape[:2])
    if width > _WIDEST:
        width, height = _WIDEST, height * _WIDEST // width
    size = f'cx="{width}" cy="{height}"'
    return (
        f'<w:p><w:r><w:drawing><wp:inline><wp:extent {size}/><wp:docPr id="{number}" name="image{number}"/><a:graphic>'
        '<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic><pic:nvPicPr>'
        f'<pic:cNvPr id="{number}" name="image{number}"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>'
        f'<a:blip r:embed="rId{number}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>'
        f'<a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr></pic:pic></a:graphicData>'
        "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
