"""Twenty-seventh batch: safe figures, as matplotlib, plotly, altair and bokeh draw and save them."""

import io
from typing import Any

import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from bokeh.embed import file_html
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import CDN
from lifelines import KaplanMeierFitter
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.patches import Polygon
from sklearn.calibration import CalibrationDisplay
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay, PrecisionRecallDisplay, RocCurveDisplay

from . import pack
from .case import Case, File, safe
from .twenty_seventh_cohort import AGES, REGIONS, D

rng = np.random.default_rng(2703)
X = pd.get_dummies(D[["age", "sex", "nihss", "afib"]], drop_first=True).astype(float)
SCORE = (
    LogisticRegression(max_iter=500).fit(X, D.death90).predict_proba(X)[:, 1].clip(0.03, 0.2)
)  # the ends have enough persons
ODDS = pd.DataFrame({"name": ["Age (per 10 years)", "Male", "NIHSS 5-15", "NIHSS 16+", "Atrial fibrillation"], "or": [1.42, 0.95, 1.57, 2.76, 1.08], "low": [1.36, 0.86, 1.41, 2.45, 0.96], "high": [1.49, 1.04, 1.76, 3.11, 1.21]})  # fmt: skip
RATES = (
    D[D.age >= 50].pivot_table(index="age_group", columns="nihss", values="death90", observed=True).mul(100).round(1)
)


def survival_at_risk(ax: Any) -> None:
    """lifelines' curves, and the table under them in the layout of its `add_at_risk_counts`."""
    ticks, rows = list(range(0, 31, 6)), []
    for name, scale in (("Thrombolysis", 60), ("No thrombolysis", 42)):
        months = np.ceil(rng.exponential(scale, 4000))
        KaplanMeierFitter(label=name).fit(np.minimum(months, 36), months <= 36).plot_survival_function(ax=ax)
        rows.append((name, [int((months > t).sum()) for t in ticks]))
    ax.set(xlabel="Months", ylabel="Survival probability", ylim=(0, 1.02), xticks=ticks, xlim=(0, 31))
    under = ax.twiny()
    under.spines[["top", "right", "bottom", "left"]].set_visible(False)
    under.spines["bottom"].set_position(("axes", -0.22))
    under.xaxis.tick_bottom()
    under.tick_params(length=0)
    under.set(xlim=ax.get_xlim())
    under.set_xticks(
        ticks,
        [
            "\n".join(f"{name}\nAt risk   {n[at]}" if at == 0 else f"\n{n[at]}" for name, n in rows)
            for at in range(len(ticks))
        ],
        ha="right",
    )
    ax.figure.subplots_adjust(bottom=0.36, left=0.2)


def calibration(ax: Any) -> None:
    CalibrationDisplay.from_predictions(D.death90, SCORE, n_bins=10, strategy="quantile", ax=ax, name="Logistic")


def roc(ax: Any) -> None:
    RocCurveDisplay.from_predictions(
        D.death90, SCORE.round(2), ax=ax, name="Logistic regression", plot_chance_level=True
    )


def recall(ax: Any) -> None:
    PrecisionRecallDisplay.from_predictions(D.death90, SCORE.round(2), ax=ax, name="Logistic regression")


def confusion(ax: Any) -> None:
    ConfusionMatrixDisplay.from_predictions(
        D.death90, SCORE > 0.12, display_labels=["alive", "dead"], cmap="Blues", ax=ax
    )


def forest(ax: Any) -> None:
    at = np.arange(len(ODDS))[::-1]
    ax.errorbar(
        ODDS["or"],
        at,
        xerr=[ODDS["or"] - ODDS.low, ODDS.high - ODDS["or"]],
        fmt="s",
        color="black",
        ecolor="grey",
        capsize=3,
    )
    ax.axvline(1, ls="--", color="red", lw=1)
    ax.set_yticks(at, ODDS.name)
    ax.set(xlabel="Odds ratio (95 % CI)", title="Death within 90 days")
    ax.figure.tight_layout()


def heat(ax: Any) -> None:
    """As seaborn's `heatmap(annot=True)` draws it."""
    shown = ax.imshow(RATES, cmap="rocket" if "rocket" in plt.colormaps() else "magma_r", aspect="auto")
    for i in range(RATES.shape[0]):
        for j in range(RATES.shape[1]):
            ax.text(
                j,
                i,
                f"{RATES.iloc[i, j]:.1f}",
                ha="center",
                va="center",
                color="white" if RATES.iloc[i, j] > 12 else "black",
            )
    ax.set_xticks(range(RATES.shape[1]), RATES.columns)
    ax.set_yticks(range(RATES.shape[0]), RATES.index)
    ax.set(xlabel="NIHSS", ylabel="Age group", title="Mortality at 90 days (%)")
    ax.figure.colorbar(shown, ax=ax)


