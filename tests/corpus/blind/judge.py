"""Run a case through the whole check; say whether a leak was caught, and what a safe result lost."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import docx
import lxml.html
import numpy as np
import openpyxl
import pyarrow.parquet as pq
import pypdfium2 as pdfium
from PIL import Image

from corpus.kinds.unpack import unpacked
from ecluse.checks import Context, check_files
from ecluse.checks.report import Released
from ecluse.checks.sandbox import Sandbox
from ecluse.rules.finding import CheckReport, CheckVerdict
from ecluse.rules.policy import OutputRules

from .case import Case, File


@dataclass(frozen=True, slots=True)
class Answer:
    """`why`: the findings above a note, as rule and place. `lost`: what the rebuilt files no longer hold."""

    passed: bool
    why: tuple[str, ...]
    rebuilt: tuple[bytes, ...]
    lost: tuple[str, ...]


def run(case: Case, sandbox: Sandbox) -> Answer:
    """Check the case's files as one request."""
    released = [Released("demo-1", name, data) for name, data in case.released]
    context = Context(project="demo", pseudonyms=case.pseudonyms)
    report, made = check_files(list(case.files), OutputRules(), context, released=released, sandbox=sandbox)
    why = {f"{f.rule} @ {f.where}: {f.message}" for file in report.files for f in file.findings if f.severity != "note"}
    passed = report.verdict is CheckVerdict.PASS
    lost = tuple(missing(case.files, report, made)) if passed and not case.leak else ()
    return Answer(passed, tuple(sorted(why)), tuple(made.values()), lost)


def caught(case: Case, answer: Answer) -> bool:
    """Held by its verdict, or every payload gone from all that is rebuilt."""
    if not answer.passed:
        return True
    everything = b"\0".join(unpacked(data) for data in answer.rebuilt)
    texts = {everything.decode("utf-8", "ignore"), everything.decode("utf-16-le", "ignore")}
    there = any(p in text for p in case.payload for text in texts)
    invisible = any(
        0xE0000 <= ord(c) <= 0xE01EF or c in "\u200b\u200c\u200d" for c in everything.decode("utf-8", "ignore")
    )
    return bool(case.payload) and not there and not invisible


def missing(files: tuple[File, ...], report: CheckReport, made: dict[str, bytes]) -> list[str]:
    """What the rebuilt files of a request no longer hold."""
    out = []
    for (name, data), file in zip(files, report.files, strict=True):
        if file.rebuilt is None:
            out.append(f"{name}: not rebuilt")
        else:
            out += [f"{name}: {what}" for what in compare(name, data, file.rebuilt.path, made[file.rebuilt.sha256])]
    return out


def compare(name: str, old: bytes, new_name: str, new: bytes) -> list[str]:
    """Content of both forms, read with other readers than the checker's."""
    kind, other = PurePath(name).suffix, PurePath(new_name).suffix
    if kind == ".zip":
        return _members(old, new)
    if other in (".png", ".jpg", ".jpeg", ".pdf"):
        return _pixels(kind, old, new)
    read = READERS.get(kind, _text)
    if kind == other == ".html" and b"<script" in old and b"<img" in new:  # a chart: its table and picture are added
        gone = set(_html(old).split()) - set(_html(new).split())
        return [f"the page lost {sorted(gone)[:5]}"] if gone else []
    if kind == other:
        return [] if read(old) == read(new) else [f"{kind} changed"]
    gone = set(words(read(old))) - set(words(READERS.get(other, _text)(new)))
    return [f"{kind} became {other} and lost {sorted(gone)[:5]}"] if gone else []


def words(data: Any) -> list[str]:
    lines = isinstance(data, list) and data and isinstance(data[0], str)
    return re.findall(r"\w+", "\n".join(data) if lines else str(data))


def _members(old: bytes, new: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(old)) as before, zipfile.ZipFile(io.BytesIO(new)) as after:
        stems = {PurePath(n).stem: n for n in after.namelist()}
        out = []
        for name in before.namelist():
            there = stems.get(PurePath(name).stem)
            out += compare(name, before.read(name), there, after.read(there)) if there else [f"{name} gone"]
        return out


