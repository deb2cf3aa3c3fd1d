"""Sentences in places where figures and code are looked for: captions of drawings, notes in cells, comments of code.

Decides which lines are sentences. Worked example: "Aucun des 14 résidents n'était vacciné" above a curve is one, and
so is the cell "Trois patients du centre B sont décédés avant l'inclusion"; "0.8", "Jan Feb Mar" and "Survival" name an
axis, "Maladies de l'appareil circulatoire" a row.
"""

import re

from .facts import Passage, Place, Source, Table, Text

_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST = 2
"""Words of a line with a figure that may say something; one without a figure has more."""
_FEWEST_PLAIN = 4
_FEWEST_NOTE = 6
"""Words of a cell that is a note, and no name of a row."""
_SHORTEST_NOTE = 30
_MOST, _LONGEST = 300, 1000
"""Notes of a table that are read, and letters of each."""
_DIGIT = re.compile(r"\d")
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#+|//|--|/\*+|\*)[ \t]*(?P<said>[^\W\d_][^\n]{15,400})", re.MULTILINE)
_QUOTED = re.compile(r"^>[ \t]?(?=\|)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<![\w*`])(?:\*{1,3}|__|`)(?=[\w(«])|(?<=[\w.,;:!?)%»])(?:\*{1,3}|__|`)(?![\w*`])")


def captions(text: str, where: str, place: Place) -> tuple[Passage, ...]:
    """The lines of a drawing that may be sentences, as one passage of prose; none where there are none."""
    said = "\n".join(line for line in text.split("\n") if _is_sentence(line))
    return (Passage(said, Source.PROSE, where, place),) if said else ()


def notes(table: Table) -> tuple[Passage, ...]:
    """The caption of a table and its cells that are sentences, as one passage of prose."""
    found = [table.name] if _is_sentence(table.name) else []
    for cells in (tuple(Text(h) for h in table.columns), *table.cells):
        found += [c.text[:_LONGEST] for c in cells if isinstance(c, Text) and _is_note(c.text)]
        if len(found) > _MOST:
            break
    said = "\n".join(" ".join(text.split()) for text in dict.fromkeys(found))
    return (Passage(said, Source.PROSE, table.where, table.place),) if said else ()


def comments(code: str, where: str, place: Place) -> tuple[Passage, ...]:
    """The comments of a program that are sentences, as one passage of prose."""
    said = "\n".join(m["said"] for m in _COMMENT.finditer(code) if len(_WORD.findall(m["said"])) >= _FEWEST_PLAIN)
    return (Passage(said, Source.PROSE, where, place),) if said else ()


def unmarked(text: str) -> str:
    """A text without Markdown's signs of emphasis, and of quotation before tables: `3 **patients**` are three."""
    text = _QUOTED.sub("", text) if ">" in text else text
    return _EMPHASIS.sub("", text) if "*" in text or "`" in text or "__" in text else text


def _is_sentence(line: str) -> bool:
    words = len(_WORD.findall(line))
    return words >= (_FEWEST if _DIGIT.search(line) else _FEWEST_PLAIN)


def _is_note(text: str) -> bool:
    return len(text) >= _SHORTEST_NOTE and len(_WORD.findall(text)) >= _FEWEST_NOTE
