"""Eighth batch: leaks that are drawn, as pictures, vectors and interactive pages."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px

from .case import Case, leak
from .pack import drawn_table, figure

rng = np.random.default_rng(808)
AGE = np.round(rng.normal(62, 14, 400), 1)
COST = np.round(rng.lognormal(8, 0.7, 400), 2)
SITES = ["Brest", "Lorient", "Vannes", "Rennes"]


def labelled_bars(ax: Any) -> None:
    bars = ax.bar(SITES, [212, 148, 4, 96], color="#4c72b0")
    ax.bar_label(bars, padding=2)
    ax.set_ylabel("Number of patients")


def counted_pie(ax: Any) -> None:
    n = [188, 97, 6]
    ax.pie(n, labels=["Domicile", "SSR", "Décès"], autopct=lambda p: f"{round(p * sum(n) / 100)} ({p:.1f} %)")


def heatmap(ax: Any) -> None:
    values = np.array([[310, 22, 5], [18, 254, 31], [3, 40, 190]])
    ax.imshow(values, cmap="Blues")
    for i, j in np.ndindex(values.shape):
        ax.text(j, i, values[i, j], ha="center", va="center", color="white" if values[i, j] > 150 else "black")
    ax.set_xticks(range(3), ["I", "II", "III"])
    ax.set_yticks(range(3), ["I", "II", "III"])
    ax.set_xlabel("Predicted")
    ax.set_ylabel("True")


def cloud(ax: Any) -> None:
    ax.scatter(AGE, COST, s=9, alpha=0.6)
    ax.set(xlabel="Age (years)", ylabel="Cost (€)")


def boxes(ax: Any) -> None:
    ax.boxplot([COST[:200], COST[200:] * 1.2], tick_labels=["Men", "Women"])
    ax.set_ylabel("Cost (€)")


def strip(ax: Any) -> None:
    for at in range(3):
        ax.plot(at + rng.uniform(-0.15, 0.15, 60), rng.normal(10 + at, 2, 60), "o", ms=4, color="#dd8452")
    ax.set_xticks(range(3), ["Dose 0", "Dose 1", "Dose 2"])
    ax.set_ylabel("Haemoglobin (g/dL)")


def survival(ax: Any) -> None:
    times = np.linspace(0, 36, 100)
    ax.step(times, np.exp(-times / 40), where="post")
    ax.set(xlabel="Months", ylabel="Survival", ylim=(0, 1))
    ax.figure.subplots_adjust(bottom=0.3)
    ax.text(-0.02, -0.32, "At risk", transform=ax.transAxes)
    for at, n in zip(np.linspace(0.05, 0.95, 4), (142, 88, 31, 7), strict=True):
        ax.text(at, -0.42, str(n), transform=ax.transAxes, ha="center")


def forest(ax: Any) -> None:
    names = ["Overall  96/410", "Diabetes  31/122", "Dialysis  3/41"]
    for at, (name, hr) in enumerate(zip(names, (0.81, 0.9, 0.62), strict=True)):
        ax.errorbar(hr, -at, xerr=0.15, fmt="s", color="k", capsize=3)
        ax.text(0.05, -at, name, va="center")
    ax.axvline(1, ls="--", color="grey")
    ax.set(xlim=(0, 1.6), yticks=[], xlabel="Hazard ratio")


def consort(ax: Any) -> None:
    ax.axis("off")
    box = {"boxstyle": "square,pad=0.6", "fc": "white", "ec": "black"}
    for x, y, said in (
        (0.5, 0.9, "Assessed for eligibility (n = 512)"),
        (0.5, 0.6, "Randomised (n = 480)"),
        (0.25, 0.25, "Intervention (n = 241)"),
        (0.75, 0.25, "Lost to follow-up (n = 6)"),
    ):
        ax.text(x, y, said, ha="center", bbox=box, fontsize=10)


def low_bars(ax: Any) -> None:
    ax.bar(["2016", "2017", "2018", "2019", "2020"], [3, 5, 2, 8, 6])
    ax.set(ylabel="Number of cases", yticks=range(0, 10, 2))


def spaghetti(ax: Any) -> None:
    for _ in range(40):
        ax.plot([0, 3, 6, 12], 7 + np.cumsum(rng.normal(-0.2, 0.6, 4)), lw=0.8)
    ax.set(xlabel="Month", ylabel="HbA1c (%)")


def homes(ax: Any) -> None:
    ax.scatter(rng.normal(-3.4, 0.5, 90), rng.normal(48.2, 0.2, 90), marker="^", s=25, color="crimson")
    ax.set(xlabel="Longitude", ylabel="Latitude", title="Homes of the cases")


def upset(ax: Any) -> None:
    bars = ax.bar(range(5), [420, 210, 95, 31, 2], color="black")
    for bar in bars:
        ax.text(bar.get_x() + 0.4, bar.get_height() + 5, int(bar.get_height()), ha="center")
    ax.set(ylabel="Intersection size", xticks=[])


def drawn() -> list[Case]:
    table = pd.DataFrame({"Stade": ["I", "II", "III", "IV"], "Hommes": [84, 61, 33, 9], "Femmes": [91, 58, 40, 12]})
    share = pd.DataFrame({"Site": ["Colon", "Rectum", "Anus"], "N": [640, 310, 95], "Fistule (%)": ["3.1", "4.2", "5.3"]})  # fmt: skip
    made = {
        "labelled_bars": labelled_bars, "counted_pie": counted_pie, "heatmap": heatmap, "cloud": cloud, "boxes": boxes,
        "strip": strip, "survival": survival, "low_bars": low_bars, "spaghetti": spaghetti, "homes": homes, "upset": upset,
    }  # fmt: skip
    out = [leak(f"eighth_{name}_png", "drawn", figure(draw)) for name, draw in made.items()]
    return [
        *out,
        leak("eighth_forest_jpg", "drawn", figure(forest, "jpg", dpi=150)),
        leak("eighth_consort_png", "drawn", figure(consort, size=(8, 5))),
        leak("eighth_table_png", "drawn", drawn_table(table, "png")),
        leak("eighth_share_table_png", "drawn", drawn_table(share, "png")),
        leak("eighth_table_pdf", "drawn", drawn_table(table, "pdf")),
        leak("eighth_heatmap_pdf", "drawn", figure(heatmap, "pdf")),
        leak("eighth_cloud_svg", "drawn", figure(cloud, "svg")),
        leak("eighth_bars_svg", "drawn", figure(labelled_bars, "svg")),
        leak("eighth_boxes_pdf", "drawn", figure(boxes, "pdf")),
    ]


def interactive() -> list[Case]:
    rows = pd.DataFrame({"age": AGE, "cost": COST, "nip": [f"8{i:09d}" for i in range(400)]})
    values = [f"{v}" for v in COST[:5]]
    hist = px.histogram(rows, x="cost", nbins=20).to_html(include_plotlyjs="cdn").encode()
    hover = px.box(rows, y="cost", hover_data=["nip"]).to_html(include_plotlyjs="cdn").encode()
    bars = px.bar(x=SITES, y=[212, 148, 4, 96], labels={"x": "site", "y": "patients"}).to_html(include_plotlyjs="cdn")
    vega = alt.Chart(rows).mark_bar().encode(x=alt.X("age", bin=True), y="count()").to_json().encode()
    return [
        leak("eighth_plotly_hist", "interactive", ("hist.html", hist), payload=values),
        leak("eighth_plotly_hover", "interactive", ("box.html", hover), payload=["8000000001", "8000000007"]),
        leak("eighth_plotly_bar", "interactive", ("bar.html", bars.encode())),
        leak("eighth_vega_json", "interactive", ("chart.vl.json", vega), payload=["8000000001", "8000000007"]),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*drawn(), *interactive()]
