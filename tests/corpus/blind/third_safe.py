"""Third batch: safe results, with all the small numbers that reports are full of."""

import json
from collections.abc import Iterator
from typing import Any

import docx
import pandas as pd

from . import pack, third_parts
from .case import Case, File, safe
from .third_logs import python, r, sas, stata


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def reports() -> Iterator[tuple[str, File]]:
    yield "notebook", third_parts.book()
    curve = pack.figure(lambda a: a.plot([0, 6, 12, 24], [1.0, 0.9, 0.8, 0.7]))[1]
    import base64

    yield (
        "notebook_plot",
        third_parts.book(
            pack.cell(
                "km.plot()", pack.result({"image/png": base64.b64encode(curve).decode(), "text/plain": "<Axes: >"})
            )
        ),
    )
    yield (
        "notebook_code",
        pack.notebook(
            pack.text_cell("# Préparation"),
            *(pack.cell(f"x{i} = charge('table_{i}')\nassert x{i} is not None") for i in range(12)),
        ),
    )
    yield (
        "notebook_info",
        third_parts.book(
            pack.cell(
                "df.info()",
                pack.stream(
                    "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 48213 entries, 0 to 48212\nData columns (total 4 columns):\n #   Column  Non-Null Count  Dtype  \n---  ------  --------------  -----  \n 0   age     48213 non-null  float64\n 1   sexe    48213 non-null  object \n 2   diag    48213 non-null  object \n 3   imc     46120 non-null  float64\ndtypes: float64(2), object(2)\nmemory usage: 1.5+ MB\n"
                ),
            )
        ),
    )
    yield (
        "notebook_tqdm",
        third_parts.book(pack.cell("fit()", pack.stream("100%|##########| 6/6 [04:11<00:00, 41.90s/it]\n", "stderr"))),
    )
    yield (
        "notebook_warn",
        third_parts.book(
            pack.cell(
                "fit()",
                pack.stream(
                    "/opt/conda/lib/python3.11/site-packages/sklearn/linear_model/_logistic.py:458: ConvergenceWarning: lbfgs failed to converge (status=1):\nSTOP: TOTAL NO. of ITERATIONS REACHED LIMIT.\n",
                    "stderr",
                ),
            )
        ),
    )
    one, two = third_parts.table_one(), third_parts.table_one(french=False)
    for name, packer in (
        ("docx", pack.word),
        ("xlsx", pack.excel),
        ("latex", pack.latex),
        ("html", pack.html),
        ("csv", pack.french_csv),
        ("utf16", pack.wide_csv),
    ):
        yield f"table1_{name}", packer(one if name in ("docx", "latex", "csv") else two)
    report = docx.Document()
    report.add_heading("Rapport d'analyse, version 3", 0)
    for text in third_parts.PROSE:
        report.add_paragraph(text)
    for title in ("1. Contexte", "2. Méthodes", "3. Résultats"):
        report.add_heading(title, 2)
        report.add_paragraph(
            "Voir l'annexe 4 et la figure 2. L'analyse a suivi le plan du 3 mars 2023, version 1.2 (7 pages)."
        )
    import io

    out = io.BytesIO()
    report.save(out)
    yield "docx_report", ("rapport.docx", out.getvalue())
    yield (
        "zip",
        pack.zipped(
            pack.csv(one),
            ("modele.txt", third_parts.COX.encode()),
            ("lisez_moi.md", b"# Contenu\n\n- table.csv : table 1\n- modele.txt : Cox\n"),
        ),
    )


