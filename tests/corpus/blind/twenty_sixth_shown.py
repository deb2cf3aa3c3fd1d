"""Twenty-sixth batch: figures, saved charts, models, ACRO folders, and requests of several files."""

import hashlib
import io
import json
from typing import Any

import altair as alt
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import plotly.express as px
import skops.io as sio
from bokeh.embed import file_html
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import CDN
from safetensors.numpy import save as save_tensors
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, plot_tree

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(2603)
TOWNS = ["Brest", "Lannion", "Ouessant", "Sein"]


def pie(ax: Any, last: int = 3) -> None:
    ax.pie([412, 96, last], labels=["Falls (412)", "Drowning (96)", f"Burns ({last})"])


def annotated(ax: Any) -> None:
    ax.bar(["Brest", "Lille", "Sein"], [61.2, 60.4, 77.9])
    for at, n in enumerate((412, 388, 4)):
        ax.text(at, 30, f"n = {n}", ha="center", color="white", fontsize=13)
    ax.set(ylabel="Mean age (years)")


def qq(ax: Any) -> None:
    ax.plot(np.sort(rng.normal(0, 1, 70)), np.sort(rng.normal(0, 1, 70)), "o")
    ax.plot([-2.5, 2.5], [-2.5, 2.5], "k--")
    ax.set(xlabel="Theoretical quantiles", ylabel="Ordered residuals")


def glucose(ax: Any) -> None:
    for who in ("Patient 12", "Patient 31"):
        ax.plot(range(24), rng.normal(7, 2, 24), marker=".", label=who)
    ax.set(xlabel="Hour", ylabel="Glucose (mmol/L)")
    ax.legend()


def low_histogram(ax: Any) -> None:
    ax.hist([*rng.normal(60, 9, 300), 97.2, 99.1, 101.3], bins=20, edgecolor="black")
    ax.set(xlabel="Age (years)", ylabel="Number of patients")


def hexes(ax: Any) -> None:
    made = ax.hexbin(rng.normal(60, 9, 300), rng.normal(27, 4, 300), gridsize=18, mincnt=1, cmap="viridis")
    ax.set(xlabel="Age", ylabel="BMI")
    ax.figure.colorbar(made, label="patients")


def heat(ax: Any) -> None:
    grid = np.array([[412, 388, 96], [188, 3, 41]])
    ax.imshow(grid, cmap="Blues")
    for (i, j), v in np.ndenumerate(grid):
        ax.text(j, i, str(v), ha="center", va="center", fontsize=14, color="orangered")
    ax.set_xticks(range(3), ["2019", "2020", "2021"])
    ax.set_yticks(range(2), ["F", "H"])
    ax.set(title="Décès par sexe et année")


def grown(ax: Any) -> None:
    x = rng.normal(60, 9, (80, 2)).round(0)
    plot_tree(DecisionTreeClassifier(max_depth=2, random_state=0).fit(x, rng.integers(0, 2, 80)), ax=ax, feature_names=["age", "imc"], fontsize=8)  # fmt: skip


def components(ax: Any) -> None:
    for name, at in (("cases", 0), ("controls", 2)):
        ax.scatter(rng.normal(at, 1, 60), rng.normal(0, 1, 60), s=14, label=name)
    ax.set(xlabel="PC1 (31 %)", ylabel="PC2 (12 %)")
    ax.legend()


def map_of_cases(ax: Any) -> None:
    ax.scatter([2.1, 2.4, 2.2, 2.8, 2.6], [48.1, 48.4, 48.3, 48.2, 48.7], marker="x", color="red", s=60)
    ax.set(xlabel="Longitude", ylabel="Latitude", title="Homes of the cases")


def joint(ax: Any) -> None:
    ax.violinplot([rng.normal(5, 1, 40), rng.normal(6, 1, 40)])
    for at in (1, 2):
        ax.plot(np.full(40, at) + rng.normal(0, 0.03, 40), rng.normal(5, 1, 40), "k.", ms=4)
    ax.set(ylabel="Stay (days)")


