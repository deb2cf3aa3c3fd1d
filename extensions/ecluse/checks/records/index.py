"""An index of a project's extract that says whether a table holds its rows.

Decides by tuples of three and four values that occur once in the extract. Worked example: of 1,000 true rows with
renamed columns, 99 % hold such a tuple, and 29 % after each column was shuffled: the table holds real rows. Of an
aggregate 27 % do, and 27 % after shuffling: it does not. The shuffled null is what tells them apart, because single
values are common to both.

The index holds keyed hashes only (`tokens`), sorted, 8 bytes each. It stays on the server, and so does its key.
"""

import itertools
import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ecluse.checks.facts import Table

from . import tokens
from .kept import Kept
from .tokens import Tokens

FORMAT = 1
WORK = 40_000_000
"""Tuples that a build looks at per table: it bounds the columns taken, most informative first."""
KEYS = 16_000_000
"""Hashes that an index keeps (128 MB); beyond it, half of them are kept and asked for, a quarter, and so on."""
MOST_COLUMNS = 12
ASKED_COLUMNS, ASKED_ROWS = 10, 1000
SHUFFLES = 6
BEST = 4
"""Sets of columns that speak for the table."""
_NUMERIC = (pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
Rates = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Index:
    """Sorted hashes, the key, and the share of hashes kept: one in `every`."""

    hashes: Tokens
    key: bytes
    every: int


@dataclass(frozen=True, slots=True)
class Score:
    """How the most telling sets of columns hit the index: share of rows, the same shuffled, and what chance reaches."""

    hits: float
    null: float
    chance: float
    rows: int

    @property
    def excess(self) -> float:
        """Hit rate above that of the shuffled table."""
        return self.hits - self.null


def build_index(paths: Iterable[Path], key: bytes, out: Path) -> int:
    """Write the index of an extract's Parquet files into the folder `out`; the number of hashes kept.

    `key` is at least 16 bytes, one per project. Memory: 8 bytes per row and column taken, 24 per row of the table in
    hand, and a sixteenth of the hashes kept; the rest waits in `out`.
    """
    if len(key) < 16:  # 128 bits
        raise ValueError("the key of a record index needs at least 16 bytes")
    out.mkdir(parents=True, exist_ok=True)
    with Kept(KEYS, out) as kept:
        for path in paths:
            for part in _unique_tuples(path, key):
                kept.add(part)
        kept.save(out / "hashes.npy")
    (out / "key").write_bytes(key)
    (out / "index.json").write_text(json.dumps({"format": FORMAT, "every": kept.every, "hashes": kept.count}))
    return kept.count


def load_index(folder: Path) -> Index:
    """Open an index without reading it whole. Raises `OSError` or `ValueError` where it is missing or broken."""
    about = json.loads((folder / "index.json").read_text())
    hashes = np.load(folder / "hashes.npy", mmap_mode="r")
    if about.get("format") != FORMAT or hashes.dtype != np.uint64 or len(hashes) != about["hashes"]:
        raise ValueError(f"the record index {folder.name!r} is of another format; build it again")
    return Index(hashes, (folder / "key").read_bytes(), int(about["every"]))


def score(index: Index, table: Table) -> Score | None:
    """How much a table looks like rows of the extract; none where it has too few rows or columns to tell.

    Hit rates are taken per set of columns, and the sets that stand out most from their own null are averaged; the
    same is done with each shuffled table, which says how far chance goes.
    """
    columns = _table_tokens(table, index.key)
    rows = len(columns[0]) if columns else 0
    if len(columns) < 3 or rows < 2 or not len(index.hashes):
        return None
    combos = [c for k in (3, 4) for c in itertools.combinations(range(len(columns)), k)]
    random = np.random.default_rng(0)
    rounds = SHUFFLES if rows > 100 else 3 * SHUFFLES  # few rows need more rounds
    real = _rates(index, columns, combos)
    shuffled = np.array([_rates(index, [random.permutation(c) for c in columns], combos) for _ in range(rounds)])
    null = shuffled.mean(axis=0)
    best = np.argsort(null - real)[:BEST]
    chance = max(_top(shuffled[i], np.delete(shuffled, i, axis=0).mean(axis=0)) for i in range(rounds))
    return Score(float(real[best].mean()), float(null[best].mean()), chance, rows)


def _top(rates: Rates, null: Rates) -> float:
    return float(np.sort(rates - null)[-BEST:].mean())


def _rates(index: Index, columns: list[Tokens], combos: list[tuple[int, ...]]) -> Rates:
    """Share of rows that hit the index, for each set of columns."""
    asked = np.concatenate([tokens.combine([columns[c] for c in combo], index.key) for combo in combos])
    valid = asked != tokens.ABSENT
    if index.every > 1:
        valid &= asked % np.uint64(index.every) == 0
    at = np.minimum(np.searchsorted(index.hashes, asked), len(index.hashes) - 1)
    hit = (valid & (index.hashes[at] == asked)).reshape(len(combos), -1)
    return np.asarray(hit.mean(axis=1) * index.every)


def _table_tokens(table: Table, key: bytes) -> list[Tokens]:
    """Tokens of a printed table's columns, without running numbers, constants and columns of masks."""
    rows = table.cells[:ASKED_ROWS]
    out: list[Tokens] = []
    for number in range(len(table.columns)):
        column = np.array([tokens.of_cell(row[number], key) for row in rows], dtype=np.uint64)
        texts = [row[number].text.strip() for row in rows]
        running = all(t.isdecimal() for t in texts) and all(int(t) == int(texts[0]) + i for i, t in enumerate(texts))
        if not running and len(np.unique(column)) > 1 and (column != tokens.ABSENT).mean() > 0.5:
            out.append(column)
    return sorted(out, key=_entropy, reverse=True)[:ASKED_COLUMNS]


def _unique_tuples(path: Path, key: bytes) -> Iterable[Tokens]:
    """Hashes of all tuples of three and four values of one table that occur once in it."""
    file = pq.ParquetFile(path)
    rows = file.metadata.num_rows
    if rows < 1:
        return
    ranked: list[tuple[float, Tokens]] = []
    for name in file.schema_arrow.names:
        column = _column_tokens(file.read(columns=[name]).column(0), key)
        entropy = _entropy(column)
        if entropy > 0:
            ranked.append((entropy, column))
            ranked.sort(key=lambda pair: -pair[0])
            del ranked[_columns_taken(rows) :]
    columns = [column for _, column in ranked]
    for size in (3, 4):
        for combo in itertools.combinations(columns, size):
            hashes = tokens.combine(list(combo), key)
            hashes.sort()
            hashes = hashes[np.searchsorted(hashes, tokens.ABSENT, side="right") :]
            fresh = np.empty(len(hashes) + 1, dtype=np.bool_)
            fresh[0] = fresh[-1] = True
            np.not_equal(hashes[1:], hashes[:-1], out=fresh[1:-1])
            yield hashes[fresh[:-1] & fresh[1:]]


def _columns_taken(rows: int) -> int:
    """As many columns as the work allows: 12 of small tables, 6 of a million rows, at least 4."""
    for count in range(MOST_COLUMNS, 4, -1):
        if rows * (math.comb(count, 3) + math.comb(count, 4)) <= WORK:
            return count
    return 4


def _entropy(column: Tokens) -> float:
    """Bits per value, from at most 100,000 rows; absent values count as one value."""
    sample = column[:: max(1, len(column) // 100_000)]
    ordered = np.sort(sample)
    edges = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1], [True])))
    share = np.diff(edges) / len(ordered)
    return float(-(share * np.log2(share)).sum())


