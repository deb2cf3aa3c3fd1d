"""Small valid policies for tests: one file per kind, as text that a test can spoil."""

from pathlib import Path

from ecluse.rules.policy import Policies
from ecluse.store.policy_files import read_policies

FILES = {
    "people.yaml": """\
people:
  ada: {name: Ada, roles: [researcher], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  ben: {name: Ben, roles: [researcher], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  rev: {name: Rev, roles: [reviewer], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  ria: {name: Ria, roles: [reviewer], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  rob: {name: Rob, roles: [reviewer], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  mem: {name: Mem, roles: [researcher, reviewer], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
  con: {name: Con, roles: [controller], trained_until: 2027-12-31, terms_accepted: 2026-01-01}
""",
    "images.yaml": """\
images:
  workspace: {reference: "ecluse/workspace:0.1"}
  gpu: {reference: "ecluse/gpu:0.1", gpu: true}
""",
    "rules.yaml": "minimum_count: 11\n",
    "datasets/claims.yaml": """\
id: claims
title: Claims
kind: claims
controller: con
producer: Test
tables:
  ACTS:
    keys: [ID]
    care_date: DAY
    columns:
      ID: {type: string, role: person, kind: nir}
      DAY: {type: date, role: event-date}
      CODE: {type: string}
      DOCTOR: {type: string, role: professional, kind: rpps}
""",
    "projects/alpha.yaml": """\
id: alpha
title: Alpha
purpose: To test.
legal_basis: none
starts: 2026-01-01
expires: 2026-12-31
members: {ada: lead, mem: researcher}
permit:
  claims:
    agreed: 2025-12-01
    tables:
      ACTS: {columns: [ID, DAY, CODE]}
""",
    "projects/beta.yaml": """\
id: beta
title: Beta
purpose: To test.
legal_basis: none
starts: 2026-01-01
expires: 2026-12-31
members: {ben: lead}
permit:
  claims:
    agreed: 2025-12-01
    tables:
      ACTS: {columns: [CODE]}
""",
}


SEALED = {
    "images.yaml": FILES["images.yaml"]
    + '  sealed: {reference: "ecluse/sealed:0.1", use: sealed}\n  pane: {reference: "ecluse/pane:0.1", use: pane}\n',
    "projects/alpha.yaml": FILES["projects/alpha.yaml"] + "tier: sealed\nworkspace: {image: sealed}\n",
}
"""Changes under which `alpha` is a sealed project."""


def write_policies(folder: Path, **changes: str | None) -> Path:
    """Write the files below `folder`; `changes` replaces a file's text by path, or leaves it out with None."""
    for path, text in {**FILES, **changes}.items():
        if text is not None:
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return folder


def policies(folder: Path, **changes: str | None) -> Policies:
    """The policies read from such a folder."""
    return read_policies(write_policies(folder, **changes))
