"""Thirty-third batch: safe tables of kidney care, and of trials, genetics, geography and services around it."""

import io
import json

import numpy as np
import pandas as pd
import statsmodels.api as sm
import statsmodels.formula.api as smf
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from sklearn.cluster import KMeans
from sklearn.linear_model import LassoCV
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from . import pack
from .case import Case, File, safe
from .thirty_first_cohort import report, through

MANY = 18000
STAGES = ["G1", "G2", "G3a", "G3b", "G4", "G5"]
CENTRES = [f"Centre {n:02d}" for n in range(1, 13)]


def clinic(seed: int = 3301) -> pd.DataFrame:
    """People seen for a kidney disease: one row per person, enough of them for every table of the batch."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(66, 13, MANY), 18, 98)
    stage = rng.choice(STAGES, MANY, p=[0.08, 0.17, 0.27, 0.24, 0.15, 0.09])
    worse = pd.Series(stage).map(dict(zip(STAGES, range(6), strict=True))).to_numpy()
    out = pd.DataFrame({"age": age.round(0), "sex": rng.choice(["F", "M"], MANY, p=[0.44, 0.56]), "stage": stage, "centre": rng.choice(CENTRES, MANY), "diabetes": rng.random(MANY) < 0.36, "sbp": rng.normal(134 + worse, 15, MANY).round(0), "albumin": np.exp(rng.normal(3.2 + 0.4 * worse, 1, MANY)).round(1)})  # fmt: skip
    out["raas"] = rng.random(MANY) < 0.7 - 0.05 * worse
    out["dialysis"] = rng.random(MANY) < 0.01 * np.exp(0.55 * worse)
    out["months"] = np.ceil(rng.exponential(60, MANY)).clip(1, 48)
    out["status"] = np.where(out.months >= 48, 0, rng.choice([0, 1, 2], MANY, p=[0.5, 0.3, 0.2]))
    out["visit"] = pd.Timestamp("2019-01-07") + pd.to_timedelta(rng.integers(0, 209, MANY) * 7, unit="D")
    return out


K = clinic()


def counted() -> dict[str, File]:
    """Groups, in the shapes that pandas gives them."""
    stage = K.groupby("stage", observed=True).agg(n=("age", "size"), age_mean=("age", "mean"), age_sd=("age", "std"), sbp_median=("sbp", "median"), raas_n=("raas", "sum"), raas_pct=("raas", lambda v: 100 * v.mean())).round(1)  # fmt: skip
    centre = K.groupby("centre")[["raas", "diabetes"]].mean().mul(100).round(0).astype(int)
    low, high = proportion_confint(K.groupby("centre").raas.sum(), K.groupby("centre").size(), method="wilson")
    funnel = pd.DataFrame({"centre": CENTRES, "n": K.groupby("centre").size().to_numpy(), "observed": K.groupby("centre").raas.mean().round(3).to_numpy(), "lower": low.round(3).to_numpy(), "upper": high.round(3).to_numpy()})  # fmt: skip
    melted = pd.crosstab(K.stage, K.sex).reset_index().melt("stage", value_name="patients")
    weekly = K.set_index("visit").resample("W-MON").size().rename("visits").reset_index()
    tall = pd.crosstab([K.sex, K.diabetes.map({True: "yes", False: "no"})], K.stage)
    change = pd.DataFrame({"stage_before": STAGES, **{s: [0] * 6 for s in STAGES}})
    moves = {"G1": [820, 410, 102, 31, 14, 12], "G2": [388, 1622, 690, 204, 52, 21], "G3a": [96, 611, 2810, 1002, 240, 71], "G3b": [28, 144, 902, 2344, 712, 160], "G4": [13, 40, 131, 510, 1504, 488], "G5": [12, 15, 22, 88, 201, 1248]}  # fmt: skip
    for at, name in enumerate(STAGES):
        change.loc[at, STAGES] = moves[name]
    return {
        "stage": report(stage, "by_stage.csv"), "centre_pct": report(centre, "centres.csv"), "funnel": report(funnel, "funnel.csv", index=False), "melted": report(melted, "long.csv", index=False), "melted_parquet": through("long.parquet", melted.to_parquet), "weekly": report(weekly, "weekly.csv", index=False), "tall_xlsx": through("tall.xlsx", tall.to_excel), "tall_html": ("tall.html", tall.to_html().encode()),
        "transitions": report(change, "transitions.tsv", sep="\t", index=False), "transitions_json": ("transitions.json", change.set_index("stage_before").to_json(orient="split").encode()),
    }  # fmt: skip


def estimated() -> dict[str, File]:
    """Models, tests and curves."""
    y = K.dialysis.astype(int)
    logit = smf.logit("dialysis ~ age + C(sex) + diabetes + sbp", K.assign(dialysis=y)).fit(disp=0)
    tidy = pd.DataFrame({"term": logit.params.index, "estimate": logit.params.to_numpy(), "std.error": logit.bse.to_numpy(), "statistic": logit.tvalues.to_numpy(), "p.value": logit.pvalues.to_numpy(), "conf.low": logit.conf_int()[0].to_numpy(), "conf.high": logit.conf_int()[1].to_numpy()})  # fmt: skip
    margins = logit.get_margeff().summary_frame().round(4)
    negative = sm.GLM(
        K.albumin.round(), sm.add_constant(K[["age", "sbp"]]), family=sm.families.NegativeBinomial()
    ).fit()
    incidence = AalenJohansenFitter(seed=1, jitter_level=0.0001).fit(K.months, K.status, event_of_interest=1)
    cumulative = incidence.cumulative_density_.iloc[:, 0]
    at = pd.DataFrame({"month": [12, 24, 36, 48], "cumulative_incidence": [round(float(cumulative[cumulative.index <= m + 0.5].iloc[-1]), 3) for m in (12, 24, 36, 48)]})  # fmt: skip
    means = pd.DataFrame([{"sex": s, "RMST (48 months)": round(restricted_mean_survival_time(KaplanMeierFitter().fit(g.months, g.status > 0), 48), 2), "n": len(g)} for s, g in K.groupby("sex")])  # fmt: skip
    lasso = LassoCV(cv=5, random_state=0).fit(K[["age", "sbp", "diabetes", "raas"]], K.albumin)
    chosen = pd.Series(lasso.coef_.round(3), index=["age", "sbp", "diabetes", "raas"], name="coefficient")
    proteins = pd.DataFrame({"protein": ["TNFR1", "KIM-1", "suPAR", "FGF23", "UMOD", "GDF15"], "log2FC": [0.82, 0.74, 0.51, 0.66, -0.58, 0.49], "pvalue": [2.1e-9, 4.4e-7, 0.00021, 0.0018, 0.0033, 0.041]})  # fmt: skip
    proteins["padj"] = multipletests(proteins.pvalue, method="fdr_bh")[1]
    clusters = KMeans(3, n_init=3, random_state=1).fit(K[["age", "sbp"]])
    centres = pd.DataFrame(clusters.cluster_centers_.round(1), columns=["age", "sbp"]).assign(size=np.bincount(clusters.labels_)).rename_axis("cluster")  # fmt: skip
    agreement = pd.DataFrame({"pair": ["A-B", "A-C", "B-C"], "kappa": [0.81, 0.77, 0.79], "ci": ["0.78-0.84", "0.73-0.80", "0.76-0.83"], "images": [1200, 1200, 1200]})  # fmt: skip
    assert cohen_kappa_score([0, 1], [0, 1]) == 1
    return {
        "broom": report(tidy, "tidy.csv", index=False), "margins": report(margins, "marginal_effects.csv"), "negbin": ("negbin.txt", negative.summary().as_text().encode()), "incidence": report(at, "cif.csv", index=False), "rmst": pack.word(means, "Table 2. Restricted mean time without dialysis or death."), "lasso": report(chosen.rename_axis("feature"), "lasso.csv"),
        "proteins": pack.tsv(proteins), "proteins_xlsx": pack.excel(proteins), "clusters": report(centres, "clusters.csv"), "agreement": pack.markdown(agreement),
    }  # fmt: skip


def said() -> dict[str, File]:
    """Tables of results as people type them, and of what is no person."""
    trial = pd.DataFrame({"": ["Primary outcome, n (%)", "  Dialysis, n (%)", "  Death, n (%)", "eGFR slope, mL/min/1.73 m² per year (SE)", "Hyperkalaemia, n (%)"], "Dapagliflozin (n = 2,152)": ["197 (9.2)", "109 (5.1)", "101 (4.7)", "-2.86 (0.11)", "90 (4.2)"], "Placebo (n = 2,152)": ["312 (14.5)", "151 (7.0)", "146 (6.8)", "-3.79 (0.11)", "109 (5.1)"], "Hazard ratio (95 % CI)": ["0.61 (0.51-0.72)", "0.72 (0.56-0.92)", "0.69 (0.53-0.88)", "0.93 (0.63-1.23)", "0.82 (0.62-1.09)"], "P": ["<0.001", "0.008", "0.004", "<0.001", "0.17"]})  # fmt: skip
    prisma = pd.DataFrame({"Step": ["Records identified", "Duplicates removed", "Screened", "Excluded on title", "Full texts assessed", "Excluded", "Included studies", "Included in meta-analysis"], "Records": [2412, 640, 1772, 1601, 171, 149, 22, 9]})  # fmt: skip
    grade = pd.DataFrame({"Outcome": ["Kidney failure", "Death", "Hospital admission"], "Studies": [5, 7, 4], "Participants": [21480, 26112, 18340], "Risk of bias": ["not serious", "serious", "not serious"], "I² (%)": [12, 38, 0], "Certainty": ["⊕⊕⊕⊕ high", "⊕⊕⊕◯ moderate", "⊕⊕⊕⊕ high"]})  # fmt: skip
    lab = pd.DataFrame({"code_loinc": ["2160-0", "14959-1", "2823-3", "4548-4", "718-7"], "libelle": ["Créatinine", "Albumine/créatinine urinaire", "Potassium", "HbA1c", "Hémoglobine"], "unite": ["µmol/L", "mg/g", "mmol/L", "%", "g/dL"], "borne_inf": [15, 0, 1.5, 3, 3], "borne_sup": [2000, 10000, 9.5, 20, 25], "pct_manquants": [0.4, 22.7, 1.2, 18.9, 2.6]})  # fmt: skip
    plan = pd.DataFrame({"Lot": ["1. Données", "2. Analyses", "3. Valorisation"], "Début": ["M1", "M4", "M12"], "Fin": ["M6", "M15", "M24"], "Livrables": [3, 4, 2], "Mois-personnes": [9, 14, 6]})  # fmt: skip
    runs = pd.DataFrame({"run": range(1, 6), "seed": [11, 12, 13, 14, 15], "epochs": [30, 24, 28, 30, 22], "val_auc": [0.812, 0.809, 0.815, 0.811, 0.808], "minutes": [14, 11, 13, 14, 10]})  # fmt: skip
    cost = pd.DataFrame({"Poste": ["Hémodialyse", "Transplantation", "Médicaments", "Transports"], "Patients": [1620, 412, 17204, 1544], "Montant total (k€)": [102060, 18128, 22365, 19608], "Coût moyen (€)": [63000, 44000, 1300, 12699]})  # fmt: skip
    answers = {"study": "ckd-2022", "n": 17946, "events": {"dialysis": 612, "death": 1403}, "hazard_ratios": [{"term": "diabetes", "hr": 1.62, "ci": [1.44, 1.82]}, {"term": "age_per_10y", "hr": 1.21, "ci": [1.15, 1.27]}], "software": {"python": "3.11.7", "lifelines": "0.28.0"}, "generated": "2023-05-11T09:12:44Z"}  # fmt: skip
    return {
        "trial_docx": pack.word(trial, "Table 2. Outcomes at a median of 2.4 years."), "trial_html": pack.html(trial), "prisma": report(prisma, "prisma.csv", index=False), "grade": pack.excel(grade), "lab_fr": pack.bom_csv(lab), "plan": pack.word(plan, "Calendrier et moyens du projet."), "runs": report(runs, "runs.csv", index=False), "cost_fr": pack.bom_csv(cost),
        "answers": ("results.json", json.dumps(answers, indent=2).encode()),
    }  # fmt: skip


def chart_book() -> File:
    """A workbook with a native chart and number formats, and a sheet of definitions."""
    out = io.BytesIO()
    counts = pd.crosstab(K.stage, K.sex)
    with pd.ExcelWriter(out, engine="openpyxl") as book:
        counts.to_excel(book, sheet_name="Counts")
        (counts / counts.sum()).to_excel(book, sheet_name="Shares")
        pd.DataFrame(
            {
                "Term": ["eGFR", "RAAS"],
                "Definition": ["CKD-EPI 2009 equation", "ATC codes C09A to C09D, at least 2 dispensings in 12 months"],
            }
        ).to_excel(book, sheet_name="Definitions", index=False)
        for row in book.sheets["Shares"].iter_rows(min_row=2, min_col=2):
            for cell in row:
                cell.number_format = "0.0%"
    return "stages.xlsx", out.getvalue()


def cases() -> list[Case]:
    """The tables of the batch."""
    files = {**counted(), **estimated(), **said(), "chart_book": chart_book()}
    return [safe(f"thirty_three_{name}", "tables", file) for name, file in files.items()]