def logs() -> Iterator[tuple[str, File]]:
    yield (
        "stata_logit",
        stata(""". logistic deces i.nyha age i.sexe

Logistic regression                                  Number of obs =     48,213
                                                     LR chi2(5)    =    4120.44
                                                     Prob > chi2   =     0.0000
Log likelihood = -16120.771                          Pseudo R2     =     0.1133

------------------------------------------------------------------------------
       deces | Odds ratio   Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
        nyha |
          2  |   1.412041   .0981204     4.97   0.000     1.232204    1.618112
          3  |   2.081120   .1401204    10.88   0.000     1.823811    2.374712
          4  |   4.911204   .3412044    22.91   0.000     4.286112    5.627411
             |
         age |   1.051204   .0012044    43.60   0.000     1.048846    1.053568
      2.sexe |   .8712044   .0241204    -4.98   0.000     .8251812    .9197812
       _cons |   .0012044   .0001204   -67.20   0.000     .0009901    .0014651
------------------------------------------------------------------------------
Note: _cons estimates baseline odds.
"""),
    )
    yield (
        "stata_tab2",
        stata(""". tabulate tranche sexe, row

           |         sexe
   tranche |         H          F |     Total
-----------+----------------------+----------
     18-64 |    12,044      8,120 |    20,164
           |     59.73      40.27 |    100.00
-----------+----------------------+----------
       65+ |    13,076     14,973 |    28,049
           |     46.62      53.38 |    100.00
-----------+----------------------+----------
     Total |    25,120     23,093 |    48,213
           |     52.10      47.90 |    100.00
"""),
    )
    yield (
        "stata_mixed",
        stata(""". mixed creat temps || hopital:

Performing EM optimization ...

Mixed-effects ML regression                     Number of obs     =     48,213
Group variable: hopital                         Number of groups  =         34
                                                Wald chi2(1)      =     112.04
Log likelihood = -212044.12                     Prob > chi2       =     0.0000

------------------------------------------------------------------------------
       creat | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
       temps |   1.204411   .1137801    10.59   0.000     .9814061    1.427416
       _cons |   98.12044   2.112044    46.46   0.000     93.98091    102.2599
------------------------------------------------------------------------------
"""),
    )
    yield (
        "r_glm",
        r("""> summary(glm(deces ~ age + sexe + nyha, family = binomial, data = cohorte))

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept) -6.721041   0.098120 -68.498  < 2e-16 ***
age          0.049881   0.001146  43.527  < 2e-16 ***
sexeH        0.137812   0.027712   4.973 6.59e-07 ***
nyhaII       0.345012   0.069451   4.968 6.78e-07 ***
nyhaIII      0.732901   0.067341  10.883  < 2e-16 ***
nyhaIV       1.591511   0.069471  22.909  < 2e-16 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 36361  on 48212  degrees of freedom
Residual deviance: 32241  on 48207  degrees of freedom
AIC: 32253

Number of Fisher Scoring iterations: 5
"""),
    )
    yield "r_cox", r("> summary(fit)\n" + third_parts.COX)
    yield (
        "r_lmer",
        r("""> summary(lmer(creat ~ temps + (1 | hopital), data = suivi))
Random effects:
 Groups   Name        Variance Std.Dev.
 hopital  (Intercept) 112.41   10.602
 Residual             940.12   30.661
Number of obs: 48213, groups:  hopital, 34

Fixed effects:
            Estimate Std. Error t value
(Intercept)  98.1204     2.1120  46.459
temps         1.2044     0.1138  10.583
"""),
    )
    yield (
        "r_survfit",
        r("""> summary(fit, times = c(0, 12, 24, 36))
 time n.risk n.event survival std.err lower 95% CI upper 95% CI
    0  24106       0    1.000 0.00000        1.000        1.000
   12  20112    1204    0.948 0.00141        0.945        0.951
   24  14980    1011    0.897 0.00204        0.893        0.901
   36   9120     980    0.831 0.00281        0.826        0.837
"""),
    )
    yield (
        "r_anova",
        r("""> anova(m1, m2, test = "LRT")
Analysis of Deviance Table
  Resid. Df Resid. Dev Df Deviance  Pr(>Chi)
1     48210      33120
2     48207      32241  3   879.12 < 2.2e-16 ***
"""),
    )
    yield (
        "r_session",
        r("""> sessionInfo()
R version 4.3.2 (2023-10-31)
Platform: x86_64-pc-linux-gnu (64-bit)
Running under: Debian GNU/Linux 12 (bookworm)

attached base packages:
[1] stats     graphics  grDevices utils     datasets  methods   base

other attached packages:
[1] dplyr_1.1.4    survival_3.5-7
"""),
    )
    yield (
        "sas_logistic",
        sas("""
                 The LOGISTIC Procedure

        Analysis of Maximum Likelihood Estimates

                               Standard          Wald
Parameter    DF    Estimate       Error    Chi-Square    Pr > ChiSq
Intercept     1     -6.7210      0.0981     4693.4120        <.0001
age           1      0.0499      0.0011     2057.9044        <.0001
sexe    1     1      0.1378      0.0277       24.7491        <.0001
"""),
    )
    yield (
        "py_training",
        python("2024-03-14 10:24:20,001 INFO eval - test auc=0.8004 brier=0.0912 n_test=9643\n" + third_parts.EPOCHS),
    )
    yield (
        "slurm",
        pack.log(
            "slurmstepd: job 120441 on node07 CPUS=8 MEM=32G\nEpoch 1/3\nlr=3e-5 step=100/4120 loss=0.412\nlr=3e-5 step=200/4120 loss=0.388\nwall time 02:11:09, exit code 0\n"
        ),
    )
    yield "timings", pack.log("load      2.1 s\nmerge     7.4 s\nfit      41.0 s\npredict   3.2 s\ntotal    53.7 s\n")
    yield (
        "tree_large",
        python(
            "|--- age <= 74.50\n|   |--- creat <= 180.20\n|   |   |--- weights: [28110.00, 1710.00] class: 0\n|   |--- creat >  180.20\n|   |   |--- weights: [192.00, 100.00] class: 0\n|--- age >  74.50\n|   |--- weights: [13791.00, 4310.00] class: 0\n"
        ),
    )
    yield "confusion", python("confusion matrix (rows: truth, columns: prediction)\n[[8120  412]\n [ 301  810]]\n")
    yield (
        "report",
        python("""              precision    recall  f1-score   support

           0       0.96      0.95      0.96      8532
           1       0.66      0.73      0.69      1111

    accuracy                           0.93      9643
   macro avg       0.81      0.84      0.83      9643
weighted avg       0.93      0.93      0.93      9643
"""),
    )
    yield (
        "ols",
        pack.log("""                            OLS Regression Results
==============================================================================
Dep. Variable:                    dms   R-squared:                       0.112
Model:                            OLS   Adj. R-squared:                  0.112
Method:                 Least Squares   F-statistic:                     2041.
Date:                Thu, 14 Mar 2024   Prob (F-statistic):               0.00
Time:                        10:22:41   Log-Likelihood:            -1.6120e+05
No. Observations:               48213   AIC:                         3.224e+05
Df Residuals:                   48209   BIC:                         3.224e+05
Df Model:                           3
Covariance Type:            nonrobust
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
const          2.1204      0.112     18.932      0.000       1.901       2.340
age            0.0712      0.002     35.600      0.000       0.067       0.075
sexe          -0.2011      0.048     -4.190      0.000      -0.295      -0.107
nyha           1.0412      0.031     33.587      0.000       0.980       1.102
==============================================================================
Omnibus:                    20112.041   Durbin-Watson:                   1.998
Skew:                           2.104   Prob(JB):                         0.00
Kurtosis:                       9.812   Cond. No.                         412.
==============================================================================
"""),
    )


