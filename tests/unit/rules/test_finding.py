import pytest

from ecluse.rules.finding import CheckVerdict, Finding, Severity, verdict_of, worst


def finding(severity):
    return Finding(rule="small-count", severity=severity, message="4 persons")


@pytest.mark.parametrize(
    ("severities", "rebuilt", "verdict"),
    [
        ([], True, "pass"),
        ([Severity.NOTE], True, "pass"),
        ([Severity.NOTE, Severity.REVIEW], True, "review"),
        ([Severity.REVIEW, Severity.REFUSE], True, "refuse"),
        ([], False, "refuse"),
    ],
)
def test_verdict_is_the_worst_severity_and_needs_a_rebuilt_file(severities, rebuilt, verdict):
    assert verdict_of([finding(s) for s in severities], rebuilt=rebuilt) == verdict


def test_worst_of_no_verdict_is_refuse():
    assert worst([]) is CheckVerdict.REFUSE
    assert worst([CheckVerdict.PASS, CheckVerdict.REVIEW]) is CheckVerdict.REVIEW


def test_exit_codes_are_those_of_the_contract():
    assert [CheckVerdict(v).exit_code for v in ("pass", "review", "refuse")] == [0, 1, 2]
