"""The seventh batch: a last short one after the rules were mended for the sixth, scored once.

Untouched, before any mending for it: 24 of 30 leaks caught (80 %), 27 of 27 safe results passed. One of its leaks had a
mean that fitted no whole number of persons; it was put right afterwards (`sum_and_mean`).
"""

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import pack
from .case import Case, File, leak, safe


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def made(value: object) -> File:
    return "values.json", json.dumps(value, ensure_ascii=False).encode()


def out(text: str) -> File:
    return pack.notebook(pack.cell("report()", pack.stream(text)))


def leaks() -> Iterator[tuple[str, File]]:
    rng = np.random.default_rng(71)
    yield "adverse_events", pack.excel(t(SOC=["Cardiac", "Skin", "Hepatic"], PT=["QT prolonged", "Rash", "Hepatitis"], Grade_1_2=[31, 140, 22], Grade_3_5=[12, 41, 2]))  # fmt: skip
    yield "transplant_by_centre", pack.csv(t(centre=["Nantes", "Tours", "Brest"], greffes_2022=[148, 96, 7]))
    yield "mortality_ratio", pack.html(t(Hospital=["A", "B"], Expected=["41.2", "6.8"], Observed=["38", "4"], SMR=["0.92", "0.59"]))  # fmt: skip
    yield "range_label", pack.markdown(t(Variable=["Age, mean (range)", "BMI, mean (range)"], Value=["63.1 (18-104)", "26.1 (14.2-61.8)"]))  # fmt: skip
    yield "stacked", pack.word(t(Issue=["Alive", "Dead", "Lost"], A=["96.1%", "3.1%", "0.8%"], B=["95.2%", "4.0%", "0.8%"]), "Arm A: n = 255; arm B: n = 250.")  # fmt: skip
    yield "masked_one", pack.latex(t(Stade=["I", "II", "III", "Total"], Femmes=["120", "88", "<11", "215"], Hommes=["131", "97", "44", "272"]))  # fmt: skip
    yield "sum_and_mean", pack.csv(t(group=["A", "B", "C"], total_cost=[1204311.0, 48000.0, 912044.0], mean_cost=[2923.1, 16000.0, 2332.6]))  # fmt: skip
    yield "propensity", pack.parquet(pd.DataFrame({"treated": rng.integers(0, 2, 150), "ps": rng.random(150).round(5), "weight": (1 + rng.random(150)).round(4)}))  # fmt: skip
    yield "ranked_patients", pack.csv(t(patient_rank=[1, 2, 3, 4], annual_cost=[331410, 318204, 291118, 287004], main_drug=["nusinersen", "emicizumab", "nusinersen", "eculizumab"]))  # fmt: skip
    yield "json_age", made({"cohort": {"size": 4120, "age": {"mean": 63.1, "min": 18, "max": 104}}})
    yield "json_counts", made({"deaths_by_month": {"2021-01": 14, "2021-02": 9, "2021-03": 17}})
    yield "r_by", pack.log("> with(d, tapply(id, list(sexe, greffe), length))\n     0  1\n1 2204 14\n2 1916  5\n")
    yield "glimpse", pack.log('Rows: 4,120\nColumns: 3\n$ sexe  <int> 1, 2, 2, 1, 2, 1\n$ age   <int> 71, 64, 88, 97, 45, 61\n$ diag  <chr> "I50", "E85", "I50", "J44", "I50", "I21"\n')  # fmt: skip
    yield "sas_print", pack.log("Obs    sexe    age    commune    diag\n\n  1      2      97     29155     E85\n  2      1      71     35238     I50\n  3      2      64     22050     J44\n")  # fmt: skip
    yield "survdiff", pack.log("Call:\nsurvdiff(formula = Surv(t, d) ~ bras, data = b)\n\n         N Observed Expected (O-E)^2/E (O-E)^2/V\nbras=A 412       14      9.1      2.61      5.30\nbras=B 409        4      8.9      2.67      5.30\n")  # fmt: skip
    yield "warning", out("UserWarning: stratum ('F', '85+', '2A') has only 3 observations\nfit done\n")
    yield "missing_rows", out("Rows before: 4120\nRows after dropping missing sex: 4117\n")
    yield (
        "markdown_counts",
        pack.markdown_prose("- Screened: 4,213\n- Randomised: 412\n- Withdrew consent: 4\n- Lost: 17"),
    )
    yield (
        "sentence",
        pack.word_prose("Overall, 412 participants were randomised, of which 409 received the study drug."),
    )
    yield "few_words", pack.html_prose("A handful of cases (n=6) were confirmed by biopsy.")
    yield "rare", pack.text("Le seul patient traité par onasemnogène a été suivi à Rennes.\n")
    yield "percent_small", pack.latex_prose("Among 130 pregnant women, 3.1 % had a stillbirth.")
    yield "letter", pack.markdown_prose("Dr Le Bihan, the general practitioner of patient K. (aged 91, from Groix), confirmed the diagnosis.")  # fmt: skip
    yield "none", pack.text("Aucun des 12 patients de l'unité 4 n'a été vacciné.\n")
    yield "date_place", pack.html_prose("The index case was admitted to Quimper hospital on 3 March 2020.")
    yield "no_noun", pack.book_prose("Mortality: 7 vs 19 deaths; relapse: 31 vs 44.")
    yield "nested_html", ("t.html", b"<html><body><table><tr><th>Unit</th><th>Admissions</th><th>Deaths</th></tr><tr><td>ICU</td><td>812</td><td>140</td></tr><tr style='visibility:collapse'><td>NICU</td><td>210</td><td>3</td></tr></table></body></html>")  # fmt: skip
    yield "two_bands", pack.csv(t(age=["<1", "1-4", "5-9"], hospitalisations_rsv=[812, 140, 8]))


