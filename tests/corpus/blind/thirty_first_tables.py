"""Thirty-first batch: safe tables of births, of a case-control study of a vaccine, of a screening test and of costs."""

import io
import json

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from . import pack
from .case import Case, File, safe
from .thirty_first_cohort import AGES, DEPARTMENTS, B, report, through

CENTILES = [0.1, 0.25, 0.5, 0.75, 0.9]


def described() -> dict[str, File]:
    """What one groups, counts and averages."""
    by_level = B.groupby("level").agg(births=("weight", "count"), preterm=("preterm", "sum"), preterm_rate=("preterm", "mean"), mean_weight=("weight", "mean"), sd_weight=("weight", "std"))  # fmt: skip
    caesarean = pd.crosstab([B.age_group, B.parity], B.caesarean.map({0: "vaginal", 1: "caesarean"}))
    shares = B.pivot_table(index="department", columns="year", values="caesarean").mul(100).round(2)
    long = B.groupby(["year", "level"], as_index=False).agg(births=("weight", "size"), caesareans=("caesarean", "sum")).assign(percent=lambda f: (100 * f.caesareans / f.births).round(1))  # fmt: skip
    centiles = pd.DataFrame({"boys": B.weight[B.girl == 0].quantile(CENTILES), "girls": B.weight[B.girl == 1].quantile(CENTILES)}).T.round(-1)  # fmt: skip
    one = B.groupby("smoker")[["mother_age", "bmi", "weeks", "weight"]].agg(["mean", "std"]).round(2)
    return {
        "by_level": report(by_level.round(4), "by_level.csv"), "caesarean_tsv": report(caesarean, "caesarean.tsv", sep="\t"), "shares_fr": report(shares, "cesariennes_departement.csv", sep=";", decimal=","),
        "long_parquet": through("caesareans.parquet", lambda out: long.to_parquet(out, index=False)), "long_json": ("caesareans.json", long.to_json(orient="records", lines=False).encode()), "centiles": report(centiles, "centiles.csv"), "two_heads": report(one, "continuous.csv"),
        "two_heads_html": ("continuous.html", one.to_html(float_format="%.1f").encode()), "monthly": report(B.groupby(B.date.dt.to_period("M")).size().rename("births"), "monthly.csv"),
    }  # fmt: skip


def fits() -> dict[str, File]:
    """Estimates: Poisson with robust errors, quantile regression, interrupted time series, a matched study."""
    poisson = smf.glm("preterm ~ smoker + gestational_diabetes + C(age_group, Treatment('25-29'))", B, family=sm.families.Poisson()).fit(cov_type="HC1")  # fmt: skip
    ratios = pd.DataFrame({"RR": np.exp(poisson.params), "IC 95 % bas": np.exp(poisson.conf_int()[0]), "IC 95 % haut": np.exp(poisson.conf_int()[1]), "p": poisson.pvalues}).drop("Intercept")  # fmt: skip
    ratios["p"] = ratios.p.map(lambda p: "< 0,001" if p < 0.001 else f"{p:.3f}".replace(".", ","))
    weight = smf.quantreg("weight ~ smoker + bmi", B.sample(8000, random_state=1))
    lines = pd.DataFrame([{"quantile": q, **(fit := weight.fit(q=q)).params.round(1), "smoker_low": round(fit.conf_int().loc["smoker", 0], 1), "smoker_high": round(fit.conf_int().loc["smoker", 1], 1)} for q in (0.1, 0.5, 0.9)])  # fmt: skip
    month = B.groupby(B.date.dt.to_period("M")).agg(n=("weight", "size"), rate=("caesarean", "mean")).reset_index()
    month["t"], month["after"] = range(len(month)), (month.date >= "2019-01").astype(int)
    series = smf.ols("rate ~ t + after + t:after", month).fit(cov_type="HAC", cov_kwds={"maxlags": 3})
    effect = pd.DataFrame({"Vaccine": ["Any dose", "One dose", "Two doses", "Three doses", "Last dose < 90 days", "Last dose >= 180 days"], "Cases vaccinated / total": ["2,118 / 5,340", "402 / 3,624", "1,204 / 4,426", "512 / 3,734", "611 / 3,833", "498 / 3,720"], "Controls vaccinated / total": ["12,204 / 16,020", "1,310 / 5,126", "6,088 / 9,904", "4,806 / 8,622", "4,977 / 8,793", "1,961 / 5,777"], "Crude VE, %": [79.4, 63.7, 76.6, 87.4, 85.4, 69.9], "Adjusted VE, % (95 % CI)": ["77.2 (75.4-78.9)", "60.9 (55.8-65.4)", "74.8 (72.6-76.8)", "86.1 (84.3-87.7)", "84.0 (82.1-85.7)", "66.5 (62.4-70.1)"]})  # fmt: skip
    return {
        "poisson_fr": report(ratios.round(2).rename_axis("Variable"), "rr.csv", sep=";", decimal=","), "poisson_tex": ("poisson.tex", poisson.summary2().as_latex().encode()), "poisson_txt": ("poisson.txt", str(poisson.summary()).encode()), "quantreg": report(lines, "quantreg.csv", index=False), "series_html": ("its.html", series.summary().as_html().encode()), "series_txt": ("its.txt", series.summary().as_text().encode()),
        "vaccine": pack.word(effect, "Table 3. Vaccine effectiveness against hospital admission (test-negative design)."), "vaccine_md": pack.markdown(effect),
    }  # fmt: skip


