# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""Hospital stays of the PMSI: tables B, C, A, D and UM of one block of persons, with their traps.

Traps: keys that are integers in B and C, digits in the others; hospitals (`TWICE`) whose stays up to 2017 came a second
time, under another FINESS number and another number of the stay; error groups `90…`; return codes other than zero; some
stays whose person is not known.
"""

from typing import Any

import numpy as np

from .people import Block, digits

HOSPITALS = 750_100_000 + 37 * np.arange(37)
TWICE, SECOND_NUMBER = 6, 500_000
"""The first hospitals sent their stays twice, up to 2017: what is added to their number the second time."""
STAYS_PER_PERSON, OLD_STAYS_PER_PERSON = 0.5, 0.1
"""Over 2021 to 2024, and over 2016 and 2017."""
DIAGNOSES = np.array(
    ["I500", "I48", "I442", "I495", "J189", "N390", "A415", "E119", "K808", "S720", "C509", "Z380", "R55"], "S6"
)
GROUPS = np.array(
    ["05M092", "05M063", "05C141", "05C142", "04M053", "11M041", "18M072", "10M022", "07C141", "08C481", "09C041"], "S6"
)
PACEMAKER = "DELF007"
PROCEDURES = np.array(["DEQP003", "DZQM006", "ZBQK002", "EBQH001", "YYYY600", PACEMAKER, "DELF005"], "S7")
Table = dict[str, Any]


def stays(block: Block, seed: int) -> tuple[dict[str, Table], Any]:
    """The PMSI tables of a block of persons, and the person behind each stay."""
    rng = np.random.default_rng([seed, 3, block.number])
    who, start, hospital, length = _admissions(rng, block)
    size, end = len(who), start + length.astype("timedelta64[D]")
    error = rng.random(size) < 0.01
    age = start.astype("datetime64[Y]").astype(np.int64) + 1970 - block.birth_year[who]
    diagnosis = rng.choice(DIAGNOSES, size)
    group = np.where(error, b"90Z00Z", rng.choice(GROUPS, size))
    psa = block.first_psa[who]
    return_code = rng.random(size) < 0.02
    year, month = _year(end), end.astype("datetime64[M]").astype(np.int64) % 12
    month_only = (np.datetime64("1900-01", "M") + month).astype("datetime64[D]")
    tables: dict[str, Table] = {
        "T_MCOaaB": {
            "AGE_ANN": age,
            "COD_SEX": digits(block.sex[who], 1),
            "BDI_DEP": block.department[who].astype("S2"),
            "BDI_COD": np.char.add(block.department[who].astype("S2"), block.commune[who]),
            "DGN_PAL": diagnosis,
            "GRG_GHM": group,
            "GRG_RET": return_code,
            "SEJ_NBJ": length,
            "ENT_MOD": rng.choice(np.array(["8", "7", "6"], "S1"), size, p=[0.9, 0.05, 0.05]),
            "SOR_MOD": rng.choice(np.array(["8", "7", "6", "9"], "S1"), size, p=[0.87, 0.05, 0.05, 0.03]),
            "SOR_ANN": year,
            "SOR_MOI": month_only,
            "NBR_RUM": np.ones(size, np.int64),
        },
        "T_MCOaaC": {
            "NIR_ANO_17": np.ma.array(block.psa[psa], mask=rng.random(size) < 0.005),
            "RNG_NAI": block.rank[psa],
            "EXE_SOI_DTD": start,
            "EXE_SOI_DTF": end,
            "ENT_DAT": start,
            "SOR_DAT": end,
            "SOR_ANN": year,
            "SOR_MOI": month_only,
            "NIR_RET": rng.random(size) < 0.01,
            "SEJ_NUM": rng.integers(1, 99_999, size),
        },
        "T_MCOaaUM": {"DGN_PAL": diagnosis, "UM_ORD_NUM": np.ones(size, np.int64), "PAR_DUR_SEJ": length},
    }
    several = np.repeat(np.arange(size), rng.poisson(1.5, size))
    done = np.repeat(np.arange(size), rng.poisson(1.0, size))
    lines: dict[str, tuple[Any, Table]] = {
        "T_MCOaaD": (
            several,
            {"ASS_DGN": rng.choice(DIAGNOSES, len(several)), "DGN_ASS_NUM": np.ones(len(several), np.int64)},
        ),
        "T_MCOaaA": (
            done,
            {
                "CDC_ACT": rng.choice(PROCEDURES, len(done)),
                "ENT_DAT_DEL": rng.integers(0, 5, len(done)),
                "NBR_EXE_ACT": np.ones(len(done), np.int64),
            },
        ),
    }
    again = np.flatnonzero((year <= 2017) & (hospital < HOSPITALS[TWICE]))
    source = np.concatenate([np.arange(size), again])
    hospital = np.concatenate([hospital, hospital[again] + SECOND_NUMBER])
    number = block.number * 100_000 + np.arange(len(source))
    keys = {"ETA_NUM": hospital, "RSA_NUM": number}
    written = {"ETA_NUM": digits(hospital, 9), "RSA_NUM": digits(number, 10)}
    made = {
        name: {**(written if name == "T_MCOaaUM" else keys), **{c: v[source] for c, v in columns.items()}}
        for name, columns in tables.items()
    }
    for name, (stay, columns) in lines.items():
        copied = np.flatnonzero(np.isin(stay, again))
        rows = np.concatenate([np.arange(len(stay)), copied])
        at = np.concatenate([stay, size + np.searchsorted(again, stay[copied])])
        made[name] = {**{k: v[at] for k, v in written.items()}, **{c: v[rows] for c, v in columns.items()}}
    return made, who[source]


def _admissions(rng: np.random.Generator, block: Block) -> tuple[Any, Any, Any, Any]:
    """Person, day, hospital and length of each stay; those of 2016 and 2017 come last."""
    recent = np.repeat(np.arange(len(block)), rng.poisson(STAYS_PER_PERSON * block.frailty))
    old = np.repeat(np.arange(len(block)), rng.poisson(OLD_STAYS_PER_PERSON * block.frailty))
    days = [
        np.datetime64("2021-01-01", "D") + rng.integers(0, 4 * 365, len(recent)).astype("timedelta64[D]"),
        np.datetime64("2016-01-01", "D") + rng.integers(0, 2 * 365, len(old)).astype("timedelta64[D]"),
    ]
    size = len(recent) + len(old)
    return (
        np.concatenate([recent, old]),
        np.concatenate(days),
        HOSPITALS[rng.integers(0, len(HOSPITALS), size)],
        rng.geometric(0.2, size) - 1,
    )


def _year(days: Any) -> Any:
    return days.astype("datetime64[Y]").astype(np.int64) + 1970
