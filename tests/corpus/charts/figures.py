"""Interactive charts as researchers save them, safe and leaking, seeded: figures of Plotly, Altair and Bokeh."""

import json
from collections.abc import Callable
from typing import Any

import altair as alt
import bokeh.embed
import bokeh.layouts
import bokeh.models
import bokeh.plotting
import bokeh.resources
import numpy as np
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go

Rng = np.random.Generator
SAFE: list[Callable[[Rng], Any]] = []
LEAKING: list[Callable[[Rng], Any]] = []
REGIONS = ["Bretagne", "Normandie", "Centre", "Occitanie", "Grand Est"]
alt.data_transformers.disable_max_rows()


def safe(draw: Callable[[Rng], Any]) -> Callable[[Rng], Any]:
    SAFE.append(draw)
    return draw


def leaking(draw: Callable[[Rng], Any]) -> Callable[[Rng], Any]:
    LEAKING.append(draw)
    return draw


def page(figure: Any) -> bytes:
    """The figure as the page that its library saves."""
    if isinstance(figure, go.Figure):
        return figure.to_html(include_plotlyjs="cdn").encode()
    if isinstance(figure, alt.TopLevelMixin):
        return figure.to_html().encode()
    return bokeh.embed.file_html(figure, bokeh.resources.CDN).encode()


def as_json(figure: Any) -> bytes:
    if isinstance(figure, go.Figure | alt.TopLevelMixin):
        return figure.to_json().encode()
    return json.dumps(bokeh.embed.json_item(figure)).encode()


def output(figure: Any) -> dict[str, Any]:
    """The data of a notebook's output."""
    if isinstance(figure, go.Figure):
        return {
            "application/vnd.plotly.v1+json": json.loads(figure.to_json()),
            "text/html": figure.to_html(full_html=False)[:200],
        }
    if isinstance(figure, alt.TopLevelMixin):
        return {"application/vnd.vegalite.v6+json": figure.to_dict(), "text/plain": "alt.Chart(...)"}
    script, div = bokeh.embed.components(figure)
    return {"text/html": div + script, "application/vnd.bokehjs_exec.v0+json": "", "text/plain": "Figure"}


def counts(rng: Rng, low: int = 40) -> pd.DataFrame:
    return pd.DataFrame({"region": REGIONS, "patients": rng.integers(low, 2000, 5)})


def by_sex(rng: Rng) -> pd.DataFrame:
    rows = [(r, s, int(rng.integers(60, 900))) for r in REGIONS for s in ("F", "M")]
    return pd.DataFrame(rows, columns=["region", "sex", "patients"])


def monthly(rng: Rng) -> pd.DataFrame:
    months = pd.date_range("2023-01-01", periods=24, freq="MS")
    return pd.DataFrame({"month": months, "incidence": rng.normal(24, 3, 24).round(1)})


def people(rng: Rng, size: int = 400) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "age": rng.normal(62, 13, size).round(1),
            "crp": rng.gamma(2, 9, size).round(2),
            "sex": rng.choice(["F", "M"], size),
            "region": rng.choice(REGIONS, size),
            "subject": [f"SUBJ{n:07d}" for n in rng.integers(0, 9_999_999, size)],
        }
    )


# -- safe ----------------------------------------------------------------------------------------------------------


@safe
def plotly_bars(rng: Rng) -> Any:
    return px.bar(counts(rng), x="region", y="patients", title="Patients par région")


@safe
def plotly_grouped(rng: Rng) -> Any:
    return px.bar(by_sex(rng), x="region", y="patients", color="sex", barmode="group")


@safe
def plotly_sideways(rng: Rng) -> Any:
    frame = counts(rng)
    return go.Figure(go.Bar(y=frame.region, x=frame.patients, orientation="h"), layout={"xaxis": {"title": "Patients"}})


@safe
def plotly_line(rng: Rng) -> Any:
    return px.line(monthly(rng), x="month", y="incidence", labels={"incidence": "Incidence (per 100 000)"})


