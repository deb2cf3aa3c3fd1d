"""Parts of a whole that a sentence gives as fractions, as sums that leave few, or as shares of what stands near.

Decides from the numbers of a sentence and of its neighbours. Worked example: "3/412 in the PrEP arm" are three; "196 of
the 201 nurses" leave five; of 340 patients "201 went home, 88 to rehabilitation and 44 to a nursing home" leave seven;
"20 % had nephropathy, and 12 % of these" of 210 are five; a ratio of 14:1 among 90 makes six; "1.9 %" in one sentence
and "212 women" in the next are four. A score of 12/14, step 3/120 and 3/5 of a dose are no such parts.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from ecluse.checks.facts import Passage, Source
from ecluse.rules.finding import Finding

from .explained import Counted, Quantity, quantities
from .idioms import idiom
from .numerals import SPELT, spelt
from .people import CLINICAL, PERSON, is_change
from .sentences import around, finding, lines, sentences

LARGEST = 3000
"""Persons in whom no share in whole per cent stands for few."""
_INT = r"(?:\d{1,3}(?:[ ,]\d{3}){1,2}|\d{1,7})"
_SLASH = re.compile(rf"(?<![\w.,/:+-])(?P<a>{_INT}) ?/ ?(?P<b>{_INT})(?![\w.,]?\d|[/:]|-\d| ?(?:mm|mg|ml|h\b|j\b))")
_NO_PART = re.compile(
    r"\b(?:scores?|scored|mmse|moca|gcs|glasgow|apgar|phq|gad|audit|eva|vas|nrs|scale|echelle|note|notes"
    r"|grade|points?|step"
    r"|etape|epoch|batch|pages?|parts?|folds?|trial|iter\w*|chunks?|files?|fichiers?|frames?|items?|tests?"
    r"|checks?|visual"
    r"|acuity|acuite|vision|bp|ta|pa|tension|pressure|ratio|version|v|dose|model|rows?|columns?|variables?"
    r"|features?|jobs?"
    r"|tasks?|sites?|cent(?:er|re)s|hospitals?|hopitaux|departements?|regions?|genes?|snps?|weeks?|days?|on"
    r"|le|the|date|no)"
    r"[ :=(]{0,3}$"
)
_TESTED = re.compile(
    r"\b(?:fisher\w*|chi-?(?:2|squared?|deux|carre)|mcnemar|odds ratio|relative risk|risque relatif)\b"
)
"""A test of two shares compares groups of persons."""
_BAR = re.compile(r"[|\[█▏#]\s*$")
_PART_OF = re.compile(
    rf"^ (?:{PERSON} |[a-z]+ )?(?:of|out of|des|sur|parmi|among|d'entre)(?: (?:the|les|ces|these|our|nos|all|total))* $"
)
_TOTAL = re.compile(r"\b(?:in total|in all|au total|total|overall|altogether|en tout)\b")
_HALF = re.compile(
    r"\b(?:(?P<part>half|a third|one third|a quarter|one quarter|a fifth|two thirds|three quarters)"
    r" of (?:whom|them|these|those)"
    r"|dont (?:la |un |une |les )?(?P<partie>moitie|tiers|quart|cinquieme))\b"
)
_PART_OF_MANY = re.compile(
    r"\b(?P<part>half|moitie|a third|one third|tiers|a quarter|one quarter|quart|a fifth|two thirds|three quarters"
    r"|cinquieme) (?:of|des|de) (?:the |these |our |ces |nos )?"
)
_SIMPLE = (
    ("half", 1 / 2), ("moitie", 1 / 2), ("a third", 1 / 3), ("one third", 1 / 3), ("tiers", 1 / 3), ("two", 2 / 3),
    ("three", 3 / 4), ("a quarter", 1 / 4), ("one quarter", 1 / 4), ("quart", 1 / 4), ("a fifth", 1 / 5),
    ("cinq", 1 / 5),
)  # fmt: skip
_OF_EVERY = re.compile(
    rf"\b(?:of|for|in|sur|pour) (?:every |each |chaque )(?P<base>100|1[ ,]?000|10[ ,]?000) [a-z-]+,? "
    rf"(?P<a>\d{{1,2}}|{SPELT})\b"
)
_EVERYBODY = re.compile(r"\b100(?:[.,]0+)? ?% ?[(\[](?P<a>\d{1,4}) ?(?:/|of|sur|out of) ?(?P<b>\d{1,4})[)\]]")
_WHOLE_GROUP = 400
"""Persons of a group of whom all have the same, beyond which that says little of each."""
_ROUND = 0.5
_AMONG = re.compile(r"\b(?:of|among|amongst|parmi|chez|in|sur)(?: (?:the|les|ces|these|our|nos|all))* $")
_RATIO = re.compile(
    r"\b(?P<what>ratio|sex-ratio|odds|cote|rapport)\b[^.;\d]{0,70}?(?<![\d.,])(?P<a>\d{1,3}(?:[.,]\d)?) ?(?::|to|a"
    r"|pour|/|contre|against) ?(?P<b>\d{1,3}(?:[.,]\d)?)(?![\d.,]*\d)"
)
_OF_THESE = re.compile(
    r"^[^.;\d]{0,12}?(?:of (?:these|them|those|whom)|d'entre eux|d'entre elles|parmi eux|parmi elles)\b"
)
_WHOM = re.compile(r"\b(?:dont|of whom|among them|of which|parmi lesquel\w+) $")
_ADDED = re.compile(r"^[^.;]{0,60}?(?:,|;|\band\b|\bet\b)[^.;]{0,20}$")
_CONTRAST = re.compile(r"\b(?:vs|versus|contre|against|compared|respective\w*|and|et) $|\b(?:versus|vs) ")


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage, the first of each kind in each line."""
    if passage.source not in (Source.PROSE, Source.OUTPUT):
        return
    for line in lines(passage):
        if not any(map(str.isdigit, line)) and " of " not in line and " des " not in line:
            continue
        told: set[str] = set()
        split = sentences(line)
        found = [quantities(sentence) for sentence in split]
        for at, (sentence, mine) in enumerate(zip(split, found, strict=True)):
            near = [q for other in found[max(at - 1, 0) : at + 2] for q in other]
            for rule, message in (
                *_slashes(sentence, minimum),
                *_parts(sentence, mine, minimum),
                *_sums(sentence, mine, minimum),
                *_totals(sentence, mine, minimum),
                *_direct(sentence, mine, minimum),
                *_of_whom(sentence, mine, minimum),
                *_of_shares(sentence, mine, minimum),
                *_ratios(sentence, mine, minimum),
                *_near(sentence, mine, near, minimum),
            ):
                if rule not in told:
                    told.add(rule)
                    yield finding(passage, rule, message)


