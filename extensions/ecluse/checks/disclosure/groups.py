"""What a sentence tells of a whole named group, or of one group at two times.

Decides from the numbers of a line and the words around them. Worked example: "412 cases; in the update, 417" leaves
five newcomers; "mortality 100 % in the 12 patients with grade V" says of each of them that he died; "5 of the 6 nurses
were infected" counts few, though nurses who counted patients would be none; of 160 samples of which 97.5 % were
negative four were not. Cases of two years, a follow-up of 100 % and 4 of 5 nurses who measured blood pressure tell of
nobody.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import MANY_STAFF, UNIT_OR_DATE, Counted, Quantity, quantities
from .fractions import LARGEST, people_of
from .gaps import CONTRAST
from .numerals import SMALL
from .people import ILLNESS, PERSON, STAFF, is_change
from .sentences import around, first_of_each, is_row, sentences

_LATER = re.compile(
    r"\b(?:updat\w+|mis\w* a jour|actualis\w*|revis(?:ed|ion|ee?s?)|now|desormais|a present|to date|so far|as of"
    r"|cumul\w*"
    r"|since then|late|tardi\w+|adds?|added|ajout\w*|correct(?:ed|ion|ions|ee?s?)|previous(?:ly)?|earlier report"
    r"|preceden\w+ (?:rapport|version|bilan)|(?:rapport|version|bilan) preceden\w+|auparavant|end of|fin|held|holds"
    r"|comptait|comptaient|grew|grown|rose to)\b"
)
"""A stock that is counted again, or a count that is put right; not two years, whose cases are two groups."""
_WHEN = re.compile(r"(?:fin|debut|end|today|then|later|a)\b")
_YEARS = re.compile(r"\b(?:19|20)\d\d\b")
DESIGNED = re.compile(
    r"\b(?:follow(?:ed|-up| up)|suivi\w*|respon[ds]\w*|repon\w*|participa\w*|coverage|couverture|complet\w*"
    r"|consent\w*|data"
    r"|donnees|adheren\w*|complian\w*|observan\w*|includ\w*|inclu\w*|analy\w*|sensitivi\w*|specifici\w*|confiden\w*"
    r"|received|recu\w*|agree\w*|accord\w*|power|eligib\w*|weight\w*|pond\w*|sum\w*|somme\w*)\b"
)
_SPARED = re.compile(r"\b(?:surviv\w*|survie|alive|vivants?|cured|gueri\w*|recover\w*)\b")
SUFFERED = (
    r"(?:infect\w*|positi\w+|ill|sick|contamin\w*|malades?|hospitali[sz]\w*|vaccin\w*|immun\w*|seroconver\w*|covid\w*"
    r"|influenza|grippe|burn-?out|depress\w*|injur\w*|bless\w*|pregnant|enceintes?|died|dead|deced\w*|morte?s?|absent"
    rf"|on (?:sick )?leave|{ILLNESS})"
)
_OF_STAFF = re.compile(
    rf"\b(?P<a>{SMALL}) (?:of|out of|sur|des|among|parmi)(?: (?:the|our|les|ces|nos))? (?P<b>{SMALL}) "
    rf"(?:[a-z-]{{3,14}} )?(?:{STAFF}|{PERSON})\b[^.;]{{0,40}}?\b{SUFFERED}\b"
)
_SAMPLES = re.compile(
    r"(?:[a-z-]+ )?(?:samples?|specimens?|swabs?|prelevements?|echantillons?|biops\w+|sera|serums?|tests?|cultures?)\b"
)
_RESULT = re.compile(
    r"\b(?:positi\w+|negati\w+|infect\w*|detect\w*|resistan\w*|abnormal|anorma\w+|malign\w+|contamin\w*)\b"
)

_NOBODY = re.compile(
    rf"\b(?:no|aucune?) (?:[a-z-]+ )??(?:{PERSON}|relapses?|rechutes?|complications?|infections?|events?"
    rf"|evenements?|reactions?)\b"
    rf"[^.;\n\d]{{0,40}}?\b(?:among|in|of|parmi|chez|sur) (?:the |our |all |les |nos |these |ces )?(?P<n>\d{{1,2}}) "
    rf"(?:(?!and |or |et |ou )[a-z-]{{2,14}} ){{0,2}}?{PERSON}\b"
)
"""Nobody of a small group that is named."""
_SMALL_GROUP = 5
"""Times the minimum up to which a group is small enough for its members to be known."""


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first of each kind in each line."""
    return first_of_each(passage, lambda line: _of_line(line, minimum))


