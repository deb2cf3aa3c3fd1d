"""Leaks are caught, all of them; safe results pass untouched, nearly all of them."""

import pytest

from corpus.disclosure.cases import Case, leaks, safe
from corpus.disclosure.printed import printed
from ecluse.checks import disclosure, identifiers, records
from ecluse.checks.facts import Context, Facts
from ecluse.checks.kinds import delimited
from ecluse.checks.kinds.layout import read_text
from ecluse.checks.limits import Limits
from ecluse.rules.finding import Finding, Severity
from ecluse.rules.policy import OutputRules

PRINTED_LEAKS, PRINTED_SAFE = printed()
LEAKS, SAFE = [*leaks(), *PRINTED_LEAKS], [*safe(), *PRINTED_SAFE]


def facts_of(path: str, text: str) -> Facts:
    if path.endswith((".csv", ".tsv")):
        return delimited.facts(delimited.read(text.encode(), Limits(), path))
    return read_text(text)


def findings(case: Case) -> list[Finding]:
    files = {path: facts_of(path, text) for path, text in case[1].items()}
    found = [f for each in disclosure.find(files, OutputRules(), Context()).values() for f in each]
    for facts in files.values():
        found += [*identifiers.find(facts, Context()), *records.find(facts, Context())]
    return [f for f in found if f.severity is not Severity.NOTE]


@pytest.mark.parametrize("case", LEAKS, ids=[name for name, _ in LEAKS])
def test_every_leak_is_caught(case: Case) -> None:
    assert findings(case)


def test_safe_results_pass_untouched() -> None:
    held = {case[0]: sorted({f.rule for f in findings(case)}) for case in SAFE}
    held = {name: rules for name, rules in held.items() if rules}
    assert len(held) <= 0.05 * len(SAFE), held
