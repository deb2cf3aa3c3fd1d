"""What is written in a picture, with its place: lines of text, and which of its numbers are ticks of an axis.

Decides by geometry. Worked example: 0, 20, 40 and 60 stand above each other in equal steps, so they are ticks; 45, 33
and 7 stand at the heights of their bars, so they are value labels. "n = 7" is text with a number.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ecluse.checks.captions import captions
from ecluse.checks.facts import (
    OUTLIERS,
    SQUARES,
    THREADS,
    Facts,
    Passage,
    Place,
    Series,
    SeriesKind,
    Sign,
    SignKind,
    Source,
    TextNumber,
)

from . import tesseract
from .axes import Item, scales, ticks
from .cells import cells
from .detail import STROKES, narrowest
from .grids import drawn
from .heights import heights
from .lines import line_of
from .overlaid import black_of, overlaid
from .regions import Fragment, Marks, fragments
from .squares import squares
from .threads import threads
from .values import HEIGHTS, counts_persons

_SMALLEST = 12
_MOST, _TWICE, _INK = 800, 20, 60
_SURE, _SURE_NUMBER, _CLEAR = 45, 50, 75
_SCATTER = 25
_FEW_LONE = 6
_STROKE = "Il|i!-"  # what a tick of an axis is read as
"""Letters that stand alone in a figure with labels: names of panels."""
_SIZE = re.compile(r"[nN] ?= ?\d{1,6}")
"""The size of a group: believed even where the reader is not sure."""
_WHOLE = re.compile(r"(\d{1,3}(?:[ ,.\u202f]\d{3})+|\d+)(?:\s*\(\s*\d+(?:[.,]\d+)?\s*%\s*\))?")
_DIGITS = re.compile(r"[\dOolI|]{0,3}\d[\dOolI|]{0,3}")
_EDGES = re.compile(r"^[\s_|.'\"‘’`~:;]+(?=[—–-]?\d)|(?<=\d)[\s—–_|'\"‘’`~:;-]+$")
_BAR = re.compile(r"(?<!\w)[|!](?=[A-Z]{2})")
_ZERO = re.compile(r"^[O0]{1,2}$|(?<=\d)[oO](?=\d|\b)")


Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Lettering:
    """The texts of a picture in reading order. `unread` says why something could not be read, or nothing."""

    items: tuple[Item, ...] = ()
    unread: str = ""
    marks: int = 0
    """How often a mark stands alone: a scatter repeats it."""
    stacked: int = 0
    """Marks above each other at uneven heights: outliers of a box plot."""
    curves: int = 0
    """Curves side by side, where they are dozens: one per person."""
    bars: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """Axes that count persons, by name, each with how many its bars stand for."""
    modules: int = 0
    """Squares that a code, such as a QR code, is across."""

    def facts(self, where: str = "", place: Place | None = None) -> Facts:
        """Passages, numbers in text, and the value labels as a series whose name is what the axis says."""
        from ecluse.checks.kinds.grid import table_of  # the kinds read pictures, too
        from ecluse.checks.kinds.numbers import find_numbers

        base, place_said = place or Place(), f"{where}, text in the picture" if where else "text in the picture"
        repeated = ((self.marks, ""),) if self.marks >= _SCATTER else ()
        stacked = ((self.stacked, OUTLIERS),) if self.stacked else ()
        curves = ((self.curves, THREADS),) if self.curves else ()
        codes = ((self.modules, SQUARES),) if self.modules else ()
        signs = tuple(
            Sign(SignKind.MARKERS, place_said, base, rows=n, text=how)
            for n, how in (*repeated, *stacked, *curves, *codes)
        )
        if not self.items:
            return Facts(signs=signs)
        axis = ticks(self.items)
        table = drawn(self.items, axis)
        told = table.used if table else frozenset()
        shown = [
            i
            for n, i in enumerate(self.items)
            if n not in axis and n not in told and (i.sure >= _SURE or _SIZE.fullmatch(i.text))
        ]
        numbers: list[TextNumber] = []
        for line in _rows(shown):
            if re.search(r"[^\W\d]", line):
                numbers += find_numbers(line, place_said, base)
        text = "\n".join(_rows(list(self.items)))
        numbers = [replace(n, place=base) for n in numbers]
        labels = _labels(shown, self.items, place_said, base)
        axes = (
            Series(SeriesKind.AXIS, ys=a.values, labels=(a.name,), name="axis", where=place_said, place=base)
            for a in scales(self.items, axis)
        )
        bars = tuple(
            Series(
                SeriesKind.OTHER, ys=tuple(map(float, ys)), labels=(name,), name=HEIGHTS, where=place_said, place=base
            )
            for name, ys in self.bars
        )
        made = table_of(table.cells, where=place_said, place=base) if table else None
        return Facts(
            tables=(made,) if made else (),
            passages=(Passage(text, Source.PICTURE, place_said, base), *captions(text, place_said, base)),
            numbers=tuple(numbers),
            series=(*((labels,) if labels else ()), *axes, *bars),
            signs=signs,
        )


def read(pixels: Pixels) -> Lettering:
    """The texts of a picture: (height, width) or (height, width, 3 or 4), 8 bits each."""
    grey = _grey(pixels)
    if min(grey.shape) < _SMALLEST:
        return Lettering()
    found, clean, marks = _lines(grey)
    table, bare = cells(grey)
    free = [f for f in found if not any(_covers(line, f) for line in table)]
    black = black_of(pixels)
    over = overlaid(black, [*free, *table]) if black is not None else []
    seen = Lettering((), "", *marks, threads(pixels), modules=squares(grey))
    parts = ((bare, table), (clean, free), (black, over))
    boxes = [(plane, fragment) for plane, lines in parts if plane is not None for fragment in lines]
    if not boxes:
        return seen
    try:
        words = tesseract.words([line_of(plane, fragment) for plane, fragment in boxes[:_MOST]])
        words = _again(boxes[:_MOST], words, black)
    except tesseract.UnreadError as error:
        return replace(seen, unread=str(error))
    items = [_item(fragment, said) for (_, fragment), said in zip(boxes[:_MOST], words, strict=True) if said]
    kept = tuple(sorted((i for i in items if i.text), key=lambda i: (i.top, i.left)))
    empty = sum(not said for said in words[: len(table)])
    unread = f"{empty} cells of a drawn table hold what is no letter" if empty else ""
    if doubtful := _doubtful(kept):
        unread = f"{len(doubtful)} of its value labels can't be read for sure"
    if len(boxes) > _MOST:
        unread = f"{len(boxes) - _MOST} pieces of text are too many to read"
    return replace(seen, items=kept, unread=unread, bars=_bars(grey, kept))


def _bars(grey: NDArray[np.uint8], items: tuple[Item, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The axes that count persons, each with what its bars stand for."""
    counted = [scale for scale in scales(items, ticks(items)) if counts_persons(scale.name)]
    return tuple(dict.fromkeys((scale.name, bars) for scale in counted if (bars := heights(grey, scale))))


