"""What explains a number in a sentence: a label before it, a thing or a unit behind it.

Decides for one number of a sentence what it counts. Worked example: in "of 612 participants, four left after visit 3
and two models were refitted" 612 counts persons, 4 counts nothing that is named (`BARE`), 3 is explained by "visit"
and 2 by "models". A word that no list knows makes its number `UNKNOWN`: who asks decides what that is worth.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from .numerals import SPELT, spelt
from .people import PERSON, STAFF


class Counted(StrEnum):
    """What a number in a sentence is about."""

    PERSONS = "persons"
    BARE = "bare"
    UNKNOWN = "unknown"
    SHARE = "share"
    EXPLAINED = "explained"


_IS_PERSON = re.compile(rf"(?:{PERSON}|sejours?|stays?|admissions?|hospitali[sz]ations?|pupils?|students?"
                        r"|workers?|employees?|veterans?|boys?|girls?|garcons?|filles?|eleves?|etudiant(?:e?s|e)?"
                        r"|births?|fetus(?:es)?|foetus|events?|evenements?|smokers?|fumeurs?|users?|members?"
                        r"|(?:oper|trait|expos|vaccin|greff|infect|ventil|dialys|depist|contamin)ee?s|treated"
                        r"|exposed|survivors?|prisoners?|detenus?|migrants?|households?|foyers?"
                        r"|diabetics|diabetiques?|asthmatics|asthmatiques?|epileptics|epileptiques?"
                        r"|hypertendue?s?|alcooliques?|prematures?|siblings?|spouses?|conjointe?s?|widows?"
                        r"|veufs?|veuves?|orphans?"
                        r"|inmates?|caregivers?|aidante?s?|pensioners?|retraitee?s?|toddlers?|salariee?s?"
                        r"|ouvriers?|ouvrieres?|drivers?|teenagers?"
                        r"|adolescente?s?)")  # fmt: skip


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_THINGS = _set(
    "model modele analysis analyse analyses group groupe scenario region variable study etude trial essai feature"
    " fold step etape method methode table tableau tableaux figure definition visit visite dose drug medicament code"
    " criterion criteria critere period periode year yr an ans annee month mois week semaine day jour night"
    " nuit hour heure"
    " minute second seconde point level niveau category categorie categories class classe score item question database"
    " base source country countries pays center centre hospital hopital hopitaux limit limite limitation reason raison"
    " difference factor facteur cluster component composante error erreur warning change changement version file"
    " fichier physician medecin expert reviewer relecteur author auteur domain domaine type time fois row column ligne"
    " colonne pattern trend phase peak pic wave vague percent quartile quintile decile tertile stratum strata strate"
    " parameter parametre covariate covariable predictor predicteur confounder coefficient knot noeud degree degre df"
    " ddl chain chaine iteration epoch layer couche unit unite neuron tree arbre leaf bin interval intervalle"
    " tool outil"
    " software package library logiciel script notebook page chapter chapitre section appendix annexe reference"
    " registry registre register cohort cohorte dataset survey enquete wave network reseau team equipe laboratory"
    " laboratoire clinic clinique ward service department departement unit unite institution etablissement site"
    " university universite school ecole practice cabinet pharmacy pharmacie city ville district commune province"
    " state etat canton area zone sector secteur mg ml g kg mmhg mmol cm mm m km l ui iu gy bpm kcal euro euros usd"
    " dollar percentage pourcentage fold decimal digit chiffre decimale character caractere letter lettre word mot"
    " sentence line phrase paragraph language langue arm bras treatment traitement regimen strategy strategie"
    " intervention comparison comparaison contrast outcome critere endpoint exposure exposition indicator indicateur"
    " measure mesure measurement test hypothesis hypothese assumption condition rule regle threshold seuil cell cellule"
    " dimension axis axe panel curve courbe plot graph graphique image slice lead channel gene snp locus loci protein"
    " biomarker marqueur antibody antigen antigene drug molecule substance product produit vaccine vaccin injection"
    " infusion perfusion tablet comprime capsule pill session seance cycle course cure tour round call appel letter"
    " email meeting reunion workshop interview entretien questionnaire form formulaire instrument scale echelle"
    " subscale subscore theme topic axis objective objectif aim goal hypothese question set jeu series serie subset"
    " sample echantillon replicate replica bootstrap imputation simulation permutation seed graine thread core coeur"
    " gpu cpu gb mb tb kb ms min sec h s hz neighbour neighbor voisin lag order ordre digit bit byte octet kappa star"
    " stage stade grade tier rank rang position percentile standard sd se deviation ecart times record system systeme"
    " format guideline recommandation recommendation comment commentaire remark remarque recommendation part partie"
    " block bloc stratum node edge lien arete route voie path chemin option choice choix way maniere kind sorte"
    " physician nurse surgeon chirurgien practitioner praticien assessor interviewer evaluateur enqueteur"
    " soignant bed lit theatre room salle machine scanner cause consequence infirmier infirmiere pharmacist"
    " pharmacien radiologist radiologue observer rater reader lecteur"
    " coder annotator annotateur statistician biostatisticien investigator researcher chercheur clinician clinicien"
    " article paper publication manuscript report rapport document protocol protocole plan amendment avenant"
    " deliverable"
    " package milestone meta-analysis review revue main principal degrees side sided way-tailed tailed nearest multiple"
    " year-old years-old hundred thousand million milliard billion cent mille zero"
    " column-wise disease maladie comorbidity comorbidite symptom symptome diagnosis diagnostic sign signe complication"
    " specialty specialite profession occupation age ages bracket tranche band bande"
    " transition checkpoint attempt typo bug thread process candidate-set fit job task panel draw"
    " mailing reminder relance quarter third fifth sixth tenth quart tiers cinquieme sixieme dixieme"
    " association organisation organization society subgroup subanalysis substudy"
    " ratio rate taux proportion odds hazard risk risque probability probabilite"
)
"""Nouns, in the singular, that no person is: what they number is explained."""
_LABEL = re.compile(
    r"(?:\b(?:tables?|tableaux?|figures?|fig\.?|stages?|stades?|grades?|phases?|models?|modeles?|types?|versions?|v"
    r"|sections?|chapters?|chapitres?|appendix|appendices|annexes?|pages?|pp?\.?|steps?|etapes?|levels?|niveaux?|weeks?"
    r"|days?|months?|years?|visits?|visites?|semaines?|jours?|j|mois|annees?|ans|groups?|groupes?|clusters?"
    r"|class(?:e|es)?"
    r"|arms?|bras|doses?|quartiles?|quintiles?|deciles?|seeds?|aims?|objectives?|objectifs?|study|etude|cohorte?|lines?"
    r"|lignes?|points?|items?|questions?|no\.?|n°|nos?|scores?|score of|category|categorie|categories|wave|vague|folds?"
    r"|epochs?|layers?|iterations?|ages?|aged|agee?s? de|age of|between|entre|grade|axis|axe|panel|at|in|en|by|par|per"
    r"|pour|every|tous les|toutes les|times|fois|factor|facteur|lag of|least|most|than|de|to|a|et|and|or|ou|-|–|power"
    r"|equal to|minus|plus|over|above|below|under|sous|up to|jusqu'a|about|moins|plus d[e']|fewer than|less than"
    r"|more than|at least|au moins|within|first|last|premiers?|premieres?|derniers?|dernieres?|next|nearest|multiple of"
    r"|multiple de|version|equation|eq\.?|ref\.?|references?|rule|regle|article|art\.?|h|t|f|p|r|k|q|z|c|d|b|s|m|n°)"
    r"|[=<>≤≥±~^/*×:\[#$€£+&@_§])\s?$"
)
_KIND = re.compile(
    r"\b(?:stages?|stades?|grades?|phases?|types?|tables?|tableaux?|figures?|models?|modeles?|versions?"
    r"|class(?:e|es)?|asa|nyha"
    r"|ecog|chromosomes?|exons?|cycles?|levels?|niveaux?|categor(?:y|ies?)|tiers?|sections?|visits?|visites?"
    r"|waves?|vagues?|quartiles?"
    r"|quintiles?) $"
)
"""What makes a number a name, even before persons: `grade 2 patients`."""
_BETWEEN = _set("between entre de to a et and or ou - – in en at")
_NUMBER = re.compile(
    r"(?<![\w.,/:+°#§-])(?:"
    r"(?P<digits>\d{1,3}(?:,\d{3})+(?![\d,])|\d{1,3}(?: \d{3})+(?!\d)"
    r"|\d{1,9})(?:[.,](?P<part>\d{1,6}))?(?![\w:]|[.,]\d|/\d)"
    rf"|(?P<vague>half[- ]a[- ]dozen|half-dozen|(?:une )?demi-douzaine|(?:a|une) (?:handful|poignee)|a couple|a pair"
    r"|(?:a|un|une) (?:trio|duo|foursome|quatuor|quartet|triad|triade|dizaine|douzaine|dozen|quinzaine|vingtaine))\b"
    rf"|(?P<spelt>{SPELT})\b(?!-))"
    r"(?P<percent> ?(?:%|percent\b|per cent\b|pour ?cent\b))?"
)
_VAGUE = (
    ("half", 6), ("demi", 6), ("hand", 5), ("poig", 5), ("coup", 2), ("pair", 2), ("tri", 3), ("duo", 2), ("four", 4),
    ("quat", 4), ("quar", 4), ("dizaine", 10), ("douzaine", 12), ("dozen", 12), ("quinzaine", 15), ("vingtaine", 20),
)  # fmt: skip
_COMPUTED = re.compile(r"\b(?:files?|threads?|cores?|cpus?|gpus?|[gmt]b|n_jobs|parallel|processes|\d{1,4} s)\b")
"""Workers beside these are programs."""
MANY_STAFF = 12
"""Of those who treat from which they are themselves those who are counted."""
_IS_STAFF = re.compile(STAFF)
_PARTNERS = re.compile(
    r" patients? (?:partners?|representatives?|advocates?|experts?|groups?|organi[sz]ations?|associations?)\b"
)
_STAFF = re.compile(r"(?:[^c]ists?|logues?|icians?|iciens?|iatres?)$")
"""Cardiologists, biostatisticiens: those who treat or count, not those who are counted."""
UNIT_OR_DATE = re.compile(
    r" ?(?:%|‰|°|€|\$|[-–] ?\d|[/*×±^=]|\w+/\w|to \d|a \d|et \d|and \d|ou \d|or \d)"
    r"| (?:or|ou|and|et) (?:more|fewer|less|above|over|older|plus|moins)\b"
    r"| (?:january|february|march|april|june|july|august|september|october|november|december"
    r"|janvier|fevrier|mars|avril"
    r"|juin|juillet|aout|septembre|octobre|novembre|decembre|ma[yi](?= \d{4}|[.,;)]|$))\b"
)
_AT = re.compile(r"\b(?:at|within) $")
"""`seen at one year and at two`."""
_STOP = re.compile(
    r"(?:of|in|de|du|des|d'\w*|dans|with|avec|without|sans|who|whom|qui|dont|had|have|has|were|was|are|is|did"
    r"|died|ont|a"
    r"|avait|avaient|etaient|etait|sont|est|and|et|or|ou|for|pour|by|par|at|on|sur|to|the|les?|la|that|which|from|among"
    r"|chez|parmi|after|before|apres|avant|during|pendant|out|versus|vs|than|que|as|but|mais|only|all|each|per|if|when"
    r"|also|then|so|not|could|would|may|can|been|be|furent|aux?|ete)"
)
_OF_THEM = re.compile(rf" (?:of|among|des|de|parmi) (?:(?:the|these|our|les|nos|ces) )?(?:(?:\d+|{SPELT}) )?")
_WORD = re.compile(r"[^\W\d][\w'’.-]*")
_PHRASE = 4
_REACH = 40
"""Letters before a number that may explain it: the work must not grow with the square of a line."""
MOST = 60
"""Numbers of a sentence; what has more is data."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of a sentence: its value, the decimals it shows, what it is about, and where it stands."""

    value: float
    decimals: int
    counted: Counted
    start: int
    end: int
    phrase: str = ""

    @property
    def whole(self) -> bool:
        """Whether it may count somebody."""
        return not self.decimals and self.counted in (Counted.PERSONS, Counted.BARE, Counted.UNKNOWN)


