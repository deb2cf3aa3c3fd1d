"""Eighth batch: safe texts and tables, with what makes a checker cry wolf."""

import json

import pandas as pd

from .case import Case, safe
from .pack import (
    book,
    book_prose,
    book_stream,
    csv,
    excel,
    french_csv,
    html,
    html_prose,
    latex,
    latex_prose,
    log,
    markdown,
    markdown_prose,
    parquet,
    printed,
    text,
    tsv,
    word,
    word_prose,
    zipped,
)  # fmt: skip

METHODS = (
    "We used data from three university hospitals and two private clinics. Analyses were run with R 4.3.2 (packages "
    "survival 3.5-7 and mice 3.16.0, seed 20231104) and Python 3.11.4. Five imputed data sets were pooled by Rubin's "
    "rules. Continuous covariates were modelled by restricted cubic splines with 4 knots (3 degrees of freedom). "
    "Follow-up started at day 1 of discharge and ended at 24 months, death or 31 December 2019, whichever came first."
)
RESULTS = (
    "The cohort comprised 48,210 patients (52.1 % women), of whom 6,342 (13.2 %) died within two years. After "
    "adjustment, treatment was associated with lower mortality (HR 0.87, 95 % CI 0.79 to 0.95; p = 0.002), with no "
    "evidence of interaction by sex (p = 0.41). The E-value was 1.56. Model 2 gave similar results (HR 0.89 [0.80; 0.98])."
)
FRANCAIS = (
    "Au total, 12 405 séjours ont été retenus, soit 1 sur 5 de l'ensemble. Les diagnostics principaux étaient codés "
    "I21.0 à I21.9 (CIM-10) et les actes DDAF001, DDAF003 et DDAF010 (CCAM) ; les médicaments relevaient des classes "
    "ATC C10AA01 et C10AA05. La durée médiane de séjour était de 4 jours [3 – 7]. L'OR ajusté était de 1,32 (IC 95 % : "
    "1,18 – 1,47 ; p < 0,001) dans le modèle 3."
)
PROTOCOL = """# Statistical analysis plan, version 1.2

1. Primary outcome: all-cause death at 12 months.
2. Secondary outcomes: see Table 2 and Appendix 3.
3. Subgroups: age (18-49, 50-64, 65 and over), sex, number of comorbidities (0, 1, 2, 3 or more).
4. Sample size: with 90 % power, alpha 5 % two-sided, and a difference of 4 points, 2,140 patients per arm are needed.
5. Visits take place at weeks 2, 4, 8 and 12; doses are 5 mg, then 10 mg.

References: [3] Lancet 2019;393(10170):407-15. [4] BMJ 2015;350:h9. doi:10.1136/bmj.h9
"""
SUPPRESSED = (
    'Counts below 11 are shown as "<11" and all others are rounded to the nearest 5. In the smallest stratum the '
    "rate is not shown. Two of the four registries did not record smoking; they enter models 1 to 3 only."
)
PRISMA = (
    "Of 31 regions, 7 had no reference centre. Eight variables were dropped for collinearity and six were kept, "
    "including the three comorbidity scores. Ten-fold cross-validation was repeated five times; the best model used 4 "
    "layers of 64 units and stopped at epoch 9."
)
LETTRE = (
    "Réponse aux relecteurs. Point 2 : nous avons ajouté les deux analyses demandées (tableaux S3 et S4, p. 7 à 9). "
    "Point 5 : la phrase de la page 3 a été reprise. Le comité (avis n° 2021-07, 4 mars 2021) a donné son accord ; la "
    "déclaration CNIL MR-004 porte le numéro 2 218 043."
)
EFFECT = (
    "Mean HbA1c fell by 0.4 points (SD 1.1) in the 3,204 patients treated and by 0.1 (SD 1.2) in the 3,190 controls: "
    "difference -0.3, 95 % CI -0.36 to -0.24, t(6392) = 9.8, Cohen's d = 0.26. The number needed to treat was 9."
)
DRUG = (
    "Exposure was at least 3 deliveries within 12 months, with a grace period of 7 days. The median time to the second "
    "dose was 28 days (IQR 26 to 35) among the 210,554 vaccinated. Lag time of 2 years; washout 6 months; 1:4 matching "
    "within a calliper of 0.2 gave 18,422 exposed and 73,688 controls."
)


