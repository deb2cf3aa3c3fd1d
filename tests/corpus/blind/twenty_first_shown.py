"""Twenty-first batch: figures, saved charts, documents and carriers, each a safe result and its twin."""

import io
import json
from typing import Any

import altair as alt
import docx
import numpy as np
import openpyxl
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(2101)
NIR = "2480329232018"
WARDS = pd.DataFrame({"Ward": ["A", "B", "C"], "Stays": [812, 640, 455], "Deaths": [41, 38, 29]})


def bars(ax: Any) -> None:
    ax.bar(["2019", "2020", "2021"], [412, 388, 455], color="#4477aa")
    ax.set(xlabel="Year", ylabel="Admissions")


def labelled(ax: Any) -> None:
    made = ax.bar(["Fall", "Fire", "Drowning"], [412, 38, 4], color="#4477aa")
    ax.bar_label(made)
    ax.set(ylabel="Deaths")


def roc(ax: Any) -> None:
    x = np.linspace(0, 1, 200)
    ax.plot(x, x**0.35, label="AUC = 0.84")
    ax.plot([0, 1], [0, 1], "--", color="grey")
    ax.set(xlabel="1 - specificity", ylabel="Sensitivity")
    ax.legend()


def scatter(ax: Any) -> None:
    ax.scatter(rng.normal(61, 14, 160), rng.normal(27, 4, 160), s=12)
    ax.set(xlabel="Age", ylabel="BMI")


def forest(ax: Any) -> None:
    y = np.arange(5)
    ax.errorbar([0.8, 0.9, 1.1, 0.7, 0.95], y, xerr=0.15, fmt="s", color="k")
    ax.axvline(1, ls=":")
    ax.set_yticks(y, ["Age ≥ 65", "Women", "Diabetes", "Smokers", "Overall"])
    ax.set(xlabel="Hazard ratio (95 % CI)")


def boxes(ax: Any) -> None:
    ax.boxplot(
        [[*rng.normal(5, 1, 60), 10.2, 11.9, 12.3, 14.8], rng.normal(6, 1.4, 60)], tick_labels=["Drug", "Placebo"]
    )
    ax.set(ylabel="Length of stay (days)")


def smooth(ax: Any) -> None:
    x = np.linspace(20, 95, 300)
    ax.plot(x, np.exp(-(((x - 62) / 14) ** 2) / 2) / 35)
    ax.set(xlabel="Age (years)", ylabel="Density")


def steps(ax: Any) -> None:
    times = np.sort(rng.uniform(0.4, 30, 14))
    ax.step([0, *times], [1, *(1 - np.arange(1, 15) / 16)], where="post")
    ax.plot(times[::4], (1 - np.arange(1, 15) / 16)[::4], "|", ms=9, color="k")
    ax.set(xlabel="Months", ylabel="Survival (n = 16)")


def heat(ax: Any) -> None:
    values = np.array([[1.0, 0.21, 0.4], [0.21, 1.0, 0.12], [0.4, 0.12, 1.0]])
    ax.imshow(values, cmap="Blues")
    for (i, j), v in np.ndenumerate(values):
        ax.text(j, i, f"{v:.2f}", ha="center", va="center")
    ax.set_xticks(range(3), ["age", "bmi", "sbp"])
    ax.set_yticks(range(3), ["age", "bmi", "sbp"])


def matrix(ax: Any) -> None:
    values = np.array([[812, 3], [41, 96]])
    ax.imshow(values, cmap="Blues")
    for (i, j), v in np.ndenumerate(values):
        ax.text(j, i, str(v), ha="center", va="center", fontsize=14)
    ax.set_xticks(range(2), ["alive", "dead"])
    ax.set_yticks(range(2), ["pred. alive", "pred. dead"])


def plotly(points: bool) -> File:
    if points:
        made = go.Figure(
            go.Scatter(x=rng.normal(61, 14, 90).round(1), y=rng.normal(27, 4, 90).round(1), mode="markers")
        )
        made.update_layout(xaxis_title="Age", yaxis_title="BMI")
    else:
        made = go.Figure(go.Bar(x=["A", "B", "C"], y=[812, 640, 455]))
        made.update_layout(xaxis_title="Ward", yaxis_title="Stays")
    return "figure.html", made.to_html(include_plotlyjs="cdn").encode()


def vega(points: bool) -> File:
    if points:
        frame = pd.DataFrame({"age": rng.integers(20, 95, 80), "los": rng.integers(1, 60, 80)})
        made = alt.Chart(frame).mark_point().encode(x="age:Q", y="los:Q")
    else:
        made = alt.Chart(WARDS).mark_bar().encode(x="Ward:N", y="Stays:Q")
    return "chart.html", made.to_html().encode()


def sheet(kind: str) -> File:
    book = openpyxl.Workbook()
    first = book.worksheets[0]
    first.title = "Wards"
    for row in [list(WARDS.columns), *WARDS.itertuples(index=False)]:
        first.append([v.item() if isinstance(v, np.generic) else v for v in row])
    if kind == "safe":
        for n, row in enumerate(first.iter_rows(min_row=2, min_col=2), 1):
            for box in row:
                box.number_format = "#,##0"
            first.row_dimensions[n].height = 15
        first.freeze_panes = "A2"
        second = book.create_sheet("Notes")
        second.append(["Source: SNDS 2019-2021. Counts below 11 are not shown."])
    elif kind == "hidden":
        second = book.create_sheet("raw")
        second.append(["nir", "age"])
        second.append([NIR, 71])
        second.sheet_state = "veryHidden"
    elif kind == "comment":
        first["B2"].comment = Comment(f"incl. {NIR}", "me")
    elif kind == "white":
        first["Z90"] = NIR
        first["Z90"].font = openpyxl.styles.Font(color="FFFFFF")
    elif kind == "formula":
        first["E2"] = f'=IF(TRUE,"","{NIR}")'
    out = io.BytesIO()
    book.save(out)
    return "wards.xlsx", out.getvalue()