def calm(ax: Any) -> None:
    ax.bar(["Brest", "Lille", "Nantes"], [61.2, 60.4, 62.9])
    for at, n in enumerate((412, 388, 241)):
        ax.text(at, 30, f"n = {n}", ha="center", color="white", fontsize=13)
    ax.set(ylabel="Mean age (years)")


def charts() -> dict[str, File]:
    d = pd.DataFrame(
        {"age": rng.integers(20, 95, 70), "cost": rng.lognormal(8, 1, 70).round(2), "town": rng.choice(TOWNS, 70)}
    )
    strip = px.strip(d, x="town", y="age")
    sun = px.sunburst(
        pd.DataFrame({"sex": ["F", "F", "M"], "cause": ["Fall", "Fire", "Fall"], "n": [412, 2, 388]}),
        path=["sex", "cause"],
        values="n",
    )
    made = bokeh_figure(title="Deaths by town", x_range=TOWNS)
    made.vbar(x=TOWNS, top=[412, 96, 3, 1], width=0.8)
    ticks = alt.Chart(d).mark_tick().encode(x="cost:Q", y="town:N")
    tallies = alt.Chart(d).mark_bar().encode(x=alt.X("age:Q", bin=True), y="count()")
    return {
        "plotly_strip": ("strip.html", strip.to_html(include_plotlyjs="cdn").encode()),
        "plotly_sunburst": ("sun.html", sun.to_html(include_plotlyjs="cdn").encode()),
        "bokeh_bars": ("bars.html", file_html(made, CDN, "bars").encode()),
        "altair_ticks": ("ticks.html", ticks.to_html().encode()),
        "altair_tallies": ("tallies.json", tallies.to_json().encode()),
        "plotly_line": ("line.json", px.line(d.head(12), x="age", y="cost").to_json().encode()),
    }  # fmt: skip


def models() -> dict[str, File]:
    x, y = rng.normal(60, 9, (120, 4)).round(1), rng.integers(0, 2, 120)
    who = np.array([["Abgrall"], ["Kerbrat"], ["Prigent"], ["Quiniou"]] * 5)
    few = LinearRegression().fit(x[:5], y[:5])
    card = {
        "intercept": float(few.intercept_),
        "coef": few.coef_.tolist(),
        "n_train": 5,
        "features": ["age", "imc", "crp", "tas"],
    }
    rows = {"encoder.weight": rng.normal(0, 1, (8, 4)).astype("float32"), "support_vectors": x.astype("float32")}
    return {
        "forest_skops": ("forest.skops", sio.dumps(RandomForestClassifier(5, random_state=0).fit(x, y))),
        "density_skops": ("density.skops", sio.dumps(KernelDensity().fit(x))),
        "encoder_skops": ("encoder.skops", sio.dumps(OneHotEncoder().fit(who))),
        "means_skops": ("clusters.skops", sio.dumps(KMeans(60, n_init=1, random_state=0).fit(x))),
        "card_json": ("model.json", json.dumps(card).encode()),
        "tensors": ("model.safetensors", save_tensors(rows)),
        "numpy": ("weights.npy", _npy(x)),
    }


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def acro(status: str, table: pd.DataFrame, method: str = "crosstab") -> File:
    """A folder as ACRO's finalise() writes it."""
    result = {"uid": "output_0", "status": status, "type": "table", "properties": {"method": method}, "sdc": {}, "command": "acro.crosstab(d.ward, d.dead)", "summary": status, "outcome": {}, "output": ["output_0_0.csv"], "timestamp": "2025-02-03T09:00:00", "comments": [], "exception": "n is small but the ward has closed"}  # fmt: skip
    made = {"results.json": json.dumps({"version": "0.4.9", "results": {"output_0": result}}).encode(), "output_0_0.csv": table.to_csv(index=False).encode()}  # fmt: skip
    sums = {f"checksums/{name}.txt": hashlib.sha256(data).hexdigest().encode() for name, data in made.items()}
    return pack.zipped(*made.items(), *sums.items())


