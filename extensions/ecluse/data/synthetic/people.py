# ruff: noqa: PLR2004 - the numbers are the made-up world: shares and probabilities, each used once
"""A made-up population: sex, birth, residence, death, and the several numbers that one person can have.

Person `i` is the same whatever the chunk it is made in: everything is drawn per block of persons from a generator
seeded with (seed, block).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 5_000
UNKNOWN_DEATH = np.datetime64("1600-01-01", "D")
DEPARTMENTS = np.array(
    [f"{n:02d}" for n in range(1, 96) if n != 20] + ["2A", "2B", "971", "972", "973", "974", "976"], dtype="S3"
)
TWO_NUMBERS, TWINS = 0.05, 0.004

Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]
Texts = NDArray[np.bytes_]


@dataclass(frozen=True)
class Block:
    """Some persons. `nir` is the one id; `psa` has the numbers, each with the person it belongs to in `psa_of`."""

    number: int
    first: int
    nir: Texts
    sex: Ints
    birth_year: Ints
    birth_month: Ints
    department: Texts
    commune: Texts
    death: Days
    frailty: NDArray[np.float64]
    psa: Texts
    psa_of: Ints
    rank: Ints
    first_psa: Ints

    def __len__(self) -> int:
        return len(self.nir)


def blocks(persons: int, seed: int) -> Iterator[Block]:
    """The population in blocks of at most `BLOCK`."""
    for number, first in enumerate(range(0, persons, BLOCK)):
        yield _block(number, first, min(BLOCK, persons - first), seed)


def _block(number: int, first: int, size: int, seed: int) -> Block:
    rng = np.random.default_rng([seed, 1, number])
    index = np.arange(first, first + size, dtype=np.int64)
    birth_year = (2022 - np.minimum(rng.gamma(4.2, 10.5, size), 101)).astype(np.int64)
    age = 2022 - birth_year
    dies = rng.random(size) < 0.004 * np.exp(age / 22) / 4
    death = np.where(dies, _days(rng, size, "2021-01-01", 4 * 365), UNKNOWN_DEATH)
    twin = (rng.random(size) < TWINS) & (index % 2 == 1) & (np.arange(size) > 0)
    birth_month = rng.integers(1, 13, size)
    for values in (birth_year, birth_month):
        values[twin] = values[np.flatnonzero(twin) - 1]
    psa, psa_of, rank = _numbers(rng, index, twin, seed)
    order = np.argsort(psa_of, kind="stable")
    psa, psa_of, rank = psa[order], psa_of[order], rank[order]
    return Block(
        number=number,
        first=first,
        nir=identifiers(index, seed, 7),
        sex=rng.integers(1, 3, size),
        birth_year=birth_year,
        birth_month=birth_month,
        department=DEPARTMENTS[rng.integers(0, len(DEPARTMENTS), size)],
        commune=digits(rng.integers(1, 400, size), 3),
        death=death,
        frailty=rng.gamma(2.0, 0.5, size) * (0.5 + age / 60),
        psa=psa,
        psa_of=psa_of,
        rank=rank,
        first_psa=np.searchsorted(psa_of, np.arange(size)),
    )


def _numbers(rng: np.random.Generator, index: Ints, twin: NDArray[np.bool_], seed: int) -> tuple[Texts, Ints, Ints]:
    """Every person's numbers. Twins share the number of the one before them and differ in rank."""
    size = len(index)
    here = np.arange(size, dtype=np.int64)
    source = np.where(twin, index - 1, index)
    second = np.flatnonzero((rng.random(size) < TWO_NUMBERS) & ~twin)
    psa = np.concatenate([identifiers(source, seed, 11), identifiers(index[second], seed, 13)])
    return psa, np.concatenate([here, second]), np.concatenate([np.where(twin, 2, 1), np.ones(len(second), np.int64)])


def identifiers(index: Ints, seed: int, kind: int) -> Texts:
    """17 characters each, distinct for distinct (index, kind): a 64-bit mix written in hexadecimal after a letter."""
    z = index.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64((seed * 1_000_003 + kind) % 2**63)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    nibbles = (z[:, None] >> np.arange(60, -4, -4, dtype=np.uint64)) & np.uint64(15)
    text = np.frombuffer(b"0123456789ABCDEF", dtype=np.uint8)[nibbles.astype(np.int64)]
    letter = np.full((len(index), 1), b"FGHJKLMNPQRS"[kind % 12], np.uint8)
    return np.ascontiguousarray(np.hstack([letter, text])).view("S17").ravel()


def digits(values: Ints, width: int) -> Texts:
    """Numbers as text with zeros in front."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    text = (values[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    return np.ascontiguousarray(text).view(f"S{width}").ravel()


def _days(rng: np.random.Generator, size: int, start: str, span: int) -> Days:
    return np.datetime64(start, "D") + rng.integers(0, span, size).astype("timedelta64[D]")
