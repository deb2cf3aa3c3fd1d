"""The numbers of one person in several places, found by comparing identities: a dataset's persons table, made anew.

Places are put into two halves in several ways, so that any two places are in different halves at least once; each
time the halves are linked (`ecluse.data.link`). A pair counts if most of the linkages that could find it did. Pairs are
joined from the surest down; one that would make two numbers of one place one person is left out, and counted.
"""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.dataset import Dataset, Persons
from ecluse.rules.linkage import Match

from .crosswalk import SEPARATOR
from .sources import check_table
from .synthetic.writer import ARROW, write_arrow

ID = "_id"
LEAST_PAIRS, PAIRS = 300_000, 40
"""Pairs to compare in one linkage, and per number: with names and birth dates few are worth comparing."""


class ConsolidationError(Exception):
    """The dataset's persons can't be consolidated; the message says why."""


def consolidate(
    dataset: Dataset,
    sources: Path,
    *,
    memory: str = "2GB",
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """Write the dataset's persons table below `sources`, and a report beside it; returns the report.

    Raises:
        ConsolidationError: if the catalogue does not say how.
        SourceError: if the table of identities is missing, damaged or not what the catalogue says.
    """
    from .link import link, parse_spec  # it takes a second to load, and few need it

    persons = dataset.persons
    if persons is None or persons.match is None or persons.rank is None:
        raise ConsolidationError(f"dataset '{dataset.id}' has no `persons.match` (and `rank`) in its file")
    match, folder = persons.match, sources / dataset.id
    frame = _records(dataset, persons, match, folder)
    places = {place: number for number, place in enumerate(sorted(frame[match.apart].unique()))}
    bits = max(1, (len(places) - 1).bit_length())
    compare = [{"left": c, "right": c, "as": kind.value} for c, kind in match.compare.items()]
    spec = parse_spec(
        {
            "left": {"id": ID},
            "right": {"id": ID},
            "compare": compare,
            "one_to_one": False,  # a half can know a person under several numbers
            "target_precision": match.target_precision,
        }
    )
    half = frame[match.apart].map(places).to_numpy(dtype=int)
    found, recalls = [], []
    with tempfile.TemporaryDirectory(prefix="ecluse-persons-") as name:
        for bit in range(bits):
            sides = []
            for side in (0, 1):
                path = Path(name) / f"{side}.parquet"
                frame.loc[(half >> bit & 1) == side].to_parquet(path, index=False)
                sides.append(path)

            def say(what: str, number: int = bit + 1) -> None:
                progress(f"{dataset.id}: linkage {number} of {bits}: {what}")

            linked = link(spec, *sides, memory=memory, budget=max(LEAST_PAIRS, PAIRS * len(frame)), progress=say)
            found.append(linked.links)
            recalls.append((len(linked.links), linked.report.get("expected_recall")))
    progress(f"{dataset.id}: joining")
    pairs = _agreed(pd.concat(found, ignore_index=True), dict(zip(frame[ID], half, strict=True)))
    joined, conflicts = _join(pairs, dict(zip(frame[ID], frame[match.apart], strict=True)))
    frame["_person"] = [joined.get(i) for i in frame[ID]]
    _write(dataset, persons, frame, folder)
    weight = sum(n for n, _ in recalls)
    report = {
        "numbers": len(frame),
        "persons": int(frame["_person"].nunique()),
        "pairs": len(pairs) - conflicts,
        "conflicts": conflicts,
        "expected_precision": float(pairs["probability"].mean()) if len(pairs) else None,
        "expected_recall": sum(n * float(str(r)) for n, r in recalls if r is not None) / weight if weight else None,
    }
    report_of(dataset, sources).write_text(json.dumps(report, indent=1) + "\n")
    return report


def report_of(dataset: Dataset, sources: Path) -> Path:
    """Where the report of a consolidation lies; it is there once one was done."""
    return sources / dataset.id / f"{dataset.persons.table if dataset.persons else 'persons'}.json"


def _records(dataset: Dataset, persons: Persons, match: Match, folder: Path) -> pd.DataFrame:
    """One row per number, with the columns to compare."""
    wanted = [persons.id, str(persons.rank), match.apart, *match.compare]
    columns = list(dict.fromkeys(wanted))
    check_table(folder, dataset, match.table, set(columns))
    frame: pd.DataFrame = pq.read_table(folder / f"{match.table}.parquet", columns=columns).to_pandas()
    frame = frame.dropna(subset=[persons.id, str(persons.rank), match.apart])  # such a number stands for itself
    frame.insert(0, ID, frame[persons.id].astype(str) + SEPARATOR + frame[str(persons.rank)].astype(str))
    return frame.drop_duplicates(ID, ignore_index=True)


def _agreed(links: pd.DataFrame, half: dict[str, Any]) -> pd.DataFrame:
    """Pairs that most linkages found of those in which the two were on different sides, the surest first."""
    low = links[["left_id", "right_id"]].min(axis=1)
    high = links[["left_id", "right_id"]].max(axis=1)
    pairs = (
        pd.DataFrame({"a": low, "b": high, "probability": links["probability"]})
        .groupby(["a", "b"], sort=True)["probability"]
        .agg(["mean", "size"])
        .reset_index()
        .rename(columns={"mean": "probability", "size": "votes"})
    )
    could = [(int(half[a]) ^ int(half[b])).bit_count() for a, b in zip(pairs["a"], pairs["b"], strict=True)]
    agreed = pairs[pairs["votes"] * 2 > pd.Series(could, index=pairs.index)]
    return agreed.sort_values(["probability", "a", "b"], ascending=[False, True, True], ignore_index=True)


def _join(pairs: pd.DataFrame, places: dict[str, Any]) -> tuple[dict[str, str], int]:
    """The smallest id of each group of joined ids, by id; and the pairs left out for two numbers of one place."""
    home: dict[str, str] = {i: i for i in places}
    members: dict[str, list[str]] = {i: [i] for i in places}
    conflicts = 0
    for a, b in zip(pairs["a"], pairs["b"], strict=True):
        one, two = sorted((home[a], home[b]))
        if one == two:
            continue
        if {places[m] for m in members[one]} & {places[m] for m in members[two]}:
            conflicts += 1
            continue
        for member in members.pop(two):
            home[member] = one
            members[one].append(member)
    return home, conflicts


def _write(dataset: Dataset, persons: Persons, frame: pd.DataFrame, folder: Path) -> None:
    """The persons table, whole or not at all."""
    table = dataset.tables[persons.table]
    rank = str(persons.rank)
    made = {persons.id: frame[persons.id], rank: frame[rank], persons.canonical: frame["_person"]}
    arrays = [
        pa.array(made[c], type=ARROW[column.type], from_pandas=True)
        if c in made
        else pa.nulls(len(frame), ARROW[column.type])
        for c, column in table.columns.items()
    ]
    write_arrow(folder, f".{persons.table}", table, pa.table(arrays, names=list(table.columns)))
    (folder / f".{persons.table}.parquet").replace(folder / f"{persons.table}.parquet")
