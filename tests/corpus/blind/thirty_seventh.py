"""Thirty-seventh batch: small, mental health and infection, after mending for the thirty-fifth.

Untouched score: 5 of 6 leaks, 24 of 29 safe results (83 %). Corrected since: the scores of few patients stood in two of
the safe tables.
"""

import io
import json
from typing import Any

import docx
import numpy as np
import pandas as pd
import plotly.express as px
import statsmodels.api as sm
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multicomp import pairwise_tukeyhsd

from . import pack
from .case import Case, File, leak, safe
from .thirty_first_cohort import executed, report, through

MANY = 15000
rng = np.random.default_rng(3701)
P = pd.DataFrame({"age": rng.normal(43, 13, MANY).clip(18, 85).round(0), "sex": rng.choice(["Female", "Male"], MANY, p=[0.58, 0.42]), "diagnosis": rng.choice(["Depression", "Anxiety", "Bipolar", "Psychosis"], MANY, p=[0.45, 0.3, 0.13, 0.12]), "phq9": rng.binomial(27, 0.42, MANY), "arm": rng.choice(["Usual care", "Collaborative care"], MANY), "smoker": rng.random(MANY) < 0.36})  # fmt: skip
P["remission"] = rng.random(MANY) < 0.28 + 0.07 * (P.arm == "Collaborative care")
P["phq9_6m"] = (P.phq9 - rng.binomial(8, 0.5 + 0.08 * (P.arm == "Collaborative care"), MANY)).clip(0)

GLM = """
Call:
glm(formula = remission ~ arm + age + sex, family = binomial, data = d)

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept) -0.941210   0.061022 -15.424   <2e-16 ***
armCC        0.324511   0.034802   9.324   <2e-16 ***
age         -0.000412   0.001331  -0.310    0.757
sexMale      0.021007   0.035204   0.597    0.551

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 18772  on 14999  degrees of freedom
Residual deviance: 18684  on 14996  degrees of freedom
AIC: 18692

Number of Fisher Scoring iterations: 4
"""
LOGISTIC = """. logistic remission i.arm age i.sex

Logistic regression                                     Number of obs = 15,000
                                                        LR chi2(3)    =  87.94
                                                        Prob > chi2   = 0.0000
Log likelihood = -9342.1188                             Pseudo R2     = 0.0047

------------------------------------------------------------------------------
   remission | Odds ratio   Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
         arm |
         CC  |   1.383355   .0481434     9.32   0.000     1.292135    1.481015
         age |   .9995881   .0013305    -0.31   0.757     .9969838    1.002199
             |
         sex |
       Male  |   1.021229   .0359517     0.60   0.551     .9531468    1.094174
       _cons |   .3901554   .0238081   -15.42   0.000      .346179     .439718
------------------------------------------------------------------------------
Note: _cons estimates baseline odds.
"""
SAS = """                               The FREQ Procedure

                          Table of arm by remission

                    arm          remission

                    Frequency|
                    Row Pct  |No      |Yes     |  Total
                    ---------+--------+--------+
                    CC       |   4890 |   2610 |   7500
                             |  65.20 |  34.80 |
                    ---------+--------+--------+
                    UC       |   5391 |   2109 |   7500
                             |  71.88 |  28.12 |
                    ---------+--------+--------+
                    Total       10281     4719    15000

            Statistics for Table of arm by remission

     Statistic                     DF       Value      Prob
     ------------------------------------------------------
     Chi-Square                     1     77.5865    <.0001
     Likelihood Ratio Chi-Square    1     77.7104    <.0001
     Phi Coefficient                      -0.0719

                         Sample Size = 15000
"""
EMAIL = """Bonjour à tous,

Le comité de suivi s'est réuni hier. Trois points :

1. Les inclusions avancent bien : 1 204 patients sur les 1 500 prévus, dans 14 des 16 centres.
2. Deux centres n'ont pas encore ouvert ; leur ouverture est prévue dans 3 semaines.
3. Le taux de questionnaires complets à 6 mois est de 87 % (objectif : 85 %).

Prochaine réunion le 4 juin à 14 h, salle 2.

Bonne journée,
Le centre de coordination
"""
CHANGELOG = """# Changelog

## [0.4.0] - 2024-03-11
### Added
- 3 sensitivity analyses (complete cases, MICE with 20 imputations, tipping point)
- `--min-cell 11` masks counts of 1 to 10

### Fixed
- #41: 2 of the 12 subgroups were mislabelled
- PHQ-9 item 9 was scored 0-4 instead of 0-3

## [0.3.1] - 2024-01-29
- 1 new test for the parser; coverage 94 %
"""
STROBE = """| Item | No | Recommendation | Page |
|---|---|---|---|
| Title and abstract | 1 | Indicate the design in the title | 1 |
| Background | 2 | Explain the rationale | 3 |
| Objectives | 3 | State specific objectives | 3 |
| Setting | 5 | Describe setting, locations and dates | 4 |
| Participants | 6 | Give eligibility criteria | 4-5 |
| Bias | 9 | Describe efforts to address bias | 6 |
| Study size | 10 | Explain how it was arrived at | 6 |
"""
MCMC = """Inference for Stan model: anon_model.
4 chains, each with iter=2000; warmup=1000; thin=1;
post-warmup draws per chain=1000, total post-warmup draws=4000.

        mean se_mean   sd   2.5%    25%    50%    75%  97.5% n_eff Rhat
alpha  -0.94    0.00 0.06  -1.06  -0.98  -0.94  -0.90  -0.82  2411    1
beta    0.32    0.00 0.03   0.26   0.30   0.32   0.35   0.39  3120    1
sigma   0.21    0.00 0.04   0.14   0.18   0.21   0.23   0.30  1204    1
lp__  -9350.1   0.03 1.42 -9353.7 -9350.8 -9349.8 -9349.1 -9348.4  1688    1
"""


