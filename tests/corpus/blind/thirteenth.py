"""Thirteenth batch: small, prose and printed lines, to see what mending for the twelfth generalises to."""

from .case import Case, leak, safe
from .pack import PROSE, book_stream, log, turn

SAID = {
    "deliveries": "Maternal death complicated 2 of 3,318 deliveries, both by haemorrhage.",
    "refusal": "Sur les 412 familles contactées, 405 ont donné leur accord ; les refus tenaient au prélèvement.",
    "amputees": "Of the amputees, four had been hit by the same shell.",
    "resistant": "Résistance à la rifampicine : 1,8 % des 224 souches.",
    "clinic": "The smallest clinic, on the island of Sein, recruited a single couple.",
    "three_of_each": "Three of each sex died in the neonatal unit.",
    "remaining": "Most controls were tested twice; the remaining eight could not be reached.",
    "equal": "Il y eut autant de décès que de transferts, à savoir cinq.",
    "sum": "Cardiac arrests (3) and strokes (5) were rare in both arms.",
    "minority": "Non-binary participants (0.6 % of 980 respondents) were merged with women.",
    "except_sex": "Sex was known for 1,310 of the 1,317 carriers.",
    "halves": "Half of the sixteen hostages met the criteria for post-traumatic stress.",
    "surgeon": "Surgeon B performed 48 operations with 2 deaths, surgeon C 51 with none.",
    "letter": "As you asked, the woman from Guéméné with Huntington's disease is in stratum 4.",
    "between": "Le nombre de greffés est passé de 98 à 102, dont un enfant.",
    "percent_pair": "Cure was reached in 47 of 50 (94 %) with drug A.",
    "scarce": "Fewer than a handful, namely three, of the veterans had served in Chad.",
    "outbreak": "L'épidémie a touché neuf pensionnaires et deux aides-soignantes.",
    "never": "Only 5 pupils had never been vaccinated.",
    "positives": "Sur 86 prélèvements, 82 étaient négatifs.",
}  # fmt: skip

LOGS = {
    "groupby": "sexe  deces\nF     0        402\n      1         18\nM     0        388\n      1          7\ndtype: int64\n",
    "logger": "2024-02-01 10:11:12 INFO cohort=A patients=812 deaths=6\n",
    "repr": "{'arm': ['A', 'B'], 'n': [212, 208], 'deaths': [4, 19]}\n",
    "filter": "INFO after age filter: 4117 patients\nINFO after linkage: 4110 patients\n",
    "sas_freq": "SEXE    Frequency    Percent\n----------------------------\nF            402       98.77\nM              5        1.23\n",
    "assert": "Warning: 8 patients have a date of death before admission\n",
}  # fmt: skip

PLAIN = {
    "setting": "The hospital has 2 intensive care units with 14 and 9 beds; nurses care for 2 to 3 patients each.",
    "endpoints": "Le critère principal était le décès à 28 jours ; 3 critères secondaires étaient hiérarchisés.",
    "cohort": "We included 21,402 adults (median age 64, IQR 53 to 75), 47 % of whom were women.",
    "subgroup": "In the 2,204 patients with diabetes the effect was larger (RR 0.71, 0.60 to 0.84; interaction p = 0.02).",
    "imputation": "Le modèle d'imputation comprenait 24 variables et 10 itérations ; 5 jeux ont été produits.",
    "surgery": "Surgeons had at least 5 years of experience and had done more than 50 such operations.",
    "treatment": "Treatment lasted 6 cycles of 3 weeks; doses were cut by one level after grade 3 toxicity.",
    "economics": "Each case avoided cost 1,204 euros, 3 times less than with the former strategy (n = 8,120).",
    "rate": "L'incidence est passée de 9,8 à 7,2 pour 100 000 habitants entre 2010 et 2019, soit 3 % par an.",
    "curve": "The area under the curve was 0.84 with 8 predictors and 0.83 with the 4 simplest ones.",
    "equity": "Patients in the most deprived fifth (9,641 of 48,210) waited 4 days longer.",
    "registries": "Two of the eleven regional registries began after 2012 and cover 9 % of the population.",
    "quality": "Sur les 12 recommandations, 9 étaient appliquées dans plus de 80 % des séjours.",
    "calls": "Participants were phoned up to 5 times; 8,204 of 9,410 (87.2 %) answered.",
    "lags": "Associations were strongest at lag 2 and vanished after 7 days (1,204,112 admissions).",
    "twins": "The 1,210 twin pairs came from 3 registers; both twins answered in 88 % of pairs.",
    "grading": "Two pathologists graded 1,204 slides from 0 to 3; they agreed on 92 %.",
    "age": "Women aged 50 to 74 are invited every two years; 51.2 % of 310,422 came.",
    "panel": "Le panel comptait 9 experts, dont 3 médecins généralistes, et s'est réuni 4 fois.",
    "limits": "Our study has three limits. First, two of the five sites lacked laboratory data.",
}  # fmt: skip

PRINTED = {
    "r_lme": "Number of Observations: 12310\nNumber of Groups: 9\n",
    "fit": "INFO fold 2/5 auc=0.812 n_train=38568 n_valid=9642 best_iter=8\n",
    "bins": "quantile cut: 4 bins of 3077, 3078, 3077 and 3078 rows\n",
    "pip": "Successfully installed lifelines-0.30.0 numpy-1.26.4 (2 packages, 3 s)\n",
    "counts": "deaths=812 alive=11498 censored=1204 models=3 seed=5\n",
}  # fmt: skip


def cases() -> list[Case]:
    """The cases of the batch."""
    out = [leak(f"thirteen_{name}", "prose", turn(PROSE, at + 2, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]  # fmt: skip
    out += [leak(f"thirteen_{name}", "printed", (log, book_stream)[at % 2](said)) for at, (name, said) in enumerate(LOGS.items())]  # fmt: skip
    out += [safe(f"thirteen_plain_{name}", "prose", turn(PROSE, at + 5, 1)[0](said)) for at, (name, said) in enumerate(PLAIN.items())]  # fmt: skip
    return out + [safe(f"thirteen_plain_{name}", "printed", (log, book_stream)[at % 2](said)) for at, (name, said) in enumerate(PRINTED.items())]  # fmt: skip