def prose() -> list[Case]:
    return [
        safe("eighth_methods", "prose", word_prose(METHODS)),
        safe("eighth_results", "prose", latex_prose(RESULTS.replace("%", "%"))),
        safe("eighth_francais", "prose", markdown_prose(FRANCAIS)),
        safe("eighth_protocol", "prose", ("sap.md", PROTOCOL.encode())),
        safe("eighth_suppressed", "prose", text(SUPPRESSED)),
        safe("eighth_prisma", "prose", html_prose(PRISMA)),
        safe("eighth_lettre", "prose", word_prose(LETTRE)),
        safe("eighth_effect", "prose", book_prose(EFFECT)),
        safe("eighth_drug", "prose", text(DRUG)),
        safe("eighth_results_2", "prose", book_stream(RESULTS)),
    ]


def tables() -> list[Case]:
    base = pd.DataFrame({"Characteristic": ["N", "Women, n (%)", "Age, mean (SD)", "Diabetes, n (%)", "BMI, median [IQR]"], "Treated": ["18,422", "9,580 (52.0)", "61.2 (13.9)", "3,316 (18.0)", "26.1 [23.0, 29.8]"], "Control": ["73,688", "38,391 (52.1)", "61.3 (14.0)", "13,190 (17.9)", "26.0 [23.0, 29.7]"], "SMD": ["", "0.002", "0.007", "0.003", "0.009"]})  # fmt: skip
    cox = pd.DataFrame({"term": ["age", "sexM", "diab", "ckd"], "estimate": [0.048, 0.21, 0.334, 0.52], "std.error": [0.002, 0.03, 0.04, 0.051], "statistic": [24.0, 7.0, 8.35, 10.2], "p.value": [0.0, 2.6e-12, 6.8e-17, 2e-24]})  # fmt: skip
    cim = pd.DataFrame({"code": ["I21.0", "I21.1", "I21.2", "J18"], "libellé": ["IDM antérieur", "IDM inférieur", "IDM autre", "Pneumopathie"], "chapitre": [9, 9, 9, 10], "niveau": [2, 2, 2, 1]})  # fmt: skip
    book_codes = pd.DataFrame({"variable": ["sexe", "sexe", "stade", "stade", "stade", "mode"], "code": [1, 2, 1, 2, 3, 8], "label": ["homme", "femme", "I", "II", "III", "domicile"]})  # fmt: skip
    rounded = pd.DataFrame({"Tranche d'âge": ["0-17", "18-64", "65+", "Total"], "Hommes": [250, 1310, 905, 2465], "Femmes": [235, 1400, 1120, 2755]})  # fmt: skip
    masked = pd.DataFrame({"Région": ["A", "B", "C", "D"], "Stade I": ["412", "388", "<11", "<11"], "Stade IV": ["61", "77", "<11", "<11"]})  # fmt: skip
    rates = pd.DataFrame({"year": [2016, 2017, 2018, 2019], "cases": [1842, 1911, 1890, 2004], "person_years": [412001, 415220, 417904, 420118], "rate_per_1000": [4.47, 4.6, 4.52, 4.77]})  # fmt: skip
    folds = pd.DataFrame({"fold": [1, 2, 3, 4, 5], "auc": [0.812, 0.807, 0.821, 0.799, 0.815], "brier": [0.121, 0.124, 0.119, 0.127, 0.12], "best_iteration": [9, 7, 8, 10, 6]})  # fmt: skip
    grid = pd.DataFrame({"max_depth": [3, 5, 7, 9], "n_estimators": [100, 200, 300, 500], "learning_rate": [0.1, 0.05, 0.05, 0.01], "mean_test_score": [0.802, 0.811, 0.813, 0.809], "rank_test_score": [4, 2, 1, 3]})  # fmt: skip
    calib = pd.DataFrame({"decile": range(1, 11), "n": [1204] * 10, "predicted": [0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.29, 0.51], "observed": [0.0108, 0.0199, 0.0307, 0.0515, 0.0689, 0.1005, 0.1404, 0.2002, 0.2907, 0.505]})  # fmt: skip
    corr = pd.DataFrame({"": ["age", "imc", "creat"], "age": [1.0, 0.12, 0.31], "imc": [0.12, 1.0, 0.08], "creat": [0.31, 0.08, 1.0]})  # fmt: skip
    km = pd.DataFrame({"mois": [0, 6, 12, 18, 24], "à risque": [8120, 7440, 6902, 6204, 5511], "survie": [1.0, 0.951, 0.912, 0.871, 0.836], "IC bas": [1.0, 0.946, 0.906, 0.863, 0.827], "IC haut": [1.0, 0.955, 0.918, 0.878, 0.844]})  # fmt: skip
    importance = pd.DataFrame({"feature": ["age", "ccs", "los", "n_prev_stays"], "gain": [412.3, 210.9, 98.2, 61.4], "rank": [1, 2, 3, 4]})  # fmt: skip
    dictionary = pd.DataFrame({"table": ["T_MCOaaB", "T_MCOaaC", "ER_PRS_F"], "variable": ["AGE_ANN", "EXE_SOI_DTD", "BEN_SEX_COD"], "type": ["num", "date", "num"], "longueur": [3, 8, 1], "position": [12, 4, 7]})  # fmt: skip
    visits = pd.DataFrame({"visit": ["V1", "V2", "V3"], "week": [0, 4, 12], "questionnaires": [5, 3, 5], "blood tubes": [4, 2, 4]})  # fmt: skip
    hospital = pd.DataFrame({"région": ["Bretagne", "Normandie"], "nb établissements": [8, 6], "nb séjours": [48120, 39077], "DMS (jours)": [5.4, 5.9]})  # fmt: skip
    glm = pd.DataFrame({"Variable": ["Age (par 10 ans)", "Sexe masculin", "ALD"], "OR ajusté": ["1,32", "1,08", "2,41"], "IC 95 %": ["1,18 – 1,47", "0,97 – 1,20", "2,02 – 2,88"], "p": ["< 0,001", "0,15", "< 0,001"]})  # fmt: skip
    anova = pd.DataFrame({"Source": ["centre", "dose", "Residuals"], "Df": [4, 2, 3188], "Sum Sq": [812.4, 1207.9, 90211.3], "F": [7.18, 21.3, None], "Pr(>F)": [9.4e-06, 6.4e-10, None]})  # fmt: skip
    missing = pd.DataFrame({"variable": ["imc", "tabac", "creat"], "missing_n": [1204, 5310, 890], "missing_pct": [2.5, 11.0, 1.8]})  # fmt: skip
    weekly = pd.DataFrame(
        {"semaine": [f"2020-S{w:02d}" for w in range(10, 16)], "passages": [1204, 1511, 2210, 2875, 2640, 2304]}
    )
    return [
        safe("eighth_base", "tables", markdown(base)), safe("eighth_base_word", "tables", word(base, "Table 1. Baseline.")),
        safe("eighth_cox", "tables", csv(cox)), safe("eighth_cim", "tables", french_csv(cim)),
        safe("eighth_codebook", "tables", excel(book_codes)), safe("eighth_rounded", "tables", html(rounded)),
        safe("eighth_masked", "tables", csv(masked)), safe("eighth_rates", "tables", parquet(rates)),
        safe("eighth_folds", "tables", csv(folds)), safe("eighth_grid", "tables", book(grid)),
        safe("eighth_calibration", "tables", tsv(calib)), safe("eighth_corr", "tables", latex(corr)),
        safe("eighth_km", "tables", excel(km)), safe("eighth_importance", "tables", csv(importance)),
        safe("eighth_dictionary", "tables", csv(dictionary)), safe("eighth_visits", "tables", markdown(visits)),
        safe("eighth_hospitals", "tables", french_csv(hospital)), safe("eighth_glm", "tables", word(glm)),
        safe("eighth_anova", "tables", printed(anova)), safe("eighth_missing", "tables", csv(missing)),
        safe("eighth_weekly", "tables", zipped(("w.csv", csv(weekly)[1]), ("LISEZMOI.txt", b"Passages aux urgences, 6 semaines, 3 sites.\n"))),
        safe("eighth_release", "tables", csv(rates), released=(csv(rates),)),
    ]  # fmt: skip


