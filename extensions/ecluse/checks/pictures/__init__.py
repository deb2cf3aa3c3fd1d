"""Text that is drawn in pictures: found, read by tesseract, and told apart from axes.

Decides which numbers of a figure are axis ticks and which are value labels. Worked example: above the bars of a PNG
stand 120, 45 and 4, along its axis 0, 50 and 100: the ticks lie in equal steps and are no facts; the labels are a
`Series` of kind `labels`, and its 4 is a small count.
"""

from .axes import Item
from .lettering import Lettering, read
from .values import find

__all__ = ["Item", "Lettering", "find", "read"]
