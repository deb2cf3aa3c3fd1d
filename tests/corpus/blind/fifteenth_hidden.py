"""Fifteenth batch: what a container carries out of sight, and models, in the most common forms."""

import base64
import io
import json
import pickle

import altair as alt
import docx
import joblib
import numpy as np
import onnx
import openpyxl
import pandas as pd
import pikepdf
import plotly.express as px
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io as sio
from bokeh.embed import file_html
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from onnx import TensorProto, helper, numpy_helper
from PIL import Image, PngImagePlugin
from safetensors.numpy import save as save_tensors
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from .case import Case, File, leak
from .pack import cell, csv, figure, notebook, result, stream, text_cell, zipped

rng = np.random.default_rng(1501)
SECRET = "2750331555014"
ROW = "1947-03-18;F;31555;C50.9;2"
CALM = pd.DataFrame({"region": ["Nord", "Sud", "Est", "Ouest"], "patients": [1204, 988, 1410, 764]})
IDS = [f"PAT{n:06d}" for n in rng.choice(900000, 300, replace=False)]
POINTS = pd.DataFrame({"ipp": IDS, "age": rng.normal(64, 12, 300).round(1), "creat": rng.normal(92, 21, 300).round(1)})
BARS = pd.DataFrame({"group": ["A", "B", "C"], "mean": [4.1, 4.8, 5.2]})


def workbook(kind: str) -> File:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    for row in [list(CALM.columns), *CALM.to_numpy().tolist()]:
        sheet.append(row)
    if kind == "veryhidden":
        other = made.create_sheet("tmp")
        other.sheet_state = "veryHidden"
        other.append(ROW.split(";"))
        other["A2"] = SECRET
    elif kind == "hidden_columns":
        sheet["H1"], sheet["H2"] = "nir", SECRET
        sheet.column_dimensions["H"].hidden = True
    elif kind == "comment":
        sheet["B2"].comment = openpyxl.comments.Comment(f"dont {SECRET}", "jd")
    elif kind == "formula":
        sheet["C2"] = f'=IF(FALSE,"{SECRET}",B2*2)'
    elif kind == "white":
        sheet["F40"] = SECRET
        sheet["F40"].font = openpyxl.styles.Font(color="FFFFFF")
    else:
        made.defined_names["src"] = openpyxl.workbook.defined_name.DefinedName("src", attr_text=f'"{SECRET}"')
    out = io.BytesIO()
    made.save(out)
    return "tables.xlsx", out.getvalue()


def report(kind: str) -> File:
    made = docx.Document()
    run = made.add_paragraph("The results are shown by region in Table 1.").runs[0]
    if kind == "comment":
        made.add_comment(run, text=f"check patient {SECRET}", author="me", initials="m")
    elif kind == "header":
        made.sections[0].header.paragraphs[0].text = SECRET
    else:
        element = made.add_paragraph()._p
        deleted = docx.oxml.parse_xml(
            '<w:del xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" w:id="7" w:author="me">'
            f"<w:r><w:delText>{SECRET}</w:delText></w:r></w:del>"
        )
        element.append(deleted)
    out = io.BytesIO()
    made.save(out)
    return "report.docx", out.getvalue()


def paper(kind: str) -> File:
    _, plain = figure(lambda ax: ax.plot([0, 1, 2, 3], [0.9, 0.8, 0.74, 0.7]), "pdf")
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        page = pdf.pages[0]
        if kind == "attachment":
            pdf.attachments["patients.csv"] = f"naissance;sexe;cp;dx;n\n{ROW}\n{SECRET}".encode()
        elif kind == "xmp":
            with pdf.open_metadata() as meta:
                meta["dc:description"] = SECRET
        else:
            font = pikepdf.Dictionary(
                Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
            )
            page.add_resource(font, pikepdf.Name.Font, name=pikepdf.Name("/FX"))
            where = "-900 -400 Td" if kind == "off_page" else "3 Tr 60 60 Td"
            page.contents_add(f"q BT /FX 12 Tf {where} ({SECRET}) Tj ET Q".encode())
        out = io.BytesIO()
        pdf.save(out)
    return "figure.pdf", out.getvalue()


