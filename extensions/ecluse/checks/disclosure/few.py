"""Few persons told by a turn of phrase: exceptions, orders, changes by a few, the only one of a trade.

Decides from the words of one sentence. Worked example: "nobody died, apart from two" tells two persons; "the ninth and
last patient" says that there were nine; "excluding prisoners reduced the sample by six" counts the prisoners; "one
participant withdrew" and "a trio of workers showed granulomas" count as they say; "the number of cases rose from 2 to
10" gives both; "ward B, whose true count is 4" undoes a mask. "In all regions except two" and "every third patient"
count nobody.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import Counted, quantities, thing_before, thing_follows
from .idioms import idiom, of_each
from .numerals import SMALL, spelt
from .people import PERSON, STAFF
from .sentences import around, first_of_each, sentences

_N = rf"(?P<n>{SMALL})"
_EXCEPT = re.compile(
    rf"\b(?:hormis|sauf|excepte|a l'exception d[e']|a part|mis a part|except(?: for)?|excepting|apart from|other than"
    rf"|bar|but for|with the exception of|save(?: for)?) (?:the |these |those |ces |les )?{_N}\b"
)
_BOUNDS = re.compile(
    rf"\b(?:not|no|at) (?:more than|most) {_N} [^.;\d]{{0,30}}?\b(?:not|no|at) (?:fewer than|less than|least) "
    rf"(?P<least>{SMALL})\b|\bau plus (?P<n2>{SMALL}) [^.;\d]{{0,20}}?\bau moins (?P<least2>{SMALL})\b"
)
_ORDINAL = re.compile(
    r"\b(?P<n>second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|deuxieme|troisieme|quatrieme|cinquieme|sixieme"
    r"|septieme|huitieme|neuvieme|dixieme|[2-9](?:nd|rd|th|e|eme)|10(?:th|e|eme)) "
    r"(?:and (?:last|final) |et derni\w+ )?"
    r"(?P<who>patiente?|participante?|malade|subject|sujet|donor|donneur|donneuse|case|cas|woman|man|femme"
    r"|homme|carrier"
    r"|porteur|porteuse|recipient|receveur|receveuse|volunteer|resident)\b"
)
_EVERY = re.compile(r"\b(?:every|each|chaque|tous les|toutes les|un|une|a|any|no|aucune?) $")
_BY = re.compile(
    rf"\b(?:reduc\w+|decreas\w+|increas\w+|dropp\w+|fell|rose|grew|shrank|lower\w*|enlarg\w+|extend\w+|cut|ramen\w+"
    rf"|redui\w+|diminu\w+|augment\w+|baiss\w+|perd\w*|gagn\w*|lost|loses|gain\w*)\b(?P<what>[^.;\d]{{0,50}}?) "
    rf"(?:by|de|d') ?{_N}(?= ?(?:[.;,:)]|$|(?:{PERSON})\b))"
)
_SIZE = re.compile(rf"\b(?:sample|cohorte?|population|echantillon|effectifs?|file active|{PERSON})\b")
_THAN = re.compile(
    rf"\b{_N} (?:more|fewer|less|de plus|de moins|additional|supplementaires?)(?: (?P<noun>[a-z]+))?(?: than\b| que\b)"
)
_ONE = re.compile(
    r"\bone (?:other |further |more |additional )?(?:patient|participant|subject|woman|man|child|infant|volunteer|donor"
    r"|carrier|resident|case|case of [a-z]+|death|newborn|person|individual|girl|boy|mother|recipient|control|inmate|"
    r"prisoner|nurse|pupil|student|employee|worker) "
    r"(?:later |also |then |subsequently )?"
    r"(?P<verb>withdrew|died|had|has|was|is|were|did|refused|developed|suffered|required|needed|experienced|dropped"
    r"|relapsed|received|underwent|left|presented|occurred|survived|showed|tested|remained|carried|moved"
    r"|[a-z]{3,12}ed)\b"
)
_RULE = re.compile(
    r"\b(?:defined?|considered|eligible|if|when|assum\w+|e\.g\.|example|weight\w*|reference|contribut\w+"
    r"|could|may|might"
    r"|should|would|at least|least|per|more than|than|drawn|selected|sampled|matched)\b"
)
_ONLY_TIMES = re.compile(
    r"\b(?:only|just|merely) (?:once|twice|thrice|(?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|10) times)\b"
    r"|\b(?:une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|[2-9]|10) fois seulement\b"
    r"|\bseulement (?:une|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|[2-9]|10) fois\b"
)
_A_DAY = re.compile(
    r"^ (?:a|per|each|par|every) (?:day|week|month|year|jour|semaine|mois|an)\b|^ (?:daily|weekly|as|more)"
)
_EACH_OF = re.compile(
    rf"\b(?:each|all|both|chacune?|toutes?|tous|any) (?:of|des|de|les|de ces) (?:the |these |our )?{_N} "
)
_FITS = re.compile(r" candidates, totalling \d+ fits\b")
"""sklearn's `Fitting 3 folds for each of 4 candidates, totalling 12 fits`: of settings."""
_SOLE = re.compile(
    rf"\b(?:the (?:only|sole)|(?:le|la) (?:seule?|unique)|l'unique) (?:[a-z-]+ )?(?:{STAFF}|[a-z]{{3,14}}(?:ist|ologue"
    r"|iatre|icien|icienne|iste|wife|farmer|miner))\b"
)
_NUMBER_OF = re.compile(
    rf"\b(?:number|nombre|count|toll|total) (?:of |de |d'|des )(?:[a-z-]+ ){{0,2}}?{PERSON}\b(?P<rest>[^.;]{{0,80}})"
)
_IS = re.compile(r"\b(?:to|from|a|de|was|were|by|est|etait|reached|at) $")
_ROSE = re.compile(
    r"\b(?:rose|fell|increas\w+|decreas\w+|quintupl\w+|quadrupl\w+|tripl\w+|doubl\w+|halv\w+|went|grew|dropp\w+|pass\w+"
    r"|augment\w+|diminu\w+|was|were|is|reached|est|etait|atteint|atteignait|remain\w+|reste\w*)\b"
)
_UNMASKED = re.compile(
    r"\b(?:(?:true|real|actual|exact|original|underlying|unrounded|unmasked|hidden|masked|suppressed) "
    r"(?:count|number|figure|value|cell|n)"
    r"|(?:(?:vrai|veritable) )?(?:effectif|nombre|chiffre|valeur)s? (?:exacte?|reel(?:le)?|vraie?|veritable|masquee?"
    rf"|supprimee?|cachee?|d'origine)) ?(?:is|was|are|were|being|est|etait|[:=]) ?{_N}"
    rf"(?= ?(?:[.;,:)]|$|(?:{PERSON})\b))"
)

