"""Twenty-seventh batch: dictionaries, lists of codes, published figures and Table 1."""

from typing import Any

import numpy as np
import pandas as pd

from . import pack
from .case import Case, File, safe
from .twenty_seventh_cohort import AGES, D, to_csv

rng = np.random.default_rng(2705)


def documents() -> dict[str, File]:
    """Dictionaries, lists of codes, flows of studies: tables of no persons."""
    words = pd.DataFrame({"Variable": ["age", "sexe", "nihss", "mrs", "gir", "date_entree"], "Libellé": ["Âge à l'admission", "Sexe", "Score NIHSS initial", "Score de Rankin modifié", "Groupe iso-ressources", "Date d'entrée"], "Type": ["numérique", "catégorielle", "entier", "entier", "entier", "date"], "Modalités": ["18 à 110", "1 = homme ; 2 = femme", "0 à 42", "0 à 6", "1 à 6", "AAAA-MM-JJ"], "Manquants (%)": [0.0, 0.0, 4.2, 7.9, 11.3, 0.0]})  # fmt: skip
    codes = pd.DataFrame({"code": ["I63.0", "I63.3", "I63.4", "I63.9", "I61.0", "G45.9", "EAAF004", "EAJF341", "B01AD02"], "system": ["ICD-10"] * 6 + ["CCAM"] * 2 + ["ATC"], "label": ["Cerebral infarction due to thrombosis of precerebral arteries", "due to thrombosis of cerebral arteries", "due to embolism of cerebral arteries", "unspecified", "Intracerebral haemorrhage, subcortical", "Transient ischaemic attack", "Angioplasty of an intracranial vessel", "Evacuation of a haematoma", "Alteplase"], "included": [1, 1, 1, 1, 0, 0, 1, 0, 1]})  # fmt: skip
    meta = pd.DataFrame({"Study": ["MR CLEAN", "ESCAPE", "REVASCAT", "SWIFT PRIME", "EXTEND-IA"], "Year": [2015] * 5, "n": [500, 315, 206, 196, 70], "OR": [1.67, 2.60, 1.70, 2.63, 3.10], "CI low": [1.21, 1.70, 1.05, 1.57, 1.30], "CI high": [2.30, 3.80, 2.80, 4.40, 7.50], "Weight (%)": [36.8, 26.1, 17.9, 13.4, 5.8]})  # fmt: skip
    births = pd.DataFrame({"Année": range(2012, 2022), "Naissances": rng.integers(720, 830, 10) * 1000 + rng.integers(0, 999, 10), "Prématurés (%)": rng.normal(7.0, 0.1, 10).round(1), "Poids moyen (g)": rng.normal(3240, 8, 10).round()})  # fmt: skip
    weeks = pd.DataFrame(
        {
            "semaine": [f"2022-S{w:02d}" for w in range(40, 53)],
            "consultations": rng.integers(12000, 48000, 13),
            "grippe_pour_100000": rng.integers(40, 320, 13),
            "ic_bas": 0,
            "ic_haut": 0,
        }
    )
    weeks["ic_bas"], weeks["ic_haut"] = weeks.grippe_pour_100000 - 9, weeks.grippe_pour_100000 + 9
    standard = pd.DataFrame(
        {
            "Âge": AGES,
            "Population (milliers)": [27210, 12840, 7380, 4180, 2210],
            "Poids": [0.506, 0.239, 0.137, 0.078, 0.041],
        }
    )
    return {"dictionary": pack.excel(words), "codes": to_csv(codes, "codelist.csv", index=False), "meta": pack.word(meta, "Table 2. Trials included in the meta-analysis."), "births": to_csv(births, "naissances.csv", index=False, sep=";"), "weeks": pack.tsv(weeks), "standard": pack.html(standard)}  # fmt: skip


def table_one() -> dict[str, File]:
    """Table 1 as strings, in the layouts of a package and of a journal."""
    rows: list[list[Any]] = [
        ["n", "", *(f"{(D.sex == s).sum():,}" for s in ("Female", "Male")), "", ""],
        [
            "Age, mean (SD)",
            "",
            *(f"{D.age[D.sex == s].mean():.1f} ({D.age[D.sex == s].std():.1f})" for s in ("Female", "Male")),
            "0.41",
            "0.011",
        ],
    ]
    for name, label in (
        ("hypertension", "Hypertension, n (%)"),
        ("diabetes", "Diabetes, n (%)"),
        ("afib", "Atrial fibrillation, n (%)"),
        ("thrombolysis", "Thrombolysis, n (%)"),
    ):
        counts = (f"{D[name][D.sex == s].sum():,} ({100 * D[name][D.sex == s].mean():.1f})" for s in ("Female", "Male"))
        rows.append([label, "", *counts, "0.52", "0.008"])
    for first, group in zip(("Age group, n (%)", "", "", "", ""), AGES, strict=True):
        sizes = [[(D.age_group[D.sex == s] == group).agg(how) for how in ("sum", "mean")] for s in ("Female", "Male")]
        rows += [
            [
                first,
                group,
                *(f"{n:,} ({100 * share:.1f})" for n, share in sizes),
                *(("0.77", "0.018") if first else ("", "")),
            ]
        ]
    frame = pd.DataFrame(rows, columns=["", "Level", "Female", "Male", "P-Value", "SMD"])
    return {
        "one_docx": pack.word(frame, "Table 1. Baseline characteristics of 24,000 patients by sex."),
        "one_csv": to_csv(frame, index=False),
        "one_html": ("table1.html", ("<h2>Table 1</h2>" + frame.to_html(index=False, na_rep="")).encode()),
    }


def cases() -> list[Case]:
    """The cases of this part."""
    return [safe(f"twenty_seven_{name}", "tables", file) for name, file in {**documents(), **table_one()}.items()]
