"""Seventeenth batch: one mark per person, small counts written on figures, and saved charts."""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from bokeh.embed import file_html
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure as bokeh_figure
from bokeh.resources import INLINE
from matplotlib.patches import Circle

from . import pack
from .case import Case, File, leak

rng = np.random.default_rng(1702)
SECRET = "2750331555014"
IDS = [f"8004{n:06d}" for n in rng.choice(900000, 200, replace=False)]


def waterfall(ax: Any) -> None:
    ax.bar(range(38), np.sort(rng.normal(-12, 40, 38))[::-1], color="#4477aa")
    ax.set(xlabel="Patient", ylabel="Best change of tumour size (%)")


def swimmer(ax: Any) -> None:
    months = np.sort(rng.uniform(2, 30, 18))
    ax.barh(range(18), months, color="#88ccaa")
    ax.plot(months[::3], range(0, 18, 3), "kx")
    ax.set(xlabel="Months since inclusion", ylabel="Patient")


def oncoprint(ax: Any) -> None:
    ax.imshow(rng.random((6, 40)) < 0.3, cmap="Greys", aspect="auto")
    ax.set_yticks(range(6), ["TP53", "KRAS", "EGFR", "BRAF", "ALK", "MET"])
    ax.set_xticks(range(40), [f"P{n:03d}" for n in rng.choice(900, 40, replace=False)], rotation=90, fontsize=6)


def venn(ax: Any) -> None:
    for x, name, n in ((0.35, "Diabetes", "412"), (0.65, "Lupus", "38")):
        ax.add_patch(Circle((x, 0.5), 0.25, alpha=0.4, color="#4477aa"))
        ax.text(x + (x - 0.5), 0.5, n, ha="center", fontsize=14)
        ax.text(x, 0.82, name, ha="center", fontsize=12)
    ax.text(0.5, 0.5, "3", ha="center", fontsize=14)
    ax.axis("off")


def calendar(ax: Any) -> None:
    values = rng.integers(0, 6, (4, 7))
    ax.imshow(values, cmap="Reds")
    for (i, j), n in np.ndenumerate(values):
        ax.text(j, i, str(n), ha="center", va="center", fontsize=12)
    ax.set_xticks(range(7), ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])
    ax.set_title("Suicide attempts by day")


def network(ax: Any) -> None:
    places = {"Ward A (412)": (0.1, 0.5), "ICU (38)": (0.5, 0.9), "Theatre (96)": (0.9, 0.4)}
    for name, (x, y) in places.items():
        ax.text(x, y, name, ha="center", fontsize=11, bbox={"fc": "white"})
    for (x0, y0), (x1, y1), n in ((places["Ward A (412)"], places["ICU (38)"], "n = 4"), (places["ICU (38)"], places["Theatre (96)"], "n = 21")):  # fmt: skip
        ax.annotate("", (x1, y1), (x0, y0), arrowprops={"arrowstyle": "->"})
        ax.text((x0 + x1) / 2, (y0 + y1) / 2 - 0.06, n, fontsize=12)
    ax.axis("off")


def rug(ax: Any) -> None:
    x = rng.normal(60, 12, 70)
    grid = np.linspace(25, 95, 100)
    ax.plot(grid, [np.exp(-(((g - x) / 6) ** 2) / 2).mean() for g in grid])
    ax.plot(x, np.full(70, -0.02), "|", color="k", ms=12)
    ax.set(xlabel="Age", ylabel="Density")


def dendrogram(ax: Any) -> None:
    names = [f"{a} {b}" for a, b in zip(["Durand", "Martin", "Lefebvre", "Kervella", "Moreau", "Simon"], ["Marie", "Paul", "Jean", "Anne", "Luc", "Rose"], strict=True)]  # fmt: skip
    for i in range(6):
        ax.plot([0, 1 + i % 3], [i, i], "k-")
    ax.set_yticks(range(6), names)
    ax.set_title("Clustering of expression profiles")
    ax.figure.subplots_adjust(left=0.3)


