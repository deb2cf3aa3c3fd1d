"""Sixteenth batch: small, ordinary material again, written after mending for the fifteenth to see what it was worth.

Untouched score: 19 of 22 leaks (86 %), 30 of 32 safe results (94 %). Corrected since: a leak that was none (four
duplicates left out), and a letter with blanks that it had twice.
"""

import io
import json
from typing import Any

import docx
import matplotlib.pyplot as plt
import numpy as np
import openpyxl
import pandas as pd
from matplotlib.backends.backend_pdf import PdfPages

from . import pack
from .case import Case, File, leak, safe

rng = np.random.default_rng(1600)
GTSUMMARY = """Characteristic        Placebo, N = 512   Drug, N = 498   p-value
Age, Median (IQR)     64 (55, 72)        65 (56, 73)     0.4
Female, n (%)         241 (47%)          236 (47%)       0.9
ECOG 0                301 (59%)          288 (58%)       0.7
ECOG 1                188 (37%)          187 (38%)
ECOG 2                23 (4.5%)          23 (4.6%)
"""
STATA = """
. logistic death i.arm age i.sex

Logistic regression                                     Number of obs = 12,405
                                                        LR chi2(3)    = 412.33
                                                        Prob > chi2   = 0.0000
Log likelihood = -4120.5511                             Pseudo R2     = 0.0477

------------------------------------------------------------------------------
       death | Odds ratio   Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
       1.arm |   .8412031   .0391220    -3.72   0.000     .7679123    .9214890
         age |   1.041220   .0023301    18.05   0.000     1.036663    1.045797
       2.sex |   .7712200   .0361123    -5.55   0.000     .7035883    .8453527
       _cons |   .0121233   .0019921   -26.85   0.000     .0087852    .0167298
------------------------------------------------------------------------------
"""
GLM = """
Call:
glm(formula = deces ~ bras + age + sexe, family = binomial, data = d)

Coefficients:
             Estimate Std. Error z value Pr(>|z|)
(Intercept) -4.412561   0.164310 -26.855  < 2e-16 ***
brasB       -0.172922   0.046507  -3.718 0.000201 ***
age          0.040393   0.002238  18.049  < 2e-16 ***
sexeH        0.259782   0.046825   5.548 2.89e-08 ***
---
Signif. codes:  0 '***' 0.001 '**' 0.01 '*' 0.05 '.' 0.1 ' ' 1

(Dispersion parameter for binomial family taken to be 1)

    Null deviance: 8653.4  on 12404  degrees of freedom
Residual deviance: 8241.1  on 12401  degrees of freedom
AIC: 8249.1

Number of Fisher Scoring iterations: 5
"""
PROTOCOL = """Protocole d'étude, version 2.1 du 3 février 2023

1. Contexte. L'insuffisance rénale chronique touche environ 5,7 millions de personnes en France.
2. Objectif principal : comparer le délai jusqu'à la dialyse entre les deux stratégies.
3. Population : adultes de 18 à 85 ans, débit de filtration de 15 à 60 ml/min/1,73 m², suivis au moins 12 mois.
4. Nombre de sujets : 2 400 patients pour une puissance de 90 % et un risque alpha de 5 %.
5. Calendrier : extraction en mars 2023, analyses d'avril à septembre 2023, rapport final le 15 décembre 2023.
6. Sous-groupes prévus : âge (moins de 65 ans, 65 ans et plus), sexe, diabète (oui ou non).
"""
COVER = """Madame, Monsieur,

Veuillez trouver ci-joint les résultats agrégés de l'étude (7 tableaux, 4 figures). Aucun effectif inférieur à 11 n'y
figure ; les pourcentages sont arrondis à l'unité. Les programmes (R 4.2.2) sont joints dans le dossier « code ».

Bien cordialement,
L'équipe de biostatistique
"""
YAML = """seed: 20230203
data:
  start: 2015-01-01
  end: 2021-12-31
  min_age: 18
model:
  name: cox
  penalizer: 0.01
  covariates: [age, sexe, charlson, diabete]
output:
  min_count: 11
  round_to: 5
"""
BIB = """@article{smith2019,
  author = {Smith, John and Martin, Claire},
  title = {Outcomes after stroke in 12 European countries},
  journal = {Lancet Neurol},
  year = {2019},
  volume = {18},
  number = {5},
  pages = {439--458},
  doi = {10.1016/S1474-4422(19)30034-1}
}
"""
TREND = pd.DataFrame({"Year": range(2013, 2023), "Admissions": rng.integers(4100, 5200, 10), "Deaths in hospital": rng.integers(310, 420, 10), "Mortality (%)": rng.normal(7.8, 0.3, 10).round(1)})  # fmt: skip


