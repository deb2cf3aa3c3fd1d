"""What a dataset's README and Parquet files say of it. The files decide what exists, the README what it means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq

_CODES = re.compile(r" \(codes: (?P<codes>[^()]*)\)$")
_ROWS = re.compile(r" ?\d+ rows in `[^`]*`\.$")
_CELLS = 4
_CODE_LISTS = "Code lists"


@dataclass(frozen=True)
class Column:
    """A column: its type in the file, its meaning, the code list it uses, what the extract did to it."""

    name: str
    type: str
    meaning: str = ""
    codes: str = ""
    here: str = ""


@dataclass(frozen=True)
class TableDescription:
    """One table: `print` it to read it."""

    dataset: str
    name: str
    rows: int
    columns: tuple[Column, ...]
    about: str = ""

    @property
    def codes(self) -> dict[str, str]:
        """Code list by column, for the columns that have one."""
        return {c.name: c.codes for c in self.columns if c.codes}

    def __str__(self) -> str:
        return "\n".join(_table_lines(self))

    __repr__ = __str__


@dataclass(frozen=True)
class DatasetDescription:
    """One dataset: `print` it to read it; `tables` has its tables by name, `code_lists` what codes mean, by list."""

    name: str
    title: str
    about: str
    tables: dict[str, TableDescription]
    pitfalls: tuple[str, ...]
    code_lists: dict[str, dict[str, str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return "\n".join(_dataset_lines(self))

    __repr__ = __str__


@dataclass
class _Readme:
    title: str = ""
    about: str = ""
    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)
    pitfalls: list[str] = field(default_factory=list)
    code_lists: dict[str, dict[str, str]] = field(default_factory=dict)


def describe_folder(folder: Path, files: dict[str, Path]) -> DatasetDescription:
    """Describe `folder` with the tables of `files`; without a README, names, types and rows alone."""
    readme = _read(folder / "README.md")
    return DatasetDescription(
        name=folder.name,
        title=readme.title or folder.name,
        about=readme.about,
        tables={name: _describe_table(folder.name, name, path, readme) for name, path in files.items()},
        pitfalls=tuple(readme.pitfalls),
        code_lists=readme.code_lists,
    )


def _describe_table(dataset: str, name: str, path: Path, readme: _Readme) -> TableDescription:
    with pq.ParquetFile(path) as file:
        rows, schema = file.metadata.num_rows, file.schema_arrow
    columns = []
    for column in schema:
        meaning, here = readme.columns.get((name, column.name), ("", ""))
        codes = _CODES.search(meaning)
        columns.append(
            Column(
                name=column.name,
                type=str(column.type),
                meaning=_CODES.sub("", meaning),
                codes=codes["codes"] if codes else "",
                here=here,
            )
        )
    return TableDescription(dataset, name, rows, tuple(columns), readme.tables.get(name, ""))


def _read(path: Path) -> _Readme:
    readme, section = _Readme(), ""
    if not path.is_file():
        return readme
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            readme.title = line[2:].strip()
        elif line.startswith("## "):
            section = line[3:].strip()
        elif section == _CODE_LISTS:
            _add_code(readme, line)
        elif line.startswith("- ") and section == "Pitfalls":
            readme.pitfalls.append(line[2:].strip())
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
            if len(cells) >= _CELLS:  # a meaning may hold the separator itself
                readme.columns[section, cells[0].strip("`")] = (" | ".join(cells[2:-1]), cells[-1])
        elif line.strip() and not line.startswith("|"):
            _add_prose(readme, section, line.strip())
    return readme


def _add_code(readme: _Readme, line: str) -> None:
    if line.startswith("### "):
        readme.code_lists[line[4:].strip()] = {}
    elif line.startswith("| `") and " | " in line and readme.code_lists:
        code, meaning = line.strip().strip("|").split(" | ", 1)
        readme.code_lists[next(reversed(readme.code_lists))][code.strip().strip("`")] = meaning.strip()


def _add_prose(readme: _Readme, section: str, line: str) -> None:
    if section:  # the file itself says how many rows it has
        readme.tables[section] = f"{readme.tables.get(section, '')} {_ROWS.sub('', line)}".strip()
    else:
        readme.about = f"{readme.about} {line}".strip()


def _table_lines(table: TableDescription) -> Iterator[str]:
    yield f"{table.dataset}.{table.name}: {table.rows:,} rows"
    if table.about:
        yield f"  {table.about}"
    width = max((len(c.name) for c in table.columns), default=0)
    kinds = max((len(c.type) for c in table.columns), default=0)
    for column in table.columns:
        codes = f" [codes: {column.codes}]" if column.codes else ""
        here = f" ({column.here})" if column.here else ""
        yield f"  {column.name:{width}}  {column.type:{kinds}}  {column.meaning}{codes}{here}".rstrip()


def _dataset_lines(dataset: DatasetDescription) -> Iterator[str]:
    yield dataset.title
    if dataset.about:
        yield dataset.about
    for table in dataset.tables.values():
        yield ""
        yield from _table_lines(table)
    if dataset.pitfalls:
        yield from ("", "Pitfalls")
        yield from (f"- {pitfall}" for pitfall in dataset.pitfalls)