def _of_line(line: str, minimum: int) -> Iterator[tuple[str, str]]:
    found = [(s, quantities(s)) for s in sentences(line)]
    yield from _twice(found, minimum)
    for sentence, some in found:
        yield from _all_of(sentence, some, minimum)
        yield from _of_staff(sentence)
        yield from _nobody(sentence, minimum)
        yield from _of_samples(sentence, some, minimum)


def _twice(found: Sequence[tuple[str, Sequence[Quantity]]], minimum: int) -> Iterator[tuple[str, str]]:
    """Two counts of one thing, of which the second is later or put right."""
    numbers = [(n, s, q) for n, (s, some) in enumerate(found) for q in some if _may_be_size(s, q, minimum)]
    for (at, first, one), (to, second, two) in itertools.pairwise(numbers):
        gap = abs(one.value - two.value)
        between = first[one.end : two.start] if at == to else f"{first[one.end :]} {second[: two.start]}"
        after = f"{between}{second[two.end : two.end + 40]}"
        named = one.counted is Counted.PERSONS or (one.counted is Counted.UNKNOWN and two.counted is Counted.PERSONS)
        same = not two.phrase or two.counted is not Counted.UNKNOWN or _WHEN.match(two.phrase) is not None
        if (
            1 <= gap < minimum
            and to - at <= 1
            and named
            and same
            and _LATER.search(_YEARS.sub(" ", between + second[two.end :]))
            and not CONTRAST.search(_YEARS.sub(" ", after))
        ):
            said = f"{first[one.start : one.end]} and {second[two.start : two.end]}"
            yield "complement", f"{said} count one thing twice and leave {gap:.0f} persons: '{after.strip()[:120]}'."


def _may_be_size(sentence: str, q: Quantity, minimum: int) -> bool:
    """Whether a number is the size of a group, named or taken up from before."""
    bare = q.counted is Counted.EXPLAINED and not q.phrase and not UNIT_OR_DATE.match(sentence[q.end :])
    counted = q.counted in (Counted.PERSONS, Counted.BARE, Counted.UNKNOWN) or bare
    return counted and not q.decimals and q.value >= 2 * minimum and not (bare and 1900 <= q.value <= 2100)


def _all_of(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """100 % of a group that is named and small, or 0 % of it alive."""
    sizes = {q.value for q in found if q.counted is Counted.PERSONS and not q.decimals}
    spared = _SPARED.search(sentence) is not None
    if len(sizes) != 1 or not 1 < max(sizes) < 5 * minimum or DESIGNED.search(sentence) or is_row(sentence):
        return
    for q in found:
        whole = q.value == 100 or (q.value == 0 and spared)
        if q.counted is Counted.SHARE and whole and not is_change(sentence, q.start, q.end):
            said = around(sentence, q.start, q.end, 50)
            yield "whole-group", f"Everybody of {max(sizes):.0f} has the same answer: '{said}'."


def _nobody(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`No deaths occurred among the 14 patients`."""
    m = _NOBODY.search(sentence)
    if m and 1 < int(m["n"]) < _SMALL_GROUP * minimum:
        yield "whole-group", f"Nobody of a small group: '{around(sentence, m.start(), m.end())}'."


def _of_staff(sentence: str) -> Iterator[tuple[str, str]]:
    """`5 of the 6 nurses were infected`: what befell some of few who are known."""
    m = _OF_STAFF.search(sentence)
    if m is None:
        return
    numbers = [q.value for q in quantities(f"{m['a']} , {m['b']} ")]
    if len(numbers) == 2 and 0 < numbers[0] <= numbers[1] <= MANY_STAFF:
        said = around(sentence, m.start(), m.end())
        yield "small-count", f"{numbers[0]:.0f} of {numbers[1]:.0f} who are known: '{said}'."


def _of_samples(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """A share of samples that stand for a person each."""
    sizes = [q for q in found if _SAMPLES.match(q.phrase) and not q.decimals and minimum <= q.value <= LARGEST]
    if len(sizes) != 1 or not _RESULT.search(sentence):
        return
    for q in (q for q in found if q.counted is Counted.SHARE and 0 < q.value < 100):
        for rule, share in (("percent-of-few", q.value), ("complement", 100 - q.value)):
            people, fits = people_of(share, q.decimals, sizes[0].value)
            if fits and 1 <= round(people) < minimum and (q.decimals or sizes[0].value < 100):
                said = around(sentence, q.start, q.end, 40)
                yield rule, f"{q.value:g} % of {sizes[0].value:.0f} samples tell {people:.0f}: '{said}'."
