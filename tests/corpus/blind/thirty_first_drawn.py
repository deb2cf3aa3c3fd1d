"""Thirty-first batch: safe figures of matplotlib, and saved charts of plotly, altair and bokeh."""

import io
from typing import Any

import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from bokeh.embed import file_html
from bokeh.models import ColumnDataSource, HoverTool
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import CDN
from lifelines import KaplanMeierFitter
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.collections import PatchCollection
from matplotlib.patches import FancyBboxPatch, Rectangle
from plotly.subplots import make_subplots

from . import pack
from .case import Case, File, safe
from .thirty_first_cohort import AGES, DEPARTMENTS, LEVELS, B

rng = np.random.default_rng(3103)
RR = pd.DataFrame({"name": ["Tabac", "Diabète gestationnel", "Âge < 25", "Âge 30-34", "Âge 35-39", "Âge 40 +"], "rr": [1.91, 1.35, 1.06, 1.16, 1.20, 1.14], "low": [1.71, 1.15, 0.90, 1.02, 1.03, 0.85], "high": [2.14, 1.59, 1.26, 1.32, 1.40, 1.53]})  # fmt: skip
QUARTERS = B.groupby(B.date.dt.to_period("Q")).caesarean.mean().mul(100)


def caesareans(ax: Any) -> None:
    """A rate by quarter with its band and a dashed line when something changed."""
    at = QUARTERS.index.to_timestamp()
    error = 1.96 * np.sqrt(QUARTERS * (100 - QUARTERS) / 1500)
    ax.fill_between(at, QUARTERS - error, QUARTERS + error, alpha=0.25)
    ax.plot(at, QUARTERS, marker="o", ms=3)
    ax.axvline(pd.Timestamp("2019-01-01"), color="k", ls="--")
    ax.annotate("Nouvelle recommandation", (pd.Timestamp("2019-01-15"), 24), fontsize=8)
    ax.set(ylim=(10, 26), ylabel="Césariennes (%)", title="Taux de césarienne par trimestre")


def ratios(ax: Any) -> None:
    """A forest plot with the estimates written at its right."""
    at = np.arange(len(RR))[::-1]
    ax.hlines(at, RR.low, RR.high, color="black")
    ax.plot(RR.rr, at, "D", color="black", ms=5)
    ax.axvline(1, color="grey", lw=0.8)
    ax.set_xscale("log")
    ax.set_xticks([0.5, 1, 2, 4], ["0,5", "1", "2", "4"])
    ax.set_yticks(at, RR.name)
    for y, row in zip(at, RR.itertuples(), strict=True):
        ax.text(4.3, y, f"{row.rr:.2f} [{row.low:.2f} ; {row.high:.2f}]".replace(".", ","), va="center", fontsize=8)
    ax.set(xlabel="Risque relatif ajusté (IC 95 %)")
    ax.figure.subplots_adjust(left=0.27, right=0.74)


def pyramid(ax: Any) -> None:
    """Ages of mothers who smoke and who do not, back to back."""
    counts = pd.crosstab(B.age_group, B.smoker)
    ax.barh(counts.index, -counts[0], color="#4c72b0", label="Non-smokers")
    ax.barh(counts.index, counts[1], color="#dd8452", label="Smokers")
    ax.set_xticks([-10000, -5000, 0, 5000], ["10,000", "5,000", "0", "5,000"])
    ax.set(xlabel="Births", ylabel="Age of the mother")
    ax.legend(frameon=False)


def weights(ax: Any) -> None:
    """Wide bins, the tails left out."""
    for girl, name in ((0, "Boys"), (1, "Girls")):
        ax.hist(B.weight[B.girl == girl], bins=np.arange(2000, 4600, 200), histtype="step", lw=2, label=name)
    ax.set(xlabel="Birth weight (g)", ylabel="Births", title="Births of 2,000 to 4,400 g")
    ax.legend()


def density(ax: Any) -> None:
    from scipy.stats import gaussian_kde

    grid = np.linspace(2000, 4500, 200)
    for smoker, name in ((0, "No"), (1, "Yes")):
        ax.plot(grid, gaussian_kde(B.weight[B.smoker == smoker], 0.25)(grid), label=name)
    ax.set(xlabel="Birth weight (g)", ylabel="Density", yticks=[])
    ax.legend(title="Smoking")


def breastfeeding(ax: Any) -> None:
    """Survival in weeks, and the numbers at risk under it."""
    ticks = [0, 4, 8, 12, 16, 20, 24]
    for at, (name, mean) in enumerate((("Standard support", 14), ("Visits at home", 19))):
        stop = np.ceil(rng.exponential(mean, 1500))
        KaplanMeierFitter(label=name).fit(np.minimum(stop, 26), stop <= 26).plot_survival_function(ax=ax, ci_show=True)
        for t in ticks:
            ax.text(t, -0.34 - 0.09 * at, f"{(stop > t).sum()}", ha="center", fontsize=8)
        ax.text(-1.2, -0.34 - 0.09 * at, name, ha="right", fontsize=8)
    ax.text(-1.2, -0.25, "Number at risk", ha="right", fontsize=8, weight="bold")
    ax.set(xlabel="Weeks since birth", ylabel="Still breastfeeding", ylim=(0, 1.02), xlim=(0, 25), xticks=ticks)
    ax.figure.subplots_adjust(bottom=0.34, left=0.26)


