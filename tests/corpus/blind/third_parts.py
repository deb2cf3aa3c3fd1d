"""Third batch: the safe parts of reports that surround a leak or stand alone."""

from typing import Any

import pandas as pd

from . import pack
from .case import File

PROSE = (
    "The cohort was built from the national claims database (2015 to 2022) with version 2.3.1 of the pipeline. A Cox model adjusted for age, sex and NYHA class (I to IV) gave a hazard ratio of 0.88 (95% CI 0.80 to 0.97; p = 0.011).",
    "L'étude porte sur les séjours de 2015 à 2022. Le modèle logistique est ajusté sur l'âge (par 10 ans), le sexe et le score de Charlson (0 à 10). OR = 1,42 [1,31 ; 1,54], p < 0,001.",
    "Hyper-parameters: learning rate 3e-5, batch size 8, 3 epochs, 12 layers, dropout 0.1, seed 42. The threshold was set to 0.5 on the validation set (20 % of the sample).",
)


def table_one(french: bool = True) -> pd.DataFrame:
    names = ["Âge, moyenne (ET)", "Femme", "Diabète", "NYHA I", "NYHA II", "NYHA III", "NYHA IV", "IMC, médiane [IQR]"]
    if not french:
        names = [
            "Age, mean (SD)",
            "Female",
            "Diabetes",
            "NYHA I",
            "NYHA II",
            "NYHA III",
            "NYHA IV",
            "BMI, median [IQR]",
        ]
    return pd.DataFrame(
        {
            "Caractéristique" if french else "Characteristic": names,
            "Bras A (N = 24106)" if french else "Arm A (N = 24106)": ["71.2 (12.1)", "11546 (47.9)", "7521 (31.2)", "2217 (9.2)", "9160 (38.0)", "8919 (37.0)", "3810 (15.8)", "26.4 [23.1-30.2]"],
            "Bras B (N = 24107)" if french else "Arm B (N = 24107)": ["71.0 (12.3)", "11547 (47.9)", "7305 (30.3)", "2266 (9.4)", "9233 (38.3)", "8847 (36.7)", "3761 (15.6)", "26.5 [23.0-30.3]"],
            "p": ["0.31", "0.99", "0.04", "0.44", "0.49", "0.47", "0.53", "0.62"],
        }
    )  # fmt: skip


COX = """  n= 48213, number of events= 6120

              coef exp(coef)  se(coef)      z Pr(>|z|)
traitementB -0.1278    0.8800    0.0492 -2.598  0.00938 **
age          0.0511    1.0524    0.0012 42.583  < 2e-16 ***
sexeH        0.1204    1.1279    0.0258  4.667 3.06e-06 ***

Concordance= 0.712  (se = 0.004 )
"""
EPOCHS = "".join(
    f"Epoch {i}/6 - 41s - loss: {0.52 - 0.03 * i:.4f} - val_loss: {0.55 - 0.025 * i:.4f} - val_auc: {0.72 + 0.012 * i:.4f}\n"
    for i in range(1, 7)
)


def book(*cells: dict[str, Any], metadata: dict[str, Any] | None = None) -> File:
    """A notebook of 14 safe cells, with more cells in its middle."""
    one = table_one()
    cell, text, stream = pack.cell, pack.text_cell, pack.stream
    python = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}, "language_info": {"name": "python", "version": "3.11.8"}}  # fmt: skip
    before = [
        text("# Insuffisance cardiaque : analyse principale\n\nVersion 1.4 du 12 mars 2024. Données 2015-2022."),
        cell("import pandas as pd\nimport numpy as np\nSEED = 42\nnp.random.seed(SEED)"),
        cell("df = pd.read_parquet('cohorte.parquet')\nprint(len(df))", stream("48213\n")),
        cell(
            "df = df[(df.age >= 18) & (df.annee.between(2015, 2022))]\nprint(f'{len(df)} patients')",
            stream("48213 patients\n"),
        ),
        text("## Table 1\n\nn (%) sauf mention contraire."),
        cell("table1", pack.shown(one)),
        cell("def classe_imc(x):\n    return np.select([x < 18.5, x < 25, x < 30], [0, 1, 2], 3)"),
    ]
    after = [
        text("## Modèle de survie"),
        cell("print(fit.summary())", stream(COX)),
        cell("history = model.fit(X, y, epochs=6, batch_size=8)", stream(EPOCHS)),
        cell("roc_auc_score(y, p)", pack.result({"text/plain": "0.8012"})),
        cell("params", pack.result({"text/plain": "{'max_depth': 4, 'n_estimators': 200, 'min_samples_leaf': 50, 'learning_rate': 0.05}"})),
        cell("grid.best_score_", pack.result({"text/plain": "0.7991"})),
        text("Conclusion : le traitement B réduit la mortalité (HR 0,88)."),
    ]  # fmt: skip
    return pack.notebook(*before, *cells, *after, metadata={**python, **(metadata or {})})
