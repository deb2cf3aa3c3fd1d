"""Twentieth batch: safe tables and texts."""

import io
import json

import docx
import numpy as np
import openpyxl
import pandas as pd

from . import pack
from .case import Case, File, safe

rng = np.random.default_rng(2001)
COMMENTED = """# Asthma: emergency visits followed by admission, adults, 2018-2022
# Source: national claims, extraction of 12 May 2023; counts rounded to the nearest 10
season,visits,admitted,admitted_pct,median_los_days
winter,18240,4110,22.5,3
spring,15610,3020,19.3,3
summer,11870,2040,17.2,2
autumn,17430,3760,21.6,3
# Note: two seasons of 2020 are excluded
"""
XTABLE = r"""% latex table generated in R 4.2.2 by xtable 1.8-4 package
% Fri May 12 14:02:11 2023
\begin{table}[ht]
\centering
\begin{tabular}{rlrrrr}
  \hline
 & term & estimate & std.error & statistic & p.value \\
  \hline
1 & (Intercept) & -1.84 & 0.05 & -36.80 & 0.00 \\
  2 & femme & -0.11 & 0.02 & -5.50 & 0.00 \\
  3 & age10 & 0.21 & 0.01 & 21.00 & 0.00 \\
  4 & bpco & 0.64 & 0.03 & 21.33 & 0.00 \\
   \hline
\end{tabular}
\caption{Régression logistique, 63 150 passages}
\end{table}
"""
KABLE = """<table class="table table-striped" style="width: auto !important; ">
 <caption>Table 2: Vaccination against HPV by school year</caption>
 <thead><tr><th style="text-align:left;"> School year </th><th style="text-align:right;"> Eligible </th><th style="text-align:right;"> One dose </th><th style="text-align:right;"> Two doses </th><th style="text-align:right;"> Coverage (two doses) </th></tr></thead>
 <tbody>
  <tr><td style="text-align:left;"> 2019/20 </td><td style="text-align:right;"> 41,203 </td><td style="text-align:right;"> 14,421 </td><td style="text-align:right;"> 10,712 </td><td style="text-align:right;"> 26.0% </td></tr>
  <tr><td style="text-align:left;"> 2020/21 </td><td style="text-align:right;"> 40,877 </td><td style="text-align:right;"> 15,942 </td><td style="text-align:right;"> 12,263 </td><td style="text-align:right;"> 30.0% </td></tr>
  <tr><td style="text-align:left;"> 2021/22 </td><td style="text-align:right;"> 42,010 </td><td style="text-align:right;"> 18,904 </td><td style="text-align:right;"> 15,543 </td><td style="text-align:right;"> 37.0% </td></tr>
 </tbody>
 <tfoot><tr><td style="padding: 0; border: 0;" colspan="100%"><sup>a</sup> Pupils aged 11 to 14 on 1 September.</td></tr></tfoot>
</table>
"""  # fmt: skip
STCOX = """
. stcox i.biologic age i.sex, vce(cluster centre)

        Failure _d: relapse
  Analysis time _t: months

Iteration 0:  Log pseudolikelihood = -41820.118
Iteration 1:  Log pseudolikelihood = -41633.402
Iteration 2:  Log pseudolikelihood =  -41633.19
Refining estimates:
Iteration 0:  Log pseudolikelihood =  -41633.19

Cox regression with Breslow method for ties

No. of subjects =      9,812                            Number of obs = 9,812
No. of failures =      4,730
Time at risk    = 241,077.51
                                                        Wald chi2(3)  = 388.12
Log pseudolikelihood = -41633.19                        Prob > chi2   = 0.0000

                             (Std. err. adjusted for 38 clusters in centre)
------------------------------------------------------------------------------
             |               Robust
          _t | Haz. ratio   std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
  1.biologic |   .6012231   .0185230   -16.51   0.000     .5659905    .6386489
         age |   .9941120   .0011004    -5.34   0.000     .9919576    .9962711
       2.sex |   1.081400   .0315011     2.69   0.007     1.021394    1.144931
------------------------------------------------------------------------------
"""
STATA_TAB = """
. tab phenotype sex, col chi2

           |          sex
 phenotype |    Female       Male |     Total
-----------+----------------------+----------
     Ileal |     1,210      1,104 |     2,314
           |     24.20      22.94 |     23.58
-----------+----------------------+----------
   Colonic |     2,150      2,033 |     4,183
           |     43.00      42.25 |     42.63
-----------+----------------------+----------
      Both |     1,640      1,675 |     3,315
           |     32.80      34.81 |     33.79
-----------+----------------------+----------
     Total |     5,000      4,812 |     9,812
           |    100.00     100.00 |    100.00

          Pearson chi2(2) =   4.8120   Pr = 0.090
"""
ANOVA = """Analysis of Deviance Table

Model 1: poussee ~ age + sexe
Model 2: poussee ~ age + sexe + traitement
Model 3: poussee ~ (age + sexe) * traitement
  Resid. Df Resid. Dev Df Deviance  Pr(>Chi)
1      9809      11840
2      9807      11502  2   338.10 < 2.2e-16 ***
3      9803      11498  4     4.02    0.4033
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1
"""
R_TABLEONE = """                              Stratified by groupe
                               Anti-TNF      Vedolizumab   p      test
  n                             6110          3702
  age (mean (SD))              38.42 (13.9)  44.10 (15.2)  <0.001
  sexe = F (%)                  3055 (50.0)   1945 (52.5)   0.016
  tabac (%)                                                 0.210
     jamais                     3422 (56.0)   2110 (57.0)
     ancien                     1283 (21.0)    777 (21.0)
     actuel                     1405 (23.0)    815 (22.0)
  duree (median [IQR])          6.00 [3.00, 12.00] 8.00 [4.00, 14.00] <0.001 nonnorm
"""
RUN = """2023-05-12 14:01:02,118 INFO  extract: read 3 files (1.8 GB) in 21.4 s
2023-05-12 14:01:02,120 INFO  extract: 4,120,377 rows, 41 columns
2023-05-12 14:01:44,902 INFO  clean: 118,204 duplicate rows dropped
2023-05-12 14:01:44,911 WARNING clean: column 'taille' has 12.4 % missing values
2023-05-12 14:03:10,007 INFO  cohort: 9,812 patients after 4 exclusion steps
2023-05-12 14:03:10,010 INFO  fit: fold 1/5 auc=0.781, fold 2/5 auc=0.779, fold 3/5 auc=0.785, fold 4/5 auc=0.776, fold 5/5 auc=0.783
2023-05-12 14:09:31,455 INFO  done in 8 min 29 s, peak memory 6.1 GB, 0 errors, 1 warning
"""
PLAIN = """# Ce que nous avons appris, en quelques mots

- Une personne sur trois arrête son traitement au cours de la première année.
- Parmi 9 812 personnes suivies, 4 730 ont eu une nouvelle poussée (48 %).
- Avec la biothérapie, le risque baisse de 40 % : environ 4 poussées sur 10 sont évitées.
- Deux femmes sur cinq et un homme sur quatre disent être fatigués chaque jour.
- Ces résultats viennent de 38 hôpitaux, dans 12 régions, entre 2015 et 2021.
"""
SIZE = """Sample size. Assuming a relapse rate of 45% at 12 months under usual care and a hazard ratio of 0.80, 633 events are needed
for 80% power (two-sided alpha 5%, 1:1 allocation). With 10% loss to follow-up, 1,560 patients (780 per arm) will be
recruited in 24 centres over 30 months; each centre enrols 2 to 3 patients a month. Two interim analyses are planned after
211 and 422 events (O'Brien-Fleming). At least 10 events per candidate predictor are required, so that at most 60
parameters are estimated. Three visits are scheduled in the first 8 weeks, then one every 12 weeks.
"""
RESULTATS = """Entre janvier 2015 et décembre 2021, 9 812 patients ont débuté une biothérapie (âge médian 39 ans [27–53], 51,0 % de
femmes). L'anti-TNF était le premier traitement pour 6 110 d'entre eux (62,3 %), le védolizumab pour 3 702 (37,7 %). Le suivi
médian était de 24,6 mois. L'incidence des poussées était de 19,6 pour 1 000 mois-patients (IC 95 % : 19,1–20,2). En analyse
multivariée, le védolizumab était associé à moins d'infections graves (RRa 0,82 ; IC 95 % 0,74–0,91 ; p < 0,001), sans
différence de mortalité (RRa 1,03 ; 0,88–1,21 ; p = 0,70). Les résultats étaient semblables dans les 5 analyses de sensibilité
(tableau S4) et dans les 3 sous-groupes d'âge prévus au protocole (p d'interaction = 0,46).
"""
DMP = """Data management plan, version 3 (May 2023)

1. Data: claims of 2015-2021, 9,812 patients, 41 variables, 1.8 GB. No direct identifiers; pseudonyms stay in the enclave.
2. Storage: 2 encrypted volumes, backups every 6 hours, kept 30 days. Retention: 10 years after publication.
3. Access: 4 named analysts and 1 data manager; reviewed every 3 months.
4. Sharing: aggregated tables with cells of at least 11 persons; code under MIT licence at publication.
"""
SQL = """-- cohort: first dispensing of a biologic, 2015-2021
WITH first_rx AS (
    SELECT id_patient, MIN(date_exec) AS index_date
    FROM dispensation
    WHERE atc LIKE 'L04AB%' OR atc = 'L04AA33'
    GROUP BY id_patient
)
SELECT region, sexe, COUNT(*) AS n, ROUND(AVG(age), 1) AS age_moyen
FROM first_rx JOIN patient USING (id_patient)
WHERE index_date BETWEEN '2015-01-01' AND '2021-12-31' AND age >= 18
GROUP BY region, sexe
HAVING COUNT(*) >= 11
ORDER BY 1, 2;
"""
CITATION = """cff-version: 1.2.0
title: ibd-biologics
version: 0.9.1
date-released: 2023-05-12
doi: 10.5281/zenodo.7912345
license: MIT
authors:
  - name: The IBD registry group
keywords: [cohort, biologics, survival]
"""


