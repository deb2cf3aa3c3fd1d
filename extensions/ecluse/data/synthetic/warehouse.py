# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""BACTHUB: identities, stays, antibiotics and antibiograms of 37 hospitals over five years.

Planted truth: an *Escherichia coli* from a patient who had a fluoroquinolone before is resistant to ciprofloxacin with
odds `ODDS_RATIO` times those of others (`BASE_RISK`). Nothing else raises resistance. Who is who across hospitals is
in `TRUE_PERSONS`; the hospitals themselves know only their own numbers, and write names and birth dates differently.
"""

import unicodedata
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
SECOND, THIRD = 0.08, 0.01
"""Shares of patients seen in a second and in a third hospital."""
_FIRST = """\
Marie Jean Françoise Michel Monique Philippe Catherine Alain Nathalie Nicolas Isabelle Christophe Jacqueline Pierre Anne
Éric Sylvie Stéphane Martine Frédéric Jeanne Louis Zoé Ahmed Loïc Noël Inès Paul Chloé Hervé Fatima Mohamed Léa Thomas
Camille Julien Émilie Sébastien Valérie David Hélène André Denise René Simone Lucas Marie-Ange Jean-Pierre Anne-Marie
Jean-Luc Marie-Thérèse"""
_HEADS = "Mar Ber Du Le La Ro Gi Fa Mo Pé Si Gar Che Bou Per Del Cor Fou Bla Gau Mer Ri Hu Len Vi Ca Col Bar Gui Dan"
_MIDDLES = "t n l r ch m v d g b"
_TAILS = "in ard eau et ier on ois ault el ot ert ange elle oux é"
FIRST_NAMES = np.array(_FIRST.split())
LAST_NAMES = np.array([h + m + t for h in _HEADS.split() for m in _MIDDLES.split() for t in _TAILS.split()])
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
    second = np.flatnonzero(rng.random(size) < SECOND)
    third = second[rng.random(len(second)) < THIRD / SECOND]
    steps = rng.integers(1, HOSPITALS // 2, size)
    of = np.concatenate([np.arange(size), second, third])
    away = np.repeat([0, 1, 2], [size, len(second), len(third)])
    hospital = (home[of] - 1 + away * steps[of]) % HOSPITALS + 1
    ipp = _numbers(rng, 2 * first + np.arange(len(of)), hospital)
    person = identifiers(index, seed, 17)[of]
    identity = {"IPP": ipp, "HOSPITAL": hospital, **_identity(rng, size, of, away > 0)}
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
        # Not consolidated yet: each number is a person of its own until `ecluse data consolidate` has run.
        "PATIENT_INDEX": {
            "IPP": ipp,
            "HOSPITAL": hospital,
            "PERSON": np.ma.array(person, mask=np.ones(len(of), bool)),
        },
        "TRUE_PERSONS": {"IPP": ipp, "HOSPITAL": hospital, "PERSON": person},
        "STAYS": stays,
        "PRESCRIPTIONS": _prescriptions(rng, stay, admitted, given),
        "ANTIBIOGRAMS": _antibiograms(rng, stay, admitted, given),
    }


def _numbers(rng: np.random.Generator, row: Any, hospital: Any) -> Any:
    """Each hospital's own numbers. Some occur in two hospitals, for two people."""
    number = row * 7919 % 899_999_981 + 100_000_000
    again = np.flatnonzero((rng.random(len(row)) < 0.05) & (np.arange(len(row)) % 2 == 1))
    again = again[hospital[again] != hospital[again - 1]]
    number[again] = number[again - 1]
    return digits(number, 9)


def _identity(rng: np.random.Generator, size: int, of: Any, away: Any) -> Table:
    """Names, birth and residence as each hospital wrote them down; `away` marks what later hospitals wrote."""
    popular = 1 / np.arange(1, len(LAST_NAMES) + 1) ** 0.7
    common = 1 / np.arange(1, len(FIRST_NAMES) + 1) ** 0.5
    last = LAST_NAMES[rng.permutation(len(LAST_NAMES))][rng.choice(len(LAST_NAMES), size, p=popular / popular.sum())]
    given = rng.choice(FIRST_NAMES, size, p=common / common.sum())
    born = np.datetime64("1925-01-01", "D") + rng.integers(0, 95 * 365, size).astype("timedelta64[D]")
    sex = rng.integers(1, 3, size)
    place = rng.choice(DEPARTMENTS, size)[of]
    last, given, born, sex = last[of].astype(object), given[of].astype(object), born[of].copy(), sex[of].copy()

    def wrong(share: float) -> Any:
        return np.flatnonzero(away & (rng.random(len(of)) < share))

    for row in wrong(0.03):  # a letter left out
        cut = int(rng.integers(1, len(last[row])))
        last[row] = last[row][:cut] + last[row][cut + 1 :]
    for row in wrong(0.08):  # no accents, capitals
        last[row] = "".join(c for c in unicodedata.normalize("NFD", last[row]) if not unicodedata.combining(c)).upper()
    married = wrong(0.06)
    for row in married[sex[married] == 2]:  # the husband's name, alone or after her own
        husband = str(rng.choice(LAST_NAMES))
        last[row] = f"{last[row]}-{husband}" if rng.random() < 0.7 else husband
    for row in wrong(0.3):  # one part of a compound name
        given[row] = given[row].split("-")[0]
    swapped = wrong(0.01)
    month, day = born.astype("datetime64[M]"), (born - born.astype("datetime64[M]")).astype(np.int64)
    for row in swapped[day[swapped] < 12]:
        year = born[row].astype("datetime64[Y]")
        day_of = int((month[row] - year.astype("datetime64[M]")).astype(np.int64))
        born[row] = (year.astype("datetime64[M]") + int(day[row])).astype("datetime64[D]") + day_of
    slipped = wrong(0.01)
    born[slipped] += rng.choice([-10, -1, 1, 10], len(slipped)).astype("timedelta64[D]")
    mistaken, moved = wrong(0.003), wrong(0.08)
    sex[mistaken] = 3 - sex[mistaken]
    place[moved] = rng.choice(DEPARTMENTS, len(moved))
    return {
        "LAST_NAME": last.astype(str),
        "FIRST_NAME": given.astype(str),
        "BIRTH_DATE": born,
        "BIRTH_YEAR": born.astype("datetime64[Y]").astype(np.int64) + 1970,
        "SEX": sex,
        "DEPARTMENT": place,
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
