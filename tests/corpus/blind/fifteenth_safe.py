"""Fifteenth batch: safe tables, texts, logs and code as they leave every week."""

import json

import numpy as np
import openpyxl
import pandas as pd
import statsmodels.api as sm

from . import pack
from .case import Case, File, safe

rng = np.random.default_rng(1503)
N = 6200
COHORT = pd.DataFrame(
    {"age": rng.normal(66, 11, N), "female": rng.integers(0, 2, N), "diabetes": rng.integers(0, 2, N)}
)
COHORT["stay"] = 4 + 0.03 * COHORT.age + 0.6 * COHORT.diabetes + rng.normal(0, 2, N)
COHORT["death"] = (rng.random(N) < 1 / (1 + np.exp(4 - 0.04 * COHORT.age))).astype(int)
X = sm.add_constant(COHORT[["age", "female", "diabetes"]])
FRENCH = pd.DataFrame({
    "Variable": ["Femmes, n (%)", "Âge, moyenne ± ET", "Diabète, n (%)", "Tabagisme actif, n (%)", "IMC, médiane [Q1 ; Q3]", "Données manquantes, n (%)"],
    "Traités (N = 3 120)": ["1 512 (48,5)", "66,2 ± 11,1", "702 (22,5)", "611 (19,6)", "26,1 [23,2 ; 29,8]", "84 (2,7)"],
    "Non traités (N = 3 080)": ["1 488 (48,3)", "66,0 ± 10,9", "688 (22,3)", "594 (19,3)", "26,0 [23,1 ; 29,9]", "79 (2,6)"],
    "p": ["0,88", "0,47", "0,86", "0,77", "0,61", "0,75"],
})  # fmt: skip
ENGLISH = pd.DataFrame({
    "Characteristic": ["Age, mean (SD)", "Female sex", "Hypertension", "Heart failure", "eGFR < 30", "Follow-up, median (IQR), years"],
    "Overall (n = 6200)": ["66.1 (11.0)", "3000 (48.4%)", "3410 (55.0%)", "812 (13.1%)", "301 (4.9%)", "3.1 (1.8-4.6)"],
    "Exposed (n = 3120)": ["66.2 (11.1)", "1512 (48.5%)", "1722 (55.2%)", "415 (13.3%)", "160 (5.1%)", "3.1 (1.8-4.5)"],
    "Unexposed (n = 3080)": ["66.0 (10.9)", "1488 (48.3%)", "1688 (54.8%)", "397 (12.9%)", "141 (4.6%)", "3.2 (1.8-4.6)"],
    "SMD": [0.018, 0.004, 0.008, 0.012, 0.023, 0.01],
})  # fmt: skip
REGIONS = ["Auvergne-Rhône-Alpes", "Bretagne", "Corse", "Grand Est", "Hauts-de-France", "Île-de-France", "Normandie", "Occitanie", "PACA"]  # fmt: skip
METHODS = """# Methods

We used the French national health data system (SNDS) from 1 January 2014 to 31 December 2019 [1, 2]. Adults aged 18 or
over with a first hospital stay for acute myocardial infarction (ICD-10 I21 to I23) were included. The study was
approved on 14 May 2020 (CESREES no. 1849562) and registered (NCT04512345). Exposure was defined as two or more
dispensings within 90 days. Follow-up ended on 31 December 2021, at death or at emigration, whichever came first.

Hazard ratios were estimated by Cox models with 95 % confidence intervals, adjusted for 14 covariates. Multiple
imputation (m = 20) was used for missing values. Analyses were done with R 4.3.1 and Python 3.11.4.

## References

1. Tuppin P, Rudant J, Constantinou P, et al. Value of a national administrative database to guide public decisions.
   Rev Epidemiol Sante Publique. 2017;65 Suppl 4:S149-67. doi:10.1016/j.respe.2017.05.004
2. Bezin J, Duong M, Lassalle R, et al. The national healthcare system claims databases in France.
   Pharmacoepidemiol Drug Saf. 2017;26(8):954-62. https://doi.org/10.1002/pds.4233
"""
LOG = """2024-03-18 08:02:11,412 INFO  pipeline: start, version 2.4.0 (commit 8f3c2ab)
2024-03-18 08:02:14,001 INFO  load: 812,404 rows, 46 columns in 2.6 s
2024-03-18 08:03:02,310 INFO  filter: age >= 18 kept 790,112 rows
2024-03-18 08:03:40,777 WARNING merge: 1,204 stays without a known hospital dropped
2024-03-18 08:09:55,120 INFO  fit: fold 1/5 auc=0.8123 loss=0.4102
2024-03-18 08:15:10,884 INFO  fit: fold 2/5 auc=0.8097 loss=0.4131
2024-03-18 08:21:44,203 INFO  fit: fold 3/5 auc=0.8140 loss=0.4093
2024-03-18 08:27:12,518 INFO  fit: fold 4/5 auc=0.8111 loss=0.4117
2024-03-18 08:33:01,092 INFO  fit: fold 5/5 auc=0.8105 loss=0.4120
2024-03-18 08:33:02,430 INFO  done in 30 min 51 s, peak memory 11.2 GB
"""
REPORT = """La population d'étude comprend 6 200 patients hospitalisés entre 2015 et 2021 dans 37 établissements. L'âge
moyen était de 66,1 ans (écart-type 11,0) et 48,4 % étaient des femmes. La mortalité à un an était de 12,3 % (n = 763)
chez les patients traités et de 14,1 % chez les autres (RR = 0,87 ; IC 95 % : 0,79 à 0,96). Les analyses de sensibilité,
au nombre de quatre, donnaient des résultats semblables. Aucune interaction avec le sexe n'a été mise en évidence
(p = 0,42)."""
PAPER = r"""\documentclass[11pt]{article}
\usepackage{booktabs}
\title{Statins after stroke: a nationwide cohort}
\date{October 2024}
\begin{document}
\maketitle
\section{Introduction}
Stroke is the second cause of death worldwide \cite{feigin2021}. About 140{,}000 people are admitted each year in France.
\section{Results}
Of 52{,}310 patients, 31{,}204 (59.7\,\%) received a statin within 90 days. The adjusted hazard ratio for death was 0.81
(95\,\% CI 0.77--0.85; $p < 0.001$). Table~\ref{tab:main} shows subgroups.
\begin{table}
\caption{Hazard ratios by subgroup}\label{tab:main}
\begin{tabular}{lrrr}
\toprule
Subgroup & Patients & Deaths & HR (95\,\% CI) \\
\midrule
Women & 24{,}102 & 3{,}410 & 0.80 (0.74--0.86) \\
Men & 28{,}208 & 4{,}022 & 0.82 (0.77--0.88) \\
Age $<$ 65 & 17{,}330 & 812 & 0.76 (0.65--0.88) \\
Age $\geq$ 65 & 34{,}980 & 6{,}620 & 0.82 (0.78--0.86) \\
\bottomrule
\end{tabular}
\end{table}
\bibliographystyle{plain}
\end{document}
"""
SQL = """-- cohort of first stays, 2015-2021
CREATE TABLE cohort AS
SELECT s.ben_idt_ano, MIN(s.exe_soi_dtd) AS index_date, COUNT(*) AS n_stays
FROM t_mco_b s
JOIN ir_ben_r b ON b.ben_idt_ano = s.ben_idt_ano
WHERE s.dgn_pal LIKE 'I21%' AND b.ben_sex_cod IN (1, 2) AND s.age_ann >= 18
GROUP BY s.ben_idt_ano
HAVING COUNT(*) <= 5;
"""
SCRIPT = '''"""Fit the main model and write Table 2."""

import pandas as pd
from lifelines import CoxPHFitter

MIN_COUNT = 11
SEED = 20240318


def mask(table: pd.DataFrame) -> pd.DataFrame:
    """Counts below the threshold are not shown."""
    return table.where(table >= MIN_COUNT, "<11")


df = pd.read_parquet("/data/cohort.parquet")
df = df[(df.age >= 18) & (df.follow_up > 0)]
cph = CoxPHFitter(penalizer=0.01).fit(df[["age", "female", "arm", "time", "death"]], "time", "death")
cph.summary.round(3).to_csv("cox.csv")
'''
REQUIREMENTS = "numpy==1.26.4\npandas==2.2.1\nscikit-learn==1.4.1.post1\nlifelines==0.28.0\nmatplotlib==3.8.3\npyarrow==15.0.1\nstatsmodels==0.14.1\n"
SESSION = """R version 4.3.1 (2023-06-16)
Platform: x86_64-pc-linux-gnu (64-bit)
Running under: Debian GNU/Linux 12 (bookworm)

locale:
 [1] LC_CTYPE=fr_FR.UTF-8       LC_NUMERIC=C               LC_TIME=fr_FR.UTF-8

attached base packages:
[1] stats     graphics  grDevices utils     datasets  methods   base

other attached packages:
[1] survival_3.5-5  dplyr_1.1.3     ggplot2_3.4.3   gtsummary_1.7.2

loaded via a namespace (and not attached):
 [1] Matrix_1.6-1     gtable_0.3.4     compiler_4.3.1   tidyselect_1.2.0
"""
COXPH = """Call:
coxph(formula = Surv(time, death) ~ arm + age + sex + strata(region), data = d)

  n= 6200, number of events= 812

             coef exp(coef) se(coef)      z Pr(>|z|)
armB     -0.20912   0.81130  0.07031 -2.974  0.00294 **
age       0.04871   1.04992  0.00354 13.760  < 2e-16 ***
sexM      0.18834   1.20724  0.07112  2.648  0.00809 **
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

     exp(coef) exp(-coef) lower .95 upper .95
armB    0.8113     1.2326    0.7069    0.9312
age     1.0499     0.9525    1.0427    1.0572
sexM    1.2072     0.8283    1.0502    1.3878

Concordance= 0.681  (se = 0.009 )
Likelihood ratio test= 248.1  on 3 df,   p=<2e-16
Wald test            = 231.4  on 3 df,   p=<2e-16
"""
FLOW = """Flow of participants

Hospital stays for stroke, 2015-2021            61,204
  - age under 18                                   412
  - foreign residents                            1,380
  - missing identifier                           2,107
  - died before discharge                        4,995
Patients analysed                               52,310
  statin within 90 days                         31,204
  no statin                                     21,106
"""


