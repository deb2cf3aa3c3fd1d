# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""BACTHUB: identities, stays, antibiotics and antibiograms of 37 hospitals over five years.

Planted truth: an *Escherichia coli* from a patient who had a fluoroquinolone before is resistant to ciprofloxacin with
odds `ODDS_RATIO` times those of others (`BASE_RISK`). Nothing else raises resistance.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .people import DEPARTMENTS, digits, identifiers

PATIENTS_AT_SCALE_1, BLOCK = 5_000, 10_000
HOSPITALS, FIRST, DAYS = 37, np.datetime64("2020-01-01", "D"), 5 * 365
ODDS_RATIO, BASE_RISK = 3.0, 0.12
ANTIBIOTICS = np.array(["J01CA04", "J01CR02", "J01DD04", "J01MA02", "J01XX01", "J01EE01"])
CIPROFLOXACIN = 3
SPECIES = np.array(["Escherichia coli", "Klebsiella pneumoniae", "Staphylococcus aureus", "Enterococcus faecalis"])
FIRST_NAMES = np.array(["Jeanne", "Marie-Ange", "Zoé", "Ahmed", "Loïc", "Noël", "Inès", "Paul", "Chloé", "Hervé"])
LAST_NAMES = np.array(["Lefèvre", "Le Goff", "Martin", "Benali", "D'Hondt", "Müller", "Saint-Just", "Petit", "Nguyen"])
Table = dict[str, Any]


def truth() -> dict[str, Any]:
    """What is planted, to test against."""
    return {"species": str(SPECIES[0]), "exposure": "J01MA", "result": "J01MA02", "odds_ratio": ODDS_RATIO}


def warehouse(scale: float, seed: int) -> Iterator[dict[str, Table]]:
    """The warehouse's tables, block of patients by block."""
    patients = max(1, round(PATIENTS_AT_SCALE_1 * scale))
    for number, first in enumerate(range(0, patients, BLOCK)):
        yield _block(np.random.default_rng([seed, 4, number]), first, min(BLOCK, patients - first), number, seed)


def _block(rng: np.random.Generator, first: int, size: int, number: int, seed: int) -> dict[str, Table]:
    index = np.arange(first, first + size)
    home = rng.integers(1, HOSPITALS + 1, size)
    second = np.flatnonzero(rng.random(size) < 0.08)
    of = np.concatenate([np.arange(size), second])
    hospital = np.concatenate([home, home[second] % HOSPITALS + 1])
    # Numbers are the hospital's own: the same one in two hospitals is two people.
    ipp = digits(index[of] * 7 % 900_000 + 100_000, 9)
    born = np.datetime64("1925-01-01", "D") + rng.integers(0, 95 * 365, size).astype("timedelta64[D]")
    identity = {
        "IPP": ipp,
        "HOSPITAL": hospital,
        "PERSON": identifiers(index, seed, 17)[of],
        "LAST_NAME": rng.choice(LAST_NAMES, size)[of],
        "FIRST_NAME": rng.choice(FIRST_NAMES, size)[of],
        "BIRTH_DATE": born[of],
        "BIRTH_YEAR": (born.astype("datetime64[Y]").astype(np.int64) + 1970)[of],
        "SEX": rng.integers(1, 3, size)[of],
        "DEPARTMENT": rng.choice(DEPARTMENTS, size)[of],
    }
    who = np.repeat(np.arange(len(of)), rng.integers(1, 4, len(of)))
    stay = number * 1_000_000 + np.arange(len(who))
    admitted = FIRST + rng.integers(0, DAYS, len(who)).astype("timedelta64[D]")
    stays = {
        "STAY": stay,
        "IPP": ipp[who],
        "HOSPITAL": hospital[who],
        "ADMITTED": admitted,
        "DISCHARGED": admitted + rng.geometric(0.15, len(who)).astype("timedelta64[D]"),
        "WARD": rng.choice(np.array(["medicine", "surgery", "intensive care", "geriatrics"]), len(who)),
        "DIAGNOSIS": rng.choice(np.array(["N390", "J189", "A415", "I500", "S720"]), len(who)),
    }
    given = rng.random((len(who), len(ANTIBIOTICS))) < np.array([0.25, 0.2, 0.1, 0.15, 0.08, 0.05])
    return {
        "IDENTITY": identity,
        "STAYS": stays,
        "PRESCRIPTIONS": _prescriptions(rng, stay, admitted, given),
        "ANTIBIOGRAMS": _antibiograms(rng, stay, admitted, given),
    }


def _prescriptions(rng: np.random.Generator, stay: Any, admitted: Any, given: Any) -> Table:
    row, drug = np.nonzero(given)
    return {
        "STAY": stay[row],
        "ATC": ANTIBIOTICS[drug],
        "STARTED": admitted[row] - rng.integers(1, 90, len(row)).astype("timedelta64[D]"),
        "DAYS": rng.integers(3, 15, len(row)),
        "PRESCRIBER": digits(rng.integers(10_000_000, 90_000_000, len(row)), 11),
    }


def _antibiograms(rng: np.random.Generator, stay: Any, admitted: Any, given: Any) -> Table:
    isolate = np.flatnonzero(rng.random(len(stay)) < 0.5)
    species = rng.choice(len(SPECIES), len(isolate), p=[0.55, 0.2, 0.15, 0.1])
    odds = BASE_RISK / (1 - BASE_RISK) * np.where((species == 0) & given[isolate, CIPROFLOXACIN], ODDS_RATIO, 1.0)
    risk = np.full((len(isolate), len(ANTIBIOTICS)), 0.15)
    risk[:, CIPROFLOXACIN] = odds / (1 + odds)
    resistant = rng.random(risk.shape) < risk
    intermediate = rng.random(risk.shape) < 0.04
    result = np.where(resistant, "R", np.where(intermediate, "I", "S")).ravel()
    row = np.repeat(isolate, len(ANTIBIOTICS))
    return {
        "STAY": stay[row],
        "ISOLATE": stay[row] * 10 + 1,
        "SAMPLED": admitted[row] + np.timedelta64(1, "D"),
        "SPECIMEN": np.repeat(rng.choice(np.array(["urine", "blood", "wound"]), len(isolate)), len(ANTIBIOTICS)),
        "SPECIES": np.repeat(SPECIES[species], len(ANTIBIOTICS)),
        "ATC": np.tile(ANTIBIOTICS, len(isolate)),
        "RESULT": result,
    }
