"""Few persons told in passing: everybody of a group in brackets, a confusion matrix in a line, an office, a bound.

Decides from the words of one sentence. Worked example: "among the HIV-positive patients (n = 14), all had been
incarcerated" says so of each of them; "TP=41 FP=3 FN=2" counts three and two; "66.7 % (2/3)" is two of three; "the 99th
percentile is 212 days (n = 300)" leaves three above it; "min 1; max 212" days are two persons' own; "when the most
expensive patient was excluded" gives that patient's cost; the mayor's son is one person. "All 37 hospitals", "grade 3
or 4" and "min 5; max 10 iterations" tell of nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import Counted, quantities, thing_follows
from .few import small
from .groups import DESIGNED, SUFFERED
from .numerals import SMALL
from .people import ILLNESS, PERSON, STAFF
from .sentences import around, first_of_each, is_row, sentences

_ALL = re.compile(
    r"(?:^|[,;:)] ?|\b(?:were|was|qui|which|who|had|and|et) )(?:all|tous|toutes|none|aucune?) (?:of (?:them|whom"
    r"|these) )?"
    r"(?:had|have|were|was|are|died|ont|etaient|avaient|sont|[a-z-]+(?:ed|ees?|es|ifs?|ives?))\b"
)
_INTRODUCED = re.compile(r"\b(?:among|of|parmi|sur|chez)(?: (?:the|les|ces|these|our|nos))? $")
_MATRIX = re.compile(
    r"\b(?:tp|fp|tn|fn|vp|vn|true positives?|false (?:positives?|negatives?)|true negatives?) ?[=:] ?(\d{1,9})\b"
)
_OF_FEW = re.compile(
    r"(?P<share>\d{1,3}(?:[.,]\d+)?) ?% ?[(\[](?P<a>\d{1,2}) ?(?:/|of|sur|out of) ?(?P<b>\d{1,2})(?= ?[)\],;])"
)
_MIN_MAX = re.compile(
    r"\bmin(?:imum)?\.? ?[:=]? ?-?\d[\d.,]* ?[^\W\d]{0,8} ?[;,/–-] ?max(?:imum)?\.? ?[:=]? ?\d[\d.,]*(?! ?(?:iter"
    r"|epoch|step))"
)
_MEASURED = re.compile(
    r"\b(?:age|ans|years?|stays?|sejours?|durees?|costs?|couts?|poids|weights?|bmi|imc|euros?|days?|jours?|mois"
    r"|months?|delai"
    r"|level|dose|pressure|creatinine\w*|mg|kg|cm)\b"
)
_WITHOUT_MOST = re.compile(
    rf"\b(?:most expensive|costliest|oldest|youngest|heaviest|largest|longest|most extreme|single|plus (?:chere?"
    rf"|agee?|jeune"
    rf"|lourde?|longue?|couteu\w+)) (?:{PERSON}|stay|case|value|observation)\b[^.;]{{0,20}}"
    r"\b(?:exclu\w*|remov\w*|left out|dropped|retir\w*|omit\w*|ecart\w*)"
    rf"|\b(?:exclu\w*|remov\w*|without|sans|omit\w*) (?:the |le |la )(?:single )?(?:most expensive|costliest"
    rf"|oldest|heaviest"
    rf"|(?:{PERSON}|sejour) le plus \w+)"
)
_BETWEEN = re.compile(
    rf"\b(?:less|fewer) than (?P<n>{SMALL}) (?:{PERSON} )?but (?:more than|at least) (?P<m>{SMALL}) (?:{PERSON})\b"
    rf"|\bmoins de (?P<n2>{SMALL}) (?:{PERSON} )?mais (?:plus de|au moins) (?P<m2>{SMALL})\b"
)
_SHORT = re.compile(
    rf"(?<![\w.,/-])(?P<n>{SMALL}) (?:pts?\.?|pat\.|subj\.|(?:des |les )?mineure?s|minors) (?:[a-z]+ )?"
    r"(?:died|dead|deced\w+|had|were|with|lost|exclu\w*|withdr\w+|avai\w+|ont|etaient|perdus|retir\w+)\b"
    rf"|(?<![\w.,/-])(?P<pat>{SMALL}) pat\.(?=$| )"
    rf"|\b(?:les|the|des|ces) (?P<m>{SMALL}) (?:mineure?s|minors)\b"
)
_BY_SEX = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,2}) (?:f|femmes?|women) ?(?:,|/|;|and|et) ?(?P<m>\d{1,2}) (?:h|m|hommes?|men)\b"
)
_ONE_SEX = r"(?:males?|m[ae]n|boys?|hommes?|garcons?|females?|wom[ae]n|girls?|femmes?|filles?)"
_EACH_SEX = re.compile(rf"(?<![\w.,/-])(?P<n>{SMALL}) {_ONE_SEX}(?:,| and| et|, and)+ (?P<m>{SMALL}) {_ONE_SEX}\b")
_MAX = re.compile(r"[(\[] ?(?:max(?:imum)?|min(?:imum)?)\.? ?[:=]? ?\d[\d.,]*")
_INDEX = re.compile(
    r"\b(?:the|le|la|our|notre) (?:index case|cas index|first case|premier cas|index patient|patient zero),? "
    r"(?:(?:was|is|est|etait) )?(?:an?|une?) (?!case|cas|patient|confirmed|person)[a-z]{3,}"
)
_MINUS = re.compile(
    r"(?<![\d.,])(?P<a>\d{1,3}(?:[ ,]\d{3})+|\d{2,7}) ?(?:minus|moins|−|less) ?(?P<b>\d{1,3}(?:[ ,]\d{3})+|\d{2,7})"
    r"(?![\d.,]*\d| ?%)"
)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SEX_RATIO = re.compile(
    r"\b(?:h/f|f/h|m/f|f/m|hommes?[ /]+femmes?|men[ /]+women|males?[ /]+females?)\)?\W{1,4}"
    r"(?P<n>\d{1,6}) ?[/:] ?(?P<m>\d{1,6})(?![\d.,]*\d)"
)
_ONE_OR_TWO = (
    r"(?:one|a single|une? seule?|chu|university hospital|the (?:largest|biggest|two|first|top)(?: largest"
    r"| biggest)?|top (?:two|2|one|1)"
    r"|(?:le|la) (?:plus (?:grosse?|grande?)|premiere?)"
    r"|(?:les )?deux (?:plus (?:grosse?s|grande?s)|premiere?s)|two|deux)"
)
_CONTRIBUTOR = (
    r"(?:hospitals?|hopita(?:l|ux)|cent(?:er|re)s?|establishments?|etablissements?|compan(?:y|ies)|firms?|sites?"
    r"|laborator(?:y|ies)|laboratoires?|entreprises?|prescribers?|prescripteurs?|providers?|contributors?"
    r"|contributeurs?"
    r"|patients?|payers?|spenders?|gps?|doctors?|medecins?|surgeons?|chirurgiens?|physicians?|infirmiere?s?"
    r"|nurses?|clinics?|cliniques?|pharmac(?:y|ies)|pharmacies?|suppliers?|fournisseurs?)"
)
_ACCOUNTS = re.compile(
    rf"\b{_ONE_OR_TWO} ?(?:[a-z-]+ )??{_CONTRIBUTOR}\b[^.;%]{{0,40}}?\b(?:accounts?|represents?|makes? up|made up"
    r"|generates?|prescribe[sd]?|dispense[sd]?|perform(?:s|ed)?|billed|shares?|sold|treat(?:s|ed)"
    r"|contributes?|(?:a |ont )?(?:prescrit|delivre|facture|effectue|realise|vendu)\w*|realise\w*"
    r"|represente\w*|concentre\w*|totalise\w*|effectue\w*|pese\w*)\b[^.;%\d]{0,20}"
    r"(?P<share>\d{1,3}(?:[.,]\d+)?) ?%"
)
_NAMED_SHARE = re.compile(
    r"\b(?:le chu|l'hopital universitaire|the (?:university|teaching|main"
    r"|only) hospital)\b[^.;%]{0,40}?\b(?:accounts? for"
    r"|represents?|performs?|performed|concentre|realise|assure|effectue|treats|treated)\b[^.;%\d]{0,20}"
    r"(?P<share>\d{1,3}(?:[.,]\d+)?) ?%"
)
_FALLS = re.compile(
    r"\b(?:without|excluding|sans|hors) (?:the |le |la |l')?[a-z' -]{3,40}?(?:hospital|chu|hopital|clini(?:c"
    r"|que)|company|firm|entreprise"
    r"|laboratory|laboratoire|centre|center|patient)\b[^.;\d]{0,50}?\b(?:from"
    r"|de) (?P<a>\d+(?:[.,]\d+)?) ?(?:[a-z€]+ )?(?:to|a) (?P<b>\d+(?:[.,]\d+)?)"
)
_DOMINANT, _DOMINANT_TWO = 47, 90
"""Percent of a sum from which one, or two, of its contributors are known to the others."""
_OFFICE = re.compile(
    r"(?<!of )\b(?:the|le|la) (?:(?:village|town|local) )?(?:mayor|maire|prefect|prefet|priest|bishop|eveque|imam|rabbi"
    r"|rabbin"
    r"|senator|senateur|depute|minister|ministre|mp)(?:'s (?:son|daughter|wife|husband|mother|father))? "
    r"(?:was|had|died|is|est|a|etait|avait|lui-meme|himself|herself|and his|et sa)\b"
)
_KNOWN = re.compile(
    r"\b(?:an?|one|une?) (?:(?:former|retired|famous|well-known|local|professional|elderly|ancien(?:ne)?|celebre) )?"
    r"(?:prime )?(?:minist(?:er|re)|mayor|maire|prefect|prefet|priest|bishop|eveque|imam|rabb(?:i|in)|senat(?:or|eur)"
    r"|depute|judge|president|ambassad(?:or|eur)|act(?:or|ress|eur|rice)|singer|chant(?:eur|euse)|footballe(?:r|ur)"
    r"|cycliste?|athlete|rugby(?:man| player)|astronaute?|journaliste?|novelist|writer|ecrivain|champion(?:ne)?"
    r"|celebrity|politician)s?"
    r"(?:,? (?:with|who|whose|suffering|treated|diagnosed|aged|atteinte?|souffrant|qui|ayant|agee?)\b"
    rf"|[^.;]{{0,30}}\b{ILLNESS}\b)"
)
_HOUSEHOLD = re.compile(
    r"\b(?:an?|une?|the|le|la) (?!patient|person|subject|participant|parent|child|enfant|malade|case|cas\b)"
    r"[a-z-]{3,16}, (?:his|her|sa|son|leur) (?:wife|husband|partner|son|daughter|mother|father|brother|sister"
    r"|femme|mari|epouse|fils|fille|mere|pere|frere|soeur|conjointe?|voisine?|neighbour|colleague)\b"
)
_SICK_STAFF = re.compile(
    rf"(?<!per )\b(?:an?|one|une?|the|le|la|l')(?: [a-z]+)? ?(?:{STAFF}|interne|externe"
    rf"|aide-soignante?)\b[^.;,]{{0,40}}?\b(?:a contracte|contracted"
    rf"|was infected|a ete "
    rf"(?:infecte|contamine)e?|tested positive|was the (?:source|index|first case)|etait (?:la source|le cas index)"
    rf"|(?:was|is|est|etait) {SUFFERED})\b"
)
_BORN = re.compile(
    r"(?<![s,] )(?<!were )(?<!children )\b(?:born|nee?) (?:in|en) (?:january|february|march|april|may|june|july"
    r"|august|september"
    r"|october|november|december|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre) "
    r"(?:19|20)\d\d\b"
)
_ONLY_ONE = re.compile(
    r"\b(?:the|le|la) (?:case|patiente?|cas|malade|death|deces|woman|man|femme|homme)\b[^.;]{0,40}"
    r"\b(?:(?:was|is) the only one|(?:est|etait) (?:le|la) seule?)\b"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    return first_of_each(passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s, minimum)))


def _of_sentence(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    yield from _numbers(sentence, minimum)
    yield from _persons(sentence)
    yield from _whole(sentence, minimum)


def _lost(before: str, after: str) -> float:
    """Percent of a sum that is lost with one of its contributors."""
    one, two = (float(text.strip(".,").replace(",", ".")) for text in (before, after))
    return 100 * (one - two) / one if one > two else 0.0


def _whole(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Everybody or nobody of a group whose size stands before."""
    m = _ALL.search(sentence)
    if m is None or DESIGNED.search(sentence):
        return
    for q in quantities(sentence[: m.start() + 1]):
        group = q.counted is Counted.PERSONS or (
            q.counted is Counted.UNKNOWN and _INTRODUCED.search(sentence[max(q.start - 30, 0) : q.start])
        )
        if group and not q.decimals and 1 < q.value < 5 * minimum and not thing_follows(sentence[q.end :]):
            yield "whole-group", f"Everybody of {q.value:.0f} is alike: '{around(sentence, q.start, m.end())}'."
            return


