"""Hidden channels of workbooks, documents and columns."""

import io
import zipfile
from collections.abc import Callable

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName

from .hidden import PAYLOAD, case


def workbook(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["région", "n"], ["Nord", 120], ["Sud", 133], ["Total", 253]):
        sheet.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def add_member(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(name, content)
    return out.getvalue()


@case
def xlsx_very_hidden_sheet() -> tuple[str, bytes]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet("raw")
        sheet["A1"] = PAYLOAD
        sheet.sheet_state = "veryHidden"

    return "t.xlsx", workbook(change)


@case
def xlsx_comment() -> tuple[str, bytes]:
    return "t.xlsx", workbook(lambda b: setattr(b.worksheets[0]["B2"], "comment", Comment(PAYLOAD, "a")))


@case
def xlsx_defined_name() -> tuple[str, bytes]:
    return "t.xlsx", workbook(lambda b: b.defined_names.add(DefinedName("hidden", attr_text=f'"{PAYLOAD}"')))


@case
def xlsx_hidden_column() -> tuple[str, bytes]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["D2"] = PAYLOAD
        sheet.column_dimensions["D"].hidden = True

    return "t.xlsx", workbook(change)


@case
def xlsx_hidden_row() -> tuple[str, bytes]:
    def change(book: openpyxl.Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["A9"] = PAYLOAD
        sheet.row_dimensions[9].hidden = True

    return "t.xlsx", workbook(change)


@case
def xlsx_properties() -> tuple[str, bytes]:
    return "t.xlsx", workbook(lambda b: setattr(b.properties, "description", PAYLOAD))


@case
def xlsx_pivot_cache() -> tuple[str, bytes]:
    records = f'<pivotCacheRecords><r><s v="{PAYLOAD}"/></r></pivotCacheRecords>'.encode()
    return "t.xlsx", add_member(workbook(lambda _: None), "xl/pivotCache/pivotCacheRecords1.xml", records)


@case
def xlsx_macro() -> tuple[str, bytes]:
    return "t.xlsm", add_member(workbook(lambda _: None), "xl/vbaProject.bin", PAYLOAD.encode())


@case
def xlsx_header_footer() -> tuple[str, bytes]:
    return "t.xlsx", workbook(lambda b: setattr(b.worksheets[0].oddHeader.center, "text", PAYLOAD))


@case
def xlsx_number_format() -> tuple[str, bytes]:
    return "t.xlsx", workbook(lambda b: setattr(b.worksheets[0]["B2"], "number_format", f'0"{PAYLOAD}"'))


def docx(body: str, **members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            f"<w:p><w:r><w:t>n = 153 patients</w:t></w:r></w:p>{body}</w:body></w:document>",
        )
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), data)
    return out.getvalue()


@case
def docx_deletion() -> tuple[str, bytes]:
    return "a.docx", docx(f"<w:p><w:del><w:r><w:delText>{PAYLOAD}</w:delText></w:r></w:del></w:p>")


@case
def docx_hidden_text() -> tuple[str, bytes]:
    return "a.docx", docx(f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{PAYLOAD}</w:t></w:r></w:p>")


@case
def docx_comment() -> tuple[str, bytes]:
    return "a.docx", docx("", word__comments_xml=f"<c>{PAYLOAD}</c>".encode())


@case
def docx_custom_xml() -> tuple[str, bytes]:
    return "a.docx", docx("", customXml__item1_xml=f"<c>{PAYLOAD}</c>".encode())


@case
def parquet_metadata() -> tuple[str, bytes]:
    table = pa.table({"région": ["Nord", "Sud"], "n": [120, 133]}).replace_schema_metadata({"x": PAYLOAD})
    out = io.BytesIO()
    pq.write_table(table, out)
    return "t.parquet", out.getvalue()


@case
def parquet_field_metadata() -> tuple[str, bytes]:
    schema = pa.schema([pa.field("n", pa.int64(), metadata={"x": PAYLOAD})])
    out = io.BytesIO()
    pq.write_table(pa.table({"n": [120, 133]}, schema=schema), out)
    return "t.parquet", out.getvalue()


@case
def parquet_unused_category() -> tuple[str, bytes]:
    column = pa.DictionaryArray.from_arrays(pa.array([0, 0, 1], pa.int32()), pa.array(["Nord", "Sud", PAYLOAD]))
    out = io.BytesIO()
    pq.write_table(pa.table({"région": column, "n": [120, 133, 140]}), out)
    return "t.parquet", out.getvalue()
