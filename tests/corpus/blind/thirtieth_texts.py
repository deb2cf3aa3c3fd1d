"""Thirtieth batch: sentences of reports, what programs print, and objects of JSON."""

import json

from . import pack
from .case import Case, leak, safe

SAID = {
    "only_centre": "Une seule clinique du Finistère pratique cette chirurgie ; sa mortalité est de 12 %.",
    "withdrew": "Patient 014 withdrew consent after the second dose because of a divorce.",
    "half_of_six": "Half of the six pregnant participants miscarried.",
    "home": "Aucun des 14 résidents du foyer Ker Heol n'était vacciné.",
    "tallest": "The tallest participant measured 2.11 m.",
    "firefighter": "Our index subject, a 41-year-old firefighter from Quimper, presented with acute hepatitis.",
    "mayor": "Le maire de Plougastel figure parmi les patients hospitalisés.",
    "t_three": "The difference was not significant (t(3) = 2.9, p = 0.06).",
    "five_observations": "The model reached R² = 1.00 with 5 observations and 4 predictors.",
    "quarters": "Les trois quarts des huit cas ont été opérés.",
    "last_date": "Follow-up ended for the last subject on 12 March 2021, the day of her death.",
    "one_in_seven": "One in seven of the 21 carriers died.",
    "fratrie": "La cohorte comprend une fratrie de trois atteinte de mucoviscidose.",
    "remaining": "All patients were discharged home; the remaining one was transferred to a psychiatric unit.",
    "outlier": "After leaving out one stay of 412 days, the mean length of stay was 6.2 days (n = 55).",
    "incidence": "Incidence was 1.3 per 100,000 in a region of 230,000 inhabitants in 2022.",
    "couple": "A couple of patients developed tetanus; both recovered.",
    "majority_payer": "A single hospital accounts for 94 % of spending on CAR-T cells in the region.",
    "fewer_than": "Les effectifs inférieurs à 11 sont notés « s » ; pour les brûlures, s vaut 4.",
    "against": "Le vote des comités : parmi les 12 enfants du centre, tous sauf un ont reçu la dose.",
    "physio": "Le seul kinésithérapeute du service s'est absenté 112 jours en 2022 pour dépression.",
}
PRINTED = {
    "one_row": ">>> df.iloc[0]\nage                 71\nsexe                 F\ncommune        Ouessant\ndiagnostic        C50.9\nentree      2021-03-04\nName: 0, dtype: object\n",
    "value_counts": ">>> d['cause'].value_counts()\ncause\nchute        1204\nnoyade         96\nmorsure         3\nName: count, dtype: int64\n",
    "r_table": "> table(d$diag, d$sexe)\n        \n           F   H\n  asthme 412 388\n  lupus   61   4\n",
    "r_summary_lm": "Coefficients:\n            Estimate Std. Error t value Pr(>|t|)\n(Intercept)   12.100      2.010   6.020   0.0038 **\nage            0.210      0.090   2.333   0.0799 .\n\nResidual standard error: 3.2 on 4 degrees of freedom\nMultiple R-squared:  0.58\n",
    "r_summary_frame": "> summary(d[, c('age', 'crp')])\n      age              crp       \n Min.   : 18.00   Min.   :  0.10  \n 1st Qu.: 44.00   1st Qu.:  3.20  \n Median : 61.00   Median :  8.90  \n Mean   : 59.40   Mean   : 21.70  \n 3rd Qu.: 73.00   3rd Qu.: 24.00  \n Max.   :104.00   Max.   :412.60  \n",
    "stata_list": ". list age sexe cp in 1/3\n\n     +--------------------+\n     | age   sexe      cp |\n     |--------------------|\n  1. |  71      F   29242 |\n  2. |  64      H   22500 |\n  3. |  88      F   35000 |\n     +--------------------+\n",
    "tree_rules": "|--- age <= 88.50\n|   |--- crp <= 4.00\n|   |   |--- class: 0 (samples = 412)\n|   |--- crp >  4.00\n|   |   |--- class: 1 (samples = 188)\n|--- age >  88.50\n|   |--- class: 1 (samples = 3)\n",
    "sql": "INFO sqlalchemy.engine SELECT * FROM sejours WHERE nir = '2850578006084' AND entree = '2021-03-04'\nINFO 1 row\n",
    "confusion": "Confusion matrix:\n[[512   3]\n [  2  41]]\n",
    "support": "              precision    recall  f1-score   support\n\n      benign       0.97      0.99      0.98       512\n   sarcoma         0.67      0.50      0.57         4\n\n    accuracy                           0.98       516\n",
    "lifelines": "          removed  observed  censored  entrance  at_risk\nevent_at\n0.0             0         0         0        61       61\n4.0             3         3         0         0       61\n9.0             1         1         0         0       58\n12.0            6         2         4         0       57\n",
}  # fmt: skip
OBJECTS: dict[str, object] = {
    "nested": {"Bretagne": {"mucoviscidose": 214, "progéria": 2}, "Normandie": {"mucoviscidose": 188, "progéria": 0}},
    "groups": [{"groupe": "VIH+", "taille": 3, "cd4_moyen": 412.3}, {"groupe": "VIH-", "taille": 812, "cd4_moyen": 801.2}],
    "metrics": {"model": "logit", "threshold": 0.5, "tp": 41, "fp": 33, "fn": 2, "tn": 512},
    "fit": {"formula": "cout ~ age + sexe", "params": {"age": 12.1, "sexe": -3.2}, "df_resid": 3, "r2": 0.91},
    "patient": {"patient": {"ddn": "1951-04-17", "sexe": "F", "ville": "Landerneau"}, "score": 0.83},
}  # fmt: skip
FINE = {
    "one_in_five": "One in five of the 2,150 carriers died.",
    "incidence": "Incidence was 13 per 100,000 in a region of 2.3 million inhabitants in 2022.",
    "t_many": "The difference was significant (t(212) = 2.9, p = 0.004) in each of the 3 models.",
    "centres": "Trois cliniques du Finistère pratiquent cette chirurgie ; leur mortalité est de 12 % (n = 412 opérés, 49 décès).",
    "quarters": "Les trois quarts des 812 cas ont été opérés dans les 6 heures.",
}
FINE_PRINTED = {
    "r_summary_lm": PRINTED["r_summary_lm"].replace("on 4 degrees", "on 408 degrees"),
    "value_counts": PRINTED["value_counts"].replace("   3\n", "  33\n"),
}


def cases() -> list[Case]:
    """The cases of this part."""
    found = []
    for i, (name, body) in enumerate(SAID.items()):
        found.append(leak(f"thirtieth_{name}", "prose", pack.PROSE[i % len(pack.PROSE)](body)))
    for i, (name, body) in enumerate(PRINTED.items()):
        found.append(leak(f"thirtieth_{name}", "printed", (pack.log, pack.book_stream)[i % 2](body)))
    for name, made in OBJECTS.items():
        body = json.dumps(made, ensure_ascii=False, indent=2)
        found.append(leak(f"thirtieth_{name}_json", "json", (f"{name}.json", body.encode())))
    fine = {f"thirtieth_{name}_safe": pack.PROSE[i](body) for i, (name, body) in enumerate(FINE.items())}
    fine |= {f"thirtieth_{name}_safe_log": pack.log(body) for name, body in FINE_PRINTED.items()}
    return found + [safe(name, "prose", file) for name, file in fine.items()]
