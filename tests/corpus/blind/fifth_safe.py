"""The fifth batch, safe results as research groups make them."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from . import pack
from .case import Case, File, safe


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame(columns)


def made(value: object, name: str = "result.json") -> File:
    return name, json.dumps(value, ensure_ascii=False, indent=1).encode()


def out(source: str, text: str) -> File:
    return pack.notebook(pack.cell(source, pack.stream(text)))


def tables() -> Iterator[tuple[str, File]]:
    yield "table_one", pack.csv(t(**{
        "Variable": ["Age, mean (SD)", "Female, n (%)", "Dialysis, n (%)", "Charlson, median [IQR]"],
        "Exposed (n=1188)": ["63.1 (12.2)", "602 (50.7)", "41 (3.5)", "3 [1-5]"],
        "Unexposed (n=4752)": ["62.8 (12.0)", "2391 (50.3)", "160 (3.4)", "2 [1-4]"],
        "SMD": ["0.02", "0.01", "0.00", "0.08"],
    }))  # fmt: skip
    yield "cox", pack.excel(t(Variable=["Age (per 10 y)", "Male sex", "Charlson 3+"], HR=[1.42, 1.11, 2.03], lower=[1.35, 1.02, 1.84], upper=[1.49, 1.21, 2.24], p=["<0.001", "0.02", "<0.001"]))  # fmt: skip
    yield "rates", pack.csv(t(year=[2018, 2019, 2020, 2021], cases=[8120, 8344, 7012, 7944], person_years=[412300, 415200, 417100, 419900], rate_1000=[19.7, 20.1, 16.8, 18.9]))  # fmt: skip
    yield "charlson", pack.markdown(t(Charlson=["0", "1", "2", "3", "4", "5+"], N=[14120, 8120, 4311, 2044, 902, 411], pct=[47.2, 27.2, 14.4, 6.8, 3.0, 1.4]))  # fmt: skip
    yield "visits", pack.csv(t(visites=list(range(1, 11)), beneficiaires=[91204, 61233, 40120, 31002, 22873, 15011, 9120, 6203, 4120, 2899]))  # fmt: skip
    yield "masked_no_total", pack.csv(t(region=["Bretagne", "Centre", "Corse", "Normandie"], n=["1204", "811", "<11", "640"]))  # fmt: skip
    yield "hyper", made({"model": "xgboost", "max_depth": 6, "n_estimators": 300, "learning_rate": 0.1, "n_jobs": 4, "cv": 5, "subsample": 0.8, "seed": 42})  # fmt: skip
    yield "folds", pack.csv(t(fold=[1, 2, 3, 4, 5], auc=[0.812, 0.804, 0.821, 0.799, 0.815], brier=[0.081, 0.083, 0.08, 0.084, 0.081]))  # fmt: skip
    yield "epochs", pack.tsv(t(epoch=list(range(1, 13)), loss=[0.69, 0.61, 0.55, 0.51, 0.48, 0.46, 0.45, 0.44, 0.43, 0.43, 0.42, 0.42], val_auc=[0.6, 0.66, 0.7, 0.73, 0.75, 0.76, 0.77, 0.775, 0.78, 0.78, 0.78, 0.78]))  # fmt: skip
    yield "codebook", pack.excel(t(variable=["sexe", "stade", "dcd"], type=["int", "chr", "int"], modalités=["1 = homme, 2 = femme", "I, II, III, IV", "0 = non, 1 = oui"], longueur=[1, 3, 1]))  # fmt: skip
    yield "missing", pack.word(t(Variable=["IMC", "Tabac", "Stade"], Missing=["1 204", "8 812", "311"], Percent=["2,5 %", "18,3 %", "0,6 %"]), "Missing data in the 48 210 stays.")  # fmt: skip
    yield "importance", pack.latex(t(Rank=[1, 2, 3, 4, 5], Feature=["age", "charlson", "los", "nb_atc", "icu"], Gain=[0.412, 0.211, 0.131, 0.088, 0.041]))  # fmt: skip
    yield "icer", pack.html(t(Strategy=["Usual care", "Screening"], Cost=["12 204 €", "13 118 €"], QALY=[7.412, 7.498], ICER=["–", "10 628 €/QALY"]))  # fmt: skip
    yield "tornado", pack.csv(t(parameter=["Discount rate", "Cost of test", "Utility, stage 2"], low=[0.0, 30, 0.6], base=[0.025, 42, 0.7], high=[0.05, 60, 0.8], icer_low=[8120, 9311, 9120], icer_high=[13120, 12044, 12311]))  # fmt: skip
    yield "markov", pack.excel(t(**{"from": ["Stable", "Relapse"], "Stable": [0.926, 0.41], "Relapse": [0.07, 0.5], "Dead": [0.004, 0.09]}))  # fmt: skip
    yield "balance", pack.csv(t(covariate=["age", "sex", "charlson", "prior_mi"], smd_before=[0.31, 0.04, 0.28, 0.11], smd_after=[0.02, 0.01, 0.03, 0.01]))  # fmt: skip
    yield "correlation", pack.csv(t(var=["age", "los", "cost"], age=[1.0, 0.21, 0.18], los=[0.21, 1.0, 0.81], cost=[0.18, 0.81, 1.0]))  # fmt: skip
    yield "loadings", pack.tsv(t(variable=["age", "los", "cost"], PC1=[0.31, 0.66, 0.68], PC2=[0.94, -0.22, -0.21], PC3=[0.01, 0.71, -0.7]))  # fmt: skip
    yield "posterior", pack.csv(t(param=["alpha", "beta_age", "sigma"], mean=[1.204, 0.031, 0.88], sd=[0.04, 0.002, 0.01], hdi_3=[1.13, 0.027, 0.86], hdi_97=[1.28, 0.035, 0.9], ess_bulk=[4120, 3980, 4411], r_hat=[1.0, 1.0, 1.0]))  # fmt: skip
    yield "power", pack.markdown(t(n_per_arm=[100, 200, 400, 800], delta=[0.2] * 4, power=[0.29, 0.52, 0.81, 0.98]))
    yield "at_risk", pack.csv(t(year=[0, 1, 2, 5], at_risk=[41200, 30100, 15500, 4120], events=[0, 3100, 5820, 8120], survival=[1.0, 0.92, 0.84, 0.71]))  # fmt: skip
    yield "confusion", pack.csv(t(truth=["no", "yes"], pred_no=[4120, 188], pred_yes=[311, 880]))
    yield "scenario", made({"scenarios": [{"name": "base", "horizon_years": 10, "discount": 0.025, "icer": 10628}, {"name": "long", "horizon_years": 40, "discount": 0.025, "icer": 6204}]})  # fmt: skip
    yield "prr", pack.excel(t(drug=["X", "Y"], event=["rash", "nausea"], n=[140, 311], PRR=[2.31, 1.12], lower=[1.9, 0.98], upper=[2.8, 1.27], chi2=[88.1, 3.1]))  # fmt: skip
    yield "chapters", pack.csv(t(chapitre=[f"C{i:02}" for i in range(1, 23)], sejours=[1204 + 317 * i for i in range(22)], los_moyenne=[round(3.1 + i / 7, 1) for i in range(22)]))  # fmt: skip
    yield "strobe", pack.markdown(t(Item=[1, 2, 3, 4, 5], Recommendation=["Title", "Background", "Objectives", "Design", "Setting"], Page=[1, 2, 2, 3, 3]))  # fmt: skip
    yield "aggregate_parquet", pack.parquet(t(region=["Bretagne", "Centre", "Normandie"], n=[8532, 5515, 6120], mean_cost=[4120.5, 4311.2, 3980.9]))  # fmt: skip
    yield "clusters", made({"k": 3, "silhouette": 0.31, "sizes": [812, 391, 204]})
    yield "two_by_two", pack.csv(t(exposure=["yes", "no"], event=[311, 204], no_event=[4120, 5012]))
    yield "stages", pack.printed(t(stade=["I", "II", "III", "IV"], n=[412, 301, 155, 141], os_5y=[0.91, 0.81, 0.55, 0.22]))  # fmt: skip
    yield "its", pack.csv(t(term=["level", "trend", "level_change", "trend_change"], estimate=[12.1, 0.03, -1.2, -0.02], se=[0.4, 0.01, 0.5, 0.01], p=[0.0, 0.01, 0.02, 0.05]))  # fmt: skip


def printed() -> Iterator[tuple[str, File]]:
    yield "glm", pack.log("""> summary(m)