def tables() -> Iterator[tuple[str, File]]:
    yield (
        "or_table",
        pack.html(
            t(
                Variable=["Âge (par 10 ans)", "Homme", "NYHA III-IV", "Score de Charlson (0-10)"],
                OR=[1.65, 1.15, 2.41, 1.12],
                IC95=["1.61-1.69", "1.09-1.21", "2.28-2.55", "1.10-1.14"],
                p=["<0.001", "<0.001", "<0.001", "0.003"],
            )
        ),
    )
    yield (
        "forest",
        pack.latex(
            t(
                Subgroup=["Women", "Men", "Dialysis"],
                **{
                    "Events/N": ["412/23093", "611/25120", "31/210"],
                    "HR (95% CI)": ["0.91 (0.82-1.01)", "0.88 (0.80-0.97)", "1.40 (0.91-2.20)"],
                },
            )
        ),
    )
    yield (
        "masked_right",
        pack.french_csv(
            t(
                Région=["Bretagne", "Corse", "Centre", "Normandie", "Total"],
                Oui=["412", "<11", "301", "<11", "724"],
                Non=["8120", "212", "5214", "6120", "19666"],
            )
        ),
    )
    yield (
        "rounded",
        pack.excel(
            t(
                service=["Cardio", "Néphro", "Pneumo"],
                patients_arrondi_5=[1205, 810, 415],
                décès_arrondi_5=[115, 40, 25],
            )
        ),
    )
    yield (
        "league",
        pack.csv(
            t(
                hospital=["A", "B", "C"],
                rank=[1, 2, 3],
                stays=[2210, 980, 412],
                deaths=[112, 41, 33],
                SMR=[1.02, 0.98, 1.31],
            ),
            ";",
        ),
    )
    yield (
        "icd_top",
        pack.csv(
            t(
                rang=[1, 2, 3, 4],
                code=["I50.0", "I50.1", "J44.1", "N18.4"],
                libellé=["IC congestive", "IVG", "BPCO", "MRC stade 4"],
                effectif=[20112, 12044, 4120, 812],
                pct=[41.7, 25.0, 8.5, 1.7],
            ),
            ";",
        ),
    )
    yield (
        "atc",
        pack.markdown(
            t(
                ATC=["C09AA05", "C07AB07", "C03CA01"],
                molécule=["ramipril", "bisoprolol", "furosémide"],
                dose_mg=[5, 2.5, 40],
                patients=[9120, 12011, 20412],
            )
        ),
    )
    yield (
        "ccam",
        pack.excel(
            t(
                acte=["DEQP003", "DZQM006", "DEQP007"],
                activité=[1, 1, 4],
                phase=[0, 0, 0],
                nb_patients=[41200, 20112, 3012],
            )
        ),
    )
    yield (
        "ghm",
        pack.as_json(
            t(ghm=["05M091", "05M092", "05M093"], niveau=[1, 2, 3], nb=[12044, 10211, 6961], dms=[3.2, 6.8, 11.4])
        ),
    )
    yield (
        "code_list",
        pack.csv(
            t(
                code=["I50.0", "I50.1", "I50.9", "I11.0"],
                libellé=["IC congestive", "IVG", "IC sans précision", "Cardiopathie hypertensive"],
                version=[2023, 2023, 2023, 2023],
            )
        ),
    )
    yield (
        "dictionary",
        pack.csv(
            t(
                variable=["age", "sexe", "nyha", "imc_cl"],
                type=["num", "cat", "cat", "cat"],
                modalités=["", "1=H, 2=F", "1 à 4", "0=<18.5, 1=18.5-25, 2=25-30, 3=>30"],
                unité=["ans", "", "", "kg/m2"],
            ),
            ";",
        ),
    )
    yield (
        "monthly",
        pack.csv(
            t(
                mois=[f"2021-{m:02d}" for m in range(1, 13)],
                admissions=[412, 388, 401, 377, 366, 350, 341, 322, 360, 390, 411, 440],
            )
        ),
    )
    yield (
        "incidence",
        pack.csv(
            t(
                département=["22", "29", "35", "56"],
                population=[600000, 915000, 1090000, 760000],
                cas=[412, 611, 720, 505],
                incidence_pour_100000=[68.7, 66.8, 66.1, 66.4],
            ),
            ";",
            "cp1252",
            ",",
        ),
    )
    yield (
        "costs",
        pack.french_csv(
            t(GHM=["05M09", "05K06"], séjours=[12044, 9120], coût_moyen=[4812.3, 6120.7], écart_type=[3120.1, 2988.4])
        ),
    )
    yield (
        "nyha_bmi",
        pack.word(
            t(
                NYHA=["I", "II", "III", "IV"],
                **{
                    "IMC < 18,5": [112, 301, 412, 211],
                    "IMC 18,5-25": [1204, 4120, 3988, 1812],
                    "IMC >= 25": [3167, 13972, 13366, 5548],
                },
            )
        ),
    )
    yield (
        "scores",
        pack.html(t(Score=list(range(11)), n=[4120, 3988, 4410, 5120, 6120, 7012, 6011, 5001, 3210, 2112, 1109])),
    )
    yield (
        "correlations",
        pack.csv(
            t(variable=["age", "imc", "creat"], age=[1.0, -0.12, 0.31], imc=[-0.12, 1.0, 0.04], creat=[0.31, 0.04, 1.0])
        ),
    )
    yield (
        "pca",
        pack.csv(
            t(
                component=[1, 2, 3, 4, 5],
                eigenvalue=[4.12, 2.01, 1.12, 0.81, 0.44],
                variance=[0.412, 0.201, 0.112, 0.081, 0.044],
            )
        ),
    )
    yield (
        "grid",
        pack.csv(
            t(
                max_depth=[2, 4, 6, 8],
                n_estimators=[100, 100, 200, 200],
                min_samples_leaf=[50, 50, 20, 20],
                mean_auc=[0.781, 0.795, 0.799, 0.797],
                std_auc=[0.004, 0.005, 0.004, 0.006],
                rank=[4, 3, 1, 2],
            )
        ),
    )
    yield (
        "calibration",
        pack.columns_json(
            t(
                decile=list(range(1, 11)),
                n=[4821] * 10,
                predicted=[0.01, 0.02, 0.04, 0.06, 0.08, 0.11, 0.15, 0.2, 0.28, 0.45],
                observed=[0.01, 0.02, 0.04, 0.06, 0.08, 0.11, 0.15, 0.21, 0.28, 0.44],
            )
        ),
    )
    yield (
        "clusters",
        pack.csv(
            t(cluster=[0, 1, 2], size=[20112, 18981, 9120], age_mean=[71.2, 64.0, 79.5], crp_mean=[12.1, 44.0, 31.2])
        ),
    )
    yield (
        "importance",
        pack.csv(
            t(rank=[1, 2, 3, 4], feature=["age", "creat", "nyha", "imc"], mean_abs_shap=[0.412, 0.301, 0.22, 0.04])
        ),
    )
    yield (
        "smd",
        pack.csv(t(covariate=["age", "sex", "diabetes"], smd_before=[0.31, 0.12, 0.2], smd_after=[0.02, 0.01, 0.03])),
    )
    yield (
        "aic",
        pack.markdown(
            t(
                Modèle=["M1", "M2", "M3"],
                paramètres=[3, 5, 9],
                AIC=[33126.0, 32253.1, 32251.9],
                BIC=[33152.3, 32305.8, 32330.9],
            )
        ),
    )
    yield (
        "ner",
        pack.excel(
            t(
                entité=["MÉDICAMENT", "DOSE", "EXAMEN"],
                précision=[0.912, 0.933, 0.871],
                rappel=[0.901, 0.921, 0.866],
                support=[4120, 2011, 1204],
            )
        ),
    )
    yield (
        "topics",
        pack.csv(
            t(
                topic=[0, 1, 2],
                terms=[
                    "dyspnée oedème furosémide orthopnée",
                    "toux fièvre crachat antibiotique",
                    "créatinine dialyse potassium anurie",
                ],
                weight=[0.41, 0.33, 0.26],
            )
        ),
    )
    yield "words", pack.csv(t(terme=["dyspnée", "oedème", "fièvre", "toux"], occurrences=[9120, 8120, 4120, 3988]))
    yield (
        "doses",
        pack.latex(
            t(
                Drug=["Ramipril", "Bisoprolol", "Furosemide"],
                **{"Start (mg)": [1.25, 1.25, 20], "Target (mg)": [10, 10, 40], "Times a day": [1, 1, 2]},
            )
        ),
    )
    yield "kappa", pack.printed(t(item=["Q1", "Q2", "Q3"], kappa=[0.81, 0.74, 0.69], ICC=[0.9, 0.88, 0.81]))
    yield (
        "standard_rates",
        pack.excel(
            t(
                année=[2019, 2020, 2021, 2022],
                taux_standardisé=[68.1, 61.2, 64.4, 66.0],
                IC_bas=[66.9, 60.1, 63.2, 64.8],
                IC_haut=[69.3, 62.3, 65.6, 67.2],
            )
        ),
    )
    yield (
        "pyramid",
        pack.tsv(
            t(
                tranche=["18-29", "30-39", "40-49", "50-59", "60-69", "70-79", "80+"],
                H=[412, 811, 1904, 4120, 6120, 7012, 4741],
                F=[388, 702, 1504, 3120, 5120, 6811, 5448],
            )
        ),
    )
    yield "quartiles", pack.csv(t(service=["Cardio", "Néphro"], n=[12044, 9120], q1=[3, 2], median=[6, 5], q3=[11, 9]))
    yield (
        "at_risk",
        pack.csv(
            t(
                month=[0, 6, 12, 18, 24],
                at_risk_A=[24106, 22011, 20112, 17412, 14980],
                at_risk_B=[24107, 22340, 20633, 18001, 15512],
            )
        ),
    )
    yield (
        "summary_means",
        pack.printed(
            t(variable=["age", "imc", "creat"], n=[48213, 46120, 47011], mean=[71.1, 26.8, 98.1], sd=[12.2, 5.0, 31.0])
        ),
    )


