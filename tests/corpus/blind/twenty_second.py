"""Twenty-second batch: small, safe results in further layouts, written after mending for the twentieth.

Untouched score: 25 of 30 safe results (83 %).
"""

import io
import json
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import plotly.graph_objects as go

from . import pack
from .case import Case, File, safe
from .eighteenth_shown import image

rng = np.random.default_rng(2201)
SUMMARY_LM = """
Call:
lm(formula = hba1c ~ bras + age + imc, data = d)

Coefficients:
             Estimate Std. Error t value Pr(>|t|)
(Intercept)  6.812044   0.081120  83.975  < 2e-16 ***
brasB       -0.312201   0.021140 -14.768  < 2e-16 ***
age          0.004120   0.000911   4.523 6.16e-06 ***
imc          0.021077   0.002044  10.312  < 2e-16 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

Residual standard error: 1.104 on 10834 degrees of freedom
  (412 observations deleted due to missingness)
Multiple R-squared:  0.0412,\tAdjusted R-squared:  0.04093
F-statistic: 155.2 on 3 and 10834 DF,  p-value: < 2.2e-16
"""
STATA_MIXED = """
Mixed-effects ML regression                     Number of obs    =      22,410
Group variable: practice                        Number of groups =         312
                                                Obs per group:
                                                              min =         21
                                                              avg =       71.8
                                                              max =        204
                                                Wald chi2(3)     =     912.44
Log likelihood = -30412.118                     Prob > chi2      =     0.0000

------------------------------------------------------------------------------
       hba1c | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
       1.arm |  -.3120144   .0204410   -15.26   0.000    -.3520780   -.2719508
         age |   .0039881   .0008702     4.58   0.000     .0022825    .0056937
       _cons |   6.790112   .0712204    95.34   0.000     6.650523    6.929701
------------------------------------------------------------------------------
"""
SAS_MEANS = """                              The MEANS Procedure

                         Analysis Variable : hba1c HbA1c (%)

                      N
     bras           Obs        N          Mean       Std Dev     Lower Quartile     Upper Quartile
     ---------------------------------------------------------------------------------------------
     A             5620     5412     7.4120331     1.1180020          6.6000000          8.1000000
     B             5630     5426     7.1011044     1.0902211          6.4000000          7.7000000
     ---------------------------------------------------------------------------------------------
"""
KERAS = """Model: "sequential"
_________________________________________________________________
 Layer (type)                Output Shape              Param #
=================================================================
 dense (Dense)               (None, 64)                2624
 dropout (Dropout)           (None, 64)                0
 dense_1 (Dense)             (None, 32)                2080
 dense_2 (Dense)             (None, 1)                 33
=================================================================
Total params: 4737 (18.50 KB)
Trainable params: 4737 (18.50 KB)
Non-trainable params: 0 (0.00 Byte)
_________________________________________________________________
Epoch 1/3
339/339 [==============================] - 2s 4ms/step - loss: 0.6120 - auc: 0.7011 - val_loss: 0.5630 - val_auc: 0.7480
Epoch 2/3
339/339 [==============================] - 1s 3ms/step - loss: 0.5511 - auc: 0.7604 - val_loss: 0.5422 - val_auc: 0.7691
Epoch 3/3
339/339 [==============================] - 1s 3ms/step - loss: 0.5380 - auc: 0.7733 - val_loss: 0.5391 - val_auc: 0.7720
"""
XGB = """[0]\ttrain-logloss:0.66120\tvalid-logloss:0.66314
[50]\ttrain-logloss:0.48123\tvalid-logloss:0.49010
[100]\ttrain-logloss:0.45511\tvalid-logloss:0.47302
[150]\ttrain-logloss:0.44007\tvalid-logloss:0.46990
[187]\ttrain-logloss:0.43120\tvalid-logloss:0.47011
Stopping. Best iteration: 167, best score: 0.46981
"""
HIGHLIGHTS = """Points clés

• 10 838 patients diabétiques de type 2 suivis 24 mois dans 312 cabinets (6 régions).
• HbA1c moyenne : 7,4 % ± 1,1 dans le groupe A (n = 5 412) et 7,1 % ± 1,1 dans le groupe B (n = 5 426).
• Différence ajustée : −0,31 point (IC à 95 % [−0,35 ; −0,27]), soit 3 fois le seuil de 0,1 point fixé a priori.
• Au moins un épisode d'hypoglycémie : 412 (7,6 %) contre 388 (7,2 %), p = 0,35.
• Coût moyen par patient et par an : 1 204 € contre 1 310 €.
"""
DISCUSSION = """Our findings agree with two meta-analyses (7 and 12 trials) and with the 2021 guideline, which recommends a target of
7% for most adults and of 8% for those over 75 with two or more comorbidities. Only one of the four earlier cohort studies
followed patients for more than 5 years. Three mechanisms may explain the difference. First, nurses called patients every 2
weeks during the first 3 months. Second, doses were changed in steps of 2 units. The number needed to treat was 14 (95% CI
11 to 19). Our study has limits: 38% of HbA1c values came from a point-of-care device with an error of up to 5%.
"""
MATERIAL = r"""\section*{Matériel supplémentaire}
\begin{longtable}{p{6cm}cc}
\caption{Codes utilisés} \\
\hline
Affection & CIM-10 & ALD \\
\hline
\endhead
Diabète de type 2 & E11 & 8 \\
Insuffisance cardiaque & I50 & 5 \\
Maladie coronaire & I20--I25 & 13 \\
Néphropathie chronique & N18 & 19 \\
Accident vasculaire cérébral & I60--I64 & 1 \\
\hline
\end{longtable}
"""
README = """# nurse-led titration

```
pip install -r requirements.txt
python -m titration run --config config.yml --jobs 4 --seed 7
pytest -q            # 41 passed in 12.3 s
```

| Step | Script | Time | Memory |
|---|---|---|---|
| 1 | `01_extract.py` | 3 min | 2 GB |
| 2 | `02_cohort.py` | 8 min | 6 GB |
| 3 | `03_models.R` | 41 min | 4 GB |

Tested with Python 3.11.4, R 4.3.1 and 8 cores. Tables 1-4 are written to `out/`, figures 1-3 to `out/fig/`.
"""
PRISMA = """Records identified from databases (n = 2,412): PubMed (n = 1,204), Embase (n = 988), CENTRAL (n = 220)
Duplicates removed (n = 812)
Records screened (n = 1,600); excluded on title (n = 1,388)
Reports assessed (n = 212); excluded: no control group (n = 88), wrong outcome (n = 61), protocol only (n = 44)
Studies included in the review (n = 19); in the meta-analysis (n = 12)
"""


