"""Seventeenth batch: leaks in tables, most of which have to be computed, and requests of several files."""

import io
import json
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

from . import pack
from .case import Case, File, leak

rng = np.random.default_rng(1701)


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()})


def roc() -> pd.DataFrame:
    """A receiver operating characteristic of seven cases: each step is one of them, each threshold one score."""
    scores = np.sort(rng.random(12))[::-1].round(4)
    return pd.DataFrame({"threshold": scores, "fpr": np.repeat([0, 0.0038, 0.0114, 0.0303], 3), "tpr": (np.arange(1, 13).clip(max=7) / 7).round(4)})  # fmt: skip


def ecdf() -> pd.DataFrame:
    costs = np.sort(rng.lognormal(8, 0.7, 40)).round(2)
    return pd.DataFrame({"cost_eur": costs, "F": (np.arange(1, 41) / 40).round(3)})


def lorenz() -> pd.DataFrame:
    costs = np.sort(rng.lognormal(8, 1.2, 20))
    return pd.DataFrame({"patients": range(1, 21), "share_of_cost": (costs.cumsum() / costs.sum()).round(5)})  # fmt: skip


def jackknife() -> pd.DataFrame:
    values = rng.normal(61, 13, 30)
    return pd.DataFrame({"left_out": range(1, 31), "mean_age": ((values.sum() - values) / 29).round(5)})


TABLES: dict[str, pd.DataFrame] = {
    "share_and_error": t(Group=["Exposed", "Unexposed"], Prevalence=[0.02, 0.31], Standard__error=[0.014, 0.0021]),
    "without_extreme": t(Set=["All patients", "Without the extreme value"], n=[50, 49], Mean__cost=[8210.0, 4102.0]),
    "jackknife": jackknife(),
    "weighted": t(Occupation=["Teacher", "Nurse", "Diver"], Weighted__count=[412000, 288000, 5700], Mean__weight=[1900, 1900, 1900]),
    "expected_and_residual": t(Ward=["A", "B", "C"], Expected=[41.3, 37.9, 12.4], Residual=[4.7, 6.1, -9.4]),
    "change_percent": t(Centre=["Brest", "Lille", "Sète"], **{"Cases 2019": [412, 388, 50], "Change in 2020 (%)": [-12, 4, -94]}),
    "sex_ratio": t(Centre=["A", "B", "C"], n=[412, 388, 41], **{"Sex ratio (M/F)": [1.1, 0.9, 19.5]}),
    "stays_per_patient": t(Hospital=["North", "South", "Isle"], Stays=[4120, 3880, 120], **{"Stays per patient": [1.6, 1.7, 40.0]}),
    "dms": t(Service=["Médecine", "Chirurgie", "Brûlés"], **{"Journées": [8240, 6120, 84], "DMS (jours)": [5.1, 6.3, 28.0]}),
    "thousands": t(Region=["Nord", "Sud", "Corse"], **{"Patients (thousands)": [1.204, 0.988, 0.003]}),
    "logarithms": t(Agent=["E. coli", "K. pneumoniae", "B. anthracis"], **{"log10(n)": [3.081, 2.995, 0.301]}),
    "density": t(**{"Stay from (days)": [0, 5, 10, 15], "to": [5, 10, 15, 20], "density": [0.12, 0.06, 0.019333, 0.000667], "n total": [600, 600, 600, 600]}),
    "roc": roc(),
    "ecdf": ecdf(),
    "lorenz": lorenz(),
    "tally": t(Cause=["Chute", "Noyade", "Foudre"], Cas=["IIII IIII IIII IIII", "IIII IIII IIII I", "IIII I"]),
    "roman": t(Cause=["Chute", "Noyade", "Foudre"], Nombre__de__cas=["CXII", "XLVI", "III"]),
    "circled": t(Cause=["Fall", "Drowning", "Lightning"], Cases=["112", "46", "③"]),
    "all_positive": t(Unit=["A", "B", "C"], Tested=[212, 188, 14], **{"HIV positive": [31, 28, 14]}),
    "none_alive": t(Grade=["I-II", "III", "IV", "V"], n=[412, 188, 64, 15], **{"Survie à 30 jours (%)": [97, 88, 61, 0]}),
    "odds": t(Group=["Treated", "Control"], Total=[212, 218], **{"Odds of death": [0.0144, 0.1122]}),
    "nnt": t(Arm=["Drug", "Placebo"], Randomised=[150, 150], **{"Risk of stroke": ["1/75", "1/10"]}),
    "per_case": t(Département=["Nord", "Rhône", "Lozère"], Population=[2604361, 1876051, 76604], **{"Habitants par cas": [6301, 5120, 19151]}),
    "calibration": t(Bin=[1, 2, 3, 4], **{"Mean predicted": [0.04, 0.21, 0.48, 0.93], "Fraction of positives": [0.031, 0.198, 0.51, 1.0], "Count": [4120, 812, 96, 4]}),
    "variance_of_flag": t(Group=["A", "B"], n=[400, 120], **{"Variance of death (0/1)": [0.0979, 0.0165]}),
}  # fmt: skip


