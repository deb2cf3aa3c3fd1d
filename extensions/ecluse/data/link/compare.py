# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""Splink compares the pairs: our comparison levels, our blocked pairs, Splink's SQL and its first weights.

Splink's own training is not used. Its model takes the columns for independent, sees no competition between candidates,
and learns from blocked pairs whose selection it does not know; `model.py` does these.
"""

import logging
import math
from typing import Any

import duckdb
import numpy as np
from splink import DuckDBAPI, Linker, SettingsCreator
from splink.blocking_rule_library import CustomRule

from ecluse.data.link.columns import FORMS
from ecluse.data.link.spec import Compare, Kind, LinkSpec

UNSEEN = 0.5
FLOOR = 1e-7
SLICE = 2_000_000
"""Pairs compared at a time: what they take in memory is bounded."""


def level_labels(compare: Compare) -> list[str]:
    """The labels of a comparison's levels, in the order of the codes used by `Pairs.levels`."""
    return [level.label for level in FORMS[compare.kind].levels]


def compare_pairs(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    table: str,
    *,
    sides: tuple[str, str] = ("lhs", "rhs"),
    chances: list[np.ndarray] | None = None,
    prior: float = 0.5,
    guess: list[np.ndarray] | None = None,
    least_weight: float | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compare the pairs (`l`, `r`) of a table of row numbers.

    Returns left rows, right rows (int32) and levels (int8, pairs × columns; -1 where a value is missing).
    With `chances` (per column, the share of unrelated pairs at each level) pairs of less than `least_weight` bits,
    counting no frequencies, are left out by the engine.
    """
    count = engine.execute(f"select count(*) from {table}").fetchone()
    slices = -(-int(count[0]) // SLICE) if count else 0
    made = []
    for k in range(max(slices, 1)):
        engine.execute(
            f"create or replace temp view slice as select l, r from {table} where l % {max(slices, 1)} = {k}"
        )
        made.append(_compare(engine, spec, sides, _settings(spec, chances, guess, prior), least_weight))
    left, right, levels = (np.concatenate(one) for one in zip(*made, strict=True))
    return left, right, levels


def _compare(
    engine: duckdb.DuckDBPyConnection,
    spec: LinkSpec,
    sides: tuple[str, str],
    settings: SettingsCreator,
    least_weight: float | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One slice of the pairs."""
    api = DuckDBAPI(connection=engine)
    learned = [f"e{i}" for i, c in enumerate(spec.compare) if c.kind is Kind.CATEGORY]
    kept = ", ".join(["uid::varchar as uid", *(f"c{i}" for i in range(len(spec.compare))), *learned])
    for name, side, row in (("a", sides[0], "l"), ("b", sides[1], "r")):
        engine.execute(
            f"create or replace temp view splink_{name} as select {kept} from {side} "
            f"where uid in (select {row} from slice)"
        )
    engine.execute(
        "create or replace temp view splink_pairs as select '0' as match_key, 'a-__-' || l as join_key_l, "
        "'b-__-' || r as join_key_r from slice"
    )
    left = api.register("splink_a", dataset_display_name="a")
    right = api.register("splink_b", dataset_display_name="b")
    linker = Linker([left, right], settings)
    logging.getLogger("splink").setLevel(logging.ERROR)  # a Linker has just turned its own messages on
    linker.table_management.register_blocked_pairs_for_predict(api.register("splink_pairs", table_name="pairs"))
    scored = linker.inference.predict(threshold_match_weight=least_weight)
    gammas = ", ".join(f"gamma_x{i}::tinyint as g{i}" for i in range(len(spec.compare)))
    got = engine.execute(
        f"select uid_l::integer as l, uid_r::integer as r, {gammas} from {scored.physical_name}"
    ).fetchnumpy()
    engine.execute(f"drop table if exists {scored.physical_name}")
    linker.table_management.delete_tables_created_by_splink_from_db()  # type: ignore[no-untyped-call] # Splink's own
    sizes = [len(FORMS[c.kind].levels) for c in spec.compare]
    # Splink numbers levels from the last (0) up; here they count from the first.
    levels = (
        np.stack(
            [np.where(g < 0, -1, n - 1 - g).astype(np.int8) for g, n in zip(_columns(got, spec), sizes, strict=True)],
            axis=1,
        )
        if len(got["l"])
        else np.zeros((0, len(sizes)), dtype=np.int8)
    )
    return np.asarray(got["l"], dtype=np.int32), np.asarray(got["r"], dtype=np.int32), levels


def _columns(got: dict[str, Any], spec: LinkSpec) -> list[np.ndarray]:
    return [np.asarray(got[f"g{i}"]) for i in range(len(spec.compare))]


def _settings(
    spec: LinkSpec, chances: list[np.ndarray] | None, guess: list[np.ndarray] | None, prior: float
) -> SettingsCreator:
    comparisons: list[Any] = []
    for i, compare in enumerate(spec.compare):
        column = f"c{i}"
        levels: list[dict[str, object]] = [
            {
                "sql_condition": f"{column}_l is null or {column}_r is null",
                "label_for_charts": "missing",
                "is_null_level": True,
            }
        ]
        for j, level in enumerate(FORMS[compare.kind].levels):
            levels.append(
                {
                    "sql_condition": level.sql.format(c=column, e=f"e{i}"),
                    "label_for_charts": level.label,
                    "m_probability": level.guess if guess is None else max(float(guess[i][j]), FLOOR),
                    "u_probability": UNSEEN if chances is None else max(float(chances[i][j]), FLOOR),
                }
            )
        comparisons.append({"output_column_name": f"x{i}", "comparison_levels": levels})
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="uid",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[CustomRule("1=0")],
        retain_matching_columns=True,
        retain_intermediate_calculation_columns=False,
        probability_two_random_records_match=min(max(prior, 1e-12), 1 - 1e-12),
    )


def bits(probability: float) -> float:
    """Probability as log2 of its odds."""
    return math.log2(probability / (1 - probability))
