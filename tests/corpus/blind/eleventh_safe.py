"""Eleventh batch: safe texts and tables, full of small numbers that are no persons."""

import json

import pandas as pd

from .case import Case, safe
from .pack import PROSE, TABLES, log, markdown_text, text, turn, zipped

SAID = {
    "cohort": "Adults aged 18 to 85 years were eligible; the mean age of the 12,310 participants was 61 (SD 12) and 6,402 were women.",
    "dates": "L'étude s'est déroulée du 1er janvier 2015 au 31 décembre 2019 dans 9 régions ; le gel de la base date du 4 mars 2021.",
    "cox": "The hazard ratio was 0.82 (95 % CI 0.75-0.90, p = 0.003) in model 3, adjusted for 7 covariates, with a median "
    "follow-up of 4.2 years (IQR 2.9 to 6.1).",
    "codes": "Les séjours portaient les codes E10 à E14 (CIM-10), les actes EBLA003 et HHQE005 (CCAM) et les classes A10BA02, "
    "A10BH et N05A (ATC, niveaux 5, 4 et 3).",
    "ml": "The network has 3 hidden layers of 64, 32 and 8 units, a dropout of 0.2, a batch size of 256 and a learning rate of "
    "1e-3; training stopped after 9 epochs (patience 3). AUROC was 0.84 on 9,642 patients.",
    "refs": "As in earlier work [4,7-9], we followed the RECORD checklist (items 6.1 to 6.3, 13.1), see also Table 3, Figure 2 and "
    "Appendix 5, p. 8.",
    "doses": "Patients received 2 g of ceftriaxone once daily for 7 days, then 500 mg of amoxicillin three times a day for 5 days.",
    "stages": "La classification NYHA va de I à IV, le score ASA de 1 à 5 et l'indice de Charlson a été regroupé en 0, 1-2, 3-4 et 5 ou plus.",
    "missing": "Smoking status was missing for 5,310 patients (11.0 %) and was imputed 20 times by chained equations (10 iterations).",
    "half": "Half of the 8,120 patients had been followed for at least three years, and one in five for more than eight.",
    "team": "Two authors extracted the data, a third resolved disagreements; five experts in two rounds agreed on nine criteria.",
    "sites": "Les données viennent de trois CHU et de quatre cliniques ; deux centres ont rejoint le réseau en 2017.",
    "power": "With 80 % power and a two-sided alpha of 5 %, 1,204 participants (602 per arm) detect a difference of 6 points, allowing "
    "for 10 % of losses.",
    "nnt": "The absolute difference was 1.8 points (8.4 v 10.2 %), that is one event avoided for every 56 patients treated for five years.",
    "masked": "Fewer than eleven deaths occurred in the youngest group; they are not shown, nor are the rates that rest on them.",
    "cout": "Le coût moyen était de 3 120 € (écart type 801) par séjour, soit 2,4 millions d'euros pour 780 séjours ; le GHS valait 4 fois moins.",
    "sensitivity": "Three sensitivity analyses gave hazard ratios between 0.79 and 0.86; two of them excluded the first 6 months.",
    "criteria": "Exclusion criteria: fewer than 2 visits in 12 months, cancer within 5 years, stage 4 or 5 kidney disease, BMI below 18.5.",
    "cluster": "Silhouette was best with 4 clusters (0.41), of 3,204, 2,811, 1,902 and 1,203 patients; cluster 3 had the highest mortality (8.1 %).",
    "wave": "Pendant la deuxième vague (semaines 41 à 53 de 2020), 4 812 patients ont été hospitalisés, dont 1 204 en réanimation, 9 jours en médiane.",
    "software": "We used Python 3.11, pandas 2.2, lifelines 0.30 and R 4.3.2; 3 scripts and 2 notebooks are in the repository (tag v1.0.4).",
    "kappa": "Agreement between the two coders was substantial (kappa 0.74, 0.69 to 0.79) over 400 charts; 5 categories were merged into 3.",
    "legend": "Figure 4. Survival in 3 groups of treatment. Shaded areas are 95 % confidence intervals; the dashed line marks year 1.",
    "funding": "Financement : ANR-21-CE17-0007 et PHRC 2018 (n° 18-0442). Les auteurs 1 et 4 déclarent des liens d'intérêts.",
    "quintiles": "Deprivation (FDep) was cut into 5 quintiles of about 9,600 patients; the two most deprived had 1.4 times more stays.",
    "spline": "Knots were placed at 5, 35, 65 and 95 % of the distribution; with four knots, 3 degrees of freedom were used.",
    "lag": "Exposure was updated every 3 months with a lag of one quarter; after two missed dispensings the treatment was deemed stopped.",
    "delay": "Door-to-needle time fell from 62 to 48 minutes, a gain of 14 minutes, after three months of training in 6 wards.",
}  # fmt: skip