def _numbers(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Small counts in short forms."""
    cells = [int(n) for n in _MATRIX.findall(sentence)]
    if len(cells) > 1 and any(1 <= n < minimum for n in cells):
        yield "small-count", f"A cell of a confusion matrix is {min(n for n in cells if n)}: '{sentence[:80]}'."
    for m in _OF_FEW.finditer(sentence):
        part, whole, share = int(m["a"]), int(m["b"]), float(m["share"].replace(",", "."))
        if 0 < part <= whole < minimum and abs(100 * part / whole - share) < 1:
            yield "small-count", f"{part} of {whole}: '{around(sentence, m.start(), m.end(), 30)}'."
    for m in _BETWEEN.finditer(sentence):
        if small(m["n"] or m["n2"], minimum) and small(m["m"] or m["m2"], minimum):
            yield "small-count", f"Two bounds leave few: '{around(sentence, m.start(), m.end(), 20)}'."
    for m in _SHORT.finditer(sentence):
        if small(m["n"] or m["m"] or m["pat"], minimum):
            yield "small-count", f"A few persons: '{around(sentence, m.start(), m.end(), 20)}'."
    yield from _differences(sentence, minimum)
    sexes = _SEX_RATIO.search(sentence)
    if sexes and 1 <= min(int(sexes["n"]), int(sexes["m"])) < minimum <= max(int(sexes["n"]), int(sexes["m"])):
        yield "small-count", f"A few of one sex: '{around(sentence, sexes.start(), sexes.end(), 20)}'."
    by_sex = _BY_SEX.search(sentence) or _EACH_SEX.search(sentence)
    if by_sex and min(small(by_sex["n"], minimum), small(by_sex["m"], minimum)) and not is_row(sentence):
        yield "small-count", f"A few of each sex: '{around(sentence, by_sex.start(), by_sex.end(), 20)}'."


def _differences(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`220 minus 212`: a subtraction that is left to the reader."""
    for m in _MINUS.finditer(sentence):
        one, two = (int(re.sub(r"\D", "", m[g])) for g in ("a", "b"))
        years = all(_FIRST_YEAR <= n <= _LAST_YEAR for n in (one, two))
        if 1 <= one - two < minimum <= two and not years and not thing_follows(sentence[m.end() :]):
            said = around(sentence, m.start(), m.end(), 30)
            yield "complement", f"A subtraction leaves {one - two}: '{said}'."


def _persons(sentence: str) -> Iterator[tuple[str, str]]:
    """One person by rank, office, trade or place."""
    m = _MIN_MAX.search(sentence)
    if m and _MEASURED.search(sentence):
        yield "extreme", f"Minimum and maximum are one person's own: '{around(sentence, m.start(), m.end())}'."
    m = _ACCOUNTS.search(sentence)
    if m:
        two = re.search(r"\b(?:two|deux|2)\b", m[0].split("%")[0]) is not None
        if float(m["share"].replace(",", ".")) >= (_DOMINANT_TWO if two else _DOMINANT):
            yield "dominance", f"One or two make up most of a sum: '{around(sentence, m.start(), m.end())}'."
    for m in (*_NAMED_SHARE.finditer(sentence), *_FALLS.finditer(sentence)):
        share = float(m["share"].replace(",", ".")) if "share" in m.re.groupindex else _lost(m["a"], m["b"])
        if share >= _DOMINANT_TWO:
            yield "dominance", f"One makes up most of a sum: '{around(sentence, m.start(), m.end())}'."
    m = _WITHOUT_MOST.search(sentence)
    if m:
        yield (
            "extreme",
            f"What changes without one person is that person's: '{around(sentence, m.start(), m.end(), 30)}'.",
        )
    m = _MAX.search(sentence)
    if m and _MEASURED.search(sentence):
        yield "extreme", f"A minimum or maximum is one person's own: '{around(sentence, m.start(), m.end(), 20)}'."
    for pattern in (_OFFICE, _INDEX, _KNOWN, _HOUSEHOLD, _SICK_STAFF, _BORN, _ONLY_ONE):
        m = pattern.search(sentence)
        if m:
            yield "person-in-text", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 20)}'."
