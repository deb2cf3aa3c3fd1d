"""A linkage that could not be carried out, and a permit that may not have its links, are errors with their place."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecluse.rules.extract import PlanError, plan_extract
from ecluse.rules.extract_words import describe
from ecluse.store.policy_files import PoliciesInvalidError, read_policies
from policies import FILES, write_policies

REGISTRY = """\
id: registry
title: Registry
kind: register
controller: con
producer: Test
tables:
  DEVICES:
    columns:
      DEVICE: {type: string, role: person, kind: implant}
      ID: {type: integer, kind: act}
      FITTED: {type: date, role: event-date}
      AGE: {type: integer, role: quasi}
      SERIAL: {type: string, role: direct}
  PLACES:
    columns:
      DEVICE: {type: string, role: person, kind: implant}
      TOWN: {type: string}
"""
LINKAGE: dict[str, Any] = {
    "id": "pair",
    "title": "Devices and acts",
    "left": {
        "dataset": "registry", "table": "DEVICES", "id": ["DEVICE"], "rows": "AGE >= 18",
        "join": [{"table": "PLACES", "by": ["DEVICE"], "rows": "TOWN <> 'x'"}],
        "derive": {"BORN": {"year": "FITTED", "less": "AGE"}},
    },
    "right": {"dataset": "claims", "table": "ACTS", "id": ["ID"]},
    "compare": [{"left": "FITTED", "right": "DAY", "as": "date"}, {"left": "BORN", "right": "CODE", "as": "text"}],
    "groups": [{"column": "TOWN"}],
}  # fmt: skip
ALPHA = (
    FILES["projects/alpha.yaml"]
    + """\
  registry:
    agreed: 2025-12-01
    tables:
      DEVICES: {columns: [DEVICE, FITTED]}
links:
  pair: {reason: To follow devices.}