@safe
def plotly_roc(rng: Rng) -> Any:
    fpr = np.linspace(0, 1, 40)
    curves = [
        go.Scatter(x=fpr, y=fpr**p, name=f"model {n} (AUC {1 / (1 + p):.2f})", mode="lines")
        for n, p in (("A", 0.3), ("B", 0.5))
    ]
    axes = {"xaxis": {"title": "1 − specificity"}, "yaxis": {"title": "Sensitivity"}}
    return go.Figure(curves, layout=axes)


@safe
def plotly_heat(rng: Rng) -> Any:
    names = ["age", "BMI", "SBP", "LDL"]
    matrix = np.corrcoef(rng.normal(size=(4, 500)) + rng.normal(size=500)).round(2)
    return px.imshow(matrix, x=names, y=names, text_auto=True, color_continuous_scale="RdBu")


@safe
def plotly_pie(rng: Rng) -> Any:
    return px.pie(counts(rng), names="region", values="patients")


@safe
def plotly_sum(rng: Rng) -> Any:
    return px.histogram(counts(rng), x="region", y="patients")


@safe
def plotly_forest(rng: Rng) -> Any:
    odds = rng.uniform(0.6, 2.4, 4).round(2)
    bars = {"array": (odds * 0.3).round(2), "arrayminus": (odds * 0.2).round(2)}
    names = ["Age (per 10 y)", "Male", "Diabetes", "Smoking"]
    return go.Figure(
        go.Scatter(x=odds, y=names, mode="markers", error_x=bars), layout={"xaxis": {"title": "Odds ratio (95 % CI)"}}
    )


@safe
def plotly_calibration(rng: Rng) -> Any:
    x = np.linspace(0.05, 0.95, 10).round(3)
    y = (x + rng.normal(0, 0.02, 10)).round(3)
    points = go.Scatter(x=x, y=y, mode="markers", name="deciles")
    return go.Figure(
        [points, go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="ideal")],
        layout={"xaxis": {"title": "Predicted risk"}, "yaxis": {"title": "Observed risk"}},
    )


@safe
def plotly_area(rng: Rng) -> Any:
    frame = pd.DataFrame({"year": range(2012, 2024), "cases": rng.integers(400, 900, 12)})
    return px.area(frame, x="year", y="cases")


@safe
def altair_bars(rng: Rng) -> Any:
    return alt.Chart(counts(rng)).mark_bar().encode(x="region", y="patients")


@safe
def altair_sorted(rng: Rng) -> Any:
    axis = alt.X("patients:Q", title="Nombre de patients")
    return (
        alt.Chart(counts(rng), title="Cohorte")
        .mark_bar()
        .encode(x=axis, y=alt.Y("region:N", sort="-x"), tooltip=["region", "patients"])
    )


@safe
def altair_stacked(rng: Rng) -> Any:
    return (
        alt.Chart(by_sex(rng)).mark_bar().encode(x="region:N", y="sum(patients):Q", color="sex:N").properties(width=300)
    )


@safe
def altair_line(rng: Rng) -> Any:
    return (
        alt.Chart(monthly(rng))
        .mark_line(point=True)
        .encode(x="month:T", y=alt.Y("incidence:Q", title="Incidence per 100 000"))
        .interactive()
    )


@safe
def altair_heat(rng: Rng) -> Any:
    names = ["age", "BMI", "SBP", "LDL"]
    matrix = np.corrcoef(rng.normal(size=(4, 500)) + rng.normal(size=500)).round(2)
    frame = pd.DataFrame(
        [(a, b, matrix[i, j]) for i, a in enumerate(names) for j, b in enumerate(names)],
        columns=["a", "b", "correlation"],
    )
    base = alt.Chart(frame).encode(x="a:N", y="b:N")
    return base.mark_rect().encode(color="correlation:Q") + base.mark_text().encode(text="correlation:Q")


@safe
def altair_facet(rng: Rng) -> Any:
    return alt.Chart(by_sex(rng)).mark_bar().encode(x="region:N", y="patients:Q", column="sex:N")


@safe
def altair_pie(rng: Rng) -> Any:
    return alt.Chart(counts(rng)).mark_arc().encode(theta="patients:Q", color="region:N")


@safe
def altair_two(rng: Rng) -> Any:
    one = alt.Chart(counts(rng)).mark_bar().encode(x="region", y="patients")
    return one | alt.Chart(monthly(rng)).mark_line().encode(x="month:T", y="incidence:Q")


