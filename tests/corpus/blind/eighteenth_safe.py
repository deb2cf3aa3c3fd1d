"""Eighteenth batch: safe tables in the layouts of the packages and offices that make them."""

import io
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from . import pack
from .case import Case, File, safe

rng = np.random.default_rng(1801)
TABLEONE = """,,Missing,Overall,Cemented,Uncemented,P-Value
n,,,18204,11310,6894,
"Age, mean (SD)",,0,81.2 (8.4),82.9 (7.7),78.4 (8.9),<0.001
"Sex, n (%)",F,0,13289 (73.0),8369 (74.0),4920 (71.4),<0.001
,M,,4915 (27.0),2941 (26.0),1974 (28.6),
"ASA, n (%)",1-2,231,7102 (39.5),4080 (36.5),3022 (44.4),<0.001
,3,,9310 (51.8),6012 (53.8),3298 (48.5),
,4-5,,1561 (8.7),1081 (9.7),480 (7.1),
"Haemoglobin (g/dL), mean (SD)",,412,12.1 (1.7),12.0 (1.7),12.3 (1.7),<0.001
"Delay to surgery (h), median [Q1,Q3]",,0,"26.0 [18.0,44.0]","26.0 [18.0,43.0]","25.0 [17.0,45.0]",0.061
"""
BOOKTABS = r"""\begin{table}[htbp]
\centering
\caption{Baseline characteristics of the cataract cohort, 2018--2022 ($N = 41{,}207$).}
\label{tab:baseline}
\begin{tabular}{lrrr}
\toprule
 & Day case & Overnight & SMD \\
 & ($n = 38{,}915$) & ($n = 2{,}292$) & \\
\midrule
Age (years), mean (SD) & 74.1 (9.2) & 79.6 (10.3) & 0.56 \\
Women, $n$ (\%) & 22{,}960 (59.0) & 1{,}421 (62.0) & 0.06 \\
Diabetes, $n$ (\%) & 7{,}394 (19.0) & 619 (27.0) & 0.19 \\
Glaucoma, $n$ (\%) & 3{,}892 (10.0) & 390 (17.0) & 0.21 \\
Second eye, $n$ (\%) & 17{,}123 (44.0) & 596 (26.0) & 0.38 \\
\bottomrule
\end{tabular}
\begin{flushleft}\footnotesize SMD: standardised mean difference. Percentages are rounded to whole numbers.\end{flushleft}
\end{table}
"""  # fmt: skip
STARGAZER = r"""% Table created by stargazer v.5.2.3 by Marek Hlavac, Social Policy Institute.
\begin{table}[!htbp] \centering
  \caption{Length of stay after hip replacement}
  \label{}
\begin{tabular}{@{\extracolsep{5pt}}lcc}
\\[-1.8ex]\hline
\hline \\[-1.8ex]
 & \multicolumn{2}{c}{\textit{Dependent variable:}} \\
\cline{2-3}
\\[-1.8ex] & \multicolumn{2}{c}{log(los)} \\
\\[-1.8ex] & (1) & (2)\\
\hline \\[-1.8ex]
 age & 0.011$^{***}$ & 0.010$^{***}$ \\
  & (0.0004) & (0.0004) \\
  & & \\
 female & 0.052$^{***}$ & 0.047$^{***}$ \\
  & (0.007) & (0.007) \\
  & & \\
 private &  & $-$0.214$^{***}$ \\
  &  & (0.006) \\
  & & \\
 Constant & 0.912$^{***}$ & 1.037$^{***}$ \\
  & (0.031) & (0.032) \\
  & & \\
\hline \\[-1.8ex]
Observations & 52,118 & 52,118 \\
R$^{2}$ & 0.018 & 0.041 \\
Adjusted R$^{2}$ & 0.018 & 0.041 \\
Residual Std. Error & 0.702 (df = 52115) & 0.694 (df = 52114) \\
F Statistic & 477.1$^{***}$ (df = 2; 52115) & 742.6$^{***}$ (df = 3; 52114) \\
\hline
\hline \\[-1.8ex]
\textit{Note:}  & \multicolumn{2}{r}{$^{*}$p$<$0.1; $^{**}$p$<$0.05; $^{***}$p$<$0.01} \\
\end{tabular}
\end{table}
"""
CCAM = """code;libelle;version
NEKA020;Remplacement de l'articulation coxofémorale par prothèse totale;V72
NEKA012;Remplacement de l'articulation coxofémorale par prothèse totale, avec reconstruction acétabulaire;V72
NFKA007;Remplacement de l'articulation du genou par prothèse à glissement tricompartimentaire;V72
NFKA008;Remplacement de l'articulation du genou par prothèse à glissement unicompartimentaire;V72
BFGA004;Extraction extracapsulaire manuelle du cristallin, avec implantation de cristallin artificiel;V72
HMFC004;Cholécystectomie, par cœlioscopie;V72
"""
META = pd.DataFrame({
    "Study": ["COSMIC 2009", "Lindqvist 2012", "HARBOR-2", "Okafor 2016", "PREVAIL-D", "Random effects"],
    "Events/N (drug)": ["112/1204", "48/612", "231/2890", "64/701", "150/1622", "605/7029"],
    "Events/N (control)": ["141/1198", "66/605", "262/2874", "81/699", "188/1617", "738/6993"],
    "RR [95% CI]": ["0.79 [0.63, 1.00]", "0.72 [0.50, 1.03]", "0.88 [0.74, 1.04]", "0.79 [0.58, 1.08]", "0.80 [0.65, 0.97]", "0.82 [0.74, 0.90]"],
    "Weight": ["19.8%", "8.1%", "37.2%", "10.6%", "24.3%", "100%"],
})  # fmt: skip
FIT = pd.DataFrame({
    "Classes": [1, 2, 3, 4, 5, 6], "Free parameters": [10, 21, 32, 43, 54, 65],
    "AIC": [48210.4, 46120.9, 45310.2, 45102.7, 45011.3, 44996.0],
    "BIC": [48281.0, 46269.1, 45536.1, 45406.3, 45392.5, 45454.9], "Entropy": [None, 0.81, 0.79, 0.74, 0.70, 0.66],
})  # fmt: skip
PROFILE = pd.DataFrame({
    "Indicator": ["Class size, n", "Class share", "Women", "Polypharmacy", "Depression", "Frailty"],
    "Class 1": ["3,104", "41%", "52%", "11%", "9%", "4%"], "Class 2": ["2,650", "35%", "61%", "48%", "17%", "22%"],
    "Class 3": ["1,817", "24%", "66%", "83%", "41%", "69%"],
})  # fmt: skip
MOVES = pd.DataFrame({
    "From / to": ["Home", "Nursing home", "Hospital"], "Home": [40120, 212, 9120], "Nursing home": [1840, 11210, 1611],
    "Hospital": [10240, 2930, 818], "Death": [1311, 1702, 944],
})  # fmt: skip
POOLED = pd.DataFrame({
    "term": ["(Intercept)", "age_10y", "sexeF", "imc_5", "tabac_actuel"], "m": [20] * 5,
    "estimate": [-3.1204, 0.3811, -0.1207, 0.0912, 0.4410], "std.error": [0.0911, 0.0120, 0.0301, 0.0188, 0.0377],
    "statistic": [-34.25, 31.76, -4.01, 4.85, 11.70], "df": [812.4, 4102.9, 6120.3, 388.1, 502.7],
    "p.value": [0, 0, 0.00006, 0.000002, 0], "fmi": [0.11, 0.04, 0.02, 0.19, 0.16],
})  # fmt: skip
THRESHOLDS = pd.DataFrame({
    "Threshold": [0.1, 0.2, 0.3, 0.4], "TP": [412, 371, 302, 214], "FP": [2120, 1104, 498, 187],
    "FN": [51, 92, 161, 249], "TN": [5417, 6433, 7039, 7350], "Sensitivity": [0.890, 0.801, 0.652, 0.462],
    "Specificity": [0.719, 0.854, 0.934, 0.975], "PPV": [0.163, 0.252, 0.378, 0.534],
})  # fmt: skip
ICER = pd.DataFrame({
    "Strategy": ["No screening", "Biennial, 50-74", "Annual, 50-74"], "Cost (€)": ["1 204", "1 718", "2 390"],
    "QALY": [12.410, 12.452, 12.461], "Incremental cost": ["–", "514", "672"], "Incremental QALY": ["–", "0.042", "0.009"],
    "ICER (€/QALY)": ["Ref.", "12 238", "74 667"],
})  # fmt: skip
PERCENTILES = pd.DataFrame({
    "Groupe homogène": ["Prothèse de hanche", "Prothèse de genou", "Cholécystectomie"], "Séjours": [48210, 41890, 60112],
    "P10 (j)": [2, 2, 0], "P25 (j)": [3, 3, 1], "Médiane (j)": [4, 4, 1], "P75 (j)": [6, 5, 3], "P90 (j)": [9, 8, 5],
})  # fmt: skip
ITS = pd.DataFrame({
    "mois": [f"{y}-{m:02d}" for y in (2019, 2020, 2021) for m in range(1, 13)],
    "passages": rng.integers(2100, 3900, 36), "taux pour 1000": rng.normal(41, 4, 36).round(1),
    "post": [0] * 15 + [1] * 21, "temps": range(1, 37),
})  # fmt: skip
LAB = pd.DataFrame({
    "Analyte": ["Potassium", "Creatinine (men)", "Creatinine (women)", "HbA1c", "TSH"], "Unit": ["mmol/L", "µmol/L", "µmol/L", "%", "mIU/L"],
    "Lower limit": [3.5, 62, 44, 4.0, 0.4], "Upper limit": [5.1, 106, 80, 6.0, 4.0], "LOINC": ["2823-3", "14682-9", "14682-9", "4548-4", "3016-3"],
})  # fmt: skip
KAPPA = pd.DataFrame({
    "Item": ["Fracture visible", "Displacement", "Garden stage", "Image quality"], "Images": [1200, 1200, 640, 1200],
    "Readers": [3, 3, 2, 3], "Agreement (%)": [94.2, 88.1, 79.4, 83.0], "Kappa": [0.86, 0.74, 0.61, 0.52], "95% CI": ["0.83-0.89", "0.70-0.78", "0.55-0.67", "0.48-0.56"],
})  # fmt: skip
FOLDS = pd.DataFrame({
    "fold": [1, 2, 3, 4, 5, "mean"], "n_train": [32965, 32965, 32966, 32966, 32966, None], "n_val": [8242, 8242, 8241, 8241, 8241, None],
    "dice": [0.912, 0.908, 0.915, 0.910, 0.907, 0.910], "hd95_mm": [3.1, 3.4, 3.0, 3.2, 3.5, 3.2], "epochs": [48, 61, 52, 55, 49, None],
})  # fmt: skip


