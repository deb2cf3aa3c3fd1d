"""Safe reports: model summaries, logs, texts, notebooks, figures, as real libraries make them."""

import base64
import io
import json
import warnings
from collections.abc import Iterator
from typing import Any

import docx
import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd

from . import pack
from .case import Case, File, safe
from .safe_tables import cohort


def fitted() -> Iterator[tuple[str, str]]:
    """Summaries in text of statsmodels, lifelines and scikit-learn."""
    import statsmodels.formula.api as smf
    from lifelines import CoxPHFitter
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import classification_report, confusion_matrix

    people = cohort()
    chance = np.random.default_rng(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ols = smf.ols("crp ~ age + bmi + sex", people).fit()
        logit = smf.logit("dead ~ age + bmi + sex", people).fit(disp=0)
        yield "ols", str(ols.summary())
        yield "logit", str(logit.summary())
        yield "ols_latex", ols.summary().as_latex()
        yield "glm", str(smf.poisson("dead ~ age", people).fit(disp=0).summary2())
        timed = people[["age", "bmi", "dead"]].assign(time=chance.exponential(40, len(people)).round(1) + 0.1)
        cox = CoxPHFitter().fit(timed, "time", "dead")
        yield "cox", cox.summary.round(3).to_string()
        out = io.StringIO()
        from contextlib import redirect_stdout

        with redirect_stdout(out):
            cox.print_summary(style="ascii")
        yield "cox_print", out.getvalue()
        x, y = people[["age", "bmi", "crp"]], people.dead
        model = LogisticRegression(max_iter=500).fit(x, y)
        truth = chance.integers(0, 2, 2000)
        guess = np.where(chance.random(2000) < 0.8, truth, 1 - truth)
        yield "classification", classification_report(truth, guess)
        yield "confusion", repr(confusion_matrix(truth, guess))
        yield "estimator", repr(model) + f"\ncoef: {model.coef_.round(3)}\nintercept: {model.intercept_.round(3)}"


LOGS = {
    "training": "\n".join(f"Epoch {e}/20 - loss: {1 / (e + 1):.4f} - val_loss: {1.1 / (e + 1):.4f} - val_auc: {0.7 + e / 200:.3f}" for e in range(1, 21)),
    "pipeline": "2023-02-01 12:00:01 INFO loading ER_PRS_F: 48211904 rows, 64 columns\n2023-02-01 12:04:40 INFO after filter: 912544 rows\n2023-02-01 12:05:10 INFO done in 309.2 s\n",
    "xgboost": "\n".join(f"[{i}]\tvalidation-auc:{0.7 + i / 2000:.5f}\ttrain-auc:{0.72 + i / 1500:.5f}" for i in range(0, 100, 10)),
    "versions": "python 3.11.2\npandas 3.0.1\nscikit-learn 1.9.1\nlifelines 0.30.0\ncommit 8f3a2bc1d04e5f67a8b9c0d1e2f3a4b5c6d7e8f9\nseed 20230112\n",
    "warning": "/opt/env/lib/python3.11/site-packages/sklearn/linear_model/_logistic.py:473: ConvergenceWarning: lbfgs failed to converge after 100 iteration(s) (status=1)\n  n_iter_i = _check_optimize_result(\n",
    "grid": "Fitting 5 folds for each of 12 candidates, totalling 60 fits\nbest: {'C': 0.1, 'penalty': 'l2'} score 0.781\n",
    "traceback": "Traceback (most recent call last):\n  File \"prepare.py\", line 12, in <module>\n    df = load('ER_PRS_F')\n  File \"prepare.py\", line 4, in load\n    raise FileNotFoundError(path)\nFileNotFoundError: /data/ER_PRS_F.parquet\n",
    "info": "<class 'pandas.DataFrame'>\nRangeIndex: 91254 entries, 0 to 91253\nData columns (total 3 columns):\n #   Column   Non-Null Count  Dtype\n---  ------   --------------  -----\n 0   age      91254 non-null  int64\n 1   sexe     91254 non-null  int64\n 2   duree    91100 non-null  float64\ndtypes: float64(1), int64(2)\nmemory usage: 2.1 MB\n",
    "r_glm": "Call:\nglm(formula = dc ~ age + sexe, family = binomial, data = df)\n\nCoefficients:\n            Estimate Std. Error z value Pr(>|z|)\n(Intercept) -6.12301    0.21004  -29.15   <2e-16 ***\nage          0.06011    0.00312   19.27   <2e-16 ***\nsexe2       -0.18220    0.06100   -2.99   0.0028 **\n---\nNull deviance: 9120.4  on 12403  degrees of freedom\nResidual deviance: 8433.1  on 12401  degrees of freedom\nAIC: 8439.1\n\nNumber of Fisher Scoring iterations: 5\n",
    "r_t": "\tWelch Two Sample t-test\n\ndata:  crp by sexe\nt = 2.1044, df = 3987.2, p-value = 0.03541\n95 percent confidence interval:\n 0.1923 5.3301\nsample estimates:\nmean in group 1 mean in group 2\n       61.204          58.443\n",
    "survival_r": "Call: survfit(formula = Surv(t, dc) ~ bras, data = d)\n\n             n events median 0.95LCL 0.95UCL\nbras=A    1204    312   41.2    38.9    44.1\nbras=B    1188    355   37.5    35.2    39.9\n",
}  # fmt: skip

TEXTS = (
    "We included n = 1,204 patients from 12 hospitals between 2015 and 2020; 602 (50.0 %) were women.",
    "Nous avons inclus 2 392 patients (âge médian 64 ans [55–72]) dans 3 centres ; 1 179 (49,3 %) étaient des hommes.",
    "The hazard ratio was 1.21 (95% CI 1.04–1.41, p = 0.013) after adjustment for 5 covariates.",
    "Le modèle comporte 3 niveaux et 2 effets aléatoires ; l'AUC est de 0,81 (IC 95 % : 0,79–0,83).",
    "Codes: 1 men, 2 women. Missing values were imputed with 5 imputations.",
    "Counts below 11 are masked (<11), with a second cell masked per line.",
    "Les effectifs inférieurs à 11 sont masqués. Voir le tableau 2 et la figure 3.",
    "Data: SNDS 2015–2020, extraction of 12 January 2023, permit 2021-045. Software: Python 3.11, pandas 3.0.",
    "Mortality at 30 days was 12.4 % in 1,204 treated and 14.9 % in 1,188 control patients (risk ratio 0.83).",
    "Figure 1. Kaplan-Meier estimate of overall survival by arm. Log-rank p = 0.02.",
    "Le délai médian était de 41 minutes (intervalle interquartile 30–58) chez 412 patients.",
    "The study was registered (NCT04401234) and approved by the CESREES on 12 March 2021 (decision DR-2021-118).",
    "# How to run\n\n1. `make data`\n2. `make fit`\n3. `make report`\n\nNeeds 16 GB of memory and 2 cores; about 3 hours.",
    "Patients were followed for 12 months, with visits at 3, 6 and 12 months.",
    "Two reviewers read each record; disagreements were settled by a third.",
    "Chi² = 8.1, ddl = 2, p = 0,017. Seuil de significativité : 5 %.",
    "Exposure: at least 2 dispensings within 6 months; washout of 1 year; age over 18 years.",
    "Les patients recevaient 1 comprimé 3 fois par jour pendant 7 jours.",
    "In total 48,211,904 claims of 912,544 persons were read; 61,022 deaths.",
    "Contact for the code: see CITATION.cff. Licence: Apache-2.0. Version 1.4.2.",
    "Sensibilité 79 % (IC 77–81), spécificité 84 % (82–86), VPP 61 %, n = 3 210.",
    "Cox model: 1,204 patients, 312 events; concordance 0.71; log-likelihood −2104.3 (df = 6).",
    "Strata with fewer than 30 patients were merged with their neighbour before any analysis.",
    "All patients gave no objection; none of the authors has a conflict of interest.",
    "No patient was involved in the design of the study.",
    "ICD-10 codes I21, I22 and I63; ATC codes B01AC04 and B01AC24; CCAM DDAF001.",
    "Groupe 1 : 412 patients ; groupe 2 : 388 patients ; groupe 3 : 404 patients.",
)  # fmt: skip

CODES = {
    "ids": "df = df.drop(columns=['nir', 'date_naissance', 'id_patient', 'nom', 'prenom'])\nassert df.id.is_unique if 'id' in df else True",
    "dates": "START, END = date(2015, 1, 1), date(2020, 12, 31)\ndf = df[df.date_entree.between('2015-01-01', '2020-12-31')]",
    "french": "# On ne garde que les patients de plus de 18 ans\nsejours = sejours[sejours.age >= 18]\nprint(f'n = {len(sejours)} séjours')",
    "codes": "IDM = ['I21', 'I22', 'I252']\nAVC = ['I60', 'I61', 'I63', 'I64']\nATC = ['B01AC04', 'B01AC24', 'A10BA02']",
    "mapping": "SEXE = {1: 'Homme', 2: 'Femme', 9: 'Inconnu'}\nMODE = {6: 'mutation', 7: 'transfert', 8: 'domicile', 9: 'décès'}",
    "hash": "# commit 8f3a2bc1d04e5f67a8b9c0d1e2f3a4b5c6d7e8f9\nSEED = 20230112\nrng = np.random.default_rng(SEED)",
    "sql": "query = '''SELECT sex, count(*) AS n FROM sejours WHERE substr(dp, 1, 3) IN ('I21', 'I63') GROUP BY sex HAVING count(*) > 10'''",
    "example": "d = pd.DataFrame({'dose': [1, 2, 3], 'weight': [0.5, 0.3, 0.2]})  # weights of the score, from the literature",
    "regex": "NIR = re.compile(r'^[12]\\d{2}(0[1-9]|1[0-2])')\ndf = df[~df.note.str.contains(NIR)]",
}  # fmt: skip


def shown() -> Iterator[Case]:
    for name, text in fitted():
        if name == "ols_latex":
            yield safe("fit_ols_latex", "models", ("ols.tex", text.encode()))
            continue
        yield safe(f"fit_{name}-stream", "models", pack.book_stream(text))
        yield safe(f"fit_{name}-text", "models", pack.text(text + "\n"))
    for name, text in LOGS.items():
        yield safe(f"log_{name}", "logs", pack.log(text))
    for place, text in enumerate(TEXTS):
        for form in pack.turn(pack.PROSE, place, 2 if place % 2 else 1):
            yield safe(f"text{place:02d}-{form.__name__}", "prose", form(text))
    for name, source in CODES.items():
        yield safe(f"code_{name}", "code", pack.notebook(pack.text_cell("## Préparation"), pack.cell(source)))
    yield safe("code_script", "code", ("prepare.py", ("import pandas as pd\n\n" + CODES["codes"] + "\n").encode()))


def drawings() -> dict[str, Any]:
    chance = np.random.default_rng(31)

    def km(ax: Any) -> None:
        for arm, scale in (("A", 40), ("B", 60)):
            times = np.arange(0, 61, 3)
            ax.step(times, np.exp(-times / scale), where="post", label=f"Arm {arm} (n = 1204)")
        ax.set(xlabel="Months", ylabel="Survival", ylim=(0, 1))
        ax.legend()

    def forest(ax: Any) -> None:
        ratios = np.array([1.31, 1.12, 1.84, 1.45])
        ax.errorbar(ratios, range(4), xerr=0.2, fmt="s")
        ax.set_yticks(range(4), ["age", "male sex", "diabetes", "COPD"])
        ax.axvline(1, ls="--")
        ax.set_xlabel("Odds ratio (95% CI)")

    def roc(ax: Any) -> None:
        x = np.linspace(0, 1, 40)
        ax.plot(x, x**0.4, label="AUC = 0.81")
        ax.plot([0, 1], [0, 1], "k--")
        ax.legend()

    def matrix(ax: Any) -> None:
        ax.imshow([[1840, 212], [164, 784]], cmap="Blues")
        for (i, j), v in np.ndenumerate(np.array([[1840, 212], [164, 784]])):
            ax.text(j, i, str(v), ha="center", color="red")

    def bars(ax: Any) -> None:
        ax.bar_label(ax.bar(["Bretagne", "Normandie", "Centre"], [1204, 952, 611]))
        ax.set_ylabel("Patients")

    def calibration(ax: Any) -> None:
        ax.plot(np.linspace(0.05, 0.95, 10), np.linspace(0.06, 0.92, 10), "o-")
        ax.set(xlabel="Predicted", ylabel="Observed")

    def loss(ax: Any) -> None:
        ax.plot(range(1, 21), 1 / np.arange(2, 22))
        ax.set(xlabel="epoch", ylabel="loss")

    def histogram(ax: Any) -> None:
        ax.hist(np.repeat(np.arange(30, 90, 10) + 5, [400, 700, 900, 880, 610, 300]), bins=range(30, 100, 10))
        ax.set(xlabel="Âge", ylabel="Patients")

    def heat(ax: Any) -> None:
        ax.imshow(chance.random((6, 6)), cmap="viridis")

    def trend(ax: Any) -> None:
        ax.plot(range(2015, 2021), [12.1, 12.3, 12.5, 12.5, 12.6, 10.4], marker="o")
        ax.set(xlabel="Année", ylabel="Taux p. 1000", ylim=(0, 15))

    return {f.__name__: f for f in (km, forest, roc, matrix, bars, calibration, loss, histogram, heat, trend)}


def figures() -> Iterator[Case]:
    drawn = drawings()
    for name, draw in drawn.items():
        yield safe(f"png_{name}", "pictures", pack.figure(draw))
    for name in ("km", "roc", "bars", "trend"):
        yield safe(f"pdf_{name}", "pictures", pack.figure(drawn[name], "pdf"))
        yield safe(f"svg_{name}", "pictures", pack.figure(drawn[name], "svg"))
    yield safe("jpeg_forest", "pictures", pack.figure(drawn["forest"], "jpeg"))
    inline = base64.b64encode(pack.figure(drawn["roc"])[1]).decode()
    picture = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": inline, "text/plain": "<Figure size 600x400 with 1 Axes>"},
    }
    yield safe(
        "book_figure",
        "notebook",
        pack.notebook(pack.text_cell("## Courbe ROC"), pack.cell("plt.plot(fpr, tpr)", picture)),
    )
    people = cohort()
    table = pd.crosstab(people.region, people.sex, margins=True)
    yield safe("book_french", "notebook", pack.notebook(
        pack.text_cell("# Analyse\n\nPopulation : 4 000 patients de trois régions."), pack.cell(CODES["ids"]),
        pack.cell("pd.crosstab(df.region, df.sex, margins=True)", pack.shown(table)), pack.cell("print(len(df))", pack.stream("4000\n")),
        pack.cell("plot()", picture)))  # fmt: skip
    yield safe("book_english", "notebook", pack.notebook(
        pack.text_cell("# Analysis\n\nSee the README for the 3 steps."), pack.cell("%pip list | head -2", pack.stream("pandas 3.0.1\nnumpy 2.4.0\n")),
        pack.cell("df.groupby('sex').crp.mean()", pack.result({"text/plain": repr(people.groupby("sex").crp.mean().round(2))})),
        pack.cell("df.shape", pack.result({"text/plain": "(4000, 6)"})), pack.cell("auc", pack.result({"text/plain": "0.8123"}))))  # fmt: skip
    yield safe(
        "book_progress",
        "notebook",
        pack.notebook(pack.cell("fit()", pack.stream("100%|██████████| 500/500 [00:12<00:00, 40.1it/s]\n", "stderr"))),
    )
    yield safe(
        "book_styled",
        "notebook",
        pack.notebook(
            pack.cell(
                "t.style",
                pack.result({"text/plain": "<Styler>", "text/html": table.style.set_caption("Patients").to_html()}),
            )
        ),
    )


