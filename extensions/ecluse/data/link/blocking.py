# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""Which pairs are worth comparing: rules chosen from the data, within a budget of pairs.

A rule asks two records to agree on a few keys (a value, a nearby date, the start of a name). How many pairs it lets
through is counted, not guessed (on a sample of the rows of a large file); how many true links it keeps is simulated
from how often each key survives in a true link. Rules are taken greedily: the one that adds most links per pair, until
no rule within the budget adds any.
"""

from dataclasses import dataclass
from itertools import combinations

import duckdb
import numpy as np

from ecluse.data.link.columns import FORMS, Key
from ecluse.data.link.spec import LinkSpec

SIMULATED = 4_000
LEAST_GAIN = 0.0005
CARELESS_EVERY = 4
CARELESS = 0.3
"""Errors come together: in one record of four every key fails this much more often."""
MOST_RULES = 14
SAMPLED_ROWS = 400_000
"""Of each side, at most about so many rows are counted."""
MOST_KEYS = 4
MANY_PARTS = 20
"""With more keys than these, rules have one key less: there would be too many to weigh."""


@dataclass(frozen=True, slots=True)
class Part:
    """One key of one column, with the share of pairs of records that meet it."""

    column: int
    key: Key
    share: float

    def left(self) -> str:
        """SQL of the key on the left."""
        return self.key.sql.format(c=f"c{self.column}")

    def spread(self) -> str | None:
        """SQL of the list of right values that meet a left value, if there are several."""
        return self.key.spread.format(c=f"c{self.column}", e=f"e{self.column}") if self.key.spread else None


Rule = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """Tables to count pairs in, and how many pairs one pair of theirs stands for."""

    left: str = "lhs"
    right: str = "rhs"
    weight: float = 1.0


def thinned(engine: duckdb.DuckDBPyConnection, sizes: tuple[int, int]) -> Counted:
    """Samples of the sides that are too large to be counted for every candidate rule; drawn by the row number."""
    names, weight = [], 1.0
    for table, rows in zip(("lhs", "rhs"), sizes, strict=True):
        step = -(-rows // SAMPLED_ROWS)
        names.append(table if step < 2 else f"{table}_thin")  # noqa: PLR2004 # one in one is all
        if step > 1:
            engine.execute(
                f"create or replace temp table {table}_thin as select * from {table} where hash(uid) % {step} = 0"
            )
            left = engine.execute(f"select count(*) from {table}_thin").fetchone()
            weight *= rows / max(int(left[0]) if left else 0, 1)
    return Counted(names[0], names[1], weight)


def parts(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, pairs: float, within: Counted) -> list[Part]:
    """Every key of every column, with its counted share of all pairs."""
    found = []
    for i, compare in enumerate(spec.compare):
        for key in FORMS[compare.kind].keys:
            part = Part(i, key, 0.0)
            count = counted(engine, (part,), within)
            if count:
                found.append(Part(i, key, count / pairs))
    return found


def rule_sql(rule: Rule, table_left: str = "lhs", table_right: str = "rhs") -> tuple[str, str, str]:
    """Left select, right select, and join condition of a rule; its keys are `k0`, `k1` and so on."""
    left, right = ["uid"], ["uid"]
    for i, part in enumerate(rule):
        spread = part.spread()
        left.append(f"unnest({spread}) as k{i}" if spread else f"{part.left()} as k{i}")
        right.append(f"{part.left()} as k{i}")
    on = " and ".join(f"l.k{i} = r.k{i}" for i in range(len(rule)))
    return f"select {', '.join(left)} from {table_left}", f"select {', '.join(right)} from {table_right}", on


def counted(engine: duckdb.DuckDBPyConnection, rule: Rule, within: Counted = Counted()) -> float:
    """How many pairs meet a rule, without making them."""
    left, right, on = rule_sql(rule, within.left, within.right)
    keys = ", ".join(f"k{i}" for i in range(len(rule)))
    # A rule of several spread keys would make every combination on the left: each is unnested in turn.
    row = engine.execute(
        f"select coalesce(sum(l.n::double * r.n), 0) from "
        f"(select {keys}, count(*) as n from ({chained(rule, left, within.left)}) group by all) l join "
        f"(select {keys}, count(*) as n from ({right}) group by all) r on {on}"
    ).fetchone()
    return within.weight * float(row[0]) if row else 0.0


def chained(rule: Rule, left: str, table: str = "lhs") -> str:
    """The left select with its spread keys unnested one after the other (side by side would zip them)."""
    if sum(1 for part in rule if part.spread()) < 2:  # noqa: PLR2004 # zipping starts at two
        return left
    inner = table
    for i, part in enumerate(rule):
        spread = part.spread()
        value = f"unnest({spread})" if spread else part.left()
        inner = f"(select *, {value} as k{i} from {inner})"
    return f"select uid, {', '.join(f'k{i}' for i in range(len(rule)))} from {inner}"


def survivals(filled: list[float], found: list[Part], kept: dict[tuple[int, str], float], seed: int) -> np.ndarray:
    """For simulated true links, which parts each meets: one row of booleans per part. Keys of one column are nested.

    `filled`: share of links with a value on both sides, per column.
    """
    random = np.random.default_rng(seed)
    luck = random.random((len(filled), SIMULATED))
    luck[:, ::CARELESS_EVERY] += CARELESS
    there = random.random(luck.shape) < np.array(filled)[:, None]
    meets = [there[p.column] & (luck[p.column] < kept.get((p.column, p.key.name), p.key.guess)) for p in found]
    return np.array(meets)


def filled_on_both(engine: duckdb.DuckDBPyConnection, columns: int) -> list[float]:
    """Per column, the share of links that have a value on both sides if values are missing at random."""
    counts = ", ".join(f"count(c{i}) / greatest(count(*), 1)" for i in range(columns))
    sides = [engine.execute(f"select {counts} from {table}").fetchone() or () for table in ("lhs", "rhs")]
    return [float(a) * float(b) for a, b in zip(*sides, strict=True)]


def choose(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    sizes: tuple[int, int],
    budget: float,
    kept: dict[tuple[int, str], float] | None = None,
) -> tuple[list[Rule], float]:
    """The rules to use and the share of true links that they are expected to keep. `kept`: learned key survival."""
    pairs = float(sizes[0]) * sizes[1]
    within = thinned(engine, sizes)
    found = parts(engine, spec, pairs, within)
    meets = survivals(filled_on_both(engine, len(spec.compare)), found, kept or {}, seed=1)
    options = _options(found, pairs, budget)
    covered = np.zeros(SIMULATED, dtype=bool)
    rules: list[Rule] = []
    spent = 0.0
    while options and len(rules) < MOST_RULES:
        scored = []
        for option in options:
            expected = pairs * float(np.prod([found[i].share for i in option]))
            gain = float((meets[list(option)].all(axis=0) & ~covered).mean())
            if gain >= LEAST_GAIN:
                scored.append((gain / (expected + budget / 200), option))
        if not scored:
            break
        option = max(scored)[1]
        options.remove(option)
        rule = tuple(found[i] for i in option)
        count = counted(engine, rule, within)
        if count > budget - spent:
            continue
        spent += count
        covered |= meets[list(option)].all(axis=0)
        rules.append(rule)
    careful = np.arange(SIMULATED) % CARELESS_EVERY != 0
    return rules, float(covered[careful].mean())


def _options(found: list[Part], pairs: float, budget: float) -> list[tuple[int, ...]]:
    """Combinations of keys of distinct columns that fit the budget if the keys were independent."""
    options = []
    most = MOST_KEYS if len(found) <= MANY_PARTS else MOST_KEYS - 1
    for size in range(1, min(most, len({p.column for p in found})) + 1):
        for option in combinations(range(len(found)), size):
            if len({found[i].column for i in option}) < size:
                continue
            expected = pairs * float(np.prod([found[i].share for i in option]))
            if expected <= budget:
                options.append(option)
    return options


def block(engine: duckdb.DuckDBPyConnection, rules: list[Rule], table: str) -> int:
    """Write the pairs that meet any rule, each once; returns their number."""
    selects = []
    for rule in rules:
        left, right, on = rule_sql(rule)
        selects.append(f"select l.uid as l, r.uid as r from ({chained(rule, left)}) l join ({right}) r on {on}")
    none = "select 0::integer as l, 0::integer as r where false"
    engine.execute(f"create or replace table {table} as {' union '.join(selects or [none])}")
    row = engine.execute(f"select count(*) from {table}").fetchone()
    return int(row[0]) if row else 0
