"""Eighteenth batch: safe notebooks, saved charts and bundles."""

import base64
import contextlib
import io
import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go
import statsmodels.api as sm
from bokeh.embed import file_html
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from lifelines import CoxPHFitter
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from . import pack
from .case import Case, File, safe
from .eighteenth_pictures import lasso, pr_curve
from .eighteenth_safe import ITS, META, by_year
from .eighteenth_texts import CHANGELOG, PIPELINE

rng = np.random.default_rng(1803)
MANY = 6000
DATA = pd.DataFrame(
    {"age": rng.normal(70, 9, MANY), "female": rng.integers(0, 2, MANY), "asa": rng.integers(1, 4, MANY)}
)
DATA["months"] = np.ceil(rng.exponential(60, MANY)).clip(1, 60)
DATA["event"] = (rng.random(MANY) < 0.3).astype(int)
DATA["los"] = np.exp(1 + 0.01 * DATA.age + 0.1 * DATA.female + rng.normal(0, 0.5, MANY)).round()


def image(draw: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": base64.b64encode(pack.figure(draw)[1]).decode(), "text/plain": "<Figure size 600x400 with 1 Axes>"}}  # fmt: skip


def mime(value: Any) -> dict[str, Any]:
    """What the kernel would send for an object with a HTML form."""
    return pack.result({"text/plain": repr(value), "text/html": value._repr_html_()})


def regression_book() -> File:
    fit = sm.OLS(np.log(DATA.los + 1), sm.add_constant(DATA[["age", "female", "asa"]])).fit()
    poisson = sm.GLM(DATA.los, sm.add_constant(DATA[["age", "female"]]), family=sm.families.Poisson()).fit()
    return pack.notebook(
        pack.text_cell("# Length of stay\n\nWe model $\\log(1 + d)$, see **model 2** below."),
        pack.cell("import numpy as np\nimport statsmodels.api as sm\nnp.random.seed(17)"),
        pack.cell("print(f'{len(d):,} stays, {d.female.mean():.1%} women')", pack.stream("6,000 stays, 50.1% women\n")),
        pack.cell("fit = sm.OLS(np.log(d.los + 1), X).fit()\nfit.summary()", pack.result({"text/plain": str(fit.summary()), "text/html": fit.summary().as_html()})),
        pack.cell("print(poisson.summary2())", pack.stream(str(poisson.summary2()) + "\n")),
        pack.cell("np.exp(fit.params).round(3)", pack.result({"text/plain": str(np.exp(fit.params).round(3))})),
    )  # fmt: skip


def survival_book() -> File:
    fit = CoxPHFitter(penalizer=0.01).fit(DATA[["months", "event", "age", "female", "asa"]], "months", "event")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        fit.print_summary(decimals=3, style="ascii")
    table = fit.summary[["coef", "exp(coef)", "se(coef)", "exp(coef) lower 95%", "exp(coef) upper 95%", "p"]].round(3)
    ph = pd.DataFrame({"test_statistic": [0.41, 1.22, 0.08], "p": [0.52, 0.27, 0.78]}, index=["age", "asa", "female"]).rename_axis("covariate")  # fmt: skip
    return pack.notebook(
        pack.cell("from lifelines import CoxPHFitter\nfit = CoxPHFitter(penalizer=0.01).fit(d, 'months', 'event')\nfit.summary.round(3)", pack.shown(table)),
        pack.cell("fit.print_summary(decimals=3)", pack.stream(printed.getvalue())),
        pack.cell("print(fit.concordance_index_, fit.AIC_partial_)", pack.stream(f"{fit.concordance_index_} {fit.AIC_partial_}\n")),
        pack.cell("proportional_hazard_test(fit, d).summary", pack.shown(ph)),
        pack.cell("check(d)", pack.stream("/opt/conda/lib/python3.11/site-packages/lifelines/utils/__init__.py:1123: ConvergenceWarning: Column asa has low variance.\n  warnings.warn(text, ConvergenceWarning)\n", "stderr")),
    )  # fmt: skip


def learning_book() -> File:
    x, y = DATA[["age", "female", "asa"]], (DATA.los > DATA.los.median()).astype(int)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(x, y)
    boosted = HistGradientBoostingClassifier(max_depth=3, learning_rate=0.05, random_state=17)
    scores = cross_val_score(boosted, x, y, cv=5, scoring="roc_auc")
    guess = model.predict(x)
    return pack.notebook(
        pack.cell("pipe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500))\npipe.fit(x, y)", mime(model)),
        pack.cell("print(classification_report(y, pipe.predict(x)))", pack.stream(classification_report(y, guess))),
        pack.cell("confusion_matrix(y, pipe.predict(x))", pack.result({"text/plain": repr(confusion_matrix(y, guess))})),
        pack.cell("scores = cross_val_score(gb, x, y, cv=5, scoring='roc_auc')\nscores", pack.result({"text/plain": repr(scores)})),
        pack.cell("f'{scores.mean():.3f} +/- {scores.std():.3f}'", pack.result({"text/plain": f"'{scores.mean():.3f} +/- {scores.std():.3f}'"})),
        pack.cell("for m in tqdm(models):\n    m.fit(x, y)", pack.stream("100%|██████████| 8/8 [00:41<00:00,  5.18s/it]\n", "stderr")),
        pack.cell("%timeit pipe.predict(x)", pack.stream("1.84 ms ± 21.3 µs per loop (mean ± std. dev. of 7 runs, 1,000 loops each)\n")),
        pack.cell("PrecisionRecallDisplay.from_predictions(y, p)", image(pr_curve)),
    )  # fmt: skip


def tables_book() -> File:
    counts = pd.Series([20110, 14310, 9420, 4370], index=pd.Index(["3", "2", "4-5", "1"], name="asa"), name="count")
    cross = pd.crosstab(DATA.asa, DATA.event, margins=True)
    info = "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 48210 entries, 0 to 48209\nData columns (total 5 columns):\n #   Column   Non-Null Count  Dtype  \n---  ------   --------------  -----  \n 0   age      48210 non-null  int64  \n 1   sexe     48210 non-null  object \n 2   asa      47979 non-null  object \n 3   hb       44120 non-null  float64\n 4   los      48210 non-null  int64  \ndtypes: float64(1), int64(2), object(2)\nmemory usage: 1.8+ MB\n"  # fmt: skip
    wide = by_year().pivot_table(index="region", columns="year", values="n_patients")
    styled = wide.style.format("{:,.0f}").set_caption("Patients by region and year")
    return pack.notebook(
        pack.text_cell("## Tables"),
        pack.cell("d.info()", pack.stream(info)),
        pack.cell("d.asa.value_counts()", pack.result({"text/plain": str(counts)})),
        pack.cell("pd.crosstab(d.asa, d.event, margins=True)", pack.shown(cross)),
        pack.cell("d.groupby('asa').los.agg(['size', 'mean', 'std']).round(2)", pack.shown(DATA.groupby("asa").los.agg(["size", "mean", "std"]).round(2))),
        pack.cell("wide.style.format('{:,.0f}').set_caption('Patients by region and year')", pack.result({"text/plain": "<pandas.io.formats.style.Styler at 0x7f3b2c1d9e50>", "text/html": styled.to_html()})),
        pack.cell("assert wide.min().min() >= 11\ndisplay(Markdown('All cells hold at least 11 patients.'))", {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "All cells hold at least 11 patients.", "text/plain": "<IPython.core.display.Markdown object>"}}),
    )  # fmt: skip