def charts() -> Iterator[Case]:
    import altair
    import plotly.graph_objects as go

    bars = go.Figure(go.Bar(x=["Bretagne", "Normandie", "Centre"], y=[1204, 952, 611]))
    yield safe("plotly_bar", "charts", ("plot.html", bars.to_html(include_plotlyjs="cdn").encode()))
    line = go.Figure(go.Scatter(x=[2015, 2016, 2017], y=[12.1, 12.3, 12.5], mode="lines"))
    yield safe("plotly_line", "charts", ("plot.html", line.to_html(include_plotlyjs="cdn").encode()))
    frame = pd.DataFrame({"region": ["Bretagne", "Normandie", "Centre"], "patients": [1204, 952, 611]})
    yield safe(
        "altair_bar",
        "charts",
        ("plot.html", altair.Chart(frame).mark_bar().encode(x="region", y="patients").to_html().encode()),
    )
    yield safe(
        "vega_json",
        "charts",
        ("plot.json", altair.Chart(frame).mark_bar().encode(x="region", y="patients").to_json().encode()),
    )


def office() -> Iterator[Case]:
    book = openpyxl.load_workbook(
        io.BytesIO(
            pack.excel(
                pd.DataFrame({"région": ["Bretagne", "Normandie"], "n": [1204, 952], "taux": [0.124, 0.131]}),
                "Tableau 1. Effectifs",
            )[1]
        )
    )
    sheet = book.worksheets[0]
    for row in (3, 4):
        sheet.cell(row, 3).number_format = "0.0%"
        sheet.cell(row, 2).number_format = "#,##0"
    sheet.column_dimensions["A"].width, sheet.freeze_panes = 30, "A3"
    second = book.create_sheet("Paramètres")
    for row in (["seuil", 11], ["graine", 42], ["version", "1.4.2"]):
        second.append(row)
    out = io.BytesIO()
    book.save(out)
    yield safe("xlsx_formatted", "office", ("tables.xlsx", out.getvalue()))
    report = docx.Document()
    report.add_heading("Rapport", 0)
    report.add_paragraph("Nous avons inclus 2 392 patients dans 3 centres.")
    report.add_paragraph("Premier point", style="List Bullet")
    table = report.add_table(1, 2)
    table.rows[0].cells[0].text, table.rows[0].cells[1].text = "Centre", "Patients"
    for name, n in (("Brest", "1 204"), ("Rennes", "1 188")):
        cells = table.add_row().cells
        cells[0].text, cells[1].text = name, n
    report.add_picture(io.BytesIO(pack.figure(drawings()["bars"])[1]), width=docx.shared.Cm(12))
    out = io.BytesIO()
    report.save(out)
    yield safe("docx_report", "office", ("report.docx", out.getvalue()))
    yield safe(
        "zip_results",
        "office",
        pack.zipped(
            pack.csv(pd.DataFrame({"region": ["North", "South"], "n": [1204, 952]})),
            pack.figure(drawings()["roc"]),
            pack.log(LOGS["training"]),
        ),
    )


