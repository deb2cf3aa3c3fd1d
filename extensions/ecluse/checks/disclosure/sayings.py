"""Persons counted by what a sentence says, without a small figure in it.

Decides from the words of one passage. Worked example: "All but two of the patients survived", "Un seul patient a été
transféré" and "Of the 153 patients, 150 were followed" each say 1 to 10 persons; "None of the 45 patients survived"
says the same of everybody in a group; "the oldest was 104" is one person's age. "A patient was defined as …" and
"Two reviewers read each record" say nothing of persons.
"""

import re
from collections.abc import Iterator

from ecluse.checks.facts import Passage
from ecluse.rules.finding import Finding

from .explained import UNIT_OR_DATE, Counted, is_one_of_things, quantities, thing_before, thing_follows
from .idioms import OPEN_CLASS, idiom, is_design, of_each
from .milestones import studys
from .numerals import SMALL, SPELT, spelt
from .people import PERSON, UNIT
from .sentences import around, finding, lines, phrase_before
from .words import plain

_N = rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d{{1,9}}|{SPELT})"
_FILL = r"(?:(?!and |or |et |ou |dans |in |per |par )[^\W\d]{2,14} ){0,2}?"
_SINGLE = re.compile(
    rf"\b(?:(?:only )?one(?: single)?|(?:a|the) (?:single|sole|lone)|single|sole|lone|(?:un|une|le"
    rf"|la) (?:seule?|unique)"
    rf"|seule? une?|the only|(?:ne \w+ )?plus qu'une?|one of the|l'une? des|un ou deux|one or two|a couple of"
    rf"|a pair of) {_FILL}{PERSON}\b"
    rf"(?! (?:per|par|each|chaque|can|could|may|might|should|would|must|peut|pouvait|doit)\b)"
)
_ONE_FRENCH = re.compile(
    rf"\b(?:une?) {PERSON}(?! (?:est|is) (?:defini|consider))(?: [^\W\d]{{2,14}})? (?:a|ont|avait|est|etait) "
    r"(?:ete |decede|deced|mort|eu |accouche|presente|refuse|sorti|perdu|exclu|transfere|rechute|recidive)"
)
_EXCEPT = re.compile(
    rf"\b(?:all|everybody|everyone|tous|toutes)\b[^.;\n]{{0,50}}?\b(?:but|except(?: for)?|apart from|sauf"
    rf"|hormis|excepte"
    rf"|a l'exception d['e]) ?(?P<n>{_N}|un seul|une seule)\b"
    rf"|\b(?:hormis|sauf|excepte|except(?: for)?|apart from) (?P<m>{_N}) (?:d'entre|of (?:them|these)|{PERSON})"
)
_NONE = re.compile(
    rf"\b(?:none of|aucune? (?:des|de ces)|not one of|zero of)(?: the| these| nos"
    rf"| les)? {_FILL}(?P<n>\d{{1,6}}) {_FILL}{PERSON}\b"
)
_ALL = re.compile(
    rf"\b(?:all|tous les|toutes les|the totality of the) (?:the )?(?P<n>\d{{1,6}}) {_FILL}{PERSON}\b(?! (?:were"
    rf"|are|ont ete)"
    r" (?:included|followed|inclus|enrolled|analys))"
    rf"|\b(?:les|the) (?P<m>\d{{1,6}}) {_FILL}{PERSON}[^.;\n]{{0,40}}?\b(?:sont tous|sont toutes|ont tous"
    rf"|ont toutes|etaient tous"
    r"|are all|were all|all)\b"
)
_HALF = re.compile(
    r"\b(?P<part>half|moitie|third|tiers|quarter|quart|fifth|cinquieme|tenth|dixieme|two[- ]thirds|deux tiers"
    r"|three[- ]quarters|trois quarts) (?:of|des|de)(?: the| ces| these)? "
    rf"(?P<n>{_N}) {_FILL}{PERSON}\b"
)
_FRACTIONS = (
    ("two", 2 / 3), ("deux", 2 / 3), ("three", 3 / 4), ("trois", 3 / 4), ("half", 1 / 2), ("moitie", 1 / 2),
    ("thi", 1 / 3), ("tie", 1 / 3), ("quar", 1 / 4), ("fif", 1 / 5), ("cinq", 1 / 5), ("ten", 1 / 10),
    ("dix", 1 / 10),
)  # fmt: skip
_PART = re.compile(
    rf"(?<![\d.,])(?P<m>{_N}) (?:{_FILL}{UNIT} )?(?:out of|of|sur|parmi|in)(?: the| les| ces"
    rf"| these)? (?P<n>{_N})(?![\d.,]*\d| ?%| (?:years|ans|mois|months|days|jours))\b"
)
_OF = re.compile(
    rf"\b(?:of|among|parmi|sur|from)(?: the| les| ces| these| our"
    rf"| nos)? (?P<n>\d{{1,3}}(?:[ ,]?\d{{3}})*) {_FILL}{UNIT}"
    rf"[^.;\n\d]{{0,40}}?,? (?P<m>\d{{1,3}}(?:[ ,]?\d{{3}})*) (?!%|/|years|ans|mois|months|of|sur"
    rf"|\()(?P<verb>[^\W\d]{{2,14}})"
)
_SPELT_PERSONS = re.compile(
    rf"(?<![-\w])(?P<n>{SPELT})(?! (?:tiers|thirds|quarts|quarters|cinquiemes|fifths|dixiemes"
    rf"|tenths)\b) (?:of (?:the|our|these) )?{_FILL}{PERSON}\b(?!' )"
    rf"|\b(?:both|les deux) (?:(?!and\b|or\b|of\b)[a-z-]{{3,16}} )?(?P<both>(?!twins|jumeaux|jumelles|sexes){PERSON})\b"
    rf"(?! (?:{PERSON}|and|or|et|ou|groups?|arms?|samples?|subsets?|cohorts?)\b)"
)
_COUNTED_BY = re.compile(rf" (?:[a-z]+ )?{UNIT}\b")
_YEARS = (1900, 2100)
_PARTNERS = re.compile(r" (?:partners?|representatives?|advocates?|groups?|organi[sz]ations?|associations?)\b")
_FEWER = re.compile(
    rf"\b(?:fewer|less) than (?P<n>{_N}) {_FILL}{PERSON}[^.;\n]{{0,20}}(?:but not|and at least|although not)"
    rf"|\bmoins de (?P<m>{_N}) {_FILL}{PERSON}[^.;\n]{{0,20}}(?:mais pas|et au moins|sans etre)"
)
_BOUND = re.compile(
    r"(?:moins de|au moins|plus de|fewer than|less than|at least|more than|every|chaque|each|tous les|per|par"
    r"|least of|minimum of|\b(?:one|two|three|four|un|une|deux|trois) (?:in|sur|out of)"
    r"|than|threshold of|seuil de|groups? of|strata of|cells? of|below|under|above|jusqu'a|up to)\s*$"
)
_RATE = re.compile(
    rf"\b(?:one|1|un|une) (?:in|out of|sur) (?P<m>\d{{1,4}}|{SPELT}) (?:of|among|des|parmi)(?: the"
    rf"| les)? (?P<n>\d{{1,6}}) {_FILL}{PERSON}"
)
_THEM = re.compile(
    rf"\b(?P<n>{_N}) (?:of (?:them|these|whom)\b|d'entre (?:eux|elles)\b|of the latter\b)|\b(?:dont|including"
    rf"|incl\.|of whom) (?P<m>{_N}) {_FILL}{PERSON}"
)
_PERCENT = re.compile(
    rf"\b(?P<p>{SPELT}) (?:pour cent|percent|per cent) (?:of|des|de|parmi)(?: the"
    rf"| les)? (?P<n>\d{{1,6}}) {_FILL}{PERSON}"
)
_CLAUSES = re.compile(
    rf"(?<![\d.,])(?P<n>\d{{1,3}}(?:[ ,]?\d{{3}})*) {_FILL}{UNIT}[^.\n\d]{{0,60}}[;,:] "
    rf"?(?P<m>\d{{1,3}}(?:[ ,]?\d{{3}})*)"
    r" (?P<verb>were|was|remained|completed|had|ont|sont|furent|etaient|avaient|restaient)\b"
)
_INCLUDING = re.compile(
    rf"(?<![\d.,])(?P<n>\d{{1,3}}(?:[ ,]?\d{{3}})*) {_FILL}{UNIT}\b[^.\n\d]{{0,60}}(?<![\d])(?:[^.\n]{{0,20}}?,)? ?"
    r"(?:dont|including|of whom|among them|parmi lesquels|parmi lesquelles|of which) "
    r"(?P<m>\d{1,3}(?:[ ,]?\d{3})*)(?! ?%|[.,]?\d)\b"
)
_EVERY = re.compile(rf"\b(?:all|tous|toutes)\b[^.;\n]{{0,12}}?\b{PERSON}\b[^.;\n]{{0,90}}?\(?\b100(?:[.,]0+)? ?%")
_R_SUMMARY = re.compile(r"\bmin\.? +(?:\S+ +){2,14}max\.? *\n(?: *-?\d[\d.,]*){4,8} *(?:\n|$)")
_OLD = re.compile(r"\b(?:9[7-9]|1[01]\d)(?<!100) (?:ans|years)\b")
_LIMIT = re.compile(
    r"\b(?:bornes?|limites?|plafond|limits?|bound|cap|capped|truncated|tronquee?s?|top-coded|censuree?s?)"
    r" (?:(?:superieure|upper|haute|maximale|maximum) )?(?:de |d'|a |of |at |to )?(?:l'age )?$"
)
"""What makes an age one that was chosen: `the limit of 110 years`."""
_OTHERS = re.compile(
    rf"the (?:other|remaining|last) (?P<n>{SMALL})\b|les (?P<m>{SMALL})"
    r" (?:autres|derniers|dernieres|restants|restantes)\b"
)
_WHAT = (
    r"(?:age|ans|years?|stay|sejour|duree|cost|cout|weight|poids|bmi|imc|creatinine|euros?|days?|jours?|mois|months)"
)
_EXTREME = re.compile(
    r"\b(?:oldest|youngest|eldest|longest|shortest|heaviest|tallest|costliest|most expensive|plus (?:agee?"
    r"|jeune|vieux|vieille|longue?|court|courte"
    r"|cher|chere|lourde?|elevee?)|doyenne?|maximale?|minimale?|maximum|minimum|highest"
    r"|lowest)\b(?! (?:likelihood|vraisemblance|a posteriori|number of iter|(?:age )?(?:groups?|bands?|class"
    r"|categor|quarti)))"
    r"[^.;:\n\d]{0,48}?(?::|was|is|were|est(?: de)?|etait(?: de)?|a|avait|lasted|reached|atteint|of|de"
    r"|=)? ?(?P<n>\d[\d ,.]*\d|\d)"
    r"(?P<after>[^.;\n]{0,24})"
)
_OF_MANY = re.compile(r"\b(?:means?|moyen\w*|average|medians?|mediane|planned|prevue?s?)\b")
_RANGE = re.compile(
    r"\b(?:ranged?(?: of ages?)?|varied|varying|ranging|etendue|extremes?|allant|allaient|variait"
    r"|min(?:imum)?[-–/ ]max(?:imum)?|min\.?-max\.?)\b[^.;\n\d%]{0,24}?"
    r"\(?\[?(?P<a>\d[\d.,]*) ?(?:-|–|—|to|a|and|et|;|and up to) ?(?P<b>\d[\d.,]*)(?P<after>[^.;\n]{0,16})"
)
_LAST = re.compile(
    rf"\b(?:the )?(?:last|first|dernier|derniere|premier"
    rf"|premiere) (?:[^\W\d]+ )?{PERSON}\b(?! report)[^.;\n]{{0,40}}?\b(?:day|jour|le|on) \d"
)