def _column_tokens(column: pa.ChunkedArray, key: bytes) -> Tokens:
    """Tokens of one column of an extract, by type."""
    kind = column.type
    if any(is_(kind) for is_ in _NUMERIC):
        return _in_blocks(column, lambda part: _number_tokens(part, key))
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _in_blocks(column, lambda part: _day_tokens(part, key))
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    known = tokens.words(encoded.dictionary.to_pylist(), key)
    codes = pc.fill_null(encoded.indices, len(known)).to_numpy(zero_copy_only=False)
    out: Tokens = np.append(known, tokens.ABSENT)[codes]
    return out


def _in_blocks(column: pa.ChunkedArray, make: Callable[[pa.ChunkedArray], Tokens]) -> Tokens:
    """Tokens of a long column, block by block."""
    out: Tokens = np.empty(len(column), dtype=np.uint64)
    for block in tokens.blocks(len(column)):
        out[block] = make(column.slice(block.start, block.stop - block.start))
    return out


def _number_tokens(part: pa.ChunkedArray, key: bytes) -> Tokens:
    return tokens.numbers(pc.fill_null(part.cast(pa.float64(), safe=False), math.nan).to_numpy(), key)


def _day_tokens(part: pa.ChunkedArray, key: bytes) -> Tokens:
    whole = part.cast(pa.date32(), safe=False)
    present = pc.is_valid(whole).to_numpy()
    return tokens.days(pc.fill_null(whole.cast(pa.int32()), 0).to_numpy().astype(np.int64), present, key)
