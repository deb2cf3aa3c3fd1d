import base64
import io
import json
import zipfile

import pytest

from ecluse.rules.outcome import Reason, RefusedError
from ecluse.rules.request import State
from ecluse.steps.acting import Who
from ecluse.steps.audit import audit_problems, export_events
from ecluse.steps.release import verify_bundle
from ecluse.store.keys import make_release_key, signature_holds
from factories import ADA, MEM, REV, TABLE

AUTHOR = Who("ada")


@pytest.fixture
def bundle(lock):
    lock.request_at(State.RELEASED)
    return lock.desk.download(AUTHOR, "r-alpha-1")


def verify(lock, data, key=None):
    return verify_bundle(data, lambda signature, text: signature_holds(key or lock.public_key, signature, text))


def rewritten(data, edit):
    """The bundle with its entries changed by `edit(dict of name to bytes)`."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = {n: archive.read(n) for n in archive.namelist()}
    edit(entries)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_the_author_downloads_what_was_reviewed_and_it_verifies(lock, bundle):
    assert bundle.name == "r-alpha-1.zip"
    assert verify(lock, bundle.data) == []
    with zipfile.ZipFile(io.BytesIO(bundle.data)) as archive:
        assert archive.namelist() == ["manifest.json", "manifest.sig", "files/km.csv"]
        assert archive.read("files/km.csv") == TABLE + b"# rebuilt\n"
        manifest = json.loads(archive.read("manifest.json"))
        assert len(base64.b64decode(archive.read("manifest.sig"))) == 64
    assert [r["reviewer"] for r in manifest["reviewers"]] == ["rev", "ria"]
    approval = next(e for e in lock.events() if e["action"] == "request.approve")
    assert manifest["audit"] == {"sequence": approval["sequence"], "hash": approval["hash"]}


def test_each_download_is_recorded_and_is_the_same_bytes(lock, bundle):
    assert lock.desk.download(AUTHOR, "r-alpha-1").data == bundle.data
    downloads = [e for e in lock.events() if e["action"] == "request.download"]
    assert [e["actor"] for e in downloads] == ["ada", "ada"]


@pytest.mark.parametrize("who", [MEM, REV, Who("con")])
def test_nobody_but_the_author_downloads(lock, bundle, who):
    with pytest.raises(RefusedError) as caught:
        lock.desk.download(who, "r-alpha-1")
    assert caught.value.refused.reason is Reason.NOT_THE_AUTHOR
    assert lock.actions()[-1] == "refused.download"


def test_a_released_file_swapped_afterwards_is_not_handed_out(lock, bundle):
    lock.swap(lock.get("alpha-1").files[0].report.rebuilt.sha256)
    with pytest.raises(RefusedError) as caught:
        lock.desk.download(AUTHOR, "r-alpha-1")
    assert caught.value.refused.reason is Reason.TAMPERED
    assert lock.actions()[-1] == "quarantine.tampered"
    assert lock.get("alpha-1").state is State.RELEASED


def test_the_readers_of_a_request_see_its_release(lock, bundle):
    view = lock.desk.release(REV, "r-alpha-1")
    assert (view.manifest.title, view.may_download) == ("Survival", False)
    assert lock.desk.release(AUTHOR, "r-alpha-1").may_download
    assert [r.manifest.release for r in lock.desk.releases(MEM)] == ["r-alpha-1"]
    assert lock.desk.releases(Who("ben")) == ()
    for who, release, reason in (
        (Who("ben"), "r-alpha-1", Reason.UNKNOWN_REQUEST),
        (REV, "r-alpha-9", Reason.UNKNOWN_REQUEST),
    ):
        with pytest.raises(RefusedError) as caught:
            lock.desk.release(who, release)
        assert caught.value.refused.reason is reason


def test_what_is_not_released_has_no_release(lock):
    lock.request_at(State.IN_REVIEW)
    for call in (lambda: lock.desk.release(AUTHOR, "r-alpha-1"), lambda: lock.desk.download(AUTHOR, "r-alpha-1")):
        with pytest.raises(RefusedError) as caught:
            call()
        assert caught.value.refused.reason is Reason.NOT_RELEASED


def _other_title(entries):
    entries["manifest.json"] = entries["manifest.json"].replace(b"Survival", b"Revival!")


EDITS = {
    "file changed": (lambda e: e.update({"files/km.csv": b"other"}), "'km.csv' is not the file"),
    "file missing": (lambda e: e.pop("files/km.csv"), "'km.csv' is missing"),
    "file added": (lambda e: e.update({"files/more.csv": b"x"}), "'more.csv' was not released"),
    "entry beside": (lambda e: e.update({"run.sh": b"x"}), "'run.sh' does not belong"),
    "manifest changed": (_other_title, "the signature is not"),
    "signature changed": (lambda e: e.update({"manifest.sig": base64.b64encode(b"x" * 64)}), "the signature is not"),
    "signature no base64": (lambda e: e.update({"manifest.sig": b"?"}), "the signature is not"),
    "signature missing": (lambda e: e.pop("manifest.sig"), "no manifest.json or no manifest.sig"),
    "manifest missing": (lambda e: e.pop("manifest.json"), "no manifest.json or no manifest.sig"),
}


@pytest.mark.parametrize("name", list(EDITS))
def test_a_bundle_changed_in_any_way_does_not_verify(lock, bundle, name):
    edit, said = EDITS[name]
    assert any(said in problem for problem in verify(lock, rewritten(bundle.data, edit)))


def test_another_key_does_not_verify(lock, bundle):
    _, other = make_release_key()
    assert verify(lock, bundle.data, other) == ["the signature is not by this key over this manifest"]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_bundle_is_named(lock, data):
    assert len(verify(lock, data)) == 1


def test_a_bundle_with_two_entries_of_one_name_is_refused(lock, bundle):
    target = io.BytesIO(bundle.data)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(target, "a") as archive:
        archive.writestr("files/km.csv", b"second")
    assert verify(lock, target.getvalue()) == ["the bundle holds two entries of one name"]


# the audit log as a whole


def test_export_holds_in_itself_and_is_one_event_per_line(lock, bundle):
    from ecluse.rules.audit import first_break

    lines = list(export_events(lock.database))
    assert first_break(json.loads(line) for line in lines) is None
    assert len(lines) == len(lock.events())
    assert next(json.loads(line)["sequence"] for line in export_events(lock.database, 3)) == 4


def test_verification_names_the_first_event_that_was_changed(lock, bundle):
    with lock.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_update")
        connection.exec_driver_sql("UPDATE events SET actor = 'mem' WHERE sequence = 3")
    assert audit_problems(lock.database) == ["audit event 3: its hash is not that of its content"]


@pytest.mark.parametrize("column", ["detail", "at"])
def test_what_can_not_be_read_any_more_is_named(lock, bundle, column):
    with lock.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_update")
        connection.exec_driver_sql(f"UPDATE events SET {column} = '{{' WHERE sequence = 2")
    (problem,) = audit_problems(lock.database)
    assert problem.startswith("audit event 2: can't be read")


def test_a_log_that_was_cut_does_not_hold_against_the_signed_manifests(lock, bundle):
    approval = next(e for e in lock.events() if e["action"] == "request.approve")["sequence"]
    with lock.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER events_no_delete")
        connection.exec_driver_sql(f"DELETE FROM events WHERE sequence >= {approval}")
    (problem,) = audit_problems(lock.database)
    assert problem == f"audit event {approval}: is missing: the chain has been cut"


def spoil(lock, *statements):
    with lock.database.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_vote_changed_behind_the_log_is_named(lock, bundle):
    spoil(lock, "DROP TRIGGER votes_no_update", "UPDATE votes SET reviewer = 'rob' WHERE reviewer = 'ria'")
    assert audit_problems(lock.database) == [
        "request alpha-1: the vote of 'ria' in round 1 is not that of its event",
        "request alpha-1: the vote of 'rob' in round 1 is not that of its event",
    ]


def test_a_state_changed_behind_the_log_is_named(lock):
    lock.request_at(State.IN_REVIEW)
    spoil(lock, "UPDATE requests SET state = 'approved'")
    assert audit_problems(lock.database) == ["request alpha-1 is 'approved', its last event says 'in-review'"]


def test_a_file_changed_behind_the_log_is_named(lock):
    lock.request_at(State.IN_REVIEW)
    spoil(lock, f"UPDATE files SET sha256 = '{'0' * 64}'")
    assert audit_problems(lock.database) == ["request alpha-1 has other files than its last event says"]


@pytest.mark.parametrize("state", list(State))
def test_the_log_tells_what_is_stored_in_every_state(lock, state):
    lock.request_at(state)
    assert audit_problems(lock.database) == []


def test_votes_and_refusals_stand_in_one_chain_with_who_and_why(lock):
    lock.request_at(State.RETURNED)
    with pytest.raises(RefusedError):
        lock.desk.submit(Who("mem", "alpha"), "alpha-1")
    lock.desk.submit(ADA, "alpha-1")
    assert lock.actions() == [
        "request.create",
        "request.attach",
        "request.submit",
        "request.hand-over",
        "request.clear",
        "request.return",
        "refused.submit",
        "request.submit",
        "request.hand-over",
    ]
    assert audit_problems(lock.database) == []
