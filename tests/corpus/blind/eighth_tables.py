"""Eighth batch: leaks in tables, some shown, some to be computed."""

import json

import pandas as pd

from .case import Case, leak
from .pack import (
    as_json,
    book,
    csv,
    excel,
    french_csv,
    html,
    latex,
    log,
    markdown,
    parquet,
    printed_book,
    text,
    tsv,
    word,
    zipped,
)  # fmt: skip

GTSUMMARY = """
| **Characteristic** | **Overall** N = 148 | **Drug A** N = 75 | **Drug B** N = 73 |
|:---|:---:|:---:|:---:|
| Age (years) | 47 (38, 57) | 46 (37, 60) | 48 (39, 56) |
| Grade | | | |
| I | 68 (46%) | 35 (47%) | 33 (45%) |
| II | 72 (49%) | 36 (48%) | 36 (49%) |
| III | 8 (5.4%) | 4 (5.3%) | 4 (5.5%) |
"""

BOOKTABS = r"""
\begin{tabular}{lccc}
\toprule
 & \multicolumn{2}{c}{Events/patients} & HR (95\% CI) \\
Subgroup & Apixaban & Warfarin & \\
\midrule
All & 212/4,120 & 265/4,081 & 0.79 (0.66--0.95) \\
Prior stroke & 88/902 & 97/911 & 0.91 (0.68--1.21) \\
Weight < 50 kg & 7/203 & 14/198 & 0.49 (0.20--1.21) \\
\bottomrule
\end{tabular}
"""

KABLE = """<table class="table table-striped" style="margin-left: auto;"><caption>Séjours par unité</caption>
<thead><tr><th style="text-align:left;">Unité</th><th>Hommes</th><th>Femmes</th><th>Ensemble</th></tr></thead><tbody>
<tr><td>Cardiologie</td><td>112</td><td>94</td><td>206</td></tr>
<tr><td>Pneumologie</td><td>61</td><td>NC</td><td>68</td></tr>
<tr><td>Gériatrie</td><td>150</td><td>201</td><td>351</td></tr></tbody></table>"""


def shown() -> list[Case]:
    one = pd.DataFrame(
        {
            "": ["n", "Sex (%)", "", "Smoking (%)", "", ""],
            "level": ["", "Female", "Male", "Never", "Former", "Current"],
            "Overall": ["251", "140 (55.8)", "111 (44.2)", "150 (59.8)", "98 (39.0)", "3 ( 1.2)"],
            "Missing": ["", "0.0", "", "0.0", "", ""],
        }
    )
    codes = pd.DataFrame({"cim10": ["I21.0", "I21.1", "I21.4", "I22.0"], "libelle": ["IDM antérieur", "IDM inférieur", "IDM sous-endo", "IDM à répétition"], "nb_sejours": [412, 388, 951, 2]})  # fmt: skip
    units = {"CHU": {"0-17": 42, "18-64": 310, "65+": 505}, "CH": {"0-17": 5, "18-64": 120, "65+": 233}}
    sky = pd.DataFrame({"arm": ["A", "A", "B", "B"], "event": ["death", "alive", "death", "alive"], "size": [9, 191, 14, 188]})  # fmt: skip
    vital = pd.DataFrame({"stat": ["count", "mean", "std", "min", "25%", "50%", "75%", "max"], "age": [1840, 61.27, 14.02, 18, 52, 62, 72, 101], "imc": [1832, 26.41, 5.13, 13.9, 22.7, 25.8, 29.4, 61.8]})  # fmt: skip
    risk = pd.DataFrame({"temps (mois)": [0, 6, 12, 24, 36], "à risque": [180, 131, 77, 29, 6], "événements": [0, 31, 29, 24, 11], "survie": [1.0, 0.83, 0.66, 0.41, 0.26]})  # fmt: skip
    weird = pd.DataFrame({"Commune": ["Quimper", "Concarneau", "Île-de-Sein"], "Cas de légionellose": [31, 12, 1], "Habitants": [63642, 19953, 262]})  # fmt: skip
    return [
        leak("eighth_gtsummary", "shown", text_table(GTSUMMARY)),
        leak("eighth_tableone", "shown", csv(one)),
        leak("eighth_codes", "shown", french_csv(codes)),
        leak("eighth_nested", "shown", ("counts.json", json.dumps(units, indent=1).encode())),
        leak("eighth_groupby_size", "shown", parquet(sky)),
        leak("eighth_describe", "shown", book(vital)),
        leak("eighth_at_risk", "shown", word(risk, "Tableau 3. Survie sans progression.")),
        leak("eighth_communes", "shown", excel(weird, "Veille sanitaire")),
        leak("eighth_booktabs", "shown", ("table.tex", BOOKTABS.encode())),
        leak("eighth_wide_years", "shown", tsv(pd.DataFrame({"diagnosis": ["ALS", "MS"], "2017": [31, 210], "2018": [8, 251], "2019": [27, 240]}))),
    ]  # fmt: skip