def pivot() -> File:
    """A workbook with a pivot's own words, thousands in its number format, and a note below."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "TCD"
    rows = [["Somme de sejours", "Étiquettes de colonnes", None, None, None], ["Étiquettes de lignes", 2019, 2020, 2021, "Total général"], ["Centre", 4120, 3655, 3980, 11755], ["Ouest", 6210, 5588, 6047, 17845], ["Sud", 7355, 6402, 7110, 20867], ["Total général", 17685, 15645, 17137, 50467], [], ["Apnées du sommeil, séjours d'au moins une nuit. 3 régions regroupées."]]  # fmt: skip
    for row in rows:
        sheet.append(row)
    for cells in sheet["B3:E6"]:
        for cell in cells:
            cell.number_format = "# ##0"
    out = io.BytesIO()
    book.save(out)
    return "tcd.xlsx", out.getvalue()


def merged() -> File:
    """Crude and adjusted odds ratios below headings that span two columns."""
    made = docx.Document()
    made.add_paragraph("Table 3. Factors associated with stopping within 12 months (n = 9,812)", style="Caption")
    table = made.add_table(rows=2, cols=5, style="Table Grid")
    for at, text in ((0, ""), (1, "Crude"), (3, "Adjusted")):
        table.rows[0].cells[at].text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 3).merge(table.cell(0, 4))
    for cell, text in zip(table.rows[1].cells, ("Factor", "OR", "95% CI", "aOR", "95% CI"), strict=True):
        cell.text = text
    for row in (
        ("Female", "1.12", "1.04-1.21", "1.10", "1.01-1.19"),
        ("Age, per 10 years", "0.95", "0.92-0.97", "0.96", "0.93-0.99"),
        ("Current smoker", "1.31", "1.20-1.43", "1.27", "1.16-1.39"),
        ("Second biologic", "1 (ref.)", "", "1 (ref.)", ""),
    ):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    made.add_paragraph("aOR: adjusted for centre (random effect), disease duration and year. Hosmer-Lemeshow p = 0.41.")
    out = io.BytesIO()
    made.save(out)
    return "table3.docx", out.getvalue()


def cases() -> list[Case]:
    """The cases of this part."""
    weeks = pd.DataFrame({"week": [f"2022-W{w:02d}" for w in range(1, 27)], "tests": rng.integers(9000, 21000, 26), "positivity": rng.normal(0.11, 0.02, 26).round(3), "rolling_mean_7d": rng.normal(1500, 200, 26).round(1)})  # fmt: skip
    masked = pd.DataFrame(
        {
            "Canton": ["Est", "Nord", "Ouest", "Sud"],
            "Femmes": ["<11", "38", "52", "<11"],
            "Hommes": ["24", "<11", "47", "31"],
        }
    )
    hits = pd.DataFrame({"rsid": ["rs2187668", "rs11209026", "rs2066844", "rs10758669"], "chr": [6, 1, 16, 9], "ea": ["T", "A", "T", "C"], "eaf": [0.121, 0.066, 0.054, 0.352], "beta": [0.412, -0.381, 0.506, 0.118], "se": [0.021, 0.030, 0.033, 0.014], "p": ["1.1e-85", "6.0e-37", "4.5e-53", "3.5e-17"], "n": [48210] * 4})  # fmt: skip
    fair = {"groups": {"women": {"n": 5000, "auc": 0.781, "ppv": 0.44}, "men": {"n": 4812, "auc": 0.776, "ppv": 0.43}}, "difference": {"auc": 0.005, "ppv": 0.01}, "bootstrap": {"replicates": 500, "seed": 3}}  # fmt: skip
    search = pd.DataFrame({"mean_fit_time": [1.2, 2.9, 4.4, 9.8], "param_max_depth": [2, 3, 4, 6], "param_n_estimators": [100, 200, 200, 400], "split0_test_score": [0.771, 0.779, 0.781, 0.780], "split1_test_score": [0.768, 0.777, 0.779, 0.777], "mean_test_score": [0.770, 0.778, 0.780, 0.779], "std_test_score": [0.002, 0.001, 0.001, 0.002], "rank_test_score": [4, 3, 1, 2]})  # fmt: skip
    departments = pd.DataFrame({"dep": ["2A", "2B", "13", "31", "59", "69"], "population": [158507, 181933, 2043110, 1400039, 2604361, 1875747], "deces": [412, 466, 4980, 2877, 7120, 3904], "taux_standardise": [231.4, 238.8, 240.1, 214.7, 268.0, 221.9], "ic_inf": [209.6, 217.6, 233.5, 206.9, 261.8, 215.0], "ic_sup": [254.9, 261.5, 246.9, 222.7, 274.3, 229.0]})  # fmt: skip
    missing = pd.DataFrame({"variable": ["bmi", "smoking", "crp", "albumin", "calprotectin"], "% missing": [12.4, 6.1, 18.9, 22.0, 41.3], "imputed": ["yes", "yes", "yes", "yes", "no"]})  # fmt: skip
    screening = pd.DataFrame({"Test": ["FIT ≥ 10 µg/g", "FIT ≥ 20 µg/g"], "TP": [812, 701], "FP": [4120, 2630], "FN": [104, 215], "TN": [45210, 46700], "Se (%)": [88.6, 76.5], "Sp (%)": [91.6, 94.7], "NNS": [6, 5]})  # fmt: skip
    budget = pd.DataFrame({"Poste": ["Médicament", "Hospitalisation", "Suivi biologique", "Total"], "Biosimilaire (k€)": ["4 120,5", "1 877,2", "310,4", "6 308,1"], "Princeps (k€)": ["6 402,0", "1 902,8", "311,0", "8 615,8"], "Écart (k€)": ["-2 281,5", "-25,6", "-0,6", "-2 307,7"]})  # fmt: skip
    cif = pd.DataFrame({"months": [0, 6, 12, 18, 24], "at_risk": [9812, 8120, 6655, 5010, 3870], "cif_relapse": [0, 0.121, 0.224, 0.301, 0.352], "lower": [0, 0.115, 0.216, 0.292, 0.342], "upper": [0, 0.128, 0.232, 0.310, 0.362]})  # fmt: skip
    tables = {
        "commented": ("asthma.csv", COMMENTED.encode()), "xtable": ("model.tex", XTABLE.encode()), "kable": ("hpv.html", KABLE.encode()), "pivot": pivot(), "merged": merged(), "weeks": pack.csv(weeks), "masked": pack.french_csv(masked), "hits": pack.tsv(hits),
        "search": pack.csv(search), "departments": pack.french_csv(departments), "missing": pack.excel(missing, "Données manquantes"), "screening": pack.html(screening), "budget": pack.excel(budget), "cif": pack.parquet(cif), "missing_md": pack.markdown(missing),
    }  # fmt: skip
    texts = {
        "stcox": ("cox.log", STCOX.encode()), "stata_tab": ("tab.log", STATA_TAB.encode()), "anova": pack.text(ANOVA), "r_tableone": pack.text(R_TABLEONE), "run": ("run.log", RUN.encode()), "plain": ("resume.md", PLAIN.encode()), "size": pack.word_prose(" ".join(SIZE.split())), "resultats": pack.text(RESULTATS),
        "dmp": pack.markdown_prose(DMP), "sql": ("cohort.sql", SQL.encode()), "citation": ("CITATION.cff", CITATION.encode()), "fair": ("fairness.json", json.dumps(fair, indent=1).encode()),
    }  # fmt: skip
    return [
        *(safe(f"twenty_{n}", "tables", f) for n, f in tables.items()),
        *(safe(f"twenty_{n}", "texts", f) for n, f in texts.items()),
    ]
