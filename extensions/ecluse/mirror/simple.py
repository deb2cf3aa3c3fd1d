"""The simple API of Python packages: PEP 503 (HTML), 691 (JSON), 658 and 714 (metadata); read, and written for pip.

An entry that is not wholly understood is left out: only wheels, only with a SHA-256, only with a plain address.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from pydantic import ValidationError

from ecluse.rules.packages import Listed

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "application/vnd.pypi.simple.v1+html"
ACCEPT = f"{JSON}, {HTML};q=0.2, text/html;q=0.1"


class UnreadableError(Exception):
    """The upstream's answer is no index."""


# -- reading ---------------------------------------------------------------------------------------------------------


def read_index(kind: str, body: bytes, base: str) -> tuple[Listed, ...]:
    """The wheels of an upstream's page.

    Args:
        kind: its content type.
        body: its bytes.
        base: its address, which the addresses in it are relative to.

    Raises:
        UnreadableError: it is no index.
    """
    media = kind.partition(";")[0].strip().lower()
    if media not in (JSON, HTML, "text/html", "application/json"):
        raise UnreadableError(f"an index can't be of type '{media[:60]}'")
    entries = _from_json(body) if media.endswith("json") else _from_html(body)
    return tuple(found for entry in entries if (found := _listed(entry, base)) is not None)


def _from_json(body: bytes) -> Iterator[Mapping[str, Any]]:
    try:
        value = json.loads(body)
        if not str(value["meta"]["api-version"]).startswith("1."):
            raise UnreadableError("an index of another version than 1")
        files = value["files"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UnreadableError("the index is not JSON as PEP 691 has it") from None
    for file in files if isinstance(files, list) else ():
        if not isinstance(file, dict):
            continue
        hashes = file.get("hashes")
        metadata = file.get("core-metadata", file.get("dist-info-metadata"))
        yield {
            "filename": file.get("filename"),
            "url": file.get("url"),
            "sha256": hashes.get("sha256") if isinstance(hashes, dict) else None,
            "size": file.get("size"),
            "requires_python": file.get("requires-python"),
            "yanked": file.get("yanked", False),
            "metadata": metadata.get("sha256") if isinstance(metadata, dict) else None,
        }


class _Links(HTMLParser):
    """The links of a page (PEP 503)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what a link says."""
        if tag == "a":
            self.found.append(dict(attrs))


def _from_html(body: bytes) -> Iterator[Mapping[str, Any]]:
    links = _Links()
    links.feed(body.decode("utf-8", "replace"))
    for link in links.found:
        url, _, fragment = (link.get("href") or "").partition("#")
        algorithm, _, digest = fragment.partition("=")
        metadata = link.get("data-core-metadata", link.get("data-dist-info-metadata")) or ""
        yield {
            "filename": unquote(url.rpartition("/")[2]),
            "url": url,
            "sha256": digest if algorithm == "sha256" else None,
            "requires_python": link.get("data-requires-python"),
            "yanked": (link["data-yanked"] or True) if "data-yanked" in link else False,
            "metadata": metadata.removeprefix("sha256=") if metadata.startswith("sha256=") else None,
        }


def _listed(entry: Mapping[str, Any], base: str) -> Listed | None:
    url = entry["url"]
    if not isinstance(url, str):
        return None
    try:
        found = Listed.model_validate({**entry, "url": urljoin(base, url.partition("#")[0])}, strict=True)
    except (ValidationError, ValueError):
        return None
    # What comes over TLS leads to nothing in clear.
    return found if urlsplit(found.url).scheme == "https" or urlsplit(base).scheme == "http" else None


# -- writing ---------------------------------------------------------------------------------------------------------


def wants_json(accept: str) -> bool:
    """Whether a caller takes JSON; one that says nothing gets HTML."""
    return JSON in accept


def page(name: str, files: Iterable[Listed], address: Callable[[Listed], str], *, as_json: bool) -> bytes:
    """The page of a package. `address` says where the mirror has a file."""
    return _json_page(name, files, address) if as_json else _html_page(name, files, address)


def _json_page(name: str, files: Iterable[Listed], address: Callable[[Listed], str]) -> bytes:
    entries = [
        {
            "filename": f.filename,
            "url": address(f),
            "hashes": {"sha256": f.sha256},
            **({"size": f.size} if f.size is not None else {}),
            **({"requires-python": f.requires_python} if f.requires_python else {}),
            "yanked": f.yanked,
            "core-metadata": {"sha256": f.metadata} if f.metadata else False,
        }
        for f in files
    ]
    return json.dumps({"meta": {"api-version": "1.0"}, "name": name, "files": entries}).encode()


def _html_page(name: str, files: Iterable[Listed], address: Callable[[Listed], str]) -> bytes:
    links = []
    for f in files:
        more = f' data-requires-python="{escape(f.requires_python)}"' if f.requires_python else ""
        more += f' data-yanked="{escape(f.yanked if isinstance(f.yanked, str) else "")}"' if f.yanked else ""
        more += f' data-core-metadata="sha256={f.metadata}"' if f.metadata else ""
        links.append(f'<a href="{escape(address(f))}#sha256={f.sha256}"{more}>{escape(f.filename)}</a><br>')
    return _html(name, links)


def names_page(names: Iterable[str], *, as_json: bool) -> bytes:
    """The list of what may be installed."""
    if as_json:
        return json.dumps({"meta": {"api-version": "1.0"}, "projects": [{"name": n} for n in names]}).encode()
    return _html("Packages", [f'<a href="/simple/{n}/">{n}</a><br>' for n in names])


def _html(title: str, links: Iterable[str]) -> bytes:
    head = '<!DOCTYPE html><html><head><meta charset="utf-8"><meta name="pypi:repository-version" content="1.0">'
    return f"{head}<title>{title}</title></head><body>\n{chr(10).join(links)}\n</body></html>\n".encode()
