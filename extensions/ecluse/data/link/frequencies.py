# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""How often values occur on the right, alone and together with the column that they go along with most."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from ecluse.data.link.codes import number_cells
from ecluse.data.link.columns import FORMS
from ecluse.data.link.compare import compare_pairs
from ecluse.data.link.model import Column, guesses
from ecluse.data.link.spec import Kind, LinkSpec

SAMPLE = 150_000
LEAST_SAMPLE = 20_000
TOGETHER = 1.3
SHRINK = 8.0
FIT = (-3.0, 6.0)
LIFT = 3.0
LEAST_SEEN = 1.5
SAME_CODES = 0.88
SAMPLED_ROWS = 400_000
MOST_EVEN = 1e6


@dataclass
class Unrelated:
    """What unrelated pairs look like.

    `levels`: share at each level per column; `parents`: the column that each goes
    along with, or None; `given`: the shares among pairs that agree on that column.
    """

    levels: list[np.ndarray]
    parents: list[int | None]
    given: dict[int, np.ndarray]


def learn_unrelated(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, sizes: tuple[int, int], seed: int) -> Unrelated:
    """From pairs drawn at random, which are unrelated but for one in thousands."""
    random = np.random.default_rng(seed)
    count = int(min(SAMPLE, max(LEAST_SAMPLE, 10 * sum(sizes))))
    drawn = pd.DataFrame({"l": random.integers(0, sizes[0], count), "r": random.integers(0, sizes[1], count)})
    levels = _shares(spec, _compared(engine, spec, drawn, ("lhs", "rhs")))
    parents = _parents(engine, spec, sizes[1])
    given = {}
    for child, parent in enumerate(parents):
        if parent is not None:
            same = _same_parent(engine, parent, sizes[1], random)
            given[child] = _shares(spec, _compared(engine, spec, same, ("rhs", "rhs")))[child]
    return Unrelated(levels, parents, given)


def _compared(
    engine: duckdb.DuckDBPyConnection, spec: LinkSpec, drawn: pd.DataFrame, sides: tuple[str, str]
) -> np.ndarray:
    engine.register("drawn_frame", drawn)
    engine.execute("create or replace table drawn as select * from drawn_frame")
    engine.unregister("drawn_frame")
    return compare_pairs(engine, spec, "drawn", sides=sides)[2]


def _shares(spec: LinkSpec, levels: np.ndarray) -> list[np.ndarray]:
    found = []
    for i, compare in enumerate(spec.compare):
        size = len(FORMS[compare.kind].levels)
        seen = levels[levels[:, i] >= 0, i]
        counts = np.bincount(seen, minlength=size) + 0.25
        found.append(counts / counts.sum())
    return found