def roc(ax: Any) -> None:
    at = np.linspace(0, 1, 60)
    for name, power, auc in (("Fasting glucose", 0.22, 0.82), ("Risk score", 0.4, 0.71)):
        ax.plot(at, at**power, label=f"{name} (AUC = {auc:.2f})")
    ax.plot([0, 1], [0, 1], "k:", lw=1)
    ax.set(xlabel="1 - specificity", ylabel="Sensitivity", aspect="equal")
    ax.legend(loc="lower right")


def correlation(ax: Any) -> None:
    names = ["mother_age", "bmi", "weeks", "weight", "smoker"]
    values = B[names].corr().to_numpy()
    shown = ax.imshow(values, vmin=-1, vmax=1, cmap="RdBu_r")
    for i in range(5):
        for j in range(5):
            ax.text(
                j,
                i,
                f"{values[i, j]:.2f}",
                ha="center",
                va="center",
                color="white" if abs(values[i, j]) > 0.5 else "black",
            )
    ax.set_xticks(range(5), names, rotation=45, ha="right")
    ax.set_yticks(range(5), names)
    ax.figure.colorbar(shown, ax=ax, label="Pearson's r")
    ax.figure.tight_layout()


def share_map(ax: Any) -> None:
    """A tile map with a legend of classes."""
    rates = B.groupby("department").caesarean.mean().mul(100)
    tiles = [Rectangle((at % 4, -(at // 4)), 0.95, 0.95) for at in range(len(DEPARTMENTS))]
    patches = PatchCollection(tiles, cmap="YlGnBu", edgecolor="white")
    patches.set_array(rates.to_numpy())
    ax.add_collection(patches)
    for at, name in enumerate(DEPARTMENTS):
        ax.text(at % 4 + 0.48, -(at // 4) + 0.45, name.replace("-", "-\n", 1), ha="center", va="center", fontsize=7)
    ax.figure.colorbar(patches, ax=ax, label="Césariennes (%)", shrink=0.7)
    ax.set(xlim=(-0.1, 4.1), ylim=(-1.2, 1.1), title="Taux de césarienne par département, 2016-2021")
    ax.axis("off")


def flow(ax: Any) -> None:
    """A flow of births into the study."""
    boxes = [
        "Births recorded 2016-2021\nn = 38,412",
        "Live births\nn = 38,190",
        "Single births\nn = 37,046",
        "Analysed\nn = 36,000",
    ]
    aside = ["Stillbirths\nn = 222", "Multiple births\nn = 1,144", "Weight or term missing\nn = 1,046"]
    for at, text in enumerate(boxes):
        ax.add_patch(
            FancyBboxPatch((0.08, 0.8 - 0.25 * at), 0.38, 0.13, boxstyle="round,pad=0.01", fc="white", ec="black")
        )
        ax.text(0.27, 0.865 - 0.25 * at, text, ha="center", va="center", fontsize=9)
        if at < 3:
            ax.annotate("", (0.27, 0.70 - 0.25 * at), (0.27, 0.785 - 0.25 * at), arrowprops={"arrowstyle": "->"})
            ax.text(
                0.78,
                0.74 - 0.25 * at,
                aside[at],
                ha="center",
                va="center",
                fontsize=9,
                bbox={"fc": "white", "ec": "black"},
            )
            ax.annotate("", (0.62, 0.74 - 0.25 * at), (0.27, 0.74 - 0.25 * at), arrowprops={"arrowstyle": "->"})
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.axis("off")


def curve_of_tests(ax: Any) -> None:
    """Cost-effectiveness acceptability."""
    pay = np.arange(0, 60001, 2000)
    universal = 1 / (1 + np.exp(-(pay - 21269) / 6000))
    ax.plot(pay, universal, label="Universal screening")
    ax.plot(pay, 1 - universal, "--", label="Risk groups")
    ax.set(xlabel="Willingness to pay (€/QALY)", ylabel="Probability of being cost-effective", ylim=(0, 1))
    ax.legend()


def shares(ax: Any) -> None:
    made = pd.crosstab(B.level, B.age_group, normalize="index").mul(100)
    made.plot.barh(stacked=True, ax=ax, colormap="viridis", width=0.75)
    for group in ax.containers[1:4]:
        ax.bar_label(group, fmt="%.0f %%", label_type="center", color="white", fontsize=8)
    ax.set(xlabel="% of births", ylabel="Level of care", xlim=(0, 100))
    ax.legend(ncols=5, bbox_to_anchor=(0.5, 1.12), loc="center", fontsize=8, frameon=False)


def bars(ax: Any) -> None:
    made = ax.bar(LEVELS, B.level.value_counts()[LEVELS], color="slategrey")
    ax.bar_label(made, fmt="{:,.0f}")
    ax.set(xlabel="Level of care", ylabel="Births", ylim=(0, 12500))


def panels() -> File:
    """A figure of four panels."""
    picture, grid = plt.subplots(2, 2, figsize=(11, 8))
    for letter, draw, ax in zip("ABCD", (caesareans, weights, shares, roc), grid.flat, strict=True):
        draw(ax)
        ax.text(-0.12, 1.05, letter, transform=ax.transAxes, weight="bold", fontsize=13)
    picture.tight_layout()
    out = io.BytesIO()
    picture.savefig(out, format="png", dpi=100)
    plt.close(picture)
    return "figure2.png", out.getvalue()


def slides() -> File:
    """A PDF with a figure to a page."""
    out = io.BytesIO()
    with PdfPages(out) as book:
        for draw in (weights, shares, ratios):
            picture, ax = plt.subplots(figsize=(8, 5))
            draw(ax)
            book.savefig(picture)
            plt.close(picture)
    return "figures.pdf", out.getvalue()


def pages() -> dict[str, File]:
    """Saved interactive charts."""
    counts = B.groupby(["year", "level"], as_index=False).agg(births=("weight", "size"), rate=("caesarean", "mean"))
    counts["rate"] = (100 * counts.rate).round(1)
    area = px.area(counts, x="year", y="births", color="level", title="Births by level of care")
    both = make_subplots(rows=1, cols=2, subplot_titles=("Births", "Caesarean sections (%)"))
    for level in LEVELS:
        part = counts[counts.level == level]
        both.add_trace(go.Bar(x=part.year, y=part.births, name=level), row=1, col=1)
        both.add_trace(
            go.Scatter(x=part.year, y=part.rate, name=level, mode="lines+markers", showlegend=False), row=1, col=2
        )
    sankey = go.Figure(go.Sankey(node={"label": ["All births", "Level I-II", "Level III", "No transfer", "Transfer"]}, link={"source": [0, 0, 1, 1, 2, 2], "target": [1, 2, 3, 4, 3, 4], "value": [26949, 9051, 26200, 749, 8805, 246]}))  # fmt: skip
    table = go.Figure(
        go.Table(
            header={"values": ["Age", "Births"]},
            cells={"values": [AGES, B.age_group.value_counts(sort=False).tolist()]},
        )
    )
    heat = alt.Chart(counts).mark_rect().encode(x="year:O", y="level:N", color=alt.Color("rate:Q", title="Caesarean (%)"), tooltip=["year", "level", "rate"]).properties(width=300)  # fmt: skip
    line = alt.Chart(counts).mark_line(point=True).encode(x="year:O", y=alt.Y("rate:Q").scale(zero=False), color="level:N").facet("level:N", columns=2)  # fmt: skip
    plot = bokeh_figure(
        height=320, width=600, title="Caesarean sections by year", x_axis_label="Year", y_axis_label="%"
    )
    overall = (
        B.groupby("year", as_index=False).caesarean.mean().assign(caesarean=lambda f: (100 * f.caesarean).round(1))
    )
    plot.line("year", "caesarean", source=ColumnDataSource(overall), line_width=2)
    plot.scatter("year", "caesarean", source=ColumnDataSource(overall), size=7)
    plot.add_tools(HoverTool(tooltips=[("year", "@year"), ("%", "@caesarean")]))
    return {
        "plotly_area": ("area.html", area.to_html(include_plotlyjs="cdn").encode()), "plotly_both": ("both.html", both.to_html(include_plotlyjs="cdn").encode()), "plotly_sankey": ("sankey.html", sankey.to_html(include_plotlyjs="cdn").encode()), "plotly_table": ("table.html", table.to_html(include_plotlyjs="cdn").encode()),
        "altair_heat": ("heat.html", heat.to_html().encode()), "altair_facet": ("facet.html", line.to_html().encode()), "bokeh_line": ("line.html", file_html(plot, CDN, "Caesarean sections").encode()),
    }  # fmt: skip


DRAWN = {"caesareans": caesareans, "ratios": ratios, "pyramid": pyramid, "weights": weights, "density": density, "breastfeeding": breastfeeding, "roc": roc, "correlation": correlation, "map": share_map, "flow": flow, "acceptability": curve_of_tests, "shares": shares, "bars": bars}  # fmt: skip


def cases() -> list[Case]:
    """The figures of the batch."""
    files = {f"{name}_png": pack.figure(draw, size=(8, 5)) for name, draw in DRAWN.items()}
    files |= {"bars_svg": pack.figure(bars, "svg"), "caesareans_svg": pack.figure(caesareans, "svg"), "ratios_pdf": pack.figure(ratios, "pdf", (8, 5)), "pyramid_jpg": pack.figure(pyramid, "jpg", dpi=150), "flow_svg": pack.figure(flow, "svg", (8, 5)), "panels": panels(), "slides": slides()}  # fmt: skip
    return [safe(f"thirty_one_{name}", "drawn", file) for name, file in {**files, **pages()}.items()]
