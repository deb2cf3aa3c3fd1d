"""Sizes of nearly the same group at two places of a file: their difference counts a few persons.

Decides when two numbers of persons, each safe alone, speak of a group and of most of it. Worked example: "the
per-protocol population comprised 604 patients" and, in the next sentence, "the intention-to-treat population comprised
611" leave seven; `len(d)` printed 412 and then 408 leave four; "expected 412 patients, got 409" leaves three. Two arms
of 301 and 298, or 608 women and 602 men, are two groups: words of contrast say so.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ecluse.checks.facts import Facts, Passage, Source, TextNumber
from ecluse.rules.finding import Finding

from .explained import Counted, Quantity, quantities
from .sentences import around, finding, lines, sentences
from .words import Measure, measure_of, plain

NEAR = 0.03
"""Share of a group that may be left out for the rest to be nearly all of it."""
MOST_SIZES = 16
"""Sizes of groups in a file beyond which some are alike by chance."""
_LONE = re.compile(r"\s*(?:(?:[^\d:=]{2,30}[:=] ?)?\((\d{2,9}), \d{1,4}\)|(?:\[1\] )?(\d{2,9}))\s*")
"""`4000`, `before: (4000, 5)`, R's `[1] 4000`: how many rows there are."""
_ALONE = re.compile(r"\(?\s?[nN]\s?=?\s?(\d[\d ,.\u202f]*)\)?")
_NON_NULL = re.compile(r"\b(\d{1,9}) non-null\b")
_ENTRIES = re.compile(r"\b(\d{2,9}) entries\b")
CONTRAST = re.compile(
    r"\b(?:arms?|bras|groups?|groupes?|controls?|temoins?|placebo|vs|versus|contre|against|respective\w*"
    r"|women|men|femmes"
    r"|hommes|girls|boys|filles|garcons|males?|females?|unexposed|exposees?|untreated|folds?|train\w*|tests?|valid\w*"
    r"|quartiles?|quintiles?|deciles?|tertiles?|clusters?|each|chaque|chacune?|matched|apparie\w*|other|autres?|second"
    r"|first|premiere?|deuxieme|per(?!-)|par|smokers|both|deux|rounded|about|approximately|environ|nearly"
    r"|almost|some|million"
    r"|(?:19|20)\d\d)\b"
)
"""What tells two groups apart, or makes a number a rough one."""
_GOES = re.compile(
    r"^ (?:y |en |have |had |has |did |were |was |also |all |then )?(?:ont|avaient|etaient|sont|furent|ete|repondu"
    r"|answered|replied|returned|came|completed|remained|accepted|attended|agreed|signed|left|had|have|were|did)\b"
)
_GOT = re.compile(
    r"\b(?:expected|attendu\w*|instead of|au lieu de|got|found|obtenu|trouve\w*|kept|garde\w*|retenu\w*)\b"
)
_ALL_OF = re.compile(r"^ total\b|^ [a-z]+ in total\b")
_CENSORED = re.compile(r"^ (?:right-|left-)?censored\b|^ (?:complete|valid|non-missing|with)\b")
_RESULT = re.compile(r"\b(?:cohorte?|population|analysis set|sample|echantillon|file|fichier|dataset|linkage|merge)\b")


@dataclass(frozen=True, slots=True)
class _Size:
    """A size of a group: where it stands, how it is said, whether words name persons."""

    number: int
    passage: Passage
    said: str
    persons: bool
    lone: bool = False


