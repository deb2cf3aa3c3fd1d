"""Requests, their files, votes, comments and releases, within a transaction.

Lists leave the findings of reports out: they are most of the bytes, and no list shows them.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select, update

from ecluse.rules.canonical import canonical_json
from ecluse.rules.finding import FileReport
from ecluse.rules.request import Check, CheckState, Comment, ReleaseView, Request, RequestFile, State, Vote
from ecluse.steps.ports import StoredRelease

from .tables import comments, files, releases, requests, votes


class SqlRequests:
    """The requests within a transaction; implements `steps.ports.Requests`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, request_id: str) -> Request | None:
        """The request of that id, or None."""
        found = self._load(select(requests).where(requests.c.id == request_id), findings=True)
        return found[0] if found else None

    def add(self, project: str, author: str, title: str, purpose: str, now: datetime) -> Request:
        """A new draft, with the project's next number. The writers' lock is held, so the number is nobody else's."""
        newest = select(func.max(requests.c.number)).where(requests.c.project == project)
        number = (self._connection.execute(newest).scalar() or 0) + 1
        request = Request(
            id=f"{project}-{number}",
            project=project,
            author=author,
            title=title,
            purpose=purpose,
            created=now,
            updated=now,
        )
        self._connection.execute(insert(requests).values(number=number, **_columns(request)))
        return request

    def save(self, request: Request) -> None:
        """Write a changed request: its row and files as they are now, its new votes and comments."""
        key = request.id
        self._connection.execute(update(requests).where(requests.c.id == key).values(_columns(request)))
        self._connection.execute(delete(files).where(files.c.request == key))
        self._insert(files, ({"request": key, **_file_columns(f)} for f in request.files))
        given = self._connection.execute(select(votes.c.round, votes.c.reviewer).where(votes.c.request == key))
        known_votes = {(row.round, row.reviewer) for row in given}
        fresh = (v for v in request.votes if (v.round, v.reviewer) not in known_votes)
        self._insert(votes, ({"request": key, **v.model_dump()} for v in fresh))
        count = select(func.count()).select_from(comments).where(comments.c.request == key)
        known = self._connection.execute(count).scalar_one()
        added = list(enumerate(request.comments))[known:]
        self._insert(
            comments, ({"request": key, "number": n, **c.model_dump(), "audience": c.audience.value} for n, c in added)
        )

    def of_project(self, project: str) -> list[Request]:
        """The project's requests, newest first."""
        return self._load(select(requests).where(requests.c.project == project).order_by(requests.c.number.desc()))

    def of_author(self, author: str) -> list[Request]:
        """A person's requests, newest first."""
        mine = select(requests).where(requests.c.author == author)
        return self._load(mine.order_by(requests.c.created.desc(), requests.c.id.desc()))

    def recent(self, limit: int = 200) -> list[Request]:
        """The requests changed last, of all projects."""
        return self._load(select(requests).order_by(requests.c.updated.desc(), requests.c.id.desc()).limit(limit))

    def in_states(self, *states: State) -> list[Request]:
        """The requests in one of the states, oldest change first."""
        wanted = select(requests).where(requests.c.state.in_([s.value for s in states]))
        return self._load(wanted.order_by(requests.c.updated, requests.c.id))

    def running(self) -> list[Request]:
        """The requests with a running check, oldest deadline first."""
        wanted = select(requests).where(
            requests.c.check_state == CheckState.RUNNING.value, requests.c.check_job.is_not(None)
        )
        return self._load(wanted.order_by(requests.c.check_deadline, requests.c.id))

    def add_release(self, release: StoredRelease) -> None:
        """Store a release; it is never changed."""
        self._connection.execute(
            insert(releases).values(
                id=release.id,
                request=release.request,
                at=release.at,
                manifest=release.manifest,
                signature=release.signature,
            )
        )

    def release(self, release_id: str) -> StoredRelease | None:
        """The release of that id, or None."""
        row = self._connection.execute(select(releases).where(releases.c.id == release_id)).one_or_none()
        return _release(row) if row else None

    def releases(self) -> list[StoredRelease]:
        """All releases, newest first."""
        rows = self._connection.execute(select(releases).order_by(releases.c.at.desc(), releases.c.id))
        return [_release(row) for row in rows]

    def _insert(self, table: Any, rows: Iterable[dict[str, Any]]) -> None:
        values = list(rows)
        if values:
            self._connection.execute(insert(table), values)

    def _load(self, wanted: Select[Any], *, findings: bool = False) -> list[Request]:
        rows = self._connection.execute(wanted).all()
        keys = [row.id for row in rows]
        parts = {
            table.name: self._parts(table, keys, order)
            for table, order in (
                (files, files.c.path),
                (votes, votes.c.at),
                (comments, comments.c.number),
                (releases, releases.c.at),
            )
        }
        return [
            _request(row, {name: found.get(row.id, []) for name, found in parts.items()}, findings=findings)
            for row in rows
        ]

    def _parts(self, table: Any, keys: list[str], order: Any) -> dict[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {}
        for start in range(0, len(keys), 500):  # databases bound the number of values in one IN
            wanted = select(table).where(table.c.request.in_(keys[start : start + 500])).order_by(order)
            for row in self._connection.execute(wanted):
                found.setdefault(row.request, []).append(row)
        return found


def _columns(request: Request) -> dict[str, Any]:
    check = request.check
    return {
        **{name: getattr(request, name) for name in ("id", "project", "author", "title", "purpose", "round")},
        "state": request.state.value,
        "created": request.created,
        "updated": request.updated,
        "check_state": check.state.value,
        "check_deciding": check.deciding,
        "check_verdict": check.verdict.value if check.verdict else None,
        "check_message": check.message,
        "check_job": check.job,
        "check_deadline": check.deadline,
        "check_criteria": canonical_json(check.criteria).decode(),
    }


def _file_columns(file: RequestFile) -> dict[str, Any]:
    report = file.report.model_dump_json() if file.report else None
    return {**file.model_dump(exclude={"report"}), "report": report}


def _request(row: Row[Any], parts: dict[str, list[Row[Any]]], *, findings: bool) -> Request:
    release = parts["releases"][0] if parts["releases"] else None
    return Request(
        id=row.id,
        project=row.project,
        author=row.author,
        title=row.title,
        purpose=row.purpose,
        state=row.state,
        created=row.created,
        updated=row.updated,
        round=row.round,
        files=tuple(_file(f, findings=findings) for f in parts["files"]),
        check=Check(
            state=row.check_state,
            deciding=row.check_deciding,
            verdict=row.check_verdict,
            message=row.check_message,
            job=row.check_job,
            deadline=row.check_deadline,
            criteria=json.loads(row.check_criteria),
        ),
        comments=tuple(
            Comment(round=c.round, author=c.author, at=c.at, text=c.text, audience=c.audience)
            for c in parts["comments"]
        ),
        votes=tuple(
            Vote(round=v.round, reviewer=v.reviewer, at=v.at, approve=v.approve, content=v.content)
            for v in parts["votes"]
        ),
        release=ReleaseView(id=release.id, at=release.at) if release else None,
    )


def _file(row: Row[Any], *, findings: bool) -> RequestFile:
    return RequestFile(
        path=row.path,
        sha256=row.sha256,
        size=row.size,
        what=row.what,
        population=row.population,
        report=_report(row.report, findings=findings) if row.report else None,
    )


def _report(text: str, *, findings: bool) -> FileReport:
    if findings:
        return FileReport.model_validate_json(text)
    return FileReport.model_validate({**json.loads(text), "findings": ()})


def _release(row: Row[Any]) -> StoredRelease:
    return StoredRelease(
        id=row.id, request=row.request, at=row.at, manifest=bytes(row.manifest), signature=bytes(row.signature)
    )