def text_table(body: str) -> tuple[str, bytes]:
    return "table1.md", ("# Table 1\n" + body).encode()


def computed() -> list[Case]:
    share = pd.DataFrame({"Département": ["Finistère", "Morbihan", "Côtes-d'Armor"], "Séjours": [812, 640, 498], "% transferts": ["2,3 %", "1,1 %", "3,4 %"]})  # fmt: skip
    rate = pd.DataFrame({"region": ["North", "South", "East"], "population": [120500, 98400, 45100], "rate_per_100000": [34.9, 41.7, 11.1]})  # fmt: skip
    cost = pd.DataFrame({"GHM": ["05M092", "05K051", "05C021"], "cout_moyen": [3120.5, 2244.0, 18930.25], "cout_total": [624100.0, 403920.0, 75721.0]})  # fmt: skip
    cum = pd.DataFrame({"month": ["2021-01", "2021-02", "2021-03", "2021-04"], "cumulative_inclusions": [52, 118, 121, 190]})  # fmt: skip
    all_sexes = pd.DataFrame({"region": ["Bretagne", "Normandie", "Corse"], "patients": [1402, 1105, 213]})
    men = pd.DataFrame({"region": ["Bretagne", "Normandie", "Corse"], "men": [840, 690, 207]})
    pivot = pd.DataFrame({"sexe": ["F", "H", "All"], "Brest": ["45", "61", "106"], "Rennes": ["<11", "80", "88"], "All": ["53", "141", "194"]})  # fmt: skip
    masked = pd.DataFrame({"Classe d'âge": ["0-17", "18-39", "40-64", "65 et +", "Total"], "Effectif": ["< 5", "122", "317", "402", "844"]})  # fmt: skip
    old = pd.DataFrame({"service": ["A", "B", "C"], "n": [420, 388, 512]})
    new = pd.DataFrame({"service": ["A", "B", "C"], "n": [415, 388, 540]})
    big = pd.DataFrame({"établissement": ["clinique 1", "clinique 2", "clinique 3"], "n": [40, 55, 31], "recettes": [910000, 1200300, 780100], "part du plus gros patient": [0.12, 0.93, 0.08]})  # fmt: skip
    wide = pd.DataFrame({"outcome": ["stroke", "MI", "bleeding"], "n_total": [188, 240, 305], "n_women": [180, 121, 150], "pct_men": [4.3, 49.6, 50.8]})  # fmt: skip
    mean_flag = pd.DataFrame({"unité": ["UHCD", "Réa", "SSPI"], "n": [140, 96, 211], "moyenne(décès=1)": [0.05, 0.396, 0.014]})  # fmt: skip
    rank = pd.DataFrame({"quantile": ["1%", "5%", "50%", "95%", "99%", "100%"], "délai (j)": [0, 1, 9, 31, 67, 402]})
    lost = pd.DataFrame({"step": ["eligible", "after age criterion", "after consent", "analysed"], "patients": [2310, 2306, 2180, 2144]})  # fmt: skip
    return [
        leak("eighth_share", "computed", excel(share)),
        leak("eighth_rate", "computed", csv(rate)),
        leak("eighth_mean_total", "computed", french_csv(cost)),
        leak("eighth_cumulative", "computed", as_json(cum)),
        leak("eighth_two_files", "computed", zipped(("all.csv", csv(all_sexes)[1]), ("men.csv", csv(men)[1]))),
        leak("eighth_pivot_margin", "computed", printed_book(pivot)),
        leak("eighth_masked_total", "computed", word(masked)),
        leak("eighth_release", "computed", csv(new), released=(csv(old),)),
        leak("eighth_dominance", "computed", excel(big)),
        leak("eighth_women_of_total", "computed", html(wide)),
        leak("eighth_mean_of_flag", "computed", latex(mean_flag)),
        leak("eighth_quantiles", "computed", markdown(rank)),
        leak("eighth_attrition", "computed", csv(lost)),
        leak("eighth_kable", "computed", ("sejours.html", f"<html><body>{KABLE}</body></html>".encode())),
    ]


