"""Twenty-seventh batch: safe tables, written with pandas, statsmodels, lifelines and sklearn as they are every day."""

import io
import json

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from lifelines import CoxPHFitter, KaplanMeierFitter
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.styles import Alignment, Font, PatternFill
from sklearn.calibration import calibration_curve
from sklearn.ensemble import RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, confusion_matrix
from sklearn.model_selection import cross_validate

from .case import Case, File, safe
from .twenty_seventh_cohort import REGIONS, D, masked, to_csv, to_md, written

rng = np.random.default_rng(2702)
X = pd.get_dummies(D[["age", "sex", "nihss", "afib", "diabetes"]], drop_first=True).astype(float)


def grouped() -> dict[str, File]:
    """What a groupby and a crosstab give."""
    rate = (
        D.groupby("hospital")
        .agg(n=("death90", "size"), deaths=("death90", "sum"), rate=("death90", "mean"), mean_los=("los", "mean"))
        .round(3)
    )
    both = pd.crosstab(D.age_group, D.sex, margins=True, margins_name="Ensemble")
    shares = pd.crosstab(D.region, D.nihss, normalize="index").mul(100).round(1)
    unstacked = D.pivot_table(index="region", columns="sex", values=["age", "los"], aggfunc=["count", "mean"]).round(1)
    spread = (
        D.groupby("nihss")[["age", "los"]]
        .describe(percentiles=[0.25, 0.5, 0.75])
        .drop(columns=["min", "max"], level=1)
        .round(2)
    )
    numbers = D[["age", "los", "cost"]].describe().drop(["min", "max"]).round(1)
    monthly = (
        D.set_index("date")
        .resample("MS")
        .agg(stays=("age", "size"), thrombolysis=("thrombolysis", "sum"), mean_age=("age", "mean"))
        .round(2)
    )
    quarter = D.assign(quarter=D.date.dt.to_period("Q").astype(str)).pivot_table(
        index="quarter", columns="hospital", values="age", aggfunc="count"
    )
    return {
        "rate": to_csv(rate), "both_xlsx": written("age_sex.xlsx", lambda out: both.to_excel(out, sheet_name="Âge et sexe")), "shares_html": ("shares.html", shares.to_html(border=0, classes="table table-striped").encode()),
        "unstacked": to_csv(unstacked), "spread": to_csv(spread, "spread.csv", sep=";", decimal=","), "numbers_md": ("numbers.md", ("# Continuous variables\n\n" + to_md(numbers.reset_index())).encode()),
        "monthly": to_csv(monthly, "monthly.csv"), "monthly_parquet": written("monthly.parquet", monthly.to_parquet), "quarter_tex": ("quarter.tex", quarter.to_latex(caption="Stays by quarter and kind of hospital", label="tab:quarter", position="htbp").encode()),
        "quarter_json": ("quarter.json", quarter.to_json(orient="index", indent=2).encode()),
    }  # fmt: skip


def protected() -> dict[str, File]:
    """Small cells masked twice, or everything rounded."""
    counts = pd.DataFrame([[7, 212, 388, 96], [64, 9, 301, 204], [141, 187, 402, 118], [88, 5, 266, 8]], index=["Amylose", "Sarcoïdose", "Lupus", "Sclérodermie"], columns=["< 18", "18-39", "40-64", "65+"])  # fmt: skip
    hidden = masked(counts)
    hidden["Total"] = counts.sum(axis=1)
    hidden.loc["Total"] = [*counts.sum(), counts.to_numpy().sum()]
    plain = counts.astype(object).mask(counts < 11, "<11")
    tens = pd.crosstab(D.region, D.age_group, margins=True).map(lambda v: round(v / 10) * 10)
    blank = pd.DataFrame({"pathology": ["Amyloidosis", "Sarcoidosis", "Lupus", "Behçet disease", "Still disease"], "patients": [np.nan, 505, 848, 112, np.nan], "women_percent": [np.nan, 52.1, 86.4, 48.2, np.nan]})  # fmt: skip
    note = "# Effectifs arrondis à la dizaine la plus proche \n"
    return {
        "masked_xlsx": written("masked.xlsx", lambda out: hidden.rename_axis("Maladie").to_excel(out)), "masked_csv": to_csv(hidden.rename_axis("Maladie"), sep=";"), "masked_plain": to_csv(plain.rename_axis("Maladie")),
        "rounded": to_csv(tens, "rounded.csv"), "rounded_noted": ("rounded.csv", (note + tens.drop(columns="All").drop("All").to_csv()).encode()), "blank": to_csv(blank, index=False),
    }  # fmt: skip


