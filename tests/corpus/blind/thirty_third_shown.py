"""Thirty-third batch: safe figures, charts, notebooks, reports and logs."""

import io
import json
from typing import Any

import altair as alt
import docx
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from lifelines import KaplanMeierFitter
from scipy import stats
from sklearn.metrics import auc, roc_curve

from . import pack
from .case import Case, File, safe
from .thirty_first_cohort import executed
from .thirty_third_tables import STAGES, K

rng = np.random.default_rng(3303)
LETTER = """Madame, Monsieur,

Veuillez trouver ci-joint les résultats agrégés de l'étude NEPHRO-ÂGE (protocole version 2.3 du 8 février 2023), à savoir 3 tableaux et 2 figures. L'étude porte sur 18 000 personnes suivies dans 12 centres ; 612 ont commencé une dialyse et 1 403 sont décédées au cours des 4 années de suivi.

Aucune cellule ne compte moins de 11 personnes. Les données ont été analysées par deux statisticiens, et les programmes relus par un troisième.

Cordialement,
L'équipe de biostatistique
"""
ABSTRACT = r"""\documentclass{article}
\usepackage{booktabs}
\begin{document}
\section*{Abstract}
\textbf{Background.} Chronic kidney disease affects about 10\,\% of adults. \textbf{Methods.} We followed 18\,000 adults in 12 centres for up to 48 months. Cause-specific Cox models were adjusted for age, sex and 5 comorbidities; splines had 4 knots. \textbf{Results.} Median age was 66 years (IQR 57--75); 3\,312 events occurred (5.1 per 100 person-years, 95\,\% CI 4.9--5.3). The hazard ratio for stage G4 was 2.31 (1.98--2.70). \textbf{Conclusion.} Results held in 3 of 4 sensitivity analyses.
\begin{tabular}{lrrr}
\toprule
Stage & $n$ & Events & Rate (95\,\% CI) \\
\midrule
G1--G2 & 4{,}545 & 402 & 2.4 (2.2--2.7) \\
G3a & 4{,}957 & 711 & 3.9 (3.6--4.2) \\
G3b & 4{,}273 & 902 & 5.8 (5.4--6.2) \\
G4--G5 & 4{,}225 & 1{,}297 & 9.1 (8.6--9.6) \\
\bottomrule
\end{tabular}
\end{document}
"""
PIPELINE = """$ make report
[1/6] python src/extract.py --since 2019-01-01        ok (41.2 s)
[2/6] python src/clean.py                             ok (8.9 s)
[3/6] python src/match.py --ratio 4 --caliper 0.2     ok (112.0 s)
[4/6] python src/model.py --folds 5                   ok (37.4 s)
[5/6] python src/figures.py                           ok (6.1 s)
[6/6] quarto render report.qmd                        ok (12.8 s)
18000 persons read, 17946 kept (54 without a date of visit)
pytest: 87 passed, 2 skipped, 1 xfailed in 14.02s
WARNING matplotlib: 3 glyphs missing from font
"""
QMD = """---
title: "Kidney outcomes"
format: html
execute: {echo: false}
params: {min_cell: 11, year: 2022}
---

## Setup

```{r}
#| label: setup
library(survival); library(gtsummary)
d <- arrow::read_parquet("data/ckd.parquet")
stopifnot(nrow(d) > 1000, !anyNA(d$stage))
```

```{python}
import pandas as pd
table = pd.crosstab(d.stage, d.sex)
table = table.mask(table < 11)
```

We use 2 imputations in the draft and 20 in the final run. See @tbl-one and @fig-km.
"""
BIB = """@article{heerspink2020,
  title = {Dapagliflozin in Patients with Chronic Kidney Disease},
  author = {Heerspink, Hiddo J. L. and Stef{\\'a}nsson, Bergur V. and others},
  journal = {New England Journal of Medicine},
  volume = {383}, number = {15}, pages = {1436--1446}, year = {2020},
  doi = {10.1056/NEJMoa2024816}
}
"""
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "ckd", "type": "object", "properties": {"age": {"type": "integer", "minimum": 18, "maximum": 110}, "stage": {"enum": STAGES}, "sex": {"enum": ["F", "M"]}, "albumin": {"type": "number", "minimum": 0}}, "required": ["age", "stage"]}  # fmt: skip


def at_risk(ax: Any) -> None:
    """Curves above a table of the numbers at risk."""
    fits = [KaplanMeierFitter(label=s).fit(g.months, g.status > 0) for s, g in K.groupby("sex")]
    for fit in fits:
        fit.plot_survival_function(ax=ax)
    ax.set(xlabel="Months", ylabel="Event-free survival", ylim=(0, 1))
    ticks = [0, 12, 24, 36]
    ax.set_xticks(ticks)
    rows = [[str(int((g.months > t).sum())) for t in ticks] for _, g in K.groupby("sex")]
    ax.table(rows, rowLabels=["F, at risk", "M, at risk"], bbox=(0, -0.42, 0.8, 0.2), edges="open")
    ax.figure.subplots_adjust(bottom=0.32, left=0.2)


