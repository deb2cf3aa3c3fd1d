# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""Causes of death and long-term conditions of one block of persons."""

from typing import Any

import numpy as np

from .people import UNKNOWN_DEATH, Block, identifiers

CAUSES = np.array(["I219", "C349", "I639", "J189", "I500", "C509", "F03", "X59"], "S4")
CONDITIONS = np.array(["E119", "I500", "C509", "I48", "F200"], "S5")
NUMBERS = np.array([8, 5, 30, 5, 23])
Table = dict[str, Any]


def deaths(block: Block, seed: int) -> dict[str, Table]:
    """KI_CCI_R and KI_ECD_R: nine in ten of the dead were matched with the register of insured persons."""
    rng = np.random.default_rng([seed, 8, block.number])
    who = np.flatnonzero(block.death != UNKNOWN_DEATH)
    certificate = identifiers(block.first + who, seed, 31)
    person = np.ma.array(block.nir[who], mask=rng.random(len(who)) < 0.1)
    year = block.death[who].astype("datetime64[Y]").astype(np.int64) + 1970
    cause = rng.choice(CAUSES, len(who))
    first = {
        "DCD_IDT_ENC": certificate,
        "BEN_NIR_ANO": person,
        "FLX_PER_ANN": year,
        "BEN_DCD_DTE": block.death[who],
        "BEN_NAI_ANN": block.birth_year[who],
        "BEN_SEX_COD": block.sex[who],
        "BEN_RES_DPT": np.char.zfill(block.department[who], 3),
        "BEN_RES_COM": block.commune[who],
        "DCD_CIM_COD": cause,
    }
    lines = np.repeat(np.arange(len(who)), rng.integers(1, 4, len(who)))
    every = {
        "DCD_IDT_ENC": certificate[lines],
        "BEN_NIR_ANO": person[lines],
        "FLX_PER_ANN": year[lines],
        "BEN_DCD_DTE": block.death[who][lines],
        "CER_LIG_NUM": np.ones(len(lines), np.int64),
        "ECD_CIM_COD": rng.choice(CAUSES, len(lines)),
    }
    return {"KI_CCI_R": first, "KI_ECD_R": every}


def long_term(block: Block, seed: int) -> dict[str, Table]:
    """IR_IMB_R: long-term conditions, more often with age and frailty."""
    rng = np.random.default_rng([seed, 9, block.number])
    who = np.flatnonzero(rng.random(len(block)) < np.minimum(0.15 * block.frailty, 0.9))
    condition = rng.integers(0, len(CONDITIONS), len(who))
    number = block.first_psa[who]
    start = np.datetime64("2010-01-01", "D") + rng.integers(0, 14 * 365, len(who)).astype("timedelta64[D]")
    return {
        "IR_IMB_R": {
            "BEN_NIR_PSA": block.psa[number],
            "BEN_RNG_GEM": block.rank[number],
            "IMB_ALD_DTD": start,
            "IMB_ALD_DTF": start + np.timedelta64(5 * 365, "D"),
            "IMB_ALD_NUM": NUMBERS[condition],
            "IMB_ETM_NAT": np.full(len(who), 41),
            "MED_MTF_COD": CONDITIONS[condition],
        }
    }
