"""Datasets and tables below `/data`. Only names that a listing of the folder shows are ever opened."""

import json
import os
import tempfile
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Any, overload

import duckdb
import pandas as pd

from .description import DatasetDescription, TableDescription, describe_folder

ROOT = "/data"
VARIABLE = "ECLUSE_DATA"
Root = str | os.PathLike[str] | None


class DataError(LookupError):
    """No such folder, dataset or table; the message lists those that exist."""


def datasets(root: Root = None) -> list[str]:
    """Names of the datasets that the project was granted, sorted.

    Raises:
        DataError: if the data folder does not exist.
    """
    return sorted(_folders(root))


def tables(dataset: str, root: Root = None) -> list[str]:
    """Names of the dataset's tables, sorted.

    Raises:
        DataError: if there is no such dataset.
    """
    return list(_files(dataset, root))


@overload
def describe(dataset: str, table: None = None, *, root: Root = None) -> DatasetDescription: ...
@overload
def describe(dataset: str, table: str, *, root: Root = None) -> TableDescription: ...
def describe(dataset: str, table: str | None = None, *, root: Root = None) -> DatasetDescription | TableDescription:
    """Tables, columns, types, rows, code lists and pitfalls of a dataset, or of one of its tables.

    Raises:
        DataError: if there is no such dataset or table.
    """
    files = _files(dataset, root)
    if table is None:
        return describe_folder(_folders(root)[dataset], files)
    path = _file(dataset, table, root)
    return describe_folder(path.parent, {table: path}).tables[table]


def table(dataset: str, table: str, *, columns: list[str] | None = None, root: Root = None) -> pd.DataFrame:
    """The table in memory, all of its columns or those named. For what does not fit, use `connect`.

    Raises:
        DataError: if there is no such dataset, table or column.
    """
    path = _file(dataset, table, root)
    known = [c.name for c in describe_folder(path.parent, {table: path}).tables[table].columns]
    for column in columns or []:
        if column not in known:
            raise DataError(f"no column {column!r} in {dataset}.{table}{_hint(column, known)}")
    return pd.read_parquet(path, columns=columns)


def report(dataset: str, *, root: Root = None) -> dict[str, Any]:
    """The report of a linkage's links: figures of the whole linkage, and `match_rates` by group (small counts None).

    Raises:
        DataError: if there is no such dataset, or it holds no links.
    """
    _files(dataset, root)
    path = _folders(root)[dataset] / "report.json"
    if not path.is_file():
        raise DataError(f"{dataset!r} holds no links, so it has no report")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def connect(*, root: Root = None) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection in memory, with a schema for each dataset and a view for each table.

    Raises:
        DataError: if the data folder does not exist.
    """
    connection = duckdb.connect(":memory:")
    # In memory, DuckDB would spill beside the notebook, into the home or a shared folder.
    connection.execute(f"SET temp_directory = {_literal(tempfile.gettempdir())}")
    for dataset in datasets(root):
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_name(dataset)}")
        for name, path in _files(dataset, root).items():
            view = f"{_name(dataset)}.{_name(name)}"
            connection.execute(f"CREATE VIEW {view} AS FROM read_parquet({_literal(str(path))})")
    return connection


def _folders(root: Root) -> dict[str, Path]:
    folder = Path(root if root is not None else os.environ.get(VARIABLE, ROOT))
    if not folder.is_dir():
        raise DataError(f"no data folder at {folder}: is this a workspace of a project? Else set {VARIABLE}")
    return {f.name: f for f in folder.iterdir() if f.is_dir() and not f.name.startswith(".")}


def _files(dataset: str, root: Root) -> dict[str, Path]:
    folders = _folders(root)
    if dataset not in folders:
        raise DataError(f"no dataset {dataset!r}{_hint(dataset, sorted(folders))}")
    return {f.stem: f for f in sorted(folders[dataset].glob("*.parquet")) if f.is_file()}


def _file(dataset: str, table: str, root: Root) -> Path:
    files = _files(dataset, root)
    if table not in files:
        elsewhere = [d for d in datasets(root) if table in _files(d, root)]
        where = f" (it is in {' and '.join(elsewhere)})" if elsewhere else ""
        raise DataError(f"no table {table!r} in {dataset}{where}{_hint(table, files)}")
    return files[table]


def _hint(wanted: str, known: Iterable[str]) -> str:
    """The likeliest name meant, and the names that there are."""
    names = list(known)
    folded = {n.lower(): n for n in names}
    close = get_close_matches(wanted.lower(), folded, n=1, cutoff=0.6)
    there = f"here are: {', '.join(names) or 'none'}"
    return f"; did you mean {folded[close[0]]!r}? T{there}" if close else f"; t{there}"


def _name(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
