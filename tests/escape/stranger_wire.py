"""Requests that are not what they seem: smuggled, injected, by odd methods, names and paths. Sent as raw bytes."""

import re
import secrets
from collections.abc import Iterator

from escape.attempt import Seen
from escape.stranger_case import NAIVE, NAIVE_CHUNKED, NO_EDGE, Act, Case, first
from escape.stranger_naive import FILES
from escape.stranger_place import Place

API = "/user/ben/beta/api"
"""A workspace's own version, told to whoever asks it: the edge closes the way."""


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _smuggling()
    yield from _injection()
    yield from _methods()
    yield from _names()
    yield from _paths()
    yield from _files()


# -- one request within another ---------------------------------------------------------------------------------------


def _smuggling() -> Iterator[Case]:
    chunks = "Transfer-Encoding: chunked"
    lengths = {
        "a length and chunks": (chunks,), "chunks, a blank before the colon": ("Transfer-Encoding : chunked",),
        "chunks, a tab before the word": ("Transfer-Encoding:\tchunked",), "chunks in capitals": ("TRANSFER-ENCODING: CHUNKED",),
        "chunks under an underscore": ("Transfer_Encoding: chunked",), "chunks on a folded line": ("Transfer-Encoding:\r\n chunked",),
        "chunks after a bare line feed": ("X-A: b\nTransfer-Encoding: chunked",), "chunks after a bare carriage return": (
            "X-A: b\rTransfer-Encoding: chunked",), "chunks with a sign that is not shown": ("Transfer-Encoding: \x0bchunked",),
        "chunks twice, once unknown": ("Transfer-Encoding: x", chunks), "chunks in a list": ("Transfer-Encoding: gzip, chunked",),
        "chunks by a quoted word": ('Transfer-Encoding: "chunked"',), "chunks named by a connection": (
            "Connection: close, Transfer-Encoding", chunks),
    }  # fmt: skip
    for name, headers in lengths.items():
        yield Case(f"smuggle by {name}", _by_chunks(headers), NAIVE, "one request, or none")
    yield Case("smuggle behind the end of chunks", _behind_chunks, NAIVE_CHUNKED, "one request, or none")
    for name, (early, late) in {"two lengths": ("LONG", "0"), "a length with two numbers": ("LONG, 0", ""),
                                "a length with a sign": ("LONG, +0", "")}.items():  # fmt: skip
        yield Case(f"smuggle by {name}", _by_length(early, late), NAIVE, "one request, or none")
    yield Case("smuggle after an upgrade to a websocket", _upgrade("websocket"), NAIVE, "one request, or none")
    yield Case("smuggle after an upgrade to something else", _upgrade("anything"), NAIVE, "one request, or none")


def _arrived(place: Place, told: bytes, mark: str) -> Seen:
    """Whether the hidden request was made: it names a way that the edge closes to every request that it sees."""
    through = b'"version"' in told or place.arrived(mark)
    return Seen(through, "the hidden request was made" if through else first(told))


def _hidden(place: Place, mark: str) -> bytes:
    return f"GET /hub/api/?{mark} HTTP/1.1\r\nHost: {place.host}\r\nConnection: close\r\n\r\n".encode()


def _by_chunks(headers: tuple[str, ...]) -> Act:
    def act(place: Place) -> Seen:
        mark = "mark" + secrets.token_hex(6)
        body = b"0\r\n\r\n" + _hidden(place, mark)
        head = ["POST /hub/nowhere HTTP/1.1", f"Host: {place.host}", f"Content-Length: {len(body)}", *headers, "", ""]
        return _arrived(place, place.send("\r\n".join(head).encode("latin-1") + body, 1.5), mark)

    return act


