"""Twenty-first batch: the rules of an output checker's handbook one after the other, each a safe result and its twin.

Untouched score: 86 of 97 leaks (89 %), 84 of 86 safe results (98 %). Corrected since: box plots
without any outlier were no leak, and a printed shape says nothing of whose rows it counts.
"""

import json
from typing import Any

import numpy as np
import pandas as pd

from . import pack, twenty_first_shown
from .case import Case, leak, safe

rng = np.random.default_rng(2100)


def t(**columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({name.replace("__", " "): values for name, values in columns.items()})


def summary(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.describe().round(2).reset_index()


AGES = pd.DataFrame({"age": rng.normal(61, 14, 4210).round(), "bmi": rng.normal(27, 4.5, 4210).round(1)})
MEANS = {
    "n": [812, 640, 455],
    "Mean cost (€)": [4120.5, 3988.1, 5210.7],
    "SD": [2210.4, 2104.9, 3120.2],
}
PAIRS: dict[str, tuple[pd.DataFrame, pd.DataFrame]] = {
    "frequency": (
        t(Diagnosis=["Sepsis", "Pneumonia", "Meningitis"], Stays=[1204, 3311, 142]),
        t(Diagnosis=["Sepsis", "Pneumonia", "Meningitis"], Stays=[1204, 3311, 7]),
    ),
    "crossed": (
        t(Région=["Bretagne", "Normandie", "Corse"], Hommes=[412, 388, 51], Femmes=[401, 377, 46], Total=[813, 765, 97]),
        t(Région=["Bretagne", "Normandie", "Corse"], Hommes=[412, 388, 51], Femmes=[401, 377, 6], Total=[813, 765, 57]),
    ),
    "zeros": (
        t(Grade=["I", "II", "III", "All"], **{"Alive at 1 year": [312, 288, 190, 790], "Dead at 1 year": [21, 44, 87, 152]}),
        t(Grade=["I", "II", "III", "All"], **{"Alive at 1 year": [312, 288, 0, 600], "Dead at 1 year": [21, 44, 17, 82]}),
    ),
    "rounded": (
        t(Sex=["F", "M", "All"], **{"Cases (rounded to 5)": [1205, 980, 2185]}),
        t(Sex=["F", "M", "Other", "All"], Cases=[1205, 980, 4, 2189]),
    ),
    "masked": (
        t(Ward=["A", "B", "C", "D"], Falls=["41", "<11", "<11", "58"], Stays=[812, 640, 455, 1207]),
        t(Ward=["A", "B", "C", "Total"], Falls=["41", "<11", "58", "106"], Stays=[812, 640, 455, 1907]),
    ),
    "means": (t(Group=["A", "B", "C"], **MEANS), t(Group=["A", "B", "C"], **{**MEANS, "n": [812, 640, 3]})),
    "dominance": (
        t(Laboratory=["West", "East", "South"], **{"Sales (k€)": [41200, 38700, 36650], "Contributors": [41, 38, 35], "Largest (%)": [6.2, 7.1, 8.0]}),
        t(Laboratory=["West", "East", "South"], **{"Sales (k€)": [41200, 38700, 36650], "Contributors": [41, 38, 12], "Largest (%)": [6.2, 7.1, 94.0]}),
    ),
    "percentiles": (
        t(Arm=["Drug", "Placebo"], N=[512, 498], Q1=[44, 45], Median=[61, 62], Q3=[72, 71]),
        t(Arm=["Drug", "Placebo"], N=[512, 498], Min=[18.3, 19.1], Median=[61, 62], Max=[98.7, 101.2]),
    ),
    "percents": (
        t(Centre=["A", "B"], N=[1200, 1400], **{"Readmitted (%)": [8.5, 7.9]}),
        t(Centre=["A", "B"], N=[1200, 140], **{"Readmitted (%)": [8.5, 2.1]}),
    ),
    "correlations": (
        t(Variable=["age", "bmi", "sbp"], age=[1.0, 0.12, 0.41], bmi=[0.12, 1.0, 0.22], sbp=[0.41, 0.22, 1.0]),
        t(Patient=["P1", "P2", "P3", "P4", "P5"], age=[71, 44, 63, 58, 80], bmi=[31.2, 22.4, 27.9, 24.1, 29.3], sbp=[152, 118, 141, 127, 160]),
    ),
    "coefficients": (
        t(term=["(Intercept)", "age", "sexM"], estimate=[-4.41, 0.041, 0.262], std_error=[0.16, 0.002, 0.047], p_value=[0.0, 0.0, 3e-8], df_residual=[4206, 4206, 4206]),
        t(term=["(Intercept)", "age", "sexM"], estimate=[-4.41, 0.041, 0.262], std_error=[0.16, 0.002, 0.047], p_value=[0.01, 0.02, 0.04], df_residual=[4, 4, 4]),
    ),
    "residuals": (
        t(quantity=["mean residual", "sd of residuals", "n"], value=[0.0, 4.12, 4210]),
        t(index=list(range(40)), fitted=rng.normal(61, 5, 40).round(3).tolist(), residual=rng.normal(0, 4, 40).round(3).tolist()),
    ),
    "two_by_two": (
        t(Exposure=["Yes", "No"], Cases=[120, 88], Controls=[410, 512], OR=["1.70 (1.25–2.31)", "1"]),
        t(Exposure=["Yes", "No"], Cases=[3, 88], Controls=[41, 512], OR=["0.43 (0.13–1.41)", "1"]),
    ),
    "survival": (
        t(months=[0, 12, 24, 36], at_risk=[512, 440, 361, 288], survival=[1.0, 0.91, 0.84, 0.78]),
        t(time=[3.1, 4.7, 5.2, 9.9, 11.3], at_risk=[9, 8, 6, 4, 2], survival=[0.889, 0.778, 0.648, 0.486, 0.243]),
    ),
    "confusion": (
        t(**{"": ["true 0", "true 1"], "pred 0": [8120, 412], "pred 1": [388, 1204]}),
        t(**{"": ["true 0", "true 1"], "pred 0": [8120, 4], "pred 1": [388, 31]}),
    ),
    "clusters": (
        t(cluster=[0, 1, 2], size=[1812, 1204, 96], mean_age=[61.2, 48.8, 77.1]),
        t(cluster=[0, 1, 2], size=[1812, 1204, 2], mean_age=[61.2, 48.8, 77.1]),
    ),
    "genes": (
        t(rsid=["rs429358", "rs7412"], AF=[0.152, 0.081], AC=[12400, 6610], N=[40790, 40790]),
        t(rsid=["rs429358", "rs28936415"], AF=[0.152, 0.00005], AC=[12400, 4], N=[40790, 40790]),
    ),
    "trend": (
        t(Mois=["2023-01", "2023-02", "2023-03", "2023-04"], Admissions=[412, 388, 421, 399]),
        t(Mois=["2023-01", "2023-02", "2023-03", "2023-04"], Admissions=[412, 388, 3, 399]),
    ),
    "rates": (
        t(**{"Age": ["0-17", "18-64", "65+"], "Person-years": [41200, 188300, 61240], "Events": [52, 812, 1440], "Rate per 1,000": [1.26, 4.31, 23.51]}),
        t(**{"Age": ["0-17", "18-64", "65+"], "Person-years": [41200, 188300, 61240], "Rate per 1,000": [0.0728, 4.31, 23.51]}),
    ),
    "describe": (summary(AGES).loc[lambda d: ~d["index"].isin(["min", "max"])], summary(AGES.head(9))),
    "comorbidities": (
        t(Comorbidité=["HTA", "Diabète", "BPCO"], **{"n (%)": ["1 204 (48,2 %)", "612 (24,5 %)", "98 (3,9 %)"]}),
        t(Comorbidité=["HTA", "Diabète", "Mucoviscidose"], **{"n (%)": ["1 204 (48,2 %)", "612 (24,5 %)", "2 (0,1 %)"]}),
    ),
    "drugs": (
        t(ATC=["C09AA05", "A10BA02", "N06AB04"], Libellé=["ramipril", "metformine", "citalopram"], Boîtes=[120400, 98100, 45210], Patients=[14210, 11020, 6120]),
        t(ATC=["C09AA05", "A10BA02", "L01XK01"], Libellé=["ramipril", "metformine", "olaparib"], Boîtes=[120400, 98100, 12], Patients=[14210, 11020, 1]),
    ),
    "pmsi": (
        t(GHM=["05K06T", "08C48T", "14Z13T"], Séjours=[8120, 6411, 5120], **{"DMS (jours)": [1.2, 5.4, 3.3], "Décès (%)": [0.4, 0.5, 0.3]}),
        t(GHM=["05K06T", "08C48T", "14Z13T"], Séjours=[8120, 6411, 20], **{"DMS (jours)": [1.2, 5.4, 3.3], "Décès (%)": [0.4, 0.5, 5.0]}),
    ),
    "missing": (
        t(variable=["bmi", "smoking", "hba1c"], missing=[212, 388, 1204], percent=[5.0, 9.2, 28.6]),
        t(variable=["bmi", "smoking", "hba1c"], missing=[2, 388, 1204], percent=[0.05, 9.2, 28.6]),
    ),
    "metrics": (
        t(model=["logit", "forest", "xgb"], AUC=[0.812, 0.834, 0.841], Brier=[0.112, 0.108, 0.107], sensitivity=[0.71, 0.74, 0.75]),
        t(id=[f"{n:08d}" for n in rng.integers(1, 10**8, 60)], y=rng.integers(0, 2, 60).tolist(), score=rng.random(60).round(4).tolist()),
    ),
    "importance": (
        t(feature=["age", "creatinine", "sodium"], importance=[0.41, 0.33, 0.26], sd=[0.02, 0.01, 0.01]),
        t(age=rng.integers(20, 99, 50).tolist(), creatinine=rng.normal(88, 20, 50).round(1).tolist(), shap_age=rng.normal(0, 1, 50).round(3).tolist()),
    ),
}  # fmt: skip
SAID = {
    "flow": (
        "Of 12,405 people assessed for eligibility, 10,120 were randomised and 9,870 completed follow-up.",
        "Of 12,405 people assessed for eligibility, 12,401 were randomised.",
    ),
    "result": (
        "La mortalité à 30 jours était de 4,2 % (n = 512 sur 12 190) dans le groupe exposé.",
        "La mortalité à 30 jours était de 4,2 % (n = 2 sur 48) dans le groupe exposé.",
    ),
    "age": (
        "Median age was 64 years (IQR 55–72) in the 4,210 patients included.",
        "The oldest patient was 103 years old and lived in Ouessant.",
    ),
    "interval": (
        "The hazard ratio was 0.84 (95 % CI 0.77 to 0.92; p < 0.001), based on 1,204 events.",
        "The hazard ratio was 0.84 (95 % CI 0.07 to 9.92; p = 0.9), based on 3 events in the treated arm.",
    ),
    "method": (
        "We used 5-fold cross-validation, 3 lags and a significance level of 5 %; two authors checked the code.",
        "We used 5-fold cross-validation; 3 patients with Kounis syndrome were in the last fold.",
    ),
    "dates": (
        "The study period ran from 1 January 2015 to 31 December 2021; data were extracted on 3 March 2022.",
        "The patient of bed 12 was admitted on 3 March 2019 and died on 7 March 2019 at 14:32.",
    ),
    "places": (
        "Incidence was highest in Brittany (212 per 100,000; 7,104 cases) and lowest in Corsica (98; 338 cases).",
        "In the commune of Sainte-Marguerite (pop. 212) there was one case, a woman of 87.",
    ),
    "rule": (
        "Counts below 11 were replaced by '<11' and all numbers were rounded to the nearest 5.",
        "Counts below 11 were replaced by '<11'; ward B, whose true count is 4, is an exception.",
    ),
    "limits": (
        "Une limite de l'étude est que 15 % des 8 120 questionnaires n'ont pas été renvoyés.",
        "Une limite de l'étude est que seuls 4 patients du bras B ont été revus.",
    ),
    "citation": (
        "See Dupont et al., Lancet 2019;393:1234-45, doi:10.1016/S0140-6736(19)30041-8.",
        "See the record of Mrs Jeanne Dupont, born 12/03/1948, NIR 2 48 03 29 232 018 41.",
    ),
}
PROGRAMS = {
    "training": (
        "Epoch 1/3\n312/312 - 4s - loss: 0.6121 - val_loss: 0.5512\nEpoch 2/3\n312/312 - 3s - loss: 0.5012 - val_loss: 0.4921\nEpoch 3/3\n312/312 - 3s - loss: 0.4710 - val_loss: 0.4888\n",
        "Epoch 1/1\nworst samples: idx=[4121, 88, 902] ipp=['8001234567', '8007654321', '8009182736'] loss=[9.1, 8.7, 8.2]\n",
    ),
    "shape": (
        "df.shape: (41210, 18)\nmemory usage: 5.7 MB\ndtypes: float64(9), int64(6), object(3)\n",
"rare category 'Fabry': 3 patients\nmemory usage: 1.2 KB\n",
    ),
    "logistic": (
        "Optimization terminated successfully.\n         Current function value: 0.334211\n         Iterations 7\nNo. Observations: 12405   Df Residuals: 12401   Df Model: 3\n",
        "Optimization terminated successfully.\n         Iterations 7\nNo. Observations: 9   Df Residuals: 5   Df Model: 3\n",
    ),
    "counts": (
        "sexe\nF    6120\nM    5988\nName: count, dtype: int64\n",
        "sexe\nF    6120\nM    5988\nX       2\nName: count, dtype: int64\n",
    ),
    "versions": (
        "python 3.11.2\npandas 3.0.1\nscikit-learn 1.8.0\nseed = 42\nn_estimators = 500\nmax_depth = 6\n",
        "python 3.11.2\nfirst row: {'nir': '2480329232018', 'ddn': '1948-03-12', 'cp': '29242'}\n",
    ),
}  # fmt: skip


def settings() -> dict[str, Any]:
    return {"model": "xgboost", "params": {"max_depth": 4, "eta": 0.05, "n_rounds": 300}, "cv": 5, "n_train": 9924, "n_test": 2481, "auc": 0.8412, "thresholds": [0.1, 0.2, 0.5]}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    found: list[Case] = []
    for i, (name, both) in enumerate(PAIRS.items()):
        for make, frame, word in ((safe, both[0], "safe"), (leak, both[1], "leak")):
            for n, packed in enumerate(pack.turn(pack.TABLES, i, 2)):
                found.append(make(f"twenty_first_{name}_{word}_{n}", "tables", packed(frame)))
    for i, (name, texts) in enumerate(SAID.items()):
        for make, body, word in ((safe, texts[0], "safe"), (leak, texts[1], "leak")):
            found.append(make(f"twenty_first_{name}_{word}", "prose", pack.turn(pack.PROSE, i, 1)[0](body)))
    for i, (name, texts) in enumerate(PROGRAMS.items()):
        for make, body, word in ((safe, texts[0], "safe"), (leak, texts[1], "leak")):
            found.append(make(f"twenty_first_{name}_{word}", "logs", (pack.book_stream if i % 2 else pack.log)(body)))
    few = {**settings(), "by_group": {"F": {"n": 1204, "auc": 0.84}, "X": {"n": 4, "auc": 0.5}}}
    found.append(safe("twenty_first_settings", "json", ("metrics.json", json.dumps(settings(), indent=1).encode())))
    found.append(leak("twenty_first_group_of_four", "json", ("metrics.json", json.dumps(few, indent=1).encode())))
    return [*found, *twenty_first_shown.cases()]