def formatted() -> File:
    """A report's table: title, two header rows, groups of rows, percent formats, footnotes, and a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Table 1"
    rows: list[list[Any]] = [["Table 1. Patients at baseline"], [None, "Arm A", None, "Arm B", None], ["Characteristic", "n", "%", "n", "%"], ["All", 5620, 1, 5630, 1], ["Sex", None, None, None, None], ["  Women", 2473, 0.44, 2534, 0.45], ["  Men", 3147, 0.56, 3096, 0.55], ["Age (years)", None, None, None, None], ["  18-49", 843, 0.15, 901, 0.16], ["  50-64", 2136, 0.38, 2083, 0.37], ["  65 and over", 2641, 0.47, 2646, 0.47], ["Treatment", None, None, None, None], ["  Metformin alone", 3372, 0.6, 3322, 0.59], ["  Insulin", 2248, 0.4, 2308, 0.41], [], ["Percentages are of the arm. HbA1c was missing in 208 and 204 patients."]]  # fmt: skip
    for row in rows:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=4, max_row=14):
        row[2].number_format = row[4].number_format = "0%"
    meta = book.create_sheet("Info")
    for row in [["Author", "Study team"], ["Date", "2023-06-01"], ["Software", "R 4.3.1"], ["Threshold", 11]]:
        meta.append(row)
    out = io.BytesIO()
    book.save(out)
    return "table1.xlsx", out.getvalue()


def spaghetti(ax: Any) -> None:
    """Mean trajectories of four classes with bands."""
    x = np.arange(0, 25, 3)
    for at, n in enumerate((4120, 3310, 2204, 1204)):
        y = 8.6 - 0.4 * at - 0.05 * x * (at + 1) / 3
        ax.plot(x, y, marker="o", label=f"Class {at + 1} (n = {n:,})")
        ax.fill_between(x, y - 0.1, y + 0.1, alpha=0.2)
    ax.set(xlabel="Months", ylabel="Mean HbA1c (%)", xticks=x)
    ax.legend(fontsize=8)


def tornado(ax: Any) -> None:
    names = ["Discount rate (0-5 %)", "Cost of nurse (±20 %)", "Utility (±10 %)", "Adherence (70-95 %)"]
    for at, (low, high) in enumerate(((9.1, 16.4), (10.2, 14.1), (11.0, 13.8), (11.6, 12.9))):
        ax.barh(at, low - 12.2, left=12.2, color="#4c72b0")
        ax.barh(at, high - 12.2, left=12.2, color="#dd8452")
    ax.set_yticks(range(4), names)
    ax.set_xlabel("ICER (k€ per QALY)")
    ax.figure.subplots_adjust(left=0.32)


def waterfall(ax: Any) -> None:
    """A histogram with its normal curve, and the mean as text."""
    values = np.clip(rng.normal(7.2, 1.1, 20000), 5, 9.5)
    ax.hist(values, bins=np.arange(5, 9.6, 0.25), color="lightgrey", edgecolor="grey")
    ax.axvline(7.2, color="red")
    ax.text(7.3, 1850, "mean 7.2 (SD 1.1)", color="red")
    ax.set(xlabel="HbA1c (%)", ylabel="Patients")


def small_multiples() -> File:
    import matplotlib.pyplot as plt

    figure, grid = plt.subplots(2, 3, figsize=(9, 5), sharex=True, sharey=True, constrained_layout=True)
    for ax, region in zip(grid.flat, ["Bretagne", "Centre", "Corse", "Normandie", "Occitanie", "PACA"], strict=True):
        ax.plot(range(2015, 2023), 7.6 - 0.05 * np.arange(8) + rng.normal(0, 0.03, 8), "-o", ms=3)
        ax.set_title(region, fontsize=9)
    figure.supxlabel("Année")
    figure.supylabel("HbA1c moyenne (%)")
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=110)
    plt.close(figure)
    return "regions.png", out.getvalue()


def effects_book() -> File:
    frame = pd.DataFrame({"contrast": ["B - A", "B - A", "B - A"], "age group": ["18-49", "50-64", "65+"], "estimate": [-0.28, -0.33, -0.31], "conf.low": [-0.37, -0.39, -0.36], "conf.high": [-0.19, -0.27, -0.26], "n": [1744, 4219, 5287]})  # fmt: skip
    missing = pd.Series([0, 0, 412, 1204], index=["age", "sexe", "hba1c", "imc"])
    return pack.notebook(
        pack.text_cell("### Sensitivity\n\n1. complete cases\n2. multiple imputation ($m = 20$)\n3. last value carried forward"),
        pack.cell("d.shape", pack.result({"text/plain": "(11250, 23)"})),
        pack.cell("d.isna().sum()", pack.result({"text/plain": f"{missing}"})),
        pack.cell("effects", pack.shown(frame)),
        pack.cell("d.dtypes", pack.result({"text/plain": "age        int64\nsexe    category\nhba1c    float64\nimc      float64\ndtype: object"})),
        pack.cell("len(d), d.practice.nunique(), d.region.nunique()", pack.result({"text/plain": "(11250, 312, 6)"})),
        pack.cell("chi2_contingency(pd.crosstab(d.arm, d.hypo))[:3]", pack.result({"text/plain": "(0.8744, 0.3497, 1)"})),
        pack.cell("ttest_ind(a, b)", pack.result({"text/plain": "TtestResult(statistic=14.77, pvalue=7.1e-49, df=10836.0)"})),
        pack.cell("roc_auc_score(y, p), brier_score_loss(y, p)", pack.result({"text/plain": "(0.7720411, 0.1412204)"})),
        pack.cell("spaghetti(d)", image(spaghetti)),
    )  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    rates = pd.DataFrame({"Année": [2019, 2020, 2021], "Personnes-années": ["41 204", "43 877", "44 120"], "Événements": [412, 388, 431], "Taux p. 1 000 PA": ["10,0", "8,8", "9,8"], "IC 95 %": ["9,1-11,0", "8,0-9,8", "8,9-10,7"]})  # fmt: skip
    subgroup = pd.DataFrame({"Subgroup": ["Women", "Men", "< 65 years", "≥ 65 years"], "N": [5007, 6243, 5963, 5287], "Difference": [-0.30, -0.32, -0.32, -0.31], "95% CI": ["-0.36; -0.24", "-0.37; -0.27", "-0.37; -0.27", "-0.36; -0.26"], "p (interaction)": [0.62, None, 0.81, None]})  # fmt: skip
    doses = pd.DataFrame({"DCI": ["metformine", "gliclazide", "insuline glargine"], "Code ATC": ["A10BA02", "A10BB09", "A10AE04"], "DDJ": ["2 g", "60 mg", "40 UI"], "Patients": ["6 694", "2 310", "4 556"], "DDJ/1 000/j": ["31,2", "8,4", "12,9"]})  # fmt: skip
    cluster = pd.DataFrame({"k": [2, 3, 4, 5, 6], "silhouette": [0.31, 0.36, 0.34, 0.29, 0.27], "inertia": [81204.1, 70411.8, 65120.0, 61877.2, 59910.4], "smallest cluster": [4120, 2204, 1204, 702, 388]})  # fmt: skip
    quality = pd.DataFrame({"Contrôle": ["Doublons", "Dates incohérentes", "Âge hors bornes", "Sexe manquant"], "Règle": ["R1", "R2", "R3", "R4"], "Lignes en erreur": [118204, 1204, 88, 0], "% des lignes": ["2,87", "0,03", "< 0,01", "0,00"]})  # fmt: skip
    quotas = pd.DataFrame({"Specialty": ["GP", "Cardiology", "Endocrinology"], "Visits per patient-year, mean": [4.2, 0.6, 1.1], "Patients with at least one visit": [10412, 3120, 5877], "Share (%)": [92.6, 27.7, 52.2]})  # fmt: skip
    power = {
        "alpha": 0.05,
        "power": 0.9,
        "icc": 0.02,
        "cluster_size": 36,
        "clusters_per_arm": 156,
        "n_per_arm": 5616,
        "detectable_difference": 0.1,
        "sd": 1.1,
    }
    tree = {
        "name": "readmission",
        "version": 3,
        "features": ["age", "imc", "hba1c"],
        "thresholds": {"low": 0.1, "medium": 0.3, "high": 0.6},
        "metrics": {"auc": 0.772, "brier": 0.141, "n_train": 7875, "n_test": 3375},
        "created": "2023-06-01",
    }
    flow = go.Figure(go.Funnel(y=["Screened", "Eligible", "Randomised", "Analysed"], x=[18204, 13120, 11250, 10838]))
    gauge = go.Figure(go.Bar(x=["A", "B"], y=[7.41, 7.10], error_y={"type": "data", "array": [0.03, 0.03]}))
    gauge.update_layout(yaxis_title="Mean HbA1c (%)", xaxis_title="Arm")
    tables = {"rates": pack.french_csv(rates), "subgroup": pack.csv(subgroup), "doses": pack.excel(doses), "cluster": pack.csv(cluster), "quality": pack.markdown(quality), "quotas": pack.html(quotas), "formatted": formatted(), "subgroup_tex": pack.latex(subgroup), "rates_docx": pack.word(rates, "Tableau 2. Taux d'incidence.")}  # fmt: skip
    texts = {"lm": pack.text(SUMMARY_LM), "mixed": ("mixed.log", STATA_MIXED.encode()), "means": ("means.lst", SAS_MEANS.encode()), "keras": ("train.log", KERAS.encode()), "xgb": pack.log(XGB), "highlights": pack.text(HIGHLIGHTS), "discussion": pack.word_prose(" ".join(DISCUSSION.split())), "material": ("supp.tex", MATERIAL.encode()), "readme": ("README.md", README.encode()), "prisma": pack.text(PRISMA), "power": ("power.json", json.dumps(power).encode()), "card": ("card.json", json.dumps(tree).encode())}  # fmt: skip
    shown = {"spaghetti_png": pack.figure(spaghetti), "tornado_png": pack.figure(tornado), "histogram_png": pack.figure(waterfall), "regions_png": small_multiples(), "spaghetti_svg": pack.figure(spaghetti, "svg"), "tornado_pdf": pack.figure(tornado, "pdf"), "effects_book": effects_book(), "funnel": ("funnel.html", flow.to_html(include_plotlyjs="cdn").encode()), "bars": ("bars.html", gauge.to_html(include_plotlyjs="cdn").encode())}  # fmt: skip
    return [safe(f"twenty_two_{name}", group, file) for group, files in (("tables", tables), ("texts", texts), ("shown", shown)) for name, file in files.items()]  # fmt: skip
