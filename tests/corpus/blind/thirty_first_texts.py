"""Thirty-first batch: safe reports, letters of method, logs, settings, code and bundles."""

import io
import json
from typing import Any

import docx
import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Pt

from . import pack
from .case import Case, File, safe
from .thirty_first_cohort import B, piped, report
from .thirty_first_drawn import caesareans, ratios

README = """# births-west

Code and tables of *Smoking in pregnancy and preterm birth, 2016-2021*.

## How to run

1. `conda env create -f environment.yml` (Python 3.11, about 5 minutes)
2. `make data` reads `config/paths.yml` and writes 6 Parquet files under `data/interim/`
3. `make tables figures` needs 8 GB of memory and takes 12 min on 4 cores

## Layout

| folder | content | files |
|---|---|---|
| `src/` | 9 modules, 41 tests | 12 |
| `notebooks/` | exploration, not for publication | 4 |
| `output/` | tables 1 to 3, figures 1 and 2 | 5 |

## Versions

- v1.2.0 (2022-04-04): table 3 by level of care; 2 bugs mended
- v1.1.0 (2022-02-11): robust standard errors
- v1.0.0 (2021-12-01): first submission

Licence: EUPL 1.2. Questions: please open an issue.
"""
METHODS = """# Matériel et méthodes

## Population
Toutes les naissances vivantes uniques de 24 semaines d'aménorrhée ou plus, dans 8 départements, du 1er janvier 2016 au 31 décembre 2021 (n = 36 000). Les grossesses multiples (2,9 %) ont été exclues.

## Critère de jugement
La prématurité est définie par une naissance avant 37 semaines ; la grande prématurité, avant 32 semaines, n'est pas analysée ici. Le score d'Apgar à 5 minutes (0 à 10) est dit bas au-dessous de 7.

## Analyse statistique
Des modèles de Poisson à variance robuste ont été ajustés sur l'âge (5 classes), la parité (3 classes) et le diabète gestationnel. Les données manquantes (tabac : 4,8 %) ont été imputées (MICE, m = 20, 10 itérations). Le seuil de signification est de 5 %. Deux analyses de sensibilité ont été faites : sans l'année 2020, puis avec 3 nœuds (centiles 10, 50 et 90) pour l'âge.

## Confidentialité
Aucun effectif de moins de 11 n'est présenté. Autorisation CNIL DR-2021-118, avis du CESREES du 14 mai 2021.
"""
RESULTS = """# Résultats

Parmi 36 000 naissances, 1 380 (3,8 %) étaient prématurées. L'âge moyen des mères était de 30,4 ans (écart-type 5,2) et 17,0 % fumaient au troisième trimestre. Le risque relatif ajusté associé au tabac était de 1,91 (IC 95 % 1,71-2,14 ; p < 0,001). Après exclusion de l'année 2020, il était de 1,89 (1,67-2,14).

Le poids de naissance moyen était de 3 314 g (ET 425) chez les enfants de non-fumeuses et de 3 049 g (ET 421) chez ceux de fumeuses, soit une différence de 265 g (IC 95 % 253 à 276).
"""
CLUSTER = """CLUSTER-RANDOMISED TRIAL OF A HAND HYGIENE PROGRAMME (24 nursing homes)

Statistical report, version 1.0, 12 September 2023

1. Recruitment
   Homes randomised                     24   (12 programme, 12 usual practice)
   Residents at the start            1,918   (962 programme, 956 usual practice)
   Median residents per home            79   (IQR 66 to 94)

2. Main outcome: respiratory infections over 8 months
                          Programme    Usual practice
   Infections                   411               538
   Person-months              6,702             6,588
   Rate per 100               6.13              8.17
   Rate ratio (95 % CI)       0.75 (0.62 to 0.91), p = 0.003

3. Design
   Planned intracluster correlation 0.02, observed 0.017 (95 % CI 0.006 to 0.034).
   Power 80 %, two-sided alpha 5 %; 11 homes per arm were needed and 1 more was added.

4. Adverse events
   Skin irritation was reported by 64 residents (6.7 %) in the programme arm and 29 (3.0 %) in the other.
"""
TRAIN = "\n".join(
    ["[2023-05-02 14:02:11] device=cuda:0 seed=7 model=resnet18 params=11.2M", "[2023-05-02 14:02:15] train: 22,410 images, val: 4,802, test: 4,803 (patient-level split)"]
    + [f"epoch {e:2d}/12  lr {lr:.1e}  loss {0.69 * 0.9**e:.4f}  val_loss {0.7 * 0.92**e:.4f}  val_auc {0.88 - 0.3 * 0.75**e:.4f}  {61 + e % 3}s" for e, lr in zip(range(1, 13), [1e-3] * 6 + [1e-4] * 4 + [1e-5] * 2, strict=True)]
    + ["early stopping: no improvement for 3 epochs, best epoch 9", "test: auc 0.861 (95% CI 0.848-0.874), sensitivity 0.80 at specificity 0.78", "saved checkpoints/run_07/best.pt (44.8 MB)"]
)  # fmt: skip
SQL = """-- Incident gestational diabetes, one row per delivery (SNDS, DCIR + PMSI MCO)
CREATE TABLE work.deliveries AS
SELECT b.id_sejour, b.annee, b.age_mere, COUNT(DISTINCT d.diag) AS n_diag
FROM pmsi.mco_b AS b
LEFT JOIN pmsi.mco_d AS d ON d.id_sejour = b.id_sejour
WHERE b.annee BETWEEN 2016 AND 2021
  AND (d.diag LIKE 'O24%' OR d.diag IN ('Z35.8', 'O99.2'))
  AND b.age_mere BETWEEN 15 AND 49
GROUP BY 1, 2, 3
HAVING COUNT(*) >= 11;
"""
R = """# Figure 2: forest plot of relative risks
library(tidyverse); library(broom); library(sandwich)
births <- readRDS("data/births.rds") |> filter(weeks >= 24, plurality == 1)
fit <- glm(preterm ~ smoker + gdm + age5 + parity, family = poisson, data = births)
est <- tidy(fit, conf.int = TRUE, exponentiate = TRUE) |> filter(term != "(Intercept)")
ggplot(est, aes(x = estimate, y = fct_rev(term))) +
  geom_vline(xintercept = 1, linetype = 2) + geom_pointrange(aes(xmin = conf.low, xmax = conf.high)) +
  scale_x_log10(breaks = c(0.5, 1, 2, 4)) + theme_minimal(base_size = 11) + labs(x = "RR (95% CI)", y = NULL)
ggsave("output/fig2.png", width = 7, height = 4, dpi = 300)
"""
R_PRINT = """> table(births$level, births$preterm)

          0     1
  I    6915   283
  IIA 10749   414
  IIB  8269   319
  III  8687   364

> chisq.test(table(births$level, births$preterm))

	Pearson's Chi-squared test

data:  table(births$level, births$preterm)
X-squared = 2.0143, df = 3, p-value = 0.5695

> t.test(weight ~ smoker, data = births)

	Welch Two Sample t-test

data:  weight by smoker
t = 45.812, df = 8876.4, p-value < 2.2e-16
alternative hypothesis: true difference in means between group 0 and group 1 is not equal to 0
95 percent confidence interval:
 253.3660 276.0123
sample estimates:
mean in group 0 mean in group 1
       3313.700        3049.011
"""
STATA = """. mixed weight smoker bmi || hospital:, reml

Mixed-effects REML regression                   Number of obs     =     36,000
Group variable: hospital                        Number of groups  =         58

                                                Obs per group:
                                                              min =        112
                                                              avg =      620.7
                                                              max =      2,114

                                                Wald chi2(2)      =    2211.43
Log restricted-likelihood = -269114.2           Prob > chi2       =     0.0000

------------------------------------------------------------------------------
      weight | Coefficient  Std. err.      z    P>|z|     [95% conf. interval]
-------------+----------------------------------------------------------------
      smoker |  -264.6711   5.942311   -44.54   0.000    -276.3178   -253.0244
         bmi |   1.214422   .4512020     2.69   0.007     .3300823    2.098762
       _cons |   3283.914   11.33051   289.83   0.000     3261.706    3306.121
------------------------------------------------------------------------------
"""
CONFIG = """# main analysis
study:
  name: smoking-preterm
  start: 2016-01-01
  end: 2021-12-31
  departments: [22, 29, 35, 44, 49, 56, 72, 85]
cohort: {min_weeks: 24, max_weeks: 42, singletons_only: true, min_cell: 11, round_to: 5}
model:
  family: poisson
  covariance: HC1
  folds: 5
  seed: 31
  bootstrap: {n: 1000, batch: 4, workers: 2}
imputation: {method: mice, m: 20, iterations: 10, donors: 5}
output: {tables: 3, figures: 2, decimals: 1, language: fr}
"""
TOML = """[project]
name = "births-west"
version = "1.2.0"
requires-python = ">=3.11"
dependencies = ["pandas>=2.2,<3", "statsmodels==0.14.2", "matplotlib~=3.9", "lifelines==0.28.0"]

[tool.pytest.ini_options]
addopts = "-q -n 4"
timeout = 30

[tool.ruff]
line-length = 100
"""
ENVIRONMENT = "name: births\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pandas=2.2.2\n  - pyarrow=16.1\n  - scikit-learn=1.5.0\n  - r-base=4.3.3\n  - pip:\n      - tableone==0.9.1\n"
LOCK = "numpy==1.26.4\npandas==2.2.2\nscipy==1.13.1\npatsy==0.5.6\nstatsmodels==0.14.2\n    # via -r requirements.in\npyyaml==6.0.1\ntqdm==4.66.4\n"


