"""What finished results would disclose: small counts, counts that can be computed, extremes, dominance, differences.

Decides on all files of a request together, because what one file hides another may give back. Worked example:
`a.csv` masks Nord as `<11` with a visible total, `b.csv` shows all the other regions: the finding on `a.csv` names the
equation "Total − Sud − Est = 4".
"""

from .find import find

__all__ = ["find"]
