"""Twentieth batch: safe figures, charts and notebooks, and leaks that are near twins of safe results."""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import statsmodels.formula.api as smf
from bokeh.embed import file_html
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from matplotlib.patches import RegularPolygon

from . import pack
from .case import Case, File, leak, safe
from .eighteenth_leaks import swapped
from .eighteenth_shown import image
from .sixteenth import pages
from .twentieth_safe import COMMENTED, KABLE, R_TABLEONE, RESULTATS, STATA_TAB

rng = np.random.default_rng(2002)


def hexagons(ax: Any) -> None:
    """Regions as hexagons in the colour of a rate, with the rate inside."""
    for at, (name, rate) in enumerate(
        {"HDF": 268, "NOR": 251, "BRE": 222, "PDL": 214, "IDF": 198, "GES": 243, "OCC": 207, "NAQ": 216}.items()
    ):
        x, y = at % 4 + 0.5 * (at // 4), at // 4
        ax.add_patch(RegularPolygon((x, y), 6, radius=0.55, facecolor=str(1 - rate / 500), edgecolor="white"))
        ax.text(x, y, f"{name}\n{rate}", ha="center", va="center", fontsize=8)
    ax.set(xlim=(-1, 5), ylim=(-1, 2), title="Deaths per 100,000, age-standardised")
    ax.axis("off")


def gantt(ax: Any) -> None:
    for at, (start, length) in enumerate(((0, 4), (3, 5), (6, 8), (12, 6))):
        ax.barh(at, length, left=start)
    ax.set_yticks(range(4), ["WP1 Data", "WP2 Cohort", "WP3 Models", "WP4 Papers"])
    ax.set(xlabel="Months", xticks=range(0, 19, 3))
    ax.invert_yaxis()


def dag(ax: Any) -> None:
    ax.axis("off")
    for x, y, name in ((0.1, 0.5, "Biologic"), (0.9, 0.5, "Relapse"), (0.5, 0.9, "Age"), (0.5, 0.1, "Duration")):
        ax.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "circle", "fc": "white"})
    for start, end in (((0.2, 0.5), (0.8, 0.5)), ((0.45, 0.85), (0.15, 0.6)), ((0.55, 0.85), (0.85, 0.6))):
        ax.annotate("", end, start, arrowprops={"arrowstyle": "->"})


def cumulative(ax: Any) -> None:
    x = np.arange(0, 25)
    for name, rate in (("Anti-TNF", 0.019), ("Vedolizumab", 0.016)):
        ax.plot(x, 1 - np.exp(-rate * x), label=name)
        ax.fill_between(x, 1 - np.exp(-(rate - 0.001) * x), 1 - np.exp(-(rate + 0.001) * x), alpha=0.25)
    ax.text(1, 0.33, "p < 0.001")
    ax.set(xlabel="Months since first dose", ylabel="Cumulative incidence of relapse", xlim=(0, 24), ylim=(0, 0.4))
    ax.legend(loc="lower right")


def ridges(ax: Any) -> None:
    x = np.linspace(18, 90, 150)
    for at, mean in enumerate((34, 39, 44, 51)):
        curve = np.exp(-((x - mean) ** 2) / 200)
        ax.fill_between(x, at, at + curve, alpha=0.7)
    ax.set_yticks(range(4), ["2015-16", "2017-18", "2019-20", "2021"])
    ax.set_xlabel("Age at first dose (years)")


def lollipop(ax: Any) -> None:
    names = ["CRP", "Albumin", "Age", "Calprotectin", "Disease duration", "Smoking", "Sex"]
    values = [0.31, 0.26, 0.19, 0.12, 0.08, 0.05, 0.02]
    ax.hlines(range(7), 0, values)
    ax.plot(values, range(7), "o")
    ax.set_yticks(range(7), names)
    ax.set_xlabel("Permutation importance (AUC)")
    ax.figure.subplots_adjust(left=0.25)


def monthly(ax: Any) -> None:
    """Bars of counts with their labels above."""
    values = [1204, 1188, 1310, 1277, 1402, 1365]
    made = ax.bar(["Jan", "Feb", "Mar", "Apr", "May", "Jun"], values, color="teal")
    ax.bar_label(made, labels=[f"{v:,}" for v in values], padding=2)
    ax.set(ylabel="First prescriptions", ylim=(0, 1600))


