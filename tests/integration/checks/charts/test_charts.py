"""Interactive charts of groups pass with their content; those that carry single values do not."""

import io
import json
import re
import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from corpus.charts import figures
from ecluse.checks import check_files
from ecluse.checks.report import CheckReport
from ecluse.checks.sandbox import Sandbox
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

SEEDS = (3, 29)
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as warm:
        yield warm


def check(form: str, drawers, seed: int, sandbox: Sandbox) -> tuple[CheckReport, dict[str, bytes], dict[str, bytes]]:
    """Each chart as a request of its own would find it: one request whose files do not speak of each other."""
    with warnings.catch_warnings(action="ignore"):
        files = {f"{d.__name__}.{form}": figures.FORMS[form](d(np.random.default_rng(seed))) for d in drawers}
    reports, rebuilt = [], {}
    for path, data in files.items():
        report, made = check_files([(path, data)], OutputRules(check_seconds=600), sandbox=sandbox)
        reports += report.files
        rebuilt |= {path: b"".join(made.values())}
    return reports, rebuilt, files


def numbers(data: bytes) -> set[float]:
    return {float(n) for n in re.findall(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", data.decode("utf-8", "ignore"))}


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("form", figures.FORMS)
def test_safe_charts_pass(form: str, seed: int, sandbox: Sandbox) -> None:
    reports, rebuilt, _ = check(form, figures.SAFE, seed, sandbox)
    held = {f.path: [x.message for x in f.findings] for f in reports if f.verdict is not CheckVerdict.PASS}
    assert len(reports) >= 20
    assert not held
    if form == "ipynb":
        assert not [path for path, data in rebuilt.items() if b"image/png" not in data]


@pytest.mark.parametrize(("form", "seed"), [("html", 3), ("json", 29), ("ipynb", 4)])
def test_leaking_charts_are_held(form: str, seed: int, sandbox: Sandbox) -> None:
    """Of a notebook the other cells pass, and the chart is left out, or the notebook is held."""
    reports, rebuilt, _ = check(form, figures.LEAKING, seed, sandbox)
    passed = [f.path for f in reports if f.verdict is CheckVerdict.PASS]
    if form == "ipynb":
        passed = [path for path in passed if re.search(rb"image/png|<table|application/vnd", rebuilt[path])]
    assert len(reports) >= 20
    assert not passed


@pytest.mark.parametrize("form", figures.FORMS)
def test_what_is_not_drawn_is_gone(form: str, sandbox: Sandbox) -> None:
    with warnings.catch_warnings(action="ignore"):
        charts = figures.hidden(np.random.default_rng(5))
    for name, figure in charts.items():
        data = figures.FORMS[form](figure)
        report, made = check_files([(f"{name}.{form}", data)], OutputRules(), sandbox=sandbox)
        assert b"SUBJ" in data
        assert report.verdict is CheckVerdict.PASS, name
        assert b"SUBJ" not in b"".join(made.values()), name


@pytest.mark.parametrize("form", figures.FORMS)
def test_every_number_drawn_is_kept(form: str, sandbox: Sandbox) -> None:
    for draw in (figures.plotly_grouped, figures.altair_stacked, figures.altair_heat, figures.bokeh_bars):
        rng = np.random.default_rng(11)
        figure = draw(rng)
        wanted = values_of(figure)
        _, made = check_files([(f"a.{form}", figures.FORMS[form](figure))], OutputRules(), sandbox=sandbox)
        assert len(wanted) > 4
        assert wanted <= numbers(b"".join(made.values())), draw.__name__


def values_of(figure) -> set[float]:
    """The numbers that a figure draws, from its library's own objects."""
    if hasattr(figure, "to_plotly_json"):
        return {float(v) for trace in figure.data for v in trace.y}
    if hasattr(figure, "to_dict") and "datasets" in (spec := figure.to_dict()):
        rows = next(iter(spec["datasets"].values()))
        return {float(v) for row in rows for v in row.values() if isinstance(v, int | float)}
    return {float(v) for v in figure.renderers[0].data_source.data["top"]}


def test_the_rebuilt_page_shows_the_chart_and_is_stable(sandbox: Sandbox) -> None:
    data = figures.page(figures.plotly_bars(np.random.default_rng(2)))
    _, made = check_files([("a.html", data)], OutputRules(), sandbox=sandbox)
    once = next(iter(made.values()))
    report, again = check_files([("a.html", once)], OutputRules(), sandbox=sandbox)
    assert report.verdict is CheckVerdict.PASS
    assert next(iter(again.values())) == once
    assert b"<script" not in once
    assert b"Patients par r\xc3\xa9gion" in once


def test_the_picture_has_the_bars(sandbox: Sandbox) -> None:
    """Heights of the bars in the picture are in the proportion of the counts."""
    import base64

    import plotly.graph_objects as go

    data = figures.notebook(go.Figure(go.Bar(x=["A", "B"], y=[400, 800])))
    _, made = check_files([("a.ipynb", data)], OutputRules(), sandbox=sandbox)
    shown = json.loads(next(iter(made.values())))["cells"][0]["outputs"][0]["data"]
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(shown["image/png"]))).convert("RGB")).astype(int)
    inked = (abs(pixels - [0x34, 0x65, 0xA4]).sum(axis=2) == 0).sum(axis=0)
    heights = sorted({int(h) for h in inked if h > 20})
    assert abs(heights[-1] / heights[0] - 2) < 0.05


def test_a_page_with_the_whole_library_inside_is_read(sandbox: Sandbox) -> None:
    data = figures.plotly_bars(np.random.default_rng(2)).to_html().encode()
    assert len(data) > 3_000_000
    report, made = check_files([("a.html", data)], OutputRules(), sandbox=sandbox)
    assert report.verdict is CheckVerdict.PASS
    assert len(next(iter(made.values()))) < 100_000


@pytest.mark.parametrize("piece", ['={"a":', "('{\" ", "Plotly.newPlot(", '={"a":1}', '={"a":"x={"a":"'])
def test_pages_that_make_the_search_long_are_refused(piece: str, sandbox: Sandbox) -> None:
    data = f"<html><script>vegaEmbed( {piece * 200_000}</script></html>".encode()
    report, _ = check_files([("a.html", data)], OutputRules(check_seconds=20), sandbox=sandbox)
    assert [f.rule for f in report.files[0].findings] == ["interactive-plot"]