"""
)


def folder(tmp_path: Path, linkage: dict[str, Any] = LINKAGE, alpha: str = ALPHA, **files: str) -> Path:
    changes = {
        "datasets/registry.yaml": REGISTRY,
        "linkages/pair.yaml": json.dumps(linkage),
        "projects/alpha.yaml": alpha,
        **files,
    }
    return write_policies(tmp_path, **changes)


def said(path: Path) -> list[str]:
    with pytest.raises(PoliciesInvalidError) as caught:
        read_policies(path)
    return [str(p) for p in caught.value.problems]


def test_a_permit_gets_the_ids_of_both_sides_and_no_column_more(tmp_path):
    (link,) = plan_extract(read_policies(folder(tmp_path)), "alpha").links
    assert [(c.name, c.kind, c.person) for c in link.left.columns] == [("DEVICE", "implant", True)]
    assert [(c.name, c.kind, c.person) for c in link.right.columns] == [("ID", "nir", True)]
    assert plan_extract(read_policies(tmp_path), "beta").links == ()


def test_ids_of_one_name_are_told_apart(tmp_path):
    same = {**LINKAGE, "left": {**LINKAGE["left"], "id": ["ID"]}}
    alpha = ALPHA.replace("[DEVICE, FITTED]", "[ID]")
    (link,) = plan_extract(read_policies(folder(tmp_path, same, alpha)), "alpha").links
    assert [c.name for c in (*link.left.columns, *link.right.columns)] == ["LEFT_ID", "RIGHT_ID"]


def test_the_plan_says_the_linkage_in_words(tmp_path):
    words = "\n".join(describe(plan_extract(read_policies(folder(tmp_path)), "alpha")))
    assert "pair: links of registry, DEVICES: DEVICE (as pseudonym) with claims, ACTS: ID (as pseudonym)" in words
    assert "Why: To follow devices." in words
    assert "comparing FITTED with DAY, BORN with CODE" in words


def changed(**parts: Any) -> dict[str, Any]:
    return {**LINKAGE, **parts}


def side(key: str, **parts: Any) -> dict[str, Any]:
    return {**LINKAGE, key: {**LINKAGE[key], **parts}}


@pytest.mark.parametrize(
    ("linkage", "message"),
    [
        (side("left", dataset="nope"), "no dataset 'nope'"),
        (side("left", table="NOPE"), "has no table 'NOPE'"),
        (side("left", id=["NOPE"]), "column 'NOPE' is not in the table"),
        (side("left", id=["SERIAL"]), "'SERIAL' is of role 'direct' and is never granted"),
        (side("left", rows="AGE >= (SELECT 1)"), "left.rows"),
        (side("left", join=[{"table": "NOPE", "by": ["DEVICE"]}]), "has no table 'NOPE'"),
        (side("left", join=[{"table": "PLACES", "by": ["AGE"]}]), "'AGE' is not in both tables"),
        (side("left", join=[{"table": "PLACES", "by": ["DEVICE"], "rows": "read_csv('x')"}]), "left.join.0.rows"),
        (side("left", derive={"BORN": {"year": "FITTED", "less": "NOPE"}}), "no column 'NOPE' in the tables"),
        (changed(compare=[{"left": "FITTED", "right": "NOPE", "as": "date"}]), "the right side has no column 'NOPE'"),
        (changed(groups=[{"column": "NOPE"}]), "the left side has no column 'NOPE'"),
        (changed(right=LINKAGE["left"]), "a linkage joins two datasets"),
        (changed(compare=[{"left": "FITTED", "right": "DAY", "as": "soundex"}]), "compare.0.as"),
    ],
)
def test_each_error_of_a_linkage_is_told_with_its_place(tmp_path, linkage, message):
    found = said(folder(tmp_path, linkage))
    assert any(message in line and "linkages/pair.yaml" in line for line in found), found


@pytest.mark.parametrize(
    ("alpha", "message"),
    [
        (ALPHA.replace("pair:", "pear:"), "no linkage 'pear' in linkages/ → one of: pair"),
        (ALPHA.replace("DEVICE, FITTED", "FITTED"), "does not grant what is linked (registry, DEVICES: DEVICE)"),
        (ALPHA.replace("[ID, DAY, CODE]", "[DAY]"), "does not grant what is linked (claims, ACTS: ID)"),
        (FILES["projects/alpha.yaml"] + "links: {pair: {reason: r}}\n", "(registry, DEVICES: DEVICE)"),
        (ALPHA.replace("DEVICES:", "PLACES:").replace("FITTED", "TOWN"), "(registry, DEVICES: DEVICE)"),
    ],
)
def test_links_between_what_is_not_granted_are_refused(tmp_path, alpha, message):
    path = folder(tmp_path, alpha=alpha)
    assert any(message in line for line in said(path))


def test_a_plan_with_such_links_is_refused_too(tmp_path):
    policies = read_policies(folder(tmp_path))
    policies.linkages.clear()
    with pytest.raises(PlanError, match=r"no linkage 'pair' in linkages/ → one of: none yet"):
        plan_extract(policies, "alpha")


def test_a_linkage_may_not_be_called_like_a_dataset(tmp_path):
    path = folder(tmp_path, **{"linkages/claims.yaml": yaml.safe_dump({**LINKAGE, "id": "claims"})})
    assert any("'claims' is a dataset" in line for line in said(path))


def test_one_of_several_numbers_of_a_person_is_no_id(tmp_path):
    persons = """\
persons: {table: WHO, id: ID, canonical: ONE, kind: nir}
tables:
  WHO:
    columns:
      ID: {type: string, role: person, kind: nir}
      ONE: {type: string, role: person, kind: nir, through: ONE}
"""
    claims = FILES["datasets/claims.yaml"].replace("tables:\n", persons)
    path = folder(tmp_path, **{"datasets/claims.yaml": claims})
    assert any("use one through 'ONE', or a record's id" in line for line in said(path))
    whole = side("right", table="WHO", id=["ONE"])
    whole["compare"] = [{"left": "FITTED", "right": "ID", "as": "date"}]
    alpha = ALPHA.replace("ACTS: {columns: [ID, DAY, CODE]}", "WHO: {columns: [ONE]}")
    folder(tmp_path, whole, alpha, **{"datasets/claims.yaml": claims})
    assert plan_extract(read_policies(tmp_path), "alpha").links[0].right.columns[0].name == "ONE"


def test_a_linkage_that_is_broken_makes_no_second_error(tmp_path):
    path = folder(tmp_path, {**LINKAGE, "target_precision": 2})
    assert len(said(path)) == 1


def test_comparisons_are_those_of_the_linker():
    from ecluse.data.link.spec import Kind
    from ecluse.rules.linkage import Comparison

    assert [c.value for c in Comparison] == [k.value for k in Kind]
