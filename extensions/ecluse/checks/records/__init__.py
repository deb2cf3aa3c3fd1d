"""Rows of the real data in an output: by form, and by an index of the project's own extract.

Decides whether a table shows persons. Worked example: a frame of 10 rows whose columns were renamed and reordered has
the form of raw rows, and 98 % of its value tuples are unique tuples of the extract (40 % after shuffling each column):
two findings, both refused.
"""

from .find import find, forms_of, rows_of_persons
from .index import build_index

__all__ = ["build_index", "find", "forms_of", "rows_of_persons"]
