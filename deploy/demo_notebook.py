"""The notebook of the demo: survival on a real breast-cancer cohort, antibiotic dispensings on synthetic claims.

Its first version makes two mistakes that people make: it shows raw rows, and it counts in bands so narrow that a
cell holds a few persons. The mended version is what the check's findings ask for.
"""

from typing import Any

NOTEBOOK = "analysis.ipynb"
TABLE = "results/patients-by-age-and-grade.csv"

TITLE = """# Hormone therapy and survival; antibiotics dispensed

GBSG2: women with node-positive breast cancer. Claims: a synthetic extract of the SNDS."""

LOAD = """\
import duckdb
import matplotlib.pyplot as plt
import pandas as pd
from lifelines import KaplanMeierFitter

women = duckdb.sql("from '/data/gbsg2/GBSG2.parquet'").df()"""

ROWS = "women.head(20)"

SURVIVAL = """\
figure, axes = plt.subplots(figsize=(6, 4))
rows = []
for label, group in women.groupby("horTh"):
    curve = KaplanMeierFitter(label=f"hormone therapy: {label}").fit(group["time"], group["cens"])
    curve.plot_survival_function(ax=axes, ci_show=True)
    rows.append({"hormone therapy": label, "women": len(group), "survival at 3 years": round(curve.predict(1095), 2)})
axes.set_xlabel("days")
axes.set_ylabel("without recurrence")
plt.show()
print(pd.DataFrame(rows).to_string(index=False))"""

COUNT = """\
from pathlib import Path

age = pd.cut(women["age"], {bins}, labels={labels})
table = pd.crosstab(age, women["tgrade"]).rename_axis(index="age", columns=None)
Path("results").mkdir(exist_ok=True)
table.to_csv("{path}")
table"""

CLAIMS = """\
line = ["DCT_ORD_NUM", "FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD",
        "ORG_CLE_NUM", "PRS_ORD_NUM", "REM_TYP_AFF"]
# antibiotics are class J01; reversal lines are negative, so quantities are summed and what is left is kept
print(duckdb.sql(f'''
    with dispensed as (
        select BEN_NIR_PSA, year(EXE_SOI_DTD) as year, PHA_PRS_C13, EXE_SOI_DTD, sum(PHA_ACT_QSN) as packs
        from '/data/snds/ER_PRS_F.parquet' join '/data/snds/ER_PHA_F.parquet' using ({", ".join(line)})
        join '/data/medicines/MEDICINES.parquet' on PHA_PRS_C13 = CIP13
        where ATC like 'J01%' group by all having packs > 0)
    select year, count(distinct BEN_NIR_PSA) as persons, count(*) as dispensings
    from dispensed group by year order by year
''').df().to_string(index=False))"""


def notebook(*, mended: bool) -> dict[str, Any]:
    """The notebook without outputs, nbformat 4.5."""
    bins, labels = ([0, 45, 60, 120], ["under 45", "45 to 59", "60 and over"])
    if not mended:
        bins, labels = ([0, 30, 40, 50, 60, 70, 120], ["<30", "30-39", "40-49", "50-59", "60-69", "70+"])
    cells = [LOAD, *([] if mended else [ROWS]), SURVIVAL, COUNT.format(bins=bins, labels=labels, path=TABLE), CLAIMS]
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {"id": "title", "cell_type": "markdown", "metadata": {}, "source": TITLE},
            *(
                {
                    "id": f"cell-{n}",
                    "cell_type": "code",
                    "metadata": {},
                    "source": s,
                    "outputs": [],
                    "execution_count": None,
                }
                for n, s in enumerate(cells)
            ),
        ],
    }