def plain() -> Iterator[tuple[str, File]]:
    def made(name: str, value: object) -> File:
        return name, json.dumps(value, ensure_ascii=False, indent=1).encode()

    yield (
        "readme",
        (
            "README.md",
            """# Analyse principale

Pour toute question : assistance de la plateforme, 01 23 45 67 89 ou support@example.org.

1. `make data` (environ 5 minutes)
2. `make fit` (8 coeurs, 3 étapes)
3. `make report`

DOI : 10.1093/eurheartj/ehab368. Licence EUPL 1.2. Python >= 3.11.
""".encode(),
        ),
    )
    yield (
        "changelog",
        (
            "CHANGELOG.md",
            b"# Changelog\n\n## 1.4.0 - 2024-03-12\n- Add 3 covariates\n- Fix 2 bugs in the merge\n\n## 1.3.2 - 2023-11-30\n- Pin numpy 1.26.4\n",
        ),
    )
    yield (
        "requirements",
        (
            "requirements.txt",
            b"numpy==1.26.4\npandas==2.2.1\nscikit-learn==1.4.1.post1\nlifelines==0.28.0\ntorch==2.2.1\n",
        ),
    )
    yield (
        "biblio",
        (
            "references.md",
            b"1. Ponikowski P, et al. 2016 ESC Guidelines. Eur Heart J. 2016;37(27):2129-200. doi:10.1093/eurheartj/ehw128\n2. Charlson ME, et al. J Chronic Dis. 1987;40(5):373-83.\n3. Elm E von, et al. STROBE. PLoS Med. 2007;4(10):e296.\n",
        ),
    )
    yield (
        "protocol",
        (
            "protocole.md",
            """# Protocole

Visites : M0, M3, M6 et M12. Dose de 5 mg, 2 fois par jour pendant 7 jours, puis 10 mg.
Critère : MACE à 12 mois. Puissance 80 %, alpha 5 %, 412 patients par bras, 3 analyses intermédiaires.
Douleur évaluée de 0 à 10 (EVA), seuil de 4. Inclusion du 1er janvier 2015 au 31 décembre 2022.
""".encode(),
        ),
    )
    yield (
        "plan",
        pack.markdown(
            t(
                Lot=["WP1", "WP2", "WP3"],
                Tâches=[3, 4, 2],
                Début=["2023-01", "2023-06", "2024-01"],
                **{"Durée (mois)": [6, 9, 3]},
            )
        ),
    )
    yield (
        "config",
        made(
            "config.json",
            {
                "seed": 42,
                "model": {"max_depth": 4, "n_estimators": 200, "min_samples_leaf": 50},
                "folds": 5,
                "classes": [0, 1],
                "threshold": 0.5,
            },
        ),
    )
    yield (
        "yaml",
        (
            "params.yaml",
            b"seed: 42\nepochs: 3\nbatch_size: 8\nlayers: 12\nlearning_rate: 3.0e-5\nfolds: 5\nage_bands: [18, 30, 40, 50, 60, 70, 80]\n",
        ),
    )
    yield (
        "metrics",
        made(
            "metrics.json",
            {
                "auc": 0.8012,
                "brier": 0.0912,
                "n_test": 9643,
                "n_train": 38570,
                "epochs": 3,
                "confusion_matrix": [[8120, 412], [301, 810]],
                "best_epoch": 2,
            },
        ),
    )
    yield (
        "geo_dep",
        made(
            "carte.geojson",
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"dep": d, "taux": x},
                        "geometry": {
                            "type": "Polygon",
                            "coordinates": [[[i, 48.0], [i + 1, 48.0], [i + 1, 49.0], [i, 48.0]]],
                        },
                    }
                    for i, (d, x) in enumerate((("22", 68.7), ("29", 66.8), ("35", 66.1)))
                ],
            },
        ),
    )
    yield (
        "history",
        made(
            "history.json",
            {
                "loss": [0.49, 0.46, 0.43],
                "val_loss": [0.53, 0.5, 0.48],
                "val_auc": [0.73, 0.74, 0.76],
                "lr": [3e-05, 2e-05, 1e-05],
            },
        ),
    )
    yield (
        "sql",
        (
            "cohorte.sql",
            b"-- cohorte, version 3\nSELECT d.nir_ano, MIN(d.exe_soi_dtd) AS debut\nFROM er_prs_f d\nWHERE d.exe_soi_dtd BETWEEN '2015-01-01' AND '2022-12-31'\n  AND d.age >= 18\nGROUP BY d.nir_ano\nHAVING COUNT(*) >= 3;\n",
        ),
    )
    yield (
        "python",
        (
            "fit.py",
            b"import pandas as pd\n\nSEED = 42\nCLASSES = {1: 'NYHA I', 2: 'NYHA II', 3: 'NYHA III', 4: 'NYHA IV'}\n\n\ndef masked(table: pd.DataFrame, threshold: int = 11) -> pd.DataFrame:\n    return table.where(table >= threshold)\n",
        ),
    )
    yield (
        "r_script",
        (
            "analyse.R",
            b"library(survival)\nset.seed(1)\nfit <- coxph(Surv(temps, deces) ~ traitement + age, data = cohorte)\nsummary(fit)\ntable(cut(cohorte$age, c(18, 40, 65, 120)))\n",
        ),
    )
    yield "png", pack.figure(lambda a: a.bar(["2019", "2020", "2021"], [4120, 3988, 4410]))


