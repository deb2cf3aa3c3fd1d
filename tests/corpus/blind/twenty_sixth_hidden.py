"""Twenty-sixth batch: places in files that the reader of a result does not see."""

import base64
import gzip
import io
import json
import tarfile

import docx
import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Protection
from openpyxl.worksheet.table import Table
from PIL import Image

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(2602)
NIR = "1510699042017"
WHO = "PRIGENT Solène"
CALM = pd.DataFrame({"service": ["Cardiologie", "Néphrologie", "Urologie"], "sejours": [1204, 988, 410]})
LOW = pd.DataFrame({"service": ["Cardiologie", "Néphrologie", "Brûlés"], "deces": [120, 98, 3]})


def workbook(kind: str) -> File:
    """A calm sheet with one thing that Excel does not show."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    if kind == "collapsed_rows":
        for at in range(6, 12):
            sheet.append([WHO, at])
            sheet.row_dimensions[sheet.max_row].height = 0
        sheet.row_dimensions.group(5, 11, hidden=True)
    elif kind == "blank_format":
        sheet["D2"] = f"{WHO} {NIR}"
        sheet["D2"].number_format = ";;;"
        sheet["D2"].protection = Protection(hidden=True)
    elif kind == "rich_text":
        white = InlineFont(color="FFFFFFFF", sz=1)
        sheet["A2"] = CellRichText("Cardiologie", TextBlock(white, f" ({WHO})"))
    elif kind == "sheet_name":
        made.create_sheet(WHO).append(["vide"])
    elif kind == "table_name":
        sheet.add_table(Table(displayName=f"t_{NIR}", ref="A1:B4"))
    elif kind == "image":
        sheet.add_image(SheetImage(io.BytesIO(pack.drawn_table(LOW, "png")[1])), "E2")
    elif kind == "stale_formula":
        sheet["C1"], sheet["C2"] = "note", f'=CONCATENATE("{WHO[:4]}","{WHO[4:]}")'
    elif kind == "print_titles":
        sheet.oddFooter.center.text = f"{WHO} {NIR}"
    out = io.BytesIO()
    made.save(out)
    return f"{kind}.xlsx", out.getvalue()


def paper(kind: str) -> File:
    """A figure in PDF with a crop that hides a line, a draft kept before the last save, or a text for the blind."""
    plain = pack.figure(lambda ax: ax.plot([0, 6, 12, 24], [0.99, 0.9, 0.84, 0.8]), "pdf")[1]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name("/FZ"))
        if kind == "cropped":
            page.contents_add(f"q BT /FZ 10 Tf 20 5 Td ({NIR} PRIGENT) Tj ET Q".encode())
            page.CropBox = [0, 20, page.MediaBox[2], page.MediaBox[3]]
        elif kind == "alternate":
            page.contents_add(f"/Span <</ActualText ({NIR} PRIGENT)>> BDC q BT /FZ 10 Tf 20 5 Td (Survival) Tj ET Q EMC".encode())  # fmt: skip
        elif kind == "one_point":
            page.contents_add(f"q BT /FZ 0.4 Tf 20 5 Td ({NIR} PRIGENT) Tj ET Q".encode())
        pdf.save(out)
    data = out.getvalue()
    if kind == "revision":
        data += f"\n99 0 obj\n<</Type /Note /Text ({NIR} PRIGENT)>>\nendobj\n%%EOF\n".encode()
    return f"{kind}.pdf", data


def report(kind: str) -> File:
    made = docx.Document()
    made.add_heading("Activité des services", 1)
    paragraph = made.add_paragraph("Les séjours sont stables sur la période.")
    if kind == "picture_alt":
        made.add_picture(io.BytesIO(pack.figure(lambda ax: ax.bar(["A", "B"], [412, 388]))[1]))
        made.inline_shapes[0]._inline.docPr.set("descr", f"{WHO} {NIR}")
    elif kind == "small_caption":
        made.add_picture(io.BytesIO(pack.drawn_table(LOW, "png")[1]))
    elif kind == "tiny":
        run = paragraph.add_run(f" {WHO} {NIR}")
        run.font.size = docx.shared.Pt(1)
    elif kind == "style":
        made.styles.add_style(f"s{NIR}", docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
        made.add_paragraph("Fin.", style=f"s{NIR}")
    out = io.BytesIO()
    made.save(out)
    return f"{kind}.docx", out.getvalue()


def tooltips() -> File:
    """A styled frame: each cell's tooltip says who is in it."""
    tips = pd.DataFrame([["", WHO], ["", NIR], ["", "Quiniou Yann"]], columns=CALM.columns)
    return "styled.html", CALM.style.set_tooltips(tips).to_html().encode()