def secret() -> pd.DataFrame:
    """Two masked cells in two rows and two columns, far from small: no margin tells any of them."""
    return pd.DataFrame({
        "Département": ["Finistère", "Morbihan", "Côtes-d'Armor", "Ille-et-Vilaine", "Bretagne"],
        "0-1 dose": ["412", "c.s.", "c.s.", "506", "1 431"], "2 doses": ["1 320", "1 104", "988", "1 611", "5 023"],
        "3 doses et +": ["2 204", "c.s.", "c.s.", "2 988", "8 344"], "Total": ["3 936", "2 941", "2 816", "5 105", "14 798"],
    })  # fmt: skip


def rounded() -> pd.DataFrame:
    """Counts to the nearest 5, masked where below 11 in two lines each way; the totals are rounded by themselves."""
    return pd.DataFrame({
        "Ethnic group": ["White", "Asian", "Black", "Mixed", "Other", "All"],
        "Offered": [18240, 3115, 1610, 640, 415, 24020], "Started": [12055, 1840, 925, 375, 240, 15435],
        "Completed": [9810, 1395, 680, 290, 170, 12345], "Started (%)": [66, 59, 57, 59, 58, 64],
    })  # fmt: skip


def robson() -> File:
    """A formatted workbook: title, units, a header of two rows, notes, and a sheet that says what is what."""
    book = openpyxl.Workbook()
    notes = book.worksheets[0]
    notes.title = "Lisez-moi"
    for line in ["Césariennes selon la classification de Robson", "Source : PMSI-MCO 2021, exploitation de l'équipe", "Mise à jour : 14/03/2023", None, "Feuille 1 : effectifs et taux", "Feuille 2 : évolution", "Contact : equipe-perinat@example.org"]:  # fmt: skip
        notes.append([line])
    sheet = book.create_sheet("Tableau 1")
    rows: list[list[Any]] = [
        ["Tableau 1. Accouchements et césariennes par groupe de Robson, 2021"], [],
        ["Groupe", "Accouchements", None, "Césariennes", None], [None, "n", "% du total", "n", "% du groupe"],
    ]  # fmt: skip
    births = [14210, 9840, 17620, 6110, 7230, 1310, 980, 1105, 252, 3655]
    cuts = [1812, 2630, 412, 705, 4890, 1204, 820, 690, 240, 1210]
    for at, (n, c) in enumerate(zip(births, cuts, strict=True), 1):
        rows.append([f"Groupe {at}", n, round(100 * n / sum(births), 1), c, round(100 * c / n, 1)])
    rows.append(["Ensemble", sum(births), 100, sum(cuts), round(100 * sum(cuts) / sum(births), 1)])
    rows += [[], ["Note : groupe 9, présentations transverses ; groupe 10, prématurés."], ["Champ : France entière, grossesses de 22 SA et plus."]]  # fmt: skip
    for row in rows:
        sheet.append(row)
    sheet["A1"].font = Font(bold=True, size=13)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("B3:C3")
    sheet.merge_cells("D3:E3")
    for row in sheet.iter_rows(min_row=5, max_row=15):
        row[1].number_format = row[3].number_format = "#,##0"
        row[2].number_format = row[4].number_format = "0.0"
    sheet.freeze_panes = "B5"
    trend = book.create_sheet("Tableau 2")
    trend.append(["Année", "Accouchements", "Taux de césarienne (%)"])
    for year, n, rate in [(2017, 66120, 20.2), (2018, 65310, 20.4), (2019, 64702, 20.6), (2020, 63011, 20.9), (2021, 62312, 23.5)]:  # fmt: skip
        trend.append([year, n, rate])
    for at in range(1, 4):
        trend.column_dimensions[get_column_letter(at)].width = 22
    out = io.BytesIO()
    book.save(out)
    return "robson_2021.xlsx", out.getvalue()


