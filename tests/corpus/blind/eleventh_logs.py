"""Eleventh batch: leaks in what programs print, made with the programs where they are at hand."""

import json

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import KaplanMeierFitter
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.tree import DecisionTreeClassifier, export_text

from .case import Case, leak
from .pack import book_stream, cell, log, notebook, result, shown, stream, text

rng = np.random.default_rng(1111)
SIZE = 1204
DATA = pd.DataFrame(
    {
        "issue": rng.choice(["domicile", "SSR", "EHPAD", "décès"], SIZE, p=[0.7, 0.2, 0.095, 0.005]),
        "sexe": rng.choice(["F", "M"], SIZE),
        "age": rng.normal(66, 14, SIZE).round(1),
        "duree": rng.exponential(8, SIZE).round(),
    }
)
TRUE = np.r_[np.zeros(240, dtype=int), np.ones(52, dtype=int), np.full(8, 2)]
GUESS = np.r_[np.zeros(228, dtype=int), np.ones(12, dtype=int), np.zeros(14, dtype=int), np.ones(38, dtype=int), np.full(8, 2)]  # fmt: skip


def of_pandas() -> list[Case]:
    small = DATA.assign(naissance=DATA.age.where(DATA.index > 5))
    info = (
        "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 1204 entries, 0 to 1203\nData columns (total 2 columns):\n"
        " #   Column     Non-Null Count  Dtype  \n---  ------     --------------  -----  \n"
        " 0   sexe       1204 non-null   object \n 1   naissance  1198 non-null   float64\ndtypes: float64(1), object(1)\n"
    )
    pivot = pd.crosstab(DATA.issue, DATA.sexe, margins=True)
    shares = pd.crosstab(DATA.issue, DATA.sexe, normalize="columns").round(4)
    sizes = DATA.groupby(["sexe", "issue"]).size()
    return [
        leak("eleven_value_counts", "printed", book_stream(str(DATA.issue.value_counts()))),
        leak("eleven_counts_dict", "printed", log(f"issues: {DATA.issue.value_counts().to_dict()}\n")),
        leak("eleven_info", "printed", notebook(cell("d.info()", stream(info)))),
        leak("eleven_missing", "printed", book_stream(str(small.isna().sum()))),
        leak("eleven_pivot", "printed", text(pivot.to_string() + "\n")),
        leak("eleven_normalised", "printed", notebook(cell("len(d)", result({"text/plain": "1204"})), cell("shares", shown(shares)))),
        leak("eleven_sizes", "printed", notebook(cell("sizes", result({"text/plain": repr(sizes)})))),
        leak("eleven_describe", "printed", book_stream(DATA[["age", "duree"]].describe().to_string())),
        leak("eleven_describe_book", "printed", notebook(cell("d.age.describe()", result({"text/plain": repr(DATA.age.describe())})))),
    ]  # fmt: skip


def of_models() -> list[Case]:
    report = classification_report(TRUE, GUESS, target_names=["none", "mild", "severe"])
    matrix = confusion_matrix(TRUE[:292], np.minimum(GUESS[:292], 1))
    tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(DATA[["age", "duree"]], DATA.issue == "décès")
    few = sm.OLS(DATA.age[:9].to_numpy(), sm.add_constant(DATA.duree[:9].to_numpy())).fit()
    curve = KaplanMeierFitter().fit(DATA.duree[:60], np.ones(60))
    return [
        leak("eleven_report", "printed", book_stream(report)),
        leak("eleven_matrix", "printed", log(f"confusion matrix on the test set:\n{np.array([[228, 12], [4, 48]])}\n")),
        leak("eleven_matrix_repr", "printed", notebook(cell("confusion_matrix(y, p)", result({"text/plain": repr(matrix - [[0, 0], [8, 0]])})))),
        leak("eleven_tree", "printed", text(export_text(tree, feature_names=["age", "duree"], show_weights=True))),
        leak("eleven_few", "printed", book_stream(str(few.summary()))),
        leak("eleven_event_table", "printed", book_stream(curve.event_table.tail(8).to_string())),
        leak("eleven_rates", "printed", ("metrics.json", json.dumps({"test": {"tn": 812, "fp": 31, "fn": 4, "tp": 57}}).encode())),
        leak("eleven_per_class", "printed", log("class 0: precision 0.97 recall 0.95 support 240\nclass 2: precision 0.61 recall 0.75 support 8\n")),
        leak("eleven_lightgbm", "printed", log("[LightGBM] [Info] Number of positive: 9, number of negative: 1195\n")),
        leak("eleven_arms", "printed", log("arm: drug n: 212 responders: 206\narm: placebo n: 208 responders: 120\n")),
    ]  # fmt: skip


LINES = {
    "counter": "Counter({'home': 512, 'rehab': 88, 'died': 9})",
    "tuples": "top communes: [('Brest', 212), ('Plouzané', 61), ('Ouessant', 4)]",
    "arrays": "(array(['A', 'B', 'C'], dtype=object), array([402, 377,   5]))",
    "fstring": "n_train=1204 n_test=301 positives in test: 6",
    "kept": "INFO kept 4 508 / 4 512 after quality control",
    "assertion": "AssertionError: expected 412 patients, got 409",
    "key_error": "KeyError: 'NIP 0081243377'",
    "value_error": "ValueError: could not convert string to float: 'DURAND Paul'",
    "excluded": "WARNING excluded: missing sex -> 3, missing age -> 14",
    "by_group": "sex=F deaths=18 alive=402 | sex=M deaths=7 alive=388",
    "nested": "{'Brest': {'n': 212, 'died': 14}, 'Carhaix': {'n': 96, 'died': 5}}",
    "two_lens": ">>> len(cases)\n412\n>>> len(cases.dropna())\n408",
}

TABLE_R = """> table(d$sexe, d$stade)

      I  II III
  F 112  88   4
  M  97 101  31
> summary(d$cout)
   Min. 1st Qu.  Median    Mean 3rd Qu.    Max.
  112.4   801.2  1204.9  1902.1  2210.8 84120.7
"""
TABULATE = """. tabulate region deces

           |         deces
    region |         0          1 |     Total
-----------+----------------------+----------
      Nord |       412         18 |       430
    Centre |       377          6 |       383
-----------+----------------------+----------
     Total |       789         24 |       813
"""
MEANS = """                        The MEANS Procedure
                    Analysis Variable : COUT
             N
CENTRE     Obs       N          Mean       Std Dev       Minimum       Maximum
-------------------------------------------------------------------------------
A          212     212       3120.41        801.20        412.10      18204.33
B          188     188       2980.77        790.11        398.70      16022.10
-------------------------------------------------------------------------------
"""
AT_RISK = """Number at risk
Time (months)    0    12    24    36
Drug           142   101    44     6
Placebo        139    88    31    12
"""


def cases() -> list[Case]:
    """The cases of this part."""
    out = [leak(f"eleven_{name}", "printed", (log, book_stream)[at % 2](said + "\n")) for at, (name, said) in enumerate(LINES.items())]  # fmt: skip
    longer = {"table_r": TABLE_R, "tabulate": TABULATE, "means": MEANS, "at_risk": AT_RISK}
    out += [leak(f"eleven_{name}", "printed", (text, log)[at % 2](said)) for at, (name, said) in enumerate(longer.items())]  # fmt: skip
    return [*out, *of_pandas(), *of_models()]
