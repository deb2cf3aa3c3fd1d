"""One content in many containers: a frame or a text as researchers save them."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from typing import Any

import docx
import matplotlib as mpl
import numpy as np
import openpyxl
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt

from .case import File


def csv(frame: pd.DataFrame, sep: str = ",", encoding: str = "utf-8", decimal: str = ".") -> File:
    return "table.csv", frame.to_csv(index=False, sep=sep, decimal=decimal).encode(encoding)


def french_csv(frame: pd.DataFrame) -> File:
    try:
        return csv(frame, ";", "cp1252", ",")
    except UnicodeEncodeError:
        return bom_csv(frame)


def bom_csv(frame: pd.DataFrame) -> File:
    return csv(frame, ";", "utf-8-sig", ",")


def wide_csv(frame: pd.DataFrame) -> File:
    return csv(frame, "\t", "utf-16")


def tsv(frame: pd.DataFrame) -> File:
    return "table.tsv", frame.to_csv(index=False, sep="\t").encode()


def excel(frame: pd.DataFrame, title: str = "") -> File:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Résultats"
    if title:
        sheet.append([title])
    sheet.append([str(c) for c in frame.columns])
    for row in frame.itertuples(index=False):
        sheet.append([v.item() if isinstance(v, np.generic) else v for v in row])
    for cell in sheet[2 if title else 1]:
        cell.font = openpyxl.styles.Font(bold=True)
    out = io.BytesIO()
    book.save(out)
    return "table.xlsx", out.getvalue()


def parquet(frame: pd.DataFrame) -> File:
    out = io.BytesIO()
    frame.to_parquet(out, index=False)
    return "table.parquet", out.getvalue()


def html(frame: pd.DataFrame) -> File:
    return "table.html", f"<html><body>{frame.to_html(index=False)}</body></html>".encode()


def markdown_text(frame: pd.DataFrame) -> str:
    rows = [[str(c) for c in frame.columns], ["---"] * frame.shape[1]]
    rows += [[str(v) for v in row] for row in frame.itertuples(index=False)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"


def markdown(frame: pd.DataFrame) -> File:
    return "table.md", ("# Résultats\n\n" + markdown_text(frame)).encode()


def latex(frame: pd.DataFrame) -> File:
    return "table.tex", frame.to_latex(index=False, escape=True).encode()


def printed(frame: pd.DataFrame) -> File:
    return "table.txt", (frame.to_string(index=False) + "\n").encode()


def as_json(frame: pd.DataFrame) -> File:
    return "table.json", frame.to_json(orient="records", force_ascii=False).encode()


def split_json(frame: pd.DataFrame) -> File:
    return "table.json", frame.to_json(orient="split", force_ascii=False).encode()


def columns_json(frame: pd.DataFrame) -> File:
    return "table.json", json.dumps({str(c): frame[c].tolist() for c in frame}, ensure_ascii=False).encode()


def cell(source: str, *outputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    made = {"cell_type": "code", "id": "c", "metadata": {}, "source": source}
    return {**made, "execution_count": 1, "outputs": list(outputs), **more}


def text_cell(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": "m", "metadata": {}, "source": source}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def result(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": data}


def shown(frame: pd.DataFrame) -> dict[str, Any]:
    """A frame as the last line of a cell shows it."""
    return result({"text/plain": repr(frame), "text/html": frame._repr_html_()})


def notebook(*cells: dict[str, Any], metadata: dict[str, Any] | None = None, name: str = "book.ipynb") -> File:
    python = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    numbered = [{**c, "id": f"cell-{i}"} for i, c in enumerate(cells)]
    book = {"cells": numbered, "metadata": metadata or python, "nbformat": 4, "nbformat_minor": 5}
    return name, json.dumps(book, ensure_ascii=False, indent=1).encode()


def book(frame: pd.DataFrame) -> File:
    return notebook(text_cell("## Résultats"), cell("table", shown(frame)))


def printed_book(frame: pd.DataFrame) -> File:
    return notebook(cell("print(table.to_string())", stream(frame.to_string() + "\n")))


def word(frame: pd.DataFrame, *texts: str) -> File:
    report = docx.Document()
    report.add_heading("Résultats", 1)
    for text in texts:
        report.add_paragraph(text)
    if frame.shape[1]:
        table = report.add_table(rows=1, cols=frame.shape[1], style="Table Grid")
        for box, name in zip(table.rows[0].cells, frame.columns, strict=True):
            box.text = str(name)
        for row in frame.itertuples(index=False):
            for box, value in zip(table.add_row().cells, row, strict=True):
                box.text = str(value)
    out = io.BytesIO()
    report.save(out)
    return "report.docx", out.getvalue()


def zipped(*files: File) -> File:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return "results.zip", out.getvalue()


def zipped_csv(frame: pd.DataFrame) -> File:
    return zipped(csv(frame))


def figure(
    draw: Callable[[Any], object], kind: str = "png", size: tuple[float, float] = (6, 4), dpi: int = 120
) -> File:
    with mpl.rc_context({"svg.hashsalt": "x"}):
        picture, axes = plt.subplots(figsize=size)
        draw(axes)
        out = io.BytesIO()
        picture.savefig(out, format=kind, dpi=dpi, metadata={"Date": None} if kind == "svg" else None)
        plt.close(picture)
    return f"figure.{kind}", out.getvalue()


def drawn_table(frame: pd.DataFrame, kind: str) -> File:
    def draw(axes: Any) -> None:
        axes.axis("off")
        made = axes.table(cellText=frame.astype(str).to_numpy(), colLabels=list(frame.columns), loc="center")
        made.set_fontsize(11)

    return figure(draw, kind, dpi=150)


def drawn_pdf(frame: pd.DataFrame) -> File:
    return drawn_table(frame, "pdf")


TABLES: tuple[Callable[[pd.DataFrame], File], ...] = (
    csv, excel, book, markdown, french_csv, html, printed, latex, as_json, word, parquet, tsv,
    printed_book, bom_csv, zipped_csv, split_json, wide_csv, columns_json,
)  # fmt: skip


def text(body: str) -> File:
    return "notes.txt", body.encode()


def log(body: str) -> File:
    return "run.log", body.encode()


def markdown_prose(body: str) -> File:
    return "report.md", f"# Résultats\n\n{body}\n".encode()


def latex_prose(body: str) -> File:
    escaped = body.replace("%", r"\%").replace("_", r"\_")
    return "report.tex", f"\\section{{Results}}\n{escaped}\n".encode()


def html_prose(body: str) -> File:
    return "report.html", f"<html><body><h1>Results</h1><p>{body}</p></body></html>".encode()


def word_prose(body: str) -> File:
    return word(pd.DataFrame(), body)


def book_prose(body: str) -> File:
    return notebook(text_cell(f"## Results\n\n{body}"), cell("model.fit()"))


def book_stream(body: str) -> File:
    return notebook(cell("summary()", stream(body + "\n")))


def json_prose(body: str) -> File:
    return "summary.json", json.dumps({"title": "Results", "comment": body}, ensure_ascii=False).encode()


PROSE: tuple[Callable[[str], File], ...] = (
    text, markdown_prose, book_prose, word_prose, latex_prose, html_prose, book_stream, log, json_prose,
)  # fmt: skip


def turn(packers: Sequence[Callable[[Any], File]], start: int, many: int) -> list[Callable[[Any], File]]:
    """`many` of the packers from a place of the wheel, so that every content meets others."""
    return [packers[(start * 5 + i * 7) % len(packers)] for i in range(many)]
