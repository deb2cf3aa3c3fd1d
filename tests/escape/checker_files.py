"""Hostile files: what each is, the careless reader that it is made for, and what it is after."""

import io
import json
import pickle
import struct
import tarfile
import urllib.request
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Goal(StrEnum):
    """What a file is after."""

    EXHAUST = "read or refused within its bounds"
    CALL = "nothing arrives outside, and nothing of it in the rebuilt file"
    RUN = "nothing arrives outside"
    SECRET = "not read"
    WRITE = "written nowhere"
    KEEP = "refused, or absent from the rebuilt file"


@dataclass(frozen=True)
class Aim:
    """What a file is told: its own word, the outside's address, a file of the index of another project."""

    word: str
    outside: str
    secret: str = "/srv/ecluse/index/beta/secret"

    @property
    def url(self) -> str:
        """An address outside that names the file."""
        return f"http://{self.outside}/{self.word}"


@dataclass(frozen=True)
class Hostile:
    """One file: its name as an attempt, its path, its reader in `checker_naive`, its goal, and its bytes."""

    name: str
    path: str
    reader: str
    goal: Goal
    data: Callable[[Aim], bytes]


def zipped(*members: tuple[str, bytes | str], comment: bytes = b"") -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
        archive.comment = comment
    return out.getvalue()


def notebook(*outputs: dict[str, object], source: str = "x = 1", kind: str = "code", **metadata: object) -> bytes:
    """A notebook with one cell."""
    cell: dict[str, object] = {"cell_type": kind, "id": "a", "metadata": {}, "source": source}
    if kind == "code":
        cell |= {"execution_count": 1, "outputs": list(outputs)}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [cell]}).encode()


def shown(**data: object) -> dict[str, object]:
    """An output of a cell; `text__html` stands for `text/html`."""
    return {"output_type": "display_data", "metadata": {}, "data": {k.replace("__", "/"): v for k, v in data.items()}}


def drawing(inside: str, before: str = "") -> bytes:
    """An SVG drawing with a figure that may be kept."""
    head = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="100"'
    return f'{before}<svg {head}><rect width="9" height="9" fill="red"/>{inside}</svg>'.encode()


def page(inside: str) -> bytes:
    """A page with a table that may be kept."""
    rows = "<tr><th>group</th><th>n</th></tr><tr><td>yes</td><td>246</td></tr><tr><td>no</td><td>440</td></tr>"
    return f"<!DOCTYPE html><html><body><table>{rows}</table>{inside}</body></html>".encode()


WORKBOOK = (
    ("[Content_Types].xml", ('<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
     '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
     '<Default Extension="xml" ContentType="application/xml"/>'
     '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
     '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>')),
    ("_rels/.rels", ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
     'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>')),
    ("xl/_rels/workbook.xml.rels", ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
     'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>')),
    ("xl/workbook.xml", ('<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
     'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>')),
)  # fmt: skip


def workbook(cells: str, *more: tuple[str, bytes | str], before: str = "", **parts: str) -> bytes:
    """A workbook with these rows in its sheet; `parts` take the place of its own."""
    sheet = f'{before}<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{cells}</sheetData></worksheet>'
    own = [(n, parts.get(n.rpartition("/")[2].partition(".")[0], t)) for n, t in WORKBOOK]
    return zipped(*own, ("xl/worksheets/sheet1.xml", sheet), *more)


SAFE_ROWS = '<row r="1"><c r="A1" t="inlineStr"><is><t>n</t></is></c></row><row r="2"><c r="A2"><v>246</v></c></row>'


def paper(objects: str, box: str = "0 0 300 200", root: str = "", page: str = "") -> bytes:
    """A PDF of one page; `objects` follow its own four."""
    own = (
        f"1 0 obj\n<</Type/Catalog/Pages 2 0 R{root}>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[{box}]>>\nendobj\n"
        f"3 0 obj\n<</Type/Page/Parent 2 0 R/Contents 4 0 R{page}>>\nendobj\n"
        "4 0 obj\n<</Length 15>>stream\n10 10 90 90 re f\nendstream\nendobj\n"
    )
    return f"%PDF-1.7\n{own}{objects}\ntrailer<</Root 1 0 R/Size 9>>\n%%EOF".encode("latin-1")


class Runs:
    """A pickle of it asks for an address when it is loaded."""

    def __init__(self, url: str) -> None:
        self.url = url

    def __reduce__(self) -> tuple[object, ...]:
        return urllib.request.urlopen, (self.url,)


def pickled(aim: Aim, protocol: int = 4) -> bytes:
    """The pickle of `Runs`."""
    return pickle.dumps(Runs(aim.url), protocol)


def chunk(name: bytes, data: bytes) -> bytes:
    """A piece of a PNG picture."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def picture(width: int, height: int, *more: bytes, rows: bytes | None = None, depth: int = 8) -> bytes:
    """A grey PNG picture with further pieces before its pixels."""
    body = zlib.compress(bytes(height * (1 + width * depth // 8)) if rows is None else rows, 9)
    head = struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(more) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def tarred(name: str, data: bytes, link: str = "") -> bytes:
    """A tar of one member, or of a link and a member behind it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        if link:
            entry = tarfile.TarInfo(name.partition("/")[0])
            entry.type, entry.linkname = tarfile.SYMTYPE, link
            archive.addfile(entry)
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()
