# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""From two files and a spec to links: prepare, block, compare, train, assign, cut at the precision asked for."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from ecluse.data.link.assign import best_assignment
from ecluse.data.link.blocking import Rule, block, choose
from ecluse.data.link.columns import FORMS
from ecluse.data.link.compare import compare_pairs, level_labels
from ecluse.data.link.frequencies import Unrelated, learn_codes, learn_unrelated, pair_columns
from ecluse.data.link.model import FIRST_ROUNDS, ROUNDS, Column, Model, guesses, train
from ecluse.data.link.prepare import open_engine, prepare
from ecluse.data.link.rates import match_rates
from ecluse.data.link.spec import Kind, LinkSpec

BUDGET = 9_000_000
PAIRS_PER_ROW = 100
LEAST_BITS, LEARNED_BITS = -15.0, -13.0
"""Least weight of a pair, counting no frequencies: before anything was learned, and after."""
MARGIN, DEVIATIONS, LEAST_MARGIN = 0.85, 1.0, 0.25
DOUBT = 0.1
FEW, NOTED = 200, 0.005
SHARES = (6, 3, 1)
"""Parts of the budget spent by each round: the first learns which codes go together, the others use it for blocking."""


@dataclass
class Linked:
    """What a linkage gives.

    `links`: `left_id`, `right_id`, `probability`. `report`: figures of the linkage. `candidates`: every assigned
    pair, also those below the threshold.
    """

    links: pd.DataFrame
    report: dict[str, object]
    candidates: pd.DataFrame = field(default_factory=pd.DataFrame)


def link(
    spec: LinkSpec,
    left: Path,
    right: Path,
    *,
    memory: str = "1GB",
    threads: int = 1,
    budget: int = BUDGET,
    seed: int = 1,
    progress: Callable[[str], None] = lambda _: None,
) -> Linked:
    """Link two files.

    Args:
        spec: what to compare.
        left: Parquet or CSV.
        right: Parquet or CSV; the larger side, if one is.
        memory: what the engine may hold before it spills to disk.
        threads: of the engine.
        budget: most pairs to compare.
        seed: of the samples drawn; the same seed gives the same links.
        progress: told what is being done.

    Raises:
        LinkError: if a file or a column is not as the spec says.
    """
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ecluse-link-") as folder:
        engine = open_engine(Path(folder), memory, threads)
        try:
            result = _link(engine, spec, (left, right), budget, seed, progress)
        finally:
            engine.close()
    result.report["seconds"] = round(time.monotonic() - start, 3)
    return result