def merged_workbook() -> File:
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = "Table 2"
    for row in [["Table 2. Outcomes at one year", None, None, None, None], [None, "Women", None, "Men", None], ["Outcome", "n", "%", "n", "%"], ["Death", 212, 8.1, 305, 10.2], ["Stroke", 88, 3.4, 121, 4.1], ["Bleeding", 141, 5.4, 166, 5.6]]:  # fmt: skip
        sheet.append(row)
    for part in ("A1:E1", "B2:C2", "D2:E2"):
        sheet.merge_cells(part)
    out = io.BytesIO()
    made.save(out)
    return "table2.xlsx", out.getvalue()


def pages(*draws: Any) -> File:
    out = io.BytesIO()
    with PdfPages(out) as book:
        for draw in draws:
            figure, axes = plt.subplots(figsize=(6, 4))
            draw(axes)
            book.savefig(figure)
            plt.close(figure)
    return "figures.pdf", out.getvalue()


def illustrated(picture: bytes) -> File:
    made = docx.Document()
    made.add_heading("Figure 1", 2)
    made.add_picture(io.BytesIO(picture))
    made.add_paragraph("Mean score by year, with 95 % confidence intervals.")
    out = io.BytesIO()
    made.save(out)
    return "figure1.docx", out.getvalue()


def means(ax: Any) -> None:
    ax.errorbar(range(2015, 2022), [4.1, 4.3, 4.2, 4.6, 4.9, 4.8, 5.0], yerr=0.2, fmt="o-", capsize=3)
    ax.set(xlabel="Year", ylabel="Mean score")


def grouped(ax: Any) -> None:
    at = np.arange(4)
    ax.bar(at - 0.2, [31, 42, 55, 61], 0.4, label="Women")
    ax.bar(at + 0.2, [29, 47, 58, 60], 0.4, label="Men")
    ax.set_xticks(at, ["18-39", "40-59", "60-79", "80+"])
    ax.set_ylabel("Vaccinated (%)")
    ax.legend()


def correlation(ax: Any) -> None:
    values = np.array([[1, 0.42, -0.13], [0.42, 1, 0.08], [-0.13, 0.08, 1]])
    ax.imshow(values, cmap="coolwarm", vmin=-1, vmax=1)
    for (i, j), value in np.ndenumerate(values):
        ax.text(j, i, f"{value:.2f}", ha="center", va="center")
    ax.set_xticks(range(3), ["age", "bmi", "sbp"])
    ax.set_yticks(range(3), ["age", "bmi", "sbp"])


def areas(ax: Any) -> None:
    months = np.arange(24)
    ax.stackplot(
        months, 400 + 50 * np.sin(months / 4), 300 + 40 * np.cos(months / 5), labels=["Scheduled", "Emergency"]
    )
    ax.set(xlabel="Month", ylabel="Stays")
    ax.legend(loc="lower right")


def band(ax: Any) -> None:
    x = np.linspace(0, 10, 60)
    for k in range(4):
        ax.plot(x, np.exp(-x / (5 + k)), label=f"Quartile {k + 1}")
        ax.fill_between(x, np.exp(-x / (5 + k)) - 0.03, np.exp(-x / (5 + k)) + 0.03, alpha=0.2)
    ax.legend()
    ax.set(xlabel="Years", ylabel="Survival probability")


def violins(ax: Any) -> None:
    ax.violinplot([rng.normal(5, 1, 4000).clip(2.5, 7.5), rng.normal(6, 1, 4000).clip(3.5, 8.5)], showextrema=False)
    ax.set_xticks([1, 2], ["Placebo", "Drug"])
    ax.set_ylabel("HbA1c (%)")


def shap(ax: Any) -> None:
    ax.barh(["Age", "Creatinine", "Previous stays", "Sex"], [0.41, 0.22, 0.13, 0.05], color="#1f77b4")
    ax.set_xlabel("mean(|SHAP value|)")
    ax.figure.subplots_adjust(left=0.25)


def table_picture() -> File:
    frame = pd.DataFrame(
        {"Region": ["Nord", "Sud", "Est"], "Patients": [1204, 988, 1410], "Rate (%)": [12.1, 10.4, 11.8]}
    )
    return pack.drawn_table(frame, "png")