def pages() -> dict[str, File]:
    table = CALM.to_html(index=False)
    small = base64.b64encode(pack.drawn_table(LOW, "png")[1]).decode()
    sorted_ = "".join(f"<tr><td data-order='{w}'>{s}</td><td>{n}</td></tr>" for w, s, n in zip([WHO, NIR, "Quiniou"], CALM["service"], CALM["sejours"], strict=True))  # fmt: skip
    return {
        "tooltips": tooltips(),
        "after_css": ("page.html", f"<html><head><style>td.x::after{{content:'{WHO} {NIR}'}}</style></head><body>{table}</body></html>".encode()),
        "data_order": ("page.html", f"<html><body><table><tr><th>service</th><th>sejours</th></tr>{sorted_}</table></body></html>".encode()),
        "progress": ("page.html", f"<html><body>{table}<dialog>{WHO}</dialog><progress max='{NIR}' value='1'></progress></body></html>".encode()),
        "svg_desc": ("figure.svg", pack.figure(lambda ax: ax.bar(["A", "B"], [4.2, 4.9]), "svg")[1].replace(b"</svg>", f"<style>/* {WHO} */ .a{{fill:none}}</style><text x='10' y='10' fill-opacity='0'>{NIR}</text></svg>".encode())),
        "md_image": ("report.md", f"# Bilan\n\n![Solène](https://x.invalid/{NIR}.png \"{WHO}\")\n\n[1]: <#{NIR}> '{WHO}'\n".encode()),
        "md_picture": ("report.md", f"# Bilan\n\n![décès](data:image/png;base64,{small})\n".encode()),
        "tex_macro": ("report.tex", f"\\documentclass{{article}}\n\\typeout{{{NIR}}}\n\\pdfinfo{{/Subject ({WHO})}}\n\\begin{{document}}\n\\marginpar{{\\tiny {WHO}}}\nStable.\n\\end{{document}}\n".encode()),
    }  # fmt: skip


def containers() -> dict[str, File]:
    """Rows or names in a carrier that most readers open without showing what else is there."""
    rows = pd.DataFrame({"ipp": [f"80{n:08d}" for n in rng.integers(0, 10**8, 12)], "age": rng.integers(20, 95, 12)})
    body = rows.to_csv(index=False).encode()
    tarred, feathered, indexed = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with tarfile.open(fileobj=tarred, mode="w:gz") as made:
        info = tarfile.TarInfo("rows.csv")
        info.size = len(body)
        made.addfile(info, io.BytesIO(body))
    CALM.assign(service=pd.Categorical(CALM["service"], [*CALM["service"], WHO])).to_feather(feathered)
    CALM.set_index(pd.Index([NIR, "2850578006084", "1600175110022"], name="ref")).to_parquet(indexed)
    table = pa.table({"service": pa.array(["Cardiologie", "Urologie"]), "detail": pa.array([[{"ipp": NIR, "age": 71}], []])})  # fmt: skip
    nested = io.BytesIO()
    pq.write_table(table, nested)
    return {
        "gz": ("table.csv.gz", gzip.compress(body)),
        "tar": ("results.tar.gz", tarred.getvalue()),
        "feather": ("table.feather", feathered.getvalue()),
        "parquet_index": ("table.parquet", indexed.getvalue()),
        "parquet_struct": ("table.parquet", nested.getvalue()),
        "pickle_as_csv": ("table.csv", pd.io.common.BytesIO(_pickled(rows)).getvalue()),
        "csv_in_png": ("figure.png", pack.figure(lambda ax: ax.bar(["A"], [412]))[1][:-12] + body),
        "unnamed_column": ("table.csv", b"service,sejours\n" + b"\n".join(f"{s},{n},,,,,,,{w}".encode() for s, n, w in zip(CALM["service"], CALM["sejours"], [WHO, "Quiniou Yann", "Abgrall Lucie"], strict=True))),
    }  # fmt: skip