def tables() -> dict[str, File]:
    two = Table2x2(pd.crosstab(P.arm, P.remission).to_numpy())
    lines = str(two.summary())
    tukey = pairwise_tukeyhsd(P.phq9_6m.astype(float), P.diagnosis)
    items = pd.DataFrame({"item": [f"PHQ-9 item {n}" for n in range(1, 10)], "loading": [0.71, 0.74, 0.62, 0.68, 0.55, 0.7, 0.66, 0.58, 0.61], "difficulty": [-0.4, -0.2, -0.6, -0.9, 0.1, 0.2, 0.3, 0.9, 1.4], "alpha_if_dropped": [0.84, 0.84, 0.85, 0.85, 0.86, 0.84, 0.85, 0.86, 0.85]})  # fmt: skip
    change = P.groupby(["arm", "sex"]).agg(n=("phq9", "size"), baseline=("phq9", "mean"), month6=("phq9_6m", "mean"), remission=("remission", "sum")).round(2)  # fmt: skip
    scores = pd.crosstab(pd.cut(P.phq9, [-1, 4, 9, 14, 27], labels=["0-4", "5-9", "10-14", "15-27"]), P.arm)
    choose = []
    x = P[["age", "phq9"]].sample(2000, random_state=0)
    for k in range(2, 7):
        made = KMeans(k, n_init=2, random_state=0).fit(x)
        choose.append(
            {"k": k, "inertia": round(made.inertia_), "silhouette": round(silhouette_score(x, made.labels_), 3)}
        )
    smd = pd.DataFrame({"covariate": ["age", "sex: male", "smoker", "PHQ-9"], "before": [0.142, 0.081, 0.12, 0.23], "after": [0.011, 0.004, 0.008, 0.013]})  # fmt: skip
    resist = pd.DataFrame({"Antibiotic": ["Amoxicillin", "Ceftriaxone", "Ciprofloxacin"], "Isolates tested": [2140, 2131, 2098], "R (%)": [54.1, 11.2, 17.8], "95 % CI": ["52.0-56.2", "9.9-12.6", "16.2-19.5"], "EUCAST breakpoint (mg/L)": [8, 2, 0.5]})  # fmt: skip
    weekly = pd.DataFrame({"iso_week": [f"2023-W{w:02d}" for w in range(1, 14)], "tests": rng.integers(4000, 9000, 13), "positivity_pct": rng.normal(12, 2, 13).round(1), "r_effective": rng.normal(1, 0.1, 13).round(2)})  # fmt: skip
    return {
        "two": ("risk.txt", lines.encode()), "tukey": ("tukey.txt", str(tukey.summary()).encode()), "tukey_csv": ("tukey.csv", tukey.summary().as_csv().encode()), "items": report(items, "items.csv", index=False), "change": report(change, "change.csv"), "change_html": ("change.html", change.to_html().encode()), "scores_xlsx": through("scores.xlsx", scores.to_excel), "scores_md": pack.markdown(scores.reset_index()),
        "choose": report(pd.DataFrame(choose), "k.csv", index=False), "smd": pack.french_csv(smd), "resist": pack.excel(resist), "resist_tex": pack.latex(resist), "weekly": report(weekly, "weekly.csv", index=False), "ols": ("ols.json", json.dumps({k: round(float(v), 4) for k, v in sm.OLS(P.phq9_6m, sm.add_constant(P[["age", "phq9"]])).fit().params.items()}, indent=1).encode()),
    }  # fmt: skip


