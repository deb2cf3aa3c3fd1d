"""Small counts that the numbers of a sentence give together, and small numbers that nothing in it explains.

Decides from what each number is about (`explained`). Worked example: "arm A enrolled 45 patients; 41 of them were
responders" leaves 4; "seen in 0.4 % of the 1,250 exposed patients" are 5; "1.3 per 1,000 person-years (5,300
person-years)" are 7; "from 4,512 to 4,505 patients" lost 7; "seven pneumothoraces were treated" are 7, though no list
knows that word, while "seven models were fitted" are none.
"""

import itertools
import math
import re
from collections.abc import Iterator, Sequence

from ecluse.checks.facts import Passage, Source
from ecluse.rules.finding import Finding

from .explained import Counted, Quantity, is_one_of_things, quantities, thing_follows
from .idioms import idiom, of_each
from .lists import bracketed, enumerated, sized, summed
from .people import CLINICAL, PERSON, is_change
from .sentences import around, finding, is_row, lines, sentences

_OF = re.compile(
    r"\b(?:of|among|amongst|parmi|sur|from|chez|des|out of|d'entre)(?: (?:the|les|ces|these|our|nos|a|total|all|of))* $"
)
_THEM = re.compile(
    r"^ (?:of (?:them|these|whom|those|which)\b|d'entre (?:eux|elles)\b|parmi (?:eux|elles)\b"
    r"|(?:[^\W\d]+ ){0,2}?(?:completed|accepted"
    r"|were (?:analy|eligible|included|followed|retained|responders)|ont (?:accepte|termine|ete (?:inclus"
    r"|analys|suivi|retenu)))"
    r"|(?:were|had|have|ont|avaient|etaient|sont|furent)\b)"
)
_INCLUDING = re.compile(r"\b(?:dont|including|of whom|of which|among them|parmi (?:eux|elles)|only|seuls?|seulement) $")
_NOUN, _WITH = re.compile(r" [a-z]+(?: [a-z]+)?, "), re.compile(r" (?:with|without|avec|sans) [a-z]")
"""`1,204 patients, 1,199 with complete data`."""
_FROM = re.compile(r"\b(?:from|de|d') ?$")
_TO = re.compile(r"^(?: [^\W\d]+){0,3} (?:to|a) $")
_RATE = re.compile(
    r"(?<![\d.,])(?P<rate>\d{1,5}(?:[.,]\d{1,4})?) ?(?:cases? |cas |events? |deaths? |deces )?(?:per|pour|p\.|/) ?"
    r"(?P<base>100|1[ ,.]?000|10[ ,.]?000|100[ ,.]?000) (?P<unit>person|patient|personnes?|habit|inhab|pa\b"
    r"|py\b|sejours?|stays?"
    r"|naissance|birth|women|femmes|enfants|children|admission)"
)
_SIZE = re.compile(
    r"(?<![\d.,])(?P<n>\d{1,3}(?:[ ,.]\d{3})+|\d{2,9}) (?:[a-z]{3,12} ){0,1}?(?P<unit>person|patient|personnes?"
    r"|habit|inhab|pa\b|py\b"
    r"|sejours?|stays?|naissance|birth|women|femmes|enfants|children|admission)"
)
_ONE = re.compile(
    r"\b(?:un(?:e)? seule?|seule? une?|only one|just one|a single one|but one|exactly one|only a single one)"
    r"(?=(?: [a-z]+ed\b| (?:dans|in|among|chez|had|has|was|a ete|est|etait|died|of|sur|avait|parmi|pour|for|at"
    r"|during|apres|after)\b|[.,;)]|$))"
)
_LISTED = re.compile(
    r"\b(?:of|in|de|des|par|by|per|with|avec|using|over|pour|for|than|least|most|les|the|first|last|between) $"
)
_MAY_COUNT = frozenset({Counted.UNKNOWN, Counted.PERSONS, Counted.BARE})
_FRAME_ROW = re.compile(r"\d{1,4} [^\W\d][^\d]{0,60} (?:[-(\[]?\d[\d.,%()\[\]/-]* ?){3,}$")
"""A printed row of a frame: its number, its label, and figures alone."""
_GIVEN = re.compile(
    r"\b(?:defined|definie?s?|considered|consideree?s?|required|eligible|criteri\w+|criteres?|deemed|codes?"
    r"|coded|recommend\w+"
    r"|recommand\w+|planned|prevue?s?|schedul\w+|scale|echelle|ranges?|scor\w+|consist\w+ (?:of|in)|categori\w+"
    r"|allowed|drawn"
    r"|matched|apparie\w*)\b"
)
"""What a rule or a design gives, nobody was counted for."""
_BOUND = re.compile(
    r"\b(?:between|entre|least|most|au moins|au plus|(?:more|fewer|less) than|(?:plus|moins) d[e']|up to"
    r"|jusqu'a|seuil d[e']"
    r"|threshold(?: of)?|minimum(?: of)?) ?$"
)
_WHEN = re.compile(r" (?:before|after|during|at|avant|apres|pendant|lors)\b")
_PER_HEAD = re.compile(
    r"^(?: [^\W\d]+){1,2} (?:each|apiece|chacune?s?|per|par|(?:pour|for every) (?:10{2,5}|1 000)"
    r"(?![^.;\d]{0,40}\b(?:parmi|among|chez|sur|of)\b[^.;\d]{0,12}\d))\b"
)
_SUFFERED = re.compile(
    r" (?:also |later |have |has |had to |ont du |ont |etaient |sont |furent |avaient |were |was |did not "
    r"|had )?(?:been |ete |etre )?"
    r"(?:a (?:fatal|severe|major|second|new|history)|died|had|have|were|developed|needed|required|experienced"
    r"|suffered|refused"
    r"|declined|withdrew|relapsed|recovered|survived|progressed|received|underwent|presented|tested|dropped"
    r"|lost|transferred"
    r"|[^\W\d]+(?:ee?s|is|us|ts))\b"
)
_OPENS = re.compile(r"(?:^|[,;:] |\b(?:remaining|other|and|but|et|mais|autres|only|dont) )$")
_ALIVE = re.compile(
    r" (?:(?:also|later|ont|avaient|had|have|were|are|sont|etaient|furent|was|then|been|ete) ){0,3}"
    r"(?:deced|mort[es]|died|relaps|rechut|hospitali[sz]|greff|dialys|transplant|infect|gueri|recover|surviv"
    r"|vaccin|amput|intub|accouch"
    r"|(?:commence|debute|started|began|begun|initie|initiated|arrete|stopped)[a-z]* (?:on |une? |l[ae] |des )?"
    r"[a-z]{0,4}(?:dialys|chimio|chemo|traitement|treatment|therap|insulin|antibio|radioth))"
)
"""What neither a centre nor a model does: who does it is a person, whatever was named before."""
_PERSON_MANY = 3000
"""Persons in whom no share with a decimal stands for few."""
_HALF = 0.5
_PROXY = re.compile(
    r"^(?:[a-z-]+ )?(?:reports?|forms?|questionnaires?|samples?|specimens?|dossiers?|records?|rapports?)\b"
)
"""What stands for a person each."""
_FOR = re.compile(r"^ (?:[^\W\d]+ ){1,2}(?:pour|for|sur|out of|over|parmi|among|chez) $")


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage, the first of each kind in each line."""
    if passage.source not in (Source.PROSE, Source.OUTPUT, Source.PICTURE):
        return
    for line in lines(passage):
        known: Sequence[Quantity] = []
        kind: Counted | None = None
        told: set[str] = set()
        for sentence in sentences(line):
            found = quantities(sentence)
            for rule, message in (
                *_parts(sentence, found, known, minimum),
                *_shares(sentence, found, known, minimum),
                *_flows(sentence, found, minimum),
                *_ones(sentence),
                *_quotients(sentence, found, minimum),
                *enumerated(sentence, minimum),
                *bracketed(sentence, minimum),
                *sized(sentence, minimum),
                *summed(sentence, found, minimum),
                *(_unexplained(sentence, found, kind, minimum) if passage.source is not Source.PICTURE else ()),
            ):
                if rule not in told:
                    told.add(rule)
                    yield finding(passage, rule, message)
            known = [q for q in found if q.counted is Counted.PERSONS and q.value >= minimum] or known
            kind = next((q.counted for q in reversed(found) if q.counted is not Counted.SHARE), kind)
        for message in _rates(line, minimum):
            yield finding(passage, "percent-of-few", message)


def _parts(
    sentence: str, found: Sequence[Quantity], known: Sequence[Quantity], minimum: int
) -> Iterator[tuple[str, str]]:
    """Of so many persons, so many: the part or the rest is small."""
    numbers = [q for q in found if q.whole or (not q.decimals and _PROXY.search(q.phrase))]
    for one, two in itertools.pairwise(numbers):
        lost = two.value - one.value
        if (
            1 <= lost < minimum <= one.value
            and two.counted is Counted.PERSONS
            and _FOR.match(sentence[one.end : two.start])
        ):
            yield (
                "complement",
                f"{one.value:.0f} of {two.value:.0f} persons: '{around(sentence, one.start, two.end, 30)}'.",
            )
    for at, part in enumerate(numbers):
        wholes = numbers[:at] or [
            q for q in known if _THEM.match(sentence[part.end : part.end + 120]) and "of" in sentence[part.end :][:5]
        ]
        for whole in reversed(wholes):
            if not minimum <= whole.value or part.value >= whole.value or not _is_part(sentence, whole, part, minimum):
                continue
            between = [q for q in found if whole.end <= q.start < part.start and q.phrase]
            if (
                idiom(sentence, part.start)
                or of_each(_before(sentence, part))
                or (part.counted is Counted.BARE and any(map(_is_explained, between)))
            ):
                break
            rest = whole.value - part.value
            said = around(sentence, min(whole.start, part.start), part.end)
            if part.value < minimum:
                yield "small-count", f"{part.value:.0f} of {whole.value:.0f} persons: '{said}'."
            elif rest < minimum:
                yield "complement", f"{part.value:.0f} of {whole.value:.0f} leaves {rest:.0f} persons: '{said}'."
            break


def _before(sentence: str, quantity: Quantity) -> str:
    """What stands close before a number."""
    return sentence[max(quantity.start - 60, 0) : quantity.start]


def _is_explained(quantity: Quantity) -> bool:
    return quantity.counted is Counted.EXPLAINED


def _is_part(sentence: str, whole: Quantity, part: Quantity, minimum: int) -> bool:
    """Whether words say that one number counts some of those whom the other counts."""
    introduced = _OF.search(_before(sentence, whole)) is not None
    if (whole.counted is not Counted.PERSONS and not introduced) or part.counted is Counted.EXPLAINED:
        return False
    if part.counted is Counted.UNKNOWN and part.value < minimum and _LISTED.search(_before(sentence, part)):
        return False
    between = sentence[whole.end : part.start]
    if _NOUN.fullmatch(between) and _WITH.match(sentence[part.end :]):
        return True
    if re.search(r"\b(?:vs|versus|contre|against|respectively|respectivement|compared)\b", between):
        return False
    them = (
        _THEM.match(sentence[part.end : part.end + 120]) is not None
        or _INCLUDING.search(_before(sentence, part)) is not None
    )
    return introduced or (them and ("," in between or ";" in between or ":" in between or "(" not in between))


def _shares(
    sentence: str, found: Sequence[Quantity], known: Sequence[Quantity], minimum: int
) -> Iterator[tuple[str, str]]:
    """A percentage in a sentence that speaks of one group of known size."""
    percents = [q for q in found if q.counted is Counted.SHARE and 0 < q.value < 100]  # per cent
    percents = [] if is_row(sentence) else percents
    groups = {q.value for q in found if q.counted is Counted.PERSONS and minimum <= q.value <= _PERSON_MANY}
    anaphoric = re.search(r"\b(?:of (?:them|these|those)|d'entre eux|parmi eux)\b", sentence)
    groups = groups or ({q.value for q in known if q.value <= _PERSON_MANY} if anaphoric else set())
    if len(groups) != 1:
        return
    size = next(iter(groups))
    for q in percents:
        slack = _HALF * 10.0**-q.decimals * size / 100
        for rule, share in (("percent-of-few", q.value), ("complement", 100 - q.value)):
            people = share * size / 100
            whole = math.floor(people + slack + 1e-9) >= math.ceil(people - slack - 1e-9)
            if (
                people - slack > 0
                and round(people) >= 1
                and people + slack < minimum
                and whole
                and not is_change(sentence, q.start, q.end)
            ):
                yield (
                    rule,
                    f"{q.value:g} % of {size:.0f} persons tell {people:.0f}: '{around(sentence, q.start, q.end, 40)}'.",
                )


def _rates(line: str, minimum: int) -> Iterator[str]:
    """A rate, and how many persons or person-years it stands on."""
    for m in _RATE.finditer(line):
        base = float(re.sub(r"\D", "", m["base"]))
        for size in _SIZE.finditer(line):
            inside = m.start() <= size.start() < m.end()
            if inside or size["unit"][:5] != m["unit"][:5]:
                continue
            people = float(m["rate"].replace(",", ".")) * float(re.sub(r"\D", "", size["n"])) / base
            if _HALF <= people < minimum - _HALF:
                said = around(line, m.start(), m.end())
                yield f"{m['rate']} per {m['base']} of {size['n']} is about {people:.0f}: '{said}'."
                return


def _flows(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """From so many persons to so many."""
    for one, two in itertools.pairwise(found):
        lost = abs(one.value - two.value)
        between = sentence[one.end : two.start]
        if one.decimals or two.decimals or not 1 <= lost < minimum <= min(one.value, two.value):
            continue
        persons = Counted.PERSONS in (one.counted, two.counted) or re.search(
            r"\b(?:cohorte?|sample|echantillon|population)\b", sentence
        )
        if persons and _FROM.search(_before(sentence, one)) and _TO.match(between):
            yield "complement", f"{lost:.0f} persons were lost: '{around(sentence, one.start, two.end)}'."


def _quotients(sentence: str, found: Sequence[Quantity], minimum: int) -> Iterator[tuple[str, str]]:
    """A percentage that two numbers of the sentence give: they are a part and its whole, whatever they count."""
    numbers = [q for q in found if q.whole]
    for share in (q for q in found if q.counted is Counted.SHARE and q.decimals and 0 < q.value < 100):  # per cent
        for part, whole in itertools.permutations(numbers, 2):
            fits = (
                part.value < whole.value
                and abs(100 * part.value / whole.value - share.value) <= _HALF * 10.0**-share.decimals
            )
            few = min(part.value, whole.value - part.value)
            fits = fits and not thing_follows(sentence[max(share.end, whole.end) :].lstrip(" )]"))
            if fits and 1 <= few < minimum:
                said = around(sentence, min(part.start, whole.start), max(part.end, whole.end))
                yield "small-count", f"{part.value:.0f} of {whole.value:.0f} are {share.value:g} %: '{said}'."
                return


def _ones(sentence: str) -> Iterator[tuple[str, str]]:
    """Only one, of something that was spoken of."""
    m = _ONE.search(sentence)
    if m and CLINICAL.search(sentence) and not is_one_of_things(sentence[m.end() :]):
        yield "small-count", f"One person can be recognised: '{around(sentence, m.start(), m.end(), 30)}'."


def _unexplained(
    sentence: str, found: Sequence[Quantity], known: Counted | None, minimum: int
) -> Iterator[tuple[str, str]]:
    """A small number before a noun that no list knows, or before none, in a sentence about what happens to persons."""
    last = known
    if _FRAME_ROW.match(sentence):
        found = found[1:]
    for q in found:
        before, after = sentence[max(q.start - 120, 0) : q.start], sentence[q.end : q.end + 80]
        small = q.counted in _MAY_COUNT and not q.decimals and 1 < q.value < minimum
        if (
            small
            and not idiom(sentence, q.start)
            and not _GIVEN.search(before)
            and not _BOUND.search(before)
            and not of_each(before)
            and not _PER_HEAD.match(after)
        ):
            if q.counted is Counted.BARE and _INCLUDING.search(before):
                told = re.search(rf"\b{PERSON}\b", after[:40]) is not None
            elif q.counted is Counted.BARE:
                alive = _OPENS.search(before) is not None and _ALIVE.match(after) is not None
                told = alive or (last is not Counted.EXPLAINED and _is_subject(before, after))
            else:
                clinical = not _LISTED.search(before) and CLINICAL.search(f"{before[-60:]} {after}")
                told = q.counted is Counted.PERSONS or bool(clinical)
            if told:
                said = around(sentence, q.start, q.end, 40)
                yield "small-count", f"{q.value:.0f} of something that may be persons: '{said}'."
        last = q.counted if q.counted is not Counted.SHARE else last


def _is_subject(before: str, after: str) -> bool:
    """Whether a number without a noun does or suffers something, or ends the sentence behind `in`."""
    if _OPENS.search(before):
        return _SUFFERED.match(after) is not None
    if re.search(r"(?:\(|, |\band |\bet )$", before) and _WHEN.match(after):
        return CLINICAL.search(before) is not None
    return re.search(r"\b(?:in|chez|among|against|contre) $", before) is not None and bool(
        re.match(r"(?: of the\b| des\b|[.;]?$)", after) and CLINICAL.search(before)
    )