def rates_md() -> str:
    """A report with tables of pandas, and with footnotes."""
    rates = B.groupby("age_group", observed=True)[["preterm", "caesarean", "smoker"]].mean().mul(100).round(1)
    rates.insert(0, "births", B.groupby("age_group", observed=True).size())
    return f"# Indicateurs périnataux par âge maternel\n\n**Tableau 1.** Taux pour 100 naissances[^1]\n\n{piped(rates)}\n[^1]: Registre, 2016-2021 ; 5 classes d'âge.\n\n- [x] relu par 2 personnes\n- [ ] figure 3\n\n> Les cellules de moins de 11 cas auraient été masquées ; il n'y en a pas.\n"


def word_report() -> File:
    """Headings, a list, a table with a caption, a figure and a footer."""
    out, made = io.BytesIO(), docx.Document()
    made.styles["Normal"].font.size = Pt(11)
    made.add_heading("Naissances 2016-2021 : note de synthèse", 0)
    made.add_paragraph("Unité d'épidémiologie périnatale, avril 2022").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made.add_heading("1. Messages clés", 1)
    for line in (
        "Le taux de césarienne est de 19,1 % et stable sur 6 ans.",
        "Un sixième des femmes fument au troisième trimestre.",
        "Trois départements sur huit ont une maternité de niveau III.",
    ):
        made.add_paragraph(line, style="List Bullet")
    made.add_heading("2. Césariennes selon l'âge", 1)
    counts = B.groupby("age_group", observed=True).caesarean.agg(["size", "sum", "mean"])
    grid = made.add_table(rows=1, cols=4, style="Light Grid Accent 1")
    for box, name in zip(grid.rows[0].cells, ("Âge (ans)", "Accouchements", "Césariennes", "%"), strict=True):
        box.text = name
    for age, row in counts.iterrows():
        for box, value in zip(
            grid.add_row().cells,
            (
                age,
                f"{int(row['size']):,}".replace(",", " "),
                f"{int(row['sum']):,}".replace(",", " "),
                f"{100 * row['mean']:.1f}".replace(".", ","),
            ),
            strict=True,
        ):
            box.text = str(value)
    made.add_paragraph("Tableau 1. Césariennes par classe d'âge.", style="Caption")
    made.add_picture(io.BytesIO(pack.figure(caesareans, size=(6, 3.5))[1]), width=docx.shared.Cm(14))
    made.add_paragraph("Figure 1. Taux de césarienne par trimestre.", style="Caption")
    made.add_heading("3. Calendrier", 1)
    made.add_paragraph("Version 2 : juin 2022. Comité de pilotage : 3 réunions par an.", style="List Number")
    made.save(out)
    return "note_synthese.docx", out.getvalue()


