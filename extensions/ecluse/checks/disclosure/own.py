"""Values that a sentence gives as one person's own: the tallest, the lowest haemoglobin, an outlier, a last death.

Decides from the words of one sentence. Worked example: "the tallest participant measured 2.11 m", "the highest HbA1c
recorded was 17.2 %", "excluding an outlier of 412 days" and "le dernier décès remonte au 14 avril 2021" each tell one
person's value. The highest mortality of a group, the lowest AIC and outliers beyond the 99th percentile tell nobody's.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .people import PERSON
from .sentences import around, first_of_each, phrase_before, sentences

_MOST = (
    r"(?:tallest|heaviest|oldest|youngest|smallest|lightest|shortest|longest|highest|lowest|largest|biggest|greatest"
    r"|costliest|deepest|thinnest|earliest|latest|most (?:expensive|costly|frequent|severe|obese|extreme)"
    r"|plus (?:grande?|petite?|lourde?|grosse?|elevee?|basse?|bas|gros|longue?|courte?|chere?|couteu(?:x|se)|agee?"
    r"|jeune|haute?|faible|forte?|maigre|legere?|vieux|vieille|consulte))"
)
_ONE = (
    r"(?:patiente?|participante?|subject|sujet|baby|babies|bebe|child|enfant|woman|man|femme|homme|person|personne"
    r"|newborn|neonate|nouveau-nee?|infant|nourrisson|individual|individu|volunteer|volontaire|donor|donneu(?:r|se)"
    r"|resident|residente|mother|mere|attender|consumer|consommateur|consommatrice|user|malade|girl|boy|fille|garcon)"
)
_MEASURE = (
    r"(?:hba1c|ha?emoglobin|hemoglobine|glyc[a-z]{0,2}emi[ae]|glycemie|glucose|creatinine?|creatininemie|crp|troponine?"
    r"|ferritine?|bilirubine?|potassium|kaliemie|sodium|natremie|lactates?|leucocytes|platelets?|plaquettes"
    r"|(?:birth ?)?weight|poids|height|taille|bmi|imc|temperature|fever|fievre|blood pressure|pression|tension"
    r"|tumou?r|tumeur|lesion|viral load|charge virale|lvef|fevg|mmse|glasgow|apgar|nihss|salary|salaire|bill|invoice"
    r"|facture|cholesterol|ldl|psa|inr|ph|onset|relapse|recurrence|rechute|debut|gestational age|terme"
    r"|platelet count|stay|sejour|cd4(?: count)?|egfr|dfg)"
)
_ITS = rf"(?:(?:recorded|observed|measured|individual|single|enregistre\w*|observe\w*|mesure\w*) )?{_MEASURE}\b"
_VALUE = r"(?P<value>\d[\d ,.]*\d|\d)(?P<after>[^.;\n]{0,20})"
_SUPERLATIVE = re.compile(
    rf"\b(?:{_MOST} (?:[a-z]+ )?{_ONE}|{_ONE} (?:le |la |the |ayant (?:le )?|who |qui )?[^.;:\d]{{0,14}}?{_MOST})\b"
    rf"(?!s)[^.;:\d]{{0,40}}?{_VALUE}"
    rf"|\b(?:{_MOST} {_ITS}|{_MEASURE} (?:la |le )?(?:was |est |etait )?{_MOST}\b)[^.;:\d]{{0,40}}?(?P<own>\d[\d ,.]*)"
)
_OF_MANY = re.compile(
    r"\b(?:means?|medians?|mediane|moyen\w*|average|rates?|taux|mortalit\w*|prevalence|incidence|proportions?"
    r"|percent\w*"
    r"|shares?|groups?|groupes?|quartiles?|quintiles?|deciles?|tertiles?|third|class(?:es)?|bands?|tranches?|categor\w+"
    r"|regions?|countr\w+|cent(?:er|re)s?|hospitals?|months?|annees?|effects?|odds|hazards?|risks?|auc"
    r"|models?|increas\w+"
    r"|decreas\w+|allowed|limits?|detect\w+|quantif\w+|normal|possible|plausible|numbers?|nombres?|counts?"
    r"|planned|prevue?"
    r"|units?|cohort\w*|samples?|stud(?:y|ies)|trials?|threshold|seuil|scale|echelle|if|when|si|quand)\b"
)
_OUTLIER = re.compile(
    r"\b(?:outliers?|(?:valeurs?|points?|observations?) (?:extremes?|aberrante?s?)|extreme (?:values?|observations?"
    r"|points?|cases?))"
    r" ?(?:\(|of |at |a |de |with |:|=)(?!n ?=)[^.;:\d()<>≥≤]{0,16}?(?P<value>\d[\d ,.]*)(?P<after>[^.;\n]{0,16})"
)
_BY_RULE = re.compile(
    rf"^ ?(?:%|sd\b|iqr|σ|×|x |times|fois|standard|ecarts?|st\b|nd\b|th\b|e\b|eme|per ?cent|{PERSON}|values?|valeurs?"
    rf"|observations?|points?)"
)
_UNIT = (
    r"(?:days?|jours?|nights?|nuits?|weeks?|semaines?|months?|mois|years?|ans|hours?|heures?|euros?|€|\$|eur"
    r"|kg|g|cm|m|mm"
    r"|mg(?:/[a-z]+)?|g/[a-z]+|[mµu]mol/l|ui/l|ml|l|kcal|points?)\b"
)
_THING = (
    rf"(?:stay|sejour|value|valeur|case|cas|observation|record|admission|hospitali[sz]ation|measurement|mesure|invoice"
    rf"|facture|death|deces|outlier|{_ONE})"
)
_ONE_VALUE = re.compile(
    rf"\b(?P<one>(?:only )?one|a single|une? seule?|an?|une?) (?:[a-z]+ )?{_THING} "
    rf"(?:of|de|d'|at|a|with|lasting|worth|costing|aged|agee? de) "
    rf"(?:[a-z]+ (?:of|de|a) )?(?P<value>\d[\d ,.]*) ?{_UNIT}"
)
_LEFT_OUT = re.compile(
    r"\b(?:exclu\w*|remov\w*|leav\w+ out|left out|without|hors|sans|retir\w*|ecart\w*|omit\w*|omis\w*"
    r"|dropp\w*|trimm\w*)\b"
)
_LAST_DAY = re.compile(
    rf"\b(?:last|first|only|derniere?|premiere?|seule?) (?:[a-z]+ )?(?:{PERSON}|death|deces|case|cas|infection|relapse"
    r"|rechute|suicide)\b(?! (?:report|definition|mix|manag))[^.;\d]{0,40}?\b(?:on|le|au|of|du) \d{1,2}(?:er"
    r"|st|nd|rd|th)? (?:of )?[a-z]{3,9}"
)
_ITS_DEATH = re.compile(r"\b(?:deaths?|died|deces|decedee?|mort|suicide|infections?|cases?|cas)\b")


_RANGE_OF_AGE = re.compile(
    r"\b(?:age|ages|aged|agee?s?)\b[^.;\d]{0,30}\d{1,3}(?:[.,]\d)? ?(?:ans|years"
    r"|y)? ?[(\[](?P<a>\d{1,2}) ?(?:-|–|to|a|;) ?(?P<b>\d{2,3})(?: ?(?:ans|years))?[)\]]"
)
_WIDEST = 60
"""Years that no quartiles of ages are apart."""
_WITH_AND_WITHOUT = re.compile(
    r"\bwith (?:the |this |that )?(?:outlier|patient|case|stay)\b[^.;]{0,40}\bwithout\b|\bavec (?:le |la |ce "
    r"|cette )?(?:patiente?|cas|sejour|valeur)\b[^.;]{0,40}\bsans\b"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    del minimum
    return first_of_each(passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s)))


def _of_sentence(sentence: str) -> Iterator[tuple[str, str]]:
    if not any(map(str.isdigit, sentence)):
        return
    for m in _SUPERLATIVE.finditer(sentence):
        said = phrase_before(sentence, m.start()) + m[0]
        if not _OF_MANY.search(said) and not _OF_MANY.match((m["after"] or "").lstrip()):
            yield "extreme", f"An extreme is one person's own value: '{around(sentence, m.start(), m.end())}'."
    for m in _RANGE_OF_AGE.finditer(sentence):
        if int(m["b"]) - int(m["a"]) >= _WIDEST:
            yield "extreme", f"Ages so far apart are two persons' own: '{around(sentence, m.start(), m.end())}'."
    last = _LAST_DAY.search(sentence)
    if last and _ITS_DEATH.search(sentence[last.start() :]):
        yield "extreme", f"A single person's day is told: '{around(sentence, last.start(), last.end())}'."
    yield from _outliers(sentence)


def _outliers(sentence: str) -> Iterator[tuple[str, str]]:
    """One value that is left out, or what its leaving out changes."""
    told = _WITH_AND_WITHOUT.search(sentence)
    if told and re.search(r"\bn ?= ?\d", sentence):
        said = around(sentence, told.start(), told.end(), 60)
        yield "extreme", f"What changes with one person is that person's: '{said}'."
    for m in _OUTLIER.finditer(sentence):
        if not _BY_RULE.match(m["after"]):
            yield "extreme", f"An outlier is one person's own value: '{around(sentence, m.start(), m.end(), 20)}'."
    for m in _ONE_VALUE.finditer(sentence):
        if len(m["one"]) > len("une") or _LEFT_OUT.search(sentence):
            yield "extreme", f"The value of one person is told: '{around(sentence, m.start(), m.end(), 20)}'."