def volcano(ax: Any) -> None:
    """One mark per protein."""
    change, p = rng.normal(0, 0.4, 300), rng.exponential(0.9, 300)
    ax.scatter(change, p, s=8, c=np.where(p > 2, "crimson", "grey"))
    ax.axhline(2, ls="--", color="k", lw=0.7)
    ax.set(xlabel="log2 fold change of 300 proteins", ylabel="-log10 p", title="Volcano plot of proteins")


def funnel(ax: Any) -> None:
    """Centres with control limits."""
    n = K.groupby("centre").size().to_numpy()
    x = np.linspace(1400, 1620, 50)
    ax.plot(n, 100 * K.groupby("centre").raas.mean(), "o")
    for z, style in ((1.96, "--"), (3.09, ":")):
        for sign in (-1, 1):
            ax.plot(x, 57.7 + sign * z * 100 * np.sqrt(0.577 * 0.423 / x), style, color="grey")
    ax.set(xlabel="Patients per centre", ylabel="On RAAS inhibitors (%)", title="Funnel plot of 12 centres")


def violin(ax: Any) -> None:
    ax.violinplot([K.sbp[K.stage == s].clip(100, 175) for s in STAGES], showextrema=False, showmedians=True)
    ax.set_xticks(range(1, 7), STAGES)
    ax.set(xlabel="Stage", ylabel="Systolic pressure (mmHg)")


def grouped(ax: Any) -> None:
    made = pd.crosstab(K.stage, K.sex)
    made.plot.bar(ax=ax, rot=0, color=["#bc5090", "#003f5c"])
    for bars in ax.containers:
        ax.bar_label(bars, fontsize=7)
    ax.set(ylabel="Patients", xlabel="Stade")


def two_axes(ax: Any) -> None:
    years = range(2013, 2023)
    ax.bar(years, [1210, 1254, 1302, 1349, 1401, 1422, 1467, 1388, 1490, 1533], color="lightgrey")
    ax.set_ylabel("Patients dialysés")
    other = ax.twinx()
    other.plot(years, [31.2, 31.0, 30.5, 30.1, 29.8, 29.1, 28.7, 28.9, 28.0, 27.4], "o-", color="firebrick")
    other.set_ylabel("Décès pour 100 patients-années")


def curves(ax: Any) -> None:
    y = (rng.random(6000) < 0.2).astype(int)
    for name, gap in (("Creatinine", 1.2), ("Cystatin C", 1.6)):
        fpr, tpr, _ = roc_curve(y, np.round(rng.normal(gap * y, 1, 6000), 1))
        ax.plot(fpr, tpr, label=f"{name}, AUC {auc(fpr, tpr):.2f}")
    ax.plot([0, 1], [0, 1], color="grey", lw=0.8)
    ax.set(xlabel="False positive rate", ylabel="True positive rate")
    ax.legend()


def quantiles(ax: Any) -> None:
    """A normal quantile plot at the 99 percentiles of 18,000 values."""
    at = np.arange(0.01, 1, 0.01)
    ax.plot(stats.norm.ppf(at), np.quantile(K.sbp, at), lw=2)
    ax.set(xlabel="Normal quantiles", ylabel="Quantiles of systolic pressure (n = 18,000)")


def pages() -> dict[str, File]:
    counts = pd.crosstab(K.stage, K.sex).reset_index().melt("stage", value_name="patients")
    sun = px.treemap(counts, path=["sex", "stage"], values="patients")
    pie = px.pie(counts[counts.sex == "F"], names="stage", values="patients", hole=0.4)
    lines = go.Figure([go.Scatter(x=list(range(0, 49, 6)), y=np.round(np.exp(-np.arange(0, 49, 6) / scale), 3).tolist(), name=name, line_shape="hv") for name, scale in (("G3", 120), ("G4", 70))])  # fmt: skip
    bars = alt.Chart(counts).mark_bar().encode(x="sum(patients):Q", y="stage:N", color="sex:N")
    text = alt.Chart(counts).mark_rect().encode(x="sex:N", y="stage:N", color="patients:Q") + alt.Chart(counts).mark_text().encode(x="sex:N", y="stage:N", text="patients:Q")  # fmt: skip
    return {"treemap": ("treemap.html", sun.to_html(include_plotlyjs="cdn").encode()), "donut": ("donut.html", pie.to_html(include_plotlyjs="cdn").encode()), "steps": ("steps.html", lines.to_html(include_plotlyjs="cdn").encode()), "stacked_altair": ("bars.html", bars.to_html().encode()), "texts_altair": ("texts.html", text.to_html().encode())}  # fmt: skip