Call:
glm(formula = dcd ~ age + sexe + charlson, family = binomial, data = d)

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept) -6.204311   0.088120 -70.407  < 2e-16 ***
age          0.051204   0.001204  42.528  < 2e-16 ***
sexe2       -0.112000   0.021000  -5.333 9.64e-08 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 31204  on 48209  degrees of freedom
Residual deviance: 27411  on 48206  degrees of freedom
AIC: 27419

Number of Fisher Scoring iterations: 6
""")  # fmt: skip
    yield "statsmodels", out("print(m.summary())", """                            OLS Regression Results
==============================================================================
Dep. Variable:                   cout   R-squared:                       0.312
No. Observations:               48210   AIC:                         9.151e+05
Df Residuals:                   48203   BIC:                         9.152e+05
Df Model:                           6
==============================================================================
                 coef    std err          t      P>|t|      [0.025      0.975]
------------------------------------------------------------------------------
const       1204.3110     18.120     66.463      0.000     1168.8       1239.8
age           12.1040      0.204     59.333      0.000       11.7         12.5
==============================================================================
Omnibus:                     4120.311   Durbin-Watson:                   2.001
""")  # fmt: skip
    yield "lmer", pack.log("Linear mixed model fit by REML\n\nRandom effects:\n Groups   Name        Variance Std.Dev.\n etab     (Intercept) 0.412    0.642\n Residual             4.120    2.030\nNumber of obs: 48210, groups:  etab, 212\n")  # fmt: skip
    yield (
        "chi2",
        pack.log("\n\tPearson's Chi-squared test\n\ndata:  tab\nX-squared = 31.204, df = 3, p-value = 7.71e-07\n"),
    )
    yield "stata", pack.log(""". tab stade deces, chi2

           |         deces
     stade |         0          1 |     Total
