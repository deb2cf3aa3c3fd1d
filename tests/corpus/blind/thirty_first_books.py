"""Thirty-first batch: notebooks, run by IPython, and a folder of ACRO."""

import json

import pandas as pd

from .case import Case, File, safe
from .thirty_first_cohort import B, executed, report


def books() -> dict[str, File]:
    """Notebooks with their outputs, and one without."""
    aggregates = executed(
        "#%md # Births 2016-2021\n\nTables for the yearly report. Cells of fewer than **11** births would be masked.",
        "import pandas as pd\nB.shape",
        "B.groupby(['department', 'year']).size().unstack()",
        "pd.crosstab(B.level, B.parity, margins=True)",
        "B.groupby('age_group', observed=True)[['preterm', 'caesarean', 'smoker']].mean().mul(100).round(1).style.format('{:.1f} %').background_gradient(cmap='Blues')",
        "(B.caesarean.groupby(B.year).mean() * 100).round(1).rename('caesarean_pct')",
        "B.smoker.value_counts(normalize=True).round(3)",
        name="tables.ipynb", B=B,
    )  # fmt: skip
    modelled = executed(
        "#%md ## Poisson models\nRobust standard errors ($\\hat{V}_{HC1}$).",
        "import statsmodels.formula.api as smf, statsmodels.api as sm\nfit = smf.glm('preterm ~ smoker + gestational_diabetes + bmi', B, family=sm.families.Poisson()).fit(cov_type='HC1')\nfit.summary()",
        "import numpy as np, pandas as pd\npd.DataFrame({'RR': np.exp(fit.params), 'low': np.exp(fit.conf_int()[0]), 'high': np.exp(fit.conf_int()[1])}).round(2)",
        "print(f'AIC = {fit.aic:.1f}, deviance = {fit.deviance:.1f} on {fit.df_resid:.0f} degrees of freedom')",
        "from statsmodels.stats.anova import anova_lm\nanova_lm(smf.ols('weight ~ C(level) + smoker', B).fit(), typ=2).round(3)",
        "from scipy import stats\nstats.ttest_ind(B.weight[B.smoker == 1], B.weight[B.smoker == 0], equal_var=False)",
        name="models.ipynb", B=B,
    )  # fmt: skip
    learned = executed(
        "from sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_val_score, train_test_split\nfrom sklearn.metrics import classification_report, confusion_matrix, roc_auc_score\nfrom sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nX = B[['smoker', 'gestational_diabetes', 'bmi', 'weeks']]\nX_train, X_test, y_train, y_test = train_test_split(X, B.small, test_size=.3, random_state=0)\nX_train.shape, X_test.shape",
        "pipe = make_pipeline(StandardScaler(), LogisticRegression(class_weight='balanced'))\npipe.fit(X_train, y_train)",
        "print(classification_report(y_test, pipe.predict(X_test)))",
        "confusion_matrix(y_test, pipe.predict(X_test))",
        "scores = cross_val_score(pipe, X, B.small, cv=5, scoring='roc_auc')\nprint(scores.round(3), f'{scores.mean():.3f} +/- {scores.std():.3f}')",
        "pipe[-1].coef_.round(2)",
        name="prediction.ipynb", B=B,
    )  # fmt: skip
    drawn = executed(
        "import matplotlib.pyplot as plt\nB['year'].value_counts().sort_index()",
        "fig, ax = plt.subplots(figsize=(6, 4))\nB.groupby('year').caesarean.mean().mul(100).plot.bar(ax=ax, rot=0, ylabel='%', title='Caesarean sections')\nplt.close(fig)\nfig",
        "from lifelines import CoxPHFitter\nimport numpy as np\nrng = np.random.default_rng(0)\nD = B[['smoker', 'bmi', 'girl']].assign(weeks=np.ceil(rng.exponential(16, len(B))).clip(1, 26), stopped=1)\ncph = CoxPHFitter().fit(D, 'weeks', 'stopped')\ncph.print_summary(decimals=2)",
        "cph.concordance_index_",
        name="figures.ipynb", B=B,
    )  # fmt: skip
    polled = executed(
        "#%md # Exploration du registre",
        "B.dtypes",
        "B.isna().mean().mul(100).round(1)",
        "B[['mother_age', 'bmi', 'weeks', 'weight']].describe(percentiles=[.1, .5, .9]).drop(['min', 'max']).round(1)",
        "for year, part in B.groupby('year'):\n    print(f'{year}: {len(part)} naissances, {part.preterm.mean():.1%} prématurées')",
        "import duckdb\nduckdb.sql('SELECT level, count(*) AS n, round(avg(weight)) AS weight FROM B GROUP BY level ORDER BY level').df()",
        name="exploration.ipynb", B=B,
    )  # fmt: skip
    bare = executed(
        "#%md # Pipeline\n1. load\n2. clean\n3. fit",
        "#%md See `src/births.py`, lines 40-72, and issue #12.",
        "x = 1",
        name="pipeline.ipynb",
    )
    bare = (
        bare[0],
        bare[1].replace(
            b'"x = 1"',
            b'"import sys\\n\\ndef main(path: str, folds: int = 5, min_cell: int = 11) -> None:\\n    \\"\\"\\"Mask what is under 11.\\"\\"\\"\\n    counts = load(path).groupby([\'level\', \'year\']).size()\\n    counts[counts < min_cell] = None\\n    counts.to_csv(\'out/counts.csv\')"',
        ),
    )
    return {
        "aggregates": aggregates,
        "modelled": modelled,
        "learned": learned,
        "drawn": drawn,
        "polled": polled,
        "bare": bare,
    }


def acro() -> tuple[File, ...]:
    """A folder of ACRO: a frequency table with its status."""
    table = pd.crosstab(B.year, B.level)
    made = {"output_0": {"uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"}, "files": [{"name": "output_0_0.csv", "sdc": {"summary": {"suppressed": False, "negative": 0, "missing": 0, "threshold": 0, "p-ratio": 0, "nk-rule": 0, "all-values-are-same": 0}, "cells": {"negative": [], "missing": [], "threshold": [], "p-ratio": [], "nk-rule": [], "all-values-are-same": []}}}], "outcome": {str(level): dict.fromkeys(map(str, table.index), "ok") for level in table}, "command": "acro.crosstab(births.year, births.level)", "summary": "pass", "timestamp": "2022-04-04T10:15:32.118204", "comments": ["Births by year and level of care"], "exception": ""}}  # fmt: skip
    return ("acro_outputs/results.json", json.dumps({"version": "0.4.8", "results": made}, indent=4).encode()), (
        "acro_outputs/output_0_0.csv",
        report(table)[1],
    )


def cases() -> list[Case]:
    """The notebooks of the batch."""
    found = [safe(f"thirty_one_{name}_book", "books", file) for name, file in books().items()]
    return [*found, safe("thirty_one_acro", "several", *acro())]