def _pickled(frame: pd.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.to_pickle(out)
    return out.getvalue()


def books() -> dict[str, File]:
    picture = base64.b64encode(pack.drawn_table(LOW, "png")[1]).decode()
    small = pack.cell("show()", pack.result({"text/plain": "<Figure>", "image/png": picture}))
    attached = {**pack.text_cell("![f](attachment:f.png)"), "attachments": {"f.png": {"image/png": picture}}}
    text_csv = pack.result({"text/plain": "ok", "text/csv": f"nom,nir\n{WHO},{NIR}\n"})
    plain = json.loads(pack.notebook(pack.cell("t", pack.shown(CALM)))[1])
    plain["metadata"]["title"], plain["metadata"]["authors"] = WHO, [{"name": NIR}]
    plain["cells"][0]["metadata"]["execution"] = {"iopub.status.busy": "2024-03-04T10:11:12Z", "note": NIR}
    return {
        "book_picture": pack.notebook(small),
        "book_attached_picture": pack.notebook(attached),
        "book_csv": pack.notebook(pack.cell("t", text_csv)),
        "book_title": ("book.ipynb", json.dumps(plain).encode()),
        "book_variable": pack.notebook(pack.cell(f"d = d[~d.nom.isin(['{WHO}', 'QUINIOU Yann'])]\nlen(d)", pack.result({"text/plain": "4120"}))),
    }  # fmt: skip


def pictures() -> dict[str, File]:
    plain = Image.open(io.BytesIO(pack.figure(lambda ax: ax.bar(["A", "B"], [412, 388]))[1])).convert("RGB")
    jpeg, faint = io.BytesIO(), io.BytesIO()
    exif = Image.Exif()
    exif[0x010E], exif[0x013B] = f"{WHO} {NIR}", WHO
    plain.save(jpeg, "JPEG", exif=exif, comment=NIR.encode())
    written = np.array(plain)
    said = pack.figure(lambda ax: ax.text(0.02, 0.8, f"{WHO} {NIR}"))[1]
    ink = np.array(Image.open(io.BytesIO(said)).convert("L"))
    written[ink < 128] = np.minimum(written[ink < 128], 252)
    Image.fromarray(written).save(faint, "PNG")
    return {"jpeg_exif": ("figure.jpg", jpeg.getvalue()), "faint": ("figure.png", faint.getvalue())}


def cases() -> list[Case]:
    """The cases of this part."""
    made = {f"xlsx_{k}": workbook(k) for k in ("collapsed_rows", "blank_format", "rich_text", "sheet_name", "table_name", "stale_formula", "print_titles")}  # fmt: skip
    made |= {f"pdf_{k}": paper(k) for k in ("cropped", "alternate", "one_point", "revision")}
    made |= (
        {f"docx_{k}": report(k) for k in ("picture_alt", "tiny", "style")}
        | pages()
        | containers()
        | books()
        | pictures()
    )
    whole = dict.fromkeys(("book_picture", "gz", "tar", "feather", "pickle_as_csv", "faint"), ())
    picture = ("iVBORw0KGgo", "IHDR")
    gone = {"md_picture": picture, "book_attached_picture": picture, "xlsx_image": picture, "csv_in_png": ("ipp,age",)}
    made |= {"xlsx_image": workbook("image"), "docx_picture": report("small_caption")}
    secret = {**dict.fromkeys(made, (NIR, WHO, "PRIGENT")), **whole, **gone, "docx_picture": ()}
    found = [leak(f"twenty_sixth_{name}", "hidden", file, payload=secret[name]) for name, file in made.items()]
    fine = {"xlsx": workbook("fine"), "pdf": paper("fine"), "docx": report("fine"), "styled": ("styled.html", CALM.style.format(thousands=" ").to_html().encode())}  # fmt: skip
    return found + [safe(f"twenty_sixth_{name}", "carriers", file) for name, file in fine.items()]
