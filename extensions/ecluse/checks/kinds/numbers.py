"""Numbers as people write them, in French and English, in cells and in prose.

Decides what a cell shows: a value, an interval, a mask, several numbers, or words.

Worked example: `1 234` is 1234, `92,3 %` is 92.3 with unit `%`, `<11` is everything below 11, `12 (45,6 %)` is two
numbers, `2024-01-05` and `J18` are words. `1,234` is 1234 where decimals have a point and 1.234 where they have a
comma: `decimal_mark` reads the column or the file to tell.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ecluse.checks.facts import Cell, Compound, Interval, Masked, Place, Text, TextNumber, Value

_DIGITS = (
    r"(?:\d{1,3}(?:[ '\u2019]\d{3})+|\d{1,3}(?:,\d{3})+(?=\.\d|(?![\d,]))"
    r"|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+(?=,\d)|\d+)"
)
_NUMBER = rf"[+\-\u2212]?(?:{_DIGITS}(?:[.,]\d+)?|\.\d+)(?:[eE][+\-]?\d{{1,3}})?"
_UNIT = r"(?:\s?(?:\\?%|‰|€|\$|£|pour cent|percent|pct))?"
_ONE = re.compile(
    rf"(?P<n>{_NUMBER})(?P<u>{_UNIT})(?P<stars>\s?(?:\*{{1,4}}|[†‡§¶]))?"
    r"(?P<note>\s?(?:\[\^?\w{1,3}\]|\^\w|\([ab]\))|\s[ab])?"
)
_BELOW = re.compile(
    rf"(?:<|≤|⩽|<=|&lt;|moins de|less than|under|below)\s?=?\s?(?P<n>{_NUMBER})(?P<u>{_UNIT})", re.IGNORECASE
)
_ABOVE = re.compile(
    rf"(?:>|≥|⩾|>=|&gt;|plus de|more than|over|above|at least|au moins)\s?=?\s?(?P<n>{_NUMBER})(?P<u>{_UNIT})",
    re.IGNORECASE,
)
_ABOVE_AFTER = re.compile(rf"(?P<n>{_NUMBER})\s?(?:\+|et plus|and over|and more|or more|ou plus)", re.IGNORECASE)
_RANGE = re.compile(
    rf"(?P<open>[\[\](]?)\s?(?P<a>{_NUMBER})(?P<u>{_UNIT})\s?(?:-|–|—|;|,\s|\bà\b|\bto\b"
    rf"|\.\.)\s?(?P<b>{_NUMBER})(?P<v>{_UNIT})\s?(?P<close>[\])\[]?)"
)
_DATE = re.compile(
    r"\d{4}-\d{1,2}(-\d{1,2})?([ T].*)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{1,2}:\d{2}(:\d{2})?"
    r"|\d{4}[/]\d{1,2}([/]\d{1,2})?"
)
_PARTS = re.compile(
    rf"[\[(]\s?{_NUMBER}{_UNIT}\s?(?:-|–|—|;|,\s|\bto\b|\bà\b)\s?{_NUMBER}{_UNIT}\s?[\])]|(?:<|≤|>"
    rf"|≥)\s?=?\s?{_NUMBER}{_UNIT}|{_NUMBER}{_UNIT}"
)
_GLUE = re.compile(r"[\s()\[\]/±;|,:–—\-]*(?:(?:n|N|sd|SD|se|SE|IC|CI|95|IQR)?[\s()\[\]/±;|,:=–—\-]*)")
_SIGNS = "* ** *** **** x xx xxx c s [c] [s] [x] [r] (c) (s) (x) - -- --- – — … ... . .. ? # ## ###"
_WORDS = (
    "n.d. nd n.c. nc c.s. c.s cs ns n.s. n.r. n.r nr s.s. ss secret masqué masque supprimé supprime suppressed masked"
    " redacted [redacted] [masked] [suppressed] hidden confidentiel confidential <seuil"
)
_MASKS = frozenset(f"{_SIGNS} {_WORDS}".split())
_UNITS = {"pour cent": "%", "percent": "%", "pct": "%", "\\%": "%"}
_MAX_CELL = 200
_SHORT = 12
_COMMA = re.compile(r"\d,(?:\d{1,2}|\d{4,})(?!\d)|(?<!\d)0,\d")
_POINT = re.compile(r"\d\.\d")
_DIGIT = re.compile(r"\d")
_PLAIN = re.compile(r"-?\d{1,30}(?:\.\d{1,30})?", re.ASCII)


def decimal_mark(texts: Iterable[str]) -> str:
    """`,` where the texts write decimals with a comma and never with a point, else `.`."""
    comma = point = 0
    for text in texts:
        comma += "," in text and _COMMA.search(text) is not None
        point += "." in text and _POINT.search(text) is not None
    return "," if comma > point else "."


def number_of(text: str, mark: str = ".") -> tuple[float, int] | None:
    """Size and decimals of one written number, or none. `mark` decides what `1,234` is."""
    plain = text.replace("\u2212", "-").replace(" ", "").replace("'", "").replace("\u2019", "")
    mantissa, exponent = [*re.split("[eE]", plain, maxsplit=1), ""][:2]
    if "," in mantissa and "." in mantissa:
        last = max(mantissa.rfind(","), mantissa.rfind("."))
        mantissa = mantissa[:last].replace(",", "").replace(".", "") + "." + mantissa[last + 1 :]
    elif "," in mantissa:
        groups = re.fullmatch(r"[+\-]?\d{1,3}(?:,\d{3})+", mantissa)
        thousands = groups and (mark == "." or mantissa.count(",") > 1) and not mantissa.lstrip("+-").startswith("0")
        mantissa = mantissa.replace(",", "") if thousands else mantissa.replace(",", ".")
    elif mantissa.count(".") > 1:
        mantissa = mantissa.replace(".", "")
    decimals = len(mantissa.partition(".")[2])
    try:
        return float(f"{mantissa}e{exponent}" if exponent else mantissa), max(0, decimals - int(exponent or 0))
    except ValueError:
        return None


def _unit(text: str | None) -> str:
    unit = (text or "").strip()
    return _UNITS.get(unit, unit)


def parse_cell(raw: str, mark: str = ".") -> Cell:
    """What a cell shows. `mark` is the decimal mark of its column or file."""
    return _short_cell(raw, mark) if len(raw) <= _SHORT else _parsed(raw, mark)


def _parsed(raw: str, mark: str) -> Cell:
    text = raw.strip()
    if _PLAIN.fullmatch(text):  # most cells of most tables
        return Value(float(text), text, len(text.partition(".")[2]))
    if not text or len(text) > _MAX_CELL:
        return Text(raw)
    if text.casefold() in _MASKS:
        return Masked(text)
    if not any(c.isdigit() for c in text) or _DATE.fullmatch(text):
        return Text(raw)
    one = _ONE.fullmatch(text)
    if one is not None and (found := number_of(one["n"], mark)) is not None:
        return Value(found[0], text, found[1], _unit(one["u"]))
    return _interval(text, mark) or _compound(text, mark) or Text(raw)


_short_cell = lru_cache(maxsize=1 << 15)(_parsed)
"""Most cells are short, and many are alike: each is read once."""


def _interval(text: str, mark: str) -> Interval | None:
    for pattern, below in ((_BELOW, True), (_ABOVE, False), (_ABOVE_AFTER, False)):
        if (found := pattern.fullmatch(text)) and (number := number_of(found["n"], mark)) is not None:
            strict = not (pattern is _ABOVE_AFTER or re.match(r"≤|⩽|<=|≥|⩾|>=|at least|au moins|.\s?=", text))
            unit = _unit(found.groupdict().get("u"))
            if below:
                return Interval(float("-inf"), number[0], text, low_open=True, high_open=strict, unit=unit)
            return Interval(number[0], float("inf"), text, low_open=strict, high_open=True, unit=unit)
    if found := _RANGE.fullmatch(text):
        low, high = number_of(found["a"], mark), number_of(found["b"], mark)
        if low is not None and high is not None and low[0] <= high[0]:
            return Interval(
                low[0],
                high[0],
                text,
                low_open=found["open"] in ("(", "]"),
                high_open=found["close"] in (")", "["),
                unit=_unit(found["u"] or found["v"]),
            )
    return None


def _compound(text: str, mark: str) -> Compound | None:
    """`12 (45,6 %)`: numbers with nothing but brackets, slashes and signs between."""
    found = list(_PARTS.finditer(text))
    if len(found) < 2 or len(found) > 6:  # two make a compound; more than six are a sentence or a list
        return None
    rest = _PARTS.sub("\0", text).split("\0")
    if any(not _GLUE.fullmatch(piece) for piece in rest) or not any(c in text for c in "()[]/±|;"):
        return None
    parts: list[Value | Interval | Masked] = []
    for match in found:
        piece = match[0].strip()
        cell = _interval(piece, mark)
        if cell is None:
            one = _ONE.fullmatch(piece)
            size = number_of(one["n"], mark) if one else None
            if one is None or size is None:
                return None
            parts.append(Value(size[0], piece, size[1], _unit(one["u"])))
        else:
            parts.append(cell)
    return Compound(tuple(parts), text)


_SIGNED = rf"(?:(?:<|≤|>|≥|⩽|⩾)\s?=?\s?)?{_NUMBER}{_UNIT}"
_AFTER = r"(?!\w|:\d|[.,\-]\d|\.\w)"
_IN_TEXT = re.compile(rf"(?<![\w.,:'\-])(?<![^\d\s]/){_SIGNED}{_AFTER}|(?<=[=(\[:]){_SIGNED}{_AFTER}")
_SKIP = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?"
    r"|\b\d{1,2}/\d{1,2}/\d{2,4}|\b\d{1,2}:\d{2}(?::\d{2})?(?:[.,]\d+)?"
)
_AROUND = 60
_RAISED = re.compile(r"(?:(?<=[\s=:(\[])|^)[⁰¹²³⁴-⁹₀-₉]+")
"""Raised digits that stand alone are a number; behind a word or a digit they are an exponent or a note."""


def find_numbers(text: str, where: str = "", place: Place | None = None, first_line: int = 0) -> Iterator[TextNumber]:
    """Numbers in running text, line by line, with up to 60 characters on each side. Dates and times are left out."""
    base = place or Place()
    mark = decimal_mark(text.splitlines()[:2000])
    for number, line in enumerate(text.splitlines(), first_line):
        if not line.isascii():
            line = _RAISED.sub(lambda m: unicodedata.normalize("NFKC", m[0]), line)  # noqa: PLW2901 - the same line
        if not _DIGIT.search(line) or not _IN_TEXT.search(line):
            continue
        place_of_line = base.model_copy(update={"line": number})
        dates = [m.span() for m in _SKIP.finditer(line)]
        for match in _IN_TEXT.finditer(line):
            if any(a < match.end() and match.start() < b for a, b in dates):
                continue
            cell = parse_cell(match[0], mark)
            if isinstance(cell, Value | Interval):
                yield TextNumber(
                    cell,
                    line[max(0, match.start() - _AROUND) : match.start()],
                    line[match.end() : match.end() + _AROUND],
                    where=where or f"line {number + 1}",
                    place=place_of_line,
                )
