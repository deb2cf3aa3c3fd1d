# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""Claims of the DCIR: one block of persons at a time, with the traps of the real ones.

A claim (décompte) has one person, one day of care and up to four lines. Traps: several flow months per month of care;
reversal lines with negative quantities, some followed by a corrected line; lines of information only; claim numbers
that repeat between organisms; professionals' numbers on every line.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .medicines import CIP13, WEIGHTS
from .people import Block, Days, Ints, digits

FIRST_DAY, DAYS = np.datetime64("2021-01-01", "D"), 4 * 365 + 1
CLAIMS_PER_PERSON = 10.0
REVERSED, CORRECTED, INFORMATION = 0.02, 0.5, 0.01
PHARMACY, LABORATORY, PROCEDURE, VISIT, HOSPITAL = 3313, 3211, 1321, 1111, 1402
NATURES = np.array([PHARMACY, VISIT, LABORATORY, PROCEDURE, HOSPITAL])
SHARES = np.array([0.62, 0.22, 0.08, 0.05, 0.03])
PRICES = np.array([8.5, 25.0, 40.0, 90.0, 300.0])
ORGANISMS, EMITTERS = 30, 7
KEYS = (
    "DCT_ORD_NUM", "FLX_DIS_DTD", "FLX_TRT_DTD", "FLX_EMT_TYP", "FLX_EMT_NUM", "FLX_EMT_ORD", "ORG_CLE_NUM",
    "PRS_ORD_NUM", "REM_TYP_AFF",
)  # fmt: skip
Table = dict[str, Any]


@dataclass(frozen=True)
class _Claims:
    who: Ints
    psa: Ints
    day: Days
    flow: Days
    treated: Days
    number: Ints
    nature: Ints


def claims(block: Block, seed: int) -> dict[str, Table]:
    """The claim tables of a block of persons: ER_PRS_F and the four that hang on it."""
    rng = np.random.default_rng([seed, 2, block.number])
    made = _claims(rng, block)
    lines_of = np.where(made.nature == 0, rng.integers(1, 5, len(made.who)), 1)
    claim = np.repeat(np.arange(len(made.who)), lines_of)
    order = np.arange(len(claim)) - np.repeat(np.cumsum(lines_of) - lines_of, lines_of) + 1
    quantity = np.where(made.nature[claim] == 0, rng.choice([1, 1, 1, 2, 3], len(claim)), 1)
    drug = rng.choice(len(CIP13), len(claim), p=WEIGHTS)
    claim, order, quantity, drug = _reversals(rng, made, claim, order, quantity, drug)
    lines = _lines(rng, block, made, claim, order, quantity)
    keys = {k: lines[k] for k in KEYS}

    def hang(nature: int) -> tuple[Table, Any]:
        here = made.nature[claim] == nature
        return {k: v[here] for k, v in keys.items()}, here

    return {
        "ER_PRS_F": lines,
        "ER_PHA_F": _pharmacy(*hang(0), quantity, drug),
        "ER_BIO_F": _laboratory(rng, *hang(2), quantity),
        "ER_CAM_F": _procedures(rng, *hang(3)),
        "ER_ETE_F": _hospital(rng, *hang(4)),
    }


def _claims(rng: np.random.Generator, block: Block) -> _Claims:
    count = rng.poisson(CLAIMS_PER_PERSON * block.frailty)
    who = np.repeat(np.arange(len(block)), count)
    day = FIRST_DAY + rng.integers(0, DAYS, len(who)).astype("timedelta64[D]")
    alive = (block.death[who] == np.datetime64("1600-01-01")) | (day <= block.death[who])
    who, day = who[alive], day[alive]
    owned = np.bincount(block.psa_of, minlength=len(block))[who]
    psa = block.first_psa[who] + rng.integers(0, 1_000_000, len(who)) % owned
    lag = np.minimum(rng.geometric(0.55, len(who)), 14)
    flow = (day.astype("datetime64[M]") + lag).astype("datetime64[D]")
    treated = np.maximum(flow - rng.integers(1, 28, len(who)).astype("timedelta64[D]"), day)
    return _Claims(
        who=who,
        psa=psa,
        day=day,
        flow=flow,
        treated=treated,
        number=block.number * 1_000_000 + np.arange(len(who)),
        nature=rng.choice(len(NATURES), len(who), p=SHARES),
    )


