"""One leak and one safe result of each kind of figure, as the libraries write them, through the whole check."""

import io
from collections.abc import Iterator

import nbformat
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from lifelines import KaplanMeierFitter
from sklearn.metrics import confusion_matrix

from corpus.disclosure.cases import population
from ecluse.checks import check_files
from ecluse.checks.sandbox import Sandbox
from ecluse.rules.finding import CheckVerdict
from ecluse.rules.policy import OutputRules

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


def csv(frame: pd.DataFrame | pd.Series, **options: object) -> Files:
    return {"a.csv": frame.to_csv(**options).encode()}


def xlsx(frame: pd.DataFrame, **options: object) -> Files:
    out = io.BytesIO()
    frame.to_excel(out, **options)
    return {"a.xlsx": out.getvalue()}


def notebook(*shown: object) -> Files:
    """A notebook whose cells display these: dataframes as pandas does, everything else as text."""
    cells = []
    for value in shown:
        html = {"text/html": value.to_html()} if isinstance(value, pd.DataFrame) else {}
        data = {"text/plain": str(value), **html}
        output = nbformat.v4.new_output("execute_result", data, execution_count=1)
        cells.append(nbformat.v4.new_code_cell("result", outputs=[output], execution_count=1))
    return {"a.ipynb": nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode()}


def population_of(size: int) -> pd.DataFrame:
    return population(size, 3)


def at_risk(step: int, french: bool) -> pd.DataFrame:
    people = population_of(1200)
    fit = KaplanMeierFitter().fit(people["time"], people["deces"])
    table = fit.event_table[["observed", "at_risk"]]
    if step:
        times = list(range(0, 1500, step))
        table = pd.DataFrame({"at_risk": [int((people["time"] >= t).sum()) for t in times]}, index=times)
    return table.rename(columns={"at_risk": "à risque", "observed": "événements"}) if french else table


def quantiles(people: pd.DataFrame, levels: list[float]) -> pd.DataFrame:
    found = people.groupby("region")["age"].quantile(levels)
    return found.unstack()  # noqa: PD010 - as researchers write it


def ols(size: int) -> str:
    return str(smf.ols("cout ~ age + C(sexe) + C(stade)", population_of(size)).fit().summary())


def confusion(size: int, wrong: float) -> pd.DataFrame:
    random = np.random.default_rng(1)
    truth = random.integers(0, 2, size)
    guess = np.where(random.random(size) < wrong, 1 - truth, truth)
    names = ["prédit non", "prédit oui"]
    return pd.DataFrame(confusion_matrix(truth, guess), index=["vrai non", "vrai oui"], columns=names)


def stage(rows: dict[str, list[int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, index=["Bretagne", "Normandie", "Occitanie"])


def costs(top: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"coût_total": [1e6, 9e5], "top1": [top[0], 9e4], "top2": [top[1], 8e4]}, index=["CHU A", "CHU B"]
    )


PEOPLE = population_of(2400)
FITTED = pd.DataFrame({"ajusté": PEOPLE["age"] * 20.5, "résidu": PEOPLE["cout"] - PEOPLE["age"] * 20.5}).head(60)
BINNED = PEOPLE.groupby("classe_age")["cout"].agg(["count", "mean"]).round(1)
KM = KaplanMeierFitter().fit(PEOPLE["time"], PEOPLE["deces"])
LEAKS: dict[str, Files] = {
    "survival, event by event, csv": csv(KM.survival_function_),
    "survival, event by event, notebook": notebook(KM.survival_function_.head(40)),
    "at risk to the end, English": csv(at_risk(0, french=False)),
    "at risk to the end, French": xlsx(at_risk(0, french=True)),
    "describe, notebook": notebook(PEOPLE[["age", "cout"]].describe()),
    "min and max, xlsx": xlsx(PEOPLE.groupby("region")["age"].agg(["count", "min", "max"])),
    "outer percentile of few": csv(quantiles(population_of(300), [0.01, 0.99])),
    "no freedom left, notebook": notebook(ols(12)),
    "residuals, csv": csv(FITTED),
    "residuals, notebook": notebook(FITTED),
    "confusion matrix, csv": csv(confusion(600, 0.015)),
    "confusion matrix, notebook": notebook(confusion(600, 0.015)),
    "dominance, xlsx": xlsx(costs([7e5, 2.6e5])),
    "p-percent, csv": csv(costs([9.3e5, 1e4])),
    "whole group, csv": csv(stage({"positif": [34, 0, 41], "négatif": [52, 38, 60]})),
    "whole group, xlsx": xlsx(stage({"positif": [34, 0, 41], "négatif": [52, 38, 60]})),
    "missing sex, csv": csv(pd.DataFrame({"n": [310, 380, 697]}, index=["Femmes", "Hommes", "Total"])),
}
SAFE: dict[str, Files] = {
    "survival at chosen times": csv(KM.survival_function_at_times([0, 365, 730, 1095]).round(2).to_frame("survie")),
    "at risk at chosen times, English": csv(at_risk(365, french=False)),
    "at risk at chosen times, French": xlsx(at_risk(365, french=True)),
    "describe without extremes": notebook(PEOPLE[["age", "cout"]].describe().drop(["min", "max"]).round(1)),
    "middle percentiles": csv(quantiles(PEOPLE.query("region != 'Corse'"), [0.25, 0.75])),
    "model, notebook": notebook(ols(2400)),
    "binned means": csv(BINNED),
    "confusion matrix": notebook(confusion(2000, 0.1)),
    "no dominance": xlsx(costs([3e5, 1e5])),
    "no whole group": csv(stage({"positif": [34, 22, 41], "négatif": [52, 38, 60]})),
    "all sexes known": csv(pd.DataFrame({"n": [310, 380, 690]}, index=["Femmes", "Hommes", "Total"])),
}


@pytest.mark.parametrize("name", LEAKS)
def test_leaks_are_held_up(name: str, sandbox: Sandbox) -> None:
    report, _ = check_files(list(LEAKS[name].items()), OutputRules(), sandbox=sandbox)
    assert report.verdict is not CheckVerdict.PASS


@pytest.mark.parametrize("name", SAFE)
def test_safe_results_pass(name: str, sandbox: Sandbox) -> None:
    report, _ = check_files(list(SAFE[name].items()), OutputRules(), sandbox=sandbox)
    assert report.verdict is CheckVerdict.PASS, [(f.rule, f.where, f.message) for f in report.files[0].findings]