def parquet(kind: str) -> File:
    table = pa.Table.from_pandas(WARDS, preserve_index=False)
    if kind == "metadata":
        table = table.replace_schema_metadata({"note": f"patients {NIR}"})
    elif kind == "category":
        names = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2], pa.int8()), pa.array(["A", "B", "C", NIR]))
        table = table.set_column(0, "Ward", names)
    out = io.BytesIO()
    pq.write_table(table, out)
    return "wards.parquet", out.getvalue()


def picture(kind: str) -> File:
    name, data = pack.figure(bars)
    out = io.BytesIO(data)
    if kind == "text":
        image, info, out = Image.open(out), PngImagePlugin.PngInfo(), io.BytesIO()
        info.add_itxt("Comment", f"patient {NIR}")
        image.save(out, "png", pnginfo=info)
    elif kind == "tail":
        out = io.BytesIO(data + f"\n{NIR}\n".encode())
    elif kind == "pixels":
        pixels = np.array(Image.open(out).convert("RGB"))
        bits = np.unpackbits(np.frombuffer((NIR * 40).encode(), np.uint8))
        flat = pixels.reshape(-1)
        flat[: len(bits)] = (flat[: len(bits)] & 254) | bits
        out = io.BytesIO()
        Image.fromarray(pixels).save(out, "png")
    return name, out.getvalue()


def report(kind: str) -> File:
    made = docx.Document()
    made.add_heading("Mortality by ward, 2019–2021", 1)
    made.add_paragraph("Stays of adults in three wards. Deaths within 30 days of admission.")
    table = made.add_table(rows=1, cols=3)
    for box, name in zip(table.rows[0].cells, WARDS.columns, strict=True):
        box.text = name
    for row in WARDS.itertuples(index=False):
        for box, value in zip(table.add_row().cells, row, strict=True):
            box.text = str(value)
    if kind == "property":
        made.core_properties.keywords = NIR
    elif kind == "vanish":
        run = made.add_paragraph().add_run(f"Patient {NIR}")
        run.font.hidden = True
    elif kind == "small":
        made.add_paragraph("In ward D there were 2 deaths among 9 stays.")
    out = io.BytesIO()
    made.save(out)
    return "report.docx", out.getvalue()


def book(kind: str) -> File:
    table = pack.cell("wards", pack.shown(WARDS))
    first = pack.text_cell("## Mortality by ward\n\nAll adults, 2019 to 2021.")
    if kind == "metadata":
        table["metadata"] = {"papermill": {"parameters": {"nir": NIR}}}
    elif kind == "head":
        rows = pd.DataFrame(
            {"ipp": [f"8{n:09d}" for n in rng.integers(1, 10**9, 5)], "age": [71, 44, 63, 58, 80], "sex": list("FMFFM")}
        )
        table = pack.cell("df.head()", pack.shown(rows))
    elif kind == "source":
        table["source"] = f"df[df.nir == '{NIR}']\nwards"
    elif kind == "mime":
        table["outputs"][0]["data"]["application/vnd.cache+json"] = {"rows": [{"nir": NIR}]}
    return pack.notebook(first, pack.cell("import pandas as pd\nwards = pd.read_csv('wards.csv')"), table)


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"bars": (bars, labelled), "roc": (roc, steps), "forest": (forest, boxes), "smooth": (smooth, scatter), "heat": (heat, matrix)}  # fmt: skip
    found = []
    for i, (name, (fine, bad)) in enumerate(drawn.items()):
        for kind in (("png", "svg"), ("pdf", "png"), ("jpg", "png"), ("png", "svg"), ("png", "pdf"))[i]:
            found.append(safe(f"twenty_first_{name}_{kind}", "pictures", pack.figure(fine, kind, dpi=150)))
            found.append(leak(f"twenty_first_not_{name}_{kind}", "pictures", pack.figure(bad, kind, dpi=150)))
    for make, points in ((safe, False), (leak, True)):
        found.append(make(f"twenty_first_plotly_{points}", "charts", plotly(points)))
        found.append(make(f"twenty_first_vega_{points}", "charts", vega(points)))
    carriers = {"sheet": (sheet, ("hidden", "comment", "white", "formula")), "parquet": (parquet, ("metadata", "category")), "picture": (picture, ("text", "tail", "pixels")), "book": (book, ("metadata", "source", "mime")), "report": (report, ("property", "vanish"))}  # fmt: skip
    for name, (made, kinds) in carriers.items():
        found.append(safe(f"twenty_first_{name}", "carriers", made("safe")))
        payload = [NIR] if name != "picture" else [NIR[:6]]
        found += [leak(f"twenty_first_{name}_{kind}", "carriers", made(kind), payload=payload) for kind in kinds]
    found += [leak("twenty_first_report_small", "carriers", report("small")), leak("twenty_first_book_head", "carriers", book("head"))]  # fmt: skip
    bundle = [("wards.csv", WARDS.to_csv(index=False).encode()), pack.figure(bars), ("params.json", json.dumps({"seed": 42, "folds": 5}).encode())]  # fmt: skip
    found.append(safe("twenty_first_bundle", "several", pack.zipped(*bundle), pack.markdown_prose("Deaths by ward.")))
    more = WARDS.assign(Stays=[812, 640, 458])
    found.append(leak("twenty_first_three_more", "several", pack.csv(more), released=(pack.csv(WARDS),)))
    return found
