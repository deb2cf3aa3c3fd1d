"""Thirty-fifth batch: emergency care and cancer registries, after mending for the thirty-third.

Untouched score: 7 of 8 leaks, 33 of 44 safe results (75 %).
"""

import io
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from openpyxl.styles import Font
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import ConfusionMatrixDisplay
from sklearn.model_selection import learning_curve

from . import pack, thirty_fifth_texts
from .case import Case, File, leak, safe
from .thirty_fifth_texts import CARD, LATEX, NOTE, TAB
from .thirty_first_cohort import executed, report, through

rng = np.random.default_rng(3501)
SITES = ["CHU", "Nord", "Sud", "Est", "Ouest"]
SEATS = ["Lung", "Colon", "Breast", "Prostate", "Pancreas", "Bladder"]


def visits(many: int = 30000) -> pd.DataFrame:
    """Visits to emergency departments, one per row."""
    out = pd.DataFrame({"age": rng.gamma(3.2, 14, many).clip(0, 102).round(0), "triage": rng.choice([1, 2, 3, 4, 5], many, p=[0.03, 0.17, 0.45, 0.27, 0.08]), "site": rng.choice(SITES, many, p=[0.3, 0.2, 0.2, 0.15, 0.15]), "hour": rng.integers(0, 24, many), "wait": np.exp(rng.normal(4.2, 0.7, many)).round(0), "arrival": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 365, many), unit="D")})  # fmt: skip
    out["admitted"] = (rng.random(many) < 0.55 - 0.09 * out.triage + 0.002 * (out.age - 40)).astype(int)
    return out


V = visits()


