"""Two attacks on a model's scores, beside what SACRO-ML found (`deploy/attacks`), and their signed report.

Runs inside the enclave, by a data manager or an output checker, in an environment that can load the model; never in the
checker. Input are the model's scores for rows that it was fitted on (members) and for rows that it never saw (others),
so that this program loads no model either.

Own attacks, named as what they are: `confidence` (members get higher scores for their true class; Yeom et al. 2018) and
`worst-case` (an attacker who knows half of the members fits a classifier on the sorted scores, tried on the other half;
as in SACRO-ML's WorstCaseAttack, with a nearest-neighbour attacker and two folds). They find less than SACRO-ML's
likelihood-ratio attack: a low figure is no proof.

Worked example: a forest grown to single persons scores 1.0 for its members' classes and less for others: AUC 0.95.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .attest import FORMAT, AttackReport, key_of, signature_of

Floats = NDArray[np.float64]
_LOW = 0.001
_NEIGHBOURS = 25
_MOST = 4000
OWN = "ecluse built-in (confidence, worst-case)"


def auc(members: Floats, others: Floats) -> float:
    """Chance that a member scores higher than another, ties counted half (Mann-Whitney)."""
    order = np.sort(others)
    below = np.searchsorted(order, members, side="left") + np.searchsorted(order, members, side="right")
    return float(below.sum() / (2 * len(members) * len(others)))


def tpr_at(members: Floats, others: Floats, rate: float = _LOW) -> float:
    """Share of members above the score that only `rate` of the others exceed."""
    return float((members > np.quantile(others, 1 - rate, method="higher")).mean())


def own_attacks(members: Floats, others: Floats, seed: int = 0) -> list[dict[str, Any]]:
    """Both attacks on scores of shape rows × (true class first, then the other classes)."""
    random = np.random.default_rng(seed)
    members, others = (random.permutation(s)[:_MOST] for s in (members, others))
    found = [_attack("confidence", members[:, 0], others[:, 0])]
    inside, outside = (np.column_stack([s[:, :1], np.sort(s, axis=1)]) for s in (members, others))
    scores = [_neighbours(inside[i::2], outside[i::2], inside[1 - i :: 2], outside[1 - i :: 2]) for i in (0, 1)]
    found.append(_attack("worst-case", *(np.concatenate([s[k] for s in scores]) for k in (0, 1))))
    return found


def _neighbours(known: Floats, known_others: Floats, members: Floats, others: Floats) -> tuple[Floats, Floats]:
    """Share of members among the nearest known rows."""
    points = np.concatenate([known, known_others])
    label = np.concatenate([np.ones(len(known)), np.zeros(len(known_others))])

    def score(rows: Floats) -> Floats:
        out = np.empty(len(rows))
        for start in range(0, len(rows), 500):
            part = rows[start : start + 500]
            away = ((part[:, None, :] - points[None]) ** 2).sum(axis=2)
            near = np.argpartition(away, min(_NEIGHBOURS, len(points) - 1), axis=1)[:, :_NEIGHBOURS]
            out[start : start + 500] = label[near].mean(axis=1)
        return out

    return score(members), score(others)


def _attack(name: str, members: Floats, others: Floats) -> dict[str, Any]:
    return {
        "name": name,
        "members": len(members),
        "others": len(others),
        "auc": round(max(auc(members, others), 1 - auc(members, others)), 4),
        "tpr_at_low_fpr": round(tpr_at(members, others), 4),
    }


def of_sacro(found: Any, members: int, others: int) -> list[dict[str, Any]]:
    """Attacks of a SACRO-ML report (report.json, version 2): name, AUC and true positives at a rate of 0.1 %.

    An attack that was tried on several splits counts with their mean. SACRO-ML's dummy runs, on scores without any
    difference, are its yardstick and no attacks. Raises `ValueError` for anything else.
    """
    out: list[dict[str, Any]] = []
    try:
        for book in found.values():
            splits = book["attack_experiment_logger"]["attack_instance_logger"].values()
            rates = [(float(s["AUC"]), float(s["TPR@0.1%"])) for s in splits]
            auc_, low = (sum(r[k] for r in rates) / len(rates) for k in (0, 1))
            out.append({"name": str(book["metadata"]["attack_name"])[:80], "members": members, "others": others,
                        "auc": round(auc_, 4), "tpr_at_low_fpr": round(low, 4)})  # fmt: skip
    except (AttributeError, KeyError, TypeError, ZeroDivisionError) as error:
        raise ValueError(f"not a report.json of SACRO-ML 2: {error}") from None
    if not out:
        raise ValueError("no attack in this SACRO-ML report")
    return out


def report_of(weights: str, project: str, tool: str, attacks: list[dict[str, Any]], index: Path) -> AttackReport:
    """A signed report; `index` is the folder of the project's record index, whose key signs. Raises `OSError`."""
    made = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"format": FORMAT, "project": project, "weights": weights, "tool": tool, "made": made, "attacks": attacks}
    plain = json.loads(AttackReport.model_validate({**body, "signature": "0" * 64}).model_dump_json())
    return AttackReport.model_validate({**body, "signature": signature_of(plain, key_of((index / "key").read_bytes()))})