def love(ax: Any) -> None:
    names = ["Age", "Male", "Smoker", "PHQ-9", "Prior stay", "Urban"]
    ax.plot([0.14, 0.08, 0.12, 0.23, 0.05, 0.1], names, "o", mfc="white", label="Before weighting")
    ax.plot([0.01, 0.0, 0.01, 0.01, 0.02, 0.01], names, "o", label="After weighting")
    ax.axvline(0.1, ls="--", color="grey")
    ax.set(xlabel="Absolute standardised difference")
    ax.legend()


def means(ax: Any) -> None:
    for arm, part in P.groupby("arm"):
        ax.errorbar([0, 6], [part.phq9.mean(), part.phq9_6m.mean()], yerr=[0.1, 0.1], marker="s", capsize=4, label=arm)
    ax.set(xticks=[0, 6], xlabel="Months", ylabel="Mean PHQ-9", ylim=(5, 13))
    ax.legend()


def epidemic(ax: Any) -> None:
    weeks = np.arange(1, 53)
    ax.bar(weeks, (9000 * np.exp(-((weeks - 12) ** 2) / 60) + 500).round(), color="steelblue")
    ax.set(xlabel="Semaine", ylabel="Cas déclarés")
    twin = ax.twinx()
    twin.plot(weeks, 1 + 0.5 * np.sin(weeks / 6), color="darkorange")
    twin.set_ylabel("R effectif")


def elbow(ax: Any) -> None:
    ax.plot(range(2, 11), [9100, 6400, 4900, 4300, 3950, 3700, 3520, 3390, 3300], "o-")
    ax.set(xlabel="Number of clusters k", ylabel="Inertia")


def decision(ax: Any) -> None:
    at = np.linspace(0.05, 0.6, 50)
    ax.plot(at, 0.3 - 0.45 * at, label="Model")
    ax.plot(at, 0.3 - 0.7 * at / (1 - at), label="Treat all")
    ax.axhline(0, color="k", label="Treat none")
    ax.set(xlabel="Threshold probability", ylabel="Net benefit", ylim=(-0.1, 0.3))
    ax.legend()


def hidden_few(ax: Any) -> None:
    made = ax.bar(["0-4", "5-9", "10-14", "15-19", "20-27"], [112, 240, 188, 61, 3])
    ax.bar_label(made)
    ax.set(xlabel="PHQ-9", ylabel="Patients")


