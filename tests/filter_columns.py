"""Columns of each kind, for tests of the filter language."""

from ecluse.rules.dataset import Column, ColumnRole, ColumnType

COLUMNS = {
    "CODE": Column(type=ColumnType.STRING),
    "N": Column(type=ColumnType.INTEGER),
    "M": Column(type=ColumnType.NUMBER),
    "DAY": Column(type=ColumnType.DATE),
    "YES": Column(type=ColumnType.BOOLEAN),
    "WHO": Column(type=ColumnType.STRING, role=ColumnRole.PERSON, kind="nir"),
    "DOCTOR": Column(type=ColumnType.STRING, role=ColumnRole.PROFESSIONAL),
    "NUMBER": Column(type=ColumnType.INTEGER, kind="claim"),
}
