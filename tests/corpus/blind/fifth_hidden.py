"""The fifth batch, rows of persons, hidden content and pictures."""

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
import pyarrow as pa
import pyarrow.parquet as pq

from . import pack
from .case import Case, File, leak

RNG = np.random.default_rng(50)


def persons(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(51)
    return pd.DataFrame({
        "sexe": rng.choice(["H", "F"], n), "age": rng.integers(18, 100, n),
        "commune": rng.choice(["29019", "35238", "22050", "56260"], n),
        "entree": pd.date_range("2021-01-03", periods=n, freq="7h").strftime("%Y-%m-%d"),
        "los": rng.integers(0, 60, n), "cout": rng.gamma(2, 4000, n).round(2),
    })  # fmt: skip


def rows() -> Iterator[tuple[str, File]]:
    yield "rows_no_id", pack.csv(persons(300))
    yield "rows_shuffled_names", pack.parquet(persons(500).set_axis(list("abcdef"), axis=1))
    yield "predictions", pack.csv(pd.DataFrame({"y_true": RNG.integers(0, 2, 400), "y_score": RNG.random(400).round(4)}))  # fmt: skip
    yield "residuals", pack.csv(pd.DataFrame({"fitted": RNG.normal(8000, 900, 350).round(1), "resid": RNG.normal(0, 500, 350).round(1)}))  # fmt: skip
    yield "embedding", pack.parquet(pd.DataFrame(RNG.normal(size=(200, 8)).round(4), columns=[f"z{i}" for i in range(8)]))  # fmt: skip
    yield "pairs_list", pack.csv(pd.DataFrame({"pair": range(1, 121), "case_id": RNG.integers(100000, 999999, 120), "control_id": RNG.integers(100000, 999999, 120)}))  # fmt: skip
    yield "line_listing", pack.word(pd.DataFrame({"No.": [1, 2, 3], "Age/sex": ["91/F", "34/M", "67/F"], "Reaction": ["SJS", "DRESS", "AGEP"], "Onset": ["03/02/2021", "17/02/2021", "21/03/2021"], "Outcome": ["Died", "Recovered", "Recovered"]}))  # fmt: skip
    yield "json_lines", ("rows.json", "\n".join(json.dumps(r) for r in persons(40).to_dict("records")).encode())
    yield "by_id", ("r.json", json.dumps({str(104512 + 3 * i): {"auc": round(0.5 + i / 100, 3), "los": i % 40} for i in range(40)}).encode())  # fmt: skip
    yield "hashed", pack.csv(pd.DataFrame({"h": [f"{zlib.crc32(str(i).encode()):08x}{zlib.adler32(str(i).encode()):08x}" for i in range(60)], "score": RNG.random(60).round(3)}))  # fmt: skip
    yield "coordinates", pack.csv(pd.DataFrame({"lat": RNG.normal(48.4, 0.1, 80).round(5), "lon": RNG.normal(-4.4, 0.1, 80).round(5)}))  # fmt: skip
    yield (
        "list_of_values",
        pack.text("Durées de séjour (jours), groupe DRESS : 3, 11, 12, 19, 27, 33, 48, 51, 60, 212\n"),
    )
    yield "shap_row", pack.notebook(pack.cell("explain(X.iloc[41])", pack.stream("Patient 41: f(x) = 0.91\n  age = 97          +0.31\n  commune = 29155   +0.12\n  diag = E85.4      +0.08\n")))  # fmt: skip
    yield "head_html", pack.book(persons(5))
    yield "one_row_series", pack.notebook(pack.cell("df.iloc[0]", pack.result({"text/plain": "sexe                 F\nage                 97\ncommune          29155\nentree      2021-03-03\nlos                 12\nName: 0, dtype: object"})))  # fmt: skip
    yield "record_prose", pack.text("F;97;29155;2021-03-03;E85.4;12\nH;71;35238;2021-03-04;I50;4\nF;64;22050;2021-03-04;J44;9\n")  # fmt: skip
    yield "weights_rows", pack.tsv(pd.DataFrame({"stratum": range(150), "age": RNG.integers(18, 99, 150), "iptw": RNG.gamma(2, 1, 150).round(4)}))  # fmt: skip
    yield "siret", pack.csv(pd.DataFrame({"prescripteur": ["10003845127", "10100512348", "10002219873"], "boites": [1204, 812, 311]}))  # fmt: skip


SECRET = "2 54 03 29 019 123 07"


def cell_format() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["region", "n"], ["Bretagne", 1204], ["Centre", 811]):
        sheet.append(row)
    sheet["H40"] = SECRET
    sheet["H40"].number_format = ";;;"
    sheet.oddFooter.left.text = SECRET
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shown_as_eleven() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in (["region", "patients"], ["Bretagne", 1204], ["Corse", 4]):
        sheet.append(row)
    sheet["B3"].number_format = '"<11"'
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def report() -> bytes:
    made = docx.Document()
    made.add_paragraph("The cohort has 4,120 patients.")
    made.core_properties.comments = SECRET
    made.sections[0].header.paragraphs[0].text = SECRET
    hidden = made.add_paragraph().add_run(SECRET)
    hidden.font.hidden = True
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def schema() -> bytes:
    table = pa.table({"region": ["Bretagne", "Centre"], "n": [1204, 811]})
    field = table.schema.field(0).with_metadata({b"note": SECRET.encode()})
    table = table.cast(pa.schema([field, table.schema.field(1)], metadata={b"source": SECRET.encode()}))
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def archive() -> bytes:
    inner = pack.zipped(pack.csv(persons(60)))[1]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a/b/inner.zip", inner)
        made.comment = SECRET.encode()
    return out.getvalue()


