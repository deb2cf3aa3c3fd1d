"""The project's data, read-only: what is there, what it means, and the tables in pandas or DuckDB.

>>> from ecluse_lab import data
>>> data.datasets()
['bacthub', 'medicines']
>>> print(data.describe("bacthub"))
>>> stays = data.table("bacthub", "STAYS")
>>> data.connect().sql("SELECT count(*) FROM bacthub.STAYS")

The data lie in `/data`, or in the folder that the variable `ECLUSE_DATA` or the argument `root` names.
"""

from .access import DataError, connect, datasets, describe, report, table, tables
from .description import DatasetDescription, TableDescription

__all__ = [
    "DataError",
    "DatasetDescription",
    "TableDescription",
    "connect",
    "datasets",
    "describe",
    "report",
    "table",
    "tables",
]
