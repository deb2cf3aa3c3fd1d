"""Policies, people and sources of the smallest enclave in which a workspace starts: one project, one table."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

PROJECT = """\
id: alpha
title: Alpha
purpose: To test.
legal_basis: none
starts: 2026-01-01
expires: 2099-12-31
members: {ada: lead, ben: researcher, cy: researcher}
permit:
  claims:
    tables:
      ACTS: {columns: [CODE]}
workspace: {memory_mib: 1024, cpus: 1}
"""
DATASET = """\
id: claims
title: Claims
kind: claims
agreement_needed: false
producer: Test
tables:
  ACTS:
    columns:
      CODE: {type: string}
"""
PEOPLE = {"ada": ["researcher"], "ben": ["researcher"], "cy": ["researcher"], "rev": ["reviewer"], "aud": ["auditor"]}


def furnish(root: Path, identities: dict[str, dict[str, str]], more: dict[str, str]) -> None:
    """Write the policies below `root`, with `more` of them by path, and the sources."""
    files = {
        "rules.yaml": "minimum_count: 11\n",
        "images.yaml": 'images:\n  workspace: {reference: "ecluse/workspace:0.1"}\n',
        "datasets/claims.yaml": DATASET,
        "projects/alpha.yaml": PROJECT,
        **more,
    }
    for path, text in files.items():
        file = root / "policies" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    write_people(root, identities)
    (root / "sources/claims").mkdir(parents=True)
    pq.write_table(pa.table({"CODE": ["a", "b"]}), root / "sources/claims/ACTS.parquet")


def write_people(root: Path, identities: dict[str, dict[str, str]]) -> None:
    """Write who there is, and who at the provider each of them is."""
    people: dict[str, dict[str, object]] = {}
    for person, roles in PEOPLE.items():
        people[person] = {"name": person, "roles": roles, "trained_until": "2099-12-31", "terms_accepted": "2026-01-01"}
        if person in identities:
            people[person]["identity"] = identities[person]
    text = yaml.safe_dump({"people": people}).replace("'", "")  # dates, not texts
    temporary = root / "people.new"
    temporary.write_text(text)
    temporary.replace(root / "policies/people.yaml")
