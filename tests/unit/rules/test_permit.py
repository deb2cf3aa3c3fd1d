from datetime import UTC, datetime

import pytest

from ecluse.rules.outcome import Allowed, Reason, Refused, RefusedError, first_refusal, require
from ecluse.rules.permit import user_can_work
from policies import FILES, policies

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def test_member_of_a_running_project_can_work(tmp_path):
    verdict = user_can_work(policies(tmp_path), "ada", "alpha", NOW)
    assert verdict
    assert isinstance(verdict, Allowed)
    require(verdict)


@pytest.mark.parametrize(
    ("person", "project", "now", "edit", "reason"),
    [
        ("nobody", "alpha", NOW, None, Reason.UNKNOWN_PERSON),
        ("ada", "gamma", NOW, None, Reason.NOT_A_MEMBER),
        ("ada", "beta", NOW, None, Reason.NOT_A_MEMBER),
        (
            "ada",
            "alpha",
            NOW.replace(year=2025),
            ("people.yaml", "2026-01-01", "2025-01-01"),
            Reason.PROJECT_NOT_STARTED,
        ),
        ("ada", "alpha", NOW.replace(year=2027), None, Reason.PROJECT_EXPIRED),
        ("ada", "alpha", NOW, ("projects/alpha.yaml", "members:", "paused: true\nmembers:"), Reason.PROJECT_PAUSED),
        (
            "ada",
            "alpha",
            NOW,
            ("datasets/claims.yaml", "kind: claims", "kind: claims\npaused: true"),
            Reason.DATASET_PAUSED,
        ),
        ("ada", "alpha", NOW, ("projects/alpha.yaml", "    agreed: 2025-12-01\n", ""), Reason.AGREEMENT_MISSING),
        ("ada", "alpha", NOW, ("people.yaml", "2027-12-31", "2026-05-31"), Reason.TRAINING_LAPSED),
        ("ada", "alpha", NOW, ("people.yaml", ", terms_accepted: 2026-01-01", ""), Reason.TERMS_NOT_ACCEPTED),
        ("ada", "alpha", NOW, ("people.yaml", "2026-01-01", "2026-06-02"), Reason.TERMS_NOT_ACCEPTED),
    ],
)
def test_each_refusal_has_its_reason(tmp_path, person, project, now, edit, reason):
    changes = {edit[0]: FILES[edit[0]].replace(edit[1], edit[2])} if edit else {}
    verdict = user_can_work(policies(tmp_path, **changes), person, project, now)
    assert isinstance(verdict, Refused)
    assert not verdict
    assert verdict.reason is reason
    assert verdict.message.endswith(".")
    with pytest.raises(RefusedError) as caught:
        require(verdict)
    assert caught.value.refused is verdict


def test_the_last_day_of_a_project_still_counts(tmp_path):
    assert user_can_work(policies(tmp_path), "ada", "alpha", datetime(2026, 12, 31, 23, 59, tzinfo=UTC))


def test_stranger_learns_no_more_of_a_real_project_than_of_none(tmp_path):
    found = policies(tmp_path)
    real, none = user_can_work(found, "ada", "beta", NOW), user_can_work(found, "ada", "omega", NOW)
    assert isinstance(real, Refused)
    assert isinstance(none, Refused)
    assert (real.reason, real.message.replace("beta", "omega")) == (none.reason, none.message)


def test_minimum_count_is_the_strictest_of_platform_and_datasets(tmp_path):
    claims = FILES["datasets/claims.yaml"].replace("kind: claims", "kind: claims\nminimum_count: 20")
    found = policies(tmp_path, **{"datasets/claims.yaml": claims})
    assert found.minimum_count("alpha") == 20
    assert found.minimum_count("unknown") == 11


def test_results_are_held_against_other_projects_only_where_the_data_set_says_so(tmp_path):
    found = policies(tmp_path)
    assert found.compared_with("alpha") == ["alpha"]
    assert found.compared_with("unknown") == ["unknown"]
    claims = FILES["datasets/claims.yaml"].replace("kind: claims", "kind: claims\ncompare_projects: true")
    found = policies(tmp_path, **{"datasets/claims.yaml": claims})
    assert found.compared_with("alpha") == ["alpha", "beta"]
    assert found.compared_with("beta") == ["beta", "alpha"]


def test_first_refusal_is_the_first():
    one, two = Refused(Reason.NO_GPU, "one"), Refused(Reason.NO_FILES, "two")
    assert first_refusal(Allowed(), one, two) is one
    assert first_refusal() == Allowed()