_ONE_OF_ILLNESS = re.compile(
    r"\b(?:observe|note|signale|recense|declare|constate|rapporte|diagnostique|identifie|detecte|compte|eut"
    r"|survenu)\w* (?:qu')?une? (?:seule? )?(?:cas|deces|suicide|infection|epidemie|naissance) (?:de |d'|en |a |chez )"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    return first_of_each(
        passage, lambda line: (said for s in sentences(line) for said in _of_sentence(s, line, minimum))
    )


def _of_sentence(sentence: str, line: str, minimum: int) -> Iterator[tuple[str, str]]:
    yield from _exceptions(sentence, line, minimum)
    yield from _bounds(sentence, minimum)
    yield from _orders(sentence)
    yield from _changes(sentence, line, minimum)
    yield from _alone(sentence)
    yield from _numbered(sentence, minimum)


def small(text: str, minimum: int) -> int:
    """The number that a word or a figure says where it is small; 0 otherwise."""
    number = int(text) if text.isdecimal() else spelt(text) or 0
    return number if number < minimum else 0


def _exceptions(sentence: str, line: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Everybody or nobody, apart from a few."""
    for m in _EXCEPT.finditer(sentence):
        few = small(m["n"], minimum)
        persons = re.search(rf"\b(?:{PERSON}|everybody|everyone|nobody|no one|tous|toutes|personne)\b", line)
        if few and persons and not thing_follows(sentence[m.end() :]) and not thing_before(sentence[: m.start()]):
            yield "complement", f"All or none but {few}: '{around(sentence, m.start(), m.end(), 40)}'."


def _bounds(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`not more than 3 and not fewer than 2 donors`: two bounds that leave few numbers between them."""
    for m in _BOUNDS.finditer(sentence):
        most, least = small(m["n"] or m["n2"], minimum), small(m["least"] or m["least2"], minimum)
        told = 1 <= least <= most and most - least + 1 < (minimum - 1) // 2
        if told and not thing_follows(sentence[m.end() :]) and re.search(rf"\b{PERSON}\b", sentence):
            yield "small-count", f"{least} to {most} persons: '{around(sentence, m.start(), m.end(), 30)}'."


def _orders(sentence: str) -> Iterator[tuple[str, str]]:
    """The third patient: a single one, and how many there were before."""
    for m in _ORDINAL.finditer(sentence):
        if not _EVERY.search(sentence[: m.start()]) and not thing_follows(sentence[m.end() :]):
            yield (
                "small-count",
                f"One person of a few is told of by order: '{around(sentence, m.start(), m.end(), 30)}'.",
            )


def _changes(sentence: str, line: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A sample reduced by six, five more than last year."""
    for m in _BY.finditer(sentence):
        few = small(m["n"], minimum)
        if few and _SIZE.search(m["what"] + sentence[m.end() : m.end() + 16]):
            yield "complement", f"A group changed by {few}: '{around(sentence, m.start(), m.end())}'."
    for m in _THAN.finditer(sentence):
        few = small(m["n"], minimum)
        noun = m["noun"] is None or re.fullmatch(PERSON, m["noun"]) is not None
        last = [q for q in quantities(sentence[: m.start()]) if q.counted is not Counted.SHARE]
        persons = last[-1].counted is Counted.PERSONS if last else re.search(rf"\b{PERSON}\b", line) is not None
        if few and noun and persons and not thing_before(sentence[: m.start()]):
            yield "complement", f"Two groups differ by {few}: '{around(sentence, m.start(), m.end(), 40)}'."


def _alone(sentence: str) -> Iterator[tuple[str, str]]:
    """One person who did something, something that happened only twice, the only one of a trade."""
    m = _ONE.search(sentence)
    if m and not _RULE.search(sentence) and not idiom(sentence, m.start()) and not of_each(sentence[: m.start()]):
        yield "small-count", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 30)}'."
    m = _ONE_OF_ILLNESS.search(sentence)
    if m:
        yield "small-count", f"One case is told of: '{around(sentence, m.start(), m.end(), 20)}'."
    m = _ONLY_TIMES.search(sentence)
    if m and re.search(rf"\b{PERSON}\b", sentence) and not _A_DAY.match(sentence[m.end() :]):
        yield "small-count", f"What happened to few is told: '{around(sentence, m.start(), m.end(), 40)}'."
    m = _SOLE.search(sentence)
    if m:
        yield (
            "person-in-text",
            f"The only one of a trade can be recognised: '{around(sentence, m.start(), m.end(), 40)}'.",
        )


def _numbered(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Each of the five probands; the number of cases rose from 2 to 10."""
    for each in _EACH_OF.finditer(sentence):
        number = small(each["n"], minimum)
        after = sentence[each.end() - 1 :]
        if number > 1 and not thing_follows(after) and not _FITS.match(after):
            yield "small-count", f"All of {number} are told of: '{around(sentence, each.start(), each.end(), 40)}'."
    m = _UNMASKED.search(sentence)
    if m and small(m["n"], minimum):
        yield "small-count", f"What was masked is said: '{around(sentence, m.start(), m.end(), 30)}'."
    m = _NUMBER_OF.search(sentence)
    if m and _ROSE.search(m["rest"]):
        start = m.start("rest")
        few = [
            q
            for q in quantities(m["rest"])
            if not q.decimals
            and 1 <= q.value < minimum
            and (q.counted is not Counted.EXPLAINED or not q.phrase)
            and _IS.search(m["rest"][: q.start])
        ]
        if few:
            said = around(sentence, m.start(), start + few[0].end)
            yield "small-count", f"The number of persons is {few[0].value:.0f}: '{said}'."