def r_book() -> File:
    """A notebook of R, as IRkernel writes it."""
    return pack.notebook(
        pack.cell("library(survival)\noptions(digits = 3)\nd <- readRDS('cohorte.rds')\nnrow(d)", pack.result({"text/plain": "[1] 16712", "text/html": "16712", "text/latex": "16712", "text/markdown": "16712"})),
        pack.cell("table(d$groupe)", pack.result({"text/plain": "\nCathéter  Fistule \n    4302    12410 "})),
        pack.cell("round(exp(coef(fit)), 2)", pack.result({"text/plain": "groupeFistule         age10         sexeF \n         0.71          1.38          0.94 "})),
        pack.cell("plot(fit)", image(lasso)),
        metadata={"kernelspec": {"display_name": "R", "language": "R", "name": "ir"}, "language_info": {"name": "R", "version": "4.2.2"}}, name="analyse.ipynb",
    )  # fmt: skip


def plotly_sankey() -> File:
    made = go.Figure(go.Sankey(node={"label": ["Home", "Hospital", "Rehabilitation", "Death"]}, link={"source": [0, 1, 1, 2], "target": [1, 2, 3, 0], "value": [9120, 4130, 944, 3310]}))  # fmt: skip
    return "flows.html", made.to_html(include_plotlyjs="cdn").encode()