def picture(kind: str) -> File:
    name, plain = figure(lambda ax: ax.plot([0, 1, 2, 3], [0.9, 0.8, 0.74, 0.7]), "jpg" if kind == "exif" else "png")
    made, out = Image.open(io.BytesIO(plain)), io.BytesIO()
    if kind == "text":
        info = PngImagePlugin.PngInfo()
        info.add_text("Description", SECRET)
        info.add_itxt("rows", ROW)
        made.save(out, "PNG", pnginfo=info)
    elif kind == "exif":
        exif = made.getexif()
        exif[0x010E], exif[0x9286] = SECRET, ROW
        made.save(out, "JPEG", exif=exif)
    else:
        out.write(plain + zipped(("rows.csv", f"{SECRET}\n{ROW}\n".encode()))[1])
    return name, out.getvalue()


def drawing() -> File:
    name, plain = figure(lambda ax: ax.bar(["A", "B"], [4.2, 4.9]), "svg")
    hidden = f"<metadata>{SECRET}</metadata><g display='none'><text>{ROW}</text></g><!-- {SECRET} -->"
    return name, plain.replace(b"</svg>", hidden.encode() + b"</svg>")


def unused_categories() -> File:
    frame = CALM.assign(source=pd.Categorical(["x"] * 4, categories=["x", *IDS]))
    table = pa.Table.from_pandas(frame)
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({b"src": SECRET.encode()}), out)
    return "by_region.parquet", out.getvalue()


def tagged_book() -> File:
    note = {**text_cell("## Results\n\nSee below."), "attachments": {"x.txt": {"text/plain": SECRET}}}
    note["metadata"] = {"note": SECRET}
    return notebook(note, cell("1 + 1", stream("2\n")), metadata={"widgets": {"state": {"a": SECRET}}, "rows": [ROW]})


def display_book() -> File:
    data = {"text/plain": "<Table>", "application/json": {"rows": [ROW, SECRET]}, "application/x-secret": SECRET}
    return notebook(
        cell("show(table)", result(data)), {"cell_type": "raw", "id": "r", "metadata": {}, "source": SECRET}
    )


def invisible() -> File:
    bits = "".join(f"{ord(c):08b}" for c in SECRET)
    return "notes.md", (
        "# Results\n\nThe effect" + "".join("\u200b\u200c"[int(b)] for b in bits) + " was small.\n"
    ).encode()


def homoglyphs() -> File:
    words = ["conclusion", "association", "cohorte", "période", "population"] * 6
    bits = "".join(f"{ord(c):08b}" for c in "1947F31")
    said = " ".join(w.replace("o", "о") if b == "1" else w for w, b in zip(words, bits, strict=False))
    return "notes.txt", f"{said}\n".encode()


def page() -> File:
    made = f"""<html><head><meta name="author" content="{SECRET}"></head><body><h1>Results</h1>
<p style="color:#fff">{ROW}</p><table data-rows="{SECRET}"><tr><th>Region</th><th>Patients</th></tr>
<tr><td title="{SECRET}">Nord</td><td>1204</td></tr><tr><td>Sud</td><td>988</td></tr></table>
<input type="hidden" value="{SECRET}"></body></html>"""
    return "page.html", made.encode()


def plotly_page() -> File:
    made = px.histogram(POINTS, x="age", nbins=12, hover_data=["ipp"])
    return "ages.html", made.to_html(include_plotlyjs="cdn").encode()


def plotly_customdata() -> File:
    made = px.bar(BARS, x="group", y="mean")
    made.update_traces(customdata=[IDS[:100], IDS[100:200], IDS[200:]])
    return "bars.html", made.to_html(include_plotlyjs="cdn").encode()


def altair_page() -> File:
    made = alt.Chart(POINTS).mark_bar().encode(x=alt.X("age", bin=True), y="count()")
    return "ages.html", made.to_html().encode()


def bokeh_page() -> File:
    source = ColumnDataSource({"x": [1, 2, 3], "y": [4.1, 4.8, 5.2], "who": IDS[:3]})
    plot = bokeh_figure(title="Mean by group")
    plot.line("x", "y", source=source)
    return "mean.html", file_html(plot, INLINE, "mean").encode()


