"""The hub itself: JupyterHub with TLS from files that were made for it. `python -m ecluse.hub.app -f CONFIG` runs it.

JupyterHub's own `internal_ssl` has the hub make an authority and sign for everybody: whoever takes over the hub could
then pose as anything. Here the hub has one key and one certificate, and can sign nothing. docs/decisions/0020
"""

from pathlib import Path
from typing import Any

from jupyterhub.app import JupyterHub
from jupyterhub.httpclient import JupyterHubHTTPClient
from traitlets import Unicode

from ecluse.rules.papers import CERTIFICATE, KEY, TRUSTED
from ecluse.tls import asking


class EcluseHub(JupyterHub):  # type: ignore[misc]  # jupyterhub has no types
    """JupyterHub, whose `internal_ssl` reads files instead of making them."""

    papers = Unicode(help="folder with inside.key, inside.crt and trusted.pem").tag(config=True)

    def init_internal_ssl(self) -> None:
        """What the stock way sets, without its authority."""
        if not self.internal_ssl:
            super().init_internal_ssl()
            return
        folder = Path(self.papers)
        self.internal_ssl_key, self.internal_ssl_cert, self.internal_ssl_ca = (
            str(folder / name) for name in (KEY, CERTIFICATE, TRUSTED)
        )
        if JupyterHubHTTPClient.initialized():
            JupyterHubHTTPClient.clear_instance()
        JupyterHubHTTPClient.instance(parent=self, _internal_connector_options={"ssl": asking(folder)})

    async def start_service(self, service_name: str, service: Any, ssl_context: Any = None) -> bool:  # noqa: ARG002 - see below
        """Wait for a service. JupyterHub 6.1 hands over the context of its own server, which can't make calls."""
        return bool(await super().start_service(service_name, service))


main = EcluseHub.launch_instance

if __name__ == "__main__":
    main()