def learned() -> dict[str, File]:
    """What a gradient boosting and a principal component analysis report."""
    x = B[["mother_age", "smoker", "gestational_diabetes", "bmi", "girl"]].astype(float)
    train, test, y_train, y_test = train_test_split(x, B.transfer, test_size=0.3, random_state=0, stratify=B.transfer)
    scores = []
    for depth in (2, 3, 4):
        model = HistGradientBoostingClassifier(max_depth=depth, max_iter=30, random_state=0).fit(train, y_train)
        seen = model.predict_proba(test)[:, 1]
        scores.append({"max_depth": depth, "n_iter": 30, "roc_auc": roc_auc_score(y_test, seen), "average_precision": average_precision_score(y_test, seen), "brier": brier_score_loss(y_test, seen)})  # fmt: skip
    parts = PCA(3).fit((x - x.mean()) / x.std())
    loadings = pd.DataFrame(parts.components_.T, index=x.columns, columns=["PC1", "PC2", "PC3"]).round(3)
    metrics = {"model": "HistGradientBoosting", "params": {"max_depth": 3, "learning_rate": 0.1, "max_iter": 30, "min_samples_leaf": 20}, "cv": {"n_splits": 5, "roc_auc": [0.561, 0.549, 0.573, 0.558, 0.566], "mean": 0.5614, "std": 0.008}, "test": {"n": len(test), "positives": int(y_test.sum()), "roc_auc": 0.5572}}  # fmt: skip
    return {"depths": report(pd.DataFrame(scores).round(4), "depths.csv", index=False), "loadings": report(loadings, "loadings.csv"), "metrics": ("metrics.json", json.dumps(metrics, indent=2).encode())}  # fmt: skip


def protected() -> dict[str, File]:
    """Masked twice, rounded to five, or grouped."""
    rows = [["Cystic fibrosis", "c", "c", 88, 190], ["Phenylketonuria", "c", "c", 141, 262], ["Hypothyroidism", 212, 305, 398, 915], ["Sickle cell disease", 164, 228, 301, 693], ["All", 455, 678, 928, 2060]]  # fmt: skip
    secret = pd.DataFrame(rows, columns=["Disease", "2016-2017", "2018-2019", "2020-2021", "All years"])
    secret.loc[4, "2016-2017":"2020-2021"] = [454, 678, 928]
    table = pd.crosstab(B.department, B.level)
    five = (table / 5).round().astype(int) * 5
    ages = pd.crosstab(B.year, B.age_group).rename_axis(columns=None)
    marked = pd.DataFrame({"Maternité": [f"Établissement {c}" for c in "ABCDEF"], "Accouchements": [3420, 2785, 1904, 1266, 812, 640], "Hémorragies du post-partum": [188, 142, 97, 61, 40, "nd"], "Éclampsies": ["nd"] * 6, "Taux d'hémorragie (%)": ["5,5", "5,1", "5,1", "4,8", "4,9", "nd"]})  # fmt: skip
    return {
        "rounded_five": report(five, "rounded5.csv"), "rounded_five_xlsx": pack.excel(five.reset_index(), "Births by department and level of care, rounded to the nearest 5"), "ages": report(ages, "ages.csv"),
        "not_shown": pack.bom_csv(marked), "suppressed_two": pack.html(secret),
    }  # fmt: skip