def _few(part: float, whole: float, minimum: int) -> tuple[str, float] | None:
    """Which side of a fraction is small: the part or what is left."""
    if not minimum <= whole or not 0 < part < whole:
        return None
    if part < minimum:
        return "small-count", part
    return ("complement", whole - part) if whole - part < minimum else None


def _slashes(sentence: str, minimum: int) -> Iterator[tuple[str, str]]:
    for m in _SLASH.finditer(sentence) if "/" in sentence else ():
        part, whole = (int(re.sub(r"\D", "", m[side])) for side in ("a", "b"))
        before = sentence[max(m.start() - 24, 0) : m.start()]
        dated = 1900 <= whole <= 2100 and part <= 12  # a month
        rate = whole in (100, 1000, 10_000, 100_000)
        few = _few(part, whole, minimum)
        if few is None or dated or rate or _NO_PART.search(before) or _BAR.search(before):
            continue
        if whole < 3 * minimum and not (
            CLINICAL.search(sentence) or _TESTED.search(sentence)
        ):  # the most of a score is seldom more
            continue
        yield few[0], f"{part} of {whole}: '{around(sentence, m.start(), m.end(), 40)}'."


def _parts(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """`196 of the 201 nurses`."""
    for part, whole in itertools.pairwise(q for q in found if not q.decimals and q.counted is not Counted.SHARE):
        few = _few(part.value, whole.value, minimum)
        if (
            few
            and not (part.counted is Counted.EXPLAINED and part.phrase)
            and not idiom(sentence, part.start)
            and _PART_OF.match(sentence[part.end : whole.start])
            and whole.counted in (Counted.PERSONS, Counted.UNKNOWN)
        ):
            said = around(sentence, part.start, whole.end, 20)
            yield few[0], f"{part.value:.0f} of {whole.value:.0f} persons: '{said}'."


def _sums(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """Parts in a row that leave few of the whole before them."""
    numbers = [q for q in found if not q.decimals and q.counted is not Counted.SHARE]
    for at, whole in enumerate(numbers):
        if not _is_size(whole, sentence) or whole.value < 2 * minimum:
            continue
        parts: list[Quantity] = []
        for q in numbers[at + 1 :]:
            if q.value >= whole.value or (q.counted is Counted.EXPLAINED and q.phrase):
                break
            parts.append(q)
            left = whole.value - sum(p.value for p in parts)
            last = q is numbers[-1]
            if left < 0 or (len(parts) > 1 and not _ADDED.match(sentence[parts[-2].end : q.start])):
                break
            if len(parts) > 1 and last and 1 <= left < minimum:
                said = around(sentence, whole.start, q.end)
                yield "complement", f"The parts leave {left:.0f} of {whole.value:.0f} persons: '{said}'."


def _totals(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """`78 boys and 71 girls (152 in total)`: the whole stands behind its parts."""
    numbers = [q for q in found if not q.decimals and q.counted is not Counted.SHARE]
    for at, whole in enumerate(numbers[2:], 2):
        around_it = sentence[max(whole.start - 12, 0) : whole.end + 14]
        parts = [q for q in numbers[:at] if q.counted is not Counted.EXPLAINED]
        left = whole.value - sum(q.value for q in parts)
        if len(parts) > 1 and _TOTAL.search(around_it) and whole.value >= 2 * minimum and 1 <= left < minimum:
            said = around(sentence, parts[0].start, whole.end)
            yield "complement", f"The parts leave {left:.0f} of {whole.value:.0f} persons: '{said}'."


def _direct(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """`95 % of the 60 employees`; "among 1,450 drivers 99.6 %": a share of the one group of the sentence."""
    sizes = [q for q in found if _is_size(q, sentence) and minimum <= q.value <= LARGEST]
    for one, two in itertools.pairwise(found):
        if one.counted is Counted.SHARE and two in sizes and _PART_OF.match(sentence[one.end : two.start]):
            yield from _told(sentence, one, two.value, minimum)
    for share in (q for q in found if q.counted is Counted.SHARE and q.decimals) if len(sizes) == 1 else ():
        if sizes[0].counted is Counted.UNKNOWN and not is_change(sentence, share.start, share.end):
            yield from _told(sentence, share, sizes[0].value, minimum)


def _told(sentence: str, share: Quantity, size: float, minimum: int) -> Iterator[tuple[str, str]]:
    """What a percentage of a size tells where it stands for few."""
    for rule, value in (("percent-of-few", share.value), ("complement", 100 - share.value)):
        people, fits = people_of(value, share.decimals, size)
        if fits and 1 <= round(people) < minimum:
            said = around(sentence, share.start, share.end, 40)
            yield rule, f"{share.value:g} % of {size:.0f} persons tell {people:.0f}: '{said}'."


def _of_whom(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """`a dozen women, half of whom`; `of every 100 admissions, one … 600 admissions`; `100 % (11/11)`."""
    for m in _HALF.finditer(sentence):
        before = [q for q in found if q.end <= m.start() and _is_size(q, sentence)]
        part = next(value for start, value in _SIMPLE if (m["part"] or m["partie"]).startswith(start))
        if before and 1 <= min(part, 1 - part) * before[-1].value < minimum - _ROUND:
            yield (
                "small-count",
                f"A part of {before[-1].value:.0f} persons: '{around(sentence, m.start(), m.end(), 40)}'.",
            )
    for m in _PART_OF_MANY.finditer(sentence):
        part = next(value for start, value in _SIMPLE if m["part"].startswith(start))
        whole_of = [q for q in found if q.start == m.end() and q.counted in (Counted.PERSONS, Counted.UNKNOWN)]
        if whole_of and 1 <= min(part, 1 - part) * whole_of[0].value < minimum - _ROUND:
            said = around(sentence, m.start(), whole_of[0].end, 40)
            yield "small-count", f"A part of {whole_of[0].value:.0f} persons: '{said}'."
    whole = _EVERYBODY.search(sentence)
    if whole and whole["a"] == whole["b"] and minimum <= int(whole["a"]) <= _WHOLE_GROUP:
        said = around(sentence, whole.start(), whole.end(), 40)
        yield "whole-group", f"Everybody of a group has the same answer: '{said}'."
    yield from _of_every(sentence, found, minimum)


def _of_every(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """`of every 100 admissions, one ended in death; there were 600 admissions`."""
    m = _OF_EVERY.search(sentence)
    if m is None:
        return
    rate = int(m["a"]) if m["a"].isdecimal() else 1 if m["a"] in ("one", "une", "un") else spelt(m["a"]) or 0
    base = int(re.sub(r"\D", "", m["base"]))
    for q in found:
        people = rate * q.value / base
        sized = q.start > m.end() and q.counted is Counted.PERSONS and q.value >= minimum
        if sized and _ROUND <= people < minimum - _ROUND:
            said = around(sentence, m.start(), q.end)
            yield "small-count", f"{rate} of {base} of {q.value:.0f} are {people:.0f}: '{said}'."


def _is_size(q: Quantity, sentence: str) -> bool:
    """Whether a number is the size of a group: of persons, or of what a sentence about persons speaks of some of."""
    if q.decimals or q.counted is Counted.PERSONS:
        return not q.decimals
    return q.counted is Counted.UNKNOWN and _AMONG.search(sentence[max(q.start - 30, 0) : q.start]) is not None


def people_of(share: float, decimals: int, size: float) -> tuple[float, bool]:
    """Persons that a share of a group, in %, stands for, and whether a whole number of them fits."""
    slack = 0.5 * 10.0**-decimals * size / 100
    people = share * size / 100
    return people, math.floor(people + slack + 1e-9) >= math.ceil(people - slack - 1e-9)


def _of_shares(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """A share of a share of a group whose size is told."""
    sizes = [q for q in found if _is_size(q, sentence) and minimum <= q.value <= LARGEST]
    shares = [q for q in found if q.counted is Counted.SHARE and 0 < q.value < 100]  # per cent
    for one, two in itertools.pairwise(shares) if len(sizes) == 1 else ():
        nested = _OF_THESE.match(sentence[two.end : two.end + 60]) or _WHOM.search(sentence[one.end : two.start])
        people = two.value * one.value * sizes[0].value / 10_000
        if nested and 0.5 <= people < minimum - 0.5:  # rounds to 1 to minimum − 1
            said = around(sentence, one.start, two.end, 30)
            yield (
                "percent-of-few",
                f"{two.value:g} % of {one.value:g} % of {sizes[0].value:.0f} are {people:.0f}: '{said}'.",
            )


def _ratios(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """A ratio or odds in a group whose size is told."""
    m = _RATIO.search(sentence)
    sizes = [q for q in found if _is_size(q, sentence) and q.value >= minimum]
    if m is None or len(sizes) != 1 or re.search(r"\bodds ratio\b|\brapport de cotes\b", m[0]):
        return
    one, two = (float(m[side].replace(",", ".")) for side in ("a", "b"))
    people = sizes[0].value * min(one, two) / (one + two) if one + two else 0.0
    if 0.5 <= people < minimum - 0.5:  # as above
        yield (
            "small-count",
            f"{one:g} to {two:g} of {sizes[0].value:.0f} are {people:.0f}: '{around(sentence, m.start(), m.end())}'.",
        )


def _near(sentence: str, mine: Sequence[Quantity], near: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """A share in a sentence without a size, beside one that gives the only size around."""
    if any(q.counted is Counted.PERSONS and q.value >= minimum for q in mine) or not CLINICAL.search(sentence):
        return
    sizes = {q.value for q in near if q.counted is Counted.PERSONS and not q.decimals and q.value >= 2 * minimum}
    if len(sizes) != 1 or max(sizes) > LARGEST:
        return
    size = max(sizes)
    for q in mine:
        if (
            q.counted is not Counted.SHARE
            or not 0 < q.value < 100  # per cent
            or is_change(sentence, q.start, q.end)
        ):
            continue
        for rule, share in (("percent-of-few", q.value), ("complement", 100 - q.value)):
            people, fits = people_of(share, q.decimals, size)
            if fits and 1 <= round(people) < minimum and q.decimals:
                said = around(sentence, q.start, q.end, 40)
                yield rule, f"{q.value:g} % of the {size:.0f} persons told of tell {people:.0f}: '{said}'."
