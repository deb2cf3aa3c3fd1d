# ruff: noqa: S608 - names are quoted by `engine.name` and come from the catalogue, whose identifiers are checked
"""A table's plan as SQL. Rows first (window, filter, person, parent, cohort, opt-outs), then columns."""

from collections.abc import Callable
from dataclasses import dataclass

from ecluse.rules.dataset import ColumnType
from ecluse.rules.extract import Action, ColumnPlan, DatasetPlan, PersonId, TablePlan

from .engine import SQL_TYPES, literal, name
from .persons import Crosswalk
from .places import department_sql, region_sql

UNKNOWN_DAYS = "DATE '1600-01-01'"
"""The SNDS writes this day for 'alive or unknown': it is no date, and is neither shifted nor coarsened."""


@dataclass(frozen=True)
class Builder:
    """Builds the SQL of one dataset. `scan` gives the SQL of a source table."""

    plan: DatasetPlan
    scan: Callable[[str], str]
    crosswalk: Crosswalk

    def table(self, table: str) -> TablePlan:
        """The plan of a table that is written or read."""
        return self.plan.tables.get(table) or self.plan.support[table]

    def rows(self, table: str, extra: str | None = None) -> str:
        """The rows that the permit includes, with the person they are about as `_who` and `_shift`.

        The joins are inner on purpose: a row whose person or parent is not known can't be held against the cohort
        and the opt-outs, so it stays out; `unplaced` counts it.
        """
        t = self.table(table)
        # The filter runs inside, where no other table's columns can be meant by its names.
        inner = [*conditions(t), *([f"({extra})"] if extra else [])]
        source = f"(SELECT * FROM {self.scan(table)}{_where(inner)})"
        subject = self.subject(t)
        joins, who, days, pseudonym, place = "", "NULL", "0", "NULL", "0"
        if t.parent is not None:
            joins = f" JOIN {self.included(t.parent)} _parent ON {self._by(t)}"
            who, days = "_parent._who", "_parent._shift"
        if subject is not None:
            joins += f" JOIN {self.crosswalk.table(subject)} _me ON {_matches('_me', subject)} AND _me.chosen"
            who, days, pseudonym, place = "_me.canonical", "_me.shift", "_me.pseudonym", "_me.place"
        mine = f"{who} AS _who, {days} AS _shift, {pseudonym} AS _pseudonym, {place} AS _place"
        return f"SELECT _t.*, {mine} FROM {source} _t{joins}"

    def unplaced(self, table: str) -> str:
        """The number of rows in a source that name no person, no day or no parent where the plan needs one."""
        t = self.table(table)
        missing = [c for c in (t.subject, t.window.care if t.window else None) if c]
        found = " OR ".join(f"_t.{name(c)} IS NULL" for c in missing) or "false"
        if t.parent is not None:
            found += f" OR NOT EXISTS (FROM {self.scan(t.parent)} _parent WHERE {self._by(t)})"
        return f"SELECT count(*) FROM {self.scan(table)} _t WHERE {found}"

    def included(self, table: str) -> str:
        """Temporary table with the keys of a parent's included rows."""
        return f"included_{self.plan.dataset}_{table}".replace("-", "_")

    def included_keys(self, table: str, by: tuple[str, ...]) -> str:
        """Distinct keys of a parent's included rows. Keys that lead to two persons lead to nobody."""
        columns = ", ".join(name(c) for c in by)
        return (
            f"SELECT {columns}, min(_who) AS _who, min(_shift) AS _shift FROM ({self.rows(table)}) "
            f"GROUP BY {columns} HAVING min(_who) IS NOT DISTINCT FROM max(_who)"
        )

    def subject(self, table: TablePlan) -> PersonId | None:
        """The column that says whom a row is about."""
        return next((p for p in table.persons if p.column == table.subject), None)

    def _by(self, t: TablePlan) -> str:
        parent = self.table(t.parent or "")
        return " AND ".join(f"{_joinable('_t', c, t, parent)} = {_joinable('_parent', c, parent, t)}" for c in t.by)

    def select(self, table: str) -> str:
        """The extract of one table: granted columns of included rows, in an order that tells nothing."""
        t = self.table(table)
        joins, columns = [], []
        for number, column in enumerate(t.columns):
            source = f"_t.{name(column.name)}"
            if column.action is Action.PERSON and column.name == t.subject:
                source = "_t._pseudonym"
            elif column.action is Action.PERSON:
                person = next(p for p in t.persons if p.column == column.name)
                joins.append(
                    f" LEFT JOIN {self.crosswalk.table(person)} _p{number} ON {_matches(f'_p{number}', person)}"
                )
                source = f"_p{number}.pseudonym"
            elif column.action is Action.RECORD:
                table_of = record_table(t.records[column.name])
                joins.append(f" LEFT JOIN {table_of} _r{number} ON {record_id('_t', column.name)} = _r{number}.id")
                source = f"_r{number}.pseudonym"
            else:
                source = _value(column)
            columns.append(f"{source} AS {name(column.name)}")
        written = ", ".join(name(c.name) for c in t.columns)
        place = ", _t._place AS _place" if _by_place(t) else ""
        rows = f"SELECT {', '.join(columns)}{place} FROM ({self.rows(table)}) _t{''.join(joins)}"
        return f"SELECT {written} FROM ({rows}) ORDER BY {', '.join(_order(t))}"


