"""Which kind a file is, by content; what no kind claims is refused.

Order decides: containers by magic first, then texts from the strictest to the loosest. A name only breaks ties
between kinds of text, and never makes a binary file a text.
"""

from types import ModuleType

from . import Unreadable, delimited, notebook, plain, raster, trees

KINDS: tuple[ModuleType, ...] = (raster, notebook, trees, delimited, plain)
"""All kinds, first match wins."""

_HEAD = 65536


def kind_of(data: bytes, name: str) -> ModuleType:
    """The module of the kind. Raises `Unreadable` for what none understands."""
    head = data[:_HEAD]
    for kind in KINDS:
        if kind.sniff(head, name):
            return kind
    if data and plain.is_text(head):
        return plain
    raise Unreadable(
        "kind-unknown",
        "This kind of file is not understood, so nothing of it may pass." if data else "The file is empty.",
        "Save tables as CSV, Excel or Parquet, figures as PNG, text as Markdown, work as a notebook.",
    )