def data() -> Iterator[Case]:
    values: dict[str, Any] = {
        "metrics": {"auc": 0.8123, "brier": 0.1361, "n_train": 3200, "n_test": 800, "seed": 42},
        "folds": {"cv": {"auc": [0.79, 0.81, 0.8, 0.78, 0.82], "mean": 0.8, "std": 0.014}},
        "config": {"model": {"name": "xgboost", "max_depth": 6, "eta": 0.05}, "data": {"from": "2015-01-01", "to": "2020-12-31"}, "git": "8f3a2bc1d04e5f67a8b9c0d1e2f3a4b5c6d7e8f9"},
        "coefficients": {"intercept": -2.31, "coef": {"age": 0.031, "bmi": 0.012, "sex_M": 0.11}, "n": 4000, "df_resid": 3996},
        "environment": {"python": "3.11.2", "packages": {"pandas": "3.0.1", "numpy": "2.4.0"}, "cpu": 2},
        "codes": {"IDM": ["I21", "I22"], "AVC": ["I60", "I61", "I63"], "sexe": {"1": "Homme", "2": "Femme"}},
        "history": [{"epoch": e, "loss": round(1 / (e + 1), 4), "val_auc": round(0.7 + e / 200, 3)} for e in range(1, 11)],
    }  # fmt: skip
    for name, value in values.items():
        yield safe(f"json_{name}", "json", (f"{name}.json", json.dumps(value, indent=2, ensure_ascii=False).encode()))
    yield safe(
        "toml_like",
        "json",
        ("config.txt", b"[model]\nmax_depth = 6\neta = 0.05\n\n[data]\nstart = 2015-01-01\nend = 2020-12-31\n"),
    )


def cases() -> list[Case]:
    made = [*shown(), *figures(), *charts(), *office(), *data()]
    plt.close("all")
    return made


__all__ = ["File", "cases"]
