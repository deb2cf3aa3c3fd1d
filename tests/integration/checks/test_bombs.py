"""Files that are small and want much: each is refused, and the process that reads it stays within bounded memory.

Memory is measured in the reading process itself: its peak, without what it had before it opened the file.
"""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecluse.checks import limits, sandbox
from ecluse.rules.policy import OutputRules

MOST = 700
"""MB that a reader takes beyond what it shares with the server; a file may have 16."""
TASK = """
from ecluse.checks import confine, tasks

confine.WRITABLE += ("/proc",)  # the probe asks the kernel about itself

def status(name):
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith(name))

def measured(folder, job):
    before = status("VmRSS:")
    open("/proc/self/clear_refs", "w").write("5")  # the peak counts from here
    return {**tasks.read(folder, job), "memory": status("VmHWM:") - before}

tasks.TASKS["measured"] = measured
"""


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sandbox.Sandbox]:
    extra = tmp_path_factory.mktemp("extra")
    found = f"import sys\nsys.path.insert(0, {str(Path(sandbox.__file__).parents[2])!r})\n"
    (extra / "sitecustomize.py").write_text(found + TASK)
    before = sandbox.EXTRA_PATH
    sandbox.EXTRA_PATH = (str(extra),)
    try:
        with sandbox.Sandbox(limits.Budget()) as made:
            yield made
    finally:
        sandbox.EXTRA_PATH = before


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), data)
    return out.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha ha ha ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]>"
)


def zip_of_zeros() -> tuple[str, bytes]:
    return "a.zip", zipped(t_csv=bytes(200_000_000))


def zip_of_many_members() -> tuple[str, bytes]:
    return "a.zip", zipped(**{f"n{n}_csv": b"n\n120\n" for n in range(20_000)})


def workbook_of_zeros() -> tuple[str, bytes]:
    return "a.xlsx", zipped(xl__workbook_xml=b"<workbook/>", xl__worksheets__sheet1_xml=b" " * 200_000_000)


def workbook_of_entities() -> tuple[str, bytes]:
    return "a.xlsx", zipped(xl__workbook_xml=LAUGHS + b"<workbook>&i;</workbook>", xl__sharedStrings_xml=LAUGHS)


def document_of_entities() -> tuple[str, bytes]:
    return "a.docx", zipped(word__document_xml=LAUGHS + b"<w>&i;</w>", _Content_Types__xml=b"<Types/>")


def drawing_of_entities() -> tuple[str, bytes]:
    return "a.svg", LAUGHS + b'<svg xmlns="http://www.w3.org/2000/svg"><text>&i;</text></svg>'


def picture_of_a_gigapixel() -> tuple[str, bytes]:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 32_000, 32_000, 1, 0, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(bytes(32_000 * 4001), 9))
    return "a.png", b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def json_of_brackets() -> tuple[str, bytes]:
    return "a.json", b"[" * 8_000_000


def json_of_open_quotes() -> tuple[str, bytes]:
    return "a.json", b"[" * 41 + b'"' + b'\\"' * 4_000_000 + b"\\"


def json_of_numbers() -> tuple[str, bytes]:
    return "a.json", b"[" + b"[1]," * 3_000_000 + b"[1]]"


def notebook_of_cells() -> tuple[str, bytes]:
    cell = {"cell_type": "code", "source": "", "metadata": {}, "outputs": [], "execution_count": 1}
    return "a.ipynb", json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] * 100_000}
    ).encode()


def table_of_one_line() -> tuple[str, bytes]:
    return "a.csv", b"1," * 8_000_000 + b"1\n"


def table_of_one_open_quote() -> tuple[str, bytes]:
    return "a.csv", b'n,m\n"' + b"x" * 15_000_000


def table_of_short_rows() -> tuple[str, bytes]:
    return "a.csv", b"n\n" + b"12\n" * 5_000_000


def page_of_spans() -> tuple[str, bytes]:
    row = b"<tr>" + b'<td colspan="100" rowspan="5000">1</td>' * 300 + b"</tr>"
    return "a.html", b"<html><table>" + row * 1000 + b"</table></html>"


def page_of_depth() -> tuple[str, bytes]:
    return "a.html", b"<html>" + b"<div>" * 1_000_000


def text_of_numbers() -> tuple[str, bytes]:
    return "a.txt", b"12 " * 2_700_000


def columns_of_one_long_word() -> tuple[str, bytes]:
    out = io.BytesIO()
    word = pa.array(["x" * 1_000_000])
    pq.write_table(pa.table({"a": pa.DictionaryArray.from_arrays(pa.array([0] * 4000), word)}), out)
    return "a.parquet", out.getvalue()


def columns_of_many_rows() -> tuple[str, bytes]:
    out = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([1] * 20_000_000)}), out)
    return "a.parquet", out.getvalue()


def paper(box: str, content: bytes = b"", pages: int = 1) -> bytes:
    kids = " ".join(f"{n + 4} 0 R" for n in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}/MediaBox[{box}]>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content),
        *[b"<</Type/Page/Parent 2 0 R/Contents 3 0 R>>"] * pages,
    ]
    body = b"%PDF-1.4\n" + b"".join(b"%d 0 obj\n%s\nendobj\n" % (n, o) for n, o in enumerate(objects, 1))
    return body + b"trailer<</Root 1 0 R/Size %d>>\n%%%%EOF" % (len(objects) + 1)


def paper_of_great_size() -> tuple[str, bytes]:
    return "a.pdf", paper("0 0 10000000 10000000", zlib.compress(b"0 0 9 9 re f"))


def paper_of_zeros() -> tuple[str, bytes]:
    return "a.pdf", paper("0 0 600 800", zlib.compress(b" " * 400_000_000, 9))


def paper_of_many_pages() -> tuple[str, bytes]:
    return "a.pdf", paper("0 0 600 800", zlib.compress(b"0 0 9 9 re f"), 50_000)


BOMBS = (
    zip_of_zeros, zip_of_many_members, workbook_of_zeros, workbook_of_entities, document_of_entities,
    drawing_of_entities, picture_of_a_gigapixel, json_of_brackets, json_of_open_quotes, json_of_numbers,
    notebook_of_cells, table_of_one_line, table_of_one_open_quote, table_of_short_rows, page_of_spans, page_of_depth,
    text_of_numbers, columns_of_one_long_word, columns_of_many_rows, paper_of_great_size, paper_of_zeros,
    paper_of_many_pages,
)  # fmt: skip


@pytest.mark.parametrize("make", BOMBS, ids=[make.__name__ for make in BOMBS])
def test_a_bomb_is_refused_in_bounded_memory(
    readers: sandbox.Sandbox, tmp_path: Path, make: Callable[[], tuple[str, bytes]]
) -> None:
    path, data = make()
    assert len(data) <= limits.Limits().bytes
    (tmp_path / "x").mkdir()
    (tmp_path / "x/in").write_bytes(data)
    job = {"task": "measured", "id": "x", "path": path, "rules": OutputRules().model_dump(mode="json"), "context": {}}
    seen = readers.run(tmp_path, [job], 60)["x"]
    assert seen.state == "ok", seen
    assert not seen.answer["rebuilt"]
    assert seen.answer["memory"] < MOST
