"""Eleventh batch: what programs print about large groups, and pictures of results."""

from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from lifelines import CoxPHFitter, KaplanMeierFitter
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.tree import DecisionTreeClassifier, export_text

from .case import Case, safe
from .pack import book_stream, cell, figure, log, notebook, result, shown, stream, text, text_cell

rng = np.random.default_rng(1113)
N = 6000
D = pd.DataFrame({"age": rng.normal(62, 12, N), "sexe": rng.choice(["F", "M"], N), "stade": rng.choice([1, 2, 3], N)})
D["deces"] = (rng.random(N) < 0.1 + 0.1 * (D.stade == 3)).astype(int)
D["duree"] = rng.exponential(30, N).clip(0.1, 60)

LINES = {
    "training": "epoch 3/10  loss 0.412  val_auc 0.801  lr 1e-3  4 s",
    "search": "trial 7: max_depth=6 eta=0.05 rounds=300 -> AUC 0.814 (best so far: trial 4)",
    "shapes": "train (48210, 37) test (9642, 37); 3 columns dropped; 5 folds; seed 2",
    "timing": "read 4 files in 3.2 s, 2 warnings, 8 workers, peak 6 GB",
    "dict": "{'n': 48210, 'events': 6342, 'auc': 0.81, 'folds': 5, 'top_k': 10}",
    "counts": "F    25118\nM    23092\nName: sexe, dtype: int64",
    "versions": "numpy 1.26.4, pandas 2.2.3, torch 2.3.1, CUDA 12, python 3.11.4 (main, Apr  2 2024)",
    "warning": "/opt/env/lib/python3.11/site-packages/sklearn/base.py:493: UserWarning: X has 4 feature names\n  warnings.warn(",
    "traceback": 'Traceback (most recent call last):\n  File "fit.py", line 7, in <module>\n    main(5)\nValueError: k must be at least 2',
}

LOGRANK = """Call:
survdiff(formula = Surv(t, d) ~ arm, data = d)

         N Observed Expected (O-E)^2/E (O-E)^2/V
arm=A 4102      412      448      2.89      5.91
arm=B 4098      468      432      3.00      5.91

 Chisq= 5.9  on 1 degrees of freedom, p= 0.02
"""
SURVEY = """. svy: mean imc, over(sexe)

Number of strata =  9         Number of obs   =      12,310
Number of PSUs   = 62         Population size = 4,120,880
                              Design df       =          53
"""


def printed() -> list[Case]:
    logit = smf.logit("deces ~ age + C(stade)", D).fit(disp=0)
    cox = CoxPHFitter().fit(D[["age", "deces", "duree"]], "duree", "deces")
    guess = (rng.random(N) < 0.5).astype(int)
    tree = DecisionTreeClassifier(max_depth=2, min_samples_leaf=400, random_state=0).fit(D[["age", "stade"]], D.deces)
    at_risk = KaplanMeierFitter().fit(D.duree, D.deces).survival_function_at_times([0, 12, 24, 36]).round(3)
    return [
        safe("eleven_plain_logit", "printed", book_stream(str(logit.summary()))),
        safe("eleven_plain_cox_table", "printed", notebook(cell("cox.summary", shown(cox.summary.round(4))))),
        safe("eleven_plain_big_report", "printed", log(classification_report(D.deces, guess))),
        safe("eleven_plain_big_matrix", "printed", notebook(cell("m", result({"text/plain": repr(confusion_matrix(D.deces, guess))})))),
        safe("eleven_plain_big_tree", "printed", text(export_text(tree, feature_names=["age", "stade"]))),
        safe("eleven_plain_survival", "printed", book_stream(str(at_risk))),
        safe("eleven_plain_crosstab", "printed", notebook(text_cell("## Tableau 2"), cell("t", shown(pd.crosstab(D.sexe, D.stade, margins=True))))),
        safe("eleven_plain_quantiles", "printed", book_stream(D.age.quantile([0.1, 0.25, 0.5, 0.75, 0.9]).round(0).to_string())),
        safe("eleven_plain_logrank", "printed", log(LOGRANK)), safe("eleven_plain_survey", "printed", log(SURVEY)),
        safe("eleven_plain_steps", "printed", notebook(text_cell("### 3. Model\n\nStep 1 of 4, see section 2."), cell("fit(k=5)", stream("fold 1 done\nfold 2 done\nfold 3 done\n")))),
    ]  # fmt: skip


def curves(ax: Any) -> None:
    for name, slope in (("Drug (n = 4,102)", 60), ("Placebo (n = 4,098)", 48)):
        times = np.linspace(0, 5, 50)
        ax.plot(times, np.exp(-times * 12 / slope), label=name)
    ax.legend()
    ax.set(xlabel="Years", ylabel="Survival", title="Figure 3. HR 0.82 (0.75-0.90)", ylim=(0, 1))


def rates(ax: Any) -> None:
    bars = ax.bar(["2017", "2018", "2019"], [9.6, 9.9, 10.4])
    ax.bar_label(bars, fmt="%.1f")
    ax.set(ylabel="Rate per 100,000 person-years", ylim=(0, 14))


def effects(ax: Any) -> None:
    ax.errorbar([0.82, 0.9, 1.1], [3, 2, 1], xerr=0.1, fmt="s", color="k", capsize=3)
    ax.set_yticks([3, 2, 1], ["Model 1", "Model 2", "Model 3"])
    ax.set(xlabel="Odds ratio (95 % CI)", ylim=(0, 4))


def cases() -> list[Case]:
    """The cases of this part."""
    out = [safe(f"eleven_plain_{name}", "printed", (log, book_stream)[at % 2](said + "\n")) for at, (name, said) in enumerate(LINES.items())]  # fmt: skip
    out += printed()
    return [
        *out,
        safe("eleven_plain_curves_png", "drawn", figure(curves)),
        safe("eleven_plain_rates_png", "drawn", figure(rates)),
        safe("eleven_plain_effects_pdf", "drawn", figure(effects, "pdf")),
        safe("eleven_plain_curves_svg", "drawn", figure(curves, "svg")),
    ]
