"""Third batch: rows and names in places that no reader shows."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
import openpyxl
import pandas as pd
import pikepdf
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from PIL import Image, PngImagePlugin

from . import pack, third_parts
from .case import Case, File, leak

ROW = "104512;H;71;Saint-Malo"
WHO = "LEFEBVRE Jeanne"


def workbook() -> tuple[Any, Any]:
    book = openpyxl.load_workbook(io.BytesIO(pack.excel(third_parts.table_one())[1]))
    return book, book.worksheets[0]


def saved(made: Any, name: str) -> File:
    out = io.BytesIO()
    made.save(out)
    return name, out.getvalue()


def put(file: File, **parts: str) -> File:
    """More members in an Office file; `__` stands for a slash."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file[1])) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, text in parts.items():
            new.writestr(name.replace("__", "/") + ".xml", text)
    return file[0], out.getvalue()


def excel() -> Iterator[tuple[str, File]]:
    book, sheet = workbook()
    extra = book.create_sheet("donnees")
    extra.sheet_state = "veryHidden"
    for line in (["id", "sexe", "age", "ville"], ROW.split(";"), [ROW, 1, 2, 3]):
        extra.append(line)
    yield "sheet", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet["J1"], sheet["J2"] = "source", ROW
    sheet.column_dimensions["J"].hidden = True
    yield "column", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet["A30"] = ROW
    sheet.row_dimensions[30].hidden = True
    sheet.auto_filter.ref = "A1:D30"
    yield "filtered", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet["B2"].comment = Comment(ROW, "data manager")
    yield "comment", saved(book, "t.xlsx")
    book, sheet = workbook()
    book.defined_names["memo"] = DefinedName("memo", attr_text=f'"{ROW}"')
    yield "defined", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet.oddHeader.center.text = ROW
    book.properties.description = ROW
    yield "print_header", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet["K2"] = ROW
    sheet["K2"].font = openpyxl.styles.Font(color="FFFFFF")
    sheet["K2"].number_format = ";;;"
    yield "white", saved(book, "t.xlsx")
    book, sheet = workbook()
    sheet["B3"].hyperlink = f"https://example.org/?q={ROW}"
    yield "link", saved(book, "t.xlsx")
    file = pack.excel(third_parts.table_one())
    yield (
        "pivot",
        put(file, xl__pivotCache__pivotCacheRecords1=f'<pivotCacheRecords><r><s v="{ROW}"/></r></pivotCacheRecords>'),
    )
    yield "custom_xml", put(file, customXml__item1=f"<rows>{ROW}</rows>")


def word() -> Iterator[tuple[str, File]]:
    def made() -> Any:
        report = docx.Document(io.BytesIO(pack.word(third_parts.table_one(), *third_parts.PROSE)[1]))
        return report, report.paragraphs[1]

    report, _ = made()
    report.sections[0].header.paragraphs[0].text = f"Dossier {WHO}"
    yield "header", saved(report, "r.docx")
    report, para = made()
    run = para.add_run(f" {WHO}")
    run.font.hidden = True
    yield "vanish", saved(report, "r.docx")
    report, para = made()
    gone = OxmlElement("w:del")
    gone.set(qn("w:author"), "AB")
    piece, words = OxmlElement("w:r"), OxmlElement("w:delText")
    words.text = f"patiente {WHO}"
    piece.append(words)
    gone.append(piece)
    para._p.append(gone)
    yield "deleted", saved(report, "r.docx")
    report, para = made()
    picture = io.BytesIO(pack.figure(lambda a: a.plot([0, 1, 2], [0.1, 0.2, 0.4]))[1])
    report.add_picture(picture)
    report.inline_shapes[0]._inline.docPr.set("descr", f"courbe de {WHO}")
    yield "alt", saved(report, "r.docx")
    report, para = made()
    report.add_comment(para.runs, text=f"revoir {WHO}", author="AB")
    yield "comment", saved(report, "r.docx")
    report, para = made()
    report.core_properties.subject = WHO
    report.core_properties.comments = ROW
    yield "properties", saved(report, "r.docx")
    report, para = made()
    run = para.add_run(f" {WHO} {ROW}")
    run.font.color.rgb = docx.shared.RGBColor(255, 255, 255)
    run.font.size = docx.shared.Pt(1)
    yield "white", saved(report, "r.docx")