@safe
def bokeh_bars(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure(x_range=REGIONS, title="Patients par région", y_axis_label="Patients")
    drawn.vbar(x=REGIONS, top=rng.integers(100, 900, 5), width=0.8)
    return drawn


@safe
def bokeh_line(rng: Rng) -> Any:
    frame = monthly(rng)
    drawn = bokeh.plotting.figure(x_axis_type="datetime", y_axis_label="Incidence per 100 000")
    drawn.line(x="month", y="incidence", source=bokeh.models.ColumnDataSource(frame))
    return drawn


@safe
def bokeh_sideways(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure(y_range=REGIONS, x_axis_label="Nombre de séjours")
    drawn.hbar(y="region", right="patients", height=0.6, source=bokeh.models.ColumnDataSource(counts(rng)))
    return drawn


@safe
def bokeh_roc(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure(x_axis_label="False positive rate", y_axis_label="True positive rate")
    fpr = np.linspace(0, 1, 30)
    drawn.line(fpr, fpr**0.4, legend_label="model")
    drawn.line([0, 1], [0, 1], line_dash="dashed")
    return drawn


# -- leaking -------------------------------------------------------------------------------------------------------


@leaking
def plotly_small(rng: Rng) -> Any:
    frame = counts(rng)
    frame.loc[2, "patients"] = 4
    return px.bar(frame, x="region", y="patients")


@leaking
def plotly_small_group(rng: Rng) -> Any:
    frame = by_sex(rng)
    frame.loc[5, "patients"] = 3
    return px.bar(frame, x="region", y="patients", color="sex")


@leaking
def plotly_histogram(rng: Rng) -> Any:
    return px.histogram(people(rng), x="age")


@leaking
def plotly_box(rng: Rng) -> Any:
    return px.box(people(rng), x="sex", y="age", points=False)


@leaking
def plotly_violin(rng: Rng) -> Any:
    return px.violin(people(rng), y="crp")


@leaking
def plotly_scatter(rng: Rng) -> Any:
    return px.scatter(people(rng), x="age", y="crp", color="sex")


@leaking
def plotly_strip(rng: Rng) -> Any:
    return px.strip(people(rng), x="region", y="age")


@leaking
def plotly_sorted_scatter(rng: Rng) -> Any:
    return px.scatter(people(rng, 60).sort_values("age"), x="age", y="crp")


@leaking
def plotly_parallel(rng: Rng) -> Any:
    return px.parallel_coordinates(people(rng)[["age", "crp"]])


@leaking
def plotly_joined(rng: Rng) -> Any:
    frame = people(rng, 80)
    return go.Figure(go.Scatter(x=frame.age, y=frame.crp, mode="lines+markers"))


@leaking
def plotly_spaghetti(rng: Rng) -> Any:
    frame = pd.DataFrame(
        [(p, v, 60 + rng.normal()) for p in range(50) for v in range(4)], columns=["p", "visit", "egfr"]
    )
    return px.line(frame, x="visit", y="egfr", color="p")


@leaking
def plotly_counted(rng: Rng) -> Any:
    return px.pie(people(rng), names="region")


@leaking
def plotly_annotated(rng: Rng) -> Any:
    drawn = px.bar(counts(rng), x="region", y="patients")
    drawn.add_annotation(text="dont n = 3 patients décédés", x=0, y=0)
    return drawn


@leaking
def plotly_named_points(rng: Rng) -> Any:
    frame = people(rng, 80)
    return go.Figure(go.Scatter(x=frame.age, y=frame.crp, mode="markers", text=frame.subject))


@leaking
def altair_same_axis(rng: Rng) -> Any:
    return alt.Chart(people(rng)).mark_point().encode(x="age:Q", y="age:Q")


@leaking
def bokeh_same_axis(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure()
    drawn.scatter(x="age", y="age", source=bokeh.models.ColumnDataSource(people(rng)))
    return drawn


@leaking
def altair_small(rng: Rng) -> Any:
    frame = counts(rng)
    frame.loc[1, "patients"] = 7
    return alt.Chart(frame).mark_bar().encode(x="region", y="patients")


@leaking
def altair_histogram(rng: Rng) -> Any:
    return alt.Chart(people(rng)).mark_bar().encode(x=alt.X("age", bin=True), y="count()")


@leaking
def altair_mean(rng: Rng) -> Any:
    return alt.Chart(people(rng)).mark_bar().encode(x="region", y="mean(age)")


@leaking
def altair_box(rng: Rng) -> Any:
    return alt.Chart(people(rng)).mark_boxplot().encode(x="sex:N", y="age:Q")


@leaking
def altair_scatter(rng: Rng) -> Any:
    return alt.Chart(people(rng)).mark_circle().encode(x="age", y="crp", color="sex")


@leaking
def altair_density(rng: Rng) -> Any:
    return alt.Chart(people(rng)).transform_density("age", as_=["age", "d"]).mark_area().encode(x="age:Q", y="d:Q")


@leaking
def bokeh_scatter(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure()
    drawn.scatter(x="age", y="crp", source=bokeh.models.ColumnDataSource(people(rng)))
    return drawn


@leaking
def bokeh_small(rng: Rng) -> Any:
    drawn = bokeh.plotting.figure(x_range=REGIONS, y_axis_label="Patients")
    drawn.vbar(x=REGIONS, top=[120, 310, 5, 88, 97], width=0.8)
    return drawn


@leaking
def bokeh_joined(rng: Rng) -> Any:
    frame = people(rng, 90)
    drawn = bokeh.plotting.figure()
    drawn.line(frame.age, frame.crp)
    return drawn


# -- hidden: safe to see, with a payload behind ----------------------------------------------------------------------


def hidden(rng: Rng) -> dict[str, Any]:
    """Charts that pass only without the subjects' numbers that they carry out of sight."""
    frame = counts(rng)
    ids = [f"SUBJ{n:07d}" for n in rng.integers(0, 9_999_999, 300)]
    frame["ids"] = [" ".join(ids[n::5]) for n in range(5)]
    bars = {"x": frame.region, "y": frame.patients}
    source = bokeh.models.ColumnDataSource(frame)
    drawn = bokeh.plotting.figure(x_range=REGIONS)
    drawn.vbar(x="region", top="patients", width=0.5, source=source)
    named = bokeh.plotting.figure(x_range=REGIONS, name=ids[0], tags=ids)
    named.vbar(x=REGIONS, top=list(frame.patients), width=0.5)
    long = {**bars, "x": [*frame.region, *ids]}
    return {
        "plotly_custom": go.Figure(go.Bar(**bars, customdata=frame.ids)),
        "plotly_hover": go.Figure(go.Bar(**bars, hovertext=frame.ids)),
        "plotly_ids": go.Figure(go.Bar(**bars, ids=frame.ids)),
        "plotly_meta": go.Figure(go.Bar(**bars, meta=ids), layout={"meta": ids}),
        "plotly_template": go.Figure(go.Bar(**bars, hovertemplate=ids[0], uid=ids[1], legendgroup=ids[2])),
        "plotly_marker": go.Figure(
            go.Bar(**bars, selectedpoints=[1]), layout={"uirevision": ids[0], "datarevision": ids[1]}
        ),
        "plotly_beyond": go.Figure(go.Bar(**long)),
        "plotly_frames": go.Figure(
            go.Bar(**bars), frames=[go.Frame(data=[go.Bar(x=ids, y=list(range(300)))], name=ids[0])]
        ),
        "altair_unused": alt.Chart(frame).mark_bar().encode(x="region", y="patients"),
        "altair_tooltip": alt.Chart(frame).mark_bar().encode(x="region", y="patients", tooltip=["region", "ids"]),
        "altair_meta": alt.Chart(frame[["region", "patients"]], usermeta={"x": ids}, description=ids[0], name=ids[1])
        .mark_bar()
        .encode(x="region", y="patients"),
        "bokeh_unused": drawn,
        "bokeh_tags": named,
    }


def notebook(figure: Any) -> bytes:
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "source": "fig",
        "execution_count": 1,
        "outputs": [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": output(figure)}],
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


FORMS: dict[str, Callable[[Any], bytes]] = {"html": page, "json": as_json, "ipynb": notebook}