def _again(
    boxes: list[tuple[Pixels, Fragment]], words: list[list[tesseract.Word]], black: Pixels | None
) -> list[list[tesseract.Word]]:
    """Doubtful lines of a coloured picture read once more where only black is seen; the surer reading of the two."""
    if black is None:
        return words
    doubtful = [n for n, said in enumerate(words) if said and _sureness(said) < _CLEAR and not boxes[n][1].turned]
    doubtful = [n for n in doubtful if _differs(black, *boxes[n])][:_TWICE]
    out = list(words)
    for n, said in zip(doubtful, tesseract.words([line_of(black, boxes[n][1]) for n in doubtful]), strict=True):
        out[n] = max(out[n], said, key=_sureness)
    return out


def _differs(black: Pixels, plane: Pixels, fragment: Fragment) -> bool:
    """Whether a line has black in it, and looks another way where nothing else is seen."""
    at = slice(fragment.top, fragment.bottom), slice(fragment.left, fragment.right)
    return bool(black[at].min() < _INK and (black[at] - np.minimum(plane[at], black[at]) > _INK).any())


def _sureness(words: list[tesseract.Word]) -> float:
    """How sure a line's reading is, 0 to 100."""
    return sum(w.sure * len(w.text) for w in words) / max(sum(len(w.text) for w in words), 1)


def _covers(line: Fragment, other: Fragment) -> bool:
    """Whether the middle of one lies in the other, either way."""
    for one, two in ((line, other), (other, line)):
        y, x = (one.top + one.bottom) / 2, (one.left + one.right) / 2
        if two.top - 1 <= y <= two.bottom + 1 and two.left - 1 <= x <= two.right + 1:
            return True
    return False


def _lines(grey: NDArray[np.uint8]) -> tuple[list[Fragment], NDArray[np.uint8], Marks]:
    """Boxes that may hold text, the picture without its lines, and its marks; a coarse one is looked at small."""
    detail = narrowest(grey)
    if detail == 1:
        return fragments(grey)
    step = detail // 2
    found, clean, marks = fragments(np.ascontiguousarray(grey[::step, ::step]))
    boxes = [f.enlarged(step) for f in found if f.size * step >= STROKES * detail]
    return boxes, clean.repeat(step, axis=0).repeat(step, axis=1) if boxes else grey, marks


