"""Identifiers of persons in anything that can be read.

Decides which character runs are identifiers. Worked example: `2 69 05 49 588 157 80` is a NIR (its key is right and
its parts make sense); `0.269054958815780` is a printed float.
"""

from .find import find

__all__ = ["find"]
