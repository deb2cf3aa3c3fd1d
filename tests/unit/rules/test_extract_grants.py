from pathlib import Path

import pytest

from ecluse.rules.dataset import Dataset
from ecluse.rules.extract import PlanError, grant_problems, plan_extract
from ecluse.rules.extract_words import describe
from ecluse.rules.policy import Policies
from policies import policies


def granted(tmp_path: Path, extra: dict[str, object]) -> tuple[Policies, list[str]]:
    found = policies(tmp_path)
    project = found.projects["alpha"]
    grant = type(project.permit["claims"]).model_validate(
        project.permit["claims"].model_dump(mode="json", by_alias=True) | extra
    )
    project = project.model_copy(update={"permit": {"claims": grant}})
    found.projects["alpha"] = project
    return found, [str(p) for p in grant_problems(project, found.datasets)]


@pytest.mark.parametrize(
    ("cohort", "message"),
    [
        ("CODE = 'J01'", "a cohort starts with TABLE WHERE"),
        ("NOPE WHERE CODE = 'J01'", "no table 'NOPE'"),
        ("ACTS WHERE CODE =", "permit.claims.cohort"),
    ],
)
def test_a_cohort_that_is_none_is_a_problem_and_stops_the_plan(tmp_path, cohort, message):
    found, said = granted(tmp_path, {"cohort": cohort})
    assert len(said) == 1
    assert message in said[0]
    with pytest.raises(PlanError) as caught:
        plan_extract(found, "alpha")
    assert [str(p) for p in caught.value.problems] == said


def test_a_professional_is_never_granted(tmp_path):
    _, said = granted(tmp_path, {"tables": {"ACTS": {"columns": ["ID", "DOCTOR"]}}})
    assert len(said) == 1
    assert "'DOCTOR' is of role 'professional' and is never granted" in said[0]


def test_a_dataset_that_is_not_there_is_left_to_the_policies(tmp_path):
    found, _ = granted(tmp_path, {})
    nothing: dict[str, Dataset] = {}
    assert list(grant_problems(found.projects["alpha"], nothing)) == []


@pytest.mark.parametrize(
    ("geography", "problems"),
    [("commune", 0), ("department", 0), ("region", 0), ("none", 1)],
)
def test_a_postcode_is_coarsened_to_what_is_granted_or_refused(tmp_path, geography, problems):
    found, _ = granted(tmp_path, {"geography": geography})
    claims = found.datasets["claims"].model_dump(mode="json")
    claims["tables"]["ACTS"]["columns"]["CODE"]["place"] = "postcode"
    datasets = {"claims": Dataset.model_validate(claims)}
    said = [str(p) for p in grant_problems(found.projects["alpha"], datasets)]
    assert len(said) == problems
    assert all(f"tells a postcode; the permit grants {geography}" in s for s in said)


def test_a_filter_that_is_none_is_a_problem_at_its_place(tmp_path):
    _, said = granted(tmp_path, {"tables": {"ACTS": {"columns": ["CODE"], "rows": "NOPE = 1"}}})
    assert len(said) == 1
    assert "permit.claims.tables.ACTS.rows" in said[0]


def test_a_cohort_is_read_with_the_parents_of_its_table_and_told_in_words(tmp_path):
    found, _ = granted(tmp_path, {"cohort": "LINES WHERE DOSE > 2"})
    claims = found.datasets["claims"].model_dump(mode="json")
    claims["tables"]["PACKS"] = {
        "columns": {"ID": {"type": "string", "role": "person", "kind": "nir"}, "KEY": {"type": "string"}}
    }
    claims["tables"]["LINES"] = {
        "columns": {"KEY": {"type": "string"}, "DOSE": {"type": "number"}},
        "parent": {"table": "PACKS", "by": ["KEY"]},
    }
    found.datasets["claims"] = Dataset.model_validate(claims)
    assert list(grant_problems(found.projects["alpha"], found.datasets)) == []
    plan = plan_extract(found, "alpha")
    [dataset] = plan.datasets
    assert (set(dataset.tables), set(dataset.support)) == ({"ACTS"}, {"LINES", "PACKS"})
    assert any("only persons with a row of LINES where" in line for line in describe(plan))


def test_a_table_that_is_not_there_is_left_to_the_policies(tmp_path):
    _, said = granted(tmp_path, {"tables": {"NOPE": {"columns": ["ID"], "rows": "x = 1"}}})
    assert said == []