_MAY_FOLLOW = (Counted.BARE, Counted.UNKNOWN)
"""What a number behind one that is explained, in a row with it, is explained by as well."""


@lru_cache(maxsize=1024)
def quantities(sentence: str) -> tuple[Quantity, ...]:
    """The numbers of a sentence in lower case without accents, in the order in which they stand."""
    found = list(itertools.islice(_quantities(sentence), MOST))
    for n, (one, two) in enumerate(itertools.pairwise(found), 1):
        listed = re.fullmatch(r" ?(?:,|and|et|or|ou|to|a|-) ?", sentence[one.end : two.start]) is not None
        if listed and one.counted is Counted.EXPLAINED and not one.phrase and two.counted in _MAY_FOLLOW:
            found[n] = replace(two, counted=Counted.EXPLAINED, phrase="")
    return tuple(found)


def _quantities(sentence: str) -> Iterator[Quantity]:
    for m in _NUMBER.finditer(sentence):
        value = _value(m)
        if value is None:
            continue
        after = sentence[m.end() : m.end() + 60]
        counted, phrase = (
            (Counted.SHARE, "") if m["percent"] else _about(sentence[max(m.start() - _REACH, 0) : m.start()], after, m)
        )
        yield Quantity(value, len(m["part"] or ""), counted, m.start(), m.end(), phrase)


