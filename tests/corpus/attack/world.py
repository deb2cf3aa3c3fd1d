"""Random requests about one made-up population: tables with margins, masks, percentages and rounding, as CSV texts."""

from dataclasses import dataclass

import numpy as np

from .attacker import AXES, TOTAL, WORDS

Counts = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


@dataclass(frozen=True)
class World:
    """Files by name in the order of their release, and the population's shape."""

    shape: tuple[int, ...]
    files: dict[str, str]


def world(seed: int, *, rounded: bool = False) -> World:
    """A request of one to four files."""
    random = np.random.default_rng(seed)
    shape = (int(random.integers(2, 6)), 2, int(random.choice([1, 2, 3])))
    counts = random.poisson(random.gamma(1.2, random.choice([12, 30, 80]), size=shape))
    base = int(random.choice([5, 10])) if rounded else 1
    density = float(random.choice([0.0, 0.2, 0.4, 0.6, 0.8]))
    names = ["cube", "wide", "wide", "line", "line"] if shape[2] > 1 else ["wide", "line", "line"]
    files: dict[str, str] = {}
    used = set()
    for number in range(int(random.integers(1, 5))):
        kind = str(random.choice(names))
        axes = _axes(random, kind, shape)
        if (kind, axes) not in used:
            used.add((kind, axes))
            files[f"t{number}.csv"] = _file(random, counts, kind, axes, density, base)
    return World(shape, files)


def _axes(random: np.random.Generator, kind: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    live = [a for a in range(3) if shape[a] > 1]
    if kind == "cube":
        return tuple(live)
    picked = random.choice(live, 2 if kind == "wide" else 1, replace=False)
    return tuple(int(a) for a in (sorted(picked) if kind == "wide" else picked))


def _file(
    random: np.random.Generator, counts: Counts, kind: str, axes: tuple[int, ...], density: float, base: int
) -> str:
    margins = bool(random.random() < 0.7)
    flat = counts.sum(axis=tuple(a for a in range(3) if a not in axes))
    words = [[*WORDS[a][: counts.shape[a]], *([TOTAL] if margins else [])] for a in axes]
    full = _with_margins(flat) if margins else flat
    star = random.random(full.shape) < density * (random.random() < 0.8)
    text = np.array([_show(n, s, base) for n, s in zip(full.ravel(), star.ravel(), strict=True)]).reshape(full.shape)
    foot = f"# arrondi à {base}\n" if base > 1 else ""
    if kind == "wide":
        lines = [",".join([AXES[axes[0]], *words[1]])]
        lines += [",".join([word, *text[r]]) for r, word in enumerate(words[0])]
        return "\n".join(lines) + "\n" + foot
    percent = kind == "line" and bool(random.random() < 0.4)
    decimals = int(random.integers(0, 3))
    lines = [",".join([*(AXES[a] for a in axes), "n", *(["pct"] if percent else [])])]
    for at in np.ndindex(full.shape):
        share = []
        if percent:
            hide = full[at] < 11 and random.random() < 0.5
            share = ["" if hide else f"{100 * full[at] / max(flat.sum(), 1):.{decimals}f}"]
        lines.append(",".join([*(words[d][i] for d, i in enumerate(at)), text[at], *share]))
    return "\n".join(lines) + "\n" + foot


def _with_margins(flat: Counts) -> Counts:
    out = flat
    for axis in range(flat.ndim):
        out = np.concatenate([out, out.sum(axis=axis, keepdims=True)], axis=axis)
    return out


def _show(count: int, star: bool, base: int) -> str:
    if 0 < count < 11:
        return "<11"
    if star:
        return "*"
    return str(base * round(count / base)) if base > 1 else str(count)
