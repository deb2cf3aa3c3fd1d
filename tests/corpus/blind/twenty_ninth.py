"""Twenty-ninth batch: small, further everyday results of the same cohort, after mending for the twenty-seventh.

Untouched score: 7 of 8 leaks, 38 of 44 safe results (86 %). Corrected since: a badge, which is a picture from
elsewhere, is no content that stays.
"""

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import statsmodels.api as sm
import statsmodels.formula.api as smf
from lifelines import WeibullAFTFitter
from statsmodels.iolib.summary2 import summary_col
from statsmodels.stats.multicomp import pairwise_tukeyhsd

from . import pack, twenty_ninth_shown
from .case import Case, File, leak, safe
from .twenty_seventh_cohort import D, to_csv, to_md, written

rng = np.random.default_rng(2901)
SOME = D[:6000].assign(centre=rng.integers(1, 41, 6000))
SOME["log_los"] = np.log(SOME.los + 1) + rng.normal(0, 0.3, 41)[SOME.centre]
PARAGRAPH = """Results. Between 1 January 2018 and 31 December 2023, 24,000 patients were treated in 3 university and 41 other
hospitals; 11,533 (48.1%) were women. In model 2, each additional 5 points of NIHSS raised the odds of death (OR 1.38, 95% CI
1.29 to 1.48, p = 0.003). Mortality at day 90 was 8.1% (95% CI 7.8 to 8.5); at 1 year it was 14%. Two reviewers read 500
scans twice (kappa 0.81). Door-to-needle time fell from 62 to 47 minutes over 6 years. We found no difference between the 2
sexes. Sensitivity analyses excluded the first 30 days (Table S2) or the 4 regions without a helicopter (Table S3).
"""
LETTRE = """Madame, Monsieur,

Vous trouverez ci-joint la version 3 du rapport, datée du 12 avril 2024. Elle répond aux 9 remarques du comité du 7 mars 2024.

1. Le tableau 2 donne désormais les effectifs par tranche d'âge de 10 ans ; aucun n'est inférieur à 120.
2. La période d'inclusion (2018-2023) est rappelée dans les 4 figures.
3. L'âge d'inclusion est de 18 ans et plus ; la borne de 110 ans sert seulement à écarter les erreurs de saisie.
4. Les 5 % de scores NIHSS manquants ont été imputés (20 jeux).

Le calendrier est inchangé : dépôt de l'article en juin 2024, 2 présentations orales à l'automne.

Bien cordialement,
L'équipe de l'étude
"""
README = """# stroke-outcomes

DOI: [10.5281/zenodo.7654321](https://doi.org/10.5281/zenodo.7654321)

Code for "Thrombolysis and mortality after stroke" (v1.3.0, commit `9f2c1ab`). Needs Python >= 3.10 and 16 GB of memory.

| Folder | Content |
|---|---|
| `src/` | 7 scripts, run in order by `make all` (about 40 min on 8 cores) |
| `tests/` | 58 unit tests, 3 of them slow |
| `out/` | tables 1-4, figures 1-3, S1-S6 |

Random seed: 20240412. Bootstrap: 1,000 samples. Ages are grouped as 18-49, 50-64, 65-74, 75-84 and 85+.
"""
CHECKLIST = """| Item | Recommendation | Page |
|---|---|---|
| 1 | Title and abstract | 1 |
| 2 | Background | 3 |
| 3 | Objectives | 4 |
| 5 | Setting, dates | 5 |
| 6 | Participants, eligibility | 5-6 |
| 10 | Study size | 7 |
| 12 | Statistical methods (a)-(e) | 8 |
| 13 | Participants at each stage | 9 |
| 22 | Funding | 15 |
"""
SAS_LOG = """1    libname out '/projet/sorties';
2    proc logistic data=stroke descending;
3       class sex nihss / param=ref;
4       model death90 = age sex nihss;
5    run;

NOTE: PROC LOGISTIC is modeling the probability that death90=1.
NOTE: Convergence criterion (GCONV=1E-8) satisfied.
NOTE: There were 24000 observations read from the data set WORK.STROKE.
NOTE: PROCEDURE LOGISTIC used (Total process time):
      real time           0.42 seconds
      cpu time            0.39 seconds
"""
DOCKERFILE = """FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1=12.2.0-14 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
ENV OMP_NUM_THREADS=4 PYTHONHASHSEED=0
CMD ["python", "-m", "stroke.run", "--folds", "5", "--seed", "7"]
"""