def _reversals(rng: np.random.Generator, made: _Claims, *columns: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Some lines again with a negative quantity, half of these once more, corrected. Order 101 and 201 upwards."""
    claim, order, quantity, drug = columns
    undone = np.flatnonzero((rng.random(len(claim)) < REVERSED) & (made.nature[claim] == 0))
    mended = undone[rng.random(len(undone)) < CORRECTED]
    every = np.concatenate([np.arange(len(claim)), undone, mended])
    signs = np.repeat([1, -1, 1], [len(claim), len(undone), len(mended)])
    offset = np.repeat([0, 100, 200], [len(claim), len(undone), len(mended)])
    return claim[every], order[every] + offset, quantity[every] * signs, drug[every]


def _lines(rng: np.random.Generator, block: Block, made: _Claims, claim: Ints, order: Ints, quantity: Ints) -> Table:
    who, nature, number = made.who[claim], made.nature[claim], made.number[claim]
    size, day = len(claim), made.day[claim]
    information = rng.random(size) < INFORMATION
    amount = np.round(PRICES[nature] * rng.gamma(4, 0.25, size), 2) * quantity
    month = day.astype("datetime64[M]")
    return {
        "DCT_ORD_NUM": number // (ORGANISMS * EMITTERS),
        "FLX_DIS_DTD": made.flow[claim],
        "FLX_TRT_DTD": made.treated[claim],
        "FLX_EMT_TYP": np.ones(size, np.int64),
        "FLX_EMT_NUM": number // ORGANISMS % EMITTERS,
        "FLX_EMT_ORD": np.zeros(size, np.int64),
        "ORG_CLE_NUM": digits(number % ORGANISMS + 10_000_000, 9),
        "PRS_ORD_NUM": order,
        "REM_TYP_AFF": np.zeros(size, np.int64),
        "BEN_NIR_PSA": block.psa[made.psa[claim]],
        "BEN_RNG_GEM": block.rank[made.psa[claim]],
        "BEN_SEX_COD": block.sex[who],
        "BEN_NAI_ANN": block.birth_year[who],
        "BEN_AMA_COD": day.astype("datetime64[Y]").astype(np.int64) + 1970 - block.birth_year[who],
        "BEN_RES_DPT": np.char.zfill(block.department[who], 3),
        "BEN_RES_COM": block.commune[who],
        "BEN_DCD_DTE": block.death[who],
        "EXE_SOI_DTD": day,
        "EXE_SOI_DTF": day,
        "EXE_SOI_AMD": _yearmonth(month),
        "EXE_SOI_AMF": _yearmonth(month),
        "PRE_PRE_DTD": day - rng.integers(0, 8, size).astype("timedelta64[D]"),
        "PRS_NAT_REF": NATURES[nature],
        "PRS_ACT_QTE": quantity.astype(np.float64),
        "PRS_PAI_MNT": amount,
        "BSE_REM_BSE": amount,
        "BSE_REM_MNT": np.round(amount * 0.65, 2),
        "BSE_REM_SGN": np.sign(quantity),
        "DPN_QLF": np.where(information, 71, 0),
        "PRS_DPN_QLP": np.where(information, 71, 0),
        "CPL_MAJ_TOP": np.where(rng.random(size) < 0.01, 2, 0),
        "PFS_EXE_NUM": digits(rng.integers(1, 90_000, size) + 750_000_000, 9),
        "PFS_PRE_NUM": digits(rng.integers(1, 90_000, size) + 310_000_000, 9),
        "PSP_PPS_NUM": digits(rng.integers(1, 90_000, size) + 100_000_000, 9),
        "PSP_SPE_COD": rng.choice([1, 3, 7, 12, 22, 32], size),
        "RGM_GRG_COD": np.ones(size, np.int64),
    }


def _pharmacy(keys: Table, here: Any, quantity: Ints, drug: Ints) -> Table:
    codes = CIP13[drug[here]]
    return {
        **keys,
        "PHA_PRS_C13": codes,
        "PHA_PRS_IDE": codes // 10 % 10_000_000,
        "PHA_ACT_QSN": quantity[here],
        "PHA_ORD_NUM": np.ones(len(codes), np.int64),
    }


def _laboratory(rng: np.random.Generator, keys: Table, here: Any, quantity: Ints) -> Table:
    size = int(here.sum())
    return {
        **keys,
        "BIO_PRS_IDE": rng.choice([1104, 592, 563, 578, 1609, 5201, 1208], size),
        "BIO_ACT_QSN": quantity[here],
        "BIO_ORD_NUM": np.ones(size, np.int64),
    }


def _procedures(rng: np.random.Generator, keys: Table, here: Any) -> Table:
    size = int(here.sum())
    return {
        **keys,
        "CAM_PRS_IDE": rng.choice(np.array(["DEQP003", "ZBQK002", "HHQE005", "QZGA004", "DZQM006"], "S7"), size),
        "CAM_ACT_COD": np.full(size, b"1"),
        "CAM_ORD_NUM": np.ones(size, np.int64),
        "CAM_TRT_PHA": np.zeros(size, np.int64),
    }


def _hospital(rng: np.random.Generator, keys: Table, here: Any) -> Table:
    size = int(here.sum())
    taa = np.ma.array(rng.integers(0, 2, size), mask=rng.random(size) < 0.5)
    return {
        **keys,
        "ETB_EXE_FIN": digits(rng.integers(1, 38, size) + 75_000_000, 8),
        "ETE_IND_TAA": taa,
        "ETE_GHS_NUM": rng.integers(1, 9_000, size),
    }


def _yearmonth(month: Any) -> Ints:
    months = month.astype(np.int64) + 1970 * 12
    return np.asarray(months // 12 * 100 + months % 12 + 1, dtype=np.int64)
