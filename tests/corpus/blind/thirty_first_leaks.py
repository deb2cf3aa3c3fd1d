"""Thirty-first batch: leaks, near twins of the safe results."""

import io
import json
from typing import Any

import openpyxl
import pandas as pd
import plotly.express as px
from openpyxl.comments import Comment

from . import pack
from .case import Case, File, leak
from .thirty_first_cohort import B, executed, report
from .thirty_first_drawn import flow
from .thirty_first_tables import workbook
from .thirty_first_texts import R_PRINT, README, RESULTS, TRAIN


def masked_once() -> File:
    """One maternity's haemorrhages are not shown, and the total of all is."""
    return pack.bom_csv(pd.DataFrame({"Maternité": [f"Établissement {c}" for c in "ABCDEF"] + ["Ensemble"], "Accouchements": [3420, 2785, 1904, 1266, 812, 640, 10827], "Hémorragies du post-partum": [188, 142, 97, 61, 40, "nd", 534]}))  # fmt: skip


def few_unvaccinated() -> File:
    """Four of the cases had no dose: a number that no cell says."""
    return pack.markdown(pd.DataFrame({"Vaccine": ["Any dose", "Three doses"], "Cases vaccinated / total": ["308 / 312", "102 / 106"], "Controls vaccinated / total": ["1,204 / 1,420", "806 / 1,022"], "Crude VE, %": [-1281.4, -583.4]}))  # fmt: skip


def last_weeks(ax: Any) -> None:
    ticks = [0, 4, 8, 12, 16, 20, 24]
    ax.step(ticks, [1, 0.78, 0.61, 0.44, 0.3, 0.18, 0.06], where="post")
    for t, n in zip(ticks, [96, 75, 58, 42, 29, 17, 5], strict=True):
        ax.text(t, -0.34, str(n), ha="center", fontsize=10)
    ax.text(-1.2, -0.34, "Number at risk", ha="right", fontsize=10)
    ax.set(xlabel="Weeks since birth", ylabel="Still breastfeeding", ylim=(0, 1.02), xticks=ticks)
    ax.figure.subplots_adjust(bottom=0.34, left=0.26)


def few_births(ax: Any) -> None:
    made = ax.bar(["I", "IIA", "IIB", "III"], [42, 87, 31, 6], color="slategrey")
    ax.bar_label(made, fontsize=12)
    ax.set(xlabel="Level of care", ylabel="Births under 28 weeks", ylim=(0, 100))


def small_flow(ax: Any) -> None:
    flow(ax)
    for text in ax.texts:
        text.set_text(text.get_text().replace("n = 222", "n = 7").replace("n = 38,190", "n = 38,405"))


def noted_workbook() -> File:
    """A comment on a cell names a mother."""
    book = openpyxl.load_workbook(io.BytesIO(workbook()[1]))
    book["T2 Prématurité"]["B5"].comment = Comment("Mme Gaëlle Le Bihan, née le 12/03/1989, à vérifier", "registre")
    out = io.BytesIO()
    book.save(out)
    return "rapport_naissances_2021.xlsx", out.getvalue()


def trusted() -> tuple[File, ...]:
    """ACRO says that it passes; a cell is four."""
    table = pd.DataFrame({"I": [31, 44], "III": [4, 52]}, index=pd.Index([2020, 2021], name="year"))
    made = {"output_0": {"uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"}, "files": [{"name": "output_0_0.csv", "sdc": {}}], "outcome": {}, "command": "acro.crosstab(...)", "summary": "pass", "timestamp": "2022-04-04T10:15:32", "comments": [], "exception": ""}}  # fmt: skip
    return ("results.json", json.dumps({"version": "0.4.8", "results": made}).encode()), (
        "output_0_0.csv",
        report(table)[1],
    )


def cases() -> list[Case]:
    """The leaks of the batch."""
    rare = pd.DataFrame(
        {"level": ["I", "IIA", "IIB", "III"], "births": [7198, 11163, 8588, 9051], "eclampsia": [14, 31, 8, 47]}
    )
    month = pd.Series([14, 22, 17, 3, 19, 25], index=pd.period_range("2021-01", periods=6, freq="M"), name="trisomy_18")
    points = px.scatter(B[:400], x="bmi", y="weight", hover_data=["date"])
    return [
        leak("thirty_one_rare", "tables", report(rare, index=False)),
        leak("thirty_one_month", "tables", report(month.rename_axis("date"), "monthly.csv")),
        leak("thirty_one_masked_once", "tables", masked_once()),
        leak("thirty_one_few_unvaccinated", "tables", few_unvaccinated()),
        leak("thirty_one_head_book", "books", executed("B.groupby('year').size()", "B.head()", B=B)),
        leak("thirty_one_extremes_book", "books", executed("B[['mother_age', 'bmi', 'weight']].describe().round(1)", B=B)),
        leak("thirty_one_last_weeks", "drawn", pack.figure(last_weeks, size=(8, 5))),
        leak("thirty_one_few_births", "drawn", pack.figure(few_births)),
        leak("thirty_one_small_flow", "drawn", pack.figure(small_flow, size=(8, 5))),
        leak("thirty_one_points", "drawn", ("scatter.html", points.to_html(include_plotlyjs="cdn").encode())),
        leak("thirty_one_noted_workbook", "hidden", noted_workbook(), payload=["Bihan"]),
        leak("thirty_one_few_deaths", "texts", ("resultats.md", RESULTS.replace("L'âge moyen", "Trois mères sont décédées. L'âge moyen").encode())),
        leak("thirty_one_printed_rows", "texts", ("session.txt", R_PRINT.replace("III  8687   364", "III  8687     4").encode())),
        leak("thirty_one_logged_file", "texts", ("train.log", (TRAIN + "\nworst: IPP 8014412903 (Le Bihan Gaëlle, 12/03/1989) prob 0.98 label 0\n").encode())),
        leak("thirty_one_bundle_rows", "several", pack.zipped(("README.md", README.encode()), ("data/births.csv", report(B.drop(columns="age_group")[:300], index=False)[1]))),
        leak("thirty_one_acro_trusted", "several", *trusted()),
    ]  # fmt: skip
