"""Single persons by what they are to others: a relative, a victim, the patient of a bed, who carries a mutation.

Decides from the words of one sentence. Worked example: "Her husband, the pharmacist of the village, found her", "the
survivors of the 2015 plane crash", "la patiente, institutrice à Molène, a été perdue de vue", "the patient in bed 12",
"P. K., female, 44" and "found in one family" each tell of persons whom others know. "Each woman and her husband were
invited" and "the patient, if able, was weighed" tell of nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .few import small
from .numerals import SMALL
from .sentences import around, as_written, first_of_each, sentences

_KIN = (
    r"(?:husband|wife|employer|neighbour|neighbor|brother|sister|son|daughter|child|mari|femme|epouse|epoux|conjointe?"
    r"|employeur|voisine?|frere|soeur|fils|fille|mere|pere|mother|father|boyfriend|girlfriend|fiancee?"
    r"|grandson|uncle|aunt)"
)
_DONE = (
    r"(?:died|found|infected|atteinte?|diagnosed|informed|decedee?|affected|was|is|had|est|etait|avait|a"
    r"|tested|positive"
    r"|reported|called|admitted|hospitali\w+)"
)
_THEIRS = re.compile(
    rf"(?<!or )(?<!and )(?<!ou )\b(?:his|her|their only|sa|son|leur seule?) (?:only |twin |elder |younger "
    rf"|late |own )?{_KIN}"
    rf"(?: jumelle| jumeau)?\b(?:,[^.;,]{{3,50}},)? (?:[a-z]+ )?{_DONE}\b"
)
_PARTY = re.compile(
    r"\b(?:the|le|la) (?:suspect|plaintiff|plaignante?|defendant|prevenue?|perpetrator|offender|assailant|agresseur"
    r"|whistle-?blower|index (?:child|woman|man|student|person|mother|father)|murderer|hostage|otage|deceased man"
    r"|deceased woman|victim(?: of (?:the|a) [a-z ]{3,30}?)|victime (?:de"
    r"|du) [a-z' ]{3,30}?)\b(?!s)[^.;]{0,40}?\b(?:was|had|is"
    r"|died|est|etait|a ete|avait)\b"
)
_STRUCK = re.compile(
    r"\b(?:survivors?|victims?|survivants?|victimes) (?:of|de|du) (?:the |la |l')?(?:(?:19|20)\d\d |[a-z]+ ){0,2}"
    r"(?:crash|attack|attentat|accident|shipwreck|naufrage|bombing|explosion|fire|incendie|derailment|shooting)\b"
    r"|\b(?:pilot|driver|passengers?|captain|crew|pilote|conducteur|conductrice|passagers?|equipage) (?:of|de"
    r"|du) (?:the |la |l')?"
    r"(?:helicopter|plane|aircraft|bus|ambulance|ferry|boat|train|lorry|helicoptere|avion|bateau|car|camion)\b"
)
_ONE = (
    r"(?:patiente?|participante?|woman|man|child|boy|girl|subject|sujet|malade|femme|enfant|driver|pilot|couple|victim)"
)
_APPOSED = re.compile(
    rf"(?:^|[.;:] )(?:the|le|la|l'|une?|an?) ?{_ONE}, (?!if|when|the|and|et|or|ou|le|les|si)(?:both |an? |une? )?"
    r"[a-z][^,;.\d]{3,50}, (?:was|were|had|died|is|a|est|etait|avait|ont|etaient)\b"
)
_BED = re.compile(
    r"\b(?:patiente?|malade|woman|man|femme|homme|resident|residente) (?:in|of|from|du|de la|dans la?) "
    r"(?:bed|room|lit|chambre|box|cell|cellule) (?:n° ?|no\.? ?)?\d{1,4}\b"
)
_WITH_NUMBER = re.compile(
    r"\b(?:a|one|une?) (?:patiente?|woman|man|child|participante?|femme|enfant"
    r"|malade)\b[^.;\d]{0,40}?\b(?:received|had|made"
    r"|underwent|visited|attended|a recu|a eu|a fait|a subi"
    r"|est venue?)\b[^.;\d]{0,30}?(?P<n>\d{2,5}) (?:times|sessions|visits"
    r"|stays|admissions|seances|fois|consultations|passages|transfusions|prescriptions|boxes|boites)\b"
)
_MANY = 30
"""Sessions or visits of one person that no plan asks for."""
_CARRIED = re.compile(
    rf"\b(?:found|identified|seen|observed|detected|trouve\w*|identifie\w*|retrouve\w*|detecte\w*|decrit\w*"
    rf"|described) (?:in|chez|dans) "
    rf"(?:only |seulement )?(?P<n>one|une?|{SMALL}) (?:[a-z]+ )?(?:famil(?:y|ies)|familles?|relatives"
    rf"|apparentee?s|kindreds?|siblings"
    r"|brothers|sisters|freres|soeurs|carriers?|porteu(?:r|se)s?|individuals?|individus?|probands?)\b"
)
_GENERAL = re.compile(
    r"\b(?:if|when|whether|should|may(?! \d{4})|must|can|could|each|every|any|eligible|invit\w+|consent\w*|asked"
    r"|interview\w*|questionnaire\w*|example|exemple|si|quand|lorsque?|chaque|doit|peut|risk|risque)\b"
)
_INITIALS = re.compile(
    r"(?<![\w.])[A-ZÉ]\. ?[A-ZÉ]\.,? ?\(?(?:female|male|femme|homme|woman|man|[FHM]\b|aged|âgée?|\d{2}(?! ?%)\b)"
    r"|\b[A-ZÉ][a-zéèêïô]{2,}(?:-[A-ZÉ][a-zéèêïô]+)? [A-ZÉ]\. ?[,(] ?(?:n[ée]e? |born |aged |âgée? "
    r"|\d{2} ?(?:ans|years|y\b))"
    r"|\b(?:M\.|Mme|Mlle|Mr\.?|Mrs\.?|Ms\.?) (?:(?:Le|La|De|Du) )?[A-ZÉ][\w-]{2,} (?:a (?:signé|chuté|refusé"
    r"|accepté|consulté|présenté"
    r"|accouché|rechuté)|est (?:décédée?|sortie?)|died|fell|refused|signed|declined|withdrew|relapsed)\b"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    yield from as_written(passage, ((_INITIALS, "A person is told of by an initial or a title"),))
    yield from first_of_each(passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s, minimum)))


def _of_sentence(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    for pattern in (_THEIRS, _PARTY, _APPOSED, _BED, _STRUCK):
        m = pattern.search(sentence)
        if m and (pattern in (_BED, _STRUCK) or not _GENERAL.search(sentence)):
            yield "person-in-text", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 20)}'."
    m = _WITH_NUMBER.search(sentence)
    if m and int(m["n"]) >= _MANY:
        yield "extreme", f"What one person had is told: '{around(sentence, m.start(), m.end())}'."
    m = _CARRIED.search(sentence)
    if m and (m["n"] in ("one", "un", "une") or small(m["n"], minimum)):
        yield "small-count", f"A few carry it: '{around(sentence, m.start(), m.end(), 20)}'."
