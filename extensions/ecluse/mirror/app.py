"""Starts mirror or fetcher: `python -m ecluse.mirror.app serve|fetch`. The one module here that knows the store."""

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta

from ecluse.rules.settings import SettingsError
from ecluse.store.clock import utc_now
from ecluse.store.package_files import PackageFolder
from ecluse.tls import answering

from .answers import Mirror
from .asked import Requests, Wanted
from .cache import Cache
from .fetch import Fetcher
from .places import Places
from .settings import MirrorSettings, read_settings
from .upstream import HttpUpstream
from .wire import MirrorServer

log = logging.getLogger(__name__)


def open_mirror(settings: MirrorSettings, host: str = "0.0.0.0") -> MirrorServer:  # noqa: S104 - every project's network
    """The door, listening; `serve_forever` then answers.

    Raises:
        PoliciesInvalidError: the list of packages is not valid: without a valid list nothing is served.
    """
    packages, cache = PackageFolder(settings.policies), Cache(settings.cache)
    wanted = Wanted(settings.wanted, cache, settings.packages_patience)
    wanted.clear()
    requests = Requests(settings.requests, utc_now)
    mirror = Mirror(packages.current, cache, Places(settings.places), requests, wanted)
    return MirrorServer((host, settings.port), mirror, answering(settings.papers, anyone=True))


def open_fetcher(settings: MirrorSettings) -> Fetcher:
    """The fetcher; `run` then fetches.

    Raises:
        PoliciesInvalidError: as above.
        SettingsError: no upstream is set.
    """
    if settings.packages_upstream is None:
        raise SettingsError("ECLUSE_PACKAGES_UPSTREAM: not set; without an upstream no fetcher is needed")
    packages, cache = PackageFolder(settings.policies), Cache(settings.cache)
    cache.prepare()
    every = timedelta(minutes=settings.packages_minutes)
    return Fetcher(packages.current, cache, settings.wanted, HttpUpstream(settings), utc_now, every)


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> None:
    """Command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = read_settings(environment)
    match list(arguments):
        case ["serve"]:
            with open_mirror(settings) as server:
                log.info("the mirror answers on port %s", settings.port)
                server.serve_forever()
        case ["fetch"]:
            fetcher = open_fetcher(settings)
            log.info("the fetcher asks its upstream")
            fetcher.run()
        case _:
            raise SystemExit("usage: python -m ecluse.mirror.app serve|fetch")


if __name__ == "__main__":
    main(sys.argv[1:])
