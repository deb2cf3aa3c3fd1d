"""The check: hand a job to the checker, read its answer strictly, and let the request pass or go back.

The checker opens hostile files, so its answer may be a hostile file's. Worked example: a notebook breaks the checker
and writes an answer that says `pass` for a file that was never asked about. Paths and hashes are held against the
job, so the answer is no answer: the request goes back to its author, and nothing of it is kept.
"""

import logging
from datetime import datetime, timedelta

from pydantic import ValidationError

from ecluse.rules.author import user_can_advise
from ecluse.rules.canonical import canonical_json, sha256
from ecluse.rules.finding import CheckReport, CheckVerdict, FileReport, verdict_of, worst
from ecluse.rules.outcome import require
from ecluse.rules.paths import clash, path_in_order
from ecluse.rules.policy import Policies
from ecluse.rules.release import Manifest
from ecluse.rules.request import Action, Check, CheckState, Request, RequestFile, State, changed

from .acting import SYSTEM, Act, Who, acting, tampered, verify_files
from .ports import Answer, BadAnswerError, Blobs, Earlier, Job, JobFile, Ports, TamperedError, Transaction, keep_bytes

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=15)
"""Time beyond the check itself: for the checker to notice the job and to hand back the answer."""

_UNUSABLE = "The check gave no usable answer."
_LATE = "The check gave no answer in time."


def advise(ports: Ports, who: Who, request_id: str, now: datetime) -> Request:
    """Check the files of a draft. The answer is advice: `submit` checks again."""
    with acting(ports, who, Action.ADVISE, request_id, now) as act:
        require(user_can_advise(act.policies, who.person, act.request, now))
        verify_files(ports.blobs, act.request)
        check = _handed(ports, act, deciding=False)
        act.save(Action.ADVISE, changed(act.request, now, check=check), job=check.job)
        return act.request


def hand_over(ports: Ports, request_id: str, now: datetime) -> None:
    """Hand a submitted request to the checker. Does nothing if it is no longer submitted."""
    try:
        with ports.database.change() as change:
            request = change.requests.get(request_id)
            if request is not None and request.state is State.SUBMITTED:
                act = Act(change, ports.policies.current(), request, SYSTEM, now)
                verify_files(ports.blobs, request)
                check = _handed(ports, act, deciding=True)
                act.move(Action.HAND_OVER, check=check, detail={"job": check.job})
    except TamperedError as error:
        tampered(ports, SYSTEM, request_id, error, now)


def collect(ports: Ports, now: datetime) -> int:
    """Take the answers that have come, and end the checks whose answer is too late. How many were settled."""
    with ports.database.look() as look:
        running = look.requests.running()
    settled = 0
    for request in running:
        job, deadline = request.check.job, request.check.deadline
        if job is None or deadline is None:
            continue
        try:
            answer = ports.spool.take(job, 4 * ports.policies.current().rules.max_file_bytes)
            if answer is not None:
                verify_files(ports.blobs, request)
            report = judged(answer, request, ports.blobs, ports.policies.current()) if answer else None
        except BadAnswerError as error:
            log.warning("check of %s: %s", request.id, error)
            _settle(ports, request.id, job, None, _UNUSABLE, now)
        except TamperedError as error:
            tampered(ports, SYSTEM, request.id, error, now)
        else:
            if report is None and now <= deadline:
                continue
            _settle(ports, request.id, job, report, _LATE, now)
        ports.spool.drop(job)
        settled += 1
    return settled


def judged(answer: Answer, request: Request, blobs: Blobs, policies: Policies) -> CheckReport:
    """The checker's report, once it fits the files that were asked about; its rebuilt files are in the quarantine.

    A verdict is never milder than its findings. What a refused file was rebuilt to is not kept.

    Raises:
        BadAnswerError: if anything does not fit.
        TamperedError: if the quarantine holds other bytes under the hash of a rebuilt file.
    """
    try:
        report = CheckReport.model_validate_json(answer.report)
        canonical_json(report.criteria)
    except (ValidationError, ValueError) as error:
        raise BadAnswerError(f"the report is not one: {type(error).__name__}") from None
    asked = sorted((f.path, f.sha256) for f in request.files)
    if sorted((f.path, f.sha256) for f in report.files) != asked:
        raise BadAnswerError("the report is about other files than the job")
    files = [_judged_file(file, answer, blobs, 4 * policies.rules.max_file_bytes) for file in report.files]
    names = [f.rebuilt.path for f in files if f.rebuilt]
    if len(set(names)) != len(names) or any(clash(a, b) for a in names for b in names):
        raise BadAnswerError("two rebuilt files would have one name")
    verdict = worst([report.verdict, *(f.verdict for f in files)])
    return report.model_copy(update={"files": tuple(files), "verdict": verdict})


