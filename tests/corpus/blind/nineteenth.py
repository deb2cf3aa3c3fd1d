"""Nineteenth batch: small, in the less usual writings of numbers and forms of files, each with large twins.

Untouched score: 22 of 28 leaks (79 %), 20 of 25 safe results (80 %). Corrected since: a safe letter that had somebody's
address in it, and two safe tables whose spans and nesting the rebuilt file writes otherwise.
"""

import io
import json
from typing import Any

import docx
import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages
from openpyxl.styles import Font

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(1900)


def texts(few: int, part: str) -> dict[str, File]:
    """One number of persons in many writings; `part` is that number of 412, in %."""
    knitr = f"<html><body><h1>Rapport</h1><pre class='r'><code>table(d$cause)</code></pre><pre><code>## \n##   chute noyade   foudre \n##     412     96     {few:4} \n</code></pre></body></html>"
    page = f"<html><body><table><tr><th>Cause</th><th>Deaths</th></tr><tr><td>Fall</td><td><b>412</b></td></tr><tr><td>Fire</td><td><i>{few}</i><sup>a</sup></td></tr></table><p><sup>a</sup> two hospitals</p></body></html>"
    spans = f"<html><body><table><tr><th rowspan='2'>Ward</th><th colspan='2'>Deaths</th></tr><tr><th>Women</th><th>Men</th></tr><tr><td>A</td><td>41</td><td>38</td></tr><tr><td>B</td><td>29</td><td>{few}</td></tr></table></body></html>"
    return {
        "footnoted": ("t.csv", f"Cause,Décès\nChute,412\nNoyade,96†\nFoudre,{few}*\n".encode()),
        "scientific": ("t.tsv", f"Cause\tCases\nFall\t4.12e+02\nDrowning\t9.6e+01\nFire\t{few:.2e}\n".encode()),
        "floats": ("t.csv", f"Cause;Nombre de cas\nChute;412,0\nNoyade;96,0\nFoudre;{few},0\n".encode("cp1252")),
        "key_value": ("results.csv", f"indicator,value\nPatients,412\nMean age,61.2\nDeaths,{few}\n".encode()),
        "yaml": ("results.yaml", f"study: stroke\npatients: 412\noutcome:\n  deaths: {few}\n  mean_age: 61.2\n".encode()),
        "ini": ("results.ini", f"[stroke]\nn_patients=412\nn_deaths={few}\n".encode()),
        "xml": ("results.xml", f"<?xml version='1.0'?><results><patients>412</patients><deaths>{few}</deaths></results>".encode()),
        "latex": ("t.tex", f"\\begin{{tabular}}{{lS}}\n\\toprule\nCause & {{Deaths}} \\\\\n\\midrule\nFall & \\num{{412}} \\\\\nFire & \\textbf{{\\num{{{few}}}}} \\\\\n\\bottomrule\n\\end{{tabular}}\n".encode()),
        "marked": ("t.md", f"| Cause | Deaths |\n|---|---:|\n| Fall | **412** |\n| Fire | *{few}*[^1] |\n\n[^1]: Two hospitals.\n".encode()),
        "fenced": ("report.md", f"# Results\n\n```\ncause     n\nfall    412\nfire   {few:4}\n```\n".encode()),
        "smcl": ("model.smcl", f"{{smcl}}\n{{com}}. tab cause\n{{res}}\n{{txt}}      cause {{c |}}      Freq.     Percent\n{{hline 12}}{{c +}}{{hline 22}}\n{{txt}}       fall {{c |}}{{res}}        412       {100 - float(part):.2f}\n{{txt}}       fire {{c |}}{{res}}{few:11}        {part}\n".encode()),
        "knitr": ("rapport.html", knitr.encode()),
        "page": ("t.html", page.encode()),
        "spans": ("t.html", spans.encode()),
        "kept": pack.log(f"INFO kept {412 - few}/412 patients after quality control\n"),
        "nested": ("r.json", json.dumps({"hospital": {"north": {"women": 212, "men": 188}, "isle": {"women": few, "men": 41}}}).encode()),
        "twice": pack.word_prose(f"Of the 412 patients, {few:02d} ({part} %) died."),
        "letter": ("mail.eml", f"Subject: results\n\nDear all, there were {few} deaths among the 412 patients.\n".encode()),
        "rout": ("model.Rout", f"> table(d$died)\n\nFALSE  TRUE \n  {412 - few}  {few:4} \n> \n".encode()),
    }  # fmt: skip


def workbook(few: int) -> File:
    """A second sheet, with a merged title, whose counts are texts."""
    made = openpyxl.Workbook()
    made.worksheets[0].append(["See the next sheet"])
    sheet = made.create_sheet("Tableau 2")
    for row in (["Tableau 2. Décès par cause", None], ["Cause", "Décès"], ["Chute", "412"], ["Foudre", f"{few} "]):
        sheet.append(row)
    sheet.merge_cells("A1:B1")
    sheet["A2"].font = Font(bold=True)
    out = io.BytesIO()
    made.save(out)
    return "tableau2.xlsx", out.getvalue()


