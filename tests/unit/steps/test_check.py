import os
from dataclasses import replace

import pytest

from ecluse.rules.canonical import sha256
from ecluse.rules.finding import CheckVerdict, Severity
from ecluse.rules.outcome import Reason, RefusedError
from ecluse.rules.request import CheckState, State
from ecluse.steps import check, submit
from factories import ADA, REV, RIA, TABLE, finding
from policies import FILES


def collect(lock):
    return check.collect(lock.ports, lock.clock())


def test_job_says_what_the_contract_says(lock):
    claims = FILES["datasets/claims.yaml"].replace("kind: claims", "kind: claims\nminimum_count: 20")
    lock.set_policies(**{"datasets/claims.yaml": claims})
    lock.request_at(State.CHECKING)
    (job,) = lock.checker.jobs()
    assert set(job) == {"job", "project", "files", "seconds", "rules", "released"}
    assert (job["project"], job["seconds"], job["released"]) == ("alpha", 120, [])
    assert job["files"] == [{"path": "km.csv", "sha256": sha256(TABLE)}]
    assert job["rules"]["minimum_count"] == 20, "the strictest of the project's datasets"


def test_job_names_what_the_project_released_before(lock):
    lock.request_at(State.RELEASED)
    rebuilt = lock.get("alpha-1").files[0].report.rebuilt.sha256
    lock.request_at(State.CHECKING)
    job = next(j for j in lock.checker.jobs() if j["released"])
    assert job["released"] == [{"request": "alpha-1", "path": "km.csv", "sha256": rebuilt}]


def test_job_names_what_other_projects_released_where_the_data_set_says_so(lock):
    lock.request_at(State.RELEASED)
    claims = FILES["datasets/claims.yaml"].replace("kind: claims", "kind: claims\ncompare_projects: true")
    for changes, known in (({}, []), ({"datasets/claims.yaml": claims}, ["alpha-1"])):
        lock.set_policies(**changes)
        policies = lock.ports.policies.current()
        with lock.ports.database.change() as change:
            earlier = check.earlier(change, policies.compared_with("beta"))
        assert [e.request for e in earlier] == known


def test_a_clean_check_puts_the_request_in_review(lock):
    lock.request_at(State.CHECKING)
    assert collect(lock) == 0, "no answer yet"
    lock.checker.run()
    assert collect(lock) == 1
    request = lock.get("alpha-1")
    assert (request.state, request.check.state, request.check.verdict) == (
        State.IN_REVIEW,
        CheckState.DONE,
        CheckVerdict.PASS,
    )
    rebuilt = request.files[0].report.rebuilt.sha256
    assert lock.blob(rebuilt).read_bytes() == TABLE + b"# rebuilt\n"
    assert request.check.criteria == {"minimum_count": 11, "share": 0.9}
    assert lock.checker.jobs() == []
    assert list((lock.root / "spool/results").iterdir()) == []


def test_remarks_go_to_the_reviewers(lock):
    lock.checker.findings = (finding(Severity.REVIEW),)
    lock.request_at(State.IN_REVIEW)
    assert lock.get("alpha-1").check.verdict is CheckVerdict.REVIEW


def test_a_refused_file_sends_the_request_back_and_nothing_of_it_is_kept(lock):
    lock.request_at(State.CHECKING)
    lock.checker.findings = (finding(),)
    lock.checker.run()
    collect(lock)
    request = lock.get("alpha-1")
    assert (request.state, request.check.verdict) == (State.RETURNED, CheckVerdict.REFUSE)
    assert request.check.message == "1 of 1 files can't be released as they are; see the findings."
    assert request.files[0].report.findings[0].rule == "small-count"
    assert request.files[0].report.rebuilt is None
    assert not lock.blob(sha256(TABLE + b"# rebuilt\n")).exists()


def test_advice_leaves_a_draft_a_draft(lock):
    lock.request_at(State.DRAFT)
    lock.desk.advise(ADA, "alpha-1")
    lock.checker.findings = (finding(),)
    lock.checker.run()
    collect(lock)
    view = lock.desk.view(ADA, "alpha-1")
    assert (view.state, view.check.state, view.check.deciding) == (State.DRAFT, CheckState.DONE, False)
    assert view.check.verdict is CheckVerdict.REFUSE
    with pytest.raises(RefusedError) as caught:
        lock.desk.vote(REV, "alpha-1", approve=True, content=view.content)
    assert caught.value.refused.reason is Reason.WRONG_STATE


def test_good_advice_is_no_check(lock):
    lock.request_at(State.DRAFT)
    lock.desk.advise(ADA, "alpha-1")
    lock.checker.run()
    collect(lock)
    lock.desk.submit(ADA, "alpha-1")
    request = lock.get("alpha-1")
    assert (request.state, request.files[0].report) == (State.CHECKING, None)


def test_no_answer_in_time_is_a_refusal(lock):
    lock.request_at(State.CHECKING)
    lock.clock.wait(120)
    assert collect(lock) == 0
    lock.clock.wait(20)
    assert collect(lock) == 1
    request = lock.get("alpha-1")
    assert (request.state, request.check.state) == (State.RETURNED, CheckState.FAILED)
    assert "in time" in request.check.message
    assert lock.checker.jobs() == [], "and nobody works on it any more"


