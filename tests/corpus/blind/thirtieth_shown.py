"""Thirtieth batch: figures, saved charts, models, ACRO folders, and requests of several files."""

import hashlib
import io
import json
from typing import Any

import altair as alt
import numpy as np
import onnx
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
import skops.io as sio
from bokeh.embed import file_html
from bokeh.models import ColumnDataSource, DataTable, TableColumn
from bokeh.resources import CDN
from matplotlib.backends.backend_pdf import PdfPages
from safetensors.numpy import save as save_tensors
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeRegressor

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(3000)
GROUPS = ["Asthme", "Lupus", "Fabry"]


def labelled(ax: Any, last: int = 3) -> None:
    made = ax.bar(GROUPS, [41, 28, last])
    ax.bar_label(made, fontsize=13)
    ax.set(ylabel="Patients")


def boxes(ax: Any) -> None:
    ax.boxplot([np.append(rng.normal(60, 5, 90), [99, 18]), rng.normal(55, 5, 90)], tick_labels=["F", "H"])
    ax.set(ylabel="Age (ans)")


def named(ax: Any) -> None:
    xs, ys = rng.normal(5, 2, 9), rng.normal(5, 2, 9)
    ax.scatter(xs, ys)
    for x, y, n in zip(xs, ys, range(9), strict=True):
        ax.annotate(f"8004{n}512", (x, y), fontsize=11)


def at_risk(ax: Any, last: int = 3) -> None:
    ax.step([0, 12, 24, 36], [1, 0.9, 0.8, 0.7], where="post")
    ax.set(xlabel="Mois", ylabel="Survie globale")
    for x, n in zip((0, 12, 24, 36), (88, 52, 39, last), strict=True):
        ax.text(x, 0.72, str(n), ha="center", fontsize=13)
    ax.text(1, 0.76, "Patients à risque", fontsize=13)


def stacked(ax: Any) -> None:
    ax.barh(["Femmes", "Hommes"], [64, 71])
    ax.text(30, 0, "n = 64 (dont 2 mineures)", fontsize=12)
    ax.set(xlabel="Âge moyen")


def trajectory(ax: Any) -> None:
    for at, (start, stop) in enumerate([(0, 14), (3, 41), (8, 12), (2, 33)]):
        ax.plot([start, stop], [at, at], lw=6)
    ax.set_yticks(range(4), ["S01", "S02", "S03", "S04"])
    ax.set(xlabel="Jours depuis le diagnostic")


def booklet(last: int = 2) -> File:
    """Two pages of PDF: a calm figure, then the table."""
    import matplotlib.pyplot as plt

    out = io.BytesIO()
    with PdfPages(out) as pdf:
        first, axes = plt.subplots()
        axes.plot([0, 6, 12], [4.2, 4.9, 5.1])
        pdf.savefig(first)
        second = plt.figure()
        second.text(0.1, 0.8, f"Tableau 2. Décès par cause\nChute : 41\nNoyade : 28\nMorsure : {last}", fontsize=14)
        pdf.savefig(second)
        plt.close("all")
    return "livret.pdf", out.getvalue()


def page(made: Any, name: str) -> File:
    return f"{name}.html", made.to_html(include_plotlyjs="cdn").encode()


def grid(last: int) -> File:
    cells = {"header": {"values": ["Cause", "Décès"]}, "cells": {"values": [["Chute", "Noyade", "Morsure"], [412, 96, last]]}}  # fmt: skip
    return page(go.Figure(go.Table(**cells)), "grid")


def charts() -> dict[str, File]:
    d = pd.DataFrame({"age": rng.integers(20, 95, 60), "sexe": rng.choice(["F", "H"], 60)})
    source = ColumnDataSource({"cause": ["Chute", "Noyade", "Morsure"], "deces": [412, 96, 3]})
    columns = [TableColumn(field="cause", title="Cause"), TableColumn(field="deces", title="Décès")]
    texts = alt.Chart(pd.DataFrame({"service": ["A", "B", "C"], "patients": [412, 96, 4]}))
    heat = go.Figure(go.Heatmap(z=[[412, 388], [96, 2]], x=["F", "H"], y=["2020", "2021"], colorbar_title="Patients"))
    return {
        "plotly_table": grid(3),
        "plotly_box": page(px.box(d, x="sexe", y="age", points="all"), "box"),
        "plotly_heat": page(heat, "heat"),
        "bokeh_table": ("grid.html", file_html(DataTable(source=source, columns=columns), CDN, "t").encode()),
        "altair_text": ("texts.html", texts.mark_text().encode(x="service:N", text="patients:Q").to_html().encode()),
        "altair_box": ("box.json", alt.Chart(d).mark_boxplot().encode(x="sexe:N", y="age:Q").to_json().encode()),
    }


def neighbours(rows: np.ndarray[Any, Any]) -> bytes:
    kept = onnx.numpy_helper.from_array(rows.astype("float32"), "training_data")
    node = onnx.helper.make_node("MatMul", ["x", "training_data"], ["y"])
    shape = onnx.helper.make_tensor_value_info
    ends = [shape("x", 1, [1, rows.shape[0]])], [shape("y", 1, [1, rows.shape[1]])]
    return bytes(onnx.helper.make_model(onnx.helper.make_graph([node], "knn", *ends, [kept])).SerializeToString())


