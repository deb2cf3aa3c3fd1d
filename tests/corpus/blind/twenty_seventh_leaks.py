"""Twenty-seventh batch: leaks, near twins of the safe results."""

import io
import json
from typing import Any

import openpyxl
import pandas as pd
import plotly.express as px

from . import pack
from .case import Case, File, leak
from .twenty_seventh_cohort import AGES, D, to_csv, to_md, written
from .twenty_seventh_tables import report_book
from .twenty_seventh_texts import CONSORT, LOG, REPORT, SETTINGS

COUNTS = pd.DataFrame([[7, 212, 388, 96], [64, 9, 301, 204], [141, 187, 402, 118]], index=["Amylose", "Sarcoïdose", "Lupus"], columns=["< 18", "18-39", "40-64", "65+"])  # fmt: skip


def once_masked() -> File:
    """Small cells masked, and every total shown."""
    out = COUNTS.astype(object).mask(COUNTS < 11, "<11")
    out["Total"] = COUNTS.sum(axis=1)
    return "masked.xlsx", written("x", lambda data: out.rename_axis("Maladie").to_excel(data))[1]


def hidden_rows() -> File:
    """The workbook of the article with rows of patients on a sheet that is not shown."""
    book = openpyxl.load_workbook(io.BytesIO(report_book()[1]))
    sheet = book.create_sheet("data")
    sheet.sheet_state = "hidden"
    sheet.append(["ipp", "age", "sex", "los"])
    for at, row in enumerate(D[["age", "sex", "los"]][:30].itertuples(index=False)):
        sheet.append([f"80410{at:05d}", *row])
    out = io.BytesIO()
    book.save(out)
    return "tables.xlsx", out.getvalue()


def last_at_risk(ax: Any) -> None:
    ticks = range(0, 31, 6)
    ax.step(ticks, [1, 0.91, 0.82, 0.7, 0.6, 0.41], where="post")
    ax.set(xlabel="Months", ylabel="Survival probability", xticks=list(ticks), ylim=(0, 1.02))
    for t, n in zip(ticks, [212, 160, 97, 41, 19, 3], strict=True):
        ax.text(t, -0.32, str(n), ha="center", clip_on=False)
    ax.text(-3, -0.32, "At risk", ha="right", clip_on=False)
    ax.figure.subplots_adjust(bottom=0.3, left=0.2)


def patients(ax: Any) -> None:
    """Not eight trials: a mark for each patient."""
    some = D[:80]
    ax.scatter(some.age, some.los, color="black")
    ax.set(xlabel="Age (years)", ylabel="Length of stay (days)", title="Funnel plot (80 patients)")


def low_heat(ax: Any) -> None:
    values = [[212, 96, 4], [388, 141, 31], [402, 187, 64]]
    ax.imshow(values, cmap="Blues")
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            ax.text(j, i, str(value), ha="center", va="center", fontsize=13)
    ax.set_xticks(range(3), ["0-4", "5-15", "16+"])
    ax.set_yticks(range(3), ["50-64", "65-74", "75+"])
    ax.set(xlabel="NIHSS", ylabel="Age group", title="Number of patients")


def outliers(ax: Any) -> None:
    ax.boxplot([D.cost[D.nihss == s][:300] for s in ("0-4", "5-15", "16+")], tick_labels=["0-4", "5-15", "16+"])
    ax.set(xlabel="NIHSS at admission", ylabel="Cost (€)")


def shown_books() -> dict[str, File]:
    """Notebooks with one output too many."""
    rare = pd.Series(
        [10843, 9579, 3571, 7],
        index=pd.Index(["University", "General", "Private", "Military"], name="hospital"),
        name="count",
    )
    return {
        "head_book": pack.notebook(
            pack.cell("d.shape", pack.result({"text/plain": "(24000, 14)"})),
            pack.cell("d.head()", pack.shown(D.head())),
        ),
        "counts_book": pack.notebook(pack.cell("d.hospital.value_counts()", pack.result({"text/plain": str(rare)}))),
        "describe_book": pack.notebook(
            pack.cell("d[['age', 'cost']].describe()", pack.shown(D[["age", "cost"]].describe()))
        ),
    }