def safes() -> Iterator[tuple[str, File]]:
    yield "adverse_events", pack.excel(t(SOC=["Cardiac", "Skin", "Hepatic"], PT=["QT prolonged", "Rash", "Hepatitis"], Grade_1_2=[31, 140, 22], Grade_3_5=[12, 41, 14]))  # fmt: skip
    yield "mortality_ratio", pack.html(t(Hospital=["A", "B"], Expected=["41.2", "26.8"], Observed=["38", "24"], SMR=["0.92", "0.90"]))  # fmt: skip
    yield "iqr", pack.markdown(t(Variable=["Age, mean (SD)", "LOS, median (IQR)"], Value=["63.1 (12.2)", "6 (3-11)"]))
    yield "stacked", pack.word(t(Issue=["Alive", "Dead", "Lost"], A=["86.1%", "8.1%", "5.8%"], B=["85.2%", "9.0%", "5.8%"]), "Arm A: n = 2255; arm B: n = 2250.")  # fmt: skip
    yield "costs", pack.csv(t(group=["A", "B", "C"], n=[412, 388, 391], mean_cost=[2923.1, 2600.0, 2331.5], sd=[812.0, 790.1, 801.3]))  # fmt: skip
    yield "json_age", made({"cohort": {"size": 4120, "age": {"mean": 63.1, "sd": 12.2, "p25": 54, "p75": 73}}})
    yield "survdiff", pack.log("Call:\nsurvdiff(formula = Surv(t, d) ~ bras, data = b)\n\n         N Observed Expected (O-E)^2/E (O-E)^2/V\nbras=A 412       54     49.1      0.49      0.99\nbras=B 409       44     48.9      0.49      0.99\n\n Chisq= 1  on 1 degrees of freedom, p= 0.3 \n")  # fmt: skip
    yield "rows", out("Rows before: 48210\nRows after dropping missing sex: 48012\n")
    yield "checks", out("[1/4] load ... ok\n[2/4] clean ... ok\n[3/4] fit ... ok\n[4/4] save ... ok (3 files)\n")
    yield "counts", pack.markdown_prose("- Screened: 4,213\n- Randomised: 412\n- Withdrew consent: 24\n- Lost: 17")
    yield (
        "participants",
        pack.word_prose("Overall, 412 participants were randomised, of which 389 received the study drug."),
    )
    yield "percent", pack.latex_prose("Among 1,300 pregnant women, 3.1 % had a stillbirth.")
    yield "weeks", pack.text("Suivi à 3, 6 et 12 mois ; visites toutes les 4 semaines ; dose de 5 mg deux fois par jour pendant 10 jours.\n")  # fmt: skip
    yield "cost_model", pack.html_prose("The model has 4 states and a cycle of 1 month over 10 years. Two strategies were compared. The ICER was 10,628 € per QALY.")  # fmt: skip
    yield "team", pack.markdown_prose("Two physicians and one statistician reviewed the codes; 5 % of charts were read twice; kappa was 0.81.")  # fmt: skip
    yield "objectives", pack.book_prose("Objectives: (1) describe incidence; (2) estimate costs; (3) compare 3 regions. Deliverables: 2 reports, 1 dashboard.")  # fmt: skip
    yield "criteria", pack.text("Inclusion: adults with 2 or more claims at least 30 days apart. Exclusion: fewer than 3 years of history; 1 or more claims for dialysis.\n")  # fmt: skip
    yield (
        "nnt",
        pack.markdown_prose("The number needed to treat was 8 (95 % CI 6 to 12) and the number needed to harm 104."),
    )
    yield "or_table", pack.csv(t(term=["age", "female", "dialysis"], odds_ratio=[1.02, 0.91, 3.0], low=[1.01, 0.84, 2.0], high=[1.03, 0.99, 4.0], df=[1, 1, 1]))  # fmt: skip
    yield "knots", made({"spline": {"df": 4, "knots": [45, 60, 75]}, "n": 48210, "iterations": 7})
    yield (
        "levels",
        pack.csv(t(variable=["sexe", "stade", "region"], n_levels=[2, 4, 13], reference=["H", "I", "Bretagne"])),
    )
    yield "coverage", pack.excel(t(Year=[2019, 2020, 2021], Eligible=[48112, 48810, 49004], Vaccinated=[20110, 22044, 25118], Coverage=["41.8 %", "45.2 %", "51.3 %"]))  # fmt: skip
    yield "waves", pack.csv(t(wave=[1, 2, 3, 4], start=["2020-03", "2020-09", "2021-03", "2021-12"], admissions=[8120, 9311, 7204, 12044]))  # fmt: skip
    yield "gam", pack.log("Approximate significance of smooth terms:\n         edf Ref.df     F p-value    \ns(age) 4.812  5.911 88.12  <2e-16 ***\n\nR-sq.(adj) =  0.312   Deviance explained = 31.3%\nn = 48210\n")  # fmt: skip
    yield "quarterly", pack.tsv(t(trimestre=["T1", "T2", "T3", "T4"], recours=[1204, 1188, 990, 1312], taux_pour_1000=[12.1, 11.9, 9.9, 13.2]))  # fmt: skip
    yield "perf", pack.markdown(t(Metric=["AUC", "Sensitivity", "Specificity", "PPV"], Value=["0.81", "0.74", "0.79", "0.31"], CI=["0.80-0.82", "0.72-0.76", "0.78-0.80", "0.29-0.33"]))  # fmt: skip
    yield "deviations", pack.text("Deviations from the protocol: (a) the washout was 6 instead of 12 months; (b) a third model was added.\n")  # fmt: skip


def cases() -> Iterator[Case]:
    """Leaks, then safe results."""
    yield from (leak(f"seven-{name}", "mixed", file) for name, file in leaks())
    yield from (safe(f"seven-{name}", "mixed", file) for name, file in safes())
    one = ("sexe.csv", b"sexe,deces\nF,412\nH,390\n")
    two = ("age.csv", b"age,deces\n<65,201\n65+,595\n")
    yield leak("seven-totals", "mixed", one, two)
    yield leak("seven-released", "mixed", pack.csv(t(dep=["22", "29"], n=[412, 388])), released=(pack.csv(t(dep=["22", "29", "Total"], n=[412, 391, 803])),))  # fmt: skip