def test_late_advice_fails_and_can_be_asked_for_again(lock):
    lock.request_at(State.DRAFT)
    lock.desk.advise(ADA, "alpha-1")
    lock.clock.wait(600)
    collect(lock)
    assert lock.get("alpha-1").check.state is CheckState.FAILED
    assert lock.desk.advise(ADA, "alpha-1").check.state is CheckState.RUNNING


def test_those_who_wait_in_line_get_the_time_of_those_before_them(lock):
    lock.set_policies(**{"rules.yaml": "open_requests: 2\n"})
    lock.request_at(State.CHECKING)
    lock.request_at(State.CHECKING)
    first, second = (lock.get(f"alpha-{n}").check.deadline for n in (1, 2))
    assert (second - first).total_seconds() > 120


def test_an_answer_that_comes_too_late_changes_nothing(lock):
    lock.request_at(State.CHECKING)
    (job,) = lock.checker.jobs()
    lock.clock.wait(600)
    collect(lock)
    lock.desk.submit(ADA, "alpha-1")
    assert lock.get("alpha-1").check.job != job["job"]
    late = lock.root / "spool/results" / job["job"]
    late.mkdir()
    (late / "report.json").write_text("{}")
    assert collect(lock) == 0
    assert lock.get("alpha-1").state is State.CHECKING
    lock.checker.run()
    collect(lock)
    assert lock.get("alpha-1").state is State.IN_REVIEW


def test_a_request_withdrawn_meanwhile_stays_so(lock):
    lock.request_at(State.CHECKING)
    running = lock.get("alpha-1")
    lock.checker.run()
    lock.desk.withdraw(ADA, "alpha-1")
    assert collect(lock) == 0
    check._settle(lock.ports, "alpha-1", running.check.job, None, "late", lock.clock())
    assert lock.get("alpha-1").state is State.WITHDRAWN


def test_what_was_submitted_while_the_spool_was_full_is_handed_over_later(lock):
    lock.request_at(State.SUBMITTED)
    full = replace(lock.ports, spool=_FullSpool(lock.ports.spool))
    with pytest.raises(OSError, match="full"):
        check.hand_over(full, "alpha-1", lock.clock())
    assert lock.get("alpha-1").state is State.SUBMITTED
    assert lock.desk.settle() == 1
    assert lock.get("alpha-1").state is State.CHECKING
    check.hand_over(lock.ports, "alpha-1", lock.clock())
    assert len(lock.checker.jobs()) == 1, "once"


class _FullSpool:
    def __init__(self, spool):
        self._spool = spool

    def new_id(self):
        return self._spool.new_id()

    def put(self, job):
        raise OSError("full")


def test_a_file_swapped_before_the_check_refuses_the_request(lock):
    lock.request_at(State.DRAFT)
    submit.submit(lock.ports, ADA, "alpha-1", lock.clock())
    lock.swap(sha256(TABLE))
    check.hand_over(lock.ports, "alpha-1", lock.clock())
    assert lock.get("alpha-1").state is State.REFUSED
    assert lock.actions()[-2:] == ["quarantine.tampered", "request.tamper"]


def test_a_swapped_file_of_a_draft_is_noticed_with_the_advice(lock):
    lock.request_at(State.DRAFT)
    lock.swap(sha256(TABLE))
    with pytest.raises(RefusedError) as caught:
        lock.desk.advise(ADA, "alpha-1")
    assert caught.value.refused.reason is Reason.TAMPERED
    assert lock.get("alpha-1").state is State.DRAFT, "nothing was decided; the author can replace it"
    assert lock.actions()[-1] == "quarantine.tampered"


def test_other_bytes_under_the_hash_of_a_rebuilt_file_refuse_the_request(lock):
    lock.request_at(State.CHECKING)
    rebuilt = lock.blob(sha256(TABLE + b"# rebuilt\n"))
    rebuilt.parent.mkdir(exist_ok=True)
    rebuilt.write_bytes(b"planted")
    lock.checker.run()
    assert collect(lock) == 1
    assert lock.get("alpha-1").state is State.REFUSED


# answers that are not to be believed


def _second_file(report):
    report["files"].append({**report["files"][0], "path": "more.csv"})


def _put(*keys, value):
    def edit(report):
        found = report
        for key in keys[:-1]:
            found = found[key]
        found[keys[-1]] = value

    return edit


BAD_REPORTS = {
    "another file": _put("files", 0, "path", value="other.csv"),
    "another hash": _put("files", 0, "sha256", value="0" * 64),
    "no file": _put("files", value=[]),
    "one file more": _second_file,
    "a file twice": lambda r: r["files"].append(r["files"][0]),
    "unknown key": _put("extra", value=1),
    "unknown verdict": _put("verdict", value="fine"),
    "path out of the bundle": _put("files", 0, "rebuilt", "path", value="../../etc/x"),
    "absolute path": _put("files", 0, "rebuilt", "path", value="/etc/x"),
    "hash of nothing that came": _put("files", 0, "rebuilt", "sha256", value="0" * 64),
    "not a number": _put("criteria", value={"x": float("nan")}),
}