STATA = """
. tab stade sexe, row

+----------------+
| Key            |
|----------------|
|   frequency    |
| row percentage |
+----------------+

           |         sexe
     stade |         F          M |     Total
-----------+----------------------+----------
         I |       210        189 |       399
           |     52.63      47.37 |    100.00
-----------+----------------------+----------
        IV |        38          4 |        42
           |     90.48       9.52 |    100.00
-----------+----------------------+----------
     Total |       248        193 |       441
           |     56.24      43.76 |    100.00
"""

SAS = """
                                     The FREQ Procedure

                                              Cumulative    Cumulative
       issue          Frequency     Percent     Frequency      Percent
       ----------------------------------------------------------------
       Domicile           1204       88.92          1204        88.92
       SSR                 141       10.41          1345        99.34
       Décès                 9        0.66          1354       100.00

                                   Frequency Missing = 6
"""

R_TABLE = """> with(d, table(vaccin, myocardite))
         myocardite
vaccin     non   oui
  ARNm    8123     7
  vecteur 2950    12
> xtabs(~ centre, d)
centre
   A    B    C
4021 5210 1861
"""

TREE = """|--- age <= 61.50
|   |--- crp <= 12.40
|   |   |--- class: 0  (samples = 812)
|   |--- crp >  12.40
|   |   |--- class: 1  (samples = 5)
|--- age >  61.50
|   |--- class: 1  (samples = 331)
"""

REPORT = """              precision    recall  f1-score   support

      benign       0.97      0.99      0.98       842
   malignant       0.88      0.71      0.79         6

    accuracy                           0.97       848
   macro avg       0.93      0.85      0.89       848
weighted avg       0.97      0.97      0.97       848
"""

MATRIX = """Confusion matrix on the hold-out set
[[512   3]
 [ 21 164]]
"""

LIFELINES = """          removed  observed  censored  entrance  at_risk
event_at
0.0             0         0         0       163      163
6.0            21        19         2         0      163
7.0             4         3         1         0      142
9.0            38        32         6         0      138
"""

MERMAID = """flowchart TD
  A[Patients with a stay in 2019, n = 8 120] --> B[Aged 18 or more, n = 7 904]
  B --> C[Opposed to reuse, n = 9]
  B --> D[Analysed, n = 7 895]
"""

COUNTS = """>>> df.dept.value_counts()
dept
29    1402
56     861
22     640
35      17
44       3
Name: count, dtype: int64
"""


def logs() -> list[Case]:
    return [
        leak("eighth_stata_tab", "logs", log(STATA)),
        leak("eighth_sas_freq", "logs", ("freq.lst", SAS.encode())),
        leak("eighth_r_table", "logs", text(R_TABLE)),
        leak("eighth_export_text", "logs", text(TREE)),
        leak("eighth_support", "logs", text(REPORT)),
        leak("eighth_confusion", "logs", log(MATRIX)),
        leak("eighth_event_table", "logs", text(LIFELINES)),
        leak(
            "eighth_mermaid", "logs", ("flow.md", f"# Flow\n\n```mermaid\n{MERMAID}```\n".encode()), payload=["n = 9"]
        ),
        leak("eighth_value_counts", "logs", log(COUNTS)),
    ]


def cases() -> list[Case]:
    """The cases of this part."""
    return [*shown(), *computed(), *logs()]