def plotly(kind: str) -> File:
    if kind == "frames":
        frame = pd.DataFrame({"year": [2019] * 3 + [2020] * 3, "cause": ["Fall", "Drowning", "Fire"] * 2, "deaths": [41, 22, 17, 44, 3, 2]})  # fmt: skip
        made = px.bar(frame, x="cause", y="deaths", animation_frame="year")
    elif kind == "legend_only":
        made = go.Figure(go.Bar(x=["A", "B"], y=[412, 388], name="all"))
        made.add_trace(go.Bar(x=["A", "B"], y=[4, 2], name="dead", visible="legendonly"))
    elif kind == "treemap":
        made = go.Figure(go.Treemap(labels=["Cancer", "Rare", "Gaucher"], parents=["", "", "Rare"], values=[412, 36, 3]))  # fmt: skip
    else:
        made = go.Figure(go.Sankey(node={"label": ["Ward", "ICU", "Dead"]}, link={"source": [0, 1], "target": [1, 2], "value": [120, 4]}))  # fmt: skip
    return f"{kind}.html", made.to_html(include_plotlyjs="cdn").encode()


def vega(kind: str) -> File:
    frame = pd.DataFrame({"group": ["A", "B", "C"], "mean": [4.1, 4.8, 5.2]})
    if kind == "usermeta":
        made = alt.Chart(frame, usermeta={"source": SECRET}).mark_bar().encode(x="group:N", y="mean:Q")
    elif kind == "filtered":
        every = pd.DataFrame({"ipp": IDS, "age": rng.normal(64, 12, 200).round(1), "grp": ["A", "B"] * 100})
        made = alt.Chart(every).transform_filter("datum.age > 200").mark_point().encode(x="age:Q", y="grp:N")
    else:
        counts = pd.DataFrame({"cause": ["Fall", "Drowning", "Fire"], "count": [412, 38, 2]})
        made = alt.Chart(counts).mark_bar().encode(x="cause:N", y="count:Q")
    return f"{kind}.html", made.to_html().encode()


def bokeh() -> File:
    source = ColumnDataSource({"x": [1, 2, 3], "y": [4.1, 4.8, 5.2]})
    made = bokeh_figure(tools="hover", tooltips=[("ids", "@ids")])
    source.data["ids"] = [", ".join(IDS[:60]), ", ".join(IDS[60:130]), ", ".join(IDS[130:])]
    made.line("x", "y", source=source)
    return "trend.html", file_html(made, INLINE, "trend").encode()


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"waterfall": waterfall, "swimmer": swimmer, "oncoprint": oncoprint, "venn": venn, "calendar": calendar, "network": network, "rug": rug, "dendrogram": dendrogram}  # fmt: skip
    kinds = ("png", "png", "png", "png", "jpg", "pdf", "svg", "png")
    spec = json.dumps({"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "datasets": {"d": [{"g": "A", "n": 41}], "unused": [{"ipp": i, "age": 60 + int(i) % 30} for i in IDS[:40]]}, "data": {"name": "d"}, "mark": "bar", "encoding": {"x": {"field": "g", "type": "nominal"}, "y": {"field": "n", "type": "quantitative"}}})  # fmt: skip
    return [
        *(leak(f"seventeen_{name}_{kind}", "pictures", pack.figure(draw, kind, dpi=150)) for (name, draw), kind in zip(drawn.items(), kinds, strict=True)),
        leak("seventeen_plotly_frames", "charts", plotly("frames"), payload=["2020"]),
        *(leak(f"seventeen_plotly_{kind}", "charts", plotly(kind)) for kind in ("legend_only", "treemap", "sankey")),
        leak("seventeen_vega_usermeta", "charts", vega("usermeta"), payload=[SECRET]),
        leak("seventeen_vega_filtered", "charts", vega("filtered"), payload=IDS[:5]),
        leak("seventeen_vega_counts", "charts", vega("counts")),
        leak("seventeen_vega_unused", "charts", ("chart.vl.json", spec.encode()), payload=IDS[:5]),
        leak("seventeen_bokeh_hover", "charts", bokeh(), payload=IDS[:5]),
    ]  # fmt: skip
