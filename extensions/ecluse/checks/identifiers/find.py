"""Identifiers of persons in one file: in its texts, and in whole columns of its tables.

Decides how much each weighs. Worked example: a NIR in an output cell is refused; an e-mail address in prose is for
the reviewers (an author's, perhaps), in a table's cells it is refused.
"""

from collections import Counter
from collections.abc import Iterator

from ecluse.checks.facts import Context, Facts, Passage, Source
from ecluse.rules.finding import Finding, Severity

from . import columns, keyed
from .hit import Hit
from .names import names_in
from .patterns import scan

SHOWN = 15
"""Findings of one rule per file; the rest is summed up in one more."""
_WEAK_SOURCES = frozenset({Source.PROSE, Source.CODE, Source.NAME})
_FIXES = {
    "email": "Take the address out; a contact belongs into the request's description.",
    "facility": "Name the hospital by a neutral label, unless the permit allows it to be named.",
    "company": "Take the number out, or say in the description why it is public.",
    "exact-date": "Give the month or the year, or an interval since inclusion.",
}
_FIX = "Take it out, in the code that printed it too, and run the file again."


def find(facts: Facts, context: Context) -> list[Finding]:
    """Findings on identifiers, each place once. Identifiers are never repeated in full in a finding."""
    found: list[Finding] = []
    counts: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for passage, hit in _hits(facts, context):
        key = (hit.rule, hit.text)
        if key in seen:
            continue
        seen.add(key)
        counts[hit.rule] += 1
        if counts[hit.rule] <= SHOWN:
            found.append(_finding(passage, hit))
    for rule, count in counts.items():
        if count > SHOWN:
            last = next(f for f in reversed(found) if f.rule == rule)
            message = f"{count - SHOWN} more of the kind {rule!r} stand in this file."
            found.append(last.model_copy(update={"message": message, "where": "", "place": None}))
    return [*found, *columns.find(facts), *keyed.find(facts)]


def _hits(facts: Facts, context: Context) -> Iterator[tuple[Passage, Hit]]:
    for passage in facts.passages:
        for hit in scan(passage.text):
            yield passage, hit
        file = passage.source is Source.NAME and passage.where == "file name"
        named = passage.source is Source.NAME and not file
        for hit in names_in(passage.text, prose=passage.source in _WEAK_SOURCES, named=named, file=file):
            yield passage, hit
        for token in _known(passage.text, context.pseudonyms):
            yield passage, Hit("pseudonym", "a pseudonym of this project's extract", token, passage.text.index(token))


def _known(text: str, pseudonyms: frozenset[str]) -> Iterator[str]:
    if pseudonyms:
        yield from (
            t for t in set(text.replace(",", " ").replace(";", " ").split()) if t.strip("\"'()[]") in pseudonyms
        )


def _finding(passage: Passage, hit: Hit) -> Finding:
    weak = not hit.strong and (passage.source in _WEAK_SOURCES or hit.rule in ("facility", "company", "name"))
    return Finding(
        rule=hit.rule,
        severity=Severity.REVIEW if weak else Severity.REFUSE,
        where=passage.where,
        message=f"{hit.what[0].upper()}{hit.what[1:]} can be read: {_hint(hit.text)}.",
        fix=_FIXES.get(hit.rule, _FIX),
        place=passage.place,
    )


def _hint(text: str) -> str:
    """Enough of the identifier to find it, too little to use it."""
    kept = text.strip()[:3]
    return f"'{kept}…' ({len(text.strip())} characters)"