def books() -> dict[str, File]:
    first = executed(
        "#%md # Descriptive analysis\n\nPopulation: adults with an eGFR at inclusion.",
        "import pandas as pd\nimport numpy as np\nimport matplotlib.pyplot as plt\nlen(K)",
        "K.stage.value_counts().sort_index()",
        "K.groupby('stage')[['age', 'sbp']].agg(['mean', 'std']).round(1)",
        "K.groupby('sex').dialysis.agg(['sum', 'count', 'mean'])",
        "pd.cut(K.age, [0, 50, 60, 70, 80, 120]).value_counts(sort=False)",
        "fig, ax = plt.subplots()\nax.hist(K.age, bins=range(40, 95, 5), edgecolor='white')\nax.set(xlabel='Age', ylabel='Patients')\nplt.close(fig)\nfig",
        "K[['age', 'sbp', 'albumin']].corr(method='spearman').style.format(precision=2)",
        name="describe.ipynb", K=K,
    )  # fmt: skip
    second = executed(
        "import statsmodels.formula.api as smf\nfit = smf.ols('np.log(albumin) ~ age + C(stage) + diabetes', K).fit()\nprint(fit.summary())",
        "fit.rsquared, fit.nobs",
        "from sklearn.ensemble import RandomForestClassifier\nfrom sklearn.model_selection import GridSearchCV\nX = K[['age', 'sbp', 'diabetes', 'albumin']]\nsearch = GridSearchCV(RandomForestClassifier(10, random_state=0, min_samples_leaf=50), {'max_depth': [3, 5]}, cv=3, scoring='roc_auc').fit(X, K.dialysis)\nsearch.best_params_, round(search.best_score_, 3)",
        "pd.DataFrame(search.cv_results_)[['param_max_depth', 'mean_test_score', 'std_test_score', 'rank_test_score']].round(4)",
        "search.best_estimator_",
        "pd.Series(search.best_estimator_.feature_importances_, X.columns).sort_values(ascending=False).round(3)",
        "import sys, sklearn\nprint('python', sys.version.split()[0])\nfor m in (np, pd, sklearn):\n    print(m.__name__, m.__version__)",
        name="model.ipynb", K=K, np=np, pd=pd,
    )  # fmt: skip
    return {"describe_book": first, "model_book": second}


def minutes() -> File:
    """The minutes of a meeting."""
    made, out = docx.Document(), io.BytesIO()
    made.add_heading("Compte rendu du comité scientifique du 12 mai 2023", 1)
    made.add_paragraph("Présents : 7 membres sur 9. Excusés : 2. Durée : 1 h 30.")
    for line in (
        "Le plan d'analyse (version 3) est adopté à l'unanimité moins une abstention.",
        "Quatre analyses de sensibilité seront ajoutées, dont une sans les 3 centres ouverts en 2021.",
        "La soumission est prévue dans 6 semaines ; 2 relectures externes sont demandées.",
    ):
        made.add_paragraph(line, style="List Bullet")
    made.save(out)
    return "compte_rendu.docx", out.getvalue()


DRAWN = {"at_risk": at_risk, "volcano": volcano, "funnel": funnel, "violin": violin, "grouped": grouped, "two_axes": two_axes, "curves": curves, "quantiles": quantiles}  # fmt: skip


def cases() -> list[Case]:
    """The shown part of the batch."""
    files: dict[str, File] = {f"{name}_png": pack.figure(draw, size=(7, 5)) for name, draw in DRAWN.items()}
    files |= {
        "grouped_svg": pack.figure(grouped, "svg"),
        "two_axes_pdf": pack.figure(two_axes, "pdf"),
        "curves_svg": pack.figure(curves, "svg"),
        "at_risk_pdf": pack.figure(at_risk, "pdf", (7, 5)),
    }
    files |= {"letter": ("lettre.txt", LETTER.encode()), "letter_docx": pack.word(pd.DataFrame(), *LETTER.strip().split("\n\n")), "abstract": ("abstract.tex", ABSTRACT.encode()), "pipeline": ("make.log", PIPELINE.encode()), "qmd": ("report.qmd", QMD.encode()), "bib": ("refs.bib", BIB.encode()), "schema": ("schema.json", json.dumps(SCHEMA, indent=1).encode()), "minutes": minutes()}  # fmt: skip
    files |= {**pages(), **books()}
    return [safe(f"thirty_three_{name}", "shown", file) for name, file in files.items()]
