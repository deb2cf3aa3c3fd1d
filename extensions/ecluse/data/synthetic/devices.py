"""HYDRO: pacemakers implanted during hospital stays, as a registry would have written them down.

Planted truth: which stay each device belongs to (`TRUE_LINKS`). `noise` scales every kind of error: a wrong day,
day and month swapped, the hospital's legal entity instead of the site, another residence, a wrong sex or birth year,
and the share of devices (`UNLINKED`) of people whose stay is not in the data.
"""

from typing import Any

import numpy as np

from .hospital import PACEMAKER
from .people import Block, digits, identifiers

NOISE_LEVELS = {"low": 0.5, "medium": 1.0, "high": 2.0}
ENROLLED = 0.5
UNLINKED = 0.06
REGISTRY_OPENED = np.datetime64("2021-01-01", "D")
Table = dict[str, Any]


def devices(block: Block, stays: dict[str, Table], who: Any, seed: int, noise: float = 1.0) -> dict[str, Table]:
    """IMPLANTS, ALERTS and TRUE_LINKS of a block. `who` has the person behind each stay of the block."""
    rng = np.random.default_rng([seed, 5, block.number])
    acts = stays["T_MCOaaA"]
    implanted = np.flatnonzero((acts["CDC_ACT"] == PACEMAKER.encode()) & (rng.random(len(acts["CDC_ACT"])) < ENROLLED))
    first = int(stays["T_MCOaaB"]["RSA_NUM"][0]) if len(stays["T_MCOaaB"]["RSA_NUM"]) else 0
    stay = acts["RSA_NUM"][implanted].astype(np.int64) - first
    recent = stays["T_MCOaaC"]["EXE_SOI_DTD"][stay] >= REGISTRY_OPENED
    implanted, stay = implanted[recent], stay[recent]
    _, unique = np.unique(who[stay], return_index=True)
    implanted, stay = implanted[unique], stay[unique]
    person, size = who[stay], len(stay)

    def wrong(share: float) -> Any:
        return rng.random(size) < share * noise

    day = stays["T_MCOaaC"]["EXE_SOI_DTD"][stay] + acts["ENT_DAT_DEL"][implanted].astype("timedelta64[D]")
    slip = np.where(wrong(0.08), rng.integers(1, 4, size) * rng.choice([-1, 1], size), 0)
    year = block.birth_year[person] + np.where(wrong(0.02), rng.choice([-1, 1], size), 0)
    month, date = block.birth_month[person], rng.integers(1, 13, size)
    swap = wrong(0.02)
    month, date = np.where(swap, date, month), np.where(swap, month, date)
    born = ((year - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)).astype("datetime64[D]")
    hospital = stays["T_MCOaaB"]["ETA_NUM"][stay] + np.where(wrong(0.1), 1, 0)
    moved = wrong(0.05)
    place = np.where(moved, rng.permutation(size), np.arange(size)) if size else np.arange(0)
    postcode = np.char.add(block.department[person].astype("S2"), block.commune[person])
    device = identifiers(block.first + person, seed, 19)
    implants = {
        "DEVICE": device,
        "IMPLANTED": day + slip.astype("timedelta64[D]"),
        "HOSPITAL": digits(hospital, 9),
        "BIRTH_DATE": born + (date - 1).astype("timedelta64[D]"),
        "BIRTH_YEAR": year,
        "SEX": np.where(wrong(0.01), 3 - block.sex[person], block.sex[person]),
        "POSTCODE": postcode[place],
        "MODEL": rng.choice(np.array(["Arpège", "Boréal", "Cadence"]), size),
        "SERIAL": identifiers(block.first + person, seed, 23),
        "IMPLANTER": digits(rng.integers(10_000_000, 90_000_000, size), 11),
    }
    there = _strangers(np.random.default_rng([seed, 10, block.number]), implants, stays, noise)
    several = np.repeat(np.arange(size), rng.poisson(4.0, size))
    alerts = {
        "DEVICE": device[several],
        "SENT": day[several] + rng.integers(1, 900, len(several)).astype("timedelta64[D]"),
        "KIND": rng.choice(np.array(["fluid", "rhythm", "battery"]), len(several), p=[0.5, 0.4, 0.1]),
        "VALUE": np.round(rng.gamma(4.0, 10.0, len(several)), 1),
    }
    links = {
        "DEVICE": device[there],
        "ETA_NUM": stays["T_MCOaaB"]["ETA_NUM"][stay][there],
        "RSA_NUM": stays["T_MCOaaB"]["RSA_NUM"][stay][there],
    }
    return {"IMPLANTS": implants, "ALERTS": alerts, "TRUE_LINKS": links}


def _strangers(rng: np.random.Generator, implants: Table, stays: dict[str, Table], noise: float) -> Any:
    """Make some devices those of people whose stay is not in the data; returns which devices still have theirs."""
    size, other = len(implants["DEVICE"]), len(stays["T_MCOaaB"]["ETA_NUM"])
    gone = np.flatnonzero(rng.random(size) < UNLINKED * noise)
    if len(gone) and other:
        implants["IMPLANTED"][gone] = stays["T_MCOaaC"]["EXE_SOI_DTD"][rng.integers(0, other, len(gone))]
        implants["HOSPITAL"][gone] = digits(stays["T_MCOaaB"]["ETA_NUM"][rng.integers(0, other, len(gone))], 9)
        for column in ("BIRTH_YEAR", "SEX", "POSTCODE"):
            implants[column][gone] = rng.permutation(implants[column])[: len(gone)]
        years = (implants["BIRTH_YEAR"][gone] - 1970).astype("datetime64[Y]").astype("datetime64[D]")
        implants["BIRTH_DATE"][gone] = years + rng.integers(0, 365, len(gone)).astype("timedelta64[D]")
    there = np.ones(size, bool)
    there[gone] = False
    return there