def agreement(ax: Any) -> None:
    """A confusion matrix in percent of the row, with a colour bar."""
    grid = np.array([[0.91, 0.07, 0.02], [0.12, 0.79, 0.09], [0.03, 0.14, 0.83]])
    drawn = ax.imshow(grid, cmap="Blues", vmin=0, vmax=1)
    for (i, j), v in np.ndenumerate(grid):
        ax.text(j, i, f"{v:.0%}", ha="center", va="center", color="white" if v > 0.5 else "black")
    ax.set_xticks(range(3), ["mild", "moderate", "severe"])
    ax.set_yticks(range(3), ["mild", "moderate", "severe"])
    ax.set(xlabel="Predicted", ylabel="Observed", title="n = 9,812")
    ax.figure.colorbar(drawn)


def trend_book() -> File:
    """A notebook in French: reading, a pivot, a model, a figure."""
    n = 5200
    d = pd.DataFrame(
        {"an": rng.integers(2016, 2022, n), "sexe": rng.choice(["F", "H"], n), "age": rng.normal(41, 13, n)}
    )
    d["rechute"] = (rng.random(n) < 0.4).astype(int)
    fit = smf.logit("rechute ~ C(sexe) + age", d).fit(disp=0)
    pivot = d.pivot_table(index="an", columns="sexe", values="rechute", aggfunc=["size", "mean"]).round(3)
    odds = pd.DataFrame(
        {"OR": np.exp(fit.params), "2,5 %": np.exp(fit.conf_int()[0]), "97,5 %": np.exp(fit.conf_int()[1])}
    ).round(2)
    return pack.notebook(
        pack.text_cell("# Rechutes sous biothérapie\n\n*Version du 12 mai 2023.* Seuil de diffusion : 11 personnes."),
        pack.cell("%matplotlib inline\nimport pandas as pd, statsmodels.formula.api as smf\nSEUIL = 11"),
        pack.cell("d = pd.read_parquet('cohorte.parquet')\nf'{len(d):,} patients'.replace(',', ' ')", pack.result({"text/plain": "'5 200 patients'"})),
        pack.cell("d.pivot_table(index='an', columns='sexe', values='rechute', aggfunc=['size', 'mean']).round(3)", pack.shown(pivot)),
        pack.cell("fit = smf.logit('rechute ~ C(sexe) + age', d).fit()\nfit.summary()", pack.stream("Optimization terminated successfully.\n         Current function value: 0.673011\n         Iterations 4\n"), pack.result({"text/plain": str(fit.summary()), "text/html": fit.summary().as_html()})),
        pack.cell("odds.round(2)", pack.shown(odds)),
        pack.cell("courbe(d)", image(cumulative)),
    )  # fmt: skip


def polars_book() -> File:
    shown = "shape: (3, 4)\n┌────────┬───────┬───────────┬──────────┐\n│ region ┆ n     ┆ age_moyen ┆ rechutes │\n│ ---    ┆ ---   ┆ ---       ┆ ---      │\n│ str    ┆ u32   ┆ f64       ┆ u32      │\n╞════════╪═══════╪═══════════╪══════════╡\n│ Nord   ┆ 3120  ┆ 41.2      ┆ 1502     │\n│ Ouest  ┆ 2877  ┆ 42.0      ┆ 1310     │\n│ Sud    ┆ 3815  ┆ 40.7      ┆ 1918     │\n└────────┴───────┴───────────┴──────────┘"  # fmt: skip
    return pack.notebook(
        pack.cell("import polars as pl\npl.__version__", pack.result({"text/plain": "'0.20.31'"})),
        pack.cell("d.group_by('region').agg(pl.len().alias('n'), pl.col('age').mean().round(1).alias('age_moyen'), pl.col('rechute').sum().alias('rechutes')).sort('region')", pack.result({"text/plain": shown})),
        pack.cell("%%time\nmodel.fit(x, y)", pack.stream("CPU times: user 3.2 s, sys: 112 ms, total: 3.31 s\nWall time: 2.9 s\n")),
    )  # fmt: skip


