"""Who may call what on the hub: one role per person, made from the policies.

JupyterHub's stock role `user` holds `self`: every server name, and tokens of one's own that reach all of them. Here
`user` is empty, and a person's role names exactly the servers of their projects. Everything else answers 404, and
minting a token 403. Nobody holds `admin`: who runs the platform opens no workspace.
"""

from typing import Any, TypedDict

from ecluse.rules.policy import Policies

AIRLOCK = "airlock"
AIRLOCK_SCOPE = f"access:services!service={AIRLOCK}"
SERVER_SCOPES = ("servers", "access:servers")
"""`servers` is start, stop and read: the page that starts a server asks for it whole."""


class RoleSpec(TypedDict):
    """A role as JupyterHub's `load_roles` takes it."""

    name: str
    description: str
    scopes: list[str]


def role_name(person: str) -> str:
    """Name of the person's own role."""
    return f"person-{person}"


def role_of(policies: Policies, person: str) -> RoleSpec:
    """The person's role.

    Every member of a project keeps the scopes of its server also while the project is paused or the training has
    lapsed: the start then fails with the reason. A person who is no member gets a 404.
    """
    scopes = ["read:users:name!user", "read:users:groups!user", "users:activity!user", AIRLOCK_SCOPE]
    for project in policies.projects_of(person):
        server = f"!server={person}/{project.id}"
        scopes += [scope + server for scope in SERVER_SCOPES]
    return RoleSpec(name=role_name(person), description=f"What {person} may do", scopes=scopes)


def stock_roles() -> list[dict[str, Any]]:
    """Stock roles redefined, and the airlock's own."""
    return [
        {"name": "user", "description": "Nothing: see the role of each person", "scopes": ["read:users:name!user"]},
        {
            "name": "airlock",
            "description": "Names of the people who call it",
            "scopes": ["read:users:name"],
            "services": [AIRLOCK],
        },
    ]


def airlock_service(url: str, token: str, public: str) -> dict[str, Any]:
    """The airlock as a service that runs in its own container."""
    return {
        "name": AIRLOCK,
        "url": url,
        "api_token": token,
        "oauth_no_confirm": True,
        "oauth_redirect_uri": f"{public.rstrip('/')}/services/{AIRLOCK}/oauth_callback",
        "oauth_client_allowed_scopes": [AIRLOCK_SCOPE],
        "display": False,
        # The hub waits that long for it at its own start; both come up at once, neither needs the other.
        "timeout": 2,
    }
