"""Eleventh batch: leaks in sentences, by the ways in which a small number can be told without being written."""

import pandas as pd

from .case import Case, leak
from .pack import PROSE, csv, log, markdown_text, turn, word

SAID = {
    # what is left of a group
    "all_but": "All but three of the 120 residents received the booster.",
    "whom": "We enrolled 120 patients, 117 of whom completed the trial.",
    "dont": "Ont été inclus 254 patients, dont 246 ont signé le consentement pour la biobanque.",
    "others": "Of the 96 donors, 51 were CMV positive and 41 were negative; serology was unknown in the others.",
    "sum_left": "Among 340 stroke patients, 201 were discharged home, 88 to rehabilitation and 44 to a nursing home; the "
    "rest died in hospital.",
    "men_left": "Sur les 75 aidants interrogés, 72 étaient des femmes.",
    "in_words": "One hundred and ninety-six of the two hundred and one nurses answered the questionnaire.",
    "en_lettres": "Soixante-dix-huit des quatre-vingt-deux greffés étaient vivants à un an.",
    "hormis": "Aucun des sujets témoins n'a développé d'anticorps, hormis deux.",
    "apart_from": "Apart from four patients treated abroad, everybody received tafamidis.",
    "reduced_by": "Excluding prisoners reduced the sample by six.",
    "answered": "Le questionnaire a été adressé aux 140 internes du CHU et 133 y ont répondu.",
    # shares of a stated number
    "one_in_forty": "One in forty of the 80 carriers relapsed under treatment.",
    "share_apart": "Cardiac tamponade was reported in 1.9 %. The trial enrolled 212 women in eleven countries.",
    "pour_mille": "On recense 2 cas pour mille parmi les 3 500 agents vaccinés.",
    "moitie": "La moitié des seize nouveau-nés exposés ont eu un syndrome de sevrage.",
    "quarters": "Three quarters of the 12 index cases had travelled to Cayenne.",
    "missed": "On the 40 confirmed cases the questionnaire had a sensitivity of 90 %.",
    "nested_share": "Of the 210 diabetics, 20 % had nephropathy, and 12 % of these needed dialysis.",
    "person_years": "L'incidence de la myocardite était de 0,9 pour 100 personnes-années (444 personnes-années).",
    "remission": "Complete remission was reached by 97 % of the 66 children.",
    "ratio": "The ratio of women to men was 14:1 among the 90 patients with the syndrome.",
    "odds": "In arm B (140 patients) the odds of death within a year were 1 to 19.",
    # small numbers said another way
    "siblings": "A pair of siblings and a single adult tested positive for the familial mutation.",
    "family": "Le foyer comptait le père, la mère et leurs deux enfants, tous positifs.",
    "ninth": "The ninth and last patient was enrolled in July 2021.",
    "twice": "Only twice did a patient have to be put on dialysis.",
    "both": "Both patients with Creutzfeldt-Jakob disease died within the year.",
    "deaths": "Le service a connu trois morts maternelles en dix ans.",
    "probands": "Each of the five probands carried a different variant.",
    "trio": "A trio of workers exposed to beryllium showed granulomas.",
    "quintupled": "The number of cases quintupled, from 2 to 10, in the district of Saint-Laurent.",
    "sites": "Inclusions par centre : Brest 112, Morlaix 34, Carhaix 7.",
    "brackets": "Grade 4 anaemia was more frequent with the combination [6 (2.9 %) vs 19 (9.1 %)].",
    "slash": "HIV seroconversion: 3/412 in the PrEP arm v 21/409 on placebo.",
    # a difference between two sentences
    "two_sets": "The per-protocol population comprised 604 patients. The intention-to-treat population comprised 611 patients.",
    "more_than": "L'extraction de 2022 compte 1 846 malades, soit cinq de plus que celle de 2021.",
    "after_merge": "The linked file has 5,210 persons. Before linkage with the register of deaths there were 5,214.",
    # one person
    "doyen": "Le doyen de la cohorte avait 107 ans à l'inclusion.",
    "stay": "Length of stay in the palliative unit: median 12 days, maximum 214 days.",
    "island": "The only patient from Molène was transferred by helicopter and recovered.",
    "institutrice": "Mme L., 82 ans, institutrice à la retraite à Paimpol, a été la première vaccinée.",
    "lone": "Dr Kerbrat, the only psychiatrist of the canton, prescribed 41 % of the volumes of methadone.",
}  # fmt: skip

FOOTNOTE = """## Results

Adherence was good in both arms (see Table 2)[^1].

[^1]: One participant withdrew consent after randomisation, another was found to be ineligible.
"""
MAIL = "hi, pt 14 is the one w/ the amputation (dob 03/05/61), can you check her creat at M6? thx\n"


def beside_tables() -> list[Case]:
    """A sentence and a table of the same file, or of the same request, that give a small number together."""
    wards = pd.DataFrame({"Ward": ["A", "B", "C", "Total"], "Patients": [121, 110, 91, 322]})
    arms = pd.DataFrame({"Arm": ["Drug", "Placebo"], "N": [212, 208], "Nausea (%)": ["14.2", "9.6"]})
    sites = pd.DataFrame({"Centre": ["Brest", "Quimper"], "Patients": [412, 388]})
    less = f"{markdown_text(wards)}\nThe model was fitted on the 318 patients of these wards whose weight was known.\n"
    share = f"{markdown_text(arms)}\nHepatitis occurred in 1.4 % of the drug arm and in none of the placebo arm.\n"
    masked = f"{markdown_text(pd.DataFrame({'Sexe': ['Femmes', 'Hommes'], 'Cas': ['48', '<11']}))}\nL'étude porte sur 55 cas.\n"
    return [
        leak("eleven_table_less", "beside", ("results.md", less.encode())),
        leak("eleven_table_share", "beside", ("results.md", share.encode())),
        leak("eleven_table_masked", "beside", ("results.md", masked.encode())),
        leak("eleven_word_table", "beside", word(sites, "Au total, 806 patients ont été inclus dans trois centres (tableau 1).")),
        leak("eleven_two_files", "beside", csv(sites), log("INFO cohort: 806 patients in 3 centres\n")),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    out = [leak(f"eleven_{name}", "prose", turn(PROSE, at, 1)[0](said)) for at, (name, said) in enumerate(SAID.items())]
    out += [leak("eleven_footnote", "prose", ("report.md", FOOTNOTE.encode())), leak("eleven_mail", "prose", log(MAIL))]
    return out + beside_tables()