def sheets() -> File:
    """A masked table on one sheet, its total on another."""
    made = openpyxl.Workbook()
    first, second = made.worksheets[0], made.create_sheet("Summary")
    for row in [["Ward", "Deaths"], ["A", 31], ["B", "<11"], ["C", 44]]:
        first.append(row)
    for row in [["Outcome", "Total"], ["Deaths", 78], ["Alive", 912]]:
        second.append(row)
    out = io.BytesIO()
    made.save(out)
    return "deaths.xlsx", out.getvalue()


def titled(title: str) -> File:
    def draw(ax: Any) -> None:
        ax.bar(["A", "C"], [31, 44])
        ax.set_title(title)

    return pack.figure(draw, "png", dpi=150)


def requests() -> list[Case]:
    ages = t(Age=["18-64", "65 and over"], n=[412, 301]), t(Age=["18-66", "67 and over"], n=[415, 298])
    masked = t(Ward=["A", "B", "C"], Deaths=[31, "<11", 44])
    english = t(Sex=["Male", "Female", "All"], Deaths=[212, 188, 400])
    french = t(Sexe=["Hommes", "Femmes", "Ensemble"], Décès=[214, 188, 402])
    shares = t(Stage=["I", "II", "III"], **{"%": [61.25, 37.5, 1.25]})
    acro = {"version": "0.4.9", "results": {"output_0": {"uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"}, "sdc": {"summary": {"suppressed": False, "threshold": 0}}, "command": "acro.crosstab(df.ward, df.died)", "summary": "pass", "outcome": {}, "output": ["output_0_0.csv"], "timestamp": "2024-03-04T10:11:12", "comments": ["the three patients of ward C are one family"], "exception": ""}}}  # fmt: skip
    counts = t(ward=["A", "B", "C"], **{"False": [212, 188, 97], "True": [31, 44, 3]})
    return [
        leak("seventeen_two_cuts", "several", ("age_a.csv", pack.csv(ages[0])[1]), ("age_b.csv", pack.csv(ages[1])[1])),
        leak("seventeen_two_sheets", "several", sheets()),
        leak("seventeen_total_in_title", "several", pack.csv(masked), titled("Deaths by ward (n = 78)")),
        leak("seventeen_other_language", "several", pack.csv(french), released=(pack.html(english),)),
        leak("seventeen_shares_then_n", "several", pack.markdown_prose("The pilot included 80 patients."), pack.excel(shares)),
        leak("seventeen_less_one_centre", "several", pack.word_prose("Without the centre of Sète, the cohort has 1,199 patients."), released=(pack.text("The cohort has 1,204 patients."),)),
        leak("seventeen_total_released", "several", pack.html(masked), released=(pack.word(t(Outcome=["Deaths", "Alive"], Total=[78, 912])),)),
        leak("seventeen_acro", "several", pack.zipped(("outputs/results.json", json.dumps(acro).encode()), ("outputs/config.json", b'{"safe_threshold": 10}'), ("outputs/output_0_0.csv", counts.to_csv(index=False).encode()))),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    found = [
        leak(f"seventeen_{name}", "tables", pack.turn(pack.TABLES, i, 1)[0](frame))
        for i, (name, frame) in enumerate(TABLES.items())
    ]
    return [*found, *requests()]