def find(passage: Passage, minimum: int) -> Iterator[Finding]:
    """Findings on one passage's sentences, the first few of each kind."""
    printed = "\n".join(map(plain, passage.text.splitlines())) if "Max" in passage.text else ""
    if summary := _R_SUMMARY.search(printed):
        yield finding(
            passage, "extreme", f"Minimum and maximum are one person's own: '{' '.join(summary[0].split())[:120]}'."
        )
    for text in lines(passage):
        for rule, message in _of_line(text, minimum):
            yield finding(passage, rule, message)


def _of_line(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    yield from _few(text, minimum)
    yield from _everybody(text)
    yield from _groups(text, minimum)
    yield from _parts(text, minimum)
    yield from _extremes(text)


def _few(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    """A few persons, counted in words."""
    for pattern in (_SINGLE, _ONE_FRENCH):
        for m in pattern.finditer(text):
            one = re.match(r".{0,12}?\b(?:one|une?)\b", m[0])
            things = one is not None and is_one_of_things(text[m.start() + one.end() :])
            several = re.fullmatch(r"(?:single|sole|lone) .*(?:s|people|men|children)", m[0]) is not None
            if not things and not several and not _BOUND.search(text[: m.start()]) and not idiom(text, m.start()):
                yield "small-count", f"One person can be recognised: '{_said(text, m)}'."
                break
    for m in _SPELT_PERSONS.finditer(text):
        number = spelt(m["n"]) if m["n"] else 2
        bound = (
            _BOUND.search(text[: m.start()])
            or _PARTNERS.match(text[m.end() :])
            or idiom(text, m.start())
            or of_each(text[: m.start()])
        )
        if number is not None and 1 < number < minimum and not bound:
            yield "small-count", f"A small number of persons in words: '{_said(text, m)}'."
    for m in _FEWER.finditer(text):
        number = _number(m["n"] or m["m"])
        if number is not None and number < minimum:
            yield "small-count", f"A small number of persons, bounded from both sides: '{_said(text, m)}'."
    for m in _RATE.finditer(text):
        share, base = _number(m["m"]), _number(m["n"])
        if share and base and 0 < base / share < minimum:
            yield "small-count", f"That is {base / share:.0f} persons: '{_said(text, m)}'."


def _everybody(text: str) -> Iterator[tuple[str, str]]:
    """None or all of a group."""
    for pattern in (_NONE, _ALL, _EVERY):
        for m in pattern.finditer(text):
            yield "whole-group", f"Everybody of a group has the same answer: '{_said(text, m)}'."


def _groups(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    """Everybody, nobody, all but a few, a simple share of few."""
    for m in _EXCEPT.finditer(text):
        told = m["n"] or m["m"]
        number = 1 if "seul" in told else _number(told)
        if (
            number is not None
            and 1 <= number < minimum
            and not thing_follows(text[m.end() :])
            and not thing_before(m[0])
        ):
            yield "complement", f"All but {number} tells of {number}: '{_said(text, m)}'."
    for m in _HALF.finditer(text):
        number = _number(m["n"])
        part = next(part for start, part in _FRACTIONS if m["part"].startswith(start))
        if number is not None and min(part, 1 - part) * number < minimum:
            yield "small-count", f"A part of {number} persons is a small number: '{_said(text, m)}'."
    for m in _THEM.finditer(text):
        number = _number(m["n"] or m["m"])
        if number is not None and 1 <= number < minimum and _of_persons(text, m.start()):
            yield "small-count", f"A small number of them is told: '{_said(text, m)}'."
    for m in _PERCENT.finditer(text):
        share, base = spelt(m["p"]), int(m["n"])
        part = (share or 0) * base / 100
        if share and min(part, base - part) < minimum and part != base:
            yield "percent-of-few", f"{share} % of {base} persons tell a small number: '{_said(text, m)}'."
    others = _OTHERS.search(text)
    few = _number(others["n"] or others["m"]) if others else None
    named = others and (thing_follows(text[others.end() :]) or not _of_persons(text, others.start()))
    if others and few is not None and 0 < few < minimum and not named:
        yield "complement", f"What is left of a group is told: '{_said(text, others)}'."


def _parts(text: str, minimum: int) -> Iterator[tuple[str, str]]:
    """`150 of 153`, `Of the 153 patients, 150 completed`, `deux cas sur quatre-vingts`: part or rest is small."""
    for pattern in (_PART, _OF, _CLAUSES, _INCLUDING):
        for m in pattern.finditer(text):
            part, all_of = _number(m["m"]), _number(m["n"])
            if part is None or all_of is None or not re.search(UNIT, text):
                continue
            if _of_things(text, m, pattern) or (" in " in m[0] and _YEARS[0] <= all_of <= _YEARS[1]):
                continue
            if pattern in (_CLAUSES, _INCLUDING) and all_of - part >= minimum:
                continue
            if pattern is _PART and not (re.search(UNIT, _said(text, m, 24)) or "in" not in m[0]):
                continue
            if pattern is _PART and m["m"] in ("one", "un", "une") and " in " in m[0]:
                continue  # "one in ten": a rate
            rest = all_of - part
            if 0 < part < minimum <= all_of:
                yield "small-count", f"{part} of {all_of} persons: '{_said(text, m)}'."
            elif 0 < rest < minimum <= part:
                yield "complement", f"{part} of {all_of} leaves {rest} persons: '{_said(text, m)}'."


def _of_things(text: str, m: re.Match[str], pattern: re.Pattern[str]) -> bool:
    """Whether what a part or its whole stands before is a thing, not what persons are counted by."""
    after = text[m.end("m" if pattern is _OF else "n") :] if pattern in (_OF, _PART) else ""
    shared = pattern is _PART and (
        idiom(text, m.start("m")) or (thing_before(text[m.start() : m.start("n")]) and not re.search(UNIT, m[0]))
    )
    dated = pattern is _OF and UNIT_OR_DATE.match(after) is not None
    return shared or dated or (thing_follows(after) and _COUNTED_BY.match(after) is None)


def _extremes(text: str) -> Iterator[tuple[str, str]]:
    for m in _EXTREME.finditer(text):
        value = m["n"].replace(" ", "")
        about = f"{m[0]} {m['after']}"
        named = re.search(rf"\b{_WHAT}\b|€|old|young|agee|jeune|doyen|longest|shortest", about)
        if (
            named
            and value not in ("0", "1", "18")
            and not re.search(r"% ?$|^ ?%", m["after"])
            and not OPEN_CLASS.match(m["after"])
            and not is_design(text[m.start() :])
            and not _OF_MANY.search(phrase_before(text, m.start()) + text[m.start() : m.start("n")])
        ):
            yield "extreme", f"An extreme is one person's own value: '{_said(text, m)}'."
            break
    for m in _RANGE.finditer(text):
        if "interquartile" in text[max(0, m.start() - 20) : m.end()] or not re.search(rf"\b{_WHAT}\b|€", text):
            continue
        yield "extreme", f"The ends of a range are one person's own values: '{_said(text, m)}'."
        break
    old = _OLD.search(text)
    limit = old is not None and _LIMIT.search(text[max(old.start() - 40, 0) : old.start()]) is not None
    if old and not limit and re.search(r"\bage[ds]?\b|\bagee?s?\b|\bold\b|\bdoyen", text):
        yield "extreme", f"An age that few reach is told: '{_said(text, old)}'."
    last = next((m for m in _LAST.finditer(text) if not studys(text[max(m.start() - 60, 0) : m.end()])), None)
    if last:
        yield "extreme", f"A single person's moment is told: '{_said(text, last)}'."


def _number(text: str) -> int | None:
    digits = re.sub(r"[ ,]", "", text)
    return int(digits) if digits.isdecimal() else spelt(text)


def _said(text: str, match: re.Match[str], reach: int = 12) -> str:
    return around(text, match.start(), match.end(), reach)


def _of_persons(text: str, at: int) -> bool:
    """Whether "them" are persons: what was counted last, where something was counted."""
    before = [q for q in quantities(text[:at]) if q.counted is not Counted.SHARE]
    return re.search(PERSON, text) is not None and (not before or before[-1].counted is not Counted.EXPLAINED)