def ages(ax: Any) -> None:
    ax.hist(
        [D.age[D.sex == s] for s in ("Female", "Male")], bins=range(35, 100, 5), label=["Female", "Male"], alpha=0.8
    )
    ax.set(xlabel="Age (years)", ylabel="Number of patients")
    ax.legend()


def boxes(ax: Any) -> None:
    ax.boxplot(
        [D.los[D.nihss == s] for s in ("0-4", "5-15", "16+")],
        tick_labels=["0-4", "5-15", "16+"],
        showfliers=False,
        whis=(10, 90),
    )
    ax.set(
        xlabel="NIHSS at admission",
        ylabel="Length of stay (days)",
        title="Boxes: quartiles; whiskers: 10th and 90th percentiles",
    )


def monthly(ax: Any) -> None:
    stays = D.set_index("date").resample("MS").size()
    ax.plot(stays.index, stays, label="Stays")
    ax.plot(stays.index, stays.rolling(6, center=True).mean(), color="red", label="6-month mean")
    ax.axvspan(pd.Timestamp("2020-03-17"), pd.Timestamp("2020-05-11"), color="grey", alpha=0.3, label="Lockdown")
    ax.set(ylabel="Stays per month", ylim=(0, 420))
    ax.legend(loc="lower left")


def stacked(ax: Any) -> None:
    shares = pd.crosstab(D.date.dt.year, D.nihss, normalize="index").mul(100)
    shares.plot.bar(stacked=True, ax=ax, rot=0, color=["#2a9d8f", "#e9c46a", "#e76f51"])
    ax.set(xlabel="Année", ylabel="Part des séjours (%)")
    ax.legend(title="NIHSS", bbox_to_anchor=(1, 1))
    ax.figure.tight_layout()


def regions_map(ax: Any) -> None:
    """Areas in colours, their names and their rates."""
    rates = dict(zip(REGIONS, [14.9, 12.3, 12.9, 7.0, 9.7, 9.3], strict=True))
    for at, (name, rate) in enumerate(rates.items()):
        x, y = divmod(at, 2)
        corners = np.array([[x, y], [x + 0.9, y + 0.1], [x + 1, y + 0.9], [x + 0.5, y + 1], [x + 0.05, y + 0.8]])
        ax.add_patch(Polygon(corners, facecolor=plt.cm.YlOrRd(rate / 16), edgecolor="white"))
        ax.text(x + 0.5, y + 0.5, f"{name}\n{rate:.1f}".replace(".", ","), ha="center", va="center", fontsize=8)
    ax.set(xlim=(-0.1, 3.2), ylim=(-0.1, 2.2), title="AVC pour 100 000 habitants et par an")
    ax.axis("off")


def learning(ax: Any) -> None:
    epochs = np.arange(1, 31)
    ax.plot(epochs, 0.35 + 0.3 * np.exp(-epochs / 6), label="train")
    ax.plot(epochs, 0.38 + 0.27 * np.exp(-epochs / 5), "--", label="validation")
    ax.set(xlabel="Epoch", ylabel="Loss")
    ax.legend()


def trials(ax: Any) -> None:
    """A funnel plot: one mark for each published trial."""
    ratio = np.log([1.67, 2.60, 1.70, 2.63, 3.10, 1.31, 1.92, 2.05])
    error = np.array([0.165, 0.205, 0.25, 0.264, 0.446, 0.31, 0.22, 0.19])
    ax.scatter(ratio, error, color="black")
    ax.plot([0.65 - 1.96 * 0.5, 0.65, 0.65 + 1.96 * 0.5], [0.5, 0, 0.5], "k--", lw=0.8)
    ax.invert_yaxis()
    ax.set(xlabel="Log odds ratio", ylabel="Standard error", title="Funnel plot (8 trials)")


def pdf_report() -> File:
    """Two pages: a text, then two figures."""
    out = io.BytesIO()
    with PdfPages(out) as book:
        page = plt.figure(figsize=(8.27, 11.69))
        page.text(0.1, 0.92, "Filière AVC 2018-2023 : résultats", fontsize=16, weight="bold")
        page.text(
            0.1,
            0.72,
            "24 000 patients, âge moyen 71,9 ans (ET 11,9), 48 % de femmes.\nThrombolyse : 14,8 %. Mortalité à 90 jours : 8,1 %.\n\nTableau 1. Mortalité selon la sévérité\n  NIHSS 0-4    6,2 %\n  NIHSS 5-15   9,2 %\n  NIHSS 16+   15,1 %",
            fontsize=11,
            va="top",
            family="monospace",
            linespacing=1.6,
        )
        book.savefig(page)
        plt.close(page)
        page, grid = plt.subplots(2, 1, figsize=(8.27, 11.69))
        monthly(grid[0])
        ages(grid[1])
        book.savefig(page)
        plt.close(page)
    return "rapport.pdf", out.getvalue()


