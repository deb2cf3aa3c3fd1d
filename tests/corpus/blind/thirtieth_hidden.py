"""Thirtieth batch: a name, a number or rows where the usual viewer of a file does not look."""

import base64
import io
import json
import zipfile

import docx
import openpyxl
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import pack
from .case import Case, File, leak, safe

NIR = "2790329155021"
WHO = "KERDRAON Maëlle"
CALM = pd.DataFrame({"service": ["Pneumologie", "Gériatrie", "Urgences"], "sejours": [812, 1440, 5210]})
ROWS = f"nom;nir\n{WHO};{NIR}\n"


def replaced(data: bytes, name: str, body: bytes, old: bytes = b"", new: bytes = b"") -> bytes:
    """An Office file with a part more, and with one part's text changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after:
        for item in before.namelist():
            kept = before.read(item)
            after.writestr(item, kept.replace(old, new) if old else kept)
        after.writestr(name, body)
    return out.getvalue()


def book(kind: str) -> File:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    if kind == "far":
        sheet["ZZ9000"] = f"{WHO} {NIR}"
    elif kind == "filtered":
        for at in range(5, 9):
            sheet.append([f"{WHO} {at}", 5])
            sheet.row_dimensions[at].hidden = True
        sheet.auto_filter.ref = "A1:B8"
    elif kind == "properties":
        made.properties.keywords, made.properties.lastModifiedBy = NIR, WHO
    elif kind == "merged":
        sheet["D1"], sheet["E1"] = "note", f"{WHO} {NIR}"
        data = io.BytesIO()
        sheet.merge_cells("D1:F1")
        sheet["D1"].alignment = openpyxl.styles.Alignment(shrink_to_fit=True)
        sheet["D2"] = f"{'.' * 60}{WHO} {NIR}"
        del data
    out = io.BytesIO()
    made.save(out)
    return f"{kind}.xlsx", out.getvalue()


def report(kind: str) -> File:
    made = docx.Document()
    made.add_heading("Activité 2022", 1)
    made.add_paragraph("L'activité est stable.")
    if kind == "white":
        run = made.add_paragraph().add_run(f"{WHO} {NIR}")
        run.font.color.rgb = docx.shared.RGBColor(255, 255, 255)
    elif kind == "keywords":
        made.core_properties.keywords, made.core_properties.comments = NIR, WHO
    elif kind == "header":
        made.sections[0].first_page_header.paragraphs[0].text = f"{WHO} {NIR}"
        made.sections[0].different_first_page_header_footer = True
    out = io.BytesIO()
    made.save(out)
    data = out.getvalue()
    if kind == "custom_xml":
        data = replaced(data, "customXml/item9.xml", f"<r><p>{WHO}</p><n>{NIR}</n></r>".encode())
    return f"{kind}.docx", data


def paper(kind: str) -> File:
    plain = pack.figure(lambda ax: ax.plot([0, 6, 12], [4.2, 4.9, 5.1]), "pdf")[1]
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        if kind == "note":
            note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[9, 9, 30, 30], Contents=f"PRIGENT {NIR}")  # fmt: skip
            pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([pdf.make_indirect(note)]))
        elif kind == "info":
            pdf.docinfo["/Subject"], pdf.docinfo["/Author"] = NIR, "PRIGENT"
        elif kind == "bookmark":
            with pdf.open_outline() as outline:
                outline.root.append(pikepdf.OutlineItem(f"PRIGENT {NIR}", 0))
        elif kind == "script":
            pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"var n='PRIGENT {NIR}';")
        pdf.save(out)
    return f"{kind}.pdf", out.getvalue()


def picture() -> dict[str, File]:
    plain = Image.open(io.BytesIO(pack.figure(lambda ax: ax.bar(["A", "B"], [4.2, 4.9]))[1])).convert("RGB")
    png, jpeg, info = io.BytesIO(), io.BytesIO(), PngInfo()
    info.add_text("Description", f"{WHO} {NIR}", zip=True)
    plain.save(png, "PNG", pnginfo=info)
    plain.save(jpeg, "JPEG", xmp=f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><d>{WHO} {NIR}</d></x:xmpmeta>".encode())
    return {"png_ztxt": ("figure.png", png.getvalue()), "jpeg_xmp": ("figure.jpg", jpeg.getvalue())}


def archive() -> dict[str, File]:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("table.csv", CALM.to_csv(index=False))
        made.writestr(".cache/.rows", ROWS)
        made.comment = f"{WHO} {NIR}".encode()
    return {"zip_dot": ("results.zip", out.getvalue())}


def parquet() -> File:
    field = pa.field("service", pa.string(), metadata={"note": f"{WHO} {NIR}"})
    table = pa.table(
        [pa.array(CALM["service"]), pa.array(CALM["sejours"])],
        schema=pa.schema([field, pa.field("sejours", pa.int64())]),
    )
    out = io.BytesIO()
    pq.write_table(table, out)
    return "table.parquet", out.getvalue()


def pages() -> dict[str, File]:
    table = CALM.to_html(index=False)
    coded = base64.b64encode(ROWS.encode()).decode()
    svg = pack.figure(lambda ax: ax.bar(["A", "B"], [4.2, 4.9]), "svg")[1]
    split = json.loads(CALM.to_json(orient="split"))
    marked = "".join(c + "\u200b" for c in NIR)
    return {
        "details": ("page.html", f"<html><head><meta name='author' content='{WHO}'></head><body>{table}<details><summary>Notes</summary>{WHO}, {NIR}</details></body></html>".encode()),
        "input": ("page.html", f"<html><body>{table}<form><input type='hidden' name='p' value='{WHO} {NIR}'></form><template>{NIR}</template></body></html>".encode()),
        "script": ("page.html", f"<html><body>{table}<script type='application/json'>{json.dumps({'rows': [{'nom': WHO, 'nir': NIR}]})}</script></body></html>".encode()),
        "link": ("page.html", f"<html><body>{table}<a download='d.csv' href='data:text/csv;base64,{coded}'>CSV</a></body></html>".encode()),
        "svg_metadata": ("figure.svg", svg.replace(b"</svg>", f"<metadata><p>{WHO}</p></metadata><text x='-900' y='10'>{NIR}</text></svg>".encode())),
        "front_matter": ("report.md", f"---\ntitle: Bilan\nreviewed-case: {WHO} {NIR}\n---\n\n# Bilan\n\nStable.\n".encode()),
        "md_comment": ("report.md", f"# Bilan\n\nStable.\n\n[//]: # ({WHO} {NIR})\n".encode()),
        "iffalse": ("report.tex", f"\\documentclass{{article}}\n\\begin{{document}}\nStable.\n\\iffalse {WHO} {NIR} \\fi\n\\textcolor{{white}}{{{NIR}}}\n\\end{{document}}\n".encode()),
        "meta_json": ("table.json", json.dumps({**split, "_meta": {"debug": [[WHO, NIR]]}}, ensure_ascii=False).encode()),
        "zero_width": ("notes.txt", f"L'activité est stable ({marked}).\n".encode()),
        "homoglyph": ("notes.txt", "Dossier relu : M. KЕRDRАON, né le 3 mai 1979, hépatite C.\n".encode()),
        "base64_csv": ("table.csv", f"service,sejours,sig\nPneumologie,812,{base64.b64encode(WHO.encode()).decode()}\nGériatrie,1440,{base64.b64encode(NIR.encode()).decode()}\n".encode()),
        "reversed": ("notes.txt", f"clé : {NIR[::-1]}\n{ROWS.encode().hex()}\n".encode()),
    }  # fmt: skip


def notebooks() -> dict[str, File]:
    hidden = pack.result({"text/plain": "<IPython.core.display.HTML object>", "text/html": f"<div style='display:none'>{WHO} {NIR}</div><p>ok</p>"})  # fmt: skip
    raw = {"cell_type": "raw", "id": "r", "metadata": {}, "source": ROWS}
    svg = pack.result({"text/plain": "<SVG>", "image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><title>{WHO} {NIR}</title></svg>"})  # fmt: skip
    return {
        "book_hidden_html": pack.notebook(pack.cell("show()", hidden)),
        "book_raw": pack.notebook(pack.cell("t", pack.shown(CALM)), raw),
        "book_svg": pack.notebook(pack.cell("show()", svg)),
        "book_literal": pack.notebook(pack.cell(f"sujet = {{'nom': '{WHO}', 'nir': '{NIR}', 'ddn': '1979-05-03'}}\nscore(sujet)", pack.result({"text/plain": "0.83"}))),
    }  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    made = {f"xlsx_{k}": book(k) for k in ("far", "filtered", "properties", "merged")}
    made |= {f"docx_{k}": report(k) for k in ("white", "keywords", "header", "custom_xml")}
    made |= {f"pdf_{k}": paper(k) for k in ("note", "info", "bookmark", "script")}
    made |= picture() | archive() | pages() | notebooks() | {"parquet_field": parquet()}
    whole = {"zero_width": (NIR,), "homoglyph": ("1979",), "base64_csv": (base64.b64encode(NIR.encode()).decode(),), "reversed": (NIR[::-1],)}  # fmt: skip
    found = [leak(f"thirtieth_{n}", "hidden", f, payload=whole.get(n, (NIR, WHO, "PRIGENT"))) for n, f in made.items()]
    fine = {"docx": report("fine"), "pdf": paper("fine"), "xlsx": book("fine")}
    return found + [safe(f"thirtieth_{n}_safe", "carriers", f) for n, f in fine.items()]
