"""Eighth batch: safe notebooks, pictures and pages, made with the libraries that researchers use."""

import base64
import io
from typing import Any

import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import statsmodels.api as sm
from lifelines import CoxPHFitter, KaplanMeierFitter
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, roc_curve

from .case import Case, safe
from .pack import cell, drawn_table, figure, notebook, result, shown, stream, text_cell

rng = np.random.default_rng(828)
N = 4000
COHORT = pd.DataFrame({"age": rng.normal(62, 12, N), "sexe": rng.integers(0, 2, N), "ald": rng.integers(0, 2, N)})
RISK = 1 / (1 + np.exp(-(0.05 * (COHORT.age - 62) + 0.4 * COHORT.ald - 1)))
COHORT["deces"] = (rng.random(N) < RISK).astype(int)
COHORT["duree"] = np.minimum(rng.exponential(40 / (0.5 + RISK)), 60)


def regression() -> list[Case]:
    ols = sm.OLS(COHORT.duree, sm.add_constant(COHORT[["age", "sexe", "ald"]])).fit()
    logit = sm.Logit(COHORT.deces, sm.add_constant(COHORT[["age", "sexe", "ald"]])).fit(disp=0)
    cox = CoxPHFitter().fit(COHORT, "duree", "deces")
    fit = LogisticRegression().fit(COHORT[["age", "ald"]], COHORT.deces)
    report = classification_report(COHORT.deces, fit.predict(COHORT[["age", "ald"]]), digits=3)
    by_site = pd.DataFrame({"patients": [1204, 1388, 1408], "deces": [312, 355, 371]}, index=["A", "B", "C"])
    return [
        safe("eighth_ols", "notebooks", notebook(cell("ols.summary()", result({"text/plain": str(ols.summary())})))),
        safe("eighth_logit", "notebooks", notebook(cell("print(logit.summary())", stream(f"{logit.summary()}\n")))),
        safe("eighth_coxph", "notebooks", notebook(cell("cox.summary", shown(cox.summary.round(3))))),
        safe("eighth_sklearn", "notebooks", notebook(
            text_cell("## Modèle\n\nRégression logistique, 2 variables, validation croisée en 5 blocs."),
            cell("print(report)", stream(report)), cell("fit.coef_", result({"text/plain": repr(fit.coef_.round(4))})),
        )),
        safe("eighth_by_site", "notebooks", notebook(
            cell("import pandas as pd\nd = pd.read_parquet('cohort.parquet')\nd = d[d.age >= 18]"),
            cell("d.groupby('site').agg(patients=('deces', 'size'), deces=('deces', 'sum'))", shown(by_site)),
            cell("len(d)", result({"text/plain": "4000"})), cell("d.shape", result({"text/plain": "(4000, 5)"})),
        )),
        safe("eighth_picture_book", "notebooks", notebook(cell("plot()", picture_output(roc)))),
    ]  # fmt: skip


def picture_output(draw: Any) -> dict[str, Any]:
    made, axes = plt.subplots()
    draw(axes)
    out = io.BytesIO()
    made.savefig(out, format="png")
    plt.close(made)
    data = {"image/png": base64.b64encode(out.getvalue()).decode(), "text/plain": "<Figure size 640x480 with 1 Axes>"}
    return {"output_type": "display_data", "metadata": {}, "data": data}


def roc(ax: Any) -> None:
    fpr = np.linspace(0, 1, 60)
    ax.plot(fpr, fpr**0.4, label="Model 3 (AUC = 0.81)")
    ax.plot([0, 1], [0, 1], "--", color="grey")
    ax.set(xlabel="1 - specificity", ylabel="Sensitivity", title="ROC curve, 5-fold CV")
    ax.legend()


def true_roc(ax: Any) -> None:
    fpr, tpr, _ = roc_curve(COHORT.deces, RISK)
    ax.plot(fpr[::40], tpr[::40])
    ax.set(xlabel="False positive rate", ylabel="True positive rate")


def trend(ax: Any) -> None:
    ax.plot([2012, 2013, 2014, 2015, 2016, 2017, 2018, 2019], [4.1, 4.4, 4.2, 4.6, 4.9, 5.0, 5.3, 5.2], "-o")
    ax.set(xlabel="Year", ylabel="Rate per 1,000", title="Incidence, Bretagne")


def hazard(ax: Any) -> None:
    names = ["Age (per 10 years)", "Male sex", "Diabetes", "CKD stage 3-5", "Year 2018"]
    for at, hr in enumerate((1.32, 1.08, 1.41, 2.03, 0.96)):
        ax.errorbar(hr, at, xerr=0.11, fmt="o", color="black", capsize=3)
    ax.axvline(1, color="red", ls=":")
    ax.set(xlabel="Hazard ratio (95 % CI)")
    ax.set_yticks(range(5), names)


def large_bars(ax: Any) -> None:
    ax.bar_label(ax.bar(["Colon", "Rectum", "Lung", "Breast"], [1204, 611, 988, 1530]))
    ax.set_ylabel("Patients")


