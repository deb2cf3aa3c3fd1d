"""Files that are small and want much."""

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from escape.checker_files import (
    SAFE_ROWS,
    WORKBOOK,
    Aim,
    Goal,
    Hostile,
    chunk,
    drawing,
    notebook,
    page,
    paper,
    picture,
    shown,
    workbook,
    zipped,
)

LAUGHS = '<!DOCTYPE r [<!ENTITY a "ha ha ha ha">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
QUADRATIC = f'<!DOCTYPE r [<!ENTITY a "{"x" * 60_000}">]>'
MIB = 1 << 20
ZEROS, MANY = bytes(MIB), 320


def bombs() -> list[Hostile]:
    """All of them."""
    return [Hostile(f"bomb: {n}", p, r, Goal.EXHAUST, partial(_made, n)) for n, (p, r, _) in _ALL.items()]


def _raw(unit: bytes, times: int) -> bytes:
    """Deflated repetitions of a piece, without compressing each anew."""
    flat = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = flat.compress(unit) + flat.flush(zlib.Z_FULL_FLUSH)
    return piece * times + b"\3\0"


def _sum(of: Callable[[bytes, int], int], unit: bytes, times: int, start: int) -> int:
    for _ in range(times):
        start = of(unit, start)
    return start


@cache
def _zlib(unit: bytes, times: int) -> bytes:
    return b"\x78\xda" + _raw(unit, times) + struct.pack(">I", _sum(zlib.adler32, unit, times, 1))


@cache
def _gzip(unit: bytes, times: int) -> bytes:
    tail = struct.pack("<II", _sum(zlib.crc32, unit, times, 0), len(unit) * times)
    return b"\x1f\x8b\x08" + bytes(5) + b"\2\xff" + _raw(unit, times) + tail


def _zip(*members: tuple[str, bytes | str], **large: tuple[bytes, int]) -> bytes:
    """A zip; each of `large` is a member of repetitions: `xl__a_xml` stands for `xl/a.xml`."""
    out, listed = bytearray(), bytearray()
    found = [(n, t if isinstance(t, bytes) else t.encode(), 1) for n, t in members]
    found += [(n.replace("__", "/").replace("_", "."), unit, times) for n, (unit, times) in large.items()]
    for name, unit, times in found:
        raw = _raw(unit, times)
        crc, size = _crc(unit, times), len(unit) * times
        head = struct.pack("<5H3I2H", 20, 0, 8, 0, 33, crc, len(raw), size, len(name), 0)
        listed += b"PK\1\2\x14\0" + head + struct.pack("<3H2I", 0, 0, 0, 0, len(out)) + name.encode()
        out += b"PK\3\4" + head + name.encode() + raw
    end = struct.pack("<4H2IH", 0, 0, len(found), len(found), len(listed), len(out), 0)
    return bytes(out + listed + b"PK\5\6" + end)


@cache
def _crc(unit: bytes, times: int) -> int:
    return _sum(zlib.crc32, unit, times, 0)


def _made(name: str, _: Aim) -> bytes:
    return _bomb(name)


@cache
def _bomb(name: str) -> bytes:
    """The bytes of a bomb: both sides read the same."""
    return _ALL[name][2]()


def _nested(depth: int, width: int) -> bytes:
    data = _zip(t_csv=(ZEROS, 20))
    for level in range(depth):
        data = zipped(*((f"{level}-{n}.zip", data) for n in range(width)))
    return data


def _overlapping() -> bytes:
    """Many entries of the directory that lead to the same bytes."""
    one = _zip(o_csv=(ZEROS, 60))
    end = one.rindex(b"PK\5\6")
    start = struct.unpack("<I", one[end + 16 : end + 20])[0]
    entry, count = one[start:end], 40
    entries = entry * count
    tail = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(entries), start, 0)
    return one[:start] + entries + tail


def _lying() -> bytes:
    """A directory that says one byte where two hundred million unfold."""
    data = bytearray(_zip(t_csv=(ZEROS, MANY)))
    at = data.rindex(b"PK\1\2")
    data[at + 24 : at + 28] = struct.pack("<I", 1)
    return bytes(data)


def _rows_of_parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def _long_word() -> bytes:
    return _rows_of_parquet(a=pa.DictionaryArray.from_arrays(pa.array([0] * 4000), pa.array(["x" * 1_000_000])))


def _stream() -> str:
    data = _zlib(ZEROS, MANY)
    return f"5 0 obj\n<</Length {len(data)}/Filter/FlateDecode>>stream\n{data.decode('latin-1')}\nendstream\nendobj"


def _object_stream() -> str:
    data = _zlib(b" " * MIB, MANY)
    return f"5 0 obj\n<</Type/ObjStm/N 1/First 4/Length {len(data)}/Filter/FlateDecode>>stream\n{data.decode('latin-1')}\nendstream\nendobj"


def _cells(count: int) -> bytes:
    cell = {"cell_type": "code", "id": "a", "source": "", "metadata": {}, "outputs": [], "execution_count": 1}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell] * count}).encode()