def _same_parent(
    engine: duckdb.DuckDBPyConnection, parent: int, rows: int, random: np.random.Generator
) -> pd.DataFrame:
    """Pairs of right rows that agree on a column: neighbours at random distances once sorted by it."""
    thin = max(rows // SAMPLED_ROWS, 1)
    got = engine.execute(
        f"select uid, c{parent} as v from rhs where c{parent} is not null and hash(uid) % {thin} = 0 order by uid"
    ).df()
    got = got.sample(min(len(got), SAMPLE // 3), random_state=int(random.integers(1 << 31)))
    got = got.sort_values("v", kind="stable")
    uid, value = got["uid"].to_numpy(), pd.factorize(got["v"])[0]
    pairs = []
    for step in (1, 2, 3):
        same = np.flatnonzero(value[step:] == value[:-step]) if len(value) > step else np.array([], dtype=int)
        pairs.append(pd.DataFrame({"l": uid[same], "r": uid[same + step]}))
    return pd.concat(pairs).head(SAMPLE // 2)


def _parents(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, rows: int) -> list[int | None]:
    """For each column the earlier one (with fewer values first) that raises its agreement most, if any does."""
    engine.execute(
        "create or replace temp table thinned as select "
        + ", ".join(f"c{i}" for i in range(len(spec.compare)))
        + f" from rhs where uid % {max(rows // SAMPLED_ROWS, 1)} = 0"
    )
    plain = [i for i, c in enumerate(spec.compare) if c.kind not in {Kind.DATE, Kind.TEXT, Kind.IDENTIFIER}]
    alone = {i: _agreement(engine, (i,)) for i in plain}
    order = sorted(plain, key=lambda i: alone[i])
    parents: list[int | None] = [None] * len(spec.compare)
    for place, child in enumerate(order):
        best = TOGETHER
        for parent in order[:place]:
            base = alone[child] * alone[parent]
            ratio = _agreement(engine, (child, parent)) / base if base > 0 else 0.0
            if ratio > best:
                best, parents[child] = ratio, parent
    return parents


def _agreement(engine: duckdb.DuckDBPyConnection, columns: tuple[int, ...]) -> float:
    names = ", ".join(f"c{i}" for i in columns)
    filled = " and ".join(f"c{i} is not null" for i in columns)
    row = engine.execute(
        f"select sum(n * (n - 1.0)) / greatest(sum(n) * (sum(n) - 1.0), 1) "
        f"from (select count(*)::double as n from thinned where {filled} group by {names})"
    ).fetchone()
    return float(row[0] or 0) if row else 0.0


def pair_columns(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    unrelated: Unrelated,
    left: np.ndarray,
    right: np.ndarray,
    levels: np.ndarray,
) -> list[Column]:
    """The model's view of each column over the candidate pairs."""
    used, where = np.unique(right, return_inverse=True)
    engine.register("used_frame", pd.DataFrame({"uid": used}))
    engine.execute("create or replace temp table used as select uid from used_frame")
    engine.unregister("used_frame")
    columns = []
    for i, (compare, guess) in enumerate(zip(spec.compare, guesses(spec), strict=True)):
        form, level, parent = FORMS[compare.kind], levels[:, i], unrelated.parents[i]
        exact = np.array([one.determined for one in form.levels] + [False])[level]
        by_value = np.ones(len(level), bool) if compare.kind is Kind.CATEGORY else exact
        alone = _logged(engine, i, None, where, level, by_value, unrelated.levels[i])
        given = None if parent is None else _logged(engine, i, parent, where, level, by_value, unrelated.given[i])
        agree = np.array([one.determined and one.label == "equal" for one in form.levels])
        column = Column(level, alone, guess, agree, parent, given)
        if parent is not None:
            column.fit = fits(engine, i, parent)[left]
        if compare.kind is Kind.NUMBER:
            column.bins = _months(engine, spec, where)
        if compare.kind is Kind.CATEGORY:
            _codes(engine, i, column, left, where)
        columns.append(column)
    return columns


def fits(engine: duckdb.DuckDBPyConnection, child: int, parent: int) -> np.ndarray:
    """Per left row, log P(child's value | parent's) / P(child's value) among the other left rows; 0 where missing."""
    frame = engine.execute(f"select c{child} as v, c{parent} as p from lhs order by uid").df()
    both = frame.notna().all(axis=1)
    found = np.zeros(len(frame), dtype=np.float32)
    seen = frame[both]
    together, alone = (seen.groupby(by)["v"].transform("size").to_numpy() for by in (["v", "p"], ["v"]))
    whole = seen.groupby("p")["v"].transform("size").to_numpy()
    share = alone / max(len(seen), 1)
    found[both] = np.log((together - 1 + SHRINK * share) / (whole - 1 + SHRINK) / share).clip(*FIT)
    return found


def _logged(
    engine: duckdb.DuckDBPyConnection,
    i: int,
    parent: int | None,
    where: np.ndarray,
    level: np.ndarray,
    by_value: np.ndarray,
    shares: np.ndarray,
) -> np.ndarray:
    """Log chance among unrelated pairs of what is seen: of the value where the level leaves one, else of the level."""
    own = np.log(_value_shares(engine, i, parent))[where]
    chance = np.where(by_value, own, np.log(np.append(shares, 1.0))[level])
    chance[level < 0] = 0.0
    return np.asarray(chance.astype(np.float32))


def learn_codes(
    engine: duckdb.DuckDBPyConnection, i: int, column: Column, left: np.ndarray, chance: np.ndarray
) -> np.ndarray:
    """Write the right codes found equivalent to each left code into `lhs.e{i}`.

    Returns the shares of true links at each level, with these codes counted as learned.
    """
    assert column.codes is not None  # noqa: S101 # categories have codes
    seen = (column.levels >= 0) & (chance > 0.01)  # noqa: PLR2004 # the rest adds nothing
    frame = pd.DataFrame({"l": left[seen], "b": column.codes.right[seen], "p": chance[seen]})
    values = engine.execute(
        f"select c{i} as v, count(*) as n from rhs where c{i} is not null group by 1 order by 1"
    ).df()
    lefts = engine.execute(f"select c{i} as v from lhs order by uid").df()["v"]
    frame["a"] = lefts.to_numpy()[frame["l"]]
    cells = frame.groupby(["a", "b"], as_index=False)["p"].sum()
    cells["whole"] = cells.groupby("a")["p"].transform("sum")
    expected = cells["whole"] * (values["n"] / values["n"].sum()).to_numpy()[cells["b"]]
    good = cells[(cells["p"] > LIFT * expected) & (cells["p"] >= LEAST_SEEN) & (cells["p"] > 0.02 * cells["whole"])]
    learned = pd.DataFrame({"a": good["a"].astype(str), "b": values["v"].to_numpy()[good["b"]].astype(str)})
    engine.register("learned_frame", learned)
    engine.execute(
        f"update lhs set e{i} = m.b from (select a, list(b order by b) as b from learned_frame group by a) m "
        f"where m.a = c{i}"
    )
    engine.unregister("learned_frame")
    cells["learned"] = cells.index.isin(good.index)
    frame = frame.merge(cells[["a", "b", "learned"]], on=["a", "b"], how="left")
    level = np.where(column.levels[seen] == 0, 0, np.where(frame["learned"].fillna(value=False), 1, 2))
    counts = np.bincount(level, frame["p"], minlength=3) + 0.5
    return np.asarray(counts / counts.sum())


def _months(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, where: np.ndarray) -> np.ndarray | None:
    """The month of the first date on the right, 0 to 11, -1 where it is missing; None if no dates are compared."""
    dates = [i for i, c in enumerate(spec.compare) if c.kind is Kind.DATE]
    if not dates:
        return None
    sql = f"select coalesce(month(c{dates[0]}) - 1, -1)::tinyint as m from used join rhs using (uid) order by uid"
    months = np.asarray(engine.execute(sql).fetchnumpy()["m"], dtype=np.int8)
    return np.asarray(months[where])


def _value_shares(engine: duckdb.DuckDBPyConnection, column: int, parent: int | None) -> np.ndarray:
    """For each used right row the share of right rows with its value, given its value of the parent column."""
    own = f"select c{column} as v, count(*)::double as n from rhs where c{column} is not null group by 1"
    total = f"(select count(c{column})::double from rhs)"
    if parent is None:
        return _own_shares(engine, column, own)
    both = (
        f"select c{column} as v, c{parent} as p, count(*)::double as n from rhs "
        f"where c{column} is not null and c{parent} is not null group by 1, 2"
    )
    given = f"select c{parent} as p, count(c{column})::double as n from rhs where c{parent} is not null group by 1"
    seen = f"greatest(coalesce(b.n, 0) - 1, 0) + {SHRINK} * o.n / {total}"
    sql = (
        f"select used.uid, coalesce(({seen}) / (greatest(coalesce(g.n, 0) - 1, 0) + {SHRINK}), 1) as share "
        f"from used join rhs using (uid) left join ({own}) o on o.v = c{column} "
        f"left join ({both}) b on b.v = c{column} and b.p = c{parent} "
        f"left join ({given}) g on g.p = c{parent} order by used.uid"
    )
    return np.asarray(engine.execute(sql).fetchnumpy()["share"], dtype=np.float64)


def _own_shares(engine: duckdb.DuckDBPyConnection, column: int, own: str) -> np.ndarray:
    """The share of the *other* right rows with a row's value: a value seen once is rarer than one in all rows.

    How often a value occurs in the other rows is taken as a Poisson number whose rate varies by row as a gamma
    distribution with the mean and variance seen; the share is the posterior mean (empirical Bayes).
    """
    row = engine.execute(
        f"select coalesce(sum(n), 0), coalesce(sum(n * (n - 1)) / greatest(sum(n), 1), 0), "
        f"coalesce(sum(n * (n - 1) * (n - 1)) / greatest(sum(n), 1), 0) from ({own})"
    ).fetchone()
    whole, mean, square = row or (0.0, 0.0, 0.0)
    mean = max(mean, 1 / max(whole, 1))
    shape = mean**2 / max(square - mean**2 - mean, mean**2 / MOST_EVEN)
    sql = f"select n from used join rhs using (uid) left join ({own}) o on o.v = c{column} order by used.uid"
    count = np.asarray(engine.execute(sql).df()["n"].fillna(0), dtype=np.float64)
    share = (np.maximum(count - 1, 0) + shape) / (1 + shape / mean) / max(whole, 1)
    return np.where(count > 0, np.minimum(share, 1.0), 1.0)


def _codes(engine: duckdb.DuckDBPyConnection, i: int, column: Column, left: np.ndarray, where: np.ndarray) -> None:
    """Number the codes of a category on both sides."""
    counts = f"select c{i} as v, count(*) as n from rhs where c{i} is not null group by 1"
    got = engine.execute(f"{counts} order by 1").df()
    numbered = f"select v, (row_number() over (order by v) - 1)::integer as k from ({counts})"
    rights = engine.execute(
        f"select coalesce(k, -1) as k from used join rhs using (uid) left join ({numbered}) on v = c{i} order by uid"
    ).fetchnumpy()["k"]
    lefts = engine.execute(f"select c{i} as v from lhs order by uid").df()["v"]
    right = np.asarray(rights, dtype=np.int32)[where]
    numbers, values = pd.factorize(lefts, sort=True)
    share = got["n"].to_numpy() / max(got["n"].sum(), 1)
    column.codes = number_cells(left, numbers[left], right, share, len(values))
    known = float(lefts.dropna().isin(got["v"]).mean())
    column.guess = np.array([SAME_CODES * known, 0.01, 1 - SAME_CODES * known]) / 1.01
