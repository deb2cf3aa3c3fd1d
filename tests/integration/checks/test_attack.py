"""What the check passes holds against an attacker who shares no code with it (`corpus/attack`)."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.attack.attacker import AXES, TOTAL, WORDS, broken
from corpus.attack.world import world
from ecluse.checks.disclosure import find
from ecluse.checks.disclosure.protect import protect
from ecluse.checks.facts import Context, Facts, FileFacts, Table
from ecluse.checks.kinds import delimited
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Severity
from ecluse.rules.policy import OutputRules

NEEDED = 5


def facts(path: str, text: str) -> Facts:
    return delimited.facts(delimited.read(text.encode(), Limits(), path))


def held_by(files: dict[str, str], before: tuple[str, ...] = ()) -> set[str]:
    """The rules that hold a request back; the files of `before` were released earlier."""
    old = tuple(FileFacts(b, "csv", "0" * 64, facts(b, files[b]), "alpha-1") for b in before)
    new = {path: facts(path, text) for path, text in files.items() if path not in before}
    found = find(new, OutputRules(), Context(released=old))
    return {f.rule for fs in found.values() for f in fs if f.severity is not Severity.NOTE}


@pytest.mark.parametrize("rounded", [False, True])
@settings(max_examples=25, deadline=None, derandomize=True)
@given(seed=st.integers(10**6, 10**7), releases=st.booleans())
def test_no_masked_cell_of_what_passes_can_be_bounded_better(rounded: bool, seed: int, releases: bool) -> None:
    made = world(seed, rounded=rounded)
    names = tuple(made.files)
    before = names[: seed % len(names)] if releases else ()
    if not held_by(made.files, before):
        assert broken(made.files, made.shape, NEEDED, before) == []


def crosstab(seed: int) -> tuple[str, tuple[int, ...]]:
    random = np.random.default_rng(seed)
    shape = (int(random.integers(2, 6)), 2, 1)
    counts = random.poisson(random.gamma(1.2, random.choice([15, 40, 100]), size=shape[:2]))
    full = np.pad(counts, ((0, 1), (0, 1)))
    full[-1, :-1], full[:, -1] = counts.sum(axis=0), full[:, :-1].sum(axis=1)
    full[-1, -1] = counts.sum()
    lines = [",".join([AXES[0], *WORDS[1], TOTAL])]
    words = (*WORDS[0][: shape[0]], TOTAL)
    return "\n".join([*lines, *(",".join([w, *map(str, full[r])]) for r, w in enumerate(words))]) + "\n", shape


def text_of(table: Table) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([table.columns, *([c.text for c in row] for row in table.cells)])
    return out.getvalue()


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_what_is_proposed_holds_and_passes(seed: int) -> None:
    text, shape = crosstab(seed)
    made = protect(facts("a.csv", text).tables[0], 11)
    assert made is not None
    assert broken({"a.csv": text_of(made.table)}, shape, NEEDED) == []
    assert held_by({"a.csv": text_of(made.table)}) <= {"whole-group"}
