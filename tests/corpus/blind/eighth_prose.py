"""Eighth batch: leaks in sentences, each as one would write it in a report, a legend or a letter."""

from .case import Case, leak
from .pack import PROSE, html_prose, latex_prose, log, markdown_prose, text, turn, word_prose

SAID = {
    "uterine_ruptures": "Among the 1,204 women followed, only two developed a uterine rupture, both after a previous "
    "caesarean section.",
    "enfants_decedes": "Deux enfants sur les 3 140 inclus sont décédés avant la sortie de néonatologie.",
    "share_of_base": "A severe allergic reaction was seen in 0.4 % of the 1,250 exposed patients.",
    "taux_personnes_annees": "Le taux d'incidence de la péricardite était de 1,3 pour 1 000 personnes-années (5 300 "
    "personnes-années de suivi au total).",
    "all_but": "All but four of the 612 participants completed the last visit.",
    "half_dozen": "Half a dozen transplanted patients were admitted again within 30 days of discharge.",
    "complement": "Arm A enrolled 45 patients; 41 of them were responders at week 12.",
    "nourrissons": "Sept nourrissons, tous nés avant 28 semaines d'aménorrhée, ont reçu du surfactant.",
    "one_in": "Aplastic anaemia is rare: one in 400 of our 2,000 treated patients had it.",
    "flow": "After removal of records without a date of birth, the cohort went from 4,512 to 4,505 patients.",
    "men_only": "Of the 88 melanomas of the scalp, 83 occurred in men.",
    "group_n": "The median age among homozygous carriers (n = 6) was 41 years (IQR 38 to 47).",
    "sensitivity": "On the validation set, the algorithm found the disease with a sensitivity of 96.0 % (48/50).",
    "un_seul": "Aucune récidive n'a été observée dans le groupe témoin et une seule dans le groupe opéré.",
    "oldest": "Age was distributed widely; the oldest participant was 103 years old and lived at home.",
    "triplet": "Eight pregnancies were triplets; the other 2,310 were singletons or twins.",
    "percentages_left": "Stage was I in 61 %, II in 36 % and IV in 3 % of the 131 tumours.",
    "quatre_vingt_dix": "Parmi les 93 patients porteurs de la mutation, quatre-vingt-dix ont accepté le suivi prolongé.",
    "couple": "A couple of patients in the rituximab arm developed progressive multifocal leukoencephalopathy.",
    "tiers": "Un tiers des 18 patients sous ECMO est décédé en réanimation.",
}  # fmt: skip


def told() -> list[Case]:
    out = []
    for at, (name, said) in enumerate(SAID.items()):
        pack = turn(PROSE, at, 1)[0]
        out.append(leak(f"eighth_{name}", "prose", pack(said)))
    return out


def of_persons() -> list[Case]:
    letter = (
        "Bonjour Claire,\n\ncomme convenu hier, le dossier de Mme Lefebvre, née le 14/02/1957, est à vérifier : sa date\n"
        "de sortie manque.\n\nBien à toi\n"
    )
    death = "One participant, a woman aged 94, died on 12 March 2021 at the hospital of Saint-Brieuc, three days after dose 2."
    birth = "La plus jeune patiente, 13 ans, a accouché le 3 juin 2020 par voie basse."
    footnote = (
        r"Follow-up was complete for most.\footnote{Three patients were lost to follow-up and one withdrew consent.}"
    )
    vignette = (
        "Case 7: male, 58, former miner in Decazeville, admitted 2019-11-04 with dyspnoea, FEV1 1.1 L, discharged to "
        "hospice on 2019-11-21."
    )
    return [
        leak("eighth_letter", "persons", text(letter)),
        leak("eighth_death_on", "persons", word_prose(death)),
        leak("eighth_naissance", "persons", markdown_prose(birth)),
        leak("eighth_footnote", "prose", latex_prose(footnote)),
        leak("eighth_vignette", "persons", html_prose(vignette)),
        leak("eighth_debug_line", "persons", log("2026-02-11 09:14:02 DEBUG row 18231: sexe=F age=37 cp=56190 dx=C50.4 "
                                                 "date_deces=2020-07-19\n2026-02-11 09:14:03 INFO done\n")),
    ]  # fmt: skip


def cases() -> list[Case]:
    """The cases of this part."""
    return [*told(), *of_persons()]
