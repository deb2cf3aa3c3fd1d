# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""ORDEI: declared reactions and open counts of exposed patients.

Planted truth: `SIGNAL_SUBSTANCE` has `SIGNAL_REACTION` declared `SIGNAL_RATIO` times as often as any other substance.
"""

from typing import Any

import numpy as np

from .medicines import MEDICINES

SIGNAL_SUBSTANCE, SIGNAL_REACTION, SIGNAL_RATIO = "colchicine", "Rhabdomyolysis", 8.0
REACTIONS = np.array(["Rash", "Nausea", "Dizziness", "Hepatitis", "Rhabdomyolysis", "Anaphylaxis", "Bleeding"])
SHARES = np.array([0.3, 0.28, 0.2, 0.08, 0.02, 0.05, 0.07])
AGES = np.array(["0-19", "20-59", "60+"])
YEARS = np.arange(2020, 2025)
CASES_AT_SCALE_1, HIDDEN_BELOW = 8_000, 10
Table = dict[str, Any]


def truth() -> dict[str, Any]:
    """What is planted, to test against."""
    return {"substance": SIGNAL_SUBSTANCE, "reaction": SIGNAL_REACTION, "ratio": SIGNAL_RATIO}


def safety(scale: float, seed: int) -> dict[str, Table]:
    """CASES and EXPOSED."""
    rng = np.random.default_rng([seed, 6])
    substances = sorted({m.substance for m in MEDICINES})
    weight = np.array([sum(m.weight for m in MEDICINES if m.substance == s) for s in substances])
    size = max(10, round(CASES_AT_SCALE_1 * scale))
    drug = rng.choice(len(substances), size, p=weight / weight.sum())
    reaction = rng.choice(len(REACTIONS), size, p=SHARES)
    planted = SHARES * np.where(REACTIONS == SIGNAL_REACTION, SIGNAL_RATIO, 1.0)
    signal = drug == substances.index(SIGNAL_SUBSTANCE)
    reaction[signal] = rng.choice(len(REACTIONS), int(signal.sum()), p=planted / planted.sum())
    cases = {
        "CASE_ID": np.arange(1, size + 1),
        "YEAR": rng.choice(YEARS, size),
        "SUBSTANCE": np.array(substances)[drug],
        "REACTION": REACTIONS[reaction],
        "SERIOUS": rng.random(size) < 0.3,
        "SEX": rng.integers(1, 3, size),
        "AGE_GROUP": rng.choice(AGES, size, p=[0.1, 0.5, 0.4]),
    }
    grid = np.array(np.meshgrid(YEARS, np.arange(len(MEDICINES)), np.arange(3), [1, 2], indexing="ij")).reshape(4, -1)
    weights = np.array([m.weight for m in MEDICINES])[grid[1]] * np.array([0.2, 1.0, 1.4])[grid[2]]
    patients = rng.poisson(weights * 40 * scale)
    exposed = {
        "YEAR": grid[0],
        "CIP13": np.array([m.cip13 for m in MEDICINES])[grid[1]],
        "AGE_GROUP": AGES[grid[2]],
        "SEX": grid[3],
        "PATIENTS": np.ma.array(patients, mask=patients < HIDDEN_BELOW),
        "PACKS": np.ma.array(patients * 3, mask=patients < HIDDEN_BELOW),
    }
    return {"CASES": cases, "EXPOSED": exposed}