def html_report() -> File:
    """What a template of Jinja renders: a style sheet, two tables, a list."""
    level = pd.crosstab(B.level, B.parity, normalize="index").mul(100).round(1)
    css = "<style>body{font-family:sans-serif} td{text-align:right} .note{color:#666}</style>"
    body = f"<h1>Perinatal report 2021</h1><p class='note'>Generated on 2022-04-04 from commit 3f9c2e1; 36,000 births.</p><h2>Parity by level of care (row %)</h2>{level.to_html()}<h2>Age of the mother</h2>{B.age_group.value_counts(sort=False).to_frame('Births').to_html()}<ol><li>Level I: no neonatal unit</li><li>Level III: intensive care</li></ol>"
    return (
        "report.html",
        f"<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'><title>Perinatal report</title>{css}</head><body>{body}</body></html>".encode(),
    )


def article() -> File:
    """A whole article in LaTeX."""
    fit = smf.logit("caesarean ~ mother_age + C(parity)", B).fit(disp=0)
    table = pd.DataFrame(
        {"OR": np.exp(fit.params), "2.5\\%": np.exp(fit.conf_int()[0]), "97.5\\%": np.exp(fit.conf_int()[1])}
    ).round(2)
    body = table.rename(index=lambda name: name.replace("_", "\\_")).to_latex(float_format="%.2f")
    return "article.tex", (
        "\\documentclass[11pt]{article}\n\\usepackage{booktabs}\n\\usepackage[utf8]{inputenc}\n\\title{Caesarean section and age}\n\\begin{document}\n\\maketitle\n\\section{Results}\nOf 36\\,000 women, 6\\,862 (19.1\\,\\%) had a caesarean section (Table~\\ref{tab:or}).\n\\begin{table}[htbp]\n\\centering\n\\caption{Odds ratios}\\label{tab:or}\n"
        + body
        + "\\end{table}\nThe McFadden $R^2$ was 0.01; $\\chi^2_{3} = 412.6$, $p < 0.001$.\n\\end{document}\n"
    ).encode()