def _behind_chunks(place: Place) -> Seen:
    mark = "mark" + secrets.token_hex(6)
    hidden = _hidden(place, mark)
    head = (
        f"POST /hub/nowhere HTTP/1.1\r\nHost: {place.host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    body = f"{len(hidden):x}\r\n".encode()
    told = place.send(head.encode() + body + hidden + b"\r\n0\r\n\r\n", 1.5)
    return _arrived(place, told, mark)


def _by_length(early: str, late: str) -> Act:
    def act(place: Place) -> Seen:
        mark = "mark" + secrets.token_hex(6)
        hidden = _hidden(place, mark)
        lines = [f"Content-Length: {n.replace('LONG', str(len(hidden)))}" for n in (early, late) if n]
        head = ["POST /hub/nowhere HTTP/1.1", f"Host: {place.host}", *lines, "", ""]
        return _arrived(place, place.send("\r\n".join(head).encode() + hidden, 1.5), mark)

    return act


def _upgrade(to: str) -> Act:
    def act(place: Place) -> Seen:
        mark = "mark" + secrets.token_hex(6)
        head = f"GET /hub/nowhere HTTP/1.1\r\nHost: {place.host}\r\nConnection: Upgrade\r\nUpgrade: {to}\r\n\r\n"
        return _arrived(place, place.send(head.encode() + _hidden(place, mark), 1.5), mark)

    return act


# -- lines of an answer that the stranger wrote -----------------------------------------------------------------------


def _injection() -> Iterator[Case]:
    line = "%0d%0aX-Evil:%201"
    for name, target in {
        "the redirect of the first page": f"/{line}", "a path of the hub": f"/hub/{line}", "where to go after sign-in":
        f"/hub/login?next=/hub/{line}", "a page of the airlock": f"/services/airlock/requests/a{line}",
        "a page of a workspace": f"/user/ben/beta/lab{line}", "an address that is no page": f"/user/nobody/none/{line}",
    }.items():  # fmt: skip
        yield Case(f"write a header by {name}", _injects(target), NAIVE, "no such header")
    yield Case("write a header by letters that shrink to line ends", _injects("/hub/%E5%98%8D%E5%98%8AX-Evil:%201"), NAIVE,
               "no such header")  # fmt: skip


def _injects(target: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(target)
        head = told.partition(b"\r\n\r\n")[0]
        return Seen(b"\nx-evil:" in head.lower(), first(told))

    return act


# -- methods and names ------------------------------------------------------------------------------------------------


def _methods() -> Iterator[Case]:
    for method in ("TRACE", "TRACK", "DEBUG"):
        yield Case(f"have a request told back by {method}", _echo(method), NAIVE)
    for target in ("hub:8081", "outside.example:443", "127.0.0.1:8001"):
        yield Case(f"a tunnel to {target}", _tunnel(target), NAIVE)
    for name, target in {
        "the proxy's routes": "http://proxy-api:8001/api/routes",
        "the hub": "http://hub:8081/hub/api/",
    }.items():
        yield Case(f"ask the edge, as a forward proxy, for {name}", _forward(target), NAIVE)


def _echo(method: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line("/hub/login", "X-Mark: told-back", "Max-Forwards: 0", method=method)
        return Seen(b"told-back" in told, first(told))

    return act


def _tunnel(target: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(target, method="CONNECT")
        return Seen(told.startswith(b"HTTP/1.1 2"), first(told))

    return act


def _forward(target: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(target, host=target.split("/")[2])
        return Seen(b'"version"' in told or b"routespec" in told, first(told))

    return act


def _names() -> Iterator[Case]:
    evil = "evil.example"
    for name, (target, host, headers) in {
        "another name (rebinding)": ("/", evil, ()), "another name in the address, ours in the header": (f"http://{evil}/", None, ()),
        "our name in the address, another in the header": ("https://localhost/", evil, ()),
        "another name with our port": ("/", f"{evil}:8000", ()), "our name as a user of another": ("/", f"localhost@{evil}", ()),
        "our name as a part of another": ("/", f"localhost.{evil}", ()), "a second Host": ("/", None, (f"Host: {evil}",)),
    }.items():  # fmt: skip
        yield Case(
            f"be served under {name}",
            _served(target, host, headers),
            NAIVE if headers or "@" in str(host) else NO_EDGE,
            "no such site",
        )
    for header in ("X-Forwarded-Proto: evil", "X-Scheme: evil", "Forwarded: evil", f"X-Forwarded-Host: {evil}"):
        yield Case(f"lead elsewhere by {header.partition(':')[0]}", _leads(header), NAIVE, "written anew")


def _served(target: str, host: str | None, headers: tuple[str, ...]) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(target, *headers, host=host)
        return Seen(told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3")), first(told))

    return act


def _leads(header: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line("/", header)
        onward = re.search(rb"(?i)\r\nlocation: (\S+)", told)
        assert onward is not None, told
        return Seen(b"evil" in onward[1], f"{first(told)} {onward[1][:60].decode()}")

    return act


# -- paths ------------------------------------------------------------------------------------------------------------

SPELLINGS = {
    "as it is": API, "with a blank behind": API + "%20", "with an encoded letter": "/user/ben/beta/%61pi", "encoded twice":
    "/user/ben/beta/%2561pi", "with two slashes": "/user/ben/beta//api", "with a dot between": "/user/ben/beta/./api",
    "by way of another folder": "/user/ben/beta/lab/../api", "by way of an encoded folder": "/user/ben/beta/lab/%2e%2e/api",
    "by an encoded slash": "/user/ben/beta%2fapi", "by an encoded slash before the project": "/user/ben%2fbeta/api",
    "by a backslash": "/user/ben/beta\\api", "by an encoded backslash": "/user/ben/beta%5capi", "with a parameter of the path":
    "/user/ben/beta;x=1/api", "with a parameter behind": API + ";x", "with a null behind": API + "%00", "with a fragment":
    API + "#x", "in capitals": "/user/ben/beta/API", "by a slash of two bytes": "/user/ben/beta%c0%afapi", "from the hub's side":
    "/hub/../user/ben/beta/api", "from the airlock's side": "/services/airlock/..%2f..%2fuser/ben/beta/api",
    "as an address in full": "http://localhost/user/ben/beta/api/.",
}  # fmt: skip


def _paths() -> Iterator[Case]:
    for name, path in SPELLINGS.items():
        twin = NO_EDGE if name == "as it is" else NAIVE
        yield Case(f"a workspace's closed way {name}", _contains(path, '"version"'), twin, "closed")
    for name, path in {
        "the proxy's routes under the edge": "/api/routes", "the proxy's routes from the hub's side": "/hub/../../api/routes",
        "the proxy's routes, encoded": "/hub/%2e%2e/%2e%2e/api/routes",
    }.items():  # fmt: skip
        yield Case(name, _contains(path, '"version"', "routespec"), NAIVE, "not there")
    for route in ("files/t.csv", "nbconvert/html/a.ipynb", "view/t.csv", "metrics"):
        yield Case(f"a workspace's way to carry out: {route.split('/')[0]}", _passes(f"/user/ben/beta/{route}"), NO_EDGE,
                   "closed at the edge")  # fmt: skip


def _contains(path: str, *words: str) -> Act:
    def act(place: Place) -> Seen:
        told = place.line(path)
        return Seen(any(w.encode("latin-1") in told for w in words), first(told))

    return act


def _passes(path: str) -> Act:
    """Whether it gets to the workspace's server at all, which its owner could have exchanged."""

    def act(place: Place) -> Seen:
        told = place.line(path)
        closed = b"Files leave through" in told
        return Seen(not closed, first(told) if closed else f"passed on: {first(told)}")

    return act


def _files() -> Iterator[Case]:
    for name, path, file in (
        ("out of the hub's static files", "/hub/static/../../../../../../etc/passwd", "/etc/passwd"),
        ("out of the hub's static files, encoded", "/hub/static/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/etc/passwd"),
        ("out of the hub's static files by encoded slashes", "/hub/static/..%2f..%2f..%2f..%2fetc%2fpasswd", "/etc/passwd"),
        ("out of the hub's static files by an absolute path", "/hub/static//etc/passwd", "/etc/passwd"),
        ("out of a workspace's static files", "/user/ben/beta/static/..%2f..%2f..%2f..%2fetc/passwd", "/etc/passwd"),
        ("out of the airlock's static files", "/services/airlock/static/..%2f..%2fsrv%2fecluse%2fsecrets%2fairlock%2frelease.key",
         "/srv/ecluse/secrets/airlock/release.key"),
        ("out of the airlock's static files by backslashes", "/services/airlock/static/..%5c..%5ccontrol%5cecluse.sqlite",
         "/control/ecluse.sqlite"),
        ("encoded twice", "/hub/static/%252e%252e/%252e%252e/etc/passwd", "/etc/passwd"),
        ("with a null before the ending", "/hub/static/../../etc/passwd%00.png", "/etc/passwd"),
        ("out of the edge's own page", "/busy.html/../../etc/ecluse/nginx.conf", "/etc/ecluse/nginx.conf"),
        ("by dots that survive their removal", "/hub/static/....//....//etc/passwd", "/etc/passwd"),
        ("by a slash in Unicode", "/hub/static/..%u002f..%u002fetc%u002fpasswd", "/etc/passwd"),
        ("the environment of a process", "/hub/static/..%2f..%2f..%2fproc%2fself%2fenviron", "/proc/self/environ"),
        ("the repository", "/.git/config", "/.git/config"), ("settings in a file", "/.env", "/.env"),
        ("passwords of a web server", "/.htpasswd", "/.htpasswd"), ("the hub's configuration", "/hub/jupyterhub_config.py",
         "/jupyterhub_config.py"), ("the state of nginx", "/nginx_status", "/nginx_status"), ("the state of Apache",
         "/server-status", "/server-status"), ("the airlock's list of calls", "/services/airlock/openapi.json", "/openapi.json"),
        ("the airlock's pages about calls", "/services/airlock/docs", "/docs"), ("a backup that was left", "/backup.tar.gz",
         "/backup.tar.gz"), ("counters of a program", "/debug/vars", "/debug/vars"), ("metrics of all services", "/metrics",
         "/metrics"),
    ):  # fmt: skip
        yield Case(f"a file: {name}", _contains(path, FILES[file].decode("latin-1")), NAIVE, "not there")
