from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from ecluse.store import policy_files
from ecluse.store.policy_files import FILES as KINDS
from ecluse.store.policy_files import MAX_BYTES, PoliciesInvalidError, PolicyFolder, read_policies, schemas
from policies import FILES, policies, write_policies

REPO = Path(__file__).parents[3]


def errors(folder: Path, **changes: str | None) -> list[str]:
    with pytest.raises(PoliciesInvalidError) as caught:
        policies(folder, **changes)
    return [str(p) for p in caught.value.problems]


def changed(path: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[path]
    return {path: FILES[path].replace(old, new)}


def test_valid_policies_are_read(tmp_path):
    found = policies(tmp_path)
    assert found.projects["alpha"].members == {"ada": "lead", "mem": "researcher"}
    assert found.rules.minimum_count == 11
    assert [p.id for p in found.projects_of("ada")] == ["alpha"]


def test_shipped_policies_are_valid():
    assert read_policies(REPO / "policies").projects


def test_every_error_is_listed_at_once_with_file_and_line(tmp_path):
    found = errors(
        tmp_path,
        **changed("rules.yaml", "minimum_count: 11", "minimum_count: 2\nminimum: 3"),
        **changed("projects/alpha.yaml", "columns: [ID, DAY, CODE]", "columns: [ID, DAI, DOCTOR]"),
        **changed("projects/beta.yaml", "ben: lead", "zoe: lead"),
    )
    assert sorted(e.split(": ")[0] for e in found) == [
        "projects/alpha.yaml:12",
        "projects/alpha.yaml:12",
        "projects/beta.yaml:7",
        "rules.yaml:1",
        "rules.yaml:2",
    ]
    assert any("no column 'DAI'" in e for e in found)
    assert any("'DOCTOR' is of role 'professional'" in e for e in found)


@pytest.mark.parametrize(
    ("path", "old", "new", "message"),
    [
        ("rules.yaml", "minimum_count: 11", "minimum_count: 11\nminimum_count: 3", "given twice"),
        ("rules.yaml", "minimum_count: 11", "a: &x 1\nb: *x", "aliases"),
        ("rules.yaml", "minimum_count: 11", "minimum_count: [", "not YAML"),
        ("rules.yaml", "minimum_count: 11\n", "", "empty"),
        ("rules.yaml", "minimum_count: 11", "x: !!python/object/apply:os.system [ls]", "not YAML"),
        ("rules.yaml", "minimum_count: 11", "reviewers: 1", "greater than or equal to 2"),
        ("projects/alpha.yaml", "id: alpha", "id: alpha--b", "single hyphens"),
        ("projects/alpha.yaml", "id: alpha", "id: gamma", "in a file called 'alpha.yaml'"),
        ("projects/alpha.yaml", "expires: 2026-12-31", "expires: 2025-12-31", "before it starts"),
        ("projects/alpha.yaml", "  claims:", "  claimz:", "no dataset 'claimz'"),
        ("projects/alpha.yaml", "ACTS:", "ACT:", "has no table 'ACT'"),
        ("projects/alpha.yaml", "permit:", "workspace: {image: nope}\npermit:", "no image 'nope'"),
        ("projects/alpha.yaml", "permit:", "workspace: {gpus: 1}\npermit:", "not a GPU image"),
        ("datasets/claims.yaml", "controller: con", "controller: ada", "not a person of role 'controller'"),
        ("datasets/claims.yaml", "keys: [ID]", "keys: [IDD]", "no column 'IDD'"),
        ("datasets/claims.yaml", "role: person, kind: nir", "role: person", "needs `kind: NAME`"),
        ("datasets/claims.yaml", "    keys: [ID]", "    keys: [ID]\n    person: NOPE", "no column 'NOPE'"),
        (
            "datasets/claims.yaml",
            "tables:",
            "persons: {table: NOPE, id: ID, canonical: ID, kind: nir}\ntables:",
            "no table 'NOPE'",
        ),
        (
            "datasets/claims.yaml",
            "tables:",
            "persons: {table: ACTS, id: NOPE, canonical: ID, kind: nir}\ntables:",
            "no column 'NOPE' in table 'ACTS'",
        ),
        (
            "datasets/claims.yaml",
            "    keys: [ID]",
            "    keys: [ID]\n    parent: {table: ACTS, by: [ID]}",
            "no table, or its own ancestor",
        ),
        (
            "datasets/claims.yaml",
            "tables:",
            "tables:\n  MORE:\n    parent: {table: ACTS, by: [ID]}\n    columns: {X: {type: string}}",
            "'ID' is not in both tables it joins",
        ),
        (
            "projects/alpha.yaml",
            "    agreed: 2025-12-01",
            "    agreed: 2025-12-01\n    period: {from: 2026-02-01, to: 2026-01-01}",
            "ends (2026-01-01) before it starts",
        ),
    ],
)
def test_each_kind_of_error_is_named(tmp_path, path, old, new, message):
    assert any(message in e for e in errors(tmp_path, **changed(path, old, new)))


def test_a_filter_that_is_none_is_an_error_of_its_file_and_line(tmp_path):
    bad = "columns: [ID, DAY, CODE], rows: \"CODE = (SELECT 'x')\""
    (found,) = errors(tmp_path, **changed("projects/alpha.yaml", "columns: [ID, DAY, CODE]", bad))
    assert found.startswith("projects/alpha.yaml:12: permit.claims.tables.ACTS.rows")


def test_missing_stray_and_unreadable_files_are_errors(tmp_path):
    (tmp_path / "projekts").mkdir()
    (tmp_path / "projekts/x.yaml").write_text("id: x")
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets/latin.yaml").write_bytes(b"title: \xe9\n")
    (tmp_path / "datasets/big.yaml").write_bytes(b"#" * (MAX_BYTES + 1))
    found = errors(tmp_path, **{"people.yaml": None})
    assert any(e.startswith("people.yaml: the file is missing") for e in found)
    assert any("no policy file of this name" in e for e in found)
    assert any("not UTF-8" in e for e in found)
    assert any("at most" in e for e in found)
    assert not any("no person" in e for e in found), "an error that follows from another is not repeated"


def test_a_bad_edit_leaves_the_last_good_policies_in_force(tmp_path):
    folder = PolicyFolder(write_policies(tmp_path))
    (tmp_path / "rules.yaml").write_text("minimum_count: nine\n")
    assert folder.current().rules.minimum_count == 11
    assert "rules.yaml:1" in str(folder.problems[0])
    (tmp_path / "rules.yaml").write_text("minimum_count: 20\n")
    assert folder.current().rules.minimum_count == 20
    assert folder.problems == []


def test_who_asks_while_another_reads_gets_the_new_policies(tmp_path, monkeypatch):
    """The gate and the hub ask from several threads: one of them must not go on with what is over."""
    folder = PolicyFolder(write_policies(tmp_path))
    (tmp_path / "rules.yaml").write_text("minimum_count: 20\n")
    reading, go_on = Event(), Event()

    def slowly(path):
        reading.set()
        go_on.wait(5)
        return read_policies(path)

    monkeypatch.setattr(policy_files, "read_policies", slowly)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(folder.current)
        assert reading.wait(5)
        second = pool.submit(folder.current)
        with pytest.raises(TimeoutError):
            second.result(0.1)
        go_on.set()
        assert [f.result(5).rules.minimum_count for f in (first, second)] == [20, 20]


def test_first_reading_has_to_succeed(tmp_path):
    with pytest.raises(PoliciesInvalidError):
        PolicyFolder(tmp_path)


def test_every_kind_of_file_has_a_schema():
    assert set(schemas()) == set(KINDS)
    assert schemas()["project"]["additionalProperties"] is False
