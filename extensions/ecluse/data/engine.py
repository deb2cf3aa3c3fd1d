"""DuckDB, locked down: it reads the sources, writes the target, and does nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from ecluse.rules.dataset import ColumnType

SPILL = "spill"
SQL_TYPES = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.INTEGER: "BIGINT",
    ColumnType.NUMBER: "DOUBLE",
    ColumnType.DATE: "DATE",
    ColumnType.DATETIME: "TIMESTAMP",
    ColumnType.YEAR: "SMALLINT",
    ColumnType.YEARMONTH: "INTEGER",
    ColumnType.BOOLEAN: "BOOLEAN",
}
"""How a column's type lies in the sources and in extracts."""


@contextmanager
def locked_engine(
    readable: list[Path], work: Path, *, memory: str = "1400MB", threads: int = 2
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that can open files below `readable` and `work` alone, and can't be talked out of it.

    The order matters: `allowed_directories` first, then external access off (after which the list can't grow), then
    the configuration locked (so that no statement can switch either back on).
    """
    spill = work / SPILL
    spill.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "python_enable_replacements": False,
        }
    )
    try:
        folders = ", ".join(literal(str(p.resolve()) + "/") for p in [*readable, work])
        connection.execute("SET enable_progress_bar = false")  # its bar would go to standard output
        connection.execute("SET GLOBAL parquet_metadata_cache = true")  # a source is read in many slices
        connection.execute(f"SET allowed_directories = [{folders}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def name(identifier: str) -> str:
    """An SQL identifier in quotes."""
    return '"' + identifier.replace('"', '""') + '"'


def scan(folder: Path, table: str, extra: str = "") -> str:
    """SQL of a source table."""
    return f"read_parquet({literal(str((folder / f'{table}.parquet').resolve()))}{extra})"


def literal(text: str) -> str:
    """An SQL string."""
    return "'" + text.replace("'", "''") + "'"
