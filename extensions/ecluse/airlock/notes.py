"""Findings as notes in the margin: numbered once, found again by place, none lost."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ecluse.rules.finding import Finding, Place, Severity

WORDS = {Severity.REFUSE: "Must be mended", Severity.REVIEW: "To judge", Severity.NOTE: "Note"}
"""What a severity is called on pages. Always written out beside its icon: colour alone tells nothing to many."""

WEIGHT = {Severity.NOTE: 0, Severity.REVIEW: 1, Severity.REFUSE: 2}


@dataclass(frozen=True, slots=True)
class Note:
    """A finding with its number in the file's report, from 1, and the anchor made from it."""

    number: int
    finding: Finding

    @property
    def anchor(self) -> str:
        """Id of the note in the preview."""
        return f"finding-{self.number}"

    @property
    def word(self) -> str:
        """The severity for people."""
        return WORDS[self.finding.severity]

    @property
    def place(self) -> Place:
        """Where it is; empty if the finding is about the whole file."""
        return self.finding.place or Place()


@dataclass(frozen=True, slots=True)
class Notes:
    """All notes of a file."""

    notes: tuple[Note, ...] = ()

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> "Notes":
        """Number the findings."""
        return cls(tuple(Note(number, finding) for number, finding in enumerate(findings, 1)))

    def at(self, fits: Callable[[Place], bool]) -> tuple[Note, ...]:
        """Notes whose place fits, in the order of the report."""
        return tuple(n for n in self.notes if fits(n.place))

    def number(self, number: int | None) -> Note | None:
        """The note of that number, if there is one."""
        return next((n for n in self.notes if n.number == number), None)

    def without(self, shown: Iterable[Note]) -> tuple[Note, ...]:
        """Notes that have no place of their own on any page: they stand at the top of each."""
        numbers = {n.number for n in shown}
        return tuple(n for n in self.notes if n.number not in numbers)


def worst_of(notes: Iterable[Note]) -> str:
    """The worst severity among notes, as the name of a class; empty for none."""
    found = max((n.finding.severity for n in notes), key=WEIGHT.__getitem__, default=None)
    return found.value if found else ""


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a long file: items `start` to `stop` (not included) of `total`, in pages of `size`."""

    start: int
    stop: int
    total: int
    size: int

    @classmethod
    def of(cls, total: int, size: int, page: int) -> "Window":
        """The window of a page, from 0; a page beyond the last is the last."""
        start = min(max(page, 0), pages(total, size) - 1) * size
        return cls(start, min(start + size, total), total, size)

    @property
    def page(self) -> int:
        """Number of the page, from 0."""
        return self.start // self.size

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return pages(self.total, self.size)

    def says(self, what: str) -> str:
        """`Rows: 1 to 200 of 5000; page 1 of 25.`: nothing is left out without saying so."""
        if self.pages == 1:
            return f"{what.capitalize()}: all {self.total}."
        part = f"{self.start + 1} to {self.stop} of {self.total}"
        return f"{what.capitalize()}: {part}; page {self.page + 1} of {self.pages}."


def pages(total: int, size: int) -> int:
    """Pages needed for `total` items; at least one."""
    return max(1, -(-total // size))
