"""What pages show of a request, as values: words for states, the next step in a sentence, what to look at first.

Decides nothing: who may do what is asked of the rules. Worked example: `bacthub-7` is in review, `rev` has not voted.
Its step line marks "Review", the sentence is "Your vote is asked for: look at the files, then decide.", and its
files come with the worst finding first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ecluse.rules.finding import Severity
from ecluse.rules.policy import Policies
from ecluse.rules.project import Project
from ecluse.rules.request import CheckState, RequestFile, RequestView, State

from .notes import WEIGHT, Note, Notes
from .preview import Extent

STATE_WORDS: dict[State, str] = {
    State.DRAFT: "Draft",
    State.SUBMITTED: "Submitted",
    State.CHECKING: "Being checked",
    State.IN_REVIEW: "In review",
    State.RETURNED: "Returned",
    State.APPROVED: "Approved",
    State.RELEASED: "Released",
    State.REFUSED: "Refused",
    State.WITHDRAWN: "Withdrawn",
}
"""What states are called on pages."""

_WAY = (State.DRAFT, State.SUBMITTED, State.CHECKING, State.IN_REVIEW, State.APPROVED, State.RELEASED)
_LEFT_AT = {State.RETURNED: State.DRAFT, State.REFUSED: State.IN_REVIEW, State.WITHDRAWN: State.DRAFT}


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way. `done` before the current one."""

    word: str
    current: bool
    done: bool