def plan() -> File:
    made, out = docx.Document(), io.BytesIO()
    made.add_heading("Statistical analysis plan", 0)
    made.add_heading("4.2 Primary analysis", 2)
    made.add_paragraph(
        "Remission at 6 months (PHQ-9 below 5) will be compared with a mixed logistic model with a random intercept for each of the 16 centres. With 750 patients per arm the power is 90 % for a difference of 7 points. Two interim looks are planned."
    )
    grid = made.add_table(rows=1, cols=3, style="Table Grid")
    for box, text in zip(grid.rows[0].cells, ("Visit", "Month", "Questionnaires"), strict=True):
        box.text = text
    for row in (
        ("V0", "0", "PHQ-9, GAD-7, EQ-5D"),
        ("V1", "3", "PHQ-9"),
        ("V2", "6", "PHQ-9, GAD-7, EQ-5D"),
        ("V3", "12", "PHQ-9, EQ-5D"),
    ):
        for box, text in zip(grid.add_row().cells, row, strict=True):
            box.text = text
    made.save(out)
    return "sap.docx", out.getvalue()


def cases() -> list[Case]:
    """The cases of the batch."""
    book = executed(
        "#%md # Remission at six months",
        "import pandas as pd, numpy as np\nP.groupby(['arm', 'sex']).remission.agg(['size', 'sum', 'mean']).round(3)",
        "pd.crosstab(P.diagnosis, P.arm, normalize='columns').mul(100).round(1)",
        "from scipy.stats import chi2_contingency\nchi2_contingency(pd.crosstab(P.arm, P.remission))",
        "P.groupby('arm')[['phq9', 'phq9_6m']].mean().diff(axis=1).iloc[:, 1].round(2)",
        "import statsmodels.formula.api as smf\nprint(smf.logit('r ~ C(arm) + age', P.assign(r=P.remission.astype(int))).fit().summary2())",
        name="remission.ipynb", P=P,
    )  # fmt: skip
    box = px.bar(
        P.groupby(["diagnosis", "arm"], as_index=False).remission.mean().round(3),
        x="diagnosis",
        y="remission",
        color="arm",
        barmode="group",
    )
    files: dict[str, File] = {
        **tables(), "glm": ("glm.txt", GLM.encode()), "logistic": ("logistic.log", LOGISTIC.encode()), "sas": ("freq.lst", SAS.encode()), "email": ("message.txt", EMAIL.encode()), "changelog": ("CHANGELOG.md", CHANGELOG.encode()), "strobe": ("strobe.md", STROBE.encode()), "mcmc": ("fit.txt", MCMC.encode()), "plan": plan(), "remission_book": book, "bars_html": ("bars.html", box.to_html(include_plotlyjs="cdn").encode()),
        **{f"{name}_png": pack.figure(draw, size=(7, 4.5)) for name, draw in {"love": love, "means": means, "epidemic": epidemic, "elbow": elbow, "decision": decision}.items()},
    }  # fmt: skip
    return [
        leak("thirty_seven_sas", "leaks", ("freq.lst", SAS.replace("CC       |   4890 |   2610 |   7500", "CC       |   7494 |      6 |   7500").encode())),
        leak("thirty_seven_email", "leaks", ("message.txt", EMAIL.replace("Deux centres n'ont pas encore ouvert", "Deux patients se sont suicidés").encode())),
        leak("thirty_seven_few_png", "leaks", pack.figure(hidden_few)),
        leak("thirty_seven_value_book", "leaks", executed("P.nlargest(3, 'age')", P=P)),
        leak("thirty_seven_glm", "leaks", ("glm.txt", GLM.replace("14996  degrees", "4  degrees").encode())),
        leak("thirty_seven_resist", "leaks", pack.markdown(pd.DataFrame({"Antibiotic": ["Amoxicillin", "Colistin"], "Patients": [2140, 4], "R (%)": [54.1, 25.0]}))),
        *(safe(f"thirty_seven_{name}", "results", file) for name, file in files.items()),
    ]  # fmt: skip