def _sparse() -> bytes:
    return workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def _many_rows() -> bytes:
    return workbook("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 300_000)))


def _base64_picture() -> bytes:
    return notebook(shown(image__png=base64.b64encode(picture(30_000, 30_000, depth=1)).decode()))


_ALL: dict[str, tuple[str, str, Callable[[], bytes]]] = {
    "a zip of zeros": ("a.zip", "members", lambda: _zip(t_csv=(ZEROS, MANY))),
    "a zip in a zip in a zip": ("b.zip", "nested", lambda: _nested(2, 8)),
    "a zip of entries over one another": ("c.zip", "members", _overlapping),
    "a zip that lies about its length": ("d.zip", "members", _lying),
    "a zip of many small zeros": ("e.zip", "members", lambda: _zip(**{f"n{n}_csv": (ZEROS, 15) for n in range(25)})),
    "a drawing compressed by gzip": ("a.svgz", "gunzip", lambda: _gzip(ZEROS, MANY)),
    "a table compressed by gzip": ("t.csv.gz", "gunzip", lambda: _gzip(b"1,1\n" * (MIB // 4), MANY)),
    "a picture of a gigapixel": ("a.png", "pixels", lambda: picture(32_000, 32_000, depth=1)),
    "a picture wide as a street": ("b.png", "pixels", lambda: picture(2_000_000_000, 1, rows=b"")),
    "a picture of a notebook": ("a.ipynb", "browser_pictures", _base64_picture),
    "a picture with a text of zeros": ("c.png", "pixels_text", lambda: picture(
        9, 9, chunk(b"zTXt", b"Comment\0\0" + _zlib(ZEROS, MANY)))),
    "a drawing of entities in entities": ("a.svg", "expand", lambda: drawing("<text>&i;</text>", LAUGHS + "]>")),
    "a drawing of one long entity": ("b.svg", "expand", lambda: drawing("<text>" + "&a;" * 20_000 + "</text>", QUADRATIC)),
    "a workbook of entities": ("a.xlsx", "expand", lambda: workbook(f"{SAFE_ROWS}<row><c><v>&i;</v></c></row>", before=LAUGHS + "]>")),
    "a document of entities": ("a.docx", "expand", lambda: zipped(
        ("[Content_Types].xml", "<Types/>"), ("word/document.xml", LAUGHS + "]><w>&i;</w>"))),
    "a workbook whose sheet is blanks": ("b.xlsx", "members", lambda: _zip(*WORKBOOK, xl__worksheets__sheet1_xml=(b" " * MIB, MANY))),
    "a workbook with its last cell only": ("c.xlsx", "rows", _sparse),
    "a workbook of rows without end": ("d.xlsx", "rows", _many_rows),
    "a workbook of shared texts": ("e.xlsx", "members", lambda: _zip(
        *WORKBOOK, ("xl/worksheets/sheet1.xml", "<worksheet/>"), xl__sharedStrings_xml=(b"<si><t>x</t></si>" * (MIB // 17), MANY))),
    "brackets in brackets": ("a.json", "loads", lambda: b"[" * 3_000_000),
    "keys in keys": ("b.json", "loads", lambda: b'{"a":' * 2_000_000 + b"1" + b"}" * 2_000_000),
    "a number of a million digits": ("c.json", "number", lambda: b'{"n": ' + b"9" * 3_000_000 + b"}"),
    "small lists without end": ("d.json", "loads", lambda: b"[" + b"[1]," * 3_900_000 + b"[1]]"),
    "a notebook of cells without end": ("b.ipynb", "cells", lambda: _cells(130_000)),
    "a notebook of depth": ("c.ipynb", "loads", lambda: notebook(shown(application__json=0)).replace(
        b'"application/json": 0', b'"application/json": ' + b"[" * 2_000_000 + b"]" * 2_000_000)),
    "a table of one row": ("a.csv", "table", lambda: b"1," * 7_900_000 + b"1\n"),
    "a table as wide as it is long": ("b.csv", "table", lambda: b"1," * 40_000 + b"\n1" * 40_000),
    "a table of empty rows": ("c.csv", "table", lambda: b"n\n" + b"\n" * 14_000_000),
    "a page of cells over cells": ("a.html", "spans", lambda: page(
        "<table>" + '<tr><td colspan="10000" rowspan="10000">1</td></tr>' * 10 + "</table>")),
    "columns of one long word": ("a.parquet", "parquet", _long_word),
    "columns of zeros": ("b.parquet", "parquet", lambda: _rows_of_parquet(a=pa.array(np.ones(20_000_000, dtype=np.int64)))),
    "a paper of zeros": ("a.pdf", "streams", lambda: paper(_stream(), page="/Contents 5 0 R")),
    "a paper of objects in a stream": ("b.pdf", "streams", lambda: paper(_object_stream())),
    "a bait for patterns of text": ("a.txt", "regex", lambda: b"a " * 400_000 + b"!"),
    "a bait for patterns of numbers": ("b.txt", "regex", lambda: b"1 " * 400_000 + b"!"),
    "a bait for patterns of tables": ("a.md", "regex", lambda: b"a" * 60 + b"| - " * 400_000 + b"\n" + b"|-" * 400_000),
}  # fmt: skip
