"""The one index that the fetcher asks: by the names of the list and by the addresses that it gave itself.

A call is `GET`, without parameters or anything that a caller of the mirror said; redirections are not followed.
"""

import ssl
from collections.abc import Iterator
from http.cookiejar import Cookie, CookieJar
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from ecluse.rules.packages import Listed

from .cache import Failure, NotFetchedError
from .settings import MirrorSettings
from .simple import ACCEPT, UnreadableError, read_index

SECONDS = 30
MAX_INDEX = 64 * 1024**2
MAX_FILE = 4 * 1024**3
PIECE = 256 * 1024
NOT_FOUND = 404


class Upstream(Protocol):
    """What the fetcher needs of an index."""

    def index(self, name: str) -> tuple[Listed, ...] | None:
        """The wheels of a package, or None if there is no such package.

        Raises:
            NotFetchedError: no answer, or none that can be read.
        """

    def pieces(self, url: str) -> Iterator[bytes]:
        """The bytes of a file.

        Raises:
            NotFetchedError: no answer, or too long a one.
        """


class HttpUpstream:
    """An index over HTTP. `transport` is for tests."""

    def __init__(self, settings: MirrorSettings, transport: httpx.BaseTransport | None = None) -> None:
        if settings.packages_upstream is None:
            raise ValueError("no upstream is set")
        self._base = settings.packages_upstream.rstrip("/") + "/"
        authority, login = settings.secrets / "ca.pem", settings.secrets / "login"
        trusted = ssl.create_default_context(cafile=str(authority)) if authority.exists() else True
        self._login = _login(login) if login.exists() else None
        self._http = httpx.Client(
            follow_redirects=False,
            trust_env=False,
            verify=trusted,
            proxy=settings.packages_proxy,
            transport=transport,
            cookies=_NoCookies(),
            timeout=SECONDS,
            headers={"User-Agent": "ecluse-mirror", "Accept-Encoding": "identity"},
        )

    def index(self, name: str) -> tuple[Listed, ...] | None:
        """The wheels of a package; see `Upstream`."""
        url = f"{self._base}{name}/"
        try:
            with self._http.stream("GET", url, headers={"Accept": ACCEPT}, auth=self._auth(url)) as answer:
                if answer.status_code == NOT_FOUND:
                    return None
                _require(answer)
                body = b"".join(_bounded(answer, MAX_INDEX))
                return read_index(answer.headers.get("content-type", ""), body, url)
        except (httpx.HTTPError, httpx.InvalidURL, UnreadableError) as error:
            raise NotFetchedError(Failure.UPSTREAM, f"the index of {name}: {error}") from None

    def pieces(self, url: str) -> Iterator[bytes]:
        """The bytes of a file; see `Upstream`."""
        try:
            with self._http.stream("GET", url, headers={"Accept": "*/*"}, auth=self._auth(url)) as answer:
                _require(answer)
                yield from _bounded(answer, MAX_FILE)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotFetchedError(Failure.UPSTREAM, f"{url}: {error}") from None

    def _auth(self, url: str) -> tuple[str, str] | None:
        """The login goes to the upstream itself, and to no other host that its index names."""
        asked, own = urlsplit(url), urlsplit(self._base)
        return self._login if (asked.scheme, asked.netloc) == (own.scheme, own.netloc) else None


def _login(file: Path) -> tuple[str, str]:
    name, _, password = file.read_text().strip().partition(":")
    return name, password


class _NoCookies(CookieJar):
    """An upstream is not helped to tell one call from another."""

    def set_cookie(self, cookie: Cookie) -> None:
        """Keep none."""


def _require(answer: httpx.Response) -> None:
    if not answer.is_success:
        raise NotFetchedError(Failure.UPSTREAM, f"{answer.request.url} answers {answer.status_code}")


def _bounded(answer: httpx.Response, most: int) -> Iterator[bytes]:
    size = 0
    for piece in answer.iter_bytes(PIECE):
        size += len(piece)
        if size > most:
            raise NotFetchedError(Failure.UPSTREAM, f"{answer.request.url} is longer than {most} bytes")
        yield piece
