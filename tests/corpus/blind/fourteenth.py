"""Fourteenth batch: small, sentences and lines as people commonly write them, after mending for the thirteenth."""

from .case import Case, leak, safe
from .pack import PROSE, book_stream, log, turn

SAID = {
    "rare": "Anaphylaxis was rare (2 cases among 18,204 vaccinated adults).",
    "deux_patients": "Deux patients ont présenté une embolie pulmonaire au cours du suivi.",
    "subset": "A small subset (n=7) was HIV positive.",
    "of_those": "Of those who relapsed (n = 31), 28 were men.",
    "centre": "Le centre de Guingamp n'a inclus que 4 patients.",
    "percent_small": "In the placebo arm (n = 88), 3.4 % discontinued because of rash.",
    "lost": "Three hundred and two participants were randomised and 297 were analysed.",
    "transplant": "Transplantation was performed in 6 children with biliary atresia.",
    "zero_two": "No deaths occurred in group A; there were 2 in group B.",
    "adolescent": "L'un des patients, un adolescent de 15 ans, s'est suicidé en prison.",
    "homozygotes": "Only 0.3 % of the 1,310 donors were homozygous.",
    "missing_sex": "Le sexe était inconnu pour 5 des 4 812 passages.",
    "triplets": "There were 1,204 singletons, 36 twins and 3 triplets.",
    "highest": "The most expensive patient cost 412,310 euros.",
    "per_protocol": "Seven of 96 women stopped treatment before week 4.",
    "professional": "Parmi les cas figuraient 2 médecins et 1 sage-femme.",
    "withdrawals": "Reasons for withdrawal were adverse events (12), pregnancy (2) and relocation (9).",
    "age_min": "L'âge allait de 19 à 98 ans.",
    "cells": "In the oldest men (85+), 4 had a stroke and 31 did not.",
    "complement": "Vaccination status was known for all but 9 of the 2,310 nurses.",
}  # fmt: skip
LOGS = {
    "shape": "before exclusions: (4512, 12)\nafter exclusions: (4506, 12)\n",
    "print": "Number of patients with outcome: 8\n",
    "dict": "outcome counts -> {0: 1188, 1: 9}\n",
    "auc": "group=dialysis n=9 auc=0.71\ngroup=other n=1203 auc=0.80\n",
    "crosstab": "outcome    0   1\narm             \nA        201   9\nB        188  24\n",
}  # fmt: skip
PLAIN = {
    "inclusion": "We included all 48,210 adults discharged alive between 1 January 2015 and 31 December 2018.",
    "women": "Un peu plus de la moitié (52 %) des 12 405 patients étaient des femmes ; l'âge médian était de 67 ans.",
    "primary": "The primary endpoint occurred in 1,204 patients (9.8 %) with drug A and in 1,388 (11.3 %) with drug B.",
    "adjusted": "After adjustment for 9 confounders the odds ratio was 0.84 (95 % CI 0.78 to 0.91).",
    "stratified": "Randomisation was stratified by centre and by 3 age classes, in blocks of 4 and 6.",
    "survival": "La survie à 1, 3 et 5 ans était de 91, 78 et 64 % chez les 3 204 patients traités.",
    "monitoring": "An independent board of 5 members met every 6 months and reviewed 2 interim analyses.",
    "definition": "Diabetes was defined by at least 3 dispensings on different dates, or 2 if large packs were dispensed.",
    "flowchart": "De 52 310 séjours, 2 104 ont été exclus (doublons) et 1 996 étaient sans suivi ; 48 210 ont été analysés.",
    "cost": "Mean cost per stay was 4,120 euros (SD 2,310); drugs made up 12 % and 3 items 80 % of the rest.",
    "genes": "Variants in 4 genes were tested; 812 of 9,410 carriers (8.6 %) had a family history.",
    "seasons": "Admissions peaked in week 4 in 3 of the 5 winters, at 2,310 a week.",
    "scores": "Le score médian était de 4 (EIQ 2-6) sur une échelle de 0 à 10 chez 2 204 répondants.",
    "tables": "Table 1 has 3 columns and Table 2 has 5; both are rounded to the nearest 10.",
    "thresholds": "Cells of fewer than 11 patients are masked, and a second cell wherever one could be computed.",
    "model": "The model with 5 knots had the lowest AIC; residuals showed no trend over the 12,310 stays.",
    "devices": "Les 1 310 stimulateurs provenaient de 4 fabricants ; la durée de vie des piles était de 9 ans.",
    "pandemic": "During lockdown visits fell by half, from 8,204 to 4,102 a month, then rose again within 3 months.",
    "ethics": "Consent was waived (decision 2018-7); data were kept for 2 years on a server in France.",
    "nested": "In the nested study, 4 controls per case were drawn for 2,104 cases (8,416 controls).",
    "missing": "Data on smoking were complete in 3 registries and missing in 14 % of 9,204 patients elsewhere.",
    "two_step": "In a two-step analysis we first pooled 6 cohorts, then 2 trials (I2 8 %, 31,204 patients).",
}  # fmt: skip
PRINTED = {
    "shape": "before exclusions: (52310, 12)\nafter exclusions: (48210, 9)\n",
    "auc": "group=dialysis n=912 auc=0.71\ngroup=other n=12030 auc=0.80\n",
    "time": "step 3 of 8 done in 2 min 4 s (peak 3.1 GB)\n",
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    out = [leak(f"fourteen_{name}", "prose", turn(PROSE, at + 3, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]  # fmt: skip
    out += [leak(f"fourteen_{name}", "printed", (log, book_stream)[at % 2](said)) for at, (name, said) in enumerate(LOGS.items())]  # fmt: skip
    out += [safe(f"fourteen_plain_{name}", "prose", turn(PROSE, at + 6, 1)[0](said)) for at, (name, said) in enumerate(PLAIN.items())]  # fmt: skip
    return out + [safe(f"fourteen_plain_{name}", "printed", (log, book_stream)[at % 2](said)) for at, (name, said) in enumerate(PRINTED.items())]  # fmt: skip