def tables() -> dict[str, File]:
    """Counts, rates and curves of learning."""
    hourly = V.groupby("hour").agg(visits=("age", "size"), admitted=("admitted", "sum"), wait_mean=("wait", "mean")).round(1)  # fmt: skip
    triage = pd.crosstab(V.site, V.triage, margins=True)
    heat = pd.crosstab(V.arrival.dt.day_name(), V.hour // 4 * 4)
    sizes, train, test = learning_curve(LogisticRegression(), V[["age", "triage"]], V.admitted, cv=3, train_sizes=[0.1, 0.3, 1.0], scoring="roc_auc")  # fmt: skip
    learned = pd.DataFrame({"train_size": sizes, "train_auc": train.mean(1).round(4), "test_auc": test.mean(1).round(4), "test_sd": test.std(1).round(4)})  # fmt: skip
    cancers = pd.DataFrame({"Site": SEATS, "ICD-10": ["C34", "C18", "C50", "C61", "C25", "C67"], "Men, n": [3120, 1804, 41, 5211, 812, 1466], "Men, ASR (World)": [50.2, 24.1, 0.6, 81.3, 11.2, 16.4], "Women, n": [1688, 1590, 5804, 0, 790, 361], "Women, ASR (World)": [24.0, 17.2, 99.1, 0.0, 8.1, 3.0], "M/I": [0.78, 0.41, 0.18, 0.16, 0.92, 0.33]})  # fmt: skip
    net = pd.DataFrame({"Site": SEATS[:3], "1 year": ["49 (48-51)", "84 (83-85)", "97 (97-98)"], "3 years": ["26 (25-27)", "70 (69-72)", "92 (91-93)"], "5 years": ["20 (19-21)", "63 (61-64)", "88 (87-89)"]})  # fmt: skip
    matrix = pd.DataFrame([[0.86, 0.1, 0.03, 0.01], [0, 0.78, 0.15, 0.07], [0, 0, 0.7, 0.3], [0, 0, 0, 1]], index=["Well", "Local", "Distant", "Dead"], columns=["Well", "Local", "Distant", "Dead"])  # fmt: skip
    conda = "# packages in environment at /opt/conda/envs/ed:\n#\n# Name                    Version                   Build  Channel\nnumpy                     1.26.4          py311h64a7726_0    conda-forge\npandas                    2.2.2           py311h14de704_1    conda-forge\nxgboost                   2.0.3                    pypi_0    pypi\n"
    sizes_n = pd.DataFrame(
        {"Difference": ["4 %", "6 %", "8 %"], "Power 80 %": [1888, 820, 452], "Power 90 %": [2526, 1094, 604]}
    )
    gantt = pd.DataFrame({"tâche": ["Extraction", "Appariement", "Analyses", "Rédaction"], "début": ["2024-01-08", "2024-02-05", "2024-03-04", "2024-06-03"], "fin": ["2024-02-02", "2024-03-01", "2024-05-31", "2024-07-12"], "jours": [20, 20, 63, 30], "responsable": ["ingénieur", "ingénieur", "statisticienne", "toute l'équipe"]})  # fmt: skip
    waits = V.groupby(["site", "triage"]).wait.describe(percentiles=[0.5])[["count", "mean", "std", "50%"]].round(1)
    return {
        "hourly": report(hourly, "hourly.csv"), "triage_xlsx": through("triage.xlsx", triage.to_excel), "triage_csv": report(triage, "triage.csv"), "heat_html": ("heat.html", heat.to_html().encode()), "heat_parquet": through("heat.parquet", heat.rename(columns=str).to_parquet), "learned": report(learned, "learning_curve.csv", index=False), "cancers": pack.excel(cancers), "cancers_docx": pack.word(cancers, "Table 1. Incidence 2016-2020, age-standardised rates per 100,000."), "net": pack.latex(net), "matrix": report(matrix, "transitions.csv"), "matrix_md": pack.markdown(matrix.reset_index()), "conda": pack.text(conda), "sizes": pack.html(sizes_n), "gantt": pack.bom_csv(gantt), "waits": report(waits, "waits.csv"), "waits_xlsx": through("waits.xlsx", waits.to_excel),
    }  # fmt: skip


def pivot_report() -> File:
    """Two pivots on one sheet, with titles and a source line."""
    out = io.BytesIO()
    with pd.ExcelWriter(out, engine="openpyxl") as book:
        V.pivot_table(index="site", columns="triage", values="wait", aggfunc="mean").round(0).to_excel(
            book, sheet_name="Attente", startrow=2
        )
        V.pivot_table(index="site", values="admitted", aggfunc=["count", "sum", "mean"]).round(3).to_excel(
            book, sheet_name="Attente", startrow=13
        )
        sheet = book.sheets["Attente"]
        sheet["A1"], sheet["A13"], sheet["A25"] = (
            "Attente moyenne (minutes) selon le tri",
            "Hospitalisations",
            "Source : résumés de passage, 2023",
        )
        sheet["A1"].font = sheet["A13"].font = Font(bold=True)
    return "urgences.xlsx", out.getvalue()


def week(ax: Any) -> None:
    made = ax.pcolormesh(pd.crosstab(V.arrival.dt.dayofweek, V.hour), cmap="viridis")
    ax.figure.colorbar(made, ax=ax, label="Passages")
    ax.set_yticks(np.arange(7) + 0.5, ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"])
    ax.set(xlabel="Heure d'arrivée", title="Passages par jour et heure")


def tornado(ax: Any) -> None:
    names = ["Cost of admission", "Sensitivity", "Utility after stroke", "Discount rate"]
    low, high = [12100, 14800, 15900, 17200], [27400, 24100, 22500, 20800]
    ax.barh(names, [h - w for w, h in zip(low, high, strict=True)], left=low, color="teal")
    ax.axvline(18900, color="k", lw=1)
    ax.set(xlabel="ICER (€ per QALY)")
    ax.figure.tight_layout()


def graph(ax: Any) -> None:
    """A causal graph."""
    at = {"Smoking": (0, 0), "COPD": (1, 0.8), "Admission": (2, 0), "Age": (1, -0.8)}
    for a, b in (
        ("Smoking", "COPD"),
        ("COPD", "Admission"),
        ("Smoking", "Admission"),
        ("Age", "Smoking"),
        ("Age", "Admission"),
    ):
        ax.annotate("", at[b], at[a], arrowprops={"arrowstyle": "->", "shrinkA": 25, "shrinkB": 25})
    for name, (x, y) in at.items():
        ax.text(x, y, name, ha="center", va="center", bbox={"boxstyle": "round", "fc": "white"})
    ax.set(xlim=(-0.5, 2.5), ylim=(-1.2, 1.2))
    ax.axis("off")


def spline(ax: Any) -> None:
    x = np.linspace(18, 95, 80)
    y = np.exp(0.0006 * (x - 45) ** 2)
    ax.plot(x, y)
    ax.fill_between(x, y * 0.92, y * 1.09, alpha=0.2)
    ax.axhline(1, color="grey", lw=0.8)
    ax.set(yscale="log", xlabel="Age (years)", ylabel="Odds ratio of admission (ref. 45 years)")


def importance(ax: Any) -> None:
    ax.barh(["Hour", "Site", "Wait", "Age", "Triage"], [0.02, 0.05, 0.11, 0.36, 0.58], color="#ff0051")
    ax.set(xlabel="mean(|SHAP value|)")


def normalised(ax: Any) -> None:
    ConfusionMatrixDisplay(np.array([[0.81, 0.19], [0.27, 0.73]]), display_labels=["home", "admitted"]).plot(
        ax=ax, cmap="Greens", values_format=".0%"
    )


def forecast(ax: Any) -> None:
    daily = V.groupby("arrival").size()
    ax.plot(daily.index, daily.rolling(7).mean(), label="7-day mean")
    ahead = pd.date_range("2024-01-01", periods=30)
    ax.plot(ahead, np.full(30, 82.0), ls="--", label="forecast")
    ax.fill_between(ahead, 66, 98, alpha=0.2)
    ax.legend()
    ax.set(ylabel="Visits per day", ylim=(0, 130))


DRAWN = {"week": week, "tornado": tornado, "graph": graph, "spline": spline, "importance": importance, "normalised": normalised, "forecast": forecast}  # fmt: skip


def pages() -> dict[str, File]:
    monthly = V.groupby([V.arrival.dt.strftime("%Y-%m").rename("month"), "site"]).size().rename("visits").reset_index()
    heat = go.Figure(
        go.Heatmap(
            z=pd.crosstab(V.site, V.triage).to_numpy(), x=["1", "2", "3", "4", "5"], y=SITES, texttemplate="%{z}"
        )
    )
    bands = go.Figure(
        [
            go.Scatter(
                x=[1, 2, 3, 4, 5],
                y=[0.52, 0.44, 0.35, 0.26, 0.17],
                error_y={"array": [0.03, 0.01, 0.01, 0.01, 0.02]},
                mode="markers+lines",
                name="admitted",
            )
        ]
    )
    return {"lines_html": ("monthly.html", px.line(monthly, x="month", y="visits", color="site").to_html(include_plotlyjs="cdn").encode()), "heat_plotly": ("heat_map.html", heat.to_html(include_plotlyjs="cdn").encode()), "bands": ("bands.html", bands.to_html(include_plotlyjs="cdn").encode())}  # fmt: skip


def books() -> dict[str, File]:
    eda = executed(
        "#%md # Urgences 2023\nExploration des résumés de passage.",
        "import pandas as pd, numpy as np, matplotlib.pyplot as plt\nV.shape, V.columns.tolist()",
        "V.memory_usage(deep=False).sum() / 1e6",
        "V.site.value_counts(normalize=True).mul(100).round(1)",
        "V.pivot_table(index='site', columns='triage', values='admitted', aggfunc='mean').round(3)",
        "V.groupby('triage').agg(n=('age', 'size'), age=('age', 'mean'), admitted=('admitted', 'mean')).round(2)",
        "V[['age', 'wait']].quantile([.1, .25, .5, .75, .9])",
        "fig, axes = plt.subplots(1, 2, figsize=(10, 4))\nV.triage.value_counts().sort_index().plot.bar(ax=axes[0], rot=0)\nV.groupby('hour').size().plot(ax=axes[1], ylim=(0, 1500))\nfig.tight_layout()\nplt.close(fig)\nfig",
        "print('corr', V[['age', 'wait', 'admitted']].corr().round(3), sep='\\n')",
        name="eda.ipynb", V=V,
    )  # fmt: skip
    return {"eda_book": eda}


def few(ax: Any) -> None:
    made = ax.bar(SITES, [31, 18, 5, 22, 40])
    ax.bar_label(made)
    ax.set(ylabel="Deaths in the department")


def cases() -> list[Case]:
    """The cases of the batch."""
    plt.close("all")
    files = {
        **tables(),
        **{f"{name}_png": pack.figure(draw, size=(7, 4.5)) for name, draw in DRAWN.items()},
        "pivots": pivot_report(),
        **pages(),
        **books(),
    }
    card = {**CARD, "data": {"period": "2019-2022", "age_groups": {"0-17": 48102, "18-64": 104377, "100+": 4}}}
    return [
        leak("thirty_five_tab", "texts", ("tab.log", TAB.replace("       812      3,204 |     4,016", "         6      4,010 |     4,016").encode())),
        leak("thirty_five_note", "texts", ("note.md", NOTE.replace("Trois services dépassent 8 000 passages par an", "Trois enfants sont morts dans le service").encode())),
        leak("thirty_five_latex", "texts", ("triage.tex", LATEX.replace("4016 & 79.8", "7 & 79.8").encode())),
        leak("thirty_five_card", "texts", pack.as_json(pd.DataFrame([card]))),
        leak("thirty_five_tail_book", "books", executed("V.tail()", V=V)),
        leak("thirty_five_longest_book", "books", executed("V.groupby('site').wait.agg(['count', 'max'])", V=V)),
        leak("thirty_five_few_png", "drawn", pack.figure(few)),
        leak("thirty_five_few_csv", "tables", report(pd.Series([31, 18, 5, 22, 40], index=SITES, name="deaths"), "deaths.csv")),
        *thirty_fifth_texts.cases(),
        *(safe(f"thirty_five_{name}", "results", file) for name, file in files.items()),
    ]  # fmt: skip
