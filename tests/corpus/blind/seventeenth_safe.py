"""Seventeenth batch: the safe twins of its leaks, with large groups and aggregates in the same forms."""

import json
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from . import pack
from .case import Case, safe

rng = np.random.default_rng(1704)


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()})


TABLES = {
    "share_and_error": t(Group=["Exposed", "Unexposed"], Prevalence=[0.21, 0.31], Standard__error=[0.0041, 0.0021]),
    "weighted": t(Occupation=["Teacher", "Nurse", "Driver"], Weighted__count=[412000, 288000, 95700], Mean__weight=[190, 190, 190]),
    "change_percent": t(Centre=["Brest", "Lille", "Sète"], **{"Cases 2019": [412, 388, 150], "Change in 2020 (%)": [-12, 4, -24]}),
    "sex_ratio": t(Centre=["A", "B", "C"], n=[412, 388, 241], **{"Sex ratio (M/F)": [1.1, 0.9, 1.5]}),
    "stays_per_patient": t(Hospital=["North", "South", "Isle"], Stays=[4120, 3880, 1120], **{"Stays per patient": [1.6, 1.7, 4.0]}),
    "dms": t(Service=["Médecine", "Chirurgie", "Brûlés"], **{"Journées": [8240, 6120, 4184], "DMS (jours)": [5.1, 6.3, 28.0]}),
    "thousands": t(Region=["Nord", "Sud", "Corse"], **{"Patients (thousands)": [1.204, 0.988, 0.303]}),
    "lorenz": t(**{"Decile of patients": list(range(1, 11)), "Share of cost (%)": [1, 2, 3, 4, 6, 8, 11, 15, 20, 30]}),
    "calibration": t(Bin=[1, 2, 3, 4], **{"Mean predicted": [0.04, 0.21, 0.48, 0.73], "Fraction of positives": [0.031, 0.198, 0.51, 0.7], "Count": [4120, 812, 396, 264]}),
    "tested": t(Unit=["A", "B", "C"], Tested=[212, 188, 114], **{"HIV positive": [31, 28, 24]}),
}  # fmt: skip
TEXTS = {
    "least_populated": "INFO train: 5 folds, least populated class has 412 members\nINFO train: done in 41 s\n",
    "r_missing": "Residual standard error: 4.12 on 4102 degrees of freedom\n  (712 observations deleted due to missingness)\nMultiple R-squared:  0.212\n",
    "registry": "The registry held 1,204 patients at the end of May and 1,407 at the end of June.",
    "all_informed": "All 4,120 participants gave their informed consent; the study was approved by the ethics committee.",
    "ratio": "The male-to-female ratio was 1.2:1 among the 4,200 patients.",
    "score_hundred": "The response rate of the 37 hospitals was 100 %, and data quality was checked in each of them.",
}


def bars_by_quartile(ax: Any) -> None:
    ax.bar(["Q1", "Q2", "Q3", "Q4"], [-31, -12, 4, 18], color="#4477aa")
    ax.axhline(0, color="k", lw=0.8)
    ax.set(xlabel="Quartile of dose", ylabel="Mean change of tumour size (%)")


def network(ax: Any) -> None:
    for name, x, y in (("Ward A", 0.1, 0.5), ("ICU", 0.5, 0.9), ("Theatre", 0.9, 0.4)):
        ax.text(x, y, name, ha="center", fontsize=11, bbox={"fc": "white"})
    for x0, y0, x1, y1, n in ((0.1, 0.5, 0.5, 0.9, "n = 412"), (0.5, 0.9, 0.9, 0.4, "n = 218")):
        ax.annotate("", (x1, y1), (x0, y0), arrowprops={"arrowstyle": "->"})
        ax.text((x0 + x1) / 2, (y0 + y1) / 2 - 0.06, n, fontsize=12)
    ax.axis("off")


def cases() -> list[Case]:
    """The cases of this part."""
    frame = pd.DataFrame({"cause": ["Fall", "Drowning", "Fire"], "count": [412, 38, 21]})
    chart = alt.Chart(frame).mark_bar().encode(x="cause:N", y="count:Q")
    bars = go.Figure([go.Bar(x=["A", "B"], y=[412, 388], name="all"), go.Bar(x=["A", "B"], y=[41, 32], name="dead")])
    masked, earlier = t(Ward=["A", "B", "C"], Deaths=[31, "<11", 44]), t(Outcome=["Alive", "Unknown"], Total=[912, 38])
    acro = {"version": "0.4.9", "results": {"output_0": {"uid": "output_0", "status": "pass", "type": "table", "properties": {"method": "crosstab"}, "sdc": {}, "command": "acro.crosstab(df.ward, df.died)", "summary": "pass", "outcome": {}, "output": ["output_0_0.csv"], "timestamp": "2024-03-04T10:11:12", "comments": [], "exception": ""}}}  # fmt: skip
    counts = t(ward=["A", "B", "C"], **{"False": [212, 188, 97], "True": [31, 44, 23]})
    return [
        *(safe(f"seventeen_safe_{name}", "tables", pack.turn(pack.TABLES, i, 1)[0](table)) for i, (name, table) in enumerate(TABLES.items())),
        *(safe(f"seventeen_safe_{name}", "texts", pack.turn(pack.PROSE, i, 1)[0](body) if "\n" not in body else pack.log(body)) for i, (name, body) in enumerate(TEXTS.items())),
        safe("seventeen_safe_bars_png", "pictures", pack.figure(bars_by_quartile)),
        safe("seventeen_safe_network_png", "pictures", pack.figure(network, dpi=150)),
        safe("seventeen_safe_plotly", "charts", ("bars.html", bars.to_html(include_plotlyjs="cdn").encode())),
        safe("seventeen_safe_vega", "charts", ("chart.html", chart.to_html().encode())),
        safe("seventeen_safe_masked", "several", pack.html(masked), released=(pack.word(earlier),)),
        safe("seventeen_safe_acro", "several", pack.zipped(("outputs/results.json", json.dumps(acro).encode()), ("outputs/output_0_0.csv", counts.to_csv(index=False).encode()))),
    ]  # fmt: skip
