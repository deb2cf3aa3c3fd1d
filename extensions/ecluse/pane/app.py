"""Starts the pane of one sealed session: `python -m ecluse.pane.app`, in a container that the gate has planned."""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_unix_socket

from ecluse.rules.papers import PAPERS, TRUSTED
from ecluse.rules.workspace import PORT, SOCKETS
from ecluse.tls import answering

from .doors import Doors
from .relay import LARGEST, relay
from .web import Pane, application

NOVNC = Path("/opt/novnc")
GONE_SECONDS = 8
"""What was there and is gone for so long has ended: the session is over."""

log = logging.getLogger(__name__)


async def serve(environment: Mapping[str, str], sockets: Path = Path(SOCKETS), papers: Path = Path(PAPERS)) -> None:
    """Until the workspace inside has ended."""
    prefix, screen = environment["JUPYTERHUB_SERVICE_PREFIX"], sockets / "screen.sock"
    pane = Pane(
        doors=Doors(HubOAuth(), environment["ECLUSE_PERSON"], environment["ECLUSE_PROJECT"]),
        prefix=prefix,
        socket=screen,
        person=environment["ECLUSE_PERSON"],
        project=environment["ECLUSE_PROJECT"],
        paste=environment.get("ECLUSE_PASTE") == "1",
        secure=urlsplit(environment.get("JUPYTERHUB_PUBLIC_URL", "")).scheme == "https",
        clock=lambda: datetime.now(UTC),
    )
    context = answering(papers, anyone=False)
    HTTPServer(application(pane, NOVNC), ssl_options=context, max_body_size=1024 * 1024).listen(PORT)
    calls = HTTPServer(
        relay(environment["ECLUSE_AIRLOCK_URL"], environment["JUPYTERHUB_API_TOKEN"], papers / TRUSTED),
        max_body_size=LARGEST,
    )
    calls.add_socket(bind_unix_socket(str(sockets / "airlock.sock"), mode=0o660))
    await inside_has_ended(screen)


async def inside_has_ended(screen: Path) -> None:
    """Wait until the X server was there, and is there no longer."""
    seen, gone = False, 0
    while gone < GONE_SECONDS:
        try:
            _, writer = await asyncio.open_unix_connection(str(screen))
            writer.close()
            seen, gone = True, 0
        except OSError:
            gone += seen
        await asyncio.sleep(1)


def main() -> None:
    """Command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    asyncio.run(serve(os.environ))
    log.info("the workspace inside has ended")
    sys.exit(0)


if __name__ == "__main__":
    main()