def _link(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    files: tuple[Path, Path],
    budget: int,
    seed: int,
    progress: Callable[[str], None],
) -> Linked:
    progress("reading")
    spec, sizes = prepare(engine, spec, *files)
    if not min(sizes):
        return _empty(sizes)
    progress("choosing what to compare")
    unrelated = learn_unrelated(engine, spec, sizes, seed)
    budget = min(budget, PAIRS_PER_ROW * sum(sizes) + 100_000)
    coded = [i for i, compare in enumerate(spec.compare) if compare.kind is Kind.CATEGORY]
    final = _round(engine, spec, sizes, unrelated, budget // SHARES[0], None, progress, FIRST_ROUNDS)
    for share in SHARES[1:] if coded else SHARES[2:]:
        for i in coded:
            final.model.levels[i] = learn_codes(engine, i, final.columns[i], final.left, final.model.chance)
        if coded:
            unrelated = learn_unrelated(engine, spec, sizes, seed)
        turns = ROUNDS if share == SHARES[-1] else FIRST_ROUNDS
        final = _round(engine, spec, sizes, unrelated, budget // share, final.model, progress, turns)
    progress("assigning")
    return _decide(engine, spec, sizes, final)


@dataclass
class Round:
    """One pass over the candidate pairs."""

    left: np.ndarray
    right: np.ndarray
    columns: list[Column]
    model: Model
    blocking: dict[str, object]


def _round(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    sizes: tuple[int, int],
    unrelated: Unrelated,
    budget: int,
    before: Model | None,
    progress: Callable[[str], None],
    rounds: int = ROUNDS,
) -> Round:
    """Choose, block, compare and learn; with what a round before learned, if there was one."""
    rules, covered = choose(engine, spec, sizes, budget, survival(spec, before) if before else None)
    count = block(engine, rules, "blocked")
    progress(f"comparing {count:,} pairs")
    links = before.links if before else 0.5 * min(sizes)
    left, right, levels = compare_pairs(
        engine,
        spec,
        "blocked",
        chances=unrelated.levels,
        guess=doubted(spec, before) if before else None,
        prior=links / (float(sizes[0]) * sizes[1]),
        least_weight=LEARNED_BITS if before else LEAST_BITS,
    )
    progress(f"learning from {len(left):,} pairs")
    columns = pair_columns(engine, spec, unrelated, left, right, levels)
    model = train(spec, left, right, columns, sizes, covered, before, rounds)
    return Round(left, right, columns, model, _described(rules, covered, count))


def doubted(spec: LinkSpec, model: Model) -> list[np.ndarray]:
    """The levels learned, mixed with the first guesses: what was never seen may be what no link could be found by."""
    return [(1 - DOUBT) * level + DOUBT * guess for level, guess in zip(model.levels, guesses(spec), strict=True)]


def survival(spec: LinkSpec, model: Model) -> dict[tuple[int, str], float]:
    """How often each blocking key survives in a true link, from the levels learned."""
    kept = {}
    for i, (compare, levels) in enumerate(zip(spec.compare, doubted(spec, model), strict=True)):
        labels = level_labels(compare)
        for key in FORMS[compare.kind].keys:
            if key.labels:
                kept[i, key.name] = min(float(sum(levels[labels.index(label)] for label in key.labels)), 0.995)
    return kept


def _described(rules: list[Rule], covered: float, count: int) -> dict[str, object]:
    named = [" and ".join(f"c{p.column}:{p.key.name}" for p in rule) for rule in rules]
    return {"rules": named, "expected_blocking_recall": round(covered, 4), "pairs_compared": count}


def _decide(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    sizes: tuple[int, int],
    final: Round,
) -> Linked:
    lefts, rights, model = final.left, final.right, final.model
    chosen = best_assignment(lefts, rights, model.chance) if spec.one_to_one else np.flatnonzero(model.chance > 0)
    chosen = chosen[np.argsort(-model.chance[chosen], kind="stable")]
    chance = model.chance[chosen]
    kept = threshold(chance, spec.target_precision)
    candidates = pd.DataFrame(
        {
            "left_id": _ids(engine, "lhs", lefts[chosen]),
            "right_id": _ids(engine, "rhs", rights[chosen]),
            "probability": chance,
        }
    )
    links = candidates.head(kept).reset_index(drop=True)
    right_sum = float(chance[:kept].sum())
    covered = max(float(str(final.blocking["expected_blocking_recall"])), 0.1)
    expected = min(float(model.chance.sum()) / covered / (1 - model.blind), float(min(sizes)))
    report: dict[str, object] = {
        "pairs": kept,
        "match_rate_left": links["left_id"].nunique() / sizes[0],
        "match_rate_right": links["right_id"].nunique() / sizes[1],
        "expected_precision": right_sum / kept if kept else None,
        "expected_recall": min(right_sum / expected, 1.0) if kept else None,
        "recall_between": recall_between(spec, right_sum, float(model.chance.sum()), sizes) if kept else None,
        "seconds": 0.0,
        "expected_true_links": expected,
        "threshold": float(chance[kept - 1]) if kept else None,
        "notes": _notes(final, kept),
        "blocking": final.blocking,
        "probabilities": _histogram(chance[:kept]),
        "match_rates": match_rates(engine, spec, links),
    }
    return Linked(links, report, candidates)


def recall_between(spec: LinkSpec, right: float, seen: float, sizes: tuple[int, int]) -> list[float] | None:
    """The least and the most that recall can be, as all or none of the true links that may be are no candidates.

    `right`: of the links kept, those expected to be right; `seen`: those expected among all candidates. Without
    one-to-one there is no telling how many there can be: None.
    """
    if not spec.one_to_one:
        return None
    return [min(right / min(sizes), 1.0), min(right / max(seen, 1e-9), 1.0)]


def _notes(final: Round, kept: int) -> list[str]:
    """Where the figures are weaker than they look."""
    notes = []
    if not final.blocking["rules"]:
        notes.append(
            "No combination of columns is rare enough to compare records by: add columns that tell them apart."
        )
    elif not kept:
        notes.append("No link is as sure as target_precision asks, so precision and recall are not known.")
    if 0 < kept < FEW:
        notes.append(f"Fewer than {FEW} links: the expected precision and recall are rough.")
    if final.model.blind > NOTED:
        notes.append(
            f"About {final.model.blind:.1%} of the true links are taken to have an error that nothing can find; "
            "this share is inferred from the other columns, not seen."
        )
    return notes


def _ids(engine: duckdb.DuckDBPyConnection, table: str, rows: np.ndarray) -> np.ndarray:
    engine.register("wanted_frame", pd.DataFrame({"uid": rows, "place": np.arange(len(rows))}))
    found = engine.execute(f"select id from wanted_frame join {table} using (uid) order by place").df()["id"]
    engine.unregister("wanted_frame")
    return found.to_numpy()


def _histogram(chance: np.ndarray) -> list[dict[str, object]]:
    edges = np.array([0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999, 1.0])
    counts = np.histogram(chance, edges)[0]
    named = zip(edges[:-1], edges[1:], counts, strict=True)
    return [{"group": f"{low:g} to {high:g}", "records": int(count)} for low, high, count in named]


def threshold(chance: np.ndarray, target: float) -> int:
    """How many of the links, most likely first, keep the expected precision above the target with a margin.

    A seventh fewer wrong links than allowed, as the chances are estimates themselves; and one standard deviation
    of the number of wrong links less, because few links can turn out worse than expected.
    """
    if not len(chance):
        return 0
    count = np.arange(1, len(chance) + 1)
    spread = DEVIATIONS / np.sqrt(np.maximum(count * (1 - target), 1e-9))
    allowed = (1 - target) * np.maximum(MARGIN - spread, LEAST_MARGIN)
    good = np.flatnonzero(1 - np.cumsum(chance) / count <= allowed + 1e-12)
    return int(good[-1]) + 1 if len(good) else 0


def _empty(sizes: tuple[int, int]) -> Linked:
    report: dict[str, object] = {
        "pairs": 0,
        "match_rate_left": 0.0,
        "match_rate_right": 0.0,
        "expected_precision": None,
        "expected_recall": None,
        "recall_between": None,
        "seconds": 0.0,
    }
    del sizes
    frame = pd.DataFrame({"left_id": [], "right_id": [], "probability": []})
    return Linked(frame, report, frame)