SAYINGS = (
    "Of the 12,045 patients screened, 11,204 were eligible and 10,112 were randomised (5,056 in each arm).",
    "Le taux de réadmission à 30 jours est de 18,2 % (2 192 séjours sur 12 044). Il est plus élevé en classe NYHA IV (26,1 %).",
    "Three sensitivity analyses were done; two of them changed the hazard ratio by less than 1 %.",
    "Les patients recevaient 5 mg de ramipril par jour pendant 7 jours puis 10 mg. La douleur était cotée de 0 à 10.",
    "We trained for 3 epochs on 4 GPUs with batches of 8, and kept the best of 5 seeds.",
    "Median follow-up was 2.4 years (IQR 1.1 to 4.2). Mean age was 71.2 years (SD 12.1).",
    "Les données de quatre hôpitaux ont été réunies ; huit variables ont été retenues par la sélection pas à pas.",
    "The test for interaction was not significant (chi-square 3.2, 2 degrees of freedom, p = 0.20).",
    "Le comité scientifique s'est réuni le 12 mars 2024 et a demandé 3 analyses complémentaires et 2 figures.",
    "Patients were classified as underweight (BMI < 18.5), normal (18.5 to 25), overweight (25 to 30) or obese (over 30).",
    "Cells under 11 were masked, and a second cell was masked in the same row and column.",
    "Between 2015 and 2022 the age-standardised rate fell from 68.1 to 61.2 per 100,000, about 1.5 % a year.",
)  # fmt: skip


def cases() -> list[Case]:
    made: list[Case] = []
    for group, each in (("report", reports), ("log", logs), ("table", tables), ("plain", plain)):
        made += [safe(f"third_safe_{group}_{name}", group, file) for name, file in each()]
    forms: Any = (pack.word_prose, pack.markdown_prose, pack.html_prose, pack.latex_prose, pack.book_prose, pack.text)
    for i, text in enumerate(SAYINGS):
        body = text + " " + third_parts.PROSE[(i + 1) % len(third_parts.PROSE)]
        made.append(safe(f"third_safe_say{i:02d}", "prose", forms[i % 6](body)))
    return made