def pages() -> dict[str, File]:
    """Saved interactive charts."""
    years = (
        D.assign(year=D.date.dt.year)
        .groupby(["year", "hospital"], as_index=False)
        .agg(stays=("age", "size"), rate=("death90", "mean"))
    )
    years["rate"] = (100 * years.rate).round(1)
    line = px.line(
        years,
        x="year",
        y="rate",
        color="hospital",
        markers=True,
        labels={"rate": "Deaths at 90 days (%)"},
        title="Mortality by kind of hospital",
    )
    bars = px.bar(years, x="year", y="stays", color="hospital", barmode="group", text_auto=True)
    matrix = px.imshow(RATES, text_auto=True, color_continuous_scale="Blues", labels={"color": "%"})
    effects = go.Figure(
        go.Scatter(
            x=ODDS["or"],
            y=ODDS.name,
            mode="markers",
            error_x={
                "type": "data",
                "symmetric": False,
                "array": ODDS.high - ODDS["or"],
                "arrayminus": ODDS["or"] - ODDS.low,
            },
        )
    )
    effects.update_xaxes(type="log", title="Odds ratio")
    band = alt.layer(
        alt.Chart(
            years.groupby("year", as_index=False)
            .agg(rate=("rate", "mean"))
            .assign(low=lambda f: f.rate - 0.6, high=lambda f: f.rate + 0.6)
        )
        .mark_area(opacity=0.3)
        .encode(x="year:O", y="low:Q", y2="high:Q"),
        alt.Chart(years.groupby("year", as_index=False).agg(rate=("rate", "mean")))
        .mark_line(point=True)
        .encode(x="year:O", y="rate:Q"),
    )
    ages_chart = (
        alt.Chart(pd.crosstab(D.age_group, D.sex).reset_index().melt("age_group", value_name="patients"))
        .mark_bar()
        .encode(
            x=alt.X("age_group:N", sort=AGES),
            y="patients:Q",
            color="sex:N",
            xOffset="sex:N",
            tooltip=["age_group", "sex", "patients"],
        )
    )
    plot = bokeh_figure(
        x_range=REGIONS,
        height=320,
        width=700,
        title="Stays by region",
        toolbar_location=None,
        tooltips=[("region", "@region"), ("stays", "@stays{0,0}")],
    )
    plot.vbar(
        x="region",
        top="stays",
        width=0.8,
        source=ColumnDataSource({"region": REGIONS, "stays": D.region.value_counts()[REGIONS].tolist()}),
    )
    return {
        "plotly_line": ("line.html", line.to_html(include_plotlyjs="cdn").encode()), "plotly_bars": ("bars.html", bars.to_html(include_plotlyjs="cdn", full_html=True).encode()), "plotly_matrix": ("matrix.html", matrix.to_html(include_plotlyjs="cdn").encode()), "plotly_forest": ("forest.html", effects.to_html(include_plotlyjs="cdn").encode()),
        "altair_band": ("band.html", band.to_html().encode()), "altair_ages": ("ages.html", ages_chart.to_html().encode()), "bokeh_regions": ("regions.html", file_html(plot, CDN, "Stays by region").encode()),
    }  # fmt: skip


DRAWN = {"survival": survival_at_risk, "calibration": calibration, "roc": roc, "recall": recall, "confusion": confusion, "forest": forest, "heat": heat, "ages": ages, "boxes": boxes, "monthly": monthly, "stacked": stacked, "map": regions_map, "learning": learning, "trials": trials}  # fmt: skip


def cases() -> list[Case]:
    """The figures of the batch."""
    files = {f"{name}_png": pack.figure(draw, size=(7, 5)) for name, draw in DRAWN.items()}
    files |= {"ages_svg": pack.figure(ages, "svg"), "forest_svg": pack.figure(forest, "svg"), "monthly_svg": pack.figure(monthly, "svg"), "survival_pdf": pack.figure(survival_at_risk, "pdf", (7, 5)), "stacked_jpg": pack.figure(stacked, "jpg", dpi=150), "map_jpg": pack.figure(regions_map, "jpg"), "report_pdf": pdf_report()}  # fmt: skip
    return [safe(f"twenty_seven_{name}", "drawn", file) for name, file in {**files, **pages()}.items()]