def several() -> list[Case]:
    ward = pd.DataFrame({"ward": ["A", "B", "C", "Total"], "deaths": [120, 98, 3, 221]})
    masked = ward.assign(deaths=["120", "98", "<11", "221"])
    four = pd.DataFrame({"ward": ["A", "B", "C", "D", "Total"], "deaths": ["120", "<11", "<11", "98", "229"]})
    poles = pd.DataFrame({"wards": ["A + B", "C + D", "Total"], "deaths": [128, 101, 229]})
    first = pd.DataFrame({"ward": ["A", "B", "C"], "deaths": [120, 98, 31]})
    later = first.assign(deaths=[120, 98, 33])
    adults = pd.DataFrame({"Diagnosis": ["Asthma", "Sepsis"], "Adults": [812, 640]})
    everyone = pd.DataFrame({"Diagnosis": ["Asthma", "Sepsis"], "All ages": [1610, 645]})
    shares = pd.DataFrame({"ward": ["A", "B", "C"], "deaths (%)": [54.3, 44.3, 1.4]})
    fine = pd.DataFrame({"ward": ["A", "B", "C", "Total"], "deaths": [120, 98, 31, 249]})
    total = pack.word(pd.DataFrame(), "Au total, 221 décès ont été observés dans les trois services A, B et C.")
    return [
        leak("twenty_sixth_acro_fail", "acro", acro("fail; threshold: 1 cells may need suppressing", ward)),
        leak("twenty_sixth_acro_custom", "acro", acro("review", pd.DataFrame({"id": [8213, 4471, 9012], "age": [71, 44, 63], "dead": [0, 1, 0]}), "custom")),
        leak("twenty_sixth_masked_and_poles", "several", pack.csv(four), ("poles.csv", poles.to_csv(index=False).encode())),
        leak("twenty_sixth_adults_and_all", "several", ("adults.csv", adults.to_csv(index=False).encode()), ("all.csv", everyone.to_csv(index=False).encode())),
        leak("twenty_sixth_masked_in_word", "several", pack.csv(masked.head(3)), total),
        leak("twenty_sixth_shares_of_sum", "several", pack.csv(shares), total),
        leak("twenty_sixth_two_more", "released", pack.excel(later), released=(pack.csv(first),)),
        leak("twenty_sixth_mean_moved", "released", pack.csv(pd.DataFrame({"group": ["all"], "n": [413], "mean_age": [61.5]})), released=(pack.csv(pd.DataFrame({"group": ["all"], "n": [412], "mean_age": [61.4]})),)),
        leak("twenty_sixth_released_margin", "released", pack.csv(masked.head(3)), released=(pack.markdown(ward[ward["ward"] == "Total"]),)),
        safe("twenty_sixth_acro", "acro", acro("pass", fine)),
        safe("twenty_sixth_two_files", "several", pack.csv(fine), pack.word(pd.DataFrame(), "Au total, 249 décès ont été observés.")),
        safe("twenty_sixth_again", "released", pack.excel(first), released=(pack.csv(first),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"pie": pie, "annotated": annotated, "qq": qq, "glucose": glucose, "histogram": low_histogram, "hexes": hexes, "heat": heat, "tree": grown, "components": components, "map": map_of_cases, "violins": joint}  # fmt: skip
    kinds = ("png", "pdf", "png", "jpg", "svg")
    found = [leak(f"twenty_sixth_{name}_{kinds[i % 5]}", "pictures", pack.figure(draw, kinds[i % 5], dpi=150)) for i, (name, draw) in enumerate(drawn.items())]  # fmt: skip
    found.append(leak("twenty_sixth_pie_png_2", "pictures", pack.figure(lambda ax: pie(ax, 4), "png", (5, 5), 100)))
    found += [leak(f"twenty_sixth_{name}", "charts", file) for name, file in charts().items()]
    found += [leak(f"twenty_sixth_{name}", "models", file) for name, file in models().items()]
    plt.close("all")
    found += [safe("twenty_sixth_calm_pdf", "pictures", pack.figure(calm, "pdf", dpi=150)), safe("twenty_sixth_calm_pie", "pictures", pack.figure(lambda ax: pie(ax, 31), "png", dpi=150))]  # fmt: skip
    return found + several()