def two_sheets() -> File:
    made = openpyxl.Workbook()
    first = made.worksheets[0]
    first.title = "Patients"
    second = made.create_sheet("Coûts")
    for row in [["Année", "Patients", "Séjours"], *[[2015 + i, 5100 + 37 * i, 7204 + 81 * i] for i in range(7)]]:
        first.append(row)
    for row in [["Poste", "Coût moyen (€)", "Écart-type"], ["Séjour", 4210.5, 2310.2], ["Médicaments", 812.4, 640.1], ["Transports", 211.9, 180.3]]:  # fmt: skip
        second.append(row)
    out = pack.io.BytesIO()
    made.save(out)
    return "tables.xlsx", out.getvalue()


def tables() -> list[Case]:
    months = pd.date_range("2018-01-01", periods=36, freq="MS").strftime("%Y-%m")
    series = pd.DataFrame({"mois": months, "hospitalisations": rng.integers(900, 1500, 36), "duree_moyenne": rng.normal(6.2, 0.3, 36).round(2)})  # fmt: skip
    regions = pd.DataFrame({"region": REGIONS, "patients": rng.integers(300, 9000, 9), "taux_standardise": rng.normal(112, 14, 9).round(1), "ic_bas": rng.normal(98, 6, 9).round(1), "ic_haut": rng.normal(126, 6, 9).round(1)})  # fmt: skip
    importance = pd.DataFrame({"feature": ["age", "charlson", "nb_sejours_1an", "creatinine", "sexe", "ald"], "importance": [0.312, 0.221, 0.174, 0.142, 0.081, 0.07]})  # fmt: skip
    search = pd.DataFrame({"param_max_depth": [3, 3, 5, 5, 8, 8], "param_learning_rate": [0.05, 0.1] * 3, "mean_test_score": [0.7812, 0.7901, 0.8011, 0.8034, 0.8002, 0.7988], "std_test_score": [0.0041, 0.0038, 0.0052, 0.0047, 0.0061, 0.0055], "rank_test_score": [6, 5, 2, 1, 3, 4]})  # fmt: skip
    matrix = pd.DataFrame({"": ["Observed 0", "Observed 1"], "Predicted 0": [4102, 288], "Predicted 1": [611, 1199]})
    protected = pd.DataFrame({"Age": ["18-39", "40-59", "60-79", "80+", "Total"], "Women": ["<11", 212, 640, "masked", 1010], "Men": ["<11", 240, 702, "masked", 1090], "Total": [12, 452, 1342, 294, 2100]})  # fmt: skip
    rounded = pd.DataFrame({"Drug": ["Statin", "ACE inhibitor", "Beta blocker", "None"], "Patients (rounded to 5)": [3120, 2205, 1890, 415]})  # fmt: skip
    dictionary = pd.DataFrame({"variable": ["age", "sexe", "dx_pal", "duree"], "type": ["int", "int", "str", "int"], "label": ["Âge à l'admission (années)", "1 = homme, 2 = femme", "Diagnostic principal (CIM-10)", "Durée du séjour (jours)"], "missing_pct": [0.0, 0.0, 0.3, 0.1]})  # fmt: skip
    cox = pd.DataFrame({"term": ["Arm B vs A", "Age (per 10 years)", "Male sex", "Diabetes"], "HR": [0.81, 1.63, 1.21, 1.34], "95% CI": ["0.71-0.93", "1.52-1.75", "1.05-1.39", "1.15-1.56"], "p": ["0.003", "<0.001", "0.008", "<0.001"]})  # fmt: skip
    results = {"model": "xgboost", "n_train": 4960, "n_test": 1240, "auc": 0.803, "auc_ci": [0.786, 0.82], "brier": 0.091, "by_sex": {"F": {"n": 602, "auc": 0.799}, "M": {"n": 638, "auc": 0.806}}}  # fmt: skip
    geo = {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"code": c, "nom": n, "taux": t}, "geometry": {"type": "Polygon", "coordinates": [[[a, 44.0], [a + 2.1, 44.0], [a + 2.1, 46.2], [a, 44.0]]]}} for c, n, t, a in (("84", "ARA", 112.4, 3.1), ("53", "Bretagne", 98.7, -4.2), ("44", "Grand Est", 121.0, 5.5))]}  # fmt: skip
    return [
        safe("fifteen_table_one_csv", "tables", pack.csv(ENGLISH)),
        safe("fifteen_table_one_xlsx", "tables", pack.excel(FRENCH, "Tableau 1. Caractéristiques")),
        safe("fifteen_table_one_docx", "tables", pack.word(FRENCH, "Tableau 1. Caractéristiques des patients")),
        safe("fifteen_table_one_md", "tables", pack.markdown(ENGLISH)),
        safe("fifteen_table_one_tex", "tables", pack.latex(ENGLISH)),
        safe("fifteen_series", "tables", pack.french_csv(series)),
        safe("fifteen_regions_csv", "tables", pack.csv(regions)),
        safe("fifteen_regions_parquet", "tables", pack.parquet(regions)),
        safe("fifteen_importance", "tables", pack.csv(importance)),
        safe("fifteen_search", "tables", pack.csv(search)),
        safe("fifteen_matrix", "tables", pack.csv(matrix)),
        safe("fifteen_protected", "tables", pack.excel(protected)),
        safe("fifteen_rounded", "tables", pack.csv(rounded)),
        safe("fifteen_dictionary", "tables", pack.french_csv(dictionary)),
        safe("fifteen_cox", "tables", pack.html(cox)),
        safe("fifteen_sheets", "tables", two_sheets()),
        safe("fifteen_results_json", "tables", ("results.json", json.dumps(results, indent=2).encode())),
        safe("fifteen_geojson", "tables", ("regions.geojson", json.dumps(geo, ensure_ascii=False).encode())),
        safe("fifteen_zip", "tables", pack.zipped(("table1.csv", pack.csv(ENGLISH)[1]), ("cox.html", pack.html(cox)[1]), ("README.md", b"# Results\n\nTable 1 and the Cox model of 18 March 2024.\n"))),
    ]  # fmt: skip