def _value(m: re.Match[str]) -> float | None:
    if m["digits"]:
        return float(re.sub(r"[ ,]", "", m["digits"]) + ("." + m["part"] if m["part"] else ""))
    if m["vague"]:
        return next(float(n) for word, n in _VAGUE if word in m["vague"])
    number = spelt(m["spelt"])
    return None if number is None or m["spelt"] in ("un", "une", "one") else float(number)


def _about(  # noqa: PLR0911 - one rule per line, in order
    before: str, after: str, m: re.Match[str]
) -> tuple[Counted, str]:
    after = after.removeprefix(" of") if m["vague"] else after
    heads = [word.strip(".'") for word in _phrase(after) if not word.endswith("'")]  # not `patients' associations`
    if re.search(r"\bn ?= ?$", before):
        return Counted.PERSONS, "n"
    many = not m["part"] and (_value(m) or 0) >= MANY_STAFF
    persons = any(_IS_PERSON.fullmatch(word) for word in heads) and not (
        "workers" in heads and _COMPUTED.search(f"{before} {after}")
    )
    persons = persons or (many and any(_IS_STAFF.fullmatch(word) for word in heads))
    if _PARTNERS.match(after):
        return Counted.EXPLAINED, " ".join(heads)
    if not persons and any(map(_is_thing, heads)):
        return Counted.EXPLAINED, " ".join(heads)
    if not m["spelt"] and _KIND.search(before):
        return Counted.EXPLAINED, " ".join(heads)
    if m["spelt"] and not heads and _AT.search(before):
        return Counted.EXPLAINED, ""
    of_them = re.match(r" (?:of (?:the|our|these)|des|d'entre|parmi) ", after) is not None
    if not persons and not of_them and _LABEL.search(before) and not m["spelt"] and (not heads or not _opens(before)):
        return Counted.EXPLAINED, " ".join(heads)
    if UNIT_OR_DATE.match(after):
        return Counted.EXPLAINED, ""
    if m["digits"] and not persons and len(m["digits"]) == 4 and "1900" <= m["digits"] <= "2100":  # a year
        return Counted.EXPLAINED, ""
    if persons:
        return Counted.PERSONS, " ".join(heads)
    return (Counted.UNKNOWN if heads else Counted.BARE), " ".join(heads)