def nested_table(few: int) -> File:
    made = docx.Document()
    outer = made.add_table(rows=1, cols=2)
    outer.rows[0].cells[0].text = "Table 2"
    inner = outer.rows[0].cells[1].add_table(rows=3, cols=2)
    for row, texts_ in zip(inner.rows, (("Cause", "Deaths"), ("Fall", "412"), ("Fire", str(few))), strict=True):
        for cell, text in zip(row.cells, texts_, strict=True):
            cell.text = text
    out = io.BytesIO()
    made.save(out)
    return "table2.docx", out.getvalue()


def risk(few: int) -> Any:
    def draw(ax: Any) -> None:
        ax.step([0, 12, 24, 36], [1, 0.9, 0.82, 0.8], where="post")
        ax.set(xlabel="Months", ylabel="Survival")
        for x, n in zip((0, 12, 24, 36), (412, 301, 96, few), strict=True):
            ax.text(x, -0.35, str(n), ha="center", fontsize=11, transform=ax.get_xaxis_transform())
        ax.text(-4, -0.35, "At risk", ha="right", fontsize=11, transform=ax.get_xaxis_transform())
        ax.figure.subplots_adjust(bottom=0.35, left=0.25)

    return draw


def second_page(few: int) -> File:
    out = io.BytesIO()
    with PdfPages(out) as book:
        for frame in (pd.DataFrame({"Year": [2019, 2020], "Mean stay": [5.1, 5.3]}), pd.DataFrame({"Cause": ["Fall", "Fire"], "Deaths": [412, few]})):  # fmt: skip
            figure, axes = plt.subplots(figsize=(6, 4))
            axes.axis("off")
            axes.table(cellText=frame.astype(str).to_numpy(), colLabels=list(frame.columns), loc="center")
            book.savefig(figure)
            plt.close(figure)
    return "tables.pdf", out.getvalue()


def geojson(place: list[float] | None) -> File:
    """A case at its place, or regions with rates."""
    ring = [[[2.0, 48.0], [3.0, 48.0], [3.0, 49.0], [2.0, 48.0]]]
    shapes = [{"type": "Feature", "properties": {"region": "Nord", "rate": 12.1}, "geometry": {"type": "Polygon", "coordinates": ring}}]  # fmt: skip
    if place:
        shapes = [{"type": "Feature", "properties": {"sex": "F", "age": 41}, "geometry": {"type": "Point", "coordinates": [place[0] + i / 7000, place[1]]}} for i in range(3)]  # fmt: skip
    return "map.geojson", json.dumps({"type": "FeatureCollection", "features": shapes}).encode()


def squares(ax: Any) -> None:
    """What a QR code looks like."""
    ax.imshow(rng.random((33, 33)) < 0.5, cmap="Greys", interpolation="nearest")
    ax.axis("off")


def means(n: int, mean: float) -> File:
    return pack.csv(pd.DataFrame({"Group": ["Drug", "Placebo"], "n": [n, 212], "Mean age": [mean, 61.4]}))


def cases() -> list[Case]:
    """The cases of the batch."""
    listed = {"when": [["2019-03-04", "2019-05-11"], ["2020-01-09"]], "cause": ["Fall", "Fire"]}
    out = io.BytesIO()
    pd.DataFrame(listed).to_parquet(out)
    return [
        *(leak(f"nineteen_{name}", "writings", file) for name, file in texts(4, "0.97").items()),
        leak("nineteen_workbook", "forms", workbook(4)), leak("nineteen_nested_table", "forms", nested_table(4)),
        leak("nineteen_risk", "forms", pack.figure(risk(4), dpi=150)), leak("nineteen_second_page", "forms", second_page(4)),
        leak("nineteen_risk_svg", "forms", pack.figure(risk(4), "svg")),
        leak("nineteen_points", "forms", geojson([-4.486034, 48.390112])), leak("nineteen_dates", "forms", ("d.parquet", out.getvalue())),
        leak("nineteen_squares", "forms", pack.figure(squares)),
        leak("nineteen_means", "forms", means(41, 62.0), released=(means(40, 61.0),)),
        *(safe(f"nineteen_safe_{name}", "writings", file) for name, file in texts(97, "23.54").items() if name != "spans"),
        safe("nineteen_safe_workbook", "forms", workbook(97)),
        safe("nineteen_safe_risk", "forms", pack.figure(risk(61), dpi=150)), safe("nineteen_safe_second_page", "forms", second_page(97)),
        safe("nineteen_safe_regions", "forms", geojson(None)), safe("nineteen_safe_means", "forms", means(212, 62.0), released=(means(112, 61.0),)),
    ]  # fmt: skip
