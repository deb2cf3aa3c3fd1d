"""Seventeenth batch: corners of containers that no earlier batch looked into, and models."""

import io
import json
import zipfile
import zlib

import docx
import numpy as np
import onnx
import openpyxl
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io as sio
from onnx import TensorProto, helper
from openpyxl.chart import BarChart, Reference
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from . import pack
from .case import Case, File, leak

rng = np.random.default_rng(1703)
SECRET = "2750331555014"
ROW = "1947-03-18;F;31555;C50.9;2"
CALM = pd.DataFrame({"region": ["Nord", "Sud", "Est", "Ouest"], "patients": [1204, 988, 1410, 764]})
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def put(archive: bytes, parts: dict[str, bytes], edit: tuple[str, bytes, bytes] | None = None) -> bytes:
    """The zip with more members, and with one text replaced in one of them."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if edit and name == edit[0]:
                assert edit[1] in data
                data = data.replace(edit[1], edit[2])
            new.writestr(name, data)
        for name, data in parts.items():
            new.writestr(name, data)
    return out.getvalue()


def workbook(kind: str) -> File:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    if kind == "validation":
        rule = DataValidation(type="list", formula1=f'"{SECRET},x"')
        rule.prompt, rule.promptTitle = ROW, "source"
        rule.add("A2")
        sheet.add_data_validation(rule)
    elif kind == "chart":
        chart = BarChart()
        chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=5), titles_from_data=True)
        chart.title = f"dont {SECRET}"
        sheet.add_chart(chart, "E2")
    elif kind == "conditional":
        from openpyxl.formatting.rule import FormulaRule

        sheet.conditional_formatting.add("A1:B5", FormulaRule(formula=[f'$A1="{SECRET}"']))
    elif kind == "number_format":
        sheet["B2"].number_format = f'0" {SECRET}"'
    elif kind == "link":
        sheet["A2"].hyperlink = f"https://intranet.example/dossier?nir={SECRET}"
    out = io.BytesIO()
    made.save(out)
    data = out.getvalue()
    if kind == "custom_xml":
        data = put(data, {"customXml/item1.xml": f"<a>{SECRET}</a>".encode()})
    elif kind == "external":
        data = put(data, {"xl/externalLinks/externalLink1.xml": f"<externalLink><sheetData><v>{SECRET}</v></sheetData></externalLink>".encode()})  # fmt: skip
    return f"{kind}.xlsx", data


def report(kind: str) -> File:
    made = docx.Document()
    paragraph = made.add_paragraph("The results are shown by region in Table 1.")
    if kind == "bookmark":
        paragraph._p.append(docx.oxml.parse_xml(f'<w:bookmarkStart {W} w:id="1" w:name="p{SECRET}"/>'))
    elif kind == "placeholder":
        paragraph._p.append(docx.oxml.parse_xml(f'<w:sdt {W}><w:sdtPr><w:alias w:val="{SECRET}"/><w:tag w:val="{ROW}"/></w:sdtPr><w:sdtContent><w:r><w:t> See below.</w:t></w:r></w:sdtContent></w:sdt>'))  # fmt: skip
    elif kind == "text_box":
        box = f'<w:r {W} xmlns:v="urn:schemas-microsoft-com:vml"><w:pict><v:shape style="width:200pt"><v:textbox><w:txbxContent><w:p><w:r><w:t>{SECRET}</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></w:r>'
        paragraph._p.append(docx.oxml.parse_xml(box))
    out = io.BytesIO()
    made.save(out)
    data = out.getvalue()
    if kind == "embedded":
        data = put(data, {"word/embeddings/Microsoft_Excel_Sheet1.xlsx": workbook("chart")[1]})
    elif kind == "variable":
        data = put(data, {"word/glossary/document.xml": f"<w:glossaryDocument {W}><w:t>{ROW} {SECRET}</w:t></w:glossaryDocument>".encode()})  # fmt: skip
    return f"{kind}.docx", data


def paper(kind: str) -> File:
    _, plain = pack.figure(lambda ax: ax.plot([0, 1, 2, 3], [0.9, 0.8, 0.74, 0.7]), "pdf")
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        page = pdf.pages[0]
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name("/FX"))
        drawn = f"q BT /FX 12 Tf 60 60 Td ({SECRET} {ROW}) Tj ET Q"
        if kind == "layer":
            layer = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.OCG, Name="draft"))
            pdf.Root.OCProperties = pikepdf.Dictionary(OCGs=[layer], D=pikepdf.Dictionary(OFF=[layer], Order=[layer]))
            page.add_resource(layer, pikepdf.Name.Properties, name=pikepdf.Name("/L0"))
            page.contents_add(f"/OC /L0 BDC {drawn} EMC".encode())
        elif kind == "covered":
            page.contents_add(f"{drawn} q 1 1 1 rg 50 50 300 30 re f Q".encode())
        else:
            field = pikepdf.Dictionary(FT=pikepdf.Name.Tx, T=pikepdf.String("nir"), V=pikepdf.String(SECRET), F=2, Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, Rect=[0, 0, 1, 1])  # fmt: skip
            pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[pdf.make_indirect(field)])
        pdf.save(out)
    return f"{kind}.pdf", out.getvalue()


def picture(kind: str) -> File:
    name, plain = pack.figure(
        lambda ax: ax.plot([0, 1, 2, 3], [0.9, 0.8, 0.74, 0.7]), "jpg" if kind == "iptc" else "png"
    )
    made, out = Image.open(io.BytesIO(plain)), io.BytesIO()
    if kind == "frame":
        other = pack.drawn_table(pd.DataFrame({"nir": [SECRET], "row": [ROW]}), "png")[1]
        second = Image.open(io.BytesIO(other)).convert("RGB").resize(made.size)
        made.convert("RGB").save(out, "PNG", save_all=True, append_images=[second], duration=900000)
    elif kind == "clear":
        from PIL import ImageDraw

        under = made.convert("RGBA")
        ink = Image.new("RGBA", under.size, (255, 255, 255, 0))
        ImageDraw.Draw(ink).text((20, 20), f"{SECRET} {ROW}", fill=(0, 0, 0, 0), font_size=24)
        pixels = np.asarray(under).copy()
        hidden = np.asarray(ink)
        pixels[hidden[..., 0] == 0] = (0, 0, 0, 0)
        Image.fromarray(pixels).save(out, "PNG")
    elif kind == "profile":
        made.save(out, "PNG", icc_profile=b"\0" * 128 + f"desc{SECRET}".encode())
    else:
        body = f"Photoshop 3.0\0{SECRET}".encode()
        out.write(plain[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:])
    return name, out.getvalue()


def archive(kind: str) -> File:
    table = CALM.to_csv(index=False).encode()
    if kind == "names":
        return pack.zipped(("Durand_Marie_1948-03-12/table.csv", table))
    if kind == "prefix":
        return "results.zip", f"{SECRET}\n{ROW}\n".encode() + pack.zipped(("table.csv", table))[1]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        info = zipfile.ZipInfo("table.csv")
        body = SECRET.encode()
        info.extra = b"\xfe\xca" + len(body).to_bytes(2, "little") + body
        made.writestr(info, table)
    return "results.zip", out.getvalue()


def attrs() -> File:
    frame = CALM.copy()
    frame.attrs = {"source": SECRET, "row": ROW}
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(frame), out)
    return "by_region.parquet", out.getvalue()


def models() -> dict[str, File]:
    notes = [f"{name} habite à {town}, suivie pour {dx}" for name, town, dx in zip(["Kervella", "Lagadec", "Quéméner", "Durand"] * 4, ["Molène", "Sein"] * 8, ["lupus", "sida", "goutte", "lèpre"] * 4, strict=True)]  # fmt: skip
    words = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(notes, [0, 1] * 8)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 3])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 3])
    node = helper.make_node("Relu", ["x"], ["y"], doc_string=ROW)
    net = helper.make_model(helper.make_graph([node], SECRET, [x], [y]))
    net.metadata_props.append(onnx.StringStringEntryProto(key="trained_on", value=f"{SECRET} {ROW}"))
    pmml = f'<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><NearestNeighborModel functionName="classification"><TrainingInstances><InlineTable><row><age>77</age><cp>31555</cp><nir>{SECRET}</nir></row></InlineTable></TrainingInstances></NearestNeighborModel></PMML>'
    stata = io.BytesIO()
    pd.DataFrame({"age": rng.integers(20, 90, 60), "cost": rng.lognormal(8, 1, 60)}).to_stata(stata, write_index=False)
    return {"tfidf": ("model.skops", sio.dumps(words)), "onnx": ("model.onnx", net.SerializeToString()), "pmml": ("model.pmml", pmml.encode()), "stata": ("d.dta", stata.getvalue())}  # fmt: skip


def books() -> dict[str, File]:
    calm = pack.cell("by_region", pack.shown(CALM))
    made = json.loads(pack.notebook(calm)[1])
    made["cells"][0]["id"] = f"nir-{SECRET}"
    resource = {"schema": {"fields": [{"name": "ipp", "type": "string"}]}, "data": [{"ipp": SECRET}]}
    frame = "ValueError                                Traceback (most recent call last)\nCell In[3], line 1\n----> 1 fit(d)\nValueError: could not convert string to float: 'DURAND MARIE 12/03/1948'"
    error = {"output_type": "error", "ename": "ValueError", "evalue": f"bad row {ROW}", "traceback": frame.split("\n")}
    hidden = pack.cell("n_dead", pack.result({"text/plain": "3"}))
    hidden["metadata"] = {"jupyter": {"outputs_hidden": True, "source_hidden": True}, "tags": [SECRET]}
    return {
        "cell_id": ("book.ipynb", json.dumps(made).encode()),
        "resource": pack.notebook(pack.cell("d", pack.result({"text/plain": "table", "application/vnd.dataresource+json": resource}))),
        "latex_output": pack.notebook(pack.cell("show()", pack.result({"text/plain": "<Latex>", "text/latex": r"\begin{tabular}{lr}Cause & Deaths \\ Fall & 41 \\ Fire & 2 \\\end{tabular}"}))),
        "traceback": pack.notebook(pack.cell("fit(d)", error)),
        "hidden_output": pack.notebook(hidden),
    }  # fmt: skip


def texts() -> dict[str, File]:
    table = CALM.to_html(index=False)
    svg = pack.figure(lambda ax: ax.bar(["A", "B"], [4.2, 4.9]), "svg")[1]
    extra = f"<defs><text id='u'>{SECRET}</text></defs><foreignObject width='0' height='0'><p>{ROW}</p></foreignObject></svg>"
    packed = zlib.compress(f"{SECRET} {ROW}".encode()).hex()
    return {
        "aria": ("page.html", f"<html><body><div aria-label='{SECRET}' role='img'>{table}</div><datalist><option>{ROW}</option></datalist></body></html>".encode()),
        "after_end": ("report.tex", f"\\documentclass{{article}}\n\\hypersetup{{pdfauthor={{{SECRET}}}}}\n\\begin{{document}}\nResults.\n\\label{{tab:{SECRET}}}\n\\end{{document}}\n{ROW}\n{SECRET}\n".encode()),
        "md_comment": ("report.md", f"# Results\n\n[//]: # ({SECRET})\n\nStable over time.\n\n<details><summary>more</summary>{ROW}</details>\n".encode()),
        "svg_defs": ("figure.svg", svg.replace(b"</svg>", extra.encode())),
        "hex_of_zlib": ("notes.txt", f"Results are stable.\nchecksum: {packed}\n".encode()),
    }  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    made = {f"xlsx_{k}": workbook(k) for k in ("validation", "chart", "conditional", "number_format", "link", "custom_xml", "external")}  # fmt: skip
    made |= {f"docx_{k}": report(k) for k in ("bookmark", "placeholder", "text_box", "embedded", "variable")}
    made |= {f"pdf_{k}": paper(k) for k in ("layer", "covered", "field")}
    made |= {f"picture_{k}": picture(k) for k in ("frame", "clear", "profile", "iptc")}
    made |= {f"zip_{k}": archive(k) for k in ("prefix", "extra")} | {"parquet_attrs": attrs()} | texts()
    shown = {f"book_{k}": file for k, file in books().items()}
    said = {"book_latex_output", "book_traceback", "book_hidden_output"}
    return [
        *(leak(f"seventeen_{name}", "hidden", file, payload=[SECRET, ROW]) for name, file in made.items()),
        *(leak(f"seventeen_{name}", "hidden", file, payload=[] if name in said else [SECRET]) for name, file in shown.items()),
        leak("seventeen_zip_names", "hidden", archive("names"), payload=["Durand", "1948"]),
        *(leak(f"seventeen_model_{name}", "models", file) for name, file in models().items()),
    ]  # fmt: skip