def hidden() -> Iterator[tuple[str, File, tuple[str, ...]]]:
    yield "cell_format", ("t.xlsx", cell_format()), (SECRET,)
    yield "shown_as_eleven", ("t.xlsx", shown_as_eleven()), ()
    yield "word", ("r.docx", report()), (SECRET,)
    yield "schema", ("t.parquet", schema()), (SECRET,)
    yield "archive", ("r.zip", archive()), ()
    yield "html_attributes", ("p.html", f"<html><body><p data-row='{SECRET}' title='{SECRET}'>4,120 patients.</p><div style='display:none'>{SECRET}</div><template>{SECRET}</template></body></html>".encode()), (SECRET,)  # fmt: skip
    yield "latex_white", ("t.tex", f"\\section{{Results}}\n4,120 patients. \\textcolor{{white}}{{{SECRET}}}\n\\iffalse {SECRET} \\fi\n".encode()), (SECRET,)  # fmt: skip
    yield "markdown_comment", ("r.md", f'# Results\n\n<!-- {SECRET} -->\n\n4,120 patients.[^1]\n\n[x]: http://a/ "{SECRET}"\n'.encode()), (SECRET,)  # fmt: skip
    yield "notebook_metadata", ("b.ipynb", json.dumps({"cells": [{"cell_type": "code", "id": "c0", "metadata": {"tags": [SECRET]}, "source": "1+1", "execution_count": 1, "outputs": [{"output_type": "display_data", "metadata": {"x": SECRET}, "data": {"text/plain": "<Figure>", "application/vnd.custom+json": {"v": SECRET}}}]}], "metadata": {"authors": [{"name": SECRET}]}, "nbformat": 4, "nbformat_minor": 5}).encode()), (SECRET,)  # fmt: skip
    yield "stderr", pack.notebook(pack.cell("run()", pack.stream(f"UserWarning: unknown code for {SECRET}\n", "stderr"))), (SECRET,)  # fmt: skip
    yield "thin_space_id", pack.text("Beneficiary 2\u202f54\u202f03\u202f29\u202f019\u202f123\u202f07 was excluded.\n"), ("254032901912307",)  # fmt: skip
    yield "ansi", pack.log(f"\x1b[8m{SECRET}\x1b[0m done in 3 s\n"), (SECRET,)


def pictures() -> Iterator[tuple[str, File]]:
    many = persons(200)

    def bars(axes: Any) -> None:
        shown = axes.bar(["Cardio", "Réa", "Greffe"], [1204, 311, 4])
        axes.bar_label(shown)
        axes.set_ylabel("patients")

    def heat(axes: Any) -> None:
        values = [[412, 88], [31, 3]]
        axes.imshow(values)
        for i, row in enumerate(values):
            for j, n in enumerate(row):
                axes.text(j, i, f"n = {n}", ha="center", color="white", fontsize=14)

    def scatter(axes: Any) -> None:
        axes.scatter(many["age"], many["cout"], s=12)
        axes.set_xlabel("age")

    def box(axes: Any) -> None:
        axes.boxplot([many["cout"], many["los"] * 300])

    def spikes(axes: Any) -> None:
        axes.step([0, 3, 11, 12, 19, 27, 33, 48, 60], [1, 0.96, 0.92, 0.88, 0.83, 0.79, 0.75, 0.71, 0.66], where="post")
        axes.text(5, 0.68, "At risk: 24  18  11  4", fontsize=13)

    yield "bars_png", pack.figure(bars)
    yield "bars_svg", pack.figure(bars, "svg")
    yield "heat_png", pack.figure(heat)
    yield "scatter_png", pack.figure(scatter)
    yield "scatter_svg", pack.figure(scatter, "svg")
    yield "box_png", pack.figure(box)
    yield "risk_png", pack.figure(spikes)
    yield "table_png", pack.drawn_table(pd.DataFrame({"Service": ["Cardio", "Greffe"], "Patients": [1204, 4]}), "png")
    yield "vega_values", ("c.json", json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "point", "data": {"values": many.head(60).to_dict("records")}, "encoding": {"x": {"field": "age", "type": "quantitative"}, "y": {"field": "cout", "type": "quantitative"}}}).encode())  # fmt: skip
    yield "plotly_bars", ("c.json", json.dumps({"data": [{"type": "bar", "x": ["Cardio", "Réa", "Greffe"], "y": [1204, 311, 4], "name": "patients"}], "layout": {"title": {"text": "Patients"}}}).encode())  # fmt: skip


def cases() -> Iterator[Case]:
    for name, file in rows():
        yield leak(f"five-{name}", "rows", file)
    for name, file, payload in hidden():
        yield leak(f"five-{name}", "hidden", file, payload=payload)
    for name, file in pictures():
        yield leak(f"five-{name}", "picture", file)
