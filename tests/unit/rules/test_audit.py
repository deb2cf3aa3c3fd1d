from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ecluse.rules.audit import GENESIS, Event, event_hash, first_break, next_event
from ecluse.rules.canonical import canonical_json, instant_text, sha256
from ecluse.rules.release import AuditMark
from factories import NOW

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def chain(length, **detail):
    events, last = [], None
    for n in range(length):
        event = next_event(
            last, at=NOW + timedelta(seconds=n), actor="ada", action="request.edit", subject="alpha-1", detail=detail
        )
        events.append(event.as_json())
        last = AuditMark(sequence=event.sequence, hash=event.hash)
    return events


def mark(event):
    return AuditMark(sequence=event["sequence"], hash=event["hash"])


def test_first_event_follows_sixty_four_zeros():
    event = next_event(None, at=NOW, actor="ecluse:hub", action="workspace-started", project="alpha")
    assert (event.sequence, event.previous) == (1, GENESIS)
    body = {k: v for k, v in event.as_json().items() if k != "hash"}
    assert event.hash == sha256(GENESIS.encode() + canonical_json(body)), "as the contract says"


def test_whole_chain_holds():
    assert first_break([]) is None
    assert first_break(chain(5)) is None
    assert first_break(chain(5), [mark(chain(5)[2])]) is None


@pytest.mark.parametrize(
    ("change", "value"),
    [
        ("actor", "ben"),
        ("action", "request.vote"),
        ("subject", "alpha-2"),
        ("project", "beta"),
        ("detail", {"approve": True}),
        ("at", "2026-06-01T12:00:02.000001Z"),
    ],
)
def test_a_changed_value_breaks_its_own_event(change, value):
    events = chain(5)
    events[2] |= {change: value}
    found = first_break(events)
    assert found is not None
    assert (found.sequence, found.problem) == (3, "its hash is not that of its content")
    assert str(found) == "audit event 3: its hash is not that of its content"


def test_a_changed_event_with_a_new_hash_breaks_the_next():
    events = chain(5)
    forged = Event.model_validate(events[2]).model_copy(update={"actor": "ben"})
    events[2] = forged.model_copy(update={"hash": event_hash(forged)}).as_json()
    found = first_break(events)
    assert found is not None
    assert found.sequence == 4
    assert "does not follow event 3" in found.problem


def test_a_missing_event_is_named():
    events = chain(5)
    del events[2]
    found = first_break(events)
    assert found is not None
    assert (found.sequence, found.problem) == (3, "is missing: event 4 stands in its place")


def test_events_out_of_order_and_doubled_are_found():
    events = chain(4)
    assert first_break([events[0], events[2], events[1], events[3]]) is not None
    assert first_break([events[0], events[0], *events[1:]]) is not None


@pytest.mark.parametrize(
    "spoil", [{"sequence": "x"}, {"extra": 1}, {"hash": "0"}, {"at": "yesterday"}, {"detail": None}]
)
def test_what_is_no_event_is_named(spoil):
    events = chain(3)
    events[1] |= spoil
    found = first_break(events)
    assert found is not None
    assert found.sequence == 2
    assert "can't be read" in found.problem


def test_a_chain_written_anew_does_not_hold_against_a_head_kept_elsewhere():
    head = mark(chain(5)[3])
    anew = chain(5, forged=True)
    assert first_break(anew) is None, "in itself it holds"
    found = first_break(anew, [head])
    assert found is not None
    assert (found.sequence, "signed manifest" in found.problem) == (4, True)


def test_a_chain_that_was_cut_does_not_hold_against_a_head_kept_elsewhere():
    events = chain(5)
    found = first_break(events[:3], [mark(events[1]), mark(events[3]), mark(events[4])])
    assert found is not None
    assert (found.sequence, "cut" in found.problem) == (4, True)


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "Ada"},
        {"actor": "other:hub"},
        {"actor": "a_b"},
        {"action": "Request"},
        {"action": "request..edit"},
        {"subject": "x" * 201},
        {"project": "a_b"},
        {"at": datetime(2026, 1, 1)},  # noqa: DTZ001 - a naive time is what has to be refused
    ],
)
def test_events_are_strict(values):
    with pytest.raises(ValidationError):
        next_event(None, **{"at": NOW, "actor": "ada", "action": "request.edit", **values})


@given(st.dictionaries(st.text(max_size=5), json_values, max_size=4))
def test_every_detail_keeps_its_hash_through_json(detail):
    event = next_event(None, at=NOW, actor="ada", action="request.edit", detail=detail)
    again = Event.model_validate_json(canonical_json(event.as_json()))
    assert event_hash(again) == event.hash
    assert first_break([event.as_json()]) is None


@given(st.integers(0, 5), st.integers(0, 63), st.sampled_from("0123456789abcdef"))
def test_no_letter_of_a_hash_can_be_changed(position, letter, new):
    events = chain(6)
    old = events[position]["hash"]
    events[position]["hash"] = old[:letter] + new + old[letter + 1 :]
    assert (first_break(events, [mark(chain(6)[5])]) is None) is (new == old[letter])


def test_one_moment_has_one_text():
    paris = timezone(timedelta(hours=2))
    assert instant_text(NOW.astimezone(paris)) == instant_text(NOW) == "2026-06-01T12:00:00.000000Z"
    assert instant_text(datetime(2026, 6, 1, tzinfo=UTC)) == "2026-06-01T00:00:00.000000Z"


def test_canonical_json_has_no_numbers_that_json_has_not():
    assert canonical_json({"b": [1, True, None], "a": "é"}) == '{"a":"é","b":[1,true,null]}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        canonical_json(float("nan"))