TRAINING = """2026-03-02 10:11:40 INFO seed=42 device=cpu n_jobs=2
2026-03-02 10:11:41 INFO loaded 48210 rows, 37 columns in 1.2 s
Epoch 1/8 - loss: 0.4121 - val_loss: 0.4022 - val_auc: 0.781
Epoch 2/8 - loss: 0.3904 - val_loss: 0.3899 - val_auc: 0.802
Epoch 3/8 - loss: 0.3850 - val_loss: 0.3881 - val_auc: 0.806
[Parallel(n_jobs=2)]: Done  10 out of  10 | elapsed:   41.2s finished
2026-03-02 10:14:02 INFO 5 models written, 3 warnings, peak memory 2.1 GB
"""

LOGISTIC = """
                              The LOGISTIC Procedure

             Number of Observations Read        48210
             Number of Observations Used        48210

                   Testing Global Null Hypothesis: BETA=0
             Test                 Chi-Square       DF     Pr > ChiSq
             Likelihood Ratio       612.4410        5         <.0001
             Wald                   588.1207        5         <.0001

                              Odds Ratio Estimates
                              Point          95% Wald
             Effect        Estimate      Confidence Limits
             AGE              1.049       1.045       1.053
             SEXE 2 vs 1      0.812       0.765       0.862
"""