def plotly_rates() -> File:
    made = go.Figure()
    for name, level in (("Women", 41.0), ("Men", 48.0)):
        made.add_trace(
            go.Scatter(
                x=list(range(2012, 2023)), y=(level + rng.normal(0, 1, 11)).round(1), name=name, mode="lines+markers"
            )
        )
    made.update_layout(
        title="Age-standardised rate per 100,000", xaxis_title="Year", yaxis_title="Rate", template="plotly_white"
    )
    return "rates.html", made.to_html(include_plotlyjs="cdn").encode()


def altair_bands() -> File:
    frame = pd.DataFrame({"year": list(range(2012, 2023)), "rate": rng.normal(40, 1, 11).round(1)})
    frame["low"], frame["high"] = frame.rate - 1.2, frame.rate + 1.2
    base = alt.Chart(frame).encode(x="year:O")
    chart = base.mark_area(opacity=0.3).encode(y="low:Q", y2="high:Q") + base.mark_line().encode(y="rate:Q")
    return "bands.html", chart.properties(width=480).to_html().encode()


def altair_grouped() -> File:
    frame = pd.DataFrame({"region": ["Nord", "Sud", "Est", "Ouest"] * 2, "sex": ["F"] * 4 + ["M"] * 4, "patients": [1204, 988, 1410, 1120, 1310, 1012, 1388, 1204]})  # fmt: skip
    chart = alt.Chart(frame).mark_bar().encode(x="region:N", xOffset="sex:N", y="patients:Q", color="sex:N", tooltip=["region", "sex", "patients"])  # fmt: skip
    return "grouped.json", chart.to_json().encode()


def bokeh_lines() -> File:
    made = bokeh_figure(title="Weekly positivity", x_axis_label="Week", y_axis_label="Positive tests (%)", height=320)
    for name, colour, level in (("PCR", "navy", 12.0), ("Antigen", "orange", 8.0)):
        made.line(
            list(range(1, 53)),
            list(np.round(level + 3 * np.sin(np.arange(52) / 8), 1)),
            legend_label=name,
            color=colour,
        )
    return "positivity.html", file_html(made, INLINE, "positivity").encode()


def bundle() -> File:
    readme = "# Supplement\n\n- `its.csv`: visits by month, 2019-2021\n- `meta.csv`: the 5 trials of figure 3\n- `pipeline.py`: Python 3.11\n\nLicence: CC BY 4.0. DOI: 10.5281/zenodo.7712345\n"  # fmt: skip
    return pack.zipped(("README.md", readme.encode()), ("tables/its.csv", ITS.to_csv(index=False).encode()), ("tables/meta.csv", META.to_csv(index=False).encode()), ("code/pipeline.py", PIPELINE.encode()), ("CHANGELOG.md", CHANGELOG.encode()), ("figures/lasso.png", pack.figure(lasso)[1]), ("params.json", json.dumps({"seed": 17, "min_count": 11, "knots": 4}).encode()))  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    books = {"regression": regression_book, "survival": survival_book, "learning": learning_book, "tables": tables_book, "r": r_book}  # fmt: skip
    charts = {"sankey": plotly_sankey, "rates": plotly_rates, "bands": altair_bands, "grouped": altair_grouped, "bokeh": bokeh_lines, "bundle": bundle}  # fmt: skip
    return [
        *(safe(f"eighteen_{name}_book", "notebooks", make()) for name, make in books.items()),
        *(safe(f"eighteen_{name}", "charts", make()) for name, make in charts.items()),
    ]