def regressions() -> list[Case]:
    ols, logit = sm.OLS(COHORT.stay, X).fit(), sm.Logit(COHORT.death, X).fit(disp=0)
    poisson = sm.GLM(COHORT.death, X, family=sm.families.Poisson()).fit()
    return [
        safe("fifteen_ols_txt", "regressions", pack.text(f"{ols.summary()}\n")),
        safe("fifteen_logit_html", "regressions", ("logit.html", f"<html><body>{logit.summary().as_html()}</body></html>".encode())),
        safe("fifteen_poisson_tex", "regressions", ("poisson.tex", poisson.summary().as_latex().encode())),
        safe("fifteen_ols2_txt", "regressions", pack.text(f"{ols.summary2()}\n")),
        safe("fifteen_coxph_log", "regressions", pack.log(COXPH)),
    ]  # fmt: skip


def texts() -> list[Case]:
    params = {"seed": 42, "n_folds": 5, "model": {"type": "lightgbm", "num_leaves": 31, "min_data_in_leaf": 50, "learning_rate": 0.05}, "features": ["age", "sexe", "charlson"], "date_start": "2015-01-01", "date_end": "2021-12-31"}  # fmt: skip
    read_me = "# Stroke cohort\n\nRun `make all` to build the tables. Needs Python 3.11 and 16 GB of memory.\n\n- `01_extract.sql`: cohort\n- `02_fit.py`: models\n- `03_tables.py`: tables and figures\n\nContact: the biostatistics unit. Licence: MIT.\n"  # fmt: skip
    return [
        safe("fifteen_methods", "texts", ("methods.md", METHODS.encode())),
        safe("fifteen_log", "texts", ("pipeline.log", LOG.encode())),
        safe("fifteen_report", "texts", pack.word(pd.DataFrame(), *REPORT.split("\n\n"))),
        safe("fifteen_report_txt", "texts", pack.text(REPORT + "\n")),
        safe("fifteen_paper", "texts", ("paper.tex", PAPER.encode())),
        safe("fifteen_sql", "texts", ("extract.sql", SQL.encode())),
        safe("fifteen_script", "texts", ("fit.py", SCRIPT.encode())),
        safe("fifteen_requirements", "texts", ("requirements.txt", REQUIREMENTS.encode())),
        safe("fifteen_session", "texts", ("sessionInfo.txt", SESSION.encode())),
        safe("fifteen_flow", "texts", pack.text(FLOW)),
        safe("fifteen_params", "texts", ("params.json", json.dumps(params, indent=2).encode())),
        safe("fifteen_readme", "texts", ("README.md", read_me.encode())),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*tables(), *regressions(), *texts()]
