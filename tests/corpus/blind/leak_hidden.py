"""A payload where no reader of the result looks. Caught when the file is held, or the payload gone from the rebuilt one."""

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
import numpy as np
import openpyxl
import pandas as pd
import pikepdf
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.worksheet.datavalidation import DataValidation
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from . import pack
from .case import Case, File, leak

SECRET = "LEGOFF Marie 19380312 Plouzane"
FRAME = pd.DataFrame({"region": ["North", "South"], "n": [120, 153]})


def workbook(change: Any) -> File:
    book = openpyxl.load_workbook(io.BytesIO(pack.excel(FRAME)[1]))
    change(book, book.worksheets[0])
    out = io.BytesIO()
    book.save(out)
    return "table.xlsx", out.getvalue()


def repacked(file: File, name: str, data: bytes, comment: bytes = b"") -> File:
    """The zip with a part added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file[1])) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
        if name:
            new.writestr(name, data)
        new.comment = comment
    return file[0], out.getvalue()


def excels() -> Iterator[tuple[str, File]]:
    def very_hidden(book: Any, sheet: Any) -> None:
        other = book.create_sheet("x")
        other["A1"], other.sheet_state = SECRET, "veryHidden"

    def hidden_column(book: Any, sheet: Any) -> None:
        sheet["C1"] = SECRET
        sheet.column_dimensions["C"].hidden = True

    def white(book: Any, sheet: Any) -> None:
        sheet["D9"] = SECRET
        sheet["D9"].font = openpyxl.styles.Font(color="FFFFFFFF")

    def far(book: Any, sheet: Any) -> None:
        sheet["ZZ9000"] = SECRET

    def comment(book: Any, sheet: Any) -> None:
        sheet["A1"].comment = Comment(SECRET, "x")

    def validation(book: Any, sheet: Any) -> None:
        rule = DataValidation(type="list", formula1=f'"{SECRET}"')
        sheet.add_data_validation(rule)
        rule.add("A1")

    def conditional(book: Any, sheet: Any) -> None:
        sheet.conditional_formatting.add("A1", FormulaRule(formula=[f'A1="{SECRET}"']))

    def header(book: Any, sheet: Any) -> None:
        sheet.oddHeader.center.text = SECRET

    def number_format(book: Any, sheet: Any) -> None:
        sheet["B2"].number_format = f'0;0;0;"{SECRET}"'

    def tooltip(book: Any, sheet: Any) -> None:
        sheet["A1"].hyperlink = openpyxl.worksheet.hyperlink.Hyperlink(ref="A1", tooltip=SECRET, location="A2")

    def properties(book: Any, sheet: Any) -> None:
        book.properties.keywords = SECRET

    def defined(book: Any, sheet: Any) -> None:
        book.defined_names["x"] = openpyxl.workbook.defined_name.DefinedName("x", attr_text=f'"{SECRET}"')

    def merged(book: Any, sheet: Any) -> None:
        sheet.merge_cells("A5:B6")
        sheet._cells[6, 2] = openpyxl.cell.Cell(sheet, 6, 2, SECRET)

    def formula(book: Any, sheet: Any) -> None:
        sheet["B4"] = f'=IF(1,120,"{SECRET}")'

    def hidden_format(book: Any, sheet: Any) -> None:
        sheet["B3"], sheet["B3"].number_format = 4, '"<11"'

    for made in (very_hidden, hidden_column, white, far, comment, validation, conditional, header, number_format, tooltip,
                 properties, defined, merged, formula):  # fmt: skip
        yield f"xlsx_{made.__name__}", workbook(made)
    plain = pack.excel(FRAME)
    yield "xlsx_part", repacked(plain, "xl/extra.bin", SECRET.encode())
    yield "xlsx_zip_comment", repacked(plain, "", b"", SECRET.encode())
    yield "xlsx_pivot_cache", repacked(plain, "xl/pivotCache/pivotCacheRecords1.xml", f"<r><s v='{SECRET}'/></r>".encode())  # fmt: skip


def notebooks() -> Iterator[tuple[str, File]]:
    shown = pack.shown(FRAME)
    python = {"kernelspec": {"display_name": SECRET, "language": "python", "name": "python3"}}
    yield "ipynb_kernel", pack.notebook(pack.cell("t", shown), metadata=python)
    yield "ipynb_meta", pack.notebook(pack.cell("t", shown), metadata={"x": SECRET})
    yield "ipynb_cell_meta", pack.notebook(pack.cell("t", shown, metadata={"tags": [SECRET]}))
    yield "ipynb_output_meta", pack.notebook(pack.cell("t", {**shown, "metadata": {"text/html": {"x": SECRET}}}))
    yield "ipynb_raw", pack.notebook({"cell_type": "raw", "metadata": {}, "source": SECRET, "id": "r"})
    picture = {"image/png": base64.b64encode(SECRET.encode() * 9).decode()}
    yield "ipynb_attachment", pack.notebook({**pack.text_cell("ok"), "attachments": {"a.png": picture}})
    hidden_mimes = {
        "application/json": {"x": SECRET}, "application/vnd.custom+json": {"x": SECRET}, "text/vnd.mermaid": SECRET,
        "application/javascript": f"x='{SECRET}'", "application/vnd.jupyter.widget-view+json": {"model_id": SECRET},
    }  # fmt: skip
    for mime, value in hidden_mimes.items():
        yield f"ipynb_{mime.split('/')[1].split('+')[0]}", pack.notebook(pack.cell("t", pack.result({"text/plain": "ok", mime: value})))  # fmt: skip
    pages = {
        "comment": f"<!-- {SECRET} -->", "data": f"<p data-x='{SECRET}'>ok</p>", "style": f"<style>.a:after{{content:'{SECRET}'}}</style>",
        "class": f"<p class='{SECRET}'>ok</p>", "title": f"<p title='{SECRET}'>ok</p>", "script": f"<script>var x='{SECRET}'</script>",
    }  # fmt: skip
    for name, page in pages.items():
        yield f"ipynb_html_{name}", pack.notebook(pack.cell("t", pack.result({"text/plain": "ok", "text/html": page})))
    yield (
        "ipynb_overwritten",
        pack.notebook(pack.cell("t", pack.stream(f"{SECRET}\rdone                            \n"))),
    )
    yield "ipynb_conceal", pack.notebook(pack.cell("t", pack.stream(f"\x1b[8m{SECRET}\x1b[0mdone\n")))
    yield "ipynb_svg", pack.notebook(pack.cell("t", pack.result({"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><desc>{SECRET}</desc></svg>'})))  # fmt: skip
    state = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"a": {"state": {"value": SECRET}}}}}}
    yield "ipynb_widget", pack.notebook(pack.cell("t", shown), metadata=state)
    yield "ipynb_unknown_key", ("a.ipynb", pack.notebook(pack.cell("t", shown))[1].replace(b'"cells"', b'"x": "' + SECRET.encode() + b'", "cells"', 1))  # fmt: skip


def pages() -> Iterator[tuple[str, File]]:
    table = FRAME.to_html(index=False)
    hidden = {
        "comment": f"<!-- {SECRET} -->", "json": f"<script type='application/json'>{{\"x\": \"{SECRET}\"}}</script>",
        "input": f"<input type=hidden value='{SECRET}'>", "template": f"<template>{SECRET}</template>", "noscript": f"<noscript>{SECRET}</noscript>",
        "meta": f"<meta name=x content='{SECRET}'>", "css": f"<style>p:after{{content:'{SECRET}'}}</style>", "attribute": f"<p data-a='{SECRET}'>ok</p>",
        "link": f"<a href='http://example.org/?q={SECRET}'>doc</a>", "image": f"<img alt='{SECRET}' src='data:image/png;base64,{base64.b64encode(SECRET.encode()).decode()}'>",
        "svg": f"<svg><metadata>{SECRET}</metadata></svg>", "none": f"<p style='display:none'>{SECRET}</p>", "white": f"<p style='color:#fff'>{SECRET}</p>",
        "off": f"<p style='position:absolute;left:-9999px'>{SECRET}</p>", "tiny": f"<span style='font-size:0'>{SECRET}</span>", "entities": "<p title='" + "".join(f"&#{ord(c)};" for c in SECRET) + "'>ok</p>",
        "iframe": f"<iframe srcdoc='{SECRET}'></iframe>", "object": f"<object data='x'>{SECRET}</object>", "cdata": f"<![CDATA[{SECRET}]]>",
        "caption": f"<table hidden><tr><td>{SECRET}</td></tr></table>", "select": f"<select><option>ok<option>{SECRET}</select>", "bgcolor": f"<table><tr><td bgcolor='{SECRET}'>120</td></tr></table>",
    }  # fmt: skip
    for name, extra in hidden.items():
        yield f"html_{name}", ("t.html", f"<html><body>{table}{extra}</body></html>".encode())


def texts() -> Iterator[tuple[str, File]]:
    prose = "The cohort holds n = 1204 patients.\n"
    yield "md_comment", ("a.md", f"{prose}\n<!-- {SECRET} -->\n".encode())
    yield (
        "md_link",
        ("a.md", f"{prose}\n[doc](http://example.org/{SECRET.replace(' ', '_')})\n\n[1]: x '{SECRET}'\n".encode()),
    )
    yield "md_front", ("a.md", f"---\nx: {SECRET}\n---\n{prose}".encode())
    yield "md_image", ("a.md", f"{prose}\n![{SECRET}](data:image/png;base64,AAAA)\n".encode())
    tex = f"{prose}%s\n\\begin{{tabular}}{{lr}}\nNorth & 120 \\\\\nSouth & 153\n\\end{{tabular}}\n"
    for name, extra in {
        "comment": f"% {SECRET}", "iffalse": f"\\iffalse {SECRET} \\fi", "phantom": f"\\phantom{{{SECRET}}}",
        "title": f"\\hypersetup{{pdftitle={{{SECRET}}}}}", "white": f"\\textcolor{{white}}{{{SECRET}}}", "define": f"\\def\\x{{{SECRET}}}",
        "label": f"\\label{{{SECRET}}}", "environment": f"\\begin{{comment}}{SECRET}\\end{{comment}}", "after": f"\\end{{document}} {SECRET}",
    }.items():  # fmt: skip
        yield f"tex_{name}", ("a.tex", (tex % extra).encode())
    tags = "".join(chr(0xE0000 + ord(c)) for c in SECRET)
    bits = "".join("\u200b\u200d"[int(b)] for c in SECRET.encode() for b in f"{c:08b}")
    yield "txt_backspace", ("a.log", f"{SECRET}{chr(8) * len(SECRET)}done, n = 153\n".encode())
    yield "csv_comment", ("a.csv", f"# {SECRET}\nregion,n\nNorth,120\nSouth,153\n".encode())
    yield "csv_formula", ("a.csv", f'region,n\nNorth,120\n"=HYPERLINK(""http://x/{SECRET}"")",153\n'.encode())
    yield "csv_extra", ("a.csv", f"region,n\nNorth,120\nSouth,153,,,{SECRET}\n".encode())
    yield "csv_after_blank", ("a.csv", f"region,n\nNorth,120\nSouth,153\n{chr(10) * 60}{SECRET}\n".encode())
    yield "csv_nul", ("a.csv", f"region,n\nNorth,120\0{SECRET}\nSouth,153\n".encode())
    yield "json_key", ("a.json", f'{{"n": 120, "_{SECRET}": null}}'.encode())
    yield "json_double", ("a.json", f'{{"n": "{SECRET}", "n": 120}}'.encode())
    yield "json_inner", ("a.json", json.dumps({"n": 120, "config": json.dumps({"x": SECRET})}).encode())
    yield "tags", ("a.txt", (prose + tags).encode())
    yield "bits", ("a.txt", (prose[:9] + bits + prose[9:]).encode())


def plots() -> Iterator[tuple[str, File]]:
    import altair
    import bokeh.embed
    import bokeh.plotting
    import bokeh.resources
    import plotly.graph_objects as go

    altair.data_transformers.disable_max_rows()
    chance = np.random.default_rng(8)
    ages = chance.normal(60, 14, 300).round(2)
    ids = [f"SUBJ{n:07d}" for n in chance.integers(0, 9_999_999, 300)]
    web = {"full_html": True, "include_plotlyjs": "cdn"}
    yield "plotly_histogram", ("plot.html", go.Figure(go.Histogram(x=ages)).to_html(**web).encode())
    yield "plotly_box", ("plot.html", go.Figure(go.Box(y=ages, boxpoints=False)).to_html(**web).encode())
    hover = go.Figure(go.Bar(x=["A", "B"], y=[120, 133], customdata=[ids[:150], ids[150:]]))
    yield "plotly_hover", ("plot.html", hover.to_html(**web).encode())
    meta = go.Figure(go.Bar(x=["A", "B"], y=[120, 133]), layout={"meta": {"x": SECRET}})
    yield "plotly_meta", ("plot.html", meta.to_html(**web).encode())
    yield "plotly_json", ("plot.json", go.Figure(go.Scatter(x=ages, y=ages[::-1], mode="markers", text=ids)).to_json().encode())  # fmt: skip
    frame = pd.DataFrame({"age": ages, "id": ids})
    chart = altair.Chart(frame).mark_bar().encode(x=altair.X("age", bin=True), y="count()")
    yield "altair_histogram", ("plot.html", chart.to_html().encode())
    yield "altair_json", ("plot.json", chart.to_json().encode())
    drawn = bokeh.plotting.figure()
    drawn.scatter(x="age", y="age", source=bokeh.plotting.ColumnDataSource(frame))
    yield "bokeh_scatter", ("plot.html", bokeh.embed.file_html(drawn, bokeh.resources.CDN).encode())
    mimes = {"application/vnd.plotly.v1+json": json.loads(hover.to_json()), "text/plain": "Figure"}
    yield "ipynb_plotly", pack.notebook(pack.cell("fig", pack.result(mimes)))
    yield "ipynb_vega", pack.notebook(pack.cell("c", pack.result({"application/vnd.vegalite.v5+json": json.loads(chart.to_json()), "text/plain": "Chart"})))  # fmt: skip
    for kind in ("svg", "pdf"):
        yield f"scatter_{kind}", pack.figure(lambda ax: ax.scatter(ages, ages[::-1]), kind)


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def pictures() -> Iterator[tuple[str, File]]:
    bars = pack.figure(lambda ax: ax.bar(["North", "South"], [120, 153]))[1]
    picture = Image.open(io.BytesIO(bars)).convert("RGB")
    out, info = io.BytesIO(), PngInfo()
    info.add_text("Description", SECRET, zip=True)
    info.add_itxt("XML:com.adobe.xmp", SECRET)
    picture.save(out, "PNG", pnginfo=info)
    yield "png_text", ("a.png", out.getvalue())
    yield "png_after", ("a.png", bars + SECRET.encode())
    yield "png_chunk", ("a.png", bars[:33] + chunk(b"prVt", SECRET.encode()) + bars[33:])
    for name, more in {"comment": {"comment": SECRET.encode()}, "exif": {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0" + SECRET.encode()}, "icc": {"icc_profile": SECRET.encode() * 9}}.items():  # fmt: skip
        out = io.BytesIO()
        picture.save(out, "JPEG", **more)
        yield f"jpeg_{name}", ("a.jpg", out.getvalue())
    yield "jpeg_after", ("a.jpg", out.getvalue() + SECRET.encode())
    head = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="50" fill="#369"/>'
    )
    for name, extra in {
        "comment": f"<!-- {SECRET} -->", "metadata": f"<metadata>{SECRET}</metadata>", "off": f'<text x="-900" y="9">{SECRET}</text>',
        "hidden": f'<text display="none">{SECRET}</text>', "white": f'<text y="90" fill="#fff">{SECRET}</text>', "id": f'<g id="{SECRET}"/>',
        "foreign": f"<foreignObject><p>{SECRET}</p></foreignObject>", "script": f"<script>x='{SECRET}'</script>",
        "dust": "".join(f'<circle cx="{ord(c)}" cy="{i}" r=".01"/>' for i, c in enumerate(SECRET)) + f"<desc>{SECRET}</desc>",
    }.items():  # fmt: skip
        yield f"svg_{name}", ("a.svg", f"{head}{extra}</svg>".encode())


def papers() -> Iterator[tuple[str, File]]:
    plain = pack.figure(lambda ax: ax.bar(["North", "South"], [120, 153]), "pdf")[1]

    def changed(change: Any) -> File:
        with pikepdf.open(io.BytesIO(plain)) as document:
            change(document, document.pages[0])
            out = io.BytesIO()
            document.save(out, compress_streams=False)
        return "a.pdf", out.getvalue()

    def info(document: Any, page: Any) -> None:
        document.docinfo["/Title"] = SECRET

    def attachment(document: Any, page: Any) -> None:
        document.attachments["a.txt"] = SECRET.encode()

    def note(document: Any, page: Any) -> None:
        page.Annots = document.make_indirect([{"/Type": pikepdf.Name.Annot, "/Subtype": pikepdf.Name.Text, "/Rect": [0, 0, 9, 9], "/Contents": SECRET}])  # fmt: skip

    def script(document: Any, page: Any) -> None:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=f"x='{SECRET}'")

    def outline(document: Any, page: Any) -> None:
        with document.open_outline() as made:
            made.root.append(pikepdf.OutlineItem(SECRET, 0))

    def orphan(document: Any, page: Any) -> None:
        page.PieceInfo = pikepdf.Dictionary(X=pikepdf.Dictionary(Private=SECRET))

    def text(operators: str) -> Any:
        def drawn(document: Any, page: Any) -> None:
            font = next(iter(page.Resources.Font.keys())) if "/Font" in page.Resources else "/F1"
            page.Resources.Font = page.Resources.get("/Font", pikepdf.Dictionary())
            page.Resources.Font["/FX"] = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            del font
            page.contents_add(f"q BT /FX 9 Tf {operators} ({SECRET}) Tj ET Q".encode())

        return drawn

    for name, change in {"info": info, "attachment": attachment, "note": note, "script": script, "outline": outline, "piece": orphan,
                         "invisible": text("3 Tr 50 50 Td"), "white": text("1 1 1 rg 50 50 Td"), "off": text("-900 50 Td")}.items():  # fmt: skip
        yield f"pdf_{name}", changed(change)
    yield "pdf_after", ("a.pdf", plain + SECRET.encode())

    def report(change: Any) -> File:
        made = docx.Document(io.BytesIO(pack.word(FRAME, "The cohort holds n = 1204 patients.")[1]))
        change(made)
        out = io.BytesIO()
        made.save(out)
        return "a.docx", out.getvalue()

    def vanish(made: Any) -> None:
        made.add_paragraph().add_run(SECRET).font.hidden = True

    def white(made: Any) -> None:
        made.add_paragraph().add_run(SECRET).font.color.rgb = docx.shared.RGBColor(255, 255, 255)

    def core(made: Any) -> None:
        made.core_properties.comments = SECRET

    def header(made: Any) -> None:
        made.sections[0].header.paragraphs[0].text = SECRET

    def field(made: Any) -> None:
        run = made.add_paragraph()._p.add_r()
        run.append(docx.oxml.parse_xml(f'<w:instrText xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">DOCVARIABLE {SECRET}</w:instrText>'))  # fmt: skip

    def deleted(made: Any) -> None:
        made.add_paragraph()._p.append(docx.oxml.parse_xml(f'<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="1" w:author="x"><w:r><w:delText>{SECRET}</w:delText></w:r></w:del>'))  # fmt: skip

    for made in (vanish, white, core, header, field, deleted):
        yield f"docx_{made.__name__}", report(made)
    yield "docx_part", repacked(report(lambda _: None), "customXml/item1.xml", f"<x>{SECRET}</x>".encode())
    yield "docx_comment_part", repacked(report(lambda _: None), "word/comments.xml", f"<x>{SECRET}</x>".encode())


def columns() -> Iterator[tuple[str, File]]:
    def written(table: pa.Table) -> File:
        out = io.BytesIO()
        pq.write_table(table, out)
        return "t.parquet", out.getvalue()

    plain = pa.table({"region": ["North", "South"], "n": [120, 153]})
    yield "parquet_metadata", written(plain.replace_schema_metadata({"x": SECRET}))
    yield "parquet_field", written(plain.cast(pa.schema([pa.field("region", pa.string(), metadata={"x": SECRET}), pa.field("n", pa.int64())])))  # fmt: skip
    leftover = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array(["North", "South", SECRET]))
    yield "parquet_category", written(pa.table({"region": leftover, "n": [120, 153]}))
    yield (
        "parquet_nested",
        written(pa.table({"region": ["North", "South"], "n": [{"a": 120, "b": SECRET}, {"a": 153, "b": ""}]})),
    )
    yield "zip_comment", repacked(pack.zipped_csv(FRAME), "", b"", SECRET.encode())
    yield "zip_name", pack.zipped((f"{SECRET}.csv", pack.csv(FRAME)[1]))
    yield "zip_nested", pack.zipped(pack.csv(FRAME), ("in.zip", pack.zipped(("a.txt", SECRET.encode()))[1]))
    yield "zip_prefix", ("a.zip", SECRET.encode() + pack.zipped_csv(FRAME)[1])
    yield "zip_dot", pack.zipped(pack.csv(FRAME), (".ipynb_checkpoints/a-checkpoint.csv", pack.csv(pd.DataFrame({"nom": [SECRET] * 2, "n": [1, 2]}))[1]))  # fmt: skip


def models() -> Iterator[Case]:
    import pickle

    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.tree import DecisionTreeRegressor, export_text

    chance = np.random.default_rng(6)
    x, y = chance.normal(60, 12, (80, 3)).round(1), chance.integers(0, 2, 80)
    fitted = KNeighborsClassifier().fit(x, y)
    tree = DecisionTreeRegressor().fit(x, chance.normal(100, 20, 80).round(2))
    raw = x.astype("<f8").tobytes()
    header = json.dumps({"train": {"dtype": "F64", "shape": [80, 3], "data_offsets": [0, len(raw)]}}).encode()
    small = json.dumps(
        {"__metadata__": {"x": SECRET}, "w": {"dtype": "F64", "shape": [3], "data_offsets": [0, 24]}}
    ).encode()
    array = io.BytesIO()
    np.save(array, x)
    arrays = io.BytesIO()
    np.savez(arrays, x=x)
    for name, file in {
        "pickle": ("model.pkl", pickle.dumps(fitted)), "joblib_name": ("model.joblib", pickle.dumps(tree)), "frame": ("df.pkl", pickle.dumps(FRAME)),
        "safetensors_rows": ("m.safetensors", len(header).to_bytes(8, "little") + header + raw),
        "safetensors_meta": ("m.safetensors", len(small).to_bytes(8, "little") + small + bytes(24)),
        "npy": ("x.npy", array.getvalue()), "npz": ("x.npz", arrays.getvalue()), "tree_text": ("tree.txt", export_text(tree, show_weights=True).encode()),
        "json_knn": ("model.json", json.dumps({"class": "KNeighborsClassifier", "_fit_X": x.tolist(), "_y": y.tolist()}).encode()),
        "json_tree": ("model.json", json.dumps({"feature": tree.tree_.feature.tolist(), "threshold": tree.tree_.threshold.tolist(), "n_node_samples": tree.tree_.n_node_samples.tolist(), "value": tree.tree_.value.ravel().tolist()}).encode()),
        "svm_text": ("model.txt", ("SV\n" + "\n".join("1 " + " ".join(f"{j}:{v}" for j, v in enumerate(r, 1)) for r in x)).encode()),
        "sqlite": ("a.db", b"SQLite format 3\0" + SECRET.encode() * 90), "renamed": ("a.csv", pickle.dumps(FRAME)), "rds": ("a.rds", zlib.compress(SECRET.encode())),
        "xgboost": ("dump.json", json.dumps([{"nodeid": 0, "split": "age", "split_condition": 97.5, "cover": 120, "children": [{"nodeid": 1, "leaf": 0.1, "cover": 119}, {"nodeid": 2, "leaf": -0.9, "cover": 1}]}]).encode()),
    }.items():  # fmt: skip
        yield leak(f"model_{name}", "model", file, payload=[SECRET] if name == "safetensors_meta" else ())


def drawn() -> Iterator[Case]:
    """What a picture shows: person by person, or as small numbers in letters."""
    chance = np.random.default_rng(12)
    x, y = chance.normal(60, 14, 150), chance.normal(25, 4, 150)
    table = pd.DataFrame({"region": ["North", "South", "West"], "patients": ["120", "3", "98"]})
    yield leak("picture_scatter", "picture", pack.figure(lambda ax: ax.scatter(x, y)))
    yield leak("picture_table", "picture", pack.drawn_table(table, "png"))
    yield leak("picture_table_pdf", "picture", pack.drawn_table(table, "pdf"))

    def labelled(ax: Any) -> None:
        ax.bar_label(ax.bar(["North", "South", "West"], [120, 3, 98]))

    yield leak("picture_bar_label", "picture", pack.figure(labelled))
    yield leak(
        "picture_pie", "picture", pack.figure(lambda ax: ax.pie([120, 98, 4], labels=["n = 120", "n = 98", "n = 4"]))
    )
    yield leak("picture_name", "picture", pack.figure(lambda ax: ax.set_title("LE GOFF Marie, née le 12/03/1938")))
    yield leak("picture_box", "picture", pack.figure(lambda ax: ax.boxplot([np.append(chance.normal(60, 5, 200), [104, 17, 99, 12])])))  # fmt: skip

    def risk(ax: Any) -> None:
        ax.step([0, 12, 24, 36], [1, 0.9, 0.8, 0.4])
        ax.set_xlabel("No. at risk   210   140   61   2")

    yield leak("picture_risk", "picture", pack.figure(risk))
    yield leak("picture_matrix", "picture", pack.figure(lambda ax: [ax.imshow([[400, 3], [12, 88]], cmap="Blues"), [ax.text(j, i, str(v), ha="center") for i, r in enumerate([[400, 3], [12, 88]]) for j, v in enumerate(r)]]))  # fmt: skip


def cases() -> list[Case]:
    made: list[Case] = []
    groups = {"excel": excels, "notebook": notebooks, "html": pages, "text": texts, "plot": plots, "pixels": pictures, "paper": papers, "columns": columns}  # fmt: skip
    for group, each in groups.items():
        for name, file in each():
            # Plots hold people's values, not the secret: they pass only without the subjects' numbers.
            payload = [SECRET, SECRET.replace(" ", "_")] if group != "plot" or "meta" in name else ["SUBJ", "59."]
            made.append(leak(name, f"hidden-{group}", file, payload=payload))
    return [*made, *models(), *drawn()]