@pytest.mark.parametrize("name", list(BAD_REPORTS))
def test_a_report_that_does_not_fit_is_no_answer(lock, name):
    lock.request_at(State.CHECKING)
    lock.checker.edit = BAD_REPORTS[name]
    assert_unusable(lock)


def _grow(folder):
    file = next((folder / "rebuilt").iterdir())
    file.write_bytes(b"x" * (4 * 16 * 1024 * 1024 + 1))


def _swap_rebuilt(folder):
    next((folder / "rebuilt").iterdir()).write_bytes(b"other")


def _link_rebuilt(folder):
    file = next((folder / "rebuilt").iterdir())
    target = folder.parent.parent / "outside"
    target.write_bytes(file.read_bytes())
    file.unlink()
    file.symlink_to(target)


def _link_folder(folder):
    target = folder.parent.parent / "outside"
    (folder / "rebuilt").rename(target)
    (folder / "rebuilt").symlink_to(target)


def _pipe(folder):
    (folder / "report.json").unlink()
    os.mkfifo(folder / "report.json")


BAD_FOLDERS = {
    "rebuilt file swapped": _swap_rebuilt,
    "rebuilt file is a link": _link_rebuilt,
    "folder is a link": _link_folder,
    "report is a pipe": _pipe,
    "report is missing": lambda folder: (folder / "report.json").unlink(),
    "report is a folder": lambda folder: ((folder / "report.json").unlink(), (folder / "report.json").mkdir()),
    "report is no JSON": lambda folder: (folder / "report.json").write_bytes(b"\xff{"),
    "report is deep": lambda folder: (folder / "report.json").write_bytes(b"[" * 100_000),
    "rebuilt file too long": _grow,
}


@pytest.mark.parametrize("name", list(BAD_FOLDERS))
def test_a_result_folder_that_does_not_fit_is_no_answer(lock, name):
    lock.request_at(State.CHECKING)
    lock.checker.edit_files = BAD_FOLDERS[name]
    assert_unusable(lock)


def test_a_result_that_is_a_link_is_no_answer(lock):
    lock.request_at(State.CHECKING)
    (job,) = lock.checker.jobs()
    lock.checker.run()
    folder = lock.root / "spool/results" / job["job"]
    folder.rename(lock.root / "elsewhere")
    folder.symlink_to(lock.root / "elsewhere")
    collect(lock)
    assert lock.get("alpha-1").state is State.RETURNED
    assert (lock.root / "elsewhere/report.json").exists(), "and what it leads to is left alone"


def assert_unusable(lock):
    lock.checker.run()
    assert collect(lock) == 1
    request = lock.get("alpha-1")
    assert (request.state, request.check.state) == (State.RETURNED, CheckState.FAILED)
    assert request.files[0].report is None
    assert "usable" in request.check.message
    assert lock.events()[-1]["action"] == "request.bounce"


def test_two_rebuilt_files_of_one_name_are_no_answer(lock):
    lock.request_at(State.DRAFT)
    lock.attach("alpha-1", "two.csv", b"n\n20\n")
    lock.desk.submit(ADA, "alpha-1")
    lock.checker.edit = _put("files", 1, "rebuilt", "path", value="km.csv")
    lock.checker.run()
    collect(lock)
    assert lock.get("alpha-1").state is State.RETURNED


@pytest.mark.parametrize(
    "edit",
    [
        lambda r: (_put("verdict", value="pass")(r), _put("files", 0, "verdict", value="pass")(r)),
        _put("files", 0, "rebuilt", value=None),
    ],
)
def test_a_verdict_is_never_milder_than_its_findings(lock, edit):
    lock.request_at(State.CHECKING)
    lock.checker.findings = (finding(),)
    lock.checker.edit = edit
    lock.checker.run()
    collect(lock)
    assert lock.get("alpha-1").state is State.RETURNED
    assert lock.get("alpha-1").check.verdict is CheckVerdict.REFUSE


def test_a_file_that_was_not_rebuilt_does_not_pass_whatever_is_said(lock):
    lock.request_at(State.CHECKING)
    lock.checker.edit = _put("files", 0, "rebuilt", value=None)
    lock.checker.run()
    collect(lock)
    assert lock.get("alpha-1").check.verdict is CheckVerdict.REFUSE


def test_one_spoiled_answer_does_not_hold_up_the_others(lock):
    lock.set_policies(**{"rules.yaml": "open_requests: 2\n"})
    lock.request_at(State.CHECKING)
    lock.request_at(State.CHECKING)
    lock.checker.run()
    first = lock.get("alpha-1").check.job
    (lock.root / "spool/results" / first / "report.json").write_text("{}")
    assert collect(lock) == 2
    assert (lock.get("alpha-1").state, lock.get("alpha-2").state) == (State.RETURNED, State.IN_REVIEW)
    content = lock.get("alpha-2").content
    for who in (REV, RIA):
        lock.desk.vote(who, "alpha-2", approve=True, content=content)
    assert lock.get("alpha-2").state is State.RELEASED
