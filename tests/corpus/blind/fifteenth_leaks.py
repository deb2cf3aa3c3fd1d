"""Fifteenth batch: leaks that can be seen, in the forms that most people would save them in."""

import json
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from lifelines import KaplanMeierFitter

from . import pack
from .case import Case, leak

rng = np.random.default_rng(1502)
AGES = ["18-34", "35-49", "50-64", "65-79", "80+"]


def people(many: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "sexe": rng.choice(["F", "M"], many),
            "age": rng.integers(19, 98, many),
            "departement": rng.choice(["13", "31", "33", "59", "69", "75"], many),
            "ghm": rng.choice(["05M09T", "04M05S", "08C24J", "01M30T"], many),
            "duree": rng.integers(0, 30, many),
            "cout": rng.gamma(3, 1400, many).round(2),
        }
    )


def tables() -> list[Case]:
    small = pd.DataFrame({"Classe d'âge": AGES, "Effectif": [4, 38, 212, 301, 97]})
    masked = pd.DataFrame({"Stage": ["I", "II", "III", "IV", "Total"], "Women": [120, 88, 41, "<11", 256], "Men": [97, 79, "<11", 24, 204], "Total": [217, 167, 45, 31, 460]})  # fmt: skip
    old = pd.DataFrame({"Service": ["Cardio", "Pneumo", "Neuro", "Gériatrie"], "Patients": [412, 308, 277, 519]})
    new = old.assign(Patients=[415, 308, 277, 523])
    tail = pd.DataFrame({"time": [0, 12, 24, 36, 48, 60], "at_risk": [240, 180, 96, 41, 12, 3], "survival": [1, 0.91, 0.82, 0.74, 0.70, 0.47]})  # fmt: skip
    share = pd.DataFrame({"Hospital": ["A", "B", "C"], "Stays": [210, 160, 95], "Total cost (EUR)": [2104500, 980400, 402100], "Largest stay (% of cost)": [62.1, 4.0, 5.2]})  # fmt: skip
    rare = pd.DataFrame({"Maladie rare": ["Fabry", "Gaucher", "Pompe", "Wilson"], "Femmes": [31, 6, 18, 44], "Hommes": [27, 22, 3, 51]})  # fmt: skip
    rates = pd.DataFrame({"Centre": ["A", "B", "C"], "n": [120, 84, 150], "Décès (%)": [2.5, 15.5, 12.0]})
    quant = people(400).groupby("ghm").cout.describe(percentiles=[0.01, 0.5, 0.99]).round(2).reset_index()
    cross = pd.crosstab(people(60).ghm, people(60).sexe, margins=True).reset_index()
    ties = pd.DataFrame({"Sex": ["F", "M", "All"], "Treated": [212, 190, 402], "Not treated": [31, 29, 60], "All": [243, 219, 462], "HIV positive": ["0 (0%)", "219 (100%)", "219 (47%)"]})  # fmt: skip
    first, second = masked[["Stage", "Women", "Total"]], masked[["Stage", "Men", "Total"]]
    return [
        leak("fifteen_small", "tables", pack.french_csv(small)),
        leak("fifteen_margins", "tables", pack.excel(masked)),
        leak("fifteen_released", "tables", pack.csv(new), released=(pack.csv(old),)),
        leak("fifteen_tail", "tables", pack.csv(tail)),
        leak("fifteen_dominance", "tables", pack.excel(share)),
        leak("fifteen_rare", "tables", pack.word(rare)),
        leak("fifteen_rates", "tables", pack.latex(rates)),
        leak("fifteen_percentiles", "tables", pack.html(quant)),
        leak("fifteen_crosstab", "tables", pack.markdown(cross)),
        leak("fifteen_full_cell", "tables", pack.parquet(ties)),
        leak("fifteen_two_files", "tables", pack.zipped(("w.csv", pack.csv(first)[1]), ("m.csv", pack.csv(second)[1]))),
        leak("fifteen_json_groups", "tables", ("r.json", json.dumps({"groups": {"F": {"n": 412, "deaths": 38}, "M": {"n": 7, "deaths": 2}}}).encode())),
    ]  # fmt: skip


