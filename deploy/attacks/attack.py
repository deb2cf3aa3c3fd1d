"""Attack a model with SACRO-ML, and write what `ecluse models attack` signs.

Runs in an environment of its own (`make attacks` sets it up), by a data manager or an output checker: it loads the
model. Nothing but scikit-learn, numpy and XGBoost is loaded from the model's file, and pickles are not opened at all.

    build/attacks/bin/python deploy/attacks/attack.py model.skops --members train.parquet --others test.parquet \
        --outcome readmitted --out attacked

Both tables have the model's features as columns, in its order, and the outcome. `others` are rows of the same kind that
the model has never seen. Writes `scores.npz` and SACRO-ML's `report.json` into the folder.
"""

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.target import Target
from sacroml.attacks.worst_case_attack import WorstCaseAttack
from skops.io import get_untrusted_types, load

KNOWN = ("sklearn.", "numpy.", "scipy.", "xgboost.")
FEWEST = 100
"""Rows of each kind below which an attack's figures tell nothing."""


def model_in(file: Path) -> Any:
    """The model of a skops file. Raises `ValueError` for any other file, and for types from elsewhere."""
    if file.suffix != ".skops":
        raise ValueError(f"{file.name}: save the model with skops.io.dump; other files run code when they are loaded")
    strange = [t for t in get_untrusted_types(file=file) if not t.startswith(KNOWN)]
    if strange:
        raise ValueError(f"{file.name}: holds {', '.join(strange)}, which is not loaded here")
    found = load(file, trusted=get_untrusted_types(file=file))
    if not hasattr(found, "predict_proba"):
        raise ValueError(f"{file.name}: {type(found).__name__} gives no probabilities; the attacks need them")
    return found


def table(file: Path, outcome: str, classes: Any) -> tuple[np.ndarray, np.ndarray]:
    """Features, rows × columns, and the outcome as the number of its class."""
    found = pd.read_parquet(file) if file.suffix == ".parquet" else pd.read_csv(file)
    if outcome not in found:
        raise ValueError(f"{file.name}: no column '{outcome}'; there are {', '.join(map(str, found.columns))}")
    if len(found) < FEWEST:
        raise ValueError(f"{file.name}: {len(found)} rows; at least {FEWEST} are needed")
    names = list(classes)
    unknown = sorted(set(found[outcome]) - set(names))
    if unknown:
        raise ValueError(f"{file.name}: the model does not know the outcome {unknown[0]!r}")
    return found.drop(columns=outcome).to_numpy(float), found[outcome].map(names.index).to_numpy()


def scores(probabilities: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Rows × classes, each row's true class first."""
    rows = np.arange(len(truth))
    true = probabilities[rows, truth]
    others = np.ones_like(probabilities, dtype=bool)
    others[rows, truth] = False
    return np.column_stack([true, probabilities[others].reshape(len(truth), -1)])


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--members", type=Path, required=True, help="rows that it was fitted on, .parquet or .csv")
    parser.add_argument("--others", type=Path, required=True, help="rows that it has never seen")
    parser.add_argument("--outcome", required=True, help="the column that it predicts")
    parser.add_argument("--out", type=Path, required=True, help="folder for scores.npz and report.json")
    parser.add_argument("--shadows", type=int, default=100, help="shadow models of the likelihood-ratio attack")
    given = parser.parse_args()
    try:
        model = model_in(given.model)
        inside, outside = (table(f, given.outcome, model.classes_) for f in (given.members, given.others))
        seen, unseen = model.predict_proba(inside[0]), model.predict_proba(outside[0])
    except (OSError, ValueError) as error:
        print(f"attack: {error}", file=sys.stderr)
        return 1
    given.out.mkdir(parents=True, exist_ok=True)
    np.savez(given.out / "scores.npz", members=scores(seen, inside[1]), others=scores(unseen, outside[1]))
    target = Target(model=model, X_train=inside[0], y_train=inside[1], X_test=outside[0], y_test=outside[1],
                    proba_train=seen, proba_test=unseen)  # fmt: skip
    (given.out / "report.json").unlink(missing_ok=True)  # SACRO-ML adds to one that is there
    for attack in (
        WorstCaseAttack(output_dir=str(given.out), n_reps=10),
        LIRAAttack(output_dir=str(given.out), n_shadow_models=given.shadows),
    ):
        print(f"{attack} …", flush=True)
        attack.attack(target)
    shutil.rmtree(given.out / "shadow_models")  # each is fitted on persons
    print(f"{given.out}/scores.npz and {given.out}/report.json; next: ecluse models attack --scores … --sacro …")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