def _judged_file(file: FileReport, answer: Answer, blobs: Blobs, limit: int) -> FileReport:
    verdict = worst([file.verdict, verdict_of(file.findings, rebuilt=file.rebuilt is not None)])
    if verdict is CheckVerdict.REFUSE or file.rebuilt is None:
        return file.model_copy(update={"verdict": CheckVerdict.REFUSE, "rebuilt": None})
    if not path_in_order(file.rebuilt.path):
        raise BadAnswerError("the path of a rebuilt file is not in order")
    data = answer.rebuilt(file.rebuilt.sha256)
    if sha256(data) != file.rebuilt.sha256:
        raise BadAnswerError("a rebuilt file is not what the report says")
    keep_bytes(blobs, [data], limit)
    return file.model_copy(update={"verdict": verdict})


def _handed(ports: Ports, act: Act, *, deciding: bool) -> Check:
    """Write the job to the spool. Within the transaction: if either fails, neither has happened."""
    rules, project = act.policies.rules, act.request.project
    job = Job(
        job=ports.spool.new_id(),
        project=project,
        files=tuple(JobFile(path=f.path, sha256=f.sha256) for f in act.request.files),
        seconds=rules.check_seconds,
        rules=rules.model_copy(update={"minimum_count": act.policies.minimum_count(project)}),
        released=earlier(act.change, act.policies.compared_with(project)),
    )
    # One checker takes jobs in turn: those before this one may each use their whole time.
    turns = 1 + sum(r.check.job is not None for r in act.change.requests.running())
    ports.spool.put(job)
    return Check(
        state=CheckState.RUNNING,
        deciding=deciding,
        job=job.job,
        deadline=act.now + turns * timedelta(seconds=rules.check_seconds) + GRACE,
    )


def earlier(change: Transaction, projects: list[str]) -> tuple[Earlier, ...]:
    """What the projects have released. Their requests' ids name them, so that a finding says whose output it is."""
    found: list[Earlier] = []
    for request in (r for project in projects for r in change.requests.of_project(project)):
        release = change.requests.release(request.release.id) if request.release else None
        if release is not None:
            manifest = Manifest.model_validate_json(release.manifest)
            found.extend(Earlier(request=request.id, path=f.path, sha256=f.sha256) for f in manifest.files)
    return tuple(found)


def _settle(ports: Ports, request_id: str, job: str, report: CheckReport | None, failure: str, now: datetime) -> None:
    """Write what the check answered, unless the request has gone another way meanwhile."""
    with ports.database.change() as change:
        request = change.requests.get(request_id)
        if request is None or request.check.job != job:
            return
        act = Act(change, ports.policies.current(), request, SYSTEM, now)
        check = _outcome(request, report, failure)
        changes = {"check": check, "files": _reported(request, report)}
        detail = {"check": check.state.value, "verdict": check.verdict, "message": check.message}
        if not check.deciding:
            act.save(Action.ADVISE, changed(request, now, **changes), **detail)
        elif check.verdict in (CheckVerdict.PASS, CheckVerdict.REVIEW):
            act.move(Action.CLEAR, detail=detail, **changes)
        else:
            act.move(Action.BOUNCE, detail=detail, **changes)


def _outcome(request: Request, report: CheckReport | None, failure: str) -> Check:
    deciding = request.check.deciding
    if report is None:
        return Check(state=CheckState.FAILED, deciding=deciding, message=f"{failure} Ask again, or change the files.")
    refused = sum(f.verdict is CheckVerdict.REFUSE for f in report.files)
    messages = {
        CheckVerdict.PASS: "The check found nothing to mend.",
        CheckVerdict.REVIEW: "The check has remarks for the reviewers.",
        CheckVerdict.REFUSE: f"{refused} of {len(report.files)} files can't be released as they are; see the findings.",
    }
    return Check(
        state=CheckState.DONE,
        deciding=deciding,
        verdict=report.verdict,
        message=messages[report.verdict],
        criteria=report.criteria,
    )


def _reported(request: Request, report: CheckReport | None) -> tuple[RequestFile, ...]:
    found = {f.path: f for f in report.files} if report else {}
    return tuple(f.model_copy(update={"report": found.get(f.path)}) for f in request.files)