def charts() -> dict[str, File]:
    heat = px.imshow(pd.DataFrame(rng.uniform(0.1, 0.4, (4, 6)).round(2), index=["18-34", "35-49", "50-64", "65+"], columns=[str(y) for y in range(2016, 2022)]), text_auto=True)  # fmt: skip
    pie = go.Figure(go.Pie(labels=["Anti-TNF", "Vedolizumab", "Ustekinumab"], values=[6110, 3702, 2044], hole=0.4))
    frame = pd.DataFrame(
        {"year": list(range(2016, 2022)) * 2, "sex": ["F"] * 6 + ["M"] * 6, "patients": rng.integers(700, 1300, 12)}
    )
    facet = alt.Chart(frame).mark_line(point=True).encode(x="year:O", y=alt.Y("patients:Q", title="New patients"), color="sex:N").properties(title="New patients by year")  # fmt: skip
    years = [str(y) for y in range(2016, 2022)]
    stack = bokeh_figure(x_range=years, height=300, title="Patients by first drug")
    stack.vbar_stack(["tnf", "vedo"], x="year", width=0.8, color=["#3182bd", "#9ecae1"], source={"year": years, "tnf": [1204, 1120, 1044, 988, 902, 852], "vedo": [312, 455, 601, 702, 788, 844]}, legend_label=["Anti-TNF", "Vedolizumab"])  # fmt: skip
    return {"heat": ("heat.html", heat.to_html(include_plotlyjs="cdn").encode()), "pie": ("pie.html", pie.to_html(include_plotlyjs="cdn").encode()), "facet": ("facet.html", facet.to_html().encode()), "stack": ("stack.html", file_html(stack, INLINE, "stack").encode())}  # fmt: skip


def small_months(ax: Any) -> None:
    values = [1204, 1188, 8, 1277, 1402, 1365]
    made = ax.bar(["Jan", "Feb", "Mar", "Apr", "May", "Jun"], values, color="teal")
    ax.bar_label(made, labels=[f"{v:,}" for v in values], padding=2)
    ax.set(ylabel="First prescriptions", ylim=(0, 1600))


def leaks() -> list[Case]:
    canton = pd.DataFrame({"Canton": ["Est", "Nord", "Ouest", "Sud", "Ensemble"], "Femmes": ["<11", "38", "52", "27", "124"], "Hommes": ["24", "<11", "47", "31", "109"]})  # fmt: skip
    fair = {
        "groups": {
            "women": {"n": 5000, "auc": 0.781},
            "men": {"n": 4812, "auc": 0.776},
            "intersex": {"n": 6, "auc": 0.833},
        }
    }
    odd = pd.DataFrame({"Facteur": ["Femme", "Tabac", "Prison"], "n": [5000, 2220, 5], "OR": [1.12, 1.31, 2.9]})
    doses = go.Figure(go.Pie(labels=["Anti-TNF", "Vedolizumab", "Ustekinumab"], values=[6110, 3702, 4], hole=0.4))
    files = {
        "commented": ("asthma.csv", swapped(COMMENTED, ("summer,11870,2040,17.2,2", "summer,11870,7,0.1,2"))),
        "kable": ("hpv.html", swapped(KABLE, (" One dose ", " At least one dose "), (" 15,543 ", " 18,897 "), (" 37.0% ", " 45.0% "))),
        "stata_tab": ("tab.log", swapped(STATA_TAB, ("|     1,210      1,104 |     2,314", "|     1,210          6 |     1,216"))),
        "r_tableone": ("t1.txt", swapped(R_TABLEONE, ("ancien                     1283 (21.0)    777 (21.0)", "ancien                     1283 (21.0)      7 ( 0.2)"))),
        "resultats": pack.text(RESULTATS + "Quatre patientes ont été opérées en urgence pendant leur grossesse.\n"),
        "canton": pack.french_csv(canton), "fair": ("fairness.json", json.dumps(fair, indent=1).encode()), "odd": pack.word(odd),
        "months_png": pack.figure(small_months), "pie": ("pie.html", doses.to_html(include_plotlyjs="cdn").encode()),
    }  # fmt: skip
    return [leak(f"twenty_{name}", "leaks", file) for name, file in files.items()]


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"hexagons": hexagons, "gantt": gantt, "dag": dag, "cumulative": cumulative, "ridges": ridges, "lollipop": lollipop, "monthly": monthly, "agreement": agreement}  # fmt: skip
    made = {f"{name}_png": pack.figure(draw) for name, draw in drawn.items()}
    made |= {"monthly_svg": pack.figure(monthly, "svg"), "ridges_pdf": pack.figure(ridges, "pdf"), "two_pdf": pages(cumulative, lollipop), "trend_book": trend_book(), "polars_book": polars_book(), **charts()}  # fmt: skip
    return [*leaks(), *(safe(f"twenty_{name}", "shown", file) for name, file in made.items())]
