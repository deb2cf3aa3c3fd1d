"""Where a picture may hold text: fragments of a line, upright or turned by a quarter.

Decides from form alone: thin ink of a character's size, in line with its like. Bars, areas and photographs are thick,
grid lines and frames are long, markers repeat: none of them costs any reading.

Worked example: the axis labels of a bar chart are one fragment each, the white digits inside its bars too; its bars
are none.
"""

import itertools
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .boxplots import outliers
from .dashes import slanting
from .marks import LEAST, MARKERS, MOST, SOLID, TALLEST, in_a_word, repeated, stacked
from .pieces import Pieces, joined, pieces
from .strokes import SHADE, line_pixels, ruled

Grey = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Boxes = NDArray[np.int64]
"""Rows of top, left, bottom, right."""
Marks = tuple[int, int]
"""How often the commonest mark stands alone, and how many marks stand above each other at uneven heights."""
_STEP = 18
"""Levels of grey by which ink differs from what is around it."""
_DASHES = 12

"""Marks above each other that are outliers, and by how much of their mean the steps between them then differ."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """A box of one line of text, in pixels; `turned` where it reads from bottom to top."""

    top: int
    left: int
    bottom: int
    right: int
    turned: bool = False

    @property
    def size(self) -> int:
        """Height of the line."""
        return self.right - self.left if self.turned else self.bottom - self.top

    @property
    def length(self) -> int:
        """Length of the line."""
        return self.bottom - self.top if self.turned else self.right - self.left

    def enlarged(self, times: int) -> "Fragment":
        """The same in a picture so many times as large."""
        box = (self.top * times, self.left * times, self.bottom * times, self.right * times)
        return Fragment(*box, turned=self.turned)


def fragments(grey: Grey) -> tuple[list[Fragment], Grey, Marks]:
    """Boxes that may hold text, top to bottom, the picture without lines that cross them, marks of a scatter."""
    stroke = 9 if grey.shape[1] < 1000 else 13 if grey.shape[1] < 2000 else 21  # of the picture's width
    clean = grey.copy()
    paper = np.uint8(np.argmax(Image.fromarray(grey).histogram()))
    found: list[Fragment] = []
    marks = (0, 0)
    for flipped in (False, True):
        plane = 255 - grey if flipped else grey
        filled = _closed(plane, stroke)
        ink = (filled - plane) > _STEP
        lines, ends = line_pixels(ink, plane)
        parts, alike = _of_ink(ink & ~lines, plane, lines, ends)
        found += [f for f in parts if _on_its_ground(f, plane, filled, ink)]
        marks = (max(marks[0], alike[0]), max(marks[1], alike[1]))
        plain = 255 - filled if flipped else filled
        # A gap of paper between a letter and a frame is no line.
        lines &= (np.maximum(grey, paper) - np.minimum(grey, paper)) > SHADE
        np.copyto(clean, plain, where=lines)
    return _apart(found), clean, marks


def _shifted(plane: Grey, size: int, axis: int, *, most: bool) -> Grey:
    """Maximum or minimum over a window that begins at each pixel, by doubling."""
    out, width = plane, 1
    better = np.maximum if most else np.minimum
    while width < size:
        step = min(width, size - width)
        moved = np.empty_like(out)
        if axis:
            better(out[:, :-step], out[:, step:], out=moved[:, :-step])
            moved[:, -step:] = out[:, -step:]
        else:
            better(out[:-step], out[step:], out=moved[:-step])
            moved[-step:] = out[-step:]
        out, width = moved, width + step
    return out


def _closed(plane: Grey, size: int) -> Grey:
    """The picture with every dark thing narrower than `size` filled (a morphological closing)."""
    half = size // 2
    padded = np.pad(plane, half, mode="edge")
    most = _shifted(_shifted(padded, size, 1, most=True), size, 0, most=True)
    wide = np.pad(most[: plane.shape[0], : plane.shape[1]], half, mode="edge")
    return _shifted(_shifted(wide, size, 1, most=False), size, 0, most=False)[: plane.shape[0], : plane.shape[1]]


def _of_ink(ink: Mask, plane: Grey, lines: Mask, ends: Mask) -> tuple[list[Fragment], Marks]:
    """Fragments of one ink, and its marks."""
    boxes, marks, rowed = _characters(ink, plane, lines, ends)
    if not len(boxes):
        return [], marks
    across = _chains(boxes, ink.shape, turned=False)
    down = _chains(boxes, ink.shape, turned=True)
    width, height = np.bincount(across), np.bincount(down)
    turned = (height[down] >= 3) & (height[down] > width[across])  # three letters make a line
    # A column is turned text only as a whole: most of its pieces stand alone in their rows.
    share = np.bincount(down, weights=turned) / np.maximum(height, 1)
    turned &= share[down] > 0.6  # most
    # Figures below each other in the rows of a table are no turned text.
    rows = np.bincount(down, weights=rowed | _beside(boxes)) / np.maximum(height, 1)
    turned &= rows[down] < 0.5  # half
    upright = _joined(boxes[~turned], across[~turned], turned=False)
    return [*upright, *_joined(boxes[turned], down[turned], turned=True)], marks


def _beside(boxes: Boxes) -> Mask:
    """Which boxes have one of the same top and bottom close by in their row: two digits of one number."""
    out = np.zeros(len(boxes), dtype=np.bool_)
    rows: dict[tuple[int, int], list[tuple[int, int, int]]] = {}
    for n, (top, left, bottom, right) in enumerate(boxes.tolist()):
        rows.setdefault((top, bottom), []).append((left, right, n))
    for row in rows.values():
        row.sort()
        for (_, right, one), (left, _, two) in itertools.pairwise(row):
            bottom, top = int(boxes[one, 2]), int(boxes[one, 0])
            if left - right <= (bottom - top) // 2:
                out[[one, two]] = True
    return out


def _characters(ink: Mask, plane: Grey, lines: Mask, ends: Mask) -> tuple[Boxes, Marks, Mask]:
    """Boxes of ink of a character's size and form, marks, and which boxes stand between the rules of a table.

    Ticks that end at an axis are added to the lines.
    """
    found = pieces(ink)
    boxes, area = found.boxes, found.areas
    if not len(boxes):
        return boxes, (0, 0), np.zeros(0, dtype=np.bool_)
    height, width = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    fill = area / (height * width)
    short, long = np.minimum(height, width), np.maximum(height, width)
    tallest = min(TALLEST, max(ink.shape) // 6)
    good = (long >= LEAST) & (short <= tallest) & (long <= 14 * np.maximum(short, 6)) & (fill > 0.06)
    # Several letters that touch are dense; a piece of a curve is not, and goes on where a straight piece of it ended.
    good &= (long < 4 * short) | (fill > 0.2) | (short < 9)
    good &= (fill < 0.9) | (short * 2 <= long)  # only a stroke fills its box
    on = _goes_on(found, ink, plane, lines, ends)
    rowed = on.copy()
    rowed[on] = ruled(boxes[on], lines)
    on &= ~rowed
    good &= ~on
    dashed = slanting(boxes, (long >= LEAST) & ~on)
    marks = repeated(boxes[~on & ~dashed], fill[~on & ~dashed])
    free = boxes[~on]
    rings = free[outliers(ink | lines, free, area[~on])]
    alone = int((~in_a_word(rings, free)).sum()) if len(free) <= MOST else len(rings)
    above = max(stacked(free), alone)
    for top, left, bottom, right in boxes[on & (short < 9) & (fill > 0.8)].tolist():  # a tick at its axis
        lines[top:bottom, left:right] = True
    sizes = list(zip(height.tolist(), width.tolist(), (area // 4).tolist(), strict=True))
    often = Counter(s for s, ok in zip(sizes, good.tolist(), strict=True) if ok)
    times = np.array([often[s] for s in sizes])
    # A digit that comes often is higher than wide, a mark is not.
    patterned = ((times > MARKERS) & (fill > SOLID) & (height * 5 <= width * 6)) | (
        (times > _DASHES) & (fill > 0.8) & (long > 2 * short)
    )
    kept = np.flatnonzero(good & ~patterned & ~dashed)
    if len(kept) > MOST:
        order = np.argsort(boxes[kept, 0] - boxes[kept, 2], kind="stable")[:MOST]
        kept = kept[np.sort(order)]
    return boxes[kept], (marks, above), rowed[kept]


def _goes_on(found: Pieces, ink: Mask, plane: Grey, lines: Mask, ends: Mask) -> Mask:
    """Which pieces go on in a line that was taken out: at its end, or beside it in the same shade, as curves do."""
    shade = np.pad(np.where(lines, plane, np.uint8(255)), 1, constant_values=255)
    beside = _shifted(_shifted(shade, 3, 1, most=False), 3, 0, most=False)[: plane.shape[0], : plane.shape[1]]
    rows, columns = np.divmod(np.flatnonzero((beside < 255) & ink), ink.shape[1])  # paper is 255
    touched = found.at(rows, columns)
    out = np.zeros(len(found.areas), dtype=np.bool_)
    same = np.abs(found.least(plane)[touched] - beside[rows, columns].astype(np.int16)) <= SHADE
    out[touched[same]] = True
    at_ends = found.at(*np.divmod(np.flatnonzero(ends), ends.shape[1]))
    out[at_ends[at_ends >= 0]] = True
    return out


def _chains(boxes: Boxes, shape: tuple[int, ...], *, turned: bool) -> Boxes:
    """The chain of each box: boxes that follow each other with gaps below a line's height."""
    top, left, bottom, right = boxes.T
    height, width = (right - left, bottom - top) if turned else (bottom - top, right - left)
    # A dash or an equals sign reaches as far as the letters around it.
    size = np.maximum(height, np.minimum(width, int(1.2 * np.median(height)) + 1))
    size = np.maximum(size, 7)
    # Half a line's height on both sides bridges the space between words, not the space between columns.
    reach = (0.42 * np.minimum(size, 60)).astype(np.int64) + 1
    shrink = (height * 0.15).astype(np.int64)
    if turned:
        edges = (top - reach, left + shrink, bottom + reach, right - shrink)
    else:
        edges = (top + shrink, left - reach, bottom - shrink, right + reach)
    return joined(np.clip(np.stack(edges, axis=1), 0, (*shape[:2], *shape[:2])))