def workbook() -> File:
    """The yearly report of the register: a cover sheet, four tables with units, notes and print settings."""
    out = io.BytesIO()
    births = pd.crosstab(B.department, B.year, margins=True, margins_name="Total")
    preterm = B.groupby("year").agg(**{"Naissances": ("weight", "size"), "Prématurés": ("preterm", "sum"), "Taux (%)": ("preterm", lambda v: round(100 * v.mean(), 1))})  # fmt: skip
    smoking = B.groupby("age_group", observed=True).smoker.mean().mul(100).round(1).rename("Tabac (%)").to_frame()
    notes = ["Source : registre des naissances, extraction de mars 2022.", "nd : non diffusé (moins de 11 cas).", "Les pourcentages sont calculés sur les données non arrondies.", "Version 2.1 du 4 avril 2022 ; 3 tableaux, 8 départements, 6 années."]  # fmt: skip
    with pd.ExcelWriter(out, engine="openpyxl") as book:
        pd.DataFrame(
            {"Rapport": ["Registre des naissances des Pays de la Loire et de Bretagne", "2016-2021", *notes]}
        ).to_excel(book, sheet_name="Lisez-moi", index=False)
        for name, frame in (("T1 Naissances", births), ("T2 Prématurité", preterm), ("T3 Tabac", smoking)):
            frame.to_excel(book, sheet_name=name, startrow=3)
            sheet = book.sheets[name]
            sheet["A1"], sheet["A2"] = f"Tableau {name[1]} - {name[3:]}", "Effectifs et pourcentages"
            sheet["A1"].font = Font(bold=True, size=14, color="1F4E78")
            sheet.merge_cells("A1:D1")
            sheet.freeze_panes = "B5"
            sheet.print_title_rows = "4:4"
            sheet.page_setup.orientation = "landscape"
            thin = Side(style="thin", color="999999")
            for cell in sheet[4]:
                cell.font, cell.fill = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="4472C4")
                cell.alignment, cell.border = Alignment(horizontal="center", wrap_text=True), Border(bottom=thin)
            for at in range(1, frame.shape[1] + 2):
                sheet.column_dimensions[get_column_letter(at)].width = 16
            for row in sheet.iter_rows(min_row=5, min_col=2, max_col=frame.shape[1] + 1):
                for cell in row:
                    cell.number_format = "# ##0" if isinstance(cell.value, int) else "0.0"
            sheet.cell(sheet.max_row + 2, 1, "Champ : naissances uniques vivantes de 24 semaines ou plus.").font = Font(
                italic=True
            )
    return "rapport_naissances_2021.xlsx", out.getvalue()