def tables() -> dict[str, File]:
    """Long tables, curves by age, forecasts, accuracy, genetics."""
    long = (
        D.assign(year=D.date.dt.year // 2 * 2)
        .groupby(["region", "sex", "age_group", "year"], observed=True)
        .agg(stays=("age", "size"), mean_los=("los", "mean"))
        .round(1)
        .reset_index()
    )
    long = long[long.age_group != "18-49"]
    ages = pd.DataFrame(
        {"age": range(40, 91), "predicted": (1 / (1 + np.exp(5.4 - 0.035 * np.arange(40, 91)))).round(4)}
    )
    ages["lower"], ages["upper"] = (ages.predicted * 0.94).round(4), (ages.predicted * 1.06).round(4)
    weeks = pd.DataFrame(
        {"week": pd.date_range("2020-01-06", periods=60, freq="W-MON").date, "observed": rng.integers(610, 800, 60)}
    )
    weeks["expected"], weeks["excess_pct"] = 700.0, ((weeks.observed / 700 - 1) * 100).round(1)
    subgroups = pd.DataFrame({"Sous-groupe": ["Femmes", "Hommes", "< 75 ans", "≥ 75 ans"], "Patients": [11533, 12467, 14346, 9654], "Décès": [941, 1005, 830, 1116], "HR": ["0,84", "0,88", "0,79", "0,91"], "IC 95 %": ["[0,74 ; 0,95]", "[0,78 ; 0,99]", "[0,69 ; 0,90]", "[0,82 ; 1,01]"], "p interaction": ["0,61", "", "0,08", ""]})  # fmt: skip
    accuracy = pd.DataFrame(
        {
            "cutoff": [0.05, 0.10, 0.15],
            "TP": [1640, 1012, 402],
            "FP": [12811, 5120, 1511],
            "FN": [306, 934, 1544],
            "TN": [9243, 16934, 20543],
        }
    ).assign(
        sensitivity=lambda f: (f.TP / (f.TP + f.FN)).round(3), specificity=lambda f: (f.TN / (f.TN + f.FP)).round(3)
    )
    hits = pd.DataFrame({"rsid": ["rs2107595", "rs12204590", "rs2200733", "rs879324"], "chr": [7, 6, 4, 16], "pos": [19049388, 1337393, 111710169, 73068678], "EA": list("ATTA"), "OA": list("GACG"), "EAF": [0.24, 0.21, 0.12, 0.19], "beta": [0.081, 0.077, 0.118, 0.104], "se": [0.011, 0.013, 0.017, 0.018], "p": [1.2e-13, 3.1e-9, 4.4e-12, 7.7e-9]})  # fmt: skip
    bounds = pd.DataFrame(
        {
            "variable": ["age", "nihss", "sbp", "glycaemia"],
            "unit": ["years", "points", "mmHg", "mmol/L"],
            "min_allowed": [18, 0, 50, 1],
            "max_allowed": [110, 42, 300, 50],
            "missing_pct": [0.0, 5.0, 2.1, 8.8],
        }
    )
    costs = (
        D.groupby(pd.qcut(D.cost, 10, labels=range(1, 11)), observed=True)
        .cost.agg(["count", "mean"])
        .round(0)
        .rename_axis("décile")
    )
    return {
        "long": written("long.parquet", lambda out: long.to_parquet(out, index=False)), "long_csv": to_csv(long, "long.csv", index=False), "ages": to_csv(ages, "marginal.csv", index=False), "weeks": written("weeks.xlsx", lambda out: weeks.to_excel(out, index=False)), "subgroups": pack.bom_csv(subgroups), "subgroups_docx": pack.word(subgroups, "Tableau 3. Analyses en sous-groupes."), "accuracy": pack.html(accuracy),
        "hits": pack.tsv(hits), "bounds": pack.excel(bounds), "costs": to_csv(costs, "couts.csv", sep=";", decimal=","), "costs_md": ("couts.md", to_md(costs).encode()),
    }  # fmt: skip


def printed() -> dict[str, File]:
    """What statsmodels and lifelines print."""
    one, two = smf.ols("log_los ~ age", SOME).fit(), smf.ols("log_los ~ age + C(nihss) + afib", SOME).fit()
    both = summary_col(
        [one, two],
        stars=True,
        float_format="%.3f",
        model_names=["Model 1", "Model 2"],
        info_dict={"N": lambda r: f"{int(r.nobs):,}"},
    )
    mixed = smf.mixedlm("log_los ~ age + C(nihss)", SOME, groups=SOME.centre).fit()
    gee = smf.gee("death90 ~ age + C(nihss)", "centre", SOME, family=sm.families.Binomial()).fit()
    follow = SOME[["age", "afib"]].assign(
        time=np.ceil(rng.exponential(30, len(SOME))).clip(1, 24), event=(rng.random(len(SOME)) < 0.5).astype(int)
    )
    weibull = WeibullAFTFitter().fit(follow, "time", "event").summary.round(3)
    tukey = pairwise_tukeyhsd(SOME.log_los, SOME.nihss)
    anova = sm.stats.anova_lm(one, two)
    return {"summary_col": pack.text(both.as_text()), "summary_col_tex": ("models.tex", both.as_latex().encode()), "mixed": pack.text(str(mixed.summary())), "gee": pack.log(str(gee.summary())), "weibull": to_csv(weibull, "weibull.csv"), "tukey": pack.text(str(tukey.summary())), "anova": pack.text(anova.to_string())}  # fmt: skip


def texts() -> dict[str, File]:
    """Sentences, settings, results in JSON, code."""
    folds = {"model": "gradient boosting", "params": {"max_depth": 4, "learning_rate": 0.05, "n_estimators": 300, "min_samples_leaf": 20}, "auc_by_fold": [0.671, 0.668, 0.659, 0.664, 0.677], "confusion_matrix": [[6858, 505], [521, 116]], "n_train": 16000, "n_test": 8000, "seconds": 41.2}  # fmt: skip
    package = {"name": "stroke-tables", "version": "1.3.0", "licenses": [{"name": "CC-BY-4.0"}], "resources": [{"path": "long.csv", "schema": {"fields": [{"name": "region", "type": "string"}, {"name": "stays", "type": "integer", "constraints": {"minimum": 11}}]}}]}  # fmt: skip
    return {"paragraph": pack.text(PARAGRAPH), "paragraph_docx": pack.word_prose(" ".join(PARAGRAPH.split())), "lettre": pack.text(LETTRE), "readme": ("README.md", README.encode()), "checklist": ("strobe.md", CHECKLIST.encode()), "sas_log": ("logistic.log", SAS_LOG.encode()), "dockerfile": ("Dockerfile.txt", DOCKERFILE.encode()), "folds": ("metrics.json", json.dumps(folds, indent=1).encode()), "package": ("datapackage.json", json.dumps(package, indent=1).encode())}  # fmt: skip


def leaks() -> dict[str, tuple[File, ...]]:
    """Near twins of the safe ones."""
    accuracy = pd.DataFrame(
        {"cutoff": [0.05, 0.10], "TP": [164, 101], "FP": [1281, 512], "FN": [4, 67], "TN": [924, 1693]}
    )
    few = SOME.assign(centre=np.where(np.arange(len(SOME)) < 5, 99, SOME.centre))
    mixed = smf.mixedlm("log_los ~ age", few, groups=few.centre).fit()
    lettre = LETTRE.replace("aucun n'est inférieur à 120", "seuls 4 patients ont plus de 100 ans")
    subgroup = pd.DataFrame(
        {"Sous-groupe": ["Femmes", "Hommes"], "Patients": ["212", "231"], "Décès (%)": ["3,3", "12,1"]}
    )
    quartiles = go.Figure(go.Box(y=D.cost[:400], name="0-4"))
    folds = {"confusion_matrix": [[685, 50], [3, 116]], "n_test": 854}
    rows = D[["age", "sex", "region", "los"]][100:112]
    readme = README + "\nKnown problem: IPP 8041023317 (Jeanne Kermarrec, born 14/03/1951) appears twice.\n"
    return {"accuracy": (pack.html(accuracy),), "mixed": (pack.text(str(mixed.summary())),), "lettre": (pack.text(lettre),), "subgroup": (pack.french_csv(subgroup),), "quartiles": (("box.html", quartiles.to_html(include_plotlyjs="cdn").encode()),), "folds": (("metrics.json", json.dumps(folds).encode()),), "rows": (written("sample.parquet", rows.to_parquet),), "readme": (("README.md", readme.encode()),)}  # fmt: skip


def bundle() -> File:
    """A supplement: tables, a figure, a licence."""
    table = pd.crosstab(D.age_group, D.nihss).rename_axis(None, axis=1)
    parts: list[tuple[str, bytes]] = [("supplement/table_S1.csv", table.to_csv().encode()), ("supplement/figure_S1.pdf", pack.figure(twenty_ninth_shown.areas, "pdf")[1]), ("supplement/README.txt", b"Table S1: patients by age and NIHSS. Figure S1: NIHSS by year.\n"), ("supplement/LICENSE", b"Creative Commons Attribution 4.0 International\n")]  # fmt: skip
    return pack.zipped(*parts)


def acro_folder() -> tuple[File, ...]:
    """ACRO's own outputs side by side: a table and a regression."""
    cross, fit = pd.crosstab(D.region, D.hospital), smf.ols("los ~ age", SOME).fit()
    made: dict[str, Any] = {}
    for at, (method, kind) in enumerate((("crosstab", "table"), ("olsr", "regression"))):
        made[f"output_{at}"] = {"uid": f"output_{at}", "status": "pass", "type": kind, "properties": {"method": method, **({"dof": fit.df_resid} if at else {})}, "files": [{"name": f"output_{at}_0.csv", "sdc": {}}], "outcome": {}, "command": f"acro.{method}(...)", "summary": "pass; dof=5998.0 >= 10" if at else "pass", "timestamp": "2024-05-14T15:53:00", "comments": [], "exception": ""}  # fmt: skip
    table = pd.read_html(io.StringIO(fit.summary().tables[1].as_html()), header=0, index_col=0)[0]
    return (
        ("results.json", json.dumps({"version": "1.0.2", "results": made}, indent=2).encode()),
        ("output_0_0.csv", cross.to_csv().encode()),
        ("output_1_0.csv", table.to_csv().encode()),
    )


def cases() -> list[Case]:
    """The cases of the batch."""
    groups = {"tables": tables(), "printed": printed(), "texts": texts(), "shown": twenty_ninth_shown.files()}
    found = [
        safe(f"twenty_nine_{name}", group, file) for group, files in groups.items() for name, file in files.items()
    ]
    found += [safe("twenty_nine_bundle", "several", bundle()), safe("twenty_nine_acro", "several", *acro_folder())]
    return [*(leak(f"twenty_nine_{name}_leak", "leaks", *files) for name, files in leaks().items()), *found]
