"""Few persons told by where a number stands: behind a colon or a verb, before a place, beside a title and an initial.

Decides from the words of one sentence. Worked example: "one clinic declared maternal deaths: two" and "readmissions
numbered nine" count what stands before them; "no case in men and seven in women" counts cases; "deaths, of which four
were suicides" counts deaths; "one pregnancy of the 310 followed" is one of 310; "all but Mr B. and his brother" and
"the record of one patient was missing" tell of persons; "dropped 3 rows" counts those who stood in them. "Three in ten
women", "2 in 2015" and "dropped 3 columns" count nobody.
"""

import re
from collections.abc import Callable, Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import MANY_STAFF, Counted, quantities, thing_before, thing_follows
from .few import small
from .idioms import idiom
from .lists import CITING
from .numerals import SMALL
from .people import CLINICAL, PERSON
from .sentences import around, as_written, first_of_each, sentences

_N = rf"(?P<n>{SMALL})"
_END = r"(?= ?(?:[.;,)!]|$))"
_COLON = re.compile(rf"\b{PERSON}(?: [a-z]+){{0,2}} ?: {_N}{_END}")
_VERB = re.compile(
    r"\b(?:number(?:ed|s)|totall?ed|amounted to|added up to|came to|s'elev\w+ a|se chiffr\w+ a|au nombre de"
    rf"|se comptaient|se limit\w+ a|were limited to) {_N}\b(?!-)"
)
_IN_WHOM = re.compile(
    rf"(?<![\d.,/] )(?<![\w.,/-]){_N} (?:in|among|chez|dans) (?:the |les? |la )?(?:[^\W\d]{{2,14}} ){{0,2}}?"
    rf"(?:{PERSON}|exposed|unexposed|placebo|(?:control|intervention|treatment|treated) (?:arm|group))\b"
)
_RATED = re.compile(
    r"\b(?:per|pour|taux|rates?|means?|medians?|mediane?|moyennes?|scores?|ratios?|indice|index|fold|weeks?|days?)\b|%"
)
_NAMELY = re.compile(rf"\b(?:namely|a savoir|i\.e\.,?|that is,?|viz\.?|soit) {_N}{_END}")
_SIZED = re.compile(r"\bn ?= ?\d")
"""The size of a group before the number of some of it."""
_OF_EACH = re.compile(
    rf"\b{_N} (?:of|in|de|par|dans) (?:each|either|chaque) (?:sex|sexe|gender|genre|arm|bras|group|groupe)\b"
)
_BRACKETED = re.compile(r"(?P<what>[a-z]{3,20}s?) \((?P<n>\d{1,2})\)(?=,| and | et | or | ou |\.| were | was )")
_OF_PLACE = re.compile(
    r"\b(?:[Tt]he|[Ll]a|[Ll]e|[Uu]ne?|[Aa]) (?:woman|man|patiente?|lady|girl|boy|femme|dame|homme|fille|garçon|child"
    r"|enfant)(?: [a-zéèê'-]{2,16}| [A-ZÉ][a-z]{2,16}){0,4}"
    r" (?:from|de|d['’]) ?[A-ZÉ][a-zà-ÿ]{2,}(?! (?:[Uu]niversit|[Hh]osp))"
)
_OF_WHICH = re.compile(
    rf"\b(?:of which|of whom|dont|among which|parmi lesquel\w+|among whom) (?:only |just |seulement )?{_N}\b(?! ?%)"
)
_ONE_OF = re.compile(
    r"\b(?:une?|one|a single|l'une?) (?P<what>(?:[^\W\d]{2,14} ){1,3})(?:sur|of|out of|parmi|among) "
    r"(?:les|the|these|ces|nos|our) "
    r"(?P<n>\d{1,3}(?:[ ,]\d{3})+|\d{2,6})(?![\d.,]*\d| ?[-%])"
)
_INITIAL = re.compile(
    r"\b(?:Mr|Mrs|Ms|Mme|Mlle|Madame|Monsieur|[Pp]atiente?)\.? [A-Z]\.?(?=[\s,;)]|$)"
    r"(?! ?(?:[A-Z]\w|et al|group|arm|and [A-Z]\b))"
)
_RECORD = re.compile(
    rf"\b(?:(?:file|record|chart|form|questionnaire|sample|consent)s? of (?:one|a single|two|three)"
    rf"|ne? ?\w+ que (?:le |la |l')?[^\W\d]+ (?:de |d')(?:une?|deux|trois)) {PERSON}\b"
)
_DROPPED = re.compile(
    r"\b(?:dropp\w+|remov\w+|delet\w+|exclu\w+|discard\w+|filter\w+|eliminat\w+|supprim\w+|retir\w+|ecart\w+"
    r"|missing|ignored"
    r"|skipp\w+|lost|duplicated?)"
    r" (?:the |les |out )?(?P<n>\d{1,2}|[a-z]+) (?:[^\W\d]{2,12} ){0,2}?"
    r"(?:rows?|observations?|obs|records?|lignes?|enregistrements?|duplicates?|doublons?|entries|samples?"
    r"|individuals?)\b"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    by = ((_INITIAL, "A person is told of by an initial"), (_OF_PLACE, "A person is told of by the place"))
    yield from as_written(passage, by)
    yield from first_of_each(
        passage,
        lambda line: (said for s in sentences(line) for said in (*_counted(s, line, minimum), *_one(s, minimum))),
    )


def _counted(sentence: str, line: str, minimum: int) -> Iterator[tuple[str, str]]:
    for pattern, rule, fits in _KINDS:
        for m in pattern.finditer(sentence):
            if small(m["n"], minimum) and fits(sentence, line, m):
                yield rule, f"A few persons are counted: '{around(sentence, m.start(), m.end(), 30)}'."


def _of_named(sentence: str, line: str, m: re.Match[str]) -> bool:
    """`readmissions numbered nine`: what stands before the verb is counted."""
    del line
    return CLINICAL.search(sentence[: m.start()]) is not None and not thing_follows(sentence[m.end() :])


def _of_cases(sentence: str, line: str, m: re.Match[str]) -> bool:
    """`seven in women`: cases, where the line speaks of some and the sentence of no rate."""
    rated = _RATED.search(sentence) or _explained(sentence[: m.start()]) or idiom(sentence, m.start())
    return not rated and CLINICAL.search(line) is not None


def _of_those(sentence: str, line: str, m: re.Match[str]) -> bool:
    """`of which four`: of what was counted before."""
    del line
    named = thing_follows(sentence[m.end() :]) or _explained(sentence[: m.start()])
    return (CLINICAL.search(sentence) or _SIZED.search(sentence[: m.start()])) is not None and not named


def _of_some(sentence: str, line: str, m: re.Match[str]) -> bool:
    """`namely three`: of what the line speaks of."""
    named = thing_follows(sentence[m.end() :]) or thing_before(sentence[: m.start()])
    return not named and CLINICAL.search(line) is not None


def _of_line(sentence: str, line: str, m: re.Match[str]) -> bool:
    """`three of each sex died`."""
    del sentence, m
    return CLINICAL.search(line) is not None


def _always(sentence: str, line: str, m: re.Match[str]) -> bool:
    """What matches needs nothing else."""
    del sentence, line, m
    return True


_KINDS: tuple[tuple[re.Pattern[str], str, Callable[[str, str, re.Match[str]], bool]], ...] = (
    (_COLON, "small-count", _always),
    (_VERB, "small-count", _of_named),
    (_IN_WHOM, "small-count", _of_cases),
    (_OF_WHICH, "small-count", _of_those),
    (_NAMELY, "small-count", _of_some),
    (_OF_EACH, "small-count", _of_line),
    (_DROPPED, "complement", _always),
)


def _explained(before: str) -> bool:
    """Whether what was counted last is no person; where nothing was, whether what was named last is none."""
    counted = [q for q in quantities(before) if q.counted is not Counted.SHARE]
    if not counted:
        return thing_before(before)
    return counted[-1].counted is Counted.EXPLAINED and (bool(counted[-1].phrase) or counted[-1].value <= MANY_STAFF)


def _one(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    for m in _ONE_OF.finditer(sentence):
        many = int(re.sub(r"\D", "", m["n"]))
        thing = thing_before(m["what"]) or thing_follows(sentence[m.end() :]) or idiom(sentence, m.start())
        if many >= minimum and not thing:
            yield "small-count", f"One of {many} can be recognised: '{around(sentence, m.start(), m.end(), 30)}'."
    named = [m for m in _BRACKETED.finditer(sentence) if small(m["n"], minimum)]
    if len(named) > 1 and any(CLINICAL.search(m["what"]) for m in named) and not CITING.search(sentence):
        said = around(sentence, named[0].start(), named[-1].end())
        yield "small-count", f"A few persons are counted: '{said}'."
    for m in _RECORD.finditer(sentence):
        yield "small-count", f"A few persons can be recognised: '{around(sentence, m.start(), m.end(), 30)}'."
