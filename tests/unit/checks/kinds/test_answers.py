"""What a notebook's code asks and its output answers; and models that no reader opens."""

import pytest

from ecluse.checks.kinds import Unreadable, refused
from ecluse.checks.kinds.aligned import answer
from ecluse.checks.limits import Limits


@pytest.mark.parametrize(
    ("source", "shown", "said"),
    [
        ("d = load()\nn_dead", "3", "n_dead = 3"),
        ("print(n_dead)", "3\n", "n_dead = 3"),
        ("len(patients)", "3", "n = 3"),
        ("d[d.age > 90].shape", "(3, 12)", "n = 3"),
        ("model.score(x, y)", "0.31", ""),
        ("d.columns.size", "3", ""),
    ],
)
def test_a_number_goes_by_the_name_that_was_asked_for(source: str, shown: str, said: str) -> None:
    assert answer(source, shown) == said


@pytest.mark.parametrize(
    ("name", "head"), [("m.pmml", b"<?xml?><x/>"), ("m.xml", b'<?xml version="1.0"?>\n<PMML version="4.4">')]
)
def test_pmml_is_refused_unread(name: str, head: bytes) -> None:
    assert refused.sniff(head, name)
    with pytest.raises(Unreadable) as caught:
        refused.read(head, Limits(), name)
    assert caught.value.reason == "model-unattested"
