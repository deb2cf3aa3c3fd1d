# ruff: noqa: S608 - names are quoted by `prepare`
"""A clerical review refines the estimates: a sample to look at, and what its answers say."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ecluse.data.link.linker import Linked
from ecluse.data.link.prepare import open_engine, quoted, source
from ecluse.data.link.spec import LinkError, LinkSpec

BANDS = (0.0, 0.05, 0.5, 0.8, 0.95, 0.99, 1.0)
ANSWER = "same"
YES, NO = {"yes", "y", "oui", "o", "true", "1"}, {"no", "n", "non", "false", "0"}
BELIEVED = 10
"""Reviewed pairs that the model's probability counts for in each band: one seen little is not judged by chance."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Precision of the links after a review, with a 95 % interval; `right`: expected right ones of all candidates."""

    precision: float
    low: float
    high: float
    right: float
    reviewed: int


def review_sample(candidates: pd.DataFrame, size: int, seed: int = 1) -> pd.DataFrame:
    """Pairs to check by hand: as many from each band of probability, so that the doubtful ones are seen."""
    random = np.random.default_rng(seed)
    band = _band(candidates["probability"].to_numpy())
    present = sorted(np.unique(band), key=lambda one: int((band == one).sum()))
    chosen: list[int] = []
    for place, one in enumerate(present):
        members = np.flatnonzero(band == one)
        share = -(-(size - len(chosen)) // (len(present) - place))
        chosen += random.choice(members, size=min(share, len(members)), replace=False).tolist()
    return candidates.iloc[random.permutation(sorted(chosen))].reset_index(drop=True)


def refine(candidates: pd.DataFrame, kept: int, answers: pd.DataFrame) -> Reviewed:
    """What `answers` (`left_id`, `right_id`, `same` true or false) say of the candidates, band by band.

    The first `kept` candidates are the links.
    """
    merged = candidates.merge(answers, on=["left_id", "right_id"], how="inner")
    chance = candidates["probability"].to_numpy()
    band, seen = _band(chance), _band(merged["probability"].to_numpy())
    linked = np.arange(len(candidates)) < kept
    precision = variance = right = 0.0
    for one in np.unique(band):
        inside, judged = band == one, merged[ANSWER].to_numpy(dtype=bool)[seen == one]
        believed = float(chance[inside].mean())
        yes, total = float(judged.sum()) + BELIEVED * believed, len(judged) + BELIEVED
        share, weight = yes / total, float((inside & linked).sum()) / max(kept, 1)
        precision += weight * share
        variance += weight**2 * share * (1 - share) / (total + 1)
        right += share * float(inside.sum())
    spread = 1.96 * variance**0.5
    return Reviewed(precision, max(precision - spread, 0.0), min(precision + spread, 1.0), right, len(merged))


def _band(probability: np.ndarray) -> np.ndarray:
    return np.clip(np.searchsorted(BANDS, probability, side="right") - 1, 0, len(BANDS) - 2)


def review_sheet(spec: LinkSpec, left: Path, right: Path, linked: Linked, size: int) -> str:
    """The sample as CSV: both ids, the compared columns side by side, and an empty column `same` to fill in.

    The probability is not shown: it would sway the reader.
    """
    sample = review_sample(linked.candidates, size)[["left_id", "right_id"]]
    for side, path in (("left", left), ("right", right)):
        columns = list(dict.fromkeys(getattr(one, side) for one in spec.compare))
        values = _values(path, getattr(spec, side).id, columns, sample[f"{side}_id"])
        sample = sample.join(values.add_prefix(f"{side}."), on=f"{side}_id")
    pairs = [f"{side}.{getattr(one, side)}" for one in spec.compare for side in ("left", "right")]
    shown = sample[["left_id", "right_id", *dict.fromkeys(pairs)]]
    return str(shown.assign(**{ANSWER: ""}).to_csv(index=False))


def _values(path: Path, identity: str, columns: list[str], wanted: pd.Series) -> pd.DataFrame:
    engine = open_engine(path.parent, "500MB", 1)
    engine.register("wanted", pd.DataFrame({"i": wanted.unique()}))
    chosen = ", ".join(f"{quoted(c)}::varchar as {quoted(c)}" for c in columns)
    frame = engine.execute(
        f"select {quoted(identity)}::varchar as _i, {chosen} from {source(path)} "
        f"where {quoted(identity)}::varchar in (select i from wanted)"
    ).df()
    engine.close()
    return frame.set_index("_i")


def read_answers(path: Path) -> pd.DataFrame:
    """The judged pairs of a sheet; those left empty are left out.

    Raises:
        LinkError: if it can't be read, lacks a column, has an answer that is neither yes nor no, or none at all.
    """
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, sep=None, engine="python")
    except (OSError, ValueError) as error:
        raise LinkError(f"{path}: can't be read as CSV: {error}") from None
    missing = [c for c in ("left_id", "right_id", ANSWER) if c not in frame]
    if missing:
        raise LinkError(f"{path}: no column {', '.join(missing)}; give the file that --review-out wrote, filled in")
    answer = frame[ANSWER].str.strip().str.lower()
    odd = np.flatnonzero(~answer.isin(YES | NO | {""}))
    if len(odd):
        raise LinkError(f"{path}: line {odd[0] + 2}: '{frame[ANSWER][odd[0]]}' in column {ANSWER}; write yes or no")
    judged = frame.loc[answer != "", ["left_id", "right_id"]].assign(**{ANSWER: answer[answer != ""].isin(YES)})
    if not len(judged):
        raise LinkError(f"{path}: no pair is judged; write yes or no in column {ANSWER}")
    return judged.drop_duplicates(["left_id", "right_id"], keep="last")


def apply_review(linked: Linked, answers: pd.DataFrame, where: str) -> None:
    """Put the refined estimates into the report; what the model alone said stays under `review`.

    Raises:
        LinkError: if no judged pair is one of this linkage.
    """
    report, chance = linked.report, linked.candidates["probability"]
    found = refine(linked.candidates, len(linked.links), answers)
    if not found.reviewed:
        raise LinkError(f"{where}: none of its pairs is a candidate of this linkage; review a sample of the same files")
    report["review"] = {
        "judged": found.reviewed,
        "not_of_this_linkage": len(answers) - found.reviewed,
        "precision_low": found.low,
        "precision_high": found.high,
        "model_precision": report["expected_precision"],
        "model_recall": report["expected_recall"],
    }
    if not len(linked.links):
        return
    elsewhere = max(float(str(report["expected_true_links"])) - float(chance.sum()), 0.0)
    whole = max(found.right + elsewhere, 1.0)
    between = report["recall_between"]
    if isinstance(between, list):
        low = float(between[0]) * found.precision / float(str(report["expected_precision"]))
        high = min(found.precision * len(linked.links) / max(found.right, 1.0), 1.0)
        report["recall_between"] = [low, max(low, high)]
    report["expected_precision"] = found.precision
    report["expected_recall"] = min(found.precision * len(linked.links) / whole, 1.0)
    report["expected_true_links"] = whole