def _joined(boxes: Boxes, chains: Boxes, *, turned: bool) -> list[Fragment]:
    """One fragment per chain; accents and points that stand above or below a line belong to it."""
    found: dict[int, list[int]] = {}
    for chain, (a, b, c, d) in zip(chains.tolist(), boxes.tolist(), strict=True):
        box = found.setdefault(chain, [a, b, c, d])
        box[:] = [min(box[0], a), min(box[1], b), max(box[2], c), max(box[3], d)]
    lines = sorted((Fragment(a, b, c, d, turned) for a, b, c, d in found.values()), key=lambda f: -f.size)
    out: list[Fragment] = []
    for line in lines:
        host = next((n for n, other in enumerate(out) if _belongs(line, other)), None)
        if host is None:
            out.append(line)
        else:
            other = out[host]
            tall = (min(line.top, other.top), min(line.left, other.left))
            out[host] = Fragment(*tall, max(line.bottom, other.bottom), max(line.right, other.right), turned=turned)
    return [f for f in out if LEAST < f.size <= TALLEST]


def _belongs(small: Fragment, line: Fragment) -> bool:
    """Whether a piece is a part of a line that is at least twice its height."""
    if small.size * 2 > line.size + 2:
        return False
    near = max(2, line.size // 3)
    return (
        small.left >= line.left - near
        and small.right <= line.right + near
        and small.top >= line.top - near
        and small.bottom <= line.bottom + near
    )


def _on_its_ground(fragment: Fragment, plane: Grey, filled: Grey, ink: Mask) -> bool:
    """Whether what surrounds the box is what the ink stands on: not so for the holes of letters of the other colour."""
    top, left = max(0, fragment.top - 2), max(0, fragment.left - 2)
    box = plane[top : fragment.bottom + 2, left : fragment.right + 2]
    ring = np.concatenate([box[0], box[-1], box[:, 0], box[:, -1]])
    inside = slice(fragment.top, fragment.bottom), slice(fragment.left, fragment.right)
    ground = filled[inside][ink[inside]]
    return bool(ground.size) and abs(float(np.median(ring)) - float(np.median(ground))) <= _STEP


def _apart(found: list[Fragment]) -> list[Fragment]:
    """Each text once, the larger box of two that overlap."""
    kept: list[Fragment] = []
    for fragment in sorted(found, key=lambda f: -(f.size * f.length)):
        if not any(_overlap(fragment, other) for other in kept):
            kept.append(fragment)
    return sorted(kept, key=lambda f: (f.top, f.left))


def _overlap(small: Fragment, large: Fragment) -> bool:
    """Whether most of one box lies in the other."""
    high = min(small.bottom, large.bottom) - max(small.top, large.top)
    wide = min(small.right, large.right) - max(small.left, large.left)
    return high > 0 and wide > 0 and high * wide * 2 > small.size * small.length