def models() -> dict[str, File]:
    """Tables of estimates."""
    fit = smf.logit("death90 ~ age + C(sex) + C(nihss) + diabetes", D).fit(disp=0)
    odds = (
        pd.concat([np.exp(fit.params), np.exp(fit.conf_int()), fit.pvalues], axis=1)
        .set_axis(["OR", "2.5%", "97.5%", "p"], axis=1)
        .round(3)
    )
    lengths = smf.ols("np.log(los + 1) ~ age + C(sex) + C(hospital)", D).fit(cov_type="HC3")
    follow = D[["age", "diabetes", "afib"]].assign(
        time=np.ceil(rng.exponential(40, len(D))).clip(1, 24), event=(rng.random(len(D)) < 0.4).astype(int)
    )
    cox = CoxPHFitter().fit(follow, "time", "event").summary.round(4)
    curve = KaplanMeierFitter().fit(follow.time, follow.event)
    at = [0, 6, 12, 18, 24]
    survival = pd.DataFrame(
        {
            "month": at,
            "survival": curve.predict(at).round(3).to_numpy(),
            "at_risk": [int(round((follow.time >= t).sum(), -1)) for t in at],
        }
    )
    rates = pd.DataFrame(
        {
            "region": REGIONS,
            "cas": D.region.value_counts()[REGIONS].to_numpy(),
            "population": [3429882, 5562651, 5995292, 12395148, 6124905, 6081011],
        }
    )
    rates["taux_brut"] = (rates.cas / 6 / rates.population * 1e5).round(1)
    rates["taux_standardisé"] = (rates.taux_brut * [1.02, 0.98, 1.07, 1.11, 0.93, 0.95]).round(1)
    return {
        "odds": to_csv(odds), "odds_tex": ("odds.tex", odds.to_latex(float_format="%.2f", caption="Odds ratios of death at 90 days", bold_rows=True).encode()), "ols_html": ("ols.html", lengths.summary().as_html().encode()), "ols_csv": ("ols.csv", lengths.summary().as_csv().encode()), "logit_tex": ("logit.tex", fit.summary().as_latex().encode()),
        "cox": to_csv(cox, "cox.csv"), "cox_html": ("cox.html", cox.to_html().encode()), "survival": to_csv(survival, index=False), "rates": to_csv(rates, "taux.csv", index=False, sep=";", decimal=","),
    }  # fmt: skip


def learned() -> dict[str, File]:
    """What sklearn reports of a classifier."""
    model = LogisticRegression(max_iter=500).fit(X[:16000], D.death90[:16000])
    score, truth = model.predict_proba(X[16000:])[:, 1], D.death90[16000:]
    report = classification_report(truth, score > 0.15, output_dict=True)
    matrix = pd.DataFrame(
        confusion_matrix(truth, score > 0.15),
        index=["actual: alive", "actual: dead"],
        columns=["predicted: alive", "predicted: dead"],
    )
    folds = (
        pd.DataFrame(
            cross_validate(LogisticRegression(max_iter=500), X, D.death90, cv=5, scoring=["roc_auc", "neg_brier_score"])
        )
        .drop(columns=["fit_time", "score_time"])
        .round(4)
    )
    forest = RandomForestClassifier(20, max_depth=4, random_state=1).fit(X[:4000], D.death90[:4000])
    gain = permutation_importance(forest, X[4000:7000], D.death90[4000:7000], n_repeats=3, random_state=1)
    important = pd.DataFrame(
        {
            "feature": X.columns,
            "importance_mean": gain.importances_mean.round(5),
            "importance_std": gain.importances_std.round(5),
        }
    ).sort_values("importance_mean", ascending=False)
    observed, predicted = calibration_curve(truth, score, n_bins=5, strategy="quantile")
    tenths = pd.DataFrame(
        {"fifth": range(1, 6), "n": 1600, "mean_predicted": predicted.round(3), "observed": observed.round(3)}
    )
    return {
        "report": to_csv(pd.DataFrame(report).T.round(3)), "report_json": ("report.json", json.dumps(report, indent=2).encode()), "confusion": to_csv(matrix), "cross_validate": to_csv(folds, index=False), "permutation": written("importance.xlsx", lambda out: important.to_excel(out, index=False)),
        "calibration": to_csv(tenths, index=False), "correlation": to_csv(D[["age", "los", "cost", "diabetes", "afib"]].corr().round(3)),
    }  # fmt: skip


