"""Twenty-seventh batch: a made-up cohort of strokes, and the writers that pandas users reach for."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from .case import File

MANY = 24000
AGES = ["18-49", "50-64", "65-74", "75-84", "85+"]
REGIONS = ["Bretagne", "Grand Est", "Hauts-de-France", "Île-de-France", "Nouvelle-Aquitaine", "Occitanie"]


def cohort(seed: int = 2701, many: int = MANY) -> pd.DataFrame:
    """Stays for a first ischaemic stroke: one row per person, enough of them for every table of the batch."""
    rng = np.random.default_rng(seed)
    age = np.clip(rng.normal(72, 12, many), 18, 99)
    out = pd.DataFrame({
        "age": age.round(1), "sex": rng.choice(["Female", "Male"], many, p=[0.48, 0.52]), "region": rng.choice(REGIONS, many, p=[0.13, 0.17, 0.19, 0.22, 0.15, 0.14]),
        "hospital": rng.choice(["University", "General", "Private"], many, p=[0.45, 0.4, 0.15]), "hypertension": (rng.random(many) < 0.62).astype(int), "diabetes": (rng.random(many) < 0.22).astype(int),
        "afib": (rng.random(many) < 0.1 + 0.2 * (age > 75)).astype(int), "nihss": rng.choice(["0-4", "5-15", "16+"], many, p=[0.5, 0.33, 0.17]), "date": pd.Timestamp("2018-01-01") + pd.to_timedelta(rng.integers(0, 2191, many), unit="D"),
    })  # fmt: skip
    out["age_group"] = pd.cut(out.age, [17, 49.99, 64.99, 74.99, 84.99, 120], labels=AGES)
    severe = (out.nihss == "16+") * 1.0 + (out.nihss == "5-15") * 0.4
    out["thrombolysis"] = (rng.random(many) < 0.12 + 0.1 * severe).astype(int)
    out["death90"] = (rng.random(many) < 1 / (1 + np.exp(5.4 - 0.035 * age - severe))).astype(int)
    out["los"] = np.round(np.exp(1.6 + 0.006 * age + 0.5 * severe + rng.normal(0, 0.5, many))).astype(int)
    out["cost"] = (1800 + 520 * out.los + rng.normal(0, 600, many)).round(2)
    return out


D = cohort()


def written(name: str, write: Callable[[io.BytesIO], object]) -> File:
    """What a writer puts into a file."""
    out = io.BytesIO()
    write(out)
    return name, out.getvalue()


def to_csv(frame: pd.DataFrame | pd.Series, name: str = "table.csv", encoding: str = "utf-8", **how: Any) -> File:
    """What `DataFrame.to_csv` writes, with its options."""
    text: str = frame.to_csv(**how)
    return name, text.encode(encoding)


def to_md(frame: pd.DataFrame) -> str:
    """What `DataFrame.to_markdown` gives: padded pipes, numbers to the right."""
    rows = [
        ["", *map(str, frame.columns)],
        *([str(i), *map(str, r)] for i, r in zip(frame.index, frame.to_numpy().tolist(), strict=True)),
    ]
    wide = [max(len(r[at]) for r in rows) for at in range(len(rows[0]))]
    number = [False, *(pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns)]
    rule = (
        "|"
        + "|".join("-" * (w + 1) + ":" if n else ":" + "-" * (w + 1) for w, n in zip(wide, number, strict=True))
        + "|"
    )
    lines = [
        "| " + " | ".join(c.rjust(w) if n else c.ljust(w) for c, w, n in zip(r, wide, number, strict=True)) + " |"
        for r in rows
    ]
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def masked(counts: pd.DataFrame, least: int = 11) -> pd.DataFrame:
    """Primary suppression under `least`, then the next smallest cells of a line until each has two that are hidden.

    What is hidden of a line must come to more than can be told from its total.
    """
    shown = counts.astype(object)
    hidden = (counts > 0) & (counts < least)
    for _ in range(6):
        for axis in (0, 1):
            for line in counts.axes[axis]:
                there = hidden.loc[line] if axis == 0 else hidden[line]
                values = counts.loc[line] if axis == 0 else counts[line]
                if there.any() and (there.sum() < 2 or values[there].sum() < 3 * least):
                    extra = values[~there].idxmin()
                    hidden.loc[(line, extra) if axis == 0 else (extra, line)] = True
    return shown.mask(hidden & (counts < least), "<11").mask(hidden & (counts >= least), "s")