def texts() -> Iterator[tuple[str, File]]:
    table = third_parts.table_one()
    md = pack.markdown(table)[1].decode()
    yield "md_comment", ("r.md", (md + f"\n<!-- {WHO} {ROW} -->\n").encode())
    yield "md_reference", ("r.md", (md + f'\n[//]: # "{WHO} {ROW}"\n').encode())
    tex = pack.latex(table)[1].decode()
    yield "tex_comment", ("r.tex", (f"% source : {WHO} {ROW}\n" + tex).encode())
    yield "tex_iffalse", ("r.tex", (f"\\iffalse {WHO} {ROW} \\fi\n" + tex).encode())
    html = pack.html(table)[1].decode()
    yield "html_comment", ("r.html", html.replace("<body>", f"<body><!-- {WHO} {ROW} -->").encode())
    yield "html_none", ("r.html", html.replace("<body>", f'<body><div style="display:none">{WHO} {ROW}</div>').encode())
    yield "html_data", ("r.html", html.replace("<td>", f'<td data-row="{WHO} {ROW}" title="{WHO}">').encode())
    yield (
        "html_script",
        ("r.html", html.replace("</body>", f"<script>var d = ['{WHO}', '{ROW}']</script></body>").encode()),
    )
    yield (
        "html_meta",
        ("r.html", html.replace("<html>", f'<html><head><meta name="d" content="{WHO} {ROW}"></head>').encode()),
    )


def binaries() -> Iterator[tuple[str, File, tuple[str, ...]]]:
    png = pack.figure(lambda a: a.bar(["2019", "2020", "2021"], [4120, 3988, 4410]))[1]
    info = PngImagePlugin.PngInfo()
    info.add_itxt("Description", f"{WHO} {ROW}")
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).save(out, "PNG", pnginfo=info)
    yield "png_text", ("f.png", out.getvalue()), (WHO,)
    yield "png_tail", ("f.png", png + f"{WHO} {ROW}".encode()), (WHO,)
    base = pack.figure(lambda a: a.bar(["2019", "2020", "2021"], [4120, 3988, 4410]), "pdf")[1]
    pdf = pikepdf.open(io.BytesIO(base))
    note = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[9, 9, 30, 30], Contents=f"{WHO} {ROW}"
    )
    pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))
    yield "pdf_note", saved(pdf, "f.pdf"), (WHO,)
    pdf = pikepdf.open(io.BytesIO(base))
    pdf.attachments["rows.csv"] = f"id;sexe;age;ville\n{ROW}\n".encode()
    yield "pdf_attached", saved(pdf, "f.pdf"), (ROW,)
    pdf = pikepdf.open(io.BytesIO(base))
    pdf.docinfo["/Subject"] = WHO
    yield "pdf_info", saved(pdf, "f.pdf"), (WHO,)
    inner = pack.zipped(("rows.csv", f"id;sexe;age;ville\n{ROW}\n104513;F;64;Brest\n104517;F;88;Dinan\n".encode()))
    yield "zip_in_zip", pack.zipped(pack.csv(third_parts.table_one()), ("annexe.zip", inner[1])), ()
    out = io.BytesIO(pack.zipped(pack.csv(third_parts.table_one()))[1])
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = ROW.encode()
    yield "zip_comment", ("r.zip", out.getvalue()), (ROW,)
    yield (
        "zip_mixed",
        pack.zipped(
            pack.csv(third_parts.table_one()),
            ("centres.csv", pack.csv(pd.DataFrame({"centre": ["A", "B"], "décès": [120, 3]}))[1]),
        ),
        (),
    )
    yield "name_of_file", ("ecg_LEFEBVRE_Jeanne_1954-03-12.png", png), ()


def cases() -> list[Case]:
    made = []
    for group, each in (("excel", excel), ("word", word), ("text", texts)):
        made += [leak(f"third_{group}_{name}", f"hidden {group}", file, payload=(WHO, ROW)) for name, file in each()]
    return made + [leak(f"third_{n}", "hidden binary", f, payload=p) for n, f, p in binaries()]