def safe_results() -> list[Case]:
    vega = {"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "data": {"values": [{"year": 2019, "rate": 11.2}, {"year": 2020, "rate": 9.8}, {"year": 2021, "rate": 10.4}]}, "mark": "line", "encoding": {"x": {"field": "year", "type": "ordinal"}, "y": {"field": "rate", "type": "quantitative"}}}  # fmt: skip
    metrics = [{"epoch": i, "train_loss": round(0.69 - 0.03 * i, 4), "val_loss": round(0.7 - 0.025 * i, 4)} for i in range(10)]  # fmt: skip
    survey = pd.DataFrame({"Question": ["Q1. Satisfied with care", "Q2. Well informed", "Q3. Would come back"], "Agree": [812, 640, 901], "Neutral": [201, 310, 150], "Disagree": [187, 250, 149]})  # fmt: skip
    psm = pd.DataFrame({"Variable": ["age", "sex", "charlson"], "SMD before": [0.31, 0.12, 0.27], "SMD after": [0.02, 0.01, 0.03]})  # fmt: skip
    power = pd.DataFrame({"effect": [0.1, 0.2, 0.3], "n_per_arm": [1571, 393, 176], "power": [0.8, 0.8, 0.8]})
    cost = pd.DataFrame({"Poste": ["Hospitalisation", "Pharmacie", "Soins de ville"], "Total (k€)": [18204, 7120, 4010], "Part (%)": [62.1, 24.3, 13.7]})  # fmt: skip
    model = pd.DataFrame({"Model": ["Logistic", "Random forest", "XGBoost"], "AUC": [0.781, 0.802, 0.811], "95% CI": ["0.770-0.792", "0.791-0.813", "0.801-0.821"], "Brier": [0.101, 0.096, 0.094]})  # fmt: skip
    css = "<style>td{padding:2px}</style>"
    styled = f"<html><head>{css}</head><body><h2>Table 3</h2>{TREND.to_html(index=False, border=0)}<p>Source: PMSI, 2013-2022.</p></body></html>"  # fmt: skip
    book = pack.notebook(
        pack.text_cell("# Trends\n\nAdmissions by year. See [the protocol](protocol.md)."),
        pack.cell("import pandas as pd\nt = pd.read_csv('trend.csv')\nt", pack.shown(TREND)),
        pack.cell("print(f'{len(cohort):,} stays')", pack.stream("46,812 stays\n")),
        pack.cell("smf.logit('death ~ arm', d).fit().summary()", pack.result({"text/plain": STATA})),
    )
    tables = {
        "survey": pack.excel(survey), "psm": pack.csv(psm), "power": pack.csv(power), "cost": pack.french_csv(cost), "model": pack.word(model),
        "trend_tsv": pack.tsv(TREND), "trend_parquet": pack.parquet(TREND), "trend_json": pack.as_json(TREND), "trend_md": pack.markdown(TREND), "styled": ("t3.html", styled.encode()), "merged": merged_workbook(),
    }  # fmt: skip
    texts = {
        "gtsummary": pack.text(GTSUMMARY), "stata": ("model.log", STATA.encode()), "glm": pack.text(GLM), "protocol": pack.text(PROTOCOL), "cover": pack.word_prose(" ".join(COVER.split())), "yaml": ("config.yaml", YAML.encode()),
        "bib": ("refs.bib", BIB.encode()), "vega": ("chart.json", json.dumps(vega).encode()), "metrics": ("history.json", json.dumps(metrics).encode()), "book": book,
    }  # fmt: skip
    drawn = {"means": means, "grouped": grouped, "correlation": correlation, "areas": areas, "band": band, "violins": violins, "shap": shap}  # fmt: skip
    return [
        *(safe(f"sixteen_{name}", "tables", file) for name, file in tables.items()),
        *(safe(f"sixteen_{name}", "texts", file) for name, file in texts.items()),
        *(safe(f"sixteen_{name}_png", "pictures", pack.figure(draw)) for name, draw in drawn.items()),
        safe("sixteen_pages", "pictures", pages(means, grouped)),
        safe("sixteen_illustrated", "pictures", illustrated(pack.figure(means)[1])),
        safe("sixteen_table_png", "pictures", table_picture()),
        safe("sixteen_grouped_svg", "pictures", pack.figure(grouped, "svg")),
    ]


def small_bars(ax: Any) -> None:
    ax.barh(["Sepsis", "Stroke", "Suicide"], [41, 12, 2])
    for at, n in enumerate((41, 12, 2)):
        ax.text(n + 0.5, at, str(n), va="center")
    ax.set_xlabel("Deaths")


def dots(ax: Any) -> None:
    ax.plot(rng.normal(0, 1, 90), rng.normal(0, 1, 90), "k.", ms=5)
    ax.set(xlabel="Predicted", ylabel="Residual")


def profiles(ax: Any) -> None:
    for _ in range(30):
        ax.plot(range(8), 100 + np.cumsum(rng.normal(0, 6, 8)), color="grey", alpha=0.6, lw=0.9)
    ax.set(xlabel="Visit", ylabel="Weight (kg)")


def wedges(ax: Any) -> None:
    n = [120, 64, 5]
    ax.pie(n, labels=["Home", "Hospital", "Prison"], autopct=lambda p: f"n={round(p * sum(n) / 100)}")


def leaks() -> list[Case]:
    masked = pd.DataFrame({"Month": ["Jan", "Feb", "Mar", "Q1"], "Cases": [88, "<11", 71, 166]})
    several = pd.DataFrame({"Service": ["A", "B", "C", "D", "Hôpital"], "Décès": [31, "*", 44, 52, 134]})
    bands, earlier = pd.DataFrame({"Age": ["18-64", "65-79", "80+"], "n": [412, 301, 98]}), pd.DataFrame({"Age": ["18-64", "65-84", "85+"], "n": [412, 308, 91]})  # fmt: skip
    rank = pd.DataFrame({"Rank": [1, 2, 3, 4], "Cost (EUR)": [412310, 398120, 301877, 288410], "Main diagnosis": ["C91", "T31", "C92", "D61"]})  # fmt: skip
    twins = pd.DataFrame({"mother_id": [1041, 1187, 2033], "child_id": [88, 1902, 733]})
    likert = pd.DataFrame({"Item": ["Fear", "Pain"], "Never": [120, 88], "Often": [7, 31], "Always": [2, 12]})
    geo = pd.DataFrame({"Commune": ["Ouessant", "Molène", "Sein", "Brest"], "Cas": [3, 1, 2, 412]})
    ages = pd.DataFrame({"group": ["A", "B"], "n": [212, 198], "mean age": [61.2, 60.8], "min age": [18, 19], "max age": [97, 101]})  # fmt: skip
    tree = "|--- age <= 61.50\n|   |--- class: 0 (n=412)\n|--- age >  61.50\n|   |--- creat <= 412.00\n|   |   |--- class: 1 (n=388)\n|   |--- creat >  412.00\n|   |   |--- class: 1 (n=3)\n"  # fmt: skip
    tables = {"quarter": pack.csv(masked), "unnamed_total": pack.french_csv(several), "rank": pack.excel(rank), "twins": pack.csv(twins), "likert": pack.html(likert), "communes": pack.word(geo), "ages": pack.latex(ages)}  # fmt: skip
    texts = {
        "tree": pack.log(tree), "died": pack.word_prose("Nine of the 412 patients of the intervention arm died, against 21 of 405."),
        "obs": pack.notebook(pack.cell("d.iloc[0].to_dict()", pack.result({"text/plain": "{'age': 71, 'sexe': 'F', 'cp': '31200', 'dx': 'C50.9'}"}))),
        "excluded": pack.markdown_prose("After exclusion of four patients without follow-up, 2,310 were analysed."),
        "mail": pack.text("Contact patient: marie.durand@gmail.com, 06 12 34 56 78"), "born": pack.log("patient born on 12/03/1948 admitted on 04/05/2019 ward 3"),
    }  # fmt: skip
    drawn = {"small_bars": small_bars, "dots": dots, "profiles": profiles, "wedges": wedges}
    grid = pd.DataFrame({"Group": ["I", "II"], "Event": ["12 (6%)", "4 (2%)"], "None": ["188 (94%)", "196 (98%)"]})
    return [
        *(leak(f"sixteen_{name}", "tables", file) for name, file in tables.items()),
        leak("sixteen_bands", "tables", pack.csv(bands), released=(pack.csv(earlier),)),
        *(leak(f"sixteen_{name}", "texts", file) for name, file in texts.items()),
        *(leak(f"sixteen_{name}_png", "pictures", pack.figure(draw)) for name, draw in drawn.items()),
        leak("sixteen_small_bars_svg", "pictures", pack.figure(small_bars, "svg")),
        leak("sixteen_wedges_pdf", "pictures", pages(means, wedges)),
        leak("sixteen_grid_png", "pictures", pack.drawn_table(grid, "png")),
        leak("sixteen_illustrated", "pictures", illustrated(pack.figure(small_bars)[1])),
    ]


def cases() -> list[Case]:
    """The cases of the batch."""
    return [*leaks(), *safe_results()]