def models() -> dict[str, File]:
    x, y = rng.normal(60, 9, (120, 4)).round(1), rng.integers(0, 2, 120)
    tree = {
        "split": "age",
        "threshold": 88.5,
        "left": {"count": 4120, "value": 0.1},
        "right": {"count": 3, "value": 0.9},
    }
    dump = "tree\nversion=v4\nnum_class=1\nTree=0\nnum_leaves=3\nleaf_value=0.1 0.4 0.9\nleaf_count=4120 380 2\n"
    centres = {"centroids": {"c0": [61.2, 27.1], "c1": [44.8, 23.2]}, "cluster_sizes": [412, 3]}
    return {
        "knn_skops": ("knn.skops", sio.dumps(KNeighborsClassifier().fit(x, y))),
        "gp_skops": ("gp.skops", sio.dumps(GaussianProcessRegressor().fit(x[:40], y[:40]))),
        "leafy_skops": ("tree.skops", sio.dumps(DecisionTreeRegressor().fit(x, x[:, 0]))),
        "names_tensors": ("model.safetensors", save_tensors({"w": rng.normal(0, 1, (4, 2))}, {"trained_on": "KERDRAON Maëlle, 2790329155021"})),
        "knn_onnx": ("knn.onnx", neighbours(x)),
        "tree_json": ("tree.json", json.dumps(tree).encode()),
        "boosted_txt": ("model.txt", dump.encode()),
        "centres_json": ("kmeans.json", json.dumps(centres).encode()),
        "logit_joblib": ("logit.joblib", _joblib(LogisticRegression().fit(x, y))),
    }  # fmt: skip


def _joblib(model: object) -> bytes:
    import joblib

    out = io.BytesIO()
    joblib.dump(model, out)
    return out.getvalue()


def acro(status: str, table: pd.DataFrame) -> File:
    """A folder as ACRO's finalise() writes it."""
    result = {"uid": "output_0", "status": status, "type": "table", "properties": {"method": "pivot_table"}, "sdc": {"summary": {"suppressed": False, "threshold": 1}}, "command": "acro.pivot_table(d)", "summary": status, "outcome": {}, "output": ["output_0_0.csv"], "timestamp": "2025-02-03T09:00:00", "comments": ["checked by hand"], "exception": ""}  # fmt: skip
    made = {"results.json": json.dumps({"version": "0.4.9", "results": {"output_0": result}}).encode(), "output_0_0.csv": table.to_csv(index=False).encode()}  # fmt: skip
    sums = {f"checksums/{name}.txt": hashlib.sha256(data).hexdigest().encode() for name, data in made.items()}
    return pack.zipped(*made.items(), *sums.items())


def csv(name: str, frame: pd.DataFrame) -> File:
    return f"{name}.csv", frame.to_csv(index=False).encode()


def several() -> list[Case]:
    t = pd.DataFrame
    wards = t({"service": ["A", "B", "C"], "patients": [412, 388, 96]})
    adults = wards.assign(patients=[410, 388, 91])
    women = t({"service": ["A", "B"], "femmes": [210, 190]})
    both = t({"service": ["A", "B"], "ensemble": [420, 193]})
    shares = t({"service": ["A", "B", "C"], "décès (%)": [10.2, 11.6, 3.1]})
    low = t({"motif": ["Chute", "Brûlure"], "passages": [4120, 3]})
    hidden = t({"mois": ["janv.", "févr.", "mars"], "hospitalisés": ["52", "<11", "47"]})
    sentence = pack.text("Entre janvier et mars, 106 patients ont été hospitalisés.\n")
    pair = t({"tranche": ["0-17", "18-64", "65+"], "patients": [112, 640, 388]})
    finer = t({"tranche": ["0-17", "18-69", "70+"], "patients": [112, 643, 385]})
    return [
        leak("thirtieth_acro_pass", "acro", acro("pass", low)),
        leak("thirtieth_all_and_adults", "several", csv("tous", wards), csv("hors_mineurs", adults)),
        leak("thirtieth_women_and_all", "several", csv("femmes", women), csv("ensemble", both)),
        leak("thirtieth_shares_and_sizes", "several", csv("parts", shares), csv("effectifs", wards)),
        leak("thirtieth_sentence_total", "several", csv("mois", hidden), sentence),
        leak("thirtieth_age_bands", "released", csv("tranches", finer), released=(csv("tranches", pair),)),
        leak("thirtieth_later_word", "released", pack.word(t(), "Au total, 899 patients ont été inclus dans les services A, B et C."), released=(csv("services", wards),)),
        leak("thirtieth_later_excel", "released", pack.excel(adults), released=(pack.html(wards),)),
        safe("thirtieth_acro_safe", "acro", acro("pass", low.assign(passages=[4120, 33]))),
        safe("thirtieth_bands_safe", "released", csv("tranches", pair), released=(csv("services", wards.assign(patients=[512, 488, 140])),)),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    drawn = {"labelled": (labelled, "png"), "boxes": (boxes, "pdf"), "named": (named, "png"), "at_risk": (at_risk, "jpg"), "stacked": (stacked, "svg"), "trajectory": (trajectory, "png")}  # fmt: skip
    found = [leak(f"thirtieth_{name}", "pictures", pack.figure(draw, kind, dpi=150)) for name, (draw, kind) in drawn.items()]  # fmt: skip
    found.append(leak("thirtieth_booklet", "pictures", booklet()))
    found += [leak(f"thirtieth_{name}", "charts", file) for name, file in charts().items()]
    found += [leak(f"thirtieth_{name}", "models", file) for name, file in models().items()]
    fine = {"labelled": pack.figure(lambda ax: labelled(ax, 31), "png", dpi=150), "at_risk": pack.figure(lambda ax: at_risk(ax, 23), "jpg", dpi=150), "booklet": booklet(22), "grid": grid(33)}  # fmt: skip
    return found + several() + [safe(f"thirtieth_{name}_safe", "shown", file) for name, file in fine.items()]