def survey() -> pd.DataFrame:
    """Weighted figures in thousands, with the coefficient of variation and the number of persons asked."""
    return pd.DataFrame({
        "Région": ["Île-de-France", "Occitanie", "Grand Est", "Bretagne"], "Répondants": [2310, 1204, 1118, 702],
        "Population estimée (milliers)": ["1 842,6", "871,4", "806,2", "498,7"], "CV (%)": ["2,1", "3,4", "3,6", "4,8"],
        "Renoncement aux soins (%)": ["14,2", "12,8", "13,1", "10,9"],
    })  # fmt: skip


def by_year() -> pd.DataFrame:
    regions, years = ["Bretagne", "Corse", "Normandie", "Occitanie"], range(2017, 2023)
    at = [(r, y) for r in regions for y in years]
    n = rng.integers(1200, 9800, len(at))
    return pd.DataFrame({"region": [r for r, _ in at], "year": [y for _, y in at], "n_patients": n, "mean_age": rng.normal(61, 2, len(at)).round(1), "sd_age": rng.normal(14, 1, len(at)).round(1), "rate_per_100k": rng.normal(310, 40, len(at)).round(1)})  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    loadings = pd.DataFrame(rng.normal(0, 0.4, (6, 3)).round(3), columns=["PC1", "PC2", "PC3"], index=["sbp", "dbp", "bmi", "ldl", "hdl", "hba1c"])  # fmt: skip
    loadings.loc["Explained variance"] = [0.41, 0.22, 0.13]
    grid = pd.DataFrame({"": ["true: no findings", "true: opacity", "true: effusion"], "pred: no findings": [8120, 611, 204], "pred: opacity": [702, 3310, 318], "pred: effusion": [151, 240, 2877]})  # fmt: skip
    schedule = pd.DataFrame({"Visit": ["V1 (screening)", "V2 (baseline)", "V3", "V4", "V5 (end)"], "Week": [-4, 0, 6, 12, 26], "Window (days)": ["±7", "0", "±3", "±5", "±7"], "Consent": ["X", "", "", "", ""], "Blood sample (mL)": [10, 15, 10, 10, 15], "ECG": ["X", "", "X", "", "X"]})  # fmt: skip
    weights = pd.DataFrame({"Covariate": ["Age", "Female", "Charlson ≥ 3", "Prior stroke", "Rural"], "Unweighted SMD": [0.214, 0.061, 0.310, 0.122, 0.048], "IPTW SMD": [0.011, 0.004, 0.019, 0.008, 0.006], "Variance ratio": [1.02, 1.00, 1.05, 1.01, 0.99]})  # fmt: skip
    fine = pd.DataFrame({"Covariate": ["Dialysis vintage (per year)", "Age (per 10 y)", "Diabetes", "Female"], "sHR": ["1,04", "1,62", "1,31", "0,88"], "IC 95 %": ["1,02 – 1,06", "1,55 – 1,69", "1,22 – 1,41", "0,82 – 0,95"], "p": ["< 0,001", "< 0,001", "< 0,001", "0,001"]})  # fmt: skip
    icd = pd.DataFrame({"Group": ["Self-harm", "Self-harm", "Schizophrenia", "Bipolar", "Depression", "Depression"], "ICD-10": ["X60-X84", "Z91.5", "F20-F29", "F31", "F32", "F33"], "Position": ["any", "secondary", "main", "main", "main", "main"]})  # fmt: skip
    made = {
        "tableone_csv": ("table1.csv", TABLEONE.encode()), "booktabs": ("table1.tex", BOOKTABS.encode()), "stargazer": ("los.tex", STARGAZER.encode()),
        "ccam": ("ccam.csv", CCAM.encode("cp1252")), "icd": pack.excel(icd, "Code lists, version 3"), "meta": pack.csv(META), "fit": pack.excel(FIT, "Latent class models"), "profile": pack.word(PROFILE, "Table 2. Classes of the three-class model."),
        "moves": pack.html(MOVES), "pooled": pack.csv(POOLED), "thresholds": pack.parquet(THRESHOLDS), "icer": pack.markdown(ICER), "percentiles": pack.excel(PERCENTILES), "its": pack.french_csv(ITS), "lab": pack.csv(LAB),
        "kappa": pack.latex(KAPPA), "folds": pack.csv(FOLDS), "secret": pack.french_csv(secret()), "rounded": pack.csv(rounded()), "robson": robson(), "survey": pack.excel(survey()), "by_year": pack.parquet(by_year()),
        "loadings": ("loadings.csv", loadings.to_csv().encode()), "grid": pack.csv(grid), "schedule": pack.word(schedule), "weights": pack.tsv(weights), "fine": pack.html(fine),
    }  # fmt: skip
    return [safe(f"eighteen_{name}", "tables", file) for name, file in made.items()]