def _by_place(t: TablePlan) -> bool:
    return any(c.name == t.subject for c in t.columns)


def _order(t: TablePlan) -> list[str]:
    """An order that follows from what is written alone: the source's would let two projects line their rows up.

    By the place of the person's pseudonym where that is granted, then by a hash of the row as it is written: numbers
    are far cheaper to sort than text, and rows that still tie are alike.
    """
    if _by_place(t):
        return ["_place", f"hash({', '.join(name(c.name) for c in t.columns)})"]
    own = sorted(t.columns, key=lambda c: (c.action is not Action.PERSON, c.action is not Action.RECORD))
    return [name(c.name) for c in own]


def record_table(kind: str) -> str:
    """Name of the temporary table with the project's own numbers for one kind of record."""
    return f"record_{kind}"


def conditions(t: TablePlan) -> list[str]:
    """The permit's conditions on a table's own columns: window and filter."""
    return [*_window(t), *([t.where] if t.where else [])]


def _window(t: TablePlan) -> list[str]:
    w = t.window
    if w is None:
        return []
    found = []
    if w.care is not None:
        days = f"DATE '{w.first.isoformat()}' AND DATE '{w.last.isoformat()}'"
        found.append(f"CAST({name(w.care)} AS DATE) BETWEEN {days}")
    if w.flow is not None and w.first_flow is not None and w.last_flow is not None:
        months = f"DATE '{w.first_flow.isoformat()}' AND DATE '{w.last_flow.isoformat()}'"
        found.append(f"date_trunc('month', {name(w.flow)}) BETWEEN {months}")
    return found


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def record_id(alias: str, column: str) -> str:
    """A record number as text. Some tables have it as a number, some as digits after zeros: one text for both."""
    text = f"CAST({alias}.{name(column)} AS VARCHAR)"
    return f"CASE WHEN ltrim({text}, '0') = '' THEN {text} ELSE ltrim({text}, '0') END"


def _joinable(alias: str, column: str, table: TablePlan, other: TablePlan) -> str:
    same = SQL_TYPES[table.types[column]] == SQL_TYPES[other.types[column]]
    return f"{alias}.{name(column)}" if same else record_id(alias, column)


def _matches(alias: str, person: PersonId) -> str:
    rank = f"coalesce(CAST(_t.{name(person.rank)} AS VARCHAR), '')" if person.rank else "''"
    return f"CAST(_t.{name(person.column)} AS VARCHAR) = {alias}.id AND {rank} = {alias}.rank"


def _value(column: ColumnPlan) -> str:
    source = f"_t.{name(column.name)}"
    sql_type = SQL_TYPES[column.type]
    match column.action:
        case Action.KEEP:
            return source
        case Action.DEPARTMENT:
            return department_sql(source)
        case Action.REGION:
            return region_sql(source)
        case Action.YEAR if column.type is ColumnType.YEARMONTH:
            return f"CAST({source} // 100 * 100 + 1 AS {sql_type})"
        case Action.SHIFT if column.type is ColumnType.YEARMONTH:
            day = f"make_date({source} // 100, {source} % 100, 1) + CAST(_t._shift AS INTEGER)"
            return f"CAST(year({day}) * 100 + month({day}) AS {sql_type})"
        case Action.MONTH | Action.YEAR:
            coarse = f"CAST(date_trunc({literal(column.action)}, {source}) AS {sql_type})"
        case Action.SHIFT:
            coarse = f"CAST(CAST({source} AS DATE) + CAST(_t._shift AS INTEGER) AS {sql_type})"
    return f"CASE WHEN {source} = {UNKNOWN_DAYS} THEN {source} ELSE {coarse} END"