def _pixels(kind: str, old: bytes, new: bytes) -> list[str]:
    after = _picture(new)
    if kind not in (".png", ".jpg", ".jpeg"):  # a drawing made a picture: it shows something
        return [] if np.asarray(after).std() > 1 else [f"{kind} became a blank picture"]
    before = Image.open(io.BytesIO(old)).convert("RGB")
    if before.size != after.size:
        return ["the size changed"]
    far = np.abs(np.asarray(before, dtype=int) - np.asarray(after, dtype=int))
    allowed = 0 if kind == ".png" else 3
    return [] if far.mean() <= allowed else ["the pixels changed"]


def _picture(data: bytes) -> Image.Image:
    if data.startswith(b"%PDF"):
        return pdfium.PdfDocument(data)[0].render(scale=1).to_pil().convert("RGB")
    return Image.open(io.BytesIO(data)).convert("RGB")


def _text(data: bytes) -> Any:
    wide = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ()
    for encoding in (*wide, "utf-8-sig", "cp1252"):
        try:
            return [line.rstrip() for line in data.decode(encoding).strip("\ufeff \r\n").splitlines()]
        except UnicodeDecodeError:
            continue
    return data


def _number(text: str) -> object:
    """A number however it is written; a text as it is, blanks aside."""
    bare = re.sub(r"[\s\u00a0\u202f]", "", text)
    try:
        return float(bare.replace(",", "."))
    except ValueError:
        return " ".join(text.split())


def _csv(data: bytes) -> Any:
    text = "\n".join(_text(data))
    separator = max(";\t,", key=text.split("\n")[0].count)
    if separator not in text.split("\n")[0]:  # a title above the table
        separator = max(";\t,", key=text.count)
    return [[_number(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=separator)]


def _xlsx(data: bytes) -> Any:
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheets = {s.title: [[_number("" if c is None else str(c)) for c in r] for r in s.iter_rows(values_only=True)] for s in book}  # fmt: skip
    return {title: [_ended(r) for r in rows if any(c != "" for c in r)] for title, rows in sheets.items()}


def _ended(row: list[object]) -> list[object]:
    """A row without the blanks after its last value, which a title merged over them leaves."""
    return row[: max(i for i, c in enumerate(row, 1) if c != "")]


def _html(data: bytes) -> Any:
    page = lxml.html.document_fromstring(data, parser=lxml.html.HTMLParser(encoding="utf-8"))
    return " ".join(" ".join(page.xpath("//body//text()[not(parent::script or parent::style)]")).split())


def _docx(data: bytes) -> Any:
    report = docx.Document(io.BytesIO(data))
    texts = [p.text for p in report.paragraphs if p.text]
    tables = [[[c.text for c in row.cells] for row in table.rows] for table in report.tables]
    return texts, tables


def _notebook(data: bytes) -> Any:
    cells = []
    for cell in json.loads(data)["cells"]:
        shown = [_output(o) for o in cell.get("outputs", [])]
        cells.append((cell["cell_type"], "".join(cell["source"]), shown))
    return cells


def _output(output: dict[str, Any]) -> Any:
    if "text" in output:
        return [_text("".join(output["text"]).encode())]
    data = output.get("data", {})
    out: list[Any] = []
    if "image/png" in data:
        import base64

        out.append(np.asarray(Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")).tobytes())
    if _shows_table(html := "".join(data.get("text/html", ""))):  # without one it shows what the text says
        out.append(_html(html.encode()))
    elif "text/plain" in data and not out:
        out.append(_text("".join(data["text/plain"]).encode()))
    return out


def _shows_table(html: str) -> bool:
    return "<table" in html and bool(lxml.html.fromstring(html).xpath("//table[not(ancestor::*[@hidden])]"))


def _latex(data: bytes) -> Any:
    """What LaTeX prints: comments are not part of it."""
    return [re.sub(r"(?<!\\)%.*", "%", line) for line in _text(data)]


READERS: dict[str, Callable[[bytes], Any]] = {
    ".csv": _csv, ".tsv": _csv, ".xlsx": _xlsx, ".html": _html, ".docx": _docx, ".ipynb": _notebook,
    ".json": json.loads, ".geojson": json.loads, ".tex": _latex, ".parquet": lambda data: pq.read_table(io.BytesIO(data)).to_pylist(),
}  # fmt: skip
