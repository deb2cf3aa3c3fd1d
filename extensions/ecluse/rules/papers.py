"""How a service or a workspace proves itself to the others: three files in a folder, and a name.

Decides what the files are called, where a workspace finds them, and by which name it is reached. Worked example: the
container `4f1d2c3b4a59…` on the network `ecluse-project-alpha` is `4f1d2c3b4a59.ecluse-project-alpha`, its certificate
is for that name and no other, and it lies in the container as `/run/ecluse/inside.crt`.
"""

PAPERS = "/run/ecluse"
"""Where a container that the proxy leads to finds its files."""
KEY, CERTIFICATE, TRUSTED = "inside.key", "inside.crt", "trusted.pem"
"""The key, its certificate, and the authorities whose certificates are believed."""

ENVIRONMENT = {
    "JUPYTERHUB_SSL_KEYFILE": f"{PAPERS}/{KEY}",
    "JUPYTERHUB_SSL_CERTFILE": f"{PAPERS}/{CERTIFICATE}",
    "JUPYTERHUB_SSL_CLIENT_CA": f"{PAPERS}/{TRUSTED}",
}
"""What JupyterHub's server reads its own TLS from: it answers to nobody who shows no certificate of a service."""


def papers_folder(host_root: str, container: str) -> str:
    """The folder of the machine that holds a container's files; the gate writes it."""
    return f"{host_root.rstrip('/')}/papers/{container}"


def host_of(identity: str, network: str) -> str:
    """The name that a container is reached by, and that its certificate is for: the engine resolves it on the network.

    Not the container's own name, which can be longer than a label of DNS may be. The network's name behind it keeps an
    id of digits alone from being read as an address.
    """
    return f"{identity[:12]}.{network}"