README = """# Pipeline of the diabetes project

1. `make extract` reads 4 tables (12 GB) and takes 3 hours.
2. `make cohort` applies 6 criteria, see section 2.3 of the protocol (version 4, 2 May 2022).
3. `make models` fits 5 models with seeds 1 to 5.

| file | rows | columns |
| --- | --- | --- |
| cohort.parquet | 48210 | 37 |
| stays.parquet | 210442 | 12 |

Known issues: #12, #31. Needs 8 cores, 2 GPUs.
"""
CHANGES = """2022-03-02  v1.3  added 2 covariates (eGFR, HbA1c)
2022-04-11  v1.4  3 typos mended in Table 2, Figure 5 redrawn
2022-05-06  v1.5  reviewer 2, points 1 to 7: see letter
"""
YAML = """seed: 7
folds: 5
cohort:
  min_age: 18
  washout_months: 6
  n_patients: 48210
model:
  name: xgboost
  max_depth: 4
  n_estimators: 300
  early_stopping_rounds: 9
workers: 2
"""
TEX = r"""\section{Results}
The cohort had 48\,210 patients (Table~\ref{tab:1}, Figure~3). Mortality was 13.2\,\% at two years
(HR 0.87, 95\,\% CI 0.79--0.95, $p=0.002$)~\cite{r4,r7}. \vspace{3mm}
\begin{tabular}{lrr}
Model & AIC & df \\ \hline
1 & 34420.1 & 3 \\
2 & 34388.9 & 5 \\
\end{tabular}
"""
CODE = """import numpy as np

rng = np.random.default_rng(3)
AGES = [18, 50, 65, 80]
for fold in range(5):
    train, test = split(data, fold, gap=2)
    model = Cox(penalty=0.1, max_iter=9).fit(train)
    assert len(test) > 11
"""


def longer() -> list[Case]:
    base = pd.DataFrame({"Variable": ["N", "Femmes, n (%)", "Âge, moyenne (ET)", "Stade III, n (%)"], "Exposés": ["4 102", "2 133 (52,0)", "61,2 (13,9)", "738 (18,0)"], "Témoins": ["8 204", "4 276 (52,1)", "61,3 (14,0)", "1 468 (17,9)"]})  # fmt: skip
    report = f"# Résultats\n\nLe tableau 1 décrit les 12 306 sujets.\n\n{markdown_text(base)}\nLes deux groupes diffèrent peu (p = 0,4).\n"
    metrics = {"model": "lgbm", "version": 3, "auc": 0.812, "confusion": {"tn": 8120, "fp": 310, "fn": 402, "tp": 810}, "n_features": 9, "best_iteration": 7, "threshold": 0.3}  # fmt: skip
    return [
        safe("eleven_plain_readme", "texts", ("README.md", README.encode())),
        safe("eleven_plain_changes", "texts", text(CHANGES)),
        safe("eleven_plain_yaml", "texts", ("config.yaml", YAML.encode())),
        safe("eleven_plain_tex", "texts", ("results.tex", TEX.encode())),
        safe("eleven_plain_report", "texts", ("rapport.md", report.encode())),
        safe("eleven_plain_metrics", "texts", ("metrics.json", json.dumps(metrics, indent=1).encode())),
        safe("eleven_plain_zip", "texts", zipped(("run.log", log("INFO 48210 rows, 3 models, seed 7\n")[1]), ("m.json", json.dumps(metrics).encode()))),
        safe("eleven_plain_script", "texts", ("analysis.txt", CODE.encode())),
    ]  # fmt: skip


def tables() -> list[Case]:
    frames = {
        "region": pd.DataFrame({"région": ["Bretagne", "Normandie", "Corse"], "patients": [4120, 3907, 312], "décès": [412, 388, 31], "taux (%)": [10.0, 9.9, 9.9]}),
        "effects": pd.DataFrame({"variable": ["age", "sex", "stage 3"], "beta": [0.05, -0.21, 0.41], "se": [0.002, 0.03, 0.05], "rank": [1, 3, 2]}),
        "schedule": pd.DataFrame({"visite": ["M0", "M3", "M12"], "jour": [0, 90, 365], "tubes": [3, 2, 3], "durée (min)": [45, 20, 30]}),
        "params": pd.DataFrame({"parameter": ["k", "max_depth", "min_leaf", "l2"], "value": [5, 4, 20, 0.1], "grid size": [3, 4, 3, 5]}),
        "atc": pd.DataFrame({"ATC": ["C10AA01", "C10AA05"], "niveau": [5, 5], "boîtes": [48120, 91204], "bénéficiaires": [6120, 10204]}),
        "trend": pd.DataFrame({"année": [2015, 2016, 2017, 2018], "incidents": [1204, 1188, 1240, 1302], "TIS p. 100 000": [9.8, 9.6, 9.9, 10.4]}),
    }  # fmt: skip
    out = []
    for at, (name, frame) in enumerate(frames.items()):
        out += [
            safe(f"eleven_plain_{name}-{n}", "tables", pack(frame)) for n, pack in enumerate(turn(TABLES, at + 1, 2))
        ]
    return out


def cases() -> list[Case]:
    """The cases of this part."""
    out = [safe(f"eleven_plain_{name}", "prose", turn(PROSE, at + 3, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]  # fmt: skip
    return [*out, *longer(), *tables()]
