"""Twenty-sixth batch: sentences, logs and identifiers in the forms that letters, reports and programs give them."""

import pandas as pd

from . import pack
from .case import Case, leak, safe

SAID = {
    "thanks": "Acknowledgements. We thank Mrs Odile Kerbrat, who took part in the pilot although she was already on dialysis.",
    "thanks_initials": "Nous remercions M. Lucien Abgrall et sa famille, dont le fils a été inclus dans le bras B.",
    "singleton": "One patient (0.2 %) developed aplastic anaemia.",
    "denominator": "Haemolysis was seen in 1.6 % of the 187 recipients.",
    "versus": "Mortality was 12/310 with the drug versus 2/305 with placebo.",
    "all_but_word": "All but three of the participants in the Lorient centre completed the diary.",
    "both_deaths": "Both maternal deaths were due to amniotic fluid embolism.",
    "median_few": "In the subgroup with cystinosis (n=6) the median eGFR was 41 mL/min.",
    "youngest": "Le plus jeune patient avait 17 ans, le plus âgé 98 ans.",
    "longest": "The longest stay lasted 214 days and ended with a transfer to Rennes.",
    "parenthesis": "Causes of death were sepsis (61), haemorrhage (14) and drowning (2).",
    "en_dash": "Missing values: smoking – 48, BMI – 31, HIV status – 4.",
    "bracket_fr": "Les complications graves (n = 7) comprenaient quatre AVC, deux infarctus et une embolie.",
    "village": "The cluster in Saint-Jean-du-Doigt concerned a farmer, his wife and their neighbour.",
    "minister": "The cohort includes a former minister with Parkinson's disease.",
    "hidden_rule": "Cells under 11 are shown as '<11'; for readers, the masked cell of Table 2 equals 220 minus 212.",
    "initials": "Case 7 (A.-M. L., born in 1951) was readmitted after eleven days.",
    "appointment": "Mme K. a été vue le 14/02/2022 à 9h40 par le Dr Ropars pour une récidive.",
    "cluster_sizes": "k-means gave clusters of sizes 1204, 988, 310 and 5.",
    "subtract": "After removing foreign residents the sample fell from 12,405 to 12,398.",
}
NUMBERS = {
    "nir_corsica": "Bénéficiaire 1 85 05 2A 004 123 56, pris en charge à 100 %.",
    "ins": "INS : 285057800608441 (OID 1.2.250.1.213.1.4.8)",
    "rpps": "Prescripteur RPPS 10003456786, 14 ordonnances.",
    "finess_one": "Le séjour a eu lieu au FINESS 290000017 le 12 mars 2020 (patient de 44 ans).",
    "ipp_slash": "Dossier IPP/8004512377 relu par deux cliniciens.",
    "iban": "Versement des indemnités sur FR76 3000 6000 0112 3456 7890 189.",
    "phone": "Rappeler la patiente au +33 (0)6.12.34.56.78 avant vendredi.",
    "mail": "Questionnaire retourné par jeanne.le-goff [at] orange.fr",
    "address": "La famille habite 4 bis, impasse des Ajoncs, 29242 Ouessant.",
    "born": "née le 3 mai 1942 à Landivisiau, décédée le 17 janvier 2021",
    "adeli": "Infirmier libéral ADELI 296012345 : 3 visites à domicile.",
    "passport": "Passport no. 14AV56712, visa for treatment abroad.",
    "accession": "Accession number CHU-2021-0458831, MRI of the left knee, female 32 y.",
}  # fmt: skip
PRINTED = {
    "info_value": "2024-03-02 10:11:12 INFO  matching: 812 cases, 812 controls\n2024-03-02 10:11:14 WARN  no control found for patient_id=8213 (age=97, sex=F, dep=48)\n",
    "assertion": "AssertionError: Series are different\n[left]:  [71, 64, 88, 59]\n[right]: [71, 64, 88, 60]\nAt positional index 3, first diff: 59 != 60\n",
    "pandas_dup": ">>> d[d.duplicated('id')]\n         id  age sexe  cp\n4121  51203   71    F  29242\n9031  48812   44    H  22500\n",
    "nunique": "strata with fewer than 5 persons: {'Guyane/F/80+': 2, 'Corse/H/18-24': 4}\n",
    "r_which": "> which(d$los > 200)\n[1]  1204  8871\n> d$age[d$los > 200]\n[1] 88 19\n",
    "r_tapply": "> tapply(d$id, d$centre, length)\nBrest  Lille  Ouessant \n 4120   3981         3 \n",
    "stata_tabstat": ". tabstat age, by(centre) stat(n mean min max)\n\n  centre |         N      mean       min       max\n---------+----------------------------------------\n   Brest |       412      61.2        18       101\n   Lille |       388      60.4        19        97\n---------+----------------------------------------\n",
    "sas_univ": "Extreme Observations\n\n----Lowest----        ----Highest---\nValue      Obs        Value      Obs\n 18.1      211         61.9     3120\n 18.4       87         64.2       12\n",
    "sklearn_knn": "kneighbors of the first test case: distances [0.12 0.15 0.31] indices [8812 401 77] labels [1 1 0]\n",
    "tqdm": "Scoring:  42%|████▏     | 1723/4100 [00:12<00:17, 138.2it/s, last_ipp=8004512377, p=0.93]\n",
}  # fmt: skip
FINE = {
    "thanks_colleague": "Acknowledgements. We thank Prof. Odile Kerbrat for her comments on the manuscript and the nurses of the three centres.",
    "two_arms": "Mortality was 112/3,310 with the drug versus 142/3,305 with placebo.",
    "causes": "Causes of death were sepsis (161), haemorrhage (44) and drowning (12).",
    "clusters": "k-means gave clusters of sizes 1204, 988 and 310; k = 3 was chosen among 2 to 8.",
    "age": "L'âge médian était de 64 ans (IIQ 55–72) ; 12 % des 4 210 patients avaient plus de 85 ans.",
    "contact": "Corresponding author: Prof. Anne Le Bras, Department of Nephrology, University Hospital of Brest.",
}


def cases() -> list[Case]:
    """The cases of this part."""
    found: list[Case] = []
    for i, (name, body) in enumerate(SAID.items()):
        found.append(leak(f"twenty_sixth_{name}", "prose", pack.turn(pack.PROSE, i + 3, 1)[0](body)))
    for i, (name, body) in enumerate(NUMBERS.items()):
        found.append(leak(f"twenty_sixth_{name}", "identifiers", pack.turn(pack.PROSE, i + 1, 1)[0](body)))
    for i, (name, body) in enumerate(PRINTED.items()):
        found.append(leak(f"twenty_sixth_{name}", "logs", (pack.book_stream if i % 2 else pack.log)(body)))
    column = pd.DataFrame({"prescripteur": ["10003456786", "10004412309", "10001200343"], "patients": [412, 388, 301]})
    cared = pd.DataFrame(
        {"assuré": ["Le Goff Jeanne", "Abgrall Lucien", "Quéré Maëlle"], "montant": [412.5, 98.1, 1204.0]}
    )
    found += [leak("twenty_sixth_rpps_column", "identifiers", pack.csv(column)), leak("twenty_sixth_insured", "identifiers", pack.excel(cared))]  # fmt: skip
    for i, (name, body) in enumerate(FINE.items()):
        found.append(safe(f"twenty_sixth_{name}", "prose", pack.turn(pack.PROSE, i + 3, 1)[0](body)))
    return found