def rows() -> list[Case]:
    frame = people(5)
    nir = pd.DataFrame(
        {"nir": ["1 85 05 78 006 084 91", "2 69 05 49 588 157 80", "1 51 02 46 102 043 25"], "delai": [3, 12, 8]}
    )
    described = people(300)[["age", "duree", "cout"]].describe()
    fit = KaplanMeierFitter().fit(rng.exponential(30, 40).round(), rng.integers(0, 2, 40))
    listing = "\n".join(f"{n:>3}  {s}  {a}  {d}" for n, s, a, d in zip(range(1, 9), rng.choice(["F", "M"], 8), rng.integers(20, 95, 8), rng.choice(["I21", "C50", "J44"], 8), strict=True))  # fmt: skip
    return [
        leak("fifteen_head", "rows", pack.notebook(pack.cell("df.head()", pack.shown(frame)))),
        leak("fifteen_head_html", "rows", pack.html(frame)),
        leak("fifteen_head_log", "rows", pack.log(f"[INFO] loaded 48210 rows\n{frame}\n[INFO] done\n")),
        leak("fifteen_nir", "rows", pack.csv(nir)),
        leak("fifteen_describe", "rows", pack.notebook(pack.cell("df.describe()", pack.shown(described)))),
        leak("fifteen_event_table", "rows", pack.notebook(pack.cell("kmf.event_table", pack.shown(fit.event_table)))),
        leak("fifteen_listing", "rows", pack.text(f"Deaths in ICU\n\n  n  sex age dx\n{listing}\n")),
        leak("fifteen_all_rows", "rows", pack.excel(people(150))),
    ]


def prose() -> list[Case]:
    said = {
        "few": (pack.markdown_prose, "Among the 214 patients of the rare disease registry, 4 died within 30 days."),
        "french": (
            pack.word_prose,
            "Sur 312 patients inclus, 5 ont été perdus de vue et 3 ont retiré leur consentement.",
        ),
        "person": (pack.text, "Mme Jeanne Lefebvre, née le 12/04/1951 à Toulouse, a été réhospitalisée le 3 mai 2019."),
        "mail": (pack.log, "ERROR could not merge record of jean.dupont@orange.fr (IPP 80012345)"),
        "oldest": (pack.latex_prose, "The oldest patient was 103 years old and lived in Lozère."),
        "cell": (pack.html_prose, "Only two women under 30 received the drug in Corsica."),
    }
    return [leak(f"fifteen_{name}", "prose", made(what)) for name, (made, what) in said.items()]


def scatter(ax: Any) -> None:
    ax.scatter(rng.normal(64, 12, 180), rng.normal(92, 21, 180), s=14)
    ax.set_xlabel("Age (years)")
    ax.set_ylabel("Creatinine (µmol/L)")


def boxes(ax: Any) -> None:
    ax.boxplot([rng.gamma(2, 5, 200), rng.gamma(2, 6, 200)], tick_labels=["A", "B"])
    ax.set_ylabel("Length of stay (days)")


def labelled(ax: Any) -> None:
    bars = ax.bar(AGES, [112, 205, 88, 6, 3])
    ax.bar_label(bars)
    ax.set_ylabel("Number of patients")


def matrix(ax: Any) -> None:
    grid = np.array([[210, 4], [9, 61]])
    ax.imshow(grid, cmap="Blues")
    for (i, j), value in np.ndenumerate(grid):
        ax.text(j, i, str(value), ha="center", va="center", color="white" if value > 100 else "black", fontsize=16)
    ax.set_xticks([0, 1], ["alive", "dead"])
    ax.set_yticks([0, 1], ["alive", "dead"])
    ax.set_xlabel("Predicted")
    ax.set_ylabel("Observed")


def pictures() -> list[Case]:
    grid = pd.DataFrame({"Group": ["A", "B", "C"], "Patients": [120, 7, 64], "Deaths": [31, 2, 19]})
    points = go.Figure(go.Scatter(x=rng.normal(64, 12, 200), y=rng.normal(92, 21, 200), mode="markers"))
    return [
        leak("fifteen_scatter_png", "pictures", pack.figure(scatter)),
        leak("fifteen_scatter_svg", "pictures", pack.figure(scatter, "svg")),
        leak("fifteen_box_png", "pictures", pack.figure(boxes)),
        leak("fifteen_labels_png", "pictures", pack.figure(labelled)),
        leak("fifteen_labels_jpg", "pictures", pack.figure(labelled, "jpg", dpi=150)),
        leak("fifteen_matrix_png", "pictures", pack.figure(matrix)),
        leak("fifteen_matrix_pdf", "pictures", pack.figure(matrix, "pdf")),
        leak("fifteen_table_pdf", "pictures", pack.drawn_table(grid, "pdf")),
        leak("fifteen_plotly_points", "pictures", ("p.html", points.to_html(include_plotlyjs="cdn").encode())),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*tables(), *rows(), *prose(), *pictures()]
