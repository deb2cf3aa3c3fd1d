"""The words that name persons, those who treat them, what happens to them, and what changes.

Decides nothing: patterns for lower-case text without accents. Worked example: `PERSON` matches "patients" and
"porteurs", `STAFF` "nurses", `CLINICAL` "pericarditis" by its ending; beside "fell"
a percentage is no share of a group (`is_change`).
"""

import re

PERSON = (
    r"(?:patiente?s?|malades?|personnes?|sujets?|individus?|participante?s?|femmes?|hommes?|enfants?|nourrissons?"
    r"|bebes?|assure(?:e|s|es)?|residente?s?|deces|cas|suicides?|naissances?|deaths?|cases?|subjects?|persons?|people"
    r"|women|woman|men|man|children|child|individuals?|participants?|volunteers?|infants?|adults?|residents?"
    r"|survivors?|survivante?s?|inpatients?|donneurs?|donors?|grossesses?|pregnanc(?:y|ies)|donneuses?|recipients?"
    r"|receveurs?|receveuses?|carriers?|porteurs?|twins|jumeaux|jumelles|couples?|hostages|otages|families"
    r"|familles|mothers|meres"
    r"|beneficiar(?:y|ies)|beneficiaires?|enrollees?|users|utilisateurs|utilisatrices|controls|temoins|nouveau-nes?"
    r"|newborns?|probands?|neonates?|outpatients?|responders?|repondeurs?|relapses|rechutes|pupils?|students?"
    r"|veterans?|boys?|girls?"
    r"|garcons?|filles?|eleves?|etudiante?s?|prisoners?|detenue?s?|migrante?s?|diabetics|diabetiques|salarie(?:e|es|s)"
    r"|passengers?|soldiers?|militaires|athletes?|teenagers?|adolescente?s?|siblings?|pensionnaires?|inmates?)"
)
UNIT = (
    rf"(?:{PERSON}|dossiers?|records?|charts?|sejours?|stays?|admissions?|hospitalisations?|hospitali[sz]ations?"
    r"|consultations?|visits?|passages?|questionnaires?|responses?|reponses?|replies)"
)
"""What persons are counted by."""
STAFF = (
    r"(?:physicians?|medecins?|nurses?|surgeons?|chirurgiens?|chirurgiennes?|practitioners?|praticiens?|praticiennes?"
    r"|infirmiere?s?|pharmacists?|pharmaciens?|pharmaciennes?|radiologists?|radiologues?|soignante?s?"
    r"|internes|residents"
    r"|midwi(?:fe|ves)|sages?-femmes?|teachers?|enseignante?s?|farmers?|agriculteurs?|agricultrices?|firefighters?"
    r"|pompiers?|employees?|employee?s?|agents|policiers?|psychiat(?:rists?|res?)|dentists?|dentistes?|psychologists?"
    r"|psychologues?|aidante?s?|caregivers?|aides-soignante?s?)"
)
"""Those who treat are counted too, where they are many."""
ILLNESS = (
    r"(?:[a-z]{2,20}(?:itis|opath(?:y|ies|ies?)|a?emia|emies?|ectom(?:y|ies?)|plast(?:y|ies?)|rrhag\w{1,4}|algias?|uria"
    r"|penia|penies?|plasias?|sclero(?:sis|se)|thorax(?:es)?|phrenia|plegia|cardia|pnoea|pnea|mnesia)"
    r"|(?:dia|thrombo|haemo|hemo|myo)lys(?:is|ed|es?)|dialys\w+|diabet\w+|hypertens\w+|fractur\w+|thrombos\w+|embol\w+"
    r"|syndromes?|sepsis|epilep\w+|asthma\w*|asthme|cirrhos\w+|amputat\w+|seizures?|toxicit\w+|miscarriages?"
    r"|fausses? couches?|malformations?|overdoses?|intoxications?|pregnan\w+|enceintes?|abortions?|ivg)"
)
"""Names of illnesses and operations by their endings, and some that have none."""
CLINICAL = re.compile(
    rf"\b(?:{PERSON}|treated|dead|alive|traitee?s?|operated|operee?s?|admitted|hospitali[sz]ed|diagnosed"
    rf"|developed|died|deceased|decede"
    r"|occurred|observed|survenu\w*|observee?s?|reported|experienced|relapsed|surgery|chirurgie|transplant\w*|infect\w+"
    r"|haemorrhag\w+|hemorrag\w+|complication\w*|adverse|indesirable\w*|outcomes?|death|deces|mort\w*"
    r"|strokes?|arrests?|infarct\w*|avc|cancer\w*"
    r"|tumou?rs?|tumeurs?|recidive\w*|recurrence\w*|readmi\w+|withdr\w+|lost to|perdus? de vue|enrol\w+|randomi\w+"
    r"|recur\w*|sequel\w+|persist\w+|symptom\w*|seroconver\w+|cured|gueri\w*|healed|arm|bras|group|groupe"
    rf"|{ILLNESS})\b"
)
_CHANGE = re.compile(
    r"reduc|increas|decreas|\bfell\b|\brose\b|higher|lower|baiss|augment|dimin|hausse|\bgain|improv|amelior"
    r"|differen|relativ"
    r"|per year|par an\b|annual|power|puissance|alpha|signific|threshold|seuil|margin"
    r"|variance|explain|expliqu|heritab|\bi2\b|weight|ponder|prevalence (?:of|in) the (?:general )?population|discount"
    r"|expected|attendu|assum|suppos|sample size|nombre de sujets"
)
_NO_SHARE = re.compile(
    r"(?:\b(?:ic|ci)\b|confiden|confiance|credib)[^.;\d]{0,12}(?:\d{2} ?%[^.;\d]{0,12})?"
    r"(?:\d+[.,]?\d* ?%? ?(?:-|–|to|a|;|,|et|and) ?)?$"
)
OF_CONFIDENCE = re.compile(r" ?[-–]?(?:ci|ic|confiden|conf\.|interval|de confiance|cri|credible|level|prediction)")


def is_change(sentence: str, start: int, end: int) -> bool:
    """Whether a percentage is no share of a group: a change, or the level or the end of an interval."""
    before = sentence[max(0, start - 60) : start]
    return (
        _CHANGE.search(before + sentence[start : end + 40]) is not None
        or OF_CONFIDENCE.match(sentence, end) is not None
        or _NO_SHARE.search(before) is not None
    )