def computed() -> dict[str, tuple[File, ...]]:
    """What comes out of shares, of two files, and of an ACRO folder that says the opposite."""
    shares = pd.DataFrame({"hospital": ["A", "B", "C"], "n": [312, 205, 151], "died_pct": [8.0, 2.9, 17.2]})
    ages = D.age_group.value_counts().loc[AGES]
    fewer = ages - [0, 0, 5, 0, 0]
    cross = pd.DataFrame(
        {"Female": [212, 148, 6], "Male": [231, 160, 40]},
        index=pd.Index(["Bretagne", "Occitanie", "Corse"], name="region"),
    )
    record = {
        "uid": "output_0",
        "status": "pass",
        "type": "table",
        "properties": {"method": "crosstab"},
        "files": [{"name": "output_0_0.csv", "sdc": {"summary": {"MinimumThresholdCheck": 0}, "cells": {}}}],
        "outcome": {},
        "command": "acro.crosstab(d.region, d.sex)",
        "summary": "pass",
        "timestamp": "2024-05-14T15:53:00",
        "comments": [],
        "exception": "",
    }
    births = pd.DataFrame(
        {"Commune": ["Carhaix", "Gourin", "Rostrenen"], "Année": [2020] * 3, "Naissances": [88, 31, 4]}
    )
    tenths = pd.DataFrame(
        {
            "group": range(1, 6),
            "n": [212, 198, 205, 44, 6],
            "mean_predicted": [0.03, 0.06, 0.1, 0.3, 0.6],
            "observed": [0.07, 0.09, 0.12, 0.41, 0.5],
        }
    )
    return {
        "shares": (to_csv(shares, index=False),),
        "two_files": (to_csv(ages, "all.csv"), to_csv(fewer, "complete_cases.csv")),
        "acro": (
            pack.zipped(
                ("acro/results.json", json.dumps({"version": "1.0.2", "results": {"output_0": record}}).encode()),
                ("acro/output_0_0.csv", cross.to_csv().encode()),
            ),
        ),
        "births": (to_csv(births, "naissances.csv", index=False, sep=";"),),
        "tenths": (to_csv(tenths, index=False),),
    }


def cases() -> list[Case]:
    """The leaks of the batch."""
    report = REPORT.replace(
        "1. Exclusion", "Sept patients de moins de 30 ans sont décédés, tous après un AVC du tronc.\n\n1. Exclusion"
    )
    flow = CONSORT.replace(
        "Other reasons .......................    91",
        "Consent withdrawn ...................     3\n    Other reasons .......................    88",
    )
    settings = (
        SETTINGS
        + "exclude:\n  - {ipp: 8041023317, date_naissance: 1951-03-14}\n  - {ipp: 8041077120, date_naissance: 1938-11-02}\n"
    )
    log = LOG.replace(
        "INFO split:",
        "INFO clean: patient IPP 8041023317 born 14/03/1951 has two stays on the same day\n2024-04-02 09:12:08,003 INFO split:",
    )
    bars = px.bar(
        pd.DataFrame({"nihss": ["0-4", "5-15", "16+"], "deaths": [212, 88, 6]}), x="nihss", y="deaths", text_auto=True
    )
    files = {
        "once_masked": once_masked(), "at_risk_png": pack.figure(last_at_risk), "patients_png": pack.figure(patients), "heat_png": pack.figure(low_heat), "outliers_svg": pack.figure(outliers, "svg"), **shown_books(),
        "report": ("rapport.md", report.encode()), "consort": ("consort.txt", flow.encode()), "settings": ("main.yaml", settings.encode()), "log": pack.log(log), "plotly": ("bars.html", bars.to_html(include_plotlyjs="cdn").encode()), "counts_md": ("counts.md", to_md(COUNTS).encode()),
    }  # fmt: skip
    gone = leak("twenty_seven_hidden_rows", "leaks", hidden_rows(), payload=["8041000003"])
    return [
        gone,
        *(leak(f"twenty_seven_{name}_leak", "leaks", file) for name, file in files.items()),
        *(leak(f"twenty_seven_{name}_leak", "leaks", *them) for name, them in computed().items()),
    ]