def correlations(ax: Any) -> None:
    values = np.array([[1, 0.12, 0.31], [0.12, 1, 0.08], [0.31, 0.08, 1]])
    ax.imshow(values, vmin=-1, vmax=1, cmap="RdBu")
    for i, j in np.ndindex(3, 3):
        ax.text(j, i, f"{values[i, j]:.2f}", ha="center", va="center")
    ax.set_xticks(range(3), ["age", "bmi", "crp"])
    ax.set_yticks(range(3), ["age", "bmi", "crp"])


def curve(ax: Any) -> None:
    KaplanMeierFitter().fit(COHORT.duree.round(), COHORT.deces, label="cohort").plot_survival_function(ax=ax)
    ax.set(xlabel="Months", ylabel="Survival", ylim=(0, 1))


def loss(ax: Any) -> None:
    ax.plot(range(1, 11), 0.5 * np.exp(-np.arange(10) / 4) + 0.3, label="train")
    ax.plot(range(1, 11), 0.5 * np.exp(-np.arange(10) / 5) + 0.33, label="validation")
    ax.set(xlabel="Epoch", ylabel="Loss")
    ax.legend()


def ages(ax: Any) -> None:
    ax.hist(rng.normal(60, 6, 90000).clip(45, 75), bins=10, color="teal", edgecolor="white")
    ax.set(xlabel="Age (years)", ylabel="Patients")


def calibration(ax: Any) -> None:
    p = np.linspace(0.05, 0.95, 10)
    ax.plot(p, p + 0.01, "s-", label="model 2")
    ax.plot([0, 1], [0, 1], ":", color="grey")
    ax.set(xlabel="Predicted risk (deciles)", ylabel="Observed risk")
    ax.legend()


def shap_bars(ax: Any) -> None:
    ax.barh(["los", "ccs", "age"], [0.11, 0.24, 0.42])
    ax.set_xlabel("mean(|SHAP value|)")


def large_flow(ax: Any) -> None:
    ax.axis("off")
    box = {"boxstyle": "round", "fc": "white"}
    for x, y, said in (
        (0.5, 0.9, "Stays 2015-2019\n(n = 61,204)"), (0.8, 0.55, "Excluded: age < 18\n(n = 12,994)"), (0.5, 0.15, "Analysed\n(n = 48,210)"),
    ):  # fmt: skip
        ax.text(x, y, said, ha="center", bbox=box)


def donut(ax: Any) -> None:
    ax.pie([52.1, 47.9], labels=["Women", "Men"], autopct="%.1f %%", wedgeprops={"width": 0.4})


def bands(ax: Any) -> None:
    x = np.linspace(20, 90, 50)
    ax.plot(x, 0.02 * x)
    ax.fill_between(x, 0.018 * x, 0.022 * x, alpha=0.3)
    ax.set(xlabel="Age", ylabel="log odds")


def drawn() -> list[Case]:
    table = pd.DataFrame({"Model": ["1", "2", "3"], "HR": ["0.87", "0.89", "0.91"], "95 % CI": ["0.79-0.95", "0.80-0.98", "0.83-1.00"], "p": ["0.002", "0.02", "0.05"]})  # fmt: skip
    pictures = {
        "roc": roc, "true_roc": true_roc, "trend": trend, "hazard": hazard, "large_bars": large_bars, "correlations": correlations,
        "curve": curve, "loss": loss, "ages": ages, "calibration": calibration, "shap": shap_bars, "large_flow": large_flow,
        "donut": donut, "bands": bands,
    }  # fmt: skip
    return [
        *(safe(f"eighth_{name}_png", "drawn", figure(draw)) for name, draw in pictures.items()),
        safe("eighth_hazard_pdf", "drawn", figure(hazard, "pdf")), safe("eighth_trend_svg", "drawn", figure(trend, "svg")),
        safe("eighth_curve_jpg", "drawn", figure(curve, "jpg")), safe("eighth_model_table_png", "drawn", drawn_table(table, "png")),
    ]  # fmt: skip


def interactive() -> list[Case]:
    yearly = pd.DataFrame(
        {"year": [2016, 2017, 2018, 2019], "rate": [4.47, 4.6, 4.52, 4.77], "patients": [1842, 1911, 1890, 2004]}
    )
    bars = px.bar(yearly, x="year", y="patients").to_html(include_plotlyjs="cdn").encode()
    lines = go.Figure(go.Scatter(x=yearly.year, y=yearly.rate, mode="lines")).to_html(include_plotlyjs="cdn").encode()
    chart = alt.Chart(yearly).mark_bar().encode(x="year:O", y="patients").to_html().encode()
    return [
        safe("eighth_plotly_bars", "interactive", ("bars.html", bars)),
        safe("eighth_plotly_lines", "interactive", ("lines.html", lines)),
        safe("eighth_altair", "interactive", ("chart.html", chart)),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*regression(), *drawn(), *interactive()]
