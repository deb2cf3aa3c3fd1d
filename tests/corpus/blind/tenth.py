"""Tenth batch: small, written after mending for the ninth and scored untouched: the estimate of what new material meets."""

import pandas as pd

from .case import Case, leak, safe
from .pack import PROSE, TABLES, turn

SAID = {
    "fistula": "A fistula recurred in 5 of the repairs and in none of the controls.",
    "nurses": "Parmi les soignantes vaccinées, quatre ont été infectées malgré deux doses.",
    "share_words": "Roughly four percent of our 120 patients changed sex in the registry.",
    "minus": "Follow-up forms are missing for Antoine, Léa and two other children of the cohort.",
    "residual": "Of the 640 reports, 633 had a known outcome.",
    "per_year": "The centre implants about 24 devices a year, of which three in children.",
    "table_words": "Deaths by month: January 14, February 12, March 6, April 19.",
    "against": "Le bras chirurgical compte 84 succès pour 87 opérés.",
    "first_case": "The index case was a 41-year-old vet who lived in the commune of Plouguin.",
    "bare": "Outcome at one year: alive 188, dead 7, unknown 12.",
    "tenth": "Un dixième des 70 porteurs a développé une cardiomyopathie.",
    "double_negative": "Not more than 3 and not fewer than 2 donors were HTLV positive.",
}  # fmt: skip

PLAIN = {
    "guideline": "Guidelines advise 2 cultures taken 30 minutes apart; both had to grow the same organism.",
    "trend": "Between 2012 and 2021 the age-standardised rate fell from 18.4 to 12.1 per 100,000 person-years.",
    "score": "The NEWS2 score ranges from 0 to 20 and a value of 5 or more triggered a call within 15 minutes.",
    "delai": "Le délai médian entre la première et la deuxième consultation était de 8 jours (EIQ 5-13) chez 9 410 patients.",
    "software": "Calculations took 6 hours on two nodes with 64 GB each; the code is at version 0.9.3.",
    "design": "Each hospital contributed at least 50 deliveries; three hospitals without an intensive care unit were left out.",
    "effect": "Per 10 mmHg the odds of stroke rose by 24 % (OR 1.24, 1.19 to 1.30) in 31,204 adults.",
    "article": "Voir l'article 7 du décret, les annexes 2 et 3, et la note 4 en bas de page.",
    "interaction": "The two treatments did not interact (p = 0.6, 3 degrees of freedom); six covariates entered the model.",
    "large": "Loss to follow-up was 9.8 % (1,204 of 12,310), similar in the two arms (608 and 596).",
    "dose": "Children received 3 mg/kg on day 1, then 2 doses of 1 mg/kg at hours 12 and 24.",
    "simulation": "In 500 replications with 8 clusters, coverage was 94 % and bias below 2 %.",
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    counted = pd.DataFrame({"Catégorie": ["ouvrier", "cadre", "agriculteur"], "Accidents": [214, 61, 8]})
    rest = pd.DataFrame({"drug": ["A", "B"], "treated": [402, 388], "responders": [399, 301]})
    rates = pd.DataFrame({"commune": ["Brest", "Ouessant"], "population": [139600, 830], "taux p. 1000": [3.2, 4.8]})
    broad = pd.DataFrame({"Catégorie": ["ouvrier", "cadre", "agriculteur"], "Accidents": [2140, 610, 180], "âge moyen": [41, 44, 47]})  # fmt: skip
    fit = pd.DataFrame(
        {"model": ["M1", "M2", "M3"], "df": [3, 5, 9], "AIC": [1204.1, 1188.7, 1190.2], "rank": [3, 1, 2]}
    )
    plan = pd.DataFrame({"lot": ["WP1", "WP2"], "livrables": [3, 5], "début (mois)": [1, 7], "durée (mois)": [6, 9]})
    out = [leak(f"ten_{name}", "prose", turn(PROSE, at, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]
    out += [safe(f"ten_{name}", "prose", turn(PROSE, at, 1)[0](said)) for at, (name, said) in enumerate(PLAIN.items())]
    for at, (name, frame) in enumerate((("counted", counted), ("rest", rest), ("rates", rates))):
        out += [leak(f"ten_{name}-{n}", "tables", pack(frame)) for n, pack in enumerate(turn(TABLES, at, 3))]
    for at, (name, frame) in enumerate((("broad", broad), ("fit", fit), ("plan", plan))):
        out += [safe(f"ten_{name}-{n}", "tables", pack(frame)) for n, pack in enumerate(turn(TABLES, at + 2, 3))]
    return out
