# ruff: noqa: S608 - column names are quoted by `prepare`; the rest is numbers and names made here
"""What is done today, to measure against: drop-one matching, and Splink as its tutorial sets it up."""

import logging
import tempfile
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from ecluse.data.link.blocking import Part, counted
from ecluse.data.link.columns import FORMS
from ecluse.data.link.prepare import open_engine, prepare
from ecluse.data.link.spec import Kind, LinkSpec

SINGLE = 2_000_000


def drop_one(spec: LinkSpec, left: Path, right: Path, *, memory: str = "2GB") -> pd.DataFrame:
    """French practice: link what agrees on every column, then on all but one, each in turn; keep unique pairs only.

    Returns `left_id`, `right_id`, `probability` (1: the method has none). Columns whose values the two sides never
    share are left out, since nothing could agree on them.
    """
    with tempfile.TemporaryDirectory(prefix="ecluse-link-") as folder:
        engine = open_engine(Path(folder), memory, 1)
        spec, _ = prepare(engine, spec, left, right)
        columns = comparable(engine, spec)
        engine.execute("create table taken (l integer, r integer)")
        for kept in [columns, *([c for c in columns if c != dropped] for dropped in columns)]:
            on = " and ".join(f"a.c{i} = b.c{i}" for i in kept)
            engine.execute(
                "insert into taken select any_value(l), any_value(r) from (select l, r, count(*) over (partition by r) "
                "as n from (select a.uid as l, b.uid as r, count(*) over (partition by a.uid) as m from lhs a "
                f"join rhs b on {on} where a.uid not in (select l from taken) and b.uid not in (select r from taken)) "
                "where m = 1) where n = 1 group by l, r"
            )
        frame = engine.execute(
            "select a.id as left_id, b.id as right_id, 1.0::double as probability from taken "
            "join lhs a on a.uid = l join rhs b on b.uid = r order by a.uid"
        ).df()
        engine.close()
    return frame


def comparable(engine: duckdb.DuckDBPyConnection, spec: LinkSpec) -> list[int]:
    """The columns of which some value occurs on both sides."""
    found = []
    for i in range(len(spec.compare)):
        row = engine.execute(f"select exists (select 1 from lhs join rhs on lhs.c{i} = rhs.c{i})").fetchone()
        if row and row[0]:
            found.append(i)
    return found


def splink_default(spec: LinkSpec, left: Path, right: Path, *, memory: str = "2GB", seed: int = 1) -> pd.DataFrame:
    """Splink 5 with its own comparisons, term frequencies, sampling and training; best pair first, one to one.

    Returns every one-to-one pair with its probability: the caller cuts at the threshold that serves Splink best.
    """
    logging.getLogger("splink").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="ecluse-link-") as folder:
        engine = open_engine(Path(folder), memory, 1)
        spec, _ = prepare(engine, spec, left, right)
        columns = comparable(engine, spec)
        kept = ", ".join(["uid::varchar as uid", *(f"c{i}" for i in columns)])
        engine.execute(f"create temp view splink_a as select {kept} from lhs")
        engine.execute(f"create temp view splink_b as select {kept} from rhs")
        api = DuckDBAPI(connection=engine)
        rules, training = _rules(engine, spec, columns)
        settings = SettingsCreator(
            link_type="link_only",
            unique_id_column_name="uid",
            comparisons=[_comparison(spec.compare[i].kind, f"c{i}") for i in columns],
            blocking_rules_to_generate_predictions=rules,
        )
        linker = Linker(
            [api.register("splink_a", dataset_display_name="a"), api.register("splink_b", dataset_display_name="b")],
            settings,
        )
        logging.getLogger("splink").setLevel(logging.ERROR)
        linker.training.estimate_probability_two_random_records_match(
            [block_on(*(f"c{i}" for i in columns))], recall=0.6
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=seed)
        for rule in training:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        scored = linker.inference.predict(threshold_match_probability=0.01)
        frame = engine.execute(
            f"select a.id as left_id, b.id as right_id, match_probability as probability, match_weight as weight from "
            f"{scored.physical_name} join lhs a on a.uid = uid_l::integer join rhs b on b.uid = uid_r::integer "
            "order by match_weight desc, a.uid, b.uid"
        ).df()
        engine.close()
    return greedy(frame)


def _rules(engine: duckdb.DuckDBPyConnection, spec: LinkSpec, columns: list[int]) -> tuple[list[Any], list[Any]]:
    """Rules to predict on and to train on, as loose as a careful user would have them.

    Single columns where they are selective, else the smallest sets of columns that are.
    """

    def pairs(chosen: tuple[int, ...]) -> float:
        return counted(engine, tuple(Part(i, FORMS[spec.compare[i].kind].keys[0], 0.0) for i in chosen))

    alone = {i: pairs((i,)) for i in columns}
    order = sorted(columns, key=lambda i: alone[i])
    single = [i for i in order if alone[i] <= SINGLE]
    if len(single) > 1:
        return [block_on(f"c{i}") for i in single], [block_on(f"c{i}") for i in single[:2]]
    sets: list[tuple[int, ...]] = []
    for size in range(1, len(order) + 1):
        for chosen in combinations(order, size):
            if not any(set(one) <= set(chosen) for one in sets) and pairs(chosen) <= SINGLE:
                sets.append(chosen)
    dropped = [block_on(*(f"c{i}" for i in one)) for one in sets]
    return dropped, [block_on(f"c{order[0]}"), block_on(*(f"c{i}" for i in order[1:]))]


def greedy(frame: pd.DataFrame) -> pd.DataFrame:
    """The best pair first, then the next of records still free."""
    taken_left: set[Any] = set()
    taken_right: set[Any] = set()
    keep = np.zeros(len(frame), dtype=bool)
    for k, (a, b) in enumerate(zip(frame["left_id"], frame["right_id"], strict=True)):
        if a not in taken_left and b not in taken_right:
            keep[k] = True
            taken_left.add(a)
            taken_right.add(b)
    return frame[keep].reset_index(drop=True)


def _comparison(kind: Kind, column: str) -> Any:
    if kind is Kind.NAME or kind is Kind.TEXT:
        return cl.JaroWinklerAtThresholds(column, [0.92, 0.8]).configure(term_frequency_adjustments=True)
    if kind is Kind.DATE:
        return cl.AbsoluteDateDifferenceAtThresholds(
            column, input_is_string=False, metrics=["day", "month", "year"], thresholds=[1, 1, 1]
        )
    if kind is Kind.NUMBER:
        return {
            "output_column_name": column,
            "comparison_levels": [
                {"sql_condition": f"{column}_l is null or {column}_r is null", "is_null_level": True},
                {"sql_condition": f"{column}_l = {column}_r"},
                {"sql_condition": f"abs({column}_l - {column}_r) <= 1"},
                {"sql_condition": "ELSE"},
            ],
        }
    if kind is Kind.IDENTIFIER:
        return cl.DamerauLevenshteinAtThresholds(column, [1, 2])
    return cl.ExactMatch(column).configure(term_frequency_adjustments=True)
