"""Who and what the attempts meet: the same people, projects and extracts in the enclave and in every twin."""

from integration.hub.stack import DATASET, WORKSPACE_IMAGE, project

_PERSON = "  {id}: {{name: {name}, roles: [{roles}], trained_until: {until}, terms_accepted: 2026-01-01}}\n"
ROLES = {
    "ada": "researcher",
    "ben": "researcher",
    "cy": "researcher",
    "mem": "researcher, reviewer",
    "rev": "reviewer",
    "ria": "reviewer",
    "rob": "reviewer",
    "rex": "reviewer",
    "con": "controller",
    "man": "data-manager",
    "adm": "administrator",
    "aud": "auditor",
    **dict.fromkeys(("sam", "sim", "som", "sum", "tam", "tem", "tim", "tom"), "researcher"),
}
"""Ada leads alpha, Ben beta; Cy is in both; Mem is in alpha and a reviewer; the training of Rex has lapsed.

Those of the last line are for guesses at the door, which lock a name; those with an S have a second factor.
"""
FACTORS = ("sam", "sim", "som", "sum")

PEOPLE = tuple(ROLES)


def policy_files() -> dict[str, str]:
    """The text of each policy file, by path."""
    lapsed = {"rex": "2026-01-31"}
    people = (
        _PERSON.format(id=p, name=p.title(), roles=r, until=lapsed.get(p, "2099-12-31")) for p, r in ROLES.items()
    )
    old = project("old", "{ada: lead}").replace("expires: 2099-12-31", "expires: 2026-01-31")
    return {
        "people.yaml": "people:\n" + "".join(people),
        "images.yaml": f'images:\n  workspace: {{reference: "{WORKSPACE_IMAGE}"}}\n',
        "rules.yaml": "minimum_count: 11\n",
        "datasets/claims.yaml": DATASET.format(id="claims", title="Claims") + "controller: con\n",
        "datasets/stays.yaml": DATASET.format(id="stays", title="Hospital stays") + "controller: con\n",
        "projects/alpha.yaml": project("alpha", "{ada: lead, cy: researcher, mem: researcher}"),
        "projects/beta.yaml": project("beta", "{ben: lead, cy: researcher}", dataset="stays"),
        "projects/guarded.yaml": project("guarded", "{cy: lead, ben: researcher}", tier="sensitive"),
        "projects/old.yaml": old,
    }


EXTRACTS = {"alpha": "claims", "beta": "stays", "guarded": "claims", "old": "claims"}
"""The data set of each project."""


def rows_of(of: str) -> str:
    """What stands in the extract of a project: nobody else may ever see it."""
    return f"CODE\nrows-of-{of}\n"
