"""The sixth batch: smaller, in other styles, written after the rules were mended for the fifth, to estimate what is new.

Untouched, before any mending for it: 49 of 62 leaks caught (79 %), 25 of 32 safe results passed (78 %).
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from . import pack
from .case import Case, File, leak, safe


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def made(value: object, name: str = "out.json") -> File:
    return name, json.dumps(value, ensure_ascii=False, indent=2).encode()


def out(source: str, text: str) -> File:
    return pack.notebook(pack.cell(source, pack.stream(text)))


def tables() -> Iterator[tuple[str, File]]:
    yield "vaccine", pack.csv(t(Dose=["1st", "2nd", "Booster"], Vaccinated=[48210, 41204, 30118], Myocarditis=[14, 31, 5], Rate_per_100k=[29.0, 75.2, 16.6]))  # fmt: skip
    yield "dispensing", pack.excel(t(**{"Code CIS": ["60002283", "68972100", "61872201"], "Libellé": ["METFORMINE", "APIXABAN", "NUSINERSEN"], "Nb bénéficiaires": [48112, 20110, 9]}))  # fmt: skip
    yield "cause_by_age", pack.html(t(Cause=["Cancer", "Cardiovascular", "Suicide"], **{"15-24": [12, 14, 21], "25-44": [88, 61, 40], "45-64": [611, 402, 6]}))  # fmt: skip
    yield "protocol", pack.latex(t(Arm=["Control", "Intervention"], Randomised=[204, 206], Completed=[198, 189], Withdrew=[6, 17]))  # fmt: skip
    yield "hidden_by_sum", pack.csv(t(gender=["Men", "Women", "Other", "All"], n=["2,310", "2,877", "suppressed", "5,190"]))  # fmt: skip
    yield "pct_row", pack.markdown(t(Region=["North", "South"], Patients=["1,204", "388"], **{"Lost to follow-up (%)": ["4.2", "1.5"]}))  # fmt: skip
    yield "readmission", pack.word(t(Ward=["A", "B", "C"], Discharges=[412, 390, 201], Readmitted=["8.0 %", "9.2 %", "4.0 %"]))  # fmt: skip
    yield "quantile_small", pack.csv(t(subgroup=["<18", "18+"], n_obs=[22, 1204], p05=[1.2, 0.8], p50=[4.1, 3.9], p95=[19.2, 14.4]))  # fmt: skip
    yield (
        "max_los",
        pack.excel(t(Service=["Cardio", "Neuro"], N=[1204, 812], DMS=[6.1, 8.8], **{"Durée max": [212, 187]})),
    )
    yield "weighted", pack.csv(t(stratum=["rural", "urban"], unweighted_n=[7, 391], weighted_n=[2104, 88120], prevalence=[0.12, 0.09]))  # fmt: skip
    yield "gini", pack.csv(t(sector=["public", "private"], n_hospitals=[4, 31], gini=[0.61, 0.4], total_cost=[812000, 991000]))  # fmt: skip
    yield "top_payer", pack.markdown(t(Category=["ALD 9", "ALD 30"], Total_eur=[1204311, 8812044], Largest_patient_eur=[1130200, 88120]))  # fmt: skip
    yield "two_way_complement", pack.csv(t(test=["PCR", "Antigen"], tested=[812, 640], positive=[806, 402]))
    yield "labels_sex_age", pack.tsv(t(cellule=["F|85+|Corse", "F|85+|Bretagne", "H|85+|Corse"], valeur=[4, 812, 31]))
    yield "pivot_blank", pack.csv(t(dep=["2A", "29", "35", "Total"], cas=["", "412", "388", "808"]))
    yield "monthly_new", pack.csv(t(month=["2021-01", "2021-02", "2021-03"], incident_als=[3, 5, 4]))
    yield "km_counts", pack.csv(t(t=[0, 6, 12, 18, 24], n_risk=[88, 61, 40, 19, 6], n_event=[0, 14, 12, 11, 2], surv=[1, 0.82, 0.66, 0.46, 0.31]))  # fmt: skip
    yield "acronyms", pack.excel(t(**{"": ["TP", "FP", "TN", "FN"], "Test set": [412, 88, 4120, 7]}))
    yield "json_arms", made({"arms": {"control": {"randomised": 204, "died": 14}, "active": {"randomised": 206, "died": 3}}})  # fmt: skip
    yield "json_strata", made({"by_stage": [["I", 412], ["II", 301], ["IV", 4]]})
    yield "json_flat", made({"n_included": 1204, "n_excluded_no_consent": 3, "auc": 0.81})
    yield "subgroup_n", pack.word(t(Subgroup=["All", "Pregnant"], **{"aHR (95% CI)": ["0.86 (0.71-1.02)", "1.92 (0.40-9.11)"], "Events/N": ["186/1204", "2/38"]}))  # fmt: skip
    yield "regression_n", pack.latex(t(**{"": ["Treatment", "", "Observations", "R2"], "(1)": ["0.412***", "(0.088)", "9", "0.98"]}))  # fmt: skip
    yield "alleles", pack.csv(t(variant=["c.1521_1523del", "c.3846G>A"], carriers=[412, 2], homozygotes=[14, 0]))


def texts() -> Iterator[tuple[str, File]]:
    yield "crosstab_margins", out("pd.crosstab(a, b, margins=True)", "dcd        0    1   All\nstade                  \nI        412   31   443\nIV        88    3    91\nAll      500   34   534\n")  # fmt: skip
    yield "info", out("df.nlargest(3, 'cout')[['age','cout']]", "       age       cout\n4120    71  331410.2\n812     64  318204.9\n3307    58  291118.0\n")  # fmt: skip
    yield "julia", pack.log("3×2 DataFrame\n Row │ service  n     \n     │ String   Int64 \n─────┼────────────────\n   1 │ Cardio    1204\n   2 │ Rea        311\n   3 │ Greffe       4\n")  # fmt: skip
    yield "duck", pack.log("┌─────────┬───────┐\n│ service │  nb   │\n│ varchar │ int64 │\n├─────────┼───────┤\n│ Cardio  │  1204 │\n│ Greffe  │     3 │\n└─────────┴───────┘\n")  # fmt: skip
    yield "r_xtabs", pack.log("> xtabs(~ etab + dcd, d)\n        dcd\netab        0    1\n  CHU    1204   88\n  CH      412    6\n")  # fmt: skip
    yield "r_quantile", pack.log("> quantile(d$los, c(0, .5, 1))\n  0%  50% 100% \n   0    6  212 \n")
    yield "stata_sum", pack.log(". summarize age\n\n    Variable |        Obs        Mean    Std. dev.       Min        Max\n-------------+---------------------------------------------------------\n         age |      4,120      63.104       12.23         18        104\n")  # fmt: skip
    yield "spss", pack.log("                       Valid   Cumulative\n        Frequency Percent Percent Percent\n Alive       1204    98.9    98.9    98.9\n Dead           6     0.5     0.5    99.4\n Unknown        7     0.6     0.6   100.0\n Total       1217   100.0   100.0\n")  # fmt: skip
    yield "etl", pack.log("[INFO] joined 48210 stays\n[WARN] 4 beneficiaries without département were removed\n[INFO] done in 12 s\n")  # fmt: skip
    yield "assert", pack.notebook(pack.cell("check()", {"output_type": "error", "ename": "AssertionError", "evalue": "2 patients have negative length of stay", "traceback": ["AssertionError: 2 patients have negative length of stay"]}))  # fmt: skip
    yield "tree_r", pack.log("node), split, n, loss, yval, (yprob)\n      * denotes terminal node\n\n1) root 4120 311 0 (0.9245 0.0755)\n  2) age< 64.5 2811 88 0 (0.9687 0.0313) *\n  3) age>=64.5 1309 223 0 (0.8296 0.1704)\n    6) creat< 412 1304 219 0 (0.8321 0.1679) *\n    7) creat>=412 5 1 1 (0.2000 0.8000) *\n")  # fmt: skip
    yield "topics", pack.text("Cluster 1: 812 documents\nCluster 2: 391 documents\nCluster 3: 2 documents (patients de réanimation)\n")  # fmt: skip
    yield (
        "sentence_pairs",
        pack.markdown_prose("Deaths were rare: 14 in the control arm and 3 in the intervention arm."),
    )
    yield "both_died", pack.word_prose("Both patients with Creutzfeldt-Jakob disease died within six months.")
    yield (
        "none_left",
        pack.html_prose("At five years, only four of the transplant recipients were still being followed."),
    )
    yield "percent_words", pack.markdown_prose("Of 400 women, 99.5 % received folic acid.")
    yield "french_elliptic", pack.text("Sur les 812 patients traités, cinq ont présenté une neutropénie fébrile et deux sont décédés.\n")  # fmt: skip
    yield "abstract", pack.latex_prose("Results: 1,204 participants were analysed (602 per arm); serious adverse events occurred in 4 (0.7%) vs 12 (2.0%).")  # fmt: skip
    yield "case_fr", pack.text("Il s'agit d'un patient de 34 ans, boulanger à Concarneau, admis pour un syndrome de Lyell sous allopurinol.\n")  # fmt: skip
    yield "legend", pack.book_prose("Figure 3. Kaplan-Meier curves. Numbers at risk at 48 months: 12 (A) and 3 (B).")
    yield "twins", pack.markdown_prose("The cohort includes a pair of twins with haemophilia followed in Rennes.")


SECRET = "1 62 07 35 238 041 61"


def others() -> Iterator[tuple[str, File, tuple[str, ...]]]:
    rng = np.random.default_rng(61)
    ids = rng.integers(10**9, 10**10, 50)
    yield "cohort_flags", pack.csv(pd.DataFrame({"sexe": rng.integers(1, 3, 80), "annee_naissance": rng.integers(1930, 2000, 80), "dep": rng.integers(10, 90, 80), "ald": rng.integers(0, 2, 80)})), ()  # fmt: skip
    yield "scores", pack.parquet(pd.DataFrame({"num": ids, "p_death": rng.random(50).round(4)})), ()
    yield "trajectory", pack.csv(pd.DataFrame({"patient": np.repeat(range(1, 11), 6), "mois": list(range(6)) * 10, "creat": rng.normal(90, 20, 60).round(0)})), ()  # fmt: skip
    yield "free_text", pack.csv(t(id_sejour=[881204, 881377], compte_rendu=["Patiente de 88 ans, chute à domicile, fracture du col", "Homme de 45 ans, douleur thoracique, coronarographie normale"])), ()  # fmt: skip
    yield "top_costs", pack.markdown(t(rang=[1, 2, 3], cout_eur=["331 410", "318 205", "291 118"], ghm=["27C021", "27C022", "05M091"])), ()  # fmt: skip
    yield "nir_text", pack.log(f"duplicate key: {SECRET}\n"), (SECRET,)
    yield "nir_in_link", ("p.html", f"<html><body><a href='file:///{SECRET.replace(' ', '')}.txt'>4,120 patients</a></body></html>".encode()), (SECRET.replace(" ", ""),)  # fmt: skip
    yield "svg_title", ("f.svg", f"<svg xmlns='http://www.w3.org/2000/svg' width='200' height='80'><title>{SECRET}</title><desc>{SECRET}</desc><rect width='60' height='40' fill='teal'/></svg>".encode()), (SECRET,)  # fmt: skip
    yield "rtl", pack.text("Total 1\u202e4021\u202c patients; Corse \u20664\u2069 patients\n"), ()

    def dots(axes: Any) -> None:
        axes.scatter(rng.normal(63, 12, 120), rng.normal(4, 1, 120), s=18, color="black")

    def pie(axes: Any) -> None:
        axes.pie([1204, 311, 7], labels=["A (n=1204)", "B (n=311)", "C (n=7)"])

    def hist(axes: Any) -> None:
        axes.hist(np.r_[rng.normal(63, 12, 900), 104.0], bins=30)
        axes.set_title("max = 104 ans")

    yield "dots_png", pack.figure(dots), ()
    yield "dots_pdf", pack.figure(dots, "pdf"), ()
    yield "pie_png", pack.figure(pie), ()
    yield "hist_png", pack.figure(hist), ()


def several() -> Iterator[Case]:
    one = ("by_sex.csv", b"sexe,patients\nF,2204\nM,1916\n")
    two = ("by_region.csv", b"region,patients\nBretagne,2311\nNormandie,1802\n")
    yield leak("six-missing_region", "several", one, two)
    yield leak("six-released_refined", "several", pack.csv(t(age=["65-84", "85+"], n=[811, 88])), released=(pack.csv(t(age=["65+"], n=[904])), ))  # fmt: skip
    yield leak("six-released_year", "several", pack.csv(t(service=["A", "B", "C"], n=[412, 391, 207])), released=(pack.csv(t(service=["A", "B", "C"], n=[412, 388, 207])),))  # fmt: skip
    yield leak("six-text_and_table", "several", pack.csv(t(statut=["vivant", "décédé"], n=["1190", "<11"])), pack.markdown_prose("Nous avons inclus 1 197 patients."))  # fmt: skip


def safes() -> Iterator[tuple[str, File]]:
    yield "vaccine", pack.csv(t(Dose=["1st", "2nd", "3rd"], Vaccinated=[48210, 41204, 30118], Myocarditis=[14, 31, 15], Rate_per_100k=[29.0, 75.2, 49.8]))  # fmt: skip
    yield "drugs", pack.excel(t(ATC=["A10BA02", "B01AF02", "N02BE01"], DDD=[2.0, 10.0, 3.0], Beneficiaries=[48112, 20110, 91244]))  # fmt: skip
    yield "logit", pack.latex(t(**{"": ["Age 65+", "", "Female", "", "Observations", "Pseudo R2"], "(1)": ["1.42***", "(0.05)", "0.91", "(0.06)", "48,210", "0.08"], "(2)": ["1.38***", "(0.05)", "0.93", "(0.06)", "48,210", "0.09"]}))  # fmt: skip
    yield "grid_search", pack.csv(t(max_depth=[3, 3, 5, 5, 7, 7], n_estimators=[100, 300] * 3, mean_auc=[0.79, 0.80, 0.81, 0.812, 0.81, 0.808], std_auc=[0.01] * 6))  # fmt: skip
    yield "model_compare", pack.markdown(t(Model=["Logistic", "Random forest", "XGBoost"], AUC=["0.78 (0.77-0.79)", "0.80 (0.79-0.81)", "0.81 (0.80-0.82)"], Brier=[0.083, 0.081, 0.08], Rank=[3, 2, 1]))  # fmt: skip
    yield "age_pyramid", pack.csv(t(age=[f"{a}-{a + 4}" for a in range(0, 90, 5)], F=[1200 + 13 * a for a in range(18)], M=[1180 + 11 * a for a in range(18)]))  # fmt: skip
    yield "likert", pack.excel(t(Question=["Q1", "Q2", "Q3"], Mean=[3.8, 4.1, 2.9], SD=[0.9, 0.8, 1.1], n=[412, 409, 411]))  # fmt: skip
    yield "sensitivity", pack.word(t(Analysis=["Main", "Excluding 2020", "Lag 6 months"], HR=["1.42 (1.35-1.49)", "1.40 (1.32-1.48)", "1.38 (1.30-1.47)"], N=["48 210", "41 204", "39 877"]))  # fmt: skip
    yield "gantt", pack.csv(t(task=["Access", "Cleaning", "Analysis"], start=["2024-01-15", "2024-03-01", "2024-06-01"], weeks=[6, 12, 8], owner=["DS", "DS", "Stat"]))  # fmt: skip
    yield "icd_list", pack.csv(t(code=["I50", "I50.0", "I50.1", "I11.0"], label=["Insuffisance cardiaque", "Congestive", "Ventriculaire gauche", "Cardiopathie hypertensive"], version=[10, 10, 10, 10]))  # fmt: skip
    yield "markov_cycle", pack.csv(t(cycle=list(range(8)), healthy=[1.0, 0.91, 0.83, 0.76, 0.69, 0.63, 0.57, 0.52], ill=[0.0, 0.07, 0.12, 0.16, 0.2, 0.23, 0.25, 0.27], dead=[0.0, 0.02, 0.05, 0.08, 0.11, 0.14, 0.18, 0.21]))  # fmt: skip
    yield "rounded", pack.csv(t(region=["Bretagne", "Corse", "Total"], n_rounded_10=[8530, 320, 8850]))
    yield "config", ("config.yaml", b"model:\n  name: cox\n  penalizer: 0.1\nsplits: 5\nseed: 42\ncovariates:\n  - age\n  - sex\nmin_count: 11\nfollow_up_years: 5\n")  # fmt: skip
    yield "json_metrics", made({"train": {"n": 31204, "auc": 0.83}, "test": {"n": 8812, "auc": 0.81}, "params": {"layers": 3, "heads": 8, "epochs": 10}})  # fmt: skip
    yield "json_events", made({"cox": {"n": 48210, "n_events": 8198, "covariates": 7, "concordance": 0.71}})
    yield "r_coxph", pack.log("  n= 48210, number of events= 8198 \n\n         coef exp(coef) se(coef)      z Pr(>|z|)    \nage  0.041204  1.042065 0.001204 34.222   <2e-16 ***\nsex2 -0.110000  0.895834 0.022000 -5.000 5.73e-07 ***\n---\nConcordance= 0.71  (se = 0.003 )\nLikelihood ratio test= 2041  on 2 df,   p=<2e-16\n")  # fmt: skip
    yield "stata_logit", pack.log(". logistic dcd age i.sexe\n\nLogistic regression                                     Number of obs = 48,210\n                                                        LR chi2(2)    = 2041.20\n                                                        Prob > chi2   =  0.0000\nLog likelihood = -13705.5                               Pseudo R2     =  0.0693\n")  # fmt: skip
    yield "torch", out("train()", "Epoch 1/10 - loss 0.69 - val_loss 0.66\nEpoch 2/10 - loss 0.61 - val_loss 0.60\nEpoch 10/10 - loss 0.42 - val_loss 0.44\nParameters: 1204311\nGPU 0: 8 GB\n")  # fmt: skip
    yield "describe_dict", out("print(t.groupby('region').n.sum())", "region\nBretagne     8532\nCentre       5515\nNormandie    6120\nName: n, dtype: int64\n")  # fmt: skip
    yield "git", pack.text("commit 4f3c2a1\nDate: 2024-03-01\n\n    Fix 2 typos in table 4; rerun 3 models\n\n 3 files changed, 12 insertions(+), 4 deletions(-)\n")  # fmt: skip
    yield "methods", pack.word_prose("Patients with at least 2 hospital stays in the 5 years before inclusion were eligible. We compared 4 exposure groups. Three models were fitted; two were retained. Costs were discounted at 2.5 % per year.")  # fmt: skip
    yield "definition", pack.markdown_prose("A patient was considered exposed after 3 dispensings within 6 months; one dispensing covered 28 days. Six sensitivity analyses were planned.")  # fmt: skip
    yield "french", pack.text("L'étude porte sur 48 210 séjours de 41 204 patients (femmes : 53,2 %). L'âge médian était de 64 ans [54-73]. Trois scénarios ont été étudiés, deux ont été retenus.\n")  # fmt: skip
    yield "discussion", pack.html_prose("Compared with 3 previous studies, our estimate was lower. The confidence interval excluded 1. About one in five patients was readmitted within 30 days.")  # fmt: skip
    yield "abstract", pack.latex_prose("Results: 1,204 participants were analysed (602 per arm); serious adverse events occurred in 24 (4.0%) vs 32 (5.3%).")  # fmt: skip
    yield "sizes", pack.markdown_prose("Table 1 has 12 rows and 4 columns. Cells below 11 are masked. The 3 largest regions hold 61 % of the 48,210 stays.")  # fmt: skip
    yield "todo", pack.text("To do:\n- [ ] ask for 2 more variables\n- [x] send 4 tables to reviewers\n- [ ] meeting on 12 March at 10:00\n")  # fmt: skip
    yield "reference_profile", pack.book_prose("The predicted 5-year risk for a 65-year-old man without diabetes was 12 %; for a 75-year-old woman it was 18 %.")  # fmt: skip


def drawn() -> Iterator[tuple[str, File]]:
    x = np.linspace(0, 10, 80)

    def spline(axes: Any) -> None:
        axes.plot(x, np.sin(x / 3) + 1)
        axes.fill_between(x, np.sin(x / 3) + 0.8, np.sin(x / 3) + 1.2, alpha=0.3)

    def dotted(axes: Any) -> None:
        axes.plot(range(36), 400 + 30 * np.sin(np.arange(36)), ":o", markersize=4)
        axes.set_ylabel("stays")

    def calibration(axes: Any) -> None:
        axes.plot(np.linspace(0.05, 0.95, 10), np.linspace(0.06, 0.93, 10), "s-")
        axes.plot([0, 1], [0, 1], "k--")

    def grouped(axes: Any) -> None:
        axes.bar(range(4), [412, 388, 301, 290])
        axes.set_xticks(range(4), ["2018", "2019", "2020", "2021"])

    for name, draw in (("spline", spline), ("dotted", dotted), ("calibration", calibration), ("grouped", grouped)):
        yield f"{name}_png", pack.figure(draw)


def cases() -> Iterator[Case]:
    """Leaks, then safe results."""
    for group, part in (("table", tables), ("text", texts)):
        for name, file in part():
            yield leak(f"six-{name}", group, file)
    for name, file, payload in others():
        yield leak(f"six-{name}", "other", file, payload=payload)
    yield from several()
    for name, file in safes():
        yield safe(f"six-{name}", "mixed", file)
    for name, file in drawn():
        yield safe(f"six-{name}", "picture", file)
