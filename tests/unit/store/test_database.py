import threading
from datetime import timedelta

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from ecluse.rules.audit import first_break
from ecluse.rules.request import Audience, Check, CheckState, Comment, RequestFile, State, changed
from ecluse.steps.ports import StoredRelease
from ecluse.store.database import open_database, upgrade
from ecluse.store.events import DatabaseAuditLog
from ecluse.store.tables import APPEND_ONLY, metadata
from factories import NOW, file_report, vote


@pytest.fixture
def url(tmp_path):
    address = f"sqlite:///{tmp_path}/test.sqlite"
    upgrade(address)
    return address


@pytest.fixture
def database(url):
    opened = open_database(url)
    yield opened
    opened.close()


def full_request(change):
    """A request with something in every column."""
    request = change.requests.add("alpha", "ada", "T", "P", NOW)
    report = file_report("é/km.csv", "a" * 64, "b" * 64)
    return changed(
        request,
        NOW + timedelta(microseconds=1),
        state=State.IN_REVIEW,
        round=1,
        files=(RequestFile(path="é/km.csv", sha256="a" * 64, size=2**40, what="w", population="p", report=report),),
        check=Check(
            state=CheckState.RUNNING,
            deciding=True,
            verdict="review",
            message="m",
            job="0" * 32,
            deadline=NOW,
            criteria={"share": 0.1, "é": [1]},
        ),
        comments=(
            Comment(round=1, author="ada", at=NOW, text="one"),
            Comment(round=1, author="rev", at=NOW, text="two", audience=Audience.REVIEWERS),
        ),
    )


def test_a_request_comes_back_as_it_was_saved(database):
    with database.change() as change:
        request = full_request(change)
        request = request.model_copy(update={"votes": (vote("rev", request),)})
        change.requests.save(request)
        change.requests.save(request)
    with database.look() as look:
        assert look.requests.get("alpha-1") == request
        assert look.requests.get("alpha-2") is None


def test_votes_and_comments_are_only_added_to(database):
    with database.change() as change:
        request = full_request(change)
        change.requests.save(request)
        more = request.model_copy(update={"votes": (vote("rev", request),)})
        change.requests.save(more)
        change.requests.save(more.model_copy(update={"votes": (), "comments": ()}))
    with database.look() as look:
        assert look.requests.get("alpha-1") == more


def test_lists_are_ordered(database):
    with database.change() as change:
        for n, project in enumerate(("alpha", "beta", "alpha")):
            request = change.requests.add(project, "ada", "T", "P", NOW + timedelta(hours=n))
            change.requests.save(request)
    with database.look() as look:
        assert [r.id for r in look.requests.of_project("alpha")] == ["alpha-2", "alpha-1"]
        assert [r.id for r in look.requests.of_author("ada")] == ["alpha-2", "beta-1", "alpha-1"]
        assert [r.id for r in look.requests.recent(2)] == ["alpha-2", "beta-1"]
        assert [r.id for r in look.requests.in_states(State.DRAFT, State.RETURNED)] == ["alpha-1", "beta-1", "alpha-2"]
        assert look.requests.in_states(State.RELEASED) == []
        assert look.requests.running() == []


def test_a_release_is_stored_once(database):
    with database.change() as change:
        change.requests.add("alpha", "ada", "T", "P", NOW)
        stored = StoredRelease("r-alpha-1", "alpha-1", NOW, b"\x00manifest", b"\xffsignature")
        change.requests.add_release(stored)
    with database.look() as look:
        assert look.requests.release("r-alpha-1") == stored
        assert look.requests.releases() == [stored]
        assert look.requests.get("alpha-1").release.id == "r-alpha-1"
    with pytest.raises(DBAPIError), database.change() as change:
        change.requests.add_release(stored)


def test_what_raises_is_undone_with_its_event(database):
    def fail():
        with database.change() as change:
            change.requests.add("alpha", "ada", "T", "P", NOW)
            change.events.append(at=NOW, actor="ada", action="request.create", subject="alpha-1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with database.look() as look:
        assert look.requests.of_project("alpha") == []
        assert list(look.events.records()) == []


def test_events_come_back_in_order_and_by_subject(database, monkeypatch):
    monkeypatch.setattr("ecluse.store.events._PAGE", 10)
    with database.change() as change:
        for n in range(30):
            change.events.append(at=NOW, actor="ada", action="request.edit", subject=f"alpha-{n % 2}", detail={"n": n})
    with database.look() as look:
        records = list(look.events.records())
        assert [r["sequence"] for r in records] == list(range(1, 31)), "over the borders of pages"
        assert [r["sequence"] for r in look.events.records(28)] == [29, 30]
        assert len(look.events.about("alpha-0")) == 15
        assert first_break(look.events.records()) is None


def test_the_log_of_others_is_part_of_the_same_chain(database):
    log = DatabaseAuditLog(database, lambda: NOW)
    log.record("ecluse:hub", "workspace-started", "alpha", "ada/alpha", {"image": "x"})
    with database.look() as look:
        (event,) = look.events.about("ada/alpha")
    assert (event.sequence, event.actor, event.detail) == (1, "ecluse:hub", {"image": "x"})


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_what_is_kept_for_good_is_neither_changed_nor_removed(database, table):
    with database.change() as change:
        request = full_request(change)
        change.requests.save(request.model_copy(update={"votes": (vote("rev", request),)}))
        change.requests.add_release(StoredRelease("r-alpha-1", "alpha-1", NOW, b"m", b"s"))
        change.events.append(at=NOW, actor="ada", action="request.edit")
    column = metadata.tables[table].columns.keys()[-1]
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError, match="never changed or removed"), database.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_two_writers_wait_for_each_other_and_the_chain_has_no_fork(url):
    databases = [open_database(url) for _ in range(4)]
    failures = []

    def write(database):
        try:
            for _ in range(10):
                with database.change() as change:
                    change.events.append(at=NOW, actor="ada", action="request.edit")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(d,)) for d in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with databases[0].look() as look:
        assert first_break(look.events.records()) is None
        assert len(list(look.events.records())) == 40
    for database in databases:
        database.close()
    assert failures == []


def test_a_reader_sees_one_moment_while_somebody_writes(url, database):
    other = open_database(url)
    with database.look() as look:
        before = list(look.events.records())
        with other.change() as change:
            change.events.append(at=NOW, actor="ada", action="request.edit")
        assert list(look.events.records()) == before
    with database.look() as look:
        assert len(list(look.events.records())) == 1
    other.close()


def test_migrations_make_the_tables_that_the_code_uses(database):
    made = inspect(database.engine)
    for name, table in metadata.tables.items():
        columns = {c["name"]: c["nullable"] for c in made.get_columns(name)}
        assert columns == {c.name: c.nullable for c in table.columns}
        uniques = {tuple(u["column_names"]) for u in made.get_unique_constraints(name)}
        assert {tuple(c.columns.keys()) for c in table.constraints if type(c).__name__ == "UniqueConstraint"} == uniques
        assert {i["name"] for i in made.get_indexes(name) if "duplicates_constraint" not in i} == {
            i.name for i in table.indexes
        }
    assert set(made.get_table_names()) == {*metadata.tables, "alembic_version"}


def test_alembic_sees_no_difference(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrading_again_changes_nothing(url, database):
    with database.change() as change:
        change.events.append(at=NOW, actor="ada", action="request.edit")
    upgrade(url)
    with database.look() as look:
        assert len(list(look.events.records())) == 1


def test_foreign_keys_hold(database):
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), database.change() as change:
        change.requests.add_release(StoredRelease("r-alpha-9", "alpha-9", NOW, b"", b""))