def find(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Findings on one file's sizes, the first of each pair of numbers."""
    sizes: list[_Size] = []
    told: set[tuple[int, int]] = set()
    for passage in facts.passages:
        if passage.source in (Source.PROSE, Source.OUTPUT, Source.PICTURE):
            yield from _described(passage, minimum)
            for line in lines(passage):
                for sentence in sentences(line):
                    found = quantities(sentence) if any(map(str.isdigit, sentence)) else []
                    for message in _within(sentence, found, minimum):
                        yield finding(passage, "complement", message)
                    sizes += _sizes(passage, sentence, found, minimum)
            sizes += _lone(passage, minimum)
    yield from _of_groups(facts, minimum)
    if len({s.number for s in sizes}) > MOST_SIZES:
        return
    told |= _apart(facts, sizes)
    for one, two in itertools.combinations(sizes, 2):
        pair = (one.number, two.number)
        if pair not in told and one.lone is two.lone and (one.persons or two.persons) and _near(pair, minimum):
            told.add(pair)
            gap = abs(one.number - two.number)
            yield finding(two.passage, "complement", f"'{two.said}' and '{one.said}' leave {gap} persons between them.")


def _of_groups(facts: Facts, minimum: int) -> Iterator[Finding]:
    """Groups below a name, as JSON nests them, that have few more or fewer together than another size."""
    groups: dict[str, list[int]] = {}
    single: dict[str, TextNumber] = {}
    for number in facts.numbers:
        path, ends, _ = number.before.rpartition(" = ")
        if not ends or number.after or not float(number.number).is_integer():
            continue
        parent, nested, _ = path.rpartition(" / ")
        if nested:
            groups.setdefault(parent, []).append(int(number.number))
        if measure_of(path.rpartition(" / ")[2]) is Measure.COUNT:
            single[path] = number
    for parent, parts in groups.items():
        if len(parts) < 2 or measure_of(parent.rpartition(" / ")[2]) is not Measure.COUNT:
            continue
        for path, number in single.items():
            pair = (int(number.number), sum(parts))
            if not path.startswith(f"{parent} / ") and len(groups) <= MOST_SIZES and _near(pair, minimum):
                gap = abs(pair[0] - pair[1])
                said = f"{path!r} is {pair[0]}, {parent!r} {pair[1]} together: {gap} persons between them."
                yield finding(Passage("", where=number.where, place=number.place), "complement", said)


def _apart(facts: Facts, sizes: Sequence[_Size]) -> set[tuple[int, int]]:
    """Pairs of sizes of groups beside each other: parts of a third, or below the names of a picture's categories."""
    numbers = {s.number for s in sizes}
    out = {(a, b) for a, b in itertools.permutations(numbers, 2) if a + b in numbers}
    for passage in facts.passages:
        if passage.source is Source.PICTURE:
            for row in _below_names(passage.text.splitlines()):
                out |= set(itertools.permutations(row, 2))
    return out


def _below_names(lines_of_picture: list[str]) -> Iterator[list[int]]:
    """`Drug A`, `Placebo` and then `(n = 301)`, `(n = 298)`: sizes that stand in one row below as many names.

    A picture is read from top to bottom: sizes of a chain of boxes have the names of the boxes between them.
    """
    row: list[int] = []
    names = 0
    for line in [*lines_of_picture, ""]:
        found = _ALONE.fullmatch(line.strip())
        if found:
            row.append(int(re.sub(r"\D", "", found[1])))
            continue
        if len(row) > 1 and names >= len(row):
            yield row
        names = (0 if row else names) + 1 if line.strip() else 0
        row = []


def _near(pair: tuple[int, int], minimum: int) -> bool:
    """Whether two sizes differ by few persons, and are not both rounded."""
    gap, most = abs(pair[0] - pair[1]), max(pair)
    return 1 <= gap < minimum and gap <= NEAR * most and any(n % 5 for n in pair)


def _sizes(passage: Passage, sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[_Size]:
    """Sizes that a sentence gives, where it speaks of one group."""
    persons = [q for q in found if q.counted is Counted.PERSONS and not q.decimals and q.value >= 2 * minimum]
    bare = [q for q in found if q.counted is Counted.BARE and not q.decimals and q.value >= 100]
    named = persons or (bare if _RESULT.search(sentence) and passage.source is not Source.PICTURE else [])
    if len(persons) > 1 or len(named) != 1 or CONTRAST.search(sentence):
        return
    q = named[0]
    yield _Size(int(q.value), passage, around(sentence, q.start, q.end, 30), bool(persons))


def _lone(passage: Passage, minimum: int) -> Iterator[_Size]:
    """Numbers that stand alone on their lines, as a cell or a console prints a size."""
    alone = passage.source is Source.OUTPUT  # in a text, only the shape of a frame is one for certain
    printed = [line for line in passage.text.splitlines()[:2000] if len(line) < 60]  # a number alone
    for m in filter(None, map(_LONE.fullmatch, printed)):
        number = int(m[1] or m[2])
        split = CONTRAST.search(plain(m[0]).replace("_", " ")) is not None  # `train: (602, 9)`
        if (m[1] or alone) and not split and number >= 2 * minimum and not 1900 <= number <= 2100:  # years
            yield _Size(number, passage, m[0].strip(), persons=True, lone=True)


def _within(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[str]:
    """Two numbers of one sentence, of which the second takes up the first without a noun of its own."""
    for one, two in itertools.pairwise([q for q in found if not q.decimals and q.counted is not Counted.SHARE]):
        gap = int(one.value - two.value)
        if not 1 <= abs(gap) < minimum or min(one.value, two.value) < minimum:
            continue
        between, after = sentence[one.end : two.start], sentence[two.end : two.end + 40]
        unnamed = not two.phrase or two.phrase == "y"
        named = one.counted in (Counted.PERSONS, Counted.UNKNOWN)
        goes_on = unnamed and named and _GOES.match(after) and gap > 0
        of_all = gap > 0 and _ALL_OF.search(sentence[one.end : one.end + 20]) and _CENSORED.match(after)
        got = of_all or (Counted.PERSONS in (one.counted, two.counted) and _GOT.search(between))
        if (goes_on or got) and not CONTRAST.search(f"{between} {after}"):
            said = around(sentence, one.start, two.end)
            yield f"{one.value:.0f} and {two.value:.0f} leave {abs(gap)} persons: '{said}'."


def _described(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Pandas' `info()`: entries, and how many of them have a value."""
    entries = _ENTRIES.search(passage.text) if "non-null" in passage.text else None
    for m in _NON_NULL.finditer(passage.text) if entries else ():
        gap = int(entries[1]) - int(m[1]) if entries else 0
        if 1 <= gap < minimum:
            yield finding(
                passage, "complement", f"{m[1]} of {entries[1]} have a value, {gap} have none." if entries else ""
            )
            return