def _opens(before: str) -> bool:
    """Whether what stands before a number only joins it to the sentence: `and 3 relapses`, `in 4 pregnancies`."""
    word = re.search(r"([^\W\d]+|[-–]) ?$", before)
    return word is not None and word[1] in _BETWEEN


def _phrase(after: str) -> list[str]:
    """The words that a number stands before, up to the first that ends its noun."""
    out: list[str] = []
    at = 0
    while len(out) < _PHRASE and (m := re.compile(r" ?(?:\([^()]{1,12}\) ?)?").match(after, at)):
        word = _WORD.match(after, m.end())
        if word is None or (not out and m.end() == at and at == 0) or _STOP.fullmatch(word[0]):
            break
        if out and word[0].endswith("ed") and out[-1].endswith("s") and _is_thing(out[-1]):
            break  # `four studies followed patients`
        out.append(word[0])
        at = word.end()
    return out


def thing_follows(after: str) -> bool:
    """Whether what a number stands before is a thing, not persons: `of 9 included trials`."""
    heads = [word.strip(".'") for word in _phrase(f" {after.lstrip()}")]
    return not any(map(_IS_PERSON.fullmatch, heads)) and any(map(_is_thing, heads))


def is_one_of_things(after: str) -> bool:
    """Whether what stands behind `only one` says of which things it is one: ` of the four cohort studies`."""
    of = _OF_THEM.match(after)
    return of is not None and thing_follows(" ".join(after[of.end() :].split()[:2]))  # a noun and what says which


def thing_before(before: str) -> bool:
    """Whether what was named last is a thing, not persons: `in all regions, except`."""
    for word in reversed(_WORD.findall(before[-80:])):
        if _IS_PERSON.fullmatch(word):
            return False
        if _is_thing(word):
            return True
    return False


def _is_thing(word: str) -> bool:
    parts = (word, *word.split("-")) if "-" in word else (word,)
    return any(_singular(part) in _THINGS or _STAFF.search(part) is not None for part in parts)


def _singular(word: str) -> str:
    if word in _THINGS:
        return word
    for ending, instead in (("ies", "y"), ("es", ""), ("s", ""), ("x", "")):
        if word.endswith(ending) and word[: -len(ending)] + instead in _THINGS:
            return word[: -len(ending)] + instead
    return word
