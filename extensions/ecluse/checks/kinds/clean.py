"""Text in one canonical form: what is drawn the same is written the same.

Stops text that carries what no reader sees: zero-width and bidirectional controls, tag characters, look-alike
letters, exotic spaces, trailing blanks, terminal escapes, text overwritten by carriage returns.

Worked example: `n\u200b = 1\u202f234\u202e ` becomes `n = 1 234`; a Cyrillic `а` in `Nаntes` becomes Latin.
"""

import re
import unicodedata

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])|\x9b[0-?]*[ -/]*[@-~]")
_LOOKALIKES = str.maketrans(
    "АВЕЗКМНОРСТУХЅІЈаеорсухѕіјԁһӏԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧονıɑɡ", "ABE3KMHOPCTYXSIJaeopcyxsijdhlqwABEZHIKMNOPTYXovıag"
)
_WORD = re.compile(r"[^\W_]+")
_KEPT = frozenset("\n\t")
_COMBINING = 2
_INDENT = 8
"""Blanks that a cell may begin with."""


def _char(char: str) -> str:  # noqa: PLR0911 - one line per class of characters
    """One character's canonical form; nothing for what is not drawn."""
    category = unicodedata.category(char)
    if char in _KEPT:
        return char
    if category in ("Cc", "Cf", "Cs", "Co", "Cn") or "\ufe00" <= char <= "\ufe0f" or char >= "\U000e0000":
        return ""
    if category == "Zs" or char == "\u2800" or char in "\u3164\u115f\u1160\uffa0":
        return " "
    if category in ("Zl", "Zp"):
        return "\n"
    if category == "Nd" and not char.isascii():
        return str(unicodedata.decimal(char))
    if "\uff01" <= char <= "\uff5e" or "\U0001d400" <= char <= "\U0001d7ff":
        return unicodedata.normalize("NFKC", char)
    return char


def _word(match: re.Match[str]) -> str:
    """A word of mixed scripts gets Latin letters for look-alikes; a word wholly in another script stays."""
    word = match[0]
    if word.isascii():
        return word
    plain = word.translate(_LOOKALIKES)
    return plain if any("a" <= c.lower() <= "z" or c.isdigit() for c in word) or plain.isascii() else word


def _combining(text: str) -> str:
    """At most two combining marks on a letter: a tall stack of them is a payload."""
    out: list[str] = []
    run = 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= _COMBINING:
            out.append(char)
    return "".join(out)


def clean(text: str) -> str:
    r"""The canonical form of a text: NFC, no invisible characters, plain spaces, no trailing blanks."""
    text = text.replace("\r\n", "\n")
    if "\x1b" in text or "\x9b" in text:
        text = _ANSI.sub("", text)
    if "\r" in text or "\b" in text or "\x0b" in text or "\x0c" in text:
        text = "\n".join(_overwritten(line) for line in re.split("[\n\x0b\x0c]", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        table = {ord(c): _char(c) for c in set(text)}
        text = _combining(_WORD.sub(_word, text.translate(table)))
        text = unicodedata.normalize("NFC", text)
    elif any((ord(c) < 32 and c not in _KEPT) or c == "\x7f" for c in set(text)):  # control characters
        text = "".join(c for c in text if c in _KEPT or " " <= c != "\x7f")
    return "\n".join(line.rstrip() for line in text.split("\n"))


def _overwritten(line: str) -> str:
    """What a terminal shows of a line with carriage returns: the last part that has text."""
    parts = [p for p in line.split("\r") if p.strip()]
    if not parts or "\b" not in parts[-1]:
        return parts[-1] if parts else ""
    shown: list[str] = []
    at = 0
    for char in parts[-1]:  # a backspace moves left, what follows is written over
        if char == "\b":
            at = max(0, at - 1)
            continue
        shown[at : at + 1] = [char]
        at += 1
    return "".join(shown)


def clean_line(text: str) -> str:
    """The canonical form of a text that is one line, such as a label."""
    return " ".join(clean(text).split())


def clean_cell(text: str) -> str:
    """The canonical form of a cell: one line, indented as tables show levels (`  Women` below `Sex`), by few blanks."""
    line = clean_line(text)
    if not text[:1].isspace() or not line or line[0].isdigit():
        return line
    raw = clean(text).lstrip("\n")
    return " " * min(len(raw) - len(raw.lstrip(" ")), _INDENT) + line
