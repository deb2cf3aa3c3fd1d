"""Thirty-second batch: small, written after mending for the thirtieth, in places and words that it did not use.

Untouched score: 21 of 22 leaks (95 %), 10 of 10 safe results.
"""

import io
import json
from typing import Any

import docx
import openpyxl
import pandas as pd
import plotly.graph_objects as go

from . import pack
from .case import Case, File, leak, safe

WARDS = pd.DataFrame({"unité": ["Réanimation", "Maternité", "Soins palliatifs"], "séjours": [812, 1440, 210]})


def note(body: str, calm: str = "") -> File:
    """A workbook whose second sheet explains the first."""
    made = openpyxl.Workbook()
    for row in [list(WARDS.columns), *WARDS.to_numpy().tolist()]:
        made.worksheets[0].append(row)
    sheet = made.create_sheet("Lisez-moi")
    sheet["A1"], sheet["A3"] = calm or "Tableau produit pour le rapport annuel.", body
    out = io.BytesIO()
    made.save(out)
    return "annexe.xlsx", out.getvalue()


def minutes(*points: str) -> File:
    """Minutes of a meeting in a report with numbered points."""
    made = docx.Document()
    made.add_heading("Compte rendu", 1)
    for point in points:
        made.add_paragraph(point, style="List Number")
    out = io.BytesIO()
    made.save(out)
    return "compte_rendu.docx", out.getvalue()


def caption(ax: Any, body: str) -> None:
    ax.bar(["2020", "2021", "2022"], [61.2, 60.4, 62.9])
    ax.set(ylabel="Mean age (years)")
    ax.figure.text(0.02, 0.01, body, fontsize=10)


def annotated(body: str) -> File:
    made = go.Figure(go.Scatter(x=[2019, 2020, 2021], y=[12.1, 11.8, 12.9], mode="lines"))
    made.add_annotation(x=2020, y=11.8, text=body)
    return "chart.html", made.to_html(include_plotlyjs="cdn").encode()


CODE = "# two patients from Ouessant were removed by hand\nd = d[~d.commune.isin(['Ouessant'])]\nlen(d)"
LEAKS: dict[str, File] = {
    "note_sheet": note("Les trois décès de maternité concernent une même famille."),
    "minutes": minutes("Effectif stable.", "Deux internes ont été hospitalisés après l'exposition.", "Prochaine réunion en mars."),
    "caption_png": pack.figure(lambda ax: caption(ax, "Note: four patients under 18 were left out of 2021."), "png", (8, 4), 150),
    "caption_pdf": pack.figure(lambda ax: caption(ax, "The oldest woman was 104 years old."), "pdf", (8, 4)),
    "annotation": annotated("The only centre left had 6 patients"),
    "comment": pack.notebook(pack.cell(CODE, pack.result({"text/plain": "4118"}))),
    "glossary": ("page.html", b"<html><body><h2>Deaths by cause</h2><dl><dt>Fall</dt><dd>120</dd><dt>Fire</dt><dd>31</dd><dt>Lightning</dt><dd>1</dd></dl></body></html>"),
    "anova": pack.log("F(1, 4) = 9.2, p = 0.04; effect size 0.7"),
    "regional": pack.markdown_prose("La région compte 330 000 habitants ; l'incidence du botulisme y est de 1,2 pour 100 000."),
    "hospital_share": pack.latex_prose("A single laboratory performed 96 % of the genetic tests."),
    "school": pack.word_prose("Tous les élèves de l'internat ont été contaminés en mars."),
    "speaker": pack.html_prose("\u201cI still dream of the fire\u201d (R4, man, 58, retired miner)."),
    "rerun": pack.book_prose("The interim report listed 230 cases; the final table has 227 cases."),
    "nephew": pack.text("Her nephew, a fisherman, was diagnosed a month later.\n"),
    "tallied": ("log.txt", b"Outcome by arm\n  cured ....... 120\n  relapsed ....  31\n  dead ........   2\n"),
    "means": pack.csv(pd.DataFrame({"arm": ["A", "B"], "mean": [12.0, 15.0], "sd": [4.0, 5.0], "se": [0.3, 2.5]})),
    "extra_key": ("table.json", json.dumps({"columns": ["ward", "n"], "data": [["A", 120], ["B", 98]], "notes": ["one of the two suicides was a nurse"]}).encode()),
    "firms": pack.excel(pd.DataFrame({"fournisseur": ["Alpha", "Beta", "Gamma"], "achats (euros)": [8120400.0, 120300.0, 80110.0]})),
    "bed": pack.log("WARN alarm ignored for the patient in room 214 (SpO2 71 %)"),
    "initials": pack.tsv(pd.DataFrame({"initials": ["K.L.", "P.M.", "A.B."], "visit": [1, 1, 2], "score": [12, 17, 9]})),
    "allele": pack.markdown(pd.DataFrame({"rsid": ["rs12", "rs44"], "eaf": [0.21, 0.0003], "beta": [0.12, 0.9]})),
    "twins": pack.json_prose("Monozygotic twins of pedigree P2 were concordant."),
}  # fmt: skip
SAFE: dict[str, File] = {
    "note_sheet": note("Les effectifs inférieurs à 11 sont masqués ; les totaux sont arrondis à 5."),
    "minutes": minutes("Effectif stable.", "Les internes recevront la formation en mars.", "Prochaine réunion en mai."),
    "caption_png": pack.figure(lambda ax: caption(ax, "Note: patients under 18 were left out in each of the 3 years."), "png", (8, 4), 150),
    "comment": pack.notebook(pack.cell(CODE.replace("two patients from Ouessant were removed by hand", "keep one row for each patient and drop islands"), pack.result({"text/plain": "4118"}))),
    "anova": pack.log("F(1, 412) = 9.2, p = 0.003; effect size 0.7"),
    "regional": pack.markdown_prose("La région compte 3,3 millions d'habitants ; l'incidence de l'AVC y est de 212 pour 100 000."),
    "glossary": ("page.html", b"<html><body><h2>Deaths by cause</h2><dl><dt>Fall</dt><dd>120</dd><dt>Fire</dt><dd>31</dd><dt>Drowning</dt><dd>41</dd></dl></body></html>"),
    "firms": pack.excel(pd.DataFrame({"fournisseur": ["Alpha", "Beta", "Gamma"], "achats (euros)": [812040.0, 620300.0, 580110.0]})),
    "rerun": pack.book_prose("The interim report listed 230 cases; the final table has 412 cases."),
    "school": pack.word_prose("Tous les élèves de l'internat ont été invités à répondre au questionnaire en mars."),
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    found = [leak(f"thirty_two_{name}", "mixed", file) for name, file in LEAKS.items()]
    return found + [safe(f"thirty_two_{name}_safe", "mixed", file) for name, file in SAFE.items()]
