"""Thirty-third batch: kidney care, trials and laboratory results around it, after mending for the thirty-first.

Untouched score: 9 of 10 leaks, 47 of 57 safe results (82 %).
"""

from typing import Any

import pandas as pd
import plotly.express as px

from . import pack, thirty_third_shown, thirty_third_tables
from .case import Case, leak
from .thirty_first_cohort import executed, report
from .thirty_third_shown import ABSTRACT, LETTER, PIPELINE
from .thirty_third_tables import K


def volcano(ax: Any) -> None:
    """Not one mark per protein: one per patient."""
    ax.scatter(K.sbp[:200], K.albumin[:200].clip(0, 300), s=8)
    ax.set(xlabel="Systolic pressure of 200 patients", ylabel="Albuminuria")


def few_grouped(ax: Any) -> None:
    made = ax.bar(["G1", "G2", "G3a", "G3b", "G4"], [61, 44, 30, 18, 4])
    ax.bar_label(made)
    ax.set(ylabel="Patients", xlabel="Stade")


def cases() -> list[Case]:
    """The cases of the batch."""
    before = {"stage_before": ["G1", "G2", "G3a"], "G1": [820, 388, 96], "G2": [410, 1622, 611], "G3a": [2, 690, 2810]}
    team = pd.DataFrame({"Role": ["Nurses", "Physicians", "Porters"], "Cases": [3, 2, 14]})
    return [
        leak("thirty_three_few_moves", "tables", report(pd.DataFrame(before), "transitions.tsv", sep="\t", index=False)),
        leak("thirty_three_team_cases", "tables", report(team, index=False)),
        leak("thirty_three_sample_book", "books", executed("K.sample(5, random_state=1)", K=K)),
        leak("thirty_three_crosstab_book", "books", executed("import pandas as pd\npd.crosstab(K.stage[:300], K.centre[:300])", K=K)),
        leak("thirty_three_patients", "drawn", pack.figure(volcano, size=(7, 5))),
        leak("thirty_three_few_grouped", "drawn", pack.figure(few_grouped)),
        leak("thirty_three_strip", "drawn", ("strip.html", px.strip(K[:150], x="stage", y="sbp").to_html(include_plotlyjs="cdn").encode())),
        leak("thirty_three_letter", "texts", ("lettre.txt", LETTER.replace("612 ont", "8 ont").encode())),
        leak("thirty_three_abstract", "texts", ("abstract.tex", ABSTRACT.replace("402 & 2.4 (2.2--2.7)", "4 & 2.4 (2.2--2.7)").encode())),
        leak("thirty_three_pipeline", "texts", ("make.log", PIPELINE.replace("17946 kept (54", "17994 kept (6").encode())),
        *thirty_third_tables.cases(),
        *thirty_third_shown.cases(),
    ]  # fmt: skip