def step_line(state: State) -> tuple[Step, ...]:
    """The way of a request with its place on it. A returned request is where a draft is, under its own name."""
    at = _WAY.index(_LEFT_AT.get(state, state))
    return tuple(
        Step(STATE_WORDS[state if n == at else step], current=n == at, done=n < at) for n, step in enumerate(_WAY)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person stands to a request: what the page may offer them. The rules decide again when they act."""

    author: bool = False
    can_vote: bool = False
    can_return: bool = False
    can_comment: bool = False
    can_withdraw: bool = False
    voted: bool = False
    reviewers: int = 2
    why_not: str = ""


_WAITING = {
    State.SUBMITTED: "The check starts. Reviewers see the files if it passes; else the request comes back.",
    State.CHECKING: "The check runs on the stored files. Reviewers see them if it passes; else the request comes back.",
    State.APPROVED: "Reviewers agree. It is released as soon as the project's permit is in force.",
    State.REFUSED: "Nothing of it leaves. A new request can be opened; the comments say why this one was refused.",
    State.WITHDRAWN: "The author took it back. Nothing of it leaves.",
}


def next_sentence(view: RequestView, standing: Standing) -> str:
    """What happens next, and who does it."""
    if view.state is State.DRAFT:
        return _draft(view, standing)
    if view.state is State.IN_REVIEW:
        return _in_review(standing)
    if view.state is State.RETURNED:
        who = "Mend the files in the workspace, then submit again" if standing.author else "Its author mends it"
        return f"{who}. The next round needs new votes."
    if view.state is State.RELEASED:
        return "Download the release." if standing.author else "Its author can download the release."
    return _WAITING[view.state]


def _draft(view: RequestView, standing: Standing) -> str:
    if not standing.author:
        return "Its author is still at work on it."
    if view.check.state is CheckState.RUNNING:
        return "Advice on the files is on its way; it takes seconds."
    return "Choose files in the workspace, describe them, then submit."


def _in_review(standing: Standing) -> str:
    if standing.author:
        return f"{standing.reviewers} independent reviewers decide. You see their votes when it is decided."
    if standing.can_vote:
        return "Your vote is asked for: look at the files, then decide."
    if standing.voted:
        return f"Your vote is in. Votes are shown to reviewers when all {standing.reviewers} are in."
    return f"{standing.reviewers} independent reviewers decide."


@dataclass(frozen=True, slots=True)
class Tally:
    """Findings of a request or file, counted by severity, the worst first."""

    counts: tuple[tuple[Severity, int], ...]

    @property
    def worst(self) -> Severity | None:
        """The worst severity, if there is a finding."""
        return self.counts[0][0] if self.counts else None

    def __str__(self) -> str:
        return ", ".join(f"{count} {_COUNTED[severity]}" for severity, count in self.counts)


_COUNTED = {Severity.REFUSE: "to mend", Severity.REVIEW: "to judge", Severity.NOTE: "noted"}


def tally(files: Iterable[RequestFile]) -> Tally:
    """Count the findings of some files."""
    found: dict[Severity, int] = {}
    for file in files:
        for finding in file.report.findings if file.report else ():
            found[finding.severity] = found.get(finding.severity, 0) + 1
    return Tally(tuple(sorted(found.items(), key=lambda item: -WEIGHT[item[0]])))


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of a request as shown: what was sent, what would leave, what was found."""

    number: int
    file: RequestFile
    notes: tuple[Note, ...]
    extent: Extent

    @property
    def anchor(self) -> str:
        """Id of the file's section."""
        return f"file-{self.number}"

    @property
    def frame(self) -> str:
        """Name of the frame that shows it: links with this target scroll it to a finding."""
        return f"preview-{self.number}"

    @property
    def tally(self) -> Tally:
        """Its findings, counted."""
        return tally([self.file])

    @property
    def size(self) -> str:
        """Its size for people."""
        return human_size(self.file.size)


def file_views(files: Sequence[RequestFile], extents: Mapping[str, Extent]) -> tuple[FileView, ...]:
    """The files, the worst first, each with its findings from the worst to the mildest. `extents`: by rebuilt hash."""
    ordered = sorted(files, key=lambda f: -_weight(f))
    return tuple(_file_view(number, file, extents) for number, file in enumerate(ordered, 1))


def _weight(file: RequestFile) -> int:
    if file.report is None:
        return -1
    return max([file.report.verdict.exit_code * 10, *(WEIGHT[f.severity] for f in file.report.findings)])


def _file_view(number: int, file: RequestFile, extents: Mapping[str, Extent]) -> FileView:
    notes = Notes.of(file.report.findings if file.report else ()).notes
    ordered = tuple(sorted(notes, key=lambda n: -WEIGHT[n.finding.severity]))
    rebuilt = file.report.rebuilt.sha256 if file.report and file.report.rebuilt else ""
    return FileView(number, file, ordered, extents.get(rebuilt, Extent()))


@dataclass(frozen=True, slots=True)
class PermitLine:
    """What the permit grants of one dataset, for people."""

    title: str
    controller: str
    tables: str
    limits: str


def permit_lines(policies: Policies, project: Project) -> tuple[PermitLine, ...]:
    """The project's permit in words, a line per dataset."""
    lines = []
    for name, grant in sorted(project.permit.items()):
        dataset = policies.datasets[name]
        columns = sum(len(t.columns) for t in grant.tables.values())
        period = f"{grant.period.from_} to {grant.period.to}; " if grant.period else ""
        lines.append(
            PermitLine(
                title=dataset.title,
                controller=person_name(policies, dataset.controller) if dataset.controller else dataset.producer,
                tables=f"{', '.join(sorted(grant.tables))} ({columns} columns)",
                limits=f"{period}dates by {grant.dates}; places by {grant.geography}",
            )
        )
    return tuple(lines)


def person_name(policies: Policies, person: str) -> str:
    """A person's name, or their id once they are no longer known."""
    found = policies.people.get(person)
    return found.name if found else person


def age(then: datetime, now: datetime) -> str:
    """How long ago, in the largest whole unit: `3 days`."""
    passed = max(now - then, timedelta())
    for word, unit in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        count = passed // unit
        if count:
            return f"{count} {word}{'s' if count > 1 else ''}"
    return "just now"


def moment(then: datetime) -> str:
    """A moment for people, in UTC: the airlock's readers sit in several zones."""
    return f"{then:%Y-%m-%d %H:%M} UTC"


def human_size(size: int) -> str:
    """Bytes for people: `12.3 kB`."""
    amount = float(size)
    for unit in ("B", "kB", "MB"):
        if amount < 1000:  # noqa: PLR2004 - SI units go by thousands
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"
