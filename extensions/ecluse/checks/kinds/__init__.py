"""Kinds of file: bytes in, a document that is understood, its facts and the canonical file out.

Decides which kind a file is, by content and never by its name alone, and refuses what no kind understands.

Every module of this package is a kind (or a helper of kinds) with one small interface, the protocol `Kind`:

    sniff(head, name)    whether the first bytes look like this kind
    read(data, limits, name)   the document, or `Unreadable`; nothing is rebuilt that was not read
    facts(document)      what it says: `ecluse.checks.facts`
    rebuild(document)    the canonical bytes, made anew from the document's allow-listed parts

Worked example: `counts.xlsx` starts with a zip's magic and holds `xl/workbook.xml`; so `excel.sniff` says yes,
`excel.read` gives the visible values, and `excel.rebuild` writes a fresh workbook with these values only.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from ecluse.checks.facts import Facts
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding


class Unreadable(Exception):  # noqa: N818 - it is a verdict of a reader, named so in the contracts
    """A reader refuses: what, and how to mend it. `reason` is a rule id, such as `file-malformed`."""

    def __init__(self, reason: str, message: str, fix: str) -> None:
        super().__init__(f"{reason}: {message}")
        self.reason, self.message, self.fix = reason, message, fix


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The canonical file. `extension` starts with a dot; `notes` say what was left out."""

    data: bytes
    extension: str
    notes: tuple[Finding, ...] = ()


class Kind(Protocol):
    """What every kind's module offers. `Document` is the module's own business."""

    NAME: str

    def sniff(self, head: bytes, name: str) -> bool:
        """Whether the first 4 KiB look like this kind. `name` only breaks ties between kinds of text."""

    def read(self, data: bytes, limits: Limits, name: str = "") -> Any:
        """The document. Raises `Unreadable`."""

    def facts(self, document: Any) -> Facts:
        """What the document says."""

    def rebuild(self, document: Any) -> Rebuilt:
        """The canonical file. Raises `Unreadable` where nothing of it may pass."""


__all__ = ["Kind", "Limits", "Rebuilt", "Unreadable"]
