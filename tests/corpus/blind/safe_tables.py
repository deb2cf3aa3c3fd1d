"""Safe tables as researchers save them."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from . import pack
from .case import Case, safe


def cohort(many: int = 4000) -> pd.DataFrame:
    chance = np.random.default_rng(21)
    return pd.DataFrame({
        "age": chance.normal(64, 12, many).clip(20, 95).round(), "sex": chance.choice(["F", "M"], many),
        "region": chance.choice(["Bretagne", "Normandie", "Pays de la Loire"], many), "bmi": chance.normal(26, 4, many).round(1),
        "dead": chance.integers(0, 2, many), "crp": chance.gamma(2, 30, many).round(1),
    })  # fmt: skip


def frames() -> dict[str, pd.DataFrame]:
    made: dict[str, dict[str, list[object]]] = {
        "regions": {"region": ["Bretagne", "Normandie", "Centre", "Total"], "n": [1204, 952, 611, 2767]},
        "regions_fr": {"région": ["Bretagne", "Normandie"], "effectif": ["12 402", "9 851"], "part": ["55,7 %", "44,3 %"]},
        "table_one": {"Characteristic": ["Age, median [IQR]", "Female sex, n (%)", "BMI, mean ± SD", "Diabetes, n (%)", "Creatinine, µmol/l, median [IQR]"], "Treated (N = 1204)": ["64 [55–72]", "602 (50.0)", "26.1 ± 4.2", "214 (17.8)", "78 [64–95]"], "Control (N = 1188)": ["63 [54–72]", "611 (51.4)", "26.3 ± 4.4", "198 (16.7)", "79 [65–96]"], "p": ["0.31", "0.49", "0.25", "0.47", "0.12"]},
        "table_one_fr": {"Caractéristique": ["Âge, médiane [Q1–Q3]", "Hommes, n (%)", "HTA, n (%)"], "Population (N = 2 392)": ["64 [55–72]", "1 179 (49,3)", "1 044 (43,6)"], "p": ["0,31", "0,49", "< 0,001"]},
        "odds": {"variable": ["age (per 10 y)", "male sex", "diabetes", "COPD"], "OR": [1.31, 1.12, 1.84, 1.45], "95% CI": ["1.22–1.41", "0.98–1.28", "1.55–2.18", "1.20–1.75"], "p-value": ["<0.001", "0.09", "<0.001", "<0.001"]},
        "hazards": {"covariable": ["âge", "sexe (H)", "stade III"], "HR": ["1,03", "1,21", "2,87"], "IC 95 %": ["[1,02 ; 1,04]", "[1,04 ; 1,41]", "[2,31 ; 3,56]"], "p": ["< 0,001", "0,013", "< 0,001"]},
        "suppressed": {"ward": ["A", "B", "C", "D"], "stroke": ["45", "<11", "38", "<11"], "no stroke": ["310", "288", "402", "351"]},
        "suppressed_pair": {"region": ["North", "South", "East", "West", "Total"], "n": ["412", "*", "*", "388", "1033"]},
        "rounded": {"region": ["North", "South", "East"], "patients (rounded to 5)": [120, 85, 410]},
        "code_list": {"code": [1, 2, 9], "label": ["men", "women", "unknown"]},
        "code_list_fr": {"modalité": ["1", "2", "3"], "libellé": ["Homme", "Femme", "Indéterminé"]},
        "icd": {"code": ["I21", "I63", "N18", "C50", "J44", "A41"], "libellé": ["Infarctus aigu du myocarde", "Infarctus cérébral", "Maladie rénale chronique", "Tumeur maligne du sein", "BPCO", "Autres sepsis"]},
        "atc": {"ATC": ["A10BA02", "B01AA03", "C10AA05", "J01CA04"], "molécule": ["metformine", "warfarine", "atorvastatine", "amoxicilline"], "patients": [1204, 318, 1877, 2410]},
        "ccam": {"CCAM": ["DDAF001", "NEKA020", "EQQP008"], "séjours": [812, 1544, 977], "tarif moyen": [641.2, 509.9, 67.1]},
        "years": {"year": [2015, 2016, 2017, 2018, 2019, 2020], "admissions": [8120, 8344, 8511, 8602, 8744, 7312], "rate per 1000": [12.1, 12.3, 12.5, 12.5, 12.6, 10.4]},
        "months": {"month": ["2021-01", "2021-02", "2021-03"], "stays": [812, 744, 851], "mean LOS (days)": [6.1, 5.9, 6.3]},
        "departments": {"département": ["22", "29", "35", "56"], "code postal siège": ["22000", "29000", "35000", "56000"], "patients": [612, 1022, 1204, 755]},
        "metrics": {"model": ["logistic", "random forest", "xgboost"], "AUC": [0.781, 0.804, 0.812], "F1": [0.61, 0.63, 0.64], "Brier": [0.142, 0.138, 0.136]},
        "folds": {"fold": [1, 2, 3, 4, 5], "train_n": [3200, 3200, 3200, 3200, 3200], "auc": [0.79, 0.81, 0.8, 0.78, 0.82]},
        "importances": {"feature": ["age", "creatinine", "sex", "nb_ald", "bmi"], "importance": [0.312, 0.244, 0.091, 0.203, 0.15], "rank": [1, 2, 5, 3, 4]},
        "confusion": {"": ["actual 0", "actual 1"], "predicted 0": [1840, 212], "predicted 1": [164, 784]},
        "tests": {"test": ["Kruskal-Wallis", "χ²", "Mann-Whitney"], "statistic": [12.4, 8.1, 18211.0], "ddl": [3, 2, 1], "p": [0.006, 0.017, 0.21]},
        "dictionary": {"variable": ["AGE_ANN", "SEX_COD", "DDN", "NIR_ANO"], "type": ["int", "int", "date", "chaîne"], "description": ["âge en années", "1 = homme, 2 = femme", "date de naissance (non diffusée)", "pseudonyme (non diffusé)"]},
        "parameters": {"parameter": ["learning_rate", "max_depth", "n_estimators", "seed"], "value": [0.05, 6, 500, 42]},
        "rates": {"âge": ["0-14", "15-44", "45-64", "65-79", "80+"], "taux standardisé p. 100 000": ["12,4", "88,1", "311,0", "902,7", "1 844,2"]},
        "correlation": {"": ["age", "bmi", "crp"], "age": [1.0, 0.12, 0.21], "bmi": [0.12, 1.0, 0.18], "crp": [0.21, 0.18, 1.0]},
        "power": {"effet": [0.1, 0.2, 0.3], "N par bras": [1571, 394, 176], "puissance": ["80 %", "80 %", "80 %"]},
        "likert": {"item": ["Q1", "Q2", "Q3"], "1": [120, 88, 64], "2": [210, 188, 152], "3": [310, 288, 340], "4": [205, 266, 251], "5": [99, 114, 137]},
        "schema": {"table": ["ER_PRS_F", "T_MCO_B", "KI_CCI_R"], "lignes": [48211904, 912544, 61022], "colonnes": [64, 41, 12]},
        "scores": {"Charlson": [0, 1, 2, 3], "patients": [1211, 802, 455, 210], "mortality, %": [4.1, 7.9, 14.2, 22.8]},
        "delays": {"centre": ["CHU Rennes", "CHU Brest", "CHU Nantes"], "n": [412, 388, 504], "median delay, min [IQR]": ["41 [30–58]", "44 [31–60]", "39 [28–55]"]},
        "timing": {"step": ["load", "link", "fit"], "seconds": [4.2, 61.8, 3.1], "memory (GB)": [1.2, 3.4, 0.8]},
        "vif": {"variable": ["age", "bmi", "crp"], "VIF": [1.2, 1.1, 1.3], "df": [1, 1, 1]},
    }  # fmt: skip
    return {name: pd.DataFrame(columns) for name, columns in made.items()}


def computed() -> dict[str, pd.DataFrame]:
    """What pandas computes from a cohort of 4,000."""
    people = cohort()
    groups = people.groupby(["region", "sex"])
    bands = pd.cut(people.age, [0, 50, 60, 70, 80, 120], right=False)
    return {
        "describe": people[["age", "bmi", "crp"]].describe().drop(["min", "max"]).round(1).reset_index(),
        "group_means": groups[["age", "bmi"]].mean().round(2).reset_index(),
        "group_sizes": groups.size().reset_index(name="n"),
        "group_agg": groups.agg(n=("age", "size"), mean_age=("age", "mean"), sd_age=("age", "std")).round(1).reset_index(),
        "crosstab": pd.crosstab(people.region, people.sex, margins=True).reset_index(),
        "crosstab_share": pd.crosstab(people.region, people.sex, normalize="index").round(3).reset_index(),
        "value_counts": people.region.value_counts().reset_index(),
        "age_bands": pd.crosstab(bands, people.dead).reset_index().astype({"age": str}),
        "corr": people[["age", "bmi", "crp"]].corr().round(2).reset_index(),
        "pivot": people.pivot_table(index="region", columns="sex", values="crp", aggfunc="mean").round(1).reset_index(),
        "missing": people.isna().mean().mul(100).round(1).rename_axis("variable").reset_index(name="% missing"),
    }  # fmt: skip


def released() -> Iterator[Case]:
    old = pd.DataFrame({"region": ["North", "South"], "n": [1204, 952]})
    new = pd.DataFrame({"region": ["North", "South"], "n": [1388, 1120]})
    yield safe("released_grown", "linked", pack.csv(new), released=(("old.csv", pack.csv(old)[1]),))
    yield safe("released_same", "linked", pack.csv(old), released=(("old.csv", pack.csv(old)[1]),))
    other = pd.DataFrame({"drug": ["metformin", "warfarin"], "patients": [1204, 318]})
    yield safe("released_other", "linked", pack.csv(other), released=(("old.csv", pack.csv(old)[1]),))
    metrics = pd.DataFrame({"model": ["a", "b"], "AUC": [0.79, 0.81]})
    files = [("t/" + pack.csv(old)[0], pack.csv(old)[1]), ("m/" + pack.csv(metrics)[0], pack.csv(metrics)[1])]
    yield safe("several_files", "linked", *files, ("notes.md", b"# Results\n\n2156 patients in two regions.\n"))


def cases() -> list[Case]:
    made = []
    for place, (name, frame) in enumerate({**frames(), **computed()}.items()):
        for form in pack.turn(pack.TABLES, place + 1, 2):
            made.append(safe(f"{name}-{form.__name__}", "table", form(frame)))  # noqa: PERF401
    return [*made, *released()]