def hidden() -> list[Case]:
    kinds = ("veryhidden", "hidden_columns", "comment", "formula", "white", "name")
    out = [leak(f"fifteen_xlsx_{kind}", "hidden", workbook(kind), payload=[SECRET]) for kind in kinds]
    out += [leak(f"fifteen_docx_{k}", "hidden", report(k), payload=[SECRET]) for k in ("comment", "header", "deleted")]
    out += [leak(f"fifteen_pdf_{k}", "hidden", paper(k), payload=[SECRET]) for k in ("attachment", "xmp", "off_page", "invisible")]  # fmt: skip
    out += [leak(f"fifteen_picture_{k}", "hidden", picture(k), payload=[SECRET, ROW]) for k in ("text", "exif", "appended")]  # fmt: skip
    source = "\\begin{tabular}{lr}\nNord & 1204 \\\\\nSud & 988 \\\\\n\\end{tabular}\n% " + ROW + "\n"
    debug = {
        "auc": 0.81,
        "n": 4366,
        "_debug": {"last_batch": [{"naissance": "1947-03-18", "sexe": "F", "cp": "31555"}]},
    }
    nested = zipped(("a.csv", csv(CALM)[1]), ("old.zip", zipped((".rows.csv", f"{SECRET}\n{ROW}\n".encode()))[1]))
    return [
        *out,
        leak("fifteen_svg", "hidden", drawing(), payload=[SECRET, ROW]),
        leak("fifteen_parquet", "hidden", unused_categories(), payload=[SECRET, *IDS[:5]]),
        leak("fifteen_book_metadata", "hidden", tagged_book(), payload=[SECRET, ROW]),
        leak("fifteen_book_display", "hidden", display_book(), payload=[SECRET, ROW]),
        leak("fifteen_zero_width", "hidden", invisible(), payload=["\u200b", "\u200c"]),
        leak("fifteen_homoglyphs", "hidden", homoglyphs(), payload=["о"]),
        leak("fifteen_html", "hidden", page(), payload=[SECRET]),
        leak("fifteen_plotly", "hidden", plotly_page(), payload=IDS[:5]),
        leak("fifteen_plotly_customdata", "hidden", plotly_customdata(), payload=IDS[:5]),
        leak("fifteen_altair", "hidden", altair_page(), payload=IDS[:5]),
        leak("fifteen_bokeh", "hidden", bokeh_page(), payload=IDS[:3]),
        leak("fifteen_latex", "hidden", ("table.tex", source.encode()), payload=[ROW]),
        leak("fifteen_json_debug", "hidden", ("metrics.json", json.dumps(debug).encode())),
        leak("fifteen_zip_in_zip", "hidden", nested, payload=[SECRET]),
    ]


def models() -> list[Case]:
    x, y = rng.normal(60, 12, (120, 4)).round(2), rng.integers(0, 2, 120)
    near, machine = KNeighborsClassifier(5).fit(x, y), SVC().fit(x, y)
    process, dumped = GaussianProcessRegressor().fit(x, x[:, 0]), io.BytesIO()
    joblib.dump(near, dumped, compress=3)
    rows = numpy_helper.from_array(x.astype(np.float32), "train_x")
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["q", "train_x"], ["o"])], "nearest",
        [helper.make_tensor_value_info("q", TensorProto.FLOAT, [1, 120])],
        [helper.make_tensor_value_info("o", TensorProto.FLOAT, [1, 4])], [rows],
    )  # fmt: skip
    pickled = f"import pickle, base64\nm = pickle.loads(base64.b64decode('{base64.b64encode(pickle.dumps(near)).decode()}'))\n"
    return [
        leak("fifteen_knn_joblib", "models", ("knn.joblib", dumped.getvalue())),
        leak("fifteen_svc_skops", "models", ("svc.skops", sio.dumps(machine))),
        leak("fifteen_gp_pickle", "models", ("gp.pkl", pickle.dumps(process))),
        leak("fifteen_safetensors", "models", ("weights.safetensors", save_tensors({"memory": x}))),
        leak("fifteen_onnx", "models", ("nearest.onnx", onnx.helper.make_model(graph).SerializeToString())),
        leak("fifteen_pickle_in_py", "models", ("load.py", pickled.encode())),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*hidden(), *models()]