STATA_REG = """
. logistic deces age i.sexe i.stade, vce(cluster finess)

Logistic regression                                    Number of obs = 48,210
                                                       Wald chi2(4)  = 512.66
                                                       Prob > chi2   = 0.0000
Log pseudolikelihood = -17204.911                      Pseudo R2     = 0.0812

                                 (Std. err. adjusted for 31 clusters in finess)
------------------------------------------------------------------------------
             |               Robust
       deces | Odds ratio   std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
         age |   1.049102   .0019917    25.25   0.000     1.045206    1.053013
      2.sexe |   .8123111   .0247102    -6.83   0.000     .7652958    .8622148
             |
       stade |
          2  |   1.512084   .0612004    10.22   0.000     1.396762    1.636929
          3  |   2.904133   .1299315    23.83   0.000     2.660337    3.170272
             |
       _cons |   .0081221   .0009102   -42.95   0.000     .0065208    .0101167
------------------------------------------------------------------------------
"""

GLM = """
Call:
glm(formula = deces ~ ns(age, 3) + sexe, family = binomial, data = d)

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept)  -3.20114    0.08871  -36.09  < 2e-16 ***
ns(age, 3)1   1.20456    0.09112   13.22  < 2e-16 ***
ns(age, 3)2   2.51190    0.18004   13.95  < 2e-16 ***
ns(age, 3)3   2.90011    0.07991   36.29  < 2e-16 ***
sexeF        -0.20787    0.03041   -6.84 8.18e-12 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 37512  on 48209  degrees of freedom
Residual deviance: 34410  on 48205  degrees of freedom
AIC: 34420

Number of Fisher Scoring iterations: 6
"""

SESSION = """R version 4.3.2 (2023-10-31)
Platform: x86_64-pc-linux-gnu (64-bit)
Running under: Debian GNU/Linux 12 (bookworm)

attached base packages:
[1] splines   stats     graphics  grDevices utils     datasets  methods
[8] base

other attached packages:
[1] gtsummary_1.7.2  survival_3.5-7  dplyr_1.1.4
[4] ggplot2_3.4.4    mice_3.16.0
"""

BIG_REPORT = """              precision    recall  f1-score   support

           0       0.94      0.97      0.96     41868
           1       0.74      0.58      0.65      6342

    accuracy                           0.92     48210
   macro avg       0.84      0.78      0.81     48210
weighted avg       0.91      0.92      0.92     48210
"""


def logs() -> list[Case]:
    config = {"seed": 7, "folds": 5, "model": {"max_depth": 4, "eta": 0.1, "rounds": 200}, "auc": 0.8124, "auc_ci": [0.803, 0.821], "n_train": 38568, "n_test": 9642}  # fmt: skip
    weights = {
        "intercept": -3.201,
        "coef": {"age": 0.048, "sexe": -0.208, "ald": 0.334},
        "knots": [35, 50, 65, 80],
        "df": 3,
    }
    return [
        safe("eighth_training", "logs", log(TRAINING)), safe("eighth_logistic", "logs", ("logit.lst", LOGISTIC.encode())),
        safe("eighth_stata_reg", "logs", log(STATA_REG)), safe("eighth_glm_r", "logs", text(GLM)),
        safe("eighth_session", "logs", text(SESSION)), safe("eighth_support", "logs", book_stream(BIG_REPORT)),
        safe("eighth_config", "logs", ("metrics.json", json.dumps(config, indent=2).encode())),
        safe("eighth_weights", "logs", ("score.json", json.dumps(weights).encode())),
        safe("eighth_requirements", "logs", text("pandas==2.2.3\nnumpy==1.26.4\nlifelines==0.30.0\nscikit-learn==1.5.2\n")),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    return [*prose(), *tables(), *logs()]