def report_book() -> File:
    """The workbook that goes with an article: cover, three tables, notes; fonts, widths, filters, a colour scale."""
    out = io.BytesIO()
    one = (
        D.groupby("thrombolysis")
        .agg(
            Patients=("age", "size"),
            Age=("age", "mean"),
            Hypertension=("hypertension", "mean"),
            Diabetes=("diabetes", "mean"),
            Deaths=("death90", "mean"),
        )
        .T
    )
    one.columns = ["No thrombolysis", "Thrombolysis"]
    heat = D[D.age >= 50].pivot_table(
        index="age_group", columns="nihss", values="death90", aggfunc="mean", observed=True
    )
    sizes = D.groupby(["hospital", "nihss"], as_index=False).agg(
        Stays=("age", "size"), Deaths=("death90", "sum"), Mean_cost=("cost", "mean")
    )
    cover = pd.DataFrame(
        {
            "Stroke 2018-2023": ["Authors", "Contact", "Data cut-off", "Code version", "Minimum cell size"],
            " ": ["Stroke study group", "see article", "31 March 2024", "1.3.0", "11"],
        }
    )
    notes = pd.DataFrame(
        {
            "Notes": [
                "Percentages are of all patients of a column.",
                "Cells of fewer than 11 patients would be shown as <11; there are none.",
                "NIHSS: National Institutes of Health Stroke Scale (0 to 42).",
            ]
        }
    )
    with pd.ExcelWriter(out, engine="openpyxl") as book:
        cover.to_excel(book, sheet_name="Cover", index=False)
        one.to_excel(book, sheet_name="Table 1", startrow=2)
        heat.to_excel(book, sheet_name="Table 2", startrow=2)
        sizes.to_excel(book, sheet_name="Table 3", index=False)
        notes.to_excel(book, sheet_name="Notes", index=False, header=False)
        for name, title in (
            ("Table 1", "Table 1. Characteristics by treatment"),
            ("Table 2", "Table 2. Share who died within 90 days, by age and severity"),
        ):
            sheet = book.sheets[name]
            sheet["A1"] = title
            sheet["A1"].font = Font(bold=True, size=13)
            sheet.column_dimensions["A"].width = 28
            sheet.freeze_panes = "B4"
            for cell in sheet[3]:
                cell.fill, cell.alignment = PatternFill("solid", fgColor="DDEBF7"), Alignment(horizontal="center")
        for row in book.sheets["Table 1"].iter_rows(min_row=6, min_col=2):
            for cell in row:
                cell.number_format = "0.0%"
        for row in book.sheets["Table 2"].iter_rows(min_row=4, min_col=2):
            for cell in row:
                cell.number_format = "0.0%"
        book.sheets["Table 2"].conditional_formatting.add(
            "B4:D7", ColorScaleRule(start_type="min", start_color="FFFFFF", end_type="max", end_color="F8696B")
        )
        book.sheets["Table 3"].auto_filter.ref = "A1:E10"
    return "tables.xlsx", out.getvalue()


def cases() -> list[Case]:
    """The tables of the batch."""
    files = {
        **grouped(),
        **protected(),
        **models(),
        **learned(),
        "workbook": report_book(),
    }
    return [safe(f"twenty_seven_{name}", "tables", file) for name, file in files.items()]