def geo() -> File:
    """Areas with their rates, as geopandas writes them."""
    squares: list[dict[str, Any]] = []
    for at, (name, rate) in enumerate(B.groupby("department").caesarean.mean().mul(100).round(1).items()):
        ring = [[-4.0 + at, 47.0], [-3.0 + at, 47.0], [-3.0 + at, 48.0], [-4.0 + at, 48.0], [-4.0 + at, 47.0]]
        squares.append(
            {
                "type": "Feature",
                "properties": {"nom": name, "taux_cesarienne": rate},
                "geometry": {"type": "Polygon", "coordinates": [ring]},
            }
        )
    return "departements.geojson", json.dumps(
        {"type": "FeatureCollection", "features": squares}, ensure_ascii=False
    ).encode()


def bundle() -> File:
    """What goes to the journal: three tables, two figures, a read-me and the code."""
    rates = B.groupby("age_group", observed=True)[["preterm", "caesarean"]].mean().mul(100).round(1)
    level = pd.crosstab(B.level, B.year)
    files = [("README.md", README.encode()), ("tables/table2.csv", report(rates)[1]), ("tables/table3.csv", report(level)[1]), ("figures/fig1.png", pack.figure(caesareans)[1]), ("figures/fig2.png", pack.figure(ratios)[1]), ("src/forest.R", R.encode()), ("src/deliveries.sql", SQL.encode()), ("config/main.yml", CONFIG.encode())]  # fmt: skip
    return pack.zipped(*files)


def cases() -> list[Case]:
    """The texts of the batch."""
    files: dict[str, File] = {
        "readme": ("README.md", README.encode()), "methods": ("methodes.md", METHODS.encode()), "results_docx": pack.word(pd.DataFrame(), *RESULTS.removeprefix("# Résultats\n\n").strip().split("\n\n")), "results_md": ("resultats.md", RESULTS.encode()), "cluster": pack.text(CLUSTER), "train": ("train.log", TRAIN.encode()),
        "sql": ("deliveries.sql", SQL.encode()), "r": ("fig2.R", R.encode()), "r_print": ("session.txt", R_PRINT.encode()), "stata": ("mixed.log", STATA.encode()), "config": ("main.yml", CONFIG.encode()), "toml": ("pyproject.toml", TOML.encode()), "environment": ("environment.yml", ENVIRONMENT.encode()), "lock": ("requirements.txt", LOCK.encode()),
        "rates_md": ("indicateurs.md", rates_md().encode()), "word_report": word_report(), "html_report": html_report(), "article": article(), "geo": geo(),
    }  # fmt: skip
    found = [safe(f"thirty_one_{name}", "texts", file) for name, file in files.items()]
    return [*found, safe("thirty_one_bundle", "several", bundle())]