def _grey(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luminance on white paper."""
    if pixels.ndim == 2:  # height and width only
        return pixels
    plane = pixels[..., 0] * np.uint16(77) + pixels[..., 1] * np.uint16(150) + pixels[..., 2] * np.uint16(29)
    grey = (plane >> 8).astype(np.uint8)
    if pixels.shape[2] == 4:  # with transparency
        alpha = pixels[..., 3].astype(np.uint16)
        grey = ((grey * alpha + 255 * (255 - alpha)) // 255).astype(np.uint8)
    return np.ascontiguousarray(grey)


def _item(fragment: Fragment, words: list[tesseract.Word]) -> Item:
    text = _BAR.sub("I", " ".join(w.text for w in words))
    bare = _ZERO.sub("0", _EDGES.sub("", text))
    if re.fullmatch(r"[-—–]?\d[\d.,]*", bare):
        text = bare.replace("—", "-").replace("–", "-")
    box = (fragment.top, fragment.left, fragment.bottom, fragment.right)
    return Item(text, _sureness(words), *box, turned=fragment.turned)


def _rows(items: list[Item]) -> list[str]:
    """Lines of text: pieces that follow each other closely are one line, in reading order."""
    lines: list[list[Item]] = []
    for item in sorted(items, key=lambda i: (i.turned, i.left)):
        near = next((line for line in lines if _follows(line[-1], item)), None)
        if near is None:
            lines.append([item])
        else:
            near.append(item)
    lines.sort(key=lambda line: (line[0].top, line[0].left))
    return [" ".join(i.text for i in line) for line in lines]


def _follows(first: Item, second: Item) -> bool:
    """Whether a piece goes on where another ended: on the same line, less than two heights further."""
    if first.turned or second.turned:
        return False
    size = max(first.bottom - first.top, second.bottom - second.top)
    overlap = min(first.bottom, second.bottom) - max(first.top, second.top)
    bare = first.number is not None and second.number is not None
    return overlap * 2 > size and -size < second.left - first.right < (0.8 if bare else 2) * size


def _set_like(item: Item, items: tuple[Item, ...]) -> bool:
    """Whether other texts of the picture are of one size with this one: a shape that looks like a digit is not."""
    sizes = [i.size for i in items if i is not item and i.sure >= _CLEAR and re.search(r"\w\w|\d", i.text)]
    return sum(abs(s - item.size) <= max(1, 0.12 * item.size) for s in sizes) > 1


def _doubtful(items: tuple[Item, ...]) -> list[Item]:
    """Short runs of what may be digits, among value labels that are read: nobody knows whether they are small."""
    axis = ticks(items)
    rest = [i for n, i in enumerate(items) if n not in axis and not i.turned and _set_like(i, items)]
    read = sum(_WHOLE.fullmatch(i.text) is not None and i.sure >= _SURE_NUMBER for i in rest)
    return [i for i in rest if i.sure < _SURE_NUMBER and _DIGITS.fullmatch(i.text)] if read > 1 else []


def _labels(shown: list[Item], items: tuple[Item, ...], where: str, place: Place) -> Series | None:
    """Bare whole numbers that are no ticks; `labels` are the texts that may say what they measure."""
    values = []
    # Points of a cloud are read as letters and as digits.
    lone = [i.text for i in shown if len(i.text) == 1]
    cloud = sum(not t.isdigit() and t not in _STROKE for t in lone) > max(_FEW_LONE, 2 * sum(map(str.isdigit, lone)))
    for item in shown:
        if cloud and len(item.text) == 1:
            continue
        found = _WHOLE.fullmatch(item.text)
        # A round mark is read as a digit: digits are higher than wide.
        mark = len(item.text) == 1 and item.right - item.left > 0.85 * (item.bottom - item.top)
        if found and not mark and item.sure >= _SURE_NUMBER and not item.turned and _set_like(item, items):
            values.append(float(re.sub(r"\D", "", found[1])))
    if not values:
        return None
    words = sorted((i for i in items if re.search(r"[^\W\d]{2}|^[nN]$", i.text)), key=lambda i: not i.turned)
    said = tuple(("|" if i.turned else "") + i.text for i in words[:60])
    return Series(SeriesKind.LABELS, ys=tuple(values), labels=said, name="value labels", where=where, place=place)


__all__ = ["Lettering", "read"]