def published() -> dict[str, File]:
    """Tables about a test, costs, codes, variables and a survey of answers."""
    test = pd.DataFrame({"Threshold (mmol/L)": [4.8, 5.0, 5.1, 5.3, 5.6], "Sensitivity": [0.941, 0.893, 0.862, 0.791, 0.655], "Specificity": [0.612, 0.731, 0.784, 0.858, 0.932], "PPV": [0.181, 0.232, 0.266, 0.336, 0.467], "NPV": [0.991, 0.987, 0.984, 0.978, 0.967], "LR+": [2.43, 3.32, 3.99, 5.57, 9.63], "LR-": [0.1, 0.15, 0.18, 0.24, 0.37]})  # fmt: skip
    costs = pd.DataFrame({"Strategy": ["No screening", "Screening of risk groups", "Universal screening"], "Cost per woman (€)": [412.6, 447.9, 503.2], "QALY": [24.8121, 24.8198, 24.8224], "Incremental cost (€)": ["-", "35.3", "55.3"], "Incremental QALY": ["-", "0.0077", "0.0026"], "ICER (€/QALY)": ["-", "4,584", "21,269"]})  # fmt: skip
    codes = pd.DataFrame({"code": ["O24.4", "O14.1", "O60.1", "O72.1", "P07.3", "Z37.0", "JQGD010", "JQGA002", "H01BB02"], "terminologie": ["CIM-10"] * 6 + ["CCAM"] * 2 + ["ATC"], "libellé": ["Diabète sucré survenant au cours de la grossesse", "Prééclampsie sévère", "Travail prématuré avec accouchement prématuré", "Autres hémorragies immédiates du post-partum", "Autres enfants nés avant terme", "Naissance unique, enfant vivant", "Accouchement céphalique unique par voie naturelle, chez une primipare", "Accouchement par césarienne programmée", "Oxytocine"], "version": [2021] * 9})  # fmt: skip
    words = pd.DataFrame({"variable": ["parity", "smoker", "weeks", "level", "apgar5", "rr_adj"], "type": ["category", "bool", "float", "category", "int", "float"], "values": ["0, 1, 2+", "0/1", "24.0-42.0", "I, IIA, IIB, III", "0-10", ""], "n_unique": [3, 2, 181, 4, 11, ""], "missing_%": [0.3, 4.8, 0.0, 0.0, 1.2, ""], "description": ["previous births", "smoked in the third trimester", "gestational age at birth", "level of the maternity unit", "Apgar score at 5 minutes", "adjusted relative risk"]})  # fmt: skip
    answers = pd.DataFrame({"Question": ["Q1. I felt well informed", "Q2. My pain was treated", "Q3. I took part in decisions", "Q4. I would recommend the unit"], "Strongly agree": [412, 388, 301, 466], "Agree": [505, 470, 482, 431], "Neutral": [141, 166, 207, 122], "Disagree": [73, 95, 121, 88], "Strongly disagree": [31, 43, 51, 55], "n": [1162] * 4, "Mean (1-5)": [4.03, 3.92, 3.74, 4.0]})  # fmt: skip
    standard = pd.DataFrame({"Département": DEPARTMENTS, "Décès": [1412, 2266, 2105, 3208, 1902, 1777, 1480, 1655], "Taux brut": [102.4, 109.8, 88.1, 92.3, 97.4, 104.9, 103.8, 98.7], "Taux standardisé": [96.1, 103.9, 92.2, 97.0, 94.4, 97.8, 96.6, 90.3], "IC inf.": [91.1, 99.6, 88.3, 93.6, 90.2, 93.3, 91.7, 86.0], "IC sup.": [101.1, 108.2, 96.1, 100.4, 98.6, 102.3, 101.5, 94.6], "SMR": [1.02, 1.1, 0.97, 1.02, 1.0, 1.03, 1.02, 0.95]})  # fmt: skip
    return {
        "test_tex": pack.latex(test), "test": report(test, "thresholds.csv", index=False), "costs": pack.excel(costs), "costs_docx": pack.word(costs, "Tableau 4. Analyse coût-utilité, horizon vie entière, actualisation de 2,5 %."), "codes_fr": pack.french_csv(codes), "words_xlsx": pack.excel(words), "words_md": pack.markdown(words), "answers": report(answers, "survey.csv", index=False), "answers_tsv": pack.tsv(answers), "standard_fr": pack.french_csv(standard),
    }  # fmt: skip


def table_one() -> File:
    """Table 1 by smoking, as `tableone` writes it to a spreadsheet."""
    groups = [B, B[B.smoker == 0], B[B.smoker == 1]]
    rows = [("n", "", *(len(g) for g in groups), "")]
    rows += [
        (f"{name}, mean (SD)", "", *(f"{g[name].mean():.1f} ({g[name].std():.1f})" for g in groups), "<0.001")
        for name in ("mother_age", "bmi", "weeks")
    ]
    for name, levels in (("age_group", AGES), ("parity", ["0", "1", "2+"])):
        rows += [(f"{name}, n (%)" if at == 0 else "", level, *(f"{(g[name] == level).sum()} ({100 * (g[name] == level).mean():.1f})" for g in groups), "0.412" if at == 0 else "") for at, level in enumerate(levels)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["", "", "Overall", "0", "1", "P-Value"])
    frame.columns = pd.MultiIndex.from_tuples(
        [("", ""), ("", " "), *(("Grouped by smoker", c) for c in ("Overall", "0", "1", "P-Value"))]
    )
    return through(
        "table1.xlsx", lambda out: frame.set_index([("", ""), ("", " ")]).rename_axis(["", ""]).to_excel(out)
    )


def cases() -> list[Case]:
    """The tables of the batch."""
    files = {
        **described(),
        **fits(),
        **learned(),
        **protected(),
        **published(),
        "workbook": workbook(),
        "table_one": table_one(),
    }
    return [safe(f"thirty_one_{name}", "tables", file) for name, file in files.items()]
