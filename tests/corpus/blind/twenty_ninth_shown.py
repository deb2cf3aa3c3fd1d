"""Twenty-ninth batch: safe figures, saved charts and notebooks."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from bokeh.embed import file_html
from bokeh.models import HoverTool
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from lifelines import KaplanMeierFitter
from lifelines.statistics import logrank_test

from . import pack
from .case import File
from .eighteenth_shown import image
from .twenty_seventh_cohort import D

rng = np.random.default_rng(2902)
YEARS = (
    D.assign(year=D.date.dt.year)
    .groupby("year")
    .agg(stays=("age", "size"), died=("death90", "mean"))
    .assign(died=lambda f: (100 * f.died).round(2))
    .reset_index()
)


def areas(ax: Any) -> None:
    shares = pd.crosstab(D.date.dt.year, D.nihss)
    ax.stackplot(shares.index, shares.T, labels=shares.columns, alpha=0.8)
    ax.set(xlabel="Year", ylabel="Stays", xlim=(2018, 2023))
    ax.legend(title="NIHSS", loc="lower right")


def survival(ax: Any) -> None:
    """Curves with bands, the test in a corner."""
    times = [np.ceil(rng.exponential(scale, 5000)).clip(1, 25) for scale in (48, 40)]
    for name, t in zip(("Alteplase", "Control"), times, strict=True):
        KaplanMeierFitter().fit(t.clip(0, 24), t <= 24, label=name).plot_survival_function(ax=ax, ci_alpha=0.15)
    p = logrank_test(*(t.clip(0, 24) for t in times), *(t <= 24 for t in times)).p_value
    ax.text(1, 0.1, f"Log-rank p {'< 0.001' if p < 0.001 else f'= {p:.3f}'}")
    ax.set(xlabel="Months since admission", ylabel="Alive", ylim=(0, 1.02))


def dots(ax: Any) -> None:
    """Coefficients of two models beside each other."""
    names = ["Age", "Male", "NIHSS 5-15", "NIHSS 16+", "Atrial fibrillation", "Diabetes"]
    for shift, label, color in ((-0.12, "Crude", "C0"), (0.12, "Adjusted", "C1")):
        value = np.array([0.36, -0.05, 0.45, 1.01, 0.08, 0.02]) * (1 + shift)
        ax.errorbar(value, np.arange(6) + shift, xerr=0.08, fmt="o", color=color, label=label)
    ax.axvline(0, color="k", lw=0.8, ls=":")
    ax.set_yticks(range(6), names)
    ax.set_xlabel("Log odds ratio")
    ax.legend()
    ax.figure.tight_layout()


def lockdown(ax: Any) -> None:
    weeks = pd.date_range("2020-01-06", periods=40, freq="W-MON")
    ax.bar(weeks, rng.integers(610, 800, 40), width=5, color="lightsteelblue", label="Observed")
    ax.plot(weeks, np.full(40, 700), "r--", label="Expected")
    ax.set(ylabel="Stays per week")
    ax.tick_params(axis="x", rotation=45)
    ax.legend(loc="lower right")
    ax.figure.tight_layout()


def sexes(ax: Any) -> None:
    shares = D.groupby("sex")[["hypertension", "diabetes", "afib", "thrombolysis"]].mean().mul(100).T
    at = np.arange(4)
    for n, sex in enumerate(shares):
        bars = ax.bar(at + 0.4 * n, shares[sex], 0.4, label=sex)
        ax.bar_label(bars, fmt="%.1f", padding=2)
    ax.set_xticks(at + 0.2, ["Hypertension", "Diabetes", "AF", "Thrombolysis"])
    ax.set(ylabel="% of patients", ylim=(0, 80))
    ax.legend()


def cumulative(ax: Any) -> None:
    ordered = np.sort(D.los[D.los <= 30])
    ax.plot(range(3, 31), [100 * (ordered <= t).mean() for t in range(3, 31)], drawstyle="steps-post")
    ax.set(xlabel="Durée de séjour (jours)", ylabel="Part cumulée des séjours (%)", ylim=(0, 100), xlim=(0, 30))
    ax.grid(alpha=0.3)


def pages() -> dict[str, File]:
    quartiles = (
        D.groupby("nihss")
        .los.quantile([0.1, 0.25, 0.5, 0.75, 0.9])
        .reset_index()
        .pivot_table(index="nihss", columns="level_1", values="los")
    )
    boxes = go.Figure(
        go.Box(
            x=list(quartiles.index),
            lowerfence=quartiles[0.1].tolist(),
            q1=quartiles[0.25].tolist(),
            median=quartiles[0.5].tolist(),
            q3=quartiles[0.75].tolist(),
            upperfence=quartiles[0.9].tolist(),
        )
    )
    boxes.update_layout(title="Length of stay: quartiles, 10th and 90th percentiles", yaxis_title="Days")
    pie = px.pie(D.nihss.value_counts().reset_index(), names="nihss", values="count", title="NIHSS at admission")
    bars = alt.Chart(YEARS).mark_bar().encode(x="year:O", y="stays:Q")
    labelled = (bars + bars.mark_text(dy=-6).encode(text="stays:Q")).properties(title="Stays by year")
    plot = bokeh_figure(width=600, height=320, title="Deaths within 90 days (%)", x_axis_label="Year", y_axis_label="%")
    plot.line(YEARS.year.tolist(), YEARS.died.tolist(), line_width=2)
    plot.scatter(YEARS.year.tolist(), YEARS.died.tolist(), size=8)
    plot.add_tools(HoverTool(tooltips=[("year", "@x"), ("%", "@y{0.0}")]))
    return {"boxes": ("boxes.html", boxes.to_html(include_plotlyjs="cdn").encode()), "pie": ("pie.html", pie.to_html(include_plotlyjs="cdn").encode()), "labelled": ("years.html", labelled.to_html().encode()), "bokeh": ("deaths.html", file_html(plot, INLINE, "Deaths").encode())}  # fmt: skip


def books() -> dict[str, File]:
    bands = pd.cut(D.age, [17, 49.9, 64.9, 74.9, 84.9, 120]).value_counts(sort=False)
    top = D.groupby("region").agg(stays=("age", "size"), died=("death90", "mean")).sort_values("stays", ascending=False)
    info = "<class 'pandas.core.frame.DataFrame'>\nRangeIndex: 24000 entries, 0 to 23999\nData columns (total 3 columns):\n #   Column  Non-Null Count  Dtype  \n---  ------  --------------  -----  \n 0   age     24000 non-null  float64\n 1   sex     24000 non-null  object \n 2   nihss   22796 non-null  object \ndtypes: float64(1), object(2)\nmemory usage: 562.6+ KB\n"
    explore = pack.notebook(
        {**pack.cell("seed = 7\nyear_from, year_to = 2018, 2023"), "metadata": {"tags": ["parameters"]}}, pack.cell("!pip list | head -4", pack.stream("Package      Version\n------------ -------\nnumpy        2.1.3\npandas       2.2.3\n")), pack.cell("d.info()", pack.stream(info)),
        pack.cell("pd.cut(d.age, [17, 49.9, 64.9, 74.9, 84.9, 120]).value_counts(sort=False)", pack.result({"text/plain": str(bands)})), pack.cell("top = d.groupby('region').agg(stays=('age', 'size'), died=('death90', 'mean')).sort_values('stays', ascending=False)\ntop.style.format({'died': '{:.1%}'})", pack.result({"text/plain": "<pandas.io.formats.style.Styler at 0x7f3a2c1d5e10>", "text/html": top.style.format({"died": "{:.1%}"}).to_html()})),
        pack.cell("%timeit fit(d)", pack.stream("41.2 ms ± 1.1 ms per loop (mean ± std. dev. of 7 runs, 10 loops each)\n")), pack.cell("plot_areas(d)", image(areas)), name="explore.ipynb",
    )  # fmt: skip
    rapport = pack.notebook(
        pack.text_cell("# Filière AVC\n\n*Mise à jour : 14 mai 2024.*\n\n1. Population\n2. Résultats"), pack.cell("display(Markdown(f'**{len(d):,}** séjours, {d.region.nunique()} régions'))", {"output_type": "display_data", "metadata": {}, "data": {"text/markdown": "**24,000** séjours, 6 régions", "text/plain": "<IPython.core.display.Markdown object>"}}),
        pack.cell('print(f"Décès à 90 jours : {d.death90.mean():.1%} (n = {d.death90.sum():,})")', pack.stream("Décès à 90 jours : 8.1% (n = 1,946)\n")), pack.cell("YEARS", pack.shown(YEARS)), pack.cell("sexes(d)", image(sexes)), pack.cell("from scipy import stats\nstats.chi2_contingency(pd.crosstab(d.sex, d.death90))", pack.result({"text/plain": "Chi2ContingencyResult(statistic=1.21, pvalue=0.271, dof=1, expected_freq=array([[10597.8,   935.1],\n       [11456.1,  1010.8]]))"})), name="rapport.ipynb",
    )  # fmt: skip
    return {"explore_book": explore, "rapport_book": rapport}


def files() -> dict[str, File]:
    """Every figure, page and notebook by name."""
    drawn = {
        "areas": areas,
        "survival": survival,
        "dots": dots,
        "lockdown": lockdown,
        "sexes": sexes,
        "cumulative": cumulative,
    }
    pictures = {f"{name}_png": pack.figure(draw) for name, draw in drawn.items()}
    return {
        **pictures,
        "sexes_svg": pack.figure(sexes, "svg"),
        "dots_pdf": pack.figure(dots, "pdf"),
        "lockdown_jpg": pack.figure(lockdown, "jpg"),
        **pages(),
        **books(),
    }
