"""Sources: found and hashed; a wrong one is refused with its table, column, file and first bad row."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from ecluse.rules.dataset import ColumnType, Dataset
from ecluse.rules.extract import DatasetPlan, TablePlan

from .footers import Identity, footer, identity

OPT_OUTS = "opt-outs.txt"
_CHECKS = {
    ColumnType.STRING: lambda t: pa.types.is_string(t) or pa.types.is_large_string(t) or pa.types.is_dictionary(t),
    ColumnType.INTEGER: pa.types.is_integer,
    ColumnType.NUMBER: lambda t: pa.types.is_integer(t) or pa.types.is_floating(t) or pa.types.is_decimal(t),
    ColumnType.DATE: pa.types.is_date,
    ColumnType.DATETIME: lambda t: pa.types.is_timestamp(t) or pa.types.is_date(t),
    ColumnType.YEAR: pa.types.is_integer,
    ColumnType.YEARMONTH: pa.types.is_integer,
    ColumnType.BOOLEAN: pa.types.is_boolean,
}
_CASTS = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
    ColumnType.YEAR: pa.int16(),
    ColumnType.YEARMONTH: pa.int32(),
    ColumnType.BOOLEAN: pa.bool_(),
}


class SourceError(Exception):
    """A source is missing, damaged or not what the catalogue says. `row` counts from 1; values are never shown."""

    def __init__(
        self, message: str, *, table: str, file: Path, column: str | None = None, row: int | None = None
    ) -> None:
        place = f"{table}{'.' + column if column else ''}"
        at = f", row {row}" if row is not None else ""
        super().__init__(f"{place}: {file.name}{at}: {message}")
        self.table, self.column, self.file, self.row = table, column, file, row


@dataclass(frozen=True)
class Source:
    """A source file whose columns and types are right, as it was when it was looked at."""

    dataset: str
    table: str
    path: Path
    rows: int
    size: int
    seen: Identity

    def check_unchanged(self) -> None:
        """Nobody wrote to it since.

        Raises:
            SourceError: if somebody did: then part of what was read may be of another version than the hash says.
        """
        if identity(self.path.stat()) != self.seen:
            raise SourceError("was changed while it was read; run again", table=self.table, file=self.path)


def check_sources(folder: Path, plan: DatasetPlan, dataset: Dataset) -> list[Source]:
    """Every source file that the plan reads, its columns and types found right.

    Raises:
        SourceError: at the first file, column or type that is wrong.
    """
    needed = {t.name: _needed(t) for t in [*plan.tables.values(), *plan.support.values()]}
    if plan.persons is not None:
        columns = {plan.persons.id, plan.persons.canonical, *([plan.persons.rank] if plan.persons.rank else [])}
        columns |= {p.through for t in [*plan.tables.values(), *plan.support.values()] for p in t.persons if p.through}
        needed[plan.persons.table] = needed.get(plan.persons.table, set()) | columns
    return [check_table(folder, dataset, table, columns) for table, columns in sorted(needed.items())]


def _needed(table: TablePlan) -> set[str]:
    window = table.window
    found = {c.name for c in table.columns} | set(table.by) | set(table.filtered)
    found |= {c for c in (table.subject, *(p.rank for p in table.persons)) if c}
    return found | ({c for c in (window.care, window.flow) if c} if window else set())


def check_table(folder: Path, dataset: Dataset, table: str, columns: set[str]) -> Source:
    """A source file, after these of its columns were found to be there and of the catalogue's type."""
    path = folder / f"{table}.parquet"
    if path.is_symlink() or not path.is_file():
        raise SourceError("the file is missing", table=table, file=path)
    try:
        found = path.stat()
        metadata = footer(path)
        schema = metadata.schema.to_arrow_schema()
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"is not Parquet, or is cut short: {_short(error)}", table=table, file=path) from None
    for column in sorted(columns):
        wanted = dataset.tables[table].columns[column].type
        if column not in schema.names:
            raise SourceError("the column is missing", table=table, column=column, file=path)
        kind = schema.field(column).type
        if not _CHECKS[wanted](kind):
            row = _first_not_castable(path, column, wanted)
            raise SourceError(f"is {kind}, not {wanted}", table=table, column=column, file=path, row=row)
    return Source(dataset.id, table, path, metadata.num_rows, found.st_size, identity(found))


def _first_not_castable(path: Path, column: str, wanted: ColumnType) -> int | None:
    """The first row whose value does not fit the wanted type; None if all would."""
    target, row = _CASTS.get(wanted), 0
    if target is None:
        return 1
    for batch in pq.ParquetFile(path).iter_batches(columns=[column]):
        values = batch.column(0)
        try:
            values.cast(target)
        except (pa.ArrowException, NotImplementedError):
            return row + _first_bad(values, target) + 1
        row += len(values)
    return None


def _first_bad(values: pa.Array, target: pa.DataType) -> int:
    low, high = 0, len(values)
    while high - low > 1:
        middle = (low + high) // 2
        try:
            values.slice(low, middle - low).cast(target)
            low = middle
        except (pa.ArrowException, NotImplementedError):
            high = middle
    return low


def diagnose(folder: Path, plan: DatasetPlan) -> SourceError | None:
    """What is wrong in the pages of the sources, after the engine failed on them: the first damaged place, or None."""
    for table in [*plan.tables.values(), *plan.support.values()]:
        path = folder / f"{table.name}.parquet"
        file = pq.ParquetFile(path)
        for column in sorted(_needed(table)):
            row = 0
            for group in range(file.num_row_groups):
                try:
                    values = file.read_row_group(group, columns=[column]).column(0).combine_chunks()
                except (pa.ArrowException, OSError) as error:
                    message = f"damaged: {_short(error)}"
                    return SourceError(message, table=table.name, column=column, file=path, row=row + 1)
                if pa.types.is_string(values.type):
                    bad = _first_not_utf8(values)
                    if bad is not None:
                        message = "is not UTF-8"
                        return SourceError(message, table=table.name, column=column, file=path, row=row + bad + 1)
                row += len(values)
    return None


def _first_not_utf8(values: pa.Array) -> int | None:
    raw = values.cast(pa.binary(), safe=False) if not isinstance(values, pa.ChunkedArray) else values
    for number, value in enumerate(raw.to_pylist()):
        try:
            if value is not None:
                value.decode("utf-8")
        except UnicodeDecodeError:
            return number
    return None


def read_opt_outs(folder: Path) -> list[str]:
    """Ids of the persons who opted out (EHDS article 71): one per line, any id that the sources know them by."""
    path = folder / OPT_OUTS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        # Going on without the list would hand on the data of those who are on it.
        raise SourceError(f"can't be read: {_short(error)}", table="opt-outs", file=path) from None
    return sorted({line.strip() for line in lines if line.strip() and not line.startswith("#")})


def _short(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
