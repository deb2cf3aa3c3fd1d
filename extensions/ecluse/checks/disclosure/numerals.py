"""Whole numbers written in words or in odd signs, in French and English.

Decides what number a word says. Worked example: "quatre-vingts" is 80, "forty-two" is 42, "⁵" is 5, "l2O" is 120,
"XLVI" is 46 and "|||| ||" is 6;
"un" and "one" are 1 only to callers that know that somebody is counted.
"""

import re
import unicodedata

from .words import plain

_UNITS = (
    ("zero", 0), ("un", 1), ("une", 1), ("one", 1), ("deux", 2), ("two", 2), ("trois", 3), ("three", 3), ("quatre", 4),
    ("four", 4), ("cinq", 5), ("five", 5), ("six", 6), ("sept", 7), ("seven", 7), ("huit", 8), ("eight", 8),
    ("neuf", 9), ("nine", 9), ("dix", 10), ("ten", 10), ("onze", 11), ("eleven", 11), ("douze", 12), ("twelve", 12),
    ("treize", 13), ("thirteen", 13), ("quatorze", 14), ("fourteen", 14), ("quinze", 15), ("fifteen", 15),
    ("seize", 16), ("sixteen", 16), ("seventeen", 17), ("eighteen", 18), ("nineteen", 19),
)  # fmt: skip
_TENS = (
    ("vingt", 20), ("vingts", 20), ("twenty", 20), ("trente", 30), ("thirty", 30), ("quarante", 40), ("forty", 40),
    ("cinquante", 50), ("fifty", 50), ("soixante", 60), ("sixty", 60), ("seventy", 70), ("eighty", 80), ("ninety", 90),
)  # fmt: skip
VALUES = dict((*_UNITS, *_TENS, ("cent", 100), ("cents", 100), ("hundred", 100)))
WORD = r"(?:" + "|".join(sorted(VALUES, key=len, reverse=True)) + r")"
SPELT = rf"{WORD}(?:(?:[- ]|[- ](?:et|and)[- ]){WORD}){{0,8}}"
"""A number in words, as a pattern for texts without accents. Bounded: `two two two` of a hostile line has no end, and
each of its words would be tried as the beginning of all that follow."""
SMALL = rf"(?:\d{{1,2}}(?![\d.,]*\d| \d{{3}}\b| ?%)|{SPELT})"
"""A number in words, or one of two digits that is not the beginning of a larger one."""
_ROMAN = re.compile(r"(?=[IVXLCDM]{2}|[IV]$)M{0,4}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,4})")
"""Not a lone C, M or X: they mask."""
_TALLY = re.compile(r"[|/Il]{1,5}(?: [|/Il]{1,5})*")
_LETTERS = (("M", 1000), ("D", 500), ("C", 100), ("L", 50), ("X", 10), ("V", 5), ("I", 1))
_ODD = str.maketrans({"l": "1", "I": "1", "O": "0", "o": "0", "|": "1"})


def spelt(text: str) -> int | None:
    """The number that words say; none where a word is no numeral."""
    total = 0
    for word in re.split(r"[\s-]+", plain(text).strip(" .")):
        if word in ("et", "and"):
            continue
        if word not in VALUES:
            return None
        value = VALUES[word]
        # "quatre-vingts" and "deux cents" multiply, everything else adds.
        multiplies = (value == 100 and 0 < total < 10) or (value == 20 and total % 100 == 4)
        total = (total - total % 100 + total % 100 * value) if multiplies and value != 100 else (
            total * 100 if multiplies else total + value
        )  # fmt: skip
    return total


def whole(text: str) -> int | None:
    """The whole number that a cell of counts shows in words or odd signs; none where it shows none."""
    flat = unicodedata.normalize("NFKC", text).strip()
    if not flat or len(flat) > 40:  # a sentence
        return None
    if _ROMAN.fullmatch(flat):
        return roman(flat)
    if _TALLY.fullmatch(flat):
        return sum(map(flat.count, "|/Il"))
    digits = re.sub(r"(?<=\d)[\s'](?=\d{3})", "", flat)
    if any(c.isdigit() for c in digits) and len(digits) < 9:  # a count
        digits = digits.translate(_ODD)
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else spelt(flat)


def roman(text: str) -> int:
    """What a Roman numeral says: `"XLVI"` → 46."""
    values = [dict(_LETTERS)[letter] for letter in text]
    return sum(-one if one < two else one for one, two in zip(values, [*values[1:], 0], strict=True))