-----------+----------------------+----------
         I |       412         31 |       443
        II |       301         28 |       329
        IV |        88         42 |       130
-----------+----------------------+----------
     Total |       801        101 |       902

          Pearson chi2(2) =  61.2041   Pr = 0.000
""")  # fmt: skip
    yield "sas", pack.log("NOTE: There were 48210 observations read from the data set WORK.COHORTE.\nNOTE: The data set WORK.T1 has 12 observations and 4 variables.\nNOTE: PROCEDURE FREQ used (Total process time):\n      real time           0.04 seconds\n      cpu time            0.03 seconds\n")  # fmt: skip
    yield "slurm", pack.log("JobId=104512 Name=cox Partition=cpu\nStartTime=2024-03-01T10:02:11 Elapsed=00:03:12 Cores=4 Mem=16G\nState=COMPLETED ExitCode=0:0\n")  # fmt: skip
    yield "timing", out("run()", "100%|██████████| 5/5 [00:03<00:00,  1.61it/s]\nFold 1/5: AUC 0.812\nFold 2/5: AUC 0.804\nBest iteration: 212\nElapsed: 3.1 s\n")  # fmt: skip
    yield "freeze", pack.text("numpy==2.1.3\npandas==2.2.3\nlifelines==0.30.0\nscikit-learn==1.5.2\n")
    yield "session", pack.text("R version 4.3.1 (2023-06-16)\nPlatform: x86_64-pc-linux-gnu (64-bit)\n\nattached base packages:\n[1] stats     graphics  grDevices utils     datasets\n\nother attached packages:\n[1] survival_3.5-5 dplyr_1.1.2\n")  # fmt: skip
    yield "sql", ("query.sql", b"SELECT region, COUNT(DISTINCT patient_id) AS n\nFROM stays\nWHERE year BETWEEN 2015 AND 2022 AND age >= 18\nGROUP BY region\nHAVING COUNT(DISTINCT patient_id) >= 11;\n")  # fmt: skip
    yield "value_counts", pack.notebook(pack.cell("df.diag.value_counts().head(3)", pack.result({"text/plain": "diag\nI50      12044\nJ44       3110\nE11       2877\nName: count, dtype: int64"})))  # fmt: skip
    yield "class_report", out("print(classification_report(y, p))", "              precision    recall  f1-score   support\n\n           0       0.99      0.98      0.98      4120\n           1       0.44      0.50      0.47       812\n\n    accuracy                           0.92      4932\n   macro avg       0.72      0.74      0.73      4932\nweighted avg       0.90      0.90      0.90      4932\n")  # fmt: skip
    yield "lifelines", out("cph.print_summary()", "<lifelines.CoxPHFitter: fitted with 48210 total observations, 40012 right-censored observations>\n             duration col = 'duration'\n                event col = 'event'\n      baseline estimation = breslow\n   number of observations = 48210\nnumber of events observed = 8198\n---\n            coef exp(coef)  se(coef)  coef lower 95%  coef upper 95%\ncovariate\nage         0.04      1.04      0.00            0.04            0.04\nsexe       -0.11      0.90      0.02           -0.15           -0.07\n---\nConcordance = 0.71\n")  # fmt: skip
    yield "traceback", pack.notebook(pack.cell("df['age_class']", {"output_type": "error", "ename": "KeyError", "evalue": "'age_class'", "traceback": ["KeyError: 'age_class'"]}))  # fmt: skip
    yield "shape", pack.notebook(pack.cell("df.shape", pack.result({"text/plain": "(48210, 42)"})))
    yield "dtypes", pack.notebook(pack.cell("df.dtypes", pack.result({"text/plain": "sexe         int64\nage          int64\nentree      object\ncout       float64\ndtype: object"})))  # fmt: skip
    yield "test_suite", pack.log("collected 12 items\n\ntests/test_flags.py ......                 [ 50%]\ntests/test_rates.py ......                 [100%]\n\n12 passed in 0.41s\n")  # fmt: skip
    yield "polars", out("print(t)", "shape: (3, 2)\n┌────────────┬──────┐\n│ service    ┆ n    │\n│ ---        ┆ ---  │\n│ str        ┆ u32  │\n╞════════════╪══════╡\n│ Cardio     ┆ 1204 │\n│ Réa        ┆ 311  │\n│ Chirurgie  ┆ 612  │\n└────────────┴──────┘\n")  # fmt: skip
    yield "schoenfeld", pack.log("> cox.zph(m)\n         chisq df    p\nage       1.20  1 0.27\nstade     4.12  3 0.25\nGLOBAL    5.31  4 0.26\n")  # fmt: skip


def prose() -> Iterator[tuple[str, File]]:
    yield "methods", pack.markdown_prose("We used 5-fold cross-validation with 3 repeats. Exposure was defined as at least 2 dispensings within 90 days. Follow-up began 7 days after discharge and lasted 5 years. Two reviewers coded 4 groups of drugs (10 mg, 20 mg).")  # fmt: skip
    yield "results", pack.word_prose("Among 48,210 stays (41,204 patients), 8,198 deaths occurred within one year (17.0 %). The adjusted hazard ratio was 1.42 (95 % CI 1.35 to 1.49, p < 0.001).")  # fmt: skip
    yield "french", pack.text("La cohorte comprend 12 044 patients, d'âge moyen 63,1 ans (ET 12,2). Le délai médian était de 4 jours [2-9]. Au total, 3 modèles ont été comparés sur 2 horizons.\n")  # fmt: skip
    yield "plan", pack.markdown_prose("1. Describe the cohort\n2. Estimate the propensity score\n3. Match 1:2 without replacement\n4. Fit 3 Cox models\n5. Run 6 sensitivity analyses")  # fmt: skip
    yield "power", pack.latex_prose("With a two-sided alpha of 5 % and a power of 80 %, 412 patients per arm are needed to detect a difference of 3 points.")  # fmt: skip
    yield "card", pack.markdown_prose("Model version 1.3.0, trained on 31,204 stays from 2015 to 2020, tested on 8,812 stays of 2021. AUC 0.81. Layers: 3. Batch size: 8. Early stopping after 5 epochs.")  # fmt: skip
    yield "limits", pack.html_prose("This study has three limitations. First, only two regions were covered. Second, four variables had more than 10 % missing values. A third party funded the work.")  # fmt: skip
    yield "cites", pack.markdown_prose("Our results agree with Martin et al. (2019), Dupont and Le Gall (2021), and two earlier trials [3, 7, 12]. See Table 2 and Figure 4.")  # fmt: skip
    yield (
        "scale",
        pack.book_prose(
            "Pain was scored from 0 to 10; a score of 4 or more was severe. The CHA2DS2-VASc threshold was 2."
        ),
    )
    yield (
        "changes",
        pack.text(
            "1.2.0 (2024-03-01)\n- fix rounding in table 3\n- add 2 figures\n1.1.0 (2023-11-12)\n- first release\n"
        ),
    )
    yield "flow", pack.text("Stays assessed for eligibility (n = 4 913)\n  Excluded (n = 793)\n    - no linkage (n = 588)\n    - died before index date (n = 205)\nAnalysed (n = 4 120)\n")  # fmt: skip


def pictures() -> Iterator[tuple[str, File]]:
    x = np.linspace(0, 1, 60)

    def line(axes: Any) -> None:
        axes.plot(range(2010, 2022), [412, 420, 431, 440, 452, 449, 460, 471, 480, 402, 455, 470], marker="o")
        axes.set_ylabel("stays per 100,000")

    def forest(axes: Any) -> None:
        axes.errorbar([1.42, 1.11, 2.03], [0, 1, 2], xerr=0.1, fmt="s")
        axes.set_yticks([0, 1, 2], ["Age", "Male", "Charlson 3+"])
        axes.axvline(1)

    def roc(axes: Any) -> None:
        axes.plot(x, x**0.4, label="AUC = 0.81")
        axes.plot([0, 1], [0, 1], "--")
        axes.legend()

    def heat(axes: Any) -> None:
        values = [[1.0, 0.21, 0.18], [0.21, 1.0, 0.81], [0.18, 0.81, 1.0]]
        axes.imshow(values)
        for i, row in enumerate(values):
            for j, v in enumerate(row):
                axes.text(j, i, f"{v:.2f}", ha="center", color="white")

    def bars(axes: Any) -> None:
        axes.bar_label(axes.bar(["18-39", "40-64", "65+"], [1204, 3110, 8812]))
        axes.set_ylabel("patients")

    yield "line_png", pack.figure(line)
    yield "forest_png", pack.figure(forest)
    yield "roc_png", pack.figure(roc)
    yield "roc_svg", pack.figure(roc, "svg")
    yield "heat_png", pack.figure(heat)
    yield "bars_png", pack.figure(bars)
    yield "line_pdf", pack.figure(line, "pdf")
    yield "plotly_line", made({"data": [{"type": "scatter", "mode": "lines", "x": [2018, 2019, 2020, 2021], "y": [19.7, 20.1, 16.8, 18.9], "name": "rate per 1,000"}], "layout": {"title": {"text": "Incidence"}}})  # fmt: skip


def cases() -> Iterator[Case]:
    for group, part in (("table", tables), ("printed", printed), ("prose", prose), ("picture", pictures)):
        for name, file in part():
            yield safe(f"five-{name}", group, file)
    yield safe("five-request", "several", *(file for _, file in list(tables())[1:3]))
    yield safe("five-zip", "several", pack.zipped(*(f for _, f in list(prose())[:1]), pack.csv(t(region=["A", "B"], n=[412, 388]))))  # fmt: skip
