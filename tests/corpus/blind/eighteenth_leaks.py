"""Eighteenth batch: leaks, each a near twin of one of the safe results."""

import io
import json
from typing import Any

import openpyxl
import pandas as pd
import plotly.graph_objects as go

from . import pack
from .case import Case, File, leak
from .eighteenth_pictures import consort, forest_with_text
from .eighteenth_safe import BOOKTABS, MOVES, TABLEONE, by_year, robson, rounded, secret
from .eighteenth_texts import ABSTRACT, LMER, METHODS_FR, SAS_FREQ, SURVFIT


def swapped(text: str, *pairs: tuple[str, str]) -> bytes:
    """A text with some of its parts changed, each of which must be there."""
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def transverse() -> File:
    """The formatted workbook with three vaginal births in one group."""
    name, data = robson()
    book = openpyxl.load_workbook(io.BytesIO(data))
    book["Tableau 1"]["D13"] = 249
    book["Tableau 1"]["E13"] = 98.8
    book["Tableau 1"]["D15"] = 14610
    out = io.BytesIO()
    book.save(out)
    return name, out.getvalue()


def one_masked() -> pd.DataFrame:
    """The masked table with one of its four masked cells shown."""
    frame = secret()
    frame.loc[1, "0-1 dose"] = "504"
    frame.loc[1, "3 doses et +"] = "1 333"
    frame.loc[0, "0-1 dose"], frame.loc[0, "Total"] = "412", "3 936"
    return frame


def consort_small(ax: Any) -> None:
    consort(ax)
    for text in ax.texts:
        text.set_text(text.get_text().replace("(n = 61)", "(n = 6)").replace("1,942", "1,997"))


def forest_small(ax: Any) -> None:
    forest_with_text(ax)
    for text in ax.texts:
        text.set_text(text.get_text().replace("364/13017", "4/13017").replace("840/35193", "1200/35193"))


def risk_small(ax: Any) -> None:
    ax.step(range(0, 61, 6), [1, 0.96, 0.92, 0.87, 0.84, 0.8, 0.77, 0.74, 0.71, 0.6, 0.4], where="post")
    ax.text(0, -0.3, "At risk   412     288     140     31     4", fontsize=9, clip_on=False)
    ax.set(ylim=(0, 1), xlabel="Months", ylabel="Survival")
    ax.figure.subplots_adjust(bottom=0.3)


def sankey() -> File:
    made = go.Figure(go.Sankey(node={"label": ["Home", "Hospital", "Prison", "Death"]}, link={"source": [0, 1, 1], "target": [1, 2, 3], "value": [9120, 4, 944]}))  # fmt: skip
    return "flows.html", made.to_html(include_plotlyjs="cdn").encode()


def cases() -> list[Case]:
    """The cases of this part."""
    small_moves = MOVES.assign(Death=[1311, 1702, 3])
    rounded_off = rounded().assign(Completed=[9810, 1395, 680, 290, 4, 12179])
    pivot = by_year().pivot_table(index="region", columns="year", values="n_patients")
    pivot.iloc[1, 2] = 7
    flow = {"screened": 52310, "excluded": {"age_under_18": 1204, "abroad": 388, "prior_implant": 2511}, "included": 48207, "analysed": {"cemented": 29980, "uncemented": 18222}}  # fmt: skip
    run = {"run_id": "r-0412", "patients_per_site": {"Brest": 412, "Quimper": 208, "Morlaix": 3}}
    listing = pd.DataFrame({"mois": ["2021-01", "2021-02", "2021-03"], "passages": [2410, 2288, 2610], "décès": [14, 5, 19]})  # fmt: skip
    survey = pd.DataFrame({"Région": ["Bretagne", "Corse"], "Répondants": [702, 7], "Population estimée (milliers)": ["498,7", "41,2"]})  # fmt: skip
    table = {
        "tableone": ("table1.csv", swapped(TABLEONE, ("4-5,,1561 (8.7),1081 (9.7),480 (7.1)", "4-5,,1087 (6.2),1081 (9.7),6 (0.1)"))),
        "tableone_missing": ("table1.csv", swapped(TABLEONE, (",,412,12.1", ",,4,12.1"))),
        "booktabs": ("table1.tex", swapped(BOOKTABS, (r"619 (27.0)", r"8 (0.3)"))),
        "robson": transverse(), "masked": pack.french_csv(one_masked()), "rounded": pack.csv(rounded_off), "moves": pack.html(small_moves),
        "series": pack.french_csv(listing), "survey": pack.excel(survey),
    }  # fmt: skip
    text = {
        "sas_freq": ("freq.lst", swapped(SAS_FREQ, ("|   2696 |   2366 |   5062", "|   2696 |      5 |   2701"), ("20900    17486    38386", "20900    15125    36025"))),
        "survfit": ("km.txt", swapped(SURVFIT, ("   36   1204     377", "   36     12       4"))),
        "lmer": ("lmer.txt", LMER.encode() + b"\nResiduals:\n        1         2         3 \n -0.41204   1.20331  -2.11018 \n\nconvergence: ok\nid 48210: n = 3 visites, 1 patient, ne le 12/04/1951\n"),
        "methods_fr": ("resultats.md", swapped(METHODS_FR, ("1 928 ont été exclus (dialyse péritonéale : 1 310 ; âge inférieur\nà 18 ans : 412 ; résidence à l'étranger : 206)", "1 928 ont été exclus (dialyse péritonéale : 1 514 ; âge inférieur\nà 18 ans : 412 ; résidence à l'étranger : 2)"))),
        "abstract": pack.word_prose(" ".join(ABSTRACT.split()) + " Four mothers died, all after emergency caesarean."),
        "flow": ("flow.json", json.dumps(flow, indent=2).encode()), "run": ("run.json", json.dumps(run).encode()),
        "pivot_book": pack.notebook(pack.text_cell("## Tables"), pack.cell("wide", pack.shown(pivot))),
    }  # fmt: skip
    drawn = {"consort_png": pack.figure(consort_small, size=(8, 7)), "forest_pdf": pack.figure(forest_small, "pdf", size=(8, 4)), "risk_png": pack.figure(risk_small), "sankey": sankey()}  # fmt: skip
    return [
        *(leak(f"eighteen_{name}", "tables", file) for name, file in table.items()),
        *(leak(f"eighteen_{name}", "texts", file) for name, file in text.items()),
        *(leak(f"eighteen_{name}", "pictures", file) for name, file in drawn.items()),
    ]
